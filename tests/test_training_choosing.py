"""Options are chosen out of fold, within a time, and not changed for what may be chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import count
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from claimtag.errors import MissingExtraError, OptionError
from claimtag.scheme import Scheme
from claimtag.themes.base import ArticleContext, SentenceInArticle
from claimtag.training import choosing
from claimtag.training.choosing import Choice, choose, parse_budget
from claimtag.training.naming import made_scheme

SCHEME: Scheme = made_scheme(Counter({"sea": 2, "land": 1}), file="x", name="x").scheme


class Oracle:
    """Scores labels as rightly as its C says, whatever it learned; what it was asked for is remembered."""

    made: ClassVar[list[dict[str, Any]]] = []

    def __init__(self, options: dict[str, Any], truth: NDArray[np.bool_]) -> None:
        self.options, self.truth = options, truth
        Oracle.made.append(options)

    def fit(self, X: Any, Y: Any) -> None:
        if self.options.get("min_df") == 3:
            raise OptionError("no word stands in 3 or more articles")

    def scores(self, X: list[SentenceInArticle]) -> NDArray[np.float32]:
        rows = np.array([int(sentence.text) for sentence in X])
        wrong = {1.0: 2, 3.0: 97, 30.0: 1000}.get(self.options.get("C", 10.0), 4)  # one sentence in so many
        flipped = (rows % wrong == 0)[:, np.newaxis]
        return np.where(self.truth[rows] ^ flipped, 0.9, 0.1).astype(np.float32)


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Choice]:
    """`choose` on 200 sentences with models that are as good as their C."""
    Oracle.made.clear()
    truth = np.random.default_rng(0).random((200, 2)) < 0.4
    context = ArticleContext(tuple(map(str, range(200))), ("body",) * 200)
    sentences = [SentenceInArticle(context, place) for place in range(200)]

    class Kind:
        def make(self, scheme: Scheme, options: dict[str, Any]) -> Oracle:
            return Oracle(dict(options), truth)

    monkeypatch.setattr(choosing, "model_kind", lambda _: Kind())
    monkeypatch.setattr(choosing, "STRONGER", ())

    def run(**more: Any) -> Choice:
        ticks = count()
        given: dict[str, Any] = {"budget": 1e9, "clock": lambda: float(next(ticks))} | more
        return choose(sentences, truth, list(range(200)), scheme=SCHEME, **given)

    return run


def test_the_best_is_chosen_where_it_is_better_than_chance(chosen: Callable[..., Choice]) -> None:
    choice = chosen()
    assert choice.options["C"] in (3.0, 30.0)
    assert choice.scores is not None
    assert choice.scores.shape == (200, 2)


def test_what_is_within_one_standard_error_and_nearer_to_the_defaults_is_preferred(
    chosen: Callable[..., Choice], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "_error", lambda best, other: 1.0)
    choice = chosen()
    assert choice.options == {"min_df": 1}
    assert "the simplest within one standard error of the best (linear, min_df 1, C 30.0" in "\n".join(choice.report)


def test_a_value_of_none_is_a_departure_from_the_defaults_too() -> None:
    trials = [
        choosing.Trial(
            "linear", options, 1.0, 1.0, 0.1, np.zeros((1, 2), dtype=bool), np.zeros((1, 2), dtype=np.float32)
        )
        for options in ({"min_df": 1, "class_weight": None}, {"min_df": 1})
    ]
    assert min(trials, key=lambda trial: choosing._complexity(trial, {"min_df": 1})) is trials[1]


def test_every_candidate_is_reported_with_its_figures(chosen: Callable[..., Choice]) -> None:
    report = chosen().report
    measured = [line for line in report if line.startswith("  linear, min_df")]
    assert report[0].startswith(f"{len(measured)} candidates measured out of fold in ")
    assert report[0].endswith("all there were")
    assert all("macro-F1 0." in line or "macro-F1 1." in line for line in measured)
    assert any(line.startswith("chosen: linear, ") for line in report)
    assert report[-1].startswith("what was chosen on these sentences looks a little better on them than on new ones")


def test_when_the_time_is_used_no_further_candidate_is_begun(chosen: Callable[..., Choice]) -> None:
    choice = chosen(budget=0.0)
    assert choice.options == {"min_df": 1}
    assert choice.report[0].startswith("1 candidate measured out of fold in ")
    assert choice.report[0].endswith(" of 0 seconds, then the budget was used")
    few, many = len(chosen(budget=8.0).report), len(chosen().report)
    assert len(choice.report) < few < many


def test_options_that_are_given_are_kept(chosen: Callable[..., Choice]) -> None:
    choice = chosen(options={"C": 1.0, "context": False})
    assert all(options["C"] == 1.0 and options["context"] is False for options in Oracle.made)
    assert choice.options["C"] == 1.0
    assert not any("nearby_weight" in options for options in Oracle.made)


def test_a_candidate_that_the_data_cannot_bear_is_passed_over(chosen: Callable[..., Choice]) -> None:
    assert not any("min_df 3" in line for line in chosen().report)
    assert any(options.get("min_df") == 3 for options in Oracle.made)


def test_where_no_candidate_can_be_measured_the_last_reason_is_raised(
    chosen: Callable[..., Choice], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise OptionError("no word at all")

    monkeypatch.setattr(Oracle, "fit", refuse)
    with pytest.raises(OptionError, match=r"^no word at all$"):
        chosen()


def test_a_stronger_kind_whose_packages_are_missing_is_left_out_and_said(
    chosen: Callable[..., Choice], monkeypatch: pytest.MonkeyPatch
) -> None:
    original = choosing.model_kind

    class Missing:
        options: ClassVar[dict[str, Any]] = {}

        def make(self, scheme: Scheme, options: dict[str, Any]) -> None:
            raise MissingExtraError('this needs the package "x"; install it with: pip install "claimtag[encoder]"')

    monkeypatch.setattr(choosing, "STRONGER", ("blend",))
    monkeypatch.setattr(choosing, "KINDS", ("linear", "blend"))
    monkeypatch.setattr(choosing, "model_kind", lambda name: Missing() if name == "blend" else original(name))
    assert chosen().report[-1] == (
        'blend: left out; this needs the package "x"; install it with: pip install "claimtag[encoder]"'
    )


def test_of_many_sentences_whole_articles_are_drawn_always_the_same(
    chosen: Callable[..., Choice], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "SAMPLE", 60)
    choice = chosen(budget=0.0)
    assert choice.scores is None
    assert " on 60 of 200 sentences " in choice.report[0]
    groups = [n // 7 for n in range(200)]
    taken = choosing._sample(groups)
    assert 40 < len(taken) <= 60
    assert taken.tolist() == [n for n in range(200) if groups[n] in {groups[place] for place in taken}]


def test_the_error_of_a_difference_is_the_jackknife_s() -> None:
    rng = np.random.default_rng(1)
    best, other = rng.integers(0, 5, (2, 40, 2, 3))
    other[..., 2] = best[..., 0] + best[..., 2] - other[..., 0]  # the same gold
    error = choosing._error(best, other)

    def macro(counts: NDArray[np.int64]) -> float:
        right, wrong, missed = counts.sum(axis=0).T
        return float(np.mean(2 * right / (2 * right + wrong + missed)))

    left_out = [macro(np.delete(best, n, 0)) - macro(np.delete(other, n, 0)) for n in range(40)]
    assert error == pytest.approx(np.sqrt(39 / 40 * np.sum((np.array(left_out) - np.mean(left_out)) ** 2)))
    assert choosing._error(best, best) == 0


@pytest.mark.parametrize("text", ["", "2 days", "-3s", "1e3", "m"])
def test_a_time_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(OptionError) as refusal:
        parse_budget(text)
    assert str(refusal.value) == f"{text!r} is no time; write 30s, 5m or 1h"
