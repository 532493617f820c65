"""Who said a quotation that stands without a cue: its neighbours tell, or the article has one voice only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from claimtag.records import Claim, Sentence, Source, Span

if TYPE_CHECKING:
    from claimtag.claims.persons import Person
    from claimtag.claims.speakers import Speakers

_SIGNED = re.compile(r"[—–-]\s*([^()@\n]{2,60}?)\s*\(@")  # under an embedded post: "— Anna Roux (@roux)"
_ASKED = re.compile(r"\?\s*$")
_NEAR = 24  # claims before a quotation that may be of the sentence before
_LONG = 400  # characters of a paragraph that asks
_VOICES = ("direct", "mixed")


def quoted_source(claim: Claim, neighbours: Sequence[Claim], speakers: Speakers) -> Source | None:
    """Whoever signs the quotation, is named as having said it, or was quoted just before; None if that is open."""
    sentences, text = speakers.sentences, speakers.text
    after = sentences[claim.sentence + 1] if claim.sentence + 1 < len(sentences) else None
    if after is not None:
        signed = _SIGNED.match(after.text)
        if signed:
            return _signed(signed, after, speakers)
        if speakers.naming.patterns["naming"].match(after.text):
            return _one(speakers.between(after.start, after.end))
    own = sentences[claim.sentence]
    if ":" in text[claim.content.end : claim.content.end + 4]:  # "« Jamais » : le combat d'Anna Roux"
        return _one(speakers.between(claim.content.end, own.end))
    before = [c for c in neighbours[-_NEAR:] if claim.sentence - 1 <= c.sentence < claim.sentence and c.source]
    last = before[-1] if before else None
    if last and last.mode in _VOICES and last.source and last.source.name:
        same_line = "\n" not in text[last.content.end : claim.content.start]
        if same_line and not [person for person in _beside(claim, speakers) if person.name != last.source.name]:
            return last.source
    if claim.sentence > 0:
        sentence = sentences[claim.sentence - 1]
        if sentence.text.rstrip().endswith(":"):
            return _one(speakers.between(sentence.start, sentence.end))
    return None


def _one(persons: Sequence[Person]) -> Source | None:
    return Source(persons[0].name, "named", persons[0].span) if len(persons) == 1 else None


def _signed(signed: re.Match[str], after: Sentence, speakers: Speakers) -> Source:
    name = " ".join(signed[1].split())
    person = speakers.by_name.get(name)
    start = after.start + signed.start(1)
    span = person.span if person else Span(start, start + len(signed[1]), signed[1])
    return Source(name, "named", span)


def with_voices(claims: Sequence[Claim], speakers: Speakers) -> list[Claim]:
    """The claims, with open quotations given to the one person who speaks in the article, where there is only one."""
    free = [claim for claim in claims if _open(claim)]
    if not free:
        return list(claims)
    said = {
        claim.source.name
        for claim in claims
        if claim.mode in _VOICES and claim.source is not None and claim.source.name
    }
    free = [claim for claim in free if not _told(claim, speakers)]
    asked = [claim for claim in free if _asked(claim, speakers.sentences)]
    person: Person | None = None
    if len(asked) > 1:
        opening = speakers.between(0, asked[0].content.start)
        person = opening[0] if len(opening) == 1 else None
    if person is None and len(said) == 1:
        person = speakers.by_name.get(next(iter(said)))
    if person is None:
        return list(claims)
    source = Source(person.name, "named", person.span)
    given = {id(claim) for claim in free}
    return [replace(claim, source=source) if id(claim) in given else claim for claim in claims]


def _open(claim: Claim) -> bool:
    return (
        claim.mode in _VOICES
        and claim.cue is None
        and claim.speaker is None
        and (claim.source is None or claim.source.status == "unresolved")
    )


def _told(claim: Claim, speakers: Speakers) -> bool:
    """Whether the words around a quotation name somebody, sure or not: it is not the one voice's."""
    number = claim.sentence + 1
    after = speakers.sentences[number].text if number < len(speakers.sentences) else ""
    return speakers.naming.patterns["naming"].match(after) is not None or bool(_beside(claim, speakers))


def _beside(claim: Claim, speakers: Speakers) -> list[Person]:
    """The persons named in a quotation's sentence, outside of it."""
    own = speakers.sentences[claim.sentence]
    return [*speakers.between(own.start, claim.content.start), *speakers.between(claim.content.end, own.end)]


def _asked(claim: Claim, sentences: Sequence[Sentence]) -> bool:
    """Whether a question stands right before the quotation: the article is an interview."""
    return claim.sentence > 0 and _ASKED.search(sentences[claim.sentence - 1].text[-_LONG:]) is not None
