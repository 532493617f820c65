"""Whom a pronoun, a role or a kind of body refers to in an article: "elle", "le ministre", "le parquet", "les juges"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claimtag.claims.naming import plain
from claimtag.records import Claim, Source, Span

if TYPE_CHECKING:
    from claimtag.claims.speakers import Speakers

UNRESOLVED = Source(None, "unresolved")
_FEW = 40  # persons of an article among whom somebody may be the only one of a gender
_BEFORE = 5_000  # characters before a mention in which a body is looked for


def pronoun(speakers: Speakers, claim: Claim, gender: str) -> Source:
    """The last source that fits, if it spoke just before; else the one person named lately."""
    here = claim.sentence
    low = plain(claim.speaker.text) if claim.speaker else ""
    at = claim.speaker.start if claim.speaker else claim.content.start
    floor = speakers.sentences[max(0, here - 2)].start
    fitting = [person for person in speakers.between(floor, at) if not gender or person.gender in ("", gender)]
    fitting = [person for person in fitting if person.gender or person.roles or len(person.places) > 1]
    for sentence, source, kind in reversed(speakers.last):
        if here - sentence > 2:
            break
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
    known = [person for person in fitting if person.gender == gender]
    if len(fitting) == 1 or (len(known) == 1 and gender and fitting[0] is known[0]):
        person = fitting[0]
        return Source(person.name, "named", person.span)
    if fitting or any(here - sentence <= 2 for sentence, _, kind in speakers.last if kind != "p"):
        return UNRESOLVED  # who spoke just before may be meant: "l'ordre des barreaux", "le rapport"
    return _only(speakers, at, gender)


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
        if source.name and speakers.naming.patterns["group"].match(source.name.lower()):
            return source
    return UNRESOLVED


def role(speakers: Speakers, claim: Claim, low: str, head: str) -> Source | None:
    """ "le ministre" → the minister named before; "le rapport" → the report quoted before; None: it is its own name."""
    lists = speakers.lists
    elided = speakers.naming.patterns["elided"].match(low)
    first = elided[0] if elided else low.split(" ")[0]
    rest = low[len(first) :].split(",")[0].split()
    bare = len(rest) == 1 or (len(rest) == 2 and rest[0] in lists["inner"])
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
    same = [
        person
        for person in speakers.by_role.get(head, ())
        if person.places[0] < at and (not gender or person.gender in ("", gender))
    ]
    about = [word for word in rest if word != head and len(word) > 3 and word not in lists["inner"]]
    if about and same:  # "le ministre marocain" is not the Belgian one
        same = [p for p in same if any(all(word[:5] in said for word in about) for said in p.described)]
        if not same:
            return UNRESOLVED
    if len(same) == 1:
        return Source(same[0].name, "named", same[0].span)
    if same:
        return UNRESOLVED
    if named and len(rest) == 2 and rest[0] == head and first in lists["definite_singular"]:
        return UNRESOLVED  # "la ministre danoise" in an article that has named persons
    if not bare and first not in lists["demonstrative"]:
        return None
    floor = speakers.sentences[max(0, claim.sentence - 3)].start
    recent = [person for person in speakers.between(floor, at) if not gender or person.gender in ("", gender)]
    if head in lists["hypernyms"] or first in lists["demonstrative"]:
        return Source(recent[0].name, "named", recent[0].span) if len(recent) == 1 else UNRESOLVED
    return UNRESOLVED if recent or (named and head in lists["suspects"]) else None


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
    longer = speakers.longer_names(head)
    if len(longer) == 1 and head not in lists["sole"]:
        (name,) = longer
        begin = speakers.text.find(name)
        return Source(speakers.bare(name), "named", Span(begin, begin + len(name), name))
    if head in lists["anaphoric_bodies"]:
        bodies = {
            source.name: source
            for sentence, source, what in speakers.last
            if what in "bm"
            and claim.sentence - sentence < 6
            and source.span
            and source.status == "named"
            and head in plain(speakers.around(source.span))
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
