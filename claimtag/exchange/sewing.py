"""Articles cut into sentences for tools that show one at a time, and sewn together again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from claimtag.records import Sentence, TaggedArticle

_NOTHING = '""'
_GAP = " "  # what stands between two sentences where nobody says otherwise


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence by itself: its number in the article, what stands before it, and for the last what stands after it."""

    index: int
    sentence: Sentence
    before: str
    after: str

    @property
    def about(self) -> dict[str, str | int]:
        """Where it stands, as plain values; a single space before it goes without saying."""
        place: dict[str, str | int] = {"sentence": self.index, "start": self.sentence.start, "end": self.sentence.end}
        place["kind"] = self.sentence.kind
        if self.before != (_GAP if self.index else ""):
            place["before"] = escaped(self.before)
        if self.after:
            place["after"] = escaped(self.after)
        return place


def cut(tagged: TaggedArticle) -> Iterator[Piece]:
    """The sentences of an article, in order."""
    text, reached, last = tagged.article.text, 0, len(tagged.sentences) - 1
    for index, sentence in enumerate(tagged.sentences):
        after = text[sentence.end :] if index == last else ""
        yield Piece(index, sentence, text[reached : sentence.start], after)
        reached = sentence.end


def sew(pieces: Iterable[tuple[str | None, str, str | None]]) -> tuple[str, list[int]]:
    """The text of sentences with what stands before and after each, and where each begins.

    None before a sentence is a space (nothing before the first), None after it nothing.

    >>> sew([(None, "Rabat se tait.", None), ("\\n\\n", "Bruxelles aussi.", None)])
    ('Rabat se tait.\\n\\nBruxelles aussi.', [0, 16])
    """
    parts: list[str] = []
    starts: list[int] = []
    length = 0
    for before, words, after in pieces:
        gap = (_GAP if starts else "") if before is None else before
        starts.append(length + len(gap))
        parts += [gap, words, after or ""]
        length = starts[-1] + len(words) + len(after or "")
    return "".join(parts), starts


def escaped(gap: str) -> str:
    r"""What stands between sentences so that it can be seen, and is never an empty cell.

    >>> print(escaped("\n\n"), escaped("\xa0"), escaped(""))
    \n\n \u00a0 ""
    """
    return json.dumps(gap)[1:-1] or _NOTHING


def unescaped(gap: str) -> str:
    """The inverse of `escaped`; ValueError where it is none."""
    words: str = "" if gap == _NOTHING else json.loads(f'"{gap}"', strict=False)
    return words
