"""The command line: one short function a verb; heavy modules are imported once the arguments are known."""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from claimtag.cli import annotating, claims, evaluating, exchanging, experimenting, schemes, tagging
from claimtag.cli.notes import DONE, INTERRUPTED, SOME_BAD, TERMINATED, WRONG_USAGE, plain_warnings, print_help, say
from claimtag.errors import BundleError, ClaimtagError, EngineError, LeakageError, RecordError, SchemeError
from claimtag.version import __version__


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; its exit code: 0 done, 1 some input was rejected or a check failed, 2 wrong usage, 130
    interrupted, 143 terminated."""
    parser = _parser()
    options = parser.parse_args(argv)
    if not hasattr(options, "run"):
        return print_help(parser)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower() != "utf-8":
            stream.reconfigure(errors="replace")  # a terminal or a file that cannot show « or é still gets the rest
    try:
        with _stoppable(), plain_warnings():
            code: int = options.run(options)
            sys.stdout.flush()
            return code
    except BrokenPipeError:  # `claimtag tag … | head`: the reader has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        say("interrupted")
        return INTERRUPTED
    except _Terminated:
        say("terminated")
        return TERMINATED
    except ClaimtagError as error:
        say(f"claimtag {options.verb}: {error}")
        refused = isinstance(error, BundleError | EngineError | LeakageError | RecordError | SchemeError)
        return SOME_BAD if refused else WRONG_USAGE
    except OSError as error:
        say(f"claimtag {options.verb}: {error.filename or 'output'}: {error.strerror or error}")
        return SOME_BAD


class _Terminated(BaseException):
    """Told to stop by SIGTERM, or by the terminal that closed."""


@contextmanager
def _stoppable() -> Iterator[None]:
    """Makes SIGTERM and SIGHUP an exception while a command runs: half-written files are removed as on Ctrl-C."""
    ours = []  # whoever calls `main` from a program, or under nohup, handles signals otherwise
    if threading.current_thread() is threading.main_thread():
        known = [number for name in ("SIGTERM", "SIGHUP") if (number := getattr(signal, name, None)) is not None]
        ours = [number for number in known if signal.getsignal(number) is signal.SIG_DFL]
    process = os.getpid()

    def stop(number: int, frame: FrameType | None) -> None:
        if os.getpid() != process:  # a worker that was forked has nothing to clean up
            os._exit(TERMINATED)
        for each in ours:
            signal.signal(each, signal.SIG_IGN)  # a second one must not stop the cleaning up
        raise _Terminated

    for number in ours:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="claimtag",
        description="Tags news articles, French first: the themes of every sentence, and who says what.",
        epilog="example: claimtag tag articles/ --out tagged.html",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"claimtag {__version__}")
    verbs = parser.add_subparsers(title="commands", metavar="COMMAND", dest="verb")

    for group in (tagging, claims, exchanging, annotating, evaluating, experimenting, schemes):
        group.add_commands(verbs)
    return parser
