"""Languages are identified by a model in the package, and left open where the text is too short or too mixed."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from claimtag.reading import languages
from claimtag.reading.languages import identify_language

FRENCH = (
    "Le ministre s'est rendu à Rabat pour deux jours d'entretiens sur la coopération entre les polices des deux pays. "
)
DUTCH = "De minister reisde naar Rabat voor overleg over de samenwerking tussen de politiediensten van beide landen. "
ENGLISH = (
    "The minister travelled to Rabat for two days of talks on cooperation between the police forces of both countries. "
)
ARABIC = "سافر الوزير إلى الرباط لإجراء محادثات حول التعاون بين الشرطة في البلدين. "
SPANISH = "El ministro viajó a Rabat para dos días de conversaciones sobre la cooperación entre las policías de ambos países. "


@pytest.mark.parametrize(
    ("text", "lang"), [(FRENCH, "fr"), (DUTCH, "nl"), (ENGLISH, "en"), (ARABIC, "ar"), (SPANISH, "es")]
)
@pytest.mark.parametrize("times", [1, 10, 100])
def test_a_language_is_identified(text: str, lang: str, times: int) -> None:
    assert identify_language(text * times) == lang


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "OK", "12 %", "RABAT", "De minister", "12/04/2018 10:30", "😀😀😀", "1" * 1000]
)
def test_a_text_too_short_to_tell_has_none(text: str) -> None:
    assert identify_language(text) is None


@pytest.mark.parametrize(
    "text", [FRENCH * 5 + DUTCH * 5, DUTCH * 5 + FRENCH * 5, FRENCH * 5 + ENGLISH * 5, FRENCH * 5 + ARABIC * 8]
)
def test_a_text_half_in_one_language_and_half_in_another_has_none(text: str) -> None:
    assert identify_language(text) is None


def test_a_ticker_or_a_quotation_in_another_language_does_not_count() -> None:
    assert identify_language(ENGLISH * 3 + FRENCH * 30) == "fr"
    assert identify_language(FRENCH * 6 + SPANISH + FRENCH * 5) == "fr"


def test_line_breaks_do_not_matter() -> None:
    assert identify_language(FRENCH.replace(" ", "\r\n")) == "fr"


def test_a_very_long_text_takes_no_longer() -> None:
    assert identify_language(FRENCH * 100_000) == "fr"


def test_nothing_is_asked_of_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("a connection was opened")

    languages._detector.cache_clear()
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert identify_language(FRENCH) == "fr"


def test_the_model_is_loaded_only_when_a_text_is_asked_about() -> None:
    code = "import sys, claimtag.reading; print('fasttext' in sys.modules, 'dateparser' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"


def test_the_middle_of_a_long_text_is_looked_at() -> None:
    start = ENGLISH * 30  # more than is looked at
    assert len(start) > languages._READ
    assert identify_language(start + FRENCH * 40 + start) == "fr"
    assert identify_language(FRENCH * 40 + start + ENGLISH * 30 + FRENCH * 40) == "en"


def test_a_change_of_language_in_the_middle_is_seen_and_one_before_or_after_it_is_not() -> None:
    assert identify_language(FRENCH * 30 + DUTCH * 30) is None
    assert identify_language(FRENCH * 60 + DUTCH * 20) == identify_language(DUTCH * 20 + FRENCH * 60) == "fr"


def test_a_short_text_is_asked_about_as_a_whole_and_a_longer_one_by_its_halves() -> None:
    short = "Le ministre est à Rabat. " * 4 + DUTCH
    assert len(short) < languages._HALVED
    assert identify_language(short) is not None
    assert identify_language(FRENCH * 3 + DUTCH * 3) is None


@pytest.mark.parametrize(
    ("text", "lang"), [("Le port rouvre mardi, la digue", None), ("Le ministre est à Rabat pour deux jours.", "fr")]
)
def test_the_shortest_text_with_a_language_has_32_letters(text: str, lang: str | None) -> None:
    assert (sum(map(str.isalpha, text)) >= 32) == (lang is not None)
    assert identify_language(text) == lang
