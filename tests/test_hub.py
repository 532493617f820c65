"""Our metrics as Hugging Face metrics: the same values, offline, without files, in plain JSON, alone and combined."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import evaluate
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    brier_score_loss,
    cohen_kappa_score,
    f1_score,
    hamming_loss,
    label_ranking_average_precision_score,
    precision_recall_fscore_support,
)
from strategies import tagged_articles

from claimtag.errors import OptionError
from claimtag.evaluation.hub import METRICS, metric
from claimtag.records import TaggedArticle

LABELS = ["drugs", "justice", "politics"]
GOLD, SAID = [[1, 0, 0], [1, 1, 0], [0, 0, 0]], [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
SCORES = [[0.9, 0.1, 0.2], [0.3, 0.8, 0.1], [0.2, 0.4, 0.6]]


def inputs(name: str) -> dict[str, Any]:
    """Something that the metric of this name can be computed from."""
    if METRICS[name].labelled:
        return {"references": GOLD, "predictions": SAID, "prediction_scores": SCORES}
    if name == "agreement":
        return {"references": ["a", "b", "b"], "predictions": ["a", "b", "a"]}
    record = {"id": "x", "text": "Il pleut.", "sentences": [{"start": 0, "end": 9, "text": "Il pleut.", "themes": []}]}
    return {"references": [json.dumps(record)], "predictions": [json.dumps(record)]}


def computed(name: str, **given: Any) -> dict[str, Any]:
    values = metric(name, labels=LABELS).compute(
        **{key: value for key, value in given.items() if key in METRICS[name].features}
    )
    json.dumps(values, allow_nan=False)
    return dict(values)


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_is_one_of_the_library_under_its_name_and_gives_plain_json(name: str) -> None:
    one = metric(name, labels=LABELS)
    assert isinstance(one, evaluate.Metric)
    assert one.name == name
    assert one.description
    assert computed(name, **inputs(name))


rows = st.lists(st.tuples(*[st.booleans()] * 6, *[st.sampled_from([0.0, 0.2, 0.5, 1.0])] * 3), min_size=1, max_size=20)


@given(rows)
@settings(max_examples=30)
def test_values_equal_scikit_learns_where_they_are_defined(rows: list[tuple[float, ...]]) -> None:
    table = np.array(rows, dtype=float)
    gold, said, scores = table[:, :3].astype(int), table[:, 3:6].astype(int), table[:, 6:]
    given = {"references": gold, "predictions": said, "prediction_scores": scores}
    options: dict[str, Any] = {"zero_division": np.nan}
    per_label = computed("per_label", **given)
    precision, recall, f1, support = precision_recall_fscore_support(gold, said, average=None, **options)
    for place, label in enumerate(LABELS):
        _same(per_label[f"precision/{label}"], precision[place])
        _same(per_label[f"recall/{label}"], recall[place])
        _same(per_label[f"f1/{label}"], f1[place] if support[place] else np.nan)
        assert per_label[f"support/{label}"] == support[place]
    micro = computed("micro", **given)
    wanted = precision_recall_fscore_support(gold, said, average="micro", **options)
    for name, value in zip(("micro_precision", "micro_recall", "micro_f1"), wanted, strict=False):
        _same(micro[name], value)
    macro = metric("macro", labels=LABELS, macro_labels=LABELS).compute(references=gold, predictions=said)
    _same(macro["macro_f1"], f1.mean() if support.all() else np.nan)
    _same(computed("exact", **given)["exact"], accuracy_score(gold, said))
    anything = f1_score(gold.any(axis=1), said.any(axis=1), zero_division=np.nan)
    _same(computed("any_theme", **given)["any_theme_f1"], anything)
    _same(computed("hamming", **given)["hamming_loss"], hamming_loss(gold, said))
    _same(computed("lrap", **given)["lrap"], label_ranking_average_precision_score(gold, scores))
    area = computed("average_precision", **given)
    for place, label in enumerate(LABELS):
        wanted_area = average_precision_score(gold[:, place], scores[:, place]) if support[place] else np.nan
        _same(area[f"average_precision/{label}"], wanted_area)
    _same(computed("brier", **given)["brier"], brier_score_loss(gold.ravel(), scores.ravel(), pos_label=1))


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=2, max_size=20))
@settings(max_examples=30)
def test_kappa_equals_scikit_learns(pairs: list[tuple[str, str]]) -> None:
    gold, said = zip(*pairs, strict=True)
    if len({*gold, *said}) > 1:
        _same(computed("agreement", references=gold, predictions=said)["cohen_kappa"], cohen_kappa_score(gold, said))


@given(st.lists(tagged_articles(scores=False), min_size=1, max_size=3, unique_by=lambda each: each.article.id))
@settings(max_examples=20)
def test_articles_against_themselves_are_perfect_where_there_is_something(articles: list[TaggedArticle]) -> None:
    lines = [json.dumps(tagged.to_dict()) for tagged in articles]
    claims = computed("claims", references=lines, predictions=lines)
    assert claims["claim_f1"] == (1.0 if any(tagged.claims for tagged in articles) else None)
    assert computed("segmentation", references=lines, predictions=lines)["sentence_f1"] == 1.0


def test_what_is_not_defined_is_none_with_its_reason() -> None:
    nothing = [[0, 0, 0]] * 2
    given = {"references": nothing, "predictions": nothing, "prediction_scores": [[0.1, 0.2, 0.3]] * 2}
    assert computed("micro", **given) == {
        "micro_precision": None,
        "micro_recall": None,
        "micro_f1": None,
        "undefined": {
            "micro_precision": "no theme was predicted",
            "micro_recall": "no gold sentence carries a theme",
            "micro_f1": "no sentence carries a theme, in gold or predicted",
        },
    }
    assert computed("macro", **given)["undefined"] == {"macro_f1": "no label has 5 gold sentences or more"}
    asked = metric("macro", labels=LABELS, macro_labels=["drugs"]).compute(references=nothing, predictions=nothing)
    assert asked["undefined"] == {"macro_f1": 'no gold sentence carries "drugs"'}
    assert computed("average_precision", **given)["average_precision/drugs"] is None
    assert computed("lrap", **given)["themed_lrap"] is None
    empty = {"references": [], "predictions": [], "prediction_scores": []}
    for name in METRICS:
        values = computed(name, **empty)
        assert all(value in (None, 0, []) for key, value in values.items() if key != "undefined"), name


def test_a_label_that_was_predicted_but_is_never_gold_has_no_f1() -> None:
    values = computed("per_label", references=[[0, 1, 1]], predictions=[[1, 1, 0]])
    assert (values["f1/drugs"], values["precision/drugs"], values["f1/politics"]) == (None, 0.0, 0.0)


def test_metrics_of_decisions_and_of_scores_combine() -> None:
    names = [name for name in METRICS if METRICS[name].labelled]
    combined = evaluate.combine([metric(name, labels=LABELS) for name in names])
    together = combined.compute(references=GOLD, predictions=SAID, prediction_scores=SCORES)
    alone: dict[str, Any] = {}
    for name in names:
        alone |= computed(name, **inputs(name))
    reasons = {key for key in together if key.endswith("undefined")}
    assert {key: together[key] for key in together if key not in reasons} == {
        key: value for key, value in alone.items() if key != "undefined"
    }
    assert "per_label_undefined" in reasons


def test_metrics_of_articles_combine() -> None:
    given = inputs("claims")
    combined = evaluate.combine([metric("claims"), metric("segmentation")]).compute(**given)
    alone = computed("claims", **given) | computed("segmentation", **given)
    alone.pop("undefined")
    assert {key: value for key, value in combined.items() if not key.endswith("undefined")} == alone


def test_batches_and_single_rows_add_up() -> None:
    one = metric("micro", labels=LABELS)
    one.add_batch(references=GOLD[:2], predictions=SAID[:2])
    one.add(reference=GOLD[2], prediction=SAID[2])
    assert one.compute() == computed("micro", references=GOLD, predictions=SAID)
    assert one.compute(references=GOLD, predictions=GOLD)["micro_f1"] == 1.0


def test_computing_does_not_touch_numpys_global_random_state() -> None:
    before: Mapping[str, Any] = np.random.get_state(legacy=False)
    computed("micro", references=GOLD, predictions=SAID)
    after: Mapping[str, Any] = np.random.get_state(legacy=False)
    assert (before["state"]["key"] == after["state"]["key"]).all()


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("micro", {"references": [[1, 0]], "predictions": [[1, 0, 0]]}, '"references", row 0: 2 numbers for 3 labels'),
        ("micro", {"references": [[1, 0, 0]], "predictions": [[0.7, 0, 0]]}, '"predictions" must be rows of 0 and 1'),
        ("lrap", {"references": [[1, 0, 0]], "prediction_scores": [[1.7, 0, 0]]}, r'"prediction_scores" must lie in \[0, 1\]'),
        ("claims", {"references": ["{}"], "predictions": ["{}"]}, '"references", article 0: .*missing'),
        ("claims", {"references": ["{"], "predictions": ["{"]}, '"references", article 0: Expecting'),
        ("micro", {}, 'the metric "micro" was given nothing; add predictions and references first'),
    ],
)  # fmt: skip
def test_inputs_that_do_not_fit_are_refused(name: str, given: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        metric(name, labels=LABELS).compute(**given)


def test_articles_in_another_order_are_refused() -> None:
    lines = [json.dumps({"id": name, "text": "a", "sentences": []}) for name in "xy"]
    with pytest.raises(OptionError, match='article "x" of "references" stands beside "y", or has another text'):
        metric("claims").compute(references=lines, predictions=lines[::-1])


def test_unknown_metrics_and_inputs_are_refused_with_the_nearest_name() -> None:
    with pytest.raises(OptionError, match='there is no metric "hammming"'):
        metric("hammming")
    with pytest.raises(OptionError, match='the metric "micro" needs labels: the names of the columns'):
        metric("micro")
    with pytest.raises(OptionError, match=r'takes no "prediction_score" \(did you mean "prediction_scores"\?\)'):
        metric("micro", labels=LABELS).compute(references=GOLD, predictions=SAID, prediction_score=SCORES)


def test_nothing_is_fetched_and_no_file_is_left(tmp_path: Path) -> None:
    script = """
        import socket
        def refuse(*args, **kwargs):
            raise OSError("the network is not to be used")
        socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.create_connection = refuse
        import evaluate
        from claimtag.evaluation.hub import METRICS, metric
        rows = [name for name in METRICS if METRICS[name].labelled]
        combined = evaluate.combine([metric(name, labels=["a", "b"]) for name in rows])
        print(combined.compute(references=[[1, 0]], predictions=[[1, 0]], prediction_scores=[[0.9, 0.2]])["micro_f1"])
        articles = ["{\\"id\\": \\"x\\", \\"text\\": \\"Oui.\\", \\"sentences\\": []}"]
        combined = evaluate.combine([metric("claims"), metric("segmentation")])
        print(combined.compute(references=articles, predictions=articles)["body_lost"])
        print(metric("agreement").compute(references=["a", "b"], predictions=["a", "b"])["cohen_kappa"])
    """
    home = tmp_path / "home"
    home.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "XDG_", "HUGGINGFACE"))}
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        env=kept | {"HOME": str(home), "PYTHONPATH": str(Path(__file__).parent.parent)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.stdout, ran.returncode) == ("1.0\nNone\n1.0\n", 0), ran.stderr
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def _same(ours: float | None, theirs: float) -> None:
    assert ours == (None if np.isnan(theirs) else pytest.approx(float(theirs)))
