"""The untouched text of an article → its sentences as spans, each of a kind: title, heading, body or boilerplate."""

from __future__ import annotations

from claimtag.records import Article, Kind, Sentence
from claimtag.segmenting.blocks import lines_of
from claimtag.segmenting.normalising import normalise

__all__ = ["normalise", "segment"]


def segment(article: Article) -> tuple[Sentence, ...]:
    """An article's sentences in order: disjoint slices without outer white space that cover every letter and digit.

    They depend on nothing but the article. A title, a heading or a line of boilerplate is one sentence. A language
    without lexicons, or none given, gets the general rules.

    >>> text = "Accueil > Monde\\nLe port rouvre\\n\\nRABAT, 3 mai – M. Idrissi est là. Il reste."
    >>> for sentence in segment(Article("a", text, lang="fr")):
    ...     print(sentence.kind, sentence.text, sep=": ")
    boilerplate: Accueil > Monde
    title: Le port rouvre
    boilerplate: RABAT, 3 mai –
    body: M. Idrissi est là.
    body: Il reste.
    """
    text = article.text
    found: list[Sentence] = []
    for line in lines_of(article):
        if line.kind == "body":
            for (start, end), notice in zip(line.units, line.notices, strict=True):
                kind: Kind = "boilerplate" if notice else "body"
                found.append(Sentence(start, end, text[start:end], kind))
        elif line.kind is not None:
            found.append(Sentence(line.start, line.end, text[line.start : line.end], line.kind))
    return tuple(found)
