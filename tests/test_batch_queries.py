"""The queries of docs/batch.md run on a batch's output as it is, and answer what they say."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from batches import StubTagger, write_news

from claimtag.batch import Job, open_batch, tag_shard
from claimtag.batch.folders import Folder
from claimtag.batch.near import mark_near_duplicates
from claimtag.records import Article, Claim, Sentence, Source, Span, TaggedArticle, Theme

PAGE = (Path(__file__).parent.parent / "docs" / "batch.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n(.*?)```", PAGE, flags=re.DOTALL)
POLARS = next(block for block in re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL) if "polars" in block)
TEXT = "Selon Rabat, le plan sera suivi partout et sans délai."


class Speaking(StubTagger):
    """Every article has one claim of Rabat's; on even numbers its theme is diplomacy, on others western_sahara too."""

    def one(self, article: Article) -> TaggedArticle:
        odd = int(article.id[1:]) % 2
        labels = ("diplomacy", "western_sahara") if odd else ("diplomacy",)
        rabat = Span(6, 11, "Rabat")
        content = Span(13, len(TEXT) - 1, TEXT[13:-1])
        claim = Claim(
            0, "assertion", "indirect", content, Span(0, 5, "Selon"), rabat, Source("Rabat", "named", rabat), labels
        )
        sentence = Sentence(0, len(TEXT), TEXT, themes=tuple(Theme(label, 0.9) for label in labels))
        number = int(article.id[1:])
        dated = Article(article.id, article.text, date=f"2024-0{1 + number // 3}-07", source="A" if odd else "B")
        return TaggedArticle(dated, (sentence,), (claim,), by="stub@1")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("queries")
    job = Job((str(write_news(path / "news.jsonl", [TEXT] * 5)),), model="fast", shard_size=2, dedupe="none")
    with open_batch(job, path / "tagged") as batch:
        for shard in batch.shards():
            batch.commit(tag_shard(Speaking(), shard, job, batch.drafts))
    mark_near_duplicates(Folder(path / "tagged", "parquet"), 3)
    with contextlib.chdir(path):
        yield path


def asked(folder: Path, number: int) -> list[Any]:
    duckdb = pytest.importorskip("duckdb", reason="DuckDB is not installed")
    with duckdb.connect() as base:
        return list(base.execute(QUERIES[number]).fetchall())


def test_the_page_has_five_queries() -> None:
    assert len(QUERIES) == 5


def test_themes_by_month_and_paper(folder: Path) -> None:
    assert asked(folder, 0) == [
        ("2024-01", "B", "diplomacy", 2),
        ("2024-01", "A", "diplomacy", 1),
        ("2024-01", "A", "western_sahara", 1),
        ("2024-02", "A", "diplomacy", 1),
        ("2024-02", "B", "diplomacy", 1),
        ("2024-02", "A", "western_sahara", 1),
    ]


def test_who_says_what_about_a_theme(folder: Path) -> None:
    said = "le plan sera suivi partout et sans délai"
    assert asked(folder, 1) == [("2024-01-07", "Rabat", "assertion", said), ("2024-02-07", "Rabat", "assertion", said)]


def test_who_is_cited_most(folder: Path) -> None:
    assert asked(folder, 2) == [("Rabat", 5, 5, "diplomacy")]


def test_which_themes_go_together(folder: Path) -> None:
    assert asked(folder, 3) == [("diplomacy", "western_sahara", 2)]


def test_which_texts_ran_in_several_papers(folder: Path) -> None:
    assert asked(folder, 4) == [("n0", 5, ["A", "B"], "2024-01-07")]


def test_the_first_question_in_polars(folder: Path) -> None:
    pytest.importorskip("polars", reason="polars is not installed")
    found: dict[str, Any] = {}
    exec(POLARS.replace("(\n    pl.scan", "found = (\n    pl.scan"), found)
    rows = {(row["month"], row["source"], row["theme"]): row["articles"] for row in found["found"].to_dicts()}
    assert rows == {(month, paper, theme): number for month, paper, theme, number in asked(folder, 0)}
