"""`make bench`: every figure of one table from one run on one machine; read the ratios, since seconds vary.

The texts are those of the shared data where it is present, else the project's examples over and over.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
DATA = (ROOT / os.environ.get("CLAIMTAG_DATA", "../shared/data")).resolve()
ARTICLES = 1500
LARGE = 200_000_000  # bytes of the file whose tagging must fit in memory


def main() -> None:
    from claimtag import load_tagger, read_articles, read_gold, segment, write
    from claimtag.themes.base import context_of

    path = articles_file()
    tagger = load_tagger("fast")
    list(tagger.tag(read_articles(path)))  # warm caches, as any but the first articles of a run find them
    reading, articles = timed(lambda: list(read_articles(path)))
    segmenting, cut = timed(lambda: [segment(article) for article in articles])
    sentences = [s for article, pieces in zip(articles, cut, strict=True) for s in context_of(pieces, article)]
    scoring, scores = timed(lambda: tagger.bundle.model.scores(sentences))
    deciding, _ = timed(lambda: tagger.bundle.deciding.decide(scores))
    tagging, tagged = timed(lambda: list(tagger.tag(articles)))
    with tempfile.TemporaryDirectory() as folder:
        writing, _ = timed(lambda: write(tagged, Path(folder) / "out.jsonl", format="jsonl"))
        parquet, _ = timed(lambda: write(tagged, Path(folder) / "out.parquet", format="parquet"))
    gold = DATA / "train.jsonl" if (DATA / "train.jsonl").is_file() else ROOT / "examples" / "train.jsonl"
    pipeline = fitted_pipeline(list(read_gold(gold)), tagger.scheme.labels)
    plain, _ = timed(lambda: pipeline.predict_proba([sentence.text for sentence in sentences]))
    number = len(sentences)
    print(f"{len(articles):,} articles, {number:,} sentences, of {path.name}; one run on {os.cpu_count()} cores\n")
    print(f"{'':52}  sentences/s  speed beside scikit-learn's")
    rows = [
        ("scikit-learn TF-IDF (1,2) + one-vs-rest, predict_proba", plain),
        ("scores of the linear tagger, article as context", scoring),
        ("reading JSONL", reading),
        ("segmenting", segmenting),
        ("deciding", deciding),
        ("writing JSONL", writing),
        ("writing Parquet", parquet),
        ("tag(): segmenting + themes + claims + records", tagging),
    ]
    for name, seconds in rows:
        print(f"{name:54}  {number / seconds:9,.0f}  {plain / seconds:5.2f}")
    around = reading + segmenting + writing
    print(
        f"\nreading + segmenting + writing JSONL take {around / (tagging - segmenting):.2f} of the time of the rest of tag(), "
        f"claims included, and {around / (scoring + deciding):.2f} of that of scoring and deciding themes alone"
    )
    print(
        f"import claimtag: {started('-c', 'import claimtag'):.3f} s; claimtag --help: {started('-m', 'claimtag', '--help'):.3f} s"
    )
    print_memory(path)
    for module in ("themes", "segmenting", "claims", "parsing", "batch", "bootstrap"):
        print(f"\n{module}\n", flush=True)
        subprocess.run([sys.executable, "-m", f"benchmarks.{module}"], check=True)


def articles_file() -> Path:
    """A JSONL file with the texts to run on."""
    unlabelled = DATA / "unlabelled.jsonl"
    source = unlabelled if unlabelled.is_file() else ROOT / "examples" / "train.jsonl"
    lines = source.read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in (lines * (ARTICLES // len(lines) + 1))[:ARTICLES]]
    out = Path(tempfile.mkdtemp()) / source.name
    with out.open("w", encoding="utf-8") as stream:
        for number, record in enumerate(records):
            stream.write(json.dumps({**record, "id": str(number)}, ensure_ascii=False) + "\n")
    return out


def fitted_pipeline(gold: list[Any], labels: tuple[str, ...]) -> Any:
    """What a user of plain scikit-learn writes: TF-IDF of words and pairs, one logistic regression a label, no context."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline

    kept = [sentence for tagged in gold for sentence in tagged.sentences if sentence.kind != "boilerplate"]
    Y = [[label in sentence.labels for label in labels] for sentence in kept]
    pipeline = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), OneVsRestClassifier(LogisticRegression()))
    return pipeline.fit([sentence.text for sentence in kept], Y)


def print_memory(path: Path) -> None:
    """Tags a large JSONL in a process of its own and prints its peak memory."""
    lines = path.read_bytes().splitlines()
    large = path.parent / "large.jsonl"
    size = number = 0
    with large.open("wb") as stream:
        while size < LARGE:
            record = json.loads(lines[number % len(lines)]) | {"id": str(number)}
            size += stream.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")
            number += 1
    command = [
        sys.executable,
        "-m",
        "claimtag",
        "tag",
        str(large),
        "--model",
        "fast",
        "--out",
        str(path.parent / "out.jsonl"),
    ]
    seconds, _ = timed(lambda: subprocess.run(command, check=True, capture_output=True))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(
        f"a JSONL of {size / 1e6:.0f} MB, {number:,} articles: {peak:.0f} MB of memory at most, {number / seconds:,.0f} articles/s"
    )
    large.unlink()
    (path.parent / "out.jsonl").unlink()


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    made = run()
    return time.perf_counter() - began, made


def started(*arguments: str) -> float:
    """Seconds of a fresh interpreter beyond its bare start, the least of three."""

    def once(*more: str) -> float:
        return timed(lambda: subprocess.run([sys.executable, *more], check=True, capture_output=True))[0]

    return min(once(*arguments) for _ in range(3)) - min(once("-c", "pass") for _ in range(3))


if __name__ == "__main__":
    main()
