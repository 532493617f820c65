"""What to annotate next: the sentences or articles of a pool from which a model would learn most.

Labels take turns. In its turn a label takes, of the units nearest to its threshold (breaking ties, Luo et al. 2005),
the one whose nearness, times how unlike it is to those taken before, is largest. A part of the turns belongs to rare
labels, which go by how probably a unit carries them instead: a label that nothing is near to would never get an
example.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from claimtag.errors import OptionError
from claimtag.reading import identify_language
from claimtag.records import Article, Sentence, TaggedArticle
from claimtag.segmenting import segment
from claimtag.themes import keywords
from claimtag.themes.base import SentenceInArticle, context_of

if TYPE_CHECKING:
    from claimtag.tagging import Tagger

Unit: TypeAlias = Literal["sentence", "article"]
Why: TypeAlias = Literal["uncertain", "rare"]
Floats: TypeAlias = NDArray[np.float64]

UNITS: tuple[Unit, ...] = get_args(Unit)
RARE = 0.02  # a label is rare when the model expects it on fewer than this share of the sentences
QUOTA = 0.3  # of the turns, those of rare labels
NEAREST = 20  # units that a label chooses among
ALIKE = 0.9  # cosine of word counts from which on a unit says nothing new
_OF_AN_ARTICLE = 3  # sentences whose mean uncertainty is that of the article: the mean of all would shun long ones
_FEATURES = 2**18
_BATCH = 4096  # sentences scored at once


@dataclass(frozen=True, slots=True)
class Pick:
    """A unit of the pool, by its place: the label that took it, why, and that label's probability there."""

    place: int
    label: str
    why: Why
    probability: float


@dataclass(frozen=True, slots=True)
class Pool:
    """Articles with their sentences, and what a model says of each sentence that is not boilerplate (× labels).

    `done` are the places of sentences that are not to be chosen.
    """

    articles: tuple[TaggedArticle, ...]
    probabilities: Floats
    thresholds: Floats
    labels: tuple[str, ...]
    done: frozenset[int] = frozenset()


def select(
    articles: Iterable[Article | TaggedArticle],
    tagger: Tagger,
    number: int,
    *,
    unit: Unit = "article",
    seed: int = 0,
    without: Iterable[TaggedArticle] = (),
) -> list[TaggedArticle]:
    """The articles to annotate next, tagged by the model, most useful first; fewer where the pool holds no more.

    For the unit "sentence" each article has the chosen sentences alone, so that these are what a tool asks about, in
    the text that they stand in. `notes` say why each was chosen. The same pool, model and seed give the same choice. It
    takes one pass of the model over the pool, and one look at the pool's words for each unit that is chosen.

    `without` is what is annotated already, an article once or more often: articles of these ids are not chosen; of the
    unit "sentence" only the sentences annotated there are not, or all where an article's text is another one there.
    """
    readings = dict[str, list[TaggedArticle]]()
    for one in without:
        readings.setdefault(one.article.id, []).append(one)
    if unit == "article":
        articles = (one for one in articles if _article(one).id not in readings)
    pool = pool_of(articles, tagger)
    if unit == "sentence":
        pool = replace(pool, done=_done(pool, readings))
    picks = choose(pool, number, unit=unit, seed=seed)
    if unit == "article":
        chosen = list(tagger.tag_sentences(pool.articles[pick.place] for pick in picks))
        return [replace(one, notes=(*one.notes, _note(pick))) for one, pick in zip(chosen, picks, strict=True)]
    places = _places(pool)
    by_article: dict[int, dict[int, Pick]] = {}
    for pick in picks:
        article, sentence = places[pick.place]
        by_article.setdefault(article, {})[sentence] = pick
    chosen = list(tagger.tag_sentences(pool.articles[article] for article in by_article))
    return [_narrowed(one, kept) for one, kept in zip(chosen, by_article.values(), strict=True)]


def pool_of(articles: Iterable[Article | TaggedArticle], tagger: Tagger) -> Pool:
    """The pool as a model sees it; articles that have sentences keep them.

    Of labels that the model never learned, the keywords of the scheme say what they can.
    """
    bundle, contexts, cut = tagger.bundle, list[SentenceInArticle](), list[TaggedArticle]()
    for one in articles:
        cut.append(one if isinstance(one, TaggedArticle) else _segmented(one))
        contexts += context_of(cut[-1].sentences, cut[-1].article)
    probabilities = np.zeros((len(contexts), len(bundle.scheme.labels)))
    for start in range(0, len(contexts), _BATCH):
        part = slice(start, start + _BATCH)
        probabilities[part] = bundle.deciding.probabilities(bundle.model.scores(contexts[part]))
    thresholds = np.array([np.nan if one is None else one for one in bundle.deciding.thresholds])
    if contexts and (unlearnt := np.isnan(thresholds)).any():
        probabilities[:, unlearnt] = keywords.make(bundle.scheme).scores(contexts)[:, unlearnt]
    return Pool(tuple(cut), probabilities, thresholds, bundle.scheme.labels)


def choose(pool: Pool, number: int, *, unit: Unit = "article", seed: int = 0) -> list[Pick]:
    """The units to take, in the order of their turns; a place is that of an article, or of a sentence in the pool."""
    from sklearn.feature_extraction.text import HashingVectorizer

    if number < 1:
        raise OptionError(f"at least 1 {unit} can be asked for, not {number}")
    if unit not in UNITS:
        raise OptionError(f'"{unit}" is no unit; choose one of {", ".join(UNITS)}')
    uncertain, likely = _uncertainty(pool.probabilities, pool.thresholds), pool.probabilities
    texts = [pool.articles[article].sentences[place].text for article, place in _places(pool)]
    if unit == "article":
        sizes = [sum(one.kind != "boilerplate" for one in tagged.sentences) for tagged in pool.articles]
        uncertain, likely = _by_article(uncertain, sizes, most=_OF_AN_ARTICLE), _by_article(likely, sizes, most=1)
        texts = [tagged.article.text for tagged in pool.articles]
    if not texts:
        return []
    words = HashingVectorizer(n_features=_FEATURES, alternate_sign=False).transform(texts)
    expected = pool.probabilities.mean(axis=0) if len(pool.probabilities) else np.zeros(len(pool.labels))
    rare = [label for label in range(len(pool.labels)) if expected[label] < RARE and likely[:, label].max() > 0]
    common = [label for label in range(len(pool.labels)) if not np.isnan(pool.thresholds[label])]
    turns = _Turns(uncertain, likely, words, seed, pool.done if unit == "sentence" else frozenset())
    picks, missed = list[Pick](), 0
    for label, why in _order(common, rare):
        if len(picks) == number or missed > len(common) + len(rare):  # nobody found anything in a whole round
            break
        place = turns.take(label, why)
        missed += 1
        if place is not None:
            missed = 0
            picks.append(Pick(place, pool.labels[label], why, round(float(likely[place, label]), 4)))
    return picks


def _uncertainty(probabilities: Floats, thresholds: Floats) -> Floats:
    """1 at the threshold of a label, 0 where its probability is 0 or 1."""
    limits = np.clip(np.nan_to_num(thresholds, nan=1.0), 1e-6, 1 - 1e-6)
    return np.minimum(probabilities / limits, (1 - probabilities) / (1 - limits))


def _by_article(figures: Floats, sizes: Sequence[int], *, most: int) -> Floats:
    """The mean of each article's highest figures, label by label; an article without sentences has none."""
    rows = np.zeros((len(sizes), figures.shape[1]))
    for place, part in enumerate(np.split(figures, np.cumsum(sizes)[:-1]) if sizes else ()):
        if len(part):
            rows[place] = np.sort(part, axis=0)[-most:].mean(axis=0)
    return rows


def _order(common: Sequence[int], rare: Sequence[int]) -> Iterator[tuple[int, Why]]:
    """Whose turn it is, without end: rare labels have their quota, inside it and outside it labels take turns."""
    if not common and not rare:
        return
    counts, turn = {"uncertain": 0, "rare": 0}, 0
    while True:
        turn += 1
        is_rare = bool(rare) and (not common or int(turn * QUOTA) > counts["rare"])
        why: Why = "rare" if is_rare else "uncertain"
        labels = rare if is_rare else common
        yield labels[counts[why] % len(labels)], why
        counts[why] += 1


class _Turns:
    """What is still to be had, for each label in the order in which it wants it."""

    def __init__(self, uncertain: Floats, likely: Floats, words: object, seed: int, done: frozenset[int]) -> None:
        self._tables: dict[Why, Floats] = {"uncertain": uncertain, "rare": likely}
        self._words, self._free = words, np.ones(len(uncertain), dtype=bool)
        self._free[list(done)] = False
        self._nearest = np.zeros(len(uncertain))  # how like each unit is to one that was taken
        self._shuffled = np.random.default_rng(seed).permutation(len(uncertain))  # settles the order of equals
        self._orders: dict[tuple[int, Why], NDArray[np.intp]] = {}
        self._passed: dict[tuple[int, Why], int] = {}

    def take(self, label: int, why: Why) -> int | None:
        """The unit that the label takes in its turn; None when nothing is left that is not like one taken before.

        Nor does a rare label take what does not carry it at all.
        """
        first = self._candidates(label, why)
        wanted = self._tables[why][first, label]
        if not len(first) or (why == "rare" and wanted[0] == 0):
            return None
        place = int(first[np.argmax(wanted * (1 - self._nearest[first]))])
        self._free[place] = False
        words: object = self._words
        alike = np.asarray((words @ words[place].T).todense()).ravel()  # type: ignore[index]
        self._nearest = np.maximum(self._nearest, alike)
        self._free &= self._nearest < ALIKE
        return place

    def _candidates(self, label: int, why: Why) -> NDArray[np.intp]:
        key = label, why
        if key not in self._orders:
            wanted = self._tables[why][self._shuffled, label]
            self._orders[key] = self._shuffled[np.argsort(-wanted, kind="stable")]
        order, found, at = self._orders[key], list[int](), self._passed.get(key, 0)
        while at < len(order) and not self._free[order[at]]:
            at += 1
        self._passed[key] = at  # what was taken stays taken, so that all turns together pass each unit once
        while at < len(order) and len(found) < NEAREST:
            if self._free[order[at]]:
                found.append(int(order[at]))
            at += 1
        return np.array(found, dtype=np.intp)


def _segmented(article: Article) -> TaggedArticle:
    known = article if article.lang else replace(article, lang=identify_language(article.text))
    return TaggedArticle(known, segment(known))


def _article(one: Article | TaggedArticle) -> Article:
    return one.article if isinstance(one, TaggedArticle) else one


def _done(pool: Pool, readings: Mapping[str, Sequence[TaggedArticle]]) -> frozenset[int]:
    """The places of sentences that overlap one annotated there: that was asked a label, or was cut as boilerplate."""
    spans = dict[str, tuple[list[int], list[int]]]()  # of an article where those begin, and how far they reach so far
    for identity, lot in readings.items():
        annotated = sorted(
            (one.start, one.end)
            for tagged in lot
            for one in tagged.sentences
            if one.kind == "boilerplate" or not set(pool.labels) <= set(one.not_asked)
        )
        spans[identity] = [start for start, _ in annotated], list(accumulate((end for _, end in annotated), max))
    done = list[int]()
    for number, (at, place) in enumerate(_places(pool)):
        article, sentence = pool.articles[at].article, pool.articles[at].sentences[place]
        lot = readings.get(article.id, ())
        starts, reach = spans.get(article.id, ([], []))
        before = bisect_left(starts, sentence.end)
        other = any(tagged.article.text != article.text for tagged in lot)
        if other or (before and reach[before - 1] > sentence.start):
            done.append(number)
    return frozenset(done)


def _places(pool: Pool) -> list[tuple[int, int]]:
    """Of each scored sentence its article, and its place there."""
    return [
        (article, place)
        for article, tagged in enumerate(pool.articles)
        for place, one in enumerate(tagged.sentences)
        if one.kind != "boilerplate"
    ]


def _narrowed(tagged: TaggedArticle, kept: dict[int, Pick]) -> TaggedArticle:
    """The article with the chosen sentences alone, and their claims."""
    numbers = {place: number for number, place in enumerate(sorted(kept))}
    return replace(
        tagged,
        sentences=tuple(tagged.sentences[place] for place in numbers),
        claims=tuple(
            replace(claim, sentence=numbers[claim.sentence]) for claim in tagged.claims if claim.sentence in numbers
        ),
        notes=(*tagged.notes, *(_note(kept[place], tagged.sentences[place]) for place in numbers)),
    )


def _note(pick: Pick, sentence: Sentence | None = None) -> str:
    where = f"sentence {sentence.start}–{sentence.end} " if sentence else ""
    return f"{where}selected for {pick.label} ({pick.why}, probability {pick.probability:.2f})"
