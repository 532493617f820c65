"""Candidate speakers of a cue: the mentions around it in its sentence, described by features."""

from __future__ import annotations

import re
from typing import NamedTuple

from claimtag.claims.candidates import Cue
from claimtag.claims.parts import Part, distance
from claimtag.claims.words import Words
from claimtag.records import Span


class Mentions(NamedTuple):
    """Candidate speakers as word positions [begin, end); (-1, -1) is nobody, (-2, -2) the pronoun in the cue.

    Those that begin or end at the same word share what is said of that word, so that it is scored once.
    """

    pairs: list[tuple[int, int]]
    begins: dict[int, list[Part]]
    ends: dict[int, list[Part]]
    others: list[list[Part]]  # of each pair, beside those of its beginning and end

    def parts(self, n: int) -> list[Part]:
        """All that describes candidate n."""
        begin, end = self.pairs[n]
        return [*self.begins[begin], *self.ends[end], *self.others[n]]


_STARTS = frozenset(["D", "X", "O", "0"])
LEFT, RIGHT = 45, 40  # words that are looked at on either side


def mentions(words: Words, cue: Cue, content: tuple[int, int] | None, before: list[tuple[int, int]]) -> Mentions:
    """Candidate speakers of the cue, given its content and the speakers of the cues before it."""
    low, kind, grammar = words.low, words.kind, words.cues.grammar
    first, last = cue.first, cue.last
    pairs: dict[tuple[int, int], str] = {(-1, -1): "none"}
    if cue.kind == "inv":
        for j in range(first, last + 1):
            if kind[j] == "I":
                pairs[(-2, -2)] = "inv"
                break
    if cue.kind not in ("prep", "poss"):
        _left(words, cue, pairs)
    if cue.kind in ("prep", "comp", "fin", "inv", "phrase", "noun", "pass", "pp"):
        _right(words, cue, pairs)
    for mention in before[-2:]:
        if mention[0] >= 0:
            pairs.setdefault(mention, "same")
    plural = "p" if low[cue.head if cue.kind == "fin" else cue.first].endswith(grammar.endings.plural_verb) else "s"
    where = "-"
    if content is not None:
        where = "R" if content[0] >= first else "L" if content[1] <= first else "W"
    around = _Around(words, cue, content, where, plural)
    nested = (
        content is not None and content[0] <= first and last < content[1]
    )  # the cue inside the content: its speaker may be too
    kept: list[tuple[int, int]] = []
    begins: dict[int, list[Part]] = {-1: [], -2: []}
    ends: dict[int, list[Part]] = {-1: [], -2: []}
    others: list[list[Part]] = []
    for (b, e), side in pairs.items():
        if b >= 0:
            if content is not None and b < content[1] and e > content[0] and not nested:
                continue
            if b <= last and e > first:
                continue
        kept.append((b, e))
        if b < 0:
            others.append(_nobody(around, side))
            continue
        if b not in begins:
            begins[b] = _begin(around, b)
        if e not in ends:
            ends[e] = _end(around, e)
        others.append(_mention(around, b, e, (b, e) in before))
    return Mentions(kept, begins, ends, others)


def speaker_span(text: str, w: Words, cue: Cue, speaker: tuple[int, int]) -> Span | None:
    """A candidate's span in the text, without what a dispatch or a ticker puts before it; None for nobody."""
    b, e = speaker
    if b == -1:
        return None
    if b == -2:
        for j in range(cue.first, cue.last + 1):
            if w.kind[j] == "I":
                at = w.end[j] - len(w.low[j].rsplit("-", 1)[1])
                return Span(at, w.end[j], text[at : w.end[j]])
        return None
    start, end = w.start[b], w.end[e - 1]
    lead = _LEAD.match(text, start, end)
    start = lead.end() if lead else start
    return Span(start, end, text[start:end])


# what stands before a mention in a dispatch, a list or a live ticker: "PARIS, 3 mars (X) - ", "14h32 – ", "5. "
_LEAD = re.compile(
    r"(?:[A-ZÀ-Ý][\w'’ -]{1,40}(?:,[^()–—]{1,25})?\([^()]{1,40}\)\s?[-–—]"
    r"|[A-ZÀ-Ý]{3,}(?:[ '’-][A-ZÀ-Ý]+)*\s[-–—|:]"
    r"|\[\d[\dhH:. ]{0,6}\]|\d[\dhH:. ]{0,6}(?:min)?\s?[-–—|:.)•])\s+(?=\w)"
)


class _Around(NamedTuple):
    """What all candidates of one cue share."""

    words: Words
    cue: Cue
    content: tuple[int, int] | None
    where: str
    plural: str


def _left(words: Words, cue: Cue, pairs: dict[tuple[int, int], str]) -> None:
    low, kind, grammar = words.low, words.kind, words.cues.grammar
    floor = max(0, cue.first - LEFT)
    stop = cue.first
    while stop > floor and (kind[stop - 1] in "BNR" or low[stop - 1] in grammar.object_pronouns):
        stop -= 1
    ends = [stop] if stop > 0 else []
    if stop != cue.first:
        ends.append(cue.first)
    for j in range(stop - 1, floor, -1):
        if low[j] in ",(—" or kind[j] in "rVv" or kind[j] == "—" or (kind[j] in "BR" and kind[j - 1] not in "BR"):
            ends.append(j)
            if len(ends) == 7:
                break
    for e in ends:
        if e <= floor:
            continue
        starts = 0
        for b in range(e - 1, max(floor - 1, e - 32), -1):
            k = kind[b]
            prev = kind[b - 1] if b else "^"
            if k in "DXO0w" and (
                k in "DO" or b == 0 or prev in "^,;:()q«»C—rSPBde" or (k == "X" and prev not in "Xde")
            ):
                if k == "w" and b and prev not in "^,;:(C»q":
                    continue
                pairs.setdefault((b, e), "L")
                starts += 1
                if starts == 9:
                    break
            if (
                k in ";:"
                or (k == "»" and not _short(words, b))
                or (k in ".!?" and b < e - 2 and kind[b + 1] == "X" and low[b - 1] not in grammar.titles)
            ):
                break


def _right(words: Words, cue: Cue, pairs: dict[tuple[int, int], str]) -> None:
    low, kind, grammar = words.low, words.kind, words.cues.grammar
    n = len(low)
    begins = []
    for j in range(cue.last + 1, min(n, cue.last + 9)):
        k = kind[j]
        if k in "DXO" or (j == cue.last + 1 and k in "w0éa") or (k == "w" and kind[j - 1] in ("P", "de", "a", "B")):
            begins.append(j)
            if len(begins) == 3:
                break
        if k in "q«»;:." or low[j] == '"':
            break
    for b in begins:
        count = 0
        for e in range(b + 1, min(n, b + RIGHT) + 1):
            here = kind[e] if e < n else "$"
            if (
                here in "$,;:.!?…()—qrVv«»CgéBNRSP"
                or (e < n and low[e] in ',:;"…')
                or (e < n and low[e] in grammar.after_speakers)
            ):
                pairs.setdefault((b, e), "R")
                count += 1
                if count == 12 or here in "$;:q«" or (here in ".!?" and e == n - 1):
                    break


def _short(words: Words, mark: int) -> bool:
    """Whether the quotation that this mark closes is a name in quotation marks: « État islamique »."""
    return any(last == mark and last - first < 7 for first, last in words.quoted)


def _nobody(around: _Around, side: str) -> list[Part]:
    words, cue, _, where, _ = around
    prev = words.seen[cue.first - 1] if cue.first else "^"
    return [("n", side, cue.kind, cue.lemma, where, prev, words.seen[cue.last + 1])]


def _begin(around: _Around, b: int) -> list[Part]:
    """What the first word of a mention says, and on the right of the cue what lies between them."""
    words, cue, content, where, _ = around
    seen, right = words.seen, b > cue.last
    at = "r" if right else "l"
    prev, here, key = (seen[b - 1] if b else "^"), seen[b], _KEYS[at, cue.kind]
    parts: list[Part] = [("a", at, here, seen[b + 1]), ("ah", key, prev, here), ("aw", at, words.low[b])]
    if right:
        parts += _between(key, where, words.kind[cue.last + 1 : b])
    elif content is not None:
        if content[1] <= b:
            parts.append(("ac", "from" + distance(b - content[1]), ""))
        elif content[0] > cue.last:
            parts.append(("am", "before", key))
    if b == 0:
        parts.append(("am", "^", key))
    return parts


def _end(around: _Around, e: int) -> list[Part]:
    """What the last word of a mention says, and on the left of the cue what lies between them."""
    words, cue, content, where, _ = around
    seen, left = words.seen, e <= cue.first
    at = "l" if left else "r"
    key, after = _KEYS[at, cue.kind], seen[e]
    away = distance(cue.first - e) if left else ""
    parts: list[Part] = [("af", at, seen[e - 1], after, seen[e + 1])]
    if left:
        parts += [*_between(key, where, words.kind[e : cue.first]), ("ag", key, away, after)]
    elif content is not None and content[0] > e:
        parts.append(("ac", "to" + distance(content[0] - e), (seen[content[0] - 1] if content[0] else "^")))
    return parts


def _between(key: str, where: str, near: list[str]) -> list[Part]:
    parts: list[Part] = [("ak", key, where, distance(len(near)))]
    if near:
        parts += [("an", key, mark) for mark in _BETWEEN.intersection(near[:12])]
    return parts


def _mention(around: _Around, b: int, e: int, same: bool) -> list[Part]:
    """What a mention says as a whole."""
    words, cue, _, _, plural = around
    low, kind, seen, grammar, form = words.low, words.kind, words.seen, words.cues.grammar, cue.kind
    left = e <= cue.first
    at, gap = ("l", cue.first - e) if left else ("r", b - cue.last - 1)
    here, size, key = seen[b], e - b, _KEYS[at, form]
    length = _LENGTHS[size] if size < 21 else "+"
    inner, said = kind[b:e], low[b:e]
    capital = "X" if "X" in inner else "-"
    verbs = "v" if "V" in inner or "v" in inner or "O" in inner[1:] or "r" in inner else "-"
    number = (
        "p" if low[b] in grammar.plural or (here == "X" and not grammar.conjunctions.isdisjoint(said)) else "s"
    ) + plural
    commas = said.count(",")
    parts: list[Part] = [
        ("av", key, at, here, capital, length, verbs),
        ("ax", at, str(min(commas, 3)), capital, number),
    ]
    if not left:
        parts.append(("ag", key, distance(gap), seen[e]))
    if commas:
        comma = b + said.index(",")
        closed = "closed" if e < len(low) and low[e] == "," else "open" + distance(gap)
        parts.append(("ap", at, seen[comma + 1], seen[comma - 1], capital, closed))
    if words.inside[b] or words.inside[e - 1]:
        parts.append(("am", "quoted", ""))
    if same:
        parts += [("am", "same", form), ("am", "same" + distance(gap), "")]
    return parts


class _Keys(dict[tuple[str, str], str]):
    """Side and form of a cue in one word; the same word each time, which is found again more quickly."""

    def __missing__(self, pair: tuple[str, str]) -> str:
        key = self[pair] = "".join(pair)
        return key


_KEYS = _Keys()
_BETWEEN = frozenset([",", "V", "r", "q", "X", "»", "C", ":", "w", "é", "D"])
_LENGTHS = ["0", "1", "2", "3", *["6"] * 3, *["10"] * 4, *["20"] * 10]
