"""The floor of every comparison: a model that looks at no sentence, only at how frequent each label is.

The literal majority answer is to say no theme at all, since no label is on most sentences; its F1 is 0. A model that
scores every sentence with each label's share lets the thresholds say a label always where that serves F1 best, which is
the most that can be had without reading.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from claimtag.errors import BundleError, OptionError, did_you_mean
from claimtag.scheme import Scheme
from claimtag.themes.base import Scores, SentenceInArticle, asked_of, indicator

FILE = "majority.json"


class MajorityTagger:
    """A theme model whose score for a label is the share of the training sentences that carry it.

    >>> tagger = MajorityTagger(["drugs", "justice"]).fit(["a", "b", "c", "d"], [["drugs"], ["drugs"], [], ["justice"]])
    >>> tagger.scores(["whatever"]).tolist()
    [[0.5, 0.25]]
    """

    def __init__(self, labels: Sequence[str], shares: Sequence[float] | None = None) -> None:
        self._labels = tuple(labels)
        self.shares = tuple(shares) if shares is not None else (0.0,) * len(self._labels)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the columns of `scores`, in their order."""
        return self._labels

    def fit(self, X: Sequence[Any], Y: Any) -> Self:
        """Counts the labels; the sentences are not looked at."""
        _, gold = indicator(Y, self._labels)
        if not len(gold):
            raise OptionError("there is nothing to learn from: give annotated sentences")
        asked = asked_of(Y)
        counted = len(gold) if asked is None else np.maximum(asked.sum(axis=0), 1)
        self.shares = tuple((gold.sum(axis=0) / counted).tolist())
        return self

    def scores(self, sentences: Sequence[Any]) -> Scores:
        """A matrix (sentences × labels), all rows alike."""
        return np.tile(np.array(self.shares, dtype=np.float32), (len(sentences), 1))


def make(scheme: Scheme) -> MajorityTagger:
    """An unfitted tagger for the labels of a scheme."""
    return MajorityTagger(scheme.labels)


def save(model: MajorityTagger, folder: Path) -> None:
    """Write the shares into a folder; `load` is the inverse."""
    record = {"labels": model.labels, "shares": model.shares}
    (folder / FILE).write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def load(folder: Path) -> MajorityTagger:
    """The tagger saved in a folder; BundleError when the file is not one."""
    try:
        record = json.loads((folder / FILE).read_bytes())
        labels, shares = [str(label) for label in record["labels"]], [float(share) for share in record["shares"]]
        if len(labels) != len(shares) or not all(0 <= share <= 1 for share in shares):
            raise ValueError("it must hold one share in [0, 1] a label")
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise BundleError(f"{folder / FILE}: not a majority tagger ({error}); save it again") from error
    return MajorityTagger(labels, shares)


def explain(model: MajorityTagger, sentence: SentenceInArticle, label: str) -> tuple[tuple[str, str, float], ...]:
    """Nothing: no word of the sentence was looked at."""
    if label not in model.labels:
        raise OptionError(f'"{label}" is not one of the labels{did_you_mean(label, model.labels)}')
    return ()
