"""TOML that people write by hand, and hand on: read with limits, since it may come from anybody."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from claimtag.errors import ClaimtagError

LARGEST = 10_000_000  # bytes; the codebook that ships has 70,000
DEEPEST = 20  # tables in tables; nothing that is read here has more than six, and copying recurses


def read_toml(path: Path, *, raising: type[ClaimtagError]) -> dict[str, Any]:
    """The content of a TOML file; an error of the given kind says why it cannot be read."""
    try:
        if path.stat().st_size > LARGEST:
            raise raising(f"{path}: has more than {LARGEST:,} bytes, too many for a file written by hand")
        content = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise raising(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise raising(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from error
    except RecursionError as error:
        raise raising(f"{path}: not valid TOML: lists in lists in lists, too deep to read") from error
    except ClaimtagError:
        raise
    except ValueError as error:  # a number of 5,000 digits is no TOMLDecodeError
        raise raising(f"{path}: not valid TOML: {str(error).partition(';')[0]}") from error
    level: list[Any] = [content]
    for _ in range(DEEPEST):
        level = [inner for node in level for inner in (node.values() if isinstance(node, dict) else node)]
        level = [node for node in level if isinstance(node, dict | list)]
        if not level:
            return content
    raise raising(f"{path}: tables in tables, more than {DEEPEST} deep")
