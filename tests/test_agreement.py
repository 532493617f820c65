"""Agreement: coefficients for ratings of any kind, and two gold files side by side."""

from __future__ import annotations

import json
import math
import os
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score, f1_score
from strategies import scored, tagged_articles

from claimtag.errors import OptionError
from claimtag.evaluation.agreement import agree, cohen_kappa, gwet_ac1, krippendorff_alpha
from claimtag.reading import read_gold
from claimtag.records import Article, Kind, Sentence, TaggedArticle, Theme

DATA = (Path(__file__).parent.parent / os.environ.get("CLAIMTAG_DATA", "../shared/data")).resolve()

# four annotators, twelve things, Krippendorff's own example ("Computing Krippendorff's Alpha-Reliability", 2011)
_ = None
FOUR = [
    *([1, 1, _, 1], [2, 2, 3, 2], [3, 3, 3, 3], [3, 3, 3, 3], [2, 2, 2, 2], [1, 2, 3, 4]),
    *([4, 4, 4, 4], [1, 1, 2, 1], [2, 2, 2, 2], [_, 5, 5, 5], [_, _, 1, 1], [_, 3, _, _]),
]

pairs_of_ratings = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=30)


def tagged(
    identity: str, *sentences: tuple[str, Sequence[str]] | tuple[str, Sequence[str], Kind], by: str | None = None
) -> TaggedArticle:
    """An article of sentences with their themes, one space between them."""
    text, made = "", []
    for words, labels, *kind in sentences:
        start = len(text) + bool(text)
        text = f"{text} {words}" if text else words
        made.append(
            Sentence(start, len(text), words, *kind, themes=tuple(map(Theme, labels)))  # type: ignore[arg-type]
        )
    return TaggedArticle(Article(identity, text), tuple(made), by=by)


@given(pairs_of_ratings)
def test_kappa_equals_that_of_scikit_learn(ratings: list[tuple[int, int]]) -> None:
    a, b = zip(*ratings, strict=True)
    ours = cohen_kappa(a, b, replicates=2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where it divides 0 by 0
        theirs = cohen_kappa_score(a, b)
    if math.isnan(ours.value):
        assert ours.reason == "all ratings are the same, so that agreement cannot be told from chance"
        assert len({*a, *b}) == 1
    else:
        assert ours.value == pytest.approx(theirs, abs=1e-12)


def test_alpha_equals_that_of_the_published_example() -> None:
    assert krippendorff_alpha(FOUR).value == pytest.approx(0.743, abs=5e-4)


def test_ac1_equals_that_of_the_published_example() -> None:
    """Gwet prints 0.77544 for the same ratings ("Handbook of Inter-Rater Reliability", and his package irrCAC)."""
    assert gwet_ac1(FOUR).value == pytest.approx(0.77544, abs=5e-6)


def test_alpha_of_two_annotators_equals_what_is_computed_by_hand() -> None:
    """Ten things, two apart: 4 of 20 ratings paired with another, where chance pairs 2 · 14 · 6 / 19 of them."""
    ratings = [["no", "no"]] * 6 + [["yes", "yes"]] * 2 + [["no", "yes"], ["yes", "no"]]
    assert krippendorff_alpha(ratings).value == pytest.approx(1 - 4 / (2 * 14 * 6 / 19))


def test_ac1_of_two_annotators_equals_what_is_computed_by_hand() -> None:
    """Eight of ten agree; 0.7 of all ratings are no, so chance agrees in 2 · 0.7 · 0.3."""
    ratings = [["no", "no"]] * 6 + [["yes", "yes"]] * 2 + [["no", "yes"], ["yes", "no"]]
    assert gwet_ac1(ratings).value == pytest.approx((0.8 - 0.42) / (1 - 0.42))


@given(st.lists(st.lists(st.none() | st.integers(0, 2), min_size=3, max_size=3), min_size=1, max_size=15), st.randoms())
def test_neither_the_order_of_annotators_nor_of_things_matters(ratings: list[list[int | None]], random: object) -> None:
    shuffled = [list(reversed(row)) for row in reversed(ratings)]
    for coefficient in (krippendorff_alpha, gwet_ac1):
        one, other = (coefficient(some, replicates=2).value for some in (ratings, shuffled))
        assert one == pytest.approx(other, nan_ok=True)


@given(pairs_of_ratings)
def test_no_coefficient_is_above_one_and_full_agreement_is_one(ratings: list[tuple[int, int]]) -> None:
    same = [(a, a) for a, _ in ratings]
    for coefficient in (krippendorff_alpha, gwet_ac1):
        assert not coefficient(ratings, replicates=2).value > 1
        assert len({a for a, _ in same}) == 1 or coefficient(same, replicates=2).value == pytest.approx(1)


def test_nan_is_a_missing_rating_too() -> None:
    gaps = [[math.nan if one is None else float(one) for one in row] for row in FOUR]
    assert krippendorff_alpha(gaps).value == krippendorff_alpha(FOUR).value
    assert gwet_ac1(gaps).value == gwet_ac1(FOUR).value


def test_what_only_one_annotator_rated_says_nothing_to_alpha() -> None:
    more = krippendorff_alpha([*FOUR, [None, None, 9, None]])
    assert more.value == pytest.approx(krippendorff_alpha(FOUR).value)


@pytest.mark.parametrize("coefficient", [krippendorff_alpha, gwet_ac1])
def test_undefined_coefficients_say_why(coefficient: type[krippendorff_alpha]) -> None:  # type: ignore[valid-type]
    assert coefficient([["x", "x"], ["x", "x"]]).reason.startswith("all ratings are the same")
    assert coefficient([["x", None], [None, "y"]]).reason == "nothing has two ratings"
    assert coefficient([]).reason == "nothing has two ratings"


def test_kappa_of_nothing_is_undefined() -> None:
    assert cohen_kappa([], []).reason == "nothing has two ratings"


def test_where_nearly_all_is_one_category_kappa_falls_and_ac1_does_not() -> None:
    a, b = ["no"] * 98 + ["yes", "no"], ["no"] * 98 + ["no", "yes"]
    assert cohen_kappa(a, b).value < 0
    assert gwet_ac1(list(zip(a, b, strict=True))).value > 0.97


def test_categories_that_nobody_chose_lower_the_agreement_expected_by_chance() -> None:
    ratings = [["x", "x"], ["y", "y"], ["x", "y"]]
    assert gwet_ac1(ratings, categories=5).value > gwet_ac1(ratings).value
    assert gwet_ac1([["x", "x"]], categories=2).value == 1


def test_ratings_of_one_article_are_drawn_together() -> None:
    a = ([0, 1] * 3 + [0, 0, 1, 1, 0, 1]) * 6
    b = ([0, 1] * 3 + [1, 1, 0, 0, 1, 0]) * 6  # every other article of six: all wrong
    together = cohen_kappa(a, b, articles=[place // 6 for place in range(len(a))])
    apart = cohen_kappa(a, b)
    assert together.value == apart.value
    assert together.high - together.low > 1.5 * (apart.high - apart.low)


@pytest.mark.parametrize(
    ("message", "call"),
    [
        ("Cohen's kappa pairs ratings: there are 1 and 2", lambda: cohen_kappa([1], [1, 2])),
        ("Krippendorff's alpha allows missing ones", lambda: cohen_kappa([1, None], [1, 2])),
        ("every row must have one rating an annotator, None where it is", lambda: krippendorff_alpha([[1, 2], [1]])),
        ("there cannot have been 2 to choose from", lambda: gwet_ac1(FOUR, categories=2)),
        ("there are 2 things rated and 1 articles; give each its", lambda: cohen_kappa([1, 2], [1, 2], articles=["a"])),
    ],
)
def test_ratings_that_do_not_fit_are_refused(message: str, call: object) -> None:
    assert callable(call)
    with pytest.raises(OptionError) as caught:
        call()
    assert message in str(caught.value)


def test_a_label_has_the_coefficients_of_its_yes_and_no() -> None:
    generator = np.random.default_rng(0)
    a, b = generator.random((2, 40, 3)) < 0.5
    both = [
        [tagged(f"a{one}", *((f"s{two}.", ["drugs"] * int(side[one, two])) for two in range(3))) for one in range(40)]
        for side in (a, b)
    ]
    (label,) = agree(*both).labels
    ratings = list(zip(a.ravel(), b.ravel(), strict=True))
    articles = np.repeat(np.arange(40), 3).tolist()
    assert label.f1.value == pytest.approx(f1_score(a.ravel(), b.ravel()))
    assert (label.support_a, label.support_b) == (a.sum(), b.sum())
    for ours, alone in (
        (label.kappa, cohen_kappa(a.ravel().tolist(), b.ravel().tolist(), articles=articles)),
        (label.alpha, krippendorff_alpha(ratings, articles=articles)),
        (label.ac1, gwet_ac1(ratings, articles=articles)),
    ):
        assert (ours.value, ours.low, ours.high) == pytest.approx((alone.value, alone.low, alone.high))


@settings(max_examples=40)
@given(st.lists(tagged_articles(), min_size=1, max_size=4, unique_by=lambda tagged: tagged.article.id).filter(scored))
def test_everybody_agrees_with_themselves(articles: list[TaggedArticle]) -> None:
    agreement = agree(articles, articles, replicates=20)
    figures = [agreement.micro, agreement.macro, *agreement.claims.values()]
    figures += [figure for label in agreement.labels for figure in (label.f1, label.kappa, label.alpha, label.ac1)]
    errors = {"misattribution", "resolved_wrong", "resolved_abstained"}
    for name, figure in agreement.claims.items():
        if name in errors:
            assert figure.value == 0 or figure.reason
            figures.remove(figure)
    for figure in figures:
        assert figure.reason or figure.value == pytest.approx(1)
    json.dumps(agreement.to_dict(), allow_nan=False)


def test_a_sentence_takes_the_themes_of_the_one_that_overlaps_it_most() -> None:
    one = tagged("a", ("Deux hommes arrêtés.", ["policing"]), ("Il pleut.", []))
    other = tagged("a", ("Deux hommes", []), ("arrêtés. Il pleut.", ["policing"]))
    label = agree([one], [other]).labels[0]
    assert (label.support_a, label.support_b, label.f1.value) == (1, 1, 0)  # "Il pleut." now is policing, and alone


def test_boilerplate_of_the_first_is_not_scored_and_of_the_second_carries_nothing() -> None:
    one = tagged("a", ("Publicité", [], "boilerplate"), ("Saisie de drogue.", ["drugs"]))
    other = tagged("a", ("Publicité", ["economy"]), ("Saisie de drogue.", [], "boilerplate"))
    agreement = agree([one], [other])
    assert agreement.sentences == 1
    assert {label.label: label.f1.value for label in agreement.labels}["drugs"] == 0


def test_a_label_that_only_one_annotator_uses_has_an_f1_of_0_whichever_it_is() -> None:
    one, other = tagged("a", ("Un.", ["drugs"])), tagged("a", ("Un.", ["drugs", "justice"]))
    for sides in ((one, other), (other, one)):
        justice = agree(*([side] for side in sides), labels=["drugs", "justice"]).labels[1]
        assert justice.f1.value == 0


@given(
    st.lists(tagged_articles(), min_size=1, max_size=3, unique_by=lambda tagged: tagged.article.id).filter(scored),
    st.randoms(),
)
@settings(max_examples=30)
def test_turning_the_annotators_round_changes_no_figure_of_a_label(articles: list[TaggedArticle], chance: Any) -> None:
    others = [
        replace(
            one,
            sentences=tuple(
                replace(each, themes=() if chance.random() < 0.5 or each.kind == "boilerplate" else each.themes)
                for each in one.sentences
            ),
        )
        for one in articles
    ]
    there, back = agree(articles, others, replicates=10), agree(others, articles, replicates=10)
    for one, turned in zip(there.labels, back.labels, strict=True):
        assert (one.f1, one.ac1) == (turned.f1, turned.ac1)
        assert (one.kappa.reason, one.alpha.reason) == (turned.kappa.reason, turned.alpha.reason)


def test_labels_that_neither_annotator_uses_are_not_defined_and_say_why() -> None:
    one = tagged("a", ("Un.", ["drugs"]))
    (politics,) = agree([one], [one], labels=["drugs", "politics"]).labels[1:]
    assert (politics.f1.reason, politics.kappa.reason) == ("neither annotator uses it",) * 2
    assert politics.ac1.value == 1


def test_a_theme_that_is_not_in_the_scheme_is_refused() -> None:
    one = tagged("a", ("Un.", ["drug"]))
    with pytest.raises(
        OptionError,
        match=r'the articles of the second file carry the theme "drug", which is not one of the labels \(did you mean "drugs"\?\)',
    ):
        agree([tagged("a", ("Un.", ["drugs"]))], [one], labels=["drugs"])


def test_articles_that_one_annotator_lacks_are_named() -> None:
    one = [tagged(f"a{number}", ("Un.", [])) for number in range(9)]
    other = [one[0], tagged("b", ("Un.", []))]
    with pytest.raises(OptionError) as caught:
        agree(one, other)
    assert str(caught.value) == (
        "the annotators do not cover the same articles: only the first has 'a1', 'a2', 'a3', 'a4', 'a5' and 3 more; "
        "only the second has 'b'"
    )


def test_articles_whose_text_differs_are_named() -> None:
    one, other = tagged("a", ("Un.", [])), tagged("a", ("Deux.", []))
    with pytest.raises(OptionError, match=r"the texts differ of 'a'"):
        agree([one], [other])


def test_partial_compares_what_both_have_and_names_the_rest() -> None:
    shared = [tagged(name, ("Un.", ["drugs"])) for name in ("s", "t")]
    agreement = agree(
        [*shared, tagged("x", ("Un.", [])), tagged("z", ("Un.", []))],
        [tagged("z", ("Deux.", [])), tagged("y", ("Un.", [])), *shared],
        partial=True,
    )
    assert agreement.articles == 2
    assert (agreement.only_a, agreement.only_b, agreement.other_text) == (("x",), ("y",), ("z",))
    assert agreement.to_dict()["only_a"] == ["x"]


def test_nothing_in_common_is_refused() -> None:
    with pytest.raises(OptionError, match="no article in common: both sides are empty"):
        agree([], [])
    with pytest.raises(OptionError, match="no article in common: only the first has 'a'; only the second has 'b'"):
        agree([tagged("a", ("Un.", []))], [tagged("b", ("Un.", []))], partial=True)


def test_files_in_which_nothing_is_scored_are_refused() -> None:
    bare = replace(tagged("a", ("Un.", [])), sentences=())
    with pytest.raises(
        OptionError, match=r"no sentence is scored: the 1 article\(s\) to measure on have no sentences but"
    ):
        agree([bare], [bare])


def test_an_article_that_stands_twice_is_refused() -> None:
    one = tagged("a", ("Un.", []))
    with pytest.raises(OptionError, match="article 'a' stands twice on the second side; ids must be unique"):
        agree([one], [one, one])


def test_the_order_of_the_files_does_not_matter() -> None:
    one = [tagged(name, ("Un.", ["drugs"] * (name < "d"))) for name in "abcdef"]
    other = [tagged(name, ("Un.", ["drugs"] * (name < "c"))) for name in "abcdef"]
    assert agree(one, other) == agree(one, other[::-1])


def test_annotators_go_by_their_names() -> None:
    agreement = agree([tagged("a", ("Un.", []), by="ann")], [tagged("a", ("Un.", []))])
    assert (agreement.a, agreement.b) == ("ann", "b")


@pytest.mark.skipif(not (DATA / "dev.second.jsonl").exists(), reason=f"no shared data in {DATA}; set CLAIMTAG_DATA")
def test_the_shared_annotators_agree_as_published() -> None:
    first, second = ([*read_gold(DATA / name)] for name in ("dev.jsonl", "dev.second.jsonl"))
    agreement = agree(first, second)
    assert (agreement.articles, agreement.sentences, len(agreement.macro_labels)) == (55, 481, 15)
    assert (agreement.claims_a, agreement.claims_b) == (137, 136)
    published = {"claim_f1": 0.967, "strict_f1": 0.938, "source_f1": 0.968, "bearing_f1": 0.972}
    published |= {"type": 0.977, "mode": 0.992, "cue": 0.964}
    figures = {name: agreement.claims[name] for name in published}
    for name, value in (published | {"micro": 0.979, "macro": 0.974}).items():
        figure = figures.get(name) or getattr(agreement, name)
        assert figure.value == pytest.approx(value, abs=6e-4), name
        assert figure.low < figure.value < figure.high
    turned = agree(second, first)
    assert turned.micro == agreement.micro
    assert turned.claims["claim_f1"] == agreement.claims["claim_f1"]
    assert turned.claims["claim_precision"] == agreement.claims["claim_recall"]
