"""Where two annotators disagree: sentences cut otherwise, their kinds, themes and claims; each with its context."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, NamedTuple, TypeAlias

from claimtag.errors import OptionError
from claimtag.evaluation.agreement import not_shared
from claimtag.evaluation.claims import match_claims
from claimtag.evaluation.metrics import by_id
from claimtag.records import Claim, Sentence, TaggedArticle

Layer: TypeAlias = Literal["cut", "kind", "theme", "claim"]

CONTEXT = 200  # characters shown on either side


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One thing that two annotators see otherwise, by an id that stays the same as long as they do.

    `a` and `b` are what each says, as plain JSON values: of a theme true or false, of a kind its name, of a cut the
    sentences (none where one left the words out), of a claim the claim or null.
    """

    id: str
    article: str
    layer: Layer
    start: int
    end: int
    text: str
    before: str
    after: str
    by_a: str
    by_b: str
    a: Any
    b: Any
    label: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, with a `decision` to be filled in."""
        return asdict(self) | {"decision": None}


class Region(NamedTuple):
    """Sentences of both annotators that overlap one another and no others."""

    a: list[Sentence]
    b: list[Sentence]

    @property
    def is_one(self) -> bool:
        """Whether both cut the same sentence here."""
        ends = [[(one.start, one.end) for one in side] for side in self]
        return len(self.a) == 1 and ends[0] == ends[1]

    @property
    def span(self) -> tuple[int, int]:
        both = [*self.a, *self.b]
        return min(one.start for one in both), max(one.end for one in both)


def disagreements(
    a: Iterable[TaggedArticle], b: Iterable[TaggedArticle], *, partial: bool = False
) -> Iterator[Disagreement]:
    """Every disagreement on the articles that both read, in the order of a's articles and of the text.

    OptionError names articles that only one of them has, or whose texts differ; with `partial` the others are compared.
    A label that one of them was not asked about is no disagreement.
    """
    first, second = by_id(a, "first"), by_id(b, "second")
    if not partial and (problems := not_shared(first.values(), second.values())):
        raise OptionError(
            f"the annotators do not cover the same articles: {problems}. Compare the others with --partial"
        )
    for identity, one in first.items():
        other = second.get(identity)
        if other is not None and other.article.text == one.article.text:
            yield from of_article(one, other)


def of_article(one: TaggedArticle, other: TaggedArticle) -> Iterator[Disagreement]:
    """The disagreements on one article."""
    found = [*_of_sentences(one, other), *_of_claims(one, other)]
    yield from sorted(found, key=lambda each: (each.start, each.layer == "claim", each.end))


def regions(one: Sequence[Sentence], other: Sequence[Sentence]) -> Iterator[Region]:
    """The sentences of both, in the order of the text, those together that overlap."""
    sides = [(sentence, 0) for sentence in one] + [(sentence, 1) for sentence in other]
    region, reached = Region([], []), -1
    for sentence, side in sorted(sides, key=lambda pair: pair[0].start):
        if sentence.start >= reached and (region.a or region.b):
            yield region
            region = Region([], [])
        region[side].append(sentence)
        reached = max(reached, sentence.end)
    if region.a or region.b:
        yield region


def theme_id(article: str, sentence: Sentence, label: str) -> str:
    return f"{article}#{sentence.start}-{sentence.end}/theme:{label}"


def kind_id(article: str, sentence: Sentence) -> str:
    return f"{article}#{sentence.start}-{sentence.end}/kind"


def cut_id(article: str, region: Region) -> str:
    return f"{article}#{region.span[0]}-{region.span[1]}/cut"


def claim_id(article: str, claim: Claim, number: int, side: str) -> str:
    """`number` tells claims of one annotator on the same words apart."""
    more = f":{number}" if number else ""
    return f"{article}#{claim.content.start}-{claim.content.end}/claim:{side}{more}"


class ClaimPair(NamedTuple):
    """What both say of one claim, with its id; None where one of them does not see it."""

    id: str
    a: Claim | None
    b: Claim | None


def claim_pairs(one: TaggedArticle, other: TaggedArticle) -> list[ClaimPair]:
    """The claims of both, those together whose contents overlap by half, in the order of a's, then of b's."""
    matched = {id(first): second for first, second in match_claims(one.claims, other.claims)}
    taken = {id(second) for second in matched.values()}
    seen: dict[tuple[str, int, int], int] = {}
    pairs = []
    for side, claims in (("a", one.claims), ("b", [claim for claim in other.claims if id(claim) not in taken])):
        for claim in claims:
            key = (side, claim.content.start, claim.content.end)
            seen[key] = seen.get(key, -1) + 1
            name = claim_id(one.article.id, claim, seen[key], side)
            pairs.append(
                ClaimPair(name, claim, matched.get(id(claim))) if side == "a" else ClaimPair(name, None, claim)
            )
    return pairs


def agreed(pair: ClaimPair) -> Claim | None:
    """The claim that both see alike, with a source and themes that one alone has; None where they disagree."""
    one, other = pair.a, pair.b
    if one is None or other is None or _core(one) != _core(other):
        return None
    for name in ("source", "themes"):
        if getattr(one, name) and getattr(other, name) and getattr(one, name) != getattr(other, name):
            return None
    return replace(one, source=one.source or other.source, themes=one.themes or other.themes)


def plain_claim(claim: Claim | None) -> dict[str, Any] | None:
    """A claim as in a record, without the number of its sentence, which cutting may change."""
    from claimtag.records.converting import claim_to_dict

    return None if claim is None else {key: value for key, value in claim_to_dict(claim).items() if key != "sentence"}


def plain_sentence(sentence: Sentence) -> dict[str, Any]:
    from claimtag.records.converting import sentence_to_dict

    return sentence_to_dict(sentence)


def _core(claim: Claim) -> tuple[object, ...]:
    return claim.type, claim.mode, claim.content, claim.cue, claim.speaker


def _of_sentences(one: TaggedArticle, other: TaggedArticle) -> Iterator[Disagreement]:
    article = one.article.id
    for region in regions(one.sentences, other.sentences):
        if not region.is_one:
            sides = [list(map(plain_sentence, side)) for side in region]
            yield _made(cut_id(article, region), "cut", region.span, sides[0], sides[1], one, other)
            continue
        (first,), (second,) = region
        span = (first.start, first.end)
        if first.kind != second.kind:
            yield _made(kind_id(article, first), "kind", span, first.kind, second.kind, one, other)
        for label in dict.fromkeys((*first.labels, *second.labels)):
            said = label in first.labels, label in second.labels
            if said[0] != said[1] and label not in (*first.not_asked, *second.not_asked):
                yield _made(theme_id(article, first, label), "theme", span, *said, one, other, label)


def _of_claims(one: TaggedArticle, other: TaggedArticle) -> Iterator[Disagreement]:
    for pair in claim_pairs(one, other):
        if agreed(pair) is None:
            spans = [claim.content for claim in (pair.a, pair.b) if claim is not None]
            span = min(each.start for each in spans), max(each.end for each in spans)
            yield _made(pair.id, "claim", span, plain_claim(pair.a), plain_claim(pair.b), one, other)


def _made(
    identity: str,
    layer: Layer,
    span: tuple[int, int],
    a: Any,
    b: Any,
    one: TaggedArticle,
    other: TaggedArticle,
    label: str | None = None,
) -> Disagreement:
    text, (start, end) = one.article.text, span
    return Disagreement(
        id=identity,
        article=one.article.id,
        layer=layer,
        start=start,
        end=end,
        text=text[start:end],
        before=text[max(0, start - CONTEXT) : start],
        after=text[end : end + CONTEXT],
        by_a=one.by or "a",
        by_b=other.by or "b",
        a=a,
        b=b,
        label=label,
    )
