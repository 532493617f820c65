"""The predictions of a run measured anew: under other thresholds, or a goal, or on corrected gold."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from claimtag.errors import InputError, OptionError, did_you_mean
from claimtag.evaluation import check_scheme
from claimtag.experiments.files import VARIABLE, resolve
from claimtag.experiments.material import measured_on
from claimtag.experiments.measures import Measured, measure
from claimtag.experiments.predictions import read_predictions
from claimtag.experiments.stored import PREDICTIONS, SPLIT, THRESHOLDS, TRAINING, StoredRun, again, read_json
from claimtag.pipeline import describe_gold
from claimtag.reading import read_gold
from claimtag.records import SchemeRef, TaggedArticle
from claimtag.themes.deciding import Deciding, tune


def score_run(
    run: StoredRun,
    *,
    goal: str | None = None,
    thresholds: Mapping[str, float] | None = None,
    gold: Sequence[TaggedArticle] | None = None,
) -> Measured:
    """The figures of a run under a goal ("precision >= 0.9"), thresholds of some labels, or its own.

    Thresholds for a goal are tuned on the out-of-fold scores of the training articles, which the run keeps, never on
    the articles that are measured. The gold is that of the run, read again, unless it is given. InputError when the
    run's predictions are not on this machine, or its gold has changed; SchemeError when the gold follows another label
    scheme; OptionError when gold and predictions are of other articles or texts.
    """
    if goal is not None and thresholds:
        raise OptionError("thresholds come from a goal or by hand, not both")
    _, predictions = read_predictions(run.file(PREDICTIONS))
    decidings = _decidings(run)
    if goal is not None:
        decidings = [_tuned(run.file(f"{part}-{TRAINING}"), deciding, goal) for part, deciding in enumerate(decidings)]
    decidings = [_moved(deciding, thresholds or {}) for deciding in decidings]
    scheme = SchemeRef(**run.metrics["scheme"])
    gold = _gold(run, gold)
    check_scheme(gold, scheme, what="the gold")
    return measure(
        gold,
        predictions,
        decidings,
        scheme=scheme,
        by=run.metrics["model"]["name"],
        metrics=run.record["config"]["metrics"],
        claims=run.record["config"]["claims"],
    )


def read_thresholds(words: Sequence[str]) -> dict[str, float]:
    """Thresholds written as `drugs=0.4`, or in JSON files: an object of numbers by label.

    >>> read_thresholds(["drugs=0.4", "justice=0.55"])
    {'drugs': 0.4, 'justice': 0.55}
    >>> read_thresholds(["drugs=high"])
    Traceback (most recent call last):
    claimtag.errors.OptionError: "drugs=high": a threshold is a number in [0, 1], such as drugs=0.4
    """
    thresholds: dict[str, float] = {}
    for word in words:
        label, sign, value = word.rpartition("=")
        given = {label: value} if sign else _from_file(Path(word))
        for name, number in given.items():
            try:
                thresholds[name] = float(number)
            except (TypeError, ValueError) as error:
                raise OptionError(f'"{word}": a threshold is a number in [0, 1], such as drugs=0.4') from error
    return thresholds


def _from_file(path: Path) -> dict[str, float]:
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}; or write thresholds as drugs=0.4") from error
    except ValueError as error:
        raise InputError(f"{path}: not valid JSON: {error}") from error
    if not isinstance(content, dict):
        raise InputError(f"{path}: thresholds are a JSON object of numbers by label")
    return content


def _decidings(run: StoredRun) -> list[Deciding]:
    return [Deciding.from_dict(record) for record in json.loads(run.file(THRESHOLDS).read_bytes())]


def _tuned(path: Path, deciding: Deciding, goal: str) -> Deciding:
    """Thresholds for a goal, on probabilities as the run has them."""
    with np.load(path, allow_pickle=False) as kept:
        scores, gold = kept["scores"], kept["gold"]
    return tune(scores, gold, deciding.labels, calibrations=deciding.calibrations, goal=goal)


def _moved(deciding: Deciding, thresholds: Mapping[str, float]) -> Deciding:
    for label in thresholds:
        if label not in deciding.labels:
            raise OptionError(f'"{label}" is not one of the labels{did_you_mean(label, deciding.labels)}')
    said = [thresholds.get(label, own) for label, own in zip(deciding.labels, deciding.thresholds, strict=True)]
    review = [
        None if limit is None else limit if low is None else min(low, limit)
        for limit, low in zip(said, deciding.review, strict=True)
    ]
    return replace(deciding, thresholds=tuple(said), review=tuple(review))


def _gold(run: StoredRun, given: Sequence[TaggedArticle] | None) -> list[TaggedArticle]:
    """The gold that was given, or that of the run as it was, with its articles as the run has them."""
    test_set, held = run.metrics["test_set"], read_json(run.file(SPLIT))["held"]
    if given is not None:
        return measured_on(given, held, pairs=True) if test_set["pairs"] else list(given)
    paths = [resolve(name, run.project) for name in test_set["files"]]
    for path in paths:
        if not path.exists():
            raise InputError(f"{path}: the gold of the run is not there; give it with --gold, or set {VARIABLE}")
    gold, wanted = measured_on(list(read_gold(*paths)), held, pairs=test_set["pairs"]), test_set["sha256"]
    if (found := describe_gold("test", gold).sha256) != wanted:
        raise InputError(
            f"{', '.join(map(str, paths))}: no longer the gold of the run (its hash was {wanted[:12]}, is {found[:12]}); "
            f"{again(run.folder)}, or score against the gold as it is now with --gold"
        )
    return gold
