"""Training: what is learned from, what is held out, what is warned of and refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import claimtag
from claimtag import pipeline
from claimtag.errors import LeakageError, OptionError, SchemeError
from claimtag.records import Article, SchemeRef, Sentence, TaggedArticle, Theme
from claimtag.scheme import Scheme, scheme_from_dict
from claimtag.themes.linear import LinearTagger


@pytest.fixture
def two_themes() -> Scheme:
    theme = {"group": "g", "definition": "…"}
    return scheme_from_dict(
        {
            "name": "two",
            "version": "1.0.0",
            "title": {"en": "Two"},
            "description": "…",
            "language": "fr",
            "groups": [{"id": "g", "name": {"en": "G"}}],
            "themes": [theme | {"id": name, "name": {"en": name}} for name in ("sea", "land")],
        }
    )


def gold(identity: str, *sentences: tuple[str, str]) -> TaggedArticle:
    text, cut = "", []
    for sentence, themes in sentences:
        start = len(text)
        text += sentence
        cut.append(Sentence(start, len(text), sentence, themes=tuple(Theme(name) for name in themes.split())))
        text += " "
    return TaggedArticle(Article(identity, text), tuple(cut))


def test_training_warns_of_labels_with_few_or_no_sentences(two_themes: Scheme) -> None:
    lot = [gold(f"a{n}", (f"La mer monte {n} fois.", "sea"), (f"Rien de neuf ici {n}.", "")) for n in range(12)]
    training = claimtag.train(lot, scheme=two_themes)
    assert training.warnings == ('"land" has no sentence in the gold: it will never be said',)
    tagged = training.tagger.tag_text("La mer monte encore.")
    assert tagged.sentences[0].labels == ("sea",)
    assert tagged.scheme is not None
    assert tagged.scheme.name == "two"


def test_the_test_gold_is_scored_and_not_learned_from(two_themes: Scheme) -> None:
    lot = [gold(f"a{n}", (f"La mer monte {n} fois.", "sea"), (f"Le champ est sec {n}.", "land")) for n in range(12)]
    unseen = [gold("t", ("La mer est haute.", "sea"), ("Le champ dort.", "land"))]
    training = claimtag.train(lot, scheme=two_themes, test=unseen)
    assert training.tested is not None
    assert training.tested.themes.per_label["sea"].f1 == 1
    assert training.tagger.bundle.training[0].articles == 12
    assert "Test: 1 article that took no part in training" in training.tagger.bundle.card


def test_gold_of_another_scheme_is_refused_by_its_label(two_themes: Scheme) -> None:
    with pytest.raises(
        SchemeError, match=r'article "a": "seas" is not a theme of two 1\.0\.0 \(did you mean "sea"\?\)'
    ):
        claimtag.train([gold("a", ("La mer.", "seas"))], scheme=two_themes)


def test_a_test_that_was_learned_from_is_refused(two_themes: Scheme) -> None:
    lot = [gold(f"a{n}", (f"La mer monte {n} fois.", "sea"), (f"Le champ est sec {n}.", "land")) for n in range(6)]
    with pytest.raises(
        LeakageError,
        match=r'1 article of the test stands in the gold too: article "a0" stands in gold and in test; a test must not',
    ):
        claimtag.train(lot, scheme=two_themes, test=lot[:1])


def test_an_article_given_twice_is_refused(two_themes: Scheme) -> None:
    lot = [gold("a", ("La mer monte.", "sea"))] * 2
    with pytest.raises(OptionError, match=r'article "a" stands 2 times in the gold; is a file given twice\?'):
        claimtag.train(lot, scheme=two_themes)


def test_gold_that_names_another_scheme_is_refused(two_themes: Scheme) -> None:
    lot = [replace(gold(f"a{n}", ("La mer monte.", "sea")), scheme=SchemeRef("other", "2.0.0")) for n in range(3)]
    with pytest.raises(
        SchemeError, match=r'article "a0" of the gold is annotated under the label scheme other 2\.0\.0'
    ):
        claimtag.train(lot, scheme=two_themes)


def test_duplicate_articles_stay_in_one_fold_and_figures_come_from_other_articles_alone(
    two_themes: Scheme, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Corrected copies share all but one sentence; nothing that scores an article may have seen its copy."""
    seen: dict[str, list[object]] = {"model": [], "deciding": []}
    original, decided = pipeline.out_of_fold, pipeline.cross_decided

    def watched(make: object, X: object, Y: object, groups: list[int], **more: object) -> object:
        seen["model"] = groups
        return original(make, X, Y, groups, **more)

    def watched_decided(scores: object, Y: object, labels: object, groups: list[int], **more: object) -> object:
        seen["deciding"] = groups
        probabilities, said = decided(scores, Y, labels, groups, **more)
        return probabilities, np.zeros_like(said)

    monkeypatch.setattr(pipeline, "out_of_fold", watched)
    monkeypatch.setattr(pipeline, "cross_decided", watched_decided)
    lot = []
    for n in range(6):
        shared = (f"La mer monte {n} fois sur la côte.", "sea"), (f"Le champ numéro {n} est sec.", "land")
        lot += [gold(f"a{n}", *shared, (f"Fin {n}.", "")), gold(f"b{n}", *shared, (f"Correction {n}.", ""))]
    training = claimtag.train(lot, scheme=two_themes)
    assert seen["model"] == seen["deciding"]
    assert len(set(seen["model"])) == 6
    assert training.out_of_fold.micro.f1 == 0  # the figures are those that `cross_decided` gives
    assert {one.tier for one in training.tagger.bundle.tiers} == {"C"}


def test_of_many_sentences_one_part_is_held_out_and_that_is_said(
    two_themes: Scheme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "LARGE", 20)
    monkeypatch.setattr(pipeline, "out_of_fold", None)  # not called
    lot = [gold(f"a{n}", (f"La mer monte {n} fois.", "sea"), (f"Le champ est sec {n}.", "land")) for n in range(20)]
    training = claimtag.train(lot, scheme=two_themes)
    assert training.scores.shape == training.gold.shape == (8, 2)
    assert training.out_of_fold.sentences == 8
    assert training.report == ("thresholds and figures come from 8 sentences that were held out of 40, not from folds",)
    assert "Held out: 8 sentences of the training data" in training.tagger.bundle.card
    assert "Out of fold:" not in training.tagger.bundle.card
    assert [one.support for one in training.tagger.bundle.tiers] == [4, 4]
    assert training.tagger.tag_text("La mer monte encore.").sentences[0].labels == ("sea",)


def test_a_model_that_learns_slowly_has_one_part_held_out_of_fewer_sentences(
    two_themes: Scheme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "SLOW", 20)
    lot = [gold(f"a{n}", (f"La mer monte {n} fois.", "sea"), (f"Le champ est sec {n}.", "land")) for n in range(20)]
    assert len(claimtag.train(lot, scheme=two_themes).gold) == 40
    monkeypatch.setattr(LinearTagger, "slow", True, raising=False)
    slow = claimtag.train(lot, scheme=two_themes)
    assert slow.report == ("thresholds and figures come from 8 sentences that were held out of 40, not from folds",)
    assert len(claimtag.train(lot[:10], scheme=two_themes).gold) == 20


def test_with_a_budget_the_scores_out_of_fold_are_those_of_what_was_chosen(two_themes: Scheme) -> None:
    lot = [gold(f"a{n}", (f"La mer monte {n} fois.", "sea"), (f"Le champ est sec {n}.", "land")) for n in range(8)]
    training = claimtag.train(lot, scheme=two_themes, budget=0, folds=2)
    assert training.report[-2] == "chosen: linear, min_df 1, the only one that there was time for"
    again = claimtag.train(lot, scheme=two_themes, options={"min_df": 1}, folds=2)
    assert (training.scores == again.scores).all()


def test_languages_of_one_article_in_twenty_count_as_learned(two_themes: Scheme) -> None:
    lot = [gold(f"a{n}", (f"La mer monte {n} fois.", "sea")) for n in range(20)]
    lot = [
        replace(tagged, article=replace(tagged.article, lang="nl" if n == 0 else "fr")) for n, tagged in enumerate(lot)
    ]
    assert claimtag.train(lot, scheme=two_themes).tagger.bundle.languages == ("fr", "nl")


@pytest.mark.parametrize("count", [0, 1])
def test_gold_too_small_to_learn_from_is_refused(two_themes: Scheme, count: int) -> None:
    lot = [gold(f"a{n}", ("La mer monte.", "sea")) for n in range(count)]
    with pytest.raises(
        OptionError, match=rf"{count} articles?, .* too few to learn from; at least 2 different articles"
    ):
        claimtag.train(lot, scheme=two_themes)


def test_gold_of_one_text_is_refused_by_how_many_labels_it_has_not_how_often(two_themes: Scheme) -> None:
    lot = [gold(f"a{n}", ("La mer monte.", "sea" if n % 2 else "land")) for n in range(30)]
    with pytest.raises(
        OptionError, match=r"^30 articles, 1 without duplicates, with 2 labels: too few to learn from; "
    ):
        claimtag.train(lot, scheme=two_themes)


def test_a_model_kind_that_is_not_there_is_refused_with_the_near_one(two_themes: Scheme) -> None:
    with pytest.raises(OptionError, match=r'no model kind "linaer" \(did you mean "linear"\?\); kinds: linear, '):
        claimtag.train([], scheme=two_themes, model="linaer")


def test_the_keyword_model_needs_no_words_of_the_gold(small_gold: list[TaggedArticle]) -> None:
    training = claimtag.train(small_gold, model="keywords", folds=2)
    assert "drugs" in training.tagger.tag_text("Le cannabis et la cocaïne inondent le port.", lang="fr").themes


def test_claims_are_not_learned_where_one_does_not_want_them(small_gold: list[TaggedArticle]) -> None:
    training = claimtag.train(small_gold, model="keywords", folds=2, claims=False)
    assert training.tagger.bundle.claims is None
    assert training.claims == {}
    assert training.tagger.tag_text("Selon la police, le cannabis arrive par le port.", lang="fr").claims == ()


def test_claim_figures_out_of_fold_stand_in_the_card(small_training: claimtag.Training) -> None:
    assert {"all", "attributed", "direct", "indirect"} <= set(small_training.claims)
    assert 0.3 < small_training.claims["attributed"]["claim_f1"].value <= 1
    card = small_training.tagger.bundle.card
    assert "## Claims" in card
    assert f"| direct | {small_training.claims['direct']['bearing_f1'].value:.3f} |" in card
