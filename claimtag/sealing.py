"""A folder sealed by a manifest: what it may hold, and that each file is the one whose hash stands there.

Everything here is checked before any file is read as what it claims to be. A hash only tells damage: whoever makes a
folder makes its hashes too, so what the files hold is checked again, where it is read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from claimtag.errors import BundleError
from claimtag.themes.saving import check_values
from claimtag.version import __version__

FORMAT = "claimtag-bundle"
FORMAT_VERSION = 1
MANIFEST = "manifest.json"
# data alone: no code (.py), and nothing that is unpickled (.bin, .pt, .pkl, .joblib, .npy)
ENDINGS = (".json", ".skops", ".safetensors", ".txt", ".model", ".jinja", ".md")
_LARGEST, _LARGEST_MANIFEST = 100_000_000, 10_000_000  # bytes of a file that is read whole
_SHAPE = {
    "name": str,
    "version": str,
    "model": str,
    "scheme": dict,
    "languages": list,
    "training": list,
    "files": dict,
}


def read_sealed(folder: Path, *, needed: Collection[str]) -> dict[str, Any]:
    """The manifest of a bundle whose files are all there, all listed, and unaltered; BundleError says what is wrong.

    `needed` names the files that no bundle lacks.
    """
    try:
        manifest = _read_manifest(folder)
        there = {file.relative_to(folder).as_posix() for file in _regular_files(folder)} - {MANIFEST}
        for file in sorted({*needed, *there} - set(manifest["files"])):
            raise BundleError(
                f"{folder / MANIFEST}: {file} is not listed there, so it may be anything; get the bundle again"
            )
        for file, sha256 in manifest["files"].items():
            _check_file(folder, file, sha256)
    except (OSError, UnicodeError) as error:  # no right to read it, a name that no system can hold
        raise BundleError(f"{folder}: the bundle cannot be read: {error}; get it again") from error
    return manifest


def sha256_of(path: Path) -> str:
    """The hash of a file's bytes, read a piece at a time."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    if not path.is_file():
        raise BundleError(f"{folder}: not a bundle: it has no {MANIFEST}; give the folder that claimtag train wrote")
    if path.stat().st_size > _LARGEST_MANIFEST:
        raise BundleError(f"{path}: larger than any manifest; not a bundle of claimtag")
    try:
        content = path.read_bytes()
        check_values(content)
        manifest = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{path}: damaged: not valid JSON; get the bundle again") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise BundleError(f"{path}: not made by claimtag train (its format is not {FORMAT!r})")
    made = manifest.get("format_version")
    if not isinstance(made, int) or isinstance(made, bool) or not 1 <= made <= FORMAT_VERSION:
        raise BundleError(
            f"{folder}: in bundle format {made}; this claimtag {__version__} reads up to {FORMAT_VERSION}: "
            "pip install --upgrade claimtag"
        )
    for key, kind in _SHAPE.items():
        if not isinstance(manifest.get(key), kind):
            raise BundleError(f'{path}: damaged: "{key}" is missing or not what it should be; get the bundle again')
    if not manifest["name"] or not all(isinstance(lang, str) for lang in manifest["languages"]):
        raise BundleError(f'{path}: damaged: "name" or "languages" is not what it should be; get the bundle again')
    return manifest


def _regular_files(folder: Path) -> Iterator[Path]:
    """The files below the folder; BundleError for a link to a folder, a pipe or a device: no bundle has them."""
    for path in folder.rglob("*"):
        if path.is_file():
            yield path
        elif path.is_symlink() or not path.is_dir():
            raise BundleError(f"{path}: neither a file nor a folder of its own; not made by claimtag train")


def _check_file(folder: Path, file: str, sha256: str) -> None:
    parts = PurePosixPath(file)
    if parts.is_absolute() or ".." in parts.parts or "\\" in file or "\0" in file or file == MANIFEST:
        raise BundleError(
            f"{folder}: the manifest names a file outside the bundle, {file!r}; not made by claimtag train"
        )
    path = folder / parts
    if not path.resolve().is_relative_to(folder.resolve()):
        raise BundleError(f"{folder}: {file} leads outside the bundle; not made by claimtag train")
    if not path.is_file():
        raise BundleError(f"{folder}: {file} is missing; get the bundle again")
    if path.suffix not in ENDINGS:
        raise BundleError(
            f"{folder}: {file}: no kind of file that a bundle holds ({', '.join(ENDINGS)}); do not use it"
        )
    if path.stat().st_size > _LARGEST and path.suffix not in (".skops", ".safetensors"):
        raise BundleError(f"{folder}: {file} is larger than any such file of a bundle; do not use it")
    if sha256_of(path) != sha256:
        raise BundleError(
            f"{folder}: {file} was altered or cut off: its hash is not the manifest's; get the bundle again"
        )
    if path.suffix == ".json":  # of the other kinds, what they take in memory is checked where they are read
        try:
            check_values(path.read_bytes())
        except ValueError as error:
            raise BundleError(f"{folder}: {file}: {error}; do not use it") from error
