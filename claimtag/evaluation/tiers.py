"""How far each label may be relied on: A use, B explore, C do not rely on.

The tier rests on the lower end of the 95 % interval of the label's F1, so that few examples count against it of
themselves, and on its support, since an interval from few sentences is itself unsure.

A  F1 is at least 0.7 with some certainty, measured on 50 gold sentences or more: the label may be counted and compared.
B  at least 0.5, on 20 or more: good for finding articles; counts need a check by hand.
C  anything else, and labels whose F1 or interval is not defined: read what it says as a hint.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike

from claimtag.errors import OptionError
from claimtag.evaluation.intervals import REPLICATES, Estimate, theme_estimates

Tier: TypeAlias = Literal["A", "B", "C"]

TIERS: tuple[Tier, ...] = get_args(Tier)
MEANING: Mapping[Tier, str] = {"A": "use", "B": "explore", "C": "do not rely on"}
BARS: Mapping[Tier, tuple[float, int]] = {"A": (0.7, 50), "B": (0.5, 20)}  # lower end of F1, gold sentences


@dataclass(frozen=True, slots=True)
class LabelTier:
    """The tier of a label, and the figures that it rests on.

    >>> LabelTier("drugs", "A", Estimate(0.9, 0.85, 0.94), support=147, articles=60).meaning
    'use'
    """

    label: str
    tier: Tier
    f1: Estimate
    support: int
    articles: int

    def __post_init__(self) -> None:
        if self.tier not in TIERS:
            raise OptionError(f'"{self.label}": the tier is one of {", ".join(TIERS)}, not {self.tier!r}')

    @property
    def meaning(self) -> str:
        """The tier in words."""
        return MEANING[self.tier]

    @property
    def reason(self) -> str:
        """Why the label has this tier, in a sentence.

        >>> LabelTier("drugs", "B", Estimate(0.9, 0.85, 0.94), support=30, articles=12).reason
        'F1 0.900 [0.850, 0.940] on 30 gold sentences of 12 articles: explore; for A it needs 50 gold sentences'
        """
        figures = f"F1 {self.f1} on {self.support} gold sentences of {self.articles} articles: {self.meaning}"
        if self.tier == TIERS[0]:
            return figures
        better = TIERS[TIERS.index(self.tier) - 1]
        least, fewest = BARS[better]
        needs = [f"{fewest} gold sentences"] if self.support < fewest else []
        needs += [] if self.f1.low >= least else [f"an interval of F1 from {least} up"]
        return f"{figures}; for {better} it needs {' and '.join(needs)}"

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; `tiers_from_dict` is the inverse for a list of them."""
        return {
            "label": self.label,
            "tier": self.tier,
            "f1": self.f1.to_dict(),
            "support": self.support,
            "articles": self.articles,
        }


def tier(f1: Estimate, support: int) -> Tier:
    """The tier of a label with this F1 (and its 95 % interval) on so many gold sentences.

    >>> tier(Estimate(0.8, 0.72, 0.87), 120), tier(Estimate(0.8, 0.72, 0.87), 30), tier(Estimate(0.6, 0.48, 0.7), 120)
    ('A', 'B', 'C')
    """
    for name, (least, fewest) in BARS.items():
        if f1.low >= least and support >= fewest:  # nan reaches nothing
            return name
    return "C"


def label_tiers(
    counts: ArrayLike, labels: Sequence[str], *, replicates: int = REPLICATES, seed: int = 0
) -> tuple[LabelTier, ...]:
    """The tiers of labels from `intervals.theme_counts`, which must be of articles that the tagger did not learn from.

    >>> [one.tier for one in label_tiers([[[8, 1, 1]]] * 10, ["drugs"])]
    ['A']
    """
    table = np.asarray(counts)
    _, _, *figures = theme_estimates(table, replicates=replicates, seed=seed)
    if len(figures) != len(labels):
        raise OptionError(f"the counts are of {len(figures)} labels, {len(labels)} are named")
    gold = table[..., 0] + table[..., 2]
    return tuple(
        LabelTier(label, tier(f1, int(held.sum())), f1, int(held.sum()), int((held > 0).sum()))
        for label, f1, held in zip(labels, figures, gold.T, strict=True)
    )


def tiers_from_dict(records: Sequence[Mapping[str, Any]]) -> tuple[LabelTier, ...]:
    """The tiers read back; OptionError if they are none."""
    try:
        return tuple(
            LabelTier(
                label=record["label"],
                tier=record["tier"],
                f1=_estimate(record["f1"]),
                support=int(record["support"]),
                articles=int(record["articles"]),
            )
            for record in records
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise OptionError(f"not a record of tiers: {error!r}") from error


def _estimate(record: Mapping[str, Any]) -> Estimate:
    low, value, high = (math.nan if record[name] is None else float(record[name]) for name in ("low", "value", "high"))
    return Estimate(value, low, high, record.get("reason"))
