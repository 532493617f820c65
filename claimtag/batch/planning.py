"""Inputs → a plan of shards, written down: which records each shard holds, which of them repeat an id or a text.

One pass over the inputs in a single process. It keeps 16 bytes a record in memory (24 more to find identical texts);
all else goes to disk. The plan depends on the inputs and the job alone, so that shards can be tagged in any order, by
any number of processes, and again after an interruption, with the same result.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import zip_longest
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from claimtag.batch.jobs import Job
from claimtag.batch.ranges import Piece, Shard, placed_rows
from claimtag.errors import InputError, OptionError
from claimtag.reading.making import Counts, Fields, Maker
from claimtag.reading.rows import Fault, File, Row, check_source, list_files, printable

MOST_CHARACTERS = 32_000_000  # in a shard, whatever its number of records: what an interruption costs stays bounded
FILES, SHARDS = "files.jsonl", "shards.jsonl"
PAGES = (".html", ".htm")


@dataclass(frozen=True, slots=True)
class Planned:
    """What a plan comes to: its shards; the files and their bytes; records, good and bad; how many of them have the
    text of one before them; hidden files that were left out."""

    shards: int
    files: int
    bytes: int
    rows: int
    copies: int
    hidden: int


def make_plan(job: Job, folder: Path, *, tell: Callable[[int], object] = lambda rows: None) -> Planned:
    """Reads the inputs and writes `files.jsonl` and `shards.jsonl` into a folder; `tell` hears how many records.

    InputError where an input is not there; a file that cannot be read costs only itself, as in `read_articles`.
    """
    draft, scan = folder / f"{SHARDS}.draft", _Scan(job)
    with (folder / FILES).open("w", encoding="utf-8") as files, draft.open("w", encoding="utf-8") as drafted:
        for shard in scan.shards(lambda record: _write(files, record)):
            _write(drafted, shard.to_dict())
            tell(scan.rows)
        files.flush()
        os.fsync(files.fileno())
    copies, originals = scan.copies() if job.dedupe == "exact" else ({}, {})
    with draft.open(encoding="utf-8") as drafted, (folder / SHARDS).open("w", encoding="utf-8") as shards:
        for line in drafted:
            shard = Shard.from_dict(json.loads(line))
            copied, original = copies.get(shard.number, {}), frozenset(originals.get(shard.number, ()))
            _write(shards, replace(shard, copies=copied, originals=original).to_dict())
        shards.flush()
        os.fsync(shards.fileno())
    draft.unlink()
    number = sum(map(len, copies.values()))
    return Planned(scan.cut, scan.files, scan.bytes, scan.rows, number, scan.counts.hidden)


def read_shards(folder: Path) -> Iterator[Shard]:
    """The shards of a plan, one at a time."""
    with (folder / SHARDS).open(encoding="utf-8") as lines:
        for line in lines:
            yield Shard.from_dict(json.loads(line))


def read_files(folder: Path) -> Iterator[dict[str, Any]]:
    """The files of a plan with their sizes and hashes, one at a time."""
    with (folder / FILES).open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def list_inputs(inputs: Iterable[str], on_hidden: Callable[[int], object]) -> Iterator[File | Fault]:
    """Every file of the inputs, folders and patterns followed; InputError for what is missing, before any file."""
    found = [each for name in inputs for each in _matching(name)]
    for each in found:
        check_source(each)
    for each in found:
        yield from list_files(each, on_hidden=on_hidden)


def changes(job: Job, folder: Path) -> tuple[list[str], dict[str, int]]:
    """What of the inputs is not as it was when planned, in words; and the new times of files that only look so.

    A file of the same size and time of change is taken for the same without being read, as Git does.
    """
    found, touched = list[str](), dict[str, int]()
    with (folder / FILES).open(encoding="utf-8") as lines:
        planned = (json.loads(line) for line in lines)
        for file, before in zip_longest(list_inputs(job.inputs, lambda number: None), planned):
            path = "" if file is None else file.file if isinstance(file, Fault) else str(file.path)
            if before is None or path != before["path"]:
                found.append(f"{printable(path)} is new" if path else f"{printable(before['path'])} is gone")
                break
            if isinstance(file, Fault) or _same(now := describe_file(file, hashed=False), before):
                continue
            if now["bytes"] == before["bytes"] and describe_file(file).get("sha256") == before.get("sha256"):
                touched[path] = now["changed"]
            else:
                found.append(f"{printable(path)} has changed")
    return found, touched


def changed_meanwhile(pieces: Iterable[Piece], touched: Mapping[str, int]) -> str | None:
    """The first file of the pieces that is not any more what was planned, or None."""
    for path, piece in {piece.path: piece for piece in pieces if piece.how != "fault"}.items():
        now = describe_file(piece.file, hashed=False)
        if not _same(now, {"bytes": piece.size, "changed": touched.get(path, piece.changed)}):
            return printable(path)
    return None


def _same(now: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    return all((now[name] or 0) == (before[name] or 0) for name in ("bytes", "changed"))


def describe_file(file: File, *, hashed: bool = True) -> dict[str, Any]:
    """What identifies a file: its path, size, time of change, and the hash of its content; None for what is none."""
    record: dict[str, Any] = {"path": str(file.path), "bytes": None, "changed": None}
    try:
        about = os.stat(file.path)
        if file.path.is_file():
            record |= {"bytes": about.st_size, "changed": about.st_mtime_ns}
            if hashed:
                with file.path.open("rb") as stream:
                    record["sha256"] = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        pass  # its reader says why it cannot be read
    return record


def _matching(name: str) -> list[str]:
    """The name, or the files that match it where it is a pattern."""
    if name == "-":
        raise OptionError("a batch cannot read standard input, which would be gone when it goes on; give a file")
    if os.path.exists(name) or not glob.has_magic(name):
        return [name]
    if not (found := sorted(glob.glob(name, recursive=True))):
        raise InputError(f"{name!r}: no file matches the pattern")
    return found


class _Scan:
    """The pass over the inputs: cuts them in shards, and remembers what is needed to see what repeats."""

    def __init__(self, job: Job) -> None:
        self._job, self.counts = job, Counts()
        self._maker = Maker(job.fields, job.lang, self.counts)
        self._begun = array("Q")  # the number of each shard's first record
        self._texts = array("Q")  # two halves of a hash for each record; zeros for those without a usable text
        self.files = self.bytes = self.rows = 0

    def shards(self, on_file: Callable[[dict[str, Any]], object]) -> Iterator[Shard]:
        """The shards, but for what is only known at the end: which texts repeat."""
        pieces, repeated, renamed, rows, size = list[Piece](), set[int](), dict[int, str](), 0, 0
        for piece, length, taken in self._records(on_file):
            if taken is True:
                repeated.add(rows)
            elif taken:
                renamed[rows] = str(taken)
            if (
                pieces
                and pieces[-1].path == piece.path
                and piece.how in ("lines", "rows")
                and pieces[-1].how == piece.how
                and pieces[-1].row + pieces[-1].rows == piece.row  # else the file was given twice
            ):
                pieces[-1] = replace(pieces[-1], rows=pieces[-1].rows + 1)
            else:
                pieces.append(piece)
            rows, size = rows + 1, size + length
            if rows == self._job.shard_size or size >= MOST_CHARACTERS:
                yield self._shard(pieces, rows, repeated, renamed)
                pieces, repeated, renamed, rows, size = [], set(), {}, 0, 0
        if rows:
            yield self._shard(pieces, rows, repeated, renamed)

    def copies(self) -> tuple[dict[int, dict[int, tuple[int, int]]], dict[int, set[int]]]:
        """Of each shard the records whose text another had before them, with that one's place; and those others."""
        texts = np.frombuffer(self._texts, dtype=np.uint64).reshape(-1, 2)
        order = np.lexsort((texts[:, 1], texts[:, 0]))  # stable: of equal ones the first comes first
        same = (texts[order[1:]] == texts[order[:-1]]).all(axis=1) & texts[order[1:]].any(axis=1)
        copies, originals = defaultdict[int, dict[int, tuple[int, int]]](dict), defaultdict[int, set[int]](set)
        begun = np.frombuffer(self._begun, dtype=np.uint64)
        first, last = 0, -2
        for at in np.flatnonzero(same).tolist():
            first = first if at == last + 1 else int(order[at])
            last = at
            (shard, row), (before, original) = (
                (number, place - int(begun[number]))
                for place in (int(order[at + 1]), first)
                for number in [int(np.searchsorted(begun, place, side="right")) - 1]
            )
            copies[shard][row] = (before, original)
            if before != shard:
                originals[before].add(original)
        return copies, originals

    @property
    def cut(self) -> int:
        """How many shards there are."""
        return len(self._begun)

    def _shard(self, pieces: list[Piece], rows: int, repeated: set[int], renamed: dict[int, str]) -> Shard:
        number = len(self._begun)
        self._begun.append(self.rows)
        self.rows += rows
        return Shard(number, tuple(pieces), frozenset(repeated), renamed)

    def _taken(self, row: Row | Fault) -> str | bool:
        """What is put after the id made for the record, since that one is taken; or whether the id that it says is."""
        found = row if isinstance(row, Fault) else self._maker.identify(row)
        if isinstance(found, Fault) or isinstance(row, Fault):
            self._texts.extend((0, 0))
            return False
        names, values = self._job.fields if row.line else Fields(), row.values
        key = [values[names.text], *map(values.get, (names.title, names.source, names.lang))]  # what tagging looks at
        self._texts.frombytes(blake2b(json.dumps(key, default=str).encode(), digest_size=16).digest())
        taken = self._maker.take(row, *found)
        return True if isinstance(taken, Fault) else taken.removeprefix(found[0])

    def _page(self, name: str, sha256: str) -> str:
        """The same for a page, which is not parsed here (that takes longer than tagging it): it goes by its name."""
        self._texts.frombytes(bytes.fromhex(sha256)[:16])
        row = Row({}, name, None, name)
        taken = self._maker.take(row, f"page {name}", True)
        assert isinstance(taken, str)
        return taken.removeprefix(f"page {name}")

    def _records(self, on_file: Callable[[dict[str, Any]], object]) -> Iterator[tuple[Piece, int, str | bool]]:
        """Every record's piece, its bytes, and what `_taken` says of it."""

        def hidden(number: int) -> None:
            self.counts.hidden += number

        codec = self._job.codec
        for found in list_inputs(self._job.inputs, hidden):
            if isinstance(found, Fault):
                on_file({"path": found.file, "bytes": None, "changed": None})
                yield Piece("fault", found.file, found.file, reason=found.reason), 0, self._taken(found)
                continue
            about = describe_file(found)
            on_file(about)
            self.files += 1
            self.bytes += about["bytes"] or 0
            if found.suffix in PAGES and "sha256" in about:
                piece = Piece("whole", str(found.path), found.name, size=about["bytes"], changed=about["changed"])
                yield piece, about["bytes"], self._page(found.name, about["sha256"])
                continue
            for row, piece in placed_rows(found, codec):
                piece = replace(piece, size=about["bytes"] or 0, changed=about["changed"] or 0)
                yield piece, _size(row), self._taken(row)


def _size(row: Row | Fault) -> int:
    """About how many characters a record holds."""
    return 0 if isinstance(row, Fault) else sum(len(value) for value in row.values.values() if isinstance(value, str))


def _write(file: TextIO, record: dict[str, Any]) -> None:
    file.write(json.dumps(record, ensure_ascii=True) + "\n")  # ASCII: a path may hold bytes that are no UTF-8
