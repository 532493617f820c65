"""Experiments as data: a file says what is trained and measured, runs are written whole, results are pages made of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from claimtag.errors import ClaimtagError, OutputError, require
from claimtag.experiments.files import SHARED, VARIABLE, Experiment, load_experiment
from claimtag.experiments.leaderboards import Board, board_of, results_markdown
from claimtag.experiments.pages import results_page, write_report
from claimtag.experiments.running import Outcome, Session
from claimtag.experiments.stored import COUNTS, METRICS, REPORT, StoredRun, read_run

__all__ = ["Experiment", "Report", "StoredRun", "load_experiment", "read_run", "run_experiments"]

RESULTS, PAGE = "RESULTS.md", "index.html"


@dataclass(slots=True)
class Report:
    """What became of some experiments: runs made and done before, experiments skipped, failures by run."""

    outcomes: list[Outcome] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    failures: dict[str, ClaimtagError] = field(default_factory=dict)
    pages: tuple[Path, ...] = ()

    @property
    def made(self) -> list[Outcome]:
        """The runs that were made now."""
        return [outcome for outcome in self.outcomes if outcome.state == "made"]


def run_experiments(paths: Sequence[str | Path], *, tell: Callable[[str], object] = lambda _: None) -> Report:
    """Makes every run of the experiment files that does not stand yet, and brings the pages of results up to date.

    An experiment whose shared data are not there is skipped with the reason; one that fails (a leak, another scheme, an
    article that is missing) does not keep the others from running. `tell` is given short notes of progress.
    """
    require("matplotlib", extra="plots")  # before minutes of training, not after
    experiments = [load_experiment(path) for path in paths]
    report = Report()
    for experiment in experiments:
        if missing := experiment.missing():
            named = ", ".join(path.name for path in missing)
            report.skipped[experiment.name] = (
                f"{named} not in {missing[0].parent}: {VARIABLE} must name the folder of the shared data "
                f'("{SHARED}" in the file); the results that are committed stand'
            )
            continue
        session = Session(experiment, tell=tell)
        for name, model, seed in experiment.runs():
            try:
                report.outcomes.append(session.run(model, seed, name))
            except ClaimtagError as error:
                report.failures[f"{experiment.name}/{name}"] = error
    folders = {experiment.path.resolve().parent: None for experiment in experiments}
    report.pages = tuple(page for folder in folders for page in write_pages(folder, tell=tell))
    return report


def write_pages(folder: Path, *, tell: Callable[[str], object] = lambda _: None) -> list[Path]:
    """RESULTS.md and results/index.html of all experiments in a folder, made anew where they are stale; those written."""
    experiments = [load_experiment(path) for path in sorted(folder.glob("*.toml"))]
    results = folder / "results"
    stale = _made_from(experiments, results)
    pages = {folder / RESULTS: results_markdown, results / PAGE: results_page}
    for metrics in sorted(results.glob(f"*/[!.]*/{METRICS}")):
        if not (metrics.parent / REPORT).exists():  # after a clone: reports are not committed
            write_report(metrics.parent)
    wanted = [page for page in pages if not _is_current(page, stale)]
    if not wanted:
        return []
    tell("writing the pages of results")
    boards: list[Board] = [board_of(experiment, results) for experiment in experiments]
    for page in wanted:
        _write(page, pages[page](boards, made_from=stale))
    return wanted


def _made_from(experiments: Iterable[Experiment], results: Path) -> str:
    """The hash of all that the pages show, and of the code that makes them."""
    here = Path(__file__).parent
    files = [experiment.path for experiment in experiments]
    files += sorted([*results.glob(f"*/[!.]*/{METRICS}"), *results.glob(f"*/[!.]*/{COUNTS}")])
    files += [here / name for name in ("leaderboards.py", "pages.py", "pages.css", "plots.py")]
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.parent.name}/{file.name}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _is_current(page: Path, made_from: str) -> bool:
    return page.is_file() and made_from in page.read_text(encoding="utf-8")


def _write(page: Path, content: str) -> None:
    partial = page.with_name(f".{page.name}.partial")
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(content, encoding="utf-8")
        partial.replace(page)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise OutputError(f"{page}: cannot be written: {error.strerror or error}") from error
