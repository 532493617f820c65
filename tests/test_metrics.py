"""Theme and segmentation metrics: the definitions, one by one, and equality with scikit-learn where both exist."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, precision_recall_fscore_support
from strategies import LABELS, scored, tagged_articles

from claimtag.errors import OptionError
from claimtag.evaluation import evaluate, report
from claimtag.evaluation.metrics import label_metrics, segmentation_metrics, theme_matrices
from claimtag.records import Article, Kind, Sentence, TaggedArticle, Theme

TEXT = "Il pleut fort. La police arrive. Partagez."


def tagged(*cuts: tuple[int, int, Kind, str], text: str = TEXT, id: str = "a") -> TaggedArticle:
    """An article cut at these offsets, each sentence with its kind and its themes, one letter each."""
    return TaggedArticle(
        Article(id, text),
        tuple(
            Sentence(start, end, text[start:end], kind, tuple(Theme(label) for label in labels))
            for start, end, kind, labels in cuts
        ),
    )


GOLD = tagged((0, 14, "body", "e"), (15, 32, "body", "pj"), (33, 42, "boilerplate", ""))
OTHERS = [tagged(id=identity) for identity in "bcdefgh"]


@given(st.lists(st.tuples(*[st.booleans()] * 6), min_size=1, max_size=30))
def test_theme_metrics_equal_scikit_learns(rows: list[tuple[bool, ...]]) -> None:
    gold, said = np.array(rows)[:, :3], np.array(rows)[:, 3:]
    metrics = label_metrics(gold, said, "abc")
    wanted = precision_recall_fscore_support(gold, said, average=None, zero_division=0.0)
    found = [(one.precision, one.recall, one.f1, one.support) for one in metrics.per_label.values()]
    assert np.allclose(np.array(found).T, np.array(wanted, dtype=float))
    micro = precision_recall_fscore_support(gold, said, average="micro", zero_division=0.0)
    assert np.allclose([metrics.micro.precision, metrics.micro.recall, metrics.micro.f1], micro[:3])
    assert metrics.exact == pytest.approx(accuracy_score(gold, said))


def test_macro_f1_averages_labels_with_five_gold_sentences_and_says_which() -> None:
    gold = np.array([[1, 1]] * 4 + [[1, 0]])
    metrics = label_metrics(gold, gold * [1, 0], ["often", "rarely"])
    assert metrics.macro_labels == ("often",)
    assert metrics.macro_f1 == 1.0


def test_the_labels_averaged_can_be_fixed_for_a_part_of_a_test_set() -> None:
    gold = np.array([[1, 0], [1, 0]])
    metrics = label_metrics(gold, gold, ["a", "b"], macro_labels=["a", "b"])
    assert metrics.macro_f1 == 0.5
    with pytest.raises(OptionError, match=r'"drug" is not one of the labels \(did you mean "drugs"\?\)'):
        label_metrics(gold, gold, ["drugs", "b"], macro_labels=["drug"])


def test_without_labels_to_average_macro_f1_is_zero() -> None:
    assert label_metrics(np.zeros((0, 1)), np.zeros((0, 1)), ["a"]).macro_f1 == 0.0


def test_sentences_without_a_theme_count_as_right_when_nothing_is_said() -> None:
    assert label_metrics([[0], [1]], [[0], [0]], ["a"]).exact == 0.5


def test_a_gold_sentence_takes_the_themes_of_the_predicted_one_that_overlaps_it_most() -> None:
    predicted = tagged((0, 20, "body", "e"), (21, 42, "body", "p"))
    gold, said = theme_matrices([GOLD], [predicted], labels="epj")
    assert gold.tolist() == [[True, False, False], [False, True, True]]
    assert said.tolist() == [[True, False, False], [False, True, False]]


def test_of_equal_overlaps_the_first_counts() -> None:
    gold = tagged((0, 10, "body", "a"), text="x" * 10)
    predicted = tagged((0, 5, "body", "a"), (5, 10, "body", "b"), text="x" * 10)
    assert theme_matrices([gold], [predicted], labels="ab")[1].tolist() == [[True, False]]


def test_one_predicted_sentence_may_answer_for_two_gold_ones() -> None:
    predicted = tagged((0, 42, "body", "ep"))
    assert theme_matrices([GOLD], [predicted], labels="epj")[1].tolist() == [[True, True, False]] * 2


def test_a_gold_sentence_that_nothing_overlaps_has_no_predicted_theme() -> None:
    predicted = tagged((15, 32, "body", "p"))
    assert theme_matrices([GOLD], [predicted], labels="epj")[1].tolist() == [[False] * 3, [False, True, False]]


def test_gold_boilerplate_is_not_scored() -> None:
    predicted = tagged((0, 14, "body", "e"), (15, 32, "body", "pj"), (33, 42, "body", "e"))
    assert evaluate([GOLD], [predicted]).themes.micro.f1 == 1.0


@given(
    st.lists(
        tagged_articles(scores=False), min_size=1, max_size=3, unique_by=lambda article: article.article.id
    ).filter(scored)
)
def test_an_article_against_itself_is_perfect(articles: list[TaggedArticle]) -> None:
    evaluation = evaluate(articles, articles, labels=LABELS)
    themes, cut = evaluation.themes, evaluation.segmentation
    assert themes.micro.right == themes.micro.predicted == themes.micro.support
    assert cut.sentences.right == cut.sentences.support == sum(len(article.sentences) for article in articles)
    assert cut.boilerplate_recall in (1.0, None)
    assert cut.lost_share == 0.0


def test_a_theme_that_is_no_label_is_refused_with_its_side_and_the_nearest_name() -> None:
    predicted = tagged((0, 14, "body", "x"))
    with pytest.raises(OptionError) as refusal:
        evaluate([GOLD], [predicted], labels=["e", "p", "j"])
    assert str(refusal.value) == 'the predicted articles carry the theme "x", which is not one of the labels'


@pytest.mark.parametrize(
    ("gold", "predicted", "message"),
    [
        ([GOLD], [], "1 of 1 article(s) are missing on the predicted side: 'a'"),
        ([GOLD], [GOLD, *OTHERS], "7 of 8 article(s) are missing on the gold side: 'b', 'c', 'd', 'e', 'f' and 2 more"),
        ([GOLD, GOLD], [GOLD], "article 'a' stands twice on the gold side"),
        (
            [GOLD],
            [tagged(text="Autre.")],
            "gold and predicted have different texts of 1 article(s), so that offsets do not compare: 'a'",
        ),
    ],
)
def test_articles_that_cannot_be_compared_are_refused(
    gold: list[TaggedArticle], predicted: list[TaggedArticle], message: str
) -> None:
    with pytest.raises(OptionError) as refusal:
        evaluate(gold, predicted)
    assert str(refusal.value).startswith(message)


def test_matrices_of_different_shapes_are_refused() -> None:
    with pytest.raises(OptionError, match=r"gold has the shape \(1, 2\), predicted \(1, 1\)"):
        label_metrics([[1, 0]], [[1]], ["a", "b"])


@pytest.mark.parametrize(("shift", "right"), [(0, 2), (2, 2), (3, 1)])
def test_a_sentence_is_right_when_both_ends_lie_within_two_characters(shift: int, right: int) -> None:
    predicted = tagged((0, 14, "body", ""), (15 + shift, 32, "body", ""))
    metrics = segmentation_metrics([GOLD], [predicted]).sentences
    assert (metrics.right, metrics.predicted, metrics.support) == (right, 2, 3)


def test_two_predicted_sentences_near_one_gold_sentence_count_once() -> None:
    gold = tagged((0, 2, "body", ""), text="abcdef")
    predicted = tagged((0, 1, "body", ""), (1, 3, "body", ""), text="abcdef")
    assert segmentation_metrics([gold], [predicted]).sentences.right == 1


def test_boilerplate_and_lost_body_are_counted_in_characters_that_are_not_white_space() -> None:
    predicted = tagged((0, 14, "boilerplate", ""), (15, 36, "body", ""), (36, 42, "boilerplate", ""))
    metrics = segmentation_metrics([GOLD], [predicted])
    assert (metrics.boilerplate, metrics.boilerplate_found) == (9, 6)
    assert (metrics.body, metrics.body_lost) == (27, 12)
    assert metrics.lost_share == 12 / 27


def test_body_text_that_no_predicted_sentence_holds_is_lost_too() -> None:
    assert segmentation_metrics([GOLD], [tagged((15, 42, "body", ""))]).body_lost == 12


def test_without_boilerplate_in_gold_its_recall_is_unknown_not_perfect() -> None:
    gold = tagged((0, 14, "body", ""))
    assert segmentation_metrics([gold], [gold]).boilerplate_recall is None


def test_the_report_prints_the_number_of_labels_averaged() -> None:
    text = report(evaluate([GOLD], [GOLD]))
    assert "macro-F1 not defined (no label has 5 gold sentences or more) over 0 labels with at least 5 gold" in text
    assert "micro-F1 1.000" in text
    assert "boilerplate recognised: 1.000; body text lost: 0.00%" in text


def test_the_figures_as_json_hold_every_label_and_what_was_averaged() -> None:
    record = evaluate([GOLD], [GOLD]).to_dict()
    assert list(record["labels"]) == ["e", "j", "p"]
    assert record["macro_labels"] == []
    assert record["figures"]["macro_f1"]["reason"] == "no label has 5 gold sentences or more"
    assert record["figures"]["micro_f1"]["value"] == 1.0
    assert {name: record["labels"]["e"][name] for name in ("right", "predicted", "support")} == dict.fromkeys(
        ("right", "predicted", "support"), 1
    )
    assert record["figures"]["body_lost"]["value"] == 0.0
