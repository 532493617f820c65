"""Keywords: what matches and what does not, where it stands, and how the score grows."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import strings

from claimtag.errors import BundleError, OptionError
from claimtag.scheme import load_scheme
from claimtag.themes import keywords
from claimtag.themes.base import ArticleContext, SentenceInArticle, ThemeModel
from claimtag.themes.keywords import KeywordTagger


def tagger(*words: str, lang: str = "fr") -> KeywordTagger:
    return KeywordTagger({"a": {lang: words}}, ["a", "b"])


def read(*texts: str, title: str = "", lang: str | None = "fr") -> list[SentenceInArticle]:
    article = ArticleContext(texts, ("body",) * len(texts), title=title, lang=lang)
    return [SentenceInArticle(article, index) for index in range(len(texts))]


def found(text: str, *words: str) -> list[str]:
    return [hit.text for hit in tagger(*words).explain(read(text)[0])]


def test_case_and_accents_do_not_count() -> None:
    assert found("L'ÉTAT puis l'etat et l’e\u0301tat", "État") == ["ÉTAT", "etat", "e\u0301tat"]


def test_a_keyword_is_a_whole_word() -> None:
    assert found("Le port, les ports, le report, port-franc", "port") == ["port", "port"]


def test_a_star_stands_for_any_ending_and_for_none() -> None:
    assert found("drogue, drogues, droguerie, antidrogue", "drogue*") == ["drogue", "drogues", "droguerie"]


def test_the_words_of_a_phrase_stand_side_by_side() -> None:
    assert found("trafic de drogue; trafic illicite de drogue", "trafic de drogue") == ["trafic de drogue"]


def test_a_star_may_end_any_word_of_a_phrase() -> None:
    assert found("Trafics d'armes lourdes", "trafic* d'arme* lourd*") == ["Trafics d'armes lourdes"]


def test_hyphens_and_apostrophes_are_spaces_to_a_phrase() -> None:
    assert found("Al Qaïda, Al-Qaida, al\u2011qaïda", "Al-Qaïda") == ["Al Qaïda", "Al-Qaida", "al\u2011qaïda"]


def test_a_phrase_does_not_reach_over_a_comma_or_full_stop() -> None:
    assert found("Il vit au Sahara, occidental ou non. Sahara. Occidental", "Sahara occidental") == []


def test_keywords_that_begin_alike_and_overlap_are_all_found() -> None:
    assert found("trafic de drogue dure", "trafic", "trafic de drogue", "drogue dure", "traf*") == [
        "trafic",
        "trafic",
        "trafic de drogue",
        "drogue dure",
    ]


def test_a_hit_says_which_keyword_of_which_label_stands_where() -> None:
    sentence = read("Vu : la Drogue.")[0]
    (hit,) = tagger("drogue*").explain(sentence)
    assert (hit.label, hit.keyword) == ("a", "drogue*")
    assert sentence.text[hit.start : hit.end] == hit.text == "Drogue"


def test_the_keywords_are_those_of_the_articles_language_or_all_if_it_is_unknown() -> None:
    both = KeywordTagger({"a": {"fr": ["police"], "en": ["crime"]}}, ["a"])
    for lang, hits in [
        ("fr", ["police"]),
        ("fr-BE", ["police"]),
        ("en", ["crime"]),
        ("nl", []),
        (None, ["police", "crime"]),
    ]:
        assert [hit.keyword for hit in both.explain(read("police crime", lang=lang)[0])] == hits


def test_the_score_grows_with_different_keywords_and_less_with_those_of_the_article() -> None:
    model = tagger("un", "deux", "trois")
    scores = model.scores(read("un", "un deux", "un un un", "rien", "un deux trois"))[:, 0]
    assert scores[3] < scores[0] == scores[2] < scores[1] < scores[4]
    alone, beside = model.scores(read("un"))[0, 0], model.scores(read("un", "deux"))[0, 0]
    assert alone < beside < model.scores(read("un deux"))[0, 0]


def test_the_title_counts_as_the_article() -> None:
    model = tagger("drogue")
    assert (
        model.scores(read("Il part.", title="La drogue"))[0, 0] == model.scores(read("Il part.", "La drogue"))[0, 0] > 0
    )


def test_a_label_without_keywords_scores_zero() -> None:
    assert tagger("un").scores(read("un deux"))[0, 1] == 0


@given(st.lists(strings(), min_size=1, max_size=5), st.none() | strings())
def test_scores_lie_in_zero_to_one_and_do_not_depend_on_the_batch(texts: list[str], title: str | None) -> None:
    model = tagger("a*", "le ministre", "0 1")
    sentences = read(*texts, title=title or "")
    scores = model.scores([*sentences, *read("autre a ab")])
    assert ((scores >= 0) & (scores < 1)).all()
    for row, sentence in enumerate(sentences):
        assert (model.scores([sentence])[0] == scores[row]).all()
        assert all(sentence.text[hit.start : hit.end] == hit.text for hit in model.explain(sentence))


def test_no_sentences_give_no_rows() -> None:
    assert tagger("un").scores([]).shape == (0, 2)


@pytest.mark.parametrize("keyword", ["", "*", "dr*gue", "* drogue", "drogue**", "?!"])
def test_a_keyword_that_can_never_match_is_refused(keyword: str) -> None:
    with pytest.raises(OptionError) as refusal:
        tagger(keyword)
    assert str(refusal.value) == (
        f'"a": {keyword!r} is no keyword; it must be one or more words, and a * may only end a word'
    )


def test_every_keyword_of_the_shipped_scheme_is_found_in_itself() -> None:
    scheme = load_scheme("security-cooperation")
    model = keywords.make(scheme)
    assert model.labels == scheme.labels
    for theme in scheme.themes:
        for lang, words in (theme.keywords or {}).items():
            for word in words:
                hits = model.explain(read(word.replace("*", ""), lang=lang)[0])
                assert (theme.id, word) in [(hit.label, hit.keyword) for hit in hits]


def test_the_weights_of_an_explanation_sum_up_to_the_evidence() -> None:
    model = tagger("drogue*", "police")
    sentence = read("Des drogues.", "La police.", title="Drogue")[0]
    weights = keywords.explain(model, sentence, "a")
    assert [(word, part) for word, part, _ in weights] == [
        ("drogues", "sentence"),
        ("drogues", "article"),
        ("police", "article"),
    ]
    assert 1 - 2 ** -sum(weight for *_, weight in weights) == pytest.approx(model.scores([sentence])[0, 0])
    with pytest.raises(OptionError, match='"c" is not one of the labels'):
        keywords.explain(model, sentence, "c")


def test_a_saved_tagger_scores_the_same(tmp_path: Path) -> None:
    model = keywords.make(load_scheme("security-cooperation"))
    keywords.save(model, tmp_path)
    sentences = read("La police a saisi du cannabis.", "Le Polisario refuse.")
    assert (keywords.load(tmp_path).scores(sentences) == model.scores(sentences)).all()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"labels": ["a"], "keywords": {"a": {"fr": ["*"]}}}', "[" * 9999])
def test_a_damaged_file_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / keywords.FILE).write_text(content)
    with pytest.raises(BundleError, match=r"keywords\.json: not a keyword tagger"):
        keywords.load(tmp_path)


def test_it_is_a_theme_model() -> None:
    model: ThemeModel = tagger("un").fit([], [])
    assert model.scores(read("un")).dtype == np.float32


@pytest.mark.parametrize("text", ["a " * 50_000, "a" * 100_000, "ab-" * 33_000, "\u0301" * 100_000])
def test_hostile_text_is_read_in_linear_time(text: str) -> None:
    model = tagger("a a a b", "a*", "ab-ab-ab-b")

    def seconds(part: str) -> float:
        begun = time.process_time()
        model.scores(read(part))
        return time.process_time() - begun

    assert min(seconds(text) for _ in range(3)) < 0.05 + 12 * min(seconds(text[: len(text) // 4]) for _ in range(3))
