from __future__ import annotations

import csv
import io
import json
import os
import re
import stat
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import tagged_articles

from claimtag.errors import OptionError, OutputError
from claimtag.records import Article, Claim, Sentence, Source, Span, TaggedArticle, Theme
from claimtag.scheme import load_scheme, scheme_from_dict
from claimtag.writing import (
    CLAIM_FORMATS,
    FORMATS,
    ClaimFormat,
    Format,
    from_dataset,
    tables,
    to_dataset,
    write,
    write_claims,
)

SCHEME = load_scheme("security-cooperation")


def tagged(text: str = "Rabat se tait.", **fields: object) -> TaggedArticle:
    """One article whose whole text is one sentence and its author's claim."""
    themes = fields.pop("themes", (Theme("diplomacy", 0.75),))
    review = fields.pop("review", ())
    sentence = Sentence(0, len(text), text, themes=themes, review=review)  # type: ignore[arg-type]
    claim = Claim(0, "assertion", "authorial", Span(0, len(text), text))
    return TaggedArticle(Article(**{"id": "a", "text": text, **fields}), (sentence,), (claim,))  # type: ignore[arg-type]


def reported(**fields: object) -> TaggedArticle:
    """One article with one sentence of themes and a claim in it, by a named source or as the fields say."""
    text = "Selon Rabat,\nle plan avance."
    source = fields.pop("source", Source("Rabat", "named", Span(6, 11, "Rabat")))
    claim = Claim(
        **{"sentence": 0, "type": "forecast", "mode": "indirect", "content": Span(13, 27, "le plan avance"),
           "cue": Span(0, 5, "Selon"), "speaker": Span(6, 11, "Rabat"), "source": source, **fields}
    )  # fmt: skip
    about = Article("a", text, "Un plan", "2024-05-06", "Le Fil", "https://example.org/a", "fr")
    themes = (Theme("diplomacy", 0.75), Theme("western_sahara"))
    return TaggedArticle(about, (Sentence(0, len(text), text, themes=themes),), (claim,), SCHEME.ref)


def read_rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def unguarded(cell: str) -> str:
    """A cell, or a text, without apostrophes before what a spreadsheet would run."""
    return re.sub(r"(^|(?<=[;\t\r\n]))'+(?=[=+\-@\t\r\n＝＋－＠])", "", cell)


# laws


@given(st.lists(tagged_articles(), max_size=4))
@settings(max_examples=60, deadline=None)
def test_jsonl_written_then_read_is_identity(
    tmp_path_factory: pytest.TempPathFactory, articles: list[TaggedArticle]
) -> None:
    out = tmp_path_factory.mktemp("law") / "out.jsonl"
    assert write(articles, out, format="jsonl") == len(articles)
    lines = out.read_bytes().decode().splitlines()  # the strictest reader of lines
    assert [TaggedArticle.from_dict(json.loads(line)) for line in lines] == articles


@given(st.lists(tagged_articles(), max_size=4))
@settings(max_examples=60, deadline=None)
def test_parquet_written_then_read_is_identity(
    tmp_path_factory: pytest.TempPathFactory, articles: list[TaggedArticle]
) -> None:
    out = tmp_path_factory.mktemp("law") / "out.parquet"
    assert write(articles, out, format="parquet") == len(articles)
    assert [TaggedArticle.from_dict(row) for row in pq.read_table(out).to_pylist()] == articles


@given(st.lists(tagged_articles(), max_size=4))
@settings(max_examples=60, deadline=None)
def test_a_dataset_made_then_read_is_identity(articles: list[TaggedArticle]) -> None:
    assert list(from_dataset(to_dataset(articles))) == articles


@given(st.lists(tagged_articles(), max_size=4))
@settings(max_examples=60, deadline=None)
def test_csv_has_every_sentence_with_its_text(
    tmp_path_factory: pytest.TempPathFactory, articles: list[TaggedArticle]
) -> None:
    out = tmp_path_factory.mktemp("law") / "out.csv"
    write(articles, out, format="csv", scheme=SCHEME)
    expected = [sentence.text for article in articles for sentence in article.sentences]
    found = [row["text"] for row in read_rows(out)]
    assert list(map(unguarded, found)) == list(map(unguarded, expected))


# JSONL


def test_a_jsonl_line_is_the_record_in_plain_utf8(tmp_path: Path) -> None:
    article = tagged("« L’été » à Salé.")
    write([article], tmp_path / "out.jsonl", format="jsonl")
    content = (tmp_path / "out.jsonl").read_bytes()
    assert content == json.dumps(article.to_dict(), ensure_ascii=False).encode() + b"\n"


def test_no_character_of_a_text_ends_a_jsonl_line(tmp_path: Path) -> None:
    article = tagged("".join(f"a{end}" for end in "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029") + "b")
    write([article, article], tmp_path / "out.jsonl", format="jsonl")
    lines = (tmp_path / "out.jsonl").read_text("utf-8").splitlines()
    assert [TaggedArticle.from_dict(json.loads(line)) for line in lines] == [article, article]


@pytest.mark.parametrize("format", ["jsonl", "csv", "jsonld"])
def test_standard_output_gets_the_bytes_of_the_file(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], format: Format
) -> None:
    articles = [tagged("Été à « Salé »."), tagged("=1+1")]
    write(articles, tmp_path / "out", format=format)
    assert write(articles, "-", format=format) == 2
    assert capfdbinary.readouterr().out == (tmp_path / "out").read_bytes()


def test_a_reader_that_hangs_up_is_a_broken_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    receiving, sending = os.pipe()
    os.close(receiving)
    with open(sending, "w", encoding="utf-8") as stdout:
        monkeypatch.setattr("sys.stdout", stdout)
        with pytest.raises(BrokenPipeError):
            write([tagged()], "-", format="jsonl")
        monkeypatch.undo()
        os.dup2(os.open(os.devnull, os.O_WRONLY), sending)  # so that closing can flush what is left


@pytest.mark.parametrize("format", ["parquet", "html"])
def test_binary_and_page_do_not_go_to_standard_output(format: Format) -> None:
    with pytest.raises(
        OptionError,
        match=rf"^{format} cannot go to standard output, only jsonl, csv and jsonld can; give the name of a file$",
    ):
        write([], "-", format=format)


# CSV


def test_csv_is_one_sentence_a_row_with_one_column_a_theme(tmp_path: Path) -> None:
    text = "Titre\nRabat et Bruxelles."
    sentences = (
        Sentence(0, 5, "Titre", "title"),
        Sentence(6, 25, text[6:], themes=(Theme("diplomacy", 0.75), Theme("drugs")), review=(Theme("policing", 0.4),)),
    )
    article = TaggedArticle(Article("a", text, "Dehors", "2024-05-06", "Le Fil"), sentences)
    write([article], tmp_path / "out.csv", format="csv", scheme=SCHEME)
    first, second = read_rows(tmp_path / "out.csv")
    assert list(first)[11:] == list(SCHEME.labels)
    assert [first[name] for name in ("id", "date", "source", "title", "sentence", "start", "end", "kind", "text")] == [
        "a", "2024-05-06", "Le Fil", "Dehors", "0", "0", "5", "title", "Titre"
    ]  # fmt: skip
    assert (second["sentence"], second["themes"], second["review"]) == ("1", "diplomacy; drugs", "policing")
    assert (second["diplomacy"], second["drugs"], second["policing"], second["migration"]) == ("0.75", "1", "", "")


def test_no_column_of_csv_is_called_as_another(tmp_path: Path) -> None:
    labels = ("id", "text", "review", "theme_id", "sea")
    scheme = scheme_from_dict(
        {
            "name": "any",
            "version": "1.0.0",
            "language": "fr",
            "title": {"en": "Any"},
            "description": "Any.",
            "groups": [{"id": "all", "name": {"en": "All"}}],
            "themes": [
                {"id": label, "group": "all", "name": {"en": label}, "definition": f"About {label}."}
                for label in labels
            ],
        }
    )
    themes = (Theme("id", 0.5), Theme("theme_id", 0.7))
    write([tagged(themes=themes)], tmp_path / "out.csv", format="csv", scheme=scheme)
    header = (tmp_path / "out.csv").read_bytes().decode("utf-8-sig").partition("\r\n")[0].split(",")
    assert header[-5:] == ["theme_theme_id", "theme_text", "theme_review", "theme_id", "sea"]
    assert len(set(header)) == len(header)
    (row,) = read_rows(tmp_path / "out.csv")
    assert (row["theme_theme_id"], row["theme_id"], row["themes"]) == ("0.5", "0.7", "id; theme_id")


def test_csv_begins_with_a_byte_order_mark_for_excel(tmp_path: Path) -> None:
    write([], tmp_path / "out.csv", format="csv")
    assert (
        tmp_path / "out.csv"
    ).read_bytes() == b"\xef\xbb\xbfid,date,source,title,sentence,start,end,kind,text,themes,review\r\n"


@pytest.mark.parametrize("text", ["=1+1", "+32 2 555", "-5 %", "@compte", "\t=1", "\r=1", "\n=1", "＝1+1", "＠a"])
def test_a_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(tmp_path: Path, text: str) -> None:
    write([tagged(text, id=text, source=text, title=text)], tmp_path / "out.csv", format="csv")
    (row,) = read_rows(tmp_path / "out.csv")
    cells = [row[name] for name in ("id", "source", "title", "text")]
    assert all(cell.startswith("'") for cell in cells)
    assert list(map(unguarded, cells)) == [text] * 4


def test_line_ends_quotes_and_commas_stay_in_their_cell(tmp_path: Path) -> None:
    text = 'Un "mot",\nun autre\r\net; fin\r.'
    write([tagged(text)], tmp_path / "out.csv", format="csv")
    (row,) = read_rows(tmp_path / "out.csv")
    assert row["text"] == text


def test_csv_refuses_a_theme_that_its_scheme_does_not_have(tmp_path: Path) -> None:
    message = (
        'article "a" carries the theme "weather", which security-cooperation 1.0.0 does not have; '
        "give the scheme that it was tagged with"
    )
    with pytest.raises(OptionError) as caught:
        write([tagged(themes=(Theme("weather"),))], tmp_path / "out.csv", format="csv", scheme=SCHEME)
    assert str(caught.value) == message


# claims for spreadsheets


@given(st.lists(tagged_articles(), max_size=4))
@settings(max_examples=60, deadline=None)
def test_every_claim_has_its_row(tmp_path_factory: pytest.TempPathFactory, articles: list[TaggedArticle]) -> None:
    out = tmp_path_factory.mktemp("law") / "out.csv"
    said = [(article, claim) for article in articles for claim in article.claims]
    assert write_claims(articles, out, format="csv") == len(said)
    rows = read_rows(out)
    for (article, claim), row in zip(said, rows, strict=True):
        assert unguarded(row["content"]) == unguarded(claim.content.text)
        assert article.article.text[int(row["start"]) : int(row["end"])] == claim.content.text
        assert unguarded(row["sentence_text"]) == unguarded(article.sentences[claim.sentence].text)


def test_a_row_says_who_says_what_where(tmp_path: Path) -> None:
    write_claims([reported(score=0.75, rule="preposition:selon", themes=("economy",))], tmp_path / "c", format="csv")
    (row,) = read_rows(tmp_path / "c")
    assert row == {
        "id": "a", "date": "2024-05-06", "article_source": "Le Fil", "url": "https://example.org/a", "title": "Un plan",
        "sentence": "0", "type": "forecast", "mode": "indirect", "speaker": "Rabat", "source": "Rabat", "status": "named",
        "cue": "Selon", "content": "le plan avance", "themes": "economy", "score": "0.75", "rule": "preposition:selon",
        "start": "13", "end": "27", "sentence_text": "Selon Rabat,\nle plan avance.",
    }  # fmt: skip


def test_what_a_claim_does_not_have_is_an_empty_cell(tmp_path: Path) -> None:
    unresolved = Source(None, "unresolved")
    articles = [tagged(themes=()), reported(cue=None, speaker=None, source=unresolved), reported(source=None)]
    write_claims(articles, tmp_path / "c", format="csv")
    columns = ("speaker", "source", "status", "cue", "score", "rule")
    assert [[row[name] for name in columns] for row in read_rows(tmp_path / "c")] == [
        ["", "", "", "", "", ""],
        ["", "", "unresolved", "", "", ""],
        ["Rabat", "", "", "Selon", "", ""],
    ]


def test_themes_left_open_in_gold_are_those_of_the_sentence_and_a_models_none_is_none(tmp_path: Path) -> None:
    write_claims([reported(), reported(score=0.5)], tmp_path / "c", format="csv")
    assert [row["themes"] for row in read_rows(tmp_path / "c")] == ["diplomacy; western_sahara", ""]


def test_a_title_in_the_text_stands_in_for_the_field(tmp_path: Path) -> None:
    text = "Un titre\nIl pleut."
    said = (Claim(1, "assertion", "authorial", Span(9, 18, "Il pleut.")),)
    sentences = (Sentence(0, 8, "Un titre", "title"), Sentence(9, 18, "Il pleut."))
    for title, shown in (("Dehors", "Dehors"), (" ", "Un titre"), (None, "Un titre")):
        write_claims([TaggedArticle(Article("a", text, title), sentences, said)], tmp_path / "c", format="csv")
        assert read_rows(tmp_path / "c")[0]["title"] == shown


@pytest.mark.parametrize("text", ["=1+1", "+32 2 555", "-5 %", "@compte", "\t=1", "\r=1", "\n=1", "＝1+1"])
def test_no_cell_of_a_claim_can_be_run(tmp_path: Path, text: str) -> None:
    span = Span(0, len(text), text)
    said = Claim(0, "assertion", "direct", span, span, span, Source(text, "named", span), (text,), rule=text)
    article = Article(text, text, text, text, text, text)
    write_claims([TaggedArticle(article, (Sentence(0, len(text), text),), (said,))], tmp_path / "c", format="csv")
    (row,) = read_rows(tmp_path / "c")
    assert sum(cell.startswith("'") and unguarded(cell) == text for cell in row.values()) == 12
    assert not [cell for cell in row.values() if cell.startswith(text)]


# claims as linked data

# https://schema.org/Claim and the types that it leads to: of each property the name, as published there
PROPERTIES = {
    "Claim": {"identifier", "text", "author", "creditText", "inLanguage", "keywords", "about", "appearance"},
    "NewsArticle": {"identifier", "url", "headline", "datePublished", "inLanguage", "publisher"},
    "DefinedTerm": {"name", "termCode", "inDefinedTermSet"},
    "DefinedTermSet": {"name", "version"},
    "Organization": {"name"},
    "Thing": {"name"},
}


def read_graph(path: Path) -> list[dict[str, Any]]:
    document = json.loads(path.read_bytes())
    assert (list(document), document["@context"]) == (["@context", "@graph"], "https://schema.org")
    graph: list[dict[str, Any]] = document["@graph"]
    return graph


def nodes(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        yield from nodes(list(value.values()))
    elif isinstance(value, list):
        for one in value:
            yield from nodes(one)


@given(st.lists(tagged_articles(), max_size=4))
@settings(max_examples=60, deadline=None)
def test_every_claim_is_an_object_of_schema_org(
    tmp_path_factory: pytest.TempPathFactory, articles: list[TaggedArticle]
) -> None:
    out = tmp_path_factory.mktemp("law") / "out.jsonld"
    said = [claim.content.text for article in articles for claim in article.claims]
    assert write(articles, out, format="jsonld", scheme=SCHEME) == len(articles)
    graph = read_graph(out)
    assert [(node["@type"], node["text"]) for node in graph] == [("Claim", text) for text in said]
    for node in nodes(graph):
        assert node.keys() - {"@type"} <= PROPERTIES[node["@type"]]
        assert None not in node.values()
    assert b"<" not in out.read_bytes()


def test_a_claim_has_its_text_author_themes_and_the_article_that_it_appears_in(tmp_path: Path) -> None:
    assert write_claims([reported()], tmp_path / "c", format="jsonld", scheme=SCHEME) == 1
    codebook = {"@type": "DefinedTermSet", "name": "security-cooperation", "version": "1.0.0"}
    assert read_graph(tmp_path / "c") == [
        {
            "@type": "Claim",
            "identifier": "a#13-27",
            "text": "le plan avance",
            "author": {"@type": "Thing", "name": "Rabat"},
            "inLanguage": "fr",
            "keywords": ["forecast", "indirect"],
            "about": [
                {"@type": "DefinedTerm", "name": "Diplomatie", "termCode": "diplomacy", "inDefinedTermSet": codebook},
                {"@type": "DefinedTerm", "name": "Sahara occidental", "termCode": "western_sahara", "inDefinedTermSet": codebook},
            ],
            "appearance": {
                "@type": "NewsArticle",
                "identifier": "a",
                "url": "https://example.org/a",
                "headline": "Un plan",
                "datePublished": "2024-05-06",
                "inLanguage": "fr",
                "publisher": {"@type": "Organization", "name": "Le Fil"},
            },
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (Source("Rabat", "named"), {"author": {"@type": "Thing", "name": "Rabat"}}),
        (Source("le ministre", "role"), {"creditText": "le ministre"}),
        (Source("une source", "anonymous"), {"creditText": "une source"}),
        (Source(None, "unresolved"), {}),
        (None, {"creditText": "Rabat"}),  # gold in which nobody looked further than the sentence
    ],
)
def test_only_a_source_with_a_name_is_an_author(tmp_path: Path, source: Source | None, said: dict[str, Any]) -> None:
    write_claims([reported(source=source)], tmp_path / "c", format="jsonld")
    (node,) = read_graph(tmp_path / "c")
    assert {name: node[name] for name in ("author", "creditText") if name in node} == said


def test_no_verdict_and_no_first_appearance_is_claimed(tmp_path: Path) -> None:
    write_claims([reported(), tagged()], tmp_path / "c", format="jsonld")
    content = (tmp_path / "c").read_text("utf-8")
    assert not re.findall("ClaimReview|reviewRating|firstAppearance|claimInterpreter", content)


def test_an_address_or_a_date_that_is_none_is_left_out(tmp_path: Path) -> None:
    write_claims([tagged(url="javascript:alert(1)", date="hier")], tmp_path / "c", format="jsonld")
    (node,) = read_graph(tmp_path / "c")
    assert node["appearance"] == {"@type": "NewsArticle", "identifier": "a"}


@pytest.mark.parametrize("format", CLAIM_FORMATS)
def test_claims_go_to_standard_output_too_and_only_complete_into_a_file(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], format: ClaimFormat
) -> None:
    def failing() -> Iterator[TaggedArticle]:
        yield reported()
        raise ValueError("no")

    write_claims([reported(), tagged()], tmp_path / "out", format=format)
    assert write_claims([reported(), tagged()], "-", format=format) == 2
    before = (tmp_path / "out").read_bytes()
    assert capfdbinary.readouterr().out == before
    with pytest.raises(ValueError, match=r"^no$"):
        write_claims(failing(), tmp_path / "out", format=format)
    assert (tmp_path / "out").read_bytes() == before


def test_claims_have_two_formats() -> None:
    with pytest.raises(OptionError, match=r'^no format "jsonl" \(did you mean "jsonld"\?\); the formats: csv, jsonld$'):
        write_claims([], "out", format="jsonl")  # type: ignore[arg-type]


# Parquet


def test_a_parquet_file_has_the_same_schema_whatever_is_in_it(tmp_path: Path) -> None:
    write([], tmp_path / "empty.parquet", format="parquet")
    write([TaggedArticle(Article("a", "x"), ())], tmp_path / "bare.parquet", format="parquet")
    for name in ("empty.parquet", "bare.parquet"):
        assert pq.read_schema(tmp_path / name).equals(tables.SCHEMA)
    theme = pa.list_(pa.struct([("label", pa.string()), ("score", pa.float64())]))
    assert tables.SCHEMA.field("sentences").type.value_type.field("themes").type == theme


def test_pandas_reads_the_parquet_file(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    write([tagged(source="Le Fil")], tmp_path / "out.parquet", format="parquet")
    frame = pandas.read_parquet(tmp_path / "out.parquet")
    assert frame.loc[0, "source"] == "Le Fil"
    assert frame.loc[0, "sentences"][0]["themes"][0] == {"label": "diplomacy", "score": 0.75}


def test_row_groups_are_bounded_by_articles_and_by_characters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "BATCH_ARTICLES", 3)
    monkeypatch.setattr(tables, "BATCH_CHARACTERS", 100)
    articles = [tagged("a" * length, id=str(length)) for length in (1, 2, 3, 4, 99, 5)]
    write(articles, tmp_path / "out.parquet", format="parquet")
    metadata = pq.read_metadata(tmp_path / "out.parquet")
    assert [metadata.row_group(index).num_rows for index in range(metadata.num_row_groups)] == [3, 2, 1]


# datasets


def test_a_dataset_leaves_no_file_and_no_setting_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    before = datasets.is_progress_bar_enabled()
    dataset = to_dataset([tagged()])
    assert list(from_dataset(dataset)) == [tagged()]
    assert (list(tmp_path.iterdir()), dataset.cache_files) == ([], [])
    assert datasets.is_progress_bar_enabled() is before


def test_an_empty_dataset_has_the_features_of_a_full_one() -> None:
    assert to_dataset([]).features == to_dataset([tagged()]).features


def test_a_dataset_formatted_for_numpy_is_read_all_the_same() -> None:
    assert list(from_dataset(to_dataset([tagged()]).with_format("numpy"))) == [tagged()]


# where it goes


@pytest.mark.parametrize("format", FORMATS)
def test_missing_folders_are_made(tmp_path: Path, format: Format) -> None:
    out = tmp_path / "a" / "b" / f"out.{format}"
    assert write([tagged()], str(out), format=format, scheme=SCHEME) == 1
    assert out.stat().st_size > 0


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt(), OSError("disk of the input")])
def test_nothing_is_left_when_the_articles_fail(tmp_path: Path, format: Format, error: BaseException) -> None:
    def failing() -> Iterator[TaggedArticle]:
        yield tagged()
        raise error

    (tmp_path / "old").write_text("old")
    for name in ("old", "new", "folder/new"):
        with pytest.raises(type(error)) as caught:
            write(failing(), tmp_path / name, format=format)
        assert caught.value is error
    assert [path.name for path in tmp_path.rglob("*")] == ["old"]
    assert (tmp_path / "old").read_text() == "old"


def test_the_file_appears_only_when_it_is_complete(tmp_path: Path) -> None:
    def watching() -> Iterator[TaggedArticle]:
        yield tagged()
        assert not (tmp_path / "out.jsonl").exists()

    write(watching(), tmp_path / "out.jsonl", format="jsonl")
    assert [path.name for path in tmp_path.iterdir()] == ["out.jsonl"]


def test_a_new_file_has_the_permissions_that_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write([], tmp_path / "out.jsonl", format="jsonl")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out.jsonl").stat().st_mode) == 0o640


def test_a_replaced_file_keeps_its_permissions(tmp_path: Path) -> None:
    (tmp_path / "out.jsonl").touch(0o600)
    write([], tmp_path / "out.jsonl", format="jsonl")
    assert stat.S_IMODE((tmp_path / "out.jsonl").stat().st_mode) == 0o600


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write([tagged()], tmp_path / "link", format="jsonl")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").stat().st_size > 0


def test_a_name_as_long_as_the_system_allows_is_written(tmp_path: Path) -> None:
    assert write([], tmp_path / ("x" * 255), format="jsonl") == 0


@pytest.mark.parametrize("format", FORMATS)
def test_a_named_pipe_is_written_into_not_replaced(tmp_path: Path, format: Format) -> None:
    write([tagged()], tmp_path / "file", format=format)
    os.mkfifo(tmp_path / "pipe")
    received: list[bytes] = []
    reader = threading.Thread(target=lambda: received.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    write([tagged()], tmp_path / "pipe", format=format)
    reader.join()
    assert received == [(tmp_path / "file").read_bytes()]
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_a_folder_is_refused_as_target(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as caught:
        write([], tmp_path, format="csv")
    assert str(caught.value) == f"{tmp_path}: is a folder; give the name of a file, such as {tmp_path}/tagged.csv"


def test_a_file_where_a_folder_must_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError) as caught:
        write([], tmp_path / "file" / "out.csv", format="csv")
    assert str(caught.value).startswith(f"{tmp_path}/file/out.csv: cannot be written: ")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_write_protected_file_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "out.csv").touch(0o400)
    with pytest.raises(
        OutputError, match=r"is there and write-protected; choose another name or take the protection off$"
    ):
        write([], tmp_path / "out.csv", format="csv")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system to play a full disk")
@pytest.mark.parametrize("format", FORMATS)
def test_a_full_disk_is_an_output_error(format: Format) -> None:
    with pytest.raises(OutputError) as caught:
        write([tagged()] * 2000, "/dev/full", format=format)
    assert str(caught.value) == (
        "/dev/full: cannot be written: No space left on device; nothing was kept, choose another place"
    )


@pytest.mark.parametrize("format", FORMATS)
def test_half_a_surrogate_pair_is_named_with_what_stands_before(tmp_path: Path, format: Format) -> None:
    with pytest.raises(
        OutputError, match=r"half of a surrogate pair \(U\+D83D\) stands after .*Rabat .*take it out of the article$"
    ):
        write([tagged("Rabat \ud83d se tait.")], tmp_path / "out", format=format)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_format_is_refused_with_the_nearest() -> None:
    with pytest.raises(OptionError) as caught:
        write([], "out", format="jsnl")  # type: ignore[arg-type]
    assert (
        str(caught.value) == 'no format "jsnl" (did you mean "jsonl"?); the formats: jsonl, parquet, csv, html, jsonld'
    )


@pytest.mark.parametrize("format", FORMATS)
def test_memory_does_not_grow_with_the_number_of_articles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: Format
) -> None:
    monkeypatch.setattr(tables, "BATCH_CHARACTERS", 100_000)

    def peak(articles: int) -> int:
        tracemalloc.start()
        write((tagged("a" * 10_000, id=str(index)) for index in range(articles)), tmp_path / "out", format=format)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(10)  # imports and caches
    assert peak(400) < peak(40) + 500_000


def test_a_folder_that_cannot_be_made_is_told_by_the_name_of_the_output(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"file/out\.jsonl: cannot be written: (Not a directory|File exists)$"):
        write([], tmp_path / "file" / "out.jsonl", format="jsonl")
