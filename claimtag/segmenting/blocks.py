"""The lines of an article → what each is: title, heading, body or boilerplate.

Three kinds of evidence: the words of a line (`notices`), its shape (`shapes`: length, final mark, separators, links,
credits), and its place (`titles`: before the title, a repetition of it; here: between title and first paragraph, after
the last one, under "Sur le même sujet"). A line that shows none of them is body.
"""

from __future__ import annotations

import re
from itertools import pairwise

from claimtag.records import Article
from claimtag.segmenting.credits import is_name
from claimtag.segmenting.lines import Line, headline_like, is_post_signature, split
from claimtag.segmenting.notices import NOTICE, Page, introduces_link, is_link_list, is_notice, notices, page, points
from claimtag.segmenting.plain import count_words, is_stopped
from claimtag.segmenting.sentences import sentences
from claimtag.segmenting.shapes import (
    LONG,
    dateline,
    is_caption,
    is_date,
    is_heading,
    is_paragraph,
    is_shaped,
    only_links,
)
from claimtag.segmenting.signals import is_inflected, is_item, weigh
from claimtag.segmenting.titles import mark_title

_ORDER = re.compile(r"(?!Chez|Assez)[A-Z]\w{2,}ez\b")  # a caption does not begin with an imperative


def lines_of(article: Article) -> list[Line]:
    """The lines of an article that hold anything, each of a kind; the units of a line are its sentences."""
    whole = page(article.text, article.source)
    lines = split(whole, article.lang)
    early = True  # until the first paragraph
    for i, line in enumerate(lines):
        _mark_words(whole, line, lines[i - 1] if i else None, article.lang, early=early)
        early = early and (line.kind is not None or headline_like(article.text, line))
    _keep_echoed(whole, lines)
    _keep_posts(whole, lines)
    _mark_link_lists(whole, lines)
    mark_title(whole, lines, article.title)
    if len(lines) == 1 and lines[0].kind is None:  # a headline alone, as feeds have it, is no menu
        lines[0].kind = "body"
    weigh(whole, lines, article.lang)
    _mark_rest(whole, lines)
    _mark_edges(whole, lines)
    _mark_headings(article.text, lines)
    return lines


def _mark_words(page: Page, line: Line, before: Line | None, lang: str | None, *, early: bool) -> None:
    """Set the kind of a line that its own words and shape show to be boilerplate, and mark its notices."""
    text = page.text
    start, end = line.start, line.end
    if (
        line.ticker
        or not (text[start].isalnum() or any(map(str.isalnum, text[start:end])))
        or is_shaped(page, line, before, early=early)
        or introduces_link(page, start, end)
    ):
        line.kind = "boilerplate"
        return
    dated = dateline(page, start, end, early=early)
    if dated and is_notice(page, start, dated):
        dated = 0  # "À LIRE AUSSI — …"
    if dated:
        line.units = [(start, dated), *sentences(text, dated, end, lang=lang)]
    line.notices = [is_notice(page, a, b) or only_links(text, a, b) for a, b in line.units]
    if dated:
        line.notices[0] = True
        if is_date(page, dated, end):  # "J. D. – 3 mai 2021 à 10h02"
            line.notices = [True] * len(line.units)
    marked = sum(line.notices)
    if marked and not dated and marked < len(line.units):
        rest = [bounds for bounds, marked_ in zip(line.units, line.notices, strict=True) if not marked_]
        told = any(
            text[b - 1] == "." and is_inflected(text[a:b]) and not _addresses(page, a, b)
            for a, b in rest
            if b - a <= 60
        )
        if not told and all(_minor(page, a, b) for a, b in rest):
            marked = len(line.units)
    if marked == len(line.units):
        line.kind = "boilerplate"


def _minor(page: Page, start: int, end: int) -> bool:
    """Whether a sentence beside a notice goes with it: a question to the reader, buttons, or speech to the reader."""
    text = page.text
    if end - start > 200:
        return False
    piece = text[start:end]
    count = count_words(piece)
    addressed = count <= 12 and _addresses(page, start, end)
    return (
        addressed
        or count <= 4
        or not is_stopped(piece)
        or points(page, start, end) > 0
        or (piece[-1] == "?" and count <= 8)
    )


def _addresses(page: Page, start: int, end: int) -> bool:
    return notices().speakers.search(page.plain, start, end) is not None


def _keep_echoed(page: Page, lines: list[Line]) -> None:
    """A button's word alone over a paragraph that takes it up is the paragraph's heading: "Contact", "Le contact …"."""
    for before, line, after in zip(lines, lines[1:], lines[2:], strict=False):
        if line.kind == "boilerplate" and after.kind is None and before.kind is None and line.end - line.start <= 20:
            word = page.plain[line.start : line.end]
            if word.isalpha() and word in page.plain[after.start : after.start + 40].replace(",", " ").split()[:3]:
                line.kind, line.notices = None, [False] * len(line.units)


def _keep_posts(page: Page, lines: list[Line]) -> None:
    """What stands over the signature of a post is what the post says, though it may speak as a page does."""
    for line, after in pairwise(lines):
        if is_post_signature(page.text, after) and not only_links(page.text, line.start, line.end):
            shaped = line.kind == "boilerplate" and not any(line.notices)
            if not shaped and is_stopped(page.text[line.start : line.end]):
                line.kind, line.notices = "body", [False] * len(line.units)


def _mark_rest(page: Page, lines: list[Line]) -> None:
    """A line amid or behind boilerplate that begins with a notice goes with it: "Copyright X. Reprise possible …"."""
    behind = True
    for i in range(len(lines) - 1, -1, -1):
        line = lines[i]
        amid = behind or (lines[i + 1].kind == "boilerplate" and i > 0 and lines[i - 1].kind == "boilerplate")
        if amid and line.kind is None and line.end - line.units[0][1] <= LONG // 4 and is_notice(page, *line.units[0]):
            line.kind = "boilerplate"
        behind = behind and line.kind == "boilerplate"


def _mark_link_lists(page: Page, lines: list[Line]) -> None:
    """The titles under "Sur le même sujet" are links, up to the next paragraph."""
    text = page.text
    opened, headed = -1, True
    for i, line in enumerate(lines):
        headed = headed and (line.kind is not None or headline_like(text, line))
        if line.kind == "boilerplate":
            if is_link_list(page, line.start, line.end):
                opened = i
            elif headed:
                opened = -1  # in front of the article the next headline may be its title
        elif opened >= 0:
            if not headline_like(text, line) or i - opened > 12 or text[line.start] in "«“":
                opened = -1
            elif line.blank and i - opened > 1 and not lines[opened + 1].blank:
                opened = -1  # the links stood together
            elif line.blank and i - opened > 1 and i + 1 < len(lines) and not headline_like(text, lines[i + 1]):
                opened = -1  # the heading of the paragraph after it
            else:
                line.kind, line.ticker = "boilerplate", headed  # in front of the article the last may be its title


def _mark_edges(page: Page, lines: list[Line]) -> None:
    """Short lines after the last paragraph, and captions between the title and the first one."""
    text = page.text
    bodies = (i for i, line in enumerate(lines) if line.kind is None and is_paragraph(text, line))
    first = next(bodies, None)
    if first is None:
        return
    last = next(i for i in range(len(lines) - 1, -1, -1) if lines[i].kind is None and is_paragraph(text, lines[i]))
    listed = False  # what a colon announces is the article's own
    for i in range(last + 1, len(lines)):
        listed = listed or text[lines[i - 1].end - 1] == ":"
        listed = listed and lines[i].kind is None
        runs_on = i + 1 < len(lines) and text[lines[i + 1].start].islower()
        if lines[i].kind is None and not listed and not runs_on and not is_item(text, lines[i]):
            beside = "boilerplate" in (lines[i - 1].kind, lines[i + 1].kind if i + 1 < len(lines) else None)
            _mark_last(text, lines[i], beside=beside)
    for i in range(len(lines) - 1, -1, -1):  # from the end to the first line that is none of this
        line = lines[i]
        appeal = text[line.end - 1] in "!>»" and line.end - line.start < 250
        if line.kind is None and appeal and points(page, line.start, line.end) >= NOTICE - 1:
            line.kind = "boilerplate"
        if line.kind != "boilerplate":
            break
    for i in range(first):
        if lines[i].kind is None and is_name(text[lines[i].start : lines[i].end]):
            lines[i].kind = "boilerplate"
    trailing = next((i for i in range(len(lines) - 1, -1, -1) if not _is_last_caption(text, lines[i])), -1) + 1
    for i in range(max(trailing, 1), len(lines)):
        if lines[i - 1].kind == "boilerplate" or re.search(r"\d{4}\.\Z", text[lines[i].start : lines[i].end]):
            lines[i].kind = "boilerplate"
    dated = first > 0 and lines[first - 1].kind is None and lines[first].notices[:1] == [True]
    if dated and _is_last_caption(text, lines[first - 1]):
        lines[first - 1].kind = "boilerplate"  # between the title and the dateline


def _is_last_caption(text: str, line: Line) -> bool:
    """A caption under the article: a short line with a full stop that is no sentence."""
    piece = text[line.start : line.end]
    return line.kind is None and is_caption(text, line) and not is_inflected(piece) and not _ORDER.match(piece)


def _mark_last(text: str, line: Line, *, beside: bool) -> None:
    """A short line without a final mark is none of the article's when it stands after the last paragraph."""
    piece = text[line.start : line.end]
    if len(line.units) > 1 or is_stopped(piece) or piece[0] in "-–•*" or piece[-1] in ":;,":
        return
    if not is_inflected(piece) or (beside and count_words(piece) <= 14):
        line.kind = "boilerplate"


def _mark_headings(text: str, lines: list[Line]) -> None:
    backwards = range(len(lines) - 1, -1, -1)
    last = next((i for i in backwards if lines[i].kind is None and not headline_like(text, lines[i])), -1)
    for i, line in enumerate(lines):
        if line.kind is None:
            line.kind = "heading" if i < last and is_heading(text, line) else "body"
