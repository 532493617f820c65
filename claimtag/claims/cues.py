"""The cues of a language: which words may mark attribution, from the lexicon `cues`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from claimtag.claims.conjugation import Conjugation, Tag, conjugation_of
from claimtag.claims.grammar import REMEMBERED, WORD, Grammar, grammar_of
from claimtag.claims.stretches import CUE, MARK, OFTEN, PAIRED, TAIL, TAILED, Stretches
from claimtag.lexicons import language_of, lexicon


@dataclass(frozen=True, slots=True)
class Verb:
    """What a word form can be: a lemma with the tags of the form."""

    lemma: str
    tags: frozenset[Tag]
    implies: str  # the lexicon's lists it stands in, joined by "+"
    only_with_tail: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Cues:
    """The lexicon in the shape that matching needs."""

    verbs: Mapping[str, Verb]
    tails: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]  # lemma → (words, implied type)
    prepositions: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]  # first word → (words, kind)
    nouns: Mapping[str, str]
    false_friends: Mapping[str, tuple[tuple[int, tuple[str, ...]], ...]]  # word → (its place, the words of the phrase)
    # what makes an infinitive the author's, by its last word: "il faut rappeler"
    impersonal: Mapping[str, tuple[tuple[str, ...], ...]]
    auxiliaries: frozenset[str]
    grammar: Grammar
    markers: Markers
    incises: frozenset[str]  # lists whose verbs may stand between commas
    narrating: Mapping[str, tuple[frozenset[str], frozenset[str]]]  # lemma → (persons, punishments): an act, no claim
    views: frozenset[tuple[str, ...]]  # prepositions of many uses, cues only where they mean "in the eyes of"
    often: tuple[tuple[str, ...], ...]  # phrases too frequent to let a sentence through by one word
    agreeing: frozenset[str]  # lemmas whose tails agree: "est favorable", "sont favorables"
    finite: frozenset[str] = field(default_factory=frozenset)  # finite forms of cue verbs and of common verbs
    roles: Mapping[str, str] = field(default_factory=dict)  # noun → person, body, document, media
    sure: frozenset[str] = field(default_factory=frozenset)  # a sentence without any of these has no cue
    plain: frozenset[str] = field(default_factory=frozenset)  # the gate without verbs that need a tail
    starts: frozenset[str] = field(default_factory=frozenset)  # the rarest words of prepositions of several words
    pairs: frozenset[tuple[str, ...]] = field(default_factory=frozenset)  # their first two words
    tail_verbs: frozenset[str] = field(default_factory=frozenset)
    tail_words: frozenset[str] = field(default_factory=frozenset)
    gate: frozenset[str] = field(default_factory=frozenset)
    stretches: Stretches = field(default_factory=lambda: Stretches(grammar_of("").entries, {}))


class Markers(dict[str, tuple[str, ...]]):
    """The types that a word points to by its beginning, worked out when they are first asked for."""

    def __init__(self, beginnings: Mapping[str, tuple[str, ...]]) -> None:
        super().__init__()
        self._beginnings = beginnings

    def __missing__(self, word: str) -> tuple[str, ...]:
        if len(self) >= REMEMBERED:
            self.clear()
        found = self[word] = tuple(name for name, starts in self._beginnings.items() if word.startswith(starts))
        return found


def split(phrase: str) -> tuple[str, ...]:
    """A phrase of the lexicon as the tokens that a text has: "d'après" → ("d'", "après")."""
    return tuple(WORD.findall(phrase))


def looked_for(cues: Cues, blunt: frozenset[str] = frozenset(), most: Callable[[str], float] | None = None) -> Cues:
    """The cues as a first look finds them, less some `blunt` words that training never saw as cues.

    `most` says of a word how much it can add to the score of the author's own voice.
    """
    left = replace(cues, sure=cues.sure - blunt, plain=cues.plain - blunt, gate=cues.gate - blunt)
    signs: dict[str, int] = {}
    for words, sign in (
        (left.sure, CUE),
        (left.tail_verbs, TAILED),
        (left.tail_words, TAIL),
        ({form[-1] for form in left.often}, OFTEN),
        (left.starts, PAIRED),
        (QUOTES, MARK),
    ):
        for word in words:
            signs[word] = signs.get(word, 0) | sign
    return replace(left, stretches=Stretches(left.grammar.entries, signs, left.finite, most))


QUOTES = frozenset('«»“”„‹›"')


def _by_last(phrases: Iterable[str]) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Phrases by their last words."""
    found: dict[str, tuple[tuple[str, ...], ...]] = {}
    for words in map(split, phrases):
        found[words[-1]] = (*found.get(words[-1], ()), words)
    return found


def _rarest(form: tuple[str, ...], frequent: frozenset[str]) -> str:
    """The word of a phrase by which a sentence is let through."""
    return max(form, key=lambda word: (word not in frequent, len(word), word))


def compile_cues(
    data: Mapping[str, Any],
    sources: Mapping[str, Any],
    common: Iterable[str],
    grammar: Grammar,
    conjugation: Conjugation,
) -> Cues:
    """The lexicon's file → the forms to look for."""
    matching = data.get("matching", {})
    frequent, endings = frozenset(matching.get("frequent", ())), matching.get("agreement", ())
    agreeing = frozenset(matching.get("agreeing", ()))
    often = tuple(split(phrase) for phrase in matching.get("common", ()))
    lists: dict[str, list[str]] = {}
    for name, lemmas in data.get("verbs", {}).items():
        for lemma in lemmas:
            lists.setdefault(lemma, []).append(name)
    auxiliaries = frozenset(data.get("auxiliaries", {}).get("forms", ()))
    verbs: dict[str, Verb] = {}
    tails: dict[str, tuple[tuple[tuple[str, ...], str], ...]] = {}
    for lemma, kinds in data.get("tails", {}).items():
        tails[lemma] = tuple((split(tail), kind) for kind, words in kinds.items() for tail in words)
    tagged: dict[str, dict[str, set[Tag]]] = {}
    for lemma in {**lists, **tails}:
        for form, tag in conjugation.forms(lemma):
            tagged.setdefault(form, {}).setdefault(lemma, set()).add(tag)
    for form, lemmas in tagged.items():
        # the lemma in most lists, so that "dit" is "dire" and not "dire + redire"
        lemma = max(lemmas, key=lambda name: (name in lists, len(lists.get(name, ())), -len(name), name))
        verbs[form] = Verb(
            lemma, frozenset(lemmas[lemma]), "+".join(sorted(lists.get(lemma, ["tail"]))), lemma not in lists
        )
    prepositions: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    source = data.get("prepositions", {})
    for kind, phrases in (
        ("prep", source.get("single", ())),
        ("prep", source.get("phrases", ())),
        ("poss", source.get("possessive", ())),
        *((("phrase", words)) for words in data.get("phrases", {}).values()),
    ):
        for phrase in phrases:
            words = split(phrase)
            prepositions.setdefault(words[0], []).append((words, kind))
    nouns = {noun: kind for kind, words in data.get("nouns", {}).items() for noun in words}
    friends: dict[str, list[tuple[int, tuple[str, ...]]]] = {}
    for phrase in data.get("false_friends", {}).get("phrases", ()):
        words = split(phrase)
        for place, word in enumerate(words):
            friends.setdefault(word, []).append((place, words))
    singles = frozenset(form[0] for found in prepositions.values() for form, _ in found if len(form) == 1)
    cues = Cues(
        verbs=verbs,
        tails=tails,
        prepositions={first: tuple(sorted(found, key=lambda f: -len(f[0]))) for first, found in prepositions.items()},
        nouns=nouns,
        false_friends={word: tuple(found) for word, found in friends.items()},
        impersonal=_by_last(data.get("false_friends", {}).get("before_infinitives", ())),
        auxiliaries=auxiliaries,
        grammar=grammar,
        views=frozenset(split(phrase) for phrase in source.get("views", ())),
        often=often,
        agreeing=agreeing,
        markers=Markers({name: tuple(words) for name, words in data.get("markers", {}).items()}),
        incises=frozenset(matching.get("incises", ())),
        narrating={
            lemma: (frozenset(words["persons"]), frozenset(words["punishments"]))
            for lemma, words in data.get("narrating", {}).items()
        },
        roles=roles_of(sources),
        finite=frozenset(
            form for lemma in {*lists, *tails, *common} for form, tag in conjugation.forms(lemma) if tag == "fin"
        ),
        sure=frozenset(form for form, verb in verbs.items() if not verb.only_with_tail)
        | frozenset(nouns)
        | frozenset(
            _rarest(form, frequent) for found in prepositions.values() for form, _ in found if form not in often
        ),
        tail_verbs=frozenset(form for form, verb in verbs.items() if verb.only_with_tail),
        tail_words=frozenset(
            word + ending
            for lemma, found in tails.items()
            for form, _ in found
            for word in (max(form, key=len),)
            for ending in (endings if lemma in agreeing else ("",))
        ),
        plain=frozenset(form for form, verb in verbs.items() if not verb.only_with_tail) | frozenset(nouns) | singles,
        gate=frozenset(verbs) | frozenset(nouns) | singles,
        starts=frozenset(
            _rarest(form, frequent) for found in prepositions.values() for form, _ in found if len(form) > 1
        ),
        pairs=frozenset(form[:2] for found in prepositions.values() for form, _ in found if len(form) > 1),
    )
    return looked_for(cues)


def cues_of(lang: str | None) -> Cues | None:
    """The cues of a language, compiled once; None where the language has no lexicon of cues.

    >>> cues_of("fr-BE") is cues_of("fr"), cues_of("xx"), cues_of(None)
    (True, None, None)
    """
    known = language_of(lang)
    return None if known is None else _cues_of(known)


@cache
def _cues_of(lang: str) -> Cues | None:
    data = lexicon(lang, "cues")
    if not data:
        return None
    common = lexicon(lang, "verbs")["common"]
    return compile_cues(data, lexicon(lang, "sources"), common, grammar_of(lang), conjugation_of(lang))


def roles_of(sources: Mapping[str, Any]) -> dict[str, str]:
    """Nouns in all their forms → p(erson), b(ody), m(edia), d(ocument) or s(ource): who may speak."""
    forms_of = sources.get("forms", {})
    roles: dict[str, str] = {}
    for name in ("document", "media", "body", "person"):
        for noun in sources.get(name, ()):
            others = [noun + ending for ending in forms_of.get("endings", ())]
            others += [noun[: -len(end)] + other for end, other in forms_of.get("plurals", ()) if noun.endswith(end)]
            for form in (noun, *others):
                roles[form] = name[0]
    for noun in sources.get("sources", ()):
        roles[noun] = "s"
    return roles
