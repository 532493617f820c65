"""One shard: in input order, every record in the output or rejected, whatever an article does to the code."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from batches import StubTagger, write_news

from claimtag.batch import Job, Shard, Written, tag_shard
from claimtag.batch.planning import make_plan, read_shards
from claimtag.errors import BundleError, InputError, OutputError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "drafts").mkdir()
    return tmp_path


def shard_of(folder: Path, texts: list[str]) -> tuple[Shard, Job]:
    job = Job((str(write_news(folder / "news.jsonl", texts)),), format="jsonl")
    make_plan(job, folder)
    (shard,) = read_shards(folder)
    return shard, job


def tagged(folder: Path, texts: list[str], tagger: Any = None, **options: Any) -> tuple[Written, list[str], list[Any]]:
    shard, job = shard_of(folder, texts)
    written = tag_shard(tagger or StubTagger(), shard, job, folder / "drafts", **options)
    rejects = written.rejects.read_text().splitlines() if written.rejects else []
    ids = [json.loads(line)["id"] for line in written.output.read_text().splitlines()]
    return written, ids, [(one["line"], one["id"], one["reason"]) for one in map(json.loads, rejects)]


def test_an_article_that_raises_is_rejected_and_the_others_of_its_lot_are_not(folder: Path) -> None:
    written, ids, rejects = tagged(folder, ["a", "RAISES", "", "b"])
    assert ids == ["n0", "n3"]
    assert rejects == [
        (2, "n1", "could not be tagged: ValueError: a text that raises"),
        (3, "n2", '"text" is empty'),
    ]
    assert (written.facts["articles"], written.facts["rejects"], written.facts["records"]) == (2, 2, 4)


def test_a_tagger_that_fails_at_everything_is_told_and_not_taken_for_bad_articles(folder: Path) -> None:
    with pytest.raises(
        BundleError, match=r"none of the 20 articles of a shard could be tagged, the last because of Val"
    ):
        tagged(folder, ["RAISES"] * 20)
    assert list((folder / "drafts").iterdir()) == []


def test_a_tagger_that_forgets_an_article_cannot_lose_it(folder: Path) -> None:
    class Forgetful(StubTagger):
        def tag(self, articles: Any) -> Any:
            return (one for one in super().tag(articles) if one.article.id != "n1")

    _, ids, rejects = tagged(folder, ["a", "b", "c"], Forgetful())
    assert ids == ["n0", "n2"]
    assert rejects == [(2, "n1", "could not be tagged: RuntimeError: the tagger gave other articles than it got")]


def test_records_to_skip_are_rejected_and_never_tagged(folder: Path) -> None:
    tagger = StubTagger()
    _, ids, rejects = tagged(folder, ["a", "b", "c"], tagger, skip={1: "took too long"})
    assert (ids, rejects, tagger.seen) == (["n0", "n2"], [(2, "n1", "took too long")], ["a", "c"])


def test_a_page_to_skip_is_not_even_read(folder: Path) -> None:
    page = folder / "page.html"
    page.write_text("<html><body><p>Un article.</p></body></html>")
    job = Job((str(page),), format="jsonl")
    make_plan(job, folder)
    (shard,) = read_shards(folder)
    page.unlink()
    written = tag_shard(StubTagger(), shard, job, folder / "drafts", skip={0: "took too long"})
    assert written.rejects is not None
    assert json.loads(written.rejects.read_text())["reason"] == "took too long"


def test_where_the_work_stands_is_told_before_every_lot(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("claimtag.batch.shards.CHUNK", 2)
    told: list[tuple[int, int]] = []
    tagged(folder, ["a", "RAISES", "c"], tell=lambda row, rejects: told.append((row, rejects)))
    assert told == [(0, 0), (2, 1), (3, 1)]
    told.clear()
    tagged(folder, ["a", "RAISES", "c"], tell=lambda row, rejects: told.append((row, rejects)), single=True)
    assert told == [(0, 0), (1, 0), (2, 1), (3, 1)]


def test_long_articles_make_small_lots(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("claimtag.batch.shards.CHUNK_CHARACTERS", 10)
    told: list[int] = []
    tagged(folder, ["a" * 9, "b" * 9, "c"], tell=lambda row, rejects: told.append(row))
    assert told == [0, 2, 3]


def test_an_input_that_became_shorter_is_an_error_and_leaves_nothing(folder: Path) -> None:
    shard, job = shard_of(folder, ["a", "b", "c"])
    write_news(folder / "news.jsonl", ["a", "b"])
    with pytest.raises(InputError, match=r"news.jsonl: has fewer records than when the batch began; give --restart"):
        tag_shard(StubTagger(), shard, job, folder / "drafts")
    assert list((folder / "drafts").iterdir()) == []


def test_a_disk_that_is_full_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    shard, job = shard_of(folder, ["a"])
    monkeypatch.setattr("claimtag.batch.shards.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        tag_shard(StubTagger(), shard, job, folder / "drafts")
    assert list((folder / "drafts").iterdir()) == []


def test_a_folder_that_takes_no_files_is_an_output_error(folder: Path) -> None:
    shard, job = shard_of(folder, ["a"])
    (folder / "drafts").rmdir()
    (folder / "drafts").write_text("")
    with pytest.raises(OutputError):
        tag_shard(StubTagger(), shard, job, folder / "drafts")


def test_what_was_found_is_counted(folder: Path) -> None:
    written, _, _ = tagged(folder, ["a", "b"])
    assert written.facts["summary"]["kinds"] == {"body": 2}
    assert written.facts["bytes"] == written.output.stat().st_size


def test_a_shard_without_a_good_record_is_an_empty_table(folder: Path) -> None:
    (folder / "bad.jsonl").write_text("{\n")
    job = Job((str(folder / "bad.jsonl"),), format="parquet")
    make_plan(job, folder)
    (shard,) = read_shards(folder)
    written = tag_shard(StubTagger(), shard, job, folder / "drafts")
    assert pq.read_table(written.output).num_rows == 0


def test_the_order_of_the_input_is_kept(folder: Path) -> None:
    texts = [f"{'RAISES' if number % 7 == 3 else 'texte'} {number}" for number in range(200)]
    _, ids, rejects = tagged(folder, texts)
    numbers = [int(identity[1:]) for identity in ids]
    assert numbers == sorted(set(range(200)) - {int(one[1][1:]) for one in rejects})
    assert [one[1] for one in rejects] == [f"n{number}" for number in range(3, 200, 7)]


def test_a_text_that_was_tagged_before_is_not_tagged_again(folder: Path) -> None:
    texts = ["a", "b", "a", "c", "b", "RAISES", "a", "RAISES"]
    job = Job((str(write_news(folder / "news.jsonl", texts)),), format="jsonl", shard_size=3)
    make_plan(job, folder)
    tagger, originals = StubTagger(), folder / "originals"
    originals.mkdir()
    outputs, apart = [], []
    for shard in read_shards(folder):
        written = tag_shard(tagger, shard, job, folder / "drafts", originals=originals)
        if written.originals:
            written.originals.replace(originals / f"{shard.number}.jsonl")
        outputs.append(written.output.read_bytes())
        apart.append(tag_shard(StubTagger(), shard, job, folder / "drafts").output.read_bytes())
    assert tagger.seen.count("a") == tagger.seen.count("b") == 1
    assert outputs == apart  # whatever was found of others, the output is the same
    assert [json.loads(line)["id"] for part in outputs for line in part.splitlines()] == [
        "n0",
        "n1",
        "n2",
        "n3",
        "n4",
        "n6",
    ]


def test_a_copy_keeps_what_is_its_own(folder: Path) -> None:
    lines = [
        {"id": "x", "text": "Le même texte.", "url": "https://a.fr"},
        {"id": "y", "text": "Le même texte.", "url": "https://b.fr"},
    ]
    (folder / "news.jsonl").write_text("\n".join(map(json.dumps, lines)))
    job = Job((str(folder / "news.jsonl"),), format="jsonl")
    make_plan(job, folder)
    (shard,) = read_shards(folder)
    tagger = StubTagger()
    records = tag_shard(tagger, shard, job, folder / "drafts").output.read_text().splitlines()
    assert [(one["id"], one["url"]) for one in map(json.loads, records)] == [
        ("x", "https://a.fr"),
        ("y", "https://b.fr"),
    ]
    assert len(tagger.seen) == 1
