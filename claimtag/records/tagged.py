"""An article with its sentences and claims, checked as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from claimtag.errors import RecordError
from claimtag.records import converting
from claimtag.records.parts import Article, Claim, SchemeRef, Sentence, Span


@dataclass(frozen=True, slots=True)
class TaggedArticle:
    """An article with its sentences and claims, by a tagger or (gold) by an annotator.

    >>> from claimtag.records import Theme
    >>> article = Article("a", "Selon Rabat, tout va bien.")
    >>> sentence = Sentence(0, 26, article.text, themes=(Theme("diplomacy", 0.9),))
    >>> TaggedArticle(article, (sentence,)).sentences[0].labels
    ('diplomacy',)
    >>> TaggedArticle(article, (Sentence(0, 5, "selon"),))
    Traceback (most recent call last):
    claimtag.errors.RecordError: article "a": sentence 0–5 says 'selon', the text there says 'Selon'
    """

    article: Article
    sentences: tuple[Sentence, ...]
    claims: tuple[Claim, ...] = ()
    scheme: SchemeRef | None = None
    by: str | None = None
    licence: str | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, value in (("by", self.by), ("licence", self.licence), *(("notes", note) for note in self.notes)):
            if value is not None and not isinstance(value, str):
                raise RecordError(f'article "{self.article.id}": {name} must be text, not {value!r:.60}')
        where, text, reached = f'article "{self.article.id}"', self.article.text, 0
        for sentence in self.sentences:
            _check_slice(where, "sentence", sentence, text)
            if sentence.start < reached:
                raise RecordError(
                    f"{where}: sentence {sentence.start}–{sentence.end} overlaps the one before it, or stands before it"
                )
            reached = sentence.end
        for claim in self.claims:
            _check_claim(where, claim, self)

    @property
    def themes(self) -> tuple[str, ...]:
        """The labels said of any sentence, most frequent first, then by name."""
        counts: dict[str, int] = {}
        for sentence in self.sentences:
            for label in sentence.labels:
                counts[label] = counts.get(label, 0) + 1
        return tuple(sorted(counts, key=lambda label: (-counts[label], label)))

    def to_dict(self) -> dict[str, Any]:
        """The output record as plain JSON values; `from_dict` is its inverse."""
        article, scheme = self.article, self.scheme
        record: dict[str, Any] = {
            "id": article.id,
            "title": article.title,
            "date": article.date,
            "source": article.source,
            "url": article.url,
            "lang": article.lang,
            "text": article.text,
            "scheme": None
            if scheme is None
            else {"name": scheme.name, "version": scheme.version, "sha256": scheme.sha256},
            "by": self.by,
            "sentences": [converting.sentence_to_dict(sentence) for sentence in self.sentences],
            "claims": [converting.claim_to_dict(claim) for claim in self.claims],
        }
        if self.licence is not None:
            record["licence"] = self.licence
        if self.notes:
            record["notes"] = list(self.notes)
        return record

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> TaggedArticle:
        """The record read back, gold or prediction; RecordError names the article and what is wrong."""
        identity = record.get("id")
        try:
            return cls(**converting.tagged_fields(record))
        except RecordError as error:
            if str(error).startswith(("article ", "an article")):
                raise
            raise RecordError(f'article "{identity}": {error}') from error
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            what = f"field {error} is missing" if isinstance(error, KeyError) else str(error)
            raise RecordError(f'article "{identity}": not a record of sentences and claims: {what}') from error


def _check_slice(where: str, what: str, span: Span | Sentence, text: str) -> None:
    found = text[span.start : span.end]
    if found != span.text:
        if span.end > len(text):
            raise RecordError(
                f"{where}: {what} {span.start}–{span.end} lies outside the text of {len(text)} characters"
            )
        raise RecordError(f"{where}: {what} {span.start}–{span.end} says {span.text!r}, the text there says {found!r}")


def _check_claim(where: str, claim: Claim, tagged: TaggedArticle) -> None:
    text, sentences = tagged.article.text, tagged.sentences
    source_span = claim.source.span if claim.source else None
    for what, span in (
        ("content", claim.content),
        ("cue", claim.cue),
        ("speaker", claim.speaker),
        ("source", source_span),
    ):
        if span is not None:
            _check_slice(where, what, span, text)
    if not 0 <= claim.sentence < len(sentences):
        raise RecordError(f"{where}: a claim names sentence {claim.sentence}, there are {len(sentences)}")
    sentence, middle = sentences[claim.sentence], (claim.content.start + claim.content.end) // 2
    if not sentence.start <= middle < sentence.end:
        raise RecordError(
            f"{where}: claim {claim.content.start}–{claim.content.end} names sentence {claim.sentence} "
            f"({sentence.start}–{sentence.end}), which does not hold the middle of its content"
        )
    if sentence.kind == "boilerplate":
        raise RecordError(f"{where}: claim {claim.content.start}–{claim.content.end} lies in boilerplate")
    speaker = claim.speaker
    if speaker is not None and not sentence.start <= speaker.start < speaker.end <= sentence.end:
        raise RecordError(
            f"{where}: speaker {speaker.start}–{speaker.end} lies outside the claim's sentence; "
            "only a source may stand elsewhere"
        )
