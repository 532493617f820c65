"""A batch on a Ray cluster: Ray Data hands its shards to a pool of actors, and this process commits what they wrote.

Each actor has one worker process beside it, the same that a batch without Ray has, with all that protects from an article
that hangs or kills it. When a node dies, Ray starts its actors elsewhere and gives them its shards again. A shard counts
only once it is committed here, and is the same however often it was tagged: so every article comes out exactly once.

Shards are read and written by `batch`, not by Ray's readers and writers: Ray's write leaves the files of a lost task beside
those of its second try, and its blocks know nothing of rejects.
"""

from __future__ import annotations

import json
import os
import queue
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from claimtag.batch import ARTICLE_TIMEOUT, Batch, Engine, Job, Progress, Shard, Written, check_workers
from claimtag.batch.running import Run
from claimtag.batch.worker import written_from_dict, written_to_dict
from claimtag.errors import BundleError, ClaimtagError, EngineError, InputError, OptionError, OutputError, require

_PATIENCE = 5.0  # seconds for an answer from a cluster's address
_ERRORS = {error.__name__: error for error in (BundleError, InputError, OutputError)}


def on_ray(
    *,
    address: str | None = None,
    workers: int | None = None,
    gpus: float = 0,
    article_timeout: float = ARTICLE_TIMEOUT,
) -> Engine:
    """An engine for `tag_batch` on the Ray cluster at `address`, or without one on this machine alone.

    `workers` actors (default: as many as the cluster has room for) take a core and `gpus` of a GPU each. The cluster's nodes
    need the same claimtag, and the inputs, the model and the output folder under the same paths (a shared disk). EngineError
    if there is no such cluster, if it cannot hold a single actor, or if it gives up on one.
    """
    check_workers(1 if workers is None else workers, article_timeout)
    if gpus < 0:
        raise OptionError(f"a worker takes no GPU, one, or a part of one, not {gpus:g}")

    def engine(batch: Batch, progress: Progress, tell: Callable[[Progress], object]) -> None:
        with _cluster(address) as ray:
            room = _room(ray.cluster_resources(), gpus)
            left = list(batch.shards())
            if not left:
                return
            seats = min(room if workers is None else workers, len(left))
            found = (
                ray.data.from_items(
                    [{"shard": json.dumps(shard.to_dict())} for shard in left], override_num_blocks=len(left)
                )
                .map(
                    _Seat,
                    fn_constructor_kwargs={
                        "job": batch.job.to_dict(),
                        "drafts": str(batch.drafts),
                        "touched": dict(batch.touched),
                        "article_timeout": article_timeout,
                    },
                    compute=ray.data.ActorPoolStrategy(min_size=1, max_size=seats, max_tasks_in_flight_per_actor=1),
                    num_cpus=1,
                    num_gpus=gpus or None,
                )
                .iter_rows()
            )
            _commit_all(found, batch, progress, tell, ray)

    return engine


def _commit_all(
    found: Iterator[Mapping[str, str]],
    batch: Batch,
    progress: Progress,
    tell: Callable[[Progress], object],
    ray: Any,
) -> None:
    try:
        for row in found:
            answer = json.loads(row["answer"])
            if "failed" in answer:
                raise _error(answer)
            written = written_from_dict(answer)
            batch.commit(written)
            progress.shards += 1
            progress.rejects += written.facts["rejects"]
            progress.records += written.facts["records"]
            progress.here += written.facts["records"]
            tell(progress)
    except (ray.exceptions.RayError, ray.exceptions.RaySystemError) as error:
        raise EngineError(
            f"the Ray cluster gave up: {str(error).strip().splitlines()[0]}; {progress.shards:,} of {progress.shards_of:,} "
            "shards are finished and stay. When that is mended, the same command goes on"
        ) from error


class _Seat:
    """An actor: hands each shard to a worker process of its own, and has what goes wrong with it mended as `Run` does."""

    def __init__(self, job: dict[str, Any], drafts: str, touched: Mapping[str, int], article_timeout: float) -> None:
        self._shards: queue.Queue[Shard] = queue.Queue()
        self._answers: queue.Queue[dict[str, Any]] = queue.Queue()
        self._failed: dict[str, Any] | None = None
        self._run = Run(
            Job.from_dict(job),
            Path(drafts),
            iter(self._shards.get, None),
            self._written,
            workers=1,
            article_timeout=article_timeout,
            touched=touched,
            progress=Progress(0, 0, 0, 0, 0),
            tell=lambda progress: None,
        )
        threading.Thread(target=self._finish, daemon=True).start()

    def __call__(self, row: dict[str, str]) -> dict[str, str]:
        if self._failed is None:
            self._shards.put(Shard.from_dict(json.loads(row["shard"])))
        return {"answer": json.dumps(self._failed or self._answers.get())}

    def _written(self, written: Written) -> None:
        self._answers.put(written_to_dict(written))

    def _finish(self) -> None:
        try:
            self._run.finish()
        except Exception as error:  # whatever it is: somebody waits for an answer
            number = getattr(error, "errno", None)
            self._failed = {"failed": str(error), "kind": type(error).__name__, "errno": number}
            self._answers.put(self._failed)


@contextmanager
def _cluster(address: str | None) -> Iterator[Any]:
    """Ray, connected to the cluster, and afterwards as it was before."""
    ray = require("ray", extra="ray")
    require("ray.data", extra="ray")
    ours = not ray.is_initialized()
    if ours:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        alone = {} if address else {"include_dashboard": False}
        try:
            _knock(address)
            ray.init(address=address or "local", log_to_driver=False, logging_level="error", **alone)
        except (ConnectionError, RuntimeError, ValueError, OSError) as error:
            raise EngineError(
                f"no Ray cluster at {address!r}: {str(error).strip().splitlines()[0]}; start one with: ray start --head"
            ) from error
    context = ray.data.DataContext.get_current()
    before = context.enable_progress_bars
    context.enable_progress_bars = False
    try:
        yield ray
    finally:
        context.enable_progress_bars = before
        if ours:
            ray.shutdown()


def _knock(address: str | None) -> None:
    """OSError where nobody listens at `host:port`, which Ray finds out in minutes."""
    host, _, port = (address or "").removeprefix("ray://").rpartition(":")
    if host and port.isdigit():
        socket.create_connection((host, int(port)), timeout=_PATIENCE).close()


def _room(resources: Mapping[str, float], gpus: float) -> int:
    """How many actors the cluster has room for."""
    room = int(resources.get("CPU", 0))
    if gpus:
        room = min(room, int(resources.get("GPU", 0) / gpus))
    if room < 1:
        wanted = "a core" + (f" and {gpus:g} GPU" if gpus else "")
        has = ", ".join(f"{resources.get(name, 0):g} {name}" for name in ("CPU", "GPU"))
        raise EngineError(f"the Ray cluster has no room for a worker that takes {wanted}: it has {has}")
    return room


def _error(answer: Mapping[str, Any]) -> ClaimtagError:
    if answer["errno"] is not None:
        return OutputError(answer["errno"], os.strerror(answer["errno"]))
    return _ERRORS.get(answer["kind"], EngineError)(answer["failed"])
