"""What several test files share: the shared data's folder, and a small tagger trained for real."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import claimtag

ROOT = Path(__file__).parent
# doctests import every module, and these are about packages of an extra
collect_ignore_glob = [] if importlib.util.find_spec("torch") else ["claimtag/themes/transformer/*"]

# on a busy machine one example may take long, and drawing it too; neither says anything of the code
settings.register_profile("claimtag", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("claimtag")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of annotated data that is not part of the project; skips where it is absent."""
    folder = (ROOT / os.environ.get("CLAIMTAG_DATA", "../shared/data")).resolve()
    if not (folder / "train.jsonl").is_file():
        pytest.skip("the shared data is not here; set CLAIMTAG_DATA to the folder that holds train.jsonl")
    return folder


@pytest.fixture(scope="session")
def examples() -> Path:
    """The project's own annotated articles."""
    return ROOT / "examples"


@pytest.fixture(scope="session")
def small_gold(examples: Path) -> list[claimtag.TaggedArticle]:
    """A dozen annotated articles."""
    return list(claimtag.read_gold(examples / "train.jsonl"))[:36:3]


@pytest.fixture(scope="session")
def small_training(small_gold: list[claimtag.TaggedArticle]) -> claimtag.Training:
    """A linear tagger trained on a dozen articles, in two folds."""
    return claimtag.train(small_gold, name="small", folds=2)


@pytest.fixture
def in_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """The working directory is the project's root, as the README's commands take it."""
    monkeypatch.chdir(ROOT)


@pytest.fixture(autouse=True)
def _doctests_in_root(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Doctests name files from the project's root."""
    if isinstance(request.node, pytest.DoctestItem):
        monkeypatch.chdir(ROOT)
