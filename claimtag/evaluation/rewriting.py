"""How a text is changed without changing what it speaks of: accents, typography, slips, negation, a frame, names.

What belongs to a language stands in its lexicon `perturbations.toml`; the rest holds for any text.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Literal, TypeAlias, get_args

from claimtag.errors import OptionError, did_you_mean
from claimtag.lexicons import language_of, lexicon
from claimtag.records import Article

Perturbation: TypeAlias = Literal[
    "accents", "apostrophes", "guillemets", "spaces", "capitals", "typos", "negation", "frame", "names"
]
PERTURBATIONS: tuple[Perturbation, ...] = get_args(Perturbation)
TYPOS = 10  # of so many longer words one has a typo, and at least one of every sentence that has any

_KEYS = {"negation": "negation", "frame": "frames", "names": "names"}  # what a language's lexicon must have for it
_LONG = 5  # letters of a longer word
_NEAR = 25  # characters beside a verb in which a word may bar its negation
_SPACE = "[ \u00a0\u202f]"
_WORD = re.compile(r"[^\W\d_]+")
_CAPITALISED = r"[A-ZÀ-ÖØ-Þ][\w’'-]*\w"
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE"})
_ABBREVIATED = re.compile(r"\b(?:etc|\w\.\w|[A-Z])\.$")  # its full stop belongs to the word
_VOWELS = frozenset("aeiouyh")


def check_perturbation(kind: str) -> None:
    """OptionError for a kind that there is not."""
    if kind not in PERTURBATIONS:
        raise OptionError(
            f'"{kind}" is no kind of perturbation{did_you_mean(kind, PERTURBATIONS)}; '
            f"there are: {', '.join(PERTURBATIONS)}"
        )


def has_lexicon(article: Article, kind: Perturbation) -> bool:
    """Whether the article's language has what this kind needs; most kinds need nothing."""
    return kind not in _KEYS or _KEYS[kind] in lexicon(article.lang, "perturbations")


def rewriter(article: Article, texts: Sequence[str], kind: Perturbation, *, seed: int) -> Callable[[str, int], str]:
    """What perturbs a sentence of the article, given its text and its place, which seeds what is drawn.

    `texts` are all that will be given to it: names are first looked for everywhere, and then swapped everywhere.
    """
    check_perturbation(kind)
    lang = language_of(article.lang)
    if not has_lexicon(article, kind):
        raise OptionError(
            f'article "{article.id}": "{kind}" needs a lexicon of its language ({article.lang or "not given"}), '
            "lexicons/<language>/perturbations.toml"
        )
    if kind in _GENERAL:
        return lambda text, place: _GENERAL[kind](text)
    if kind == "negation":
        return lambda text, place: _negated(text, lang)
    if kind == "names":
        swaps = _Swaps(lang, texts, _random(seed, kind, article.id))
        return lambda text, place: swaps.apply(text)
    change = _with_typos if kind == "typos" else _framed
    return lambda text, place: change(text, lang, _random(seed, kind, article.id, place))


def _random(*parts: object) -> random.Random:
    return random.Random("\x1f".join(map(str, parts)))


def _without_accents(text: str) -> str:
    """Latin letters alone: a mark of Arabic or Hebrew is no accent."""
    bare = re.sub(r"([A-Za-z])[\u0300-\u036f]+", r"\1", unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFC", bare).translate(_LIGATURES)


def _other_apostrophes(text: str) -> str:
    return text.translate(str.maketrans("'’", "’'"))


def _other_guillemets(text: str) -> str:
    """Guillemets become quotation marks, and these become guillemets."""
    inside = False

    def other(match: re.Match[str]) -> str:
        nonlocal inside
        sign = match[0].strip(" \u00a0\u202f")
        if sign in "«»":
            return "“" if sign == "«" else "”"
        inside = sign == "“" or (sign == '"' and not inside)
        return "«\u00a0" if inside else "\u00a0»"

    return re.sub(rf'«{_SPACE}?|{_SPACE}?»|[“”"]', other, text)


def _other_spaces(text: str) -> str:
    """No-break spaces become spaces; those beside high punctuation and between digits become no-break."""
    return re.sub(
        r"[\u00a0\u202f]| (?=[:;!?»%€])|(?<=«) |(?<=\d) (?=\d)",
        lambda match: " " if match[0] != " " else "\u00a0",
        text,
    )


_GENERAL: Mapping[str, Callable[[str], str]] = {
    "accents": _without_accents,
    "apostrophes": _other_apostrophes,
    "guillemets": _other_guillemets,
    "spaces": _other_spaces,
    "capitals": str.upper,
}


def _with_typos(text: str, lang: str | None, chance: random.Random) -> str:
    words = [word for word in _WORD.finditer(text) if len(word[0]) >= _LONG]
    if not words:
        return text
    pieces, at = [], 0
    for word in sorted(chance.sample(words, max(1, len(words) // TYPOS)), key=re.Match.start):
        pieces += [text[at : word.start()], _mistyped(word[0], _neighbours(lang), chance)]
        at = word.end()
    return "".join([*pieces, text[at:]])


def _mistyped(word: str, neighbours: Mapping[str, str], chance: random.Random) -> str:
    """One slip inside the word: two letters the wrong way round, one left out, one twice, or the key beside it."""
    place = chance.randrange(1, len(word) - 1)
    head, letter, following, tail = word[:place], word[place], word[place + 1], word[place + 2 :]
    near = neighbours.get(letter.lower())
    slips = [head + following + tail, head + letter * 2 + following + tail]
    slips += [head + following + letter + tail] * (letter != following)
    slips += [head + chance.choice(near) + following + tail] if near else []
    return chance.choice(slips)


@cache
def _neighbours(lang: str | None) -> Mapping[str, str]:
    rows = lexicon(lang, "perturbations").get("keyboard", ())
    return {
        key: row[max(0, place - 1) : place] + row[place + 1 : place + 2]
        for row in rows
        for place, key in enumerate(row)
    }


def _framed(text: str, lang: str | None, chance: random.Random) -> str:
    """The statement with a frame before it, or behind it where its first word may be a name: "Rabat dort, selon …".

    A question, an exclamation, what ends otherwise and what says already whose it is stay as they are.
    """
    words = lexicon(lang, "perturbations")
    frame = str(chance.choice(words["frames"]))
    first = re.match(r"[^\W\d_]+['’]?", text)
    start = first[0].lower().replace("’", "'") if first else ""
    if (
        not text.endswith(".")
        or text.endswith("..")
        or text.lower().replace("’", "'").startswith(tuple(words["framed"]))
    ):
        return text
    if first and start in words["lowered"] and not first[0][1:].isupper():
        return frame + text[0].lower() + text[1:]
    stop = "." if re.search(_ABBREVIATED, text) else ""
    return f"{text[:-1]}{stop}, {frame[0].lower()}{frame[1:].rstrip(', ')}."


def _negated(text: str, lang: str | None) -> str:
    """The sentence with its first verb that can be negated between the two words of negation."""
    words = lexicon(lang, "perturbations")["negation"]
    for match in _verbs(lang).finditer(text):
        beside = text[max(0, match.start() - _NEAR) : match.end() + _NEAR]
        near = {word.lower().replace("’", "'") for word in re.findall(r"\w+['’]?", beside)}
        if near & set(words["bars"]):
            continue
        first = unicodedata.normalize("NFD", match[0][0].lower())[0]
        before = words["elided"] if first in words["elides"] else words["before"] + " "
        return f"{text[: match.start()]}{before}{match[0]} {words['after']}{text[match.end() :]}"
    return text


@cache
def _verbs(lang: str | None) -> re.Pattern[str]:
    """A verb of the list with its clitics, after a space: not "l'est", not "a-t-il"."""
    words = lexicon(lang, "perturbations")["negation"]
    clitics = "|".join(
        re.escape(one).replace("'", "['’]") + ("" if one.endswith("'") else " ") for one in words["clitics"]
    )
    return re.compile(rf"(?<= )(?:{clitics})*(?:{'|'.join(map(re.escape, words['verbs']))})(?= )")


class _Swaps:
    """Names of persons in an article, each with the invented one that stands for it everywhere."""

    def __init__(self, lang: str | None, texts: Sequence[str], chance: random.Random) -> None:
        self._words = lexicon(lang, "perturbations")["names"]
        self._chance, self._new = chance, dict[str, str]()
        self._surnames = chance.sample(self._words["surnames"], len(self._words["surnames"]))
        found, titled = _people(lang)
        for text in texts:
            for match in found.finditer(text):
                self._add(match["given"], match["surname"], match["given"] in self._words["female"])
            for match in titled.finditer(text):
                self._add(match["given"], match["surname"], match["title"] in self._words["titles_female"])
        old = sorted(self._new, key=lambda name: (-len(name), name))
        self._pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, old))})(?!\w)") if old else None

    def apply(self, text: str) -> str:
        return self._pattern.sub(lambda match: self._new[match[0]], text) if self._pattern else text

    def _add(self, given: str | None, surname: str, female: bool) -> None:
        if surname not in self._new:
            fitting = [name for name in self._surnames if _begins_alike(name, surname)] or self._surnames
            self._new[surname] = fitting[len(self._new) % len(fitting)]
        if given and f"{given} {surname}" not in self._new:
            known = self._words["female" if female else "male"]
            others = [name for name in known if name != given and _begins_alike(name, given)]
            self._new[f"{given} {surname}"] = f"{self._chance.choice(others)} {self._new[surname]}"


def _begins_alike(one: str, other: str) -> bool:
    """Whether both begin with a vowel (or h), or neither: "d'Emmanuel" cannot become "d'Renaud"."""
    first, second = (unicodedata.normalize("NFD", name[0].lower())[0] in _VOWELS for name in (one, other))
    return first == second


@cache
def _people(lang: str | None) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Names that begin with a known given name, and names behind a title."""
    words = lexicon(lang, "perturbations")["names"]
    particles = "|".join(map(re.escape, words["particles"]))
    surname = rf"(?P<surname>(?:(?:{particles}) )*{_CAPITALISED})"
    known = "|".join(map(re.escape, [*words["female"], *words["male"]]))
    given = rf"(?P<given>(?:{known})(?:-{_CAPITALISED})?)"
    titles = "|".join(map(re.escape, sorted([*words["titles_female"], *words["titles_male"]], key=len, reverse=True)))
    return (
        re.compile(rf"\b{given} {surname}"),
        re.compile(rf"\b(?P<title>{titles}){_SPACE}(?:(?!(?:{particles}) )(?P<given>{_CAPITALISED}) )?{surname}"),
    )
