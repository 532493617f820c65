"""What a run of the tagger found, counted while it streams by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from claimtag.records import TaggedArticle
from claimtag.scheme import Scheme

_COUNTERS = ("kinds", "sentences", "in_articles", "reviews", "notes")


@dataclass(slots=True)
class Summary:
    """Counts over tagged articles: sentences by kind, and for each theme its sentences, articles and review marks."""

    articles: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    sentences: Counter[str] = field(default_factory=Counter)
    in_articles: Counter[str] = field(default_factory=Counter)
    reviews: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)

    def over(self, tagged: Iterable[TaggedArticle]) -> Iterator[TaggedArticle]:
        """The same articles, counted as they pass."""
        for article in tagged:
            self.articles += 1
            self.notes.update(article.notes)
            self.in_articles.update(article.themes)
            for sentence in article.sentences:
                self.kinds[sentence.kind] += 1
                self.sentences.update(sentence.labels)
                self.reviews.update(theme.label for theme in sentence.review)
            yield article

    def add(self, other: Mapping[str, Any]) -> None:
        """Adds the counts of another summary, given as `to_dict` gave them."""
        self.articles += other["articles"]
        for name in _COUNTERS:
            getattr(self, name).update(other[name])

    def to_dict(self) -> dict[str, Any]:
        """The counts as plain JSON values."""
        return {"articles": self.articles} | {name: dict(getattr(self, name)) for name in _COUNTERS}

    def table(self, scheme: Scheme, *, tiers: Mapping[str, str], lang: str = "en") -> str:
        """The counts as aligned text, themes in the scheme's order with their tiers, those never said left out."""
        names = {theme.id: theme.name.get(lang) or next(iter(theme.name.values())) for theme in scheme.themes}
        said = [label for label in scheme.labels if self.sentences[label] or self.reviews[label]]
        width = max([len(names[label]) for label in said] + [5])
        lines = [f"{'theme':<{width}}  sentences  articles  to review  tier"] if said else ["no themes found"]
        for label in said:
            counts = f"{self.sentences[label]:9,}  {self.in_articles[label]:8,}  {self.reviews[label]:9,}"
            lines.append(f"{names[label]:<{width}}  {counts}  {tiers[label]:>4}")
        kept = sum(self.kinds.values()) - self.kinds["boilerplate"]
        pieces = ", ".join(
            [_count(self.articles, "article"), _count(kept, "sentence"), _count(self.kinds["boilerplate"], "piece")]
        )
        notes = [f"note on {_count(count, 'article')}: {note}" for note, count in self.notes.most_common(5)]
        meaning = "tier: how far to rely on a theme: A use, B explore, C do not rely on"
        return "\n".join([*lines, "", *([meaning] if said else []), f"{pieces} of boilerplate set aside", *notes])


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}" + ("" if number == 1 else "s")
