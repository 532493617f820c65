"""Calibration: rising curves that turn scores into probabilities, chosen and fitted on scores out of fold."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from scipy.special import expit, logit
from sklearn.calibration import CalibratedClassifierCV
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from claimtag.errors import OptionError
from claimtag.themes.calibrating import (
    BORROWED,
    ENOUGH,
    Calibration,
    Isotonic,
    Method,
    Platt,
    calibrated,
    calibration_from_dict,
    cross_calibrated,
    fit_calibrations,
)

matrices = arrays.arrays(np.float64, st.tuples(st.integers(2, 30), st.just(3)), elements=st.floats(0, 1))
platts = st.builds(Platt, st.floats(0.01, 20), st.floats(-10, 10))


@st.composite
def isotonics(draw: st.DrawFn) -> Isotonic:
    scores = sorted(draw(st.sets(st.integers(0, 1000), min_size=1, max_size=8)))
    shares = sorted(draw(st.lists(st.floats(0, 1), min_size=len(scores), max_size=len(scores))))
    return Isotonic(tuple(score / 1000 for score in scores), tuple(shares))


def sample(sentences: int = 4000, *, seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Scores whose log-odds are twice what they should be, of labels from frequent to rare, and gold."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(size=(sentences, 3)) * 1.5 + [0, -2, -6]
    return expit(2 * odds), rng.random(odds.shape) < expit(odds)


def brier(probabilities: NDArray[np.float64], gold: NDArray[np.bool_]) -> float:
    return float(((probabilities - gold) ** 2).mean())


@given(platts | isotonics(), arrays.arrays(np.float64, st.integers(1, 40), elements=st.floats(0, 1)))
def test_a_calibration_keeps_the_order_and_gives_probabilities(curve: Calibration, scores: NDArray[np.float64]) -> None:
    probabilities = curve(np.sort(scores))
    assert (np.diff(probabilities) >= 0).all()
    assert probabilities.min() >= 0
    assert probabilities.max() <= 1


def test_platts_curve_ties_nothing_that_scores_told_apart() -> None:
    scores = np.linspace(0, 1, 1001)
    assert (np.diff(Platt(slope=0.5, intercept=-1.0)(scores)) > 0).all()


@given(platts | isotonics() | st.none())
def test_a_calibration_survives_json(curve: Calibration | None) -> None:
    record = json.loads(json.dumps(None if curve is None else curve.to_dict()))
    assert calibration_from_dict(record) == curve


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"method": "plat"}, "no calibration is called 'plat' (did you mean \"platt\"?)"),
        ({"method": "platt", "slope": 1.0}, "not a record of a calibration: KeyError('intercept')"),
        ({"method": "platt", "slope": -1.0, "intercept": 0}, "a calibration must rise with the score: the slope is -1.0"),
        ({"method": "platt", "slope": 1.0, "intercept": float("nan")}, "a calibration must rise with the score: the slope is 1.0"),
        ({"method": "isotonic", "scores": [0.1], "shares": []}, "a calibration needs a share for every score: 1 and 0 given"),
        ({"method": "isotonic", "scores": [0.1, 0.1], "shares": [0.1, 0.2]}, "a calibration must rise with the score, from 0 to 1 at most"),
        ({"method": "isotonic", "scores": ["x"], "shares": [0.1]}, "not a record of a calibration: ValueError("),
        ({}, "not a record of a calibration: KeyError('method')"),
    ],
)  # fmt: skip
def test_a_record_that_is_no_calibration_is_refused(record: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError) as refusal:
        calibration_from_dict(record)
    assert str(refusal.value).startswith(message)


def test_platts_curve_of_one_label_is_scikit_learns() -> None:
    scores, gold = sample(2000)
    column, truth = scores[:, 0], gold[:, 0]
    odds = logit(1e-4 + (1 - 2e-4) * column)

    class Given(LogisticRegression):  # type: ignore[misc]  # gives the log-odds as they are
        def decision_function(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
            return X[:, 0]

    from sklearn.frozen import FrozenEstimator

    frozen = FrozenEstimator(Given().fit(odds[:, None], truth))
    theirs = CalibratedClassifierCV(frozen, method="sigmoid", cv=2).fit(odds[:, None], truth)
    curves = theirs.calibrated_classifiers_
    assert len(curves) == 1  # a frozen model is calibrated once, on everything
    (curve,) = fit_calibrations(column[:, None], truth[:, None], method="platt")
    # ours adds 10 positives' worth of all labels' decisions, which here are the label's own: the same curve
    assert curve is not None
    np.testing.assert_allclose(curve(column), theirs.predict_proba(odds[:, None])[:, 1], atol=2e-3)


def test_isotonic_calibration_is_scikit_learns() -> None:
    scores, gold = sample()
    curve = fit_calibrations(scores, gold, method="isotonic")[0]
    theirs = IsotonicRegression(out_of_bounds="clip").fit(scores[:, 0], gold[:, 0])
    wanted = np.linspace(0, 1, 501)
    assert curve is not None
    np.testing.assert_allclose(curve(wanted), theirs.predict(wanted), atol=1e-12)


def test_isotonic_calibration_needs_enough_positives() -> None:
    scores, gold = sample()
    assert gold[:, 1].sum() >= ENOUGH > gold[:, 2].sum() > 0
    kinds = [type(curve) for curve in fit_calibrations(scores, gold, method="isotonic")]
    assert kinds == [Isotonic, Isotonic, Platt]


def test_calibration_makes_sure_scores_less_sure_where_they_are_wrong() -> None:
    scores, gold = sample()
    after = cross_calibrated(scores, gold)
    assert brier(after, gold) < brier(scores, gold) - 0.005
    sure = (after[:, 0] > 0.7) & (after[:, 0] < 0.8)
    assert gold[sure, 0].mean() == pytest.approx(after[sure, 0].mean(), abs=0.06)


def test_the_method_is_the_one_that_errs_least_across_folds() -> None:
    scores, gold = sample()
    assert [type(curve) for curve in fit_calibrations(scores, gold)] == [Platt, Platt, Platt]
    # no straight line in log-odds: two levels, the higher score less often right than its number says
    stepped = np.where(scores > 0.5, 0.9, np.where(scores > 0.1, 0.5, 0.4))
    truth = np.random.default_rng(1).random(scores.shape) < np.where(
        scores > 0.5, 0.35, np.where(scores > 0.1, 0.3, 0.02)
    )
    assert isinstance(fit_calibrations(stepped, truth)[0], Isotonic)


def test_scores_that_are_probabilities_are_left_as_they_are() -> None:
    rng = np.random.default_rng(3)
    scores = rng.random((400, 2)) * [1, 0.05]
    gold = rng.random(scores.shape) < scores
    gold[:2] = True
    assert brier(cross_calibrated(scores, gold), gold) == pytest.approx(brier(scores, gold), abs=0.003)


def test_a_rare_label_borrows_the_curve_of_the_others() -> None:
    scores, gold = sample()
    gold[:, 2] = False
    gold[np.argsort(scores[:, 2])[0], 2] = True  # one positive, on the lowest score of all
    rare = fit_calibrations(scores, gold, method="platt")[2]
    often = fit_calibrations(scores, gold, method="platt")[0]
    assert isinstance(rare, Platt)
    assert isinstance(often, Platt)
    assert rare.slope > 0.2  # alone it would have been turned round
    alone = fit_calibrations(scores[:, :1], gold[:, :1], method="platt")[0]
    assert isinstance(alone, Platt)
    assert often.slope == pytest.approx(alone.slope, abs=0.02)
    assert gold[:, 0].sum() > 50 * BORROWED


def test_scores_that_rank_the_wrong_way_round_are_made_nearly_constant() -> None:
    scores, gold = sample()
    (curve,) = fit_calibrations(1 - scores[:, :1], gold[:, :1], method="platt")
    assert isinstance(curve, Platt)
    assert curve.slope == 0.01
    assert curve(0.5) == pytest.approx(gold[:, 0].mean(), abs=0.03)


def test_a_label_without_positives_has_no_calibration() -> None:
    scores, gold = sample(200)
    gold[:, 1] = False
    for method in ("platt", "isotonic"):
        assert fit_calibrations(scores, gold, method=method)[1] is None
    assert fit_calibrations(np.zeros((0, 2)), np.zeros((0, 2))) == (None, None)


def test_a_single_article_leaves_nothing_to_choose_a_method_by() -> None:
    scores, gold = sample(50)
    assert fit_calibrations(scores, gold, ["a"] * 50) == (None, None, None)


def test_what_calibrates_an_article_has_not_seen_it() -> None:
    # every article's gold is its number's parity, its scores always 0.5: only a leak could tell them apart
    groups = [f"article {place // 10}" for place in range(200)]
    gold = np.array([[place // 10 % 2 == 0] for place in range(200)])
    after = cross_calibrated(np.full((200, 1), 0.5), gold, groups, method="platt")
    assert after[gold].mean() <= after[~gold].mean() + 1e-9


@given(matrices, st.integers(0, 2**32 - 1), st.sampled_from(["none", "platt", "isotonic", None]))
def test_any_scores_can_be_calibrated(scores: NDArray[np.float64], seed: int, method: Method | None) -> None:
    gold = np.random.default_rng(seed).random(scores.shape) < 0.3
    after = calibrated(scores, fit_calibrations(scores, gold, method=method))
    assert ((after >= 0) & (after <= 1)).all()
    for before, column in zip(scores.T, after.T, strict=True):
        order = np.argsort(before, kind="stable")
        assert (np.diff(column[order]) >= -1e-12).all()


def test_calibrating_leaves_the_scores_of_the_caller_alone() -> None:
    scores = np.array([[0.25, 0.75]])
    calibrated(scores, [Platt(1.0, 1.0), None])
    assert scores.tolist() == [[0.25, 0.75]]


def test_what_cannot_be_calibrated_is_refused() -> None:
    with pytest.raises(
        OptionError, match=r"scores must be a matrix with 1 columns, one a label; got the shape \(1, 2\)"
    ):
        calibrated([[0.5, 0.5]], [None])
    with pytest.raises(
        OptionError, match=r"scores have the shape \(1, 1\), the gold themes \(1, 2\); they must be equal"
    ):
        fit_calibrations([[0.5]], [[1, 0]])
    with pytest.raises(OptionError, match=r"scores must lie in \[0, 1\], and none may be nan"):
        fit_calibrations([[float("nan")]], [[1]])
    with pytest.raises(OptionError, match=r'no calibration is called "isotonc" \(did you mean "isotonic"\?\)'):
        fit_calibrations([[0.5]], [[1]], method="isotonc")  # type: ignore[arg-type]
