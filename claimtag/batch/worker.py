"""A worker process: loads the model once and tags the shards that it is told to, until its parent hangs up.

One JSON object a line: orders come on standard input, answers go to standard output. An order is `{"job": …, "folder":
…}` first and then `{"shard": …, "single": …, "skip": …}`; an answer `{"ready": …}`, `{"row": …, "rejects": …}` before
each lot of articles, `{"written": …}`, or `{"failed": …}` for what no other shard will mend.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
from pathlib import Path
from typing import Any, TextIO

from claimtag.batch.folders import ORIGINALS
from claimtag.batch.jobs import Job, open_tagger
from claimtag.batch.ranges import Reader, Shard
from claimtag.batch.shards import Written, tag_shard
from claimtag.errors import ClaimtagError, OutputError


def main() -> None:
    """Works until standard input ends: then the parent is gone, and what is under way is nobody's any more."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is no answer
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent says when to stop
    orders: queue.Queue[dict[str, Any]] = queue.Queue()
    threading.Thread(target=_listen, args=(sys.stdin, orders), daemon=True).start()
    try:
        _work(orders, answers)
    except BrokenPipeError:
        os._exit(1)


def _listen(stdin: TextIO, orders: queue.Queue[dict[str, Any]]) -> None:
    for line in stdin:
        orders.put(json.loads(line))
    os._exit(0)


def _work(orders: queue.Queue[dict[str, Any]], answers: TextIO) -> None:
    def answer(**said: Any) -> None:
        answers.write(json.dumps(said) + "\n")
        answers.flush()

    try:
        first = orders.get()
        job, folder = Job.from_dict(first["job"]), Path(first["folder"])
        tagger, reader = open_tagger(job), Reader(job.codec)
        answer(ready=os.getpid())
        while True:
            order = orders.get()
            written = tag_shard(
                tagger,
                Shard.from_dict(order["shard"]),
                job,
                folder,
                reader=reader,
                originals=folder.parent / ORIGINALS,
                single=order["single"],
                skip={int(row): reason for row, reason in order["skip"].items()},
                tell=lambda row, rejects: answer(row=row, rejects=rejects),
            )
            answer(written=written_to_dict(written))
    except (ClaimtagError, OSError) as error:
        cause = error.__cause__ if isinstance(error, OutputError) else error
        number = cause.errno if isinstance(cause, OSError) else None
        answer(failed=str(error), kind=type(error).__name__, errno=number)


def written_to_dict(written: Written) -> dict[str, Any]:
    """Plain JSON values."""
    places = {name: getattr(written, name) for name in ("output", "rejects", "originals")}
    shown = {name: None if path is None else str(path) for name, path in places.items()}
    return {"shard": written.shard, "facts": dict(written.facts), **shown}


def written_from_dict(record: dict[str, Any]) -> Written:
    """The inverse of `written_to_dict`."""
    rejects, originals = (Path(record[name]) if record[name] else None for name in ("rejects", "originals"))
    return Written(record["shard"], Path(record["output"]), rejects, record["facts"], originals)
