"""Who a claim comes from: its speaker, resolved inside the article. Never a forced guess.

A surname leads to the full name, a role to the person who was given it before, a pronoun to the last fitting person,
a quotation without a speaker to the source of its neighbour; whatever is not certain stays unresolved.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import replace

from claimtag.claims.naming import CAPITAL, Naming, naming_of, plain
from claimtag.claims.persons import Person, find_persons
from claimtag.records import Article, Claim, Sentence, Source, Span

_PARTS = re.compile(r"[ ']")
_CAPITAL, _CAPITALS = re.compile(CAPITAL), re.compile(rf"{CAPITAL}(?:\s{CAPITAL})*")
UNRESOLVED = Source(None, "unresolved")
_MOST_MENTIONS = 60  # of a stretch of text
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
            for role in person.roles:
                self.by_role.setdefault(role, []).append(person)
        mentioned = sorted((at, n) for n, person in enumerate(self.persons) for at in person.places)
        self.places = [at for at, _ in mentioned]
        self.who = [self.persons[n] for _, n in mentioned]
        self._longer: dict[str, frozenset[str]] = {}
        self._full: dict[str, tuple[str, Span | None]] = {}
        self.last: list[tuple[int, Source, str]] = []  # sentence, source, what it is: p(erson), d(ocument), b(ody)

    def between(self, start: int, end: int) -> list[Person]:
        """The persons mentioned in that stretch of the text, each once, the last mentioned first."""
        stretch = self.who[bisect_left(self.places, start) : bisect_left(self.places, end)][-_MOST_MENTIONS:]
        return list({id(person): person for person in reversed(stretch)}.values())

    # -- one claim

    def resolve(self, claim: Claim, neighbours: Sequence[Claim]) -> Source:
        """The source of a claim; `neighbours` are the claims before it, already resolved."""
        if claim.speaker is None:
            return self._without_speaker(claim, neighbours)
        said = claim.speaker
        low = plain(said.text)
        first = low.split(" ")[0]
        lists = self.lists
        if low in lists["indefinite"]:
            return Source(said.text, "anonymous", said)
        if low in lists["first"]:
            return UNRESOLVED
        for gender in ("masculine", "feminine"):
            if low in lists[gender]:
                return self._pronoun(claim, gender[0])
        if low in lists["plural"]:
            return self._group(claim)
        quoted = self.naming.patterns["words_of"].match(low)
        if quoted:
            said = Span(said.start + quoted.end(), said.end, said.text[quoted.end() :])
            low = plain(said.text)
            person = self._person_in(said)
            if person is None:  # "les informations du journal La Libre": La Libre
                name = self._bare(said.text, keep=_CAPITAL.search(said.text) is None)
                return Source(name, "named", said)
        person = self._person_in(said)
        if person is not None:
            return Source(person.name, "named", person.span)
        if self._anonymous(low):
            return Source(self._bare(said.text, keep=True), "anonymous", said)
        nouns = [word for word in _PARTS.split(low.split(",")[0]) if word in self.naming.roles]
        head = nouns[0] if nouns else ""
        definite = first in lists["definite"] or self.naming.patterns["elided"].match(low) is not None
        name = self._bare(said.text)
        proper = _CAPITAL.search(name) is not None and name.lower() not in self.naming.roles
        if definite and head and not proper:
            found = self._role(claim, low, head)
            if found is not None:
                return found
        if proper:
            full = self._fullest(name, said)
            return Source(full[0], "named", full[1])
        if definite and head and self.naming.roles[head] in "bm":
            return Source(self._bare(said.text, keep=True), "role", said)
        return Source(self._bare(said.text, keep=True), "role", said)

    def remember(self, claim: Claim) -> None:
        """Keep the source for the pronouns that follow."""
        source = claim.source
        if source is None or source.name is None:
            return
        kind = "p" if source.name in self.by_name else self._kind(source.name)
        self.last = [*self.last[-_MOST_REMEMBERED:], (claim.sentence, source, kind)]

    # -- the ways

    def _without_speaker(self, claim: Claim, neighbours: Sequence[Claim]) -> Source:
        rule = claim.rule or ""
        if claim.cue is not None and (
            rule.startswith("preposition:") and self.naming.patterns["possessive"].search(claim.cue.text.lower())
        ):
            return self._pronoun(claim, "")
        if claim.cue is None and claim.mode in ("direct", "mixed"):
            return self._quotation(claim, neighbours)
        return UNRESOLVED

    def _quotation(self, claim: Claim, neighbours: Sequence[Claim]) -> Source:
        """A quotation of its own: whoever the next sentence names as having said it, or the one quoted just before."""
        after = self.sentences[claim.sentence + 1] if claim.sentence + 1 < len(self.sentences) else None
        if after is not None:
            said = self.naming.patterns["naming"].match(after.text)
            if said:
                persons = self.between(after.start, after.end)
                if len(persons) == 1:
                    return Source(persons[0].name, "named", persons[0].span)
                return UNRESOLVED
        before = [c for c in neighbours if claim.sentence - 1 <= c.sentence < claim.sentence and c.source is not None]
        if (
            before
            and before[-1].mode in ("direct", "mixed")
            and before[-1].source is not None
            and before[-1].source.name
        ):
            same_line = "\n" not in self.text[before[-1].content.end : claim.content.start]
            if same_line:
                return before[-1].source
        if claim.sentence > 0:
            sentence = self.sentences[claim.sentence - 1]
            if sentence.text.rstrip().endswith(":"):
                persons = self.between(sentence.start, sentence.end)
                if len(persons) == 1:
                    return Source(persons[0].name, "named", persons[0].span)
        return UNRESOLVED

    def _pronoun(self, claim: Claim, gender: str) -> Source:
        """The last source that fits, if it spoke just before; else the one person named lately."""
        here = claim.sentence
        at = claim.speaker.start if claim.speaker else claim.content.start
        floor = self.sentences[max(0, here - 2)].start
        fitting = [person for person in self.between(floor, at) if not gender or person.gender in ("", gender)]
        for sentence, source, kind in reversed(self.last):
            if here - sentence > 2:
                break
            if kind == "p":
                person = self.by_name.get(source.name or "")
                if person is None:
                    break
                if gender and person.gender not in ("", gender):
                    continue
                since = self.between(self.sentences[sentence].end, at)
                others = [p for p in since if p is not person and (not gender or p.gender in ("", gender))]
                return UNRESOLVED if others else source
            feminine = self._feminine(source)
            if gender and feminine is not None and feminine == (gender == "f"):
                since = self.between(self.sentences[sentence].start, at)
                return UNRESOLVED if any(not gender or p.gender in ("", gender) for p in since) else source
        known = [person for person in fitting if person.gender == gender]
        if len(fitting) == 1 or (len(known) == 1 and gender and fitting[0] is known[0]):
            person = fitting[0]
            return Source(person.name, "named", person.span)
        return UNRESOLVED

    def _group(self, claim: Claim) -> Source:
        for sentence, source, _ in reversed(self.last):
            if claim.sentence - sentence > 1:
                break
            if source.name and self.naming.patterns["group"].match(source.name.lower()):
                return source
        return UNRESOLVED

    def _role(self, claim: Claim, low: str, head: str) -> Source | None:
        """ "le ministre" → the minister named before; "le rapport" → the report quoted before; None: it is its own name."""
        lists = self.lists
        kind = self.naming.roles[head]
        at = claim.speaker.start if claim.speaker else 0
        elided = self.naming.patterns["elided"].match(low)
        first = elided[0] if elided else low.split(" ")[0]
        rest = low[len(first) :].split(",")[0].split()
        bare = len(rest) == 1 or (len(rest) == 2 and rest[0] in lists["inner"])
        if kind == "p":
            gender = "f" if first in lists["determiners_feminine"] or head.endswith(self.naming.feminine) else ""
            if not gender and first in lists["determiners_masculine"]:
                gender = "m"
            if bare and first in lists["definite_plural"]:  # "les juges" after "la Cour": who they are stands elsewhere
                return UNRESOLVED
            if first in lists["own"]:
                return None
            named = bool(self.places) and self.places[0] < at
            same = [
                person
                for person in self.by_role.get(head, ())
                if person.places[0] < at and (not gender or person.gender in ("", gender))
            ]
            if len(same) == 1:
                return Source(same[0].name, "named", same[0].span)
            if same:
                return UNRESOLVED
            if named and len(rest) == 2 and rest[0] == head and first in lists["definite_singular"]:
                return UNRESOLVED  # "la ministre danoise" in an article that has named persons
            if not bare and first not in lists["demonstrative"]:
                return None
            floor = self.sentences[max(0, claim.sentence - 3)].start
            recent = [person for person in self.between(floor, at) if not gender or person.gender in ("", gender)]
            if head in lists["hypernyms"] or first in lists["demonstrative"]:
                return Source(recent[0].name, "named", recent[0].span) if len(recent) == 1 else UNRESOLVED
            return UNRESOLVED if recent or (named and head in lists["suspects"]) else None
        if not bare:
            return None
        if kind == "d":
            documents = {
                source.name: source for _, source, what in self.last if what == "d" and source.status == "named"
            }
            if len(documents) == 1 and head in lists["anaphoric_documents"]:
                return next(iter(documents.values()))
            return UNRESOLVED if head in lists["anaphoric_documents"] else None
        longer = self._longer_names(head)
        if len(longer) == 1 and head not in lists["sole"]:
            (name,) = longer
            begin = self.text.find(name)
            return Source(self._bare(name), "named", Span(begin, begin + len(name), name))
        if head in lists["anaphoric_bodies"]:
            bodies = {
                source.name: source
                for sentence, source, what in self.last
                if what in "bm"
                and claim.sentence - sentence < 6
                and source.span
                and source.status == "named"
                and head in plain(self._around(source.span))
            }
            return next(iter(bodies.values())) if len(bodies) == 1 else UNRESOLVED
        return UNRESOLVED if longer else None

    def _longer_names(self, head: str) -> frozenset[str]:
        """ "parquet" → {"parquet du Havre"}: the names in the article that begin with this noun."""
        found = self._longer.get(head)
        if found is None:
            found = self._longer[head] = self.naming.longer_names(head, self.text)
        return found

    def _around(self, span: Span) -> str:
        return self.text[max(0, span.start - 25) : span.end]

    def _person_in(self, said: Span) -> Person | None:
        inside = self.between(said.start, said.end)
        if len(inside) > 1:  # "le délégué de Jean Vial, Paul Roux": who stands in apposition or first
            spots = range(bisect_left(self.places, said.start), bisect_left(self.places, said.end))
            apart = [
                self.who[n]
                for n in spots
                if self.places[n] == said.start or self.text[self.places[n] - 2 : self.places[n]] == ", "
            ][:2]
            return apart[0] if len(apart) == 1 else None
        if inside:
            return inside[0]
        head = said.text.split(",")[0]
        title = self.naming.patterns["title"].match(head)
        rest = head[title.end() :] if title else head
        if _CAPITALS.fullmatch(rest):
            found = self.by_surname.get(self.naming.key(rest.split()[-1]), [])
            if len(found) == 1:
                return found[0]
        return None

    def _anonymous(self, low: str) -> bool:
        if self.naming.patterns["anonymous"].match(low) or any(word in low for word in self.naming.unnamed):
            return True
        first, *others = low.split(" ")[:3]
        nouns = {word.rstrip("s") for word in (first, *others)}
        return first in self.lists["unnamed_openers"] and not nouns.isdisjoint(self.lists["unnamed_persons"])

    def _bare(self, said: str, *, keep: bool = False) -> str:
        """The name without apposition; without its article and generic type too unless `keep`."""
        name = said.split(",")[0].strip()
        name = self.naming.patterns["contacted"].sub("", name)
        if keep:
            return name
        name = self.naming.patterns["article"].sub("", name)
        match = self.naming.patterns["generic"].match(name)
        if match and match[1].lower() in self.lists["generic"]:
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

    def _feminine(self, source: Source) -> bool | None:
        if source.span is None:
            return None
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
    """The claims with their sources; authorial claims have none."""
    speakers: Speakers | None = None
    done: list[Claim] = []
    for claim in claims:
        if claim.mode != "authorial":
            if speakers is None:
                speakers = Speakers(article, sentences, naming_of(article.lang))
            claim = replace(claim, source=speakers.resolve(claim, done))
            speakers.remember(claim)
        done.append(claim)
    return tuple(done)
