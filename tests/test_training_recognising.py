"""Tables are told from annotated articles; what is neither is refused with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from claimtag.errors import InputError
from claimtag.training import is_table


def test_tables_are_told_from_annotated_articles(tmp_path: Path, examples: Path) -> None:
    for name, content in (
        ("news.csv", "text,label\n"),
        ("news.TSV", "text\tlabel\n"),
        ("news.jsonl", '{"text": "a"}\n'),
    ):
        (tmp_path / name).write_text(content)
        assert is_table(tmp_path / name)
    assert not is_table(examples / "train.jsonl")
    assert not is_table(examples)
    assert not is_table("-")


@pytest.mark.parametrize("name", ["news.xlsx", "news.ODS", "news.xls"])
def test_a_spreadsheet_is_refused_with_how_to_save_it(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"PK")
    with pytest.raises(InputError) as refusal:
        is_table(tmp_path / name)
    assert str(refusal.value) == (
        f"{tmp_path / name}: spreadsheets are not read; save it as CSV (UTF-8) in the program that it was made with, and "
        "give that"
    )


@pytest.mark.parametrize("name", ["news.txt", "news.txt.gz"])
def test_a_text_file_is_refused_with_the_names_that_tables_have(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("phrase,classe\nLe port ferme.,sea\n")
    with pytest.raises(InputError) as refusal:
        is_table(tmp_path / name)
    assert str(refusal.value) == (
        f"{tmp_path / name}: a text file holds no annotations; if it is a table of sentences, give it a name that ends in "
        ".csv or .tsv"
    )


def test_a_file_that_is_not_there_is_no_table(tmp_path: Path) -> None:
    assert not is_table(tmp_path / "news.xlsx")
