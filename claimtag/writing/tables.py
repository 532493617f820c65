"""The nested record as an Arrow table: Parquet files and `datasets.Dataset`, one row an article."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa

from claimtag.records import TaggedArticle
from claimtag.scheme import Scheme

if TYPE_CHECKING:
    import datasets

BATCH_ARTICLES = 1_000  # a row group closes at whichever comes first, so that memory stays bounded
BATCH_CHARACTERS = 8_000_000

_SPAN = [("start", pa.int64()), ("end", pa.int64()), ("text", pa.string())]
_THEMES = pa.list_(pa.struct([("label", pa.string()), ("score", pa.float64())]))
_SENTENCE = [
    *(*_SPAN[:2], ("kind", pa.string()), _SPAN[2], ("themes", _THEMES), ("review", _THEMES)),
    ("not_asked", pa.list_(pa.string())),
]
_CLAIM = [
    ("sentence", pa.int64()),
    ("type", pa.string()),
    ("mode", pa.string()),
    ("score", pa.float64()),
    ("rule", pa.string()),
    ("content", pa.struct(_SPAN)),
    ("cue", pa.struct(_SPAN)),
    ("speaker", pa.struct(_SPAN)),
    ("source", pa.struct([*_SPAN, ("name", pa.string()), ("status", pa.string())])),
    ("themes", pa.list_(pa.string())),
]

# explicit: inferred from the first batch, a list that happens to be empty there would become a list of nulls
SCHEMA: pa.Schema = pa.schema(
    [
        *((name, pa.string()) for name in ("id", "title", "date", "source", "url", "lang", "text")),
        ("scheme", pa.struct([("name", pa.string()), ("version", pa.string()), ("sha256", pa.string())])),
        ("by", pa.string()),
        ("sentences", pa.list_(pa.struct(_SENTENCE))),
        ("claims", pa.list_(pa.struct(_CLAIM))),
        ("licence", pa.string()),
        ("notes", pa.list_(pa.string())),
    ]
)


def write_parquet(tagged: Iterable[TaggedArticle], file: BinaryIO, scheme: Scheme | None) -> None:
    """Row groups of bounded size; `pyarrow`'s rows go back through `TaggedArticle.from_dict` unchanged."""
    import pyarrow.parquet as pq

    with pq.ParquetWriter(file, SCHEMA, compression="zstd") as writer:
        for batch in _batches(tagged):
            writer.write_batch(batch)


def to_dataset(tagged: Iterable[TaggedArticle]) -> datasets.Dataset:
    """The articles as a dataset that lives in memory: no file is written."""
    import datasets

    return datasets.Dataset(pa.Table.from_batches(_batches(tagged), SCHEMA))


def _batches(tagged: Iterable[TaggedArticle]) -> Iterator[pa.RecordBatch]:
    rows: list[dict[str, Any]] = []
    characters = 0
    for article in tagged:
        rows.append(_row(article))
        characters += len(article.article.text)
        if len(rows) >= BATCH_ARTICLES or characters >= BATCH_CHARACTERS:
            yield pa.RecordBatch.from_pylist(rows, SCHEMA)
            rows, characters = [], 0
    if rows:
        yield pa.RecordBatch.from_pylist(rows, SCHEMA)


def _row(tagged: TaggedArticle) -> dict[str, Any]:
    """The output record in one shape for gold and prediction: themes as structs, lists never null."""
    row = tagged.to_dict()
    for sentence in row["sentences"]:
        for name in ("themes", "review"):
            themes = sentence.get(name, [])
            sentence[name] = [{"label": theme, "score": None} if isinstance(theme, str) else theme for theme in themes]
        sentence.setdefault("not_asked", [])
    row.setdefault("notes", [])
    return row
