"""The HTML page: one file that opens from disk, asks the network for nothing, and shows what was found where.

The texts go into the page as JSON that no browser executes; a script, put together from the `.js` files here, draws one
article at a time from it. So that the browser runs nothing else, the page's own policy names its one style and its one
script by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import tomllib
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from claimtag import __version__
from claimtag.errors import OptionError
from claimtag.records import MODES, TYPES, Claim, Sentence, Span, TaggedArticle
from claimtag.scheme import Choice, Scheme
from claimtag.writing.claims import themes_of, who

TITLE_LENGTH = 160  # characters of an article's first words in the list, where it has no title
# one script for the browser, in this order: a file's constants may need those of the files before it
SCRIPTS = ("basics", "themes", "search", "claims", "list", "reader", "sentences", "saying", "address", "keys")

_HERE = Path(__file__).parent


def write_page(
    tagged: Iterable[TaggedArticle], file: BinaryIO, scheme: Scheme | None, *, tiers: Mapping[str, str] | None = None
) -> None:
    """The page with its articles in the order given; the scheme gives themes their names and groups, `tiers` badges.

    A browser holds all of it in memory: some ten thousand articles are fine, a million are for Parquet.
    """
    parts = _parts_of_page(scheme, tiers or {})
    before, after = (
        re.sub(r"\{\{(\w+)\}\}", lambda name: parts[name[1]], half)
        for half in _own("page.html").split("{{articles}}\n")
    )
    file.write(before.encode())
    for article in tagged:
        # three lines: the list needs all heads at once, "who says what" all claims, a body is for when it is opened
        block = "\n".join(map(_json, (_head(article), _claims(article), _body(article))))
        file.write(f'<script type="application/json" class="a">{block}</script>\n'.encode())
    file.write(after.encode())


def _parts_of_page(scheme: Scheme | None, tiers: Mapping[str, str]) -> dict[str, str]:
    script, style = "\n".join(_own(f"{name}.js") for name in SCRIPTS), _own("page.css")
    words = _words()
    _check_tiers(tiers, words["en"])
    claims = scheme.claims if scheme else None
    page = {
        "words": words,
        "groups": _groups(scheme),
        "themes": _themes(scheme),
        "tiers": dict(tiers),
        "types": _choices(TYPES, claims.types if claims else ()),
        "modes": _choices(MODES, claims.modes if claims else ()),
    }
    return {
        "policy": f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "base-uri 'none'; form-action 'none'",
        "language": next(iter(words)),
        "version": __version__,
        "style": style,
        "page": _json(page),
        "script": script,
    }


def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads(_own("words.toml"))


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


def _choices(ids: tuple[str, ...], choices: tuple[Choice, ...]) -> list[dict[str, Any]]:
    """A claim's types or modes with their names, in the scheme's order; all of them, whatever the scheme leaves out."""
    named = [{"id": choice.id, "name": dict(choice.name), "definition": choice.definition} for choice in choices]
    left = [one for one in ids if one not in {choice.id for choice in choices}]
    return named + [{"id": one, "name": {}, "definition": ""} for one in left]


def _check_tiers(tiers: Mapping[str, str], words: Mapping[str, str]) -> None:
    known = [name.removeprefix("tier_") for name in words if name.startswith("tier_")]
    for label, tier in tiers.items():
        if tier not in known:
            raise OptionError(f'the tier of "{label}" is one of {", ".join(known)}, not {tier!r}')


def _head(tagged: TaggedArticle) -> dict[str, Any]:
    """What the list shows and filters by: title, date, source, and how many sentences and claims say each theme."""
    article = tagged.article
    return {
        "id": article.id,
        "title": _title(tagged),
        "date": article.date,
        "source": article.source,
        "lang": article.lang,
        "claims": len(tagged.claims),
        "sentences": sum(sentence.kind != "boilerplate" for sentence in tagged.sentences),
        "tagged": sum(bool(sentence.themes) for sentence in tagged.sentences),
        "unsure": sum(bool(sentence.review) for sentence in tagged.sentences),
        "themes": Counter(label for sentence in tagged.sentences for label in sentence.labels),
        "review": Counter(theme.label for sentence in tagged.sentences for theme in sentence.review),
        "claimed": Counter(label for claim in tagged.claims for label in themes_of(claim, tagged)),
    }


def _title(tagged: TaggedArticle) -> str:
    if tagged.article.title and tagged.article.title.strip():
        return tagged.article.title
    for kinds in (("title",), ("heading", "body"), ("boilerplate",)):
        for sentence in tagged.sentences:
            if sentence.kind in kinds:
                return sentence.text[:TITLE_LENGTH] + "…" * (len(sentence.text) > TITLE_LENGTH)
    return tagged.article.text.strip()[:TITLE_LENGTH] or tagged.article.id


def _claims(tagged: TaggedArticle) -> list[dict[str, Any]]:
    """What "who says what" lists, in the order of the text."""
    return [_claim(claim, tagged) for claim in _ordered(tagged)]


def _ordered(tagged: TaggedArticle) -> list[Claim]:
    return sorted(tagged.claims, key=lambda claim: (claim.sentence, claim.content.start))


def _claim(claim: Claim, tagged: TaggedArticle) -> dict[str, Any]:
    return {
        "sentence": claim.sentence,
        "type": claim.type,
        "mode": claim.mode,
        "who": who(claim),
        "status": claim.source.status if claim.source else None,
        "speaker": claim.speaker.text if claim.speaker else None,
        "cue": claim.cue.text if claim.cue else None,
        "content": claim.content.text,
        "themes": themes_of(claim, tagged),
    }


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
    text, reached, marks = tagged.article.text, 0, _marks(tagged)
    for index, sentence in enumerate(tagged.sentences):
        if sentence.start > reached:
            yield text[reached : sentence.start]
        yield _part(sentence, marks.get(index, []))
        reached = sentence.end
    if reached < len(text):
        yield text[reached:]


_Mark = tuple[Span, str, int]  # what is marked, as what, and the place of its claim in "who says what"


def _marks(tagged: TaggedArticle) -> dict[int, list[_Mark]]:
    """The spans of claims by the sentences that they touch."""
    marks: dict[int, list[_Mark]] = {}
    starts = [sentence.start for sentence in tagged.sentences]
    for number, claim in enumerate(_ordered(tagged)):
        for role, span in (("content", claim.content), ("cue", claim.cue), ("speaker", claim.speaker)):
            if span is not None:
                first = max(0, bisect_right(starts, span.start) - 1)
                for index in range(first, bisect_left(starts, span.end)):
                    marks.setdefault(index, []).append((span, role, number))
    return marks


def _part(sentence: Sentence, marks: list[_Mark]) -> dict[str, Any]:
    part: dict[str, Any] = {"kind": sentence.kind, "text": sentence.text}
    for name, themes in (("themes", sentence.themes), ("review", sentence.review)):
        if themes:
            part[name] = [[theme.label, theme.score] for theme in themes]
    if found := list(_clipped(sentence, marks)):
        part["marks"] = found
    return part


def _clipped(sentence: Sentence, marks: list[_Mark]) -> Iterator[list[Any]]:
    """What lies of the marks inside the sentence, in JavaScript's offsets: one beyond the first plane counts two."""
    wide = [match.start() for match in re.finditer("[\U00010000-\U0010ffff]", sentence.text)] if marks else []
    for span, role, number in marks:
        start, end = (min(max(0, at - sentence.start), len(sentence.text)) for at in (span.start, span.end))
        if start < end:  # it may lie in the gap before
            yield [*(at + bisect_left(wide, at) for at in (start, end)), role, number]
