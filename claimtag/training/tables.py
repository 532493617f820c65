"""Anybody's tables of sentences (CSV, TSV, JSONL, Parquet; one a row) as gold, with what was understood of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from claimtag.errors import InputError, OptionError, counted, did_you_mean
from claimtag.reading import Reject, identify_language
from claimtag.reading.lines import check_encoding
from claimtag.reading.rows import COMPRESSED, Fault, Row, check_source, read_rows
from claimtag.reading.values import unusable
from claimtag.records import Article, Sentence, TaggedArticle, Theme
from claimtag.scheme import Scheme, load_scheme
from claimtag.training.candidates import defaults
from claimtag.training.cells import cell, is_empty, listed
from claimtag.training.layouts import Columns, Layout, find_layout
from claimtag.training.naming import NO_SCHEME, Naming, made_scheme, matched
from claimtag.training.warning import table_warnings

_SAMPLED = 400  # texts whose language is asked before that of all is taken to be theirs
_UNDECODABLE = 0.1  # share of rows in another encoding from which on a table is refused: they are those with accents
_ALL_ONE = 0.95  # share of them that must be in one language


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of a table: where it stands, its labels as written there, and the article that it is of."""

    place: str
    text: str
    labels: tuple[str, ...]
    group: str | None
    not_asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Tables of sentences, read: the gold and its scheme, what was understood, and what a user should know of them."""

    gold: tuple[TaggedArticle, ...]
    scheme: Scheme
    layout: Layout
    naming: Naming
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def sentences(self) -> int:
        return sum(len(tagged.sentences) for tagged in self.gold)

    def options(self, kind: str = "linear", *, chosen: bool = False) -> dict[str, Any]:
        """The options that suit the table: sentences without articles are read alone, and of few every word counts.

        With `chosen` only what is no matter of choice.
        """
        if kind != "linear":
            return {}
        alone = {} if self.layout.group else {"context": False}
        return alone if chosen else alone | defaults(kind, self.sentences)


def read_table(
    *files: str | Path,
    columns: Columns | None = None,
    scheme: Scheme | str | Path | None = None,
    encoding: str | None = None,
    advice: str = NO_SCHEME,
    on_reject: Callable[[Reject], object],
) -> Table:
    """The sentences of some tables, which are read as one.

    Without a `scheme` one is made of the labels found. Rows without text, or with what cannot be understood, go to
    `on_reject`. With a column of articles, the sentences of each are one article, in the order of the rows; without,
    each sentence is an article of its own. SchemeError names a label that a given scheme does not have and ends in
    `advice`, OptionError columns that cannot be found, InputError tables without a row that can be used, or in another
    encoding.
    """
    rows = list(_rows(files, encoding, on_reject))
    where = ", ".join(Path(file).name for file in files)
    if not rows:
        raise InputError(f"{where}: no row that can be used; a table needs a header and a sentence on every row")
    layout = find_layout([row.values for row in rows], columns or Columns(), where=where)
    lines = list(_lines(rows, layout, on_reject))
    if not lines:
        raise InputError(f'{where}: no row with a text in "{layout.text}" and labels that can be understood')
    counts = Counter(label for line in lines for label in line.labels)
    language_of = _languages([line.text for line in lines])
    if scheme is None:
        common = Counter(filter(None, map(language_of, (line.text for line in lines[:_SAMPLED])))).most_common(1)
        counts.update(dict.fromkeys(layout.labels if layout.flags else (), 0))
        naming = made_scheme(counts, file=where, name=_bare_name(files[0]), lang=common[0][0] if common else None)
    else:
        places: dict[str, str] = {}
        for line in lines:
            for label in (*line.labels, *line.not_asked):
                places.setdefault(label, line.place)
        naming = matched(places, scheme if isinstance(scheme, Scheme) else load_scheme(scheme), advice=advice)
    gold = tuple(_articles(lines, naming, language_of))
    return Table(
        gold=gold,
        scheme=naming.scheme,
        layout=layout,
        naming=naming,
        notes=tuple(_notes(where, lines, layout, naming, given=scheme is not None)),
        warnings=tuple(table_warnings(lines, naming)),
    )


def check_varied(table: Table) -> None:
    """Refuses a table whose sentences all have the same labels: whatever is learned from it says them of everything."""
    if len({(sentence.labels, sentence.not_asked) for tagged in table.gold for sentence in tagged.sentences}) > 1:
        return
    labels = table.gold[0].sentences[0].labels
    what = f"has {', '.join(labels)} and nothing else" if labels else "has no label"
    raise OptionError(
        f"every sentence of the table {what}, so a model would say the same of everything; add sentences that differ"
    )


def read_test(
    *files: str | Path, table: Table, encoding: str | None = None, on_reject: Callable[[Reject], object]
) -> tuple[tuple[TaggedArticle, ...], tuple[str, ...]]:
    """Gold of tables in the layout of another, to be scored and never learned from; and what was left out of it.

    Sentences whose text stands in the other table too are left out. OptionError where columns of that layout are not
    there, InputError where no sentence can be scored, SchemeError for a label that the other table does not have.
    """
    where = ", ".join(Path(file).name for file in files)
    known = {_key(sentence.text) for tagged in table.gold for sentence in tagged.sentences}
    rows = list(_rows(files, encoding, on_reject))
    _check_columns(rows, table.layout, where)
    lines = list(_lines(rows, table.layout, on_reject))
    if not lines:
        raise InputError(f"{where}: no row of the test can be used; leave --test out, or give a table with such rows")
    kept = [line for line in lines if _key(line.text) not in known]
    places = {label: line.place for line in reversed(kept) for label in (*line.labels, *line.not_asked)}
    advice = "a test can have only labels that were learned: take these rows out, or such into the training data"
    naming = matched(places, table.scheme, known=table.naming.ids, advice=advice)
    seen = len(lines) - len(kept)
    of = f"{seen:,} of {counted(len(lines), 'sentence')} of the test"
    stand = "stands in the training data too and was" if seen == 1 else "stand in the training data too and were"
    warnings = (f"{of} {stand} left out",)
    gold = tuple(_articles(kept, naming, _languages([line.text for line in kept]), mark="test "))
    return gold, warnings if seen else ()


def _bare_name(file: str | Path) -> str:
    """A file's name without the endings of its format and compression."""
    path = Path(file)
    return Path(path.stem).stem if path.suffix.lower() in COMPRESSED else path.stem


def _rows(files: Sequence[str | Path], encoding: str | None, on_reject: Callable[[Reject], object]) -> Iterator[Row]:
    codec = None if encoding is None else check_encoding(encoding)
    for file in files:
        check_source(file)
    for file in files:
        undecodable, count = list[str](), 0
        for row in read_rows(file, encoding=codec):
            count += 1
            if isinstance(row, Fault):
                on_reject(Reject(row.file, row.line, row.id, row.reason))
                undecodable += [row.reason] if row.is_undecodable else []
            else:
                yield row
        if undecodable and len(undecodable) >= _UNDECODABLE * count:
            raise InputError(f"{file}: {len(undecodable):,} of {count:,} rows cannot be read: {undecodable[0]}")


def _check_columns(rows: Sequence[Row], layout: Layout, where: str) -> None:
    there = list(dict.fromkeys(name for row in rows for name in row.values))
    for name in (layout.text, *layout.labels):
        if rows and name not in there:
            raise OptionError(
                f'{where}: no column "{name}"{did_you_mean(name, there)}; a test has the columns of the training data, '
                f"those here are {listed(there)}"
            )


def _lines(rows: Sequence[Row], layout: Layout, on_reject: Callable[[Reject], object]) -> Iterator[Line]:
    for row in rows:
        text = row.values.get(layout.text)
        problem = _problem(layout.text, text)
        labels: list[str] = []
        if problem is None:
            try:
                labels = layout.labels_of(row.values)
            except ValueError as error:
                problem = str(error)
        if problem is None and layout.task == "single-label" and len(set(labels)) > 1:
            problem = f"{len(set(labels))} labels, and the task is single-label"
        if problem is not None:
            on_reject(Reject(row.file, row.line, None, problem))
            continue
        group = _group(row.values, layout.group)
        not_asked = tuple(layout.not_asked_of(row.values))
        yield Line(f"{row.file}:{row.line}", str(text), tuple(dict.fromkeys(labels)), group, not_asked)


def _problem(name: str, text: Any) -> str | None:
    if text is None or text != text:  # NaN
        return f'no "{name}"'
    if not isinstance(text, str):
        return f'"{name}" is {text!r:.40}, not a string'
    if not any(char.isalnum() for char in text):
        return f'"{name}" is empty' if not text.strip() else f'"{name}" holds no letter and no figure'
    if is_empty(text):  # "None" too: no sentence is one word, spelled as programs write a missing value
        return f'"{name}" is "{text.strip()}", which stands for a missing value'
    problem = unusable(text)
    return problem and f'"{name}" {problem}'


def _group(values: Mapping[str, Any], column: str | None) -> str | None:
    """The article of a row; None where its cell is empty, or holds what stands for a missing value."""
    return None if column is None or is_empty(values.get(column)) else cell(values.get(column))


def _articles(
    lines: Sequence[Line], naming: Naming, language_of: Callable[[str], str | None], *, mark: str = ""
) -> Iterator[TaggedArticle]:
    """An article a group, in the order of first appearance, and one for each line without; ids never clash."""
    grouped: dict[str, list[Line]] = {}
    for line in lines:
        grouped.setdefault(f"article {line.group}" if line.group is not None else line.place, []).append(line)
    themes = {label: Theme(label) for label in naming.scheme.labels}  # one object for all sentences
    for identity, held in grouped.items():
        sentences: list[Sentence] = []
        start = 0
        for line in held:
            text = line.text.strip()
            start += len(line.text) - len(line.text.lstrip())
            said = {naming.ids[label] for label in line.labels}
            carried = tuple(themes[label] for label in naming.scheme.labels if label in said) if said else ()
            not_asked = tuple(naming.ids[label] for label in line.not_asked)
            sentences.append(Sentence(start, start + len(text), text, themes=carried, not_asked=not_asked))
            start += len(line.text.lstrip()) + 1
        article = Article(mark + identity, "\n".join(line.text for line in held), lang=language_of(held[0].text))
        yield TaggedArticle(article, tuple(sentences), scheme=naming.scheme.ref)


def _languages(texts: Sequence[str]) -> Callable[[str], str | None]:
    """What gives the language of a text: that of nearly all where there is one, else each text's own."""
    sample = texts[:: max(1, len(texts) // _SAMPLED)]
    found = Counter(filter(None, map(identify_language, sample)))
    if not found:
        joined = identify_language(" ".join(sample))  # short texts tell nothing one by one
        return lambda _: joined
    lang, count = found.most_common(1)[0]
    return (lambda _: lang) if count >= _ALL_ONE * found.total() else identify_language


def _notes(where: str, lines: Sequence[Line], layout: Layout, naming: Naming, *, given: bool) -> Iterator[str]:
    yield f"{where}: {layout}"
    yield from layout.told
    bare = sum(not line.labels for line in lines)
    groups = {line.group for line in lines if line.group is not None}
    of = f" of {len(groups):,} article{'s' * (len(groups) != 1)}" if groups else ""
    told = f"{len(lines):,} sentence{'s' * (len(lines) != 1)}"
    if layout.task == "binary":
        yield f"{told}{of}, {len(lines) - bare:,} yes and {bare:,} no"
    else:
        labels = len(naming.scheme.labels)
        yield f"{told}{of}, {labels:,} label{'s' * (labels != 1)}, {bare:,} sentence{'s' * (bare != 1)} without a label"
    if layout.task == "single-label":
        yield (
            "every sentence gets its likeliest label, and none where that is too unlikely"
            if bare
            else "every sentence gets exactly one label, the likeliest"
        )
    if not given:
        yield (
            f"no scheme given: made {naming.scheme.name} {naming.scheme.version} from the labels found, which nobody has "
            "defined; give one with --scheme"
        )
    if naming.told:
        yield naming.told


def _key(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
