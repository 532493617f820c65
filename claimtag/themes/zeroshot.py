"""Zero-shot scores: a label without data is scored by its texts, by what likeness to them means for labels with data.

One logistic regression is learned on the decisions of all labels that have data, from numbers that mean the same for
each of them (`themes.likeness`); so it can be asked of a label that has none, and gives a probability. What that is
worth is measured by leaving out each label in turn: the regression that scores it, and the threshold, come from the
other labels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from claimtag.errors import OptionError
from claimtag.scheme import Label, Scheme
from claimtag.themes.base import Scores, SentenceInArticle, asked_of, indicator, masked
from claimtag.themes.deciding import DIGITS, Deciding
from claimtag.themes.goals import Costs
from claimtag.themes.likeness import WAYS, Likeness, likeness_from_dict

ENOUGH, FEWEST = 10, 3  # sentences that a label must have to be learned from, and such labels
MOST = 4000  # sentences that are learned from, taken evenly: ten weights need no more
READ = 20_000  # sentences from which it is learned how rare words are
_LIMITS = np.arange(0.02, 0.95, 0.01)  # thresholds that are tried


@dataclass(frozen=True, eq=False)
class ZeroShot:
    """What likeness means: weights for its numbers and the intercept, and the threshold that serves unseen labels.

    `labels` are those that it was learned on; `average_precision` and `f1` the means over these, each scored and
    decided by what the others teach, on the sentences that were learned from.
    """

    likeness: Likeness
    weights: tuple[float, ...]
    threshold: float
    labels: tuple[str, ...]
    average_precision: float
    f1: float

    def scores(self, sentences: Sequence[SentenceInArticle], themes: Sequence[Label]) -> Scores:
        """Probabilities (sentences × themes), whether these have data or not; the themes are all those of a scheme."""
        return probabilities(self.likeness.numbers(sentences, themes), np.array(self.weights))

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; `zeroshot_from_dict` is the inverse."""
        names = ("weights", "threshold", "labels", "average_precision", "f1")
        return {name: _plain(getattr(self, name)) for name in names} | {"likeness": self.likeness.to_dict()}


def learn_zeroshot(
    sentences: Sequence[SentenceInArticle],
    gold: Any,
    scheme: Scheme,
    *,
    ways: Sequence[str] = WAYS,
    encoder: str | None = None,
) -> ZeroShot | None:
    """What likeness to a label's texts means, learned on the labels of a scheme; None where too few of them tell.

    A label tells when it has `ENOUGH` sentences and texts beside its names, and `FEWEST` such labels are needed. None
    also where their texts tell nothing: left out, the labels are found no better than by guessing.
    """
    _, truth = indicator(gold, scheme.labels)
    rows = evenly(len(sentences))
    if len(told := telling(scheme.themes, truth[rows])) < FEWEST:
        return None
    likeness = Likeness.learn(taken(sentences), ways=ways, encoder=encoder)
    numbers = likeness.numbers([sentences[row] for row in rows], scheme.themes)[:, told]
    known, truth = masked(truth, asked_of(gold))[rows][:, told], truth[rows][:, told]
    scores = np.stack(
        [probabilities(numbers[:, column], left_out(numbers, known, column)) for column in range(len(told))],
        axis=1,
    )
    found, guessed = float(np.mean(_average_precisions(scores, truth))), float(truth.mean())
    if round(found, DIGITS) <= round(guessed, DIGITS):
        return None
    limits = shared_limits(scores, truth)
    return ZeroShot(
        likeness=likeness,
        weights=_regression(numbers, known),
        threshold=_best(_f1_by_limit(scores, truth)),
        labels=tuple(scheme.labels[column] for column in told),
        average_precision=round(found, DIGITS),
        f1=round(float(np.mean(_f1(scores >= limits, truth))), DIGITS),
    )


def shared_limits(scores: ArrayLike, gold: ArrayLike) -> NDArray[np.float64]:
    """For each label the threshold that serves the mean F1 of the other labels: what a label without data gets.

    >>> scores, gold = [[0.9, 0.3], [0.2, 0.1]], [[1, 1], [0, 0]]
    >>> shared_limits(scores, gold).round(2).tolist()
    [0.11, 0.21]
    """
    f1 = _f1_by_limit(np.asarray(scores, dtype=float), np.asarray(gold, dtype=bool))
    columns = range(f1.shape[1])
    return np.array([_best(f1[:, [other for other in columns if other != column]]) for column in columns])


def shared_deciding(scores: ArrayLike, gold: Any, labels: Sequence[str]) -> Deciding:
    """Thresholds from the other labels, the scores being taken for probabilities: each label as if it had no data."""
    names, truth = indicator(gold, labels)
    limits = tuple(np.round(shared_limits(scores, truth), DIGITS).tolist())
    look = round(Costs().review_from, DIGITS)
    return Deciding(names, limits, tuple(min(limit, look) for limit in limits))


def zeroshot_from_dict(record: Mapping[str, Any]) -> ZeroShot:
    """What `to_dict` gave, read back; OptionError for anything else."""
    try:
        made = ZeroShot(
            likeness=likeness_from_dict(record["likeness"]),
            weights=tuple(map(float, record["weights"])),
            threshold=float(record["threshold"]),
            labels=tuple(map(str, record["labels"])),
            average_precision=float(record["average_precision"]),
            f1=float(record["f1"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise OptionError(f"not a record of zero-shot scoring: {error!r}") from error
    if len(made.weights) != len(made.likeness.names) + 1 or not np.isfinite((*made.weights, made.threshold)).all():
        raise OptionError("not a record of zero-shot scoring: its weights do not fit what it compares")
    if not 0 <= made.threshold <= 1:
        raise OptionError(f"not a record of zero-shot scoring: a threshold of {made.threshold}")
    return made


def telling(themes: Sequence[Label], gold: NDArray[np.bool_]) -> list[int]:
    """The labels from which it can be learned what likeness to a label's texts means."""
    counts = gold.sum(axis=0)
    return [
        column
        for column, theme in enumerate(themes)
        if counts[column] >= ENOUGH and (theme.positive or theme.include or theme.has_keywords)
    ]


def evenly(number: int, most: int = MOST) -> NDArray[np.intp]:
    """The places of at most so many of a number of things, from the first to the last at equal distances."""
    return np.unique(np.linspace(0, number - 1, min(number, most)).astype(np.intp))


def taken(sentences: Sequence[SentenceInArticle]) -> list[SentenceInArticle]:
    """Those of the sentences that tell how rare words are."""
    return [sentences[row] for row in evenly(len(sentences), READ).tolist()]


def _regression(numbers: NDArray[np.float64], gold: NDArray[np.bool_]) -> tuple[float, ...]:
    """Weights of the numbers and the intercept, from all decisions (sentences × labels) alike."""
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    asked = asked_of(gold)
    rows, truth = numbers.reshape(-1, numbers.shape[-1]), np.asarray(gold).ravel()
    if asked is not None:
        rows, truth = rows[asked.ravel()], truth[asked.ravel()]
    scale = rows.std(axis=0)
    scale[scale == 0] = 1.0
    if truth.all() or not truth.any():  # no choice was seen
        return (*[0.0] * len(scale), float(np.log((truth.sum() + 1) / ((~truth).sum() + 1))))
    with threadpool_limits(limits=1):  # so that the same data gives the same weights on any machine
        fitted = LogisticRegression(max_iter=200).fit(rows / scale, truth)
    values = np.append(fitted.coef_[0] / scale, fitted.intercept_)
    return tuple(np.round(values, 5).tolist())


def left_out(
    numbers: NDArray[np.float64], gold: NDArray[np.bool_], column: int, told: Sequence[int] | None = None
) -> NDArray[np.float64]:
    """The regression that the labels of `told`, or all, teach without one of them."""
    others = [other for other in (range(gold.shape[1]) if told is None else told) if other != column]
    return np.array(_regression(numbers[:, others], gold[:, others]))


def probabilities(numbers: NDArray[np.float64], weights: NDArray[np.float64]) -> Scores:
    """Of numbers (… × labels × numbers) under weights for all labels, or for each label its own."""
    odds = (numbers * weights[..., :-1]).sum(axis=-1) + weights[..., -1]
    return np.asarray(expit(odds), dtype=np.float32)


def _f1_by_limit(scores: NDArray[Any], gold: NDArray[np.bool_]) -> NDArray[np.float64]:
    """F1 of each label at each threshold of `_LIMITS` (thresholds × labels)."""
    return np.stack([_f1(scores >= limit, gold) for limit in _LIMITS])


def _f1(said: NDArray[np.bool_], gold: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.asarray(2 * (said & gold).sum(axis=0) / np.maximum(1, said.sum(axis=0) + gold.sum(axis=0)))


def _best(f1: NDArray[np.float64]) -> float:
    return round(float(_LIMITS[f1.mean(axis=1).argmax()]), DIGITS)


def _average_precisions(scores: Scores, gold: NDArray[np.bool_]) -> list[float]:
    from sklearn.metrics import average_precision_score

    return [float(average_precision_score(truth, column)) for truth, column in zip(gold.T, scores.T, strict=True)]


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
