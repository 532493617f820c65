"""What a format did not carry: records before and after a round trip, compared part by part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from claimtag.records import Claim, Sentence, TaggedArticle


def losses(before: Iterable[TaggedArticle], after: Iterable[TaggedArticle]) -> dict[str, int]:
    """How many parts of each kind are missing or other than they were; empty where nothing was lost.

    A claim that is missing counts once, not its cue, speaker and source too.

    >>> from claimtag.records import Article
    >>> one = TaggedArticle(Article("a", "Rabat se tait.", date="2018-04-10"), ())
    >>> losses([one], [TaggedArticle(Article("a", "Rabat se tait."), ())])
    {'date of an article': 1}
    """
    there, lost = {tagged.article.id: tagged for tagged in after}, Counter[str]()
    for tagged in before:
        other = there.get(tagged.article.id)
        if other is None:
            lost["article"] += 1
            continue
        _compare(_about(tagged), _about(other), lost)
        _sentences(tagged, other, lost)
        _claims(tagged, other, lost)
    return dict(sorted(lost.items()))


def _about(tagged: TaggedArticle) -> Mapping[str, object]:
    article, scheme = tagged.article, tagged.scheme
    fields = {name: getattr(article, name) for name in ("text", "title", "date", "source", "url", "lang")}
    named = {
        "scheme": (scheme.name, scheme.version) if scheme else None,
        "hash of the scheme": scheme and scheme.sha256,
    }
    others = {**named, "annotator": tagged.by, "licence": tagged.licence, "notes": tagged.notes}
    return {f"{name} of an article": value for name, value in (fields | others).items()}


def _compare(wanted: Mapping[str, object], found: Mapping[str, object], lost: Counter[str]) -> None:
    lost.update(name for name, value in wanted.items() if value and found[name] != value)


def _sentences(before: TaggedArticle, after: TaggedArticle, lost: Counter[str]) -> None:
    there = {(one.start, one.end): one for one in after.sentences}
    for sentence in before.sentences:
        other = there.get((sentence.start, sentence.end))
        if other is None:
            lost["sentence"] += 1
            continue
        lost["kind of a sentence"] += sentence.kind != other.kind
        lost["theme"] += len(set(sentence.labels) ^ set(other.labels))
        lost["score of a theme"] += len(_scores(sentence) - _scores(other))
        lost["label not asked"] += len(set(sentence.not_asked) - set(other.not_asked))
        lost["theme for review"] += len({one.label for one in sentence.review} - {one.label for one in other.review})
    for name in [name for name, number in lost.items() if not number]:
        del lost[name]


def _scores(sentence: Sentence) -> set[object]:
    return {theme for theme in sentence.themes if theme.score is not None}


def _claims(before: TaggedArticle, after: TaggedArticle, lost: Counter[str]) -> None:
    waiting: dict[tuple[int, int], list[Claim]] = {}
    for claim in after.claims:
        waiting.setdefault((claim.content.start, claim.content.end), []).append(claim)
    for claim in before.claims:
        others = waiting.get((claim.content.start, claim.content.end))
        if not others:
            lost["claim"] += 1
            continue
        other = max(others, key=lambda one: _alike(claim, one))
        others.remove(other)
        _compare(_parts(claim), _parts(other), lost)


def _alike(one: Claim, other: Claim) -> int:
    parts = _parts(other)
    return sum(parts[name] == value for name, value in _parts(one).items())


def _parts(claim: Claim) -> Mapping[str, object]:
    names = ("type", "mode", "cue", "speaker", "source", "themes", "score", "rule")
    return {f"{name} of a claim": getattr(claim, name) for name in names}
