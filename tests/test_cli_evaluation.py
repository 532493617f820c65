"""The commands about how good things are, as a person or a script meets them: tables, JSON, messages, exit codes."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_cli import run

from claimtag import cli, read_gold
from claimtag.records import TaggedArticle

ROOT = Path(__file__).parent.parent


def write_gold(path: Path, gold: list[TaggedArticle], **changes: Any) -> Path:
    path.write_text("".join(json.dumps(tagged.to_dict() | changes) + "\n" for tagged in gold))
    return path


@pytest.fixture(scope="module")
def articles(examples: Path) -> list[TaggedArticle]:
    return list(read_gold(examples / "test.jsonl"))[:18:3]


@pytest.fixture
def gold(tmp_path: Path, articles: list[TaggedArticle]) -> Path:
    return write_gold(tmp_path / "gold.jsonl", articles)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, examples: Path) -> Path:
    """The folder of two runs, made by the command itself."""
    project = tmp_path_factory.mktemp("project")
    (project / "experiments").mkdir()
    for name in ("train", "test"):
        write_gold(project / f"{name}.jsonl", list(read_gold(examples / f"{name}.jsonl"))[:36:3])
    (project / "experiments" / "few.toml").write_text(
        'description = "Few."\ntuning_folds = 2\nmetrics = ["themes"]\n[data]\ntrain = ["train.jsonl"]\ntest = ["test.jsonl"]\n'
        '[[models]]\nname = "keywords"\nkind = "keywords"\n[[models]]\nname = "majority"\nkind = "majority"\n'
    )
    assert cli.main(["experiment", str(project / "experiments" / "few.toml")]) == 0
    return project / "experiments" / "results" / "few"


# evaluate


def test_evaluating_prints_intervals_and_writes_them_as_json(capsys: pytest.CaptureFixture[str], gold: Path) -> None:
    code, table, _ = run(capsys, "evaluate", gold, "--predictions", gold)
    assert code == 0
    assert "macro-F1 1.000 [1.000, 1.000] over " in table
    assert "sentence carries a claim, F1: 1.000 [1.000, 1.000]" in table
    figures = json.loads(run(capsys, "evaluate", gold, "--predictions", gold, "--json")[1])
    assert figures["figures"]["micro_f1"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert figures["claims"]["claim_f1"]["value"] == 1
    tiers = {label: (figure["support"], figure["tier"]) for label, figure in figures["labels"].items()}
    assert {tier for support, tier in tiers.values() if 20 <= support < 50} == {"B"}  # all right, but on few sentences
    assert all(
        next(line for line in table.splitlines() if line.startswith(f"{label} ")).endswith(f"  {tier}")
        for label, (_, tier) in tiers.items()
    )


def test_a_theme_without_gold_sentences_is_not_defined_and_says_why(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, articles: list[TaggedArticle]
) -> None:
    few = write_gold(tmp_path / "few.jsonl", [one for one in articles if "drugs" not in one.themes])
    _, stdout, _ = run(capsys, "evaluate", few, "--predictions", few, "--json")
    drugs = json.loads(stdout)["labels"]["drugs"]
    assert drugs["f1"] == {"value": None, "low": None, "high": None, "reason": "no gold sentence carries it"}
    assert drugs["support"] == 0
    assert "drugs" in (table := run(capsys, "evaluate", few, "--predictions", few)[1])
    assert next(line for line in table.splitlines() if line.startswith("drugs ")).split()[1:] == [
        "–",
        "–",
        "–",
        "0",
        "C",
    ]


def test_articles_that_one_side_lacks_are_named(
    capsys: pytest.CaptureFixture[str], gold: Path, tmp_path: Path, articles: list[TaggedArticle]
) -> None:
    fewer = write_gold(tmp_path / "fewer.jsonl", articles[2:])
    for sides, side in (((gold, fewer), "predicted"), ((fewer, gold), "gold")):
        code, stdout, stderr = run(capsys, "evaluate", sides[0], "--predictions", sides[1])
        assert (code, stdout) == (2, "")
        first, second = (one.article.id for one in articles[:2])
        assert f"2 of 6 article(s) are missing on the {side} side: '{first}', '{second}'; " in stderr


def test_other_texts_are_named(
    capsys: pytest.CaptureFixture[str], gold: Path, tmp_path: Path, articles: list[TaggedArticle]
) -> None:
    records = [tagged.to_dict() for tagged in articles]
    records[0]["text"] += " Suite."
    other = tmp_path / "other.jsonl"
    other.write_text("".join(json.dumps(record) + "\n" for record in records))
    code, _, stderr = run(capsys, "evaluate", gold, "--predictions", other)
    assert code == 2
    assert "gold and predicted have different texts of 1 article(s), so that offsets do not compare: " in stderr
    assert articles[0].article.id in stderr


def test_labels_of_another_scheme_are_named_with_the_nearest_one(
    capsys: pytest.CaptureFixture[str], gold: Path, tmp_path: Path, articles: list[TaggedArticle]
) -> None:
    text = gold.read_text().replace('"western_sahara"', '"western_saharas"')
    (tmp_path / "other.jsonl").write_text(text)
    code, _, stderr = run(capsys, "evaluate", gold, "--predictions", tmp_path / "other.jsonl")
    assert code == 2
    assert 'the predicted articles carry the theme "western_saharas"' in stderr
    assert '(did you mean "western_sahara"?)' in stderr


def test_gold_under_another_scheme_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, articles: list[TaggedArticle]
) -> None:
    other = write_gold(tmp_path / "other.jsonl", articles, scheme={"name": "weather", "version": "1.0.0"})
    for command in (("evaluate", other, "--model", "fast"), ("agree", other, other)):
        code, stdout, stderr = run(capsys, *command)
        assert (code, stdout) == (1, "")
        assert "is annotated under the label scheme weather 1.0.0, not security-cooperation 1.0.0; figures" in stderr
    near = write_gold(tmp_path / "near.jsonl", articles, scheme={"name": "security-coperation", "version": "1.0.0"})
    _, _, stderr = run(capsys, "evaluate", near, "--model", "fast")
    assert 'coperation 1.0.0, not security-cooperation 1.0.0 (did you mean "security-cooperation"?); figures' in stderr


def test_an_empty_test_set_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text("")
    code, _, stderr = run(capsys, "evaluate", empty, "--model", "fast")
    assert code == 2
    assert "there are no gold articles, so nothing can be measured; give annotated articles" in stderr


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [(0, 12, "overlaps the one before it"), (10**6, 10**6 + 12, "lies outside the text of ")],
)
def test_sentences_that_overlap_or_lie_outside_the_text_are_rejected_with_their_line(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    articles: list[TaggedArticle],
    start: int,
    end: int,
    message: str,
) -> None:
    record = articles[0].to_dict() | {"claims": []}
    text = record["text"][start:end] or "x" * (end - start)
    record["sentences"][-1] |= {"start": start, "end": end, "text": text}
    bad = tmp_path / "bad.jsonl"
    bad.write_text(json.dumps(record) + "\n" + json.dumps(articles[1].to_dict()) + "\n")
    code, stdout, stderr = run(capsys, "evaluate", bad, "--model", "fast", "--json")
    assert code == 1
    assert json.loads(stdout)["articles"] == 1
    assert f"rejected: {bad}:1: " in stderr
    assert message in stderr


def test_predictions_without_claims_have_found_none_of_them(
    capsys: pytest.CaptureFixture[str], gold: Path, tmp_path: Path, articles: list[TaggedArticle]
) -> None:
    bare = write_gold(tmp_path / "bare.jsonl", articles, claims=[])
    figures = json.loads(run(capsys, "evaluate", gold, "--predictions", bare, "--json")[1])["claims"]
    assert figures["claim_recall"] == figures["claim_f1"] == {"value": 0.0, "low": 0.0, "high": 0.0}
    assert figures["claim_precision"]["reason"] == "there are no predicted claims"
    table = run(capsys, "evaluate", gold, "--predictions", bare)[1]
    assert "claim, F1 (IoU ≥ 0.5): 0.000 [0.000, 0.000]" in table
    assert "type right, of matched claims: not defined (no claims were matched)" in table
    assert "claims" in run(capsys, "evaluate", bare, "--predictions", gold)[1]


def test_a_dash_in_a_table_says_why(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, articles: list[TaggedArticle]
) -> None:
    few = write_gold(tmp_path / "few.jsonl", [one for one in articles if "drugs" not in one.themes])
    for command, reason in (("evaluate", "no gold sentence carries it"), ("agree", "neither annotator uses it")):
        sides = (few, "--predictions", few) if command == "evaluate" else (few, few)
        table = run(capsys, command, *sides)[1]
        assert "drugs" in next(line for line in table.splitlines() if line.startswith(f"–  {reason}: "))


# agree


def test_agreement_on_the_shared_data_is_what_its_readme_says(
    capsys: pytest.CaptureFixture[str], shared_data: Path
) -> None:
    paths = (shared_data / "dev.jsonl", shared_data / "dev.second.jsonl")
    code, stdout, _ = run(capsys, "agree", *paths, "--json")
    figures = json.loads(stdout)
    assert code == 0
    assert len(figures["macro_labels"]) == 15
    found = {
        "micro": figures["micro"],
        "macro": figures["macro"],
        **{name: figures["claims"][name] for name in ("bearing_f1", "claim_f1", "strict_f1", "source_f1")},
    }
    wanted = {
        "micro": 0.979, "macro": 0.974, "bearing_f1": 0.972, "claim_f1": 0.967, "strict_f1": 0.938, "source_f1": 0.968,
    }  # fmt: skip
    for name, value in wanted.items():
        assert found[name]["value"] == pytest.approx(value, abs=0.002), name
        assert found[name]["low"] < found[name]["value"] < found[name]["high"], name


def test_annotators_of_other_articles_are_told_apart_and_partly_compared(
    capsys: pytest.CaptureFixture[str], gold: Path, tmp_path: Path, articles: list[TaggedArticle]
) -> None:
    fewer = write_gold(tmp_path / "fewer.jsonl", articles[1:])
    code, stdout, stderr = run(capsys, "agree", gold, fewer)
    assert (code, stdout) == (2, "")
    assert f"only the first has '{articles[0].article.id}'. Compare the others with --partial" in stderr
    code, stdout, _ = run(capsys, "agree", gold, fewer, "--partial")
    assert code == 0
    assert f"left out, only the first has: {articles[0].article.id}" in stdout
    assert "micro-F1 1.000" in stdout


# experiment, compare, score


def test_an_experiment_runs_once_and_prints_its_pages(capsys: pytest.CaptureFixture[str], runs: Path) -> None:
    file = runs.parent.parent / "few.toml"
    code, stdout, stderr = run(capsys, "experiment", file)
    assert (code, stdout) == (0, "")
    assert stderr == "0 runs made, 2 done before, 0 failed\n"
    (file.parent / "RESULTS.md").unlink()
    code, stdout, _ = run(capsys, "experiment", file)
    assert (code, stdout) == (0, f"{file.parent / 'RESULTS.md'}\n")


def test_an_experiment_without_its_data_is_skipped_and_one_that_fails_is_exit_1(
    capsys: pytest.CaptureFixture[str], runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAIMTAG_DATA", "/nowhere")
    content = (runs.parent.parent / "few.toml").read_text()
    (tmp_path / "shared.toml").write_text(content.replace('"train.jsonl"', '"data:train.jsonl"'))
    code, _, stderr = run(capsys, "experiment", tmp_path / "shared.toml")
    assert code == 0
    assert stderr.startswith("shared skipped: train.jsonl not in /nowhere: CLAIMTAG_DATA must name the folder")
    (tmp_path / "shared.toml").write_text(content)
    code, _, stderr = run(capsys, "experiment", tmp_path / "shared.toml")
    assert code == 1
    assert "shared/keywords-s0 failed: " in stderr


def test_an_experiment_file_that_is_wrong_is_wrong_usage(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text("descripton = 1\n")
    code, _, stderr = run(capsys, "experiment", tmp_path / "x.toml")
    assert code == 2
    assert 'descripton: unknown key (did you mean "description"?)' in stderr


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_is_shown_on_a_terminal_only(
    capsys: pytest.CaptureFixture[str], runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, terminal: bool
) -> None:
    for name in ("train", "test"):
        (tmp_path / f"{name}.jsonl").write_text((runs.parents[2] / f"{name}.jsonl").read_text())
    (tmp_path / "x.toml").write_text((runs.parent.parent / "few.toml").read_text())
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    code, _, stderr = run(capsys, "experiment", tmp_path / "x.toml")
    assert code == 0
    assert ("x/keywords-s0: training on 12 articles" in stderr) == terminal


def test_comparing_two_runs_says_which_is_better(capsys: pytest.CaptureFixture[str], runs: Path) -> None:
    code, stdout, _ = run(capsys, "compare", runs / "keywords-s0", runs / "majority-s0")
    assert code == 0
    assert "a: few/keywords-s0\nb: few/majority-s0\n" in stdout
    assert next(line for line in stdout.splitlines() if line.startswith("micro-F1")).endswith("a is better")
    comparison = json.loads(run(capsys, "compare", runs / "keywords-s0", runs / "majority-s0", "--json")[1])
    assert comparison["micro"]["difference"]["low"] > 0


def test_comparing_what_is_no_run_names_the_runs_beside_it(capsys: pytest.CaptureFixture[str], runs: Path) -> None:
    code, _, stderr = run(capsys, "compare", runs, runs / "majority-s0")
    assert code == 2
    assert "not a run: it has no metrics.json; it holds the runs keywords-s0, majority-s0" in stderr


def test_scoring_a_run_anew_under_other_thresholds(
    capsys: pytest.CaptureFixture[str], runs: Path, tmp_path: Path
) -> None:
    own = json.loads(run(capsys, "score", runs / "keywords-s0", "--json")[1])
    stored = json.loads((runs / "keywords-s0" / "metrics.json").read_text())
    assert own["figures"]["macro_f1"]["value"] == pytest.approx(stored["figures"]["macro_f1"]["value"], abs=1e-6)
    recalls = {label: figures["recall"]["value"] for label, figures in stored["labels"].items()}
    missed = next(label for label, recall in recalls.items() if recall is not None and recall < 1)
    (tmp_path / "t.json").write_text(json.dumps({missed: 0.0}))
    for given in (f"{missed}=0", str(tmp_path / "t.json")):
        scored = json.loads(run(capsys, "score", runs / "keywords-s0", "--thresholds", given, "--json")[1])
        assert scored["labels"][missed]["recall"]["value"] == 1 > recalls[missed]
    code, stdout, _ = run(capsys, "score", runs / "keywords-s0", "--goal", "recall >= 0.9")
    assert code == 0
    assert "micro-F1 0." in stdout
    code, _, stderr = run(capsys, "score", runs / "keywords-s0", "--goal", "precison >= 0.9")
    assert code == 2
    assert '(did you mean "precision"?)' in stderr


def test_figures_of_a_run_that_shall_be_made_anew_come_with_a_note(
    capsys: pytest.CaptureFixture[str], runs: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(runs / "keywords-s0", folder)
    (folder / "stale").touch()
    _, _, stderr = run(capsys, "compare", folder, runs / "majority-s0")
    assert stderr == (
        f"{folder}: these are old figures: making the run anew failed or was interrupted; "
        "make it again with claimtag experiment\n"
    )


def test_runs_from_other_versions_are_told_of(
    capsys: pytest.CaptureFixture[str], runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("claimtag.experiments.running.other_versions", lambda _: "numpy 1.0 (here 2.0)")
    code, _, stderr = run(capsys, "experiment", runs.parent.parent / "few.toml")
    assert code == 0
    assert stderr.startswith(
        "2 runs stand from numpy 1.0 (here 2.0); remove their folders to make them anew: few/keywords-s0, few/majority-s0\n"
    )


# split, curve, perturb, suspects


def test_splitting_writes_the_split_and_its_parts(
    capsys: pytest.CaptureFixture[str], gold: Path, tmp_path: Path
) -> None:
    out, parts = tmp_path / "split.json", tmp_path / "parts"
    code, stdout, _ = run(capsys, "split", gold, "--out", out, "--shares", "train=0.5", "test=0.5", "--parts", parts)
    assert code == 0
    assert stdout.splitlines()[-1] == f"sha256 {json.loads(out.read_text())['sha256']}"
    sides = {part: {one.article.id for one in read_gold(parts / f"{part}.jsonl")} for part in ("train", "test")}
    assert not sides["train"] & sides["test"]
    assert len(sides["train"] | sides["test"]) == 6


@pytest.mark.parametrize("by", ["folds", "date", "source"])
def test_splitting_knows_other_ways(capsys: pytest.CaptureFixture[str], gold: Path, tmp_path: Path, by: str) -> None:
    shares = ("--folds", "2") if by == "folds" else ("--shares", "a=0.5", "b=0.5")
    code, stdout, _ = run(capsys, "split", gold, "--out", tmp_path / "s.json", "--by", by, *shares, "--json")
    assert code == 0
    assert len(json.loads(stdout)["articles"]) == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--shares", "train=most"), "'train=most': write shares as train=0.8 test=0.2"),
        (("--shares", "train=0.8", "test=0.4"), "the shares add up to 1.2, not to 1: train=0.8 test=0.4"),
        (("--shares", "train=0.5", "Train=0.5"), "the part 'Train' is given twice"),
        (("--shares", "train=1.5", "test=-0.5"), "each with a share above 0; given are: train 1.5, test -0.5"),
        (("--by", "folds", "--shares", "a=1"), "folds are of one size: give --folds, or --shares with another --by"),
        (("--folds", "3"), "--folds 3 goes with --by folds; parts by stratified take --shares"),
        (("--by", "folds", "--folds", "0"), "0 folds cannot be trained on and tested: at least 2 are needed"),
        (("--seed", "-1"), "a seed is a whole number from 0 on, not -1"),
    ],
)
def test_a_split_that_makes_no_sense_is_wrong_usage(
    capsys: pytest.CaptureFixture[str], gold: Path, tmp_path: Path, options: tuple[str, ...], message: str
) -> None:
    code, _, stderr = run(capsys, "split", gold, "--out", tmp_path / "s.json", *options)
    assert code == 2
    assert message in stderr


def test_a_split_is_of_gold_under_its_scheme(
    capsys: pytest.CaptureFixture[str], gold: Path, tmp_path: Path, articles: list[TaggedArticle]
) -> None:
    other = write_gold(tmp_path / "other.jsonl", articles, scheme={"name": "weather", "version": "1.0.0"})
    code, _, stderr = run(capsys, "split", other, "--out", tmp_path / "s.json")
    assert code == 1
    assert "of the gold is annotated under the label scheme weather 1.0.0, not security-cooperation 1.0.0" in stderr
    other.write_text(gold.read_text().replace('"western_sahara"', '"western_saharas"'))
    code, _, stderr = run(capsys, "split", other, "--out", tmp_path / "s.json")
    assert code == 2
    assert (
        'carries the theme "western_saharas", which is not one of the labels (did you mean "western_sahara"?)' in stderr
    )


def test_a_learning_curve_is_printed_and_a_leak_stops_it(
    capsys: pytest.CaptureFixture[str], gold: Path, examples: Path, tmp_path: Path
) -> None:
    learn = write_gold(tmp_path / "learn.jsonl", list(read_gold(examples / "train.jsonl"))[:36:6])
    options = ("--model", "keywords", "--shares", "0.5", "1", "--seeds", "2")
    code, stdout, _ = run(capsys, "curve", learn, "--test", gold, *options)
    assert code == 0
    assert [line.split()[0] for line in stdout.splitlines()[1:3]] == ["3", "6"]
    points = json.loads(run(capsys, "curve", learn, "--test", gold, *options, "--json")[1])
    assert [point["subsets"] for point in points] == [2, 1]
    code, _, stderr = run(capsys, "curve", gold, "--test", gold, *options)
    assert code == 1
    assert "the parts of the split share 6 articles" in stderr


def test_perturbing_prints_how_often_themes_changed_and_the_worst(
    capsys: pytest.CaptureFixture[str], gold: Path
) -> None:
    code, stdout, _ = run(capsys, "perturb", gold, "--kinds", "accents", "typos")
    assert code == 0
    assert [line.split()[0] for line in stdout.splitlines()[1:3]] == ["accents", "typos"]
    assert "worst: typos" in stdout
    kinds = json.loads(run(capsys, "perturb", gold, "--kinds", "accents", "--json")[1])
    assert kinds[0]["sentences"] > 0
    code, _, stderr = run(capsys, "perturb", gold, "--kinds", "accent")
    assert code == 2
    assert '(did you mean "accents"?)' in stderr


def test_suspects_are_listed_one_a_line(capsys: pytest.CaptureFixture[str], gold: Path) -> None:
    code, stdout, _ = run(capsys, "suspects", gold, "--model", "keywords", "--most", "3")
    assert code == 0
    found = [json.loads(line) for line in stdout.splitlines()]
    assert len(found) == 3
    assert {"article", "text", "label", "given", "score"} <= found[0].keys()


def test_suspects_in_a_table_are_refused_before_its_rows_are_rejected_one_by_one(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    table = tmp_path / "table.csv"
    table.write_text("text,label\n" + "Le port ferme.,sea\n" * 9)
    assert run(capsys, "suspects", table) == (
        2,
        "",
        f"claimtag suspects: {table} is a table; suspects are looked for in annotated articles, as claimtag tag writes them "
        "(.jsonl, .parquet)\n",
    )


@pytest.mark.parametrize("most", ["0", "-1", "few"])
def test_as_many_suspects_as_none_are_wrong_usage_before_anything_is_trained(
    capsys: pytest.CaptureFixture[str], gold: Path, most: str
) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["suspects", str(gold), "--most", most])
    assert left.value.code == 2
    assert f"argument --most: a whole number from 1 up, not '{most}'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (("perturb", "EMPTY", "--model", "fast"), "there are no articles to perturb; give some"),
        (("curve", "EMPTY", "--test", "GOLD"), "there are no gold sentences to learn from; give annotated articles"),
        (("curve", "TRAIN", "--test", "EMPTY", "--model", "keywords"), "there are no gold articles, so nothing can be"),
        (("agree", "EMPTY", "EMPTY"), "the annotators have no article in common: both sides are empty"),
    ],
)
def test_empty_input_is_refused_with_what_is_missing(
    capsys: pytest.CaptureFixture[str],
    gold: Path,
    examples: Path,
    tmp_path: Path,
    command: tuple[str, ...],
    message: str,
) -> None:
    (tmp_path / "empty.jsonl").write_text("")
    paths = {"EMPTY": tmp_path / "empty.jsonl", "GOLD": gold, "TRAIN": examples / "train.jsonl"}
    code, stdout, stderr = run(capsys, *(paths.get(word, word) for word in command))
    assert (code, stdout) == (2, "")
    assert f"claimtag {command[0]}: {message}" in stderr


# all commands


def commands(parser: argparse.ArgumentParser | None = None, *above: str) -> Iterator[tuple[str, ...]]:
    for action in (parser or cli._parser())._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, inner in action.choices.items():
                deeper = list(commands(inner, *above, name))
                yield from deeper or [(*above, name)]


def test_there_are_all_the_commands_that_the_docs_promise() -> None:
    assert {
        ("evaluate",), ("compare",), ("agree",), ("split",), ("curve",), ("perturb",), ("score",), ("experiment",),
    } <= set(commands())  # fmt: skip


@pytest.mark.parametrize("command", list(commands()))
def test_every_command_is_documented_and_its_help_ends_in_an_example(
    capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    assert any(f"claimtag {' '.join(command)}" in page.read_text() for page in pages)
    code, stdout, _ = run(capsys, *command, "--help")
    assert code == 0
    assert stdout.splitlines()[-1].startswith(f"example: claimtag {' '.join(command)}")


def test_a_split_never_writes_over_the_gold(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    gold = tmp_path / "train.jsonl"
    gold.write_bytes((ROOT / "examples" / "test.jsonl").read_bytes())
    before = gold.read_bytes()
    for arguments in (("--out", str(gold)), ("--out", str(tmp_path / "s.json"), "--parts", str(tmp_path))):
        assert cli.main(["split", str(gold), *arguments]) == 2
        assert "is read by this run, which would write to it too" in capsys.readouterr().err
    assert gold.read_bytes() == before


def test_a_part_is_never_written_outside_its_folder(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    gold = str(ROOT / "examples" / "test.jsonl")
    shares = ("--shares", "a=0.5", "../c=0.5", "--parts", str(tmp_path / "parts"))
    assert cli.main(["split", gold, "--out", str(tmp_path / "s.json"), *shares]) == 2
    assert "a part of a split is named by letters, digits and hyphens, not '../c'" in capsys.readouterr().err
    assert not (tmp_path / "c.jsonl").exists()
