"""Intervals for evaluation figures: the bootstrap over whole articles, and Wilson's for plain proportions.

Sentences of one article resemble one another, so articles are drawn, never sentences. A figure here is any function
of counts that are summed over articles (a ratio of sums such as F1, a mean of such ratios, an agreement
coefficient): a replicate is then one row of weights times the table of counts, and thousands of them are a product of
two matrices. The same seed and number of articles give the same resamples, whatever is counted.

A resample holds some articles twice and a third of them not at all, so a figure is on average a little lower in
resamples than it was on the articles, as it was a little lower on these than on all there could be; and what rests on
few articles varies less in resamples than it would in new ones. So intervals are percentiles of the replicates that are
corrected for the first (Efron 1987) and moved outwards for the second, as Student's t is wider than the normal
distribution, with degrees of freedom by how evenly the articles bear on the figure. `benchmarks/coverage.py` measures
what this brings.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from claimtag.errors import OptionError, RecordError
from claimtag.evaluation.metrics import SUPPORT

Floats: TypeAlias = NDArray[np.float64]
Statistic: TypeAlias = Callable[[Floats], Floats]

REPLICATES = 10_000
LEVEL = 0.95
FEWEST_ARTICLES = 3  # one article has no spread, and two resamples in four of a pair are one article twice
# A figure that rests on k articles is undefined in about exp(-k) of the replicates: 0.37, 0.14, 0.05 for 1, 2, 3. What
# rests on fewer than three articles gets no interval, whether the test set is small or its label rare.
UNDEFINED_MOST = 0.1
NO_SUPPORT = "no gold sentence carries it"
NO_THEME = "no sentence carries a theme, in gold or predicted"
FEW_LABELS = f"no label has {SUPPORT} gold sentences or more"
_CELLS = 2**18  # replicates × articles held at a time: 2 MB, which stays in the cache and bounds memory


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval; what is not defined is nan, and `reason` says why.

    >>> print(Estimate(0.5, 0.25, 0.75))
    0.500 [0.250, 0.750]
    >>> Estimate(math.nan, math.nan, math.nan, "no gold sentence carries it").to_dict()
    {'value': None, 'low': None, 'high': None, 'reason': 'no gold sentence carries it'}
    >>> Estimate(0.5, math.nan, math.nan)
    Traceback (most recent call last):
    claimtag.errors.RecordError: an estimate that is not defined, or has no interval, must give its reason
    """

    value: float
    low: float
    high: float
    reason: str | None = None

    def __post_init__(self) -> None:
        if math.isnan(self.value + self.low + self.high) and not self.reason:
            raise RecordError("an estimate that is not defined, or has no interval, must give its reason")
        if self.low > self.high:
            raise RecordError(f"an interval goes from low to high, not from {self.low} to {self.high}")

    def __str__(self) -> str:
        if math.isnan(self.value):
            return f"not defined ({self.reason})"
        return f"{self.value:.3f} " + (f"({self.reason})" if self.reason else f"[{self.low:.3f}, {self.high:.3f}]")

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values: null for nan, and the reason where there is one."""
        numbers = {name: getattr(self, name) for name in ("value", "low", "high")}
        record: dict[str, Any] = {name: None if math.isnan(number) else number for name, number in numbers.items()}
        return record | ({"reason": self.reason} if self.reason else {})


def resample(counts: ArrayLike, statistic: Statistic, *, replicates: int = REPLICATES, seed: int = 0) -> Floats:
    """The statistic in every replicate: an array (replicates × what the statistic gives).

    `counts` has one row an article. The statistic is given sums over articles, of shape (replicates × a row's shape),
    and must work on any number of replicates at once.

    >>> replicates = resample([[1, 2], [1, 2], [1, 2]], lambda sums: ratios(sums[:, 0], sums[:, 1]), replicates=4)
    >>> replicates.tolist()
    [0.5, 0.5, 0.5, 0.5]
    """
    table = _table(counts)
    if replicates < 1:
        raise OptionError(f"replicates must be at least 1, not {replicates}; {REPLICATES} is usual")
    if not len(table):
        raise OptionError("there are no articles to resample")
    flat = table.reshape(len(table), -1)
    parts = [
        statistic((weights @ flat).reshape(len(weights), *table.shape[1:]))
        for weights in _weights(*flat.shape, replicates, seed)
    ]
    return np.concatenate(parts)


def estimates(
    counts: ArrayLike,
    statistic: Statistic,
    *,
    undefined: str | Sequence[str] = "its denominator is 0",
    replicates: int = REPLICATES,
    seed: int = 0,
    level: float = LEVEL,
) -> tuple[Estimate, ...]:
    """The figures that the statistic gives on its last axis, each with its interval over articles.

    `undefined` says why a figure that is nan on all articles is so: one reason for all figures, or one for each.
    Replicates in which a figure is undefined are left out of its interval; more than a tenth of them, and there is
    none. A figure that is 1 (or 0) in every article has an interval of no width: look at its support too.
    """
    table = _table(counts)
    values = statistic(table.sum(axis=0)[np.newaxis])[0]
    reasons = [undefined] * len(values) if isinstance(undefined, str) else undefined
    drawn = resample(table, statistic, replicates=replicates, seed=seed) if len(table) >= FEWEST_ARTICLES else None
    left_out = np.empty((len(table), len(values))) if drawn is None else leave_one_out(table, statistic)
    return tuple(
        summary(
            float(value),
            None if drawn is None else drawn[:, place],
            left_out[:, place],
            undefined=reason,
            level=level,
        )
        for place, (value, reason) in enumerate(zip(values, reasons, strict=True))
    )


def leave_one_out(counts: ArrayLike, statistic: Statistic) -> Floats:
    """The statistic without each article in turn: an array (articles × what the statistic gives)."""
    table = _table(counts)
    whole = table.sum(axis=0)
    size = max(1, _CELLS // max(whole.size, 1))
    starts = range(0, max(len(table), 1), size)  # one piece at least: without articles one of no rows
    return np.concatenate([statistic(whole - table[at : at + size]) for at in starts])


def summary(
    value: float,
    drawn: Floats | None,
    left_out: Floats,
    *,
    biased: bool = True,
    undefined: str = "its denominator is 0",
    level: float = LEVEL,
) -> Estimate:
    """A figure and its interval, from its replicates (None: there are too few articles to draw from).

    `left_out` are its values without each article (`leave_one_out`). A difference of two figures is not `biased`, since
    what both have in common falls out of it: its interval is only moved outwards.
    """
    articles = len(left_out)
    if not 0 < level < 1:
        raise OptionError(f"the level of an interval lies between 0 and 1, not at {level}; 0.95 is usual")
    if math.isnan(value):
        return Estimate(math.nan, math.nan, math.nan, undefined)
    if drawn is None:
        return Estimate(
            value, math.nan, math.nan, f"an interval needs at least {FEWEST_ARTICLES} articles, there are {articles}"
        )
    defined = drawn[~np.isnan(drawn)]
    lost = 1 - len(defined) / len(drawn)
    if lost > UNDEFINED_MOST:
        return Estimate(
            value,
            math.nan,
            math.nan,
            f"too few of the {articles} articles bear on it: undefined in {lost:.0%} of the replicates",
        )
    from scipy.special import ndtr, stdtrit

    tails = stdtrit(degrees_of_freedom(left_out), [(1 - level) / 2, (1 + level) / 2])
    low, high = np.quantile(defined, ndtr(tails + (2 * _bias(value, defined) if biased else 0)))
    return Estimate(value, float(low), float(high))


def _bias(value: float, drawn: Floats) -> float:
    """How many standard deviations the figure lies above the median of its replicates."""
    from scipy.special import ndtri

    same = np.isclose(drawn, value, rtol=1e-12, atol=1e-12)
    below = (np.count_nonzero((drawn < value) & ~same) + np.count_nonzero(same) / 2) / len(drawn)
    return float(ndtri(np.clip(below, 1 / (len(drawn) + 1), 1 - 1 / (len(drawn) + 1))))


def degrees_of_freedom(left_out: Floats) -> float:
    """How many articles, less one, bear on a figure, were each to bear alike: by the kurtosis of what leaving one out
    changes (Satterthwaite's).

    >>> degrees_of_freedom(np.array([0.4, 0.6] * 25)), round(degrees_of_freedom(np.array([0.1] + [0.5] * 49)), 1)
    (49.0, 2.1)
    """
    changes = left_out[~np.isnan(left_out)]
    changes = changes - changes.mean() if len(changes) else changes
    squares, fourths = (changes**2).sum(), (changes**4).sum()
    most = float(max(len(left_out) - 1, 1))
    if fourths == 0:
        return most
    excess = len(changes) * fourths / squares**2 - 1
    return float(np.clip(2 * len(changes) / excess, 1, most)) if excess > 0 else most


def ratio_interval(
    numerators: ArrayLike,
    denominators: ArrayLike,
    *,
    undefined: str = "its denominator is 0",
    replicates: int = REPLICATES,
    seed: int = 0,
    level: float = LEVEL,
) -> Estimate:
    """A ratio of sums over articles with its interval: precision, recall, F1, accuracy, a share of characters.

    >>> ratio_interval([3, 1, 2, 4], [4, 2, 2, 5]).value
    0.7692307692307693
    >>> ratio_interval([3, 1], [4, 2]).reason
    'an interval needs at least 3 articles, there are 2'
    >>> print(ratio_interval([0, 0, 0], [0, 0, 0], undefined="no gold claim has a cue"))
    not defined (no gold claim has a cue)
    """
    above, below = np.asarray(numerators, dtype=float), np.asarray(denominators, dtype=float)
    if above.ndim != 1 or above.shape != below.shape:
        raise OptionError(
            f"one numerator and one denominator an article are needed; their shapes are {above.shape} and {below.shape}"
        )
    (estimate,) = estimates(
        np.stack([above, below], axis=-1),
        lambda sums: ratios(sums[:, :1], sums[:, 1:]),
        undefined=undefined,
        replicates=replicates,
        seed=seed,
        level=level,
    )
    return estimate


def theme_counts(gold: ArrayLike, predicted: ArrayLike, sentences: Sequence[int]) -> NDArray[np.int64]:
    """Right, wrong and missed decisions: an array (articles × labels × 3) from indicator matrices.

    The matrices (sentences × labels) hold the articles one after the other; `sentences` says how many rows each has.

    >>> theme_counts([[1, 0], [1, 1], [0, 1]], [[1, 0], [0, 1], [1, 1]], [2, 0, 1]).tolist()
    [[[1, 0, 1], [1, 0, 0]], [[0, 0, 0], [0, 0, 0]], [[0, 1, 0], [1, 0, 0]]]
    """
    truth, said = np.asarray(gold, dtype=bool), np.asarray(predicted, dtype=bool)
    if truth.ndim != 2 or truth.shape != said.shape or len(truth) != sum(sentences):
        raise OptionError(
            f"gold has the shape {truth.shape}, predicted {said.shape}, and the articles have {sum(sentences)} "
            "sentences; both must be (sentences × labels)"
        )
    counts = np.zeros((len(sentences), truth.shape[1], 3), dtype=np.int64)
    np.add.at(
        counts,
        np.repeat(np.arange(len(sentences)), sentences),
        np.stack([truth & said, said & ~truth, truth & ~said], axis=-1),
    )
    return counts


def theme_f1(counts: ArrayLike) -> Statistic:
    """What gives micro-F1, macro-F1 and the F1 of each label, in this order, from sums of `theme_counts`.

    A label without gold sentences has no F1 (nan), however often it was predicted. Macro-F1 averages the labels with
    enough support in these counts, in every replicate: see `mean_of_labels`. Axes may stand between articles and
    labels, as one for several models with the same gold.
    """
    whole = np.asarray(counts, dtype=float).sum(axis=0)
    support = (whole[..., 0] + whole[..., 2]).max(axis=tuple(range(whole.ndim - 2)))
    averaged, usual = support >= SUPPORT, label_f1(whole)

    def statistic(sums: Floats) -> Floats:
        labels, pooled = label_f1(sums), sums.sum(axis=-2)
        macro = mean_of_labels(labels[..., averaged], usual[..., averaged])
        micro = ratios(2 * pooled[..., 0], 2 * pooled[..., 0] + pooled[..., 1] + pooled[..., 2])
        return np.concatenate([micro[..., np.newaxis], macro[..., np.newaxis], labels], axis=-1)

    return statistic


def mean_of_labels(figures: Floats, usual: Floats) -> Floats:
    """The mean over the last axis, nan over none; a label that a replicate lost has the mean of the `usual` figures.

    Its own usual figure would say that the one or two articles that bear it could not have been others: the interval of
    macro-F1 then held the truth in 0.88 of the draws of 55 articles, and so in 0.89; of 150, in 0.90 and 0.94.
    """
    count = np.array(float(figures.shape[-1]))
    average = ratios(usual.sum(axis=-1), count)[..., np.newaxis]
    return ratios(np.where(np.isnan(figures), average, figures).sum(axis=-1), count)


def label_f1(sums: Floats) -> Floats:
    """F1 from right, wrong and missed decisions on the last axis; nan where there was nothing to find."""
    right, wrong, missed = sums[..., 0], sums[..., 1], sums[..., 2]
    return ratios(2 * right, np.where(right + missed > 0, 2 * right + wrong + missed, 0))


def theme_estimates(
    counts: ArrayLike, *, replicates: int = REPLICATES, seed: int = 0, level: float = LEVEL
) -> tuple[Estimate, ...]:
    """Micro-F1, macro-F1 and the F1 of each label, in this order, with intervals, from `theme_counts`.

    >>> counts = theme_counts([[1, 0], [1, 0], [0, 0]], [[1, 0], [0, 0], [0, 0]], [1, 1, 1])
    >>> micro, macro, first, second = theme_estimates(counts)
    >>> print(macro, second, sep="\\n")
    not defined (no label has 5 gold sentences or more)
    not defined (no gold sentence carries it)
    """
    table = _table(counts)
    if table.ndim != 3 or table.shape[2] != 3:
        raise OptionError(f"theme counts have the shape (articles × labels × 3), not {table.shape}")
    reasons = (NO_THEME, FEW_LABELS, *[NO_SUPPORT] * table.shape[1])
    return estimates(table, theme_f1(table), undefined=reasons, replicates=replicates, seed=seed, level=level)


def wilson(successes: int, total: int, *, level: float = LEVEL) -> Estimate:
    """A proportion of independent trials with Wilson's score interval, which holds at 0 and 1 too.

    >>> print(wilson(0, 10))
    0.000 [0.000, 0.278]
    """
    if not 0 <= successes <= total:
        raise OptionError(f"{successes} successes in {total} trials: give 0 ≤ successes ≤ total")
    if not 0 < level < 1:
        raise OptionError(f"the level of an interval lies between 0 and 1, not at {level}; 0.95 is usual")
    if not total:
        return Estimate(math.nan, math.nan, math.nan, "there are no trials")
    share, square = successes / total, NormalDist().inv_cdf((1 + level) / 2) ** 2
    centre = (share + square / (2 * total)) / (1 + square / total)
    half = math.sqrt(square * (share * (1 - share) + square / (4 * total)) / total) / (1 + square / total)
    return Estimate(share, max(0.0, min(centre - half, share)), min(1.0, max(centre + half, share)))


def ratios(numerators: Floats, denominators: Floats) -> Floats:
    """Numerators by denominators, nan (without a warning) where the denominator is 0."""
    shape = np.broadcast_shapes(numerators.shape, denominators.shape)
    quotients: Floats = np.full(shape, np.nan)
    np.divide(numerators, denominators, out=quotients, where=denominators != 0)
    return quotients


def _table(counts: ArrayLike) -> Floats:
    table = np.asarray(counts, dtype=float)
    if not table.ndim:
        raise OptionError("counts have one row an article, not a single number")
    if not np.isfinite(table).all():
        raise OptionError("counts are sums over sentences or claims: nan and infinity cannot be among them")
    return table


def _weights(articles: int, columns: int, replicates: int, seed: int) -> Iterator[Floats]:
    """How often each article stands in each replicate, some replicates at a time; each row sums to `articles`."""
    generator = np.random.default_rng(seed)
    size = max(1, _CELLS // max(articles, columns, 1))
    for done in range(0, replicates, size):
        rows = min(size, replicates - done)
        # numbering the cells of the whole piece lets one bincount stand for many draws from a multinomial: 8 × faster
        drawn = generator.integers(articles, size=(rows, articles)) + np.arange(rows)[:, np.newaxis] * articles
        yield np.bincount(drawn.ravel(), minlength=rows * articles).reshape(rows, articles).astype(float)
