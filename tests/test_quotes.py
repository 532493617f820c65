from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimtag.quotes import LONGEST, quotations


def quoted(text: str) -> list[str]:
    return [text[start:end] for start, end, _ in quotations(text)]


@pytest.mark.parametrize("text", ["« oui »", "“oui”", '"oui"', "‹oui›", "„oui“", "„oui”"])
def test_each_pair_of_marks_encloses_a_quotation(text: str) -> None:
    assert quoted(f"Il dit {text}, puis sort.") == [text]


def test_apostrophes_and_inch_marks_enclose_nothing() -> None:
    assert quoted('L\'un et l’autre, ‘vite’, sur un écran de 27" ou de 32".') == []


def test_quotations_nest_and_say_how_deep() -> None:
    text = '« Il a dit “ le mot "non" ” et rien », puis « oui »'
    assert [(text[q.start : q.end], q.depth) for q in quotations(text)] == [
        ('« Il a dit “ le mot "non" ” et rien »', 0),
        ('“ le mot "non" ”', 1),
        ('"non"', 2),
        ("« oui »", 0),
    ]


def test_a_mark_that_is_never_closed_encloses_nothing_and_spoils_nothing() -> None:
    assert quoted("« Il ouvre et ne ferme pas. Puis « il ferme ».") == ["« il ferme »"]


def test_a_mark_that_was_never_opened_encloses_nothing() -> None:
    assert quoted("Il ferme », puis « ouvre ».") == ["« ouvre »"]


def test_a_line_break_ends_a_quotation() -> None:
    assert quoted("« Il ouvre.\nPuis ferme. »") == []


def test_an_endless_quotation_is_none() -> None:
    assert quoted("« " + "a" * LONGEST + " »") == []


def test_a_straight_mark_opens_before_a_word_and_closes_after_it() -> None:
    assert quoted('Le "oui" et le "non".') == ['"oui"', '"non"']


def test_a_straight_mark_inside_guillemets_that_stays_open_does_not_break_them() -> None:
    assert quoted('« Un écran "plat. » Fin.') == ['« Un écran "plat. »']


def test_only_the_asked_part_of_a_text_is_read() -> None:
    text = "« un » et « deux »"
    assert [text[q.start : q.end] for q in quotations(text, 7, len(text))] == ["« deux »"]


MARKS = st.text(alphabet='«»“”„‹›" a.\n’7')


@given(MARKS)
def test_quotations_are_slices_between_marks_in_order_and_properly_nested(text: str) -> None:
    found = quotations(text)
    assert list(found) == sorted(found)
    for q in found:
        assert text[q.start] in '«“„‹"'
        assert text[q.end - 1] in '»”“›"'
        around = [other for other in found if other.start < q.start < other.end]
        assert all(q.end <= other.end for other in around)
        assert len(around) == q.depth


@pytest.mark.parametrize("piece", ["«", "»", '"', '" ', "« a », ", "«“", '«"'])
def test_time_is_linear_in_the_marks(piece: str) -> None:
    def seconds(number: int) -> float:
        text = piece * number
        begun = time.process_time()
        quotations(text)
        return time.process_time() - begun

    def best(number: int) -> float:
        return min(seconds(number) for _ in range(4))  # other work on the machine only ever adds time

    # eight times the length; squared would be sixty-four
    assert best(160_000) < 24 * max(best(20_000), 0.005)
