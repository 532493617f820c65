"""What is chosen to be annotated next, and why."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimtag.errors import OptionError
from claimtag.records import Article, Sentence, TaggedArticle
from claimtag.selecting import ALIKE, Pick, Pool, Unit, choose, pool_of, select
from claimtag.tagging import Tagger, load_tagger

LABELS = ("drugs", "justice", "politics")
WORDS = ("un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze")


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return load_tagger("fast")


def pool(
    rows: list[list[list[float]]], *, words: list[str] | None = None, thresholds: tuple[float, ...] = (0.5, 0.5, 0.5)
) -> Pool:
    """Articles of sentences, each with a probability for each label; the words of all differ, unless they are given."""
    articles, number = [], 0
    for place, sentences in enumerate(rows):
        text, cut = "", []
        for _ in sentences:
            said = words[number] if words else f"{WORDS[number % 12]}{number} {WORDS[number // 12 % 12]}{number}"
            number += 1
            cut.append(Sentence(len(text), len(text) + len(said), said))
            text += f"{said} "
        articles.append(TaggedArticle(Article(str(place), text or "–"), tuple(cut)))
    flat = np.array([row for sentences in rows for row in sentences], dtype=float).reshape(-1, len(LABELS))
    return Pool(tuple(articles), flat, np.array(thresholds), LABELS)


def places(picks: list[Pick]) -> list[int]:
    return [pick.place for pick in picks]


def test_labels_take_turns_each_with_what_is_nearest_to_its_threshold() -> None:
    made = pool([[[0.1, 0.9, 0.9]], [[0.5, 0.9, 0.9]], [[0.9, 0.5, 0.1]], [[0.9, 0.9, 0.5]]])
    picks = choose(made, 3, unit="sentence")
    # nothing was taken yet, so all are equally unlike it: the nearest to the threshold comes first
    assert [(pick.label, pick.place, pick.why) for pick in picks] == [
        ("drugs", 1, "uncertain"),
        ("justice", 2, "uncertain"),
        ("politics", 3, "uncertain"),
    ]


def test_what_a_threshold_of_its_own_makes_uncertain_is_taken() -> None:
    made = pool([[[0.5, 0, 0]], [[0.2, 0, 0]]], thresholds=(0.2, np.nan, np.nan))
    assert choose(made, 1, unit="sentence")[0].place == 1


def test_a_rare_label_takes_what_most_probably_carries_it_in_its_part_of_the_turns() -> None:
    rows = [[[0.5, 0.5, 0.0]] for _ in range(60)]
    for place, chance in ((7, 0.4), (31, 0.3), (59, 0.2)):
        rows[place][0] = [0.0, 0.0, chance]
    picks = choose(pool(rows, thresholds=(0.5, 0.5, np.nan)), 14, unit="sentence", seed=3)
    assert len(picks) == 14
    assert [(pick.place, pick.label, pick.probability) for pick in picks if pick.why == "rare"] == [
        (7, "politics", 0.4),
        (31, "politics", 0.3),
        (59, "politics", 0.2),
    ]


def test_what_is_like_something_taken_is_not_taken() -> None:
    rows = [[[0.5, 0, 0]] for _ in range(4)]
    made = pool(
        rows,
        words=["la police agit", "la police agit", "le juge parle", "La police agit !"],
        thresholds=(0.5, np.nan, np.nan),
    )
    picks = choose(made, 4, unit="sentence")
    assert len(picks) == 2
    assert 2 in places(picks)


def test_among_the_uncertain_the_least_like_those_taken_comes_next() -> None:
    rows = [[[0.5, 0, 0]], [[0.49, 0, 0]], [[0.48, 0, 0]]]
    made = pool(
        rows,
        words=["la police saisit de la drogue", "la police saisit une arme", "le juge parle"],
        thresholds=(0.5, np.nan, np.nan),
    )
    assert places(choose(made, 3, unit="sentence")) == [0, 2, 1]
    assert ALIKE > 0.6


def test_an_article_counts_by_its_most_uncertain_sentences() -> None:
    sure, unsure = [0.0, 1.0, 1.0], [0.5, 1.0, 1.0]
    made = pool([[sure] * 6, [sure] * 5 + [unsure] * 3, [unsure, sure, sure]])
    assert choose(made, 1, unit="article")[0].place == 1


@settings(max_examples=25, deadline=None)
@given(data=st.data(), unit=st.sampled_from(["sentence", "article"]), seed=st.integers(0, 5))
def test_nothing_is_taken_twice_and_the_same_seed_takes_the_same(data: st.DataObject, unit: Unit, seed: int) -> None:
    sizes = data.draw(st.lists(st.integers(0, 4), max_size=8))
    rows = [[[data.draw(st.sampled_from([0.0, 0.3, 0.5, 1.0])) for _ in LABELS] for _ in range(size)] for size in sizes]
    number = data.draw(st.integers(1, 12))
    picks = choose(pool(rows), number, unit=unit, seed=seed)
    assert picks == choose(pool(rows), number, unit=unit, seed=seed)
    assert len(set(places(picks))) == len(picks) <= number
    assert all(0 <= pick.place < (sum(sizes) if unit == "sentence" else len(sizes)) for pick in picks)


def test_time_is_linear_in_the_pool() -> None:
    took = []
    for size in (1_000, 10_000):
        numbers = np.random.default_rng(0).random((size, 1, 3)).tolist()
        made = pool(numbers)
        begun = time.perf_counter()
        assert len(choose(made, 50, unit="sentence")) == 50
        took.append(time.perf_counter() - begun)
    assert took[1] < 30 * max(took[0], 0.02)


ARTICLES = [
    Article("a", "La police a saisi du cannabis à Anvers. Le tribunal a condamné trois hommes."),
    Article("b", "Le temps sera beau demain sur tout le pays."),
    Article("c", "Le Polisario rejette le plan d'autonomie du Maroc. Le ministre se félicite de la coopération."),
    Article("d", "Le Polisario rejette le plan d'autonomie du Maroc. Le ministre se félicite de la coopération."),
]


def test_articles_come_tagged_with_the_reason_and_repeated_ones_once(tagger: Tagger) -> None:
    chosen = select(ARTICLES, tagger, 4)
    assert sorted(one.article.id for one in chosen) in (["a", "b", "c"], ["a", "b", "d"])
    for one in chosen:
        assert one.by == tagger.bundle.by
        assert " (uncertain, probability 0." in one.notes[-1] or " (rare, probability 0." in one.notes[-1]
        assert "".join(sentence.text for sentence in one.sentences)


def test_chosen_sentences_stand_alone_in_the_whole_text_with_their_claims(tagger: Tagger) -> None:
    text = "Le tribunal a condamné trois hommes. Selon le ministre, la coopération avance. Le temps est beau."
    (one,) = select([Article("a", text, lang="fr")], tagger, 1, unit="sentence", seed=1)
    assert one.article.text == text
    assert len(one.sentences) == 1
    assert one.notes[-1].startswith(f"sentence {one.sentences[0].start}–{one.sentences[0].end} selected for ")
    (_, both) = (None, select([Article("a", text, lang="fr")], tagger, 3, unit="sentence"))
    assert [len(each.sentences) for each in both] == [3]
    assert all(each.sentences[claim.sentence].text.startswith("Selon") for each in both for claim in each.claims)


def test_articles_that_have_sentences_keep_them(tagger: Tagger) -> None:
    cut = TaggedArticle(ARTICLES[0], (Sentence(0, 5, "La po"), Sentence(6, 10, "ice ", kind="boilerplate")))
    made = pool_of([cut], tagger)
    assert made.articles == (cut,)
    assert made.probabilities.shape == (1, len(tagger.scheme.labels))


def test_of_an_empty_pool_nothing_is_chosen(tagger: Tagger) -> None:
    assert select([], tagger, 5) == []
    assert select([], tagger, 5, unit="sentence") == []


def test_senseless_wishes_are_refused(tagger: Tagger) -> None:
    with pytest.raises(OptionError, match="at least 1 article can be asked for, not 0"):
        select([], tagger, 0)
    with pytest.raises(OptionError, match='"word" is no unit; choose one of sentence, article'):
        select([], tagger, 1, unit="word")  # type: ignore[arg-type]


TWO = "La police a saisi deux tonnes de cannabis au port. Le tribunal a condamné trois hommes hier."


def _done(*sentences: Sentence, text: str = TWO) -> TaggedArticle:
    return TaggedArticle(Article("a", text, lang="fr"), sentences)


FIRST, SECOND = Sentence(0, 50, TWO[:50]), Sentence(51, 92, TWO[51:])


@pytest.mark.parametrize(
    ("done", "left"),
    [
        ((), [FIRST.text, SECOND.text]),
        ((_done(FIRST),), [SECOND.text]),
        ((_done(FIRST), _done(SECOND)), []),
        ((_done(Sentence(45, 60, TWO[45:60])),), []),  # cut otherwise there: it overlaps both
        ((_done(Sentence(0, 50, TWO[:50], kind="boilerplate")),), [SECOND.text]),
        ((_done(FIRST, text=f"{TWO} Corrigé."),), []),  # another text: nobody knows which sentences these are
    ],
)
def test_sentences_annotated_before_are_not_chosen(
    tagger: Tagger, done: tuple[TaggedArticle, ...], left: list[str]
) -> None:
    chosen = select([Article("a", TWO, lang="fr")], tagger, 9, unit="sentence", without=done)
    assert [one.text for tagged in chosen for one in tagged.sentences] == left


def test_a_sentence_that_was_asked_no_label_is_not_annotated(tagger: Tagger) -> None:
    labels = tagger.scheme.labels
    half = _done(replace(FIRST, not_asked=labels), replace(SECOND, not_asked=labels[1:]))
    (chosen,) = select([Article("a", TWO, lang="fr")], tagger, 9, unit="sentence", without=[half])
    assert [one.text for one in chosen.sentences] == [FIRST.text]


def test_articles_annotated_before_are_not_chosen(tagger: Tagger) -> None:
    pool = [Article("a", TWO, lang="fr"), TaggedArticle(Article("b", TWO, lang="fr"), (FIRST,))]
    chosen = select(pool, tagger, 9, without=[_done(FIRST)])
    assert [one.article.id for one in chosen] == ["b"]


def test_what_is_annotated_still_stands_beside_what_is_scored(tagger: Tagger) -> None:
    article = Article("a", TWO, lang="fr")
    (both,) = select([article], tagger, 9, unit="sentence")
    (one,) = select([article], tagger, 9, unit="sentence", without=[_done(FIRST)])
    assert one.sentences == both.sentences[1:]
