"""Which columns of a table of sentences hold what, found from their names and values, and told in plain words."""

from __future__ import annotations

import re
import shlex
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from claimtag.errors import OptionError, did_you_mean
from claimtag.themes.deciding import TASKS, Task
from claimtag.training.cells import LISTED, MISSING, answer, cell, is_empty, listed, parts, shortened
from claimtag.training.flags import find_flags, flags_task, flags_told, has_no_yes

TEXTS = ("text", "texte", "sentence", "phrase", "sentences", "content", "contenu", "body", "message", "tweet", "comment", "commentaire", "review", "texto", "frase", "tekst", "zin")  # fmt: skip
LABELS = ("label", "labels", "theme", "themes", "class", "classe", "category", "categories", "categorie", "tag", "tags", "topic", "topics", "target", "sentiment", "etiquette", "etiquettes", "gold", "y")  # fmt: skip
GROUPS = ("article", "article id", "group", "group id", "groupe", "doc", "doc id", "document", "document id", "thread")
NUMBERS = ("", "id", "index", "unnamed: 0", "row", "line", "nr", "no", "n")  # columns that number the rows
JOINED = ("|", ";", ",")  # what may stand between the labels of a cell, the surest first
MOST_LABELS = 1000
_LOOKED_AT = 2000  # rows from which a text column without a known name is found


@dataclass(frozen=True, slots=True)
class Columns:
    """What a user says of the columns; whatever is not said is found.

    `label` may name several columns, then each is a label with yes or no in it. `separator` is what stands between the
    labels of a cell; an empty one says that a cell is one label.
    """

    text: str | None = None
    label: tuple[str, ...] = ()
    group: str | None = None
    separator: str | None = None
    task: Task | None = None

    def __post_init__(self) -> None:
        if self.task is not None and self.task not in TASKS:
            raise OptionError(
                f'no task is called "{self.task}"{did_you_mean(self.task, TASKS)}; tasks: {", ".join(TASKS)}'
            )


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns hold the text, the labels and the article, how labels are written, and so what the task is."""

    text: str
    labels: tuple[str, ...]
    group: str | None
    separator: str | None
    task: Task
    flags: bool = False
    """Whether each label column is a label of its own, with yes or no in it."""
    marked: tuple[str, ...] = ()
    """Those of such columns that hold yes and nothing else: there an empty cell is no, elsewhere it is no answer."""
    missing: tuple[str, ...] = ()
    """What stands for an empty cell in the column of labels, such as "nan"."""
    told: tuple[str, ...] = ()
    """How empty cells are understood, and which columns were left out."""

    def __str__(self) -> str:
        named = ", ".join(f'"{shortened(name)}"' for name in self.labels[:5])
        more = f" and {len(self.labels) - 5} more" if len(self.labels) > 5 else ""
        what = f"yes or no in {named}{more}" if self.flags else f"labels in {named}"
        joined = f' joined by "{self.separator}"' if self.separator and not self.flags else ""
        article = (
            f'articles by "{self.group}"' if self.group else "every sentence an article of its own, without context"
        )
        return f'text in "{self.text}", {what}{joined}; {article}; the task is {self.task}'

    def labels_of(self, values: Mapping[str, Any]) -> list[str]:
        """The labels of a row as they are written there; ValueError says what cannot be understood."""
        if not self.flags:
            return [part for part in parts(values.get(self.labels[0]), self.separator) if part not in self.missing]
        said = []
        for name in self.labels:
            if is_empty(values.get(name)):
                if name in self.marked or len(self.labels) > 1:
                    continue
                raise ValueError(f'"{name}" is empty, neither yes nor no')
            found = answer(values.get(name))
            if found is None:
                raise ValueError(f'"{name}" is {cell(values.get(name))[:40]!r}, neither yes nor no')
            if found:
                said.append(name)
        return said

    def not_asked_of(self, values: Mapping[str, Any]) -> list[str]:
        """The labels that a row says neither yes nor no to: empty cells of several columns with yes and no in them."""
        if not self.flags or self.task != "multi-label":
            return []
        return [name for name in self.labels if name not in self.marked and is_empty(values.get(name))]


def find_layout(rows: Sequence[Mapping[str, Any]], columns: Columns, *, where: str) -> Layout:
    """The layout of a table; OptionError names the columns that are there and the option to use.

    >>> rows = [{"phrase": "Le port ferme.", "classe": "sea"}, {"phrase": "Le champ dort.", "classe": "land"}]
    >>> print(find_layout(rows, Columns(), where="news.csv"))
    text in "phrase", labels in "classe"; every sentence an article of its own, without context; the task is
    single-label
    """
    names = list(dict.fromkeys(name for values in rows[:_LOOKED_AT] for name in values))
    for given in (columns.text, *columns.label, columns.group):
        if given is not None and given not in names:
            raise OptionError(
                f'{where}: no column "{given}"{did_you_mean(given, names)}; columns here are {listed(names)}'
            )
    group = columns.group or _named(names, GROUPS, (columns.text, *columns.label))
    text = columns.text or _named(names, TEXTS, (*columns.label, group))
    labels = columns.label or tuple(filter(None, [_named(names, LABELS, (text, group))]))
    text = text or _longest(rows, [name for name in names if name not in (*labels, group)])
    if text is None:
        raise OptionError(f"{where}: no column of text; columns here are {listed(names)}; name it with --text-field")
    rest = [name for name in names if name not in (text, group)]
    free = [name for name in rest if plain(name) not in NUMBERS]
    # in a column of labels "perhaps" may be a class, beside yes and no, unless the task says that there are two
    slips = len(labels) != 1 or columns.task == "binary"
    flags = find_flags(labels or free, rows, named=bool(labels), slips=slips)
    if labels and len(flags) < len(labels):
        if len(labels) > 1:
            other = next(name for name in labels if name not in flags)
            what = "no yes, so there is nothing to learn" if has_no_yes(other, rows) else "other things than yes and no"
            raise OptionError(f'{where}: "{other}" holds {what}; each of several label columns must hold yes and no')
        flags = []
    if columns.task == "single-label" and len(flags) == 1:
        flags = []  # classes that happen to be called 0 and 1
    if flags:
        task = columns.task or flags_task(rows, flags)
        marked = tuple(name for name in flags if not any(answer(values.get(name)) is False for values in rows))
        told = (*_group_told(rows, group), *flags_told(rows, flags, marked, task, [] if labels else free))
        return Layout(text, tuple(flags), group, None, task, flags=True, marked=marked, told=told)
    if not labels:
        raise OptionError(
            f"{where}: no column of labels; columns here are {listed(names)}; "
            f"name it with --label-field{_such_as(rows, free)}"
        )
    separator = columns.separator if columns.separator is not None else _separator(rows, labels[0])
    layout = Layout(text, labels, group, separator or None, "multi-label")
    counts = Counter(label for values in rows for label in set(layout.labels_of(values)))
    missing = tuple(label for label in counts if label in MISSING)
    layout = replace(layout, told=tuple(_group_told(rows, group)))
    if 0 < len(missing) < len(counts):
        layout = replace(layout, missing=missing, told=(*layout.told, _missing_told(labels[0], missing)))
        counts = Counter({label: count for label, count in counts.items() if label not in missing})
    _check_labels(counts, layout, len(rows), where)
    several = any(len(set(layout.labels_of(values))) > 1 or isinstance(values.get(labels[0]), list) for values in rows)
    if columns.task == "binary":
        raise OptionError(
            f'{where}: a binary task needs a column of yes and no; "{labels[0]}" holds {listed(list(counts))}'
        )
    task = columns.task or ("multi-label" if several else "single-label")
    return replace(layout, task=task)


def plain(name: str) -> str:
    """A name without case, accents and the difference between "_", "-" and spaces.

    >>> plain("Étiquette_2")
    'etiquette 2'
    """
    letters = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    return " ".join(re.sub(r"[\s_-]", " ", letters).split())


def _named(names: Iterable[str], known: Sequence[str], taken: Iterable[str | None]) -> str | None:
    """The column of the first known name, where there is one."""
    free = {plain(name): name for name in reversed([*names]) if name not in set(taken)}
    return next((free[name] for name in known if name in free), None)


def _longest(rows: Sequence[Mapping[str, Any]], names: Iterable[str]) -> str | None:
    """The column of the longest strings on average, where there are any of several words."""
    lengths: dict[str, list[int]] = {}
    for name in names:
        lengths[name] = [
            len(found) for row in rows[:_LOOKED_AT] if isinstance(found := row.get(name), str) and " " in found.strip()
        ]
    sums = {name: sum(found) for name, found in lengths.items() if found}
    return max(sums, key=lambda name: sums[name], default=None)


def _such_as(rows: Sequence[Mapping[str, Any]], names: Iterable[str]) -> str:
    """How to name the column likeliest to hold labels, that of the fewest values which repeat, where one does."""
    held = {name: [found for row in rows if (found := cell(row.get(name)))] for name in names}
    kinds = {name: len(set(found)) for name, found in held.items() if 1 < len(set(found)) < len(found)}
    return f", such as --label-field {shlex.quote(min(kinds, key=lambda name: kinds[name]))}" if kinds else ""


def _group_told(rows: Sequence[Mapping[str, Any]], group: str | None) -> Iterator[str]:
    """What is no article in the column of articles, though something stands there."""
    if group is not None and (
        missing := list(dict.fromkeys(found for row in rows if (found := cell(row.get(group))) in MISSING))
    ):
        yield _missing_told(group, missing)


def _missing_told(column: str, missing: Sequence[str]) -> str:
    return f'in "{column}", {listed(missing)} {"is" if len(missing) == 1 else "are"} taken for an empty cell'


def _check_labels(counts: Counter[str], layout: Layout, rows: int, where: str) -> None:
    column = layout.labels[0]
    if not counts:
        raise OptionError(f'{where}: the column "{column}" is empty; name another with --label-field')
    if len(counts) > MOST_LABELS or (len(counts) > rows // 2 and rows >= 10):
        raise OptionError(
            f'{where}: "{column}" holds {len(counts):,} different labels on {rows:,} rows, too many to learn; is it the '
            "column of labels? name that with --label-field, and what stands between labels with --labels-sep"
        )


def _separator(rows: Sequence[Mapping[str, Any]], column: str) -> str | None:
    """What joins labels in a cell: "|" and ";" wherever they stand, "," where splitting makes fewer labels of them."""
    whole = {found for values in rows if (found := cell(values.get(column)))}
    for separator in JOINED:
        if any(separator in found and not LISTED.fullmatch(found) for found in whole):
            apart = {part for found in whole for part in parts(found, separator)}
            if separator != "," or len(apart) < len(whole):
                return separator
    return None
