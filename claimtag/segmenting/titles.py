"""Which line of an article is its title, and which lines only repeat it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from claimtag.records import Article
from claimtag.segmenting.lines import Line, headline_like
from claimtag.segmenting.notices import fold

HEAD = 12  # lines at the front of an article that are compared with one another as titles
_WORDS = re.compile(r"[^\W_]+")


def mark_title(article: Article, lines: list[Line]) -> None:
    """Find the title and its repetitions; what stands before it is boilerplate."""
    text = article.text
    first = next((i for i, x in enumerate(lines) if x.kind is None and not headline_like(text, x)), len(lines))
    head = [x for x in lines[: min(first, 60)] if x.kind is None or x.ticker]
    wanted = _joined(article.title) if article.title else ""
    title = next((x for x in lines[: first + 3] if wanted and _joined(text[x.start : x.end]) == wanted), None)
    if title is None and first < len(lines):
        plain = [x for x in head if not x.ticker]
        title = _best_title(text, plain or [x for x in head if x.ticker][-1:], lines[first:], tickers=not plain)
    if title is not None:
        title.kind = "title"
        for line in lines:
            if line is title:
                break
            line.kind = "boilerplate"
    _mark_repetitions(text, lines, title, wanted)


def _best_title(text: str, candidates: list[Line], rest: list[Line], *, tickers: bool) -> Line | None:
    """The first candidate that shares about as many words with the article as any of them does."""
    candidates = candidates[-HEAD:]
    if len(candidates) == 1 and not tickers:
        return candidates[0]
    if not candidates:
        return None
    known = _stems(text[rest[0].start : min(rest[-1].end, rest[0].start + 5000)])
    shares = []
    for line in candidates:
        stems = _stems(text[line.start : line.end])
        accented = not text[line.start : line.end].isascii()
        shares.append(len(stems & known) / max(len(stems), 2) + 0.05 * accented)
    best = max(shares)
    if tickers:
        return candidates[0] if best > 0.6 else None
    fuller = [not (_is_cut(text, x, candidates) or _is_unaccented(text, text[x.start : x.end])) for x in candidates]
    return next(
        x
        for x, share, full in zip(candidates, shares, fuller, strict=True)
        if share >= best / 2 and (full or not any(fuller))
    )


def _is_cut(text: str, line: Line, others: Sequence[Line]) -> bool:
    """Whether another candidate says the same and more, or the same with its accents."""
    piece = text[line.start : line.end]
    joined = _joined(piece)
    for other in others:
        whole = text[other.start : other.end]
        if other is not line and len(joined) >= 12 and _joined(whole).startswith(joined):
            fuller = len(_joined(whole)) > len(joined) or (piece.isascii() and not whole.isascii())
            if fuller:
                return True
    return False


def _mark_repetitions(text: str, lines: list[Line], title: Line | None, wanted: str) -> None:
    """A title said twice, also cut off or without its accents, is boilerplate the second time."""
    said = {wanted} if wanted and title is not None else set()
    if title is not None:
        said.add(_joined(text[title.start : title.end]))
    seen: set[str] = set()
    for i, line in enumerate(lines):
        if line is title or line.kind is not None or line.end - line.start > 250 or len(line.units) > 3:
            continue
        piece = text[line.start : line.end]
        if piece[-1] in ".;:," and not piece.endswith(".."):
            continue
        joined = _joined(piece)
        near = i < HEAD or i >= len(lines) - HEAD
        again = len(joined) >= 12 and (joined in seen or (near and any(whole.startswith(joined) for whole in said)))
        if again or (i < HEAD and _is_unaccented(text, piece)):
            line.kind = "boilerplate"
        seen.add(joined)


def _is_unaccented(text: str, piece: str) -> bool:
    """Whether a line writes without accents what the article writes with them."""
    words = [word.lower() for word in _WORDS.findall(piece)]
    if not piece.isascii() or len(words) < 4:
        return False
    plain, accented = set(), set()
    for word in _WORDS.findall(text[:20000].replace(piece, " ").lower()):
        if word.isascii():
            plain.add(word)
        else:
            accented.add(fold(word))
    return sum(word in accented and word not in plain for word in words) >= 2


def _joined(piece: str) -> str:
    return "".join(_WORDS.findall(fold(piece)))


def _stems(piece: str) -> set[str]:
    return {word[:6] for word in _WORDS.findall(fold(piece)) if len(word) > 3}
