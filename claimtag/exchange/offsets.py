"""Offsets as annotation tools count them → offsets into the text as it is."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cached_property

from claimtag.records import Span

# bounded, so that "<" without end takes no time; names, since "<Image non disponible>" is a caption
TAG = re.compile(
    r"</?(?:a|b|blockquote|br|div|em|h[1-6]|hr|i|img|li|ol|p|section|span|strong|sub|sup|table|td|th|tr|u|ul)"
    r"(?:\s[^<>]{0,1000})?/?>",
    re.IGNORECASE,
)


class Offsets:
    """The offsets of one text, however a tool counted them.

    Tools that run in a browser may count UTF-16 units, in which "😀" has two; where a file went through Windows, line
    ends have a character more, or lost one; tools that show pages do not count tags. Which it was is found by the words
    that the tool says stand there; without such words offsets are taken for characters.

    >>> offsets = Offsets("😀 Rabat se tait.")
    >>> offsets.span(2, 7, "Rabat"), offsets.span(3, 8, "Rabat"), offsets.span(3, 8, "Tunis")
    (Span(start=2, end=7, text='Rabat'), Span(start=2, end=7, text='Rabat'), None)
    """

    def __init__(self, text: str) -> None:
        self.text = text

    def span(self, start: int, end: int, said: str | None = None) -> Span | None:
        """The span that a tool means, or None where none of the ways to count leads to the words that it says."""
        for first, last in self._readings(start, end):
            if 0 <= first < last <= len(self.text):
                found = self.text[first:last]
                if said is None or _plain(found) == _plain(said):
                    return Span(first, last, found)
        return None

    def _readings(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        yield start, end
        for extra in (self._second_units, self._returns_added):
            if extra:
                yield start - bisect_left(extra, start), end - bisect_left(extra, end)
        if lost := self._returns_lost:
            yield start + bisect_left(lost, start), end + bisect_left(lost, end)
        if "<" in self.text:
            yield self._past_tags(start), self._past_tags(end - 1) + 1

    def _past_tags(self, place: int) -> int:
        """The place of a character in the text, of one counted as a browser shows the page, without its tags."""
        number = bisect_right(self._tags[0], place)
        return place + (self._tags[1][number - 1] if number else 0)

    @cached_property
    def _tags(self) -> tuple[list[int], list[int]]:
        """Where tags would begin if there were none before, and how many characters they and those before have."""
        starts, lengths, total = list[int](), list[int](), 0
        for tag in TAG.finditer(self.text):
            starts.append(tag.start() - total)
            total += len(tag[0])
            lengths.append(total)
        return starts, lengths

    @cached_property
    def _second_units(self) -> list[int]:
        """Where, in UTF-16 units, the characters stand that have two."""
        wide = (at for at, sign in enumerate(self.text) if ord(sign) > 0xFFFF)
        return [at + number for number, at in enumerate(wide)]

    @cached_property
    def _returns_added(self) -> list[int]:
        """Where carriage returns would stand if every line ended in one."""
        ends = (at for at, sign in enumerate(self.text) if sign == "\n" and self.text[at - 1 : at] != "\r")
        return [at + number for number, at in enumerate(ends)]

    @cached_property
    def _returns_lost(self) -> list[int]:
        """Where lines would end if no carriage returns stood before."""
        returns = (at for at, sign in enumerate(self.text) if sign == "\r" and self.text[at + 1 : at + 2] == "\n")
        return [at - number for number, at in enumerate(returns)]


def _plain(words: str) -> str:
    """Words as tools agree on them: some write a line end as a space or as `\\n`, or leave outer white space off."""
    return " ".join(words.replace("\\n", " ").split())
