"""Every figure at once: equal to scikit-learn's where both exist, with the intervals of the bootstrap, reasons where undefined."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, hamming_loss, precision_score, recall_score
from strategies import LABELS, scored, tagged_articles

from claimtag.errors import OptionError, SchemeError
from claimtag.evaluation import check_scheme, evaluate, report
from claimtag.evaluation.intervals import Estimate, theme_estimates
from claimtag.records import Article, Claim, SchemeRef, Sentence, Span, TaggedArticle, Theme


def article(identity: str, *sentences: str, scheme: SchemeRef | None = None) -> TaggedArticle:
    """An article of one-letter sentences, each with its themes, one letter each."""
    text = "x" * len(sentences)
    return TaggedArticle(
        Article(identity, text),
        tuple(Sentence(n, n + 1, "x", themes=tuple(map(Theme, labels))) for n, labels in enumerate(sentences)),
        scheme=scheme,
    )


rows = st.lists(st.sets(st.sampled_from("abc")).map("".join), min_size=1, max_size=6)


@given(st.lists(st.tuples(rows, st.randoms()), min_size=1, max_size=5))
def test_figures_equal_scikit_learns(drawn: list[tuple[list[str], object]]) -> None:
    gold = [article(str(n), *sentences) for n, (sentences, _) in enumerate(drawn)]
    said = [article(str(n), *(random.choice(["", "a", "bc", one]) for one in sentences))  # type: ignore[attr-defined]
            for n, (sentences, random) in enumerate(drawn)]  # fmt: skip
    evaluation = evaluate(gold, said, labels="abc", replicates=10)
    truth, given_ = (
        np.array([[label in s.labels for label in "abc"] for one in side for s in one.sentences])
        for side in (gold, said)
    )
    figures = {name: estimate.value for name, estimate in evaluation.figures.items()}
    assert figures["exact"] == pytest.approx(accuracy_score(truth, given_))
    assert figures["hamming"] == pytest.approx(hamming_loss(truth, given_))
    either = [("micro_f1", f1_score), ("micro_precision", precision_score), ("micro_recall", recall_score)]
    for name, metric in either:
        assert math.isnan(figures[name]) or figures[name] == pytest.approx(
            metric(truth, given_, average="micro", zero_division=0)
        )
    anything = f1_score(truth.any(axis=1), given_.any(axis=1), zero_division=0)
    assert math.isnan(figures["any_theme_f1"]) or figures["any_theme_f1"] == pytest.approx(anything)
    for column, label in enumerate("abc"):
        values = {name: estimate.value for name, estimate in evaluation.labels[label].items()}
        assert math.isnan(values["f1"]) == (not truth[:, column].any())
        if truth[:, column].any():
            assert values["f1"] == pytest.approx(f1_score(truth[:, column], given_[:, column], zero_division=0))
        if given_[:, column].any():
            assert values["precision"] == pytest.approx(
                precision_score(truth[:, column], given_[:, column], zero_division=0)
            )


def test_intervals_are_those_of_the_bootstrap_over_articles() -> None:
    gold = [article(str(n), *"aabbaab"[: 3 + n % 4]) for n in range(12)]
    said = [article(str(n), *"abbbaaa"[: 3 + n % 4]) for n in range(12)]
    evaluation = evaluate(gold, said, labels="ab")
    micro, macro, first, second = theme_estimates(evaluation.counts)
    assert evaluation.figures["micro_f1"] == micro
    assert evaluation.figures["macro_f1"] == macro
    assert (evaluation.labels["a"]["f1"], evaluation.labels["b"]["f1"]) == (first, second)


def test_what_is_not_defined_says_why() -> None:
    evaluation = evaluate([article("1", "a", "")], [article("1", "b", "")], labels="abc")
    assert {name: one.reason for name, one in evaluation.labels["b"].items()} == {
        "precision": "an interval needs at least 3 articles, there are 1",
        "recall": "no gold sentence carries it",
        "f1": "no gold sentence carries it",
    }
    assert evaluation.labels["c"]["precision"].reason == "it was never predicted"
    assert evaluation.figures["boilerplate_recall"].reason == "gold has no boilerplate"
    assert "macro-F1 not defined (no label has 5 gold sentences or more)" in report(evaluation)


@given(st.lists(tagged_articles(), min_size=1, max_size=3, unique_by=lambda one: one.article.id).filter(scored))
def test_claims_are_measured_where_both_sides_carry_some(articles: list[TaggedArticle]) -> None:
    claims = evaluate(articles, articles, labels=LABELS, replicates=10).claims
    assert bool(claims) == any(one.claims for one in articles)
    if claims:
        assert claims["strict_f1"].value == 1
    bare = [TaggedArticle(one.article, one.sentences) for one in articles]
    assert not evaluate(articles, bare, labels=LABELS, replicates=10).claims


def test_where_claims_were_looked_for_finding_none_is_a_recall_of_0_and_precision_is_not_defined() -> None:
    text = "Rabat dit oui."
    claim = Claim(0, "assertion", "indirect", Span(10, 13, "oui"), speaker=Span(0, 5, "Rabat"))
    gold = [
        TaggedArticle(Article(name, text), (Sentence(0, len(text), text),), claims=(claim,)) for name in ("a", "b", "c")
    ]
    bare = [replace(one, claims=()) for one in gold]
    claims = evaluate(gold, bare, labels="a", claims_sought=True).claims
    for name in ("claim_recall", "claim_f1", "strict_f1", "bearing_f1", "source_f1"):
        assert claims[name] == Estimate(0.0, 0.0, 0.0)
    assert (claims["claim_precision"].reason, claims["mode"].reason) == (
        "there are no predicted claims",
        "no claims were matched",
    )
    assert not evaluate(bare, gold, labels="a", claims_sought=True).claims


def test_an_empty_test_set_is_refused() -> None:
    bare = TaggedArticle(Article("a", "Photo."), (Sentence(0, 6, "Photo.", "boilerplate"),))
    with pytest.raises(
        OptionError, match=r"no sentence is scored: the 1 article\(s\) to measure on have no sentences but"
    ):
        evaluate([bare], [bare])
    with pytest.raises(OptionError, match="there are no gold articles, so nothing can be measured"):
        evaluate([], [])


def test_another_scheme_version_or_hash_is_refused_and_a_missing_one_says_nothing() -> None:
    scheme = SchemeRef("s", "1.0.0", "abc")
    check_scheme([article("1"), article("2", scheme=SchemeRef("s", "1.0.0"))], scheme, what="gold")
    for other in (SchemeRef("t", "1.0.0"), SchemeRef("s", "1.0.1"), SchemeRef("s", "1.0.0", "abd")):
        with pytest.raises(SchemeError, match='article "3" of gold is annotated under the label scheme'):
            check_scheme([article("3", scheme=other)], scheme, what="gold")
