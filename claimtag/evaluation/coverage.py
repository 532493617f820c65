"""Selective prediction: how accurate a tagger is on the share of the sentences that it is surest of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike

from claimtag.errors import OptionError
from claimtag.evaluation.intervals import Floats

POINTS = 100  # of a curve: enough to draw one, whatever the number of sentences
_LEAST = 1e-12  # a decision against a score of 0 or 1 still has a logarithm


@dataclass(frozen=True, slots=True)
class CoveragePoint:
    """When all that is at least so `confidence` is kept: how many, which share of all, and how much of it is right."""

    confidence: float
    kept: int
    coverage: float
    accuracy: float

    def to_dict(self) -> dict[str, float | int]:
        """Plain JSON values."""
        return asdict(self)


def coverage_curve(confidence: ArrayLike, right: ArrayLike, *, points: int = POINTS) -> tuple[CoveragePoint, ...]:
    """Accuracy against coverage, from the surest on; the last point is everything.

    `right` says for each sentence (or decision) whether it was tagged right. What is equally sure is kept or left
    together, so the order of the input does not matter.

    >>> for point in coverage_curve([0.9, 0.5, 0.9, 0.7], [1, 0, 1, 0]):
    ...     print(point.kept, point.coverage, round(point.accuracy, 3))
    2 0.5 1.0
    3 0.75 0.667
    4 1.0 0.5
    """
    sure, good = np.asarray(confidence, dtype=float), np.asarray(right, dtype=bool)
    if sure.ndim != 1 or sure.shape != good.shape:
        raise OptionError(f"one confidence and one right or wrong each are needed; got {sure.shape} and {good.shape}")
    if np.isnan(sure).any():
        raise OptionError("a confidence must be a number, not nan")
    if points < 1:
        raise OptionError(f"a curve has at least 1 point, not {points}; {POINTS} is usual")
    values, place = np.unique(-sure, return_inverse=True)
    kept = np.cumsum(np.bincount(place, minlength=len(values)))
    correct = np.cumsum(np.bincount(place, weights=good, minlength=len(values)))
    if not len(sure):
        return ()
    wanted = np.searchsorted(kept, np.arange(1, points + 1) * len(sure) / points)
    return tuple(
        CoveragePoint(
            confidence=float(-values[at]),
            kept=int(kept[at]),
            coverage=float(kept[at] / len(sure)),
            accuracy=float(correct[at] / kept[at]),
        )
        for at in np.unique(wanted)
    )


def sentence_confidence(scores: ArrayLike, said: ArrayLike) -> Floats:
    """How sure each sentence's themes are: the probability that every decision is right, were labels independent.

    `scores` are calibrated (sentences × labels); a label said is right with its score, one not said with the rest to 1.

    >>> sentence_confidence([[0.9, 0.2], [0.5, 0.5]], [[1, 0], [0, 1]]).round(3).tolist()
    [0.72, 0.25]
    """
    given, labels = np.asarray(scores, dtype=float), np.asarray(said, dtype=bool)
    if given.ndim != 2 or given.shape != labels.shape:
        raise OptionError(
            f"scores have the shape {given.shape}, what was said {labels.shape}; both must be (sentences × labels)"
        )
    confidence: Floats = np.exp(np.log(np.maximum(np.where(labels, given, 1 - given), _LEAST)).sum(axis=1))
    return confidence


def area_over_curve(curve: Sequence[CoveragePoint]) -> float:
    """The share of errors averaged over all coverages (Geifman and El-Yaniv 2017): lower is better, 0 is perfect.

    >>> area_over_curve(coverage_curve([0.9, 0.8], [1, 0]))
    0.25
    """
    if not curve:
        raise OptionError("the curve has no points, so it has no area")
    coverages = np.array([0.0, *(point.coverage for point in curve)])
    return float((np.diff(coverages) * [1 - point.accuracy for point in curve]).sum())
