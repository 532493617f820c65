"""An encoder's knowledge folded into the weights of words: a word counts by its meaning, also where few sentences have it.

Each stem gets the vector of the word that it stands for most often, which the encoder reads alone. What a sentence, its article
and the sentences nearby say is then a sum of vectors, weighted as their words are; the weights that a logistic regression gives
such sums are, multiplied out, a weight for each stem. So the encoder is needed to learn, and never to tag.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from claimtag.themes.base import Scores, rows_asked
from claimtag.themes.remembering import shared
from claimtag.themes.tfidf import WORD, stem

C = 1.0  # inverse strength of regularisation
SIZES = (1.0, 0.5, 0.7)  # of the sums: of the sentence, of its article, of those nearby


def stem_vectors(texts: Iterable[str], stems: Sequence[str], *, letters: int, encoder: str) -> Scores:
    """The vectors of stems that stand in the texts (stems × size), less the mean of all words read."""
    counts = Counter(word for text in texts for word in WORD.findall(text.lower()))
    likeliest, total = dict[str, str](), Counter[str]()
    for word, count in sorted(counts.items(), key=lambda one: (-one[1], one[0])):
        likeliest.setdefault(stem(word, letters), word)
        total[stem(word, letters)] += count
    vectors = shared(encoder).encode([likeliest[one] for one in stems])
    shares = np.array([total[one] for one in stems], dtype=np.float32)
    return np.asarray(vectors - np.average(vectors, axis=0, weights=shares), dtype=np.float32)


def folded(
    parts: Sequence[sp.csr_matrix],
    vectors: Scores,
    gold: NDArray[np.bool_],
    asked: NDArray[np.bool_] | None,
    learnt: Iterable[int],
) -> tuple[list[Scores], Scores]:
    """The weights of the stems (stems × labels) in each part (sentences × stems), and the intercepts of the labels."""
    sums: list[Scores] = [np.asarray(part @ vectors, dtype=np.float32) for part in parts]
    lengths = [float(np.linalg.norm(one, axis=1).mean()) for one in sums]
    scales = [size / max(length, 1e-9) for size, length in zip(SIZES, lengths, strict=False)]
    features = np.hstack([one * scale for one, scale in zip(sums, scales, strict=True)]).astype(np.float32)
    coef = np.zeros((features.shape[1], gold.shape[1]), dtype=np.float32)
    intercept = np.zeros(gold.shape[1], dtype=np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=ConvergenceWarning)
        for column in learnt:
            regression = LogisticRegression(C=C, class_weight="balanced", tol=1e-3, max_iter=100)
            regression.fit(*rows_asked(features, gold, asked, column))
            coef[:, column], intercept[column] = regression.coef_[0], regression.intercept_[0]
    by_part = zip(np.split(coef, len(parts)), scales, strict=True)
    return [np.asarray(vectors @ (one * scale), dtype=np.float32) for one, scale in by_part], intercept
