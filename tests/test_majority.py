"""The majority tagger: the floor; and how kinds of models check their options."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from claimtag import load_scheme
from claimtag.errors import BundleError, OptionError
from claimtag.themes import KINDS, majority, model_kind
from claimtag.themes.majority import MajorityTagger


def test_every_sentence_gets_each_labels_share() -> None:
    tagger = MajorityTagger(["drugs", "justice"]).fit(["a", "b", "c", "d"], [["drugs"], ["drugs"], [], ["justice"]])
    assert tagger.scores(["x", "y"]).tolist() == [[0.5, 0.25]] * 2
    assert tagger.scores([]).shape == (0, 2)


def test_nothing_to_learn_from_is_refused() -> None:
    with pytest.raises(OptionError, match="there is nothing to learn from: give annotated sentences"):
        MajorityTagger(["drugs"]).fit([], np.zeros((0, 1)))


def test_saving_and_loading_is_identity(tmp_path: Path) -> None:
    tagger = MajorityTagger(["drugs"], [0.125])
    majority.save(tagger, tmp_path)
    again = majority.load(tmp_path)
    assert (again.labels, again.shares) == (tagger.labels, tagger.shares)


@pytest.mark.parametrize("content", ["", "[]", '{"labels": ["a"], "shares": []}', '{"labels": ["a"], "shares": [2]}'])
def test_a_damaged_file_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / majority.FILE).write_text(content)
    with pytest.raises(BundleError, match=r"majority\.json: not a majority tagger"):
        majority.load(tmp_path)


def test_no_word_weighs_anything_and_an_unknown_label_is_refused() -> None:
    tagger = MajorityTagger(["drugs"])
    assert majority.explain(tagger, None, "drugs") == ()  # type: ignore[arg-type]
    with pytest.raises(OptionError, match=r'"drug" is not one of the labels \(did you mean "drugs"\?\)'):
        majority.explain(tagger, None, "drug")  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_makes_a_model_of_the_schemes_labels(kind: str) -> None:
    scheme = load_scheme("security-cooperation")
    model = model_kind(kind).make(scheme)
    if kind not in ("linear", "encoder", "blend"):  # these know them once they have learnt
        assert model.labels == scheme.labels


def test_options_reach_the_model() -> None:
    scheme = load_scheme("security-cooperation")
    model = model_kind("linear").make(scheme, {"C": 2, "context": False, "keywords": False})
    assert (model.C, model.context, model.keywords) == (2, False, None)
    assert model_kind("linear").make(scheme).keywords


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        (
            "linear",
            {"letter": 3},
            r'models of kind "linear" have no option "letter" \(did you mean "letters"\?\); they have ',
        ),
        ("majority", {"C": 3}, 'models of kind "majority" have no option "C"; they have none'),
        ("linear", {"C": "x"}, 'option "C" of kind "linear" takes a number above 0, not \'x\''),
        ("linear", {"C": float("inf")}, 'option "C" of kind "linear" takes a number above 0, not inf'),
        ("linear", {"letters": True}, 'option "letters" of kind "linear" takes a whole number from 1 on, not True'),
        ("linear", {"min_df": 0}, 'option "min_df" of kind "linear" takes a whole number from 1 on, not 0'),
        ("linear", {"nearby_weight": -1}, 'option "nearby_weight" of kind "linear" takes a number from 0 on, not -1'),
        (
            "linear",
            {"context_weight": -0.5},
            'option "context_weight" of kind "linear" takes a number from 0 on, not -0.5',
        ),
        ("linear", {"keywords": 1}, 'option "keywords" of kind "linear" takes true or false, not 1'),
        (
            "linear",
            {"class_weight": "even"},
            'option "class_weight" of kind "linear" takes "balanced", weights by class, or None, not \'even\'',
        ),
    ],
)
def test_options_that_a_kind_does_not_have_are_refused(kind: str, options: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        model_kind(kind).make(load_scheme("security-cooperation"), options)
