"""`claimtag tag … --out DIR` as a person or a script meets it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import command
import pytest
from batches import StubTagger, rejects_of, stub_environment, tag_command, write_news

import claimtag.engines.ray
from claimtag.batch import Batch, tag_shard

FINISHED = {"state": "finished", "records": 3, "of": 3, "rejects": 1, "shards": 1, "shards_of": 1}  # of `news`


@pytest.fixture(autouse=True)
def stub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The workers of these batches have the stub for a tagger."""
    for name, value in stub_environment(tmp_path / "stub").items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def news(tmp_path: Path) -> Path:
    return write_news(tmp_path / "news.jsonl", ["a", "", "b"])


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Exit code, standard output, standard error of `claimtag tag`."""
    return command.run(capsys, "tag", *arguments, "--model", "fast")


@pytest.mark.parametrize("way", ["a slash", "a folder that is there", "an option"])
def test_a_folder_is_recognised(capsys: pytest.CaptureFixture[str], tmp_path: Path, news: Path, way: str) -> None:
    out = tmp_path / "out"
    if way == "a folder that is there":
        out.mkdir()
    named = f"{out}/" if way == "a slash" else str(out)
    options = ["--workers", "1"] if way == "an option" else []
    code, stdout, stderr = run(capsys, news, "--out", named, *options)
    assert (code, stdout) == (1, "")
    assert (out / "part-00000.parquet").read_bytes()[:4] == b"PAR1"
    assert f"2 articles tagged in 1 shard → {named}" in stderr
    assert f"1 record rejected; all of them with their reasons: {out / 'rejects.jsonl'}" in stderr
    assert "2 articles, 2 sentences, 0 pieces of boilerplate set aside" in stderr
    assert [one["reason"] for one in rejects_of(out)] == ['"text" is empty']


def test_progress_as_json_ends_with_the_last_state(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, news: Path
) -> None:
    _, stdout, _ = run(capsys, news, "--out", tmp_path / "out", "--progress", "json", "--quiet")
    last = json.loads(stdout.splitlines()[-1])
    assert last.items() >= FINISHED.items()


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, news: Path
) -> None:
    (tmp_path / "in").mkdir()
    news = news.rename(tmp_path / "in" / "news.jsonl")
    (tmp_path / "in" / ".hidden").write_text("")
    code, stdout, _ = run(capsys, tmp_path / "in", "--out", tmp_path / "out", "--dry-run", "--shard-size", 2)
    assert code == 0
    assert stdout.splitlines() == [
        "1 file, 0.0 MB: 3 records",
        "1 hidden file in the folders left out",
        f"2 shards of up to 2 records as parquet in {tmp_path / 'out'}; model fast",
    ]
    assert not (tmp_path / "out").exists()
    assert run(capsys, news, "--out", tmp_path / "out", "--shard-size", 2)[0] == 1
    assert (
        "in " + str(tmp_path / "out") + ", 2 of them finished; model fast"
        in run(capsys, news, "--out", tmp_path / "out", "--shard-size", 2, "--dry-run")[1]
    )
    code, _, stderr = run(capsys, news, "--out", tmp_path / "out", "--shard-size", 3, "--dry-run")
    assert code == 1
    assert "begun: shard size was 2, is now 3" in stderr
    assert "this command would be refused; with --restart it would begin anew:" in stderr


def test_near_duplicates_are_marked_on_demand(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    news = write_news(tmp_path / "news.jsonl", ["Un deux trois quatre.", "Autre chose ici.", "un deux trois quatre"])
    code, _, stderr = run(capsys, news, "--out", tmp_path / "out", "--near-duplicates", "--quiet")
    assert code == 0
    assert "1 article with most of the wording of an earlier one; the clusters: " in stderr
    lines = (tmp_path / "out" / "near-duplicates.jsonl").read_text().splitlines()
    assert [json.loads(line)["cluster"] for line in lines] == ["n0", "n1", "n0"]


def test_hidden_files_are_mentioned(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    write_news(tmp_path / "in" / "news.jsonl", ["a"])
    (tmp_path / "in" / ".DS_Store").write_text("")
    assert "1 hidden file or folder not looked at" in run(capsys, tmp_path / "in", "--out", f"{tmp_path}/out/")[2]


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (["--workers", "2"], "--workers needs a folder to write to; give --out DIR"),
        (["--dry-run"], "--dry-run needs a folder to write to; give --out DIR"),
        (
            ["--out", "out/", "--format", "csv"],
            "shards are written as parquet or jsonl, not csv; for one file give --out FILE",
        ),
        (["--out", "out/", "--near-index", "x"], "--near-index is for --near-duplicates; give that too"),
        (["--out", "out/", "--shard-size", "0"], "a shard must hold at least 1 record, not 0"),
        (
            ["--out", "out/", "--workers", "0"],
            "a batch needs at least 1 worker, and more than 0 seconds for an article",
        ),
    ],
)
def test_options_that_make_no_sense_are_told(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    news: Path,
    options: list[str],
    what: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, stderr = run(capsys, news, *options)
    assert (code, stderr) == (2, f"claimtag tag: {what}\n")
    assert not (tmp_path / "out").exists()


def test_the_real_model_gives_what_it_gives_into_a_file(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("PYTHONPATH")
    texts = ["La police a saisi deux tonnes de cannabis au port d'Anvers.", "Selon Rabat, le plan sera suivi."]
    news = write_news(tmp_path / "news.jsonl", texts)
    assert run(capsys, news, "--out", tmp_path / "one.jsonl")[0] == 0
    assert run(capsys, news, "--out", f"{tmp_path}/many/", "--format", "jsonl", "--shard-size", 1)[0] == 0
    many = [(tmp_path / "many" / f"part-0000{number}.jsonl").read_bytes() for number in range(2)]
    assert b"".join(many) == (tmp_path / "one.jsonl").read_bytes()


def test_the_engine_gets_what_the_options_say(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {}

    def on_ray(**options: object) -> Callable[..., None]:
        given.update(options)

        def engine(batch: Batch, progress: object, tell: object) -> None:
            for shard in batch.shards():
                batch.commit(tag_shard(StubTagger(), shard, batch.job, batch.drafts))

        return engine

    monkeypatch.setattr(claimtag.engines.ray, "on_ray", on_ray)
    options = ("--engine", "ray", "--address", "10.0.0.1:6379", "--workers", 3, "--gpus", 0.5, "--article-timeout", 9)
    _, _, stderr = run(capsys, news, "--out", tmp_path / "out", *options)
    assert given == {"address": "10.0.0.1:6379", "workers": 3, "gpus": 0.5, "article_timeout": 9}
    assert "2 articles tagged in 1 shard" in stderr


@pytest.mark.parametrize("options", [("--address", "auto"), ("--gpus", 1)])
def test_options_of_a_cluster_without_one_are_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, news: Path, options: tuple[object, ...]
) -> None:
    code, _, stderr = run(capsys, news, "--out", tmp_path / "out", *options)
    assert code == 2
    assert "--address and --gpus are for a cluster; give --engine ray too" in stderr


def test_a_batch_outlives_who_reads_its_progress(tmp_path: Path) -> None:
    news = write_news(tmp_path / "news.jsonl", [f"text {number}" for number in range(40)])
    command = tag_command(news, "--out", tmp_path / "out", "--shard-size", 4, "--workers", 1, "--progress", "json")
    environment = {**os.environ, "STUB_PAUSE": "0.03"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        stderr = process.stderr.read()
    assert process.returncode == 0, stderr
    assert "40 articles tagged in 10 shards" in stderr
    assert "roken" not in stderr


def test_a_finished_batch_says_so_as_json_when_it_is_begun_again(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, news: Path
) -> None:
    for _ in range(2):
        _, stdout, _ = run(capsys, news, "--out", tmp_path / "out", "--progress", "json", "--quiet")
        last = json.loads(stdout.splitlines()[-1])
        assert last.items() >= FINISHED.items()


def test_a_shard_that_goes_while_the_batch_runs_is_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def engine(batch: Batch, progress: object, tell: object) -> None:
        for shard in batch.shards():
            batch.commit(tag_shard(StubTagger(), shard, batch.job, batch.drafts))
        (tmp_path / "out" / "part-00000.parquet").unlink()

    monkeypatch.setattr(claimtag.engines.ray, "on_ray", lambda **options: engine)
    options = ("--engine", "ray", "--shard-size", 2, "--quiet")
    code, _, stderr = run(capsys, news, "--out", tmp_path / "out", *options)
    assert code == 1
    assert f"1 shard of 2 went from {tmp_path / 'out'} meanwhile; the same command makes them anew" in stderr
    assert run(capsys, news, "--out", tmp_path / "out", "--shard-size", 2, "--quiet")[0] == 1  # for the rejected one
    assert len(list((tmp_path / "out").glob("part-*"))) == 2
