"""`claimtag train` on anybody's tables: what it understood, chose and warns of, and that the tagger works."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from command import run

import claimtag

WORDS = {
    "Sport": ("équipe", "joueur", "stade", "match", "finale", "ballon"),
    "Économie": ("banque", "inflation", "bourse", "taux", "dette", "emploi"),
    "Culture": ("film", "musée", "roman", "concert", "théâtre", "acteur"),
}


def sentence(label: str, number: int) -> str:
    one, two, three = random.Random(number).sample(WORDS[label], 3)
    return f"Le {one} et la {two} sont dans le {three} numéro {number}."


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def single(tmp_path: Path) -> Path:
    """Thirty sentences, each of one class."""
    rows = [{"phrase": sentence(label, n), "classe": label} for n in range(10) for label in WORDS]
    return write(tmp_path / "classes.csv", rows)


def test_a_single_label_table_of_thirty_sentences(
    capsys: pytest.CaptureFixture[str], single: Path, tmp_path: Path
) -> None:
    out = tmp_path / "mine"
    code, stdout, stderr = run(capsys, "train", single, "--out", out)
    assert code == 0
    assert 'text in "phrase", labels in "classe"; every sentence an article of its own' in stdout
    assert "the task is single-label" in stdout
    assert "macro-F1 1.000 over 3 labels, 100.0% of the sentences all right" in stdout
    assert f"30 sentences learned; the bundle and its card lie in {out}" in stderr
    tagger = claimtag.load_tagger(out)
    assert tagger.bundle.deciding.task == "single-label"
    tagged = tagger.tag_text("Le joueur entre au stade. La banque relève son taux. Rien de connu par ici.")
    assert [sentence.labels for sentence in tagged.sentences][:2] == [("sport",), ("economie",)]
    assert all(len(sentence.labels) == 1 for sentence in tagged.sentences)
    card = (out / "README.md").read_text()
    assert "Task: single-label. A sentence gets one label, the likeliest." in card
    assert "- no scheme given: made classes 0.0.0 from the labels found" in card
    assert "| `sport` | C | likeliest |" in card


def test_a_binary_table(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rows = [
        {"tweet": sentence(label, n), "sportif": "oui" if label == "Sport" else "non"}
        for n in range(10)
        for label in WORDS
    ]
    out = tmp_path / "mine"
    code, stdout, _ = run(capsys, "train", write(tmp_path / "tweets.csv", rows), "--out", out)
    assert code == 0
    assert "30 sentences, 10 yes and 20 no" in stdout
    tagger = claimtag.load_tagger(out)
    assert tagger.scheme.labels == ("sportif",)
    tagged = tagger.tag_text("Le joueur entre au stade pour le match. La banque relève son taux.")
    assert [sentence.labels for sentence in tagged.sentences] == [("sportif",), ()]
    assert "Task: binary. A sentence gets its one label or not." in (out / "README.md").read_text()


def test_a_multi_label_table_with_articles_and_a_test(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    def rows(begin: int) -> list[dict[str, Any]]:
        return [
            {
                "text": " ".join(sentence(label, n) for label in labels) or f"Rien de tel ici {n}.",
                "labels": ";".join(labels),
                "article": n // 5,
            }
            for n, labels in enumerate([["Sport"], ["Sport", "Culture"], ["Économie"], []] * 10, start=begin)
        ]

    out = tmp_path / "mine"
    learned, unseen = write(tmp_path / "news.csv", rows(0)), write(tmp_path / "test.csv", rows(500)[:20])
    code, stdout, _ = run(capsys, "train", learned, "--test", unseen, "--out", out)
    assert code == 0
    assert 'labels in "labels" joined by ";"; articles by "article"; the task is multi-label' in stdout
    assert "40 sentences of 8 articles, 3 labels, 10 sentences without a label" in stdout
    assert "test, on its sentences" in stdout
    card = (out / "README.md").read_text()
    assert "Test: 20 sentences that took no part in training or tuning." in card
    assert claimtag.load_tagger(out).bundle.deciding.task == "multi-label"


def test_a_test_of_which_nothing_is_left_is_told(
    capsys: pytest.CaptureFixture[str], single: Path, tmp_path: Path
) -> None:
    code, stdout, stderr = run(capsys, "train", single, "--test", single, "--folds", "2", "--out", tmp_path / "mine")
    assert code == 0
    assert "warning: 30 of 30 sentences of the test stand in the training data too and were left out\n" in stderr
    assert "warning: nothing was tested: no sentence of --test was left to score\n" in stderr
    assert "\ntest, on its sentences" not in stdout


def test_annotated_articles_to_test_on_that_are_all_rejected_are_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, examples: Path
) -> None:
    gold, bad = tmp_path / "gold.jsonl", tmp_path / "bad.jsonl"
    gold.write_text("".join((examples / "train.jsonl").read_text().splitlines(keepends=True)[:6]))
    bad.write_text('{"sentences": []}\n')
    given = ("--model", "majority", "--folds", "2", "--out", tmp_path / "mine")
    code, _, stderr = run(capsys, "train", gold, "--test", bad, *given)
    assert code == 1
    assert "warning: nothing was tested: no sentence of --test was left to score\n" in stderr


def test_a_slip_in_a_column_of_yes_and_no_costs_its_row_and_not_the_column(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    rows = [
        {"text": sentence(label, n)} | {name.lower(): "yes" if name == label else "no" for name in WORDS}
        for n in range(10)
        for label in WORDS
    ]
    rows[4]["sport"] = "yess"
    path, out = write(tmp_path / "news.csv", rows), tmp_path / "mine"
    code, stdout, stderr = run(capsys, "train", path, "--model", "majority", "--folds", "2", "--out", out)
    assert code == 1
    assert f"rejected: {path}:6: \"sport\" is 'yess', neither yes nor no\n" in stderr
    assert 'in "sport", 1 cell is neither yes nor no ("yess"): its row is left out\n29 sentences, 3 labels' in stdout
    assert "labels are told hardly better than by chance, if at all: " in stderr
    assert claimtag.load_tagger(out).scheme.labels == ("culture", "sport", "economie")


@pytest.mark.parametrize("verb", [("train", "--out", "mine"), ("evaluate", "--model", "fast")])
def test_a_spreadsheet_and_a_text_file_are_refused_with_what_to_do(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, verb: tuple[str, ...]
) -> None:
    for name, advice in (("a.xlsx", "save it as CSV (UTF-8)"), ("a.txt", "give it a name that ends in .csv or .tsv")):
        (tmp_path / name).write_text("phrase,classe\nLe port ferme.,mer\n")
        code, _, stderr = run(capsys, verb[0], tmp_path / name, *verb[1:])
        assert code == 2
        assert stderr.startswith(f"claimtag {verb[0]}: {tmp_path / name}: ")
        assert advice in stderr


def test_a_compressed_table_gives_the_scheme_its_bare_name(
    capsys: pytest.CaptureFixture[str], single: Path, tmp_path: Path
) -> None:
    packed = tmp_path / "classes.CSV.gz"
    packed.write_bytes(gzip.compress(single.read_bytes()))
    run(capsys, "train", packed, "--folds", "2", "--out", tmp_path / "mine")
    assert claimtag.load_tagger(tmp_path / "mine").scheme.name == "classes"


def test_with_a_budget_it_says_what_it_chose_and_why(
    capsys: pytest.CaptureFixture[str], single: Path, tmp_path: Path
) -> None:
    code, stdout, stderr = run(capsys, "train", single, "--budget", "0s", "--folds", "2", "--out", tmp_path / "mine")
    assert code == 0
    assert stderr.startswith("choosing for 0 seconds; training with what is chosen comes after that\n")
    assert re.search(
        r"after choosing, training with it takes about (\d+ seconds|a second) more, thresholds included\n", stdout
    )
    assert re.search(r"^\d+ seconds in all, with reading, choosing and training$", stdout, re.MULTILINE)
    assert re.search(r"1 candidate measured out of fold in \d+ of 0 seconds, then the budget was used", stdout)
    assert "chosen: linear, min_df 1, context False, the only one that there was time for" in stdout
    assert "- chosen: linear, min_df 1, context False, the only one" in (tmp_path / "mine" / "README.md").read_text()


def test_explaining_a_single_label_model_says_whether_the_label_is_said_or_which_is_likelier(
    capsys: pytest.CaptureFixture[str], single: Path, tmp_path: Path
) -> None:
    run(capsys, "train", single, "--folds", "2", "--out", tmp_path / "mine")
    article = tmp_path / "a.txt"
    article.write_text("La banque relève son taux.")
    explain = ("explain", article, "--model", tmp_path / "mine", "--words", "0", "--theme")
    code, stdout, _ = run(capsys, *explain, "sport")
    assert code == 0
    assert re.fullmatch(r"0\.\d\d \(not said: economie is likelier\)  La banque relève son taux\.\n", stdout)
    assert re.match(r"0\.\d\d \(said\)  La banque", run(capsys, *explain, "economie")[1])


def test_explaining_a_single_label_model_says_below_what_score_no_label_is_said(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    rows = [{"text": sentence(label, n), "label": label} for n in range(10) for label in WORDS]
    rows += [{"text": f"Il pleut {n} jours sur la vallée et le village.", "label": ""} for n in range(10)]
    path = write(tmp_path / "some.csv", rows)
    out = tmp_path / "mine"
    assert run(capsys, "train", path, "--task", "single-label", "--folds", "2", "--out", out)[0] == 0
    limit = dict(zip(*deciding_of(out), strict=True))["sport"]
    article = tmp_path / "a.txt"
    article.write_text("Il pleut 99 jours sur la vallée.")
    _, stdout, _ = run(capsys, "explain", article, "--model", out, "--words", "0", "--theme", "sport")
    assert re.match(rf"0\.\d\d \(not said below {limit:.2f}\)  Il pleut", stdout)


def deciding_of(folder: Path) -> tuple[tuple[str, ...], tuple[float | None, ...]]:
    deciding = claimtag.load_tagger(folder).bundle.deciding
    return deciding.labels, deciding.thresholds


def test_bad_rows_cost_only_themselves_and_warnings_are_told(
    capsys: pytest.CaptureFixture[str], single: Path, tmp_path: Path
) -> None:
    with single.open("a", encoding="utf-8") as stream:
        stream.write(f'"",Sport\n"{sentence("Sport", 0)}",Culture\nUn cheval galope.,Hippisme\n')
    code, stdout, stderr = run(capsys, "train", single, "--out", tmp_path / "mine")
    assert code == 1
    assert f'rejected: {single}:32: "phrase" is empty' in stderr
    assert "32 sentences, 4 labels" in stdout
    assert "warning: 1 text stands there with different labels; look at it:" in stderr
    assert f"culture at {single}:33" in stderr
    assert 'warning: "hippisme" has only 1 sentence in the gold: do not rely on it' in stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--budget", "soon"], "claimtag train: 'soon' is no time; write 30s, 5m or 1h"),
        (["--option", "C"], 'claimtag train: --option takes NAME=VALUE, such as C=3, not "C"'),
        (["--option", "C=3", "--option", "C=4"], 'claimtag train: --option C is given twice, "3" and "4"; give one'),
        (["--option", "letter=3"], 'claimtag train: models of kind "linear" have no option "letter" (did you mean "letters"?); they have C, min_df, letters, class_weight, context, context_weight, nearby_weight, vectors, vectors_weight, keywords'),
        (["--label-field", "clase"], 'claimtag train: classes.csv: no column "clase" (did you mean "classe"?); columns here are "phrase", "classe"'),
        (["--scheme", "security-cooperation"], 'claimtag train: {single}:2: "Sport" is not a theme of security-cooperation 1.0.0; without --scheme one is made from the labels found'),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(
    capsys: pytest.CaptureFixture[str], single: Path, tmp_path: Path, options: list[str], message: str
) -> None:
    code, _, stderr = run(capsys, "train", single, *options, "--out", tmp_path / "mine")
    assert code in (1, 2)
    assert stderr.strip() == message.format(single=single)
    assert not (tmp_path / "mine").exists()


def test_options_of_the_model_kind_are_given_by_name(
    capsys: pytest.CaptureFixture[str], single: Path, tmp_path: Path
) -> None:
    given = ("--option", "C=3", "--option", "letters=5", "--option", "class_weight=null")
    code, _, _ = run(capsys, "train", single, *given, "--folds", "2", "--out", tmp_path / "mine")
    assert code == 0
    model = claimtag.load_tagger(tmp_path / "mine").bundle.model
    assert (model.C, model.letters, model.class_weight, model.min_df) == (3, 5, None, 1)  # type: ignore[attr-defined]


def test_tables_and_annotated_articles_do_not_mix(
    capsys: pytest.CaptureFixture[str], single: Path, tmp_path: Path, examples: Path
) -> None:
    gold = examples / "train.jsonl"
    code, _, stderr = run(capsys, "train", single, gold, "--out", tmp_path / "mine")
    assert code == 2
    assert stderr == f"claimtag train: {single} is a table of sentences, {gold} is not; give files of one kind\n"
    code, _, stderr = run(capsys, "train", gold, "--label-field", "x", "--out", tmp_path / "mine")
    assert code == 2
    assert (
        stderr == f"claimtag train: --label-field is for a table of sentences; {gold} is read as annotated articles\n"
    )


def test_what_a_table_calls_its_labels_is_told_kept_in_the_card_and_understood(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    names = dict(zip(WORDS, ("-1", "رياضة", "1"), strict=True))
    rows = [{"text": sentence(label, n), "sentiment": names[label]} for n in range(10) for label in WORDS]
    out, path = tmp_path / "mine", write(tmp_path / "moods.csv", rows)
    code, stdout, _ = run(capsys, "train", path, "--folds", "2", "--out", out)
    told = 'label ids: "-1" → minus_1, "1" → label_1, "رياضة" → label_3'
    assert code == 0
    assert told in stdout
    assert f"- {told}" in (out / "README.md").read_text()
    article = tmp_path / "one.txt"
    article.write_text("Le joueur entre au stade pour le match.")
    by_name, by_id = (
        run(capsys, "explain", article, "--model", out, "--theme", name)[:2] for name in ("-1", "minus_1")
    )
    assert by_name == by_id
    assert by_name[0] == 0
    assert "joueur" in by_name[1]


def test_a_table_is_evaluated_on_its_own_sentences(
    capsys: pytest.CaptureFixture[str], single: Path, tmp_path: Path
) -> None:
    out = tmp_path / "mine"
    assert run(capsys, "train", single, "--folds", "2", "--out", out)[0] == 0
    rows = [{"phrase": f"Oui. {sentence(label, n)}", "genre": label.upper()} for n in range(50, 60) for label in WORDS]
    path = write(tmp_path / "more.csv", rows)
    code, stdout, stderr = run(capsys, "evaluate", path, "--label-field", "genre", "--model", out, "--json")
    assert code == 0
    assert json.loads(stdout)["figures"]["micro_f1"]["value"] > 0.9
    assert 'text in "phrase", labels in "genre"' in stderr
    code, _, stderr = run(capsys, "evaluate", path, "--predictions", path)
    assert (code, stderr) == (2, f"claimtag evaluate: {path} is a table of sentences, scored only with --model\n")


def test_a_table_with_a_label_that_the_model_never_learned_is_told_what_to_do_with_its_rows(
    capsys: pytest.CaptureFixture[str], single: Path
) -> None:
    code, stdout, stderr = run(capsys, "evaluate", single, "--label-field", "classe", "--model", "fast")
    assert (code, stdout) == (1, "")
    assert stderr == (
        f'claimtag evaluate: {single}:2: "Sport" is not a theme of security-cooperation 1.0.0; fast@0.1.0 never learned it: '
        "take its rows out, train with them, or give another --model\n"
    )


def test_one_label_is_not_told_in_the_plural(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rows = [{"text": sentence(label, n), "sport": int(label == "Sport")} for n in range(10) for label in WORDS]
    path = write(tmp_path / "binary.csv", rows)
    _, stdout, _ = run(capsys, "train", path, "--label-field", "sport", "--folds", "2", "--out", tmp_path / "mine")
    assert " over 1 label, " in stdout
    assert " over 1 label out of fold." in (tmp_path / "mine" / "README.md").read_text()
    assert (
        " over 1 label with at least 5 gold sentences"
        in run(capsys, "evaluate", path, "--label-field", "sport", "--model", tmp_path / "mine")[1]
    )


@pytest.mark.parametrize("verb", [("train", "--out"), ("evaluate", "--model")])
def test_a_table_on_standard_input_is_refused_with_what_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, verb: tuple[str, str]
) -> None:
    piped = io.TextIOWrapper(io.BytesIO(b"text,label\nLe port ferme.,sea\n"))
    monkeypatch.setattr(sys, "stdin", piped)
    where = tmp_path / "mine" if verb[0] == "train" else "fast"
    code, _, stderr = run(capsys, verb[0], "-", verb[1], where)
    assert code == 2
    assert stderr.endswith(
        f"claimtag {verb[0]}: standard input held no annotated article as JSONL; a table of sentences is read from a file: "
        "write it to one\n"
    )


def test_the_number_of_rejected_rows_is_told_where_not_each_is(
    capsys: pytest.CaptureFixture[str], single: Path, tmp_path: Path
) -> None:
    with single.open("a", encoding="utf-8") as stream:
        stream.write('"",Sport\n' * 7)
    code, _, stderr = run(capsys, "train", single, "--folds", "2", "--out", tmp_path / "mine")
    assert code == 1
    assert stderr.count('"phrase" is empty') == 5
    assert stderr.endswith("\n7 records rejected\n")


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        ([{"text": f"Le port {n}.", "label": "sea"} for n in range(9)], [], "every sentence of the table has sea and nothing else"),
        ([{"text": f"Le port {n}.", "label": "ab"[n % 2]} for n in range(9)], ["--model", "keywords"], "mine 0.0.0 has no keywords"),
    ],
)  # fmt: skip
def test_what_would_say_the_same_of_everything_is_not_trained(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, rows: list[dict[str, Any]], options: list[str], message: str
) -> None:
    code, _, stderr = run(capsys, "train", write(tmp_path / "mine.csv", rows), *options, "--out", tmp_path / "out")
    assert code == 2
    assert message in stderr
    assert not (tmp_path / "out").exists()


def test_a_table_in_jsonl_with_lists_of_labels(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    rows = [{"text": sentence(label, n), "labels": [label]} for n in range(8) for label in WORDS]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    code, stdout, _ = run(capsys, "train", path, "--out", tmp_path / "mine")
    assert code == 0
    assert "the task is multi-label" in stdout
