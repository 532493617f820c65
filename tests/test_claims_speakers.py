"""Rules that lead from a mention, or from none, to the source of a claim; no model is needed."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimtag.claims.speakers import resolve
from claimtag.records import Article, Claim, Mode, Sentence, Source, Span

Said = tuple[int, str | None]  # the number of the sentence, and who speaks in it by which words


def sources(text: str, *said: Said, mode: Mode = "indirect") -> list[Source | None]:
    """The sources of claims: sentences end at "|", a claim is what follows the mention, or what stands in quotation marks."""
    sentences: list[Sentence] = []
    at = 0
    for piece in text.split("|"):
        sentences.append(Sentence(at, at + len(piece), piece, "boilerplate" if piece.startswith("—") else "body"))
        at += len(piece) + 1
    claims = [claim(sentences[number], number, who, mode) for number, who in said]
    return [claim.source for claim in resolve(Article("a", text, lang="fr"), sentences, claims)]


def claim(sentence: Sentence, number: int, who: str | None, mode: Mode) -> Claim:
    text, start = sentence.text, sentence.start
    if who is None:
        first, last = text.index("«") + 2, text.index("»") - 1
        return Claim(number, "assertion", "direct", Span(start + first, start + last, text[first:last]))
    begin = text.index(who)
    end = begin + len(who)
    speaker = Span(start + begin, start + end, who)
    return Claim(
        number, "assertion", mode, Span(start + end + 1, sentence.end, text[end + 1 :]), None, speaker, rule="verb:dire"
    )


def names(text: str, *said: Said, mode: Mode = "indirect") -> list[str | None]:
    return [source.name if source else None for source in sources(text, *said, mode=mode)]


def test_whoever_signs_a_post_said_it() -> None:
    text = "Le préfet a réagi en ligne.|« Bravo à tous. »|— Anna Roux (@roux) 9 mai 2020"
    assert names(text, (1, None)) == ["Anna Roux"]


def test_a_headline_names_who_is_quoted_before_its_colon() -> None:
    assert names("« Nous tiendrons » : le combat d'Anna Roux", (0, None)) == ["Anna Roux"]


def test_answers_in_an_interview_are_the_one_person_s_who_is_introduced() -> None:
    text = "Anna Roux nous reçoit.|Pourquoi la digue ?|« Elle tient. »|Et le pont ?|« Il tombe. »"
    assert names(text, (2, None), (4, None)) == ["Anna Roux", "Anna Roux"]


def test_answers_stay_open_where_two_persons_are_introduced() -> None:
    text = "Anna Roux et Marc Petit nous reçoivent.|Pourquoi la digue ?|« Elle tient. »|Et le pont ?|« Il tombe. »"
    assert names(text, (2, None), (4, None)) == [None, None]


def test_a_quotation_is_the_one_voice_s_of_the_article() -> None:
    text = "« La digue tient »|La pluie tombe.|La géologue Anna Roux dit « la digue tient »."
    assert names(text, (0, None), (2, "La géologue Anna Roux"), mode="mixed") == ["Anna Roux", "Anna Roux"]


def test_a_quotation_stays_open_where_two_voices_speak() -> None:
    text = "« La digue tient »|Anna Roux dit « oui ».|Marc Petit dit « non »."
    assert names(text, (0, None), (1, "Anna Roux"), (2, "Marc Petit"), mode="mixed")[0] is None


@pytest.mark.parametrize(
    ("mention", "name"), [("le ministre belge", "Paul Vidal"), ("Le ministre marocain", None), ("Le ministre", None)]
)
def test_a_role_of_another_country_is_not_the_minister_named_before(mention: str, name: str | None) -> None:
    text = f"Le ministre belge Paul Vidal a vu le ministre Marc Petit.|{mention} a dit que tout va bien."
    assert names(text, (1, mention)) == [name]


@pytest.mark.parametrize("mention", ["Le cabinet de Mme Roux", "L'avocat de Mme Roux"])
def test_who_speaks_for_a_person_is_not_that_person(mention: str) -> None:
    text = f"Anna Roux est venue.|{mention} dit que tout va bien."
    assert names(text, (1, mention)) != ["Anna Roux"]


def test_a_report_that_bears_a_name_is_not_the_person() -> None:
    text = "Anna Roux a tout lu.|Le rapport Roux dit que la digue tient."
    assert names(text, (1, "Le rapport Roux")) == ["rapport Roux"]


@pytest.mark.parametrize("mention", ["le Premier ministre", "Deux députés", "Un Bruxellois", "Aucun détenu"])
def test_a_capital_alone_makes_no_name(mention: str) -> None:
    (source,) = sources(f"{mention} a dit que tout va bien.", (0, mention))
    assert source is not None
    assert (source.name, source.status) == (mention, "role")


def test_a_paper_by_its_kind_is_the_one_quoted_before() -> None:
    text = "Le quotidien La Dune dit que le pont tombe.|Le quotidien dit que la digue tient."
    assert names(text, (0, "Le quotidien La Dune"), (1, "Le quotidien")) == ["La Dune", "La Dune"]


def test_a_paper_by_its_kind_stays_open_where_none_is_named() -> None:
    assert names("Le quotidien dit que la digue tient.", (0, "Le quotidien")) == [None]


def test_a_noun_of_persons_that_no_list_has_leads_to_the_last_person() -> None:
    text = "Anna Roux est montée à la tribune.|L'oratrice demande une digue."
    assert names(text, (1, "L'oratrice")) == ["Anna Roux"]


def test_a_court_is_the_one_named_in_full() -> None:
    text = "La cour d'appel de Lille a tranché.|La cour estime que la vente est nulle."
    assert names(text, (1, "La cour")) == ["cour d'appel de Lille"]


@pytest.mark.parametrize(("before", "name"), [("La salle est pleine", "les juges"), ("Le tribunal a tranché", None)])
def test_judges_are_themselves_where_no_court_is_named(before: str, name: str | None) -> None:
    assert names(f"{before}.|Selon les juges, la vente est nulle.", (1, "les juges")) == [name]


def test_a_surname_of_two_words_leads_to_the_full_name() -> None:
    text = "Dans le salon de Fatima Aït Lahcen, rien ne bouge.|Mme Aït Lahcen dit que son fils reviendra."
    assert names(text, (1, "Mme Aït Lahcen")) == ["Fatima Aït Lahcen"]


def test_a_pronoun_far_away_is_the_only_person_of_its_gender() -> None:
    text = "La ministre Anna Roux est là.|Il pleut.|Il vente.|Il neige.|Il gèle.|Elle dit que la digue tient."
    assert names(text, (5, "Elle")) == ["Anna Roux"]


def test_a_pronoun_after_a_body_is_not_a_person_named_long_before() -> None:
    text = "Judith Aerts, avocate, est là.|Il pleut.|Il vente.|Il neige.|Des barreaux disent non.|Il demande une digue."
    assert names(text, (4, "Des barreaux"), (5, "Il"))[1] is None


def test_a_first_name_that_just_spoke_is_meant_by_the_pronoun() -> None:
    text = "Khadija dit que le soir tombe.|Le soir, dit-elle, elle marche."
    assert names(text, (0, "Khadija"), (1, "elle")) == ["Khadija", "Khadija"]


def test_the_person_concerned_is_no_paper() -> None:
    text = "Le quotidien La Dune dit que tout va mal.|L'intéressé nie les faits."
    assert names(text, (0, "Le quotidien La Dune"), (1, "L'intéressé"))[1] is None


def test_all_of_them_is_no_name() -> None:
    assert names("Toutes disent avoir peur.", (0, "Toutes")) == [None]


PIECES = [
    "Anna Roux dit oui.",
    "Le ministre Marc Petit dit oui.",
    "Elle dit oui.",
    "Les juges dit oui.",
    "Le journal dit oui.",
]


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=8))
def test_a_source_is_named_or_unresolved_and_its_span_is_a_slice(pieces: list[str]) -> None:
    text = "|".join(pieces)
    for source in sources(text, *((n, piece.split(" dit ")[0]) for n, piece in enumerate(pieces))):
        assert source is not None
        assert source.span is None or text[source.span.start : source.span.end] == source.span.text


@pytest.mark.parametrize(
    ("piece", "who"),
    [
        ("Elle dit que non.", "Elle"),
        ("Les juges dit que non.", "Les juges"),
        ("Le ministre Marc Petit dit que non.", "Le ministre Marc Petit"),
        ("« Jamais de la vie. »", None),
    ],
)
def test_resolving_takes_linear_time(piece: str, who: str | None) -> None:
    def best(times: int) -> float:
        taken = []
        for _ in range(3):  # other work on the machine only ever adds time
            begun = time.process_time()
            sources("|".join([piece] * times), *((n, who) for n in range(times)))
            taken.append(time.process_time() - begun)
        return min(taken)

    assert best(4_000) < 12 * max(best(1_000), 0.02)


def test_a_source_that_is_left_open_stays_open() -> None:
    text = "Anna Roux dit que la digue tient."
    sentence = Sentence(0, len(text), text)
    doubted = replace(claim(sentence, 0, "Anna Roux", "indirect"), source=Source(None, "unresolved"))
    assert resolve(Article("a", text, lang="fr"), [sentence], [doubted]) == (doubted,)
