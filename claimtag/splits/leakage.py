"""The leakage gate: what a model could have learned by heart in one part of a split and would be asked in another."""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice, pairwise
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from claimtag.errors import LeakageError, OptionError
from claimtag.records import TaggedArticle
from claimtag.splits.duplicates import Groups, duplicate_clusters, duplicates, numbered

# Of sentences in 20 words or more, one that differs by a word in the middle has a likeness of 0.71 at least.
LIKENESS = 0.7
SHINGLE = 3  # words that follow one another
SHORT = 8  # sentences of fewer words are datelines, signatures and phrases that anybody writes
COMMON = 5  # a sentence that so many different articles carry is a formula of the house, and tells none of them
REACH = 20  # sentences of each other part in a bucket that one is compared with: what keeps hostile input linear
_BANDS, _ROWS = 32, 4  # a pair of likeness 0.7 shares a bucket with probability 0.9998, one of 0.3 with 0.23

_WORD = re.compile(r"\w+")
_SHOWN = 80  # characters of a text in a message
_NAMED = 5  # leaks in a message

What = Literal["article", "text", "duplicate", "sentence"]
_Shingles = frozenset[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Leak:
    """Two articles of different parts that share an id, a text, most sentences, or a sentence (near enough)."""

    what: What
    parts: tuple[str, str]
    articles: tuple[str, str]
    texts: tuple[str, str]
    likeness: float = 1.0

    def __str__(self) -> str:
        where = " and ".join(f'"{article}" ({part})' for article, part in zip(self.articles, self.parts, strict=True))
        if self.what == "article":
            return f'article "{self.articles[0]}" stands in {self.parts[0]} and in {self.parts[1]}'
        if self.what == "text":
            return f"{where} have the same text: {_short(self.texts[0])}"
        if self.what == "duplicate":
            return f"{where} share {self.likeness:.0%} of the shorter one's sentences: {_short(self.texts[0])}"
        if self.likeness == 1:
            return f"{where} share the sentence {_short(self.texts[0])}"
        return f"{where} share a sentence (likeness {self.likeness:.2f}): {_short(self.texts[0])} and {_short(self.texts[1])}"

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self) | {"parts": list(self.parts), "articles": list(self.articles), "texts": list(self.texts)}


def refuse_leaks(parts: Mapping[str, Iterable[TaggedArticle]], *, likeness: float = LIKENESS) -> None:
    """Raises LeakageError, naming the worst, if `find_leaks` finds any."""
    leaks = find_leaks(parts, likeness=likeness)
    if not leaks:
        return
    counts = ", ".join(
        f"{count} {what}{'s' if count > 1 else ''}"
        for what in get_args(What)
        if (count := sum(leak.what == what for leak in leaks))
    )
    lines = "".join(f"\n  {leak}" for leak in leaks[:_NAMED])
    more = f"\n  and {len(leaks) - _NAMED} more" if len(leaks) > _NAMED else ""
    raise LeakageError(
        f"the parts of the split share {counts}, so figures on one of them would be too good:{lines}{more}\n"
        "Keep such articles on one side, or leave them out of the larger part",
        leaks,
    )


def joined(articles: Sequence[TaggedArticle], *, likeness: float = LIKENESS) -> tuple[int, ...]:
    """The number of each article's group: duplicates, and articles with a sentence in common, are in one.

    What is dealt out by these groups has no leaks. Of 625 articles of the shared training data, 13 pairs were joined.
    """
    clusters = duplicate_clusters([[sentence.text for sentence in tagged.sentences] for tagged in articles])
    by_cluster: dict[str, list[TaggedArticle]] = {}
    for tagged, cluster in zip(articles, clusters, strict=True):
        by_cluster.setdefault(str(cluster), []).append(tagged)
    groups = Groups(len(articles))
    for leak in find_leaks(by_cluster, likeness=likeness):
        groups.join(*map(int, leak.parts))
    return numbered([groups.first(cluster) for cluster in clusters])


def find_leaks(parts: Mapping[str, Iterable[TaggedArticle]], *, likeness: float = LIKENESS) -> tuple[Leak, ...]:
    """What articles of different parts share: first whole articles, then texts, then most sentences
    (`duplicate_clusters`: republished and corrected articles, however short their sentences), then sentences, the
    likest first.

    Texts and sentences are compared by their words alone, without case and accents. Two sentences are near-duplicates
    when their sets of `SHINGLE` words in a row have a Jaccard index of `likeness` or more. Candidates come from MinHash
    and are then compared exactly; where hundreds are alike, each is compared with the last `REACH` of every part.
    Boilerplate, sentences of fewer than `SHORT` words, and those that `COMMON` different articles carry word for word
    are no leaks. Two articles that share several sentences are one leak, of the likest.

    >>> from claimtag.records import Article, Sentence
    >>> def article(id: str, text: str) -> TaggedArticle:
    ...     return TaggedArticle(Article(id, text), (Sentence(0, len(text), text),))
    >>> said = "Le ministre a promis hier à Rabat de rendre le rapport public avant la fin de l'année"
    >>> for leak in find_leaks({"train": [article("a", said)], "test": [article("b", said + " 2018")]}):
    ...     print(leak.what, leak.articles, round(leak.likeness, 2))
    sentence ('a', 'b') 0.94
    """
    if not 0 < likeness <= 1:
        raise OptionError(f"the likeness from which sentences are near-duplicates lies in (0, 1], not at {likeness}")
    held = {name: tuple(articles) for name, articles in parts.items()}
    return _each_once((*shared_articles(held), *_alike(held, likeness)))


def shared_articles(parts: Mapping[str, Iterable[TaggedArticle]]) -> tuple[Leak, ...]:
    """What whole articles the parts share: those of `find_leaks` that are more than a sentence."""
    held = {name: tuple(articles) for name, articles in parts.items()}
    return _each_once((*_same(held, "article"), *_same(held, "text"), *_republished(held)))


def _each_once(leaks: Iterable[Leak]) -> tuple[Leak, ...]:
    """The first leak of every pair of articles."""
    first: dict[tuple[str, ...], Leak] = {}
    for leak in leaks:
        first.setdefault((*leak.parts, *leak.articles), leak)
    return tuple(first.values())


def _same(parts: Mapping[str, Sequence[TaggedArticle]], what: Literal["article", "text"]) -> Iterator[Leak]:
    """Articles of the same id, or of the same words, in two parts: for each, the first holder in every part."""
    holders: dict[object, dict[str, TaggedArticle]] = {}
    for name, articles in parts.items():
        for tagged in articles:
            key = tagged.article.id if what == "article" else _words(tagged.article.text)
            if key:
                holders.setdefault(key, {}).setdefault(name, tagged)
    for by_part in holders.values():
        for (one, first), (other, second) in pairwise(by_part.items()):
            ids, texts = (first.article.id, second.article.id), (first.article.text, second.article.text)
            yield Leak(what, (one, other), ids, (_cut(texts[0]), _cut(texts[1])))


def _republished(parts: Mapping[str, Sequence[TaggedArticle]]) -> Iterator[Leak]:
    """Articles of different parts that share most of their sentences."""
    every = [(name, tagged) for name, articles in parts.items() for tagged in articles]
    scored = [[sentence.text for sentence in tagged.sentences if sentence.kind != "boilerplate"] for _, tagged in every]
    for later, earlier, share in duplicates(scored):
        (part, first), (other, second) = every[earlier], every[later]
        if part != other:
            texts = (_cut(first.article.text), _cut(second.article.text))
            yield Leak("duplicate", (part, other), (first.article.id, second.article.id), texts, share)


@dataclass(frozen=True, slots=True)
class _Line:
    """A sentence by its words, and the first article of each part that has it."""

    shingles: _Shingles
    holders: Mapping[str, tuple[str, str]]
    """part → (article's id, the sentence as it stands there)"""


def _alike(parts: Mapping[str, Sequence[TaggedArticle]], likeness: float) -> list[Leak]:
    lines, rank = _lines(parts), {name: place for place, name in enumerate(parts)}
    leaks = [
        leak
        for first, second in _candidates(lines)
        if (share := _jaccard(lines[first].shingles, lines[second].shingles)) >= likeness
        for leak in _leaks_of(lines[first], lines[second], share, rank)
    ]
    return sorted(leaks, key=lambda leak: (-leak.likeness, [rank[name] for name in leak.parts], leak.articles))


def _lines(parts: Mapping[str, Sequence[TaggedArticle]]) -> list[_Line]:
    """The distinct sentences that could be leaks."""
    every = [(name, tagged) for name, articles in parts.items() for tagged in articles]
    clusters = duplicate_clusters([[sentence.text for sentence in tagged.sentences] for _, tagged in every])
    holders: dict[tuple[str, ...], dict[str, tuple[str, str]]] = {}
    carriers: dict[tuple[str, ...], set[int]] = {}
    for (name, tagged), cluster in zip(every, clusters, strict=True):
        for sentence in tagged.sentences:
            words = _words(sentence.text)
            if sentence.kind != "boilerplate" and len(words) >= SHORT:
                holders.setdefault(words, {}).setdefault(name, (tagged.article.id, sentence.text))
                carriers.setdefault(words, set()).add(cluster)
    return [
        _Line(frozenset(zip(*(words[place:] for place in range(SHINGLE)), strict=False)), by_part)
        for words, by_part in holders.items()
        if len(carriers[words]) < COMMON
    ]


def _candidates(lines: Sequence[_Line]) -> list[tuple[int, int]]:
    """Pairs of lines that share a bucket and have holders in different parts, and every line that has two itself."""
    pairs = {(place, place) for place, line in enumerate(lines) if len(line.holders) > 1}
    buckets: dict[tuple[int, bytes], dict[str, deque[int]]] = {}
    for place, (line, signature) in enumerate(zip(lines, _signatures(lines), strict=True)):
        for band in range(_BANDS):
            key = (band, signature[band * _ROWS : (band + 1) * _ROWS].tobytes())
            bucket = buckets.setdefault(key, {})
            for name, earlier in islice(reversed(bucket.items()), REACH):
                if line.holders.keys() != {name}:
                    pairs.update((other, place) for other in earlier)
            for name in line.holders:
                bucket.setdefault(name, deque(maxlen=REACH)).append(place)
    return sorted(pairs)


def _signatures(lines: Sequence[_Line]) -> list[NDArray[np.uint64]]:
    from datasketch import MinHash

    values = [[" ".join(shingle).encode() for shingle in line.shingles] for line in lines]
    return [minhash.hashvalues for minhash in MinHash.bulk(values, num_perm=_BANDS * _ROWS, seed=1)]


def _leaks_of(first: _Line, second: _Line, likeness: float, rank: Mapping[str, int]) -> Iterator[Leak]:
    for one, its in first.holders.items():
        for other, others in second.holders.items():
            if one == other or (first is second and rank[one] > rank[other]):
                continue
            (part, (article, text)), (partner, (twin, near)) = sorted(
                [(one, its), (other, others)], key=lambda holder: rank[holder[0]]
            )
            yield Leak("sentence", (part, partner), (article, twin), (text, near), likeness)


def _jaccard(first: _Shingles, second: _Shingles) -> float:
    both = len(first & second)
    return both / (len(first) + len(second) - both)


def _words(text: str) -> tuple[str, ...]:
    """The words of a text without case and accents."""
    plain = unicodedata.normalize("NFD", text.casefold())
    return tuple(_WORD.findall("".join(char for char in plain if not unicodedata.combining(char))))


def _short(text: str) -> str:
    return f"“{_cut(text)}”"


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
