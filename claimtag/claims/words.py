"""A sentence → its words with offsets, their closed classes and the quotations around them."""

from __future__ import annotations

import re

from claimtag.quotes import quotations

WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*['’]?|[^\w\s]", re.UNICODE)
LONGEST = 900  # words of a sentence that are looked at; the longest of the shared training articles has 330

OPENERS, CLOSERS = "«“„‹", "»”›"
OPENING, CLOSING = frozenset('«“„‹"'), frozenset('»”›"')  # a straight mark may be either

_CLASSES = {
    "D": "le la les l' un une des du ce cet cette ces son sa ses leur leurs notre nos votre vos mon ma mes aucun aucune chaque plusieurs certains certaines quelques tous toutes deux trois quatre cinq six divers",
    "de": "de d'",
    "a": "à au aux",
    "P": "en dans par sur sous avec sans contre entre vers chez depuis après avant pendant lors dès malgré parmi comme selon pour durant envers hors outre sauf via près",
    "C": "et ou mais car ni or donc puis",
    "q": "que qu'",
    "r": "qui dont où lequel laquelle lesquels lesquelles duquel",
    "S": "si s'il lorsque lorsqu' quand alors tandis puisque puisqu' parce afin quoique",
    "O": "il elle ils elles on je j' nous vous lui eux ce c' cela ça celui-ci celle-ci ceux-ci celui celle ceux",
    "R": "se s' me m' te t' y",
    "N": "ne n' pas plus jamais guère",
    "V": "a ont avait avaient aurait auraient aura auront ait aient ayant avoir ai avons avez est sont était étaient sera seront serait seraient soit soient fut furent été être étant suis sommes fait font peut peuvent doit doivent va vont devrait pourrait c'est",
    "B": "aussi également déjà ainsi alors encore ensuite enfin toujours jamais bien tout hier aujourd'hui aujourd' hui demain toutefois cependant pourtant néanmoins notamment aussitôt plutôt puis même mêmes désormais souvent parfois récemment lundi mardi mercredi jeudi vendredi samedi dimanche matin soir midi",
}
CLASS = {word: name for name, words in _CLASSES.items() for word in words.split()}
_NUMBER = re.compile(r"\d")


class Words:
    """The words of one sentence: lower-case forms with plain apostrophes, classes, quotations, offsets when asked for.

    `inside[i]` says whether word i stands in a quotation (a mark belongs to its quotation); `quoted` are the
    quotations as (first word, last word), marks included, outermost only; a dangling mark reaches to the edge.
    """

    __slots__ = (
        "_at",
        "_end",
        "_entries",
        "_finite",
        "_inside",
        "_kind",
        "_quoted",
        "_raw",
        "_seen",
        "_start",
        "_text",
        "low",
    )

    def __init__(self, text: str, start: int, end: int, finite: frozenset[str] = frozenset()) -> None:
        known = _KNOWN.get
        self._entries = [known(raw) or _look_up(raw) for raw in WORD.findall(text, start, end)[:LONGEST]]
        self.low = [entry[0] for entry in self._entries]
        self._finite = finite
        self._text, self._at = text, (start, end)
        self._kind: list[str] | None = None
        self._start: list[int] | None = None
        self._end: list[int] = []
        self._quoted: list[tuple[int, int]] | None = None
        self._inside: list[bool] = []
        self._seen: list[str] | None = None

    @property
    def kind(self) -> list[str]:
        """The class of each word."""
        if self._kind is None:
            low, finite = self.low, self._finite
            self._kind = kind = [entry[1] for entry in self._entries]
            for i in [n for n, word in enumerate(low) if word in finite]:
                if kind[i] in "wiBgé" and not (i and kind[i - 1] in _NO_VERB_AFTER and low[i - 1] not in _CLITICS):
                    kind[i] = "v"
        return self._kind

    @property
    def seen(self) -> list[str]:
        """Each word as features see it: itself where it is of a closed class, else its class; three "$" follow."""
        if self._seen is None:
            self._seen = [word if kind in _CLOSED else kind for word, kind in zip(self.low, self.kind, strict=True)]
            self._seen += ["$", "$", "$"]
        return self._seen

    @property
    def quoted(self) -> list[tuple[int, int]]:
        """The outermost quotations."""
        if self._quoted is None:
            if _MARK.isdisjoint(self.low):
                self._inside, self._quoted = [False] * len(self.low), []
            else:
                self._inside, self._quoted = _quoted(self._text, self._at[0], self.end[-1], self.low, self.start)
        return self._quoted

    @property
    def inside(self) -> list[bool]:
        """Whether each word stands in a quotation."""
        if self._quoted is None:
            _ = self.quoted
        return self._inside

    def _place(self) -> None:
        spans = [match.span() for match, _ in zip(WORD.finditer(self._text, *self._at), self.low, strict=False)]
        self._start = [first for first, _ in spans]
        self._end = [last for _, last in spans]

    @property
    def start(self) -> list[int]:
        """Where each word begins in the text."""
        if self._start is None:
            self._place()
        return self._start or []

    @property
    def end(self) -> list[int]:
        """Where each word ends in the text."""
        if self._start is None:
            self._place()
        return self._end


_CLOSED = frozenset(["D", "de", "a", "P", "C", "q", "r", "S", "O", "R", "N", "V"])
_KNOWN: dict[str, tuple[str, str]] = {}
_MOST_KNOWN = 50_000  # words kept between calls
_NO_VERB_AFTER = frozenset(["D", "de", "P", "a", "v", "V"])


def _look_up(raw: str) -> tuple[str, str]:
    word = raw.lower()
    if word[-1] == "’":
        word = word[:-1] + "'"
    entry = word, CLASS.get(word) or _shape(raw, word)
    if len(_KNOWN) >= _MOST_KNOWN:
        _KNOWN.clear()
    if len(raw) < 40:
        _KNOWN[raw] = entry
    return entry


_MARK = frozenset('«»“”„‹›"')


def _shape(raw: str, word: str) -> str:
    first = raw[0]
    if not first.isalnum():
        if first in OPENERS:
            return "«"
        if first in CLOSERS:
            return "»"
        return first if first in ',.;:!?()[]"' else "—" if first in "-–—" else "…"
    if first.isdigit():
        return "0"
    if first.isupper():
        return "X"
    if word.endswith("ment"):
        return "B"
    if word.endswith(("er", "ir", "re")):
        return "i"
    if word.endswith("ant"):
        return "g"
    if word.endswith(("é", "ée", "és", "ées")):
        return "é"
    if word.endswith(_FINITE):
        return "v"
    if "-" in word and word.endswith(("-il", "-elle", "-ils", "-elles", "-on")):
        return "I"
    return "w"


_CLITICS = frozenset(["le", "la", "les", "l'", "en", "y"])
_FINITE = (
    "rait",
    "vait",
    "tait",
    "sait",
    "nait",
    "lait",
    "dait",
    "gnait",
    "quait",
    "geait",
    "çait",
    "aient",
    "èrent",
    "irent",
    "urent",
    "eront",
    "iront",
    "dront",
    "tront",
    "issent",
    "era",
    "ira",
    "dra",
    "tra",
)


def _quoted(
    text: str, start: int, end: int, low: list[str], begins: list[int]
) -> tuple[list[bool], list[tuple[int, int]]]:
    inside = [False] * len(low)
    if _MARK.isdisjoint(low):
        return inside, []
    marks = [n for n, word in enumerate(low) if word in _MARK]
    at = {begins[n]: n for n in marks}
    found = [
        (at[q.start], at[q.end - 1])
        for q in quotations(text, start, end)
        if q.depth == 0 and q.start in at and q.end - 1 in at
    ]
    covered = [False] * len(low)
    for first, last in found:
        for n in range(first, last + 1):
            covered[n] = True
    loose = [n for n in marks if not covered[n]]
    for n in loose:  # a quotation that another sentence ends or begins
        word = low[n]
        if word in "«“„" or (word == '"' and (n == 0 or (begins[n] + 1 < end and not text[begins[n] + 1].isspace()))):
            stop = min((first for first, _ in found if first > n), default=len(low))
            if stop == len(low) and n < len(low) - 2:
                found.append((n, len(low)))
                break
        elif word in '»”"' and n > 1 and not any(last < n for _, last in found):
            found.append((-1, n))
            break
    found.sort()
    for first, last in found:
        for n in range(max(first, 0), min(last, len(low) - 1) + 1):
            inside[n] = True
    return inside, found
