"""A split as a record and as a file: which article is in which part, how well that went, and a hash over it all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, Self, get_args

from claimtag.errors import InputError, OptionError, OutputError, RecordError, did_you_mean
from claimtag.records import SchemeRef, TaggedArticle

Method = Literal["stratified", "folds", "date", "source"]
METHODS: tuple[Method, ...] = get_args(Method)

_FORMAT = "claimtag split 2"
_DIGEST = 16  # hexadecimal digits of an article's hash: it says that a text changed, it is no seal
_NAMED = 3  # articles in a message


@dataclass(frozen=True, slots=True)
class Quality:
    """How evenly the parts hold the labels.

    `targets` is the share each part should have of everything; `sentences` and `labels` are counts, by part.
    """

    targets: Mapping[str, float]
    articles: Mapping[str, int]
    sentences: Mapping[str, int]
    labels: Mapping[str, Mapping[str, int]]

    @property
    def deviations(self) -> dict[str, float | None]:
        """How far each label's share in the worst part is from that part's target; None for one without sentences.

        >>> Quality({"a": 0.5, "b": 0.5}, {"a": 1, "b": 1}, {"a": 4, "b": 4}, {"drugs": {"a": 3, "b": 1}}).deviations
        {'drugs': 0.25}
        """
        return {
            label: max(abs(count / total - self.targets[part]) for part, count in counts.items())
            if (total := sum(counts.values()))
            else None
            for label, counts in self.labels.items()
        }

    @property
    def empty(self) -> dict[str, tuple[str, ...]]:
        """Per part, the labels that it has no sentence of."""
        return {
            part: tuple(label for label, counts in self.labels.items() if not counts[part]) for part in self.targets
        }

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, with the mean and the largest deviation."""
        known = [deviation for deviation in self.deviations.values() if deviation is not None]
        return {
            **asdict(self),
            "deviations": self.deviations,
            "mean_deviation": sum(known) / len(known) if known else None,
            "max_deviation": max(known, default=None),
            "empty": {part: list(labels) for part, labels in self.empty.items()},
        }


@dataclass(frozen=True, slots=True)
class Split:
    """Which articles are in which part. `articles` maps each part to its ids, in the order of the data.

    `texts` holds a short hash of every article's text, `left_out` says which articles are in no part, and why.
    """

    method: Method
    articles: Mapping[str, tuple[str, ...]]
    texts: Mapping[str, str]
    labels: tuple[str, ...]
    quality: Quality = field(repr=False)
    scheme: SchemeRef | None = None
    seed: int = 0
    left_out: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise RecordError(f'"{self.method}" is not a way to split{did_you_mean(self.method, METHODS)}')
        if len(self.articles) < 2:
            raise RecordError(f"a split has two parts at least, not {len(self.articles)}")
        held: dict[str, str] = {}
        for part, ids in self.articles.items():
            if not ids:
                raise RecordError(f'the part "{part}" has no article')
            for identity in ids:
                if identity in held:
                    raise RecordError(f'article "{identity}" is in "{held[identity]}" and in "{part}"')
                held[identity] = part
        if held.keys() & self.left_out.keys() or held.keys() | self.left_out.keys() != self.texts.keys():
            raise RecordError("every article needs one hash of its text, and is in a part or left out")

    @property
    def sha256(self) -> str:
        """The hash of all that the split says, in canonical JSON."""
        plain = json.dumps(self._content(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(plain.encode()).hexdigest()

    def parts(self, gold: Iterable[TaggedArticle]) -> dict[str, tuple[TaggedArticle, ...]]:
        """The articles of each part; OptionError says what differs where the data are not those that were split.

        All articles must be there, and no other, with the same texts and scheme. Annotations may have been corrected.
        """
        by_id = {tagged.article.id: tagged for tagged in gold}
        if problems := self._differences(by_id):
            raise OptionError(f"the data are not those that were split: {'; '.join(problems)}. Split them anew")
        return {part: tuple(by_id[identity] for identity in ids) for part, ids in self.articles.items()}

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; `from_dict` is the inverse."""
        return {"format": _FORMAT, **self._content(), "sha256": self.sha256}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Self:
        """The split read back; RecordError if it is none, or was changed by hand."""
        try:
            quality = record["quality"]
            split = cls(
                method=record["method"],
                articles={part: tuple(ids) for part, ids in record["articles"].items()},
                texts=dict(record["texts"]),
                labels=tuple(record["labels"]),
                quality=Quality(*(quality[name] for name in ("targets", "articles", "sentences", "labels"))),
                scheme=None if record["scheme"] is None else SchemeRef(**record["scheme"]),
                seed=record["seed"],
                left_out=dict(record["left_out"]),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise RecordError(f"not a split: {error!r}") from error
        if record.get("sha256") != split.sha256 or quality != split.quality.to_dict():
            raise RecordError(
                f"the split says its hash is {record.get('sha256')}, what it holds has {split.sha256}: it was changed "
                "after it was frozen. Split the data anew"
            )
        return split

    def _content(self) -> dict[str, Any]:
        return {
            "method": self.method,
            "seed": self.seed,
            "scheme": None if self.scheme is None else asdict(self.scheme),
            "labels": list(self.labels),
            "articles": {part: list(ids) for part, ids in self.articles.items()},
            "left_out": dict(self.left_out),
            "texts": dict(self.texts),
            "quality": self.quality.to_dict(),
        }

    def _differences(self, by_id: Mapping[str, TaggedArticle]) -> list[str]:
        schemes = {(tagged.scheme.name, tagged.scheme.version) for tagged in by_id.values() if tagged.scheme}
        wanted = None if self.scheme is None else (self.scheme.name, self.scheme.version)
        other = sorted(f"{name} {version}" for name, version in schemes if wanted and (name, version) != wanted)
        problems = [f"the scheme was {wanted[0]} {wanted[1]}, is now {', '.join(other)}"] if wanted and other else []
        changed = [
            identity
            for identity, digest in self.texts.items()
            if identity in by_id and text_digest(by_id[identity]) != digest
        ]
        missing = [identity for identity in self.texts if identity not in by_id]
        new = [identity for identity in by_id if identity not in self.texts]
        for what, ids in (("missing", missing), ("new", new), ("changed in their texts", changed)):
            if ids:
                named = ", ".join(f'"{identity}"' for identity in ids[:_NAMED])
                problems.append(f"{len(ids)} article(s) are {what}: {named}{', …' if len(ids) > _NAMED else ''}")
        return problems


def write_split(split: Split, path: str | Path) -> Path:
    """Writes the split as JSON, whole or not at all; `read_split` is the inverse."""
    path = Path(path)
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(split.to_dict(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):  # not made yet
            partial.unlink()
        raise OutputError(f"{path}: the split cannot be written: {error.strerror or error}") from error
    return path


def read_split(path: str | Path) -> Split:
    """The split of a file; InputError if there is none, or it was changed after it was frozen."""
    path = Path(path)
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: the split cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise InputError(f"{path}: not JSON: {error}") from error
    if not isinstance(record, dict) or record.get("format") != _FORMAT:
        raise InputError(f'{path}: not a split of this claimtag: its "format" is not "{_FORMAT}"')
    try:
        return Split.from_dict(record)
    except RecordError as error:
        raise InputError(f"{path}: {error}") from error


def text_digest(tagged: TaggedArticle) -> str:
    """A short hash of the article's text."""
    return hashlib.sha256(tagged.article.text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST]


def quality_of(
    parts: Mapping[str, Sequence[TaggedArticle]], labels: Sequence[str], *, targets: Mapping[str, float] | None = None
) -> Quality:
    """How evenly these parts hold the labels; boilerplate is not counted.

    Without `targets`, each part should have of every label what it has of all sentences.
    """
    check_labels([tagged for articles in parts.values() for tagged in articles], labels)
    sentences = dict.fromkeys(parts, 0)
    counts = {label: dict(sentences) for label in labels}
    for part, articles in parts.items():
        for tagged in articles:
            for sentence in tagged.sentences:
                sentences[part] += sentence.kind != "boilerplate"
                for label in sentence.labels:
                    counts[label][part] += 1
    total = max(sum(sentences.values()), 1)
    if targets is None:
        targets = {part: count / total for part, count in sentences.items()}
    return Quality(dict(targets), {part: len(articles) for part, articles in parts.items()}, sentences, counts)


def check_labels(gold: Iterable[TaggedArticle], labels: Sequence[str]) -> None:
    """OptionError for the first theme that is not one of the labels."""
    known = set(labels)
    for tagged in gold:
        for label in tagged.themes:
            if label not in known:
                raise OptionError(
                    f'article "{tagged.article.id}" carries the theme "{label}", which is not one of the labels'
                    f"{did_you_mean(label, labels)}"
                )
