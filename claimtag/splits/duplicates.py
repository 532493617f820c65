"""Which articles are one: re-published and corrected texts, found by the sentences that they share."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence

MOST = 0.5  # two articles are duplicates when more than this share of the shorter one's sentences stands in both
REACH = 20  # how many holders of a sentence before each one are compared with it: what keeps the work linear


def duplicate_clusters(articles: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """The number of each article's cluster; an article is given as its sentences.

    Articles that share most of their sentences (case and white space aside) are in one cluster, and so are those
    that a chain of such articles joins. Clusters are numbered by their first article. A sentence that hundreds of
    articles share ("Lire aussi") makes none of them duplicates, and is compared only with the `REACH` articles before.

    >>> duplicate_clusters([["A vu B.", "C dort."], ["Un autre."], ["A vu  b.", "C dort.", "Mise à jour."]])
    (0, 1, 0)
    """
    groups = Groups(len(articles))
    for later, earlier, _ in duplicates(articles):
        groups.join(later, earlier)
    return numbered([groups.first(article) for article in range(len(articles))])


def duplicates(articles: Sequence[Sequence[str]]) -> Iterator[tuple[int, int, float]]:
    """Pairs (later, earlier) of articles that share most of their sentences; with the share of the shorter one's.

    >>> list(duplicates([["A vu B.", "C dort."], ["Un autre."], ["A vu  b.", "C dort.", "Mise à jour."]]))
    [(2, 0, 1.0)]
    """
    keys = [
        frozenset(key for text in sentences if (key := " ".join(text.casefold().split()))) for sentences in articles
    ]
    for later, earlier in sorted(_candidates(keys)):
        share = len(keys[later] & keys[earlier]) / min(len(keys[later]), len(keys[earlier]))
        if share > MOST:
            yield later, earlier, share


class Groups:
    """Things by their number, joined in groups; each group is known by its first.

    >>> groups = Groups(4)
    >>> groups.join(3, 1)
    >>> [groups.first(thing) for thing in range(4)]
    [0, 1, 2, 1]
    """

    def __init__(self, things: int) -> None:
        self._roots = list(range(things))

    def first(self, thing: int) -> int:
        roots = self._roots
        while roots[thing] != thing:
            roots[thing] = roots[roots[thing]]
            thing = roots[thing]
        return thing

    def join(self, one: int, other: int) -> None:
        small, large = sorted((self.first(one), self.first(other)))
        self._roots[large] = small


def numbered(keys: Iterable[Hashable]) -> tuple[int, ...]:
    """Each key by its number, in the order of first appearance.

    >>> numbered("abac")
    (0, 1, 0, 2)
    """
    numbers: dict[Hashable, int] = {}
    return tuple(numbers.setdefault(key, len(numbers)) for key in keys)


def _candidates(keys: Sequence[frozenset[str]]) -> set[tuple[int, int]]:
    """Pairs (later, earlier) of articles that share a sentence and are near each other among its holders."""
    holders: dict[str, list[int]] = {}
    for article, sentences in enumerate(keys):
        for sentence in sentences:
            holders.setdefault(sentence, []).append(article)
    return {
        (later, earlier)
        for articles in holders.values()
        for place, later in enumerate(articles)
        for earlier in articles[max(0, place - REACH) : place]
    }
