"""The commands about how good annotations and models are: evaluate, agree, perturb, suspects."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from claimtag.cli.notes import SCHEME, Rejects, add_verb, print_result, say, tell
from claimtag.cli.tagging import refuse_input_as_output
from claimtag.cli.training import add_table_options, columns_of, refuse_piped_table, refuse_table_options
from claimtag.errors import OptionError, counted

if TYPE_CHECKING:
    from claimtag.records import TaggedArticle
    from claimtag.tagging import Tagger


def add_commands(verbs: Any) -> None:
    verb = add_verb(
        verbs,
        "evaluate",
        evaluate,
        "score a model or predictions against gold, with intervals",
        "claimtag evaluate gold.jsonl --model default",
    )
    verb.add_argument(
        "gold",
        nargs="+",
        metavar="GOLD",
        help="annotated articles; with --model also tables of sentences, as for train",
    )
    either = verb.add_mutually_exclusive_group(required=True)
    either.add_argument("--model", "-m", help="a shipped model or a bundle's folder, run on the bare texts")
    either.add_argument(
        "--predictions", nargs="+", metavar="FILE", help="what claimtag tag wrote for the same articles"
    )
    add_scheme(verb, "the predictions")
    add_json(verb)
    add_table_options(verb)

    verb = add_verb(
        verbs,
        "agree",
        agree,
        "how far two annotations of the same articles agree",
        "claimtag agree gold.jsonl second.jsonl",
    )
    verb.add_argument("a", metavar="A", help="annotated articles")
    verb.add_argument("b", metavar="B", help="the same articles by another annotator")
    add_scheme(verb, "both")
    verb.add_argument("--partial", action="store_true", help="compare the articles that both have, and name the others")
    verb.add_argument(
        "--disagreements",
        metavar="FILE",
        help="list them too, to decide on (.jsonl, or .html); then: claimtag adjudicate",
    )
    add_json(verb)

    verb = add_verb(
        verbs,
        "perturb",
        perturb,
        "whether themes hold when a text changes in ways that should not matter",
        "claimtag perturb articles.jsonl --model default",
    )
    verb.add_argument("inputs", nargs="+", metavar="INPUT", help="articles, as for tag")
    verb.add_argument(
        "--model", "-m", default="default", help="a shipped model or a bundle's folder (default: default)"
    )
    verb.add_argument("--kinds", nargs="+", metavar="KIND", help="accents, capitals, negation, … (default: all)")
    verb.add_argument("--seed", type=int, default=0, help="settles what is drawn at random (default: 0)")
    add_json(verb)

    verb = add_verb(
        verbs,
        "suspects",
        suspects,
        "annotations that should be looked at again, the likeliest errors first",
        "claimtag suspects gold.jsonl --most 50",
    )
    add_gold(verb)
    add_scheme(verb, "the gold")
    verb.add_argument("--model", "-m", default="linear", help="model kind (default: linear)")
    verb.add_argument("--most", type=_at_least_one, default=100, metavar="N", help="how many (default: 100)")
    verb.add_argument(
        "--method",
        choices=("confident", "cleanlab"),
        default="confident",
        help='whose suspects: "cleanlab" takes those of that package, pip install "claimtag[cleanlab]" (default: confident)',
    )


def add_gold(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("gold", nargs="+", metavar="GOLD", help="annotated articles")


def add_scheme(verb: argparse.ArgumentParser, of: str) -> None:
    verb.add_argument("--scheme", default=SCHEME, help=f"the label scheme of {of}")


def add_json(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--json", action="store_true", help="machine-readable")


def evaluate(options: argparse.Namespace) -> int:
    from claimtag.evaluation import check_scheme, evaluate, report
    from claimtag.reading import read_gold
    from claimtag.scheme import load_scheme
    from claimtag.tagging import load_tagger
    from claimtag.training import is_table

    rejects, tables = Rejects("-", most=5), [path for path in options.gold if is_table(path)]
    tagger = load_tagger(options.model) if options.model else None
    if tables:
        gold = _of_tables(options, tables, tagger, rejects)
    else:
        refuse_table_options(options)
        gold = list(read_gold(*options.gold, on_reject=rejects.add))
        refuse_piped_table(options.gold, found=len(gold))
    scheme = tagger.scheme if tagger else load_scheme(options.scheme)
    check_scheme(gold, scheme.ref, what="the gold")
    if tagger:
        predicted = list(tagger.tag_sentences(gold) if tables else tagger.tag(tagged.article for tagged in gold))
    else:
        predicted = list(read_gold(*options.predictions, on_reject=rejects.add))
        check_scheme(predicted, scheme.ref, what="the predictions")
    figures = evaluate(gold, predicted, labels=scheme.labels, claims_sought=True)
    print_result({"scheme": asdict(scheme.ref)} | figures.to_dict() if options.json else report(figures))
    return rejects.tell()


def _of_tables(
    options: argparse.Namespace, tables: list[str], tagger: Tagger | None, rejects: Rejects
) -> list[TaggedArticle]:
    """Tables of sentences with labels of the model's scheme, as gold for the model's task."""
    from claimtag.training import read_table

    if tagger is None:
        raise OptionError(f"{tables[0]} is a table of sentences, scored only with --model")
    if other := [path for path in options.gold if path not in tables]:
        raise OptionError(f"{tables[0]} is a table of sentences, {other[0]} is not; give files of one kind")
    columns = columns_of(options, tagger.bundle.deciding.task)
    table = read_table(
        *tables,
        columns=columns,
        scheme=tagger.scheme,
        encoding=options.encoding,
        advice=f"{tagger.bundle.by} never learned it: take its rows out, train with them, or give another --model",
        on_reject=rejects.add,
    )
    for note in table.notes:
        say(note)
    return list(table.gold)


def agree(options: argparse.Namespace) -> int:
    from claimtag.evaluation import check_scheme
    from claimtag.evaluation.agreement import agree, not_shared
    from claimtag.evaluation.reporting import agreement_report
    from claimtag.reading import read_gold
    from claimtag.scheme import load_scheme

    rejects, scheme = Rejects("-", most=5), load_scheme(options.scheme)
    first, second = (list(read_gold(path, on_reject=rejects.add)) for path in (options.a, options.b))
    for path, articles in ((options.a, first), (options.b, second)):
        check_scheme(articles, scheme.ref, what=path)
    if not options.partial and (problems := not_shared(first, second)):
        raise OptionError(
            f"the annotators do not cover the same articles: {problems}. Compare the others with --partial"
        )
    agreement = agree(first, second, labels=scheme.labels, partial=options.partial)
    if options.disagreements:
        from claimtag.adjudicating import disagreements, write_disagreements

        refuse_input_as_output([options.a, options.b], options.disagreements)
        number = write_disagreements(disagreements(first, second, partial=options.partial), options.disagreements)
        say(f"{counted(number, 'disagreement')} → {options.disagreements}")
    print_result({"scheme": asdict(scheme.ref)} | agreement.to_dict() if options.json else agreement_report(agreement))
    return rejects.tell()


def perturb(options: argparse.Namespace) -> int:
    from claimtag.evaluation.perturbing import stability
    from claimtag.evaluation.reporting import stability_report
    from claimtag.evaluation.rewriting import PERTURBATIONS
    from claimtag.reading import read_articles
    from claimtag.tagging import load_tagger

    rejects, tagger = Rejects("-", most=5), load_tagger(options.model)
    articles = read_articles(*options.inputs, on_reject=rejects.add)
    kinds = stability(tagger.tag, articles, options.kinds or PERTURBATIONS, seed=options.seed)
    print_result([kind.to_dict() for kind in kinds] if options.json else stability_report(kinds))
    return rejects.tell()


def suspects(options: argparse.Namespace) -> int:
    from claimtag.experiments.suspecting import find_suspects
    from claimtag.reading import read_gold
    from claimtag.training import is_table

    if tables := [path for path in options.gold if is_table(path)]:
        raise OptionError(
            f"{tables[0]} is a table; suspects are looked for in annotated articles, as claimtag tag writes them "
            "(.jsonl, .parquet)"
        )
    rejects = Rejects("-", most=5)
    gold = list(read_gold(*options.gold, on_reject=rejects.add))
    found = find_suspects(gold, scheme=options.scheme, model=options.model, most=options.most, method=options.method)
    for suspect in found:
        tell(json.dumps(suspect.to_dict(), ensure_ascii=False))
    return rejects.tell()


def _at_least_one(word: str) -> int:
    if not word.isdecimal() or not int(word):
        raise argparse.ArgumentTypeError(f"a whole number from 1 up, not {word!r}")
    return int(word)
