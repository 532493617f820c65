"""Unlabelled articles to learn from: drawn at random but always alike, none like those that are measured on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path

import numpy as np

from claimtag.errors import OptionError
from claimtag.experiments.curves import sentence_counts
from claimtag.reading import identify_language, read_articles
from claimtag.records import Article, TaggedArticle
from claimtag.segmenting import segment
from claimtag.splits import duplicate_clusters, find_leaks
from claimtag.themes.base import SentenceInArticle, context_of

LONGEST = 40  # sentences of an article: a few endless ones would be half of the texts


@dataclass(frozen=True, slots=True)
class Drawn:
    """Unlabelled articles, and how many were left out because they share text with those that are measured on."""

    articles: tuple[TaggedArticle, ...]
    left_out: int

    def first(self, size: int) -> list[SentenceInArticle]:
        """So many sentences, or a few more: articles are whole."""
        totals = accumulate(sentence_counts(self.articles), initial=0)
        enough = [tagged for tagged, before in zip(self.articles, totals, strict=False) if before < size]
        return contexts_of(enough)


def draw(file: Path, size: int, measured: Sequence[TaggedArticle], *, seed: int = 0) -> Drawn:
    """Articles of at least so many sentences together, at random and always alike, none of which leaks.

    OptionError when the file has too few; those of more than `LONGEST` sentences are not taken.
    """
    articles = list(read_articles(file))
    order = iter(np.random.default_rng(seed).permutation(len(articles)).tolist())
    taken: list[TaggedArticle] = []
    left_out, total = 0, 0
    while True:
        while total < size and (place := next(order, None)) is not None:
            tagged = cut(articles[place])
            if 0 < (sentences := sentence_counts([tagged])[0]) <= LONGEST:
                taken.append(tagged)
                total += sentences
        leaks = find_leaks({"measured": measured, "unlabelled": taken})
        leaking = {leak.articles[1] for leak in leaks}
        if not leaking:
            break
        clusters = duplicate_clusters([[one.text for one in tagged.sentences] for tagged in taken])
        lost = {at for tagged, at in zip(taken, clusters, strict=True) if tagged.article.id in leaking}  # copies too
        before, taken = len(taken), [tagged for tagged, at in zip(taken, clusters, strict=True) if at not in lost]
        left_out, total = left_out + before - len(taken), sum(sentence_counts(taken))
    if total < size:
        raise OptionError(
            f"distillation.sentences: {size:,} sentences are asked for, and {file} has {total:,} in articles of at most "
            f"{LONGEST} sentences that share no text with those measured on; ask for fewer, or give more articles"
        )
    return Drawn(tuple(taken), left_out)


def cut(article: Article) -> TaggedArticle:
    """The article with its sentences, as a tagger finds them."""
    if article.lang is None and (lang := identify_language(article.text)):
        article = replace(article, lang=lang)
    return TaggedArticle(article, segment(article))


def contexts_of(articles: Iterable[TaggedArticle]) -> list[SentenceInArticle]:
    """The sentences of the articles as models read them, in order."""
    return [sentence for tagged in articles for sentence in context_of(tagged.sentences, tagged.article)]
