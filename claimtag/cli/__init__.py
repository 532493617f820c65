"""The command line: one short function a verb; heavy modules are imported once the arguments are known."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence

from claimtag.cli import claims, evaluating, experimenting, schemes, tagging
from claimtag.cli.notes import DONE, INTERRUPTED, SOME_BAD, WRONG_USAGE, print_help, say
from claimtag.errors import BundleError, ClaimtagError, LeakageError, RecordError, SchemeError
from claimtag.version import __version__


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; its exit code: 0 done, 1 some input was rejected or a check failed, 2 wrong usage, 130 interrupted."""
    parser = _parser()
    options = parser.parse_args(argv)
    if not hasattr(options, "run"):
        return print_help(parser)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower() != "utf-8":
            stream.reconfigure(errors="replace")  # a terminal or a file that cannot show « or é still gets the rest
    try:
        code: int = options.run(options)
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # `claimtag tag … | head`: the reader has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        say("interrupted")
        return INTERRUPTED
    except ClaimtagError as error:
        say(f"claimtag {options.verb}: {error}")
        refused = isinstance(error, BundleError | LeakageError | RecordError | SchemeError)
        return SOME_BAD if refused else WRONG_USAGE
    except OSError as error:
        say(f"claimtag {options.verb}: {error.filename or 'output'}: {error.strerror or error}")
        return SOME_BAD


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="claimtag",
        description="Tags news articles, French first: the themes of every sentence, and who says what.",
        epilog="example: claimtag tag articles/ --out tagged.html",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"claimtag {__version__}")
    verbs = parser.add_subparsers(title="commands", metavar="COMMAND", dest="verb")

    for group in (tagging, claims, evaluating, experimenting, schemes):
        group.add_commands(verbs)
    return parser
