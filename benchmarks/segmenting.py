"""`python -m benchmarks.segmenting`: our sentences beside those of pysbd and yasbd-lib, on the shared gold's bare texts.

Every splitter gets the same lines (a line break ends a sentence for all of them); F1 is over exact sentences, both ends
within two characters, pooled over all articles. Speed is a ratio to ours in the same run: of the sentence splitter
alone, and of `segment` as a whole with its blocks.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from claimtag.records import Article
from claimtag.segmenting import segment
from claimtag.segmenting.sentences import sentences

DATA = Path(__file__).parent.parent / os.environ.get("CLAIMTAG_DATA", "../shared/data")
Bounds = list[tuple[int, int]]
Splitter = Callable[[str], Bounds]


def main() -> None:
    path = DATA / "train.jsonl"
    if not path.is_file():
        print(f"skipped: the shared data is not here: {path}")
        return
    with path.open(encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    texts = [record["text"] for record in records]
    gold = [[(s["start"], s["end"]) for s in record["sentences"]] for record in records]
    splitters: dict[str, Splitter] = {
        "claimtag sentences": lambda text: sentences(text, lang="fr"),
        "pysbd": _by_strings(_pysbd()),
        "yasbd-lib": _by_strings(_yasbd()),
    }
    results = {
        name: _measure(texts, gold, lambda text, cut=cut: _by_line(text, cut)) for name, cut in splitters.items()
    }
    results["claimtag segment"] = _measure(texts, gold, _segment)
    ours = results["claimtag sentences"][1]
    print(f"{'':20}{'F1':>8}{'sentences/s':>14}{'speed':>8}")
    for name, (f1, speed) in results.items():
        print(f"{name:20}{f1:8.4f}{speed:14,.0f}{speed / ours:8.3f}")


def _measure(texts: list[str], gold: list[Bounds], cut: Splitter) -> tuple[float, float]:
    cut(texts[0])  # lexicons and patterns are compiled once in the life of a process
    begun = time.process_time()
    found = [cut(text) for text in texts]
    seconds = time.process_time() - begun
    number = sum(map(len, found))
    right = sum(_agreeing(mine, theirs) for mine, theirs in zip(found, gold, strict=True))
    return 2 * right / (number + sum(map(len, gold))), number / seconds


def _agreeing(found: Bounds, gold: Bounds) -> int:
    near = {(start + i, end + j): n for n, (start, end) in enumerate(found) for i in range(-2, 3) for j in range(-2, 3)}
    return len({near[bounds] for bounds in gold if bounds in near})


def _by_line(text: str, cut: Splitter) -> Bounds:
    found: Bounds = []
    at = 0
    for line in text.splitlines(keepends=True):
        found += [(at + start, at + end) for start, end in cut(line)]
        at += len(line)
    return found


def _segment(text: str) -> Bounds:
    return [(s.start, s.end) for s in segment(Article("a", text, lang="fr"))]


def _by_strings(split: Callable[[str], Iterable[str]]) -> Splitter:
    """A splitter that gives strings, made to give bounds: each string is looked for after the one before it."""

    def cut(text: str) -> Bounds:
        found: Bounds = []
        at = 0
        for piece in map(str.strip, split(text)):
            start = text.find(piece, at)
            if piece and start >= 0:
                at = start + len(piece)
                found.append((start, at))
        return found

    return cut


def _pysbd() -> Callable[[str], Iterable[str]]:
    import pysbd

    segmenter = pysbd.Segmenter(language="fr", clean=False)
    return lambda text: segmenter.segment(text) if text.strip() else []


def _yasbd() -> Callable[[str], Iterable[str]]:
    from yasbd import BoundaryDetector

    detector = BoundaryDetector(lang="fr")
    return lambda text: (str(piece) for piece in detector.segment(text)) if text.strip() else ()


if __name__ == "__main__":
    main()
