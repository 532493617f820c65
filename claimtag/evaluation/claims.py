"""How well claims were found: what each article adds to every figure, and the figures with their intervals.

Gold and predicted claims are matched one to one by the intersection over union (IoU) of their contents. It is the same
from both sides, so a span that swallows the paragraph is as wrong as one that holds a word of it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields, replace
from typing import TypeAlias

import numpy as np

from claimtag.errors import OptionError
from claimtag.evaluation.intervals import LEVEL, REPLICATES, Estimate, Floats, estimates, ratios
from claimtag.records import MODES, Claim, Mode, Sentence, Source, Span, TaggedArticle

MATCH, STRICT = (
    0.5,
    0.8,
)  # the least IoU of two contents (cues, speakers) that are the same, and nearly letter by letter

GROUPS: dict[str, tuple[Mode, ...]] = {  # the claims whose figures stand side by side
    "all": MODES,
    "attributed": ("direct", "indirect", "mixed"),
    "direct or mixed": ("direct", "mixed"),
    **{mode: (mode,) for mode in MODES},
}

_Offsets: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ClaimCounts:
    """What one article adds to the figures on claims; see `FIGURES` for what is divided by what."""

    gold: int
    predicted: int
    matched: int
    strict: int
    bearing_gold: int
    bearing_predicted: int
    bearing_both: int
    attributed_gold: int
    attributed_predicted: int
    attributed_both: int
    types: int
    modes: int
    cues_wanted: int  # of matched claims, as are all that follow but for the speakers of all claims
    cues: int
    speakers_gold: int
    speakers_predicted: int
    speakers: int
    speakers_given: int
    speakers_wrong: int
    sources: int
    sources_right: int
    sources_abstained: int
    sources_wrong: int


@dataclass(frozen=True, slots=True)
class Ratio:
    """A figure: the counts that are added up above and below the line, and why it may be undefined."""

    above: tuple[str, ...]
    below: tuple[str, ...]
    undefined: str


def _detection(name: str, both: str, predicted: str, gold: str, what: str) -> dict[str, Ratio]:
    return {
        f"{name}_precision": Ratio((both,), (predicted,), f"there are no predicted {what}"),
        f"{name}_recall": Ratio((both,), (gold,), f"there are no gold {what}"),
        f"{name}_f1": Ratio((both, both), (predicted, gold), f"there are no {what}, gold or predicted"),
    }


_NO_MATCH = "no claims were matched"
_NO_SOURCE = "no matched gold claim has a source"
FIGURES: dict[str, Ratio] = {
    **_detection("bearing", "bearing_both", "bearing_predicted", "bearing_gold", "claims"),
    **_detection(
        "attributed_bearing", "attributed_both", "attributed_predicted", "attributed_gold", "attributed claims"
    ),
    **_detection("claim", "matched", "predicted", "gold", "claims"),
    **_detection("strict", "strict", "predicted", "gold", "claims"),
    **_detection("source", "speakers", "speakers_predicted", "speakers_gold", "claims with a speaker"),
    "type": Ratio(("types",), ("matched",), _NO_MATCH),
    "mode": Ratio(("modes",), ("matched",), _NO_MATCH),
    "cue": Ratio(("cues",), ("cues_wanted",), "no matched gold claim has a cue"),
    "misattribution": Ratio(("speakers_wrong",), ("speakers_given",), "no matched claim was given a speaker"),
    "resolved_right": Ratio(("sources_right",), ("sources",), _NO_SOURCE),
    "resolved_abstained": Ratio(("sources_abstained",), ("sources",), _NO_SOURCE),
    "resolved_wrong": Ratio(("sources_wrong",), ("sources",), _NO_SOURCE),
}


def claim_estimates(
    counts: Iterable[ClaimCounts], *, replicates: int = REPLICATES, seed: int = 0, level: float = LEVEL
) -> dict[str, Estimate]:
    """Every figure of `FIGURES` with its interval, from the counts of each article.

    `source_…` is about `speaker`, the mention in the sentence, end to end; `resolved_…` are shares of the matched
    claims whose gold has a `source`, the name behind it.
    """
    return _estimates({"all": list(counts)}, replicates=replicates, seed=seed, level=level)["all"]


def estimates_by_mode(
    pairs: Iterable[tuple[TaggedArticle, TaggedArticle]],
    *,
    replicates: int = REPLICATES,
    seed: int = 0,
    level: float = LEVEL,
) -> dict[str, dict[str, Estimate]]:
    """The figures of all claims and of those of some modes (`GROUPS`), from gold and predicted articles in pairs.

    A matched claim counts under the mode that gold gives it, a spurious one under its own: so the recall of direct
    claims is the share that was found at all, under whatever mode. Groups without claims on either side are left out.
    """
    counts: dict[str, list[ClaimCounts]] = {group: [] for group in GROUPS}
    for gold, predicted in pairs:
        mode_of = {id(found): wanted.mode for wanted, found in match_claims(gold.claims, predicted.claims)}
        for group, modes in GROUPS.items():
            counts[group].append(
                claim_counts(
                    replace(gold, claims=tuple(one for one in gold.claims if one.mode in modes)),
                    replace(
                        predicted,
                        claims=tuple(one for one in predicted.claims if mode_of.get(id(one), one.mode) in modes),
                    ),
                )
            )
    there = {
        group: articles
        for group, articles in counts.items()
        if any(article.gold or article.predicted for article in articles)
    }
    return _estimates(there, replicates=replicates, seed=seed, level=level)


def claim_counts(gold: TaggedArticle, predicted: TaggedArticle) -> ClaimCounts:
    """What one article adds to each figure.

    Time grows with the number of claims and of pairs that overlap by half. A claim belongs to the gold sentence that
    holds the middle of its content; one between sentences is a wrong sentence of its own.
    """
    if gold.article.text != predicted.article.text:
        raise OptionError(
            f'article "{gold.article.id}": gold and predicted have different texts, so offsets do not compare'
        )
    pairs = match_claims(gold.claims, predicted.claims)
    bearing = [_bearing(gold.sentences, side.claims) for side in (gold, predicted)]
    attributed = [
        _bearing(gold.sentences, [claim for claim in side.claims if claim.mode != "authorial"])
        for side in (gold, predicted)
    ]
    speakers = sum(iou(wanted.speaker, found.speaker) >= MATCH for wanted, found in pairs)
    given = sum(found.speaker is not None for _, found in pairs)
    sources = [_source(wanted.source, found.source) for wanted, found in pairs if wanted.source is not None]
    return ClaimCounts(
        gold=len(gold.claims),
        predicted=len(predicted.claims),
        matched=len(pairs),
        strict=sum(iou(wanted.content, found.content) >= STRICT for wanted, found in pairs),
        bearing_gold=len(bearing[0]),
        bearing_predicted=len(bearing[1]),
        bearing_both=len(bearing[0] & bearing[1]),
        attributed_gold=len(attributed[0]),
        attributed_predicted=len(attributed[1]),
        attributed_both=len(attributed[0] & attributed[1]),
        types=sum(wanted.type == found.type for wanted, found in pairs),
        modes=sum(wanted.mode == found.mode for wanted, found in pairs),
        cues_wanted=sum(wanted.cue is not None for wanted, _ in pairs),
        cues=sum(iou(wanted.cue, found.cue) >= MATCH for wanted, found in pairs),
        speakers_gold=sum(claim.speaker is not None for claim in gold.claims),
        speakers_predicted=sum(claim.speaker is not None for claim in predicted.claims),
        speakers=speakers,
        speakers_given=given,
        speakers_wrong=given - speakers,
        sources=len(sources),
        sources_right=sources.count("right"),
        sources_abstained=sources.count("abstained"),
        sources_wrong=sources.count("wrong"),
    )


def _estimates(
    groups: Mapping[str, Sequence[ClaimCounts]], *, replicates: int, seed: int, level: float
) -> dict[str, dict[str, Estimate]]:
    """The figures of each group, all from one bootstrap: drawing the articles is what takes time."""
    width = len(fields(ClaimCounts))
    tables = [np.array([astuple(article) for article in articles]).reshape(-1, width) for articles in groups.values()]
    if not tables:
        return {}
    above = _sums([ratio.above for ratio in FIGURES.values()])
    below = _sums([ratio.below for ratio in FIGURES.values()])
    figures = estimates(
        np.stack(tables, axis=1),
        lambda sums: ratios(sums @ above, sums @ below).reshape(len(sums), -1),
        undefined=[ratio.undefined for ratio in FIGURES.values()] * len(groups),
        replicates=replicates,
        seed=seed,
        level=level,
    )
    found = iter(figures)
    return {group: {name: next(found) for name in FIGURES} for group in groups}


def match_claims(
    gold: Sequence[Claim], predicted: Sequence[Claim], *, least: float = MATCH
) -> list[tuple[Claim, Claim]]:
    """Gold and predicted claims matched one to one, the pair with the greatest IoU first; equals in text order."""
    wanted, found = _by_content(gold), _by_content(predicted)
    starts = sorted(found)
    candidates = []
    for one in wanted:
        # what shares so much with it is no longer than length / least, and so begins no further before it than this
        reach = (one[1] - one[0]) * (1 / least - 1)
        near = starts[bisect_left(starts, (one[0] - reach,)) : bisect_left(starts, (one[1],))]
        candidates += [(-share, one, other) for other in near if (share := _share(one, other)) >= least]
    pairs = []
    for _, one, other in sorted(candidates):
        while wanted[one] and found[other]:
            pairs.append((wanted[one].pop(), found[other].pop()))
    return pairs


def iou(one: Span | None, other: Span | None) -> float:
    """The intersection over union of two spans, in characters; 0 where one is missing.

    >>> iou(Span(0, 4, "abcd"), Span(1, 5, "bcde"))
    0.6
    """
    return 0.0 if one is None or other is None else _share((one.start, one.end), (other.start, other.end))


def _share(one: _Offsets, other: _Offsets) -> float:
    common = min(one[1], other[1]) - max(one[0], other[0])
    return common / (max(one[1], other[1]) - min(one[0], other[0])) if common > 0 else 0.0


def _by_content(claims: Sequence[Claim]) -> dict[_Offsets, list[Claim]]:
    """The claims of each content, last first: thousands with the same content are one candidate, not millions."""
    by_content: dict[_Offsets, list[Claim]] = {}
    for claim in reversed(claims):
        by_content.setdefault((claim.content.start, claim.content.end), []).append(claim)
    return by_content


def _bearing(sentences: Sequence[Sentence], claims: Iterable[Claim]) -> set[int]:
    """The numbers of the sentences that hold a claim's middle; a gap before sentence n is −1 − n."""
    starts = [sentence.start for sentence in sentences]
    bearing = set()
    for claim in claims:
        middle = (claim.content.start + claim.content.end) // 2
        place = bisect_right(starts, middle)
        bearing.add(place - 1 if place and middle < sentences[place - 1].end else -1 - place)
    return bearing


def _source(wanted: Source, found: Source | None) -> str:
    """Whether the resolved source is right; naming nobody is right where gold names nobody, and else abstention."""
    if found is None or found.name is None:
        return "right" if wanted.name is None else "abstained"
    if wanted.name is None:
        return "wrong"
    same = _plain(wanted.name) == _plain(found.name) or iou(wanted.span, found.span) >= MATCH
    return "right" if same else "wrong"


def _plain(name: str) -> str:
    return " ".join(name.replace("’", "'").casefold().split())


def _sums(names: Sequence[tuple[str, ...]]) -> Floats:
    """A matrix (counts × figures) that adds up, for each figure, the counts named, some of them twice."""
    order = [field.name for field in fields(ClaimCounts)]
    return np.array([[named.count(name) for named in names] for name in order], dtype=float)
