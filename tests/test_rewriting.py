"""Perturbed sentences: each kind does what it says, draws the same every time, and keeps to one gender and name."""

from __future__ import annotations

import random
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import strings

from claimtag.errors import OptionError
from claimtag.evaluation.rewriting import PERTURBATIONS, Perturbation, has_lexicon, rewriter
from claimtag.lexicons import lexicon
from claimtag.records import Article


def rewritten(text: str, kind: Perturbation, *, lang: str | None = "fr", seed: int = 0) -> str:
    return rewriter(Article("a", text, lang=lang), [text], kind, seed=seed)(text, 0)


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("accents", "Le cœur de l'été à Liège, ŒUVRE", "Le coeur de l'ete a Liege, OEUVRE"),
        ("accents", "e\u0301te\u0301", "ete"),
        ("accents", "مُحَمَّد", "مُحَمَّد"),
        ("apostrophes", "l'été d’Anna", "l’été d'Anna"),
        ("guillemets", "Il dit « oui », «\u00a0non\u00a0» et «si»", "Il dit “oui”, “non” et “si”"),
        ("guillemets", "Il dit “oui” et \"non\"", "Il dit «\u00a0oui\u00a0» et «\u00a0non\u00a0»"),
        ("spaces", "Il dit : « oui » à 20 000 gens", "Il dit\u00a0: «\u00a0oui\u00a0» à 20\u00a0000 gens"),
        ("spaces", "Il dit\u00a0: oui\u202f!", "Il dit : oui !"),
        ("capitals", "L'été à Liège", "L'ÉTÉ À LIÈGE"),
        ("negation", "Le ministre est à Rabat.", "Le ministre n'est pas à Rabat."),
        ("negation", "La police devrait agir.", "La police ne devrait pas agir."),
        ("negation", "Il y a trois suspects.", "Il n'y a pas trois suspects."),
        ("negation", "Il s'est rendu à Rabat.", "Il ne s'est pas rendu à Rabat."),
        ("negation", "Il lui a parlé.", "Il ne lui a pas parlé."),
        ("negation", "Les villes de l'est ont peur.", "Les villes de l'est n'ont pas peur."),
        ("negation", "Le juge n'a pas parlé.", "Le juge n'a pas parlé."),
        ("negation", "Rabat, capitale", "Rabat, capitale"),
        ("negation", "A-t-il parlé ?", "A-t-il parlé ?"),
    ],
)  # fmt: skip
def test_a_kind_does_what_it_says(kind: Perturbation, before: str, after: str) -> None:
    assert rewritten(before, kind) == after


def test_of_two_verbs_the_first_that_is_not_negated_yet_is() -> None:
    text = "Le juge n'a pas parlé, et ceux qui l'attendaient à la sortie du palais de justice sont partis."
    assert rewritten(text, "negation").endswith("justice ne sont pas partis.")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Le roi est là.", "{} le roi est là."),
        ("L’été vient.", "{} l’été vient."),
        ("À Rabat, tout dort.", "{} à Rabat, tout dort."),
        ("Rabat dort.", "Rabat dort, {}."),
        ("LE ROI EST LÀ.", "LE ROI EST LÀ, {}."),
        ("Mais il part.", "Mais il part, {}."),
        ("BRUXELLES — Le roi est là.", "BRUXELLES — Le roi est là, {}."),
        ("« Oui », dit le roi.", "« Oui », dit le roi, {}."),
        ("Rabat, Paris, etc.", "Rabat, Paris, etc., {}."),
        ("Dexia est une S.A.", "Dexia est une S.A., {}."),
    ],
)  # fmt: skip
def test_a_frame_stands_before_a_statement_or_behind_it_where_it_may_begin_with_a_name(before: str, after: str) -> None:
    frames = [frame.rstrip(", ") for frame in lexicon("fr", "perturbations")["frames"]]
    forms = [frame + "," if after.startswith("{}") else frame[0].lower() + frame[1:] for frame in frames]
    assert rewritten(before, "frame") in {after.format(form) for form in forms}


@pytest.mark.parametrize(
    "text",
    ["Que fait Rabat ?", "Partez !", "Il part…", "Il part...", "Il dit : « Non. »", "Titre sans point",
     "Selon Rabat, tout va bien.", "D’après lui, rien."],
)  # fmt: skip
def test_what_is_no_statement_or_somebodys_already_gets_no_frame(text: str) -> None:
    assert rewritten(text, "frame") == text


def test_frames_differ_by_seed() -> None:
    assert len({rewritten("Il dort.", "frame", seed=seed) for seed in range(20)}) > 3


def test_names_are_swapped_everywhere_in_the_article_for_the_same_invented_name() -> None:
    texts = ["Marie Dupont est là.", "« Non », dit Dupont.", "Mme Dupont et Dupontel."]
    rewrite = rewriter(Article("a", " ".join(texts), lang="fr"), texts, "names", seed=0)
    first, second, third = (rewrite(text, place) for place, text in enumerate(texts))
    surname = first.split()[1]
    assert surname in lexicon("fr", "perturbations")["names"]["surnames"]
    assert second == f"« Non », dit {surname}."
    assert third == f"Mme {surname} et Dupontel."


@given(st.integers(0, 500), st.sampled_from(["female", "male"]))
def test_a_given_name_becomes_another_of_the_same_gender(seed: int, gender: str) -> None:
    names = lexicon("fr", "perturbations")["names"]
    given_name = random.Random(seed).choice(names[gender])
    new, surname = rewritten(f"{given_name} Dupont", "names", seed=seed).split()
    assert new in names[gender]
    assert new != given_name
    assert surname in names["surnames"]


def test_behind_a_title_an_unknown_given_name_is_swapped_too() -> None:
    names = lexicon("fr", "perturbations")["names"]
    title, new, surname = rewritten("Mme Xylia Ouaddou", "names").split()
    assert title == "Mme"
    assert new in names["female"]
    assert surname in names["surnames"]


def test_names_with_particles_are_one_name() -> None:
    assert re.fullmatch(r"\w+ \w+ part", rewritten("Bruno Le Roux part", "names"))
    assert re.fullmatch(r"M\. \w+ part", rewritten("M. El Othmani part", "names"))


def test_an_elided_word_stays_right_before_a_new_name() -> None:
    for seed in range(30):
        new = rewritten("Le fils d'Ahmed Alaoui et d'Alaoui", "names", seed=seed)
        assert all(letter in "AEÉIOUYH" for letter in re.findall(r"d'(\w)", new)), new


def test_places_and_bodies_are_no_names() -> None:
    text = "La Commission, Rabat, Human Rights Watch et l'Union européenne."
    assert rewritten(text, "names") == text


def test_a_name_is_a_weakness_where_a_thing_is_called_after_a_person() -> None:
    assert "James Webb" not in rewritten("Le télescope James Webb", "names")


@given(
    st.lists(st.sampled_from(["ministre", "police", "le", "Bruxelles", "oui"]), min_size=1, max_size=60),
    st.integers(0, 99),
)
def test_a_tenth_of_the_longer_words_has_a_typo_and_at_least_one(words: list[str], seed: int) -> None:
    after = rewritten(" ".join(words), "typos", seed=seed).split()
    changed = [place for place, (old, new) in enumerate(zip(words, after, strict=True)) if old != new]
    longer = [word for word in words if len(word) >= 5]
    assert len(changed) == (max(1, len(longer) // 10) if longer else 0)
    for place in changed:
        assert (words[place][0], abs(len(words[place]) - len(after[place])) <= 1) == (after[place][0], True)


def test_a_typo_hits_the_neighbours_of_the_keyboard_where_the_language_has_one() -> None:
    french = {rewritten("zzzzz", "typos", seed=seed) for seed in range(200)}
    other = {rewritten("zzzzz", "typos", lang=None, seed=seed) for seed in range(200)}
    assert {len(word) for word in other} == {4, 6}
    assert french - other == {"z" * n + key + "z" * (4 - n) for n in (1, 2, 3) for key in "ae"}


@given(strings(max_size=80), st.sampled_from(PERTURBATIONS), st.integers(0, 9))
def test_any_text_can_be_perturbed_never_to_nothing_and_always_to_the_same(
    text: str, kind: Perturbation, seed: int
) -> None:
    once = rewritten(text, kind, seed=seed)
    assert once
    assert once == rewritten(text, kind, seed=seed)


@pytest.mark.parametrize("kind", PERTURBATIONS)
def test_time_is_linear_in_the_length_of_hostile_text(kind: Perturbation) -> None:
    def seconds(count: int) -> float:
        text = "Le l'a Jean de la de la M. y en y en est e\u0301« \" " * count
        begun = time.process_time()
        rewritten(text, kind)
        return time.process_time() - begun

    assert min(seconds(1600) for _ in range(3)) < 10 * max(min(seconds(400) for _ in range(3)), 0.003)


def test_a_language_without_a_lexicon_is_refused_where_one_is_needed_and_served_where_not() -> None:
    with pytest.raises(OptionError) as refusal:
        rewritten("Il est là.", "negation", lang="xx")
    assert str(refusal.value) == (
        'article "a": "negation" needs a lexicon of its language (xx), lexicons/<language>/perturbations.toml'
    )
    general = [kind for kind in PERTURBATIONS if has_lexicon(Article("a", "b", lang="xx"), kind)]
    assert general == ["accents", "apostrophes", "guillemets", "spaces", "capitals", "typos"]
    assert rewritten("Il est né.", "accents", lang=None) == "Il est ne."


def test_an_unknown_kind_is_refused_with_the_nearest() -> None:
    with pytest.raises(
        OptionError, match=r'"accent" is no kind of perturbation \(did you mean "accents"\?\); there are: acc'
    ):
        rewritten("a", "accent")  # type: ignore[arg-type]


def test_the_lexicon_lists_no_word_twice_and_no_name_under_two_genders() -> None:
    words = lexicon("fr", "perturbations")
    names = words["names"]
    assert not set(names["female"]) & set(names["male"])
    for listed in (*names.values(), words["frames"], words["negation"]["verbs"], words["negation"]["clitics"]):
        assert len(set(listed)) == len(listed)
    assert all(frame.endswith(", ") for frame in words["frames"])
