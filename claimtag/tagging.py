"""The tagger: articles in, tagged articles out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice
from pathlib import Path

from claimtag import claims as claim_layer
from claimtag.bundle import Bundle, load_bundle, save_bundle
from claimtag.lexicons import language_of, lexicon
from claimtag.reading import identify_language
from claimtag.records import Article, Claim, Sentence, TaggedArticle
from claimtag.scheme import Scheme, load_scheme
from claimtag.segmenting import normalise, segment
from claimtag.themes import keywords, model_kind
from claimtag.themes.base import ArticleContext, SentenceInArticle, context_of
from claimtag.training.extending import extended

BATCH = 64  # articles scored together: enough for one matrix product, little memory


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a sentence got a score for a theme: the words that weighed most, heaviest first."""

    sentence: Sentence
    label: str
    score: float
    threshold: float | None
    weights: tuple[tuple[str, str, float], ...]
    """(word, where it stands: "sentence" or "article", its weight)."""


class Tagger:
    """A bundle at work.

    >>> tagger = load_tagger("fast")
    >>> tagged = tagger.tag_text("La police a saisi deux tonnes de cannabis au port d'Anvers.")
    >>> tagged.sentences[0].labels
    ('policing', 'drugs')
    """

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self._keywords = keywords.make(bundle.scheme)
        self._not_asked = bundle.not_asked
        self._untrained = tuple(
            f"theme {label}: no data to learn it from, scored by its texts in the scheme; do not rely on it"
            for label in bundle.untrained
        )

    @property
    def scheme(self) -> Scheme:
        return self.bundle.scheme

    def tag(self, articles: Iterable[Article]) -> Iterator[TaggedArticle]:
        """The articles tagged, one by one and in order; what comes out for one does not depend on its neighbours, but
        for the last digits of a score where a model has an encoder.
        """
        stream = iter(articles)
        while batch := list(islice(stream, BATCH)):
            yield from self._tag_batch(batch)

    def tag_text(self, text: str, *, title: str | None = None, lang: str | None = None) -> TaggedArticle:
        """One text tagged."""
        return next(self.tag([Article(id="text", text=text, title=title, lang=lang)]))

    def tag_sentences(self, articles: Iterable[TaggedArticle], *, claims: bool = True) -> Iterator[TaggedArticle]:
        """The articles tagged anew on the sentences that they have, which are not looked for again.

        With `claims=False` no claims are extracted. Sentences without an article: see `as_sentences`.
        """
        stream = iter(articles)
        while batch := list(islice(stream, BATCH)):
            yield from self._tagged(
                [
                    (
                        one.article,
                        tuple(replace(sentence, themes=(), review=(), not_asked=()) for sentence in one.sentences),
                    )
                    for one in batch
                ],
                claims=claims,
            )

    def explain(self, article: Article, *, label: str, most: int = 10) -> tuple[Explanation, ...]:
        """For every sentence of the article that is not boilerplate: what spoke for and against the label."""
        self.scheme.theme(label)
        column = self.bundle.deciding.labels.index(label)
        article, sentences = _segmented(article)
        contexts = context_of(sentences, article)
        scores = self.bundle.deciding.probabilities(self.bundle.model.scores(contexts))
        kept = [sentence for sentence in sentences if sentence.kind != "boilerplate"]
        return tuple(
            Explanation(
                sentence=sentence,
                label=label,
                score=round(float(score), 4),
                threshold=self.bundle.deciding.thresholds[column],
                weights=tuple(model_kind(self.bundle.kind).explain(self.bundle.model, context, label)[:most]),
            )
            for sentence, context, score in zip(kept, contexts, scores[:, column], strict=True)
        )

    def save(self, folder: str | Path) -> Path:
        """Writes the bundle; `load_tagger(folder)` is the inverse."""
        return save_bundle(self.bundle, folder)

    def _tag_batch(self, articles: Sequence[Article]) -> Iterator[TaggedArticle]:
        yield from self._tagged([_segmented(article) for article in articles])

    def _tagged(
        self, segmented: Sequence[tuple[Article, tuple[Sentence, ...]]], *, claims: bool = True
    ) -> Iterator[TaggedArticle]:
        contexts: list[SentenceInArticle] = []
        for article, sentences in segmented:
            contexts += context_of(sentences, article)
        decided = self.bundle.deciding.decide(self.bundle.model.scores(contexts))
        at = 0
        for article, sentences in segmented:
            tagged = []
            for sentence in sentences:
                if sentence.kind == "boilerplate":
                    tagged.append(sentence)
                else:
                    themes, review = decided[at]
                    at += 1
                    # a label that a migration merged of two, one of them not asked, may be said
                    unasked = tuple(one for one in self._not_asked if one not in {theme.label for theme in themes})
                    tagged.append(
                        Sentence(sentence.start, sentence.end, sentence.text, sentence.kind, themes, review, unasked)
                    )
            yield TaggedArticle(
                article=article,
                sentences=tuple(tagged),
                claims=self._claims(article, tagged) if claims else (),
                scheme=self.scheme.ref,
                by=self.bundle.by,
                notes=self._notes(article),
            )

    def _claims(self, article: Article, sentences: Sequence[Sentence]) -> tuple[Claim, ...]:
        """The claims of a tagged article, each with the themes of its sentence.

        Where a sentence holds several claims, a theme goes to those whose content has one of the theme's keywords in
        the scheme; where none has, it goes to all of them.
        """
        if self.bundle.claims is None:
            return ()
        placed = []
        found = claim_layer.extract(article, sentences, self.bundle.claims)
        for number, group in groupby(found, key=lambda claim: claim.sentence):
            together, labels = list(group), sentences[number].labels
            several = len(together) > 1 and labels
            here = [self._pointed_to(one.content.text, article.lang) if several else frozenset() for one in together]
            anywhere = frozenset[str]().union(*here)
            placed += [
                replace(one, themes=tuple(label for label in labels if label in said or label not in anywhere))
                for one, said in zip(together, here, strict=True)
            ]
        return tuple(placed)

    def _pointed_to(self, text: str, lang: str | None) -> frozenset[str]:
        """The themes that the scheme's keywords find in a text."""
        context = ArticleContext(sentences=(normalise(text),), kinds=("body",), lang=lang)
        return frozenset(hit.label for hit in self._keywords.explain(SentenceInArticle(context, 0)))

    def _notes(self, article: Article) -> tuple[str, ...]:
        """What a reader must know before relying on this article's tags."""
        lang, known = article.lang, self.bundle.languages
        if lang is None:
            return ("language not identified", *self._untrained)
        notes = [*self._untrained]
        if known and lang not in known:
            notes.append(f"language {lang}: the model learned from {', '.join(known)} alone; do not rely on the themes")
        if language_of(lang) is None:
            notes.append(f"language {lang}: no lexicon, so segmented by general rules and no claims")
        elif not lexicon(lang, "cues"):
            notes.append(f"language {lang}: no lexicon of cues, so no claims")
        return tuple(notes)


def load_tagger(name: str | Path = "default", *, scheme: Scheme | str | Path | None = None) -> Tagger:
    """The tagger that ships under that name, or that was saved in that folder.

    With a `scheme` that has labels beside those it learned, these are scored by their texts there, see
    `training.extending.extended`; SchemeError where it lacks labels that the tagger learned.
    """
    bundle = load_bundle(name)
    if scheme is None:
        return Tagger(bundle)
    return Tagger(extended(bundle, scheme if isinstance(scheme, Scheme) else load_scheme(scheme)))


def as_sentences(articles: Iterable[Article]) -> Iterator[TaggedArticle]:
    """Articles that are one sentence each, as `Tagger.tag_sentences` takes them: the whole text, be it two sentences.

    >>> (one,) = as_sentences([Article("a", " Oui. Non. ")])
    >>> one.sentences[0].text
    'Oui. Non.'
    """
    for article in articles:
        text = article.text.strip()
        start = article.text.find(text)
        lang = article.lang or identify_language(article.text)
        cut = (Sentence(start, start + len(text), text),) if text else ()
        yield TaggedArticle(replace(article, lang=lang), cut)


def _segmented(article: Article) -> tuple[Article, tuple[Sentence, ...]]:
    """The article with its language identified where it was not given, and its sentences."""
    if article.lang is None and (lang := identify_language(article.text)):
        article = replace(article, lang=lang)
    return article, segment(article)
