"""Stretches between white space: their words, and what they say of a sentence at first sight."""

from __future__ import annotations

import random
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimtag.claims import extract
from claimtag.claims.cues import cues_of
from claimtag.claims.grammar import LONGEST, WORD, grammar_of
from claimtag.claims.model import Author, ClaimModel
from claimtag.claims.stretches import CUE, INVERTED, MARK, TAIL, TAILED, Stretches, most_of, share, words_of
from claimtag.claims.words import Words
from claimtag.records import Article, Sentence

CUES = cues_of("fr")
assert CUES is not None
WORDS = ("il", "faut", "que", "la", "crise", "dit", "rue", ",", "sera", "historique")


def words(text: str) -> Words:
    assert CUES is not None
    return Words(text, 0, len(text), CUES)


def test_a_stretch_gives_its_words_their_classes_and_places() -> None:
    found = words("L’Europe,")
    assert (found.low, found.kind, found.start, found.end) == (
        ["l'", "europe", ","],
        ["D", "X", ","],
        [0, 2, 8],
        [2, 8, 9],
    )


@given(st.text(alphabet="ab É’'-_.«» \n\u00a0\u3000", max_size=60))
def test_words_and_places_are_those_that_one_search_finds(text: str) -> None:
    matches = list(WORD.finditer(text))
    found = words(text)
    assert (found.count, found.start, found.end) == (
        len(matches), [match.start() for match in matches], [match.end() for match in matches],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("déclare", CUE),
        ("dit-il", INVERTED),
        ("« Non »", MARK),
        ("favorable", TAIL),
        ("sont", TAILED),
    ],
)
def test_signs_tell_what_stands_in_a_sentence(text: str, signs: int) -> None:
    assert words("Le " + text).signs & signs


def test_a_sentence_of_plain_words_has_no_sign_of_a_cue() -> None:
    assert not words("Le chat noir dort.").signs & (CUE | INVERTED | MARK)


def test_shares_sum_up_to_the_number_of_words_and_what_they_add() -> None:
    total = share(("a", "b"), {"a": 0.25, "b": -1.5}.__getitem__) + share(("a",), {"a": 0.25}.__getitem__)
    assert words_of(total) == 3
    assert most_of(total) == pytest.approx(-1.0, abs=0.001)
    assert most_of(total) >= -1.0


def test_weights_beyond_reason_do_not_change_the_number_of_words() -> None:
    assert words_of(sum(share((word,), {"a": 1e12, "b": -1e12}.__getitem__) for word in "aba")) == 3


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12), st.integers(0, 10**6))
def test_the_first_look_never_hides_what_an_author_says(said: list[str], seed: int) -> None:
    chance = random.Random(seed)
    names = ["", *("^" + word for word in WORDS), *("$" + word for word in WORDS), *("=" + word for word in WORDS)]
    names += [f"{one} {other}" for one in WORDS for other in WORDS if chance.random() < 0.5]
    author = Author({name: round(chance.uniform(-3, 3), 4) for name in names})
    assert CUES is not None
    stretches = Stretches(CUES.grammar.entries, {}, most=author.most)
    found = [stretches[word] for word in said]
    pairs = pairwise(said)
    exact = sum(author.most(word) - author.shares.get(word, 0.0) for word in said)
    exact += sum(author.pairs.get(pair, 0.0) for pair in pairs)
    assert most_of(sum(stretch.share for stretch in found)) >= exact - 1e-6


def test_a_stretch_too_long_is_not_remembered() -> None:
    stretches = Stretches(grammar_of("fr").entries, {})
    assert stretches["a" * LONGEST].low == ("a" * LONGEST,)
    assert not stretches


@pytest.mark.parametrize(
    "text",
    [
        "«" * 10_000,
        "« “ ‹ " * 20_000 + "non" + " › ” »" * 20_000,
        '" ' * 100_000,
        "déclare " * 100_000,
        "déclare," * 20_000,
        "a-t-il " * 100_000,
        "selon le ministre, " * 40_000,
        "mot " * 250_000,
    ],
    ids=["openers", "nested", "straight", "cues", "one stretch", "inverted", "sources", "a megabyte"],
)
def test_a_hostile_sentence_takes_no_longer_than_its_length(text: str, small_claims: ClaimModel) -> None:
    def seconds(said: str) -> float:
        article = Article("a", said, lang="fr")
        begun = time.process_time()
        extract(article, (Sentence(0, len(said), said),), small_claims)
        return time.process_time() - begun

    half = text[: len(text) // 2].strip()
    seconds(half)
    whole, part = (min(seconds(said) for _ in range(2)) for said in (text.strip(), half))
    assert whole < 6 * max(part, 0.05)


@pytest.fixture(scope="module")
def small_claims() -> ClaimModel:
    return ClaimModel.load(Path(__file__).parent.parent / "claimtag" / "bundles" / "fast" / "claims")
