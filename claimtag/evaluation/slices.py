"""Where a tagger is strong and where it is weak: the same figures on parts of a test set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from claimtag.evaluation.intervals import LEVEL, REPLICATES, Estimate, theme_counts, theme_estimates
from claimtag.evaluation.metrics import SUPPORT, theme_matrices
from claimtag.quotes import quotations
from claimtag.records import Sentence, TaggedArticle

Facet: TypeAlias = Callable[[TaggedArticle], Iterable[str]]

RARE = 0.02  # a label is rare when fewer than this share of the sentences carry it
OF_A_SLICE = 2000  # replicates: a test set has some fifteen slices, and 10,000 would take seconds for all
MOST = 20  # values of a facet that get a slice of their own, the largest first
ALL, OTHERS = "all", "others"
NOT_STATED = "not stated"
_LENGTHS = (10, 20, 40)  # words; half of the shared training sentences have 21 or fewer


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of a test set, and how well its themes were found.

    `support` counts gold themes, `articles` those with a sentence in the slice: intervals are drawn over these.
    Macro-F1 averages `macro_labels`, those with at least 5 gold sentences in the slice.
    """

    facet: str
    name: str
    articles: int
    sentences: int
    support: int
    micro: Estimate
    macro: Estimate
    macro_labels: int

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values: null for what is not defined, with its reason."""
        return {
            "facet": self.facet,
            "name": self.name,
            "articles": self.articles,
            "sentences": self.sentences,
            "support": self.support,
            "micro": self.micro.to_dict(),
            "macro": self.macro.to_dict(),
            "macro_labels": self.macro_labels,
        }


def slice_figures(
    gold: Iterable[TaggedArticle],
    predicted: Iterable[TaggedArticle],
    *,
    labels: Sequence[str],
    facets: Mapping[str, Facet] | None = None,
    rare: Collection[str] | None = None,
    replicates: int | None = None,
    seed: int = 0,
    level: float = LEVEL,
) -> tuple[Slice, ...]:
    """The figures on everything, then on each slice: of each facet the largest first, and rare and frequent labels.

    `facets` name for each gold sentence that is not boilerplate the slice it lies in; by default `FACETS`. Beyond 20
    slices a facet's smallest are put together. `rare` are the labels to call so; by default those that fewer than
    2 % of the gold sentences carry. `replicates` are by default 10,000 of everything, so that its intervals are those
    of `evaluate`, and 2,000 of a slice.
    """
    gold = list(gold)
    truth, said = theme_matrices(gold, predicted, labels=labels)
    sizes = [len(scored_sentences(article)) for article in gold]
    article_of = np.repeat(np.arange(len(gold)), sizes)

    def figures(facet: str, name: str, rows: NDArray[np.bool_], columns: NDArray[np.bool_]) -> Slice:
        # articles without a sentence here are left out: drawn, they would only blur the interval
        held = sizes if facet == ALL else np.unique(article_of[rows], return_counts=True)[1].tolist()
        times = (REPLICATES if facet == ALL else OF_A_SLICE) if replicates is None else replicates
        counts = theme_counts(truth[rows][:, columns], said[rows][:, columns], held)
        support = counts[..., [0, 2]].sum(axis=(0, 2))
        micro, macro, *_ = theme_estimates(counts, replicates=times, seed=seed, level=level)
        return Slice(
            facet=facet,
            name=name,
            articles=len(held),
            sentences=int(rows.sum()),
            support=int(support.sum()),
            micro=micro,
            macro=macro,
            macro_labels=int((support >= SUPPORT).sum()),
        )

    rows, columns = np.ones(len(truth), dtype=bool), np.ones(len(labels), dtype=bool)
    if not len(truth):
        return ()
    slices = [figures(ALL, ALL, rows, columns)]
    for facet, values_of in (FACETS if facets is None else facets).items():
        values = [value for article in gold for value in values_of(article)]
        names, place = _largest(values)
        slices += [figures(facet, name, place == number, columns) for number, name in enumerate(names)]
    if rare is None:
        rare = [label for label, share in zip(labels, truth.mean(axis=0), strict=True) if share < RARE]
    few = np.array([label in rare for label in labels], dtype=bool)
    slices += [figures("labels", name, rows, held) for name, held in (("rare", few), ("frequent", ~few)) if held.any()]
    return tuple(slices)


def scored_sentences(article: TaggedArticle) -> tuple[Sentence, ...]:
    """The sentences of an article that themes are scored on: all but boilerplate."""
    return tuple(sentence for sentence in article.sentences if sentence.kind != "boilerplate")


def by_source(article: TaggedArticle) -> list[str]:
    """The article's source, as it is written."""
    return [article.article.source or NOT_STATED] * len(scored_sentences(article))


def by_language(article: TaggedArticle) -> list[str]:
    """The article's language, as it is given."""
    return [article.article.lang or NOT_STATED] * len(scored_sentences(article))


def by_length(article: TaggedArticle) -> list[str]:
    """How many words the sentence has, as white space parts them."""
    return [_length(len(sentence.text.split())) for sentence in scored_sentences(article)]


def by_kind(article: TaggedArticle) -> list[str]:
    """Title, heading or body."""
    return [sentence.kind for sentence in scored_sentences(article)]


def by_quotation(article: TaggedArticle) -> list[str]:
    """Whether the sentence stands in quotation marks: "quoted" from half of its characters on, "partly" or "not".

    A quotation may run over several sentences of the article.
    """
    text = article.article.text
    inside = np.zeros(len(text) + 1, dtype=np.intp)
    for quotation in quotations(text):
        if not quotation.depth:
            inside[quotation.start : quotation.end] = 1
    before = np.concatenate([[0], np.cumsum(inside)])
    quoted = [int(before[one.end] - before[one.start]) for one in scored_sentences(article)]
    return [
        "not" if not held else "quoted" if 2 * held >= sentence.end - sentence.start else "partly"
        for held, sentence in zip(quoted, scored_sentences(article), strict=True)
    ]


FACETS: Mapping[str, Facet] = {
    "source": by_source,
    "language": by_language,
    "words": by_length,
    "kind": by_kind,
    "in quotation marks": by_quotation,
}


def _length(words: int) -> str:
    low = 1
    for high in _LENGTHS:
        if words <= high:
            return f"{low}–{high}"
        low = high + 1
    return f"{low} or more"


def _largest(values: Sequence[str]) -> tuple[list[str], NDArray[np.intp]]:
    """The names of a facet's slices, and the number of each value's slice."""
    ranked = sorted(Counter(values).items(), key=lambda item: (-item[1], item[0]))
    names = [name for name, _ in ranked]
    if len(names) > MOST:
        names = [*names[: MOST - 1], OTHERS]
    number = {name: place for place, name in enumerate(names)}
    return names, np.array([number.get(value, len(names) - 1) for value in values], dtype=np.intp)
