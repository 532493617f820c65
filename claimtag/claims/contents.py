"""Where the content of a cue may begin and end, each candidate described by parts."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from claimtag.claims.candidates import Cue
from claimtag.claims.parts import Part, distance
from claimtag.claims.words import CLOSING, Words


class Spans(NamedTuple):
    """Candidate contents of one cue: the pairs of word positions [begin, end) with the parts that describe them.

    Pairs share their beginnings, ends and shapes, and all of a side share what the cue's surroundings say of it, so
    that each of these is scored once.
    """

    cue: Cue
    pairs: list[tuple[int, int]]
    begins: dict[int, list[Part]]
    ends: dict[int, list[Part]]
    shapes: list[int]  # of each pair, as `shape_part` tells it
    sides: list[list[Part]]  # in the order of `SIDES`

    def parts(self, n: int) -> list[Part]:
        """All that describes pair n."""
        begin, end = self.pairs[n]
        shape = self.shapes[n]
        return [
            *self.begins[begin],
            *self.ends[end],
            shape_part(shape, self.cue.kind, self.cue.implies),
            *self.sides[shape // SIDE],
        ]


class Marks(NamedTuple):
    """Positions of a sentence where contents may begin and end, found once for all its cues."""

    begins: list[int]
    ends: list[int]
    closing: dict[int, int]  # opening mark → closing mark
    last: int  # the end without final punctuation
    verbs: list[int]  # how many finite verbs stand before each word
    comma: list[int]  # the next comma or end at or after each word


def marks(words: Words) -> Marks:
    """Where contents of this sentence may begin and end, whatever the cue."""
    low, kind, grammar = words.low, words.kind, words.cues.grammar
    n = len(low)
    begins = {0}
    ends = set()
    for i in range(n):
        k = kind[i]
        if k in ",;:()—[]" or low[i] in ",:;":
            begins.add(i + 1)
            ends.add(i)
        elif k == "q" or k == "C" or k == "S":
            begins.add(i + 1)
            begins.add(i)
            ends.add(i)
        elif k == "r":
            ends.add(i)
            begins.add(i)
        elif low[i] in grammar.circumstance:
            ends.add(i)
        elif k in ".!?…" and i < n - 1:
            begins.add(i + 1)
            ends.add(i)
    closing = {}
    for first, last in words.quoted:
        begins.add(max(first, 0))
        ends.add(min(last + 1, n))
        closing[max(first, 0)] = min(last, n - 1)
        if first > 0 and kind[first - 1] not in "DP,:" and low[first - 1] not in grammar.links:
            ends.add(first)
    end = n
    while end > 1 and (kind[end - 1] in ".!?…" or low[end - 1] in "…"):
        end -= 1
    ends.add(end)
    verbs = [0]
    for i in range(n):
        verbs.append(verbs[-1] + (kind[i] in "Vv"))
    comma = [n] * (n + 1)
    for i in range(n - 1, -1, -1):
        comma[i] = i if low[i] in ",;:" else comma[i + 1]
    return Marks(sorted(b for b in begins if b < n), sorted(e for e in ends if e > 0), closing, end, verbs, comma)


def content_spans(words: Words, cue: Cue, places: Marks, others: frozenset[int] = frozenset()) -> Spans:
    """Candidate contents of a cue."""
    low, kind, grammar = words.low, words.kind, words.cues.grammar
    n = len(low)
    first, last = cue.first, cue.last
    begins_right: dict[int, None] = {}
    if last + 2 < n and kind[last + 1] == "q" and cue.kind not in ("prep", "noun"):
        # "a déclaré que …": nothing else is worth a look
        begins_right = {last + 2: None}
        begins_left: list[int] = []
    elif last + 1 < n:
        begins_right[last + 1] = None
        if low[last + 1] in grammar.links:
            begins_right[last + 2] = None
        for j in range(last + 2, min(last + 9, n)):
            if low[j - 1] in grammar.links or kind[j] in ("D", "i", "g") or low[j] in grammar.partitive:
                begins_right[j] = None
    if len(begins_right) != 1 or last + 2 not in begins_right or kind[last + 1] != "q":
        after = bisect_right(places.begins, last)
        for b in places.begins[after : after + 5]:
            begins_right[b] = None
        before = bisect_left(places.begins, first)
        begins_left = places.begins[max(0, before - 5) : before]
        if before > 5:
            quotes = [b for b in places.closing if 0 < b < begins_left[0]]
            begins_left = [0, *quotes[-2:], *begins_left]
    if cue.kind == "prep" and (quotation := _after_apposition(words, cue, places)):
        begins_right = {quotation: None}
    after = bisect_right(places.ends, last + 1)
    ends_right = places.ends[after : after + 7]
    if places.last not in ends_right and places.last > last + 1:
        ends_right.append(places.last)
    for opening, closing in places.closing.items():
        if opening > last and closing + 1 not in ends_right and closing + 1 <= n and len(ends_right) < 16:
            ends_right.append(closing + 1)
    ends_left: list[int] = []
    if begins_left:
        before = bisect_right(places.ends, first)
        ends_left = places.ends[max(0, before - 3) : before]
        if first > 0 and first not in ends_left:
            ends_left.append(first)
    rank_que = {j: r for r, j in enumerate([j for j in range(last + 1, min(n, last + 60)) if kind[j] == "q"][:3])}
    form = cue.kind
    k1, k2 = kind[first - 1] if first else "^", kind[first - 2] if first > 1 else "^"
    b1, rest = kind[last + 1] if last + 1 < n else "$", distance(places.last - last - 1)
    pairs: list[tuple[int, int]] = []
    shapes: list[int] = []
    right = [b for b in begins_right if b < n]
    if begins_left:
        _pair(words, places, begins_left, ends_left, 0, pairs, shapes)
        _pair(words, places, begins_left, ends_right, 1, pairs, shapes)
    _pair(words, places, right, ends_right, 2, pairs, shapes)
    return Spans(
        cue,
        pairs,
        {b: _begin_left(words, cue, places, b, others) for b in begins_left}
        | {b: _begin_right(words, cue, places, b, rank_que) for b in right},
        {e: _end_left(words, cue, e) for e in ends_left}
        | {e: _end_right(words, cue, places, e, others) for e in ends_right},
        shapes,
        [
            [
                ("o", side, form, k1, b1, k2),
                ("or", side, form, k1, rest),
                ("ol", side, cue.lemma),
                *([] if side == "R" else [("ll", cue.lemma, cue.implies)]),
            ]
            if begins_left or side == "R"
            else []
            for side in SIDES
        ],
    )


def _after_apposition(words: Words, cue: Cue, places: Marks) -> int:
    """Where the quotation opens that ends the sentence, with who says it between: "Pour X, juriste, « … »"; or 0."""
    for opening, closing in places.closing.items():
        if (
            opening > cue.last + 1
            and closing + 1 >= places.last
            and words.low[opening - 1] in ",:"
            and places.verbs[opening] == places.verbs[cue.last + 1]
        ):
            return opening
    return 0


def _begin_left(words: Words, cue: Cue, places: Marks, b: int, others: frozenset[int]) -> list[Part]:
    seen = words.seen
    prev, here, edge = (seen[b - 1] if b else "^"), seen[b], "^" if b == 0 else "-"
    quote = "«" if b in places.closing else "i" if words.inside[b] else "-"
    cross = "x" if others and any(b < other < cue.first for other in others) else "-"
    return [
        ("l", prev, here, seen[b + 1]),
        ("lq", quote, edge, cue.kind, distance(cue.first - b), cross),
        ("lp", cue.kind, prev),
    ]


def _begin_right(words: Words, cue: Cue, places: Marks, b: int, que: dict[int, int]) -> list[Part]:
    seen = words.seen
    form, last = cue.kind, cue.last
    prev, here = (seen[b - 1] if b else "^"), seen[b]
    quote = "«" if b in places.closing else "i" if words.inside[b] else "-"
    away = distance(b - last - 1)
    stop = min(places.comma[b], len(words.low))
    chunk = "v" if places.verbs[stop] > places.verbs[b] else "0"
    parts: list[Part] = [
        ("r", prev, here, seen[b + 1], chunk),
        ("rb", (seen[b - 2] if b > 1 else "^"), prev, quote),
        ("rf", form, prev, away, chunk, quote),
        ("rl", cue.lemma, cue.implies, prev),
        ("rk", cue.lemma, words.kind[b], away),
    ]
    if que:
        rank = que.get(b - 1)
        parts.append(("rq", str(rank) if rank is not None else "<" if b - 1 < min(que) else ">", form))
    if b > last + 1:
        commas = str(min(words.low[last + 1 : b].count(","), 3))
        verb = "v" if places.verbs[b] > places.verbs[last + 1] else "-"
        parts.append(("rg", form, seen[last + 1], commas, verb))
        if form == "prep":
            parts.append(("rj", form, commas, prev, here))
    return parts


def _end_left(words: Words, cue: Cue, e: int) -> list[Part]:
    seen = words.seen
    here = seen[e]
    quote = "»" if words.low[e - 1] in CLOSING else "i" if words.inside[e - 1] else "-"
    return [
        ("m", seen[e - 1], here, seen[e + 1]),
        ("mf", cue.kind, here, distance(cue.first - e), quote),
    ]


def _end_right(words: Words, cue: Cue, places: Marks, e: int, others: frozenset[int]) -> list[Part]:
    seen = words.seen
    n = len(words.low)
    here, then = seen[e], seen[e + 1]
    quote = "»" if words.low[e - 1] in CLOSING else "i" if words.inside[e - 1] else "-"
    after = "i" if e < n and words.inside[e] else "-"
    final = e == places.last
    parts: list[Part] = [
        ("e", here, then, seen[e + 2]),
        ("eq", cue.kind, quote, after, here),
        ("ep", seen[e - 1]),
        ("ei", cue.implies, here),
        ("ex", cue.kind, cue.implies, distance(e - cue.last - 1), "$" if final else "-"),
    ]
    if others and any(cue.last < other < e - 1 for other in others):
        parts.append(("ek", "x", here, cue.kind))
    elif others and not final:
        near = min([other - e for other in others if other >= e], default=99)
        if near < 12:
            parts.append(("en", distance(near), here))
    if not final:
        commas = str(min(words.low[cue.last + 1 : min(e, cue.last + 80)].count(","), 3))
        parts.append(("eg", here, commas, distance(places.last - e)))
    return parts


SIDES = "LWR"  # left of the cue, around it, right of it
_QUOTES = ("exact", "opens", "cut", "in", "-")
_EDGES = ("--", "-^", "$-", "$^")
_SIZES = ("0", "1", "2", "4", "8", "20", "40", "+")
_VERB, _SIZE, _QUOTE = len(_EDGES), 2 * len(_EDGES), 2 * len(_EDGES) * len(_SIZES)
SIDE = _QUOTE * len(_QUOTES)
SHAPES = SIDE * len(SIDES)  # how many shapes there are
_LENGTHS = [_SIZE * n for n, count in enumerate((1, 1, 1, 2, 4, 12, 20, 1)) for _ in range(count)]
_EXACT, _OPENS, _CUT, _IN, _OUT = (_QUOTE * n for n in range(len(_QUOTES)))


def shape_part(shape: int, form: str, implies: str) -> Part:
    """What a pair's shape says beside this cue.

    >>> shape_part(0, "fin", "demand"), shape_part(SHAPES - 1, "fin", "demand")
    (('s', 'L', 'exact', '0', '0', '--', 'fin', 'demand'), ('s', 'R', '-', '+', 'v', '$^', 'fin', 'demand'))
    """
    side, rest = divmod(shape, SIDE)
    quote, rest = divmod(rest, _QUOTE)
    size, rest = divmod(rest, _SIZE)
    verb, edges = divmod(rest, _VERB)
    return "s", SIDES[side], _QUOTES[quote], _SIZES[size], "0v"[verb], _EDGES[edges], form, implies


def _pair(
    words: Words,
    places: Marks,
    begins: Iterable[int],
    ends: Iterable[int],
    side: int,
    pairs: list[tuple[int, int]],
    shapes: list[int],
) -> None:
    """Adds the pairs of these beginnings and ends with their shapes; there are many, so what one end says is kept."""
    inside, kind, verbs = words.inside, words.kind, places.verbs
    count, most = len(inside), len(_LENGTHS) - 1
    stops = [
        (
            e,
            _IN if inside[e - 1] else _CUT,
            _CUT if e < count and inside[e - 1] and inside[e] and kind[e - 1] != "»" else _OUT,
            verbs[e],
            2 if e == places.last else 0,
        )
        for e in ends
    ]
    for b in begins:
        closing, quoted, shape, verb = places.closing.get(b), inside[b], side * SIDE + (b == 0), verbs[b]
        for e, in_quotation, cut, before, final in stops:
            size = e - b
            if size <= 0:
                continue
            if closing is not None:
                quote = _EXACT if closing + 1 == e else _OPENS if closing + 1 < e else _CUT
            elif quoted:
                quote = in_quotation
            else:
                quote = cut
            pairs.append((b, e))
            shapes.append(shape + quote + _LENGTHS[min(size, most)] + final + (_VERB if before > verb else 0))


_CLOSED_BY = {"«": frozenset("»"), "“": frozenset("”"), "„": frozenset("“”"), '"': frozenset('"')}
_OPENING = frozenset(_CLOSED_BY)


def trimmed(w: Words, begin: int, end: int) -> tuple[int, int]:
    """Offsets of the content of words [begin, end): without outer quotation marks, final punctuation and spaces."""
    for first, last in w.quoted:
        if (max(first, 0) == begin and last + 1 >= end and last + 1 - end <= 0) or (
            first <= begin and end - 1 <= last and first >= 0 and begin > first
        ):
            if max(first, 0) == begin:
                if first >= 0 and begin + 1 < end:
                    begin += 1
                if last < len(w.low) and end - 1 == last and end - 1 > begin:
                    end -= 1
            break
    else:  # a mark that opens every paragraph of a quotation, or that nothing closes
        if w.low[begin] in _OPENING and begin + 1 < end and _CLOSED_BY[w.low[begin]].isdisjoint(w.low[begin + 1 : end]):
            begin += 1
    while end - 1 > begin and (w.kind[end - 1] in ".!?…," or w.low[end - 1] in ",;:"):
        if w.kind[end - 1] == "." and end > 1 and w.low[end - 2] in w.cues.grammar.abbreviated:
            break
        end -= 1
    while begin < end - 1 and w.low[begin] in ",;:":
        begin += 1
    return w.start[begin], w.end[end - 1]
