"""The command that lists claims: one a row, or one an object of linked data."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from claimtag.cli.notes import Progress, Rejects, add_verb, say
from claimtag.cli.tagging import add_input, read_input, refuse_input_as_output
from claimtag.errors import counted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from claimtag.reading import Counts
    from claimtag.records import TaggedArticle
    from claimtag.scheme import Scheme
    from claimtag.writing import ClaimFormat

FORMATS = ("csv", "jsonld")


def add_commands(verbs: Any) -> None:
    verb = add_verb(
        verbs,
        "claims",
        list_claims,
        "list who says what, one claim a row, for spreadsheets",
        "claimtag claims articles/ --csv --out claims.csv",
    )
    add_input(verb)
    verb.add_argument("--out", "-o", default="-", help="file to write; - for stdout (default)")
    shape = verb.add_mutually_exclusive_group()
    shape.add_argument(
        "--format", "-f", choices=FORMATS, help="csv or JSON-LD (default: jsonld where --out ends so, else csv)"
    )
    shape.add_argument("--csv", dest="format", action="store_const", const="csv", help="the same as --format csv")
    verb.add_argument(
        "--model", "-m", default="default", help="a shipped model or a bundle's folder (default: default)"
    )
    verb.add_argument("--tagged", action="store_true", help="the input is tagged already (or gold): list its claims")


def list_claims(options: argparse.Namespace) -> int:
    from claimtag.reading import Counts
    from claimtag.writing import write_claims

    shape: ClaimFormat = options.format or ("jsonld" if Path(options.out).suffix.lower() == ".jsonld" else "csv")
    refuse_input_as_output(options.inputs, options.out)
    counts = Counts()
    with ExitStack() as stack:
        rejects = stack.enter_context(Rejects(options.out))
        tagged, scheme = (_read if options.tagged else _tag)(options, rejects, counts)
        progress = stack.enter_context(Progress("articles", lambda: f", {counts.rejects:,} rejected"))
        written = write_claims(progress.over(tagged), options.out, format=shape, scheme=scheme)
    where = "" if options.out == "-" else f" → {options.out}"
    say(f"{counted(written, 'claim')} in {counted(counts.articles, 'article')}{where}")
    return rejects.tell()


def _read(
    options: argparse.Namespace, rejects: Rejects, counts: Counts
) -> tuple[Iterable[TaggedArticle], Scheme | None]:
    from claimtag.reading import read_gold

    return read_gold(*options.inputs, on_reject=rejects.add, counts=counts), None


def _tag(
    options: argparse.Namespace, rejects: Rejects, counts: Counts
) -> tuple[Iterable[TaggedArticle], Scheme | None]:
    from claimtag.tagging import load_tagger

    tagger = load_tagger(options.model)
    return tagger.tag(read_input(options, on_reject=rejects.add, counts=counts)), tagger.scheme
