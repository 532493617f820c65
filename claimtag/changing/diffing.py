"""How two versions of a scheme differ, in words and as data; and which annotated sentences it makes us read again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from claimtag.changing.migrations import Step
from claimtag.changing.routes import Route
from claimtag.changing.sentences import marks_by, marks_of
from claimtag.records import TaggedArticle
from claimtag.scheme import Label, Scheme
from claimtag.scheme.crosswalks import crosswalks

MEANING = ("definition", "include", "exclude", "decisions")  # a change of these may change what a sentence is


@dataclass(frozen=True, slots=True)
class SchemeDiff:
    """What a later version of a scheme has changed.

    `steps` are those of the migrations, where some lead from one to the other; `added` and `removed` are labels that no
    step tells of, `resembling` guesses what a removed one may have become (equal definitions). `sharpened` are labels
    whose meaning was worded anew, with the parts that changed; `edited` those of which only names, examples or keywords
    were.
    """

    before: Scheme
    after: Scheme
    steps: tuple[Step, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    resembling: Mapping[str, str]
    sharpened: Mapping[str, tuple[str, ...]]
    edited: Mapping[str, tuple[str, ...]]
    general: tuple[str, ...]

    @property
    def two_schemes(self) -> bool:
        """Whether these are two schemes, by their names, and not two versions of one."""
        return self.before.name != self.after.name

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "before": _ref(self.before),
            "after": _ref(self.after),
            "two_schemes": self.two_schemes,
            "steps": [str(step) for step in self.steps],
            "added": list(self.added),
            "removed": list(self.removed),
            "resembling": dict(self.resembling),
            "sharpened": {label: list(parts) for label, parts in self.sharpened.items()},
            "edited": {label: list(parts) for label, parts in self.edited.items()},
            "general": list(self.general),
        }

    def report(self) -> str:
        """The difference in words, ending in a line break; of two schemes only what labels of one name differ in."""
        if self.two_schemes:
            return "\n".join(self._of_two_schemes()) + "\n"
        lines = [f"{self.before.name} {self.before.version} → {self.after.name} {self.after.version}"]
        lines += [f"  {step}" + (f": {step.why}" if step.why else "") for step in self.steps]
        lines += [f"  added: {label}" for label in self.added]
        lines += [
            f"  removed: {label}" + (f" (the same as {near}?)" if (near := self.resembling.get(label)) else "")
            for label in self.removed
        ]
        lines += self._reworded()
        lines += [f"  changed for all: {part}" for part in self.general]
        if len(lines) == 1:
            lines.append("  nothing differs" if self.before.sha256 == self.after.sha256 else "  no label differs")
        if self.added or self.removed:
            lines.append("  no migration tells what became of the labels; write one to carry annotations over")
        return "\n".join(lines) + "\n"

    def _reworded(self) -> Iterator[str]:
        yield from (f"  sharpened: {label} ({', '.join(parts)})" for label, parts in self.sharpened.items())
        yield from (f"  edited: {label} ({', '.join(parts)})" for label, parts in self.edited.items())

    def _of_two_schemes(self) -> Iterator[str]:
        one, other = self.before, self.after
        yield f"{one.name} {one.version} and {other.name} {other.version} are two schemes, not two versions of one"
        shared = [label for label in one.labels if label in other.labels]
        yield f"  labels of one name: {', '.join(shared) or 'none'}"
        yield f"  labels in {one.name} alone: {len(self.removed)}; in {other.name} alone: {len(self.added)}"
        yield from (f"  defined alike: {label} and {near}" for label, near in self.resembling.items())
        yield from self._reworded()
        first, second = crosswalks(one), crosswalks(other)
        for public in (name for name in first if name in second):
            yield f"  both have a crosswalk to {public}: claimtag labels crosswalk {one.name} {public}; … {other.name} {public}"
        yield "  if one was made from the other, give both the same name, and they are compared as versions"


@dataclass(frozen=True, slots=True)
class Rereading:
    """A sentence that must be read again: for which labels of the later version, and why."""

    article: str
    sentence: int
    start: int
    end: int
    text: str
    labels: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {field.name: getattr(self, field.name) for field in fields(self)} | {"labels": dict(self.labels)}


def diff(before: Scheme, after: Scheme, route: Route | None = None) -> SchemeDiff:
    """What differs, told by the steps of the route where there is one."""
    steps = route.steps if route else ()
    became = _became(before.labels, steps)
    origin = {new: old for old, news in became.items() if len(news) == 1 for new in news}
    old, new = ({theme.id: theme for theme in scheme.themes} for scheme in (before, after))
    told = {label for step in steps for label in step.targets if step.kind != "move"}
    sharpened, edited = dict[str, tuple[str, ...]](), dict[str, tuple[str, ...]]()
    for label, theme in new.items():
        source = old.get(origin.get(label, label))
        if source is None or (label in told and label not in _renamed(steps)):
            continue  # made by a step that says so itself
        parts = [part for part in _parts_that_differ(source, theme, became) if part != "id"]
        meaning = tuple(part for part in parts if part in MEANING)
        if meaning:
            sharpened[label] = meaning
        elif rest := tuple(part for part in parts if part != "group" or not route):
            edited[label] = rest
    added = tuple(label for label in new if label not in old and label not in told)
    removed = tuple(label for label in old if label not in new and not any(label in step.sources for step in steps))
    wording = {new[label].definition: label for label in added}
    return SchemeDiff(
        before=before,
        after=after,
        steps=steps,
        added=added,
        removed=removed,
        resembling={label: wording[old[label].definition] for label in removed if old[label].definition in wording},
        sharpened=sharpened,
        edited=edited,
        general=tuple(
            part
            for part in ("title", "description", "language", "decisions", "claims")
            if getattr(before, part) != getattr(after, part)
        ),
    )


def rereading(articles: Iterable[TaggedArticle], difference: SchemeDiff) -> Iterator[Rereading]:
    """The sentences that must be read again, article by article.

    Those that would not be asked for a label that is new, or that a split leaves open; and those with a label whose
    meaning was worded anew. Boilerplate is never read again.
    """
    known = set(difference.before.labels)
    for tagged in articles:
        for index, sentence in enumerate(tagged.sentences):
            if sentence.kind == "boilerplate":
                continue
            marks = {label: mark for label, mark in marks_of(sentence).items() if label in known}
            why = dict.fromkeys(difference.added, "new")
            for step in difference.steps:
                after = marks_by(step, marks)
                for label in step.targets:
                    if label in after and not after[label].asked:
                        why[label] = {"add": "new", "split": "split"}.get(step.kind, "not asked before")
                for label in step.sources:
                    if label not in step.targets:
                        why.pop(label, None)
                marks = after
            for label in difference.sharpened:
                if label in marks and marks[label].said:
                    why.setdefault(label, "sharpened")
            why = {label: reason for label, reason in why.items() if label in difference.after.labels}
            if why:
                yield Rereading(tagged.article.id, index, sentence.start, sentence.end, sentence.text, why)


def rereading_counts(found: Iterable[Rereading]) -> dict[str, dict[str, int]]:
    """Label → reason → how many sentences."""
    counts: dict[str, Counter[str]] = {}
    for one in found:
        for label, reason in one.labels.items():
            counts.setdefault(label, Counter())[reason] += 1
    return {label: dict(reasons) for label, reasons in sorted(counts.items())}


def _became(labels: Sequence[str], steps: Iterable[Step]) -> dict[str, tuple[str, ...]]:
    """What each label of the earlier version became."""
    became: dict[str, tuple[str, ...]] = {label: (label,) for label in labels}
    for step in steps:
        for label, now in became.items():
            if any(name in step.sources for name in now):
                kept = tuple(name for name in now if name not in step.sources)
                became[label] = (*kept, *(name for name in step.targets if name not in kept))
    return became


def _renamed(steps: Iterable[Step]) -> set[str]:
    """The labels that differ from earlier ones in nothing but their names."""
    renamed: set[str] = set()
    for step in steps:
        made_new = step.kind in ("merge", "split", "add")
        renamed = (
            renamed - set(step.targets) if made_new else renamed | set(step.targets if step.kind == "rename" else ())
        )
    return renamed


def _parts_that_differ(old: Label, new: Label, became: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """The parts of a label that differ, other labels' new names in it aside."""
    for field in fields(Label):
        one, other = getattr(old, field.name), getattr(new, field.name)
        if field.name == "exclude":
            same = len(one) == len(other) and all(
                here.rule == there.rule and there.instead in became.get(here.instead or "", (here.instead,))
                for here, there in zip(one, other, strict=True)
            )
            if not same:
                yield field.name
        elif field.name == "negative":
            if [contrast.text for contrast in one] != [contrast.text for contrast in other]:
                yield field.name
        elif one != other:
            yield field.name


def _ref(scheme: Scheme) -> dict[str, str]:
    return {"name": scheme.name, "version": scheme.version, "sha256": scheme.sha256}
