"""Where the runs of an experiment stand beside one another, and RESULTS.md, which says so."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from claimtag.errors import InputError, OptionError
from claimtag.evaluation.comparing import Figure, Run, leaderboard
from claimtag.experiments.files import Experiment
from claimtag.experiments.stored import METRICS, StoredRun, flaw, read_run

_HEAD = """\
# Results

Made by `make experiments` from `experiments/*.toml`; do not edit. Every figure stands with its 95 % interval from a bootstrap
over whole articles. Models of one rank cannot be told apart (paired bootstrap over the same articles, Holm's correction over
all pairs of models); a difference between ranks can be believed, one inside a rank cannot. Macro-F1 averages the themes with at
least 5 gold sentences. A figure without an interval rests on too few articles for one. What the figures mean:
[docs/evaluation.md](../docs/evaluation.md).
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
    """An experiment, its runs, best first, why others are left out, and what kept them from being ranked."""

    experiment: Experiment
    rows: tuple[Row, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""

    @property
    def name(self) -> str:
        return self.experiment.name

    @cached_property
    def best(self) -> StoredRun:
        return self.rows[0].run


def board_of(experiment: Experiment, results: Path) -> Board:
    """The leaderboard of an experiment from the runs that lie in its results folder.

    Left out are runs that are damaged, and those that were to be made anew and failed: what stands there is of other
    data, settings or code. Runs that do not measure themes are not ranked.
    """
    runs: dict[str, StoredRun] = {}
    comparable: list[Run] = []
    names, left_out = {}, {}
    for name, model, _ in experiment.runs():
        folder = results / experiment.name / name
        if not (folder / METRICS).is_file():
            left_out[name] = "not run yet"
            continue
        try:
            run = read_run(folder)
            comparable.append(run.comparable())
        except InputError:
            left_out[name] = flaw(folder) or "damaged"
            continue
        if run.is_stale:
            left_out[name] = "it failed, or was interrupted, when it was made anew"
            comparable.pop()
            continue
        runs[run.name] = run
        names[run.name] = name if len(experiment.contents.seeds) > 1 else model.name
    figure: Figure = "macro" if experiment.contents.rank_by == "macro" else "micro"
    problem = ""
    if runs and "themes" in experiment.contents.metrics:
        try:
            places = leaderboard(comparable, figure=figure)
            rows = [
                Row(runs[one.name], names[one.name], one.group, None if math.isnan(one.p) else one.p) for one in places
            ]
            return Board(experiment, tuple(rows), left_out)
        except OptionError as error:
            problem = str(error)
    ordered = sorted(runs.values(), key=lambda run: -(_value(run.metrics["figures"].get(f"{figure}_f1")) or 0))
    return Board(experiment, tuple(Row(run, names[run.name], None, None) for run in ordered), left_out, problem)


def results_markdown(boards: Sequence[Board], *, made_from: str) -> str:
    """RESULTS.md."""
    return (
        "\n".join([_HEAD, *(line for board in boards for line in _board(board)), f"<!-- made from {made_from} -->"])
        + "\n"
    )


class _Table:
    """A table of figures; why one is not defined stands in a note below it."""

    def __init__(self, *head: str) -> None:
        self._lines = [_line(head), _line(["---"] * len(head))]
        self._notes: dict[str, int] = {}

    def row(self, *cells: str | Mapping[str, Any] | None) -> None:
        """Cells as they are, estimates as they are shown; None for what does not apply."""
        self._lines.append(_line(cell if isinstance(cell, str) else self._figure(cell) for cell in cells))

    def lines(self) -> Iterator[str]:
        yield from self._lines
        yield ""
        if self._notes:
            yield (
                "Not defined: " + "; ".join(f"–{_raised(number)} {why}" for why, number in self._notes.items()) + ".\n"
            )

    def _figure(self, estimate: Mapping[str, Any] | None) -> str:
        if estimate is None:
            return ""
        if estimate["value"] is None:
            why = _safe(str(estimate.get("reason", "no reason was given")))
            return f"–{_raised(self._notes.setdefault(why, len(self._notes) + 1))}"
        interval = "" if estimate["low"] is None else f" [{estimate['low']:.3f}, {estimate['high']:.3f}]"
        return f"{estimate['value']:.3f}{interval}"


def _board(board: Board) -> Iterator[str]:
    contents = board.experiment.contents
    yield f"## {board.name}\n"
    yield f"{_safe(contents.description)}\n"
    if contents.note:
        yield f"> {_safe(contents.note)}\n"
    if board.rows:
        best = board.best.metrics
        cut = "cut by claimtag" if best["segmentation"] == "automatic" else "cut as in gold"
        yield f"Measured on {board.best.measured_on}: {best['articles']:,} articles, {best['sentences']:,} sentences, {cut}.\n"
        yield from _models(board)
    if board.problem:
        yield f"Not ranked: {_safe(board.problem)}\n"
    if board.left_out:
        yield f"Left out: {'; '.join(f'`{name}` ({_safe(why)})' for name, why in board.left_out.items())}.\n"
    if board.rows:
        yield from _labels(board.rows[0], precision=board.experiment.contents.unseen_labels)
        yield from _languages(board)
        yield from _claims(board)
        yield from _selection(board)
        yield from _distillation(board)
    yield f"Again: `claimtag experiment {_relative(board.experiment)}`, or `make experiment NAME={board.name}`.\n"


def _models(board: Board) -> Iterator[str]:
    best = board.best.metrics
    titles = {
        "macro_f1": f"macro-F1 ({len(best['macro_labels'])} themes)",
        "micro_f1": "micro-F1",
        "exact": "all themes right",
        "sentence_f1": "sentences cut, F1",
    }
    if board.experiment.contents.unseen_labels:
        titles = {"macro_average_precision": "average precision, mean", **titles}
    names = [name for name in titles if name in best["figures"]]
    scored = ["Brier score", "calibration error (by chance)"] if best.get("calibration") else []
    ranked = ["rank"] if any(row.rank for row in board.rows) else []
    table = _Table(*ranked, "model", *(titles[name] for name in names), *scored)
    for row in board.rows:
        figures, calibration = row.run.metrics["figures"], row.run.metrics.get("calibration")
        probabilities = _probabilities(calibration) if calibration else [""] * len(scored)
        table.row(
            *[str(row.rank or "")][: len(ranked)],
            f"`{row.name}`",
            *(figures.get(name) for name in names),
            *probabilities,
        )
    if ceiling := best.get("ceiling"):
        table.row(
            *[""] * len(ranked),
            "second annotator",
            *(ceiling["figures"].get(name) for name in names),
            *[""] * len(scored),
        )
    yield from table.lines()


def _probabilities(calibration: Mapping[str, Any]) -> list[str]:
    """Brier score and expected calibration error, to the digits in which they differ; empty without sentences."""
    brier, error, chance = calibration["brier"]["value"], calibration["ece"], calibration["ece_by_chance"]
    return ["", ""] if error is None else [f"{brier:.4f}", f"{error:.4f} ({chance:.4f})"]


def _labels(row: Row, *, precision: bool) -> Iterator[str]:
    labels, ceiling = row.run.metrics["labels"], row.run.metrics.get("ceiling")
    if not any(labels.values()):
        return
    yield f"Themes, `{row.name}` (tiers: A use, B explore, C do not rely on):\n"
    head = ["theme", "F1", "precision", "recall", "gold", "tier"]
    more = [
        *(["average precision", "share of the sentences"] if precision else []),
        *(["second annotator's F1"] if ceiling else []),
    ]
    table = _Table(*head, *more)
    total = row.run.metrics["sentences"]
    for label, figures in labels.items():
        beside = [figures["average_precision"], f"{figures['support'] / total:.3f}"] if precision else []
        beside += [ceiling["labels"].get(label, {}).get("f1")] if ceiling else []
        table.row(
            f"`{label}`",
            *(figures[name] for name in ("f1", "precision", "recall")),
            str(figures["support"]),
            figures["tier"],
            *beside,
        )
    yield from table.lines()


def _languages(board: Board) -> Iterator[str]:
    """The figures of every run by language, where the test articles are in several."""
    parts = [
        {one["name"]: one for one in row.run.metrics.get("slices", ()) if one["facet"] == "language"}
        for row in board.rows
    ]
    if len(parts[0]) < 2:
        return
    yield "By language:\n"
    table = _Table("language", "sentences", *(f"`{row.name}`, {figure}-F1" for row in board.rows for figure in _BOTH))
    for name, held in sorted(parts[0].items()):
        table.row(_safe(name), f"{held['sentences']:,}", *(part[name][figure] for part in parts for figure in _BOTH))
    yield from table.lines()


_BOTH = ("micro", "macro")
CLAIMS: Mapping[str, str] = {
    "bearing_f1": "sentence carries a claim, F1",
    "claim_f1": "claims (overlap 0.5), F1",
    "strict_f1": "claims (overlap 0.8), F1",
    "type": "type right",
    "mode": "mode right",
    "cue": "cue right",
    "source_f1": "speaker, F1",
    "misattribution": "speaker wrong",
    "resolved_right": "source right",
    "resolved_abstained": "source left open",
    "resolved_wrong": "source wrong",
}


def _claims(board: Board) -> Iterator[str]:
    """The figures on claims of every run that has some, and those of the first by mode."""
    rows = [row for row in board.rows if row.run.metrics["claims"]]
    if not rows:
        return
    sides = [(f"`{row.name}`", row.run.metrics["claims"]) for row in rows]
    if ceiling := rows[0].run.metrics.get("ceiling"):
        sides.append(("second annotator", ceiling["claims"]))
    yield "Claims:\n"
    table = _Table("", *(name for name, _ in sides))
    for name, title in CLAIMS.items():
        table.row(title, *(figures.get(name) for _, figures in sides))
    yield from table.lines()
    yield f"Claims by mode, `{rows[0].name}`:\n"
    table = _Table("mode", "F1", "precision", "recall", "strict F1")
    for group, figures in rows[0].run.metrics["claims_by_mode"].items():
        table.row(group, *(figures[name] for name in ("claim_f1", "claim_precision", "claim_recall", "strict_f1")))
    yield from table.lines()


def _selection(board: Board) -> Iterator[str]:
    """What the simulated choice of articles gave, a row for each size."""
    for row in board.rows:
        simulated = row.run.metrics.get("selection")
        if not simulated:
            continue
        yield (
            f"Annotation simulated, `{row.name}`: articles chosen by `claimtag select` against random ones, from the same first "
            f"articles, until so many sentences are annotated; {simulated['articles']:,} test articles in "
            f"{simulated['parts']} parts, each with a beginning of its own. The difference is paired over test articles; it "
            "says nothing of other beginnings.\n"
        )
        titles = [
            f"{figure}, {way}" for figure in ("macro-F1", "micro-F1") for way in ("random", "selected", "difference")
        ]
        table = _Table("sentences", *titles, "rarest themes annotated, random", "selected")
        for point in simulated["points"]:
            cells: list[str | Mapping[str, Any] | None] = []
            for figure in ("macro_f1", "micro_f1"):
                cells += [point["random"][figure], point["selected"][figure], _difference(point["difference"][figure])]
            table.row(f"{point['sentences']:,}", *cells, *_rarest(simulated, point))
        yield from table.lines()


def _distillation(board: Board) -> Iterator[str]:
    """What unlabelled sentences brought, a row for the teacher and one for each size."""
    for row in board.rows:
        distilled = row.run.metrics.get("distillation")
        if not distilled:
            continue
        texts, teacher = distilled["unlabelled"], distilled["teacher"]
        options = "".join(f", {name} = {value}" for name, value in (teacher["options"] or {}).items())
        yield (
            f"Distillation, `{row.name}`: learned from the annotated sentences and so many unlabelled ones, with the themes "
            f"that the teacher (`{teacher['kind']}`{_safe(options)}), which learned from the same annotated sentences, says of "
            f"them. {distilled['articles']:,} test articles, parts: {distilled['parts']}; the thresholds of every row come from "
            f"the other test articles. Unlabelled articles of {_safe(texts['file'])} that were drawn: {texts['articles']:,}; "
            f"left out because they share text with test articles: {texts['left_out']:,}. The difference is to the row of 0, "
            "paired over test articles.\n"
        )
        table = _Table(
            "unlabelled sentences",
            *(f"{figure}{what}" for figure in ("macro-F1", "micro-F1") for what in ("", ", difference")),
        )
        for point in distilled["points"]:
            cells: list[str | Mapping[str, Any]] = []
            for figure in ("macro_f1", "micro_f1"):
                cells += [point[figure], _difference(point["difference"][figure]) if point["difference"] else ""]
            table.row("the teacher" if point["way"] == "teacher" else f"{int(point['way']):,}", *cells)
        yield from table.lines()


def _difference(compared: Mapping[str, Any]) -> str:
    one = compared["difference"]
    if one["value"] is None or one["low"] is None:
        return "–"
    return f"{one['value']:+.3f} [{one['low']:+.3f}, {one['high']:+.3f}]"


def _rarest(simulated: Mapping[str, Any], point: Mapping[str, Any]) -> list[str]:
    """How many sentences of the rarer half of the themes were annotated; the last random round tells which."""
    counts = simulated["points"][-1]["random"]["annotated"]["labels"]
    rare = sorted(counts, key=lambda label: counts[label])[: len(counts) // 2]
    return [f"{sum(point[way]['annotated']['labels'][label] for label in rare):.0f}" for way in ("random", "selected")]


def _raised(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


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
