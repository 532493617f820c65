"""Laws and rules of claim extraction, with a model that is trained on the examples for these tests."""

from __future__ import annotations

import json
import re
import time
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimtag.claims import ClaimModel, extract, out_of_fold, train
from claimtag.claims.candidates import cue_candidates
from claimtag.claims.conjugation import conjugation_of
from claimtag.claims.contents import trimmed
from claimtag.claims.cues import cues_of
from claimtag.claims.grammar import grammar_of
from claimtag.claims.incises import incise
from claimtag.claims.mentions import speaker_span
from claimtag.claims.naming import naming_of
from claimtag.claims.words import Words
from claimtag.errors import BundleError
from claimtag.pipeline import Training
from claimtag.reading import read_gold
from claimtag.records import Article, Claim, Sentence, TaggedArticle
from claimtag.segmenting import segment

EXAMPLES = Path(__file__).parent.parent / "examples" / "train.jsonl"


@cache
def model() -> ClaimModel:
    return train(read_gold(EXAMPLES))


def claims_of(text: str, kind: str = "body"):
    article = Article("a", text, lang="fr")
    sentences = tuple(Sentence(m.start(), m.end(), m[0], kind) for m in re.finditer(r"[^\s|][^|]*[^\s|]", text))
    return extract(article, sentences, model())


def only(text: str):
    claims = claims_of(text)
    assert len(claims) == 1, claims
    return claims[0]


def parts(text: str):
    claim = only(text)
    return claim.speaker and claim.speaker.text, claim.cue and claim.cue.text, claim.content.text, claim.mode


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Le ministre Paul Vidal a annoncé que le port fermera lundi.",
            ("Le ministre Paul Vidal", "a annoncé", "le port fermera lundi", "indirect"),
        ),
        (
            "« Nous avons perdu trois bateaux », a déclaré Anna Roux, présidente du syndicat.",
            ("Anna Roux, présidente du syndicat", "a déclaré", "Nous avons perdu trois bateaux", "direct"),
        ),
        (
            "Selon la police, deux hommes ont pris la fuite.",
            ("la police", "Selon", "deux hommes ont pris la fuite", "indirect"),
        ),
        (
            "Deux hommes ont pris la fuite, selon la police.",
            ("la police", "selon", "Deux hommes ont pris la fuite", "indirect"),
        ),
        ("« Cela ne suffit pas », regrette-t-elle.", ("elle", "regrette-t-elle", "Cela ne suffit pas", "direct")),
        (
            "Le maire dénonce « un scandale » et une faute grave.",
            ("Le maire", "dénonce", "« un scandale » et une faute grave", "mixed"),
        ),
        (
            "L'ONU demande aux deux camps de cesser le feu.",
            ("L'ONU", "demande", "deux camps de cesser le feu", "indirect"),
        ),
    ],
)
def test_a_claim_has_speaker_cue_content_and_mode(text: str, expected: tuple[str | None, ...]) -> None:
    assert parts(text) == expected


def test_two_cues_make_two_claims() -> None:
    found = claims_of("Le président a dénoncé « un crime odieux » et regrette « un recul ».")
    assert [claim.content.text for claim in found] == ["un crime odieux", "un recul"]


def test_a_quotation_of_its_own_is_a_claim_without_a_cue() -> None:
    claim = only("« Ils sont venus la nuit et ils ont tout brûlé dans le village. »")
    assert (claim.cue, claim.speaker, claim.mode, claim.rule) == (None, None, "direct", "quotation")


@pytest.mark.parametrize(
    "text",
    [
        "Le ministre s'est rendu à Rabat.",
        "Une centaine d'agents travaillent pour lutter contre la fraude.",
        "Il faut dire la même chose.",
    ],
)
def test_plain_narration_is_no_claim(text: str) -> None:
    assert not [claim for claim in claims_of(text) if claim.mode != "authorial"]


def test_boilerplate_carries_no_claim() -> None:
    assert claims_of("« Tout va bien », a déclaré le ministre.", kind="boilerplate") == ()


def test_a_language_without_a_lexicon_has_no_claims() -> None:
    article = Article("a", "The minister said no.", lang="en")
    assert extract(article, segment(article), model()) == ()


def test_a_surname_and_a_pronoun_lead_to_the_full_name() -> None:
    found = claims_of(
        "La ministre Anna Roux a déclaré que le port fermera.|Elle a ajouté que la route rouvrira.|Roux a affirmé que tout ira bien."
    )
    assert [claim.source and claim.source.name for claim in found] == ["Anna Roux"] * 3


def test_a_role_leads_to_the_person_who_has_it() -> None:
    found = claims_of(
        "Le ministre Paul Vidal a annoncé que le port fermera.|Le ministre a ajouté que la route rouvrira."
    )
    assert found[1].source is not None
    assert found[1].source.name == "Paul Vidal"


def test_a_pronoun_that_fits_two_persons_stays_unresolved() -> None:
    found = claims_of("Paul Vidal et Marc Petit se sont vus à Rabat.|Il a affirmé que tout ira bien.")
    assert found[-1].source is not None
    assert found[-1].source.status == "unresolved"


def test_several_without_a_name_stay_unresolved() -> None:
    found = claims_of("Le tribunal de Lunéville a tranché.|Les juges ont affirmé que la vente est nulle.")
    assert found[-1].speaker is not None
    assert found[-1].speaker.text == "Les juges"
    assert found[-1].source is not None
    assert found[-1].source.status == "unresolved"


def test_words_of_a_paper_lead_to_the_paper_without_its_kind() -> None:
    claim = only("Selon les informations du journal La Dune, le pont rouvrira en juin.")
    assert (claim.source and claim.source.name) == "La Dune"


def test_a_source_without_a_name_is_anonymous() -> None:
    claim = only("Selon une source sécuritaire, le suspect a fui.")
    assert claim.source is not None
    assert claim.source.status == "anonymous"


def test_an_alias_leads_to_the_fullest_name() -> None:
    found = claims_of(
        "Le Front Polisario a déclaré que la trêve est finie.|Le Polisario a affirmé que la guerre reprend."
    )
    assert {claim.source.name for claim in found if claim.source} == {"Front Polisario"}


PIECES = [
    "« ",
    " »",
    '"',
    "“",
    "”",
    "a déclaré ",
    "selon ",
    "que ",
    "le ministre ",
    "Paul Vidal",
    ", ",
    ". ",
    "dit-il",
    " il ",
    "’",
    "l'",
    "\n",
    "pour ",
    "é",
    "1",
    "(",
    ")",
    ":",
    "-",
    "…",
    "İ",
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_every_span_is_a_slice_of_the_text(text: str) -> None:
    article = Article("a", text, lang="fr")
    sentences = segment(article)
    claims = extract(article, sentences, model())
    TaggedArticle(article, sentences, claims)  # checks every span
    for claim in claims:
        assert claim.score is not None
        assert claim.rule


NEUTRAL = "La pluie tombe sur la plaine depuis trois jours."


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "Paul Vidal a déclaré que la route est coupée.",
                "« Tout va bien », dit-il.",
                "Selon la police, un homme a fui.",
                "Le port devrait fermer.",
                "Elle a promis une aide.",
                "« Nous avons froid et nous avons faim. »",
            ]
        ),
        min_size=1,
        max_size=6,
    )
)
def test_a_neutral_paragraph_in_front_changes_nothing_but_the_offset(sentences: list[str]) -> None:
    text = "|".join(sentences)
    before, after = claims_of(text), [c for c in claims_of(NEUTRAL + "|" + text) if c.sentence > 0]
    shift = len(NEUTRAL) + 1
    assert [
        (c.content.start + shift, c.type, c.mode, c.speaker and c.speaker.text, c.source and c.source.name)
        for c in before
    ] == [(c.content.start, c.type, c.mode, c.speaker and c.speaker.text, c.source and c.source.name) for c in after]


@pytest.mark.parametrize(
    "piece", ["«", "« il dit que ", "le ministre a déclaré que non, ", "selon Paul Durand, ", "a-", '"a ', "Abc Def "]
)
def test_time_is_linear_on_hostile_text(piece: str) -> None:
    def seconds(times: int) -> float:
        text = piece * times
        article = Article("a", text, lang="fr")
        sentence = (Sentence(0, len(text.rstrip()), text.rstrip()),)
        begun = time.process_time()
        extract(article, sentence, model())
        return time.process_time() - begun

    seconds(2_000)
    assert seconds(40_000) < 10 * max(seconds(10_000), 0.02)


def test_a_model_is_saved_and_loaded_the_same(tmp_path: Path) -> None:
    model().save(tmp_path)
    assert ClaimModel.load(tmp_path).weights == model().weights


def test_a_damaged_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "claims.json").write_text("{", encoding="utf-8")
    with pytest.raises(BundleError, match="damaged: not valid JSON; get the bundle again"):
        ClaimModel.load(tmp_path)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Selon la mairie, le pont rouvrira en juin.", "preposition:selon"),
        ("D'après la mairie, le pont rouvrira en juin.", "preposition:d'_après"),
        ("« Le pont est sûr », assure-t-il.", "inversion:assurer"),
        ("Le maire a déclaré que le pont rouvrira en juin.", "verb:déclarer"),
        ("« Le pont est sûr et il le restera pour longtemps. »", "quotation"),
    ],
)
def test_a_claim_names_the_rule_that_made_it(text: str, rule: str) -> None:
    assert only(text).rule == rule


@pytest.mark.parametrize(
    "text",
    [
        "Il nous a fallu trois jours pour lutter contre le feu.",  # "pour" is no view
        "Le pont, c'est-à-dire la seule route, reste fermé.",
        "Le juge des enfants arrive à neuf heures.",  # a determiner before it: "juge" is a noun
    ],
)
def test_false_friends_are_no_cues(text: str) -> None:
    assert [claim for claim in claims_of(text) if claim.mode != "authorial"] == []


def test_a_pronoun_inside_its_cue_is_the_speaker() -> None:
    claim = only("« Le pont est sûr », a-t-il déclaré.")
    assert (claim.speaker and claim.speaker.text, claim.cue and claim.cue.text) == ("il", "a-t-il déclaré")


@pytest.mark.parametrize(
    ("text", "speaker", "cue"),
    [
        ("« Le pont est sûr, a déclaré Anna Roux, et il rouvrira. »", "Anna Roux", "a déclaré"),
        ("« Cette digue, explique le maire, n'a jamais cédé. »", "le maire", "explique"),
        ("« Je ne partirai pas, dit-elle, avant la fin du chantier. »", "elle", "dit-elle"),
        ("« Nous irons au bout, promet Anna Roux. Le chantier finira en mai. »", "Anna Roux", "promet"),
    ],
)
def test_an_incise_within_the_marks_tells_who_speaks(text: str, speaker: str, cue: str) -> None:
    claim = only(text)
    assert (claim.speaker and claim.speaker.text, claim.cue and claim.cue.text) == (speaker, cue)
    assert claim.mode == "direct"
    assert claim.content.text.startswith(text[2:10])
    assert claim.content.text.endswith(text[-12:-3])


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("Les vacanciers, précise le journal, rouleront comme avant jusqu'au parking.", "le journal"),
        ("Aucun navire, a déclaré Anna Roux, ne sera coulé dans la rade.", "Anna Roux"),
    ],
)
def test_an_incise_between_subject_and_verb_tells_who_speaks(text: str, speaker: str) -> None:
    claim = only(text)
    assert (claim.speaker and claim.speaker.text, claim.mode, claim.content.text) == (speaker, "indirect", text[:-1])


@pytest.mark.parametrize(
    "text",
    [
        "Anna Roux, présidente du port, annonce la fermeture du pont, qui tombe.",
        "Le port, annonce Anna Roux.",
        "Anna Roux est venue, annonce le journal, a vu et a vaincu.",  # what stands before is a clause
        "Le maire, annonce le port, et la route.",
    ],
)
def test_what_stands_between_commas_elsewhere_is_no_incise(text: str) -> None:
    cues = cues_of("fr")
    assert cues is not None
    words = Words(text, 0, len(text), cues)
    assert incise(words, cue_candidates(words)) is None


def test_a_comma_without_a_speaker_after_the_verb_is_no_incise() -> None:
    claims = claims_of("« Le maire, a dit que le pont fermera, et la route aussi. »")
    assert all(
        claim.cue is None or claim.content.end <= claim.cue.start or claim.content.start > claim.cue.end
        for claim in claims
    )


def test_an_apposition_before_a_final_quotation_is_the_speaker_s() -> None:
    speaker = "Marta Lindqvist, géologue et fondatrice de l'ONG Terres rares, basée à Oslo et spécialiste des glaciers"
    content = "le fjord est un trésor pour tout le Nord"
    found = parts(f"Pour {speaker}, «{content}».")
    assert found[1:] == ("Pour", content, "direct")
    assert found[0] is not None
    assert found[0].startswith("Marta Lindqvist, géologue et fondatrice")


@pytest.mark.parametrize(
    "text",
    [
        "«Nous avons beaucoup à perdre ici» , disait Karim Benali, le directeur du port, à la veille de la grève.",
        "« Nous avons beaucoup à perdre ici », disait Karim Benali, le directeur du port, à la veille de la grève.",
    ],
)
def test_a_space_before_the_comma_does_not_lose_the_speaker(text: str) -> None:
    speaker, cue, content, mode = parts(text)
    assert speaker is not None
    assert speaker.startswith("Karim Benali")
    assert (cue, content, mode) == ("disait", "Nous avons beaucoup à perdre ici", "direct")


def test_a_report_speaks_after_its_verb() -> None:
    speaker, cue, *_ = parts("«La digue protège toute la ville» , soulignait le rapport de la mairie sur les crues.")
    assert speaker is not None
    assert speaker.startswith("le rapport")
    assert cue == "soulignait"


@pytest.mark.parametrize(
    "text",
    [
        "Il faut rappeler qu'en 2012, un accord avait déjà été signé entre les deux villes.",
        "Il convient de rappeler que le pont est fermé depuis mars.",
        "Des faits avaient révélé l'importance des digues pour la ville.",
        "Il a quitté la salle à la demande de la présidente.",
    ],
)
def test_what_nobody_says_is_no_attributed_claim(text: str) -> None:
    assert [claim for claim in claims_of(text) if claim.mode != "authorial"] == []


@pytest.mark.parametrize(
    "lead",
    ["BRUXELLES, 3 mars (X) - ", "Namur (Agence Nord) – ", "14h32 – ", "09:12 | ", "[14:32] ", "5. ", "ÉLECTION - "],
)
def test_what_a_dispatch_or_ticker_puts_before_a_speaker_is_no_part_of_it(lead: str) -> None:
    text, cues = lead + "La police a annoncé que le pont fermera lundi.", cues_of("fr")
    assert cues is not None
    words = Words(text, 0, len(text), cues)
    (cue,) = [cue for cue in cue_candidates(words) if cue.lemma == "annoncer"]
    speaker = speaker_span(text, words, cue, (0, cue.first))
    assert (speaker and speaker.text) == "La police"


@pytest.mark.parametrize(
    ("text", "speaker", "content"),
    [
        ("Suivez l'argent, conseille le juge.", "le juge", "Suivez l'argent"),
        ("Regardez les digues, lance Anna Roux, qui est venue.", "Anna Roux", "Regardez les digues"),
    ],
)
def test_an_order_before_the_verb_is_no_speaker(text: str, speaker: str, content: str) -> None:
    assert (parts(text)[0], parts(text)[2]) == (speaker, content)


def test_a_clitic_before_the_verb_of_an_incise_does_not_hide_the_speaker() -> None:
    claim = only("« C'est là, m'assure un habitué de la maison, que le pont tombera. »")
    assert (claim.speaker and claim.speaker.text) == "un habitué de la maison"


def test_a_content_is_words() -> None:
    assert [claim for claim in claims_of("Le maire a affirmé :") if claim.mode != "authorial"] == []


def test_maître_before_a_name_is_no_pronoun() -> None:
    assert grammar_of("fr").entries["Me"] == ("me", "X")
    assert grammar_of("fr").entries["me"] == ("me", "R")


@pytest.mark.parametrize(
    ("text", "many"),
    [
        ("Le tribunal a condamné un passeur à six ans de prison.", 0),
        ("La cour a condamné deux trafiquants.", 0),
        ("Le tribunal a condamné la société Duval à payer mille euros.", 0),
        ("Le ministre a condamné cet attentat.", 1),
        ("Ces chiffres ont révélé l'ampleur de la crise.", 0),
        ("Le rapport a révélé l'ampleur de la crise.", 1),
    ],
)
def test_what_a_court_or_a_thing_does_is_no_claim(text: str, many: int) -> None:
    cues = cues_of("fr")
    assert cues is not None
    assert len(cue_candidates(Words(text, 0, len(text), cues))) == many


@pytest.mark.parametrize(
    ("lemma", "form", "tag"),
    [
        ("annoncer", "annonçait", "fin"),
        ("exiger", "exigea", "fin"),
        ("alléguer", "allègue", "fin"),
        ("appuyer", "appuient", "fin"),
        ("appeler", "appellera", "fin"),
        ("élever", "élèvera", "fin"),
        ("aller", "alla", "fin"),
        ("finir", "finissent", "fin"),
        ("rendre", "rendu", "pp"),
        ("admettre", "admise", "pp"),
        ("prévenir", "préviennent", "fin"),
    ],
)
def test_a_verb_is_conjugated_by_the_tables_of_its_language(lemma: str, form: str, tag: str) -> None:
    assert (form, tag) in set(conjugation_of("fr").forms(lemma))


def test_a_verb_has_its_lemma_alone_where_a_language_has_no_tables() -> None:
    assert list(conjugation_of("xx").forms("sagen")) == [("sagen", "inf")]


def test_the_same_body_under_another_spelling_is_one() -> None:
    assert naming_of("fr").key("Hammouchi") == naming_of("fr").key("Hamouchi")
    assert naming_of("fr").key("Ibn Tachfine") == naming_of("fr").key("Ben Tachfine")


def test_an_agent_of_the_first_person_names_nobody() -> None:
    (claim,) = claims_of("J'affirme que le pont rouvrira en juin.") or [None]
    assert claim is None or claim.source is None or claim.source.name is None


NESTED = st.lists(
    st.sampled_from(
        [
            "Anna Roux a déclaré que la route est coupée. ",
            "« Tout va bien », dit-il. ",
            "« Tout va bien, dit Marc Petit, et nous restons. » ",
            "Pour Marc Petit, maire de la ville, « tout va bien ». ",
            "Selon la police, un homme a fui. ",
            "Le maire dénonce « un scandale » et exige un départ. ",
            "Elle a promis une aide, a-t-on appris de source sûre. ",
            "La pluie tombe.\n",
        ]
    ),
    max_size=8,
).map("".join)


@given(NESTED)
def test_speaker_and_cue_stand_outside_the_content_or_within_it(text: str) -> None:
    article = Article("a", text, lang="fr")
    for claim in extract(article, segment(article), model()):
        for part in (claim.cue, claim.speaker):
            if part is not None:
                apart = part.end <= claim.content.start or part.start >= claim.content.end
                assert apart or (claim.content.start <= part.start and part.end <= claim.content.end), claim


@given(NESTED)
def test_the_tagger_sees_the_same_claims_behind_a_neutral_paragraph(small_training: Training, text: str) -> None:
    front = NEUTRAL + "\n\n"
    plain, shifted = (small_training.tagger.tag_text(one, lang="fr") for one in (text, front + text))
    assert [placed(claim, 0) for claim in plain.claims] == [placed(claim, len(front)) for claim in shifted.claims]


def placed(claim: Claim, shift: int) -> tuple[object, ...]:
    spans = (claim.content, claim.cue, claim.speaker)
    return (claim.type, claim.mode, *[span and (span.start - shift, span.end - shift, span.text) for span in spans])


def test_a_hostile_lexicon_word_too_long_is_not_remembered() -> None:
    entries = grammar_of("fr").entries
    before = len(entries)
    assert entries["a" * 500][1] == "w"
    assert len(entries) == before


def test_articles_of_one_group_fall_into_one_fold() -> None:
    gold = list(read_gold(EXAMPLES))[:4]
    found = out_of_fold([*gold, *gold], [0, 1, 2, 3] * 2, folds=2)
    assert found[:4] == found[4:]


def test_gold_without_claims_trains_a_model_that_finds_none() -> None:
    bare = [TaggedArticle(tagged.article, tagged.sentences) for tagged in list(read_gold(EXAMPLES))[:3]]
    article = Article("a", "Selon la police, un homme a fui.", lang="fr")
    assert extract(article, segment(article), train(bare)) == ()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 99}, "not a claims model of format 1; train it again"),
        ({"blunt": 1}, '"blunt" is no list of words'),
        ({"weights": {}}, 'the weights of "gate" are missing or no numbers'),
    ],
)
def test_a_model_of_another_shape_is_refused(tmp_path: Path, change: dict[str, object], message: str) -> None:
    path = model().save(tmp_path)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(BundleError, match=message):
        ClaimModel.load(tmp_path)


def test_a_feature_that_is_none_is_refused(tmp_path: Path) -> None:
    path = model().save(tmp_path)
    saved = json.loads(path.read_text())
    saved["weights"]["gate"]["nonsense"] = 1.0
    path.write_text(json.dumps(saved))
    with pytest.raises(BundleError, match="damaged: weights of features that are none"):
        ClaimModel.load(tmp_path)


@pytest.mark.parametrize("text", ["« C'est triste », dit Paul Roux.", '"Il a peur", dit Paul Roux.'])
def test_an_auxiliary_inside_a_quotation_is_not_of_the_verb_behind_it(text: str) -> None:
    cues = cues_of("fr")
    assert cues is not None
    (cue,) = [cue for cue in cue_candidates(Words(text, 0, len(text), cues)) if cue.lemma == "dire"]
    assert (cue.kind, cue.first) == ("fin", cue.head)


def test_an_auxiliary_before_an_inserted_phrase_still_is() -> None:
    text = "Il a, selon « Le Monde », dit non."
    cues = cues_of("fr")
    assert cues is not None
    (cue,) = [cue for cue in cue_candidates(Words(text, 0, len(text), cues)) if cue.lemma == "dire"]
    assert cue.kind == "comp"


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("« Nous avons commencé tôt.", "Nous avons commencé tôt"),
        ("« Rien » et « tout.", "« Rien » et « tout"),
        ("« Oui » et non.", "« Oui » et non"),
    ],
)
def test_a_mark_that_nothing_closes_is_no_part_of_what_is_said(text: str, content: str) -> None:
    cues = cues_of("fr")
    assert cues is not None
    words = Words(text, 0, len(text), cues)
    start, end = trimmed(words, 0, len(words.low))
    assert text[start:end] == content
