"""Do labels hold when a text changes in ways that do not change what it speaks of?

A perturbed article is a new article with a text of its own. `perturb` makes one; `stability` tags articles before and
after, and counts the sentences whose labels changed where they should not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from claimtag.errors import OptionError
from claimtag.evaluation.intervals import LEVEL, REPLICATES, Estimate, estimates, ratios
from claimtag.evaluation.metrics import partners
from claimtag.evaluation.rewriting import PERTURBATIONS, Perturbation, check_perturbation, has_lexicon, rewriter
from claimtag.records import Article, Sentence, TaggedArticle

__all__ = ["PERTURBATIONS", "Flip", "LabelStability", "Perturbation", "Perturbed", "Stability", "perturb", "stability"]

_OF_SENTENCES = frozenset({"negation", "frame"})  # they would make no title
Tag: TypeAlias = Callable[[Iterable[Article]], Iterable[TaggedArticle]]

WORST = 3  # flips named for each kind


@dataclass(frozen=True, slots=True)
class Perturbed:
    """A perturbed article. `sentences` has one for each old sentence, in order, with its kind and themes.

    `changed` says of which sentences the text is another.
    """

    article: Article
    sentences: tuple[Sentence, ...]
    changed: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Flip:
    """A sentence whose labels changed although what it speaks of did not."""

    article: str
    kind: Perturbation
    text_before: str
    text_after: str
    labels_before: tuple[str, ...]
    labels_after: tuple[str, ...]
    score: float
    """The highest score of a label that was lost (before) or gained (after)."""


@dataclass(frozen=True, slots=True)
class LabelStability:
    """One label under one kind: `share` is that of flips among the sentences that had it before or after.

    `shift` is the mean change of its score over the `scored` sentences that give it one on both sides, said or to be
    reviewed; None where there are none.
    """

    label: str
    before: int
    lost: int
    gained: int
    share: Estimate
    shift: float | None
    scored: int


@dataclass(frozen=True, slots=True)
class Stability:
    """What one kind of perturbation did: of `sentences` that it changed, `flipped` have other labels.

    `skipped` articles are in a language that has no lexicon for it.
    """

    kind: Perturbation
    articles: int
    skipped: int
    sentences: int
    flipped: int
    share: Estimate
    labels: tuple[LabelStability, ...]
    worst: tuple[Flip, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values: null for what is not defined, with its reason."""
        labels = [asdict(one) | {"share": one.share.to_dict()} for one in self.labels]
        worst = [
            asdict(flip) | {"labels_before": list(flip.labels_before), "labels_after": list(flip.labels_after)}
            for flip in self.worst
        ]
        return asdict(self) | {"share": self.share.to_dict(), "labels": labels, "worst": worst}


def perturb(article: Article, sentences: Sequence[Sentence], kind: Perturbation, *, seed: int = 0) -> Perturbed:
    """The article with all its sentences but boilerplate perturbed; what stands between them stays.

    The title field is perturbed like a sentence, but not negated or framed. The same seed gives the same text.
    OptionError for a kind that there is not, and for one that the article's language has no lexicon for.

    >>> text = "Le ministre est à Rabat. Marie Dupont l'a dit."
    >>> article = Article("a", text, lang="fr")
    >>> sentences = [Sentence(0, 24, text[:24]), Sentence(25, 46, text[25:])]
    >>> for kind in ("accents", "negation", "frame", "names"):
    ...     print(perturb(article, sentences, kind).article.text)
    Le ministre est a Rabat. Marie Dupont l'a dit.
    Le ministre n'est pas à Rabat. Marie Dupont l'a dit.
    Selon une source, le ministre est à Rabat. Marie Dupont l'a dit, d'après ce qui nous a été dit.
    Le ministre est à Rabat. Najat Devreesen l'a dit.
    """
    texts = [sentence.text for sentence in sentences if sentence.kind != "boilerplate"]
    rewrite = rewriter(article, [article.title or "", *texts], kind, seed=seed)
    pieces, moved, changed, at, length = [], [], [], 0, 0
    for index, sentence in enumerate(sentences):
        text = sentence.text if sentence.kind == "boilerplate" else rewrite(sentence.text, index)
        if kind in _OF_SENTENCES and sentence.kind != "body":
            text = sentence.text
        gap = article.text[at : sentence.start]
        start = length + len(gap)
        pieces += [gap, text]
        at, length = sentence.end, start + len(text)
        moved.append(replace(sentence, start=start, end=length, text=text))
        changed.append(text != sentence.text)
    title = article.title
    if title is not None and kind not in _OF_SENTENCES:
        title = rewrite(title, -1)
    new = replace(article, text="".join([*pieces, article.text[at:]]), title=title)
    return Perturbed(new, tuple(moved), tuple(changed))


def stability(
    tag: Tag,
    articles: Iterable[Article],
    kinds: Sequence[Perturbation] = PERTURBATIONS,
    *,
    seed: int = 0,
    worst: int = WORST,
    replicates: int = REPLICATES,
    level: float = LEVEL,
) -> tuple[Stability, ...]:
    """How well the labels of a tagger (`Tagger.tag`) hold, one record a kind, with intervals over articles.

    Only sentences whose own text changed are counted; what they become is the sentence that overlaps them most when the
    new text is segmented and tagged. A negated or reported statement still speaks of its theme, so no kind should
    change any label. OptionError without articles.
    """
    for kind in kinds:
        check_perturbation(kind)
    before = list(tag(articles))
    if not before:
        raise OptionError("there are no articles to perturb; give some")
    labels = sorted({label for tagged in before for label in tagged.themes})
    return tuple(
        _stability(tag, before, labels, kind, seed=seed, worst=worst, replicates=replicates, level=level)
        for kind in kinds
    )


@dataclass(frozen=True, slots=True)
class _Pair:
    """A sentence that was perturbed, before and after."""

    article: int
    before: Sentence
    text: str
    after: Sentence | None


def _stability(
    tag: Tag,
    before: Sequence[TaggedArticle],
    labels: Sequence[str],
    kind: Perturbation,
    *,
    seed: int,
    worst: int,
    replicates: int,
    level: float,
) -> Stability:
    open_to_it = [tagged for tagged in before if has_lexicon(tagged.article, kind)]
    pairs = list(_pairs(tag, open_to_it, kind, seed))
    names = sorted({*labels, *(label for pair in pairs if pair.after for label in pair.after.labels)})
    place_of = {label: place for place, label in enumerate(names, start=1)}
    table = np.zeros((len(open_to_it), len(names) + 1, 2))
    counts = {label: np.zeros(3, dtype=int) for label in names}
    shifts = defaultdict[str, list[float]](list)
    flips = []
    for pair in pairs:
        was, now = set(pair.before.labels), set(pair.after.labels if pair.after else ())
        table[pair.article, 0] += [was != now, 1]
        for label in was | now:
            table[pair.article, place_of[label]] += [(label in was) != (label in now), 1]
            counts[label] += [label in was, label in was - now, label in now - was]
        old, new = _scores(pair.before), _scores(pair.after)
        for label in old.keys() & new.keys():
            shifts[label].append(new[label] - old[label])
        if was != now:
            flips.append(_flip(open_to_it[pair.article].article.id, kind, pair, old, new))
    share, *shares = estimates(
        table,
        lambda sums: ratios(sums[..., 0], sums[..., 1]),
        undefined=["it changed no sentence", *["no sentence that it changed has this label"] * len(names)],
        replicates=replicates,
        seed=seed,
        level=level,
    )
    flips.sort(key=lambda flip: (-len({*flip.labels_before} ^ {*flip.labels_after}), -flip.score))
    return Stability(
        kind=kind,
        articles=len(open_to_it),
        skipped=len(before) - len(open_to_it),
        sentences=len(pairs),
        flipped=len(flips),
        share=share,
        labels=tuple(
            _label(label, counts[label].tolist(), estimate, shifts[label])
            for label, estimate in zip(names, shares, strict=True)
        ),
        worst=tuple(flips[:worst]),
    )


def _label(label: str, counts: Sequence[int], share: Estimate, shifts: Sequence[float]) -> LabelStability:
    before, lost, gained = counts
    shift = sum(shifts) / len(shifts) if shifts else None
    return LabelStability(label, before, lost, gained, share, shift, len(shifts))


def _pairs(tag: Tag, before: Sequence[TaggedArticle], kind: Perturbation, seed: int) -> Iterator[_Pair]:
    """Every sentence that the kind changes, with what became of it."""
    perturbed = [perturb(tagged.article, tagged.sentences, kind, seed=seed) for tagged in before]
    places = [place for place, one in enumerate(perturbed) if any(one.changed)]
    after = list(tag(perturbed[place].article for place in places))
    if [tagged.article.id for tagged in after] != [perturbed[place].article.id for place in places]:
        raise OptionError("the tagger must give back every article it is given, in order")
    for place, tagged in zip(places, after, strict=True):
        one = perturbed[place]
        found = partners(one.sentences, tagged.sentences)
        for old, new, changed, partner in zip(before[place].sentences, one.sentences, one.changed, found, strict=True):
            if changed:
                yield _Pair(place, old, new.text, partner)


def _flip(article: str, kind: Perturbation, pair: _Pair, old: Mapping[str, float], new: Mapping[str, float]) -> Flip:
    was, now = pair.before.labels, pair.after.labels if pair.after else ()
    lost, gained = [label for label in was if label not in now], [label for label in now if label not in was]
    score = max([*(old.get(label, 1.0) for label in lost), *(new.get(label, 1.0) for label in gained)])
    return Flip(article, kind, pair.before.text, pair.text, was, now, score)


def _scores(sentence: Sentence | None) -> dict[str, float]:
    themes = () if sentence is None else (*sentence.themes, *sentence.review)
    return {theme.label: theme.score for theme in themes if theme.score is not None}
