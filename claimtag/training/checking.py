"""What gold must be to be learned from, and a test to be scored with; what examples were too few for."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from claimtag.errors import LeakageError, OptionError, SchemeError, did_you_mean
from claimtag.evaluation import check_scheme
from claimtag.evaluation.metrics import ThemeMetrics
from claimtag.records import TaggedArticle
from claimtag.scheme import Scheme
from claimtag.splits.leakage import shared_articles

CHANCE = 1.64  # standard deviations above chance that answers given at random reach once in twenty times
FEWEST = 10  # sentences of a label below which its figures say nothing
_BY_TEXTS = (
    "; to have it scored by its keywords and examples, train with a version of the scheme that lacks it (gold that names this "
    "version gets there by claimtag labels migrate), and tag with this one: claimtag tag --scheme"
)


def check_gold(gold: Sequence[TaggedArticle], scheme: Scheme) -> None:
    """Refuses gold of another scheme, with labels that the scheme does not have, or with an article twice."""
    counts = Counter(tagged.article.id for tagged in gold)
    for identity, count in counts.most_common(1):
        if count > 1:
            raise OptionError(f'article "{identity}" stands {count} times in the gold; is a file given twice?')
    check_scheme(gold, scheme.ref, what="the gold")
    known = set(scheme.labels)
    for tagged in gold:
        for sentence in tagged.sentences:
            for label in (*sentence.labels, *sentence.not_asked):
                if label not in known:
                    raise SchemeError(
                        f'article "{tagged.article.id}": "{label}" is not a theme of {scheme.name} {scheme.version}'
                        f"{did_you_mean(label, known)}; give the scheme of this gold with --scheme"
                    )


def check_keywords(kind: str, scheme: Scheme) -> None:
    """Refuses to train keywords on a scheme without any: such a model would say the same of everything."""
    if kind == "keywords" and not any(theme.has_keywords for theme in scheme.themes):
        raise OptionError(
            f"{scheme.name} {scheme.version} has no keywords, so a model of them would say the same of everything; write some "
            "(`keywords`) into a scheme and give it with --scheme, or train another kind, such as --model linear"
        )


def check_test(gold: Sequence[TaggedArticle], test: Sequence[TaggedArticle]) -> None:
    """Refuses a test that shares articles, texts or most sentences of an article with the gold: its figures would say
    nothing.
    """
    leaks = shared_articles({"gold": gold, "test": test})
    if leaks:
        count = f"{len(leaks)} articles of the test stand" if len(leaks) > 1 else "1 article of the test stands"
        raise LeakageError(
            f"{count} in the gold too: {leaks[0]}; a test must not be learned from: take them out of one of the two",
            leaks,
        )


def label_warnings(
    examples: Mapping[str, int],
    metrics: ThemeMetrics,
    not_asked: Collection[str] = (),
    described: Collection[str] = (),
) -> Iterator[str]:
    """A warning for every label with few sentences in the gold, or with none among those that the figures are of; and
    one where the figures are those of chance.

    `not_asked` are the labels that no sentence was asked, `described` those with texts that the model could score them
    by if they were new to it.
    """
    for label, count in examples.items():
        instead = _BY_TEXTS if label in described else ""
        if count == 0 and label in not_asked:
            yield f'nobody was asked about "{label}" in this gold: it will be neither said nor denied{instead}'
        elif count == 0:
            yield f'"{label}" has no sentence in the gold: it will never be said{instead}'
        elif metrics.per_label[label].support == 0:
            yield f'"{label}" has {count} sentence{"s" if count > 1 else ""} in the gold and none among those held out: it will never be said'
        elif count < FEWEST:
            yield f'"{label}" has only {count} sentence{"s" if count > 1 else ""} in the gold: do not rely on it'
    yield from _no_better_than_chance(metrics)


def _no_better_than_chance(metrics: ThemeMetrics) -> Iterator[str]:
    """A warning where as many answers would be right if each label were said as often, of sentences drawn at random.

    The number that is right then is hypergeometric for each label; those of several labels are added up.
    """
    count = metrics.sentences
    told = [one for one in metrics.per_label.values() if one.predicted and one.support < count]
    if count < 2 or not told:
        return
    expected = sum(one.predicted * one.support / count for one in told)
    variance = sum(
        one.predicted * one.support * (count - one.support) * (count - one.predicted) / (count**2 * (count - 1))
        for one in told
    )
    right = sum(one.right for one in told)
    if right <= expected + CHANCE * math.sqrt(variance):
        yield (
            "on sentences that were not learned from, labels are told hardly better than by chance, if at all: "
            f"{right:,} right of {sum(one.predicted for one in told):,} said, {expected:,.0f} by chance; add sentences, "
            "and look whether their labels can be told from what they say"
        )
