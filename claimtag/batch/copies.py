"""Articles that others copy, kept where the workers that meet a copy find how the first was tagged.

What they find saves work and changes nothing: without it a copy is tagged anew, with the same result, since what is
said of an article depends on its text, title, source and language alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from claimtag.records import Article, TaggedArticle


def write_originals(originals: Mapping[int, TaggedArticle], path: Path) -> None:
    """Writes tagged articles by their number in the shard: a line that says where each stands, then the articles."""
    lines = {row: json.dumps(tagged.to_dict()).encode() + b"\n" for row, tagged in originals.items()}
    places, at = dict[int, tuple[int, int]](), 0
    for row, line in lines.items():
        places[row] = (at, len(line))
        at += len(line)
    with path.open("xb") as stream:
        stream.write(json.dumps(places).encode() + b"\n")
        stream.writelines(lines.values())


def find_original(folder: Path, shard: int, row: int) -> TaggedArticle | None:
    """The tagged article of that number in another shard, or None where that is not finished or had to reject it."""
    path = folder / f"{shard}.jsonl"
    try:
        about = os.stat(path)
        start, places = _places(path, about.st_mtime_ns)
        if row not in places:
            return None
        at, length = places[row]
        with path.open("rb") as stream:
            stream.seek(start + at)
            return TaggedArticle.from_dict(json.loads(stream.read(length)))
    except (OSError, ValueError):
        return None


def as_copy(original: TaggedArticle, article: Article) -> TaggedArticle:
    """What was said of an article, said of another with the same text, title, source and language."""
    return replace(original, article=replace(article, lang=original.article.lang))


@lru_cache(maxsize=256)
def _places(path: Path, changed: int) -> tuple[int, dict[int, tuple[int, int]]]:
    with path.open("rb") as stream:
        first = stream.readline()
    return len(first), {int(row): (at, length) for row, (at, length) in json.loads(first).items()}
