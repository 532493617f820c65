"""The closed classes and endings of a language: what its words are, from the lexicon `grammar`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from claimtag.lexicons import lexicon

WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*['’]?|[^\w\s]")
REMEMBERED = 100_000  # stretches whose words are remembered, then all are forgotten: memory is bounded on any input
LONGEST = 40  # longer ones are not remembered
OPENERS, CLOSERS = "«“„‹", "»”›"
Entry = tuple[str, str]  # a word in lower case with plain apostrophes, and the letter of its class


@dataclass(frozen=True, slots=True)
class Endings:
    """Endings that tell something of a word; the file says of each what."""

    adverb: tuple[str, ...] = ()
    infinitive: tuple[str, ...] = ()
    gerund: tuple[str, ...] = ()
    participle: tuple[str, ...] = ()
    finite: tuple[str, ...] = ()
    inverted: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    plural_verb: tuple[str, ...] = ()
    conditional: tuple[str, ...] = ()
    future: tuple[str, ...] = ()
    no_future: tuple[str, ...] = ()
    verb: tuple[str, ...] = ()
    verb_future: tuple[str, ...] = ()
    verb_conditional: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Grammar:
    """Words by what they do in a sentence; the file says of each list what."""

    endings: Endings
    entries: Entries
    before_nouns: frozenset[str] = frozenset()
    clitics: frozenset[str] = frozenset()
    reflexive: frozenset[str] = frozenset()
    before_verbs: frozenset[str] = frozenset()
    after_nouns: frozenset[str] = frozenset()
    that: frozenset[str] = frozenset()
    relative: frozenset[str] = frozenset()
    agent: frozenset[str] = frozenset()
    conjunctions: frozenset[str] = frozenset()
    be: frozenset[str] = frozenset()
    been: frozenset[str] = frozenset()
    inside_verbs: frozenset[str] = frozenset()
    before_view: frozenset[str] = frozenset()
    links: frozenset[str] = frozenset()
    partitive: frozenset[str] = frozenset()
    circumstance: frozenset[str] = frozenset()
    abbreviated: frozenset[str] = frozenset()
    object_pronouns: frozenset[str] = frozenset()
    titles: frozenset[str] = frozenset()
    after_speakers: frozenset[str] = frozenset()
    plural: frozenset[str] = frozenset()
    facts: frozenset[str] = frozenset()
    to: frozenset[str] = frozenset()
    things: frozenset[str] = frozenset()
    pointing: frozenset[str] = frozenset()
    clause_starts: frozenset[str] = frozenset()
    clause_links: frozenset[str] = frozenset()
    judging: frozenset[str] = frozenset()


class Entries(dict[str, Entry]):
    """The entry of each word as it is written, worked out when it is first asked for.

    >>> entries = grammar_of("fr").entries
    >>> entries["L’"], entries["Rabat"], entries["dira"], entries["dit-il"]
    (("l'", 'D'), ('rabat', 'X'), ('dira', 'v'), ('dit-il', 'I'))
    """

    def __init__(self, classes: dict[str, str], names: dict[str, str], endings: Endings) -> None:
        super().__init__()
        self._classes, self._names, self._endings = classes, names, endings

    def __missing__(self, raw: str) -> Entry:
        word = raw.lower()
        if word[-1] == "’":
            word = word[:-1] + "'"
        entry = word, self._names.get(raw) or self._classes.get(word) or self._shape(raw, word)
        if len(self) >= REMEMBERED:
            self.clear()
        if len(raw) < LONGEST:
            self[raw] = entry
        return entry

    def _shape(self, raw: str, word: str) -> str:
        first, endings = raw[0], self._endings
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
        for letter, ends in (
            ("B", endings.adverb),
            ("i", endings.infinitive),
            ("g", endings.gerund),
            ("é", endings.participle),
            ("v", endings.finite),
            ("I", endings.inverted),
        ):
            if word.endswith(ends):
                return letter
        return "w"


@cache
def grammar_of(lang: str) -> Grammar:
    """The grammar of a language that has lexicons; an empty one where its folder has none."""
    data = lexicon(lang, "grammar")
    endings = Endings(**{name: tuple(ends) for name, ends in data.get("endings", {}).items()})
    classes, names = (
        {word: letter for letter, words in data.get(table, {}).items() for word in words.split()}
        for table in ("classes", "names")
    )
    lists = {name: frozenset(words) for name, words in data.get("words", {}).items()}
    return Grammar(endings, Entries(classes, names, endings), **lists)
