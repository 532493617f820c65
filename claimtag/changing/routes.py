"""The way from one version of a scheme to another, through the migrations that are known, forth or back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from claimtag.changing.migrations import Migration, Step, labels_after, load_migration
from claimtag.errors import SchemeError, did_you_mean
from claimtag.records import SchemeRef
from claimtag.scheme import Scheme, load_scheme, scheme_file, shipped_schemes, version_key

FOLDER = "migrations"


@dataclass(frozen=True, slots=True)
class Route:
    """The steps that lead from one version of a scheme to another, checked against both."""

    before: Scheme
    after: Scheme
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        where = f"{self.before.name} {self.before.version} → {self.after.version}"
        left, wanted = set(labels_after(self.before.labels, self.steps, where=where)), set(self.after.labels)
        problems = [
            f'"{label}" is left by the steps, and {self.after.version} does not have it'
            for label in sorted(left - wanted)
        ]
        problems += [f'{self.after.version} has "{label}", and no step makes it' for label in sorted(wanted - left)]
        if problems:
            raise SchemeError(f"{where}: {'; '.join(problems)}; make the migration and the scheme agree")


def find_route(
    given: SchemeRef | Scheme, after: Scheme, *, migrations: Iterable[Migration], near: Sequence[Path] = ()
) -> Route:
    """The route from the version that annotations name to `after`, the one with the fewest migrations.

    A version that is only named is looked for in the folders `near`, then among those that ship. SchemeError where that
    scheme is another one, its content is not what the hash says, no migrations lead there, or two ways are equally
    short.
    """
    if given.name != after.name:
        raise SchemeError(
            f"annotated under the scheme {given.name}{did_you_mean(given.name, [after.name])}, which no migration of "
            f"{after.name} leads from; labels of another scheme: see claimtag labels crosswalk"
        )
    before = given if isinstance(given, Scheme) else after if given.version == after.version else _version(given, near)
    if given.sha256 and given.sha256 != before.sha256:
        raise SchemeError(
            f"annotated under {given.name} {given.version} with the hash {given.sha256[:12]}; the {given.version} that is "
            f"known here has {before.sha256[:12]}: a scheme that changes needs a new version"
        )
    back = version_key(given.version) > version_key(after.version)
    ends = (after.version, given.version) if back else (given.version, after.version)
    path = way(*ends, migrations, after.name)
    steps = [step for migration in path for step in migration.steps]
    return Route(before, after, tuple(step.inverse for step in reversed(steps)) if back else tuple(steps))


def has_way(start: str, goal: str, migrations: Iterable[Migration], name: str) -> bool:
    """Whether migrations lead from one version to the other, forth or back."""
    reached = {start if version_key(start) <= version_key(goal) else goal}
    for one in sorted(migrations, key=lambda one: version_key(one.after)):
        if one.scheme == name and one.before in reached:
            reached.add(one.after)
    return max(start, goal, key=version_key) in reached


def way(start: str, goal: str, migrations: Iterable[Migration], name: str) -> tuple[Migration, ...]:
    """The fewest migrations of the scheme of that name from a version to a later one; SchemeError where there are none.

    Versions only rise, so no search goes round.
    """
    migrations = [one for one in migrations if one.scheme == name]
    ways: Mapping[str, tuple[Migration, ...]] = {start: ()}
    double: set[str] = set()
    while goal not in ways:
        further: dict[str, tuple[Migration, ...]] = {}
        twice: set[str] = set()
        for migration in migrations:
            if migration.before in ways and version_key(migration.after) <= version_key(goal):
                if migration.after in further or migration.before in double:
                    twice.add(migration.after)
                further.setdefault(migration.after, (*ways[migration.before], migration))
        if not further:
            known = ", ".join(sorted({one.name for one in migrations})) or "none"
            raise SchemeError(
                f"no migrations lead from {name} {start} to {goal}; known: {known}; write one, "
                f"{FOLDER}/{start}-{goal}.toml beside the scheme, or give its file with --by"
            )
        ways, double = further, twice
    if goal in double:
        raise SchemeError(
            f"two ways lead from {name} {start} to {goal}, and neither is shorter: write {start}-{goal}.toml, which is taken then"
        )
    return ways[goal]


def folders_near(scheme: str | Path, *more: str | Path) -> tuple[Path, ...]:
    """Where other versions of a scheme may lie: beside its file, and beside these migrations or above them."""
    above = [folder for path in map(Path, more) for folder in (path.parent, path.parent.parent)]
    return tuple(dict.fromkeys((scheme_file(scheme).parent, *above)))


def known_migrations(scheme: str | Path | Scheme, *more: str | Path) -> tuple[Migration, ...]:
    """The migrations beside a scheme's file, of the scheme of that name among those that ship, and in the files given.

    A `Scheme` has no file to lie beside. SchemeError where two files claim the same way.
    """
    name = scheme.name if isinstance(scheme, Scheme) else load_scheme(scheme).name
    folders = {
        *(() if isinstance(scheme, Scheme) else [scheme_file(scheme).parent / FOLDER]),
        *(path.parent / FOLDER for (shipped, _), path in shipped_schemes().items() if shipped == name),
    }
    files = sorted(path for one in folders for path in one.glob("*.toml"))
    return _unique([*files, *map(Path, more)])


def _unique(files: Sequence[Path]) -> tuple[Migration, ...]:
    claimed: dict[tuple[str, str, str], tuple[Path, Migration]] = {}
    for path in files:
        migration = load_migration(path)
        way = (migration.scheme, migration.before, migration.after)
        other = claimed.setdefault(way, (path, migration))
        if other[1] != migration:
            raise SchemeError(
                f"{other[0]} and {path} both claim the way of {migration.scheme} from {migration.before} to "
                f"{migration.after}, and differ; keep one"
            )
    return tuple(migration for _, migration in claimed.values())


def _version(given: SchemeRef, near: Sequence[Path]) -> Scheme:
    for folder in near:
        if (folder / f"{given.version}.toml").is_file():
            found = load_scheme(folder / f"{given.version}.toml")
            if (found.name, found.version) == (given.name, given.version):
                return found
    try:
        return load_scheme(f"{given.name}@{given.version}")
    except SchemeError:
        folders = ", ".join(map(str, near)) or "no other folder"
        raise SchemeError(
            f"annotated under {given.name} {given.version}, and that version's file is neither among those that ship nor in "
            f"{folders}; put it beside the scheme that it is to become"
        ) from None
