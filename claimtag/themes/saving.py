"""Fitted models as skops files: no pickle, the same bytes for the same model, nothing but what the reader expects."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Set
from pathlib import Path
from typing import Any

from claimtag.errors import BundleError

PLAIN = {  # (how skops stores it, what it is): data that does nothing
    ("DictNode", "builtins.dict"),
    ("ListNode", "builtins.list"),
    ("TupleNode", "builtins.tuple"),
    ("JsonNode", "builtins.str"),
    ("TypeNode", "builtins.str"),
    ("NdArrayNode", "numpy.ndarray"),
}
SCHEMA = "schema.json"


def write_skops(model: object, path: Path) -> None:
    """Write a model as a compressed skops file; equal models give equal bytes."""
    import skops.io

    with zipfile.ZipFile(io.BytesIO(skops.io.dumps(model))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    schema = json.loads(files.pop(SCHEMA))
    numbers: dict[str, str] = {}
    _renumber(schema, numbers)
    named = {f"{numbers[name.removesuffix('.npy')]}.npy": content for name, content in files.items()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {SCHEMA: json.dumps(schema, indent=1).encode(), **named}.items():
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=zipfile.ZIP_DEFLATED)  # of no date


def read_skops(path: Path, *, held: Set[tuple[str, str]]) -> Any:
    """The model in a skops file, which may hold the classes in `held` and plain data alone.

    That is checked before anything is made of the file, and skops checks it again; BundleError says what is wrong.
    """
    import skops.io

    try:
        content = path.read_bytes()
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_held(json.loads(archive.read(SCHEMA)), held | PLAIN, path)
        return skops.io.loads(content, trusted=sorted(name for _, name in held))
    except BundleError:
        raise
    except Exception as error:  # skops, zipfile and numpy raise many kinds on damaged files
        raise BundleError(f"{path}: damaged, or not a skops file ({error}); train or get the model again") from error


def _check_held(node: Any, held: Set[tuple[str, str]], path: Path) -> None:
    if isinstance(node, dict):
        if "__loader__" in node or "__class__" in node:
            found = (str(node.get("__loader__")), f"{node.get('__module__')}.{node.get('__class__')}")
            if found not in held:
                raise BundleError(
                    f"{path}: holds a {found[1]} ({found[0]}), which does not belong there; do not use it"
                )
        for value in node.values():
            _check_held(value, held, path)
    elif isinstance(node, list):
        for value in node:
            _check_held(value, held, path)


def _renumber(node: Any, numbers: dict[str, str]) -> None:
    """Objects are numbered by their place in memory, which is never the same; here by their order."""
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _renumber(value, numbers)
    if isinstance(node, dict) and "__id__" in node:
        number = numbers.setdefault(str(node["__id__"]), str(len(numbers)))
        node["__id__"] = int(number)
        if "file" in node:
            node["file"] = f"{number}.npy"
