"""The boilerplate lexicons at work: what lets most text pass unread must never hide a phrase."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimtag.segmenting.notices import has_verb, is_notice, notices, page, says_notice
from claimtag.segmenting.phrases import Phrases, expand, written
from claimtag.segmenting.plain import count_words, fold, is_stopped

SPOKEN = sorted(notices().points)
WRITTEN = {
    key: sorted(set(written(key))) for key in ("always", "links", "labels", "lists", "meta", "buttons", "sections")
}
LINKS = [fold(phrase).lstrip("(") for phrase in WRITTEN["links"] if "{" not in phrase]


def hidden(text: str, pattern: re.Pattern[str], words: tuple[str, ...]) -> list[str]:
    """The phrases in a text that none of the words leads to."""
    plain = page(text).plain
    return [hit[0] for hit in pattern.finditer(plain) if not any(word in hit[0] for word in words)]


@pytest.mark.parametrize("around", ["{}", "Le {}.", "l’{} !", "({})", "« {}\xa0», dit-il", "œ {}, œuvre", "1.{}"])
def test_every_phrase_is_led_to_by_one_of_its_words(around: str) -> None:
    lexicons = notices()
    for phrase in SPOKEN:
        text = around.format(phrase.upper())
        assert hidden(text, lexicons.spoken.pattern, page(text).spoken) == []
    for phrase in LINKS:
        text = around.format(phrase + " :")
        assert hidden(text, lexicons.inline.pattern, page(text).links) == []


@settings(deadline=None)  # the first example compiles the lexicons
@given(st.lists(st.sampled_from([*SPOKEN[::5], *LINKS[::9], " ", "  ", ":", ".", "’", "é", "a", "\n"])).map("".join))
def test_a_text_in_which_no_word_leads_to_a_phrase_holds_none(text: str) -> None:
    lexicons = notices()
    assert hidden(text, lexicons.spoken.pattern, page(text).spoken) == []
    assert hidden(text, lexicons.inline.pattern, page(text).links) == []


def options(whole: str) -> list[str]:
    """The first and the last of the phrases that one with braces stands for, and some between."""
    phrases = [phrase for phrase in expand(whole) if "*" not in phrase]
    return sorted({*phrases[:: max(len(phrases) // 8, 1)], *phrases[-1:]})


@pytest.mark.parametrize("key", ["always", "links", "labels", "lists", "meta", "buttons"])
def test_a_line_of_nothing_but_an_opening_phrase_is_a_notice(key: str) -> None:
    unseen = []
    for phrase in (phrase for whole in WRITTEN[key] for phrase in options(whole)):
        lines = (phrase, f"► {phrase.upper()}  ", f"{phrase} ►")
        unseen += [line for line in lines if not says_notice(line)]
    assert unseen == [], unseen


def test_a_line_of_nothing_but_the_name_of_a_section_says_no_notice() -> None:
    assert [says_notice(line) for line in ("Culture", "POLITIQUE", "► Faits divers")] == [False, False, False]


def test_the_bracket_before_a_phrase_hides_nothing_of_it() -> None:
    assert says_notice("(Re)lire : Le port en dix dates")
    assert says_notice("► (Re)lire notre série sur le port")


def test_an_optional_last_word_leaves_no_space_behind() -> None:
    assert [says_notice(line) for line in ("Ndlr : le nom est modifié", "Photos : L. Vanden")] == [True, True]


def test_an_elided_word_in_braces_touches_the_next() -> None:
    assert expand("{ce|l'} {article|texte}") == ["ce article", "ce texte", "l'article", "l'texte"]
    assert says_notice("Écouter l’article")
    assert says_notice("Écouter cet article")


def test_a_phrase_without_latin_letters_is_looked_for_everywhere() -> None:
    phrases = Phrases(re.compile("اشترك"), {"": (frozenset(),)})
    assert phrases.rare_words({"", "le", "port"}) == ("",)
    assert "" in phrases.vocabulary()


def test_words_are_counted_by_their_letters_and_in_the_first_400_characters() -> None:
    assert count_words("Le 3 mai, n° 4 – l'art. 12bis « vu »") == 6
    assert count_words("") == count_words("12 – 13 !") == 0
    assert count_words("mot " * 500) == 100


def test_a_stop_counts_behind_the_marks_that_close_around_it() -> None:
    assert [t for t in ("Fin.", "Fin ?»", "Fin… ”", "(Fin.)") if not is_stopped(t)] == []
    assert [t for t in ("Fin", "Fin. Et", "", "Fin :", "3.5") if is_stopped(t)] == []


def test_a_verb_is_told_from_an_accented_preposition_and_an_initial() -> None:
    assert [has_verb(text) for text in ("Il a dit", "C’est non")] == [True, True]
    assert [has_verb(text) for text in ("Manifestants à New York", "Jean A. Dubois, Y. Karim")] == [False, False]


@pytest.mark.parametrize("piece", ["écouter l' ", "autres ", "lire  ", "(re)", "facebook ", "0 j'aime "])
def test_time_is_linear_in_the_length_of_what_phrases_begin_with(piece: str) -> None:
    def seconds(length: int) -> float:
        whole = page((piece * (length // len(piece) + 1))[:length] + "x")
        begun = time.process_time()
        is_notice(whole, 0, length)
        notices().menu.fullmatch(whole.plain)
        return time.process_time() - begun

    seconds(1000)
    short = min(seconds(25_000) for _ in range(3))
    assert min(seconds(100_000) for _ in range(3)) < 10 * max(short, 0.02)
