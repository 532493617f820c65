"""Features in parts: what is looked at together is one tuple, scored once and remembered.

A part is a tuple (name, value, …). `TEMPLATES` says which of its values form a feature, alone or together. As the
values are of closed classes, the same parts come again and again: their score is a single look-up, which makes a
log-linear model in plain Python several times faster than adding up its features.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter

Part = tuple[str, ...]

_MOST = 300_000  # parts remembered: some 60 MB

# name → (fields, features made of them); a feature is the fields that stand together. Features are named by the part and
# numbered from 0, or by what stands before "=" up to the next such name: those of parts that one look-up answers together
_LAYOUT: dict[str, tuple[str, str]] = {
    # a cue at first sight
    "g": ("lemma form", "lemma; lemma form"),
    "gb": ("lemma b1", "lemma b1"),
    "gk": ("lemma k1", "lemma k1"),
    "gf": ("form k1 b1", "k1 form b1"),
    "gs": ("sign form implies", "sign; sign implies; sign form"),
    "gp": ("form k1 p1 end", "form k1 p1; end"),
    # a cue
    "c": ("lemma form", "; lemma; lemma form"),
    "cb": ("lemma b1", "lemma b1"),
    "ck": ("lemma k1", "lemma k1"),
    "cx": ("form implies k1", "form; implies; implies form; form k1"),
    "cy": ("form k1 b1", "k1 form b1"),
    "cp": ("form p1", "p1; p1 form"),
    "cq": ("form k2 k1", "form k2 k1"),
    "ct": ("form tense", "form tense"),
    "cu": ("word", "word"),
    "ca": ("form a1", "a1; form a1"),
    "cd": ("form b1 b2", "form b1 b2"),
    "cl": ("lemma a1", "lemma a1"),
    "cf": (
        "form implies que opens closes inside asked relative first",
        "que; que implies; que form; opens; opens implies; opens form; closes; closes form; closes implies; "
        "inside; inside form; asked; asked form; relative form; first form",
    ),
    "ce": ("lemma form b1", "lemma; form b1"),
    "cw": ("who form implies b1", "who; who implies; who form b1"),
    "cv": ("who lemma", "who lemma"),
    "cn": ("lemma a1 p1 b1 b2", "lemma a1; lemma p1; lemma b1 b2"),
    "cc": ("lemma comma k1 inner", "lemma comma k1; lemma inner"),
    # a content's beginning left of the cue
    "l": ("prev here then", "; prev; here; prev here; lt= here then"),
    "lq": ("quote edge form distance cross", "quote; edge; form; form quote edge; distance; cross"),
    "lp": ("form prev", "form prev"),
    "ll": ("lemma implies", "lemma; implies"),
    # and right of it
    "r": ("prev here then chunk", "; prev; here; prev here; rt= here then; rc= here chunk"),
    "rb": ("before prev quote", "before prev; quote; quote prev"),
    "rf": (
        "form prev distance chunk quote",
        "form; form prev distance; distance; form distance; rv= form quote; form chunk; form prev chunk",
    ),
    "rl": ("lemma implies prev", "lemma prev; ri= implies prev"),
    "rk": ("lemma kind distance", "lemma kind distance"),
    "rq": ("rank form", "rank; rank form"),
    "rg": ("form next commas verb", "form next; rh= form commas; form verb"),
    "rj": ("form commas prev here", "form commas prev here"),
    # a content's end left of the cue
    "m": ("prev here then", "; here; here then; mp= prev"),
    "mf": ("form here distance quote", "quote; form here; form distance; distance here; form quote; form quote here"),
    # and right of it
    "e": ("here then third", "; here; here then; et= here then third"),
    "eq": ("form quote after here", "quote after; quote here; form quote after; ef= form here"),
    "ep": ("prev", "prev"),
    "ei": ("implies here", "implies here"),
    "ex": ("form implies distance final", "distance; final; final form; final implies"),
    "eg": ("here commas rest", "commas here; rest"),
    "en": ("near here", "near; near here"),
    "ek": ("crossed here form", "crossed; crossed here; crossed form"),
    # the shape of a content
    "s": (
        "side quote length verb edges form implies",
        "side verb; side verb form; side verb implies; side verb quote; side verb length; side quote; side form quote; "
        "side length; side form length; length quote; side edges form",
    ),
    "o": ("side form k1 b1 k2", "side form k1 b1; oo= side form k1 b1 k2; side k1 k2"),
    "or": ("side form k1 rest", "side form rest; side k1 rest"),
    "ol": ("side lemma", "side lemma"),
    # nobody, or the pronoun in the cue
    "n": (
        "side form lemma where prev next",
        "side; side form; side lemma; side form where; side form prev; side form next",
    ),
    # a speaker
    "a": ("at here then", "at here then"),
    "af": ("at final after next", "at final; at final after; ae= at after next"),
    "ak": ("key where gap", "key; key where; key gap"),
    "ah": ("key prev here", "key prev; key here; key prev here"),
    "ag": ("key gap after", "key after; key gap after"),
    "av": ("key at here capital length verbs", "key length; key verbs; ay= at here capital length"),
    "ax": ("at commas capital number", "at commas capital; at number"),
    "aw": ("at word", "at word"),
    "an": ("key near", "key near"),
    "ap": ("at first before capital closed", "at first capital; at before first; at closed"),
    "ac": ("content prev", "content prev; content"),
    "am": ("mark form", "mark; mark form"),
}


def _compile(name: str, fields: str, features: str) -> tuple[tuple[str, tuple[int, ...]], ...]:
    place = {field: n + 1 for n, field in enumerate(fields.split())}
    made: list[tuple[str, tuple[int, ...]]] = []
    number = 0
    for feature in features.split(";"):
        named, _, together = feature.rpartition("=")
        name, number = (named.strip(), 0) if named else (name, number)
        made.append((f"{name}{number}", tuple(place[field] for field in together.split())))
        number += 1
    return tuple(made)


# by the name of a part: its features, each with the places of its values in the part
TEMPLATES: Mapping[str, tuple[tuple[str, tuple[int, ...]], ...]] = {
    name: _compile(name, *layout) for name, layout in _LAYOUT.items()
}


def features(parts: Iterable[Part]) -> list[str]:
    """The features of parts, as a model's weights name them.

    >>> features([("rq", "0", "fin")])
    ['rq0:0', 'rq1:0 fin']
    """
    return [f"{name}:" + " ".join([part[i] for i in places]) for part in parts for name, places in TEMPLATES[part[0]]]


class Scores(dict[Part, float]):
    """The score of each part under some weights, worked out when it is first asked for.

    >>> Scores({"rq0:0": 0.5, "rq1:0 fin": 1.0})["rq", "0", "fin"]
    1.5
    """

    def __init__(self, weights: Mapping[str, float]) -> None:
        super().__init__()
        # by name: for each feature what picks its values from a part, and the weights by these values
        known: dict[str, dict[object, float]] = {name: {} for made in TEMPLATES.values() for name, _ in made}
        for feature, weight in weights.items():
            template, _, joined = feature.partition(":")
            values = joined.split(" ")
            known[template][tuple(values) if len(values) > 1 else values[0]] = weight
        self._tables: dict[str, list[tuple[Callable[[Part], object], dict[object, float]]]] = {
            part: [(itemgetter(*places) if places else _nothing, known[name]) for name, places in made if known[name]]
            for part, made in TEMPLATES.items()
        }

    def __missing__(self, part: Part) -> float:
        if len(self) >= _MOST:
            self.clear()
        value = 0.0
        for pick, weights in self._tables[part[0]]:
            value += weights.get(pick(part), 0.0)
        self[part] = value
        return value

    def of(self, parts: Iterable[Part]) -> float:
        """The sum over the parts."""
        return sum(map(self.__getitem__, parts))


def _nothing(part: Part) -> object:
    return ""


_STEPS = ["0", "1", "2", "3", *["5"] * 2, *["8"] * 3, *["15"] * 7]


def distance(steps: int) -> str:
    """A number of words as features see it: exact while small, then coarser.

    >>> distance(2), distance(7), distance(40), distance(-1)
    ('2', '8', '+', '-')
    """
    return _STEPS[steps] if 0 <= steps < 16 else "-" if steps < 0 else "+"
