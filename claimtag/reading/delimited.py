"""CSV and TSV → rows, with quotation marks that are never closed costing only the row that they stand in."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import BinaryIO

from claimtag.reading.lines import LONGEST, Line, read_lines

_SEPARATOR = re.compile(r"\s*\"?sep=([,;\t|])\"?\s*", re.IGNORECASE)
_MOST_REREAD = 10 * LONGEST  # characters read again after broken rows, so that a hostile file takes no quadratic time


def read_delimited(
    stream: BinaryIO, encoding: str | None, *, delimiter: str | None = None
) -> Iterator[tuple[int | None, dict[str, str] | str]]:
    """Each row's line number and its values by the header's names, or why it cannot be used.

    Without `delimiter` it is the one that a first line such as `sep=;` names, as Excel writes it, or else the one of
    `,` `;` tab `|` that the header has most of.
    """
    lines = _Lines(read_lines(stream, encoding))
    first = next((line for line in lines if line.strip()), None)
    if first is None:
        yield None, "the file is empty; its first line must name the columns"
        return
    if said := _SEPARATOR.fullmatch(first):  # Excel's own line before the header
        delimiter = said[1]
    else:
        lines.again(lines.taken)
    reader = csv.reader(lines, delimiter=delimiter or max(",;\t|", key=first.count), strict=True)
    header: list[str] | None = None
    reread = 0
    while True:
        lines.taken = []
        broken = None
        try:
            cells = _next_row(reader)
        except StopIteration:
            return
        except csv.Error as error:
            cells, broken = [], _broken(error)
        number, problem = _problem(lines.taken)
        if header is None:
            if problem or broken:
                yield number, f"the header cannot be read, and without it no row: {problem or broken}"
                return
            header = [cell.strip() for cell in cells]
            if twice := [name for name in header if name and header.count(name) > 1]:
                yield number, f'the header names "{twice[0]}" twice'
                return
            header = header or None  # blank lines before it
        elif broken:
            yield lines.taken[0].number, lines.taken[0].problem or broken
            reread += sum(len(line.text) for line in lines.taken[1:])
            if reread > _MOST_REREAD:
                yield lines.taken[0].number + 1, "too many broken rows; the rest of the file was not read"
                return
            lines.again(lines.taken[1:])  # go on with the line after the broken row's first
        elif problem:
            yield number, problem
        elif len(cells) == len(header):
            yield lines.taken[0].number, dict(zip(header, cells, strict=True))
        elif cells:
            yield lines.taken[0].number, f"the row has {len(cells)} fields, the header {len(header)}"


def _broken(error: csv.Error) -> str:
    if "new-line character" in str(error):
        return r"broken CSV: a carriage return alone, outside quotation marks; end lines with \n or \r\n"
    return f"broken CSV: {error}; is a quotation mark never closed?"


def _problem(lines: list[Line]) -> tuple[int, str | None]:
    """The first line that cannot be used and why, or the first line."""
    return next(((line.number, line.problem) for line in lines if line.problem), (lines[0].number, None))


def _next_row(reader: Iterator[list[str]]) -> list[str]:
    """The next row with the csv module's limit on a field raised for this call only: it is a setting of the process."""
    before = csv.field_size_limit(LONGEST)
    try:
        return next(reader)
    finally:
        csv.field_size_limit(before)


class _Lines(Iterator[str]):
    """Lines for the csv module, remembering those taken for the row under way, and to which one can go back."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self._lines, self._waiting = lines, list[Line]()
        self.taken: list[Line] = []

    def again(self, lines: list[Line]) -> None:
        """Puts lines back in front of those still to come."""
        self._waiting += reversed(lines)

    def __next__(self) -> str:
        line = self._waiting.pop() if self._waiting else next(self._lines)
        self.taken.append(line)
        return line.text
