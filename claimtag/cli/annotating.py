"""The commands around annotating: what to annotate next, and making one file of two readings."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from typing import Any

from claimtag.cli.evaluating import add_scheme
from claimtag.cli.notes import DONE, SOME_BAD, Rejects, add_verb, say
from claimtag.cli.tagging import add_input, read_input, refuse_input_as_output
from claimtag.errors import counted


def add_commands(verbs: Any) -> None:
    verb = add_verb(
        verbs,
        "select",
        select,
        "what to annotate next: the articles or sentences that a model would learn most from",
        "claimtag select pool.jsonl --model default -n 200 --out next.jsonl",
    )
    add_input(verb)
    verb.add_argument(
        "--model", "-m", default="default", help="a shipped model or a bundle's folder (default: default)"
    )
    verb.add_argument("--number", "-n", type=int, default=200, metavar="N", help="how many (default: 200)")
    verb.add_argument("--unit", choices=("article", "sentence"), default="article", help="of what (default: article)")
    verb.add_argument("--out", "-o", default="-", help="file to write (.jsonl); default: standard output")
    verb.add_argument(
        "--without",
        nargs="+",
        default=[],
        metavar="GOLD",
        help="leave out articles that are annotated here; with --unit sentence only the sentences that are",
    )
    verb.add_argument("--seed", type=int, default=0, help="settles the order of equals (default: 0)")

    verb = add_verb(
        verbs,
        "adjudicate",
        adjudicate,
        "one final file of two readings and the decisions on their disagreements",
        "claimtag adjudicate a.jsonl b.jsonl decisions.jsonl --out final.jsonl",
    )
    verb.add_argument("a", metavar="A", help="annotated articles")
    verb.add_argument("b", metavar="B", help="the same articles by another annotator")
    verb.add_argument(
        "decisions",
        nargs="+",
        metavar="DECISIONS",
        help="what claimtag agree --disagreements wrote, decisions filled in",
    )
    verb.add_argument(
        "--out", "-o", required=True, help="gold to write (.jsonl); what is undecided stands in it, marked"
    )
    verb.add_argument("--by", default="adjudicated", metavar="NAME", help="who adjudicated (default: adjudicated)")
    add_scheme(verb, "both")


def select(options: argparse.Namespace) -> int:
    from claimtag.reading import read_gold
    from claimtag.selecting import select
    from claimtag.tagging import load_tagger
    from claimtag.writing import write

    refuse_input_as_output([*options.inputs, *options.without], options.out)
    with ExitStack() as stack:
        rejects = stack.enter_context(Rejects(options.out))
        # file by file: other sentences of one article may have been annotated in another round
        done = [tagged for path in options.without for tagged in read_gold(path, on_reject=rejects.add)]
        pool = list(read_input(options, on_reject=rejects.add))
        tagger = load_tagger(options.model)
        chosen = select(pool, tagger, options.number, unit=options.unit, seed=options.seed, without=done)
        write(chosen, options.out, format="jsonl")
    found = len(chosen) if options.unit == "article" else sum(len(one.sentences) for one in chosen)
    known = {tagged.article.id for tagged in done} if options.unit == "article" else set[str]()
    left = sum(one.id not in known for one in pool)
    where = "" if options.out == "-" else f" → {options.out}"
    of = "" if options.unit == "article" else f" of {counted(len(chosen), 'article')}"
    say(f"{counted(found, options.unit)}{of} selected from a pool of {counted(left, 'article')}{where}")
    if found < options.number:
        say(f"the pool holds no more that is not like what was selected ({options.number:,} were asked for)")
    return rejects.tell()


def adjudicate(options: argparse.Namespace) -> int:
    from claimtag.adjudicating import adjudicate, disagreements, read_decisions
    from claimtag.evaluation import check_scheme
    from claimtag.reading import read_gold
    from claimtag.scheme import load_scheme
    from claimtag.writing import write

    refuse_input_as_output([options.a, options.b, *options.decisions], options.out)
    rejects, scheme = Rejects("-", most=20), load_scheme(options.scheme)
    first, second = (list(read_gold(path, on_reject=rejects.add)) for path in (options.a, options.b))
    for path, articles in ((options.a, first), (options.b, second)):
        check_scheme(articles, scheme.ref, what=path)
    found = list(disagreements(first, second, partial=True))
    decisions = read_decisions(*options.decisions, found=found, on_reject=rejects.add)
    made = adjudicate(first, second, decisions, by=options.by)
    write(made.articles, options.out, format="jsonl")
    say(
        f"{counted(len(made.articles), 'article')}, {len(decisions.by_id):,} of {len(found):,} disagreements decided → {options.out}"
    )
    for identity in made.read_once:
        say(f"read by one annotator alone: {identity}")
    for one in made.unresolved:
        say(f"unresolved: {one.id}")
    for identity in made.homeless:
        say(f"left out: {identity}: the sentences decided on have no place for this claim; decide again")
    return rejects.tell() or (DONE if made.is_complete else SOME_BAD)
