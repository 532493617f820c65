"""What was decided, read from the file of disagreements with its `decision`s filled in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from claimtag.adjudicating.finding import Disagreement
from claimtag.errors import did_you_mean
from claimtag.reading import Reject, fail
from claimtag.reading.rows import Fault, check_source, read_rows

SIDES = ("a", "b", "neither")


@dataclass(frozen=True, slots=True)
class Decisions:
    """By the ids of disagreements: "a" or "b" for what that annotator says, "neither" for a claim that is none."""

    by_id: Mapping[str, str] = field(default_factory=dict)


def read_decisions(
    *paths: str | Path, found: Iterable[Disagreement], on_reject: Callable[[Reject], object] = fail
) -> Decisions:
    """The decisions on these disagreements; lines without a decision are left open.

    A decision that cannot be used goes to `on_reject`, which by default raises InputError: on something that is no
    disagreement (any more), made when the annotations were others, twice and otherwise, or not one of a, b and, for
    claims, neither. Of a theme true and false are understood too.
    """
    known, decided = {one.id: one for one in found}, dict[str, str]()
    for path in paths:
        check_source(path)
        for row in read_rows(path):
            if isinstance(row, Fault):
                on_reject(Reject(row.file, row.line, row.id, row.reason))
                continue
            identity, decision = row.values.get("id"), row.values.get("decision")
            if decision is None or decision == "":
                continue
            shown = identity if isinstance(identity, str) else None
            one = known.get(shown or "")
            problem = _problem(one, row.values, shown) or _conflict(decided, one, decision)
            if problem or one is None:
                on_reject(Reject(row.file, row.line, shown, str(problem)))
            else:
                decided[one.id] = _side(one, decision) or ""
    return Decisions(decided)


def _problem(one: Disagreement | None, values: Mapping[str, Any], identity: str | None) -> str | None:
    if identity is None:
        return 'a decision needs the "id" of its disagreement'
    if one is None:
        return (
            f'"{identity:.80}" is no disagreement of these files; list them again with claimtag agree --disagreements'
        )
    for side in ("a", "b"):
        if side in values and values[side] != getattr(one, side):
            return f"decided when {side} said something else; look at it again"
    if _side(one, values["decision"]) is None:
        choices = [*SIDES[:2], *(["neither"] if one.layer == "claim" else [])]
        word = str(values["decision"])
        return f'"{word:.40}" is no decision{did_you_mean(word, choices)}; choose one of {", ".join(choices)}'
    return None


def _conflict(decided: Mapping[str, str], one: Disagreement | None, decision: object) -> str | None:
    if one is None or decided.get(one.id) in (None, _side(one, decision)):
        return None
    return f"decided before, otherwise ({decided[one.id]}); the first decision is kept"


def _side(one: Disagreement, decision: object) -> str | None:
    """Whose reading a decision takes; None where it takes none."""
    if one.layer == "theme" and isinstance(decision, bool):
        return "a" if one.a == decision else "b"
    if decision in SIDES[:2] or (decision == "neither" and one.layer == "claim"):
        return str(decision)
    return None
