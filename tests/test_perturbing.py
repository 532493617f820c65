"""Perturbed articles keep their sentences in step; the stability of a tagger is counted where its labels should hold."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import tagged_articles

from claimtag.errors import OptionError
from claimtag.evaluation.perturbing import perturb, stability
from claimtag.evaluation.rewriting import PERTURBATIONS, Perturbation
from claimtag.records import Article, Sentence, TaggedArticle, Theme

TEXT = "Titre été\nPartagez été\nLa police a arrêté un homme. Le roi est là."
SENTENCES = [
    Sentence(0, 9, "Titre été", "title"),
    Sentence(10, 22, "Partagez été", "boilerplate"),
    Sentence(23, 51, "La police a arrêté un homme.", themes=(Theme("policing", 0.9),)),
    Sentence(52, 66, "Le roi est là."),
]


def article(
    text: str = "La police a arrêté un homme. Le roi est là.", id: str = "a", lang: str | None = "fr"
) -> Article:
    return Article(id, text, lang=lang)


def tagger(*rules: tuple[str, str, float]) -> Callable[[Iterable[Article]], Iterator[TaggedArticle]]:
    """Tags every sentence that has the word with the label and the score; sentences end at a full stop."""

    def tag(articles: Iterable[Article]) -> Iterator[TaggedArticle]:
        for one in articles:
            sentences, at = [], 0
            for piece in one.text.split(". "):
                themes = tuple(Theme(label, score) for word, label, score in rules if word in piece)
                said = tuple(theme for theme in themes if (theme.score or 0) >= 0.5)
                review = tuple(theme for theme in themes if (theme.score or 0) < 0.5)
                sentences.append(Sentence(at, at + len(piece), piece, "body", said, review))
                at += len(piece) + 2
            yield TaggedArticle(one, tuple(sentences))

    return tag


def test_sentences_keep_their_kinds_and_themes_and_what_lies_between_stays() -> None:
    found = perturb(Article("a", TEXT, lang="fr"), SENTENCES, "accents")
    assert found.article.text == "Titre ete\nPartagez été\nLa police a arrete un homme. Le roi est la."
    assert [sentence.kind for sentence in found.sentences] == ["title", "boilerplate", "body", "body"]
    assert found.sentences[2].labels == ("policing",)
    assert found.changed == (True, False, True, True)


def test_boilerplate_is_never_perturbed_and_titles_are_not_negated_or_framed() -> None:
    for kind in PERTURBATIONS:
        assert not perturb(Article("a", TEXT, lang="fr"), SENTENCES, kind).changed[1]
    for kind in ("negation", "frame"):
        assert not perturb(Article("a", TEXT, lang="fr"), SENTENCES, kind).changed[0]


def test_the_title_field_follows_unless_it_would_be_no_title() -> None:
    titled = Article("a", "Marie Dupont est là.", title="Marie Dupont réélue", lang="fr")
    sentences = [Sentence(0, 20, titled.text)]
    names = perturb(titled, sentences, "names").article
    assert (names.title or "").split()[:2] == names.text.split()[:2] != ["Marie", "Dupont"]
    assert perturb(titled, sentences, "accents").article.title == "Marie Dupont reelue"
    assert perturb(titled, sentences, "frame").article.title == titled.title


@given(tagged_articles(), st.sampled_from(PERTURBATIONS), st.integers(0, 9))
def test_every_new_sentence_stands_where_it_says_in_the_new_text_beside_its_old_one(
    tagged: TaggedArticle, kind: Perturbation, seed: int
) -> None:
    one = Article(tagged.article.id, tagged.article.text, title=tagged.article.title, lang="fr")
    found = perturb(one, tagged.sentences, kind, seed=seed)
    TaggedArticle(found.article, found.sentences)  # checks every span
    assert len(found.sentences) == len(found.changed) == len(tagged.sentences)
    assert [new.themes for new in found.sentences] == [old.themes for old in tagged.sentences]
    for old, new, changed in zip(tagged.sentences, found.sentences, found.changed, strict=True):
        assert changed == (old.text != new.text)
    assert found == perturb(one, tagged.sentences, kind, seed=seed)


def test_a_tagger_that_looks_at_what_stays_is_stable() -> None:
    (found,) = stability(tagger((" ", "any", 0.9)), [article()], ["accents"])
    assert (found.sentences, found.flipped, found.share.value, found.worst) == (2, 0, 0.0, ())


def test_labels_that_change_where_they_should_not_are_counted_and_the_worst_named() -> None:
    tag = tagger(("arrêté", "policing", 0.8), ("est là", "politics", 0.6), ("arrete", "justice", 0.7))
    (found,) = stability(tag, [article(id=name) for name in "abc"], ["accents"])
    assert (found.articles, found.sentences, found.flipped, found.share.value) == (3, 6, 6, 1.0)
    by_label = {one.label: (one.before, one.lost, one.gained, one.share.value) for one in found.labels}
    assert by_label == {"justice": (0, 0, 3, 1.0), "policing": (3, 3, 0, 1.0), "politics": (3, 3, 0, 1.0)}
    worst = found.worst[0]
    assert (worst.labels_before, worst.labels_after, worst.score) == (("policing",), ("justice",), 0.8)
    assert (worst.text_before, worst.text_after) == ("La police a arrêté un homme", "La police a arrete un homme")
    assert len(found.worst) == 3
    json.dumps(found.to_dict(), allow_nan=False)


def test_sentences_that_a_kind_does_not_change_are_not_counted() -> None:
    (found,) = stability(tagger(("police", "policing", 0.8)), [article("La police. Le été.")], ["accents"])
    assert (found.sentences, found.flipped) == (1, 0)
    assert found.labels[0].share.reason == "no sentence that it changed has this label"


def test_where_nothing_changes_the_share_is_not_defined() -> None:
    (found,) = stability(tagger(), [article("Oui. Non")], ["accents"])
    assert found.share.reason == "it changed no sentence"
    assert json.loads(json.dumps(found.to_dict()))["share"]["value"] is None


def test_the_shift_is_over_scores_that_both_sides_give() -> None:
    tag = tagger(("arrêté", "policing", 0.8), ("arrete", "policing", 0.3), ("est là", "politics", 0.6))
    (found,) = stability(tag, [article()], ["accents"])
    policing, politics = found.labels
    assert (policing.shift, policing.scored, policing.lost) == (pytest.approx(-0.5), 1, 1)
    assert (politics.shift, politics.scored) == (None, 0)


def test_a_sentence_that_is_cut_otherwise_is_compared_with_what_overlaps_it_most() -> None:
    def tag(articles: Iterable[Article]) -> Iterator[TaggedArticle]:
        for one in articles:
            cut = 20 if "É" in one.text else len(one.text)
            whole = Sentence(0, cut, one.text[:cut], themes=(Theme("policing", 0.9),))
            rest = (Sentence(cut, len(one.text), one.text[cut:]),) if cut < len(one.text) else ()
            yield TaggedArticle(one, (whole, *rest))

    (found,) = stability(tag, [article("La police a arrêté un homme")], ["capitals"])
    assert found.flipped == 0


def test_articles_in_a_language_without_a_lexicon_are_skipped_and_counted() -> None:
    found = stability(tagger(), [article(lang="xx"), article(id="b")], ["negation", "accents"])
    assert [(one.articles, one.skipped) for one in found] == [(1, 1), (2, 0)]


def test_the_result_is_the_same_every_time() -> None:
    tag, articles = tagger(("police", "policing", 0.8)), [article(id=name) for name in "abcd"]
    assert repr(stability(tag, articles, seed=4)) == repr(stability(tag, articles, seed=4))


def test_no_articles_are_refused() -> None:
    with pytest.raises(OptionError, match="there are no articles to perturb"):
        stability(tagger(), [])


def test_a_tagger_that_loses_articles_is_refused() -> None:
    calls: list[int] = []

    def tag(articles: Iterable[Article]) -> Iterator[TaggedArticle]:
        calls.append(1)
        yield from [TaggedArticle(one, (Sentence(0, len(one.text), one.text),)) for one in articles][: 2 - len(calls)]

    with pytest.raises(OptionError, match="the tagger must give back every article it is given, in order"):
        stability(tag, [article()], ["accents"])


def test_an_unknown_kind_is_refused_before_anything_is_tagged() -> None:
    with pytest.raises(OptionError, match='"typo" is no kind of perturbation'):
        stability(lambda articles: pytest.fail("tagged"), [article()], ["typo"])  # type: ignore[list-item]
