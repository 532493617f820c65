"""Metrics from scores alone, whatever the thresholds: label ranking and average precision, with intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from claimtag.errors import OptionError
from claimtag.evaluation.intervals import (
    FEW_LABELS,
    LEVEL,
    NO_SUPPORT,
    Estimate,
    Floats,
    estimates,
    mean_of_labels,
    ratios,
)
from claimtag.evaluation.metrics import SUPPORT

# Each replicate goes through every gold theme: 2,000 take a second on 5,000 sentences, and their quantiles are off
# those of 10,000 by about 0.001.
REPLICATES = 2_000
MOST_CELLS = 2 * 10**7  # articles × distinct scores of gold themes: above, a table for the bootstrap takes over 300 MB
_NO_SENTENCES = "there are no sentences"
_NO_THEMED = "no gold sentence carries a theme"
_TOO_LARGE = "the data are too large for an interval of it"

_Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Ranking:
    """How well scores put the right labels of a sentence, and the right sentences of a label, before the others.

    `lrap` (label ranking average precision) is scikit-learn's, in which a sentence without a theme counts 1;
    `themed_lrap` leaves those out. `macro_average_precision` averages `macro_labels`, those of at least 5 gold
    sentences.
    """

    lrap: Estimate
    themed_lrap: Estimate
    macro_average_precision: Estimate
    macro_labels: tuple[str, ...]
    average_precision: Mapping[str, Estimate]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values: null for what is not defined, with its reason."""
        return {
            "lrap": self.lrap.to_dict(),
            "themed_lrap": self.themed_lrap.to_dict(),
            "macro_average_precision": self.macro_average_precision.to_dict(),
            "macro_labels": list(self.macro_labels),
            "average_precision": {label: estimate.to_dict() for label, estimate in self.average_precision.items()},
        }


def ranking_metrics(
    scores: ArrayLike,
    gold: ArrayLike,
    labels: Sequence[str],
    sentences: Sequence[int],
    *,
    replicates: int = REPLICATES,
    seed: int = 0,
    level: float = LEVEL,
) -> Ranking:
    """The ranking metrics of scores, with intervals over articles.

    The matrices (sentences × labels) hold the articles one after the other; `sentences` says how many rows each has.

    >>> ranking = ranking_metrics([[0.9, 0.1], [0.4, 0.3], [0.2, 0.6]], [[1, 0], [0, 1], [0, 0]], ["x", "y"], [2, 1])
    >>> ranking.lrap.value, ranking.themed_lrap.value, ranking.average_precision["y"].value
    (0.8333333333333334, 0.75, 0.5)
    """
    given, truth = _matrices(scores, gold)
    if given.shape != (sum(sentences), len(labels)):
        raise OptionError(
            f"scores have the shape {given.shape}, but there are {sum(sentences)} sentences in the articles and "
            f"{len(labels)} labels"
        )
    options = {"replicates": replicates, "seed": seed}
    article_of = np.repeat(np.arange(len(sentences)), sentences)
    rows = np.zeros((len(sentences), 4))
    each, themed = label_ranking(given, truth), truth.any(axis=1)
    np.add.at(rows, article_of, np.column_stack([each, np.ones(len(each)), each * themed, themed]))
    lrap, themed_lrap = estimates(
        rows,
        lambda sums: ratios(sums[:, ::2], sums[:, 1::2]),
        undefined=[_NO_SENTENCES, _NO_THEMED],
        level=level,
        **options,
    )
    precisions = _average_precisions(given, truth, article_of, len(sentences), level=level, **options)
    support = truth.sum(axis=0)
    return Ranking(
        lrap=lrap,
        themed_lrap=themed_lrap,
        macro_average_precision=precisions[0],
        macro_labels=tuple(label for label, times in zip(labels, support, strict=True) if times >= SUPPORT),
        average_precision=dict(zip(labels, precisions[1:], strict=True)),
    )


def label_ranking(scores: ArrayLike, gold: ArrayLike) -> Floats:
    """For every sentence, how far its gold labels stand above the others: its part of the LRAP.

    Of each gold label, the share of gold ones among the labels scored as high or higher, averaged; 1 for a sentence
    that has none, or all.

    >>> label_ranking([[0.9, 0.5, 0.1]], [[0, 1, 0]])
    array([0.5])
    """
    given, truth = _matrices(scores, gold)
    total, count = np.zeros(len(given)), truth.sum(axis=1)
    for column, held in zip(given.T, truth.T, strict=True):
        above = given >= column[:, np.newaxis]
        total += held * ratios((above & truth).sum(axis=1), above.sum(axis=1))
    plain = (count == 0) | (count == truth.shape[1])
    return np.where(plain, 1.0, total / np.maximum(count, 1))


def average_precision(scores: ArrayLike, gold: ArrayLike) -> float:
    """The area under the steps of precision over recall for one label; nan where no sentence has it.

    >>> average_precision([0.9, 0.8, 0.3], [1, 0, 1])
    0.8333333333333333
    >>> average_precision([0.9], [0])
    nan
    """
    given, truth = _matrices(np.asarray(scores, dtype=float)[:, np.newaxis], np.asarray(gold)[:, np.newaxis])
    if not truth.any():
        return math.nan
    steps = _steps(given[:, 0], truth[:, 0], np.zeros(len(given), dtype=np.intp), 1)
    return float(_areas(steps.sum(axis=0)[np.newaxis], [0])[0, 0])


def _average_precisions(
    scores: Floats,
    gold: _Bools,
    article_of: NDArray[np.intp],
    articles: int,
    *,
    replicates: int,
    seed: int,
    level: float,
) -> tuple[Estimate, ...]:
    """The mean over the labels with enough support, then each label."""
    support = gold.sum(axis=0)
    found = np.flatnonzero(support)
    small = articles * int(support.sum()) <= MOST_CELLS
    tables = [_steps(scores[:, label], gold[:, label], article_of * small, articles if small else 1) for label in found]
    starts = np.cumsum([0, *(table.shape[1] for table in tables)])[:-1].tolist()
    averaged = np.flatnonzero(support[found] >= SUPPORT)
    steps = np.concatenate(tables, axis=1) if tables else np.zeros((articles, 0, 2))
    whole = _areas(steps.sum(axis=0)[np.newaxis], starts)[0]

    def statistic(sums: Floats) -> Floats:
        areas = _areas(sums, starts)
        return np.column_stack([mean_of_labels(areas[:, averaged], whole[averaged]), areas])

    reasons = [FEW_LABELS, *[NO_SUPPORT] * len(found)]
    figures = list(estimates(steps, statistic, undefined=reasons, replicates=replicates, seed=seed, level=level))
    if not small:
        figures = [
            one if math.isnan(one.value) else Estimate(one.value, math.nan, math.nan, _TOO_LARGE) for one in figures
        ]
    of_label = dict(zip(found.tolist(), figures[1:], strict=True))
    missing = Estimate(math.nan, math.nan, math.nan, NO_SUPPORT)
    return (figures[0], *(of_label.get(label, missing) for label in range(len(support))))


def _steps(scores: Floats, gold: _Bools, article_of: NDArray[np.intp], articles: int) -> Floats:
    """Gold sentences and all sentences that score at least so much: (articles × distinct scores of gold ones × 2)."""
    thresholds = np.unique(scores[gold])
    reached = np.searchsorted(thresholds, scores, side="right")  # how many thresholds a sentence comes up to
    counts = np.zeros((articles, len(thresholds) + 1, 2))
    np.add.at(counts, (article_of, reached), np.column_stack([gold, np.ones(len(gold))]))
    from_above: Floats = counts[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]
    return from_above


def _areas(sums: Floats, starts: Sequence[int]) -> Floats:
    """Average precision of each label, whose steps begin at `starts`, from sums of `_steps`."""
    if not starts:
        return np.zeros((len(sums), 0))
    right, given = sums[..., 0], sums[..., 1]
    above = np.concatenate([right[:, 1:], np.zeros((len(sums), 1))], axis=1)
    above[:, np.array(starts[1:], dtype=np.intp) - 1] = 0  # nothing lies above the highest score of a label
    gained = (right - above) * np.nan_to_num(ratios(right, given))
    return ratios(np.add.reduceat(gained, starts, axis=1), right[:, starts])


def _matrices(scores: ArrayLike, gold: ArrayLike) -> tuple[Floats, _Bools]:
    given, truth = np.asarray(scores, dtype=float), np.asarray(gold, dtype=bool)
    if given.shape != truth.shape or given.ndim != 2:
        raise OptionError(f"scores have the shape {given.shape}, gold {truth.shape}; both must be (sentences × labels)")
    if not np.isfinite(given).all():
        raise OptionError("scores must be numbers: nan and infinity cannot be ranked")
    return given, truth
