"""Tools' files → values with the number of the line that each begins on: JSONL, or one JSON array."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from claimtag.errors import InputError
from claimtag.reading.lines import read_lines
from claimtag.reading.values import kind_of

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class Item(NamedTuple):
    """An object of a file, or why it cannot be used (then `problem` says so and the object is empty)."""

    line: int
    values: Mapping[str, Any]
    problem: str | None = None


Items: TypeAlias = Iterator[Item]


def read_items(path: Path) -> Items:
    """The objects of a JSONL file, or of a JSON array; one that is broken costs itself, or in an array what follows."""
    try:
        with path.open("rb") as stream:
            begins = stream.read(1000).lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")
            stream.seek(0)
            if begins.startswith(b"["):
                yield from _array(stream.read(), path)
                return
            for line in read_lines(stream, None):
                if line.problem or not line.text.isspace():
                    yield _item(line.number, line.text, line.problem and advised(line.problem))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error


def read_text(path: Path) -> str:
    """The text of a whole file, line ends as they are, without its byte order mark; InputError where it is no UTF-8."""
    try:
        return _decoded(path.read_bytes(), path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error


def advised(problem: str) -> str:
    """What is wrong with a line, without the advice to use an option that an import does not have.

    >>> advised("not UTF-8 at byte 9; use --encoding cp1252 for text from older Windows programs")
    'not UTF-8 at byte 9; save the file as UTF-8 (in Excel: "CSV UTF-8")'
    """
    what, sign, advice = problem.partition("; ")
    return f'{what}{sign}save the file as UTF-8 (in Excel: "CSV UTF-8")' if "--encoding" in advice else problem


def _item(number: int, line: str, problem: str | None) -> Item:
    if problem is None:
        try:
            values = json.loads(line.strip().removeprefix("\ufeff"))
        except json.JSONDecodeError as error:
            problem = f"broken JSON at column {error.colno}: {error.msg}"
        except (RecursionError, ValueError) as error:
            problem = f"broken JSON: {str(error).partition(';')[0]}"
        else:
            return _checked(number, values)
    return Item(number, {}, problem)


def _checked(number: int, values: object) -> Item:
    if isinstance(values, dict):
        return Item(number, values)
    return Item(number, {}, f"{kind_of(values)} where an object {{…}} was expected")


def _array(content: bytes, path: Path) -> Items:
    """The objects of an array one by one, so that each has its line, and what stands before a break is not lost."""
    text, decoder = _decoded(content, path), json.JSONDecoder()
    at, line, counted = text.index("[") + 1, 1, 0
    while True:
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
        line, counted = line + text.count("\n", counted, at), at
        if at == len(text):
            yield Item(line, {}, "the list is cut off: its ] is missing")
            return
        if text[at] == "]":
            return
        try:
            values, at = decoder.raw_decode(text, at)
        except (RecursionError, ValueError) as error:
            what = str(error).partition(":")[0]
            yield Item(line, {}, f"broken JSON ({what}); what follows in this file was not read")
            return
        yield _checked(line, values)


def _decoded(content: bytes, path: Path) -> str:
    mark, codec = next(((mark, codec) for mark, codec in _MARKS if content.startswith(mark)), (b"", "utf-8"))
    try:
        return content[len(mark) :].decode(codec)
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not {codec.upper()} at byte {error.start}; save it as UTF-8") from error
