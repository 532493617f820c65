"""A log-linear model that chooses among candidates described by features, and its training.

One model serves every decision: a cue or none (two candidates), which span (many), which type (five). Weights are a
plain mapping from feature to number, so that a saved model is JSON and loading it runs nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from typing import NamedTuple

import numpy as np

Weights = dict[str, float]
Features = Sequence[str]


class Choice(NamedTuple):
    """Candidates as lists of features, and the index of the right one."""

    candidates: Sequence[Features]
    right: int
    weight: float = 1.0


def train(choices: Iterable[Choice], *, c: float = 1.0, at_least: int = 2, most: int = 120) -> Weights:
    """Weights that make the right candidates most probable, under a Gaussian prior of variance `c`."""
    from scipy.optimize import minimize
    from scipy.sparse import csr_matrix

    lots = list(choices)
    counts: Counter[str] = Counter()
    for choice in lots:
        counts.update({feature for candidate in choice.candidates for feature in candidate})
    index = {feature: n for n, feature in enumerate(sorted(f for f, count in counts.items() if count >= at_least))}
    rows: list[int] = [0]
    columns: list[int] = []
    starts: list[int] = []
    right: list[int] = []
    for choice in lots:
        starts.append(len(rows) - 1)
        right.append(len(rows) - 1 + choice.right)
        for candidate in choice.candidates:
            columns.extend(index[f] for f in candidate if f in index)
            rows.append(len(columns))
    if not index:
        return {}
    X = csr_matrix((np.ones(len(columns), dtype=np.float64), columns, rows), shape=(len(rows) - 1, len(index)))
    X.sum_duplicates()
    begin = np.array(starts)
    sizes = np.diff(np.append(begin, X.shape[0]))
    weight = np.array([choice.weight for choice in lots])
    each = np.repeat(weight, sizes)
    truth = np.zeros(X.shape[0])
    truth[right] = 1.0
    empirical = X.T @ (truth * each)

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        scores = X @ w
        top = np.maximum.reduceat(scores, begin)
        exp = np.exp(scores - np.repeat(top, sizes))
        total = np.add.reduceat(exp, begin)
        p = exp / np.repeat(total, sizes)
        value = float((weight * (top + np.log(total) - scores[right])).sum() + (w @ w) / (2 * c))
        return value, X.T @ (p * each) - empirical + w / c

    best = minimize(loss, np.zeros(len(index)), jac=True, method="L-BFGS-B", options={"maxiter": most}).x
    return {feature: round(float(best[n]), 4) for feature, n in index.items() if abs(best[n]) >= 0.01}


def score(weights: Mapping[str, float], features: Iterable[str]) -> float:
    """The sum of the weights of these features; unknown ones count nothing."""
    return sum(map(weights.get, features, repeat(0.0)))
