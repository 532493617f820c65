"""A batch of several processes: killed, interrupted, short of disk, given bad articles — every article exactly once."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from batches import bytes_of, output_of, rejects_of, run_tag, stub_environment, tag_command, write_news

from claimtag.batch import Job, Progress, tag_batch
from claimtag.errors import InputError, OptionError

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals and file locks of POSIX")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return stub_environment(tmp_path / "stub")


@pytest.fixture
def patched(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """This process's batches have the stub for a tagger."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


def job_of(*inputs: Path, **options: Any) -> Job:
    return Job(tuple(map(str, inputs)), **{"model": "fast", "format": "jsonl", "shard_size": 4, **options})


def children_of(process: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def wait_until(true: Any, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.01)


def is_alive(process: int) -> bool:
    """Whether a process runs: one that has ended may still be listed until its parent asks."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.mark.usefixtures("patched")
def test_the_output_does_not_depend_on_the_number_of_workers(tmp_path: Path) -> None:
    texts = [f"texte {number}" if number % 5 else "RAISES" for number in range(30)]
    news = write_news(tmp_path / "news.jsonl", texts)
    for workers in (1, 3):
        report = tag_batch(job_of(news), tmp_path / f"out{workers}", workers=workers)
        assert (report.articles, report.rejects, report.shards, report.finished) == (24, 6, 8, True)
    assert bytes_of(tmp_path / "out1") == bytes_of(tmp_path / "out3")
    assert [one["id"] for one in output_of(tmp_path / "out3")] == [f"n{n}" for n in range(30) if n % 5]


@pytest.mark.usefixtures("patched")
def test_an_article_that_kills_or_hangs_is_rejected_and_the_batch_goes_on(tmp_path: Path) -> None:
    texts = ["a", "KILLS", "b", "c", "d", "HANGS", "PRINTS", "RAISES", "e"]
    news = write_news(tmp_path / "news.jsonl", texts)
    report = tag_batch(job_of(news), tmp_path / "out", workers=2, article_timeout=1.0)
    assert report.finished
    assert [one["id"] for one in output_of(tmp_path / "out")] == ["n0", "n2", "n3", "n4", "n6", "n8"]
    assert [(one["id"], one["reason"]) for one in rejects_of(tmp_path / "out")] == [
        ("n1", "ended the process that tagged it by signal 9, 2 times"),
        ("n5", "took longer than the 1 s of --article-timeout"),
        ("n7", "could not be tagged: ValueError: a text that raises"),
    ]


@pytest.mark.usefixtures("patched")
def test_copies_wait_for_their_original_and_are_never_tagged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUB_PAUSE", "0.05")
    texts = [f"texte {number % 6}" for number in range(24)]
    news = write_news(tmp_path / "news.jsonl", texts)
    assert tag_batch(job_of(news, shard_size=3), tmp_path / "out", workers=2).finished
    assert [one["text"] for one in output_of(tmp_path / "out")] == texts
    assert sorted((tmp_path / "stub" / "log").read_text().splitlines()) == sorted(texts[:6])


@pytest.mark.usefixtures("patched")
def test_a_finished_batch_is_not_done_again(tmp_path: Path) -> None:
    news = write_news(tmp_path / "news.jsonl", ["a", "", "b"])
    first = tag_batch(job_of(news), tmp_path / "out", workers=1)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("part-*")}
    again = tag_batch(job_of(news), tmp_path / "out", workers=1)
    assert (again.articles, again.rejects, again.here) == (first.articles, first.rejects, 0) == (2, 1, 0)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("part-*")} == before


@pytest.mark.usefixtures("patched")
def test_a_shard_that_was_lost_is_made_again(tmp_path: Path) -> None:
    news = write_news(tmp_path / "news.jsonl", list("abcdefghij"))
    tag_batch(job_of(news), tmp_path / "out", workers=1)
    before = bytes_of(tmp_path / "out")
    (tmp_path / "out" / "part-00001.jsonl").unlink()
    assert tag_batch(job_of(news), tmp_path / "out", workers=1).here == 4
    assert bytes_of(tmp_path / "out") == before


@pytest.mark.usefixtures("patched")
def test_what_changed_since_the_batch_began_is_told_and_restart_begins_anew(tmp_path: Path) -> None:
    news = write_news(tmp_path / "news.jsonl", ["a", "b"])
    tag_batch(job_of(news), tmp_path / "out", workers=1)
    with pytest.raises(
        OptionError,
        match=r"holds a batch that was begun otherwise: shard size was 4, is now 5; lang was not given, is now fr\. Give the same command as then, --restart",
    ):
        tag_batch(job_of(news, shard_size=5, lang="fr"), tmp_path / "out")
    write_news(news, ["a", "c"])
    with pytest.raises(OptionError, match=rf"begun otherwise: {news} has changed\. Give"):
        tag_batch(job_of(news), tmp_path / "out")
    tag_batch(job_of(news, format="jsonl"), tmp_path / "out", workers=1, restart=True)
    assert [one["text"] for one in output_of(tmp_path / "out")] == ["a", "c"]


@pytest.mark.usefixtures("patched")
def test_an_input_that_changes_while_it_is_read_stops_the_batch(tmp_path: Path) -> None:
    news = write_news(tmp_path / "news.jsonl", [f"{n}" for n in range(40)])

    def change(progress: Progress) -> None:
        if progress.records >= 8:
            news.write_text(news.read_text().replace("3", "4"))

    with pytest.raises(InputError, match=r"news.jsonl: changed while it was read; give --restart to begin anew"):
        tag_batch(job_of(news), tmp_path / "out", workers=1, tell=change)
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["finished"] is False


def test_an_output_inside_the_input_is_refused(tmp_path: Path) -> None:
    write_news(tmp_path / "news.jsonl", ["a"])
    for inputs, out in ((tmp_path, tmp_path / "out"), (tmp_path / "news.jsonl", tmp_path)):
        with pytest.raises(OptionError, match="lie one inside the other; give an --out elsewhere"):
            tag_batch(job_of(inputs), out)


@pytest.mark.parametrize("options", [{"workers": 0}, {"article_timeout": 0}, {"article_timeout": float("nan")}])
def test_options_that_make_no_sense_are_refused(tmp_path: Path, options: dict[str, Any]) -> None:
    news = write_news(tmp_path / "news.jsonl", ["a"])
    with pytest.raises(OptionError, match="at least 1 worker, and more than 0 seconds"):
        tag_batch(job_of(news), tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("patched")
def test_the_manifest_tells_what_was_made_of_what(tmp_path: Path) -> None:
    news = write_news(tmp_path / "news.jsonl", list("abcde"))
    tag_batch(job_of(news), tmp_path / "out", workers=1)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["finished"] is True
    assert manifest["files"][0]["path"] == str(news)
    assert [(one["file"], one["articles"], one["ranges"][0].get("byte", 0)) for one in manifest["shards"]] == [
        ("part-00000.jsonl", 4, 0),
        ("part-00001.jsonl", 1, 4 * len('{"id": "n0", "text": "a"}\n')),
    ]
    assert {"python", "numpy", "pyarrow"} <= set(manifest["versions"])
    assert manifest["model"]["by"].startswith("fast@")
    assert manifest["job"]["shard_size"] == 4


@pytest.mark.parametrize(
    ("number", "code", "word"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_a_batch_told_to_stop_ends_its_workers_and_says_how_to_go_on(
    tmp_path: Path, number: int, code: int, word: str
) -> None:
    environment = stub_environment(tmp_path / "stub", pause=0.05)
    news = write_news(tmp_path / "news.jsonl", [f"{n}" if n % 9 else "" for n in range(60)])
    out, arguments = (
        tmp_path / "out",
        (news, "--out", tmp_path / "out", "--format", "jsonl", "--shard-size", 5, "--workers", 2),
    )
    process = subprocess.Popen(
        tag_command(*arguments),
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # a shell's background jobs are born deaf to Ctrl-C
    )
    wait_until(lambda: len(list(out.glob("part-*"))) >= 2)
    workers = children_of(process.pid)
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert process.returncode == code
    assert f" of 12 shards are finished in {out}; the same command goes on from there" in said
    assert said.endswith(f"{word}\n")
    assert "Traceback" not in said
    assert len(workers) == 2
    assert not any(map(is_alive, workers))
    kept = len(output_of(out)) + len(rejects_of(out))
    assert kept % 5 == 0  # the rejects of finished shards are told too, and no others
    done = run_tag({**environment, "STUB_PAUSE": "0"}, *arguments)
    assert done.returncode == 1, done.stderr
    assert sorted([*(one["id"] for one in output_of(out)), *(one["id"] for one in rejects_of(out))]) == sorted(
        f"n{n}" for n in range(60)
    )


def test_workers_die_with_their_parent(tmp_path: Path) -> None:
    environment = stub_environment(tmp_path / "stub", pause=30)
    news = write_news(tmp_path / "news.jsonl", list("abcdefgh"))
    command = tag_command(news, "--out", tmp_path / "out", "--shard-size", 4, "--workers", 2)
    process = subprocess.Popen(command, env=environment)
    wait_until(lambda: len(list((tmp_path / "out" / ".batch" / "drafts").glob(".claimtag*"))) == 2)
    workers = children_of(process.pid)
    process.kill()
    process.wait()
    assert len(workers) == 2
    wait_until(lambda: not any(map(is_alive, workers)), 10)


def kills(
    tmp_path: Path, *, articles: int, rounds: int, seed: int, shard_size: int, pause: float, longest: float
) -> Iterator[int]:
    """Kills a batch, or one of its workers, at random moments until it was killed so often; then it ends by itself.

    An article takes `pause` seconds, and a run is killed after `longest` seconds at most. Gives the number of records in the
    output after each kill.
    """
    texts = [f"texte numéro {n}" if n % 11 else "" for n in range(articles)]
    news, chance = write_news(tmp_path / "news.jsonl", texts), random.Random(seed)
    arguments = (news, "--format", "jsonl", "--shard-size", shard_size, "--workers", 2, "--out")
    calm = stub_environment(tmp_path / "stub")
    assert run_tag(calm, *arguments, tmp_path / "calm").returncode == 1
    out = tmp_path / "out"
    for number in range(rounds):
        slow = stub_environment(tmp_path / "stub", pause=pause)
        process = subprocess.Popen(tag_command(*arguments, out), env=slow, stderr=subprocess.DEVNULL)
        end = time.monotonic() + chance.uniform(0.5, longest)
        while time.monotonic() < end and process.poll() is None:
            time.sleep(0.01)
        if number % 3 == 2 and (workers := children_of(process.pid)):
            os.kill(chance.choice(workers), signal.SIGKILL)
            time.sleep(0.1)
        process.kill()
        process.wait()
        yield len(output_of(out)) if out.exists() else 0
    done = run_tag(calm, *arguments, out)
    assert done.returncode == 1, done.stderr


def test_a_batch_killed_again_and_again_ends_as_an_undisturbed_one(tmp_path: Path) -> None:
    reached = list(kills(tmp_path, articles=300, rounds=5, seed=1, shard_size=10, pause=0.004, longest=2.0))
    assert reached == sorted(reached)
    assert reached[0] < 272
    assert bytes_of(tmp_path / "out") == bytes_of(tmp_path / "calm")
    assert len(output_of(tmp_path / "out")) == 272


def test_a_worker_killed_by_the_system_is_replaced(tmp_path: Path) -> None:
    environment = stub_environment(tmp_path / "stub", pause=0.02)
    news = write_news(tmp_path / "news.jsonl", [f"{n}" for n in range(80)])
    out = tmp_path / "out"
    command = tag_command(news, "--out", out, "--format", "jsonl", "--shard-size", 10, "--workers", 1)
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    for parts in (1, 3):
        wait_until(lambda parts=parts: len(list(out.glob("part-*"))) >= parts and children_of(process.pid))
        os.kill(children_of(process.pid)[0], signal.SIGKILL)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert [one["id"] for one in output_of(out)] == [f"n{n}" for n in range(80)]


def test_a_full_disk_is_told_and_the_batch_goes_on_when_there_is_room(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mount = shutil.which("mount")
    mounted = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(small)], capture_output=True, check=False
    )
    if not mounted or mounted.returncode:
        pytest.skip("no right to mount a small file system here")
    try:
        news = write_news(tmp_path / "news.jsonl", [f"{n} " * 500 for n in range(100)])
        arguments = (news, "--out", small / "out", "--format", "jsonl", "--shard-size", 5, "--workers", 2)
        full = run_tag(environment, *arguments)
        assert full.returncode == 2
        assert "No space left on device; " in full.stderr
        assert "shards are finished and stay. When that is mended, the same command goes on" in full.stderr
        assert "Traceback" not in full.stderr
        kept = len(output_of(small / "out"))
        assert 0 < kept < 100
        subprocess.run(["mount", "-o", "remount,size=10m", str(small)], check=True)
        done = run_tag(environment, *arguments)
        assert done.returncode == 0, done.stderr
        assert [one["id"] for one in output_of(small / "out")] == [f"n{n}" for n in range(100)]
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_two_batches_into_one_folder_at_once(tmp_path: Path) -> None:
    environment = stub_environment(tmp_path / "stub", pause=30)
    news = write_news(tmp_path / "news.jsonl", ["a"])
    process = subprocess.Popen(tag_command(news, "--out", tmp_path / "out", "--workers", 1), env=environment)
    try:
        wait_until(lambda: (tmp_path / "out" / ".batch" / "job.json").exists())
        second = run_tag(environment, news, "--out", tmp_path / "out", "--workers", 1)
        assert second.returncode == 2
        assert "out: another batch is writing there; wait for it" in second.stderr
    finally:
        process.kill()
        process.wait()


def test_a_model_that_cannot_be_loaded_is_told_once(tmp_path: Path, environment: dict[str, str]) -> None:
    stub = tmp_path / "stub" / "sitecustomize.py"
    stub.write_text("import os, sys\nif 'claimtag.batch.worker' in ' '.join(sys.orig_argv): os._exit(3)\n")
    news = write_news(tmp_path / "news.jsonl", ["a"])
    done = run_tag(environment, news, "--out", tmp_path / "out", "--workers", 1)
    assert done.returncode == 1
    assert "the worker processes end before they have loaded the model (exit code 3)" in done.stderr


def test_a_worker_does_not_pay_for_torch_with_a_model_that_needs_none() -> None:
    code = "import sys; from claimtag.batch import Job, open_tagger; open_tagger(Job(('a',), model='fast')); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


if __name__ == "__main__":  # `make soak`
    folder = Path(sys.argv[1])
    stood = list[int]()
    for reached in kills(folder, articles=20_000, rounds=50, seed=2, shard_size=50, pause=0.01, longest=5.0):
        stood.append(reached)
        print(f"killed; {reached:,} records stand", flush=True)
    assert len(set(stood)) > 20, "most kills came before anything was tagged: this machine is too busy to tell"
    assert bytes_of(folder / "out") == bytes_of(folder / "calm")
    print("50 kills: the output equals that of an undisturbed batch, byte for byte")
