"""The final file: what both say, what was decided, and, marked, what nobody decided."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from claimtag.adjudicating.decisions import Decisions
from claimtag.adjudicating.finding import (
    Disagreement,
    Region,
    agreed,
    claim_pairs,
    cut_id,
    disagreements,
    kind_id,
    of_article,
    regions,
    theme_id,
)
from claimtag.errors import OptionError
from claimtag.evaluation.metrics import by_id, some_of
from claimtag.records import Claim, Sentence, TaggedArticle, Theme

UNRESOLVED = "unresolved"  # the rule of a claim that nobody decided on


@dataclass(frozen=True, slots=True)
class Adjudication:
    """The final articles, what stays unresolved in them, and which articles only one annotator has."""

    articles: tuple[TaggedArticle, ...]
    unresolved: tuple[Disagreement, ...]
    homeless: tuple[str, ...]
    read_once: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        """Whether everything was decided."""
        return not self.unresolved and not self.homeless


def adjudicate(
    a: Iterable[TaggedArticle], b: Iterable[TaggedArticle], decisions: Decisions, *, by: str = "adjudicated"
) -> Adjudication:
    """Two readings made one. The annotator of the result is `by`.

    What nobody decided is kept, marked: a theme goes to the sentence's `review`; sentences that were cut otherwise stay
    as a has them (b, where a has none), all their themes in `review`; a kind stays a's, unless that is boilerplate; a
    claim stays as a has it (b, where a has none) with the rule "unresolved". The article's notes count them. Articles
    that one annotator alone has stay as they are, and say so. `homeless` names claims that the sentences decided on
    leave no place for: they are in no article, and have to be decided again. OptionError where the texts of an article
    differ.
    """
    first, second = by_id(a, "first"), by_id(b, "second")
    shared = [identity for identity in first if identity in second]
    if other := [one for one in shared if first[one].article.text != second[one].article.text]:
        raise OptionError(f"the texts differ of {some_of(other)}: two readings of one text are needed")
    open_ = tuple(
        one for one in disagreements(first.values(), second.values(), partial=True) if one.id not in decisions.by_id
    )
    articles, homeless = [], list[str]()
    for identity, one in first.items():
        merged, lost = _merged(one, second[identity], decisions, by) if identity in second else (_alone(one), [])
        articles.append(merged)
        homeless += lost
    only_b = [one for identity, one in second.items() if identity not in first]
    once = tuple(identity for identity in (*first, *second) if (identity in first) != (identity in second))
    return Adjudication((*articles, *map(_alone, only_b)), open_, tuple(homeless), once)


def _merged(one: TaggedArticle, other: TaggedArticle, decisions: Decisions, by: str) -> tuple[TaggedArticle, list[str]]:
    identity = one.article.id
    sentences = tuple(
        sentence
        for region in regions(one.sentences, other.sentences)
        for sentence in _sentences(identity, region, decisions)
    )
    claims, homeless = _claims(one, other, sentences, decisions)
    undecided = sum(each.id not in decisions.by_id for each in of_article(one, other))
    notes = [f"adjudicated from {one.by or 'a'} and {other.by or 'b'}"]
    notes += [f"{undecided} disagreement(s) unresolved"] if undecided else []
    licence = one.licence if one.licence is not None else other.licence
    scheme = one.scheme if one.scheme is not None else other.scheme
    merged = TaggedArticle(one.article, sentences, claims, scheme, by, licence, tuple(notes))
    return merged, homeless


def _sentences(article: str, region: Region, decisions: Decisions) -> Iterator[Sentence]:
    if not region.is_one:
        side = decisions.by_id.get(cut_id(article, region))
        if side is not None:
            yield from region.a if side == "a" else region.b
        else:
            yield from (_for_review(sentence) for sentence in region.a or region.b)
        return
    (one,), (other,) = region
    side = decisions.by_id.get(kind_id(article, one))
    kind = other.kind if side == "b" or (side is None and one.kind == "boilerplate") else one.kind
    if kind == "boilerplate":
        yield Sentence(one.start, one.end, one.text, kind)
        return
    themes, review = [], dict[str, None]()
    unasked = [label for label in one.not_asked if label in other.not_asked]
    for label in dict.fromkeys((*one.labels, *other.labels)):
        sides = {"a": label in one.labels, "b": label in other.labels}
        settled = sides["a"] == sides["b"] or label in (*one.not_asked, *other.not_asked)
        side = decisions.by_id.get(theme_id(article, one, label))
        if settled or (side is not None and sides[side]):
            themes.append(label)
        elif side is None:
            review[label] = None
    open_before = [each.label for each in (*one.review, *other.review) if each.label not in themes]
    review |= dict.fromkeys(open_before)
    yield Sentence(
        one.start, one.end, one.text, kind, tuple(map(Theme, themes)), tuple(map(Theme, review)), tuple(unasked)
    )


def _for_review(sentence: Sentence) -> Sentence:
    return replace(sentence, themes=(), review=(*sentence.themes, *sentence.review))


def _claims(
    one: TaggedArticle, other: TaggedArticle, sentences: Sequence[Sentence], decisions: Decisions
) -> tuple[tuple[Claim, ...], list[str]]:
    """The claims, each in the sentence that holds the middle of its content; and the ids of those that have none."""
    claims, homeless, starts = [], [], [sentence.start for sentence in sentences]
    for pair in claim_pairs(one, other):
        claim, side = agreed(pair), decisions.by_id.get(pair.id)
        if claim is None and side is None:
            claim = pair.a or pair.b
            claim = None if claim is None else replace(claim, rule=UNRESOLVED)
        elif claim is None:
            claim = {"a": pair.a, "b": pair.b}.get(str(side))
        if claim is None:
            continue
        at = bisect_right(starts, (claim.content.start + claim.content.end) // 2) - 1
        home = sentences[at] if at >= 0 else None
        speaker = claim.speaker
        if (
            home is None
            or (claim.content.start + claim.content.end) // 2 >= home.end
            or home.kind == "boilerplate"
            or (speaker is not None and not home.start <= speaker.start < speaker.end <= home.end)
        ):
            homeless.append(pair.id)
        else:
            claims.append(replace(claim, sentence=at))
    return tuple(sorted(claims, key=lambda each: each.content.start)), homeless


def _alone(tagged: TaggedArticle) -> TaggedArticle:
    return replace(tagged, notes=(*tagged.notes, f"read by {tagged.by or 'one annotator'} alone"))
