"""How far annotators agree: the ceiling that is printed beside a model's figures.

Every coefficient is a function of counts that are summed over articles, so each has an interval from the bootstrap over
articles. `agree` compares two gold files; the coefficients take ratings of any kind, from any number of annotators.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from claimtag.errors import OptionError
from claimtag.evaluation.claims import claim_counts, claim_estimates
from claimtag.evaluation.intervals import (
    LEVEL,
    REPLICATES,
    Estimate,
    Floats,
    Statistic,
    estimates,
    ratios,
    theme_counts,
    theme_estimates,
)
from claimtag.evaluation.metrics import SUPPORT, asked_matrix, by_id, scored_sentences, some_of, theme_matrices
from claimtag.records import TaggedArticle

_NAMES = ("the articles of the first file", "the articles of the second file")
_UNUSED = "neither annotator uses it"
_CONSTANT = "all ratings are the same, so that agreement cannot be told from chance"
_UNPAIRED = "nothing has two ratings"


@dataclass(frozen=True, slots=True)
class LabelAgreement:
    """How far two annotators agree on one label: the sentences that each gives it to, and the coefficients."""

    label: str
    support_a: int
    support_b: int
    f1: Estimate
    kappa: Estimate
    alpha: Estimate
    ac1: Estimate

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values: null for what is not defined, with its reason."""
        return {field.name: _plain(getattr(self, field.name)) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far annotator b agrees with a on themes, and on claims (the figures of `claims.FIGURES`).

    `macro` averages `macro_labels`, those that a gives to at least 5 sentences. What could not be compared is named:
    articles that one of them lacks, and articles of which they read different texts.
    """

    a: str
    b: str
    articles: int
    sentences: int
    claims_a: int
    claims_b: int
    micro: Estimate
    macro: Estimate
    macro_labels: tuple[str, ...]
    labels: tuple[LabelAgreement, ...]
    claims: Mapping[str, Estimate]
    only_a: tuple[str, ...] = ()
    only_b: tuple[str, ...] = ()
    other_text: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values: null for what is not defined, with its reason."""
        return {field.name: _plain(getattr(self, field.name)) for field in fields(self)}


def agree(
    a: Iterable[TaggedArticle],
    b: Iterable[TaggedArticle],
    *,
    labels: Sequence[str] | None = None,
    partial: bool = False,
    replicates: int = REPLICATES,
    seed: int = 0,
    level: float = LEVEL,
) -> Agreement:
    """The agreement of two annotators on the same articles.

    A sentence of a takes the themes of b's sentence that overlaps it most; a's boilerplate is not scored, nor is a
    label that one of them was not asked of the sentence. `labels` are
    the scheme's; without it, those that either of them uses. OptionError names articles that only one of them has, or
    whose texts differ; with `partial` the others are compared, and the result names these; it refuses two sides without
    a sentence that is scored.
    """
    first, second = by_id(a, "first"), by_id(b, "second")
    apart = only_a, only_b, other_text = _apart(first, second)
    problems = _problems(*apart)
    left_out = {*only_a, *other_text}
    pairs = [(one, second[identity]) for identity, one in first.items() if identity not in left_out]
    if problems and not partial:
        raise OptionError(f"the annotators do not cover the same articles: {problems}")
    if not pairs:
        raise OptionError(f"the annotators have no article in common: {problems or 'both sides are empty'}")
    gold, said = [one for one, _ in pairs], [other for _, other in pairs]
    if labels is None:
        labels = sorted({label for article in (*gold, *said) for label in article.themes})
    sentences = scored_sentences(gold)
    counts = theme_counts(*theme_matrices(gold, said, labels=labels, names=_NAMES, mutual=True), sentences)
    asked = np.tile(np.asarray(sentences)[:, np.newaxis], (1, len(labels)))
    if (both := asked_matrix(gold, said, labels=labels)) is not None:
        asked = asked - theme_counts(~both, ~both, sentences)[..., 0]
    support = counts[..., [0, 2]].sum(axis=(0, 2))
    micro, macro, *_ = theme_estimates(counts, replicates=replicates, seed=seed, level=level)
    claims = claim_estimates(map(claim_counts, gold, said), replicates=replicates, seed=seed, level=level)
    return Agreement(
        a=gold[0].by or "a",
        b=said[0].by or "b",
        articles=len(pairs),
        sentences=sum(sentences),
        claims_a=sum(len(article.claims) for article in gold),
        claims_b=sum(len(article.claims) for article in said),
        micro=micro,
        macro=macro,
        macro_labels=tuple(label for label, times in zip(labels, support, strict=True) if times >= SUPPORT),
        labels=_label_agreements(counts, asked, labels, replicates=replicates, seed=seed, level=level),
        claims=claims,
        only_a=only_a,
        only_b=only_b,
        other_text=other_text,
    )


def not_shared(a: Iterable[TaggedArticle], b: Iterable[TaggedArticle]) -> str:
    """What keeps `agree` from comparing all articles, as part of a message; empty when nothing does."""
    return _problems(*_apart(by_id(a, "first"), by_id(b, "second")))


def cohen_kappa(
    a: Sequence[Hashable],
    b: Sequence[Hashable],
    *,
    articles: Sequence[Hashable] | None = None,
    replicates: int = REPLICATES,
    seed: int = 0,
    level: float = LEVEL,
) -> Estimate:
    """Cohen's κ of two annotators: agreement beyond what two annotators of these habits would reach by chance.

    `articles` says in which article each rating stands; without it, each is drawn by itself.

    >>> cohen_kappa(["yes", "yes", "no", "no"], ["yes", "no", "no", "no"]).value
    0.5
    >>> cohen_kappa(["no", "no"], ["no", "no"]).reason
    'all ratings are the same, so that agreement cannot be told from chance'
    """
    if len(a) != len(b):
        raise OptionError(f"Cohen's kappa pairs ratings: there are {len(a)} and {len(b)}")
    ratings = list(zip(a, b, strict=True))
    if any(map(_missing, (*a, *b))):
        raise OptionError("Cohen's kappa needs both ratings of everything; Krippendorff's alpha allows missing ones")
    codes, categories = _codes(ratings)
    table = np.zeros((len(ratings), categories, categories))
    table[np.arange(len(ratings)), *codes.reshape(-1, 2).T] = 1
    return _coefficient(
        table, _kappa, articles, _CONSTANT if ratings else _UNPAIRED, replicates=replicates, seed=seed, level=level
    )


def krippendorff_alpha(
    ratings: Sequence[Sequence[Hashable]],
    *,
    articles: Sequence[Hashable] | None = None,
    replicates: int = REPLICATES,
    seed: int = 0,
    level: float = LEVEL,
) -> Estimate:
    """Krippendorff's α for nominal ratings: one row for each thing rated, one rating an annotator, None where missing.

    What has fewer than two ratings says nothing and is left out (Krippendorff 2011).

    >>> krippendorff_alpha([["x", "x", None], ["y", "y", "y"], ["x", "y", "x"], [None, "y", None]]).value
    0.5625
    """
    said = _tallies(ratings)
    paired = said[said.sum(axis=1) > 1]
    # every ordered pair of ratings of one thing, weighted so that a thing with m ratings counts m
    pairs = paired[:, :, np.newaxis] * (paired[:, np.newaxis, :] - np.eye(said.shape[1]))
    table = np.zeros((len(said), said.shape[1], said.shape[1]))
    table[said.sum(axis=1) > 1] = pairs / (paired.sum(axis=1) - 1)[:, np.newaxis, np.newaxis]
    reason = _CONSTANT if len(paired) else _UNPAIRED
    return _coefficient(table, _alpha, articles, reason, replicates=replicates, seed=seed, level=level)


def gwet_ac1(
    ratings: Sequence[Sequence[Hashable]],
    *,
    categories: int | None = None,
    articles: Sequence[Hashable] | None = None,
    replicates: int = REPLICATES,
    seed: int = 0,
    level: float = LEVEL,
) -> Estimate:
    """Gwet's AC1, in the form of `krippendorff_alpha`; it stays sensible where nearly all ratings are the same.

    `categories` is how many there were to choose from; without it, as many as were chosen (Gwet 2008).

    >>> round(gwet_ac1([["no", "no"], ["no", "no"], ["no", "no"], ["yes", "no"]]).value, 3)
    0.68
    """
    said = _tallies(ratings)
    choices = max(said.shape[1], categories or 0)
    if categories is not None and categories < said.shape[1]:
        raise OptionError(
            f"{said.shape[1]} categories were chosen, so there cannot have been {categories} to choose from"
        )
    given = said.sum(axis=1)
    table = np.column_stack(
        [
            ratios((said * (said - 1)).sum(axis=1), given * (given - 1)),
            given > 1,
            given > 0,
            ratios(said, given[:, np.newaxis]),
        ]
    )
    reason = _CONSTANT if (given > 1).any() else _UNPAIRED
    return _coefficient(
        np.nan_to_num(table),
        lambda sums: _ac1(sums[..., 0], sums[..., 1], sums[..., 2], sums[..., 3:], choices),
        articles,
        reason,
        replicates=replicates,
        seed=seed,
        level=level,
    )


def _kappa(confusion: Floats) -> Floats:
    """κ from ratings of a by ratings of b, on the last two axes."""
    total = confusion.sum(axis=(-2, -1))
    chance = confusion.sum(axis=-1)[..., :, np.newaxis] * confusion.sum(axis=-2)[..., np.newaxis, :]
    # observed and expected disagreement, both times total²: 0 is then exact, and 1 − 1 / 3 − … does not come near it
    return _one_less(total * _beside(confusion), _beside(chance))


def _alpha(coincidences: Floats) -> Floats:
    """α from the pairs of ratings, on the last two axes."""
    said = coincidences.sum(axis=-1)
    chance = said[..., :, np.newaxis] * said[..., np.newaxis, :]
    return _one_less((said.sum(axis=-1) - 1) * _beside(coincidences), _beside(chance))


def _ac1(agreed: Floats, paired: Floats, rated: Floats, shares: Floats, categories: int) -> Floats:
    """AC1 from sums over things rated: their agreement, those rated twice, those rated at all, shares of categories."""
    prevalence = ratios(shares, rated[..., np.newaxis])
    chance = ratios((prevalence * (1 - prevalence)).sum(axis=-1), np.array(float(categories - 1)))
    return _one_less(1 - ratios(agreed, paired), 1 - chance)


def _one_less(observed: Floats, expected: Floats) -> Floats:
    return 1 - ratios(observed, expected)


def _beside(matrix: Floats) -> Floats:
    """The sum beside the diagonal of the last two axes."""
    beside: Floats = (matrix * (1 - np.eye(matrix.shape[-1]))).sum(axis=(-2, -1))
    return beside


def _label_agreements(
    counts: NDArray[np.int64],
    asked: NDArray[np.int64],
    labels: Sequence[str],
    *,
    replicates: int,
    seed: int,
    level: float,
) -> tuple[LabelAgreement, ...]:
    """The agreement on each label, from counts and from the sentences asked it (articles × labels)."""
    neither = asked - counts.sum(axis=2)
    # a's yes and no by b's yes and no
    both, only_b, only_a = (counts[..., place] for place in range(3))
    table = np.stack([both, only_a, only_b, neither], axis=-1).reshape(*counts.shape[:2], 2, 2)

    def coefficients(confusion: Floats) -> Floats:
        both, apart = confusion[..., 0, 0], _beside(confusion)
        f1 = ratios(2 * both, 2 * both + apart)  # of a label that one of them never uses it is 0, whichever that is
        total = confusion.sum(axis=(-2, -1))
        shares = (confusion.sum(axis=-1) + confusion.sum(axis=-2)) / 2
        ac1 = _ac1(total - apart, total, total, shares, 2)
        turned = np.swapaxes(confusion, -1, -2)
        figures = np.stack([f1, _kappa(confusion), _alpha(confusion + turned), ac1], axis=-1)
        return figures.reshape(len(figures), -1)

    reasons = [
        reason
        for used in (counts.sum(axis=(0, 2)) > 0).tolist()
        for reason in (_UNUSED, *[_CONSTANT if used else _UNUSED] * 2, _UNPAIRED)
    ]
    figures = estimates(table, coefficients, undefined=reasons, replicates=replicates, seed=seed, level=level)
    return tuple(
        LabelAgreement(label, int(yes[0].sum()), int(yes[:, 0].sum()), *figures[4 * place : 4 * place + 4])
        for place, (label, yes) in enumerate(zip(labels, table.sum(axis=0), strict=True))
    )


def _coefficient(
    table: Floats,
    statistic: Statistic,
    articles: Sequence[Hashable] | None,
    undefined: str,
    *,
    replicates: int,
    seed: int,
    level: float,
) -> Estimate:
    """One coefficient from what each thing rated adds to it, the things of an article drawn together."""
    if articles is not None:
        if len(articles) != len(table):
            raise OptionError(
                f"there are {len(table)} things rated and {len(articles)} articles; give each its article"
            )
        numbers: dict[Hashable, int] = {}
        rows = [numbers.setdefault(article, len(numbers)) for article in articles]
        summed = np.zeros((len(numbers), *table.shape[1:]))
        np.add.at(summed, rows, table)
        table = summed
    (estimate,) = estimates(
        table,
        lambda sums: statistic(sums)[:, np.newaxis],
        undefined=undefined,
        replicates=replicates,
        seed=seed,
        level=level,
    )
    return estimate


def _codes(ratings: Sequence[Sequence[Hashable]]) -> tuple[NDArray[np.intp], int]:
    """Ratings as numbers of categories, −1 for missing ones; and how many categories there are."""
    widths = {len(row) for row in ratings}
    if len(widths) > 1:
        raise OptionError("every row must have one rating an annotator, None where it is missing")
    numbers: dict[Hashable, int] = {}
    codes = [[-1 if _missing(one) else numbers.setdefault(one, len(numbers)) for one in row] for row in ratings]
    return np.array(codes, dtype=np.intp).reshape(len(ratings), max(widths, default=0)), len(numbers)


def _tallies(ratings: Sequence[Sequence[Hashable]]) -> Floats:
    """How many annotators chose each category: a matrix (things rated × categories)."""
    codes, categories = _codes(ratings)
    rows, columns = np.nonzero(codes >= 0)
    tallies = np.zeros((len(codes), categories))
    np.add.at(tallies, (rows, codes[rows, columns]), 1)
    return tallies


def _missing(rating: Hashable) -> bool:
    return rating is None or rating != rating  # nan alone differs from itself


def _apart(
    first: Mapping[str, TaggedArticle], second: Mapping[str, TaggedArticle]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The articles that only one side has, and those of which the texts differ."""
    return (
        tuple(identity for identity in first if identity not in second),
        tuple(identity for identity in second if identity not in first),
        tuple(
            identity
            for identity, one in first.items()
            if identity in second and one.article.text != second[identity].article.text
        ),
    )


def _problems(only_a: Sequence[str], only_b: Sequence[str], other_text: Sequence[str]) -> str:
    problems = (("only the first has", only_a), ("only the second has", only_b), ("the texts differ of", other_text))
    return "; ".join(f"{what} {some_of(named)}" for what, named in problems if named)


def _plain(value: Any) -> Any:
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return value
