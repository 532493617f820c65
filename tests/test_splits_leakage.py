"""The leakage gate: what two parts share is found and named, what anybody writes is let through, and it is quick."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from strategies import article_lists

from claimtag.errors import ClaimtagError, OptionError
from claimtag.records import Article, Kind, Sentence, TaggedArticle
from claimtag.splits import Leak, LeakageError, find_leaks, refuse_leaks
from claimtag.splits.leakage import COMMON, joined

SAID = "Le ministre a promis hier à Rabat de rendre le rapport public avant la fin de cette année, comme il l'avait annoncé."


def article(id: str, *texts: str, kind: Kind = "body") -> TaggedArticle:
    text, sentences = "\n".join(texts), []
    for sentence in texts:
        start = sentences[-1].end + 1 if sentences else 0
        sentences.append(Sentence(start, start + len(sentence), sentence, kind))
    return TaggedArticle(Article(id, text), tuple(sentences))


def leaks(*articles: TaggedArticle) -> tuple[Leak, ...]:
    """What articles share that are each a part."""
    return find_leaks({f"part {place}": [each] for place, each in enumerate(articles)})


def test_an_article_in_two_parts_is_one_leak() -> None:
    (leak,) = leaks(article("x", SAID), article("x", SAID))
    assert (leak.what, leak.articles, leak.parts) == ("article", ("x", "x"), ("part 0", "part 1"))


def test_the_same_text_under_another_id_is_a_leak_whatever_its_case_accents_and_white_space() -> None:
    (leak,) = leaks(article("x", "À Rabat.", "Il part."), article("y", "A RABAT…", "Il  part"))
    assert (leak.what, leak.articles) == ("text", ("x", "y"))


def test_one_long_sentence_in_two_articles_is_a_leak() -> None:
    (leak,) = leaks(article("x", "Un.", SAID, "Trois."), article("y", SAID.upper(), "Autre."))
    assert (leak.what, leak.likeness, leak.texts) == ("sentence", 1.0, (SAID, SAID.upper()))


def test_a_sentence_in_which_one_word_differs_is_a_leak() -> None:
    (leak,) = leaks(article("x", SAID, "Un."), article("y", SAID.replace("fin", "moitié"), "Deux."))
    assert leak.what == "sentence"
    assert 0.7 <= leak.likeness < 1


def test_a_sentence_in_which_half_of_the_words_differ_is_none() -> None:
    assert (
        leaks(
            article("x", SAID, "Un."),
            article("y", "Le ministre a promis hier à Rabat de démissionner si le budget est refusé.", "Deux."),
        )
        == ()
    )


def test_sentences_of_fewer_than_eight_words_and_boilerplate_are_no_leaks() -> None:
    dateline, notice = "Rabat, le 3 mai 2018 à midi", SAID
    assert leaks(article("x", dateline, "Un."), article("y", dateline, "Deux.")) == ()
    assert leaks(article("x", notice, "a", kind="boilerplate"), article("y", notice, "b", kind="boilerplate")) == ()


def test_a_republished_article_of_short_sentences_is_a_leak() -> None:
    said = [f"La police de la ville {number} enquête." for number in range(10)]
    first, second = article("x", *said, "Par notre correspondant."), article("y", *said, "Mis à jour hier.")
    (leak,) = leaks(first, second)
    assert (leak.what, leak.articles, round(leak.likeness, 2)) == ("duplicate", ("x", "y"), 0.91)
    with pytest.raises(
        LeakageError, match=r"share 1 duplicate, so(.|\n)*share 91% of the shorter one's sentences: “La"
    ):
        refuse_leaks({"train": [first], "test": [second]})
    ending = [
        article(name, text, "Lire aussi.", "Photo AFP.", kind="boilerplate")
        for name, text in zip("ab", ("Un.", "Deux."), strict=True)
    ]
    assert leaks(*ending) == ()


def test_a_sentence_that_many_different_articles_carry_is_none() -> None:
    def carriers(count: int) -> list[TaggedArticle]:
        return [article(f"x{n}", SAID, f"Texte {n} un.", f"Texte {n} deux.") for n in range(count)]

    assert leaks(*carriers(COMMON)) == ()
    assert leaks(*carriers(COMMON - 1))


def test_copies_of_one_article_do_not_make_its_sentences_common() -> None:
    copies = [article(f"x{n}", SAID, "Un autre.", "Un tiers.", f"Mise à jour {n}.") for n in range(10)]
    assert find_leaks({"train": copies[:9], "test": copies[9:]})


def test_inside_a_part_articles_may_share_what_they_like() -> None:
    assert find_leaks({"train": [article("x", SAID), article("y", SAID)], "test": [article("z", "Un.")]}) == ()


def test_the_worst_come_first_articles_texts_then_the_likest_sentences() -> None:
    other = "La police a saisi deux tonnes de cannabis dans un conteneur arrivé au port d'Anvers lundi matin."
    train = [article("a", SAID, "Un."), article("b", other, "Deux."), article("c", "Trois."), article("d", "Quatre.")]
    test = [
        article("e", SAID.replace("fin", "moitié"), "x"),
        article("f", other, "y"),
        article("g", "TROIS"),
        article("d", "z"),
    ]
    found = find_leaks({"train": train, "test": test})
    assert [(leak.what, leak.articles) for leak in found] == [
        ("article", ("d", "d")), ("text", ("c", "g")), ("sentence", ("b", "f")), ("sentence", ("a", "e"))
    ]  # fmt: skip
    json.dumps([leak.to_dict() for leak in found])


def test_the_parts_of_a_leak_are_in_the_order_they_were_given() -> None:
    parts = {"z": [article("x", SAID, "Un.")], "a": [article("y", SAID, "Deux.")]}
    assert [leak.parts for leak in find_leaks(parts)] == [("z", "a")]


def test_the_gate_fails_with_counts_and_the_worst_named() -> None:
    parts = {
        "train": [article("x", SAID, "Un."), article("z", "Bis.")],
        "test": [article("y", SAID, "Deux."), article("z", "Bis.")],
    }
    with pytest.raises(LeakageError) as refusal:
        refuse_leaks(parts)
    assert str(refusal.value) == (
        "the parts of the split share 1 article, 1 sentence, so figures on one of them would be too good:\n"
        '  article "z" stands in train and in test\n'
        '  "x" (train) and "y" (test) share the sentence “Le ministre a promis hier à Rabat de rendre le rapport public avant la fin de c…”\n'
        "Keep such articles on one side, or leave them out of the larger part"
    )
    assert len(refusal.value.leaks) == 2
    assert isinstance(refusal.value, ClaimtagError)
    refuse_leaks({"train": parts["train"][:1], "test": parts["test"][1:]})


def test_more_leaks_than_are_named_are_counted() -> None:
    both = [article(f"x{n}", f"Texte {n}.") for n in range(8)]
    with pytest.raises(LeakageError, match=r"share 8 articles, so (?s:.*)\n  and 3 more\n") as refusal:
        refuse_leaks({"train": both, "test": both})
    assert len(refusal.value.leaks) == 8


def test_a_likeness_that_is_none_is_refused() -> None:
    with pytest.raises(OptionError, match=r"lies in \(0, 1\], not at 0"):
        find_leaks({}, likeness=0)


def test_articles_that_share_a_sentence_are_joined_and_what_is_joined_has_no_leaks() -> None:
    gold = [article("x", SAID, "Un."), article("y", "Deux."), article("z", SAID + " Oui", "Trois.")]
    assert joined(gold) == (0, 1, 0)


def test_empty_articles_share_nothing() -> None:
    assert leaks(article("x"), article("y"), article("z", "…")) == ()


@given(article_lists(max_size=4))
def test_every_article_that_is_on_both_sides_is_found_whatever_its_text(articles: list[Article]) -> None:
    gold = [TaggedArticle(each, ()) for each in articles]
    found = find_leaks({"train": gold, "test": gold})
    assert [leak.articles for leak in found if leak.what == "article"] == [(each.id, each.id) for each in articles]


def test_five_thousand_sentences_take_less_than_five_seconds() -> None:
    words = [f"mot{n}" for n in range(997)]
    parts = {
        part: [
            article(f"{part}{n}", " ".join(words[(n * step * 31 + shift) % 997] for step in range(1, 25)))
            for n in range(2500)
        ]
        for part, shift in (("train", 0), ("test", 11))
    }
    assert _seconds(parts) < 5


def test_it_is_linear_when_all_sentences_are_nearly_the_same() -> None:
    def parts(count: int) -> dict[str, list[TaggedArticle]]:
        return {part: [article(f"{part}{n}", f"{part} {n} {SAID}") for n in range(count)] for part in ("train", "test")}

    # four times the sentences; sixteen times the work if every pair were compared
    assert min(_seconds(parts(400)) for _ in range(2)) < 10 * min(_seconds(parts(100)) for _ in range(2))


def _seconds(parts: dict[str, list[TaggedArticle]]) -> float:
    begun = time.process_time()
    find_leaks(parts)
    return time.process_time() - begun
