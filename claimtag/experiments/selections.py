"""What choosing the articles to annotate is worth: annotation simulated on gold, chosen articles against random ones.

Both ways begin with the same random articles, and go on until they have annotated so many sentences: one takes articles
as `selecting` ranks them by the model learned so far, the other at random. The models of both read the same test
articles.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from claimtag.evaluation import evaluate
from claimtag.evaluation.comparing import Run, compare
from claimtag.evaluation.intervals import theme_estimates
from claimtag.experiments.files import Segmentation, Selection
from claimtag.experiments.material import Part
from claimtag.experiments.predictions import predict, tagged_articles
from claimtag.pipeline import Training
from claimtag.records import SchemeRef, TaggedArticle
from claimtag.scheme import Scheme
from claimtag.selecting import choose, pool_of

WAYS = ("random", "selected")
Train = Callable[[list[TaggedArticle]], Training]
_Counts = NDArray[np.int64]


def select(
    parts: Sequence[Part],
    train: Train,
    selection: Selection,
    *,
    scheme: Scheme,
    seed: int,
    segmentation: Segmentation,
    path_of: Callable[[int], Path],
    tell: Callable[[str], object] = lambda _: None,
) -> dict[str, Any]:
    """The figures of all parts together; what a part gave before an interruption is read back from its path."""
    tables = []
    for number, part in enumerate(parts):
        path = path_of(number)
        if not path.exists():
            simulated = simulate(
                part,
                train,
                selection,
                labels=scheme.labels,
                seed=seed + number,
                segmentation=segmentation,
                tell=tell,
            )
            keep(path, simulated)
        tables.append(kept(path))
    return figures(tables, selection, scheme=scheme)


def simulate(
    part: Part,
    train: Train,
    selection: Selection,
    *,
    labels: Sequence[str],
    seed: int,
    segmentation: Segmentation,
    tell: Callable[[str], object],
) -> dict[str, NDArray[Any]]:
    """Theme counts (articles × labels × 3) on the articles held out, by way and size; and what was annotated.

    `annotated` is, by way, size and label, how many sentences got the label; its last column counts all sentences.
    """
    learn, held = part
    order = np.random.default_rng(seed).permutation(len(learn)).tolist()
    tables, annotated = {}, np.zeros((len(WAYS), len(selection.sentences), len(labels) + 1), dtype=np.int64)
    begun: Training | None = None
    for row, way in enumerate(WAYS):
        trained: Training | None = None
        taken: list[int] = []
        for place, size in enumerate(selection.sentences):
            ranked = order if trained is None or way == "random" else _ranked(learn, taken, trained, seed + place)
            _annotate(taken, ranked, learn, size)
            chosen = [learn[one] for one in taken]
            if place or begun is None:
                tell(f"selection, {way}: training on {len(chosen):,} articles")
            trained = begun if not place and begun is not None else train(chosen)
            begun = begun or trained
            tables[f"{way}-{place}"] = _counts(trained, held, labels, segmentation)
            annotated[row, place] = _annotated(chosen, labels)
    return tables | {"annotated": annotated}


def figures(
    parts: Sequence[Mapping[str, NDArray[Any]]], selection: Selection, *, scheme: Scheme, seed: int = 0
) -> dict[str, Any]:
    """What the parts say together: for each size both ways' figures, and their difference, paired over articles."""
    points = []
    for place, size in enumerate(selection.sentences):
        tables = {way: np.concatenate([part[f"{way}-{place}"] for part in parts]) for way in WAYS}
        point: dict[str, Any] = {"sentences": size}
        for row, way in enumerate(WAYS):
            micro, macro, *_ = theme_estimates(tables[way], seed=seed)
            annotated = np.mean([part["annotated"][row, place] for part in parts], axis=0)
            point[way] = {
                "micro_f1": micro.to_dict(),
                "macro_f1": macro.to_dict(),
                "annotated": {
                    "sentences": float(annotated[-1]),
                    "labels": dict(zip(scheme.labels, annotated[:-1].tolist(), strict=True)),
                },
            }
        compared = compare(*(run_of(way, tables[way], scheme) for way in reversed(WAYS)), seed=seed)
        point["difference"] = {"micro_f1": compared.micro.to_dict(), "macro_f1": compared.macro.to_dict()}
        points.append(point)
    return {"articles": sum(len(part[f"{WAYS[0]}-0"]) for part in parts), "parts": len(parts), "points": points}


def keep(path: Path, tables: Mapping[str, NDArray[Any]]) -> None:
    """Writes what `simulate` gave, whole or not at all."""
    partial = path.with_suffix(".partial.npz")
    np.savez_compressed(partial, **tables)  # type: ignore[arg-type]
    partial.replace(path)


def kept(path: Path) -> dict[str, NDArray[Any]]:
    """What `keep` wrote."""
    with np.load(path, allow_pickle=False) as file:
        return dict(file)


def _ranked(learn: Sequence[TaggedArticle], taken: Sequence[int], trained: Training, seed: int) -> list[int]:
    """The articles that are not annotated yet, the most useful first; the texts alone are looked at."""
    waiting = [place for place in range(len(learn)) if place not in set(taken)]
    pool = pool_of((learn[place] for place in waiting), trained.tagger)
    first = [waiting[pick.place] for pick in choose(pool, len(waiting), unit="article", seed=seed)] if waiting else []
    return [*first, *(place for place in waiting if place not in set(first))]  # those like others come last


def _annotate(taken: list[int], ranked: Sequence[int], learn: Sequence[TaggedArticle], size: int) -> None:
    """Takes articles in their order until so many sentences are annotated."""
    done, sizes = set(taken), [sum(one.kind != "boilerplate" for one in tagged.sentences) for tagged in learn]
    total = sum(sizes[place] for place in taken)
    for place in ranked:
        if total >= size:
            return
        if place not in done:
            taken.append(place)
            total += sizes[place]


def _counts(
    trained: Training, held: Sequence[TaggedArticle], labels: Sequence[str], segmentation: Segmentation
) -> _Counts:
    bundle = trained.tagger.bundle
    predictions = predict(trained.tagger, held, segmentation=segmentation)
    predicted = tagged_articles(predictions, held, [bundle.deciding], scheme=bundle.scheme.ref, by=bundle.by)
    return evaluate(held, predicted, labels=labels, replicates=1).counts


def _annotated(chosen: Sequence[TaggedArticle], labels: Sequence[str]) -> list[int]:
    sentences = [one for tagged in chosen for one in tagged.sentences if one.kind != "boilerplate"]
    return [*(sum(label in one.labels for one in sentences) for label in labels), len(sentences)]


def run_of(way: str, counts: _Counts, scheme: Scheme) -> Run:
    """The counts of one way as `compare` takes them; articles go by their numbers."""
    articles = tuple(map(str, range(len(counts))))
    return Run(way, "", SchemeRef(**asdict(scheme.ref)), "", articles, scheme.labels, counts)
