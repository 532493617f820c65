"""Not asked is not the same as asked, none: nobody's answer is learned from, counted or compared."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from command import run
from hypothesis import given
from hypothesis import strategies as st
from scheme_strategies import scheme_after
from strategies import tagged_articles

import claimtag
from claimtag.card import model_card
from claimtag.changing import Route, Step
from claimtag.changing.bundles import migrate_bundle
from claimtag.errors import RecordError, SchemeError
from claimtag.evaluation.agreement import agree, cohen_kappa
from claimtag.evaluation.metrics import asked_matrix, theme_matrices
from claimtag.evaluation.noise import suspects
from claimtag.evaluation.reliability import score_quality
from claimtag.records import Article, Sentence, TaggedArticle, Theme
from claimtag.scheme import load_scheme
from claimtag.themes.base import asked_of, learnable, masked
from claimtag.themes.calibrating import fit_calibrations
from claimtag.themes.deciding import cross_decided, out_of_fold, tune
from claimtag.themes.linear import LinearTagger
from claimtag.themes.majority import MajorityTagger
from claimtag.training.extending import extended

LABELS = ("drugs", "justice")
TEXT = "La police a saisi deux tonnes de cannabis au port. Le tribunal a condamné le juge. Il pleut sur la ville."


def article(identity: str, *marks: str) -> TaggedArticle:
    """A sentence for each mark: d drugs, j justice, a capital letter where that label was not asked."""
    sentences = tuple(
        Sentence(
            3 * place,
            3 * place + 2,
            "ab",
            themes=tuple(Theme(label) for label in LABELS if label[0] in mark),
            not_asked=tuple(label for label in LABELS if label[0].upper() in mark),
        )
        for place, mark in enumerate(marks)
    )
    return TaggedArticle(Article(identity, "ab " * len(marks)), sentences)


def test_a_sentence_that_was_not_asked_a_label_comes_back_from_its_record() -> None:
    tagged = article("a", "dJ", "")
    record = tagged.to_dict()
    assert record["sentences"][0]["not_asked"] == ["justice"]
    assert "not_asked" not in record["sentences"][1]
    assert TaggedArticle.from_dict(json.loads(json.dumps(record))) == tagged


@given(st.lists(tagged_articles(not_asked=True), max_size=2))
def test_tables_keep_what_was_not_asked(tagged: list[TaggedArticle]) -> None:
    assert list(claimtag.from_dataset(claimtag.to_dataset(tagged))) == tagged


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ({"themes": (Theme("drugs"),), "not_asked": ("drugs",)}, "carries drugs and says that it was not asked"),
        ({"not_asked": ("drugs", "drugs")}, "lists a label as not asked twice: drugs, drugs"),
        ({"not_asked": ("",)}, "labels not asked must be strings with something in them"),
        ({"kind": "boilerplate", "not_asked": ("drugs",)}, "is boilerplate, of which nothing is asked"),
    ],
)
def test_a_sentence_that_contradicts_itself_cannot_be(sentence: dict[str, object], why: str) -> None:
    with pytest.raises(RecordError, match=why):
        Sentence(0, 2, "ab", **sentence)  # type: ignore[arg-type]


def test_metrics_count_the_sentences_that_were_asked() -> None:
    gold = [article(str(place), "d", "D", "j", "") for place in range(5)]
    said = [article(str(place), "d", "d", "d", "dj") for place in range(5)]
    figures = claimtag.evaluate(gold, said, labels=LABELS)
    drugs = figures.themes.per_label["drugs"]
    assert (drugs.right, drugs.predicted, drugs.support) == (5, 15, 5)
    assert figures.exact.tolist() == [True, True, False, False] * 5
    assert figures.figures["hamming"].value == pytest.approx((2 + 2) / 7)  # wrong decisions of those that were asked
    plain = claimtag.evaluate(
        [replace(one, sentences=tuple(replace(each, not_asked=()) for each in one.sentences)) for one in gold],
        said,
        labels=LABELS,
    )
    assert plain.themes.per_label["drugs"].predicted == 20


def test_predictions_that_were_not_asked_are_wrong_where_gold_says_the_label() -> None:
    figures = claimtag.evaluate([article("a", "d", "d")], [article("a", "d", "D")], labels=LABELS)
    assert figures.themes.per_label["drugs"].recall == 0.5


def test_agreement_leaves_out_what_one_of_both_was_not_asked() -> None:
    first = [article(str(place), "d", "dJ", "j", "", "D") for place in range(4)]
    second = [article(str(place), "d", "D", "", "dj", "d") for place in range(4)]
    found = agree(first, second, labels=LABELS)
    drugs, justice = found.labels
    assert (drugs.support_a, drugs.support_b) == (4, 8)
    assert drugs.kappa.value == pytest.approx(cohen_kappa("ynn" * 4, "yny" * 4).value)
    assert justice.kappa.value == pytest.approx(cohen_kappa("nynn" * 4, "nnyn" * 4).value)


@given(st.data())
def test_where_all_was_asked_there_is_no_mask(data: st.DataObject) -> None:
    tagged = data.draw(tagged_articles(labels=LABELS))
    assert asked_matrix([tagged], labels=LABELS) is None
    Y = np.array([[True, False], [False, False]])
    assert masked(Y, None) is Y
    assert masked(Y, np.ones_like(Y)) is Y
    assert asked_of(np.ma.array(Y)) is None


def test_a_mask_has_a_row_for_every_scored_sentence() -> None:
    tagged = article("a", "dJ", "D")
    title = Sentence(100, 101, "x", kind="boilerplate")
    text = tagged.article.text.ljust(100) + "x"
    tagged = TaggedArticle(Article("a", text), (*tagged.sentences, title))
    found = asked_matrix([tagged], labels=LABELS)
    assert found is not None
    assert found.tolist() == [[True, False], [False, True]]
    truth, _ = theme_matrices([tagged], [tagged], labels=LABELS)
    assert truth.tolist() == [[True, False], [False, False]]


SENTENCES = ["la police saisit du cannabis", "le juge condamne", "il pleut", "la police court", "un juge saisit"] * 6
TRUTH = np.array([[1, 0], [0, 1], [0, 0], [1, 0], [0, 1]] * 6, dtype=bool)
ASKED = np.array([[1, 1], [1, 1], [1, 0], [0, 1], [1, 1]] * 3 + [[1, 0]] * 5 + [[1, 1]] * 10, dtype=bool)


def hiding(beneath: bool) -> np.ma.MaskedArray[tuple[int, int], np.dtype[np.bool_]]:
    """The themes with what was not asked masked, and beneath the mask all yes or all no."""
    return np.ma.array(np.where(ASKED, TRUTH, beneath), mask=~ASKED)


def test_what_stands_beneath_a_mask_changes_nothing() -> None:
    scores = np.linspace(0.05, 0.95, 60).reshape(30, 2)
    groups = [place // 3 for place in range(30)]
    yes, no = hiding(True), hiding(False)
    for method in ("platt", "isotonic", None):
        assert fit_calibrations(scores, yes, groups, method=method) == fit_calibrations(
            scores, no, groups, method=method
        )  # type: ignore[arg-type]
    assert tune(scores, yes, LABELS) == tune(scores, no, LABELS)
    first, second = (cross_decided(scores, one, LABELS, groups)[1] for one in (yes, no))
    assert (first == second).all()
    models = [LinearTagger(columns=LABELS, min_df=1).fit(SENTENCES, one).scores(SENTENCES) for one in (yes, no)]
    assert (models[0] == models[1]).all()
    shares = [MajorityTagger(LABELS).fit(SENTENCES, one).shares for one in (yes, no)]
    assert shares[0] == shares[1] == tuple((TRUTH & ASKED).sum(axis=0) / ASKED.sum(axis=0))
    folds = [
        out_of_fold(lambda: LinearTagger(columns=LABELS, min_df=1), SENTENCES, one, groups, folds=3)
        for one in (yes, no)
    ]
    assert (folds[0] == folds[1]).all()


def test_a_label_is_learned_from_the_sentences_that_were_asked_it() -> None:
    rows = np.flatnonzero(ASKED[:, 1])
    some = LinearTagger(columns=("justice",), min_df=1)
    some.fit(SENTENCES, np.ma.array(TRUTH[:, 1:], mask=~ASKED[:, 1:]))
    alike = LinearTagger(columns=("justice",), min_df=1).fit(SENTENCES, TRUTH[:, 1:])
    assert not np.allclose(some.coef_, alike.coef_)
    scores = np.linspace(0.05, 0.95, 30)[:, np.newaxis]
    mask = np.ma.array(TRUTH[:, 1:], mask=~ASKED[:, 1:])
    assert tune(scores, mask, ["justice"]).thresholds == tune(scores[rows], TRUTH[rows, 1:], ["justice"]).thresholds
    assert fit_calibrations(scores, mask, method="platt") == fit_calibrations(
        scores[rows], TRUTH[rows, 1:], method="platt"
    )


def test_a_label_that_nobody_was_asked_is_not_learned() -> None:
    gold, asked = np.array([[True, False], [False, False]]), np.array([[True, False], [True, False]])
    learnt, odds = learnable(gold, asked)
    assert learnt.tolist() == [True, False]
    assert odds[1] == -np.inf


def test_score_quality_is_that_of_the_sentences_asked() -> None:
    scores = np.linspace(0.05, 0.95, 30)[:, np.newaxis]
    asked = ASKED[:, 1:]
    rows = np.flatnonzero(asked[:, 0])
    whole = score_quality(scores, TRUTH[:, 1:] & asked, ["justice"], [1] * 30, asked=asked)[1]
    some = score_quality(scores[rows], TRUTH[rows, 1:], ["justice"], [1] * len(rows))[1]
    assert whole.brier.value == pytest.approx(some.brier.value)
    assert (whole.ece, whole.support) == (some.ece, some.support)


def test_what_was_not_asked_is_no_suspect() -> None:
    gold = [article(str(place), "d", "d", "", "", "D") for place in range(5)]
    scores = np.array([[0.9, 0.1], [0.8, 0.1], [0.1, 0.1], [0.2, 0.1], [0.95, 0.1]] * 5)
    assert {suspect.start for suspect in suspects(gold, scores, LABELS)} <= {0, 3, 6, 9}
    plain = [replace(one, sentences=tuple(replace(each, not_asked=()) for each in one.sentences)) for one in gold]
    assert 12 in {suspect.start for suspect in suspects(plain, scores, LABELS)}


def test_training_scores_a_label_on_the_articles_that_were_asked_it(small_gold: list[TaggedArticle]) -> None:
    before = [
        replace(tagged, sentences=tuple(without(sentence, "drugs") for sentence in tagged.sentences))
        if place % 2
        else tagged
        for place, tagged in enumerate(small_gold)
    ]
    training = claimtag.train(before, folds=2, model="keywords", claims=False)
    asked = [sentence for place, tagged in enumerate(before) if not place % 2 for sentence in tagged.sentences]
    expected = sum("drugs" in sentence.labels for sentence in asked)
    assert training.out_of_fold.per_label["drugs"].support == expected
    everywhere = claimtag.train(
        [replace(one, sentences=tuple(replace(each, not_asked=()) for each in one.sentences)) for one in before],
        folds=2,
        model="keywords",
        claims=False,
    )
    drugs = training.out_of_fold.per_label["drugs"], everywhere.out_of_fold.per_label["drugs"]
    assert drugs[0].predicted < drugs[1].predicted


@pytest.fixture(scope="module")
def unasked(small_gold: list[TaggedArticle]) -> claimtag.Training:
    """A model whose gold was never asked about drugs."""
    gold = [
        replace(one, sentences=tuple(without(sentence, "drugs") for sentence in one.sentences), claims=())
        for one in small_gold
    ]
    return claimtag.train(gold, folds=2, claims=False)


def test_a_model_whose_gold_was_never_asked_a_label_neither_says_nor_denies_it(unasked: claimtag.Training) -> None:
    assert unasked.tagger.bundle.not_asked == ("drugs",)
    (tagged,) = unasked.tagger.tag([Article("a", TEXT)])
    body = [sentence for sentence in tagged.sentences if sentence.kind != "boilerplate"]
    assert {sentence.not_asked for sentence in body} == {("drugs",)}
    assert any(sentence.labels for sentence in body)


def test_training_says_that_nobody_was_asked_and_so_does_the_card(unasked: claimtag.Training) -> None:
    told = [warning for warning in unasked.warnings if '"drugs"' in warning]
    assert told == [
        'nobody was asked about "drugs" in this gold: it will be neither said nor denied; to have it scored by its keywords '
        "and examples, train with a version of the scheme that lacks it (gold that names this version gets there by claimtag "
        "labels migrate), and tag with this one: claimtag tag --scheme"
    ]
    assert (
        "\nNobody was asked about `drugs` in the training data: neither said nor denied" in unasked.tagger.bundle.card
    )


def test_the_card_has_no_figures_of_a_label_that_nobody_was_asked(unasked: claimtag.Training) -> None:
    assert "\n| `drugs` | C | not asked | – | – | – | – |\n" in unasked.tagger.bundle.card


def test_the_card_has_figures_of_a_test_that_asks_what_the_gold_did_not(
    unasked: claimtag.Training, small_gold: list[TaggedArticle]
) -> None:
    tagger = unasked.tagger
    tested = claimtag.evaluate(
        small_gold, list(tagger.tag(one.article for one in small_gold)), labels=tagger.scheme.labels
    )
    card = model_card(tagger.bundle, out_of_fold=unasked.out_of_fold, tested=tested)
    support = tested.themes.per_label["drugs"].support
    assert support > 0
    assert f"\n| `drugs` | C | not asked | – | – | – | – | 0.000 | 0.000 | 0.000 | {support} |\n" in card


def test_a_spreadsheet_tells_what_was_not_asked_from_what_is_not_there(tmp_path: Path) -> None:
    text = "aa bb"
    piece = Sentence(3, 5, "bb", kind="boilerplate")
    tagged = TaggedArticle(
        Article("a", text), (Sentence(0, 2, "aa", themes=(Theme("drugs", 0.5),), not_asked=("justice",)), piece)
    )
    claimtag.write([tagged], tmp_path / "out.csv", format="csv", scheme=load_scheme("security-cooperation"))
    first, second = csv.DictReader((tmp_path / "out.csv").read_text("utf-8-sig").splitlines())
    assert (first["drugs"], first["justice"], first["migration"]) == ("0.5", "not asked", "")
    assert {second[label] for label in LABELS} == {""}


def test_explaining_a_label_that_nobody_was_asked_says_so(
    capsys: pytest.CaptureFixture[str], unasked: claimtag.Training, tmp_path: Path
) -> None:
    folder = unasked.tagger.save(tmp_path / "bundle")
    (tmp_path / "a.txt").write_text(TEXT)
    explain = ("explain", tmp_path / "a.txt", "--model", folder, "--theme")
    code, stdout, _ = run(capsys, *explain, "drugs")
    assert code == 0
    told = stdout.splitlines()
    assert len(told) == 3  # and no words: none weighs anything
    assert all(
        one.startswith("0.00 (nobody was asked about it in training: neither said nor denied)  ") for one in told
    )
    assert "asked" not in run(capsys, *explain, "justice")[1]


def test_a_label_that_was_asked_once_is_denied(small_gold: list[TaggedArticle]) -> None:
    gold = [
        replace(one, sentences=tuple(without(each, "drugs") for each in one.sentences), claims=()) if place else one
        for place, one in enumerate(small_gold)
    ]
    training = claimtag.train(gold, folds=2, model="keywords", claims=False)
    assert training.tagger.bundle.not_asked == ()
    assert "Nobody was asked" not in training.tagger.bundle.card


def test_a_saved_model_keeps_what_its_gold_was_not_asked(unasked: claimtag.Training, tmp_path: Path) -> None:
    folder = unasked.tagger.save(tmp_path / "bundle")
    again = claimtag.load_tagger(folder)
    assert again.bundle.not_asked == ("drugs",)
    assert list(again.tag([Article("a", TEXT)])) == list(unasked.tagger.tag([Article("a", TEXT)]))


def test_a_label_not_asked_stays_so_beside_labels_scored_by_their_texts(unasked: claimtag.Training) -> None:
    scheme = unasked.tagger.scheme
    fishing = replace(scheme.themes[0], id="fishing", keywords={"fr": ("pêche*",)})
    bundle = extended(unasked.tagger.bundle, replace(scheme, version="1.1.0", themes=(*scheme.themes, fishing)))
    assert (bundle.not_asked, bundle.untrained) == (("drugs",), ("fishing",))


@pytest.mark.parametrize(
    ("step", "after"),
    [
        (Step("rename", label="drugs", to="narcotics"), "narcotics"),
        (Step("merge", labels=("drugs", "justice"), to="courts"), "courts"),
    ],
    ids=lambda one: getattr(one, "kind", one),
)
def test_what_comes_from_a_label_not_asked_is_not_denied_either(
    unasked: claimtag.Training, step: Step, after: str, tmp_path: Path
) -> None:
    bundle = unasked.tagger.bundle
    there = scheme_after(bundle.scheme, (step,))
    migrated = migrate_bundle(bundle, Route(bundle.scheme, there, (step,)))
    assert migrated.not_asked == (after,)
    tagger = claimtag.load_tagger(claimtag.Tagger(migrated).save(tmp_path / "bundle"))
    (tagged,) = tagger.tag([Article("a", TEXT)])
    for sentence in tagged.sentences:
        assert (after in sentence.labels) != (after in sentence.not_asked)
    assert any(after in sentence.not_asked for sentence in tagged.sentences)
    back = migrate_bundle(migrated, Route(there, bundle.scheme, (step.inverse,)))
    assert "drugs" in back.not_asked


def test_labels_not_asked_must_be_of_the_scheme(small_gold: list[TaggedArticle]) -> None:
    first = small_gold[0]
    sentence = next(one for one in first.sentences if one.kind != "boilerplate")
    odd = replace(first, sentences=(replace(sentence, not_asked=("drug",)),), claims=())
    with pytest.raises(
        SchemeError, match=r'"drug" is not a theme of security-cooperation 1\.0\.0 \(did you mean "drugs"\?\)'
    ):
        claimtag.train([odd, *small_gold[1:]], scheme=load_scheme("security-cooperation"))


def without(sentence: Sentence, label: str) -> Sentence:
    """The sentence as if nobody had been asked for the label."""
    if sentence.kind == "boilerplate":
        return sentence
    kept = tuple(theme for theme in sentence.themes if theme.label != label)
    return replace(sentence, themes=kept, not_asked=(label,))
