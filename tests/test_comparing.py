"""Comparing runs: paired bootstrap, Holm's correction, McNemar's test, the leaderboard."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from functools import partial
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from claimtag.errors import OptionError, RecordError
from claimtag.evaluation.comparing import Run, compare, holm, leaderboard, mcnemar, two_sided
from claimtag.evaluation.intervals import leave_one_out, resample, summary, theme_counts, theme_f1
from claimtag.evaluation.reporting import comparison_report
from claimtag.records import SchemeRef

LABELS = ("drugs", "justice", "politics")
ARTICLES, SENTENCES = 60, 5
MANY = np.array([0.09, 0.11] * 5_000)  # a difference without each article: so many bear on it alike


def gold() -> NDArray[np.bool_]:
    return np.random.default_rng(0).random((ARTICLES * SENTENCES, len(LABELS))) < 0.3


def run(name: str, *, misses: float = 0.0, seed: int = 0) -> Run:
    """A run that misses so large a share of the gold themes and says nothing wrong."""
    truth = gold()
    said = truth & (np.random.default_rng(seed).random(truth.shape) >= misses)
    return Run(
        name=name,
        test_set="ab" * 32,
        scheme=SchemeRef("security-cooperation", "1.0.0", "cd" * 32),
        metrics="1",
        articles=tuple(f"a{number}" for number in range(ARTICLES)),
        labels=LABELS,
        counts=theme_counts(truth, said, [SENTENCES] * ARTICLES),
        exact=(truth == said).all(axis=1),
    )


def test_a_clearly_better_run_is_told_from_a_worse_one() -> None:
    comparison = compare(run("good", misses=0.05, seed=1), run("bad", misses=0.5, seed=2))
    for difference in (comparison.micro, comparison.macro, *comparison.labels):
        assert difference.difference.low > 0
        assert difference.difference.value == pytest.approx(difference.a - difference.b)
        assert difference.p < 0.001
    assert comparison.exact is not None
    assert comparison.exact.p < 0.001


def test_runs_that_say_the_same_cannot_be_told_apart() -> None:
    comparison = compare(run("one", misses=0.2), run("other", misses=0.2))
    assert (comparison.micro.p, comparison.macro.p) == (1.0, 1.0)
    assert comparison.micro.difference.to_dict() == {"value": 0.0, "low": 0.0, "high": 0.0}


def test_swapping_the_runs_turns_the_difference_round() -> None:
    a, b = run("a", misses=0.2, seed=1), run("b", misses=0.3, seed=2)
    one, other = compare(a, b), compare(b, a)
    assert one.micro.difference.value == -other.micro.difference.value
    assert one.micro.difference.low == pytest.approx(-other.micro.difference.high)
    assert one.micro.p == other.micro.p
    assert one.exact is not None
    assert other.exact is not None
    assert (one.exact.only_a, one.exact.p) == (other.exact.only_b, other.exact.p)


def test_both_runs_are_measured_on_the_same_resamples() -> None:
    a, b = run("a", misses=0.2, seed=1), run("b", misses=0.3, seed=2)
    difference = compare(a, b, replicates=300, seed=5).micro
    figures = [theme_f1(one.counts) for one in (a, b)]
    drawn, left_out = (
        np.subtract(*(of(one.counts, f1)[:, 0] for one, f1 in zip((a, b), figures, strict=True)))
        for of in (partial(resample, replicates=300, seed=5), leave_one_out)
    )
    assert difference.p == pytest.approx(two_sided(drawn, left_out))
    alone = summary(difference.difference.value, drawn, left_out, biased=False)
    assert (difference.difference.low, difference.difference.high) == pytest.approx((alone.low, alone.high))


def test_pairing_tells_apart_what_two_intervals_cannot() -> None:
    a = run("a", misses=0.4, seed=1)
    counts = a.counts.copy()
    lucky = np.arange(ARTICLES) % 6 == 0
    counts[lucky, 0] += np.stack([counts[lucky, 0, 2], 0 * counts[lucky, 0, 2], -counts[lucky, 0, 2]], axis=-1)
    b = replace(a, name="b", counts=counts)
    first, second = leaderboard([a, b], figure="micro")
    assert first.estimate.low < second.estimate.high
    assert compare(a, b).micro.p < 0.05


def test_labels_are_corrected_for_their_number_and_pooled_figures_are_not() -> None:
    comparison = compare(run("a", misses=0.2, seed=1), run("b", misses=0.25, seed=2))
    assert [label.corrected for label in comparison.labels] == list(holm([label.p for label in comparison.labels]))
    assert comparison.micro.corrected == comparison.micro.p


def test_p_is_never_zero() -> None:
    assert two_sided(np.full(999, 0.3), MANY) == pytest.approx(2 / 1000, rel=0.01)
    assert two_sided(np.array([]), MANY) == 1.0


def test_a_difference_that_rests_on_few_articles_is_less_sure() -> None:
    differences = np.linspace(-0.01, 1, 1000)
    few = np.array([0.3, 0.5, 0.6, 0.6] + [0.5] * 56)
    assert two_sided(differences, few) > 0.05 > two_sided(differences, MANY)


def test_where_all_replicates_agree_p_still_falls_with_their_distance_from_0() -> None:
    generator = np.random.default_rng(0)
    near, far = (two_sided(generator.normal(mean, 1, 1000), MANY) for mean in (5, 9))
    assert 0 < far < near < 2 / 1000


def test_p_agrees_with_the_interval() -> None:
    for seed in range(30):
        difference = compare(run("a", misses=0.2), run("b", misses=0.27, seed=seed), replicates=500).micro
        outside = difference.difference.low > 0 or difference.difference.high < 0
        assert (difference.p < 0.05) == outside or 0.045 < difference.p < 0.055


def test_replicates_where_the_difference_is_undefined_do_not_count() -> None:
    assert two_sided(np.array([math.nan] * 50 + [1.0] * 99), MANY) == pytest.approx(0.02, rel=0.01)


def test_a_p_too_small_to_print_is_told_as_a_bound() -> None:
    table = comparison_report(compare(run("good"), run("bad", misses=0.6, seed=2), replicates=200))
    assert "p < 0.0001 (McNemar)" in table
    assert "p 1.0000 (McNemar)" in comparison_report(compare(run("a"), run("b"), replicates=200))


def test_a_label_without_gold_is_not_compared_and_says_why() -> None:
    a, b = run("a"), run("b", misses=0.5)
    silent = [replace(one, counts=one.counts * [[[1], [0], [1]]]) for one in (a, b)]
    comparison = compare(*silent)
    assert comparison.labels[1].difference.reason == "no gold sentence carries it"
    assert comparison.macro_labels == ("drugs", "politics")
    assert math.isnan(comparison.labels[1].p)
    json.dumps(comparison.to_dict(), allow_nan=False)


def test_two_articles_give_a_difference_without_interval_or_p() -> None:
    a, b = (replace(one, articles=one.articles[:2], counts=one.counts[:2]) for one in (run("a"), run("b", misses=0.5)))
    micro = compare(a, b).micro
    assert micro.difference.reason == "an interval needs at least 3 articles, there are 2"
    assert math.isnan(micro.p)
    assert [place.group for place in leaderboard([a, b], figure="micro")] == [1, 1]


@pytest.mark.parametrize(
    ("p_values", "corrected"),
    [
        ([], []),
        ([0.03], [0.03]),
        ([0.01, 0.02, 0.03, 0.04], [0.04, 0.06, 0.06, 0.06]),
        ([0.04, 0.001, 0.03, 0.5], [0.09, 0.004, 0.09, 0.5]),
        ([0.5, 0.6, 0.7], [1.0, 1.0, 1.0]),
        ([0.02, 0.02], [0.04, 0.04]),
    ],
)
def test_holm_equals_what_is_computed_by_hand(p_values: list[float], corrected: list[float]) -> None:
    assert holm(p_values) == pytest.approx(tuple(corrected))


def test_nan_is_no_comparison_to_holm() -> None:
    first, missing, last = holm([0.01, math.nan, 0.04])
    assert (first, last) == pytest.approx((0.02, 0.04))
    assert math.isnan(missing)


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_keeps_the_order_and_lies_between_no_correction_and_bonferroni(p_values: list[float]) -> None:
    corrected = holm(p_values)
    for p, fixed in zip(p_values, corrected, strict=True):
        assert p <= fixed <= min(1, p * len(p_values)) or fixed == pytest.approx(p)
    ranked = [corrected[place] for place in np.argsort(p_values, kind="stable")]
    assert ranked == sorted(ranked)


@pytest.mark.parametrize(
    ("only_a", "only_b", "p"),
    [(0, 0, 1.0), (1, 0, 1.0), (6, 0, 2 / 64), (5, 1, 14 / 64), (3, 3, 1.0), (1, 8, 20 / 512)],
)
def test_mcnemar_equals_what_is_computed_by_hand(only_a: int, only_b: int, p: float) -> None:
    a = [True] * only_a + [False] * only_b + [True, False] * 10
    b = [False] * only_a + [True] * only_b + [True, False] * 10
    test = mcnemar(a, b)
    assert (test.only_a, test.only_b) == (only_a, only_b)
    assert test.p == pytest.approx(p)


def test_mcnemar_pairs_sentences() -> None:
    with pytest.raises(OptionError, match="McNemar's test pairs sentences: the runs have 2 and 3"):
        mcnemar([1, 0], [1, 0, 1])


def test_the_leaderboard_groups_what_cannot_be_told_apart() -> None:
    runs = [run("weak", misses=0.6, seed=1), run("good", misses=0.1, seed=2), run("bad", misses=0.9, seed=3)]
    runs += [run("fine", misses=0.11, seed=4), run("feeble", misses=0.61, seed=5)]
    places = leaderboard(runs)
    groups = {place.name: place.group for place in places}
    assert groups == {"good": 1, "fine": 1, "weak": 2, "feeble": 2, "bad": 3}
    values = [place.estimate.value for place in places]
    assert values == sorted(values, reverse=True)
    assert [math.isnan(place.p) for place in places] == [True, False, True, False, True]
    json.dumps([place.to_dict() for place in places], allow_nan=False)


def test_the_leaderboard_does_not_depend_on_the_order_of_the_runs() -> None:
    runs = [run(f"r{number}", misses=0.1 + 0.02 * number, seed=number) for number in range(6)]
    assert str(leaderboard(runs)) == str(leaderboard(runs[::-1]))


def test_one_run_is_a_leaderboard() -> None:
    (place,) = leaderboard([run("alone")])
    assert (place.group, place.name) == (1, "alone")


def test_the_correction_is_over_all_pairs_since_the_best_was_chosen_by_looking() -> None:
    runs = [run(f"r{number}", misses=0.3, seed=number) for number in range(5)]
    best, *others = leaderboard(runs)
    by_name = {one.name: one for one in runs}
    pairs = list(combinations([best.name, *(place.name for place in others)], 2))
    p_values = [compare(by_name[one], by_name[other]).macro.p for one, other in pairs]
    corrected = dict(zip(pairs, holm(p_values), strict=True))
    assert [place.p for place in others if place.group == 1] == pytest.approx(
        [corrected[best.name, place.name] for place in others if place.group == 1]
    )
    assert len({place.p for place in others}) > 1


def test_many_runs_can_still_be_told_apart() -> None:
    """Of 40 runs there are 780 pairs: with 10,000 replicates no p could fall below 0.05 after Holm."""
    runs = [run(f"r{number}", misses=0.05 if number else 0.9, seed=number) for number in range(40)]
    assert [place.group for place in leaderboard(runs, figure="micro")][-1] == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"test_set": "ff" * 32}, f'test set ("a": {"ab" * 20}, "b": {"ff" * 20})'),
        ({"scheme": SchemeRef("security-cooperation", "1.1.0")}, 'scheme ("a": security-cooperation 1.0.0, "b": secur'),
        ({"scheme": SchemeRef("security-cooperation", "1.0.0", "ef" * 32)}, 'hash of the scheme ("a": cdcd'),
        ({"metrics": "2"}, 'version of the metrics ("a": 1, "b": 2)'),
        ({"labels": ("drug", "justice", "politics")}, "labels (only \"b\" has 'drug')"),
        ({"labels": LABELS[::-1]}, 'labels ("a" and "b" have them in another order)'),
        ({"counts": np.ones((ARTICLES, 3, 3), dtype=int)}, 'gold themes ("a" and "b" count different ones in the same'),
        ({"exact": np.ones(4, dtype=bool)}, 'gold sentences ("a": 300, "b": 4)'),
    ],
)
def test_runs_on_different_terms_are_not_mixed(changes: dict[str, object], message: str) -> None:
    for call in (lambda a, b: leaderboard([a, b]), compare):
        with pytest.raises(OptionError) as caught:
            call(run("a"), replace(run("b"), **changes))  # type: ignore[arg-type]
        assert message in str(caught.value)
        assert str(caught.value).startswith("runs cannot be compared: ")
        assert str(caught.value).endswith(". Score them all on the same gold, anew")


def test_all_that_differs_is_named_at_once() -> None:
    with pytest.raises(OptionError, match=r"test set .*; version of the metrics .*"):
        compare(run("a"), replace(run("b"), test_set="0", metrics="2"))


def test_a_missing_article_is_named() -> None:
    whole = run("b")
    with pytest.raises(OptionError, match=r"articles \(only \"a\" has 'a59'\)"):
        compare(run("a"), replace(whole, articles=whole.articles[:-1], counts=whole.counts[:-1], exact=None))


def test_a_scheme_without_a_hash_is_compared_by_name_and_version() -> None:
    bare = replace(run("b"), scheme=SchemeRef("security-cooperation", "1.0.0"))
    assert compare(run("a"), bare).micro.p == 1.0


def test_runs_without_sentences_have_no_mcnemar() -> None:
    assert compare(run("a"), replace(run("b"), exact=None)).exact is None


def test_what_cannot_be_ranked_is_refused() -> None:
    with pytest.raises(OptionError, match="there are no runs to compare; give at least one"):
        leaderboard([])
    with pytest.raises(OptionError, match="two runs are named 'a'; give each a name of its own"):
        leaderboard([run("a"), run("b"), run("a")])
    with pytest.raises(OptionError, match='"weighted" is not a figure to rank by; choose one of micro, macro'):
        leaderboard([run("a")], figure="weighted")  # type: ignore[arg-type]
    empty = replace(run("a"), counts=0 * run("a").counts)
    with pytest.raises(OptionError, match="runs cannot be ranked by macro-F1: no label has 5 gold sentences or more"):
        leaderboard([empty])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"articles": ("a0",)}, r"run \"a\": counts have the shape \(60, 3, 3\), not \(1, 3, 3\)"),
        ({"counts": np.full((ARTICLES, 3, 3), -1)}, 'run "a": counts cannot be negative'),
        ({"labels": ("x", "y", "x")}, "run \"a\": label 'x' stands twice"),
        ({"articles": ("a",) * ARTICLES}, "run \"a\": article 'a' stands twice"),
    ],
)
def test_a_run_that_contradicts_itself_cannot_be(changes: dict[str, object], message: str) -> None:
    with pytest.raises(RecordError, match=message):
        replace(run("a"), **changes)  # type: ignore[arg-type]
