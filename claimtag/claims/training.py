"""Annotated articles → a fitted model of claim extraction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from claimtag.claims.attribution import extract, quotation_features
from claimtag.claims.candidates import Cue, cue_candidates
from claimtag.claims.choosing import Choice
from claimtag.claims.choosing import train as choose
from claimtag.claims.contents import content_spans, marks, trimmed
from claimtag.claims.cues import cues_of
from claimtag.claims.kinds import ATTRIBUTED, clause_features, clauses, counts, mode_features, type_features
from claimtag.claims.mentions import mentions, speaker_span
from claimtag.claims.model import DECISIONS, ClaimModel, author_features
from claimtag.claims.parts import features
from claimtag.claims.weighing import cue_parts, gate_parts
from claimtag.claims.words import Words
from claimtag.records import TYPES, Claim, Span, TaggedArticle

Lots = dict[str, list[Choice]]

BLUNT = (
    4  # times that a word was no cue, and never one, until it is not looked at; 7 found as much in a tenth more words
)
# variance of the prior of each decision's weights, chosen out of fold
_PRIORS = {
    "gate": 0.3, "cue": 0.5, "content": 0.6, "speaker": 0.6, "type": 0.2, "mode": 1.0, "quotation": 1.0,
    "authorial": 1.0, "authorial_type": 0.3, "clause": 0.3,
}  # fmt: skip


def train(gold: Iterable[TaggedArticle]) -> ClaimModel:
    """A model from annotated articles; those in a language without a lexicon of cues teach nothing."""
    lots: Lots = {name: [] for name in DECISIONS}
    seen: dict[str, list[int]] = {}
    for tagged in gold:
        _learn(tagged, lots, seen)
    blunt = [word for word, (false, true) in seen.items() if false >= BLUNT and not true]
    weights = {
        name: choose(lot, c=_PRIORS[name], at_least=1 if name == "quotation" else 2) if lot else {}
        for name, lot in lots.items()
    }
    return ClaimModel(weights, blunt)


def out_of_fold(gold: Sequence[TaggedArticle], groups: Sequence[int], *, folds: int = 5) -> list[tuple[Claim, ...]]:
    """The claims of each article as a model finds them that learned from the other folds; sentences are the gold's.

    Articles of one group (duplicates of each other) fall into one fold.
    """
    fold = {group: place % folds for place, group in enumerate(dict.fromkeys(groups))}
    found: list[tuple[Claim, ...]] = [()] * len(gold)
    for left_out in range(folds):
        model = train(tagged for tagged, group in zip(gold, groups, strict=True) if fold[group] != left_out)
        for place, (tagged, group) in enumerate(zip(gold, groups, strict=True)):
            if fold[group] == left_out:
                found[place] = extract(tagged.article, tagged.sentences, model)
    return found


def _overlap(a: int, b: int, c: int, d: int) -> float:
    common = min(b, d) - max(a, c)
    return common / (max(b, d) - min(a, c)) if common > 0 else 0.0


def _learn(tagged: TaggedArticle, lots: Lots, seen: dict[str, list[int]]) -> None:
    article, sentences = tagged.article, tagged.sentences
    cues, text = cues_of(article.lang), article.text
    if cues is None:
        return
    for number, sentence in enumerate(sentences):
        if sentence.kind == "boilerplate":
            continue
        w = Words(text, sentence.start, sentence.end, cues)
        if not w.low:
            continue
        claims = [claim for claim in tagged.claims if claim.sentence == number]
        candidates = cue_candidates(w)
        places = marks(w)
        owner: dict[int, Claim] = {}
        for claim in claims:
            if claim.cue is None:
                continue
            best, at = 0.0, -1
            for k, cue in enumerate(candidates):
                value = _overlap(w.start[cue.first], w.end[cue.last], claim.cue.start, claim.cue.end)
                if claim.cue.start <= w.start[cue.head] < claim.cue.end:
                    value += 1
                if value > best and k not in owner:
                    best, at = value, k
            if at >= 0:
                owner[at] = claim
        speakers: list[tuple[int, int]] = []
        firsts = frozenset(candidates[k].first for k in owner)
        for k, cue in enumerate(candidates):
            found_claim = owner.get(k)
            seen.setdefault(w.low[cue.head], [0, 0])[found_claim is not None] += 1
            lots["gate"].append(Choice(([], features(gate_parts(w, cue))), int(found_claim is not None)))
            lots["cue"].append(Choice(([], features(cue_parts(w, cue))), int(found_claim is not None)))
            if found_claim is None:
                continue
            claim = found_claim
            spans = content_spans(w, cue, places, firsts - {cue.first})
            best, at = 0.0, -1
            for n, (b, e) in enumerate(spans.pairs):
                value = _overlap(*trimmed(w, b, e), claim.content.start, claim.content.end)
                if value > best:
                    best, at = value, n
            if best >= 0.7:
                lots["content"].append(
                    Choice(
                        [features(spans.parts(n)) for n in range(len(spans.pairs))],
                        at,
                    )
                )
                content = spans.pairs[at]
            else:
                content = _nearest(w, claim.content)
            found = mentions(w, cue, content, speakers)
            right = _rightspeaker_span(text, w, cue, found.pairs, claim.speaker)
            if right >= 0:
                lots["speaker"].append(Choice([features(found.parts(n)) for n in range(len(found.pairs))], right))
                speakers.append(found.pairs[right])
            _learn_kind(w, cue, content, claim, lots)
        attributed = [claim for claim in claims if claim.mode != "authorial"]
        if w.quoted and not any(claim.cue for claim in attributed):
            begin, end = max(
                ((max(f, 0), min(last + 1, len(w.low))) for f, last in w.quoted), key=lambda s: s[1] - s[0]
            )
            start, stop = trimmed(w, begin, end)
            hit = any(_overlap(start, stop, claim.content.start, claim.content.end) > 0.5 for claim in attributed)
            lots["quotation"].append(
                Choice(([], quotation_features(article, sentences, number, w, (begin, end))), int(hit))
            )
            for claim in attributed:
                if _overlap(start, stop, claim.content.start, claim.content.end) > 0.5:
                    _learn_kind(w, None, (begin, end), claim, lots)
        _learn_authorial(w, claims, lots)


def _nearest(w: Words, span: Span) -> tuple[int, int]:
    begin = next((i for i, e in enumerate(w.end) if e > span.start), 0)
    end = next((i for i in range(len(w.start) - 1, -1, -1) if w.start[i] < span.end), begin) + 1
    return begin, max(end, begin + 1)


def _rightspeaker_span(text: str, w: Words, cue: Cue, pairs: list[tuple[int, int]], gold: Span | None) -> int:
    if gold is None:
        return pairs.index((-1, -1))
    best, at = 0.0, -1
    for n, pair in enumerate(pairs):
        span = speaker_span(text, w, cue, pair)
        if span is not None:
            value = _overlap(span.start, span.end, gold.start, gold.end)
            if value > best:
                best, at = value, n
    return at if best >= 0.6 else -1


def _learn_kind(w: Words, cue: Cue | None, content: tuple[int, int], claim: Claim, lots: Lots) -> None:
    """Training examples of type and mode from an attributed claim."""
    if claim.mode == "authorial":
        return
    described = mode_features(w, content, *trimmed(w, *content))
    lots["mode"].append(
        Choice([[name + "/" + f for f in described] for name in ATTRIBUTED], ATTRIBUTED.index(claim.mode))
    )
    described = type_features(w, cue, content, claim.mode)
    lots["type"].append(Choice([[name + "/" + f for f in described] for name in TYPES], TYPES.index(claim.type)))


def _learn_authorial(w: Words, claims: Sequence[Claim], lots: Lots) -> None:
    """Training examples of authorial claims."""

    own = [claim for claim in claims if claim.mode == "authorial"]
    if own or not claims:
        lots["authorial"].append(Choice(([], author_features(w.low)), int(bool(own))))
    for claim in own:
        begins, ends = clauses(w)
        known = counts(w, ends[-1])
        pairs = [(b, e) for b in begins for e in ends if e > b + 1]
        values = [_overlap(*trimmed(w, b, e), claim.content.start, claim.content.end) for b, e in pairs]
        if values and max(values) > 0.7:
            at = values.index(max(values))
            lots["clause"].append(Choice([clause_features(w, b, e, known) for b, e in pairs], at))
            content = pairs[at]
        else:
            content = (0, known.final)
        described = type_features(w, None, content, "authorial")
        lots["authorial_type"].append(
            Choice([[name + "/" + f for f in described] for name in TYPES], TYPES.index(claim.type))
        )
