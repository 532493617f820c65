"""A million articles: tagged by several processes into shards, in constant memory, taken up after any interruption.

The inputs are read through once and cut into shards of so many records (`planning`). Worker processes load the model
once and tag one shard after the other (`shards`, `worker`); each is written under a temporary name and takes its place
in one step (`folders`). What stands in the folder afterwards depends on the inputs and the job alone: not on the number
of workers, nor on how often the batch was interrupted.

Another engine than local processes needs `open_batch`, then `open_tagger` and `tag_shard` for each of its `shards`
wherever it likes, and `commit` for each that was written.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from claimtag.batch.jobs import DEDUPES, FORMATS, SHARD_SIZE, Dedupe, Format, Job, open_tagger
from claimtag.batch.opening import Batch, Preview, Report, open_batch, preview
from claimtag.batch.planning import Planned
from claimtag.batch.ranges import Shard
from claimtag.batch.running import Progress, Run
from claimtag.batch.shards import Written, tag_shard
from claimtag.batch.workers import cores
from claimtag.errors import OptionError, OutputError

__all__ = [
    "tag_batch",
    "open_batch",
    "open_tagger",
    "tag_shard",
    "preview",
    "Batch",
    "Preview",
    "Job",
    "Report",
    "Progress",
    "Planned",
    "Shard",
    "Written",
    "Engine",
    "check_workers",
    "Format",
    "Dedupe",
    "FORMATS",
    "DEDUPES",
    "SHARD_SIZE",
    "ARTICLE_TIMEOUT",
]

ARTICLE_TIMEOUT = 60.0  # seconds


Engine: TypeAlias = Callable[["Batch", Progress, Callable[[Progress], object]], None]
"""Tags the shards of a batch that are not finished, and commits each; says how far it is."""


def tag_batch(
    job: Job,
    out: str | Path,
    *,
    workers: int | None = None,
    article_timeout: float = ARTICLE_TIMEOUT,
    engine: Engine | None = None,
    restart: bool = False,
    tell_planning: Callable[[int], object] = lambda records: None,
    tell: Callable[[Progress], object] = lambda progress: None,
) -> Report:
    """Every article of the inputs in a folder of shards or among its rejects, exactly once; goes on where it stopped.

    `workers` processes (default: one a core) load the model; an article over which one of them dies twice, which
    raises, or which takes longer than `article_timeout` seconds, is rejected with its reason. Whatever ends this
    process, the same call goes on after the last finished shard. Another `engine` than local processes, such as
    `engines.ray.on_ray`, brings its own workers. See `open_batch` for what is refused.
    """
    engine = engine or _local(cores() if workers is None else workers, article_timeout)
    begun = time.monotonic()
    with open_batch(job, out, restart=restart, tell=tell_planning) as batch:
        report = batch.report()
        progress = Progress(
            records=report.articles + report.rejects,
            of=batch.planned.rows,
            rejects=report.rejects,
            shards=report.shards,
            shards_of=report.shards_of,
            begun=time.monotonic(),
        )
        try:
            engine(batch, progress, tell)
            report = batch.close()
        except OSError as error:
            if isinstance(error, OutputError) and error.errno is None:
                raise
            raise OutputError(
                f"{out}: cannot be written to: {error.strerror or error}; {progress.shards:,} of {report.shards_of:,} shards "
                "are finished and stay. When that is mended, the same command goes on"
            ) from error
        except BaseException:  # told to stop, or an input that changed: what there is gets its rejects and its manifest
            with suppress(OSError):
                batch.close()
            raise
    report.seconds, report.here = time.monotonic() - begun, progress.here
    return report


def check_workers(workers: int, article_timeout: float) -> None:
    """OptionError for no workers, or no time for an article."""
    if workers < 1 or not article_timeout > 0:
        raise OptionError("a batch needs at least 1 worker, and more than 0 seconds for an article")


def _local(workers: int, article_timeout: float) -> Engine:
    check_workers(workers, article_timeout)

    def engine(batch: Batch, progress: Progress, tell: Callable[[Progress], object]) -> None:
        Run(
            batch.job,
            batch.drafts,
            batch.shards(),
            batch.commit,
            workers=min(workers, max(1, progress.shards_of - progress.shards)),
            article_timeout=article_timeout,
            touched=batch.touched,
            progress=progress,
            tell=tell,
        ).finish()

    return engine
