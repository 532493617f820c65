"""A bundle for a scheme with labels that it has not learned: these get zero-shot scores, marked as untrained."""

from __future__ import annotations

import math
from dataclasses import replace

from claimtag.bundle import Bundle
from claimtag.errors import SchemeError, did_you_mean
from claimtag.evaluation.intervals import Estimate
from claimtag.evaluation.tiers import LabelTier
from claimtag.scheme import Scheme
from claimtag.themes.deciding import DIGITS, Deciding
from claimtag.themes.goals import Costs
from claimtag.themes.unseen import extended_model
from claimtag.themes.zeroshot import ZeroShot

UNTRAINED = "it had no data to learn it from"
_COMPARED = {"keywords": "keywords", "words": "words of its names and examples", "encoder": "an encoder's vectors"}


def extended(bundle: Bundle, scheme: Scheme) -> Bundle:
    """The bundle with the labels of a scheme that has all of its own; the bundle itself where it has no more.

    New labels are scored by their texts in the scheme (`themes.zeroshot`), decided by the threshold that serves labels
    without data, and have tier C. Labels of the bundle that its gold was not asked stay so: they are neither said nor
    denied. SchemeError where labels of the bundle are not in the scheme, where it is single-label
    (its scores of several labels are weighed against one another), or where it learned nothing of labels' texts.
    """
    if scheme.sha256 == bundle.scheme.sha256:
        return bundle
    known = bundle.scheme.labels
    called = f"model {bundle.by} learned {bundle.scheme.name} {bundle.scheme.version}"
    if gone := [label for label in known if label not in scheme.labels]:
        listed = ", ".join(f'"{label}"{did_you_mean(label, scheme.labels)}' for label in gone)
        raise SchemeError(
            f"{called}, whose labels {scheme.name} {scheme.version} lacks: {listed}; "
            "keep them in the scheme, or train a model on it with: claimtag train"
        )
    new = tuple(label for label in scheme.labels if label not in known)
    for label in new:
        theme = scheme.theme(label)
        if not (theme.has_keywords or theme.positive):
            raise SchemeError(
                f'"{label}" has no data, and in {scheme.name} {scheme.version} neither keywords nor examples to score it by; '
                "write some (`keywords`, `positive`)"
            )
    if new and bundle.deciding.task != "multi-label":
        raise SchemeError(f"{called} for a {bundle.deciding.task} task, to which no label can be added without data")
    if new and bundle.zeroshot is None:
        raise SchemeError(
            f"{called} and not what a label's texts mean, so {', '.join(new)} cannot be scored; train it again with a scheme "
            "whose labels have keywords or examples"
        )
    if not new:
        model, kind = bundle.model, bundle.kind
        if scheme.labels != known:
            raise SchemeError(f"{called}, whose labels stand in another order in {scheme.name} {scheme.version}")
        return replace(bundle, scheme=scheme)
    assert bundle.zeroshot is not None
    model, kind = extended_model(bundle.model, bundle.kind, bundle.zeroshot, scheme), "zeroshot"
    tiers = {tier.label: tier for tier in bundle.tiers}
    return replace(
        bundle,
        kind=kind,
        model=model,
        deciding=_deciding(bundle.deciding, bundle.zeroshot, scheme),
        scheme=scheme,
        tiers=tuple(tiers.get(label) or _untrained(label) for label in scheme.labels),
        untrained=(*bundle.untrained, *new),
        card=bundle.card + _section(new, bundle.zeroshot, scheme),
    )


def changed(bundle: Bundle, scheme: Scheme) -> tuple[str, ...]:
    """The labels that the bundle learned under another definition or other rules than those of the scheme."""
    rules = ("definition", "include", "exclude", "decisions")
    return tuple(
        theme.id
        for theme in bundle.scheme.themes
        if theme.id in scheme.labels
        and any(getattr(theme, rule) != getattr(scheme.theme(theme.id), rule) for rule in rules)
    )


def _deciding(deciding: Deciding, zeroshot: ZeroShot, scheme: Scheme) -> Deciding:
    """The thresholds and calibrations of the labels that have data, and for the others the threshold of such."""
    limit = round(zeroshot.threshold, DIGITS)
    look = min(limit, round(Costs().review_from, DIGITS))
    place = {label: column for column, label in enumerate(deciding.labels)}
    columns = [place.get(label) for label in scheme.labels]
    calibrations = deciding.calibrations or (None,) * len(deciding.labels)
    return Deciding(
        labels=scheme.labels,
        thresholds=tuple(limit if at is None else deciding.thresholds[at] for at in columns),
        review=tuple(look if at is None else deciding.review[at] for at in columns),
        calibrations=tuple(None if at is None else calibrations[at] for at in columns),
        goal=deciding.goal,
        task=deciding.task,
        not_asked=deciding.not_asked,
    )


def _untrained(label: str) -> LabelTier:
    return LabelTier(label, "C", Estimate(math.nan, math.nan, math.nan, UNTRAINED), support=0, articles=0)


def _section(new: tuple[str, ...], zeroshot: ZeroShot, scheme: Scheme) -> str:
    ways = [_COMPARED[way] for way in zeroshot.likeness.ways]
    listed = ", ".join(f"`{label}`" for label in new)
    return (
        f"\n## Labels without data\n\n{listed} of `{scheme.name}` {scheme.version}: scored by their texts in the scheme, by "
        f"{', '.join(ways)}; said from {zeroshot.threshold:.2f}. What that is worth on a new label is not known. Leaving out "
        f"each of the {len(zeroshot.labels)} labels with data in turn, its average precision was {zeroshot.average_precision:.3f} "
        f"and its F1 {zeroshot.f1:.3f} in the mean, on the training articles. Tier C.\n"
    )
