"""What kind of claim: its type and mode; and the claims of the author's own voice."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate
from typing import NamedTuple

from claimtag.claims.candidates import Cue
from claimtag.claims.choosing import Weights, score
from claimtag.claims.grammar import Endings
from claimtag.claims.words import Words
from claimtag.records import TYPES, Mode, Type

ATTRIBUTED: tuple[Mode, ...] = ("direct", "indirect", "mixed")


def mode_features(w: Words, content: tuple[int, int], start: int, end: int) -> list[str]:
    """How much of the content stands in quotation marks."""
    begin, stop = content
    inner = [n for n in range(begin, stop) if start <= w.start[n] < end]
    quoted = sum(w.inside[n] for n in inner)
    marks = sum(w.kind[n] in "«»" or w.low[n] == '"' for n in inner)
    n = len(inner) or 1
    if quoted == n and marks == 0:
        state = "all"
    elif quoted == 0:
        state = "none"
    else:
        state = "some"
    longest = max(((min(last, stop) - max(f, begin)) for f, last in w.quoted if f < stop and last >= begin), default=0)
    capital = any(
        w.kind[min(f + 1, len(w.low) - 1)] == "X" and last - f < 6 for f, last in w.quoted if begin <= f < stop
    )
    size = str(min(longest, 8))
    return [
        state,
        state + "n" + size,
        state + "q" + str(int(4 * quoted / n)),
        state + "m" + str(min(marks, 5)),
        state + ("X" if capital else "-") + size,
    ]


def mode(w: Words, content: tuple[int, int], start: int, end: int, weights: Weights) -> Mode:
    """direct, indirect or mixed."""
    if not w.quoted:
        return "indirect"
    features = mode_features(w, content, start, end)
    if features[0] == "none":
        return "indirect"
    if features[0] == "all":
        return "direct"
    return max(ATTRIBUTED, key=lambda name: score(weights, [name + "/" + f for f in features]))


def word_features(word: str, endings: Endings) -> list[str]:
    """What one word of the content says of its type."""
    features = ["w=" + word]
    if len(word) > 4:
        features += ["s=" + word[-4:], "r=" + word[:5]]
        if word.endswith(endings.future) and not word.endswith(endings.no_future):
            features.append("future")
        if word.endswith(endings.conditional):
            features.append("cond")
    return features


def said_words(w: Words, content: tuple[int, int]) -> set[str]:
    """The words of the content that may tell its type."""
    begin, end = content
    end = min(end, begin + 60)
    return {word for word, kind in zip(w.low[begin:end], w.kind[begin:end], strict=True) if kind in "wvéigXVBNO"}


Group = tuple[str, ...]  # what is looked at together: (name, value, …)

# the features that a group makes, by its name: what stands before each, and the places of the values that follow
_LAYOUT: dict[str, tuple[tuple[str, tuple[int, ...]], ...]] = {
    "build": (("b", ()), ("m=", (1,)), ("f=", (2,)), ("fk=", (3,)), ("n", (4,)), ("", (5,))),
    "cue": (("l=", (1,)), ("i=", (2,)), ("k=", (3,)), ("lm=", (1, 4)), ("ik=", (2, 3))),
    "link": (("p=", (1,)), ("lp=", (3, 0, 2)), ("ip=", (4, 0, 1)), ("lf=", (3, 5))),
    "tense": (("tense=", (1,)), ("tense|", (2, 1))),
    "cue tense": (("tense|", (3, 1)), ("tense|", (3, 2, 1)), ("tense|", (4, 1))),
    "no tense": (("tense|", (1, 2)),),
    "marked": (("mk=", (1, 2)), ("mk=", (1, 0, 3)), ("mk=", (1, 0, 4))),
    "unmarked": (("mk=none", (0, 1)),),
}


def frame_groups(w: Words, cue: Cue | None, content: tuple[int, int], how: str, said: set[str]) -> list[Group]:
    """What the cue and the build of the content say of its type."""
    begin, end = content
    low, kind, grammar = w.low, w.kind, w.cues.grammar
    endings, size = grammar.endings, end - begin
    length = "1" if size < 3 else "5" if size < 6 else "12" if size < 13 else "+"
    groups: list[Group] = [
        ("build", how, low[begin], kind[begin], length, "que" if begin and low[begin - 1] in grammar.that else "")
    ]
    implies = ""
    if cue is not None:
        implies = cue.implies
        groups.append(("cue", cue.lemma, implies, cue.kind, how))
        if begin > cue.last:
            groups.append(("link", low[begin - 1], kind[begin - 1], cue.lemma, implies, kind[begin]))
    verb = next((n for n in range(begin, min(end, begin + 40)) if kind[n] in "Vv" or low[n].endswith(endings.verb)), -1)
    if verb >= 0:
        word = low[verb]
        tense = "V" + word if kind[verb] == "V" else "v" + word[-3:]
        if word.endswith(endings.verb_future):
            tense = "future"
        elif word.endswith(endings.verb_conditional):
            tense = "cond"
        subject = "O" if "O" in kind[begin:verb] else "-"
        groups.append(("tense", tense, subject))
        if cue is not None:
            groups.append(("cue tense", tense, subject, implies, cue.lemma))
    elif cue is not None:
        groups.append(("no tense", implies, "none" + kind[begin]))
    marked: dict[str, int] = {}
    markers = w.cues.markers
    for word in said:
        for name in markers[word]:
            marked[name] = marked.get(name, 0) + 1
    groups += [("marked", name, str(min(count, 3)), how, implies) for name, count in marked.items()]
    if not marked:
        groups.append(("unmarked", implies))
    return groups


def group_features(group: Group) -> list[str]:
    """The features that a group makes.

    >>> group_features(("tense", "cond", "-"))
    ['tense=cond', 'tense|-cond']
    """
    values = ("|", *group[1:])
    made = (opening + "".join([values[place] for place in places]) for opening, places in _LAYOUT[group[0]])
    return [feature for feature in made if feature]


def type_features(w: Words, cue: Cue | None, content: tuple[int, int], how: str) -> list[str]:
    """What of cue and content speaks for a type."""
    said = said_words(w, content)
    return [f for group in frame_groups(w, cue, content, how, said) for f in group_features(group)] + [
        f for word in said for f in word_features(word, w.cues.grammar.endings)
    ]


Row = tuple[float, float, float, float, float]  # what a feature adds to each type
_NOTHING: Row = (0.0, 0.0, 0.0, 0.0, 0.0)


class TypeTable:
    """The weights of types, one row a feature, with the rows of known words and groups summed once."""

    def __init__(self, weights: Weights) -> None:
        rows: dict[str, list[float]] = {}
        for name, value in weights.items():
            kind, feature = name.split("/", 1)
            rows.setdefault(feature, [0.0] * len(TYPES))[TYPES.index(kind)] = value
        self.rows: dict[str, Row] = {feature: (r[0], r[1], r[2], r[3], r[4]) for feature, r in rows.items()}
        self._words: dict[str, Row] = {}
        self._groups: dict[Group, Row] = {}

    def best(self, w: Words, cue: Cue | None, content: tuple[int, int], how: str) -> Type:
        """The type with the greatest score."""
        said = said_words(w, content)
        words, groups, endings = self._words.get, self._groups.get, w.cues.grammar.endings
        found = [groups(group) or self._group(group) for group in frame_groups(w, cue, content, how, said)]
        found += [words(word) or self._word(word, endings) for word in said]
        sums = [sum(column) for column in zip(*found, strict=True)]
        return TYPES[sums.index(max(sums))]

    def _group(self, group: Group) -> Row:
        if len(self._groups) > _REMEMBERED:
            self._groups.clear()
        self._groups[group] = row = self._sum(group_features(group))
        return row

    def _word(self, word: str, endings: Endings) -> Row:
        if len(self._words) > _REMEMBERED:
            self._words.clear()
        self._words[word] = row = self._sum(word_features(word, endings))
        return row

    def _sum(self, features: Iterable[str]) -> Row:
        rows = [row for feature in features if (row := self.rows.get(feature)) is not None]
        if len(rows) < 2:
            return rows[0] if rows else _NOTHING
        a, b, c, d, e = (sum(column) for column in zip(*rows, strict=True))
        return a, b, c, d, e


_REMEMBERED = 50_000  # words and groups, then all are forgotten
LEAST_AUTHORIAL = -1.0  # the logit that pays best out of fold: claim F1 0.760 with all claims, 0.757 at -0.4


def clauses(w: Words) -> tuple[list[int], list[int]]:
    """Where the clauses of a sentence may begin, and where they may end."""
    n, grammar = len(w.low), w.cues.grammar
    begins, ends = [0], []
    for i in range(1, n):
        if w.low[i] in ",;:" or w.kind[i] in "—":
            begins.append(i + 1)
            ends.append(i)
        elif w.low[i] in grammar.clause_links:
            begins.append(i if w.low[i] in grammar.clause_starts else i + 1)
            ends.append(i)
    end = n
    while end > 1 and w.kind[end - 1] in ".!?…":
        end -= 1
    begins = [b for b in begins if b < end]
    ends = [e for e in ends if e < end]
    return [begins[0], *begins[-6:]] if len(begins) > 7 else begins, [*ends[-6:], end]


class Counts(NamedTuple):
    """How many judging words and verbs stand before each word of a sentence, and where it ends."""

    judging: list[int]
    verbs: list[int]
    final: int


def counts(w: Words, final: int) -> Counts:
    """The counts of a sentence whose last clause ends at `final`."""
    verbs = accumulate((kind == "V" for kind in w.kind[:final]), initial=0)
    return Counts(list(accumulate((_judges(w, n) for n in range(final)), initial=0)), list(verbs), final)


def clause_features(w: Words, begin: int, end: int, known: Counts) -> list[str]:
    """What speaks for words [begin, end) being what an author judges or foresees."""
    return [*_begin(w, begin), *_end(w, end, known.final), *_built(_build(begin, end, known))]


def _begin(w: Words, begin: int) -> list[str]:
    prev, kind = w.low[begin - 1] if begin else "^", w.kind[begin]
    return ["p=" + prev, "h=" + (w.low[begin] if kind not in "wvXéi0" else kind), "ph=" + prev + "|" + kind]


def _end(w: Words, end: int, final: int) -> list[str]:
    after = w.low[end] if end < final else "$"
    return ["a=" + after, "aa=" + after + "|" + (w.low[end + 1] if end + 1 < final else "$")]


Build = tuple[int, bool, bool, bool, bool, int, int]


def _build(begin: int, end: int, known: Counts) -> Build:
    """How a clause lies in its sentence: judging words in and out of it, a verb, both edges, sizes."""
    judging, verbs, final = known
    inner = judging[end] - judging[begin]
    return (
        min(inner, 2),
        inner < judging[final],
        verbs[end] > verbs[begin],
        begin == 0,
        end == final,
        min((end - begin) // 4, 6),
        min((final - end + begin) // 4, 6),
    )


def _built(build: Build) -> list[str]:
    judging, outside, verb, first, last, size, rest = build
    return [
        f"j{judging}{'o' if outside else '-'}",
        f"v{verb}",
        ("^" if first else "-") + ("$" if last else "-"),
        f"n{size}",
        f"r{rest}",
    ]


class Clauses:
    """The weights of clauses."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._builds: dict[Build, float] = {}

    def best(self, w: Words) -> tuple[int, int]:
        """The most probable words [begin, end) of what an author judges or foresees."""
        weights, builds = self._weights, self._builds
        begins, ends = clauses(w)
        known = counts(w, ends[-1])
        closing = [(e, score(weights, _end(w, e, known.final))) for e in ends]
        best, top = (0, known.final), -1e9
        for b in begins:
            opening = score(weights, _begin(w, b))
            for e, value in closing:
                if e > b + 1:
                    build = _build(b, e, known)
                    built = builds.get(build)
                    if built is None:
                        built = builds[build] = score(weights, _built(build))
                    value += opening + built
                    if value > top:
                        best, top = (b, e), value
        return best


def _judges(w: Words, n: int) -> bool:
    grammar = w.cues.grammar
    return w.low[n] in grammar.judging or w.low[n].endswith(grammar.endings.conditional)
