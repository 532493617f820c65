"""Cells of a table: nothing, yes, no, or the labels that stand there."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

YES = frozenset(("1", "1.0", "true", "yes", "y", "oui", "o", "vrai", "ja", "sí", "si", "x"))
NO = frozenset(("0", "0.0", "false", "no", "n", "non", "faux", "nee", "nein"))
# what pandas.read_csv takes for a missing value, spelled as there: "NA" may be one, "na" is none
MISSING = frozenset(("#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"))  # fmt: skip
LISTED = re.compile(r"\[.*\]", re.DOTALL)  # how a list is written by those who print it into a cell


def cell(value: Any) -> str:
    """What stands in a cell, as text without white space around it."""
    if value is None or value != value:  # NaN
        return ""
    if isinstance(value, float) and value.is_integer():  # a column of whole numbers with gaps
        return str(int(value))
    return str(value).strip()


def is_empty(value: Any) -> bool:
    """Whether a cell of yes and no holds neither, nor anything else: nothing, or what stands for a missing value."""
    return not (found := cell(value)) or found in MISSING


def is_number(found: str) -> bool:
    """Whether a cell's text is a number as programs write it.

    >>> is_number("12"), is_number("1.5e3"), is_number("yess")
    (True, True, False)
    """
    try:
        return math.isfinite(float(found))
    except ValueError:
        return False


def answer(value: Any) -> bool | None:
    """Yes or no, and None for anything else."""
    found = cell(value).casefold()
    return True if found in YES else False if found in NO else None


def parts(value: Any, separator: str | None) -> Iterator[str]:
    """The labels of a cell: of a list, of one printed into the cell, or of a text that a separator may join."""
    if isinstance(value, list | tuple):
        yield from filter(None, map(cell, value))
    elif LISTED.fullmatch(found := cell(value)):
        yield from filter(None, (part.strip().strip("'\"").strip() for part in found[1:-1].split(",")))
    else:
        yield from filter(None, map(str.strip, found.split(separator) if separator else [found]))


def shortened(name: str, most: int = 40) -> str:
    """A label or the like as messages quote it: its beginning, where it is long.

    >>> shortened("Politique étrangère"), shortened("économie" * 300, 10)
    ('Politique étrangère', 'économieé…')
    """
    return name if len(name) <= most else f"{name[: most - 1]}…"


def listed(names: Sequence[str]) -> str:
    """The first names, in quotes, and how many more there are."""
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return (", ".join(f'"{shortened(name)}"' for name in names[:12]) or "none") + more
