"""Lines that no rule decides: each signal by an invented line, the weights as data, and what is never weighed."""

from __future__ import annotations

import pytest

from claimtag.records import Article
from claimtag.segmenting import segment
from claimtag.segmenting.lines import Line, split
from claimtag.segmenting.notices import page
from claimtag.segmenting.signals import candidates, is_inflected, is_item, signals, weights

BEFORE, AFTER = (
    "Le port rouvre mardi après trois mois. La digue tient.",
    "Les pilotes reprennent le service. Rien ne manque.",
)


def found(line: str, *, lang: str | None = "fr") -> set[str]:
    """The signals of a line between two paragraphs."""
    whole = page(f"{BEFORE}\n{line}\n{AFTER}")
    return set(signals(whole, split(whole, lang), 1, lang))


def kinds(text: str, part: str) -> set[str]:
    start = text.index(part)
    return {s.kind for s in segment(Article("a", text, lang="fr")) if s.start < start + len(part) and s.end > start}


@pytest.mark.parametrize(
    ("signal", "line"),
    [
        ("imperative", "Notez ce port sur votre carte"),
        ("reader", "Le port et vous"),
        ("site", "Le port vu par nos yeux"),
        ("itself", "Un mot sur cette page"),
        ("matter", "Un abonné au port"),
        ("matters", "Un abonné, une newsletter"),
        ("action", "Imprimer en gris"),
        ("spoken", "Un bulletin du port"),
        ("foreign", "Haven opnieuw open dinsdag"),
        ("other language", "The port and the pilots"),
        ("other script", "الميناء يفتح أبوابه غدا صباحا"),
        ("quotation", "« Le port »"),
        ("speech", "Le port, selon le pilote"),
        ("begins", "Le port vu du ciel"),
        ("open noun", "Port de nuit"),
        ("open verb", "Le port dormait"),
        ("stopped noun", "Port de nuit."),
        ("stopped verb", "Le port dormait."),
        ("question", "Quel port ?"),
        ("continued", "Les ports :"),
        ("capitals", "PORT DE NUIT"),
        ("stamp", "Port, 12/03/2021"),
        ("clock", "Port à 12h30"),
        ("web", "Port sur port.example"),
        ("bars", "Port | Ville"),
        ("label", "Cale : port"),
        ("bracketed", "(Port de nuit)"),
        ("lead", "– Port de nuit"),
        ("cut", "Port de nui…"),
        ("both", "Votre port dans nos pages"),
        ("asked", "Voyez-vous votre port ?"),
        ("half quoted", "« Port de nuit"),
        ("list", "Port, Digue, Pilotes"),
    ],
)
def test_each_signal_shows_in_a_line_that_has_it_and_not_in_a_plain_one(signal: str, line: str) -> None:
    assert signal in found(line)
    assert signal not in found("Cale sèche rénovée" if signal != "open noun" else "Les cales dormaient.")


def test_every_weight_is_that_of_a_signal_and_small() -> None:
    named = {signal for line in ("a", "La mer.", "Le port ?") for signal in found(line)}
    assert named & set(weights())
    assert all(-10 < weight < 10 for weight in weights().values())
    assert weights()["bias"] < 0


def test_a_line_amid_notices_shows_its_place() -> None:
    whole = page(f"{BEFORE}\nPartager\nPort de nuit\nImprimer")
    lines = split(whole, "fr")
    lines[1].kind = lines[3].kind = "boilerplate"
    assert {"after notice", "before notice", "amid notices", "behind"} <= set(signals(whole, lines, 2, "fr"))
    assert "after notice" not in set(signals(whole, lines, 0, "fr"))


def test_a_language_without_lexicon_has_no_foreign_lines() -> None:
    assert not {"foreign", "begins", "other script"} & found("Haven opnieuw open dinsdag", lang="xx")


@pytest.mark.parametrize(
    "item", ["• un scanner", "- un scanner", "2) un scanner", "14h32 – le bac part", "et un scanner"]
)
def test_items_of_lists_and_timelines_are_never_weighed(item: str) -> None:
    assert is_item(item, Line(0, len(item), False, [(0, len(item))]))
    text = f"Le port\n\n{BEFORE}\n\n{AFTER}\n\nPartager\n{item}"
    assert kinds(text, item) == {"body"}


def test_a_line_that_runs_on_into_the_next_is_never_weighed() -> None:
    whole = page(f"{BEFORE}\nLa digue du port\nqui tient encore")
    assert list(candidates(whole, split(whole, "fr"))) == []


def test_a_line_that_announces_what_follows_is_never_weighed() -> None:
    whole = page(f"{BEFORE}\nLes ports fermés :\nAnvers\nGand")
    lines = split(whole, "fr")
    assert 1 not in list(candidates(whole, lines))


@pytest.mark.parametrize("sentence", ["Le port dormait.", "Les pilotes partiront.", "Ils arrivèrent."])
def test_a_verb_shows_by_its_ending(sentence: str) -> None:
    assert is_inflected(sentence)
    assert not is_inflected("Vue du port")


def test_a_subtitle_under_a_witty_title_is_kept_with_it() -> None:
    text = f"Coup de vent\nLe port rouvre après la pose de la digue\n\n{BEFORE}\n\n{AFTER}"
    assert kinds(text, "Coup de vent") == {"title"}
    assert kinds(text, "Le port rouvre après la pose de la digue") == {"heading"}


def test_the_title_with_the_name_of_the_site_is_boilerplate_over_the_title_without() -> None:
    text = f"Le port rouvre | Courrier du port\nLe port rouvre\n\n{BEFORE}\n\n{AFTER}"
    assert kinds(text, "Le port rouvre | Courrier du port") == {"boilerplate"}
    assert kinds(text, "\nLe port rouvre\n") == {"title"}


def test_prose_broken_into_lines_keeps_its_title_and_its_last_words() -> None:
    text = "La mer monte\n\nLe port de Gand a rouvert mardi, une décision que la\ndirection explique par la\nmarée"
    assert kinds(text, "La mer monte") == {"title"}
    assert "boilerplate" not in kinds(text, "Le port de Gand")


def test_links_that_stand_together_end_at_an_empty_line() -> None:
    text = (
        f"Le port\n\n{BEFORE}\n\nSur le même sujet\nLa digue en chiffres\nLe bac en images\n\nQui paiera ?\n\n{AFTER}"
    )
    assert kinds(text, "La digue en chiffres") == {"boilerplate"}
    assert "boilerplate" not in kinds(text, "Qui paiera ?")


def test_the_lines_of_a_dialogue_are_no_signatures() -> None:
    text = f"Le port\n\n{BEFORE}\n\n— Pas de regret\n— Aucun doute\n\n{AFTER}"
    assert "boilerplate" not in kinds(text, "— Pas de regret\n— Aucun doute")


@pytest.mark.parametrize(
    "notice", ["(Belga)", "[Lire : La digue en chiffres]", "(avec AFP)", "(lire aussi notre édition d'hier)"]
)
def test_a_notice_in_brackets_between_sentences_is_cut_out(notice: str) -> None:
    text = f"Le port\n\n{BEFORE} {notice} {AFTER}"
    assert kinds(text, notice) == {"boilerplate"}
    assert kinds(text, BEFORE) == kinds(text, AFTER) == {"body"}


@pytest.mark.parametrize(
    "said",
    ["« Le port ferme. (Belga) On verra », dit-il.", "La digue (Belga) tient encore.", "Il part. (…) Il revient."],
)
def test_brackets_inside_a_quotation_or_a_sentence_are_kept(said: str) -> None:
    assert kinds(f"Le port\n\n{BEFORE} {said} {AFTER}", said) == {"body"}


@pytest.mark.parametrize("dateline", ["(Gand) –", "ORAN - (AGC)", "OSTENDE/", "GAND.", "Goma le 3 mai 2023./-"])
def test_an_unusual_dateline_is_boilerplate(dateline: str) -> None:
    text = f"Le port\n\n{dateline} {BEFORE}\n\n{AFTER}"
    assert kinds(text, dateline) == {"boilerplate"}
    assert kinds(text, BEFORE) == {"body"}


@pytest.mark.parametrize(
    "row", ["Menu Rechercher Partager", "— o — O — o —", "← La digue", "Le bac →", "12 réactions", "Lu 412 fois"]
)
def test_rows_of_buttons_ornaments_and_arrows_are_boilerplate(row: str) -> None:
    text = f"Le port\n\n{BEFORE}\n\n{row}\n\n{AFTER}"
    assert kinds(text, row) == {"boilerplate"}


@pytest.mark.parametrize(
    "heading", ["Culture", "Retour à la case départ", "Traduire en justice", "Météo : le vent tombe"]
)
def test_a_heading_that_only_begins_like_a_button_is_kept(heading: str) -> None:
    text = f"Le port\n\n{BEFORE}\n\n{heading}\n\n{AFTER}"
    assert kinds(text, heading) == {"heading"}


@pytest.mark.parametrize("row", ["• le quai sept", "→ un quai"])
def test_an_item_after_a_colon_is_no_menu(row: str) -> None:
    text = f"Le port\n\n{BEFORE}\n\nOn ferme :\n{row}\n\n{AFTER}"
    assert "boilerplate" not in kinds(text, row)


def test_captions_after_the_end_and_before_a_dateline_are_boilerplate_and_short_sentences_are_not() -> None:
    text = f"Le port\n\nVue du port.\n\n3 mai 2021. – {BEFORE}\n\n{AFTER}\n\nPartager\n\nCarte de la digue."
    assert kinds(text, "Vue du port.") == kinds(text, "Carte de la digue.") == {"boilerplate"}
    assert kinds(f"Le port\n\n{BEFORE}\n\nLes bacs reviendront.\n\nPartager", "Les bacs reviendront.") == {"body"}


@pytest.mark.parametrize(
    "notice",
    [
        "— Ida Quai (@ida_quai) 3 mai 2021 https://t.co/a1b2c3",
        "— Ida Quai (@ida_quai) May 3, 2021",
        "pic.twitter.com/a1b2c3",
        "[page 7]",
    ],
)
def test_what_is_glued_to_a_post_or_a_page_is_cut_from_its_sentences(notice: str) -> None:
    text = f"Le port\n\n{BEFORE} {notice} {AFTER}"
    assert kinds(text, notice) == {"boilerplate"}
    assert kinds(text, BEFORE) == kinds(text, AFTER) == {"body"}


def test_the_signature_of_a_post_without_a_full_stop_is_cut_from_it() -> None:
    text = f"Le port\n\n{BEFORE}\n\nLe port rouvre enfin — Ida Quai (@ida_quai) 3 mai 2021\n\n{AFTER}"
    assert kinds(text, "Le port rouvre enfin") <= {"body", "heading"}
    assert kinds(text, "— Ida Quai (@ida_quai) 3 mai 2021") == {"boilerplate"}


def test_a_credit_and_a_desk_glued_to_sentences_are_cut_from_them() -> None:
    text = f"Le port\n\n©Agence/I. Quai Un pilote a repris le service mardi.\n\n{BEFORE} iq-pm/gd\n\n{AFTER}"
    assert kinds(text, "©Agence/I. Quai") == {"boilerplate"}
    assert kinds(text, "Un pilote a repris") == {"body"}
    assert kinds(text, " iq-pm/gd") == {"boilerplate"}
    assert kinds(text, BEFORE) == {"body"}


@pytest.mark.parametrize(
    "notice",
    [
        "[Versión en español en la página siguiente]",
        "[VIDÉO] La digue vue du ciel",
        "18:42",
        "3 mai 2021, par Le Pilote",
        "par Rédaction - 3 il y a mois",
        "Télécharger (2,4 Mo)",
        "Reportage à Gand, Ida Quai",
        "AGC0412 4 I 0311 PORT/GAND",
        "Lisez en outre : La digue en chiffres",
        "Lire d'ailleurs: La digue en chiffres",
        "Cette page se rafraîchit automatiquement toutes les 30 secondes",
        "Se désinscrire",
        "Les commentaires sur ce billet sont fermés.",
        "Vous recevez cette lettre car vous êtes inscrit sur port.example.",
        "Le Courrier du port et ses partenaires accordent de l'importance à votre vie privée.",
        "Vous pouvez changer d'avis à tout moment.",
        "Les dons à Quai libre ouvrent droit à une réduction d'impôt de 66 %.",
        "Avec 20 €, vous offrez une bouée.",
        "Le podcast de ce billet est disponible sur toutes les plateformes d'écoute",
    ],
)
def test_each_family_of_notices_between_paragraphs_is_boilerplate(notice: str) -> None:
    assert kinds(f"Le port\n\n{BEFORE}\n\n{notice}\n\n{AFTER}", notice) == {"boilerplate"}


@pytest.mark.parametrize(
    "sentence",
    [
        "Tous droits réservés, avait pourtant écrit le pilote.",
        "Suivez-nous, disent les grands ports aux petits.",
        "Lire aussi vite que la marée monte : voilà le métier.",
        "Gand enverra vingt pilotes.",
        "Rendez-vous demain soir pour la mise à l'eau.",
        "Avec 20 euros, le pilote paie sa bouée.",
    ],
)
def test_sentences_of_the_article_that_only_sound_like_notices_are_kept(sentence: str) -> None:
    assert kinds(f"Le port\n\n{BEFORE}\n\n{sentence}\n\n{AFTER}", sentence) == {"body"}


@pytest.mark.parametrize(
    ("before", "sentence"),
    [
        ("Partager", "Gand enverra vingt pilotes."),
        ("Partager", "Tous droits réservés, avait pourtant écrit le pilote."),
        ("(Suite de la page 7)", "Rendez-vous demain soir pour la mise à l'eau."),
    ],
)
def test_a_last_sentence_under_a_notice_is_kept(before: str, sentence: str) -> None:
    assert kinds(f"Le port\n\n{BEFORE}\n\n{AFTER}\n\n{before}\n\n{sentence}", sentence) == {"body"}


def test_short_sentences_before_a_notice_of_their_line_are_kept() -> None:
    text = f"Le port\n\n{BEFORE}\n\nGand enverra vingt pilotes. Oran hésite. […] Lire la suite\n\n{AFTER}"
    assert kinds(text, "Gand enverra vingt pilotes. Oran hésite.") == {"body"}


def test_a_button_s_word_is_a_heading_where_the_paragraph_under_it_takes_it_up() -> None:
    text = f"Le port\n\n{BEFORE}\n\nContact\n\nLe contact avec la tour ne suffit plus.\n\nContact\n\n{AFTER}"
    assert kinds(text, "Contact\n\nLe") == {"heading", "body"}
    assert kinds(text, "Contact\n\nLes pilotes") == {"boilerplate", "body"}


def test_the_way_to_a_title_is_no_title_and_a_copy_without_accents_and_end_is_boilerplate() -> None:
    title = "Marée : Gand rouvre ses écluses, ses alliés promettent des renforts"
    way, copy = f"Quai Infos » Ports » {title}", "Maree : Gand rouvre ses ecluses, ses allies promettent des ren"
    text = f"{way}\n\n{title}\n\n{BEFORE}\n\n{copy}\n\n{AFTER}"
    assert kinds(text, way) == kinds(text, copy) == {"boilerplate"}
    assert kinds(text, f"\n{title}\n\n") == {"title"}


@pytest.mark.parametrize("piece", ["— a (@", "© A", "a » ", "[page 4] ", "— Ida (@ida) https://t.co/a "])
def test_marks_repeated_ten_thousand_times_are_no_trouble(piece: str) -> None:
    text = piece * 10_000
    assert segment(Article("a", text, lang="fr"))[-1].end == len(text.rstrip())


def test_a_line_with_the_name_of_who_publishes_shows_it() -> None:
    whole = page(f"{BEFORE}\nPort de nuit, par Le Phare\n{AFTER}", "Le Phare")
    assert "source" in set(signals(whole, split(whole, "fr"), 1, "fr"))
    assert "source" not in found("Port de nuit, par Le Phare")


def test_a_line_over_a_paragraph_shows_it() -> None:
    whole = page(f"{BEFORE}\n\nPort de nuit\n{AFTER}")
    assert "over prose" in set(signals(whole, split(whole, "fr"), 1, "fr"))
    assert "over prose" not in found("Port de nuit")


def test_a_short_word_of_another_language_speaks_to_no_reader() -> None:
    assert "reader" not in found("Hier je rentre au port")  # Dutch "je" is "you"
    assert "reader" not in found("Rendez-vous au port")


def test_a_polite_question_is_no_imperative() -> None:
    assert "imperative" not in found("Pourriez-vous nommer le port")
