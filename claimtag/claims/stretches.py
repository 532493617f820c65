"""The stretches of a text between white space: their words, and what these say of a sentence at first sight.

Most sentences bear no claim, and a look at their stretches tells so: each is looked up once, and sums over what is
known of them say whether any cue may stand in the sentence and how much it can speak for the author's own voice at
most.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from claimtag.claims.grammar import LONGEST, REMEMBERED, WORD, Entries

# what may stand in a stretch, as bits
CUE = 1  # a word that no sentence with a cue is without, or a verb with its pronoun after it
INVERTED = 2  # such a verb: "dit-il"
TAILED = 4  # a verb that is a cue with a tail only
TAIL = 8  # a word of such a tail
OFTEN = 16  # the last word of a phrase that is frequent
PAIRED = 32  # a word of a preposition of several words
MARK = 64  # a quotation mark

COUNTED = 1 << 32  # what a share holds for each word, so that one sum gives their number too
_SCALE = 10_000  # of the weights, which have four decimals
_MOST_SHARE = 1 << 24  # of a stretch, so that the shares of `READ` of them never reach half of `COUNTED`
FINITE = {kind: kind + "v" for kind in "wiBgé"}
READ = 80  # words of a sentence by which the author's voice is told


class Stretch(NamedTuple):
    """What is known of a stretch."""

    share: int  # `COUNTED` for each word, and the most that they add to the score of the author's voice
    signs: int  # bits
    low: tuple[str, ...]  # its words in lower case
    kinds: tuple[str, ...]  # their classes; of a finite form with "v" behind it, which it may be instead
    spans: tuple[tuple[int, int], ...]  # where they stand in it


class Stretches(dict[str, Stretch]):
    """What is known of each stretch, worked out when it is first asked for.

    A text cut at white space and looked up here gives its words faster than a regular expression does.
    """

    def __init__(
        self,
        entries: Entries,
        signs: Mapping[str, int],
        finite: Collection[str] = (),
        most: Callable[[str], float] | None = None,
    ) -> None:
        super().__init__()
        self._entries, self._signs, self._finite, self._most = entries, signs, finite, most
        self._same: dict[Any, Any] = {}  # what many stretches have in common is kept once: less memory to go through

    def __missing__(self, text: str) -> Stretch:
        matches = list(WORD.finditer(text))
        entries = [self._entries[match[0]] for match in matches]
        low = tuple(word for word, _ in entries)
        kinds = tuple(FINITE.get(kind, kind) if word in self._finite else kind for word, kind in entries)
        signs = CUE | INVERTED if "I" in kinds else 0
        for word in low:
            signs |= self._signs.get(word, 0)
        same, shares, spans = self._same, share(low, self._most), tuple(match.span() for match in matches)
        found = Stretch(
            same.setdefault(shares, shares), signs, low, same.setdefault(kinds, kinds), same.setdefault(spans, spans)
        )
        if len(self) >= REMEMBERED:
            self.clear()
            self._same.clear()
        if len(text) < LONGEST:
            self[text] = found
        return found


def share(low: tuple[str, ...], most: Callable[[str], float] | None) -> int:
    """The share of a stretch of these words, each of which adds as much as `most` says."""
    most_of_all = sum(map(most, low)) if most else 0.0
    return len(low) * COUNTED + int(min(max(most_of_all * _SCALE + 1, -_MOST_SHARE), _MOST_SHARE))


def words_of(shares: int) -> int:
    """The number of words that a sum of shares stands for."""
    return (shares + COUNTED // 2) // COUNTED


def most_of(shares: int) -> float:
    """The most that these words add to the author's score; a figure for at most `READ` words."""
    return (shares - words_of(shares) * COUNTED) / _SCALE
