"""doccano's JSONL: an article a line, its sentences, themes and claims as spans (`entities`) and `relations`.

For a project of type "sequence labeling" with relations, which must allow overlapping spans. What is known of an
article stands beside its text, where doccano keeps it as metadata.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from claimtag.exchange.about import fields_of
from claimtag.exchange.drafts import Draft, OnReject, Raw
from claimtag.exchange.files import read_items
from claimtag.exchange.spans import all_labels, claims_of, marks_of, sentences_of
from claimtag.reading import Reject
from claimtag.records import TaggedArticle
from claimtag.scheme import Scheme

LABELS = "labels.json"  # the labels that a project needs, in the shape that doccano imports


def write(tagged: Iterable[TaggedArticle], out: Path, scheme: Scheme) -> list[Path]:
    """The files written: the articles, and beside them the labels to set the project up with."""
    from claimtag.writing.targets import target

    settings = out.with_name(f"{out.stem}.{LABELS}")
    with target(settings, suffix="json") as file:
        labels = [{"text": label} for label in all_labels(scheme)]
        file.write(json.dumps(labels, ensure_ascii=False, indent=1).encode() + b"\n")
    with target(out, suffix="jsonl") as file:
        number = 0
        for article in tagged:
            record, number = _line(article, number)
            file.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")
    return [out, settings]


def read(paths: Sequence[Path], on_reject: OnReject) -> Iterator[Draft]:
    """A draft for each line: with spans and relations, with spans alone, or with labels of the whole text."""
    for path, (line, values, problem) in ((one, item) for one in paths for item in read_items(one)):
        if problem is None and not isinstance(values.get("text", values.get("data")), str):
            problem = 'not a line of doccano: it has no "text"'
        if problem is not None:
            on_reject(Reject(str(path), line, None, problem))
            continue
        about = dict(values.get("meta") or {}) if isinstance(values.get("meta"), Mapping) else {}
        about |= values
        identity = str(about.get("article") or values.get("id") or f"{path.stem}-{line}")
        by = about.get("annotator")
        text = str(values.get("text", values.get("data")))
        draft = Draft(str(path), line, identity, text, str(by) if by else None, about)
        for reason in _fill(draft, values):
            on_reject(Reject(str(path), line, identity, reason))
        yield draft


def _line(tagged: TaggedArticle, number: int) -> tuple[dict[str, Any], int]:
    """The record of an article; ids of spans and relations go on from `number`, since doccano wants each once."""
    marks, about = marks_of(tagged), fields_of(tagged)
    about["article"] = about.pop("id")
    if tagged.by is not None:
        about["annotator"] = tagged.by
    entities = [
        {"id": number + mark.id, "label": mark.label, "start_offset": mark.start, "end_offset": mark.end}
        for mark in marks.marks
    ]
    number += len(entities)
    relations = [
        {
            "id": number + place,
            "from_id": entities[link.head]["id"],
            "to_id": entities[link.child]["id"],
            "type": link.label,
        }
        for place, link in enumerate(marks.links)
    ]
    return {"text": tagged.article.text, "entities": entities, "relations": relations} | about, number + len(relations)


def _fill(draft: Draft, values: Mapping[str, Any]) -> Iterator[str]:
    labels = values.get("entities", values.get("label", values.get("labels", [])))
    if isinstance(labels, str):
        labels = [labels]
    if not isinstance(labels, list):
        yield "its labels are no list; left out"
        return
    if labels and all(isinstance(one, str) for one in labels):  # a project of type "text classification"
        draft.whole = list(labels)
        return
    marks: dict[object, tuple[Raw, str]] = {}
    for place, one in enumerate(labels):
        if isinstance(one, Mapping) and isinstance(one.get("label"), str):
            start, end = one.get("start_offset"), one.get("end_offset")
            name: object = one.get("id", place)
            label = str(one["label"])
        elif isinstance(one, list) and len(one) == 3 and isinstance(one[2], str):
            name, (start, end, label) = place, one
        else:
            yield f"a label that is no span: {one!r:.60}; left out"
            continue
        if isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(draft.text):
            marks[name] = Raw(start, end, draft.text[start:end]), label
        else:
            yield f"{label} {start}–{end} does not fit the text of {len(draft.text)} characters; left out"
    relations = values.get("relations")
    links = None
    if isinstance(relations, list):
        links = [(one.get("from_id"), one.get("to_id")) for one in relations if isinstance(one, Mapping)]
    draft.sentences += sentences_of(marks.values())
    claims, problems = claims_of(marks, links)
    draft.claims += claims
    yield from problems
