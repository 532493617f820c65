"""The report of a run, and the page of all results: self-contained HTML that runs no script and asks for nothing.

Every number stands with the place in metrics.json that it comes from (`data-figure`).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from claimtag.experiments import plots
from claimtag.experiments.folders import write_whole
from claimtag.experiments.leaderboards import Board
from claimtag.experiments.stored import REPORT, StoredRun, read_run
from claimtag.version import __version__

FIGURES = {  # what the figures are called, in the order that they are shown
    "macro_f1": "macro-F1",
    "micro_f1": "micro-F1",
    "micro_precision": "micro precision",
    "micro_recall": "micro recall",
    "any_theme_f1": "a theme at all, F1",
    "exact": "all themes of a sentence right",
    "hamming": "decisions wrong (Hamming loss)",
    "lrap": "label ranking average precision",
    "themed_lrap": "the same, sentences with a theme",
    "macro_average_precision": "macro average precision",
    "sentence_f1": "sentences cut right, F1",
    "boilerplate_recall": "boilerplate recognised",
    "body_lost": "body text lost",
}
_STYLE = (Path(__file__).parent / "pages.css").read_text("utf-8")


def write_report(folder: Path) -> None:
    """The report of the run that lies in the folder, made from its metrics.json alone."""
    run = read_run(folder)
    write_whole(folder / REPORT, _page(run.name, _report(run)))


def results_page(boards: Sequence[Board], *, made_from: str) -> str:
    """One page with the leaderboard and the plots of every experiment."""
    body = ["<h1>Experiments</h1>"]
    body.append(
        "<p>Every figure stands with its 95 % interval from a bootstrap over whole articles. Models of one rank cannot "
        "be told apart: paired bootstrap over the same articles, Holm’s correction over all pairs.</p>"
    )
    body.append(
        "<nav><ul>"
        + "".join(f'<li><a href="#{escape(board.name)}">{escape(board.name)}</a>' for board in boards)
        + "</ul></nav>"
    )
    for board in boards:
        body += _board(board)
    return _page("Experiments", body, made_from=made_from)


def _page(title: str, body: Iterable[str], *, made_from: str = "") -> str:
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="made-from" content="{escape(made_from)}">\n'
        f"<title>{escape(title)} – claimtag</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(body)
        + f"\n</main>\n<footer>Made by claimtag {escape(__version__)}.</footer>\n</body>\n</html>\n"
    )


def _report(run: StoredRun) -> Iterator[str]:
    metrics = run.metrics
    yield f"<h1>{escape(run.name)}</h1>"
    yield _facts(run)
    yield "<h2>Figures</h2>"
    ceiling = metrics.get("ceiling") or {}
    yield _figures(metrics, ceiling)
    if any(metrics["labels"].values()):
        yield f"<h2>Themes</h2>{_labels(metrics, ceiling)}"
        yield _plot(plots.label_plot(metrics), "F1 of every theme with its interval")
    if metrics["claims"]:
        yield f"<h2>Claims</h2>{_claims(metrics, ceiling)}"
    yield from _plots(metrics)
    if metrics.get("confusion"):
        yield "<h2>Confusion</h2><p>Sentences in which the row’s theme was missed and the column’s said wrongly.</p>"
        yield _plot(plots.confusion_plot(metrics), "Which theme was said instead of which")
    if metrics.get("slices"):
        yield f"<h2>Slices</h2>{_slices(metrics)}"
    yield f"<h2>Made with</h2>{_made_with(run)}"


def _plots(metrics: Mapping[str, Any]) -> Iterator[str]:
    shown = []
    if metrics.get("calibration"):
        shown.append(_plot(plots.reliability_plot([("", metrics)]), "Reliability", _calibration(metrics)))
    if metrics.get("coverage") and metrics["coverage"]["curve"]:
        caption = "Accuracy on the share of the sentences that the model is surest of."
        shown.append(_plot(plots.coverage_plot([("", metrics)]), "Coverage", caption))
    if metrics.get("curve"):
        caption = "What more training articles bring; the band is the spread over subsets."
        shown.append(_plot(plots.curve_plot(metrics), "Learning curve", caption))
    if shown:
        yield f'<h2>Scores</h2><div class="plots">{"".join(shown)}</div>'


def _calibration(metrics: Mapping[str, Any]) -> str:
    calibration = metrics["calibration"]
    error, chance = calibration["ece"], calibration["ece_by_chance"]
    expected = "" if error is None else f" Expected calibration error {error:.3f} ({chance:.3f} by chance alone)."
    return f"Probabilities from {calibration['lowest']} up. Brier score {_plain(calibration['brier'])}.{expected}"


def _facts(run: StoredRun) -> str:
    metrics, test = run.metrics, run.metrics["test_set"]
    model, scheme = metrics["model"], metrics["scheme"]
    options = ", ".join(f"{name} = {value}" for name, value in (model["options"] or {}).items())
    facts = {
        "model": f"{model['kind']}" + (f" ({options})" if options else ""),
        "measured on": f"{run.measured_on}: {metrics['articles']:,} articles, {metrics['sentences']:,} sentences",
        "sentences": "found by claimtag" if metrics["segmentation"] == "automatic" else "given as in gold",
        "label scheme": f"{scheme['name']} {scheme['version']}",
        "annotated by": ", ".join(f"{name} ({count})" for name, count in test["annotators"].items()),
        "seed": str(metrics["seed"]),
    }
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts.items())
    return f"<dl>{rows}</dl>"


def _figures(metrics: Mapping[str, Any], ceiling: Mapping[str, Any]) -> str:
    rows = []
    for name, what in FIGURES.items():
        if name in metrics["figures"]:
            more = f" over {len(metrics['macro_labels'])} themes" if name == "macro_f1" else ""
            beside = ceiling.get("figures", {}).get(name)
            rows.append(
                (
                    what + more,
                    _cell(metrics["figures"][name], f"figures.{name}"),
                    _ceiling(beside, f"ceiling.figures.{name}"),
                )
            )
    head = ("", "with its 95 % interval", *(("second annotator",) if ceiling else ()))
    return _table(head, [row[: len(head)] for row in rows])


def _labels(metrics: Mapping[str, Any], ceiling: Mapping[str, Any]) -> str:
    rows = []
    for label, figures in metrics["labels"].items():
        cells = [_cell(figures[name], f"labels.{label}.{name}") for name in ("precision", "recall", "f1")]
        cells += [f'<td class="n" data-figure="labels.{escape(label)}.support">{figures["support"]}</td>']
        cells += [f'<td class="tier {figures["tier"]}">{figures["tier"]}</td>']
        cells += (
            [_cell(figures["average_precision"], f"labels.{label}.average_precision")]
            if "average_precision" in figures
            else []
        )
        if ceiling:
            cells.append(_ceiling(ceiling["labels"].get(label, {}).get("f1"), f"ceiling.labels.{label}.f1"))
        rows.append((label, *cells))
    head = ["theme", "precision", "recall", "F1", "gold", "tier"]
    head += ["average precision"] if rows and "average_precision" in next(iter(metrics["labels"].values())) else []
    head += ["second annotator’s F1"] if ceiling else []
    tiers = "Tiers: A use, B explore, C do not rely on, by the lower end of F1’s interval and the gold sentences."
    return _table(head, rows) + f"<p>{tiers} A dash: not defined, or no interval; its reason on hover.</p>"


def _claims(metrics: Mapping[str, Any], ceiling: Mapping[str, Any]) -> str:
    rows = []
    for name, estimate in metrics["claims"].items():
        row = [name.replace("_", " "), _cell(estimate, f"claims.{name}")]
        row += [_ceiling(ceiling["claims"].get(name), f"ceiling.claims.{name}")] if ceiling else []
        rows.append(row)
    return _table(("", "with its 95 % interval", *(("second annotator",) if ceiling else ())), rows)


def _slices(metrics: Mapping[str, Any]) -> str:
    rows = []
    for place, one in enumerate(metrics["slices"]):
        cells = [f'<td class="n">{one[name]:,}</td>' for name in ("articles", "sentences", "support")]
        figures = [_cell(one[name], f"slices.{place}.{name}") for name in ("micro", "macro")]
        rows.append((f"{one['facet']}: {one['name']}", *cells, *figures))
    return _table(("slice", "articles", "sentences", "gold themes", "micro-F1", "macro-F1"), rows)


def _made_with(run: StoredRun) -> str:
    rows = [(what, f"<td>{escape(version)}</td>") for what, version in run.record.get("environment", {}).items()]
    rows += [
        (f"{part} data, sha256", f"<td><code>{escape(data['sha256'])}</code></td>")
        for part, data in run.record.get("data", {}).items()
    ]
    rows += [
        (f"{name}, sha256", f"<td><code>{escape(str(run.record.get(name)))}</code></td>") for name in ("code", "key")
    ]
    return _table(("", ""), rows)


def _board(board: Board) -> Iterator[str]:
    yield f'<section id="{escape(board.name)}"><h2>{escape(board.name)}</h2>'
    yield f"<p>{escape(board.experiment.contents.description)}</p>"
    if board.experiment.contents.note:
        yield f'<p class="note">{escape(board.experiment.contents.note)}</p>'
    if board.left_out:
        left_out = "; ".join(f"{name} ({why})" for name, why in board.left_out.items())
        yield f'<p class="note">Left out: {escape(left_out)}.</p>'
    if not board.rows:
        yield "</section>"
        return
    names = [name for name in ("macro_f1", "micro_f1", "exact", "sentence_f1") if name in board.best.metrics["figures"]]
    rows = []
    for row in board.rows:
        figures, link = row.run.metrics["figures"], f"{escape(board.name)}/{escape(row.run.metrics['run'])}/{REPORT}"
        cells = [_ceiling(figures.get(name), "") for name in names]
        rows.append((f'<a href="{link}">{escape(row.name)}</a>', f'<td class="n">{row.rank or ""}</td>', *cells))
    ceiling = board.best.metrics.get("ceiling")
    if ceiling:
        cells = [_ceiling(ceiling["figures"].get(name), "") for name in names]
        rows.append(("second annotator", "<td></td>", *cells))
    yield _table(("model", "rank", *(FIGURES[name] for name in names)), rows, safe=True)
    if board.problem:
        yield f'<p class="note">{escape(board.problem)}</p>'
    runs = [(row.name, row.run.metrics) for row in board.rows]
    best = board.best.metrics
    if best["claims"]:
        yield f"<h3>Claims: {escape(board.rows[0].name)}</h3>{_claims(best, ceiling or {})}"
    yield f'<div class="plots">{"".join(_board_plots(runs, best))}</div></section>'


def _board_plots(runs: plots.Named, best: Mapping[str, Any]) -> Iterator[str]:
    name = escape(str(best["model"]["name"]))
    if any(best["labels"].values()):
        yield _plot(plots.label_plot(best), "F1 of every theme", f"Every theme: {name}.")
    with_scores = [(run, metrics) for run, metrics in runs if metrics.get("calibration")]
    if with_scores:
        yield _plot(plots.reliability_plot(with_scores), "Reliability", "Do probabilities mean what they say?")
    with_curve = [(run, metrics) for run, metrics in runs if metrics.get("coverage", {}).get("curve")]
    if with_curve:
        yield _plot(plots.coverage_plot(with_curve), "Coverage", "Accuracy on what each model is surest of.")
    for run, metrics in runs:
        if metrics.get("curve"):
            yield _plot(
                plots.curve_plot(metrics), "Learning curve", f"What more training articles bring: {escape(run)}."
            )
    if best.get("confusion"):
        yield _plot(plots.confusion_plot(best), "Confusion between themes", f"Which theme instead of which: {name}.")


def _plot(svg: str, alternative: str, caption: str = "") -> str:
    # as an image: the picture's own styles need no place in the page's policy, and nothing in it can reach the page
    source = base64.b64encode(svg.encode()).decode()
    below = f"<figcaption>{caption}</figcaption>" if caption else ""
    return f'<figure><img alt="{escape(alternative)}" src="data:image/svg+xml;base64,{source}">{below}</figure>'


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], *, safe: bool = False) -> str:
    """Rows of a name (escaped here, unless it is safe) and finished cells."""
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(f"<tr><th>{name if safe else escape(name)}</th>{''.join(cells)}</tr>" for name, *cells in rows)
    return f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(estimate: Mapping[str, Any], path: str) -> str:
    where = f' data-figure="{escape(path)}"' if path else ""
    reason = f' title="{escape(estimate["reason"])}"' if estimate.get("reason") else ""
    return f'<td class="n"{where}{reason}>{_plain(estimate)}</td>'


def _ceiling(estimate: Mapping[str, Any] | None, path: str) -> str:
    return "<td></td>" if estimate is None else _cell(estimate, path)


def _plain(estimate: Mapping[str, Any]) -> str:
    if estimate["value"] is None:
        return "–"
    interval = "" if estimate["low"] is None else f" <small>[{estimate['low']:.3f}, {estimate['high']:.3f}]</small>"
    return f"{estimate['value']:.3f}{interval}"
