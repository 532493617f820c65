"""Dates as the press writes them → ISO 8601, or nothing: a date is never guessed."""

from __future__ import annotations

import datetime
import re
from functools import lru_cache

_LONGEST = 100  # characters; a longer string is a sentence, and dateparser's time grows with it
_ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_NUMBERS = re.compile(r"(?<!\d)(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?!\d)")
_WORDS = re.compile(r"(?<!\d)\d{1,2}\S{0,3}(?:\s+[^\W\d]+[.,]?){1,3}\s+\d{4}(?!\d)")  # in "Publié le 3 mai 2018"
_TIME = re.compile(
    r"T?(?<!\d)\d{1,2}\s?[h:]\s?(?:\d{2}(?!\d))?(?::\d{2})?(?:[.,]\d+)?(?:\s?[ap]\.?m\b\.?)?(?:Z|\s?(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?)?",
    re.I,
)
_SETTINGS = {
    "PARSERS": ["absolute-time"],  # never relative to today: the same input gives the same output tomorrow
    "STRICT_PARSING": True,
    "DATE_ORDER": "DMY",
    "PREFER_LOCALE_DATE_ORDER": False,  # else "4.5.2019" became the fifth of April
}


def iso_date(value: object) -> str | None:
    """The day as `YYYY-MM-DD`, or None where the value does not name exactly one whole day.

    Of a date in numbers the first is the day, unless the year is. A time is left off, as is its zone.

    >>> iso_date("1er mars 2024"), iso_date("Publié le 03/04/2018 à 10h30"), iso_date("2018-04-10T10:00:00Z")
    ('2024-03-01', '2018-04-03', '2018-04-10')
    >>> iso_date("hier"), iso_date("mai 2018"), iso_date("2018-02-31"), iso_date("04/25/2018")
    (None, None, None, None)
    """
    if isinstance(value, datetime.datetime):
        return None if value != value else value.date().isoformat()  # pandas' NaT is a datetime
    if isinstance(value, datetime.date):
        return value.isoformat()
    return _in_text(value) if isinstance(value, str) and len(value) <= _LONGEST else None


@lru_cache(maxsize=4096)
def _in_text(value: str) -> str | None:
    text = " ".join(_TIME.sub(" ", value).split())
    if match := _ISO.search(text):
        found = _day(match[1], match[3], match[4])
    elif match := _NUMBERS.search(text):
        found = _day(match[4], match[3], match[1])
    else:
        match = _WORDS.search(text)
        words = match[0] if match else text
        found = _in_words(words) if _looks_whole(text) and _looks_whole(words) else None
    years = len(re.findall(r"(?<!\d)\d{4}(?!\d)", text))
    return found if years == 1 else None  # "3/5/2018, mis à jour le 5/5/2018" has two answers


def _looks_whole(text: str) -> bool:
    """A day, a month's name and a year; it settles most that is no date before dateparser takes 10 ms for each."""
    numbers = re.findall(r"\d+", text)
    if len(numbers) == 3:
        return not re.search(r"[^\W\d]{2}", text)  # 2018年4月10日, not "du 3 au 5 mai 2018"
    return len(numbers) == 2 and bool(re.search(r"[^\W\d]{3}", text))


def _day(year: str, month: str, day: str) -> str | None:
    try:
        return datetime.date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


@lru_cache(maxsize=4096)  # articles of one day share their date; dateparser takes 1 to 10 ms, and once 1.5 s
def _in_words(text: str) -> str | None:
    import dateparser

    day = dateparser.parse(text, settings=_SETTINGS)
    return None if day is None else day.date().isoformat()
