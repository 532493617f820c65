from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimtag.segmenting import normalise


@pytest.mark.parametrize(
    ("given_text", "wanted"),
    [
        ("l’Union\xa0: 40\u202f%", "l'Union : 40 %"),
        ("  deux   mots \n", "deux mots"),
        ("les ques- tions du Coor- dinateur", "les questions du Coordinateur"),
        ("une coopération éco- nomique", "une coopération économique"),
        ("anglo- et francophones", "anglo- et francophones"),
        ("a-t-elle dit- il", "a-t-elle dit- il"),
        ("l'axe Maroc- Espagne", "l'axe Maroc- Espagne"),
        ("en 2015- puis", "en 2015- puis"),
        ("se\u0301curite\u0301", "sécurité"),
        ("coo\xadpération\u200b", "coopération"),
        ("", ""),
    ],
)
def test_what_a_model_reads(given_text: str, wanted: str) -> None:
    assert normalise(given_text) == wanted


@given(st.text())
def test_the_result_is_nfc_without_outer_or_double_spaces(text: str) -> None:
    plain = normalise(text)
    assert plain == " ".join(plain.split())
    assert unicodedata.is_normalized("NFC", plain) or "- " in " ".join(unicodedata.normalize("NFC", text).split())
