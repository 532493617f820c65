"""How often 95 % intervals hold the truth: simulated from the committed counts of two runs on the same articles.

Their articles stand for all that there could be, and the figures on all of them for the truth. Draws of some articles
are test sets: how often does the interval of a figure of the first run hold it, and that of the plain percentiles of the
same replicates? And how often do two equally good models differ with p < 0.05? Such models are made by swapping the runs
in half of the articles of a draw.

    python -m benchmarks.coverage [RUN OTHER_RUN]
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from claimtag.evaluation.comparing import two_sided
from claimtag.evaluation.intervals import leave_one_out, resample, theme_estimates, theme_f1
from claimtag.evaluation.metrics import SUPPORT
from claimtag.experiments import read_run

FOLDS = Path(__file__).parent.parent / "experiments" / "results" / "baselines-folds"
RUNS = (FOLDS / "tfidf-article-s0", FOLDS / "tfidf-words-s0")
DRAWS = {20: 500, 55: 500, 150: 500, 400: 300}  # articles of a test set, and how many such
REPLICATES = 1_000
FIGURES = ("micro-F1", "macro-F1", "F1 of themes")


def main() -> None:
    """Prints the shares for test sets of several sizes."""
    runs = sys.argv[1:3] or RUNS
    counts = np.stack([read_run(run).comparable().counts for run in runs], axis=1)
    print(f"intervals of nominal 95 %, simulated from {len(counts):,} articles of {' and '.join(map(str, runs))}")
    print("in brackets: the truth lies above the interval\n")
    print(f"{'articles':>8}  {'':12}  {'intervals':>15}  {'percentiles':>15}  {'equal models p < 0.05':>21}")
    for articles, draws in DRAWS.items():
        found = simulated(counts, articles, draws)
        for figure in FIGURES:
            print(f"{articles:8}  {figure:12}  {' '.join(found[figure])}", flush=True)


def simulated(counts: NDArray[np.int64], articles: int, draws: int) -> dict[str, list[str]]:
    """For each figure the shares over so many draws of so many articles, as cells of a row."""
    truth = theme_f1(counts[:, 0])(counts[:, :1].sum(axis=0, dtype=float))[0]
    generator = np.random.default_rng(0)
    held = defaultdict[tuple[str, str], list[tuple[bool, bool]]](list)
    chance = defaultdict[str, list[bool]](list)
    for seed in range(draws):
        both = counts[generator.integers(len(counts), size=articles)]
        drawn = both[:, 0]
        averaged = drawn[..., [0, 2]].sum(axis=(0, 2)) >= SUPPORT
        if not averaged.any():
            continue
        wanted = [truth[0], truth[2:][averaged].mean(), *truth[2:]]
        names = [*FIGURES[:2], *np.where(averaged, FIGURES[2], "").tolist()]
        replicates = resample(drawn, theme_f1(drawn), replicates=REPLICATES, seed=seed)
        estimates = theme_estimates(drawn, replicates=REPLICATES, seed=seed)
        for name, goal, estimate, column in zip(names, wanted, estimates, replicates.T, strict=True):
            if name and estimate.reason is None:
                plain = np.nanquantile(column, [0.025, 0.975])
                for what, (low, high) in (("intervals", (estimate.low, estimate.high)), ("percentiles", plain)):
                    held[name, what].append((low <= goal <= high, goal > high))
        swapped = np.where(generator.random(articles)[:, None, None, None] < 0.5, both, both[:, ::-1])
        tables = (
            resample(swapped, theme_f1(swapped), replicates=REPLICATES, seed=seed),
            leave_one_out(swapped, theme_f1(swapped)),
        )
        for place, name in enumerate(FIGURES[:2]):
            differences, left_out = (table[:, 0, place] - table[:, 1, place] for table in tables)
            chance[name].append(two_sided(differences, left_out) < 0.05)
    cells = {name: [_share(held[name, what]) for what in ("intervals", "percentiles")] for name in FIGURES}
    return {name: [*row, f"{np.mean(chance[name]):22.3f}" if name in chance else ""] for name, row in cells.items()}


def _share(hits: list[tuple[bool, bool]]) -> str:
    """How many intervals hold the truth, and in brackets above how many it lies."""
    holds, above = np.mean(hits, axis=0)
    return f"{holds:.3f} ({above:.3f})".rjust(16)


if __name__ == "__main__":
    main()
