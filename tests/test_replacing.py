"""A folder is replaced whole; killed at any step, the older or the new one is found, and the next one clears up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from claimtag.errors import OutputError
from claimtag.replacing import replacing, set_aside

KILLED = """
import os, signal, sys
from pathlib import Path
from claimtag.replacing import replacing

folder, steps = Path(sys.argv[1]), int(sys.argv[2])
real = os.replace

def replace(*paths):
    global steps
    if steps == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    steps -= 1
    real(*paths)

os.replace = replace
with replacing(folder) as made:
    (made / "text").write_text("new")
"""


def write(folder: Path, text: str) -> None:
    with replacing(folder) as made:
        (made / "text").write_text(text)


def found(folder: Path) -> str | None:
    there = folder if folder.is_dir() else set_aside(folder)
    return None if there is None else (there / "text").read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL, no locks of folders there")
@pytest.mark.parametrize("steps", [0, 1])
def test_killed_at_any_rename_the_older_one_is_found_and_the_next_one_clears_up(tmp_path: Path, steps: int) -> None:
    folder = tmp_path / "m"
    write(folder, "old")
    ended = subprocess.run([sys.executable, "-c", KILLED, str(folder), str(steps)], check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    assert folder.is_dir() == (steps == 0)
    assert found(folder) == "old"
    write(folder, "newer")
    assert found(folder) == "newer"
    assert os.listdir(tmp_path) == ["m"]


def test_a_replacement_that_fails_between_the_renames_puts_the_older_one_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, real, calls = tmp_path / "m", os.replace, list[Path]()
    write(folder, "old")

    def replace(source: Path, target: Path) -> None:
        calls.append(source)
        if len(calls) == 2:
            raise OSError("the disk is gone")
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(OSError, match="the disk is gone"):
        write(folder, "new")
    assert found(folder) == "old"
    assert os.listdir(tmp_path) == ["m"]


@pytest.mark.skipif(sys.platform == "win32", reason="no locks of folders there")
def test_what_is_being_written_is_not_cleared_away(tmp_path: Path) -> None:
    with replacing(tmp_path / "m") as made:
        write(tmp_path / "m", "first")
        (made / "text").write_text("second")
    assert found(tmp_path / "m") == "second"
    assert os.listdir(tmp_path) == ["m"]


def test_folders_of_another_name_are_left_alone(tmp_path: Path) -> None:
    others = [".m-2-abcdefgh.older", ".m-abcdefgh", ".m-abcdefgh.older.txt", "m-abcdefgh.older", ".n-abcdefgh.older"]
    for name in others:
        (tmp_path / name).mkdir()
        (tmp_path / name / "text").write_text("other")
    assert set_aside(tmp_path / "m") is None
    write(tmp_path / "m", "new")
    assert sorted(os.listdir(tmp_path)) == sorted([*others, "m"])


def test_where_nothing_can_be_written_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"m: cannot be written: .+; give another folder$"):
        write(tmp_path / "file" / "m", "new")


@pytest.mark.parametrize("name", ["x\0/y", "nosuch/m", "", "."])
def test_where_there_is_no_such_folder_nothing_was_set_aside(name: str) -> None:
    assert set_aside(Path(name)) is None
