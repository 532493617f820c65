"""What an article and what is said of it consist of: spans, themes, sentences, sources, claims."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from claimtag.errors import RecordError, did_you_mean

Kind = Literal["title", "heading", "body", "boilerplate"]
Type = Literal["assertion", "evaluation", "demand", "commitment", "forecast"]
Mode = Literal["direct", "indirect", "mixed", "authorial"]
Status = Literal["named", "role", "anonymous", "unresolved"]

KINDS: tuple[Kind, ...] = get_args(Kind)
TYPES: tuple[Type, ...] = get_args(Type)
MODES: tuple[Mode, ...] = get_args(Mode)
STATUSES: tuple[Status, ...] = get_args(Status)


@dataclass(frozen=True, slots=True)
class Article:
    """One text as it came in, with what is known of it.

    `title` is the title field where it is not part of `text`: context for the models, without offsets.
    """

    id: str
    text: str
    title: str | None = None
    date: str | None = None
    source: str | None = None
    url: str | None = None
    lang: str | None = None

    def __post_init__(self) -> None:
        for name, value in (("id", self.id), ("text", self.text)):
            if not isinstance(value, str):
                raise RecordError(f"article {self.id!r}: {name} must be a string, not {type(value).__name__}")
        for name in ("title", "date", "source", "url", "lang"):
            if (value := getattr(self, name)) is not None and not isinstance(value, str):
                raise RecordError(f"article {self.id!r}: {name} must be a string, not {type(value).__name__}")
        if not self.id:
            raise RecordError("an article's id must not be empty")


@dataclass(frozen=True, slots=True)
class Span:
    """A slice of an article's text: `text[start:end]`, never empty.

    >>> Span(0, 5, "selon")
    Span(start=0, end=5, text='selon')
    >>> Span(0, 4, "selon")
    Traceback (most recent call last):
    claimtag.errors.RecordError: span 0–4 is 4 characters long, its text 'selon' 5
    """

    start: int
    end: int
    text: str

    def __post_init__(self) -> None:
        _check_offsets(self.start, self.end, self.text)


@dataclass(frozen=True, slots=True)
class Theme:
    """A label of the theme layer on a sentence; the score in [0, 1] is missing in gold."""

    label: str
    score: float | None = None

    def __post_init__(self) -> None:
        label: object = self.label  # what the types promise, JSON need not keep
        if not isinstance(label, str) or not label:
            raise RecordError(f"a theme's label must be a string with something in it, not {label!r}")
        if self.score is not None and not 0 <= self.score <= 1:
            raise RecordError(f'theme "{self.label}": the score must lie in [0, 1], not {self.score}')


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence (or one piece of boilerplate) of an article, with its themes and those to be reviewed.

    `not_asked` are the labels that nobody looked for: neither said nor denied, as those that a scheme got later. Where
    such a label stands in `review` too, the sentence is to be read again for it.
    """

    start: int
    end: int
    text: str
    kind: Kind = "body"
    themes: tuple[Theme, ...] = ()
    review: tuple[Theme, ...] = ()
    not_asked: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_offsets(self.start, self.end, self.text)
        _check_choice("sentence kind", self.kind, KINDS)
        if self.not_asked:
            self._check_not_asked()
        if self.kind == "boilerplate" and (self.themes or self.review):
            raise RecordError(f"sentence {self.start}–{self.end} is boilerplate and must carry no themes")
        if self.themes or self.review:
            labels = [theme.label for theme in (*self.themes, *self.review)]
            if len(set(labels)) < len(labels):  # said and put up for review counts as twice
                twice = ", ".join(sorted(labels))
                raise RecordError(f"sentence {self.start}–{self.end} carries a theme twice: {twice}")

    @property
    def labels(self) -> tuple[str, ...]:
        """The bare names of the themes, in their order."""
        return tuple(theme.label for theme in self.themes)

    def _check_not_asked(self) -> None:
        where = f"sentence {self.start}–{self.end}"
        if self.kind == "boilerplate":
            raise RecordError(
                f"{where} is boilerplate, of which nothing is asked; it must not list labels as not asked"
            )
        names: tuple[object, ...] = self.not_asked  # what the types promise, JSON need not keep
        if not all(isinstance(name, str) and name for name in names):
            raise RecordError(
                f"{where}: labels not asked must be strings with something in them, not {self.not_asked!r:.60}"
            )
        if len(set(self.not_asked)) < len(self.not_asked):
            raise RecordError(f"{where} lists a label as not asked twice: {', '.join(sorted(self.not_asked))}")
        if said := sorted(set(self.labels) & set(self.not_asked)):
            raise RecordError(f"{where} carries {', '.join(said)} and says that it was not asked")


@dataclass(frozen=True, slots=True)
class Source:
    """Who a claim comes from, after resolution inside the article.

    `span` is the fullest mention anywhere in the article, or None; an `unresolved` source has no name.
    """

    name: str | None
    status: Status
    span: Span | None = None

    def __post_init__(self) -> None:
        _check_choice("source status", self.status, STATUSES)
        if (self.name is None) != (self.status == "unresolved"):
            raise RecordError(
                f'a source has a name unless it is unresolved; got name {self.name!r}, status "{self.status}"'
            )


@dataclass(frozen=True, slots=True)
class Claim:
    """A proposition that the text presents as somebody's, as spans of the article's text.

    `sentence` is the index in `sentences` of the one that holds the middle of the content. `speaker` is the
    mention in that sentence or None; `source` is who that is, None for authorial claims and where unknown.
    """

    sentence: int
    type: Type
    mode: Mode
    content: Span
    cue: Span | None = None
    speaker: Span | None = None
    source: Source | None = None
    themes: tuple[str, ...] = ()
    score: float | None = None
    rule: str | None = None

    def __post_init__(self) -> None:
        _check_choice("claim type", self.type, TYPES)
        _check_choice("claim mode", self.mode, MODES)
        if self.mode == "authorial" and (self.cue or self.speaker or self.source):
            raise RecordError(
                f"claim {self.content.start}–{self.content.end} is authorial and must have no cue, speaker or source"
            )
        if self.score is not None and not 0 <= self.score <= 1:
            raise RecordError(
                f"claim {self.content.start}–{self.content.end}: the score must lie in [0, 1], not {self.score}"
            )


@dataclass(frozen=True, slots=True)
class SchemeRef:
    """Which label scheme the labels of a record belong to; the hash is missing in gold written by hand."""

    name: str
    version: str
    sha256: str | None = None


def _check_offsets(start: int, end: int, text: str) -> None:
    if not 0 <= start < end:
        raise RecordError(f"span {start}–{end} is empty or begins before the text")
    if end - start != len(text):
        raise RecordError(f"span {start}–{end} is {end - start} characters long, its text {text!r} {len(text)}")


def _check_choice(what: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise RecordError(f'{what} "{value}" is not one of {", ".join(choices)}{did_you_mean(str(value), choices)}')
