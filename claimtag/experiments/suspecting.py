"""Suspects among annotations: a model of each kind reads every article by what it learned from the others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from claimtag.evaluation.noise import Method, Suspect, suspects
from claimtag.experiments.curves import sentence_groups
from claimtag.pipeline import train
from claimtag.records import TaggedArticle
from claimtag.scheme import Scheme, load_scheme
from claimtag.themes.calibrating import cross_calibrated


def find_suspects(
    gold: Sequence[TaggedArticle],
    *,
    scheme: Scheme | str | Path = "security-cooperation",
    model: str = "linear",
    most: int | None = None,
    method: Method = "confident",
) -> tuple[Suspect, ...]:
    """The annotations that a model of that kind, out of fold and calibrated across folds, finds least likely.

    `method` is that of `evaluation.noise.suspects`.
    """
    scheme = scheme if isinstance(scheme, Scheme) else load_scheme(scheme)
    training = train(gold, scheme=scheme, model=model, claims=False)
    probabilities = cross_calibrated(training.scores, training.gold, sentence_groups(gold).tolist())
    return suspects(gold, probabilities, scheme.labels, most=most, method=method)
