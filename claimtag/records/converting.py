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
    if sentence.not_asked:
        record["not_asked"] = list(sentence.not_asked)
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
        "scheme": None
        if scheme is None
        else SchemeRef(
            _text(scheme["name"], "scheme.name"),
            _text(scheme["version"], "scheme.version"),
            _text(scheme.get("sha256"), "scheme.sha256", empty=True),
        ),
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
    return Theme(theme) if isinstance(theme, str) else Theme(theme["label"], _score(theme.get("score")))


def _sentence_from_dict(sentence: Mapping[str, Any]) -> Sentence:
    kind = sentence.get("kind", "body")
    # asked for, since under a misspelt name gold would silently lose its themes
    themes = sentence.get("themes") if kind == "boilerplate" else sentence["themes"]
    return Sentence(
        start=_whole(sentence["start"], "start"),
        end=_whole(sentence["end"], "end"),
        text=sentence["text"],
        kind=kind,
        themes=tuple(_theme_from_dict(theme) for theme in _list(themes, "themes")),
        review=tuple(_theme_from_dict(theme) for theme in _list(sentence.get("review"), "review")),
        not_asked=tuple(_list(sentence.get("not_asked"), "not_asked")),
    )


def _span_from_dict(span: Mapping[str, Any] | None) -> Span | None:
    return None if span is None or span["start"] is None else _span(span)


def _span(span: Mapping[str, Any]) -> Span:
    return Span(_whole(span["start"], "start"), _whole(span["end"], "end"), span["text"])


def _claim_from_dict(claim: Mapping[str, Any]) -> Claim:
    source, content = claim.get("source"), claim["content"]
    return Claim(
        sentence=_whole(claim["sentence"], "sentence"),
        type=claim["type"],
        mode=claim["mode"],
        content=_span(content),
        cue=_span_from_dict(claim.get("cue")),
        speaker=_span_from_dict(claim.get("speaker")),
        source=None if source is None else _source_from_dict(source),
        themes=tuple(_text(theme, "themes") for theme in _list(claim.get("themes"), "themes")),
        score=_score(claim.get("score")),
        rule=_text(claim.get("rule"), "rule", empty=True),
    )


def _source_from_dict(source: Mapping[str, Any]) -> Source:
    return Source(_text(source.get("name"), "name", empty=True), source["status"], _span_from_dict(source))


# JSON may hold anything anywhere; what is let in here would only be found out by a writer, and end its whole file


def _text(value: Any, name: str, *, empty: bool = False) -> Any:
    if not isinstance(value, str) and not (empty and value is None):
        raise RecordError(f'"{name}" must be text, not {value!r:.60}')
    return value


def _whole(value: Any, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise RecordError(f'"{name}" must be a whole number, not {value!r:.60}')
    return value


def _score(value: Any) -> float | None:
    if value is not None and (not isinstance(value, int | float) or isinstance(value, bool)):
        raise RecordError(f'"score" must be a number, not {value!r:.60}')
    return value
