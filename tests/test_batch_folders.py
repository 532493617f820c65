"""The folder of a batch: one writer, no half shards, nothing of anybody else's touched."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from claimtag.batch import Written
from claimtag.batch.folders import Folder
from claimtag.errors import OutputError


def written(folder: Folder, shard: int, content: str = "{}\n", rejects: str | None = None) -> Written:
    """Drafts of a shard as a worker leaves them."""
    output, rejected = folder.drafts / f"{shard}.jsonl", folder.drafts / f"{shard}.rejects"
    output.write_text(content)
    if rejects is not None:
        rejected.write_text(rejects)
    facts = {"shard": shard, "bytes": len(content), "articles": 1, "rejects": int(rejects is not None)}
    return Written(shard, output, None if rejects is None else rejected, facts)


def test_a_committed_shard_is_there_with_its_facts_and_its_drafts_are_gone(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "out", "jsonl")
    with folder.locked():
        assert folder.facts(0) is None
        folder.commit(written(folder, 0, rejects="a\n"))
        assert (folder.facts(0) or {})["articles"] == 1
        assert (tmp_path / "out" / "part-00000.jsonl").read_text() == "{}\n"
        assert list(folder.drafts.iterdir()) == []


def test_a_shard_whose_file_is_gone_or_cut_is_not_finished(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "out", "jsonl")
    with folder.locked():
        folder.commit(written(folder, 0))
        folder.part(0).write_text("{")
        assert folder.facts(0) is None
        folder.part(0).unlink()
        assert folder.facts(0) is None


@pytest.mark.parametrize("step", range(1, 5))
def test_a_commit_cut_off_anywhere_counts_for_nothing_or_for_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    folder, left, replace = Folder(tmp_path / "out", "jsonl"), [step], Path.replace

    def dies(self: Path, target: Any) -> Path:
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt
        return replace(self, target)

    with folder.locked():
        monkeypatch.setattr(Path, "replace", dies)
        try:
            folder.commit(written(folder, 0, rejects="old\n"))
        except KeyboardInterrupt:
            assert folder.facts(0) is None
        else:
            assert step == 4
            assert folder.facts(0)
        monkeypatch.undo()
        assert folder.finish({}, 1) == int(step == 4)  # rejects without their shard do not count
        folder.commit(written(folder, 0, rejects="new\n"))
        assert folder.finish({}, 1) == 1
        assert (tmp_path / "out" / "rejects.jsonl").read_text() == "new\n"


def test_a_shard_committed_anew_without_rejects_has_none(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "out", "jsonl")
    with folder.locked():
        folder.commit(written(folder, 0, rejects="old\n"))
        folder.commit(written(folder, 0))
        assert folder.finish({}, 1) == 0
        assert not (tmp_path / "out" / "rejects.jsonl").exists()


def test_rejects_stand_in_the_order_of_the_shards(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "out", "jsonl")
    with folder.locked():
        for shard in (11, 2, 0):
            folder.commit(written(folder, shard, rejects=f"{shard}\n"))
        folder.finish({}, 12)
    assert (tmp_path / "out" / "rejects.jsonl").read_text() == "0\n2\n11\n"


def test_the_manifest_is_json_with_lists_written_as_they_come(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "out", "jsonl")
    with folder.locked():
        folder.finish({"a": 1, "files": iter([{"b": "é"}, {"b": 2}]), "none": iter([])}, 0)
    assert json.loads((tmp_path / "out" / "manifest.json").read_text()) == {
        "a": 1,
        "files": [{"b": "é"}, {"b": 2}],
        "none": [],
    }


def test_a_second_batch_into_the_same_folder_is_refused(tmp_path: Path) -> None:
    first, second = Folder(tmp_path / "out", "jsonl"), Folder(tmp_path / "out", "jsonl")
    with (
        first.locked(),
        pytest.raises(OutputError, match=r"out: another batch is writing there; wait for it, or give another --out"),
    ):
        second.locked().__enter__()
    with second.locked():
        pass


def test_a_folder_with_other_files_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("")
    with pytest.raises(OutputError, match="there are other files in it, and no batch; give a new or empty folder"):
        Folder(tmp_path, "jsonl").locked().__enter__()
    assert os.listdir(tmp_path) == ["thesis.tex"]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(OutputError, match="is a file; a batch writes into a folder"):
        Folder(tmp_path / "out", "jsonl").locked().__enter__()


def test_beginning_anew_takes_away_what_a_batch_wrote_and_nothing_else(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "out", "jsonl")
    with folder.locked():
        folder.commit(written(folder, 0, rejects="a\n"))
        folder.begin({"job": 1})
        folder.finish({}, 1)
        (tmp_path / "out" / "notes.txt").write_text("mine")
        folder.clear()
        assert folder.job() is None
        assert folder.facts(0) is None
    assert sorted(os.listdir(tmp_path / "out")) == [".batch", "notes.txt"]


def test_a_job_is_read_back_and_a_damaged_one_told(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "out", "jsonl")
    with folder.locked():
        folder.begin({"job": {"model": "fast"}})
        assert folder.job() == {"job": {"model": "fast"}}
        (folder.state / "job.json").write_text("{")
        with pytest.raises(OutputError, match=r"job.json: damaged .*; give --restart to begin anew"):
            folder.job()


@pytest.mark.parametrize("name", ["part-00000.jsonl", "rejects.jsonl", "manifest.json", ".rejects.jsonl.draft"])
def test_a_link_in_the_output_folder_is_replaced_and_not_followed(tmp_path: Path, name: str) -> None:
    (tmp_path / "precious").write_text("precious")
    folder = Folder(tmp_path / "out", "jsonl")
    with folder.locked():
        (tmp_path / "out" / name).symlink_to(tmp_path / "precious")
        folder.commit(written(folder, 0, rejects="a\n"))
        folder.finish({}, 1)
    assert (tmp_path / "precious").read_text() == "precious"
    assert not (tmp_path / "out" / name).is_symlink()


@pytest.mark.parametrize("name", [".batch", ".batch/drafts"])
def test_a_link_in_place_of_a_folder_is_refused(tmp_path: Path, name: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    link = tmp_path / "out" / name
    link.parent.mkdir(parents=True)
    link.symlink_to(elsewhere)
    with pytest.raises(OutputError, match=r"is a link, which a batch does not follow"):
        Folder(tmp_path / "out", "jsonl").locked().__enter__()
    assert list(elsewhere.iterdir()) == []


def test_a_link_to_the_output_folder_itself_is_followed(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "disk")
    folder = Folder(tmp_path / "out", "jsonl")
    with folder.locked():
        folder.commit(written(folder, 0))
    assert (tmp_path / "disk" / "part-00000.jsonl").exists()


def test_permissions_follow_the_umask(tmp_path: Path) -> None:
    folder, before = Folder(tmp_path / "out", "jsonl"), os.umask(0o027)
    try:
        with folder.locked():
            folder.commit(written(folder, 0, rejects="a\n"))
            folder.finish({}, 1)
    finally:
        os.umask(before)
    for path in (tmp_path / "out").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == (0o750 if path.is_dir() else 0o640), path


def test_drafts_that_nobody_will_finish_are_swept_away(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "out", "jsonl")
    with folder.locked():
        written(folder, 0)
        folder.sweep()
        assert list(folder.drafts.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["part-of-my-thesis.txt", "part-1.parquet", "part-00000.parquet.bak", "part-time.jsonl"]
)
def test_beginning_anew_leaves_files_that_only_sound_like_shards(tmp_path: Path, name: str) -> None:
    folder = Folder(tmp_path / "out", "jsonl")
    with folder.locked():
        folder.commit(written(folder, 0))
        (folder.path / name).write_text("mine")
        folder.clear()
    assert (folder.path / name).read_text() == "mine"
    assert not folder.part(0).exists()
