"""Annotations from one version of a scheme to another: gold and predictions alike, sentence by sentence.

What a step does to a sentence's marks of a label:

rename     they go over to the new name
merge      said where any was said, with the highest score of those said; else not asked where any was not asked; else
           up for review where any was, with the highest score; else none
split      by its rule (see `changing.migrations`); a label that was not asked gives parts that were not asked, one that
           was up for review gives parts up for review. A sentence that is to be read again has the parts in `review`
           and in `not_asked`, so that its annotator sees what it carried, and the way back restores it
add        not asked
deprecate  gone

A step loses something of a sentence where the step back would not restore it: this is what is counted, and refused
unless it is allowed. A claim's own themes go the same way, and lose a label that is to be read again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from claimtag.changing.migrations import Step
from claimtag.changing.routes import Route
from claimtag.errors import SchemeError, did_you_mean
from claimtag.records import Sentence, TaggedArticle, Theme


class LabelError(SchemeError):
    """An article carries a label that its scheme does not have."""


class Mark(NamedTuple):
    """What a sentence says of one label: said or not, up for review or not, with its score; asked or not."""

    said: bool = False
    review: bool = False
    score: float | None = None
    asked: bool = True


NOTHING = Mark()
Marks = Mapping[str, Mark]


@dataclass(slots=True)
class Losses:
    """How much the steps of a route lose: sentences and claims that the way back would not restore, step by step."""

    sentences: Counter[str] = field(default_factory=Counter)
    claims: Counter[str] = field(default_factory=Counter)

    def __bool__(self) -> bool:
        return bool(self.sentences or self.claims)

    def __str__(self) -> str:
        """`merge a and b into c (12 sentences, 1 claim); deprecate d (3 sentences)`."""
        steps = dict.fromkeys((*self.sentences, *self.claims))
        return "; ".join(
            f"{step} ({', '.join(_counted(counts[step], thing) for counts, thing in self._counts() if counts[step])})"
            for step in steps
        )

    def to_dict(self) -> dict[str, dict[str, int]]:
        """Plain JSON values: step → what it loses."""
        steps = dict.fromkeys((*self.sentences, *self.claims))
        return {step: {"sentences": self.sentences[step], "claims": self.claims[step]} for step in steps}

    def _counts(self) -> tuple[tuple[Counter[str], str], ...]:
        return (self.sentences, "sentence"), (self.claims, "claim")


def migrate(tagged: TaggedArticle, route: Route, losses: Losses | None = None) -> TaggedArticle:
    """The annotations in the version that the route leads to; `losses` counts what the way back would not restore.

    Themes come out in the order of the scheme. SchemeError for a label that the scheme of the article does not have.
    """
    _check_labels(tagged, route)
    counted = Losses() if losses is None else losses
    order = {label: place for place, label in enumerate(route.after.labels)}
    sentences = tuple(
        one if one.kind == "boilerplate" else _sentence(one, route.steps, order, counted) for one in tagged.sentences
    )
    claims = []
    for claim in tagged.claims:
        themes: Sequence[str] = claim.themes
        for step in route.steps:
            changed = labels_by(step, themes)
            if set(labels_by(step.inverse, changed)) != set(themes):
                counted.claims[str(step)] += 1
            themes = changed
        claims.append(replace(claim, themes=tuple(sorted(themes, key=order.__getitem__))))
    return replace(tagged, sentences=sentences, claims=tuple(claims), scheme=route.after.ref)


def marks_by(step: Step, marks: Marks) -> dict[str, Mark]:
    """The marks of a sentence after a step.

    >>> marks_by(Step("merge", labels=("a", "b"), to="c"), {"a": Mark(said=True), "b": Mark(asked=False)})
    {'c': Mark(said=True, review=False, score=None, asked=True)}
    """
    kept = {label: mark for label, mark in marks.items() if label not in step.sources}
    before = [marks.get(label, NOTHING) for label in step.sources]
    if step.kind == "add":
        made = {str(step.label): Mark(asked=False)}
    elif step.kind == "merge":
        made = {str(step.to): _merged(before, whole=step.whole)}
    elif step.kind == "split":
        made = {part: _part(before[0], step, part) for part in step.into}
    else:
        made = dict.fromkeys(step.targets, *before)
    return kept | {label: mark for label, mark in made.items() if mark != NOTHING}


def labels_by(step: Step, labels: Iterable[str]) -> tuple[str, ...]:
    """The themes of a claim after a step, each once; a label that is to be read again is gone."""
    after: dict[str, None] = {}
    for label in labels:
        if label not in step.sources:
            after[label] = None
        elif step.kind == "split":
            parts = {"all": step.into, "one": (step.one,), "reread": (), None: ()}[step.rule]
            after |= dict.fromkeys(part for part in parts if part)
        else:
            after |= dict.fromkeys(step.targets)
    return tuple(after)


def marks_of(sentence: Sentence) -> dict[str, Mark]:
    """What a sentence says of each label that it says anything of."""
    marks = {theme.label: Mark(said=True, score=theme.score) for theme in sentence.themes}
    marks |= {theme.label: Mark(review=True, score=theme.score) for theme in sentence.review}
    return marks | {label: marks.get(label, NOTHING)._replace(asked=False) for label in sentence.not_asked}


def _sentence(sentence: Sentence, steps: Sequence[Step], order: Mapping[str, int], losses: Losses) -> Sentence:
    marks = marks_of(sentence)
    for step in steps:
        changed = marks_by(step, marks)
        if marks_by(step.inverse, changed) != marks:
            losses.sentences[str(step)] += 1
        marks = changed
    found = sorted(marks.items(), key=lambda item: order[item[0]])
    return replace(
        sentence,
        themes=tuple(Theme(label, mark.score) for label, mark in found if mark.said),
        review=tuple(Theme(label, mark.score) for label, mark in found if mark.review),
        not_asked=tuple(label for label, mark in found if not mark.asked),
    )


def _merged(marks: Sequence[Mark], *, whole: bool) -> Mark:
    said = [mark for mark in marks if mark.said]
    review = [mark for mark in marks if mark.review]
    if said or (whole and all(mark.review and not mark.asked for mark in marks)):
        return Mark(said=True, score=_highest(said or review))
    return Mark(review=bool(review), score=_highest(review), asked=all(mark.asked for mark in marks))


def _part(mark: Mark, step: Step, part: str) -> Mark:
    if step.rule == "reread":
        return Mark(review=True, score=mark.score, asked=False) if mark.said else mark
    if step.rule == "all" or part == step.one or not mark.asked:
        return mark
    return Mark(asked=not mark.said)


def _highest(marks: Sequence[Mark]) -> float | None:
    return max((mark.score for mark in marks if mark.score is not None), default=None)


def _check_labels(tagged: TaggedArticle, route: Route) -> None:
    known = set(route.before.labels)
    for sentence in tagged.sentences:
        for label in (*sentence.labels, *(theme.label for theme in sentence.review), *sentence.not_asked):
            _check_label(label, known, tagged, route)
    for claim in tagged.claims:
        for label in claim.themes:
            _check_label(label, known, tagged, route)


def _check_label(label: str, known: set[str], tagged: TaggedArticle, route: Route) -> None:
    if label not in known:
        scheme = route.before
        raise LabelError(
            f'article "{tagged.article.id}": "{label}" is not a theme of {scheme.name} {scheme.version}'
            f"{did_you_mean(label, known)}"
        )


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}" + ("" if number == 1 else "s")
