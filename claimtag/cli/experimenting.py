"""The commands about experiments: experiment, compare, score, split, curve."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from claimtag.cli.notes import DONE, SCHEME, SOME_BAD, Progress, Rejects, add_verb, counted, print_result, say
from claimtag.cli.tagging import refuse_input_as_output
from claimtag.errors import OptionError

if TYPE_CHECKING:
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
    verb.add_argument("--json", action="store_true", help="machine-readable")

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
    verb.add_argument("--json", action="store_true", help="machine-readable")

    verb = add_verb(
        verbs,
        "split",
        split,
        "deal annotated articles into parts without leaks",
        "claimtag split gold.jsonl --out split.json --shares train=0.8 test=0.2",
    )
    verb.add_argument("gold", nargs="+", metavar="GOLD", help="annotated articles")
    verb.add_argument("--out", "-o", required=True, help="file for the frozen split")
    verb.add_argument(
        "--by", choices=SPLITS, default="stratified", help="evenly by label (default), in folds, by date, by source"
    )
    verb.add_argument(
        "--shares", nargs="+", default=[], metavar="PART=SHARE", help="parts (default: train=0.8 dev=0.1 test=0.1)"
    )
    verb.add_argument("--folds", type=int, default=5, help="how many folds (default: 5)")
    verb.add_argument("--seed", type=int, default=0, help="settles the order of equals (default: 0)")
    verb.add_argument("--parts", metavar="DIR", help="write the articles of each part to DIR/PART.jsonl")
    verb.add_argument("--scheme", default=SCHEME, help="the label scheme of the gold")
    verb.add_argument("--json", action="store_true", help="machine-readable")

    verb = add_verb(
        verbs,
        "curve",
        curve,
        "what more annotated articles would bring",
        "claimtag curve train.jsonl --test test.jsonl --shares 0.25 0.5 1",
    )
    verb.add_argument("gold", nargs="+", metavar="GOLD", help="annotated articles to learn from")
    verb.add_argument("--test", nargs="+", required=True, metavar="GOLD", help="annotated articles to measure on")
    verb.add_argument("--scheme", default=SCHEME, help="the label scheme of both")
    verb.add_argument("--model", "-m", default="linear", help="model kind (default: linear)")
    verb.add_argument("--shares", nargs="+", type=float, metavar="SHARE", help="parts of the articles to learn from")
    verb.add_argument("--seeds", type=int, default=3, help="how often each part is drawn anew (default: 3)")
    verb.add_argument("--json", action="store_true", help="machine-readable")


def experiment(options: argparse.Namespace) -> int:
    from claimtag.experiments import run_experiments

    with Progress() as progress:
        report = run_experiments(options.files, tell=progress.tell)
    for name, reason in report.skipped.items():
        say(f"{name} skipped: {reason}")
    for run, error in report.failures.items():
        say(f"{run} failed: {error}")
    done = len(report.outcomes) - len(report.made)
    say(f"{counted(len(report.made), 'run')} made, {done} done before, {len(report.failures)} failed")
    for page in report.pages:
        print(page)
    return SOME_BAD if report.failures else DONE


def compare(options: argparse.Namespace) -> int:
    from claimtag.evaluation.comparing import compare
    from claimtag.evaluation.reporting import comparison_report
    from claimtag.experiments import read_run

    comparison = compare(read_run(options.a).comparable(), read_run(options.b).comparable())
    print_result(comparison.to_dict() if options.json else comparison_report(comparison))
    return DONE


def score(options: argparse.Namespace) -> int:
    from claimtag.evaluation import report
    from claimtag.experiments import read_run
    from claimtag.experiments.scoring import read_thresholds, score_run
    from claimtag.reading import read_gold

    rejects = Rejects("-", most=5)
    gold = list(read_gold(*options.gold, on_reject=rejects.add)) if options.gold else None
    thresholds = read_thresholds(options.thresholds)
    scored = score_run(read_run(options.run_folder), goal=options.goal, thresholds=thresholds, gold=gold)
    print_result(scored.figures if options.json else report(scored.evaluation))
    return SOME_BAD if rejects.count else DONE


def split(options: argparse.Namespace) -> int:
    from claimtag.evaluation.reporting import split_report
    from claimtag.reading import read_gold
    from claimtag.scheme import load_scheme
    from claimtag.splits import write_split
    from claimtag.writing import write

    rejects = Rejects("-", most=5)
    refuse_input_as_output(options.gold, options.out)
    gold = list(read_gold(*options.gold, on_reject=rejects.add))
    made = _split(options, gold, load_scheme(options.scheme).labels)
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
    return SOME_BAD if rejects.count else DONE


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
    return SOME_BAD if rejects.count else DONE


def _split(options: argparse.Namespace, gold: list[TaggedArticle], labels: Sequence[str]) -> Split:
    from claimtag.splits import fold_articles, split_articles, split_by_date, split_by_source
    from claimtag.splits.making import SHARES

    shares = _shares(options.shares) if options.shares else SHARES
    if options.by == "folds":
        return fold_articles(gold, folds=options.folds, labels=labels, seed=options.seed)
    if options.by == "date":
        return split_by_date(gold, shares=shares, labels=labels)
    if options.by == "source":
        return split_by_source(gold, shares=shares, labels=labels, seed=options.seed)
    return split_articles(gold, shares=shares, labels=labels, seed=options.seed)


def _shares(words: list[str]) -> dict[str, float]:
    try:
        shares = {part: float(share) for part, _, share in (word.partition("=") for word in words)}
    except ValueError as error:
        raise OptionError(f"{' '.join(words)!r}: write shares as train=0.8 test=0.2") from error
    for part in shares:
        if not re.fullmatch(r"\w[\w-]*", part):  # parts become file names
            raise OptionError(f"a part of a split is named by letters, digits and hyphens, not {part!r}")
    return shares
