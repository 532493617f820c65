"""JSON-LD: claims as schema.org objects, for archives, search engines and tools of fact-checkers.

Each `Claim` can stand as the `itemReviewed` of a `ClaimReview`; the review, with its verdict, is for others to write.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, BinaryIO

from claimtag.records import Claim, TaggedArticle
from claimtag.scheme import Scheme
from claimtag.writing.claims import headline, themes_of, who

CONTEXT = "https://schema.org"


def write_jsonld(tagged: Iterable[TaggedArticle], file: BinaryIO, scheme: Scheme | None) -> None:
    """One JSON object whose `@graph` holds one `Claim` a line; an article without claims does not appear.

    The scheme gives the themes their names; without it they go by their ids.
    """
    names = {theme.id: theme.name.get(scheme.language) for theme in scheme.themes} if scheme is not None else {}
    file.write(f'{{"@context":"{CONTEXT}","@graph":['.encode())
    separator = "\n"
    for article in tagged:
        appearance = _appearance(article)
        for claim in article.claims:
            file.write(f"{separator}{_json(_claim(claim, article, appearance, names))}".encode())
            separator = ",\n"
    file.write(b"\n]}\n")


def _claim(
    claim: Claim, tagged: TaggedArticle, appearance: dict[str, Any], names: dict[str, str | None]
) -> dict[str, Any]:
    about = [_theme(label, tagged, names.get(label)) for label in themes_of(claim, tagged)]
    return _known(
        {
            "@type": "Claim",
            "identifier": f"{tagged.article.id}#{claim.content.start}-{claim.content.end}",
            "text": claim.content.text,
            **_source(claim),
            "inLanguage": tagged.article.lang,
            "keywords": [claim.type, claim.mode],
            "about": about or None,
            "appearance": appearance,
        }
    )


def _source(claim: Claim) -> dict[str, Any]:
    """`author` for a source with a name of its own; for one known by a role or anonymous its words as `creditText`.

    schema.org wants the author to be a Person or an Organization. The record does not say which, "Amnesty
    International" has the shape of a person's name, and a wrong type is a false statement: so the author
    has the parent of both types.
    """
    name = who(claim)
    if name is None:
        return {}
    if claim.source is not None and claim.source.status == "named":
        return {"author": {"@type": "Thing", "name": name}}
    return {"creditText": name}


def _theme(label: str, tagged: TaggedArticle, name: str | None) -> dict[str, Any]:
    scheme = tagged.scheme
    words = {"name": name or label, "termCode": label}
    belongs = (
        {"inDefinedTermSet": {"@type": "DefinedTermSet", "name": scheme.name, "version": scheme.version}}
        if scheme
        else {}
    )
    return {"@type": "DefinedTerm", **words, **belongs}


def _appearance(tagged: TaggedArticle) -> dict[str, Any]:
    """Where the claim stands; whether it stood there first nobody knows, so there is no `firstAppearance`."""
    article = tagged.article
    return _known(
        {
            "@type": "NewsArticle",
            "identifier": article.id,
            "url": article.url if article.url and re.match(r"https?://", article.url, re.IGNORECASE) else None,
            "headline": headline(tagged),
            "datePublished": article.date if article.date and re.match(r"\d{4}-\d\d-\d\d", article.date) else None,
            "inLanguage": article.lang,
            "publisher": {"@type": "Organization", "name": article.source} if article.source else None,
        }
    )


def _known(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _json(value: dict[str, Any]) -> str:
    # such data is pasted into pages, where "</script>" would end its element; in JSON "<" may always be written so
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
