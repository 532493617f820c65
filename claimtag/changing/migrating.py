"""Many annotated articles to one version of a scheme, each from the version that it names; what changes is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from claimtag.changing.migrations import Migration
from claimtag.changing.routes import Route, find_route
from claimtag.changing.sentences import Losses, migrate
from claimtag.errors import SchemeError
from claimtag.records import SchemeRef, TaggedArticle
from claimtag.scheme import Scheme


class Migrator:
    """Articles, one by one, to the version `after`; the route of each version that they name is looked for once.

    `near` are the folders where old versions may lie, beside those that ship; `given` the version of articles that name
    none. `before` and `said` count labels before and after, `not_asked` and `reread` the sentences that nobody was
    asked the label of, and those of them that carried what it comes from.
    """

    def __init__(
        self, after: Scheme, migrations: Iterable[Migration], *, near: Sequence[Path] = (), given: str | None = None
    ) -> None:
        self.after, self.migrations, self.near, self.given = after, tuple(migrations), near, given
        self.losses = Losses()
        self.articles = 0
        self.before, self.said = Counter[str](), Counter[str]()
        self.not_asked, self.reread = Counter[str](), Counter[str]()
        self._routes: dict[SchemeRef, Route] = {}

    def over(self, articles: Iterable[TaggedArticle]) -> Iterator[TaggedArticle]:
        """The articles migrated."""
        return map(self.article, articles)

    def article(self, tagged: TaggedArticle) -> TaggedArticle:
        """One article migrated; SchemeError says which it is and why it cannot be."""
        migrated = migrate(tagged, self._route(tagged), self.losses)
        self.articles += 1
        for sentence in tagged.sentences:
            self.before.update(sentence.labels)
        for sentence in migrated.sentences:
            self.said.update(sentence.labels)
            self.not_asked.update(sentence.not_asked)
            review = {theme.label for theme in sentence.review}
            self.reread.update(label for label in sentence.not_asked if label in review)
        return migrated

    def check_losses(self, *, allowed: bool) -> None:
        """SchemeError with all that is lost, unless that is allowed."""
        if self.losses and not allowed:
            raise SchemeError(
                f"this loses what no way back restores: {self.losses}; take it with --allow-loss, and keep the old files"
            )

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        counts: Mapping[str, Counter[str]] = {
            "before": self.before,
            "after": self.said,
            "not_asked": self.not_asked,
            "reread": self.reread,
        }
        return {
            "articles": self.articles,
            "to": f"{self.after.name}@{self.after.version}",
            **{name: dict(sorted(held.items())) for name, held in counts.items()},
            "losses": self.losses.to_dict(),
        }

    def report(self) -> str:
        """The labels whose counts changed, as a table ending in a line break."""
        labels = dict.fromkeys((*self.before, *self.after.labels))
        rows = [
            (
                label,
                *(
                    f"{held[label]:,}" if held[label] else "–"
                    for held in (self.before, self.said, self.not_asked, self.reread)
                ),
            )
            for label in labels
            if self.before[label] != self.said[label] or self.not_asked[label]
        ]
        lines = [f"{self.articles:,} article{'s' * (self.articles != 1)} → {self.after.name} {self.after.version}"]
        if rows:
            table = [("label", "before", "after", "not asked", "to be read again"), *rows]
            widths = [max(map(len, column)) for column in zip(*table, strict=True)]
            lines += [
                "  ".join(
                    [
                        f"{first:<{widths[0]}}",
                        *(f"{cell:>{width}}" for cell, width in zip(rest, widths[1:], strict=True)),
                    ]
                )
                for first, *rest in table
            ]
        if self.losses:
            lines.append(f"lost: {self.losses}")
        return "\n".join(lines) + "\n"

    def _route(self, tagged: TaggedArticle) -> Route:
        ref = tagged.scheme
        if ref is None and self.given is not None:
            ref = SchemeRef(self.after.name, self.given)
        if ref is None:
            raise SchemeError(
                f'article "{tagged.article.id}" names no label scheme; say which version it was annotated under with --from'
            )
        if ref not in self._routes:
            try:
                self._routes[ref] = find_route(ref, self.after, migrations=self.migrations, near=self.near)
            except SchemeError as error:
                raise SchemeError(f'article "{tagged.article.id}": {error}') from error
        return self._routes[ref]
