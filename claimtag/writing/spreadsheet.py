"""CSV for spreadsheets: one sentence a row, or one claim a row."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from typing import BinaryIO

from claimtag.errors import OptionError
from claimtag.records import Claim, Sentence, TaggedArticle, Theme
from claimtag.scheme import Scheme
from claimtag.writing.claims import headline, themes_of

COLUMNS = ("id", "date", "source", "title", "sentence", "start", "end", "kind", "text", "themes", "review")
CLAIM_COLUMNS = (
    *("id", "date", "article_source", "url", "title", "sentence", "type", "mode", "speaker", "source", "status", "cue"),
    *("content", "themes", "score", "rule", "start", "end", "sentence_text"),
)
# not only where a cell begins: Excel in French, among others, cuts rows at semicolons, and quotes do not stop it there
_FORMULA = re.compile(r"^(?=[=+\-@\t\r\n＝＋－＠])|(?<=[;\t\r\n])(?=[=+\-@＝＋－＠])")
NOT_ASKED = "not asked"  # words, which a spreadsheet neither counts as numbers nor averages
BOM = "\ufeff"  # without it Excel reads UTF-8 as the machine's old code page


def write_csv(tagged: Iterable[TaggedArticle], file: BinaryIO, scheme: Scheme | None) -> None:
    """UTF-8 with a byte order mark, commas, one row a sentence; an article without sentences has no row.

    `sentence` counts from 0 within its article, `start` and `end` are characters of its text. `themes` and `review`
    join labels with "; ". With a scheme follows one column a theme, in the codebook's order: the score where
    the sentence carries the theme (1 where the annotation has no score, as in gold), `not asked` where nobody looked
    for it, else empty, so that counting the numbers of a column and averaging them mean what they say. A theme called
    as another column is (`id`, `text`, `review`, …) has the column `theme_id` and so on. What a spreadsheet would take
    for a formula gets an apostrophe in front.
    """
    labels = scheme.labels if scheme is not None else ()
    file.write((BOM + _lines([(*COLUMNS, *_columns(labels))])).encode())
    for article in tagged:
        if scheme is not None:
            _check_labels(article, scheme)
        file.write(_lines(_rows(article, labels)).encode())


def write_claims_csv(tagged: Iterable[TaggedArticle], file: BinaryIO, scheme: Scheme | None) -> None:
    """As `write_csv`, one row a claim; an article without claims has no row.

    `sentence` counts from 0 within its article, `start` and `end` of the content are characters of its text. `speaker`
    is who the sentence names, `source` and `status` who that is in the article; all three are empty for the author's
    own claims. `title` is the title field, or else the title in the text.
    """
    file.write((BOM + _lines([CLAIM_COLUMNS])).encode())
    for article in tagged:
        file.write(_lines(_claim_row(claim, article) for claim in article.claims).encode())


def _claim_row(claim: Claim, tagged: TaggedArticle) -> tuple[object, ...]:
    article, source = tagged.article, claim.source
    cells: tuple[str | float | None, ...] = (
        *(article.id, article.date, article.source, article.url, headline(tagged)),
        *(claim.sentence, claim.type, claim.mode),
        claim.speaker.text if claim.speaker else None,
        *((source.name, source.status) if source else (None, None)),
        claim.cue.text if claim.cue else None,
        claim.content.text,
        "; ".join(themes_of(claim, tagged)),
        *(claim.score, claim.rule, claim.content.start, claim.content.end),
        tagged.sentences[claim.sentence].text,
    )
    return tuple(_harmless(cell) if isinstance(cell, str) else cell for cell in cells)


def _rows(tagged: TaggedArticle, labels: tuple[str, ...]) -> Iterable[tuple[object, ...]]:
    article = tagged.article
    about = tuple(_harmless(value or "") for value in (article.id, article.date, article.source, article.title))
    for index, sentence in enumerate(tagged.sentences):
        text = _harmless(sentence.text)
        themes, review = _joined(sentence.themes), _joined(sentence.review)
        yield (
            *about,
            index,
            sentence.start,
            sentence.end,
            sentence.kind,
            text,
            themes,
            review,
            *_scores(sentence, labels),
        )


def _columns(labels: tuple[str, ...]) -> Iterable[str]:
    """A name for the column of each label, none twice and none that another column has."""
    for label in labels:
        name = label
        while name in COLUMNS or (name != label and name in labels):
            name = f"theme_{name}"
        yield name


def _scores(sentence: Sentence, labels: tuple[str, ...]) -> Iterable[object]:
    scores = {theme.label: 1 if theme.score is None else theme.score for theme in sentence.themes}
    return (scores.get(label, NOT_ASKED if label in sentence.not_asked else "") for label in labels)


def _joined(themes: tuple[Theme, ...]) -> str:
    return _harmless("; ".join(theme.label for theme in themes))


def _harmless(text: str) -> str:
    # OWASP's list for CSV injection: a spreadsheet runs a cell that begins so; in East Asian settings wide forms too
    return _FORMULA.sub("'", text)


def _lines(rows: Iterable[tuple[object, ...]]) -> str:
    lines = io.StringIO(newline="")
    csv.writer(lines).writerows(rows)
    return lines.getvalue()


def _check_labels(tagged: TaggedArticle, scheme: Scheme) -> None:
    for label in tagged.themes:
        if label not in scheme.labels:
            raise OptionError(
                f'article "{tagged.article.id}" carries the theme "{label}", which {scheme.name} {scheme.version} does '
                "not have; give the scheme that it was tagged with"
            )
