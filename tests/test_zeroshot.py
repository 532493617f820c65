"""Zero-shot scores: a label without data is scored by its texts, by what the labels with data teach."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import f1_score
from tiny_encoders import tiny_model2vec

import claimtag
from claimtag.errors import BundleError, OptionError
from claimtag.pipeline import _matrix
from claimtag.scheme import Label, Scheme, load_scheme
from claimtag.themes import model_kind, unseen, zeroshot
from claimtag.themes.base import ArticleContext, SentenceInArticle, masked
from claimtag.themes.likeness import Likeness, likeness_from_dict
from claimtag.themes.zeroshot import ZeroShot, learn_zeroshot, shared_deciding, shared_limits, zeroshot_from_dict

WHOLE = load_scheme("security-cooperation")
SCHEME = replace(WHOLE, themes=WHOLE.themes[:7])  # enough to learn from, and faster
PLAIN = ("keywords", "words")


def read(*texts: str, lang: str = "fr") -> list[SentenceInArticle]:
    article = ArticleContext(texts, ("body",) * len(texts), lang=lang)
    return [SentenceInArticle(article, place) for place in range(len(texts))]


@pytest.fixture(scope="module")
def gold(examples: Path) -> tuple[list[SentenceInArticle], Any]:
    sentences, Y, _ = _matrix(list(claimtag.read_gold(examples / "train.jsonl"))[:40], WHOLE.labels)
    return sentences, Y[:, :7]


@pytest.fixture(scope="module")
def learned(gold: Any) -> ZeroShot:
    made = learn_zeroshot(*gold, SCHEME, ways=PLAIN)
    assert made is not None
    return made


def without(label: str, scheme: Scheme = SCHEME) -> Scheme:
    """The scheme without what a label has but its name and definition."""
    bare = {"include": (), "exclude": (), "decisions": (), "positive": (), "negative": (), "keywords": None}
    themes = tuple(replace(theme, **bare) if theme.id == label else theme for theme in scheme.themes)  # type: ignore[arg-type]
    return replace(scheme, themes=themes)


def test_a_sentence_with_a_labels_words_scores_higher_than_one_without(learned: ZeroShot) -> None:
    texts = ("La douane a saisi du cannabis et de la cocaïne.", "Le musée rouvre dimanche.")
    scores = [learned.scores(read(text), SCHEME.themes)[0, SCHEME.labels.index("drugs")] for text in texts]
    assert scores[0] > 0.5 > 0.1 > scores[1]


def test_a_label_that_nobody_annotated_is_told_from_its_keywords_and_examples(learned: ZeroShot) -> None:
    fishing = Label(
        "fishing",
        "public",
        {"fr": "Pêche"},
        "Fishing at sea.",
        positive=("Les chalutiers ne peuvent plus jeter leurs filets.",),
        keywords={"fr": ("pêche*", "chalutier*")},
    )
    themes = (*SCHEME.themes, fishing)
    said, other = (
        learned.scores(read(text), themes)[0, -1]
        for text in ("Le chalutier rentre au port de pêche.", "Le ministre a reçu son homologue.")
    )
    assert said > 5 * other


def test_a_row_depends_on_its_sentence_and_article_alone(learned: ZeroShot, gold: Any) -> None:
    sentences = gold[0][:40]
    together = learned.scores(sentences, SCHEME.themes)
    assert np.array_equal(learned.scores(sentences[30:], SCHEME.themes), together[30:])
    assert learned.scores([], SCHEME.themes).shape == (0, len(SCHEME.labels))


def test_each_label_is_scored_by_what_the_others_teach(gold: Any) -> None:
    """A label's own annotations, turned round, change nothing in its scores."""
    sentences, Y = gold
    column = SCHEME.labels.index("policing")
    turned = Y.copy()
    turned[:, column] = ~turned[:, column]
    first, other = (
        model_kind("zeroshot").make(SCHEME, {"with_encoder": False}).fit(sentences, truth).scores(sentences[:60])
        for truth in (Y, turned)
    )
    assert np.array_equal(first[:, column], other[:, column])
    assert not np.array_equal(first, other)


def test_thresholds_come_from_the_other_labels() -> None:
    rng = np.random.default_rng(3)
    gold = rng.random((300, 4)) < 0.3
    scores = np.clip(gold * 0.4 + rng.random((300, 4)) * 0.5, 0, 1)
    limits = shared_limits(scores, gold)
    changed = gold.copy()
    changed[:, 2] = ~changed[:, 2]
    assert shared_limits(scores, changed)[2] == limits[2]
    tried = {
        limit: np.mean([f1_score(gold[:, at], scores[:, at] >= limit) for at in (0, 1, 3)])
        for limit in zeroshot._LIMITS
    }
    assert limits[2] == pytest.approx(max(tried, key=tried.__getitem__))
    deciding = shared_deciding(scores, gold, ["a", "b", "c", "d"])
    assert deciding.thresholds == tuple(limits.round(4).tolist())


def test_figures_of_labels_left_out_are_those_of_their_scores(learned: ZeroShot) -> None:
    assert learned.labels == SCHEME.labels
    assert 0.3 < learned.f1 < 0.95
    assert 0.3 < learned.average_precision < 0.95


def test_what_was_not_asked_teaches_nothing(gold: Any) -> None:
    sentences, Y = gold
    asked = np.ones_like(Y)
    asked[::2, 3] = False
    wrong = Y.copy()
    wrong[::2, 3] = ~wrong[::2, 3]
    first, other = (learn_zeroshot(sentences, masked(truth, asked), SCHEME, ways=PLAIN) for truth in (Y, wrong))
    assert first is not None
    assert other is not None
    assert first.weights == other.weights


def test_labels_without_texts_or_sentences_teach_nothing(gold: Any) -> None:
    sentences, Y = gold
    few = Y.copy()
    few[:, 3:] = False
    assert learn_zeroshot(sentences, few, SCHEME, ways=PLAIN) is not None
    assert learn_zeroshot(sentences, few, without(SCHEME.labels[0]), ways=PLAIN) is None
    with pytest.raises(
        OptionError, match=r"2 labels have 10 sentences or more and texts in the scheme .*; 3 are needed"
    ):
        unseen.make(without(SCHEME.labels[0]), with_encoder=False).fit(sentences, few)


def test_texts_by_which_no_label_is_found_teach_nothing(gold: Any) -> None:
    nonsense: dict[str, Any] = {"name": {"fr": "xqzw"}, "include": (), "positive": (), "keywords": {"fr": ("xqzw*",)}}
    meaningless = replace(SCHEME, themes=tuple(replace(theme, **nonsense) for theme in SCHEME.themes))
    assert learn_zeroshot(*gold, meaningless, ways=PLAIN) is None


def test_ways_are_switched_off_and_not_all_of_them(gold: Any) -> None:
    model = model_kind("zeroshot").make(SCHEME, {"with_encoder": False, "with_words": False}).fit(*gold)
    assert model.likeness_.names == ("keywords, sentence", "keywords, article", "keywords, nearby")
    assert model.encoders == ()
    with pytest.raises(OptionError, match="all are off; leave one of them on"):
        unseen.make(SCHEME, with_encoder=False, with_words=False, with_keywords=False)
    with pytest.raises(OptionError, match='option "with_words" of kind "zeroshot" takes true or false, not 3'):
        model_kind("zeroshot").make(SCHEME, {"with_words": 3})


def test_without_keywords_the_words_of_keywords_do_not_count_either(gold: Any) -> None:
    text = read("OCAM")  # stands in keywords, and in no example
    column = SCHEME.labels.index("counterterrorism")
    likeness = Likeness.learn([*gold[0], *text, *read("OCAM.")], ways=("words",))
    with_them = Likeness.learn([*gold[0], *text, *read("OCAM.")], ways=PLAIN)
    assert likeness.numbers(text, SCHEME.themes)[0, column, 0] == 0
    assert with_them.numbers(text, SCHEME.themes)[0, column, 3] > 0


def test_an_encoder_is_asked_when_there_is_one(gold: Any, tmp_path: Path) -> None:
    spec = tiny_model2vec(tmp_path)
    made = learn_zeroshot(*gold, SCHEME, encoder=spec)
    assert made is not None
    assert made.likeness.encoder is not None
    assert made.likeness.encoder.spec == spec
    numbers = made.likeness.numbers(gold[0][:20], SCHEME.themes)
    assert numbers.shape == (20, len(SCHEME.labels), 9)
    assert np.allclose(numbers[:, :, 6:].sum(axis=1), 0, atol=1e-4)  # beside the likeness to the other labels


def test_an_explanation_adds_up_to_the_log_odds(gold: Any) -> None:
    model = unseen.make(SCHEME, with_encoder=False).fit(*gold)
    (sentence,) = read("La douane a saisi du cannabis.")
    weights = model.explain(sentence, "drugs")
    column = SCHEME.labels.index("drugs")
    odds = sum(weight for _, _, weight in weights) + model.weights_[column, -1]
    assert 1 / (1 + np.exp(-odds)) == pytest.approx(float(model.scores([sentence])[0, column]), abs=1e-6)
    assert {feature for feature, _, _ in weights} == {"its keywords", "words of its texts"}
    with pytest.raises(OptionError, match=r'"drug" is not one of the labels \(did you mean "drugs"\?\)'):
        model.explain(sentence, "drug")


def test_saving_and_loading_is_identity(gold: Any, learned: ZeroShot, tmp_path: Path) -> None:
    model = unseen.make(SCHEME, with_encoder=False).fit(*gold)
    unseen.save(model, tmp_path)
    again = unseen.load(tmp_path)
    assert again.labels == model.labels
    assert np.array_equal(again.scores(gold[0][:30]), model.scores(gold[0][:30]))
    whole = zeroshot_from_dict(json.loads(json.dumps(learned.to_dict())))
    assert np.array_equal(whole.scores(gold[0][:30], SCHEME.themes), learned.scores(gold[0][:30], SCHEME.themes))


@pytest.mark.parametrize(
    "change",
    [
        {"weights": [[1.0]]},
        {"themes": []},
        {"likeness": {}},
        {"likeness": None},
        {"weights": [[float("inf")] * 7] * 7},
        {"themes": [{"id": "a"}]},
    ],
)
def test_a_damaged_file_is_refused(gold: Any, tmp_path: Path, change: dict[str, Any]) -> None:
    unseen.save(unseen.make(SCHEME, with_encoder=False).fit(*gold), tmp_path)
    path = tmp_path / unseen.FILE
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | change), encoding="utf-8")
    with pytest.raises(BundleError, match=r"zeroshot\.json: not a zero-shot tagger"):
        unseen.load(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"weights": [1.0]},
        {"threshold": 2},
        {"threshold": float("nan")},
        {"labels": None},
        {"likeness": {"ways": []}},
        {"likeness": 3},
    ],
)
def test_a_damaged_record_is_refused(learned: ZeroShot, change: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match="not a record of"):
        zeroshot_from_dict(learned.to_dict() | change)


def test_a_record_of_likeness_whose_parts_do_not_fit_is_refused(learned: ZeroShot) -> None:
    record = learned.likeness.to_dict()
    with pytest.raises(OptionError, match="its parts do not go together"):
        likeness_from_dict(record | {"article_idf": [1.0]})
    with pytest.raises(OptionError, match="its parts do not go together"):
        likeness_from_dict(record | {"ways": ["words", "encoder"]})


def test_a_rare_label_of_a_large_corpus_is_left_out_of_what_is_learned(
    gold: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of many sentences some are taken: a label that has none among these would have no average precision."""
    sentences, Y = gold
    monkeypatch.setattr(zeroshot.evenly, "__defaults__", (200,))
    few = Y.copy()
    column = int(few.sum(axis=0).argmax())
    rows = zeroshot.evenly(len(few))
    few[rows, column] = False
    made = learn_zeroshot(sentences, few, SCHEME, ways=PLAIN)
    assert made is None or SCHEME.labels[column] not in made.labels
