"""Whatever an article, a scheme or an id holds, no browser, spreadsheet, terminal or file system runs or follows it."""

from __future__ import annotations

import io
import json
import os
import re
import stat
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import tagged_articles

import claimtag
from claimtag import tagging
from claimtag.cli import main
from claimtag.errors import OutputError, printable
from claimtag.records import Article, Claim, Sentence, Source, Span, TaggedArticle, Theme
from claimtag.scheme import Scheme, load_scheme
from claimtag.writing import FORMATS, write, write_claims
from claimtag.writing.targets import standard_output

SCHEME = load_scheme("security-cooperation")
HOSTILE = (
    "</script><script>window.hacked = 1</script><!--<img src=x onerror='hacked()'>--> \"'& ]]> \u2028\u2029\u0085 "
    "{{script}} ${hacked} javascript:hacked() </style></title></textarea> \x1b]0;owned\x07\x1b[2J\r\x9b31m \u202e"
)
FORMULAS = ("=cmd|'/C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠a")
STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def hostile(text: str = HOSTILE) -> TaggedArticle:
    """An article in which every string is the same."""
    whole = Span(0, len(text), text)
    said = Claim(0, "assertion", "direct", whole, whole, whole, Source(text, "named", whole), (text,), 0.5, text)
    sentence = Sentence(0, len(text), text, themes=(Theme(text, 0.5),))
    article = Article(text, text, *[text] * 5)
    return TaggedArticle(article, (sentence,), (said,), by=text, licence=text, notes=(text,))


def hostile_scheme() -> Scheme:
    """The codebook that ships, every text in it but the ids replaced."""

    def changed(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: changed(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [changed(inner, key) for inner in value]
        return HOSTILE if key in ("fr", "en", "definition", "description", "rule") and isinstance(value, str) else value

    from claimtag.scheme import scheme_from_dict

    content = {
        key: value if key in ("name", "version", "language") else changed(value, key)
        for key, value in SCHEME.to_dict().items()
    }
    for theme in content["themes"]:
        theme.pop("keywords", None)
    return scheme_from_dict(content)


class Elements(HTMLParser):
    """Every element and attribute that a parser of HTML finds, and what the data blocks hold."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.attributes: set[tuple[str, str]] = set()
        self.data: list[str] = []
        self.inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)
        self.attributes |= {(tag, name) for name, _ in attrs}
        self.inside = ("type", "application/json") in attrs
        if self.inside:
            self.data.append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.data[-1] += data


@pytest.fixture(scope="module")
def fast() -> claimtag.Tagger:
    return claimtag.load_tagger("fast")


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch, fast: claimtag.Tagger) -> None:
    """The command line finds the model loaded, since these tests call it often."""
    load = tagging.load_tagger
    monkeypatch.setattr(tagging, "load_tagger", lambda name: fast if name == "fast" else load(name))


# the page


def page(folder: Path, tagged: list[TaggedArticle], scheme: Scheme | None) -> Elements:
    write(tagged, folder / "page.html", format="html", scheme=scheme)
    return Elements((folder / "page.html").read_bytes().decode())


@pytest.mark.parametrize("scheme", [None, hostile_scheme()], ids=["no scheme", "hostile scheme"])
def test_neither_articles_nor_codebook_add_an_element_or_attribute_to_the_page(
    tmp_path: Path, scheme: Scheme | None
) -> None:
    harmless = page(tmp_path, [hostile("Il pleut.")], None if scheme is None else SCHEME)
    attacked = page(tmp_path, [hostile()], scheme)
    assert attacked.found == harmless.found
    assert attacked.attributes == harmless.attributes
    blocks = [json.loads(line) for block in attacked.data for line in block.split("\n")]
    assert [block.get("title") for block in blocks if isinstance(block, dict) and "by" in block] == [HOSTILE]
    if scheme is not None:
        assert blocks[0]["themes"][0]["definition"] == HOSTILE


def test_nothing_that_ends_a_line_of_script_stands_in_the_page_s_own_script(tmp_path: Path) -> None:
    write([hostile()], tmp_path / "page.html", format="html")
    scripts = re.findall(r"<script>(.*?)</script>", (tmp_path / "page.html").read_bytes().decode(), re.DOTALL)
    assert len(scripts) == 1
    assert "hacked" not in scripts[0]


# linked data


def test_linked_data_can_stand_in_a_page_and_links_to_the_web_alone(tmp_path: Path) -> None:
    url = replace(hostile(), article=replace(hostile().article, url="javascript:hacked()"))
    write_claims([hostile(), url], tmp_path / "claims.jsonld", format="jsonld")
    content = (tmp_path / "claims.jsonld").read_bytes().decode()
    assert "<" not in content
    claims = json.loads(content)["@graph"]
    assert [claim["text"] for claim in claims] == [HOSTILE, HOSTILE]
    assert [claim["appearance"].get("url") for claim in claims] == [None, None]
    assert {key for claim in claims for key in claim if key.startswith("@")} == {"@type"}


# spreadsheets


def cells_in_excel(content: bytes, separator: str) -> list[str]:
    """The cells as a program takes them that cuts at this sign, wherever a cell does not begin with a quotation mark."""
    cells = []
    for line in re.split(r"\r\n|\r|\n", content.decode("utf-8-sig")):
        rest = line
        while rest:
            quoted = re.match(r'"((?:[^"]|"")*)"', rest)
            if quoted:
                cells.append(quoted[1].replace('""', '"'))
                rest = rest[quoted.end() :].partition(separator)[2]
            else:
                cell, _, rest = rest.partition(separator)
                cells.append(cell)
    return cells


@pytest.mark.parametrize("before", ["", "a;", "a\t", "a\n", "a\r", 'a";', 'a"\n', "a;b;"])
@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("separator", [";", "\t"])
def test_no_cell_is_a_formula_even_where_rows_are_cut_at_other_signs(
    tmp_path: Path, before: str, formula: str, separator: str
) -> None:
    tagged = hostile(f"{before}{formula}; fin")
    write([tagged], tmp_path / "a.csv", format="csv")
    write_claims([tagged], tmp_path / "b.csv", format="csv")
    for name in ("a.csv", "b.csv"):
        cells = cells_in_excel((tmp_path / name).read_bytes(), separator)
        assert [cell for cell in cells if cell.startswith(tuple("=+-@＝＋－＠"))] == []


@given(st.lists(tagged_articles(), max_size=3))
@settings(max_examples=40)
def test_no_cell_of_any_article_is_a_formula(
    tmp_path_factory: pytest.TempPathFactory, articles: list[TaggedArticle]
) -> None:
    out = tmp_path_factory.mktemp("law") / "a.csv"
    write(articles, out, format="csv", scheme=SCHEME if not articles else None)
    for separator in ";\t":
        cells = cells_in_excel(out.read_bytes(), separator)
        assert [cell for cell in cells if cell.startswith(tuple("=+-@＝＋－＠"))] == []


def test_a_semicolon_in_a_sentence_changes_nothing(tmp_path: Path) -> None:
    text = "Rouge ; – vert ; - bleu; 10 = 5 + 5"
    write([TaggedArticle(Article("a", text), (Sentence(0, len(text), text),))], tmp_path / "a.csv", format="csv")
    assert text in (tmp_path / "a.csv").read_text("utf-8-sig")


# terminals


def test_characters_that_steer_a_terminal_are_written_out() -> None:
    assert printable("\x1b]0;x\x07\r\x9b2J\x7f\u202e\u2066 é\n\t😀") == (
        "\\u001b]0;x\\u0007\\u000d\\u009b2J\\u007f\\u202e\\u2066 é\n\t😀"
    )


@pytest.mark.usefixtures("loaded")
def test_no_message_about_hostile_records_steers_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    records = [{"id": HOSTILE, "text": "Il pleut."}, {"id": HOSTILE, "text": "Il neige."}, {HOSTILE: "x"}, {"text": 5}]
    source = tmp_path / "a\x1b[2J.jsonl"
    source.write_text("\n".join(map(json.dumps, records)))
    assert main(["tag", str(source), "--model", "fast", "--out", str(tmp_path / "out.jsonl")]) == 1
    assert main(["tag", "no\x1b[2Jfile.jsonl", "--model", "fast"]) == 2
    assert main(["explain", str(source), "--model", "fast\x1b[2J", "--theme", "drugs"]) == 1
    assert main(["explain", str(source), "--model", "fast", "--theme", "drugs", "--article", HOSTILE]) == 1
    said = capsys.readouterr()
    assert "was seen before" in said.err
    assert STEERING.findall(said.err + said.out) == []


@pytest.mark.usefixtures("loaded")
def test_explaining_a_hostile_sentence_does_not_steer_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"id": "a", "text": "La police \x1b[31m saisit du cannabis \x9b2J."}))
    assert main(["explain", str(tmp_path / "a.jsonl"), "--model", "fast", "--theme", "drugs"]) == 0
    said = capsys.readouterr().out
    assert "cannabis" in said
    assert STEERING.findall(said) == []


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize("format", ["jsonl", "csv", "jsonld"])
def test_a_terminal_gets_harmless_text_and_a_pipe_the_exact_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: Any, terminal: bool
) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr(stream, "isatty", lambda: terminal, raising=False)
    monkeypatch.setattr(sys, "stdout", stream)
    write([hostile()], "-", format=format)
    shown = stream.buffer.getvalue()  # type: ignore[attr-defined]
    write([hostile()], tmp_path / "file", format=format)
    if terminal:
        assert STEERING.findall(shown.decode().replace("\r\n", "\n")) == []
    else:
        assert shown == (tmp_path / "file").read_bytes()
    if format == "jsonl":
        assert TaggedArticle.from_dict(json.loads(shown)) == hostile()


def test_what_goes_to_a_terminal_is_counted_as_written(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys, "stdout", stream)
    with standard_output() as file:
        assert file.write("é\x1b".encode()) == 3


# files


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(
    "identity",
    ["../../evil", "/etc/evil", "..", ".", "a/b", "a\\b", "C:\\evil", "con", "~", "$(touch evil)", "x" * 5000],
)
def test_no_id_becomes_a_file_name(tmp_path: Path, identity: str) -> None:
    (tmp_path / "in.jsonl").write_text(json.dumps({"id": identity, "text": "Il pleut."}))
    for format in FORMATS:
        out = tmp_path / "out" / f"tagged.{format}"
        assert main(["tag", str(tmp_path / "in.jsonl"), "--model", "fast", "--out", str(out), "--quiet"]) == 0
    assert sorted(os.listdir(tmp_path)) == ["in.jsonl", "out"]
    assert sorted(os.listdir(tmp_path / "out")) == sorted(f"tagged.{format}" for format in FORMATS)


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no umask")
@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("mask", [0o027, 0o002])
def test_all_that_is_written_follows_the_umask_and_nothing_half_done_stays(
    small_training: claimtag.Training, tmp_path: Path, mask: int
) -> None:
    (tmp_path / "in.jsonl").write_text('{"id": "a", "text": "Il pleut."}\n{"id": "b"}\n')
    before = os.umask(mask)
    try:
        for format in FORMATS:
            out = tmp_path / "out" / f"tagged.{format}"
            assert main(["tag", str(tmp_path / "in.jsonl"), "--model", "fast", "--out", str(out), "--quiet"]) == 1
        small_training.tagger.save(tmp_path / "out" / "bundle")
    finally:
        os.umask(before)
    made = sorted((tmp_path / "out").rglob("*"))
    assert len(made) > 2 * len(FORMATS)
    assert [path.name for path in made if path.name.startswith(".") or path.suffix == ".partial"] == []
    for path in made:
        expected = (0o777 if path.is_dir() else 0o666) & ~mask
        assert stat.S_IMODE(path.stat().st_mode) == expected, path


@pytest.mark.skipif(os.name == "nt", reason="Windows makes links for administrators alone")
def test_a_link_at_the_output_s_name_is_followed_once_and_never_planted(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("old")
    (tmp_path / "out.jsonl").symlink_to(tmp_path / "there")
    write([hostile("Il pleut.")], tmp_path / "out.jsonl", format="jsonl")
    assert (tmp_path / "out.jsonl").is_symlink()
    assert json.loads((tmp_path / "there").read_text())["id"] == "Il pleut."
    assert sorted(os.listdir(tmp_path)) == ["out.jsonl", "there"]
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(OutputError, match="loop: is a link that leads to itself; choose another name"):
        write([hostile("Il pleut.")], tmp_path / "loop", format="jsonl")


def test_a_name_with_dots_goes_where_the_user_says_and_its_folder_holds_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    write([hostile("Il pleut.")], tmp_path / "a" / ".." / "b" / "out.jsonl", format="jsonl")
    assert os.listdir(tmp_path / "b") == ["out.jsonl"]
    assert os.listdir(tmp_path / "a") == []
