"""Sentences, themes and claims as labelled spans with links between them: what most tools know.

A sentence is `sentence:body`, a theme of it `theme:drugs` on the same words; the content of a claim is
`claim:assertion:indirect`, linked to its `cue`, `speaker` and `source:named`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from claimtag.exchange.drafts import DraftClaim, DraftSentence, Raw
from claimtag.records import KINDS, MODES, STATUSES, TYPES, Claim, TaggedArticle
from claimtag.scheme import Scheme

SENTENCE, THEME, CLAIM, CUE, SPEAKER, SOURCE = "sentence", "theme", "claim", "cue", "speaker", "source"
LINKS = (CUE, SPEAKER, SOURCE)


@dataclass(frozen=True, slots=True)
class Mark:
    """A labelled span; `id` is its number in the article."""

    id: int
    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class Link:
    """From the content of a claim to a part of it, by their numbers."""

    head: int
    child: int
    label: str


@dataclass(slots=True)
class Marks:
    """The spans of an article and their links, as they are gathered."""

    marks: list[Mark] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    _parts: dict[tuple[int, int, str], int] = field(default_factory=dict)

    def add(self, start: int, end: int, label: str) -> int:
        self.marks.append(Mark(len(self.marks), start, end, label))
        return len(self.marks) - 1

    def add_claim(self, claim: Claim) -> None:
        """The claim; a cue or speaker that another claim has too is the same span."""
        head = self.add(claim.content.start, claim.content.end, f"{CLAIM}:{claim.type}:{claim.mode}")
        source = claim.source
        status = source.status if source else ""
        parts = {CUE: claim.cue, SPEAKER: claim.speaker, f"{SOURCE}:{status}": source.span if source else None}
        for label, span in parts.items():
            if span is not None:
                key = (span.start, span.end, label)
                if key not in self._parts:
                    self._parts[key] = self.add(*key)
                self.links.append(Link(head, self._parts[key], label.partition(":")[0]))


def marks_of(tagged: TaggedArticle, *, sentences: bool = True) -> Marks:
    """All spans of an article, or those of its claims alone."""
    marks = Marks()
    for sentence in tagged.sentences if sentences else ():
        for label in (f"{SENTENCE}:{sentence.kind}", *(f"{THEME}:{label}" for label in sentence.labels)):
            marks.add(sentence.start, sentence.end, label)
    for claim in tagged.claims:
        marks.add_claim(claim)
    return marks


def claim_labels() -> list[str]:
    """Every label that parts of claims can have."""
    contents = [f"{CLAIM}:{type_}:{mode}" for type_ in TYPES for mode in MODES]
    return [*contents, CUE, SPEAKER, *(f"{SOURCE}:{status}" for status in STATUSES)]


def all_labels(scheme: Scheme) -> list[str]:
    """Every label that a span can have."""
    return [
        *(f"{SENTENCE}:{kind}" for kind in KINDS),
        *(f"{THEME}:{label}" for label in scheme.labels),
        *claim_labels(),
    ]


def sentences_of(marks: Iterable[tuple[Raw, str]]) -> Iterator[DraftSentence]:
    """The sentences among labelled spans, with their themes: those that stand on the same words.

    Themes on words that nobody marked as a sentence make them one.
    """
    found: dict[tuple[int, int], DraftSentence] = {}
    for raw, label in marks:
        what, _, name = label.partition(":")
        if what not in (SENTENCE, THEME):
            continue
        key = (raw.start, raw.end)
        before = found.get(key)
        sentence = found.setdefault(key, DraftSentence(raw))
        if what == THEME:
            sentence.themes.append(name)
        elif before is None or before.kind == "body":
            sentence.kind = name
    yield from found.values()


def claims_of(
    marks: Mapping[object, tuple[Raw, str]], links: Iterable[tuple[object, object]] | None
) -> tuple[list[DraftClaim], list[str]]:
    """The claims among labelled spans, and what could not be used.

    Without links, as in tools that know none, a cue, speaker or source goes to the content nearest to it.
    """
    claims: dict[object, DraftClaim] = {}
    problems = []
    for name, (raw, label) in marks.items():
        what, _, rest = label.partition(":")
        if what == CLAIM:
            type_, _, mode = rest.partition(":")
            claims[name] = DraftClaim(raw, type_ or None, mode or None)
        elif what not in (SENTENCE, THEME, *LINKS):
            problems.append(f'"{label:.60}" on {raw.start}–{raw.end} is no label of sentences or claims; left out')
    parts = {name: mark for name, mark in marks.items() if mark[1].partition(":")[0] in LINKS}
    pairs = list(_nearest(claims, parts)) if links is None else list(links)
    for head, child in pairs:
        if head not in claims and child in claims:
            head, child = child, head
        if head not in claims or child not in parts:
            problems.append("a relation that does not lead from a claim to its cue, speaker or source; left out")
            continue
        raw, label = parts[child]
        if getattr(claims[head], label.partition(":")[0]) not in (None, raw):
            problems.append(f"{label} {raw.start}–{raw.end} is the second of one claim; the first is kept")
            continue
        _attach(claims[head], raw, label)
    linked = {child for pair in pairs for child in pair}
    for name, (raw, label) in parts.items():
        if name not in linked:
            problems.append(f"{label} {raw.start}–{raw.end} belongs to no claim; left out")
    return list(claims.values()), problems


def _attach(claim: DraftClaim, raw: Raw, label: str) -> None:
    what, _, status = label.partition(":")
    setattr(claim, what, raw)
    if what == SOURCE:
        claim.source_status = status or "named"
        claim.source_name = None if status == "unresolved" else raw.said


def _nearest(
    claims: Mapping[object, DraftClaim], parts: Mapping[object, tuple[Raw, str]]
) -> Iterator[tuple[object, object]]:
    """Each part with the claim whose content is nearest and has no such part yet; a sentence has few of both."""
    taken: set[tuple[object, str]] = set()
    voiced = [name for name, claim in claims.items() if claim.mode != "authorial"]  # the author is nobody's speaker
    for child, (raw, label) in parts.items():
        order = sorted(voiced, key=lambda name: _gap(claims[name].content, raw))
        free = [name for name in order if (name, label) not in taken]
        if chosen := (free or order)[:1]:
            taken.add((chosen[0], label))
            yield chosen[0], child


def _gap(one: Raw, other: Raw) -> int:
    return int(max(one.start - other.end, other.start - one.end, 0))
