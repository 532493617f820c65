"""Small experiments that several test files run: two models in two folds, and the articles that they learn from."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from claimtag.records import Article, TaggedArticle


def two_models(section: str, *, words: str = 'kind = "majority"') -> str:
    """The file of an experiment on `train.jsonl` with that section, with the models `words`, of that kind, and `other`."""
    return f"""
description = "Two models in two folds."
tuning_folds = 2
segmentation = "gold"
metrics = ["themes"]
[data]
train = ["train.jsonl"]
[split]
folds = 2
{section.strip()}
[[models]]
name = "words"
{words.strip()}
[[models]]
name = "other"
kind = "majority"
"""


def write_articles(path: Path, articles: Iterable[Article | TaggedArticle]) -> Path:
    """The file with a record a line, annotated or bare."""
    records = (asdict(one) if isinstance(one, Article) else one.to_dict() for one in articles)
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path
