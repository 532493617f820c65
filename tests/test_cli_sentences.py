"""`claimtag tag --sentences` and `--scheme`: single sentences, and labels that the model never learned."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from command import run

import claimtag

QUOTED = "« Nous fermerons le port », a déclaré le ministre Paul Vidal. La police a saisi du cannabis."
NEW = """
[[themes]]
id = "fishing"
group = "public"
name = { fr = "Pêche" }
definition = "Fishing at sea: fleets, quotas, catches."
positive = ["Les chalutiers ne peuvent plus jeter leurs filets."]
keywords = { fr = ["pêche*", "chalutier*"] }
"""


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(
            [["id", "text"], ["1", f"  {QUOTED}\n"], ["2", ""], ["3", "Le chalutier rentre au port de pêche."]]
        )
    return path


@pytest.fixture(scope="module")
def bundle(small_gold: list[claimtag.TaggedArticle], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "small"
    claimtag.train(small_gold, name="small", folds=2).tagger.save(folder)
    return folder


@pytest.fixture
def scheme(tmp_path: Path) -> Path:
    shipped = Path(claimtag.scheme.labels_folder()) / "security-cooperation" / "1.0.0.toml"
    text = shipped.read_text(encoding="utf-8").replace('version = "1.0.0"', 'version = "1.1.0"', 1)
    path = tmp_path / "mine.toml"
    path.write_text(text.replace("\n[claims]", f"{NEW}\n[claims]", 1), encoding="utf-8")
    return path


def test_a_row_is_one_sentence_whatever_stands_in_it_and_carries_no_claims(
    capsys: pytest.CaptureFixture[str], rows: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    code, _, stderr = run(capsys, "tag", rows, "--sentences", "--model", "fast", "--out", out)
    assert code == 1
    assert "1 record rejected" in stderr
    first, last = (json.loads(line) for line in out.read_text(encoding="utf-8").splitlines())
    assert [(one["start"], one["text"]) for one in first["sentences"]] == [(2, QUOTED)]
    assert first["text"] == f"  {QUOTED}\n"
    assert first["claims"] == []
    assert "drugs" in [theme["label"] for theme in first["sentences"][0]["themes"]]
    assert len(last["sentences"]) == 1


def test_the_spreadsheet_has_a_row_for_each(capsys: pytest.CaptureFixture[str], rows: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    run(capsys, "tag", rows, "--sentences", "--model", "fast", "--out", out)
    with out.open(encoding="utf-8-sig", newline="") as stream:
        assert [row["text"] for row in csv.DictReader(stream)] == [QUOTED, "Le chalutier rentre au port de pêche."]


def test_a_sentence_tagged_alone_equals_the_article_that_it_is(tmp_path: Path) -> None:
    tagger = claimtag.load_tagger("fast")
    article = claimtag.Article("a", "La police a saisi du cannabis.", lang="fr")
    (alone,) = tagger.tag_sentences(claimtag.tagging.as_sentences([article]), claims=False)
    (whole,) = tagger.tag([article])
    assert alone == whole


def test_a_scheme_with_a_new_label_gives_it_scores_and_says_so(
    capsys: pytest.CaptureFixture[str], rows: Path, bundle: Path, scheme: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    _, _, stderr = run(capsys, "tag", rows, "--model", bundle, "--scheme", scheme, "--out", out)
    assert f"no data to learn fishing from: scored by their texts in {scheme}; do not rely on them" in stderr
    records = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert "fishing" in [theme["label"] for theme in records[1]["sentences"][0]["themes"]]
    assert records[1]["scheme"]["version"] == "1.1.0"
    assert any("theme fishing: no data" in note for note in records[0]["notes"])
    _, stdout, _ = run(
        capsys, "explain", rows, "--model", bundle, "--scheme", scheme, "--theme", "fishing", "--article", "3"
    )
    assert "its keywords" in stdout


def test_rules_that_changed_since_training_are_named(
    capsys: pytest.CaptureFixture[str], rows: Path, bundle: Path, scheme: Path
) -> None:
    text = scheme.read_text(encoding="utf-8")
    scheme.write_text(text.replace('"threat levels",', '"levels of threat",', 1), encoding="utf-8")
    _, _, stderr = run(capsys, "tag", rows, "--model", bundle, "--scheme", scheme)
    assert f"learned under other rules than those of {scheme}: counterterrorism" in stderr


def test_a_scheme_without_a_label_of_the_model_is_refused(
    capsys: pytest.CaptureFixture[str], rows: Path, bundle: Path, scheme: Path
) -> None:
    text = scheme.read_text(encoding="utf-8").replace('"drugs"', '"narcotics"')
    scheme.write_text(text, encoding="utf-8")
    code, _, stderr = run(capsys, "tag", rows, "--model", bundle, "--scheme", scheme)
    assert code == 1
    assert 'whose labels security-cooperation 1.1.0 lacks: "drugs"; keep them in the scheme' in stderr
