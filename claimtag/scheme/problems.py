"""What is wrong with a label scheme that its types cannot say: names, references between parts, empty things."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from claimtag.errors import did_you_mean
from claimtag.records import MODES, TYPES
from claimtag.scheme.labels import Claims, Label, Scheme

SLUG = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")  # label ids become column names, so no hyphens or accents
NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")  # scheme names become folder names
VERSION = re.compile(r"(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}")
LANGUAGE = re.compile(r"[a-z]{2,3}")


def problems_of(scheme: Scheme) -> Iterable[str]:
    """What the types cannot say: names, references between parts, and nothing left empty."""
    if not NAME.fullmatch(scheme.name):
        yield f"name: {scheme.name!r} must be lower-case ASCII words joined by hyphens"
    if not VERSION.fullmatch(scheme.version):
        yield f"version: {scheme.version!r} must be three numbers, such as 1.0.0"
    if not LANGUAGE.fullmatch(scheme.language):
        yield f"language: {scheme.language!r} must be an ISO 639 code, such as fr"
    yield from _text_problems("title", scheme.title)
    if not scheme.themes:
        yield "themes: a scheme needs at least one theme"
    yield from _id_problems("groups", [group.id for group in scheme.groups])
    yield from _id_problems("themes", list(scheme.labels))
    used = {theme.group for theme in scheme.themes}
    for index, group in enumerate(scheme.groups):
        where = f"groups[{index}] ({group.id})"
        yield from _text_problems(f"{where}.name", group.name)
        if group.id not in used:
            yield f"{where}: no theme is in this group"
    for index, theme in enumerate(scheme.themes):
        yield from _theme_problems(f"themes[{index}] ({theme.id})", theme, scheme)
    if scheme.claims is not None:
        yield from _claims_problems(scheme.claims)


def _theme_problems(where: str, theme: Label, scheme: Scheme) -> Iterable[str]:
    yield from _text_problems(f"{where}.name", theme.name)
    if not theme.definition.strip():
        yield f"{where}.definition: empty"
    groups = [group.id for group in scheme.groups]
    if theme.group not in groups:
        yield f'{where}.group: "{theme.group}" is not a group{did_you_mean(theme.group, groups)}'
    for part, texts in (
        ("include", theme.include),
        ("exclude", [exclude.rule for exclude in theme.exclude]),
        ("decisions", theme.decisions),
        ("positive", theme.positive),
        ("negative", [contrast.text for contrast in theme.negative]),
    ):
        for index, text in enumerate(texts):
            if not text.strip():
                yield f"{where}.{part}[{index}]: empty"
    for index, exclude in enumerate(theme.exclude):
        if exclude.instead is not None and exclude.instead not in scheme.labels:
            near = did_you_mean(exclude.instead, scheme.labels)
            yield f'{where}.exclude[{index}].instead: "{exclude.instead}" is not a theme{near}'
    for index, contrast in enumerate(theme.negative):
        for label in contrast.themes:
            if label not in scheme.labels:
                yield f'{where}.negative[{index}].themes: "{label}" is not a theme{did_you_mean(label, scheme.labels)}'
            elif label == theme.id:
                yield f"{where}.negative[{index}].themes: a negative example must not carry the theme itself"
    for lang, keywords in (theme.keywords or {}).items():
        if not LANGUAGE.fullmatch(lang):
            yield f"{where}.keywords.{lang}: {lang!r} must be an ISO 639 code, such as fr"
        for keyword in keywords:
            if not keyword.strip("* "):
                yield f"{where}.keywords.{lang}: an empty keyword"


def _claims_problems(claims: Claims) -> Iterable[str]:
    for name, choices, known in (("types", claims.types, TYPES), ("modes", claims.modes, MODES)):
        yield from _id_problems(f"claims.{name}", [choice.id for choice in choices])
        for index, choice in enumerate(choices):
            if choice.id not in known:
                yield f'claims.{name}[{index}]: "{choice.id}" is not one of {", ".join(known)}{did_you_mean(choice.id, known)}'
            if not choice.definition.strip():
                yield f"claims.{name}[{index}] ({choice.id}).definition: empty"


def _id_problems(where: str, ids: list[str]) -> Iterable[str]:
    for index, identity in enumerate(ids):
        if not SLUG.fullmatch(identity):
            yield f"{where}[{index}].id: {identity!r} must be lower-case ASCII letters and digits, words joined by underscores"
        if identity in ids[:index]:
            yield f"{where}[{index}].id: {identity!r} is used twice"


def _text_problems(where: str, texts: Mapping[str, str]) -> Iterable[str]:
    if not texts:
        yield f"{where}: needs a text in at least one language"
    for lang, text in texts.items():
        if not LANGUAGE.fullmatch(lang):
            yield f"{where}.{lang}: {lang!r} must be an ISO 639 code, such as fr"
        if not text.strip():
            yield f"{where}.{lang}: empty"
