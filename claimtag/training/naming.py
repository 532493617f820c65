"""Labels as people write them → labels of a scheme: of one that is given, or of one made from the labels themselves."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from claimtag.errors import SchemeError, did_you_mean
from claimtag.scheme import Scheme, scheme_from_dict
from claimtag.training.cells import shortened
from claimtag.training.layouts import plain

UNKNOWN = "und"  # ISO 639's code for a language that is not known
NO_SCHEME = "without --scheme one is made from the labels found"
_TOLD = 12  # ids named in a note
_SIGNS = {"-": "minus", "−": "minus", "#": "sharp"}  # others go by their name in Unicode
_MEANT = re.compile(
    r"^[-−](?=\s*\.?\d)|\+|(?<=\w)#"
)  # signs that tell labels with letters or figures apart: -1 and 1, C++ and C


@dataclass(frozen=True, slots=True)
class Naming:
    """A scheme, and which of its labels each label of a table is; `merged` are those taken as one, in groups."""

    scheme: Scheme
    ids: Mapping[str, str]
    merged: tuple[tuple[str, ...], ...] = ()

    @property
    def told(self) -> str | None:
        """The ids that cannot be read off the labels' names, as a note; None where there are none.

        >>> print(made_scheme(Counter({"-1": 2, "1": 2, "sport": 1}), file="news.csv", name="news").told)
        label ids: "-1" → minus_1, "1" → label_1
        """
        changed = [
            f'"{shortened(name)}" → {slug}' for name, slug in self.ids.items() if plain(name).replace(" ", "_") != slug
        ]
        more = f" and {len(changed) - _TOLD:,} more" if len(changed) > _TOLD else ""
        return f"label ids: {', '.join(changed[:_TOLD])}{more}" if changed else None


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
        spellings.setdefault(_spelled(label), []).append(label)
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


def matched(
    places: Mapping[str, str],
    scheme: Scheme,
    *,
    known: Mapping[str, str] = {},
    advice: str = NO_SCHEME,
) -> Naming:
    """The labels of a table by a given scheme's ids or names; SchemeError says where one stands that it does not have.

    `places` gives the labels of the table, each with the place where it stands first; `known` are labels whose ids are
    known already; `advice` ends the error.
    """
    ids, names = {}, _names(scheme)
    for label, place in places.items():
        found = known.get(label) or _found(label, names)
        if found is None:
            near = did_you_mean(
                label, [*scheme.labels, *(name for theme in scheme.themes for name in theme.name.values())]
            )
            raise SchemeError(
                f'{place}: "{shortened(label)}" is not a theme of {scheme.name} {scheme.version}{near}; {advice}'
            )
        ids[label] = found
    return Naming(scheme, ids)


def find_label(written: str, scheme: Scheme) -> str | None:
    """The label of a scheme with that id, or else that name in some language, whatever the case and accents; or None.

    >>> scheme = made_scheme(Counter({"-1": 2, "1": 2, "C++": 1}), file="news.csv", name="news").scheme
    >>> find_label("-1", scheme), find_label("1", scheme), find_label("c++", scheme), find_label("0", scheme)
    ('minus_1', 'label_1', 'c_plus_plus', None)
    """
    return _found(written, _names(scheme))


def _found(written: str, names: tuple[Mapping[str, str], Mapping[str, str]]) -> str | None:
    return names[0].get(_spelled(written)) or names[1].get(_plainly(written))


def _names(scheme: Scheme) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The ids of themes by ids and names, ids first: as they are spelled, since "Économie" and "Economie" may be two
    themes, and without accents.
    """
    names = [(label, label) for label in scheme.labels]
    names += [(name, theme.id) for theme in scheme.themes for name in theme.name.values()]
    names.reverse()  # the first counts
    return {_spelled(name): label for name, label in names}, {_plainly(name): label for name, label in names}


def _spelled(name: str) -> str:
    return " ".join(name.casefold().split())


def _plainly(name: str) -> str:
    """A name without case and accents, and with the sign of a number."""
    sign = "minus " if re.match(r"\s*[-−]\s*\.?\d", name) else ""
    return sign + (plain(name.lstrip(" -−") if sign else name) or name)


def _slug(label: str, number: int, taken: set[str]) -> str:
    words = "_".join(re.findall(r"[a-z0-9]+", plain(_written_out(label))))[:60].strip("_")
    slug = words if words[:1].isalpha() else f"label_{words}" if words else f"label_{number}"
    unique, again = slug, 1
    while unique in taken:
        again += 1
        unique = f"{slug}_{again}"
    return unique


def _written_out(label: str) -> str:
    """The label with the signs that make its meaning as words; nothing where its letters have none of ours."""
    if re.search("[a-z0-9]", plain(label)):
        return _MEANT.sub(lambda found: f" {_sign(found[0])} ", label)
    if any(char.isalnum() for char in label):
        return ""
    return " ".join(_sign(char) for char in label if unicodedata.category(char)[0] in "SP")


def _sign(char: str) -> str:
    return _SIGNS.get(char) or unicodedata.name(char, "").removesuffix(" SIGN")


def _scheme_name(name: str) -> str:
    words = "-".join(re.findall(r"[a-z0-9]+", plain(name)))[:60].strip("-")
    return words if words[:1].isalpha() else f"labels-{words}".strip("-")
