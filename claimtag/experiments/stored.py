"""A run as it lies on disk: its files, and reading them back for comparing, scoring and showing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from claimtag.errors import InputError
from claimtag.evaluation.comparing import Run
from claimtag.records import SchemeRef

RUN, METRICS, COUNTS, SPLIT = "run.json", "metrics.json", "counts.json", "split.json"
PREDICTIONS, THRESHOLDS, TRAINING, REPORT = "predictions.jsonl.gz", "thresholds.json", "training.npz", "report.html"


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
    def project(self) -> Path:
        """The folder that the paths of the data start from."""
        return self.folder.resolve().parents[3]

    def comparable(self) -> Run:
        """The run as `evaluation.comparing` takes it."""
        counts = read_json(self.folder / COUNTS)
        try:
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
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise InputError(f"{self.folder / COUNTS}: damaged ({error!r}); run the experiment again") from error


def read_run(folder: str | Path) -> StoredRun:
    """The run in that folder; InputError when there is none, or it is damaged."""
    folder = Path(folder)
    if not (folder / METRICS).is_file():
        inside = sorted(path.parent.name for path in folder.glob(f"[!.]*/{METRICS}")) if folder.is_dir() else []
        hint = f"; it holds the runs {', '.join(inside)}" if inside else "; claimtag experiment writes such folders"
        raise InputError(f"{folder}: not a run: it has no {METRICS}{hint}")
    run = StoredRun(folder, read_json(folder / RUN), read_json(folder / METRICS))
    if not {"experiment", "run", "test_set", "scheme", "figures", "labels"} <= run.metrics.keys():
        raise InputError(f"{folder / METRICS}: not the figures of a run; run the experiment again")
    return run


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file."""
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}; run the experiment again") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: damaged: not valid JSON; run the experiment again") from error
    if not isinstance(content, dict):
        raise InputError(f"{path}: damaged: not a JSON object; run the experiment again")
    return content


def write_json(path: Path, content: object, *, indent: int | None = 1) -> None:
    """Canonical enough for git: keys in their order, one line break at the end, nan refused."""
    text = json.dumps(content, ensure_ascii=False, indent=indent, allow_nan=False) + "\n"
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
