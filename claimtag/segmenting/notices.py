"""Whether a piece of text says by its own words that it belongs to the page: the boilerplate lexicons at work.

The lexicons of all languages are taken together, since portals mix languages. Phrases are looked for in a plain copy of
the text, blind to case and accents and of the same length, by patterns shaped as prefix trees: a thousand phrases cost
little more than one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from functools import cache
from typing import Any, NamedTuple

from claimtag.lexicons import languages, lexicon
from claimtag.quotes import quotations

NOTICE = 3  # points that make a sentence boilerplate; fewer suffice where the place speaks for it too

_ACCENTS = {"a": "àâäáãå", "c": "ç", "e": "éèêë", "i": "íìîï", "n": "ñ", "o": "óòôöõ", "u": "úùûü", "y": "ýÿ"}
_PLAIN = [(accented, plain) for plain, group in _ACCENTS.items() for accented in group]
_PLAIN += [("’", "'"), ("\xa0", " "), ("\u202f", " "), ("\u2009", " "), ("\t", " ")]
_DECORATION = re.compile(r"[^\w\n«“„\"@#]*+")
_LINK_FOLLOWS = re.compile(r"(?: +[\w']+){0,6} *(?:[:|→►▶>»]|[–—-](?=\s))")
_LABEL_FOLLOWS = re.compile(r"(?: +\([^)\n]{1,20}\))? *(?:[:|→►▶>]|[–—-](?=\s)|©)")
_STOP = re.compile(r"[.!?…][\s»”\")\]]*\Z")
_LETTER = re.compile(r"[^\W\d_]")
_WHOLE_WORD = re.compile(r"(?<![a-z0-9*])[a-z0-9]+(?![a-z0-9*])")  # in a phrase, where * stands for anything
_SPACED = bytes(code if chr(code).isalnum() and code < 128 else 32 for code in range(256))
_MAIL = re.compile(r"\w@\w[\w-]*\.\w")
_STARTS = ("links", "labels", "meta", "buttons", "sections")
_POINTS = {"anywhere": NOTICE, "acts": 2, "own": 2, "topics": 1, "address": 1}


class Page(NamedTuple):
    """A text and its plain copy, character for character: lower case, without accents, plain apostrophes and spaces.

    `spoken` and `links` are the longest words of the phrases of `Notices` whose words all occur in the text.
    """

    text: str
    plain: str
    spoken: tuple[str, ...]
    links: tuple[str, ...]


def page(text: str) -> Page:
    """A text made ready for looking up phrases.

    >>> page("À LIRE aujourd’hui avec nos cookies")[1:]
    ("a lire aujourd'hui avec nos cookies", ('cookies',), ('lire',))
    """
    plain, lexicons = plain_copy(text), notices()
    words = plain.encode("ascii", "replace").translate(_SPACED).decode("ascii").split()
    words.append("")
    known = lexicons.vocabulary.intersection(words)
    return Page(text, plain, lexicons.spoken.rare_words(known), lexicons.inline.rare_words(known))


def plain_copy(text: str) -> str:
    """The text in lower case, without accents, with plain apostrophes and spaces, of the same length."""
    plain = text.lower()
    if len(plain) != len(text):  # "İ" becomes two characters
        plain = "".join(char.lower()[0] for char in text)
    if not plain.isascii() or "\t" in plain:
        for odd, simple in _PLAIN:
            plain = plain.replace(odd, simple)
    return plain


def fold(text: str) -> str:
    """The plain copy of a phrase with single spaces, for comparing.

    >>> fold(" À  lire\\xa0: ")
    'a lire :'
    """
    return " ".join(plain_copy(text).split())


class Phrases(NamedTuple):
    """Phrases to be found anywhere: their pattern for plain text, and their words, by which most texts are passed over.

    The pattern is tried at every character, which costs ten times what the words do, and few texts hold a whole phrase.
    """

    pattern: re.Pattern[str]
    longest: Mapping[str, tuple[frozenset[str], ...]]  # the longest word of a phrase → the words of such phrases

    def vocabulary(self) -> frozenset[str]:
        return frozenset(self.longest).union(*(phrase for phrases in self.longest.values() for phrase in phrases))

    def rare_words(self, words: Set[str]) -> tuple[str, ...]:
        """The longest words of the phrases that `words` make up; "" for a phrase without Latin letters."""
        found = self.longest.keys() & words
        return tuple(word for word in found if any(phrase <= words for phrase in self.longest[word]))


class Notices(NamedTuple):
    """The boilerplate lexicons of all languages, compiled."""

    always: re.Pattern[str]
    starts: re.Pattern[str]
    openings: frozenset[str]  # the first two characters of both, or the only one ("X")
    classes: Mapping[str, frozenset[str]]
    spoken: Phrases
    points: Mapping[str, str]
    inline: Phrases
    vocabulary: frozenset[str]
    verbs: re.Pattern[str]
    speech: re.Pattern[str]
    dates: frozenset[str]
    months: frozenset[str]
    by: re.Pattern[str]


@cache
def notices() -> Notices:
    """The compiled lexicons, made once in the life of a process."""
    data = {key: _phrases(key) for key in ("always", *_STARTS, *_POINTS, "speech", "verbs", "dates", "months", "by")}
    classes: dict[str, set[str]] = {}
    for key in _STARTS:
        for phrase in data[key]:
            classes.setdefault(fold(phrase), set()).add(key)
    points: dict[str, str] = {}
    for key in _POINTS:
        for phrase in data[key]:
            points.setdefault(fold(phrase), key)
    months = frozenset(map(fold, data["months"]))
    spoken, inline = _anywhere(points), _anywhere(data["links"], " ?:")
    return Notices(
        always=re.compile(tree(data["always"])),
        starts=re.compile(tree(classes)),
        openings=frozenset(phrase[:2] for phrase in (*map(fold, data["always"]), *classes)),
        classes={phrase: frozenset(keys) for phrase, keys in classes.items()},
        spoken=spoken,
        points=points,
        inline=inline,
        vocabulary=spoken.vocabulary() | inline.vocabulary(),
        verbs=_verbs(data["verbs"]),
        speech=re.compile(r"\b" + tree(data["speech"])),
        dates=months | frozenset(map(fold, data["dates"])),
        months=months,
        by=re.compile(tree(data["by"]) + "(?= )"),
    )


def _phrases(key: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(phrase for lang in languages() for phrase in lexicon(lang, "boilerplate").get(key, ())))


def _anywhere(phrases: Iterable[str], following: str = "") -> Phrases:
    phrases = tuple(map(fold, phrases))
    longest: dict[str, list[frozenset[str]]] = {}
    for words in map(_WHOLE_WORD.findall, phrases):
        longest.setdefault(max(words, key=len, default=""), []).append(frozenset(words))
    return Phrases(re.compile(r"\b" + tree(phrases) + following), {word: tuple(sets) for word, sets in longest.items()})


def _verbs(words: Iterable[str]) -> re.Pattern[str]:
    """Here accents count ("à" is no verb), and so does the case of single letters (an initial is none either)."""
    both = {form for word in words for form in (word, word.capitalize() if len(word) > 1 else word)}
    return re.compile(r"\b" + _tree(both).replace("'", "['’]"))


def tree(phrases: Iterable[str]) -> str:
    """A pattern for the longest of the phrases that ends at a word's end, as a prefix tree, for plain text.

    >>> import re
    >>> re.match(tree(["lire", "À lire aussi", "lire aussi"]), "lire  aussi : …")[0]
    'lire  aussi'
    >>> re.match(tree(["lire"]), "lirent") is None
    True
    """
    return _tree(map(fold, phrases))


def _tree(phrases: Iterable[str]) -> str:
    root: dict[str, Any] = {}
    for phrase in phrases:
        node = root
        for char in phrase:
            node = node.setdefault(char, {})
        node[""] = {}
    return _branch(root)


def _branch(node: dict[str, Any]) -> str:
    letters = {" ": " +", "*": r"[^\n]{1,80}?"}
    options = [letters.get(char, re.escape(char)) + _branch(child) for char, child in node.items() if char]
    if "" in node:
        options.append(r"(?!\w)")
    return options[0] if len(options) == 1 else f"(?:{'|'.join(options)})"


def count_words(text: str) -> int:
    """The number of words of a short piece of text; of a long one, of its first 400 characters.

    >>> count_words("Manifestants à New York, 3 mai.")
    5
    """
    words = text[:400].split()
    mixed = [word for word in words if not word.isalpha()]
    return len(words) - sum(_LETTER.search(word) is None for word in mixed)


def is_stopped(text: str) -> bool:
    """Whether a full stop, a question or exclamation mark or an ellipsis ends the text.

    >>> is_stopped("« Il est là. »"), is_stopped("Manifestants à New York")
    (True, False)
    """
    return not text[-1:].isalnum() and _STOP.search(text[-8:]) is not None


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
    two = page.plain[begin : begin + 2]
    if two in lexicons.openings or two[0] in lexicons.openings:
        if lexicons.always.match(page.plain, begin, end):
            return True
        opening = lexicons.starts.match(page.plain, begin, end)
        if opening and _opens(page, opening, end, lexicons):
            return True
    return bool(page.spoken) and points(page, start, end) >= threshold


def _opens(page: Page, opening: re.Match[str], end: int, lexicons: Notices) -> bool:
    """Whether the phrase that opens a piece makes it boilerplate, by what follows the phrase."""
    classes = lexicons.classes[" ".join(opening[0].split())]
    at = opening.end()
    rest = page.text[at:end].lstrip()
    if not any(map(str.isalpha, rest)) and (not rest.startswith((".", "!", "?")) or rest.startswith("..")):
        return classes != {"sections"}
    if "links" in classes and (
        _LINK_FOLLOWS.match(page.plain, at, end) or not _STOP.search(rest[-8:]) or rest[0].isupper() or rest[0] in '«“"'
    ):
        return True
    if "labels" in classes and _LABEL_FOLLOWS.match(page.plain, at, end):
        return True
    if "meta" in classes:
        piece = page.text[opening.start() : end]
        count = count_words(piece)
        return count <= 30 and (not is_stopped(piece) or (count <= 9 and not has_verb(piece)))
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
    total = sum(_POINTS[kind] for kind in kinds) + (
        "acts" in kinds and _MAIL.search(page.plain, start, end) is not None
    )
    return 0 if lexicons.speech.search(page.plain, start, end) else total


def holds_any(page: Page, words: tuple[str, ...], start: int, end: int) -> bool:
    """Whether the plain copy of `text[start:end]` holds any of the words, also inside others."""
    return any(page.plain.find(word, start, end) >= 0 for word in words)


def is_link_list(page: Page, start: int, end: int) -> bool:
    """Whether a line announces a list of links ("Sur le même sujet") and says nothing else."""
    lexicons = notices()
    first = _DECORATION.match(page.plain, start, end)
    opening = lexicons.starts.match(page.plain, first.end() if first else start, end)
    if opening is None or any(map(str.isalnum, page.plain[opening.end() : end])):
        return False
    return "links" in lexicons.classes[" ".join(opening[0].split())]
