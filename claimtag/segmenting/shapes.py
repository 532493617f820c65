"""What the shape of a line shows: credits, menus, dates, bylines, signatures, datelines, captions, headings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from claimtag.segmenting.lines import Line, headline_like
from claimtag.segmenting.notices import Page, fold, is_notice, look, notices, says_notice, tree

LONG = 600  # characters beyond which no line is boilerplate by its shape
_ODD = re.compile(r"[|·•›→></©℗(\[@#]|www\.|pic\.")
_ARROW = re.compile(r"[►▶→➜➤>👉▸▪↪☛☞✉☎📲📩🔴➡]")
_LINKED = re.compile(r"https?://|www\.|\bpic\.\w|(?<!\w)@\w", re.IGNORECASE)
_CREDIT = re.compile(r"©|℗|\(c\)[^\S\n]?[A-Z]|\((?:photo|photos|crédit|crédits)\b", re.IGNORECASE)
_PARTS = re.compile(r"[^\S\n]*(?:[|·•›→]|[^\S\n]>{1,2}|[^\S\n]/)[^\S\n]+")
_DASHED = re.compile(r"[^\S\n](?:[–—/-])[^\S\n]")
_SIGNED = re.compile(r"(?:[—–]|--?)[^\S\n]*(?=[^\W\d_a-zß-öø-ÿ]|@)")
_DESK = re.compile(r"[a-z]{1,4}(?:/[a-z]{1,5}){1,4}\.?")
_BRACKETED = re.compile(r"[\[<][^\]>\n]+[\]>]\.?|\([^\W\d_][^)\n]{0,30}\)\.?")
_ONLY_LINKS = re.compile(
    r"(?:(?:https?://|www\.|pic\.)\S+|[@#]\w\S*|[\w.+-]+@[\w-]+\.[\w.-]+|[\s:|,;•·–—-])+", re.IGNORECASE
)


def is_shaped(page: Page, line: Line, before: Line | None) -> bool:
    """Whether the shape of a line shows boilerplate: credits, menus, dates, signatures, links, bracketed notices."""
    start, end = line.start, line.end
    piece = page.text[start:end]
    odd = _ODD.search(piece) is not None
    if end - start > (LONG if odd else LONG // 4):
        return False
    words, stopped, verb = look(piece)
    if odd and _oddly_shaped(page, line, words=words, stopped=stopped, verb=verb):
        return True
    if _SIGNED.match(piece) and words <= 25 and (_LINKED.search(piece) or _signature(page.text, piece, before)):
        return True
    if (_ARROW.match(piece) and not stopped) or _DESK.fullmatch(piece):
        return True
    dashed = _DASHED.split(piece) if words <= 20 else []
    if len(dashed) > 1 and (all(map(says_notice, dashed)) or (words <= 9 and not stopped and says_notice(dashed[-1]))):
        return True
    buttons = (
        words <= 10
        and not stopped
        and all("buttons" in notices().classes.get(word, ()) for word in fold(piece).split())
    )
    return buttons or _is_date(piece) or _is_byline(page, line, words, stopped=stopped, verb=verb)


def _oddly_shaped(page: Page, line: Line, *, words: int, stopped: bool, verb: bool) -> bool:
    """The shapes that need a separator, a bracket, a link or a sign of copyright."""
    start, end = line.start, line.end
    piece = page.text[start:end]
    if only_links(page.text, start, end):
        return True
    if _CREDIT.search(piece) and words <= 40 and not (verb and stopped):
        return True
    if _BRACKETED.fullmatch(piece) and (piece[0] == "<" or is_notice(page, start + 1, end - 1, threshold=1)):
        return True
    if words <= 14 and not stopped and not verb and _LINKED.search(piece):
        return True
    parts = _PARTS.split(piece)
    return len(parts) > 1 and not stopped and _is_menu(parts)


def only_links(text: str, start: int, end: int) -> bool:
    return _ONLY_LINKS.fullmatch(text, start, end) is not None


def _signature(text: str, piece: str, before: Line | None) -> bool:
    """A dash and a name under a quotation ("— Nom, fonction"), not a dialogue's or a list's dash."""
    count, _, verb = look(piece)
    quoted = before is not None and text[before.end - 1] in "»”\"'’"
    return count <= 16 and not verb and piece[-1] not in ";:?!," and (piece[0] == "—" or quoted)


def _is_menu(parts: Sequence[str]) -> bool:
    """Short parts between separators: "Accueil > Monde > Maroc", "Partager | Imprimer"."""
    counts = [len(part.split()) for part in parts]
    if any(says_notice(part) for part in parts if part) and max(counts) <= 12:
        return True
    return max(counts) <= 3 and (len(parts) > 2 or sum(counts) <= 4)


def _is_date(piece: str) -> bool:
    """A line of nothing but a date and what goes with it: "Mardi 12 mars 2024 à 10h02"."""
    if len(piece) > 80 or not any(map(str.isdigit, piece)):
        return False
    words = [fold(word) for word in re.findall(r"[^\W\d_]+", piece)]
    if not words:
        return (
            re.fullmatch(r"\W*\d{1,4}([/.:-])\d{1,2}(\1\d{1,4})?\W.*|\W*\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\W*", piece)
            is not None
        )
    lexicons = notices()
    return all(word in lexicons.dates for word in words) and (
        any(word in lexicons.months for word in words) or len(words) <= 6
    )


def _is_byline(page: Page, line: Line, count: int, *, stopped: bool, verb: bool) -> bool:
    text = page.text
    by = notices().by.match(page.plain, line.start, line.end)
    if by is None or count > 16 or verb:
        return False
    name = text[by.end() : line.end].lstrip()
    ours = re.match(r"(?:notre|nos|la rédaction)\b", name) is not None
    return bool(name) and (ours or (name[0].isupper() and (not stopped or count <= 8) and ":" not in name))


def is_paragraph(text: str, line: Line) -> bool:
    if len(line.units) > 1:
        return True
    words, stopped, verb = look(text[line.start : line.end])
    return words > 25 or (stopped and (verb or words > 10))


def is_caption(text: str, line: Line) -> bool:
    """A short line with a full stop and no verb."""
    count, _, verb = look(text[line.start : line.end])
    return len(line.units) == 1 and text[line.end - 1] == "." and count <= 10 and not verb


def is_heading(text: str, line: Line) -> bool:
    piece = text[line.start : line.end]
    if len(line.units) > 1 or len(piece) > 110 or re.match(r"\d+[.)]", piece) or not headline_like(text, line):
        return False
    return len(piece) <= 60 if piece[-1] == "?" else not re.search(r"[.!?…]\W*\Z", piece)


def is_name(piece: str) -> bool:
    words = piece.split()
    return (
        2 <= len(words) <= 4
        and all(word[0].isupper() for word in words)
        and piece.replace(" ", "").replace("-", "").isalpha()
    )


def dateline(page: Page, start: int, end: int, *, early: bool) -> int:
    """Where the dateline at the front of a line ends, its dash included; 0 where there is none."""
    stop = min(end, start + 120)
    match = _dateline_pattern().match(page.plain, start, stop)
    if match is None:
        return 0
    at = match.end()
    following = page.text[at:stop].lstrip()
    if match["date"]:
        return 0 if following[:1].islower() else at
    place = page.text[start : match.end("place")]
    if not place[0].isupper() or not (following == "" or following[0].isupper() or following[0] in '«“"0123456789'):
        return 0
    if match["day"] or match["agency"]:
        return at
    named = (place.isupper() and len(place) > 2) or (early and page.text[at - 1] in "–—" and _is_place(place))
    return at if named and end > at + 40 else 0


@cache
def _dateline_pattern() -> re.Pattern[str]:
    day = r"(?:1er|\d{1,2})[^\S\n]+" + tree(sorted(notices().months)) + r"\.?(?:[^\S\n]+\d{4})?"
    place = r"(?P<place>[^\W\d_][\w'’.\-]*+(?:[ \xa0/][\w'’.\-]+){0,4}?)"
    agency = r"(?:[^\S\n]*\([^()\n]{1,40}\))"
    dated = rf"(?:,?[^\S\n]+(?:le[^\S\n]+)?(?P<day>{day})[^–—\n().]{{0,30}})"
    return re.compile(
        rf"(?:(?P<date>{day}(?:,[^–—\n]{{0,40}}?)?)|{place}(?:,[^,\n]{{2,30}}?)??{dated}?(?P<agency>{agency})?)"
        rf"{agency}?\.?[^\S\n]*(?:[–—]|--?)(?=[^\S\n]|\Z|\n)"
    )


def _is_place(place: str) -> bool:
    words = place.split()
    return len(words) <= 3 and all(word[0].isupper() or len(word) <= 3 for word in words)
