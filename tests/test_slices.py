"""The figures of a test set's parts."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LABELS, tagged_articles

from claimtag.evaluation import evaluate
from claimtag.evaluation.slices import (
    FACETS,
    MOST,
    NOT_STATED,
    OTHERS,
    Slice,
    by_kind,
    by_length,
    by_quotation,
    by_source,
    scored_sentences,
    slice_figures,
)
from claimtag.records import Article, Sentence, TaggedArticle, Theme


def article(identity: str, *sentences: tuple[str, str], source: str | None = None, kind: str = "body") -> TaggedArticle:
    """An article of sentences (text, label or nothing)."""
    made, text = [], ""
    for body, label in sentences:
        start, text = len(text), text + body
        made.append(Sentence(start, len(text), body, kind, (Theme(label),) if label else ()))  # type: ignore[arg-type]
        text += " "
    return TaggedArticle(Article(identity, text, source=source), tuple(made))


def named(slices: tuple[Slice, ...], facet: str) -> dict[str, Slice]:
    return {one.name: one for one in slices if one.facet == facet}


def test_every_facet_parts_the_scored_sentences() -> None:
    gold = [
        article("a", ("Un mot.", "drugs"), ("Il dit.", ""), source="La Libre"),
        article("b", ("« Tout est dit ».", "justice"), source="Le Soir"),
        article("c", ("Encore.", "drugs")),
    ]
    slices = slice_figures(gold, gold, labels=["drugs", "justice"], replicates=20)
    for facet in FACETS:
        parts = named(slices, facet).values()
        assert sum(part.sentences for part in parts) == 4
        assert sum(part.support for part in parts) == 3
    assert {name: part.articles for name, part in named(slices, "source").items()} == {
        "La Libre": 1,
        "Le Soir": 1,
        NOT_STATED: 1,
    }


def test_a_slice_shows_where_errors_lie() -> None:
    gold = [article(f"{source}{n}", ("Texte.", "drugs"), source=source) for n in range(6) for source in ("good", "bad")]
    said = [
        one if one.article.source == "good" else article(one.article.id, ("Texte.", ""), source="bad") for one in gold
    ]
    parts = named(slice_figures(gold, said, labels=["drugs"], replicates=50), "source")
    assert (parts["good"].micro.value, parts["bad"].micro.value) == (1, 0)
    assert (parts["good"].macro.value, parts["good"].macro_labels) == (1, 1)


def test_the_first_slice_is_everything() -> None:
    gold = [article(str(n), ("Texte.", "drugs")) for n in range(4)]
    everything = slice_figures(gold, gold, labels=["drugs"], replicates=20)[0]
    assert (everything.facet, everything.name, everything.sentences, everything.articles) == ("all", "all", 4, 4)
    assert everything.micro.to_dict() == {"value": 1.0, "low": 1.0, "high": 1.0}


def test_a_sentence_is_quoted_from_half_of_it_on_even_where_the_quotation_spans_sentences() -> None:
    one = article(
        "a", ("« Le mot est dit.", ""), ("Et redit. »", ""), ("Il a parlé de « paix » hier soir.", ""), ("Fin.", "")
    )
    assert by_quotation(one) == ["quoted", "quoted", "partly", "not"]


def test_lengths_are_counted_in_words() -> None:
    texts = [" ".join(["mot"] * words) for words in (1, 10, 11, 20, 21, 40, 41)]
    assert by_length(article("a", *((text, "") for text in texts))) == [
        "1–10", "1–10", "11–20", "11–20", "21–40", "21–40", "41 or more",
    ]  # fmt: skip


def test_boilerplate_lies_in_no_slice() -> None:
    one = article("a", ("Lire aussi", ""), kind="boilerplate")
    assert [facet(one) for facet in FACETS.values()] == [[]] * len(FACETS)
    assert slice_figures([one], [one], labels=["drugs"]) == ()
    assert slice_figures([], [], labels=["drugs"]) == ()


def test_everything_has_the_intervals_of_the_evaluation_also_with_articles_that_bear_nothing() -> None:
    gold = [article(f"a{number}", ("Un.", ["drugs", ""][number % 2])) for number in range(12)]
    said = [article(f"a{number}", ("Un.", ["drugs", ""][number % 3 == 0])) for number in range(12)]
    for side in (gold, said):
        side.append(TaggedArticle(Article("b", "Pub"), (Sentence(0, 3, "Pub", "boilerplate"),)))
    everything = slice_figures(gold, said, labels=["drugs"])[0]
    whole = evaluate(gold, said, labels=["drugs"]).figures
    assert (everything.micro, everything.macro) == (whole["micro_f1"], whole["macro_f1"])


def test_rare_labels_are_pooled_apart_from_frequent_ones() -> None:
    gold = [article(f"{n}", ("Texte.", "justice" if n == 0 else "drugs")) for n in range(60)]
    parts = named(slice_figures(gold, gold, labels=["drugs", "justice"], replicates=20), "labels")
    assert (parts["rare"].support, parts["frequent"].support) == (1, 59)
    chosen = named(slice_figures(gold, gold, labels=["drugs", "justice"], rare=["drugs"], replicates=20), "labels")
    assert (chosen["rare"].support, chosen["frequent"].support) == (59, 1)


def test_many_sources_are_put_together_beyond_the_largest() -> None:
    gold = [article(f"{n}", ("Texte.", "drugs"), source=f"s{n if n < 40 else 0:02d}") for n in range(50)]
    parts = named(slice_figures(gold, gold, labels=["drugs"], replicates=10), "source")
    assert len(parts) == MOST
    assert next(iter(parts)) == "s00"
    assert parts["s00"].sentences == 11
    assert parts[OTHERS].sentences == 50 - 11 - (MOST - 2)


def test_facets_of_ones_own_can_be_given() -> None:
    gold = [article(f"{n}", ("Texte.", "drugs")) for n in range(4)]
    facets = {"even": lambda one: [str(int(one.article.id) % 2 == 0)] * len(scored_sentences(one))}
    slices = slice_figures(gold, gold, labels=["drugs"], facets=facets, replicates=10)
    assert [one.facet for one in slices] == ["all", "even", "even", "labels"]


@given(st.lists(tagged_articles(claims=False), max_size=4, unique_by=lambda one: one.article.id))
def test_any_articles_can_be_sliced_and_the_record_is_json(gold: list[TaggedArticle]) -> None:
    slices = slice_figures(gold, gold, labels=LABELS, replicates=5)
    json.dumps([one.to_dict() for one in slices], allow_nan=False)
    sentences = sum(len(scored_sentences(one)) for one in gold)
    for facet in FACETS:
        assert sum(part.sentences for part in named(slices, facet).values()) == sentences


def test_the_kinds_and_sources_are_the_records_own() -> None:
    one = article("a", ("Titre", ""), kind="title", source="Le Soir")
    assert (by_kind(one), by_source(one)) == (["title"], ["Le Soir"])


def test_facets_are_linear_in_a_long_text() -> None:
    import time

    def seconds(times: int) -> float:
        one = article("a", *[("« Il dit » mot.", "")] * times)
        began = time.process_time()
        by_quotation(one)
        return time.process_time() - began

    small, large = min(seconds(500) for _ in range(3)), min(seconds(5000) for _ in range(3))
    assert large < 40 * small + 0.05


def test_numbers_of_rows_follow_the_articles() -> None:
    rng = np.random.default_rng(0)
    gold = [
        article(f"{n}", *[("Texte.", "drugs" if rng.random() < 0.5 else "")] * int(rng.integers(1, 4)))
        for n in range(30)
    ]
    first = slice_figures(gold, gold, labels=["drugs"], replicates=10)[0]
    assert first.support == sum(len(sentence.labels) for one in gold for sentence in one.sentences)
    assert first.sentences == pytest.approx(sum(len(one.sentences) for one in gold))


def test_articles_in_several_languages_are_told_apart() -> None:
    one, other = (replace_language(article(lang, ("x", "drugs"), ("y", "")), lang) for lang in ("fr", "nl"))
    parts = named(slice_figures([one, other], [one, other], labels=["drugs"], replicates=20), "language")
    assert {name: part.sentences for name, part in parts.items()} == {"fr": 2, "nl": 2}


def replace_language(tagged: TaggedArticle, lang: str) -> TaggedArticle:
    return replace(tagged, article=replace(tagged.article, lang=lang))
