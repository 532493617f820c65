"""A text → its lines: what line breaks, the wide spaces of a headline ticker and inline links part from one another."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from claimtag.records import Kind
from claimtag.segmenting.credits import is_credited
from claimtag.segmenting.notices import Page, holds_any, is_notice, notices
from claimtag.segmenting.plain import is_stopped
from claimtag.segmenting.sentences import Bounds, abbreviations, sentences

_BLANKS = re.compile(r"(?<![^\S\n])[^\S\n]++")  # from their first one on: from each was quadratic in a run of them
_WIDE = re.compile(r"\t|[ \xa0\u2009\u202f]{3}|[\xa0\u2009\u202f]{2}")
_BAR = re.compile(r"(?<![^\S\n])[^\S\n]++(?:\||•|·|/{2,3}|►|▶|■)[^\S\n]+")
_BRACKETS = re.compile(r"(?<=[.!?…])[^\S\n]*(\([^()\n]{2,120}\)|\[[^\[\]\n]{2,120}\])")
# "— Nom (@nom) 15 juillet 2016 https://…", "pic.twitter.com/…"
_POST = re.compile(
    r"(?<!\w)(?:[—–]|--?(?=\s))[^\S\n]?[^—–()\n]{1,60}\(@\w{1,30}\)"
    r"(?:[^\S\n]*,?[^\S\n]*(?:(?:le )?\d{1,2}(?:er)? [^\W\d_]{3,9}\.? \d{4}|[A-Z][a-z]{2,8} \d{1,2}, \d{4}))?"
    r"(?:[^\S\n]*(?:https?://\S+|pic\.\S+))*|(?:(?:https?://t\.co/|\bpic\.(?:twitter|x)\.com/)\w+[^\S\n]*)+"
)
PAGE = re.compile(r"\[(?:pages?|pp?\.|página|pagina|seite) ?\d+(?: ?[/-] ?\d+)?\]", re.IGNORECASE)
_CREDIT = re.compile(r"©[^\S\n]?[A-ZÀ-Þ]")
_DESK = re.compile(r"[.!?»][^\S\n]+([a-z]{1,4}(?:[/-][a-z]{1,5})*/[a-z]{1,5}(?:[/-][a-z]{1,5})*)\Z")
_FINAL = re.compile(r"(?:(?<!\.)\.|[;:,])[\s»”\")\]]*\Z")


@dataclass(slots=True)
class Line:
    """A line of the text (or one headline of a ticker): its sentences, which of them are boilerplate, and its kind."""

    start: int
    end: int
    blank: bool  # whether an empty line stands before it
    units: list[Bounds]
    notices: list[bool] = field(default_factory=list)
    kind: Kind | None = None
    ticker: bool = False


def split(page: Page, lang: str | None) -> list[Line]:
    text = page.text
    lines: list[Line] = []
    at = reached = 0
    for raw in text.splitlines(keepends=True):
        at += len(raw)
        kept = raw.lstrip()
        if not kept:
            continue
        start = at - len(kept)
        end = start + len(kept.rstrip())
        blank = text.count("\n", reached, start) > 1 or text.count("\r", reached, start) > 2
        reached = end
        pieces = _pieces(page, start, end, first=not lines)
        headlines = _leading(text, pieces)
        # a ticker's headlines have a line to themselves, or stand in front of the article's first words; further down,
        # letters or lists are laid out so for a reason
        tickers = headlines if len(pieces) > 1 and (headlines == len(pieces) or not lines) else 0
        for number, (piece_start, piece_end) in enumerate(pieces):
            ticker = number < tickers
            for a, b in [(piece_start, piece_end)] if ticker else _parts(page, piece_start, piece_end, lang):
                lines.append(Line(a, b, blank, sentences(text, a, b, lang=lang), ticker=ticker))
                blank = False
    return lines


def _pieces(page: Page, start: int, end: int, *, first: bool) -> list[Bounds]:
    """The line itself, or its pieces where runs of wide spaces join headlines to one another or to the article.

    In the first line of a text bars and bullets do so too, where three or more stand between headlines alone.
    """
    text = page.text
    if first and len(bars := list(_BAR.finditer(text, start, end))) >= 3:
        places = zip([start, *(bar.end() for bar in bars)], [*(bar.start() for bar in bars), end], strict=True)
        barred = [(a, b) for a, b in places if a < b]
        if _leading(text, barred) == len(barred) and all(text.count(" ", a, b) >= 2 for a, b in barred):
            return barred
    if page.plain.find("  ", start, end) < 0 and text.find("\t", start, end) < 0:
        return [(start, end)]
    pieces: list[Bounds] = []
    at = start
    for gap in _BLANKS.finditer(text, start, end):
        if not _WIDE.search(gap[0]):
            continue
        pieces.append(_stripped(text, at, gap.start()))  # "© \t…": a space may stand before the gap
        at = gap.end()
    pieces.append(_stripped(text, at, end))
    pieces = [(a, b) for a, b in pieces if a < b]
    return pieces if _leading(text, pieces) > 1 else [(start, end)]


def _leading(text: str, pieces: list[Bounds]) -> int:
    """How many headlines the pieces begin with."""
    return next((i for i, (a, b) in enumerate(pieces) if not is_headline(text, a, b)), len(pieces))


def is_headline(text: str, start: int, end: int) -> bool:
    return end - start <= 250 and not text[start].islower() and not _FINAL.search(text[max(start, end - 6) : end])


def is_post_signature(text: str, line: Line) -> bool:
    """Whether a line signs a post: "— Nom (@nom) 15 juillet 2016 …"."""
    return text[line.start] in "—–-" and _POST.match(text, line.start, line.end) is not None


def headline_like(text: str, line: Line) -> bool:
    """A line that could be a title: one thought, no final stop, no list item."""
    if line.end - line.start > 250 or len(line.units) > 3:
        return False
    piece = text[line.start : line.end]
    return (
        not _FINAL.search(piece[-6:])
        and not piece[0].islower()
        and not piece.startswith(("-", "–", "—", "•", "*", "("))
        and not (piece[-1] == "?" and len(piece.split()) > 20)
    )


def _parts(page: Page, start: int, end: int, lang: str | None) -> list[Bounds]:
    return [part for a, b in _around_marks(page.text, start, end, lang) for part in _around_notices(page, a, b, lang)]


def _around_notices(page: Page, start: int, end: int, lang: str | None) -> list[Bounds]:
    if page.text.find("(", start + 1, end) < 0 and page.text.find("[", start + 1, end) < 0:
        return _around_links(page, start, end, lang)
    bounds: list[Bounds] = []
    for a, b in _around_brackets(page, start, end):
        bounds += _around_links(page, a, b, lang)
    return bounds


def _around_marks(text: str, start: int, end: int, lang: str | None) -> list[Bounds]:
    """The line cut around what is glued to its sentences: signatures and links of posts, credits, a desk's initials."""
    cuts: list[Bounds] = []
    if text.find("(@", start, end) >= 0 or text.find("t.co/", start, end) >= 0 or text.find("pic.", start, end) >= 0:
        cuts += (match.span() for match in _POST.finditer(text, start, end))
    elif (at := text.rfind("©", start, end)) >= 0:
        credit = _CREDIT.match(text, at, end)
        resumed = _resumption(lang).search(text, at + 3, min(end, at + _NEAR)) if credit else None
        before = text[max(start, at - 2) : at].rstrip()
        if credit and resumed and end - resumed.end() > 30 and (not before or before[-1] in ".!?…»"):
            cuts.append((at, resumed.start()))
        elif (
            credit
            and before
            and before[-1] in ".!?…»"
            and at - start > 250
            and end - at <= _NEAR // 2
            and not is_stopped(text[at:end])
        ):
            cuts.append((at, end))
    if text[end - 1].islower() and (desk := _DESK.search(text, max(start + 1, end - 30), end)):
        cuts.append((desk.start(1), end))
    if not cuts:
        return [(start, end)]
    bounds: list[Bounds] = []
    at = start
    for a, b in cuts:
        bounds += [_stripped(text, at, a), _stripped(text, a, b)]
        at = b
    bounds.append(_stripped(text, at, end))
    return [(a, b) for a, b in bounds if a < b]


def _around_brackets(page: Page, start: int, end: int) -> list[Bounds]:
    """The line cut around notices in brackets that stand between its sentences: "(Belga)", "[Lire : …]"."""
    text = page.text
    bounds: list[Bounds] = []
    at = counted = start
    depth = 0
    if is_credited(page, start, end):
        return [(start, end)]  # a caption
    for match in _BRACKETS.finditer(text, start, end):
        opened, closed = match.span(1)
        depth += text.count("«", counted, opened) - text.count("»", counted, opened)
        counted = opened
        apart = opened > at and depth <= 0 and any(map(str.isalpha, match[1]))
        if apart and (PAGE.fullmatch(match[1]) or is_notice(page, opened + 1, closed - 1, threshold=2)):
            bounds += [_stripped(text, at, opened), (opened, closed)]
            at = closed
    bounds.append(_stripped(text, at, end))
    return [(a, b) for a, b in bounds if a < b]


def _around_links(page: Page, start: int, end: int, lang: str | None) -> list[Bounds]:
    """The line cut before an inline "Lire aussi : …", and after its title where the next sentence is glued to it."""
    text = page.text
    if not page.links or text.find(":", start, end) < 0 or not holds_any(page, page.links, start, end):
        return [(start, end)]
    inline = notices().inline.pattern
    cuts = [start]
    for match in inline.finditer(page.plain, start + 1, end):
        before = text[max(start, match.start() - _NEAR) : match.start()].rstrip()
        if (
            match.start() <= cuts[-1]
            or not text[match.start()].isupper()
            or not before
            or before[-1] in "«“\"('’►▶→>[-–—•"
        ):
            continue
        cuts.append(match.start())
    if len(cuts) == 1 and not inline.match(page.plain, start, end):
        return [(start, end)]
    bounds: list[Bounds] = []
    for a, b in zip(cuts, [*cuts[1:], end], strict=True):
        link = inline.match(page.plain, a, b)
        resumed = _resumption(lang).search(text, link.end() + 8, min(b, a + 300)) if link else None
        if resumed and _FINAL.search(text[max(a, b - 4) : b]) and b - resumed.end() > 30:
            bounds += [_stripped(text, a, resumed.start()), _stripped(text, resumed.end(), b)]
        else:
            bounds.append(_stripped(text, a, b))
    return [(a, b) for a, b in bounds if a < b]


_NEAR = 100  # characters looked at before a link: more made 100,000 links in a line quadratic


@cache
def _resumption(lang: str | None) -> re.Pattern[str]:
    """Where a sentence begins in capitals amid small letters: a word that begins sentences, then a small one."""
    starters = sorted(word[0].upper() + word[1:] for word in abbreviations(lang).starters if len(word) > 1)
    return re.compile(r"(?<=[a-zß-öø-ÿ0-9»])[^\S\n]*(?=(?:" + "|".join(starters or ["(?!)"]) + r")[^\S\n]+[a-zß-öø-ÿ])")


def _stripped(text: str, start: int, end: int) -> Bounds:
    kept = text[start:end].lstrip()
    return end - len(kept), end - len(kept) + len(kept.rstrip())
