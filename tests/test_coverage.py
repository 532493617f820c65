"""Selective prediction: accuracy on what the tagger is surest of."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from claimtag.errors import OptionError
from claimtag.evaluation.coverage import CoveragePoint, area_over_curve, coverage_curve, sentence_confidence

confidences = arrays.arrays(
    np.float64, st.integers(1, 300), elements=st.floats(0, 1).map(lambda value: round(value, 2))
)


@given(confidences, st.integers(0, 2**32 - 1))
def test_coverage_rises_confidence_falls_and_everything_comes_last(sure: NDArray[np.float64], seed: int) -> None:
    right = np.random.default_rng(seed).random(len(sure)) < sure
    curve = coverage_curve(sure, right)
    assert len(curve) <= 100
    for before, after in pairwise(curve):
        assert before.coverage < after.coverage
        assert before.confidence > after.confidence
    assert (curve[-1].coverage, curve[-1].kept) == (1, len(sure))
    assert curve[-1].accuracy == pytest.approx(right.mean())


@given(confidences, st.integers(0, 2**32 - 1))
def test_a_point_is_the_accuracy_of_what_is_at_least_so_sure(sure: NDArray[np.float64], seed: int) -> None:
    right = np.random.default_rng(seed).random(len(sure)) < 0.7
    for point in coverage_curve(sure, right):
        kept = sure >= point.confidence
        assert point.kept == kept.sum()
        assert point.accuracy == pytest.approx(right[kept].mean())


@given(confidences, st.integers(0, 2**32 - 1))
def test_the_order_of_the_sentences_does_not_matter(sure: NDArray[np.float64], seed: int) -> None:
    rng = np.random.default_rng(seed)
    right, order = rng.random(len(sure)) < 0.7, rng.permutation(len(sure))
    assert coverage_curve(sure, right) == coverage_curve(sure[order], right[order])


def test_where_confidence_ranks_perfectly_accuracy_never_rises_with_coverage() -> None:
    right = np.arange(1000) < 800
    curve = coverage_curve(np.linspace(1, 0, 1000), right)
    assert all(before.accuracy >= after.accuracy for before, after in pairwise(curve))
    assert len(curve) == 100


def test_surer_is_better_gives_a_smaller_area_than_the_wrong_way_round() -> None:
    sure, right = np.linspace(1, 0, 100), np.arange(100) < 80
    good, bad = area_over_curve(coverage_curve(sure, right)), area_over_curve(coverage_curve(-sure, right))
    assert good < 0.05 < 0.2 < bad
    assert area_over_curve(coverage_curve(sure, np.ones(100))) == 0


def test_a_sentence_is_as_sure_as_all_its_decisions_together() -> None:
    confidence = sentence_confidence([[0.9, 0.1], [0.9, 0.9], [1.0, 0.0], [0.0, 0.0]], [[1, 0], [1, 0], [1, 0], [1, 0]])
    assert confidence[:3].tolist() == pytest.approx([0.81, 0.09, 1.0])
    assert confidence[3] == pytest.approx(0, abs=1e-9)


def test_nothing_has_no_curve_and_no_area() -> None:
    assert coverage_curve([], []) == ()
    with pytest.raises(OptionError, match="the curve has no points, so it has no area"):
        area_over_curve(())


def test_a_point_is_plain_json() -> None:
    assert CoveragePoint(0.9, 2, 0.5, 1.0).to_dict() == {"confidence": 0.9, "kept": 2, "coverage": 0.5, "accuracy": 1.0}


def test_what_makes_no_curve_is_refused() -> None:
    with pytest.raises(
        OptionError, match=r"one confidence and one right or wrong each are needed; got \(1,\) and \(2,\)"
    ):
        coverage_curve([0.5], [1, 0])
    with pytest.raises(OptionError, match="a confidence must be a number, not nan"):
        coverage_curve([math.nan], [1])
    with pytest.raises(OptionError, match="a curve has at least 1 point, not 0; 100 is usual"):
        coverage_curve([0.5], [1], points=0)
    with pytest.raises(OptionError, match=r"scores have the shape \(1, 1\), what was said \(1, 2\)"):
        sentence_confidence([[0.5]], [[1, 0]])
