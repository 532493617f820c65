"""The tagger: articles in, tagged articles out; and how one is trained."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from claimtag import claims as claim_layer
from claimtag.bundle import Bundle, TrainingData, load_bundle, save_bundle
from claimtag.card import model_card
from claimtag.errors import OptionError
from claimtag.evaluation import Evaluation, evaluate
from claimtag.evaluation.claims import estimates_by_mode
from claimtag.evaluation.intervals import REPLICATES, Estimate, theme_counts
from claimtag.evaluation.metrics import ThemeMetrics, asked_matrix, label_metrics
from claimtag.evaluation.tiers import label_tiers
from claimtag.lexicons import language_of, lexicon
from claimtag.reading import identify_language
from claimtag.records import Article, Claim, Sentence, TaggedArticle
from claimtag.scheme import Scheme, load_scheme
from claimtag.segmenting import normalise, segment
from claimtag.splits import duplicate_clusters, grouped_folds
from claimtag.themes import keywords, model_kind
from claimtag.themes.base import ArticleContext, Scores, SentenceInArticle, asked_of, context_of, masked, said_of_asked
from claimtag.themes.deciding import Task, cross_decided, fit_deciding, out_of_fold
from claimtag.themes.goals import Costs
from claimtag.themes.likeness import WAYS
from claimtag.themes.zeroshot import ZeroShot, learn_zeroshot
from claimtag.training.checking import check_gold, check_test, label_warnings
from claimtag.training.choosing import choose
from claimtag.training.extending import extended

BATCH = 64  # articles scored together: enough for one matrix product, little memory
# sentences from which on one part of about HELD_OUT is held out instead of each of five in turn: two fits for six, and
# thresholds from as many sentences as a middling corpus has; calibrations are then isotonic without trying the others
LARGE, HELD_OUT = 50_000, 20_000
SLOW = 3_000  # the same for a model that takes minutes or hours to learn: one part of five, two fits for six
_MANY = 5000  # articles from which on a tenth of the resamples gives the same intervals to the third digit


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a sentence got a score for a theme: the words that weighed most, heaviest first."""

    sentence: Sentence
    label: str
    score: float
    threshold: float | None
    weights: tuple[tuple[str, str, float], ...]
    """(word, where it stands: "sentence" or "article", its weight)."""


class Tagger:
    """A bundle at work.

    >>> tagger = load_tagger("fast")
    >>> tagged = tagger.tag_text("La police a saisi deux tonnes de cannabis au port d'Anvers.")
    >>> tagged.sentences[0].labels
    ('policing', 'drugs')
    """

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self._keywords = keywords.make(bundle.scheme)
        self._not_asked = bundle.not_asked
        self._untrained = tuple(
            f"theme {label}: no data to learn it from, scored by its texts in the scheme; do not rely on it"
            for label in bundle.untrained
        )

    @property
    def scheme(self) -> Scheme:
        return self.bundle.scheme

    def tag(self, articles: Iterable[Article]) -> Iterator[TaggedArticle]:
        """The articles tagged, one by one and in order; what comes out for one does not depend on its neighbours, but for the
        last digits of a score where a model has an encoder.
        """
        stream = iter(articles)
        while batch := list(islice(stream, BATCH)):
            yield from self._tag_batch(batch)

    def tag_text(self, text: str, *, title: str | None = None, lang: str | None = None) -> TaggedArticle:
        """One text tagged."""
        return next(self.tag([Article(id="text", text=text, title=title, lang=lang)]))

    def tag_sentences(self, articles: Iterable[TaggedArticle], *, claims: bool = True) -> Iterator[TaggedArticle]:
        """The articles tagged anew on the sentences that they have, which are not looked for again.

        With `claims=False` no claims are extracted. Sentences without an article: see `as_sentences`.
        """
        stream = iter(articles)
        while batch := list(islice(stream, BATCH)):
            yield from self._tagged(
                [
                    (
                        one.article,
                        tuple(replace(sentence, themes=(), review=(), not_asked=()) for sentence in one.sentences),
                    )
                    for one in batch
                ],
                claims=claims,
            )

    def explain(self, article: Article, *, label: str, most: int = 10) -> tuple[Explanation, ...]:
        """For every sentence of the article that is not boilerplate: what spoke for and against the label."""
        self.scheme.theme(label)
        column = self.bundle.deciding.labels.index(label)
        article, sentences = _segmented(article)
        contexts = context_of(sentences, article)
        scores = self.bundle.deciding.probabilities(self.bundle.model.scores(contexts))
        kept = [sentence for sentence in sentences if sentence.kind != "boilerplate"]
        return tuple(
            Explanation(
                sentence=sentence,
                label=label,
                score=round(float(score), 4),
                threshold=self.bundle.deciding.thresholds[column],
                weights=tuple(model_kind(self.bundle.kind).explain(self.bundle.model, context, label)[:most]),
            )
            for sentence, context, score in zip(kept, contexts, scores[:, column], strict=True)
        )

    def save(self, folder: str | Path) -> Path:
        """Writes the bundle; `load_tagger(folder)` is the inverse."""
        return save_bundle(self.bundle, folder)

    def _tag_batch(self, articles: Sequence[Article]) -> Iterator[TaggedArticle]:
        yield from self._tagged([_segmented(article) for article in articles])

    def _tagged(
        self, segmented: Sequence[tuple[Article, tuple[Sentence, ...]]], *, claims: bool = True
    ) -> Iterator[TaggedArticle]:
        contexts: list[SentenceInArticle] = []
        for article, sentences in segmented:
            contexts += context_of(sentences, article)
        decided = self.bundle.deciding.decide(self.bundle.model.scores(contexts))
        at = 0
        for article, sentences in segmented:
            tagged = []
            for sentence in sentences:
                if sentence.kind == "boilerplate":
                    tagged.append(sentence)
                else:
                    themes, review = decided[at]
                    at += 1
                    # a label that a migration merged of two, one of them not asked, may be said
                    unasked = tuple(one for one in self._not_asked if one not in {theme.label for theme in themes})
                    tagged.append(
                        Sentence(sentence.start, sentence.end, sentence.text, sentence.kind, themes, review, unasked)
                    )
            yield TaggedArticle(
                article=article,
                sentences=tuple(tagged),
                claims=self._claims(article, tagged) if claims else (),
                scheme=self.scheme.ref,
                by=self.bundle.by,
                notes=self._notes(article),
            )

    def _claims(self, article: Article, sentences: Sequence[Sentence]) -> tuple[Claim, ...]:
        """The claims of a tagged article, each with the themes of its sentence.

        Where a sentence holds several claims, a theme goes to those whose content has one of the theme's keywords in
        the scheme; where none has, it goes to all of them.
        """
        if self.bundle.claims is None:
            return ()
        placed = []
        found = claim_layer.extract(article, sentences, self.bundle.claims)
        for number, group in groupby(found, key=lambda claim: claim.sentence):
            together, labels = list(group), sentences[number].labels
            several = len(together) > 1 and labels
            here = [self._pointed_to(one.content.text, article.lang) if several else frozenset() for one in together]
            anywhere = frozenset[str]().union(*here)
            placed += [
                replace(one, themes=tuple(label for label in labels if label in said or label not in anywhere))
                for one, said in zip(together, here, strict=True)
            ]
        return tuple(placed)

    def _pointed_to(self, text: str, lang: str | None) -> frozenset[str]:
        """The themes that the scheme's keywords find in a text."""
        context = ArticleContext(sentences=(normalise(text),), kinds=("body",), lang=lang)
        return frozenset(hit.label for hit in self._keywords.explain(SentenceInArticle(context, 0)))

    def _notes(self, article: Article) -> tuple[str, ...]:
        """What a reader must know before relying on this article's tags."""
        lang, known = article.lang, self.bundle.languages
        if lang is None:
            return ("language not identified", *self._untrained)
        notes = [*self._untrained]
        if known and lang not in known:
            notes.append(f"language {lang}: the model learned from {', '.join(known)} alone; do not rely on the themes")
        if language_of(lang) is None:
            notes.append(f"language {lang}: no lexicon, so segmented by general rules and no claims")
        elif not lexicon(lang, "cues"):
            notes.append(f"language {lang}: no lexicon of cues, so no claims")
        return tuple(notes)


def load_tagger(name: str | Path = "default", *, scheme: Scheme | str | Path | None = None) -> Tagger:
    """The tagger that ships under that name, or that was saved in that folder.

    With a `scheme` that has labels beside those it learned, these are scored by their texts there, see
    `training.extending.extended`; SchemeError where it lacks labels that the tagger learned.
    """
    bundle = load_bundle(name)
    if scheme is None:
        return Tagger(bundle)
    return Tagger(extended(bundle, scheme if isinstance(scheme, Scheme) else load_scheme(scheme)))


def as_sentences(articles: Iterable[Article]) -> Iterator[TaggedArticle]:
    """Articles that are one sentence each, as `Tagger.tag_sentences` takes them: the whole text, be it two sentences.

    >>> (one,) = as_sentences([Article("a", " Oui. Non. ")])
    >>> one.sentences[0].text
    'Oui. Non.'
    """
    for article in articles:
        text = article.text.strip()
        start = article.text.find(text)
        lang = article.lang or identify_language(article.text)
        cut = (Sentence(start, start + len(text), text),) if text else ()
        yield TaggedArticle(replace(article, lang=lang), cut)


@dataclass(frozen=True, slots=True)
class Training:
    """What training gives: the tagger, and how it does out of fold on its training data and on the test gold.

    `scores` are the out-of-fold scores and `gold` the themes (sentences × labels) that calibration and thresholds come
    from; the figures of `out_of_fold` are of calibration and thresholds learned from the other articles alone.
    `claims` are the figures on claims out of fold, all together and by mode (see `evaluation.claims`), on the sentences
    of the gold; empty where it carries no claims. From `LARGE` sentences on, or `SLOW` with a transformer, all these
    are of one part of the articles that was held out, `report` saying so; it also tells how a transformer learnt, and
    with a budget what was chosen and why.
    """

    tagger: Tagger
    out_of_fold: ThemeMetrics
    scores: Scores = field(repr=False)
    gold: NDArray[np.bool_] = field(repr=False)
    claims: Mapping[str, Mapping[str, Estimate]] = field(default_factory=dict)
    tested: Evaluation | None = None
    warnings: tuple[str, ...] = ()
    report: tuple[str, ...] = ()


def train(
    gold: Iterable[TaggedArticle],
    *,
    scheme: Scheme | str | Path = "security-cooperation",
    model: str = "linear",
    options: Mapping[str, Any] | None = None,
    name: str = "custom",
    folds: int = 5,
    goal: str = "f1",
    costs: Costs | None = None,
    data: Iterable[TrainingData] = (),
    test: Iterable[TaggedArticle] = (),
    also: Mapping[str, Iterable[TaggedArticle]] | None = None,
    claims: bool = True,
    task: Task = "multi-label",
    budget: float | None = None,
    given_sentences: bool = False,
    notes: Iterable[str] = (),
) -> Training:
    """A tagger trained on annotated articles; calibration and thresholds come from out-of-fold scores by article.

    `options` are those of the model's kind (`themes.model_kind(model).options`); `goal` is what the thresholds serve
    ("f1", "precision >= 0.9", …, see `themes.goals.parse_goal`), `costs` what the review band weighs. `data` says where
    the gold comes from, for the model card; `test` is gold that is scored and reported there, never learned from, and
    `also` further such gold by name, scored from its bare texts, of which the card shows the themes' figures. A
    label without positives is never said, and a warning tells so; one that no sentence was asked is not denied either
    (`Bundle.not_asked`). Claims are learned where an article of the gold
    carries some, and then from all its articles; with `claims=False` they are not. In a "single-label" `task` a sentence
    gets its likeliest label. With a `budget` in seconds the options that are not given are chosen by cross-validation
    (`training.choosing`), as long as it goes. The test is tagged from its bare texts, or with `given_sentences` on its own
    sentences; `notes` are written into the model card. SchemeError names labels that the scheme does not have;
    OptionError a model kind that is not there, or gold too small to learn from.
    """
    scheme = scheme if isinstance(scheme, Scheme) else load_scheme(scheme)
    kind = model_kind(model)
    kind.check(options or {})
    gold, test, others = list(gold), list(test), {name: list(lot) for name, lot in (also or {}).items()}
    check_gold(gold, scheme)
    for lot in (test, *others.values()):
        check_test(gold, lot)
    sentences, Y, article_of = _matrix(gold, scheme.labels)
    known = masked(Y, asked_matrix(gold, labels=scheme.labels))  # Y itself where all labels were asked everywhere
    clusters = np.array(duplicate_clusters([[sentence.text for sentence in tagged.sentences] for tagged in gold]))
    distinct = len(set(clusters.tolist()))
    if distinct < 2 or not Y.any():
        raise OptionError(
            f"{len(gold)} article{'s' * (len(gold) != 1)}, {distinct} without duplicates, with "
            f"{(used := int(Y.any(axis=0).sum()))} label{'s' * (used != 1)}: too few to learn from; "
            "at least 2 different articles and 1 label are needed"
        )
    folds, groups = min(folds, distinct), clusters[article_of].tolist()
    aims: dict[str, Any] = {"goal": goal, "costs": costs, "task": task}
    notes, scores, report = list(notes), None, list[str]()
    if budget is not None:
        choice = choose(
            sentences, known, groups, scheme=scheme, budget=budget, kind=model, options=options, folds=folds, **aims
        )
        kind, model, options, scores = model_kind(choice.kind), choice.kind, choice.options, choice.scores
        report += choice.report
    unseen, slow = np.arange(len(Y)), getattr(kind.make(scheme, options), "slow", False)
    if len(Y) > LARGE or (slow and scores is None and len(Y) > SLOW):
        unseen, scores = _held_out(lambda: kind.make(scheme, options), sentences, known, groups, folds=folds)
        aims |= {"method": "isotonic"} if len(Y) > LARGE else {}
        report.append(
            f"thresholds and figures come from {len(unseen):,} sentences that were held out of {len(Y):,}, not from folds"
        )
    elif scores is None:
        scores = out_of_fold(lambda: kind.make(scheme, options), sentences, known, groups=groups, folds=folds)
    truth, groups = known[unseen], [groups[place] for place in unseen.tolist()]
    _, said = cross_decided(scores, truth, scheme.labels, groups, folds=folds, **aims)
    said = said_of_asked(said, truth)
    fitted = kind.make(scheme, options)
    fitted.fit(sentences, known)
    report += getattr(fitted, "notes", ())
    with_claims = claims and any(tagged.claims for tagged in gold)
    sizes = np.bincount(article_of[unseen], minlength=len(gold))
    counts = theme_counts(truth, said, (sizes if len(unseen) == len(Y) else sizes[sizes > 0]).tolist())
    bundle = Bundle(
        name=name,
        kind=model,
        model=fitted,
        deciding=fit_deciding(scores, truth, scheme.labels, groups, **aims),
        scheme=scheme,
        tiers=label_tiers(counts, scheme.labels, replicates=REPLICATES // (10 if len(counts) > _MANY else 1)),
        languages=_languages(gold),
        training=tuple(data) or (describe_gold("records given in Python", gold),),
        claims=claim_layer.train(gold) if with_claims else None,
        zeroshot=_zeroshot(sentences, known, scheme, fitted) if task == "multi-label" else None,
    )
    metrics = label_metrics(truth, said, scheme.labels)
    figures = _claims_out_of_fold(gold, clusters.tolist(), folds) if with_claims else {}
    tested = None
    if test:
        tagger = Tagger(bundle)
        predicted = tagger.tag_sentences(test) if given_sentences else tagger.tag(tagged.article for tagged in test)
        tested = evaluate(test, list(predicted), labels=scheme.labels, claims_sought=with_claims)
    tags = Tagger(replace(bundle, claims=None))
    card = model_card(
        bundle,
        also={
            name: evaluate(lot, list(tags.tag(tagged.article for tagged in lot)), labels=scheme.labels)
            for name, lot in others.items()
        },
        out_of_fold=metrics,
        claims=figures,
        tested=tested,
        notes=[*notes, *report],
        held_out=len(unseen) if len(unseen) < len(Y) else 0,
        given_sentences=given_sentences,
    )
    examples = dict(zip(scheme.labels, Y.sum(axis=0).tolist(), strict=True))
    described = [theme.id for theme in scheme.themes if bundle.zeroshot and (theme.has_keywords or theme.positive)]
    warnings = tuple(label_warnings(examples, metrics, bundle.not_asked, described))
    if asked_of(known) is not None and "transformer" in getattr(fitted, "parts", (model,)):
        warnings += ('a "transformer" takes labels that were not asked of a sentence for labels that it does not have',)
    tagger = Tagger(replace(bundle, card=card))
    return Training(tagger, metrics, scores, truth, figures, tested, warnings, tuple(report))


def describe_gold(name: str, gold: Sequence[TaggedArticle]) -> TrainingData:
    """What a lot of gold holds, with a hash of its records in canonical JSON, in their order."""
    digest = hashlib.sha256()
    for tagged in gold:
        digest.update(json.dumps(tagged.to_dict(), sort_keys=True, ensure_ascii=False).encode())
    return TrainingData(
        name=name,
        sha256=digest.hexdigest(),
        articles=len(gold),
        sentences=sum(sentence.kind != "boilerplate" for tagged in gold for sentence in tagged.sentences),
        licences=dict(sorted(Counter(tagged.licence or "not stated" for tagged in gold).items())),
        annotators=dict(sorted(Counter(tagged.by or "not stated" for tagged in gold).items())),
    )


def _claims_out_of_fold(
    gold: Sequence[TaggedArticle], clusters: Sequence[int], folds: int
) -> dict[str, dict[str, Estimate]]:
    found = claim_layer.out_of_fold(gold, clusters, folds=folds)
    return estimates_by_mode(
        (tagged, replace(tagged, claims=claims)) for tagged, claims in zip(gold, found, strict=True)
    )


def _zeroshot(
    sentences: Sequence[SentenceInArticle], Y: NDArray[np.bool_], scheme: Scheme, fitted: Any
) -> ZeroShot | None:
    """What labels' texts mean, by the encoder that the model has: one that has none must not come to need one."""
    encoders = getattr(fitted, "encoders", ())
    ways = WAYS if encoders else tuple(way for way in WAYS if way != "encoder")
    return learn_zeroshot(sentences, Y, scheme, ways=ways, encoder=encoders[0].spec if encoders else None)


def _segmented(article: Article) -> tuple[Article, tuple[Sentence, ...]]:
    """The article with its language identified where it was not given, and its sentences."""
    if article.lang is None and (lang := identify_language(article.text)):
        article = replace(article, lang=lang)
    return article, segment(article)


def _matrix(
    gold: Sequence[TaggedArticle], labels: Sequence[str]
) -> tuple[list[SentenceInArticle], NDArray[np.bool_], NDArray[np.intp]]:
    """The sentences to learn from (no boilerplate), their labels (sentences × labels), and each one's article."""
    column = {label: index for index, label in enumerate(labels)}
    sentences: list[SentenceInArticle] = []
    said: list[tuple[str, ...]] = []
    groups: list[int] = []
    for index, tagged in enumerate(gold):
        sentences += context_of(tagged.sentences, tagged.article)
        kept = [sentence.labels for sentence in tagged.sentences if sentence.kind != "boilerplate"]
        said += kept
        groups += [index] * len(kept)
    Y = np.zeros((len(said), len(labels)), dtype=bool)
    for row, names in enumerate(said):
        for label in names:
            Y[row, column[label]] = True
    return sentences, Y, np.array(groups, dtype=np.intp)


def _held_out(
    make_model: Callable[[], Any],
    sentences: Sequence[SentenceInArticle],
    Y: NDArray[np.bool_],
    groups: Sequence[int],
    *,
    folds: int,
) -> tuple[NDArray[np.intp], Scores]:
    """The sentences of one fold, and their scores by a model that learned from the others."""
    fold_of = grouped_folds(np.asarray(Y), groups, folds=min(max(folds, len(Y) // HELD_OUT), len(set(groups))))
    learn, held = np.flatnonzero(fold_of != 0), np.flatnonzero(fold_of == 0)
    model = make_model()
    model.fit([sentences[place] for place in learn.tolist()], Y[learn])
    return held, model.scores([sentences[place] for place in held.tolist()])


def _languages(gold: Sequence[TaggedArticle]) -> tuple[str, ...]:
    """The languages of at least one article in twenty, most frequent first."""
    counts = Counter(tagged.article.lang for tagged in gold if tagged.article.lang)
    return tuple(lang for lang, count in counts.most_common() if count * 20 >= len(gold))
