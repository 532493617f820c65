"""What makes no sense in an experiment although its shape is right, each problem with the place where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from claimtag.errors import OptionError, did_you_mean
from claimtag.experiments.files import (
    FIGURES,
    METRICS,
    NAME,
    SHARED,
    Contents,
    Curve,
    Distillation,
    Model,
    Selection,
    Split,
)
from claimtag.experiments.kinds import is_file
from claimtag.themes import KINDS, model_kind
from claimtag.themes.calibrating import METHODS as CALIBRATIONS


def problems_of(contents: Contents) -> Iterator[str]:
    """What the types cannot say."""
    if not contents.description.strip():
        yield "description: empty; say what the experiment is to find out"
    yield from _of_data(contents)
    if contents.split is not None:
        yield from _of_split(contents.split)
    yield from _of_modes(contents)
    yield from _of_runs(contents)
    yield from _of_models(contents.models)
    names = [model.name for model in contents.models]
    if contents.curve is not None:
        yield from _of_curve(contents.curve, names, folds=contents.split is not None)
    if contents.selection is not None:
        yield from _of_selection(contents.selection, names)
    if contents.distillation is not None:
        yield from _of_distillation(contents.distillation, names)


def _of_data(contents: Contents) -> Iterator[str]:
    data = contents.data
    for name in ("train", "test", "second"):
        for index, file in enumerate(getattr(data, name)):
            if not file.removeprefix(SHARED).strip():
                yield f"data.{name}[{index}]: names no file"
    if not data.train:
        yield "data.train: names no file"
    if bool(data.test) == (contents.split is not None):
        yield "data.test, split: give one of them, a test file or folds of the training data" + (
            ", not both" if data.test else ""
        )
    if data.second and not data.test:
        yield "data.second: holds the articles of data.test as another annotator read them; give data.test"


def _of_split(split: Split) -> Iterator[str]:
    if (split.folds is None) == (split.file is None):
        yield "split: give either folds, or the file of a split"
    if split.file is None and split.test != "test":
        yield "split.test: goes with the file of a split"
    if split.test == "train":
        yield 'split.test: the part "train" is learned from; name another'
    if split.folds is not None and split.folds < 2:
        yield f"split.folds: at least 2, not {split.folds}"
    if split.measured is not None and not 1 <= split.measured <= (split.folds or 0):
        yield f"split.measured: from 1 to the number of folds, not {split.measured}"
    if split.seed < 0:
        yield f"split.seed: at least 0, not {split.seed}"


def _of_modes(contents: Contents) -> Iterator[str]:
    """Ways to measure that do not go with everything."""
    if contents.pairs:
        for what, asked in (
            ("claims", contents.claims),
            ("data.second", contents.data.second),
            ("curve", contents.curve),
        ):
            if asked:
                yield f"pairs, {what}: articles joined in pairs are measured for their themes alone; leave one of them out"
    if contents.unseen_labels:
        for index, model in enumerate(contents.models):
            if model.calibration is not None:
                yield (
                    f"models[{index}] ({model.name}).calibration, unseen_labels: a label's calibration would be learned "
                    "from its own sentences; leave one of them out"
                )
        if contents.distillation is not None:
            yield (
                "distillation, unseen_labels: a label's threshold would be learned from its own sentences; "
                "leave one of them out"
            )


def _of_runs(contents: Contents) -> Iterator[str]:
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
            yield f"metrics[{index}]: {_not_one_of(metric, METRICS)}"
    if contents.rank_by not in FIGURES:
        yield f"rank_by: {_not_one_of(contents.rank_by, FIGURES)}"


def _of_models(models: tuple[Model, ...]) -> Iterator[str]:
    if not models:
        yield "models: give at least one"
    yield from _repeated("models", [model.name for model in models])
    for index, model in enumerate(models):
        where = f"models[{index}] ({model.name})"
        if not NAME.fullmatch(model.name):
            yield f"{where}.name: {model.name!r} must be lower-case ASCII words joined by hyphens"
        if (
            (model.kind in KINDS or is_file(model.kind))
            and (method := model.calibration) is not None
            and method not in CALIBRATIONS
        ):
            yield f"{where}.calibration: {_not_one_of(method, CALIBRATIONS)}"
        yield from _of_kind(where, model.kind, model.options)


def _of_kind(where: str, kind: str, options: Mapping[str, bool | int | float | str] | None) -> Iterator[str]:
    if is_file(kind):  # it is run, and its options are looked at, when it is to learn
        return
    if kind not in KINDS:
        yield f"{where}.kind: {_not_one_of(kind, KINDS)}"
        return
    for name, value in (options or {}).items():
        try:
            model_kind(kind).check({name: value})
        except OptionError as error:
            yield f"{where}.options: {error}"


def _of_curve(curve: Curve, names: Sequence[str], *, folds: bool) -> Iterator[str]:
    yield from _unknown_model("curve", curve.model, names)
    if folds:
        yield "curve: needs a test file, not folds"
    if not curve.shares or not all(0 < share <= 1 for share in curve.shares):
        yield "curve.shares: must lie above 0 and up to 1"
    if curve.seeds < 1:
        yield f"curve.seeds: at least 1, not {curve.seeds}"


def _of_selection(selection: Selection, names: Sequence[str]) -> Iterator[str]:
    yield from _unknown_model("selection", selection.model, names)
    sizes = selection.sentences
    if len(sizes) < 2 or not _rising(sizes):
        yield f"selection.sentences: at least two numbers from 1 up, each larger than the one before, not {list(sizes)}"


def _of_distillation(distillation: Distillation, names: Sequence[str]) -> Iterator[str]:
    yield from _unknown_model("distillation", distillation.model, names)
    yield from _of_kind("distillation.teacher", distillation.teacher.kind, distillation.teacher.options)
    if not distillation.unlabelled.removeprefix(SHARED).strip():
        yield "distillation.unlabelled: names no file"
    sizes = distillation.sentences
    if not sizes or not _rising(sizes):
        yield f"distillation.sentences: at least one number from 1 up, each larger than the one before, not {list(sizes)}"


def _rising(sizes: Sequence[int]) -> bool:
    return sizes[0] >= 1 and list(sizes) == sorted(set(sizes))


def _unknown_model(where: str, model: str, names: Sequence[str]) -> Iterator[str]:
    if model not in names:
        yield f'{where}.model: "{model}" is not one of the models{did_you_mean(model, names)}'


def _not_one_of(name: str, known: Sequence[str]) -> str:
    return f'"{name}" is not one of {", ".join(known)}{did_you_mean(name, known)}'


def _repeated(where: str, values: Iterable[object]) -> Iterator[str]:
    seen = set()
    for index, value in enumerate(values):
        if value in seen:
            yield f"{where}[{index}]: {value!r} stands twice"
        seen.add(value)
