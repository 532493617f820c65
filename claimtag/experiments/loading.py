"""Experiment files read: their shape is checked, then what they ask for, and all problems are told in one error."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from claimtag.errors import InputError, OptionError, did_you_mean
from claimtag.experiments.files import (
    NAME,
    Contents,
    Curve,
    Data,
    Distillation,
    Experiment,
    Model,
    Selection,
    Split,
    Teacher,
    project_of,
)
from claimtag.experiments.kinds import is_file
from claimtag.experiments.problems import problems_of
from claimtag.toml import read_toml

if TYPE_CHECKING:
    from pydantic import ValidationError


def load_experiment(path: str | Path) -> Experiment:
    """The experiment in a TOML file; InputError when it cannot be read, OptionError with all that is wrong with it."""
    path = Path(path)
    content = read_toml(path, raising=InputError)
    problems, contents = _validated(content)
    if not NAME.fullmatch(path.stem):
        problems.append(f"the file's name: {path.stem!r} must be lower-case ASCII words joined by hyphens")
    if contents is not None:
        problems += _absent(contents, project_of(path))
    if contents is None or problems:
        lines = "".join(f"\n  {problem}" for problem in problems)
        raise OptionError(f"{path}: {len(problems)} problem{'s' if len(problems) > 1 else ''}:{lines}")
    return Experiment(path.stem, path, contents)


def _absent(contents: Contents, project: Path) -> Iterator[str]:
    """The files of models that are not there."""
    kinds = {f"models[{index}] ({model.name}).kind": model.kind for index, model in enumerate(contents.models)}
    if contents.distillation is not None:
        kinds["distillation.teacher.kind"] = contents.distillation.teacher.kind
    for where, kind in kinds.items():
        if is_file(kind) and not (project / kind).is_file():
            yield f"{where}: {project / kind} is not there"
        elif is_file(kind) and not (project / kind).resolve().is_relative_to(project.resolve()):
            yield f"{where}: {kind} lies outside the project {project}; only files of the project are run"


def _validated(content: Mapping[str, Any]) -> tuple[list[str], Contents | None]:
    from pydantic import TypeAdapter, ValidationError

    adapter, rest = TypeAdapter(Contents), json.loads(json.dumps(content, default=str))
    told: list[str] = []
    broken: set[str] = set()
    for _ in range(_PASSES):
        try:
            # by way of JSON, where strictness takes lists for tuples and objects for records, as TOML needs it
            contents = adapter.validate_json(json.dumps(rest), strict=True)
        except ValidationError as error:
            told = told or list(_shape_problems(error, content))
            broken |= {_path(problem["loc"][: 1 + (problem["loc"][0] == "models")]) for problem in error.errors()}
            if any(part.startswith("models") for part in broken):
                broken |= {"curve", "selection", "distillation"}  # which name one of them
            _mend(rest, error)
        else:
            told += [line for line in problems_of(contents) if not broken & _subjects(line)]
            return told, None if broken else contents
    return told, None


def _mend(content: Any, error: ValidationError) -> None:
    """Takes out of the content what is wrong, and fills in what is missing, so that the rest can be looked at."""
    for problem in error.errors():
        holder, inmost = content, None
        for step in problem["loc"]:
            if isinstance(holder, dict) and step in holder:
                inmost = holder, step
            elif not (isinstance(holder, list) and isinstance(step, int) and step < len(holder)):
                break
            holder = holder[step]
        if problem["type"] in ("missing", "missing_argument") and isinstance(holder, dict):
            holder[problem["loc"][-1]] = _STAND_INS.get(str(problem["loc"][-1]))
        elif inmost is not None:
            inmost[0].pop(inmost[1], None)


def _subjects(line: str) -> set[str]:
    """The parts of an experiment that a problem is about.

    >>> sorted(_subjects("data.test, split: give one of them")), _subjects("models[1] (m).kind: unknown")
    (['data', 'split'], {'models[1]'})
    """
    return set(re.findall(r"(?:^|, )(models\[\d+\]|\w+)", line.split(":")[0]))


def _shape_problems(error: ValidationError, content: Mapping[str, Any]) -> Iterator[str]:
    told = set()
    for problem in error.errors():
        *above, key = problem["loc"]
        where = _path(problem["loc"])
        if problem["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
            names = tuple(step for step in above if isinstance(step, str))
            known = [field.name for field in fields(_CLASSES[names])] if names in _CLASSES else []
            line = f"{where}: unknown key{did_you_mean(str(key), known)}"
        elif problem["type"] in ("missing", "missing_argument"):
            line = f"{where}: missing"
        elif above[-2:] and "options" in above:  # a value of none of the types that an option may have: told once
            where = _path(above if str(key) in ("bool", "int", "float", "str") else problem["loc"])
            line = f"{where}: must be true or false, a number or a string"
        else:
            line = f"{where}: {problem['msg'][0].lower()}{problem['msg'][1:]}, got {problem['input']!r:.60}"
        if line not in told:
            told.add(line)
            yield line


_PASSES = 4  # a wrong value that is taken out may be one that must be there
_STAND_INS: Mapping[str, Any] = {
    "description": "x",
    "data": {"train": ["x"]},
    "train": ["x"],
    "models": [{"name": "x", "kind": "majority"}],
    "name": "x",
    "kind": "majority",
    "model": "x",
    "teacher": {"kind": "majority"},
    "unlabelled": "x",
}
_CLASSES: dict[tuple[str, ...], Any] = {
    (): Contents,
    ("data",): Data,
    ("split",): Split,
    ("models",): Model,
    ("curve",): Curve,
    ("selection",): Selection,
    ("distillation",): Distillation,
    ("distillation", "teacher"): Teacher,
}


def _path(steps: Iterable[int | str]) -> str:
    path = ""
    for step in steps:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else step
    return path
