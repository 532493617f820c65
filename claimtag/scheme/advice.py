"""What a sound scheme can still do better: keywords of two themes, themes without examples, definitions alike."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import combinations

from claimtag.scheme.labels import Label, Scheme

ALIKE = 0.8  # share of their words, of both together, from which two definitions say the same
_LONGEST = 60  # letters of a keyword in which a shorter one is looked for
_WORD = re.compile(r"\w+")


def advice(scheme: Scheme) -> tuple[str, ...]:
    """Warnings about a scheme that loads: each names the theme and what to do.

    Comparing definitions takes time with the square of the number of themes, the rest with the size of the file.
    """
    return (
        *_overlapping(scheme.themes),
        *_lacking(scheme.themes),
        *_alike(scheme.themes),
        *_contradicting(scheme.themes),
    )


def _overlapping(themes: Iterable[Label]) -> Iterator[str]:
    """Keywords of one theme that another has too, or catches by a shorter one with a star."""
    exact: dict[tuple[str, str], dict[str, str]] = {}
    for theme in themes:
        for lang, keywords in (theme.keywords or {}).items():
            for keyword in keywords:
                exact.setdefault((lang, _plain(keyword)), {})[theme.id] = keyword
    starred = {at: held for at, held in exact.items() if at[1].endswith("*")}
    for (lang, plain), held in exact.items():
        if len(held) > 1:
            first, *others = held
            yield f'"{held[first]}" ({lang}) points to {first} and to {", ".join(others)}: keep it where it is surer'
        stem = plain.rstrip("*")
        for end in range(3, min(len(stem) + (not plain.endswith("*")), _LONGEST)):
            for label, wider in starred.get((lang, stem[:end] + "*"), {}).items():
                for own in held:
                    if own != label and label not in held:
                        yield f'"{held[own]}" ({lang}) of {own} is found by "{wider}" of {label} too: make one of them longer'


def _lacking(themes: Iterable[Label]) -> Iterator[str]:
    for theme in themes:
        lacks = [
            what
            for what, there in (
                ("examples (positive)", theme.positive),
                ("counter-examples (negative)", theme.negative),
                ("keywords", theme.has_keywords),
            )
            if not there
        ]
        if lacks:
            yield f"{theme.id} has no {', no '.join(lacks)}: annotators and models learn a theme from them"


def _alike(themes: Iterable[Label]) -> Iterator[str]:
    words = {theme.id: frozenset(_WORD.findall(_plain(theme.definition))) for theme in themes}
    for one, other in combinations(words, 2):
        both = words[one] | words[other]
        if both and len(words[one] & words[other]) >= ALIKE * len(both):
            yield f"the definitions of {one} and {other} say the same: tell what parts them, or merge them"


def _contradicting(themes: Iterable[Label]) -> Iterator[str]:
    themes = tuple(themes)
    examples = {(theme.id, _plain(text)): text for theme in themes for text in theme.positive}
    for theme in themes:
        for contrast in theme.negative:
            if text := examples.get((theme.id, _plain(contrast.text))):
                yield f'{theme.id}: "{text[:60]}" is an example and a counter-example'


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.lower())
    return " ".join("".join(letter for letter in apart if not unicodedata.combining(letter)).split())
