"""What a tool's file says of an article, before anything of it is believed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from claimtag.exchange.offsets import Offsets
from claimtag.reading import Reject

OnReject = Callable[[Reject], object]


class Raw(NamedTuple):
    """A span as a tool gives it: its offsets, and the words that it says stand there, where it does."""

    start: Any
    end: Any
    said: str | None = None


@dataclass(slots=True)
class DraftSentence:
    """A sentence as a tool gives it; `asked` are the labels that it put to the annotator, where that was not all."""

    raw: Raw
    kind: str = "body"
    themes: list[str] = field(default_factory=list)
    not_asked: list[str] = field(default_factory=list)
    asked: frozenset[str] | None = None
    line: int | None = None


@dataclass(slots=True)
class DraftClaim:
    """A claim as a tool gives it."""

    content: Raw
    type: str | None = None
    mode: str | None = None
    cue: Raw | None = None
    speaker: Raw | None = None
    source: Raw | None = None
    source_name: str | None = None
    source_status: str | None = None
    themes: list[str] = field(default_factory=list)
    line: int | None = None


@dataclass
class Draft:
    """One annotator's reading of one article, before anything of it is believed.

    `whole` are labels of the text as a whole: where the tool knows no sentences, the text is one.
    """

    file: str
    line: int | None
    id: str
    text: str
    by: str | None = None
    about: Mapping[str, Any] = field(default_factory=dict)
    sentences: list[DraftSentence] = field(default_factory=list)
    claims: list[DraftClaim] = field(default_factory=list)
    whole: list[str] | None = None

    @cached_property
    def offsets(self) -> Offsets:
        return Offsets(self.text)
