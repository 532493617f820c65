"""Files and folders become rows: formats by their endings, folders in order, what cannot be read is told."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import random
import sys
import time
import types
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimtag.errors import InputError, MissingExtraError
from claimtag.reading import lines
from claimtag.reading.decompressing import open_zstandard
from claimtag.reading.rows import Fault, File, Row, check_source, read_file, read_rows

ENDINGS = ".txt, .html, .htm, .jsonl, .ndjson, .csv, .tsv, .parquet"


def texts_of(source: str | Path, encoding: str | None = None) -> list[Any]:
    """Each row's text, or the reason of each fault."""
    found = read_rows(source, encoding=encoding)
    return [row.values["text"] if isinstance(row, Row) else row.reason for row in found]


def file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# folders


def test_a_folder_is_read_whole_in_the_order_of_its_paths(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.txt", "a/b/c.TXT", "a.txt", "é.txt", "a/0.jsonl", "B.txt"):
        file(tmp_path, name, json.dumps({"text": name}) if name.endswith("jsonl") else name)
    names = [row.name for row in read_rows(tmp_path) if isinstance(row, Row)]
    assert names == ["B.txt", "a/0.jsonl", "a/b/c.TXT", "a/z.txt", "a.txt", "b.txt", "é.txt"]
    assert names == sorted(names, key=lambda name: name.split("/"))


def test_the_file_of_a_row_is_its_path_and_its_name_the_path_below_the_folder(tmp_path: Path) -> None:
    path = file(tmp_path, "a/b.txt", "x")
    assert list(read_rows(tmp_path)) == [Row({"text": "x"}, str(path), None, "a/b.txt")]
    assert list(read_rows(path)) == [Row({"text": "x"}, str(path), None, "b.txt")]


def test_hidden_files_and_folders_are_left_out(tmp_path: Path) -> None:
    for name in (".hidden.txt", ".git/a.txt", "a/.DS_Store", "a/b.txt"):
        file(tmp_path, name, "x")
    assert [row.file for row in read_rows(tmp_path)] == [str(tmp_path / "a/b.txt")]


@pytest.mark.parametrize("inside", [None, "empty", ".hidden"])
def test_a_folder_without_files_is_told(tmp_path: Path, inside: str | None) -> None:
    if inside:
        (tmp_path / inside).mkdir()
    assert list(read_rows(tmp_path)) == [Fault(str(tmp_path), None, "the folder holds no files")]


def test_unknown_endings_are_told_and_the_other_files_read(tmp_path: Path) -> None:
    for name in ("a.pdf", "b", "c.txt"):
        file(tmp_path, name, "x")
    assert texts_of(tmp_path) == [
        f'files ending in ".pdf" are not read; known endings: {ENDINGS}',
        f"files without an ending are not read; known endings: {ENDINGS}",
        "x",
    ]


def test_a_link_to_a_folder_is_followed_and_a_loop_is_not(tmp_path: Path) -> None:
    file(tmp_path, "real/a.txt", "x")
    (tmp_path / "real/loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    assert [row.name for row in read_rows(tmp_path) if isinstance(row, Row)] == ["link/a.txt"]


def test_chains_of_links_to_folders_are_read_once(tmp_path: Path) -> None:
    for number in range(40):  # each folder is reached in two ways from the one before: a million million paths
        folder = tmp_path / f"all/{number:02}"
        file(folder, "a.txt", f"article {number}")
        for name in ("x", "y"):
            (folder / name).symlink_to(tmp_path / f"all/{number + 1:02}", target_is_directory=True)
    (tmp_path / "all/40").mkdir()
    rows = list(read_rows(tmp_path / "all"))
    assert sorted(row.values["text"] for row in rows if isinstance(row, Row)) == sorted(
        f"article {n}" for n in range(40)
    )
    assert len(rows) == 40


def test_a_link_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "gone.txt")
    (tmp_path / "self.txt").symlink_to(tmp_path / "self.txt")
    file(tmp_path, "z.txt", "x")
    first, second, third = texts_of(tmp_path)
    assert (first, third) == ("cannot be read: No such file or directory", "x")
    assert second.startswith("cannot be read: Too many levels of symbolic links")


@pytest.mark.skipif(os.name != "posix", reason="named pipes are made on POSIX systems only")
def test_a_pipe_is_told_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert texts_of(tmp_path) == ["neither a file nor a folder"]


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="the superuser may read every file")
def test_a_file_or_folder_without_permission_is_told_and_the_others_read(tmp_path: Path) -> None:
    file(tmp_path, "a.txt", "x").chmod(0)
    file(tmp_path, "b/c.txt", "x").parent.chmod(0)
    file(tmp_path, "z.txt", "x")
    try:
        assert texts_of(tmp_path) == ["cannot be read: Permission denied"] * 2 + ["x"]
    finally:
        (tmp_path / "b").chmod(0o700)


def test_a_file_or_folder_that_the_system_refuses_is_told_and_the_others_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.txt", "b/c.txt", "z.txt"):
        file(tmp_path, name, "x")
    really_open, really_list = Path.open, os.listdir

    def refuse_one(path: Path, mode: str) -> Any:
        if path.name == "a.txt":
            raise PermissionError(13, "Permission denied")
        return really_open(path, mode)

    def refuse_folder(path: Path) -> list[str]:
        if Path(path).name == "b":
            raise PermissionError(13, "Permission denied")
        return really_list(path)

    monkeypatch.setattr(Path, "open", refuse_one)
    monkeypatch.setattr(os, "listdir", refuse_folder)
    assert texts_of(tmp_path) == ["cannot be read: Permission denied"] * 2 + ["x"]


@pytest.mark.parametrize(
    "name", ["un article, à « lire ».txt", "a\nb.txt", "-.txt", "😀.txt", "a'\"`$(x).txt", " .txt"]
)
def test_odd_file_names_are_read(tmp_path: Path, name: str) -> None:
    file(tmp_path, name, "x")
    assert list(read_rows(tmp_path)) == [Row({"text": "x"}, str(tmp_path / name), None, name)]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps file names that are not UTF-8")
def test_a_file_name_that_is_not_utf8_is_read_and_shown_in_text_that_can_be_written(tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/caf\xe9.txt", "wb") as stream:
        stream.write(b"x")
    with open(os.fsencode(tmp_path) + b"/caf\xe9.\xe9", "wb") as stream:
        stream.write(b"x")
    row, fault = read_rows(tmp_path)
    assert row == Row({"text": "x"}, f"{tmp_path}/caf\\xe9.txt", None, "caf\\xe9.txt")
    assert fault == Fault(
        f"{tmp_path}/caf\\xe9.\\xe9", None, f'files ending in ".\\xe9" are not read; known endings: {ENDINGS}'
    )


def test_a_very_deep_folder_is_read(tmp_path: Path) -> None:
    depth = sys.getrecursionlimit() + 100
    here = os.getcwd()
    try:
        os.chdir(tmp_path)
        for _ in range(depth):
            os.mkdir("d")
            os.chdir("d")
        Path("a.txt").write_text("x")
    finally:
        os.chdir(here)
    try:
        assert texts_of(tmp_path) == ["x"]
    finally:
        path = str(tmp_path) + "/d" * depth
        os.remove(path + "/a.txt")
        for level in range(depth, 0, -1):
            os.rmdir(str(tmp_path) + "/d" * level)


@pytest.mark.parametrize("name", ["", "gone.jsonl", "x" * 5000, "a\0b"])
def test_a_file_that_is_not_there_is_told(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as caught:
        check_source(name)
    assert str(caught.value) == f"{name[:200]!r}: no such file or folder"


# text


def test_a_text_file_is_one_article_with_its_line_ends_as_they_are(tmp_path: Path) -> None:
    assert texts_of(file(tmp_path, "a.txt", "\ufeffun\r\ndeux\rtrois\n\n")) == ["un\r\ndeux\rtrois\n\n"]


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_a_text_file_in_marked_utf16_is_read(tmp_path: Path, codec: str) -> None:
    assert texts_of(file(tmp_path, "a.txt", "\ufeffL’été\u0a0a".encode(codec))) == ["L’été\u0a0a"]


def test_a_text_file_in_another_encoding_is_told_as_a_whole_and_read_with_it(tmp_path: Path) -> None:
    path = file(tmp_path, "a.txt", "Bonjour\nL’été".encode("cp1252"))
    assert texts_of(path) == ["not UTF-8 at byte 9; use --encoding cp1252 for text from older Windows programs"]
    assert texts_of(path, "cp1252") == ["Bonjour\nL’été"]


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl", "a.csv"])
def test_bytes_of_another_encoding_are_told_from_other_faults_whatever_the_format(tmp_path: Path, name: str) -> None:
    (fault,) = read_rows(
        file(tmp_path, name, 'text\nL’été"\n'.encode("cp1252").removeprefix(b"" if name == "a.csv" else b"text\n"))
    )
    assert isinstance(fault, Fault)
    assert fault.is_undecodable
    (broken,) = read_rows(file(tmp_path, "b.jsonl", '{"text": "not UTF-8 at byte 3; "'))
    assert isinstance(broken, Fault)
    assert not broken.is_undecodable


# JSON lines


def test_json_lines_keep_their_numbers_across_blank_ones(tmp_path: Path) -> None:
    path = file(tmp_path, "a.jsonl", '{"text": "a"}\r\n\n  \n{"text": "b"}')
    assert [row.line for row in read_rows(path)] == [1, 4]
    assert texts_of(path) == ["a", "b"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"text": "a"', "broken JSON at column 13: Expecting ',' delimiter"),
        ('{"text": "a\tb"}', "broken JSON at column 12: Invalid control character at"),
        ("text", "broken JSON at column 1: Expecting value"),
        ('{"text": "a\0b"}', "a NUL byte at column 12"),
        ("[" * 100_000, "broken JSON: maximum recursion depth exceeded while decoding a JSON array from a unicode string"),
        ("1" * 5000, "broken JSON: Exceeds the limit (4300 digits) for integer string conversion: value has 5000 digits"),
        ("[1]", "not a JSON object; each line must hold one article as {…}"),
        ("null", "not a JSON object; each line must hold one article as {…}"),
    ],
)  # fmt: skip
def test_a_bad_json_line_is_told_and_the_others_read(tmp_path: Path, line: str, reason: str) -> None:
    path = file(tmp_path, "a.jsonl", f'{{"text": "a"}}\n{line}\n{{"text": "b"}}\n')
    assert texts_of(path) == ["a", reason, "b"]


def test_an_empty_json_lines_file_holds_nothing_bad(tmp_path: Path) -> None:
    for content in (b"", b"\n", b"\xef\xbb\xbf", b"\xff\xfe"):
        assert texts_of(file(tmp_path, "a.jsonl", content)) == []


def test_a_byte_order_mark_in_the_middle_of_joined_files_does_not_matter(tmp_path: Path) -> None:
    assert texts_of(file(tmp_path, "a.jsonl", '\ufeff{"text": "a"}\n\ufeff{"text": "b"}\n')) == ["a", "b"]


def test_json_lines_come_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    content = '\ufeff{"text": "à"}\nx\n'.encode("utf-16-le")
    monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(buffer=io.BytesIO(content)))
    row, fault = read_rows("-")
    assert row == Row({"text": "à"}, "<stdin>", 1, "stdin")
    assert fault == Fault("<stdin>", 2, "broken JSON at column 1: Expecting value")


def test_a_line_of_60_mb_is_told_and_the_others_read(tmp_path: Path) -> None:
    path = file(tmp_path, "a.jsonl", b'{"text": "a"}\n{"text": "' + b"x" * 60_000_000 + b'"}\n{"text": "b"}\n')
    assert texts_of(path) == ["a", "a line of 60,000,013 bytes; the longest that is read has 50,000,000", "b"]


@pytest.mark.parametrize("ending", [".jsonl", ".csv", ".tsv", ".txt", ".parquet"])
@given(content=st.binary(max_size=200))
def test_any_bytes_in_any_file_give_rows_or_faults(
    ending: str, content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / f"any{ending}"
    path.write_bytes(content)
    assert all(isinstance(row, Row | Fault) for row in read_rows(path))


def test_a_tsv_file_has_tabs_whatever_its_header_says(tmp_path: Path) -> None:
    (row,) = read_rows(file(tmp_path, "a.tsv", "id\ttext,raw\na\tb\n"))
    assert row == Row({"id": "a", "text,raw": "b"}, str(tmp_path / "a.tsv"), 2, "a.tsv")


# Parquet


def parquet(folder: Path, **columns: Any) -> Path:
    pyarrow.parquet.write_table(pyarrow.table(columns), folder / "a.parquet", compression="none")
    return folder / "a.parquet"


def test_parquet_rows_come_with_their_numbers(tmp_path: Path) -> None:
    path = parquet(tmp_path, id=[1, 2], text=["a", None])
    assert list(read_rows(path)) == [
        Row({"id": 1, "text": "a"}, str(path), 1, "a.parquet"),
        Row({"id": 2, "text": None}, str(path), 2, "a.parquet"),
    ]


@pytest.mark.parametrize("keep", [0, 3, 50, -1, -100])
def test_a_truncated_parquet_file_is_told(tmp_path: Path, keep: int) -> None:
    path = parquet(tmp_path, text=["a"] * 1000)
    path.write_bytes(path.read_bytes()[:keep])
    (reason,) = texts_of(path)
    assert reason.startswith("not a readable Parquet file: ")


def test_a_parquet_file_damaged_in_the_middle_never_raises_a_foreign_error(tmp_path: Path) -> None:
    path = parquet(tmp_path, text=[f"texte {index}" for index in range(2000)])
    whole, chance = path.read_bytes(), random.Random(0)
    for _ in range(50):
        damaged = bytearray(whole)
        damaged[chance.randrange(len(whole))] ^= 0xFF
        path.write_bytes(damaged)
        assert all(isinstance(row, Row | Fault) for row in read_rows(path))


def test_a_parquet_string_that_is_not_utf8_costs_its_row_alone(tmp_path: Path) -> None:
    path = parquet(tmp_path, text=["abcdef", "uvwxyz", "ghijkl"])
    path.write_bytes(path.read_bytes().replace(b"uvwxyz", b"uv\xe9xyz"))
    first, second, third = texts_of(path)
    assert (first, third) == ("abcdef", "ghijkl")
    assert second.startswith("a value cannot be read: 'utf-8' codec can't decode byte 0xe9 in position 2")


# HTML

STORY = "Le ministre de l’Intérieur s’est rendu à Rabat pour deux jours d’entretiens sur la coopération policière. " * 3
PAGE = f"""<html><head><title>Visite à Rabat</title><meta charset="{{charset}}"></head><body>
<nav><a href="/">Accueil</a> <a href="/sport">Sport</a></nav>
<article><h1>Visite à Rabat</h1><p>{STORY}</p><p>{STORY.replace("Rabat", "Tanger")}</p></article>
<footer>© 2019 Le Journal</footer></body></html>"""


@pytest.fixture
def html() -> Any:
    return pytest.importorskip("trafilatura", reason="the extra html is not installed")


@pytest.mark.parametrize("charset", ["utf-8", "windows-1252"])
def test_the_article_of_a_page_is_read_in_the_pages_encoding(html: Any, tmp_path: Path, charset: str) -> None:
    (row,) = read_rows(file(tmp_path, "a.html", PAGE.format(charset=charset).encode(charset)))
    assert isinstance(row, Row)
    assert STORY.strip() in row.values["text"]
    assert "Tanger" in row.values["text"]
    assert "Accueil" not in row.values["text"]
    assert row.values["title"] == "Visite à Rabat"


def test_a_pages_own_date_source_and_address_are_read(html: Any, tmp_path: Path) -> None:
    head = """<meta property="article:published_time" content="2018-04-10T10:00:00+02:00">
      <meta property="og:site_name" content="Le Journal"><link rel="canonical" href="https://journal.example/rabat"></head>"""
    (row,) = read_rows(file(tmp_path, "a.htm", PAGE.replace("</head>", head)))
    assert isinstance(row, Row)
    assert {name: row.values[name] for name in ("date", "source", "url")} == {
        "date": "2018-04-10",
        "source": "Le Journal",
        "url": "https://journal.example/rabat",
    }


def test_a_pages_date_is_not_guessed_from_its_copyright_line(html: Any, tmp_path: Path) -> None:
    (row,) = read_rows(file(tmp_path, "a.html", PAGE))
    assert isinstance(row, Row)
    assert row.values["date"] is None


@pytest.mark.parametrize(
    "content", ["", " ", "<html></html>", "<p></p>", "<div>" * 100_000, "<" * 100_000, "<!--" * 50_000, "&" * 100_000]
)
def test_a_page_without_an_article_is_told(html: Any, tmp_path: Path, content: str) -> None:
    assert texts_of(file(tmp_path, "a.html", content)) == ["no article text was found in the page"]


def test_a_page_with_a_nul_is_told(html: Any, tmp_path: Path) -> None:
    assert texts_of(file(tmp_path, "a.html", "<p>a\0b</p>")) == ["the page has a NUL character at 4"]


def test_a_page_in_an_encoding_that_it_does_not_name_is_told(html: Any, tmp_path: Path) -> None:
    path = file(tmp_path, "a.html", "<p>été</p>".encode("cp1252"))
    assert texts_of(path) == ["not UTF-8 at byte 3; use --encoding cp1252 for text from older Windows programs"]


def test_a_page_over_the_limit_is_told(html: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = file(tmp_path, "a.html", PAGE)
    monkeypatch.setattr(lines, "LONGEST", 20)
    assert texts_of(path) == ["the file has more than 20 bytes, too many for one article"]


def test_a_page_that_the_parser_chokes_on_is_told(html: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def choke(*arguments: Any, **options: Any) -> None:
        raise RuntimeError("too odd")

    monkeypatch.setattr(html, "bare_extraction", choke)
    assert texts_of(file(tmp_path, "a.html", PAGE)) == ["the page could not be parsed: RuntimeError: too odd"]


@given(content=st.binary(max_size=300))
def test_any_bytes_in_a_page_give_a_row_or_a_fault(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    pytest.importorskip("trafilatura", reason="the extra html is not installed")
    path = tmp_path_factory.getbasetemp() / "any.html"
    path.write_bytes(content)
    assert len(list(read_rows(path))) == 1


def test_without_the_extra_a_page_is_answered_with_the_pip_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    path = file(tmp_path, "a.html", PAGE)
    with pytest.raises(MissingExtraError, match=r'pip install "claimtag\[html\]"$'):
        texts_of(path)


def test_pages_are_read_in_linear_time(html: Any, tmp_path: Path) -> None:
    def seconds(paragraphs: int) -> float:
        path = file(tmp_path, "a.html", PAGE.replace("</article>", f"<p>{STORY}</p>" * paragraphs + "</article>"))
        began = time.process_time()
        texts_of(path)
        return time.process_time() - began

    seconds(10)
    assert seconds(2000) < 40 * max(seconds(200), 0.01)


@pytest.mark.parametrize("skip", range(8))
def test_rows_of_a_parquet_file_can_be_skipped_over_its_row_groups(tmp_path: Path, skip: int) -> None:
    path = tmp_path / "news.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"text": [f"t{number}" for number in range(7)]}), path, row_group_size=3)
    found = list(read_file(File(path, path.name), skip=skip))
    assert [(row.line, row.values["text"]) for row in found if isinstance(row, Row)] == [
        (number + 1, f"t{number}") for number in range(skip, 7)
    ]


@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_compressed_files_are_read_as_what_they_hold(tmp_path: Path, ending: str) -> None:
    for name, content in (("a.jsonl", '{"text": "a"}\n'), ("b.csv", "text\nb\n"), ("c.TXT", "c")):
        data = content.encode()
        packed = gzip.compress(data) if ending == ".gz" else pyarrow.compress(data, "zstd", asbytes=True)
        (tmp_path / (name + ending)).write_bytes(packed)
    assert [row.values["text"] for row in read_rows(tmp_path) if isinstance(row, Row)] == ["a", "b", "c"]


def test_members_of_a_compressed_file_joined_are_all_read(tmp_path: Path) -> None:
    lines = [b'{"text": "a"}\n', b'{"text": "b"}\n']
    (tmp_path / "a.jsonl.gz").write_bytes(b"".join(map(gzip.compress, lines)))
    (tmp_path / "b.jsonl.zst").write_bytes(b"".join(pyarrow.compress(line, "zstd", asbytes=True) for line in lines))
    assert [row.values["text"] for row in read_rows(tmp_path) if isinstance(row, Row)] == ["a", "b", "a", "b"]


@pytest.mark.parametrize(
    ("name", "why"), [("a.jsonl.gz", "Not a gzipped file"), ("a.jsonl.zst", "ZSTD decompress failed")]
)
def test_a_file_that_is_not_compressed_as_it_says_is_a_fault(tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / name).write_bytes(b'{"text": "a"}\n' * 9)
    (fault,) = read_rows(tmp_path / name)
    assert isinstance(fault, Fault)
    assert "cannot be read: " in fault.reason
    assert why in fault.reason


@pytest.mark.parametrize("lines", [1, 9, 400, 3000])
def test_lines_before_the_damage_of_a_zstandard_file_are_kept(tmp_path: Path, lines: int) -> None:
    content = b"".join(b'{"text": "%d"}\n' % number for number in range(lines))
    path = file(tmp_path, "a.jsonl.zst", pyarrow.compress(content, "zstd", asbytes=True) + b"no frame")
    *texts, reason = texts_of(path)
    assert texts == [str(number) for number in range(lines)]
    assert reason == "cannot be read: ZSTD decompress failed: Unknown frame descriptor"


def test_a_damaged_zstandard_file_is_gone_through_twice_and_not_more(tmp_path: Path) -> None:
    content = "".join(f'{{"text": "{random.Random(number).random()}"}}\n' for number in range(60_000)).encode()
    packed = pyarrow.compress(content, "zstd", asbytes=True)
    whole, damaged = file(tmp_path, "a.jsonl.zst", packed), file(tmp_path, "b.jsonl.zst", packed + b"no frame")
    seconds = []
    for path in (whole, damaged):
        begun = time.perf_counter()
        with open_zstandard(path) as stream, contextlib.suppress(OSError):
            for _ in stream:
                pass
        seconds.append(time.perf_counter() - begun)
    assert seconds[1] < 10 * seconds[0] + 0.2


def test_hidden_files_and_folders_are_told_by_their_number(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / ".DS_Store").write_text("")
    (tmp_path / "in" / "a.txt").write_text("a")
    hidden: list[int] = []
    assert len(list(read_rows(tmp_path, on_hidden=hidden.append))) == 1
    assert sum(hidden) == 2
