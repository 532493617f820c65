"""Goals as people write them, and costs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimtag.errors import OptionError
from claimtag.themes.goals import Costs, Goal, parse_goal


@pytest.mark.parametrize(
    ("text", "goal"),
    [
        ("f1", Goal("f1")),
        (" F1 ", Goal("f1")),
        ("cost", Goal("cost")),
        ("precision >= 0.9", Goal("precision", 0.9)),
        ("precision≥.9", Goal("precision", 0.9)),
        ("Recall ≥ 0,85", Goal("recall", 0.85)),
        ("recall >= 90%", Goal("recall", 0.9)),
        ("recall >= 1", Goal("recall", 1.0)),
    ],
)
def test_a_goal_can_be_written_in_several_ways(text: str, goal: Goal) -> None:
    assert parse_goal(text) == goal


@given(st.sampled_from(["precision", "recall"]), st.integers(1, 100))
def test_a_goal_written_out_is_read_back(figure: str, hundredths: int) -> None:
    goal = parse_goal(f"{figure} >= {hundredths / 100}")
    assert parse_goal(str(goal)) == goal
    assert goal.least == hundredths / 100


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("recal >= 0.9", '"recal" is no goal (did you mean "recall"?); write "f1", "cost", "precision >= 0.9" or "recall >= 0.9"'),
        ("f2", '"f2" is no goal'),
        ("", "'' is no goal; write"),
        ("precision >= 0.9 and recall", "'precision >= 0.9 and recall' is no goal; write"),
        ("precision", 'precision needs the least that it shall be, such as "precision >= 0.9"'),
        ("precision = 0.9", 'a goal says the least that precision shall be: "precision >= 0.9", not "precision = 0.9"'),
        ("precision >= 9", "precision lies above 0 and up to 1, not at 9"),
        ("recall >= 0", "recall lies above 0 and up to 1, not at 0"),
        ("f1 >= 0.8", 'the goal "f1" is to be as good as can be and takes no number'),
    ],
)  # fmt: skip
def test_what_is_no_goal_is_refused_with_what_to_write(text: str, message: str) -> None:
    with pytest.raises(OptionError) as refusal:
        parse_goal(text)
    assert str(refusal.value).startswith(message)


@given(st.floats(0.01, 100), st.floats(0.01, 100), st.floats(0.01, 100), st.floats(0, 1))
def test_what_the_costs_choose_is_the_cheapest(
    miss: float, false_alarm: float, look: float, probability: float
) -> None:
    costs = Costs(miss, false_alarm, look)
    price = {"say": (1 - probability) * false_alarm, "look": look, "silence": probability * miss}
    band = costs.review_from < costs.say_from
    if probability > costs.say_from + 1e-9:
        assert price["say"] <= min(price.values()) + 1e-6
    elif band and costs.review_from + 1e-9 < probability < costs.say_from - 1e-9:
        assert price["look"] <= min(price.values()) + 1e-6
    elif probability < min(costs.review_from, costs.say_from) - 1e-9:
        assert price["silence"] <= min(price.values()) + 1e-6


def test_a_cost_of_nothing_is_refused() -> None:
    with pytest.raises(OptionError, match="costs must be above 0: miss 4, false alarm -1, look 1"):
        Costs(false_alarm=-1)
