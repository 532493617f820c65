"""Articles and gold out of rows: a bad record is told and costs no good one; ids, dates, languages, fields."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import time
import tracemalloc
import types
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import article_lists, tagged_articles

from claimtag.errors import InputError, OptionError
from claimtag.reading import Counts, Fields, Reject, read_articles, read_gold
from claimtag.records import Article, TaggedArticle


def lines_of(*records: Any) -> str:
    return "".join(record if isinstance(record, str) else json.dumps(record) + "\n" for record in records)


def file(folder: Path, content: str | bytes, name: str = "a.jsonl") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(*inputs: Any, **options: Any) -> tuple[list[Article], list[str], Counts]:
    """The articles, the rejects as "line: reason", and the counts."""
    rejects: list[Reject] = []
    counts = Counts()
    articles = list(read_articles(*inputs, on_reject=rejects.append, counts=counts, **options))
    assert (counts.articles, counts.rejects) == (len(articles), len(rejects))
    return articles, [f"{reject.line}: {reject.reason}" for reject in rejects], counts


def as_record(article: Article) -> dict[str, Any]:
    return {name: getattr(article, name) for name in ("id", "text", "title", "date", "source", "url", "lang")}


def with_visible_titles(articles: list[Article]) -> list[Article]:
    """The articles as they are read: a title of nothing but spaces and characters without width is none."""

    def unseen(title: str) -> bool:
        return all(char.isspace() or unicodedata.category(char) == "Cf" for char in title)

    return [replace(one, title=None) if unseen(one.title or "") else one for one in articles]


# laws


@given(article_lists(), st.booleans(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_articles_written_as_json_lines_come_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, articles: list[Article], ascii_only: bool, encoding: str
) -> None:
    content = "".join(json.dumps(as_record(article), ensure_ascii=ascii_only) + "\n" for article in articles)
    path = file(tmp_path_factory.getbasetemp(), content.encode(encoding), "law.jsonl")
    assert list(read_articles(path)) == with_visible_titles(articles)


@given(
    article_lists(min_size=1),
    st.lists(st.sampled_from([b"{", b"[]", b"null", b"\xe9", b'{"text": 3}', b"{}", b'"', b"\0"])),
)
def test_every_good_line_among_bad_ones_is_kept(
    tmp_path_factory: pytest.TempPathFactory, articles: list[Article], bad: list[bytes]
) -> None:
    good = [json.dumps(as_record(article)).encode() for article in articles]
    mixed = [line for index, one in enumerate(good) for line in (one, *bad[index :: len(good)])]
    path = file(tmp_path_factory.getbasetemp(), b"\n".join(mixed), "mixed.jsonl")
    found, rejects, _ = read(path)
    assert (found, len(rejects)) == (with_visible_titles(articles), len(bad))


@given(st.lists(tagged_articles(), max_size=3, unique_by=lambda tagged: tagged.article.id))
def test_gold_written_as_json_lines_comes_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, gold: list[TaggedArticle]
) -> None:
    path = file(tmp_path_factory.getbasetemp(), lines_of(*(tagged.to_dict() for tagged in gold)), "gold.jsonl")
    assert list(read_gold(path)) == gold


# what cannot be used

KEPT = {"id": "kept", "text": "Un texte."}


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({}, 'no "text" field; fields here are none'),
        ({"id": "a", "texte": "x", "corps": "plus long"}, 'no "text" field; fields here are "id", "texte", "corps" (use --text-field corps)'),
        ({"id": "a", "title": "x"}, 'no "text" field; fields here are "id", "title"'),
        ({"text": None}, '"text" is null, not a string'),
        ({"text": 3}, '"text" is a number, not a string'),
        ({"text": True}, '"text" is a boolean, not a string'),
        ({"text": ["x"]}, '"text" is a list, not a string'),
        ({"text": {}}, '"text" is an object, not a string'),
        ({"text": ""}, '"text" is empty'),
        ({"text": " \n\u00a0"}, '"text" is empty'),
        ({"text": "un\0deux"}, '"text" has a NUL character at 2'),
        ({"text": "u\0n\0"}, '"text" has a NUL character at 1; for UTF-16 without its byte order mark use --encoding utf-16-le'),
        ({"text": "un \ud83d"}, '"text" has half a surrogate pair at 3, which no encoding can hold'),
        ({"id": "kept", "text": "x"}, 'the id "kept" was seen before'),
        ({"id": "a\0", "text": "x"}, '"id" has a NUL character at 1; for UTF-16 without its byte order mark use --encoding utf-16-le'),
        ({"id": [1], "text": "x"}, '"id" is a list, not a string or a whole number'),
        ({"id": True, "text": "x"}, '"id" is a boolean, not a string or a whole number'),
        ({"id": 1.5, "text": "x"}, '"id" is a number, not a string or a whole number'),
        ('{"text": "x"\n', "broken JSON at column 13: Expecting ',' delimiter"),
        ("[1]\n", "not a JSON object; each line must hold one article as {…}"),
    ],
)  # fmt: skip
def test_a_record_that_cannot_be_used_is_told_and_the_others_kept(tmp_path: Path, record: Any, reason: str) -> None:
    path = file(tmp_path, lines_of(KEPT, record, {"id": "also", "text": "x"}))
    articles, rejects, _ = read(path)
    assert [article.id for article in articles] == ["kept", "also"]
    assert rejects == [f"2: {reason}"]


def test_by_default_a_bad_record_raises_with_its_place(tmp_path: Path) -> None:
    path = file(tmp_path, lines_of(KEPT, {"id": "a"}))
    articles = read_articles(path)
    assert next(articles).id == "kept"
    with pytest.raises(InputError) as caught:
        next(articles)
    assert str(caught.value) == f'{path}:2: no "text" field; fields here are "id"'


def test_a_reject_names_the_record_by_the_chosen_id_field(tmp_path: Path) -> None:
    rejects: list[Reject] = []
    path = file(tmp_path, lines_of({"id": "other", "nr": 5, "text": ""}))
    assert list(read_articles(path, fields=Fields(id="nr"), on_reject=rejects.append)) == []
    assert rejects == [Reject(str(path), 1, "5", '"text" is empty')]


def test_nothing_in_a_reject_is_beyond_writing(tmp_path: Path) -> None:
    rejects: list[Reject] = []
    path = file(tmp_path, lines_of({"id": "a\ud83d", "text": "x"}, {"b\ud83d": "x"}, {"id": "x" * 9999, "text": ""}))
    assert list(read_articles(path, on_reject=rejects.append)) == []
    for reject in rejects:
        str(reject).encode()
        json.dumps([reject.id, reject.file, reject.reason], ensure_ascii=False).encode()
        assert len(reject.id or "") <= 1000
    assert rejects[0].id == "a\\ud83d"
    assert rejects[1].reason == 'no "text" field; fields here are "b\\ud83d" (use --text-field b\\ud83d)'


def test_an_id_may_not_come_twice_in_two_files(tmp_path: Path) -> None:
    one, two = file(tmp_path, lines_of(KEPT), "1.jsonl"), file(tmp_path, lines_of(KEPT), "2.jsonl")
    articles, rejects, _ = read(one, two)
    assert (len(articles), rejects) == (1, ['1: the id "kept" was seen before'])


def test_a_record_that_was_refused_does_not_use_up_its_id(tmp_path: Path) -> None:
    articles, _, _ = read(file(tmp_path, lines_of({"id": "a", "text": ""}, {"id": "a", "text": "x"})))
    assert [article.id for article in articles] == ["a"]


def test_all_inputs_are_looked_for_before_the_first_is_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.jsonl': no such file or folder$"):
        next(read_articles(file(tmp_path, lines_of(KEPT)), tmp_path / "gone.jsonl"))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (5, "articles cannot be read from a int"),
        (b"a.jsonl", "articles cannot be read from a bytes"),
        ({"train": [], "test": []}, "articles cannot be read from a dict; give one of its splits: 'train', 'test'"),
    ],
)
def test_what_holds_no_articles_is_refused(source: Any, message: str) -> None:
    with pytest.raises(OptionError) as caught:
        next(read_articles(source))
    assert str(caught.value) == message


# fields


def test_fields_go_by_the_chosen_names(tmp_path: Path) -> None:
    record = {
        "nr": "1",
        "corps": "Un texte.",
        "titre": "T",
        "jour": "10/04/2018",
        "journal": "J",
        "lien": "http://a.be",
        "langue": "nl",
    }
    names = Fields(text="corps", id="nr", title="titre", date="jour", source="journal", url="lien", lang="langue")
    (article,), _, _ = read(file(tmp_path, lines_of(record)), fields=names)
    assert article == Article("1", "Un texte.", "T", "2018-04-10", "J", "http://a.be", "nl")


def test_chosen_names_do_not_hold_for_files_that_are_one_article(tmp_path: Path) -> None:
    file(tmp_path, "Un texte.", "a.txt")
    file(tmp_path, lines_of({"corps": "Un autre."}), "b.jsonl")
    articles, rejects, _ = read(tmp_path, fields=Fields(text="corps"))
    assert ([article.text for article in articles], rejects) == (["Un texte.", "Un autre."], [])


def test_a_field_that_is_no_string_is_left_out_and_counted_and_the_article_kept(tmp_path: Path) -> None:
    record = {"text": "x", "title": ["a"], "source": {"name": "J"}, "url": True, "lang": "französisch"}
    (article,), rejects, counts = read(file(tmp_path, lines_of(record | {"id": "a"})))
    assert article == Article("a", "x")
    assert (rejects, counts.fields_left_out) == ([], 4)


def test_missing_fields_are_not_counted(tmp_path: Path) -> None:
    record = {"id": "a", "text": "x", "title": None, "source": "", "url": " ", "lang": None, "date": ""}
    articles, _, counts = read(file(tmp_path, lines_of(record, '{"id": "b", "text": "y", "title": NaN}\n')))
    assert articles == [Article("a", "x"), Article("b", "y")]
    assert (counts.fields_left_out, counts.dates_not_understood) == (0, 0)


def test_a_number_will_do_for_a_title(tmp_path: Path) -> None:
    (article,), _, _ = read(file(tmp_path, lines_of({"text": "x", "title": 1984})))
    assert article.title == "1984"


def test_dates_become_iso_or_are_counted(tmp_path: Path) -> None:
    days = ["10 avril 2018", "bientôt", None, 20180410, "2018-04-10T10:00:00Z"]
    articles, rejects, counts = read(file(tmp_path, lines_of(*({"text": "x", "date": day} for day in days))))
    assert [article.date for article in articles] == ["2018-04-10", None, None, None, "2018-04-10"]
    assert (rejects, counts.dates_not_understood) == ([], 2)


@pytest.mark.parametrize(
    ("given", "lang"), [("fr", "fr"), ("FR", "fr"), ("fr-BE", "fr"), ("nl_BE", "nl"), (" fr ", "fr"), ("ary", "ary")]
)
def test_a_given_language_is_its_code_without_the_region(tmp_path: Path, given: str, lang: str) -> None:
    (article,), _, _ = read(file(tmp_path, lines_of({"text": "x", "lang": given})))
    assert article.lang == lang


def test_the_language_option_holds_for_records_that_name_none(tmp_path: Path) -> None:
    articles, _, _ = read(file(tmp_path, lines_of({"text": "x"}, {"text": "y", "lang": "nl"})), lang="fr")
    assert [article.lang for article in articles] == ["fr", "nl"]


def test_a_language_option_that_is_no_code_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r'^the language "French" is not an ISO 639 code, such as fr$'):
        next(read_articles(file(tmp_path, lines_of(KEPT)), lang="French"))


def test_an_encoding_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r'^no encoding "cp99"'):
        next(read_articles(file(tmp_path, lines_of(KEPT)), encoding="cp99"))


def test_the_proposed_encoding_reads_what_utf8_could_not(tmp_path: Path) -> None:
    content = '{"id": "a", "text": "été"}\n{"id": "b", "text": "ete"}\n'.encode("cp1252")
    articles, rejects, _ = read(file(tmp_path, content))
    assert [article.id for article in articles] == ["b"]
    assert rejects == ["1: not UTF-8 at byte 21; use --encoding cp1252 for text from older Windows programs"]
    assert [article.text for article in read(tmp_path, encoding="cp1252")[0]] == ["été", "ete"]


# ids


@pytest.mark.parametrize(("given", "identity"), [("a b", "a b"), (7, "7"), (-7, "-7"), (0, "0"), (12.0, "12")])
def test_a_given_id_is_kept_as_a_string(tmp_path: Path, given: object, identity: str) -> None:
    (article,), _, _ = read(file(tmp_path, lines_of({"id": given, "text": "x"})))
    assert article.id == identity


def test_an_id_is_made_of_the_files_name_and_the_content(tmp_path: Path) -> None:
    (article,), _, _ = read(file(tmp_path, "Un texte.", "Le Soir, 3 mai.txt"))
    assert article.id == "Le-Soir-3-mai-50690bb890ef"


def test_a_made_id_is_the_same_wherever_the_folder_lies(tmp_path: Path) -> None:
    for name in ("a.txt", "b/a.txt", "c.jsonl"):
        file(tmp_path / "here", lines_of({"text": "x"}), name)
    shutil.copytree(tmp_path / "here", tmp_path / "there" / "deep")
    ids = [article.id for article in read(tmp_path / "here")[0]]
    assert ids == [article.id for article in read(tmp_path / "there/deep")[0]]
    assert len(set(ids)) == 3


def test_a_made_id_does_not_depend_on_how_the_system_spells_accents(tmp_path: Path) -> None:
    (composed,), _, _ = read(file(tmp_path / "1", "x", "\u00e9t\u00e9.txt"))
    (apart,), _, _ = read(file(tmp_path / "2", "x", "e\u0301te\u0301.txt"))
    assert composed.id == apart.id
    assert composed.id.startswith("été-")


@pytest.mark.parametrize("name", ["a\nb.txt", "« à lire ».txt", "a/../b.txt", "-.txt", "x.y.txt"])
def test_a_made_id_has_no_spaces_or_signs(tmp_path: Path, name: str) -> None:
    (tmp_path / "a").mkdir()
    (article,), _, _ = read(file(tmp_path, "x", name))
    assert re.fullmatch(r"[\w.-]+-[0-9a-f]{12}", article.id)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps file names that are not UTF-8")
def test_an_id_is_made_also_of_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/caf\xe9.txt", "wb") as stream:
        stream.write(b"x")
    (article,), _, _ = read(tmp_path)
    assert article.id.startswith("caf-xe9-")


def test_the_same_text_twice_without_ids_is_two_articles(tmp_path: Path) -> None:
    articles, rejects, _ = read(file(tmp_path, lines_of(*[{"text": "x"}] * 3)))
    first = articles[0].id
    assert ([article.id for article in articles], rejects) == ([first, f"{first}-2", f"{first}-3"], [])


def test_a_made_id_gives_way_to_a_given_one(tmp_path: Path) -> None:
    (made,), _, _ = read(file(tmp_path, lines_of({"text": "x"})))
    articles, rejects, _ = read(
        file(tmp_path, lines_of({"id": made.id, "text": "y"}, {"id": f"{made.id}-2", "text": "z"}, {"text": "x"}))
    )
    assert ([article.id for article in articles], rejects) == ([made.id, f"{made.id}-2", f"{made.id}-3"], [])


# inputs of all kinds


def test_a_dataset_is_read_row_by_row() -> None:
    datasets = pytest.importorskip("datasets")
    rows = datasets.Dataset.from_list([{"id": 1, "text": "a"}, {"id": 2, "text": None}, {"id": 3, "text": "c"}])
    articles, rejects, _ = read(rows)
    assert [article.id for article in articles] == ["1", "3"]
    assert rejects == ['2: "text" is null, not a string']


def test_a_dataset_with_splits_is_answered_with_their_names() -> None:
    datasets = pytest.importorskip("datasets")
    rows = datasets.DatasetDict({"train": datasets.Dataset.from_list([KEPT])})
    with pytest.raises(
        OptionError, match=r"^articles cannot be read from a DatasetDict; give one of its splits: 'train'$"
    ):
        next(read_articles(rows))


def test_rows_that_are_no_records_are_told() -> None:
    articles, rejects, _ = read(["un texte", KEPT, 3])
    assert [article.id for article in articles] == ["kept"]
    assert rejects == ["1: a string, not a record with named fields", "3: a number, not a record with named fields"]


def test_parquet_ids_need_not_be_strings(tmp_path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    table = pyarrow.table({"id": [1.0, None, 2.5], "text": ["a", "b", "c"]})
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    articles, rejects, _ = read(tmp_path)
    assert articles[0].id == "1"
    assert articles[1].id.startswith("a-")
    assert rejects == ['3: "id" is a number, not a string or a whole number']


def test_parquet_with_other_columns_is_told_row_by_row(tmp_path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    pyarrow.parquet.write_table(pyarrow.table({"id": [1], "body": ["a"]}), tmp_path / "a.parquet")
    assert read(tmp_path)[1] == ['1: no "text" field; fields here are "id", "body" (use --text-field body)']


def test_standard_input_stands_among_other_inputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with file(tmp_path, lines_of({"id": "in", "text": "x"}), "in").open("rb") as stream:
        monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(buffer=stream))
        articles, _, _ = read(file(tmp_path, lines_of(KEPT)), "-")
    assert [article.id for article in articles] == ["kept", "in"]


def test_rejects_of_one_file_cost_nothing_of_the_others(tmp_path: Path) -> None:
    file(tmp_path, b"\xff\xfe\x00", "1.txt")
    file(tmp_path, "id,text\na,b,c\n", "2.csv")
    file(tmp_path, b"PAR1", "3.parquet")
    file(tmp_path, "x", "4.pdf")
    file(tmp_path, "bon", "5.txt")
    articles, rejects, _ = read(tmp_path)
    assert ([article.text for article in articles], len(rejects)) == (["bon"], 4)


# gold

GOLD = {"id": "g", "text": "Un texte.", "sentences": [{"start": 0, "end": 9, "text": "Un texte.", "themes": []}]}


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (GOLD, 'the id "g" was seen before'),
        ({"id": "a", "text": "x"}, "article \"a\": not a record of sentences and claims: field 'sentences' is missing"),
        ({"text": "x", "sentences": []}, "article \"None\": not a record of sentences and claims: field 'id' is missing"),
        (GOLD | {"id": "a", "text": "Un autre."}, "article \"a\": sentence 0–9 says 'Un texte.', the text there says 'Un autre.'"),
        ({"id": "a", "text": "a\0", "sentences": []}, '"text" has a NUL character at 1; for UTF-16 without its byte order mark use --encoding utf-16-le'),
    ],
)  # fmt: skip
def test_gold_that_cannot_be_used_is_told_and_the_other_kept(tmp_path: Path, record: Any, reason: str) -> None:
    rejects: list[Reject] = []
    counts = Counts()
    path = file(tmp_path, lines_of(GOLD, record, GOLD | {"id": "h"}))
    found = list(read_gold(path, on_reject=rejects.append, counts=counts))
    assert [tagged.article.id for tagged in found] == ["g", "h"]
    assert [(reject.line, reject.reason) for reject in rejects] == [(2, reason)]
    assert counts == Counts(articles=2, rejects=1)


# streams


def test_a_reader_that_is_closed_early_closes_its_file(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    import gc

    before = len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0
    for name in ("a.jsonl", "a.csv", "a.txt"):
        file(tmp_path, lines_of(KEPT) if "json" in name else "id,text\nb,c\nd,e\n", name)
    for source in (tmp_path / "a.jsonl", tmp_path / "a.csv", tmp_path):
        articles = read_articles(source)
        next(articles)
        articles.close()  # type: ignore[attr-defined]
    del articles
    gc.collect()
    assert not [warning for warning in recwarn if warning.category is ResourceWarning]
    if sys.platform == "linux":
        assert len(os.listdir("/proc/self/fd")) == before


def test_articles_are_not_held_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "big.jsonl"
    with path.open("w", encoding="utf-8") as stream:
        for index in range(2000):
            stream.write(json.dumps({"id": str(index), "text": "Une phrase d'un article. " * 400}) + "\n")
    assert path.stat().st_size > 20_000_000
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_articles(path)) == 2000
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def test_reading_costs_little_beside_parsing_the_json(tmp_path: Path) -> None:
    text = "Une phrase d'un article, à Liège. " * 50
    path = file(
        tmp_path,
        "".join(json.dumps({"id": str(index), "text": text}, ensure_ascii=False) + "\n" for index in range(5000)),
    )

    def best(action: Any) -> float:
        seconds = []
        for _ in range(3):
            began = time.process_time()
            action()
            seconds.append(time.process_time() - began)
        return min(seconds)

    def parse() -> None:
        with path.open("rb") as stream:
            for line in stream:
                json.loads(line)

    # measured 2.6; the bound leaves room for a busy machine
    assert best(lambda: list(read_articles(path))) < 8 * best(parse)


@pytest.mark.parametrize("title", ["", " ", "\u00a0\n", "\u200b", "\ufeff \u200d", "\u00ad\u2060"])
def test_a_title_that_shows_nothing_is_none(tmp_path: Path, title: str) -> None:
    articles, rejects, counts = read(file(tmp_path, lines_of({"id": "a", "title": title, "text": "x"})))
    assert [article.title for article in articles] == [None]
    assert rejects == []
    assert counts.fields_left_out == 0


@pytest.mark.parametrize("title", ["…", "\u200bx", "ⵜ", "😀"])
def test_a_title_that_shows_a_mark_is_kept_as_it_came(tmp_path: Path, title: str) -> None:
    articles, _, _ = read(file(tmp_path, lines_of({"id": "a", "title": title, "text": "x"})))
    assert [article.title for article in articles] == [title]
