"""A sentence → its words with offsets, their closed classes and the quotations around them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import Any

from claimtag.claims.cues import Cues
from claimtag.claims.grammar import WORD
from claimtag.quotes import quotations

LONGEST = 900  # words of a sentence that are looked at; the longest of the shared training articles has 330

OPENING, CLOSING = frozenset('«“„‹"'), frozenset('»”›"')  # a straight mark may be either


class Words:
    """The words of one sentence: lower-case forms with plain apostrophes, classes, quotations, offsets when asked for.

    `inside[i]` says whether word i stands in a quotation (a mark belongs to its quotation); `quoted` are the
    quotations as (first word, last word), marks included, outermost only; a dangling mark reaches to the edge.
    """

    __slots__ = ("_at", "_entries", "_text", "cues", "end", "inside", "kind", "low", "quoted", "seen", "start")
    cues: Cues
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
        known = cues.grammar.pieces.__getitem__
        self._entries = entries = list(chain.from_iterable(map(known, text[start:end].split())))
        if len(entries) > LONGEST:
            del entries[LONGEST:]
        self.low = [entry[0] for entry in entries]

    def __getattr__(self, name: str) -> Any:
        """What is not there yet, worked out once: most sentences are done with before all of it is needed."""
        work = _WORKED_OUT.get(name)
        if work is None:
            raise AttributeError(name)
        work(self)
        return getattr(self, name)

    @property
    def inverted(self) -> bool:
        """Whether some word may be a verb with its pronoun after it: "dit-il"."""
        text, at = self._text, self._at
        return text.find("-", *at) >= 0 and any(text.find(end, *at) >= 0 for end in self.cues.grammar.endings.inverted)

    def _classify(self) -> None:
        low, finite, clitics = self.low, self.cues.finite, self.cues.grammar.clitics
        self.kind = kind = [entry[1] for entry in self._entries]
        for i in [n for n, word in enumerate(low) if word in finite]:
            if kind[i] in "wiBgé" and not (i and kind[i - 1] in _NO_VERB_AFTER and low[i - 1] not in clitics):
                kind[i] = "v"

    def _see(self) -> None:
        self.seen = [word if kind in _CLOSED else kind for word, kind in zip(self.low, self.kind, strict=True)]
        self.seen += ["$", "$", "$"]

    def _quote(self) -> None:
        if _MARK.isdisjoint(self.low):
            self.inside, self.quoted = [False] * len(self.low), []
        else:
            self.inside, self.quoted = _quoted(self._text, self._at[0], self.end[-1], self.low, self.start)

    def _place(self) -> None:
        spans = [match.span() for match, _ in zip(WORD.finditer(self._text, *self._at), self.low, strict=False)]
        self.start = [first for first, _ in spans]
        self.end = [last for _, last in spans]


_WORKED_OUT: dict[str, Callable[[Words], None]] = {
    "kind": Words._classify,
    "seen": Words._see,
    "quoted": Words._quote,
    "inside": Words._quote,
    "start": Words._place,
    "end": Words._place,
}
_CLOSED = frozenset(["D", "de", "a", "P", "C", "q", "r", "S", "O", "R", "N", "V"])
_NO_VERB_AFTER = frozenset(["D", "de", "P", "a", "v", "V"])


_MARK = frozenset('«»“”„‹›"')


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
