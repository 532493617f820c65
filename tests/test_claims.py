"""Laws and rules of claim extraction, with a model that is trained on the examples for these tests."""

from __future__ import annotations

import re
import time
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimtag.claims import ClaimModel, extract, train
from claimtag.errors import BundleError
from claimtag.reading import read_gold
from claimtag.records import Article, Sentence, TaggedArticle
from claimtag.segmenting import segment


@cache
def model() -> ClaimModel:
    return train(read_gold(Path(__file__).parent.parent / "examples" / "train.jsonl"))


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
    found = claims_of("Le président a condamné « un crime odieux » et dénonce « un recul ».")
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
