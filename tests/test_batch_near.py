"""Near duplicates: marked, never dropped, the same whatever was interrupted, found again in later batches."""

from __future__ import annotations

import json
import random
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from batches import StubTagger, write_news
from hypothesis import given, settings
from hypothesis import strategies as st

from claimtag.batch import Job, open_batch, tag_shard
from claimtag.batch.folders import Folder
from claimtag.batch.near import Index, check_index, mark_near_duplicates
from claimtag.errors import InputError, OutputError

WORDS = [f"mot{number}" for number in range(400)]


def article(seed: int, length: int = 150) -> list[str]:
    return random.Random(seed).choices(WORDS, k=length)


def altered(words: list[str], changes: int, seed: int) -> list[str]:
    """The words with so many of them replaced by words of no other article."""
    chance, words = random.Random(seed), list(words)
    for place in chance.sample(range(len(words)), changes):
        words[place] = f"autre{chance.random()}"
    return words


def batch(folder: Path, texts: list[str], *, format: Any = "jsonl", first: int = 0) -> Folder:
    """A finished batch of the stub's, in this process."""
    folder.mkdir()
    job = Job((str(write_news(folder / "news.jsonl", texts, first=first)),), model="fast", format=format, shard_size=3)
    with open_batch(job, folder / "out") as opened:
        for shard in opened.shards():
            opened.commit(tag_shard(StubTagger(), shard, job, opened.drafts))
    return Folder(folder / "out", format)


def clusters(folder: Folder) -> dict[str, str]:
    lines = (folder.path / "near-duplicates.jsonl").read_text().splitlines()
    return {one["id"]: one["cluster"] for one in map(json.loads, lines)}


@pytest.mark.parametrize("format", ["jsonl", "parquet"])
def test_copies_with_small_changes_share_the_cluster_of_the_first(tmp_path: Path, format: str) -> None:
    one, two = article(1), article(2)
    texts = [one, two, altered(one, 2, 3), altered(two, 1, 4), article(5), one]
    folder = batch(tmp_path / "a", [" ".join(words) for words in texts], format=format)
    assert mark_near_duplicates(folder, 2) == 3
    assert clusters(folder) == {"n0": "n0", "n1": "n1", "n2": "n0", "n3": "n1", "n4": "n4", "n5": "n0"}


def test_case_punctuation_and_spaces_make_no_difference() -> None:
    with Index(":memory:") as index:
        index.place("a", "Le ministre s'est rendu à Rabat, lundi soir.")
        assert index.place("b", "LE MINISTRE s’est  rendu à Rabat lundi soir").cluster == "a"


def test_half_a_text_in_common_is_not_enough() -> None:
    one = article(1)
    with Index(":memory:") as index:
        index.place("a", " ".join(one))
        assert index.place("b", " ".join(one[:75] + article(2)[:75])).cluster == "b"


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 12))
def test_likeness_estimates_the_share_of_common_runs(seed: int, changes: int) -> None:
    one = article(seed)
    other = altered(one, changes, seed)
    runs, others = ({tuple(words[at : at + 5]) for at in range(len(words) - 4)} for words in (one, other))
    true = len(runs & others) / len(runs | others)
    with Index(":memory:") as index:
        index.place("a", " ".join(one))
        placed = index.place("b", " ".join(other))
    if placed.cluster == "a":
        assert abs(placed.likeness - true) < 0.18  # five standard errors
    else:
        assert true < 0.95


def test_texts_without_a_word_are_no_copies_of_each_other() -> None:
    with Index(":memory:") as index:
        assert [index.place(name, text).cluster for name, text in (("a", "— …"), ("b", "!?"))] == ["a", "b"]


def test_an_article_placed_before_stays_where_it_is() -> None:
    with Index(":memory:") as index:
        first = [index.place(name, text) for name, text in (("a", "un deux trois"), ("b", "un deux trois"))]
        assert [index.place(name, text) for name, text in (("b", "un deux trois"), ("a", "un deux trois"))] == first[
            ::-1
        ]


def test_an_id_with_another_text_is_placed_anew() -> None:
    with Index(":memory:") as index:
        for name, text in (("a", "un deux trois"), ("b", "un deux trois"), ("b", "quatre cinq six")):
            placed = index.place(name, text)
        assert placed.cluster == "b"
        assert index.place("c", "quatre cinq six").cluster == "b"


def test_a_pass_that_was_interrupted_goes_on_with_the_same_result(tmp_path: Path) -> None:
    texts = [" ".join(altered(article(number % 4), 1, number)) for number in range(12)]
    calm, killed = batch(tmp_path / "a", texts), batch(tmp_path / "b", texts)
    mark_near_duplicates(calm, 4)

    def stop(articles: int) -> None:
        if articles == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mark_near_duplicates(killed, 4, tell=stop)
    assert not (killed.path / "near-duplicates.jsonl").exists()
    mark_near_duplicates(killed, 4)
    assert clusters(killed) == clusters(calm)
    assert len(set(clusters(calm).values())) == 4


def test_a_later_batch_finds_the_articles_of_an_earlier_one(tmp_path: Path) -> None:
    texts = [" ".join(article(number)) for number in range(3)]
    first, later = batch(tmp_path / "a", texts), batch(tmp_path / "b", texts[1:], first=100)
    index = tmp_path / "index.sqlite"
    assert mark_near_duplicates(first, 1, index=index) == 0
    assert mark_near_duplicates(later, 1, index=index) == 2
    assert clusters(later) == {"n100": "n1", "n101": "n2"}


def test_a_file_that_is_no_index_is_told(tmp_path: Path) -> None:
    (tmp_path / "news.txt").write_text("Un article, et pas un index." * 100)
    with pytest.raises(InputError, match=r"news.txt: not an index of near duplicates \(file is not a database\)"):
        Index(tmp_path / "news.txt")


def test_an_index_made_otherwise_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    Index(path).__exit__()
    base = sqlite3.connect(path)
    with base:
        base.execute("UPDATE made SET how = '64' WHERE what = 'values'")
    base.close()
    with pytest.raises(InputError, match=r"index.sqlite: made otherwise .*signatures differ; give another file"):
        Index(path)


@pytest.mark.parametrize("place", ["", "nowhere/near.sqlite", "news.jsonl"])
def test_an_index_that_cannot_be_made_is_told_before_tagging(tmp_path: Path, place: str) -> None:
    write_news(tmp_path / "news.jsonl", ["a text that is no database"] * 20)
    with pytest.raises(InputError):
        check_index(tmp_path / place, tmp_path / "out")


def test_an_index_that_can_be_made_is_not_made_before_tagging(tmp_path: Path) -> None:
    for path in (tmp_path / "near.sqlite", tmp_path / "out" / "near.sqlite"):  # the folder comes with the batch
        check_index(path, tmp_path / "out")
        assert not path.exists()
    with Index(tmp_path / "near.sqlite"):
        pass
    check_index(tmp_path / "near.sqlite", tmp_path / "out")


def test_an_index_that_cannot_be_written_is_told_and_the_pass_goes_on_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = batch(tmp_path / "one", [" ".join(article(seed)) for seed in range(5)])

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(Index, "_nearest", full)
        with pytest.raises(OutputError, match=r"database or disk is full.*same command goes on"):
            mark_near_duplicates(folder, 2)
    assert mark_near_duplicates(folder, 2) == 0
