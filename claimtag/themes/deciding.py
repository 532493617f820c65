"""From scores to labels: a calibration and a threshold for every label, learnt from scores out of fold."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, Self, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from claimtag.errors import OptionError, did_you_mean
from claimtag.records import Theme
from claimtag.splits import grouped_folds
from claimtag.themes.base import Scores, asked_of, indicator, masked
from claimtag.themes.calibrating import (
    FOLDS,
    Calibration,
    Floats,
    Method,
    calibrated,
    calibration_from_dict,
    fit_calibrations,
    fold_splits,
    folds_of,
)
from claimtag.themes.goals import Costs, Goal, parse_goal

Task: TypeAlias = Literal["multi-label", "single-label", "binary"]

TASKS: tuple[Task, ...] = get_args(Task)
DIGITS = 4  # scores are compared, and written, rounded to these: what is written explains what was decided
SHRINKAGE = 40.0  # a label's own threshold weighs as many sentences as it has, the threshold of all labels this many
# macro-F1 across folds on the shared training data: 0.669 with 0, 0.675 with 10, 0.678 with 40, 0.676 with 300


class Trainable(Protocol):
    """A theme model that learns from sentences and an indicator matrix."""

    def fit(self, X: Any, y: Any, /) -> Any: ...

    def scores(self, sentences: Any, /) -> Scores: ...


@dataclass(frozen=True, slots=True)
class Deciding:
    """Calibrations and thresholds for the scores of a theme model.

    Each score becomes a probability by its label's calibration (None, or no calibrations at all: it is taken for one).
    A label is said where its probability reaches `thresholds`, and put up for review where it only reaches `review`.
    A threshold of None is that of a label without examples: it is never said and never reviewed. `not_asked` are labels
    that nobody was asked about in any sentence that these come from: of them it is not known either that a sentence
    does not have them. `goal` is what the thresholds were tuned for. In a "single-label" task only the likeliest label
    can be said (of equals the one of the higher score), so that with thresholds of 0 every sentence gets exactly one;
    "binary" is one label, said or not.

    >>> deciding = Deciding(("drugs", "justice", "western_sahara"), (0.5, 0.6, None), (0.3, 0.6, None))
    >>> deciding.decide(np.array([[0.4, 0.7, 1.0]]))
    [((Theme(label='justice', score=0.7),), (Theme(label='drugs', score=0.4),))]
    >>> Deciding(("drugs",), (0.5,), (0.7,))
    Traceback (most recent call last):
    claimtag.errors.OptionError: "drugs": the review band begins at 0.7, above the threshold 0.5
    >>> deciding = Deciding(("sport", "arts"), (0.0, 0.0), (0.25, 0.25), task="single-label")
    >>> deciding.said([[0.1, 0.2], [0.9, 0.8]]).tolist()
    [[False, True], [True, False]]
    """

    labels: tuple[str, ...]
    thresholds: tuple[float | None, ...]
    review: tuple[float | None, ...]
    calibrations: tuple[Calibration | None, ...] = ()
    goal: str = "f1"
    task: Task = "multi-label"
    not_asked: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not len(self.labels) == len(self.thresholds) == len(self.review):
            raise OptionError(
                f"{len(self.labels)} labels need as many thresholds and review bands, "
                f"not {len(self.thresholds)} and {len(self.review)}"
            )
        if self.calibrations and len(self.calibrations) != len(self.labels):
            raise OptionError(f"{len(self.labels)} labels need as many calibrations, not {len(self.calibrations)}")
        parse_goal(self.goal)
        if unknown := [label for label in self.not_asked if label not in self.labels]:
            raise OptionError(f"not asked, and none of the labels: {', '.join(map(repr, unknown))}")
        if self.task not in TASKS:
            raise OptionError(
                f'no task is called "{self.task}"{did_you_mean(str(self.task), TASKS)}; tasks: {", ".join(TASKS)}'
            )
        for label, threshold, low in zip(self.labels, self.thresholds, self.review, strict=True):
            if (threshold is None) != (low is None):
                raise OptionError(f'"{label}": threshold and review band must both be numbers, or both None')
            if threshold is None or low is None:
                continue
            if not 0 <= threshold <= 1 or not 0 <= low <= 1:
                raise OptionError(f'"{label}": threshold {threshold} and review band {low} must lie in [0, 1]')
            if low > threshold and self.task != "single-label":  # there the second label is reviewed, however high
                raise OptionError(f'"{label}": the review band begins at {low}, above the threshold {threshold}')

    def decide(self, scores: ArrayLike) -> list[tuple[tuple[Theme, ...], tuple[Theme, ...]]]:
        """For every row of scores (sentences × labels) the themes said and those for review, in the labels' order.

        The scores of the themes are the probabilities.
        """
        probabilities = self.probabilities(scores)
        said = self._said(probabilities, scores)
        review = (probabilities >= _limits(self.review)) & ~said
        return list(zip(self._themes(probabilities, said), self._themes(probabilities, review), strict=True))

    def said(self, scores: ArrayLike) -> NDArray[np.bool_]:
        """An indicator matrix of the themes said."""
        return self._said(self.probabilities(scores), scores)

    def probabilities(self, scores: ArrayLike) -> Floats:
        """The scores calibrated, and rounded as they are compared and written."""
        return calibrated(scores, self.calibrations or (None,) * len(self.labels)).round(DIGITS)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; `from_dict` is the inverse.

        A task is named where it is not "multi-label", labels not asked where there are some.
        """
        return {
            "labels": list(self.labels),
            **({} if self.task == "multi-label" else {"task": self.task}),
            "goal": self.goal,
            "thresholds": list(self.thresholds),
            "review": list(self.review),
            "calibrations": [None if one is None else one.to_dict() for one in self.calibrations],
            **({"not_asked": list(self.not_asked)} if self.not_asked else {}),
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Self:
        """The record read back, calibrations and labels not asked being optional; OptionError if it is none."""
        try:
            return cls(
                labels=tuple(record["labels"]),
                thresholds=tuple(record["thresholds"]),
                review=tuple(record["review"]),
                calibrations=tuple(map(calibration_from_dict, record.get("calibrations", ()))),
                goal=record.get("goal", "f1"),
                task=record.get("task", "multi-label"),
                not_asked=tuple(record.get("not_asked", ())),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise OptionError(f"not a record of thresholds: {error!r}") from error

    def _said(self, probabilities: Floats, scores: ArrayLike) -> NDArray[np.bool_]:
        limits = _limits(self.thresholds)
        reached: NDArray[np.bool_] = probabilities >= limits
        if self.task != "single-label" or not reached.size:
            return reached
        # steps of a calibration make equals of scores that are not
        ranked = probabilities + np.asarray(scores, dtype=float) * 10.0 ** -(DIGITS + 1)
        likeliest = np.where(np.isinf(limits), -1.0, ranked).argmax(axis=1)
        chosen: NDArray[np.bool_] = likeliest[:, np.newaxis] == np.arange(len(self.labels))
        return np.logical_and(reached, chosen)

    def _themes(self, scores: Floats, held: NDArray[np.bool_]) -> list[tuple[Theme, ...]]:
        themes: list[tuple[Theme, ...]] = [()] * len(scores)
        rows, columns = np.nonzero(held)
        for row, column, score in zip(rows.tolist(), columns.tolist(), scores[held].tolist(), strict=True):
            themes[row] += (Theme(self.labels[column], score),)
        return themes


def out_of_fold(
    make_model: Callable[[], Trainable], X: Sequence[Any], Y: Any, groups: Iterable[Hashable], *, folds: int = 5
) -> Scores:
    """Scores of every sentence by a model that learnt from the other groups alone.

    `groups` are the articles, duplicates together (`splits.duplicate_clusters`), or their folds; with fewer groups
    than `folds` each is one fold. Y is an indicator matrix. A label that has no example outside a fold gets no
    meaningful scores there. Of a masked matrix a model learns what was asked (`themes.base.asked_of`).
    """
    groups, (_, gold) = list(groups), indicator(Y)
    known = masked(gold, asked_of(Y))
    fold_of = grouped_folds(gold, groups, folds=min(folds, max(2, len(set(groups)))))
    scores = np.zeros(gold.shape, dtype=np.float32)
    for fold in range(int(fold_of.max()) + 1):
        learn, held = np.flatnonzero(fold_of != fold).tolist(), np.flatnonzero(fold_of == fold).tolist()
        model = make_model()
        model.fit([X[place] for place in learn], known[learn])
        scores[held] = model.scores([X[place] for place in held])
    return scores


def fit_deciding(
    scores: ArrayLike,
    gold: Any,
    labels: Sequence[str],
    groups: Sequence[Hashable] | None = None,
    *,
    method: Method | None = None,
    goal: Goal | str = "f1",
    costs: Costs | None = None,
    task: Task = "multi-label",
) -> Deciding:
    """Calibrations (`fit_calibrations`), and thresholds on the probabilities (`tune`), from scores out of fold.

    `groups` says in which article (duplicates: in which cluster) each sentence stands.
    """
    _, truth = indicator(gold, labels)
    truth = masked(truth, asked_of(gold))
    calibrations = fit_calibrations(scores, truth, groups, method=method)
    return tune(scores, truth, labels, calibrations=calibrations, goal=goal, costs=costs, task=task)


def cross_decided(
    scores: ArrayLike,
    gold: Any,
    labels: Sequence[str],
    groups: Sequence[Hashable],
    *,
    method: Method | None = None,
    goal: Goal | str = "f1",
    costs: Costs | None = None,
    folds: int = FOLDS,
    task: Task = "multi-label",
) -> tuple[Floats, NDArray[np.bool_]]:
    """Probabilities and labels said of every sentence by what `fit_deciding` learns from the other articles alone.

    With scores out of fold, figures from these are honest: neither calibration nor threshold saw the gold they are
    held against.
    """
    _, truth = indicator(gold, labels)
    known = masked(truth, asked_of(gold))
    given = np.asarray(scores, dtype=float)
    probabilities, said, numbers = np.zeros(truth.shape), np.zeros_like(truth), list(groups)
    for learn, held in fold_splits(folds_of(truth, numbers, folds=folds)):
        deciding = fit_deciding(
            given[learn],
            known[learn],
            labels,
            [numbers[place] for place in learn],
            method=method,
            goal=goal,
            costs=costs,
            task=task,
        )
        probabilities[held], said[held] = deciding.probabilities(given[held]), deciding.said(given[held])
    return probabilities, said


def tune(
    scores: ArrayLike,
    gold: Any,
    labels: Sequence[str],
    *,
    calibrations: Sequence[Calibration | None] = (),
    goal: Goal | str = "f1",
    costs: Costs | None = None,
    shrinkage: float = SHRINKAGE,
    task: Task = "multi-label",
) -> Deciding:
    """Thresholds that serve a goal on these scores, which must be out of fold to be honest.

    For "f1" the threshold is the best; for "precision >= 0.9" the lowest that reaches it, or 1 where none does; for
    "recall >= 0.9" the highest that reaches it, but never one that says the label of every sentence. A label's own
    threshold is drawn to the one that serves all labels together, the more so the fewer examples it has: with n
    examples it counts n, the common one `shrinkage`; so a rare label may miss the goal, and any may by a little on new
    articles: asked for a precision of 0.9, the linear model had 0.88 across folds of the shared training data, asked
    for a recall of 0.9 it had 0.89. For "cost" the threshold follows from the costs alone, see `Costs.say_from`. A
    label without examples is never said. What a masked matrix hides was not asked, and tunes nothing; a label whose
    whole column it hides is one of `not_asked`. The review band begins where a look costs less than silence
    (`Costs.review_from`). In a "single-label" task that serves "f1" and whose sentences all have a label, thresholds
    are 0: each gets its likeliest.
    """
    goal, costs = parse_goal(goal) if isinstance(goal, str) else goal, costs or Costs()
    names, truth = indicator(gold, labels)
    asked = asked_of(gold)
    if np.shape(scores) != truth.shape:
        raise OptionError(
            f"scores have the shape {np.shape(scores)}, the gold themes {truth.shape}; they must be equal"
        )
    each = truth.sum(axis=1)
    if task == "single-label" and each.max(initial=0) > 1:
        raise OptionError(f"in a single-label task a sentence has one label; row {int(each.argmax())} has {each.max()}")
    always = task == "single-label" and goal.figure == "f1" and bool(each.all())
    probabilities = calibrated(scores, calibrations or (None,) * len(names)).round(DIGITS)
    known = truth.any(axis=0)
    held = np.tile(known, (len(truth), 1)) if asked is None else asked & known
    common = _best_threshold(probabilities[held], truth[held], goal, costs)
    thresholds: list[float | None] = [None] * len(names)
    review: list[float | None] = [None] * len(names)
    for column in np.flatnonzero(known):
        examples = int(truth[:, column].sum())
        own = _best_threshold(probabilities[held[:, column], column], truth[held[:, column], column], goal, costs)
        threshold = round((examples * own + shrinkage * common) / (examples + shrinkage), DIGITS)
        look = round(costs.review_from, DIGITS)
        thresholds[column], review[column] = (0.0, look) if always else (threshold, min(threshold, look))
    return Deciding(
        labels=names,
        thresholds=tuple(thresholds),
        review=tuple(review),
        calibrations=tuple(calibrations),
        goal=str(goal),
        task=task,
        not_asked=() if asked is None else tuple(names[at] for at in np.flatnonzero(~asked.any(axis=0))),
    )


def _best_threshold(scores: Floats, said: NDArray[np.bool_], goal: Goal, costs: Costs) -> float:
    """The threshold that serves the goal, halfway to the next lower score."""
    if goal.figure == "cost":
        return costs.say_from
    values, right, chosen = _from_above(scores, said)
    if not len(values):
        return 0.5
    if goal.least is None:
        best = int((2 * right / (chosen + said.sum())).argmax())
    elif goal.figure == "precision":
        reached = np.flatnonzero(right >= goal.least * chosen)
        if not len(reached):
            return 1.0
        best = int(reached[-1])
    else:
        best = int(np.flatnonzero(right >= min(goal.least * right[-1], right[-1]))[0])
        best -= best > 0 and chosen[best] == len(scores)
    below = values[best + 1] if best + 1 < len(values) else 0.0
    return float(values[best] + below) / 2


def _from_above(scores: Floats, said: NDArray[np.bool_]) -> tuple[Floats, NDArray[np.intp], NDArray[np.intp]]:
    """The distinct scores, highest first; how many sentences of the label, and of all, score at least that."""
    values, place = np.unique(-scores, return_inverse=True)
    chosen = np.cumsum(np.bincount(place, minlength=len(values)))
    right = np.cumsum(np.bincount(place[said], minlength=len(values)))
    return -values, right, chosen


def _limits(values: Sequence[float | None]) -> Floats:
    return np.array([np.inf if value is None else value for value in values])
