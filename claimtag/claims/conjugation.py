"""A verb's lemma → its forms in the third person, and those without person, each with what it is.

The endings of a language, its regular groups and the principal parts of irregular verbs are its lexicon `conjugation`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from claimtag.lexicons import lexicon

# finite, infinitive, present participle, past participle
Tag = Literal["fin", "inf", "ppr", "pp"]
Pairs = Sequence[Sequence[str]]  # what ends so, and what it becomes


@dataclass(frozen=True, slots=True)
class Conjugation:
    """The tables of a language; its file says of each what."""

    future: Sequence[str] = ()
    imperfect: Sequence[str] = ()
    present_participle: str = ""
    past_participle: Sequence[str] = ()
    other_singular: Pairs = ()
    past: Sequence[tuple[str, Sequence[str]]] = ()
    soft_before: str = ""
    soft: Pairs = ()
    strong: Pairs = ()
    both: tuple[str, str] = ("", "")
    groups: Sequence[Mapping[str, str | Sequence[str]]] = ()
    irregular: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def forms(self, lemma: str) -> Iterator[tuple[str, Tag]]:
        """The forms of a verb with their tags; a form may come twice, a verb of no group has its lemma alone.

        >>> sorted(form for form, tag in conjugation_of("fr").forms("révéler") if form.startswith("révè"))
        ['révèle', 'révèlent', 'révèlera', 'révèlerai', 'révèleraient', 'révèlerais', 'révèlerait', 'révèlerez',
         'révèleriez', 'révèlerons', 'révèleront', 'révèles']
        >>> dict(conjugation_of("fr").forms("promettre"))["promis"]
        'pp'
        """
        yield lemma, "inf"
        parts = self._parts(lemma)
        if not parts:
            return
        singular, plural, imperfect, future, past, participle = parts
        yield singular, "fin"
        yield plural, "fin"
        yield from ((other, "fin") for other in self._others(singular))
        yield from ((self._joined(imperfect, ending), "fin") for ending in self.imperfect)
        yield from ((future + ending, "fin") for ending in self.future)
        if future != lemma and future.replace(self.both[1], self.both[0]) == lemma:
            yield from ((lemma + ending, "fin") for ending in self.future)
        endings = next((endings for end, endings in self.past if lemma.endswith(end)), ())
        yield from ((self._joined(past, ending), "fin") for ending in endings)
        yield self._joined(imperfect, self.present_participle), "ppr"
        for ending in self.past_participle:
            if not (ending == "s" and participle.endswith("s")):
                yield participle + ending, "pp"

    def _parts(self, lemma: str) -> tuple[str, ...]:
        for at in range(len(lemma)):
            if lemma[at:] in self.irregular:
                return tuple(lemma[:at] + part for part in self.irregular[lemma[at:]])
        for group in self.groups:
            ending = str(group["ending"])
            if lemma.endswith(ending):
                stem = lemma[: -len(ending)]
                return tuple(part.format(stem, strong=self._strong(stem)) for part in group["parts"])
        return ()

    def _strong(self, stem: str) -> str:
        for pattern, other in self.strong:
            changed, count = re.subn(pattern, other, stem)
            if count:
                return changed
        return stem

    def _others(self, singular: str) -> Iterator[str]:
        for end, other in self.other_singular:
            if singular.endswith(end):
                yield singular[: -len(end)] + other
                return

    def _joined(self, stem: str, ending: str) -> str:
        """ "annonc" + "ait" → "annonçait": the sound stays before some letters."""
        if ending[0] in self.soft_before:
            for end, other in self.soft:
                if stem.endswith(end):
                    return stem[: -len(end)] + other + ending
        return stem + ending


@cache
def conjugation_of(lang: str) -> Conjugation:
    """The conjugation of a language; an empty one where its folder has none."""
    return Conjugation(**lexicon(lang, "conjugation"))
