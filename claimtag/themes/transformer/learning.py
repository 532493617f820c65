"""From sentences and their labels to a fine-tuned network: what is set aside, what counts how much, what is reported."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from claimtag.splits import duplicate_clusters, grouped_folds
from claimtag.themes.base import SentenceInArticle
from claimtag.themes.transformer.network import Network
from claimtag.themes.transformer.pretrained import bf16_helps, find_device
from claimtag.themes.transformer.tuning import Course, Outcome, fine_tune
from claimtag.themes.transformer.windows import Window, cut_note


def learn(
    network: Network,
    windows: Sequence[Window],
    gold: NDArray[np.bool_],
    held: NDArray[np.bool_],
    *,
    pad: int,
    options: Mapping[str, Any],
    folder: Path | None = None,
) -> tuple[str, ...]:
    """Fine-tunes the network in place on the windows whose rows are not held out, and says how that went."""
    device = find_device(options["device"])
    learnt = [window for window in windows if not held[list(window.rows)].any()]
    validation = [window for window in windows if held[list(window.rows)].any()]
    rows = [row for window in learnt for row in window.rows]
    has = gold[rows].sum(axis=0)
    rarity = (len(rows) - has) / np.maximum(has, 1)
    network.pos_weight = torch.tensor(rarity.clip(1, options["pos_weight"]), dtype=torch.float32)
    network.to(device)
    course = Course(
        **{name: options[name] for name in Course.__slots__ if name not in ("bf16", "device")},
        bf16=bf16_helps(device) if options["bf16"] is None else options["bf16"],
        device=device,
    )
    with tempfile.TemporaryDirectory(prefix="claimtag-") as temporary:
        outcome = fine_tune(
            network,
            learnt,
            validation,
            gold,
            pad=pad,
            course=course,
            folder=folder or Path(temporary),
            resume=folder is not None,
        )
    with torch.no_grad():
        for column, share in enumerate(gold.mean(axis=0).tolist()):
            if share in (0, 1):
                network.head.weight[column] = 0
                network.head.bias[column] = np.inf if share else -np.inf
    return tuple(_notes(windows, len(rows), len(learnt), outcome, course, options["tokens"]))


def held_out(sentences: Sequence[SentenceInArticle], gold: NDArray[np.bool_], share: float) -> NDArray[np.bool_]:
    """The rows to validate on: whole articles, duplicates together; none where there are too few.

    An article that alone has a label is learnt from.
    """
    nothing = np.zeros(len(sentences), dtype=bool)
    articles = {id(sentence.article): sentence.article for sentence in sentences}
    clusters = duplicate_clusters([article.sentences for article in articles.values()])
    cluster_of = dict(zip(articles, clusters, strict=True))
    groups = [cluster_of[id(sentence.article)] for sentence in sentences]
    folds = round(1 / share) if share else 0
    if not folds or len(set(groups)) < folds:
        return nothing
    held: NDArray[np.bool_] = np.asarray(grouped_folds(gold, groups, folds=folds) == 0)
    lost = gold.any(axis=0) & ~gold[~held].any(axis=0)
    alone = np.flatnonzero(gold[:, lost].sum(axis=1))
    kept = {groups[row] for row in alone.tolist()}
    held &= np.array([group not in kept for group in groups])
    return held if gold[held].any() else nothing


def _notes(
    windows: Sequence[Window], rows: int, learnt: int, outcome: Outcome, course: Course, tokens: int
) -> list[str]:
    notes = [
        f"fine-tuned on {rows} sentences in {learnt} windows of up to {tokens} tokens: "
        f"{outcome.steps} steps of {course.batch * course.accumulate} windows, {outcome.epochs:g} epochs"
    ]
    if outcome.best is not None:
        held = sum(len(window.rows) for window in windows) - rows
        notes.append(
            f"kept the weights after step {outcome.best_step}, the best on {held} sentences set aside: "
            f"mean average precision {outcome.best:.3f}"
        )
    else:
        notes.append("no sentences set aside, so that the weights of the last epoch were kept")
    return [*notes, *filter(None, [cut_note(windows, tokens)])]
