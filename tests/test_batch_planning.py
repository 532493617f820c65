"""The plan of a batch: every record in exactly one shard, what repeats seen, what changed told."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from batches import StubTagger, output_of, rejects_of, write_news
from hypothesis import given, settings
from hypothesis import strategies as st

from claimtag.batch import Job, open_batch, ranges
from claimtag.batch.planning import changed_meanwhile, changes, make_plan, read_files, read_shards
from claimtag.batch.ranges import Piece, Reader, Shard
from claimtag.batch.shards import tag_shard
from claimtag.bundle import bundle_folder
from claimtag.errors import BundleError, InputError, OptionError
from claimtag.reading import Reject, read_articles
from claimtag.reading.rows import read_file


def planned(folder: Path, *inputs: object, size: int = 3, **options: Any) -> list[Shard]:
    (folder / "plan").mkdir(exist_ok=True)
    make_plan(Job(tuple(map(str, inputs)), shard_size=size, **options), folder / "plan")
    return list(read_shards(folder / "plan"))


def tagged_one_after_the_other(folder: Path, *inputs: object, size: int = 3) -> Path:
    """The output folder of a batch with the stub for a tagger, in this process."""
    out = folder / "out"
    with open_batch(Job(tuple(map(str, inputs)), model="fast", format="jsonl", shard_size=size), out) as batch:
        for shard in batch.shards():
            batch.commit(tag_shard(StubTagger(), shard, batch.job, batch.drafts))
        assert batch.close().finished
    return out


def agrees_with_reading(folder: Path, *inputs: object, size: int = 3) -> list[str]:
    """The ids of a batch's output, after checking that it holds what `read_articles` gives, and rejects what that rejects."""
    rejects = list[Reject]()
    articles = list(read_articles(*map(str, inputs), on_reject=rejects.append))
    out = tagged_one_after_the_other(folder, *inputs, size=size)
    found = output_of(out)
    assert [(one["id"], one["text"], one["title"], one["date"]) for one in found] == [
        (one.id, one.text, one.title, one.date) for one in articles
    ]
    assert [(one["file"], one["line"], one["id"], one["reason"]) for one in rejects_of(out)] == [
        (one.file, one.line, one.id, one.reason) for one in rejects
    ]
    return [one["id"] for one in found]


LINES = st.lists(
    st.one_of(
        st.builds(lambda id, text: json.dumps({"id": id, "text": text}), st.sampled_from("abcde"), st.text(max_size=5)),
        st.builds(lambda text: json.dumps({"text": text}, ensure_ascii=False), st.sampled_from(["x", "é", "zz"])),
        st.sampled_from(["", "   ", "{", "[]", '{"id": 7, "text": "seven"}', "\x00", '{"text": "\\ud800"}']),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(LINES, st.integers(1, 5), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]), st.sampled_from(["\n", "\r\n"]))
def test_shards_of_any_size_hold_what_reading_gives(lines: list[str], size: int, codec: str, end: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        news = Path(folder) / "news.jsonl"
        news.write_bytes(end.join(lines).encode(codec))
        agrees_with_reading(Path(folder), news, size=size)


def test_many_kinds_of_files_are_cut_where_they_must_be(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write_news(folder / "a.jsonl", ["un", "deux", "trois", "quatre"])
    (folder / "b.csv").write_text('id,text\nc1,"un\ndeux"\nc2,trois,quatre\nc3,cinq\nc4,six\n')
    pq.write_table(
        pa.table({"id": [f"p{n}" for n in range(7)], "text": ["texte"] * 7}), folder / "c.parquet", row_group_size=2
    )
    (folder / "d.txt").write_text("Un texte.")
    (folder / "e.pdf").write_text("%PDF")
    (folder / "f.html").write_text("<html><body><p>Un article de presse assez long pour être trouvé.</p></body></html>")
    with gzip.open(folder / "g.jsonl.gz", "wt") as stream:
        stream.write("".join(json.dumps({"id": f"g{n}", "text": "gz"}) + "\n\n" for n in range(5)))
    with pa.CompressedOutputStream(str(folder / "h.jsonl.zst"), "zstd") as stream:
        stream.write("".join(json.dumps({"id": f"z{n}", "text": "zst"}) + "\n" for n in range(5)).encode())
    found = agrees_with_reading(tmp_path, folder, size=3)
    assert found[:6] == ["n0", "n1", "n2", "n3", "c1", "c3"]
    assert found[-5:] == ["z0", "z1", "z2", "z3", "z4"]
    assert len(found) == 4 + 3 + 7 + 1 + 1 + 5 + 5


def test_a_compressed_file_cut_short_gives_what_it_holds_and_a_reject(tmp_path: Path) -> None:
    whole = gzip.compress(
        "".join(json.dumps({"id": f"g{n}", "text": os.urandom(99).hex()}) + "\n" for n in range(9)).encode()
    )
    (tmp_path / "cut.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    found = agrees_with_reading(tmp_path, tmp_path / "cut.jsonl.gz", size=2)
    assert 2 <= len(found) < 9
    assert "cannot be read: Compressed file ended" in rejects_of(tmp_path / "out")[0]["reason"]


def test_a_zstandard_file_cut_short_gives_every_line_before_the_cut_and_a_reject(tmp_path: Path) -> None:
    lines = [json.dumps({"id": f"z{n}", "text": "zst"}).encode() + b"\n" for n in range(9)]
    packed = [pa.compress(line, "zstd", asbytes=True) for line in lines]
    (tmp_path / "cut.jsonl.zst").write_bytes(b"".join(packed)[:-5])
    found = agrees_with_reading(tmp_path, tmp_path / "cut.jsonl.zst", size=2)
    assert found == [f"z{n}" for n in range(8)]
    (reject,) = rejects_of(tmp_path / "out")
    assert "cannot be read: Truncated compressed stream" in reject["reason"]


def test_ids_made_for_records_of_several_files_never_collide(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "news.jsonl").write_text('{"text": "la même dépêche"}\n' * 2)
    ids = agrees_with_reading(tmp_path, tmp_path / "one" / "news.jsonl", tmp_path / "two" / "news.jsonl", size=1)
    assert len(set(ids)) == 4
    assert [identity.removeprefix(ids[0]) for identity in ids] == ["", "-2", "-3", "-4"]


def test_pages_of_the_same_name_get_ids_of_their_own_without_being_read_twice(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "page.html").write_text(f"<html><body><p>La dépêche {name} dit: pluie.</p></body></html>")
    out = tagged_one_after_the_other(tmp_path, tmp_path / "one", tmp_path / "two")
    first, second = (one["id"] for one in output_of(out))
    assert first.startswith("page-")
    assert second.endswith("-2")


def test_records_with_the_text_of_an_earlier_one_name_the_first(tmp_path: Path) -> None:
    news = write_news(tmp_path / "news.jsonl", ["a", "b", "a", "c", "b", "a"])
    shards = planned(tmp_path, news, size=2)
    assert [dict(shard.copies) for shard in shards] == [{}, {0: (0, 0)}, {0: (0, 1), 1: (0, 0)}]
    assert [set(shard.originals) for shard in shards] == [{0, 1}, set(), set()]
    assert all(not shard.copies and not shard.originals for shard in planned(tmp_path, news, dedupe="none"))


def test_the_same_text_under_another_title_is_no_copy(tmp_path: Path) -> None:
    lines = [{"text": "a", "title": "un"}, {"text": "a", "title": "deux"}, {"text": "a", "title": "un"}]
    (tmp_path / "news.jsonl").write_text("\n".join(map(json.dumps, lines)))
    (shard,) = planned(tmp_path, tmp_path / "news.jsonl")
    assert dict(shard.copies) == {2: (0, 0)}


def test_a_shard_ends_early_where_its_texts_are_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("claimtag.batch.planning.MOST_CHARACTERS", 10)
    news = write_news(tmp_path / "news.jsonl", ["a" * 4, "b" * 4, "c" * 4, "d"])
    assert [shard.rows for shard in planned(tmp_path, news)] == [2, 2]


def test_a_pattern_is_followed_and_one_without_files_is_an_error(tmp_path: Path) -> None:
    for name in "ba":
        write_news(tmp_path / f"{name}.jsonl", [name])
    (shard,) = planned(tmp_path, tmp_path / "*.jsonl")
    assert [Path(piece.path).name for piece in shard.pieces] == ["a.jsonl", "b.jsonl"]
    with pytest.raises(InputError, match=r"no file matches the pattern"):
        planned(tmp_path, tmp_path / "*.xml")


def test_standard_input_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="a batch cannot read standard input, which would be gone when it goes on"):
        planned(tmp_path, "-")


def test_hidden_files_are_counted(tmp_path: Path) -> None:
    (tmp_path / "in" / ".git").mkdir(parents=True)
    (tmp_path / "in" / ".DS_Store").write_text("")
    write_news(tmp_path / "in" / "news.jsonl", ["a"])
    (tmp_path / "plan").mkdir()
    found = make_plan(Job((str(tmp_path / "in"),)), tmp_path / "plan")
    assert (found.hidden, found.files, found.rows, found.shards) == (2, 1, 1, 1)


def test_the_plan_names_each_file_with_its_hash(tmp_path: Path) -> None:
    news = write_news(tmp_path / "news.jsonl", ["a"])
    planned(tmp_path, news)
    (file,) = read_files(tmp_path / "plan")
    assert (file["path"], file["bytes"]) == (str(news), news.stat().st_size)
    assert len(file["sha256"]) == 64


def test_a_file_that_was_only_touched_is_the_same_and_one_with_other_bytes_is_not(tmp_path: Path) -> None:
    news = write_news(tmp_path / "news.jsonl", ["abc"])
    (shard,) = planned(tmp_path, news)
    job = Job((str(news),))
    assert changes(job, tmp_path / "plan") == ([], {})
    os.utime(news, ns=(1, 1))
    found, touched = changes(job, tmp_path / "plan")
    assert (found, touched) == ([], {str(news): 1})
    assert changed_meanwhile(shard.pieces, {}) == str(news)
    assert changed_meanwhile(shard.pieces, touched) is None
    write_news(news, ["abd"])
    assert changes(job, tmp_path / "plan")[0] == [f"{news} has changed"]


def test_files_that_came_and_went_are_told(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write_news(folder / "b.jsonl", ["b"])
    planned(tmp_path, folder)
    job = Job((str(folder),))
    write_news(folder / "c.jsonl", ["c"])
    assert changes(job, tmp_path / "plan")[0] == [f"{folder / 'c.jsonl'} is new"]
    (folder / "c.jsonl").unlink()
    (folder / "b.jsonl").unlink()
    write_news(folder / "a.jsonl", ["a"])
    assert changes(job, tmp_path / "plan")[0] == [f"{folder / 'a.jsonl'} is new"]


@given(st.builds(Piece, st.sampled_from(["lines", "rows"]), st.text(), st.text(), st.integers(1), st.integers(0)))
def test_a_shard_is_read_back_as_it_was_written(piece: Piece) -> None:
    shard = Shard(3, (piece,), frozenset({1}), {2: "-2"}, {0: (1, 2)}, frozenset({4}))
    assert Shard.from_dict(json.loads(json.dumps(shard.to_dict()))) == shard


def test_pieces_of_a_compressed_file_are_read_in_any_order(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "news.jsonl.gz", "wt") as stream:
        stream.write("".join(json.dumps({"id": f"g{n}", "text": "gz"}) + "\n" for n in range(7)))
    shards = planned(tmp_path, tmp_path / "news.jsonl.gz", size=2)
    with Reader(None) as reader:
        found = [[row.line for row in reader.read(shards[number].pieces[0])] for number in (2, 0, 3, 1, 1)]
    assert found == [[5, 6], [1, 2], [7], [3, 4], [3, 4]]


@pytest.mark.parametrize("suffix", ["jsonl", "csv"])
def test_a_file_given_twice_is_read_twice(tmp_path: Path, suffix: str) -> None:
    news = write_news(tmp_path / "news.jsonl", "abcd")
    if suffix == "csv":
        (news := tmp_path / "news.csv").write_text(
            "id,text\n" + "".join(f"n{at},{text}\n" for at, text in enumerate("abcd"))
        )
    out = tagged_one_after_the_other(tmp_path, news, news)
    assert [one["id"] for one in output_of(out)] == ["n0", "n1", "n2", "n3"]
    assert [one["id"] for one in rejects_of(out)] == ["n0", "n1", "n2", "n3"]


def test_the_same_text_of_another_source_is_no_copy_since_a_source_is_looked_for_in_the_text(tmp_path: Path) -> None:
    (tmp_path / "news.jsonl").write_text(
        "".join(json.dumps({"text": "a", "source": source}) + "\n" for source in ("x", "y", "x"))
    )
    (shard,) = planned(tmp_path, tmp_path / "news.jsonl")
    assert shard.copies == {2: (0, 0)}


@pytest.mark.parametrize(
    ("pattern", "refused"),
    [
        ("*/*.jsonl", True),
        ("**/*.jsonl", True),
        ("*/part-*", True),
        ("in/../*/rejects.jsonl", True),
        ("in/*.jsonl", False),
        ("*/news*.jsonl", False),
        ("*/*/*.jsonl", False),
        ("*.jsonl", False),
        ("i*/**/*.jsonl", False),
    ],
)
def test_a_pattern_that_would_find_the_output_when_the_batch_goes_on_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str, refused: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in (tmp_path, tmp_path / "in", tmp_path / "in" / "deep"):
        folder.mkdir(exist_ok=True)
        write_news(folder / "news.jsonl", "ab")
    for name in (pattern, str(tmp_path / pattern)):
        job = Job((name,), model="fast", format="jsonl")
        if refused:
            with pytest.raises(OptionError, match="would match what is written"), open_batch(job, "tagged"):
                pass
        else:
            with open_batch(job, "tagged", restart=True) as batch:
                assert batch.planned.files


def test_a_table_is_not_read_from_its_start_again_to_go_forward(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "news.csv").write_text("text\n" + "".join(f"t{number}\n" for number in range(12)))
    opened = list[int]()

    def counted(*of: Any, **how: Any) -> Any:
        opened.append(how["skip"])
        return read_file(*of, **how)

    monkeypatch.setattr(ranges, "read_file", counted)
    with Reader(None) as reader:
        for row in (0, 4, 8, 2):
            piece = Piece("rows", str(tmp_path / "news.csv"), "news.csv", rows=2, row=row)
            assert [one.values["text"] for one in reader.read(piece)] == [f"t{row}", f"t{row + 1}"]  # type: ignore[union-attr]
    assert opened == [0, 2]


def test_a_model_that_is_replaced_while_the_batch_runs_is_told_and_not_put_into_the_manifest(tmp_path: Path) -> None:
    model = tmp_path / "model"
    shutil.copytree(bundle_folder("fast"), model)
    news = write_news(tmp_path / "news.jsonl", "abcdef")
    with open_batch(Job((str(news),), model=str(model), shard_size=3), tmp_path / "out") as batch:
        first, second = batch.shards()
        batch.commit(tag_shard(StubTagger(), first, batch.job, batch.drafts))
        sealed = json.loads((model / "manifest.json").read_text())
        before, sealed["version"] = sealed["version"], "9.9.9"
        (model / "manifest.json").write_text(json.dumps(sealed))
        with pytest.raises(BundleError, match=r"changed while the batch ran: model by"):
            batch.commit(tag_shard(StubTagger(), second, batch.job, batch.drafts))
        assert batch.close().shards == 1
    written = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert written["model"]["by"] == f"fast@{before}"
