"""The boilerplate lexicons at work: what lets most text pass unread must never hide a phrase."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimtag.segmenting.notices import Phrases, count_words, has_verb, is_stopped, notices, page, says_notice

SPOKEN = sorted(notices().points)
LINKS = sorted(phrase for phrase, classes in notices().classes.items() if "links" in classes)
OPENINGS = sorted(notices().classes)


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


@pytest.mark.parametrize("phrase", [phrase for phrase in OPENINGS if phrase[0].isalnum()])
def test_a_line_of_nothing_but_an_opening_phrase_is_a_notice_unless_it_names_a_section(phrase: str) -> None:
    named = notices().classes[phrase] == {"sections"}
    assert [says_notice(line) for line in (phrase, f"► {phrase.upper()}  ", f"{phrase} ►")] == [not named] * 3


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
