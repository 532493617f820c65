"""The commands that lead data on to another version of its scheme, as the docs have them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from command import run

import claimtag
from claimtag.scheme import load_scheme

ROOT = Path(__file__).parent.parent
BY = ROOT / "docs" / "schemes" / "1.0.0-1.1.0.toml"


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's 1.1.0, made of the scheme that ships."""
    from claimtag.changing import load_migration
    from claimtag.changing.editing import later_version

    path = tmp_path_factory.mktemp("security-cooperation") / "1.1.0.toml"
    path.write_text(later_version(ROOT / "labels/security-cooperation/1.0.0.toml", "1.1.0", [load_migration(BY)]))
    return path


def test_a_schemes_file_becomes_the_next_version(
    capsys: pytest.CaptureFixture[str], later: Path, tmp_path: Path
) -> None:
    out = tmp_path / "1.1.0.toml"
    scheme = ROOT / "labels/security-cooperation/1.0.0.toml"
    code, _, stderr = run(capsys, "labels", "migrate", scheme, "--to", "1.1.0", "--by", BY, "--out", out)
    assert (code, out.read_text()) == (0, later.read_text())
    assert stderr.endswith("1.1.0 made of " + str(scheme) + "; read it through, above all what was merged or split\n")


def test_a_diff_takes_the_scheme_of_a_bundle_and_the_migrations_beside_the_other_file(
    capsys: pytest.CaptureFixture[str], later: Path, tmp_path: Path
) -> None:
    code, stdout, _ = run(capsys, "labels", "diff", "security-cooperation", "fast")
    assert (code, stdout) == (
        0,
        "security-cooperation 1.0.0 → security-cooperation 1.0.0\n  nothing differs\n",
    )
    bundle = tmp_path / "mine"
    assert run(capsys, "labels", "migrate", "fast", "--to", later, "--by", BY, "--out", bundle, "--allow-loss")[0] == 0
    files = run(capsys, "labels", "diff", "security-cooperation", later, "--by", BY)
    assert files[0] == 0
    assert run(capsys, "labels", "diff", "security-cooperation", bundle, "--by", BY) == files
    assert run(capsys, "labels", "diff", "fast", bundle, "--by", BY) == files
    beside = tmp_path / "press" / "1.1.0.toml"
    (beside.parent / "migrations").mkdir(parents=True)
    beside.write_bytes(later.read_bytes())
    (beside.parent / "migrations" / BY.name).write_bytes(BY.read_bytes())
    back = run(capsys, "labels", "diff", beside, "fast")
    assert back == run(capsys, "labels", "diff", beside, "security-cooperation", "--by", BY)
    assert "no migration tells" not in back[1]


def test_a_diff_says_what_to_give_in_place_of_a_folder_without_a_bundle(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(capsys, "labels", "diff", "security-cooperation", tmp_path) == (
        1,
        "",
        f"claimtag labels: {tmp_path}: no bundle lies in this folder; give a bundle's, or a scheme's name or .toml file\n",
    )
    (tmp_path / "scheme.json").write_text("{")
    code, _, stderr = run(capsys, "labels", "diff", "security-cooperation", tmp_path)
    assert code == 1
    assert stderr.startswith(f"claimtag labels: {tmp_path}/scheme.json: not JSON (")
    (tmp_path / "scheme.json").write_text("[]")
    code, _, stderr = run(capsys, "labels", "diff", "security-cooperation", tmp_path)
    assert code == 1
    assert f"claimtag labels: {tmp_path}/scheme.json: " in stderr


def test_a_diff_names_what_must_be_read_again(capsys: pytest.CaptureFixture[str], later: Path, examples: Path) -> None:
    gold = examples / "train.jsonl"
    code, stdout, _ = run(capsys, "labels", "diff", "security-cooperation", later, "--by", BY, "--gold", gold, "--json")
    found = json.loads(stdout)
    said = [
        sentence
        for tagged in claimtag.read_gold(gold)
        for sentence in tagged.sentences
        if sentence.kind != "boilerplate"
    ]
    judged = sum("justice" in sentence.labels for sentence in said)
    assert code == 0
    assert found["reread"] == {
        "border_control": {"new": len(said)},
        "courts": {"split": judged},
        "prisons": {"split": judged},
    }
    assert sum("courts" in one["labels"] for one in found["sentences"]) == judged
    assert found["steps"][1] == "merge radicalisation and foreign_fighters into extremism"


def test_losses_are_refused_before_anything_is_written(
    capsys: pytest.CaptureFixture[str], later: Path, examples: Path, tmp_path: Path
) -> None:
    out = tmp_path / "new" / "train.jsonl"
    order = ("labels", "migrate", examples / "train.jsonl", "--to", later, "--by", BY, "--out", out)
    code, stdout, stderr = run(capsys, *order)
    assert (code, stdout, out.parent.exists()) == (1, "", False)
    assert "this loses what no way back restores: merge radicalisation and foreign_fighters into extremism (" in stderr
    assert stderr.endswith("take it with --allow-loss, and keep the old files\n")
    code, stdout, _ = run(capsys, *order, "--allow-loss")
    assert code == 0
    assert "border_control" in stdout
    migrated = list(claimtag.read_gold(out))
    assert {tagged.scheme for tagged in migrated} == {load_scheme(later).ref}
    before = list(claimtag.read_gold(examples / "train.jsonl"))
    count = sum("policing" in sentence.labels for tagged in before for sentence in tagged.sentences)
    assert sum("law_enforcement" in sentence.labels for tagged in migrated for sentence in tagged.sentences) == count


def test_gold_goes_there_and_back_where_nothing_is_lost(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, examples: Path
) -> None:
    folder = tmp_path / "climate-environment"
    scheme = (ROOT / "labels/climate-environment/1.0.0.toml").read_text()
    (folder / "migrations").mkdir(parents=True)
    (folder / "1.0.0.toml").write_text(scheme)
    (folder / "migrations" / "1.0.0-1.1.0.toml").write_text(
        'scheme = "climate-environment"\nbefore = "1.0.0"\nafter = "1.1.0"\n'
        '[[steps]]\nkind = "rename"\nlabel = "farming"\nto = "agriculture"\n'
        '[[steps]]\nkind = "split"\nlabel = "water"\ninto = ["rivers", "groundwater"]\nrule = "reread"\n'
    )
    code, _, _ = run(
        capsys, "labels", "migrate", folder / "1.0.0.toml", "--to", "1.1.0", "--out", folder / "1.1.0.toml"
    )
    assert code == 0
    there, back = tmp_path / "there.jsonl", tmp_path / "back.parquet"
    for source, goal, out in (
        (examples / "climate.jsonl", "1.1.0.toml", there),
        (there, "1.0.0.toml", back),
    ):
        code, _, stderr = run(capsys, "labels", "migrate", source, "--to", folder / goal, "--out", out)
        assert (code, stderr) == (0, "")
    assert list(claimtag.read_gold(back)) == list(claimtag.read_gold(examples / "climate.jsonl"))


def test_an_article_with_a_label_of_no_scheme_is_rejected_and_the_rest_kept(
    capsys: pytest.CaptureFixture[str], later: Path, examples: Path, tmp_path: Path
) -> None:
    lines = (examples / "train.jsonl").read_text().splitlines()[:2]
    lines[0] = lines[0].replace('"western_sahara"', '"westernsahara"')
    gold, out = tmp_path / "gold.jsonl", tmp_path / "out.jsonl"
    gold.write_text("\n".join(lines))
    code, _, _ = run(capsys, "labels", "migrate", gold, "--to", later, "--by", BY, "--out", out, "--allow-loss")
    assert code == 1
    (reject,) = [json.loads(line) for line in Path(f"{out}.rejects.jsonl").read_text().splitlines()]
    assert (
        '"westernsahara" is not a theme of security-cooperation 1.0.0 (did you mean "western_sahara"?)'
        in reject["reason"]
    )
    assert len(list(claimtag.read_gold(out))) == 1


def test_articles_that_name_no_version_are_told_of(
    capsys: pytest.CaptureFixture[str], later: Path, examples: Path, tmp_path: Path
) -> None:
    record = json.loads((examples / "train.jsonl").read_text().splitlines()[0]) | {"scheme": None}
    gold, out = tmp_path / "gold.jsonl", tmp_path / "out.jsonl"
    gold.write_text(json.dumps(record))
    order = ("labels", "migrate", gold, "--to", later, "--by", BY, "--out", out, "--allow-loss")
    code, _, stderr = run(capsys, *order)
    assert code == 1
    assert "names no label scheme; say which version it was annotated under with --from\n" in stderr
    assert run(capsys, *order, "--from", "1.0.0")[0] == 0
    assert run(capsys, *order, "--from", "0.1.0")[0] == 1
    code, _, stderr = run(capsys, "labels", "migrate", gold, "--to", "1.1.0", "--out", out)
    assert (code, stderr.partition("? ")[0]) == (2, "claimtag labels: --to 1.1.0: of which scheme")


def test_a_version_that_is_not_there_is_told(
    capsys: pytest.CaptureFixture[str], examples: Path, tmp_path: Path
) -> None:
    code, _, stderr = run(
        capsys, "labels", "migrate", examples / "train.jsonl", "--to", "3.0.0", "--out", tmp_path / "x.jsonl"
    )
    assert code == 1
    assert 'no label scheme "security-cooperation@3.0.0" (did you mean "security-cooperation@1.0.0"?)' in stderr


def test_a_bundle_is_migrated_and_tags(
    capsys: pytest.CaptureFixture[str], later: Path, small_training: claimtag.Training, tmp_path: Path
) -> None:
    bundle, out = small_training.tagger.save(tmp_path / "old"), tmp_path / "new"
    order = ("labels", "migrate", bundle, "--to", later, "--by", BY, "--out", out)
    code, _, stderr = run(capsys, *order)
    assert (code, out.exists()) == (1, False)
    assert "radicalisation and foreign_fighters into extremism; take it with --allow-loss" in stderr
    code, stdout, _ = run(capsys, *order, "--allow-loss", "--json")
    assert (code, json.loads(stdout)["needs_training"]) == (0, ["courts", "prisons", "border_control"])
    tagged = claimtag.load_tagger(out).tag_text("La police a saisi deux tonnes de cannabis au port d'Anvers.")
    assert tagged.scheme == load_scheme(later).ref


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (("a.jsonl", "--to", "1.1.0", "--out", "a.jsonl"), "a.jsonl: cannot be written over itself"),
        (("a.jsonl", "--to", "1.1.0", "--out", "b.csv"), "b.csv: annotated articles are written as .jsonl or .parquet"),
        (("a.jsonl", "x/a.jsonl", "--to", "1.1.0", "--out", "f"), "a.jsonl: two files of that name cannot go into one"),
        (("a.jsonl", "b.jsonl", "--to", "1.1.0", "--out", "a.jsonl"), "a.jsonl: several files need a folder"),
        (("a.toml", "--to", "later", "--out", "b.toml"), "--to: 'later' is no version"),
    ],
)
def test_orders_that_make_no_sense_are_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...], why: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.jsonl").write_text("")
    code, _, stderr = run(capsys, "labels", "migrate", *more)
    assert code == 2
    assert stderr.startswith(f"claimtag labels: {why}")


def test_a_new_scheme_is_begun_checked_and_never_written_over(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(capsys, "labels", "new", "my-press")[0] == 0
    code, stdout, _ = run(capsys, "labels", "check", "my-press.toml")
    assert code == 0
    first, *warnings = stdout.splitlines()
    assert first.startswith("my-press.toml: my-press 0.1.0 is sound: 2 themes")
    assert [warning.split()[0] for warning in warnings] == ["first_theme", "second_theme"]
    code, _, stderr = run(capsys, "labels", "new", "my-press")
    assert (code, stderr) == (2, "claimtag labels: my-press.toml: is there already; give another --out, or edit it\n")
    assert run(capsys, "labels", "new", "my-press", "--out", "-")[1] == (tmp_path / "my-press.toml").read_text()


def test_a_crosswalk_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    code, stdout, _ = run(capsys, "labels", "crosswalk", "climate-environment")
    assert (code, [line.split()[0] for line in stdout.splitlines()]) == (0, ["cap", "eurovoc", "iptc"])
    code, stdout, _ = run(capsys, "labels", "crosswalk", "climate-environment", "iptc", "--json")
    assert json.loads(stdout)["links"][0] == {
        "label": "warming",
        "code": "medtop:20000418",
        "name": "climate change",
        "match": "close",
        "note": "",
    }


def test_the_worked_example_holds_on_the_shared_data(
    capsys: pytest.CaptureFixture[str], later: Path, shared_data: Path, tmp_path: Path
) -> None:
    """Counts before and after, what is to be read again, and a shipped bundle whose figures stay where they must."""
    code, stdout, _ = run(
        capsys,
        *("labels", "migrate", shared_data / "train.jsonl", shared_data / "dev.jsonl", "--to", later, "--by", BY),
        *("--out", tmp_path / "data", "--allow-loss", "--json"),
    )
    train, _ = json.loads(stdout)
    assert code == 0
    before, after = train["before"], train["after"]
    assert after["law_enforcement"] == before["policing"]
    assert max(before["radicalisation"], before["foreign_fighters"]) <= after["extremism"]
    assert after["extremism"] <= before["radicalisation"] + before["foreign_fighters"]
    assert train["reread"] == {"courts": before["justice"], "prisons": before["justice"]}
    assert {label: after[label] for label in ("drugs", "migration")} == {
        label: before[label] for label in ("drugs", "migration")
    }
    run(capsys, "labels", "migrate", "fast", "--to", later, "--by", BY, "--out", tmp_path / "fast", "--allow-loss")
    _, stdout, _ = run(capsys, "evaluate", shared_data / "dev.jsonl", "--model", "fast", "--json")
    old = json.loads(stdout)
    _, stdout, _ = run(capsys, "evaluate", tmp_path / "data/dev.jsonl", "--model", tmp_path / "fast", "--json")
    new = json.loads(stdout)
    same = [label for label in new["labels"] if label in old["labels"]]
    assert len(same) == 14
    assert [new["labels"][label] for label in same] == [old["labels"][label] for label in same]
    assert new["labels"]["law_enforcement"] == old["labels"]["policing"]
    assert new["labels"]["courts"]["support"] == 0
    assert new["claims"] == old["claims"]


def test_figures_say_under_which_content_of_which_scheme(capsys: pytest.CaptureFixture[str], examples: Path) -> None:
    gold, ref = examples / "climate.jsonl", load_scheme("climate-environment").ref
    both = (("evaluate", gold, "--predictions", gold), ("agree", gold, gold))
    for order in both:
        code, stdout, _ = run(capsys, *order, "--scheme", "climate-environment", "--json")
        assert (code, json.loads(stdout)["scheme"]) == (
            0,
            {"name": ref.name, "version": ref.version, "sha256": ref.sha256},
        )


def test_the_second_scheme_is_trained_with_the_same_command(
    capsys: pytest.CaptureFixture[str], examples: Path, tmp_path: Path
) -> None:
    gold, out = examples / "climate.jsonl", tmp_path / "climate"
    code, stdout, _ = run(capsys, "train", gold, "--scheme", "climate-environment", "--folds", "2", "--out", out)
    assert code == 0
    assert "over 8 labels" in stdout
    tagged = claimtag.load_tagger(out).tag_text("La crue a inondé les serres des maraîchers et emporté deux ponts.")
    assert tagged.scheme == load_scheme("climate-environment").ref
    assert "extreme_weather" in tagged.themes
    articles = list(claimtag.read_gold(gold))
    assert sum(sentence.kind != "boilerplate" for one in articles for sentence in one.sentences) >= 60
    counts = Counter(label for one in articles for sentence in one.sentences for label in sentence.labels)
    assert len(counts) == 8
    assert min(counts.values()) >= 10
