"""The bootstrap over articles beside a loop over scikit-learn's f1_score: two models, 20 labels, 1,000 articles.

The loop is timed on a few replicates, and its time multiplied up to as many as the bootstrap makes; the table says so.
"""

from __future__ import annotations

import time
import warnings

import numpy as np

from claimtag.evaluation.intervals import estimates, theme_counts, theme_f1

ARTICLES, SENTENCES, LABELS, REPLICATES, TIMED = 1_000, 5, 20, 10_000, 20


def main() -> None:
    """Times both and prints the ratio."""
    from sklearn.metrics import f1_score

    generator = np.random.default_rng(1)
    rows = ARTICLES * SENTENCES
    gold = generator.random((rows, LABELS)) < 0.08
    models = [gold ^ (generator.random((rows, LABELS)) < noise) for noise in (0.02, 0.03)]

    start = time.perf_counter()
    counts = np.stack([theme_counts(gold, model, [SENTENCES] * ARTICLES) for model in models], axis=1)
    figures = theme_f1(counts)
    intervals = estimates(counts, lambda sums: figures(sums).reshape(len(sums), -1), replicates=REPLICATES)
    ours = time.perf_counter() - start
    assert len(intervals) == 2 * (LABELS + 2)

    first = np.arange(rows).reshape(ARTICLES, SENTENCES)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        start = time.perf_counter()
        for _ in range(TIMED):
            drawn = first[generator.integers(ARTICLES, size=ARTICLES)].ravel()
            for model in models:
                for average in ("micro", "macro", None):
                    f1_score(gold[drawn], model[drawn], average=average)
        loop = (time.perf_counter() - start) * REPLICATES / TIMED
        start = time.perf_counter()
        for _ in range(TIMED):
            drawn = first[generator.integers(ARTICLES, size=ARTICLES)].ravel()
            for model in models:
                f1_score(gold[drawn], model[drawn], average=None)
        least = (time.perf_counter() - start) * REPLICATES / TIMED

    print(f"{REPLICATES:,} replicates × {len(models)} models × {LABELS} labels × {ARTICLES:,} articles of {SENTENCES}")
    print(f"  claimtag, micro-F1, macro-F1 and every label, with intervals: {ours:.2f} s")
    print(f"  f1_score, the same three: {loop:.0f} s, {loop / ours:,.0f} × (multiplied up from {TIMED} replicates)")
    print(f"  f1_score, every label alone: {least:.0f} s, {least / ours:,.0f} × (the same)")


if __name__ == "__main__":
    main()
