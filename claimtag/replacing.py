"""A folder replaced by another in such a way that one of them is there whatever happens, and whenever it happens.

No system replaces a folder that has files in one step: the older one is moved aside, then the new one takes its name.
Killed between the two, the older one lies beside its place under a name that tells what it is, and is found there.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from claimtag.errors import OutputError

_NEW, _OLDER = ".unfinished", ".older"


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """A folder to write into that takes the named one's place when the block ends well, and is gone when it does not.

    What killed processes left of earlier replacements is removed then. OutputError where nothing can be written.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = _beside(folder, _NEW)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {error.strerror or error}; give another folder") from error
    older = None
    try:
        with _held(made):
            yield made
            made.chmod(0o777 & ~_umask())
            if folder.exists():
                older = _beside(folder, _OLDER)
                os.replace(folder, older)
            os.replace(made, folder)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        if older is not None and not folder.exists():
            os.replace(older, folder)
        raise
    if older is not None:
        shutil.rmtree(older, ignore_errors=True)
    _clear(folder)


def set_aside(folder: Path) -> Path | None:
    """Where the older folder lies that was moved aside and never replaced, of several the latest; None for none."""
    left = [path for path in _left(folder) if path.suffix == _OLDER and any(path.iterdir())]
    return max(left, key=lambda path: path.stat().st_mtime, default=None)


def _beside(folder: Path, suffix: str) -> Path:
    return Path(tempfile.mkdtemp(prefix=f".{folder.name}-", suffix=suffix, dir=folder.parent))


def _left(folder: Path) -> list[Path]:
    """The folders that replacements of this one made; "m-2" is not taken for one of "m"."""
    made = re.compile(rf"\.{re.escape(folder.name)}-[a-z0-9_]{{8}}({re.escape(_NEW)}|{re.escape(_OLDER)})")
    try:
        return [path for path in folder.parent.iterdir() if made.fullmatch(path.name) and path.is_dir()]
    except (OSError, ValueError):  # no such folder, no right to look into it, a name that no system can hold
        return []


def _clear(folder: Path) -> None:
    """Removes what replacements left, but for a folder that another process is writing now."""
    for path in _left(folder):
        with _held(path) as alone:
            if alone:
                shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _held(folder: Path) -> Iterator[bool]:
    """The folder for this process alone, until it ends, however it ends; False where that cannot be known.

    So it is where another process holds it, and on systems and disks without such locks (Windows): there nothing is
    removed that may be at work.
    """
    if sys.platform == "win32":
        yield False
        return
    import fcntl

    descriptor = -1
    try:
        descriptor = os.open(folder, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        alone = True
    except OSError:
        alone = False
    try:
        yield alone
    finally:
        if descriptor >= 0:
            os.close(descriptor)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
