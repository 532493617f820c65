"""The commands about versions of label schemes: diff, migrate."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from claimtag.cli.notes import DONE, Rejects, add_verb, print_result, say, tell
from claimtag.errors import OptionError, SchemeError, counted

if TYPE_CHECKING:
    from claimtag.changing import Rereading
    from claimtag.changing.migrating import Migrator
    from claimtag.records import TaggedArticle
    from claimtag.scheme import Scheme


def add_commands(inner: Any) -> None:
    verb = add_verb(
        inner,
        "diff",
        labels_diff,
        "what a later version of a scheme changed, and which annotated sentences must be read again",
        "claimtag labels diff old.toml new.toml --gold gold.jsonl",
    )
    verb.add_argument(
        "before", metavar="A", help="the earlier version: name@version, a .toml file, or a bundle's folder"
    )
    verb.add_argument("after", metavar="B", help="the later version")
    verb.add_argument(
        "--gold", nargs="+", default=[], metavar="FILE", help="articles annotated under the earlier version"
    )
    _add_by(verb)
    verb.add_argument("--json", action="store_true", help="machine-readable, with every sentence to be read again")
    verb = add_verb(
        inner,
        "migrate",
        labels_migrate,
        "gold, predictions, bundles or a scheme's file to another version of their scheme",
        "claimtag labels migrate gold.jsonl --to press/1.1.0.toml --out gold-1.1.0.jsonl",
    )
    verb.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help=".jsonl, .parquet, a bundle (its folder, or a shipped name), or a scheme's .toml file",
    )
    verb.add_argument(
        "--to", required=True, metavar="VERSION", help="the version: 1.1.0, name@1.1.0, or its .toml file"
    )
    verb.add_argument(
        "--out", "-o", required=True, help="where to: a file, a bundle's folder; for several files a folder"
    )
    _add_by(verb)
    verb.add_argument("--from", dest="given", metavar="VERSION", help="the version of articles that name none")
    verb.add_argument("--allow-loss", action="store_true", help="take steps that no way back restores")
    verb.add_argument("--json", action="store_true", help="machine-readable")


def labels_diff(options: argparse.Namespace) -> int:
    from claimtag.changing import diff, find_route, known_migrations, rereading
    from claimtag.changing.diffing import rereading_counts
    from claimtag.changing.routes import has_way
    from claimtag.reading import read_gold

    before, after, rejects = _scheme(options.before), _scheme(options.after), Rejects("-", most=5)
    beside = next((given for given in (options.after, options.before) if _bundled(given) is None), after)
    migrations, route = known_migrations(beside, *options.by), None
    if before.name == after.name and has_way(before.version, after.version, migrations, after.name):
        route = find_route(before, after, migrations=migrations)
    difference = diff(before, after, route)
    found: list[Rereading] = []
    for tagged in read_gold(*options.gold, on_reject=rejects.add) if options.gold else ():
        if tagged.scheme and (tagged.scheme.name, tagged.scheme.version) != (before.name, before.version):
            raise SchemeError(
                f'article "{tagged.article.id}" is annotated under {tagged.scheme.name} {tagged.scheme.version}, '
                f"not {before.name} {before.version}"
            )
        found += rereading([tagged], difference)
    counts = rereading_counts(found)
    if options.json:
        print_result(difference.to_dict() | {"reread": counts, "sentences": [one.to_dict() for one in found]})
    else:
        print_result(difference.report())
        if options.gold:
            articles = counted(len({one.article for one in found}), "article")
            tell(f"to be read again: {counted(len(found), 'sentence')} of {articles}")
        for label, reasons in counts.items():
            tell(f"  {label}: {', '.join(f'{count:,} ({reason})' for reason, count in reasons.items())}")
    return rejects.tell()


def _scheme(given: str) -> Scheme:
    """The scheme of that name, in that file, or of that bundle."""
    from claimtag.scheme import load_scheme, scheme_file, scheme_from_dict

    if (bundled := _bundled(given)) is None:
        if scheme_file(given).is_dir():
            raise SchemeError(
                f"{given}: no bundle lies in this folder; give a bundle's, or a scheme's name or .toml file"
            )
        return load_scheme(given)
    try:
        return scheme_from_dict(json.loads(bundled.read_bytes()), where=str(bundled))
    except (ValueError, RecursionError) as error:
        raise SchemeError(f"{bundled}: not JSON ({error}); train the bundle again, or get it again") from error


def _bundled(given: str) -> Path | None:
    """The file of the scheme inside a bundle, if that is the name or the folder of one and not the name of a scheme."""
    from claimtag.bundle import SCHEME, bundle_folder
    from claimtag.scheme import shipped_schemes

    if given.partition("@")[0] in {name for name, _ in shipped_schemes()}:
        return None
    folder = bundle_folder(given) if _is_shipped(given) else Path(given)
    return folder / SCHEME if (folder / SCHEME).is_file() else None


def labels_migrate(options: argparse.Namespace) -> int:
    several = len(options.files) > 1
    out = Path(options.out)
    if several and out.exists() and not out.is_dir():
        raise OptionError(f"{out}: several files need a folder, and this is a file")
    for file in options.files:
        if several and sum(Path(other).name == Path(file).name for other in options.files) > 1:
            raise OptionError(
                f"{Path(file).name}: two files of that name cannot go into one folder; migrate them one by one"
            )
    done = [_migrate(file, out / Path(file).name if several else out, options) for file in options.files]
    if options.json:
        results = [result for _, result in done]
        print_result(results if several else results[0])
    return max(code for code, _ in done)


def _migrate(file: str, out: Path, options: argparse.Namespace) -> tuple[int, Any]:
    """Migrates one file and tells of it; the exit code, and what `--json` prints."""
    if out.exists() and Path(file).exists() and out.samefile(file):
        raise OptionError(f"{file}: cannot be written over itself; give another --out, and keep the old file")
    if file.endswith(".toml"):
        return _migrate_scheme(file, out, options)
    if Path(file).is_dir() or (not Path(file).exists() and _is_shipped(file)):
        return _migrate_bundle(file, out, options)
    return _migrate_articles(file, out, options)


def _is_shipped(name: str) -> bool:
    from claimtag.bundle import shipped_bundles

    return name in shipped_bundles()


def _migrate_scheme(file: str, out: Path, options: argparse.Namespace) -> tuple[int, Any]:
    from claimtag.changing import known_migrations
    from claimtag.changing.editing import later_version
    from claimtag.scheme import VERSION
    from claimtag.writing.targets import target

    version = options.to.rpartition("@")[2]
    if not VERSION.fullmatch(version):
        raise OptionError(
            f"--to: {options.to!r} is no version; of a scheme's file give the version to make, such as 1.1.0"
        )
    text = later_version(file, version, known_migrations(Path(file), *options.by))
    with target(out, suffix="toml") as stream:
        stream.write(text.encode())
    say(f"{out}: {version} made of {file}; read it through, above all what was merged or split")
    return DONE, {"to": version}


def _migrate_bundle(file: str, out: Path, options: argparse.Namespace) -> tuple[int, Any]:
    from claimtag.bundle import load_bundle, save_bundle
    from claimtag.changing import find_route, known_migrations
    from claimtag.changing.bundles import lossy, migrate_bundle
    from claimtag.scheme import load_scheme

    bundle = load_bundle(file)
    goal = _goal(options.to, bundle.scheme.name)
    route = find_route(bundle.scheme, load_scheme(goal), migrations=known_migrations(goal, *options.by))
    if (lost := lossy(route)) and not options.allow_loss:
        raise SchemeError(
            f"this loses what no way back restores: {'; '.join(map(str, lost))}; take it with --allow-loss, and keep the old bundle"
        )
    migrated = migrate_bundle(bundle, route)
    save_bundle(migrated, out)
    needed = tuple(getattr(migrated.model, "not_asked", ()))
    if not options.json:
        tell(f"{out}: {migrated.by} for {route.after.name} {route.after.version}")
        if needed:
            tell(f"needs training: {', '.join(needed)}")
    return DONE, {"to": f"{route.after.name}@{route.after.version}", "needs_training": list(needed)}


def _migrate_articles(file: str, out: Path, options: argparse.Namespace) -> tuple[int, Any]:
    from claimtag.reading import read_gold
    from claimtag.writing import write

    shape = {".jsonl": "jsonl", ".parquet": "parquet"}.get(out.suffix)
    if shape is None:
        raise OptionError(f"{out}: annotated articles are written as .jsonl or .parquet; give a name that ends so")
    seen = next(iter(read_gold(file, on_reject=lambda _: None)), None)
    name = seen.scheme.name if seen and seen.scheme else None
    goal = _goal(options.to, name)
    first = _migrator(goal, options)
    for _ in _sound(file, first, lambda _: None):
        pass
    first.check_losses(allowed=options.allow_loss)  # before anything is written
    migrator = _migrator(goal, options)
    with Rejects(str(out)) as rejects:
        write(_sound(file, migrator, rejects.add), out, format=shape)  # type: ignore[arg-type]
    if not options.json:
        print_result(f"{file}: {migrator.report()}")
    return rejects.tell(), migrator.to_dict()


def _migrator(goal: str, options: argparse.Namespace) -> Migrator:
    from claimtag.changing import known_migrations
    from claimtag.changing.migrating import Migrator
    from claimtag.changing.routes import folders_near
    from claimtag.scheme import load_scheme

    migrations, near = known_migrations(goal, *options.by), folders_near(goal, *options.by)
    return Migrator(load_scheme(goal), migrations, near=near, given=options.given)


def _sound(file: str, migrator: Migrator, on_reject: Any) -> Any:
    """The articles of a file migrated; one with labels that its scheme does not have is rejected, and the rest kept."""
    from claimtag.changing.sentences import LabelError
    from claimtag.reading import Reject, read_gold

    tagged: TaggedArticle
    for tagged in read_gold(file, on_reject=on_reject):
        try:
            yield migrator.article(tagged)
        except LabelError as error:
            on_reject(Reject(file, None, tagged.article.id, str(error)))


def _goal(to: str, name: str | None) -> str:
    """What `load_scheme` takes for what `--to` says."""
    from claimtag.scheme import VERSION

    if not VERSION.fullmatch(to):
        return to
    if name is None:
        raise OptionError(f"--to {to}: of which scheme? The first article names none; give name@{to}, or a .toml file")
    return f"{name}@{to}"


def _add_by(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--by",
        action="append",
        default=[],
        metavar="MIGRATION",
        help="a migration's .toml file, beside those that lie with the scheme",
    )
