"""What the outputs say of a claim beyond its record: who it goes by, its themes, and the article's headline."""

from __future__ import annotations

from claimtag.records import Claim, TaggedArticle


def who(claim: Claim) -> str | None:
    """The name that the claim goes by: its source's, or where no source was looked for, the words of its speaker.

    None where the source is unresolved, where nobody is named, and for the author's own claims.
    """
    if claim.source is not None:
        return claim.source.name
    return claim.speaker.text if claim.speaker is not None else None


def themes_of(claim: Claim, tagged: TaggedArticle) -> tuple[str, ...]:
    """The claim's themes; where an annotator left them open, those of its sentence."""
    if claim.themes or claim.score is not None:  # a model that found none in the content means it
        return claim.themes
    return tagged.sentences[claim.sentence].labels


def headline(tagged: TaggedArticle) -> str | None:
    """The article's title: the field, or else the title that stands in the text."""
    if tagged.article.title and tagged.article.title.strip():
        return tagged.article.title
    return next((sentence.text for sentence in tagged.sentences if sentence.kind == "title"), None)
