"""The records that every stage takes and gives: articles, spans, sentences, claims.

Offsets count Python characters (Unicode code points) of `Article.text` as it came in; every span satisfies
`text[span.start:span.end] == span.text`. Gold and prediction are the same record and differ only in `by`.
A record that contradicts itself cannot be made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args

from claimtag.errors import RecordError, did_you_mean

Kind = Literal["title", "heading", "body", "boilerplate"]
Type = Literal["assertion", "evaluation", "demand", "commitment", "forecast"]
Mode = Literal["direct", "indirect", "mixed", "authorial"]
Status = Literal["named", "role", "anonymous", "unresolved"]

KINDS: tuple[Kind, ...] = get_args(Kind)
TYPES: tuple[Type, ...] = get_args(Type)
MODES: tuple[Mode, ...] = get_args(Mode)
STATUSES: tuple[Status, ...] = get_args(Status)

_T = TypeVar("_T")


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
    """One sentence (or one piece of boilerplate) of an article, with its themes and those to be reviewed."""

    start: int
    end: int
    text: str
    kind: Kind = "body"
    themes: tuple[Theme, ...] = ()
    review: tuple[Theme, ...] = ()

    def __post_init__(self) -> None:
        _check_offsets(self.start, self.end, self.text)
        _check_choice("sentence kind", self.kind, KINDS)
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


@dataclass(frozen=True, slots=True)
class TaggedArticle:
    """An article with its sentences and claims, by a tagger or (gold) by an annotator.

    >>> article = Article("a", "Selon Rabat, tout va bien.")
    >>> sentence = Sentence(0, 26, article.text, themes=(Theme("diplomacy", 0.9),))
    >>> TaggedArticle(article, (sentence,)).sentences[0].labels
    ('diplomacy',)
    >>> TaggedArticle(article, (Sentence(0, 5, "selon"),))
    Traceback (most recent call last):
    claimtag.errors.RecordError: article "a": sentence 0–5 says 'selon', the text there says 'Selon'
    """

    article: Article
    sentences: tuple[Sentence, ...]
    claims: tuple[Claim, ...] = ()
    scheme: SchemeRef | None = None
    by: str | None = None
    licence: str | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, value in (("by", self.by), ("licence", self.licence), *(("notes", note) for note in self.notes)):
            if value is not None and not isinstance(value, str):
                raise RecordError(f'article "{self.article.id}": {name} must be text, not {value!r:.60}')
        where, text, reached = f'article "{self.article.id}"', self.article.text, 0
        for sentence in self.sentences:
            _check_slice(where, "sentence", sentence, text)
            if sentence.start < reached:
                raise RecordError(
                    f"{where}: sentence {sentence.start}–{sentence.end} overlaps the one before it, or stands before it"
                )
            reached = sentence.end
        for claim in self.claims:
            _check_claim(where, claim, self)

    @property
    def themes(self) -> tuple[str, ...]:
        """The labels said of any sentence, most frequent first, then by name."""
        counts: dict[str, int] = {}
        for sentence in self.sentences:
            for label in sentence.labels:
                counts[label] = counts.get(label, 0) + 1
        return tuple(sorted(counts, key=lambda label: (-counts[label], label)))

    def to_dict(self) -> dict[str, Any]:
        """The output record as plain JSON values; `from_dict` is its inverse."""
        article, scheme = self.article, self.scheme
        record: dict[str, Any] = {
            "id": article.id,
            "title": article.title,
            "date": article.date,
            "source": article.source,
            "url": article.url,
            "lang": article.lang,
            "text": article.text,
            "scheme": None
            if scheme is None
            else {"name": scheme.name, "version": scheme.version, "sha256": scheme.sha256},
            "by": self.by,
            "sentences": [_sentence_to_dict(sentence) for sentence in self.sentences],
            "claims": [_claim_to_dict(claim) for claim in self.claims],
        }
        if self.licence is not None:
            record["licence"] = self.licence
        if self.notes:
            record["notes"] = list(self.notes)
        return record

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> TaggedArticle:
        """The record read back, gold or prediction; RecordError names the article and what is wrong."""
        identity = record.get("id")
        try:
            return _from_dict(record)
        except RecordError as error:
            if str(error).startswith(("article ", "an article")):
                raise
            raise RecordError(f'article "{identity}": {error}') from error
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            what = f"field {error} is missing" if isinstance(error, KeyError) else str(error)
            raise RecordError(f'article "{identity}": not a record of sentences and claims: {what}') from error


def _check_offsets(start: int, end: int, text: str) -> None:
    if not 0 <= start < end:
        raise RecordError(f"span {start}–{end} is empty or begins before the text")
    if end - start != len(text):
        raise RecordError(f"span {start}–{end} is {end - start} characters long, its text {text!r} {len(text)}")


def _check_choice(what: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise RecordError(f'{what} "{value}" is not one of {", ".join(choices)}{did_you_mean(str(value), choices)}')


def _check_slice(where: str, what: str, span: Span | Sentence, text: str) -> None:
    found = text[span.start : span.end]
    if found != span.text:
        if span.end > len(text):
            raise RecordError(
                f"{where}: {what} {span.start}–{span.end} lies outside the text of {len(text)} characters"
            )
        raise RecordError(f"{where}: {what} {span.start}–{span.end} says {span.text!r}, the text there says {found!r}")


def _check_claim(where: str, claim: Claim, tagged: TaggedArticle) -> None:
    text, sentences = tagged.article.text, tagged.sentences
    source_span = claim.source.span if claim.source else None
    for what, span in (
        ("content", claim.content),
        ("cue", claim.cue),
        ("speaker", claim.speaker),
        ("source", source_span),
    ):
        if span is not None:
            _check_slice(where, what, span, text)
    if not 0 <= claim.sentence < len(sentences):
        raise RecordError(f"{where}: a claim names sentence {claim.sentence}, there are {len(sentences)}")
    sentence, middle = sentences[claim.sentence], (claim.content.start + claim.content.end) // 2
    if not sentence.start <= middle < sentence.end:
        raise RecordError(
            f"{where}: claim {claim.content.start}–{claim.content.end} names sentence {claim.sentence} "
            f"({sentence.start}–{sentence.end}), which does not hold the middle of its content"
        )
    if sentence.kind == "boilerplate":
        raise RecordError(f"{where}: claim {claim.content.start}–{claim.content.end} lies in boilerplate")
    speaker = claim.speaker
    if speaker is not None and not sentence.start <= speaker.start < speaker.end <= sentence.end:
        raise RecordError(
            f"{where}: speaker {speaker.start}–{speaker.end} lies outside the claim's sentence; "
            "only a source may stand elsewhere"
        )


def _theme_to_dict(theme: Theme) -> str | dict[str, Any]:
    return theme.label if theme.score is None else {"label": theme.label, "score": theme.score}


def _sentence_to_dict(sentence: Sentence) -> dict[str, Any]:
    record: dict[str, Any] = {
        "start": sentence.start,
        "end": sentence.end,
        "kind": sentence.kind,
        "text": sentence.text,
        "themes": [_theme_to_dict(theme) for theme in sentence.themes],
    }
    if sentence.review:
        record["review"] = [_theme_to_dict(theme) for theme in sentence.review]
    return record


def _span_to_dict(span: Span | None) -> dict[str, Any] | None:
    return None if span is None else {"start": span.start, "end": span.end, "text": span.text}


def _claim_to_dict(claim: Claim) -> dict[str, Any]:
    record: dict[str, Any] = {"sentence": claim.sentence, "type": claim.type, "mode": claim.mode}
    if claim.score is not None:
        record["score"] = claim.score
    if claim.rule is not None:
        record["rule"] = claim.rule
    record |= {
        "content": _span_to_dict(claim.content),
        "cue": _span_to_dict(claim.cue),
        "speaker": _span_to_dict(claim.speaker),
    }
    if claim.source is None:
        record["source"] = None
    else:
        span = _span_to_dict(claim.source.span) or {"start": None, "end": None, "text": None}
        record["source"] = {**span, "name": claim.source.name, "status": claim.source.status}
    record["themes"] = list(claim.themes)
    return record


def _from_dict(record: Mapping[str, Any]) -> TaggedArticle:
    fields = {name: record.get(name) for name in ("title", "date", "source", "url", "lang")}
    scheme = record.get("scheme")
    return TaggedArticle(
        article=Article(id=record["id"], text=record["text"], **fields),
        sentences=tuple(_each("sentences", record["sentences"], _sentence_from_dict)),
        claims=tuple(_each("claims", record.get("claims") or (), _claim_from_dict)),
        scheme=None if scheme is None else SchemeRef(scheme["name"], scheme["version"], scheme.get("sha256")),
        by=record.get("by"),
        licence=record.get("licence"),
        notes=tuple(_list(record.get("notes"), "notes")),
    )


def _each(name: str, items: Iterable[Any], make: Callable[[Any], _T]) -> Iterator[_T]:
    """Every item made into a record; what is wrong with one is told with its place."""
    for index, item in enumerate(items):
        try:
            yield make(item)
        except KeyError as error:
            raise RecordError(f"{name}[{index}]: field {error} is missing") from error
        except (RecordError, TypeError, ValueError, AttributeError) as error:
            raise RecordError(f"{name}[{index}]: {error}") from error


def _list(value: Any, name: str) -> list[Any]:
    if isinstance(value, str) or not hasattr(value if value is not None else (), "__iter__"):
        raise RecordError(f'"{name}" must be a list, not {value!r:.60}')
    return list(value or ())


def _theme_from_dict(theme: str | Mapping[str, Any]) -> Theme:
    return Theme(theme) if isinstance(theme, str) else Theme(theme["label"], theme.get("score"))


def _sentence_from_dict(sentence: Mapping[str, Any]) -> Sentence:
    kind = sentence.get("kind", "body")
    # asked for, since under a misspelt name gold would silently lose its themes
    themes = sentence.get("themes") if kind == "boilerplate" else sentence["themes"]
    return Sentence(
        start=sentence["start"],
        end=sentence["end"],
        text=sentence["text"],
        kind=kind,
        themes=tuple(_theme_from_dict(theme) for theme in _list(themes, "themes")),
        review=tuple(_theme_from_dict(theme) for theme in _list(sentence.get("review"), "review")),
    )


def _span_from_dict(span: Mapping[str, Any] | None) -> Span | None:
    return None if span is None or span["start"] is None else Span(span["start"], span["end"], span["text"])


def _claim_from_dict(claim: Mapping[str, Any]) -> Claim:
    source, content = claim.get("source"), claim["content"]
    return Claim(
        sentence=claim["sentence"],
        type=claim["type"],
        mode=claim["mode"],
        content=Span(content["start"], content["end"], content["text"]),
        cue=_span_from_dict(claim.get("cue")),
        speaker=_span_from_dict(claim.get("speaker")),
        source=None if source is None else Source(source.get("name"), source["status"], _span_from_dict(source)),
        themes=tuple(claim.get("themes") or ()),
        score=claim.get("score"),
        rule=claim.get("rule"),
    )
