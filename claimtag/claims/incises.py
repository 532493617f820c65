"""Cues between commas: a quotation or a sentence that the words of who says it interrupt."""

from __future__ import annotations

from collections.abc import Sequence

from claimtag.claims.candidates import Cue
from claimtag.claims.words import Words

Found = tuple[Cue, tuple[int, int], tuple[int, int]]  # the cue, the words of its content and of its speaker
_NO_SPEAKER = frozenset(["V", "v", "q", "r", ":", ";", "«", "»", "?", "!", "…", "N", "R"])
_VERB = frozenset("Vv")
_BEFORE_VERB = frozenset("NR")  # "ne", "se"
LONGEST_INCISE = 12  # words of the speaker


def incise(w: Words, cues: Sequence[Cue]) -> Found | None:
    """Such a cue between commas, its content, its speaker: "« Oui, dit-elle, j'irai »", "Le pont, note X, est sûr"."""
    low, kind = w.low, w.kind
    if "," not in low:
        return None
    for cue in cues:
        if cue.kind not in ("fin", "comp", "inv") or cue.tail or not 0 < cue.first <= cue.last < len(low) - 1:
            continue
        quoted = w.inside[cue.first]
        before = cue.first - (quoted and kind[cue.first - 1] == "R")  # ", m'assure X,"
        if low[before - 1] not in (",?!…" if quoted else ","):
            continue
        if w.cues.incises.isdisjoint(cue.implies.split("+")) and not _ordered(w, cue):
            continue
        begin = end = cue.last + 1
        while end < len(low) and end - begin < LONGEST_INCISE and _in_speaker(w, end) and low[end] not in ",.":
            end += 1
        if low[end : end + 1] not in ([","], ["."]):
            continue
        if quoted:
            content = _quotation(w, cue, end)
        else:
            content = (0, cue.first - 1) if _ordered(w, cue) else _sentence(w, cue, end)
        if content is None:
            continue
        if begin == end and cue.kind == "inv" and quoted:
            return cue, content, (-2, -2)
        if begin < end and cue.kind != "inv" and kind[begin] in "DX":
            return cue, content, (begin, end)
    return None


def _in_speaker(w: Words, n: int) -> bool:
    """Whether this word may stand in a mention; "juge" after "le" is no verb."""
    return w.kind[n] not in _NO_SPEAKER or (w.kind[n - 1] == "D" and w.low[n] in w.cues.roles)


def _quotation(w: Words, cue: Cue, end: int) -> tuple[int, int] | None:
    """The quotation around the incise."""
    around = next((quoted for quoted in w.quoted if quoted[0] < cue.first - 1 and cue.last < quoted[1]), None)
    if around is None or end >= around[1]:
        return None
    return max(around[0], 0), min(around[1] + 1, len(w.low))


def _ordered(w: Words, cue: Cue) -> bool:
    """Whether an order stands before the cue, and so no subject of it: "Suivez l'argent, conseille X"."""
    low, kind = w.low, w.kind
    order = kind[0] == "X" and low[0].endswith(w.cues.grammar.endings.order) and kind[1] not in ",X"
    return order and low.index(",") == cue.first - 1


def _sentence(w: Words, cue: Cue, end: int) -> tuple[int, int] | None:
    """The sentence around the incise, where it stands between a subject and its verb."""
    low, kind = w.low, w.kind
    after = end + 1
    while after < len(low) - 1 and kind[after] in _BEFORE_VERB:
        after += 1
    if low[end] != "," or after >= len(low) or kind[after] not in _VERB:
        return None
    if kind[0] not in "DX" or not _CLAUSE.isdisjoint(kind[: cue.first - 1]) or "," in low[: cue.first - 1]:
        return None
    return 0, len(low)


_CLAUSE = frozenset(["V", "v", "q", "r", ":", ";", "S", "«", "»", '"'])  # there is more before than a subject
