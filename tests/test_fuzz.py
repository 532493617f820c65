"""Hostile input breaks no law: the short form of `make fuzz`, with the same cases every time; and what it found before."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import strings

import claimtag
from benchmarks import fuzz, laws
from benchmarks.mutating import LARGEST, mutated, mutated_json
from claimtag.errors import InputError, SchemeError
from claimtag.experiments import load_experiment
from claimtag.records import Article
from claimtag.scheme import load_scheme

# about a second each on a busy machine; `make fuzz` goes on from any number
CASES = {
    "bundle": 8,
    "tag": 25,
    "html": 25,
    "scheme": 20,
    "gold": 30,
    "experiment": 30,
    "parquet": 40,
    "compressed": 40,
}


@pytest.mark.parametrize("target", laws.TARGETS)
def test_no_case_breaks_a_law(target: str, tmp_path: Path) -> None:
    if target == "html":
        pytest.importorskip("trafilatura", reason="the extra html is not installed")
    for case in range(CASES.get(target, 60)):
        folder = tmp_path / str(case)
        folder.mkdir()
        try:
            fuzz.run_case(target, case, folder)
        except Exception as error:
            raise AssertionError(f"python -m benchmarks.fuzz --only {target} --case {case}") from error


@given(
    st.lists(strings(max_size=60), min_size=1, max_size=8).map("".join).filter(str.strip), st.sampled_from([None, "fr"])
)
@settings(max_examples=60)
def test_whatever_the_text_it_is_tagged_whole_and_its_spans_are_slices(text: str, lang: str | None) -> None:
    tagged = next(laws.tagger().tag([Article("a", text, lang=lang)]))
    laws.check_tagged(tagged)
    covered = "".join(sentence.text for sentence in tagged.sentences)
    assert sum(map(str.isalnum, covered)) == sum(map(str.isalnum, text))


@pytest.mark.parametrize(
    "unit",
    ["a", " ", "«", "»", "\"", "'", ".", "M. ", "(", ",", "-", "\n", "\n\n", "1 ", "A. ", "…", "Selon ", "« a » ", " que",
     "a déclaré ", "dit-il, ", "« Oui », a dit Anna Roux. ", "http://", "é", "e\u0301", "\u200b", "😀", "@", "| ", "a-", "l'"],
)  # fmt: skip
def test_64_kb_of_anything_repeated_are_tagged_in_time(unit: str) -> None:
    text = "x" + unit * (LARGEST // len(unit.encode()))
    with laws.soon():
        tagged = next(laws.tagger().tag([Article("a", text, lang="fr")]))
    laws.check_tagged(tagged)


@pytest.mark.parametrize(
    "unit", ["Selon la police, il fuit. ", "« Oui », a dit Anna Roux. ", "Le rapport indique tout. "]
)
def test_four_times_as_many_claims_take_about_four_times_as_long(unit: str) -> None:
    def took(times: int) -> float:
        article = Article("a", unit * times, lang="fr")
        began = time.process_time()
        next(laws.tagger().tag([article]))
        return time.process_time() - began

    took(10)
    ratios = [took(1600) / took(400) for _ in range(3)]
    assert min(ratios) < 7, ratios  # sixteen where every claim reads the article again, as those of "la police" did


# the fuzz itself


def test_the_same_case_is_the_same_input() -> None:
    content = laws.lines()[0]
    assert mutated(content, Random("jsonl 7"), laws.lines()) == mutated(content, Random("jsonl 7"), laws.lines())
    value = json.loads(content)
    assert repr(mutated_json(value, Random(3))) == repr(mutated_json(value, Random(3)))
    assert value == json.loads(content)


def test_mutations_change_most_inputs_and_stay_small() -> None:
    content = laws.lines()[0]
    made = [mutated(content, Random(case), laws.lines()) for case in range(200)]
    assert len(set(made)) > 150
    assert max(map(len, made)) <= LARGEST


def test_a_law_that_is_broken_is_told_with_the_command_that_repeats_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def always(chance: Random, folder: Path) -> None:
        laws.law(chance.random() < 0, "it never holds")

    monkeypatch.setattr(laws, "TARGETS", {"always": always})
    with pytest.raises(laws.BrokenLawError, match="it never holds"):
        fuzz.main(["--only", "always", "--case", "3"])
    fuzz._tell("always", 3, "BrokenLawError: it never holds")
    assert re.fullmatch(
        r"BrokenLawError: it never holds\n    python\S* -m benchmarks\.fuzz --only always --case 3\n",
        capsys.readouterr().out,
    )


def test_the_laws_tell_a_reader_that_loses_a_record(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    read = laws.read_articles
    monkeypatch.setattr(laws, "read_articles", lambda *inputs, **options: list(read(*inputs, **options))[:-1])
    with pytest.raises(laws.BrokenLawError, match="counts differ from what was given"):
        fuzz.run_case("jsonl", 0, tmp_path)


# what it found before


def test_gold_with_half_a_surrogate_pair_anywhere_is_told_and_not_left_for_the_writer(tmp_path: Path) -> None:
    record = json.loads(laws.lines()[0]) | {"title": "Un \ud800 titre"}
    (tmp_path / "a.jsonl").write_text(json.dumps(record))
    with pytest.raises(
        InputError, match=r"a\.jsonl:1: half a surrogate pair, which no encoding can hold, after '.*Un "
    ):
        list(claimtag.read_gold(tmp_path / "a.jsonl"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a = " + "[" * 5000, "not valid TOML: lists in lists in lists, too deep to read"),
        (".".join(["a"] * 500) + " = 1", "tables in tables, more than 20 deep"),
        ("a = " + "1" * 5000, "not valid TOML: Exceeds the limit"),
    ],
)
def test_toml_that_nests_without_end_or_holds_an_endless_number_is_refused(
    tmp_path: Path, content: str, message: str
) -> None:
    (tmp_path / "a.toml").write_text(content)
    with pytest.raises(SchemeError, match=rf"a\.toml: {message}"):
        load_scheme(tmp_path / "a.toml")
    with pytest.raises(InputError, match=rf"a\.toml: {message}"):
        load_experiment(tmp_path / "a.toml")


def test_an_endless_toml_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "a.toml").open("wb") as file:
        file.truncate(10_000_001)
    for load, kind in ((load_scheme, SchemeError), (load_experiment, InputError)):
        with pytest.raises(kind, match=r"a\.toml: has more than 10,000,000 bytes, too many for a file written by hand"):
            load(tmp_path / "a.toml")
