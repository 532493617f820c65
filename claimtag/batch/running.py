"""A batch run: shards handed to worker processes in order, what goes wrong mended, every finished one committed."""

from __future__ import annotations

import heapq
import os
import queue
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from claimtag.batch.jobs import Job
from claimtag.batch.planning import changed_meanwhile
from claimtag.batch.ranges import Shard
from claimtag.batch.shards import Written
from claimtag.batch.worker import written_from_dict
from claimtag.batch.workers import Task, Worker, Workers
from claimtag.errors import BundleError, ClaimtagError, InputError, OutputError

_LOOK = 1.0  # seconds
_AHEAD = 100  # shards that are kept waiting for others at a time
_FALSE_STARTS = 3  # processes that die before they have loaded the model, after which the batch gives up
_DEATHS = 2  # of a worker on the same shard, after which its articles are tagged singly; and on one article, which is then rejected


@dataclass(slots=True)
class Progress:
    """How far a batch is: records tagged or rejected, those of an earlier run too; `begun` is when this run began."""

    records: int
    of: int
    rejects: int
    shards: int
    shards_of: int
    here: int = 0
    begun: float = 0.0

    @property
    def per_second(self) -> float:
        """Records a second of this run."""
        return self.here / max(1e-9, time.monotonic() - self.begun)

    @property
    def seconds_left(self) -> float | None:
        """About how long it will take, once that can be told."""
        return (self.of - self.records) / self.per_second if self.here else None


class Run:
    """Tags shards in worker processes that write into `drafts`, and gives each that was written to `commit`."""

    def __init__(
        self,
        job: Job,
        drafts: Path,
        shards: Iterator[Shard],
        commit: Callable[[Written], object],
        *,
        workers: int,
        article_timeout: float,
        touched: Mapping[str, int],
        progress: Progress,
        tell: Callable[[Progress], object],
    ) -> None:
        self._drafts, self._shards, self._keep, self._number = drafts, shards, commit, workers
        self._timeout, self._progress, self._tell = article_timeout, progress, tell
        self._job, self._touched = job, touched
        self._again: list[tuple[int, Task]] = []
        self._unfinished: set[int] = set()  # shards that were begun or wait for others
        self._records, self._rejects = progress.records, progress.rejects
        self._false_starts = 0
        self._looked = time.monotonic()
        self._committing: ThreadPoolExecutor

    def finish(self) -> None:
        """Returns when every shard is committed; an error stops all workers, and what is committed stays."""
        first = self._next()
        if first is None:
            return
        heapq.heappush(self._again, (first.shard.number, first))
        # commits go on in a thread, where no Ctrl-C reaches them, and are waited for
        with ThreadPoolExecutor(1) as committing, Workers(self._job, str(self._drafts)) as workers:
            self._committing = committing
            committing.submit(int).result()
            for _ in range(self._number):
                workers.start()
            while workers.alive:
                self._end_slow(workers)
                try:
                    worker, answer = workers.answers.get(timeout=min(_LOOK, self._timeout / 4))
                except queue.Empty:
                    continue
                if answer is None:
                    self._died(worker, workers)
                else:
                    self._said(worker, answer, workers)

    def _next(self) -> Task | None:
        """The first task that waits for no other, or None where none can be begun now."""
        waiting = list[tuple[int, Task]]()
        try:
            while len(waiting) < _AHEAD:
                if self._again:
                    task = heapq.heappop(self._again)[1]
                elif shard := next(self._shards, None):
                    task = Task(shard)
                    self._unfinished.add(shard.number)
                else:
                    return None
                if not task.shard.after & self._unfinished:
                    return task
                waiting.append((task.shard.number, task))
            return None
        finally:
            for each in waiting:
                heapq.heappush(self._again, each)

    def _end_slow(self, workers: Workers) -> None:
        """Kills the workers that have been too long at one article, or at one lot, once all that was said is heard."""
        now = time.monotonic()
        asleep, self._looked = now - self._looked > 5 * _LOOK, now
        if not workers.answers.empty():
            return
        for worker in workers.alive:
            if asleep:  # this process was stopped, or the machine slept: nobody can say how long they took
                worker.since = now
            elif worker.is_tagging and now - worker.since > self._timeout:
                worker.too_slow = True
                worker.kill()

    def _said(self, worker: Worker, answer: Mapping[str, Any], workers: Workers) -> None:
        if "row" in answer:
            worker.row, worker.rejects, worker.since = answer["row"], answer["rejects"], time.monotonic()
            self._report(workers)
        elif "ready" in answer:
            worker.ready, self._false_starts = True, 0
            self._occupy(worker, workers)
        elif "written" in answer:
            self._commit(worker, answer["written"])
            for idle in [each for each in workers.alive if each.ready and each.task is None]:
                self._occupy(idle, workers)
            self._report(workers)
        else:
            raise _error(answer)

    def _occupy(self, worker: Worker, workers: Workers) -> None:
        task = self._next()
        if task is not None:
            worker.give(task)
        elif not self._again:
            worker.kill()
            workers.bury(worker)

    def _commit(self, worker: Worker, record: dict[str, Any]) -> None:
        assert worker.task is not None
        written = written_from_dict(record)
        if changed := changed_meanwhile(worker.task.shard.pieces, self._touched):
            raise InputError(f"{changed}: changed while it was read; give --restart to begin anew")
        self._committing.submit(self._keep, written).result()
        self._records += written.facts["records"]
        self._rejects += written.facts["rejects"]
        self._unfinished.discard(written.shard)
        self._progress.shards += 1
        worker.task, worker.row = None, None

    def _died(self, worker: Worker, workers: Workers) -> None:
        """What the worker was at goes to another: as it was, then article by article, then without the article."""
        if worker not in workers.alive:
            return
        workers.bury(worker)
        task, code = worker.task, worker.process.returncode
        if task is None:
            self._false_starts += not worker.ready
            if self._false_starts >= _FALSE_STARTS:
                raise BundleError(
                    f"the worker processes end before they have loaded the model (exit code {code}); see above"
                )
        else:
            _blame(task, worker, self._timeout, code)
            heapq.heappush(self._again, (task.shard.number, task))
        workers.start()

    def _report(self, workers: Workers) -> None:
        under_way = [worker for worker in workers.alive if worker.task is not None and worker.row is not None]
        records = self._records + sum(worker.row or 0 for worker in under_way)
        self._progress.here += max(0, records - self._progress.records)
        self._progress.records = records
        self._progress.rejects = self._rejects + sum(worker.rejects for worker in under_way)
        self._tell(self._progress)


def _blame(task: Task, worker: Worker, timeout: float, code: int) -> None:
    row = worker.row
    if row is None or not worker.is_tagging:
        task.elsewhere += 1
        if task.elsewhere >= _FALSE_STARTS:
            raise OutputError(
                f"the process that tags shard {task.shard.number} ends when it begins or writes it (exit code {code}), "
                f"{task.elsewhere} times; is there too little memory? try a smaller --shard-size, fewer --workers"
            )
    elif not task.single:
        task.deaths += 1
        task.single = worker.too_slow or task.deaths >= _DEATHS
    else:
        task.deaths_at[row] = task.deaths_at.get(row, 0) + 1
        if worker.too_slow:
            task.skip[row] = f"took longer than the {timeout:g} s of --article-timeout"
        elif task.deaths_at[row] >= _DEATHS:
            how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
            task.skip[row] = f"ended the process that tagged it {how}, {task.deaths_at[row]} times"


def _error(answer: Mapping[str, Any]) -> ClaimtagError:
    """The error that stopped a worker, as the one to tell."""
    if answer["errno"] is not None:
        return OutputError(answer["errno"], os.strerror(answer["errno"]))
    known = {error.__name__: error for error in (BundleError, InputError, OutputError)}
    return known.get(answer["kind"], OutputError)(answer["failed"])
