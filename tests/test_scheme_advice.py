"""What a sound scheme can do better is told, with the theme's name; a scheme that does well is told nothing."""

from __future__ import annotations

import time
import tomllib
from dataclasses import replace

import pytest
from scheme_strategies import press

from claimtag.errors import SchemeError
from claimtag.scheme import Contrast, Label, Scheme, load_scheme, scheme_from_dict
from claimtag.scheme.advice import advice
from claimtag.scheme.template import template


def good(label: str, **parts: object) -> Label:
    whole = Label(
        label,
        "all",
        {"en": label},
        f"Of {label} and nothing else.",
        positive=(f"{label}!",),
        negative=(Contrast("Nothing of the kind."),),
        keywords={"en": (f"{label}word",)},
    )
    return replace(whole, **parts)  # type: ignore[arg-type]


def of(*themes: Label) -> Scheme:
    return replace(press("1.0.0", "x"), themes=themes)


def test_a_scheme_without_faults_gets_no_advice() -> None:
    assert advice(of(good("rivers"), good("mountains"))) == ()


def test_the_second_scheme_that_ships_gets_none() -> None:
    assert advice(load_scheme("climate-environment")) == ()


def test_a_keyword_of_two_themes_is_told_whatever_its_accents() -> None:
    themes = good("a", keywords={"fr": ("Élevage",)}), good("b", keywords={"fr": ("elevage",), "en": ("elevage",)})
    assert advice(of(*themes)) == ('"Élevage" (fr) points to a and to b: keep it where it is surer',)


def test_a_keyword_that_a_shorter_one_catches_is_told() -> None:
    themes = good("a", keywords={"fr": ("jihad*",)}), good("b", keywords={"fr": ("jihadistes belges", "jih")})
    assert advice(of(*themes)) == (
        '"jihadistes belges" (fr) of b is found by "jihad*" of a too: make one of them longer',
    )


def test_a_theme_without_examples_or_keywords_is_told() -> None:
    bare = Label("bare", "all", {"en": "Bare"}, "Nothing else is said of it.")
    assert advice(of(good("a"), bare)) == (
        "bare has no examples (positive), no counter-examples (negative), no keywords: annotators and models learn a theme "
        "from them",
    )


def test_keywords_that_are_listed_and_none_are_told() -> None:
    (told,) = advice(of(good("a"), good("b", keywords={"fr": ()})))
    assert told.startswith("b has no keywords: ")


def test_definitions_that_say_the_same_are_told() -> None:
    themes = good("a", definition="Courts, judges and prisons."), good("b", definition="prisons, judges and COURTS")
    assert advice(of(*themes)) == ("the definitions of a and b say the same: tell what parts them, or merge them",)


def test_an_example_that_is_a_counter_example_is_told() -> None:
    assert advice(of(good("a", positive=("Nothing of the kind.",)))) == (
        'a: "Nothing of the kind." is an example and a counter-example',
    )


def test_the_template_is_sound_and_told_what_it_lacks() -> None:
    scheme = scheme_from_dict(tomllib.loads(template("my-press", language="nl")))
    assert (scheme.name, scheme.version, scheme.language) == ("my-press", "0.1.0", "nl")
    assert [warning.split()[0] for warning in advice(scheme)] == ["first_theme", "second_theme"]
    assert template("my-press").count("\n# ") >= 8


@pytest.mark.parametrize(
    ("name", "near"),
    [("My Press", "my-press"), ("Été: sports", "ete-sports"), ("2024", "local-news"), ("", "local-news")],
)
def test_a_name_that_no_scheme_has_is_refused_with_one_that_it_may(name: str, near: str) -> None:
    with pytest.raises(SchemeError) as caught:
        template(name)
    assert str(caught.value) == f"{name!r} must be lower-case ASCII words joined by hyphens, such as {near}"


def test_a_language_that_is_none_is_refused() -> None:
    with pytest.raises(SchemeError, match="the language 'french' is not an ISO 639 code, such as fr"):
        template("press", language="french")


def test_advice_on_long_keywords_takes_linear_time() -> None:
    def taken(letters: int) -> float:
        themes = good("a", keywords={"fr": ("x" * letters + "*",)}), good("b", keywords={"fr": ("x" * (letters + 1),)})
        scheme, begun = of(*themes), time.perf_counter()
        advice(scheme)
        return time.perf_counter() - begun

    short, long = (min(taken(size) for _ in range(5)) for size in (20_000, 200_000))
    assert long < 60 * short + 0.05
