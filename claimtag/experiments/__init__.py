"""Experiments as data: a file says what is trained and measured, runs are written whole, results are pages of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from claimtag.errors import ClaimtagError, InputError, require
from claimtag.experiments.files import SHARED, VARIABLE, Experiment
from claimtag.experiments.folders import write_whole
from claimtag.experiments.keys import file_hash
from claimtag.experiments.leaderboards import Board, board_of, results_markdown
from claimtag.experiments.loading import load_experiment
from claimtag.experiments.pages import results_page, write_report
from claimtag.experiments.running import Outcome, Session
from claimtag.experiments.stored import (
    COUNTS,
    METRICS,
    REPORT,
    RUN,
    SPLIT,
    STALE,
    THRESHOLDS,
    StoredRun,
    flaw,
    read_run,
)

__all__ = ["Experiment", "Report", "StoredRun", "load_experiment", "read_run", "run_experiments"]

RESULTS, PAGE = "RESULTS.md", "index.html"


@dataclass(slots=True)
class Report:
    """What became of some experiments: runs made and done before, experiments skipped, failures by what failed."""

    outcomes: list[Outcome] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    failures: dict[str, ClaimtagError] = field(default_factory=dict)
    pages: tuple[Path, ...] = ()

    @property
    def made(self) -> list[Outcome]:
        """The runs that were made now."""
        return [outcome for outcome in self.outcomes if outcome.state == "made"]

    @property
    def by_other_versions(self) -> dict[str, list[str]]:
        """The runs that stand from other versions of Python, or of packages, by what differs."""
        runs: dict[str, list[str]] = {}
        for outcome in self.outcomes:
            if outcome.versions:
                runs.setdefault(outcome.versions, []).append(f"{outcome.folder.parent.name}/{outcome.run}")
        return runs


def run_experiments(paths: Sequence[str | Path], *, tell: Callable[[str], object] = lambda _: None) -> Report:
    """Makes every run of the experiment files that does not stand yet, and brings the pages of results up to date.

    An experiment whose shared data are not there is skipped with the reason; one that fails (a leak, another scheme, an
    article that is missing) does not keep the others from running. `tell` is given short notes of progress.
    """
    require("matplotlib", extra="plots")  # before minutes of training, not after
    experiments = [load_experiment(path) for path in paths]
    report, busy = Report(), set()
    for experiment in experiments:
        if missing := experiment.missing():
            named = ", ".join(path.name for path in missing)
            report.skipped[experiment.name] = (
                f"{named} not in {missing[0].parent}: {VARIABLE} must name the folder of the shared data "
                f'("{SHARED}" in the file); the results that are committed stand'
                f"{_damaged(experiment)}"
            )
            continue
        try:
            for outcome in Session(experiment, tell=tell).runs():
                if isinstance(outcome, Outcome):
                    report.outcomes.append(outcome)
                else:
                    report.failures[f"{experiment.name}/{outcome[0]}"] = outcome[1]
        except ClaimtagError as error:  # another process is at work on it
            report.failures[experiment.name] = error
            busy.add(experiment.path.resolve().parent)  # whose pages that process writes, when it is done
    for folder in {experiment.path.resolve().parent: None for experiment in experiments}:
        if folder in busy:
            continue
        try:
            report.pages += tuple(write_pages(folder, tell=tell))
        except ClaimtagError as error:
            report.failures[f"the pages of {folder.name}"] = error
    return report


def write_pages(folder: Path, *, tell: Callable[[str], object] = lambda _: None) -> list[Path]:
    """RESULTS.md and results/index.html of all experiments in a folder, made anew where stale; those written."""
    experiments = [load_experiment(path) for path in sorted(folder.glob("*.toml"))]
    results = folder / "results"
    stale = _made_from(experiments, results)
    pages = {folder / RESULTS: results_markdown, results / PAGE: results_page}
    for metrics in sorted(results.glob(f"*/[!.]*/{METRICS}")):
        if not (metrics.parent / REPORT).exists():  # after a clone: reports are not committed
            with suppress(InputError):  # a damaged run has no figures to show, and the pages say so
                write_report(metrics.parent)
    wanted = [page for page in pages if not _is_current(page, stale)]
    if not wanted:
        return []
    tell("writing the pages of results")
    boards: list[Board] = [board_of(experiment, results) for experiment in experiments]
    for page in wanted:
        write_whole(page, pages[page](boards, made_from=stale))
    return wanted


def _damaged(experiment: Experiment) -> str:
    """The runs of an experiment that stand and cannot be used, as the end of a message."""
    folders = {name: experiment.path.parent / "results" / experiment.name / name for name, _, _ in experiment.runs()}
    flaws = [f"{name} ({why})" for name, folder in folders.items() if folder.is_dir() and (why := flaw(folder))]
    return f", but for {', '.join(flaws)}" if flaws else ""


def _made_from(experiments: Iterable[Experiment], results: Path) -> str:
    """The hash of all that the pages show, and of the code that makes them."""
    here = Path(__file__).parent
    files = [experiment.path for experiment in experiments]
    files += sorted(
        path for name in (RUN, METRICS, COUNTS, SPLIT, THRESHOLDS, STALE) for path in results.glob(f"*/[!.]*/{name}")
    )
    files += [here / name for name in ("leaderboards.py", "pages.py", "pages.css", "plots.py", "stored.py")]
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.parent.name}/{file.name}\0{file_hash(file)}\0".encode())
    return digest.hexdigest()


def _is_current(page: Path, made_from: str) -> bool:
    return page.is_file() and made_from.encode() in page.read_bytes()
