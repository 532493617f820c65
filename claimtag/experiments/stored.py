"""A run as it lies on disk: its files, whether they are whole, and reading them back to compare, score and show."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from claimtag.errors import InputError
from claimtag.evaluation import Evaluation
from claimtag.evaluation.comparing import Run
from claimtag.experiments.files import project_of
from claimtag.experiments.folders import write_whole
from claimtag.experiments.keys import file_hash
from claimtag.records import SchemeRef

RUN, METRICS, COUNTS, SPLIT = "run.json", "metrics.json", "counts.json", "split.json"
PREDICTIONS, THRESHOLDS, TRAINING, REPORT = "predictions.jsonl.gz", "thresholds.json", "training.npz", "report.html"
ENVIRONMENT = "environment.json"
VERSION = (
    "2"  # of the figures: goes up when one comes to mean something else, or their format changes; old runs stay out
)
STALE = "stale"  # stands in the folder of a run that shall be made anew, until it is


@dataclass(frozen=True, slots=True)
class StoredRun:
    """The figures of a run, and where it lies."""

    folder: Path
    record: Mapping[str, Any]
    metrics: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The experiment and the run, such as `baselines/linear-s0`."""
        return f"{self.metrics['experiment']}/{self.metrics['run']}"

    @property
    def measured_on(self) -> str:
        """The test set in words."""
        test = self.metrics["test_set"]
        files = ", ".join(test["files"])
        where = f"{test['folds']} folds of {files}" if test["folds"] else files
        if test.get("first_of"):
            where = f"the first {test['folds'] or 'one'} of {test['first_of']} folds of {files}"
        where = f'the part "{test["part"]}" of {files}' if test["part"] else where
        return f"{where}, joined in pairs" if test["pairs"] else where

    @property
    def project(self) -> Path:
        """The folder that the paths of the data start from."""
        return project_of(_experiment_of(self.folder))

    def file(self, name: str) -> Path:
        """A file of the run, as it was written; InputError when it is not, or is not on this machine."""
        path = self.folder / name
        if not path.is_file():
            raise InputError(f"{path}: not there: predictions stay on the machine that made them; {again(self.folder)}")
        if not _is_whole(self.folder, self.record, [name]):
            raise InputError(f"{path}: damaged: not as it was written; {again(self.folder)}")
        return path

    @property
    def is_stale(self) -> bool:
        """Whether it was to be made anew, and was not: that failed or was interrupted."""
        return (self.folder / STALE).exists()

    def comparable(self) -> Run:
        """The run as `evaluation.comparing` takes it."""
        counts = read_json(self.file(COUNTS))
        table = np.zeros((len(counts["articles"]), len(counts["labels"]), 3), dtype=np.int64)
        for article, label, *numbers in counts["counts"]:
            table[article, label] = numbers
        return Run(
            name=self.name,
            test_set=self.metrics["test_set"]["sha256"],
            scheme=SchemeRef(**self.metrics["scheme"]),
            metrics=self.metrics["metrics_version"],
            articles=tuple(counts["articles"]),
            labels=tuple(counts["labels"]),
            counts=table,
            exact=np.array([digit == "1" for digit in counts["exact"]]),
        )


def read_run(folder: str | Path) -> StoredRun:
    """The run in that folder; InputError when there is none, it is damaged, or another version of claimtag made it."""
    folder = Path(folder)
    if not (folder / METRICS).is_file():
        inside = sorted(path.parent.name for path in folder.glob(f"[!.]*/{METRICS}")) if folder.is_dir() else []
        hint = f"; it holds the runs {', '.join(inside)}" if inside else "; claimtag experiment writes such folders"
        raise InputError(f"{folder}: not a run: it has no {METRICS}{hint}")
    if why := flaw(folder):
        raise InputError(f"{folder}: {why}; {again(folder)}")
    return StoredRun(folder, read_json(folder / RUN), read_json(folder / METRICS))


def flaw(folder: Path) -> str:
    """Why the run in that folder cannot be used, in a few words; empty if it can.

    Predictions are not looked at, which only the machine that made them has: `StoredRun.file` does.
    """
    try:
        record, version = read_json(folder / RUN), read_json(folder / METRICS).get("metrics_version", VERSION)
    except InputError:
        return "damaged"
    if version != VERSION:
        return f"made by another version of claimtag: its figures are of version {version}, not {VERSION}"
    changed = [name for name in (RUN, METRICS, COUNTS, SPLIT, THRESHOLDS) if not _is_whole(folder, record, [name])]
    return f"damaged: {', '.join(changed)} not as written" if changed else ""


def counts_of(evaluation: Evaluation) -> dict[str, Any]:
    """What `StoredRun.comparable` reads: the counts that are not 0, by the numbers of article and label."""
    places = np.argwhere(evaluation.counts.any(axis=2)).tolist()
    return {
        "articles": list(evaluation.ids),
        "labels": list(evaluation.labels),
        "counts": [[*place, *evaluation.counts[tuple(place)].tolist()] for place in places],
        "exact": "".join("01"[int(right)] for right in evaluation.exact),
    }


def record_of(folder: Path) -> Mapping[str, Any] | None:
    """The record of the run that stands there, if all its files are as they were written."""
    try:
        record = read_json(folder / RUN)
    except InputError:
        return None
    return record if _is_whole(folder, record, [RUN]) and _is_whole(folder, record, record["files"]) else None


def sealed(record: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The record of a run with the hashes of the files in its folder, and its own: what tells damage later."""
    files = {path.name: file_hash(path) for path in sorted(folder.iterdir()) if path.name != RUN}
    whole = {**record, "files": files}
    return whole | {"sha256": _hash_of(whole)}


def mark_stale(folder: Path) -> None:
    """Says that the run in that folder, if there is one, is not what its experiment asks for any more."""
    if folder.is_dir():
        (folder / STALE).write_bytes(b"")


def unmark(folder: Path) -> None:
    """Takes `mark_stale` back."""
    with suppress(FileNotFoundError):
        (folder / STALE).unlink()


def again(folder: Path) -> str:
    """What makes the run of that folder anew, as the end of a message."""
    file = _experiment_of(folder)
    if not file.is_file():
        return "make it again with claimtag experiment"
    here = Path.cwd()
    return f"make it again: claimtag experiment {file.relative_to(here) if file.is_relative_to(here) else file}"


def rounded(value: Any) -> Any:
    """Figures as they are written."""
    if isinstance(value, float):
        return round(value, _DIGITS)
    if isinstance(value, Mapping):
        return {key: rounded(one) for key, one in value.items()}
    return [rounded(one) for one in value] if isinstance(value, list | tuple) else value


_DIGITS = 6  # enough to compare, few enough that machines agree


def _is_whole(folder: Path, record: Mapping[str, Any], names: Iterable[str]) -> bool:
    """Whether these files of a run are as they were written; its record is if its own hash stands in it."""
    try:
        return all(
            _hash_of(record) == record["sha256"] if name == RUN else file_hash(folder / name) == record["files"][name]
            for name in names
        )
    except (InputError, KeyError, TypeError, RecursionError):
        return False


def _hash_of(record: Mapping[str, Any]) -> str:
    content = {key: value for key, value in record.items() if key != "sha256"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _experiment_of(folder: Path) -> Path:
    """Where the file of a run's experiment lies, if the folder is in its place."""
    experiment = folder.resolve().parent
    return experiment.parent.parent / f"{experiment.name}.toml"


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file."""
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}; {again(path.parent)}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: damaged: not valid JSON; {again(path.parent)}") from error
    if not isinstance(content, dict):
        raise InputError(f"{path}: damaged: not a JSON object; {again(path.parent)}")
    return content


def write_json(path: Path, content: object, *, indent: int | None = 1) -> None:
    """Canonical enough for git: keys in their order, one line break at the end, nan refused."""
    write_whole(path, json.dumps(content, ensure_ascii=False, indent=indent, allow_nan=False) + "\n")
