"""Two readings made one: what is listed, what is decided, what stays open, and that nothing is dropped."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import tagged_articles

from claimtag.adjudicating import (
    Adjudication,
    Decisions,
    Disagreement,
    adjudicate,
    disagreements,
    read_decisions,
    write_disagreements,
)
from claimtag.adjudicating.finding import plain_claim
from claimtag.errors import InputError, OptionError
from claimtag.reading import Reject
from claimtag.records import Article, Claim, Kind, Sentence, Source, Span, TaggedArticle, Theme

TEXT = "Selon Rabat, la police agit. Elle saisit de la drogue."


def sentence(start: int, end: int, *themes: str, kind: Kind = "body", not_asked: tuple[str, ...] = ()) -> Sentence:
    return Sentence(start, end, TEXT[start:end], kind, tuple(map(Theme, themes)), (), not_asked)


def claim(start: int, end: int, index: int = 0, speaker: Span | None = None) -> Claim:
    return Claim(index, "assertion", "indirect", Span(start, end, TEXT[start:end]), speaker=speaker)


def reading(*sentences: Sentence, claims: tuple[Claim, ...] = (), by: str = "a", identity: str = "1") -> TaggedArticle:
    return TaggedArticle(Article(identity, TEXT), sentences, claims, by=by)


def settled(a: TaggedArticle, b: TaggedArticle, **decisions: str) -> Adjudication:
    """Adjudicated by decisions under the end of an id: `theme_drugs="a"`."""
    found = list(disagreements([a], [b]))
    by_id = {one.id: side for one in found for end, side in decisions.items() if one.id.endswith(end.replace("_", ":"))}
    assert len(by_id) == len(decisions)
    return adjudicate([a], [b], Decisions(by_id))


A = reading(sentence(0, 28, "politics", "drugs"), sentence(29, 54), claims=(claim(13, 27),))
B = reading(sentence(0, 28, "politics"), sentence(29, 54, "drugs"), by="b")


def test_disagreements_are_listed_in_the_order_of_the_text_with_context() -> None:
    found = list(disagreements([A], [B]))
    assert [(one.id, one.a, one.b) for one in found] == [
        ("1#0-28/theme:drugs", True, False),
        ("1#13-27/claim:a", plain_claim(A.claims[0]), None),
        ("1#29-54/theme:drugs", False, True),
    ]
    last = found[-1]
    assert last.before + last.text + last.after == TEXT
    assert (last.by_a, last.by_b, last.label) == ("a", "b", "drugs")


def test_readings_that_agree_have_no_disagreements_and_are_the_final_file() -> None:
    assert list(disagreements([A], [A])) == []
    made = adjudicate([A], [A], Decisions(), by="zoé")
    assert made.is_complete
    assert made.articles == (replace(A, by="zoé", notes=("adjudicated from a and a",)),)


def test_decisions_are_taken() -> None:
    made = settled(A, B, **{"0-28/theme_drugs": "b", "29-54/theme_drugs": "b", "claim_a": "a"})
    assert made.is_complete
    (one,) = made.articles
    assert [each.labels for each in one.sentences] == [("politics",), ("drugs",)]
    assert one.claims == A.claims


def test_what_is_undecided_stands_in_the_final_file_marked() -> None:
    made = adjudicate([A], [B], Decisions())
    (one,) = made.articles
    assert not made.is_complete
    assert [each.id for each in made.unresolved] == ["1#0-28/theme:drugs", "1#13-27/claim:a", "1#29-54/theme:drugs"]
    assert [(each.labels, each.review) for each in one.sentences] == [
        (("politics",), (Theme("drugs"),)),
        ((), (Theme("drugs"),)),
    ]
    assert [each.rule for each in one.claims] == ["unresolved"]
    assert one.notes == ("adjudicated from a and b", "3 disagreement(s) unresolved")


def test_a_label_that_one_was_not_asked_about_is_no_disagreement() -> None:
    one = reading(sentence(0, 28, not_asked=("drugs", "justice")))
    other = reading(sentence(0, 28, "drugs", not_asked=("justice",)), by="b")
    assert list(disagreements([one], [other])) == []
    (made,) = adjudicate([one], [other], Decisions()).articles
    assert (made.sentences[0].labels, made.sentences[0].not_asked) == (("drugs",), ("justice",))


def test_sentences_cut_otherwise_are_one_disagreement() -> None:
    one, other = reading(sentence(0, 54, "drugs")), reading(sentence(0, 28), sentence(29, 54, "drugs"), by="b")
    (found,) = disagreements([one], [other])
    assert (found.layer, found.start, found.end, len(found.a), len(found.b)) == ("cut", 0, 54, 1, 2)
    assert settled(one, other, cut="b").articles[0].sentences == other.sentences
    (made,) = adjudicate([one], [other], Decisions()).articles
    assert made.sentences == (Sentence(0, 54, TEXT, review=(Theme("drugs"),)),)


def test_words_that_one_leaves_out_are_kept_until_somebody_decides() -> None:
    one, other = reading(sentence(0, 28)), reading(sentence(0, 28), sentence(29, 54, "drugs"), by="b")
    (made,) = adjudicate([one], [other], Decisions()).articles
    assert [each.review for each in made.sentences] == [(), (Theme("drugs"),)]
    assert settled(one, other, cut="a").articles[0].sentences == one.sentences


def test_boilerplate_against_a_sentence_loses_no_theme_until_it_is_decided() -> None:
    one, other = reading(sentence(0, 28, kind="boilerplate")), reading(sentence(0, 28, "drugs"), by="b")
    assert [each.layer for each in disagreements([one], [other])] == ["kind", "theme"]
    (made,) = adjudicate([one], [other], Decisions()).articles
    assert (made.sentences[0].kind, made.sentences[0].review) == ("body", (Theme("drugs"),))
    assert settled(one, other, kind="a", theme_drugs="b").articles[0].sentences == one.sentences


def test_what_one_alone_says_of_a_claim_that_both_see_is_kept() -> None:
    seen = claim(13, 27)
    themes, source = replace(seen, themes=("drugs",)), replace(seen, source=Source("Rabat", "named", None))
    for one, other in ((seen, themes), (themes, seen), (source, themes), (themes, source), (seen, source)):
        a, b = replace(A, claims=(one,)), replace(A, claims=(other,), by="b")
        made = settled(a, b)
        (kept,) = made.articles[0].claims
        assert made.is_complete
        assert kept.themes == (one.themes or other.themes)
        assert kept.source == (one.source or other.source)


def test_a_claim_can_be_neither_and_a_matched_one_is_either() -> None:
    one = replace(A, claims=(claim(13, 27, speaker=Span(6, 11, "Rabat")),))
    other = replace(A, claims=(claim(13, 28),), by="b")
    assert settled(one, other, claim_a="neither").articles[0].claims == ()
    assert settled(one, other, claim_a="b").articles[0].claims == other.claims


def test_a_claim_that_the_decided_sentences_have_no_place_for_is_named() -> None:
    one = reading(sentence(0, 28), claims=(claim(13, 27),))
    other = reading(sentence(0, 28, kind="boilerplate"), by="b")
    made = settled(one, other, kind="b", claim_a="a")
    assert made.homeless == ("1#13-27/claim:a",)
    assert not made.is_complete


def test_articles_of_one_annotator_are_kept_and_named() -> None:
    alone = replace(B, article=Article("2", TEXT))
    made = adjudicate([A], [replace(A, by="b"), alone], Decisions())
    assert made.read_once == ("2",)
    assert made.articles[1] == replace(alone, notes=("read by b alone",))
    with pytest.raises(OptionError, match="the annotators do not cover the same articles: only the second has '2'"):
        list(disagreements([A], [A, alone]))


def test_two_texts_cannot_be_made_one() -> None:
    other = TaggedArticle(Article("1", "Non."), ())
    with pytest.raises(OptionError, match="the texts differ of '1': two readings of one text are needed"):
        adjudicate([A], [other], Decisions())


@settings(max_examples=25, deadline=None)
@given(one=tagged_articles(scores=False, not_asked=True), data=st.data())
def test_nothing_that_either_says_is_missing_from_an_undecided_file(one: TaggedArticle, data: st.DataObject) -> None:
    kept = [each for each in one.sentences if data.draw(st.booleans())]
    other = replace(
        one,
        sentences=tuple(replace(each, themes=each.themes[1:]) for each in kept),
        claims=(),
    )
    one = replace(one, claims=tuple(replace(each, score=None) for each in one.claims))
    made = adjudicate([one], [other], Decisions())
    (merged,) = made.articles
    assert made.homeless == ()
    said = {(each.start, label) for side in (one, other) for each in side.sentences for label in each.labels}
    there = {(each.start, theme.label) for each in merged.sentences for theme in (*each.themes, *each.review)}
    assert said <= there
    assert sorted(each.content.start for each in merged.claims) == sorted(each.content.start for each in one.claims)


def decided(tmp_path: Path, *records: object) -> tuple[Decisions, list[str]]:
    path = tmp_path / "d.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    rejects: list[Reject] = []
    found = read_decisions(path, found=disagreements([A], [B]), on_reject=rejects.append)
    return found, [f"{one.line}: {one.reason}" for one in rejects]


def test_decisions_come_back_from_the_list_that_was_written(tmp_path: Path) -> None:
    found = list(disagreements([A], [B]))
    assert write_disagreements(found, tmp_path / "all.jsonl") == 3
    records = [json.loads(line) for line in (tmp_path / "all.jsonl").read_text().splitlines()]
    for record, decision in zip(records, ("a", None, True), strict=True):
        record["decision"] = decision
    decisions, rejects = decided(tmp_path, *records)
    assert rejects == []
    assert decisions.by_id == {"1#0-28/theme:drugs": "a", "1#29-54/theme:drugs": "b"}


def test_decisions_that_cannot_be_used_are_told(tmp_path: Path) -> None:
    theme, claimed = "1#0-28/theme:drugs", "1#13-27/claim:a"
    decisions, rejects = decided(
        tmp_path,
        {"id": theme, "decision": "A"},
        {"id": theme, "decision": "a"},
        {"id": theme, "decision": "a"},
        {"id": theme, "decision": "b"},
        {"id": "2#0-28/theme:drugs", "decision": "a"},
        {"decision": "a"},
        {"id": claimed, "decision": "a", "b": {"type": "demand"}},
        {"id": claimed, "decision": "neithr"},
    )
    assert decisions.by_id == {theme: "a"}
    assert rejects == [
        '1: "A" is no decision; choose one of a, b',
        "4: decided before, otherwise (a); the first decision is kept",
        '5: "2#0-28/theme:drugs" is no disagreement of these files; list them again with claimtag agree --disagreements',
        '6: a decision needs the "id" of its disagreement',
        "7: decided when b said something else; look at it again",
        '8: "neithr" is no decision (did you mean "neither"?); choose one of a, b, neither',
    ]


def test_by_default_a_bad_decision_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "d.jsonl").write_text('{"id": "x", "decision": "a"}')
    with pytest.raises(InputError, match=r'd.jsonl:1: "x" is no disagreement of these files'):
        read_decisions(tmp_path / "d.jsonl", found=())


def test_the_page_holds_every_disagreement_and_nothing_that_a_browser_would_run(tmp_path: Path) -> None:
    (one, *_) = disagreements([A], [B])
    hostile = replace(one, text="</script><script>alert(1)</script>\u2028")
    assert write_disagreements([hostile], tmp_path / "d.html") == 1
    page = (tmp_path / "d.html").read_text()
    assert page.count("<script") == page.count("</script") == 1
    start = page.index("const found = ") + len("const found = ")
    (record,) = json.loads(page[start : page.index(";\n", start)])
    assert record == hostile.to_dict()


def test_a_list_of_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r'disagreements are written as .jsonl or .html; ".*d.txt" ends in neither'):
        write_disagreements((), tmp_path / "d.txt")


def test_a_disagreement_is_a_record_of_plain_values() -> None:
    one: Disagreement = next(iter(disagreements([A], [B])))
    assert json.loads(json.dumps(one.to_dict())) == one.to_dict() | {"decision": None}
