"""Options of a model chosen by cross-validation in folds of whole articles, as far as a time budget goes.

One option is varied after the other, from the best so far; where the scheme has texts, models that read these are tried
too (`training.candidates`). Of all that was measured the simplest is taken that is not worse than the best by more than
one standard error (Breiman et al. 1984), here of their difference, over articles. Simpler is what departs less from the
defaults, which were chosen on more data than most tables hold. The figure of what was chosen flatters it; so the choice
is made anew on the decisions of four fifths of the articles and counted on the others, in turn, and that figure is told
beside it (after Tsamardinos et al. 2018, who draw the articles where these are parts).
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
from claimtag.themes import model_kind
from claimtag.themes.base import Scores, SentenceInArticle, said_of_asked
from claimtag.themes.deciding import Task, cross_decided, out_of_fold
from claimtag.themes.goals import Costs
from claimtag.training.candidates import FEW, candidates, complexity, defaults, has_texts, named

SAMPLE = 10_000  # sentences that options are chosen on: more take longer and choose alike
BLOCKS = 400  # parts, of whole articles, over which the error of a difference is taken where there are more articles
TRYING = 8.2  # times the seconds that one way of calibration takes, where the best of them is sought: 95 s for 11.6 s
PARTS = 5  # of the articles, each left out of a choice made anew
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
    deciding: float
    """Seconds of these that calibrations and thresholds took."""
    said: NDArray[np.bool_] = field(repr=False)
    scores: Scores = field(repr=False)

    def __str__(self) -> str:
        return named(self.kind, self.options)

    @property
    def figure(self) -> float:
        """What is compared: macro-F1, or micro-F1 where no label has examples enough for the former."""
        return self.macro_f1 if self.macro_f1 > 0 else self.micro_f1


@dataclass(frozen=True, slots=True)
class Pick:
    """Which of the trials is the best, which is chosen, and each one's standard error of the difference to the best."""

    best: int
    chosen: int
    errors: tuple[float, ...]


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

    `groups` are the articles, duplicates together. The first candidate is the kind as `defaults` have it, and is
    measured whatever the budget (in seconds); another is begun only if one like the slowest of its kind so far, or of
    all where it is the first of its kind, would end in time. Of more than `SAMPLE` sentences, so many are drawn, whole
    articles. The budget is that of choosing: the report says what training takes then.
    """
    began, fixed, places = clock(), dict(options or {}), _sample(groups)
    start = defaults(kind, len(sentences)) | fixed
    X, truth = [sentences[place] for place in places], Y[places]
    articles = np.unique(np.asarray(groups)[places], return_inverse=True)[1]
    trials: list[Trial] = []
    slowest: dict[str, float] = {}

    def measured(name: str, candidate: Mapping[str, Any]) -> Trial | None:
        start = clock()
        if trials and start - began + slowest.get(name, max(slowest.values())) > budget:
            return None
        scores = out_of_fold(lambda: model_kind(name).make(scheme, candidate), X, truth, groups=articles, folds=folds)
        scored = clock()
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
        metrics, ended = label_metrics(truth, said, scheme.labels), clock()
        seconds = ended - start
        slowest[name] = max(slowest.get(name, 0.0), seconds)
        return Trial(name, dict(candidate), metrics.macro_f1, metrics.micro.f1, seconds, ended - scored, said, scores)

    def best_linear() -> Mapping[str, Any]:
        linear = [trial for trial in trials if trial.kind == "linear"]
        return max(linear, key=lambda trial: trial.figure).options if linear else start

    tried, left_out = _tried(kind, start, fixed, scheme, sentences, best_linear)
    finished, refused = True, None
    for name, candidate in tried:
        try:
            trial = measured(name, candidate)
        except (MissingExtraError, OptionError) as error:
            if name != kind or isinstance(error, MissingExtraError):
                left_out.append(f"{named(name, candidate)}: left out; {error}")
                refused = refused or error
            else:  # such as no word in three articles or more: no candidate for these data
                refused = error
            continue
        if trial is None:
            finished = False
        else:
            trials.append(trial)
    if not trials:
        raise refused or OptionError("no candidate could be measured")
    counts = np.stack([_block_counts(truth, trial.said, articles) for trial in trials], axis=1)
    pick = _picked(trials, counts, start)
    chosen, share = trials[pick.chosen], len(places) / len(Y)
    ended = "all there were" if finished else "then the budget was used"
    drawn = f" on {len(places):,} of {len(Y):,} sentences" if share < 1 else ""
    report = (
        f"{len(trials)} candidate{'s' if len(trials) > 1 else ''} measured out of fold{drawn} "
        f"in {clock() - began:.0f} of {budget:.0f} seconds, {ended}",
        *_report(trials, pick, _chosen_anew(trials, counts, start), finished=finished),
        _rest(chosen, share, folds),
        *left_out,
    )
    return Choice(chosen.kind, chosen.options, report, chosen.scores if share == 1 else None)


def _tried(
    kind: str,
    start: Mapping[str, Any],
    fixed: Mapping[str, Any],
    scheme: Scheme,
    sentences: Sequence[SentenceInArticle],
    best: Callable[[], Mapping[str, Any]],
) -> tuple[Iterator[tuple[str, Mapping[str, Any]]], list[str]]:
    """The candidates, and what is not tried and why."""
    if kind != "linear":
        return iter([(kind, start)]), [f'models of kind "{kind}" have no options that are tried']
    # a table without articles has the context off, which means nothing to models that read keywords and examples
    alone = all(len(one.article.sentences) == 1 for one in sentences)
    given = [name for name in fixed if not (name == "context" and alone)]
    left_out = []
    if given and has_texts(scheme):
        left_out.append(f"keywords and zeroshot alone: not tried, since they have no option {' or '.join(given)}")
    few = len(sentences) < FEW
    return candidates(start, fixed, scheme=scheme, few=few, by_texts=not given, best=best), left_out


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


def _picked(trials: Sequence[Trial], counts: NDArray[np.int64], start: Mapping[str, Any]) -> Pick:
    """What is chosen of the trials by these of their counts (blocks of articles × trials × labels × 3)."""
    micro, macro = theme_f1(counts)(counts.sum(axis=0)[np.newaxis])[0, :, :2].T
    figures = macro if np.isfinite(macro).all() else micro
    best = int(figures.argmax())
    errors = tuple(_error(counts[:, best], counts[:, place]) for place in range(len(trials)))
    near = [place for place in range(len(trials)) if figures[best] - figures[place] <= errors[place]]
    chosen = min(near, key=lambda place: complexity(trials[place].kind, trials[place].options, start))
    return Pick(best, chosen, errors)


def _chosen_anew(trials: Sequence[Trial], counts: NDArray[np.int64], start: Mapping[str, Any]) -> float | None:
    """Macro-F1 (or micro-F1, as `Trial.figure`) of choosing by the other parts of the articles for each part."""
    part = np.arange(len(counts)) % PARTS
    if len(trials) < 2 or len(counts) < 2 * PARTS:
        return None
    unseen = [
        counts[part == one, _picked(trials, counts[part != one], start).chosen].sum(axis=0) for one in range(PARTS)
    ]
    micro, macro = theme_f1(unseen)(np.sum(unseen, axis=0)[np.newaxis])[0, :2]
    return float(macro if np.isfinite(macro) else micro)


def _error(best: NDArray[np.int64], other: NDArray[np.int64]) -> float:
    """The standard error of the difference of macro-F1, by leaving out each article (or block of them) in turn."""
    both = np.stack([best, other], axis=1)  # articles × models × labels × 3
    figures = leave_one_out(both, theme_f1(both))
    place = 1 if np.isfinite(figures[:, :, 1]).all() else 0  # micro-F1 where macro-F1 is of no label
    differences = figures[:, 0, place] - figures[:, 1, place]
    differences = differences[np.isfinite(differences)]
    n = len(differences)
    return float(np.sqrt((n - 1) / n * ((differences - differences.mean()) ** 2).sum())) if n > 1 else 0.0


def _report(trials: Sequence[Trial], pick: Pick, anew: float | None, *, finished: bool) -> Iterator[str]:
    best, chosen = trials[pick.best], trials[pick.chosen]
    for trial, error in zip(trials, pick.errors, strict=True):
        mark = "" if trial is best else f"; {trial.figure - best.figure:+.3f} ± {error:.3f} to the best"
        yield f"  {trial}: macro-F1 {trial.macro_f1:.3f}, micro-F1 {trial.micro_f1:.3f}{mark}, {trial.seconds:.1f} s"
    if len(trials) == 1:
        yield f"chosen: {chosen}, the only one that {'could be measured' if finished else 'there was time for'}"
        return
    if chosen is best:
        yield f"chosen: {chosen}, the best; nothing simpler is within one standard error of it"
    else:
        yield (
            f"chosen: {chosen}, the simplest within one standard error of the best ({best}), "
            f"{chosen.figure:.3f} beside {best.figure:.3f}"
        )
    yield f"{_flattery(chosen.figure, anew)}; give --test for a fair figure"


def _flattery(figure: float, anew: float | None) -> str:
    """How much better what was chosen looks on the sentences that it was chosen on, in words."""
    usual = "what was chosen on these sentences looks a little better on them than on new ones"
    if anew is None:
        return usual
    where = "where each fifth of the articles is left out of choosing and measured on"
    if round(anew, 3) < round(figure, 3):
        return f"{usual}: {anew:.3f} {where}, not {figure:.3f}"
    return (
        f"choosing on these sentences did not flatter what was chosen: {anew:.3f} {where}, {figure:.3f} on all of them"
    )


def _rest(chosen: Trial, share: float, folds: int) -> str:
    """What training takes after choosing, by what the chosen one took on its share of the sentences.

    Where that was all of them, their scores out of fold are there already.
    """
    models = (chosen.seconds - chosen.deciding) / share * (1 / folds if share == 1 else 1 + 1 / folds)
    seconds = models + TRYING * chosen.deciding / share
    told = f"about {seconds:,.0f} seconds" if seconds >= 1.5 else "about a second"
    return f"after choosing, training with it takes {told} more, thresholds included"
