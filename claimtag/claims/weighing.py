"""What speaks for and against a candidate being a cue."""

from __future__ import annotations

from claimtag.claims.candidates import Cue
from claimtag.claims.parts import Part
from claimtag.claims.words import CLOSING, OPENING, Words


def gate_parts(words: Words, cue: Cue) -> list[Part]:
    """The first look at a candidate: what is cheap and drops most false ones."""
    low, kind = words.low, words.kind
    first, last, form = cue.first, cue.last, cue.kind
    before = kind[first - 1] if first else "^"
    after = kind[last + 1] if last + 1 < len(low) else "$"
    near, cues = low[last + 1 : last + 5], words.cues
    sign = "q" if not cues.grammar.that.isdisjoint(near) else "«" if words.quoted else "-"
    return [
        ("g", cue.lemma, form),
        ("gb", cue.lemma, after),
        ("gk", cue.lemma, before),
        ("gf", form, before, after),
        ("gs", sign, form, cue.implies),
        ("gp", form, before, low[first - 1] if first and before in "DdeaPr" else "", "?" if low[-1] == "?" else "."),
    ]


def cue_parts(words: Words, cue: Cue) -> list[Part]:
    """What speaks for and against this candidate being a cue."""
    low, kind, cues = words.low, words.kind, words.cues
    n = len(low)
    first, last, lemma, form, implies = cue.first, cue.last, cue.lemma, cue.kind, cue.implies
    p1, k1 = (low[first - 1], kind[first - 1]) if first else ("^", "^")
    p2, k2 = (low[first - 2], kind[first - 2]) if first > 1 else ("^", "^")
    after = last + 1
    if after < n and kind[after] in "BN":  # look past an adverb
        after += 1
    a1, b1 = (low[after], kind[after]) if after < n else ("$", "$")
    b2 = kind[after + 1] if after + 1 < n else "$"
    near = low[last + 1 : last + 10]
    que = not cues.grammar.that.isdisjoint(near)
    opens = not OPENING.isdisjoint(near[:6])
    closes = not CLOSING.isdisjoint(low[max(first - 4, 0) : first])
    inside = words.inside[cue.head]
    parts: list[Part] = [
        ("c", lemma, form),
        ("cb", lemma, b1),
        ("ck", lemma, k1),
        ("cx", form, implies, k1),
        ("cy", form, k1, b1),
        ("cp", form, k1 if k1 in _OPEN_CLASS else p1),
        ("cq", form, k2, k1),
        ("ct", form, low[first][-3:]),
        ("cu", low[cue.head]),
        ("ca", form, b1 if b1 in _OPEN_CLASS else a1),
        ("cd", form, b1, b2),
        ("cl", lemma, a1),
        (
            "cf",
            form,
            implies,
            "q" if que else "",
            "o" if opens else "",
            "c" if closes else "",
            ("all" if words.inside[0] and words.inside[max(n - 2, 0)] else "in") if inside else "",
            "?" if low[-1] == "?" else "",
            "r" if p1 in cues.grammar.relative or p2 in cues.grammar.relative else "",
            "^" if first == 0 else "",
        ),
    ]
    if not (que or opens or closes):
        parts.append(("ce", lemma, form, b1))
    if form in ("prep", "noun", "phrase"):
        parts.append(("cn", lemma, a1, p1, b1, b2))
        if form == "prep":
            comma = low.index(",", last + 1, last + 16) if "," in low[last + 1 : last + 16] else -1
            stop = comma if comma > 0 else last + 6
            inner = "X" if "X" in kind[last + 1 : stop] else "i" if "i" in kind[last + 1 : last + 3] else "-"
            parts.append(("cc", lemma, "c" if comma > 0 else "-", k1, inner))
    who = _subject(words, cue, closes)
    return [*parts, ("cw", who, form, implies, b1), ("cv", who, lemma)]


_OPEN_CLASS = ("X", "w", "v", "é", "0", "i")


def _subject(words: Words, cue: Cue, closes: bool) -> str:
    """What kind of source seems to stand where this cue would have it."""
    low, kind, roles = words.low, words.kind, words.cues.roles
    first, last, form = cue.first, cue.last, cue.kind
    if form in ("prep", "poss", "phrase") or closes or form == "inv":
        places = range(last + 1, min(last + 6, len(low)))
        side = "r"
    else:
        start = first
        while start > 0 and first - start < 24 and kind[start - 1] not in "Vvq;:.":
            start -= 1
        places = range(first - 1, start - 1, -1)
        side = "l"
        if form == "pass":
            side = "a" if not words.cues.grammar.agent.isdisjoint(low[last + 1 : last + 4]) else "p"
    who = next((role for at in places if (role := roles.get(low[at]))), "-")
    return side + who + ("X" if any(kind[at] == "X" for at in places if at) else "-")
