"""Bytes → text: which encoding, and numbered lines decoded one by one, so that a bad one costs only itself."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from claimtag.errors import OptionError

_SAMPLE = 1000  # bytes looked at to tell UTF-16
LONGEST = 50_000_000  # bytes of a line, or of a file that is one article; a longer one is broken, no article
_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)


class Line(NamedTuple):
    """A line with its number from 1, and why it cannot be used, where it cannot; its text is then a makeshift.

    `end` is the number of bytes up to its end.
    """

    number: int
    text: str
    problem: str | None = None
    end: int = 0


class Undecodable(str):
    """Why bytes cannot be used that are no text of the encoding: another one may help, as no other kind of problem."""


class Start(NamedTuple):
    """Where to go on reading in the middle of a file: after so many bytes and lines, `head` being `read_head` of it."""

    byte: int
    line: int
    head: bytes


def read_head(stream: BinaryIO) -> bytes:
    """The beginning of a file's first line, which tells its encoding."""
    return stream.readline(_SAMPLE)


def check_encoding(encoding: str) -> str:
    """The codec's own name; OptionError where Python has none or where a byte 0x0A need not end a line."""
    try:
        codec = codecs.lookup(encoding).name
        codec = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(codec, codec)  # a mark is looked for anyway
        newline = "\n".encode(codec)
    except (LookupError, ValueError) as error:
        raise OptionError(f'no encoding "{encoding}"; common ones are utf-8, cp1252, latin-1, utf-16') from error
    if newline != b"\n" and not codec.startswith("utf-16"):
        raise OptionError(f'the encoding "{encoding}" is not read; convert the file to utf-8')
    return codec


def decode(content: bytes, encoding: str | None) -> tuple[str, str | None]:
    """The text of a whole file without its byte order mark, and why it cannot be used, or None."""
    if len(content) > LONGEST:
        return "", f"the file has more than {LONGEST:,} bytes, too many for one article"
    mark, codec = _codec(content, encoding)
    try:
        return content[mark:].decode(codec), None
    except UnicodeDecodeError as error:
        return "", _not_decodable(codec, mark + error.start, content)


def decode_page(content: bytes, encoding: str | None) -> tuple[str, str | None]:
    """Like `decode` for HTML, which may name its encoding itself; UTF-8 comes first, since saved pages often lie."""
    text, problem = decode(content, encoding)
    declared = _CHARSET.search(content[:4096])
    if problem is None or encoding is not None or declared is None:
        return text, problem
    try:
        codec = check_encoding(declared[1].decode("ascii", "replace"))
    except OptionError:
        return text, problem
    # browsers read pages that say Latin-1 as Windows' superset of it: its “ ” ’ — are common there
    return decode(content, "cp1252" if codec in ("iso8859-1", "ascii") else codec)


def read_lines(stream: BinaryIO, encoding: str | None, start: Start | None = None) -> Iterator[Line]:
    """The lines of a stream with their line ends; the byte order mark is left off.

    With `start` the stream stands there already, and lines, bytes and problems are counted from the file's beginning.
    """
    begun = (
        stream.readline(LONGEST + 1) if start is None else start.head
    )  # no byte of a mark is a line end: it is whole
    mark, codec = _codec(begun, encoding)
    newline = "\n".encode(codec)
    sample = begun[:_SAMPLE]
    begun, offset, number = (begun[mark:], mark, 0) if start is None else (b"", start.byte, start.line)
    while line := _raw_line(stream, newline, begun):
        begun = b""
        number += 1
        size = len(line)
        if size > LONGEST:
            if not line.endswith(newline):
                size += _skip_line(stream, newline)
            problem = f"a line of {size:,} bytes; the longest that is read has {LONGEST:,}"
            yield Line(number, "\n", problem, offset + size)
        else:
            try:
                yield Line(number, line.decode(codec), None, offset + size)
            except UnicodeDecodeError as error:
                problem = _not_decodable(codec, offset + error.start, sample)
                yield Line(number, line.decode(codec, "replace"), problem, offset + size)
        offset += size


def _raw_line(stream: BinaryIO, newline: bytes, begun: bytes = b"") -> bytes | bytearray:
    first = begun or stream.readline(LONGEST + 1)
    if len(newline) == 1:
        return first
    line = bytearray(first)
    while line:
        if len(line) % 2:  # a code unit has two bytes, and one of them may be that of a line end: "ਅ" is 05 0A
            line += stream.read(1)
        if line.endswith(newline) or len(line) > LONGEST:
            break
        part = stream.readline(LONGEST + 1 - len(line))
        if not part:
            break
        line += part
    return line


def _skip_line(stream: BinaryIO, newline: bytes) -> int:
    size = 0
    while part := _raw_line(stream, newline):
        size += len(part)
        if part.endswith(newline):
            break
    return size


def _codec(start: bytes, encoding: str | None) -> tuple[int, str]:
    """The length of the byte order mark and the encoding that it, or else the caller, names."""
    for mark, codec in _MARKS.items():
        if start.startswith(mark):
            return len(mark), codec
    return 0, encoding or "utf-8"


def _not_decodable(codec: str, offset: int, content: bytes) -> Undecodable:
    if codec != "utf-8":
        hint = "try another --encoding"
    elif wide := utf_16(content):
        hint = f"it looks like UTF-16 without its byte order mark; use --encoding {wide}"
    else:
        hint = "use --encoding cp1252 for text from older Windows programs"
    return Undecodable(f"not {codec.upper()} at byte {offset}; {hint}")


def utf_16_hint(at: int) -> str:
    """What to do about the first NUL character of a text, at `at`, where UTF-16 read as UTF-8 would have it.

    >>> utf_16_hint(1), utf_16_hint(7)
    ('; for UTF-16 without its byte order mark use --encoding utf-16-le', '')
    """
    wide = ("utf-16-be", "utf-16-le")
    return f"; for UTF-16 without its byte order mark use --encoding {wide[at]}" if 0 <= at < 2 else ""


def utf_16(content: bytes) -> str | None:
    """The kind of UTF-16 that bytes look like: every second one of Latin letters and of spaces is zero, and no other.

    >>> [utf_16("Le général".encode(codec)) for codec in ("utf-16-le", "utf-16-be", "utf-8")]
    ['utf-16-le', 'utf-16-be', None]
    """
    first, second = content[:_SAMPLE:2].count(0), content[1:_SAMPLE:2].count(0)
    if 4 * max(first, second) <= len(content[:_SAMPLE:2]) // 4 or min(first, second) * 4 > max(first, second):
        return None
    return "utf-16-le" if second > first else "utf-16-be"
