"""Disagreements written out: JSONL to fill in, or a page to decide on them in a browser."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from claimtag.adjudicating.finding import Disagreement
from claimtag.errors import OptionError
from claimtag.writing.targets import target

_PAGE = Path(__file__).parent / "page.html"
_MARK = "/*DISAGREEMENTS*/[]"


def write_disagreements(found: Iterable[Disagreement], out: str | Path) -> int:
    """How many were written to a .jsonl file, or to an .html page that saves its decisions as such a file."""
    path = Path(out)
    if path.suffix not in (".jsonl", ".html"):
        raise OptionError(f'disagreements are written as .jsonl or .html; "{out}" ends in neither')
    records = [one.to_dict() for one in found]
    with target(path, suffix=path.suffix[1:]) as file:
        if path.suffix == ".jsonl":
            file.writelines(json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records)
        else:
            # no "<", so that no text can end the script; the separators of lines end a string in old browsers
            plain = json.dumps(records, ensure_ascii=True).replace("<", "\\u003c")
            file.write(_PAGE.read_text(encoding="utf-8").replace(_MARK, plain).encode())
    return len(records)
