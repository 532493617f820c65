"""A sentence with one thing left out, again and again: what explaining a network by its answers needs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from claimtag.themes.base import SentenceInArticle

EXPLAINED = 100  # words of a sentence that are left out, one after the other
WORD = re.compile(r"\w+(?:-\w+)*['’]?")


def without_each(sentence: SentenceInArticle) -> Iterator[tuple[str, str, SentenceInArticle]]:
    """(what is left out, where it stands, the sentence without it): each word, the title, and all other sentences.

    Words are named in small letters, as other kinds of model name them.

    >>> from claimtag.themes.base import ArticleContext
    >>> article = ArticleContext(("L'accusé ment", "Il part"), ("body", "body"), title="Procès")
    >>> for name, part, left in without_each(SentenceInArticle(article, 0)):
    ...     print(f"{name} ({part}): {left.article.title} | {' | '.join(left.article.sentences)}")
    l' (sentence): Procès | accusé ment | Il part
    accusé (sentence): Procès | L' ment | Il part
    ment (sentence): Procès | L'accusé | Il part
    Procès (title):  | L'accusé ment | Il part
    … (article): Procès | L'accusé ment
    """
    article, index, text = sentence.article, sentence.index, sentence.text
    for word in islice(WORD.finditer(text), EXPLAINED):
        texts = list(article.sentences)
        texts[index] = " ".join(f"{text[: word.start()]} {text[word.end() :]}".split())
        yield word.group().lower(), "sentence", replace(sentence, article=replace(article, sentences=tuple(texts)))
    if article.title:
        yield article.title, "title", replace(sentence, article=replace(article, title=""))
    if len(article.sentences) > 1:
        alone = replace(article, sentences=(text,), kinds=(article.kinds[index],))
        yield "…", "article", replace(sentence, article=alone, index=0)
