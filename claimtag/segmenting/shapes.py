"""What the shape of a line shows: credits, menus, dates, bylines, signatures, datelines, captions, headings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from claimtag.segmenting.credits import CAPTION, is_credited, is_signature
from claimtag.segmenting.lines import PAGE, Line, headline_like
from claimtag.segmenting.notices import Page, has_verb, is_notice, notices, says_notice
from claimtag.segmenting.phrases import tree
from claimtag.segmenting.plain import count_words, is_stopped
from claimtag.segmenting.signals import is_inflected

LONG = 600  # characters beyond which no line is boilerplate by its shape
_ODD = re.compile(r"[|·•›→></©℗(\[@#]")
_ARROW = re.compile(r"[←►▶→➜➤>👉↪☛☞✉☎📲📩🔴➡]")
_LINKED = re.compile(r"https?://|www\.|\bpic\.\w|(?<!\w)@\w", re.IGNORECASE)
_CREDIT = re.compile(r"©|℗|\((?:c\)[^\S\n]?[A-Z]|(?:photo|photos|crédit|crédits)\b)", re.IGNORECASE)
_PARTS = re.compile(r"[^\S\n]*(?:[|·•›→]|[^\S\n]>{1,2}|[^\S\n]/)[^\S\n]+")
_DASHED = re.compile(r"[^\S\n](?:[–—/-])[^\S\n]")
_DASH = re.compile(r"[–—/-](?=\s|\Z)")
_NAMED = re.compile(
    r"— ?@?(?:[A-ZÀ-Þ][\w.'’-]+[ ,]+(?:(?:de|du|des|d'|van|von|ben|el|al|le|la) ?)*[A-ZÀ-Þ]|[A-ZÀ-Þ]{2,}|[A-ZÀ-Þ][\w'’-]+(?:,|\Z))"
)
_SIGNED = re.compile(r"(?:[—–]|--?)[^\S\n]*(?=[^\W\d_a-zß-öø-ÿ]|@)")
_LONGER = re.compile(r"\w\w|[A-Z]\.")
_NUMBERED = re.compile(r"\d+[.)]")
_ENDED = re.compile(r"[.!?…]\W*\Z")
_DESK = re.compile(r"[a-z]{1,4}(?:[/-][a-z]{1,5})*/[a-z]{1,5}(?:[/-][a-z]{1,5})*\.?")
_BRACKETED = re.compile(r"[\[<][^\]>\n]+[\]>]\.?|\([^\W\d_][^)\n]{0,30}\)\.?")
_CAPITALS = r"[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ'’-]{2,}(?:[ -][A-ZÀ-ÖØ-Þ'’-]{2,}){0,3}"
# "(Liège) –", "ALGER - (APS)", "OUJDA/", "GAND.", "Goma le 3 mai 2023./-"
_UNDATED = re.compile(
    rf"(?:\([^\W\d_][^()\n]{{1,30}}\)[^\S\n]*[–—-]+|{_CAPITALS}[^\S\n]*[–—-][^\S\n]*\([^()\n]{{2,20}}\)|{_CAPITALS}[./]-?"
    r"|[^\W\d_][^.\n]{1,60}\./-)(?=\s)"
)
_SIZED = re.compile(r"\(\D{0,12}\d+(?:[.,]\d+)?[^\S\n]?[KMGkmg][ob]\)\Z")  # "Télécharger (3,9 Mo)"
_SLUG = re.compile(r"[A-Z]{2,5}\d{3,5}(?: [A-Z\d][A-Z\d/-]*)+")  # an agency's: "AGC0412 4 I 0311 PORT/GAND"
_MEDIUM = re.compile(r"\[(?:VIDÉOS?|VIDEOS?|PHOTOS?|AUDIO|PODCAST|DIAPORAMA|EN IMAGES|INFOGRAPHIE)\]")
_REPORTER = re.compile(
    r"(?:Reportage|Correspondance|Récit|Enquête) (?:à|au|aux|en|dans|de) [^,\n]{2,40}, [A-ZÀ-Þ][\w-]+(?: [A-ZÀ-Þ][\w'’-]+){1,2}"
)
_DATE_BESIDE = re.compile(r",[^\S\n]+(?=[Pp]ar\b)|[^\S\n]+[–—-][^\S\n]+")
_ONLY_LINKS = re.compile(
    r"(?:(?:https?://|www\.|pic\.)\S+|[@#]\w\S*|[\w.+-]+@[\w-]+\.[\w.-]+|[\s:|,;•·–—-])+", re.IGNORECASE
)

_PLACED = re.compile(r"[A-ZÀ-Þ][\w'’-]+(?:[ -][A-ZÀ-Þ][\w'’-]+){0,2}(?: \([^()\n]{2,30}\))?, le (?=\d|[a-z]+ \d)")
_WORDS = re.compile(r"[^\W\d_]+")
_FOLIO = re.compile(r"(?:.*\b[nN][°º]\s?\d+\W{1,4})?\W*(?:[pP]age|p\.)\s?\d+\W*")


def is_shaped(page: Page, line: Line, before: Line | None, *, early: bool = False) -> bool:
    """Whether the shape of a line shows boilerplate: credits, menus, dates, signatures, links, bracketed notices."""
    start, end = line.start, line.end
    if end - start > LONG:
        return False
    piece = page.text[start:end]
    if end - start <= CAPTION and (
        is_signature(piece)
        or (page.source and _is_running_head(page, start, end))
        or (len(line.units) < 3 and is_credited(page, start, end))
    ):
        return True
    odd = _ODD.search(piece) is not None or "www." in piece or "pic." in piece
    if end - start > LONG // 4 and not odd:
        return False
    stopped = is_stopped(piece)
    if odd and _oddly_shaped(page, line, early=early or before is None, stopped=stopped):
        return True
    if (
        _SIGNED.match(piece)
        and count_words(piece) <= 25
        and (_LINKED.search(piece) or _signature(page.text, piece, before))
    ):
        return True
    if end - start < 40 and not _LONGER.search(piece) and count_words(piece) > 2:
        return True  # "— o — O — o —"
    if (not stopped and (piece[-1] in "→►▶" or (_ARROW.match(piece) and not _listed(page, before)))) or _DESK.fullmatch(
        piece
    ):
        return True
    if not stopped and (_SIZED.search(piece) or _SLUG.fullmatch(piece) or _REPORTER.fullmatch(piece)):
        return True
    if _DASH.search(piece) and _is_dashed(piece, stopped=stopped):
        return True
    words = count_words(piece) if not stopped else 99
    row = notices().menu if words > 2 else notices().buttons  # a section's name may be a heading
    buttons = words <= 16 and row.fullmatch(page.plain, start, end) is not None
    return (
        buttons
        or is_date(page, start, end)
        or _is_folio(page.text, start, end)
        or _is_byline(page, line, stopped=stopped)
    )


def _oddly_shaped(page: Page, line: Line, *, early: bool, stopped: bool) -> bool:
    """The shapes that need a separator, a bracket, a link or a sign of copyright."""
    start, end = line.start, line.end
    piece = page.text[start:end]
    if only_links(page.text, start, end):
        return True
    words = count_words(piece)
    if words <= 40 and _CREDIT.search(piece) and not (stopped and has_verb(piece)):
        return True
    if PAGE.fullmatch(piece) or (not stopped and not early and _MEDIUM.match(piece)):
        return True
    if _BRACKETED.fullmatch(piece) and (piece[0] == "<" or is_notice(page, start + 1, end - 1, threshold=1)):
        return True
    if words <= 14 and not stopped and _LINKED.search(piece) and not has_verb(piece):
        return True
    parts = [] if stopped or piece[0] in "•·→" else _PARTS.split(piece)
    return len(parts) > 1 and _is_menu(parts)


def _is_dashed(piece: str, *, stopped: bool) -> bool:
    """Notices between dashes ("Facebook - Twitter"), or a short line that ends in one."""
    words, parts = count_words(piece), _DASHED.split(piece)
    if len(parts) == 1 or words > 20:
        return False
    return all(map(says_notice, parts)) or (words <= 9 and not stopped and says_notice(parts[-1]))


def only_links(text: str, start: int, end: int) -> bool:
    return _ONLY_LINKS.fullmatch(text, start, end) is not None


def _listed(page: Page, before: Line | None) -> bool:
    """Whether a line goes on with a list of the article's own, announced by a colon."""
    return before is not None and before.kind is None and page.text[before.end - 1] in ":;"


def _signature(text: str, piece: str, before: Line | None) -> bool:
    """A dash and a name under a quotation ("— Nom, fonction"), not a dialogue's or a list's dash."""
    quoted = before is not None and text[before.end - 1] in "»”\"'’"
    spoken = before is not None and before.kind is None and text[before.start] in "—–"  # one of several in a dialogue
    named = piece[-1] not in ";:?!," and (
        quoted or (piece[0] == "—" and not spoken and _NAMED.match(piece) is not None)
    )
    return named and count_words(piece) <= 16 and not has_verb(piece)


def _is_menu(parts: Sequence[str]) -> bool:
    """Short parts between separators: "Accueil > Monde > Maroc", "Partager | Imprimer", those that lead to a title."""
    counts = [len(part.split()) for part in parts]
    if len(parts) > 3 and max(counts[:-1]) <= 2 and max(counts) <= 25:
        return True  # "Site > Actualité > Monde > Le port rouvre"
    if any(says_notice(part) for part in parts if part) and max(counts) <= 12:
        return True
    return max(counts) <= 3 and (len(parts) > 2 or sum(counts) <= 4)


def is_date(page: Page, start: int, end: int) -> bool:
    """A line of nothing but a date and what goes with it: "Mardi 12 mars 2024 à 10h02"."""
    piece = page.plain[start:end]
    if len(piece) > 80 or not any(map(str.isdigit, piece)):
        return False
    words = re.findall(r"[^\W\d_]+", piece)
    if not words:
        return (
            re.fullmatch(
                r"\W*\d{1,4}([/.:-])\d{1,2}(\1\d{1,4})?\W.*|\W*\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\W*|\d{1,2}:\d\d(?::\d\d)?",
                piece,
            )
            is not None
        )
    lexicons = notices()
    placed = _PLACED.match(page.text, start, end)
    if placed:  # "Bruxelles, le 21 juillet 2017"
        words = re.findall(r"[^\W\d_]+", page.plain[placed.end() : end])
    return all(word in lexicons.dates for word in words) and (
        any(word in lexicons.months for word in words) or len(words) <= 6
    )


def _is_folio(text: str, start: int, end: int) -> bool:
    """The number of an issue, or of a page in print: "L'HEBDO – n° 7 – page 12"."""
    return end - start <= 80 and _FOLIO.fullmatch(text, start, end) is not None


def _is_running_head(page: Page, start: int, end: int) -> bool:
    """The name of who publishes, alone or with a date, a section, a number: "LE COURRIER – mardi 3 mai – page 4"."""
    name = _words(page.source)
    if (
        end - start > 100
        or not name
        or not (page.plain.startswith(name[0][:2], start) or page.plain.find(name[0], start, end) >= 0)
    ):
        return False
    said = _WORDS.findall(page.plain, start, end)
    if "".join(said) in ("".join(name), "".join(name[:-1])):  # "lesoir.example" is "Le Soir"
        return True
    if len(said) <= len(name) or not _holds(said, name) or is_stopped(page.text[start:end]):
        return False
    known = notices()
    rest = " ".join(word for word in said if word not in name and word not in known.dates)
    return not rest or known.menu.fullmatch(rest) is not None


@lru_cache(maxsize=1000)
def _words(name: str) -> list[str]:
    return _WORDS.findall(name)


def _holds(words: Sequence[str], name: Sequence[str]) -> bool:
    """Whether the words hold those of a name, one after the other."""
    return any(words[i : i + len(name)] == name for i in range(len(words) - len(name) + 1))


def _is_byline(page: Page, line: Line, *, stopped: bool) -> bool:
    text = page.text
    start, end = line.start, line.end
    beside = _DATE_BESIDE.search(text, start, end) if end - start <= 100 and not stopped else None
    if beside and is_date(page, start, beside.start()):
        start = beside.end()  # "27 juin 2013, par J. D."
    elif beside and is_date(page, beside.end(), end):
        end = beside.start()  # "par J. D. – il y a 3 mois"
    by = notices().by.match(page.plain, start, end)
    piece = text[start:end]
    if by is None and not stopped and (comma := piece.rfind(",")) > 0 and count_words(piece) <= 10:
        by = notices().by.match(page.plain, start + comma + 2, end)  # "Analyse de la semaine, par J. D."
    if by is None or (words := count_words(piece)) > 16 or has_verb(piece):
        return False
    name = text[by.end() : end].lstrip()
    ours = re.match(r"(?:notre|nos|la rédaction)\b", name) is not None
    return bool(name) and (ours or (name[0].isupper() and (not stopped or words <= 8) and ":" not in name))


def is_paragraph(text: str, line: Line) -> bool:
    if len(line.units) > 1:
        return True
    piece = text[line.start : line.end]
    words = count_words(piece)
    return words > 25 or (is_stopped(piece) and (words > 10 or has_verb(piece) or (words > 4 and is_inflected(piece))))


def is_caption(text: str, line: Line) -> bool:
    """A short line with a full stop and no verb."""
    if len(line.units) > 1 or text[line.end - 1] != ".":
        return False
    piece = text[line.start : line.end]
    return count_words(piece) <= 10 and not has_verb(piece)


def is_heading(text: str, line: Line) -> bool:
    piece = text[line.start : line.end]
    if len(line.units) > 1 or len(piece) > 110 or _NUMBERED.match(piece) or not headline_like(text, line):
        return False
    return len(piece) <= 60 if piece[-1] == "?" else not _ENDED.search(piece)


def dateline(page: Page, start: int, end: int, *, early: bool) -> int:
    """Where the dateline at the front of a line ends, its dash included; 0 where there is none."""
    stop = min(end, start + 120)
    if early and (other := _UNDATED.match(page.text, start, stop)) and _begins_sentence(page.text, other.end(), end):
        return other.end()
    match = _dateline_pattern().match(page.plain, start, stop) if _DASH.search(page.plain, start, stop) else None
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


def _begins_sentence(text: str, at: int, end: int) -> bool:
    following = text[at : at + 3].lstrip()
    return end > at + 40 and (following[0].isupper() or following[0] in '«“"0123456789')


@cache
def _dateline_pattern() -> re.Pattern[str]:
    day = r"(?:1er|\d{1,2})[^\S\n]+" + tree(sorted(notices().months)) + r"\.?(?:[^\S\n]+\d{4})?"
    place = r"(?P<place>[^\W\d_][\w'’.\-]*+(?:[ \xa0/][\w'’.\-]+){0,4}?)(?:[ \xa0]\([^()\n]{2,30}\)(?=,))?"
    agency = r"(?:[^\S\n]*\([^()\n]{1,40}\))"
    dated = rf"(?:,?[^\S\n]+(?:le[^\S\n]+)?(?P<day>{day})[^–—\n().]{{0,30}})"
    return re.compile(
        rf"(?:(?P<date>{day}(?:,[^–—\n]{{0,40}}?)?)|{place}(?:,[^,\n]{{2,30}}?)??{dated}?(?P<agency>{agency})?)"
        rf"{agency}?\.?[^\S\n]*(?:[–—]|--?)(?=[^\S\n]|\Z|\n)"
    )


def _is_place(place: str) -> bool:
    words = place.split()
    return len(words) <= 3 and all(word[0].isupper() or len(word) <= 3 for word in words)
