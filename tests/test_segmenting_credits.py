"""Captions with their credits, initials and an agency's codes, and the sentences that only look like them."""

from __future__ import annotations

import pytest

from claimtag.records import Article
from claimtag.segmenting import segment
from claimtag.segmenting.credits import is_credited, is_signature
from claimtag.segmenting.notices import page

BODY = (
    "Le port rouvre mardi après trois mois. La digue tient.\n\n{}\n\nLes pilotes reprennent le service. Rien ne manque."
)


def credited(line: str) -> bool:
    whole = page(line)
    return is_credited(whole, 0, len(line))


@pytest.mark.parametrize(
    "line",
    [
        "Le quai où dormaient les dockers. Crédit : Ana Lemaire",
        "Le quai, mardi. (Ph. A. Lemaire)",
        "Le quai, mardi. PHOTO R. LEMAIRE",
        "« On attend », dit un docker. – D.R.",
        "La digue, mardi. / Photo Le Phare, archives",
        "La digue, le 3 février. – Image d’archives TV Phare",
        "Des pilotes en grève, le 3 mai 2015. REUTERS/Yann Dubois",
        "Des caisses au port de Gand (Photo Ana LEMAIRE. AFP)",
        "Plage du Nord / Par Ana, Adobe Stock",
        "Des pilotes devant la capitainerie.ANA LEMAIRE",
        "Des pilotes devant la capitainerie. A. Lemaire",
    ],
)
def test_a_line_that_ends_in_a_credit_is_a_caption(line: str) -> None:
    assert credited(line)
    assert {s.kind for s in segment(Article("a", BODY.format(line), lang="fr")) if s.text in line} == {"boilerplate"}


@pytest.mark.parametrize(
    "line",
    [
        "Il a vu la photo de son fils.",
        "Le roi a reçu le ministre (photo).",
        "Le docker rit. Photo de famille devant la digue.",
        "Les faits ont été révélés par l’AFP.",
        "Un homme a été arrêté, selon l’agence. (Belga)",
        "« Je garde la photo. Image de paix. »",
        "Il a photographié le port / la digue.",
        "Il est parti hier. A. Lemaire",
    ],
)
def test_a_sentence_that_speaks_of_a_picture_is_none(line: str) -> None:
    assert not credited(line)
    kinds = {
        s.kind for s in segment(Article("a", BODY.format(line), lang="fr")) if s.text in line and s.text != "(Belga)"
    }
    assert kinds == {"body"}


def test_a_long_paragraph_with_a_credit_is_no_caption() -> None:
    assert not credited("Le port rouvre et la digue tient. " * 7 + "Crédit : Ana Lemaire")


@pytest.mark.parametrize(
    "line",
    ["J. La. et Ma. Du.", "Q. H.", "(A.L., avec Belga)", "A. Lejeune, avec C. M. (st.)", "LR/ — BI.", "062/090/TRD"],
)
def test_initials_and_codes_alone_on_a_line_are_a_signature(line: str) -> None:
    assert is_signature(line)
    assert {s.kind for s in segment(Article("a", BODY.format(line), lang="fr")) if s.text == line} == {"boilerplate"}


@pytest.mark.parametrize(
    "line", ["M. Idrissi", "COP 22", "Les pilotes", "2015-2019", "Q. H. : Oui, sans doute.", "G. A"]
)
def test_names_figures_and_speech_are_no_signature(line: str) -> None:
    assert not is_signature(line)
