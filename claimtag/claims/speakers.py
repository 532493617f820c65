"""Who a claim comes from: its speaker, resolved inside the article. Never a forced guess.

A surname leads to the full name, a role to the person who was given it before, a pronoun to the last fitting person,
a quotation without a speaker to the source of its neighbour; whatever is not certain stays unresolved.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from claimtag.claims.naming import CAPITALS, ONE_CAPITAL, Naming, naming_of, plain
from claimtag.claims.persons import Person, find_persons
from claimtag.claims.quoting import quoted_source, with_voices
from claimtag.claims.referring import UNRESOLVED, group, pronoun, role, same_source
from claimtag.records import Article, Claim, Sentence, Source, Span

_PARTS = re.compile(r"[ ']")
_MOST_MENTIONS = 60  # of a stretch of text
_RELATIVE = 80  # characters at the end of a mention in which a relative clause is looked for
_FEW = 40  # persons of an article who may be called by the first word of their name
_MOST_REMEMBERED = 40  # sources that a later mention may lead back to


class Speakers:
    """The persons and other sources of one article, and what was resolved so far."""

    def __init__(self, article: Article, sentences: Sequence[Sentence], naming: Naming) -> None:
        self.text = article.text
        self.sentences = sentences
        self.naming = naming
        self.lists = naming.lists
        self.persons = find_persons(article.text, sentences, naming)
        self.by_name = {person.name: person for person in self.persons}
        self.by_surname: dict[str, list[Person]] = {}
        self.by_role: dict[str, list[Person]] = {}
        for person in self.persons:
            self.by_surname.setdefault(naming.key(person.surname), []).append(person)
            for noun in person.roles:
                self.by_role.setdefault(noun, []).append(person)
        mentioned = sorted((at, n) for n, person in enumerate(self.persons) for at in person.places)
        self.places = [at for at, _ in mentioned]
        self.who = [self.persons[n] for _, n in mentioned]
        self._longer: dict[str, frozenset[str]] = {}
        self._begun: dict[str, frozenset[str]] = {}
        self._full: dict[str, tuple[str, Span | None]] = {}
        self.last: list[tuple[int, Source, str]] = []  # sentence, source, what it is: p(erson), d(ocument), b(ody)
        self.doubted: tuple[int, Span] | None = None  # who spoke last and stayed open: sentence, mention
        self.since = 0  # sources after that

    def between(self, start: int, end: int) -> list[Person]:
        """The persons mentioned in that stretch of the text, each once, the last mentioned first."""
        stretch = self.who[bisect_left(self.places, start) : bisect_left(self.places, end)][-_MOST_MENTIONS:]
        return list({id(person): person for person in reversed(stretch)}.values())

    # -- one claim

    def resolve(self, claim: Claim, neighbours: Sequence[Claim]) -> Source:
        """The source of a claim; `neighbours` are the claims before it, already resolved."""
        if claim.speaker is None:
            return self._without_speaker(claim, neighbours)
        said = self._inner(claim.speaker, claim.cue)
        low = plain(said.text)
        lists = self.lists
        if low in lists["indefinite"]:
            return Source(said.text, "anonymous", said)
        if low in lists["first"] or low in lists["articles"] or low in lists["elided"] or low in lists["nobody"]:
            return UNRESOLVED
        if low in lists["same"]:
            return same_source(self, claim)
        for gender in ("masculine", "feminine"):
            if low in lists[gender]:
                return pronoun(self, claim, gender[0])
        if low in lists["plural"]:
            return group(self, claim)
        quoted = self.naming.patterns["words_of"].match(low)
        if quoted:
            said = Span(said.start + quoted.end(), said.end, said.text[quoted.end() :])
            low = plain(said.text)
            person = self._person_in(said)
            if person is None:  # "les informations du journal La Libre": La Libre
                named = ONE_CAPITAL.search(said.text) is not None
                return Source(self.bare(said.text, keep=not named), "named" if named else "role", said)
        person = self._person_in(said)
        if person is not None:
            return Source(person.name, "named", person.span)
        return self._described(claim, said, low)

    def _inner(self, said: Span, cue: Span | None) -> Span:
        """Who speaks of a mention with others in it, at its end mostly: "Anna Roux, que Jean Vial [accuse, nie …]"."""
        told = self.naming.patterns["told"].match(said.text)  # "[a dit] à l'AFP Anna Roux"
        if told:
            said = Span(said.start + told.end(), said.end, said.text[told.end() :])
        found = self.naming.patterns["relative"].search(said.text[-_RELATIVE:]) if cue is not None else None
        if cue is None or found is None:
            return said
        start = max(0, len(said.text) - _RELATIVE)
        if said.end < cue.start <= said.end + 2:  # the clause's own verb
            return Span(said.start + start + found.start(1), said.end, found[1])
        head = said.text[: start + found.start()].rstrip(" ,")
        return Span(said.start, said.start + len(head), head) if head else said

    def _described(self, claim: Claim, said: Span, low: str) -> Source:
        """The source of a mention that names no person of the article: a role, a body, a paper, a name of its own."""
        lists, first = self.lists, low.split(" ")[0]
        if first in lists["definite_plural"] and low[len(first) + 1 :] in self.naming.members:
            found = role(self, claim, low, low[len(first) + 1 :])
            if found is not None:
                return found
        if self.naming.anonymous(low):
            name = self.naming.patterns["veil"].sub("", said.text)
            return Source(self.bare(name, keep=True), "anonymous", said)
        if low.count(" ") > 2:
            low = self.naming.patterns["contacted"].sub("", low)
        nouns = [word for word in _PARTS.split(low.split(",")[0]) if word in self.naming.roles]
        head = nouns[0] if nouns else ""
        definite = first in lists["definite"] or self.naming.patterns["elided"].match(low) is not None
        name = self.bare(said.text)
        proper = self.naming.proper(name) and not (first in lists["counting"] and " " not in name)  # "Un Bruxellois"
        if definite and head and not proper:
            found = role(self, claim, low, head)
            if found is not None:
                return found
        if definite and not head and not proper and self._agent(low):
            recent = self.between(self.sentences[max(0, claim.sentence - 3)].start, said.start)
            return Source(recent[0].name, "named", recent[0].span) if len(recent) == 1 else UNRESOLVED
        if proper:
            full = self._fullest(self.naming.untitled(name), said)
            return Source(full[0], "named", full[1])
        return Source(self.bare(said.text, keep=True), "role", said)

    def remember(self, claim: Claim) -> None:
        """Keep the source for the pronouns that follow."""
        source = claim.source
        if source is None:
            return
        if source.name is None:
            if claim.speaker is not None and self._person_in(claim.speaker) is None:
                self.doubted, self.since = (claim.sentence, claim.speaker), 0
            return
        kind = "p" if source.name in self.by_name else self._kind(source.name)
        self.since += 1
        self.last = [*self.last[-_MOST_REMEMBERED:], (claim.sentence, source, kind)]

    # -- the ways

    def _without_speaker(self, claim: Claim, neighbours: Sequence[Claim]) -> Source:
        rule = claim.rule or ""
        if claim.cue is not None and (
            rule.startswith("preposition:") and self.naming.patterns["possessive"].search(claim.cue.text.lower())
        ):
            return pronoun(self, claim, "")
        if claim.cue is None and claim.mode in ("direct", "mixed"):
            return quoted_source(claim, neighbours, self) or UNRESOLVED
        return UNRESOLVED

    def longer_names(self, head: str) -> frozenset[str]:
        """ "parquet" → {"parquet du Havre"}: the names in the article that begin with this noun."""
        found = self._longer.get(head)
        if found is None:
            found = self._longer[head] = self.naming.longer_names(head, self.text)
        return found

    def whole_names(self, head: str) -> frozenset[str]:
        """ "ligue" → {"Ligue des juristes"}: the names in the article that this noun begins with a capital."""
        found = self._begun.get(head)
        if found is None:  # once for all its claims: 4,000 of "la police" took 8 s
            found = self._begun[head] = self.naming.whole_names(head, self.text)
        return found

    def around(self, span: Span) -> str:
        return self.text[max(0, span.start - 25) : span.end]

    def _person_in(self, said: Span) -> Person | None:
        inside = self.between(said.start, said.end)
        if len(inside) > 1 and self._several(said):
            return None
        if len(inside) > 1:  # "le délégué de Jean Vial, Paul Roux": who stands in apposition or first
            spots = range(bisect_left(self.places, said.start), bisect_left(self.places, said.end))
            apart = [
                self.who[n]
                for n in spots
                if self.places[n] == said.start or self.text[self.places[n] - 2 : self.places[n]] == ", "
            ][:2]
            if not apart and not self._owned(said):  # "le président Jean Vial à son homologue Paul Roux"
                return self.who[spots[0]]
            return apart[0] if len(apart) == 1 else None
        if inside:
            return None if self._owned(said) else inside[0]
        head = said.text.split(",")[0]
        title = self.naming.patterns["title"].match(head)
        rest = head[title.end() :] if title else head
        if CAPITALS.fullmatch(rest):
            found = self.by_surname.get(self.naming.key(rest.split()[-1]), [])
            if not found and title:  # "M. Chen" is Chen Guowei
                found = [person for person in self.persons[:_FEW] if person.name.startswith(rest + " ")]
            if len(found) == 1:
                return found[0]
        return None

    def _several(self, said: Span) -> bool:
        """Whether two of a mention's persons speak together: "Anna Roux et Paul Vidal"."""
        places = self.places[bisect_left(self.places, said.start) : bisect_left(self.places, said.end)]
        both = self.naming.patterns["both"]
        return any(
            both.search(between) is not None and "," not in between
            for between in (self.text[one:other] for one, other in pairwise(places))
        )

    def _agent(self, low: str) -> bool:
        """Whether a mention is one noun of a person that no list has: "l'oratrice"."""
        elided = self.naming.patterns["elided"].match(low)
        first = elided[0] if elided else low.split(" ")[0]
        rest = low[len(first) :].strip()
        if rest in self.lists["culprits"]:
            return False
        return first in self.lists["definite_singular"] and " " not in rest and self.naming.gender(rest) != ""

    def _owned(self, said: Span) -> bool:
        """Whether the person named in a mention is not the one who speaks: "le cabinet de Mme Roux"."""
        place = self.places[bisect_left(self.places, said.start)]
        before = self.text[said.start : place]
        nouns = _PARTS.split(plain(before))
        if self.naming.roles.get(nouns[-1], "") == "d":  # "le rapport Roux"
            return True
        if nouns[-1] in self.lists["called_after"] or self.naming.patterns["about"].search(before):
            return True  # "l'affaire Roux", "un film sur Anna Roux"
        theirs = self.naming.patterns["theirs"].search(before)
        if (
            theirs
            and theirs[1].lower() not in self.lists["whole_offices"]
            and self.naming.roles.get(theirs[2].lower()) == "p"
        ):
            return True  # "la femme du ministre Jean Vial"
        if self.naming.patterns["owner"].search(before) is None:
            return False
        return any(self._relates(word) for word in nouns)

    def _relates(self, word: str) -> bool:
        """Whether a noun is a person or a body of its own: whoever it belongs to is somebody else."""
        roles, lists = self.naming.roles, self.lists
        return (
            roles.get(word, "") in ("p", "b")
            or word in lists["relations"]
            or word.removesuffix("s") in lists["relations"]
        )

    def bare(self, said: str, *, keep: bool = False) -> str:
        """The name without apposition; without its article and generic type too unless `keep`."""
        name = said.split(",")[0].strip()
        name = self.naming.patterns["contacted"].sub("", name)
        if keep:
            return name
        name = self.naming.patterns["article"].sub("", name)
        match = self.naming.patterns["generic"].match(name)
        if match and (match[1] if match[1][1:].islower() else match[1].lower()) in self.lists["generic"]:
            name = name[match.end() :]
        return name

    def _fullest(self, name: str, said: Span) -> tuple[str, Span]:
        found = self._full.get(name)
        if found is None:
            found = self._full[name] = self._alias(name)
        return found[0], found[1] or said

    def _alias(self, name: str) -> tuple[str, Span | None]:
        """The fullest of a body's names that the article uses; a shortened name counts as its full one."""
        for other in self.naming.aliases.get(self.naming.key(name), ()):
            if len(other) > len(name):
                match = re.search(re.escape(other).replace(r"\ ", r"\s+"), self.text)
                if match:
                    return other, Span(match.start(), match.end(), match[0])
                if name in other:  # "le Polisario" in an article that never says "Front Polisario"
                    return other, None
        return name, None

    def _kind(self, name: str) -> str:
        for word in _PARTS.split(plain(name)):
            role = self.naming.roles.get(word)
            if role:
                return str(role)
        return "b"

    def alone(self, source: Source) -> bool:
        """Whether a name is one word without article, as a first name is."""
        name = source.name or ""
        return " " not in name and CAPITALS.fullmatch(name) is not None and not name.isupper()

    def feminine(self, source: Source) -> bool | None:
        if source.span is None:
            return None
        known = self.naming.first_names.get(plain(source.name or ""))
        if known is not None:
            return known == "f"
        first = plain(source.span.text).split(" ")[0]
        if first in self.lists["determiners_feminine"]:
            return True
        if first in self.lists["determiners_masculine"]:
            return False
        before = plain(self.text[max(0, source.span.start - 6) : source.span.start]).split(" ")
        if before and before[-1] in self.lists["feminine_articles"]:
            return True
        if before and before[-1] in self.lists["masculine_articles"]:
            return False
        return None


def resolve(article: Article, sentences: Sequence[Sentence], claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """The claims with their sources; one that is left open stays so, authorial claims have none."""
    speakers: Speakers | None = None
    done: list[Claim] = []
    for claim in claims:
        if claim.mode != "authorial":
            if speakers is None:
                speakers = Speakers(article, sentences, naming_of(article.lang))
            if claim.source is None:
                claim = replace(claim, source=speakers.resolve(claim, done))
            speakers.remember(claim)
        done.append(claim)
    return tuple(with_voices(done, speakers) if speakers is not None else done)
