"""From sentences and labels to a fine-tuned network: what is set aside, what counts how much, what is reported."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from claimtag.splits import duplicate_clusters, grouped_folds
from claimtag.themes.base import SentenceInArticle, learnable, rows_asked
from claimtag.themes.transformer.network import Network
from claimtag.themes.transformer.pretrained import bf16_helps, find_device
from claimtag.themes.transformer.tuning import Course, Outcome, features, fine_tune, last_checkpoint
from claimtag.themes.transformer.windows import Window, cut_note

PROBE = 0.003  # C of the regressions that the head begins with


def learn(
    network: Network,
    windows: Sequence[Window],
    gold: NDArray[np.bool_],
    held: NDArray[np.bool_],
    *,
    asked: NDArray[np.bool_] | None = None,
    pad: int,
    options: Mapping[str, Any],
    folder: Path | None = None,
) -> tuple[str, ...]:
    """Fine-tunes the network in place on the windows whose rows are not held out, and says how that went.

    Where a sentence was not `asked` a label (sentences × labels), that is neither learnt nor measured.
    """
    device = find_device(options["device"])
    learnt = [window for window in windows if not held[list(window.rows)].any()]
    validation = [window for window in windows if held[list(window.rows)].any()]
    rows = [row for window in learnt for row in window.rows]
    has = gold[rows].sum(axis=0)
    lack = (len(rows) if asked is None else asked[rows].sum(axis=0)) - has
    rarity = lack / np.maximum(has, 1)
    network.pos_weight = torch.tensor(rarity.clip(1, options["pos_weight"]), dtype=torch.float32)
    network.to(device)
    # words that the training sentences lack keep their place among those they have, and a step takes less time
    network.encoder.get_input_embeddings().requires_grad_(False)
    course = Course(
        **{name: options[name] for name in Course.__slots__ if name not in ("bf16", "device")},
        bf16=bf16_helps(device) if options["bf16"] is None else options["bf16"],
        device=device,
    )
    if folder is None or last_checkpoint(folder) is None:
        probe(network, learnt, gold, asked, pad=pad, bf16=course.bf16)
    with tempfile.TemporaryDirectory(prefix="claimtag-") as temporary:
        outcome = fine_tune(
            network,
            learnt,
            validation,
            gold if asked is None else np.where(asked, gold, np.nan),
            pad=pad,
            course=course,
            folder=folder or Path(temporary),
            resume=folder is not None,
        )
    network.settle()
    learnt_labels, constant = learnable(gold, asked)
    with torch.no_grad():
        for column in np.flatnonzero(~learnt_labels).tolist():
            network.head.weight[column] = 0
            network.head.bias[column] = float(constant[column])
    return tuple(_notes(windows, len(rows), len(learnt), outcome, course, options["tokens"]))


def probe(
    network: Network,
    windows: Sequence[Window],
    gold: NDArray[np.bool_],
    asked: NDArray[np.bool_] | None,
    *,
    pad: int,
    bf16: bool,
) -> None:
    """Gives the head what logistic regressions learn from the encoder as it is, before that is tuned.

    Otherwise the encoder learns first to please a head that knows nothing (Kumar et al., ICLR 2022, "Fine-Tuning can
    Distort Pretrained Features and Underperform Out-of-Distribution").
    """
    rows = [row for window in windows for row in window.rows]
    found = features(network, windows, len(gold), pad=pad, bf16=bf16)[rows]
    centre, scale = found.mean(axis=0), max(float(found.std(axis=0).mean()), 1e-6)
    network.centre.copy_(torch.as_tensor(centre))
    network.scale.fill_(scale)
    found, truth, known = (found - centre) / scale, gold[rows], None if asked is None else asked[rows]
    with torch.no_grad(), threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore", category=ConvergenceWarning)
        for column in np.flatnonzero(learnable(truth, known)[0]).tolist():
            weights = {False: 1.0, True: float(network.pos_weight[column])}
            regression = LogisticRegression(C=PROBE, class_weight=weights, tol=1e-3)
            regression.fit(*rows_asked(found, truth, known, column))
            network.head.weight[column] = torch.as_tensor(regression.coef_[0])
            network.head.bias[column] = float(regression.intercept_[0])


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
