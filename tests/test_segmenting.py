"""Whole articles: the law of segmenting, the blocks, and how well both do on gold where it is at hand."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from claimtag.records import Article, Sentence, TaggedArticle
from claimtag.segmenting import segment

DATA = Path(__file__).parent.parent / os.environ.get("CLAIMTAG_DATA", "../shared/data")
TITLE = "Frontières : un plan pour la douane"
FIRST = "Le ministre a présenté mardi son plan aux députés. Il prévoit des moyens pour la douane et pour la police."
LAST = "Les syndicats restent prudents et demandent des garanties. Une réunion est prévue à Liège."


def read(text: str, *, lang: str | None = "fr", title: str | None = None) -> tuple[Sentence, ...]:
    return segment(Article("a", text, lang=lang, title=title))


def kinds(text: str, part: str, *, title: str | None = None) -> set[str]:
    """The kinds of the sentences that make up a part of a text."""
    start = text.index(part)
    return {s.kind for s in read(text, title=title) if s.start < start + len(part) and s.end > start}


def between(part: str) -> str:
    return f"{TITLE}\n\n{FIRST}\n\n{part}\n\n{LAST}"


def after(part: str) -> str:
    return f"{TITLE}\n\n{FIRST}\n\n{LAST}\n\n{part}"


def before(part: str) -> str:
    return f"{part}\n\n{TITLE}\n\n{FIRST}\n\n{LAST}"


def under_title(part: str) -> str:
    return f"{TITLE}\n{part}\n{FIRST}\n\n{LAST}"


# the law

_SIGNS = [*"aÉ.!?…«»“”\"()[]|>–—-:;,’' \n\r\t0", "\xa0" * 4, "\u2028", "e\u0301", "İ", "😀", "م", "\x1c", "\x00"]
_PHRASES = [
    "Lire aussi : ",
    "RABAT, 3 mai (X) – ",
    "M. ",
    "Abonnez-vous",
    "© ",
    "https://a.be ",
    "1. ",
    "Le port ",
    "est ",
]
_PIECES = st.sampled_from(_SIGNS + _PHRASES)
_TEXTS = st.lists(_PIECES, max_size=60).map("".join) | st.text()


@settings(deadline=None)  # the first example compiles the lexicons
@example("© \tÉ", None, None)  # a space before a wide gap stayed at the end of a headline
@given(_TEXTS, st.sampled_from([None, "fr", "en", "xx"]), st.none() | _TEXTS)
def test_sentences_are_ordered_disjoint_slices_that_cover_every_letter_and_digit(
    text: str, lang: str | None, title: str | None
) -> None:
    article = Article("a", text, lang=lang, title=title)
    found = segment(article)
    TaggedArticle(article, found)  # checks order and slices
    assert [s.text for s in found if s.text != s.text.strip()] == []
    covered = {i for s in found for i in range(s.start, s.end)}
    assert [i for i, char in enumerate(text) if char.isalnum() and i not in covered] == []
    assert segment(article) == found


@settings(deadline=None)  # the first example compiles the lexicons
@given(_TEXTS)
def test_a_line_break_always_ends_a_sentence(text: str) -> None:
    assert [s.text for s in read(text) if len(s.text.splitlines()) > 1 and "\x1c" not in s.text] == []


HOSTILE = ["«", "« ", ".", " ", "\n", "a. ", "A. B. ", ". » ", '"', "(", "— ", "Lire aussi : ", "a | ", "© ", "1. ",
           "Un titre ici\n", "Publié le 3 mai\n", "Titre\xa0\xa0\xa0\xa0", "« A. B. \" C » d. ", "https://", "RABAT ("]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_time_is_linear_in_the_length_of_hostile_text(piece: str) -> None:
    def seconds(length: int) -> float:
        article = Article("a", (piece * (length // len(piece) + 1))[:length], lang="fr")
        begun = time.process_time()
        segment(article)
        return time.process_time() - begun

    def best(length: int) -> float:
        return min(seconds(length) for _ in range(3))  # other work on the machine only ever adds time

    assert best(120_000) < 20 * max(best(15_000), 0.005)  # eight times the length; squared would be sixty-four


@pytest.mark.parametrize("blank", [" ", "\t", "\xa0", "\u2003", " \xa0", "\xa0\u3000"])
def test_time_is_linear_in_a_run_of_blanks_inside_a_line(blank: str) -> None:
    def best(length: int) -> float:
        article = Article("a", "Le ministre" + blank * (length // len(blank)) + "parle.", lang="fr")
        taken = []
        for _ in range(3):
            begun = time.process_time()
            segment(article)
            taken.append(time.process_time() - begun)
        return min(taken)

    assert best(120_000) < 20 * max(best(15_000), 0.005)


def test_one_line_of_a_million_characters_is_cut() -> None:
    assert len(read("La police est là. " * 55_000)) == 55_000


def test_a_text_of_nothing_has_no_sentences() -> None:
    assert read("") == () == read(" \n\xa0\n\t")


# title and headings


def test_the_first_title_like_line_is_the_title_and_a_short_line_before_a_paragraph_a_heading() -> None:
    text = between("Des moyens promis")
    assert kinds(text, TITLE) == {"title"}
    assert kinds(text, "Des moyens promis") == {"heading"}
    assert kinds(text, FIRST) == kinds(text, LAST) == {"body"}


def test_a_text_without_title_begins_with_its_body() -> None:
    assert {s.kind for s in read(f"{FIRST}\n\n{LAST}")} == {"body"}
    assert {s.kind for s in read("Le ministre part")} == {"body"}


def test_the_title_field_finds_the_title_in_the_text_among_several() -> None:
    text = f"Le fil de la région\n{TITLE}.\n{FIRST}"
    assert kinds(text, f"{TITLE}.", title=TITLE) == {"title"}
    assert kinds(text, "Le fil de la région", title=TITLE) == {"boilerplate"}


@pytest.mark.parametrize("line", ["1. Combien de douaniers ?", "- des scanners ;", "et des chiens"])
def test_a_list_item_is_no_heading(line: str) -> None:
    assert kinds(between(line), line) == {"body"}


def test_a_title_of_two_sentences_is_one() -> None:
    assert read(f"Éditorial. Garder la frontière\n\n{FIRST}")[0].text == "Éditorial. Garder la frontière"


# boilerplate by its words

NOTICES = [
    "À lire aussi : La douane en chiffres",
    "LIRE AUSSI – La douane en chiffres",
    "► Lire aussi La douane en chiffres",
    "A lire : La douane en chiffres",
    "Voir aussi : notre galerie",
    "Sur le même sujet : Les chiens de la douane",
    "Abonnez-vous à notre newsletter pour ne rien manquer.",
    "Recevez chaque matin l'essentiel de l'information dans votre boîte mail.",
    "Suivez-nous sur Instagram et Telegram",
    "Partager : Facebook Twitter WhatsApp",
    "Facebook WhatsApp Telegram",
    "Cliquez ici pour agrandir la carte.",
    "Nous utilisons des cookies pour mesurer notre audience. Tout accepter / Paramétrer",
    "Pour afficher ce contenu, vous devez accepter les cookies.",
    "Téléchargez gratuitement notre application",
    "Article réservé aux abonnés",
    "La suite après la publicité",
    "- Publicité -",
    "Merci d'avoir signalé !",
    "© Presse du Port / L. Vanden",
    "Photo : un scanner au port",
    "Crédit photo : Ville de Liège",
    "Mots-clés : douane, port, scanner",
    "#douane #port",
    "https://www.exemple.be/douane",
    "— Douanes (@douanes) 3 mars 2024 pic.exemple.be/x1",
    "[Lea también: El plan de la aduana]",
    "[Texto traducido automáticamente del francés]",
    "Read more: The customs plan",
    "Lees ook: Het plan voor de douane",
]


@pytest.mark.parametrize("notice", NOTICES)
@pytest.mark.parametrize("place", [between, after])
def test_a_notice_is_boilerplate_wherever_it_stands(notice: str, place: type[str]) -> None:
    text = place(notice)
    assert kinds(text, notice) == {"boilerplate"}
    assert kinds(text, FIRST) == kinds(text, LAST) == {"body"}


BODY = [
    "Lire reste pour lui le meilleur moyen de comprendre.",
    "Lire aussi entre les lignes, c'est ce que demande le juge.",
    "À voir les files devant les guichets, la mesure inquiète.",
    "Les cookies publicitaires sont désormais encadrés par la loi.",
    "La newsletter du parti a été envoyée à 30 000 abonnés.",
    "Les commentaires haineux ont été signalés à la police.",
    "« Cliquez ici pour recevoir votre colis » : le message était un piège.",
    "« Abonnez-vous à notre chaîne », lançait le prédicateur à ses fidèles.",
    "Publié le 3 mai, le rapport dénonce des manquements graves dans les centres fermés.",
    "Partager le renseignement reste un défi pour les services.",
    "Signaler un contenu illicite est désormais possible en un clic.",
    "En cliquant sur ce lien, les victimes téléchargeaient un logiciel espion.",
    "Vous pouvez également porter plainte en ligne, rappelle le parquet.",
    "Facebook et WhatsApp ont fourni les données aux enquêteurs.",
    "Ce site a été perquisitionné deux fois.",
    "Par ailleurs, la Belgique a renforcé ses contrôles.",
    "Bruxelles – et c'est nouveau – accepte d'en discuter.",
    "– Nous avons agi vite, répond le commissaire.",
    "Rabat et Bruxelles signent.",
    "Rien n'a changé.",
]


@pytest.mark.parametrize("sentence", BODY)
@pytest.mark.parametrize("place", [between, after])
def test_a_sentence_that_only_speaks_of_such_things_is_body(sentence: str, place: type[str]) -> None:
    assert kinds(place(sentence), sentence) == {"body"}


def test_a_link_glued_into_a_paragraph_is_cut_out_of_it() -> None:
    text = f"{TITLE}\n\n{FIRST} À lire aussi : La douane en chiffresIl faut rappeler que le plan date de mars."
    assert [s.text for s in read(text) if s.kind == "boilerplate"] == ["À lire aussi : La douane en chiffres"]
    assert read(text)[-1].text == "Il faut rappeler que le plan date de mars."


def test_the_links_under_a_list_of_links_are_boilerplate_up_to_the_next_paragraph() -> None:
    links = "Sur le même sujet\nLa douane en chiffres\nLes chiens font la une"
    assert kinds(between(links), links) == {"boilerplate"}
    assert kinds(between(links), LAST) == {"body"}


# boilerplate by its shape and place


@pytest.mark.parametrize("wide", ["\xa0" * 4, "\xa0\xa0", "     ", "\t"])
def test_the_headlines_of_a_ticker_are_boilerplate_each_for_itself(wide: str) -> None:
    headlines = ["Météo : la pluie revient", "Le derby reporté", "Grève des trains : le point"]
    found = read(before(wide.join(headlines)))
    assert [(s.kind, s.text) for s in found[:4]] == [*(("boilerplate", h) for h in headlines), ("title", TITLE)]


def test_headlines_on_lines_of_their_own_are_told_from_the_title_by_the_words_of_the_article() -> None:
    headlines = "La pluie revient sur la côte\nLe derby de Charleroi est reporté\nUne grève paralyse les trains"
    text = before(headlines)
    assert kinds(text, headlines) == {"boilerplate"}
    assert kinds(text, TITLE) == {"title"}


@pytest.mark.parametrize("line", ["Accueil > Politique > Douane", "Politique", "Menu | Recherche", "12 mars 2024"])
def test_a_menu_a_section_or_a_date_before_the_title_is_boilerplate(line: str) -> None:
    assert kinds(before(line), line) == {"boilerplate"}
    assert kinds(before(line), TITLE) == {"title"}


@pytest.mark.parametrize(
    "line",
    ["Publié le 12 mars 2024 à 10h02 - Mis à jour à 11h", "Par Jeanne Dubois, à Liège", "Jeanne Dubois", "12/03/2024",
     "Mardi 12 mars 2024 à 10h02", "Temps de lecture : 3 min", "Publié dans Le Port le 10 - 04 - 2018"],
)  # fmt: skip
def test_a_byline_or_a_date_under_the_title_is_boilerplate(line: str) -> None:
    assert kinds(under_title(line), line) == {"boilerplate"}


@pytest.mark.parametrize(
    "line",
    ["jd/kv/rt", "J.D. avec Belga", "Jeanne Dubois", "Tous droits réservés.", "Commentaires (12)",
     "L'article Un plan pour la douane est apparu en premier sur Le Port.", "[…] The post Plan appeared first on Port."],
)  # fmt: skip
def test_a_short_line_after_the_last_paragraph_is_boilerplate(line: str) -> None:
    assert kinds(after(line), line) == {"boilerplate"}


@pytest.mark.parametrize(
    "dateline",
    ["RABAT, 3 mai (Agence) –", "31 janvier 2017. –", "LIÈGE, 14 mai –", "BRUXELLES (X) -", "Bruxelles –",
     "Paris, le 12 mai 2020 –", "7 octobre 2016, 9\u202fh\u202f07 UTC. –"],
)  # fmt: skip
@pytest.mark.parametrize("glue", [" ", "\n"])
def test_a_dateline_with_its_dash_is_a_sentence_of_boilerplate(dateline: str, glue: str) -> None:
    if glue == "\n" and dateline == "Bruxelles –":
        pytest.skip("a place and a dash alone on a line say too little")
    found = read(f"{TITLE}\n\n{dateline}{glue}{FIRST}\n\n{LAST}")
    assert [(s.kind, s.text) for s in found[1:3]] == [("boilerplate", dateline), ("body", FIRST.split(". ")[0] + ".")]


@pytest.mark.parametrize("again", ["Frontieres : un plan pour la dou...", "Frontieres un plan pour la douane", TITLE])
@pytest.mark.parametrize("place", [before, after])
def test_a_repetition_of_the_title_is_boilerplate(again: str, place: type[str]) -> None:
    found = read(place(again))
    assert sorted(s.kind for s in found if s.text in (again, TITLE)) == ["boilerplate", "title"]
    assert again == TITLE or [s.kind for s in found if s.text == again] == ["boilerplate"]


def test_a_signature_under_a_quotation_is_boilerplate() -> None:
    text = between("« Nous garderons la frontière ouverte. »\n— Jeanne Dubois, commissaire")
    assert kinds(text, "— Jeanne Dubois, commissaire") == {"boilerplate"}
    assert kinds(text, "« Nous garderons la frontière ouverte. »") == {"body"}


def test_captions_after_the_end_are_boilerplate_and_a_last_short_sentence_is_not() -> None:
    captions = "© L. Vanden\n\nDouaniers au port de Liège."
    assert kinds(after(captions), captions) == {"boilerplate"}
    assert kinds(after("Une page se tourne."), "Une page se tourne.") == {"body"}


def test_a_line_of_marks_alone_is_boilerplate() -> None:
    assert kinds(between("* * *"), "* * *") == {"boilerplate"}


def test_boilerplate_of_other_languages_is_seen_in_an_article_without_lexicon() -> None:
    text = f"{TITLE}\n\n{FIRST}\n\nShare this\n\n{LAST}"
    assert [s.text for s in read(text, lang="xx") if s.kind == "boilerplate"] == ["Share this"]


# gold


def gold(name: str) -> Iterator[TaggedArticle]:
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"the shared data is not here: {path}")
    with path.open(encoding="utf-8") as lines:
        yield from map(TaggedArticle.from_dict, map(json.loads, lines))


def test_sentences_and_boilerplate_agree_with_the_shared_gold() -> None:
    right = number = lost = body = seen = boilerplate = 0
    for tagged in gold("train.jsonl"):
        found = segment(tagged.article)
        ends = {(s.start, s.end) for s in found}
        right += sum((s.start, s.end) in ends for s in tagged.sentences)
        number += len(found) + len(tagged.sentences)
        page = {i for s in found if s.kind == "boilerplate" for i in range(s.start, s.end)}
        for s in tagged.sentences:
            inside = len(page.intersection(range(s.start, s.end)))
            if s.kind == "boilerplate":
                seen, boilerplate = seen + inside, boilerplate + s.end - s.start
            elif s.kind == "body":
                lost, body = lost + inside, body + s.end - s.start
    assert 2 * right / number > 0.99  # measured 0.997
    assert seen / boilerplate > 0.97  # measured 0.99
    assert lost / body < 0.001  # measured 0.00004


POST = "Fiers de nos équipes, merci à elles ! #port #digue"


@pytest.mark.parametrize(
    "signature", ["— Le Port (@leport) 3 mai 2021", "— Le Port (@leport) 3 mai 2021 https://t.co/a1"]
)
def test_what_a_post_says_is_body_though_it_speaks_as_a_page_does(signature: str) -> None:
    text = f"Le port rouvre mardi. La digue tient.\n\n{POST}\n{signature}\n\nLes pilotes sont là. Rien ne manque."
    kinds = {s.text: s.kind for s in segment(Article("a", text, lang="fr"))}
    assert kinds[POST] == "body"
    assert kinds[signature] == "boilerplate"


@pytest.mark.parametrize(
    "line",
    ["Le Phare", "LE PHARE – mardi 3 mai 2021 – page 4", "Le Phare, édition du 3 mai 2021", "Le Phare | Politique"],
)
def test_the_name_of_who_publishes_alone_or_with_a_date_is_boilerplate(line: str) -> None:
    text = f"{line}\nLe port rouvre après trois mois\n\nLe port rouvre mardi. La digue tient.\n\nLes pilotes sont là. Bien."
    kinds = {s.text: s.kind for s in segment(Article("a", text, source="Le Phare", lang="fr"))}
    assert kinds[line] == "boilerplate"
    assert kinds["Le port rouvre après trois mois"] == "title"


def test_a_sentence_with_the_name_of_who_publishes_is_body() -> None:
    text = "Le port rouvre mardi. La digue tient.\n\nLe Phare éclaire la digue.\n\nLes pilotes sont là. Rien ne manque."
    assert {s.kind for s in segment(Article("a", text, source="Le Phare", lang="fr"))} == {"body"}


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Sur ce thème, lire aussi : Le port en dix dates", "boilerplate"),
        ("« À lire aussi : Le port en dix dates »", "boilerplate"),
        ("« À lire cette lettre, on pleure »", "heading"),
        ("Il fallait lire aussi : c’était écrit.", "body"),
        ("Nous déposons des traceurs pour compter les visites.", "boilerplate"),
        ("« Nous déposons des traceurs sur les caisses », dit un douanier.", "body"),
        ("Abonnez-vous donc à l’espoir, disait un docker.", "body"),
        ("Bruxelles, le 21 juillet 2017", "boilerplate"),
        ("Jugement le 14 novembre.", "body"),
        ("Cette photo n’est plus disponible", "boilerplate"),
        ("Partager ce récit avec un proche", "boilerplate"),
        ("Ce document n’a convaincu personne.", "body"),
    ],
)
def test_a_line_amid_paragraphs_is_told_by_what_it_says(line: str, kind: str) -> None:
    text = f"Le port rouvre mardi. La digue tient.\n\n{line}\n\nLes pilotes sont là. Rien ne manque."
    assert {s.kind for s in segment(Article("a", text, lang="fr")) if s.text in line} == {kind}


def test_a_notice_at_the_end_takes_the_rest_of_its_line_with_it() -> None:
    line = "Copyright Le Phare. Reprise possible à condition de citer la source."
    text = f"Le port rouvre mardi. La digue tient.\n\nLes pilotes sont là. Rien ne manque.\n\n{line}\nPartager"
    assert {s.kind for s in segment(Article("a", text, lang="fr")) if s.text in line} == {"boilerplate"}
