"""Our metrics as `evaluate.Metric`s, for code that is written for the Hugging Face library.

They work offline and leave no files: nothing is fetched (`evaluate.load` is not needed), inputs are held in memory.

>>> import evaluate
>>> labels = ["drugs", "justice"]
>>> both = evaluate.combine([metric("micro", labels=labels), metric("exact", labels=labels)])
>>> both.compute(predictions=[[1, 0], [0, 1]], references=[[1, 0], [1, 1]])
{'micro_precision': 1.0, 'micro_recall': 0.666..., 'micro_f1': 0.8, 'exact': 0.5}
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import evaluate
import numpy as np
from datasets import Features, Value
from datasets import Sequence as ListOf
from numpy.typing import NDArray

from claimtag.errors import OptionError, RecordError, did_you_mean
from claimtag.evaluation.agreement import cohen_kappa, gwet_ac1, krippendorff_alpha
from claimtag.evaluation.claims import claim_counts, claim_estimates
from claimtag.evaluation.intervals import FEW_LABELS, NO_SUPPORT, NO_THEME, Estimate
from claimtag.evaluation.metrics import PrecisionRecall, ThemeMetrics, label_metrics, segmentation_metrics
from claimtag.evaluation.ranking import ranking_metrics
from claimtag.evaluation.reliability import brier_score, expected_calibration_error
from claimtag.records import TaggedArticle

Values: TypeAlias = dict[str, Any]
_Matrix: TypeAlias = NDArray[np.float64]

_NEVER_SAID = "it was never predicted"
_NOTHING = "there are no sentences"
_SCORES = "prediction_scores"
_INPUTS = ("predictions", "references", _SCORES)


def metric(name: str, *, labels: Sequence[str] = (), macro_labels: Sequence[str] | None = None) -> TaggingMetric:
    """The metric of that name (`METRICS`) as an `evaluate.Metric`, also for `evaluate.combine`.

    Metrics of themes need `labels`, the names of the columns; `macro_labels` are those that macro averages take (those
    of at least 5 gold sentences without it). What is not defined is None, and "undefined" gives the reason, so that
    results are plain JSON. OptionError for inputs that do not fit.

    >>> metric("per_label", labels=["drugs", "justice"]).compute(predictions=[[1, 0]], references=[[1, 0]])["undefined"]
    {'precision/justice': 'it was never predicted', 'recall/justice': 'no gold sentence carries it',
     'f1/justice': 'no gold sentence carries it'}
    >>> metric("mikro")
    Traceback (most recent call last):
    claimtag.errors.OptionError: there is no metric "mikro" (did you mean "micro"?)
    """
    if name not in METRICS:
        raise OptionError(f'there is no metric "{name}"{did_you_mean(name, METRICS)}')
    if METRICS[name].labelled and not labels:
        raise OptionError(f'the metric "{name}" needs labels: the names of the columns, in their order')
    return TaggingMetric(name, tuple(labels), None if macro_labels is None else tuple(macro_labels))


@dataclass(frozen=True, slots=True)
class Definition:
    """A metric: what it says, what it takes, and how it is computed from that."""

    description: str
    features: Mapping[str, Any]
    compute: Callable[[TaggingMetric, Mapping[str, Any]], Values]

    @property
    def labelled(self) -> bool:
        return self.features in (_DECISIONS, _RANKED)


class TaggingMetric(evaluate.Metric):  # type: ignore[misc]
    """One of `METRICS`; made by `metric`."""

    def __init__(self, name: str, labels: tuple[str, ...] = (), macro_labels: tuple[str, ...] | None = None) -> None:
        self.definition = METRICS[name]
        self.labels, self.macro_labels = labels, macro_labels
        # a seed of its own: evaluate would take numpy's global one
        super().__init__(config_name=name, keep_in_memory=True, seed=0)
        self.info.module_name = name

    def _info(self) -> evaluate.MetricInfo:
        return evaluate.MetricInfo(
            description=self.definition.description,
            citation="",
            inputs_description=f"\nInputs: {', '.join(self.definition.features)}. {self.definition.description}",
            features=Features(dict(self.definition.features)),
        )

    def _build_data_dir(self) -> str:
        """No folder: evaluate would make one in the home directory, even for what it holds in memory."""
        return ""

    def _finalize(self) -> None:
        if self.buf_writer is None:
            raise OptionError(f'the metric "{self.name}" was given nothing; add predictions and references first')
        super()._finalize()

    def _compute(self, **inputs: Any) -> Values:
        # combined metrics are all given what any of them takes
        for name in inputs:
            if name not in _INPUTS:
                raise OptionError(f'the metric "{self.name}" takes no "{name}"{did_you_mean(name, _INPUTS)}')
        return self.definition.compute(self, inputs)


def _micro(self: TaggingMetric, inputs: Mapping[str, Any]) -> Values:
    micro = _decided(self, inputs).micro
    return _values(
        {
            "micro_precision": (micro.precision, None if micro.predicted else "no theme was predicted"),
            "micro_recall": (micro.recall, None if micro.support else "no gold sentence carries a theme"),
            "micro_f1": (micro.f1, None if micro.predicted + micro.support else NO_THEME),
        }
    )


def _macro(self: TaggingMetric, inputs: Mapping[str, Any]) -> Values:
    themes = _decided(self, inputs)
    # a label that is asked for and has no gold sentence has no F1, and so there is no mean
    missing = [label for label in themes.macro_labels if not themes.per_label[label].support]
    reason = f'no gold sentence carries "{missing[0]}"' if missing else None if themes.macro_labels else FEW_LABELS
    return _values({"macro_f1": (themes.macro_f1, reason)}) | {"macro_labels": list(themes.macro_labels)}


def _per_label(self: TaggingMetric, inputs: Mapping[str, Any]) -> Values:
    themes = _decided(self, inputs)
    figures = {
        f"{figure}/{label}": (getattr(one, figure), reason)
        for label, one in themes.per_label.items()
        for figure, reason in (
            ("precision", None if one.predicted else _NEVER_SAID),
            ("recall", None if one.support else NO_SUPPORT),
            ("f1", None if one.support else NO_SUPPORT),
        )
    }
    return _values(figures) | {f"support/{label}": one.support for label, one in themes.per_label.items()}


def _exact(self: TaggingMetric, inputs: Mapping[str, Any]) -> Values:
    themes = _decided(self, inputs)
    return _values({"exact": (themes.exact, None if themes.sentences else _NOTHING)})


def _any_theme(self: TaggingMetric, inputs: Mapping[str, Any]) -> Values:
    said, gold = (_indicators(self, name, inputs[name]).any(axis=1) for name in ("predictions", "references"))
    found = PrecisionRecall(int((gold & said).sum()), int(said.sum()), int(gold.sum()))
    return _values({"any_theme_f1": (found.f1, None if found.predicted + found.support else NO_THEME)})


def _hamming(self: TaggingMetric, inputs: Mapping[str, Any]) -> Values:
    said, gold = (_indicators(self, name, inputs[name]) for name in ("predictions", "references"))
    return _values({"hamming_loss": (float((said != gold).mean()), None) if len(gold) else (0.0, _NOTHING)})


def _lrap(self: TaggingMetric, inputs: Mapping[str, Any]) -> Values:
    ranking = _ranked(self, inputs)
    return _estimates({"lrap": ranking.lrap, "themed_lrap": ranking.themed_lrap})


def _average_precision(self: TaggingMetric, inputs: Mapping[str, Any]) -> Values:
    ranking = _ranked(self, inputs)
    named = {f"average_precision/{label}": estimate for label, estimate in ranking.average_precision.items()}
    return _estimates({"macro_average_precision": ranking.macro_average_precision, **named})


def _brier(self: TaggingMetric, inputs: Mapping[str, Any]) -> Values:
    scores, gold = _scored(self, inputs)
    if not scores.size:
        return _values({"brier": (0.0, _NOTHING), "ece": (0.0, _NOTHING)})
    return _values(
        {"brier": (brier_score(scores, gold), None), "ece": (expected_calibration_error(scores, gold), None)}
    )


def _claims(self: TaggingMetric, inputs: Mapping[str, Any]) -> Values:
    pairs = _articles(inputs)
    return _estimates(claim_estimates([claim_counts(*pair) for pair in pairs], replicates=1))


def _segmentation(self: TaggingMetric, inputs: Mapping[str, Any]) -> Values:
    pairs = _articles(inputs)
    found = segmentation_metrics([gold for gold, _ in pairs], [said for _, said in pairs])
    cut, recall = found.sentences, found.boilerplate_recall
    return _values(
        {
            "sentence_precision": (cut.precision, None if cut.predicted else "there are no predicted sentences"),
            "sentence_recall": (cut.recall, None if cut.support else "there are no gold sentences"),
            "sentence_f1": (cut.f1, None if cut.predicted + cut.support else _NOTHING),
            "boilerplate_recall": (recall or 0.0, "gold has no boilerplate" if recall is None else None),
            "body_lost": (found.lost_share, None if found.body else "gold has no body text"),
        }
    )


def _agreement(self: TaggingMetric, inputs: Mapping[str, Any]) -> Values:
    said, gold = list(inputs["predictions"]), list(inputs["references"])
    pairs = list(zip(gold, said, strict=True))
    return _estimates(
        {
            "cohen_kappa": cohen_kappa(gold, said, replicates=1),
            "krippendorff_alpha": krippendorff_alpha(pairs, replicates=1),
            "gwet_ac1": gwet_ac1(pairs, replicates=1),
        }
    )


_ROW = ListOf(Value("float64"))
_DECISIONS = {"predictions": _ROW, "references": _ROW}
_RANKED = {_SCORES: _ROW, "references": _ROW}
_NAMES = {"predictions": Value("string"), "references": Value("string")}

METRICS: Mapping[str, Definition] = {
    "micro": Definition("Precision, recall and F1 over all decisions (rows of 0 and 1).", _DECISIONS, _micro),
    "macro": Definition("The mean F1 of labels with at least 5 gold sentences (rows of 0 and 1).", _DECISIONS, _macro),
    "per_label": Definition(
        "Precision, recall, F1 and support of each label (rows of 0 and 1).", _DECISIONS, _per_label
    ),
    "exact": Definition("The share of sentences whose themes are all right (rows of 0 and 1).", _DECISIONS, _exact),
    "any_theme": Definition("F1 of whether a sentence has a theme at all (rows of 0 and 1).", _DECISIONS, _any_theme),
    "hamming": Definition("The share of decisions that are wrong (rows of 0 and 1).", _DECISIONS, _hamming),
    "lrap": Definition("Label ranking average precision (rows of scores; of 0 and 1).", _RANKED, _lrap),
    "average_precision": Definition(
        "Average precision of each label, and their mean (rows of scores; of 0 and 1).", _RANKED, _average_precision
    ),
    "brier": Definition("Brier score and expected calibration error (rows of scores; of 0 and 1).", _RANKED, _brier),
    "claims": Definition("All figures on claims (tagged articles, each as the JSON of its record).", _NAMES, _claims),
    "segmentation": Definition(
        "How texts were cut (tagged articles, each as the JSON of its record).", _NAMES, _segmentation
    ),
    "agreement": Definition("κ, α and AC1 of two annotators (the names they gave).", _NAMES, _agreement),
}


def _decided(self: TaggingMetric, inputs: Mapping[str, Any]) -> ThemeMetrics:
    said, gold = (_indicators(self, name, inputs[name]) for name in ("predictions", "references"))
    return label_metrics(gold, said, self.labels, macro_labels=self.macro_labels)


def _scored(self: TaggingMetric, inputs: Mapping[str, Any]) -> tuple[_Matrix, _Matrix]:
    scores, gold = _matrix(self, _SCORES, inputs[_SCORES]), _indicators(self, "references", inputs["references"])
    if not ((scores >= 0) & (scores <= 1)).all():
        raise OptionError(f'"{_SCORES}" must lie in [0, 1]')
    return scores, gold


def _ranked(self: TaggingMetric, inputs: Mapping[str, Any]) -> Any:
    scores, gold = _scored(self, inputs)
    return ranking_metrics(scores, gold, self.labels, [len(gold)], replicates=1)


def _indicators(self: TaggingMetric, name: str, rows: Sequence[Sequence[float]]) -> _Matrix:
    matrix = _matrix(self, name, rows)
    if not np.isin(matrix, (0, 1)).all():
        raise OptionError(f'"{name}" must be rows of 0 and 1, one number a label')
    return matrix


def _matrix(self: TaggingMetric, name: str, rows: Sequence[Sequence[float]]) -> _Matrix:
    for place, row in enumerate(rows):
        if len(row) != len(self.labels):
            raise OptionError(f'"{name}", row {place}: {len(row)} numbers for {len(self.labels)} labels')
    return np.asarray(rows, dtype=float).reshape(-1, len(self.labels))


def _articles(inputs: Mapping[str, Any]) -> list[tuple[TaggedArticle, TaggedArticle]]:
    sides: list[list[TaggedArticle]] = []
    for name in ("references", "predictions"):
        sides.append([])
        for place, line in enumerate(inputs[name]):
            try:
                sides[-1].append(TaggedArticle.from_dict(json.loads(line)))
            except (ValueError, RecordError, AttributeError) as error:
                raise OptionError(f'"{name}", article {place}: {error}') from error
    for gold, said in zip(*sides, strict=True):
        if (gold.article.id, gold.article.text) != (said.article.id, said.article.text):
            raise OptionError(
                f'article "{gold.article.id}" of "references" stands beside "{said.article.id}", or has another text; '
                "give both sides in the same order"
            )
    return list(zip(*sides, strict=True))


def _estimates(figures: Mapping[str, Estimate]) -> Values:
    return _values({name: (one.value, one.reason if math.isnan(one.value) else None) for name, one in figures.items()})


def _values(figures: Mapping[str, tuple[float, str | None]]) -> Values:
    """The figures, None for those that have a reason not to be defined; the reasons beside, where there are any."""
    values: Values = {name: None if reason else float(value) for name, (value, reason) in figures.items()}
    undefined = {name: reason for name, (_, reason) in figures.items() if reason}
    return values | ({"undefined": undefined} if undefined else {})
