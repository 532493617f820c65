"""Articles out of rows: ids that never repeat, in little memory."""

from __future__ import annotations

import sys

from hypothesis import given
from hypothesis import strategies as st

from claimtag.reading.making import Counts, Fields, Ids, Maker
from claimtag.reading.rows import Fault, Row


@given(st.lists(st.text(max_size=3)))
def test_an_id_repeats_when_it_was_seen_before(names: list[str]) -> None:
    ids = Ids()
    assert [ids.repeats(name) for name in names] == [name in names[:place] for place, name in enumerate(names)]


def test_many_ids_are_told_apart_in_sixteen_bytes_each_or_a_little_more() -> None:
    ids = Ids()
    assert not any(ids.repeats(f"n{number}") for number in range(50_000))
    assert all(ids.repeats(f"n{number}") for number in range(50_000))
    assert sys.getsizeof(ids._table) < 50_000 * 44


def test_a_made_id_that_is_taken_gets_the_next_number_that_is_free() -> None:
    maker = Maker(Fields(), None, Counts())
    row = Row({"text": "a"}, "news.jsonl", 1, "news.jsonl")
    first = maker.article(row)
    assert not isinstance(first, Fault)
    taken = maker.article(Row({"id": f"{first.id}-2", "text": "b"}, "news.jsonl", 2, "news.jsonl"))
    third = maker.article(row)
    assert not isinstance(taken, Fault)
    assert not isinstance(third, Fault)
    assert third.id == f"{first.id}-3"


def test_an_id_that_a_record_says_twice_is_a_fault_with_its_place() -> None:
    maker = Maker(Fields(), None, Counts())
    maker.article(Row({"id": "x", "text": "a"}, "one.csv", 2))
    assert maker.article(Row({"id": "x", "text": "b"}, "two.csv", 5)) == Fault(
        "two.csv", 5, 'the id "x" was seen before', "x"
    )
