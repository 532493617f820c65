"""Every metric between gold and predicted articles at once, each with its interval over articles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from claimtag.errors import OptionError, SchemeError, did_you_mean
from claimtag.evaluation.claims import estimates_by_mode
from claimtag.evaluation.intervals import (
    FEW_LABELS,
    NO_SUPPORT,
    NO_THEME,
    REPLICATES,
    Estimate,
    Floats,
    estimates,
    ratios,
    theme_counts,
    theme_f1,
)
from claimtag.evaluation.metrics import (
    SegmentationMetrics,
    ThemeMetrics,
    asked_matrix,
    label_metrics,
    scored_sentences,
    segmentation_metrics,
    theme_matrices,
)
from claimtag.evaluation.tiers import tier
from claimtag.records import SchemeRef, TaggedArticle

OVERALL: dict[str, str] = {  # figure → why it may be undefined
    "micro_f1": NO_THEME,
    "macro_f1": FEW_LABELS,
    "micro_precision": "no theme was predicted",
    "micro_recall": "no gold sentence carries a theme",
    "any_theme_f1": NO_THEME,
    "exact": "there are no sentences",
    "hamming": "there are no sentences",
}
CUT: dict[str, str] = {
    "sentence_f1": "there are no sentences",
    "boilerplate_recall": "gold has no boilerplate",
    "body_lost": "gold has no body text",
}
OF_A_LABEL: dict[str, str] = {"precision": "it was never predicted", "recall": NO_SUPPORT, "f1": NO_SUPPORT}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Predicted articles measured against gold ones: themes, segmentation, and claims where there are some.

    `figures` are those of all labels together and of the segmentation, `labels` precision, recall and F1 of each label;
    what is not defined is nan with its reason; `claims_by_mode` holds those of `evaluation.claims.GROUPS`. `counts`
    (articles × labels × 3) and `exact` (gold sentences) are what comparing two models needs.
    """

    ids: tuple[str, ...]
    themes: ThemeMetrics
    segmentation: SegmentationMetrics
    figures: Mapping[str, Estimate]
    labels: Mapping[str, Mapping[str, Estimate]]
    claims: Mapping[str, Estimate]
    claims_by_mode: Mapping[str, Mapping[str, Estimate]]
    counts: NDArray[np.int64] = field(repr=False)
    exact: NDArray[np.bool_] = field(repr=False)

    @property
    def articles(self) -> int:
        return len(self.ids)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values: null with its reason for what is not defined; counts stand beside what they make."""
        return {
            "articles": self.articles,
            "sentences": self.themes.sentences,
            "figures": {name: estimate.to_dict() for name, estimate in self.figures.items()},
            "macro_labels": list(self.themes.macro_labels),
            "labels": {
                label: {name: estimate.to_dict() for name, estimate in figures.items()}
                | {
                    "support": self.themes.per_label[label].support,
                    "predicted": self.themes.per_label[label].predicted,
                    "right": self.themes.per_label[label].right,
                    "tier": tier(figures["f1"], self.themes.per_label[label].support),
                }
                for label, figures in self.labels.items()
            },
            "claims": {name: estimate.to_dict() for name, estimate in self.claims.items()},
            "claims_by_mode": {
                group: {name: estimate.to_dict() for name, estimate in figures.items()}
                for group, figures in self.claims_by_mode.items()
            },
        }


def evaluate(
    gold: Iterable[TaggedArticle],
    predicted: Iterable[TaggedArticle],
    *,
    labels: Sequence[str] | None = None,
    claims_sought: bool = False,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Evaluation:
    """The metrics of predicted articles against gold ones of the same ids and texts, with 95 % intervals.

    `labels` are those of the scheme; without it, every theme that either side carries, in the order of the alphabet.
    Claims are measured where gold and predictions both carry some; where `claims_sought` says that they were looked
    for, finding none is a recall of 0. Labels that gold was not asked are not scored, whatever the predictions say;
    what predictions were not asked counts as not said. OptionError for a test set without a sentence that is scored,
    and for articles that only one side has.
    """
    gold, predicted = list(gold), list(predicted)
    if not gold:
        raise OptionError("there are no gold articles, so nothing can be measured; give annotated articles")
    if labels is None:
        labels = sorted({label for article in (*gold, *predicted) for label in article.themes})
    truth, said = theme_matrices(gold, predicted, labels=labels)
    by_id = {article.article.id: article for article in predicted}
    pairs = [(article, by_id[article.article.id]) for article in gold]
    sizes = scored_sentences(gold)
    counts = theme_counts(truth, said, sizes)
    asked = asked_matrix(gold, labels=labels)
    figures, per_label = _figures(counts, truth, said, asked, sizes, pairs, labels, replicates=replicates, seed=seed)
    by_mode: dict[str, dict[str, Estimate]] = {}
    found = claims_sought or any(article.claims for article in predicted)
    if found and any(article.claims for article in gold):
        by_mode = estimates_by_mode(pairs, replicates=replicates, seed=seed)
    return Evaluation(
        ids=tuple(article.article.id for article in gold),
        themes=label_metrics(truth, said, labels),
        segmentation=segmentation_metrics(gold, predicted),
        figures=figures,
        labels=per_label,
        claims=by_mode.get("all", {}),
        claims_by_mode=by_mode,
        counts=counts,
        exact=(truth == said).all(axis=1),
    )


def check_scheme(articles: Iterable[TaggedArticle], scheme: SchemeRef, *, what: str) -> None:
    """SchemeError unless all articles that name a label scheme name that one; the hash counts where both have it.

    >>> from claimtag.records import Article
    >>> check_scheme([TaggedArticle(Article("a", "Oui."), (), scheme=SchemeRef("x", "1.0.0"))], SchemeRef("x", "2.0.0"),
    ...     what="gold")
    Traceback (most recent call last):
    claimtag.errors.SchemeError: article "a" of gold is annotated under the label scheme x 1.0.0, not x 2.0.0; \
figures under two codebooks do not compare
    """
    for article in articles:
        given = article.scheme
        if given is None:
            continue
        near = ""
        if (given.name, given.version) != (scheme.name, scheme.version):
            found, wanted = f"{given.name} {given.version}", f"{scheme.name} {scheme.version}"
            near = did_you_mean(given.name, [scheme.name]) if given.name != scheme.name else ""
        elif given.sha256 and scheme.sha256 and given.sha256 != scheme.sha256:
            found = f"{given.name} {given.version} with the hash {given.sha256[:12]}"
            wanted = scheme.sha256[:12]
        else:
            continue
        raise SchemeError(
            f'article "{article.article.id}" of {what} is annotated under the label scheme {found}, not {wanted}{near}; '
            "figures under two codebooks do not compare"
        )


def _figures(
    counts: NDArray[np.int64],
    truth: NDArray[np.bool_],
    said: NDArray[np.bool_],
    asked: NDArray[np.bool_] | None,
    sizes: Sequence[int],
    pairs: Iterable[tuple[TaggedArticle, TaggedArticle]],
    labels: Sequence[str],
    *,
    replicates: int,
    seed: int,
) -> tuple[dict[str, Estimate], dict[str, dict[str, Estimate]]]:
    """All figures from one bootstrap: a row an article, its counts side by side."""
    of_any = theme_counts(truth.any(axis=1, keepdims=True), said.any(axis=1, keepdims=True), sizes)[:, 0]
    right = _summed((truth == said).all(axis=1), sizes)
    decisions = np.asarray(sizes)[:, np.newaxis] * len(labels)
    if asked is not None:
        decisions = _summed(asked.sum(axis=1), sizes).astype(decisions.dtype)
    cut = np.array([_cut_counts(*pair) for pair in pairs])
    tables = [counts.reshape(len(counts), -1), of_any, np.asarray(sizes)[:, np.newaxis], right, decisions, cut]
    ends = np.cumsum([table.shape[1] for table in tables])[:-1]
    f1 = theme_f1(counts)

    def statistic(sums: Floats) -> Floats:
        of_labels, any_theme, sentences, exact, all_decisions, held = np.split(sums, ends, axis=1)
        of_labels = of_labels.reshape(len(sums), len(labels), 3)
        pooled = of_labels.sum(axis=1)
        micro, macro, label_f1 = np.split(f1(of_labels), [1, 2], axis=1)
        overall = [micro, macro, *_precision_recall(pooled[:, np.newaxis]), _f1(any_theme), ratios(exact, sentences)]
        overall += [ratios(pooled[:, 1:].sum(axis=1, keepdims=True), all_decisions)]
        overall += [_f1(held[:, :3]), ratios(held[:, 3:4], held[:, 4:5]), ratios(held[:, 5:6], held[:, 6:7])]
        return np.concatenate([*overall, *_precision_recall(of_labels), label_f1], axis=1)

    reasons = [*OVERALL.values(), *CUT.values()]
    reasons += [reason for reason in OF_A_LABEL.values() for _ in labels]
    found = estimates(np.hstack(tables), statistic, undefined=reasons, replicates=replicates, seed=seed)
    names = [*OVERALL, *CUT]
    of_label = iter(found[len(names) :])
    columns = {name: [next(of_label) for _ in labels] for name in OF_A_LABEL}
    per_label = {label: {name: columns[name][place] for name in OF_A_LABEL} for place, label in enumerate(labels)}
    return dict(zip(names, found, strict=False)), per_label


def _cut_counts(gold: TaggedArticle, predicted: TaggedArticle) -> tuple[int, ...]:
    """Sentences right, wrong and missed; boilerplate found and there; body lost and there (in characters)."""
    cut = segmentation_metrics([gold], [predicted])
    right, given, support = cut.sentences.right, cut.sentences.predicted, cut.sentences.support
    return (right, given - right, support - right, cut.boilerplate_found, cut.boilerplate, cut.body_lost, cut.body)


def _precision_recall(sums: Floats) -> tuple[Floats, Floats]:
    right, wrong, missed = sums[..., 0], sums[..., 1], sums[..., 2]
    return ratios(right, right + wrong), ratios(right, right + missed)


def _f1(sums: Floats) -> Floats:
    right, wrong, missed = (sums[:, place : place + 1] for place in range(3))
    return ratios(2 * right, 2 * right + wrong + missed)


def _summed(rows: ArrayLike, sizes: Sequence[int]) -> Floats:
    """A number a sentence, summed over each article: a column."""
    summed = np.zeros((len(sizes), 1))
    np.add.at(summed[:, 0], np.repeat(np.arange(len(sizes)), sizes), np.asarray(rows, dtype=float))
    return summed
