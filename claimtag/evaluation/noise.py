"""Labels that were perhaps given, or left out, by mistake: what an annotator should look at again.

Confident learning (Northcutt, Jiang and Chuang 2021) for each label by itself, as present or absent. Confident of a
side is a model whose probability for it reaches the mean one on the sentences that were annotated so. A sentence is a
suspect when the model is confident of the other side than the annotated one; confident of both, the likelier side
counts.

These are the off-diagonals of cleanlab's confident joint, without its package: over 299 drawn labels with 9,380
suspects none differed. What cleanlab's own filter makes of them is there as `method="cleanlab"`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from claimtag.errors import OptionError, did_you_mean, require
from claimtag.evaluation.intervals import Floats
from claimtag.evaluation.metrics import SUPPORT, asked_matrix, theme_matrices
from claimtag.evaluation.slices import scored_sentences
from claimtag.records import TaggedArticle

Method: TypeAlias = Literal["confident", "cleanlab"]
METHODS: tuple[Method, ...] = get_args(Method)


@dataclass(frozen=True, slots=True)
class Suspect:
    """A label on a sentence that should be looked at again: `given` says whether the annotator gave it.

    `score` is the probability of the label.
    """

    article: str
    start: int
    end: int
    text: str
    label: str
    given: bool
    score: float

    @property
    def suggested(self) -> bool:
        """What the model would have annotated."""
        return not self.given

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self) | {"suggested": self.suggested}


def suspects(
    gold: Sequence[TaggedArticle],
    scores: ArrayLike,
    labels: Sequence[str],
    *,
    most: int | None = None,
    method: Method = "confident",
) -> tuple[Suspect, ...]:
    """The suspects, at most so many, those first whose annotation the model finds least likely.

    `scores` (gold sentences that are not boilerplate × labels, articles in order) are calibrated, by models that did
    not learn from the sentence. The first are worth a look, not all of them: with 5 % of the positives of the shared
    training data moved to other sentences, 7 in 10 of the first 200 suspects of the linear model were moved ones, 1 in
    3 of all. A label with fewer than 5 gold sentences, or that the models score no higher where it was given, has no
    suspects. The `method` "cleanlab" keeps as many as that package estimates to be wrong; MissingExtraError where it is
    not there.
    """
    if method not in METHODS:
        raise OptionError(f'"{method}" is no method{did_you_mean(method, METHODS)}; choose one of {", ".join(METHODS)}')
    if most is not None and most < 1:
        raise OptionError(f"at least 1 suspect can be asked for, not {most}")
    truth, _ = theme_matrices(gold, gold, labels=labels)
    given = np.asarray(scores, dtype=float)
    if given.shape != truth.shape:
        raise OptionError(
            f"scores have the shape {given.shape}, the gold themes {truth.shape}; give a row for each gold sentence "
            "that is not boilerplate"
        )
    if given.size and not (given.min() >= 0 and given.max() <= 1):  # nan is neither
        raise OptionError("scores must lie in [0, 1], and none may be nan")
    if (asked := asked_matrix(gold, labels=labels)) is not None:
        given = np.where(asked, given, 0.0)  # nobody said no, so nobody can have been wrong
    rows, columns = np.nonzero((_suspected if method == "confident" else _by_cleanlab)(given, truth))
    order = np.argsort(-np.abs(truth - given)[rows, columns], kind="stable")[:most]
    places = [(article, sentence) for article in gold for sentence in scored_sentences(article)]
    return tuple(
        Suspect(
            article=places[row][0].article.id,
            start=places[row][1].start,
            end=places[row][1].end,
            text=places[row][1].text,
            label=labels[column],
            given=bool(truth[row, column]),
            score=round(float(given[row, column]), 4),
        )
        for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True)
    )


def _suspected(scores: Floats, truth: NDArray[np.bool_]) -> NDArray[np.bool_]:
    present, absent = _confidence(scores, truth)
    sure_present, sure_absent = scores >= present, 1 - scores >= absent
    says_present = sure_present & ~(sure_absent & (scores < 0.5))
    says_absent = sure_absent & ~(sure_present & (scores >= 0.5))
    suspected: NDArray[np.bool_] = np.where(truth, says_absent, says_present)
    return suspected


def _by_cleanlab(scores: Floats, truth: NDArray[np.bool_]) -> NDArray[np.bool_]:
    filters = require("cleanlab.filter", extra="cleanlab")
    suspected = np.zeros_like(truth)
    for label in np.flatnonzero(np.isfinite(_confidence(scores, truth)[0])):
        probabilities = np.column_stack([1 - scores[:, label], scores[:, label]])
        suspected[:, label] = filters.find_label_issues(truth[:, label].astype(int), probabilities, n_jobs=1)
    return suspected


def _confidence(scores: Floats, truth: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """For each label the mean probability of it where it was given, and of its absence elsewhere; inf if not learnt."""
    support = truth.sum(axis=0)
    present = np.where(truth, scores, 0).sum(axis=0) / np.maximum(support, 1)
    absent = np.where(truth, 0, 1 - scores).sum(axis=0) / np.maximum(len(truth) - support, 1)
    # western_sahara, on five sentences of one article: out of fold no model had learnt it, and all five were suspects
    unlearnt = (support < SUPPORT) | (support == len(truth)) | (present <= 1 - absent)
    present[unlearnt] = absent[unlearnt] = np.inf
    return present, absent
