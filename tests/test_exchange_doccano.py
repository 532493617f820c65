"""doccano's JSONL in the shapes that it exports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from test_exchange import SCHEME, example

from claimtag.exchange import export_gold, import_gold
from claimtag.reading import Reject
from claimtag.records import TaggedArticle

TEXT = "Selon Rabat, la police agit."


def imported(tmp_path: Path, content: bytes) -> tuple[list[TaggedArticle], list[str]]:
    path = tmp_path / "all.jsonl"
    path.write_bytes(content)
    rejects: list[Reject] = []
    found = import_gold("doccano", path, scheme=SCHEME, on_reject=rejects.append)
    return [one for lot in found.by.values() for one in lot], [f"{one.line}: {one.reason}" for one in rejects]


def one_line(tmp_path: Path, **values: Any) -> tuple[TaggedArticle, list[str]]:
    (article,), rejects = imported(tmp_path, json.dumps({"id": 3, "text": TEXT, "Comments": []} | values).encode())
    return article, rejects


def test_entities_and_relations_make_sentences_and_claims(tmp_path: Path) -> None:
    entities = [
        {"id": 11, "label": "sentence:body", "start_offset": 0, "end_offset": 28},
        {"id": 12, "label": "theme:politics", "start_offset": 0, "end_offset": 28},
        {"id": 13, "label": "claim:assertion:indirect", "start_offset": 13, "end_offset": 27},
        {"id": 14, "label": "speaker", "start_offset": 6, "end_offset": 11},
    ]
    relations = [{"id": 1, "from_id": 14, "to_id": 13, "type": "speaker"}]  # drawn the other way round
    one, rejects = one_line(tmp_path, entities=entities, relations=relations)
    assert rejects == []
    assert one.sentences[0].labels == ("politics",)
    assert one.claims[0].content.text == "la police agit"
    assert one.claims[0].speaker is not None


def test_triples_of_older_exports_are_read_and_parts_go_to_the_nearest_content(tmp_path: Path) -> None:
    labels = [[0, 28, "sentence:body"], [13, 27, "claim:assertion:indirect"], [6, 11, "speaker"], [0, 5, "cue"]]
    one, rejects = one_line(tmp_path, label=labels)
    assert rejects == []
    (claim,) = one.claims
    assert [span.text for span in (claim.cue, claim.speaker) if span] == ["Selon", "Rabat"]


def test_the_authors_own_claims_take_no_part_that_is_near(tmp_path: Path) -> None:
    labels = [
        [0, 28, "sentence:body"],
        [13, 15, "claim:forecast:authorial"],
        [16, 27, "claim:assertion:indirect"],
        [6, 11, "speaker"],
    ]
    one, rejects = one_line(tmp_path, label=labels)
    assert rejects == []
    assert [claim.speaker is None for claim in one.claims] == [True, False]


def test_labels_without_places_are_those_of_the_whole_text(tmp_path: Path) -> None:
    one, _ = one_line(tmp_path, label=["drugs", "justice"])
    assert [(sentence.start, sentence.end, sentence.labels) for sentence in one.sentences] == [
        (0, 28, ("drugs", "justice"))
    ]


def test_a_text_with_claims_alone_is_cut_into_sentences(tmp_path: Path) -> None:
    one, _ = one_line(tmp_path, label=[[13, 27, "claim:demand:indirect"]])
    assert [sentence.text for sentence in one.sentences] == [TEXT]
    assert len(one.claims) == 1


def test_bad_labels_are_told_one_by_one(tmp_path: Path) -> None:
    labels = [
        [0, 28, "sentence:body"],
        [0, 99, "theme:drugs"],
        [0, 5, "PER"],
        [1, 2],
        [0, 5, "cue"],
        [6, 11, "claim:x:direct"],
    ]
    _, rejects = one_line(tmp_path, label=labels, relations=[])
    assert rejects == [
        "1: theme:drugs 0–99 does not fit the text of 28 characters; left out",
        "1: a label that is no span: [1, 2]; left out",
        '1: "PER" on 0–5 is no label of sentences or claims; left out',
        "1: cue 0–5 belongs to no claim; left out",
        '1: claim type "x" is not one of assertion, evaluation, demand, commitment, forecast',
    ]


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm(tmp_path: Path) -> None:
    line = json.dumps({"text": "Oui.\r\nNon.", "label": [[0, 4, "sentence:title"], [6, 10, "sentence:body"]]})
    articles, rejects = imported(tmp_path, b"\xef\xbb\xbf" + f"{line}\r\n\r\n{{broken\r\n{line}\r\n".encode())
    assert [[one.text for one in article.sentences] for article in articles] == [["Oui.", "Non."]] * 2
    assert rejects == ["3: broken JSON at column 2: Expecting property name enclosed in double quotes"]


def test_an_export_gives_each_span_and_relation_an_id_of_its_own(tmp_path: Path) -> None:
    out, labels = export_gold("doccano", [example()] * 2, tmp_path / "a.jsonl", scheme=SCHEME).files
    records = [json.loads(line) for line in out.read_text().splitlines()]
    ids = [one["id"] for record in records for one in (*record["entities"], *record["relations"])]
    assert len(ids) == len(set(ids)) == 22
    used = {one["label"] for record in records for one in record["entities"]}
    assert used <= {one["text"] for one in json.loads(labels.read_text())}
