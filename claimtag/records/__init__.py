"""The records that every stage takes and gives: articles, spans, sentences, claims.

Offsets count Python characters (Unicode code points) of `Article.text` as it came in; every span satisfies
`text[span.start:span.end] == span.text`. Gold and prediction are the same record and differ only in `by`.
A record that contradicts itself cannot be made.
"""

from __future__ import annotations

from claimtag.records.parts import (
    KINDS,
    MODES,
    STATUSES,
    TYPES,
    Article,
    Claim,
    Kind,
    Mode,
    SchemeRef,
    Sentence,
    Source,
    Span,
    Status,
    Theme,
    Type,
)
from claimtag.records.tagged import TaggedArticle

__all__ = [
    "Article",
    "Span",
    "Theme",
    "Sentence",
    "Source",
    "Claim",
    "SchemeRef",
    "TaggedArticle",
    "Kind",
    "Type",
    "Mode",
    "Status",
    "KINDS",
    "TYPES",
    "MODES",
    "STATUSES",
]
