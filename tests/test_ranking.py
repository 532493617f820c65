"""Metrics from scores: equal to scikit-learn's, undefined where they should be, and with intervals over articles."""

from __future__ import annotations

import json
import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, label_ranking_average_precision_score

from claimtag.errors import OptionError
from claimtag.evaluation import ranking as module
from claimtag.evaluation.intervals import summary
from claimtag.evaluation.ranking import average_precision, label_ranking, ranking_metrics

# few distinct scores, so that there are many equals
rows = st.lists(
    st.tuples(st.tuples(*[st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0])] * 3), st.tuples(*[st.booleans()] * 3)),
    min_size=1,
    max_size=25,
)


@given(rows)
def test_label_ranking_equals_scikit_learns(rows: list[tuple[tuple[float, ...], tuple[bool, ...]]]) -> None:
    scores, gold = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    assert label_ranking(scores, gold).mean() == pytest.approx(label_ranking_average_precision_score(gold, scores))


@given(rows, st.integers(1, 4))
def test_average_precision_equals_scikit_learns(
    rows: list[tuple[tuple[float, ...], tuple[bool, ...]]], per_article: int
) -> None:
    scores, gold = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    sizes = [len(part) for part in np.array_split(gold, per_article)]
    ranking = ranking_metrics(scores, gold, "abc", sizes, replicates=1)
    for place, label in enumerate("abc"):
        alone = average_precision(scores[:, place], gold[:, place])
        if gold[:, place].any():
            wanted = average_precision_score(gold[:, place], scores[:, place])
            assert ranking.average_precision[label].value == pytest.approx(wanted)
            assert alone == pytest.approx(wanted)
        else:
            assert math.isnan(alone)
            assert ranking.average_precision[label].reason == "no gold sentence carries it"


def test_a_sentence_without_a_theme_counts_in_scikit_learns_lrap_alone() -> None:
    ranking = ranking_metrics([[0.1, 0.9], [0.5, 0.6]], [[1, 0], [0, 0]], ["a", "b"], [1, 1])
    assert (ranking.lrap.value, ranking.themed_lrap.value) == (0.75, 0.5)


def test_the_mean_is_over_labels_of_five_gold_sentences() -> None:
    gold = np.array([[1, 1]] * 4 + [[1, 0]] + [[0, 0]] * 3)
    ranking = ranking_metrics(np.linspace(1, 0, 16).reshape(8, 2), gold, ["often", "rarely"], [2, 2, 2, 2])
    assert ranking.macro_labels == ("often",)
    assert ranking.macro_average_precision.value == ranking.average_precision["often"].value == 1.0


def test_what_is_not_defined_is_null_in_json_with_its_reason() -> None:
    record = ranking_metrics(np.zeros((0, 1)), np.zeros((0, 1)), ["a"], []).to_dict()
    assert record["lrap"] == {"value": None, "low": None, "high": None, "reason": "there are no sentences"}
    assert record["themed_lrap"]["reason"] == "no gold sentence carries a theme"
    assert record["macro_average_precision"]["reason"] == "no label has 5 gold sentences or more"
    json.dumps(record, allow_nan=False)


def test_the_interval_is_that_of_resampled_articles_one_by_one() -> None:
    generator = np.random.default_rng(1)
    gold, sizes = generator.random((60, 2)) < 0.4, [6] * 10
    scores = np.clip(gold * 0.3 + generator.random((60, 2)), 0, 1).round(2)
    found = ranking_metrics(scores, gold, "ab", sizes, replicates=3000, level=0.8).average_precision["a"]
    drawn = []
    for _ in range(2000):
        picked = np.concatenate([np.arange(6) + 6 * article for article in generator.integers(10, size=10)])
        drawn.append(average_precision(scores[picked, 0], gold[picked, 0]))
    left_out = [
        average_precision(*(np.delete(side[:, 0], np.s_[at : at + 6]) for side in (scores, gold)))
        for at in range(0, 60, 6)
    ]
    by_hand = summary(found.value, np.array(drawn), np.array(left_out), level=0.8)
    assert found.low == pytest.approx(by_hand.low, abs=0.02)
    assert found.high == pytest.approx(by_hand.high, abs=0.02)


def test_data_that_are_too_large_get_no_interval_but_the_same_value(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(2)
    gold, scores = generator.random((40, 2)) < 0.5, generator.random((40, 2))
    whole = ranking_metrics(scores, gold, "ab", [4] * 10)
    monkeypatch.setattr(module, "MOST_CELLS", 10)
    alone = ranking_metrics(scores, gold, "ab", [4] * 10)
    assert alone.average_precision["a"].value == pytest.approx(whole.average_precision["a"].value)
    assert alone.average_precision["a"].reason == "the data are too large for an interval of it"


def test_five_thousand_sentences_and_twenty_labels_take_seconds() -> None:
    generator = np.random.default_rng(3)
    gold = generator.random((5000, 20)) < 0.05
    scores = (gold * 0.2 + generator.random((5000, 20)) * 0.8).round(4)
    begun = time.process_time()
    ranking_metrics(scores, gold, [f"label {n}" for n in range(20)], [8] * 625)
    assert time.process_time() - begun < 15  # 2 to 3 on a free machine


@pytest.mark.parametrize(
    ("scores", "gold", "message"),
    [
        ([[0.1]], [[1, 0]], r"scores have the shape \(1, 1\), gold \(1, 2\)"),
        ([[math.nan]], [[1]], "scores must be numbers: nan and infinity cannot be ranked"),
        ([[0.1], [0.2]], [[1], [0]], r"scores have the shape \(2, 1\), but there are 1 sentences .* and 1 labels"),
    ],
)
def test_what_cannot_be_ranked_is_refused(scores: list[list[float]], gold: list[list[int]], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        ranking_metrics(scores, gold, ["a"], [1])
