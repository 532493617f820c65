"""Records → plain JSON values, and back; what is wrong in them is told with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from claimtag.errors import RecordError
from claimtag.records.parts import Article, Claim, SchemeRef, Sentence, Source, Span, Theme

_T = TypeVar("_T")


def sentence_to_dict(sentence: Sentence) -> dict[str, Any]:
    """A sentence as plain JSON values; a theme without score is a bare name."""
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


def claim_to_dict(claim: Claim) -> dict[str, Any]:
    """A claim as plain JSON values."""
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


def tagged_fields(record: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a `TaggedArticle` from its plain JSON values; KeyError and the like where they are none."""
    fields = {name: record.get(name) for name in ("title", "date", "source", "url", "lang")}
    scheme = record.get("scheme")
    return {
        "article": Article(id=record["id"], text=record["text"], **fields),
        "sentences": tuple(_each("sentences", record["sentences"], _sentence_from_dict)),
        "claims": tuple(_each("claims", record.get("claims") or (), _claim_from_dict)),
        "scheme": None if scheme is None else SchemeRef(scheme["name"], scheme["version"], scheme.get("sha256")),
        "by": record.get("by"),
        "licence": record.get("licence"),
        "notes": tuple(_list(record.get("notes"), "notes")),
    }


def _theme_to_dict(theme: Theme) -> str | dict[str, Any]:
    return theme.label if theme.score is None else {"label": theme.label, "score": theme.score}


def _span_to_dict(span: Span | None) -> dict[str, Any] | None:
    return None if span is None else {"start": span.start, "end": span.end, "text": span.text}


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
