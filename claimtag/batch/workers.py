"""The parent's side of the worker processes: started, told what to do, watched, killed and started again."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from claimtag.batch.jobs import Job
from claimtag.batch.ranges import Shard

# not multiprocessing: it would run the user's own script again, and hand this one's threads to a fork
_BOOT = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from claimtag.batch.worker import main; main()"
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


@dataclass(slots=True)
class Task:
    """A shard to be tagged, and what went wrong with it so far."""

    shard: Shard
    single: bool = False
    skip: dict[int, str] = field(default_factory=dict)
    deaths: int = 0
    elsewhere: int = 0
    deaths_at: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Worker:
    """One process; `since` is when it last said that it goes on, `row` the record that it is at."""

    process: subprocess.Popen[str]
    ready: bool = False
    task: Task | None = None
    row: int | None = None
    rejects: int = 0
    since: float = 0.0
    too_slow: bool = False
    listener: threading.Thread | None = None

    @property
    def is_tagging(self) -> bool:
        """Whether it is at an article, and not before the first or after the last."""
        return self.task is not None and self.row is not None and self.row < self.task.shard.rows

    def order(self, **what: Any) -> None:
        """Tells the process what to do; that it is dead already will be heard soon."""
        assert self.process.stdin is not None
        with suppress(OSError):
            self.process.stdin.write(json.dumps(what) + "\n")
            self.process.stdin.flush()

    def give(self, task: Task) -> None:
        """Has it tag a shard."""
        self.task, self.row, self.rejects, self.since, self.too_slow = task, None, 0, time.monotonic(), False
        skip = {str(row): reason for row, reason in task.skip.items()}
        self.order(shard=task.shard.to_dict(), single=task.single, skip=skip)

    def kill(self) -> None:
        """Ends the process at once, if it still runs."""
        with suppress(OSError):
            self.process.kill()


class Workers:
    """Worker processes, and one queue of what they say: `(worker, answer)`, the answer None when one has died."""

    def __init__(self, job: Job, folder: str) -> None:
        self._job, self._folder = job, folder
        self._environment = {**os.environ, **_threads()}
        self.answers: queue.Queue[tuple[Worker, Mapping[str, Any] | None]] = queue.Queue()
        self.alive: set[Worker] = set()

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.alive:
            worker.kill()
        for worker in list(self.alive):
            self.bury(worker)

    def bury(self, worker: Worker) -> None:
        """Waits for the end of a process that was killed or has died, and closes its pipes."""
        self.alive.discard(worker)
        worker.process.wait()
        if worker.listener is not None:
            worker.listener.join()
        for pipe in (worker.process.stdin, worker.process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def start(self) -> Worker:
        """Another process, which says "ready" when it has loaded the model."""
        process = subprocess.Popen(
            [sys.executable, "-c", _BOOT, json.dumps(sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env=self._environment,
            start_new_session=True,  # Ctrl-C is for the parent alone
        )
        worker = Worker(process)
        self.alive.add(worker)
        worker.listener = threading.Thread(target=self._listen, args=(worker,), daemon=True)
        worker.listener.start()
        worker.order(job=self._job.to_dict(), folder=self._folder)
        return worker

    def _listen(self, worker: Worker) -> None:
        stdout = worker.process.stdout
        assert stdout is not None
        with suppress(ValueError):  # half an answer, the last one
            for line in stdout:
                self.answers.put((worker, json.loads(line)))
        worker.process.wait()
        self.answers.put((worker, None))


def cores() -> int:
    """The processor's cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _threads() -> dict[str, str]:
    """One thread a worker in every library; what the user set stands.

    More would let sums depend on how many there are: of 200 articles one had another fourth digit of a score.
    """
    return {name: "1" for name in _THREADS if name not in os.environ}
