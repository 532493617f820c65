"""A line of text → its sentences, by general rules and a language's abbreviations.

A sentence ends at a full stop, question or exclamation mark or ellipsis (with the closing marks after it) when what
follows can begin a sentence, unless the mark stands inside a quotation, or belongs to an abbreviation, to initials, to
a number or to an address. A lone enumerator ("1.") belongs to the sentence after it. Time is linear in the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from typing import NamedTuple

from claimtag.lexicons import language_of, lexicon
from claimtag.quotes import quotations

Bounds = tuple[int, int]

# the marks that end a sentence and those that close around it; possessive, so that no text makes it slow, and with the
# first mark for itself, which lets the search skip to it
_END = re.compile(r"[.!?…][.!?…]*+(?:[^\S\n]?[»”›]|[\"')\]’](?![^\W_]))*+")
_OPENING = re.compile(r"[\s«“„‹\"'‘’(\[¿¡]*+")
_LAST_WORD = re.compile(r"[^\s«“„‹\"(\[]+\Z")
_FIRST_WORD = re.compile(r"[^\W\d_]++['’]?+")
_ENUMERATOR = re.compile(r"[(\[]?(?:\d{1,3}|[^\W\d_]|[ivxIVX]{2,4})[.)\]]{1,2}")
_INITIALS = re.compile(r"(?:[^\W\d_]\.-?)*[^\W\d_]\.")
_NUMBER = re.compile(r"(?:[:;]\s*|,\s+)\d{1,3}\.\Z")
_TAGS = re.compile(r"(?:#\w++\s*+)++")
_ADDRESS = re.compile(r"://|www\.|@", re.IGNORECASE)
_WORD_WINDOW = 40  # characters looked back for the word before a full stop


class Abbreviations(NamedTuple):
    """A language's abbreviations that never end a sentence, those that may, and the words that begin a new one."""

    never: frozenset[str]
    sometimes: frozenset[str]
    starters: frozenset[str]


@cache
def abbreviations(lang: str | None) -> Abbreviations:
    """The abbreviations of a language tag; all sets are empty for a language without lexicons."""
    data = lexicon(lang, "abbreviations")
    return Abbreviations(*(frozenset(data.get(key, ())) for key in Abbreviations._fields))


def sentences(text: str, start: int = 0, end: int | None = None, *, lang: str | None = None) -> list[Bounds]:
    """The bounds of the sentences of the line `text[start:end]`, without outer white space.

    >>> line = "M. Hammouchi est à Rabat. « Tout va bien. Merci. », dit-il.Les deux pays (cf. art. 12) signent."
    >>> [line[start:end] for start, end in sentences(line, lang="fr")]
    ['M. Hammouchi est à Rabat.', '« Tout va bien. Merci. », dit-il.', 'Les deux pays (cf. art. 12) signent.']
    """
    stop = len(text) if end is None else end
    begin = _after_space(text, start, stop)
    while stop > begin and text[stop - 1].isspace():
        stop -= 1
    if begin == stop:
        return []
    words = abbreviations(language_of(lang))
    starts, ends = _uncut(text, begin, stop)
    found: list[Bounds] = []
    for match in _END.finditer(text, begin, stop):
        at = match.end()
        if at == stop:
            break
        if starts and (i := bisect_right(starts, match.start()) - 1) >= 0 and at < ends[i]:
            continue
        if at - begin < 8 and (_ENUMERATOR.fullmatch(text, begin, at) or not any(map(str.isalnum, text[begin:at]))):
            continue  # "1." and "(…)" belong to what follows
        if _ends(text, begin, match, stop, words):
            found.append((begin, at))
            begin = _after_space(text, at, stop)
    found.append((begin, stop))
    return found


def _after_space(text: str, start: int, stop: int) -> int:
    while start < stop and text[start].isspace():
        start += 1
    return start


def _uncut(text: str, begin: int, stop: int) -> tuple[list[int], list[int]]:
    """Starts and ends of the outermost quotations, which are never cut."""
    # the straight mark is left out: one too many or too few, and all the others of the line change sides
    find = text.find
    if (
        find("«", begin, stop) < 0
        and find("“", begin, stop) < 0
        and find("„", begin, stop) < 0
        and find("‹", begin, stop) < 0
    ):
        return [], []
    outer = [q for q in quotations(text, begin, stop) if q.depth == 0 and text[q.start] != '"']
    return [q.start for q in outer], [q.end for q in outer]


def _ends(text: str, begin: int, match: re.Match[str], stop: int, words: Abbreviations) -> bool:
    """Whether the marks of `match`, with text after them, end the sentence that begins at `begin`."""
    at, full_stop = match.end(), match[0] == "."
    word = _word_before(text, begin, at) if full_stop else ""
    if word in words.never:
        return False
    if not text[at].isspace():
        return _glued(text, match, begin, stop)
    next_at = at + 1
    if not text[next_at].isalnum():
        opening = _OPENING.match(text, at, stop)
        next_at = opening.end() if opening else at
        if next_at == stop:
            return False
    first = text[next_at]
    if first in "–—-•*" and next_at + 1 < stop:  # a dialogue's or a list's dash, unless it only adds something
        following = _after_space(text, next_at + 1, stop)
        return following < stop and not text[following].islower()
    if first.islower() or not (first.isalnum() or first in "#@€$…"):
        return False
    if first == "#" and _TAGS.fullmatch(text, next_at, stop):
        return False  # the tags at the end of a post belong to what it says
    if not full_stop:
        return True
    if word in words.sometimes or (word[1:2] == "." and _INITIALS.fullmatch(word)):
        starter = _FIRST_WORD.match(text, next_at, stop)
        return starter is not None and starter[0].lower().replace("’", "'") in words.starters
    return not (text[at - 2].isdecimal() and _NUMBER.search(text[max(begin, at - 6) : at]))


def _word_before(text: str, begin: int, at: int) -> str:
    """The word that a full stop closes, without what an elision or a hyphen puts before it ("d'art.")."""
    word = text[max(begin, at - _WORD_WINDOW) : at].rsplit(None, 1)[-1]
    if word[:-1].isalpha():
        return word
    last = _LAST_WORD.search(word)
    return last[0].replace("’", "'").rpartition("'")[2] if last else ""


def _glued(text: str, match: re.Match[str], begin: int, stop: int) -> bool:
    """Whether a sentence begins right after the marks, without a space ("terminé.Les deux", "sécurité.»Les")."""
    at, before = match.end(), text[max(begin, match.start() - 2) : match.start()].rstrip()[-1:]
    if text[at] in "«“":
        return before.islower() or before in ("»", "”")
    if at + 1 >= stop or not (text[at].isupper() and text[at + 1].islower()):
        return False
    if match[0][-1] in ".!?…" and not (before.islower() or before in ("»", "”", ")")):
        return False
    left = text[max(begin, match.start() - _WORD_WINDOW) : at].split()
    right = text[at : at + _WORD_WINDOW].split()
    return not _ADDRESS.search((left[-1] if left else "") + right[0])
