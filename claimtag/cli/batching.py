"""`claimtag tag … --out DIR`: as into a file, but by several processes, in shards, taken up after an interruption."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from claimtag.cli.notes import DONE, SOME_BAD, Progress, say, tell
from claimtag.errors import OptionError, counted

if TYPE_CHECKING:
    from claimtag.batch import Engine, Job, Report
    from claimtag.batch import Progress as Far
    from claimtag.reading import Counts

_OPTIONS = (
    "workers",
    "shard_size",
    "dedupe",
    "article_timeout",
    "progress",
    "near_index",
    "engine",
    "address",
    "gpus",
)  # None unless given
_FLAGS = ("restart", "dry_run", "near_duplicates")


def add_batch_options(verb: argparse.ArgumentParser) -> None:
    group = verb.add_argument_group("into a folder of shards (--out DIR)")
    group.add_argument("--workers", type=int, metavar="N", help="processes that tag (default: one a core)")
    group.add_argument("--shard-size", type=int, metavar="N", help="records in an output file (default: 1000)")
    group.add_argument(
        "--restart", action="store_true", help="begin anew: what an earlier batch wrote there is deleted"
    )
    group.add_argument("--dry-run", action="store_true", help="say what would be done, and write nothing")
    group.add_argument(
        "--dedupe", choices=("exact", "none"), help="exact (default): articles with the same text are tagged once"
    )
    group.add_argument(
        "--near-duplicates",
        action="store_true",
        help="afterwards say which articles share most of their wording, in near-duplicates.jsonl",
    )
    group.add_argument(
        "--near-index", metavar="FILE", help="look among the articles of earlier batches too, by their index"
    )
    group.add_argument(
        "--article-timeout", type=float, metavar="S", help="seconds after which an article is rejected (default: 60)"
    )
    group.add_argument("--engine", choices=("local", "ray"), help="local (default): processes here; ray: a cluster")
    group.add_argument("--address", metavar="HOST:PORT", help="the Ray cluster, or auto (default: Ray on this machine)")
    group.add_argument("--gpus", type=float, metavar="N", help="GPUs that each worker on Ray takes (default: 0)")
    group.add_argument(
        "--progress", choices=("auto", "json", "none"), help="auto (default): on a terminal; json: lines on stdout"
    )


def is_batch(options: argparse.Namespace) -> bool:
    """Whether the output is a folder: it is there, it ends in a slash, or an option says so."""
    if options.out == "-":
        return False
    if options.near_index is not None and not options.near_duplicates:
        raise OptionError("--near-index is for --near-duplicates; give that too")
    given = any(getattr(options, name) is not None for name in _OPTIONS) or any(
        getattr(options, name) for name in _FLAGS
    )
    return given or options.out.endswith("/") or Path(options.out).is_dir()


def refuse_batch_options(options: argparse.Namespace) -> None:
    """OptionError where an option that only a folder has is given for standard output."""
    for name in (*_OPTIONS, *_FLAGS):
        if getattr(options, name):
            raise OptionError(f"--{name.replace('_', '-')} needs a folder to write to; give --out DIR")


def tag_into_folder(options: argparse.Namespace) -> int:
    from claimtag.batch import ARTICLE_TIMEOUT, tag_batch
    from claimtag.batch.near import check_index

    job = _job(options)
    if options.dry_run:
        return _dry_run(job, options)
    if options.near_index is not None:
        check_index(options.near_index, options.out)
    with Progress() as line:
        teller = _Teller(options.progress or "auto", line)
        try:
            report = tag_batch(
                job,
                options.out,
                workers=options.workers,
                article_timeout=ARTICLE_TIMEOUT if options.article_timeout is None else options.article_timeout,
                engine=_engine(options),
                restart=options.restart,
                tell_planning=teller.planning,
                tell=teller.tagging,
            )
        except BaseException as stop:
            stopped = not isinstance(stop, Exception)  # told to: by Ctrl-C, a signal, a closed terminal
            if stopped and teller.shards:
                say(f"{teller.shards} finished in {options.out}; the same command goes on from there")
            raise
        teller.end(report)
        joined = _mark(job, options, report, teller) if options.near_duplicates else None
    return _report(report, job, options, joined)


def _mark(job: Job, options: argparse.Namespace, report: Report, teller: _Teller) -> int:
    from claimtag.batch.folders import Folder
    from claimtag.batch.near import mark_near_duplicates

    folder = Folder(options.out, job.format)
    return mark_near_duplicates(folder, report.shards_of, index=options.near_index, tell=teller.comparing)


def _engine(options: argparse.Namespace) -> Engine | None:
    """The engine that the options name; None for processes of this machine."""
    if options.engine != "ray":
        if options.address is not None or options.gpus is not None:
            raise OptionError("--address and --gpus are for a cluster; give --engine ray too")
        return None
    from claimtag.batch import ARTICLE_TIMEOUT
    from claimtag.engines.ray import on_ray

    timeout = ARTICLE_TIMEOUT if options.article_timeout is None else options.article_timeout
    return on_ray(address=options.address, workers=options.workers, gpus=options.gpus or 0, article_timeout=timeout)


def _job(options: argparse.Namespace) -> Job:
    from claimtag.batch import SHARD_SIZE, Job
    from claimtag.reading import Fields

    if options.format not in (None, "parquet", "jsonl"):
        raise OptionError(f"shards are written as parquet or jsonl, not {options.format}; for one file give --out FILE")
    return Job(
        tuple(options.inputs),
        model=options.model,
        format=options.format or "parquet",
        shard_size=SHARD_SIZE if options.shard_size is None else options.shard_size,
        dedupe=options.dedupe or "exact",
        fields=Fields(**{field.name: getattr(options, f"{field.name}_field") for field in fields(Fields)}),
        encoding=options.encoding,
        lang=options.lang,
        scheme=options.scheme,
        sentences=options.sentences,
    )


def _dry_run(job: Job, options: argparse.Namespace) -> int:
    from claimtag.batch import preview

    found = preview(job, options.out)
    planned = found.planned
    for difference in found.differences:
        say(f"not as when the batch in {options.out} was begun: {difference}")
    if found.differences:
        say("this command would be refused; with --restart it would begin anew:")
    copies = f", {planned.copies:,} of them with the text of one before" if planned.copies else ""
    tell(f"{counted(planned.files, 'file')}, {planned.bytes / 1e6:,.1f} MB: {counted(planned.rows, 'record')}{copies}")
    if planned.hidden:
        tell(f"{counted(planned.hidden, 'hidden file')} in the folders left out")
    finished = f", {found.finished:,} of them finished" if found.finished else ""
    shards = counted(planned.shards, "shard")
    tell(f"{shards} of up to {job.shard_size:,} records as {job.format} in {options.out}{finished}; model {job.model}")
    return SOME_BAD if found.differences and not options.restart else DONE


def _report(report: Report, job: Job, options: argparse.Namespace, joined: int | None) -> int:
    if not options.quiet:
        say(_table(report, job))
    speed = f", {report.here / report.seconds:,.0f}/s" if report.here else ""
    say(f"{counted(report.articles, 'article')} tagged in {counted(report.shards, 'shard')} → {options.out}{speed}")
    tell_counts(report.counts)
    if joined is not None:
        where = Path(options.out) / "near-duplicates.jsonl"
        say(f"{counted(joined, 'article')} with most of the wording of an earlier one; the clusters: {where}")
    if not report.finished:
        gone = report.shards_of - report.shards
        say(
            f"{counted(gone, 'shard')} of {report.shards_of:,} went from {options.out} meanwhile; the same command makes them anew"
        )
    if not report.rejects:
        return DONE if report.finished else SOME_BAD
    where = Path(options.out) / "rejects.jsonl"
    say(f"{counted(report.rejects, 'record')} rejected; all of them with their reasons: {where}")
    return SOME_BAD


def _table(report: Report, job: Job) -> str:
    """The table of what was found, without loading the model for it."""
    from claimtag.bundle import SCHEME, TIERS, bundle_folder
    from claimtag.scheme import load_scheme, scheme_from_dict

    folder = bundle_folder(job.model)
    tiers = {one["label"]: one["tier"] for one in json.loads((folder / TIERS).read_bytes())}
    scheme = (
        scheme_from_dict(json.loads((folder / SCHEME).read_bytes())) if job.scheme is None else load_scheme(job.scheme)
    )
    return report.summary.table(scheme, tiers={label: tiers.get(label, "C") for label in scheme.labels})


def tell_counts(counts: Counts) -> None:
    """Notes on what of the input was left out."""
    if counts.dates_not_understood:
        say(f"{counted(counts.dates_not_understood, 'date')} not understood and left out")
    if counts.fields_left_out:
        say(f"{counted(counts.fields_left_out, 'field')} left out: a title, source, url or lang that is not text")
    if counts.hidden:
        say(f"{counted(counts.hidden, 'hidden file')} or folder not looked at")


class _Teller:
    """Progress as it was asked for: a line on a terminal, or JSON objects on standard output, at most two a second."""

    def __init__(self, way: str, line: Progress) -> None:
        self._way, self._line, self._told = way, line, 0.0
        self._last: Far | None = None

    @property
    def shards(self) -> str:
        """How many shards are finished, in words; nothing before the first was begun."""
        return f"{self._last.shards:,} of {self._last.shards_of:,} shards are" if self._last else ""

    def planning(self, records: int) -> None:
        if self._due():
            self._tell(f"{records:,} records planned", {"state": "planning", "records": records})

    def tagging(self, far: Far) -> None:
        self._last = far
        if self._due():
            self._say(far)

    def comparing(self, articles: int) -> None:
        if self._due():
            self._tell(f"{articles:,} articles compared", {"state": "comparing", "records": articles})

    def end(self, report: Report) -> None:
        """Says the last state, for who reads JSON; also where nothing was left to do."""
        from claimtag.batch import Progress as Far

        if self._way == "json":
            done = report.articles + report.rejects
            self._say(self._last or Far(done, done, report.rejects, report.shards, report.shards_of), state="finished")

    def _say(self, far: Far, state: str = "tagging") -> None:
        left = far.seconds_left
        values = {
            "state": state,
            "records": far.records,
            "of": far.of,
            "rejects": far.rejects,
            "shards": far.shards,
            "shards_of": far.shards_of,
            "records_per_second": round(far.per_second, 2),
            "seconds_left": None if left is None else round(left, 1),
        }
        time_left = "" if left is None else f", {_duration(left)} left"
        self._tell(
            f"{far.records:,} of {far.of:,} articles, {far.per_second:,.0f}/s{time_left}, {far.rejects:,} rejected",
            values,
        )

    def _tell(self, words: str, values: dict[str, Any]) -> None:
        try:
            if self._way == "json":
                tell(json.dumps(values))
                sys.stdout.flush()
            elif self._way == "auto":
                self._line.tell(words)
        except OSError:  # who looked on has gone, or the terminal: the batch goes on
            if self._way == "json":  # what waits to be written there must not fail when this process ends
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            self._way = "none"

    def _due(self) -> bool:
        now = time.monotonic()
        due = now - self._told > 0.5
        if due:
            self._told = now
        return due


def _duration(seconds: float) -> str:
    """
    >>> _duration(42), _duration(200), _duration(7400)
    ('42 s', '3 min', '2 h 3 min')
    """
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
