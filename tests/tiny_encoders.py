"""Tiny real models of the libraries that encoders come from, made on the spot, and the network shut for them."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

WORDS = ("[PAD]", "[UNK]", "la", "police", "saisit", "du", "cannabis", "le", "juge", "parle", "roi", "port")


def tiny_model2vec(folder: Path, *, seed: int = 0) -> str:
    """A static model of a dozen words; its spec."""
    model2vec = pytest.importorskip("model2vec", reason="the extra encoder is not installed")
    import numpy as np

    vectors = np.random.default_rng(seed).normal(size=(len(WORDS), 16)).astype(np.float32)
    model2vec.StaticModel(vectors, tiny_words(), normalize=True).save_pretrained(folder)
    return f"model2vec:{folder}"


def tiny_words():  # type: ignore[no-untyped-def]
    """A tokenizer of those words."""
    tokenizers = pytest.importorskip("tokenizers", reason="the extra encoder is not installed")
    made = tokenizers.Tokenizer(
        tokenizers.models.WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token="[UNK]")
    )
    made.normalizer = tokenizers.normalizers.Lowercase()
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    return made


def tiny_transformer(folder: Path) -> str:
    """A BERT of one layer with random weights; its spec."""
    transformers = pytest.importorskip("transformers", reason="the extra transformers is not installed")
    torch = pytest.importorskip("torch", reason="the extra transformers is not installed")
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    config = transformers.BertConfig(vocab_size=len(WORDS), max_position_embeddings=64, **sizes)
    transformers.BertModel(config).save_pretrained(folder)
    words = transformers.PreTrainedTokenizerFast(tokenizer_object=tiny_words(), pad_token="[PAD]", unk_token="[UNK]")
    words.save_pretrained(folder)
    return f"transformers:{folder}"


def tiny_sentence_transformer(folder: Path) -> str:
    """The same BERT with mean pooling; its spec."""
    sentence_transformers = pytest.importorskip(
        "sentence_transformers", reason="the extra transformers is not installed"
    )
    inner = folder.parent / f"{folder.name}-inner"
    tiny_transformer(inner)
    layers = pytest.importorskip("sentence_transformers.models")
    word = layers.Transformer(str(inner))
    pooling = layers.Pooling(16, pooling_mode="mean")
    sentence_transformers.SentenceTransformer(modules=[word, pooling], device="cpu").save(str(folder))
    return f"sentence-transformers:{folder}"


def refuse_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks the network fails until the test ends."""

    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
