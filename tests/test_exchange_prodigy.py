"""Prodigy's JSONL in the shapes of its interfaces."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from test_exchange import SCHEME, example

from claimtag.exchange import export_gold, import_gold
from claimtag.reading import Reject
from claimtag.records import Sentence, TaggedArticle, Theme

OPTIONS = [{"id": label, "text": label} for label in SCHEME.labels]


def choice(text: str, *accept: str, answer: str = "accept", **more: Any) -> dict[str, Any]:
    task = {"text": text, "options": OPTIONS, "accept": list(accept), "answer": answer, "_view_id": "choice"}
    return task | {"_input_hash": 1, "_task_hash": 2, "_annotator_id": "news-zoé"} | more


def imported(tmp_path: Path, *tasks: dict[str, Any]) -> tuple[list[TaggedArticle], list[str]]:
    path = tmp_path / "tasks.jsonl"
    path.write_text("".join(json.dumps(task) + "\n" for task in tasks))
    rejects: list[Reject] = []
    found = import_gold("prodigy", path, scheme=SCHEME, on_reject=rejects.append)
    return [one for lot in found.by.values() for one in lot], [f"{one.line}: {one.reason}" for one in rejects]


def test_a_choice_task_of_its_own_is_an_article_of_one_sentence(tmp_path: Path) -> None:
    (one,), rejects = imported(tmp_path, choice("La police agit.", "drugs", "justice"))
    assert rejects == []
    assert (one.article.id, one.by, one.sentences[0].labels) == ("tasks-1", "news-zoé", ("drugs", "justice"))


def test_ignored_and_rejected_tasks_are_told_and_stay_in_the_text(tmp_path: Path) -> None:
    about = [{"article": "a", "sentence": number} for number in range(4)]
    (one,), rejects = imported(
        tmp_path,
        choice("Un.", "drugs", meta=about[0]),
        choice("Deux.", answer="ignore", meta=about[1]),
        choice("Trois.", "drugs", answer="reject", meta=about[2]),
        choice("Quatre.", meta=about[3]),
    )
    assert one.article.text == "Un. Deux. Trois. Quatre."
    assert [(sentence.text, sentence.labels) for sentence in one.sentences] == [("Un.", ("drugs",)), ("Quatre.", ())]
    assert rejects == [
        "2: sentence 1 was skipped (ignored); it is not annotated",
        "3: sentence 2 was rejected by its annotator; it is not annotated",
    ]


def test_an_article_of_which_everything_was_skipped_is_none(tmp_path: Path) -> None:
    assert imported(tmp_path, choice("Un.", answer="ignore"))[0] == []


def test_boilerplate_alone_stays_boilerplate(tmp_path: Path) -> None:
    one = replace(example(), sentences=(Sentence(0, 1, example().article.text[:1], "boilerplate"),), claims=())
    exported = export_gold("prodigy", [one], tmp_path / "tasks.jsonl", scheme=SCHEME)
    assert "kind of a sentence" not in exported.lost


def test_labels_that_were_no_option_were_not_asked(tmp_path: Path) -> None:
    (one,), _ = imported(tmp_path, choice("Un.", "drugs", options=OPTIONS[:2]))
    assert one.sentences[0].not_asked == ("justice", "politics", "western_sahara")


def test_binary_tasks_ask_for_one_label_each(tmp_path: Path) -> None:
    about = {"article": "a", "sentence": 0}
    tasks = [
        {"text": "Un.", "label": label, "answer": answer, "meta": about}
        for label, answer in (("drugs", "accept"), ("justice", "reject"), ("politics", "accept"))
    ]
    (one,), rejects = imported(tmp_path, *tasks)
    assert rejects == []
    assert one.sentences[0].labels == ("drugs", "politics")
    assert one.sentences[0].not_asked == ("counterterrorism", "western_sahara")


def test_a_sentence_answered_twice_is_told(tmp_path: Path) -> None:
    (one,), rejects = imported(
        tmp_path,
        choice("Un.", "drugs", meta={"article": "a", "sentence": 0}),
        choice("Un.", "justice", meta={"article": "a", "sentence": 0}),
    )
    assert one.sentences[0].labels == ("drugs",)
    assert rejects == ["2: sentence 0 of the article is there twice, otherwise; the first is kept"]


def test_spans_and_relations_of_a_text_make_claims(tmp_path: Path) -> None:
    text = "Selon Rabat, la police agit."
    content = {"start": 13, "end": 27, "label": "claim:assertion:indirect", "token_start": 3, "token_end": 5}
    speaker = {"start": 6, "end": 11, "label": "speaker", "token_start": 1, "token_end": 1}
    relation = {"head": 5, "child": 1, "head_span": content, "child_span": speaker, "label": "speaker"}
    task = {"text": text, "spans": [content, speaker], "relations": [relation], "answer": "accept"}
    (one, _), rejects = imported(tmp_path, task, task | {"answer": "ignore"}, task | {"spans": [{"start": 1}]})
    assert one.claims[0].speaker is not None
    assert one.claims[0].speaker.text == "Rabat"
    assert rejects[0] == "2: the task was skipped (ignored)"
    assert rejects[1] == "3: a span without start, end or label: {'start': 1}"


def test_the_tasks_of_the_two_layers_may_come_in_two_files(tmp_path: Path) -> None:
    paths = []
    for layer in ("themes", "claims"):
        out = tmp_path / f"{layer}.jsonl"
        export_gold("prodigy", [example()], out, scheme=SCHEME, only=layer)  # type: ignore[arg-type]
        views = [json.loads(line)["_view_id"] for line in out.read_text().splitlines()]
        assert views == (["choice", "choice"] if layer == "themes" else ["relations"])
        paths.append(out)
    (one,) = import_gold("prodigy", *paths, scheme=SCHEME).by["annotator-a"]
    assert (set(one.sentences[0].labels), len(one.claims)) == ({"justice", "drugs"}, 1)


def test_a_task_that_nobody_answered_is_no_annotation(tmp_path: Path) -> None:
    first, second = example().sentences
    said = replace(example(), sentences=(replace(first, themes=(Theme("drugs", 0.9),)), second))
    exported = export_gold("prodigy", [said], tmp_path / "tasks.jsonl", scheme=SCHEME)
    rejects: list[Reject] = []
    assert import_gold("prodigy", exported.files[0], scheme=SCHEME, on_reject=rejects.append).articles == 0
    assert {one.reason for one in rejects} == {"the task was not answered yet"}


def test_every_span_is_one_of_whole_tokens(tmp_path: Path) -> None:
    (out,) = export_gold("prodigy", [example()], tmp_path / "tasks.jsonl", scheme=SCHEME).files
    task = [json.loads(line) for line in out.read_text().splitlines()][-1]
    assert task["_view_id"] == "relations"
    for token in task["tokens"]:
        assert task["text"][token["start"] : token["end"]] == token["text"]
    for span in task["spans"]:
        assert task["tokens"][span["token_start"]]["start"] == span["start"]
        assert task["tokens"][span["token_end"]]["end"] == span["end"]


def test_tasks_that_are_not_answered_yet_stay_in_the_text(tmp_path: Path) -> None:
    place = [{"meta": {"article": "a", "sentence": number}} for number in range(3)]
    waiting = {key: value for key, value in choice("Deux.", **place[1]).items() if key not in ("answer", "accept")}
    found, rejects = imported(
        tmp_path,
        choice("Un.", "drugs", **place[0]),
        waiting,
        choice("Trois.", **place[2] | {"_annotator_id": "somebody else"}),
    )
    assert [one.article.text for one in found] == ["Un. Deux. Trois."] * 2
    assert [[each.text for each in one.sentences] for one in found] == [["Un."], ["Trois."]]
    assert rejects == ["2: the task was not answered yet"]
