"""Runs: one model of an experiment at one seed, trained, measured and written down whole; what is done is not repeated."""

from __future__ import annotations

import hashlib
import json
import math
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np

from claimtag.errors import InputError
from claimtag.evaluation import check_scheme
from claimtag.evaluation.agreement import agree
from claimtag.experiments import measures
from claimtag.experiments.curves import FIGURES, figures_on, model_curve, sentence_groups
from claimtag.experiments.files import Curve, Experiment, Model, plain
from claimtag.experiments.folders import whole_folder, writing
from claimtag.experiments.keys import code_hash, environment, file_hash
from claimtag.experiments.predictions import (
    Prediction,
    predict,
    read_predictions,
    write_predictions,
)
from claimtag.experiments.stored import (
    COUNTS,
    METRICS,
    PREDICTIONS,
    RUN,
    SPLIT,
    THRESHOLDS,
    TRAINING,
    read_json,
    write_json,
)
from claimtag.pipeline import Training, describe_gold, train
from claimtag.reading import read_gold
from claimtag.records import TaggedArticle
from claimtag.scheme import Scheme, load_scheme
from claimtag.splits import fold_articles, refuse_leaks
from claimtag.themes import model_kind
from claimtag.themes.deciding import Deciding

_DIGITS = 6  # of figures as they are written: enough to compare, few enough that machines agree

Tell = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a run: made now, or done before."""

    run: str
    folder: Path
    state: Literal["made", "done"]


class Session:
    """An experiment at work: its data, read once, and its runs."""

    def __init__(self, experiment: Experiment, *, results: Path | None = None, tell: Tell = lambda _: None) -> None:
        self.experiment = experiment
        self.contents = experiment.contents
        self.results = (results or experiment.path.parent / "results") / experiment.name
        self.tell = tell
        self._articles: dict[str, list[TaggedArticle]] = {}
        self._parts: dict[int, tuple[list[tuple[list[TaggedArticle], list[TaggedArticle]]], dict[str, Any]]] = {}

    def run(self, model: Model, seed: int, name: str) -> Outcome:
        """Trains and measures, unless a run of the same data, settings and code stands there already.

        Everything is written beside its place first, so that a run is whole or absent. Models that were trained before
        an interruption are not trained again.
        """
        folder = self.results / name
        key = self.key(model, seed)
        if _key_of(folder) == key:
            return Outcome(name, folder, "done")
        with writing(folder):
            work = self._work(name, self.key(model, seed, figures=False), folder)
            predictions, decidings = self._predictions(model, seed, name, work)
            self.tell(f"{self.experiment.name}/{name}: measuring")
            measured = measures.measure(
                self.gold,
                predictions,
                decidings,
                scheme=self.scheme.ref,
                by=model.name,
                metrics=self.contents.metrics,
            )
            figures = self._head(model, seed, name) | measured.figures
            figures |= self._ceiling | self._curve(model, seed, name, measured, work)
            self._write(folder, model, seed, key, figures, measured, predictions, decidings, work)
            shutil.rmtree(work.parent, ignore_errors=True)
        return Outcome(name, folder, "made")

    def key(self, model: Model, seed: int, *, figures: bool = True) -> str:
        """The hash of all that decides what comes out; without `figures`, of what decides the predictions alone."""
        config = self._config(model, seed)
        if not figures:
            for aside in ("metrics", "curve", "rank_by"):
                config.pop(aside)
            config["data"] = {name: files for name, files in config["data"].items() if name != "second"}
        files = {name: file_hash(self.experiment.file(name)) for part in config["data"].values() for name in part}
        content = {
            "config": config,
            "files": files,
            "scheme": self.scheme.sha256,
            "code": code_hash(),
            "metrics": measures.VERSION if figures else None,
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    @cached_property
    def scheme(self) -> Scheme:
        name = self.contents.scheme
        is_file = name.endswith(".toml")
        return load_scheme(self.experiment.project / name if is_file else name)

    @property
    def gold(self) -> list[TaggedArticle]:
        """The articles that are measured on: the test files, or in folds all that are trained on."""
        return self._read("train" if self.contents.split else "test")

    def parts(self, seed: int) -> tuple[list[tuple[list[TaggedArticle], list[TaggedArticle]]], dict[str, Any]]:
        """What to train on and what to predict, once for each part; and the split as a record. Leaks are refused."""
        if seed not in self._parts:
            self._parts[seed] = self._dealt(seed)
        return self._parts[seed]

    def _dealt(self, seed: int) -> tuple[list[tuple[list[TaggedArticle], list[TaggedArticle]]], dict[str, Any]]:
        split, train = self.contents.split, self._read("train")
        if split is None:
            sides = {"train": train, "test": self._read("test")}
            refuse_leaks(sides)
            ids = {side: [tagged.article.id for tagged in articles] for side, articles in sides.items()}
            return [(train, sides["test"])], {"method": "given", "articles": ids}
        dealt = fold_articles(train, folds=split.folds, labels=self.scheme.labels, seed=split.seed + seed)
        folds = dealt.parts(train)
        refuse_leaks(folds)
        parts = []
        for held in folds.values():
            ids_held = {tagged.article.id for tagged in held}
            parts.append(([tagged for tagged in train if tagged.article.id not in ids_held], list(held)))
        return parts, dealt.to_dict()

    def _read(self, part: str) -> list[TaggedArticle]:
        """The articles of train, test or second, read once."""
        if part in self._articles:
            return self._articles[part]
        files = [self.experiment.file(name) for name in getattr(self.contents.data, part)]
        for file in files:
            if not file.exists():
                raise InputError(f"{self.experiment.path}: data.{part}: {file} is not there")
        articles = list(read_gold(*files))
        if not articles:
            raise InputError(f"{self.experiment.path}: data.{part} holds no article, so there is nothing to measure")
        check_scheme(articles, self.scheme.ref, what=f"data.{part}")
        self._articles[part] = articles
        return articles

    def _config(self, model: Model, seed: int) -> dict[str, Any]:
        contents = plain(self.contents)
        for aside in ("description", "note", "models", "seeds"):
            contents.pop(aside)
        curve = self.contents.curve
        contents["curve"] = plain(curve) if curve is not None and curve.model == model.name else None
        return {"model": plain(model), "seed": seed, **contents}

    def _work(self, name: str, key: str, folder: Path) -> Path:
        """Where the parts of an unfinished run lie; what other settings left there is removed."""
        work = folder.parent / f".{name}.work" / key[:16]
        if work.parent.exists():
            for stale in work.parent.iterdir():
                if stale != work:
                    shutil.rmtree(stale, ignore_errors=True)
        work.mkdir(parents=True, exist_ok=True)
        return work

    def _predictions(self, model: Model, seed: int, name: str, work: Path) -> tuple[list[Prediction], list[Deciding]]:
        parts, _ = self.parts(seed)
        predictions: list[Prediction] = []
        decidings = []
        for number, (learn, held) in enumerate(parts):
            place = work / f"part-{number}"
            if not place.exists():
                of = f", fold {number + 1} of {len(parts)}" if len(parts) > 1 else ""
                self.tell(f"{self.experiment.name}/{name}: training on {len(learn):,} articles{of}")
                self._part(place, model, seed, number, learn, held)
            predictions += read_predictions(place / PREDICTIONS)[1]
            decidings.append(Deciding.from_dict(json.loads((place / THRESHOLDS).read_bytes())))
        return predictions, decidings

    def _part(
        self,
        place: Path,
        model: Model,
        seed: int,
        number: int,
        learn: Sequence[TaggedArticle],
        held: Sequence[TaggedArticle],
    ) -> None:
        training = self._trained(model, seed, learn)
        predicted = predict(training.tagger, held, segmentation=self.contents.segmentation, part=number)
        with whole_folder(place) as made:
            write_predictions(made / PREDICTIONS, predicted, self.scheme.labels)
            write_json(made / THRESHOLDS, training.tagger.bundle.deciding.to_dict())
            scores = np.asarray(training.scores, dtype=np.float32).round(4)
            np.savez_compressed(made / TRAINING, scores=scores, gold=training.gold, groups=sentence_groups(learn))

    def _trained(self, model: Model, seed: int, learn: Sequence[TaggedArticle]) -> Training:
        options = dict(model.options or {})
        if "seed" in model_kind(model.kind).options:
            options.setdefault("seed", seed)
        return train(
            learn,
            scheme=self.scheme,
            model=model.kind,
            options=options,
            name=model.name,
            folds=self.contents.tuning_folds,
            claims=False,
        )

    def _head(self, model: Model, seed: int, name: str) -> dict[str, Any]:
        gold = self.gold
        described = describe_gold("test", gold)
        return {
            "experiment": self.experiment.name,
            "run": name,
            "model": plain(model),
            "seed": seed,
            "segmentation": self.contents.segmentation,
            "metrics_version": measures.VERSION,
            "scheme": asdict(self.scheme.ref),
            "test_set": {
                "sha256": described.sha256,
                "files": list(self.contents.data.test or self.contents.data.train),
                "folds": self.contents.split.folds if self.contents.split else None,
                "annotators": dict(described.annotators),
                "licences": dict(described.licences),
            },
        }

    @cached_property
    def _ceiling(self) -> dict[str, Any]:
        if not self.contents.data.second:
            return {"ceiling": None}
        return {"ceiling": measures.ceiling(agree(self.gold, self._read("second"), labels=self.scheme.labels))}

    def _curve(self, model: Model, seed: int, name: str, measured: measures.Measured, work: Path) -> dict[str, Any]:
        curve: Curve | None = self.contents.curve
        if curve is None or curve.model != model.name:
            return {"curve": None}
        whole = measured.evaluation.figures

        def figures_of(learn: list[TaggedArticle]) -> dict[str, float]:
            if len(learn) == len(self._read("train")):
                return {figure: whole[figure].value for figure in FIGURES}
            ids = repr([tagged.article.id for tagged in learn])
            kept = work / f"curve-{hashlib.sha256(ids.encode()).hexdigest()[:16]}.json"
            if not kept.exists():
                self.tell(f"{self.experiment.name}/{name}: learning curve, {len(learn):,} articles")
                trained = self._trained(model, seed, learn)
                figures = figures_on(trained, self._read("test"), segmentation=self.contents.segmentation)
                write_json(kept, {figure: None if value != value else value for figure, value in figures.items()})
            return {figure: math.nan if value is None else value for figure, value in read_json(kept).items()}

        points = model_curve(figures_of, self._read("train"), shares=curve.shares, seeds=curve.seeds)
        return {"curve": [point.to_dict() for point in points]}

    def _write(
        self,
        folder: Path,
        model: Model,
        seed: int,
        key: str,
        figures: Mapping[str, Any],
        measured: measures.Measured,
        predictions: Sequence[Prediction],
        decidings: Sequence[Deciding],
        work: Path,
    ) -> None:
        from claimtag.experiments.pages import write_report

        figures = _rounded(figures)
        data = {name: self._read(name) for name in ("train", "test", "second") if getattr(self.contents.data, name)}
        record = {
            "key": key,
            "config": self._config(model, seed),
            "scheme": asdict(self.scheme.ref),
            "data": {name: asdict(describe_gold(name, articles)) for name, articles in data.items()},
            "code": code_hash(),
            "environment": environment(),
        }
        with whole_folder(folder) as made:
            write_json(made / RUN, record)
            write_json(made / SPLIT, self.parts(seed)[1])
            write_json(made / METRICS, figures)
            write_json(made / COUNTS, _counts(measured), indent=None)
            write_json(made / THRESHOLDS, [deciding.to_dict() for deciding in decidings])
            write_predictions(made / PREDICTIONS, predictions, self.scheme.labels)
            for number in range(len(decidings)):
                shutil.copyfile(work / f"part-{number}" / TRAINING, made / f"{number}-{TRAINING}")
            write_report(made)


def _key_of(folder: Path) -> str | None:
    try:
        key = json.loads((folder / RUN).read_bytes())["key"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return str(key) if (folder / METRICS).exists() and (folder / COUNTS).exists() else None


def _counts(measured: measures.Measured) -> dict[str, Any]:
    evaluation = measured.evaluation
    places = np.argwhere(evaluation.counts.any(axis=2)).tolist()
    return {
        "articles": list(evaluation.ids),
        "labels": list(evaluation.labels),
        "counts": [[*place, *evaluation.counts[tuple(place)].tolist()] for place in places],
        "exact": "".join("01"[int(right)] for right in evaluation.exact),
    }


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, _DIGITS)
    if isinstance(value, Mapping):
        return {key: _rounded(one) for key, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list | tuple) else value
