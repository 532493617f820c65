"""Where output goes: a file that appears only when it is complete, a device, or standard output."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

from claimtag.errors import OutputError, printable


@contextmanager
def target(out: Path, *, suffix: str) -> Iterator[BinaryIO]:
    """A binary file that becomes `out` when the block ends well, and is gone without a trace when it does not.

    OutputError for what can be seen beforehand; an OSError from writing passes through. Devices and named pipes are
    written directly: to rename a file over `/dev/null` would replace it for everybody.
    """
    if out.is_dir():
        raise OutputError(f"{out}: is a folder; give the name of a file, such as {out / f'tagged.{suffix}'}")
    if out.exists() and not os.access(out, os.W_OK):
        raise OutputError(f"{out}: is there and write-protected; choose another name or take the protection off")
    if out.is_symlink() and not out.exists() and _leads_to_itself(out):
        raise OutputError(f"{out}: is a link that leads to itself; choose another name")
    final = out.resolve()  # a link stays a link: what it points to is replaced
    if final.exists() and not final.is_file():
        with final.open("wb") as device:
            yield device
        return
    new_folders = [folder for folder in final.parents if not folder.exists()]
    partial = final.with_name(f".claimtag-{secrets.token_hex(6)}.partial")  # short: `out` may fill the 255 bytes
    try:
        with _new(partial, out) as file:
            yield file
        if final.exists():
            shutil.copymode(final, partial)
        partial.replace(final)
    except BaseException:  # KeyboardInterrupt too
        for remove in (partial.unlink, *(folder.rmdir for folder in new_folders)):
            with suppress(OSError):  # not made yet, or somebody else put something there meanwhile
                remove()
        raise


def _new(partial: Path, out: Path) -> BinaryIO:
    """The file that is to become `out`, and its folders; OutputError when they cannot be made."""
    try:
        partial.parent.mkdir(parents=True, exist_ok=True)
        return partial.open("xb")  # not tempfile: its files are closed to everybody else, whatever the umask
    except OSError as error:
        raise OutputError(f"{out}: cannot be written: {error.strerror or error}") from error


def _leads_to_itself(link: Path) -> bool:
    try:
        link.stat()
    except OSError as error:
        return error.errno == errno.ELOOP
    return False


@contextmanager
def standard_output() -> Iterator[BinaryIO]:
    """Standard output for UTF-8 bytes, whatever encoding its text layer has; flushed at the end.

    On a terminal, and there alone, characters of the articles that would steer it are written out.
    """
    sys.stdout.flush()
    file = getattr(sys.stdout, "buffer", None) or _TextOutput()
    if sys.stdout.isatty():
        file = _Terminal(file)
    yield cast(BinaryIO, file)
    file.flush()


class _Terminal:
    """Takes UTF-8 bytes, whole characters at a time, for a terminal's eyes."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def write(self, data: bytes) -> int:
        self._file.write(printable(data.decode()).encode())
        return len(data)

    def flush(self) -> None:
        self._file.flush()


class _TextOutput:
    """Takes UTF-8 bytes, whole characters at a time, where standard output has no bytes: notebooks, doctests."""

    def write(self, data: bytes) -> int:
        sys.stdout.write(data.decode())
        return len(data)

    def flush(self) -> Any:
        sys.stdout.flush()
