"""From scores to labels: thresholds, the review band, and scores that are honestly out of fold."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from claimtag.errors import OptionError
from claimtag.themes.base import Scores
from claimtag.themes.calibrating import Isotonic, Platt, folds_of
from claimtag.themes.deciding import Deciding, cross_decided, fit_deciding, out_of_fold, tune
from claimtag.themes.goals import Costs

LABELS = ("drugs", "justice", "western_sahara")
DECIDING = Deciding(LABELS, (0.5, 0.6, None), (0.3, 0.6, None))

matrices = arrays.arrays(np.float32, st.tuples(st.integers(0, 20), st.just(3)), elements=st.floats(0, 1, width=32))


def test_a_label_is_said_from_its_threshold_on() -> None:
    ((themes, review),) = DECIDING.decide([[0.5, 0.6, 0.0]])
    assert [theme.label for theme in themes] == ["drugs", "justice"]
    assert review == ()


def test_a_score_in_the_band_under_the_threshold_is_put_up_for_review() -> None:
    ((themes, review),) = DECIDING.decide([[0.3, 0.59, 0.0]])
    assert themes == ()
    assert [(theme.label, theme.score) for theme in review] == [("drugs", 0.3)]


def test_a_label_without_threshold_is_never_said_and_never_reviewed() -> None:
    assert DECIDING.decide([[0.0, 0.0, 1.0]]) == [((), ())]


def test_what_is_decided_is_what_the_rounded_score_says() -> None:
    ((themes, _),) = DECIDING.decide(np.array([[0.49996, 0.0, 0.0]]))
    assert [(theme.label, theme.score) for theme in themes] == [("drugs", 0.5)]


@given(matrices)
def test_said_and_reviewed_are_what_the_thresholds_say_row_by_row(scores: NDArray[np.float32]) -> None:
    decided = DECIDING.decide(scores)
    assert len(decided) == len(scores)
    said = DECIDING.said(scores)
    for row, (themes, review) in enumerate(decided):
        assert [theme.label for theme in themes] == [label for label, yes in zip(LABELS, said[row], strict=True) if yes]
        assert not {theme.label for theme in themes} & {theme.label for theme in review}
        assert DECIDING.decide(scores[row : row + 1]) == [(themes, review)]
        for theme in (*themes, *review):
            assert theme.score is not None
            assert theme.score == round(theme.score, 4)


def test_what_is_decided_on_and_written_is_the_calibrated_score() -> None:
    curves = (Platt(slope=1.0, intercept=10.0), Isotonic((0.0, 1.0), (0.0, 0.5)), None)
    deciding = Deciding(LABELS, (0.5, 0.6, 0.5), (0.3, 0.4, 0.2), curves)
    ((themes, review),) = deciding.decide([[0.4, 0.9, 0.5]])
    assert [theme.label for theme in themes] == ["drugs", "western_sahara"]
    assert [(theme.label, theme.score) for theme in review] == [("justice", 0.45)]
    assert deciding.said([[0.4, 0.9, 0.5]]).tolist() == [[True, False, True]]
    assert deciding.probabilities([[0.4, 0.9, 0.5]])[0, 1:].tolist() == [0.45, 0.5]


SINGLE = Deciding(LABELS, (0.0, 0.0, None), (0.25, 0.25, None), task="single-label")


@given(matrices)
def test_in_a_single_label_task_every_sentence_gets_its_likeliest_label(scores: NDArray[np.float32]) -> None:
    said = SINGLE.said(scores)
    assert said.sum(axis=1).tolist() == [1] * len(scores)
    assert not said[:, 2].any()  # a label without examples
    for row, ((theme,), review) in zip(scores, SINGLE.decide(scores), strict=True):
        assert theme.score == max(SINGLE.probabilities([row])[0, :2])
        assert all(second.label != theme.label for second in review)


def test_of_equal_probabilities_the_higher_score_is_the_likelier() -> None:
    flat = Isotonic((0.0, 1.0), (0.5, 0.5))
    single = Deciding(LABELS, (0.0, 0.0, 0.0), (0.6, 0.6, 0.6), (flat, flat, flat), task="single-label")
    assert single.said([[0.2, 0.7, 0.3], [0.2, 0.1, 0.3]]).tolist() == [[False, True, False], [False, False, True]]


def test_a_single_label_task_with_sentences_of_none_says_the_likeliest_where_it_reaches_its_threshold() -> None:
    gold = np.array([[1, 0], [0, 1], [0, 0], [0, 0]] * 10, dtype=bool)
    scores = np.where(gold, 0.8, 0.2) + np.array([0.05, 0.0])
    deciding = tune(scores, gold, ["a", "b"], task="single-label")
    assert deciding.said(scores).tolist() == gold.tolist()
    always = tune(scores[[0, 1, 4, 5]], gold[[0, 1, 4, 5]], ["a", "b"], task="single-label")
    assert always.thresholds == (0.0, 0.0)
    assert always.review == (0.25, 0.25)
    assert always.said([[0.01, 0.02]]).tolist() == [[False, True]]


def test_a_goal_for_precision_leaves_sentences_without_a_label_in_a_single_label_task_too() -> None:
    gold = np.eye(2, dtype=bool)[[0, 1] * 20]
    deciding = tune(np.where(gold, 0.9, 0.1), gold, ["a", "b"], goal="precision >= 0.9", task="single-label")
    assert not deciding.said([[0.1, 0.05]]).any()


def test_two_labels_of_a_sentence_are_refused_in_a_single_label_task() -> None:
    with pytest.raises(OptionError) as refusal:
        tune([[0.5, 0.5]] * 2, [[1, 0], [1, 1]], ["a", "b"], task="single-label")
    assert str(refusal.value) == "in a single-label task a sentence has one label; row 1 has 2"


def test_the_task_survives_json_and_is_multi_label_where_it_is_missing() -> None:
    assert Deciding.from_dict(json.loads(json.dumps(SINGLE.to_dict()))) == SINGLE
    assert "task" not in DECIDING.to_dict()
    assert Deciding.from_dict(DECIDING.to_dict()).task == "multi-label"
    with pytest.raises(OptionError) as refusal:
        Deciding.from_dict(SINGLE.to_dict() | {"task": "single_label"})
    assert str(refusal.value) == (
        'no task is called "single_label" (did you mean "single-label"?); tasks: multi-label, single-label, binary'
    )


def test_calibrations_survive_json_and_may_be_missing_there() -> None:
    curves = (Platt(slope=1.5, intercept=-1.0), Isotonic((0.0, 1.0), (0.0, 0.5)), None)
    deciding = Deciding(LABELS, (0.5, 0.6, 0.5), (0.3, 0.4, 0.2), curves, goal="precision ≥ 0.9")
    record = json.loads(json.dumps(deciding.to_dict()))
    assert Deciding.from_dict(record) == deciding
    del record["calibrations"], record["goal"]
    assert Deciding.from_dict(record) == Deciding(LABELS, (0.5, 0.6, 0.5), (0.3, 0.4, 0.2))


def test_labels_not_asked_survive_json_and_are_left_out_where_there_are_none() -> None:
    deciding = replace(DECIDING, not_asked=DECIDING.labels[-1:])
    assert Deciding.from_dict(json.loads(json.dumps(deciding.to_dict()))) == deciding
    assert "not_asked" not in DECIDING.to_dict()


def test_scores_of_other_labels_are_refused() -> None:
    with pytest.raises(OptionError) as refusal:
        DECIDING.decide([[0.1, 0.2]])
    assert str(refusal.value) == "scores must be a matrix with 3 columns, one a label; got the shape (1, 2)"


def test_thresholds_survive_json() -> None:
    assert Deciding.from_dict(json.loads(json.dumps(DECIDING.to_dict()))) == DECIDING


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"labels": ["a"]}, "not a record of thresholds: KeyError('thresholds')"),
        ({"labels": ["a"], "thresholds": [0.5], "review": []}, "1 labels need as many thresholds and review bands, not 1 and 0"),
        ({"labels": ["a"], "thresholds": [1.5], "review": [0.5]}, '"a": threshold 1.5 and review band 0.5 must lie in [0, 1]'),
        ({"labels": ["a"], "thresholds": [None], "review": [0.5]}, '"a": threshold and review band must both be numbers, or both None'),
        ({"labels": ["a"], "thresholds": [0.5], "review": [0.5], "calibrations": [None, None]}, "1 labels need as many calibrations, not 2"),
        ({"labels": ["a"], "thresholds": [0.5], "review": [0.5], "calibrations": [{"method": "plat"}]}, "no calibration is called 'plat'"),
        ({"labels": ["a"], "thresholds": [0.5], "review": [0.5], "calibrations": 3}, "not a record of thresholds: TypeError("),
        ({"labels": ["a"], "thresholds": [0.5], "review": [0.5], "goal": "f3"}, '"f3" is no goal'),
        ({"labels": ["a"], "thresholds": [0.5], "review": [0.5], "goal": 3}, "not a record of thresholds: AttributeError("),
        ({"labels": ["a"], "thresholds": ["x"], "review": [0.5]}, "not a record of thresholds: TypeError("),
        ({"labels": ["a"], "thresholds": [0.5], "review": [0.5], "not_asked": ["b"]}, "not asked, and none of the labels: 'b'"),
        ({"labels": ["a"], "thresholds": [0.5], "review": [0.5], "not_asked": 3}, "not a record of thresholds: TypeError("),
    ],
)  # fmt: skip
def test_a_record_that_is_not_thresholds_is_refused(record: dict[str, list[object]], message: str) -> None:
    with pytest.raises(OptionError) as refusal:
        Deciding.from_dict(record)
    assert str(refusal.value).startswith(message)


def test_without_shrinkage_the_threshold_is_the_best_for_f1() -> None:
    rng = np.random.default_rng(0)
    gold = rng.random((200, 1)) < 0.3
    scores = np.clip(0.3 * gold + 0.7 * rng.random((200, 1)), 0, 1)
    best = max(f1_score(gold, scores >= threshold) for threshold in np.unique(scores))
    deciding = tune(scores, gold, ["a"], shrinkage=0)
    assert f1_score(gold, deciding.said(scores)) == pytest.approx(best)


def test_a_label_without_examples_is_never_said_and_that_is_recorded() -> None:
    deciding = tune([[0.9, 1.0], [0.1, 1.0]], [[1, 0], [0, 0]], ["a", "b"])
    assert deciding.thresholds[1] is deciding.review[1] is None
    assert deciding.to_dict()["thresholds"][1] is None


def test_a_rare_label_keeps_near_the_threshold_of_all_labels() -> None:
    rng = np.random.default_rng(1)
    gold = np.column_stack([rng.random(400) < 0.5, np.arange(400) == 7])
    scores = np.column_stack([np.where(gold[:, 0], 0.8, 0.2), np.where(np.arange(400) == 7, 0.02, 0.01)])
    own = tune(scores, gold, ["often", "once"], shrinkage=0).thresholds
    shrunk = tune(scores, gold, ["often", "once"], shrinkage=10).thresholds
    assert own[1] == pytest.approx(0.015)
    assert shrunk[1] is not None
    assert shrunk[1] > 0.4
    assert shrunk[0] == pytest.approx(own[0], abs=0.05)


def test_a_label_that_scores_alike_everywhere_is_not_said_everywhere() -> None:
    gold = np.column_stack([np.arange(300) % 2 == 0, np.arange(300) < 3])
    scores = np.column_stack([np.where(gold[:, 0], 0.9, 0.1), np.zeros(300)])
    assert tune(scores, gold, ["fine", "unlearnt"]).said(scores)[:, 1].sum() == 0


def test_the_threshold_lies_halfway_to_the_next_lower_score() -> None:
    scores = np.array([[0.9], [0.8], [0.4], [0.3], [0.2]])
    assert tune(scores, [[1], [1], [1], [0], [0]], ["a"], shrinkage=0).thresholds == (0.35,)


def test_the_review_band_begins_where_a_look_costs_less_than_silence() -> None:
    scores, gold = [[0.9], [0.8], [0.4], [0.3], [0.2]], [[1], [1], [1], [0], [0]]
    assert tune(scores, gold, ["a"], shrinkage=0).review == (0.25,)
    assert tune(scores, gold, ["a"], shrinkage=0, costs=Costs(miss=10)).review == (0.1,)
    assert tune(scores, gold, ["a"], shrinkage=0, costs=Costs(look=3)).review == (0.35,)  # no look pays: no band


def noisy() -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Probabilities of two labels, the second rarer, and gold that follows them."""
    rng = np.random.default_rng(2)
    scores = rng.beta(0.4, [1.0, 4.0], size=(3000, 2))
    return scores, rng.random(scores.shape) < scores


@pytest.mark.parametrize("least", [0.6, 0.8, 0.9])
def test_a_threshold_for_precision_reaches_it_and_finds_as_much_as_can_be(least: float) -> None:
    scores, gold = noisy()
    deciding = tune(scores, gold, ["a", "b"], goal=f"precision >= {least}", shrinkage=0)
    assert deciding.goal == f"precision ≥ {least}"
    for threshold, column, truth in zip(deciding.thresholds, scores.T.round(4), gold.T, strict=True):
        assert threshold is not None
        assert truth[column >= threshold].mean() >= least
        assert all(truth[column >= lower].mean() < least for lower in np.unique(column[column < threshold]))


@pytest.mark.parametrize("least", [0.6, 0.8, 0.9])
def test_a_threshold_for_recall_reaches_it_and_says_as_little_as_can_be(least: float) -> None:
    scores, gold = noisy()
    said = tune(scores, gold, ["a", "b"], goal=f"recall >= {least}", shrinkage=0).said(scores)
    recall = (said & gold).sum(axis=0) / gold.sum(axis=0)
    assert (recall >= least - 1e-3).all()
    assert (recall < least + 0.05).all()


def test_a_precision_that_no_threshold_reaches_is_asked_of_certainty_alone() -> None:
    deciding = tune([[0.9], [0.5]], [[0], [1]], ["a"], goal="precision >= 0.9", shrinkage=0)
    assert deciding.thresholds == (1.0,)


def test_recall_is_never_reached_by_saying_a_label_of_every_sentence() -> None:
    deciding = tune([[0.9], [0.5], [0.0], [0.0]], [[1], [0], [1], [0]], ["a"], goal="recall >= 1", shrinkage=0)
    assert deciding.thresholds == (0.25,)


def test_a_rare_label_is_drawn_to_the_goal_of_all_labels() -> None:
    scores, gold = noisy()
    gold[:, 1] = np.arange(len(gold)) == int(scores[:, 1].argmin())
    own = tune(scores, gold, ["a", "b"], goal="recall >= 0.9", shrinkage=0).thresholds[1]
    shrunk = tune(scores, gold, ["a", "b"], goal="recall >= 0.9").thresholds[1]
    assert own is not None
    assert shrunk is not None
    assert own < 0.01 < shrunk


def test_thresholds_for_cost_follow_from_the_costs_alone() -> None:
    scores, gold = noisy()
    deciding = tune(scores, gold, ["a", "b"], goal="cost", costs=Costs(miss=10, false_alarm=5, look=1))
    assert deciding.thresholds == (0.8, 0.8)
    assert deciding.review == (0.1, 0.1)
    assert deciding.goal == "cost"


@given(matrices, st.integers(0, 2**32 - 1))
def test_tuned_thresholds_are_always_sound(scores: NDArray[np.float32], seed: int) -> None:
    gold = np.random.default_rng(seed).random(scores.shape) < 0.3
    deciding = tune(scores, gold, LABELS)
    assert Deciding.from_dict(deciding.to_dict()) == deciding
    for threshold, said in zip(deciding.thresholds, gold.T, strict=True):
        assert (threshold is None) == (not said.any())


def test_scores_and_gold_of_different_shapes_are_refused() -> None:
    with pytest.raises(OptionError, match=r"scores have the shape \(1, 1\), the gold themes \(1, 2\)"):
        tune([[0.5]], [[1, 0]], ["a", "b"])


def test_calibrations_are_fitted_before_the_thresholds_are_tuned() -> None:
    scores, gold = noisy()
    doubled = scores**0.3  # the same ranking, far too sure
    deciding = fit_deciding(doubled, gold, ["a", "b"], [place // 10 for place in range(len(gold))])
    assert deciding.calibrations[0] is not None
    assert deciding.probabilities(doubled)[:, 0].mean() == pytest.approx(gold[:, 0].mean(), abs=0.01)
    plain = tune(scores, gold, ["a", "b"])
    assert plain.thresholds[0] == pytest.approx(deciding.thresholds[0], abs=0.1)


def test_what_is_decided_across_folds_knows_nothing_of_the_sentence() -> None:
    # the scores say nothing; a threshold tuned on the same gold would find some luck in them
    rng = np.random.default_rng(0)
    scores, gold = rng.random((600, 1)), rng.random((600, 1)) < 0.3
    groups = [place // 5 for place in range(600)]
    probabilities, said = cross_decided(scores, gold, ["a"], groups)
    assert probabilities.shape == said.shape == (600, 1)
    assert abs(probabilities.mean() - gold.mean()) < 0.02
    article = next(number for number in range(120) if 0 < gold[5 * number : 5 * number + 5].sum() < 5)
    rows = slice(5 * article, 5 * article + 5)
    turned = gold.copy()
    turned[rows] = np.roll(gold[rows], 1, axis=0)  # as many, so the folds stay
    assert (folds_of(gold, groups) == folds_of(turned, groups)).all()
    assert (turned != gold).any()
    after = cross_decided(scores, turned, ["a"], groups)[0]
    np.testing.assert_array_equal(after[rows], probabilities[rows])
    assert (after != probabilities).any()


class Remembering:
    """A model that scores 1 for what it has learnt from, 0 for anything else: it shows any leak."""

    def fit(self, X: list[str], Y: NDArray[np.bool_]) -> None:
        self.seen, self.width = set(X), Y.shape[1]

    def scores(self, sentences: list[str]) -> Scores:
        return np.array([[float(text in self.seen)] * self.width for text in sentences], dtype=np.float32)


def test_out_of_fold_scores_come_from_a_model_that_saw_nothing_of_the_group() -> None:
    texts = [f"{group} dit {n % 3}" for group in "abcdefg" for n in range(3)]
    shared = [text[0] for text in texts]  # all sentences of a group are one text to the model
    scores = out_of_fold(Remembering, shared, np.ones((21, 2)), shared)
    assert scores.shape == (21, 2)
    assert not scores.any()


def test_with_fewer_groups_than_folds_each_group_is_a_fold() -> None:
    assert out_of_fold(Remembering, ["x", "y"], [[1], [0]], [0, 1]).tolist() == [[0.0], [0.0]]


def test_one_group_alone_cannot_be_scored_out_of_fold() -> None:
    with pytest.raises(OptionError, match=r"2 folds cannot be made of 1 group"):
        out_of_fold(Remembering, ["x", "y"], [[1], [0]], [0, 0])
