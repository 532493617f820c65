"""Which columns hold what is found, told, and never guessed against what the user says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimtag.errors import OptionError
from claimtag.training.layouts import Columns, Layout, find_layout, plain


def found(rows: list[dict[str, Any]], **columns: Any) -> Layout:
    return find_layout(rows, Columns(**columns), where="news.csv")


def table(*labels: Any, **more: Any) -> list[dict[str, Any]]:
    return [{"text": f"Le port {n}.", "label": label} | more for n, label in enumerate(labels)]


@pytest.mark.parametrize(
    ("names", "text", "label", "group"),
    [
        (("text", "label", "article"), "text", "label", "article"),
        (("Phrase", "Catégorie", "Article_ID"), "Phrase", "Catégorie", "Article_ID"),
        (("Tweet", "sentiment", "doc-id"), "Tweet", "sentiment", "doc-id"),
    ],
)
def test_columns_are_known_by_their_names_whatever_their_case_and_accents(
    names: tuple[str, ...], text: str, label: str, group: str
) -> None:
    layout = found([dict(zip(names, (f"Le port {n}.", "ab"[n % 2], "x"), strict=True)) for n in range(4)])
    assert (layout.text, layout.labels, layout.group) == (text, (label,), group)


def test_the_text_is_the_column_of_the_longest_strings_where_no_name_tells() -> None:
    rows = [{"a": "Le port ferme ce soir.", "b": "non su", "label": "ab"[n % 2]} for n in range(4)]
    assert found(rows).text == "a"


def test_columns_that_are_given_are_taken() -> None:
    rows = [
        {"text": "titre", "corps": "Le port ferme.", "label": "x", "genre": "ab"[n % 2], "lot": n} for n in range(4)
    ]
    layout = found(rows, text="corps", label=("genre",), group="lot")
    assert (layout.text, layout.labels, layout.group) == ("corps", ("genre",), "lot")


@pytest.mark.parametrize(
    ("rows", "columns", "message"),
    [
        (table("a"), {"text": "texte"}, 'news.csv: no column "texte" (did you mean "text"?); columns here are "text", "label"'),
        (table("a"), {"label": ("labels",)}, 'news.csv: no column "labels" (did you mean "label"?); columns here are "text", "label"'),
        ([{"n": "1", "label": "a"}], {}, 'news.csv: no column of text; columns here are "n", "label"; name it with --text-field'),
        ([{"text": "Le port.", "ville": "Anvers"}], {}, 'news.csv: no column of labels; columns here are "text", "ville"; name it with --label-field'),
        (
            [{"n": n, "text": f"Le port {n}.", "ville": ("Anvers", "Gand", "Ath")[n % 3], "note d'un": "ab"[n % 2]} for n in range(6)],
            {},
            'news.csv: no column of labels; columns here are "n", "text", "ville", "note d\'un"; name it with --label-field, '
            "such as --label-field 'note d'\"'\"'un'",
        ),
        (table("", None), {}, 'news.csv: the column "label" is empty; name another with --label-field'),
        (
            table(*"abcdefghijkl"),
            {},
            'news.csv: "label" holds 12 different labels on 12 rows, too many to learn; is it the column of labels? name that '
            "with --label-field, and what stands between labels with --labels-sep",
        ),
        (table("a", "b"), {"task": "binary"}, 'news.csv: a binary task needs a column of yes and no; "label" holds "a", "b"'),
        (
            table("1", "0", sea="perhaps"),
            {"label": ("label", "sea")},
            'news.csv: "sea" holds other things than yes and no; each of several label columns must hold yes and no',
        ),
        (
            [*table(*["1", "0"] * 5, sea="1"), *table("1", "0", sea="perhaps")],
            {"label": ("label", "sea")},
            'news.csv: "sea" holds other things than yes and no; each of several label columns must hold yes and no',
        ),
        (
            table("1", "0", sea="0"),
            {"label": ("label", "sea")},
            'news.csv: "sea" holds no yes, so there is nothing to learn; each of several label columns must hold yes and no',
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_found_is_refused_with_what_is_there(
    rows: list[dict[str, Any]], columns: dict[str, Any], message: str
) -> None:
    with pytest.raises(OptionError) as refusal:
        found(rows, **columns)
    assert str(refusal.value) == message


def test_a_task_that_is_not_there_is_refused_with_the_near_one() -> None:
    with pytest.raises(OptionError) as refusal:
        Columns(task="single")  # type: ignore[arg-type]
    assert str(refusal.value) == (
        'no task is called "single" (did you mean "single-label"?); tasks: multi-label, single-label, binary'
    )


def test_one_label_a_sentence_is_a_single_label_task() -> None:
    layout = found(table("a", "b", "a", ""))
    assert (layout.task, layout.flags) == ("single-label", False)


def test_a_list_is_a_multi_label_task_even_where_each_holds_one() -> None:
    rows = table(["a"], ["b"], ["a"], [])
    layout = found(rows)
    assert layout.task == "multi-label"
    assert [layout.labels_of(row) for row in rows] == [["a"], ["b"], ["a"], []]


@pytest.mark.parametrize("sign", ["|", ";", ","])
def test_labels_joined_in_a_cell_are_taken_apart(sign: str) -> None:
    rows = table("a", "b", f"a{sign} b", "c", f"c{sign}b")
    layout = found(rows)
    assert (layout.separator, layout.task) == (sign, "multi-label")
    assert layout.labels_of(rows[2]) == ["a", "b"]
    assert f'labels in "label" joined by "{sign}"' in str(layout)


def test_a_comma_within_a_label_takes_it_not_apart() -> None:
    rows = table(*["Arts, lettres", "Sport"] * 3)
    assert found(rows).labels_of(rows[0]) == ["Arts, lettres"]
    assert found(rows, separator=",").labels_of(rows[0]) == ["Arts", "lettres"]


def test_an_empty_separator_says_that_a_cell_is_one_label() -> None:
    rows = table(*["a|b", "c"] * 3)
    layout = found(rows, separator="")
    assert layout.labels_of(rows[0]) == ["a|b"]
    assert layout.task == "single-label"


def test_a_list_printed_into_a_cell_is_read() -> None:
    rows = table("['a', 'b']", "[]", '["b"]', "['a']")
    layout = found(rows)
    assert [layout.labels_of(row) for row in rows] == [["a", "b"], [], ["b"], ["a"]]
    assert layout.task == "multi-label"


@pytest.mark.parametrize(
    ("yes", "no"), [("1", "0"), ("yes", "no"), ("OUI", "non"), (True, False), (1.0, 0.0), ("x", "")]
)
def test_one_column_of_yes_and_no_is_a_binary_task(yes: Any, no: Any) -> None:
    rows = [{"text": f"Le port {n}.", "sea": yes if n % 2 else no} for n in range(4)]
    layout = found(rows)
    assert (layout.task, layout.labels) == ("binary", ("sea",))
    assert [layout.labels_of(row) for row in rows if row["sea"] != ""][-1] == ["sea"]


def test_several_columns_of_yes_and_no_are_a_multi_label_task_and_ids_are_none_of_them() -> None:
    rows = [{"id": "1", "text": f"Le port {n}.", "sea": n % 2, "land": int(n < 3)} for n in range(4)]
    layout = found(rows)
    assert (layout.task, layout.labels) == ("multi-label", ("sea", "land"))
    assert layout.labels_of(rows[1]) == ["sea", "land"]


def test_columns_of_yes_and_no_with_one_yes_a_row_are_a_single_label_task() -> None:
    assert found([{"text": f"Le port {n}.", "sea": n % 2, "land": 1 - n % 2} for n in range(4)]).task == "single-label"


@pytest.mark.parametrize("mark", ["x", "1", "oui"])
def test_where_nothing_but_yes_stands_an_empty_cell_is_no(mark: str) -> None:
    rows = [{"text": f"Le port {n}.", "sea": (mark, "", "nan")[n % 3]} for n in range(6)]
    layout = found(rows)
    assert (layout.task, [layout.labels_of(row) for row in rows]) == ("binary", [["sea"], [], []] * 2)
    assert layout.told == ('in "sea" an empty cell is taken for no, since nothing but yes stands there',)


def test_an_empty_cell_beside_yes_and_no_is_no_answer() -> None:
    rows = [{"text": f"Le port {n}.", "sea": ("1", "0", "")[n % 3]} for n in range(6)]
    layout = found(rows)
    assert layout.told == ('in "sea" an empty cell is taken for no answer, and its row left out',)
    with pytest.raises(ValueError, match=r'^"sea" is empty, neither yes nor no$'):
        layout.labels_of(rows[2])


def test_in_several_columns_an_empty_cell_beside_yes_and_no_is_not_asked() -> None:
    rows = [{"text": "Le port.", "sea": "1", "land": "1", "air": "x"}, {"text": "Le blé.", "sea": "", "land": "0", "air": ""}]  # fmt: skip
    layout = found(rows)
    assert [layout.labels_of(row) for row in rows] == [["sea", "land", "air"], []]
    assert [layout.not_asked_of(row) for row in rows] == [[], []]  # nothing but yes stands in "sea" and "air"
    rows.append({"text": "Le vent.", "sea": "0", "land": "NaN", "air": "x"})
    layout = found(rows)
    assert [layout.not_asked_of(row) for row in rows] == [[], ["sea"], ["land"]]
    assert layout.told == (
        'in "air" an empty cell is taken for no, since nothing but yes stands there',
        'in "sea", "land" an empty cell is taken as not asked: it says neither yes nor no',
    )


def test_a_column_without_a_yes_is_left_out_and_told() -> None:
    rows = [{"text": f"Le port {n}.", "sea": n % 2, "rare": "0", "none": ""} for n in range(4)]
    assert found(rows).told == ('"rare", "none" left out: no yes stands there, so there is nothing to learn',)


def flags_with(*odd: str, seas: int = 20) -> list[dict[str, Any]]:
    """Rows of yes and no for land and for sea, and so many whose sea is odd."""
    rows = [
        {"text": f"Le port {n}.", "land": "no" if n % 2 else "yes", "sea": "yes" if n % 2 else "no"}
        for n in range(seas)
    ]
    return [*rows, *({"text": f"Le cap {n}.", "land": "no", "sea": cell} for n, cell in enumerate(odd))]


@pytest.mark.parametrize("columns", [{}, {"label": ("land", "sea")}])
def test_a_column_of_yes_and_no_with_a_slip_is_taken_and_its_row_is_not(columns: dict[str, Any]) -> None:
    rows = flags_with("yess")
    layout = found(rows, **columns)
    assert (layout.labels, layout.task) == (("land", "sea"), "single-label")  # the odd row says no yes
    assert layout.told == ('in "sea", 1 cell is neither yes nor no ("yess"): its row is left out',)
    assert layout.labels_of(rows[1]) == ["sea"]
    with pytest.raises(ValueError, match=r"^\"sea\" is 'yess', neither yes nor no$"):
        layout.labels_of(rows[-1])
    assert found(flags_with("yess", "0.5"), **columns).told == (
        'in "sea", 2 cells are neither yes nor no (such as "yess"): their rows are left out',
    )


@pytest.mark.parametrize(
    ("odd", "what"),
    [
        (("perhaps", "may be", "who knows"), '3 cells are neither yes nor no (such as "perhaps")'),
        (("2",), '1 cell is neither yes nor no ("2")'),
    ],
)
def test_a_column_with_more_than_slips_or_that_counts_is_left_out_and_told(odd: tuple[str, ...], what: str) -> None:
    layout = found(flags_with(*odd))
    assert layout.labels == ("land",)
    assert layout.told == (f'"sea" left out: {what}; to learn it, mend them',)
    assert found(flags_with(*odd * 21)).told == ()  # hardly a column of yes and no


def test_one_column_of_labels_may_have_a_third_class_unless_the_task_is_binary() -> None:
    rows = table(*["yes", "no"] * 10, "perhaps")
    assert (found(rows).flags, found(rows).task) == (False, "single-label")
    layout = found(rows, task="binary")
    assert (layout.flags, layout.told) == (
        True,
        ('in "label", 1 cell is neither yes nor no ("perhaps"): its row is left out',),
    )


def test_what_stands_for_a_missing_value_is_no_article() -> None:
    told = 'in "article", "nan", "None" are taken for an empty cell'
    rows = [row | {"article": ("nan", "a", "None", "")[n % 4]} for n, row in enumerate(table(*"abababab"))]
    assert found(rows).told == (told,)
    flags = [row | {"label": n % 2} for n, row in enumerate(rows)]
    assert found(flags).told == (told,)
    assert found(table("a", "nan", "b", article="nan")).told == (
        'in "article", "nan" is taken for an empty cell',
        'in "label", "nan" is taken for an empty cell',
    )


def test_what_stands_for_a_missing_value_is_no_label_beside_others() -> None:
    rows = table("a", "nan", "None", "b", "N/A", "a")
    layout = found(rows)
    assert [layout.labels_of(row) for row in rows] == [["a"], [], [], ["b"], [], ["a"]]
    assert layout.told == ('in "label", "nan", "None", "N/A" are taken for an empty cell',)
    assert found(table("None", "None")).labels_of({"label": "None"}) == ["None"]


def test_an_answer_that_is_neither_yes_nor_no_is_said() -> None:
    layout = found([{"text": "Le port.", "sea": answer} for answer in ("yes", "no")])
    with pytest.raises(ValueError, match=r'^"sea" is \'perhaps\', neither yes nor no$'):
        layout.labels_of({"sea": "perhaps"})


def test_classes_called_0_and_1_may_be_kept_as_such() -> None:
    rows = table("0", "1", "0", "1")
    assert found(rows).task == "binary"
    layout = found(rows, task="single-label")
    assert [layout.labels_of(row) for row in rows] == [["0"], ["1"], ["0"], ["1"]]


@given(st.lists(st.dictionaries(st.text(max_size=8), st.one_of(st.none(), st.text(max_size=30), st.integers(), st.floats(), st.lists(st.text(max_size=5), max_size=3)), max_size=5), max_size=8))  # fmt: skip
def test_any_rows_give_a_layout_that_reads_them_or_a_refusal_that_helps(rows: list[dict[str, Any]]) -> None:
    try:
        layout = found(rows)
    except OptionError:
        return
    for row in rows:
        for label in layout.labels_of(row):
            assert label == label.strip() != ""


@given(st.text(st.characters(codec="latin-1")))
def test_a_plain_name_is_plain_already(name: str) -> None:
    assert plain(plain(name)) == plain(name)
