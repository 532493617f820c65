"""What the linear tagger sees of a sentence: weights of word stems and stem pairs, in it, near it and in its article.

A stem is a word's first letters, lower case and without accents. Each text is cut into words once; a word's stem is
looked up once and remembered, so that cutting is one regular expression and one dict lookup a word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import NamedTuple, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from claimtag.errors import OptionError
from claimtag.segmenting import normalise
from claimtag.themes.base import ArticleContext, SentenceInArticle
from claimtag.themes.keywords import Keywords

SHORTEST = 2
WORD = re.compile(rf"\w{{{SHORTEST},}}")  # one letter alone ("l'", "d'", "à") says nothing of a theme
LONGEST = 40  # longer "words" are addresses or noise: only their beginning is looked at, and they are not remembered
REMEMBERED = 200_000  # words whose stem is remembered, then all are forgotten: memory is bounded on any input
DAMPED = (0.5 * np.log1p(np.arange(64))).astype(np.float32)  # what n keywords of a label count beside the words
SLICE = 1024  # texts whose words are held as strings at once
REACH = 2  # how many sentences to each side are near one; each counts by 1 / its distance

Text = SentenceInArticle | str


def stem(word: str, letters: int) -> str:
    """The first letters of a word, in lower case and without accents.

    >>> stem("Sécuritaires", 6), stem("État", 6)
    ('securi', 'etat')
    """
    plain = unicodedata.normalize("NFKD", word[:LONGEST].lower())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))[:letters]


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """Sentences and their articles cut into words: the numbers of the words' stems, text after text.

    `texts` holds every sentence of every article once, `sentences` in all, then the articles' titles; sentence i is
    text `rows[i]`.
    """

    texts: list[str]
    langs: list[str | None]
    article_of: NDArray[np.intp]
    rows: NDArray[np.intp]
    articles: int
    sentences: int
    stems: NDArray[np.int32]  # -1 where the stem is not known
    starts: NDArray[np.intp]  # of each text in `stems`, and the end
    spotted: NDArray[np.intp]  # (text, number of a keyword in it), each pair once

    def words_of(self, rows: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.int32]]:
        """The words of some texts, in order: for each its text's place in `rows`, and its stem's number."""
        begins = self.starts[rows]
        lengths = self.starts[rows + 1] - begins
        ends = np.cumsum(lengths)
        places = np.repeat(begins - (ends - lengths), lengths) + np.arange(lengths.sum())
        return np.repeat(np.arange(len(rows)), lengths), self.stems[places]

    def nearby(self) -> sp.csr_matrix:
        """Those near each (sentences × sentences): weights by distance that add up to 1, none where it is alone."""
        here, there, weights = [], [], []
        for distance in range(1, REACH + 1):
            first = np.arange(self.sentences - distance)
            first = first[self.article_of[first] == self.article_of[first + distance]]
            here += [first, first + distance]
            there += [first + distance, first]
            weights += [np.full(2 * len(first), 1 / distance)]
        shape = (self.sentences, self.sentences)
        near = sp.coo_matrix((np.concatenate(weights), (np.concatenate(here), np.concatenate(there))), shape).tocsr()
        near.sort_indices()
        total = np.maximum(np.asarray(near.sum(axis=1)).ravel(), 1e-9)
        near.data /= np.repeat(total, np.diff(near.indptr))
        return near.astype(np.float32)


class Vocabulary:
    """The stems, stem pairs and keywords that are known, with the weights of the former (inverse document frequency).

    The features of a sentence are its stems, its pairs and the labels of its keywords, those of an article, and of the
    sentences nearby, their stems and the labels of their keywords. `pairs` holds `first * len(stems) + second`,
    ascending.
    """

    def __init__(
        self,
        stems: Sequence[str],
        pairs: NDArray[np.int64] | None = None,
        *,
        letters: int,
        keywords: Keywords,
        sentence_idf: NDArray[np.float32] | None = None,
        article_idf: NDArray[np.float32] | None = None,
    ) -> None:
        self.stems, self.letters, self.keywords = tuple(stems), letters, keywords
        self.pairs = np.zeros(0, dtype=np.int64) if pairs is None else pairs
        words = len(self.stems) + len(self.pairs)
        self.sentence_idf = np.ones(words, dtype=np.float32) if sentence_idf is None else sentence_idf
        self.article_idf = np.ones(len(self.stems), dtype=np.float32) if article_idf is None else article_idf
        self.sentence_size = words + len(keywords.labels)
        self.article_size = self.nearby_size = len(self.stems) + len(keywords.labels)
        self._codes = _Codes(self.stems, letters, keywords)

    @classmethod
    def learn(cls, sentences: Sequence[Text], *, letters: int, min_df: int, keywords: Keywords) -> Self:
        """The stems and pairs that stand in at least `min_df` articles, weighted by how few sentences hold them.

        Articles are counted, not sentences: a name that one article repeats would only be learnt by heart.
        """
        texts = _listed(sentences).texts
        stems = sorted({stem(word, letters) for text in texts for word in _words(text)})
        cut = cls(stems, letters=letters, keywords=keywords).cut(sentences)
        place, numbers = cut.words_of(np.arange(len(cut.texts)))
        frequency = _spread(cut.article_of[place], numbers, len(stems))
        kept = np.flatnonzero(frequency >= min_df)
        if not len(kept):
            raise OptionError(
                f"no word stands in {min_df} or more of the {cut.articles} article(s); "
                "give more articles, or a lower min_df"
            )
        stems = [stems[number] for number in kept]
        known = cls(stems, letters=letters, keywords=keywords)
        cut = known.cut(sentences)
        place, keys = known._keys(*cut.words_of(cut.rows))
        pairs, pair_numbers = np.unique(keys, return_inverse=True)
        pairs = pairs[_spread(cut.article_of[cut.rows[place]], pair_numbers, len(pairs)) >= min_df]
        counts = cls(stems, pairs, letters=letters, keywords=keywords)._counts(cut, cut.rows)
        return cls(
            stems,
            pairs,
            letters=letters,
            keywords=keywords,
            sentence_idf=_idf(np.bincount(counts.indices, minlength=counts.shape[1]), len(cut.rows)),
            article_idf=_idf(frequency[kept], cut.articles),
        )

    def cut(self, sentences: Sequence[Text], *, context: bool = True) -> Cut:
        """The sentences, and with `context` the articles around them, cut into words."""
        listed = _listed(sentences, context=context)
        code, codes, lengths = self._codes.__getitem__, [], [np.zeros(1, dtype=np.intp)]
        spotted: list[tuple[int, int]] = []
        for begin in range(0, len(listed.texts), SLICE):
            cut = [_words(text) for text in listed.texts[begin : begin + SLICE]]
            words = list(chain.from_iterable(cut))
            lengths.append(np.fromiter(map(len, cut), dtype=np.intp, count=len(cut)))
            codes.append(np.fromiter(map(code, words), dtype=np.int32, count=len(words)))
            ends = np.cumsum(lengths[-1])
            openings = np.flatnonzero(codes[-1] & 1)
            texts = np.searchsorted(ends, openings, side="right")
            spotted += self._spotted(words, openings.tolist(), ends[texts].tolist(), (begin + texts).tolist(), listed)
        return Cut(
            *listed,
            stems=(np.concatenate(codes) >> 1) - 1 if codes else np.zeros(0, dtype=np.int32),
            starts=np.cumsum(np.concatenate(lengths)),
            spotted=np.array(sorted(set(spotted)), dtype=np.intp).reshape(-1, 2),
        )

    def sentence_rows(self, cut: Cut, rows: NDArray[np.intp]) -> sp.csr_matrix:
        """The features of some texts of the cut: weights of words, of length 1 a row, then damped keyword counts."""
        texts, numbers = cut.spotted.T
        keywords = _damped(texts, self.keywords.columns[numbers], (len(cut.texts), len(self.keywords.labels)))
        return _beside(_weighted(self._counts(cut, rows), self.sentence_idf), keywords[rows])

    def without_pairs(self, rows: sp.csr_matrix) -> sp.csr_matrix:
        """The features of sentences as their neighbours have them: all but the pairs."""
        stems, keywords = rows[:, : len(self.stems)], rows[:, len(self.stems) + len(self.pairs) :]
        return _beside(stems, keywords)

    def article_rows(self, cut: Cut) -> sp.csr_matrix:
        """The features of the articles of the cut, from the words of all their sentences and their titles."""
        place, stems = cut.words_of(np.arange(len(cut.texts)))
        known = stems >= 0
        counts = _count(cut.article_of[place[known]], stems[known], (cut.articles, len(self.stems)))
        texts, numbers = cut.spotted.T
        # a keyword counts once an article
        once = np.unique(cut.article_of[texts] * len(self.keywords.found) + numbers)
        articles, numbers = np.divmod(once, max(1, len(self.keywords.found)))
        keywords = _damped(articles, self.keywords.columns[numbers], (cut.articles, len(self.keywords.labels)))
        return _beside(_weighted(counts, self.article_idf), keywords)

    def names(self, cut: Cut, texts: Iterable[int], *, article: bool) -> dict[int, str]:
        """The features of some texts of the cut, as the words that stand for each there: "attentat/attentats".

        With `article` they are numbered as those of articles and of sentences nearby, otherwise as those of sentences.
        """
        found: dict[int, dict[str, None]] = {}
        keywords_from = len(self.stems) + (0 if article else len(self.pairs))
        places = set(texts)
        for place in sorted(places):
            numbered = [(word, (self._codes[word] >> 1) - 1) for word in _words(cut.texts[place])]
            for word, number in numbered:
                found.setdefault(number, {})[word] = None
            for (first, number), (second, following) in () if article else pairwise(numbered):
                key = number * len(self.stems) + following
                pair = int(np.searchsorted(self.pairs, key))
                if number >= 0 and following >= 0 and pair < len(self.pairs) and self.pairs[pair] == key:
                    found.setdefault(len(self.stems) + pair, {})[f"{first} {second}"] = None
        for place, number in cut.spotted.tolist():
            if place in places:
                keyword = self.keywords.found[number][1]
                found.setdefault(keywords_from + int(self.keywords.columns[number]), {})[keyword] = None
        return {number: "/".join(words) for number, words in found.items() if number >= 0}

    def _spotted(
        self,
        words: Sequence[str],
        openings: Sequence[int],
        ends: Sequence[int],
        texts: Sequence[int],
        listed: _Listed,
    ) -> Iterator[tuple[int, int]]:
        """(text, number of a keyword) for the keywords that begin at some words, each with its text and that's end."""
        trees = {lang: self.keywords.tree(lang) for lang in set(listed.langs)}
        for opening, end, text in zip(openings, ends, texts, strict=True):
            tree = trees[listed.langs[text]]
            paths = [(opening + 1, node) for node in tree.after[words[opening]]] if tree else []
            while paths:
                following, node = paths.pop()
                for number in node.found:
                    yield text, number
                if node.goes_on and following < end:
                    paths += [(following + 1, after) for after in node.after[words[following]]]

    def _counts(self, cut: Cut, rows: NDArray[np.intp]) -> sp.csr_matrix:
        place, stems = cut.words_of(rows)
        pair_place, keys = self._keys(place, stems)
        known, pairs = stems >= 0, np.searchsorted(self.pairs, keys)
        found = pairs < len(self.pairs)
        found[found] = self.pairs[pairs[found]] == keys[found]
        return _count(
            np.concatenate([place[known], pair_place[found]]),
            np.concatenate([stems[known], pairs[found] + len(self.stems)]),
            (len(rows), len(self.stems) + len(self.pairs)),
        )

    def _keys(self, place: NDArray[np.intp], stems: NDArray[np.int32]) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        """The pairs of known stems that stand side by side in a text: the text's place and the pair's key."""
        beside = (place[:-1] == place[1:]) & (stems[:-1] >= 0) & (stems[1:] >= 0)
        return place[:-1][beside], stems[:-1][beside].astype(np.int64) * len(self.stems) + stems[1:][beside]


class _Codes(dict[str, int]):
    """What a word is: `2 * (its stem's number + 1)`, 0 for an unknown stem, plus 1 if it may begin a keyword.

    One lookup a word answers both; words are remembered as they come.
    """

    def __init__(self, stems: Sequence[str], letters: int, keywords: Keywords) -> None:
        super().__init__()
        self._numbers = {stem: number for number, stem in enumerate(stems, 1)}
        self._letters = letters
        self._openings = keywords.opens

    def __missing__(self, word: str) -> int:
        code = 2 * self._numbers.get(stem(word, self._letters), 0) + self._openings(word)
        if len(word) <= LONGEST:
            if len(self) >= REMEMBERED:
                self.clear()
            self[word] = code
        return code


class _Listed(NamedTuple):
    """The first fields of `Cut`."""

    texts: list[str]
    langs: list[str | None]
    article_of: NDArray[np.intp]
    rows: NDArray[np.intp]
    articles: int
    sentences: int


def _listed(sentences: Sequence[Text], *, context: bool = True) -> _Listed:
    """Every sentence of every article once, articles in order of appearance, then the articles' titles."""
    if not context:
        texts = [normalise(sentence) if isinstance(sentence, str) else sentence.text for sentence in sentences]
        langs = [None if isinstance(sentence, str) else sentence.article.lang for sentence in sentences]
        return _Listed(texts, langs, np.arange(len(texts)), np.arange(len(texts)), len(texts), len(texts))
    articles: list[ArticleContext] = []
    numbers: dict[int, int] = {}  # by identity: all sentences of an article share its object
    begins: list[int] = []
    rows, reached = [], 0
    for sentence in sentences:
        if isinstance(sentence, str):
            article, index = ArticleContext((normalise(sentence),), ("body",)), 0
        else:
            article, index = sentence.article, sentence.index
        number = numbers.setdefault(id(article), len(articles))
        if number == len(articles):
            articles.append(article)
            begins.append(reached)
            reached += len(article.sentences)
        rows.append(begins[number] + index)
    texts = [text for article in articles for text in article.sentences]
    owners = [number for number, article in enumerate(articles) for _ in article.sentences]
    titled = [number for number, article in enumerate(articles) if article.title]
    texts += [articles[number].title for number in titled]
    owners += titled
    langs = [articles[number].lang for number in owners]
    return _Listed(texts, langs, np.array(owners, dtype=np.intp), np.array(rows, dtype=np.intp), len(articles), reached)


def _words(text: str) -> list[str]:
    return WORD.findall(text.lower())


def _count(rows: NDArray[np.intp], columns: NDArray[np.integer], shape: tuple[int, int]) -> sp.csr_matrix:
    """How often each column comes in each row."""
    return sp.coo_matrix((np.ones(len(rows), dtype=np.float32), (rows, columns)), shape=shape).tocsr()


def _weighted(counts: sp.csr_matrix, idf: NDArray[np.float32]) -> sp.csr_matrix:
    """Counts times weights, every row brought to length 1; a row depends on itself alone, to the last bit."""
    counts.sort_indices()
    weights = counts.data * idf[counts.indices]
    row_of = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    # bincount adds one number after the other, in float64, wherever the row stands in the batch
    lengths = np.sqrt(np.bincount(row_of, weights=weights.astype(np.float64) ** 2, minlength=counts.shape[0]))
    weights /= lengths.astype(np.float32)[row_of]
    return sp.csr_matrix((weights, counts.indices, counts.indptr), shape=counts.shape)


def _damped(rows: NDArray[np.intp], columns: NDArray[np.intp], shape: tuple[int, int]) -> sp.csr_matrix:
    counts = _count(rows, columns, shape)
    counts.sort_indices()
    counts.data = DAMPED[np.minimum(counts.data, len(DAMPED) - 1).astype(np.intp)]
    return counts


def _beside(left: sp.csr_matrix, right: sp.csr_matrix) -> sp.csr_matrix:
    return sp.csr_matrix(sp.hstack([left, right], format="csr"))


def _idf(frequency: NDArray[np.integer], total: int) -> NDArray[np.float32]:
    """scikit-learn's smoothed inverse document frequency."""
    return (np.log((1 + total) / (1 + frequency)) + 1).astype(np.float32)


def _spread(articles: NDArray[np.intp], numbers: NDArray[np.integer], size: int) -> NDArray[np.intp]:
    """In how many articles each number comes."""
    total = int(articles.max(initial=0)) + 1
    pairs = np.unique(numbers.astype(np.int64) * total + articles)
    return np.bincount(pairs // total, minlength=size)
