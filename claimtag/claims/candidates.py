"""The words of a sentence → what may be a cue, its content and its speaker, each described by features."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from claimtag.claims.cues import Cues, Verb
from claimtag.claims.stretches import INVERTED, PAIRED, TAIL, TAILED
from claimtag.claims.words import CLOSING, OPENING, Words, where

NEAR_TAIL = 6  # words after a verb in which its tail is looked for
MOST_CUES = 24  # of one sentence: no sentence of the training articles has more than 9 candidates


class Cue(NamedTuple):
    """A candidate: words [first, last] are the cue, `head` the word that names it."""

    first: int
    last: int
    head: int
    kind: str  # fin, pp, pass, ppr, inf, inv (question order), prep, poss, phrase, noun
    lemma: str
    implies: str
    reflexive: bool
    tail: bool


_SKIP = frozenset("BNO")  # classes that may stand inside a verb group


def cue_candidates(words: Words) -> list[Cue]:
    """What may be a cue, in the order of the text; at most `MOST_CUES`."""
    hits = _hits(words)
    found: list[Cue] = []
    if not hits:
        return found
    low, kind, cues = words.low, words.kind, words.cues
    verbs, prepositions, nouns = cues.verbs, cues.prepositions, cues.nouns
    used = -1
    for i in hits:
        if i <= used:
            continue
        word = low[i]
        verb = verbs.get(word)
        if verb is None:
            phrase = prepositions.get(word)
            if phrase is not None:
                cue = _phrase(low, i, phrase, cues)
                if cue is not None:
                    found.append(cue)
                    used = cue.last
                    if len(found) == MOST_CUES:
                        break
                    continue
            if kind[i] == "I":
                stem = word.split("-", 1)[0]
                verb = verbs.get(stem)
                if verb is None or "fin" not in verb.tags:
                    continue
            elif word in nouns:
                if _noun_fits(low, i, cues):
                    found.append(Cue(i, i, i, "noun", word, nouns[word], False, False))
                    if len(found) == MOST_CUES:
                        break
                continue
            else:
                continue
        elif kind[i] == "X" and i > 0:  # a name: "Dit", "Juge"
            continue
        cue = _verb(low, kind, i, verb, cues)
        if cue is not None:
            found.append(cue)
            used = cue.last
            if len(found) == MOST_CUES:
                break
    return found


def _hits(words: Words) -> list[int]:
    """Where a cue may stand, in order; most sentences are done with here."""
    low, cues = words.low, words.cues
    plain, tails = cues.plain, cues.tail_words
    if not (words.signs & TAIL and words.signs & TAILED):
        hits = where(low, plain)
    else:
        hits = where(low, cues.gate)
        hits = [n for n in hits if low[n] in plain or not tails.isdisjoint(low[n + 1 : n + 1 + NEAR_TAIL])]
    more: list[int] = []
    if words.signs & INVERTED:
        more += where(words.kind, _INVERTED)
    if words.signs & PAIRED:
        starts = cues.pairs
        more += [n for n, pair in enumerate(pairwise(low)) if pair in starts]
    return sorted({*hits, *more}) if more else hits


_INVERTED = frozenset("I")


def _phrase(low: list[str], i: int, phrases: tuple[tuple[tuple[str, ...], str], ...], cues: Cues) -> Cue | None:
    if _befriended(low, i, cues):
        return None
    for form, kind in phrases:
        if tuple(low[i : i + len(form)]) == form:
            if kind == "prep" and form in cues.views and not view(low, i, cues):
                return None
            return Cue(i, i + len(form) - 1, i, kind, "_".join(form), kind, False, False)
    return None


def view(low: list[str], i: int, cues: Cues) -> bool:
    """Whether a preposition of many uses may mean "in the eyes of": a clause begins or ends before it."""
    return i == 0 or low[i - 1] in ',;:.»"()-–—' or low[i - 1] in cues.grammar.before_view


def _noun_fits(low: list[str], i: int, cues: Cues) -> bool:
    return i + 1 < len(low) and low[i + 1] in cues.grammar.after_nouns and not _befriended(low, i, cues)


def _befriended(low: list[str], i: int, cues: Cues) -> bool:
    """Whether the word stands in a phrase that is no cue: "c'est-à-dire"."""
    for place, friend in cues.false_friends.get(low[i], ()):
        first = i - place
        if first >= 0 and tuple(low[first : first + len(friend)]) == friend:
            return True
    return False


def _verb(low: list[str], kind: list[str], i: int, verb: Verb, cues: Cues) -> Cue | None:
    if _befriended(low, i, cues):
        return None
    if "inf" in verb.tags:
        before = cues.impersonal.get(low[i - 1], ()) if i else ()
        if any(tuple(low[max(i - len(words), 0) : i]) == words for words in before):
            return None
    elif i > 0 and low[i - 1] in cues.grammar.before_nouns:
        return None
    tail, implies = _tail(low, kind, i, verb.lemma, cues) if verb.lemma in cues.tails else (-1, "")
    if verb.only_with_tail and tail < 0:
        return None
    implies = "tail:" + implies if tail >= 0 else verb.implies
    first, last, form, reflexive = i, i, "fin", False
    tags = verb.tags
    if kind[i] == "I":
        form = "inv"
    elif ("pp" in tags and "fin" in tags) or tags == {"pp"}:
        start, passive, inverted = _auxiliaries(low, kind, i, cues)
        if start < i:
            first, form = start, "pass" if passive else "inv" if inverted else "comp"
        elif "fin" not in tags:
            form = "pp"
    elif "ppr" in tags:
        form = "ppr"
    elif "inf" in tags:
        form = "inf"
    if first > 0 and low[first - 1] in cues.grammar.reflexive:
        first, reflexive = first - 1, True
        form = "comp" if form == "pass" else form
    elif first > 0 and low[first - 1] in cues.grammar.before_verbs and form != "inf":
        first -= 1
    if form in ("fin", "comp") and first > 0 and _shown(low, first, cues):
        return None
    if verb.lemma in cues.narrating and _narrated(low, last, verb.lemma, cues):
        return None
    if tail >= 0:
        last = tail
    return Cue(
        first,
        last,
        i,
        form,
        ("se_" if reflexive else "") + verb.lemma + ("+" + low[tail] if tail >= 0 else ""),
        implies,
        reflexive,
        tail >= 0,
    )


def _shown(low: list[str], first: int, cues: Cues) -> bool:
    """Whether what stands before the verb shows and says nothing: "les faits ont montré", "ces chiffres ont révélé"."""
    grammar, subject = cues.grammar, low[first - 1]
    return subject in grammar.facts or (subject in grammar.things and first > 1 and low[first - 2] in grammar.pointing)


def _narrated(low: list[str], last: int, lemma: str, cues: Cues) -> bool:
    """Whether a court passes sentence: on a person, "un passeur", or to a punishment, "à six ans de prison"."""
    persons, punishments = cues.narrating[lemma]
    if any(word in persons or (word[-1] == "s" and word[:-1] in persons) for word in low[last + 1 : last + 4]):
        return True
    after, to = low[last + 1 : last + _SENTENCE], cues.grammar.to
    return any(word in to and not punishments.isdisjoint(after[n + 1 : n + 4]) for n, word in enumerate(after))


_SENTENCE = 20  # words after the verb in which the punishment is looked for


def _tail(low: list[str], kind: list[str], i: int, lemma: str, cues: Cues) -> tuple[int, str]:
    """The last word of the tail that follows the verb, and what it implies; -1 where none does."""
    tails = cues.tails.get(lemma)
    if tails is None:
        return -1, ""
    after = i + 1
    if cues.tail_words.isdisjoint(low[after : after + NEAR_TAIL]):
        return -1, ""
    for _ in range(3):
        for form, implies in tails:
            if form[0] == low[after] if after < len(low) else False:
                if tuple(low[after : after + len(form)]) == form:
                    return after + len(form) - 1, implies
            elif (
                after < len(low)
                and len(form) == 1
                and lemma in cues.agreeing
                and low[after].startswith(form[0])
                and len(low[after]) - len(form[0]) <= 3
            ):
                return after, implies
        if after < len(low) and kind[after] in "BN":
            after += 1
        else:
            break
    return -1, ""


def _auxiliaries(low: list[str], kind: list[str], i: int, cues: Cues) -> tuple[int, bool, bool]:
    """Where the verb group of a participle begins, whether it is passive, whether its order is that of a question."""
    be, been = cues.grammar.be, cues.grammar.been
    start, passive, inverted, comma, closed = i, False, False, False, False
    j = i - 1
    steps = 0
    while j >= 0 and steps < 10:
        word = low[j]
        if word in CLOSING or word in OPENING:
            closed = word not in OPENING or (word in CLOSING and not closed)
        if closed and (word in cues.auxiliaries or kind[j] == "I"):  # "« C'est triste », dit X": not "est … dit"
            break
        if word in cues.auxiliaries:
            start = j
            passive = passive or word in be
            comma = False
            if word not in been:
                break
        elif kind[j] == "I" and word.split("-", 1)[0] in cues.auxiliaries:
            start, inverted = j, True
            break
        elif word == ",":
            if comma and start == i and steps > 8:
                break
            comma = not comma
        elif not (kind[j] in _SKIP or comma or word in cues.grammar.inside_verbs):
            break
        j -= 1
        steps += 1
    if start < i and low[start] in be and low[start] not in been:
        passive = True
    return start, passive, inverted
