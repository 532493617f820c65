"""Files → rows of named values, each with its place; what cannot be read becomes a fault with its place and reason."""

from __future__ import annotations

import json
import os
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias, cast

from claimtag.errors import InputError, require
from claimtag.reading.decompressing import open_zstandard
from claimtag.reading.delimited import read_delimited
from claimtag.reading.lines import LONGEST, Line, Undecodable, decode, decode_page, read_lines, utf_16_hint


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that could not be read."""

    file: str
    line: int | None
    reason: str
    id: str | None = None

    @property
    def is_undecodable(self) -> bool:
        """Whether the bytes are no text of the encoding, so that another one may help."""
        return isinstance(self.reason, Undecodable)


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
COMPRESSED = (".gz", ".zst")


def check_source(source: str | Path) -> None:
    """Raises InputError unless the file or folder is there, so that a slip of the pen is told before work begins."""
    if str(source) != "-" and not (str(source) and os.path.exists(source)):
        raise InputError(f"{printable(source)[:200]!r}: no such file or folder")


@dataclass(frozen=True, slots=True)
class File:
    """A file to be read; `name` is its path below the folder that was asked for."""

    path: Path
    name: str

    @property
    def suffix(self) -> str:
        """The ending that says its format, in small letters: ".jsonl" of "News.JSONL.gz"."""
        suffix = self.path.suffix.lower()
        return Path(self.path.stem).suffix.lower() if suffix in COMPRESSED else suffix


def read_rows(
    source: str | Path, *, encoding: str | None = None, on_hidden: Callable[[int], object] = lambda number: None
) -> Rows:
    """The rows of a file, of every file below a folder, or of JSONL on standard input (`-`).

    Hidden files and folders are left out, their numbers told to `on_hidden`; links to folders are followed, each folder
    is read once. `encoding` is a name from `check_encoding`.
    """
    if str(source) == "-":
        if sys.stdin is None:
            raise InputError("standard input is closed; give a file, or pipe JSONL in")
        yield from _jsonl(sys.stdin.buffer, "<stdin>", "stdin", encoding)
        return
    for found in list_files(source, on_hidden=on_hidden):
        if isinstance(found, Fault):
            yield found
        else:
            yield from read_file(found, encoding=encoding)


def list_files(
    source: str | Path, *, on_hidden: Callable[[int], object] = lambda number: None
) -> Iterator[File | Fault]:
    """The file, or every file below the folder by path; what of it cannot be listed is a fault."""
    path = Path(source)
    if not path.is_dir():
        yield File(path, path.name)
        return
    empty = True
    for found in _walk(path, on_hidden):
        empty = False
        yield File(found, found.relative_to(path).as_posix()) if isinstance(found, Path) else found
    if empty:
        yield Fault(printable(path), None, "the folder holds no files")


def read_file(file: File, *, encoding: str | None = None, skip: int = 0) -> Rows:
    """The rows of one file, without the first `skip` of them (rows and faults alike)."""
    if skip and file.suffix == ".parquet":
        yield from _open(file, lambda *of: _parquet(*of, skip=skip), encoding)
        return
    yield from islice(_open(file, READERS.get(file.suffix), encoding), skip, None)


def _walk(folder: Path, on_hidden: Callable[[int], object]) -> Iterator[Path | Fault]:
    """Every file below the folder, by path: one level's names in memory at a time, no recursion, no folder twice."""
    open_folders: list[tuple[Path, list[str]]] = []
    entered: set[tuple[int, int]] = set()

    def enter(path: Path) -> Iterator[Fault]:
        try:
            found = os.stat(path)
            there = os.listdir(path)
        except OSError as error:
            yield Fault(printable(path), None, f"cannot be read: {error.strerror}")
            return
        names = [name for name in there if not name.startswith(".")]
        identity = (found.st_dev, found.st_ino)
        if identity not in entered:  # else a link to it was followed: chains of links made folders without number
            entered.add(identity)
            on_hidden(len(there) - len(names))
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


def _open(file: File, reader: _Reader | None, encoding: str | None) -> Rows:
    path, shown, name = file.path, printable(file.path), printable(file.name)
    if reader is None:
        known = ", ".join(READERS)
        ending = f'files ending in "{path.suffix}"' if path.suffix else "files without an ending"
        yield Fault(shown, None, f"{printable(ending)} are not read; known endings: {known}")
        return
    if path.exists() and not path.is_file():  # opening a pipe would wait for ever
        yield Fault(shown, None, "neither a file nor a folder")
        return
    try:
        with open_file(file) as stream:
            yield from reader(stream, shown, name, encoding)
    except (OSError, EOFError, zlib.error) as error:
        yield cannot_be_read(file, error)


def cannot_be_read(file: File, error: Exception) -> Fault:
    """The fault of a file whose bytes do not come, or that is no proper compressed file."""
    why = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return Fault(printable(file.path), None, f"cannot be read: {why}")


def open_file(file: File) -> BinaryIO:
    """The bytes of a file, decompressed where its last ending says so; OSError, EOFError or zlib.error now or later."""
    ending = file.path.suffix.lower()
    if ending == ".gz":
        import gzip

        return cast(BinaryIO, gzip.open(file.path, "rb"))
    if ending == ".zst":
        return open_zstandard(file.path)
    return file.path.open("rb")


def printable(path: str | Path) -> str:
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
    for line in read_lines(stream, encoding):
        if (row := json_row(line, file, name)) is not None:
            yield row


def json_row(line: Line, file: str, name: str) -> Row | Fault | None:
    """The record in a line of JSONL, why there is none, or None for a blank line."""
    problem = line.problem
    if problem is None:
        if line.text.isspace():
            return None
        try:
            values = json.loads(line.text.rstrip().removeprefix("\ufeff"))  # joined files carry a mark in the middle
        except json.JSONDecodeError as error:
            at = line.text.find("\0")
            problem = f"a NUL byte at column {at + 1}{utf_16_hint(at)}"
            if at < 0:
                problem = f"broken JSON at column {error.colno}: {error.msg}"
        except (RecursionError, ValueError) as error:  # ten thousand brackets; a number of 5,000 digits
            problem = f"broken JSON: {str(error).partition(';')[0]}"
        else:
            if isinstance(values, dict):
                return Row(values, file, line.number, name)
            problem = "not a JSON object; each line must hold one article as {…}"
    return Fault(file, line.number, problem)


def _csv(stream: BinaryIO, file: str, name: str, encoding: str | None) -> Rows:
    delimiter = "\t" if file.lower().endswith((".tsv", ".tsv.gz", ".tsv.zst")) else None
    for number, values in read_delimited(stream, encoding, delimiter=delimiter):
        yield Fault(file, number, values) if isinstance(values, str) else Row(values, file, number, name)


def _parquet(stream: BinaryIO, file: str, name: str, encoding: str | None, *, skip: int = 0) -> Rows:
    import pyarrow
    import pyarrow.parquet

    number = 0
    try:
        source = pyarrow.parquet.ParquetFile(stream)
        groups = list(range(source.num_row_groups))
        while groups and number + (rows := source.metadata.row_group(groups[0]).num_rows) <= skip:
            number += rows
            del groups[0]
        for batch in source.iter_batches(batch_size=256, row_groups=groups):
            if (before := max(0, min(skip - number, batch.num_rows))) > 0:
                batch, number = batch.slice(before), number + before
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


_Reader: TypeAlias = Callable[[BinaryIO, str, str, str | None], Rows]
READERS: dict[str, _Reader] = {
    ".txt": _txt,
    ".html": _html,
    ".htm": _html,
    ".jsonl": _jsonl,
    ".ndjson": _jsonl,
    ".csv": _csv,
    ".tsv": _csv,
    ".parquet": _parquet,
}
