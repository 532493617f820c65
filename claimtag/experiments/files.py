"""Experiment files: what is trained on what, and measured on what, as TOML; all problems are told in one error."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, get_args

from claimtag.errors import InputError, OptionError, did_you_mean
from claimtag.themes import KINDS, model_kind
from claimtag.themes.calibrating import METHODS as CALIBRATIONS
from claimtag.toml import read_toml

if TYPE_CHECKING:
    from pydantic import ValidationError

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
    """How the training articles are dealt: into folds (whole articles, duplicates together, labels spread), or by a file.

    `file` is what `claimtag split` wrote: its folds; or its part "train" to learn from, and the part `test` to measure on.
    """

    __pydantic_config__: ClassVar = _STRICT

    folds: int | None = None
    seed: int = 0
    file: str | None = None
    test: str = "test"


@dataclass(frozen=True, slots=True)
class Model:
    """A model under test: its name in the results, its kind and the options of that kind.

    `calibration` is how its scores become probabilities: "none", "platt", "isotonic"; without it what does best.
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
class Contents:
    """What an experiment file may say; with `claims` they are learned and extracted too, by every model alike.

    With `pairs` the articles that are measured on are joined in pairs, as pages of two subjects, and those that are
    learned from are not. With `unseen_labels` thresholds of a label come from the other labels alone, which is what a label
    without data gets; the models must not learn a label from its own sentences either (kind "zeroshot"). `note` is what a reader of its figures must know.
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
        data = self.contents.data
        split = self.contents.split.file if self.contents.split else None
        names = (*data.train, *data.test, *data.second, *([split] if split else []))
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


def load_experiment(path: str | Path) -> Experiment:
    """The experiment in a TOML file; InputError when it cannot be read, OptionError with all that is wrong with it."""
    path = Path(path)
    content = read_toml(path, raising=InputError)
    problems, contents = _validated(content)
    if not NAME.fullmatch(path.stem):
        problems.append(f"the file's name: {path.stem!r} must be lower-case ASCII words joined by hyphens")
    if contents is None or problems:
        lines = "".join(f"\n  {problem}" for problem in problems)
        raise OptionError(f"{path}: {len(problems)} problem{'s' if len(problems) > 1 else ''}:{lines}")
    return Experiment(path.stem, path, contents)


def _validated(content: Mapping[str, Any]) -> tuple[list[str], Contents | None]:
    from pydantic import TypeAdapter, ValidationError

    adapter, rest = TypeAdapter(Contents), json.loads(json.dumps(content, default=str))
    told: list[str] = []
    broken: set[str] = set()
    for _ in range(_PASSES):
        try:
            # by way of JSON, where strictness takes lists for tuples and objects for records, as TOML needs it
            contents = adapter.validate_json(json.dumps(rest), strict=True)
        except ValidationError as error:
            told = told or list(_shape_problems(error, content))
            broken |= {_path(problem["loc"][: 1 + (problem["loc"][0] == "models")]) for problem in error.errors()}
            if any(part.startswith("models") for part in broken):
                broken.add("curve")  # which names one of them
            _mend(rest, error)
        else:
            told += [line for line in _problems(contents) if not broken & _subjects(line)]
            return told, None if broken else contents
    return told, None


def _mend(content: Any, error: ValidationError) -> None:
    """Takes out of the content what is wrong, and fills in what is missing, so that the rest can be looked at."""
    for problem in error.errors():
        holder, inmost = content, None
        for step in problem["loc"]:
            if isinstance(holder, dict) and step in holder:
                inmost = holder, step
            elif not (isinstance(holder, list) and isinstance(step, int) and step < len(holder)):
                break
            holder = holder[step]
        if problem["type"] in ("missing", "missing_argument") and isinstance(holder, dict):
            holder[problem["loc"][-1]] = _STAND_INS.get(str(problem["loc"][-1]))
        elif inmost is not None:
            inmost[0].pop(inmost[1], None)


def _subjects(line: str) -> set[str]:
    """The parts of an experiment that a problem is about.

    >>> sorted(_subjects("data.test, split: give one of them")), _subjects("models[1] (m).kind: unknown")
    (['data', 'split'], {'models[1]'})
    """
    return set(re.findall(r"(?:^|, )(models\[\d+\]|\w+)", line.split(":")[0]))


def _shape_problems(error: ValidationError, content: Mapping[str, Any]) -> Iterator[str]:
    told = set()
    for problem in error.errors():
        *above, key = problem["loc"]
        where = _path(problem["loc"])
        if problem["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
            names = tuple(step for step in above if isinstance(step, str))
            known = [field.name for field in fields(_CLASSES[names])] if names in _CLASSES else []
            line = f"{where}: unknown key{did_you_mean(str(key), known)}"
        elif problem["type"] in ("missing", "missing_argument"):
            line = f"{where}: missing"
        elif above[-2:] and "options" in above:  # a value of none of the types that an option may have: told once
            where = _path(above if str(key) in ("bool", "int", "float", "str") else problem["loc"])
            line = f"{where}: must be true or false, a number or a string"
        else:
            line = f"{where}: {problem['msg'][0].lower()}{problem['msg'][1:]}, got {problem['input']!r:.60}"
        if line not in told:
            told.add(line)
            yield line


_PASSES = 4  # a wrong value that is taken out may be one that must be there
_STAND_INS: Mapping[str, Any] = {
    "description": "x",
    "data": {"train": ["x"]},
    "train": ["x"],
    "models": [{"name": "x", "kind": "majority"}],
    "name": "x",
    "kind": "majority",
    "model": "x",
}
_CLASSES: dict[tuple[str, ...], Any] = {
    (): Contents,
    ("data",): Data,
    ("split",): Split,
    ("models",): Model,
    ("curve",): Curve,
    ("selection",): Selection,
}


def _path(steps: Iterable[int | str]) -> str:
    path = ""
    for step in steps:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else step
    return path


def _problems(contents: Contents) -> Iterator[str]:
    """What the types cannot say."""
    if not contents.description.strip():
        yield "description: empty; say what the experiment is to find out"
    data, split = contents.data, contents.split
    for name in ("train", "test", "second"):
        for index, file in enumerate(getattr(data, name)):
            if not file.removeprefix(SHARED).strip():
                yield f"data.{name}[{index}]: names no file"
    if not data.train:
        yield "data.train: names no file"
    if bool(data.test) == (split is not None):
        yield "data.test, split: give one of them, a test file or folds of the training data" + (
            ", not both" if data.test else ""
        )
    if data.second and not data.test:
        yield "data.second: holds the articles of data.test as another annotator read them; give data.test"
    if split is not None and (split.folds is None) == (split.file is None):
        yield "split: give either folds, or the file of a split"
    if split is not None and split.file is None and split.test != "test":
        yield "split.test: goes with the file of a split"
    if split is not None and split.test == "train":
        yield 'split.test: the part "train" is learned from; name another'
    if split is not None and split.folds is not None and split.folds < 2:
        yield f"split.folds: at least 2, not {split.folds}"
    if split is not None and split.seed < 0:
        yield f"split.seed: at least 0, not {split.seed}"
    if contents.pairs:
        for what, asked in (("claims", contents.claims), ("data.second", data.second), ("curve", contents.curve)):
            if asked:
                yield f"pairs, {what}: articles joined in pairs are measured for their themes alone; leave one of them out"
    if contents.unseen_labels:
        for index, model in enumerate(contents.models):
            if model.calibration is not None:
                yield (
                    f"models[{index}] ({model.name}).calibration, unseen_labels: a label's calibration would be learned "
                    "from its own sentences; leave one of them out"
                )
    if contents.tuning_folds < 2:
        yield f"tuning_folds: at least 2, not {contents.tuning_folds}"
    if not contents.seeds:
        yield "seeds: give at least one, such as [0]"
    yield from _repeated("seeds", contents.seeds)
    for index, seed in enumerate(contents.seeds):
        if seed < 0:
            yield f"seeds[{index}]: at least 0, not {seed}"
    if contents.claims and "claims" not in contents.metrics:
        yield 'claims: are extracted, but not measured; add "claims" to metrics'
    for index, metric in enumerate(contents.metrics):
        if metric not in METRICS:
            yield f'metrics[{index}]: "{metric}" is not one of {", ".join(METRICS)}{did_you_mean(metric, METRICS)}'
    if contents.rank_by not in FIGURES:
        yield f'rank_by: "{contents.rank_by}" is not one of {", ".join(FIGURES)}{did_you_mean(contents.rank_by, FIGURES)}'
    yield from _model_problems(contents.models)
    if (curve := contents.curve) is not None:
        names = [model.name for model in contents.models]
        if curve.model not in names:
            yield f'curve.model: "{curve.model}" is not one of the models{did_you_mean(curve.model, names)}'
        if split is not None:
            yield "curve: needs a test file, not folds"
        if not curve.shares or not all(0 < share <= 1 for share in curve.shares):
            yield "curve.shares: must lie above 0 and up to 1"
        if curve.seeds < 1:
            yield f"curve.seeds: at least 1, not {curve.seeds}"
    if (selection := contents.selection) is not None:
        names = [model.name for model in contents.models]
        if selection.model not in names:
            yield f'selection.model: "{selection.model}" is not one of the models{did_you_mean(selection.model, names)}'
        sizes = selection.sentences
        if len(sizes) < 2 or sizes[0] < 1 or list(sizes) != sorted(set(sizes)):
            yield f"selection.sentences: at least two numbers from 1 up, each larger than the one before, not {list(sizes)}"


def _model_problems(models: tuple[Model, ...]) -> Iterator[str]:
    if not models:
        yield "models: give at least one"
    yield from _repeated("models", [model.name for model in models])
    for index, model in enumerate(models):
        where = f"models[{index}] ({model.name})"
        if not NAME.fullmatch(model.name):
            yield f"{where}.name: {model.name!r} must be lower-case ASCII words joined by hyphens"
        if model.kind not in KINDS:
            yield f'{where}.kind: "{model.kind}" is not one of {", ".join(KINDS)}{did_you_mean(model.kind, KINDS)}'
            continue
        if (method := model.calibration) is not None and method not in CALIBRATIONS:
            yield (
                f'{where}.calibration: "{method}" is not one of {", ".join(CALIBRATIONS)}'
                f"{did_you_mean(method, CALIBRATIONS)}"
            )
        for name, value in (model.options or {}).items():
            try:
                model_kind(model.kind).check({name: value})
            except OptionError as error:
                yield f"{where}.options: {error}"


def _repeated(where: str, values: Iterable[object]) -> Iterator[str]:
    seen = set()
    for index, value in enumerate(values):
        if value in seen:
            yield f"{where}[{index}]: {value!r} stands twice"
        seen.add(value)


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
