"""What a label scheme consists of: themes in groups, the claim layer, and the hash that names its content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, ClassVar

from claimtag.errors import SchemeError, did_you_mean
from claimtag.records import SchemeRef
from claimtag.scheme.shapes import STRICT


@dataclass(frozen=True, slots=True)
class Group:
    """A family of themes; it holds for a sentence when any of its themes does."""

    __pydantic_config__: ClassVar = STRICT

    id: str
    name: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Exclude:
    """What a label is not for, and the label that it is for instead, where there is one."""

    __pydantic_config__: ClassVar = STRICT

    rule: str
    instead: str | None = None


@dataclass(frozen=True, slots=True)
class Contrast:
    """A sentence that looks like a label's and is not, with the themes that it has instead."""

    __pydantic_config__: ClassVar = STRICT

    text: str
    themes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Label:
    """One theme: its names by language, what it covers, examples, and the keywords that point to it."""

    __pydantic_config__: ClassVar = STRICT

    id: str
    group: str
    name: Mapping[str, str]
    definition: str
    include: tuple[str, ...] = ()
    exclude: tuple[Exclude, ...] = ()
    decisions: tuple[str, ...] = ()
    positive: tuple[str, ...] = ()
    negative: tuple[Contrast, ...] = ()
    keywords: Mapping[str, tuple[str, ...]] | None = None

    @property
    def has_keywords(self) -> bool:
        """Whether any language has a keyword; a file may name a language and list none."""
        return any((self.keywords or {}).values())


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a claim's type or mode, with its rule."""

    __pydantic_config__: ClassVar = STRICT

    id: str
    name: Mapping[str, str]
    definition: str


@dataclass(frozen=True, slots=True)
class Field:
    """One span of a claim (speaker, cue, content), with its rule."""

    __pydantic_config__: ClassVar = STRICT

    id: str
    definition: str


@dataclass(frozen=True, slots=True)
class Claims:
    """The claim layer: what a claim is, its types and modes, its spans, and the coding decisions."""

    __pydantic_config__: ClassVar = STRICT

    definition: str
    types: tuple[Choice, ...]
    modes: tuple[Choice, ...]
    fields: tuple[Field, ...] = ()
    decisions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scheme:
    """A codebook at one version. Equal content gives an equal `sha256`, whatever the comments in the file."""

    __pydantic_config__: ClassVar = STRICT

    name: str
    version: str
    title: Mapping[str, str]
    description: str
    language: str
    groups: tuple[Group, ...]
    themes: tuple[Label, ...]
    claims: Claims | None = None
    decisions: tuple[str, ...] = ()

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The ids of the themes, in the codebook's order."""
        return tuple(theme.id for theme in self.themes)

    @cached_property
    def sha256(self) -> str:
        """The hash of the content as canonical JSON (sorted keys, no white space, UTF-8)."""
        return hashlib.sha256(json.dumps(self.to_dict(), **_CANONICAL).encode()).hexdigest()

    @property
    def ref(self) -> SchemeRef:
        return SchemeRef(self.name, self.version, self.sha256)

    def theme(self, label: str) -> Label:
        """The theme of that id; SchemeError with the nearest name when there is none."""
        for theme in self.themes:
            if theme.id == label:
                return theme
        raise SchemeError(
            f'"{label}" is not a theme of {self.name} {self.version}{did_you_mean(label, self.labels)}; '
            f"its themes: {', '.join(self.labels)}"
        )

    def to_dict(self) -> dict[str, Any]:
        """The content as plain JSON values, empty things left out; `scheme_from_dict` is its inverse."""
        content: dict[str, Any] = _without_empty(asdict(self))
        return content


_CANONICAL: dict[str, Any] = {"sort_keys": True, "ensure_ascii": False, "separators": (",", ":")}


def _without_empty(value: Any) -> Any:
    if isinstance(value, Mapping):  # what holds only empty things is empty too
        inner = {key: _without_empty(item) for key, item in value.items()}
        return {key: item for key, item in inner.items() if item not in (None, [], {}, "")}
    return [_without_empty(item) for item in value] if isinstance(value, tuple | list) else value
