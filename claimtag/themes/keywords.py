"""The keyword tagger: words and phrases of the scheme, looked up; the baseline that anyone can check by eye.

Case and accents do not count. A keyword is one or more words that stand side by side; a word that ends in `*` stands
for any ending. All keywords are searched in one pass over the words of a text.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from claimtag.errors import BundleError, OptionError, did_you_mean
from claimtag.scheme import Scheme
from claimtag.themes.base import ArticleContext, Scores, SentenceInArticle

WORD = re.compile(r"[\w\u0300-\u036f]+")
GAP = re.compile(r"[\s'’‐‑-]*")  # what may stand between two words of a phrase: no full stop, no comma
BAD_STAR = re.compile(r"(?<![\w\u0300-\u036f])\*|\*(?=[\w*])")
IN_ARTICLE = 0.5  # what a keyword anywhere in the article counts beside one in the sentence (train: 0.1–0.5 alike)
LONGEST = 40  # longer "words" are addresses or noise and are not remembered
REMEMBERED = 100_000  # words remembered at each node, then all are forgotten: memory is bounded on any input
FILE = "keywords.json"


class Hit(NamedTuple):
    """A keyword found: for which label, and where in the sentence's text."""

    label: str
    keyword: str
    start: int
    end: int
    text: str


class Keywords:
    """The keywords of a scheme, ready to be looked up: `keywords[label][language]` lists those of a label.

    They are numbered; `found[number]` is the label and the keyword. Words of fewer than `shortest` characters are left
    out of the keywords, for texts that are cut into words without them.
    """

    def __init__(
        self, keywords: Mapping[str, Mapping[str, Sequence[str]]], labels: Sequence[str], *, shortest: int = 1
    ) -> None:
        self.labels = tuple(labels)
        self.found: list[tuple[str, str]] = []
        columns: list[int] = []
        self._trees: dict[str | None, _Node] = {None: _Node()}
        for label, languages in keywords.items():
            if label not in self.labels:
                raise OptionError(
                    f'keywords are given for "{label}", which is not one of the labels{did_you_mean(label, labels)}'
                )
            numbers: dict[str, int] = {}
            for lang, words in languages.items():
                for keyword in words:
                    number = numbers.setdefault(keyword, len(self.found))
                    if number == len(self.found):
                        self.found.append((label, keyword))
                        columns.append(self.labels.index(label))
                    pattern = [word for word in _pattern(label, keyword) if len(word[0]) >= shortest]
                    for tree in (self._trees[None], self._trees.setdefault(lang, _Node())) if pattern else ():
                        tree.add(pattern, number)
        self.columns = np.array(columns, dtype=np.intp)

    def opens(self, word: str) -> bool:
        """Whether a keyword of any language may begin with that word."""
        return bool(self._trees[None].after[word])

    def tree(self, lang: str | None) -> _Node | None:
        """The keywords of a language, all if it is not known; None if it has none."""
        return self._trees.get(None if lang is None else lang.split("-")[0].lower())


class KeywordTagger:
    """A theme model that looks up keywords: `keywords[label][language]` lists those of a label.

    With n different keywords of a label in the sentence and m in the whole article, the label's score is
    `1 - 2 ** -(n + m / 2)`. Keywords are those of the article's language, or all where it is not known.

    >>> tagger = KeywordTagger({"drugs": {"fr": ["cannabis", "trafi* de drogue*"]}}, ["drugs", "justice"])
    >>> article = ArticleContext(("Le Trafic de drogues dure.", "Il pleut."), ("body", "body"), lang="fr")
    >>> tagger.explain(SentenceInArticle(article, 0))
    (Hit(label='drugs', keyword='trafi* de drogue*', start=3, end=20, text='Trafic de drogues'),)
    >>> tagger.scores([SentenceInArticle(article, 0), SentenceInArticle(article, 1)])
    array([[0.6464466 , 0.        ],
           [0.29289323, 0.        ]], dtype=float32)
    >>> KeywordTagger({"drug": {"fr": ["cannabis"]}}, ["drugs"])
    Traceback (most recent call last):
    claimtag.errors.OptionError: keywords are given for "drug", which is not one of the labels (did you mean "drugs"?)
    """

    def __init__(self, keywords: Mapping[str, Mapping[str, Sequence[str]]], labels: Sequence[str]) -> None:
        self._labels = tuple(labels)
        self.keywords = {
            label: {lang: tuple(words) for lang, words in languages.items()} for label, languages in keywords.items()
        }
        self._lookup = Keywords(self.keywords, self._labels)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the columns of `scores`, in their order."""
        return self._labels

    def fit(self, X: Any = None, Y: Any = None) -> Self:
        """Nothing: keywords are given, not learnt; here so that any model can be trained."""
        return self

    def scores(self, sentences: Sequence[SentenceInArticle]) -> Scores:
        """A matrix (sentences × labels) of numbers in [0, 1]; a row depends on its sentence and article alone."""
        evidence = np.zeros((len(sentences), len(self._labels)))
        found: dict[int, NDArray[np.float64]] = {}  # by the article's identity
        for row, sentence in enumerate(sentences):
            if id(sentence.article) not in found:
                found[id(sentence.article)] = self._evidence(sentence.article)
            evidence[row] = found[id(sentence.article)][sentence.index]
        return (1 - np.exp2(-evidence)).astype(np.float32)

    def explain(self, sentence: SentenceInArticle) -> tuple[Hit, ...]:
        """The keywords found in the sentence, in the order of the text."""
        hits = self._hits(sentence.text, sentence.article.lang)
        return tuple(sorted((hit for _, hit in hits), key=lambda hit: (hit.start, hit.end, hit)))

    def _evidence(self, article: ArticleContext) -> NDArray[np.float64]:
        by_sentence = [{number for number, _ in self._hits(text, article.lang)} for text in article.sentences]
        title = {number for number, _ in self._hits(article.title, article.lang)}
        evidence = np.zeros((len(by_sentence), len(self._labels)))
        for row, numbers in enumerate(by_sentence):
            np.add.at(evidence[row], self._lookup.columns[list(numbers)], 1)
        anywhere = self._lookup.columns[list(title.union(*by_sentence))]
        return evidence + IN_ARTICLE * np.bincount(anywhere, minlength=len(self._labels))

    def _hits(self, text: str, lang: str | None) -> Iterator[tuple[int, Hit]]:
        tree = self._lookup.tree(lang)
        if tree is None:
            return
        words = [(match.start(), match.end(), match[0]) for match in WORD.finditer(text)]
        for place, (start, first_end, word) in enumerate(words):
            paths = [(place, first_end, node) for node in tree.after[word]]
            while paths:
                last, end, node = paths.pop()
                for number in node.found:
                    yield number, Hit(*self._lookup.found[number], start, end, text[start:end])
                if node.goes_on and last + 1 < len(words):
                    begin, stop, following = words[last + 1]
                    if GAP.fullmatch(text, end, begin):
                        paths += [(last + 1, stop, after) for after in node.after[following]]


def make(scheme: Scheme) -> KeywordTagger:
    """The keyword tagger of a scheme."""
    return KeywordTagger({theme.id: theme.keywords or {} for theme in scheme.themes}, scheme.labels)


def save(model: KeywordTagger, folder: Path) -> None:
    """Write the keywords into a folder; `load` is the inverse."""
    record = {"labels": model.labels, "keywords": model.keywords}
    (folder / FILE).write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def load(folder: Path) -> KeywordTagger:
    """The keyword tagger saved in a folder; BundleError when the file is not one."""
    try:
        record = json.loads((folder / FILE).read_bytes())
        return KeywordTagger(record["keywords"], record["labels"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BundleError(f"{folder / FILE}: not a keyword tagger ({error}); save it again") from error


def explain(model: KeywordTagger, sentence: SentenceInArticle, label: str) -> tuple[tuple[str, str, float], ...]:
    """What each keyword adds to the evidence for a label, n + m / 2: (words, "sentence" or "article", weight)."""
    if label not in model.labels:
        raise OptionError(f'"{label}" is not one of the labels{did_you_mean(label, model.labels)}')
    article = sentence.article
    here = {hit.keyword: hit.text for hit in reversed(model.explain(sentence)) if hit.label == label}
    texts = (article.title, *article.sentences)
    anywhere = {
        hit.keyword: hit.text for text in texts for _, hit in model._hits(text, article.lang) if hit.label == label
    }
    return (
        *((text, "sentence", 1.0) for text in here.values()),
        *((text, "article", IN_ARTICLE) for text in anywhere.values()),
    )


class _Node:
    """The keywords that begin alike: by their next word, whole or as a beginning; and those that end here."""

    def __init__(self) -> None:
        self.whole: dict[str, _Node] = {}
        self.beginning: dict[str, _Node] = {}
        self.lengths: tuple[int, ...] = ()  # of the beginnings
        self.goes_on = False
        self.found: list[int] = []
        self.after = _After(self)

    def add(self, pattern: Sequence[tuple[str, bool]], number: int) -> None:
        node = self
        for word, any_ending in pattern:
            node.goes_on = True
            if any_ending:
                node.lengths = tuple(sorted({*node.lengths, len(word)}))
            node = (node.beginning if any_ending else node.whole).setdefault(word, _Node())
        if number not in node.found:
            node.found.append(number)


class _After(dict[str, tuple[_Node, ...]]):
    """The nodes that a word as written leads to; words are remembered as they come."""

    def __init__(self, node: _Node) -> None:
        super().__init__()
        self._node = node

    def __missing__(self, word: str) -> tuple[_Node, ...]:
        node, folded = self._node, fold(word)
        nodes = [node.beginning[folded[:length]] for length in node.lengths if folded[:length] in node.beginning]
        if folded in node.whole:
            nodes.append(node.whole[folded])
        if len(word) <= LONGEST:
            if len(self) >= REMEMBERED:
                self.clear()
            self[word] = tuple(nodes)
        return tuple(nodes)


def _pattern(label: str, keyword: str) -> list[tuple[str, bool]]:
    """The folded words of a keyword, and whether each stands for any ending."""
    if not WORD.search(keyword) or BAD_STAR.search(keyword):
        raise OptionError(
            f'"{label}": {keyword!r} is no keyword; it must be one or more words, and a * may only end a word'
        )
    return [(fold(match[1]), bool(match[2])) for match in re.finditer(rf"({WORD.pattern})(\*?)", keyword)]


def fold(word: str) -> str:
    """The word as it is compared: without case and accents.

    >>> fold("Été")
    'ete'
    """
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
