"""Intervals: the bootstrap over articles, ratios of sums, theme figures, Wilson's interval."""

from __future__ import annotations

import json
import math
import time
import warnings
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy.stats import binomtest, norm
from scipy.stats import t as student_t
from sklearn.metrics import f1_score

from claimtag.errors import OptionError, RecordError
from claimtag.evaluation import intervals
from claimtag.evaluation.intervals import (
    Estimate,
    estimates,
    label_f1,
    leave_one_out,
    ratio_interval,
    ratios,
    resample,
    summary,
    theme_counts,
    theme_estimates,
    theme_f1,
    wilson,
)

Matrices = tuple[NDArray[np.bool_], NDArray[np.bool_], list[int]]


@st.composite
def matrices(draw: st.DrawFn) -> Matrices:
    """Gold and predicted indicator matrices, and how many sentences each article has, none included."""
    sentences = draw(st.lists(st.integers(0, 4), min_size=1, max_size=8))
    shape = (sum(sentences), draw(st.integers(1, 4)))
    return draw(arrays(bool, shape)), draw(arrays(bool, shape)), sentences


def some_counts(*, articles: int = 40, labels: int = 6, seed: int = 0) -> NDArray[np.int64]:
    generator = np.random.default_rng(seed)
    gold = generator.random((articles * 5, labels)) < 0.2
    return theme_counts(gold, gold ^ (generator.random(gold.shape) < 0.1), [5] * articles)


def total(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    return sums


def test_a_replicate_draws_as_many_articles_as_there_are() -> None:
    drawn = resample(np.ones(17), total, replicates=50)
    assert (drawn == 17).all()


def test_every_article_is_drawn_equally_often() -> None:
    drawn = resample(np.eye(5), total, replicates=4_000)
    np.testing.assert_allclose(drawn.mean(axis=0), 1, atol=0.06)
    np.testing.assert_allclose(drawn.var(axis=0), 4 / 5, atol=0.08)  # what a multinomial has


def test_replicates_equal_a_loop_over_drawn_articles() -> None:
    counts = some_counts(articles=12, labels=3)
    times = resample(np.eye(12), total, replicates=30, seed=4)
    drawn = resample(counts, theme_f1(counts), replicates=30, seed=4)
    for weights, figures in zip(times.astype(int), drawn, strict=True):
        tp, fp, fn = np.repeat(counts, weights, axis=0).sum(axis=(0, 1))
        assert figures[0] == pytest.approx(2 * tp / (2 * tp + fp + fn))


def test_the_same_seed_gives_the_same_replicates_and_another_seed_others() -> None:
    counts = some_counts()
    one, same, other = (resample(counts, theme_f1(counts), replicates=100, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_the_resamples_do_not_depend_on_what_is_counted_or_on_the_size_of_the_pieces(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = resample(np.eye(7), total, replicates=25)
    monkeypatch.setattr(intervals, "_CELLS", 21)
    np.testing.assert_array_equal(resample(np.eye(7), total, replicates=25), whole)
    wide = resample(np.repeat(np.eye(7), 9, axis=1), total, replicates=25)
    np.testing.assert_array_equal(wide[:, ::9], whole)


def test_the_interval_is_that_of_the_corrected_percentiles() -> None:
    counts = np.stack([np.arange(30) % 4, np.full(30, 4)], axis=1)
    drawn = resample(counts, lambda sums: ratios(sums[:, 0], sums[:, 1]), replicates=500, seed=2)
    estimate = ratio_interval(counts[:, 0], counts[:, 1], replicates=500, seed=2)
    changes = counts[:, 0] - counts[:, 0].mean()  # what an article changes when it is left out, but for a factor
    kurtosis = 30 * (changes**4).sum() / (changes**2).sum() ** 2
    below = np.mean(drawn < estimate.value) + np.mean(drawn == estimate.value) / 2
    wide = student_t(min(2 * 30 / (kurtosis - 1), 29)).ppf([0.025, 0.975])
    assert (estimate.low, estimate.high) == pytest.approx(
        tuple(np.quantile(drawn, norm.cdf(2 * norm.ppf(below) + wide)))
    )
    wider = ratio_interval(counts[:, 0], counts[:, 1], replicates=500, seed=2, level=0.99)
    assert wider.low < estimate.low < estimate.value < estimate.high < wider.high


def test_replicates_that_lie_too_low_move_the_interval_up_but_not_that_of_a_difference() -> None:
    drawn, left_out = np.linspace(0, 1, 1001), np.array([0.69, 0.71] * 5_000)
    plain, corrected = (summary(0.7, drawn, left_out, biased=biased) for biased in (False, True))
    assert (plain.low, plain.high) == pytest.approx((0.025, 0.975), abs=1e-3)
    assert corrected.low > 0.1
    assert corrected.high > 0.99


def test_what_few_of_the_articles_bear_on_has_a_wider_interval() -> None:
    drawn = np.linspace(0, 1, 1001)
    many = summary(0.5, drawn, np.array([0.49, 0.51] * 30))
    few = summary(0.5, drawn, np.array([0.3, 0.5, 0.6, 0.6] + [0.5] * 56))
    assert few.low < many.low - 0.01
    assert few.high > many.high + 0.01


def test_the_figures_without_each_article_equal_those_of_the_others_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intervals, "_CELLS", 50)  # some articles at a time
    counts = some_counts(articles=12, labels=3)
    figures, f1 = leave_one_out(counts, theme_f1(counts)), theme_f1(counts)
    for place, row in enumerate(figures):
        np.testing.assert_allclose(row, f1(np.delete(counts, place, axis=0).sum(axis=0, dtype=float)[np.newaxis])[0])


def test_intervals_of_macro_f1_hold_the_truth_although_rare_labels_rest_on_few_articles() -> None:
    """Plain percentiles, with lost labels as they were, held it in 84 of the 100 draws."""
    generator = np.random.default_rng(5)
    bears = generator.random((2_000, 12)) < np.geomspace(0.02, 0.2, 12)
    gold = bears * generator.integers(1, 7, size=bears.shape)
    right = generator.binomial(gold, generator.beta(1, 0.5, size=bears.shape))
    wrong = generator.binomial(1, 0.03, size=bears.shape)
    counts = np.stack([right, wrong, gold - right], axis=-1)
    truth, hits = label_f1(counts.sum(axis=0, dtype=float)), 0
    for seed in range(100):
        drawn = counts[generator.integers(len(counts), size=55)]
        averaged = drawn[..., [0, 2]].sum(axis=(0, 2)) >= 5
        macro = theme_estimates(drawn, replicates=400, seed=seed)[1]
        hits += macro.low <= truth[averaged].mean() <= macro.high
    assert 91 <= hits <= 99


def test_sentences_of_one_article_are_drawn_together() -> None:
    """Forty sentences in eight articles, each all right or all wrong: the interval is as wide as of eight things."""
    right = [5, 0, 5, 5, 0, 5, 5, 0]
    together = ratio_interval(right, [5] * 8)
    apart = ratio_interval(np.repeat(np.array(right) // 5, 5), [1] * 40)
    assert together.high - together.low > 2 * (apart.high - apart.low)


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    generator, hits = np.random.default_rng(0), 0
    for seed in range(200):
        right = generator.binomial(10, generator.beta(6, 2, size=60))
        estimate = ratio_interval(right, [10] * 60, replicates=500, seed=seed)
        hits += estimate.low <= 0.75 <= estimate.high
    assert 180 <= hits <= 199


@pytest.mark.parametrize("articles", [1, 2])
def test_one_or_two_articles_have_no_interval(articles: int) -> None:
    estimate = ratio_interval([1] * articles, [2] * articles)
    assert estimate.value == 0.5
    assert math.isnan(estimate.low)
    assert estimate.reason == f"an interval needs at least 3 articles, there are {articles}"


def test_no_articles_have_no_figure() -> None:
    assert str(ratio_interval([], [], undefined="there are no claims")) == "not defined (there are no claims)"


@pytest.mark.parametrize(("articles", "has_interval"), [(1, False), (2, False), (3, True)])
def test_a_figure_that_rests_on_one_or_two_of_many_articles_has_no_interval(articles: int, has_interval: bool) -> None:
    below = [4] * articles + [0] * (60 - articles)
    above = [3] * articles + [0] * (60 - articles)
    estimate = ratio_interval(above, below)
    assert estimate.value == 0.75
    assert (estimate.reason is None) == has_interval
    if not has_interval:
        assert str(estimate.reason).startswith("too few of the 60 articles bear on it: undefined in ")


def test_replicates_in_which_a_figure_is_undefined_are_left_out_of_its_interval() -> None:
    drawn, left_out = np.linspace(0, 1, 99), np.array([0.49, 0.51] * 25)
    lost = np.array([math.nan, *drawn])
    assert summary(0.5, lost, left_out, level=0.5) == summary(0.5, drawn, left_out, level=0.5)


def test_a_figure_that_is_right_everywhere_has_an_interval_of_no_width() -> None:
    """The price of percentiles: ten articles without an error look as certain as ten thousand."""
    assert ratio_interval([2] * 10, [2] * 10) == Estimate(1.0, 1.0, 1.0)
    assert wilson(20, 20).low < 0.9


def test_an_estimate_is_safe_for_json() -> None:
    for estimate in (Estimate(0.5, 0.4, 0.6), ratio_interval([1], [1]), ratio_interval([], [])):
        json.dumps(estimate.to_dict(), allow_nan=False)
    assert ratio_interval([1], [1]).to_dict() == {
        "value": 1.0,
        "low": None,
        "high": None,
        "reason": "an interval needs at least 3 articles, there are 1",
    }


def test_an_interval_does_not_run_backwards() -> None:
    with pytest.raises(RecordError, match=r"an interval goes from low to high, not from 0\.6 to 0\.4"):
        Estimate(0.5, 0.6, 0.4)


@settings(max_examples=60)
@given(matrices())
def test_theme_figures_equal_those_of_scikit_learn(drawn: Matrices) -> None:
    gold, predicted, sentences = drawn
    counts = theme_counts(gold, predicted, sentences)
    micro, macro, *labels = theme_f1(counts)(counts.sum(axis=0, dtype=float))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn warns of arrays without rows or labels
        support = gold.sum(axis=0)
        for label, (figure, sentences_of) in enumerate(zip(labels, support, strict=True)):
            if sentences_of:
                assert figure == pytest.approx(f1_score(gold[:, label], predicted[:, label]))
            else:
                assert math.isnan(figure)
        if (gold | predicted).any():
            assert micro == pytest.approx(f1_score(gold.ravel(), predicted.ravel()))
        else:
            assert math.isnan(micro)
        kept = [label for label in range(len(support)) if support[label] >= 5]
        if kept:
            scores = [f1_score(gold[:, label], predicted[:, label]) for label in kept]
            assert macro == pytest.approx(np.mean(scores))
        else:
            assert math.isnan(macro)


@given(matrices())
def test_theme_counts_keep_every_decision_in_its_article(drawn: Matrices) -> None:
    gold, predicted, sentences = drawn
    counts, end = theme_counts(gold, predicted, sentences), 0
    for article, rows in zip(counts, sentences, strict=True):
        start, end = end, end + rows
        one, other = gold[start:end], predicted[start:end]
        np.testing.assert_array_equal(article[:, 0], (one & other).sum(axis=0))
        np.testing.assert_array_equal(article[:, 1], (other & ~one).sum(axis=0))
        np.testing.assert_array_equal(article[:, 2], (one & ~other).sum(axis=0))


def test_macro_f1_averages_the_labels_of_the_whole_test_set_in_every_replicate() -> None:
    """A label with six sentences in one article of thirty: a third of the replicates lack it, none drops it."""
    common, rare = np.zeros((30, 3), dtype=int), np.zeros((30, 3), dtype=int)
    common[:, 0] = 1
    rare[0] = [3, 0, 3]
    counts = np.stack([common, rare], axis=1)
    drawn = resample(counts, theme_f1(counts), replicates=200)
    lost, macro = np.isnan(drawn[:, 3]), (1 + 2 / 3) / 2
    assert lost.sum() > 40
    np.testing.assert_allclose(drawn[~lost, 1], macro)
    np.testing.assert_allclose(drawn[lost, 1], (1 + macro) / 2)  # it counts as the average label there


def test_a_label_without_gold_sentences_is_not_defined_however_often_it_was_predicted() -> None:
    counts = np.zeros((5, 1, 3), dtype=int)
    counts[:, 0, 1] = 3
    micro, macro, label = theme_estimates(counts)
    assert micro == Estimate(0.0, 0.0, 0.0)
    assert macro.reason == "no label has 5 gold sentences or more"
    assert label.reason == "no gold sentence carries it"


def test_figures_of_several_models_are_those_of_each_alone() -> None:
    one, generator = some_counts(seed=1), np.random.default_rng(2)
    moved = np.minimum(generator.integers(0, 2, size=one[..., 0].shape), one[..., 0])
    other = one + np.stack([-moved, moved * 0, moved], axis=-1)  # the same gold, more of it missed
    both = np.stack([one, other], axis=1)
    together = resample(both, theme_f1(both), replicates=20)
    for place, alone in enumerate((one, other)):
        np.testing.assert_array_equal(together[:, place], resample(alone, theme_f1(alone), replicates=20))


def test_label_f1_is_not_defined_where_there_was_nothing_to_find() -> None:
    np.testing.assert_array_equal(label_f1(np.array([[1.0, 1, 1], [0, 4, 0], [0, 0, 2]])), [0.5, math.nan, 0])


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.sampled_from([0.9, 0.95]))
def test_wilson_equals_that_of_scipy(trials: tuple[int, int], level: float) -> None:
    estimate = wilson(*trials, level=level)
    theirs = binomtest(*trials).proportion_ci(level, method="wilson")
    assert (estimate.low, estimate.high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)
    assert estimate.low <= estimate.value <= estimate.high


def test_a_proportion_of_nothing_is_not_defined() -> None:
    assert wilson(0, 0).reason == "there are no trials"


@pytest.mark.parametrize(
    ("message", "call"),
    [
        ("5 successes in 3 trials: give 0 ≤ successes ≤ total", lambda: wilson(5, 3)),
        ("the level of an interval lies between 0 and 1, not at 95; 0.95 is usual", lambda: wilson(1, 3, level=95)),
        ("not at 1.0; 0.95 is usual", lambda: ratio_interval([1], [1], level=1.0)),
        ("replicates must be at least 1, not 0; 10000 is usual", lambda: resample([1, 2], total, replicates=0)),
        ("there are no articles to resample", lambda: resample([], total)),
        ("nan and infinity cannot be among them", lambda: resample([1, math.inf], total)),
        ("counts have one row an article, not a single number", lambda: resample(3, total)),
        ("their shapes are (2,) and (1,)", lambda: ratio_interval([1, 2], [1])),
        ("theme counts have the shape (articles × labels × 3), not (2, 3)", lambda: theme_estimates(np.ones((2, 3)))),
        ("gold has the shape (1, 2), predicted (1, 2), and the articles have 2", lambda: short_of_a_row()),
    ],
)
def test_what_makes_no_sense_is_refused(message: str, call: object) -> None:
    assert callable(call)
    with pytest.raises(OptionError) as caught:
        call()
    assert message in str(caught.value)


def short_of_a_row() -> NDArray[np.int64]:
    return theme_counts([[0, 1]], [[1, 1]], [1, 1])


def test_reasons_may_differ_from_figure_to_figure() -> None:
    reasons: Sequence[str] = ("no first", "no second")
    first, second = estimates(np.zeros((4, 2)), lambda sums: ratios(sums, sums), undefined=reasons)
    assert (first.reason, second.reason) == ("no first", "no second")


def test_ten_thousand_replicates_are_fifty_times_faster_than_a_loop_over_scikit_learn() -> None:
    generator = np.random.default_rng(1)
    gold = generator.random((3_000, 20)) < 0.1
    models = [gold ^ (generator.random(gold.shape) < 0.03) for _ in range(2)]
    start = time.process_time()
    for _ in range(2):
        drawn = generator.integers(len(gold), size=len(gold))
        for model in models:
            f1_score(gold[drawn], model[drawn], average=None)
    loop = (time.process_time() - start) * 10_000 / 2
    start = time.process_time()
    counts = np.stack([theme_counts(gold, model, [3] * 1_000) for model in models], axis=1)
    assert resample(counts, theme_f1(counts), replicates=10_000).shape == (10_000, 2, 22)
    assert loop > 50 * (time.process_time() - start)
