"""Ranges of the inputs' records: what a shard is, and how a worker reads its records and no others.

A *piece* is a run of records of one file. Where each record is a line, it says at which byte it begins; of other
tables, at which row; a file that is one article is a piece by itself, and so is a fault that no file holds.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Literal

from claimtag.reading.lines import Start, read_head, read_lines
from claimtag.reading.rows import (
    COMPRESSED,
    READERS,
    Fault,
    File,
    Row,
    Rows,
    cannot_be_read,
    json_row,
    open_file,
    printable,
    read_file,
)

How = Literal["lines", "rows", "whole", "fault"]
LINES, TABLES = (".jsonl", ".ndjson"), (".csv", ".tsv", ".parquet")
_SKIP = 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Piece:
    """`rows` records of a file from number `row` on (from 0), which begin after `byte` bytes (of the decompressed file)
    and `line` lines; of a fault without a file `reason` says what it is. `size` and `changed` are those of the file
    when it was planned, in bytes and in nanoseconds."""

    how: How
    path: str
    name: str
    rows: int = 1
    row: int = 0
    byte: int = 0
    line: int = 0
    reason: str | None = None
    size: int = 0
    changed: int = 0

    @property
    def file(self) -> File:
        """The file that it is of."""
        return File(Path(self.path), self.name)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, those that say nothing left out."""
        return {name: value for name, value in asdict(self).items() if value or name in ("how", "path", "name")}


@dataclass(frozen=True, slots=True)
class Shard:
    """The records of one output file: pieces of the inputs, in order.

    Records are numbered from 0 within the shard. `repeated` are those whose id another had before them; `renamed` says
    of those without an id what is put after the one made for them, where that is taken. `copies` says of a record which
    one (shard, number) had its text, title, source and language before, and `originals` which ones other shards name
    so.
    """

    number: int
    pieces: tuple[Piece, ...]
    repeated: frozenset[int] = frozenset()
    renamed: Mapping[int, str] = field(default_factory=dict)
    copies: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    originals: frozenset[int] = frozenset()

    @property
    def rows(self) -> int:
        """How many records it holds, good and bad."""
        return sum(piece.rows for piece in self.pieces)

    @property
    def after(self) -> frozenset[int]:
        """The shards before it whose articles it has copies of: to be finished first, so that these are found."""
        return frozenset(shard for shard, _ in self.copies.values() if shard != self.number)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, those that say nothing left out."""
        more = {
            "repeated": sorted(self.repeated),
            "renamed": {str(row): suffix for row, suffix in self.renamed.items()},
            "copies": {str(row): list(place) for row, place in self.copies.items()},
            "originals": sorted(self.originals),
        }
        record: dict[str, Any] = {"shard": self.number, "pieces": [piece.to_dict() for piece in self.pieces]}
        return record | {name: value for name, value in more.items() if value}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Shard:
        """The inverse of `to_dict`."""
        return cls(
            number=record["shard"],
            pieces=tuple(Piece(**piece) for piece in record["pieces"]),
            repeated=frozenset(record.get("repeated", ())),
            renamed={int(row): suffix for row, suffix in record.get("renamed", {}).items()},
            copies={int(row): (shard, other) for row, (shard, other) in record.get("copies", {}).items()},
            originals=frozenset(record.get("originals", ())),
        )


def how_to_read(file: File) -> How:
    """How a file's records are found."""
    if file.suffix in LINES and file.path.is_file():
        return "lines"
    return "rows" if file.suffix in TABLES and file.suffix in READERS else "whole"


def placed_rows(file: File, encoding: str | None) -> Iterator[tuple[Row | Fault, Piece]]:
    """Every record of a file with its place, one after the other."""
    how, path = how_to_read(file), str(file.path)
    if how != "lines":
        for number, found in enumerate(read_file(file, encoding=encoding)):
            yield found, Piece(how, path, file.name, row=number)
        return
    number = byte = line = 0
    shown, name = printable(path), printable(file.name)
    try:
        with open_file(file) as stream:
            for each in read_lines(stream, encoding):
                if (row := json_row(each, shown, name)) is not None:
                    yield row, Piece(how, path, file.name, row=number, byte=byte, line=line)
                    number += 1
                byte, line = each.end, each.number
    except (OSError, EOFError, zlib.error) as error:
        yield cannot_be_read(file, error), Piece(how, path, file.name, row=number, byte=byte, line=line)


class Reader:
    """Reads pieces; a file stays open from one piece to the next, since a compressed one can only be read onwards."""

    def __init__(self, encoding: str | None) -> None:
        self._encoding = encoding
        self._path = ""
        self._stream: BinaryIO | None = None
        self._head = b""
        self._byte = 0
        self._rows: Rows = iter(())
        self._row = 0

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes what is open; another piece opens it anew."""
        if self._stream is not None:
            self._stream.close()
        self._stream, self._path, self._rows = None, "", iter(())

    def read(self, piece: Piece) -> Rows:
        """The records of a piece, as the file's own reader gives them; fewer where the file has become shorter."""
        if piece.how == "fault":
            yield Fault(piece.path, None, piece.reason or "")
        elif piece.how == "whole":
            yield from islice(read_file(piece.file, encoding=self._encoding), 1)
        elif piece.how == "rows":
            yield from self._table(piece)
        else:
            try:
                yield from self._lines(piece)
            except (OSError, EOFError, zlib.error) as error:
                self.close()
                yield cannot_be_read(piece.file, error)

    def _table(self, piece: Piece) -> Rows:
        ahead = piece.row - self._row if self._path == piece.path else -1
        if ahead > 0 and piece.file.suffix != ".parquet":  # which is entered anywhere; of others rows are gone through
            self._row += sum(1 for _ in islice(self._rows, ahead))
        if self._path != piece.path or self._row != piece.row:
            self.close()
            self._path, self._row = piece.path, piece.row
            self._rows = read_file(piece.file, encoding=self._encoding, skip=piece.row)
        for row in islice(self._rows, piece.rows):
            self._row += 1
            yield row

    def _lines(self, piece: Piece) -> Rows:
        stream = self._at(piece)
        shown, name = printable(piece.path), printable(piece.name)
        left = piece.rows
        start = (
            Start(piece.byte, piece.line, self._head) if piece.byte else None
        )  # None: a byte order mark may stand there
        for line in read_lines(stream, self._encoding, start):
            self._byte = line.end
            if (row := json_row(line, shown, name)) is not None:
                yield row
                if not (left := left - 1):
                    return

    def _at(self, piece: Piece) -> BinaryIO:
        """The stream of a piece's file, at its first byte."""
        stream = self._stream
        if stream is None or self._path != piece.path or piece.byte < self._byte:
            self.close()
            self._path, self._stream = piece.path, (stream := open_file(piece.file))
            self._head = read_head(stream)
            self._byte = len(self._head)
            if piece.byte < self._byte:  # the head is in the way
                stream.close()
                self._stream, self._byte = (stream := open_file(piece.file)), 0
        if Path(piece.path).suffix.lower() not in COMPRESSED:
            stream.seek(piece.byte)
        else:
            while (left := piece.byte - self._byte) and (read := stream.read(min(left, _SKIP))):
                self._byte += len(read)
        self._byte = piece.byte
        return stream
