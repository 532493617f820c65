"""Tables of sentences told from annotated articles, and from files that are neither."""

from __future__ import annotations

from pathlib import Path

from claimtag.errors import InputError
from claimtag.reading.rows import File, Row, list_files, read_rows

SPREADSHEETS = (".xlsx", ".xlsm", ".xls", ".ods", ".numbers")


def is_table(path: str | Path) -> bool:
    """Whether a file, or the first one of a folder, holds rows of sentences, compressed or not: CSV and TSV do, JSONL
    and Parquet unless their first record has `sentences`; standard input is never taken for a table. InputError for a
    file that is neither a table nor annotated articles, though it may be meant for one: a spreadsheet, a text.
    """
    if str(path) == "-":
        return False
    _refuse_other(Path(path))
    suffix = next((file.suffix for file in list_files(path) if isinstance(file, File)), "")
    if suffix in (".csv", ".tsv"):
        return True
    if suffix not in (".jsonl", ".ndjson", ".parquet") or not Path(path).exists():
        return False
    first = next((row for row in read_rows(path) if isinstance(row, Row)), None)
    return first is not None and not isinstance(first.values.get("sentences"), list)


def _refuse_other(path: Path) -> None:
    """Refuses a file that may well be meant as a table, and is not read as one, with what to do."""
    suffix = File(path, path.name).suffix
    if path.is_file() and suffix in SPREADSHEETS:
        raise InputError(
            f"{path}: spreadsheets are not read; save it as CSV (UTF-8) in the program that it was made with, "
            "and give that"
        )
    if path.is_file() and suffix == ".txt":
        raise InputError(
            f"{path}: a text file holds no annotations; if it is a table of sentences, give it a name that ends "
            "in .csv or .tsv"
        )
