"""Suspects: annotations that should be looked at again."""

from __future__ import annotations

import json
import sys
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from claimtag.errors import MissingExtraError, OptionError
from claimtag.evaluation.noise import Suspect, suspects
from claimtag.records import Article, Sentence, TaggedArticle, Theme


def annotated(gold: NDArray[np.bool_]) -> list[TaggedArticle]:
    """One article a row of labels "a" and "b", each of one sentence after a caption."""
    articles = []
    for number, row in enumerate(gold):
        text = f"Photo. Phrase {number}."
        themes = tuple(Theme(label) for label, given in zip("ab", row, strict=True) if given)
        sentences = (Sentence(0, 6, "Photo.", "boilerplate"), Sentence(7, len(text), text[7:], themes=themes))
        articles.append(TaggedArticle(Article(f"x{number}", text), sentences))
    return articles


def sample() -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Annotations of 40 sentences, and scores that agree with them."""
    rng = np.random.default_rng(0)
    gold = np.arange(80).reshape(40, 2) % 4 == 0
    gold[::3, 1] = True
    return gold, np.where(gold, 0.8, 0.1) + rng.uniform(-0.05, 0.05, gold.shape)


def test_planted_mistakes_are_found_and_come_first() -> None:
    gold, scores = sample()
    wrong = gold.copy()
    wrong[[0, 5], 0] ^= True  # one left out, one given
    wrong[2, 1] ^= True
    for place in ((0, 0), (5, 0), (2, 1)):
        scores[place] = float(gold[place])
    found = suspects(annotated(wrong), scores, ["a", "b"], most=3)
    assert {(one.article, one.label, one.given) for one in found} == {
        ("x0", "a", bool(wrong[0, 0])),
        ("x5", "a", bool(wrong[5, 0])),
        ("x2", "b", bool(wrong[2, 1])),
    }


def test_a_suspect_says_where_it_stands_and_what_is_suggested() -> None:
    gold, scores = sample()
    scores[4, 0] = float(gold[4, 0])
    gold[4, 0] = not gold[4, 0]
    (first,) = suspects(annotated(gold), scores, ["a", "b"], most=1)
    assert (first.article, first.start, first.end, first.text) == ("x4", 7, 16, "Phrase 4.")
    assert first.suggested is not first.given
    assert json.loads(json.dumps(first.to_dict())) == {
        "article": "x4",
        "start": 7,
        "end": 16,
        "text": "Phrase 4.",
        "label": "a",
        "given": first.given,
        "suggested": not first.given,
        "score": first.score,
    }


def test_the_least_likely_annotations_come_first() -> None:
    rng = np.random.default_rng(1)
    scores = rng.random((200, 2))
    gold = rng.random((200, 2)) < scores
    found = suspects(annotated(gold), scores, ["a", "b"])
    assert found
    doubts = [abs(one.given - one.score) for one in found]
    assert all(before >= after - 1e-4 for before, after in pairwise(doubts))
    assert suspects(annotated(gold), scores, ["a", "b"], most=5) == found[:5]


def test_the_suspects_are_those_of_the_paper() -> None:
    # self-confidence: mean score of the annotated 0.6; mean of 1 − score of the others 0.75
    gold = np.array([[1], [1], [1], [1], [1], [0], [0], [0], [0]], dtype=bool)
    scores = np.array([[0.9], [0.9], [0.6], [0.5], [0.1], [0.7], [0.1], [0.1], [0.1]])
    assert scores[gold].mean() == pytest.approx(0.6)
    assert (1 - scores[~gold]).mean() == pytest.approx(0.75)
    both = np.column_stack([gold[:, 0], np.zeros(9, dtype=bool)])
    found = suspects(annotated(both), np.column_stack([scores, np.zeros(9)]), ["a", "b"])
    assert [(one.article, one.given, one.score) for one in found] == [("x4", True, 0.1), ("x5", False, 0.7)]


def test_what_is_confidently_both_is_what_is_likelier() -> None:
    # hard to learn: mean score 0.3 where given; where not, 1 − score is 0.76 on average
    gold = np.column_stack([np.arange(10) < 5, np.zeros(10)]).astype(bool)
    scores = np.zeros((10, 2))
    scores[:, 0] = [0.24, 0.3, 0.3, 0.3, 0.36, 0.24, 0.24, 0.24, 0.24, 0.24]
    scores[0, 0] = 0.2
    scores[1, 0] = 0.34
    both = scores.copy()
    both[5, 0], both[6:, 0] = (
        0.3,
        0.1,
    )  # now 1 − score is 0.86 on average: 0.3 is confidently there, 0.7 not confidently not
    assert [one.article for one in suspects(annotated(gold), both, ["a", "b"])] == ["x5"]
    both[6:, 0] = [0.29, 0.29, 0.29, 0.29]  # and now 0.7 is confident too, and the likelier
    both[5, 0] = 0.29
    assert not [one for one in suspects(annotated(gold), both, ["a", "b"]) if not one.given]


def test_a_label_with_few_examples_has_no_suspects() -> None:
    gold = np.zeros((30, 2), dtype=bool)
    gold[:4, 0] = True
    scores = np.full((30, 2), 0.05)
    scores[:4, 0], scores[10, 0], scores[11, 1] = 0.6, 0.99, 0.99
    scores[0, 0] = 0.0
    assert suspects(annotated(gold), scores, ["a", "b"]) == ()
    gold[4, 0], scores[[0, 4], 0] = True, 0.6
    assert [one.article for one in suspects(annotated(gold), scores, ["a", "b"]) if not one.given] == ["x10"]


def test_a_label_that_the_models_did_not_learn_has_no_suspects() -> None:
    gold = np.zeros((30, 2), dtype=bool)
    gold[:6, 0] = True
    scores = np.where(gold, 0.0, 0.01)  # all of one article: no model that scored it had seen the label
    assert suspects(annotated(gold), scores, ["a", "b"]) == ()


def test_nothing_is_suspected_where_all_agree_and_where_there_is_nothing() -> None:
    gold = sample()[0]
    assert suspects(annotated(gold), gold.astype(float), ["a", "b"]) == ()
    assert suspects([], np.zeros((0, 2)), ["a", "b"]) == ()


@pytest.mark.parametrize("most", [0, -1])
def test_no_suspects_cannot_be_asked_for(most: int) -> None:
    gold, scores = sample()
    with pytest.raises(OptionError, match=f"at least 1 suspect can be asked for, not {most}"):
        suspects(annotated(gold), scores, ["a", "b"], most=most)


def test_scores_of_other_sentences_are_refused() -> None:
    with pytest.raises(OptionError) as refusal:
        suspects(annotated(np.ones((2, 2), dtype=bool)), np.zeros((4, 2)), ["a", "b"])
    assert str(refusal.value) == (
        "scores have the shape (4, 2), the gold themes (2, 2); give a row for each gold sentence that is not boilerplate"
    )
    with pytest.raises(OptionError, match=r"scores must lie in \[0, 1\], and none may be nan"):
        suspects(annotated(np.ones((1, 2), dtype=bool)), [[2.0, 0.5]], ["a", "b"])


def test_the_suspects_are_those_of_cleanlabs_confident_joint() -> None:
    count = pytest.importorskip("cleanlab.count", reason="the extra cleanlab is not installed")
    generator, seen = np.random.default_rng(0), 0
    for _ in range(20):
        scores = generator.beta(0.5, 2, size=200)
        gold = generator.random(200) < np.clip(scores + generator.normal(0, 0.2, 200), 0, 1)
        both = np.column_stack([gold, np.zeros(200)]).astype(bool)
        ours = {
            int(one.article[1:]) for one in suspects(annotated(both), np.column_stack([scores, scores * 0]), ["a", "b"])
        }
        joint = np.column_stack([1 - scores, scores])
        _, theirs = count.compute_confident_joint(gold.astype(int), joint, return_indices_of_off_diagonals=True)
        assert ours == set(np.asarray(theirs).tolist())
        seen += len(ours)
    assert seen > 100


def test_cleanlab_finds_planted_mistakes_too() -> None:
    pytest.importorskip("cleanlab.filter", reason="the extra cleanlab is not installed")
    gold, scores = sample()
    scores[[0, 5], 0] = gold[[0, 5], 0]
    gold[[0, 5], 0] ^= True
    found = suspects(annotated(gold), scores, ["a", "b"], method="cleanlab")
    assert {(one.article, one.label) for one in found} == {("x0", "a"), ("x5", "a")}


def test_cleanlab_is_asked_for_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cleanlab", None)
    monkeypatch.setitem(sys.modules, "cleanlab.filter", None)
    gold, scores = sample()
    with pytest.raises(MissingExtraError, match=r'pip install "claimtag\[cleanlab\]"'):
        suspects(annotated(gold), scores, ["a", "b"], method="cleanlab")


def test_an_unknown_method_is_refused() -> None:
    gold, scores = sample()
    with pytest.raises(OptionError, match=r'"cleanlib" is no method \(did you mean "cleanlab"\?\)'):
        suspects(annotated(gold), scores, ["a", "b"], method="cleanlib")  # type: ignore[arg-type]


def test_a_suspect_is_a_plain_record() -> None:
    assert Suspect("a", 0, 4, "Oui.", "drugs", given=True, score=0.1).suggested is False
