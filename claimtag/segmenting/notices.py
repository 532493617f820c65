"""Whether a piece of text says by its own words that it belongs to the page: the boilerplate lexicons at work.

The lexicons of all languages are taken together, since portals mix languages. Phrases are looked for in a plain copy of
the text, blind to case and accents and of the same length, by patterns shaped as prefix trees: a thousand phrases cost
little more than one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from functools import cache
from itertools import product
from typing import Any, NamedTuple

from claimtag.lexicons import languages, lexicon
from claimtag.quotes import quotations

NOTICE = 3  # points that make a sentence boilerplate; fewer suffice where the place speaks for it too

_ACCENTS = {"a": "àâäáãå", "c": "ç", "e": "éèêë", "i": "íìîï", "n": "ñ", "o": "óòôöõ", "u": "úùûü", "y": "ýÿ"}
_PLAIN = [(accented, plain) for plain, group in _ACCENTS.items() for accented in group]
_PLAIN += [("’", "'"), ("\xa0", " "), ("\u202f", " "), ("\u2009", " "), ("\t", " ")]
_DECORATION = re.compile(r"[^\w\n«“„\"@#]*+")
_LINK_FOLLOWS = re.compile(r"(?: +(?!qu[e'])[\w']+){0,4} *(?:[:|→►▶>»]|[–—-](?=\s))")
_LABEL_FOLLOWS = re.compile(r"(?: +\([^)\n]{1,20}\))? *(?:[:|→►▶>]|[–—-](?=\s)|©)")
_STOP = re.compile(r"[.!?…][\s»”\")\]]*\Z")
_WORD = re.compile(r"\w+")
_LETTER = re.compile(r"[^\W\d_]")
_WHOLE_WORD = re.compile(r"(?<![a-z0-9*])[a-z0-9]+(?![a-z0-9*])")  # in a phrase, where * stands for anything
_SPACED = bytes(code if chr(code).isalnum() and code < 128 else 32 for code in range(256))
_BRACES = re.compile(r"[{}]")
_GROUP = re.compile(r"( ?)\{([^{}]*)\}")
_FIRST = re.compile(r"[^\w{]*(\w+)")
_AFTER_COMMA = re.compile(r" *,(?: +[\w'-]+){1,4}")
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

    openings: Mapping[str, Mapping[str, list[str]]]  # first word of a phrase → its classes → what follows the word
    buttons: re.Pattern[str]  # a line of nothing but buttons
    menu: re.Pattern[str]  # a line of nothing but buttons and names of sections
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
    keys = ("buttons", "sections", *_POINTS, "speech", "verbs", "dates", "months", "by")
    data = {key: _phrases(key) for key in keys}
    openings: dict[str, dict[str, list[str]]] = {}
    for key in ("always", *_STARTS):
        for word, rests in _by_first_word(key).items():
            openings.setdefault(word, {})[key] = rests
    points: dict[str, str] = {}
    for key in _POINTS:
        for phrase in data[key]:
            points.setdefault(fold(phrase), key)
    plain_links = [
        phrase for lang in languages() for phrase in lexicon(lang, "boilerplate")["links"] if "{" not in phrase
    ]
    months = frozenset(map(fold, data["months"]))
    spoken, inline = _anywhere(points), _anywhere(plain_links, " ?:")
    return Notices(
        openings=openings,
        buttons=_row(data["buttons"]),
        menu=_row(data["buttons"] + data["sections"]),
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
    """The phrases of all languages, with those that braces stand for."""
    listed = (phrase for lang in languages() for phrase in lexicon(lang, "boilerplate").get(key, ()))
    return tuple(dict.fromkeys(phrase for written in listed for phrase in expand(written)))


def expand(written: str) -> list[str]:
    """The phrases that one with alternatives in braces stands for, with single spaces and elisions closed.

    >>> expand("{imprimer|partager} {cet|l'} article{s|}")[:4]
    ['imprimer cet articles', 'imprimer cet article', "imprimer l'articles", "imprimer l'article"]
    """
    parts = [part.split("|") for part in _BRACES.split(written)]
    return [_closed("".join(choice)) for choice in product(*parts)]


def _closed(phrase: str) -> str:
    return " ".join(phrase.split()).replace("' ", "'")


def _by_first_word(key: str) -> dict[str, list[str]]:
    """The phrases of a key by their first word: what follows it, with its braces."""
    found: dict[str, list[str]] = {}
    for lang in languages():
        for written in lexicon(lang, "boilerplate").get(key, ()):
            for word, rest in _opened(fold(written)):
                found.setdefault(word, []).append(rest)
    return found


def _opened(written: str) -> Iterator[tuple[str, str]]:
    """The first words of a phrase with braces, each with the rest; marks before them no look-up sees ("(re)lire")."""
    first = _FIRST.match(written)
    if first and not written.startswith("{", first.end()):
        yield first[1], written[first.end() :]
        return
    before, _, after = written.partition("{")
    inside, _, rest = after.partition("}")
    for option in inside.split("|"):
        yield from _opened(_closed(before + option + rest))


def _followed(rests: Iterable[str]) -> str:
    """A pattern for what follows a first word, the longest phrases first."""
    options = sorted(dict.fromkeys(rests), key=len, reverse=True)
    return f"(?:{'|'.join(map(_follow, options))})(?!\\w)"


def _follow(rest: str) -> str:
    pattern = ""
    at = 0
    space = " ++"
    for group in _GROUP.finditer(rest):
        pattern += _literal(rest[at : group.start()])
        options = group[2].split("|")
        choice = "(?:" + "|".join(_literal(option) for option in options if option) + ")"
        lead = space if group[1] else ""
        pattern += f"(?:{lead}{choice})?" if "" in options else lead + choice
        at = group.end()
        space = " *+" if any(option.endswith("'") for option in options) else " ++"
        if space == " *+" and rest.startswith(" ", at) and not rest.startswith(" {", at):
            pattern += space
            at += 1
    return pattern + _literal(rest[at:])


def _literal(text: str) -> str:
    letters = {" ": " ++", "*": r"[^\n]{1,80}?"}
    return "".join(letters.get(char, re.escape(char)) for char in text)


def _row(phrases: Iterable[str]) -> re.Pattern[str]:
    """A pattern for rows of nothing but these phrases, figures and marks."""
    return re.compile(f"[^a-z\\n]*+(?:(?>{tree(phrases)})[^\\w\\n]*+(?:\\d++[^\\w\\n]*+)*+)++")


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
    first = _WORD.match(page.plain, begin, end)
    if first and first[0] in lexicons.openings:
        for kind, opening in _openings(first[0]):
            said = opening.match(page.plain, first.end(), end)
            if said and (kind == "always" or _opens(page, begin, said.end(), end, kind)):
                return not _is_said(page, said.end(), end)
    return bool(page.spoken) and points(page, start, end) >= threshold


def _is_said(page: Page, at: int, end: int) -> bool:
    """Whether a comma and a verb of saying follow a phrase: "Tous droits réservés, avait écrit l'auteur"."""
    clause = _AFTER_COMMA.match(page.plain, at, min(end, at + 60))
    return clause is not None and notices().speech.search(clause[0]) is not None


@cache
def _openings(word: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The classes of the phrases that begin with a word, and patterns for what follows it in them."""
    return tuple(
        (kind, re.compile(_followed(written)))
        for kind, rests in notices().openings.get(word, {}).items()
        # apart, since a short phrase of one sort may hide a longer one of the other
        for written in ([rest for rest in rests if "{" not in rest], [rest for rest in rests if "{" in rest])
        if written
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
            _LINK_FOLLOWS.match(page.plain, at, end)
            or not _STOP.search(rest[-8:])
            or rest[0].isupper()
            or rest[0] in '«“"'
        )
    if kind == "labels":
        return _LABEL_FOLLOWS.match(page.plain, at, end) is not None
    if kind == "meta":
        piece = page.text[start:end]
        count = count_words(piece)
        verb = has_verb(piece)
        return count <= (16 if verb else 30) and (not is_stopped(piece) or (count <= 9 and not verb))
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
    decoration = _DECORATION.match(page.plain, start, end)
    first = _WORD.match(page.plain, decoration.end() if decoration else start, end)
    for kind, opening in _openings(first[0]) if first else ():
        said = opening.match(page.plain, first.end(), end) if first and kind == "links" else None
        if said and not any(map(str.isalnum, page.plain[said.end() : end])):
            return True
    return False
