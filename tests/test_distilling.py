"""Distillation: the pupil learns what the teacher said, nothing that is measured on, and the table shows what was measured."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from small_experiments import two_models, write_articles

from claimtag import Article, load_scheme, read_gold
from claimtag.errors import OptionError
from claimtag.experiments import distilling, load_experiment, read_run, run_experiments
from claimtag.experiments.curves import sentence_counts
from claimtag.experiments.distilling import SUREST, Course, distil, figures, learn, themes_said
from claimtag.experiments.files import Distillation, Teacher
from claimtag.experiments.running import Session
from claimtag.experiments.unlabelled import LONGEST, Drawn, contexts_of, cut, draw
from claimtag.records import TaggedArticle
from claimtag.splits import find_leaks
from claimtag.themes.base import SentenceInArticle

ROOT = Path(__file__).parent.parent
SCHEME = load_scheme("security-cooperation")
FILE = two_models(
    """
[distillation]
model = "words"
teacher = { kind = "keywords" }
unlabelled = "unlabelled.jsonl"
sentences = [20, 60]
""",
    words="""
kind = "linear"
options = { context = false, letters = 40 }
calibration = "none"
""",
)


@pytest.fixture(scope="module")
def gold(examples: Path) -> list[TaggedArticle]:
    return list(read_gold(examples / "train.jsonl"))


def bare(gold: Sequence[TaggedArticle]) -> list[Article]:
    return [tagged.article for tagged in gold]


# what is said


@st.composite
def said_and_known(draw: st.DrawFn) -> tuple[Any, Any]:
    labels = draw(st.integers(1, 3))
    scores = st.sampled_from([0.0, 0.3, 0.5, 0.6, 0.6001, 0.9, 1.0])  # with ties
    return (
        draw(arrays(np.float32, (draw(st.integers(1, 12)), labels), elements=scores)),
        draw(arrays(bool, (draw(st.integers(1, 8)), labels))),
    )


@given(said_and_known())
def test_the_surest_are_said_and_none_more_often_than_in_the_gold(drawn: tuple[Any, Any]) -> None:
    scores, gold = drawn
    said = themes_said(scores, gold)
    assert said.shape == scores.shape
    assert (said.sum(axis=0) <= len(scores) * gold.mean(axis=0) + 1e-6).all()
    for column in range(scores.shape[1]):
        chosen, others = scores[said[:, column], column], scores[~said[:, column], column]
        assert (chosen >= SUREST).all()
        assert max(others, default=-1) < min(chosen, default=2)


def test_as_many_are_said_as_the_share_allows() -> None:
    scores = np.linspace(0.5, 1, 10)[:, np.newaxis]
    gold = np.array([[True]] * 3 + [[False]] * 7)
    assert themes_said(scores, gold).ravel().tolist() == [False] * 7 + [True] * 3
    assert themes_said(scores, np.array([[True]])).all()


def test_what_was_not_asked_counts_for_no_share() -> None:
    gold = np.ma.array([[True], [False], [False], [False]], mask=[[False], [False], [True], [True]])
    assert themes_said(np.array([[0.9], [0.8], [0.7], [0.6]]), gold).ravel().tolist() == [True, True, False, False]
    assert not themes_said(np.array([[0.9]]), np.ma.array([[False]], mask=[[True]])).any()


# who is drawn


def test_articles_are_drawn_at_random_but_always_alike_until_there_are_enough(
    gold: list[TaggedArticle], tmp_path: Path
) -> None:
    file = write_articles(tmp_path / "texts.jsonl", bare(gold[:40]))
    drawn = draw(file, 60, gold[100:110])
    ids = [tagged.article.id for tagged in drawn.articles]
    sizes = sentence_counts(drawn.articles)
    assert sum(sizes) >= 60 > sum(sizes[:-1])
    assert ids == [tagged.article.id for tagged in draw(file, 60, gold[100:110]).articles]
    assert ids != [tagged.article.id for tagged in draw(file, 60, gold[100:110], seed=1).articles]
    assert ids != [tagged.article.id for tagged in gold[: len(ids)]]


@given(st.integers(1, 80), st.integers(1, 80))
def test_fewer_sentences_are_the_first_of_more_and_articles_stay_whole(one: int, other: int) -> None:
    texts = ["Un ministre parle. La police écoute.", "Rabat.", "Il pleut. Il neige. Il vente."] * 20
    drawn = Drawn(tuple(cut(Article(str(place), text, lang="fr")) for place, text in enumerate(texts)), 0)
    fewer, more = (drawn.first(size) for size in sorted((one, other)))
    assert [sentence.text for sentence in fewer] == [sentence.text for sentence in more][: len(fewer)]
    assert min(one, other) <= len(fewer) < min(one, other) + 3
    assert fewer[-1].index == len(fewer[-1].article.sentences) - 1


def test_articles_that_share_text_with_those_measured_on_are_left_out_and_counted(
    gold: list[TaggedArticle], tmp_path: Path
) -> None:
    measured, others = gold[:10], gold[20:40]
    copies = [
        replace(tagged.article, id=f"copy-{number}-{tagged.article.id}") for number in (1, 2) for tagged in measured
    ]
    longest = max((one.text for one in gold[0].sentences), key=len)
    quoting = replace(others[0].article, id="quoting", text=f"{others[0].article.text}\n\n{longest}")
    file = write_articles(tmp_path / "texts.jsonl", [*copies, quoting, *bare(others[1:])])
    size = sum(sentence_counts([cut(tagged.article) for tagged in others[1:]]))
    drawn = draw(file, size, measured)
    assert drawn.left_out == len(copies) + 1
    assert {tagged.article.id for tagged in drawn.articles} == {tagged.article.id for tagged in others[1:]}
    assert not find_leaks({"measured": measured, "unlabelled": drawn.articles})


def test_endless_articles_are_not_drawn_and_too_few_sentences_are_told(tmp_path: Path) -> None:
    endless = "\n\n".join(f"Le ministre numéro {number} a parlé." for number in range(LONGEST + 1))
    short = "\n\n".join(f"La police numéro {number} a écouté." for number in range(LONGEST))
    file = write_articles(tmp_path / "texts.jsonl", [Article("endless", endless), Article("short", short, lang="fr")])
    assert [tagged.article.id for tagged in draw(file, LONGEST, []).articles] == ["short"]
    with pytest.raises(OptionError) as refusal:
        draw(file, 1000, [])
    assert str(refusal.value) == (
        f"distillation.sentences: 1,000 sentences are asked for, and {file} has 40 in articles of at most 40 sentences "
        "that share no text with those measured on; ask for fewer, or give more articles"
    )


# who learns what


class Recorded:
    """A model that remembers what it was given, and has the same scores for everything."""

    made: list[Recorded]

    def __init__(self, score: float) -> None:
        self.score = score
        Recorded.made.append(self)

    def fit(self, X: Sequence[SentenceInArticle], y: Any) -> None:
        self.learned, self.said = [one.text for one in X], y

    def scores(self, sentences: Sequence[SentenceInArticle]) -> Any:
        by_place = self.score - np.arange(len(sentences)) / 1e5
        return np.tile(by_place[:, np.newaxis], (1, len(SCHEME.labels))).astype(np.float32)


def course(segmentation: Any = "gold", **models: Callable[[], Any]) -> Course:
    section = Distillation("words", Teacher("keywords"), "unlabelled.jsonl", (5, 12))
    made = {"teacher": lambda: Recorded(0.9), "pupil": lambda: Recorded(0.4)} | models
    return Course(section, scheme=SCHEME, segmentation=segmentation, method="none", **made)


def test_the_teacher_learns_from_the_annotated_and_the_pupils_from_what_it_says_too(gold: list[TaggedArticle]) -> None:
    Recorded.made = []
    known, held = gold[:8], gold[8:12]
    texts = Drawn(tuple(cut(tagged.article) for tagged in gold[20:24]), 0)
    scores = learn((known, held), texts, course())
    teacher, *pupils = Recorded.made
    annotated = [one.text for one in contexts_of(known)]
    assert teacher.learned == annotated
    for pupil, size in zip(pupils, (0, 5, 12), strict=True):
        more = [one.text for one in texts.first(size)]
        assert pupil.learned == [*annotated, *more]
        assert (pupil.said[: len(annotated)] == teacher.said).all()
        assert pupil.said[len(annotated) :].any() == (int(teacher.said.mean(axis=0).max() * len(more)) > 0)
    assert list(scores) == ["teacher", "0", "5", "12"]
    assert {way: values.shape for way, values in scores.items()} == dict.fromkeys(
        scores, (sum(sentence_counts(held)), len(SCHEME.labels))
    )
    assert (scores["teacher"] >= 0.89).all()
    assert (scores["12"] <= 0.4).all()


def test_sentences_that_are_not_given_are_found_and_scored_in_place_of_the_gold(gold: list[TaggedArticle]) -> None:
    Recorded.made = []
    texts = Drawn(tuple(cut(tagged.article) for tagged in gold[20:24]), 0)
    last = [one for one in gold[8].sentences if one.kind != "boilerplate"][-1]
    whole = replace(gold[8], sentences=(last,), claims=())
    found = learn((gold[:8], [whole]), texts, course("automatic"))["teacher"]
    given = learn((gold[:8], [whole]), texts, course("gold"))["teacher"]
    assert found.shape == given.shape == (1, len(SCHEME.labels))
    assert found[0, 0] < given[0, 0]  # scores fall by the place of the sentence: there it is the only one


def test_a_pupil_is_not_taught_labels_that_were_not_asked(gold: list[TaggedArticle]) -> None:
    Recorded.made = []
    label = SCHEME.labels[0]
    sentences = tuple(
        replace(one, themes=tuple(theme for theme in one.themes if theme.label != label), not_asked=(label,))
        for one in gold[0].sentences
        if one.kind != "boilerplate"
    )
    known = [replace(gold[0], sentences=sentences, claims=()), *gold[1:8]]
    learn((known, gold[8:10]), Drawn(tuple(cut(one.article) for one in gold[20:24]), 0), course())
    mask = np.ma.getmaskarray(Recorded.made[-1].said)
    assert mask[: len(sentences), 0].all()
    assert mask.sum() == len(sentences)


def test_figures_are_of_thresholds_from_the_other_articles_and_paired_with_the_pupil_alone(
    gold: list[TaggedArticle],
) -> None:
    held = gold[:30]
    truth = np.array(
        [[label in one.labels for label in SCHEME.labels] for tagged in held for one in tagged.sentences if one.kind != "boilerplate"],
        dtype=np.float32,
    )  # fmt: skip
    rng = np.random.default_rng(0)
    chance = rng.random(truth.shape).astype(np.float32)
    by_way = {"teacher": 0.4 + 0.2 * truth, "0": chance, "5": chance, "12": 0.1 * chance + 0.8 * truth}
    half = sum(sentence_counts(held[:15]))
    tables = [
        {way: values[rows] for way, values in by_way.items()} | {"drawn": np.array([7, 2])}
        for rows in (slice(None, half), slice(half, None))
    ]
    made = figures(held, tables, course())
    teacher, alone, some, more = made["points"]
    assert [point["way"] for point in made["points"]] == ["teacher", "0", "5", "12"]
    # scores that part the sentences rightly are decided rightly, whatever their height
    assert (teacher["micro_f1"]["value"], more["micro_f1"]["value"]) == (1, 1)
    assert alone["difference"] is None
    assert some["difference"]["macro_f1"]["difference"]["value"] == 0
    gap = more["difference"]["micro_f1"]
    assert (gap["a"], gap["b"]) == (1, alone["micro_f1"]["value"])
    assert gap["difference"]["value"] == pytest.approx(1 - alone["micro_f1"]["value"])
    assert alone["micro_f1"]["value"] < 0.5
    assert made["unlabelled"] == {"file": "unlabelled.jsonl", "articles": 7, "left_out": 2}
    assert (made["articles"], made["parts"], made["teacher"]) == (30, 2, {"kind": "keywords", "options": None})


def test_what_was_interrupted_goes_on_to_the_same_figures(
    gold: list[TaggedArticle], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Recorded.made = []
    parts = [(gold[:8], gold[8:14]), (gold[8:14], gold[:8])]
    drawn: list[Drawn] = []

    def texts() -> Drawn:
        drawn.append(Drawn(tuple(cut(tagged.article) for tagged in gold[20:24]), 3))
        return drawn[-1]

    def distilled(folder: Path) -> dict[str, Any]:
        folder.mkdir(exist_ok=True)
        return distil(parts, texts, course(), path_of=lambda number: folder / f"{number}.npz")

    whole = distilled(tmp_path / "whole")
    assert len(drawn) == 1  # all parts have the same texts
    assert whole["unlabelled"] == {"file": "unlabelled.jsonl", "articles": 4, "left_out": 3}
    learned: list[object] = []

    def stops_at_the_second(part: Any, *given: Any, **options: Any) -> Any:
        learned.append(part)
        if len(learned) == 2:
            raise KeyboardInterrupt
        return learn(part, *given, **options)

    monkeypatch.setattr(distilling, "learn", stops_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        distilled(tmp_path / "cut")
    assert [path.name for path in (tmp_path / "cut").iterdir()] == ["0.npz"]
    assert distilled(tmp_path / "cut") == whole
    assert learned == [parts[0], parts[1], parts[1]]


def test_a_single_test_article_is_refused_before_anything_is_learned(gold: list[TaggedArticle], tmp_path: Path) -> None:
    def nothing() -> Drawn:
        raise AssertionError("texts were drawn")

    again = replace(gold[8], article=replace(gold[8].article, id="again"))
    with pytest.raises(OptionError) as refusal:
        distil([(gold[:8], [gold[8], again])], nothing, course(), path_of=lambda number: tmp_path / f"{number}.npz")
    assert str(refusal.value) == (
        "distillation: thresholds come from the other test articles, and there is but one (duplicates together); "
        "measure on more"
    )


# in an experiment


def a_project(folder: Path, gold: list[TaggedArticle]) -> Path:
    (folder / "experiments").mkdir()
    write_articles(folder / "train.jsonl", gold[::8])
    write_articles(folder / "unlabelled.jsonl", bare([*gold[1:60:2], gold[0]]))
    file = folder / "experiments" / "distillation.toml"
    file.write_text(FILE)
    return file


def test_only_the_pupils_run_has_the_figures_and_they_stand_in_the_results(
    tmp_path: Path, gold: list[TaggedArticle], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("matplotlib", reason="the extra plots is not installed")
    file, results = a_project(tmp_path, gold), tmp_path / "experiments" / "results" / "distillation"
    taught: list[object] = []

    def stops_at_the_second(*given: Any, **options: Any) -> Any:
        taught.append(given)
        if len(taught) == 2:
            raise OptionError("the power is cut")
        return learn(*given, **options)

    monkeypatch.setattr(distilling, "learn", stops_at_the_second)
    assert [str(error) for error in run_experiments([file]).failures.values()] == ["the power is cut"]
    assert len(run_experiments([file]).made) == 1
    assert len(taught) == 3  # of two parts, the first stood
    distilled = read_run(results / "words-s0").metrics["distillation"]
    assert "distillation" not in read_run(results / "other-s0").metrics
    assert [point["way"] for point in distilled["points"]] == ["teacher", "0", "20", "60"]
    text = (file.parent / "RESULTS.md").read_text()
    assert "Distillation, `words`: learned from the annotated sentences and so many unlabelled ones, " in text
    assert "the teacher (`keywords`), which learned from the same annotated sentences, says of them. " in text
    texts = distilled["unlabelled"]
    assert (
        f"drawn: {texts['articles']}; left out because they share text with test articles: {texts['left_out']}. "
        in text
    )
    last = distilled["points"][-1]
    cells = [f"{last['macro_f1']['value']:.3f} [{last['macro_f1']['low']:.3f}, {last['macro_f1']['high']:.3f}]"]
    gap = last["difference"]["macro_f1"]["difference"]
    cells.append(f"{gap['value']:+.3f} [{gap['low']:+.3f}, {gap['high']:+.3f}]")
    assert f"| 60 | {' | '.join(cells)} |" in text
    assert text.count("| the teacher | ") == 1

    # other texts make the pupil's run anew, and no other
    assert run_experiments([file]).made == []
    write_articles(tmp_path / "unlabelled.jsonl", bare(gold[1:60:2]))
    session = Session(load_experiment(file))
    keys = {model.name: session.key(model, 0) for model in session.contents.models}
    kept = {name: json.loads((results / f"{name}-s0" / "run.json").read_text())["key"] for name in keys}
    assert (keys["words"] == kept["words"], keys["other"] == kept["other"]) == (False, True)


def test_a_section_changes_the_key_of_its_pupil_alone_and_not_of_its_predictions(
    tmp_path: Path, gold: list[TaggedArticle]
) -> None:
    file = a_project(tmp_path, gold)

    def keys() -> dict[tuple[str, bool], str]:
        session = Session(load_experiment(file))
        return {
            (model.name, figures): session.key(model, 0, figures=figures)
            for model in session.contents.models
            for figures in (True, False)
        }

    before = keys()
    file.write_text(FILE.replace("[20, 60]", "[20, 40]"))
    after = keys()
    assert {name for name in before if before[name] != after[name]} == {("words", True)}
    start, end = FILE.index("[distillation]"), FILE.index("[[models]]")
    file.write_text(FILE[:start] + FILE[end:])
    assert {name for name, key in keys().items() if key != before[name]} == {("words", True)}


def test_without_the_unlabelled_texts_an_experiment_is_skipped_and_says_why(
    tmp_path: Path, gold: list[TaggedArticle], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("matplotlib", reason="the extra plots is not installed")
    file = a_project(tmp_path, gold)
    file.write_text(FILE.replace('"unlabelled.jsonl"', '"data:unlabelled.jsonl"'))
    monkeypatch.setenv("CLAIMTAG_DATA", "/nowhere")
    assert run_experiments([file]).skipped == {
        "distillation": "unlabelled.jsonl not in /nowhere: CLAIMTAG_DATA must name the folder of the shared data "
        '("data:" in the file); the results that are committed stand'
    }


def problems(file: Path, text: str) -> list[str]:
    file.write_text(text)
    with pytest.raises(OptionError) as refusal:
        load_experiment(file)
    return [line.strip() for line in str(refusal.value).splitlines()[1:]]


def test_what_makes_no_sense_in_a_distillation_is_told_at_once(tmp_path: Path) -> None:
    text = (
        FILE.replace('model = "words"', 'model = "wordz"')
        .replace('"unlabelled.jsonl"', '"data: "')
        .replace("[20, 60]", "[60, 20]")
        .replace("description", "unseen_labels = true\ndescription")
        .replace('calibration = "none"', "")
    )
    told = problems(
        tmp_path / "bad.toml", text.replace('kind = "keywords"', 'kind = "blend", options = { part = "x" }')
    )
    assert told[0] == (
        "distillation, unseen_labels: a label's threshold would be learned from its own sentences; leave one of them out"
    )
    assert told[1] == 'distillation.model: "wordz" is not one of the models (did you mean "words"?)'
    assert told[2].startswith(
        'distillation.teacher.options: models of kind "blend" have no option "part" (did you mean "parts"?); they have parts'
    )
    assert told[3:] == [
        "distillation.unlabelled: names no file",
        "distillation.sentences: at least one number from 1 up, each larger than the one before, not [60, 20]",
    ]
    assert problems(tmp_path / "bad.toml", FILE.replace('kind = "keywords"', 'kind = "keyword"')) == [
        'distillation.teacher.kind: "keyword" is not one of linear, encoder, transformer, blend, keywords, zeroshot, '
        'majority (did you mean "keywords"?)'
    ]


def test_unknown_and_missing_keys_of_a_distillation_are_told(tmp_path: Path) -> None:
    text = FILE.replace('{ kind = "keywords" }', '{ kidn = "keywords" }').replace("unlabelled =", "unlabeled =")
    assert sorted(problems(tmp_path / "bad.toml", text)) == [
        'distillation.teacher.kidn: unknown key (did you mean "kind"?)',
        "distillation.teacher.kind: missing",
        'distillation.unlabeled: unknown key (did you mean "unlabelled"?)',
        "distillation.unlabelled: missing",
    ]
    told = problems(tmp_path / "bad.toml", FILE.replace('kind = "keywords"', 'kind = "linear", options = { C = [1] }'))
    assert told == ["distillation.teacher.options.C: must be true or false, a number or a string"]


def test_the_committed_experiment_teaches_one_of_its_models() -> None:
    contents = load_experiment(ROOT / "experiments" / "distillation.toml").contents
    assert contents.distillation is not None
    assert contents.distillation.model in [model.name for model in contents.models]
    assert "by a language model" in contents.note


def test_a_part_in_which_nothing_is_scored_takes_part_all_the_same(gold: list[TaggedArticle]) -> None:
    Recorded.made = []
    silent = replace(
        gold[8],
        sentences=tuple(replace(one, kind="boilerplate", themes=()) for one in gold[8].sentences[:1]),
        claims=(),
    )
    texts = Drawn(tuple(cut(tagged.article) for tagged in gold[20:24]), 0)
    for segmentation in ("gold", "automatic"):
        scores = learn((gold[:8], [silent]), texts, course(segmentation))
        assert {values.shape for values in scores.values()} == {(0, len(SCHEME.labels))}
