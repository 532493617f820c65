"""What a theme model is: something that gives scores for sentences, each read in its article."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from claimtag.errors import OptionError, did_you_mean
from claimtag.records import Article, Kind, Sentence
from claimtag.segmenting import normalise

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class ArticleContext:
    """An article as the models see it: its title field and its sentences, normalised, without boilerplate."""

    sentences: tuple[str, ...]
    kinds: tuple[Kind, ...]
    title: str = ""
    lang: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SentenceInArticle:
    """One sentence in its article; all sentences of an article share one `ArticleContext` object."""

    article: ArticleContext
    index: int

    @property
    def text(self) -> str:
        return self.article.sentences[self.index]


def context_of(sentences: Iterable[Sentence], article: Article) -> list[SentenceInArticle]:
    """The sentences of an article as the models read them: in order, normalised, without boilerplate.

    >>> first, second = Sentence(0, 11, "Il\\xa0s’en va."), Sentence(12, 19, "Partage", kind="boilerplate")
    >>> [sentence.text for sentence in context_of([first, second], Article("a", "Il\\xa0s’en va. Partage"))]
    ["Il s'en va."]
    """
    kept = [sentence for sentence in sentences if sentence.kind != "boilerplate"]
    context = ArticleContext(
        sentences=tuple(normalise(sentence.text) for sentence in kept),
        kinds=tuple(sentence.kind for sentence in kept),
        title=normalise(article.title or ""),
        lang=article.lang,
    )
    return [SentenceInArticle(context, index) for index in range(len(kept))]


class ThemeModel(Protocol):
    """A theme model only scores; thresholds are somebody else's business (`themes.deciding`)."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the columns of `scores`, in their order."""
        ...

    def scores(self, sentences: Sequence[SentenceInArticle]) -> Scores:
        """A matrix (sentences × labels) of numbers in [0, 1]; a row depends on its sentence and article alone."""
        ...


def asked_of(Y: Any) -> NDArray[np.bool_] | None:
    """Which entries of Y were asked (sentences × labels): None where all were, or Y is no masked array.

    >>> asked_of(np.ma.array([[True, False]], mask=[[False, True]])).tolist()
    [[True, False]]
    >>> asked_of(np.array([[True, False]])) is None
    True
    """
    if not isinstance(Y, np.ma.MaskedArray) or not np.ma.is_masked(Y):
        return None
    return ~np.ma.getmaskarray(Y)


def masked(Y: NDArray[np.bool_], asked: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
    """Y with what was not asked masked, for models and thresholds to leave out; Y itself where all was asked."""
    return Y if asked is None or asked.all() else np.ma.array(Y & asked, mask=~asked)


def said_of_asked(said: NDArray[np.bool_], Y: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What was said, less what of Y was not asked: that is neither right nor wrong."""
    asked = asked_of(Y)
    return said if asked is None else said & asked


def learnable(gold: NDArray[np.bool_], asked: NDArray[np.bool_] | None) -> tuple[NDArray[np.bool_], Scores]:
    """Which labels are there to be learnt, and the log-odds of those that are not: all or none of the asked have them.

    >>> learnable(np.array([[True, False], [False, False]]), None)[0].tolist()
    [True, False]
    """
    some = gold.any(axis=0)
    every = gold.all(axis=0) if asked is None else (gold | ~asked).all(axis=0) & some
    return np.asarray(some & ~every), np.where(every, np.inf, -np.inf).astype(np.float32)


def rows_asked(
    features: Any, gold: NDArray[np.bool_], asked: NDArray[np.bool_] | None, column: int
) -> tuple[Any, NDArray[np.bool_]]:
    """The features of the sentences that were asked a label, and which of them have it."""
    if asked is None or asked[:, column].all():
        return features, gold[:, column]
    rows = np.flatnonzero(asked[:, column])
    return features[rows], gold[rows, column]


def indicator(Y: Any, labels: Sequence[str] | None = None) -> tuple[tuple[str, ...], NDArray[np.bool_]]:
    """The labels, and themes as an indicator matrix (sentences × labels), from a matrix or from sets of labels.

    What a masked array hides (labels not asked) is False here; `asked_of` tells it. Without `labels`, those of sets are
    taken in the order of the alphabet, and the columns of a matrix are numbered.

    >>> indicator([{"drugs"}, ["justice", "drugs"], ()])[1].tolist()
    [[True, False], [True, True], [False, False]]
    >>> indicator([{"drug"}], ["justice", "drugs"])
    Traceback (most recent call last):
    claimtag.errors.OptionError: "drug" is not one of the labels (did you mean "drugs"?)
    """
    rows = Y.toarray() if hasattr(Y, "toarray") else Y
    if hasattr(rows, "to_numpy"):
        rows = rows.to_numpy()
    sets = not isinstance(rows, np.ndarray) and all(
        not isinstance(row, str) and hasattr(row, "__iter__") and all(isinstance(label, str) for label in row)
        for row in rows
    )
    if sets:
        said = [tuple(row) for row in rows]
        names = tuple(labels) if labels is not None else tuple(sorted({label for row in said for label in row}))
        column = {name: place for place, name in enumerate(names)}
        matrix = np.zeros((len(said), len(names)), dtype=bool)
        for place, row in enumerate(said):
            for label in row:
                if label not in column:
                    raise OptionError(f'"{label}" is not one of the labels{did_you_mean(label, names)}')
                matrix[place, column[label]] = True
        return names, matrix
    try:
        numbers = np.asarray(np.ma.filled(rows, False) if isinstance(rows, np.ma.MaskedArray) else rows, dtype=float)
    except (TypeError, ValueError):
        numbers = np.zeros(0)
    if numbers.ndim != 2 or not np.isin(numbers, (0, 1)).all():
        raise OptionError(
            "Y must be a matrix (sentences × labels) of 0 and 1, or one set of labels a sentence; "
            f"got {type(Y).__name__} of shape {np.shape(numbers)}"
        )
    names = tuple(labels) if labels is not None else tuple(map(str, range(numbers.shape[1])))
    if len(names) != numbers.shape[1]:
        raise OptionError(f"Y has {numbers.shape[1]} columns, there are {len(names)} labels; give one label a column")
    return names, numbers.astype(bool)
