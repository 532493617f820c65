"""What tells whether a run stands already: hashes of its data and of the code that decides its predictions."""

from __future__ import annotations

import ast
import hashlib
import platform
from functools import cache
from importlib import metadata
from pathlib import Path

from claimtag.errors import InputError
from claimtag.version import __version__

# what decides which predictions and figures come out: a change here makes runs stale, one in reports does not
_CODE = (
    *("claims", "lexicons", "segmenting", "splits", "themes"),
    *("pipeline.py", "quotes.py", "records.py", "scheme.py"),
    *(f"evaluation/{name}.py" for name in ("claims", "intervals", "measuring", "metrics", "ranking", "tiers")),
)
_RECORDED = ("numpy", "scikit-learn", "scipy")  # packages whose versions are written down


@cache
def code_hash() -> str:
    """The hash of the code and language data that decide predictions; comments and docstrings do not count."""
    top, digest = Path(__file__).parent.parent, hashlib.sha256()
    files = [path for name in _CODE for path in ([top / name] if name.endswith(".py") else (top / name).rglob("*"))]
    for path in sorted(file for file in files if file.suffix in (".py", ".toml")):
        content = path.read_bytes()
        if path.suffix == ".py":
            content = ast.dump(_without_docstrings(ast.parse(content))).encode()
        digest.update(f"{path.relative_to(top).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def environment() -> dict[str, str]:
    """What the run ran on."""
    return {
        "claimtag": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        **{package: metadata.version(package) for package in _RECORDED},
    }


def file_hash(path: Path) -> str:
    """The hash of a file, or of all files of a folder."""
    if path.is_dir():
        inside = sorted(file for file in path.rglob("*") if file.is_file())
        return hashlib.sha256(repr([(file.name, file_hash(file)) for file in inside]).encode()).hexdigest()
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error


def _without_docstrings(tree: ast.AST) -> ast.AST:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [  # type: ignore[attr-defined]
                one
                for one in body
                if not (
                    isinstance(one, ast.Expr)
                    and isinstance(one.value, ast.Constant)
                    and isinstance(one.value.value, str)
                )
            ]
    return tree
