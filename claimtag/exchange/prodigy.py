"""Prodigy's JSONL: a `choice` task a sentence for its themes, a `relations` task an article for its claims.

Shapes: https://prodi.gy/docs/api-interfaces (choice, classification, spans and relations).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from claimtag.exchange.about import fields_of, is_predicted
from claimtag.exchange.drafts import Draft, OnReject, Raw
from claimtag.exchange.files import Item, read_items
from claimtag.exchange.gathering import Row, gather
from claimtag.exchange.sewing import Piece, cut
from claimtag.exchange.spans import Mark, claims_of, marks_of, sentences_of
from claimtag.reading import Reject
from claimtag.records import TaggedArticle
from claimtag.scheme import Scheme

CHOICE, RELATIONS = "choice", "relations"
_TOKEN = re.compile(r"\w+|[^\w\s]")
_SKIPPED = {"ignore": "skipped (ignored)", "reject": "rejected by its annotator"}


def write(tagged: Iterable[TaggedArticle], out: Path, scheme: Scheme) -> list[Path]:
    """The file written: of each article a choice task a sentence, where themes are asked, and a relations task, where
    there are claims."""
    from claimtag.writing.targets import target

    options = [{"id": theme.id, "text": theme.name.get(scheme.language) or theme.id} for theme in scheme.themes]
    with target(out, suffix="jsonl") as file:
        for article in tagged:
            body = [one for one in article.sentences if one.kind != "boilerplate"]
            asked = not body or any(len(one.not_asked) < len(options) for one in body)
            tasks = [_choice(article, piece, options) for piece in cut(article)] if asked else []
            if article.claims or not tasks:
                tasks.append(_relations(article))
            for task in tasks:
                file.write(json.dumps(task, ensure_ascii=False).encode() + b"\n")
    return [out]


def read(paths: Sequence[Path], on_reject: OnReject, *, predicted: bool = False) -> Iterator[Draft]:
    """A draft for each article and annotator; choice and spans tasks of the same, in one file or two, are put together.

    With `predicted` tasks that nobody answered yet count too.
    """
    rows: list[Row] = []
    wholes: dict[tuple[str, str | None], Draft] = {}
    for path, item in ((one, item) for one in paths for item in read_items(one)):
        values, problem = item.values, item.problem
        if problem is None and not isinstance(values.get("text"), str):
            problem = 'not a task of Prodigy: it has no "text"'
        if problem is None and "answer" not in values and not predicted:
            problem = "the task was not answered yet"
        if problem is not None:
            on_reject(Reject(str(path), item.line, None, problem))
            if isinstance(values.get("text"), str) and not ("spans" in values or "relations" in values):
                rows.append(replace(_row(path, item), unread=True))  # it stays in the text
        elif "spans" in values or "relations" in values:
            draft = _spans_draft(item, path, on_reject)
            if draft is not None and wholes.setdefault((draft.id, draft.by), draft) is not draft:
                on_reject(Reject(str(path), item.line, draft.id, "the article is annotated again; the first is kept"))
        else:
            rows.append(_row(path, item))
    for draft in gather(rows, on_reject):
        whole = wholes.pop((draft.id, draft.by), None)
        if whole is not None and whole.text == draft.text:
            draft.claims += whole.claims
        elif whole is not None:
            reason = "the text of its claims is not that of its sentences; left out"
            on_reject(Reject(whole.file, whole.line, draft.id, reason))
        yield draft
    yield from wholes.values()


def _choice(tagged: TaggedArticle, piece: Piece, options: list[dict[str, str]]) -> dict[str, Any]:
    meta = _meta(tagged) | piece.about
    if piece.sentence.not_asked:
        meta["not_asked"] = list(piece.sentence.not_asked)
    else:
        meta.pop("not_asked", None)
    shown = [] if piece.sentence.kind == "boilerplate" else options
    task = {"text": piece.sentence.text, "options": shown, "accept": list(piece.sentence.labels)}
    return task | {"meta": meta} | _answered(tagged, CHOICE)


def _relations(tagged: TaggedArticle) -> dict[str, Any]:
    """The claims of an article as spans of its whole text, and relations between them; Prodigy wants tokens too."""
    text, marks = tagged.article.text, marks_of(tagged, sentences=False)
    kept = marks.marks
    tokens = _tokens(text, kept)
    starts, ends = ({token[end]: token["id"] for token in tokens} for end in ("start", "end"))
    spans = {
        mark.id: {
            "start": mark.start,
            "end": mark.end,
            "label": mark.label,
            "token_start": starts[mark.start],
            "token_end": ends[mark.end],
        }
        for mark in kept
    }
    relations = [
        {
            "head": spans[link.head]["token_end"],
            "child": spans[link.child]["token_end"],
            "head_span": spans[link.head],
            "child_span": spans[link.child],
            "label": link.label,
        }
        for link in marks.links
    ]
    task = {"text": text, "tokens": tokens, "spans": list(spans.values()), "relations": relations}
    return task | {"meta": _meta(tagged)} | _answered(tagged, RELATIONS)


def _tokens(text: str, marks: Iterable[Mark]) -> list[dict[str, Any]]:
    """Words and signs, cut also where a span begins or ends, so that every span is one of whole tokens."""
    begins, stops = {mark.start for mark in marks}, {mark.end for mark in marks}
    edges = begins | stops | {place for match in _TOKEN.finditer(text) for place in match.span()}
    cuts = sorted(edges | {0, len(text)})
    kept = [(one, two) for one, two in pairwise(cuts) if one in begins or two in stops or not text[one:two].isspace()]
    return [
        {"text": text[one:two], "start": one, "end": two, "id": number, "ws": text[two : two + 1].isspace()}
        for number, (one, two) in enumerate(kept)
    ]


def _meta(tagged: TaggedArticle) -> dict[str, Any]:
    about: dict[str, Any] = fields_of(tagged)
    about["article"] = about.pop("id")
    return about


def _answered(tagged: TaggedArticle, view: str) -> dict[str, str]:
    """Who answered; of what a model said nobody did, it is filled in for an annotator to correct."""
    answer = {} if is_predicted(tagged) else {"answer": "accept"}
    by = {} if tagged.by is None else {"_annotator_id": tagged.by, "_session_id": tagged.by}
    return answer | by | {"_view_id": view}


def _row(path: Path, item: Item) -> Row:
    values, answer = item.values, item.values.get("answer", "accept")
    meta = values.get("meta")
    about = meta if isinstance(meta, Mapping) else {}
    row = Row(str(path), item.line, values["text"], _by(values), about)
    if isinstance(values.get("label"), str):  # a binary task: one label, accepted or rejected
        row.asked = frozenset([values["label"]])
        row.themes = [values["label"]] if answer == "accept" else []
        row.skipped = _SKIPPED["ignore"] if answer == "ignore" else None
        return row
    accepted, options = values.get("accept"), values.get("options")
    row.themes = [one for one in accepted if isinstance(one, str)] if isinstance(accepted, list) else []
    if isinstance(options, list) and options:
        row.asked = frozenset(str(one.get("id")) for one in options if isinstance(one, Mapping))
    unasked = about.get("not_asked")
    row.not_asked = [one for one in unasked if isinstance(one, str)] if isinstance(unasked, list) else []
    row.skipped = _SKIPPED.get(str(answer))
    return row


def _spans_draft(item: Item, path: Path, on_reject: OnReject) -> Draft | None:
    values, meta = item.values, item.values.get("meta")
    about = meta if isinstance(meta, Mapping) else {}
    identity = str(about.get("article") or f"{path.stem}-{item.line}")
    if why := _SKIPPED.get(str(values.get("answer"))):
        on_reject(Reject(str(path), item.line, identity, f"the task was {why}"))
        return None
    draft = Draft(str(path), item.line, identity, values["text"], _by(values), about)
    marks: dict[object, tuple[Raw, str]] = {}
    for one in _mappings(values.get("spans")):
        start, end, label = _key(one)
        if isinstance(start, int) and isinstance(end, int) and isinstance(label, str):
            said = one.get("text", draft.text[start:end])
            marks[start, end, label] = Raw(start, end, said if isinstance(said, str) else None), label
        else:
            on_reject(Reject(str(path), item.line, identity, f"a span without start, end or label: {dict(one)!r:.60}"))
    relations = values.get("relations")
    links = None
    if isinstance(relations, list):
        links = [(_key(one.get("head_span")), _key(one.get("child_span"))) for one in _mappings(relations)]
    claims, problems = claims_of(marks, links)
    draft.claims, draft.sentences = claims, list(sentences_of(marks.values()))
    for reason in problems:
        on_reject(Reject(str(path), item.line, identity, reason))
    return draft


def _key(span: object) -> tuple[Any, Any, Any]:
    named = span if isinstance(span, Mapping) else {}
    return named.get("start"), named.get("end"), named.get("label")


def _mappings(value: object) -> Iterator[Mapping[str, Any]]:
    for one in value if isinstance(value, list) else ():
        if isinstance(one, Mapping):
            yield one


def _by(values: Mapping[str, Any]) -> str | None:
    by = values.get("_annotator_id") or values.get("_session_id")
    return None if by is None else str(by)
