"""Rows → articles: which id one gets, what of it can be used, and why one cannot."""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from hashlib import blake2b, sha256
from pathlib import PurePosixPath
from typing import Any

from claimtag.reading.dates import iso_date
from claimtag.reading.rows import Fault, Row
from claimtag.reading.values import is_missing, is_visible, kind_of, unusable
from claimtag.records import Article

LANGUAGE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, slots=True)
class Fields:
    """Which field of a record holds what; only `text` must be there."""

    text: str = "text"
    id: str = "id"
    title: str = "title"
    date: str = "date"
    source: str = "source"
    url: str = "url"
    lang: str = "lang"


@dataclass(slots=True)
class Counts:
    """What was read so far, how often a part of an article was left out because it made no sense, and what of a folder
    was not looked at: hidden files and folders."""

    articles: int = 0
    rejects: int = 0
    dates_not_understood: int = 0
    fields_left_out: int = 0
    hidden: int = 0


class Ids:
    """The ids seen so far, by hashes of 8 bytes in an open table: a million take 17 MB, in a set of Python's 70."""

    def __init__(self) -> None:
        self._table = array("Q", bytes(8 << 10))
        self._seen = 0

    def repeats(self, identity: str) -> bool:
        """Whether the id was seen before; from now on it was."""
        digest = hash_of(identity) or 1  # 0 is a free place
        if not self._put(digest):
            return True
        self._seen += 1
        if 2 * self._seen > len(self._table):
            old, self._table = self._table, array("Q", bytes(16 * len(self._table)))
            for each in old:
                if each:
                    self._put(each)
        return False

    def _put(self, digest: int) -> bool:
        table, last = self._table, len(self._table) - 1
        place = digest & last
        while there := table[place]:
            if there == digest:
                return False
            place = (place + 1) & last
        table[place] = digest
        return True


@dataclass(slots=True)
class Maker:
    """Articles out of rows, for one call of `read_articles`."""

    fields: Fields
    lang: str | None
    counts: Counts
    seen: Ids = field(default_factory=Ids)
    repeated: dict[str, int] = field(default_factory=dict)

    def article(self, row: Row) -> Article | Fault:
        """The article of a row, with an id that no row before it had; a row that says an id seen before is a fault."""
        found = self.identify(row)
        taken = found if isinstance(found, Fault) else self.take(row, *found)
        return taken if isinstance(taken, Fault) else self.with_id(row, taken)

    def identify(self, row: Row) -> tuple[str, bool] | Fault:
        """The id that a row says, or one made of its file's name and its text, and whether it was made."""
        names, values = self._names(row), row.values
        identity, problem = _identity(names.id, values.get(names.id))
        problem = _text_problem(names.text, values) or problem
        if problem is not None:
            return Fault(row.file, row.line, problem, identity)
        return (identity, False) if identity else (_made_id(row.name, values[names.text]), True)

    def take(self, row: Row, identity: str, made: bool) -> str | Fault:
        """The id that the row gets: a made one that is taken gets a number, one that the row says is then a fault."""
        if made:
            return self._unrepeated(identity)
        return seen_before(row, identity) if self.seen.repeats(identity) else identity

    def with_id(self, row: Row, identity: str) -> Article:
        """The article of a row that `identify` found no fault with."""
        names, values = self._names(row), row.values
        return Article(
            id=identity,
            text=values[names.text],
            title=self._title(values.get(names.title)),
            date=self._date(values.get(names.date)),
            source=self._string(values.get(names.source)),
            url=self._string(values.get(names.url)),
            lang=self._language(values.get(names.lang)) or self.lang,
        )

    def _names(self, row: Row) -> Fields:
        return Fields() if row.line is None else self.fields  # a file that is one article has no columns to choose from

    def _unrepeated(self, made: str) -> str:
        identity = made
        while self.seen.repeats(identity):  # the same text twice in one file: both are kept
            self.repeated[made] = self.repeated.get(made, 1) + 1
            identity = f"{made}-{self.repeated[made]}"
        return identity

    def _string(self, value: object) -> str | None:
        if is_missing(value):
            return None
        if isinstance(value, str):
            if not unusable(value):
                return value
        elif isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        self.counts.fields_left_out += 1
        return None

    def _title(self, value: object) -> str | None:
        title = self._string(value)
        return title if title and is_visible(title) else None

    def _language(self, value: object) -> str | None:
        given = self._string(value)
        if given is None or LANGUAGE.fullmatch(given):
            return given
        code = re.split("[-_]", given.strip().lower(), maxsplit=1)[0]  # "fr-BE" is read by what is known of "fr"
        if LANGUAGE.fullmatch(code):
            return code
        self.counts.fields_left_out += 1
        return None

    def _date(self, value: object) -> str | None:
        if is_missing(value):
            return None
        date = iso_date(value)
        if date is None:
            self.counts.dates_not_understood += 1
        return date


def seen_before(row: Row, identity: str) -> Fault:
    """What is wrong with a row whose id another row had before it."""
    return Fault(row.file, row.line, f'the id "{identity}" was seen before', identity)


def hash_of(string: str) -> int:
    """Eight bytes that stand for a string: of a million strings, two have the same once in thirty million times."""
    return int.from_bytes(blake2b(string.encode(), digest_size=8).digest())


def _made_id(name: str, text: str) -> str:
    name = unicodedata.normalize("NFC", name)  # some file systems keep "é" as two characters
    stem = re.sub(r"[^\w.-]+", "-", PurePosixPath(name).stem)
    digest = sha256(f"{name}\0{text}".encode()).hexdigest()
    return f"{stem}-{digest[:12]}"


def _identity(name: str, given: object) -> tuple[str | None, str | None]:
    """The id as a string, where one is given, and what is wrong with it."""
    if is_missing(given):
        return None, None
    if isinstance(given, float) and given.is_integer():  # a column of whole numbers with gaps
        given = int(given)
    if isinstance(given, str):
        problem = unusable(given)
        return given, f'"{name}" {problem}' if problem else None
    if isinstance(given, int) and not isinstance(given, bool):
        return str(given), None
    return None, f'"{name}" is {kind_of(given)}, not a string or a whole number'


def _text_problem(name: str, values: Mapping[str, Any]) -> str | None:
    if name not in values:
        return _no_field(name, values)
    text = values[name]
    if not isinstance(text, str):
        return f'"{name}" is {kind_of(text)}, not a string'
    if not text or text.isspace():
        return f'"{name}" is empty'
    problem = unusable(text)
    return f'"{name}" {problem}' if problem else None


def _no_field(name: str, values: Mapping[str, Any]) -> str:
    """What is missing, what is there, and the option to take the likeliest: the field with the longest string."""
    strings = {key: len(value) for key, value in values.items() if isinstance(value, str)}
    taken = {field.default for field in fields(Fields)}
    likely = max((key for key in strings if key not in taken), key=lambda key: strings[key], default=None)
    there = ", ".join(f'"{key:.40}"' for key in list(values)[:12]) or "none"
    return f'no "{name}" field; fields here are {there}' + (f" (use --text-field {likely:.40})" if likely else "")
