"""Splits of annotated articles: stratified parts, folds, by date, by source; articles that share text stay together."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from claimtag.errors import OptionError, did_you_mean
from claimtag.records import SchemeRef, TaggedArticle
from claimtag.splits.dealing import deal
from claimtag.splits.duplicates import duplicate_clusters, numbered
from claimtag.splits.frozen import Method, Split, check_labels, quality_of, text_digest
from claimtag.splits.leakage import joined

SHARES: Mapping[str, float] = MappingProxyType({"train": 0.8, "dev": 0.1, "test": 0.1})

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def split_articles(
    gold: Iterable[TaggedArticle],
    *,
    shares: Mapping[str, float] = SHARES,
    labels: Sequence[str] | None = None,
    seed: int = 0,
) -> Split:
    """Parts of these shares of all sentences that hold every label evenly.

    Articles that share most of their sentences, or one near-duplicate sentence, are never parted, so the split passes
    its own leakage gate. `labels` are the scheme's; without it, those that the gold carries.
    """
    gold = _checked(gold)
    return _stratified("stratified", gold, joined(gold), _targets(shares), labels=labels, seed=seed)


def fold_articles(
    gold: Iterable[TaggedArticle], *, folds: int = 5, labels: Sequence[str] | None = None, seed: int = 0
) -> Split:
    """Folds for cross-validation, made like the parts of `split_articles`: `fold-1`, `fold-2` and so on."""
    gold = _checked(gold)
    if folds < 2:
        raise OptionError(f"{folds} folds cannot be trained on and tested: at least 2 are needed")
    targets = {f"fold-{number}": 1 / folds for number in range(1, folds + 1)}
    return _stratified("folds", gold, joined(gold), targets, labels=labels, seed=seed)


def split_by_date(
    gold: Iterable[TaggedArticle],
    *,
    shares: Mapping[str, float] = SHARES,
    starts: Mapping[str, str] | None = None,
    labels: Sequence[str] | None = None,
) -> Split:
    """Parts that follow one another in time: all that is in a later part is from a later day.

    The cuts come nearest to `shares`, or parts begin on the days of `starts`, the first taking all before:
    `{"train": "", "test": "2018-01-01"}`. Left out are articles without a whole date, and those of a later part that
    duplicate one of an earlier part: they are old news under a new date.
    """
    gold = _checked(gold)
    left_out = {
        tagged.article.id: "it has no whole date (YYYY-MM-DD)"
        for tagged in gold
        if not _DAY.fullmatch(tagged.article.date or "")
    }
    dated = sorted((tagged for tagged in gold if tagged.article.id not in left_out), key=_date)
    if not dated:
        raise OptionError("no article has a whole date (YYYY-MM-DD), so there is no before and after")
    begins = _starts(starts) if starts is not None else _cuts(dated, _targets(shares))
    places = [max(place for place, day in enumerate(begins.values()) if day <= _date(tagged)) for tagged in dated]
    return _assigned("date", gold, dated, places, list(begins), left_out=left_out, labels=labels)


def split_by_source(
    gold: Iterable[TaggedArticle],
    *,
    shares: Mapping[str, float] = SHARES,
    sources: Mapping[str, Sequence[str]] | None = None,
    labels: Sequence[str] | None = None,
    seed: int = 0,
) -> Split:
    """Parts that have no source in common, to see how a model does on outlets that it never read.

    Sources are dealt out evenly, or as `sources` says, the part "train" taking those that it does not name:
    `{"test": ["lesoir.be"]}`. Left out are articles without a source, and those of a later part that duplicate one of
    an earlier part: agencies' texts stand in many papers.
    """
    gold = _checked(gold)
    left_out = {tagged.article.id: "it has no source" for tagged in gold if not tagged.article.source}
    kept = [tagged for tagged in gold if tagged.article.source]
    names = list(dict.fromkeys(str(tagged.article.source) for tagged in kept))
    if sources is not None:
        parts, part_of = _named(sources, names)
    else:
        targets = _targets(shares)
        groups = numbered(tagged.article.source for tagged in kept)
        counts = _counts(kept, groups, _labels(gold, labels))
        dealt = _deal(counts, targets, "sources", seed=seed)
        parts, part_of = list(targets), dict(zip(names, dealt.tolist(), strict=True))
    places = [part_of[str(tagged.article.source)] for tagged in kept]
    return _assigned("source", gold, kept, places, parts, left_out=left_out, labels=labels, seed=seed)


def _stratified(
    method: Method,
    gold: Sequence[TaggedArticle],
    groups: Sequence[int],
    targets: Mapping[str, float],
    *,
    labels: Sequence[str] | None,
    seed: int,
) -> Split:
    counts = _counts(gold, groups, _labels(gold, labels))
    places = _deal(counts, targets, "groups of articles that share text", seed=seed)[list(groups)]
    return _made(method, gold, places.tolist(), list(targets), labels=labels, seed=seed, targets=targets)


def _assigned(
    method: Method,
    gold: Sequence[TaggedArticle],
    kept: Sequence[TaggedArticle],
    places: Sequence[int],
    parts: Sequence[str],
    *,
    left_out: Mapping[str, str],
    labels: Sequence[str] | None,
    seed: int = 0,
) -> Split:
    """A split of articles whose part is given, without those that duplicate one of an earlier part."""
    clusters = duplicate_clusters([[sentence.text for sentence in tagged.sentences] for tagged in kept])
    first: dict[int, tuple[int, str]] = {}
    for tagged, place, cluster in zip(kept, places, clusters, strict=True):
        first[cluster] = min(first.get(cluster, (place, tagged.article.id)), (place, tagged.article.id))
    place_of = {}
    left_out = dict(left_out)
    for tagged, place, cluster in zip(kept, places, clusters, strict=True):
        earliest, partner = first[cluster]
        if place == earliest:
            place_of[tagged.article.id] = place
        else:
            left_out[tagged.article.id] = f'it duplicates "{partner}" of {parts[earliest]}'
    ordered = [place_of.get(tagged.article.id, -1) for tagged in gold]
    return _made(method, gold, ordered, parts, labels=labels, seed=seed, left_out=left_out)


def _made(
    method: Method,
    gold: Sequence[TaggedArticle],
    places: Sequence[int],
    parts: Sequence[str],
    *,
    labels: Sequence[str] | None,
    seed: int,
    targets: Mapping[str, float] | None = None,
    left_out: Mapping[str, str] = MappingProxyType({}),
) -> Split:
    held: dict[str, list[TaggedArticle]] = {part: [] for part in parts}
    for tagged, place in zip(gold, places, strict=True):
        if place >= 0:
            held[parts[place]].append(tagged)
    if empty := [part for part, articles in held.items() if not articles]:
        raise OptionError(f'the part "{empty[0]}" would have no article; choose other shares, days or sources')
    names = _labels(gold, labels)
    return Split(
        method=method,
        articles={part: tuple(tagged.article.id for tagged in articles) for part, articles in held.items()},
        texts={tagged.article.id: text_digest(tagged) for tagged in gold},
        labels=names,
        quality=quality_of(held, names, targets=targets),
        scheme=_scheme(gold),
        seed=seed,
        left_out={tagged.article.id: left_out[tagged.article.id] for tagged in gold if tagged.article.id in left_out},
    )


def _checked(gold: Iterable[TaggedArticle]) -> list[TaggedArticle]:
    gold, seen = list(gold), set()
    for tagged in gold:
        if tagged.article.id in seen:
            raise OptionError(f'article "{tagged.article.id}" stands twice in the data; ids must be unique')
        seen.add(tagged.article.id)
    return gold


def _scheme(gold: Sequence[TaggedArticle]) -> SchemeRef | None:
    schemes = {(tagged.scheme.name, tagged.scheme.version): tagged.scheme for tagged in gold if tagged.scheme}
    if len(schemes) > 1:
        named = ", ".join(sorted(f"{name} {version}" for name, version in schemes))
        raise OptionError(f"the articles follow several schemes ({named}); bring them to one before splitting")
    return next(iter(schemes.values()), None)


def _labels(gold: Sequence[TaggedArticle], labels: Sequence[str] | None) -> tuple[str, ...]:
    if labels is None:
        return tuple(sorted({label for tagged in gold for label in tagged.themes}))
    check_labels(gold, labels)
    return tuple(labels)


def _targets(shares: Mapping[str, float]) -> dict[str, float]:
    """The shares, brought to a sum of 1."""
    total = sum(shares.values())
    if len(shares) < 2 or not all(share > 0 and math.isfinite(share) for share in shares.values()):
        named = ", ".join(f"{part} {share}" for part, share in shares.items()) or "none"
        raise OptionError(f"a split needs two parts at least, each with a share above 0; given are: {named}")
    return {part: share / total for part, share in shares.items()}


def _counts(gold: Sequence[TaggedArticle], groups: Sequence[int], labels: Sequence[str]) -> NDArray[np.float64]:
    """Sentences of each group by label, and all of them in the last column."""
    column = {label: place for place, label in enumerate(labels)}
    counts = np.zeros((max(groups, default=-1) + 1, len(labels) + 1))
    for tagged, group in zip(gold, groups, strict=True):
        for sentence in tagged.sentences:
            counts[group, -1] += sentence.kind != "boilerplate"
            for label in sentence.labels:
                counts[group, column[label]] += 1
    return counts


def _deal(counts: NDArray[np.float64], targets: Mapping[str, float], what: str, *, seed: int) -> NDArray[np.intp]:
    if len(counts) < len(targets):
        raise OptionError(f"{len(targets)} parts cannot be made of {len(counts)} {what}: each part needs one at least")
    return deal(counts, list(targets.values()), seed=seed)


def _date(tagged: TaggedArticle) -> str:
    return tagged.article.date or ""


def _starts(starts: Mapping[str, str]) -> dict[str, str]:
    """The parts with the day that each begins on, the first at the beginning of time."""
    begins = {part: "" if place == 0 else day for place, (part, day) in enumerate(starts.items())}
    days = list(begins.values())
    if len(days) < 2 or any(not _DAY.fullmatch(day) for day in days[1:]) or days != sorted(set(days)):
        named = ", ".join(f"{part} {day!r}" for part, day in starts.items()) or "none"
        raise OptionError(f"parts begin on days in order, written YYYY-MM-DD, and are two at least; given are: {named}")
    return begins


def _cuts(dated: Sequence[TaggedArticle], targets: Mapping[str, float]) -> dict[str, str]:
    """The day on which each part begins, so that the parts' shares of the sentences come nearest to the targets."""
    size: dict[str, int] = {}
    for tagged in dated:
        size[_date(tagged)] = size.get(_date(tagged), 0) + sum(s.kind != "boilerplate" for s in tagged.sentences)
    days = list(size)
    if len(days) < len(targets):
        raise OptionError(f"{len(targets)} parts cannot be made of {len(days)} day(s): each part needs one at least")
    before = np.cumsum([0, *size.values()])[:-1] / max(sum(size.values()), 1)
    wanted = np.cumsum([0.0, *targets.values()])[1:-1]
    chosen = [0]
    for place, share in enumerate(wanted.tolist(), start=1):
        first, last = chosen[-1] + 1, len(days) - (len(targets) - place)
        chosen.append(first + int(np.abs(before[first : last + 1] - share).argmin()))
    return {part: days[place] if place else "" for part, place in zip(targets, chosen, strict=True)}


def _named(sources: Mapping[str, Sequence[str]], names: Sequence[str]) -> tuple[list[str], dict[str, int]]:
    """The parts, and the place of the part of every source."""
    parts = list(dict.fromkeys(["train", *sources]))
    part_of: dict[str, int] = {}
    for part, wanted in sources.items():
        for name in wanted:
            if name not in names:
                raise OptionError(f'no article is from the source "{name}"{did_you_mean(name, names)}')
            if name in part_of:
                raise OptionError(f'the source "{name}" is asked for in "{parts[part_of[name]]}" and in "{part}"')
            part_of[name] = parts.index(part)
    return parts, {name: part_of.get(name, 0) for name in names}
