"""Where the runs of an experiment stand beside one another, and RESULTS.md, which says so."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from claimtag.errors import InputError, OptionError
from claimtag.evaluation.comparing import Figure, leaderboard
from claimtag.experiments.files import Experiment
from claimtag.experiments.stored import METRICS, StoredRun, read_run

_HEAD = """\
# Results

Made by `make experiments` from `experiments/*.toml`; do not edit. Every figure stands with its 95 % interval from a bootstrap
over whole articles. Models of one rank cannot be told apart (paired bootstrap over the same articles, Holm's correction over
all pairs of models); a difference between ranks can be believed, one inside a rank cannot. Macro-F1 averages the themes with at
least 5 gold sentences. What the figures mean: [docs/evaluation.md](../docs/evaluation.md).
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A run on the leaderboard; without a rank where ranking is not possible."""

    run: StoredRun
    name: str
    rank: int | None
    p: float | None


@dataclass(frozen=True)
class Board:
    """An experiment, its runs that are there, best first, and what kept them from being ranked."""

    experiment: Experiment
    rows: tuple[Row, ...]
    missing: tuple[str, ...] = ()
    problem: str = ""

    @property
    def name(self) -> str:
        return self.experiment.name

    @cached_property
    def best(self) -> StoredRun:
        return self.rows[0].run


def board_of(experiment: Experiment, results: Path) -> Board:
    """The leaderboard of an experiment from the runs that lie in its results folder."""
    runs, names, missing = [], {}, []
    for name, model, _ in experiment.runs():
        folder = results / experiment.name / name
        if not (folder / METRICS).is_file():
            missing.append(name)
            continue
        run = read_run(folder)
        runs.append(run)
        names[run.name] = name if len(experiment.contents.seeds) > 1 else model.name
    if not runs:
        return Board(experiment, (), tuple(missing))
    by_name = {run.name: run for run in runs}
    figure: Figure = "macro" if experiment.contents.rank_by == "macro" else "micro"
    try:
        places = leaderboard([run.comparable() for run in runs], figure=figure)
    except (OptionError, InputError) as error:
        ordered = sorted(runs, key=lambda run: -(_value(run.metrics["figures"].get(f"{figure}_f1")) or 0))
        rows = tuple(Row(run, names[run.name], None, None) for run in ordered)
        return Board(experiment, rows, tuple(missing), str(error))
    rows = tuple(
        Row(by_name[place.name], names[place.name], place.group, None if math.isnan(place.p) else place.p)
        for place in places
    )
    return Board(experiment, rows, tuple(missing))


def results_markdown(boards: Sequence[Board], *, made_from: str) -> str:
    """RESULTS.md."""
    return (
        "\n".join([_HEAD, *(line for board in boards for line in _board(board)), f"<!-- made from {made_from} -->"])
        + "\n"
    )


def _board(board: Board) -> Iterator[str]:
    contents = board.experiment.contents
    yield f"## {board.name}\n"
    yield f"{_safe(contents.description)}\n"
    if contents.note:
        yield f"> {_safe(contents.note)}\n"
    if not board.rows:
        yield "Not run yet.\n"
        return
    best = board.best.metrics
    test = best["test_set"]
    where = f"{test['folds']} folds of {', '.join(test['files'])}" if test["folds"] else ", ".join(test["files"])
    cut = "cut by claimtag" if best["segmentation"] == "automatic" else "cut as in gold"
    yield f"Measured on {where}: {best['articles']:,} articles, {best['sentences']:,} sentences, {cut}.\n"
    names = [name for name in ("macro_f1", "micro_f1", "exact", "sentence_f1") if name in best["figures"]]
    titles = {
        "macro_f1": f"macro-F1 ({len(best['macro_labels'])} themes)",
        "micro_f1": "micro-F1",
        "exact": "all themes right",
        "sentence_f1": "sentences cut, F1",
    }
    yield _line(["rank", "model", *(titles[name] for name in names)])
    yield _line(["---"] * (2 + len(names)))
    for row in board.rows:
        figures = [_figure(row.run.metrics["figures"][name]) for name in names]
        yield _line([str(row.rank or "–"), f"`{row.name}`", *figures])
    ceiling = best.get("ceiling")
    if ceiling:
        yield _line(["–", "second annotator", *(_figure(ceiling["figures"].get(name)) for name in names)])
    yield ""
    if board.problem:
        yield f"Not ranked: {_safe(board.problem)}\n"
    if board.missing:
        yield f"Not run yet: {', '.join(board.missing)}.\n"
    yield from _labels(board.rows[0], ceiling)
    yield f"Again: `claimtag experiment {_relative(board.experiment)}`, or `make experiment NAME={board.name}`.\n"


def _labels(row: Row, ceiling: Mapping[str, Any] | None) -> Iterator[str]:
    labels = row.run.metrics["labels"]
    if not any(labels.values()):
        return
    yield f"Themes, `{row.name}` (tiers: A use, B explore, C do not rely on):\n"
    head = ["theme", "F1", "precision", "recall", "gold", "tier"]
    yield _line([*head, "second annotator's F1"] if ceiling else head)
    yield _line(["---"] * (7 if ceiling else 6))
    for label, figures in labels.items():
        cells = [f"`{label}`", *(_figure(figures[name]) for name in ("f1", "precision", "recall"))]
        cells += [str(figures["support"]), figures["tier"]]
        if ceiling:
            cells.append(_figure(ceiling["labels"].get(label, {}).get("f1")))
        yield _line(cells)
    yield ""


def _figure(estimate: Mapping[str, Any] | None) -> str:
    if estimate is None or estimate["value"] is None:
        return "–"
    interval = "" if estimate["low"] is None else f" [{estimate['low']:.3f}, {estimate['high']:.3f}]"
    return f"{estimate['value']:.3f}{interval}"


def _value(estimate: Mapping[str, Any] | None) -> float | None:
    return None if estimate is None else estimate["value"]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _safe(text: str) -> str:
    """Text on one line that neither ends a table's cell nor opens a tag."""
    return " ".join(text.split()).replace("<", "&lt;").replace("|", "\\|")


def _relative(experiment: Experiment) -> str:
    try:
        return experiment.path.resolve().relative_to(experiment.project).as_posix()
    except ValueError:
        return experiment.path.name
