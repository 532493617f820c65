"""Sentences that a tool was given one by one, gathered into articles again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from claimtag.exchange.drafts import Draft, DraftClaim, DraftSentence, OnReject, Raw
from claimtag.exchange.sewing import sew, unescaped
from claimtag.reading import Reject


@dataclass(slots=True)
class Row:
    """One sentence as it came back: `about` says of which article and where it stood, `skipped` why it has no answer.

    Claims have offsets into the sentence. What is `unread` nobody answered, or somebody else did: text alone.
    """

    file: str
    line: int
    text: str
    by: str | None
    about: Mapping[str, Any]
    themes: list[str] = field(default_factory=list)
    not_asked: list[str] = field(default_factory=list)
    asked: frozenset[str] | None = None
    claims: list[DraftClaim] = field(default_factory=list)
    skipped: str | None = None
    unread: bool = False

    @property
    def place(self) -> int:
        """The number of the sentence in its article."""
        number = self.about.get("sentence", 0)
        return int(number) if isinstance(number, int | float) or str(number).isdecimal() else 0


def gather(rows: Iterable[Row], on_reject: OnReject) -> Iterator[Draft]:
    """A draft for each article and annotator, in the order of their first rows.

    A sentence without an answer stays in the text and is left out of the sentences. A row that names no article is one
    by itself. A sentence that was asked about label by label is one, with the labels of all its rows. Whoever answered
    a part of the sentences has the whole text, as far as the rows of others hold it, so that readings can be compared.
    """
    texts: dict[str, dict[int, Row]] = {}
    lots: dict[tuple[str, str | None], list[Row]] = {}
    for row in rows:
        identity = str(row.about.get("article") or f"{Path(row.file).stem}-{row.line}")
        texts.setdefault(identity, {}).setdefault(row.place, row)
        if not row.unread:
            lots.setdefault((identity, row.by), []).append(row)
    for (identity, by), lot in lots.items():
        own = _joined(lot, identity, on_reject)
        places = {row.place for row in own}
        others = [replace(row, unread=True) for place, row in texts[identity].items() if place not in places]
        draft = _draft(identity, by, sorted([*own, *others], key=lambda row: row.place), on_reject)
        if draft.sentences:
            yield draft


def _joined(lot: list[Row], identity: str, on_reject: OnReject) -> list[Row]:
    """Each sentence once, in order."""
    once: dict[tuple[int, str], Row] = {}
    for row in lot:
        first = once.setdefault((row.place, row.text), row)
        if first is row:
            continue
        if row.asked is not None and first.asked is not None and not row.asked & first.asked:
            first.themes, first.asked = first.themes + row.themes, first.asked | row.asked
            continue
        same = (row.themes, row.skipped) == (first.themes, first.skipped)
        reason = f"sentence {row.place} of the article is there twice{'' if same else ', otherwise'}; the first is kept"
        on_reject(Reject(row.file, row.line, identity, reason))
    return sorted(once.values(), key=lambda row: row.place)


def _draft(identity: str, by: str | None, rows: list[Row], on_reject: OnReject) -> Draft:
    words = [(_gap(row, "before"), row.text, _gap(row, "after")) for row in rows]
    text, starts = sew(words)
    first = next(row for row in rows if not row.unread)
    draft = Draft(first.file, first.line, identity, text, by, first.about)
    moved = [
        row
        for row, start in zip(rows, starts, strict=True)
        if row.about.get("start") not in (None, "", start, str(start))
    ]
    if moved:
        reason = f"from sentence {moved[0].place} on, the text stands elsewhere than it did: sentences before it are missing or changed"
        on_reject(Reject(moved[0].file, moved[0].line, identity, reason))
    for row, start in zip(rows, starts, strict=True):
        if row.unread:
            continue
        if row.skipped:
            on_reject(
                Reject(row.file, row.line, identity, f"sentence {row.place} was {row.skipped}; it is not annotated")
            )
            continue
        raw = Raw(start, start + len(row.text), row.text)
        kind = str(row.about.get("kind") or "body")
        draft.sentences.append(DraftSentence(raw, kind, row.themes, row.not_asked, row.asked, row.line))
        draft.claims += (_moved(claim, start) for claim in row.claims)
    return draft


def _gap(row: Row, name: str) -> str | None:
    given = row.about.get(name)
    if not isinstance(given, str):
        return None
    try:
        return unescaped(given)
    except ValueError:  # somebody wrote into that field
        return None


def _moved(claim: DraftClaim, by: int) -> DraftClaim:
    for part in ("content", "cue", "speaker", "source"):
        if (raw := getattr(claim, part)) is not None:
            setattr(claim, part, Raw(raw.start + by, raw.end + by, raw.said))
    return claim
