"""The commands about label schemes: list, show, new, check, crosswalk; diff and migrate stand in `cli.migrating`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from claimtag.cli import migrating
from claimtag.cli.notes import DONE, SOME_BAD, add_list, add_verb, print_result, say, tell
from claimtag.errors import OptionError, SchemeError


def add_commands(verbs: Any) -> None:
    inner = add_list(verbs, "labels", "label schemes: list, show, new, check, crosswalk, diff, migrate")
    add_verb(inner, "list", labels_list, "the schemes that ship", "claimtag labels list")
    verb = add_verb(
        inner, "show", labels_show, "a scheme as a codebook to read", "claimtag labels show security-cooperation"
    )
    verb.add_argument("name", metavar="NAME", help="name, name@version, or a .toml file")
    verb.add_argument("--lang", default="en", help="language of the names (default: en)")
    verb.add_argument("--json", action="store_true", help="machine-readable")
    verb = add_verb(
        inner, "check", labels_check, "whether a scheme file is sound", "claimtag labels check my-scheme.toml"
    )
    verb.add_argument("files", nargs="+", metavar="FILE", help="scheme files")
    verb = add_verb(
        inner, "new", labels_new, "a commented file to begin a scheme of your own with", "claimtag labels new my-press"
    )
    verb.add_argument("name", metavar="NAME", help="the scheme's name: lower-case words joined by hyphens")
    verb.add_argument("--out", "-o", help="the file (default: NAME.toml; - for standard output)")
    verb.add_argument("--lang", default="fr", help="language of the texts (default: fr)")
    verb = add_verb(
        inner,
        "crosswalk",
        labels_crosswalk,
        "what themes correspond to in a public scheme: cap, iptc, eurovoc",
        "claimtag labels crosswalk security-cooperation iptc",
    )
    verb.add_argument("name", metavar="NAME", help="name, name@version, or a .toml file")
    verb.add_argument(
        "to", nargs="?", metavar="TO", help="the public scheme, or a crosswalk's .toml file (default: list them)"
    )
    verb.add_argument("--json", action="store_true", help="machine-readable")
    migrating.add_commands(inner)


def labels_list(options: argparse.Namespace) -> int:
    from claimtag.scheme import load_scheme, shipped_schemes

    for name, version in shipped_schemes():
        scheme = load_scheme(f"{name}@{version}")
        tell(
            f"{name}@{version}  {len(scheme.themes)} themes in {len(scheme.groups)} groups  {_in_language(scheme.title, 'en')}"
        )
    return DONE


def labels_show(options: argparse.Namespace) -> int:
    from claimtag.codebook import codebook
    from claimtag.scheme import load_scheme

    scheme = load_scheme(options.name)
    tell(
        json.dumps(scheme.to_dict(), ensure_ascii=False, indent=1)
        if options.json
        else codebook(scheme, lang=options.lang),
        end="",
    )
    return DONE


def labels_check(options: argparse.Namespace) -> int:
    from claimtag.scheme import load_scheme
    from claimtag.scheme.advice import advice

    code = DONE
    for file in options.files:
        try:
            scheme = load_scheme(Path(file))
        except SchemeError as error:
            say(str(error))
            code = SOME_BAD
        else:
            tell(
                f"{file}: {scheme.name} {scheme.version} is sound: {len(scheme.themes)} themes, sha256 {scheme.sha256[:12]}"
            )
            for warning in advice(scheme):
                tell(f"  {warning}")
    return code


def labels_new(options: argparse.Namespace) -> int:
    from claimtag.scheme.template import template
    from claimtag.writing.targets import target

    text, out = template(options.name, language=options.lang), Path(options.out or f"{options.name}.toml")
    if options.out == "-":
        tell(text, end="")
        return DONE
    if out.exists():
        raise OptionError(f"{out}: is there already; give another --out, or edit it")
    with target(out, suffix="toml") as stream:
        stream.write(text.encode())
    say(f"{out}: edit it, then claimtag labels check {out} and claimtag train GOLD --scheme {out}")
    return DONE


def labels_crosswalk(options: argparse.Namespace) -> int:
    from claimtag.scheme import load_scheme
    from claimtag.scheme.crosswalks import crosswalks, load_crosswalk

    scheme = load_scheme(options.name)
    if options.to is None:
        found = {to: load_crosswalk(to, scheme) for to in crosswalks(scheme)}
        print_result(list(found) if options.json else "".join(f"{to}  {one.title}\n" for to, one in found.items()))
        return DONE
    crosswalk = load_crosswalk(options.to, scheme)
    print_result(crosswalk.to_dict() if options.json else crosswalk.report())
    return DONE


def _in_language(texts: Any, lang: str) -> str:
    return str(texts.get(lang) or next(iter(texts.values())))
