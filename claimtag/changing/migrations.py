"""Migrations: what one version of a label scheme became in the next, step by step, from a TOML file.

    scheme = "press"
    before = "1.0.0"
    after = "1.1.0"

    [[steps]]
    kind = "rename"
    label = "policing"
    to = "police"

Steps are taken one after the other, each on what the one before left. The kinds and what each needs:

rename     label, to
merge      labels, to           the sentences of any of them; `to` may be one of them
split      label, into, rule    "all": the sentences get every part; "one": they get the part `one`, and were not asked
                                for the others; "reread": they are to be read again for all parts
add        label                no sentence was asked for it
deprecate  label                it is no longer used
move       label, to            to the group of that name
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import ClassVar, Literal

from claimtag.errors import SchemeError, did_you_mean
from claimtag.scheme import NAME, SLUG, VERSION, Group, Label, version_key
from claimtag.scheme.shapes import STRICT, made_of, read_toml

Kind = Literal["rename", "merge", "split", "add", "deprecate", "move"]
Rule = Literal["all", "one", "reread"]

_NEEDED: Mapping[Kind, tuple[str, ...]] = {
    "rename": ("label", "to"),
    "merge": ("labels", "to"),
    "split": ("label", "into", "rule"),
    "add": ("label",),
    "deprecate": ("label",),
    "move": ("label", "to"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a scheme; which of the fields it has goes by its `kind`, see the module.

    `themes` are the new labels' definitions, for making the new version's file. `whole` is for a merge of all the parts
    that one label was split into: a sentence that is to be read again for each of them carried the label.

    >>> Step("split", label="justice", into=("courts", "prisons"), rule="reread").inverse
    Step(kind='merge', labels=('courts', 'prisons'), to='justice', whole=True)
    """

    __pydantic_config__: ClassVar = STRICT

    kind: Kind
    label: str | None = None
    labels: tuple[str, ...] = ()
    to: str | None = None
    into: tuple[str, ...] = ()
    rule: Rule | None = None
    one: str | None = None
    why: str = ""
    themes: tuple[Label, ...] = ()
    whole: bool = False

    @property
    def sources(self) -> tuple[str, ...]:
        """The labels that must be there before."""
        if self.kind in ("merge", "add"):
            return self.labels
        return () if self.label is None else (self.label,)

    @property
    def targets(self) -> tuple[str, ...]:
        """The labels that are there afterwards in their place."""
        if self.kind == "split":
            return self.into
        if self.kind in ("rename", "merge"):
            return () if self.to is None else (self.to,)
        return () if self.label is None or self.kind == "deprecate" else (self.label,)

    @property
    def inverse(self) -> Step:
        """The step back: of a merge a split to be read again, of a deprecated label one that nobody was asked for."""
        if self.kind == "rename":
            return Step("rename", label=self.to, to=self.label)
        if self.kind == "merge":
            return Step("split", label=self.to, into=self.labels, rule="reread")
        if self.kind == "split":
            return Step("merge", labels=self.into, to=self.label, whole=True)
        if self.kind == "move":  # the group before is not told here; annotations do not know of groups
            return self
        return Step("deprecate" if self.kind == "add" else "add", label=self.label)

    def __str__(self) -> str:
        """The step in words."""
        if self.kind == "split":
            how = {
                "all": "the sentences get all parts",
                "one": f"the sentences get {self.one}",
                "reread": "to be read again",
            }
            return f"split {self.label} into {_joined(self.into)} ({how[self.rule or 'reread']})"
        if self.kind == "merge":
            return f"merge {_joined(self.labels)} into {self.to}"
        goal = {"rename": f" to {self.to}", "move": f" to the group {self.to}"}.get(self.kind, "")
        return f"{self.kind} {self.label}{goal}"

    def __repr__(self) -> str:
        given = ((field.name, getattr(self, field.name)) for field in fields(self))
        return f"Step({', '.join(f'{name}={value!r}' for name, value in given if value not in (None, (), '', False))})"


@dataclass(frozen=True, slots=True)
class Migration:
    """All that changed from one version of a scheme to a later one. `groups` are those that the later one adds."""

    __pydantic_config__: ClassVar = STRICT

    scheme: str
    before: str
    after: str
    steps: tuple[Step, ...]
    description: str = ""
    groups: tuple[Group, ...] = ()

    @property
    def name(self) -> str:
        """What its file is called, less the ending."""
        return f"{self.before}-{self.after}"


def load_migration(path: str | Path) -> Migration:
    """The migration in that TOML file; SchemeError lists all that is wrong with it."""
    path = Path(path)
    classes = {(): Migration, ("steps",): Step, ("steps", "themes"): Label, ("groups",): Group}
    migration = made_of(Migration, read_toml(path), where=str(path), classes=classes, problems_of=_problems)
    parts = path.stem.split("-")
    if len(parts) == 2 and all(map(VERSION.fullmatch, parts)) and path.stem != migration.name:
        raise SchemeError(
            f"{path}: goes from {migration.before} to {migration.after}, so it must be called {migration.name}.toml"
        )
    return migration


def labels_after(labels: Iterable[str], steps: Iterable[Step], *, where: str = "the migration") -> tuple[str, ...]:
    """The labels that the steps leave, new ones where the old ones stood; SchemeError for a step that cannot be taken.

    >>> labels_after(["a", "b", "c"], [Step("merge", labels=("a", "c"), to="d"), Step("add", label="e")])
    ('d', 'b', 'e')
    >>> labels_after(["a", "b"], [Step("rename", label="a", to="c"), Step("deprecate", label="a")])
    Traceback (most recent call last):
    claimtag.errors.SchemeError: the migration: step 2 (deprecate a): "a" is no longer there: \
step 1 (rename a to c) took it
    """
    there, taken = list(labels), dict[str, str]()
    for number, step in enumerate(steps, 1):
        place = f"step {number} ({step})"
        for label in step.sources:
            if label not in there:
                gone = f"no longer there: {taken[label]} took it" if label in taken else "not there"
                raise SchemeError(
                    f'{where}: {place}: "{label}" is {gone}{"" if label in taken else did_you_mean(label, there)}'
                )
        rest = [label for label in there if label not in step.sources]
        for label in step.targets:
            if label in rest:
                raise SchemeError(f'{where}: {place}: "{label}" is there already; choose another name')
        if step.targets != step.sources:
            first = min((there.index(label) for label in step.sources), default=len(there))
            before = [label for label in there[:first] if label not in step.sources]
            there = [*before, *step.targets, *rest[len(before) :]]
        taken |= {label: place for label in step.sources if label not in there}
        for label in step.targets:
            taken.pop(label, None)
    return tuple(there)


def _problems(migration: Migration) -> Iterator[str]:
    if not NAME.fullmatch(migration.scheme):
        yield f"scheme: {migration.scheme!r} must be lower-case ASCII words joined by hyphens"
    versions = {"before": migration.before, "after": migration.after}
    wrong = {name: version for name, version in versions.items() if not VERSION.fullmatch(version)}
    for name, version in wrong.items():
        yield f"{name}: {version!r} must be three numbers, such as 1.0.0"
    if not wrong and version_key(migration.before) >= version_key(migration.after):
        yield (
            f"after: {migration.after} must be later than {migration.before}; the way back is found by itself, "
            "and a circle would have no end"
        )
    for index, step in enumerate(migration.steps):
        yield from (f"steps[{index}] ({step.kind}).{problem}" for problem in _step_problems(step))


def _step_problems(step: Step) -> Iterator[str]:
    given = {name for name in ("label", "labels", "to", "into", "rule", "one") if getattr(step, name) not in (None, ())}
    needed = set(_NEEDED[step.kind])
    for name in sorted(needed - given):
        yield f"{name}: missing"
    for name in sorted(given - needed - ({"one"} if step.rule == "one" else set())):
        yield f"{name}: a step of this kind takes {' and '.join(_NEEDED[step.kind])}"
    for label in (*step.sources, *step.targets):
        if not SLUG.fullmatch(label):
            yield f"{label!r} must be lower-case ASCII letters and digits, words joined by underscores"
    several = step.labels if step.kind == "merge" else step.into
    if step.kind in ("merge", "split") and (len(set(several)) < 2 or len(set(several)) < len(several)):
        yield f"{'labels' if step.kind == 'merge' else 'into'}: needs at least two different labels"
    if step.rule == "one" and step.one not in step.into:
        yield f'one: the rule "one" needs to say which of {_joined(step.into)}'
    if step.kind == "rename" and step.label == step.to:
        yield "to: the same name as before"
    for theme in step.themes:
        if theme.id not in step.targets:
            yield f'themes: "{theme.id}" is not what comes out of this step{did_you_mean(theme.id, step.targets)}'


def _joined(labels: Iterable[str]) -> str:
    *others, last = labels or ("nothing",)
    return f"{', '.join(others)} and {last}" if others else str(last)
