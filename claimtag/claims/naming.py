"""How a language names who speaks: lists of the lexicons `sources` and `aliases`, and the patterns made of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from claimtag.claims.cues import cues_of, roles_of
from claimtag.claims.grammar import Grammar, grammar_of
from claimtag.lexicons import language_of, lexicon

_LETTER = r"[^\W\d_a-zà-öø-ÿ]"
CAPITAL = rf"(?:[OD]['’])?{_LETTER}[\w-]+"  # a word of a name
# the same where no word goes on; it begins with a letter so that a search skips to the next one quickly
_FIRST = rf"{_LETTER}(?<![\w«]{_LETTER})(?:(?<=[OD])['’]{_LETTER}[\w-]+|[\w-]+)"
ONE_CAPITAL, CAPITALS = re.compile(CAPITAL), re.compile(rf"{CAPITAL}(?:\s{CAPITAL})*")


@dataclass(frozen=True, slots=True, eq=False)
class Naming:
    """Words by what they tell of a source; `sources.toml` says of each list what."""

    roles: Mapping[str, str]  # noun → p(erson), b(ody), d(ocument), m(edia), s(ource)
    lists: Mapping[str, frozenset[str]]
    synonyms: Mapping[str, tuple[str, ...]]  # role → other roles of the same person
    titles: Mapping[str, str]  # before a name → the gender that it tells
    members: Mapping[str, tuple[str, ...]]  # noun in the plural → the bodies whose members they may be
    feminine: tuple[str, ...]  # endings of nouns
    masculine: tuple[str, ...]
    unnamed: tuple[str, ...]
    spellings: tuple[tuple[str, str], ...]
    aliases: Mapping[str, tuple[str, ...]]  # key of a name → all names of the same
    patterns: Mapping[str, re.Pattern[str]]
    first_names: Mapping[str, str]  # the gender that they tell
    grammar: Grammar
    finite: frozenset[str]

    def clause(self, word: str) -> bool:
        """Whether a phrase ends before this word: a verb, "que", "qui"."""
        return self.grammar.entries[word][1] in _CLAUSE or (word in self.finite and word not in self.roles)

    def key(self, name: str) -> str:
        """A name as it is compared: whatever way it is written in another script.

        >>> naming_of("fr").key("Hammouchi") == naming_of("fr").key("Hamouchi")
        True
        """
        text = plain(name)
        for one, other in self.spellings:
            text = text.replace(one, other)
        return text

    def gender(self, noun: str) -> str:
        """What a noun's ending tells: f, m or nothing."""
        return "f" if noun.endswith(self.feminine) else "m" if noun.endswith(self.masculine) else ""

    def stranger(self, word: str, gender: str) -> bool:
        """Whether a word that begins a sentence may be somebody's name of this gender."""
        known = self.first_names.get(word.lower())
        return self.grammar.entries[word][1] == "X" and (not gender or known is None or known == gender)

    def untitled(self, name: str) -> str:
        """ "gouverneur Wauters" is Wauters; "parquet du Havre" stays."""
        first, _, rest = name.partition(" ")
        return rest if self.roles.get(first) == "p" and CAPITALS.fullmatch(rest) else name

    def proper(self, name: str) -> bool:
        """Whether a mention without article is a name: "Front Polisario", not "Premier ministre", "Deux députés"."""
        words = name.split()
        if words and words[0].lower() in self.lists["counting"]:
            words = words[1:]
        capital = [word for word in words if ONE_CAPITAL.search(word)]
        roles = self.roles
        return any(roles.get(word.lower()) != "p" for word in capital) and name.lower() not in roles

    def anonymous(self, low: str) -> bool:
        """Whether a mention hides who it is: "une source policière", "un cadre sous couvert d'anonymat"."""
        if self.patterns["anonymous"].match(low) or any(word in low for word in self.unnamed):
            return True
        first, *others = low.split(" ")[:3]
        nouns = {word.rstrip("s") for word in (first, *others)}
        return first in self.lists["unnamed_openers"] and not nouns.isdisjoint(self.lists["unnamed_persons"])

    def longer_names(self, head: str, text: str) -> frozenset[str]:
        """ "parquet" → {"parquet du Havre"}: the names in a text that begin with this noun."""
        name = rf"(?i:\b{re.escape(head)}) {self.patterns['between'].pattern}{self.patterns['after_noun'].pattern}"
        return frozenset(match[0] for match in re.finditer(name, text))

    def whole_names(self, head: str, text: str) -> frozenset[str]:
        """ "ligue" → {"Ligue des juristes"}: the names in a text that this noun begins with a capital."""
        noun = head[:1].upper() + head[1:]
        if noun not in text:
            return frozenset()
        name = rf"\b{re.escape(noun)}{self.patterns['of_something'].pattern}"
        return frozenset(match[0] for match in re.finditer(name, text))


def plain(text: str) -> str:
    """In lower case, with plain apostrophes and single spaces."""
    return " ".join(text.lower().replace("’", "'").split())


def naming_of(lang: str | None) -> Naming:
    """The naming of a language; without lexicons nobody is a person and every name is its own."""
    return _naming_of(language_of(lang) or "")


@cache
def _naming_of(lang: str) -> Naming:
    sources, aliases = lexicon(lang, "sources"), lexicon(lang, "aliases")
    resolving: Mapping[str, Any] = sources.get("resolving", {})
    lists = {name: frozenset(words) for name, words in resolving.items() if isinstance(words, list)}
    lists["generic"] = frozenset(sources.get("generic", ()))
    naming = Naming(
        roles={**dict.fromkeys(lists.get("hypernyms", ()), "p"), **roles_of(sources)},
        lists=_Lists(lists),
        synonyms={noun: tuple(others) for noun, others in resolving.get("synonyms", {}).items()},
        titles=resolving.get("titles", {}),
        members={noun: tuple(bodies) for noun, bodies in resolving.get("members", {}).items()},
        feminine=tuple(resolving.get("feminine_endings", ())),
        masculine=tuple(resolving.get("masculine_endings", ())),
        unnamed=tuple(sources.get("unnamed", ())),
        spellings=tuple((one, other) for one, other in aliases.get("spellings", {}).get("pairs", ())),
        aliases={},
        patterns=_patterns(resolving),
        first_names={
            name: gender[0]
            for gender in ("masculine", "feminine")
            for name in str(resolving.get(f"first_names_{gender}", "")).split()
        },
        grammar=grammar_of(lang),
        finite=cues.finite if (cues := cues_of(lang)) else frozenset(),
    )
    together = [(name, *others) for name, others in aliases.get("names", {}).items()]
    return replace(naming, aliases={naming.key(name): names for names in together for name in names})


_CLAUSE = frozenset("Vvqr")


class _Lists(dict[str, frozenset[str]]):
    def __missing__(self, name: str) -> frozenset[str]:
        return frozenset()


def _patterns(lists: Mapping[str, Any]) -> dict[str, re.Pattern[str]]:
    def any_of(*names: str) -> str:
        return _any(word for name in names for word in lists.get(name, ()))

    links = any_of("name_links")
    titled = rf"(?:(?:{any_of('titles')})\s+)?"
    direct = rf"(?:\b(?i:{any_of('before_bodies')})\s+|(?i:{any_of('elided')})\s?)$"
    return {
        # the person's own name after her words: "les déclarations de X"
        "words_of": re.compile(
            rf"(?:{any_of('words_openers')})\s*(?:{any_of('words_of')}) (?:{any_of('words_links')})"
        ),
        "possessive": re.compile(rf"\b(?:{any_of('possessive')})\b"),
        "naming": re.compile(rf"(?:{any_of('naming')})\b"),
        "group": re.compile(rf"(?:{any_of('groups')}) | (?:{any_of('conjunctions')}) "),
        "after_noun": re.compile(
            rf"(?:(?:{links})?{CAPITAL}(?:[ -](?:(?:{any_of('inside_names')}) )?{CAPITAL})*|(?:{any_of('numbered')}) \d+)"
        ),
        "of_something": re.compile(rf"(?: (?:{links})[a-zà-öø-ÿ-]{{3,}})+"),
        "both": re.compile(rf"\s(?:{any_of('conjunctions')})\s"),
        "stranger": re.compile(rf"({CAPITAL}), (?:(?:{any_of('own_singular')})\b|\d)"),
        "veil": re.compile(rf"^.{{0,40}}?(?:{any_of('veils')}),?\s+(?=(?:{any_of('articles')})\s)"),
        "owner": re.compile(rf"(?:{links})\s?{titled}$"),  # before the name in "le cabinet de Mme Roux"
        # of "cour d'appel de Bruxelles"
        "between": re.compile(rf"(?:(?:{any_of('elided_of')})?[a-zà-öø-ÿ]{{4,}} (?={links})){{0,2}}"),
        "links": re.compile(links),
        "told": re.compile(
            rf"(?:{any_of('to')})\s(?:(?:{any_of('articles')})\s|{any_of('elided')})?(?:{CAPITAL}\s){{1,3}}?"
            rf"(?=(?:{any_of('articles')})\s|(?:{any_of('elided')})|{CAPITAL}\s{CAPITAL})"
        ),
        "relative": re.compile(rf"\s(?:{any_of('relatives')})\s?({titled}{CAPITAL}(?:\s{CAPITAL})*)$"),
        # before a name that is spoken of or to: "un film sur Anna Roux"
        "about": re.compile(rf"(?<!\w)(?:{any_of('about')})\s+{titled}$"),
        # the noun before the owner's title, and the title: "la femme du ministre Jean Vial"
        "theirs": re.compile(rf"([\w-]+) (?:{any_of('of_one')})([\w-]+) $"),
        "title": re.compile(rf"(?:{any_of('titles')})\s+"),
        "title_before": re.compile(rf"\b({any_of('titles')})\s*$"),
        "anonymous": re.compile(rf"(?:(?:{any_of('before_sources')})\s)?(?:\w+\s)?(?:{any_of('source')})\b"),
        "contacted": re.compile(rf"\s(?:{any_of('contacted')})\b.*"),
        "elided": re.compile(any_of("elided")),
        "article": re.compile(rf"^(?i:(?:{any_of('articles')})\s+|(?:{any_of('elided')})\s?)"),
        "generic": re.compile(rf"([\w-]+)\s+(?:(?:{any_of('of')})\s+[a-zà-öø-ÿ]\w*\s+)?(?=[^\W\d_a-zà-öø-ÿ])"),
        "before_body": re.compile(direct),
        "name": re.compile(
            rf"{_FIRST}(?:(?:\s(?:(?:{any_of('particles')})\s(?:(?:{any_of('particles')})\s)?|d['’])?{CAPITAL}){{1,3}}"
            rf"|\s{_LETTER}\.(?!\s?{_LETTER}\.))"  # "Karim S."
        ),
        "age": re.compile(rf"^,? (?:\d+|(?:{any_of('ages')})[\w-]*) (?:{any_of('years')}),"),
    }


def _any(words: Iterable[str]) -> str:
    """Any of these words as a pattern, longer ones first; one that never matches where there are none."""
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return "|".join(re.escape(word).replace("'", "['’]") for word in ordered) or r"(?!)"
