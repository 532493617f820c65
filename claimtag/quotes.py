"""Quotation marks → the spans that they enclose.

Counted are « », “ ”, „ “, ‹ › and the straight " "; apostrophes, ‘ ’ (which close as apostrophes do) and inch marks are
none. Quotations may nest. A mark without its partner encloses nothing, so it cannot swallow the rest of an article:
a line break ends every quotation, and so do `LONGEST` characters.
"""

from __future__ import annotations

import re
from typing import NamedTuple

LONGEST = 4000  # the longest quotation of the shared training articles has 1,139 characters

_MARK = re.compile(r"[«»“”„‹›\"\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_CLOSED_BY = {"«": "»", "“": "”", "„": "“”", "‹": "›", '"': '"'}
_CLOSERS = "»”›"
_OPENS_BEFORE = re.compile(r"[\s(\[{'’«“„‹—–\-/]")  # what stands before a straight mark that opens


class Quotation(NamedTuple):
    """A closed quotation with its marks: `text[start:end]` begins and ends with one; `depth` is 0 for the outermost."""

    start: int
    end: int
    depth: int


def quotations(text: str, start: int = 0, end: int | None = None) -> tuple[Quotation, ...]:
    """The closed quotations of `text[start:end]`, outermost and nested, in the order of their opening marks.

    >>> text = 'Il dit : « le mot "oui" suffit ». Elle : “ non ”, sur un écran de 27".'
    >>> [(text[q.start : q.end], q.depth) for q in quotations(text)]
    [('« le mot "oui" suffit »', 0), ('"oui"', 1), ('“ non ”', 0)]
    >>> quotations("« Il ouvre et ne ferme pas.")
    ()
    """
    stop = len(text) if end is None else end
    found: list[tuple[int, int]] = []
    opened: list[tuple[str, int]] = []
    for match in _MARK.finditer(text, start, stop):
        mark, at = match[0], match.start()
        if mark in "«“„‹" and not (mark == "“" and opened and opened[-1][0] == "„"):
            opened.append((mark, at))
        elif mark in _CLOSERS or mark == "“":
            _close(mark, at, opened, found)
        elif mark == '"':
            if opened and opened[-1][0] == '"' and _closes(text, at, stop):
                _close(mark, at, opened, found)
            elif _opens(text, at, start, stop):
                opened.append((mark, at))
            elif not (at > start and text[at - 1].isdigit()):  # not an inch mark
                _close(mark, at, opened, found)
        else:
            opened.clear()
    return _nested(sorted(found))


def _close(mark: str, at: int, opened: list[tuple[str, int]], found: list[tuple[int, int]]) -> None:
    """Close the nearest opening mark of this kind; those opened inside it and never closed are dropped."""
    # only the last few are looked at, so that no text makes this slow
    for depth in range(len(opened) - 1, max(len(opened) - 5, -1), -1):
        kind, start = opened[depth]
        if mark in _CLOSED_BY[kind]:
            del opened[depth:]
            if at - start < LONGEST:
                found.append((start, at + 1))
            return


def _opens(text: str, at: int, start: int, stop: int) -> bool:
    return (at == start or _OPENS_BEFORE.match(text[at - 1]) is not None) and at + 1 < stop


def _closes(text: str, at: int, stop: int) -> bool:
    """A straight mark closes an open one unless it clearly opens: a space before it and a word right after it."""
    return not (text[at - 1].isspace() and at + 1 < stop and text[at + 1].isalnum())


def _nested(spans: list[tuple[int, int]]) -> tuple[Quotation, ...]:
    around: list[int] = []
    nested: list[Quotation] = []
    for start, end in spans:
        while around and around[-1] <= start:
            around.pop()
        nested.append(Quotation(start, end, len(around)))
        around.append(end)
    return tuple(nested)
