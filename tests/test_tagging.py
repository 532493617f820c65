"""The tagger: what comes out fits what came in, whatever its neighbours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from scipy.special import logit
from strategies import articles

import claimtag
from claimtag.errors import SchemeError
from claimtag.records import Article, Sentence, TaggedArticle, Theme
from claimtag.themes.base import context_of

FRENCH = "Le parquet a requis dix ans de prison. La police a saisi deux tonnes de cannabis au port."


@pytest.fixture(scope="module")
def tagger() -> claimtag.Tagger:
    return claimtag.load_tagger("fast")


@given(articles())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_article_comes_out_with_its_text_and_its_spans(tagger: claimtag.Tagger, article: Article) -> None:
    (tagged,) = tagger.tag([article])
    assert tagged.article.text == article.text
    assert tagged.article.id == article.id
    covered = "".join(sentence.text for sentence in tagged.sentences)
    assert [c for c in covered if c.isalnum()] == [c for c in article.text if c.isalnum()]


def test_what_comes_out_for_an_article_never_depends_on_its_neighbours(tagger: claimtag.Tagger) -> None:
    several = [Article(str(n), f"{FRENCH} Le roi a reçu {n} ministres." * (n % 3 + 1)) for n in range(130)]
    together = list(tagger.tag(several))
    assert [tagged.article.id for tagged in together] == [article.id for article in several]
    assert together[::40] == [next(tagger.tag([article])) for article in several[::40]]
    assert list(tagger.tag(several[::-1]))[::-1] == together


def test_articles_are_taken_only_as_they_are_needed(tagger: claimtag.Tagger) -> None:
    taken = []

    def endless() -> Iterator[Article]:
        while True:
            taken.append(1)
            yield Article(str(len(taken)), FRENCH)

    stream = tagger.tag(endless())
    next(stream)
    assert len(taken) < 1000


def test_a_text_without_letters_gives_no_themes(tagger: claimtag.Tagger) -> None:
    assert tagger.tag_text("… — …").themes == ()
    assert tagger.tag_text(" \n ").sentences == ()


def test_no_articles_give_no_articles(tagger: claimtag.Tagger) -> None:
    assert list(tagger.tag([])) == []


def test_the_language_is_identified_where_it_is_not_given(tagger: claimtag.Tagger) -> None:
    assert tagger.tag_text(FRENCH).article.lang == "fr"
    assert tagger.tag_text(FRENCH, lang="nl").article.lang == "nl"


def test_a_language_that_the_model_did_not_learn_carries_a_note(tagger: claimtag.Tagger) -> None:
    notes = tagger.tag_text("De politie heeft twee ton cannabis in beslag genomen.").notes
    assert notes == (
        "language nl: the model learned from fr alone; do not rely on the themes",
        "language nl: no lexicon of cues, so no claims",
    )
    assert tagger.tag_text(FRENCH).notes == ()


def test_a_language_without_lexicon_says_so(tagger: claimtag.Tagger) -> None:
    notes = tagger.tag_text("Полиция изъяла две тонны гашиша в порту города.").notes
    assert "language ru: no lexicon, so segmented by general rules and no claims" in notes


def test_boilerplate_is_listed_and_never_tagged(tagger: claimtag.Tagger) -> None:
    text = f"{FRENCH}\nÀ lire aussi : Cannabis, la police saisit trois tonnes au port\n{FRENCH}"
    kinds = {sentence.kind: sentence for sentence in tagger.tag_text(text).sentences}
    assert kinds["boilerplate"].text.startswith("À lire aussi")
    assert kinds["boilerplate"].themes == kinds["boilerplate"].review == ()


def test_explaining_adds_up_and_names_words_of_the_text(tagger: claimtag.Tagger) -> None:
    seizure = tagger.explain(Article("a", FRENCH), label="drugs", most=10**6)[-1]
    assert seizure.sentence.text.startswith("La police a saisi")
    tagged, model = tagger.tag_text(FRENCH), tagger.bundle.model
    odds = logit(model.scores(context_of(tagged.sentences, tagged.article))[-1, model.labels.index("drugs")])
    intercept = model.intercept_[model.labels_.index("drugs")]  # type: ignore[attr-defined]
    assert sum(weight for _, _, weight in seizure.weights) + intercept == pytest.approx(float(odds), abs=1e-3)
    assert seizure.score >= (seizure.threshold or 1)
    heaviest = seizure.weights[0]
    assert "canna" in heaviest[0]
    assert heaviest[2] > 0


def test_explaining_a_theme_that_is_not_there_names_the_near_one(tagger: claimtag.Tagger) -> None:
    with pytest.raises(
        SchemeError, match=r'"drug" is not a theme of security-cooperation 1\.0\.0 \(did you mean "drugs"'
    ):
        tagger.explain(Article("a", FRENCH), label="drug")


def test_sentences_that_are_given_are_tagged_as_they_are_cut(small_training: claimtag.Training) -> None:
    tagged = small_training.tagger.tag_text(FRENCH, lang="fr")
    assert list(small_training.tagger.tag_sentences([tagged])) == [tagged]
    whole = TaggedArticle(tagged.article, (Sentence(0, len(FRENCH), FRENCH),))
    (again,) = small_training.tagger.tag_sentences([whole])
    assert [sentence.text for sentence in again.sentences] == [FRENCH]


TWO_CLAIMS = "Selon la police, le cannabis arrive par le port. Le juge dit que le procès suit et que la mer monte."


def test_claims_are_learned_with_the_themes_and_carry_those_of_their_sentence(
    small_training: claimtag.Training,
) -> None:
    tagged = small_training.tagger.tag_text(TWO_CLAIMS, lang="fr")
    assert any(claim.themes for claim in tagged.claims)
    for claim in tagged.claims:
        assert set(claim.themes) <= set(tagged.sentences[claim.sentence].labels)
        assert tagged.sentences[claim.sentence].kind != "boilerplate"


def test_a_theme_goes_to_the_claims_whose_content_has_its_keywords(small_training: claimtag.Training) -> None:
    tagger = small_training.tagger
    text = "Le maire a dénoncé « le trafic de cannabis » et dénonce « un recul du port »."
    article, (sentence,) = Article("a", text, lang="fr"), tagger.tag_text(text, lang="fr").sentences
    said = replace(sentence, themes=(Theme("drugs", 0.9), Theme("justice", 0.8)), review=())
    first, second = tagger._claims(article, [said])
    assert first.themes == ("drugs", "justice")  # nothing in either content speaks for justice
    assert second.themes == ("justice",)


def test_a_language_without_cues_has_no_claims(small_training: claimtag.Training) -> None:
    assert small_training.tagger.tag_text("« De haven is veilig », zegt hij.", lang="nl").claims == ()


def test_boilerplate_gives_no_claim(small_training: claimtag.Training) -> None:
    quoted = "« Le port est sûr », a déclaré le ministre"
    body = small_training.tagger.tag_text(f"{TWO_CLAIMS}\n{quoted}.\n{TWO_CLAIMS}", lang="fr")
    assert "Le port est sûr" in [claim.content.text for claim in body.claims]
    tagged = small_training.tagger.tag_text(f"{TWO_CLAIMS}\nÀ lire aussi : {quoted}\n{TWO_CLAIMS}", lang="fr")
    assert [one.text for one in tagged.sentences if one.kind == "boilerplate"] == [f"À lire aussi : {quoted}"]
    assert len(tagged.claims) == len(body.claims) - 1
    assert all(tagged.sentences[claim.sentence].kind != "boilerplate" for claim in tagged.claims)
