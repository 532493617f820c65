"""Options of a model chosen by cross-validation in folds of whole articles, as far as a time budget goes.

One option is varied after the other, from the best so far. Of all that was measured the simplest is taken that is not worse
than the best by more than one standard error (Breiman et al. 1984), here of their difference, over articles. Simpler is
what departs less from the defaults, which were chosen on more data than most tables hold.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from claimtag.errors import MissingExtraError, OptionError
from claimtag.evaluation.intervals import leave_one_out, theme_counts, theme_f1
from claimtag.evaluation.metrics import label_metrics
from claimtag.scheme import Scheme
from claimtag.themes import KINDS, model_kind
from claimtag.themes.base import Scores, SentenceInArticle, said_of_asked
from claimtag.themes.deciding import Task, cross_decided, out_of_fold
from claimtag.themes.goals import Costs

SAMPLE = 10_000  # sentences that options are chosen on: more take longer and choose alike
BLOCKS = 400  # parts, of whole articles, over which the error of a difference is taken where there are more articles
LINEAR: Mapping[str, tuple[Any, ...]] = {  # what is varied, in this order; the sooner the more it usually brings
    "C": (1.0, 3.0, 30.0),
    "context": (False,),
    "letters": (5, 8, 40),
    "min_df": (1, 2, 3),
    "class_weight": (None,),
    "nearby_weight": (0.0,),
}
STRONGER = ("blend",)  # kinds that are tried beside the linear one, where what they need is installed
FEW = 1000  # sentences; of fewer, words that one article alone has are learned too
SIMPLER: Mapping[str, Callable[[Any], float]] = {  # among equals, which value of an option makes the simpler model
    "context": float,
    "nearby_weight": float,
    "min_df": lambda least: -float(least),
    "letters": float,
    "C": float,
    "class_weight": lambda weight: float(weight is not None),
}
_TIME = re.compile(r"(\d+(?:[.,]\d+)?)\s*(s|sec|m|min|h)?")
_SECONDS = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600}


@dataclass(frozen=True, slots=True)
class Trial:
    """One model kind with its options, measured out of fold."""

    kind: str
    options: Mapping[str, Any]
    macro_f1: float
    micro_f1: float
    seconds: float
    said: NDArray[np.bool_] = field(repr=False)
    scores: Scores = field(repr=False)

    @property
    def figure(self) -> float:
        """What is compared: macro-F1, or micro-F1 where no label has examples enough for the former."""
        return self.macro_f1 if self.macro_f1 > 0 else self.micro_f1


@dataclass(frozen=True, slots=True)
class Choice:
    """The options chosen, why in plain words, and the scores out of fold if they are of all sentences."""

    kind: str
    options: Mapping[str, Any]
    report: tuple[str, ...]
    scores: Scores | None = field(default=None, repr=False)


def parse_budget(text: str) -> float:
    """A time as people write it, in seconds.

    >>> parse_budget("30s"), parse_budget("2m"), parse_budget("1.5 h"), parse_budget("45")
    (30.0, 120.0, 5400.0, 45.0)
    >>> parse_budget("soon")
    Traceback (most recent call last):
    claimtag.errors.OptionError: 'soon' is no time; write 30s, 5m or 1h
    """
    match = _TIME.fullmatch(text.strip().lower())
    if match is None:
        raise OptionError(f"{text!r} is no time; write 30s, 5m or 1h")
    return float(match[1].replace(",", ".")) * _SECONDS[match[2] or "s"]


def defaults(kind: str, sentences: int) -> dict[str, Any]:
    """The options that a kind is trained with on so many sentences where none are chosen.

    >>> defaults("linear", 30), defaults("linear", 30_000)
    ({'min_df': 1}, {})
    """
    return {"min_df": 1} if kind == "linear" and sentences < FEW else {}


def choose(
    sentences: Sequence[SentenceInArticle],
    Y: NDArray[np.bool_],
    groups: Sequence[int],
    *,
    scheme: Scheme,
    budget: float,
    kind: str = "linear",
    options: Mapping[str, Any] | None = None,
    task: Task = "multi-label",
    goal: str = "f1",
    costs: Costs | None = None,
    folds: int = 5,
    clock: Callable[[], float] = time.monotonic,
) -> Choice:
    """The options to train with, those given in `options` kept as they are.

    `groups` are the articles, duplicates together. The first candidate is the kind as `defaults` have it, and is measured
    whatever the budget (in seconds); another is begun only if one like the slowest so far would end in time. Of more
    than `SAMPLE` sentences, so many are drawn, whole articles.
    """
    began, fixed, places = clock(), dict(options or {}), _sample(groups)
    start = defaults(kind, len(sentences)) | fixed
    X, truth = [sentences[place] for place in places], Y[places]
    articles = np.unique(np.asarray(groups)[places], return_inverse=True)[1]
    trials: list[Trial] = []
    left_out: list[str] = []
    slowest = 0.0

    def measured(name: str, candidate: Mapping[str, Any]) -> Trial | None:
        nonlocal slowest
        start = clock()
        if trials and start - began + slowest > budget:
            return None
        scores = out_of_fold(lambda: model_kind(name).make(scheme, candidate), X, truth, groups=articles, folds=folds)
        _, said = cross_decided(
            scores,
            truth,
            scheme.labels,
            articles.tolist(),
            method="platt",
            goal=goal,
            costs=costs,
            folds=folds,
            task=task,
        )
        said = said_of_asked(said, truth)
        metrics, seconds = label_metrics(truth, said, scheme.labels), clock() - start
        slowest = max(slowest, seconds)
        return Trial(name, dict(candidate), metrics.macro_f1, metrics.micro.f1, seconds, said, scores)

    finished, refused = True, None
    for name, candidate in _candidates(kind, start, fixed, trials, left_out):
        try:
            trial = measured(name, candidate)
        except MissingExtraError as error:
            left_out.append(f"{name}: left out; {error}")
            continue
        except OptionError as error:  # such as no word in three articles or more: no candidate for these data
            refused = error
            continue
        if trial is None:
            finished = False
            break
        trials.append(trial)
    if not trials:
        raise refused or OptionError("no candidate could be measured")
    best = max(trials, key=lambda trial: trial.figure)
    counts = {id(trial): _block_counts(truth, trial.said, articles) for trial in trials}
    errors = {id(trial): _error(counts[id(best)], counts[id(trial)]) for trial in trials}
    near = [trial for trial in trials if best.figure - trial.figure <= errors[id(trial)]]
    chosen = min(near, key=lambda trial: _complexity(trial, start))
    report = (
        *_report(
            trials,
            best,
            chosen,
            errors,
            finished=finished,
            took=clock() - began,
            budget=budget,
            drawn=len(places),
            of=len(Y),
        ),
        *left_out,
    )
    return Choice(chosen.kind, chosen.options, report, chosen.scores if len(places) == len(Y) else None)


def _candidates(
    kind: str, start: Mapping[str, Any], fixed: Mapping[str, Any], trials: Sequence[Trial], left_out: list[str]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(kind, options) in the order of trial, each varying the best that was measured when it is asked for."""
    yield kind, start
    if kind != "linear":
        left_out.append(f'models of kind "{kind}" have no options that are tried')
        return
    usual = _usual()
    for name, values in LINEAR.items():
        if name in fixed or (name == "nearby_weight" and fixed.get("context") is False):
            continue
        best = max(trials, key=lambda trial: trial.figure).options if trials else start
        if name == "nearby_weight" and best.get("context") is False:
            continue
        for value in values:
            if value != best.get(name, usual[name]):
                yield kind, {**best, name: value}
    for name in STRONGER:
        if name in KINDS:
            yield name, {option: value for option, value in fixed.items() if option in model_kind(name).options}


def _sample(groups: Sequence[int]) -> NDArray[np.intp]:
    """The places of at most `SAMPLE` sentences or so, in order, whole groups drawn at random but always alike."""
    numbers = np.unique(np.asarray(groups), return_inverse=True)[1]
    if len(numbers) <= SAMPLE:
        return np.arange(len(numbers))
    sizes = np.bincount(numbers)
    order = np.random.default_rng(0).permutation(len(sizes))
    taken = order[: max(2, int(np.searchsorted(np.cumsum(sizes[order]), SAMPLE, side="right")))]
    return np.flatnonzero(np.isin(numbers, taken))


def _block_counts(truth: NDArray[np.bool_], said: NDArray[np.bool_], articles: NDArray[np.intp]) -> NDArray[np.int64]:
    blocks = articles % BLOCKS
    order = np.argsort(blocks, kind="stable")
    return theme_counts(truth[order], said[order], np.bincount(blocks).tolist())


def _error(best: NDArray[np.int64], other: NDArray[np.int64]) -> float:
    """The standard error of the difference of macro-F1, by leaving out each article (or block of them) in turn."""
    both = np.stack([best, other], axis=1)  # articles × models × labels × 3
    figures = leave_one_out(both, theme_f1(both))
    place = 1 if np.isfinite(figures[:, :, 1]).all() else 0  # micro-F1 where macro-F1 is of no label
    differences = figures[:, 0, place] - figures[:, 1, place]
    differences = differences[np.isfinite(differences)]
    n = len(differences)
    return float(np.sqrt((n - 1) / n * ((differences - differences.mean()) ** 2).sum())) if n > 1 else 0.0


def _complexity(trial: Trial, start: Mapping[str, Any]) -> tuple[float, ...]:
    """Simpler models first: a simpler kind, fewer departures from the start, then fewer and tamer features."""
    kinds = (*(kind for kind in KINDS if kind not in STRONGER), *STRONGER)
    usual = _usual()
    changed = sum(start.get(name, usual.get(name)) != value for name, value in trial.options.items())
    values = [simpler(trial.options.get(name, usual[name])) for name, simpler in SIMPLER.items()]
    return (kinds.index(trial.kind), changed, *values)


def _usual() -> Mapping[str, Any]:
    """What the linear kind does where an option is not given."""
    from claimtag.themes.linear import LinearTagger

    parameters = LinearTagger().get_params()
    return {name: parameters[name] for name in SIMPLER}


def _report(
    trials: Sequence[Trial],
    best: Trial,
    chosen: Trial,
    errors: Mapping[int, float],
    *,
    finished: bool,
    took: float,
    budget: float,
    drawn: int,
    of: int,
) -> Iterator[str]:
    on = f" on {drawn:,} of {of:,} sentences" if drawn < of else ""
    end = "all there were" if finished else "then the budget was used"
    yield f"{len(trials)} candidate{'s' if len(trials) > 1 else ''} measured out of fold{on} in {took:.0f} of {budget:.0f} seconds, {end}"
    for trial in trials:
        error = errors[id(trial)]
        mark = "" if trial is best else f"; {trial.figure - best.figure:+.3f} ± {error:.3f} to the best"
        yield f"  {_named(trial)}: macro-F1 {trial.macro_f1:.3f}, micro-F1 {trial.micro_f1:.3f}{mark}, {trial.seconds:.1f} s"
    if chosen is best:
        yield f"chosen: {_named(chosen)}, the best; nothing simpler is within one standard error of it"
    else:
        yield (
            f"chosen: {_named(chosen)}, the simplest within one standard error of the best ({_named(best)}), "
            f"{chosen.figure:.3f} beside {best.figure:.3f}"
        )
    if len(trials) > 1:
        yield "what was chosen on these sentences looks a little better on them than on new ones; give --test for a fair figure"


def _named(trial: Trial) -> str:
    said = ", ".join(f"{name} {value}" for name, value in trial.options.items())
    return f"{trial.kind}, {said}" if said else f"{trial.kind} as it is"
