"""Experiments: files that say everything wrong at once, runs that are whole or absent, results that equal their figures."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LABELS, tagged_articles
from test_page import Browser, needs_browser

from claimtag import load_scheme, read_gold
from claimtag.errors import ClaimtagError, InputError, OptionError, OutputError, SchemeError
from claimtag.evaluation.comparing import compare
from claimtag.experiments import (
    StoredRun,
    load_experiment,
    material,
    measures,
    plots,
    read_run,
    run_experiments,
    running,
)
from claimtag.experiments.files import Experiment
from claimtag.experiments.keys import MEASURING, PREDICTING, code_hash, environment, file_hash
from claimtag.experiments.material import measured_on
from claimtag.experiments.measures import confusion, measure
from claimtag.experiments.pages import write_report
from claimtag.experiments.predictions import prediction_of, read_predictions, write_predictions
from claimtag.experiments.predictions import tagged_articles as with_texts
from claimtag.experiments.scoring import score_run
from claimtag.experiments.stored import VERSION, read_json, sealed
from claimtag.records import SchemeRef, TaggedArticle
from claimtag.splits import LeakageError, fold_articles, split_articles, write_split
from claimtag.themes import model_kind
from claimtag.themes.deciding import Deciding

ROOT = Path(__file__).parent.parent
SMALL = """
description = "A model on a few articles."
note = "Made up: <b>bold</b> | pipes."
tuning_folds = 2
[data]
train = ["train.jsonl"]
test = ["test.jsonl"]
second = ["second.jsonl"]
[[models]]
name = "keywords"
kind = "keywords"
"""
BRIEF = SMALL.replace("[data]", 'metrics = ["themes"]\n[data]')
MAJORITY = '[[models]]\nname = "majority"\nkind = "majority"\n'


def write_gold(path: Path, gold: list[TaggedArticle], **changes: Any) -> None:
    records = [tagged.to_dict() | changes for tagged in gold]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


@pytest.fixture(scope="session")
def gold(examples: Path) -> dict[str, list[TaggedArticle]]:
    return {
        "train": list(read_gold(examples / "train.jsonl"))[::4],
        "test": list(read_gold(examples / "test.jsonl"))[::4],
    }


@pytest.fixture
def project(tmp_path: Path, gold: dict[str, list[TaggedArticle]]) -> Path:
    return small_project(tmp_path, gold)


def small_project(folder: Path, gold: dict[str, list[TaggedArticle]]) -> Path:
    """A project with a few articles and one experiment, `small`."""
    (folder / "experiments").mkdir()
    for name, articles in (("train", gold["train"]), ("test", gold["test"]), ("second", gold["test"])):
        write_gold(folder / f"{name}.jsonl", articles)
    (folder / "experiments" / "small.toml").write_text(BRIEF)
    return folder


@pytest.fixture
def small(project: Path) -> Path:
    return project / "experiments" / "small.toml"


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory, gold: dict[str, list[TaggedArticle]]) -> Path:
    project = small_project(tmp_path_factory.mktemp("made"), gold)
    assert not run_experiments([project / "experiments" / "small.toml"]).failures
    return project


@pytest.fixture
def made(_made: Path, tmp_path: Path) -> Path:
    """The file of the experiment `small`, whose run stands."""
    shutil.copytree(_made, tmp_path, dirs_exist_ok=True)
    return tmp_path / "experiments" / "small.toml"


def results(file: Path) -> Path:
    return file.parent / "results" / file.stem


def only_failure(file: Path) -> ClaimtagError:
    failures = list(run_experiments([file]).failures.values())
    assert failures
    assert len({str(error) for error in failures}) == 1
    return failures[0]


def replace_in(file: Path, text: str, by: str) -> None:
    before = file.read_text()
    assert text in before
    file.write_text(before.replace(text, by))


# files


def problems(file: Path) -> list[str]:
    with pytest.raises(OptionError) as refusal:
        load_experiment(file)
    head, *lines = str(refusal.value).splitlines()
    assert head == f"{file}: {len(lines)} problem{'s' if len(lines) > 1 else ''}:"
    return [line.strip() for line in lines]


def test_unknown_and_missing_keys_and_wrong_types_are_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(
        'descripton = "x"\nseeds = ["1"]\n[data]\ntrain = ["a"]\ntset = []\n'
        '[[models]]\nname = "m"\nkind = "linear"\noptions = { C = [1] }\n'
    )
    assert problems(file) == [
        "description: missing",
        'data.tset: unknown key (did you mean "test"?)',
        "models[0].options.C: must be true or false, a number or a string",
        "seeds[0]: input should be a valid integer, got '1'",
        'descripton: unknown key (did you mean "description"?)',
    ]


def test_wrong_types_and_what_makes_no_sense_elsewhere_are_told_together(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(
        'seeds = "1"\ntuning_folds = 1\n[data]\ntrain = ["a"]\n[split]\nfolds = 1\n[[models]]\nname = "m"\nkind = "linaer"\n'
        '[[models]]\nname = 1\nkind = "keywords"\n'
    )
    assert problems(file) == [
        "description: missing",
        "models[1].name: input should be a valid string, got 1",
        "seeds: input should be a valid array, got '1'",
        "split.folds: at least 2, not 1",
        "tuning_folds: at least 2, not 1",
        'models[0] (m).kind: "linaer" is not one of linear, encoder, transformer, blend, keywords, zeroshot, majority (did you mean "linear"?)',
    ]
    for lines in ("models = 3", "data = 3\n[[models]]\nkind = 3", '[data]\ntrain = [3]\n[curve]\nmodel = "m"'):
        file.write_text(lines)
        assert all("'x'" not in problem and '"x"' not in problem for problem in problems(file))
    assert problems(file) == [
        "description: missing",
        "data.train[0]: input should be a valid string, got 3",
        "models: missing",
    ]


def test_a_second_annotators_file_goes_with_a_test_file(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_text(
        'description = "x"\n[data]\ntrain = ["a"]\nsecond = ["b"]\n[split]\nfolds = 2\n'
        '[[models]]\nname = "m"\nkind = "majority"\n'
    )
    (problem,) = problems(file)
    assert problem.startswith("data.second: holds the articles of data.test as another annotator read them")


def test_what_makes_no_sense_is_told_at_once_with_the_nearest_names(tmp_path: Path) -> None:
    file = tmp_path / "Bad name.toml"
    file.write_text(
        'description = " "\nseeds = [0, 0, -1]\nmetrics = ["themse"]\nrank_by = "marco"\ntuning_folds = 1\nclaims = true\n'
        '[data]\ntrain = []\n[split]\nfolds = 1\nseed = -2\n[curve]\nmodel = "n"\nshares = [2.0]\nseeds = 0\n'
        '[[models]]\nname = "M m"\nkind = "linaer"\n'
        '[[models]]\nname = "b"\nkind = "linear"\noptions = { letter = 3, C = -1, min_df = 0 }\ncalibration = "plat"\n'
        '[[models]]\nname = "b"\nkind = "majority"\noptions = { C = 1 }\n'
    )
    assert problems(file) == [
        "description: empty; say what the experiment is to find out",
        "data.train: names no file",
        "split.folds: at least 2, not 1",
        "split.seed: at least 0, not -2",
        "tuning_folds: at least 2, not 1",
        "seeds[1]: 0 stands twice",
        "seeds[2]: at least 0, not -1",
        'claims: are extracted, but not measured; add "claims" to metrics',
        'metrics[0]: "themse" is not one of themes, claims, segmentation, ranking, calibration, coverage, confusion, slices '
        '(did you mean "themes"?)',
        'rank_by: "marco" is not one of macro, micro (did you mean "macro"?)',
        "models[2]: 'b' stands twice",
        "models[0] (M m).name: 'M m' must be lower-case ASCII words joined by hyphens",
        'models[0] (M m).kind: "linaer" is not one of linear, encoder, transformer, blend, keywords, zeroshot, majority (did you mean "linear"?)',
        'models[1] (b).calibration: "plat" is not one of none, platt, isotonic (did you mean "platt"?)',
        'models[1] (b).options: models of kind "linear" have no option "letter" (did you mean "letters"?); '
        f"they have {', '.join(model_kind('linear').options)}",
        'models[1] (b).options: option "C" of kind "linear" takes a number above 0, not -1',
        'models[1] (b).options: option "min_df" of kind "linear" takes a whole number from 1 on, not 0',
        'models[2] (b).options: models of kind "majority" have no option "C"; they have none',
        'curve.model: "n" is not one of the models',
        "curve: needs a test file, not folds",
        "curve.shares: must lie above 0 and up to 1",
        "curve.seeds: at least 1, not 0",
        "the file's name: 'Bad name' must be lower-case ASCII words joined by hyphens",
    ]


@pytest.mark.parametrize("test", ["", 'test = ["b"]\n[split]\nfolds = 2\n'])
def test_either_a_test_file_or_folds_is_wanted(tmp_path: Path, test: str) -> None:
    file = tmp_path / "x.toml"
    file.write_text(f'description = "x"\n[data]\ntrain = ["a"]\n{test}[[models]]\nname = "m"\nkind = "majority"\n')
    (problem,) = problems(file)
    assert problem.startswith("data.test, split: give one of them, a test file or folds of the training data")


def test_a_file_that_is_not_toml_or_not_there_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    with pytest.raises(InputError, match=r"x\.toml: cannot be read: No such file"):
        load_experiment(file)
    file.write_text("a = ")
    with pytest.raises(InputError, match=r"x\.toml: not valid TOML: "):
        load_experiment(file)
    file.write_bytes(b"a = '\xe9'")
    with pytest.raises(InputError, match=r"x\.toml: not UTF-8 at byte 5; save it as UTF-8"):
        load_experiment(file)


def test_shared_data_lie_in_the_folder_that_the_variable_names(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = load_experiment(project / "experiments" / "small.toml")
    assert experiment.file("train.jsonl") == project / "train.jsonl"
    monkeypatch.setenv("CLAIMTAG_DATA", "elsewhere")
    assert experiment.file("data:dev.jsonl") == project / "elsewhere" / "dev.jsonl"
    monkeypatch.delenv("CLAIMTAG_DATA")
    assert experiment.file("data:dev.jsonl") == project / "../shared/data" / "dev.jsonl"


def test_the_committed_experiments_are_sound() -> None:
    names = [load_experiment(path).name for path in sorted((ROOT / "experiments").glob("*.toml"))]
    assert {
        "ablations",
        "ablations-own",
        "baselines",
        "baselines-folds",
        "claims",
        "examples",
        "examples-claims",
    } <= set(names)


# runs


def test_a_run_writes_everything_but_the_texts(small: Path, gold: dict[str, list[TaggedArticle]]) -> None:
    report = run_experiments([small])
    assert [outcome.run for outcome in report.made] == ["keywords-s0"]
    folder = results(small) / "keywords-s0"
    assert {path.name for path in folder.iterdir()} == {
        "run.json", "metrics.json", "counts.json", "split.json", "thresholds.json", "predictions.jsonl.gz",
        "0-training.npz", "report.html",
    }  # fmt: skip
    record = json.loads((folder / "run.json").read_text())
    assert record["config"]["model"] == {"name": "keywords", "kind": "keywords", "options": None, "calibration": None}
    assert record["data"]["test"]["articles"] == len(gold["test"])
    assert {"python", "numpy", "claimtag"} <= record["environment"].keys()
    written = gzip.decompress((folder / "predictions.jsonl.gz").read_bytes()).decode()
    written += "".join(path.read_text() for path in folder.iterdir() if path.suffix in (".json", ".html"))
    sentences = [sentence.text for tagged in gold["test"] for sentence in tagged.sentences if len(sentence.text) > 20]
    assert sentences
    assert not [text for text in sentences if json.dumps(text)[1:-1] in written or text in written]
    assert not list(results(small).glob(".*"))


def test_what_is_done_is_not_repeated(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {path: path.stat().st_mtime_ns for path in made.parent.rglob("*") if path.is_file()}
    monkeypatch.setattr(running, "train", None)
    report = run_experiments([made])
    assert (report.made, report.failures, report.pages) == ([], {}, ())
    assert {path: path.stat().st_mtime_ns for path in made.parent.rglob("*") if path.is_file()} == before


def test_a_changed_option_or_data_makes_a_run_stale_and_a_description_does_not(
    made: Path, gold: dict[str, list[TaggedArticle]]
) -> None:
    made.write_text(BRIEF.replace("A model", "One model"))
    assert run_experiments([made]).made == []
    made.write_text(BRIEF.replace("tuning_folds = 2", "tuning_folds = 3"))
    assert len(run_experiments([made]).made) == 1
    write_gold(made.parent.parent / "train.jsonl", gold["train"][1:])
    assert len(run_experiments([made]).made) == 1


def test_comments_and_docstrings_do_not_make_runs_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def hash_of(**files: str) -> str:
        for name, content in files.items():
            (tmp_path / "themes" / f"{name}.py").write_text(content)
        code_hash.cache_clear()
        return code_hash()

    (tmp_path / "themes").mkdir()
    (tmp_path / "experiments").mkdir()
    (tmp_path / "evaluation").mkdir()
    for name in {*PREDICTING, *MEASURING} - {"records", "themes"}:
        (tmp_path / f"{name}.py").parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.py").write_text("")
    (tmp_path / "records").mkdir()
    monkeypatch.setattr("claimtag.experiments.keys.__file__", str(tmp_path / "experiments" / "keys.py"))
    first = hash_of(a='"""Old."""\nx = 1\n')
    assert hash_of(a='"""New."""\nx = 1  # why\n') == first
    assert hash_of(a="x = 2\n") != first
    (tmp_path / "records" / "parts.py").write_text("x = 1\n")  # a module or a package, in any of its files
    assert hash_of(a="x = 1\n") != first
    (tmp_path / "claims").mkdir()
    code_hash.cache_clear()
    before = {claims: code_hash(claims=claims) for claims in (True, False)}
    (tmp_path / "claims" / "cues.py").write_text("x = 1\n")  # of what makes claims, other runs are independent
    code_hash.cache_clear()
    assert (code_hash() == before[True], code_hash(claims=False) == before[False]) == (False, True)
    monkeypatch.undo()
    code_hash.cache_clear()


def test_the_same_seed_gives_the_same_bytes(small: Path) -> None:
    run_experiments([small])
    names = ("metrics.json", "counts.json", "predictions.jsonl.gz", "report.html", "run.json")
    first = {name: (results(small) / "keywords-s0" / name).read_bytes() for name in names}
    shutil.rmtree(small.parent / "results")
    run_experiments([small])
    assert {name: (results(small) / "keywords-s0" / name).read_bytes() for name in names} == first


def test_no_socket_is_opened(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refused)
    monkeypatch.setattr(socket, "create_connection", refused)
    assert not run_experiments([small]).failures


@pytest.fixture
def folds(project: Path) -> Path:
    file = project / "experiments" / "folds.toml"
    file.write_text(
        'description = "Folds."\ntuning_folds = 2\nmetrics = ["themes"]\n[data]\ntrain = ["train.jsonl"]\n'
        '[split]\nfolds = 3\n[[models]]\nname = "words"\nkind = "keywords"\n'
    )
    return file


def test_folds_cover_every_article_once_and_each_seed_deals_them_anew(
    folds: Path, gold: dict[str, list[TaggedArticle]], monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds: list[int] = []
    monkeypatch.setattr(material, "fold_articles", lambda *a, **k: seeds.append(k["seed"]) or fold_articles(*a, **k))
    folds.write_text(
        folds.read_text().replace("[data]", "seeds = [0, 7]\n[data]").replace("folds = 3", "folds = 3\nseed = 2")
    )
    assert [outcome.run for outcome in run_experiments([folds]).made] == ["words-s0", "words-s7"]
    assert seeds == [2, 9]
    dealt = json.loads((results(folds) / "words-s0" / "split.json").read_text())["articles"]
    assert sorted(identity for fold in dealt.values() for identity in fold) == sorted(
        tagged.article.id for tagged in gold["train"]
    )
    _, predictions = read_predictions(results(folds) / "words-s0" / "predictions.jsonl.gz")
    assert {prediction.id: f"fold-{prediction.part + 1}" for prediction in predictions} == {
        identity: fold for fold, identities in dealt.items() for identity in identities
    }


def test_only_the_first_folds_are_measured_where_a_split_says_so(
    folds: Path, gold: dict[str, list[TaggedArticle]]
) -> None:
    replace_in(folds, "folds = 3", "folds = 5\nmeasured = 1")
    assert not run_experiments([folds]).failures
    folder = results(folds) / "words-s0"
    split = json.loads((folder / "split.json").read_text())
    assert list(split["articles"]) == [f"fold-{number}" for number in range(1, 6)]
    assert split["held"] == [split["articles"]["fold-1"]]
    assert set(json.loads((folder / "counts.json").read_text())["articles"]) == set(split["articles"]["fold-1"])
    with np.load(folder / "0-training.npz") as training:  # learned from all the others, measured or not
        outside = [tagged for tagged in gold["train"] if tagged.article.id not in split["articles"]["fold-1"]]
        kept = [one for tagged in outside for one in tagged.sentences if one.kind != "boilerplate"]
        assert len(training["gold"]) == len(kept)
    pages = folds.parent / "RESULTS.md"
    assert "Measured on the first one of 5 folds of train.jsonl: " in pages.read_text()
    score_run(read_run(folder))
    replace_in(folds, "measured = 1", "measured = 2")
    assert len(run_experiments([folds]).made) == 1
    assert json.loads((folder / "split.json").read_text())["held"] == [
        split["articles"][f"fold-{one}"] for one in (1, 2)
    ]
    assert "Measured on the first 2 of 5 folds of train.jsonl: " in pages.read_text()


def test_runs_on_all_folds_keep_the_keys_they_had_before_some_could_be_left_out(folds: Path) -> None:
    session = running.Session(load_experiment(folds))
    (_, model, seed) = next(session.experiment.runs())
    assert session._config(model, seed)["split"] == {"folds": 3, "seed": 0, "file": None, "test": "test"}


def test_a_killed_run_goes_on_and_gives_the_same_numbers(folds: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        "import sys, time; from claimtag.experiments import run_experiments, running\n"
        "train = running.train\n"
        "def slow(*a, **k):\n"
        "    if list(__import__('pathlib').Path(sys.argv[1]).parent.glob('results/*/.*/*/part-0')): time.sleep(60)\n"
        "    return train(*a, **k)\n"
        "running.train = slow\n"
        "run_experiments([sys.argv[1]])"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(folds)])
    deadline = time.monotonic() + 60
    while not list(results(folds).glob(".*/*/part-0")) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (results(folds) / "words-s0").exists()
    assert "RESULTS.md" not in [path.name for path in folds.parent.iterdir()]

    trained = []
    monkeypatch.setattr(running, "train", counting(running.train, trained))
    run_experiments([folds])
    resumed = (results(folds) / "words-s0" / "metrics.json").read_bytes()
    assert len(trained) == 2  # of three folds, the first stood
    assert [path.name for path in results(folds).iterdir()] == ["words-s0"]
    shutil.rmtree(results(folds))
    run_experiments([folds])
    assert (results(folds) / "words-s0" / "metrics.json").read_bytes() == resumed


def counting(function: Callable[..., Any], calls: list[object]) -> Callable[..., Any]:
    def counted(*args: object, **options: object) -> Any:
        calls.append(args)
        return function(*args, **options)

    return counted


def test_a_failed_write_fails_the_run_and_leaves_what_stood(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (results(made) / "keywords-s0" / "metrics.json").read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    made.write_text(BRIEF.replace("tuning_folds = 2", "tuning_folds = 3"))
    with monkeypatch.context() as patch:
        patch.setattr(running, "write_predictions", full)
        report = run_experiments([made])
    assert set(report.failures) == {"small/keywords-s0"}
    error = report.failures["small/keywords-s0"]
    assert isinstance(error, OutputError)
    folder = results(made) / "keywords-s0"
    assert str(error) == f"{folder}: the run cannot be written: No space left on device; nothing of it was kept"
    assert (folder / "metrics.json").read_bytes() == before
    assert not list(results(made).rglob("*.partial"))


def test_a_model_that_was_trained_and_is_damaged_is_trained_again(folds: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(measures, "measure", failing(InputError("stopped")))
        run_experiments([folds])
    (part,) = results(folds).glob(".*/*/part-1")
    (part / "predictions.jsonl.gz").write_bytes(b"\x1f\x8b damaged")
    trained: list[object] = []
    monkeypatch.setattr(running, "train", counting(running.train, trained))
    assert len(run_experiments([folds]).made) == len(trained) == 1


def failing(error: Exception) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> Any:
        raise error

    return fail


def test_a_run_that_is_not_whole_is_made_again(made: Path) -> None:
    folder = results(made) / "keywords-s0"
    before = (folder / "metrics.json").read_bytes()
    for damage in (
        lambda: (folder / "predictions.jsonl.gz").unlink(),  # as after a clone
        lambda: (folder / "metrics.json").write_text("{}"),
        lambda: (folder / "counts.json").write_text("{"),
        lambda: (folder / "run.json").write_text("[]"),
    ):
        damage()
        assert len(run_experiments([made]).made) == 1
        assert (folder / "metrics.json").read_bytes() == before
    score_run(read_run(folder))


def test_a_run_is_only_measured_anew_when_that_is_all_that_changed(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = results(made) / "keywords-s0"
    before = read_run(folder).metrics
    predictions = (folder / "predictions.jsonl.gz").read_bytes()
    monkeypatch.setattr(running, "train", None)
    monkeypatch.setattr(running, "environment", lambda: {"numpy": "of another machine"})
    made.write_text(BRIEF.replace('["themes"]', '["themes", "ranking"]'))
    assert len(run_experiments([made]).made) == 1
    after = read_run(folder)
    assert (folder / "predictions.jsonl.gz").read_bytes() == predictions
    assert after.metrics["figures"].keys() > before["figures"].keys()
    assert all(after.metrics["figures"][name] == figure for name, figure in before["figures"].items())
    assert after.record["environment"]["numpy"] == environment()["numpy"]  # where the predictions come from


def test_a_report_is_made_again_without_the_run(made: Path) -> None:
    (results(made) / "keywords-s0" / "report.html").unlink()
    (made.parent / "RESULTS.md").unlink()
    assert run_experiments([made]).made == []
    assert (results(made) / "keywords-s0" / "report.html").is_file()


def test_a_run_that_fails_is_left_out_of_the_results_until_it_is_made(
    made: Path, gold: dict[str, list[TaggedArticle]]
) -> None:
    page, folder = made.parent / "RESULTS.md", results(made) / "keywords-s0"
    assert "| 1 | `keywords` |" in page.read_text()
    made.write_text(BRIEF.replace("tuning_folds = 2", "tuning_folds = 3"))
    write_gold(made.parent.parent / "test.jsonl", [*gold["test"], gold["train"][0]])
    assert run_experiments([made]).failures
    failed = "Left out: `keywords-s0` (it failed, or was interrupted, when it was made anew).\n"
    assert failed in page.read_text()
    assert "| 1 | `keywords` |" not in page.read_text()
    assert "keywords-s0 (it failed" in (made.parent / "results" / "index.html").read_text()
    assert read_run(folder).is_stale
    write_gold(made.parent.parent / "test.jsonl", gold["test"])
    assert len(run_experiments([made]).made) == 1
    assert "| 1 | `keywords` |" in page.read_text()
    assert not read_run(folder).is_stale


def test_what_was_marked_for_a_change_that_was_taken_back_stands_again(
    made: Path, gold: dict[str, list[TaggedArticle]]
) -> None:
    (made.parent.parent / "test.jsonl").rename(made.parent.parent / "aside")
    assert "test.jsonl: cannot be read" in str(only_failure(made))
    (made.parent.parent / "aside").rename(made.parent.parent / "test.jsonl")
    assert run_experiments([made]).made == []
    assert "| 1 | `keywords` |" in (made.parent / "RESULTS.md").read_text()


def test_two_processes_do_not_make_the_same_experiment_and_a_dead_one_holds_nothing(small: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from claimtag.experiments.folders import alone_in\n"
        "with alone_in(Path(sys.argv[1])):\n    print('in', flush=True)\n    time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(results(small))], stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout as said:
        said.readline()
        report = run_experiments([small])
        assert {name: str(error) for name, error in report.failures.items()} == {
            "small": f"{results(small)}: another claimtag experiment is at work there; wait until it is done"
        }
        assert not report.pages
        assert not (small.parent / "RESULTS.md").exists()
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert len(run_experiments([small]).made) == 1


def test_what_killed_runs_left_is_cleared_away(small: Path) -> None:
    for left in (".keywords-s0.x1.partial", ".gone-s0.work/0123", ".keywords-s0.work/0123/.part-0.x2.partial"):
        (results(small) / left).mkdir(parents=True)
    run_experiments([small])
    assert [path.name for path in results(small).iterdir()] == ["keywords-s0"]
    (results(small) / ".keywords-s0.work" / "0123").mkdir(parents=True)  # killed when all was done but this
    assert run_experiments([small]).made == []
    assert [path.name for path in results(small).iterdir()] == ["keywords-s0"]


def test_runs_from_other_versions_stand_and_are_told_of(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "environment", lambda: environment() | {"numpy": "1.0"})
    run_experiments([small])
    report = run_experiments([small])
    (versions,) = report.by_other_versions
    assert re.fullmatch(r"numpy 1\.0 \(here [\d.]+\)", versions)
    assert report.by_other_versions[versions] == ["small/keywords-s0"]


def test_the_hash_of_a_folder_knows_where_its_files_lie(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "x").write_text("1")
    before = file_hash(tmp_path)
    (tmp_path / "a" / "x").rename(tmp_path / "b" / "x")
    assert file_hash(tmp_path) != before


def test_pages_that_cannot_be_written_hide_no_failure(
    small: Path, project: Path, gold: dict[str, list[TaggedArticle]]
) -> None:
    write_gold(project / "test.jsonl", [*gold["test"], gold["train"][0]])
    (small.parent / "RESULTS.md").mkdir(parents=True)
    report = run_experiments([small])
    assert list(report.failures) == ["small/keywords-s0", "the pages of experiments"]
    assert str(report.failures["the pages of experiments"]) == (
        f"{small.parent / 'RESULTS.md'}: cannot be written: Is a directory"
    )
    (small.parent / "RESULTS.md").rmdir()
    (small.parent / "other.toml").write_text("descripton = 1\n")
    assert "other.toml: " in str(run_experiments([small]).failures["the pages of experiments"])


# models and claims


def test_scores_are_not_calibrated_where_an_experiment_says_so(small: Path) -> None:
    small.write_text(BRIEF + 'calibration = "none"\n')
    assert not run_experiments([small]).failures
    (thresholds,) = json.loads((results(small) / "keywords-s0" / "thresholds.json").read_text())
    assert set(thresholds["calibrations"]) == {None}


@pytest.mark.parametrize("segmentation", ["automatic", "gold"])
def test_claims_are_learned_extracted_and_measured(small: Path, segmentation: str) -> None:
    claims = f'claims = true\nsegmentation = "{segmentation}"\nmetrics = ["claims"]\n[data]'
    small.write_text(SMALL.replace("[data]", claims))
    assert not run_experiments([small]).failures
    figures = read_run(results(small) / "keywords-s0").metrics["claims"]
    assert 0.1 < figures["claim_f1"]["value"] < 1
    page = (small.parent / "RESULTS.md").read_text()
    assert "| model |\n" in page  # nothing to rank by
    assert "|  | `keywords` | second annotator |\n" in page
    line = next(line for line in page.splitlines() if line.startswith("| claims (overlap 0.5), F1 |"))
    assert f"| {figures['claim_f1']['value']:.3f} [" in line
    assert line.endswith("| 1.000 [1.000, 1.000] |")
    assert "Claims by mode, `keywords`:" in page
    assert "<h3>Claims: keywords</h3>" in (small.parent / "results" / "index.html").read_text()


def test_claims_that_were_looked_for_and_not_found_are_missed(
    small: Path, gold: dict[str, list[TaggedArticle]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("claimtag.experiments.predictions.extract", lambda *_: ())
    small.write_text('claims = true\nsegmentation = "gold"\n' + BRIEF.replace('["themes"]', '["claims"]'))
    assert not run_experiments([small]).failures
    assert read_run(results(small) / "keywords-s0").metrics["claims"]["claim_recall"]["value"] == 0


def test_claims_are_asked_of_gold_that_carries_some(small: Path, gold: dict[str, list[TaggedArticle]]) -> None:
    small.write_text("claims = true\n" + BRIEF.replace('["themes"]', '["themes", "claims"]'))
    write_gold(small.parent.parent / "train.jsonl", gold["train"], claims=[])
    assert "small.toml: data.train carries no claims; leave `claims` out" in str(only_failure(small))


def test_articles_are_joined_in_pairs_to_be_measured_and_scored_anew(
    folds: Path, gold: dict[str, list[TaggedArticle]]
) -> None:
    folds.write_text("pairs = true\n" + folds.read_text())
    assert not run_experiments([folds]).failures
    folder = results(folds) / "words-s0"
    run, held = read_run(folder), json.loads((folder / "split.json").read_text())["held"]
    _, predictions = read_predictions(folder / "predictions.jsonl.gz")
    assert [one.id for one in predictions] == [
        " + ".join(ids[at : at + 2]) for ids in held for at in range(0, len(ids), 2)
    ]
    assert run.metrics["sentences"] == sum(
        sentence.kind != "boilerplate" for tagged in gold["train"] for sentence in tagged.sentences
    )
    assert "3 folds of train.jsonl, joined in pairs" in (folds.parent / "RESULTS.md").read_text()
    scored = score_run(run).figures["figures"]["micro_f1"]["value"]
    assert scored == pytest.approx(run.metrics["figures"]["micro_f1"]["value"], abs=1e-6)
    assert score_run(run, gold=gold["train"]).figures["figures"]["micro_f1"]["value"] == scored


def test_joined_articles_keep_their_sentences(gold: dict[str, list[TaggedArticle]]) -> None:
    one, other, last = gold["train"][:3]
    joined, alone = measured_on([one, other, last], [[one.article.id, other.article.id], [last.article.id]], pairs=True)
    assert [sentence.text for sentence in joined.sentences] == [
        sentence.text for tagged in (one, other) for sentence in tagged.sentences
    ]
    assert set(joined.themes) == {*one.themes, *other.themes}
    assert alone.article == last.article


def test_a_frozen_split_says_what_is_learned_from_and_measured_on(
    project: Path, gold: dict[str, list[TaggedArticle]]
) -> None:
    articles = gold["train"]
    frozen = split_articles(articles, shares={"train": 2, "dev": 1})
    write_split(frozen, project / "split.json")
    file = project / "experiments" / "frozen.toml"
    file.write_text(
        'description = "x"\ntuning_folds = 2\nmetrics = ["themes"]\n[data]\ntrain = ["train.jsonl"]\n'
        '[split]\nfile = "split.json"\ntest = "dev"\n[[models]]\nname = "words"\nkind = "keywords"\n'
    )
    assert not run_experiments([file]).failures
    counts = json.loads((results(file) / "words-s0" / "counts.json").read_text())
    assert set(counts["articles"]) == set(frozen.articles["dev"])
    assert 'Measured on the part "dev" of train.jsonl: ' in (file.parent / "RESULTS.md").read_text()
    score_run(read_run(results(file) / "words-s0"))
    file.write_text(file.read_text().replace('"dev"', '"dve"'))
    assert str(only_failure(file)).endswith(
        'split: split.json has no part "dve" (did you mean "dev"?); it has train, dev'
    )
    file.write_text(file.read_text().replace('"dve"', '"dev"'))
    write_split(fold_articles(articles, folds=2), project / "split.json")
    assert len(run_experiments([file]).made) == 1  # another split is another run
    assert read_run(results(file) / "words-s0").metrics["test_set"]["folds"] == 2
    write_gold(project / "train.jsonl", articles[1:])
    assert "the data are not those that were split: 1 article(s) are missing" in str(only_failure(file))


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("[split]\n", "split: give either folds, or the file of a split"),
        ('[split]\nfolds = 2\nfile = "x"\n', "split: give either folds, or the file of a split"),
        ('[split]\nfolds = 2\ntest = "dev"\n', "split.test: goes with the file of a split"),
        ('[split]\nfile = "x"\ntest = "train"\n', 'split.test: the part "train" is learned from; name another'),
        ("[split]\nfolds = 2\nmeasured = 0\n", "split.measured: from 1 to the number of folds, not 0"),
        ("[split]\nfolds = 2\nmeasured = 3\n", "split.measured: from 1 to the number of folds, not 3"),
        ('[split]\nfile = "x"\nmeasured = 1\n', "split.measured: from 1 to the number of folds, not 1"),
        (
            "pairs = true\nclaims = true\n[split]\nfolds = 2\n",
            "pairs, claims: articles joined in pairs are measured for their themes alone; leave one of them out",
        ),
    ],
)
def test_splits_and_pairs_that_contradict_themselves_are_told(tmp_path: Path, lines: str, problem: str) -> None:
    file = tmp_path / "x.toml"
    file.write_text(f'description = "x"\n{lines}[data]\ntrain = ["a"]\n[[models]]\nname = "m"\nkind = "majority"\n')
    assert problems(file) == [problem]


def test_the_ablations_change_one_thing_each() -> None:
    whole, *others = load_experiment(ROOT / "experiments" / "ablations.toml").contents.models
    assert (whole.kind, whole.options, whole.calibration) == ("linear", None, None)
    for model in others:
        assert model.kind == "linear"
        changed = len(model.options or {}) + (model.calibration is not None)
        assert changed == 1, model.name


# gates


def test_a_leak_fails_the_run_with_its_articles(small: Path, gold: dict[str, list[TaggedArticle]]) -> None:
    leaked = gold["train"][0]
    write_gold(small.parent.parent / "test.jsonl", [*gold["test"], leaked])
    error = only_failure(small)
    assert isinstance(error, LeakageError)
    assert f'article "{leaked.article.id}" stands in train and in test' in str(error)
    assert not list(small.parent.rglob("metrics.json"))


def test_gold_of_another_scheme_fails_the_run(small: Path, gold: dict[str, list[TaggedArticle]]) -> None:
    other = {"name": "security-cooperation", "version": "2.0.0", "sha256": None}
    write_gold(small.parent.parent / "test.jsonl", gold["test"], scheme=other)
    error = only_failure(small)
    assert isinstance(error, SchemeError)
    assert str(error) == (
        f'article "{gold["test"][0].article.id}" of data.test is annotated under the label scheme security-cooperation 2.0.0, '
        "not security-cooperation 1.0.0; figures under two codebooks do not compare"
    )


def test_an_article_that_the_second_annotator_lacks_fails_the_run(
    small: Path, gold: dict[str, list[TaggedArticle]], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_gold(small.parent.parent / "second.jsonl", gold["test"][1:])
    monkeypatch.setattr(running, "train", None)  # before any training
    second = small.parent.parent / "second.jsonl"
    assert str(only_failure(small)) == (
        f"{small}: data.second: {second}: not the articles of data.test: only the first has "
        f"{gold['test'][0].article.id!r} (first is data.test, second data.second)"
    )


def test_a_test_set_in_which_nothing_is_scored_fails_the_run(
    small: Path, gold: dict[str, list[TaggedArticle]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "train", None)
    for name in ("test", "second"):
        write_gold(small.parent.parent / f"{name}.jsonl", gold["test"], sentences=[], claims=[])
    assert str(only_failure(small)).startswith(f"{small}: no sentence is scored: the {len(gold['test'])} article(s) to")


def test_a_record_that_cannot_be_read_and_an_empty_test_set_fail_the_run(
    small: Path, gold: dict[str, list[TaggedArticle]]
) -> None:
    test = small.parent.parent / "test.jsonl"
    broken = gold["test"][0].to_dict()
    broken["sentences"][1]["start"] = broken["sentences"][0]["start"]
    test.write_text(json.dumps(broken) + "\n")
    assert f"{test}:1: " in str(only_failure(small))
    test.write_text("")
    assert "data.test holds no article, so there is nothing to measure" in str(only_failure(small))
    test.unlink()
    assert "test.jsonl: cannot be read: No such file or directory" in str(only_failure(small))


def test_one_failure_does_not_keep_other_experiments_from_running(
    small: Path, folds: Path, gold: dict[str, list[TaggedArticle]]
) -> None:
    write_gold(small.parent.parent / "test.jsonl", gold["train"][:1])
    report = run_experiments([small, folds])
    assert set(report.failures) == {"small/keywords-s0"}
    assert [outcome.run for outcome in report.made] == ["words-s0"]


def test_without_the_shared_data_an_experiment_is_skipped_and_says_why(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAIMTAG_DATA", "/nowhere")
    small.write_text(BRIEF.replace('"test.jsonl"', '"data:dev.jsonl"'))
    report = run_experiments([small])
    assert report.skipped == {
        "small": "dev.jsonl not in /nowhere: CLAIMTAG_DATA must name the folder of the shared data "
        '("data:" in the file); the results that are committed stand'
    }
    assert "Left out: `keywords-s0` (not run yet).\n" in (small.parent / "RESULTS.md").read_text()


# results


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, gold: dict[str, list[TaggedArticle]]) -> Path:
    """An experiment that was run: a linear model with a learning curve, its twin, keywords; a hostile annotator."""
    project = tmp_path_factory.mktemp("project")
    (project / "experiments").mkdir()
    for name, articles in (("train", gold["train"]), ("test", gold["test"]), ("second", gold["test"])):
        write_gold(project / f"{name}.jsonl", articles, by="<script>alert(1)</script>")
    file = project / "experiments" / "small.toml"
    models = "".join(
        f'[[models]]\nname = "{name}"\nkind = "linear"\noptions = {{ min_df = 1, context = false }}\n'
        for name in ("words", "twin")
    )
    file.write_text(
        SMALL.replace("[data]", '[curve]\nmodel = "words"\nshares = [0.5, 1.0]\nseeds = 2\n[data]') + MAJORITY + models
    )
    report = run_experiments([file])
    assert not report.failures
    return file


def test_the_leaderboard_groups_ties_and_shows_the_ceiling_and_the_note(finished: Path) -> None:
    text = (finished.parent / "RESULTS.md").read_text()
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| ")]
    ranks = {row[1]: row[0].removeprefix("| ") for row in rows if len(row) == 8}
    assert ranks["`words`"] == ranks["`twin`"]
    assert ranks["`majority`"] > ranks["`words`"]
    assert ranks["second annotator"] == ""
    assert "> Made up: &lt;b>bold&lt;/b> \\| pipes." in text
    metrics = read_run(results(finished) / "words-s0").metrics
    macro = metrics["figures"]["macro_f1"]
    assert f"| `words` | {macro['value']:.3f} [{macro['low']:.3f}, {macro['high']:.3f}] |" in text


def test_what_is_not_defined_says_why_below_its_table(finished: Path) -> None:
    text = (finished.parent / "RESULTS.md").read_text()
    labels = read_run(results(finished) / "words-s0").metrics["labels"]
    reasons = {
        one["reason"] for of in labels.values() for one in of.values() if isinstance(one, dict) and one["value"] is None
    }
    assert reasons
    note = next(line for line in text.splitlines() if line.startswith("Not defined: "))
    assert all(reason in note for reason in reasons)
    assert not re.search(r"–(?![¹²³⁴⁵⁶⁷⁸⁹])", text)


def test_every_number_of_the_report_is_that_of_metrics_json(finished: Path) -> None:
    folder = results(finished) / "words-s0"
    html, metrics = (folder / "report.html").read_text(), json.loads((folder / "metrics.json").read_text())
    cells = re.findall(r'<td[^>]* data-figure="([^"]+)"[^>]*>(.*?)</td>', html)
    assert len(cells) > 100
    for path, shown in cells:
        value: Any = metrics
        for step in path.split("."):
            value = value[int(step)] if isinstance(value, list) else value[step]
        plain = re.sub("<[^>]+>", "", shown)
        if not isinstance(value, dict):
            assert plain == str(value), path
        elif value["value"] is None:
            assert plain == "–", path
        else:
            ends = "" if value["low"] is None else f" [{value['low']:.3f}, {value['high']:.3f}]"
            assert plain == f"{value['value']:.3f}{ends}", path
    shown_paths = {path for path, _ in cells}
    assert {f"figures.{name}" for name in metrics["figures"]} <= shown_paths
    assert {f"labels.{label}.f1" for label in metrics["labels"]} <= shown_paths


def test_predicted_claims_are_measured_and_stand_in_the_report(
    finished: Path, tmp_path: Path, gold: dict[str, list[TaggedArticle]]
) -> None:
    labels = load_scheme("security-cooperation").labels
    deciding = Deciding(labels, (0.5,) * len(labels), (0.5,) * len(labels))
    sizes = [sum(sentence.kind != "boilerplate" for sentence in tagged.sentences) for tagged in gold["test"]]
    predictions = [
        prediction_of(tagged, np.zeros((size, len(labels)))) for tagged, size in zip(gold["test"], sizes, strict=True)
    ]
    scheme = load_scheme("security-cooperation").ref
    claims = measure(gold["test"], predictions, [deciding], scheme=scheme, by="x").figures["claims"]
    assert claims["strict_f1"]["value"] == claims["resolved_right"]["value"] == 1
    folder = tmp_path / "run"
    shutil.copytree(results(finished) / "words-s0", folder)
    metrics = json.loads((folder / "metrics.json").read_text())
    (folder / "metrics.json").write_text(json.dumps(metrics | {"claims": claims}))
    (folder / "report.html").unlink()
    (folder / "run.json").write_text(json.dumps(sealed(read_json(folder / "run.json"), folder)))
    write_report(folder)
    html = (folder / "report.html").read_text()
    assert 'data-figure="claims.strict_f1">1.000' in html
    assert 'data-figure="ceiling.claims.strict_f1">1.000' in html


@pytest.mark.parametrize("page", ["index.html", "small/words-s0/report.html"])
def test_pages_escape_what_they_are_given_and_run_nothing(finished: Path, page: str) -> None:
    html = (finished.parent / "results" / page).read_text()
    assert "<script" not in html
    assert "<b>bold" not in html
    assert "default-src 'none'; img-src data:; style-src 'sha256-" in html
    assert not re.findall(r"(?:src|href)=\"(?!data:image/svg|#|small/)[^\"]*", html)


@needs_browser
def test_pages_look_right_to_a_browser(finished: Path, tmp_path: Path) -> None:
    browser = Browser(tmp_path)
    try:
        for page, pictures in (("index.html", 5), ("small/words-s0/report.html", 5)):
            browser.open(finished.parent / "results" / page)
            browser.until("[...document.images].filter((i) => i.complete && i.naturalWidth > 200).length", pictures)
            assert browser.js("document.images.length") == pictures
            assert browser.js("getComputedStyle(document.querySelector('th')).textAlign") == "left"
            assert browser.js("document.documentElement.scrollWidth <= innerWidth")
            assert browser.problems() == []
            assert {address.split(":")[0] for address in browser.addresses()} <= {"about", "file", "data"}
    finally:
        browser.close()


def test_pages_are_made_again_from_the_committed_files_alone(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAIMTAG_DATA", "/nowhere")
    copy = tmp_path / "experiments"
    shutil.copytree(finished.parent, copy)
    before = (copy / "RESULTS.md").read_text()
    for path in copy.rglob("*"):
        if path.name in ("report.html", "index.html", "predictions.jsonl.gz", "RESULTS.md") or path.suffix == ".npz":
            path.unlink()
    (copy / "small.toml").write_text(finished.read_text().replace('"train.jsonl"', '"data:train.jsonl"'))
    report = run_experiments([copy / "small.toml"])
    assert list(report.skipped) == ["small"]
    without_hash = re.compile("<!--.*")
    assert without_hash.sub("", (copy / "RESULTS.md").read_text()) == without_hash.sub("", before)
    assert len(list(copy.rglob("report.html"))) == 4
    assert (copy / "results" / "index.html").is_file()


def test_the_learning_curve_ends_where_the_run_stands(finished: Path) -> None:
    metrics = read_run(results(finished) / "words-s0").metrics
    assert [point["subsets"] for point in metrics["curve"]] == [2, 1]
    last = metrics["curve"][-1]["figures"]["macro_f1"]
    assert last["mean"] == metrics["figures"]["macro_f1"]["value"]
    assert read_run(results(finished) / "twin-s0").metrics["curve"] is None


def test_plots_are_the_same_bytes_each_time_and_take_names_as_they_are(finished: Path) -> None:
    metrics = dict(read_run(results(finished) / "words-s0").metrics)
    named = [("a $x_1$ <&>", metrics), ("b", metrics)]
    assert plots.coverage_plot(named) == plots.coverage_plot(named)
    assert "a $x_1$ &lt;&amp;&gt;" in plots.coverage_plot(named)
    assert plots.label_plot(metrics) == plots.label_plot(metrics)


def test_the_models_kept_by_majority_are_the_floor(finished: Path) -> None:
    scores = {name: read_run(results(finished) / f"{name}-s0").metrics["figures"] for name in ("majority", "words")}
    assert scores["majority"]["micro_f1"]["value"] < scores["words"]["micro_f1"]["value"]
    assert scores["majority"]["micro_f1"]["value"] > 0


def test_two_runs_are_compared_and_a_run_with_itself_is_no_different(finished: Path) -> None:
    words, twin, majority = (
        read_run(results(finished) / f"{name}-s0").comparable() for name in ("words", "twin", "majority")
    )
    assert compare(words, twin).macro.p == 1
    assert compare(words, majority).micro.difference.low > 0


def test_runs_on_other_test_sets_are_not_compared(finished: Path, folds: Path) -> None:
    run_experiments([folds])
    other = read_run(results(folds) / "words-s0").comparable()
    with pytest.raises(OptionError, match="runs cannot be compared: test set"):
        compare(read_run(results(finished) / "words-s0").comparable(), other)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (
            lambda folder: shutil.rmtree(folder),
            "not a run: it has no metrics.json; claimtag experiment writes such folders",
        ),
        (lambda folder: (folder / "metrics.json").write_text("{"), "run: damaged; make it again"),
        (lambda folder: (folder / "metrics.json").write_text("{}"), "run: damaged: metrics.json not as written; make"),
        (
            lambda folder: replace_in(
                folder / "metrics.json", f'"metrics_version": "{VERSION}"', '"metrics_version": "1"'
            ),
            f"made by another version of claimtag: its figures are of version 1, not {VERSION}; make it again with",
        ),
        (lambda folder: (folder / "run.json").write_text("{}"), "damaged: run.json, metrics.json, counts.json, split"),
        (lambda folder: replace_in(folder / "run.json", '"claims": false', '"claims": 0'), "damaged: run.json not as"),
        (lambda folder: (folder / "counts.json").write_text("{}"), "damaged: counts.json not as written"),
        (lambda folder: (folder / "counts.json").unlink(), "damaged: counts.json not as written"),
    ],
)
def test_a_damaged_run_says_so(finished: Path, tmp_path: Path, damage: Callable[[Path], object], message: str) -> None:
    folder = tmp_path / "run"
    shutil.copytree(results(finished) / "words-s0", folder)
    damage(folder)
    with pytest.raises(InputError) as refusal:
        read_run(folder).comparable()
    assert message in str(refusal.value)


def test_a_folder_of_runs_names_them(finished: Path) -> None:
    with pytest.raises(
        InputError, match=r"not a run: it has no metrics\.json; it holds the runs keywords-s0, majority-s0"
    ):
        read_run(results(finished))


def test_a_damaged_run_is_left_out_of_the_pages(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAIMTAG_DATA", "/nowhere")
    copy = tmp_path / "experiments"
    shutil.copytree(finished.parent, copy)
    (copy / "small.toml").write_text(finished.read_text().replace('"train.jsonl"', '"data:train.jsonl"'))
    stored = copy / "results" / "small"
    (stored / "words-s0" / "metrics.json").write_text("{")
    for name in ("words-s0", "majority-s0"):
        (stored / name / "report.html").unlink()
    old = json.loads((stored / "majority-s0" / "metrics.json").read_text()) | {"metrics_version": "1"}
    del old["test_set"]["part"]
    (stored / "majority-s0" / "metrics.json").write_text(json.dumps(old))
    replace_in(stored / "keywords-s0" / "metrics.json", '"low"', '"Low"')
    report = run_experiments([copy / "small.toml"])
    assert not report.failures
    version = f"majority-s0 (made by another version of claimtag: its figures are of version 1, not {VERSION})"
    painted = "keywords-s0 (damaged: metrics.json not as written)"
    assert report.skipped["small"].endswith(f"committed stand, but for {painted}, {version}, words-s0 (damaged)")
    text = (copy / "RESULTS.md").read_text()
    left_out = "; ".join((painted, version, "words-s0 (damaged)"))
    assert f"Left out: {left_out}.\n" in text.replace("`", "")
    assert left_out in (copy / "results" / "index.html").read_text()
    assert "`twin`" in text


# scoring


def test_scoring_under_the_runs_own_thresholds_gives_the_runs_own_figures(finished: Path) -> None:
    run = read_run(results(finished) / "words-s0")
    scored = json.loads(json.dumps(score_run(run).figures))
    for name, estimate in run.metrics["figures"].items():
        assert scored["figures"][name]["value"] == pytest.approx(estimate["value"], abs=1e-6), name


def test_a_goal_for_precision_raises_thresholds_and_lowers_recall(finished: Path) -> None:
    run = read_run(results(finished) / "words-s0")
    figures = score_run(run, goal="precision >= 0.95").figures["figures"]
    assert figures["micro_recall"]["value"] < run.metrics["figures"]["micro_recall"]["value"]


def test_thresholds_by_hand_move_their_label_alone(finished: Path) -> None:
    run = read_run(results(finished) / "words-s0")
    scored = score_run(run, thresholds={"justice": 0.0}).evaluation
    labels, said = scored.labels, scored.themes.per_label["justice"].predicted
    assert said > 0.9 * scored.themes.sentences > run.metrics["labels"]["justice"]["predicted"]
    own = run.metrics["labels"]["drugs"]["f1"]["value"]
    assert labels["drugs"]["f1"].to_dict()["value"] == (None if own is None else pytest.approx(own, abs=1e-6))
    with pytest.raises(OptionError, match=r'"justise" is not one of the labels \(did you mean "justice"\?\)'):
        score_run(run, thresholds={"justise": 0.5})
    with pytest.raises(OptionError, match="thresholds come from a goal or by hand, not both"):
        score_run(run, goal="f1", thresholds={"justice": 0.5})


def test_gold_that_the_predictions_do_not_cover_is_named(finished: Path, gold: dict[str, list[TaggedArticle]]) -> None:
    run = read_run(results(finished) / "words-s0")
    missing = gold["train"][0]
    with pytest.raises(OptionError) as refusal:
        score_run(run, gold=[*gold["test"], missing])
    assert f'the predictions lack 1 article(s), "{missing.article.id}", of the gold; run the model' in str(
        refusal.value
    )
    with pytest.raises(OptionError) as refusal:
        score_run(run, gold=gold["test"][1:])
    assert f'the gold lacks 1 article(s), "{gold["test"][0].article.id}", of the predictions' in str(refusal.value)
    record = gold["test"][0].to_dict()
    record["text"] += " Plus."
    with pytest.raises(OptionError, match="the predictions were made on another text"):
        score_run(run, gold=[TaggedArticle.from_dict(record), *gold["test"][1:]])


def test_gold_that_changed_since_the_run_is_refused_unless_it_is_asked_for(
    made: Path, gold: dict[str, list[TaggedArticle]]
) -> None:
    run, file = read_run(results(made) / "keywords-s0"), made.parent.parent / "test.jsonl"
    write_gold(file, gold["test"], licence="CC0-1.0 or so")
    with pytest.raises(InputError) as refusal:
        score_run(run)
    assert f"{file}: no longer the gold of the run (its hash was " in str(refusal.value)
    again = f"make it again: claimtag experiment {made}, or score against the gold as it is now with --gold"
    assert str(refusal.value).endswith(again)
    score_run(run, gold=list(read_gold(file)))
    with pytest.raises(
        SchemeError, match=r"of the gold is annotated under the label scheme weather 1\.0\.0, not security"
    ):
        score_run(run, gold=[replace(one, scheme=SchemeRef("weather", "1.0.0")) for one in gold["test"]])


def test_the_project_of_a_run_is_that_of_its_experiment(tmp_path: Path) -> None:
    for file in (tmp_path / "experiments" / "x.toml", tmp_path / "x.toml"):
        assert StoredRun(file.parent / "results" / "x" / "m-s0", {}, {}).project == tmp_path.resolve()


def test_predictions_that_are_not_on_this_machine_are_missed(finished: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(results(finished) / "words-s0", folder)
    (folder / "predictions.jsonl.gz").unlink()
    with pytest.raises(InputError, match="predictions stay on the machine that made them; make it again with claimtag"):
        score_run(read_run(folder))


@pytest.mark.parametrize(
    "name", ["run.json", "metrics.json", "split.json", "thresholds.json", "predictions.jsonl.gz", "0-training.npz"]
)
@pytest.mark.parametrize("half", [True, False])
def test_no_damaged_file_of_a_run_is_scored(finished: Path, tmp_path: Path, name: str, half: bool) -> None:
    folder = tmp_path / "run"
    shutil.copytree(results(finished) / "words-s0", folder)
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[: len(whole) // 2] if half else b"{}")
    with pytest.raises(InputError, match=r"damaged.*; make it again with claimtag experiment"):
        score_run(read_run(folder), goal="f1")


def test_predictions_that_are_no_predictions_are_refused(tmp_path: Path) -> None:
    for content in (b"\x1f\x8b damaged", gzip.compress(b"{}"), gzip.compress(b"[]\n" * 999)[:-9], b""):
        (tmp_path / "x.gz").write_bytes(content)
        with pytest.raises(InputError, match=r"x\.gz: not predictions of an experiment, or damaged"):
            read_predictions(tmp_path / "x.gz")


@given(st.lists(tagged_articles(), max_size=3, unique_by=lambda tagged: tagged.article.id), st.randoms())
def test_predictions_written_and_read_give_the_records_back_without_holding_texts(
    tmp_path_factory: pytest.TempPathFactory, articles: list[TaggedArticle], random: Any
) -> None:
    sizes = [sum(sentence.kind != "boilerplate" for sentence in tagged.sentences) for tagged in articles]
    scores = [
        np.array([[random.random() for _ in LABELS] for _ in range(size)]).reshape(-1, len(LABELS)) for size in sizes
    ]
    path = tmp_path_factory.mktemp("p") / "p.jsonl.gz"
    write_predictions(path, map(prediction_of, articles, scores), LABELS)
    labels, predictions = read_predictions(path)
    assert labels == LABELS
    deciding = Deciding(LABELS, (0.5,) * len(LABELS), (0.25,) * len(LABELS))
    back = with_texts(predictions, articles, [deciding], scheme=SchemeRef("s", "1.0.0"), by="x")
    for before, after, matrix in zip(articles, back, scores, strict=True):
        assert after.claims == before.claims
        assert [(s.start, s.end, s.kind) for s in after.sentences] == [
            (s.start, s.end, s.kind) for s in before.sentences
        ]
        said = [s.labels for s in after.sentences if s.kind != "boilerplate"]
        assert said == [tuple(np.array(LABELS)[row.round(4) >= 0.5].tolist()) for row in matrix]


@given(st.lists(st.tuples(*[st.booleans()] * 6), min_size=1, max_size=20))
def test_confusion_counts_every_missed_and_every_wrong_theme(rows: list[tuple[bool, ...]]) -> None:
    truth, said = np.array(rows)[:, :3], np.array(rows)[:, 3:]
    counts = np.array(confusion(truth, said, ["a", "b", "c"])["counts"])
    for label in range(3):
        assert (counts[label].sum() > 0) == (truth & ~said)[:, label].any()
        assert (counts[:, label].sum() > 0) == (said & ~truth)[:, label].any()
    assert counts[3, 3] == 0


def test_experiment_paths_start_from_the_folder_above_experiments(tmp_path: Path) -> None:
    contents = load_experiment(ROOT / "experiments" / "examples.toml").contents
    assert Experiment("x", tmp_path / "x.toml", contents).project == tmp_path.resolve()
    assert Experiment("x", tmp_path / "experiments" / "x.toml", contents).project == tmp_path.resolve()
