"""Records check themselves, and what is written as plain values comes back the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from strategies import tagged_articles

from claimtag.errors import RecordError
from claimtag.records import Article, Claim, Sentence, Source, Span, TaggedArticle, Theme

TEXT = "Selon Rabat, tout va bien. Lire aussi"
ARTICLE = Article("a", TEXT)
BODY = Sentence(0, 26, TEXT[:26])
NOTICE = Sentence(27, 37, TEXT[27:], "boilerplate")
CONTENT = Span(13, 25, TEXT[13:25])
SELON, RABAT = Span(0, 5, "Selon"), Span(6, 11, "Rabat")


def claim(**changes: Any) -> Claim:
    return Claim(**{"sentence": 0, "type": "assertion", "mode": "indirect", "content": CONTENT} | changes)


@given(tagged_articles())
def test_a_record_read_back_from_its_plain_values_is_the_same(tagged: TaggedArticle) -> None:
    assert TaggedArticle.from_dict(json.loads(json.dumps(tagged.to_dict()))) == tagged


@given(tagged_articles())
def test_every_span_of_the_plain_values_is_a_slice_of_the_text(tagged: TaggedArticle) -> None:
    def spans(value: Any) -> list[dict[str, Any]]:
        if isinstance(value, list):
            return [span for item in value for span in spans(item)]
        if not isinstance(value, dict):
            return []
        own = [value] if value.get("start") is not None else []
        return own + [span for item in value.values() for span in spans(item)]

    record = tagged.to_dict()
    found = spans(record)
    assert len(found) >= len(tagged.sentences) + len(tagged.claims)
    assert all(record["text"][span["start"] : span["end"]] == span["text"] for span in found)


def test_the_plain_values_have_the_documented_keys() -> None:
    source = Source("Rabat", "named", RABAT)
    themes = (Theme("diplomacy", 0.9),)
    sentence = Sentence(0, 26, BODY.text, themes=themes, review=(Theme("politics", 0.4),))
    tagged = TaggedArticle(
        ARTICLE, (sentence, NOTICE), (claim(cue=SELON, speaker=RABAT, source=source, score=0.5, rule="selon"),)
    )
    record = tagged.to_dict()
    assert list(record) == [
        "id",
        "title",
        "date",
        "source",
        "url",
        "lang",
        "text",
        "scheme",
        "by",
        "sentences",
        "claims",
    ]
    assert record["sentences"][0]["themes"] == [{"label": "diplomacy", "score": 0.9}]
    assert record["sentences"][0]["review"] == [{"label": "politics", "score": 0.4}]
    assert record["sentences"][1] == {"start": 27, "end": 37, "kind": "boilerplate", "text": "Lire aussi", "themes": []}
    assert record["claims"] == [
        {
            "sentence": 0,
            "type": "assertion",
            "mode": "indirect",
            "score": 0.5,
            "rule": "selon",
            "content": {"start": 13, "end": 25, "text": "tout va bien"},
            "cue": {"start": 0, "end": 5, "text": "Selon"},
            "speaker": {"start": 6, "end": 11, "text": "Rabat"},
            "source": {"start": 6, "end": 11, "text": "Rabat", "name": "Rabat", "status": "named"},
            "themes": [],
        }
    ]


def test_gold_has_its_themes_as_bare_names() -> None:
    sentence = Sentence(0, 26, BODY.text, themes=(Theme("diplomacy"),))
    assert TaggedArticle(ARTICLE, (sentence,)).to_dict()["sentences"][0]["themes"] == ["diplomacy"]


def test_a_source_need_not_have_a_mention() -> None:
    tagged = TaggedArticle(ARTICLE, (BODY,), (claim(source=Source(None, "unresolved")),))
    assert tagged.to_dict()["claims"][0]["source"] == {
        "start": None, "end": None, "text": None, "name": None, "status": "unresolved",
    }  # fmt: skip
    assert TaggedArticle.from_dict(tagged.to_dict()) == tagged


def test_the_articles_themes_come_most_frequent_first_and_then_by_name() -> None:
    one = Sentence(0, 1, "a", themes=(Theme("c"), Theme("b"), Theme("d")))
    two = Sentence(1, 2, "b", themes=(Theme("d"),))
    assert TaggedArticle(Article("x", "ab"), (one, two)).themes == ("d", "b", "c")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Article(5, "x"), "article 5: id must be a string, not int"),
        (lambda: Article("a", None), "article 'a': text must be a string, not NoneType"),
        (lambda: Article("a", "x", title=3), "article 'a': title must be a string, not int"),
        (lambda: Article("", "x"), "an article's id must not be empty"),
        (lambda: Span(3, 3, ""), "span 3–3 is empty or begins before the text"),
        (lambda: Span(-1, 1, "ab"), "span -1–1 is empty or begins before the text"),
        (lambda: Span(0, 4, "selon"), "span 0–4 is 4 characters long, its text 'selon' 5"),
        (lambda: Theme(""), "a theme's label must be a string with something in it, not ''"),
        (lambda: Theme(3), "a theme's label must be a string with something in it, not 3"),
        (lambda: Theme("a", 1.01), 'theme "a": the score must lie in [0, 1], not 1.01'),
        (lambda: Theme("a", float("nan")), 'theme "a": the score must lie in [0, 1], not nan'),
        (lambda: Sentence(0, 1, "a", "boddy"), 'sentence kind "boddy" is not one of title, heading, body, boilerplate (did you mean "body"?)'),
        (lambda: Sentence(0, 1, "a", "boilerplate", (Theme("b"),)), "sentence 0–1 is boilerplate and must carry no themes"),
        (lambda: Sentence(0, 1, "a", "boilerplate", (), (Theme("b"),)), "sentence 0–1 is boilerplate and must carry no themes"),
        (lambda: Sentence(0, 1, "a", themes=(Theme("b"), Theme("b", 0.3))), "sentence 0–1 carries a theme twice: b, b"),
        (lambda: Sentence(0, 1, "a", themes=(Theme("b"),), review=(Theme("b"),)), "sentence 0–1 carries a theme twice: b, b"),
        (lambda: Source("Rabat", "xyz"), 'source status "xyz" is not one of named, role, anonymous, unresolved'),
        (lambda: Source(None, "named"), 'a source has a name unless it is unresolved; got name None, status "named"'),
        (lambda: Source("Rabat", "unresolved"), "a source has a name unless it is unresolved; got name 'Rabat', status \"unresolved\""),
        (lambda: claim(type="assertions"), 'claim type "assertions" is not one of assertion, evaluation, demand, commitment, forecast (did you mean "assertion"?)'),
        (lambda: claim(mode="spoken"), 'claim mode "spoken" is not one of direct, indirect, mixed, authorial'),
        (lambda: claim(mode="authorial", cue=SELON), "claim 13–25 is authorial and must have no cue, speaker or source"),
        (lambda: claim(score=-0.1), "claim 13–25: the score must lie in [0, 1], not -0.1"),
    ],
)  # fmt: skip
def test_a_record_that_contradicts_itself_cannot_be_made(make: Callable[[], object], message: str) -> None:
    with pytest.raises(RecordError) as caught:
        make()
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("sentences", "claims", "message"),
    [
        ((Sentence(0, 5, "selon"),), (), "article \"a\": sentence 0–5 says 'selon', the text there says 'Selon'"),
        ((Sentence(30, 40, "ire aussi!"),), (), 'article "a": sentence 30–40 lies outside the text of 37 characters'),
        ((BODY, Sentence(20, 26, TEXT[20:26])), (), 'article "a": sentence 20–26 overlaps the one before it, or stands before it'),
        ((NOTICE, BODY), (), 'article "a": sentence 0–26 overlaps the one before it, or stands before it'),
        ((BODY,), (claim(sentence=1),), 'article "a": a claim names sentence 1, there are 1'),
        ((BODY,), (claim(sentence=-1),), 'article "a": a claim names sentence -1, there are 1'),
        ((BODY, NOTICE), (claim(sentence=1),), 'article "a": claim 13–25 names sentence 1 (27–37), which does not hold the middle of its content'),
        ((BODY, NOTICE), (claim(sentence=1, content=Span(27, 31, "Lire")),), 'article "a": claim 27–31 lies in boilerplate'),
        ((BODY,), (claim(cue=Span(0, 5, "selon")),), "article \"a\": cue 0–5 says 'selon', the text there says 'Selon'"),
        ((BODY,), (claim(content=Span(13, 25, "tout va mal!")),), "article \"a\": content 13–25 says 'tout va mal!', the text there says 'tout va bien'"),
        ((BODY, NOTICE), (claim(speaker=Span(27, 31, "Lire")),), 'article "a": speaker 27–31 lies outside the claim\'s sentence; only a source may stand elsewhere'),
        ((BODY,), (claim(source=Source("Rabat", "named", Span(6, 11, "Tunis"))),), "article \"a\": source 6–11 says 'Tunis', the text there says 'Rabat'"),
    ],
)  # fmt: skip
def test_an_article_whose_parts_do_not_fit_cannot_be_made(sentences: Any, claims: Any, message: str) -> None:
    with pytest.raises(RecordError) as caught:
        TaggedArticle(ARTICLE, sentences, claims)
    assert str(caught.value) == message


def test_a_source_may_stand_in_another_sentence() -> None:
    elsewhere = claim(sentence=0, source=Source("Lire", "named", Span(27, 31, "Lire")))
    assert TaggedArticle(ARTICLE, (BODY, NOTICE), (elsewhere,)).claims == (elsewhere,)


GOLD = {"id": "a", "text": TEXT, "sentences": [{"start": 0, "end": 26, "text": BODY.text, "themes": ["diplomacy"]}]}


def test_the_least_that_gold_must_say_can_be_read() -> None:
    tagged = TaggedArticle.from_dict(GOLD)
    assert tagged.sentences == (Sentence(0, 26, BODY.text, "body", (Theme("diplomacy"),)),)
    assert (tagged.claims, tagged.scheme, tagged.by) == ((), None, None)


def gold(sentence: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    return GOLD | ({"sentences": [GOLD["sentences"][0] | sentence]} if sentence else {}) | changes  # type: ignore[index]


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"text": "x", "sentences": []}, "article \"None\": not a record of sentences and claims: field 'id' is missing"),
        ({"id": "a", "text": "x"}, "article \"a\": not a record of sentences and claims: field 'sentences' is missing"),
        (gold(id=5), "article 5: id must be a string, not int"),
        (gold(text=None), "article 'a': text must be a string, not NoneType"),
        (gold(sentences=[{"start": 0, "end": 5, "text": "Selon"}]), "article \"a\": sentences[0]: field 'themes' is missing"),
        (gold({"start": 1}), "article \"a\": sentences[0]: span 1–26 is 25 characters long, its text 'Selon Rabat, tout va bien.' 26"),
        (gold({"kind": "headline"}), 'article "a": sentences[0]: sentence kind "headline" is not one of title, heading, body, boilerplate (did you mean "heading"?)'),
        (gold({"themes": [{"score": 0.5}]}), "article \"a\": sentences[0]: field 'label' is missing"),
        (gold({"themes": [7]}), "article \"a\": sentences[0]: 'int' object is not subscriptable"),
        (gold({"text": None}), "article \"a\": sentences[0]: object of type 'NoneType' has no len()"),
        (gold(sentences="text"), "article \"a\": sentences[0]: 'str' object has no attribute 'get'"),
        (gold(claims=[{"sentence": 0, "type": "assertion", "mode": "direct"}]), "article \"a\": claims[0]: field 'content' is missing"),
        (gold(scheme={"version": "1.0.0"}), "article \"a\": not a record of sentences and claims: field 'name' is missing"),
    ],
)  # fmt: skip
def test_gold_that_cannot_be_read_says_which_article_and_where(record: dict[str, Any], message: str) -> None:
    with pytest.raises(RecordError) as caught:
        TaggedArticle.from_dict(record)
    assert str(caught.value) == message


def test_boilerplate_in_gold_needs_no_themes() -> None:
    notice = {"start": 27, "end": 37, "text": "Lire aussi", "kind": "boilerplate"}
    assert TaggedArticle.from_dict(gold(sentences=[notice])).sentences == (NOTICE,)


@pytest.mark.parametrize("changes", [{"by": 7}, {"licence": ["x"]}, {"notes": [3]}])
def test_by_licence_and_notes_are_text(changes: dict[str, object]) -> None:
    (name,) = changes
    with pytest.raises(RecordError, match=rf'article "a": {name} must be text, not '):
        TaggedArticle.from_dict({"id": "a", "text": "Oui.", "sentences": [], **changes})


def test_themes_given_as_one_string_are_refused() -> None:
    sentence = {"start": 0, "end": 4, "text": "Oui.", "themes": "drugs"}
    with pytest.raises(RecordError, match="\"themes\" must be a list, not 'drugs'"):
        TaggedArticle.from_dict({"id": "a", "text": "Oui.", "sentences": [sentence]})
