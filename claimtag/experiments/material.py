"""The articles of an experiment: read once, checked, and dealt into what is learned from and what is measured on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import zip_longest
from typing import Any, TypeAlias

from claimtag.errors import InputError, OptionError, did_you_mean
from claimtag.evaluation import check_scheme
from claimtag.evaluation.agreement import not_shared
from claimtag.evaluation.metrics import scored_sentences
from claimtag.experiments.files import Experiment
from claimtag.experiments.files import Split as SplitOptions
from claimtag.reading import read_gold
from claimtag.records import TaggedArticle
from claimtag.scheme import Scheme, load_scheme
from claimtag.splits import Split, fold_articles, read_split, refuse_leaks

Part: TypeAlias = tuple[list[TaggedArticle], list[TaggedArticle]]  # to learn from, and to be tagged
_GAP = "\n\n"


class Material:
    """What an experiment is made with."""

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment
        self.contents = experiment.contents
        self._articles: dict[str, list[TaggedArticle]] = {}
        self._parts: dict[int, tuple[list[Part], dict[str, Any]]] = {}

    @cached_property
    def scheme(self) -> Scheme:
        name = self.contents.scheme
        is_file = name.endswith(".toml")
        return load_scheme(self.experiment.project / name if is_file else name)

    def read(self, part: str) -> list[TaggedArticle]:
        """The articles of train, test or second."""
        if part in self._articles:
            return self._articles[part]
        files = [self.experiment.file(name) for name in getattr(self.contents.data, part)]
        for file in files:
            if not file.exists():
                raise InputError(f"{self.experiment.path}: data.{part}: {file} is not there")
        articles = list(read_gold(*files))
        if not articles:
            raise InputError(f"{self.experiment.path}: data.{part} holds no article, so there is nothing to measure")
        check_scheme(articles, self.scheme.ref, what=f"data.{part}")
        if self.contents.claims and not any(tagged.claims for tagged in articles):
            raise InputError(f"{self.experiment.path}: data.{part} carries no claims; leave `claims` out")
        self._articles[part] = articles
        return articles

    def parts(self, seed: int) -> tuple[list[Part], dict[str, Any]]:
        """What each model learns from and tags; and the split as a record. Leaks are refused."""
        if seed not in self._parts:
            self._parts[seed] = self._dealt(seed)
        return self._parts[seed]

    def gold(self, seed: int) -> list[TaggedArticle]:
        """The articles that are measured on."""
        _, split = self.parts(seed)
        return measured_on(self._data, split["held"], pairs=self.contents.pairs)

    def _dealt(self, seed: int) -> tuple[list[Part], dict[str, Any]]:
        data, split = self._data, self.contents.split
        if split is None:
            sides = {"train": self.read("train"), "test": data}
            dealt = [(self.read("train"), data)]
            ids = {side: [tagged.article.id for tagged in articles] for side, articles in sides.items()}
            record: dict[str, Any] = {"method": "given", "articles": ids}
        else:
            made = self._split(split, data, seed)
            sides = {side: list(articles) for side, articles in made.parts(data).items()}
            if made.method == "folds":
                dealt = [(_without(data, held), held) for held in sides.values()][: split.measured]
            else:
                sides = {side: sides[side] for side in ("train", split.test)}
                dealt = [(sides["train"], sides[split.test])]
            record = made.to_dict()
        refuse_leaks(sides)
        self._check_measured([tagged for _, held in dealt for tagged in held])
        ids_held = [[tagged.article.id for tagged in held] for _, held in dealt]
        parts = [
            (learn, measured_on(held, [ids], pairs=self.contents.pairs))
            for (learn, held), ids in zip(dealt, ids_held, strict=True)
        ]
        return parts, record | {"held": ids_held}

    def _check_measured(self, articles: Sequence[TaggedArticle]) -> None:
        """OptionError when nothing can be measured on these, or the second annotator did not read the same."""
        try:
            scored_sentences(articles)
        except OptionError as error:
            raise OptionError(f"{self.experiment.path}: {error}") from error
        if self.contents.data.second and (problems := not_shared(articles, self.read("second"))):
            files = ", ".join(str(self.experiment.file(name)) for name in self.contents.data.second)
            raise OptionError(
                f"{self.experiment.path}: data.second: {files}: not the articles of data.test: "
                f"{problems} (first is data.test, second data.second)"
            )

    def _split(self, split: SplitOptions, data: Sequence[TaggedArticle], seed: int) -> Split:
        if split.folds is not None:
            return fold_articles(data, folds=split.folds, labels=self.scheme.labels, seed=split.seed + seed)
        made = read_split(self.experiment.file(str(split.file)))
        if made.method != "folds":
            for part in ("train", split.test):
                if part not in made.articles:
                    raise OptionError(
                        f'{self.experiment.path}: split: {split.file} has no part "{part}"'
                        f"{did_you_mean(part, made.articles)}; it has {', '.join(made.articles)}"
                    )
        return made

    @property
    def _data(self) -> list[TaggedArticle]:
        """The articles that those measured on are among."""
        return self.read("train" if self.contents.split else "test")


def measured_on(
    articles: Sequence[TaggedArticle], held: Iterable[Iterable[str]], *, pairs: bool
) -> list[TaggedArticle]:
    """The articles of those ids, which are listed by the model that tags them: in their order, or joined in pairs."""
    if not pairs:
        wanted = {identity for ids in held for identity in ids}
        return [tagged for tagged in articles if tagged.article.id in wanted]
    by_id = {tagged.article.id: tagged for tagged in articles}
    lots = [[by_id[identity] for identity in ids if identity in by_id] for ids in held]
    return [_joined(first, second) for lot in lots for first, second in zip_longest(lot[::2], lot[1::2])]


def _without(articles: Sequence[TaggedArticle], held: Sequence[TaggedArticle]) -> list[TaggedArticle]:
    ids = {tagged.article.id for tagged in held}
    return [tagged for tagged in articles if tagged.article.id not in ids]


def _joined(first: TaggedArticle, second: TaggedArticle | None) -> TaggedArticle:
    """Two articles as one of two subjects, without claims; the title beside the text is the first one's."""
    if second is None:
        return replace(first, claims=())
    one, other = first.article, second.article
    shift = len(one.text) + len(_GAP)
    return replace(
        first,
        article=replace(one, id=f"{one.id} + {other.id}", text=one.text + _GAP + other.text),
        sentences=(
            *first.sentences,
            *(replace(one, start=one.start + shift, end=one.end + shift) for one in second.sentences),
        ),
        claims=(),
    )
