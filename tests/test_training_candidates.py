"""What is tried, in which order, and which of two models is the simpler."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from claimtag.scheme import Scheme, load_scheme
from claimtag.training.candidates import LINEAR, candidates, complexity, has_texts
from claimtag.training.naming import made_scheme

BARE: Scheme = made_scheme(Counter({"sea": 2, "land": 1}), file="x", name="x").scheme
START = {"min_df": 1}


def tried(**more: Any) -> list[tuple[str, dict[str, Any]]]:
    given: dict[str, Any] = {"scheme": load_scheme("climate-environment"), "few": True, "by_texts": True} | more
    fixed = given.pop("fixed", {})
    found = candidates(START | fixed, fixed, best=lambda: START | fixed, **given)
    return [(kind, dict(options)) for kind, options in found]


def test_with_few_sentences_models_that_read_the_scheme_s_texts_come_right_after_the_first() -> None:
    assert tried()[:4] == [("linear", START), ("keywords", {}), ("zeroshot", {}), ("zeroshot", {"with_encoder": False})]


def test_with_many_sentences_they_come_after_the_linear_ones() -> None:
    kinds = list(dict.fromkeys(kind for kind, _ in tried(few=False)))
    assert kinds == ["linear", "keywords", "zeroshot", "blend"]


def test_a_scheme_of_bare_names_has_nothing_to_read() -> None:
    assert not has_texts(BARE)
    assert {kind for kind, _ in tried(scheme=BARE)} == {"linear", "blend"}
    assert not any("zeroshot" in options.get("parts", "") for _, options in tried(scheme=BARE))


def test_blends_have_the_best_linear_options_and_those_given() -> None:
    blends = [options for kind, options in tried(fixed={"C": 3.0}, by_texts=False) if kind == "blend"]
    assert [options["parts"] for options in blends] == ["linear+zeroshot", "linear+zeroshot", "linear+encoder"]
    assert all(options["linear.C"] == 3.0 and options["linear.min_df"] == 1 for options in blends)


def test_without_texts_to_go_by_alone_they_are_tried_in_blends_only() -> None:
    assert {kind for kind, _ in tried(by_texts=False)} == {"linear", "blend"}


@pytest.mark.parametrize("name", LINEAR)
def test_an_option_that_is_given_is_not_varied(name: str) -> None:
    value = {"context": True, "class_weight": "balanced"}.get(name, 7)
    assert {options[name] for kind, options in tried(fixed={name: value}) if kind == "linear"} == {value}


def test_sentences_nearby_are_not_weighed_where_there_is_no_context() -> None:
    assert not any("nearby_weight" in options for _, options in tried(fixed={"context": False}))


def test_simpler_is_what_departs_less_from_the_start() -> None:
    ordered: list[tuple[str, dict[str, Any]]] = [
        ("linear", {"min_df": 1}),
        ("linear", {"min_df": 1, "class_weight": None}),  # a value of None is a departure too
        ("linear", {"min_df": 1, "C": 3.0, "letters": 5}),
        ("keywords", {}),
        ("zeroshot", {}),
        ("blend", {"parts": "linear+zeroshot", "linear.min_df": 1}),
        ("blend", {"parts": "linear+zeroshot", "linear.min_df": 1, "linear.C": 3.0}),
    ]
    ranks = [complexity(kind, options, START) for kind, options in ordered]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == len(ranks)
