"""The project's own articles hold what they were written to hold, and the test part stays as it was frozen."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import pytest

import claimtag

FROZEN = "7a996584a3296b34d8042be9cfe0789735da7c696a65e81b91d76785b8593f3a"


@pytest.fixture(scope="module")
def corpus(examples: Path) -> list[claimtag.TaggedArticle]:
    return list(claimtag.read_gold(examples / "train.jsonl", examples / "test.jsonl"))


def test_the_test_part_is_frozen(examples: Path) -> None:
    assert hashlib.sha256((examples / "test.jsonl").read_bytes()).hexdigest() == FROZEN


def test_there_are_enough_articles_and_rare_themes(corpus: list[claimtag.TaggedArticle]) -> None:
    assert len(corpus) >= 45
    counts = Counter(label for tagged in corpus for sentence in tagged.sentences for label in sentence.labels)
    assert counts["western_sahara"] >= 60
    rare = ("foreign_fighters", "organised_crime", "human_trafficking", "intelligence", "radicalisation")
    assert min(counts[label] for label in rare) >= 40


def test_every_claim_names_its_source_or_is_authorial(corpus: list[claimtag.TaggedArticle]) -> None:
    for tagged in corpus:
        for claim in tagged.claims:
            assert (claim.source is None) == (claim.mode == "authorial"), (tagged.article.id, claim)


def test_the_labels_are_those_of_the_scheme(corpus: list[claimtag.TaggedArticle]) -> None:
    known = set(claimtag.load_scheme("security-cooperation").labels)
    assert {label for tagged in corpus for label in tagged.themes} <= known


def test_every_kind_of_mess_is_there(corpus: list[claimtag.TaggedArticle]) -> None:
    texts = "\n".join(tagged.article.text for tagged in corpus)
    for mess in ("\xa0\xa0\xa0\xa0", "ire aussi", "ookies", "liquez ici", "- ", "«", "“", '"', "https://"):
        assert mess in texts, mess
