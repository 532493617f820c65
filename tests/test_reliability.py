"""Reliability curves, Brier score, expected calibration error."""

from __future__ import annotations

import json
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from sklearn.metrics import brier_score_loss

from claimtag.errors import OptionError
from claimtag.evaluation.reliability import (
    POOLED,
    brier_score,
    expected_calibration_error,
    reliability_curve,
    score_quality,
)

scored = arrays.arrays(np.float64, st.integers(1, 60), elements=st.floats(0, 1))


def drawn(scores: NDArray[np.float64], seed: int = 0) -> NDArray[np.bool_]:
    """Gold that has each label with the probability that the score says."""
    return np.random.default_rng(seed).random(scores.shape) < scores


@given(scored, st.integers(0, 2**32 - 1))
def test_the_brier_score_is_scikit_learns(scores: NDArray[np.float64], seed: int) -> None:
    gold = np.random.default_rng(seed).random(scores.shape) < 0.4
    assert brier_score(scores, gold) == pytest.approx(brier_score_loss(gold, scores, labels=[False, True]))


@given(scored, st.integers(0, 2**32 - 1), st.integers(1, 20))
def test_the_bins_hold_every_decision_once_and_in_order(scores: NDArray[np.float64], seed: int, bins: int) -> None:
    gold = np.random.default_rng(seed).random(scores.shape) < 0.4
    curve = reliability_curve(scores, gold, bins=bins)
    assert len(curve) <= bins
    assert sum(held.decisions for held in curve) == len(scores)
    assert sum(held.gold for held in curve) == gold.sum()
    for before, after in pairwise(curve):
        assert before.high < after.low
    weighed = sum(held.decisions * abs(held.score - held.share.value) for held in curve) / len(scores)
    assert weighed == pytest.approx(expected_calibration_error(scores, gold, bins=bins), abs=1e-9)


@given(scored, st.integers(0, 2**32 - 1))
def test_the_calibration_error_lies_between_the_overall_gap_and_the_mean_one(
    scores: NDArray[np.float64], seed: int
) -> None:
    gold = np.random.default_rng(seed).random(scores.shape) < 0.4
    error = expected_calibration_error(scores, gold)
    assert abs(scores.mean() - gold.mean()) - 1e-9 <= error <= np.abs(scores - gold).mean() + 1e-9


def test_bins_are_of_equal_mass_wherever_the_scores_lie() -> None:
    scores = np.random.default_rng(0).random(1500) ** 8
    counts = [held.decisions for held in reliability_curve(scores, scores > 2)]
    assert counts == [100] * 15


def test_equal_scores_are_never_parted() -> None:
    curve = reliability_curve([0.0] * 80 + [0.5] * 10 + [1.0] * 10, [0] * 95 + [1] * 5)
    assert [(held.low, held.high, held.decisions) for held in curve] == [(0.0, 0.0, 80), (0.5, 0.5, 10), (1.0, 1.0, 10)]
    shuffled = np.random.default_rng(0).permutation(100)
    scores, gold = np.repeat([0.0, 0.5, 1.0], [80, 10, 10])[shuffled], np.repeat([0, 1], [95, 5])[shuffled]
    assert reliability_curve(scores, gold) == curve


def test_clear_refusals_can_be_left_out_of_the_curve() -> None:
    (held,) = reliability_curve([0.01, 0.02, 0.5, 0.7], [0, 0, 0, 1], bins=1, lowest=0.05)
    assert (held.decisions, held.score, held.share.value) == (2, 0.6, 0.5)


def test_calibrated_scores_show_no_more_error_than_chance_brings() -> None:
    scores = np.random.default_rng(1).random((4000, 2))
    figures = score_quality(scores, drawn(scores), ["a", "b"], [10] * 400, replicates=200)
    for one in figures:
        assert one.ece == pytest.approx(one.ece_by_chance, rel=0.6)
        assert one.skill.low > 0.2
    assert score_quality(scores**3, drawn(scores), ["a", "b"], [10] * 400, replicates=50)[0].ece > 0.2  # type: ignore[operator]


def test_the_error_by_chance_is_what_perfect_scores_show_on_average() -> None:
    scores = np.random.default_rng(1).random(1000) ** 2
    shown = [expected_calibration_error(scores, drawn(scores, seed)) for seed in range(200)]
    (_, figures) = score_quality(scores[:, None], drawn(scores)[:, None], ["a"], [10] * 100, replicates=10)
    assert figures.ece_by_chance == pytest.approx(np.mean(shown), rel=0.05)


def test_the_figures_of_all_labels_pool_their_decisions() -> None:
    scores = np.random.default_rng(1).random((40, 2))
    gold = drawn(scores)
    pooled, first, second = score_quality(scores, gold, ["a", "b"], [10] * 4, replicates=50)
    assert [one.label for one in (pooled, first, second)] == [POOLED, "a", "b"]
    assert pooled.brier.value == pytest.approx((first.brier.value + second.brier.value) / 2)
    assert pooled.support == first.support + second.support == gold.sum()
    assert pooled.brier.low < pooled.brier.value < pooled.brier.high


def test_skill_says_what_is_gained_on_always_giving_the_share() -> None:
    gold = np.array([[1], [0], [0], [0]] * 5)
    constant, perfect = np.full((20, 1), 0.25), gold.astype(float)
    assert score_quality(constant, gold, ["a"], [4] * 5)[1].skill.value == pytest.approx(0)
    assert score_quality(perfect, gold, ["a"], [4] * 5)[1].skill.value == 1


def test_a_label_without_gold_has_a_brier_score_and_no_skill() -> None:
    (_, figures) = score_quality(np.full((6, 1), 0.1), np.zeros((6, 1)), ["a"], [2] * 3)
    assert figures.brier.value == pytest.approx(0.01)
    assert figures.skill.to_dict() == {
        "value": None,
        "low": None,
        "high": None,
        "reason": "no gold sentence carries it",
    }
    (_, full) = score_quality(np.full((6, 1), 0.9), np.ones((6, 1)), ["a"], [2] * 3)
    assert full.skill.reason == "every gold sentence carries it"


def test_without_sentences_nothing_is_defined_and_the_record_says_why() -> None:
    figures = score_quality(np.zeros((0, 1)), np.zeros((0, 1)), ["a"], [])
    assert [one.brier.reason for one in figures] == ["there are no sentences"] * 2
    assert figures[0].ece is None
    assert figures[0].curve == ()


def test_the_figures_are_json_without_nan() -> None:
    figures = score_quality(np.full((6, 2), 0.1), np.zeros((6, 2)), ["a", "b"], [2] * 3)
    written = json.dumps([one.to_dict() for one in figures], allow_nan=False)
    assert json.loads(written)[0]["curve"][0]["decisions"] == 12


@pytest.mark.parametrize(
    ("scores", "gold", "message"),
    [
        ([0.5], [1, 0], r"scores have the shape \(1,\), gold \(2,\); they must be equal"),
        ([1.5], [1], r"scores must lie in \[0, 1\], and none may be nan"),
        ([math.nan], [1], r"scores must lie in \[0, 1\], and none may be nan"),
        ([0.5], [2], "gold must be 0 or 1 for every score"),
        ([], [], "there are no scores, so there is no"),
    ],
)
def test_what_cannot_be_measured_is_refused(scores: list[float], gold: list[int], message: str) -> None:
    for measure in (brier_score, expected_calibration_error):
        with pytest.raises(OptionError, match=message):
            measure(scores, gold)


def test_matrices_that_do_not_fit_the_articles_are_refused() -> None:
    with pytest.raises(
        OptionError, match=r"scores have the shape \(2, 1\), but there are 3 sentences in the articles and 1"
    ):
        score_quality([[0.1], [0.2]], [[0], [1]], ["a"], [3])
    with pytest.raises(OptionError, match="bins must be at least 1, not 0; 15 is usual"):
        reliability_curve([0.5], [1], bins=0)
