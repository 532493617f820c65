"""Metrics between gold and predicted articles: themes, and segmentation.

Every metric is computed from the same two things, gold and predicted `TaggedArticle`s of the same texts; which of
them is gold is the caller's word.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from claimtag.errors import OptionError, did_you_mean
from claimtag.records import Sentence, TaggedArticle

SUPPORT = 5  # macro-F1 averages the labels that at least so many gold sentences have
TOLERANCE = 2  # characters by which either end of a sentence may be off
_NAMED = 5  # articles named in a message


@dataclass(frozen=True, slots=True)
class PrecisionRecall:
    """Right answers among those given (precision), and among those wanted (recall); 0 where there are none.

    >>> PrecisionRecall(right=3, predicted=4, support=6).f1
    0.6
    """

    right: int
    predicted: int
    support: int

    @property
    def precision(self) -> float:
        return self.right / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.support if self.support else 0.0

    @property
    def f1(self) -> float:
        return 2 * self.right / (self.predicted + self.support) if self.predicted + self.support else 0.0

    def to_dict(self) -> dict[str, float | int]:
        """Plain JSON values."""
        return {"precision": self.precision, "recall": self.recall, "f1": self.f1} | asdict(self)


@dataclass(frozen=True, slots=True)
class ThemeMetrics:
    """How well themes were found: each label, all decisions together (micro), and the mean of the labels (macro).

    `macro_labels` are those that macro-F1 averages. `exact` is the share of sentences whose themes are all right,
    those without a theme included.
    """

    per_label: Mapping[str, PrecisionRecall]
    micro: PrecisionRecall
    macro_labels: tuple[str, ...]
    exact: float
    sentences: int

    @property
    def macro_f1(self) -> float:
        """The mean F1 of `macro_labels`, 0 if there are none."""
        return float(np.mean([self.per_label[label].f1 for label in self.macro_labels])) if self.macro_labels else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; the number of labels averaged stands beside the average."""
        return {
            "sentences": self.sentences,
            "micro": self.micro.to_dict(),
            "macro_f1": self.macro_f1,
            "macro_labels": list(self.macro_labels),
            "exact": self.exact,
            "per_label": {label: metric.to_dict() for label, metric in self.per_label.items()},
        }


@dataclass(frozen=True, slots=True)
class SegmentationMetrics:
    """How well texts were cut: sentences with both ends right, boilerplate recognised, body text lost.

    Shares count the characters that are not white space. A body character is lost when no predicted sentence holds
    it, or only boilerplate does.
    """

    sentences: PrecisionRecall
    boilerplate: int
    boilerplate_found: int
    body: int
    body_lost: int

    @property
    def boilerplate_recall(self) -> float | None:
        """The share of gold boilerplate that was recognised; None if there is none."""
        return self.boilerplate_found / self.boilerplate if self.boilerplate else None

    @property
    def lost_share(self) -> float:
        """The share of body text (titles and headings included) that was lost."""
        return self.body_lost / self.body if self.body else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "sentences": self.sentences.to_dict(),
            "boilerplate_characters": self.boilerplate,
            "boilerplate_recall": self.boilerplate_recall,
            "body_characters": self.body,
            "body_lost_share": self.lost_share,
        }


def theme_matrices(
    gold: Iterable[TaggedArticle],
    predicted: Iterable[TaggedArticle],
    *,
    labels: Sequence[str],
    names: tuple[str, str] = ("the gold articles", "the predicted articles"),
    mutual: bool = False,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Gold and predicted themes as indicator matrices (gold sentences × labels), articles in the order of gold.

    A gold sentence takes the predicted themes of the predicted sentence that overlaps it most (the first of equals,
    none where nothing overlaps), so that errors of segmentation cost. Gold boilerplate is not scored. `names` are those
    of the two sides in messages. A label that gold was not asked counts as said on neither side, with `mutual` one that
    either side was not asked (see `asked_matrix`): it is neither right nor wrong.
    """
    gold, predicted = list(gold), list(predicted)
    column = {label: place for place, label in enumerate(labels)}
    rows: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
    for gold_article, predicted_article in _pairs(gold, predicted):
        found = partners(gold_article.sentences, predicted_article.sentences)
        rows += [
            (sentence.labels, partner.labels if partner else ())
            for sentence, partner in zip(gold_article.sentences, found, strict=True)
            if sentence.kind != "boilerplate"
        ]
    matrices = np.zeros((2, len(rows), len(labels)), dtype=bool)
    for place, sides in enumerate(rows):
        for side, said in enumerate(sides):
            for label in said:
                if label not in column:
                    raise OptionError(
                        f'{names[side]} carry the theme "{label}", which is not one of '
                        f"the labels{did_you_mean(label, labels)}"
                    )
                matrices[side, place, column[label]] = True
    if (asked := asked_matrix(gold, predicted if mutual else (), labels=labels)) is not None:
        matrices &= asked
    return matrices[0], matrices[1]


def asked_matrix(
    gold: Iterable[TaggedArticle], other: Iterable[TaggedArticle] = (), *, labels: Sequence[str]
) -> NDArray[np.bool_] | None:
    """Which labels gold was asked (gold sentences × labels, as in `theme_matrices`); None where it was asked all.

    With an `other` side, those that both were asked.
    """
    gold, found = list(gold), {article.article.id: article.sentences for article in other}
    if not any(
        sentence.not_asked for article in gold for sentence in (*article.sentences, *found.get(article.article.id, ()))
    ):
        return None
    column = {label: place for place, label in enumerate(labels)}
    rows: list[tuple[str, ...]] = []
    for article in gold:
        beside = partners(article.sentences, found.get(article.article.id, ()))
        rows += [
            (*sentence.not_asked, *(partner.not_asked if partner else ()))
            for sentence, partner in zip(article.sentences, beside, strict=True)
            if sentence.kind != "boilerplate"
        ]
    asked = np.ones((len(rows), len(labels)), dtype=bool)
    for place, names in enumerate(rows):
        asked[place, [column[name] for name in names if name in column]] = False
    return asked


def label_metrics(
    gold: ArrayLike, predicted: ArrayLike, labels: Sequence[str], *, macro_labels: Sequence[str] | None = None
) -> ThemeMetrics:
    """Theme metrics from indicator matrices (sentences × labels).

    Macro-F1 averages the labels that at least 5 gold sentences have, or `macro_labels`: the parts and resamples of a
    test set give those of the whole.

    >>> metrics = label_metrics([[1, 0], [1, 1], [0, 0]], [[1, 0], [0, 1], [0, 0]], ["drugs", "justice"])
    >>> round(metrics.micro.f1, 3), round(metrics.exact, 3), metrics.macro_labels
    (0.8, 0.667, ())
    """
    truth, said = np.asarray(gold, dtype=bool), np.asarray(predicted, dtype=bool)
    if truth.shape != said.shape or truth.ndim != 2 or truth.shape[1] != len(labels):
        raise OptionError(
            f"gold has the shape {truth.shape}, predicted {said.shape}; both must be (sentences × {len(labels)} labels)"
        )
    right, given, support = ((truth & said).sum(axis=0), said.sum(axis=0), truth.sum(axis=0))
    per_label = {
        label: PrecisionRecall(int(right[place]), int(given[place]), int(support[place]))
        for place, label in enumerate(labels)
    }
    if macro_labels is None:
        macro_labels = [label for label, metric in per_label.items() if metric.support >= SUPPORT]
    for label in macro_labels:
        if label not in per_label:
            raise OptionError(f'"{label}" is not one of the labels{did_you_mean(label, labels)}')
    return ThemeMetrics(
        per_label=per_label,
        micro=PrecisionRecall(int(right.sum()), int(given.sum()), int(support.sum())),
        macro_labels=tuple(macro_labels),
        exact=float((truth == said).all(axis=1).mean()) if len(truth) else 0.0,
        sentences=len(truth),
    )


def segmentation_metrics(gold: Iterable[TaggedArticle], predicted: Iterable[TaggedArticle]) -> SegmentationMetrics:
    """Segmentation metrics of predicted articles.

    Sentences of every kind count; one is right when both its ends lie within 2 characters of the gold ones.
    """
    right = given = support = 0
    characters = np.zeros(4, dtype=np.int64)
    for gold_article, predicted_article in _pairs(gold, predicted):
        wanted, found = gold_article.sentences, predicted_article.sentences
        right += _exact(wanted, found)
        given, support = given + len(found), support + len(wanted)
        text = gold_article.article.text
        ink = ~np.fromiter(map(str.isspace, text), dtype=bool, count=len(text))
        wanted_boilerplate, wanted_body = _held(text, wanted, boilerplate=True), _held(text, wanted, boilerplate=False)
        found_boilerplate, found_body = _held(text, found, boilerplate=True), _held(text, found, boilerplate=False)
        characters += [
            (wanted_boilerplate & ink).sum(),
            (wanted_boilerplate & found_boilerplate & ink).sum(),
            (wanted_body & ink).sum(),
            (wanted_body & ~found_body & ink).sum(),
        ]
    return SegmentationMetrics(PrecisionRecall(right, given, support), *characters.tolist())


def by_id(articles: Iterable[TaggedArticle], side: str) -> dict[str, TaggedArticle]:
    """The articles of a side by their ids; OptionError for one that stands twice."""
    found: dict[str, TaggedArticle] = {}
    for article in articles:
        if article.article.id in found:
            raise OptionError(f"article {article.article.id!r} stands twice on the {side} side; ids must be unique")
        found[article.article.id] = article
    return found


def scored_sentences(articles: Iterable[TaggedArticle]) -> list[int]:
    """How many sentences of each article are scored: all but boilerplate; OptionError when none is in any of them."""
    sizes = [sum(sentence.kind != "boilerplate" for sentence in article.sentences) for article in articles]
    if not any(sizes):
        raise OptionError(
            f"no sentence is scored: the {len(sizes)} article(s) to measure on have no sentences but boilerplate"
        )
    return sizes


def some_of(identities: Collection[str]) -> str:
    """The first few of these, for a message, and how many more there are.

    >>> some_of(["a", "b"]), some_of([str(number) for number in range(9)])
    ("'a', 'b'", "'0', '1', '2', '3', '4' and 4 more")
    """
    more = f" and {len(identities) - _NAMED} more" if len(identities) > _NAMED else ""
    return ", ".join(map(repr, list(identities)[:_NAMED])) + more


def _pairs(
    gold: Iterable[TaggedArticle], predicted: Iterable[TaggedArticle]
) -> list[tuple[TaggedArticle, TaggedArticle]]:
    """Gold and predicted articles of the same id, in the order of gold; nothing may be missing on either side."""
    wanted, found = by_id(gold, "gold"), by_id(predicted, "predicted")
    for side, missing in (
        ("predicted", [identity for identity in wanted if identity not in found]),
        ("gold", [identity for identity in found if identity not in wanted]),
    ):
        if missing:
            raise OptionError(
                f"{len(missing)} of {len(wanted.keys() | found.keys())} article(s) are missing on the {side} side: "
                f"{some_of(missing)}; both sides must hold the same articles"
            )
    other = [identity for identity, article in wanted.items() if article.article.text != found[identity].article.text]
    if other:
        raise OptionError(
            f"gold and predicted have different texts of {len(other)} article(s), so that offsets do not compare: "
            f"{some_of(other)}"
        )
    return [(article, found[identity]) for identity, article in wanted.items()]


def partners(wanted: Sequence[Sentence], found: Sequence[Sentence]) -> list[Sentence | None]:
    """For each wanted sentence the found one that overlaps it most; both are ordered and disjoint."""
    nearest: list[Sentence | None] = []
    first = 0
    for sentence in wanted:
        while first < len(found) and found[first].end <= sentence.start:
            first += 1
        best, most, place = None, 0, first
        while place < len(found) and found[place].start < sentence.end:
            overlap = min(sentence.end, found[place].end) - max(sentence.start, found[place].start)
            if overlap > most:
                best, most = found[place], overlap
            place += 1
        nearest.append(best)
    return nearest


def _exact(wanted: Sequence[Sentence], found: Sequence[Sentence]) -> int:
    """How many sentences have both ends right; each counts once."""
    right = place = 0
    for sentence in wanted:
        while place < len(found) and found[place].start < sentence.start - TOLERANCE:
            place += 1
        near = place
        while near < len(found) and found[near].start <= sentence.start + TOLERANCE:
            if abs(found[near].end - sentence.end) <= TOLERANCE:
                right, place = right + 1, near + 1
                break
            near += 1
    return right


def _held(text: str, sentences: Sequence[Sentence], *, boilerplate: bool) -> NDArray[np.bool_]:
    held = np.zeros(len(text), dtype=bool)
    for sentence in sentences:
        if (sentence.kind == "boilerplate") == boilerplate:
            held[sentence.start : sentence.end] = True
    return held
