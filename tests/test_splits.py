"""Splits: duplicates stay together, groups stay whole, labels are spread, and nothing is left to chance."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimtag.errors import InputError, OptionError, OutputError, RecordError
from claimtag.reading import read_gold
from claimtag.records import Article, SchemeRef, Sentence, TaggedArticle, Theme
from claimtag.splits import (
    Split,
    duplicate_clusters,
    fold_articles,
    grouped_folds,
    read_split,
    refuse_leaks,
    split_articles,
    split_by_date,
    split_by_source,
    write_split,
)
from claimtag.splits.dealing import _dealt, _searched, deal
from claimtag.splits.frozen import quality_of

ROOT = Path(__file__).parent.parent
DATA = Path(os.environ.get("CLAIMTAG_DATA", ROOT.parent / "shared" / "data")) / "train.jsonl"


def test_the_same_text_is_one_cluster_whatever_its_case_and_white_space() -> None:
    assert duplicate_clusters([["Il part.", "Il vient."], ["Autre."], ["IL  PART.", "Il vient."]]) == (0, 1, 0)


def test_articles_that_share_most_of_the_shorter_ones_sentences_are_one_cluster() -> None:
    assert duplicate_clusters([["a", "b", "c", "d", "e", "f"], ["a", "b", "x"]]) == (0, 0)


def test_articles_that_share_half_of_their_sentences_are_two() -> None:
    assert duplicate_clusters([["a", "b"], ["a", "x"]]) == (0, 1)


def test_a_chain_of_duplicates_is_one_cluster() -> None:
    assert duplicate_clusters([["a", "b", "c"], ["d", "e", "f", "x"], ["b", "c", "d", "e", "f"]]) == (0, 0, 0)


def test_a_line_that_all_articles_share_makes_none_of_them_duplicates() -> None:
    articles = [["Lire aussi", f"un {n}", f"deux {n}"] for n in range(50)]
    assert duplicate_clusters(articles) == tuple(range(50))


def test_articles_without_sentences_are_nobodys_duplicates() -> None:
    assert duplicate_clusters([[], [" "], []]) == (0, 1, 2)


def test_clustering_is_linear_when_one_sentence_stands_in_every_article() -> None:
    def seconds(count: int) -> float:
        articles = [["Lire aussi", "Partager", f"texte {n}", f"suite {n}", f"fin {n}"] for n in range(count)]
        return min(_timed(articles) for _ in range(3))

    # four times the articles; sixteen times the work if every pair were compared
    assert seconds(8000) < 10 * seconds(2000)


def _timed(articles: list[list[str]]) -> float:
    begun = time.process_time()
    duplicate_clusters(articles)
    return time.process_time() - begun


@given(
    st.lists(st.tuples(st.integers(0, 8), st.tuples(*[st.booleans()] * 3)), min_size=1, max_size=60), st.integers(2, 5)
)
def test_no_group_lies_in_two_folds_and_no_fold_is_empty(rows: list[tuple[int, tuple[bool, ...]]], folds: int) -> None:
    groups = [group for group, _ in rows]
    if len(set(groups)) < folds:
        with pytest.raises(OptionError, match="folds cannot be made of"):
            grouped_folds([said for _, said in rows], groups, folds=folds)
        return
    fold_of = grouped_folds([said for _, said in rows], groups, folds=folds)
    assert set(fold_of.tolist()) == set(range(folds))
    for group in set(groups):
        assert len({fold for fold, other in zip(fold_of.tolist(), groups, strict=True) if other == group}) == 1


def test_a_rare_label_is_spread_over_all_folds() -> None:
    Y = np.zeros((100, 2), dtype=bool)
    Y[:, 0] = True
    Y[[3, 4, 5, 40, 90], 1] = True
    fold_of = grouped_folds(Y, list(range(100)))
    assert sorted(fold_of[[3, 4, 5, 40, 90]].tolist()) == [0, 1, 2, 3, 4]
    assert np.bincount(fold_of).tolist() == [20] * 5


def test_folds_are_the_same_every_time_and_differ_by_seed() -> None:
    Y, groups = np.eye(30, 3, dtype=bool), list(range(30))
    assert (grouped_folds(Y, groups) == grouped_folds(Y, groups)).all()
    assert (grouped_folds(Y, groups) != grouped_folds(Y, groups, seed=1)).any()


def test_too_few_groups_are_refused_with_the_reason() -> None:
    with pytest.raises(OptionError) as refusal:
        grouped_folds([[1], [0], [1]], ["a", "a", "a"])
    assert str(refusal.value) == (
        "5 folds cannot be made of 1 group(s) (whole articles, duplicates together); "
        "at least 2 folds, and as many groups, are needed"
    )


def test_groups_that_are_not_one_a_row_are_refused() -> None:
    with pytest.raises(OptionError, match=r"one group a row is needed: Y has the shape \(2, 1\), there are 1 groups"):
        grouped_folds([[1], [0]], ["a"])


def article(
    id: str,
    *texts: str,
    labels: str = "",
    date: str | None = None,
    source: str | None = None,
    scheme: str | None = None,
) -> TaggedArticle:
    """An article of these sentences; every one carries each letter of `labels` as a theme."""
    text, sentences = "\n".join(texts), []
    for sentence in texts:
        start = sentences[-1].end + 1 if sentences else 0
        themes = tuple(Theme(label) for label in labels)
        sentences.append(Sentence(start, start + len(sentence), sentence, themes=themes))
    ref = None if scheme is None else SchemeRef(scheme, "1.0.0")
    return TaggedArticle(Article(id, text, date=date, source=source), tuple(sentences), scheme=ref)


def corpus(count: int = 40, **fields: str) -> list[TaggedArticle]:
    """Articles that share nothing; every second carries a, every fifth b."""
    return [
        article(
            f"w{n}",
            f"Texte {n} un.",
            f"Texte {n} deux.",
            labels="a" * (n % 2 == 0) + "b" * (n % 5 == 0),
            date=f"20{10 + n // 4}-01-0{1 + n % 4}",
            source=f"journal {n % 8}",
            **fields,
        )
        for n in range(count)
    ]


@given(
    st.lists(st.lists(st.integers(0, 3), min_size=3, max_size=3), min_size=2, max_size=25),
    st.integers(2, 4),
    st.integers(0, 3),
)
def test_the_local_search_never_makes_a_deal_worse_and_empties_no_part(
    rows: list[list[int]], parts: int, seed: int
) -> None:
    counts, targets = np.array(rows, dtype=float), np.array([0.4, 0.3, 0.2, 0.1][:parts])
    targets /= targets.sum()
    if len(counts) < parts:
        with pytest.raises(OptionError, match=r"parts cannot be made of \d+ group\(s\)"):
            deal(counts, targets)
        return
    shares = counts / np.maximum(counts.sum(axis=0), 1)
    order = np.random.default_rng(seed).permutation(len(counts))

    def deviation(part_of: np.ndarray) -> float:
        held = np.zeros((parts, 3))
        np.add.at(held, part_of, shares)
        return float(((held - np.outer(targets, shares.sum(axis=0))) ** 2).sum())

    before, after = _dealt(shares, targets, order), deal(counts, targets, seed=seed)
    assert set(after.tolist()) == set(range(parts))
    assert deviation(after) <= deviation(before) + 1e-9


def test_a_swap_is_found_where_no_single_move_helps() -> None:
    shares = np.array([[0.5, 0.25], [0.5, 0.25], [0.0, 0.25], [0.0, 0.25]])
    part_of = _searched(shares, np.array([0, 0, 1, 1]), np.array([0.5, 0.5]), np.arange(4))
    assert sorted(part_of[:2].tolist()) == [0, 1]
    assert sorted(part_of[2:].tolist()) == [0, 1]


def test_dealing_is_quick_for_many_groups() -> None:
    def seconds(count: int) -> float:
        counts = np.random.default_rng(0).integers(0, 3, (count, 6))
        begun = time.process_time()
        deal(counts, [0.8, 0.2])
        return time.process_time() - begun

    # four times the groups; sixteen times the work if every pair were looked at
    assert min(seconds(8000) for _ in range(3)) < 10 * max(min(seconds(2000) for _ in range(3)), 0.05)


def test_parts_have_their_shares_of_every_label() -> None:
    split = split_articles(corpus(), shares={"train": 3, "test": 1})
    assert split.quality.sentences == {"train": 60, "test": 20}
    assert split.quality.labels == {"a": {"train": 30, "test": 10}, "b": {"train": 12, "test": 4}}
    assert split.quality.deviations == {"a": 0.0, "b": 0.0}
    assert split.quality.to_dict()["max_deviation"] == 0.0


def test_every_article_is_in_one_part_in_the_order_of_the_data() -> None:
    split, gold = split_articles(corpus()), corpus()
    assert sorted(chain(*split.articles.values())) == sorted(tagged.article.id for tagged in gold)
    place = {tagged.article.id: number for number, tagged in enumerate(gold)}
    assert all(list(ids) == sorted(ids, key=place.__getitem__) for ids in split.articles.values())


def test_articles_that_share_one_long_sentence_are_never_parted() -> None:
    said = "Le ministre a promis hier à Rabat de rendre le rapport public avant la fin de l'année"
    gold = [
        *corpus(6),
        article("x", "Un début.", "Une suite.", said),
        article("y", said + " 2018", "Autre fin.", "Et puis."),
    ]
    for seed in range(10):
        split = split_articles(gold, shares={"train": 1, "test": 1}, seed=seed)
        assert {"x", "y"} <= set(split.articles["train"]) or {"x", "y"} <= set(split.articles["test"])
        refuse_leaks(split.parts(gold))


def test_folds_are_numbered_from_one() -> None:
    split = fold_articles(corpus(10), folds=3)
    assert list(split.articles) == ["fold-1", "fold-2", "fold-3"]
    assert split.method == "folds"


def test_a_label_that_a_part_lacks_is_named_and_one_that_all_lack_has_no_deviation() -> None:
    gold = [article("x", "Un.", labels="a"), article("y", "Deux."), article("z", "Trois.")]
    split = split_articles(gold, shares={"train": 2, "test": 1}, labels=["a", "never"])
    assert split.quality.empty == {"train": ("never",), "test": ("a", "never")}
    assert split.quality.deviations["never"] is None
    assert split.quality.deviations["a"] == pytest.approx(1 / 3)


def test_boilerplate_does_not_count() -> None:
    notice = TaggedArticle(Article("n", "Partagez"), (Sentence(0, 8, "Partagez", "boilerplate"),))
    split = split_articles([notice, *corpus(3)], shares={"train": 1, "test": 1})
    assert sum(split.quality.sentences.values()) == 6
    assert sum(split.quality.articles.values()) == 4


def test_by_date_nothing_in_training_is_later_than_anything_in_test() -> None:
    gold = corpus()
    split = split_by_date(gold, shares={"train": 0.7, "dev": 0.2, "test": 0.1})
    parts = split.parts(gold)
    days = {part: [tagged.article.date or "" for tagged in articles] for part, articles in parts.items()}
    assert max(days["train"]) < min(days["dev"])
    assert max(days["dev"]) < min(days["test"])
    assert split.quality.articles == {"train": 28, "dev": 8, "test": 4}


def test_articles_of_one_day_are_on_one_side() -> None:
    gold = [article(f"x{n}", f"Texte {n}.", date="2018-01-01" if n < 9 else "2018-01-02") for n in range(10)]
    assert split_by_date(gold, shares={"train": 0.5, "test": 0.5}).quality.articles == {"train": 9, "test": 1}


def test_parts_may_begin_on_given_days() -> None:
    split = split_by_date(corpus(), starts={"train": "", "test": "2019-01-03"})
    assert split.articles["test"] == ("w38", "w39")


def test_articles_without_a_whole_date_are_left_out_and_named() -> None:
    gold = [*corpus(8), article("x", "Un."), article("y", "Deux.", date="mai 2018")]
    left_out = split_by_date(gold, shares={"train": 1, "test": 1}).left_out
    assert left_out == dict.fromkeys("xy", "it has no whole date (YYYY-MM-DD)")


def test_old_news_under_a_new_date_is_left_out_of_the_later_part() -> None:
    gold = [*corpus(8), article("x", "Texte 0 un.", "Texte 0 deux.", date="2030-01-01")]
    split = split_by_date(gold, starts={"train": "", "test": "2011-01-01"})
    assert split.left_out == {"x": 'it duplicates "w0" of train'}
    assert "w0" in split.articles["train"]


def test_by_source_no_source_is_in_two_parts() -> None:
    gold = corpus()
    split = split_by_source(gold, shares={"train": 3, "test": 1})
    sources = [{tagged.article.source for tagged in articles} for articles in split.parts(gold).values()]
    assert not sources[0] & sources[1]
    assert [len(each) for each in sources] == [6, 2]


def test_sources_of_the_test_may_be_named() -> None:
    split = split_by_source([*corpus(16), article("x", "Un.")], sources={"test": ["journal 3"]})
    assert split.articles["test"] == ("w3", "w11")
    assert len(split.articles["train"]) == 14
    assert split.left_out == {"x": "it has no source"}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: split_articles(corpus(3)[:2]), "3 parts cannot be made of 2 groups of articles that share text: each part needs one at least"),
        (lambda: split_articles(corpus(9), shares={"train": 1}), "a split needs two parts at least, each with a share above 0; given are: train 1"),
        (lambda: split_articles(corpus(9), shares={"train": 1, "test": 0}), "a split needs two parts at least, each with a share above 0; given are: train 1, test 0"),
        (lambda: split_articles([*corpus(3), *corpus(1)]), 'article "w0" stands twice in the data; ids must be unique'),
        (lambda: split_articles(corpus(9), labels=["a", "bb"]), 'article "w0" carries the theme "b", which is not one of the labels (did you mean "bb"?)'),
        (lambda: split_articles([*corpus(9, scheme="s"), article("x", "Un.", scheme="t")]), "the articles follow several schemes (s 1.0.0, t 1.0.0); bring them to one before splitting"),
        (lambda: fold_articles(corpus(9), folds=1), "1 folds cannot be trained on and tested: at least 2 are needed"),
        (lambda: split_by_date([article("x", "Un.")]), "no article has a whole date (YYYY-MM-DD), so there is no before and after"),
        (lambda: split_by_date(corpus(2)), "3 parts cannot be made of 2 day(s): each part needs one at least"),
        (lambda: split_by_date(corpus(9), starts={"train": "", "test": "2035-01-01"}), 'the part "test" would have no article; choose other shares, days or sources'),
        (lambda: split_by_date(corpus(9), starts={"train": "", "test": "janvier"}), "parts begin on days in order, written YYYY-MM-DD, and are two at least; given are: train '', test 'janvier'"),
        (lambda: split_by_source(corpus(9), sources={"test": ["jurnal 3"]}), 'no article is from the source "jurnal 3" (did you mean "journal 3"?)'),
        (lambda: split_by_source(corpus(9), sources={"dev": ["journal 3"], "test": ["journal 3"]}), 'the source "journal 3" is asked for in "dev" and in "test"'),
        (lambda: split_by_source(corpus(2)), "3 parts cannot be made of 2 sources: each part needs one at least"),
    ],
)  # fmt: skip
def test_what_cannot_be_split_is_refused_with_the_reason(make: Callable[[], Split], message: str) -> None:
    with pytest.raises(OptionError) as refusal:
        make()
    assert str(refusal.value) == message


def test_a_split_is_the_same_every_time_and_differs_by_seed() -> None:
    assert split_articles(corpus()) == split_articles(corpus())
    assert split_articles(corpus()).sha256 != split_articles(corpus(), seed=1).sha256


def test_a_frozen_split_is_read_back_as_it_was(tmp_path: Path) -> None:
    gold = [*corpus(scheme="s"), article("x", "Un.")]
    for split in (split_by_date(gold), split_articles(gold, seed=3)):
        path = write_split(split, tmp_path / "splits" / "s.json")
        assert read_split(path) == split
        assert json.loads(path.read_text("utf-8"))["sha256"] == split.sha256
    assert [file.name for file in path.parent.iterdir()] == ["s.json"]


def test_a_frozen_split_that_was_changed_by_hand_is_refused(tmp_path: Path) -> None:
    path = write_split(split_articles(corpus()), tmp_path / "s.json")
    frozen = path.read_text("utf-8")
    moved, painted, derived = (json.loads(frozen) for _ in range(3))
    moved["articles"]["train"].append(moved["articles"]["test"].pop())
    painted["quality"]["labels"]["a"]["test"] += 1
    derived["quality"]["max_deviation"] = 0.0
    for record in (moved, painted, derived):
        path.write_text(json.dumps(record), "utf-8")
        with pytest.raises(InputError, match=r"s\.json: the split says .*: it was changed after it was frozen"):
            read_split(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "not JSON"),
        ("[]", 'not a split of this claimtag: its "format" is not "claimtag split 2"'),
        ('{"format": "claimtag split 2"}', "not a split: KeyError\\('quality'\\)"),
    ],
)
def test_a_file_that_holds_no_split_is_refused(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "s.json").write_text(content, "utf-8")
    with pytest.raises(InputError, match=message):
        read_split(tmp_path / "s.json")


def test_a_split_file_that_is_not_there_or_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.json: the split cannot be read: No such file"):
        read_split(tmp_path / "none.json")
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(OutputError, match="the split cannot be written"):
        write_split(split_articles(corpus()), tmp_path / "file" / "s.json")


def test_data_that_are_not_those_that_were_split_are_refused_with_what_differs() -> None:
    gold = corpus(8, scheme="s")
    split = split_articles(gold)
    other = [*corpus(7, scheme="t")[1:], article("w0", "Autre."), article("new", "Nouveau.")]
    with pytest.raises(OptionError) as refusal:
        split.parts(other)
    assert str(refusal.value) == (
        "the data are not those that were split: the scheme was s 1.0.0, is now t 1.0.0; "
        '1 article(s) are missing: "w7"; 1 article(s) are new: "new"; '
        '1 article(s) are changed in their texts: "w0". Split them anew'
    )


def test_corrected_annotations_leave_a_split_as_it_is() -> None:
    split = split_articles(corpus(8))
    corrected = [replace(tagged, sentences=()) for tagged in corpus(8)]
    assert {part: len(articles) for part, articles in split.parts(corrected).items()} == split.quality.articles


def test_a_split_that_contradicts_itself_cannot_be_made() -> None:
    split = split_articles(corpus(8))
    for change, message in (
        ({"method": "dates"}, r'"dates" is not a way to split \(did you mean "date"\?\)'),
        ({"articles": {"train": ("w0",)}}, "a split has two parts at least, not 1"),
        ({"articles": {"train": ("w0",), "test": ()}}, 'the part "test" has no article'),
        ({"articles": {"train": ("w0",), "test": ("w0",)}}, 'article "w0" is in "train" and in "test"'),
        ({"texts": {}}, "every article needs one hash of its text, and is in a part or left out"),
    ):
        with pytest.raises(RecordError, match=message):
            replace(split, **change)


def test_half_a_surrogate_pair_in_a_text_splits_like_any_other() -> None:
    assert split_articles([*corpus(3), article("x", "\ud800")], shares={"a": 1, "b": 1}).quality.articles


@pytest.mark.skipif(not DATA.is_file(), reason=f"{DATA} is not there; CLAIMTAG_DATA names its folder")
def test_on_the_shared_data_labels_are_spread_ten_times_better_than_by_scikit_learns_group_folds() -> None:
    from sklearn.model_selection import GroupKFold

    gold = list(read_gold(DATA))
    split = fold_articles(gold)
    ids = np.array([tagged.article.id for tagged in gold for s in tagged.sentences if s.kind != "boilerplate"])
    fold_of = {}
    for number, (_, held) in enumerate(GroupKFold(5).split(ids, groups=ids), start=1):
        fold_of |= dict.fromkeys(ids[held].tolist(), f"fold-{number}")
    parts = {part: [t for t in gold if fold_of.get(t.article.id) == part] for part in split.articles}
    theirs = quality_of(parts, split.labels, targets=split.quality.targets).deviations
    ours = split.quality.deviations
    # western_sahara stands in one article alone: no splitter can spread it
    often = [label for label in ours if label != "western_sahara"]
    assert np.mean([ours[label] for label in often]) < 0.1 * np.mean([theirs[label] for label in often])
    assert max(ours[label] or 0 for label in often) < 0.03
    refuse_leaks(split.parts(gold))
