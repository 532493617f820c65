"""The figures of runs as pictures: SVG by matplotlib, the same bytes for the same figures, no state outside a call."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from claimtag.errors import require

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Named: TypeAlias = Sequence[tuple[str, Mapping[str, Any]]]

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#555555")  # Okabe and Ito: for every eye
_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "claimtag",
    "text.parse_math": False,  # a "$" in a name is a "$"
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "axes.axisbelow": True,
}


def label_plot(metrics: Mapping[str, Any]) -> str:
    """F1 of every label with its interval, best first, and the second annotator's as its ceiling."""
    rows = [
        (label, figures)
        for label, figures in metrics["labels"].items()
        if figures.get("f1", {}).get("value") is not None
    ]
    rows.sort(key=lambda row: row[1]["f1"]["value"])
    figure, axes = _figure(7.2, 1.1 + 0.3 * len(rows))
    ceiling = (metrics.get("ceiling") or {}).get("labels", {})
    above = [(place, ceiling[label]["f1"]["value"]) for place, (label, _) in enumerate(rows) if label in ceiling]
    above = [(place, value) for place, value in above if value is not None]
    if above:
        axes.scatter([value for _, value in above], [place for place, _ in above], marker="|", s=160, color="#999999",
                     linewidths=2.5, label="second annotator")  # fmt: skip
    for place, (_, figures) in enumerate(rows):
        one = figures["f1"]
        if one["low"] is not None:
            axes.plot([one["low"], one["high"]], [place, place], color=COLOURS[0], linewidth=2, alpha=0.5)
    axes.scatter(
        [figures["f1"]["value"] for _, figures in rows], range(len(rows)), color=COLOURS[0], zorder=3, label="F1"
    )
    axes.set_yticks(range(len(rows)), [f"{label}  ({figures['support']})" for label, figures in rows])
    axes.set(
        xlim=(0, 1.02), ylim=(-0.7, len(rows) - 0.3), xlabel="F1, with its 95 % interval (in brackets: gold sentences)"
    )
    _legend(figure, axes)
    return _svg(figure)


def reliability_plot(runs: Named) -> str:
    """Of decisions of a probability, the share that has the label; on the diagonal probabilities mean what they say."""
    figure, axes = _figure(5.2, 4.6)
    axes.plot([0, 1], [0, 1], color="#999999", linewidth=1, linestyle="--")
    for (name, metrics), colour in zip(runs, _colours(runs), strict=True):
        bins = metrics["calibration"]["curve"]
        if len(bins) < 2:
            continue
        axes.plot([one["score"] for one in bins], [one["share"]["value"] for one in bins], marker="o", markersize=4,
                  color=colour, label=name)  # fmt: skip
        if len(runs) == 1:
            axes.fill_between([one["score"] for one in bins], [one["share"]["low"] for one in bins],
                              [one["share"]["high"] for one in bins], color=colour, alpha=0.15, linewidth=0)  # fmt: skip
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="probability", ylabel="share with the label")
    _legend(figure, axes, always=len(runs) > 1)
    return _svg(figure)


def coverage_plot(runs: Named) -> str:
    """How many sentences have all themes right, of those that the model is surest of."""
    figure, axes = _figure(5.2, 4.6)
    for (name, metrics), colour in zip(runs, _colours(runs), strict=True):
        curve = metrics["coverage"]["curve"]
        axes.plot(
            [point["coverage"] for point in curve], [point["accuracy"] for point in curve], color=colour, label=name
        )
    axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="share of the sentences kept, surest first", ylabel="all themes right")
    _legend(figure, axes, always=len(runs) > 1)
    return _svg(figure)


def curve_plot(metrics: Mapping[str, Any]) -> str:
    """What more articles would bring: the mean over subsets of each size, and their spread."""
    figure, axes = _figure(5.2, 4.6)
    points = metrics["curve"]
    for (name, shown), colour in zip((("micro_f1", "micro-F1"), ("macro_f1", "macro-F1")), COLOURS, strict=False):
        kept = [point for point in points if point["figures"].get(name, {}).get("mean") is not None]
        sizes = [point["articles"] for point in kept]
        axes.plot(sizes, [point["figures"][name]["mean"] for point in kept], marker="o", color=colour, label=shown)
        axes.fill_between(sizes, [point["figures"][name]["lowest"] for point in kept],
                          [point["figures"][name]["highest"] for point in kept], color=colour, alpha=0.15, linewidth=0)  # fmt: skip
    axes.set(xlim=(0, None), ylim=(0, 1), xlabel="training articles", ylabel="F1 on the test set")
    _legend(figure, axes, always=True)
    return _svg(figure)


def confusion_plot(metrics: Mapping[str, Any]) -> str:
    """Which theme was said instead of which, in sentences; rows were missed, columns wrongly said."""
    labels, counts = metrics["confusion"]["labels"], metrics["confusion"]["counts"]
    size = 2.4 + 0.3 * len(labels)
    figure, axes = _figure(size + 0.4, size)
    most = max((count for row in counts for count in row), default=0)
    axes.imshow(
        [[(count / most) ** 0.5 if most else 0 for count in row] for row in counts], cmap="Blues", vmin=0, vmax=1
    )
    for row, values in enumerate(counts):
        for column, count in enumerate(values):
            if count:
                dark = count > most * 0.35
                axes.text(
                    column, row, str(count), ha="center", va="center", fontsize=8, color="white" if dark else "black"
                )
    axes.set_xticks(range(len(labels)), labels, rotation=90)
    axes.set_yticks(range(len(labels)), labels)
    axes.set(xlabel="said wrongly", ylabel="missed")
    axes.grid(False)
    return _svg(figure)


def _figure(width: float, height: float) -> tuple[Figure, Axes]:
    matplotlib = require("matplotlib", extra="plots")
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        return figure, figure.subplots()


def _colours(runs: Named) -> list[str]:
    return [COLOURS[place % len(COLOURS)] for place in range(len(runs))]


def _legend(figure: Figure, axes: Axes, *, always: bool = False) -> None:
    handles, labels = axes.get_legend_handles_labels()
    if len(handles) > 1 or (always and handles):
        figure.legend(
            handles,
            labels,
            loc="outside upper left",
            frameon=False,
            ncols=2 if max(map(len, labels)) < 30 else 1,
            fontsize=9,
        )


def _svg(figure: Figure) -> str:
    matplotlib = require("matplotlib", extra="plots")
    stream = io.StringIO()
    with matplotlib.rc_context(_STYLE):
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    return stream.getvalue()
