"""Learning curves over nested subsets of whole articles."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimtag.errors import OptionError, SchemeError
from claimtag.evaluation.learning import learning_curve
from claimtag.evaluation.reporting import curve_report


class Recording:
    """What was asked to be learnt from, call by call."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []

    def __call__(self, places: list[int]) -> Mapping[str, float]:
        self.calls.append(places)
        return {"sentences": float(len(places))}


@given(st.lists(st.sampled_from("abcdefghij"), min_size=1, max_size=60), st.integers(1, 4))
def test_subsets_are_nested_and_hold_whole_articles(groups: list[str], seeds: int) -> None:
    recording = Recording()
    curve = learning_curve(recording, groups, shares=(0.2, 0.5, 0.8), seeds=seeds)
    calls = iter(recording.calls)
    larger: list[set[int]] = [set(range(len(groups))) for _ in range(seeds)]
    for point in reversed(curve):  # the largest is learnt from first
        for seed in range(point.subsets):
            places = next(calls)
            held = {groups[place] for place in places}
            assert places == [place for place, group in enumerate(groups) if group in held]  # ascending, whole
            assert len(held) == point.articles
            assert larger[seed] >= set(places)
            larger[seed] = set(places)


def test_the_table_says_why_a_figure_is_not_defined() -> None:
    table = curve_report(learning_curve(lambda places: {"micro_f1": math.nan}, list("ab"), shares=(1.0,), seeds=2))
    row, reason = table.splitlines()[1:3]
    assert row.split() == ["2", "2", "1", "–"]
    assert reason == "–  not defined in 1 of 1 subset(s): 2"


def test_what_fails_on_all_articles_is_not_blamed_on_their_number() -> None:
    def fail(places: list[int]) -> Mapping[str, float]:
        raise OptionError("there is nothing to measure on")

    with pytest.raises(OptionError) as refusal:
        learning_curve(fail, list("abcd"), shares=(0.5, 1.0))
    assert str(refusal.value) == "there is nothing to measure on"


def test_all_articles_are_learnt_from_once_whatever_the_seeds() -> None:
    recording = Recording()
    *_, last = learning_curve(recording, list("aabbccdd"), shares=(0.5, 1.0), seeds=4)
    assert (last.articles, last.subsets, last.sentences) == (4, 1, 8)
    assert len(recording.calls) == 5


def test_sizes_that_come_out_alike_are_one_point() -> None:
    curve = learning_curve(Recording(), list("abc"), shares=(0.01, 0.1, 0.3, 1.0), seeds=1)
    assert [point.articles for point in curve] == [1, 3]


def test_a_point_says_how_much_depends_on_the_subset() -> None:
    groups = ["long"] * 10 + ["short"]
    (point,) = learning_curve(Recording(), groups, shares=(0.5,), seeds=6)
    spread = point.figures["sentences"]
    assert (spread.lowest, spread.highest) == (1, 10)
    assert spread.lowest < spread.mean < spread.highest
    assert point.sentences == spread.mean


def test_the_same_seeds_give_the_same_curve() -> None:
    groups = [place % 7 for place in range(50)]
    assert learning_curve(Recording(), groups) == learning_curve(Recording(), groups)


def test_a_figure_that_is_not_always_defined_says_so_and_is_json() -> None:
    values = iter([0.5, math.nan, 0.7])
    (point,) = learning_curve(lambda _: {"macro": next(values), "rare": math.nan}, list("abcd"), shares=(0.5,))
    record = json.loads(json.dumps(point.to_dict(), allow_nan=False))["figures"]
    assert record["macro"] == {"mean": 0.6, "lowest": 0.5, "highest": 0.7, "reason": "not defined in 1 of 3 subset(s)"}
    assert record["rare"]["mean"] is None


def test_a_subset_too_small_to_learn_from_is_named() -> None:
    def refuse(places: list[int]) -> Mapping[str, float]:
        raise SchemeError("no theme in it")

    with pytest.raises(OptionError) as refusal:
        learning_curve(refuse, list("abcd"), shares=(0.25,))
    assert str(refusal.value) == "with 1 article(s) nothing can be learnt: no theme in it; begin with a larger share"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shares": (0.5, 1.5)}, r"shares of the articles lie above 0 and up to 1, not 0\.5, 1\.5"),
        ({"shares": ()}, "shares of the articles lie above 0 and up to 1, not none"),
        ({"seeds": 0}, "seeds must be at least 1, not 0; 3 is usual"),
        ({"groups": []}, "there are no gold sentences to learn from; give annotated articles"),
    ],
)
def test_what_makes_no_curve_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        learning_curve(Recording(), **({"groups": list("abc")} | options))  # type: ignore[arg-type]
