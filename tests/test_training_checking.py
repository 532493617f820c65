"""Gold that cannot be learned from, and a test that was, are refused; labels with few examples are named."""

from __future__ import annotations

import pytest

from claimtag.errors import LeakageError, OptionError
from claimtag.evaluation.metrics import label_metrics
from claimtag.records import Article, TaggedArticle
from claimtag.scheme import load_scheme
from claimtag.training.checking import check_gold, check_test, label_warnings


def bare(identity: str, text: str) -> TaggedArticle:
    return TaggedArticle(Article(identity, text), ())


def test_an_article_that_stands_twice_is_refused() -> None:
    with pytest.raises(OptionError, match=r'^article "a" stands 2 times in the gold; is a file given twice\?$'):
        check_gold([bare("a", "x"), bare("a", "y")], load_scheme("security-cooperation"))


@pytest.mark.parametrize("other", [bare("a", "Autre chose."), bare("b", "  L’ETE a\nRabat !")])
def test_a_test_that_shares_an_id_or_the_words_of_a_text_is_refused(other: TaggedArticle) -> None:
    with pytest.raises(LeakageError) as refusal:
        check_test([bare("a", "L'été à Rabat.")], [bare("c", "Tout autre."), other])
    assert str(refusal.value) == (
        "1 articles of the test stand in the gold too, such as 'a'; a test must not be learned from: take them out of one "
        "of the two"
    )
    (leak,) = refusal.value.leaks
    assert str(leak).startswith(
        'article "a" stands in gold' if other.article.id == "a" else '"a" (gold) and "b" (test)'
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
