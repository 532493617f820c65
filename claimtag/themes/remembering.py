"""Vectors of texts that were encoded before, in memory and on disk: training reads every text many times over."""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from claimtag.themes.base import Scores
from claimtag.themes.encoding import Encoder, open_encoder

VARIABLE = "CLAIMTAG_ENCODINGS"  # a folder in which experiments keep vectors
REMEMBERED = 100_000  # vectors held in memory: 200 MB of 512 numbers each
_DIGEST = 16  # bytes of a text's hash


class Remembering:
    """An encoder that encodes no text twice; with a folder, not even in another run.

    Each batch that was new is one file there, written whole or not at all; a damaged one is removed, and its texts are
    encoded again. The folder is of one encoder alone: `cached` gives each its own.
    """

    def __init__(self, encoder: Encoder, folder: Path | None = None) -> None:
        self._encoder, self._folder = encoder, folder
        self._vectors: dict[bytes, NDArray[np.float32]] = {}
        self._read = folder is None

    def encode(self, texts: Sequence[str], *, keep: bool = True) -> Scores:
        """The encoder's vectors; those that are new are remembered, unless `keep` is false."""
        if not self._read:
            self._vectors, self._read = _read_all(self._folder or Path()), True
        keys = [_key(text) for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._vectors}
        if not keys or (len(new) == len(texts) and not keep):
            return self._encoder.encode(texts)
        made = self._encoder.encode(list(new.values())) if new else np.zeros((0, 0), dtype=np.float32)
        fresh = dict(zip(new, made, strict=True))
        known = {**fresh, **{key: self._vectors[key] for key in keys if key in self._vectors}}
        if keep and fresh:
            if self._folder is not None:
                _write(self._folder, fresh)
            if self._folder is not None or len(self._vectors) + len(fresh) <= REMEMBERED:
                self._vectors.update(fresh)
        return np.stack([known[key] for key in keys])


def cached(encoder: Encoder, folder: str | Path) -> Remembering:
    """The encoder, its vectors kept in a folder of files by the hashes of the texts.

    Vectors of another encoder, version or weights are never mixed in, where the encoder has an `identity`.
    """
    identity = getattr(encoder, "identity", None)
    name = hashlib.sha256(repr(identity).encode()).hexdigest()[:_DIGEST] if identity else "encoder"
    return Remembering(encoder, Path(folder) / name)


@cache
def shared(spec: str) -> Remembering:
    """The encoder of that name, with a memory that all models of this process share."""
    encoder = open_encoder(spec)
    folder = os.environ.get(VARIABLE)
    return cached(encoder, folder) if folder else Remembering(encoder)


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST).digest()


def _read_all(folder: Path) -> dict[bytes, NDArray[np.float32]]:
    vectors: dict[bytes, NDArray[np.float32]] = {}
    size: int | None = None
    for path in sorted(folder.glob("*.npz")):
        try:
            with path.open("rb") as stream, np.load(stream, allow_pickle=False) as held:
                keys, matrix = held["keys"], held["vectors"]
            if keys.dtype != np.uint8 or keys.ndim != 2 or keys.shape[1] != _DIGEST or matrix.dtype != np.float32:
                raise ValueError("not vectors")
            if matrix.ndim != 2 or len(keys) != len(matrix) or matrix.shape[1] != (size or matrix.shape[1]):
                raise ValueError("not of one size")
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            path.unlink(missing_ok=True)
            continue
        size = matrix.shape[1]
        vectors.update(zip(map(bytes, keys), matrix, strict=True))
    return vectors


def _write(folder: Path, vectors: dict[bytes, NDArray[np.float32]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    keys = np.frombuffer(b"".join(vectors), dtype=np.uint8).reshape(-1, _DIGEST)
    name = hashlib.sha256(keys.tobytes()).hexdigest()[:32]
    handle, made = tempfile.mkstemp(prefix=".", suffix=".part", dir=folder)
    try:
        with os.fdopen(handle, "wb") as stream:
            np.savez(stream, keys=keys, vectors=np.stack(list(vectors.values())))
        os.replace(made, folder / f"{name}.npz")
    except BaseException:
        Path(made).unlink(missing_ok=True)
        raise
