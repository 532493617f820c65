"""What all commands share: exit codes, notes on stderr, rejects, progress, and the shape of a command's help."""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from claimtag.errors import counted, printable

if TYPE_CHECKING:
    from claimtag.reading import Reject

DONE, SOME_BAD, WRONG_USAGE, INTERRUPTED, TERMINATED = 0, 1, 2, 130, 143
SCHEME = "security-cooperation"


def add_verb(
    verbs: Any, name: str, run: Callable[[argparse.Namespace], int], what: str, example: str
) -> argparse.ArgumentParser:
    verb: argparse.ArgumentParser = verbs.add_parser(
        name,
        help=what,
        description=what[0].upper() + what[1:] + ".",
        epilog=f"example: {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.set_defaults(run=run)
    return verb


def add_list(verbs: Any, name: str, what: str) -> Any:
    """A command that has commands of its own; alone it prints its help."""
    verb: argparse.ArgumentParser = verbs.add_parser(name, help=what, description=what[0].upper() + what[1:] + ".")
    verb.set_defaults(run=lambda _: print_help(verb))
    return verb.add_subparsers(title="commands", metavar="COMMAND")


def print_help(parser: argparse.ArgumentParser) -> int:
    parser.print_help()
    return WRONG_USAGE


def say(note: str) -> None:
    """A note on stderr; what it quotes cannot steer the terminal, and nothing ends because nobody reads it."""
    with suppress(BrokenPipeError):
        print(printable(note), file=sys.stderr)


@contextmanager
def plain_warnings() -> Iterator[None]:
    """Our own warnings are told inside, a line each, without the place in the code; those of others stay as is."""
    with warnings.catch_warnings():
        shown = warnings.showwarning

        def show(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if category.__module__.partition(".")[0] == "claimtag":
                say(f"warning: {message}")
            else:
                shown(message, category, filename, lineno, file, line)

        warnings.showwarning = show
        yield


def tell(text: str, *, end: str = "\n") -> None:
    """Text on standard output; what it quotes of an input cannot steer the terminal."""
    print(printable(text), end=end)


def print_result(result: object) -> None:
    """A report as it is, anything else as JSON, on standard output."""
    if isinstance(result, str):
        tell(result, end="")
    else:
        tell(json.dumps(result, ensure_ascii=False, indent=1, allow_nan=False))


class Rejects:
    """Bad records on their way to `<out>.rejects.jsonl`, no file where there are none.

    When the output is stdout they go to stderr, at most `most` of them.
    """

    def __init__(self, out: str, *, most: int | None = None) -> None:
        self.count, self.most = 0, most
        self.path = None if out == "-" else Path(f"{out}.rejects.jsonl")
        self._stream: TextIO | None = None

    def __enter__(self) -> Rejects:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if self._stream is not None:
            self._stream.close()
        elif kind is None and self.path is not None:
            self.path.unlink(missing_ok=True)  # those of an earlier run into the same file

    def add(self, reject: Reject) -> None:
        self.count += 1
        if self.path is None:
            if self.most is None or self.count <= self.most:
                say(f"rejected: {reject}")
            elif self.count == self.most + 1:
                say("rejected: more like these; only their number is told")
            return
        if self._stream is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._stream = self.path.open("w", encoding="utf-8")
        record = {"file": reject.file, "line": reject.line, "id": reject.id, "reason": reject.reason}
        self._stream.write(json.dumps(record, ensure_ascii=False) + "\n")
        if self.count <= 5:
            say(f"rejected: {reject}")

    def tell(self) -> int:
        """Says how many there were, unless each was told; the exit code that follows."""
        if not self.count:
            return DONE
        more = f"; all of them with their reasons: {self.path}" if self.path else ""
        if self.most is None or self.count > self.most:
            say(f"{counted(self.count, 'record')} rejected{more}")
        return SOME_BAD


class Progress:
    """A line on a terminal's stderr that counts what passes, or says what goes on; nothing elsewhere."""

    def __init__(self, what: str = "", more: Callable[[], str] = str) -> None:
        self._shown = sys.stderr.isatty()
        self._what, self._more = what, more

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")

    def over(self, things: Iterable[Any]) -> Iterable[Any]:
        import time

        began = told = time.monotonic()
        for number, thing in enumerate(things, 1):
            yield thing
            now = time.monotonic()
            if self._shown and now - told > 0.2:
                told = now
                self.tell(f"{number:,} {self._what}, {number / (now - began):,.0f}/s{self._more()}")

    def tell(self, note: str) -> None:
        if self._shown:
            sys.stderr.write(f"\r\x1b[K{note}")
            sys.stderr.flush()
