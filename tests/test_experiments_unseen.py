"""Experiments on labels left out: thresholds of a label come from the others, and its average precision is shown."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from claimtag.errors import OptionError
from claimtag.experiments import load_experiment, run_experiments
from claimtag.experiments.leaderboards import board_of, results_markdown
from claimtag.themes.zeroshot import shared_deciding

FILE = """
description = "Labels left out."
unseen_labels = true
tuning_folds = 2
metrics = ["themes", "ranking"]
[data]
train = ["train.jsonl"]
[split]
folds = 2
[[models]]
name = "plain"
kind = "zeroshot"
options = { with_encoder = false, with_words = false }
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, examples: Path) -> Path:
    """An experiment that was run: forty articles in two folds."""
    pytest.importorskip("matplotlib", reason="the extra plots is not installed")
    place = tmp_path_factory.mktemp("left-out")
    lines = (examples / "train.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)[:40]
    (place / "train.jsonl").write_text("".join(lines), encoding="utf-8")
    (place / "left-out.toml").write_text(FILE, encoding="utf-8")
    report = run_experiments([place / "left-out.toml"])
    assert not report.failures
    return place


def test_thresholds_of_a_run_come_from_the_other_labels(folder: Path) -> None:
    run = folder / "results" / "left-out" / "plain-s0"
    for part, record in enumerate(json.loads((run / "thresholds.json").read_bytes())):
        with np.load(run / f"{part}-training.npz") as kept:
            deciding = shared_deciding(kept["scores"], kept["gold"], record["labels"])
        assert record["thresholds"] == pytest.approx(list(deciding.thresholds), abs=0.011)  # scores are kept rounded
        assert not any(record["calibrations"])


def test_the_page_shows_average_precision_beside_the_share_of_sentences(folder: Path) -> None:
    board = board_of(load_experiment(folder / "left-out.toml"), folder / "results")
    page = results_markdown([board], made_from="x")
    assert "| rank | model | average precision, mean | macro-F1 (" in page
    assert "| average precision | share of the sentences |" in page
    metrics = board.best.metrics
    share = metrics["labels"]["drugs"]["support"] / metrics["sentences"]
    assert any(line.startswith("| `drugs`") and f"| {share:.3f} |" in line for line in page.splitlines())


def test_a_calibration_of_a_labels_own_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(FILE + 'calibration = "platt"\n', encoding="utf-8")
    with pytest.raises(OptionError, match=r"models\[0\] \(plain\)\.calibration, unseen_labels: a label's calibration"):
        load_experiment(path)


def test_languages_stand_beside_one_another_where_the_test_has_several(tmp_path: Path, examples: Path) -> None:
    pytest.importorskip("matplotlib", reason="the extra plots is not installed")
    for name, source in (("train", "train"), ("nl", "languages/nl"), ("es", "languages/es")):
        lines = (examples / f"{source}.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)[:6]
        (tmp_path / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
    head = 'description = "Languages."\ntuning_folds = 2\nmetrics = ["themes", "slices"]\n[data]\ntrain = ["train.jsonl"]\n'
    model = '[[models]]\nname = "keywords"\nkind = "keywords"\n'
    (tmp_path / "speech.toml").write_text(f'{head}test = ["nl.jsonl", "es.jsonl"]\n{model}', encoding="utf-8")
    assert not run_experiments([tmp_path / "speech.toml"]).failures
    board = board_of(load_experiment(tmp_path / "speech.toml"), tmp_path / "results")
    page = results_markdown([board], made_from="x")
    assert "| language | sentences | `keywords`, micro-F1 | `keywords`, macro-F1 |" in page
    rows = [line.split(" | ")[:2] for line in page.splitlines() if line.startswith(("| es |", "| nl |"))]
    counted = {part["name"]: part["sentences"] for part in board.best.metrics["slices"] if part["facet"] == "language"}
    assert rows == [["| es", str(counted["es"])], ["| nl", str(counted["nl"])]]


def test_one_language_needs_no_table_of_its_own(folder: Path) -> None:
    assert "By language" not in (folder / "RESULTS.md").read_text(encoding="utf-8")
