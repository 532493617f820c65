"""Runs: one model of an experiment at one seed, trained, measured, written down whole; what is done is not repeated."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np

from claimtag.claims import train as train_claims
from claimtag.errors import ClaimtagError, InputError, OptionError
from claimtag.evaluation.agreement import agree
from claimtag.experiments import distilling, measures, selections
from claimtag.experiments.curves import FIGURES, resumed_curve, sentence_groups
from claimtag.experiments.files import Curve, Experiment, Model, plain
from claimtag.experiments.folders import alone_in, remove, sweep, whole_folder, writing
from claimtag.experiments.keys import code_hash, environment, file_hash, other_versions
from claimtag.experiments.kinds import check_labels, is_file, kind_of, seeded, told, unfitted
from claimtag.experiments.material import Material
from claimtag.experiments.predictions import (
    FORMAT,
    Prediction,
    predict,
    read_predictions,
    write_predictions,
)
from claimtag.experiments.stored import (
    COUNTS,
    ENVIRONMENT,
    METRICS,
    PREDICTIONS,
    RUN,
    SPLIT,
    THRESHOLDS,
    TRAINING,
    VERSION,
    counts_of,
    mark_stale,
    read_json,
    record_of,
    rounded,
    sealed,
    unmark,
    write_json,
)
from claimtag.experiments.unlabelled import draw
from claimtag.pipeline import Training, describe_gold, train
from claimtag.records import TaggedArticle
from claimtag.tagging import Tagger
from claimtag.themes.calibrating import Method
from claimtag.themes.deciding import Deciding, fit_deciding
from claimtag.themes.zeroshot import shared_deciding

Tell = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a run: made now, or done before; `versions` says in what packages that was done otherwise."""

    run: str
    folder: Path
    state: Literal["made", "done"]
    versions: str = ""


class Session:
    """An experiment at work: its data, read once, and its runs."""

    def __init__(self, experiment: Experiment, *, results: Path | None = None, tell: Tell = lambda _: None) -> None:
        self.experiment = experiment
        self.contents = experiment.contents
        self.results = (results or experiment.path.parent / "results") / experiment.name
        self.tell = tell
        self.material = Material(experiment)

    def runs(self) -> Iterator[Outcome | tuple[str, ClaimtagError]]:
        """Makes the runs one after the other; of one that fails, its name and the error.

        OutputError when another process is at work on the same experiment. What killed processes left is cleared away,
        but for the models that they had trained, which are used.
        """
        with alone_in(self.results):
            sweep(self.results, works={f".{name}.work" for name, _, _ in self.experiment.runs()})
            for name, model, seed in self.experiment.runs():
                try:
                    yield self.run(model, seed, name)
                except (Exception, SystemExit) as error:
                    if not isinstance(error, ClaimtagError) and not is_file(model.kind):
                        raise
                    with suppress(OSError):  # a disk that cannot be written is what the error says already
                        mark_stale(self.results / name)
                    yield name, told(error, model.kind)

    def run(self, model: Model, seed: int, name: str) -> Outcome:
        """Trains and measures, unless a run of the same data, settings and code stands there already, whole.

        Everything is written beside its place first, so that a run is whole or absent. Models that were trained before
        an interruption are not trained again. A run that stands and is to be replaced is marked as stale until it is.
        """
        folder = self.results / name
        key = self.key(model, seed)
        with writing(folder):
            if (record := record_of(folder)) is not None and record["key"] == key:
                unmark(folder)
                remove(folder.parent / f".{name}.work")  # killed when all was done but this
                return Outcome(name, folder, "done", other_versions(record["environment"]))
            mark_stale(folder)
            work = self._work(name, self.key(model, seed, figures=False), folder)
            made_on = read_json(work / ENVIRONMENT)
            predictions, decidings = self._predictions(model, seed, name, work)
            self.tell(f"{self.experiment.name}/{name}: measuring")
            measured = measures.measure(
                self.material.gold(seed),
                predictions,
                decidings,
                scheme=self.material.scheme.ref,
                by=model.name,
                metrics=self.contents.metrics,
                claims=self.contents.claims,
            )
            figures = self._head(model, seed, name) | measured.figures
            figures |= (
                self._ceiling
                | self._curve(model, seed, name, measured, work)
                | self._selection(model, seed, name, work)
                | self._distillation(model, seed, name, work)
            )
            record = {
                "key": key,
                "predictions": work.name,
                "config": self._config(model, seed),
                "environment": made_on,
            }
            self._write(folder, record, figures, measured, predictions, decidings, work, seed)
            remove(work.parent)
        return Outcome(name, folder, "made")

    def key(self, model: Model, seed: int, *, figures: bool = True) -> str:
        """The hash of all that decides what comes out; without `figures`, of what decides the predictions alone."""
        config = self._config(model, seed)
        if not figures:
            for aside in ("metrics", "curve", "rank_by", "selection", "distillation"):
                config.pop(aside, None)
            config["data"] = {name: files for name, files in config["data"].items() if name != "second"}
        names = [name for part in config["data"].values() for name in part]
        if config["split"] and config["split"]["file"]:
            names.append(config["split"]["file"])
        if distillation := config.get("distillation"):
            names.append(distillation["unlabelled"])
        kinds = [model.kind, distillation["teacher"]["kind"]] if distillation else [model.kind]
        names += filter(is_file, kinds)
        files = {name: file_hash(self.experiment.file(name)) for name in names}
        content = {
            "config": config,
            "files": files,
            "scheme": self.material.scheme.sha256,
            "code": code_hash(claims=self.contents.claims, figures=figures, distilling=bool(distillation)),
            "format": FORMAT,
            "metrics": VERSION if figures else None,
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def _config(self, model: Model, seed: int) -> dict[str, Any]:
        contents = plain(self.contents)
        for aside in ("description", "note", "models", "seeds"):
            contents.pop(aside)
        curve = self.contents.curve
        contents["curve"] = plain(curve) if curve is not None and curve.model == model.name else None
        for section in ("selection", "distillation"):
            if (asked := contents[section]) is None or asked["model"] != model.name:
                contents.pop(section)  # left out where there is none, so that other runs keep their keys
        if contents["split"] and contents["split"]["measured"] is None:
            contents["split"].pop("measured")
        return {"model": plain(model), "seed": seed, **contents}

    def _work(self, name: str, key: str, folder: Path) -> Path:
        """Where the parts of an unfinished run lie; what other settings left there is removed.

        The parts of a run that stands are laid out there if its predictions are those wanted: then it is only measured
        anew.
        """
        work = folder.parent / f".{name}.work" / key[:16]
        if work.parent.exists():
            for stale in work.parent.iterdir():
                if stale != work:
                    remove(stale)
        if (work / ENVIRONMENT).is_file():
            return work
        record = record_of(folder)
        with whole_folder(work) as made:
            if record is None or record.get("predictions") != work.name:
                write_json(made / ENVIRONMENT, environment())
                return work
            write_json(made / ENVIRONMENT, record["environment"])
            labels, predictions = read_predictions(folder / PREDICTIONS)
            for number, deciding in enumerate(json.loads((folder / THRESHOLDS).read_bytes())):
                place = made / f"part-{number}"
                place.mkdir()
                write_predictions(place / PREDICTIONS, (one for one in predictions if one.part == number), labels)
                write_json(place / THRESHOLDS, deciding)
                shutil.copyfile(folder / f"{number}-{TRAINING}", place / TRAINING)
        return work

    def _predictions(self, model: Model, seed: int, name: str, work: Path) -> tuple[list[Prediction], list[Deciding]]:
        parts, _ = self.material.parts(seed)
        predictions: list[Prediction] = []
        decidings = []
        for number, (learn, held) in enumerate(parts):
            place = work / f"part-{number}"
            try:
                predicted, deciding = _part_in(place)
            except (InputError, OptionError):  # not there, or damaged
                of = f", fold {number + 1} of {len(parts)}" if len(parts) > 1 else ""
                self.tell(f"{self.experiment.name}/{name}: training on {len(learn):,} articles{of}")
                self._part(place, model, seed, number, learn, held)
                predicted, deciding = _part_in(place)
            predictions += predicted
            decidings.append(deciding)
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
        tagger = training.tagger
        if self.contents.claims:
            tagger = Tagger(replace(tagger.bundle, claims=train_claims(learn)))
        predicted = predict(tagger, held, segmentation=self.contents.segmentation, part=number)
        with whole_folder(place) as made:
            write_predictions(made / PREDICTIONS, predicted, self.material.scheme.labels)
            write_json(made / THRESHOLDS, tagger.bundle.deciding.to_dict())
            scores = np.asarray(training.scores, dtype=np.float32).round(4)
            np.savez_compressed(made / TRAINING, scores=scores, gold=training.gold, groups=sentence_groups(learn))

    def _trained(self, model: Model, seed: int, learn: Sequence[TaggedArticle]) -> Training:
        kind = kind_of(model.kind, self.experiment.project)
        training = train(
            learn,
            scheme=self.material.scheme,
            model=kind,
            options=seeded(kind, model.options, seed),
            name=model.name,
            folds=self.contents.tuning_folds,
            claims=False,
        )
        if is_file(model.kind):
            check_labels(training.tagger.bundle.model, self.material.scheme, model.kind)
        if self.contents.unseen_labels:
            deciding = shared_deciding(training.scores, training.gold, self.material.scheme.labels)
            return replace(training, tagger=Tagger(replace(training.tagger.bundle, deciding=deciding)))
        if model.calibration is None:
            return training
        deciding = fit_deciding(
            training.scores,
            training.gold,
            self.material.scheme.labels,
            sentence_groups(learn).tolist(),
            method=cast("Method", model.calibration),
        )
        return replace(training, tagger=Tagger(replace(training.tagger.bundle, deciding=deciding)))

    def _head(self, model: Model, seed: int, name: str) -> dict[str, Any]:
        described = describe_gold("test", self.material.gold(seed))
        split, held = self.contents.split, self.material.parts(seed)[1]["held"]
        return {
            "experiment": self.experiment.name,
            "run": name,
            "model": plain(model),
            "seed": seed,
            "segmentation": self.contents.segmentation,
            "metrics_version": VERSION,
            "scheme": asdict(self.material.scheme.ref),
            "test_set": {
                "sha256": described.sha256,
                "files": list(self.contents.data.test or self.contents.data.train),
                "folds": len(held) if len(held) > 1 else None,
                "first_of": split.folds if split and split.measured else None,
                "part": split.test if split and split.file and len(held) == 1 else None,
                "pairs": self.contents.pairs,
                "annotators": dict(described.annotators),
                "licences": dict(described.licences),
            },
        }

    @cached_property
    def _ceiling(self) -> dict[str, Any]:
        if not self.contents.data.second:
            return {"ceiling": None}
        return {
            "ceiling": measures.ceiling(
                agree(self.material.read("test"), self.material.read("second"), labels=self.material.scheme.labels)
            )
        }

    def _curve(self, model: Model, seed: int, name: str, measured: measures.Measured, work: Path) -> dict[str, Any]:
        curve: Curve | None = self.contents.curve
        if curve is None or curve.model != model.name:
            return {"curve": None}
        points = resumed_curve(
            curve,
            partial(self._trained, model, seed),
            self.material.read("train"),
            self.material.read("test"),
            whole={figure: measured.evaluation.figures[figure].value for figure in FIGURES},
            segmentation=self.contents.segmentation,
            folder=work,
            tell=lambda note: self.tell(f"{self.experiment.name}/{name}: {note}"),
        )
        return {"curve": [point.to_dict() for point in points]}

    def _selection(self, model: Model, seed: int, name: str, work: Path) -> dict[str, Any]:
        selection = self.contents.selection
        if selection is None or selection.model != model.name:
            return {}
        figures = selections.select(
            self.material.parts(seed)[0],
            partial(self._trained, model, seed),
            selection,
            scheme=self.material.scheme,
            seed=1000 * seed,
            segmentation=self.contents.segmentation,
            path_of=self._kept(model, seed, "selection", work),
            tell=lambda note: self.tell(f"{self.experiment.name}/{name}: {note}"),
        )
        return {"selection": figures}

    def _distillation(self, model: Model, seed: int, name: str, work: Path) -> dict[str, Any]:
        distillation = self.contents.distillation
        if distillation is None or distillation.model != model.name:
            return {}
        scheme, teacher, project = self.material.scheme, distillation.teacher, self.experiment.project
        course = distilling.Course(
            distillation,
            teacher=lambda: unfitted(scheme, kind_of(teacher.kind, project), teacher.options, seed),
            pupil=lambda: unfitted(scheme, kind_of(model.kind, project), model.options, seed),
            scheme=scheme,
            segmentation=self.contents.segmentation,
            method=cast("Method | None", model.calibration),
        )
        parts, measured = self.material.parts(seed)[0], self.material.gold(seed)
        texts, most = self.experiment.file(distillation.unlabelled), distillation.sentences[-1]
        figures = distilling.distil(
            parts,
            lambda: draw(texts, most, measured, seed=seed),
            course,
            path_of=self._kept(model, seed, "distillation", work),
            tell=lambda note: self.tell(f"{self.experiment.name}/{name}: {note}"),
        )
        return {"distillation": figures}

    def _kept(self, model: Model, seed: int, what: str, work: Path) -> Callable[[int], Path]:
        """Where what each part gave is kept, for a run that is interrupted to go on with."""
        key = self.key(model, seed)[:16]
        return lambda number: work / f"{what}-{key}-{number}.npz"

    def _write(
        self,
        folder: Path,
        record: Mapping[str, Any],
        figures: Mapping[str, Any],
        measured: measures.Measured,
        predictions: Sequence[Prediction],
        decidings: Sequence[Deciding],
        work: Path,
        seed: int,
    ) -> None:
        from claimtag.experiments.pages import write_report

        data = {
            name: self.material.read(name) for name in ("train", "test", "second") if getattr(self.contents.data, name)
        }
        made_from = {
            "scheme": asdict(self.material.scheme.ref),
            "data": {name: asdict(describe_gold(name, articles)) for name, articles in data.items()},
            "code": code_hash(claims=self.contents.claims),
        }
        with whole_folder(folder) as made:
            write_json(made / SPLIT, self.material.parts(seed)[1])
            write_json(made / METRICS, rounded(figures))
            write_json(made / COUNTS, counts_of(measured.evaluation), indent=None)
            write_json(made / THRESHOLDS, [deciding.to_dict() for deciding in decidings])
            write_predictions(made / PREDICTIONS, predictions, self.material.scheme.labels)
            for number in range(len(decidings)):
                shutil.copyfile(work / f"part-{number}" / TRAINING, made / f"{number}-{TRAINING}")
            write_json(made / RUN, sealed({**record, **made_from}, made))
            write_report(made)


def _part_in(place: Path) -> tuple[list[Prediction], Deciding]:
    """What a model said, and its thresholds."""
    return read_predictions(place / PREDICTIONS)[1], Deciding.from_dict(read_json(place / THRESHOLDS))
