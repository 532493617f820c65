"""Whether the weights of an encoder's package are those it was published with, before anything is learned from them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from claimtag.errors import OptionError
from claimtag.themes.identifying import find_library


def check_installed(specs: Iterable[str]) -> None:
    """OptionError with the pip line where weights were altered or cut off since the package was installed.

    What is no encoder's name, or no package that carries its weights, or not installed, is told by who opens it. The
    hashes are those of the installed package's RECORD (PyPA, "Recording installed projects").
    """
    for spec in dict.fromkeys(specs):
        try:
            library, _ = find_library(spec)
            listed = metadata.files(library.package) or ()
        except (OptionError, metadata.PackageNotFoundError):
            continue
        carried = {f"{library.module}/{name}" for name in library.weights}
        for file in listed:
            if file.as_posix() not in carried or file.hash is None or file.hash.mode != "sha256":
                continue
            path = Path(str(file.locate()))
            if not path.is_file() or _digest(path) != file.hash.value:
                again = f'pip install --force-reinstall "{library.package}=={metadata.version(library.package)}"'
                raise OptionError(f"{path}: altered or damaged since it was installed; get it again with: {again}")


def _digest(path: Path) -> str:
    """The hash of a file as RECORD writes it."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
