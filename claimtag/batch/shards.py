"""One shard: its records read, tagged and written to files of temporary names, for somebody else to commit."""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any, NamedTuple, cast

from claimtag.batch.copies import as_copy, find_original, write_originals
from claimtag.batch.jobs import Job, Tags
from claimtag.batch.ranges import Reader, Shard
from claimtag.errors import BundleError, InputError
from claimtag.reading import Reject, rejected
from claimtag.reading.making import Counts, Maker, seen_before
from claimtag.reading.rows import Fault, Row, printable
from claimtag.records import Article, TaggedArticle
from claimtag.summary import Summary
from claimtag.writing import write

CHUNK, CHUNK_CHARACTERS = 64, 500_000  # articles tagged together: enough for one matrix product, little memory

_HOPELESS = 20  # articles that raise, and none that does not, from which on it is not the articles


@dataclass(frozen=True, slots=True)
class Written:
    """A shard that was tagged: where its output lies, its rejects and the articles that others copy (None where there
    are none), and what was counted."""

    shard: int
    output: Path
    rejects: Path | None
    facts: Mapping[str, Any]
    originals: Path | None = None


def tag_shard(
    tagger: Tags,
    shard: Shard,
    job: Job,
    folder: Path,
    *,
    reader: Reader | None = None,
    originals: Path | None = None,
    single: bool = False,
    skip: Mapping[int, str] | None = None,
    tell: Callable[[int, int], object] = lambda row, rejects: None,
) -> Written:
    """A shard tagged, in files of new names in `folder` that are on the disk when this returns.

    An article that raises is rejected with its reason; so are the records that `skip` gives reasons for, which are not
    tagged. `tell` hears the number of the record that comes next, and of rejects so far, before each lot of articles,
    and with `single` before each article. `originals` is the folder with articles of other shards that some here are
    copies of; without it they are tagged anew, with the same result. InputError where the inputs have fewer records
    than planned; OutputError where the disk does not take the files, and then none are left.
    """
    begun = time.monotonic()
    stem = folder / f"{shard.number}-{secrets.token_hex(6)}"
    output, rejects, copied = (stem.with_suffix(f".{suffix}") for suffix in (job.format, "rejects", "originals"))
    own = Reader(job.codec)
    work = _Work(tagger, shard, job, reader or own, originals, skip or {}, 1 if single else CHUNK, tell)
    try:
        articles = write(work.summary.over(work.tagged()), output, format=job.format, scheme=tagger.scheme)
        if work.rejects:
            lines = [json.dumps(asdict(each), ensure_ascii=False) + "\n" for each in work.rejects]
            rejects.write_text("".join(lines), encoding="utf-8")
            _sync(rejects)
        if kept := {row: tagged for row, tagged in work.originals.items() if row in shard.originals}:
            write_originals(kept, copied)
        digest = _sync(output)
    except BaseException:
        for left in (output, rejects, copied):
            with suppress(OSError):
                left.unlink()
        raise
    finally:
        own.close()
    facts = {
        "shard": shard.number,
        "records": shard.rows,
        "articles": articles,
        "rejects": len(work.rejects),
        "bytes": output.stat().st_size,
        "sha256": digest,
        "seconds": round(time.monotonic() - begun, 3),
        "counts": asdict(work.maker.counts),
        "summary": work.summary.to_dict(),
    }
    return Written(shard.number, output, rejects if work.rejects else None, facts, copied if kept else None)


class _Record(NamedTuple):
    """A record by its number in the shard; a fault has no article."""

    number: int
    row: Row | Fault
    article: Article | None = None


class _Work:
    """The articles of one shard on their way from the inputs to the output."""

    def __init__(
        self,
        tagger: Tags,
        shard: Shard,
        job: Job,
        reader: Reader,
        folder: Path | None,
        skip: Mapping[int, str],
        most: int,
        tell: Callable[[int, int], object],
    ) -> None:
        self.tagger, self.shard, self.job, self.reader = tagger, shard, job, reader
        self.folder, self.skip, self.most, self.tell = folder, skip, most, tell
        self.originals: dict[int, TaggedArticle] = {}
        own = {row for other, row in shard.copies.values() if other == shard.number}
        self.copied = shard.originals | own  # those that are looked up later, here or elsewhere
        self.maker = Maker(job.fields, job.lang, Counts())
        self.summary = Summary()
        self.rejects: list[Reject] = []
        self.failed, self.reason = 0, ""

    def tagged(self) -> Iterator[TaggedArticle]:
        """The shard's articles tagged, lot by lot; what cannot be is added to `rejects` in its place."""
        records, at = self._records(), 0
        self.tell(0, 0)
        while lot := self._lot(records):
            yield from self._tagged(lot)
            at += len(lot)
            self.tell(at, len(self.rejects))
        if self.failed >= _HOPELESS and not self.summary.articles:
            raise BundleError(
                f"none of the {self.failed} articles of a shard could be tagged, the last because of {self.reason}: "
                "the fault lies with the model or with this installation, not with them"
            )
        if at != self.shard.rows:
            where = self.shard.pieces[-1].path
            raise InputError(f"{where}: has fewer records than when the batch began; give --restart to begin anew")

    def _lot(self, records: Iterator[_Record]) -> list[_Record]:
        lot, characters = list[_Record](), 0
        while len(lot) < self.most and characters < CHUNK_CHARACTERS and (record := next(records, None)):
            lot.append(record)
            characters += len(record.article.text) if record.article else 0
        return lot

    def _records(self) -> Iterator[_Record]:
        """Every record of the shard with the article that it holds, or as a fault."""
        for number, row in enumerate(self._rows()):
            if isinstance(row, Fault):
                yield _Record(number, row)
                continue
            if isinstance(found := self.maker.identify(row), Fault):
                yield _Record(number, found)
                continue
            identity = found[0] + self.shard.renamed.get(number, "")
            if number in self.shard.repeated:
                yield _Record(number, seen_before(row, identity))
            elif number in self.skip:
                yield _Record(number, Fault(row.file, row.line, self.skip[number], identity))
            else:
                yield _Record(number, row, self.maker.with_id(row, identity))

    def _rows(self) -> Iterator[Row | Fault]:
        number = 0
        for piece in self.shard.pieces:
            if piece.how == "whole" and number in self.skip:  # it may be the reading that took too long
                yield Fault(printable(piece.path), None, self.skip[number])
            else:
                yield from self.reader.read(piece)
            number += piece.rows

    def _tagged(self, lot: list[_Record]) -> Iterator[TaggedArticle]:
        known = {one.number: copy for one in lot if (copy := self._copy(one))}
        waiting = {one.number for one in lot if self._original(one) in {other.number for other in lot}}
        articles = [one.article for one in lot if one.article and one.number not in known and one.number not in waiting]
        try:
            together = iter(self._all(articles))
        except Exception:  # whatever one of them did to the code, the others are tagged
            together = None
        for one in lot:
            if one.article is None:
                self.rejects.append(rejected(cast(Fault, one.row)))
                continue
            tagged = known.get(one.number) or (self._copy(one) if one.number in waiting else None)
            if tagged is None and together is not None and one.number not in waiting:
                tagged = next(together)
            if tagged is None:
                tagged = self._singly(one.row, one.article)
            if tagged is not None:
                if one.number in self.copied:
                    self.originals[one.number] = tagged
                yield tagged

    def _singly(self, row: Row | Fault, article: Article) -> TaggedArticle | None:
        try:
            return self._all([article])[0]
        except Exception as error:
            self.failed += 1
            self.reason = " ".join(f"{type(error).__name__}: {error}".split())
            reason = f"could not be tagged: {self.reason}"
            self.rejects.append(rejected(Fault(row.file, row.line, reason, article.id)))
            return None

    def _original(self, one: _Record) -> int | None:
        """The number of the record in this shard that this one is a copy of."""
        shard, row = self.shard.copies.get(one.number, (-1, -1))
        return row if shard == self.shard.number and one.article else None

    def _copy(self, one: _Record) -> TaggedArticle | None:
        """The article as a copy of one that is tagged already, here or in another shard."""
        if one.article is None or one.number not in self.shard.copies:
            return None
        shard, row = self.shard.copies[one.number]
        if shard == self.shard.number:
            original = self.originals.get(row)
        else:
            original = find_original(self.folder, shard, row) if self.folder else None
        return as_copy(original, one.article) if original else None

    def _all(self, articles: list[Article]) -> list[TaggedArticle]:
        tagged = list(self.tagger.tag(articles))
        if [each.article.id for each in tagged] != [each.id for each in articles]:
            raise RuntimeError("the tagger gave other articles than it got")
        return tagged


def _sync(path: Path) -> str:
    """The hash of a file that is on the disk, and not only on its way there, when this returns."""
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
        return file_digest(stream, "sha256").hexdigest()
