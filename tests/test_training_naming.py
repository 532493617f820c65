"""Labels as people write them become labels of a scheme, and a scheme that nobody wrote says so."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimtag.errors import SchemeError
from claimtag.scheme import SLUG, load_scheme, scheme_from_dict
from claimtag.training.naming import find_label, made_scheme, matched


def test_a_made_scheme_says_that_nobody_has_defined_its_labels() -> None:
    scheme = made_scheme(Counter({"Économie": 2, "Sport": 3}), file="news.csv", name="Mes nouvelles", lang="fr").scheme
    assert (scheme.name, scheme.version, scheme.labels) == ("mes-nouvelles", "0.0.0", ("sport", "economie"))
    assert scheme.theme("economie").name == {"fr": "Économie"}
    assert scheme.theme("economie").definition == 'Not defined: the sentences labelled "Économie" in news.csv.'
    assert "Nobody has defined them yet" in scheme.description


def test_labels_of_other_alphabets_and_numbers_get_ids_and_keep_their_names() -> None:
    naming = made_scheme(Counter({"سياسة": 3, "2": 2, "C++": 1, "C": 1}), file="x.csv", name="2024")
    assert naming.ids == {"سياسة": "label_1", "2": "label_2", "C": "c", "C++": "c_plus_plus"}
    assert naming.scheme.theme("label_1").name == {"und": "سياسة"}
    assert naming.scheme.name == "labels-2024"


@pytest.mark.parametrize(
    ("label", "slug"),
    [
        ("-1", "minus_1"), ("−0.5", "minus_0_5"), ("+1", "plus_1"), ("1", "label_1"), ("+", "plus"), ("-", "minus"),
        ("?", "question_mark"), ("😀", "grinning_face"), ("C#", "c_sharp"), ("#sport", "sport"), ("- sport", "sport"),
        ("2-3", "label_2_3"), ("رياضة+", "label_1"), ("vie sociale", "vie_sociale"),
    ],
)  # fmt: skip
def test_a_sign_that_makes_the_meaning_stays_in_the_id(label: str, slug: str) -> None:
    assert made_scheme(Counter({label: 1}), file="x.csv", name="x").scheme.labels == (slug,)


def test_ids_that_cannot_be_read_off_the_labels_are_told() -> None:
    assert made_scheme(Counter({"Économie": 2, "vie-sociale": 1}), file="x.csv", name="x").told is None
    naming = made_scheme(Counter({"-1": 3, "0": 2, "Sport": 1}), file="x.csv", name="x")
    assert naming.told == 'label ids: "-1" → minus_1, "0" → label_0'
    many = made_scheme(Counter({str(n): 99 - n for n in range(20)}), file="x.csv", name="x")
    assert str(many.told).endswith('"11" → label_11 and 8 more')


def test_a_long_label_is_cut_in_notes_and_messages() -> None:
    naming = made_scheme(Counter({"économie" * 300: 1}), file="x.csv", name="x")
    assert naming.told == f'label ids: "{("économie" * 5)[:39]}…" → {("economie" * 8)[:60]}'
    with pytest.raises(SchemeError) as refusal:
        matched({"sport" * 300: "x.csv:2"}, naming.scheme)
    assert str(refusal.value) == (
        f'x.csv:2: "{("sport" * 8)[:39]}…" is not a theme of x 0.0.0; without --scheme one is made from the labels found'
    )


def test_a_label_is_found_by_the_name_that_it_had_and_never_by_another_sign() -> None:
    labels = ("-1", "1", "رياضة", "Économie", "Economie", "+", "-")
    naming = made_scheme(Counter(dict.fromkeys(labels, 1)), file="x.csv", name="x")
    assert {label: find_label(label, naming.scheme) for label in labels} == naming.ids
    assert len(set(naming.ids.values())) == len(labels)
    assert find_label("minus_1", naming.scheme) == "minus_1"
    assert find_label("ECONOMIE", naming.scheme) == naming.ids["Economie"]
    assert find_label("-2", naming.scheme) is None


def test_labels_that_differ_in_case_or_white_space_alone_are_one_and_others_are_not() -> None:
    naming = made_scheme(
        Counter({"Sport  nautique": 2, "sport nautique": 1, "sports nautiques": 1}), file="x", name="x"
    )
    assert naming.merged == (("Sport  nautique", "sport nautique"),)
    assert naming.scheme.labels == ("sport_nautique", "sports_nautiques")


@given(
    st.dictionaries(st.text(min_size=1).map(str.strip).filter(bool), st.integers(1, 9), min_size=1, max_size=8),
    st.text(),
)
def test_any_labels_make_a_scheme_that_is_sound_and_has_them_all(labels: dict[str, int], name: str) -> None:
    naming = made_scheme(Counter(labels), file="any.csv", name=name)
    assert scheme_from_dict(naming.scheme.to_dict()) == naming.scheme
    assert set(naming.ids) == set(labels)
    assert set(naming.ids.values()) == set(naming.scheme.labels)
    assert all(SLUG.fullmatch(label) for label in naming.scheme.labels)


def test_labels_are_known_to_a_scheme_by_id_or_by_name_in_any_language() -> None:
    scheme = load_scheme("security-cooperation")
    drugs = scheme.theme("drugs")
    written = ["drugs", "Drugs", *drugs.name.values()]
    assert set(matched(dict.fromkeys(written, "x:1"), scheme).ids.values()) == {"drugs"}


def test_a_label_that_a_scheme_does_not_have_is_refused_where_it_stands() -> None:
    with pytest.raises(SchemeError) as refusal:
        matched({"drug": "news.csv:7"}, load_scheme("security-cooperation"))
    assert str(refusal.value) == (
        'news.csv:7: "drug" is not a theme of security-cooperation 1.0.0 (did you mean "drugs"?); '
        "without --scheme one is made from the labels found"
    )
