"""A second stage: what the blend says of a sentence, its neighbours and its article, read again by logistic regressions.

The second stage learns from what the first says of articles that it did not learn from (Wolpert 1992, "Stacked generalization").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from claimtag.scheme import Scheme
from claimtag.splits import grouped_folds
from claimtag.themes import model_kind
from claimtag.themes.base import Scores, SentenceInArticle, indicator, learnable
from claimtag.themes.options import Size, Strength

OPTIONS = {"C": Strength, "folds": Size}
LARGEST = 8.0  # of the log-odds of the first stage


class StackedTagger:
    """The blend, and above it a logistic regression a label, which sees what the blend says of that label."""

    def __init__(self, scheme: Scheme, *, C: float, folds: int) -> None:
        self._scheme, self.labels, self.C, self.folds = scheme, scheme.labels, C, folds

    def fit(self, X: Sequence[SentenceInArticle], y: Any) -> Self:
        """Learn the first stage in folds of whole articles, the second from what it says there, and the first again."""
        _, gold = indicator(y, self.labels)
        fold_of = grouped_folds(gold, [id(one.article) for one in X], folds=self.folds)
        said = np.zeros(gold.shape, dtype=np.float32)
        for fold in range(self.folds):
            learn, held = np.flatnonzero(fold_of != fold).tolist(), np.flatnonzero(fold_of == fold).tolist()
            said[held] = self._first([X[row] for row in learn], gold[learn]).decision_function([X[row] for row in held])
        self._blend = self._first(X, gold)
        learnt, self._constant = learnable(gold, None)
        self._second = {
            column: LogisticRegression(C=self.C, class_weight="balanced", max_iter=300).fit(
                self._features(said, X, column), gold[:, column]
            )
            for column in np.flatnonzero(learnt).tolist()
        }
        return self

    def scores(self, sentences: Sequence[SentenceInArticle]) -> Scores:
        """A matrix (sentences × labels) of probabilities."""
        return np.asarray(expit(self.decision_function(sentences)), dtype=np.float32)

    def decision_function(self, X: Sequence[SentenceInArticle]) -> Scores:
        """The logarithms of the odds, a matrix (sentences × labels)."""
        said = self._blend.decision_function(X)
        values = np.tile(self._constant, (len(X), 1))
        for column, regression in self._second.items():
            values[:, column] = regression.decision_function(self._features(said, X, column))
        return values

    def _first(self, X: Sequence[SentenceInArticle], gold: Any) -> Any:
        return model_kind("blend").make(self._scheme).fit(X, gold)

    def _features(self, said: Scores, X: Sequence[SentenceInArticle], column: int) -> Scores:
        """What the first stage says: of the sentence, the one before, the one after, the others, and at most."""
        own = np.clip(said[:, [column]], -LARGEST, LARGEST)
        score, article = expit(own), np.unique([id(one.article) for one in X], return_inverse=True)[1]
        edge = np.diff(article) != 0
        nothing = np.zeros((1, own.shape[1]))
        before = np.vstack([nothing, np.where(edge[:, np.newaxis], 0, score[:-1])])
        after = np.vstack([np.where(edge[:, np.newaxis], 0, score[1:]), nothing])
        total, most = np.zeros((article.max() + 1, own.shape[1])), np.zeros((article.max() + 1, own.shape[1]))
        np.add.at(total, article, score)
        np.maximum.at(most, article, score)
        others = np.maximum(np.bincount(article) - 1, 1)[article][:, np.newaxis]
        features: list[Any] = [own / 3, score, before, after, (total[article] - score) / others, most[article]]
        return np.asarray(np.hstack(features), dtype=np.float32)


def make(scheme: Scheme, *, C: float = 0.3, folds: int = 3) -> Any:
    """An unfitted second stage above the blend that ships as default."""
    return StackedTagger(scheme, C=C, folds=folds)
