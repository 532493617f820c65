"""The commands of the annotation loop: import, export, agree --disagreements, adjudicate, select."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from command import run
from test_exchange import LOST_ON_DEV

from claimtag.cli import exchanging
from claimtag.exchange import FORMATS
from claimtag.reading import read_gold
from claimtag.records import Article, Claim, Sentence, Span, TaggedArticle, Theme
from claimtag.writing import write

TEXT = "Selon Rabat, la police agit. Elle saisit de la drogue."


def reading(by: str, *themes: str, identity: str = "1") -> TaggedArticle:
    claim = Claim(0, "assertion", "indirect", Span(13, 27, TEXT[13:27]), Span(0, 5, "Selon"), Span(6, 11, "Rabat"))
    sentences = (Sentence(0, 28, TEXT[:28], themes=tuple(map(Theme, themes))), Sentence(29, 54, TEXT[29:]))
    return TaggedArticle(Article(identity, TEXT, lang="fr"), sentences, (claim,), by=by)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Two readings that differ in one theme."""
    a, b = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    write([reading("anna", "policing", "drugs")], a, format="jsonl")
    write([reading("bob", "policing")], b, format="jsonl")
    return a, b


def test_gold_goes_out_and_comes_back(
    capsys: pytest.CaptureFixture[str], files: tuple[Path, Path], tmp_path: Path
) -> None:
    tasks, back = tmp_path / "tasks.json", tmp_path / "back.jsonl"
    code, stdout, stderr = run(capsys, "export", "label-studio", files[0], "--out", tasks)
    assert (code, stderr) == (0, "1 article exported\n")
    assert stdout.splitlines() == [str(tasks), str(tmp_path / "tasks.label-studio.xml")]
    code, _, stderr = run(capsys, "import", "label-studio", tasks, "--out", back)
    assert (code, stderr) == (0, f"1 article by anna → {back}\n")
    (before,), (after,) = read_gold(files[0]), read_gold(back)
    assert replace(after, scheme=None) == before
    assert after.scheme is not None


def test_what_a_format_does_not_carry_is_said(
    capsys: pytest.CaptureFixture[str], files: tuple[Path, Path], tmp_path: Path
) -> None:
    code, _, stderr = run(capsys, "export", "csv", files[0], "--out", tmp_path / "a.csv")
    assert (code, stderr.splitlines()[-1]) == (0, "not carried by csv (times): claim 1")
    code, _, stderr = run(capsys, "export", "csv", files[0], "--out", tmp_path / "a.csv", "--only", "themes")
    assert stderr == "1 article exported\n"


def test_several_annotators_get_a_file_each_and_bad_tasks_are_counted(
    capsys: pytest.CaptureFixture[str], files: tuple[Path, Path], tmp_path: Path
) -> None:
    lots = []
    for file in files:
        run(capsys, "export", "label-studio", file, "--out", tmp_path / "t.json")
        lots += json.loads((tmp_path / "t.json").read_text())
    lots.append({"id": 9, "data": {"text": "Oui."}, "annotations": []})
    (tmp_path / "all.json").write_text(json.dumps(lots))
    code, _, stderr = run(capsys, "import", "label-studio", tmp_path / "all.json", "--out", tmp_path / "gold.jsonl")
    assert code == 1
    assert f"1 article by anna → {tmp_path / 'gold.anna.jsonl'}" in stderr
    assert f"1 article by bob → {tmp_path / 'gold.bob.jsonl'}" in stderr
    (reject,) = [json.loads(line) for line in (tmp_path / "gold.jsonl.rejects.jsonl").read_text().splitlines()]
    assert (reject["line"], reject["id"], reject["reason"]) == (1, "9", "the task was not annotated yet")
    code, _, stderr = run(capsys, "import", "label-studio", tmp_path / "all.json", "--out", "-")
    assert code == 2
    assert "several people annotated (anna, bob); give --out a file's name, or say --by" in stderr


def test_disagreements_are_listed_decided_and_made_one(
    capsys: pytest.CaptureFixture[str], files: tuple[Path, Path], tmp_path: Path
) -> None:
    listed, final = tmp_path / "d.jsonl", tmp_path / "final.jsonl"
    code, _, stderr = run(capsys, "agree", *files, "--disagreements", listed)
    assert (code, stderr) == (0, f"1 disagreement → {listed}\n")
    code, _, stderr = run(capsys, "adjudicate", *files, listed, "--out", final)
    assert code == 1
    assert "unresolved: 1#0-28/theme:drugs" in stderr
    assert [one.label for one in next(read_gold(final)).sentences[0].review] == ["drugs"]
    record: dict[str, Any] = json.loads(listed.read_text())
    listed.write_text(json.dumps(record | {"decision": "b"}))
    code, _, stderr = run(capsys, "adjudicate", *files, listed, "--out", final, "--by", "zoé")
    assert (code, stderr) == (0, f"1 article, 1 of 1 disagreements decided → {final}\n")
    (made,) = read_gold(final)
    assert (made.by, made.sentences[0].labels, made.sentences[0].review) == ("zoé", ("policing",), ())


def test_the_list_is_not_written_over_what_it_is_made_from(
    capsys: pytest.CaptureFixture[str], files: tuple[Path, Path]
) -> None:
    before = files[0].read_bytes()
    assert run(capsys, "agree", *files, "--disagreements", files[0])[0] == 2
    assert run(capsys, "adjudicate", *files, files[1], "--out", files[0])[0] == 2
    assert run(capsys, "import", "csv", files[0], "--out", files[0])[0] == 2
    assert run(capsys, "export", "csv", files[0], "--out", files[0])[0] == 2
    assert files[0].read_bytes() == before


def test_a_spreadsheet_in_an_old_encoding_is_told_how_to_be_saved_or_read(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_bytes("id;text\n1;L'été à Rabat.\n2;Oui.\n".encode("cp1252"))
    code, _, stderr = run(capsys, "import", "csv", sheet, "--out", tmp_path / "gold.jsonl")
    assert code == 1
    assert f'{sheet}:2: not UTF-8 at byte 12; save the file as UTF-8 (in Excel: "CSV UTF-8")\n' in stderr
    tagged = ("tag", sheet, "--model", "fast", "-q", "--out", tmp_path / "tagged.jsonl")
    code, _, stderr = run(capsys, *tagged)
    assert code == 1
    assert "sheet.csv:2: not UTF-8 at byte 12; use --encoding cp1252 for text from older Windows programs" in stderr
    assert run(capsys, *tagged, "--encoding", "cp1252")[0] == 0
    assert next(read_gold(tmp_path / "tagged.jsonl")).article.text == "L'été à Rabat."


def test_what_to_annotate_next_leaves_out_what_is_annotated(
    capsys: pytest.CaptureFixture[str], files: tuple[Path, Path], tmp_path: Path
) -> None:
    pool, out = tmp_path / "pool.jsonl", tmp_path / "next.jsonl"
    texts = {"1": TEXT, "2": "Le tribunal condamne trois hommes pour trafic.", "3": "Il pleut."}
    pool.write_text("".join(json.dumps({"id": name, "text": text}) + "\n" for name, text in texts.items()))
    more = ("--model", "fast", "--without", files[0], "-o", out)
    code, _, stderr = run(capsys, "select", pool, *more, "-n", 1)
    assert code == 0
    assert f"1 article selected from a pool of 2 articles → {out}" in stderr
    assert next(read_gold(out)).article.id in ("2", "3")
    code, _, stderr = run(capsys, "select", pool, *more, "-n", 50, "--unit", "sentence")
    assert "the pool holds no more that is not like what was selected (50 were asked for)" in stderr
    tasks = tmp_path / "tasks.jsonl"
    assert run(capsys, "export", "prodigy", out, "--out", tasks)[0] == 0
    assert "answer" not in json.loads(tasks.read_text().splitlines()[0])


def test_of_an_article_annotated_in_part_the_other_sentences_are_chosen(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    pool, out = tmp_path / "pool.jsonl", tmp_path / "next.jsonl"
    pool.write_text(json.dumps({"id": "1", "text": TEXT}) + "\n")
    rounds = [tmp_path / "first.jsonl", tmp_path / "second.jsonl"]
    whole = reading("anna", "policing")
    for path, number in zip(rounds, (0, 1), strict=True):
        write([replace(whole, sentences=(whole.sentences[number],), claims=())], path, format="jsonl")
    more = ("select", pool, "--model", "fast", "-n", 9, "-o", out, "--without")
    code, _, stderr = run(capsys, *more, rounds[0], "--unit", "sentence")
    assert (code, stderr.splitlines()[0]) == (
        0,
        f"1 sentence of 1 article selected from a pool of 1 article → {out}",
    )
    (left,) = read_gold(out)
    assert [one.text for one in left.sentences] == [TEXT[29:]]
    code, _, stderr = run(capsys, *more, *rounds, "--unit", "sentence")
    assert (code, stderr.splitlines()[0]) == (
        0,
        f"0 sentences of 0 articles selected from a pool of 1 article → {out}",
    )
    assert "0 articles selected from a pool of 0 articles" in run(capsys, *more, rounds[0])[2]


VERBS = ("import", "export", "adjudicate", "select")
ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("verb", VERBS)
def test_every_commands_help_ends_in_an_example(capsys: pytest.CaptureFixture[str], verb: str) -> None:
    code, stdout, _ = run(capsys, verb, "--help")
    assert code == 0
    assert stdout.splitlines()[-1].startswith(f"example: claimtag {verb}")


@pytest.mark.parametrize("verb", VERBS)
def test_every_command_stands_in_the_readme_and_in_the_docs(verb: str) -> None:
    for page in ("README.md", "docs/annotation.md"):
        assert f"claimtag {verb}" in (ROOT / page).read_text()


def test_the_formats_of_the_commands_and_of_the_docs_are_those_that_are_read_and_written() -> None:
    assert exchanging.FORMATS == FORMATS
    page = (ROOT / "docs" / "annotation.md").read_text()
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line.startswith("| `")
    ]
    lost = {row[0].strip("`"): row[-1] for row in rows if row[0].strip("`") in FORMATS}
    said = {
        name: ", ".join(f"{what} {number}" for what, number in LOST_ON_DEV.get(name, {}).items()) for name in FORMATS
    }
    assert lost == {name: words or "nothing" for name, words in said.items()}


def test_the_files_of_several_annotators_are_not_written_over_what_was_read(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for who in ("anna", "bob"):
        line = {"id": 1, "article": "x", "text": "Un mot.", "label": [[0, 7, "theme:drugs"]], "annotator": who}
        (tmp_path / f"gold.{who}.jsonl").write_text(json.dumps(line) + "\n")
    inputs = [tmp_path / f"gold.{who}.jsonl" for who in ("anna", "bob")]
    before = [path.read_text() for path in inputs]
    code, _, stderr = run(capsys, "import", "doccano", *inputs, "--out", tmp_path / "gold.jsonl")
    assert (code, "is read by this run" in stderr) == (2, True)
    assert [path.read_text() for path in inputs] == before


def test_who_annotated_can_say_what_was_asked(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    sheet, gold = tmp_path / "sheet.csv", tmp_path / "gold.jsonl"
    sheet.write_text("text,drugs,justice\nUn mot.,1,?\n")
    for more, left in (((), True), (("--asked", "justice"), False)):
        assert run(capsys, "import", "csv", sheet, "--out", gold, *more)[0] == 0
        (one,) = read_gold(gold)
        assert ("justice" in one.sentences[0].not_asked) == left
        assert "policing" in one.sentences[0].not_asked
    code, _, stderr = run(capsys, "import", "csv", sheet, "--out", gold, "--asked", "justise")
    assert (code, 'did you mean "justice"' in stderr) == (2, True)
