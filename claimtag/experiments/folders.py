"""Folders and files that are whole or absent, whatever happens while they are written, and by whom."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from claimtag.errors import OutputError

PARTIAL = ".partial"


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A folder to write into that takes its place when the block ends well, and is gone when it does not."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=PARTIAL, dir=folder.parent))
    try:
        yield made
        made.chmod(0o755)
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(made, folder)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise


def write_whole(path: Path, text: str) -> None:
    """Writes a text file in one step, also where two processes write it at once; OutputError when it cannot be."""
    partial = path.with_name(f".{path.name}.{os.getpid()}{PARTIAL}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """The folder for this process alone; OutputError when another one is at work in it.

    The system lets go of it when the process ends, however it ends, so that no lock can be left behind. Windows knows
    no such locks: there nobody is kept out.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    if sys.platform == "win32":
        yield
        return
    import fcntl

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise OutputError(f"{folder}: another claimtag experiment is at work there; wait until it is done") from error
    try:
        yield
    finally:
        os.close(descriptor)


def sweep(folder: Path, *, works: set[str]) -> None:
    """Removes what killed runs left in the folder of an experiment, but for the named folders of work, which go on."""
    for left in [*folder.glob(f".*{PARTIAL}"), *folder.glob(f".*.work/*/.*{PARTIAL}"), *folder.glob(".*.work")]:
        if left.name not in works:
            remove(left)


def remove(path: Path) -> None:
    """Removes a file or a folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """OutputError, saying where, when the folder cannot be written."""
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        why = error.strerror or str(error)
        raise OutputError(f"{folder}: the run cannot be written: {why}; nothing of it was kept") from error
