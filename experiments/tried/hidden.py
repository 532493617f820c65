"""A hidden layer on the encoder's vectors, where the encoder tagger has logistic regressions."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from scipy.special import logit
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from claimtag.scheme import Scheme
from claimtag.themes import model_kind
from claimtag.themes.base import Scores, indicator
from claimtag.themes.blend import BlendTagger
from claimtag.themes.encoder import EncoderTagger
from claimtag.themes.options import Count, Factor, Size, Switch
from claimtag.themes.tfidf import Text

OPTIONS = {"width": Size, "alpha": Factor, "epochs": Size, "alone": Switch, "seed": Count}


class HiddenTagger(EncoderTagger):
    """An EncoderTagger with one layer of `width` units between vectors and labels, learned by Adam in so many epochs."""

    width: int
    alpha: float
    epochs: int
    seed: int

    def fit(self, X: Sequence[Text], y: Any) -> Self:
        """Learn from sentences and their themes; the regressions are learnt too, and give way to the layer."""
        super().fit(X, y)
        gold = indicator(y, self.columns)[1]
        self._layer = MLPClassifier(
            (self.width,),
            alpha=self.alpha,
            max_iter=self.epochs,
            batch_size=min(128, len(gold)),
            random_state=self.seed,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", category=ConvergenceWarning)  # it stops where it is told to
            self._layer.fit(self._features(X), gold)
        return self

    def decision_function(self, X: Sequence[Text]) -> Scores:
        """The logarithms of the odds, a matrix (sentences × labels)."""
        said = np.atleast_2d(self._layer.predict_proba(self._features(X)))
        return np.asarray(logit(np.clip(said, 1e-6, 1 - 1e-6)), dtype=np.float32)

    def _features(self, X: Sequence[Text]) -> Scores:
        places = self._places(X)
        vectors = self._centred(self._vectors(places.texts, keep=True))
        # as many in size as there are numbers: of length 1 they are too small for the steps of Adam
        return np.hstack([self._put(part, places, vectors) for part in self._parts()]) * np.float32(
            vectors.shape[1] ** 0.5
        )


def make(
    scheme: Scheme, *, width: int = 256, alpha: float = 1.0, epochs: int = 20, alone: bool = False, seed: int = 0
) -> Any:
    """The layer `alone`, or the mean of its log-odds and those of the linear tagger."""
    tagger = HiddenTagger(columns=scheme.labels)
    tagger.width, tagger.alpha, tagger.epochs, tagger.seed = width, alpha, epochs, seed
    return tagger if alone else BlendTagger({"linear": model_kind("linear").make(scheme), "hidden": tagger})
