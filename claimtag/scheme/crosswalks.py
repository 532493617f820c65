"""Crosswalks: which concepts of a public scheme the themes of a scheme correspond to, in the words of SKOS.

A crosswalk lies in `labels/crosswalks/<scheme>/<public scheme>.toml`. Of each correspondence it says how near it is:

exact     the same; either may stand for the other
close     nearly the same; good enough to count by
broader   the public concept is wider than the theme
narrower  the public concept is a part of the theme
related   neither holds the other
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from claimtag.errors import SchemeError, did_you_mean
from claimtag.scheme.labels import Scheme
from claimtag.scheme.loading import labels_folder
from claimtag.scheme.problems import VERSION
from claimtag.scheme.shapes import STRICT, made_of, read_toml

Match = Literal["exact", "close", "broader", "narrower", "related"]
FOLDER = "crosswalks"


@dataclass(frozen=True, slots=True)
class Link:
    """One correspondence: of a theme with a concept of the public scheme, named by its code there."""

    __pydantic_config__: ClassVar = STRICT

    label: str
    code: str
    name: str
    match: Match
    note: str = ""


@dataclass(frozen=True, slots=True)
class Unlinked:
    """A theme that the public scheme has nothing for, and why."""

    __pydantic_config__: ClassVar = STRICT

    label: str
    note: str


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """The correspondences of one version of a scheme with a public scheme; what `to` is, who keeps it and where."""

    __pydantic_config__: ClassVar = STRICT

    scheme: str
    version: str
    to: str
    title: str
    publisher: str
    source: str
    note: str
    links: tuple[Link, ...]
    unlinked: tuple[Unlinked, ...] = ()

    def of(self, label: str) -> tuple[Link, ...]:
        """The links of a theme."""
        return tuple(link for link in self.links if link.label == label)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)

    def report(self) -> str:
        """The crosswalk as a table to read, ending in a line break."""
        rows: list[tuple[str, str, str, str, str]] = [
            (link.label, link.match, link.code, link.name, link.note) for link in self.links
        ]
        rows += [(one.label, "–", "", "", one.note) for one in self.unlinked]
        widths = [max((len(row[place]) for row in rows), default=0) for place in range(4)]
        lines = [f"{self.scheme} {self.version} → {self.title} ({self.publisher}, {self.source})", self.note, ""]
        for *cells, note in rows:
            padded = "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True))
            lines.append(f"{padded}  {note}".rstrip())
        return "\n".join(lines) + "\n"


def crosswalks(scheme: Scheme) -> dict[str, Path]:
    """The crosswalks that ship for a scheme: name of the public scheme → file."""
    return {path.stem: path for path in sorted((labels_folder() / FOLDER / scheme.name).glob("*.toml"))}


def load_crosswalk(to: str | Path, scheme: Scheme) -> Crosswalk:
    """The crosswalk from a scheme to the public one of that name, or in that file; SchemeError where there is none."""
    there = crosswalks(scheme)
    if isinstance(to, str) and not to.endswith(".toml"):
        if to not in there:
            shipped = ", ".join(there) or "none"
            raise SchemeError(
                f'no crosswalk from {scheme.name} to "{to}"{did_you_mean(to, there)}; there are: {shipped}; or give the path '
                "of a .toml file"
            )
        to = there[to]
    path = Path(to)
    classes = {(): Crosswalk, ("links",): Link, ("unlinked",): Unlinked}
    return made_of(
        Crosswalk, read_toml(path), where=str(path), classes=classes, problems_of=lambda one: _problems(one, scheme)
    )


def _problems(crosswalk: Crosswalk, scheme: Scheme) -> Iterator[str]:
    if crosswalk.scheme != scheme.name:
        yield f"scheme: {crosswalk.scheme!r} is not {scheme.name}"
    elif not VERSION.fullmatch(crosswalk.version) or crosswalk.version != scheme.version:
        yield f"version: of {crosswalk.version!r}, the scheme is {scheme.version}; carry the crosswalk over to it"
    else:
        yield from _label_problems("links", [link.label for link in crosswalk.links], scheme)
        yield from _label_problems("unlinked", [one.label for one in crosswalk.unlinked], scheme)
        told = {link.label for link in crosswalk.links} | {one.label for one in crosswalk.unlinked}
        yield from (
            f'"{label}" is neither linked nor said to have no link' for label in scheme.labels if label not in told
        )
        seen: set[tuple[str, str]] = set()
        for index, link in enumerate(crosswalk.links):
            if (link.label, link.code) in seen:
                yield f"links[{index}]: {link.label} and {link.code} are linked twice"
            seen.add((link.label, link.code))


def _label_problems(where: str, labels: Iterable[str], scheme: Scheme) -> Iterator[str]:
    for index, label in enumerate(labels):
        if label not in scheme.labels:
            yield f'{where}[{index}].label: "{label}" is not a theme{did_you_mean(label, scheme.labels)}'
