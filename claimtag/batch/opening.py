"""A batch as it lies in its folder: planned or gone on with, its shards committed one by one, its manifest written."""

from __future__ import annotations

import fnmatch
import glob
import os
import platform
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from claimtag.batch.folders import Folder
from claimtag.batch.jobs import Job, differences, identity
from claimtag.batch.planning import Planned, changes, make_plan, read_files, read_shards
from claimtag.batch.ranges import Shard
from claimtag.batch.shards import Written
from claimtag.errors import BundleError, OptionError
from claimtag.reading.making import Counts
from claimtag.summary import Summary

_VERSIONS = ("numpy", "scipy", "scikit-learn", "pyarrow")


@dataclass(slots=True)
class Report:
    """What a batch came to so far, the shards of earlier runs too; `counts` and `summary` are of the finished shards.

    `seconds` is what this call took, and `here` how many records it went through.
    """

    shards: int
    shards_of: int
    articles: int = 0
    rejects: int = 0
    seconds: float = 0.0
    here: int = 0
    counts: Counts = field(default_factory=Counts)
    summary: Summary = field(default_factory=Summary)

    @property
    def finished(self) -> bool:
        """Whether every record of the inputs is in the output or among the rejects."""
        return self.shards == self.shards_of


class Batch:
    """A batch whose folder is ours as long as `open_batch` lasts."""

    def __init__(
        self, job: Job, folder: Folder, planned: Planned, begun: str, touched: Mapping[str, int], now: dict[str, Any]
    ) -> None:
        self.job, self.folder, self.planned, self.touched, self._begun = job, folder, planned, touched, begun
        self._identity = now

    @property
    def drafts(self) -> Path:
        """Where `tag_shard` is to write."""
        return self.folder.drafts

    @property
    def originals(self) -> Path:
        """Where `tag_shard` finds articles of other shards that have copies."""
        return self.folder.originals

    def shards(self) -> Iterator[Shard]:
        """The shards that are not finished, in order."""
        return (shard for shard in read_shards(self.folder.plan) if self.folder.facts(shard.number) is None)

    def commit(self, written: Written) -> None:
        """Makes a shard part of the output in one step; a second time changes nothing, since the content is the same.

        BundleError where the model or the scheme is not any more what the batch was begun with: a worker may have the
        new one.
        """
        if other := list(differences(self._identity, identity(self.job))):
            raise BundleError(f"changed while the batch ran: {'; '.join(other[:5])}. Give --restart to begin anew")
        self.folder.commit(written)

    def report(self) -> Report:
        """What is finished so far."""
        report = Report(0, self.planned.shards)
        report.counts.hidden = self.planned.hidden
        for facts in filter(None, map(self.folder.facts, range(self.planned.shards))):
            report.shards += 1
            report.articles += facts["articles"]
            report.rejects += facts["rejects"]
            report.counts.dates_not_understood += facts["counts"]["dates_not_understood"]
            report.counts.fields_left_out += facts["counts"]["fields_left_out"]
            report.summary.add(facts["summary"])
        return report

    def close(self) -> Report:
        """Writes `rejects.jsonl` and `manifest.json` as things stand; may be called again later."""
        report = self.report()
        self.folder.finish(
            {
                **self._identity,
                "versions": _versions(),
                "begun": self._begun,
                "written": _now(),
                "finished": report.finished,
                "articles": report.articles,
                "rejects": report.rejects,
                "seconds": round(sum(each.get("seconds", 0) for each in self._shard_records()), 3),
                "planned": asdict(self.planned),
                "files": read_files(self.folder.plan),
                "shards": self._shard_records(),
            },
            self.planned.shards,
        )
        return report

    def _shard_records(self) -> Iterator[dict[str, Any]]:
        for shard in read_shards(self.folder.plan):
            facts = self.folder.facts(shard.number) or {}
            kept = {
                name: facts[name] for name in ("articles", "rejects", "bytes", "sha256", "seconds") if name in facts
            }
            yield (
                {"file": self.folder.part(shard.number).name, "finished": bool(facts)}
                | kept
                | {
                    "records": shard.rows,
                    "ranges": [piece.to_dict() for piece in shard.pieces],
                }
            )


@contextmanager
def open_batch(
    job: Job, out: str | Path, *, restart: bool = False, tell: Callable[[int], object] = lambda records: None
) -> Iterator[Batch]:
    """The batch in a folder, planned if new, and closed to others meanwhile; `tell` hears how many records are planned.

    OptionError where the inputs, the model, the options or the version are not those that it was begun with (with
    `restart` it is begun anew); OutputError where the folder is somebody else's, or another process is at it.
    """
    folder = Folder(out, job.format)
    _check_apart(job, folder, str(out))
    now = identity(job)
    with folder.locked():
        before = None if restart else folder.job()
        touched: dict[str, int] = {}
        if before is None:
            folder.clear()
            before = {**now, "planned": asdict(make_plan(job, folder.plan, tell=tell)), "begun": _now()}
            folder.begin(before)
        else:
            other, touched = _changed(before, now, job, folder)
            if other:
                raise OptionError(
                    f"{out}: holds a batch that was begun otherwise: {'; '.join(other[:5])}. "
                    "Give the same command as then, --restart to begin anew (what is there is deleted), or another --out"
                )
        folder.sweep()
        yield Batch(job, folder, Planned(**before["planned"]), before["begun"], touched, now)


def preview(job: Job, out: str | Path, *, tell: Callable[[int], object] = lambda records: None) -> Preview:
    """What `open_batch` would find or plan, with nothing written."""
    folder = Folder(out, job.format)
    _check_apart(job, folder, str(out))
    now, before = identity(job), folder.job()
    other = [] if before is None else _changed(before, now, job, folder)[0]
    if before is None or other:
        with tempfile.TemporaryDirectory() as drafts:
            return Preview(make_plan(job, Path(drafts), tell=tell), 0, tuple(other))
    planned = Planned(**before["planned"])
    finished = sum(folder.facts(shard) is not None for shard in range(planned.shards))
    return Preview(planned, finished, ())


@dataclass(frozen=True, slots=True)
class Preview:
    """What a batch would do: its plan, how many shards are finished already, and what forbids to go on."""

    planned: Planned
    finished: int
    differences: tuple[str, ...]


def _changed(
    before: Mapping[str, Any], now: Mapping[str, Any], job: Job, folder: Folder
) -> tuple[list[str], dict[str, int]]:
    """What is not as it was when the batch was begun, in words; and the new times of files that only look changed."""
    other = list(differences({name: before.get(name) for name in now}, now))
    return (other, {}) if other else changes(job, folder.plan)


def _check_apart(job: Job, folder: Folder, out: str) -> None:
    for name in job.inputs:
        path = Path(name).resolve()
        if path.is_relative_to(folder.path) or (path.is_dir() and folder.path.is_relative_to(path)):
            raise OptionError(f"{out} and the input {name} lie one inside the other; give an --out elsewhere")
        if (
            not os.path.exists(name)
            and glob.has_magic(name)
            and any(_matches(folder.path / own, name) for own in folder.names)
        ):
            raise OptionError(f"the pattern {name} would match what is written to {out}; give an --out elsewhere")


def _matches(path: Path, pattern: str) -> bool:
    """Whether a pattern would find a file, as `glob` follows it, were the file there."""

    def match(names: tuple[str, ...], parts: tuple[str, ...]) -> bool:
        if not names or not parts:
            return not names and not parts
        hidden = names[0].startswith(".")
        if parts[0] == "**":
            return match(names, parts[1:]) or (not hidden and match(names[1:], parts))
        seen = not hidden or parts[0].startswith(".")
        return seen and fnmatch.fnmatch(names[0], parts[0]) and match(names[1:], parts[1:])

    parts = Path(pattern).parts
    plain = next(at for at, part in enumerate(parts) if glob.has_magic(part))
    begun = Path(*parts[:plain]).resolve()
    return path.is_relative_to(begun) and match(path.relative_to(begun).parts, parts[plain:])


def _versions() -> dict[str, str]:
    return {"python": platform.python_version()} | {name: metadata.version(name) for name in _VERSIONS}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
