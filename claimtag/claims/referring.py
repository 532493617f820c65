"""Whom a pronoun, a role or a kind of body in an article means: "elle", "le ministre", "le parquet", "les juges"."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from claimtag.claims.naming import plain
from claimtag.records import Claim, Source, Span

if TYPE_CHECKING:
    from claimtag.claims.persons import Person
    from claimtag.claims.speakers import Speakers

UNRESOLVED = Source(None, "unresolved")
_FEW = 40  # persons of an article among whom somebody may be the only one of a gender
_SINCE = 1_000  # characters before a role in which another may have been given it
_BEFORE = 5_000  # characters before a mention in which a body is looked for


def pronoun(speakers: Speakers, claim: Claim, gender: str) -> Source:
    """The last source that fits, if it spoke just before; else the one person named lately.

    "ce dernier" is whoever was named last and "le premier" who was named first, so nobody else.
    """
    found = _pronoun(speakers, claim, gender)
    low = plain(claim.speaker.text) if claim.speaker else ""
    if (
        claim.speaker is None
        or found.name is None
        or not (low in speakers.lists["last"] or low in speakers.lists["one"])
    ):
        return found
    start = speakers.sentences[max(0, claim.sentence - 2)].start
    named = [p for p in speakers.between(start, claim.speaker.start) if not gender or p.gender in ("", gender)]
    if low in speakers.lists["one"]:
        named.reverse()
    return found if not named or named[0].name == found.name else UNRESOLVED


def _pronoun(speakers: Speakers, claim: Claim, gender: str) -> Source:
    here = claim.sentence
    low = plain(claim.speaker.text) if claim.speaker else ""
    at = claim.speaker.start if claim.speaker else claim.content.start
    floor = speakers.sentences[max(0, here - 2)].start
    subject = _subject(speakers, here, at)
    if subject is not None and (not gender or subject.gender == gender):
        return Source(subject.name, "named", subject.span)
    fitting = [person for person in speakers.between(floor, at) if not gender or person.gender in ("", gender)]
    fitting = [person for person in fitting if person.gender or person.roles or len(person.places) > 1]
    for place in range(len(speakers.last) - 1, -1, -1):
        sentence, source, kind = speakers.last[place]
        if here - sentence > 2:
            break
        if _passed_over(speakers, place, here, gender):
            return UNRESOLVED
        if kind == "d" and claim.type == "commitment":  # a report intends nothing
            continue
        person = speakers.by_name.get(source.name or "")
        if person is not None:
            if gender and person.gender not in ("", gender):
                continue
            since = speakers.between(speakers.sentences[sentence].end, at)
            others = [p for p in since if p is not person and (not gender or p.gender in ("", gender))]
            return UNRESOLVED if others else source
        if low in speakers.lists["personal"] and kind != "p":
            continue
        feminine = speakers.feminine(source)
        if gender and feminine is None and source.status == "named" and speakers.alone(source):
            since = speakers.between(speakers.sentences[sentence].start, at)
            return UNRESOLVED if any(p.gender in ("", gender) for p in since) else source
        if gender and feminine is not None and feminine == (gender == "f"):
            since = speakers.between(speakers.sentences[sentence].start, at)
            return UNRESOLVED if any(not gender or p.gender in ("", gender) for p in since) else source
    if _passed_over(speakers, -1, here, gender):
        return UNRESOLVED
    known = [person for person in fitting if person.gender == gender]
    if len(fitting) == 1 or (len(known) == 1 and gender and fitting[0] is known[0]):
        person = fitting[0]
        return Source(person.name, "named", person.span)
    if fitting or any(here - sentence <= 2 for sentence, _, kind in speakers.last if kind != "p"):
        return UNRESOLVED  # who spoke just before may be meant: "l'ordre des barreaux", "le rapport"
    return _only(speakers, at, gender)


def _subject(speakers: Speakers, here: int, at: int) -> Person | None:
    """The only person of the sentence before the pronoun, if it begins with the name: "M. Roux insiste : …, dit-il"."""
    start = speakers.sentences[here].start
    persons = speakers.between(start, at)
    if len(persons) != 1:
        return None
    before = speakers.text[start : speakers.places[bisect_left(speakers.places, start)]]
    return persons[0] if not before or speakers.naming.patterns["title"].fullmatch(before) else None


def _passed_over(speakers: Speakers, place: int, here: int, gender: str) -> bool:
    """Whether somebody may be meant who came after the source at this place (-1: no source).

    One who spoke and stayed open, a name that nobody else has, or a body that a sentence begins with.
    """
    naming, source = speakers.naming, speakers.last[place][1] if place >= 0 else UNRESOLVED
    if speakers.doubted is not None and len(speakers.last) - 1 - place >= speakers.since:
        sentence, mention = speakers.doubted
        said = plain(mention.text)
        feminine = True if said in naming.lists["feminine"] else False if said in naming.lists["masculine"] else None
        feminine = speakers.feminine(Source(None, "unresolved", mention)) if feminine is None else feminine
        fits = not gender or feminine is None or feminine == (gender == "f")
        pronoun_too = said in naming.lists["feminine"] or said in naming.lists["masculine"]
        same = pronoun_too if source.name is None else plain(source.name) in said  # "elle" is no rival of "elle"
        if fits and here - sentence <= 2 and not same:
            return True
    first = max(here - 2, speakers.last[place][0] + 1) if place >= 0 else here - 2
    for number in range(max(first, 0), here):
        text = speakers.sentences[number].text
        stranger = naming.patterns["stranger"].match(text)  # "Hammou, son voisin, …"
        if stranger and naming.stranger(stranger[1], gender):
            at = speakers.sentences[number].start
            if not speakers.between(at, at + 1):
                return True
        if gender and number == here - 1:
            opener, noun, *_ = [*plain(text[:60]).replace("'", "' ").split(" "), "", ""]
            if opener in naming.lists["singular_" + gender] and naming.roles.get(noun, "") in ("b", "m"):
                return True
    return False


def _only(speakers: Speakers, at: int, gender: str) -> Source:
    """The one person of that gender that the article has named so far."""
    found = [p for p in speakers.persons[:_FEW] if p.places[0] < at and p.gender in ("", gender)]
    person = found[0] if len(found) == 1 and len(speakers.persons) <= _FEW else None
    if person is None or not (person.gender or person.roles or len(person.places) > 1):
        return UNRESOLVED
    return Source(person.name, "named", person.span)


def group(speakers: Speakers, claim: Claim) -> Source:
    """The several who spoke just before: "les deux associations"."""
    for sentence, source, _ in reversed(speakers.last):
        if claim.sentence - sentence > 1:
            break
        if source.name and speakers.naming.patterns["group"].search(source.name.lower()):
            return source
    return UNRESOLVED


def same_source(speakers: Speakers, claim: Claim) -> Source:
    """ "la même source": who without a name, or which paper, was last to say something."""
    for sentence, source, kind in reversed(speakers.last):
        if claim.sentence - sentence > 3:
            break
        return source if source.status == "anonymous" or kind == "d" else UNRESOLVED
    return UNRESOLVED


def role(speakers: Speakers, claim: Claim, low: str, head: str) -> Source | None:
    """ "le ministre" → the minister named before; "le rapport" → the report quoted before; None: it is its own name."""
    lists = speakers.lists
    elided = speakers.naming.patterns["elided"].match(low)
    first = elided[0] if elided else low.split(" ")[0]
    rest = low[len(first) :].split(",")[0].split()
    bare = len(rest) == 1 or (len(rest) == 2 and rest[0] in lists["inner"])
    if first in lists["definite_plural"] and len(rest) == 2 and rest[0] in lists["counting"]:
        several = group(speakers, claim)  # "les deux associations"
        return several if several.name else None
    if speakers.naming.roles[head] == "p":
        return _person(speakers, claim, head, first=first, rest=rest, bare=bare)
    return _body(speakers, claim, head) if bare else None


def _person(speakers: Speakers, claim: Claim, head: str, *, first: str, rest: list[str], bare: bool) -> Source | None:
    """Who has this role: "le ministre", "la chercheuse", "cet homme"."""
    lists = speakers.lists
    at = claim.speaker.start if claim.speaker else 0
    gender = "f" if first in lists["determiners_feminine"] or head.endswith(speakers.naming.feminine) else ""
    if not gender and first in lists["determiners_masculine"]:
        gender = "m"
    if bare and first in lists["definite_plural"]:
        return _members(speakers, rest[-1], at)
    if first in lists["own"]:
        return None
    named = bool(speakers.places) and speakers.places[0] < at
    holders = [p for noun in (head, *speakers.naming.synonyms.get(head, ())) for p in speakers.by_role.get(noun, ())]
    holders = [person for person in holders if not gender or person.gender in ("", gender)]
    same = [person for person in holders if person.places[0] < at]
    here = speakers.sentences[claim.sentence]
    if not same and len(holders) == 1 and bare and here.kind != "body" and first in lists["definite_singular"]:
        return Source(holders[0].name, "named", holders[0].span)  # a headline, before anybody is named
    about = [word for word in rest if word != head and len(word) > 3 and word not in lists["inner"]]
    if about and same:  # "le ministre marocain" is not the Belgian one
        same = [p for p in same if any(all(word[:5] in said for word in about) for said in p.described)]
        if not same:
            return UNRESOLVED
    if len(same) == 1 and not _rivalled(speakers, same[0], head, at) and not _other_office(speakers, same[0], rest):
        return Source(same[0].name, "named", same[0].span)
    if same:
        return UNRESOLVED
    if named and len(rest) == 2 and rest[0] == head and first in lists["definite_singular"]:
        return UNRESOLVED  # "la ministre danoise" in an article that has named persons
    if not bare and first not in lists["demonstrative"]:
        return None
    floor = speakers.sentences[max(0, claim.sentence - 3)].start
    recent = [person for person in speakers.between(floor, at) if not gender or person.gender in ("", gender)]
    if head in lists["callings"] and first not in lists["demonstrative"]:
        recent = [person for person in recent if head in person.roles or lists["offices"].isdisjoint(person.roles)]
    if head in lists["hypernyms"] or first in lists["demonstrative"]:
        return Source(recent[0].name, "named", recent[0].span) if len(recent) == 1 else UNRESOLVED
    return UNRESOLVED if recent or (named and head in lists["suspects"]) else None


def _other_office(speakers: Speakers, person: Person, rest: list[str]) -> bool:
    """Whether who is named held the office before, or holds another: "l'ancien", "le nouveau" is not "le ministre"."""
    lists = speakers.lists
    if not lists["newly"].isdisjoint(rest):
        return not any(not lists["newly"].isdisjoint(said.split()) for said in person.described)
    if not lists["once"].isdisjoint(rest):
        return False
    told = [said for said in person.described if not lists["determiners"].isdisjoint(said.replace("'", " ").split())]
    return bool(told) and all(not lists["once"].isdisjoint(re.split(r"[ '-]", said)) for said in told)


def _rivalled(speakers: Speakers, person: Person, head: str, at: int) -> bool:
    """Whether another of this role came after the person: "le ministre belge", "son homologue le ministre de Fès"."""
    since = person.places[bisect_left(person.places, at) - 1]
    links = speakers.naming.patterns["links"].pattern
    for match in re.finditer(
        rf"(?i:\b{re.escape(head)})\s({links})?(\w{{4,}})", speakers.text[max(since, at - _SINCE) : at]
    ):
        word = match[2]
        stem = word[:5].lower()
        described = any(stem in said for said in person.described) or stem in plain(person.name)
        letter = speakers.naming.grammar.entries[word][1]
        if (match[1] or letter in "wé") and not described and not speakers.naming.clause(word):
            return True
    return False


def _body(speakers: Speakers, claim: Claim, head: str) -> Source | None:
    """Which body, paper or document the article has named is meant by its noun alone."""
    lists = speakers.lists
    if speakers.naming.roles[head] == "d":
        documents = {
            source.name: source for _, source, what in speakers.last if what == "d" and source.status == "named"
        }
        if len(documents) == 1 and head in lists["anaphoric_documents"]:
            return next(iter(documents.values()))
        return UNRESOLVED if head in lists["anaphoric_documents"] else None
    before = {
        source.name: source
        for sentence, source, _ in speakers.last
        if source.name and claim.sentence - sentence < 6 and plain(speakers.bare(source.name)).startswith(head + " ")
    }
    if len(before) == 1 and head not in lists["sole"]:  # "la commission électorale", then "la commission"
        return next(iter(before.values()))
    longer = speakers.longer_names(head) or speakers.whole_names(head)
    if len(longer) == 1 and head not in lists["sole"]:
        (name,) = longer
        begin = speakers.text.find(name)
        return Source(speakers.bare(name), "named", Span(begin, begin + len(name), name))
    if head in lists["anaphoric_bodies"]:
        nouns = {head, *speakers.naming.synonyms.get(head, ())}
        bodies = {
            source.name: source
            for sentence, source, what in speakers.last
            if what in "bm"
            and claim.sentence - sentence < 6
            and source.span
            and source.status == "named"
            and not nouns.isdisjoint(plain(speakers.around(source.span)).replace("'", " ").split())
        }
        return next(iter(bodies.values())) if len(bodies) == 1 else UNRESOLVED
    return UNRESOLVED if longer else None


def _members(speakers: Speakers, noun: str, at: int) -> Source | None:
    """ "les juges": themselves, unless the article names a body before that they may be of, or more of them."""
    before = plain(speakers.text[max(0, at - _BEFORE) : at])
    bodies = speakers.naming.members.get(noun)
    if bodies is None or any(body in before for body in bodies) or noun in before:
        return UNRESOLVED
    return None
