"""Annotations migrated: each step does to a sentence what its rule says, and loses nothing that is not counted."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scheme_strategies import REVERSIBLE, plain_schemes, press, scheme_after, schemes, steps
from strategies import tagged_articles

from claimtag.changing import Losses, Route, Step, find_route, migrate
from claimtag.changing.migrations import Migration
from claimtag.changing.sentences import NOTHING, Mark, labels_by, marks_by
from claimtag.errors import SchemeError
from claimtag.records import Article, Claim, Sentence, Span, TaggedArticle, Theme
from claimtag.scheme import Scheme

SAID, NONE, UNASKED = Mark(said=True), NOTHING, Mark(asked=False)
REVIEW, REREAD = Mark(review=True, score=0.4), Mark(review=True, asked=False)
MERGE = Step("merge", labels=("a", "b"), to="c")


@pytest.mark.parametrize(
    ("a", "b", "merged"),
    [
        (SAID, NONE, SAID),
        (SAID, UNASKED, SAID),
        (NONE, NONE, NONE),
        (NONE, UNASKED, UNASKED),
        (UNASKED, UNASKED, UNASKED),
        (REVIEW, NONE, REVIEW),
        (REVIEW, UNASKED, Mark(review=True, score=0.4, asked=False)),
        (REREAD, REREAD, REREAD),
        (Mark(True, score=0.9), Mark(True, score=0.7), Mark(True, score=0.9)),
        (Mark(True, score=0.6), Mark(review=True, score=0.7), Mark(True, score=0.6)),
    ],
)
def test_a_merged_label_is_said_where_one_was_and_open_where_one_was(a: Mark, b: Mark, merged: Mark) -> None:
    given = {label: mark for label, mark in (("a", a), ("b", b)) if mark != NONE}
    assert marks_by(MERGE, given).get("c", NONE) == merged


@pytest.mark.parametrize(
    ("rule", "a", "parts"),
    [
        ("all", SAID, (SAID, SAID)),
        ("all", NONE, (NONE, NONE)),
        ("all", UNASKED, (UNASKED, UNASKED)),
        ("one", SAID, (SAID, UNASKED)),
        ("one", NONE, (NONE, NONE)),
        ("one", UNASKED, (UNASKED, UNASKED)),
        ("one", REVIEW, (REVIEW, NONE)),
        ("reread", SAID, (REREAD, REREAD)),
        ("reread", NONE, (NONE, NONE)),
        ("reread", REVIEW, (REVIEW, REVIEW)),
    ],
)
def test_a_split_goes_by_its_rule(rule: str, a: Mark, parts: tuple[Mark, Mark]) -> None:
    split = Step("split", label="a", into=("b", "c"), rule=rule, one="b" if rule == "one" else None)  # type: ignore[arg-type]
    after = marks_by(split, {"a": a} if a != NONE else {})
    assert (after.get("b", NONE), after.get("c", NONE)) == parts
    assert marks_by(split.inverse, after).get("a", NONE) == a


def test_a_new_label_was_not_asked_and_a_deprecated_one_is_gone() -> None:
    assert marks_by(Step("add", label="b"), {"a": SAID}) == {"a": SAID, "b": UNASKED}
    assert marks_by(Step("deprecate", label="a"), {"a": SAID, "b": SAID}) == {"b": SAID}


def test_the_themes_of_claims_go_the_same_way() -> None:
    assert labels_by(MERGE, ("b", "x", "a")) == ("c", "x")
    split = Step("split", label="a", into=("b", "c"), rule="one", one="b")
    assert labels_by(split, ("x", "a")) == ("x", "b")
    assert labels_by(Step("split", label="a", into=("b", "c"), rule="reread"), ("x", "a")) == ("x",)


@settings(max_examples=40)
@given(st.data())
def test_reversible_steps_go_there_and_back(data: st.DataObject) -> None:
    scheme = data.draw(plain_schemes())
    taken = data.draw(
        steps(scheme.labels, kinds=REVERSIBLE).filter(lambda some: [one.kind for one in some].count("split") < 2)
    )
    after = scheme_after(scheme, taken)
    there, back = Route(scheme, after, taken), Route(after, scheme, tuple(step.inverse for step in reversed(taken)))
    tagged = data.draw(annotated(scheme).map(without_open_reviews))
    losses = Losses()
    again = migrate(migrate(tagged, there, losses), back)
    assert again == in_order(tagged, scheme)
    assert not losses


@settings(max_examples=40)
@given(st.data())
def test_what_is_not_counted_as_lost_comes_back(data: st.DataObject) -> None:
    scheme = data.draw(plain_schemes())
    (step,) = data.draw(steps(scheme.labels, most=1).filter(bool))
    after = scheme_after(scheme, [step])
    losses, tagged = Losses(), data.draw(annotated(scheme))
    again = migrate(migrate(tagged, Route(scheme, after, (step,)), losses), Route(after, scheme, (step.inverse,)))
    assert bool(losses) == (again != in_order(tagged, scheme))


@settings(max_examples=40)
@given(st.data())
def test_a_chain_that_loses_nothing_comes_back(data: st.DataObject) -> None:
    scheme = data.draw(plain_schemes())
    taken = data.draw(steps(scheme.labels))
    after = scheme_after(scheme, taken)
    losses, tagged = Losses(), data.draw(annotated(scheme))
    there = migrate(tagged, Route(scheme, after, taken), losses)
    back = tuple(step.inverse for step in reversed(taken))
    assert losses or migrate(there, Route(after, scheme, back)) == in_order(tagged, scheme)


@settings(max_examples=40)
@given(st.data())
def test_a_chain_does_what_its_migrations_do_one_by_one(data: st.DataObject) -> None:
    scheme = data.draw(plain_schemes())
    first = data.draw(steps(scheme.labels, most=2))
    middle = scheme_after(scheme, first)
    second = data.draw(steps(middle.labels, most=2))
    last = scheme_after(middle, second, version="2.0.0")
    known = [Migration(scheme.name, "1.0.0", "1.1.0", first), Migration(scheme.name, "1.1.0", "2.0.0", second)]
    tagged = data.draw(annotated(scheme))
    by_one = migrate(migrate(tagged, Route(scheme, middle, first)), Route(middle, last, second))
    assert migrate(tagged, find_route(scheme, last, migrations=known)) == by_one


@settings(max_examples=40)
@given(st.data())
def test_a_migrated_article_is_one_of_the_new_scheme_and_keeps_its_text(data: st.DataObject) -> None:
    scheme = data.draw(schemes())
    taken = data.draw(steps(scheme.labels))
    after = scheme_after(scheme, taken)
    tagged = data.draw(annotated(scheme))
    migrated = migrate(tagged, Route(scheme, after, taken))
    assert migrated.scheme == after.ref
    assert (migrated.article, migrated.by, migrated.licence) == (tagged.article, tagged.by, tagged.licence)
    known = set(after.labels)
    for sentence, old in zip(migrated.sentences, tagged.sentences, strict=True):
        assert {*sentence.labels, *sentence.not_asked, *(theme.label for theme in sentence.review)} <= known
        assert (sentence.start, sentence.end, sentence.kind) == (old.start, old.end, old.kind)
    assert TaggedArticle.from_dict(json.loads(json.dumps(migrated.to_dict()))) == migrated


def test_a_label_of_no_scheme_is_told_with_the_article() -> None:
    scheme, after = _pair()
    tagged = _article(Sentence(0, 4, "Oui.", themes=(Theme("polcing"),)))
    with pytest.raises(SchemeError) as caught:
        migrate(tagged, Route(scheme, after, (Step("rename", label="policing", to="police"),)))
    assert str(caught.value) == 'article "a": "polcing" is not a theme of press 1.0.0 (did you mean "policing"?)'


def test_losses_are_counted_and_told_step_by_step() -> None:
    scheme, after = _pair("policing", "drugs"), _pair("crime")[0]
    tagged = _article(
        Sentence(0, 4, "Oui.", themes=(Theme("policing"),)),
        Sentence(5, 9, "Non.", themes=(Theme("drugs"), Theme("policing"))),
    )
    claim = Claim(0, "assertion", "authorial", Span(0, 3, "Oui"), themes=("drugs",))
    losses = Losses()
    merge = Step("merge", labels=("policing", "drugs"), to="crime")
    migrate(TaggedArticle(tagged.article, tagged.sentences, (claim,)), Route(scheme[0], after, (merge,)), losses)
    assert str(losses) == "merge policing and drugs into crime (2 sentences, 1 claim)"
    assert losses.to_dict() == {"merge policing and drugs into crime": {"sentences": 2, "claims": 1}}


def test_boilerplate_is_asked_nothing() -> None:
    scheme, _ = _pair()
    after = scheme_after(scheme, [Step("add", label="new")])
    tagged = _article(Sentence(0, 4, "Oui.", kind="boilerplate"), Sentence(5, 9, "Non."))
    migrated = migrate(tagged, Route(scheme, after, (Step("add", label="new"),)))
    assert [sentence.not_asked for sentence in migrated.sentences] == [(), ("new",)]


def annotated(scheme: Scheme) -> st.SearchStrategy[TaggedArticle]:
    """Articles under the scheme, without claims' themes, which a split to be read again cannot keep."""
    drawn = tagged_articles(labels=scheme.labels, claims=False, not_asked=True)
    return drawn.map(lambda one: TaggedArticle(one.article, one.sentences, (), scheme.ref, one.by, one.licence))


def without_open_reviews(tagged: TaggedArticle) -> TaggedArticle:
    """Without sentences that are to be read again already: another split would not tell which of the two they are for."""
    sentences = tuple(
        Sentence(
            one.start,
            one.end,
            one.text,
            one.kind,
            one.themes,
            tuple(theme for theme in one.review if theme.label not in one.not_asked),
            one.not_asked,
        )
        for one in tagged.sentences
    )
    return TaggedArticle(tagged.article, sentences, (), tagged.scheme, tagged.by, tagged.licence)


def in_order(tagged: TaggedArticle, scheme: Scheme) -> TaggedArticle:
    """The same with labels in the order of the scheme."""
    return migrate(tagged, Route(scheme, scheme, ()))


def _pair(*labels: str) -> tuple[Scheme, Scheme]:
    return press("1.0.0", *(labels or ("policing",))), press("1.1.0", "police")


def _article(*sentences: Sentence) -> TaggedArticle:
    return TaggedArticle(Article("a", "Oui. Non."), sentences)
