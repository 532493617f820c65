"""What kind of claim: its type and mode; and the claims of the author's own voice."""

from __future__ import annotations

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


def frame_features(w: Words, cue: Cue | None, content: tuple[int, int], how: str, said: set[str]) -> list[str]:
    """What the cue and the build of the content say of its type."""
    begin, end = content
    low, kind, endings = w.low, w.kind, w.cues.grammar.endings
    features = ["b", "m=" + how, "f=" + low[begin], "fk=" + kind[begin]]
    implies = ""
    if cue is not None:
        implies = cue.implies
        features += [
            "l=" + cue.lemma,
            "i=" + implies,
            "k=" + cue.kind,
            "lm=" + cue.lemma + how,
            "ik=" + implies + cue.kind,
        ]
        if begin > cue.last:
            prev = low[begin - 1]
            features += [
                "p=" + prev,
                "lp=" + cue.lemma + "|" + kind[begin - 1],
                "ip=" + implies + "|" + prev,
                "lf=" + cue.lemma + kind[begin],
            ]
    verb = next((n for n in range(begin, min(end, begin + 40)) if kind[n] in "Vv" or low[n].endswith(endings.verb)), -1)
    if verb >= 0:
        word = low[verb]
        tense = "V" + word if kind[verb] == "V" else "v" + word[-3:]
        if word.endswith(endings.verb_future):
            tense = "future"
        elif word.endswith(endings.verb_conditional):
            tense = "cond"
        subject = "O" if "O" in kind[begin:verb] else "-"
        features += ["tense=" + tense, "tense|" + subject + tense]
        if cue is not None:
            features += ["tense|" + implies + tense, "tense|" + implies + subject + tense, "tense|" + cue.lemma + tense]
    elif cue is not None:
        features.append("tense|" + implies + "none" + kind[begin])
    marked: dict[str, int] = {}
    for word in said:
        for name in w.cues.markers[word]:
            marked[name] = marked.get(name, 0) + 1
    for name, count in marked.items():
        features += [f"mk={name}{min(count, 3)}", f"mk={name}|{how}", f"mk={name}|{implies}"]
    if not marked:
        features.append("mk=none|" + implies)
    if begin and low[begin - 1] in w.cues.grammar.that:
        features.append("que")
    size = end - begin
    features.append("n" + ("1" if size < 3 else "5" if size < 6 else "12" if size < 13 else "+"))
    return features


def type_features(w: Words, cue: Cue | None, content: tuple[int, int], how: str) -> list[str]:
    """What of cue and content speaks for a type."""
    said = said_words(w, content)
    return frame_features(w, cue, content, how, said) + [
        f for word in said for f in word_features(word, w.cues.grammar.endings)
    ]


Row = tuple[float, float, float, float, float]  # what a feature adds to each type


class TypeTable:
    """The weights of types, one row a feature, with the rows of known words summed once."""

    def __init__(self, weights: Weights) -> None:
        rows: dict[str, list[float]] = {}
        for name, value in weights.items():
            kind, feature = name.split("/", 1)
            rows.setdefault(feature, [0.0] * len(TYPES))[TYPES.index(kind)] = value
        self.rows: dict[str, Row] = {feature: (r[0], r[1], r[2], r[3], r[4]) for feature, r in rows.items()}
        self._words: dict[str, Row] = {}

    def best(self, w: Words, cue: Cue | None, content: tuple[int, int], how: str) -> Type:
        """The type with the greatest score."""
        said = said_words(w, content)
        get, known = self.rows.get, self._words.get
        found = [row for feature in frame_features(w, cue, content, how, said) if (row := get(feature)) is not None]
        found += [known(word) or self._word(word, w.cues.grammar.endings) for word in said]
        sums = [sum(column) for column in zip(*found, strict=True)]
        return TYPES[sums.index(max(sums))]

    def _word(self, word: str, endings: Endings) -> Row:
        rows = [row for feature in word_features(word, endings) if (row := self.rows.get(feature)) is not None]
        a, b, c, d, e = (sum(column) for column in zip(*rows, strict=True)) if rows else (0.0,) * 5
        if len(self._words) > 50_000:
            self._words.clear()
        self._words[word] = row = (a, b, c, d, e)
        return row


LEAST_AUTHORIAL = -0.4  # the logit that pays best out of fold


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


def clause_features(w: Words, begin: int, end: int, final: int) -> list[str]:
    """What speaks for words [begin, end) being what an author judges or foresees."""
    judging = [n for n in range(final) if _judges(w, n)]
    inner = sum(begin <= n < end for n in judging)
    verb = any(w.kind[n] in "V" for n in range(begin, end))
    prev = w.low[begin - 1] if begin else "^"
    after = w.low[end] if end < final else "$"
    after2 = w.low[end + 1] if end + 1 < final else "$"
    return [
        "p=" + prev,
        "a=" + after,
        "aa=" + after + "|" + after2,
        "h=" + (w.low[begin] if w.kind[begin] not in "wvXéi0" else w.kind[begin]),
        "ph=" + prev + "|" + w.kind[begin],
        "j" + str(min(inner, 2)) + ("o" if inner < len(judging) else "-"),
        "v" + str(verb),
        ("^" if begin == 0 else "-") + ("$" if end == final else "-"),
        "n" + str(min((end - begin) // 4, 6)),
        "r" + str(min((final - end + begin) // 4, 6)),
    ]


def clause(w: Words, weights: Weights) -> tuple[int, int]:
    begins, ends = clauses(w)
    final = ends[-1]
    best, top = (0, final), -1e9
    for b in begins:
        for e in ends:
            if e > b + 1:
                value = score(weights, clause_features(w, b, e, final))
                if value > top:
                    best, top = (b, e), value
    return best


def _judges(w: Words, n: int) -> bool:
    grammar = w.cues.grammar
    return w.low[n] in grammar.judging or w.low[n].endswith(grammar.endings.conditional)
