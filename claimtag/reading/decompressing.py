"""Zstandard files → bytes, all of them up to where a file is cut off or damaged."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_MOST = 8192  # bytes asked for at once; what pyarrow had of them when it met damage is lost with its error


def open_zstandard(path: Path) -> BinaryIO:
    """The bytes that a Zstandard file holds; OSError now, or after the last byte that can be read."""
    return cast(BinaryIO, io.BufferedReader(_Decompressed(path), _MOST))


class _Decompressed(io.RawIOBase):
    """Once a read fails, the file is opened anew and read to where that read began, and from there byte by byte."""

    def __init__(self, path: Path) -> None:
        self._path, self._at, self._singly = path, 0, False
        self._stream = self._opened()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        try:
            part = self._stream.read(1 if self._singly else min(len(view), _MOST))
        except OSError:
            if self._singly:
                raise
            self._stream.close()
            self._stream, self._singly = self._opened(), True
            left = self._at
            while left and (part := self._stream.read(min(left, _MOST))):
                left -= len(part)
            return self.readinto(buffer)
        view[: len(part)] = part
        self._at += len(part)
        return len(part)

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()

    def _opened(self) -> Any:
        import pyarrow

        return pyarrow.CompressedInputStream(pyarrow.OSFile(os.fspath(self._path)), "zstd")
