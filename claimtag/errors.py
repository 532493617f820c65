"""Everything that claimtag raises, and helpers for messages that help and do no harm.

ClaimtagError
├── RecordError        a record that contradicts itself (ValueError)
├── SchemeError        a label scheme that cannot be used (ValueError)
├── InputError         a file or folder that cannot be read (ValueError)
├── OutputError        a result that cannot be written (OSError)
├── OptionError        an option or argument that makes no sense (ValueError)
├── BundleError        a saved tagger that is damaged, foreign or too new (ValueError)
├── EngineError        a cluster that cannot be reached, or gives up (RuntimeError)
├── LeakageError       parts of a split that share articles, texts or sentences (ValueError)
└── MissingExtraError  a package that an optional feature needs (ImportError)
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

# all that moves a terminal's cursor, colours it or renames its window, and what turns the direction of reading round
_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class ClaimtagError(Exception):
    """Any error that claimtag raises on purpose: the message says what, where, and what to do."""


class RecordError(ClaimtagError, ValueError):
    """A record that contradicts itself, such as a span that lies outside its text."""


class SchemeError(ClaimtagError, ValueError):
    """A label scheme that cannot be found, read or used."""


class InputError(ClaimtagError, ValueError):
    """A file or folder that cannot be read at all."""


class OutputError(ClaimtagError, OSError):
    """A result that cannot be written where it was asked for."""


class OptionError(ClaimtagError, ValueError):
    """An option or argument that makes no sense, alone or beside another."""


class BundleError(ClaimtagError, ValueError):
    """A saved tagger that is damaged, foreign, or newer than this claimtag."""


class EngineError(ClaimtagError, RuntimeError):
    """A cluster that cannot be reached, has no room, or gives up."""


class LeakageError(ClaimtagError, ValueError):
    """Parts of a split that share articles, texts or sentences; `leaks` holds them all, the worst first."""

    def __init__(self, message: str, leaks: Iterable[object] = ()) -> None:
        super().__init__(message)
        self.leaks = tuple(leaks)


class MissingExtraError(ClaimtagError, ImportError):
    """A package that an optional feature needs and that is not installed."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """` (did you mean "x"?)` for the nearest known name, or an empty string.

    >>> did_you_mean("radicalization", ["radicalisation", "drugs"])
    ' (did you mean "radicalisation"?)'
    >>> did_you_mean("weather", ["radicalisation", "drugs"])
    ''
    """
    import difflib

    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f' (did you mean "{near[0]}"?)' if near else ""


def printable(text: str) -> str:
    r"""The text as a terminal may show it: characters that would steer the terminal are written out, line ends stay.

    An id, a title or a file's name may hold them, and so may every message that quotes one.

    >>> printable("id \x1b[2J\r")
    'id \\u001b[2J\\u000d'
    """
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def counted(number: int, thing: str) -> str:
    """A number with what it counts, in the plural unless it is one.

    >>> counted(1, "label"), counted(2, "label"), counted(12_000, "label")
    ('1 label', '2 labels', '12,000 labels')
    """
    return f"{number:,} {thing}" + ("" if number == 1 else "s")


def require(module: str, *, extra: str) -> ModuleType:
    """The imported module, or an error that gives the pip line of the extra that brings it.

    >>> require("json", extra="html").__name__
    'json'
    >>> require("no_such_module", extra="html")
    Traceback (most recent call last):
    claimtag.errors.MissingExtraError: this needs the package "no_such_module"; install it with: \
pip install "claimtag[html]"
    """
    import importlib

    try:
        return importlib.import_module(module)
    except ImportError as error:
        missing = error.name is not None and (module == error.name or module.startswith(error.name + "."))
        if isinstance(error, ModuleNotFoundError) and missing:
            what = f'this needs the package "{module}"'
        else:  # it is there and itself misses something
            what = f'the package "{module}" cannot be imported ({error})'
        raise MissingExtraError(f'{what}; install it with: pip install "claimtag[{extra}]"') from error
