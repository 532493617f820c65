"""Fitted models as skops files: no pickle, the same bytes for the same model, nothing but what the reader expects."""

from __future__ import annotations

import io
import json
import math
import sys
import zipfile
from collections.abc import Set
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

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
LARGEST = 1_000_000_000  # bytes of a skops file, packed or unpacked; the model that ships has 1.6 million
_PACKED, _SMALL = 100, 50_000_000  # how many times smaller than its content a file may be, if that has more bytes
_LARGEST_SCHEMA, _MOST_VALUES = 100_000_000, 5_000_000  # bytes, and values in JSON: each takes some 60 bytes in memory


def write_skops(model: object, path: Path) -> None:
    """Write a model as a compressed skops file; equal models give equal bytes."""
    with zipfile.ZipFile(io.BytesIO(_skops_io().dumps(model))) as archive:
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

    That, and how much memory it will take, is checked before anything is made of the file, and skops checks the classes
    again; BundleError says what is wrong.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError(f"more than {LARGEST:,} bytes")
        content = path.read_bytes()
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            arrays = _check_members(archive, len(content))
            schema = archive.read(SCHEMA)
            check_values(schema)
            tree = json.loads(schema)
            _check_held(tree, held | PLAIN, path)
            named = _named_files(tree)
            if sorted(named) != sorted(arrays):  # named twice, a small file would be read a million times
                raise ValueError("its arrays are not those that it names, each once")
            for name in arrays:
                _check_array(archive, name)
        return _skops_io().loads(content, trusted=sorted(name for _, name in held))
    except BundleError:
        raise
    except Exception as error:  # skops, zipfile and numpy raise many kinds on damaged files
        raise BundleError(f"{path}: damaged, or not a skops file ({error}); train or get the model again") from error


def _skops_io() -> Any:
    """The module `skops.io`, which imports all of scikit-learn at first, but not torch by way of it.

    Where torch is installed it takes a process 180 MB and 1.5 s, and no model here is read with it.
    """
    through = "sklearn.externals.array_api_compat.torch"
    in_the_way = through not in sys.modules and "skops.io" not in sys.modules
    if in_the_way:
        sys.modules[through] = ModuleType(through)
    try:
        return import_module("skops.io")
    finally:
        if in_the_way:
            del sys.modules[through]


def check_values(content: bytes) -> None:
    """ValueError for JSON of so many values that reading it would fill the memory, told before it is read."""
    if len(content) > _LARGEST_SCHEMA:
        raise ValueError(f"{len(content):,} bytes of JSON; at most {_LARGEST_SCHEMA:,} are read")
    if (values := sum(map(content.count, (b",", b"[", b"{")))) > _MOST_VALUES:
        raise ValueError(f"{values:,} values in JSON; at most {_MOST_VALUES:,} are read")


def _check_members(archive: zipfile.ZipFile, size: int) -> list[str]:
    """The names of the arrays; ValueError where unpacking would take more memory than such a file can need."""
    members = archive.infolist()
    names = [member.filename for member in members]
    if len(set(names)) < len(names) or SCHEMA not in names:
        raise ValueError(f"a member twice, or no {SCHEMA}")
    for member in members:
        # these two alone unpack no more than the directory says, which is counted below
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or member.flag_bits & 1:
            raise ValueError(f"{member.filename!r:.60} is packed in a way that is not used here")
    if (unpacked := sum(member.file_size for member in members)) > min(LARGEST, max(_SMALL, _PACKED * size)):
        raise ValueError(f"{size:,} bytes would unpack to {unpacked:,}")
    return [name for name in names if name != SCHEMA]


def _check_array(archive: zipfile.ZipFile, name: str) -> None:
    """ValueError unless a member is one array of plain numbers, as long as its own header says."""
    with archive.open(name) as stream:
        version = np.lib.format.read_magic(stream)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read(stream)
        size = stream.tell() + math.prod(shape) * dtype.itemsize
    if dtype.kind not in "biuf" or min(shape, default=0) < 0 or size != archive.getinfo(name).file_size:
        raise ValueError(f"{name!r:.60} is no array of numbers, or not as long as it says")


def _named_files(node: Any) -> list[str]:
    """The members that the arrays of a schema name."""
    found = [] if not isinstance(node, dict) or node.get("__loader__") != "NdArrayNode" else [str(node.get("file"))]
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        found += _named_files(value)
    return found


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
