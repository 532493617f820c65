"""CSV for a spreadsheet: one sentence a row, one column a theme; 1 where it is said, ? where nobody was asked.

The file opens in Excel as it is (byte order mark), and no cell is taken for a formula. Claims do not fit in it.
"""

from __future__ import annotations

import csv
import io
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from claimtag.errors import InputError
from claimtag.exchange.about import ABOUT, fields_of
from claimtag.exchange.drafts import Draft, OnReject
from claimtag.exchange.files import advised
from claimtag.exchange.gathering import Row, gather
from claimtag.exchange.sewing import cut
from claimtag.reading import Reject
from claimtag.reading.delimited import read_delimited
from claimtag.records import TaggedArticle
from claimtag.scheme import Scheme

COLUMNS = ("article", "annotator", "sentence", "start", "end", "kind", "before", "text", "after")
BEHIND = (*ABOUT, "scheme", "scheme_sha256")  # about the article, once, in its first row
_BOM = "\ufeff"  # without it Excel reads UTF-8 as the machine's old code page
_YES, _NO = {"1", "x", "yes", "oui", "true", "vrai", "1.0", "1,0"}, {"", "0", "no", "non", "false", "faux", "0.0"}
_UNASKED = "?"
_DANGEROUS = tuple("=+-@\t\r\n＝＋－＠")  # OWASP's list: a spreadsheet runs a cell that begins so


def write(tagged: Iterable[TaggedArticle], out: Path, scheme: Scheme) -> list[Path]:
    """The file written; an article without sentences has no row."""
    from claimtag.writing.targets import target

    with target(out, suffix="csv") as file:
        file.write((_BOM + _row((*COLUMNS, *scheme.labels, *BEHIND))).encode())
        for article in tagged:
            for line in _lines(article, scheme.labels):
                file.write(_row(map(guarded, line)).encode())
    return [out]


def read(paths: Sequence[Path], on_reject: OnReject) -> Iterator[Draft]:
    """A draft for each article and annotator; the columns that are not ours are taken for themes."""
    yield from gather((row for path in paths for row in _rows(path, on_reject)), on_reject)


def guarded(cell: str) -> str:
    """A cell that no spreadsheet runs: an apostrophe before what would begin a formula; `unguarded` takes it off.

    >>> guarded("=1+1"), unguarded(guarded("=1+1")), unguarded(guarded("'=")), unguarded("l'État")
    ("'=1+1", '=1+1', "'=", "l'État")
    """
    return "'" + cell if cell.lstrip("'").startswith(_DANGEROUS) else cell


def unguarded(cell: str) -> str:
    """The inverse of `guarded`."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(_DANGEROUS) else cell


def _lines(tagged: TaggedArticle, labels: tuple[str, ...]) -> Iterator[list[str]]:
    about: Mapping[str, str] = fields_of(tagged)
    for piece in cut(tagged):
        sentence, place = piece.sentence, {name: str(value) for name, value in piece.about.items()}
        place |= {"article": tagged.article.id, "annotator": tagged.by or "", "text": sentence.text}
        said = set(sentence.labels)
        cells = [place.get(name, "") for name in COLUMNS]
        cells += [_UNASKED if label in sentence.not_asked else "1" if label in said else "" for label in labels]
        yield [*cells, *(about.get(name, "") if not piece.index else "" for name in BEHIND)]


def _rows(path: Path, on_reject: OnReject) -> Iterator[Row]:
    known: dict[str, dict[str, str]] = {}
    try:
        with path.open("rb") as stream:
            for number, cells in read_delimited(stream, None):
                if isinstance(cells, str):
                    on_reject(Reject(str(path), number, None, advised(cells)))
                elif "text" not in cells:
                    raise InputError(f'{path}: no column "text"; columns here are {", ".join(map(repr, cells))}')
                else:
                    yield _read(
                        number or 0, {name: unguarded(cell) for name, cell in cells.items()}, known, path, on_reject
                    )
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error


def _read(line: int, cells: dict[str, str], known: dict[str, dict[str, str]], path: Path, on_reject: OnReject) -> Row:
    article = cells.get("article", "")
    about = known.setdefault(article, {})  # filled by the row that has it, wherever a spreadsheet sorted that to
    about |= {name: cells[name] for name in BEHIND if cells.get(name) and not about.get(name)}
    place = {
        name: cells[name] for name in ("article", "sentence", "start", "kind", "before", "after") if cells.get(name)
    }
    row = Row(str(path), line, cells["text"], cells.get("annotator") or None, ChainMap(place, about if article else {}))
    row.asked = frozenset(cells) - {*COLUMNS, *BEHIND}  # a theme without a column was asked of nobody
    for label, cell in cells.items():
        if label in COLUMNS or label in BEHIND:
            continue
        word = cell.strip().lower()
        if word == _UNASKED:
            row.not_asked.append(label)
        elif word in _YES:
            row.themes.append(label)
        elif word not in _NO:
            reason = f'column "{label:.60}" says {cell!r:.20}, not 1, 0 or ?; taken for ?'
            on_reject(Reject(str(path), line, article or None, reason))
            row.not_asked.append(label)
    return row


def _row(cells: Iterable[str]) -> str:
    line = io.StringIO(newline="")
    csv.writer(line).writerow(cells)
    return line.getvalue()
