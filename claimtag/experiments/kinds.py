"""The kinds of model that an experiment may name: those of claimtag, and a Python file that makes one of its own.

The file is named by its path, as data are (`kind = "experiments/tried/characters.py"`). Its function `make(scheme,
**options)` gives an unfitted model: something with `labels`, `fit(sentences, Y)` and `scores(sentences)`, as
`themes.base.ThemeModel` says. What may be set is in its `OPTIONS`, a type by name; without them, nothing. The file is
run as any Python file is; it imports what is installed, and no file beside it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from traceback import extract_tb
from types import ModuleType
from typing import Any

from claimtag.errors import ClaimtagError, OptionError
from claimtag.scheme import Scheme
from claimtag.themes import ModelKind, model_kind

SUFFIX = ".py"


def is_file(kind: str) -> bool:
    """Whether a kind is named by the path of a file."""
    return kind.endswith(SUFFIX)


def kind_of(name: str, project: Path) -> ModelKind:
    """The kind of that name, or the one that a file of the project makes; OptionError when it makes none."""
    if not is_file(name):
        return model_kind(name)
    path = (project / name).resolve()
    if not path.is_relative_to(project.resolve()):
        raise OptionError(f"{name}: lies outside the project {project}; only files of the project are run")
    module = _module(path, path.read_bytes())
    make = getattr(module, "make", None)
    if not callable(make):
        raise OptionError(f"{project / name}: has no function make(scheme, **options) that gives an unfitted model")
    options = getattr(module, "OPTIONS", {})
    if not isinstance(options, Mapping):
        raise OptionError(f"{project / name}: OPTIONS must be types by name, such as {{'C': float}}, not {options!r}")

    def refuse(*_: Any) -> Any:
        raise OptionError(f'models of "{name}" are measured, and neither saved nor explained')

    return ModelKind(name, make, save=refuse, load=refuse, explain=refuse, options=options)


def unfitted(scheme: Scheme, kind: ModelKind, options: Mapping[str, Any] | None, seed: int) -> Any:
    """A model to learn, with the seed of its run."""
    return kind.make(scheme, seeded(kind, options, seed))


def seeded(kind: ModelKind, options: Mapping[str, Any] | None, seed: int) -> dict[str, Any]:
    """The options of a model, the run's seed among them where its kind takes one."""
    return ({"seed": seed} if "seed" in kind.options else {}) | dict(options or {})


def told(error: BaseException, kind: str) -> ClaimtagError:
    """The error of a run: of what went wrong inside a file, its name, the line and the reason."""
    if isinstance(error, ClaimtagError):
        return error
    inside = [frame for frame in extract_tb(error.__traceback__) if frame.filename.endswith(kind)]
    line = f":{inside[-1].lineno}" if inside else ""
    return OptionError(f"{kind}{line}: {type(error).__name__}: {error}")


def check_labels(model: Any, scheme: Scheme, kind: str) -> None:
    """OptionError unless a fitted model says that its columns are the scheme's labels, in their order."""
    labels = getattr(model, "labels", None)
    if labels is None or tuple(labels) != scheme.labels:
        said = "has no labels" if labels is None else f"has the labels {', '.join(map(str, labels))}"
        raise OptionError(
            f"{kind}: its model {said:.200}; the columns of its scores must be those of the scheme, in their order: "
            f"{', '.join(scheme.labels)}"
        )


@cache
def _module(path: Path, content: bytes) -> ModuleType:
    """The file as it is now, run once."""
    name = f"claimtag_kind_{path.stem}"
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module  # where dataclasses look for their annotations
    try:
        exec(compile(content, str(path), "exec"), module.__dict__)
    except (Exception, SystemExit) as error:  # anything may go wrong in it
        del sys.modules[name]
        raise OptionError(f"{path}: cannot be run: {type(error).__name__}: {error}") from error
    return module
