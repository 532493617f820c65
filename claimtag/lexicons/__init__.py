"""Language knowledge as data: one folder a language, one TOML file a subject.

A new language is a new folder; a language without a folder gets empty lexicons and so the general rules alone.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

_EMPTY: Mapping[str, Any] = MappingProxyType({})


@cache
def languages() -> tuple[str, ...]:
    """The languages that have a folder of lexicons, in alphabetical order.

    >>> "fr" in languages()
    True
    """
    folders = (entry for entry in files(__name__).iterdir() if entry.is_dir() and not entry.name.startswith(("_", ".")))
    return tuple(sorted(folder.name for folder in folders))


@cache
def language_of(tag: str | None) -> str | None:
    """The language with lexicons that a language tag names, or None.

    >>> language_of("fr-BE"), language_of("FR"), language_of("xx"), language_of(None)
    ('fr', 'fr', None, None)
    """
    primary = (tag or "").replace("_", "-").split("-")[0].lower()
    return primary if primary in languages() else None


@cache
def lexicon(lang: str | None, subject: str) -> Mapping[str, Any]:
    """What a language's folder says on a subject, read once; empty where there is no such folder or file.

    >>> "art." in lexicon("fr", "abbreviations")["never"]
    True
    >>> dict(lexicon("xx", "abbreviations")), dict(lexicon(None, "abbreviations"))
    ({}, {})
    """
    known = language_of(lang)
    if known is None:
        return _EMPTY
    file = files(__name__) / known / f"{subject}.toml"
    return MappingProxyType(tomllib.loads(file.read_text(encoding="utf-8"))) if file.is_file() else _EMPTY
