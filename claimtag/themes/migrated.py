"""A model under another version of its scheme: its scores led on to the labels that those it learned have become.

same     the label's score, under its new name
merged   the highest probability of several labels, so capped that the merged label is said (and put up for review)
         exactly where one of them was: a label that was not said counts at most as much as keeps the merged one unsaid
open     what a label that was split for reading again would get: its parts are put up for review and never said
none     nothing is known of the label: it is never said

Labels that are open or none need training, and the model says of no sentence that they are not there (`not_asked`); nor
of what comes from a label that the gold of the model beneath was not asked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from claimtag.errors import BundleError, OptionError, did_you_mean
from claimtag.scheme import Scheme
from claimtag.themes.base import Scores, SentenceInArticle, ThemeModel
from claimtag.themes.calibrating import Calibration
from claimtag.themes.deciding import DIGITS, Deciding
from claimtag.themes.identifying import Identity

How = Literal["same", "merged", "open", "none"]
FILE, DECIDING, BASE = "migrated.json", "deciding.json", "base"
STEP = 10.0**-DIGITS  # the least by which two probabilities differ


@dataclass(frozen=True, slots=True)
class Column:
    """Where the scores of a label come from."""

    how: How
    sources: tuple[str, ...] = ()


class MigratedTagger:
    """A theme model that leads the scores of another one, of the kind `kind`, on to the labels of `columns`.

    `deciding` holds the calibrations and thresholds of the model beneath, under its own labels.
    """

    def __init__(self, kind: str, model: ThemeModel, deciding: Deciding, columns: Mapping[str, Column]) -> None:
        self.kind, self.model, self.deciding, self.columns = kind, model, deciding, dict(columns)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the columns of `scores`, in their order."""
        return tuple(self.columns)

    @property
    def encoders(self) -> tuple[Identity, ...]:
        """The encoders that the model beneath learned with."""
        return tuple(getattr(self.model, "encoders", ()))

    @property
    def not_asked(self) -> tuple[str, ...]:
        """The labels that the model denies of no sentence: those that need training, and what comes from such."""
        before = set(self.deciding.not_asked)
        return tuple(
            label
            for label, column in self.columns.items()
            if column.how in ("open", "none") or not before.isdisjoint(column.sources)
        )

    def scores(self, sentences: Sequence[SentenceInArticle]) -> Scores:
        """A matrix (sentences × labels) of numbers in [0, 1]; a row depends on its sentence and article alone."""
        given = self.model.scores(sentences)
        probabilities = self.deciding.probabilities(given)
        at = {label: place for place, label in enumerate(self.deciding.labels)}
        made = np.zeros((len(given), len(self.columns)), dtype=np.float32)
        for place, column in enumerate(self.columns.values()):
            places = [at[label] for label in column.sources]
            if column.how == "same":
                made[:, place] = given[:, places[0]]
            elif places:
                highest = self._highest(probabilities, places)
                made[:, place] = np.minimum(highest, 1 - STEP) if column.how == "open" else highest
        return made

    def decided(self) -> Deciding:
        """The calibrations and thresholds of these labels, under which each says what those it comes from said."""
        calibrations = self.deciding.calibrations or (None,) * len(self.deciding.labels)
        at = {label: place for place, label in enumerate(self.deciding.labels)}
        thresholds, review = list[float | None](), list[float | None]()
        fitted = list[Calibration | None]()
        for column in self.columns.values():
            places = [at[label] for label in column.sources]
            say, look = self._limits(places)
            if column.how == "open" and say is not None:
                say = 1.0  # no score of it gets there
            thresholds.append(say)
            review.append(look)
            fitted.append(calibrations[places[0]] if column.how == "same" else None)
        return Deciding(
            self.labels,
            tuple(thresholds),
            tuple(review),
            tuple(fitted),
            goal=self.deciding.goal,
            task=self.deciding.task,
            not_asked=self.not_asked,
        )

    def _limits(self, places: Sequence[int]) -> tuple[float | None, float | None]:
        """The lowest threshold and review band of these labels of the model beneath."""
        said = [limit for place in places if (limit := self.deciding.thresholds[place]) is not None]
        look = [limit for place in places if (limit := self.deciding.review[place]) is not None]
        return (min(said), min(look)) if said else (None, None)

    def _highest(self, probabilities: NDArray[np.float64], places: Sequence[int]) -> NDArray[np.float64]:
        """The highest probability of these labels, one that is not said kept below the threshold of all."""
        say, look = self._limits(places)
        if say is None or look is None or self.deciding.task == "single-label":  # there the likeliest is said
            return np.asarray(probabilities[:, places].max(axis=1))
        capped = np.zeros((len(probabilities), len(places)))
        for at, place in enumerate(places):
            limit, low = self.deciding.thresholds[place], self.deciding.review[place]
            if limit is None or low is None:
                continue  # never said
            found = probabilities[:, place]
            unsaid = np.where(found >= low, np.clip(found, look, say - STEP), np.minimum(found, look - STEP))
            capped[:, at] = np.where(found >= limit, found, np.maximum(unsaid, 0))
        return np.asarray(capped.max(axis=1))


def unfitted(scheme: Scheme, **options: Any) -> MigratedTagger:
    """No such model is trained: OptionError says what to do."""
    raise OptionError(
        'a model of kind "migrated" is made by claimtag labels migrate, from a trained one; train another kind'
    )


def save(model: MigratedTagger, folder: Path) -> None:
    """Writes what the labels come from, and the model beneath with its thresholds."""
    from claimtag.themes import model_kind

    columns = [{"label": label, "how": one.how, "sources": list(one.sources)} for label, one in model.columns.items()]
    _write(folder / FILE, {"kind": model.kind, "columns": columns})
    _write(folder / DECIDING, model.deciding.to_dict())
    (folder / BASE).mkdir()
    model_kind(model.kind).save(model.model, folder / BASE)


def load(folder: Path) -> MigratedTagger:
    """The model saved in a folder; BundleError when a file is damaged, or the parts do not go together."""
    from claimtag.themes import KINDS, model_kind

    try:
        record = json.loads((folder / FILE).read_bytes())
        kind = record["kind"]
        columns = {str(one["label"]): Column(one["how"], tuple(map(str, one["sources"]))) for one in record["columns"]}
        if kind not in KINDS or len(columns) < len(record["columns"]):
            raise ValueError(f"a model of kind {kind!r}, or a label that stands twice")
        deciding = Deciding.from_dict(json.loads((folder / DECIDING).read_bytes()))
        _check(columns, deciding)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise BundleError(f"{folder / FILE}: not a migrated model ({error}); migrate it again") from error
    model = model_kind(kind).load(folder / BASE)
    if model.labels != deciding.labels:
        raise BundleError(f"{folder}: the model and its thresholds name different labels; migrate it again")
    return MigratedTagger(kind, model, deciding, columns)


def explain(model: MigratedTagger, sentence: SentenceInArticle, label: str) -> Sequence[tuple[str, str, float]]:
    """What the model beneath says of the label it comes from, of several the likeliest here; nothing where of none."""
    from claimtag.themes import model_kind

    if label not in model.columns:
        raise OptionError(f'"{label}" is not one of the labels{did_you_mean(label, model.labels)}')
    sources = model.columns[label].sources
    if not sources:
        return ()
    found = model.deciding.probabilities(model.model.scores([sentence]))[0]
    likeliest = max(sources, key=lambda source: found[model.deciding.labels.index(source)])
    return model_kind(model.kind).explain(model.model, sentence, likeliest)


def _check(columns: Mapping[str, Column], deciding: Deciding) -> None:
    for label, column in columns.items():
        if column.how not in get_args(How) or not set(column.sources) <= set(deciding.labels):
            raise ValueError(f"{label} comes from nothing that is there")
        if (column.how == "none") == bool(column.sources) or (column.how == "same" and len(column.sources) > 1):
            raise ValueError(f"{label}: {len(column.sources)} labels cannot be {column.how}")


def _write(path: Path, record: object) -> None:
    path.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
