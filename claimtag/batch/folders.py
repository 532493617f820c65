"""The folder of a batch: what lies in it, who may write there, and how a shard becomes part of it in one step.

    part-00000.parquet …   the shards, whole or not there
    rejects.jsonl          the records that could not be used, in input order; absent where there are none
    near-duplicates.jsonl  the clusters of articles that share most of their wording, where they were asked for
    manifest.json          inputs and their hashes, shards and their ranges, model, scheme, versions, counts, time
    .batch/                what it takes to go on: the job, the plan, the facts of finished shards; a lock; drafts

A shard is finished when its facts stand in `.batch/done`: they are written after its files have taken their places.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from claimtag.batch.shards import Written
from claimtag.errors import OutputError

STATE, MANIFEST, REJECTS, ORIGINALS = ".batch", "manifest.json", "rejects.jsonl", "originals"
NEAR, OWN_INDEX = "near-duplicates.jsonl", "near.sqlite"
_PART = "part-"
_OURS = re.compile(rf"{_PART}\d{{5,}}\.(parquet|jsonl)")


class Folder:
    """The output folder of a batch; `path` is where it is, whatever links lead there."""

    def __init__(self, out: str | Path, format: str) -> None:
        self.shown, self.format = str(out), format
        self.path = Path(out).resolve()
        self.state = self.path / STATE
        self.plan, self.drafts, self.originals = (self.state / name for name in ("plan", "drafts", ORIGINALS))
        self._done, self._rejects, self._job = self.state / "done", self.state / "rejects", self.state / "job.json"

    @property
    def _folders(self) -> tuple[Path, ...]:
        return (self.plan, self.drafts, self.originals, self._done, self._rejects)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """The folder made, and closed to other batches until the block or this process ends; OutputError if taken."""
        self._check()
        self.path.mkdir(parents=True, exist_ok=True)
        self._make(self.state)
        with _lock(self.state / "lock", self.shown):
            self._make(*self._folders)
            yield

    def _make(self, *folders: Path) -> None:
        for folder in folders:
            folder.mkdir(exist_ok=True)
            if stat.S_ISLNK(os.lstat(folder).st_mode):
                raise OutputError(f"{self.shown}: {folder.name} is a link, which a batch does not follow; take it away")

    def _check(self) -> None:
        """OutputError unless a batch may write here: into a new folder, an empty one, or one that is a batch's."""
        if self.path.exists() and not self.path.is_dir():
            raise OutputError(f"{self.shown}: is a file; a batch writes into a folder")
        if not self.state.is_dir() and self.path.is_dir() and any(self.path.iterdir()):
            raise OutputError(f"{self.shown}: there are other files in it, and no batch; give a new or empty folder")

    def job(self) -> dict[str, Any] | None:
        """What `begin` wrote down, or None where nothing was begun."""
        try:
            record: dict[str, Any] = json.loads(self._job.read_bytes())
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise OutputError(f"{self._job}: damaged ({error}); give --restart to begin anew") from error
        return record

    def begin(self, job: Mapping[str, Any]) -> None:
        """Writes down what is to be done: from here on the batch goes on where it was interrupted."""
        _replace(self._job, json.dumps(job, indent=1))

    def clear(self) -> None:
        """Takes away everything that a batch wrote here."""
        self._job.unlink(missing_ok=True)  # first: what is half cleared is not gone on with
        for path in self.path.iterdir():
            if _OURS.fullmatch(path.name) or path.name in (MANIFEST, REJECTS, NEAR):
                path.unlink()
        (self.state / OWN_INDEX).unlink(missing_ok=True)
        for folder in self._folders:
            shutil.rmtree(folder)
            folder.mkdir()

    def sweep(self) -> None:
        """Takes away drafts that nobody will finish."""
        for path in self.drafts.iterdir():
            with suppress(OSError):
                path.unlink()

    def part(self, shard: int) -> Path:
        """Where a shard's output belongs."""
        return self.path / f"{_PART}{shard:05d}.{self.format}"

    def commit(self, written: Written) -> None:
        """Makes a shard part of the output: from then on its articles and rejects are there, before neither counts."""
        rejects = self._rejects / f"{written.shard}.jsonl"
        if written.rejects is not None:
            written.rejects.replace(rejects)
        else:
            rejects.unlink(missing_ok=True)
        if written.originals is not None:
            written.originals.replace(self.originals / f"{written.shard}.jsonl")
        written.output.replace(self.part(written.shard))
        for folder in (self._rejects, self.path):
            _sync(folder)
        _replace(self._done / f"{written.shard}.json", json.dumps(written.facts))

    @property
    def names(self) -> tuple[str, ...]:
        """Names that files of the output have, one of each kind."""
        return (self.part(0).name, MANIFEST, REJECTS, NEAR)

    def draft(self, name: str) -> AbstractContextManager[IO[str]]:
        """A file of the folder that takes its place when the block ends well."""
        return _draft(self.path / name)

    def facts(self, shard: int) -> dict[str, Any] | None:
        """What was counted of a finished shard; None for one that is not, or whose file is gone or has another size."""
        try:
            facts: dict[str, Any] = json.loads((self._done / f"{shard}.json").read_bytes())
            whole = os.lstat(self.part(shard)).st_size == facts["bytes"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return facts if whole else None

    def finish(self, manifest: Mapping[str, Any], shards: int) -> int:
        """Writes the rejects of the finished shards and the manifest; its `files` and `shards` may be any iterables."""
        rejects = 0
        with _draft(self.path / REJECTS) as file:
            for shard in range(shards):
                with suppress(FileNotFoundError), (self._rejects / f"{shard}.jsonl").open(encoding="utf-8") as lines:
                    if self.facts(shard) is not None:
                        for line in lines:
                            file.write(line)
                            rejects += 1
        if not rejects:
            (self.path / REJECTS).unlink()
        with _draft(self.path / MANIFEST) as file:
            for number, (name, value) in enumerate(manifest.items()):
                file.write(f"{',' if number else '{'}\n {json.dumps(name)}: ")
                if isinstance(value, Iterator):
                    file.writelines(_array(value))
                else:
                    file.write(json.dumps(value))
            file.write("\n}\n")
        return rejects


def _array(values: Iterable[object]) -> Iterator[str]:
    """A JSON array, one value a line, in constant memory."""
    mark = "["
    for value in values:
        yield f"{mark}\n  {json.dumps(value)}"
        mark = ","
    yield "\n ]" if mark == "," else "[]"


@contextmanager
def _draft(path: Path) -> Iterator[IO[str]]:
    """A file that takes its place, replacing a link rather than what it points to, when the block ends well."""
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    try:
        with draft.open("x", encoding="utf-8") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise
    _sync(path.parent)


def _replace(path: Path, text: str) -> None:
    with _draft(path) as file:
        file.write(text)


def _sync(folder: Path) -> None:
    """Makes the names in a folder outlive a power cut, where the system knows how."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _lock(path: Path, shown: str) -> Iterator[None]:
    """A lock that ends with this process, however it ends."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
    try:
        try:
            if sys.platform != "win32":
                import fcntl

                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            else:
                import msvcrt

                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except BlockingIOError as error:
            raise OutputError(f"{shown}: another batch is writing there; wait for it, or give another --out") from error
        yield
    finally:
        os.close(descriptor)
