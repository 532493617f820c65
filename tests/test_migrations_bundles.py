"""A migrated bundle says of every text what its predictions, migrated, say; what it cannot know is marked."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scheme_strategies import scheme_after

import claimtag
from claimtag.bundle import load_bundle, save_bundle
from claimtag.changing import Route, Step, migrate
from claimtag.changing.bundles import columns_by, lossy, migrate_bundle
from claimtag.errors import BundleError, OptionError
from claimtag.records import TaggedArticle
from claimtag.scheme import load_scheme
from claimtag.themes import model_kind
from claimtag.themes.deciding import Deciding
from claimtag.themes.majority import MajorityTagger
from claimtag.themes.migrated import Column, MigratedTagger

STEPS = (
    Step("rename", label="policing", to="law_enforcement"),
    Step("merge", labels=("radicalisation", "foreign_fighters"), to="extremism"),
    Step("split", label="justice", into=("courts", "prisons"), rule="reread"),
    Step("split", label="economy", into=("work", "trade"), rule="one", one="work"),
    Step("split", label="politics", into=("elections", "parties"), rule="all"),
    Step("add", label="climate"),
    Step("deprecate", label="humanitarian"),
)


@pytest.fixture(scope="module")
def route() -> Route:
    before = load_scheme("security-cooperation")
    return Route(before, scheme_after(before, STEPS), STEPS)


@pytest.fixture(scope="module")
def migrated(small_training: claimtag.Training, route: Route) -> claimtag.Tagger:
    return claimtag.Tagger(migrate_bundle(small_training.tagger.bundle, route))


@pytest.fixture(scope="module")
def pairs(
    small_training: claimtag.Training, migrated: claimtag.Tagger, route: Route, small_gold: list[TaggedArticle]
) -> list[tuple[TaggedArticle, TaggedArticle]]:
    """Each article tagged and then migrated, and tagged by the migrated bundle."""
    articles = [tagged.article for tagged in small_gold]
    first = (migrate(tagged, route) for tagged in small_training.tagger.tag(articles))
    return list(zip(first, migrated.tag(articles), strict=True))


def test_tagging_and_migrating_may_change_places(pairs: list[tuple[TaggedArticle, TaggedArticle]]) -> None:
    said = 0
    for first, second in pairs:
        for one, other in zip(first.sentences, second.sentences, strict=True):
            assert one.themes == other.themes
            assert [theme.label for theme in one.review] == [theme.label for theme in other.review]
            said += len(one.themes)
    assert said > 100


def test_labels_that_need_training_are_never_said_and_no_sentence_is_asked_them(
    pairs: list[tuple[TaggedArticle, TaggedArticle]], migrated: claimtag.Tagger
) -> None:
    needed = ("courts", "prisons", "trade", "climate")
    assert migrated.bundle.model.not_asked == needed  # type: ignore[attr-defined]
    sentences = [sentence for _, tagged in pairs for sentence in tagged.sentences if sentence.kind != "boilerplate"]
    assert {sentence.not_asked for sentence in sentences} == {needed}
    assert any("courts" in {theme.label for theme in sentence.review} for sentence in sentences)
    reasons = {tier.label: tier.f1.reason for tier in migrated.bundle.tiers}
    assert reasons["climate"] == "needs training: not known to the model, never said"
    assert reasons["courts"] == "needs training: split from justice, put up for review and never said"


def test_figures_of_renamed_labels_stay(small_training: claimtag.Training, migrated: claimtag.Tagger) -> None:
    old = {tier.label: tier for tier in small_training.tagger.bundle.tiers}
    new = {tier.label: tier for tier in migrated.bundle.tiers}
    assert (new["law_enforcement"].f1, new["drugs"].f1) == (old["policing"].f1, old["drugs"].f1)
    assert (new["extremism"].tier, new["extremism"].support) == ("C", 0)


def test_a_migrated_bundle_is_saved_and_loaded_without_pickle(
    migrated: claimtag.Tagger, tmp_path: Path, small_gold: list[TaggedArticle]
) -> None:
    folder = save_bundle(migrated.bundle, tmp_path / "bundle")
    again = claimtag.load_tagger(folder)
    articles = [tagged.article for tagged in small_gold[:3]]
    assert list(again.tag(articles)) == list(migrated.tag(articles))
    assert not [path for path in folder.rglob("*") if path.suffix in (".pkl", ".pickle", ".joblib")]
    assert json.loads((folder / "manifest.json").read_text())["scheme"]["version"] == "1.1.0"
    assert "- `climate`: needs training" in (folder / "README.md").read_text()
    record = folder / "model" / "migrated.json"
    record.write_text(record.read_text().replace("policing", "politics"))
    with pytest.raises(BundleError, match=r"model/migrated\.json was altered or cut off"):
        load_bundle(folder)


def test_a_word_is_explained_by_the_label_that_it_comes_from(
    migrated: claimtag.Tagger, small_training: claimtag.Training, small_gold: list[TaggedArticle]
) -> None:
    article = small_gold[0].article
    new = migrated.explain(article, label="law_enforcement")
    old = small_training.tagger.explain(article, label="policing")
    assert [one.weights for one in new] == [one.weights for one in old]
    assert not any(one.weights for one in migrated.explain(article, label="climate"))


def test_the_way_back_gives_the_trained_model_again(small_training: claimtag.Training) -> None:
    bundle, before = small_training.tagger.bundle, load_scheme("security-cooperation")
    steps = STEPS[:1] + STEPS[2:3]
    after = scheme_after(before, steps)
    there = migrate_bundle(bundle, Route(before, after, steps))
    back = migrate_bundle(there, Route(after, before, tuple(step.inverse for step in reversed(steps))))
    assert there.kind == "migrated"
    assert (back.kind, back.model, back.deciding, back.scheme) == (bundle.kind, bundle.model, bundle.deciding, before)


def test_a_bundle_that_was_migrated_is_migrated_again_from_what_was_trained(small_training: claimtag.Training) -> None:
    before = load_scheme("security-cooperation")
    first, second = STEPS[:2], (Step("merge", labels=("extremism", "drugs"), to="crime"),)
    middle = scheme_after(before, first)
    last = scheme_after(middle, second, version="1.2.0")
    twice = migrate_bundle(
        migrate_bundle(small_training.tagger.bundle, Route(before, middle, first)), Route(middle, last, second)
    )
    once = migrate_bundle(small_training.tagger.bundle, Route(before, last, first + second))
    assert twice.model.columns == once.model.columns  # type: ignore[attr-defined]
    assert twice.model.columns["crime"].sources == ("radicalisation", "foreign_fighters", "drugs")  # type: ignore[attr-defined]
    assert twice.deciding == once.deciding


def test_merges_and_deprecated_labels_are_lossy(route: Route) -> None:
    assert [step.kind for step in lossy(route)] == ["merge", "deprecate"]


def test_a_merged_label_of_one_known_part_is_that_part() -> None:
    merge = Step("merge", labels=("a", "b"), to="c")
    assert columns_by(merge, {"a": Column("same", ("x",)), "b": Column("none")}) == {"c": Column("merged", ("x",))}
    assert columns_by(merge, {"a": Column("none"), "b": Column("none")}) == {"c": Column("none")}


def merged_of(
    thresholds: tuple[float | None, ...], review: tuple[float | None, ...], shares: list[float]
) -> MigratedTagger:
    deciding = Deciding(("a", "b"), thresholds, review)
    return MigratedTagger("majority", MajorityTagger(["a", "b"], shares), deciding, {"c": Column("merged", ("a", "b"))})


@pytest.mark.parametrize("limits", [((0.4, 0.6), (0.3, 0.45)), ((0.2, 0.9), (0.2, 0.1)), ((0.5, None), (0.2, None))])
def test_a_merged_label_is_said_and_reviewed_where_a_part_was(
    limits: tuple[tuple[float, float | None], tuple[float, float | None]],
) -> None:
    for shares in ([a / 20, b / 20] for a in range(0, 21, 2) for b in range(1, 21, 3)):
        model = merged_of(*limits, shares)
        ((themes, review),) = model.deciding.decide(model.model.scores(["x"]))  # type: ignore[list-item]
        ((merged, merged_review),) = model.decided().decide(model.scores(["x"]))  # type: ignore[list-item]
        assert bool(merged) == bool(themes), shares
        assert bool(merged_review) == (bool(review) and not themes), shares
        if themes:
            assert merged[0].score == max(theme.score or 0 for theme in themes)


def test_parts_without_examples_are_never_said() -> None:
    model = merged_of((None, None), (None, None), [0.9, 0.9])
    assert model.decided().thresholds == (None,)
    assert not model.decided().said(np.ones((1, 1))).any()


def test_no_migrated_model_is_trained(route: Route) -> None:
    with pytest.raises(OptionError, match=r'^a model of kind "migrated" is made by claimtag labels migrate'):
        model_kind("migrated").make(route.after)


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ([{"label": "x", "how": "same", "sources": ["nothing"]}], "x comes from nothing that is there"),
        ([{"label": "x", "how": "somehow", "sources": ["a"]}], "x comes from nothing that is there"),
        ([{"label": "x", "how": "same", "sources": ["a", "b"]}], "x: 2 labels cannot be same"),
        ([{"label": "x", "how": "merged", "sources": []}], "x: 0 labels cannot be merged"),
        ([{"label": "x", "how": "none", "sources": []}] * 2, "a label that stands twice"),
        ([{"label": "x"}], "'how'"),
    ],
)
def test_a_damaged_record_of_columns_is_refused(tmp_path: Path, columns: list[object], why: str) -> None:
    model = merged_of((0.5, 0.5), (0.5, 0.5), [0.1, 0.2])
    model_kind("migrated").save(model, tmp_path)
    (tmp_path / "migrated.json").write_text(json.dumps({"kind": "majority", "columns": columns}))
    with pytest.raises(BundleError) as caught:
        model_kind("migrated").load(tmp_path)
    assert why in str(caught.value)
    assert str(caught.value).endswith("migrate it again")
