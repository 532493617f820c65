"""What is known of an article beside its text, as flat strings that tools keep; and the label scheme that they name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from claimtag.errors import SchemeError
from claimtag.records import SchemeRef, TaggedArticle
from claimtag.scheme import Scheme, load_scheme

DEFAULT = "security-cooperation"
ABOUT = ("title", "date", "source", "url", "lang", "licence")


def fields_of(tagged: TaggedArticle) -> dict[str, str]:
    """What is known of an article as flat strings, which tools keep beside the text; `Draft.about` reads them."""
    article, scheme = tagged.article, tagged.scheme
    fields = {name: getattr(article, name) for name in ABOUT if name != "licence"} | {"licence": tagged.licence}
    if scheme is not None:
        fields |= {"scheme": f"{scheme.name}@{scheme.version}", "scheme_sha256": scheme.sha256}
    fields |= {"not_asked": _not_asked_words(tagged)}
    return {"id": article.id} | {name: value for name, value in fields.items() if value is not None}


def is_predicted(tagged: TaggedArticle) -> bool:
    """Whether a model said what stands there: it scores what it says. Tools get that to correct, not as annotation."""
    themes = (theme for one in tagged.sentences for theme in (*one.themes, *one.review))
    return any(one.score is not None for one in themes) or any(claim.score is not None for claim in tagged.claims)


@dataclass
class Schemes:
    """Which label scheme an article follows: the one that was given, the one that it names, or the default."""

    given: Scheme | None = None
    _loaded: dict[str, Scheme | SchemeError] = field(default_factory=dict)

    def of(self, ref: SchemeRef | None) -> Scheme:
        """The scheme; SchemeError where what the article names is not there, or not what was given."""
        if ref is None:
            return self.given or self._load(DEFAULT)
        named = f"{ref.name}@{ref.version}"
        if self.given is None:
            scheme = self._load(named)
        else:
            scheme = self.given
            if (scheme.name, scheme.version) != (ref.name, ref.version):
                raise SchemeError(
                    f"annotated under {named}, not under {scheme.name}@{scheme.version}; give --scheme {named}, "
                    "or carry the annotations over with claimtag labels migrate"
                )
        if ref.sha256 is not None and ref.sha256 != scheme.sha256:
            raise SchemeError(
                f"annotated under {named} with the hash {ref.sha256[:12]}, here it is {scheme.sha256[:12]}"
            )
        return scheme

    def _load(self, name: str) -> Scheme:
        if name not in self._loaded:
            try:
                self._loaded[name] = load_scheme(name)
            except SchemeError as error:
                self._loaded[name] = error
        scheme = self._loaded[name]
        if isinstance(scheme, SchemeError):
            raise scheme
        return scheme


def scheme_ref(about: Mapping[str, Any]) -> SchemeRef | None:
    """The scheme that the fields beside a text name; SchemeError where they name none that could be."""
    named = about.get("scheme")
    if not named:
        return None
    name, sign, version = str(named).partition("@")
    if not sign:
        raise SchemeError(f'the scheme "{name:.60}" has no version; write it as name@1.0.0')
    sha256 = about.get("scheme_sha256")
    return SchemeRef(name, version, str(sha256) if sha256 else None)


def _not_asked_words(tagged: TaggedArticle) -> str | None:
    """Which labels were not asked of which sentences, by where these begin: `drugs: 0 25; justice: 0`."""
    starts: dict[str, list[str]] = {}
    for sentence in tagged.sentences:
        for label in sentence.not_asked:
            starts.setdefault(label, []).append(str(sentence.start))
    return "; ".join(f"{label}: {' '.join(places)}" for label, places in starts.items()) or None


def not_asked_read(words: object) -> dict[int, list[str]]:
    """The inverse of `_not_asked_words`, as labels by the place that a sentence begins at."""
    labels: dict[int, list[str]] = {}
    for part in str(words or "").split(";"):
        label, _, places = part.strip().partition(":")
        for place in places.split():
            if place.isdecimal():
                labels.setdefault(int(place), []).append(label)
    return labels
