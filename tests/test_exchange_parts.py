"""The parts that formats share: offsets, sentences cut apart and sewn together, files, losses, the sheet, the data set."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import strings, tagged_articles
from test_exchange import SCHEME, example

from claimtag.errors import InputError, OutputError
from claimtag.exchange import export_gold, import_gold
from claimtag.exchange.files import read_items
from claimtag.exchange.hub import sentences_dataset
from claimtag.exchange.losses import losses
from claimtag.exchange.offsets import Offsets
from claimtag.exchange.sewing import cut, escaped, sew, unescaped
from claimtag.exchange.sheet import guarded, unguarded
from claimtag.reading import Reject
from claimtag.records import Sentence, TaggedArticle, Theme


@given(text=strings(max_size=60), data=st.data())
def test_offsets_in_characters_are_what_they_are(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    span = Offsets(text).span(start, end, text[start:end])
    assert span is not None
    assert (span.start, span.end) == (start, end)


def _wide(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@given(before=strings(max_size=30))
def test_offsets_in_utf_16_lead_to_the_same_words(before: str) -> None:
    text = f"{before}#Rabat# parle"
    start = _wide(text[: text.rindex("#Rabat#")])
    span = Offsets(text).span(start, start + 7, "#Rabat#")
    assert span is not None
    assert span.text == "#Rabat#"


@given(lines=st.lists(st.sampled_from(["Oui", "😀", "", "a b"]), max_size=6))
def test_offsets_counted_with_other_line_ends_lead_to_the_same_words(lines: list[str]) -> None:
    for counted, kept in (("\n", "\r\n"), ("\r\n", "\n")):
        start = len(counted.join([*lines, ""]))
        text = kept.join([*lines, "Rabat", "parle"])
        span = Offsets(text).span(start, start + 5 + len(counted) + 5, f"Rabat{counted}parle")
        assert span is not None
        assert span.text == f"Rabat{kept}parle"


def test_offsets_that_lead_nowhere_give_no_span() -> None:
    offsets = Offsets("Rabat parle.")
    assert [offsets.span(*ends) for ends in ((5, 5), (-1, 3), (7, 3), (0, 13), (99, 100))] == [None] * 5
    assert offsets.span(0, 5, "Tunis") is None


def test_offsets_take_time_linear_in_the_text() -> None:
    took = []
    for size in (20_000, 200_000):
        offsets = Offsets("😀\r\n<b>" * size)
        begun = time.perf_counter()
        for place in range(2_000):
            offsets.span(place, place + 5, "nowhere")
        took.append(time.perf_counter() - begun)
    assert took[1] < 40 * max(took[0], 0.01)


@settings(max_examples=25, deadline=None)
@given(tagged=tagged_articles())
def test_an_article_cut_into_sentences_is_sewn_together_again(tagged: TaggedArticle) -> None:
    pieces = list(cut(tagged))
    text, starts = sew((piece.before, piece.sentence.text, piece.after) for piece in pieces)
    assert text == tagged.article.text
    assert starts == [sentence.start for sentence in tagged.sentences]


@given(gap=strings(min_size=0))
def test_what_stands_between_sentences_can_be_shown_and_read_back(gap: str) -> None:
    assert unescaped(escaped(gap)) == gap
    assert escaped(gap).isascii()
    assert escaped(gap)


@given(cell=st.text(st.sampled_from("'=+-@\t\r\n＝a "), max_size=6))
def test_no_cell_is_run_by_a_spreadsheet_and_every_cell_comes_back(cell: str) -> None:
    assert not guarded(cell).startswith(tuple("=+-@\t\r\n＝"))
    assert unguarded(guarded(cell)) == cell


def test_lines_and_lists_are_told_apart_and_numbered(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    for content, wanted in (
        (b'{"a": 1}\r\n\r\n{"a": 2}', [(1, None), (3, None)]),
        (b'\xef\xbb\xbf[{"a": 1},\n\n{"a": 2}]', [(1, None), (3, None)]),
        ('[{"a": 1},\n 7]'.encode("utf-16"), [(1, None), (2, "a number where an object {…} was expected")]),
        (b"[]", []),
        (b"", []),
    ):
        path.write_bytes(content)
        assert [(item.line, item.problem) for item in read_items(path)] == wanted


def test_brackets_without_end_are_broken_and_no_crash(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"[" * 100_000)
    (item,) = read_items(tmp_path / "a.json")
    assert item.problem is not None
    assert item.problem.startswith("broken JSON")


def test_a_list_that_is_no_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'[{"text": "\xe9t\xe9"}]')
    with pytest.raises(InputError, match=r"a.json: not UTF-8 at byte 11; save it as UTF-8"):
        list(read_items(tmp_path / "a.json"))


@settings(max_examples=25, deadline=None)
@given(tagged=tagged_articles())
def test_nothing_is_lost_of_what_stays_the_same(tagged: TaggedArticle) -> None:
    assert losses([tagged], [tagged]) == {}


def test_every_kind_of_loss_is_counted_by_its_name() -> None:
    one = example()
    first, second = one.sentences
    bare = replace(
        one,
        article=replace(one.article, title=None),
        sentences=(replace(first, kind="body", themes=(Theme("drugs"),), not_asked=()),),
        claims=(replace(one.claims[0], speaker=None, source=None),),
    )
    assert losses([one], [bare]) == {
        "kind of a sentence": 1,
        "label not asked": 1,
        "sentence": 1,
        "source of a claim": 1,
        "speaker of a claim": 1,
        "theme": 1,
        "title of an article": 1,
    }
    assert losses([one], []) == {"article": 1}
    assert losses([bare], [replace(bare, claims=())]) == {"claim": 1}
    assert second.themes == ()


def test_a_sheet_that_a_person_filled_in_is_read(tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    path.write_bytes(
        "\ufeffarticle;sentence;text;drugs;justice;politics\r\n"
        "a;0;Un.;x;0;?\r\na;1;'=Deux.;non;OUI;peut-être\r\nb;0;Trois.;;;\r\n".encode()
    )
    rejects: list[Reject] = []
    one, other = import_gold("csv", path, scheme=SCHEME, on_reject=rejects.append).by[None]
    assert one.article.text == "Un. =Deux."
    assert [(each.labels, each.not_asked) for each in one.sentences] == [
        (("drugs",), ("politics", "counterterrorism", "western_sahara")),  # the last two have no column
        (("justice",), ("politics", "counterterrorism", "western_sahara")),
    ]
    assert other.sentences[0].labels == ()
    assert [str(each) for each in rejects] == [
        f"{path}:3: column \"politics\" says 'peut-être', not 1, 0 or ?; taken for ?"
    ]


def test_a_sheet_may_be_sorted(tmp_path: Path) -> None:
    one = replace(example(), scheme=SCHEME.ref)
    (out,) = export_gold("csv", [one], tmp_path / "sheet.csv", scheme=SCHEME).files
    head, *rows = out.read_text("utf-8").splitlines(keepends=True)
    assert len(rows) > 1
    out.write_text("".join([head, *reversed(rows)]), encoding="utf-8", newline="")
    ((back,),) = import_gold("csv", out, scheme=SCHEME).by.values()
    assert (back.article, back.scheme, back.licence) == (one.article, one.scheme, one.licence)


def test_a_column_that_is_no_theme_makes_no_label(tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    path.write_text("article,sentence,text,drugs,remark\na,0,Un.,1,look\na,1,Deux.,,?\n", encoding="utf-8")
    rejects: list[Reject] = []
    (one,) = import_gold("csv", path, scheme=SCHEME, on_reject=rejects.append).by[None]
    assert not any("remark" in each.not_asked for each in one.sentences)
    assert [each.reason for each in rejects if each.reason.startswith("not asked")] == [
        'not asked: "remark" is not a theme of the scheme; left out'
    ]


def test_a_sheet_in_an_old_code_page_is_told_without_options_that_are_not_there(tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    path.write_bytes("text;drugs\nL'été.;1\nOui.;\n".encode("cp1252"))
    rejects: list[Reject] = []
    import_gold("csv", path, scheme=SCHEME, on_reject=rejects.append)
    (reason,) = (each.reason for each in rejects)
    assert "CSV UTF-8" in reason
    assert "--encoding" not in reason


def test_a_sheet_that_lost_rows_says_so(tmp_path: Path) -> None:
    (out,) = export_gold("csv", [example()], tmp_path / "sheet.csv", scheme=SCHEME).files
    head, *_, last = out.read_text("utf-8").splitlines()
    out.write_text(f"{head}\n{last}\n", encoding="utf-8")
    rejects: list[Reject] = []
    import_gold("csv", out, scheme=SCHEME, on_reject=rejects.append)
    assert rejects[0].reason == (
        "from sentence 1 on, the text stands elsewhere than it did: sentences before it are missing or changed"
    )


def test_a_sheet_without_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("words,drugs\nOui.,1\n")
    with pytest.raises(InputError, match=r"a.csv: no column \"text\"; columns here are 'words', 'drugs'"):
        import_gold("csv", tmp_path / "a.csv", scheme=SCHEME)


def test_columns_of_a_data_set_keep_their_types_where_nothing_stands_in_them(tmp_path: Path) -> None:
    import datasets

    empty = replace(example(), sentences=(Sentence(0, 1, "😀"),), claims=())
    for articles in ([], [empty], [example()]):
        made = sentences_dataset(articles, SCHEME)
        assert made.features["themes"].feature == datasets.ClassLabel(names=list(SCHEME.labels))
        assert made.features["date"] == datasets.Value("string")
        assert len(made) == sum(len(one.sentences) for one in articles)
    labels = sentences_dataset([example()], SCHEME)
    assert [labels.features["themes"].feature.int2str(row) for row in labels["themes"]] == [["justice", "drugs"], []]


def test_a_data_set_is_a_folder_that_datasets_loads_with_its_card(tmp_path: Path) -> None:
    import datasets

    out = export_gold("datasets", [example()], tmp_path / "data", scheme=SCHEME).files[0]
    card = (out / "README.md").read_text()
    assert card.startswith('---\npretty_name: "data"\nlicense: ["cc-by-2.5"]\nlanguage: ["fr"]\n')
    assert "| `drugs` | 1 | 2 |" in card
    assert "| `politics` | 0 | 1 |" in card
    assert (
        "Sources (articles): L'Écho 1. Dates: 2018-04-10 to 2018-04-10. Annotators (articles): annotator-a 1." in card
    )
    for config, rows in (("articles", 1), ("sentences", 2)):
        loaded = datasets.load_dataset(str(out), config, split="train", cache_dir=str(tmp_path / "cache"))
        assert len(loaded) == rows
    assert loaded.features["themes"].feature.names == list(SCHEME.labels)


def test_a_data_set_of_foreign_labels_is_told_article_by_article(tmp_path: Path) -> None:
    from claimtag.writing import write

    bad = replace(
        example(),
        article=replace(example().article, id="b"),
        sentences=(Sentence(0, 1, "😀", themes=(Theme("drug"),)),),
        claims=(),
    )
    (tmp_path / "data").mkdir()
    write([example(), bad], tmp_path / "data" / "articles.parquet", format="parquet")
    rejects: list[Reject] = []
    imported = import_gold("datasets", tmp_path / "data", scheme=SCHEME, on_reject=rejects.append)
    assert [one.article.id for one in imported.by["annotator-a"]] == ["a/1"]
    assert (
        rejects[0].reason == 'article "b" carries "drug", which test-scheme 1.0.0 does not have (did you mean "drugs"?)'
    )


def test_a_foreign_folder_is_not_written_to_as_a_data_set(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("")
    with pytest.raises(OutputError, match="is there and not a data set's folder; give the name of a new one"):
        export_gold("datasets", [example()], tmp_path, scheme=SCHEME)
    with pytest.raises(
        InputError, match=r"no articles.parquet there; give the folder that claimtag export datasets wrote"
    ):
        import_gold("datasets", tmp_path, scheme=SCHEME)


def test_an_earlier_data_set_is_replaced(tmp_path: Path) -> None:
    for articles in ([example()], []):
        out = export_gold("datasets", articles, tmp_path / "data", scheme=SCHEME).files[0]
    assert import_gold("datasets", out, scheme=SCHEME).articles == 0
    assert "0 articles, 0 sentences" in (out / "README.md").read_text()
