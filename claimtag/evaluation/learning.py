"""Learning curves: what more annotated articles would bring."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from claimtag.errors import ClaimtagError, OptionError

TrainAndScore: TypeAlias = Callable[[list[int]], Mapping[str, float]]

SHARES = (0.1, 0.2, 0.4, 0.7, 1.0)
SEEDS = 3


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over several subsets of one size: its mean, lowest and highest; nan, with a reason, where undefined.

    It shows how much depends on which articles were annotated. It is no interval: the test set is the same for all.
    """

    mean: float
    lowest: float
    highest: float
    reason: str | None = None

    def __str__(self) -> str:
        return "–" if math.isnan(self.mean) else f"{self.mean:.3f} [{self.lowest:.3f}, {self.highest:.3f}]"

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values: null for nan, and the reason where there is one."""
        numbers = {"mean": self.mean, "lowest": self.lowest, "highest": self.highest}
        record: dict[str, Any] = {name: None if math.isnan(number) else number for name, number in numbers.items()}
        return record | ({"reason": self.reason} if self.reason else {})


@dataclass(frozen=True, slots=True)
class LearningPoint:
    """What was learnt from so many articles: each figure over the subsets of that size."""

    articles: int
    sentences: float
    subsets: int
    figures: Mapping[str, Spread]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "articles": self.articles,
            "sentences": self.sentences,
            "subsets": self.subsets,
            "figures": {name: spread.to_dict() for name, spread in self.figures.items()},
        }


def learning_curve(
    train_and_score: TrainAndScore,
    groups: Sequence[Hashable],
    *,
    shares: Sequence[float] = SHARES,
    seeds: int = SEEDS,
) -> tuple[LearningPoint, ...]:
    """Figures after learning from growing parts of the training articles, smallest first.

    `groups` says in which article (duplicates: in which cluster) each training sentence stands. `train_and_score` is
    given the places of the sentences to learn from, in ascending order, and gives figures on a test set that it keeps
    apart. For each seed articles are shuffled once and the subsets are nested, so that a curve rises for what was
    added, not for what was exchanged. All articles together are one subset whatever the seed, and are learnt from once.

    >>> curve = learning_curve(lambda places: {"seen": len(places)}, ["a", "a", "b", "c"], shares=(0.5, 1.0), seeds=2)
    >>> [(point.articles, point.subsets, point.figures["seen"].mean) for point in curve]
    [(2, 2, 3.0), (3, 1, 4.0)]
    """
    if not shares or not all(0 < share <= 1 for share in shares):
        raise OptionError(
            f"shares of the articles lie above 0 and up to 1, not {', '.join(map(str, shares)) or 'none'}"
        )
    if seeds < 1:
        raise OptionError(f"seeds must be at least 1, not {seeds}; {SEEDS} is usual")
    if not len(groups):
        raise OptionError("there are no gold sentences to learn from; give annotated articles")
    numbers: dict[Hashable, int] = {}
    group_of = np.array([numbers.setdefault(group, len(numbers)) for group in groups], dtype=np.intp)
    sizes = sorted({max(1, round(share * len(numbers))) for share in shares})
    orders = [np.random.default_rng(seed).permutation(len(numbers)) for seed in range(seeds)]
    # the largest first: what fails there does not fail for want of articles
    points = [
        _point(
            train_and_score, size, [order[:size] for order in (orders if size < len(numbers) else orders[:1])], group_of
        )
        for size in reversed(sizes)
    ]
    return tuple(reversed(points))


def _point(
    train_and_score: TrainAndScore, size: int, subsets: Sequence[NDArray[np.intp]], group_of: NDArray[np.intp]
) -> LearningPoint:
    runs: list[Mapping[str, float]] = []
    sentences = []
    for subset in subsets:
        places = np.flatnonzero(np.isin(group_of, subset)).tolist()
        try:
            runs.append(train_and_score(places))
        except ClaimtagError as error:
            if size == group_of.max() + 1:  # all of them
                raise
            raise OptionError(
                f"with {size} article(s) nothing can be learnt: {error}; begin with a larger share"
            ) from error
        sentences.append(len(places))
    names = list(dict.fromkeys(name for run in runs for name in run))
    return LearningPoint(
        articles=size,
        sentences=sum(sentences) / len(sentences),
        subsets=len(subsets),
        figures={name: _spread([run.get(name, math.nan) for run in runs]) for name in names},
    )


def _spread(values: Sequence[float]) -> Spread:
    """Over the runs in which the figure is defined, and how many those are where it is not all."""
    defined = [float(value) for value in values if not math.isnan(value)]
    reason = (
        None
        if len(defined) == len(values)
        else f"not defined in {len(values) - len(defined)} of {len(values)} subset(s)"
    )
    if not defined:
        return Spread(math.nan, math.nan, math.nan, reason)
    return Spread(sum(defined) / len(defined), min(defined), max(defined), reason)
