"""The commands about label schemes: list, show, check."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from claimtag.cli.notes import DONE, SOME_BAD, add_list, add_verb, say


def add_commands(verbs: Any) -> None:
    inner = add_list(verbs, "labels", "label schemes: list, show, check")
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


def labels_list(options: argparse.Namespace) -> int:
    from claimtag.scheme import load_scheme, shipped_schemes

    for name, version in shipped_schemes():
        scheme = load_scheme(f"{name}@{version}")
        print(
            f"{name}@{version}  {len(scheme.themes)} themes in {len(scheme.groups)} groups  {_in_language(scheme.title, 'en')}"
        )
    return DONE


def labels_show(options: argparse.Namespace) -> int:
    from claimtag.codebook import codebook
    from claimtag.scheme import load_scheme

    scheme = load_scheme(options.name)
    print(
        json.dumps(scheme.to_dict(), ensure_ascii=False, indent=1)
        if options.json
        else codebook(scheme, lang=options.lang),
        end="",
    )
    return DONE


def labels_check(options: argparse.Namespace) -> int:
    from claimtag.errors import SchemeError
    from claimtag.scheme import load_scheme

    code = DONE
    for file in options.files:
        try:
            scheme = load_scheme(Path(file))
        except SchemeError as error:
            say(str(error))
            code = SOME_BAD
        else:
            print(
                f"{file}: {scheme.name} {scheme.version} is sound: {len(scheme.themes)} themes, sha256 {scheme.sha256[:12]}"
            )
    return code


def _in_language(texts: Any, lang: str) -> str:
    return str(texts.get(lang) or next(iter(texts.values())))
