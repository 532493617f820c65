"""A verb's lemma → its forms in the third person, and those without person, each with what it is.

The rules are those of French verbs; the irregular ones are principal parts in the lexicon, found by their ending.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

# finite, infinitive, present participle, past participle
Tag = Literal["fin", "inf", "ppr", "pp"]

_FUTURE = ("a", "ont", "ait", "aient", "ai", "ons", "ez", "ais", "iez")
_IMPERFECT = ("ait", "aient", "ais", "ions", "iez", "ons", "ez")


def forms(lemma: str, irregular: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, Tag]]:
    """The forms of a verb with their tags; a form may come twice.

    >>> sorted(form for form, tag in forms("révéler", {}) if form.startswith("révè"))
    ['révèle', 'révèlent', 'révèlera', 'révèlerai', 'révèleraient', 'révèlerais', 'révèlerait', 'révèlerez', 'révèleriez', 'révèlerons', 'révèleront', 'révèles']
    >>> dict(forms("promettre", {"mettre": ["met", "mettent", "mett", "mettr", "mi", "mis"]}))["promis"]
    'pp'
    """
    yield lemma, "inf"
    singular, plural, imperfect, future, past, participle = _parts(lemma, irregular)
    yield singular, "fin"
    yield plural, "fin"
    if singular.endswith("e"):
        yield singular + "s", "fin"
    elif singular.endswith("t"):
        yield singular[:-1] + "s", "fin"
    elif singular.endswith("d"):
        yield singular + "s", "fin"
    for ending in _IMPERFECT:
        yield _soft(imperfect, ending) + ending, "fin"
    for ending in _FUTURE:
        yield future + ending, "fin"
        if lemma.endswith("er") and "è" in future and "é" in lemma:  # "révélera" beside "révèlera"
            yield lemma + ending, "fin"
    if lemma.endswith("er"):
        yield _soft(imperfect, "a") + "a", "fin"
        yield imperfect + "èrent", "fin"
    else:
        yield past + "t", "fin"
        yield past + "rent", "fin"
    yield _soft(imperfect, "ant") + "ant", "ppr"
    for ending in ("", "e", "s", "es"):
        if not (ending in ("s",) and participle.endswith("s")):
            yield participle + ending, "pp"


def _parts(lemma: str, irregular: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    for at in range(len(lemma)):
        ending = lemma[at:]
        if ending in irregular:
            return tuple(lemma[:at] + part for part in irregular[ending])
    if lemma.endswith("er"):
        stem = lemma[:-2]
        strong = _strong(stem)
        return strong + "e", strong + "ent", stem, strong + "er", stem + "a", stem + "é"
    if lemma.endswith("ir"):
        stem = lemma[:-1]
        return stem + "t", stem + "ssent", stem + "ss", lemma, stem, stem
    stem = lemma[:-2] if lemma.endswith("re") else lemma
    return stem, stem + "ent", stem, stem + "r", stem + "i", stem + "u"


def _strong(stem: str) -> str:
    """The stem before a mute e: "révél" → "révèl", "appel" → "appell", "lev" → "lèv", "appuy" → "appui"."""
    if stem.endswith(("oy", "uy")):
        return stem[:-1] + "i"
    if stem.endswith("appel"):
        return stem + "l"
    vowel = len(stem) - 1
    while vowel >= 0 and stem[vowel] not in "aeéèiouyêâîôû":
        vowel -= 1
    consonants = len(stem) - 1 - vowel
    light = consonants == 1 or stem[vowel + 1 :] in ("gn", "qu", "gu", "gr", "tr", "br", "fr")
    if vowel > 0 and light and (stem[vowel] == "é" or (stem[vowel] == "e" and consonants == 1)):
        return stem[:vowel] + "è" + stem[vowel + 1 :]
    return stem


def _soft(stem: str, ending: str) -> str:
    """ "annonc" + "ait" → "annonç", "exig" + "ait" → "exige": the sound stays before a and o."""
    if ending[0] in "ao":
        if stem.endswith("c"):
            return stem[:-1] + "ç"
        if stem.endswith("g"):
            return stem + "e"
    return stem
