"""The linear tagger: what it reads, its laws, scikit-learn's own checks, and a saved copy that is the same and safe."""

from __future__ import annotations

import io
import json
import os
import pickle
import time
import zipfile
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest
import skops.io
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import cross_val_score
from sklearn.utils import Tags
from sklearn.utils.estimator_checks import check_estimator
from sklearn.utils.validation import validate_data
from strategies import strings

from claimtag.errors import BundleError, OptionError
from claimtag.records import Article, Sentence, TaggedArticle
from claimtag.scheme import load_scheme
from claimtag.splits import duplicate_clusters
from claimtag.themes import linear
from claimtag.themes.base import ArticleContext, SentenceInArticle, ThemeModel, context_of, indicator
from claimtag.themes.deciding import out_of_fold, tune
from claimtag.themes.keywords import Keywords
from claimtag.themes.linear import LinearTagger
from claimtag.themes.tfidf import Vocabulary, stem

DATA = Path(os.environ.get("CLAIMTAG_DATA") or Path(__file__).parents[2] / "shared" / "data")
KEYWORDS = {"drugs": {"fr": ["cannabis", "drogue*"]}, "justice": {"fr": ["tribunal", "peine* de prison"]}}
TEXTS = [
    ("La police saisit du cannabis.", {"drugs", "policing"}),
    ("La drogue venait du port.", {"drugs"}),
    ("Le tribunal le condamne à une peine de prison.", {"justice"}),
    ("La police cherche un voleur.", {"policing"}),
    ("Le juge reporte le procès.", {"justice"}),
    ("Il fera beau dimanche.", set()),
]


def read(*texts: str, title: str = "", lang: str | None = "fr") -> list[SentenceInArticle]:
    article = ArticleContext(texts, ("body",) * len(texts), title=title, lang=lang)
    return [SentenceInArticle(article, index) for index in range(len(texts))]


@pytest.fixture(scope="module")
def tagger() -> LinearTagger:
    """A real tagger, trained on two dozen articles of two or three sentences."""
    X: list[SentenceInArticle] = []
    Y: list[set[str]] = []
    for first in range(len(TEXTS)):
        for step in (1, 2, 3, 5):
            chosen = [TEXTS[first], TEXTS[(first + step) % len(TEXTS)]]
            X += read(*(text for text, _ in chosen), title="Au port" if step == 1 else "")
            Y += [labels for _, labels in chosen]
    return LinearTagger(columns=["drugs", "justice", "policing", "migration"], keywords=KEYWORDS).fit(X, Y)


def test_it_is_a_theme_model_that_learns(tagger: LinearTagger) -> None:
    model: ThemeModel = tagger
    scores = model.scores(read("De la drogue au port", "Le tribunal condamne"))
    assert scores.dtype == np.float32
    assert ((scores >= 0) & (scores <= 1)).all()
    assert [label for label, score in zip(model.labels, scores[0], strict=True) if score > 0.5] == ["drugs"]
    assert model.labels[int(scores[1].argmax())] == "justice"


def test_a_sentence_is_read_in_its_article() -> None:
    X, Y = [], []
    for text, labels in TEXTS:  # articles of one subject: what stands around a sentence tells of it
        X += read(text, "Il dit tout.", title=text)
        Y += [labels, labels]
    tagger = LinearTagger(keywords=KEYWORDS).fit(X, Y)
    alone, beside = read("Il dit tout.")[0], read("Il dit tout.", "Le tribunal.")[0]
    titled = read("Il dit tout.", title="Le tribunal")[0]
    far = read("Il dit tout.", "Personne.", "Personne.", "Le tribunal.")[0]
    first, near, third, distant = tagger.scores([alone, beside, titled, far])[:, tagger.labels.index("justice")]
    assert near > distant > first
    assert third > first


def test_the_sentences_nearby_count_by_their_distance() -> None:
    cut = Vocabulary(["police"], letters=6, keywords=Keywords({}, (), shortest=2)).cut(read("A.", "B.", "C.", "D."))
    assert cut.nearby().toarray() == pytest.approx(
        np.array(
            [
                [0, 0.667, 0.333, 0],
                [0.4, 0, 0.4, 0.2],
                [0.2, 0.4, 0, 0.4],
                [0, 0.333, 0.667, 0],
            ]
        ),
        abs=1e-3,
    )
    assert Vocabulary(["police"], letters=6, keywords=Keywords({}, (), shortest=2)).cut(read("A.")).nearby().nnz == 0


def test_without_context_the_article_counts_for_nothing() -> None:
    X = [text for text, _ in TEXTS] * 2
    model = LinearTagger(context=False, keywords=KEYWORDS).fit(X, [labels for _, labels in TEXTS] * 2)
    alone, beside = read("La police")[0], read("La police", "Le tribunal", title="Drogue")[0]
    assert (model.scores([alone]) == model.scores([beside])).all()
    assert len(model.coef_) == model.vocabulary_.sentence_size


def test_a_plain_string_is_an_article_of_one_sentence(tagger: LinearTagger) -> None:
    text = "Le tribunal parle de cannabis"
    assert (tagger.scores([text]) == tagger.scores(read(text))).all()
    assert (tagger.scores(["l’État"]) == tagger.scores(read("l'État"))).all()


def test_keywords_of_another_language_do_not_count(tagger: LinearTagger) -> None:
    drugs = tagger.labels.index("drugs")
    french, dutch = tagger.scores([*read("drogues"), *read("drogues", lang="nl")])[:, drugs]
    assert french > dutch


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.lists(strings(), min_size=1, max_size=4), strings()), min_size=1, max_size=4), st.randoms()
)
def test_a_row_depends_on_its_sentence_and_article_alone_to_the_last_bit(
    tagger: LinearTagger, articles: list[tuple[list[str], str]], random: Any
) -> None:
    sentences = [sentence for texts, title in articles for sentence in read(*texts, title=title)]
    sentences += read("La police saisit du cannabis.", "Le juge")
    scores = tagger.scores(sentences)
    order = list(range(len(sentences)))
    random.shuffle(order)
    assert (tagger.scores([sentences[place] for place in order]) == scores[order]).all()
    for place in order[:3]:
        assert (tagger.scores([sentences[place]])[0] == scores[place]).all()


def test_the_size_of_a_chunk_changes_no_score(tagger: LinearTagger, monkeypatch: pytest.MonkeyPatch) -> None:
    sentences = read(*[text for text, _ in TEXTS]) * 3
    scores = tagger.scores(sentences)
    monkeypatch.setattr(linear, "CHUNK", 4)
    assert (tagger.scores(sentences) == scores).all()


def test_remembered_words_change_no_score(tagger: LinearTagger, monkeypatch: pytest.MonkeyPatch) -> None:
    sentences = read(*[text for text, _ in TEXTS])
    scores = tagger.scores(sentences)
    monkeypatch.setattr("claimtag.themes.tfidf.REMEMBERED", 2)
    monkeypatch.setattr("claimtag.themes.keywords.REMEMBERED", 2)
    assert (tagger.scores(sentences) == scores).all()


def test_no_sentences_give_no_rows(tagger: LinearTagger) -> None:
    assert tagger.scores([]).shape == (0, 4)


def test_training_twice_gives_the_same_tagger() -> None:
    X, Y = [text for text, _ in TEXTS] * 2, [labels for _, labels in TEXTS] * 2
    first, second = (LinearTagger(keywords=KEYWORDS).fit(X, Y) for _ in range(2))
    assert (first.coef_ == second.coef_).all()


def test_a_label_without_examples_scores_zero_and_is_recorded(tagger: LinearTagger) -> None:
    assert tagger.constant_ == ("migration",)
    assert not tagger.scores(read("migration", "police"))[:, 3].any()


def test_a_label_that_all_sentences_have_scores_one_and_is_recorded() -> None:
    model = LinearTagger(min_df=1).fit(["un mot", "autre mot"], [[1, 0], [1, 1]])
    assert model.constant_ == ("0",)
    assert model.scores(["rien"])[0, 0] == 1


def test_label_sets_and_indicator_matrices_teach_the_same() -> None:
    X = [text for text, _ in TEXTS] * 2
    Y = [labels for _, labels in TEXTS] * 2
    labels, matrix = indicator(Y)
    assert (LinearTagger().fit(X, Y).coef_ == LinearTagger(columns=labels).fit(X, matrix).coef_).all()


def test_weights_are_scikit_learns_tf_idf_when_every_article_is_one_sentence() -> None:
    texts = ["un deux deux trois", "deux trois trois", "trois quatre", "quatre un deux"]
    vocabulary = Vocabulary.learn(texts, letters=30, min_df=1, keywords=Keywords({}, []))
    cut = vocabulary.cut(texts)
    pairs = [f"{vocabulary.stems[key // 4]} {vocabulary.stems[key % 4]}" for key in vocabulary.pairs.tolist()]
    wanted = TfidfVectorizer(vocabulary=[*vocabulary.stems, *pairs], ngram_range=(1, 2)).fit_transform(texts)
    assert np.allclose(vocabulary.sentence_rows(cut, cut.rows).toarray(), wanted.toarray(), atol=1e-6)
    words = TfidfVectorizer(vocabulary=vocabulary.stems).fit_transform(texts)
    assert np.allclose(vocabulary.article_rows(cut).toarray(), words.toarray(), atol=1e-6)


def test_an_article_is_the_sum_of_its_sentences_and_its_title() -> None:
    vocabulary = Vocabulary(["un", "deux"], letters=6, keywords=Keywords({}, []))
    cut = vocabulary.cut(read("un deux", "un", title="deux deux"))
    assert np.allclose(vocabulary.article_rows(cut).toarray() * np.sqrt(13), [[2, 3]])


def test_a_word_that_one_article_alone_repeats_is_not_learnt() -> None:
    vocabulary = Vocabulary.learn(
        [*read("Durand parle", "Durand part"), *read("on parle")], letters=6, min_df=2, keywords=Keywords({}, [])
    )
    assert vocabulary.stems == ("parle",)


def test_a_stem_is_the_first_letters_without_case_and_accents() -> None:
    assert [stem(word, 6) for word in ("Éléments", "elements", "ÉLÉMENTAIRE", "l", "Łódź")] == [
        "elemen",
        "elemen",
        "elemen",
        "l",
        "łodz",
    ]


def test_an_explanation_sums_up_to_the_decision_value(tagger: LinearTagger) -> None:
    for sentence in read(
        "La police saisit la drogue, des drogues, la police", "Peine de prison au tribunal", title="Port"
    ):
        for column, label in enumerate(tagger.labels[:3]):
            weights = tagger.explain(sentence, label)
            value = sum(weight.weight for weight in weights) + tagger.intercept_[column]
            assert value == pytest.approx(tagger.decision_function([sentence])[0, column], abs=1e-4)
            sizes = [abs(weight.weight) for weight in weights]
            assert sizes == sorted(sizes, reverse=True)


def test_an_explanation_names_the_words_as_they_stand_in_the_text(tagger: LinearTagger) -> None:
    weights = tagger.explain(read("Saisie de drogues", "Le tribunal")[0], "drugs")
    assert ("drogues", "sentence") in [(weight.feature, weight.part) for weight in weights]
    assert ("drogue*", "sentence, keywords of drugs") in [(weight.feature, weight.part) for weight in weights]
    assert ("tribunal", "article, keywords of justice") in [(weight.feature, weight.part) for weight in weights]
    assert not [weight for weight in weights if weight.feature == "tribunal" and weight.part == "sentence"]


def test_an_unknown_label_cannot_be_explained(tagger: LinearTagger) -> None:
    with pytest.raises(OptionError, match=r'"drug" is not one of the labels \(did you mean "drugs"\?\)'):
        tagger.explain("mot", "drug")


@pytest.mark.parametrize(
    ("X", "Y", "message"),
    [
        ([], [], "there is nothing to learn from: 0 sample(s), give annotated sentences"),
        (["un"], [{"a"}, {"b"}], "X holds 1 sentences, y 2 rows; give one row a sentence"),
        (["un", 2], [{"a"}, {"b"}], "X[1] must be a SentenceInArticle or a string, not int"),
        ("un", [{"a"}], "X must be a sequence of sentences, one a row, neither a string nor a matrix"),
        (["un", "deux"], ["a", "b"], "Y must be a matrix (sentences × labels) of 0 and 1, or one set of labels a"),
        (["un", "deux"], [[2], [0]], "Y must be a matrix (sentences × labels) of 0 and 1, or one set of labels a"),
        (["un", "deux"], [1, 0], "Y must be a matrix (sentences × labels) of 0 and 1, or one set of labels a"),
        (["un", "deux"], [{"a"}, set()], "no word stands in 2 or more of the 2 article(s); give more articles, or a"),
    ],
)  # fmt: skip
def test_what_cannot_be_learnt_from_is_refused(X: Any, Y: Any, message: str) -> None:
    with pytest.raises(OptionError) as refusal:
        LinearTagger().fit(X, Y)
    assert str(refusal.value).startswith(message)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"C": -1}, "C takes a number above 0, not -1"),
        ({"min_df": 0}, "min_df takes a whole number from 1 on, not 0"),
        ({"letters": -3}, "letters takes a whole number from 1 on, not -3"),
    ],
)
def test_options_that_make_no_sense_are_refused_when_it_learns(options: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError) as refusal:
        LinearTagger(**options).fit(["un mot"], [{"a"}])
    assert str(refusal.value) == message


def test_options_may_be_numbers_of_numpy() -> None:
    LinearTagger(C=np.float64(2), min_df=np.int64(1), context=np.bool_(True)).fit(["un mot", "deux"], [{"a"}, ()])


def test_columns_and_keywords_must_fit_the_labels() -> None:
    with pytest.raises(OptionError, match="Y has 1 columns, there are 2 labels"):
        LinearTagger(columns=["a", "b"]).fit(["un"], np.array([[1]]))
    with pytest.raises(OptionError, match='keywords are given for "c", which is not one of the labels'):
        LinearTagger(columns=["a"], keywords={"c": {"fr": ["mot"]}}).fit(["un"], np.array([[1]]))


def test_an_unfitted_tagger_says_so() -> None:
    for ask in (lambda: LinearTagger().scores(["un"]), lambda: LinearTagger().labels):
        with pytest.raises(NotFittedError, match="has not learnt anything yet; call fit, or load a saved tagger"):
            ask()
        with pytest.raises(OptionError):
            ask()


# ---- scikit-learn


class NumbersAsText(LinearTagger):
    """A LinearTagger for scikit-learn's checks, which only give numbers: rows become texts, one word a number."""

    def __init__(self, *, C: float = 10.0, min_df: int = 1, class_weight: str | None = "balanced") -> None:
        super().__init__(C=C, min_df=min_df, class_weight=class_weight)

    def fit(self, X: Any, y: Any) -> Self:
        X, y = validate_data(self, X, y, multi_output=True, dtype=float)
        y = np.asarray(y)
        if y.ndim == 1 or not np.isin(y, (0, 1)).all():
            y = y.reshape(len(X), -1) == np.max(y)
        return super().fit(self._texts(X), y.astype(int))

    def decision_function(self, X: Any) -> Any:
        self._check_fitted()
        return super().decision_function(self._texts(validate_data(self, X, reset=False, dtype=float)))

    @staticmethod
    def _texts(X: NDArray[np.float64]) -> list[str]:
        return [" ".join(f"c{column}n{value:.0f}".replace("-", "m") for column, value in enumerate(row)) for row in X]

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = True
        return tags


_COLUMNS = "a tagger has one column a label, also where there is one label: no (n,) predictions, no two columns of odds"
_NAMES = "classes_ are the names of the labels, not values of Y"
_BINARY = "Y holds 0 and 1 alone; the adapter makes any other numbers so before the tagger could refuse them"
EXEMPTED = {
    "check_classifier_multioutput": _NAMES,
    "check_classifiers_classes": _NAMES,
    "check_classifiers_one_label": _COLUMNS,
    "check_classifiers_train": _COLUMNS,
    "check_decision_proba_consistency": _COLUMNS,
    "check_classifier_not_supporting_multiclass": _BINARY,
    "check_classifiers_regression_target": _BINARY,
}


def test_scikit_learns_checks_pass_but_for_those_listed() -> None:
    results = check_estimator(NumbersAsText(), expected_failed_checks=EXEMPTED, on_skip=None)
    assert sum(result["status"] == "passed" for result in results) > 40
    # an exemption that is not needed any more must go
    assert {result["check_name"] for result in results if result["status"] == "xfail"} == set(EXEMPTED)


def test_parameters_can_be_read_set_and_cloned(tagger: LinearTagger) -> None:
    copy = clone(tagger).set_params(C=1.0)
    assert copy.get_params()["C"] == 1.0
    assert copy.get_params()["keywords"] == KEYWORDS
    assert not hasattr(copy, "coef_")


def test_it_can_be_cross_validated() -> None:
    X, Y = [text for text, _ in TEXTS] * 4, indicator([labels for _, labels in TEXTS] * 4)[1]
    assert (cross_val_score(LinearTagger(), X, Y, cv=2) == 1).all()


def test_predictions_are_the_scores_from_one_half_on(tagger: LinearTagger) -> None:
    sentences = read(*[text for text, _ in TEXTS])
    assert (tagger.predict(sentences) == (tagger.scores(sentences) >= 0.5)).all()
    assert (tagger.predict_proba(sentences) == expit(tagger.decision_function(sentences))).all()
    assert tagger.score(sentences, [labels for _, labels in TEXTS]) == 1.0


# ---- saved


def test_a_saved_tagger_scores_alike_to_the_last_bit(tagger: LinearTagger, tmp_path: Path) -> None:
    linear.save(tagger, tmp_path)
    loaded = linear.load(tmp_path)
    sentences = [*read("La police", "Une peine de prison", title="Cannabis"), "Le juge reporte"]
    assert loaded.labels == tagger.labels
    assert loaded.constant_ == tagger.constant_
    assert loaded.get_params() == tagger.get_params()
    assert (loaded.scores(sentences) == tagger.scores(sentences)).all()
    assert (pickle.loads(pickle.dumps(tagger)).scores(sentences) == tagger.scores(sentences)).all()


def test_the_same_tagger_gives_the_same_bytes(tagger: LinearTagger, tmp_path: Path) -> None:
    linear.save(tagger, tmp_path)
    first = (tmp_path / linear.FILE).read_bytes()
    linear.save(linear.load(tmp_path), tmp_path)
    assert (tmp_path / linear.FILE).read_bytes() == first


def test_an_unfitted_tagger_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="has not learnt anything yet"):
        linear.save(LinearTagger(), tmp_path)


class Foreign:
    """Something that a tagger does not hold."""


@pytest.mark.parametrize("thing", [Foreign(), {"a": Foreign()}, np.sum, print, TfidfVectorizer(), [slice(1)]])
def test_a_file_that_holds_anything_else_is_refused_before_it_is_made(tmp_path: Path, thing: object) -> None:
    (tmp_path / linear.FILE).write_bytes(skops.io.dumps(thing))
    with pytest.raises(BundleError, match="which does not belong there; do not use it"):
        linear.load(tmp_path)


@pytest.mark.parametrize("name", ["__reduce__", "os.system"])
def test_a_file_whose_schema_was_altered_to_call_something_is_refused(
    tagger: LinearTagger, tmp_path: Path, name: str
) -> None:
    linear.save(tagger, tmp_path)
    with zipfile.ZipFile(tmp_path / linear.FILE) as archive:
        files = {file: archive.read(file) for file in archive.namelist()}
    schema = json.loads(files["schema.json"])
    schema["content"]["content"]["letters"] = {
        "__class__": name.rpartition(".")[2],
        "__module__": name.rpartition(".")[0] or "builtins",
        "__loader__": "FunctionNode",
        "content": {},
        "__id__": 99999,
    }
    files["schema.json"] = json.dumps(schema).encode()
    with zipfile.ZipFile(tmp_path / linear.FILE, "w") as archive:
        for file, content in files.items():
            archive.writestr(file, content)
    with pytest.raises(BundleError, match="do not use it"):
        linear.load(tmp_path)


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip"])
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / linear.FILE).write_bytes(content)
    with pytest.raises(BundleError, match=r"linear\.skops: damaged, or not a skops file .* get the model again"):
        linear.load(tmp_path)


@pytest.mark.parametrize("thing", [{"a": 1}, LinearTagger()])
def test_a_file_without_a_fitted_tagger_is_refused(tmp_path: Path, thing: object) -> None:
    (tmp_path / linear.FILE).write_bytes(skops.io.dumps(thing))
    with pytest.raises(BundleError, match=r"not a saved linear tagger, or damaged \(no fitted tagger in it\)"):
        linear.load(tmp_path)


def test_a_file_whose_arrays_do_not_fit_is_refused(tagger: LinearTagger, tmp_path: Path) -> None:
    for name, array in [("intercept_", np.zeros(3, np.float32)), ("coef_", np.zeros((2, 4), np.float32))]:
        broken = pickle.loads(pickle.dumps(tagger))
        setattr(broken, name, array)
        linear.save(broken, tmp_path)
        with pytest.raises(BundleError, match=f"{name.rstrip('_')} is float32 of shape"):
            linear.load(tmp_path)


def test_a_cut_off_file_is_refused(tagger: LinearTagger, tmp_path: Path) -> None:
    linear.save(tagger, tmp_path)
    content = (tmp_path / linear.FILE).read_bytes()
    for end in range(0, len(content) - 1, max(1, len(content) // 20)):
        (tmp_path / linear.FILE).write_bytes(content[:end])
        with pytest.raises(BundleError):
            linear.load(tmp_path)
    assert zipfile.is_zipfile(io.BytesIO(content))


# ---- measured


@pytest.mark.parametrize("text", ["mot " * 25_000, "a" * 100_000, "drogue " * 15_000, "é\u0301-" * 33_000])
def test_hostile_text_is_scored_in_linear_time(tagger: LinearTagger, text: str) -> None:
    def seconds(part: str) -> float:
        begun = time.process_time()  # the processor's time: other processes do not count
        tagger.scores(read(part))
        return time.process_time() - begun

    assert min(seconds(text) for _ in range(3)) < 0.05 + 12 * min(seconds(text[: len(text) // 4]) for _ in range(3))


@pytest.mark.skipif(not (DATA / "train.jsonl").exists(), reason=f"no shared data in {DATA}; set CLAIMTAG_DATA")
def test_out_of_fold_on_a_part_of_the_shared_data_context_is_worth_points() -> None:
    lines = (DATA / "train.jsonl").read_text(encoding="utf-8").splitlines()[::3]
    gold = [TaggedArticle.from_dict(json.loads(line)) for line in lines]
    scheme = load_scheme("security-cooperation")
    clusters = duplicate_clusters([[sentence.text for sentence in tagged.sentences] for tagged in gold])
    X: list[SentenceInArticle] = []
    groups: list[int] = []
    for tagged, cluster in zip(gold, clusters, strict=True):
        contexts = context_of(tagged.sentences, tagged.article)
        X, groups = X + contexts, groups + [cluster] * len(contexts)
    _, Y = indicator([s.labels for tagged in gold for s in tagged.sentences if s.kind != "boilerplate"], scheme.labels)
    micro = []
    for context in (True, False):
        scores = out_of_fold(
            lambda context=context: linear.make(scheme).set_params(context=context), X, Y, groups, folds=3
        )  # type: ignore[misc]
        said = tune(scores, Y, scheme.labels).said(scores)
        micro.append(2 * (said & Y).sum() / (said.sum() + Y.sum()))
    assert micro[0] > 0.66
    assert micro[0] > micro[1] + 0.05


def test_sentences_of_an_article_are_normalised_and_boilerplate_is_left_out() -> None:
    text = "Titre\nL’ État\u00a0!\nPartagez"
    sentences = [
        Sentence(0, 5, "Titre", "title"),
        Sentence(6, 15, "L’ État\u00a0!"),
        Sentence(16, 24, "Partagez", "boilerplate"),
    ]
    contexts = context_of(sentences, Article("a", text, title="Un\u202ftitre", lang="fr"))
    assert [context.text for context in contexts] == ["Titre", "L' État !"]
    assert contexts[0].article is contexts[1].article
    assert (contexts[0].article.title, contexts[0].article.lang, contexts[0].article.kinds) == (
        "Un titre",
        "fr",
        ("title", "body"),
    )
