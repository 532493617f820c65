"""Training: annotated articles in, a tagger out, with what it is worth."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from claimtag import claims as claim_layer
from claimtag.bundle import Bundle, TrainingData
from claimtag.card import model_card
from claimtag.errors import OptionError
from claimtag.evaluation import Evaluation, evaluate
from claimtag.evaluation.claims import estimates_by_mode
from claimtag.evaluation.intervals import REPLICATES, Estimate, theme_counts
from claimtag.evaluation.metrics import ThemeMetrics, asked_matrix, label_metrics
from claimtag.evaluation.tiers import label_tiers
from claimtag.records import TaggedArticle
from claimtag.scheme import Scheme, load_scheme
from claimtag.splits import duplicate_clusters, grouped_folds
from claimtag.tagging import Tagger
from claimtag.themes import ModelKind, model_kind
from claimtag.themes.base import Scores, SentenceInArticle, context_of, masked, said_of_asked
from claimtag.themes.deciding import Task, cross_decided, fit_deciding, out_of_fold
from claimtag.themes.goals import Costs
from claimtag.themes.likeness import WAYS
from claimtag.themes.zeroshot import ZeroShot, learn_zeroshot
from claimtag.training.checking import check_gold, check_keywords, check_test, label_warnings
from claimtag.training.choosing import choose

# sentences from which on one part of about HELD_OUT is held out instead of each of five in turn: two fits for six, and
# thresholds from as many sentences as a middling corpus has; calibrations are then isotonic without trying the others
LARGE, HELD_OUT = 50_000, 20_000
SLOW = 3_000  # the same for a model that takes minutes or hours to learn: one part of five, two fits for six
_MANY = 5000  # articles from which on a tenth of the resamples gives the same intervals to the third digit


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
    model: str | ModelKind = "linear",
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

    `model` names its kind, or is one of your own; `options` are those of that kind
    (`themes.model_kind(model).options`). `goal` is what the thresholds serve ("f1", "precision >= 0.9", …, see
    `themes.goals.parse_goal`), `costs` what the review band weighs. `data` says where the gold comes from, for the
    model card; `test` is gold that is scored and reported there, never learned from, and `also` further such gold by
    name, scored from its bare texts, of which the card shows the themes' figures. A label without positives is never
    said, and a warning tells so; one that no sentence was asked is not denied either (`Bundle.not_asked`). Claims are
    learned where an article of the gold carries some, and then from all its articles; with `claims=False` they are not.
    In a "single-label" `task` a sentence gets its likeliest label. With a `budget` in seconds the options that are not
    given are chosen by cross-validation (`training.choosing`), as long as it goes. The test is tagged from its bare
    texts, or with `given_sentences` on its own sentences; `notes` are written into the model card. SchemeError names
    labels that the scheme does not have; OptionError a model kind that is not there, or gold too small to learn from.
    """
    scheme = scheme if isinstance(scheme, Scheme) else load_scheme(scheme)
    kind = model if isinstance(model, ModelKind) else model_kind(model)
    kind.check(options or {})
    model = kind.name
    gold, test, others = list(gold), list(test), {name: list(lot) for name, lot in (also or {}).items()}
    check_gold(gold, scheme)
    check_keywords(model, scheme)
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
