"""Tickers glued to an article, titles repeated and cut off, folios and bylines: each with the text that forced it."""

from __future__ import annotations

import pytest

from claimtag.records import Article
from claimtag.segmenting import segment

TITLE = "Justice : Bruxelles et Rabat relancent le transfèrement des détenus"
CUT = "Justice : Bruxelles et Rabat relancent le transferement des de..."
FIRST = "La ministre belge de la Justice est arrivée mardi à Rabat pour une visite de deux jours."
SECOND = "Elle doit y rencontrer son homologue, avec qui elle parlera du transfèrement des détenus."
THIRD = "Les deux pays préparent un accord depuis 2021, qui sera soumis au Parlement."
BODY = f"{FIRST} {SECOND}\n{THIRD}"
HEADLINES = [
    "Botola : le Raja s'incline à domicile",
    "Le prix du carburant repart à la hausse",
    "Météo : averses attendues sur le Rif",
    "CAN 2025 : la billetterie ouvre lundi",
]


def kinds(text: str, title: str | None = None) -> dict[str, str]:
    return {sentence.text: sentence.kind for sentence in segment(Article("a", text, title=title, lang="fr"))}


@pytest.mark.parametrize("gap", ["\xa0\xa0\xa0\xa0", "    ", "\t", "\u202f\u202f\u202f"])
@pytest.mark.parametrize("front", ["", TITLE])
def test_a_ticker_glued_in_front_of_the_first_words_is_boilerplate(gap: str, front: str) -> None:
    found = kinds(gap.join([*HEADLINES, *([front] if front else []), BODY]))
    assert [found[headline] for headline in HEADLINES] == ["boilerplate"] * 4
    assert [found[sentence] for sentence in (FIRST, SECOND, THIRD)] == ["body"] * 3
    if front:
        assert found[TITLE] == "title"


@pytest.mark.parametrize("bar", [" | ", " • ", " /// ", " ► "])
def test_headlines_parted_by_bars_in_the_first_line_are_a_ticker(bar: str) -> None:
    found = kinds(f"{bar.join(HEADLINES)}\n{TITLE}\n\n{BODY}")
    assert [found[headline] for headline in HEADLINES] == ["boilerplate"] * 4
    assert found[TITLE] == "title"


def test_a_given_title_that_the_text_repeats_cut_off_is_boilerplate() -> None:
    assert kinds(f"{CUT}\n\n{BODY}", TITLE)[CUT] == "boilerplate"
    assert kinds(f"{BODY}\n{CUT}", TITLE)[CUT] == "boilerplate"
    assert kinds(f"{CUT} {BODY}", TITLE)[CUT] == "boilerplate"


def test_a_cut_title_glued_in_front_of_the_first_sentence_is_boilerplate() -> None:
    found = kinds(f"{TITLE}\n{CUT} {BODY}")
    assert (found[TITLE], found[CUT], found[FIRST]) == ("title", "boilerplate", "body")


def test_a_title_cut_off_by_an_ellipsis_and_without_accents_is_boilerplate() -> None:
    cut = "Defense : la filiere belgo-marocaine etonne les depu…"
    title = "Défense : la filière belgo-marocaine étonne les députés"
    assert kinds(f"{title}\n{cut}\n\n{BODY}")[cut] == "boilerplate"


@pytest.mark.parametrize(
    "line", ["LE COURRIER DES DEUX RIVES – n° 87 – page 4", "Page 12", "Le regard de la semaine, par Anna Devos"]
)
def test_folios_and_bylines_after_a_comma_are_boilerplate(line: str) -> None:
    assert kinds(f"{TITLE}\n{line}\n\n{BODY}")[line] == "boilerplate"


def test_the_last_headline_of_a_ticker_is_the_title_where_the_article_speaks_of_it() -> None:
    gap = "\u00a0" * 4
    text = f"Tram : reprise lundi{gap}Gel attendu à Gand{gap}Le port rouvre sa digue\n\nLe port rouvre mardi. La digue tient."
    found = {s.text: s.kind for s in segment(Article("a", text, lang="fr"))}
    assert found["Le port rouvre sa digue"] == "title"
    assert found["Gel attendu à Gand"] == "boilerplate"


def test_a_headline_that_the_page_repeats_is_the_title_and_not_the_slogan_over_it() -> None:
    title = "Rouvrir ou fermer : retour sur une digue"
    text = f"Bords, quais et café noir\n{title}\n\nJ’y reviens. Le café était noir, les quais vides.\n\n4 réflexions sur « {title} »"
    found = {s.text: s.kind for s in segment(Article("a", text, lang="fr"))}
    assert found[title] == "title"


def test_a_title_cut_off_with_no_whole_one_behind_it_is_the_title() -> None:
    text = "Digue : le por...\nUn autre regard sur la mer et ses gens\n\nDigue et port rouvrent. La digue tient."
    assert [s.kind for s in segment(Article("a", text, lang="fr"))] == ["title", "heading", "body", "body"]


def test_a_headline_alone_is_no_boilerplate_and_a_notice_alone_is() -> None:
    headline = "Digue rompue à Port-Levant : deux ouvriers blessés"
    assert kinds(headline) == {headline: "body"}
    assert kinds("À lire aussi : la digue") == {"À lire aussi : la digue": "boilerplate"}
