"""From scores to probabilities: of the sentences scored 0.8 for a label, about eight in ten shall have it.

Every label gets a rising curve of its own, fitted on scores of articles that the model had not seen. A rising curve
changes no ranking; it makes scores of different labels, and of different models, mean the same.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from claimtag.errors import OptionError, did_you_mean
from claimtag.splits import grouped_folds
from claimtag.themes.base import asked_of, indicator, masked

Floats: TypeAlias = NDArray[np.float64]
Asked: TypeAlias = NDArray[np.bool_] | None  # None: every label was asked of every sentence
Method: TypeAlias = Literal["none", "platt", "isotonic"]

METHODS: tuple[Method, ...] = get_args(Method)
FOLDS = 5
ENOUGH = 100  # positives from which on isotonic regression is allowed; a label with fewer gets Platt's curve
BORROWED = 10.0  # positives' worth of all labels' decisions that are added to a label's own
_SOFTENED = 1e-4  # scores of exactly 0 and 1 (keywords give many) have log-odds of ±9, and not of infinity
_FLATTEST = 0.01  # the least slope: what is ranked wrong way round is made nearly constant, never turned round
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Platt:
    """Platt's curve (1999): the log-odds of the score, times `slope`, plus `intercept`, are the log-odds wanted.

    >>> Platt(slope=1.0, intercept=0.0)([0.5]).tolist()
    [0.5]
    >>> Platt(slope=-1.0, intercept=0.0)
    Traceback (most recent call last):
    claimtag.errors.OptionError: a calibration must rise with the score: the slope is -1.0
    """

    slope: float
    intercept: float

    def __post_init__(self) -> None:
        if not np.isfinite([self.slope, self.intercept]).all() or self.slope <= 0:
            raise OptionError(f"a calibration must rise with the score: the slope is {self.slope}")

    def __call__(self, scores: ArrayLike) -> Floats:
        """The scores as probabilities."""
        from scipy.special import expit

        probabilities: Floats = expit(self.slope * _log_odds(np.asarray(scores, dtype=float)) + self.intercept)
        return probabilities

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"method": "platt", "slope": self.slope, "intercept": self.intercept}


@dataclass(frozen=True, slots=True)
class Isotonic:
    """Isotonic regression: straight lines between (`scores`, `shares`), and level outside.

    >>> Isotonic(scores=(0.25, 0.75), shares=(0.0, 1.0))([0.0, 0.5, 1.0]).tolist()
    [0.0, 0.5, 1.0]
    >>> Isotonic(scores=(0.2, 0.6), shares=(0.9, 0.1))
    Traceback (most recent call last):
    claimtag.errors.OptionError: a calibration must rise with the score, from 0 to 1 at most
    """

    scores: tuple[float, ...]
    shares: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.scores or len(self.scores) != len(self.shares):
            raise OptionError(
                f"a calibration needs a share for every score: {len(self.scores)} and {len(self.shares)} given"
            )
        rising = all(low < high for low, high in pairwise(self.scores))
        if (
            not rising
            or not np.isfinite([*self.scores, *self.shares]).all()
            or not all(low <= high for low, high in pairwise((0.0, *self.shares, 1.0)))
        ):
            raise OptionError("a calibration must rise with the score, from 0 to 1 at most")

    def __call__(self, scores: ArrayLike) -> Floats:
        """The scores as probabilities."""
        probabilities: Floats = np.interp(np.asarray(scores, dtype=float), self.scores, self.shares)
        return probabilities

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"method": "isotonic", "scores": list(self.scores), "shares": list(self.shares)}


Calibration: TypeAlias = Platt | Isotonic


def calibration_from_dict(record: Mapping[str, Any] | None) -> Calibration | None:
    """What `to_dict` gave, read back; None stays None: the scores are taken as they are."""
    if record is None:
        return None
    try:
        if record["method"] == "platt":
            return Platt(float(record["slope"]), float(record["intercept"]))
        if record["method"] == "isotonic":
            return Isotonic(tuple(map(float, record["scores"])), tuple(map(float, record["shares"])))
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, OptionError):
            raise
        raise OptionError(f"not a record of a calibration: {error!r}") from error
    raise OptionError(f"no calibration is called {record['method']!r}{did_you_mean(str(record['method']), METHODS)}")


def calibrated(scores: ArrayLike, calibrations: Sequence[Calibration | None]) -> Floats:
    """A matrix (sentences × labels) with each column under its calibration; under None it stays as it is.

    >>> calibrated([[0.3, 0.5]], [None, Isotonic((0.5, 0.75), (0.25, 1.0))]).tolist()
    [[0.3, 0.25]]
    """
    probabilities = np.array(scores, dtype=float)  # a copy: the caller's scores stay
    if probabilities.ndim != 2 or probabilities.shape[1] != len(calibrations):
        raise OptionError(
            f"scores must be a matrix with {len(calibrations)} columns, one a label; got the shape {probabilities.shape}"
        )
    for column, calibration in enumerate(calibrations):
        if calibration is not None:
            probabilities[:, column] = calibration(probabilities[:, column])
    return probabilities


def fit_calibrations(
    scores: ArrayLike,
    gold: Any,
    groups: Sequence[Hashable] | None = None,
    *,
    method: Method | None = None,
    folds: int = FOLDS,
) -> tuple[Calibration | None, ...]:
    """A calibration for each label, fitted on these scores, which must be out of fold.

    Without a `method` the one with the lowest Brier score over all labels is taken, measured across `folds` of whole
    articles; `groups` says in which article each sentence stands (without it each stands alone). "none" takes scores as
    they are. A label with fewer than 100 positives gets Platt's curve under "isotonic" too. For Platt's curve all
    labels' decisions count beside a label's own, with the weight of 10 positives: a rare label borrows the shape of the
    others, a frequent one hardly notices. A label without positives has no calibration. What a masked matrix hides was
    not asked (`themes.base.asked_of`) and does not count.
    """
    (given, truth), asked = _matrices(scores, gold), asked_of(gold)
    if method is not None and method not in METHODS:
        raise OptionError(f'no calibration is called "{method}"{did_you_mean(method, METHODS)}')
    return _FITS[method or _best_method(given, truth, asked, groups, folds)](given, truth, asked)


def cross_calibrated(
    scores: ArrayLike,
    gold: Any,
    groups: Sequence[Hashable] | None = None,
    *,
    method: Method | None = None,
    folds: int = FOLDS,
) -> Floats:
    """The scores, each calibrated by what the other articles teach: what an honest evaluation of calibration needs."""
    given, truth = _matrices(scores, gold)
    known = masked(truth, asked_of(gold))
    numbers = range(len(given)) if groups is None else groups
    probabilities = np.zeros_like(given)
    for learn, held in fold_splits(folds_of(truth, numbers, folds=folds)):
        others = [numbers[place] for place in learn]
        calibrations = fit_calibrations(given[learn], known[learn], others, method=method, folds=folds)
        probabilities[held] = calibrated(given[held], calibrations)
    return probabilities


def folds_of(gold: NDArray[np.bool_], groups: Sequence[Hashable], *, folds: int = FOLDS) -> NDArray[np.intp]:
    """The fold of each row, whole groups together; as many folds as groups where there are fewer."""
    return grouped_folds(gold, groups, folds=min(folds, max(2, len(set(groups)))))


def fold_splits(fold_of: NDArray[np.intp]) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """For each fold the rows outside it and the rows in it."""
    for fold in range(int(fold_of.max(initial=-1)) + 1):
        yield np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)


def _best_method(
    scores: Floats, gold: NDArray[np.bool_], asked: Asked, groups: Sequence[Hashable] | None, folds: int
) -> Method:
    """The method of the lowest Brier score across folds; "none" where a single article leaves nothing to hold out."""
    numbers = range(len(gold)) if groups is None else groups
    if len(set(numbers)) < 2:
        return "none"
    fold_of = folds_of(gold, numbers, folds=folds)
    errors = dict.fromkeys(METHODS, 0.0)
    for learn, held in fold_splits(fold_of):
        for method in METHODS:
            fitted = _FITS[method](scores[learn], gold[learn], None if asked is None else asked[learn])
            wrong = (calibrated(scores[held], fitted) - gold[held]) ** 2
            errors[method] += float((wrong if asked is None else wrong * asked[held]).sum())
    return min(METHODS, key=errors.__getitem__)


def _none(scores: Floats, gold: NDArray[np.bool_], asked: Asked) -> tuple[Calibration | None, ...]:
    return (None,) * len(scores.T)


def _platt(
    scores: Floats, gold: NDArray[np.bool_], asked: Asked, wanted: NDArray[np.bool_] | None = None
) -> tuple[Calibration | None, ...]:
    odds = _log_odds(scores)
    # all labels' decisions, those of about the same log-odds as one
    every = (odds.ravel(), gold.ravel()) if asked is None else (odds[asked], gold[asked])
    values, place = np.unique(every[0].round(2), return_inverse=True)
    right = np.bincount(place.ravel(), weights=every[1], minlength=len(values))
    wrong = np.bincount(place.ravel(), minlength=len(values)) - right
    share = BORROWED / max(1.0, right.sum())
    learnt: NDArray[np.bool_] = np.asarray(gold.any(axis=0))
    if wanted is not None:
        learnt = learnt & wanted
    return tuple(
        _curve(
            np.concatenate([column, values, values]),
            np.concatenate([truth.astype(float), np.repeat([1.0, 0.0], len(values))]),
            np.concatenate([np.ones(len(column)), share * right, share * wrong]),
        )
        if learns
        else None
        for (column, truth), learns in zip(_columns(odds, gold, asked), learnt, strict=True)
    )


def _isotonic(scores: Floats, gold: NDArray[np.bool_], asked: Asked) -> tuple[Calibration | None, ...]:
    enough = gold.sum(axis=0) >= ENOUGH
    return tuple(
        _steps(column, truth) if steps else curve
        for (column, truth), steps, curve in zip(
            _columns(scores, gold, asked), enough, _platt(scores, gold, asked, ~enough), strict=True
        )
    )


def _columns(scores: Floats, gold: NDArray[np.bool_], asked: Asked) -> Iterator[tuple[Floats, NDArray[np.bool_]]]:
    """Each label's scores and gold, of the sentences that were asked it."""
    for place in range(scores.shape[1]):
        rows = slice(None) if asked is None else asked[:, place]
        yield scores[rows, place], gold[rows, place]


_FITS: Mapping[Method, Callable[[Floats, NDArray[np.bool_], Asked], tuple[Calibration | None, ...]]] = {
    "none": _none,
    "platt": _platt,
    "isotonic": _isotonic,
}


def _curve(odds: Floats, gold: Floats, weights: Floats) -> Platt:
    """The most likely curve, for Platt's targets: a little above 0 and below 1, as one more of each would make them."""
    positives, negatives = float(weights @ gold), float(weights @ (1 - gold))
    targets = np.where(gold > 0, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    begin = np.array([1.0, np.log((positives + 1) / (negatives + 1))])
    ones = np.ones_like(odds)
    slope, intercept = _most_likely(np.stack([odds, ones]), targets, weights, begin)
    if slope < _FLATTEST:  # the likelihood has one peak, so the best that is allowed lies on the bound
        slope = _FLATTEST
        (intercept,) = _most_likely(ones[np.newaxis], targets, weights, begin[1:], offset=slope * odds)
    return Platt(round(float(slope), _DIGITS), round(float(intercept), _DIGITS))


def _most_likely(
    columns: Floats, targets: Floats, weights: Floats, begin: Floats, *, offset: Floats | float = 0.0
) -> Floats:
    """Logistic regression by Newton's steps, halved where they go too far (Lin, Lin and Weng 2007)."""
    from scipy.special import expit

    def loss(parameters: Floats) -> float:
        values = parameters @ columns + offset
        return float(weights @ (np.logaddexp(0, values) - targets * values))

    parameters, reached = begin, loss(begin)
    for _ in range(100):
        probabilities = expit(parameters @ columns + offset)
        gradient = columns @ (weights * (probabilities - targets))
        curvature = (columns * (weights * probabilities * (1 - probabilities))) @ columns.T
        step = np.linalg.solve(curvature + 1e-9 * np.eye(len(begin)), gradient)
        for _ in range(30):
            lower = loss(parameters - step)
            if lower <= reached:
                break
            step /= 2
        else:
            break  # no step helps any more: it is the peak, to the last bits
        parameters, gain, reached = parameters - step, reached - lower, lower
        if gain <= 1e-10 * (1 + abs(reached)):
            break
    return parameters


def _steps(scores: Floats, gold: NDArray[np.bool_]) -> Isotonic:
    from sklearn.isotonic import IsotonicRegression

    fitted = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(scores, gold)
    return Isotonic(tuple(fitted.X_thresholds_.tolist()), tuple(fitted.y_thresholds_.clip(0, 1).tolist()))


def _log_odds(scores: Floats) -> Floats:
    from scipy.special import logit

    odds: Floats = logit(_SOFTENED + (1 - 2 * _SOFTENED) * scores)
    return odds


def _matrices(scores: ArrayLike, gold: Any) -> tuple[Floats, NDArray[np.bool_]]:
    given, (_, truth) = np.asarray(scores, dtype=float), indicator(gold)
    if given.shape != truth.shape:
        raise OptionError(f"scores have the shape {given.shape}, the gold themes {truth.shape}; they must be equal")
    if given.size and not (given.min() >= 0 and given.max() <= 1):  # nan is neither
        raise OptionError("scores must lie in [0, 1], and none may be nan")
    return given, truth
