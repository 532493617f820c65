"""What a batch is to do, and whether an interrupted one may go on: the same inputs, model, options and version."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any, Literal, Protocol, get_args

from claimtag.errors import BundleError, OptionError, did_you_mean
from claimtag.reading import Fields, check_language
from claimtag.reading.lines import check_encoding
from claimtag.records import Article, TaggedArticle
from claimtag.scheme import Scheme, load_scheme
from claimtag.version import __version__

Format = Literal["jsonl", "parquet"]
FORMATS: tuple[Format, ...] = get_args(Format)
Dedupe = Literal["exact", "none"]
DEDUPES: tuple[Dedupe, ...] = get_args(Dedupe)
SHARD_SIZE = 1_000  # articles: 5 s of work for the fast model, which is what an interruption costs a worker


@dataclass(frozen=True, slots=True)
class Job:
    """Everything that the output of a batch depends on, but the content of the inputs.

    `inputs` are files, folders or patterns such as `news/*.jsonl.gz`; a shard holds `shard_size` records. With
    `dedupe="exact"` articles with the same text, title, source and language are tagged once. `scheme` may add labels to
    those of the model; with `sentences` each record is one sentence, read alone and without claims.

    >>> Job(("news.jsonl",), format="parquets")
    Traceback (most recent call last):
    claimtag.errors.OptionError: no format "parquets" for a batch (did you mean "parquet"?); the formats: jsonl, parquet
    """

    inputs: tuple[str, ...]
    model: str = "default"
    format: Format = "parquet"
    shard_size: int = SHARD_SIZE
    dedupe: Dedupe = "exact"
    fields: Fields = field(default_factory=Fields)
    encoding: str | None = None
    lang: str | None = None
    scheme: str | None = None
    sentences: bool = False

    def __post_init__(self) -> None:
        check_language(self.lang)
        if self.format not in FORMATS:
            near = did_you_mean(self.format, FORMATS)
            raise OptionError(f'no format "{self.format}" for a batch{near}; the formats: {", ".join(FORMATS)}')
        if self.dedupe not in DEDUPES:
            raise OptionError(f'no way "{self.dedupe}" to treat identical texts; there are {" and ".join(DEDUPES)}')
        if self.shard_size < 1:
            raise OptionError(f"a shard must hold at least 1 record, not {self.shard_size}")

    @property
    def codec(self) -> str | None:
        """The name of the encoding as readers want it; OptionError where there is none of that name."""
        return None if self.encoding is None else check_encoding(self.encoding)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self) | {"inputs": list(self.inputs)}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Job:
        """The inverse of `to_dict`."""
        return cls(**{**record, "inputs": tuple(record["inputs"]), "fields": Fields(**record["fields"])})


def identity(job: Job) -> dict[str, Any]:
    """The job with what its model is here and which claimtag this is: what must be the same when a batch goes on."""
    from claimtag.bundle import bundle_folder
    from claimtag.sealing import MANIFEST

    folder = bundle_folder(job.model)
    try:
        sealed = (folder / MANIFEST).read_bytes()
        manifest = json.loads(sealed)
        model = {"by": f"{manifest['name']}@{manifest['version']}", "sha256": sha256(sealed).hexdigest()}
        scheme = dict(manifest["scheme"])
        if job.scheme is not None:
            given = load_scheme(job.scheme).ref
            scheme = {"name": given.name, "version": given.version, "sha256": given.sha256}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BundleError(f"{folder}: not a bundle ({error}); give the folder that claimtag train wrote") from error
    return {"job": job.to_dict(), "model": model, "scheme": scheme, "claimtag": __version__}


def open_tagger(job: Job) -> Tags:
    """The job's tagger with its model loaded: what each worker process does once."""
    from claimtag.tagging import Tagger, as_sentences, load_tagger
    from claimtag.training.extending import extended

    tagger = load_tagger(job.model)
    if job.scheme is not None:
        tagger = Tagger(extended(tagger.bundle, load_scheme(job.scheme)))
    if not job.sentences:
        return tagger
    return _Sentences(tagger.scheme, lambda articles: tagger.tag_sentences(as_sentences(articles), claims=False))


class Tags(Protocol):
    """What tags articles: a `claimtag.Tagger`."""

    @property
    def scheme(self) -> Scheme:
        """The scheme of its themes."""
        ...

    def tag(self, articles: Iterable[Article]) -> Iterator[TaggedArticle]:
        """The articles tagged, in order."""
        ...


@dataclass(frozen=True, slots=True)
class _Sentences:
    """Tags records that are one sentence each."""

    scheme: Scheme
    tag: Callable[[Iterable[Article]], Iterator[TaggedArticle]]


def differences(before: Mapping[str, Any], now: Mapping[str, Any], at: str = "") -> Iterator[str]:
    """What changed between two identities, in words.

    >>> list(differences({"job": {"shard_size": 10}, "claimtag": "1"}, {"job": {"shard_size": 20}, "claimtag": "1"}))
    ['shard size was 10, is now 20']
    """
    for name in dict.fromkeys([*before, *now]):
        old, new = before.get(name), now.get(name)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from differences(old, new, "" if name == "job" else f"{name} ")
        elif old != new:
            yield f"{at}{name.replace('_', ' ')} was {_shown(old)}, is now {_shown(new)}"


def _shown(value: object) -> str:
    if isinstance(value, str) and len(value) == 64:
        return value[:12] + "…"
    return " ".join(value) if isinstance(value, list) else "not given" if value is None else str(value)
