"""Experiment files: what is trained on what, and measured on what, as TOML; `loading` reads and checks them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, get_args

Segmentation = Literal["automatic", "gold"]
SEGMENTATIONS: tuple[Segmentation, ...] = get_args(Segmentation)
METRICS = ("themes", "claims", "segmentation", "ranking", "calibration", "coverage", "confusion", "slices")
FIGURES = ("macro", "micro")
NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")  # they become folder names
SHARED, VARIABLE, DEFAULT = "data:", "CLAIMTAG_DATA", "../shared/data"
_STRICT = {"extra": "forbid"}  # pydantic refuses unknown keys in these classes


@dataclass(frozen=True, slots=True)
class Data:
    """The files: `data:NAME` lies in the folder that CLAIMTAG_DATA names, any other path in the project.

    `test` is left out where the training data is dealt into folds. `second` holds the test articles as a second
    annotator read them: the ceiling.
    """

    __pydantic_config__: ClassVar = _STRICT

    train: tuple[str, ...]
    test: tuple[str, ...] = ()
    second: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Split:
    """How the training articles are dealt: into folds (duplicates together, labels spread), or by a file.

    `file` is what `claimtag split` wrote: its folds; or its part "train" to learn from, and the part `test` to measure
    on. With `measured` only the first so many of the folds are held out and measured: for models that take hours to
    learn.
    """

    __pydantic_config__: ClassVar = _STRICT

    folds: int | None = None
    seed: int = 0
    file: str | None = None
    test: str = "test"
    measured: int | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """A model under test: its name in the results, its kind and the options of that kind.

    The kind is one of `themes.KINDS`, or the path of a Python file (see `experiments.kinds`). `calibration` is how its
    scores become probabilities: "none", "platt", "isotonic"; without it what does best.
    """

    __pydantic_config__: ClassVar = _STRICT

    name: str
    kind: str
    options: Mapping[str, bool | int | float | str] | None = None
    calibration: str | None = None


@dataclass(frozen=True, slots=True)
class Curve:
    """A learning curve: which model, on which shares of the training articles, how often drawn anew."""

    __pydantic_config__: ClassVar = _STRICT

    model: str
    shares: tuple[float, ...] = (0.1, 0.2, 0.4, 0.7, 1.0)
    seeds: int = 2


@dataclass(frozen=True, slots=True)
class Selection:
    """Annotation simulated: which model chooses, and how many sentences are annotated after each round.

    The first number is annotated at random, whatever the way.
    """

    __pydantic_config__: ClassVar = _STRICT

    model: str
    sentences: tuple[int, ...] = (300, 600, 1200, 2400)


@dataclass(frozen=True, slots=True)
class Teacher:
    """The model that says the themes of unlabelled sentences: its kind and the options of that kind."""

    __pydantic_config__: ClassVar = _STRICT

    kind: str
    options: Mapping[str, bool | int | float | str] | None = None


@dataclass(frozen=True, slots=True)
class Distillation:
    """A teacher's knowledge passed on: which model is the pupil, and how many unlabelled sentences it learns from.

    `unlabelled` is a file of articles as `claimtag tag` reads them.
    """

    __pydantic_config__: ClassVar = _STRICT

    model: str
    teacher: Teacher
    unlabelled: str
    sentences: tuple[int, ...] = (1000, 4000, 12000)


@dataclass(frozen=True, slots=True)
class Contents:
    """What an experiment file may say; with `claims` they are learned and extracted too, by every model alike.

    With `pairs` the articles that are measured on are joined in pairs, as pages of two subjects, and those that are
    learned from are not. With `unseen_labels` thresholds of a label come from the other labels alone, which is what a
    label without data gets; the models must not learn a label from its own sentences either (kind "zeroshot"). `note`
    is what a reader of its figures must know.
    """

    __pydantic_config__: ClassVar = _STRICT

    description: str
    data: Data
    models: tuple[Model, ...]
    scheme: str = "security-cooperation"
    split: Split | None = None
    seeds: tuple[int, ...] = (0,)
    segmentation: Segmentation = "automatic"
    claims: bool = False
    pairs: bool = False
    unseen_labels: bool = False
    metrics: tuple[str, ...] = METRICS
    rank_by: str = "macro"
    tuning_folds: int = 5
    curve: Curve | None = None
    selection: Selection | None = None
    distillation: Distillation | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Experiment:
    """An experiment file that was read: its name, where it lies, and what it says."""

    name: str
    path: Path
    contents: Contents

    @property
    def project(self) -> Path:
        """The folder that its paths start from: the one above `experiments/`, else that of the file."""
        return project_of(self.path)

    def file(self, reference: str) -> Path:
        """Where a data file lies."""
        return resolve(reference, self.project)

    def missing(self) -> tuple[Path, ...]:
        """The `data:` files that are not there: reason to skip the experiment, not to fail."""
        data, split, distillation = self.contents.data, self.contents.split, self.contents.distillation
        names = [*data.train, *data.test, *data.second]
        names += [split.file] if split and split.file else []
        names += [distillation.unlabelled] if distillation else []
        shared = [self.file(name) for name in names if name.startswith(SHARED)]
        return tuple(path for path in shared if not path.exists())

    def runs(self) -> Iterator[tuple[str, Model, int]]:
        """The runs: a name, a model and a seed each."""
        for model in self.contents.models:
            for seed in self.contents.seeds:
                yield run_name(model, seed), model, seed


def project_of(file: Path) -> Path:
    """The folder that the paths in an experiment's file start from."""
    folder = file.resolve().parent
    return folder.parent if folder.name == "experiments" else folder


def run_name(model: Model, seed: int) -> str:
    """What the run of a model at a seed is called.

    >>> run_name(Model("linear", "linear"), 0)
    'linear-s0'
    """
    return f"{model.name}-s{seed}"


def resolve(reference: str, project: Path) -> Path:
    """The path of a data file as an experiment names it."""
    if reference.startswith(SHARED):
        return project / (os.environ.get(VARIABLE) or DEFAULT) / reference.removeprefix(SHARED)
    return project / reference


def plain(record: Any) -> dict[str, Any]:
    """A part of an experiment as plain JSON values."""
    values: dict[str, Any] = _lists(asdict(record))
    return values


def _lists(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_lists(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _lists(item) for key, item in value.items()}
    return value
