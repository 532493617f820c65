"""A command told to stop leaves nothing half-written behind, and a program that runs one keeps its own signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from claimtag.cli import main
from claimtag.records import TaggedArticle

# stdin says one article and then tells the command to stop, while the output is being written
STOPPED = """
import io, os, signal, sys
from claimtag.cli import main
from claimtag.records import TaggedArticle

class Said(io.RawIOBase):
    said = False
    def readable(self):
        return True
    def readinto(self, buffer):
        if self.said:
            print([name for name in os.listdir(sys.argv[1]) if name.endswith(".partial")] != [], flush=True)
            os.kill(os.getpid(), signal.Signals[sys.argv[2]])
        self.said = True
        line = b'{"id": "a", "lang": "fr", "text": "Le port rouvre."}\\n'
        buffer[: len(line)] = line
        return len(line)

sys.stdin = io.TextIOWrapper(io.BufferedReader(Said(), buffer_size=4096))
sys.exit(main(["tag", "-", "--out", sys.argv[1] + "/tagged.jsonl"]))
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM that could be caught")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_to_stop_removes_the_half_written_output(tmp_path: Path, name: str) -> None:
    command = [sys.executable, "-c", STOPPED, str(tmp_path), name]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout.splitlines()[:1]) == (143, ["True"]), done.stderr
    assert done.stderr.endswith("terminated\n")
    assert os.listdir(tmp_path) == []


def test_the_signals_of_a_program_stay_as_they_were(capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGTERM)
    assert main(["labels", "list"]) == 0
    assert signal.getsignal(signal.SIGTERM) is before
    assert "security-cooperation" in capsys.readouterr().out


def test_a_program_that_handles_sigterm_goes_on_doing_so(capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        assert main(["labels", "list"]) == 0
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)
    assert capsys.readouterr().out


def test_notes_that_nobody_reads_do_not_end_the_work(tmp_path: Path, small_gold: list[TaggedArticle]) -> None:
    lines = [json.dumps(tagged.to_dict()) for tagged in small_gold]
    (tmp_path / "gold.jsonl").write_text("\n".join([*lines, "{"]) + "\n")
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "claimtag", "train", "gold.jsonl", "--model", "keywords", "--out", "model"]
    with os.fdopen(writer, "w") as nobody:
        done = subprocess.run(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=nobody, check=False)
    assert done.returncode == 1  # a record was rejected
    assert (tmp_path / "model" / "manifest.json").is_file()
