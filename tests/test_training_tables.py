"""Tables of sentences become gold: every good row kept, every bad one named, nothing of the text changed."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimtag.errors import InputError, OptionError, SchemeError
from claimtag.reading import Reject
from claimtag.training import Columns, Table, check_varied, is_table, read_table, read_test
from claimtag.training.cells import MISSING

Write = Callable[..., Path]
FRENCH = "Le ministre s'est rendu à Rabat pour deux jours de réunions"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(rows: list[dict[str, Any]], name: str = "news.csv") -> Path:
        path = tmp_path / name
        if name.endswith(".csv"):
            with path.open("w", newline="", encoding="utf-8") as stream:
                writer = csv.DictWriter(stream, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
        else:
            path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path

    return written


def read(*files: Path, **more: Any) -> tuple[Table, list[Reject]]:
    rejects: list[Reject] = []
    return read_table(*files, on_reject=rejects.append, **more), rejects


def sea_and_land(count: int = 6) -> list[dict[str, Any]]:
    return [{"text": f"{FRENCH} ({n}).", "label": ("sea", "land")[n % 2]} for n in range(count)]


def test_every_row_is_a_sentence_with_its_labels_and_an_article_of_its_own(write: Write) -> None:
    table, rejects = read(write(sea_and_land()))
    assert rejects == []
    assert [tagged.sentences[0].labels for tagged in table.gold] == [("sea",), ("land",)] * 3
    assert len({tagged.article.id for tagged in table.gold}) == table.sentences == 6
    assert table.gold[0].article.lang == "fr"
    assert table.scheme.labels == ("land", "sea")


def test_what_was_understood_is_said(write: Write) -> None:
    assert read(write(sea_and_land()))[0].notes == (
        'news.csv: text in "text", labels in "label"; every sentence an article of its own, without context; '
        "the task is single-label",
        "6 sentences, 2 labels, 0 sentences without a label",
        "every sentence gets exactly one label, the likeliest",
        "no scheme given: made news 0.0.0 from the labels found, which nobody has defined; give one with --scheme",
    )
    rows = [*sea_and_land(), {"text": "Rien de tel.", "label": ""}]
    assert "every sentence gets its likeliest label, and none where that is too unlikely" in read(write(rows))[0].notes
    rows = [{"text": f"{FRENCH} {n}", "sea": n % 2} for n in range(5)]
    assert "5 sentences, 2 yes and 3 no" in read(write(rows))[0].notes


def test_rows_of_an_article_are_its_sentences_in_their_order(write: Write) -> None:
    rows = [row | {"article": "ab"[n % 2]} for n, row in enumerate(sea_and_land())]
    table, _ = read(write(rows))
    assert [tagged.article.id for tagged in table.gold] == ["article a", "article b"]
    assert [sentence.text for sentence in table.gold[1].sentences] == [rows[n]["text"] for n in (1, 3, 5)]
    assert "6 sentences of 2 articles, 2 labels" in table.notes[1]


@pytest.mark.parametrize("missing", ["nan", "NaN", "None", " NULL", ""])
def test_rows_whose_article_is_missing_are_articles_of_their_own(write: Write, missing: str) -> None:
    rows = [row | {"article": "a" if n < 2 else missing} for n, row in enumerate(sea_and_land())]
    table, _ = read(write(rows))
    assert [len(tagged.sentences) for tagged in table.gold] == [2, 1, 1, 1, 1]
    assert "6 sentences of 1 article, 2 labels, 0 sentences without a label" in table.notes


def test_articles_numbered_in_a_column_with_gaps_are_told_by_whole_numbers(write: Write) -> None:
    rows = [row | {"article": (1.0, float("nan"), 1)[n % 3]} for n, row in enumerate(sea_and_land())]
    table, _ = read(write(rows, "news.jsonl"))
    assert table.gold[0].article.id == "article 1"
    assert [len(tagged.sentences) for tagged in table.gold] == [4, 1, 1]


def test_sentences_without_articles_are_read_alone_and_of_few_every_word_counts(write: Write) -> None:
    rows = sea_and_land()
    table, _ = read(write(rows))
    assert table.options() == {"context": False, "min_df": 1}
    assert table.options(chosen=True) == {"context": False}
    assert table.options("keywords") == {}
    assert read(write([row | {"article": "a"} for row in rows]))[0].options(chosen=True) == {}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"text": "", "label": "sea"}, '"text" is empty'),
        ({"text": " \n", "label": "sea"}, '"text" is empty'),
        ({"text": "… — !", "label": "sea"}, '"text" holds no letter and no figure'),
        ({"text": None, "label": "sea"}, 'no "text"'),
        ({"label": "sea"}, 'no "text"'),
        ({"text": 12, "label": "sea"}, '"text" is 12, not a string'),
        ({"text": "La\0mer", "label": "sea"}, '"text" has a NUL character at 2'),
        ({"text": "La \ud800", "label": "sea"}, '"text" has half a surrogate pair at 3, which no encoding can hold'),
    ],
)
def test_a_row_that_cannot_be_used_is_rejected_with_its_line_and_the_others_are_kept(
    write: Write, row: dict[str, Any], reason: str
) -> None:
    rows = sea_and_land()
    path = write([*rows[:2], row, *rows[2:]], "news.jsonl")
    table, rejects = read(path)
    assert [str(reject) for reject in rejects] == [f"{path}:3: {reason}"]
    assert table.sentences == 6


@pytest.mark.parametrize("missing", ["nan", "NaN", "None", "null", " NULL\n", "N/A"])
def test_a_text_that_stands_for_a_missing_value_is_rejected_and_a_sentence_with_that_word_is_kept(
    write: Write, missing: str
) -> None:
    rows = [*sea_and_land(), {"text": missing, "label": "sea"}, {"text": f"{missing}, dit-il.", "label": "sea"}]
    path = write(rows, "news.jsonl")
    table, rejects = read(path)
    assert [str(one) for one in rejects] == [
        f'{path}:7: "text" is "{missing.strip()}", which stands for a missing value'
    ]
    assert table.gold[-1].sentences[0].text == f"{missing}, dit-il.".strip()
    table, rejects = read(write([*sea_and_land(), {"text": float("nan"), "label": "sea"}], "news.jsonl"))
    assert [one.reason for one in rejects] == ['no "text"']


def test_two_labels_in_a_single_label_task_and_answers_that_are_none_are_rejected(write: Write) -> None:
    rows = [*sea_and_land(), {"text": FRENCH, "label": "sea|land"}]
    table, rejects = read(write(rows), columns=Columns(separator="|", task="single-label"))
    assert [reject.reason for reject in rejects] == ["2 labels, and the task is single-label"]
    assert table.sentences == 6
    rows = [{"text": f"{FRENCH} {n}", "sea": ("yes", "no", "")[n % 3]} for n in range(6)]
    assert [reject.reason for reject in read(write(rows))[1]] == ['"sea" is empty, neither yes nor no'] * 2


def test_a_slip_in_one_of_several_columns_of_yes_and_no_is_rejected_with_its_line(write: Write) -> None:
    rows = [{"text": f"{FRENCH} {n}", "sea": ("yes", "no")[n % 2], "land": ("no", "yes")[n % 2]} for n in range(12)]
    rows[4]["sea"] = "yess"
    path = write(rows)
    table, rejects = read(path)
    assert [str(reject) for reject in rejects] == [f"{path}:6: \"sea\" is 'yess', neither yes nor no"]
    assert (table.scheme.labels, table.sentences) == (("land", "sea"), 11)


def test_broken_lines_are_rejected_and_the_rest_is_read(write: Write) -> None:
    path = write(sea_and_land(), "news.jsonl")
    path.write_text(path.read_text() + "{broken\n")
    table, (reject,) = read(path)
    assert (table.sentences, reject.line) == (6, 7)
    assert reject.reason.startswith("broken JSON")


@pytest.mark.parametrize("content", ["", "text,label\n"])
def test_a_table_without_rows_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "news.csv"
    path.write_text(content)
    with pytest.raises(InputError) as refusal:
        read(path)
    assert str(refusal.value) == (
        "news.csv: no row that can be used; a table needs a header and a sentence on every row"
    )


def test_a_table_whose_rows_are_all_bad_is_refused(write: Write) -> None:
    with pytest.raises(InputError) as refusal:
        read(write([{"text": "", "label": "a"}]))
    assert str(refusal.value) == 'news.csv: no row with a text in "text" and labels that can be understood'


def test_a_scheme_that_is_given_names_the_labels_or_refuses_them(write: Write) -> None:
    rows = [{"text": f"{FRENCH} {n}", "label": ("drugs", "justice")[n % 2]} for n in range(4)]
    table, _ = read(write(rows), scheme="security-cooperation")
    assert table.scheme.name == "security-cooperation"
    assert not any("no scheme given" in note for note in table.notes)
    with pytest.raises(SchemeError, match=r'news\.csv:2: "sea" is not a theme of security-cooperation 1\.0\.0'):
        read(write(sea_and_land()), scheme="security-cooperation")


def test_an_encoding_is_taken_and_several_tables_are_one(write: Write, tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_bytes("text;label\nL'été à Rabat;sea\nLe blé lève;land\n".encode("cp1252"))
    table, rejects = read(path, encoding="cp1252")
    assert rejects == []
    assert table.gold[0].article.text == "L'été à Rabat"
    other = write([{"text": "La mer monte.", "label": "sea"}], "other.csv")
    path.write_text("text;label\nL'été à Rabat;sea\nLe blé lève;land\n", encoding="utf-8")
    assert read(path, other)[0].sentences == 3


@pytest.mark.parametrize("name", ["news.csv.gz", "news.tsv.gz"])
def test_a_compressed_table_and_a_folder_of_tables_are_read(tmp_path: Path, name: str) -> None:
    sign = "\t" if ".tsv" in name else ","
    rows = "".join(f"Le port {n}, a;b{sign}{'sea' if n % 2 else 'land'}\n" for n in range(4))
    (tmp_path / "lot").mkdir()
    path = tmp_path / "lot" / name
    path.write_bytes(gzip.compress(f"text{sign}label\n{rows}".replace(", a", " a" if sign == "," else ", a").encode()))
    assert is_table(path)
    assert is_table(tmp_path / "lot")
    assert read(path)[0].sentences == read(tmp_path / "lot")[0].sentences == 4


def test_a_table_in_another_encoding_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    rows = [f"{'Été' if n % 5 == 0 else 'Hiver'} {n},{'sea' if n % 2 else 'land'}\n" for n in range(20)]
    path.write_bytes(("text,label\n" + "".join(rows)).encode("cp1252"))
    with pytest.raises(InputError) as refusal:
        read(path)
    assert str(refusal.value) == (
        f"{path}: 4 of 20 rows cannot be read: not UTF-8 at byte 11; use --encoding cp1252 for text from older Windows "
        "programs"
    )
    path.write_bytes(("text,label\n" + "".join(rows[:1] + rows[1:5] * 3)).encode("cp1252"))
    assert read(path)[0].sentences == 12


def test_answers_that_are_missing_in_several_columns_are_not_asked(write: Write) -> None:
    rows = [{"text": f"{FRENCH} {n}", "Sea +": ("1", "0", "")[n % 3], "land": n % 2} for n in range(6)]
    table, rejects = read(write(rows))
    assert rejects == []
    assert table.gold[2].sentences[0].not_asked == ("sea_plus",)
    assert [tagged.sentences[0].not_asked for tagged in table.gold[:2]] == [(), ()]


@pytest.mark.parametrize(("kept", "what"), [(("sea",), "has sea and nothing else"), ((), "has no label")])
def test_a_table_of_one_class_is_refused(write: Write, kept: tuple[str, ...], what: str) -> None:
    table, _ = read(write([*sea_and_land(), {"text": "Rien de tel.", "label": ""}]))
    check_varied(table)
    table = replace(table, gold=tuple(one for one in table.gold if one.sentences[0].labels == kept))
    with pytest.raises(OptionError) as refusal:
        check_varied(table)
    assert str(refusal.value) == (
        f"every sentence of the table {what}, so a model would say the same of everything; add sentences that differ"
    )


@pytest.mark.parametrize(
    ("rows", "kind", "message"),
    [
        ([{"text": "La mer.", "label": "sky"}], SchemeError, '{path}:2: "sky" is not a theme of news 0.0.0; a test can have only labels that were learned: take these rows out, or such into the training data'),
        ([{"texte": "La mer.", "label": "sea"}], OptionError, 'test.csv: no column "text" (did you mean "texte"?); a test has the columns of the training data, those here are "texte", "label"'),
        ([{"text": "La mer.", "mood": "sea"}], OptionError, 'test.csv: no column "label"; a test has the columns of the training data, those here are "text", "mood"'),
        ([{"text": "…", "label": "sea"}], InputError, "test.csv: no row of the test can be used; leave --test out, or give a table with such rows"),
    ],
)  # fmt: skip
def test_a_test_that_cannot_be_scored_is_refused(
    write: Write, rows: list[dict[str, Any]], kind: type[Exception], message: str
) -> None:
    table, path = read(write(sea_and_land()))[0], write(rows, "test.csv")
    with pytest.raises(kind) as refusal:
        read_test(path, table=table, on_reject=lambda _: None)
    assert str(refusal.value) == message.format(path=path)


def test_labels_of_a_test_keep_the_ids_that_they_were_learned_under(write: Write) -> None:
    rows = [{"text": f"{FRENCH} {n}", "label": ("-1", "0", "1")[n % 3]} for n in range(9)]
    table, _ = read(write(rows))
    gold, _ = read_test(write([row | {"text": f"La mer {n}"} for n, row in enumerate(rows[:3])], "test.csv"), table=table, on_reject=print)  # fmt: skip
    assert [tagged.sentences[0].labels for tagged in gold] == [("minus_1",), ("label_0",), ("label_1",)]
    assert table.notes[-1] == 'label ids: "-1" → minus_1, "0" → label_0, "1" → label_1'


def test_test_sentences_that_were_learned_from_are_left_out_and_counted(write: Write) -> None:
    table, _ = read(write(sea_and_land()))
    other = [{"text": "La mer est haute.", "label": "sea"}, {"text": f"{FRENCH} (1)!", "label": "land"}]
    gold, warnings = read_test(write(other, "test.csv"), table=table, on_reject=print)
    assert [tagged.article.text for tagged in gold] == ["La mer est haute."]
    assert warnings == ("1 of 2 sentences of the test stands in the training data too and was left out",)
    gold, warnings = read_test(write(sea_and_land(), "again.csv"), table=table, on_reject=print)
    assert gold == ()
    assert warnings == ("6 of 6 sentences of the test stand in the training data too and were left out",)


@given(st.lists(st.tuples(st.text(max_size=20), st.sampled_from(["sea", "land", ""]), st.sampled_from(["", "a", "b"])), min_size=1, max_size=9))  # fmt: skip
def test_every_usable_row_comes_out_once_and_is_a_slice_of_its_article(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]]
) -> None:
    path = tmp_path_factory.mktemp("any") / "any.jsonl"
    rows = [("Le port ferme.", "sea", ""), *rows]
    path.write_text("".join(json.dumps({"text": t, "label": label, "article": a}) + "\n" for t, label, a in rows))
    table, rejects = read(path)
    texts = sorted(sentence.text for tagged in table.gold for sentence in tagged.sentences)
    usable = [text.strip() for text, _, _ in rows if any(map(str.isalnum, text)) and "\0" not in text]
    assert texts == sorted(text for text in usable if text not in MISSING)
    assert len(texts) + len(rejects) == len(rows)
