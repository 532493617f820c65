"""Articles and gold from files, folders, standard input and `datasets.Dataset`, a bad record never costing a good one.

Formats go by the file's suffix: `.txt`, `.html`, `.jsonl`, `.csv`, `.tsv`, `.parquet`; `-` is JSONL on standard input;
a folder is all such files below it, by path. Text is UTF-8, or UTF-16 with its byte order mark, or what `encoding` says.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from hashlib import blake2b, sha256
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, TypeAlias

from claimtag.errors import InputError, OptionError, RecordError
from claimtag.reading.dates import iso_date
from claimtag.reading.languages import identify_language
from claimtag.reading.lines import check_encoding
from claimtag.reading.rows import Fault, Row, check_source, read_rows
from claimtag.reading.values import is_missing, is_visible, kind_of, unusable
from claimtag.records import Article, TaggedArticle

if TYPE_CHECKING:
    from datasets import Dataset

    Input: TypeAlias = str | Path | Dataset

__all__ = ["Counts", "Fields", "Reject", "identify_language", "read_articles", "read_gold"]

_LANGUAGE = re.compile(r"[a-z]{2,3}")


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


@dataclass(frozen=True, slots=True)
class Reject:
    """A record that could not be used: where it stands and why."""

    file: str
    line: int | None
    id: str | None
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}" if self.line else f"{self.file}: {self.reason}"


@dataclass(slots=True)
class Counts:
    """What was read so far; the last two say how often a part of an article was left out because it made no sense."""

    articles: int = 0
    rejects: int = 0
    dates_not_understood: int = 0
    fields_left_out: int = 0


def fail(reject: Reject) -> None:
    """Raises InputError: what happens to a bad record unless `on_reject` says otherwise."""
    raise InputError(str(reject))


def read_articles(
    *inputs: Input,
    fields: Fields | None = None,
    encoding: str | None = None,
    lang: str | None = None,
    on_reject: Callable[[Reject], object] = fail,
    counts: Counts | None = None,
) -> Iterator[Article]:
    """The articles of the inputs, one at a time, in order; files of a folder in the order of their paths.

    A record without id gets one made of its file's name and its content, the same on every machine. A date is made
    ISO 8601 or, where it is not understood, left out and counted; a title, source, url or lang that is no string is
    left out and counted too. `lang` holds for records that do not name theirs; a language's region is left off.
    A record that cannot be used (no text, not a string, an id seen before, broken JSON, a NUL character, an encoding
    error, a line over 50 MB) goes to `on_reject`, which by default raises InputError; so collect them:

    >>> rejects = []
    >>> articles = list(read_articles("tests/data/mixed.jsonl", on_reject=rejects.append))
    >>> len(articles), str(rejects[0])
    (2, 'tests/data/mixed.jsonl:2: no "text" field; fields here are "id", "body" (use --text-field body)')
    """
    if lang is not None and not _LANGUAGE.fullmatch(lang):
        raise OptionError(f'the language "{lang}" is not an ISO 639 code, such as fr')
    maker = _Maker(fields or Fields(), lang, counts or Counts())
    for row in _rows(inputs, encoding):
        made = row if isinstance(row, Fault) else maker.article(row)
        if isinstance(made, Fault):
            maker.counts.rejects += 1
            on_reject(_reject(made))
        else:
            maker.counts.articles += 1
            yield made


def read_gold(
    *inputs: Input, on_reject: Callable[[Reject], object] = fail, counts: Counts | None = None
) -> Iterator[TaggedArticle]:
    """The annotated (or tagged) articles of the inputs: JSONL, Parquet, or a dataset in the shape of the output record."""
    counts, seen = counts or Counts(), _Ids()
    for row in _rows(inputs, None):
        made = row if isinstance(row, Fault) else _gold(row, seen)
        if isinstance(made, Fault):
            counts.rejects += 1
            on_reject(_reject(made))
        else:
            counts.articles += 1
            yield made


def _rows(inputs: Iterable[Input], encoding: str | None) -> Iterator[Row | Fault]:
    codec = None if encoding is None else check_encoding(encoding)
    for source in inputs:
        if isinstance(source, str | Path):
            check_source(source)
        elif isinstance(source, Mapping | bytes) or not isinstance(source, Iterable):
            splits = f"; give one of its splits: {', '.join(map(repr, source))}" if isinstance(source, Mapping) else ""
            raise OptionError(f"articles cannot be read from a {type(source).__name__}{splits}")
    for source in inputs:
        if isinstance(source, str | Path):
            yield from read_rows(source, encoding=codec)
            continue
        for index, values in enumerate(source, start=1):
            if isinstance(values, Mapping):
                yield Row(values, "dataset", index)
            else:
                yield Fault("dataset", index, f"{kind_of(values)}, not a record with named fields")


def _reject(fault: Fault) -> Reject:
    """The fault with nothing in it that an output could not hold: half a surrogate pair may stand in any of it."""
    identity = None if fault.id is None else _writable(fault.id)
    return Reject(_writable(fault.file), fault.line, identity, _writable(fault.reason))


def _writable(string: str) -> str:
    return string[:1000].encode("utf-8", "backslashreplace").decode()


def _gold(row: Row, seen: _Ids) -> TaggedArticle | Fault:
    identity = row.values.get("id")
    shown = identity if isinstance(identity, str) else None
    try:
        tagged = TaggedArticle.from_dict(row.values)
    except RecordError as error:
        return Fault(row.file, row.line, str(error), shown)
    for name, string in (("id", tagged.article.id), ("text", tagged.article.text)):
        if problem := unusable(string):
            return Fault(row.file, row.line, f'"{name}" {problem}', shown)
    if seen.repeats(tagged.article.id):
        return Fault(row.file, row.line, f'the id "{tagged.article.id}" was seen before', shown)
    return tagged


class _Ids:
    """The ids seen so far, by hashes of 8 bytes: a million take 70 MB, whole addresses 180."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def repeats(self, identity: str) -> bool:
        digest = int.from_bytes(blake2b(identity.encode(), digest_size=8).digest())
        if digest in self._seen:
            return True
        self._seen.add(digest)
        return False


@dataclass(slots=True)
class _Maker:
    """Articles out of rows, for one call of `read_articles`."""

    fields: Fields
    lang: str | None
    counts: Counts
    seen: _Ids = field(default_factory=_Ids)
    repeated: dict[str, int] = field(default_factory=dict)

    def article(self, row: Row) -> Article | Fault:
        # a file that is one article has no columns to choose from
        names, values = Fields() if row.line is None else self.fields, row.values
        identity, problem = _identity(names.id, values.get(names.id))
        problem = _text_problem(names.text, values) or problem
        if problem is None and identity is not None and self.seen.repeats(identity):
            problem = f'the id "{identity}" was seen before'
        if problem is not None:
            return Fault(row.file, row.line, problem, identity)
        text = values[names.text]
        return Article(
            id=identity or self._made_id(row.name, text),
            text=text,
            title=self._title(values.get(names.title)),
            date=self._date(values.get(names.date)),
            source=self._string(values.get(names.source)),
            url=self._string(values.get(names.url)),
            lang=self._language(values.get(names.lang)) or self.lang,
        )

    def _made_id(self, name: str, text: str) -> str:
        name = unicodedata.normalize("NFC", name)  # some file systems keep "é" as two characters
        stem = re.sub(r"[^\w.-]+", "-", PurePosixPath(name).stem)
        digest = sha256(f"{name}\0{text}".encode()).hexdigest()
        made = f"{stem}-{digest[:12]}"
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
        if given is None or _LANGUAGE.fullmatch(given):
            return given
        code = re.split("[-_]", given.strip().lower(), maxsplit=1)[0]  # "fr-BE" is read by what is known of "fr"
        if _LANGUAGE.fullmatch(code):
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
