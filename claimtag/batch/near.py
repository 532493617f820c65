"""Near duplicates: articles that share most of their wording, such as an agency's text in several papers.

A pass of its own over tagged shards, in their order: tagging never depends on it, and nothing is dropped. Each article
gets a MinHash signature of its runs of five words (Broder 1997, by datasketch); those that agree in one of 16 bands of
8 values with an earlier one, and in at least 80 % of all values, get the cluster of the earliest such. Signatures stay
in an index on disk (SQLite): memory is constant, an interrupted pass goes on, and a later batch finds the articles of
earlier ones.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from claimtag.batch.folders import NEAR, OWN_INDEX, Folder
from claimtag.errors import InputError, OutputError
from claimtag.segmenting import normalise

ALIKE = 0.8  # share of equal values, which estimates the share of common runs of words (standard error 0.035)
_VALUES, _BANDS, _RUN = 128, 16, 5  # of pairs with 80 % in common 95 % agree in a band, with 60 % 23 %, with 30 % 0.1 %
_LOT = 500  # articles between two commits of the index
_TABLES = """
CREATE TABLE IF NOT EXISTS made (what TEXT PRIMARY KEY, how TEXT);
CREATE TABLE IF NOT EXISTS articles (number INTEGER PRIMARY KEY, id TEXT UNIQUE, signature BLOB, cluster TEXT, likeness REAL);
CREATE TABLE IF NOT EXISTS bands (band INTEGER, value BLOB, number INTEGER, PRIMARY KEY (band, value, number)) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Placed:
    """An article's cluster, named by the id of its first one; `likeness` to that of the cluster it resembles most."""

    id: str
    cluster: str
    likeness: float


class Index:
    """Signatures of articles on disk.

    >>> with Index(":memory:") as index:
    ...     [index.place(name, text).cluster for name, text in [
    ...         ("a", "un deux trois quatre cinq six"),
    ...         ("b", "Un deux trois, quatre cinq six."),
    ...         ("c", "sept huit neuf"),
    ...     ]]
    ['a', 'a', 'c']
    """

    def __init__(self, path: str | Path) -> None:
        made = {
            "datasketch": metadata.version("datasketch").partition(".")[0],
            "values": str(_VALUES),
            "run": str(_RUN),
        }
        try:
            self._base = sqlite3.connect(path)
        except sqlite3.Error as error:
            raise InputError(f"{path}: cannot be opened as an index of near duplicates ({error})") from error
        try:
            self._base.executescript(_TABLES)
            before = dict(self._base.execute("SELECT what, how FROM made"))
        except sqlite3.OperationalError as error:  # locked, no disk space: the file may be in order
            self._base.close()
            raise InputError(f"{path}: cannot be used as an index of near duplicates ({error})") from error
        except sqlite3.Error as error:
            self._base.close()
            raise InputError(f"{path}: not an index of near duplicates ({error}); give another file") from error
        if before and before != made:
            self._base.close()
            raise InputError(f"{path}: made otherwise ({before}, now {made}), signatures differ; give another file")
        self._base.executemany("INSERT OR IGNORE INTO made VALUES (?, ?)", made.items())
        self._unsaved = 0

    def __enter__(self) -> Index:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._base.commit()
        finally:
            self._base.close()

    def place(self, identity: str, text: str) -> Placed:
        """The cluster of an article, which from now on others can be near to; that of an id placed before stays."""
        if (signature := _signature(text)) is None:
            return Placed(identity, identity, 1.0)
        blob = signature.tobytes()
        row = self._base.execute(
            "SELECT signature, cluster, likeness FROM articles WHERE id = ?", (identity,)
        ).fetchone()
        if row is not None and row[0] == blob:
            return Placed(identity, row[1], row[2])
        cluster, likeness = self._nearest(signature) or (identity, 1.0)
        with closing(self._base.cursor()) as cursor:
            if row is not None:  # the same id with another text
                cursor.execute(
                    "DELETE FROM bands WHERE number = (SELECT number FROM articles WHERE id = ?)", (identity,)
                )
                cursor.execute("DELETE FROM articles WHERE id = ?", (identity,))
            cursor.execute(
                "INSERT INTO articles (id, signature, cluster, likeness) VALUES (?, ?, ?, ?)",
                (identity, blob, cluster, likeness),
            )
            number = cursor.lastrowid
            rows = [(band, value, number) for band, value in _bands(signature)]
            cursor.executemany("INSERT OR IGNORE INTO bands VALUES (?, ?, ?)", rows)
        self._unsaved += 1
        if self._unsaved >= _LOT:
            self._base.commit()
            self._unsaved = 0
        return Placed(identity, cluster, likeness)

    def _nearest(self, signature: NDArray[np.uint32]) -> tuple[str, float] | None:
        """The cluster of the article that shares most with this one, if enough; of equally near ones the earliest."""
        numbers = set[int]()
        for band, value in _bands(signature):
            found = self._base.execute("SELECT number FROM bands WHERE band = ? AND value = ? LIMIT 20", (band, value))
            numbers.update(number for (number,) in found)
        best: tuple[float, str] | None = None
        for number in sorted(numbers):
            blob, cluster = self._base.execute(
                "SELECT signature, cluster FROM articles WHERE number = ?", (number,)
            ).fetchone()
            likeness = float((np.frombuffer(blob, dtype=np.uint32) == signature).mean())
            if likeness >= ALIKE and (best is None or likeness > best[0]):
                best = (likeness, cluster)
        return None if best is None else (best[1], round(best[0], 3))


def check_index(path: str | Path, out: str | Path) -> None:
    """InputError unless an index is at the path or can be made there, so that it is told before hours of tagging."""
    if os.path.lexists(path):
        with Index(path):
            return
    parent = Path(path).parent
    if not parent.is_dir() and parent.resolve() != Path(out).resolve():
        raise InputError(f"{path}: the folder for the index of near duplicates is not there")


def mark_near_duplicates(
    folder: Folder,
    shards: int,
    *,
    index: str | Path | None = None,
    tell: Callable[[int], object] = lambda articles: None,
) -> int:
    """Writes `near-duplicates.jsonl` beside the shards: each article's id, cluster and likeness; how many joined one.

    The index is a file of its own, or lies with the batch; with the one of earlier batches an article can be in the
    cluster of one of theirs.
    """
    path = folder.state / OWN_INDEX if index is None else index
    try:
        return _mark(folder, shards, path, tell)
    except sqlite3.Error as error:  # a full disk, an index that another batch writes to or that cannot be written
        raise OutputError(
            f"{path}: the index of near duplicates cannot be written ({error}). The shards are finished and stay; when "
            "that is mended, the same command goes on"
        ) from error


def _mark(folder: Folder, shards: int, path: str | Path, tell: Callable[[int], object]) -> int:
    joined = 0
    with folder.locked(), Index(path) as known, folder.draft(NEAR) as file:
        for number, (identity, text) in enumerate(_articles(folder, shards), start=1):
            placed = known.place(identity, text)
            record = {"id": placed.id, "cluster": placed.cluster, "likeness": placed.likeness}
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
            joined += placed.cluster != identity
            tell(number)
    return joined


def _articles(folder: Folder, shards: int) -> Iterator[tuple[str, str]]:
    """The ids and texts of finished shards, in order."""
    for number in range(shards):
        path = folder.part(number)
        if folder.format == "parquet":
            import pyarrow.parquet

            with pyarrow.parquet.ParquetFile(path) as source:
                for batch in source.iter_batches(batch_size=256, columns=["id", "text"]):
                    yield from zip(batch["id"].to_pylist(), batch["text"].to_pylist(), strict=True)
        else:
            with path.open(encoding="utf-8") as lines:
                for line in lines:
                    record: dict[str, Any] = json.loads(line)
                    yield record["id"], record["text"]


def _signature(text: str) -> NDArray[np.uint32] | None:
    """The MinHash of a text's runs of five words, whatever its case, punctuation, white space. None without words."""
    from datasketch import MinHash

    words = "".join(char if char.isalnum() else " " for char in normalise(text).casefold()).split()
    if not words:
        return None
    runs = {" ".join(words[at : at + _RUN]) for at in range(max(1, len(words) - _RUN + 1))}
    sketch = MinHash(num_perm=_VALUES, seed=1)
    sketch.update_batch([run.encode() for run in sorted(runs)])
    return np.asarray(sketch.hashvalues).astype(np.uint32)


def _bands(signature: NDArray[np.uint32]) -> Iterable[tuple[int, bytes]]:
    """Each band's number and its values."""
    return ((band, part.tobytes()) for band, part in enumerate(signature.reshape(_BANDS, -1)))
