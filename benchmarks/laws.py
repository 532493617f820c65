"""What has to hold whatever comes in: for each target of the fuzz, how an input is made and the laws that it may not break.

No exception but the project's own; every record is read or rejected exactly once, with a reason; good records before and
behind a bad one are kept as they are; spans are slices; at most `SECONDS` of processor time for 64 KB; whatever was
tagged can be written and read back.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.mutating import mutated, mutated_json
from claimtag.bundle import bundle_folder, load_bundle
from claimtag.errors import BundleError, ClaimtagError, SchemeError
from claimtag.experiments import load_experiment
from claimtag.reading import Counts, Reject, read_articles, read_gold
from claimtag.records import Article, TaggedArticle
from claimtag.scheme import labels_folder, load_scheme, scheme_from_dict
from claimtag.tagging import Tagger, load_tagger
from claimtag.writing import FORMATS, write

SECONDS = 6.0  # of processor time, what is imported on the way with it; 64 KB take at most 1
ROOT = Path(__file__).parent.parent
PAGE = (
    "<html><head><meta charset=utf-8><title>{title}</title><meta property='og:site_name' content='Le Fil'></head><body>"
    "<nav><a href=/>Accueil</a></nav><article><h1>{title}</h1><time datetime=2024-05-03>3 mai</time><p>{text}</p>"
    "</article><footer>© 2019</footer></body></html>"
)


class BrokenLawError(AssertionError):
    """What did not hold."""


def law(holds: bool, what: str) -> None:
    if not holds:
        raise BrokenLawError(what)


@contextmanager
def soon() -> Iterator[None]:
    began = time.process_time()
    yield
    took = time.process_time() - began
    law(took < SECONDS, f"took {took:.1f} s of processor time")


@cache
def lines() -> tuple[bytes, ...]:
    """Annotated articles, one a line."""
    return tuple(
        line
        for name in ("test", "train")
        for line in (ROOT / f"examples/{name}.jsonl").read_bytes().split(b"\n")
        if line
    )


@cache
def texts() -> tuple[bytes, ...]:
    return tuple(json.loads(line)["text"].encode() for line in lines())


@cache
def tagger() -> Tagger:
    return load_tagger("fast")


def good(name: str) -> list[dict[str, str]]:
    """Records that nothing is wrong with, and without quotation marks, so that they close none that others open."""
    return [
        {"id": f"{name}-{number}", "title": "Un port", "text": f"Le port {name} rouvre {number}."}
        for number in range(3)
    ]


def check_read(found: list[Article], rejects: list[Reject], counts: Counts) -> None:
    law((counts.articles, counts.rejects) == (len(found), len(rejects)), "counts differ from what was given")
    law(len({article.id for article in found}) == len(found), "an id comes twice")
    for article in found:
        law(bool(article.text.strip()), "an article without text")
        json.dumps([article.id, article.text, article.title, article.url], ensure_ascii=False).encode()
    for reject in rejects:
        law(bool(reject.reason.strip()), "a reject without reason")
        json.dumps([reject.file, reject.id, reject.reason], ensure_ascii=False).encode()


def read(path: Path, **options: Any) -> tuple[list[Article], list[Reject]]:
    rejects: list[Reject] = []
    counts = Counts()
    with soon():
        found = list(read_articles(path, on_reject=rejects.append, counts=counts, **options))
    check_read(found, rejects, counts)
    return found, rejects


def check_kept(found: list[Article], *names: str) -> None:
    """The good records of those names are there, in their order, as they were."""
    wanted = [(record["id"], record["title"], record["text"]) for name in names for record in good(name)]
    kept = [(article.id, article.title, article.text) for article in found if article.id.rpartition("-")[0] in names]
    law(kept == wanted, f"of the good records there are {[identity for identity, *_ in kept]}")


# readers


def jsonl(chance: Random, folder: Path) -> None:
    bad = chance.choice(lines())
    if chance.random() < 0.5:
        bad = json.dumps(mutated_json(json.loads(bad), chance)).encode()
    middle = mutated(bad + b"\n" + chance.choice(lines()), chance, lines())
    front, behind = ("\n".join(map(json.dumps, good(name))).encode() for name in ("front", "behind"))
    content = front + b"\n" + middle + b"\n" + behind
    (folder / "a.jsonl").write_bytes(content)
    found, rejects = read(folder / "a.jsonl")
    check_kept(found, "front", "behind")
    said = [number for number, line in enumerate(content.split(b"\n"), 1) if line.decode("utf-8", "replace").strip()]
    law(len(found) + len(rejects) == len(said), "not every line is read or rejected exactly once")
    told = [reject.line for reject in rejects]
    law(len(set(told)) == len(told) and set(told) <= set(said), "a line is rejected twice, or is none")


def gold(chance: Random, folder: Path) -> None:
    bad = json.dumps(mutated_json(json.loads(chance.choice(lines())), chance)).encode()
    middle = mutated(bad, chance, lines()) if chance.random() < 0.3 else bad
    (folder / "a.jsonl").write_bytes(b"\n".join([lines()[0], middle, lines()[1]]))
    rejects: list[Reject] = []
    with soon():
        found = list(read_gold(folder / "a.jsonl", on_reject=rejects.append))
    ids = [tagged.article.id for tagged in found]
    law(len(set(ids)) == len(ids), "an id comes twice")
    law(ids[0] == json.loads(lines()[0])["id"], "the good article in front is lost")
    law(json.loads(lines()[1])["id"] in ids, "the good article behind is lost")
    for tagged in found:
        check_tagged(tagged)
    check_written(found, chance, folder)


def delimited(chance: Random, folder: Path, sign: str = ",") -> None:
    def rows(records: list[dict[str, str]]) -> bytes:
        return "".join(f"{record['id']}{sign}{record['title']}{sign}{record['text']}\n" for record in records).encode()

    quoted = [
        f'm-{number}{sign}"Un ""titre"""{sign}"{text.decode()[:300]}"\n' for number, text in enumerate(texts()[:4])
    ]
    middle = mutated("".join(quoted).encode(), chance, texts())
    head = f"id{sign}title{sign}text\n".encode()
    (folder / "a.csv").write_bytes(head + rows(good("front")) + middle + b"\n" + rows(good("behind")))
    found, _ = read(folder / "a.csv")
    check_kept(found, "front", "behind")


def semicolons(chance: Random, folder: Path) -> None:
    delimited(chance, folder, ";")


def between(folder: Path, name: str, content: bytes) -> tuple[list[Article], list[Reject]]:
    """What a file gives that lies between two good ones, which are kept."""
    for place in ("a", "z"):
        (folder / f"{place}.jsonl").write_text("\n".join(map(json.dumps, good(place))))
    (folder / name).write_bytes(content)
    found, rejects = read(folder)
    check_kept(found, "a", "z")
    inside = [article for article in found if article.id.rpartition("-")[0] not in ("a", "z")]
    law(len(inside) + len(rejects) > 0, "a file is neither read nor rejected")
    return inside, rejects


def text_file(chance: Random, folder: Path) -> None:
    found, rejects = between(folder, "m.txt", mutated(chance.choice(texts()), chance, texts()))
    law(len(found) + len(rejects) == 1, "a text file is not one article or one reject")


def html(chance: Random, folder: Path) -> None:
    page = PAGE.format(title="Un port", text=chance.choice(texts()).decode().replace("\n", "</p><p>")).encode()
    found, rejects = between(folder, "m.html", mutated(page, chance, [page]))
    law(len(found) + len(rejects) == 1, "a page is not one article or one reject")


def whole_file(chance: Random, folder: Path) -> None:
    """A file of any kind that holds the bytes of any other."""
    name = "m" + chance.choice(
        (".jsonl", ".csv", ".tsv", ".txt", ".html", ".parquet", ".jsonl.gz", ".csv.gz", ".txt.zst")
    )
    given = {"encoding": chance.choice(("cp1252", "utf-16", "latin-1"))} if chance.random() < 0.2 else {}
    (folder / name).write_bytes(
        mutated(chance.choice([*texts()[:20], *lines()[:20], parquet_bytes()]), chance, lines())
    )
    read(folder, **given)


@cache
def parquet_bytes() -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    made = io.BytesIO()
    records = [{"id": str(number), "text": text.decode()} for number, text in enumerate(texts()[:8])]
    pq.write_table(pa.Table.from_pylist(records), made, row_group_size=3)
    return made.getvalue()


def parquet(chance: Random, folder: Path) -> None:
    between(folder, "m.parquet", mutated(parquet_bytes(), chance, [parquet_bytes()]))


def compressed(chance: Random, folder: Path) -> None:
    content = b"\n".join(lines()[:3])
    if chance.random() < 0.5:
        between(folder, "m.jsonl.gz", mutated(gzip.compress(content, mtime=0), chance))
        return
    import pyarrow as pa

    packed = pa.compress(content, codec="zstd", asbytes=True)
    between(folder, "m.jsonl.zst", mutated(packed, chance))


# what is made of articles


def check_tagged(tagged: TaggedArticle) -> None:
    """The record checks that spans are slices and sentences are in order; here that it is whole."""
    text = tagged.article.text
    law(TaggedArticle.from_dict(tagged.to_dict()) == tagged, "the record is another after writing and reading")
    for span in (span for claim in tagged.claims for span in (claim.content, claim.cue, claim.speaker) if span):
        law(text[span.start : span.end] == span.text, "a span is no slice")


def check_written(tagged: list[TaggedArticle], chance: Random, folder: Path) -> None:
    format = chance.choice(FORMATS)
    out = folder / f"out.{format}"
    labels = {label for one in tagged for label in one.themes}
    known = labels <= set(tagger().scheme.labels)
    write(tagged, out, format=format, scheme=tagger().scheme if known else None)
    if format in ("jsonl", "parquet"):
        law(list(read_gold(out)) == tagged, f"{format} read back is another")
    elif format == "jsonld":
        json.loads(out.read_bytes())
    elif format == "html":
        law(out.read_bytes().lower().count(b"<script") == len(tagged) + 2, "an element more in the page")


def tag(chance: Random, folder: Path) -> None:
    text = (
        mutated(chance.choice(texts()), chance, texts())
        .decode("utf-8", chance.choice(("ignore", "replace")))
        .replace("\0", " ")
    )
    if not text.strip():
        return
    article = Article("a", text, title=chance.choice((None, text[:80])), lang=chance.choice(("fr", None, "nl")))
    with soon():
        tagged = next(tagger().tag([article]))
    law(tagged.article.text == text, "the text was changed")
    covered = "".join(sentence.text for sentence in tagged.sentences)
    law(sum(map(str.isalnum, covered)) == sum(map(str.isalnum, text)), "letters stand in no sentence, or in two")
    check_tagged(tagged)
    check_written([tagged], chance, folder)


# files that people hand on


def scheme(chance: Random, folder: Path) -> None:
    content = next(labels_folder().glob("*/*.toml")).read_bytes()
    begin = 0 if chance.random() < 0.7 else content.find(b"[[themes]]")
    (folder / "a.toml").write_bytes(mutated(content[begin:], chance, [content]))
    try:
        with soon():
            loaded = load_scheme(folder / "a.toml")
    except SchemeError:
        return
    law(scheme_from_dict(loaded.to_dict()) == loaded, "the scheme is another after writing and reading")


def experiment(chance: Random, folder: Path) -> None:
    files = sorted((ROOT / "experiments").glob("*.toml"))
    content = chance.choice(files).read_bytes()
    (folder / "a.toml").write_bytes(mutated(content, chance, [content]))
    try:
        with soon():
            load_experiment(folder / "a.toml")
    except ClaimtagError:
        return


def bundle(chance: Random, folder: Path) -> None:
    """A bundle that loads also tags, whatever its maker wrote into it."""
    made = folder / "b"
    shutil.copytree(bundle_folder("fast"), made)
    name = chance.choice(
        ("deciding.json", "tiers.json", "scheme.json", "claims/claims.json", "model/linear.skops", "manifest.json")
    )
    path = made / name
    if name.endswith(".skops") and chance.random() < 0.7:
        _change_skops(path, chance)
    elif name.endswith(".json") and chance.random() < 0.7:
        path.write_text(json.dumps(mutated_json(json.loads(path.read_bytes()), chance)))
    else:
        content = path.read_bytes()
        path.write_bytes(mutated(content[-60_000:], chance) if len(content) > 60_000 else mutated(content, chance))
    _seal(made)
    try:
        with soon():
            loaded = load_bundle(made)
    except BundleError:
        return
    text = chance.choice(texts()).decode()
    check_tagged(next(Tagger(loaded).tag([Article("a", text, lang="fr")])))


def _change_skops(path: Path, chance: Random) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice(["schema.json", *members])
    if name == "schema.json":
        members[name] = json.dumps(mutated_json(json.loads(members[name]), chance)).encode()
    else:
        members[name] = mutated(members[name][:300], chance) + members[name][300:]
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def _seal(folder: Path) -> None:
    """The hashes made anew, as somebody hostile would."""
    try:
        manifest = json.loads((folder / "manifest.json").read_bytes())
        for file in manifest["files"]:
            manifest["files"][file] = hashlib.sha256((folder / file).read_bytes()).hexdigest()
        scheme = json.loads((folder / "scheme.json").read_bytes())
        manifest["scheme"]["sha256"] = scheme_from_dict(scheme).sha256
        (folder / "manifest.json").write_text(json.dumps(manifest))
    except Exception:  # it is damaged: as good
        return


_READING = (jsonl, gold, delimited, semicolons, text_file, html, whole_file, parquet, compressed)
TARGETS: Mapping[str, Callable[[Random, Path], None]] = {
    target.__name__: target for target in (*_READING, tag, scheme, experiment, bundle)
}
