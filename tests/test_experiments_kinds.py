"""Models of one's own in an experiment: a Python file makes them, and they are measured as any other."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_experiments import BRIEF, gold, project, small  # noqa: F401  # fixtures

from claimtag.errors import OptionError
from claimtag.experiments import load_experiment, read_run, run_experiments
from claimtag.experiments.kinds import kind_of
from claimtag.scheme import load_scheme

OWN = '''
import numpy as np

OPTIONS = {"score": float}


class Same:
    """The same score for every label of every sentence."""

    def __init__(self, labels, score):
        self.labels, self.score = labels, score

    def fit(self, X, y):
        return self

    def scores(self, sentences):
        return np.full((len(sentences), len(self.labels)), self.score, dtype=np.float32)


def make(scheme, *, score=0.5):
    return Same(scheme.labels, score)
'''
MODEL = '[[models]]\nname = "same"\nkind = "own/same.py"\n'


@pytest.fixture
def own(small: Path) -> Path:  # noqa: F811
    """An experiment with one model of its own."""
    (small.parent.parent / "own").mkdir()
    (small.parent.parent / "own" / "same.py").write_text(OWN)
    small.write_text(BRIEF[: BRIEF.index("[[models]]")] + MODEL)
    return small


def failure(file: Path) -> str:
    (told,) = run_experiments([file]).failures.values()
    return str(told)


def test_a_model_of_ones_own_is_measured_like_any_other(own: Path) -> None:
    assert not run_experiments([own]).failures
    run = read_run(own.parent / "results" / "small" / "same-s0")
    assert run.metrics["model"] == {"name": "same", "kind": "own/same.py", "options": None, "calibration": None}
    assert run.metrics["figures"]["micro_f1"]["value"] > 0


def test_a_run_is_made_anew_when_the_file_of_its_model_changes(own: Path) -> None:
    run_experiments([own])
    assert [run.state for run in run_experiments([own]).outcomes] == ["done"]
    (own.parent.parent / "own" / "same.py").write_text(OWN.replace("0.5", "0.25"))
    assert [run.state for run in run_experiments([own]).outcomes] == ["made"]


def test_a_file_that_is_not_there_is_told_before_anything_is_learnt(own: Path) -> None:
    own.write_text(own.read_text().replace("own/same.py", "own/other.py"))
    with pytest.raises(OptionError, match=r"models\[0\] \(same\)\.kind: .*own/other\.py is not there"):
        load_experiment(own)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("OPTIONS = {}", r"own/same\.py: has no function make\(scheme, \*\*options\)"),
        ("1 / 0", r"own/same\.py: cannot be run: ZeroDivisionError: division by zero"),
        ("def make(scheme", r"own/same\.py: cannot be run: SyntaxError"),
        ("OPTIONS = 1\ndef make(scheme): ...", r"OPTIONS must be types by name, such as \{'C': float\}, not 1"),
    ],
)
def test_a_file_that_makes_no_model_is_refused(own: Path, code: str, told: str) -> None:
    (own.parent.parent / "own" / "same.py").write_text(code)
    with pytest.raises(OptionError, match=told):
        kind_of("own/same.py", own.parent.parent)


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("scor = 1.0", r'models of kind "own/same\.py" have no option "scor" \(did you mean "score"\?\)'),
        ('score = "x"', r"option \"score\" of kind \"own/same\.py\" takes what is a number in JSON, not 'x'"),
    ],
)
def test_its_options_are_checked(own: Path, option: str, told: str) -> None:
    own.write_text(own.read_text() + f"options = {{ {option} }}\n")
    kind = kind_of("own/same.py", own.parent.parent)
    name, value = option.split(" = ")
    with pytest.raises(OptionError, match=told):
        kind.make(load_scheme("security-cooperation"), {name: float(value) if value == "1.0" else value.strip('"')})
    assert run_experiments([own]).failures


def test_what_goes_wrong_inside_it_is_told_with_its_line_and_other_runs_go_on(own: Path) -> None:
    (own.parent.parent / "own" / "same.py").write_text(OWN.replace("return self", "return 1 / 0"))
    own.write_text(own.read_text() + '[[models]]\nname = "majority"\nkind = "majority"\n')
    report = run_experiments([own])
    assert {run: str(error) for run, error in report.failures.items()} == {
        "small/same-s0": "own/same.py:14: ZeroDivisionError: division by zero"
    }
    assert [outcome.run for outcome in report.outcomes] == ["majority-s0"]


def test_it_is_neither_saved_nor_explained(own: Path) -> None:
    kind = kind_of("own/same.py", own.parent.parent)
    with pytest.raises(OptionError, match=r'models of "own/same\.py" are measured, and neither saved nor explained'):
        kind.save(None, own.parent)


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        ("sorted(scheme.labels)", "own/same.py: its model has the labels conflict, counterterrorism, defence"),
        ("None", "own/same.py: its model has no labels; the columns of its scores must be those of the scheme"),
    ],
)
def test_columns_that_are_not_the_labels_of_the_scheme_are_refused(own: Path, labels: str, told: str) -> None:
    (own.parent.parent / "own" / "same.py").write_text(
        OWN.replace("Same(scheme.labels", f"Same({labels}").replace("len(self.labels)", "18")
    )
    assert told in failure(own)


def test_a_file_that_changed_in_the_meantime_is_run_as_it_is_now(own: Path) -> None:
    file, scheme = own.parent.parent / "own" / "same.py", load_scheme("security-cooperation")
    before = kind_of("own/same.py", own.parent.parent)
    file.write_text(OWN.replace("score=0.5", "score=0.25"))
    after = kind_of("own/same.py", own.parent.parent)
    assert (before.make(scheme).score, after.make(scheme).score) == (0.5, 0.25)


@pytest.mark.parametrize("kind", ["../same.py", "own/link.py"])
def test_a_file_outside_the_project_is_not_run(own: Path, kind: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = own.parent.parent.parent / "same.py"
    outside.write_text(OWN)
    (own.parent.parent / "own" / "link.py").symlink_to(outside)
    own.write_text(own.read_text().replace("own/same.py", kind))
    with pytest.raises(OptionError, match=r"\.py lies outside the project .*; only files of the project are run"):
        load_experiment(own)
    with pytest.raises(OptionError, match=r"lies outside the project"):
        kind_of(kind, own.parent.parent)


@pytest.mark.parametrize("code", ["raise SystemExit(3)\n", OWN.replace("return self", "raise SystemExit(3)")])
def test_a_file_that_ends_the_program_ends_its_own_run_alone(own: Path, code: str) -> None:
    (own.parent.parent / "own" / "same.py").write_text(code)
    own.write_text(own.read_text() + '[[models]]\nname = "majority"\nkind = "majority"\n')
    report = run_experiments([own])
    assert [outcome.run for outcome in report.outcomes] == ["majority-s0"]
    assert "SystemExit: 3" in str(report.failures["small/same-s0"])
