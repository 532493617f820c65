"""A data set as the Hugging Face hub keeps one: a folder of Parquet files and a card that says what is in them.

Two configurations: `articles` holds whole records and loses nothing, `sentences` a sentence a row with its themes as
class labels. Column types are written down, so that a column in which nothing happens to stand keeps its type.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from claimtag.errors import InputError, OutputError
from claimtag.exchange.drafts import OnReject
from claimtag.reading import read_gold
from claimtag.records import KINDS, TaggedArticle
from claimtag.scheme import Scheme

if TYPE_CHECKING:
    import datasets

ARTICLES, SENTENCES, CARD = "articles.parquet", "sentences.parquet", "README.md"
_LICENCES = {"cc0": "cc0-1.0", "public domain": "cc0-1.0", "mit": "mit", "apache-2.0": "apache-2.0"}
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def write(tagged: Iterable[TaggedArticle], out: Path, scheme: Scheme) -> list[Path]:
    """The folder written, which must be new, empty, or an earlier export: its files are replaced."""
    import pyarrow.parquet

    from claimtag.writing import write as write_articles

    ours = {ARTICLES, SENTENCES, CARD}
    if out.exists() and (not out.is_dir() or {path.name for path in out.iterdir()} - ours):
        raise OutputError(f"{out}: is there and not a data set's folder; give the name of a new one")
    gold = list(tagged)
    out.mkdir(parents=True, exist_ok=True)
    write_articles(gold, out / ARTICLES, format="parquet")
    sentences = sentences_dataset(gold, scheme)  # its own to_parquet draws a progress bar
    pyarrow.parquet.write_table(sentences.data.table.cast(sentences.features.arrow_schema), out / SENTENCES)
    (out / CARD).write_text(data_card(gold, scheme, name=out.name), encoding="utf-8")
    return [out]


def read(paths: Sequence[Path], on_reject: OnReject) -> Iterator[TaggedArticle]:
    """The records of the configuration `articles`, from folders that `write` made or from their Parquet files."""
    for path in paths:
        file = path / ARTICLES if path.is_dir() else path
        if not file.is_file():
            raise InputError(f"{path}: no {ARTICLES} there; give the folder that claimtag export datasets wrote")
        yield from read_gold(file, on_reject=on_reject)


def sentences_dataset(tagged: Iterable[TaggedArticle], scheme: Scheme) -> datasets.Dataset:
    """A sentence a row, without boilerplate: its themes as class labels, and those that nobody looked for.

    The types of the columns do not depend on what stands in them: they hold for no sentence at all.
    """
    import datasets

    labels = datasets.Sequence(datasets.ClassLabel(names=list(scheme.labels)))
    strings = {
        name: datasets.Value("string") for name in ("article", "text", "source", "date", "lang", "licence", "by")
    }
    features = datasets.Features(
        {**strings, "sentence": datasets.Value("int32"), "kind": datasets.ClassLabel(names=list(KINDS))}
        | {"themes": labels, "not_asked": labels}
    )
    columns: dict[str, list[Any]] = {name: [] for name in features}
    for one in tagged:
        article = one.article
        for index, sentence in enumerate(one.sentences):
            if sentence.kind == "boilerplate":
                continue
            row = {"article": article.id, "text": sentence.text, "source": article.source, "date": article.date}
            row |= {"lang": article.lang, "licence": one.licence, "by": one.by, "kind": sentence.kind}
            numbers = {"sentence": index, "themes": list(sentence.labels), "not_asked": list(sentence.not_asked)}
            for name, value in (row | numbers).items():
                columns[name].append(value)
    return datasets.Dataset.from_dict(columns, features=features)


def data_card(gold: Sequence[TaggedArticle], scheme: Scheme, *, name: str) -> str:
    """README.md of the data set: what the hub reads at its head, then counts, provenance and licences."""
    from claimtag.pipeline import describe_gold

    described = describe_gold(name, gold)
    sentences = [one for tagged in gold for one in tagged.sentences]
    themes = Counter(label for one in sentences for label in one.labels)
    unasked = Counter(label for one in sentences for label in one.not_asked)
    claims = Counter[str](claim.type for tagged in gold for claim in tagged.claims)
    sources = Counter(tagged.article.source or "not stated" for tagged in gold)
    dates = sorted(tagged.article.date for tagged in gold if tagged.article.date)
    themes_rows = [
        f"| `{label}` | {themes[label]:,} | {described.sentences - unasked[label]:,} |" for label in scheme.labels
    ]
    none = sum(not one.themes for one in sentences if one.kind != "boilerplate")
    lines = [
        _head(gold, scheme, name, described.licences),
        f"# {name}\n",
        f"{len(gold):,} articles, {described.sentences:,} sentences (without boilerplate), {sum(claims.values()):,} claims. "
        f"Themes follow the label scheme `{scheme.name}` {scheme.version} (sha256 `{scheme.sha256}`).\n",
        "## Counts\n\n| theme | sentences | sentences asked |\n|---|---|---|",
        *themes_rows,
        f"| none | {none:,} | |\n",
        f"Claims by type: {_counted(claims)}. Kinds of sentences: {_counted(Counter(one.kind for one in sentences))}.\n",
        "## Provenance\n",
        f"Sources (articles): {_counted(sources)}. Dates: {f'{dates[0]} to {dates[-1]}' if dates else 'not stated'}. "
        f"Annotators (articles): {_counted(described.annotators)}. Hash of the records: sha256 `{described.sha256}`.\n",
        f"## Licences\n\nOf the texts, as stated with each article: {_counted(described.licences)}.\n",
        "## Use\n\n```python\nimport datasets\n\n"
        f'sentences = datasets.load_dataset("{name}", "sentences", split="train")\n'
        f'articles = datasets.load_dataset("{name}", "articles", split="train")  # for claimtag.from_dataset\n```',
    ]
    return "\n".join(lines) + "\n"


def _head(gold: Sequence[TaggedArticle], scheme: Scheme, name: str, licences: Mapping[str, int]) -> str:
    """The YAML that the hub reads; strings are quoted as JSON, which is YAML too."""
    import json

    languages = sorted({tagged.article.lang for tagged in gold if tagged.article.lang})
    known = sorted({_licence(licence) for licence in licences})
    size = next((words for limit, words in _SIZES if len(gold) < limit), "n>1M")
    configurations = "".join(
        f"- config_name: {config}\n  data_files:\n  - split: train\n    path: {config}.parquet\n"
        + ("  default: true\n" if config == "articles" else "")
        for config in ("articles", "sentences")
    )
    return (
        f"---\npretty_name: {json.dumps(name, ensure_ascii=False)}\nlicense: {json.dumps(known)}\n"
        f"language: {json.dumps(languages)}\ntask_categories: [text-classification, token-classification]\n"
        f"size_categories: [{size}]\ntags: [{json.dumps(scheme.name)}]\nconfigs:\n{configurations}---\n"
    )


def _licence(licence: str) -> str:
    """The hub's name of a licence: `cc-by-2.5` for "CC BY 2.5"."""
    name = licence.strip().lower()
    return "unknown" if name == "not stated" else _LICENCES.get(name, name.replace(" ", "-"))


def _counted(counts: Mapping[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{name} {number:,}" for name, number in ordered) or "none"
