from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from claimtag.lexicons import language_of, languages, lexicon
from claimtag.segmenting.plain import fold


def phrases(lang: str, subject: str) -> Iterator[tuple[str, str]]:
    for key, values in lexicon(lang, subject).items():
        for value in values:
            yield key, value


def test_french_is_there_and_languages_are_in_order() -> None:
    assert "fr" in languages()
    assert list(languages()) == sorted(languages())


@pytest.mark.parametrize("tag", ["fr", "FR", "fr-BE", "fr_MA"])
def test_a_language_tag_finds_its_language(tag: str) -> None:
    assert language_of(tag) == "fr"


@pytest.mark.parametrize("tag", [None, "", "xx", "../fr", "fr/..", "__pycache__", "français"])
def test_an_unknown_language_has_empty_lexicons(tag: str | None) -> None:
    assert language_of(tag) is None
    assert lexicon(tag, "abbreviations") == {}


def test_an_unknown_subject_is_empty() -> None:
    assert lexicon("fr", "no-such-subject") == {}


def test_a_lexicon_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        lexicon("fr", "abbreviations")["never"] = []  # type: ignore[index]


@pytest.mark.parametrize("lang", languages())
def test_every_abbreviation_ends_in_a_full_stop(lang: str) -> None:
    listed = [value for key, value in phrases(lang, "abbreviations") if key in ("never", "sometimes")]
    assert listed
    assert [value for value in listed if not value.endswith(".")] == []


@pytest.mark.parametrize("lang", languages())
def test_the_lexicons_of_segmenting_have_the_same_keys_in_every_language(lang: str) -> None:
    for subject in ("abbreviations", "boilerplate"):
        assert set(lexicon(lang, subject)) == set(lexicon("fr", subject))


@pytest.mark.parametrize("lang", languages())
def test_no_phrase_is_listed_twice_under_a_key(lang: str) -> None:
    for subject in ("abbreviations", "boilerplate"):
        listed = list(phrases(lang, subject))
        assert sorted(set(listed)) == sorted(listed)


@pytest.mark.parametrize("lang", languages())
def test_a_boilerplate_phrase_is_in_small_letters_and_says_something(lang: str) -> None:
    for key, phrase in phrases(lang, "boilerplate"):
        assert fold(phrase).strip("* "), (key, phrase)
        assert phrase == phrase.lower(), (key, phrase)


@pytest.mark.parametrize("lang", languages())
def test_braces_are_closed_and_not_nested(lang: str) -> None:
    for key, phrase in phrases(lang, "boilerplate"):
        assert re.fullmatch(r"[^{}|]*(?:\{[^{}]*\|[^{}]*\}[^{}|]*)*", phrase), (key, phrase)


@pytest.mark.parametrize("lang", languages())
def test_only_phrases_that_open_a_sentence_and_always_suffice_hold_a_wildcard(lang: str) -> None:
    held = [(key, phrase) for key, phrase in phrases(lang, "boilerplate") if "*" in phrase and key != "always"]
    assert [(key, phrase) for key, phrase in held if key in ("anywhere", "acts", "own", "topics", "address")] == []


@pytest.mark.parametrize("lang", languages())
def test_words_that_are_looked_for_anywhere_are_written_without_braces(lang: str) -> None:
    spoken = ("anywhere", "acts", "own", "topics", "address")
    assert [phrase for key, phrase in phrases(lang, "boilerplate") if key in spoken and "{" in phrase] == []
