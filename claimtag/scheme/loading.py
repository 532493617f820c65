"""Label schemes from TOML files: those that ship by their name, any other by its path."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from claimtag.errors import SchemeError, did_you_mean
from claimtag.scheme.labels import Choice, Claims, Contrast, Exclude, Field, Group, Label, Scheme
from claimtag.scheme.problems import VERSION, problems_of
from claimtag.scheme.shapes import made_of, read_toml

_CLASSES: Mapping[tuple[str, ...], type] = {  # where in a file which class stands
    (): Scheme,
    ("groups",): Group,
    ("themes",): Label,
    ("themes", "exclude"): Exclude,
    ("themes", "negative"): Contrast,
    ("claims",): Claims,
    ("claims", "types"): Choice,
    ("claims", "modes"): Choice,
    ("claims", "fields"): Field,
}


def load_scheme(name: str | Path) -> Scheme:
    """The scheme of that name (`name` for its newest version, `name@version`), or of the TOML file at that path.

    >>> load_scheme("security-cooperation").labels[:2]
    ('counterterrorism', 'radicalisation')
    >>> load_scheme("security-coperation")
    Traceback (most recent call last):
    claimtag.errors.SchemeError: no label scheme "security-coperation" (did you mean "security-cooperation"?); \
shipped: climate-environment@1.0.0, security-cooperation@1.0.0; for a file of your own give its path, ending in .toml
    """
    path = scheme_file(name)
    return scheme_from_dict(read_toml(path), where=str(path))


def scheme_file(name: str | Path) -> Path:
    """Where the scheme lies that `load_scheme` takes under that name; SchemeError with those that ship if none does."""
    if isinstance(name, Path) or name.endswith(".toml") or "/" in name:
        return Path(name)
    wanted, _, version = name.partition("@")
    shipped = shipped_schemes()
    versions = [at for at in shipped if at == (wanted, version) or (not version and at[0] == wanted)]
    if not versions:
        known = [f"{name}@{version}" for name, version in shipped]
        near = did_you_mean(name, known if version else {name for name, _ in shipped})
        raise SchemeError(
            f'no label scheme "{name}"{near}; shipped: {", ".join(known)}; for a file of your own give its path, ending in .toml'
        )
    return shipped[max(versions, key=lambda at: version_key(at[1]))]


def shipped_schemes() -> dict[tuple[str, str], Path]:
    """The schemes that ship, (name, version) → file, sorted by name and then by version."""
    files = [path for path in labels_folder().glob("*/*.toml") if VERSION.fullmatch(path.stem)]
    files.sort(key=lambda path: (path.parent.name, version_key(path.stem)))
    return {(path.parent.name, path.stem): path for path in files}


def labels_folder() -> Path:
    """Where the label schemes lie: inside the installed package, or at the top of a checkout."""
    package = Path(__file__).parent.parent
    return package / "labels" if (package / "labels").is_dir() else package.parent / "labels"


def scheme_from_dict(content: Mapping[str, Any], *, where: str = "scheme") -> Scheme:
    """The scheme with that content, validated; SchemeError lists all problems at once, each with its path."""
    return made_of(Scheme, content, where=where, classes=_CLASSES, problems_of=problems_of)


def version_key(version: str) -> tuple[int, ...]:
    """What versions are ordered by: 1.10.0 comes after 1.9.0."""
    return tuple(int(part) for part in version.split("."))
