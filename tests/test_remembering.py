"""No text is encoded twice, also in another run; damaged files are forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from claimtag.themes import remembering
from claimtag.themes.base import Scores
from claimtag.themes.remembering import Remembering, cached


class Lengths:
    """An encoder whose vectors are lengths; it counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Scores:
        self.asked += texts
        return np.array([[len(text), 1] for text in texts], dtype=np.float32).reshape(-1, 2)


def test_a_text_is_encoded_once() -> None:
    encoder = Lengths()
    memory = Remembering(encoder)
    assert memory.encode(["a", "bb", "a"]).tolist() == [[1, 1], [2, 1], [1, 1]]
    assert memory.encode(["bb", "ccc"]).tolist() == [[2, 1], [3, 1]]
    assert encoder.asked == ["a", "bb", "ccc"]
    assert memory.encode([]).shape == (0, 2)


def test_what_is_not_kept_is_asked_again_and_what_was_kept_is_not() -> None:
    encoder = Lengths()
    memory = Remembering(encoder)
    memory.encode(["a"])
    assert memory.encode(["a", "bb"], keep=False).tolist() == [[1, 1], [2, 1]]
    memory.encode(["bb"], keep=False)
    assert encoder.asked == ["a", "bb", "bb"]


def test_a_full_memory_goes_on_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembering, "REMEMBERED", 1)
    memory = Remembering(Lengths())
    assert memory.encode(["a", "bb"]).tolist() == memory.encode(["a", "bb"]).tolist()


def test_another_run_finds_the_vectors_on_disk(tmp_path: Path) -> None:
    wanted = cached(Lengths(), tmp_path).encode(["a", "\ud800", ""])
    encoder = Lengths()
    assert (cached(encoder, tmp_path).encode(["a", "\ud800", ""]) == wanted).all()
    assert encoder.asked == []


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "text"])
def test_a_damaged_file_is_encoded_anew(tmp_path: Path, damage: str) -> None:
    cached(Lengths(), tmp_path).encode(["a", "bb"])
    (file,) = tmp_path.rglob("*.npz")
    content = bytearray(file.read_bytes())
    if damage == "flip":
        content[len(content) // 3] ^= 1
        content[len(content) // 6] ^= 1
    file.write_bytes({"cut": content[: len(content) // 2], "flip": content, "empty": b"", "text": b"hello"}[damage])
    encoder = Lengths()
    assert cached(encoder, tmp_path).encode(["a", "bb"]).tolist() == [[1, 1], [2, 1]]
    assert encoder.asked == ["a", "bb"]
    assert cached(Lengths(), tmp_path).encode(["bb"]).tolist() == [[2, 1]]


def test_a_run_that_is_killed_while_writing_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def kill(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(remembering.os, "replace", kill)
        with pytest.raises(KeyboardInterrupt):
            cached(Lengths(), tmp_path).encode(["a"])
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert cached(Lengths(), tmp_path).encode(["a"]).tolist() == [[1, 1]]
