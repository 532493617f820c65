"""A batch on a Ray cluster: a pool of actors tags its shards, and this process commits what they wrote.

Each actor has one worker process beside it, the same that a batch without Ray has, with all that protects from an
article that hangs or kills it. The shards of an actor that dies with its node go to the others, and another actor is
asked for. A shard counts only once it is committed here, and is the same however often it was tagged: so every article
comes out exactly once.

Actors are Ray's own, not those of Ray Data: the pool of these stayed at one actor where an actor takes one shard at a
time, and shards are read, written and committed by `batch`, so that nothing rests on how Ray Data writes and retries.
"""

from __future__ import annotations

import json
import os
import queue
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from claimtag.batch import ARTICLE_TIMEOUT, Batch, Engine, Job, Progress, Shard, Written, check_workers
from claimtag.batch.running import Run
from claimtag.batch.worker import written_from_dict, written_to_dict
from claimtag.errors import BundleError, ClaimtagError, EngineError, InputError, OptionError, OutputError, require

_LOOK = 1.0  # seconds
_PATIENCE = 30.0  # seconds without any worker at work, after which it is asked whether the cluster has room for one
_KNOCK = 5.0  # seconds for an answer from a cluster's address
_DEATHS = 5  # of workers at the same shard, or before they have begun, after which the batch gives up
_ERRORS = {error.__name__: error for error in (BundleError, InputError, OutputError)}


def on_ray(
    *,
    address: str | None = None,
    workers: int | None = None,
    gpus: float = 0,
    article_timeout: float = ARTICLE_TIMEOUT,
) -> Engine:
    """An engine for `tag_batch` on the Ray cluster at `address`, or without one on this machine alone.

    `workers` actors (default: as many as the cluster has room for) take a core and `gpus` of a GPU each. The cluster's
    nodes need the same claimtag, and the inputs, the model and the output folder under the same paths (a shared disk).
    EngineError if there is no such cluster, if it cannot hold a single actor, or if it gives up on one.
    """
    check_workers(1 if workers is None else workers, article_timeout)
    if gpus < 0:
        raise OptionError(f"a worker takes no GPU, one, or a part of one, not {gpus:g}")

    def engine(batch: Batch, progress: Progress, tell: Callable[[Progress], object]) -> None:
        if progress.shards == progress.shards_of:
            return
        with _cluster(address) as ray:
            room = _room(ray.cluster_resources(), gpus)
            given = batch.job.to_dict(), str(batch.drafts), dict(batch.touched), article_timeout
            pool = _Pool(ray, lambda: ray.remote(num_cpus=1, num_gpus=gpus or None)(_Seat).remote(*given))
            left = progress.shards_of - progress.shards
            seats = min(room if workers is None else workers, left)
            for written in pool.tagged(batch.shards(), left, seats, lambda: _room(ray.cluster_resources(), gpus)):
                batch.commit(written)
                progress.shards += 1
                progress.rejects += written.facts["rejects"]
                progress.records += written.facts["records"]
                progress.here += written.facts["records"]
                tell(progress)

    return engine


class _Pool:
    """Actors that tag shards; one that dies is replaced, and what it was at given to another."""

    def __init__(self, ray: Any, start: Callable[[], Any]) -> None:
        self._ray, self._start = ray, start
        self._at: dict[Any, tuple[Any, Shard | None]] = {}  # what an actor will answer: its shard, or that it is there
        self._again: list[Shard] = []
        self._deaths: Counter[int | None] = Counter()

    def tagged(
        self, shards: Iterator[Shard], number: int, seats: int, check: Callable[[], object]
    ) -> Iterator[Written]:
        """The `number` shards as they were written, once finished; `check` raises where there is no room any more."""
        try:
            for _ in range(seats):
                self._hire()
            heard = time.monotonic()
            while number:
                done, _ = self._ray.wait(list(self._at), timeout=_LOOK)
                for reference in done:
                    heard = time.monotonic()
                    actor, shard = self._at.pop(reference)
                    try:
                        answer = json.loads(self._ray.get(reference))
                    except self._ray.exceptions.RayActorError as error:
                        self._died(shard, error)
                        continue
                    if "failed" in answer:
                        raise _error(answer)
                    if shard is not None:
                        number -= 1
                        yield written_from_dict(answer)
                    following = self._again.pop() if self._again else next(shards, None)
                    if following is not None:
                        self._at[actor.tag.remote(json.dumps(following.to_dict()))] = actor, following
                if time.monotonic() - heard > _PATIENCE and not any(shard for _, shard in self._at.values()):
                    check()
        except self._ray.exceptions.RayError as error:
            raise EngineError(f"the Ray cluster gave up: {_first_line(error)}; the same command goes on") from error
        finally:
            for actor, _ in self._at.values():
                with suppress(Exception):
                    self._ray.kill(actor)

    def _hire(self) -> None:
        actor = self._start()
        self._at[actor.ready.remote()] = actor, None

    def _died(self, shard: Shard | None, error: Exception) -> None:
        number = None if shard is None else shard.number
        self._deaths[number] += 1
        if self._deaths[number] >= _DEATHS:
            at = "before they have begun" if shard is None else f"at shard {number}"
            raise EngineError(f"the workers on the cluster die {at}, {_DEATHS} times: {_first_line(error)}") from error
        if shard is not None:
            self._again.append(shard)
        self._hire()


class _Seat:
    """An actor: hands each shard to a worker process of its own, and mends what goes wrong with it as `Run` does."""

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

    def ready(self) -> str:
        """Answers once it is there."""
        return "{}"

    def tag(self, order: str) -> str:
        """A shard as JSON; gives what was written, or what failed, as JSON."""
        if self._failed is None:
            self._shards.put(Shard.from_dict(json.loads(order)))
        return json.dumps(self._failed or self._answers.get())

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
    ours = not ray.is_initialized()
    if ours:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        alone = {} if address else {"include_dashboard": False}
        try:
            _knock(address)
            ray.init(address=address or "local", log_to_driver=False, logging_level="error", **alone)
        except (ConnectionError, RuntimeError, ValueError, OSError) as error:
            raise EngineError(
                f"no Ray cluster at {address!r}: {_first_line(error)}; start one with: ray start --head"
            ) from error
    try:
        yield ray
    finally:
        if ours:
            ray.shutdown()


def _knock(address: str | None) -> None:
    """OSError where nobody listens at `host:port`, which Ray finds out in minutes."""
    host, _, port = (address or "").removeprefix("ray://").rpartition(":")
    if host and port.isdigit():
        socket.create_connection((host, int(port)), timeout=_KNOCK).close()


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


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
