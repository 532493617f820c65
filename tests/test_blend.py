"""The blend: the mean of its parts' log-odds, saved part by part, and tagging in a bundle."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_encoders import tiny_model2vec, tiny_transformer

import claimtag
from claimtag import pipeline
from claimtag.bundle import MANIFEST
from claimtag.errors import BundleError, MissingExtraError, OptionError
from claimtag.scheme import load_scheme
from claimtag.themes import blend, identifying, model_kind
from claimtag.themes.base import ArticleContext, SentenceInArticle
from claimtag.themes.blend import BlendTagger
from claimtag.themes.tfidf import stem

SCHEME = load_scheme("security-cooperation")


def read(text: str) -> SentenceInArticle:
    return SentenceInArticle(ArticleContext((text,), ("body",)), 0)


class Fixed:
    """A model that says the same log-odds of every sentence."""

    def __init__(self, *odds: float) -> None:
        self.labels, self.odds = ("a", "b", "c")[: len(odds)], odds

    def decision_function(self, X: Any) -> Any:
        return np.tile(np.array(self.odds, dtype=np.float32), (len(X), 1))


@pytest.fixture(scope="module")
def training(tmp_path_factory: pytest.TempPathFactory, small_gold: list[claimtag.TaggedArticle]) -> claimtag.Training:
    spec = tiny_model2vec(tmp_path_factory.mktemp("model"))
    options = {"encoder.encoder": spec, "encoder.weight": 0.5, "linear.letters": 5}
    return claimtag.train(small_gold, name="blended", model="blend", options=options, folds=2, claims=False)


def test_log_odds_are_averaged_by_weight() -> None:
    model = BlendTagger({"linear": Fixed(1, -2), "encoder": Fixed(4, 1)}, {"encoder": 2})
    assert model.decision_function(["x"]).tolist() == [[3, 0]]


@pytest.mark.filterwarnings("error")
def test_a_label_that_a_part_cannot_know_is_left_to_the_others_and_never_nan() -> None:
    model = BlendTagger({"linear": Fixed(-np.inf, np.inf, -np.inf), "encoder": Fixed(2, -np.inf, -np.inf)})
    assert model.decision_function(["x"]).tolist() == [[2, np.inf, -np.inf]]
    assert np.isfinite(model.scores(["x", "y"])).all()


def test_a_part_without_log_odds_gives_those_of_its_scores() -> None:
    model = model_kind("blend").make(SCHEME, {"parts": "keywords"})
    texts = [read("La police a saisi du cannabis"), read("")]
    said, odds = model.parts["keywords"].scores(texts), model.decision_function(texts)
    drugs = SCHEME.labels.index("drugs")
    assert odds[0, drugs] > 0 > odds[1, drugs]
    assert np.isfinite(odds).all()  # also of scores that are 0 or 1
    assert model.scores(texts) == pytest.approx(said, abs=1e-3)


def test_the_default_is_the_linear_tagger_and_the_encoder() -> None:
    model = model_kind("blend").make(SCHEME, {"encoder.C": 2, "linear.weight": 3})
    assert list(model.parts) == ["linear", "encoder"]
    assert (model.parts["linear"].C, model.parts["encoder"].C) == (10, 2)
    assert model.weights == {"linear": 3, "encoder": 1}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"parts": "linear+lexicon"}, '"lexicon" cannot be part of a blend; parts: linear, encoder'),
        ({"parts": "linear+encodr"}, r'"encodr" cannot be part of a blend \(did you mean "encoder"\?\)'),
        ({"parts": "linear+linear"}, '"linear" stands twice in the blend'),
        ({"parts": ""}, '"" cannot be part of a blend'),
        ({"parts": "linear", "encoder.C": 3}, 'option "encoder.C": "encoder" is not part of this blend of linear'),
        ({"encoder.D": 3}, 'no option "encoder.D"'),
        ({"linear.weight": 0}, 'option "linear.weight" of kind "blend" takes a number above 0, not 0'),
    ],
)
def test_options_are_checked(options: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        model_kind("blend").make(SCHEME, options)


def test_a_blend_in_a_bundle_tags_like_the_one_that_was_saved(training: claimtag.Training, tmp_path: Path) -> None:
    folder = training.tagger.save(tmp_path / "blended")
    assert {path.name for path in (folder / "model").iterdir()} == {"blend.json", "linear", "encoder"}
    text = "La police a saisi du cannabis. Le roi a reçu l'ambassadeur."
    loaded = claimtag.load_tagger(folder)
    assert loaded.tag_text(text, lang="fr") == training.tagger.tag_text(text, lang="fr")
    assert loaded.bundle.model.weights == {"linear": 1.0, "encoder": 0.5}  # type: ignore[attr-defined]
    explained = loaded.explain(claimtag.Article("a", text, lang="fr"), label="drugs")
    assert "cannabis" in [word for word, _, _ in explained[0].weights]


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    torch = pytest.importorskip("torch", reason="needs the extra transformers")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def with_transformer(
    tmp_path_factory: pytest.TempPathFactory, small_gold: list[claimtag.TaggedArticle], one_thread: None
) -> claimtag.Training:
    encoder = tiny_transformer(tmp_path_factory.mktemp("model")).partition(":")[2]
    options = {
        "parts": "linear+transformer", "transformer.encoder": encoder, "transformer.tokens": 48,
        "transformer.epochs": 1, "transformer.bf16": False, "transformer.device": "cpu",
    }  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "SLOW", 1)
        patch.setattr(pipeline, "out_of_fold", None)  # not called
        return claimtag.train(small_gold, name="slow", model="blend", options=options, folds=3, claims=False)


def test_a_blend_with_a_transformer_is_saved_without_pickle_and_tags_and_explains_like_before(
    with_transformer: claimtag.Training, tmp_path: Path
) -> None:
    folder = with_transformer.tagger.save(tmp_path / "slow")
    inside = {path.relative_to(folder / "model").as_posix() for path in (folder / "model").rglob("*") if path.is_file()}
    assert {"transformer/encoder/model.safetensors", "transformer/encoder/tokenizer.json"} <= inside
    assert {Path(name).suffix for name in inside} == {".json", ".safetensors", ".skops"}
    assert {f"model/{name}" for name in inside} <= set(json.loads((folder / MANIFEST).read_text())["files"])
    loaded, article = claimtag.load_tagger(folder), claimtag.Article("a", "La police a saisi du cannabis.", lang="fr")
    assert next(loaded.tag([article])) == next(with_transformer.tagger.tag([article]))
    [explained] = loaded.explain(article, label="drugs", most=100)
    assert explained == with_transformer.tagger.explain(article, label="drugs", most=100)[0]
    assert {"saisi", "cannabis"} <= {word for word, _, _ in explained.weights}


def test_a_bundle_whose_fine_tuned_weights_were_altered_is_refused(
    with_transformer: claimtag.Training, tmp_path: Path
) -> None:
    folder = with_transformer.tagger.save(tmp_path / "slow")
    weights = folder / "model" / "transformer" / "encoder" / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(BundleError, match=r"model/transformer/encoder/model\.safetensors was altered or cut off"):
        claimtag.load_tagger(folder)


def test_a_blend_with_a_transformer_learns_twice_and_the_card_says_so(with_transformer: claimtag.Training) -> None:
    held, _, fine_tuned, *_ = with_transformer.report
    assert held.startswith(
        f"thresholds and figures come from {len(with_transformer.gold)} sentences that were held out of"
    )
    assert fine_tuned.startswith("fine-tuned on ")
    card = with_transformer.tagger.bundle.card
    assert f"Held out: {len(with_transformer.gold)} sentences" in card
    assert f"- {fine_tuned}" in card


def test_a_blend_is_as_slow_as_its_slowest_part() -> None:
    assert not model_kind("blend").make(SCHEME).slow
    assert model_kind("blend").make(SCHEME, {"parts": "linear+transformer"}).slow


def test_manifest_and_card_name_the_encoder(training: claimtag.Training, tmp_path: Path) -> None:
    folder, (encoder,) = training.tagger.save(tmp_path / "blended"), training.tagger.bundle.encoders
    assert json.loads((folder / MANIFEST).read_text())["made_with"]["model2vec"] == encoder.version
    card = training.tagger.bundle.card
    assert f"Encoder: `{encoder.spec}` (model2vec {encoder.version}, licence " in card
    assert f"weights' sha256 `{encoder.sha256[:12]}…`" in card


def test_a_bundle_whose_encoder_was_altered_is_refused(
    small_gold: list[claimtag.TaggedArticle],
    training: claimtag.Training,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder, (encoder,) = training.tagger.save(tmp_path / "blended"), training.tagger.bundle.encoders
    weights = next(Path(encoder.spec.partition(":")[2]).glob("*.safetensors"))
    content = weights.read_bytes()
    try:
        weights.write_bytes(content + b" ")
        with pytest.raises(
            BundleError, match=rf"^{re.escape(str(folder))}: the weights of its encoder .* were altered"
        ):
            claimtag.load_tagger(folder)
        monkeypatch.setattr("claimtag.bundle.SHIPPED", tmp_path)
        with pytest.raises(BundleError, match=r"were altered.*; or take --model fast, which needs no encoder"):
            claimtag.load_tagger("blended")
    finally:
        weights.write_bytes(content)


def test_a_shipped_bundle_without_its_encoders_package_names_the_pip_line_and_the_fast_one(
    training: claimtag.Training, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    training.tagger.save(tmp_path / "blended")
    monkeypatch.setattr("claimtag.bundle.SHIPPED", tmp_path)

    def missing(_: str) -> str:
        raise identifying.metadata.PackageNotFoundError

    monkeypatch.setattr(identifying.metadata, "version", missing)
    wanted = r'pip install "claimtag\[encoder\]"; or take --model fast, which needs no encoder'
    with pytest.raises(MissingExtraError, match=wanted):
        claimtag.load_tagger("blended")


@pytest.mark.parametrize(
    "record", ["", "[]", '{"weights": {}}', '{"weights": {"../x": 1.0}}', '{"weights": {"linear": 0.0}}']
)
def test_a_damaged_record_is_refused(training: claimtag.Training, tmp_path: Path, record: str) -> None:
    blend.save(training.tagger.bundle.model, tmp_path)  # type: ignore[arg-type]
    (tmp_path / blend.FILE).write_text(record)
    with pytest.raises(BundleError, match=r"blend\.json: not a saved blend"):
        blend.load(tmp_path)


def test_a_part_counts_by_the_share_of_the_words_that_it_knows() -> None:
    class Reader(Fixed):
        def read(self, X: Any) -> Any:
            return self.decision_function(X), np.array([1.0, 0.5, 0.0])[: len(X)]

    model = BlendTagger({"linear": Reader(-2.0), "encoder": Fixed(4.0)})
    assert model.decision_function(["a", "b", "c"]).ravel().tolist() == [1.0, 2.0, 4.0]


def test_the_linear_part_tells_how_much_of_an_article_it_can_read(small_training: claimtag.Training) -> None:
    linear = small_training.tagger.bundle.model
    article = ArticleContext(("La police arrête un homme.", "Xyzzy plugh."), ("body", "body"))
    values, share = linear.read(
        [SentenceInArticle(article, 0), SentenceInArticle(article, 1), read("Xyzzy."), read("")]
    )
    known = sum(stem(word, 6) in linear.vocabulary_.stems for word in ("La", "police", "arrête", "un", "homme"))
    assert known >= 3
    assert share[0] == share[1] == pytest.approx(known / 7)
    assert share[2:].tolist() == [0, 0]
    assert np.array_equal(
        values,
        linear.decision_function([*(SentenceInArticle(article, at) for at in (0, 1)), read("Xyzzy."), read("")]),
    )
