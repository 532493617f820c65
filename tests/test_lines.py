"""Bytes become lines: encodings, byte order marks, the place of what cannot be decoded, lines too long."""

from __future__ import annotations

import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import strings

from claimtag.errors import OptionError
from claimtag.reading import lines
from claimtag.reading.lines import Start, check_encoding, decode, decode_page, read_head, read_lines

MARKS = {"utf-8": b"\xef\xbb\xbf", "utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}
ADVICE = "use --encoding cp1252 for text from older Windows programs"


def lines_of(content: bytes, encoding: str | None = None) -> list[tuple[int, str, str | None]]:
    return [line[:3] for line in read_lines(io.BytesIO(content), encoding)]


@pytest.mark.parametrize("codec", MARKS)
@given(text=st.lists(strings()).map("\n".join))
def test_a_marked_file_is_read_line_by_line_whatever_its_characters(codec: str, text: str) -> None:
    found = lines_of(MARKS[codec] + text.encode(codec))
    assert [line for _, line, problem in found] == [part + "\n" for part in text.split("\n")[:-1]] + [
        part for part in text.split("\n")[-1:] if part
    ]
    assert [number for number, _, _ in found] == list(range(1, len(found) + 1))


@given(st.binary(), st.sampled_from([None, "cp1252", "utf-16-le"]))
def test_any_bytes_give_lines_and_problems_but_never_raise(content: bytes, encoding: str | None) -> None:
    lines_of(content, encoding)
    decode(content, encoding)
    decode_page(content, encoding)


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_the_byte_of_a_line_end_inside_a_utf16_character_ends_no_line(codec: str) -> None:
    text = "\u0a05\u050a\u0a0a\u0a00\n\u0a05\u000a\u0a0a"
    assert [line for _, line, _ in lines_of(MARKS[codec] + text.encode(codec))] == [
        "\u0a05\u050a\u0a0a\u0a00\n",
        "\u0a05\n",
        "\u0a0a",
    ]


def test_the_place_of_a_bad_byte_counts_from_the_start_of_the_file() -> None:
    content = "Début\nMilieu: ".encode() + b"\xe9\nFin\n"
    assert lines_of(content) == [
        (1, "Début\n", None),
        (2, "Milieu: \ufffd\n", f"not UTF-8 at byte {content.index(0xE9, 5)}; {ADVICE}"),
        (3, "Fin\n", None),
    ]


def test_the_place_of_a_bad_byte_counts_the_byte_order_mark() -> None:
    assert lines_of(MARKS["utf-8"] + b"ab\ncd\xe9")[1][2] == f"not UTF-8 at byte 8; {ADVICE}"
    assert lines_of(MARKS["utf-8"] + b"a\xe9")[0][2] == f"not UTF-8 at byte 4; {ADVICE}"


def test_the_place_of_a_bad_code_unit_of_utf16_is_told_and_the_next_line_kept() -> None:
    content = MARKS["utf-16-le"] + "a\n".encode("utf-16-le") + b"b\x00\x00\xd8c\x00\n\x00" + "d\n".encode("utf-16-le")
    found = lines_of(content)
    assert found[1][2] == "not UTF-16-LE at byte 8; try another --encoding"
    assert found[2] == (3, "d\n", None)


def test_a_utf16_file_that_ends_in_half_a_code_unit_loses_its_last_line_alone() -> None:
    found = lines_of(MARKS["utf-16-be"] + "ab\ncd".encode("utf-16-be") + b"\x00")
    assert found[0] == (1, "ab\n", None)
    assert found[1][2] == "not UTF-16-BE at byte 12; try another --encoding"


def test_the_given_encoding_is_used_unless_a_mark_says_otherwise() -> None:
    assert lines_of("été".encode("cp1252"), "cp1252") == [(1, "été", None)]
    assert lines_of(MARKS["utf-8"] + "été".encode(), "cp1252") == [(1, "été", None)]
    assert lines_of("a\nb".encode("utf-16-le"), check_encoding("utf-16")) == [(1, "a\n", None), (2, "b", None)]


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("excess", range(6))
def test_a_line_over_the_limit_is_told_with_its_size_and_the_next_is_kept(
    codec: str, excess: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "LONGEST", 20)
    width = len("\n".encode(codec))
    long = "x" * ((20 + excess * width) // width) + "\n"
    size = len(long.encode(codec))
    assert size > 20
    found = lines_of(MARKS[codec] + f"a\n{long}b\n{long}{long}c".encode(codec))
    assert [line for _, line, problem in found if problem is None] == ["a\n", "b\n", "c"]
    assert [(number, problem) for number, _, problem in found if problem] == [
        (number, f"a line of {size} bytes; the longest that is read has 20") for number in (2, 4, 5)
    ]


def test_a_line_that_reaches_the_limit_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LONGEST", 20)
    assert lines_of(b"x" * 19 + b"\n" + b"y" * 20) == [(1, "x" * 19 + "\n", None), (2, "y" * 20, None)]


def test_bytes_after_a_long_line_are_counted_rightly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LONGEST", 20)
    assert lines_of(b"x" * 50 + b"\na\xe9\n")[1][2] == f"not UTF-8 at byte 52; {ADVICE}"


def test_a_file_that_is_one_article_may_not_be_over_the_limit_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LONGEST", 20)
    assert decode(b"x" * 20, None) == ("x" * 20, None)
    assert decode(b"x" * 21, None) == ("", "the file has more than 20 bytes, too many for one article")


def test_a_hostile_utf16_line_takes_linear_time() -> None:
    def seconds(count: int) -> float:
        began = time.process_time()
        lines_of(MARKS["utf-16-be"] + "\u0a0a".encode("utf-16-be") * count)
        return time.process_time() - began

    seconds(1000)
    assert seconds(200_000) < 40 * max(seconds(20_000), 0.001)


@pytest.mark.parametrize(
    ("name", "codec"),
    [("UTF8", "utf-8"), ("utf-8-sig", "utf-8"), ("UTF_16", "utf-16-le"), ("utf-16-be", "utf-16-be"), ("Windows-1252", "cp1252"), ("latin1", "iso8859-1")],
)  # fmt: skip
def test_an_encoding_goes_by_any_of_its_names(name: str, codec: str) -> None:
    assert check_encoding(name) == codec


@pytest.mark.parametrize("name", ["cp125", "base64", "rot13", "zip", "", "a\0b", "undefined"])
def test_what_is_no_encoding_is_refused(name: str) -> None:
    with pytest.raises(OptionError) as caught:
        check_encoding(name)
    assert str(caught.value) == f'no encoding "{name}"; common ones are utf-8, cp1252, latin-1, utf-16'


@pytest.mark.parametrize("name", ["utf-32", "cp037", "punycode"])
def test_an_encoding_whose_line_ends_are_others_is_refused(name: str) -> None:
    with pytest.raises(OptionError) as caught:
        check_encoding(name)
    assert str(caught.value) == f'the encoding "{name}" is not read; convert the file to utf-8'


PAGE = '<html><head><meta charset="{}"></head><body>L’été à Liège</body></html>'


@pytest.mark.parametrize("charset", ["windows-1252", "ISO-8859-1", "us-ascii"])
def test_a_page_is_read_as_it_says_and_latin_1_means_windows(charset: str) -> None:
    page = PAGE.format(charset)
    assert decode_page(page.encode("cp1252"), None) == (page, None)


def test_a_page_that_says_its_charset_the_old_way_is_read() -> None:
    page = "<meta http-equiv=Content-Type content='text/html; charset=iso-8859-15'>L'œuvre à 5 €"
    assert decode_page(page.encode("iso-8859-15"), None) == (page, None)


def test_a_page_in_utf8_is_read_as_such_even_where_it_says_otherwise() -> None:
    page = PAGE.format("iso-8859-1")
    assert decode_page(page.encode(), None) == (page, None)


@pytest.mark.parametrize("charset", ["utf-8", "nonsense", "base64", "utf-32"])
def test_a_page_that_names_no_encoding_that_fits_is_told_with_the_byte(charset: str) -> None:
    page = PAGE.format(charset).encode("cp1252")
    assert decode_page(page, None) == ("", f"not UTF-8 at byte {page.index(0x92)}; {ADVICE}")


def test_the_given_encoding_goes_before_what_a_page_says() -> None:
    page = '<meta charset="iso-8859-1">Рабат'
    assert decode_page(page.encode("koi8-r"), "koi8-r") == (page, None)


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["Le général à Rabat.\n", "Été 2018 : où va le port ?\nIl rouvre.", "é"])
def test_utf16_without_its_mark_is_told_from_an_older_encoding(codec: str, text: str) -> None:
    problem = f"it looks like UTF-16 without its byte order mark; use --encoding {codec}"
    assert decode(text.encode(codec), None)[1].endswith(problem)  # type: ignore[union-attr]
    assert lines_of(text.encode(codec))[0][2].endswith(problem)  # type: ignore[union-attr]
    assert decode(text.encode(codec), codec) == (text, None)


@pytest.mark.parametrize("content", ["Le général".encode("cp1252"), b"\xff\xd8\xff\xe0", b"a\0b\xe9\0\0c\0\0"])
def test_other_bytes_are_not_taken_for_utf16(content: bytes) -> None:
    assert decode(content, None)[1].endswith(ADVICE)  # type: ignore[union-attr]


@given(st.lists(st.text(max_size=4)), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]), st.data())
def test_reading_from_the_middle_of_a_file_gives_the_same_lines(
    texts: list[str], codec: str, data: st.DataObject
) -> None:
    content, encoding = "\n".join(texts).encode(codec, "replace"), "cp1252" if codec == "cp1252" else None
    found = list(read_lines(io.BytesIO(content), encoding))
    if not found:
        return
    place = data.draw(st.integers(0, len(found) - 1))
    stream = io.BytesIO(content)
    head = read_head(stream)
    stream.seek(found[place].end)
    start = Start(found[place].end, found[place].number, head)
    assert list(read_lines(stream, encoding, start)) == found[place + 1 :]


def test_where_each_line_ends_is_told_in_bytes_with_the_mark() -> None:
    assert [line.end for line in read_lines(io.BytesIO(MARKS["utf-8"] + "é\n\nb".encode()), None)] == [6, 7, 8]
