"""How much a short line that no rule decides looks like the page's own: signals of words, shape and place, weighed.

Each signal is present or absent; the weights of those present add up, and above zero the line is boilerplate. The
weights stand in `weights.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from claimtag.lexicons import language_of, languages, lexicon
from claimtag.segmenting.lines import Line
from claimtag.segmenting.notices import Page, has_verb, notices, points
from claimtag.segmenting.phrases import phrases_of, tree
from claimtag.segmenting.plain import count_words, fold, is_stopped

SHORT = 180  # characters beyond which a line is never weighed

_IMPERATIVE = re.compile(
    r"(?:^|[:;,!?.…»] )\W*(?!(?:avez|assez|chez|etes|savez|voulez|pouvez|nez|rez|rendez)\b)(?:ne )?(?![a-z]+riez\b)[a-z]{3,}ez\b(?!-vous\b.*\?)"
)
_INFLECTED = re.compile(
    r"\b[^\W\d_]+(?:aient|ait|[^m]ent|era|eront|ira|iront|dra|dront|tra|tront|rra|rront|èrent|urent|irent)\b|\bs['’][aeéèêiouh]\w+e\b"
)
_STAMP = re.compile(r"\b(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d\d-\d\d|(?:19|20)\d\d)\b")
_CLOCK = re.compile(r"\b\d{1,2} ?(?:h|:)(?: ?\d\d)?\b")
_WEB = re.compile(
    r"https?:|www\.|\w@\w|(?<!\w)[@#]\w|\b[\w-]+\.(?:com|be|fr|net|org|ma|ca|lu|info|eu|example)\b|\b0\d(?:[ ./]?\d\d){3,}|\+\d{2,3} ?\d"
)
_BARS = re.compile(r"[|•·»→←▲▼►▶☰✉]|\s/\s?|\s[–—-]\s|>")
_LABEL = re.compile(r"[^\W\d_][^:.!?]{1,28}? ?:(?=\s|\Z)")
_NUMBER = re.compile(r"\d|€|\$|%")
_QUOTED = re.compile(r"[«»“”\"]")
_LEAD = re.compile(r"[–—•*(-]|\d{1,2}[.)] ")
_ITEM = re.compile(r"[–—•*◦▪■·-]\s|(?:\d{1,2}|[a-zA-Z])[.)°]\s|\d{1,2} ?[hH:] ?\d\d\s*(?:[:|.,–—-]|[^\W\d_])")
_LISTED = re.compile(r"[A-ZÀ-Þ#][\w'’ -]{1,30}(?:[,;·] ?#?[A-ZÀ-Þ#][\w'’ -]{1,30}){2,}")  # "Sahara, Pêche, Océan"
_WORDS = re.compile(r"[^\W\d_]+")


class Lexicon(NamedTuple):
    """The words of signals, of all languages."""

    reader: re.Pattern[str]
    site: re.Pattern[str]
    itself: re.Pattern[str]
    matters: re.Pattern[str]
    actions: re.Pattern[str]
    common: dict[str, frozenset[str]]


@cache
def _lexicon() -> Lexicon:
    def pattern(key: str, *, fewest: int = 1) -> re.Pattern[str]:
        # a short word of one language is another word of the next: Dutch "je" is "you"
        return re.compile(r"\b" + tree(phrase for phrase in phrases_of(key) if len(phrase) >= fewest))

    return Lexicon(
        reader=pattern("reader", fewest=3),
        site=pattern("site", fewest=3),
        itself=pattern("itself"),
        matters=pattern("matters"),
        actions=pattern("buttons"),
        common={lang: frozenset(map(fold, lexicon(lang, "boilerplate").get("common", ()))) for lang in languages()},
    )


@cache
def weights() -> dict[str, float]:
    """The weight of each signal; "bias" is that of every line."""
    return tomllib.loads((files(__package__) / "weights.toml").read_text(encoding="utf-8"))


def weigh(page: Page, lines: list[Line], lang: str | None) -> None:
    """Mark the short lines that no rule decided and whose signals speak for boilerplate, given what is known so far."""
    known = weights()
    for _ in range(2):  # the second time more of the neighbours are known
        changed = False
        for i in candidates(page, lines):
            if sum(known.get(name, 0.0) for name in signals(page, lines, i, lang)) + known["bias"] > 0:
                lines[i].kind, changed = "boilerplate", True
        if not changed:
            break


def candidates(page: Page, lines: list[Line]) -> Iterator[int]:
    """The lines that are weighed: short ones, and no items of lists or lines that run on from or into another.

    Nor sentences among sentences that do not speak to the reader: they are most lines, and never boilerplate.
    """
    text, last = page.text, len(lines) - 1
    for i, line in enumerate(lines):
        if line.kind is not None or line.end - line.start > SHORT or len(line.units) > 3:
            continue
        amid = (not i or lines[i - 1].kind == "boilerplate") and (i == last or lines[i + 1].kind == "boilerplate")
        if not amid and is_stopped(text[line.start : line.end]) and not points(page, line.start, line.end):
            continue
        if text[line.end - 1] == ":" and i < last and lines[i + 1].kind is None:
            continue  # it announces what follows
        if not is_item(text, line) and (i == last or not text[lines[i + 1].start].islower()):
            yield i


def is_item(text: str, line: Line) -> bool:
    """Whether a line is an item of a list or of a timeline, or begins in small letters: the article's own layout."""
    return text[line.start].islower() or _ITEM.match(text, line.start, line.end) is not None


def signals(page: Page, lines: list[Line], i: int, lang: str | None) -> Iterator[str]:
    """The names of the signals of a line."""
    line = lines[i]
    yield from _of_words(page, line, lang)
    yield from _of_shape(page, line)
    yield from _of_place(page, lines, i)


def _of_words(page: Page, line: Line, lang: str | None) -> Iterator[str]:
    plain, words = page.plain[line.start : line.end].replace("rendez-vous", "rendezvous"), _lexicon()
    score = points(page, line.start, line.end)
    if score:
        yield "spoken"
    if score >= 2:
        yield "spoken twice"
    quoted = _QUOTED.search(plain) is not None
    if quoted:
        yield "quotation"
    else:
        if _IMPERATIVE.search(plain):
            yield "imperative"
        if words.reader.search(plain):
            yield "reader"
        if words.site.search(plain):
            yield "site"
            if words.reader.search(plain):
                yield "both"
    if words.itself.search(plain):
        yield "itself"
    if page.source and page.plain.find(page.source, line.start, line.end) >= 0:
        yield "source"
    matters = len({match[0] for match in words.matters.finditer(plain)})
    if matters:
        yield "matter"
    if matters > 1:
        yield "matters"
    if words.actions.match(plain):
        yield "action"
    if notices().speech.search(plain):
        yield "speech"
    said = _WORDS.findall(plain)
    own = words.common.get(language_of(lang) or "")
    if own and said:
        if said[0] in own and len(said) > 2:
            yield "begins"
        held = sum(word in own for word in said)
        if held == 0 and len(said) > 3:
            yield "foreign"
            if any(len(other.intersection(said)) > 1 for name, other in words.common.items() if other is not own):
                yield "other language"
        if sum(len(word) for word in said if not word.isascii()) > len(plain) / 2:
            yield "other script"


def _of_shape(page: Page, line: Line) -> Iterator[str]:
    piece = page.text[line.start : line.end]
    count = count_words(piece)
    stopped = is_stopped(piece)
    yield f"words {1 if count < 3 else 3 if count < 6 else 6 if count < 11 else 11 if count < 21 else 21}"
    verb = is_inflected(piece)
    yield ("stopped" if stopped else "open") + (" verb" if verb else " noun")
    if piece[-1] == "?":
        yield "asked" if notices().speakers.search(page.plain, line.start, line.end) else "question"
    if piece[-1] == "!":
        yield "call"
    if piece[-1] in ":;,":
        yield "continued"
    if not stopped and _is_echoed(page, line):
        yield "echo"
    if len(piece) > 3 and piece.isupper():
        yield "capitals"
    if _STAMP.search(piece):
        yield "stamp"
    if _CLOCK.search(piece):
        yield "clock"
    if _WEB.search(piece):
        yield "web"
    if _BARS.search(piece):
        yield "bars"
    if _LABEL.match(piece):
        yield "label"
    if _NUMBER.search(piece):
        yield "number"
    if piece[0] in "[(" and piece[-1] in ")].":
        yield "bracketed"
    elif _LEAD.match(piece):
        yield "lead"
    if piece[-1] in "…→>»]" or piece.endswith(".."):
        yield "cut"
    if len(line.units) > 1:
        yield "units"
    if piece.count("«") != piece.count("»"):
        yield "half quoted"
    if not stopped and _LISTED.fullmatch(piece):
        yield "list"


def is_inflected(piece: str) -> bool:
    """Whether a short piece of text has a finite verb, one the lexicon knows or one that its ending shows."""
    return has_verb(piece) or _INFLECTED.search(piece) is not None


def _is_echoed(page: Page, line: Line) -> bool:
    """Whether the text around a line speaks of what the line does."""
    stems = {word[:6] for word in _WORDS.findall(page.plain, line.start, line.end) if len(word) > 4}
    near = page.plain[max(0, line.start - 1500) : line.start] + page.plain[line.end : line.end + 1500]
    return len(stems) > 1 and 2 * sum(stem in near for stem in stems) >= len(stems)


def _of_place(page: Page, lines: list[Line], i: int) -> Iterator[str]:
    before = lines[i - 1].kind if i else "boilerplate"
    after = lines[i + 1].kind if i + 1 < len(lines) else "boilerplate"
    if i and before == "boilerplate":
        yield "after notice"
    if after == "boilerplate" and i + 1 < len(lines):
        yield "before notice"
    if before == after == "boilerplate":
        yield "amid notices"
    if before == "title":
        yield "under title"
    if i + 1 == len(lines):
        yield "last"
    after_line = lines[i + 1] if i + 1 < len(lines) else None
    if after_line is not None and after_line.kind is None and len(after_line.units) > 1 and lines[i].blank:
        yield "over prose"
    if _ahead(page, lines, i):
        yield "ahead"
    elif _behind(page, lines, i):
        yield "behind"


def _is_prose(page: Page, line: Line) -> bool:
    return line.kind == "body" or (line.kind is None and is_stopped(page.text[line.start : line.end]))


def _ahead(page: Page, lines: list[Line], i: int) -> bool:
    """Whether no prose stands before a line."""
    return not any(_is_prose(page, line) for line in lines[max(0, i - 12) : i]) and i <= 12


def _behind(page: Page, lines: list[Line], i: int) -> bool:
    """Whether no prose stands after a line."""
    return not any(_is_prose(page, line) for line in lines[i + 1 : i + 13])
