"""Annotation simulated: both ways begin alike, and what is written is what was counted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_experiments import two_models, write_articles

from claimtag import load_scheme, read_gold
from claimtag.errors import OptionError
from claimtag.experiments import load_experiment, read_run, run_experiments
from claimtag.experiments.files import Selection
from claimtag.experiments.selections import figures, kept, simulate
from claimtag.pipeline import Training, train
from claimtag.records import TaggedArticle

FILE = two_models("""
[selection]
model = "words"
sentences = [40, 80]
""")


@pytest.fixture(scope="module")
def gold(examples: Path) -> list[TaggedArticle]:
    return list(read_gold(examples / "train.jsonl"))[::5]


def learned(articles: list[TaggedArticle]) -> Training:
    return train(articles, model="keywords", folds=2, claims=False)


def test_both_ways_begin_with_the_same_articles_and_annotate_as_much(gold: list[TaggedArticle]) -> None:
    labels = load_scheme("security-cooperation").labels
    tables = simulate(
        (gold[::2], gold[1::2]),
        learned,
        Selection("words", (60, 120)),
        labels=labels,
        seed=1,
        segmentation="gold",
        tell=lambda _: None,
    )
    annotated = tables["annotated"]
    assert annotated[0, 0].tolist() == annotated[1, 0].tolist()
    assert (tables["random-0"] == tables["selected-0"]).all()
    sizes = annotated[..., -1]
    longest = max(len(one.sentences) for one in gold)
    assert ((sizes >= [60, 120]) & (sizes < [60 + longest, 120 + longest])).all()
    assert tables["selected-1"].shape == (len(gold[1::2]), len(labels), 3)
    assert annotated[0, 1].tolist() != annotated[1, 1].tolist()


def test_figures_are_paired_over_the_test_articles_of_all_parts() -> None:
    scheme = load_scheme("security-cooperation")
    rng, parts = np.random.default_rng(0), []
    for _ in range(2):
        support = rng.integers(1, 4, (8, len(scheme.labels)))
        tables = {"annotated": np.ones((2, 2, len(scheme.labels) + 1), dtype=np.int64)}
        for way, right in (("random", 0), ("selected", 1)):
            for place in range(2):
                found = support * (right if place else 0)
                tables[f"{way}-{place}"] = np.stack([found, 0 * found, support - found], axis=-1)
        parts.append(tables)
    made = figures(parts, Selection("words", (1, 2)), scheme=scheme)
    first, second = made["points"]
    assert (made["articles"], made["parts"]) == (16, 2)
    assert first["difference"]["macro_f1"]["difference"]["value"] == 0
    assert second["difference"]["macro_f1"]["difference"]["value"] == 1
    assert (second["selected"]["micro_f1"]["value"], second["random"]["micro_f1"]["value"]) == (1, 0)
    assert second["random"]["annotated"]["labels"]["drugs"] == 1


def test_an_experiment_simulates_for_its_model_alone_and_shows_the_table(
    tmp_path: Path, gold: list[TaggedArticle]
) -> None:
    file = tmp_path / "experiments" / "selection.toml"
    file.parent.mkdir()
    file.write_text(FILE)
    write_articles(tmp_path / "train.jsonl", gold)
    assert not run_experiments([file]).failures
    results = file.parent / "results" / "selection"
    simulated = read_run(results / "words-s0").metrics["selection"]
    assert [point["sentences"] for point in simulated["points"]] == [40, 80]
    assert "selection" not in read_run(results / "other-s0").metrics
    text = (file.parent / "RESULTS.md").read_text()
    assert "Annotation simulated, `words`: articles chosen by `claimtag select` against random ones" in text
    last = simulated["points"][-1]
    gap = last["difference"]["macro_f1"]["difference"]
    assert f"{gap['value']:+.3f} [{gap['low']:+.3f}, {gap['high']:+.3f}]" in text
    assert run_experiments([file]).made == []


def test_senseless_sizes_and_unknown_models_are_told(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(FILE.replace("[40, 80]", "[120, 60]").replace('model = "words"', 'model = "wordz"'))
    with pytest.raises(OptionError) as refusal:
        load_experiment(file)
    assert 'selection.model: "wordz" is not one of the models (did you mean "words"?)' in str(refusal.value)
    assert "selection.sentences: at least two numbers from 1 up, each larger than the one before, not [120, 60]" in str(
        refusal.value
    )


def test_tables_are_kept_whole(tmp_path: Path) -> None:
    from claimtag.experiments.selections import keep

    keep(tmp_path / "a.npz", {"annotated": np.arange(6).reshape(2, 3)})
    assert kept(tmp_path / "a.npz")["annotated"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]
