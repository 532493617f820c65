"""Everything that is measured on a run: what stands in its metrics.json, and the counts that comparing needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from claimtag.evaluation import Evaluation, evaluate
from claimtag.evaluation.agreement import Agreement
from claimtag.evaluation.coverage import area_over_curve, coverage_curve, sentence_confidence
from claimtag.evaluation.metrics import asked_matrix, theme_matrices
from claimtag.evaluation.ranking import ranking_metrics
from claimtag.evaluation.reliability import reliability_curve, score_quality
from claimtag.evaluation.slices import slice_figures
from claimtag.evaluation.tiers import label_tiers
from claimtag.experiments.files import METRICS
from claimtag.experiments.predictions import Prediction, score_matrix, tagged_articles
from claimtag.records import SchemeRef, TaggedArticle
from claimtag.themes.base import Scores
from claimtag.themes.deciding import Deciding

NOTHING = "(nothing)"
_AT_STAKE = 0.05  # probabilities from which on the reliability plot counts: nearly all decisions are clear refusals
_BINS = 10
_POINTS = 50


@dataclass(frozen=True, slots=True)
class Measured:
    """The evaluation of a run, and all its figures as plain JSON values."""

    evaluation: Evaluation
    figures: dict[str, Any]


def measure(
    gold: Sequence[TaggedArticle],
    predictions: Iterable[Prediction],
    decidings: Sequence[Deciding],
    *,
    scheme: SchemeRef,
    by: str,
    metrics: Collection[str] = METRICS,
    claims: bool = False,
) -> Measured:
    """The figures of predictions under thresholds, by the names of `files.METRICS`.

    Where claims were looked for (`claims`) and none was found, that is a recall of 0.
    """
    by_id = {prediction.id: prediction for prediction in predictions}
    labels = decidings[0].labels
    predicted = tagged_articles(by_id.values(), gold, decidings, scheme=scheme, by=by)
    evaluation = evaluate(gold, predicted, labels=labels, claims_sought=claims)
    figures = _chosen(evaluation, metrics)
    if "themes" in metrics:
        for tier in label_tiers(evaluation.counts, labels):
            figures["labels"][tier.label] |= {"tier": tier.tier, "articles": tier.articles}
    ordered = [by_id[tagged.article.id] for tagged in gold]
    sizes = [sum(sentence.kind != "boilerplate" for sentence in tagged.sentences) for tagged in gold]
    truth, said = theme_matrices(gold, predicted, labels=labels)
    scores = score_matrix(gold, predicted, [prediction.scores for prediction in ordered])
    asked = asked_matrix(gold, labels=labels)
    if asked is not None:
        scores = np.where(asked, scores, 0).astype(scores.dtype)  # ranked last, where it takes nothing from the others
    if "ranking" in metrics:
        ranked = ranking_metrics(scores, truth, labels, sizes).to_dict()
        for label, precision in ranked.pop("average_precision").items():
            figures["labels"][label]["average_precision"] = precision
        ranked.pop("macro_labels")
        figures["figures"] |= ranked
    parts = np.repeat([prediction.part for prediction in ordered], sizes)
    probabilities = _probabilities(scores, parts, decidings)
    if "calibration" in metrics:
        figures["calibration"] = _calibration(probabilities, truth, labels, sizes, asked)
    if "coverage" in metrics:
        confidence = sentence_confidence(probabilities, said)
        curve = coverage_curve(confidence, (truth == said).all(axis=1), points=_POINTS)
        figures["coverage"] = {
            "area_over_curve": area_over_curve(curve) if curve else None,
            "curve": [point.to_dict() for point in curve],
        }
    if "confusion" in metrics:
        figures["confusion"] = confusion(truth, said, labels)
    if "slices" in metrics:
        figures["slices"] = [one.to_dict() for one in slice_figures(gold, predicted, labels=labels)]
    return Measured(evaluation, figures)


def ceiling(agreement: Agreement) -> dict[str, Any]:
    """How far a second annotator agrees with the gold: what no model can be expected to pass."""
    return {
        "by": agreement.b,
        "articles": agreement.articles,
        "figures": {"micro_f1": agreement.micro.to_dict(), "macro_f1": agreement.macro.to_dict()},
        "labels": {one.label: {"f1": one.f1.to_dict(), "kappa": one.kappa.to_dict()} for one in agreement.labels},
        "claims": {name: estimate.to_dict() for name, estimate in agreement.claims.items()},
    }


def confusion(gold: ArrayLike, said: ArrayLike, labels: Sequence[str]) -> dict[str, Any]:
    """Which theme was said instead of which: counts of (missed, wrongly said) pairs in one sentence.

    The last row and column are `NOTHING`: themes said where none was missed, and missed where none was wrongly said.

    >>> confusion([[1, 0], [0, 0], [1, 1]], [[0, 1], [1, 0], [1, 0]], ["drugs", "justice"])["counts"]
    [[0, 1, 0], [0, 0, 1], [1, 0, 0]]
    """
    truth, given = np.asarray(gold, dtype=bool), np.asarray(said, dtype=bool)
    missed, wrong = truth & ~given, given & ~truth
    # a sentence in which nothing was missed has the row "nothing", one in which nothing was wrong that column
    rows = np.column_stack([missed, wrong.any(axis=1) & ~missed.any(axis=1)]).astype(np.int64)
    columns = np.column_stack([wrong, missed.any(axis=1) & ~wrong.any(axis=1)]).astype(np.int64)
    return {"labels": [*labels, NOTHING], "counts": (rows.T @ columns).tolist()}


def _chosen(evaluation: Evaluation, metrics: Collection[str]) -> dict[str, Any]:
    figures = evaluation.to_dict()
    cut = ("sentence_f1", "boilerplate_recall", "body_lost")
    if "segmentation" not in metrics:
        figures["figures"] = {name: value for name, value in figures["figures"].items() if name not in cut}
    if "themes" not in metrics:
        figures["figures"] = {name: value for name, value in figures["figures"].items() if name in cut}
        figures["labels"] = {label: {} for label in figures["labels"]}
    if "claims" not in metrics:
        figures["claims"] = figures["claims_by_mode"] = {}
    return figures


def _probabilities(scores: Scores, parts: NDArray[np.intp], decidings: Sequence[Deciding]) -> NDArray[np.float64]:
    probabilities = np.zeros(scores.shape)
    for part, deciding in enumerate(decidings):
        held = parts == part
        probabilities[held] = deciding.probabilities(scores[held])
    return probabilities


def _calibration(
    probabilities: NDArray[np.float64],
    gold: NDArray[np.bool_],
    labels: Sequence[str],
    sizes: Sequence[int],
    asked: NDArray[np.bool_] | None,
) -> dict[str, Any]:
    pooled, *of_labels = (
        one.to_dict() for one in score_quality(probabilities, gold, labels, sizes, bins=_BINS, asked=asked)
    )
    if asked is not None:
        probabilities, gold = probabilities[asked], gold[asked]
    curve = reliability_curve(probabilities, gold, bins=_BINS, lowest=_AT_STAKE)
    return pooled | {
        "lowest": _AT_STAKE,
        "curve": [held.to_dict() for held in curve],
        "labels": {one.pop("label"): {key: one[key] for key in ("brier", "skill", "ece")} for one in of_labels},
    }
