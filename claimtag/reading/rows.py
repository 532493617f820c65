"""Files → rows of named values, each with its place; what cannot be read becomes a fault with its place and reason."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from claimtag.errors import InputError, require
from claimtag.reading.delimited import read_delimited
from claimtag.reading.lines import LONGEST, decode, decode_page, read_lines, utf_16_hint


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that could not be read."""

    file: str
    line: int | None
    reason: str
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """Named values as they stand in a file; `line` is None where the whole file is one article.

    `name` is the file's path below the folder that was asked for: the same wherever that folder lies.
    """

    values: Mapping[str, Any]
    file: str
    line: int | None = None
    name: str = "row"


Rows: TypeAlias = Iterator[Row | Fault]


def check_source(source: str | Path) -> None:
    """Raises InputError unless the file or folder is there, so that a slip of the pen is told before work begins."""
    if str(source) != "-" and not (str(source) and os.path.exists(source)):
        raise InputError(f"{_printable(source)[:200]!r}: no such file or folder")


def read_rows(source: str | Path, *, encoding: str | None = None) -> Rows:
    """The rows of a file, of every file below a folder, or of JSONL on standard input (`-`).

    Hidden files and folders are left out; links to folders are followed, each folder is read once. `encoding` is a name from `check_encoding`.
    """
    if str(source) == "-":
        if sys.stdin is None:
            raise InputError("standard input is closed; give a file, or pipe JSONL in")
        yield from _jsonl(sys.stdin.buffer, "<stdin>", "stdin", encoding)
        return
    path = Path(source)
    if not path.is_dir():
        yield from _file(path, path.name, encoding)
        return
    empty = True
    for found in _walk(path):
        empty = False
        if isinstance(found, Path):
            yield from _file(found, found.relative_to(path).as_posix(), encoding)
        else:
            yield found
    if empty:
        yield Fault(_printable(path), None, "the folder holds no files")


def _walk(folder: Path) -> Iterator[Path | Fault]:
    """Every file below the folder, by path: one level's names in memory at a time, no recursion, no folder twice."""
    open_folders: list[tuple[Path, list[str]]] = []
    entered: set[tuple[int, int]] = set()

    def enter(path: Path) -> Iterator[Fault]:
        try:
            found = os.stat(path)
            names = [name for name in os.listdir(path) if not name.startswith(".")]
        except OSError as error:
            yield Fault(_printable(path), None, f"cannot be read: {error.strerror}")
            return
        identity = (found.st_dev, found.st_ino)
        if identity not in entered:  # else a link to it was followed: chains of links made folders without number
            entered.add(identity)
            open_folders.append((path, sorted(names, reverse=True)))

    yield from enter(folder)
    while open_folders:
        parent, names = open_folders[-1]
        if not names:
            open_folders.pop()
        elif (path := parent / names.pop()).is_dir():
            yield from enter(path)
        else:
            yield path


def _file(path: Path, name: str, encoding: str | None) -> Rows:
    file, name = _printable(path), _printable(name)
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(_READERS)
        ending = f'files ending in "{path.suffix}"' if path.suffix else "files without an ending"
        yield Fault(file, None, f"{_printable(ending)} are not read; known endings: {known}")
        return
    if path.exists() and not path.is_file():  # opening a pipe would wait for ever
        yield Fault(file, None, "neither a file nor a folder")
        return
    try:
        with path.open("rb") as stream:
            yield from reader(stream, file, name, encoding)
    except OSError as error:
        yield Fault(file, None, f"cannot be read: {error.strerror or error}")


def _printable(path: str | Path) -> str:
    """The path as text that every output can hold: bytes that are no UTF-8 as `\\xe9`."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _txt(stream: BinaryIO, file: str, name: str, encoding: str | None) -> Rows:
    # line ends stay as they are: offsets count the text as it was given
    text, problem = decode(stream.read(LONGEST + 1), encoding)
    yield Fault(file, None, problem) if problem else Row({"text": text}, file, None, name)


def _html(stream: BinaryIO, file: str, name: str, encoding: str | None) -> Rows:
    trafilatura = require("trafilatura", extra="html")
    page, problem = decode_page(stream.read(LONGEST + 1), encoding)
    if problem is None and (at := page.find("\0")) >= 0:  # lxml would cut there
        problem = f"the page has a NUL character at {at}"
    if problem:
        yield Fault(file, None, problem)
        return
    # else a page without a date got one from its copyright line: "© 2019" became the first of January
    dates = {"extensive_search": False, "original_date": True}
    try:
        found = trafilatura.bare_extraction(
            page, include_comments=False, with_metadata=True, date_extraction_params=dates
        )
    except Exception as error:  # trafilatura and lxml raise many kinds on hostile pages
        yield Fault(file, None, f"the page could not be parsed: {type(error).__name__}: {error}")
        return
    if found is None or not found.text:
        yield Fault(file, None, "no article text was found in the page")
        return
    values = {"text": found.text, "title": found.title, "date": found.date, "source": found.sitename, "url": found.url}
    yield Row(values, file, None, name)


def _jsonl(stream: BinaryIO, file: str, name: str, encoding: str | None) -> Rows:
    for number, line, problem in read_lines(stream, encoding):
        if problem is None and not line.isspace():
            try:
                values = json.loads(line.rstrip().removeprefix("\ufeff"))  # joined files carry a mark in the middle
            except json.JSONDecodeError as error:
                at = line.find("\0")
                problem = f"a NUL byte at column {at + 1}{utf_16_hint(at)}"
                if at < 0:
                    problem = f"broken JSON at column {error.colno}: {error.msg}"
            except (RecursionError, ValueError) as error:  # ten thousand brackets; a number of 5,000 digits
                problem = f"broken JSON: {str(error).partition(';')[0]}"
            else:
                if isinstance(values, dict):
                    yield Row(values, file, number, name)
                else:
                    problem = "not a JSON object; each line must hold one article as {…}"
        if problem is not None:
            yield Fault(file, number, problem)


def _csv(stream: BinaryIO, file: str, name: str, encoding: str | None) -> Rows:
    delimiter = "\t" if file.lower().endswith(".tsv") else None
    for number, values in read_delimited(stream, encoding, delimiter=delimiter):
        yield Fault(file, number, values) if isinstance(values, str) else Row(values, file, number, name)


def _parquet(stream: BinaryIO, file: str, name: str, encoding: str | None) -> Rows:
    import pyarrow
    import pyarrow.parquet

    number = 0
    try:
        for batch in pyarrow.parquet.ParquetFile(stream).iter_batches(batch_size=256):
            for row in _batch_rows(batch):
                number += 1
                yield Fault(file, number, row) if isinstance(row, str) else Row(row, file, number, name)
    except (pyarrow.ArrowException, OSError) as error:
        after = f" after row {number}" if number else ""
        what = str(error).partition("\n")[0]
        yield Fault(file, None, f"not a readable Parquet file{after}: {what}")


def _batch_rows(batch: Any) -> Iterator[dict[str, Any] | str]:
    try:
        yield from batch.to_pylist()
    except (ValueError, OverflowError):  # a string that is no UTF-8, a date out of range: find which row has it
        for index in range(batch.num_rows):
            try:
                yield from batch.slice(index, 1).to_pylist()
            except (ValueError, OverflowError) as error:
                yield f"a value cannot be read: {error}"


_READERS: dict[str, Callable[[BinaryIO, str, str, str | None], Rows]] = {
    ".txt": _txt,
    ".html": _html,
    ".htm": _html,
    ".jsonl": _jsonl,
    ".ndjson": _jsonl,
    ".csv": _csv,
    ".tsv": _csv,
    ".parquet": _parquet,
}
