"""Which line of an article is its title, and which lines only repeat it."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

from claimtag.segmenting.lines import Line, headline_like
from claimtag.segmenting.notices import Page, notices
from claimtag.segmenting.plain import fold, plain_copy
from claimtag.segmenting.shapes import is_paragraph

HEAD = 12  # lines at the front of an article that are compared with one another as titles
AGAIN = 30  # first characters of a title that show it when they come again
TICKER = (
    0.4  # share of its words that the last headline of a ticker has in common with the article when it is its title
)
_WORDS = re.compile(r"[^\W_]+")
_APART = re.compile(r"[|•·>/▲▼@#\d]|\s[–—-]\s")
_SITE = re.compile(r"\s[|–—-]\s[^|–—\n]{1,40}\Z")
_CRUMB = re.compile(r"[»›>|][^\S\n]+(?=[^»›>|\n]{12,250}\Z)")
_SIGNS = {code: None for code in range(128) if not chr(code).isalnum()}


def mark_title(page: Page, lines: list[Line], known: str | None) -> None:
    """Find the title, with the help of the one that is known, and its repetitions; before it all is boilerplate."""
    text = page.text
    first = next((i for i, x in enumerate(lines) if x.kind is None and not _is_headline(text, lines, i)), len(lines))
    head = [x for x in lines[: min(first, 60)] if x.kind is None or x.ticker]
    wanted = _letters(fold(known)) if known else ""
    title = next((x for x in lines[: first + 3] if wanted and _says(page, x, wanted)), None)
    if title is None and first < len(lines):
        plain = [x for x in head if not x.ticker]
        title = _best_title(page, plain or [x for x in head if x.ticker][-1:], lines[first:], tickers=not plain)
    if title is not None:
        title.kind = "boilerplate" if _is_beginning(_joined(page, title), wanted) else "title"
        for line in lines:
            if line is title:
                break
            line.kind = "boilerplate"
    _mark_repetitions(page, lines, title, wanted)


def _is_headline(text: str, lines: list[Line], i: int) -> bool:
    """Whether a line could be a title; one that runs on into the next is prose broken by its layout."""
    after = lines[i + 1] if i + 1 < len(lines) else None
    runs_on = after is not None and after.kind is None and text[after.start].islower()
    return not runs_on and headline_like(text, lines[i])


def _best_title(page: Page, candidates: list[Line], rest: list[Line], *, tickers: bool) -> Line | None:
    """The first candidate that shares about as many words with the article as any of them does."""
    candidates = _without_site(page, candidates[-HEAD:])
    if len(candidates) == 1 and not tickers:
        return candidates[0]
    if not candidates:
        return None
    told = (line.end for line in reversed(rest) if line.kind is None and is_paragraph(page.text, line))
    end = next(told, rest[-1].end)  # below the last paragraph speaks the page
    known = _stems(page, rest[0].start, min(end, rest[0].start + 5000))
    repeated = [_is_repeated(page, line) for line in candidates]
    shares = [_share(page, line, known) + 0.5 * again for line, again in zip(candidates, repeated, strict=True)]
    best = max(shares)
    if tickers:
        return candidates[-1] if shares[-1] > TICKER else None
    fuller = [not (_is_cut(page, x, candidates) or _is_unaccented(page, x)) for x in candidates]
    near = [i for i, share in enumerate(shares) if share >= best / 2]
    near = [i for i in near if repeated[i]] or near
    found = next((i for i in near if fuller[i]), near[0])
    witty = fuller[0] and repeated[0] == repeated[1] if found == 1 else False
    if witty and _is_phrase(page.text[candidates[0].start : candidates[0].end]):
        found = 0  # a play on words, over a subtitle that says what the article is about
    return candidates[found]


def _share(page: Page, line: Line, known: set[str]) -> float:
    """The share of a line's words that the article knows, and a little more where it reads as a sentence does."""
    stems, piece = _stems(page, line.start, line.end), page.text[line.start : line.end]
    return len(stems & known) / max(len(stems), 2) + 0.05 * ((not piece.isascii()) + _is_phrase(piece))


def _is_repeated(page: Page, line: Line) -> bool:
    """Whether the article says the beginning of a line twice, as pages do with titles."""
    return line.end - line.start > AGAIN and page.plain.count(page.plain[line.start : line.start + AGAIN]) > 1


def _without_site(page: Page, candidates: list[Line]) -> list[Line]:
    """The candidates but those that only add the site's name, or a path, to another: "A » B » Le port rouvre"."""
    said = {_joined(page, line) for line in candidates}
    kept = []
    for line in candidates:
        if page.source and line.end - line.start <= 100 and _names(page, line) and len(candidates) > 1:
            continue  # "Le Courrier – L'actualité autrement"
        if len(candidates) > 1 and notices().menu.fullmatch(page.plain, line.start, line.end):
            continue  # "Chronique"
        named = _SITE.search(page.text, line.start, line.end)
        if (named is None or _letters(page.plain[line.start : named.start()]) not in said) and not (
            _is_crumb(page, line, said)
        ):
            kept.append(line)
    return kept


def _names(page: Page, line: Line) -> bool:
    """Whether a line begins with the name of who publishes, and a mark or the line's end after it."""
    end = line.start + len(page.source)
    following = page.text[end : line.end].lstrip()
    return page.plain.startswith(page.source, line.start) and (not following or following[0] in "-–—|:,•·")


def _is_crumb(page: Page, line: Line, said: Set[str]) -> bool:
    """Whether a line leads by separators to a title that also stands alone."""
    crumb = _CRUMB.search(page.text, line.start, line.end) if line.end - line.start <= 400 else None
    return crumb is not None and _letters(page.plain[crumb.end() : line.end]) in said


def _is_phrase(piece: str) -> bool:
    """Whether a line reads as words of one phrase, not as a menu, a name or a row of figures."""
    words = piece.split()
    small = sum(word[0].islower() for word in words)
    return len(words) > 2 and 2 * small > len(words) - 1 and not _APART.search(piece)


def _is_cut(page: Page, line: Line, others: Sequence[Line]) -> bool:
    """Whether another candidate says the same and more, or the same with its accents."""
    joined = _joined(page, line)
    if len(joined) < 12:
        return False
    ascii_ = page.text[line.start : line.end].isascii()
    for other in others:
        whole = _joined(page, other)
        if other is not line and whole.startswith(joined):
            accented = not page.text[other.start : other.end].isascii()
            if len(whole) > len(joined) or (ascii_ and accented):
                return True
    return False


def _mark_repetitions(page: Page, lines: list[Line], title: Line | None, wanted: str) -> None:
    """A title said twice, also cut off or without its accents, is boilerplate the second time."""
    others = [
        (i, line)
        for i, line in enumerate(lines)
        if line.kind is None
        and line.end - line.start <= 250
        and len(line.units) <= 3
        and (page.text[line.end - 1] not in ".;:," or page.text.endswith("..", line.start, line.end))
    ]
    said = {whole for whole in (wanted, _joined(page, title) if title is not None else "") if whole}
    if not others and not said:
        return
    for line in lines[:HEAD]:
        start, end = line.units[0]
        cut = page.text[end - 1] == "…" or page.text.endswith("...", start, end)
        if cut and line.kind is None and len(line.units) > 1 and line.notices:
            # "Le titre repete et co... Le premier paragraphe": glued in front of the article's first words
            line.notices[0] |= any(_is_beginning(_letters(page.plain[start:end]), whole) for whole in said)
    seen: set[str] = set()
    for i, line in others:
        joined = _joined(page, line) if said or len(others) > 1 else ""
        near = i < HEAD or i >= len(lines) - HEAD
        again = len(joined) >= 12 and (joined in seen or (near and any(whole.startswith(joined) for whole in said)))
        if again or (i < HEAD and _is_unaccented(page, line)) or (said and _is_crumb(page, line, said)):
            line.kind = "boilerplate"
        seen.add(joined)


_TYPOGRAPHY = dict.fromkeys(
    map(ord, "…’‘«»“”–—\xa0\u202f"), " "
)  # a line cut off ends in "…" and is plain all the same


def _is_unaccented(page: Page, line: Line) -> bool:
    """Whether a line writes without accents what the article writes with them."""
    piece = page.text[line.start : line.end]
    if not piece.translate(_TYPOGRAPHY).isascii():
        return False
    words = _WORDS.findall(page.plain, line.start, line.end)
    if len(words) < 4:
        return False
    text = page.text[:20000]
    accented = set(_WORDS.findall(plain_copy(" ".join(word for word in text.split() if not word.isascii()))))
    if sum(word in accented for word in words) < 2:
        return False
    plain = set(_WORDS.findall(text.replace(piece, " ").lower()))
    return sum(word in accented and word not in plain for word in words) >= 2


def _is_beginning(joined: str, whole: str) -> bool:
    """Whether one text is the other, cut off."""
    return 12 <= len(joined) < len(whole) and whole.startswith(joined)


def _says(page: Page, line: Line, wanted: str) -> bool:
    return line.end - line.start >= len(wanted) and _joined(page, line) == wanted


def _joined(page: Page, line: Line) -> str:
    return _letters(page.plain[line.start : line.end])


def _letters(plain: str) -> str:
    return plain.translate(_SIGNS) if plain.isascii() else "".join(filter(str.isalnum, plain))  # the first is faster


def _stems(page: Page, start: int, end: int) -> set[str]:
    return {word[:6] for word in _WORDS.findall(page.plain, start, end) if len(word) > 3}
