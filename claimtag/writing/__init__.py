"""Tagged articles written out: JSONL and Parquet (the whole record), CSV for spreadsheets, a page to look at, JSON-LD.

Everything streams in constant memory. A file appears under its name only when it is complete.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal, get_args

from claimtag.errors import OptionError, OutputError, did_you_mean
from claimtag.records import TaggedArticle
from claimtag.scheme import Scheme
from claimtag.writing.targets import standard_output, target

if TYPE_CHECKING:
    import datasets

Format = Literal["jsonl", "parquet", "csv", "html", "jsonld"]
FORMATS: tuple[Format, ...] = get_args(Format)
ClaimFormat = Literal["csv", "jsonld"]
CLAIM_FORMATS: tuple[ClaimFormat, ...] = get_args(ClaimFormat)

__all__ = ["CLAIM_FORMATS", "FORMATS", "ClaimFormat", "Format", "from_dataset", "to_dataset", "write", "write_claims"]

_Writer = Callable[[Iterable[TaggedArticle], BinaryIO, Scheme | None], None]


def write(
    tagged: Iterable[TaggedArticle],
    out: Path | str,
    *,
    format: Format,
    scheme: Scheme | None = None,
    tiers: Mapping[str, str] | None = None,
) -> int:
    """The number of articles written to the file `out`, or to standard output where it is `-` (not Parquet and HTML).

    The scheme gives CSV its column for each theme, and the page its names, groups and definitions of themes;
    without it both still name each sentence's themes. `tiers` says of labels how far to rely on them (A use,
    B explore, C do not rely on); the page shows it beside each theme. JSON-LD holds the claims alone. Missing folders
    are made. The file takes its place at the end, in one step: when anything goes wrong, what stood there before stands
    there still. What `tagged` raises passes through; a reader of standard output that hangs up is a BrokenPipeError.

    >>> from claimtag.records import Article, Sentence, Theme
    >>> sentence = Sentence(0, 16, "Rabat se félicite."[:16], themes=(Theme("diplomacy", 0.9),))
    >>> write([TaggedArticle(Article("a", sentence.text), (sentence,))], "-", format="jsonl")
    {"id": "a", ..., "themes": [{"label": "diplomacy", "score": 0.9}]}], "claims": []}
    1
    >>> write([], "-", format="html")
    Traceback (most recent call last):
    claimtag.errors.OptionError: html cannot go to standard output, only jsonl, csv and jsonld can; \
give the name of a file
    """
    _check_format(format, FORMATS)
    source = _Counted(tagged)
    _write(source, out, _writer(format, tiers), format, scheme)
    return source.articles


def write_claims(
    tagged: Iterable[TaggedArticle], out: Path | str, *, format: ClaimFormat, scheme: Scheme | None = None
) -> int:
    """The number of claims written, one a row (CSV) or one an object (JSON-LD), where `write` would put articles.

    The scheme gives JSON-LD the names of the themes.

    >>> from claimtag.records import Article, Claim, Sentence, Source, Span
    >>> text = "Selon Rabat, tout va."
    >>> content, rabat = Span(13, 20, "tout va"), Span(6, 11, "Rabat")
    >>> claim = Claim(0, "assertion", "indirect", content, Span(0, 5, "Selon"), rabat, Source("Rabat", "named", rabat))
    >>> write_claims([TaggedArticle(Article("a", text), (Sentence(0, 21, text),), (claim,))], "-", format="jsonld")
    {"@context":"https://schema.org","@graph":[
    {"@type":"Claim","identifier":"a#13-20","text":"tout va","author":{"@type":"Thing","name":"Rabat"},...}
    ]}
    1
    """
    _check_format(format, CLAIM_FORMATS)
    source = _Counted(tagged)
    _write(source, out, _claims_writer(format), format, scheme)
    return source.claims


def _check_format(format: str, formats: tuple[str, ...]) -> None:
    if format not in formats:
        raise OptionError(f'no format "{format}"{did_you_mean(format, formats)}; the formats: {", ".join(formats)}')


def _write(source: _Counted, out: Path | str, writer: _Writer, format: Format, scheme: Scheme | None) -> None:
    to_stdout = str(out) == "-"
    if to_stdout and format not in ("jsonl", "csv", "jsonld"):
        raise OptionError(
            f"{format} cannot go to standard output, only jsonl, csv and jsonld can; give the name of a file"
        )
    where = "standard output" if to_stdout else str(out)
    try:
        with standard_output() if to_stdout else target(Path(out), suffix=format) as file:
            writer(source, file, scheme)
    except (OutputError, BrokenPipeError):
        raise
    except OSError as error:
        if source.is_reading:
            raise  # the input's error, not ours
        why = error.strerror or str(error)
        raise OutputError(f"{where}: cannot be written: {why}; nothing was kept, choose another place") from error
    except UnicodeEncodeError as error:
        if source.is_reading:
            raise
        before = error.object[max(0, error.start - 30) : error.start]
        raise OutputError(
            f"{where}: half of a surrogate pair (U+{ord(error.object[error.start]):04X}) stands after {before!r}; "
            "UTF-8 has no bytes for it: take it out of the article"
        ) from error


def to_dataset(tagged: Iterable[TaggedArticle]) -> datasets.Dataset:
    """The articles as a `datasets.Dataset` in memory, one row an article, with the columns of the Parquet file.

    >>> from claimtag.records import Article
    >>> dataset = to_dataset([TaggedArticle(Article("a", "Rabat se tait."), ())])
    >>> dataset.num_rows, dataset[0]["text"], dataset[0]["sentences"]
    (1, 'Rabat se tait.', [])
    """
    from claimtag.writing import tables

    return tables.to_dataset(tagged)


def from_dataset(dataset: datasets.Dataset | datasets.IterableDataset) -> Iterator[TaggedArticle]:
    """The tagged articles in a dataset's rows: the inverse of `to_dataset`; RecordError names a row's problem.

    >>> from claimtag.records import Article
    >>> tagged = [TaggedArticle(Article("a", "Rabat se tait."), ())]
    >>> list(from_dataset(to_dataset(tagged))) == tagged
    True
    """
    for row in dataset.with_format(None):
        yield TaggedArticle.from_dict(row)


class _Counted:
    """An iterable that knows how many articles and claims it has given, and whether an error came from its inside."""

    def __init__(self, tagged: Iterable[TaggedArticle]) -> None:
        self._tagged = tagged
        self.articles = self.claims = 0
        self.is_reading = False

    def __iter__(self) -> Iterator[TaggedArticle]:
        self.is_reading = True
        for article in self._tagged:
            self.is_reading = False
            self.articles += 1
            self.claims += len(article.claims)
            yield article
            self.is_reading = True
        self.is_reading = False


def _writer(format: Format, tiers: Mapping[str, str] | None) -> _Writer:
    if format == "jsonl":
        return _write_jsonl
    if format == "csv":
        from claimtag.writing.spreadsheet import write_csv

        return write_csv
    if format == "parquet":
        from claimtag.writing.tables import write_parquet

        return write_parquet
    if format == "jsonld":
        return _claims_writer(format)
    from claimtag.writing.page import write_page

    return partial(write_page, tiers=tiers)


def _claims_writer(format: ClaimFormat) -> _Writer:
    if format == "csv":
        from claimtag.writing.spreadsheet import write_claims_csv

        return write_claims_csv
    from claimtag.writing.linked import write_jsonld

    return write_jsonld


def _write_jsonl(tagged: Iterable[TaggedArticle], file: BinaryIO, scheme: Scheme | None) -> None:
    import json

    for article in tagged:
        line = json.dumps(article.to_dict(), ensure_ascii=False)
        for character in "\u2028\u2029\x85":  # some readers, str.splitlines among them, end a line there
            line = line.replace(character, f"\\u{ord(character):04x}")
        file.write(line.encode() + b"\n")
