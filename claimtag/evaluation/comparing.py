"""Which of several runs is better, and whether that can be told: paired bootstrap, Holm, McNemar, a leaderboard.

All runs are measured on the same resamples of the same articles, so what makes an article hard for all of them falls
out of their differences.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from claimtag.errors import OptionError, RecordError
from claimtag.evaluation.intervals import (
    FEW_LABELS,
    FEWEST_ARTICLES,
    LEVEL,
    NO_SUPPORT,
    NO_THEME,
    REPLICATES,
    Estimate,
    Floats,
    degrees_of_freedom,
    leave_one_out,
    resample,
    summary,
    theme_f1,
)
from claimtag.evaluation.metrics import SUPPORT
from claimtag.records import SchemeRef

Figure: TypeAlias = Literal["micro", "macro"]
FIGURES: tuple[Figure, ...] = ("micro", "macro")  # in the order of what `theme_f1` gives


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What one model did on one test set, as far as comparing needs it.

    `test_set` is the hash of the gold articles and `metrics` the version of the metrics; `counts` are `theme_counts`,
    one row for each of `articles`; `exact` says, for every gold sentence, whether all its themes are right.
    """

    name: str
    test_set: str
    scheme: SchemeRef
    metrics: str
    articles: tuple[str, ...]
    labels: tuple[str, ...]
    counts: NDArray[np.int64] = field(repr=False)
    exact: NDArray[np.bool_] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        shape = (len(self.articles), len(self.labels), 3)
        if np.shape(self.counts) != shape:
            raise RecordError(
                f'run "{self.name}": counts have the shape {np.shape(self.counts)}, not {shape} (articles × labels × 3)'
            )
        if np.min(self.counts, initial=0) < 0:
            raise RecordError(f'run "{self.name}": counts cannot be negative')
        for what, names in (("article", self.articles), ("label", self.labels)):
            if len(set(names)) < len(names):
                raise RecordError(f'run "{self.name}": {what} {_first_repeated(names)!r} stands twice')


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of two runs, a − b with its interval, and how surprising that would be were they equally good.

    `p` is two-sided, see `two_sided`: it is never 0, it is 1 for identical runs, and it falls below 0.05 where the 95 %
    interval leaves 0 out. `corrected` is p after Holm among the labels; micro- and macro-F1 are one comparison each.
    """

    figure: str
    a: float
    b: float
    difference: Estimate
    p: float
    corrected: float

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        numbers = {"a": self.a, "b": self.b, "p": self.p, "corrected": self.corrected}
        return {
            "figure": self.figure,
            "difference": self.difference.to_dict(),
            **{name: None if math.isnan(number) else number for name, number in numbers.items()},
        }


@dataclass(frozen=True, slots=True)
class McNemar:
    """Sentences that only one of two runs has all right, and McNemar's exact p that this is chance.

    The test takes sentences for independent, which those of an article are not: where it and the bootstrap over
    articles disagree, believe the bootstrap.
    """

    only_a: int
    only_b: int
    p: float

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"only_a": self.only_a, "only_b": self.only_b, "p": self.p}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs side by side: micro- and macro-F1, every label (Holm over the labels), exact sets of themes."""

    a: str
    b: str
    articles: int
    macro_labels: tuple[str, ...]
    micro: Difference
    macro: Difference
    labels: tuple[Difference, ...]
    exact: McNemar | None

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "a": self.a,
            "b": self.b,
            "articles": self.articles,
            "macro_labels": list(self.macro_labels),
            "micro": self.micro.to_dict(),
            "macro": self.macro.to_dict(),
            "labels": [label.to_dict() for label in self.labels],
            "exact": None if self.exact is None else self.exact.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Place:
    """A run's place on the leaderboard: `group` 1 cannot be told from the best run, 2 from the best of the others, …

    `p` is that of the comparison with its group's best, after Holm; nan for that best run itself.
    """

    group: int
    name: str
    estimate: Estimate
    p: float

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "group": self.group,
            "name": self.name,
            "estimate": self.estimate.to_dict(),
            "p": None if math.isnan(self.p) else self.p,
        }


def compare(a: Run, b: Run, *, replicates: int = REPLICATES, seed: int = 0, level: float = LEVEL) -> Comparison:
    """Two runs on the same test set, figure by figure; OptionError names what keeps them from being compared.

    Two equally good models differ in micro-F1 with p < 0.05 about as often as they should, and in macro-F1 somewhat too
    often on few articles: see `benchmarks/coverage.py`.
    """
    check_comparable((a, b))
    drawn, left_out, whole, reasons = _figures((a, b), replicates=replicates, seed=seed)
    names = ("micro", "macro", *a.labels)
    estimates, p_values = [], []
    for place, reason in enumerate(reasons):
        gaps = None if drawn is None else drawn[:, 0, place] - drawn[:, 1, place]
        without = left_out[:, 0, place] - left_out[:, 1, place]
        gap = float(whole[0, place] - whole[1, place])
        estimates.append(summary(gap, gaps, without, biased=False, undefined=reason, level=level))
        p_values.append(math.nan if gaps is None or math.isnan(estimates[-1].low) else two_sided(gaps, without))
    corrected = [*p_values[: len(FIGURES)], *holm(p_values[len(FIGURES) :])]
    micro, macro, *labels = (
        Difference(name, float(one), float(other), estimate, p, p_corrected)
        for name, one, other, estimate, p, p_corrected in zip(
            names, whole[0], whole[1], estimates, p_values, corrected, strict=True
        )
    )
    exact = None if a.exact is None or b.exact is None else mcnemar(a.exact, b.exact)
    return Comparison(a.name, b.name, len(a.articles), _macro_labels(a), micro, macro, tuple(labels), exact)


def leaderboard(
    runs: Sequence[Run], *, figure: Figure = "macro", replicates: int = REPLICATES, seed: int = 0, level: float = LEVEL
) -> tuple[Place, ...]:
    """The runs, best first, with those that cannot be told from a group's best in its group.

    The best run and those that a paired bootstrap cannot tell from it are the first group; the best of the rest opens
    the next, and so on. Holm's correction is over all pairs of runs, since which one is the best was seen first: over
    the comparisons with the best alone, 8 equally good runs on 60 articles were split in 18 of 150 simulations, over
    all pairs in 5. A steady small loss can be told from the best where a larger but erratic one cannot, so a run may
    stand above one of a better group. With fewer than three articles nothing can be told apart.
    """
    if figure not in FIGURES:
        raise OptionError(f'"{figure}" is not a figure to rank by; choose one of {", ".join(FIGURES)}')
    check_comparable(runs)
    ranked, column = sorted(runs, key=lambda run: run.name), FIGURES.index(figure)
    drawn, left_out, whole, reasons = _figures(ranked, replicates=replicates, seed=seed, columns=[column])
    values = whole[:, 0]
    if np.isnan(values).any():
        raise OptionError(f"runs cannot be ranked by {figure}-F1: {reasons[column]}")
    order = sorted(range(len(ranked)), key=lambda place: -values[place])
    both = list(combinations(order, 2))
    raw = [
        1.0 if drawn is None else two_sided(*(table[:, one, 0] - table[:, other, 0] for table in (drawn, left_out)))
        for one, other in both
    ]
    corrected = dict(zip(both, holm(raw), strict=True))
    groups: dict[int, int] = {}
    p_values, group, rest = dict.fromkeys(order, math.nan), 0, order
    while rest:
        group, (best, *others) = group + 1, rest
        tied = [other for other in others if corrected[best, other] >= 1 - level]
        groups |= dict.fromkeys([best, *tied], group)
        p_values |= {other: corrected[best, other] for other in tied}
        rest = [other for other in others if other not in groups]

    def estimate(place: int) -> Estimate:
        of_place = None if drawn is None else drawn[:, place, 0]
        return summary(float(values[place]), of_place, left_out[:, place, 0], level=level)

    return tuple(Place(groups[place], ranked[place].name, estimate(place), p_values[place]) for place in order)


def check_comparable(runs: Sequence[Run]) -> None:
    """OptionError unless all runs have the same test set, scheme, version of metrics, articles, labels and gold."""
    if not runs:
        raise OptionError("there are no runs to compare; give at least one")
    names = [run.name for run in runs]
    if len(set(names)) < len(names):
        raise OptionError(f"two runs are named {_first_repeated(names)!r}; give each a name of its own")
    aspects: dict[str, Callable[[Run], object]] = {
        "test set": lambda run: run.test_set,
        "scheme": lambda run: f"{run.scheme.name} {run.scheme.version}",
        "hash of the scheme": lambda run: run.scheme.sha256,
        "version of the metrics": lambda run: run.metrics,
        "articles": lambda run: run.articles,
        "labels": lambda run: run.labels,
        "gold themes": lambda run: (run.counts[..., 0] + run.counts[..., 2]).tobytes(),
        "gold sentences": lambda run: None if run.exact is None else len(run.exact),
    }
    # a run whose scheme has no hash, or that kept no sentences, says nothing against another on that
    problems = [
        _mismatch(what, aspect, runs)
        for what, aspect in aspects.items()
        if len({aspect(run) for run in runs} - {None}) > 1
    ]
    if problems:
        raise OptionError(f"runs cannot be compared: {'; '.join(problems)}. Score them all on the same gold, anew")


def two_sided(differences: Floats, left_out: Floats) -> float:
    """The p of a replicated difference; `left_out` are its values without each article.

    The smaller share of the replicates in which it is not above, or not below, 0, counting the test set itself as one,
    lies so far out on the normal distribution; p is twice what lies as far out on Student's. Where all replicates
    agree, their mean and deviation say how far: else no difference were sure enough among the 780 pairs of 40 runs.
    Replicates in which the difference is undefined are left out.

    >>> round(two_sided(np.array([0.1] * 99), np.array([0.09, 0.11] * 500)), 3)
    0.02
    >>> round(two_sided(np.array([0.1] * 99), np.array([0.09, 0.11] * 5)), 3)
    0.045
    >>> two_sided(np.zeros(99), np.zeros(10))
    1.0
    """
    from scipy.special import ndtri, stdtr

    defined = differences[~np.isnan(differences)]
    count = int(min(np.count_nonzero(defined <= 0), np.count_nonzero(defined >= 0)))
    out = float(ndtri(min(0.5, (1 + count) / (1 + len(defined)))))
    if len(defined) and not count and np.ptp(defined) > 0:
        out = min(out, -float(abs(defined.mean()) / defined.std()))
    return float(2 * stdtr(degrees_of_freedom(left_out), out))


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """p-values corrected for there being several, in their order; nan stays nan and does not count as a comparison.

    The smallest of n is multiplied by n, the next by n − 1, and so on; none may fall below a smaller one's
    (Holm 1979). It holds however the comparisons depend on one another.

    >>> holm([0.01, 0.04, 0.03])
    (0.03, 0.06, 0.06)
    """
    corrected = [math.nan] * len(p_values)
    known = sorted((p, place) for place, p in enumerate(p_values) if not math.isnan(p))
    reached = 0.0
    for before, (p, place) in enumerate(known):
        corrected[place] = reached = max(reached, min(1.0, p * (len(known) - before)))
    return tuple(corrected)


def mcnemar(a: ArrayLike, b: ArrayLike) -> McNemar:
    """McNemar's exact test of two runs, from whether each has each sentence right.

    >>> mcnemar([1, 1, 1, 1, 1, 0], [0, 0, 0, 0, 0, 0])
    McNemar(only_a=5, only_b=0, p=0.0625)
    """
    one, other = np.asarray(a, dtype=bool), np.asarray(b, dtype=bool)
    if one.shape != other.shape or one.ndim != 1:
        raise OptionError(f"McNemar's test pairs sentences: the runs have {one.size} and {other.size}")
    only_a, only_b = int((one & ~other).sum()), int((other & ~one).sum())
    if not only_a + only_b:
        return McNemar(0, 0, 1.0)
    from scipy.stats import binomtest  # half a second to import

    return McNemar(only_a, only_b, float(binomtest(only_a, only_a + only_b).pvalue))


def _figures(
    runs: Sequence[Run], *, replicates: int, seed: int, columns: Sequence[int] | None = None
) -> tuple[Floats | None, Floats, Floats, list[str]]:
    """What `theme_f1` gives for each run: in every replicate (None with too few articles), without each article, on the
    whole; and why nan."""
    counts = np.stack([run.counts for run in runs], axis=1)
    figures = theme_f1(counts)

    def statistic(sums: Floats) -> Floats:
        return figures(sums)[..., slice(None) if columns is None else columns]

    whole = statistic(counts.sum(axis=0, dtype=float))
    enough = len(counts) >= FEWEST_ARTICLES
    drawn = resample(counts, statistic, replicates=replicates, seed=seed) if enough else None
    return drawn, leave_one_out(counts, statistic), whole, [NO_THEME, FEW_LABELS, *[NO_SUPPORT] * len(runs[0].labels)]


def _macro_labels(run: Run) -> tuple[str, ...]:
    support = run.counts.sum(axis=0)[:, [0, 2]].sum(axis=1)
    return tuple(label for label, sentences in zip(run.labels, support, strict=True) if sentences >= SUPPORT)


def _mismatch(what: str, aspect: Callable[[Run], object], runs: Sequence[Run]) -> str:
    """`test set ("x": 12ab, "y": 34cd)`, or for several names what only one of two runs has."""
    first, *others = (run for run in runs if aspect(run) is not None)
    other = next(run for run in others if aspect(run) != aspect(first))
    one, two = aspect(first), aspect(other)
    if isinstance(one, bytes):
        return f'{what} ("{first.name}" and "{other.name}" count different ones in the same test set)'
    if isinstance(one, tuple) and isinstance(two, tuple):
        lone = min(set(one) ^ set(two), default=None)
        if lone is None:
            return f'{what} ("{first.name}" and "{other.name}" have them in another order)'
        return f'{what} (only "{(first if lone in one else other).name}" has {lone!r})'
    return f'{what} ("{first.name}": {str(one)[:40]}, "{other.name}": {str(two)[:40]})'


def _first_repeated(names: Sequence[str]) -> str:
    return next(name for name, times in Counter(names).items() if times > 1)
