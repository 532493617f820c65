"""Character n-grams of the sentence, hashed, beside the linear tagger's word stems."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from scipy.special import expit
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression

from claimtag.scheme import Scheme
from claimtag.themes import model_kind
from claimtag.themes.base import Scores, SentenceInArticle, indicator, learnable
from claimtag.themes.blend import BlendTagger
from claimtag.themes.options import Size, Strength, Switch

OPTIONS = {"C": Strength, "shortest": Size, "longest": Size, "alone": Switch}
BITS = 18


class CharacterTagger:
    """One logistic regression a label on the TF-IDF of hashed character n-grams, which do not cross words."""

    def __init__(self, labels: Sequence[str], *, C: float, shortest: int, longest: int) -> None:
        self.labels, self.C = tuple(labels), C
        self._hashed = HashingVectorizer(
            analyzer="char_wb", ngram_range=(shortest, longest), n_features=2**BITS, alternate_sign=False, norm=None
        )

    def fit(self, X: Sequence[SentenceInArticle], y: Any) -> Self:
        """Learn from sentences and their themes."""
        _, gold = indicator(y, self.labels)
        self._idf = TfidfTransformer(sublinear_tf=True).fit(self._hashed.transform([one.text for one in X]))
        features = self._features(X)
        learnt, self._intercept = learnable(gold, None)
        self._coef = np.zeros((features.shape[1], len(self.labels)), dtype=np.float32)
        for column in np.flatnonzero(learnt).tolist():
            regression = LogisticRegression(C=self.C, class_weight="balanced", solver="liblinear", tol=1e-2)
            regression.fit(features, gold[:, column])
            self._coef[:, column], self._intercept[column] = regression.coef_[0], regression.intercept_[0]
        return self

    def scores(self, sentences: Sequence[SentenceInArticle]) -> Scores:
        """A matrix (sentences × labels) of probabilities."""
        return np.asarray(expit(self.decision_function(sentences)), dtype=np.float32)

    def decision_function(self, X: Sequence[SentenceInArticle]) -> Scores:
        """The logarithms of the odds, a matrix (sentences × labels)."""
        return np.asarray(self._features(X) @ self._coef + self._intercept, dtype=np.float32)

    def _features(self, X: Sequence[SentenceInArticle]) -> sp.csr_matrix:
        return sp.csr_matrix(self._idf.transform(self._hashed.transform([one.text for one in X])), dtype=np.float32)


def make(scheme: Scheme, *, C: float = 10.0, shortest: int = 3, longest: int = 5, alone: bool = False) -> Any:
    """The n-grams' tagger `alone`, or the mean of its log-odds and those of the linear tagger."""
    tagger = CharacterTagger(scheme.labels, C=C, shortest=shortest, longest=longest)
    return tagger if alone else BlendTagger({"linear": model_kind("linear").make(scheme), "characters": tagger})
