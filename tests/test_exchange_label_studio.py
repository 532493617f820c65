"""Label Studio's JSON as it exports it, and the configuration that it is given."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from test_exchange import SCHEME, example

from claimtag.exchange import export_gold, import_gold
from claimtag.exchange.label_studio import configuration, task
from claimtag.reading import Reject
from claimtag.records import TaggedArticle, Theme

TEXT = "Selon Rabat, la police agit. Elle saisit 😀 de la drogue."


def region(
    name: str, identity: str, start: int, end: int, *chosen: str, kind: str = "labels", **more: Any
) -> dict[str, Any]:
    value = {"start": start, "end": end, "text": TEXT[start:end], kind: list(chosen)} | more
    return {"id": identity, "from_name": name, "to_name": "text", "type": kind, "value": value, "origin": "manual"}


def annotation(*results: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": 1001, "completed_by": 10, "result": list(results), "was_cancelled": False, "lead_time": 4.3} | more


def imported(tmp_path: Path, *tasks: dict[str, Any] | str) -> tuple[list[TaggedArticle], list[str]]:
    path = tmp_path / "export.json"
    path.write_text(json.dumps(tasks, ensure_ascii=False, indent=2), encoding="utf-8")
    rejects: list[Reject] = []
    found = import_gold("label-studio", path, scheme=SCHEME, on_reject=rejects.append)
    return [one for lot in found.by.values() for one in lot], [f"{one.line}: {one.reason}" for one in rejects]


def test_an_export_is_read_with_regions_choices_and_relations(tmp_path: Path) -> None:
    relation = {"type": "relation", "from_id": "c", "to_id": "w", "direction": "right", "labels": ["speaker"]}
    made = annotation(
        region("sentence", "s", 0, 28, "body"),
        region("themes", "s", 0, 28, "politics", "justice", kind="choices"),
        region("part", "c", 13, 27, "content"),
        region("type", "c", 13, 27, "assertion", kind="choices"),
        region("mode", "c", 13, 27, "indirect", kind="choices"),
        region("part", "w", 6, 11, "speaker"),
        relation,
    )
    (one,), rejects = imported(tmp_path, {"id": 5, "data": {"text": TEXT}, "annotations": [made], "predictions": []})
    assert rejects == []
    assert (one.article.id, one.by) == ("5", "10")
    assert [sentence.labels for sentence in one.sentences] == [("politics", "justice")]
    (claim,) = one.claims
    assert (claim.type, claim.mode, claim.content.text) == ("assertion", "indirect", "la police agit")
    assert claim.speaker is not None
    assert claim.speaker.text == "Rabat"


def test_skipped_tasks_and_tasks_without_annotation_are_told(tmp_path: Path) -> None:
    done = annotation(region("sentence", "s", 0, 28, "body"))
    articles, rejects = imported(
        tmp_path,
        {"id": 1, "data": {"text": TEXT}, "annotations": [annotation(was_cancelled=True)]},
        {"id": 2, "data": {"text": TEXT}, "annotations": []},
        {"id": 3, "data": {"text": TEXT}, "annotations": [done]},
        {"id": 4, "file": "a.png"},
        "words",
    )
    assert [one.article.id for one in articles] == ["3"]
    assert [reason.partition(": ")[2] for reason in rejects] == [
        "the task was skipped by its annotator",
        "the task was not annotated yet",
        'not a task of Label Studio: it has no "data" with a "text"',
        "a string where an object {…} was expected",
    ]


def test_a_reject_names_the_line_of_its_task(tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    path.write_bytes(b'\xef\xbb\xbf[\r\n  {"data": {"text": "Oui."},\r\n   "annotations": []}, \r\n  {"data": {}}\r\n]')
    rejects: list[Reject] = []
    import_gold("label-studio", path, scheme=SCHEME, on_reject=rejects.append)
    assert [one.line for one in rejects] == [2, 4]


def test_a_list_that_is_cut_off_gives_what_stands_before(tmp_path: Path) -> None:
    good = json.dumps({"id": 1, "data": {"text": TEXT}, "annotations": [annotation()]})
    for rest, reason in ((', {"id": 2, "data"', "broken JSON"), (",\n", "the list is cut off: its ] is missing")):
        path = tmp_path / "export.json"
        path.write_text(f"[{good}{rest}")
        rejects: list[Reject] = []
        found = import_gold("label-studio", path, scheme=SCHEME, on_reject=rejects.append)
        assert found.articles == 1
        assert rejects[0].reason.startswith(reason)


def test_two_annotations_of_a_task_are_two_readings(tmp_path: Path) -> None:
    both = [
        annotation(region("sentence", "s", 0, 28, "body"), completed_by={"id": 1, "email": "a@b.be"}),
        annotation(region("sentence", "s", 0, 28, "title"), completed_by=7),
    ]
    articles, _ = imported(tmp_path, {"id": 1, "data": {"text": TEXT}, "annotations": both})
    assert [(one.by, one.sentences[0].kind) for one in articles] == [("a@b.be", "body"), ("7", "title")]


def test_offsets_in_utf_16_are_understood_by_their_words(tmp_path: Path) -> None:
    words = region("sentence", "s", 29, 56, "body")  # the emoji counts two from here on
    words["value"] |= {
        "start": 29,
        "end": 29 + len("Elle saisit 😀 de la drogue.") + 1,
        "text": "Elle saisit 😀 de la drogue.",
    }
    (one,), rejects = imported(tmp_path, {"id": 1, "data": {"text": TEXT}, "annotations": [annotation(words)]})
    assert rejects == []
    assert one.sentences[0].text == "Elle saisit 😀 de la drogue."


def test_offsets_that_do_not_fit_are_told_and_the_rest_kept(tmp_path: Path) -> None:
    made = annotation(
        region("sentence", "s", 0, 28, "body"),
        region("sentence", "t", 29, 40, "body", text="something else"),
        region("sentence", "u", 200, 300, "body", text="beyond"),
    )
    (one,), rejects = imported(tmp_path, {"id": 1, "data": {"text": TEXT}, "annotations": [made]})
    assert [(sentence.start, sentence.end) for sentence in one.sentences] == [(0, 28)]
    assert rejects == [
        "2: sentence 29–40 'something else' does not fit the text: the text there says 'Elle saisit'",
        "2: sentence 200–300 'beyond' does not fit the text: the text has 56 characters",
    ]


def test_overlapping_and_repeated_sentences_are_told(tmp_path: Path) -> None:
    made = annotation(
        region("sentence", "s", 0, 28, "body"),
        region("sentence", "t", 0, 28, "body"),
        region("sentence", "u", 0, 28, "title"),
        region("sentence", "v", 20, 56, "body"),
    )
    (one,), rejects = imported(tmp_path, {"id": 1, "data": {"text": TEXT}, "annotations": [made]})
    assert [(sentence.start, sentence.end, sentence.kind) for sentence in one.sentences] == [(0, 28, "body")]
    assert rejects == [
        "2: sentence 0–28 is annotated again; the first is kept",
        "2: sentence 0–28 is annotated again, otherwise (no theme); the first is kept",
        "2: sentence 20–56 overlaps sentence 0–28; left out",
    ]


def test_a_claim_without_a_type_and_stray_relations_are_told(tmp_path: Path) -> None:
    made = annotation(
        region("sentence", "s", 0, 28, "body"),
        region("part", "c", 13, 27, "content"),
        {"type": "relation", "from_id": "s", "to_id": "zzz", "direction": "right"},
        region("themes", "gone", 0, 5, "drugs", kind="choices"),
        region("part", "x", 0, 5, "colour"),
    )
    (one,), rejects = imported(tmp_path, {"id": 1, "data": {"text": TEXT}, "annotations": [made]})
    assert one.claims == ()
    assert sorted(rejects) == [
        '2: "colour" on 0–5 is no kind of sentence and no part of a claim; left out',
        "2: a relation that does not lead from a content to its cue, speaker or source; left out",
        "2: claim 13–27 has no type; left out",
        "2: themes of a region (gone) that is not there; left out",
    ]


def test_a_source_without_a_status_and_a_second_cue_are_told(tmp_path: Path) -> None:
    def link(child: str) -> dict[str, Any]:
        return {"type": "relation", "from_id": "c", "to_id": child, "direction": "right", "labels": [child]}

    made = annotation(
        region("sentence", "s", 0, 28, "body"),
        region("part", "c", 13, 27, "content"),
        region("type", "c", 13, 27, "assertion", kind="choices"),
        region("mode", "c", 13, 27, "indirect", kind="choices"),
        region("part", "cue", 0, 5, "cue"),
        region("part", "second", 16, 22, "cue"),
        region("part", "source", 6, 11, "source"),
        *map(link, ("cue", "second", "source")),
    )
    (one,), rejects = imported(tmp_path, {"id": 1, "data": {"text": TEXT}, "annotations": [made]})
    (claim,) = one.claims
    assert claim.cue is not None
    assert (claim.cue.start, claim.source) == (0, None)
    assert sorted(rejects) == [
        "2: a second cue of one claim (16–22), beside the first; left out",
        f"2: claim 13–27: its source {TEXT[6:11]!r} has no status; left out",
    ]


def test_choices_of_the_whole_text_and_ends_of_a_taxonomy_are_themes(tmp_path: Path) -> None:
    whole = {"id": "1", "from_name": "topic", "to_name": "text", "type": "choices", "value": {"choices": ["drugs"]}}
    (one,), _ = imported(tmp_path, {"id": 1, "data": {"text": "Oui."}, "annotations": [annotation(whole)]})
    assert [(sentence.text, sentence.labels) for sentence in one.sentences] == [("Oui.", ("drugs",))]
    tree = region("topics", "s", 0, 28, kind="taxonomy") | {"type": "taxonomy"}
    tree["value"]["taxonomy"] = [["all", "drugs"], ["all", "justice"]]
    made = annotation(region("cut", "s", 0, 28, "body"), tree)
    (one,), _ = imported(tmp_path, {"id": 1, "data": {"text": TEXT}, "annotations": [made]})
    assert one.sentences[0].labels == ("drugs", "justice")


def test_places_on_a_page_are_found_in_its_source(tmp_path: Path) -> None:
    text = "<p>La <b>police</b> agit.</p>"
    value = {"start": "/p[1]/text()[1]", "end": "/p[1]/text()[2]", "globalOffsets": {"start": 0, "end": 15}}
    made = {"id": "s", "from_name": "sentence", "type": "labels", "value": value | {"labels": ["body"]}}
    (one,), _ = imported(tmp_path, {"id": 1, "data": {"text": text}, "annotations": [annotation(made)]})
    assert one.sentences[0].text in text
    value["text"] = "La police agit."
    (one,), rejects = imported(tmp_path, {"id": 1, "data": {"text": text}, "annotations": [annotation(made)]})
    assert rejects[0].startswith("2: the text holds HTML (<p>)")


def test_what_a_model_said_goes_out_as_a_prediction_to_correct(tmp_path: Path) -> None:
    first, second = example().sentences
    said = replace(example(), sentences=(replace(first, themes=(Theme("drugs", 0.9),)), second), by="default@0.1.0")
    made = task(said)
    assert "annotations" not in made
    assert made["predictions"][0]["model_version"] == "default@0.1.0"
    lost = export_gold("label-studio", [said], tmp_path / "a.json", scheme=SCHEME).lost
    assert lost == {"score of a theme": 1}
    with pytest.raises(Exception, match="the task was not annotated yet"):
        import_gold("label-studio", tmp_path / "a.json", scheme=SCHEME)


def test_the_configuration_names_every_theme_and_writes_its_id() -> None:
    root = ET.fromstring(configuration(SCHEME))
    choices = root.findall("./Choices[@name='themes']/Choice")
    assert [one.get("alias") for one in choices] == list(SCHEME.labels)
    assert choices[0].get("value") == "Le thème <counterterrorism>"
    assert choices[0].get("hint") == 'About "counterterrorism".'


def test_label_studios_own_package_accepts_the_configuration_and_the_tasks() -> None:
    sdk = pytest.importorskip(
        "label_studio_sdk.label_interface", reason="label-studio-sdk is not installed; it wants another NumPy"
    )
    interface = sdk.LabelInterface(configuration(SCHEME))
    interface.validate()
    made = task(example())
    assert interface.validate_task({"data": made["data"]})
    assert interface.validate_prediction(made["annotations"][0], return_errors=True) == []
    made["annotations"][0]["result"][1]["value"]["choices"] = ["no theme"]
    assert interface.validate_prediction(made["annotations"][0], return_errors=True) != []
