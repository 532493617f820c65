"""The commands about experiments: experiment, compare, score, split, curve."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from claimtag.cli.evaluating import add_gold, add_json, add_scheme
from claimtag.cli.notes import DONE, SOME_BAD, Progress, Rejects, add_verb, print_result, say, tell
from claimtag.cli.tagging import refuse_input_as_output
from claimtag.errors import OptionError, counted

if TYPE_CHECKING:
    from claimtag.experiments import StoredRun
    from claimtag.records import TaggedArticle
    from claimtag.splits import Split

SPLITS = ("stratified", "folds", "date", "source")


def add_commands(verbs: Any) -> None:
    verb = add_verb(
        verbs,
        "experiment",
        experiment,
        "run experiment files; what is done is not repeated",
        "claimtag experiment experiments/examples.toml",
    )
    verb.add_argument("files", nargs="+", metavar="FILE", help="experiment files; results go beside them, to results/")

    verb = add_verb(
        verbs,
        "compare",
        compare,
        "which of two runs is better, and whether that can be told",
        "claimtag compare experiments/results/examples/tfidf-article-s0 experiments/results/examples/keywords-s0",
    )
    verb.add_argument("a", metavar="RUN_A", help="the folder of a run")
    verb.add_argument("b", metavar="RUN_B", help="the folder of another run on the same test set")
    add_json(verb)

    verb = add_verb(
        verbs,
        "score",
        score,
        "score a run's predictions anew, under other thresholds",
        'claimtag score experiments/results/examples/tfidf-article-s0 --goal "precision >= 0.9"',
    )
    verb.add_argument("run_folder", metavar="RUN", help="the folder of a run, on the machine that made it")
    verb.add_argument("--goal", help="tune thresholds on the training articles for this: f1, cost, precision >= 0.9, …")
    verb.add_argument(
        "--thresholds", nargs="+", default=[], metavar="LABEL=NUMBER", help="thresholds by hand, or a JSON file of them"
    )
    verb.add_argument("--gold", nargs="+", metavar="GOLD", help="score against this gold of the same articles")
    add_json(verb)

    verb = add_verb(
        verbs,
        "split",
        split,
        "deal annotated articles into parts without leaks",
        "claimtag split gold.jsonl --out split.json --shares train=0.8 test=0.2",
    )
    add_gold(verb)
    verb.add_argument("--out", "-o", required=True, help="file for the frozen split")
    verb.add_argument(
        "--by", choices=SPLITS, default="stratified", help="evenly by label (default), in folds, by date, by source"
    )
    verb.add_argument(
        "--shares", nargs="+", metavar="PART=SHARE", help="parts (default: train=0.8 dev=0.1 test=0.1); not for folds"
    )
    verb.add_argument("--folds", type=int, help="how many folds (default: 5); with --by folds")
    verb.add_argument("--seed", type=int, default=0, help="settles the order of equals (default: 0)")
    verb.add_argument("--parts", metavar="DIR", help="write the articles of each part to DIR/PART.jsonl")
    add_scheme(verb, "the gold")
    add_json(verb)

    verb = add_verb(
        verbs,
        "curve",
        curve,
        "what more annotated articles would bring",
        "claimtag curve train.jsonl --test test.jsonl --shares 0.25 0.5 1",
    )
    add_gold(verb)
    verb.add_argument("--test", nargs="+", required=True, metavar="GOLD", help="annotated articles to measure on")
    verb.add_argument("--model", "-m", default="linear", help="model kind (default: linear)")
    verb.add_argument("--shares", nargs="+", type=float, metavar="SHARE", help="parts of the articles to learn from")
    verb.add_argument("--seeds", type=int, default=3, help="how often each part is drawn anew (default: 3)")
    add_scheme(verb, "the gold")
    add_json(verb)


def experiment(options: argparse.Namespace) -> int:
    from claimtag.experiments import run_experiments

    with Progress() as progress:
        report = run_experiments(options.files, tell=progress.tell)
    for name, reason in report.skipped.items():
        say(f"{name} skipped: {reason}")
    for run, error in report.failures.items():
        say(f"{run} failed: {error}")
    for versions, runs in report.by_other_versions.items():
        say(
            f"{counted(len(runs), 'run')} stand from {versions}; remove their folders to make them anew: {', '.join(runs)}"
        )
    done = len(report.outcomes) - len(report.made)
    say(f"{counted(len(report.made), 'run')} made, {done} done before, {len(report.failures)} failed")
    for page in report.pages:
        tell(str(page))
    return SOME_BAD if report.failures else DONE


def compare(options: argparse.Namespace) -> int:
    from claimtag.evaluation.comparing import compare
    from claimtag.evaluation.reporting import comparison_report

    comparison = compare(_run(options.a).comparable(), _run(options.b).comparable())
    print_result(comparison.to_dict() if options.json else comparison_report(comparison))
    return DONE


def score(options: argparse.Namespace) -> int:
    from claimtag.evaluation import report
    from claimtag.experiments.scoring import read_thresholds, score_run
    from claimtag.reading import read_gold

    rejects = Rejects("-", most=5)
    gold = list(read_gold(*options.gold, on_reject=rejects.add)) if options.gold else None
    thresholds = read_thresholds(options.thresholds)
    scored = score_run(_run(options.run_folder), goal=options.goal, thresholds=thresholds, gold=gold)
    print_result(scored.figures if options.json else report(scored.evaluation))
    return rejects.tell()


def split(options: argparse.Namespace) -> int:
    from claimtag.evaluation import check_scheme
    from claimtag.evaluation.reporting import split_report
    from claimtag.reading import read_gold
    from claimtag.scheme import load_scheme
    from claimtag.splits import write_split
    from claimtag.writing import write

    rejects, scheme = Rejects("-", most=5), load_scheme(options.scheme)
    refuse_input_as_output(options.gold, options.out)
    gold = list(read_gold(*options.gold, on_reject=rejects.add))
    check_scheme(gold, scheme.ref, what="the gold")
    made = _split(options, gold, scheme.labels)
    parts = (
        {Path(options.parts) / f"{part}.jsonl": articles for part, articles in made.parts(gold).items()}
        if options.parts
        else {}
    )
    for file in parts:
        refuse_input_as_output(options.gold, str(file))
    write_split(made, options.out)
    for file, articles in parts.items():
        write(articles, file, format="jsonl")
    print_result(made.to_dict() if options.json else split_report(made))
    return rejects.tell()


def curve(options: argparse.Namespace) -> int:
    from claimtag.evaluation import check_scheme
    from claimtag.evaluation.learning import SHARES
    from claimtag.evaluation.reporting import curve_report
    from claimtag.experiments.curves import train_curve
    from claimtag.reading import read_gold
    from claimtag.scheme import load_scheme

    rejects, scheme = Rejects("-", most=5), load_scheme(options.scheme)
    gold, test = (list(read_gold(*paths, on_reject=rejects.add)) for paths in (options.gold, options.test))
    check_scheme([*gold, *test], scheme.ref, what="the gold")
    with Progress() as progress:
        points = train_curve(
            gold,
            test,
            scheme=scheme,
            model=options.model,
            shares=options.shares or SHARES,
            seeds=options.seeds,
            tell=progress.tell,
        )
    print_result([point.to_dict() for point in points] if options.json else curve_report(points))
    return rejects.tell()


def _run(folder: str) -> StoredRun:
    """The run in a folder; a note where it is not what its experiment asks for any more."""
    from claimtag.experiments import read_run
    from claimtag.experiments.stored import again

    run = read_run(folder)
    if run.is_stale:
        say(f"{folder}: these are old figures: making the run anew failed or was interrupted; {again(run.folder)}")
    return run


def _split(options: argparse.Namespace, gold: list[TaggedArticle], labels: Sequence[str]) -> Split:
    from claimtag.splits import fold_articles, split_articles, split_by_date, split_by_source
    from claimtag.splits.making import SHARES

    if options.by == "folds":
        if options.shares is not None:
            raise OptionError("folds are of one size: give --folds, or --shares with another --by")
        return fold_articles(
            gold, folds=5 if options.folds is None else options.folds, labels=labels, seed=options.seed
        )
    if options.folds is not None:
        raise OptionError(f"--folds {options.folds} goes with --by folds; parts by {options.by} take --shares")
    shares = SHARES if options.shares is None else _shares(options.shares)
    if options.by == "date":
        return split_by_date(gold, shares=shares, labels=labels)
    if options.by == "source":
        return split_by_source(gold, shares=shares, labels=labels, seed=options.seed)
    return split_articles(gold, shares=shares, labels=labels, seed=options.seed)


def _shares(words: list[str]) -> dict[str, float]:
    shares: dict[str, float] = {}
    for word in words:
        part, _, share = word.partition("=")
        if not re.fullmatch(r"\w[\w-]*", part):  # parts become file names
            raise OptionError(f"a part of a split is named by letters, digits and hyphens, not {part!r}")
        if part.casefold() in map(str.casefold, shares):  # which are one on many systems, whatever their case
            raise OptionError(f"the part {part!r} is given twice")
        try:
            shares[part] = float(share)
        except ValueError as error:
            raise OptionError(f"{word!r}: write shares as train=0.8 test=0.2") from error
    if round(total := sum(shares.values()), 2) != 1:
        raise OptionError(f"the shares add up to {total:g}, not to 1: {' '.join(words)}")
    return shares
