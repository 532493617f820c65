"""A bundle under a scheme with new labels: they get scores from their texts, and say so everywhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import claimtag
from claimtag.changing import Losses, Migration, Step, find_route, migrate
from claimtag.errors import SchemeError
from claimtag.scheme import Label, Scheme, load_scheme
from claimtag.tagging import Tagger
from claimtag.training.checking import check_gold
from claimtag.training.extending import changed, extended

FISHING = Label(
    "fishing",
    "public",
    {"en": "Fisheries", "fr": "Pêche"},
    "The sentence is about fishing at sea: fleets, quotas, catches, fishermen and their ports.",
    positive=("Les chalutiers ne peuvent plus jeter leurs filets au large.", "Le quota de sardines baisse d'un tiers."),
    keywords={"fr": ("pêche*", "pêcheur*", "chalutier*", "sardine*")},
)
TEXT = "Le chalutier rentre au port de pêche avec ses sardines. La police a saisi deux tonnes de cannabis."


def with_labels(scheme: Scheme, *labels: Label, at: int | None = None) -> Scheme:
    place = len(scheme.themes) if at is None else at
    return replace(scheme, version="1.1.0", themes=(*scheme.themes[:place], *labels, *scheme.themes[place:]))


@pytest.fixture(scope="module")
def tagger(examples: Path) -> Tagger:
    gold = list(claimtag.read_gold(examples / "train.jsonl"))[:40]
    return claimtag.train(gold, name="small", folds=2, claims=False).tagger


@pytest.fixture(scope="module")
def more(tagger: Tagger) -> Tagger:
    return Tagger(extended(tagger.bundle, with_labels(tagger.scheme, FISHING, at=3)))


def test_the_new_label_is_said_and_the_others_stay_as_they_were(tagger: Tagger, more: Tagger) -> None:
    before, after = tagger.tag_text(TEXT, lang="fr"), more.tag_text(TEXT, lang="fr")
    assert "fishing" in after.sentences[0].labels
    assert "fishing" not in more.tag_text("La police a saisi deux tonnes de cannabis.", lang="fr").sentences[0].labels
    for one, other in zip(before.sentences, after.sentences, strict=True):
        assert one.themes == tuple(theme for theme in other.themes if theme.label != "fishing")
        assert one.review == tuple(theme for theme in other.review if theme.label != "fishing")


def test_records_tiers_and_the_card_say_that_it_is_untrained(more: Tagger) -> None:
    assert more.bundle.untrained == ("fishing",)
    assert more.tag_text(TEXT, lang="fr").notes == (
        "theme fishing: no data to learn it from, scored by its texts in the scheme; do not rely on it",
    )
    assert more.tag_text("1848").notes[0] == "language not identified"
    (tier,) = (one for one in more.bundle.tiers if one.label == "fishing")
    assert (tier.tier, tier.support) == ("C", 0)
    assert "not defined (it had no data to learn it from)" in tier.reason
    assert (
        "## Labels without data\n\n`fishing` of `security-cooperation` 1.1.0: scored by their texts" in more.bundle.card
    )
    figures = more.bundle.zeroshot
    assert figures is not None
    assert f"its average precision was {figures.average_precision:.3f} and its F1 {figures.f1:.3f}" in more.bundle.card


def test_it_is_saved_and_loaded_like_any_other(more: Tagger, tagger: Tagger, tmp_path: Path) -> None:
    more.save(tmp_path / "more")
    again = claimtag.load_tagger(tmp_path / "more")
    assert again.tag_text(TEXT) == more.tag_text(TEXT)
    assert again.bundle.untrained == ("fishing",)
    tagger.save(tmp_path / "small")
    loaded = claimtag.load_tagger(tmp_path / "small", scheme=with_labels(tagger.scheme, FISHING, at=3))
    assert loaded.tag_text(TEXT) == more.tag_text(TEXT)


def test_a_bundle_without_new_labels_is_as_it_was(tagger: Tagger) -> None:
    assert extended(tagger.bundle, tagger.scheme) is tagger.bundle
    later = replace(tagger.scheme, version="1.0.1")
    assert extended(tagger.bundle, later).scheme.version == "1.0.1"
    assert extended(tagger.bundle, later).untrained == ()


def test_an_explanation_of_a_new_label_tells_likeness_and_of_an_old_one_words(more: Tagger) -> None:
    article = claimtag.Article("a", TEXT, lang="fr")
    features = {feature for feature, _, _ in more.explain(article, label="fishing")[0].weights}
    assert features == {"its keywords", "words of its texts"}
    assert "cannabis" in str(more.explain(article, label="drugs")[1].weights)


def test_a_scheme_that_lacks_labels_of_the_model_is_refused(tagger: Tagger) -> None:
    renamed = tuple(replace(theme, id="narcotics") if theme.id == "drugs" else theme for theme in tagger.scheme.themes)
    with pytest.raises(
        SchemeError, match=r'model small@.* learned security-cooperation 1\.0\.0, whose labels .* lacks: "drugs"; keep'
    ):
        extended(tagger.bundle, replace(tagger.scheme, themes=renamed))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"zeroshot": None}, "and not what a label's texts mean, so fishing cannot be scored; train it again"),
        ({"deciding": "single-label"}, "for a single-label task, to which no label can be added without data"),
    ],
)
def test_a_model_that_cannot_take_a_label_says_why(tagger: Tagger, change: dict[str, Any], message: str) -> None:
    if "deciding" in change:
        change = {"deciding": replace(tagger.bundle.deciding, task=change["deciding"])}
    with pytest.raises(SchemeError, match=message):
        extended(replace(tagger.bundle, **change), with_labels(tagger.scheme, FISHING))


@pytest.mark.parametrize("keywords", [None, {}, {"fr": (), "en": ()}])
def test_a_label_with_nothing_to_go_by_is_refused(tagger: Tagger, keywords: dict[str, tuple[str, ...]] | None) -> None:
    bare = replace(FISHING, keywords=keywords, positive=())
    with pytest.raises(SchemeError, match=r'"fishing" has no data, and in .* neither keywords nor examples'):
        extended(tagger.bundle, with_labels(tagger.scheme, bare))


def test_who_trains_with_a_label_without_data_is_told_how_its_texts_count(examples: Path) -> None:
    gold = [replace(one, scheme=None) for one in list(claimtag.read_gold(examples / "train.jsonl"))[:40]]
    bare = replace(FISHING, id="bare", keywords=None, positive=())
    scheme = with_labels(load_scheme("security-cooperation"), FISHING, bare)
    warnings = claimtag.train(gold, scheme=scheme, folds=2, claims=False).warnings
    (of_fishing,) = (told for told in warnings if told.startswith('"fishing"'))
    assert of_fishing.endswith("labels migrate), and tag with this one: claimtag tag --scheme")
    assert '"bare" has no sentence in the gold: it will never be said' in warnings


def test_gold_of_a_version_with_a_label_that_nobody_was_asked_can_go_to_the_one_without_as_the_warning_says(
    examples: Path, tagger: Tagger
) -> None:
    first = next(iter(claimtag.read_gold(examples / "train.jsonl")))
    before, after = tagger.scheme, with_labels(tagger.scheme, FISHING)
    migrations = [Migration(before.name, before.version, after.version, (Step("add", label="fishing"),))]
    later = migrate(first, find_route(before, after, migrations=migrations))
    assert later.sentences[0].not_asked == ("fishing",)
    with pytest.raises(SchemeError, match=r"annotated under the label scheme security-cooperation 1\.1\.0, not"):
        check_gold([later], before)
    losses = Losses()
    again = migrate(later, find_route(after, before, migrations=migrations), losses)
    assert again.sentences == first.sentences
    assert not losses  # so no --allow-loss is needed
    check_gold([again], before)


def test_labels_in_another_order_are_refused_without_a_new_one(tagger: Tagger) -> None:
    with pytest.raises(SchemeError, match="stand in another order"):
        extended(tagger.bundle, replace(tagger.scheme, themes=tagger.scheme.themes[::-1]))


def test_labels_learned_under_other_rules_are_named(tagger: Tagger) -> None:
    themes = (replace(tagger.scheme.themes[0], definition="Something else."), *tagger.scheme.themes[1:])
    assert changed(tagger.bundle, replace(tagger.scheme, themes=themes)) == (tagger.scheme.labels[0],)
    assert changed(tagger.bundle, tagger.scheme) == ()


def test_a_label_beside_the_models_own_takes_its_probability_for_its_score(more: Tagger, tagger: Tagger) -> None:
    contexts = claimtag.themes.base.context_of(more.tag_text(TEXT).sentences, claimtag.Article("a", TEXT, lang="fr"))
    scores = more.bundle.model.scores(contexts)
    column = more.scheme.labels.index("fishing")
    assert np.allclose(more.bundle.deciding.probabilities(scores)[:, column], scores[:, column], atol=1e-4)
    assert np.array_equal(np.delete(scores, column, axis=1), tagger.bundle.model.scores(contexts))
