"""Hypothesis strategies: articles with messy texts, and valid tagged articles with everything a record can hold."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from claimtag.records import (
    KINDS,
    MODES,
    STATUSES,
    TYPES,
    Article,
    Claim,
    Kind,
    SchemeRef,
    Sentence,
    Source,
    Span,
    TaggedArticle,
    Theme,
)

LABELS = ("counterterrorism", "drugs", "justice", "politics", "western_sahara")

# what the press brings: quotes, dashes, no-break spaces, line ends, CSV's and HTML's own signs, accents apart, emoji
_PRESS = "aéÈœ ’'-–«»“”\"<&>;,\t|\n\r.!?:%()0129\u00a0\u202f\u00ad\u2028e\u0301😀𝄞اם中"
_WORDS = (
    "Selon",
    "Rabat",
    "le ministre",
    "M. Alaoui",
    "a déclaré",
    "art. 12",
    "n° 5",
    "J.-C.",
    "À lire aussi",
    "http://a.be/?b=1&c",
)


def strings(*, min_size: int = 1, max_size: int = 40) -> st.SearchStrategy[str]:
    """Strings that a file can hold: any character but NUL and half a surrogate pair."""
    anything = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    return st.one_of(
        st.text(st.sampled_from(_PRESS), min_size=min_size, max_size=max_size),
        st.lists(st.sampled_from(_WORDS), min_size=1, max_size=4).map(" ".join),
        st.text(anything, min_size=min_size, max_size=max_size),
    )


def names() -> st.SearchStrategy[str]:
    """Strings that say something: not white space alone, and none around."""
    return strings(max_size=20).map(str.strip).filter(bool)


@st.composite
def articles(draw: st.DrawFn, *, text: st.SearchStrategy[str] | None = None) -> Article:
    """An article whose text is not blank; its other fields are there or not."""
    maybe = st.none() | names()
    return Article(
        id=draw(names()),
        text=draw(strings(max_size=120).filter(str.strip) if text is None else text),
        title=draw(maybe),
        date=draw(st.none() | st.dates().map(str)),
        source=draw(maybe),
        url=draw(maybe),
        lang=draw(st.none() | st.sampled_from(["fr", "nl", "ar"])),
    )


def article_lists(*, min_size: int = 0, max_size: int = 6) -> st.SearchStrategy[list[Article]]:
    """Articles with ids of their own."""
    return st.lists(articles(), min_size=min_size, max_size=max_size, unique_by=lambda article: article.id)


def scored(articles: list[TaggedArticle]) -> bool:
    """Whether anything can be measured on these: a sentence that is not boilerplate."""
    return any(sentence.kind != "boilerplate" for tagged in articles for sentence in tagged.sentences)


@st.composite
def tagged_articles(
    draw: st.DrawFn,
    *,
    labels: Sequence[str] = LABELS,
    scores: bool | None = None,
    claims: bool = True,
    not_asked: bool = False,
) -> TaggedArticle:
    """A valid tagged article: sentences of all kinds with gaps between, themes, review, claims, sources.

    `scores=True` makes a prediction (every theme scored), `False` gold (none), None either, theme by theme; with
    `not_asked` sentences may list labels that nobody looked for.
    """
    sentences: list[Sentence] = []
    text = draw(st.sampled_from(["", " ", "\n\n"]))
    for body in draw(st.lists(names(), min_size=1, max_size=4)):
        kind: Kind = draw(st.sampled_from(KINDS))
        themes: tuple[Theme, ...] = ()
        review: tuple[Theme, ...] = ()
        unasked: list[str] = []
        if kind != "boilerplate":
            themes = draw(_themes(labels, scores))
            rest = [label for label in labels if label not in {theme.label for theme in themes}]
            review = draw(_themes(rest, scores)) if rest and scores is not False else ()
            if not_asked and rest:
                unasked = draw(st.lists(st.sampled_from(rest), max_size=2, unique=True))
        start = len(text)
        text += body
        sentences.append(Sentence(start, len(text), body, kind, themes, review, tuple(unasked)))
        text += draw(st.sampled_from([" ", "\n", "\u00a0", "", " | ", "\r\n\r\n"]))
    speaking = [index for index, sentence in enumerate(sentences) if sentence.kind != "boilerplate"]
    some_claims = []
    if claims and speaking:
        some_claims = draw(st.lists(_claims(text, tuple(sentences), speaking, labels), max_size=3))
    hashes = st.none() | st.just("0" * 64)
    return TaggedArticle(
        article=draw(articles(text=st.just(text))),
        sentences=tuple(sentences),
        claims=tuple(some_claims),
        scheme=draw(st.none() | st.builds(SchemeRef, st.just("test-scheme"), st.just("1.0.0"), hashes)),
        by=draw(st.none() | names()),
        licence=draw(st.none() | st.sampled_from(["CC0", "CC BY 2.5"])),
        notes=tuple(draw(st.lists(names(), max_size=2))),
    )


@st.composite
def _themes(draw: st.DrawFn, labels: Sequence[str], scores: bool | None) -> tuple[Theme, ...]:
    some = draw(st.lists(st.sampled_from(labels), max_size=3, unique=True))
    score = st.floats(0, 1)
    drawn = {None: st.none() | score, True: score, False: st.none()}[scores]
    return tuple(Theme(label, draw(drawn)) for label in some)


@st.composite
def _spans(draw: st.DrawFn, text: str, start: int, end: int) -> Span:
    begin = draw(st.integers(start, end - 1))
    until = draw(st.integers(begin + 1, end))
    return Span(begin, until, text[begin:until])


@st.composite
def _sources(draw: st.DrawFn, text: str) -> Source:
    status = draw(st.sampled_from(STATUSES))
    name = None if status == "unresolved" else draw(names())
    return Source(name, status, draw(st.none() | _spans(text, 0, len(text))))


@st.composite
def _claims(
    draw: st.DrawFn, text: str, sentences: tuple[Sentence, ...], speaking: list[int], labels: Sequence[str]
) -> Claim:
    index = draw(st.sampled_from(speaking))
    sentence = sentences[index]
    inside = _spans(text, sentence.start, sentence.end)
    mode = draw(st.sampled_from(MODES))
    authorial = mode == "authorial"
    return Claim(
        sentence=index,
        type=draw(st.sampled_from(TYPES)),
        mode=mode,
        content=draw(inside),
        cue=None if authorial else draw(st.none() | inside),
        speaker=None if authorial else draw(st.none() | inside),
        source=None if authorial else draw(st.none() | _sources(text)),
        themes=tuple(draw(st.lists(st.sampled_from(labels), max_size=2, unique=True))),
        score=draw(st.none() | st.floats(0, 1)),
        rule=draw(st.none() | st.just("preposition:selon")),
    )
