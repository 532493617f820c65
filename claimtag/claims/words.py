"""A sentence → its words with offsets, their closed classes and the quotations around them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce
from itertools import chain, compress, count
from operator import itemgetter, or_
from typing import Any

from claimtag.claims.cues import Cues
from claimtag.claims.stretches import FINITE, MARK, words_of
from claimtag.quotes import quotations

LONGEST = 900  # words of a sentence that are looked at; the longest of the shared training articles has 330

OPENING, CLOSING = frozenset('«“„‹"'), frozenset('»”›"')  # a straight mark may be either


class Words:
    """The words of one sentence: lower-case forms with plain apostrophes, classes, quotations, offsets when asked for.

    `inside[i]` says whether word i stands in a quotation (a mark belongs to its quotation); `quoted` are the
    quotations as (first word, last word), marks included, outermost only; a dangling mark reaches to the edge.
    """

    __slots__ = (
        "_at", "_stretches", "_text", "count", "cues", "end", "inside", "kind", "low", "quoted", "seen", "shares",
        "signs", "start",
    )  # fmt: skip
    cues: Cues
    shares: int  # of its stretches in sum
    signs: int  # bits of all of them
    count: int  # how many words it has, those that are not looked at too
    low: list[str]
    kind: list[str]  # the class of each word
    seen: list[str]  # each word as features see it: itself where its class is closed, else the class; three "$" follow
    start: list[int]
    end: list[int]
    inside: list[bool]
    quoted: list[tuple[int, int]]

    def __init__(self, text: str, start: int, end: int, cues: Cues) -> None:
        self.cues = cues
        self._text, self._at = text, (start, end)
        self._stretches = found = list(map(cues.stretches.__getitem__, text[start:end].split()))
        self.shares = sum(map(_SHARE, found))
        self.signs = reduce(or_, map(_SIGNS, found), 0)
        self.count = words_of(self.shares)

    def __getattr__(self, name: str) -> Any:
        """What is not there yet, worked out once: most sentences are done with before all of it is needed."""
        work = _WORKED_OUT.get(name)
        if work is None:
            raise AttributeError(name)
        work(self)
        return getattr(self, name)

    @property
    def edges(self) -> tuple[str, str]:
        """The first word and the last."""
        first, last = self._stretches[0].low, self._stretches[-1].low
        return (first[0], last[-1]) if first and last else (self.low[0], self.low[-1])

    def _read(self) -> None:
        self.low = low = list(chain.from_iterable(map(_LOW, self._stretches)))
        self.kind = kind = list(chain.from_iterable(map(_KINDS, self._stretches)))
        if len(low) > LONGEST:
            del low[LONGEST:], kind[LONGEST:]
        clitics = self.cues.grammar.clitics
        for i in where(kind, _FINITE):
            noun = i and kind[i - 1] in _NO_VERB_AFTER and low[i - 1] not in clitics
            kind[i] = kind[i][0] if noun else "v"

    def _see(self) -> None:
        self.seen = [word if kind in _CLOSED else kind for word, kind in zip(self.low, self.kind, strict=True)]
        self.seen += ["$", "$", "$"]

    def _quote(self) -> None:
        if not self.signs & MARK:
            self.inside, self.quoted = [False] * len(self.low), []
        else:
            self.inside, self.quoted = _quoted(self._text, self._at[0], self.end[-1], self.low, self.start)

    def _place(self) -> None:
        text, (at, end) = self._text, self._at
        self.start, self.end = starts, ends = [], []
        for piece, stretch in zip(text[at:end].split(), self._stretches, strict=True):
            at = text.index(piece, at)
            for first, last in stretch.spans:
                starts.append(at + first)
                ends.append(at + last)
            at += len(piece)
        del starts[LONGEST:], ends[LONGEST:]


_SHARE, _SIGNS, _LOW, _KINDS = map(itemgetter, range(4))  # of a stretch
_FINITE = frozenset(FINITE.values())
_WORKED_OUT: dict[str, Callable[[Words], None]] = {
    "low": Words._read,
    "kind": Words._read,
    "seen": Words._see,
    "quoted": Words._quote,
    "inside": Words._quote,
    "start": Words._place,
    "end": Words._place,
}
_CLOSED = frozenset(["D", "de", "a", "P", "C", "q", "r", "S", "O", "R", "N", "V"])
_NO_VERB_AFTER = frozenset(["D", "de", "P", "a", "v", "V"])


_MARK = frozenset('«»“”„‹›"')


def where(words: Iterable[str], some: frozenset[str]) -> list[int]:
    """The places of these words."""
    return list(compress(count(), map(some.__contains__, words)))


def _quoted(
    text: str, start: int, end: int, low: list[str], begins: list[int]
) -> tuple[list[bool], list[tuple[int, int]]]:
    inside = [False] * len(low)
    if _MARK.isdisjoint(low):
        return inside, []
    marks = [n for n, word in enumerate(low) if word in _MARK]
    at = {begins[n]: n for n in marks}
    found = [
        (at[q.start], at[q.end - 1])
        for q in quotations(text, start, end)
        if q.depth == 0 and q.start in at and q.end - 1 in at
    ]
    covered = [False] * len(low)
    for first, last in found:
        for n in range(first, last + 1):
            covered[n] = True
    loose = [n for n in marks if not covered[n]]
    for n in loose:  # a quotation that another sentence ends or begins
        word = low[n]
        if word in "«“„" or (word == '"' and (n == 0 or (begins[n] + 1 < end and not text[begins[n] + 1].isspace()))):
            stop = min((first for first, _ in found if first > n), default=len(low))
            if stop == len(low) and n < len(low) - 2:
                found.append((n, len(low)))
                break
        elif word in '»”"' and n > 1 and not any(last < n for _, last in found):
            found.append((-1, n))
            break
    found.sort()
    for first, last in found:
        for n in range(max(first, 0), min(last, len(low) - 1) + 1):
            inside[n] = True
    return inside, found
