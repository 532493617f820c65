"""Claim metrics: matching by IoU, what each article counts, and the figures."""

from __future__ import annotations

import json
import time
from dataclasses import astuple, fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import tagged_articles

from claimtag.errors import OptionError
from claimtag.evaluation.claims import (
    FIGURES,
    ClaimCounts,
    claim_counts,
    claim_estimates,
    estimates_by_mode,
    iou,
    match_claims,
)
from claimtag.records import Article, Claim, Mode, Sentence, Source, Span, TaggedArticle, Type

TEXT = "Selon Rabat, la visite aura lieu en mai. Le ministre a salué un accord utile. Il pleut sur Bruxelles."
SENTENCES = tuple(Sentence(start, end, TEXT[start:end]) for start, end in ((0, 40), (41, 77), (78, 101)))


def span(words: str) -> Span:
    start = TEXT.index(words)
    return Span(start, start + len(words), words)


def claim(
    content: str | tuple[int, int],
    *,
    cue: str | None = None,
    speaker: str | None = None,
    source: Source | None = None,
    kind: Type = "assertion",
    mode: Mode = "indirect",
) -> Claim:
    where = span(content) if isinstance(content, str) else Span(*content, TEXT[slice(*content)])
    middle = (where.start + where.end) // 2
    sentence = next(place for place, one in enumerate(SENTENCES) if one.start <= middle < one.end)
    said, by = (None if words is None else span(words) for words in (cue, speaker))
    return Claim(sentence, kind, mode, where, said, by, source)


def tagged(*claims: Claim) -> TaggedArticle:
    return TaggedArticle(Article("a", TEXT), SENTENCES, claims)


VISIT = claim("la visite aura lieu en mai", cue="Selon", speaker="Rabat", kind="forecast")
ACCORD = claim("un accord utile", cue="a salué", speaker="Le ministre", kind="evaluation")


def figure(name: str, gold: TaggedArticle, predicted: TaggedArticle) -> float:
    return claim_estimates([claim_counts(gold, predicted)], replicates=1)[name].value


def test_the_same_claims_are_all_right() -> None:
    for name, estimate in claim_estimates([claim_counts(tagged(VISIT, ACCORD), tagged(VISIT, ACCORD))]).items():
        if not name.startswith("resolved"):
            assert estimate.value == (0 if name == "misattribution" else 1), name


@pytest.mark.parametrize(
    ("start", "end", "matched", "strict"),
    [
        (13, 39, 1, 1),  # as in gold
        (13, 34, 1, 1),  # 21 of 26 characters: 0.81
        (13, 33, 1, 0),  # 20 of 26: 0.77
        (13, 26, 1, 0),  # a half, just
        (13, 25, 0, 0),  # less
        (0, 77, 0, 0),  # swallows the paragraph
    ],
)
def test_a_claim_is_matched_from_half_and_strictly_from_four_fifths(
    start: int, end: int, matched: int, strict: int
) -> None:
    counts = claim_counts(tagged(VISIT), tagged(claim((start, end))))
    assert (counts.matched, counts.strict) == (matched, strict)


def test_just_four_fifths_is_strict() -> None:
    assert claim_counts(tagged(claim((41, 51))), tagged(claim((41, 49)))).strict == 1


def test_claims_are_matched_one_to_one_the_nearest_first() -> None:
    near, far = claim((13, 38)), claim((13, 33))
    assert match_claims([VISIT], [far, near]) == [(VISIT, near)]
    counts = claim_counts(tagged(VISIT), tagged(far, near))
    assert (counts.gold, counts.predicted, counts.matched) == (1, 2, 1)


def test_claims_of_one_content_are_matched_in_order() -> None:
    first, second = (claim("un accord utile", kind=kind) for kind in ("assertion", "demand"))
    assert match_claims([first, second], [first, second, second]) == [(first, first), (second, second)]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 20)), max_size=7), st.data())
def test_matching_equals_the_greedy_search_over_all_pairs(contents: list[tuple[int, int]], data: st.DataObject) -> None:
    others = data.draw(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 20)), max_size=7))
    least = data.draw(st.sampled_from([0.1, 0.3, 0.5, 0.8]))
    gold, predicted = ([_bare(start, start + length) for start, length in side] for side in (contents, others))
    pairs = sorted(
        (-iou(one.content, other.content), one.content.start, one.content.end, other.content.start, other.content.end)
        for one in set(gold)
        for other in set(predicted)
    )
    left = {"gold": [one.content for one in gold], "predicted": [one.content for one in predicted]}
    wanted = []
    for share, *ends in pairs:
        one, other = Span(*ends[:2], "x" * (ends[1] - ends[0])), Span(*ends[2:], "x" * (ends[3] - ends[2]))
        while -share >= least and one in left["gold"] and other in left["predicted"]:
            left["gold"].remove(one)
            left["predicted"].remove(other)
            wanted.append((one, other))
    assert [(one.content, other.content) for one, other in match_claims(gold, predicted, least=least)] == wanted


def _bare(start: int, end: int) -> Claim:
    return Claim(0, "assertion", "indirect", Span(start, end, "x" * (end - start)))


def test_iou_is_the_same_from_both_sides_and_zero_without_a_span() -> None:
    one, other = Span(0, 10, "x" * 10), Span(5, 20, "x" * 15)
    assert iou(one, other) == iou(other, one) == 0.25
    assert iou(one, None) == iou(None, one) == iou(one, Span(10, 12, "xx")) == 0


def test_a_claim_bears_on_the_gold_sentence_that_holds_its_middle() -> None:
    counts = claim_counts(tagged(VISIT), tagged(claim((13, 60))))  # reaches into the next sentence
    assert (counts.bearing_gold, counts.bearing_predicted, counts.bearing_both) == (1, 1, 1)
    moved = claim_counts(tagged(VISIT), tagged(claim((30, 60))))
    assert (moved.bearing_predicted, moved.bearing_both) == (1, 0)


def test_several_claims_make_a_sentence_claim_bearing_once() -> None:
    counts = claim_counts(tagged(VISIT, claim("mai")), tagged(VISIT, claim("Rabat"), claim("lieu")))
    assert (counts.bearing_gold, counts.bearing_predicted, counts.bearing_both) == (1, 1, 1)


def test_a_claim_between_gold_sentences_is_a_wrong_sentence() -> None:
    gold = TaggedArticle(Article("a", TEXT), (SENTENCES[0], SENTENCES[2]), ())
    counts = claim_counts(gold, tagged(ACCORD, VISIT))
    assert (counts.bearing_gold, counts.bearing_predicted, counts.bearing_both) == (0, 2, 0)


def test_attributed_claims_are_counted_alone_too() -> None:
    author = claim("Il pleut sur Bruxelles", mode="authorial")
    counts = claim_counts(tagged(VISIT, author), tagged(author))
    assert (counts.bearing_gold, counts.bearing_predicted, counts.bearing_both) == (2, 1, 1)
    assert (counts.attributed_gold, counts.attributed_predicted, counts.attributed_both) == (1, 0, 0)


def test_type_mode_and_cue_are_those_of_matched_claims() -> None:
    said = replace(VISIT, type="assertion", mode="mixed", cue=span("Selon Rabat"))  # "Selon" is 5 of 11 characters
    counts = claim_counts(tagged(VISIT, ACCORD), tagged(said, ACCORD))
    assert (counts.matched, counts.types, counts.modes, counts.cues, counts.cues_wanted) == (2, 1, 1, 1, 2)


def test_a_cue_counts_only_where_gold_has_one() -> None:
    counts = claim_counts(tagged(replace(VISIT, cue=None)), tagged(VISIT))
    assert (counts.cues, counts.cues_wanted) == (0, 0)


@pytest.mark.parametrize(
    ("wanted", "said", "right", "given", "wrong"),
    [
        ("Rabat", "Rabat", 1, 1, 0),
        ("Rabat", "Selon Rabat", 0, 1, 1),  # 5 of 11 characters
        ("Rabat", None, 0, 0, 0),  # silence is no misattribution
        (None, "Rabat", 0, 1, 1),  # a speaker where gold has none is
        (None, None, 0, 0, 0),
    ],
)
def test_a_wrong_speaker_is_a_misattribution_and_none_is_not(
    wanted: str | None, said: str | None, right: int, given: int, wrong: int
) -> None:
    gold, predicted = (replace(VISIT, speaker=words and span(words)) for words in (wanted, said))
    counts = claim_counts(tagged(gold), tagged(predicted))
    assert (counts.speakers, counts.speakers_given, counts.speakers_wrong) == (right, given, wrong)


def test_source_figures_are_over_all_claims_with_a_speaker() -> None:
    missed = claim_counts(tagged(VISIT, ACCORD), tagged(VISIT))
    assert (missed.speakers, missed.speakers_gold, missed.speakers_predicted) == (1, 2, 1)
    assert figure("source_recall", tagged(VISIT, ACCORD), tagged(VISIT)) == 0.5
    assert figure("misattribution", tagged(VISIT, ACCORD), tagged(VISIT)) == 0


NOBODY = Source(None, "unresolved")
MINISTER = Source("Nasser Bourita", "named", span("Le ministre"))


@pytest.mark.parametrize(
    ("wanted", "said", "outcome"),
    [
        (MINISTER, Source("nasser  BOURITA", "named"), "right"),
        (Source("l’ONU", "named"), Source("L'ONU", "named"), "right"),
        (MINISTER, Source("le ministre", "role", span("ministre")), "right"),  # the same mention
        (MINISTER, Source("Rabat", "named", span("Rabat")), "wrong"),
        (MINISTER, NOBODY, "abstained"),
        (MINISTER, None, "abstained"),
        (NOBODY, NOBODY, "right"),
        (NOBODY, None, "right"),
        (NOBODY, MINISTER, "wrong"),
        (None, MINISTER, None),
    ],
)
def test_a_source_is_right_abstained_or_wrong_where_gold_has_it(
    wanted: Source | None, said: Source | None, outcome: str | None
) -> None:
    counts = claim_counts(tagged(replace(ACCORD, source=wanted)), tagged(replace(ACCORD, source=said)))
    for name in ("right", "abstained", "wrong"):
        assert getattr(counts, f"sources_{name}") == (name == outcome)
    assert counts.sources == (outcome is not None)


def test_figures_that_nothing_bears_on_say_why() -> None:
    figures = claim_estimates([claim_counts(tagged(), tagged())] * 3, replicates=5)
    assert {figure.value for figure in figures.values()} != {0}
    assert figures["claim_f1"].reason == "there are no claims, gold or predicted"
    assert figures["claim_recall"].reason == "there are no gold claims"
    assert figures["attributed_bearing_precision"].reason == "there are no predicted attributed claims"
    assert figures["type"].reason == "no claims were matched"
    assert figures["cue"].reason == "no matched gold claim has a cue"
    assert figures["misattribution"].reason == "no matched claim was given a speaker"
    assert figures["resolved_right"].reason == "no matched gold claim has a source"
    json.dumps({name: figure.to_dict() for name, figure in figures.items()}, allow_nan=False)


def test_figures_add_up_over_articles_before_they_divide() -> None:
    counts = [claim_counts(tagged(VISIT, ACCORD), tagged(VISIT)), claim_counts(tagged(VISIT), tagged(VISIT, ACCORD))]
    figures = claim_estimates(counts, replicates=5)
    assert figures["claim_precision"].value == figures["claim_recall"].value == 2 / 3
    assert figures["claim_f1"].value == 4 / 6
    assert claim_estimates([])["claim_f1"].reason == "there are no claims, gold or predicted"


def test_every_figure_is_made_of_counts_that_there_are() -> None:
    names = {field.name for field in fields(ClaimCounts)}
    for ratio in FIGURES.values():
        assert names.issuperset({*ratio.above, *ratio.below})


@given(tagged_articles(), st.data())
def test_turning_gold_and_prediction_round_turns_precision_and_recall_round(
    one: TaggedArticle, data: st.DataObject
) -> None:
    kept = data.draw(st.lists(st.sampled_from(one.claims), unique_by=id)) if one.claims else []
    other = replace(one, claims=tuple(kept))
    there, back = claim_counts(one, other), claim_counts(other, one)
    assert (there.matched, there.strict, there.bearing_both) == (back.matched, back.strict, back.bearing_both)
    assert (there.gold, there.predicted, there.speakers_gold) == (back.predicted, back.gold, back.speakers_predicted)
    assert there.matched == len(kept)


def test_another_text_is_refused() -> None:
    other = TaggedArticle(Article("a", "Un autre texte."), ())
    with pytest.raises(OptionError, match='article "a": gold and predicted have different texts, so offsets do not'):
        claim_counts(tagged(), other)


@pytest.mark.parametrize("step", [0, 40])
def test_time_is_linear_in_the_number_of_claims(step: int) -> None:
    """Claims one after the other, and thousands with one content, which are one candidate."""

    def seconds(number: int) -> float:
        gold = [_bare(place * step, place * step + 30) for place in range(number)]
        predicted = [_bare(place * step + 3, place * step + 30) for place in range(number)]
        start = time.process_time()
        assert len(match_claims(gold, predicted)) == number
        return time.process_time() - start

    few, many = (min(seconds(number) for _ in range(3)) for number in (2_000, 16_000))
    assert many < 30 * few  # 8 if linear, 64 if quadratic


def test_a_right_claim_counts_once_wherever_something_can_be_right() -> None:
    row = np.array(astuple(claim_counts(tagged(VISIT), tagged(VISIT))))
    assert row.tolist() == [1] * 18 + [0] * 5  # no wrong speaker; gold has no source


def test_figures_by_mode_count_a_matched_claim_under_the_mode_of_gold() -> None:
    direct = claim("la visite aura lieu en mai", mode="direct")
    spurious = claim("Il pleut sur Bruxelles", mode="authorial")
    groups = estimates_by_mode([(tagged(direct, ACCORD), tagged(VISIT, spurious))], replicates=1)
    assert set(groups) == {"all", "attributed", "direct or mixed", "direct", "indirect", "authorial"}
    assert groups["direct"]["claim_recall"].value == 1  # found, though under another mode
    assert groups["direct"]["mode"].value == 0
    assert groups["indirect"]["claim_recall"].value == 0
    assert groups["authorial"]["claim_precision"].value == 0
    assert groups["all"]["claim_f1"].value == groups["attributed"]["claim_recall"].value == 0.5


@given(st.lists(st.tuples(tagged_articles(), st.integers(0, 3)), max_size=3))
def test_the_modes_add_up_to_all(articles: list[tuple[TaggedArticle, int]]) -> None:
    pairs = [(gold, replace(gold, claims=gold.claims[most:])) for gold, most in articles]
    groups = estimates_by_mode(pairs, replicates=1)
    assert all(
        figures["claim_f1"].value <= 1
        for figures in groups.values()
        if figures["claim_f1"].value == figures["claim_f1"].value
    )
    assert ("all" in groups) == any(gold.claims for gold, _ in pairs)
