"""What a transformer reads: stretches of an article in tokens, several of its sentences in each.

    <s> query: Le titre </s> … what comes before </s> </s> a sentence </s> another </s> </s> what comes after … </s>

Consecutive sentences are read together, as Cohan et al. do (EMNLP 2019, "Pretrained Language Models for Sequential
Sentence Classification"): each ends with a separator and is known by its own tokens, so that one pass through the
encoder serves them all. What is left of the budget is filled with the tokens before and after, in equal parts as far
as there are so many; one more separator stands at both ends of the sentences read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from claimtag.errors import counted
from claimtag.segmenting import normalise
from claimtag.themes.base import ArticleContext, SentenceInArticle

TITLE = 0.25  # of the budget, at most: a title field is a line, and a field with more in it must leave room
OWN = 0.6  # of the budget, at most, for the sentences read: the first and the last shall see what is around them

Tokenise = Callable[[list[str]], list[list[int]]]
Text = SentenceInArticle | str


@dataclass(frozen=True, slots=True)
class Marks:
    """The tokens that a tokeniser has for the beginning of a text and between two texts; it may have none."""

    begin: tuple[int, ...] = ()
    between: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of an article: its tokens, where in it the sentences are, and which of those asked for they are."""

    tokens: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    rows: tuple[int, ...]
    cut: tuple[int, ...] = ()
    """The rows of sentences that are longer than the budget and were read to its end."""


@dataclass(frozen=True, slots=True)
class Windows:
    """How articles become windows of at most `tokens` tokens and `together` sentences that are read for themselves.

    Which sentences are read together depends on the article alone, not on those asked for.

    >>> words = {}
    >>> def tokenise(texts):
    ...     return [[words.setdefault(word, len(words) + 2) for word in text.split()] for text in texts]
    >>> windows = Windows(tokenise, Marks(begin=(0,), between=(1,)), tokens=16, together=1)
    >>> article = ArticleContext(("un deux", "trois", "quatre cinq"), ("body",) * 3, title="titre")
    >>> [window] = windows.of([SentenceInArticle(article, 1)])
    >>> window.tokens, window.spans, window.rows
    ((0, 2, 1, 3, 4, 1, 1, 5, 1, 1, 6, 7, 1), ((7, 8),), (0,))
    """

    tokenise: Tokenise
    marks: Marks = Marks()
    tokens: int = 512
    together: int = 32
    prefix: str = ""

    def of(self, sentences: Sequence[Text]) -> list[Window]:
        """The windows that hold the sentences, each sentence in one of them; the order is that of the articles."""
        return [window for group in _by_article(sentences) for window in self._of_article(*group)]

    def _of_article(self, article: ArticleContext, asked: dict[int, list[int]]) -> Iterator[Window]:
        between = list(self.marks.between)
        prefix, title, *texts = self.tokenise([self.prefix, article.title, *article.sentences])
        head = [*self.marks.begin, *prefix, *title[: int(TITLE * self.tokens)], *between]
        room = max(1, self.tokens - len(head) - 2 * len(between))
        longest = max(1, room - len(between))
        pieces = [[*text[:longest], *between] for text in texts]
        ends = list(accumulate(map(len, pieces), initial=0))
        flat = [token for piece in pieces for token in piece]
        for first, last in self._runs(ends, room):
            rows = [(place, asked[place]) for place in range(first, last) if place in asked]
            if not rows:
                continue
            begin, end = ends[first], ends[last]
            spare = room - (end - begin)
            before = min(begin, max(spare // 2, spare - (len(flat) - end)))
            after = min(len(flat) - end, spare - before)
            tokens = [*head, *flat[begin - before : begin], *between]
            offset = len(tokens) - begin
            tokens += [*flat[begin:end], *between, *flat[end : end + after]]
            for copy in range(max(len(same) for _, same in rows)):  # the same sentence may be asked for twice
                here = [(place, same[copy]) for place, same in rows if copy < len(same)]
                yield Window(
                    tokens=tuple(tokens),
                    spans=tuple((ends[place] + offset, ends[place + 1] - len(between) + offset) for place, _ in here),
                    rows=tuple(row for _, row in here),
                    cut=tuple(row for place, row in here if len(texts[place]) > longest),
                )

    def _runs(self, ends: Sequence[int], room: int) -> Iterator[tuple[int, int]]:
        """First and last of the sentences that are read together: all of them, or as many as leave room around."""
        many = len(ends) - 1
        own = room if ends[-1] <= room else int(OWN * room)
        first = 0
        while first < many:
            last = first + 1
            while last < many and last - first < self.together and ends[last + 1] - ends[first] <= own:
                last += 1
            yield first, last
            first = last


def in_article(text: Text) -> SentenceInArticle:
    """The sentence as it is; a string becomes an article of one sentence."""
    if isinstance(text, str):
        return SentenceInArticle(ArticleContext((normalise(text),), ("body",)), 0)
    return text


def cut_note(windows: Sequence[Window], tokens: int) -> str:
    """How many sentences were longer than the budget, in words; empty if none was."""
    cut = sum(len(window.cut) for window in windows)
    asked = sum(len(window.rows) for window in windows)
    of = f"{cut} of {counted(asked, 'sentence')} {'is' if cut == 1 else 'are'}"
    said = f"{of} longer than the {tokens} tokens that the model reads at once"
    return f"{said}; what goes beyond did not count" if cut else ""


def _by_article(sentences: Iterable[Text]) -> Iterator[tuple[ArticleContext, dict[int, list[int]]]]:
    """Each article with the rows at which each of its sentences is asked for."""
    articles: dict[int, ArticleContext] = {}
    asked: dict[int, dict[int, list[int]]] = {}
    for row, sentence in enumerate(map(in_article, sentences)):
        key = id(sentence.article)
        articles.setdefault(key, sentence.article)  # held here, so that no other one comes to lie in its place
        asked.setdefault(key, {}).setdefault(sentence.index, []).append(row)
    return ((articles[key], rows) for key, rows in asked.items())
