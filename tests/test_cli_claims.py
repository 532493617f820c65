"""The command that lists claims, as a person or a script meets it: rows, linked data, messages, exit codes."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from test_cli import TEXT, run


def rows(content: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.removeprefix("\ufeff"), newline="")))


def claims_of(gold: Path) -> list[str]:
    records = [json.loads(line) for line in gold.read_text("utf-8").splitlines()]
    return [claim["content"]["text"] for record in records for claim in record["claims"]]


@pytest.fixture
def gold(examples: Path) -> Path:
    return examples / "test.jsonl"


def test_claims_of_tagged_articles_are_listed_one_a_row(
    capsys: pytest.CaptureFixture[str], gold: Path, tmp_path: Path
) -> None:
    out = tmp_path / "claims.csv"
    code, stdout, stderr = run(capsys, "claims", gold, "--tagged", "--csv", "--out", out)
    assert (code, stdout) == (0, "")
    assert out.read_bytes().startswith(b"\xef\xbb\xbfid,")
    said = [row["content"].removeprefix("'") for row in rows(out.read_bytes().decode())]
    assert said == claims_of(gold)
    assert stderr == f"{len(said)} claims in 20 articles → {out}\n"


def test_without_a_file_the_rows_go_to_standard_output(capsys: pytest.CaptureFixture[str], gold: Path) -> None:
    code, stdout, stderr = run(capsys, "claims", gold, "--tagged")
    assert (code, len(rows(stdout))) == (0, len(claims_of(gold)))
    assert stderr == f"{len(rows(stdout))} claims in 20 articles\n"


@pytest.mark.parametrize("options", [("--out", "claims.jsonld"), ("--format", "jsonld", "--out", "claims.json")])
def test_linked_data_by_ending_or_by_option(
    capsys: pytest.CaptureFixture[str],
    gold: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(capsys, "claims", gold, "--tagged", *options)[0] == 0
    graph = json.loads((tmp_path / options[-1]).read_text("utf-8"))["@graph"]
    assert [node["text"] for node in graph] == claims_of(gold)


def test_articles_are_tagged_first_and_what_cannot_be_read_is_rejected(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    news, out = tmp_path / "news.jsonl", tmp_path / "claims.csv"
    news.write_text(json.dumps({"corps": TEXT}) + "\n{broken\n")
    code, _, stderr = run(capsys, "claims", news, "--text-field", "corps", "--out", out)
    assert code == 1
    assert " in 1 article → " in stderr
    assert f"1 record rejected; all of them with their reasons: {out}.rejects.jsonl\n" in stderr
    assert out.read_bytes().startswith(b"\xef\xbb\xbfid,date,article_source,")


def test_tagged_input_is_not_taken_for_articles_that_are_not(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    news = tmp_path / "news.jsonl"
    news.write_text(json.dumps({"id": "a", "text": TEXT}) + "\n")
    code, _, stderr = run(capsys, "claims", news, "--tagged")
    assert code == 1
    assert "field 'sentences' is missing" in stderr


def test_csv_and_another_format_contradict_each_other(capsys: pytest.CaptureFixture[str], gold: Path) -> None:
    code, _, stderr = run(capsys, "claims", gold, "--csv", "--format", "jsonld")
    assert code == 2
    assert "not allowed with argument" in stderr


def test_tagging_writes_linked_data_and_the_page_its_tiers(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    article = tmp_path / "article.txt"
    article.write_text(TEXT)
    for name in ("t.jsonld", "t.html"):
        assert run(capsys, "tag", article, "--quiet", "--out", tmp_path / name)[0] == 0
    assert json.loads((tmp_path / "t.jsonld").read_text("utf-8"))["@context"] == "https://schema.org"
    page = (tmp_path / "t.html").read_text("utf-8")
    (data,) = (line for line in page.splitlines() if line.startswith('<script type="application/json" id="page">'))
    tiers = json.loads(data.removeprefix('<script type="application/json" id="page">').removesuffix("</script>"))[
        "tiers"
    ]
    assert len(tiers) == 18
    assert set(tiers.values()) <= {"A", "B", "C"}


def test_the_commands_help_ends_in_an_example_and_it_stands_in_the_readme(capsys: pytest.CaptureFixture[str]) -> None:
    code, stdout, _ = run(capsys, "claims", "--help")
    assert code == 0
    assert stdout.splitlines()[-1].startswith("example: claimtag claims ")
    assert "claimtag claims" in (Path(__file__).parent.parent / "README.md").read_text("utf-8")
