"""brat's standoff as it is documented and as brat writes it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from test_exchange import SCHEME, example

from claimtag.errors import InputError, OutputError
from claimtag.exchange import export_gold, import_gold
from claimtag.exchange.brat import _place
from claimtag.reading import Reject
from claimtag.records import Span, TaggedArticle

TEXT = "Selon Rabat, la police agit.\nElle saisit de la drogue."
ANN = """\
T1\tSentence 0 28\tSelon Rabat, la police agit.
A1\tpolitics T1
T2\tAssertion 13 27\tla police agit
T3\tSpeaker 6 11\tRabat
T4\tCue 0 5\tSelon
E1\tAssertion:T2 Cue:T4 Speaker:T3
A2\tMode E1 indirect
#1\tAnnotatorNotes E1\tsource: Royaume du Maroc
A3\tStatus E1 named
"""


def imported(folder: Path, ann: str | bytes, text: str | bytes = TEXT) -> tuple[list[TaggedArticle], list[str]]:
    for name, content in (("doc.ann", ann), ("doc.txt", text)):
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    rejects: list[Reject] = []
    found = import_gold("brat", folder, scheme=SCHEME, on_reject=rejects.append)
    return [one for lot in found.by.values() for one in lot], [f"{one.line}: {one.reason}" for one in rejects]


def test_spans_events_attributes_and_notes_are_read(tmp_path: Path) -> None:
    (one,), rejects = imported(tmp_path, ANN)
    assert rejects == []
    assert (one.article.id, one.by, one.sentences[0].labels) == ("doc", None, ("politics",))
    (claim,) = one.claims
    assert (claim.type, claim.mode, claim.content.text) == ("assertion", "indirect", "la police agit")
    assert claim.source is not None
    assert (claim.source.name, claim.source.span) == ("Royaume du Maroc", None)
    assert [span.text for span in (claim.cue, claim.speaker) if span] == ["Selon", "Rabat"]


def test_files_that_went_through_windows_are_read_the_same(tmp_path: Path) -> None:
    ann = ANN + "T9\tSentence 29 54\tElle saisit de la drogue.\n"
    (plain,), _ = imported(tmp_path, ann)
    (other,), rejects = imported(
        tmp_path, b"\xef\xbb\xbf" + ann.replace("\n", "\r\n").encode(), TEXT.replace("\n", "\r\n")
    )
    assert rejects == []
    assert [one.text for one in other.sentences] == [one.text for one in plain.sentences]
    assert other.claims[0].content == plain.claims[0].content


def test_a_span_over_a_line_end_is_in_pieces_that_touch(tmp_path: Path) -> None:
    (one,), rejects = imported(
        tmp_path, "T1\tSentence 0 28;29 54\tSelon Rabat, la police agit. Elle saisit de la drogue.\n"
    )
    assert rejects == []
    assert one.sentences[0].text == TEXT


def test_lines_that_cannot_be_used_are_told_with_their_numbers(tmp_path: Path) -> None:
    lines = [
        "T1\tSentence 0 28\tSelon Rabat, la police agit.",
        "T2\tSentence 29 33;41 43\tElle de",
        "T3\tPerson 6 11\tRabat",
        "T4\tCue 0 5\tChez",
        "T5\tAssertion 13 27\tla police agit",
        "E1\tAssertion:T5 Cue:T99",
        "E2\tAssertion:T77",
        "A1\tdrug T1",
        "A2\tdrugs T44",
        "R1\tMeets Arg1:T1 Arg2:T2",
        "T7\tnonsense",
    ]
    (one,), rejects = imported(tmp_path, "\n".join(lines))
    assert [sentence.text for sentence in one.sentences] == ["Selon Rabat, la police agit."]
    assert rejects == [
        "2: T2 is in pieces that do not touch (29 33;41 43); left out",
        '3: "Person" is no kind of sentence and no part of a claim; left out',
        "11: not a text-bound annotation: 'T7\\tnonsense'",
        "6: E1: no Cue T99 to be its part; left out",
        "7: an event that is no claim on words of the text: 'E2\\tAssertion:T77'; left out",
        "9: drugs of T44, which is no sentence and no claim; left out",
        "10: an annotation that is not read ('R1\\tMeets Arg1:T1 Arg2:T2'); left out",
        '1: sentence 0–28: "drug" is not a theme of the scheme (did you mean "drugs"?); left out',
        "6: claim 13–27 has no mode; left out",
    ]


def test_a_text_without_annotation_and_an_annotation_without_text_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Oui.")
    (tmp_path / "b.ann").write_text("")
    rejects: list[Reject] = []
    assert import_gold("brat", tmp_path, scheme=SCHEME, on_reject=rejects.append).articles == 0
    assert [one.reason.partition(": ")[2] for one in rejects] == [
        "cannot be read: No such file or directory",
        "it has no .ann",
    ]


def test_articles_of_like_names_have_files_of_their_own(tmp_path: Path) -> None:
    articles = [replace(example(), article=replace(example().article, id=name)) for name in ("a/b", "A?b", "é" * 300)]
    out = export_gold("brat", articles, tmp_path / "brat", scheme=SCHEME).files[0]
    assert len(list(out.glob("*.ann"))) == 3
    assert [one.article.id for one in import_gold("brat", out, scheme=SCHEME).by["annotator-a"]] == [
        "a/b",
        "A?b",
        "é" * 300,
    ]


def test_a_folder_with_something_in_it_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "old.ann").write_text("")
    with pytest.raises(OutputError, match="is there and not an empty folder; brat's files want one of their own"):
        export_gold("brat", [example()], tmp_path, scheme=SCHEME)
    with pytest.raises(InputError, match=r"old.ann: not a folder; brat keeps a .txt and an .ann an article in one"):
        import_gold("brat", tmp_path / "old.ann", scheme=SCHEME)


def test_the_configuration_has_every_type_that_is_written(tmp_path: Path) -> None:
    out = export_gold("brat", [example()], tmp_path / "brat", scheme=SCHEME).files[0]
    allowed = (out / "annotation.conf").read_text()
    for line in next(out.glob("*.ann")).read_text().splitlines():
        if not line.startswith("#"):
            assert line.split("\t")[1].split()[0].split(":")[0] in allowed


def test_a_span_that_begins_or_ends_in_a_line_end_keeps_its_ends(tmp_path: Path) -> None:
    for start, end in ((0, 1), (27, 29), (28, 30), (28, 29), (5, 40)):
        span = Span(start, end, TEXT[start:end])
        (one,), rejects = imported(tmp_path, f"T1\tSentence {_place(span)}\n")
        assert rejects == []
        assert (one.sentences[0].start, one.sentences[0].end) == (start, end)


def test_a_file_that_nobody_annotated_denies_no_theme(tmp_path: Path) -> None:
    (one,), _ = imported(tmp_path, "")
    assert [each.not_asked for each in one.sentences] == [SCHEME.labels, SCHEME.labels]


def test_a_second_cue_of_a_claim_is_told(tmp_path: Path) -> None:
    ann = ANN.replace("Cue:T4", "Cue:T4 Cue2:T5").replace("E1\t", "T5\tCue 16 22\tpolice\nE1\t", 1)
    (one,), rejects = imported(tmp_path, ann)
    assert one.claims[0].cue == Span(0, 5, "Selon")
    assert rejects == ["7: E1: a second Cue, T5; the first is kept"]


def test_a_source_without_a_status_is_told(tmp_path: Path) -> None:
    (one,), rejects = imported(tmp_path, ANN.replace("A3\tStatus E1 named\n", ""))
    assert one.claims[0].source is None
    assert [each.partition(": ")[2] for each in rejects] == [
        "claim 13–27: its source 'Royaume du Maroc' has no status; left out"
    ]
