"""Gold that cannot be learned from, and a test that was, are refused; labels with few examples are named."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimtag.errors import LeakageError, OptionError
from claimtag.evaluation.metrics import label_metrics
from claimtag.records import Article, Sentence, TaggedArticle
from claimtag.scheme import load_scheme
from claimtag.training.checking import check_gold, check_keywords, check_test, label_warnings
from claimtag.training.naming import made_scheme


def bare(identity: str, text: str) -> TaggedArticle:
    return TaggedArticle(Article(identity, text), ())


def cut(identity: str, said: list[str]) -> TaggedArticle:
    """An article of these sentences."""
    starts = [sum(len(one) + 1 for one in said[:place]) for place in range(len(said))]
    sentences = tuple(Sentence(start, start + len(one), one) for start, one in zip(starts, said, strict=True))
    return TaggedArticle(Article(identity, " ".join(said)), sentences)


def test_an_article_that_stands_twice_is_refused() -> None:
    with pytest.raises(OptionError, match=r'^article "a" stands 2 times in the gold; is a file given twice\?$'):
        check_gold([bare("a", "x"), bare("a", "y")], load_scheme("security-cooperation"))


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (bare("a", "Autre chose."), 'article "a" stands in gold and in test'),
        (bare("b", "  L’ETE a\nRabat !"), '"a" (gold) and "b" (test) have the same text: “L\'été à Rabat.”'),
    ],
)
def test_a_test_that_shares_an_id_or_the_words_of_a_text_is_refused(other: TaggedArticle, why: str) -> None:
    with pytest.raises(LeakageError) as refusal:
        check_test([bare("a", "L'été à Rabat.")], [bare("c", "Tout autre."), other])
    assert str(refusal.value) == (
        f"1 article of the test stands in the gold too: {why}; a test must not be learned from: take them out of one of "
        "the two"
    )


def test_a_republished_article_in_the_test_is_refused() -> None:
    said = ["Le port est fermé.", "La douane fouille les conteneurs.", "Rien n'a été saisi.", "Le trafic reprend."]
    with pytest.raises(LeakageError, match=r'"a" \(gold\) and "b" \(test\) share 75% of the shorter one\'s sentences'):
        check_test([cut("a", said)], [cut("b", [*said[:3], "Le trafic est arrêté."])])


def test_keywords_of_a_scheme_without_any_are_refused() -> None:
    scheme = made_scheme(Counter({"sea": 1}), file="x.csv", name="news").scheme
    check_keywords("linear", scheme)
    check_keywords("keywords", load_scheme("security-cooperation"))
    with pytest.raises(OptionError) as refusal:
        check_keywords("keywords", scheme)
    assert str(refusal.value) == (
        "news 0.0.0 has no keywords, so a model of them would say the same of everything; write some (`keywords`) into a "
        "scheme and give it with --scheme, or train another kind, such as --model linear"
    )


def test_texts_without_words_are_not_the_same_text() -> None:
    check_test([bare("a", "…")], [bare("b", "!")])


def test_labels_with_few_examples_are_named() -> None:
    examples = {"none": 0, "one": 1, "few": 9, "enough": 10, "elsewhere": 3}
    gold = [[False, True, True, True, False]] * 9
    warnings = list(label_warnings(examples, label_metrics(gold, gold, list(examples))))
    assert warnings == [
        '"none" has no sentence in the gold: it will never be said',
        '"one" has only 1 sentence in the gold: do not rely on it',
        '"few" has only 9 sentences in the gold: do not rely on it',
        '"elsewhere" has 3 sentences in the gold and none among those held out: it will never be said',
    ]


def test_figures_of_chance_are_told() -> None:
    truth = np.tile([[True, False], [False, True], [False, False]], (10, 1))
    always = np.ones_like(truth)
    assert list(label_warnings({"sea": 10, "land": 10}, label_metrics(truth, always, ["sea", "land"]))) == [
        "on sentences that were not learned from, labels are told hardly better than by chance, if at all: 20 right of 60 "
        "said, 20 by chance; add sentences, and look whether their labels can be told from what they say"
    ]
    assert list(label_warnings({}, label_metrics(truth, truth, ["sea", "land"]))) == []
    some = truth & (np.arange(30) < 15)[:, np.newaxis] | ~truth & (np.arange(30) % 10 == 0)[:, np.newaxis]
    assert list(label_warnings({}, label_metrics(truth, some, ["sea", "land"]))) == []
    assert list(label_warnings({}, label_metrics(truth, ~always, ["sea", "land"]))) == []  # nothing said, nothing wrong
    assert list(label_warnings({}, label_metrics([[False]], [[True]], ["sea"]))) == []


@given(st.integers(0, 2**32 - 1))
def test_answers_at_random_are_mostly_told_to_be_such(seed: int) -> None:
    random = np.random.default_rng(seed)
    truth = random.random((60, 4)) < 0.3
    told = [any(label_warnings({}, label_metrics(truth, random.random((60, 4)) < 0.5, "abcd"))) for _ in range(20)]
    assert sum(told) >= 12  # 19 of 20 on average


def test_a_label_that_nobody_was_asked_is_not_called_one_without_examples() -> None:
    metrics = label_metrics([[False, False]], [[False, False]], ["asked", "unasked"])
    assert list(label_warnings({"asked": 0, "unasked": 0}, metrics, ["unasked"])) == [
        '"asked" has no sentence in the gold: it will never be said',
        'nobody was asked about "unasked" in this gold: it will be neither said nor denied',
    ]


def test_a_label_without_examples_that_has_texts_is_told_how_to_be_scored_by_them() -> None:
    metrics = label_metrics([[False] * 3], [[False] * 3], ["bare", "described", "unasked"])
    told = label_warnings(dict.fromkeys(metrics.per_label, 0), metrics, ["unasked"], ["described", "unasked"])
    way = (
        "; to have it scored by its keywords and examples, train with a version of the scheme that lacks it (gold that names "
        "this version gets there by claimtag labels migrate), and tag with this one: claimtag tag --scheme"
    )
    assert list(told) == [
        '"bare" has no sentence in the gold: it will never be said',
        f'"described" has no sentence in the gold: it will never be said{way}',
        f'nobody was asked about "unasked" in this gold: it will be neither said nor denied{way}',
    ]
