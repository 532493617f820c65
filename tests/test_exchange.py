"""Every format: what is written comes back, what does not is counted, and bad input costs only itself."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from strategies import LABELS, tagged_articles

from claimtag.errors import InputError, OptionError, SchemeError
from claimtag.exchange import FORMATS, Format, export_gold, import_gold
from claimtag.exchange.losses import losses
from claimtag.reading import Reject, read_gold
from claimtag.records import Article, Claim, SchemeRef, Sentence, Source, Span, TaggedArticle, Theme
from claimtag.scheme import Scheme, scheme_from_dict

SCHEME: Scheme = scheme_from_dict(
    {
        "name": "test-scheme",
        "version": "1.0.0",
        "title": {"en": "Test"},
        "description": "For tests.",
        "language": "fr",
        "groups": [{"id": "all", "name": {"fr": "Tous"}}],
        "themes": [
            {"id": label, "group": "all", "name": {"fr": f"Le thème <{label}>"}, "definition": f'About "{label}".'}
            for label in LABELS
        ],
    }
)
OUTS = {
    "label-studio": "tasks.json",
    "doccano": "lines.jsonl",
    "prodigy": "tasks.jsonl",
    "argilla": "records.json",
    "brat": "brat",
    "csv": "sheet.csv",
    "datasets": "data",
}
# what each format can lose of gold by what it is; anything else would be a bug
ALWAYS = {"theme for review", "rule of a claim", "notes of an article"}
SOURCES = {"source of a claim", "themes of a claim"}
LINKS = {"cue of a claim", "speaker of a claim"}
CAN_LOSE: Mapping[str, set[str]] = {
    "label-studio": ALWAYS,
    "doccano": ALWAYS | SOURCES,
    "prodigy": ALWAYS | SOURCES | LINKS | {"claim", "type of a claim", "mode of a claim"},
    "argilla": ALWAYS | SOURCES | LINKS | {"claim", "type of a claim", "mode of a claim"},
    "brat": ALWAYS,
    "csv": ALWAYS | {"claim"},
    "datasets": set(),
}


def example() -> TaggedArticle:
    """Two sentences with all that gold can hold, an emoji before them, and Windows line ends between."""
    text = "😀 Selon Rabat, « la police » agit.\r\n\r\nLa justice suit."
    one, two = text.index("Selon"), text.index("La justice")
    rabat = Span(one + 6, one + 11, "Rabat")
    content = Span(text.index("« la"), text.index("."), text[text.index("« la") : text.index(".")])
    claim = Claim(
        0,
        "assertion",
        "indirect",
        content,
        Span(one, one + 5, "Selon"),
        rabat,
        Source("Royaume du Maroc", "named", rabat),
        ("drugs",),
    )
    return TaggedArticle(
        Article(
            "a/1", text, title="Rabat agit", date="2018-04-10", source="L'Écho", url="http://a.be/?b=1&c", lang="fr"
        ),
        (
            Sentence(one, two - 4, text[one : two - 4], "title", (Theme("justice"), Theme("drugs")), (), ("politics",)),
            Sentence(two, len(text), text[two:], "body", ()),
        ),
        (claim,),
        SCHEME.ref,
        "annotator-a",
        "CC BY 2.5",
    )


def back(
    format: Format, articles: list[TaggedArticle], folder: Path, *, rejects: list[Reject] | None = None
) -> list[TaggedArticle]:
    """The articles after a round trip; nothing of it may be rejected, unless `rejects` collects it."""
    exported = export_gold(format, articles, folder / OUTS[format], scheme=SCHEME)
    found = [] if rejects is None else rejects
    imported = import_gold(format, exported.files[0], scheme=SCHEME, on_reject=found.append)
    if rejects is None:
        assert [str(one) for one in found] == []
    return [one for lot in imported.by.values() for one in lot]


@pytest.mark.parametrize("format", FORMATS)
def test_an_article_comes_back_with_its_themes_kinds_and_fields(format: Format, tmp_path: Path) -> None:
    (one,) = back(format, [example()], tmp_path)
    assert (one.article, one.by, one.licence, one.scheme) == (
        example().article,
        "annotator-a",
        "CC BY 2.5",
        SCHEME.ref,
    )
    assert [(each.kind, set(each.labels), each.not_asked) for each in one.sentences] == [
        ("title", {"justice", "drugs"}, ("politics",)),
        ("body", set(), ()),
    ]


@pytest.mark.parametrize("format", [one for one in FORMATS if one != "csv"])
def test_a_claim_comes_back_with_its_cue_and_speaker(format: Format, tmp_path: Path) -> None:
    (one,) = back(format, [example()], tmp_path)
    (claim,), (wanted,) = one.claims, example().claims
    assert (claim.type, claim.mode, claim.content, claim.cue, claim.speaker) == (
        wanted.type,
        wanted.mode,
        wanted.content,
        wanted.cue,
        wanted.speaker,
    )


@pytest.mark.parametrize("format", ["label-studio", "brat", "datasets"])
def test_where_the_tool_has_a_place_for_everything_nothing_is_lost(format: Format, tmp_path: Path) -> None:
    assert back(format, [example()], tmp_path) == [example()]
    assert export_gold(format, [example()], tmp_path / "other" / OUTS[format], scheme=SCHEME).lost == {}


@pytest.mark.parametrize("format", FORMATS)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(tagged=tagged_articles(scores=False, not_asked=True))
def test_whatever_stands_in_gold_comes_back_or_is_of_what_the_format_cannot_hold(
    format: Format, tagged: TaggedArticle
) -> None:
    gold = replace(tagged, scheme=SCHEME.ref, claims=tuple(replace(one, score=None) for one in tagged.claims))
    with TemporaryDirectory() as folder:
        rejects: list[Reject] = []
        found = losses([gold], back(format, [gold], Path(folder), rejects=rejects))
    assert found.keys() <= CAN_LOSE[format], [str(one) for one in rejects]


def test_what_a_format_loses_is_counted(tmp_path: Path) -> None:
    assert export_gold("csv", [example()], tmp_path / "sheet.csv", scheme=SCHEME).lost == {"claim": 1}
    doccano = export_gold("doccano", [example()], tmp_path / "lines.jsonl", scheme=SCHEME).lost
    assert doccano == {"source of a claim": 1, "themes of a claim": 1}


def test_one_layer_can_be_left_out(tmp_path: Path) -> None:
    for layer, themes, claims in (("themes", 2, 0), ("claims", 0, 1)):
        exported = export_gold("label-studio", [example()], tmp_path / "t.json", scheme=SCHEME, only=layer)  # type: ignore[arg-type]
        (one,) = import_gold("label-studio", exported.files[0], scheme=SCHEME).by["annotator-a"]
        assert (len(one.sentences[0].labels), len(one.claims)) == (themes, claims)
        unasked = SCHEME.labels if layer == "claims" else ("politics",)  # left out is not denied
        assert one.sentences[0].not_asked == unasked


def test_the_scheme_that_articles_name_is_taken(tmp_path: Path) -> None:
    text = "La police agit."
    scheme = SchemeRef("security-cooperation", "1.0.0")
    gold = TaggedArticle(Article("a", text), (Sentence(0, 15, text, themes=(Theme("policing"),)),), scheme=scheme)
    file = export_gold("doccano", [gold], tmp_path / "a.jsonl").files[0]
    assert import_gold("doccano", file).by[None] == [gold]


def test_articles_of_several_schemes_are_not_exported_together(tmp_path: Path) -> None:
    one = example()
    other = replace(one, article=replace(one.article, id="b"), scheme=SchemeRef("test-scheme", "2.0.0"))
    with pytest.raises(SchemeError, match=r"follow several label schemes \(test-scheme@1.0.0, test-scheme@2.0.0\)"):
        export_gold("csv", [one, other], tmp_path / "a.csv")


def test_a_label_that_the_scheme_lacks_is_not_exported(tmp_path: Path) -> None:
    sentence = Sentence(0, 4, "Oui.", themes=(Theme("drug"),))
    with pytest.raises(
        SchemeError, match=r'article "a" carries "drug", which test-scheme 1.0.0 does not have .*"drugs"'
    ):
        export_gold("csv", [TaggedArticle(Article("a", "Oui."), (sentence,))], tmp_path / "a.csv", scheme=SCHEME)


def test_an_article_of_another_scheme_than_the_given_one_is_rejected_and_the_rest_kept(tmp_path: Path) -> None:
    lines = [
        {"text": "Oui.", "label": ["drugs"], "article": "a", "scheme": "test-scheme@0.9.0"},
        {"text": "Non.", "label": ["drugs"], "article": "b"},
    ]
    path = jsonl(tmp_path, lines)
    rejects: list[Reject] = []
    imported = import_gold("doccano", path, scheme=SCHEME, on_reject=rejects.append)
    assert [one.article.id for one in imported.by[None]] == ["b"]
    assert [str(one) for one in rejects] == [
        f"{path}:1: annotated under test-scheme@0.9.0, not under test-scheme@1.0.0; give --scheme test-scheme@0.9.0, "
        "or carry the annotations over with claimtag labels migrate"
    ]


def test_a_version_of_a_scheme_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = jsonl(tmp_path, [{"text": "Oui.", "label": [], "scheme": "security-cooperation@77.0.0"}])
    with pytest.raises(InputError, match=r'.*:1: no label scheme "security-cooperation@77.0.0"'):
        import_gold("doccano", path)


def test_a_scheme_of_the_same_name_and_other_content_is_told(tmp_path: Path) -> None:
    line = {"text": "Oui.", "label": [], "scheme": "test-scheme@1.0.0", "scheme_sha256": "0" * 64}
    with pytest.raises(
        InputError, match=rf"annotated under test-scheme@1.0.0 with the hash 0{{12}}, here it is {SCHEME.sha256[:12]}"
    ):
        import_gold("doccano", jsonl(tmp_path, [line]), scheme=SCHEME)
    with pytest.raises(InputError, match=r'the scheme "test-scheme" has no version; write it as name@1\.0\.0'):
        import_gold("doccano", jsonl(tmp_path, [line | {"scheme": "test-scheme"}]), scheme=SCHEME)


def test_an_unknown_label_is_left_out_with_a_suggestion_and_the_rest_kept(tmp_path: Path) -> None:
    path = jsonl(tmp_path, [{"id": 7, "text": "Oui.", "label": ["drug", "justice"]}])
    rejects: list[Reject] = []
    (one,) = import_gold("doccano", path, scheme=SCHEME, on_reject=rejects.append).by[None]
    assert one.sentences[0].labels == ("justice",)
    assert [str(each) for each in rejects] == [
        f'{path}:1: sentence 0–4: "drug" is not a theme of the scheme (did you mean "drugs"?); left out'
    ]


def test_two_files_of_one_annotator_are_told_apart_from_two_annotators(tmp_path: Path) -> None:
    paths = []
    for name, by, labels in (("a", "x", ["drugs"]), ("b", "x", ["justice"]), ("c", "y", ["justice"])):
        paths.append(tmp_path / f"{name}.jsonl")
        paths[-1].write_text(json.dumps({"article": "1", "text": "Oui.", "label": labels, "annotator": by}))
    rejects: list[Reject] = []
    imported = import_gold("doccano", *paths, scheme=SCHEME, on_reject=rejects.append)
    assert {by: [one.sentences[0].labels for one in lot] for by, lot in imported.by.items()} == {
        "x": [("drugs",)],
        "y": [("justice",)],
    }
    assert [str(one) for one in rejects] == [
        f'{paths[1]}:1: annotated by "x" a second time, otherwise (first: {paths[0]}:1); the first is kept'
    ]


@pytest.mark.parametrize("format", ["argilla", "csv", "prodigy"])
def test_the_sentences_of_an_article_may_lie_in_two_files(format: Format, tmp_path: Path) -> None:
    first, second = example().sentences
    paths = []
    for number, kept in enumerate(((first,), (second,))):
        paths.append(
            export_gold(
                format, [replace(example(), sentences=kept, claims=())], tmp_path / f"{number}", scheme=SCHEME
            ).files[0]
        )
    rejects: list[Reject] = []
    imported = import_gold(format, *paths, scheme=SCHEME, on_reject=rejects.append)
    assert imported.articles == 1


def test_who_annotated_can_be_said(tmp_path: Path) -> None:
    path = jsonl(tmp_path, [{"text": "Oui.", "label": [], "annotator": "x"}])
    assert list(import_gold("doccano", path, scheme=SCHEME, by="zoé").by) == ["zoé"]


@pytest.mark.parametrize("format", FORMATS)
def test_labels_that_were_not_asked_can_be_said_to_have_been(format: Format, tmp_path: Path) -> None:
    text = "Un mot. Deux mots."
    sentences = (
        Sentence(0, 7, "Un mot.", themes=(Theme("drugs"),), not_asked=("justice", "politics")),
        Sentence(8, 18, "Deux mots.", not_asked=("justice", "politics")),
    )
    one = TaggedArticle(Article("a", text), sentences, scheme=SCHEME.ref)
    out = tmp_path / OUTS[format]
    export_gold(format, [one], out, scheme=SCHEME)
    for asked, left in (((), ("justice", "politics")), (("justice",), ("politics",)), (("all",), ())):
        ((back,),) = import_gold(format, out, scheme=SCHEME, asked=asked).by.values()
        assert [each.not_asked for each in back.sentences] == [left, left]
        assert [each.labels for each in back.sentences] == [("drugs",), ()]
    with pytest.raises(OptionError, match=r'"justise" is not a theme of the scheme \(did you mean "justice"\?\)'):
        import_gold(format, out, scheme=SCHEME, asked=("justise",))


def test_html_in_a_text_is_told_and_kept(tmp_path: Path) -> None:
    text = "<p>La <b>police</b> agit.</p>"
    path = jsonl(tmp_path, [{"text": text, "label": ["drugs"]}])
    rejects: list[Reject] = []
    (one,) = import_gold("doccano", path, scheme=SCHEME, on_reject=rejects.append).by[None]
    assert one.article.text == text
    assert rejects[0].reason == "the text holds HTML (<p>), which is kept: offsets count it; import plain text"


def test_an_unknown_format_and_a_missing_file_are_named() -> None:
    with pytest.raises(
        OptionError, match=r'no format "docano" \(did you mean "doccano"\?\); the formats: label-studio, '
    ):
        import_gold("docano", "x.jsonl")  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"x.jsonl: no such file or folder"):
        import_gold("doccano", "x.jsonl")


def test_by_default_the_first_bad_thing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r'a.jsonl:1: not a line of doccano: it has no "text"'):
        import_gold("doccano", jsonl(tmp_path, [{"words": "Oui."}]))


@pytest.mark.parametrize("format", FORMATS)
def test_no_articles_make_a_file_that_is_read_back_as_none(format: Format, tmp_path: Path) -> None:
    assert back(format, [], tmp_path) == []


DATA = Path(os.environ.get("CLAIMTAG_DATA", Path(__file__).parent.parent.parent / "shared" / "data"))
LOST_ON_DEV: Mapping[str, dict[str, int]] = {"argilla": {"speaker of a claim": 6}, "csv": {"claim": 137}}


@pytest.mark.skipif(not (DATA / "dev.jsonl").exists(), reason="the shared data are not on this machine")
@pytest.mark.parametrize("format", FORMATS)
def test_shared_dev_comes_back_but_for_what_the_docs_say(format: Format, tmp_path: Path) -> None:
    gold = list(read_gold(DATA / "dev.jsonl"))
    exported = export_gold(format, gold, tmp_path / OUTS[format])
    assert exported.lost == LOST_ON_DEV.get(format, {})
    if not exported.lost:
        assert import_gold(format, exported.files[0]).by == {"annotator-a": gold}


def jsonl(folder: Path, records: list[dict[str, object]]) -> Path:
    path = folder / "a.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path
