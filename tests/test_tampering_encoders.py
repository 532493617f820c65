"""A hostile folder of a transformer, an encoder's or a tagger's, is refused, and nothing in it runs."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import struct
from pathlib import Path
from typing import Any

import pytest
from test_pipeline import gold, two_themes  # noqa: F401  # a fixture
from tiny_encoders import tiny_transformer

from claimtag.bundle import load_bundle
from claimtag.errors import BundleError, OptionError
from claimtag.pipeline import train
from claimtag.scheme import Scheme
from claimtag.themes import encoding, transformer
from claimtag.themes.transformer.pretrained import read_encoder

ATTACK = "import pathlib; pathlib.Path({mark!r}).touch()\nclass Evil:\n    pass\n"


class Attack:
    """Pickled, it leaves a mark where it is read."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.mkdir, (str(self.mark),)


@pytest.fixture
def encoder(tmp_path: Path) -> Path:
    tiny_transformer(tmp_path / "model")
    return tmp_path / "model"


def change_config(folder: Path, **changes: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | changes))


def test_weights_in_a_pickle_are_not_opened(encoder: Path, tmp_path: Path) -> None:
    (encoder / "model.safetensors").unlink()
    (encoder / "pytorch_model.bin").write_bytes(pickle.dumps(Attack(tmp_path / "ran")))
    with pytest.raises(OptionError, match=r'encoder "transformers:.*" cannot be opened: '):
        encoding.LazyEncoder(f"transformers:{encoder}").encode(["la police"])
    with pytest.raises(OSError, match=r"model\.safetensors"):
        read_encoder(encoder, local=True)
    assert not (tmp_path / "ran").exists()


def test_code_beside_the_weights_is_not_run(encoder: Path, tmp_path: Path) -> None:
    (encoder / "evil.py").write_text(ATTACK.format(mark=str(tmp_path / "ran")))
    names = dict.fromkeys(("AutoConfig", "AutoModel", "AutoTokenizer"), "evil.Evil")
    change_config(encoder, auto_map=names)
    path = encoder / "tokenizer_config.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | {"auto_map": {"AutoTokenizer": ["evil.Evil", None]}}))
    try:
        encoding.LazyEncoder(f"transformers:{encoder}").encode(["la police"])
        read_encoder(encoder, local=True)
    except (OptionError, OSError, ValueError):
        pass  # refused or read without it: as good
    assert not (tmp_path / "ran").exists()


def test_an_attention_that_is_code_from_the_hub_is_refused(encoder: Path) -> None:
    change_config(encoder, attn_implementation="evil/attention")
    with pytest.raises(OptionError, match="its attention would be code from the hub, 'evil/attention'"):
        encoding.LazyEncoder(f"transformers:{encoder}").encode(["la police"])
    with pytest.raises(ValueError, match="its attention would be code from the hub, 'evil/attention'"):
        read_encoder(encoder, local=True)


@pytest.mark.parametrize("header", [struct.pack("<Q", 2**62), struct.pack("<Q", 8) + b"[[[[[[[[", b"", b"\0" * 8])
def test_safetensors_that_lie_about_their_header_are_refused(encoder: Path, header: bytes) -> None:
    (encoder / "model.safetensors").write_bytes(header)
    with pytest.raises(OptionError, match=r'encoder "transformers:.*" cannot be opened: '):
        encoding.LazyEncoder(f"transformers:{encoder}").encode(["la police"])


@pytest.mark.parametrize(
    "record", ["{}", "[]", '{"format": "claimtag-transformer", "format_version": 1}', "[" * 100_000]
)
def test_a_transformer_tagger_with_a_hostile_record_is_refused(tmp_path: Path, record: str) -> None:
    (tmp_path / "transformer.json").write_text(record)
    with pytest.raises(BundleError, match="not a saved transformer tagger, or damaged"):
        transformer.load(tmp_path)


@pytest.fixture
def bundle(tmp_path: Path, encoder: Path, two_themes: Scheme) -> Path:  # noqa: F811
    """A bundle whose model reads with a tiny encoder; only what it says of that is looked at here."""
    lot = [
        gold(f"a{n}", (f"La police saisit du cannabis {n}.", "sea"), (f"Le roi parle {n}.", "land")) for n in range(6)
    ]
    spec = f"transformers:{encoder}"
    training = train(lot, model="encoder", options={"encoder": spec}, folds=2, scheme=two_themes)
    training.tagger.save(tmp_path / "bundle")
    return tmp_path / "bundle"


def alter(bundle: Path, **changes: str) -> None:
    """Changes what the bundle says of its encoder, and seals it anew, as whoever made it can."""
    path = bundle / "model" / "encoder.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | changes))
    manifest = json.loads((bundle / "manifest.json").read_bytes())
    manifest["files"]["model/encoder.json"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (bundle / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize("version", ["$(touch ran)", '1" && touch ran && echo "', "1; ls", "", "-e .", "1\n2"])
def test_a_version_that_a_shell_would_run_gets_into_no_pip_line(bundle: Path, version: str) -> None:
    alter(bundle, version=version)
    with pytest.raises(BundleError, match=r"encoder\.json: .* is no version; get the bundle again") as told:
        load_bundle(bundle)
    assert "pip install" not in str(told.value).partition("is no version")[0]


def test_a_folder_that_holds_no_encoder_is_not_read_because_a_bundle_names_it(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "diary.txt").write_text("private")
    alter(bundle, spec=f"transformers:{tmp_path / 'home'}")
    with pytest.raises(
        BundleError, match=r"home is not the folder of an encoder .* it is not read because a bundle names it"
    ):
        load_bundle(bundle)
