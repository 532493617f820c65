"""Tags news articles, French first: the themes of every sentence, and for every claim who says what.

>>> import claimtag
>>> tagged = claimtag.load_tagger("fast").tag_text("Le Polisario rejette le plan d'autonomie.")
>>> "western_sahara" in tagged.sentences[0].labels
True
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from claimtag.version import __version__

if TYPE_CHECKING:
    from claimtag.bundle import Bundle as Bundle
    from claimtag.errors import ClaimtagError as ClaimtagError
    from claimtag.evaluation import evaluate as evaluate
    from claimtag.pipeline import Training as Training
    from claimtag.pipeline import train as train
    from claimtag.reading import (
        Fields as Fields,
    )
    from claimtag.reading import (
        Reject as Reject,
    )
    from claimtag.reading import (
        read_articles as read_articles,
    )
    from claimtag.reading import (
        read_gold as read_gold,
    )
    from claimtag.records import (
        Article as Article,
    )
    from claimtag.records import (
        Claim as Claim,
    )
    from claimtag.records import (
        Sentence as Sentence,
    )
    from claimtag.records import (
        Source as Source,
    )
    from claimtag.records import (
        Span as Span,
    )
    from claimtag.records import (
        TaggedArticle as TaggedArticle,
    )
    from claimtag.records import (
        Theme as Theme,
    )
    from claimtag.scheme import Scheme as Scheme
    from claimtag.scheme import load_scheme as load_scheme
    from claimtag.segmenting import segment as segment
    from claimtag.tagging import Tagger as Tagger
    from claimtag.tagging import load_tagger as load_tagger
    from claimtag.writing import from_dataset as from_dataset
    from claimtag.writing import to_dataset as to_dataset
    from claimtag.writing import write as write

_HOMES = {
    "claimtag.bundle": ("Bundle",),
    "claimtag.errors": ("ClaimtagError",),
    "claimtag.evaluation": ("evaluate",),
    "claimtag.pipeline": ("Training", "train"),
    "claimtag.reading": ("Fields", "Reject", "read_articles", "read_gold"),
    "claimtag.records": ("Article", "Claim", "Sentence", "Source", "Span", "TaggedArticle", "Theme"),
    "claimtag.scheme": ("Scheme", "load_scheme"),
    "claimtag.segmenting": ("segment",),
    "claimtag.tagging": ("Tagger", "load_tagger"),
    "claimtag.writing": ("from_dataset", "to_dataset", "write"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = ["__version__", *sorted(_HOME_OF)]


def __getattr__(name: str) -> object:
    """The public names, each imported at its first use, so that `import claimtag` stays quick."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'claimtag' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME_OF])
