"""Labels as people write them → labels of a scheme: of one that is given, or of one made from the labels themselves."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from claimtag.errors import SchemeError, did_you_mean
from claimtag.scheme import Scheme, scheme_from_dict
from claimtag.training.layouts import plain

UNKNOWN = "und"  # ISO 639's code for a language that is not known


@dataclass(frozen=True, slots=True)
class Naming:
    """A scheme, and which of its labels each label of a table is; `merged` are those taken as one, in groups."""

    scheme: Scheme
    ids: Mapping[str, str]
    merged: tuple[tuple[str, ...], ...] = ()


def made_scheme(counts: Counter[str], *, file: str, name: str, lang: str | None = None) -> Naming:
    """A scheme 0.0.0 of the labels found, the most frequent first, which says that nobody has defined them.

    Labels that differ in case or white space alone are one.

    >>> naming = made_scheme(Counter({"Politique étrangère": 3, "Sport": 2, "SPORT": 1}), file="news.csv", name="news")
    >>> naming.scheme.labels, naming.merged
    (('politique_etrangere', 'sport'), (('Sport', 'SPORT'),))
    """
    language = lang or UNKNOWN
    spellings: dict[str, list[str]] = {}
    for label, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        spellings.setdefault(" ".join(label.casefold().split()), []).append(label)
    ids: dict[str, str] = {}
    themes = []
    total = {key: sum(counts[label] for label in labels) for key, labels in spellings.items()}
    for number, key in enumerate(sorted(spellings, key=lambda key: (-total[key], key)), start=1):
        labels = spellings[key]
        slug = _slug(labels[0], number, set(ids.values()))
        ids |= dict.fromkeys(labels, slug)
        shown = " ".join(labels[0].split())
        themes.append(
            {
                "id": slug,
                "group": "labels",
                "name": {language: shown},
                "definition": f'Not defined: the sentences labelled "{shown}" in {file}.',
            }
        )
    scheme = scheme_from_dict(
        {
            "name": _scheme_name(name),
            "version": "0.0.0",
            "title": {"en": f"Labels of {file}"},
            "description": f"Made by claimtag train from the labels of {file}. Nobody has defined them yet: write what each "
            "covers, give the scheme a version, and train again with it.",
            "language": language,
            "groups": [{"id": "labels", "name": {"en": "Labels"}}],
            "themes": themes,
        },
        where=file,
    )
    return Naming(scheme, ids, tuple(tuple(labels) for labels in spellings.values() if len(labels) > 1))


def matched(places: Mapping[str, str], scheme: Scheme) -> Naming:
    """The labels of a table by a given scheme's ids or names; SchemeError says where one stands that it does not have.

    `places` gives the labels of the table, each with the place where it stands first.
    """
    known = dict(_names(scheme))
    ids = {}
    for label, place in places.items():
        if plain(label) not in known:
            near = did_you_mean(
                label, [*scheme.labels, *(name for theme in scheme.themes for name in theme.name.values())]
            )
            raise SchemeError(
                f'{place}: "{label}" is not a theme of {scheme.name} {scheme.version}{near}; '
                "without --scheme one is made from the labels found"
            )
        ids[label] = known[plain(label)]
    return Naming(scheme, ids)


def _names(scheme: Scheme) -> Iterator[tuple[str, str]]:
    """(name, id) of every theme, the ids last, so that they count where a name is another theme's id."""
    for theme in scheme.themes:
        for name in theme.name.values():
            yield plain(name), theme.id
    for label in scheme.labels:
        yield plain(label), label


def _slug(label: str, number: int, taken: set[str]) -> str:
    words = "_".join(re.findall(r"[a-z0-9]+", plain(label)))[:60].strip("_")
    slug = words if words[:1].isalpha() else f"label_{words}" if words else f"label_{number}"
    unique, again = slug, 1
    while unique in taken:
        again += 1
        unique = f"{slug}_{again}"
    return unique


def _scheme_name(name: str) -> str:
    words = "-".join(re.findall(r"[a-z0-9]+", plain(name)))[:60].strip("-")
    return words if words[:1].isalpha() else f"labels-{words}".strip("-")
