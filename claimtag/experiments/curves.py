"""Learning curves of theme models: trained on growing parts of the articles, measured on the same test articles."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from claimtag.evaluation import evaluate
from claimtag.evaluation.learning import SEEDS, SHARES, LearningPoint, learning_curve
from claimtag.experiments.files import Curve, Segmentation
from claimtag.experiments.predictions import predict, tagged_articles
from claimtag.experiments.stored import read_json, write_json
from claimtag.pipeline import Training, train
from claimtag.records import TaggedArticle
from claimtag.scheme import Scheme
from claimtag.splits import duplicate_clusters, refuse_leaks

FIGURES = ("micro_f1", "macro_f1")


def model_curve(
    figures_of: Callable[[list[TaggedArticle]], Mapping[str, float]],
    gold: Sequence[TaggedArticle],
    *,
    shares: Sequence[float] = SHARES,
    seeds: int = SEEDS,
) -> tuple[LearningPoint, ...]:
    """The learning curve over growing parts of the gold; `figures_of` trains on some articles and measures."""
    groups, article_of = sentence_groups(gold), np.repeat(np.arange(len(gold)), sentence_counts(gold))

    def train_and_score(places: list[int]) -> Mapping[str, float]:
        return figures_of([gold[place] for place in np.unique(article_of[places]).tolist()])

    return learning_curve(train_and_score, groups.tolist(), shares=shares, seeds=seeds)


def train_curve(
    gold: Sequence[TaggedArticle],
    test: Sequence[TaggedArticle],
    *,
    scheme: Scheme,
    model: str = "linear",
    options: Mapping[str, Any] | None = None,
    shares: Sequence[float] = SHARES,
    seeds: int = SEEDS,
    tell: Callable[[str], object] = lambda _: None,
) -> tuple[LearningPoint, ...]:
    """The learning curve of a kind of model; LeakageError where gold and test share articles, texts or sentences."""
    refuse_leaks({"gold": gold, "test": test})

    def trained_figures(learn: list[TaggedArticle]) -> dict[str, float]:
        tell(f"training on {len(learn):,} of {len(gold):,} articles")
        return figures_on(train(learn, scheme=scheme, model=model, options=options, claims=False), test)

    return model_curve(trained_figures, gold, shares=shares, seeds=seeds)


def resumed_curve(
    curve: Curve,
    train: Callable[[list[TaggedArticle]], Training],
    gold: Sequence[TaggedArticle],
    test: Sequence[TaggedArticle],
    *,
    whole: Mapping[str, float],
    segmentation: Segmentation,
    folder: Path,
    tell: Callable[[str], object],
) -> tuple[LearningPoint, ...]:
    """A curve whose points are kept in a folder, so that it can go on; `whole` are the figures of all the gold."""

    def figures_of(learn: list[TaggedArticle]) -> Mapping[str, float]:
        if len(learn) == len(gold):
            return whole
        ids = repr([tagged.article.id for tagged in learn])
        kept = folder / f"curve-{hashlib.sha256(ids.encode()).hexdigest()[:16]}.json"
        if not kept.exists():
            tell(f"learning curve, {len(learn):,} articles")
            figures = figures_on(train(learn), test, segmentation=segmentation)
            write_json(kept, {figure: None if value != value else value for figure, value in figures.items()})
        return {figure: math.nan if value is None else value for figure, value in read_json(kept).items()}

    return model_curve(figures_of, gold, shares=curve.shares, seeds=curve.seeds)


def figures_on(
    training: Training, test: Sequence[TaggedArticle], *, segmentation: Segmentation = "automatic"
) -> dict[str, float]:
    """Micro- and macro-F1 of a trained tagger on test articles; nan where not defined."""
    bundle = training.tagger.bundle
    predictions = predict(training.tagger, test, segmentation=segmentation)
    predicted = tagged_articles(predictions, test, [bundle.deciding], scheme=bundle.scheme.ref, by=bundle.by)
    figures = evaluate(test, predicted, labels=bundle.scheme.labels, replicates=1).figures
    return {name: figures[name].value for name in FIGURES}


def sentence_counts(articles: Sequence[TaggedArticle]) -> list[int]:
    """How many sentences of each article are scored: all but boilerplate."""
    return [sum(sentence.kind != "boilerplate" for sentence in tagged.sentences) for tagged in articles]


def sentence_groups(articles: Sequence[TaggedArticle]) -> NDArray[np.intp]:
    """The cluster of duplicates that each scored sentence stands in."""
    clusters = duplicate_clusters([[sentence.text for sentence in tagged.sentences] for tagged in articles])
    return np.repeat(np.array(clusters, dtype=np.intp), sentence_counts(articles))
