"""The commands about models at work: tag, explain; `train` stands in `cli.training`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from claimtag.cli.batching import add_batch_options, is_batch, refuse_batch_options, tag_into_folder, tell_counts
from claimtag.cli.notes import DONE, SOME_BAD, Progress, Rejects, add_verb, say, tell
from claimtag.cli.training import add_training
from claimtag.errors import OptionError, counted

if TYPE_CHECKING:
    from claimtag.reading import Counts
    from claimtag.records import Article
    from claimtag.tagging import Explanation, Tagger
    from claimtag.writing import Format

FORMATS = ("jsonl", "parquet", "csv", "html", "jsonld")
_ENDINGS: dict[str, Format] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".csv": "csv",
    ".html": "html",
    ".htm": "html",
    ".jsonld": "jsonld",
}


def add_commands(verbs: Any) -> None:
    verb = add_verb(verbs, "tag", tag, "tag articles", "claimtag tag articles/ news.jsonl --out tagged.jsonl")
    add_input(verb)
    verb.add_argument("--out", "-o", default="-", help="file or folder/ to write; - for stdout (default)")
    verb.add_argument(
        "--format", "-f", choices=FORMATS, help="shape of the output (default: by the ending of --out, else jsonl)"
    )
    verb.add_argument(
        "--model", "-m", default="default", help="a shipped model or a bundle's folder (default: default)"
    )
    add_scheme(verb)
    verb.add_argument(
        "--sentences",
        action="store_true",
        help="each record is one sentence, not an article: read alone, never cut, themes and no claims",
    )
    verb.add_argument("--quiet", "-q", action="store_true", help="no table of what was found")
    add_batch_options(verb)

    add_training(verbs)

    verb = add_verb(
        verbs, "explain", explain, "which words made a theme's score", "claimtag explain article.txt --theme drugs"
    )
    add_input(verb)
    verb.add_argument("--theme", required=True, help="the theme to explain")
    verb.add_argument(
        "--model", "-m", default="default", help="a shipped model or a bundle's folder (default: default)"
    )
    add_scheme(verb)
    verb.add_argument("--article", metavar="ID", help="only the article of that id")
    verb.add_argument(
        "--above", type=float, default=0.0, metavar="SCORE", help="only sentences with at least this score (default: 0)"
    )
    verb.add_argument("--words", type=int, default=10, metavar="N", help="words shown a sentence (default: 10)")


def add_scheme(verb: argparse.ArgumentParser) -> None:
    """The option that gives a model labels which it has not learned."""
    verb.add_argument(
        "--scheme",
        help="a label scheme with labels beside the model's own: these are scored by their definition, keywords and "
        "examples there, and marked as untrained",
    )


def load_chosen(options: argparse.Namespace) -> Tagger:
    """The tagger that a command's options name; what is to be known of its labels is said on stderr."""
    from claimtag.scheme import load_scheme
    from claimtag.tagging import Tagger, load_tagger
    from claimtag.training.extending import changed, extended

    tagger = load_tagger(options.model)
    if options.scheme is None:
        return tagger
    bundle = extended(tagger.bundle, load_scheme(options.scheme))
    if bundle.untrained:
        named = ", ".join(bundle.untrained)
        say(f"no data to learn {named} from: scored by their texts in {options.scheme}; do not rely on them")
    if other := changed(tagger.bundle, bundle.scheme):
        say(f"learned under other rules than those of {options.scheme}: {', '.join(other)}")
    return Tagger(bundle)


def add_input(verb: argparse.ArgumentParser) -> None:
    """The options that say what articles to read, and how."""
    verb.add_argument(
        "inputs",
        nargs="+",
        metavar="INPUT",
        help=".txt .html .jsonl .csv .tsv (.gz .zst too) .parquet, a folder, or - for JSONL on stdin",
    )
    verb.add_argument("--encoding", help="encoding of the input (default: UTF-8, or UTF-16 by its byte order mark)")
    verb.add_argument("--lang", help="language of articles that do not name theirs, such as fr (default: identified)")
    for name in ("text", "id", "title", "date", "source", "url", "lang"):
        verb.add_argument(
            f"--{name}-field", default=name, metavar="NAME", help=f'field that holds the {name} (default: "{name}")'
        )


def read_input(options: argparse.Namespace, **more: Any) -> Iterator[Article]:
    """The articles that a command's options name."""
    from claimtag.reading import Fields, read_articles

    names = {field.name: getattr(options, f"{field.name}_field") for field in fields(Fields)}
    return read_articles(*options.inputs, fields=Fields(**names), encoding=options.encoding, lang=options.lang, **more)


def tag(options: argparse.Namespace) -> int:
    if is_batch(options):
        return tag_into_folder(options)
    refuse_batch_options(options)
    from claimtag.reading import Counts
    from claimtag.summary import Summary
    from claimtag.tagging import as_sentences
    from claimtag.writing import write

    shape: Format = options.format or _format_of(options.out)
    refuse_input_as_output(options.inputs, options.out)
    tagger = load_chosen(options)
    tiers = {one.label: one.tier for one in tagger.bundle.tiers}
    counts, summary = Counts(), Summary()
    with ExitStack() as stack:
        rejects = stack.enter_context(Rejects(options.out))
        articles = read_input(options, on_reject=rejects.add, counts=counts)
        progress = stack.enter_context(Progress("articles tagged", lambda: f", {counts.rejects:,} rejected"))
        found = (
            tagger.tag_sentences(as_sentences(articles), claims=False) if options.sentences else tagger.tag(articles)
        )
        tagged = progress.over(summary.over(found))
        write(tagged, options.out, format=shape, scheme=tagger.scheme, tiers=tiers)
    if options.out != "-" and not options.quiet:
        say(summary.table(tagger.scheme, tiers=tiers))
    return _tell(counts, options.out, rejects)


def explain(options: argparse.Namespace) -> int:
    from claimtag.training.naming import find_label

    tagger, rejects, shown = load_chosen(options), Rejects("-"), 0
    label = find_label(options.theme, tagger.scheme) or tagger.scheme.theme(options.theme).id
    unasked = tagger.bundle.not_asked
    labels: dict[int, tuple[str, ...]] = {}  # of each sentence by its start, where one label alone can be said
    for article in read_input(options, on_reject=rejects.add):
        if options.article and article.id != options.article:
            continue
        if tagger.bundle.deciding.task == "single-label":
            (tagged,) = tagger.tag([article])
            labels = {sentence.start: sentence.labels for sentence in tagged.sentences}
        for explanation in tagger.explain(article, label=label, most=max(0, options.words)):
            if explanation.score >= options.above:
                shown += 1
                said = _when_said(explanation, labels.get(explanation.sentence.start), asked=label not in unasked)
                tell(f"{explanation.score:.2f} ({said})  {explanation.sentence.text}")
                for word, part, weight in explanation.weights:
                    if round(weight, 2):  # of a label that was not learned no word weighs anything
                        tell(f"    {weight:+.2f}  {word}  ({part})")
    if not shown:
        where = f'in article "{options.article}"' if options.article else "in these articles"
        say(f"no sentence {where} has a score of {options.above} or more for {options.theme}")
    return SOME_BAD if rejects.count else DONE


def _when_said(explanation: Explanation, labels: tuple[str, ...] | None, *, asked: bool) -> str:
    """From which score a label is said; of one alone (`labels`: what the sentence got), whether it is, or why not."""
    limit = explanation.threshold
    if limit is None:
        return "never said" if asked else "nobody was asked about it in training: neither said nor denied"
    if labels is None:
        return f"said from {limit:.2f}"
    if explanation.label in labels:
        return "said"
    if labels:
        return f"not said: {labels[0]} is likelier"
    return f"not said below {limit:.2f}" if explanation.score < limit else "not said: another label is likelier"


def _tell(counts: Counts, out: str, rejects: Rejects) -> int:
    where = "" if out == "-" else f" → {out}"
    say(f"{counted(counts.articles, 'article')} tagged{where}")
    tell_counts(counts)
    return rejects.tell()


def refuse_input_as_output(inputs: list[str], out: str) -> None:
    """OptionError where a run would overwrite what it reads, or the next run would read what this one writes."""
    if out == "-":
        return
    written = [Path(out).resolve(), Path(f"{out}.rejects.jsonl").resolve()]
    for name in inputs:
        path = Path(name).resolve()
        if path in written:
            raise OptionError(f"{name} is read by this run, which would write to it too; give another --out")
        if path.is_dir() and written[0].is_relative_to(path):
            raise OptionError(
                f"{out} lies inside the input {name}, where the next run would read it as an article; give an --out elsewhere"
            )


def _format_of(out: str) -> Format:
    if out == "-":
        return "jsonl"
    ending = Path(out).suffix.lower()
    if ending not in _ENDINGS:
        raise OptionError(
            f'which format shall "{out}" have? end it in {", ".join(dict.fromkeys(_ENDINGS))}, or say --format'
        )
    return _ENDINGS[ending]
