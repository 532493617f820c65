"""What a user should know of a table before relying on what is learned from it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from claimtag.errors import counted
from claimtag.training.cells import shortened

if TYPE_CHECKING:
    from claimtag.training.naming import Naming
    from claimtag.training.tables import Line

_NAMED = 3  # cases named in a warning
_ENOUGH = 5  # articles of several sentences from which on it is no chance that each keeps to one label
Key = TypeVar("Key", bound=Hashable)


def table_warnings(lines: Sequence[Line], naming: Naming) -> Iterator[str]:
    """Labels written in two ways, or said of every sentence; texts that stand twice, in other articles or with other
    labels; articles of one label, labels of one article.
    """
    for labels in naming.merged:
        spelled = " and ".join(f'"{shortened(label)}"' for label in labels)
        yield f'the labels {spelled} differ in case or white space alone and were taken as one, "{naming.ids[labels[0]]}"'
    yield from _always(lines, naming)
    alike = [
        held for held in _by(lines, key=lambda line: " ".join(line.text.casefold().split())).values() if len(held) > 1
    ]
    if alike:
        grouped = any(line.group is not None for line in lines)
        kept = "" if grouped else "; they stay together in one fold"
        yield f"{_stand(sum(map(len, alike)) - len(alike), 'sentence')} in the table more than once{kept}"
    yield from _contradictions(alike, naming)
    yield from _across(alike)
    yield from _one_article(lines, naming) or _one_label(lines, naming)


def _always(lines: Sequence[Line], naming: Naming) -> Iterator[str]:
    """Labels that every sentence has, of those that were asked: then there is nothing to tell them by."""
    always = {label for line in lines for label in _ids(line, naming)}
    for line in lines:
        always &= _ids(line, naming) | {naming.ids[label] for label in line.not_asked}
    if always:
        what, it = ", ".join(f'"{label}"' for label in sorted(always)), "it" if len(always) == 1 else "them"
        yield (
            f"every sentence that was asked has {what}: a model would say {it} of everything; add sentences without {it}, or "
            f"leave {it} out"
        )


def _contradictions(alike: Sequence[Sequence[Line]], naming: Naming) -> Iterator[str]:
    """The same text with other labels: one of them is wrong, or the label needs more than the text."""
    pairs = []
    for held in alike:
        other = next((line for line in held if _differ(line, held[0], naming)), None)
        if other is not None:
            pairs.append((held[0], other))
    if pairs:
        look = "look at it" if len(pairs) == 1 else "look at them"
        yield f"{_stand(len(pairs), 'text')} there with different labels; {look}{_named(pairs, naming)}"


def _named(pairs: Sequence[tuple[Line, Line]], naming: Naming) -> str:
    shown = [
        f"\n  {_short(first.text)}: {_said(first, naming)} at {first.place}, {_said(other, naming)} at {other.place}"
        for first, other in pairs[:_NAMED]
    ]
    return ":" + "".join(shown) + (f"\n  and {len(pairs) - _NAMED:,} more" if len(pairs) > _NAMED else "")


def _across(alike: Sequence[Sequence[Line]]) -> Iterator[str]:
    """The same text in several articles: a leak between folds, were they not joined."""
    held = [lines for lines in alike if len({line.group for line in lines if line.group is not None}) > 1]
    if held:
        first, other = held[0][0], next(line for line in held[0] if line.group != held[0][0].group)
        yield (
            f"{_stand(len(held), 'text')} in several articles, such as {_short(first.text)} in "
            f'"{shortened(str(first.group))}" and "{shortened(str(other.group))}"; articles that share most of their sentences stay together in one fold'
        )


def _one_article(lines: Sequence[Line], naming: Naming) -> tuple[str, ...]:
    """No label in two articles: then none can be learned from some articles and looked for in others."""
    articles: dict[str, set[str]] = {}
    for line in lines:
        for label in _ids(line, naming):
            articles.setdefault(label, set()).add(line.place if line.group is None else f"article {line.group}")
    if all(line.group is None for line in lines) or any(len(held) > 1 for held in articles.values()):
        return ()
    return (
        "no label stands in two articles or more, so the figures out of fold, of articles that were not learned from, "
        "are of labels that were not learned either; is it the right column of articles?",
    )


def _one_label(lines: Sequence[Line], naming: Naming) -> Iterator[str]:
    """Articles that keep to one label: then what is learned may be the article, and its column gives the label away."""
    grouped = _by([line for line in lines if line.group is not None], key=lambda line: line.group)
    several = [held for held in grouped.values() if len(held) > 1]
    said = [{_ids(line, naming) for line in held} for held in several]
    if (
        len(several) >= _ENOUGH
        and all(len(labels) == 1 for labels in said)
        and len({next(iter(one)) for one in said}) > 1
    ):
        yield (
            "all sentences of an article have the same labels, so the column of articles gives them away: with context the "
            "model learns what an article is about, not what a sentence says; is it the right column?"
        )


def _by(lines: Sequence[Line], key: Callable[[Line], Key]) -> Mapping[Key, list[Line]]:
    held: dict[Key, list[Line]] = {}
    for line in lines:
        held.setdefault(key(line), []).append(line)
    return held


def _ids(line: Line, naming: Naming) -> frozenset[str]:
    return frozenset(naming.ids[label] for label in line.labels)


def _differ(line: Line, other: Line, naming: Naming) -> bool:
    """Whether two lines answer otherwise about a label that both were asked."""
    unasked = {naming.ids[label] for label in (*line.not_asked, *other.not_asked)}
    return bool((_ids(line, naming) ^ _ids(other, naming)) - unasked)


def _said(line: Line, naming: Naming) -> str:
    return ", ".join(sorted(_ids(line, naming))) or "no label"


def _stand(number: int, what: str) -> str:
    return f"{counted(number, what)} {'stands' if number == 1 else 'stand'}"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"
