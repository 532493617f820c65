"""What the tests of batches share: articles, a tagger that does what an article says, and how to look at an output."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from claimtag.records import Article, Sentence, TaggedArticle
from claimtag.scheme import Scheme, load_scheme

# runs when a worker process starts: its tagger loads no model, and an article's text can make it fail, hang or die
STUB = """
import os, signal, sys, time
sys.path.insert(0, os.environ["STUB_TESTS"])
from claimtag.batch import worker
import batches

class Tagger(batches.StubTagger):
    def one(self, article):
        time.sleep(float(os.environ.get("STUB_PAUSE", 0)))
        with open(os.path.join(os.environ["STUB_LOG"]), "a") as log:
            log.write(article.text + "\\n")
        if "HANGS" in article.text:
            time.sleep(600)
        if "KILLS" in article.text:
            os.kill(os.getpid(), signal.SIGKILL)
        if "PRINTS" in article.text:
            print('{"row": 7}')
        return super().one(article)

worker.open_tagger = lambda job: Tagger()
"""


class StubTagger:
    """Every article is one sentence; one that says "RAISES" raises. `seen` are the texts that it was given."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    @property
    def scheme(self) -> Scheme:
        return load_scheme("security-cooperation")

    def tag(self, articles: Iterable[Article]) -> Iterator[TaggedArticle]:
        for article in articles:
            yield self.one(article)

    def one(self, article: Article) -> TaggedArticle:
        self.seen.append(article.text)
        if "RAISES" in article.text:
            raise ValueError("a text that\nraises")
        text = article.text
        return TaggedArticle(article, (Sentence(0, len(text), text),), by="stub@1")


def stub_environment(folder: Path, pause: float = 0.0) -> dict[str, str]:
    """The environment of processes whose workers take the stub for their tagger."""
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(STUB)
    paths = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
    here = str(Path(__file__).parent)
    return {
        **os.environ,
        "PYTHONPATH": paths,
        "STUB_TESTS": here,
        "STUB_PAUSE": str(pause),
        "STUB_LOG": str(folder / "log"),
    }


def write_news(path: Path, texts: Iterable[str], *, first: int = 0) -> Path:
    """A JSONL file of articles whose ids are n0, n1, …"""
    lines = [json.dumps({"id": f"n{number}", "text": text}) for number, text in enumerate(texts, first)]
    path.write_text("\n".join(lines) + "\n")
    return path


def tag_command(*arguments: object) -> list[str]:
    """The command line that tags, in a process of its own."""
    return [sys.executable, "-m", "claimtag", "tag", *map(str, arguments), "--model", "fast", "--quiet"]


def run_tag(environment: dict[str, str], *arguments: object, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """The command run to its end."""
    return subprocess.run(
        tag_command(*arguments), env=environment, capture_output=True, text=True, timeout=timeout, check=False
    )


def output_of(folder: Path) -> list[dict[str, Any]]:
    """The records of a folder of JSONL shards, in order."""
    return [json.loads(line) for part in sorted(folder.glob("part-*.jsonl")) for line in part.read_text().splitlines()]


def rejects_of(folder: Path) -> list[dict[str, Any]]:
    """The rejects of a batch; none where there is no file."""
    file = folder / "rejects.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def bytes_of(folder: Path) -> dict[str, bytes]:
    """What an undisturbed and a disturbed batch must agree on: every file but the manifest, by name."""
    return {
        path.name: path.read_bytes() for path in folder.iterdir() if path.is_file() and path.name != "manifest.json"
    }
