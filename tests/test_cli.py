"""The command line, as a person or a script meets it: what is printed, what is written, the exit code."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from command import run

TEXT = "La police a saisi trois kilos de cocaïne."


@pytest.fixture
def news(tmp_path: Path) -> Path:
    """Two good records, and between them a bad one."""
    path = tmp_path / "news.jsonl"
    lines = [{"id": "a", "text": TEXT, "date": "hier"}, {"id": "b", "body": TEXT}, {"id": "c", "text": TEXT}]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_tagging_writes_the_good_records_and_names_the_bad_one(
    capsys: pytest.CaptureFixture[str], news: Path, tmp_path: Path
) -> None:
    out = tmp_path / "tagged.jsonl"
    code, stdout, stderr = run(capsys, "tag", news, "--out", out)
    assert code == 1
    assert stdout == ""
    records = [json.loads(line) for line in out.read_text().splitlines()]
    assert [record["id"] for record in records] == ["a", "c"]
    assert [theme["label"] for theme in records[0]["sentences"][0]["themes"]] == ["policing", "drugs"]
    (reject,) = [json.loads(line) for line in Path(f"{out}.rejects.jsonl").read_text().splitlines()]
    assert (reject["file"], reject["line"], reject["id"]) == (str(news), 2, "b")
    assert reject["reason"] == 'no "text" field; fields here are "id", "body" (use --text-field body)'
    assert "2 articles tagged" in stderr
    assert "1 record rejected; all of them with their reasons: " in stderr
    assert "1 date not understood and left out" in stderr


def test_an_earlier_runs_rejects_do_not_linger(capsys: pytest.CaptureFixture[str], news: Path, tmp_path: Path) -> None:
    out = tmp_path / "tagged.jsonl"
    run(capsys, "tag", news, "--out", out)
    good = tmp_path / "good.jsonl"
    good.write_text(json.dumps({"text": TEXT}))
    assert run(capsys, "tag", good, "--out", out)[0] == 0
    assert not Path(f"{out}.rejects.jsonl").exists()


def test_a_warning_of_ours_is_one_line_without_a_place_in_the_code(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class CutWarning(UserWarning):
        __module__ = "claimtag.themes.transformer.tagger"

    def list_with_warnings() -> dict[tuple[str, str], Path]:
        warnings.simplefilter("always")  # the tests make errors of them
        warnings.warn("1 of 2 sentences is too long\x1b[2J", CutWarning, stacklevel=1)
        warnings.warn("from elsewhere", UserWarning, stacklevel=1)
        return {}

    monkeypatch.setattr("claimtag.scheme.shipped_schemes", list_with_warnings)
    with pytest.warns(UserWarning, match="from elsewhere") as others:
        _, _, stderr = run(capsys, "labels", "list")
    assert stderr == "warning: 1 of 2 sentences is too long\\u001b[2J\n"
    assert len(others) == 1


def test_standard_output_holds_the_records_alone(capsys: pytest.CaptureFixture[str], news: Path) -> None:
    code, stdout, stderr = run(capsys, "tag", news)
    assert code == 1
    assert [json.loads(line)["id"] for line in stdout.splitlines()] == ["a", "c"]
    assert f'rejected: {news}:2: no "text" field' in stderr


def test_the_format_follows_the_ending_or_the_option(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    article = tmp_path / "article.txt"
    article.write_text(TEXT)
    assert run(capsys, "tag", article, "--out", tmp_path / "t.csv")[0] == 0
    rows = list(csv.DictReader(io.StringIO((tmp_path / "t.csv").read_text(encoding="utf-8-sig"))))
    assert rows[0]["text"] == TEXT
    assert run(capsys, "tag", article, "--out", tmp_path / "t.html")[0] == 0
    assert "<!doctype html>" in (tmp_path / "t.html").read_text().lower()
    assert run(capsys, "tag", article, "--out", tmp_path / "t", "--format", "parquet")[0] == 0
    assert (tmp_path / "t").read_bytes()[:4] == b"PAR1"


def test_an_ending_that_says_nothing_is_asked_about(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, stderr = run(capsys, "tag", tmp_path, "--out", tmp_path / "tagged")
    assert code == 2
    assert 'which format shall "' in stderr
    assert "end it in .jsonl, " in stderr


def test_a_run_never_writes_over_what_it_reads(capsys: pytest.CaptureFixture[str], news: Path) -> None:
    before = news.read_bytes()
    code, _, stderr = run(capsys, "tag", news, "--out", news)
    assert code == 2
    assert f"{news} is read by this run, which would write to it too; give another --out" in stderr
    rejects = news.with_name("x.jsonl.rejects.jsonl")
    rejects.write_bytes(before)
    assert run(capsys, "tag", rejects, "--out", news.with_name("x.jsonl"))[0] == 2
    assert news.read_bytes() == rejects.read_bytes() == before


def test_an_output_inside_the_input_folder_is_refused(capsys: pytest.CaptureFixture[str], news: Path) -> None:
    code, _, stderr = run(capsys, "tag", news.parent, "--out", news.parent / "tagged.html")
    assert code == 2
    assert "where the next run would read it as an article; give an --out elsewhere" in stderr


def test_a_run_that_fails_keeps_the_rejects_of_the_one_before(
    capsys: pytest.CaptureFixture[str], news: Path, tmp_path: Path
) -> None:
    out = tmp_path / "t.jsonl"
    run(capsys, "tag", news, "--out", out)
    assert run(capsys, "tag", tmp_path / "nothing.jsonl", "--out", out)[0] == 2
    assert Path(f"{out}.rejects.jsonl").exists()


def test_an_output_that_cannot_be_written_is_a_message(
    capsys: pytest.CaptureFixture[str], news: Path, tmp_path: Path
) -> None:
    for out in (news / "x.jsonl", tmp_path / f"{'x' * 250}.jsonl"):
        code, _, stderr = run(capsys, "tag", news, "--out", out)
        assert code in (1, 2)
        assert "claimtag tag: " in stderr


def test_a_terminal_without_accents_still_gets_the_rest() -> None:
    command = [sys.executable, "-m", "claimtag", "labels", "show", "security-cooperation", "--lang", "fr"]
    done = subprocess.run(command, capture_output=True, env={**os.environ, "PYTHONIOENCODING": "ascii"}, check=True)
    assert b"Sahara occidental" in done.stdout


def test_explaining_goes_on_after_a_bad_record_and_says_when_nothing_fits(
    capsys: pytest.CaptureFixture[str], news: Path
) -> None:
    code, stdout, stderr = run(capsys, "explain", news, "--theme", "drugs")
    assert code == 1
    assert stdout.count(TEXT) == 2
    assert 'no "text" field' in stderr
    code, stdout, stderr = run(capsys, "explain", news, "--theme", "drugs", "--article", "nosuch")
    assert (code, stdout) == (1, "")
    assert 'no sentence in article "nosuch" has a score of 0.0 or more for drugs' in stderr


def test_many_rejects_of_gold_are_counted_after_the_first_five(
    capsys: pytest.CaptureFixture[str], examples: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text("{broken\n" * 50)
    _, _, stderr = run(capsys, "evaluate", bad, "--model", "fast")
    assert stderr.count("broken JSON") == 5
    assert "more like these" in stderr


def test_training_refuses_its_folder_before_it_begins(
    capsys: pytest.CaptureFixture[str], examples: Path, news: Path
) -> None:
    code, stdout, stderr = run(capsys, "train", examples / "train.jsonl", "--out", news)
    assert (code, stdout) == (2, "")
    assert "there is something else than a bundle here; give a new or empty folder" in stderr


def test_an_input_that_is_not_there_is_wrong_usage(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, stderr = run(capsys, "tag", tmp_path / "nothing.jsonl")
    assert code == 2
    assert stderr == f"claimtag tag: '{tmp_path}/nothing.jsonl': no such file or folder\n"


def test_a_model_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str], news: Path) -> None:
    code, _, stderr = run(capsys, "tag", news, "--model", "fats")
    assert code == 1
    assert 'no model "fats" (did you mean "fast"?)' in stderr


def test_the_wrong_encoding_is_rejected_and_the_right_one_taken(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    article = tmp_path / "old.txt"
    article.write_bytes("Le préfet a été limogé.".encode("cp1252"))
    code, stdout, stderr = run(capsys, "tag", article)
    assert (code, stdout) == (1, "")
    assert "old.txt: not UTF-8 at byte 5; " in stderr
    assert "--encoding cp1252" in stderr
    code, stdout, _ = run(capsys, "tag", article, "--encoding", "cp1252")
    assert code == 0
    assert json.loads(stdout)["text"] == "Le préfet a été limogé."


def test_field_names_are_selectable(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    table = tmp_path / "news.csv"
    table.write_text(f"numéro;corps;jour\n7;{TEXT};1er mars 2024\n")
    fields = ("--text-field", "corps", "--id-field", "numéro", "--date-field", "jour")
    code, stdout, _ = run(capsys, "tag", table, *fields)
    record = json.loads(stdout)
    assert (code, record["id"], record["text"], record["date"]) == (0, "7", TEXT, "2024-03-01")


def test_the_table_of_what_was_found_can_be_silenced(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    article = tmp_path / "article.txt"
    article.write_text(TEXT)
    _, _, stderr = run(capsys, "tag", article, "--out", tmp_path / "t.jsonl")
    assert "theme     sentences  articles  to review" in stderr
    assert "Drugs             1         1" in stderr
    _, _, stderr = run(capsys, "tag", article, "--out", tmp_path / "t.jsonl", "--quiet")
    assert "Drugs" not in stderr


def test_explaining_shows_the_words_that_weighed_most(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    article = tmp_path / "article.txt"
    article.write_text(TEXT)
    code, stdout, _ = run(capsys, "explain", article, "--theme", "drugs", "--words", "3")
    sentence, *words = stdout.splitlines()
    assert code == 0
    assert sentence.endswith(TEXT)
    assert len(words) == 3
    assert any("coca" in word for word in words)


def test_training_then_tagging_with_what_was_trained(
    capsys: pytest.CaptureFixture[str], examples: Path, tmp_path: Path
) -> None:
    gold = tmp_path / "gold.jsonl"
    gold.write_text("".join((examples / "train.jsonl").read_text().splitlines(keepends=True)[:8]) + "{broken\n")
    code, stdout, stderr = run(capsys, "train", gold, "--out", tmp_path / "mine", "--folds", "2")
    assert code == 1
    assert "out of fold on the training data: micro-F1 0." in stdout
    assert "gold.jsonl:9: broken JSON" in stderr
    assert "8 articles learned; the bundle and its card lie in " in stderr
    article = tmp_path / "article.txt"
    article.write_text(TEXT)
    code, stdout, _ = run(capsys, "tag", article, "--model", tmp_path / "mine")
    assert (code, json.loads(stdout)["by"].split("@")[0]) == (0, "mine")


def test_evaluating_predictions_equals_evaluating_the_model(
    capsys: pytest.CaptureFixture[str], examples: Path, tmp_path: Path
) -> None:
    gold = examples / "test.jsonl"
    run(capsys, "tag", gold, "--out", tmp_path / "t.jsonl")
    _, from_model, _ = run(capsys, "evaluate", gold, "--model", "default", "--json")
    _, from_file, _ = run(capsys, "evaluate", gold, "--predictions", tmp_path / "t.jsonl", "--json")
    assert json.loads(from_model) == json.loads(from_file)
    _, table, _ = run(capsys, "evaluate", gold, "--predictions", tmp_path / "t.jsonl")
    assert "western_sahara" in table


def test_gold_evaluated_against_itself_is_perfect(capsys: pytest.CaptureFixture[str], examples: Path) -> None:
    gold = examples / "test.jsonl"
    _, stdout, _ = run(capsys, "evaluate", gold, "--predictions", gold, "--json")
    figures = json.loads(stdout)
    assert figures["figures"]["macro_f1"]["value"] == figures["figures"]["sentence_f1"]["value"] == 1


def test_schemes_are_listed_shown_and_checked(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "security-cooperation@1.0.0  18 themes in 5 groups" in run(capsys, "labels", "list")[1]
    assert "`western_sahara`" in run(capsys, "labels", "show", "security-cooperation")[1]
    assert json.loads(run(capsys, "labels", "show", "security-cooperation", "--json")[1])["version"] == "1.0.0"
    bad = tmp_path / "bad.toml"
    bad.write_text(
        'name = "bad"\nversion = "1"\ntitle = {}\ndescription = ""\nlanguage = "fr"\ngroups = []\nthemes = []\n'
    )
    code, _, stderr = run(capsys, "labels", "check", bad)
    assert code == 1
    assert "bad.toml: 3 problems:" in stderr
    assert "version: '1' must be three numbers, such as 1.0.0" in stderr


def test_no_command_prints_the_help_and_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ((), ("labels",)):
        code, stdout, _ = run(capsys, *arguments)
        assert code == 2
        assert "usage: claimtag" in stdout


def commands() -> list[tuple[str, ...]]:
    return [
        ("tag",),
        ("train",),
        ("explain",),
        ("evaluate",),
        ("labels", "list"),
        ("labels", "show"),
        ("labels", "check"),
    ]


@pytest.mark.parametrize("command", commands())
def test_every_commands_help_ends_in_an_example(capsys: pytest.CaptureFixture[str], command: tuple[str, ...]) -> None:
    code, stdout, _ = run(capsys, *command, "--help")
    assert code == 0
    assert stdout.splitlines()[-1].startswith(f"example: claimtag {' '.join(command)}")


@pytest.mark.parametrize("command", commands())
def test_every_command_stands_in_the_readme(command: tuple[str, ...]) -> None:
    readme = (Path(__file__).parent.parent / "README.md").read_text()
    assert f"claimtag {' '.join(command)}" in readme


def test_an_interrupted_run_leaves_no_output_and_exits_130(
    capsys: pytest.CaptureFixture[str], news: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("claimtag.tagging.Tagger.tag", interrupted)
    code, _, stderr = run(capsys, "tag", news, "--out", tmp_path / "t.jsonl")
    assert code == 130
    assert stderr.endswith("interrupted\n")
    assert not (tmp_path / "t.jsonl").exists()


def test_a_reader_that_has_enough_is_no_error(tmp_path: Path) -> None:
    news = tmp_path / "news.jsonl"
    news.write_text("".join(json.dumps({"text": f"{TEXT} {n}"}) + "\n" for n in range(3000)))
    command = f'"{sys.executable}" -m claimtag tag "{news}" | head -n 1'
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=120)
    assert json.loads(done.stdout)["text"] == f"{TEXT} 0"
    assert "Error" not in done.stderr


def seconds(*arguments: str) -> float:
    """The least of three runs of the interpreter, in a fresh process each, less its bare start."""
    import time

    def once(*more: str) -> float:
        began = time.perf_counter()
        subprocess.run([sys.executable, *more], check=True, capture_output=True)
        return time.perf_counter() - began

    return min(once(*arguments) for _ in range(3)) - min(once("-c", "pass") for _ in range(3))


def test_importing_and_asking_for_help_are_quick() -> None:
    assert seconds("-c", "import claimtag") < 0.3
    assert seconds("-m", "claimtag", "--help") < 0.5


def test_importing_changes_nothing_in_the_process() -> None:
    code = """
import logging, os, random, sys, warnings
before = (dict(os.environ), warnings.filters[:], logging.root.level, logging.root.handlers[:], random.getstate())
import claimtag
assert (dict(os.environ), warnings.filters[:], logging.root.level, logging.root.handlers[:], random.getstate()) == before
heavy = {"numpy", "sklearn", "torch", "pyarrow", "datasets", "pydantic"} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", code], check=True)
