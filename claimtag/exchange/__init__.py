"""Annotations to and from the tools that people annotate with, and data sets for the Hugging Face hub.

One module a format; each writes records and reads back drafts, of which `finishing.finish` makes records. What a format
does not carry is not declared but measured: what was written is read again and compared.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, get_args

from claimtag.errors import InputError, OptionError, SchemeError, did_you_mean
from claimtag.exchange.about import Schemes
from claimtag.exchange.drafts import Draft, OnReject
from claimtag.exchange.finishing import finish
from claimtag.exchange.losses import losses
from claimtag.reading import Reject, fail
from claimtag.records import SchemeRef, TaggedArticle
from claimtag.scheme import Scheme

Format = Literal["label-studio", "doccano", "prodigy", "argilla", "brat", "csv", "datasets"]
FORMATS: tuple[Format, ...] = get_args(Format)
Layer = Literal["themes", "claims"]
LAYERS: tuple[Layer, ...] = get_args(Layer)

__all__ = ["FORMATS", "LAYERS", "Exported", "Format", "Imported", "Layer", "export_gold", "import_gold"]

ALL = "all"  # of `asked`: every label of the scheme
_TO_CORRECT = ("label-studio", "argilla", "prodigy")  # tell what a model said from what a person did
_MODULES: Mapping[str, str] = {"label-studio": "label_studio", "csv": "sheet", "datasets": "hub"}


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: the files, and how much of each kind of thing the format did not carry."""

    files: tuple[Path, ...]
    articles: int
    lost: Mapping[str, int]


@dataclass(slots=True)
class Imported:
    """The records of each annotator (None: not stated), in the files' order; each article once an annotator."""

    by: dict[str | None, list[TaggedArticle]] = field(default_factory=dict)

    @property
    def articles(self) -> int:
        return sum(map(len, self.by.values()))


def export_gold(
    format: Format,
    gold: Iterable[TaggedArticle],
    out: str | Path,
    *,
    scheme: Scheme | None = None,
    only: Layer | None = None,
) -> Exported:
    """Writes articles for a tool, then reads them back to count what was lost.

    The scheme is that which the articles name, unless one is given; SchemeError where they name several, or labels that
    it does not have. `only` leaves themes or claims out. brat and datasets write a folder, the others a file and, where
    the tool needs one, its settings beside.
    """
    module = _module(format)
    articles = list(gold)
    scheme = scheme or _scheme_of(articles)
    _check(articles, scheme)
    articles = [_only(tagged, only, scheme) for tagged in articles]
    files = tuple(module.write(articles, Path(out), scheme))
    predicted = {"predicted": True} if format in _TO_CORRECT else {}
    back = _read(partial(module.read, **predicted), [Path(out)], Schemes(scheme), lambda _: None, None)
    return Exported(files, len(articles), losses(articles, (one for lot in back.by.values() for one in lot)))


def import_gold(
    format: Format,
    *paths: str | Path,
    scheme: Scheme | None = None,
    by: str | None = None,
    asked: Collection[str] = (),
    on_reject: OnReject = fail,
) -> Imported:
    """The annotations in a tool's files, by annotator.

    What cannot be used goes to `on_reject`, piece by piece, which by default raises InputError; the rest is kept.
    Labels are those of the scheme that an article names, of `scheme`, or of the default one; an article that names
    another scheme than the given one is rejected. `by` says who annotated, whatever the files say; `asked` which labels
    they looked for ("all": every one), though the files say that nobody did: what carries none of these then does not
    have them.
    """
    module = _module(format)
    for path in paths:
        if not Path(path).exists():
            raise InputError(f"{path}: no such file or folder")
    return _read(module.read, [Path(path) for path in paths], Schemes(scheme), on_reject, by, asked)


def _read(
    read: Callable[..., Any],
    paths: list[Path],
    schemes: Schemes,
    on_reject: OnReject,
    by: str | None,
    asked: Collection[str] = (),
) -> Imported:
    imported, places = Imported(), dict[tuple[str, str | None], tuple[Reject, TaggedArticle]]()
    for place, made in _records(read(paths, on_reject), paths, schemes, on_reject):
        tagged = _asked(made if by is None else replace(made, by=by), asked, schemes)
        first, other = places.setdefault((tagged.article.id, tagged.by), (place, tagged))
        if other is tagged:
            imported.by.setdefault(tagged.by, []).append(tagged)
            continue
        who = f'by "{tagged.by}" ' if tagged.by else ""
        how = "as before" if other == tagged else "otherwise"
        where = f"{first.file}:{first.line}" if first.line else first.file
        reason = f"annotated {who}a second time, {how} (first: {where}); the first is kept"
        on_reject(replace(place, reason=reason))
    return imported


def _asked(tagged: TaggedArticle, asked: Collection[str], schemes: Schemes) -> TaggedArticle:
    """The article where these labels were asked; OptionError for one that its scheme does not have."""
    if not asked:
        return tagged
    labels = schemes.of(tagged.scheme).labels
    if unknown := [label for label in asked if label not in (*labels, ALL)]:
        raise OptionError(
            f'--asked: "{unknown[0]:.60}" is not a theme of the scheme{did_you_mean(unknown[0], labels)}; '
            f'give labels of it, or "{ALL}"'
        )
    looked_for = set(labels if ALL in asked else asked)
    sentences = (
        replace(one, not_asked=tuple(label for label in one.not_asked if label not in looked_for))
        for one in tagged.sentences
    )
    return replace(tagged, sentences=tuple(sentences))


def _records(
    made: Iterator[Draft | TaggedArticle], paths: list[Path], schemes: Schemes, on_reject: OnReject
) -> Iterator[tuple[Reject, TaggedArticle]]:
    """Records, of drafts and of what needs no finishing, each with its place."""
    for one in made:
        if isinstance(one, TaggedArticle):
            place = Reject(", ".join(map(str, paths)), None, one.article.id, "")
            try:
                _check([one], schemes.of(one.scheme))
            except SchemeError as error:
                on_reject(replace(place, reason=str(error)))
            else:
                yield place, one
        elif (tagged := finish(one, schemes, on_reject)) is not None:
            yield Reject(one.file, one.line, one.id, ""), tagged


def _module(format: str) -> Any:
    if format not in FORMATS:
        raise OptionError(f'no format "{format}"{did_you_mean(format, FORMATS)}; the formats: {", ".join(FORMATS)}')
    return import_module(f"claimtag.exchange.{_MODULES.get(format, format)}")


def _only(tagged: TaggedArticle, layer: Layer | None, scheme: Scheme) -> TaggedArticle:
    if layer == "themes":
        return replace(tagged, claims=())
    if layer == "claims":  # left out is not denied: nobody will be asked
        sentences = (
            one if one.kind == "boilerplate" else replace(one, themes=(), review=(), not_asked=scheme.labels)
            for one in tagged.sentences
        )
        return replace(tagged, sentences=tuple(sentences))
    return tagged


def _scheme_of(articles: Iterable[TaggedArticle]) -> Scheme:
    refs: dict[tuple[str, str], SchemeRef] = {}
    for tagged in articles:
        if tagged.scheme is not None:
            refs.setdefault((tagged.scheme.name, tagged.scheme.version), tagged.scheme)
    if len(refs) > 1:
        named = ", ".join(f"{name}@{version}" for name, version in refs)
        raise SchemeError(f"the articles follow several label schemes ({named}); export those of one at a time")
    return Schemes().of(next(iter(refs.values()), None))


def _check(articles: Iterable[TaggedArticle], scheme: Scheme) -> None:
    """SchemeError for the first label that the scheme does not have."""
    for tagged in articles:
        for sentence in tagged.sentences:
            for label in (*sentence.labels, *sentence.not_asked):
                if label not in scheme.labels:
                    raise SchemeError(
                        f'article "{tagged.article.id}" carries "{label}", which {scheme.name} {scheme.version} does not '
                        f"have{did_you_mean(label, scheme.labels)}"
                    )
