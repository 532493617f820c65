"""Gold that cannot be learned from, and a test that was, are refused; labels with few examples are named."""

from __future__ import annotations

import pytest

from claimtag.errors import LeakageError, OptionError
from claimtag.evaluation.metrics import label_metrics
from claimtag.records import Article, Sentence, TaggedArticle
from claimtag.scheme import load_scheme
from claimtag.training.checking import check_gold, check_test, label_warnings


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
