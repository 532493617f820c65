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
from claimtag.experiments import load_experiment, plots, read_run, run_experiments, running
from claimtag.experiments.files import Experiment
from claimtag.experiments.keys import code_hash
from claimtag.experiments.measures import confusion, measure
from claimtag.experiments.pages import write_report
from claimtag.experiments.predictions import prediction_of, read_predictions, write_predictions
from claimtag.experiments.predictions import tagged_articles as with_texts
from claimtag.experiments.scoring import score_run
from claimtag.records import SchemeRef, TaggedArticle
from claimtag.splits import LeakageError
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
    """A project with a few articles and one experiment, `small`."""
    (tmp_path / "experiments").mkdir()
    for name, articles in (("train", gold["train"]), ("test", gold["test"]), ("second", gold["test"])):
        write_gold(tmp_path / f"{name}.jsonl", articles)
    (tmp_path / "experiments" / "small.toml").write_text(BRIEF)
    return tmp_path


@pytest.fixture
def small(project: Path) -> Path:
    return project / "experiments" / "small.toml"


def results(file: Path) -> Path:
    return file.parent / "results" / file.stem


def only_failure(file: Path) -> ClaimtagError:
    failures = list(run_experiments([file]).failures.values())
    assert failures
    assert len({str(error) for error in failures}) == 1
    return failures[0]


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


def test_what_makes_no_sense_is_told_at_once_with_the_nearest_names(tmp_path: Path) -> None:
    file = tmp_path / "Bad name.toml"
    file.write_text(
        'description = " "\nseeds = [0, 0]\nmetrics = ["themse"]\nrank_by = "marco"\ntuning_folds = 1\n'
        '[data]\ntrain = []\n[split]\nfolds = 1\n[curve]\nmodel = "n"\nshares = [2.0]\nseeds = 0\n'
        '[[models]]\nname = "M m"\nkind = "linaer"\n'
        '[[models]]\nname = "b"\nkind = "linear"\noptions = { letter = 3, C = "x" }\n'
        '[[models]]\nname = "b"\nkind = "majority"\noptions = { C = 1 }\n'
    )
    assert problems(file) == [
        "description: empty; say what the experiment is to find out",
        "data.train: names no file",
        "split.folds: at least 2, not 1",
        "tuning_folds: at least 2, not 1",
        "seeds[1]: 0 stands twice",
        'metrics[0]: "themse" is not one of themes, claims, segmentation, ranking, calibration, coverage, confusion, slices '
        '(did you mean "themes"?)',
        'rank_by: "marco" is not one of macro, micro (did you mean "macro"?)',
        "models[2]: 'b' stands twice",
        "models[0] (M m).name: 'M m' must be lower-case ASCII words joined by hyphens",
        'models[0] (M m).kind: "linaer" is not one of linear, keywords, majority (did you mean "linear"?)',
        'models[1] (b).options: models of kind "linear" have no option "letter" (did you mean "letters"?); '
        f"they have {', '.join(model_kind('linear').options)}",
        'models[1] (b).options: option "C" of kind "linear" takes int or float, not \'x\'',
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
    assert {"baselines", "baselines-folds", "examples"} <= set(names)


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
    assert record["config"]["model"] == {"name": "keywords", "kind": "keywords", "options": None}
    assert record["data"]["test"]["articles"] == len(gold["test"])
    assert {"python", "numpy", "claimtag"} <= record["environment"].keys()
    written = gzip.decompress((folder / "predictions.jsonl.gz").read_bytes()).decode()
    written += "".join(path.read_text() for path in folder.iterdir() if path.suffix in (".json", ".html"))
    sentences = [sentence.text for tagged in gold["test"] for sentence in tagged.sentences if len(sentence.text) > 20]
    assert sentences
    assert not [text for text in sentences if json.dumps(text)[1:-1] in written or text in written]
    assert not list(results(small).glob(".*"))


def test_what_is_done_is_not_repeated(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_experiments([small])
    before = {path: path.stat().st_mtime_ns for path in small.parent.rglob("*") if path.is_file()}
    monkeypatch.setattr(running, "train", None)
    report = run_experiments([small])
    assert (report.made, report.failures, report.pages) == ([], {}, ())
    assert {path: path.stat().st_mtime_ns for path in small.parent.rglob("*") if path.is_file()} == before


def test_a_changed_option_or_data_makes_a_run_stale_and_a_description_does_not(
    small: Path, gold: dict[str, list[TaggedArticle]]
) -> None:
    run_experiments([small])
    small.write_text(BRIEF.replace("A model", "One model"))
    assert run_experiments([small]).made == []
    small.write_text(BRIEF.replace("tuning_folds = 2", "tuning_folds = 3"))
    assert len(run_experiments([small]).made) == 1
    write_gold(small.parent.parent / "train.jsonl", gold["train"][1:])
    assert len(run_experiments([small]).made) == 1


def test_comments_and_docstrings_do_not_make_runs_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def hash_of(**files: str) -> str:
        for name, content in files.items():
            (tmp_path / "themes" / f"{name}.py").write_text(content)
        code_hash.cache_clear()
        return code_hash()

    (tmp_path / "themes").mkdir()
    (tmp_path / "experiments").mkdir()
    (tmp_path / "evaluation").mkdir()
    for name in ("claims", "intervals", "measuring", "metrics", "ranking", "tiers"):
        (tmp_path / "evaluation" / f"{name}.py").write_text("")
    for name in ("pipeline", "quotes", "records", "scheme"):
        (tmp_path / f"{name}.py").write_text("")
    monkeypatch.setattr("claimtag.experiments.keys.__file__", str(tmp_path / "experiments" / "keys.py"))
    first = hash_of(a='"""Old."""\nx = 1\n')
    assert hash_of(a='"""New."""\nx = 1  # why\n') == first
    assert hash_of(a="x = 2\n") != first
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
    fold_articles = running.fold_articles
    monkeypatch.setattr(running, "fold_articles", lambda *a, **k: seeds.append(k["seed"]) or fold_articles(*a, **k))
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


def test_a_failed_write_fails_the_run_and_leaves_what_stood(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_experiments([small])
    before = (results(small) / "keywords-s0" / "metrics.json").read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    small.write_text(BRIEF.replace("tuning_folds = 2", "tuning_folds = 3"))
    with monkeypatch.context() as patch:
        patch.setattr(running, "write_predictions", full)
        report = run_experiments([small])
    assert set(report.failures) == {"small/keywords-s0"}
    error = report.failures["small/keywords-s0"]
    assert isinstance(error, OutputError)
    folder = results(small) / "keywords-s0"
    assert str(error) == f"{folder}: the run cannot be written: No space left on device; nothing of it was kept"
    assert (folder / "metrics.json").read_bytes() == before
    assert not list(results(small).rglob("*.partial"))


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
    small: Path, gold: dict[str, list[TaggedArticle]]
) -> None:
    write_gold(small.parent.parent / "second.jsonl", gold["test"][1:])
    assert "the annotators do not cover the same articles: only the first has " in str(only_failure(small))
    assert repr(gold["test"][0].article.id) in str(only_failure(small))


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
    assert "Not run yet." in (small.parent / "RESULTS.md").read_text()


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
    ranks = {row[1]: row[0].removeprefix("| ") for row in rows if len(row) == 6}
    assert ranks["`words`"] == ranks["`twin`"]
    assert ranks["`majority`"] > ranks["`words`"]
    assert ranks["second annotator"] == "–"
    assert "> Made up: &lt;b>bold&lt;/b> \\| pipes." in text
    metrics = read_run(results(finished) / "words-s0").metrics
    macro = metrics["figures"]["macro_f1"]
    assert f"| `words` | {macro['value']:.3f} [{macro['low']:.3f}, {macro['high']:.3f}] |" in text


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


def test_pages_are_made_again_from_the_committed_files_alone(finished: Path, tmp_path: Path) -> None:
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
        (lambda folder: (folder / "metrics.json").write_text("{"), "metrics.json: damaged: not valid JSON"),
        (lambda folder: (folder / "metrics.json").write_text("{}"), "metrics.json: not the figures of a run"),
        (lambda folder: (folder / "counts.json").write_text("{}"), "counts.json: damaged (KeyError('articles'))"),
        (lambda folder: (folder / "counts.json").unlink(), "counts.json: cannot be read: No such file"),
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
    assert f'the predictions lack 1 article(s) of the gold: "{missing.article.id}"' in str(refusal.value)
    record = gold["test"][0].to_dict()
    record["text"] += " Plus."
    with pytest.raises(OptionError, match="the predictions were made on another text"):
        score_run(run, gold=[TaggedArticle.from_dict(record)])


def test_predictions_that_are_not_on_this_machine_are_missed(finished: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(results(finished) / "words-s0", folder)
    (folder / "predictions.jsonl.gz").write_bytes(b"\x1f\x8b damaged")
    with pytest.raises(InputError, match=r"predictions\.jsonl\.gz: not predictions of an experiment, or damaged"):
        score_run(read_run(folder))
    (folder / "predictions.jsonl.gz").unlink()
    with pytest.raises(InputError, match="predictions stay on the machine that made them; run the experiment again"):
        score_run(read_run(folder))


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
