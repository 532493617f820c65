"""A model card tells what the model learned from and how well it does on each theme."""

from __future__ import annotations

from pathlib import Path

import pytest

import claimtag
from claimtag.errors import LeakageError


def test_the_card_names_data_licences_annotators_and_every_theme(small_training: claimtag.Training) -> None:
    bundle = small_training.tagger.bundle
    assert "| records given in Python | 12 | " in bundle.card
    assert "CC0-1.0 (12)" in bundle.card
    assert "claimtag-authors" in bundle.card
    for one in bundle.tiers:
        figures = small_training.out_of_fold.per_label[one.label]
        assert f"| `{one.label}` | {one.tier} | " in bundle.card
        assert f"| {figures.f1:.3f} | {figures.support} |" in bundle.card


def test_the_shipped_card_tells_its_data_and_its_test() -> None:
    card = claimtag.load_tagger("fast").bundle.card
    assert "Test: 20 articles that took no part in training or tuning" in card
    assert "CC BY 2.5" in card


def test_the_card_shows_other_tests_each_by_itself_and_what_a_new_label_gets(
    small_gold: list[claimtag.TaggedArticle], examples: Path
) -> None:
    also = {name: list(claimtag.read_gold(examples / "languages" / f"{name}.jsonl"))[:3] for name in ("nl", "ar")}
    training = claimtag.train(small_gold, name="small", folds=2, also=also, claims=False)
    card, tagger = training.tagger.bundle.card, training.tagger
    for name, gold in also.items():
        figures = claimtag.evaluate(gold, list(tagger.tag(one.article for one in gold)), labels=tagger.scheme.labels)
        assert f"| {name} | 3 | {figures.themes.sentences} | {figures.figures['micro_f1'].value:.3f}" in card
    zeroshot = tagger.bundle.zeroshot
    assert zeroshot is not None
    assert f"leaving out each of {len(zeroshot.labels)} labels in turn" in card
    assert f"that of F1 {zeroshot.f1:.3f}, on the training articles" in card


def test_another_test_may_not_share_articles_with_the_gold(small_gold: list[claimtag.TaggedArticle]) -> None:
    with pytest.raises(LeakageError, match=r"of the test stands? in the gold too"):
        claimtag.train(small_gold, folds=2, also={"again": small_gold[:2]}, claims=False)
