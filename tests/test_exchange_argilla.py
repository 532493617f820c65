"""Argilla's records in the shape of `rg.Record.to_dict`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from test_exchange import SCHEME, example

from claimtag.exchange import export_gold, import_gold
from claimtag.reading import Reject
from claimtag.records import TaggedArticle, Theme

TEXT = "Selon Rabat, la police agit."


def record(**more: Any) -> dict[str, Any]:
    made = {"id": "1", "fields": {"text": TEXT}, "metadata": {}, "suggestions": {}, "responses": {}, "vectors": {}}
    return made | {"status": "completed", "_server_id": "b2f"} | more


def imported(tmp_path: Path, *records: dict[str, Any]) -> tuple[list[TaggedArticle], list[str]]:
    path = tmp_path / "records.json"
    path.write_text(json.dumps(records))
    rejects: list[Reject] = []
    found = import_gold("argilla", path, scheme=SCHEME, on_reject=rejects.append)
    return [one for lot in found.by.values() for one in lot], [f"{one.line}: {one.reason}" for one in rejects]


def test_the_answers_of_each_user_are_a_reading(tmp_path: Path) -> None:
    spans = [
        {"start": 13, "end": 27, "label": "claim:assertion:indirect"},
        {"start": 6, "end": 11, "label": "speaker"},
    ]
    responses = {
        "themes": [{"value": ["drugs"], "user_id": "u1"}, {"value": ["justice"], "user_id": "u2"}],
        "claims": [{"value": spans, "user_id": "u1"}],
    }
    articles, rejects = imported(tmp_path, record(responses=responses))
    assert rejects == []
    assert [(one.by, one.sentences[0].labels, len(one.claims)) for one in articles] == [
        ("u1", ("drugs",), 1),
        ("u2", ("justice",), 0),
    ]
    assert articles[0].claims[0].speaker is not None


def test_records_without_an_answer_are_told(tmp_path: Path) -> None:
    draft = {"themes": [{"value": ["drugs"], "user_id": "u1", "status": "draft"}]}
    articles, rejects = imported(
        tmp_path, record(), record(status="discarded", responses=draft), record(fields={}), record(status="pending")
    )
    assert articles == []
    assert [one.partition(": ")[2] for one in rejects] == [
        "the record was not answered (completed)",
        "the record was not answered (discarded)",
        'not a record of Argilla: it has no "fields" with a "text"',
        "the record was not answered (pending)",
    ]


def test_one_who_marked_spans_alone_was_not_asked_for_themes(tmp_path: Path) -> None:
    responses = {"claims": [{"value": [], "user_id": "u1"}]}
    (one,), _ = imported(tmp_path, record(responses=responses))
    assert one.sentences[0].not_asked == SCHEME.labels


def test_what_a_model_said_goes_out_as_a_suggestion(tmp_path: Path) -> None:
    first, second = example().sentences
    said = replace(example(), sentences=(replace(first, themes=(Theme("drugs", 0.9),)), second), by="m")
    out = export_gold("argilla", [said], tmp_path / "a.json", scheme=SCHEME).files[0]
    made = json.loads(out.read_text())[0]
    assert (made["responses"], made["status"]) == ({}, "pending")
    assert made["suggestions"]["themes"] == {"value": ["drugs"], "score": [0.9], "agent": "m"}


def test_who_answered_a_part_has_the_whole_text(tmp_path: Path) -> None:
    (out, _) = export_gold("argilla", [example()], tmp_path / "records.json", scheme=SCHEME).files
    records = json.loads(out.read_text("utf-8"))
    records[0]["responses"], records[0]["status"] = {}, "pending"
    for given in records[1]["responses"].values():
        given[0]["user_id"] = "somebody else"
    out.write_text(json.dumps(records), encoding="utf-8")
    rejects: list[Reject] = []
    back = import_gold("argilla", out, scheme=SCHEME, on_reject=rejects.append)
    assert {one.article.text for lot in back.by.values() for one in lot} == {example().article.text}
    (other,) = back.by["somebody else"]
    assert [one.text for one in other.sentences] == [example().sentences[1].text]
    assert not any("stands elsewhere" in one.reason for one in rejects)
