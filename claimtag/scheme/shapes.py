"""TOML files → records: read, validated by pydantic, and all that is wrong told at once, each with its path."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from claimtag import toml
from claimtag.errors import SchemeError, did_you_mean

if TYPE_CHECKING:
    from pydantic import ValidationError

_T = TypeVar("_T")
STRICT = {"extra": "forbid"}  # as `__pydantic_config__` of a class: unknown keys are refused in it
_UNKNOWN = ("unexpected_keyword_argument", "extra_forbidden")


def read_toml(path: Path) -> dict[str, Any]:
    """The content of a TOML file; SchemeError says why it cannot be read."""
    return toml.read_toml(path, raising=SchemeError)


def made_of(
    kind: type[_T],
    content: Mapping[str, Any],
    *,
    where: str,
    classes: Mapping[tuple[str, ...], type],
    problems_of: Callable[[_T], Iterable[str]],
) -> _T:
    """The record of that kind with that content; SchemeError lists all problems at once, each with its path.

    `classes` says which class stands under which keys, for near names of unknown keys; `problems_of` tells what the
    types cannot say.
    """
    from pydantic import TypeAdapter, ValidationError

    adapter = TypeAdapter(kind)
    try:
        made = adapter.validate_python(content)
    except ValidationError as error:
        problems = list(_shape_problems(error, content, classes))
        with suppress(ValidationError):  # without its unknown keys it may tell the rest too
            problems += problems_of(adapter.validate_python(_known_keys_of(content, error)))
    else:
        problems = list(problems_of(made))
        if not problems:
            return made
    lines = "".join(f"\n  {problem}" for problem in problems)
    raise SchemeError(f"{where}: {len(problems)} problem{'s' if len(problems) > 1 else ''}:{lines}")


def _shape_problems(
    error: ValidationError, content: Mapping[str, Any], classes: Mapping[tuple[str, ...], type]
) -> Iterator[str]:
    for problem in error.errors():
        *above, key = problem["loc"]
        if problem["type"] in _UNKNOWN:
            held = classes.get(tuple(step for step in above if isinstance(step, str)))
            known = tuple(field.name for field in fields(held)) if held else ()
            yield f"{_path(problem['loc'], content)}: unknown key{did_you_mean(str(key), known)}"
        elif problem["type"] in ("missing", "missing_argument"):
            yield f"{_path(problem['loc'], content)}: missing"
        else:
            yield f"{_path(problem['loc'], content)}: {problem['msg'].lower()}, got {problem['input']!r:.60}"


def _known_keys_of(content: Mapping[str, Any], error: ValidationError) -> Any:
    """The content without the keys that the error calls unknown."""
    known = copy.deepcopy(dict(content))
    for problem in error.errors():
        if problem["type"] in _UNKNOWN:
            *above, key = problem["loc"]
            place: Any = known
            for step in above:
                place = place[step]
            place.pop(key, None)
    return known


def _path(steps: Iterable[int | str], content: Any) -> str:
    """`themes[2] (drugs).exclude[0].rule`: where a problem lies, with the id of a numbered thing that has one."""
    path = ""
    for step in steps:
        try:
            content = content[step]
        except (KeyError, IndexError, TypeError):
            content = None
        if isinstance(step, int):
            identity = content.get("id") if isinstance(content, dict) else None
            path += f"[{step}]" + (f" ({identity})" if isinstance(identity, str) else "")
        else:
            path += f".{step}" if path else step
    return path
