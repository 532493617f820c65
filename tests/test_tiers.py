"""The tier of each label: A use, B explore, C do not rely on."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimtag.errors import OptionError
from claimtag.evaluation.intervals import Estimate
from claimtag.evaluation.tiers import BARS, TIERS, LabelTier, label_tiers, tier, tiers_from_dict


@pytest.mark.parametrize(
    ("low", "support", "expected"),
    [
        (0.7, 50, "A"),
        (0.699, 50, "B"),
        (0.9, 49, "B"),
        (0.5, 20, "B"),
        (0.499, 500, "C"),
        (0.9, 19, "C"),
        (0.0, 0, "C"),
    ],
)
def test_a_tier_needs_both_its_lower_end_and_its_support(low: float, support: int, expected: str) -> None:
    assert tier(Estimate(max(low, 0.9), low, 0.95), support) == expected


def test_a_label_without_an_interval_is_not_relied_on() -> None:
    assert tier(Estimate(0.9, math.nan, math.nan, "an interval needs at least 3 articles, there are 2"), 400) == "C"
    assert tier(Estimate(math.nan, math.nan, math.nan, "no gold sentence carries it"), 0) == "C"


@given(st.floats(0, 1), st.floats(0, 1), st.integers(0, 200), st.integers(0, 200))
def test_more_certainty_and_more_support_never_lower_the_tier(low: float, higher: float, few: int, more: int) -> None:
    worse = tier(Estimate(1.0, min(low, higher), 1.0), min(few, more))
    better = tier(Estimate(1.0, max(low, higher), 1.0), max(few, more))
    assert TIERS.index(better) <= TIERS.index(worse)


def test_the_tiers_come_from_counts_by_article() -> None:
    rng = np.random.default_rng(0)
    good = np.stack([rng.integers(2, 5, 100), rng.integers(0, 2, 100), rng.integers(0, 2, 100)], axis=-1)
    one_article = np.where(np.arange(100)[:, None] == 0, [60, 0, 0], [0, 0, 0])
    never = np.zeros_like(good)
    found = label_tiers(np.stack([good, one_article, never], axis=1), ["good", "lumped", "never"], replicates=500)
    assert [one.tier for one in found] == ["A", "C", "C"]
    assert [one.articles for one in found] == [100, 1, 0]
    assert found[0].support == good[:, [0, 2]].sum()
    assert found[1].f1.reason is not None  # 60 sentences, but all of one article
    assert found[2].f1.reason == "no gold sentence carries it"


def test_the_reason_says_what_the_next_tier_needs() -> None:
    low, few = LabelTier("a", "B", Estimate(0.7, 0.6, 0.8), 90, 30), LabelTier("a", "C", Estimate(0.7, 0.4, 0.8), 9, 5)
    assert low.reason.endswith("explore; for A it needs an interval of F1 from 0.7 up")
    assert few.reason.endswith("do not rely on; for B it needs 20 gold sentences and an interval of F1 from 0.5 up")
    assert LabelTier("a", "A", Estimate(0.9, 0.8, 0.95), 90, 30).reason.endswith("of 30 articles: use")


def test_the_documented_bars_are_the_ones_applied() -> None:
    from claimtag.evaluation import tiers

    for least, fewest in BARS.values():
        assert f"{least}" in str(tiers.__doc__)
        assert f"{fewest} " in str(tiers.__doc__)


def test_tiers_survive_json() -> None:
    found = label_tiers(np.array([[[8, 1, 1], [0, 0, 0]]] * 10), ["often", "never"], replicates=100)
    written = json.dumps([one.to_dict() for one in found], allow_nan=False)
    back = tiers_from_dict(json.loads(written))
    assert back[0] == found[0]
    assert [one.to_dict() for one in back] == [one.to_dict() for one in found]


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([{"label": "a"}], "not a record of tiers: KeyError('tier')"),
        (["a"], "not a record of tiers: TypeError("),
        ([{"label": "a", "tier": "D", "f1": {"value": 1, "low": 1, "high": 1}, "support": 1, "articles": 1}], '"a": the tier is one of A, B, C, not \'D\''),
    ],
)  # fmt: skip
def test_a_record_that_is_no_tier_is_refused(records: list[dict[str, object]], message: str) -> None:
    with pytest.raises(OptionError) as refusal:
        tiers_from_dict(records)
    assert str(refusal.value).startswith(message)


def test_counts_of_other_labels_are_refused() -> None:
    with pytest.raises(OptionError, match="the counts are of 1 labels, 2 are named"):
        label_tiers([[[1, 0, 0]]] * 3, ["a", "b"])
