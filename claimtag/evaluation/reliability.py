"""Whether scores mean what they say: reliability curves, Brier score, expected calibration error.

A score is calibrated when, of the decisions scored 0.8, eight in ten are right to say the label. Every decision
(sentence, label) counts alike. The figures are honest only on scores that were made without looking at this gold:
out of fold, and calibrated across folds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from claimtag.errors import OptionError
from claimtag.evaluation.intervals import (
    LEVEL,
    NO_SUPPORT,
    REPLICATES,
    Estimate,
    Floats,
    estimates,
    ratios,
    wilson,
)

BINS = 15  # as in Guo et al. 2017
POOLED = "all labels"
_EMPTY = "there are no sentences"


@dataclass(frozen=True, slots=True)
class Bin:
    """Decisions of similar scores, from `low` to `high`: their mean score, and the share that has the label.

    The share's interval is Wilson's, which takes the decisions for independent.
    """

    low: float
    high: float
    score: float
    share: Estimate
    decisions: int
    gold: int

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "low": self.low,
            "high": self.high,
            "score": self.score,
            "share": self.share.to_dict(),
            "decisions": self.decisions,
            "gold": self.gold,
        }


@dataclass(frozen=True, slots=True)
class ScoreQuality:
    """How far the scores of one label (or of all: `POOLED`) can be read as probabilities.

    `brier` is the mean squared difference between score and gold; `skill` is what it gains on always giving the label's
    share as the score (1 is perfect, 0 no gain, less is worse), which makes rare labels comparable to frequent ones.
    `ece` is the expected calibration error, and `ece_by_chance` the one that perfectly calibrated scores like these
    would show on so many independent sentences: no model comes below it but by luck. Both are None without sentences.
    """

    label: str
    support: int
    brier: Estimate
    skill: Estimate
    ece: float | None
    ece_by_chance: float | None
    curve: tuple[Bin, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values: null for what is not defined, with its reason."""
        return {
            "label": self.label,
            "support": self.support,
            "brier": self.brier.to_dict(),
            "skill": self.skill.to_dict(),
            "ece": self.ece,
            "ece_by_chance": self.ece_by_chance,
            "curve": [held.to_dict() for held in self.curve],
        }


def score_quality(
    scores: ArrayLike,
    gold: ArrayLike,
    labels: Sequence[str],
    sentences: Sequence[int],
    *,
    bins: int = BINS,
    replicates: int = REPLICATES,
    seed: int = 0,
    level: float = LEVEL,
    asked: NDArray[np.bool_] | None = None,
) -> tuple[ScoreQuality, ...]:
    """The quality of the scores of all labels together, then of each label.

    The matrices (sentences × labels) hold the articles one after the other; `sentences` says how many rows each has.
    Intervals are from the bootstrap over articles. Where a matrix of the labels `asked` is given, others do not count.
    """
    given, truth = _matrices(scores, gold)
    if given.shape != (sum(sentences), len(labels)):
        raise OptionError(
            f"scores have the shape {given.shape}, but there are {sum(sentences)} sentences in the articles and "
            f"{len(labels)} labels"
        )
    article_of = np.repeat(np.arange(len(sentences)), sentences)
    sums = np.zeros((len(sentences), len(labels), 3))
    known = np.ones(truth.shape, dtype=bool) if asked is None else asked
    np.add.at(
        sums, article_of, np.stack([(given - truth) ** 2, truth, np.ones_like(given)], axis=-1) * known[..., np.newaxis]
    )
    sums = np.concatenate([sums.sum(axis=1, keepdims=True), sums], axis=1)
    names = (POOLED, *labels)
    columns = [(given[known], truth[known])]
    columns += [(given[known[:, place], place], truth[known[:, place], place]) for place in range(len(labels))]
    supports = [int(values.sum()) for _, values in columns]
    figures = estimates(
        sums,
        _brier_and_skill,
        undefined=[_EMPTY] * len(names)
        + [_no_skill(support, len(held)) for support, (held, _) in zip(supports, columns, strict=True)],
        replicates=replicates,
        seed=seed,
        level=level,
    )
    return tuple(
        ScoreQuality(
            label=name,
            support=support,
            brier=brier,
            skill=skill,
            ece=expected_calibration_error(*column, bins=bins) if len(column[0]) else None,
            ece_by_chance=_by_chance(column[0], bins) if len(column[0]) else None,
            curve=reliability_curve(*column, bins=bins),
        )
        for name, support, brier, skill, column in zip(
            names, supports, figures[: len(names)], figures[len(names) :], columns, strict=True
        )
    )


def reliability_curve(scores: ArrayLike, gold: ArrayLike, *, bins: int = BINS, lowest: float = 0.0) -> tuple[Bin, ...]:
    """At most `bins` bins of about equally many decisions each, by rising score; equal scores are never parted.

    Most decisions are clear refusals: `lowest` leaves out those scored below it, so that the bins fall where something
    is at stake.

    >>> [(held.score, held.share.value) for held in reliability_curve([0.1, 0.1, 0.6, 0.8], [0, 0, 1, 1], bins=2)]
    [(0.1, 0.0), (0.7, 1.0)]
    """
    given, truth = (matrix.ravel() for matrix in _matrices(scores, gold))
    kept = given >= lowest
    given, truth = given[kept], truth[kept]
    place = _bins(given, bins)
    curve = []
    for number in range(int(place.max(initial=-1)) + 1):
        values, found = given[place == number], int(truth[place == number].sum())
        curve.append(
            Bin(
                low=float(values.min()),
                high=float(values.max()),
                score=float(values.mean()),
                share=wilson(found, len(values)),
                decisions=len(values),
                gold=found,
            )
        )
    return tuple(curve)


def brier_score(scores: ArrayLike, gold: ArrayLike) -> float:
    """The mean squared difference between scores and gold (Brier 1950): 0 is perfect.

    >>> brier_score([0.8, 0.4], [1, 0])
    0.1
    """
    given, truth = _matrices(scores, gold)
    if not given.size:
        raise OptionError("there are no scores, so there is no Brier score")
    return float(((given - truth) ** 2).mean())


def expected_calibration_error(scores: ArrayLike, gold: ArrayLike, *, bins: int = BINS) -> float:
    """The mean distance between score and share of gold, over bins of equal mass weighted by their decisions.

    The definition of Naeini et al. 2015 (there with bins of equal width) with the bins of Nixon et al. 2019: of equal
    mass, since nearly all scores of a rare label are near 0. It is never 0 on finite data, however good the
    scores are (see `ScoreQuality.ece_by_chance`), and says nothing of how well labels are told apart.

    >>> expected_calibration_error([0.25, 0.25, 0.75, 0.75], [0, 0, 1, 1], bins=2)
    0.25
    """
    given, truth = (matrix.ravel() for matrix in _matrices(scores, gold))
    if not given.size:
        raise OptionError("there are no scores, so there is no calibration error")
    place = _bins(given, bins)
    return float(np.abs(np.bincount(place, given) - np.bincount(place, truth)).sum() / len(given))


def _by_chance(scores: Floats, bins: int) -> float:
    """The mean of the absolute value of a normal deviate for each bin, with the variance of its sum of coin tosses."""
    place = _bins(scores, bins)
    return float(np.sqrt(2 / math.pi * np.bincount(place, scores * (1 - scores))).sum() / len(scores))


def _bins(scores: Floats, bins: int) -> NDArray[np.intp]:
    """The bin of each score, numbered from 0 without gaps."""
    if bins < 1:
        raise OptionError(f"bins must be at least 1, not {bins}; {BINS} is usual")
    if not len(scores):
        return np.zeros(0, dtype=np.intp)
    ordered = np.sort(scores)
    edges = np.unique(ordered[np.linspace(0, len(scores), bins, endpoint=False).astype(np.intp)])
    return np.searchsorted(edges, scores, side="right") - 1


def _brier_and_skill(sums: Floats) -> Floats:
    squares, gold, decisions = np.moveaxis(sums, -1, 0)
    brier, share = ratios(squares, decisions), ratios(gold, decisions)
    return np.concatenate([brier, 1 - ratios(brier, share * (1 - share))], axis=-1)


def _no_skill(support: int, decisions: int) -> str:
    if not decisions:
        return _EMPTY
    return "every gold sentence carries it" if support else NO_SUPPORT


def _matrices(scores: ArrayLike, gold: ArrayLike) -> tuple[Floats, Floats]:
    given, truth = np.asarray(scores, dtype=float), np.asarray(gold, dtype=float)
    if given.shape != truth.shape:
        raise OptionError(f"scores have the shape {given.shape}, gold {truth.shape}; they must be equal")
    if given.size and not (given.min() >= 0 and given.max() <= 1):  # nan is neither
        raise OptionError("scores must lie in [0, 1], and none may be nan")
    if not np.isin(truth, (0, 1)).all():
        raise OptionError("gold must be 0 or 1 for every score")
    return given, truth
