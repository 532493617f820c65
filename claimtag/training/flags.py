"""Columns with yes and no in them: which ones are such, what their empty and odd cells mean, and what the task is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from claimtag.errors import counted
from claimtag.themes.deciding import Task
from claimtag.training.cells import answer, cell, is_empty, is_number, listed, shortened

Values: TypeAlias = Sequence[Mapping[str, Any]]
SLIPS = 0.1  # share of cells up to which what is neither yes nor no is a slip of the pen, as "yess" is
_MOSTLY = 0.5  # share up to which it is told that such a column was left out
_TAKEN: dict[Task, str] = {
    "multi-label": "as not asked: it says neither yes nor no",
    "single-label": "for no, since a row has one label",
    "binary": "for no answer, and its row left out",
}


def find_flags(names: Sequence[str], rows: Values, *, named: bool = False, slips: bool = True) -> list[str]:
    """The columns that hold yes, and hardly anything but yes and no beside it; without `slips` nothing else at all.

    Where nobody `named` them, a column whose odd cells are all numbers is none of them: it counts something.

    >>> rows = [{"sea": "yes", "seen": 1}] * 9 + [{"sea": "yess", "seen": 2}]
    >>> find_flags(["sea", "seen"], rows), find_flags(["sea", "seen"], rows, named=True)
    (['sea'], ['sea', 'seen'])
    """

    def is_flag(name: str) -> bool:
        odd = _odd_cells(name, rows)
        few = len(odd) <= (SLIPS * _filled(name, rows) if slips else 0)
        return few and (named or not odd or not all(map(is_number, odd.values())))

    return [name for name in names if has_yes(name, rows) and is_flag(name)]


def has_yes(name: str, rows: Values) -> bool:
    return any(answer(values.get(name)) for values in rows)


def has_no_yes(name: str, rows: Values) -> bool:
    """Whether a column holds no, or nothing, and nothing else."""
    return all(is_empty(values.get(name)) or answer(values.get(name)) is False for values in rows)


def flags_told(
    rows: Values, flags: Sequence[str], marked: Sequence[str], task: Task, free: Sequence[str]
) -> Iterator[str]:
    """What empty and odd cells of columns with yes and no are taken for, and which of the `free` ones are left out."""
    gaps = [name for name in flags if any(is_empty(values.get(name)) for values in rows)]
    if empty := [name for name in gaps if name in marked]:
        yield f"in {listed(empty)} an empty cell is taken for no, since nothing but yes stands there"
    if empty := [name for name in gaps if name not in marked]:
        yield f"in {listed(empty)} an empty cell is taken {_TAKEN[task]}"
    for name in flags:
        if odd := _odd_cells(name, rows):
            rows_are = "its row is" if len(odd) == 1 else "their rows are"
            yield f'in "{shortened(name)}", {_neither(odd)}: {rows_are} left out'
    if bare := [name for name in free if has_no_yes(name, rows)]:
        yield f"{listed(bare)} left out: no yes stands there, so there is nothing to learn"
    for name in free:
        odd = {} if name in flags or not has_yes(name, rows) else _odd_cells(name, rows)
        if odd and len(odd) <= _MOSTLY * _filled(name, rows):
            yield f'"{shortened(name)}" left out: {_neither(odd)}; to learn it, mend them'


def flags_task(rows: Values, flags: Sequence[str]) -> Task:
    """Binary of one column; single-label where every row that can be read says yes once."""
    if len(flags) == 1:
        return "binary"
    odd = {place for name in flags for place in _odd_cells(name, rows)}
    said = (
        sum(answer(values.get(name)) is True for name in flags) for place, values in enumerate(rows) if place not in odd
    )
    return "single-label" if all(count == 1 for count in said) else "multi-label"


def _odd_cells(name: str, rows: Values) -> dict[int, str]:
    """What stands in a column and is neither yes nor no, by the place of the row."""
    return {
        place: cell(value)
        for place, values in enumerate(rows)
        if not is_empty(value := values.get(name)) and answer(value) is None
    }


def _filled(name: str, rows: Values) -> int:
    return sum(not is_empty(values.get(name)) for values in rows)


def _neither(odd: Mapping[int, str]) -> str:
    """How many cells are neither yes nor no, with the first of them."""
    are, such = ("is", "") if len(odd) == 1 else ("are", "such as ")
    first = next(iter(odd.values()))
    return f'{counted(len(odd), "cell")} {are} neither yes nor no ({such}"{shortened(first)}")'
