"""The commands that bring annotations to and from other tools: import, export."""

from __future__ import annotations

import argparse
import re
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from claimtag.cli.evaluating import add_gold
from claimtag.cli.notes import Rejects, add_verb, say
from claimtag.cli.tagging import refuse_input_as_output
from claimtag.errors import OptionError, counted

FORMATS = ("label-studio", "doccano", "prodigy", "argilla", "brat", "csv", "datasets")


def add_commands(verbs: Any) -> None:
    verb = add_verb(
        verbs,
        "import",
        import_,
        "annotations made in another tool, as gold",
        "claimtag import label-studio export.json --out gold.jsonl",
    )
    verb.add_argument("format", choices=FORMATS, metavar="FORMAT", help=", ".join(FORMATS))
    verb.add_argument("files", nargs="+", metavar="FILE", help="what the tool exported (brat, datasets: a folder)")
    verb.add_argument(
        "--out",
        "-o",
        required=True,
        help="gold to write (.jsonl); of several annotators: one file each, NAME.WHO.jsonl",
    )
    _add_scheme(verb)
    verb.add_argument("--by", metavar="NAME", help="who annotated, whatever the files say")
    verb.add_argument(
        "--asked",
        nargs="+",
        default=[],
        metavar="LABEL",
        help="labels that they looked for in every sentence, though the files call them not asked (all: every label)",
    )

    verb = add_verb(
        verbs,
        "export",
        export,
        "annotated or tagged articles for another tool",
        "claimtag export label-studio gold.jsonl --out tasks.json",
    )
    verb.add_argument("format", choices=FORMATS, metavar="FORMAT", help=", ".join(FORMATS))
    add_gold(verb)
    verb.add_argument("--out", "-o", required=True, help="file to write (brat, datasets: a folder)")
    _add_scheme(verb)
    verb.add_argument("--only", choices=("themes", "claims"), help="leave the other out (default: both)")


def _add_scheme(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--scheme", help="the label scheme (default: the one that the articles name)")


def import_(options: argparse.Namespace) -> int:
    from claimtag.exchange import import_gold
    from claimtag.scheme import load_scheme
    from claimtag.writing import write

    refuse_input_as_output(options.files, options.out)
    scheme = load_scheme(options.scheme) if options.scheme else None
    with ExitStack() as stack:
        rejects = stack.enter_context(Rejects(options.out))
        imported = import_gold(
            options.format,
            *options.files,
            scheme=scheme,
            by=options.by,
            asked=options.asked,
            on_reject=rejects.add,
        )
    outs = _outs(options.out, list(imported.by))
    for out in outs.values():
        refuse_input_as_output(options.files, out)  # NAME.WHO.jsonl may be what a tool exported
    for who, out in outs.items():
        articles = imported.by.get(who, [])
        write(articles, out, format="jsonl")
        say(f"{counted(len(articles), 'article')}{f' by {who}' if who else ''}{'' if out == '-' else f' → {out}'}")
    return rejects.tell()


def export(options: argparse.Namespace) -> int:
    from claimtag.exchange import export_gold
    from claimtag.reading import read_gold
    from claimtag.scheme import load_scheme

    if options.out == "-":
        raise OptionError("an export goes to a file or folder, not to standard output; give --out a name")
    refuse_input_as_output(options.gold, options.out)
    rejects = Rejects("-", most=5)
    scheme = load_scheme(options.scheme) if options.scheme else None
    gold = read_gold(*options.gold, on_reject=rejects.add)
    exported = export_gold(options.format, gold, options.out, scheme=scheme, only=options.only)
    for file in exported.files:
        print(file)
    say(f"{counted(exported.articles, 'article')} exported")
    if exported.lost:
        lost = ", ".join(f"{name} {number:,}" for name, number in exported.lost.items())
        say(f"not carried by {options.format} (times): {lost}")
    return rejects.tell()


def _outs(out: str, annotators: list[str | None]) -> dict[str | None, str]:
    """Where the articles of each annotator go: to `out`, or with several to files beside one another."""
    if len(annotators) < 2:
        return {annotators[0] if annotators else None: out}
    if out == "-":
        named = ", ".join(who or "not stated" for who in annotators)
        raise OptionError(f"several people annotated ({named}); give --out a file's name, or say --by")
    path = Path(out)
    outs: dict[str | None, str] = {}
    for who in annotators:
        slug = re.sub(r"[^\w@.+-]+", "-", who or "not-stated").strip(".-") or "annotator"
        name = f"{path.stem}.{slug}{path.suffix}"
        while str(path.with_name(name)) in outs.values():
            name = f"{Path(name).stem}-2{path.suffix}"
        outs[who] = str(path.with_name(name))
    return outs
