"""A model card tells what the model learned from and how well it does on each theme."""

from __future__ import annotations

import claimtag


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
