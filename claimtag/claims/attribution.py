"""An article's sentences → its claims."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import compress
from math import exp

from claimtag.claims import kinds
from claimtag.claims.candidates import Cue, cue_candidates, view
from claimtag.claims.choosing import score
from claimtag.claims.contents import SIDE, Marks, content_spans, marks, trimmed
from claimtag.claims.incises import incise
from claimtag.claims.mentions import mentions, speaker_span
from claimtag.claims.model import ClaimModel
from claimtag.claims.referring import UNRESOLVED
from claimtag.claims.speakers import resolve
from claimtag.claims.stretches import CUE, MARK, OFTEN, TAIL, TAILED
from claimtag.claims.weighing import cue_parts, gate_parts
from claimtag.claims.words import Words
from claimtag.records import Article, Claim, Sentence, Span

LEAST = 0.38  # probability of being a cue that pays best out of fold


def extract(
    article: Article, sentences: Sequence[Sentence], model: ClaimModel, *, least: float = LEAST
) -> tuple[Claim, ...]:
    """The claims of an article."""
    cues = model.cues(article.lang)
    if cues is None:
        return ()
    claims: list[Claim] = []
    text = article.text
    author = model.authorial
    for number, sentence in enumerate(sentences):
        if sentence.kind == "boilerplate":
            continue
        w = Words(text, sentence.start, sentence.end, cues)
        if not w.count:
            continue
        found: list[Claim] = []
        if _may_have_cue(w) and (candidates := cue_candidates(w)):
            found = _attributed(article, number, w, candidates, model, least)
            if inside := incise(w, candidates):
                surer = _claim(article, number, w, *inside, INCISE, model)
                found = _without_overlap([surer, *(claim for claim in found if claim.cue != surer.cue)])
        if not found and w.signs & MARK and w.quoted:
            claim = _free(article, sentences, number, w, model)
            if claim is not None:
                found = [claim]
        if not found and (value := author.score(w)) > kinds.LEAST_AUTHORIAL:
            found = [_authorial(article, number, w, model, value)]
        claims += [claim for claim in found if _SAID.search(claim.content.text)]  # not ":" alone
    return resolve(article, sentences, claims)


def _may_have_cue(w: Words) -> bool:
    """A first look at a sentence: most have no cue word at all."""
    signs, cues = w.signs, w.cues
    if signs & CUE:
        return True
    if signs & TAIL and signs & TAILED:
        low, verbs, tails = w.low, cues.tail_verbs, cues.tail_words
        if any(word in verbs and not tails.isdisjoint(low[n + 1 : n + 6]) for n, word in enumerate(low)):
            return True
    if signs & OFTEN:
        low = w.low
        for form in cues.often:
            if form[-1] in low and any(
                word == form[0]
                and tuple(low[n : n + len(form)]) == form
                and (form not in cues.views or view(low, n, cues))
                for n, word in enumerate(low)
            ):
                return True
    return False


_SAID = re.compile(r"\w")


def _attributed(
    article: Article, number: int, w: Words, found_cues: Sequence[Cue], model: ClaimModel, least: float
) -> list[Claim]:
    gate, weigh = model.gate.of, model.cue.of
    candidates = []
    for cue in found_cues:
        if gate(gate_parts(w, cue)) < LEAST_GATE:
            continue
        p = _logistic(weigh(cue_parts(w, cue)))
        if p >= (LEAST_QUOTED if w.quoted and not w.inside[cue.head] else least):
            candidates.append((cue, p))
    if not candidates:
        return []
    places = marks(w)
    firsts = frozenset(cue.first for cue, _ in candidates)
    taken: list[tuple[int, int]] = []
    chosen: list[tuple[Cue, float, tuple[int, int], list[tuple[tuple[int, int], float]]]] = []
    for cue, p in sorted(candidates, key=lambda pair: -pair[1]):  # the surest first: it takes its content
        contents = choose_contents(w, cue, places, model, firsts - {cue.first}, taken)
        if contents and (p >= least or any(w.inside[slice(*contents[0][0])])):
            taken.append(contents[0][0])
            chosen.append((cue, p, contents[0][0], contents))
    chosen.sort(key=lambda entry: entry[0].first)
    found: list[Claim] = []
    speakers: list[tuple[int, int]] = []
    for cue, p, content, contents in chosen:
        best = -1e9
        speaker, sure, sure_speaker = (-1, -1), 0.0, 0.0
        for span, chance in contents:
            one, likely = choose_speaker(w, cue, span, speakers, model)
            value = math.log(chance + 1e-9) + JOINT * math.log(likely + 1e-9)
            if value > best:
                best, content, speaker, sure, sure_speaker = value, span, one, chance, likely
        if speaker[0] >= 0 and sure_speaker < LEAST_SPEAKER:
            speaker = (-1, -1)
        speakers.append(speaker)
        claim = _claim(article, number, w, cue, content, speaker, p * (0.5 + 0.5 * sure), model)
        doubted = LEAST_SPEAKER <= sure_speaker < LEAST_SOURCE and claim.speaker is not None
        found.append(replace(claim, source=UNRESOLVED) if doubted else claim)
    return _without_overlap(found)


INCISE = 0.99  # how sure an incise is: surer than what the model finds in its stead
JOINT = 0.7
LEAST_SPEAKER = 0.85  # below it nobody is named: misattribution 6.4 % out of fold, 9.0 % at 0.5
LEAST_SOURCE = 0.9  # below it who that is stays open: right 83.1 %, wrong 1.7 % out of fold; 81.3 and 1.5 % at 0.94
LEAST_FREE = 0.3
LEAST_GATE = -2.6  # loses 1 of 100 true cues and drops half of the false ones
LEAST_QUOTED = 0.1  # where there is a quotation, recall is what users miss most
ALTERNATIVES = 3  # contents that are looked at together with their speakers


def choose_contents(
    w: Words, cue: Cue, places: Marks, model: ClaimModel, others: frozenset[int], taken: Sequence[tuple[int, int]]
) -> list[tuple[tuple[int, int], float]]:
    """The most probable contents of a cue that leave the taken ones alone, each with its probability."""
    spans = content_spans(w, cue, places, others)
    known = model.content.__getitem__
    begins = {b: sum(map(known, parts)) for b, parts in spans.begins.items()}
    ends = {e: sum(map(known, parts)) for e, parts in spans.ends.items()}
    shapes, sides = model.shapes(cue), [sum(map(known, parts)) for parts in spans.sides]
    pairs = spans.pairs
    if not pairs:
        return []
    values = [
        begins[b] + ends[e] + shapes[shape] + sides[shape // SIDE]
        for (b, e), shape in zip(pairs, spans.shapes, strict=True)
    ]
    best = top = max(values)
    total = sum([exp(value - top) for value in values])
    if taken:
        free = [not any(b < last and e > first for first, last in taken) for b, e in pairs]
        pairs, values = list(compress(pairs, free)), list(compress(values, free))
        best = max(values, default=-math.inf)
        if exp(best - top) / total < LEAST_FREE:
            return []
    if cue.kind != "prep" or exp(best - top) / total > 0.85:
        return [(pairs[values.index(best)], exp(best - top) / total)]
    ranked = sorted(range(len(values)), key=values.__getitem__, reverse=True)[:ALTERNATIVES]
    return [(pairs[n], exp(values[n] - top) / total) for n in ranked]


def choose_speaker(
    w: Words, cue: Cue, content: tuple[int, int], before: list[tuple[int, int]], model: ClaimModel
) -> tuple[tuple[int, int], float]:
    """The most probable speaker, and how probable it is that this one speaks, wherever the mention ends."""
    found = mentions(w, cue, content, before)
    known = model.speaker.__getitem__
    begins = {b: sum(map(known, parts)) for b, parts in found.begins.items()}
    ends = {e: sum(map(known, parts)) for e, parts in found.ends.items()}
    scores = [
        begins[b] + ends[e] + sum(map(known, parts)) for (b, e), parts in zip(found.pairs, found.others, strict=True)
    ]
    top = max(scores)
    begin, end = best = found.pairs[scores.index(top)]
    chances = [exp(value - top) for value in scores]
    # those that begin or end at the same word name the same speaker, with more or less of the apposition
    same = sum(p for (b, e), p in zip(found.pairs, chances, strict=True) if b == begin or e == end)
    return best, same / sum(chances)


def _claim(
    article: Article,
    number: int,
    w: Words,
    cue: Cue,
    content: tuple[int, int],
    speaker: tuple[int, int],
    sure: float,
    model: ClaimModel,
) -> Claim:
    text = article.text
    start, end = trimmed(w, *content)
    mode = kinds.mode(w, content, start, end, model.mode)
    return Claim(
        sentence=number,
        type=model.type.best(w, cue, content, mode),
        mode=mode,
        content=Span(start, end, text[start:end]),
        cue=_span(text, w.start[cue.first], w.end[cue.last]),
        speaker=speaker_span(text, w, cue, speaker),
        score=round(min(max(sure, 0.0), 1.0), 4),
        rule=f"{_RULES.get(cue.kind, 'verb')}:{cue.lemma}",
    )


_RULES = {
    "prep": "preposition",
    "poss": "preposition",
    "noun": "noun",
    "phrase": "phrase",
    "inv": "inversion",
    "ppr": "participle",
}


def _span(text: str, start: int, end: int) -> Span:
    return Span(start, end, text[start:end])


def _without_overlap(claims: list[Claim]) -> list[Claim]:
    """Of two claims of a sentence whose contents overlap, the surer one."""
    kept: list[Claim] = []
    for claim in sorted(claims, key=lambda c: -(c.score or 0)):
        if all(claim.content.end <= k.content.start or claim.content.start >= k.content.end for k in kept):
            kept.append(claim)
    return sorted(kept, key=lambda c: c.content.start)


def _free(article: Article, sentences: Sequence[Sentence], number: int, w: Words, model: ClaimModel) -> Claim | None:
    spans = [(max(f, 0), min(last + 1, len(w.low))) for f, last in w.quoted]
    begin, end = max(spans, key=lambda s: s[1] - s[0])
    p = _logistic(score(model.quotation, quotation_features(article, sentences, number, w, (begin, end))))
    if p < 0.5:
        return None
    start, stop = trimmed(w, begin, end)
    return Claim(
        sentence=number,
        type=model.type.best(w, None, (begin, end), "direct"),
        mode="direct",
        content=_span(article.text, start, stop),
        score=round(p, 4),
        rule="quotation",
    )


def _authorial(article: Article, number: int, w: Words, model: ClaimModel, value: float) -> Claim:
    """The claim in the author's own voice of a sentence that has one."""
    content = model.clause.best(w)
    start, stop = trimmed(w, *content)
    kind = model.authorial_type.best(w, None, content, "authorial")
    return Claim(
        sentence=number,
        type=kind,
        mode="authorial",
        content=_span(article.text, start, stop),
        score=round(_logistic(value), 4),
        rule=f"authorial:{kind}",
    )


def quotation_features(
    article: Article, sentences: Sequence[Sentence], number: int, w: Words, span: tuple[int, int]
) -> list[str]:
    """What speaks for a quotation without a cue being a claim of its own."""
    n = len(w.low)
    begin, end = span
    share = (end - begin) / n
    before = article.text[max(0, w.start[0] - 3) : w.start[0]]
    size = end - begin
    rest = n - size
    return [
        "b",
        "share" + str(int(share * 5)),
        "size" + ("1" if size < 5 else "2" if size < 8 else "3" if size < 15 else "4"),
        "rest" + _few(rest),
        "^" if begin == 0 else "p=" + w.low[begin - 1],
        "verb" if any(k in "V" for k in w.kind[begin:end]) else "noverb",
        "colon" if ":" in before else "nocolon",
        "$" if rest - begin <= 2 else "after",
    ]


def _few(number: int) -> str:
    return str(number) if number < 3 else "5" if number < 6 else "+"


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-max(min(value, 30.0), -30.0)))
