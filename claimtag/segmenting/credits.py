"""What captions, credits and signatures look like: who took a picture, who wrote, and an agency's codes."""

from __future__ import annotations

import re
from functools import cache

from claimtag.segmenting.notices import Page, has_verb, holds_any
from claimtag.segmenting.phrases import phrases_of, tree

CAPTION = 220  # characters of a line that may be a caption with its credit

_JOINED = r"(?:[^\S\n]*(?:[,/&+–-]|\b(?:et|avec|en|and|y|met)\b)){1,2}[^\S\n]*"
_INITIALS = r"(?:[A-ZÀ-Þ][a-zß-öø-ÿ]{0,2}\.[^\S\n-]?-?){2,4}"
_AGENCY = r"[A-ZÀ-Þ][\w.]{1,9}"
_PERSON = r"(?!M\.|Me\b|Dr\b)(?:[A-ZÀ-Þ][a-zß-öø-ÿ]?\.-?[^\S\n]?){1,3}(?:(?:de|du|van|von|den|der|el|al|ben)[^\S\n])*[A-ZÀ-Þ][\w'’-]+"
# "J. La. et Ma. Du.", "(Q.H., avec Belga)"
_SIGNED = (
    rf"[(\[]?(?:{_INITIALS}|{_PERSON})(?:{_JOINED}(?:{_PERSON}|{_INITIALS}|{_AGENCY}))*+[^\S\n]*(?:\(st\.?\))?[)\]]?\.?"
)
_CODES = r"[A-Z]{2,4}/?[^\S\n]*[—–-]+[^\S\n]*[A-Z]{2,4}\.?"  # "LR/ — BI."
# "CRABV 54 PLEN 211"
_NUMBERS = r"(?=[^\n]*[A-Z])(?=[^\n]*\d)(?=[^\n]*\d\D+\d)[A-Z\d]+(?:[ /.-][A-Z\d]+){2,}"
_TAKEN = re.compile(rf"[.!?»][^\S\n]+{_PERSON}\Z")  # "Le port, mardi. I. Salaberry"
_SIGNATURE = re.compile(f"{_SIGNED}|{_CODES}|{_NUMBERS}")
_GLUED = re.compile(r"[a-zß-öø-ÿ\d)]\.[A-ZÀ-Þ]{3,}(?:[ -][A-ZÀ-Þ]{2,}){1,3}\Z")  # "… de Melilla.FRANCISCO REDONDO"


def is_signature(piece: str) -> bool:
    """Whether a line is nothing but initials, an agency's codes, or the number of a document.

    >>> lines = "J. La. et Ma. Du.", "Q. H.", "062/090/TRD", "LR/ — BI.", "M. Idrissi", "COP 22"
    >>> [is_signature(line) for line in lines]
    [True, True, True, True, False, False]
    """
    return len(piece) <= 60 and not piece[0].islower() and _SIGNATURE.fullmatch(piece) is not None


def is_credited(page: Page, start: int, end: int) -> bool:
    """Whether a line ends in the credit of a picture, and so is its caption."""
    if end - start > CAPTION:
        return False
    near = max(start, end - 90)
    if page.text[end - 1].isupper() and _GLUED.search(page.text, near, end):
        return True
    if _TAKEN.search(page.text, near, end) and not has_verb(page.text[start:end]):
        return True
    if not page.credits or not holds_any(page, page.credits, near, end):
        return False
    marked, agencies = _credits()
    if credit := marked.search(page.plain, near, end):
        return credit["name"] is None or page.text[credit.start("name")].isupper()  # "Il rit. Photo de famille."
    # looked for only at a slash or a comma, since the names of agencies may begin anywhere
    joined = page.plain.find("/", near, end) >= 0 or page.plain.find(",", near, end) >= 0
    return joined and agencies.search(page.plain, near, end) is not None


def is_name(piece: str) -> bool:
    """Whether a line could be nothing but a person's name.

    >>> is_name("Fanny Delstanche"), is_name("Le port"), is_name("Fanny")
    (True, False, False)
    """
    words = piece.split()
    return (
        2 <= len(words) <= 4
        and all(word[0].isupper() for word in words)
        and piece.replace(" ", "").replace("-", "").isalpha()
    )


@cache
def _credits() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A credit at the end of a line: "… – D.R.", "… / Photo X", "… Crédit : X"; "REUTERS/X", "… (X/AFP)"."""
    sort, agency = tree(phrases_of("credits")), tree(phrases_of("agencies"))
    apart = r"(?:[.!?»…)][^\S\n]+|[^\S\n][–—|/][^\S\n]+|[(|/][^\S\n]*)"
    name = r"[\w'&-][\w .,'/&:-]{1,50}"
    return (
        re.compile(
            rf"{apart}(?:{sort}\.?(?:[^\S\n]*[:/©,-][^\S\n]*{name}|[^\S\n]+(?P<name>{name}))[)\]]?\.?"
            rf"|(?:d\.[^\S\n]?r\.?|dr|ldd|archives?|(?:photos?|images?) d'(?:archives?|illustration))[)\]]?\.?)\Z"
        ),
        re.compile(
            rf"\b(?:{agency})[^\S\n]?/[^\S\n]?{name}[)\]]?\.?\Z"
            rf"|[–—|/(.][^\S\n]*(?:par[^\S\n]+)?{name}[^\S\n]?[/,][^\S\n]?(?:{agency})[)\]]?\.?\Z"
        ),
    )
