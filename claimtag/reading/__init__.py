"""Articles and gold from files, folders, standard input and `datasets.Dataset`, a bad record never costing a good one.

Formats go by the file's suffix: `.txt`, `.html`, `.jsonl`, `.csv`, `.tsv`, `.parquet`, all but Parquet also compressed
as `.gz` or `.zst`; `-` is JSONL on standard input; a folder is all such files below it, by path, hidden ones left out.
Text is UTF-8, or UTF-16 with its byte order mark, or what `encoding` says.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from claimtag.errors import InputError, OptionError, RecordError
from claimtag.reading.languages import identify_language
from claimtag.reading.lines import check_encoding
from claimtag.reading.making import LANGUAGE, Counts, Fields, Ids, Maker
from claimtag.reading.rows import Fault, Row, check_source, read_rows
from claimtag.reading.values import kind_of, unusable
from claimtag.records import Article, TaggedArticle

if TYPE_CHECKING:
    from datasets import Dataset

    Input: TypeAlias = str | Path | Dataset

__all__ = [
    "Counts",
    "Fields",
    "Reject",
    "check_language",
    "identify_language",
    "read_articles",
    "read_gold",
    "rejected",
]


@dataclass(frozen=True, slots=True)
class Reject:
    """A record that could not be used: where it stands and why."""

    file: str
    line: int | None
    id: str | None
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}" if self.line else f"{self.file}: {self.reason}"


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
    check_language(lang)
    maker = Maker(fields or Fields(), lang, counts or Counts())
    for row in _rows(inputs, encoding, maker.counts):
        made = row if isinstance(row, Fault) else maker.article(row)
        if isinstance(made, Fault):
            maker.counts.rejects += 1
            on_reject(rejected(made))
        else:
            maker.counts.articles += 1
            yield made


def read_gold(
    *inputs: Input, on_reject: Callable[[Reject], object] = fail, counts: Counts | None = None
) -> Iterator[TaggedArticle]:
    """The annotated (or tagged) articles of the inputs: JSONL, Parquet, or a dataset shaped as the output record."""
    counts, seen = counts or Counts(), Ids()
    for row in _rows(inputs, None, counts):
        made = row if isinstance(row, Fault) else _gold(row, seen)
        if isinstance(made, Fault):
            counts.rejects += 1
            on_reject(rejected(made))
        else:
            counts.articles += 1
            yield made


def check_language(lang: str | None) -> None:
    """Raises OptionError unless it is a code of two or three letters, or none."""
    if lang is not None and not LANGUAGE.fullmatch(lang):
        raise OptionError(f'the language "{lang}" is not an ISO 639 code, such as fr')


def _rows(inputs: Iterable[Input], encoding: str | None, counts: Counts) -> Iterator[Row | Fault]:
    codec = None if encoding is None else check_encoding(encoding)
    for source in inputs:
        if isinstance(source, str | Path):
            check_source(source)
        elif isinstance(source, Mapping | bytes) or not isinstance(source, Iterable):
            splits = f"; give one of its splits: {', '.join(map(repr, source))}" if isinstance(source, Mapping) else ""
            raise OptionError(f"articles cannot be read from a {type(source).__name__}{splits}")

    def hidden(number: int) -> None:
        counts.hidden += number

    for source in inputs:
        if isinstance(source, str | Path):
            yield from read_rows(source, encoding=codec, on_hidden=hidden)
            continue
        for index, values in enumerate(source, start=1):
            if isinstance(values, Mapping):
                yield Row(values, "dataset", index)
            else:
                yield Fault("dataset", index, f"{kind_of(values)}, not a record with named fields")


def rejected(fault: Fault) -> Reject:
    """The fault with nothing in it that an output could not hold: half a surrogate pair may stand in any of it."""
    identity = None if fault.id is None else _writable(fault.id)
    return Reject(_writable(fault.file), fault.line, identity, _writable(fault.reason))


def _writable(string: str) -> str:
    return string[:1000].encode("utf-8", "backslashreplace").decode()


def _gold(row: Row, seen: Ids) -> TaggedArticle | Fault:
    identity = row.values.get("id")
    shown = identity if isinstance(identity, str) else None
    try:
        tagged = TaggedArticle.from_dict(row.values)
    except RecordError as error:
        return Fault(row.file, row.line, str(error), shown)
    for name, string in (("id", tagged.article.id), ("text", tagged.article.text)):
        if problem := unusable(string):
            return Fault(row.file, row.line, f'"{name}" {problem}', shown)
    try:
        json.dumps(tagged.to_dict(), ensure_ascii=False).encode()
    except (
        UnicodeEncodeError
    ) as error:  # somewhere else in it; one such record would keep all others from being written
        before = error.object[max(0, error.start - 30) : error.start]
        return Fault(row.file, row.line, f"half a surrogate pair, which no encoding can hold, after {before!r}", shown)
    if seen.repeats(tagged.article.id):
        return Fault(row.file, row.line, f'the id "{tagged.article.id}" was seen before', shown)
    return tagged
