"""The table of what was found."""

from __future__ import annotations

import pytest

import claimtag
from claimtag.records import Article, Sentence, TaggedArticle, Theme
from claimtag.summary import Summary


@pytest.fixture
def counted() -> Summary:
    text = "A. B. C."
    said = Sentence(0, 2, "A.", themes=(Theme("drugs", 0.9),), review=(Theme("justice", 0.4),))
    again = Sentence(3, 5, "B.", themes=(Theme("drugs", 0.8),))
    ticker = Sentence(6, 8, "C.", kind="boilerplate")
    summary = Summary()
    list(summary.over([TaggedArticle(Article("a", text), (said, again, ticker), notes=("language nl: …",))]))
    return summary


def test_sentences_articles_reviews_and_tiers_stand_in_the_schemes_order(counted: Summary) -> None:
    scheme = claimtag.load_scheme("security-cooperation")
    lines = counted.table(scheme, tiers=dict.fromkeys(scheme.labels, "B")).splitlines()
    assert lines[0].split() == ["theme", "sentences", "articles", "to", "review", "tier"]
    assert [line.split() for line in lines[1:3]] == [["Drugs", "2", "1", "0", "B"], ["Justice", "0", "0", "1", "B"]]
    assert "1 article, 2 sentences, 1 piece of boilerplate set aside" in lines
    assert lines[-1] == "note on 1 article: language nl: …"


def test_nothing_found_says_so(counted: Summary) -> None:
    scheme = claimtag.load_scheme("security-cooperation")
    assert Summary().table(scheme, tiers={}).startswith("no themes found\n")


def test_every_theme_of_an_article_counts_it_however_many_there_are() -> None:
    labels = claimtag.load_scheme("security-cooperation").labels[:6]
    sentence = Sentence(0, 2, "A.", themes=tuple(Theme(label, 0.9) for label in labels))
    summary = Summary()
    list(summary.over([TaggedArticle(Article("a", "A."), (sentence,))]))
    assert summary.in_articles == dict.fromkeys(labels, 1)
