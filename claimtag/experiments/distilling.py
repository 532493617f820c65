"""What texts without annotations are worth: a pupil learns from them with the themes that a stronger teacher says.

In each part teacher and pupils learn from the articles that the part does not hold out; a theme is said of the
unlabelled sentences that score highest, as often as in the annotated ones at most. Thresholds of all come from the
other articles among those held out (`cross_decided`), so that they are decided alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from claimtag.errors import OptionError
from claimtag.evaluation.comparing import compare
from claimtag.evaluation.intervals import theme_counts, theme_estimates
from claimtag.evaluation.metrics import asked_matrix, theme_matrices
from claimtag.experiments.curves import sentence_counts, sentence_groups
from claimtag.experiments.files import Distillation, Segmentation, plain
from claimtag.experiments.material import Part
from claimtag.experiments.predictions import score_matrix
from claimtag.experiments.selections import keep, kept, run_of
from claimtag.experiments.unlabelled import Drawn, contexts_of, cut
from claimtag.records import TaggedArticle
from claimtag.scheme import Scheme
from claimtag.themes.base import Scores, asked_of, masked, said_of_asked
from claimtag.themes.calibrating import Method
from claimtag.themes.deciding import DIGITS, cross_decided
from claimtag.themes.remembering import shared

SUREST = 0.5  # the lowest score at which a teacher's theme is learned
TEACHER, ALONE = "teacher", "0"


@dataclass(frozen=True, slots=True)
class Course:
    """What is taught: the section of the experiment, how its models are made, and how articles are read."""

    distillation: Distillation
    teacher: Callable[[], Any]
    pupil: Callable[[], Any]
    scheme: Scheme
    segmentation: Segmentation
    method: Method | None = None  # of calibration; without it what does best


def distil(
    parts: Sequence[Part],
    drawn: Callable[[], Drawn],
    course: Course,
    *,
    path_of: Callable[[int], Path],
    tell: Callable[[str], object] = lambda _: None,
) -> dict[str, Any]:
    """The figures of all parts together; what a part gave before an interruption is read back from its path.

    OptionError where the parts hold out a single article, whose thresholds no other could give.
    """
    measured, texts = [tagged for _, held in parts for tagged in held], None
    if len(set(sentence_groups(measured).tolist())) < 2:
        raise OptionError(
            "distillation: thresholds come from the other test articles, and there is but one (duplicates together); "
            "measure on more"
        )
    tables = []
    for number, part in enumerate(parts):
        path = path_of(number)
        if not path.exists():
            texts = texts or drawn()
            tell(f"distillation, part {number + 1} of {len(parts)}")
            drawn_and_left_out = np.array([len(texts.articles), texts.left_out])
            keep(path, {**learn(part, texts, course, tell=tell), "drawn": drawn_and_left_out})
        tables.append(kept(path))
    return figures(measured, tables, course)


def learn(
    part: Part, texts: Drawn, course: Course, *, tell: Callable[[str], object] = lambda _: None
) -> dict[str, Scores]:
    """Scores of the sentences held out (gold sentences × labels): the teacher's, pupils' by what they learned from."""
    known, held = part
    sentences, gold = contexts_of(known), _gold(known, course.scheme.labels)
    tell("distillation: the teacher learns")
    teacher = course.teacher()
    teacher.fit(sentences, gold)
    scores = {TEACHER: _scores(teacher, held, course.segmentation)}
    sizes = course.distillation.sentences
    unlabelled = texts.first(sizes[-1])
    for identity in getattr(teacher, "encoders", ()):
        shared(identity.spec).encode(sorted({one.text for one in unlabelled}))  # once, and not in each part
    said = teacher.scores(unlabelled)
    for size in (0, *sizes):
        tell(f"distillation: the pupil learns, with {size:,} unlabelled sentences")
        more = texts.first(size)
        themes = (gold, themes_said(said[: len(more)], gold))
        pupil = course.pupil()
        pupil.fit([*sentences, *more], (np.concatenate if asked_of(gold) is None else np.ma.concatenate)(themes))
        scores[str(size)] = _scores(pupil, held, course.segmentation)
    return scores


def themes_said(scores: Scores, gold: Any) -> NDArray[np.bool_]:
    """The themes that a pupil learns (sentences × labels): the highest scores, none below `SUREST`, ties left out.

    None is said more often, by its share of the sentences, than in the gold.

    >>> themes_said(np.array([[0.9], [0.6], [0.8], [0.2]]), np.array([[True], [False]])).ravel().tolist()
    [True, False, True, False]
    """
    shares = np.ma.filled(np.asanyarray(gold).mean(axis=0), 0.0)
    most = np.floor(len(scores) * shares + 1e-9).astype(int)  # 0.3 × 10 is a little less than 3
    ranked = -np.sort(-np.asarray(scores, dtype=float), axis=0)
    ranked = np.vstack([ranked, np.full((1, ranked.shape[1]), -np.inf)])
    limits = ranked[most, np.arange(len(most))]
    said: NDArray[np.bool_] = (scores > limits) & (scores >= SUREST)
    return said


def figures(
    held: Sequence[TaggedArticle], tables: Sequence[Mapping[str, NDArray[Any]]], course: Course
) -> dict[str, Any]:
    """What the parts say together: each way's figures, and its difference to the pupil without unlabelled sentences."""
    labels, seen = course.scheme.labels, _gold(held, course.scheme.labels)
    groups, sizes = sentence_groups(held).tolist(), sentence_counts(held)
    counts = {}
    for way in (TEACHER, ALONE, *map(str, course.distillation.sentences)):
        scores = np.concatenate([table[way] for table in tables])
        _, said = cross_decided(scores, seen, labels, groups, method=course.method)
        counts[way] = theme_counts(np.ma.filled(seen, False), said_of_asked(said, seen), sizes)
    points = []
    for way, counted in counts.items():
        micro, macro, *_ = theme_estimates(counted)
        point: dict[str, Any] = {
            "way": way,
            "micro_f1": micro.to_dict(),
            "macro_f1": macro.to_dict(),
            "difference": None,
        }
        if way != ALONE:
            compared = compare(*(run_of(one, counts[one], course.scheme) for one in (way, ALONE)))
            point["difference"] = {"micro_f1": compared.micro.to_dict(), "macro_f1": compared.macro.to_dict()}
        points.append(point)
    articles, left_out = tables[0]["drawn"].tolist()
    return {
        "articles": len(held),
        "parts": len(tables),
        "teacher": plain(course.distillation.teacher),
        "unlabelled": {"file": course.distillation.unlabelled, "articles": articles, "left_out": left_out},
        "points": points,
    }


def _gold(articles: Sequence[TaggedArticle], labels: Sequence[str]) -> NDArray[np.bool_]:
    """The themes of the sentences (sentences × labels), what was not asked masked."""
    return masked(theme_matrices(articles, articles, labels=labels)[0], asked_matrix(articles, labels=labels))


def _scores(model: Any, held: Sequence[TaggedArticle], segmentation: Segmentation) -> Scores:
    """The scores of the gold sentences, a row each: of those given, or of those found in their place."""
    seen = held if segmentation == "gold" else [cut(tagged.article) for tagged in held]
    rows, ends = model.scores(contexts_of(seen)), np.cumsum(sentence_counts(seen))[:-1]
    return score_matrix(held, seen, np.split(rows, ends)).reshape(-1, rows.shape[1]).round(DIGITS)
