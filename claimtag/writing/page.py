"""The HTML page: one file that opens from disk, asks the network for nothing, and shows what was found where.

The texts go into the page as JSON that no browser executes; `page.js` draws one article at a time from it. So that
the browser runs nothing else, the page's own policy names its one style and its one script by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import tomllib
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from claimtag import __version__
from claimtag.records import Sentence, Span, TaggedArticle
from claimtag.scheme import Scheme

TITLE_LENGTH = 160  # characters of an article's first words in the list, where it has no title

_HERE = Path(__file__).parent


def write_page(tagged: Iterable[TaggedArticle], file: BinaryIO, scheme: Scheme | None) -> None:
    """The page with its articles in the order given; the scheme gives names, groups and definitions of themes.

    A browser holds all of it in memory: some ten thousand articles are fine, a million are for Parquet.
    """
    parts = _parts_of_page(scheme)
    before, after = (
        re.sub(r"\{\{(\w+)\}\}", lambda name: parts[name[1]], half)
        for half in _own("page.html").split("{{articles}}\n")
    )
    file.write(before.encode())
    for article in tagged:
        head, body = _json(_head(article)), _json(_body(article))
        # two lines: the list needs all heads at once, a body only when it is opened
        file.write(f'<script type="application/json" class="a">{head}\n{body}</script>\n'.encode())
    file.write(after.encode())


def _parts_of_page(scheme: Scheme | None) -> dict[str, str]:
    script, style = _own("page.js"), _own("page.css")
    words = _words()
    return {
        "policy": f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "base-uri 'none'; form-action 'none'",
        "language": next(iter(words)),
        "version": __version__,
        "style": style,
        "page": _json({"words": words, "groups": _groups(scheme), "themes": _themes(scheme)}),
        "script": script,
    }


def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads(_own("page.toml"))


def _own(name: str) -> str:
    return (_HERE / name).read_text("utf-8")


def _hash(content: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"


def _json(value: Any) -> str:
    # "</script>" and "<!--" would end or bend the element; in JSON "<" may always be written so
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _groups(scheme: Scheme | None) -> list[dict[str, Any]]:
    return [{"id": group.id, "name": dict(group.name)} for group in scheme.groups] if scheme else []


def _themes(scheme: Scheme | None) -> list[dict[str, Any]]:
    return [
        {"id": theme.id, "group": theme.group, "name": dict(theme.name), "definition": theme.definition}
        for theme in (scheme.themes if scheme else ())
    ]


def _head(tagged: TaggedArticle) -> dict[str, Any]:
    """What the list shows and filters by: title, date, source, and how many sentences say or may say each theme."""
    article = tagged.article
    return {
        "id": article.id,
        "title": _title(tagged),
        "date": article.date,
        "source": article.source,
        "lang": article.lang,
        "sentences": sum(sentence.kind != "boilerplate" for sentence in tagged.sentences),
        "tagged": sum(bool(sentence.themes) for sentence in tagged.sentences),
        "unsure": sum(bool(sentence.review) for sentence in tagged.sentences),
        "themes": Counter(label for sentence in tagged.sentences for label in sentence.labels),
        "review": Counter(theme.label for sentence in tagged.sentences for theme in sentence.review),
    }


def _title(tagged: TaggedArticle) -> str:
    if tagged.article.title and tagged.article.title.strip():
        return tagged.article.title
    for kinds in (("title",), ("heading", "body"), ("boilerplate",)):
        for sentence in tagged.sentences:
            if sentence.kind in kinds:
                return sentence.text[:TITLE_LENGTH] + "…" * (len(sentence.text) > TITLE_LENGTH)
    return tagged.article.text.strip()[:TITLE_LENGTH] or tagged.article.id


def _body(tagged: TaggedArticle) -> dict[str, Any]:
    article, scheme = tagged.article, tagged.scheme
    return {
        "title": article.title,
        "url": article.url,
        "by": tagged.by,
        "scheme": f"{scheme.name} {scheme.version}" if scheme else None,
        "licence": tagged.licence,
        "notes": tagged.notes,
        "parts": list(_parts(tagged)),
    }


def _parts(tagged: TaggedArticle) -> Iterator[str | dict[str, Any]]:
    """The whole text in order: sentences with what was said of them, and as bare strings what lies between."""
    text, reached, claimed = tagged.article.text, 0, _claimed(tagged)
    for index, sentence in enumerate(tagged.sentences):
        if sentence.start > reached:
            yield text[reached : sentence.start]
        yield _part(sentence, claimed.get(index, []))
        reached = sentence.end
    if reached < len(text):
        yield text[reached:]


def _claimed(tagged: TaggedArticle) -> dict[int, list[Span]]:
    """The contents of claims by the sentences that they touch."""
    claimed: dict[int, list[Span]] = {}
    starts = [sentence.start for sentence in tagged.sentences]
    for claim in tagged.claims:
        first = max(0, bisect_right(starts, claim.content.start) - 1)
        for index in range(first, bisect_left(starts, claim.content.end)):
            claimed.setdefault(index, []).append(claim.content)
    return claimed


def _part(sentence: Sentence, contents: list[Span]) -> dict[str, Any]:
    part: dict[str, Any] = {"kind": sentence.kind, "text": sentence.text}
    for name, themes in (("themes", sentence.themes), ("review", sentence.review)):
        if themes:
            part[name] = [[theme.label, theme.score] for theme in themes]
    spans = ((max(span.start, sentence.start), min(span.end, sentence.end)) for span in contents)
    claims = [[_utf16(sentence.text[: end - sentence.start]) for end in span] for span in spans if span[0] < span[1]]
    return part | {"claims": claims} if claims else part


def _utf16(text: str) -> int:
    """The length that JavaScript sees: it counts a character beyond the basic plane as two."""
    return len(text.encode("utf-16-le")) // 2
