"""CSV and TSV: what the csv module writes comes back, and a broken row costs only itself."""

from __future__ import annotations

import csv
import io
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import strings

from claimtag.reading import delimited, lines
from claimtag.reading.delimited import read_delimited

HINT = "is a quotation mark never closed?"
BROKEN = f"broken CSV: ',' expected after '\"'; {HINT}"


def rows_of(content: str | bytes, *, encoding: str | None = None, delimiter: str | None = None) -> list[object]:
    raw = content if isinstance(content, bytes) else content.encode()
    return list(read_delimited(io.BytesIO(raw), encoding, delimiter=delimiter))


def row(number: int, identity: str, text: str) -> tuple[int, dict[str, str]]:
    return number, {"id": identity, "text": text}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@given(cells=st.lists(st.tuples(strings(), strings()), max_size=5))
def test_what_the_csv_module_writes_comes_back(delimiter: str, line_end: str, cells: list[tuple[str, str]]) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writerows([("id", "text"), *cells])
    found = [values for _, values in rows_of(file.getvalue())]  # type: ignore[misc]
    assert found == [{"id": first, "text": second} for first, second in cells]


@given(st.binary() | strings(max_size=200).map(str.encode), st.sampled_from([None, "cp1252"]))
def test_any_bytes_give_rows_or_reasons_but_never_raise(content: bytes, encoding: str | None) -> None:
    for _, values in rows_of(content, encoding=encoding):  # type: ignore[misc]
        assert isinstance(values, dict | str)


@given(st.lists(st.sampled_from(['x,"never closed', '"', "x,y,z", "x", '"a" b,c', b"x,\xe9"]), max_size=4))
def test_every_quoted_row_among_broken_ones_is_kept(broken: list[str | bytes]) -> None:
    parts: list[bytes] = [b"id,text"]
    for index, line in enumerate(broken):
        parts += [line if isinstance(line, bytes) else line.encode(), b'"g%d","good one"' % index]
    found = [values for _, values in rows_of(b"\n".join(parts)) if isinstance(values, dict)]  # type: ignore[misc]
    assert [values for values in found if values["text"] == "good one"] == [
        {"id": f"g{index}", "text": "good one"} for index in range(len(broken))
    ]


def test_the_delimiter_is_the_one_that_the_header_has_most_of() -> None:
    assert rows_of("id;text\na;un, deux, trois\n") == [row(2, "a", "un, deux, trois")]
    assert rows_of("id\ttext\na\tun; deux\n") == [row(2, "a", "un; deux")]


def test_a_given_delimiter_is_taken_whatever_the_header_says() -> None:
    assert rows_of("id, as given\ttext\na\tb\n", delimiter="\t") == [(2, {"id, as given": "a", "text": "b"})]


def test_one_column_is_enough() -> None:
    assert rows_of("text\nbonjour\n") == [(2, {"text": "bonjour"})]


def test_a_quoted_cell_keeps_its_line_ends_and_the_row_has_the_number_of_its_first_line() -> None:
    assert rows_of('id,text\r\na,"un\r\ndeux\n"\r\nb,trois\r\n') == [row(2, "a", "un\r\ndeux\n"), row(5, "b", "trois")]


def test_a_byte_order_mark_is_no_part_of_the_first_columns_name() -> None:
    assert rows_of(b"\xef\xbb\xbfid,text\na,b\n") == [row(2, "a", "b")]
    assert rows_of(b"\xff\xfe" + "id;text\na;\u0a0aé\n".encode("utf-16-le")) == [row(2, "a", "\u0a0aé")]


def test_blank_lines_are_no_rows() -> None:
    assert rows_of("\n\nid,text\n\na,b\n\n") == [row(5, "a", "b")]


def test_a_header_alone_is_a_table_without_rows() -> None:
    assert rows_of("id,text\n") == rows_of("id,text") == []


@pytest.mark.parametrize("content", [b"", b"\n", b"  \r\n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_an_empty_file_is_told(content: bytes) -> None:
    assert rows_of(content) == [(None, "the file is empty; its first line must name the columns")]


def test_a_row_with_another_number_of_fields_is_told_and_the_next_kept() -> None:
    assert rows_of("id,text\na,b,c\nd\ne,f\n") == [
        (2, "the row has 3 fields, the header 2"),
        (3, "the row has 1 fields, the header 2"),
        row(4, "e", "f"),
    ]


def test_a_quotation_mark_never_closed_costs_its_row_alone() -> None:
    content = 'id,text\na,un\nb,"jamais fermé\nc,"trois, oui"\nd,quatre\n'
    assert rows_of(content) == [row(2, "a", "un"), (3, BROKEN), row(4, "c", "trois, oui"), row(5, "d", "quatre")]


def test_a_quotation_mark_never_closed_before_rows_without_any_costs_its_row_alone() -> None:
    assert rows_of('id,text\na,"jamais\nb,deux\nc,trois\n') == [
        (2, f"broken CSV: unexpected end of data; {HINT}"),
        row(3, "b", "deux"),
        row(4, "c", "trois"),
    ]


def test_ten_thousand_quotation_marks_never_closed_cost_their_rows_alone() -> None:
    content = "id,text\n" + "".join(f'a{index},"jamais\nb{index},"bien"\n' for index in range(10_000))
    found = rows_of(content)
    assert sum(isinstance(values, dict) for _, values in found) == 10_000  # type: ignore[misc]
    assert sum(isinstance(values, str) for _, values in found) == 10_000  # type: ignore[misc]


def test_a_bad_byte_inside_a_quoted_cell_costs_its_row_alone() -> None:
    content = b'id,text\na,"un\nd\xe9ux\ntrois"\nb,"quatre"\n'
    advice = "use --encoding cp1252 for text from older Windows programs"
    assert rows_of(content) == [(3, f"not UTF-8 at byte 15; {advice}"), row(5, "b", "quatre")]


def test_bad_bytes_and_an_open_quotation_mark_in_one_row_cost_their_row_alone() -> None:
    found = rows_of(b'id,text\na,"\xe9 jamais\nb,"deux"\n')
    assert found == [
        (2, "not UTF-8 at byte 11; use --encoding cp1252 for text from older Windows programs"),
        row(3, "b", "deux"),
    ]


def test_a_carriage_return_outside_quotation_marks_is_told() -> None:
    assert rows_of("id,text\na,un\rdeux\nb,trois\n") == [
        (2, "broken CSV: a carriage return alone, outside quotation marks; end lines with \\n or \\r\\n"),
        row(3, "b", "trois"),
    ]


def test_a_header_that_cannot_be_decoded_is_told_and_no_row_is_taken_for_it() -> None:
    assert rows_of("résumé,text\na,b\n".encode("cp1252")) == [
        (1, "the header cannot be read, and without it no row: not UTF-8 at byte 1; "
            "use --encoding cp1252 for text from older Windows programs")
    ]  # fmt: skip


def test_a_header_with_a_broken_quotation_is_told() -> None:
    assert rows_of('"id" x,text\na,b\n') == [(1, f"the header cannot be read, and without it no row: {BROKEN}")]


def test_a_column_named_twice_is_told_and_nameless_ones_are_not() -> None:
    assert rows_of("text,id,text\na,b,c\n") == [(1, 'the header names "text" twice')]
    assert rows_of("id,text,,\na,b,,\n") == [(2, {"id": "a", "text": "b", "": ""})]


def test_a_cell_over_the_csv_modules_own_limit_is_read_and_the_limit_left_as_it_was() -> None:
    before = csv.field_size_limit()
    long = "mot " * 50_000
    assert rows_of(f'id,text\na,"{long}"\n') == [row(2, "a", long)]
    assert csv.field_size_limit() == before == 131_072


def test_a_line_over_the_limit_costs_its_row_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LONGEST", 20)
    assert rows_of(f"id,text\na,{'x' * 30}\nb,c\n") == [
        (2, "a line of 33 bytes; the longest that is read has 20"),
        row(3, "b", "c"),
    ]


def test_a_nul_is_left_to_the_reader_of_articles() -> None:
    assert rows_of("id,text\na,b\0c\n") == [row(2, "a", "b\0c")]


def test_a_hostile_file_is_given_up_after_a_while_and_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "_MOST_REREAD", 10_000)
    line = '",a","\n'  # opens a cell whether it begins a row or stands in one that is open
    began = time.process_time()
    found = rows_of("id,text\n" + line * 2000)
    assert found[-1] == (3, "too many broken rows; the rest of the file was not read")
    assert time.process_time() - began < 2


def test_rows_are_not_held() -> None:
    content = io.BytesIO(b"id,text\n" + b"a,bonjour tout le monde\n" * 20_000)
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_delimited(content, None)) == 20_000
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("said", ["sep=;\n", '"sep=;"\r\n', "\nSEP=; \n"])
def test_the_line_in_which_excel_names_the_delimiter_is_no_header(said: str) -> None:
    number = said.count("\n") + 2
    assert rows_of(said + "id;text, and more\na;b, c\n") == [(number, {"id": "a", "text, and more": "b, c"})]


def test_a_column_that_only_looks_like_it_is_a_header() -> None:
    assert rows_of("sep=;text\na;b\n") == [(2, {"sep=": "a", "text": "b"})]
