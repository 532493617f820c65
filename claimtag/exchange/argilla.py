"""Argilla's records, as `dataset.records.to_json` writes them: one a sentence, a question for themes, one for spans.

`themes` is a multi-label question on the field `text`, `claims` a span question on it. Argilla links no spans, so that
a cue or speaker comes back with the content nearest to it. Shape: https://docs.argilla.io, `rg.Record.to_dict`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from claimtag.exchange.about import fields_of, is_predicted
from claimtag.exchange.drafts import Draft, OnReject, Raw
from claimtag.exchange.files import Item, read_items
from claimtag.exchange.gathering import Row, gather
from claimtag.exchange.sewing import Piece, cut
from claimtag.exchange.spans import Marks, claim_labels, claims_of
from claimtag.reading import Reject
from claimtag.records import Claim, TaggedArticle
from claimtag.scheme import Scheme

THEMES, CLAIMS = "themes", "claims"
SETTINGS = "settings.json"
_UNDONE = ("pending", "discarded", "draft")


def write(tagged: Iterable[TaggedArticle], out: Path, scheme: Scheme) -> list[Path]:
    """The files written: the records, and beside them the fields and questions that their data set needs."""
    from claimtag.writing.targets import target

    settings = out.with_name(f"{out.stem}.{SETTINGS}")
    with target(settings, suffix="json") as file:
        file.write(json.dumps(_settings(scheme), ensure_ascii=False, indent=1).encode() + b"\n")
    with target(out, suffix="json") as file:
        begun = False
        for article in tagged:
            for record in _records(article):
                file.write((",\n" if begun else "[\n").encode() + json.dumps(record, ensure_ascii=False).encode())
                begun = True
        file.write(b"\n]\n" if begun else b"[]\n")
    return [out, settings]


def read(paths: Sequence[Path], on_reject: OnReject, *, predicted: bool = False) -> Iterator[Draft]:
    """A draft for each article and each annotator who answered, or with `predicted` of what was suggested."""
    rows = (row for path in paths for row in _rows(path, on_reject, predicted))
    yield from gather(rows, on_reject)


def _records(tagged: TaggedArticle) -> Iterator[dict[str, Any]]:
    claims: dict[int, list[Claim]] = {}
    for claim in tagged.claims:
        claims.setdefault(claim.sentence, []).append(claim)
    for piece in cut(tagged):
        answers = {THEMES: list(piece.sentence.labels), CLAIMS: _spans(claims.get(piece.index, []), piece)}
        metadata: dict[str, Any] = fields_of(tagged) | piece.about
        metadata["article"] = metadata.pop("id")
        metadata.pop("not_asked", None)
        if piece.sentence.not_asked:
            metadata["not_asked"] = list(piece.sentence.not_asked)
        record: dict[str, Any] = {"id": f"{tagged.article.id}#{piece.index}", "fields": {"text": piece.sentence.text}}
        record |= {"metadata": metadata, "suggestions": {}, "responses": {}, "vectors": {}, "status": "pending"}
        if is_predicted(tagged):
            scores = [theme.score for theme in piece.sentence.themes]
            suggestion = {"value": answers[THEMES], "score": scores, "agent": tagged.by}
            record["suggestions"] = {
                THEMES: suggestion,
                CLAIMS: {"value": answers[CLAIMS], "score": None, "agent": tagged.by},
            }
        else:
            by = tagged.by
            record["responses"] = {name: [{"value": value, "user_id": by}] for name, value in answers.items()}
            record["status"] = "completed"
        yield record


def _spans(claims: Iterable[Claim], piece: Piece) -> list[dict[str, Any]]:
    """The parts of claims that lie in the sentence, with offsets into it."""
    marks, first, last = Marks(), piece.sentence.start, piece.sentence.end
    for claim in claims:
        marks.add_claim(claim)
    return [
        {"start": mark.start - first, "end": mark.end - first, "label": mark.label}
        for mark in marks.marks
        if first <= mark.start < mark.end <= last
    ]


def _rows(path: Path, on_reject: OnReject, predicted: bool) -> Iterator[Row]:
    for item in read_items(path):
        fields, metadata, problem = item.values.get("fields"), item.values.get("metadata"), item.problem
        if problem is None and not (isinstance(fields, Mapping) and isinstance(fields.get("text"), str)):
            problem = 'not a record of Argilla: it has no "fields" with a "text"'
        if problem is not None or not isinstance(fields, Mapping):
            on_reject(Reject(str(path), item.line, None, str(problem)))
            continue
        about = metadata if isinstance(metadata, Mapping) else {}
        found = False
        for by, answers in (_suggested(item) if predicted else _answers(item)).items():
            found = True
            yield _row(path, item, fields["text"], by, about, answers)
        if not found:
            status = item.values.get("status") or "no response"
            on_reject(
                Reject(str(path), item.line, str(item.values.get("id")), f"the record was not answered ({status})")
            )
            yield Row(str(path), item.line, fields["text"], None, about, unread=True)  # it stays in the text


def _answers(item: Item) -> dict[str | None, dict[str, Any]]:
    """What each annotator answered, by the names of the questions; nothing of those who have not submitted."""
    answers: dict[str | None, dict[str, Any]] = {}
    responses = item.values.get("responses")
    for question, given in responses.items() if isinstance(responses, Mapping) else ():
        for one in given if isinstance(given, list) else ():
            if isinstance(one, Mapping) and one.get("status", "submitted") not in _UNDONE:
                who = one.get("user_id")
                answers.setdefault(None if who is None else str(who), {})[question] = one.get("value")
    return answers if item.values.get("status") not in _UNDONE[1:] else {}


def _suggested(item: Item) -> dict[str | None, dict[str, Any]]:
    """What was suggested, or else answered."""
    suggestions = item.values.get("suggestions")
    answers: dict[str | None, dict[str, Any]] = {}
    for question, one in suggestions.items() if isinstance(suggestions, Mapping) else ():
        if isinstance(one, Mapping):
            answers.setdefault(one.get("agent"), {})[question] = one.get("value")
    return answers or _answers(item)


def _row(
    path: Path, item: Item, text: str, by: str | None, about: Mapping[str, Any], answers: Mapping[str, Any]
) -> Row:
    row = Row(str(path), item.line, text, by, about)
    themes = answers.get(THEMES)
    row.themes = [one for one in themes if isinstance(one, str)] if isinstance(themes, list) else []
    if isinstance(themes, str):  # a question with one answer
        row.themes = [themes]
    if THEMES not in answers:
        row.asked = frozenset()
    unasked = about.get("not_asked")
    row.not_asked = [one for one in unasked if isinstance(one, str)] if isinstance(unasked, list) else []
    spans = answers.get(CLAIMS)
    marks: dict[object, tuple[Raw, str]] = {
        place: (Raw(one["start"], one["end"], text[one["start"] : one["end"]]), one["label"])
        for place, one in enumerate(spans if isinstance(spans, list) else ())
        if _is_span(one)
    }
    row.claims, _ = claims_of(marks, None)
    return row


def _is_span(value: object) -> bool:
    return (
        isinstance(value, Mapping)
        and all(isinstance(value.get(name), int) for name in ("start", "end"))
        and isinstance(value.get("label"), str)
    )


def _settings(scheme: Scheme) -> dict[str, Any]:
    """What `rg.Settings` is to be made with: one field, the questions and their labels."""
    names = {theme.id: theme.name.get(scheme.language) or theme.id for theme in scheme.themes}
    themes = {"name": THEMES, "type": "multi_label_selection", "labels": names, "required": False}
    claims = {"name": CLAIMS, "type": "span", "field": "text", "labels": claim_labels(), "allow_overlapping": True}
    return {"fields": [{"name": "text", "type": "text"}], "questions": [themes, claims | {"required": False}]}
