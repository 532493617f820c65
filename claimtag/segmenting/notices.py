"""Whether a piece of text says by its own words that it belongs to the page: the boilerplate lexicons at work.

The lexicons of all languages are taken together, since portals mix languages. Phrases are looked for in a plain copy of
the text, blind to case and accents and of the same length.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import NamedTuple

from claimtag.quotes import quotations
from claimtag.segmenting.phrases import (
    Phrases,
    anywhere,
    by_first_word,
    followed,
    phrases_of,
    row,
    tree,
    verb_forms,
    written,
)
from claimtag.segmenting.plain import count_words, fold, is_stopped, plain_copy

NOTICE = 3  # points that make a sentence boilerplate; fewer suffice where the place speaks for it too

_DECORATION = re.compile(r"(?:\[\d{1,2}\])?[^\w\n«“„\"@#]*+")
_LINK_FOLLOWS = re.compile(r"(?: +(?!qu[e'])[\w']+){0,4} *(?:[:|→►▶>»]|[–—-](?=\s))")
_LABEL_FOLLOWS = re.compile(r"(?: +\([^)\n]{1,20}\))? *(?:[:|→►▶>]|[–—-](?=\s)|©)")
_COUNT = re.compile(r"\d+ +")
_WRAPPED = re.compile(r"[«“] *(?=[^«»“”\n]{6,150}[»”]\Z)")
_WORD = re.compile(r"\w+")
_SPACED = bytes(code if chr(code).isalnum() and code < 128 else 32 for code in range(256))
_AFTER_COMMA = re.compile(r",(?: +[\w'-]+){1,4}")
_MAIL = re.compile(r"\w@\w[\w-]*\.\w")
_STARTS = ("links", "labels", "lists", "meta", "buttons", "sections")
_POINTS = {"anywhere": NOTICE, "acts": 2, "own": 2, "strong": 1, "topics": 1, "address": 1}


class Page(NamedTuple):
    """A text and its plain copy, character for character: lower case, without accents, plain apostrophes and spaces.

    `spoken`, `links` and `credits` are the longest words of the phrases of `Notices` whose words all occur in the text;
    `source` is the plain copy of the name of who publishes it, where that is known.
    """

    text: str
    plain: str
    spoken: tuple[str, ...]
    links: tuple[str, ...]
    credits: tuple[str, ...]
    source: str


def page(text: str, source: str | None = None) -> Page:
    """A text made ready for looking up phrases.

    >>> page("À LIRE aujourd’hui avec nos cookies")[1:]
    ("a lire aujourd'hui avec nos cookies", ('cookies',), ('lire',), (), '')
    """
    plain, lexicons = plain_copy(text), notices()
    words = plain.encode("ascii", "replace").translate(_SPACED).decode("ascii").split()
    words.append("")
    known = lexicons.vocabulary.intersection(words)
    spoken, links, credits = (
        phrases.rare_words(known) for phrases in (lexicons.spoken, lexicons.inline, lexicons.credits)
    )
    return Page(text, plain, spoken, links, credits, _folded(source) if source else "")


_folded = lru_cache(maxsize=1000)(fold)  # few sources publish many articles


class Notices(NamedTuple):
    """The boilerplate lexicons of all languages, compiled."""

    openings: Mapping[str, Mapping[str, list[str]]]  # first word of a phrase → its classes → what follows the word
    buttons: re.Pattern[str]  # a line of nothing but buttons
    menu: re.Pattern[str]  # a line of nothing but buttons and names of sections
    spoken: Phrases
    points: Mapping[str, str]
    inline: Phrases
    credits: Phrases
    vocabulary: frozenset[str]
    verbs: re.Pattern[str]
    speech: re.Pattern[str]
    dates: frozenset[str]
    months: frozenset[str]
    by: re.Pattern[str]
    speakers: re.Pattern[str]  # words that speak to the reader or for the page


@cache
def notices() -> Notices:
    """The compiled lexicons, made once in the life of a process."""
    keys = (
        "buttons",
        "sections",
        *_POINTS,
        "speech",
        "verbs",
        "dates",
        "months",
        "by",
        "reader",
        "site",
        "credits",
        "agencies",
    )
    data = {key: phrases_of(key) for key in keys}
    openings: dict[str, dict[str, list[str]]] = {}
    for key in ("always", *_STARTS):
        for word, rests in by_first_word(key).items():
            openings.setdefault(word, {})[key] = rests
    points: dict[str, str] = {}
    for key in _POINTS:
        for phrase in data[key]:
            points.setdefault(fold(phrase), key)
    plain_links = [phrase for phrase in written("links") if "{" not in phrase]
    months = frozenset(map(fold, data["months"]))
    spoken, inline = anywhere(points), anywhere(plain_links, " ?:")
    credits = anywhere(data["credits"] + data["agencies"])
    return Notices(
        openings=openings,
        buttons=row(data["buttons"]),
        menu=row(data["buttons"] + data["sections"]),
        spoken=spoken,
        points=points,
        inline=inline,
        credits=credits,
        vocabulary=spoken.vocabulary() | inline.vocabulary() | credits.vocabulary(),
        verbs=verb_forms(data["verbs"]),
        speech=re.compile(r"\b" + tree(data["speech"])),
        dates=months | frozenset(map(fold, data["dates"])),
        months=months,
        by=re.compile(tree(data["by"]) + "(?= )"),
        speakers=re.compile(
            r"(?<![\w-])" + tree(word for key in ("reader", "site") for word in data[key] if len(word) > 2)
        ),
    )


def has_verb(text: str) -> bool:
    """Whether a short piece of text has a finite verb; of a long one, whether its first 400 characters have.

    >>> has_verb("Il est là."), has_verb("Manifestants à New York.")
    (True, False)
    """
    return notices().verbs.search(text[:400]) is not None


def says_notice(text: str) -> bool:
    """Whether a text as a whole is boilerplate by its words; see `is_notice`."""
    return is_notice(page(text), 0, len(text))


def is_notice(page: Page, start: int, end: int, *, threshold: int = NOTICE) -> bool:
    """Whether the sentence or line `text[start:end]` is boilerplate by its words.

    >>> [says_notice(line) for line in ("Cliquez ici pour lire.", "À lire : le port", "Il faut lire.")]
    [True, True, False]
    """
    lexicons = notices()
    begin = start
    if not page.plain[start : start + 1].isalnum() and (decoration := _DECORATION.match(page.plain, start, end)):
        begin = decoration.end()
    if begin == end:
        return True
    first = _WORD.match(page.plain, begin, end)
    counted = (
        _COUNT.match(page.plain, begin, end)
        if first and first[0].isdecimal() and first[0] not in lexicons.openings
        else None
    )  # "3 commentaires – …"
    wrapped = _WRAPPED.match(page.plain, begin, end) if first is None else None  # "« À lire aussi : Le port »"
    if before := counted or wrapped:
        first = _WORD.match(page.plain, before.end(), end)
    if first and first[0] in lexicons.openings:
        for kind, opening in _openings(first[0]):
            said = opening.match(page.plain, first.end(), end)
            if (counted and kind != "meta") or (wrapped and kind != "links"):
                continue
            if wrapped and said and not _LINK_FOLLOWS.match(page.plain, said.end(), end):
                continue
            if said and (kind == "always" or _opens(page, begin, said.end(), end, kind)):
                return not _is_said(page, said.end(), end)
    return bool(page.spoken) and points(page, start, end) >= threshold


def introduces_link(page: Page, start: int, end: int) -> bool:
    """Whether a few words without a verb lead to a link: "Sur ce thème, lire également : Le port"."""
    near = min(end, start + 60)
    if not page.links or page.plain.find(":", start, near) < 0 or not holds_any(page, page.links, start, near):
        return False
    link = notices().inline.pattern.search(page.plain, start + 1, near)
    before = page.text[start : link.start()] if link else ""
    return bool(before) and count_words(before) <= 4 and not has_verb(before) and not set(before) & set('.:«“"')


def _is_said(page: Page, at: int, end: int) -> bool:
    """Whether a comma and a verb of saying follow a phrase: "Tous droits réservés, avait écrit l'auteur"."""
    if page.plain.find(",", at, end) < 0:
        return False
    clauses = _AFTER_COMMA.finditer(page.plain, at, min(end, at + 200))
    return any(notices().speech.search(clause[0]) is not None for clause in clauses)


@cache
def _openings(word: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The classes of the phrases that begin with a word, and patterns for what follows it in them."""
    return tuple(
        (kind, re.compile(followed(options)))
        for kind, rests in notices().openings.get(word, {}).items()
        # apart, since a short phrase of one sort may hide a longer one of the other
        for options in ([rest for rest in rests if "{" not in rest], [rest for rest in rests if "{" in rest])
        if options
    )


def _opens(page: Page, start: int, at: int, end: int, kind: str) -> bool:
    """Whether the phrase `text[start:at]` that opens a piece makes it boilerplate, by what follows the phrase."""
    rest = page.text[at:end].lstrip()
    if not any(map(str.isalpha, rest)) and (not rest.startswith((".", "!", "?")) or rest.startswith("..")):
        return kind != "sections"
    if kind == "links" and rest == "." and " " in page.plain[start:at]:
        return True  # "Lire aussi. Le port en dix dates"
    if kind == "links":
        return bool(
            _LINK_FOLLOWS.match(page.plain, at, end) or not is_stopped(rest) or rest[0].isupper() or rest[0] in '«“"'
        )
    if kind == "labels":
        return _LABEL_FOLLOWS.match(page.plain, at, end) is not None
    if kind == "meta":
        piece = page.text[start:end]
        count = count_words(piece)
        verb = has_verb(piece)
        return count <= (16 if verb else 30) and (not is_stopped(piece) or (count <= 7 and not verb))
    return False


def points(page: Page, start: int, end: int) -> int:
    """How much a sentence speaks, outside quotation marks, as a page does to its reader; 0 if it reports speech."""
    lexicons = notices()
    if not page.spoken or not holds_any(page, page.spoken, start, end):
        return 0
    hits = list(lexicons.spoken.pattern.finditer(page.plain, start, end))
    if not hits:
        return 0
    quoted = quotations(page.text, start, end)
    kinds: set[str] = set()
    for hit in hits:
        kind = lexicons.points[" ".join(hit[0].split())]
        asked = page.plain.startswith("-v", hit.end()) or page.plain.startswith("vous ", max(start, hit.start() - 5))
        if not (kind == "acts" and asked) and not any(q.start <= hit.start() < q.end for q in quoted):
            kinds.add(kind)
    if "strong" in kinds and any(
        not any(q.start <= word.start() < q.end for q in quoted)
        for word in lexicons.speakers.finditer(page.plain, start, end)
    ):
        kinds.add("own")  # "Nous déposons des traceurs"
    if "strong" in kinds:
        kinds.discard("topics")
    total = sum(_POINTS[kind] for kind in kinds) + (
        "acts" in kinds and _MAIL.search(page.plain, start, end) is not None
    )
    return 0 if lexicons.speech.search(page.plain, start, end) else total


def holds_any(page: Page, words: tuple[str, ...], start: int, end: int) -> bool:
    """Whether the plain copy of `text[start:end]` holds any of the words, also inside others."""
    find = page.plain.find
    for word in words:  # noqa: SIM110  (any() takes twice as long, and this is asked of every sentence)
        if find(word, start, end) >= 0:
            return True
    return False


def is_link_list(page: Page, start: int, end: int) -> bool:
    """Whether a line announces a list of links ("Sur le même sujet") and says nothing else."""
    decoration = _DECORATION.match(page.plain, start, end)
    first = _WORD.match(page.plain, decoration.end() if decoration else start, end)
    for kind, opening in _openings(first[0]) if first else ():
        said = opening.match(page.plain, first.end(), end) if first and kind in ("links", "lists") else None
        if said and not any(map(str.isalnum, page.plain[said.end() : end])):
            return True
    return False
