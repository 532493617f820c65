"""`python -m benchmarks.themes`: the profiles beside what others use: scikit-learn's TF-IDF, fastText and spaCy.

All score the same sentences of the shared dev part, as its gold cuts them, and are timed on the same sentences of the
unlabelled part, the best of three, in one run. The profiles are as shipped; the others learn from the same articles, and
get the same thresholds: from a fifth of these that a first model of theirs did not see. They read sentences alone, as they
come; claimtag reads them in their articles.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.__main__ import fitted_pipeline
from claimtag import load_tagger, read_articles, read_gold, segment
from claimtag.errors import ClaimtagError
from claimtag.evaluation.metrics import label_metrics
from claimtag.records import TaggedArticle
from claimtag.scheme import load_scheme
from claimtag.splits import duplicate_clusters, grouped_folds
from claimtag.themes.base import SentenceInArticle, context_of
from claimtag.themes.deciding import tune

ROOT = Path(__file__).parent.parent
DATA = (ROOT / os.environ.get("CLAIMTAG_DATA", "../shared/data")).resolve()
ACCURATE = Path(os.environ.get("CLAIMTAG_ACCURATE", ROOT / "out" / "accurate"))
OTHERS = Path(os.environ.get("CLAIMTAG_BENCH_ENV", ROOT / "out" / "bench-env"))
RIVALS = {"fasttext": ("fastText, one against all", "fasttext-numpy2"), "spacy": ("spaCy textcat_multilabel", "spacy")}
ARTICLES, REPEATS, FOLDS = 120, 3, 5
LABELS = load_scheme("security-cooperation").labels
Row = tuple[str, Any, float]  # name, what is said of the dev sentences, sentences a second


class Lot:
    """Articles as the models see them: their sentences in context, as texts, and their themes."""

    def __init__(self, gold: Sequence[TaggedArticle]) -> None:
        self.sentences: list[SentenceInArticle] = []
        said: list[tuple[str, ...]] = []
        self.groups: list[int] = []
        clusters = duplicate_clusters([[one.text for one in tagged.sentences] for tagged in gold])
        for tagged, cluster in zip(gold, clusters, strict=True):
            self.sentences += context_of(tagged.sentences, tagged.article)
            kept = [one for one in tagged.sentences if one.kind != "boilerplate"]
            said += [one.labels for one in kept]
            self.groups += [cluster] * len(kept)
        self.gold = np.array([[label in one for label in LABELS] for one in said], dtype=bool)
        self.texts = [one.text for one in self.sentences]

    def pairs(self, rows: Sequence[int]) -> list[tuple[str, list[str]]]:
        """Texts with their labels, of some sentences."""
        return [
            (self.texts[row], [label for label, has in zip(LABELS, self.gold[row], strict=True) if has]) for row in rows
        ]


def main() -> None:
    if not (DATA / "dev.jsonl").is_file():
        print(f"skipped: the shared data is not here: {DATA}")
        return
    gold = [*read_gold(DATA / "train.jsonl"), *read_gold(ROOT / "examples" / "train.jsonl")]
    learn, dev = Lot(gold), Lot(list(read_gold(DATA / "dev.jsonl")))
    articles = list(islice(read_articles(DATA / "unlabelled.jsonl"), ARTICLES))
    speed = [one for article in articles for one in context_of(segment(article), article)]
    print(f"{len(learn.texts):,} sentences to learn from, {len(dev.texts)} of dev scored, {len(speed):,} timed\n")
    rows = [*by_sklearn(gold, learn, dev, speed), *by_profiles(dev, speed), *by_others(learn, dev, speed)]
    unit = rows[0][2]
    print(f"{'':46}  macro-F1  micro-F1  sentences/s  beside scikit-learn's")
    for name, said, rate in rows:
        figures = label_metrics(dev.gold, said, LABELS)
        print(f"{name:46}  {figures.macro_f1:8.3f}  {figures.micro.f1:8.3f}  {rate:11,.0f}  {rate / unit:6.2f}")
    print(
        "\nwith 481 sentences of 55 articles, differences of 0.03 are noise; macro-F1 over the labels of 5 sentences or more"
    )


def by_sklearn(gold: Sequence[TaggedArticle], learn: Lot, dev: Lot, speed: Sequence[SentenceInArticle]) -> list[Row]:
    """TF-IDF of words and pairs, one logistic regression a label: what a user of plain scikit-learn writes."""
    texts = [one.text for one in speed]
    rest, held = parts(learn)
    of = np.repeat(
        np.arange(len(gold)), [sum(one.kind != "boilerplate" for one in tagged.sentences) for tagged in gold]
    )
    first = fitted_pipeline([gold[place] for place in np.unique(of[rest]).tolist()], LABELS)
    whole = fitted_pipeline(list(gold), LABELS)
    deciding = tune(first.predict_proba([learn.texts[row] for row in held]), learn.gold[held], LABELS)
    rate = len(texts) / best(lambda: whole.predict_proba(texts))
    return [("scikit-learn TF-IDF (1,2) + one-vs-rest", deciding.said(whole.predict_proba(dev.texts)), rate)]


def by_profiles(dev: Lot, speed: Sequence[SentenceInArticle]) -> list[Row]:
    """The bundles that ship, and the accurate one where it was made."""
    rows = []
    for name in ("fast", "default", *([ACCURATE] if ACCURATE.is_dir() else [])):
        try:
            bundle = load_tagger(name).bundle
        except ClaimtagError as error:
            print(f"{name} left out: {error}")
            continue
        seconds = best(lambda bundle=bundle: bundle.model.scores(speed), repeats=REPEATS if name == "fast" else 1)  # type: ignore[misc]
        rows.append(
            (f"claimtag {bundle.name}", bundle.deciding.said(bundle.model.scores(dev.sentences)), len(speed) / seconds)
        )
    if not ACCURATE.is_dir():
        print(f"accurate left out: there is no {ACCURATE}; make accurate-model, or set CLAIMTAG_ACCURATE")
    return rows


def by_others(learn: Lot, dev: Lot, speed: Sequence[SentenceInArticle]) -> list[Row]:
    """fastText and spaCy, each in a process of the environment that has them."""
    python, rows = OTHERS / "bin" / "python", []
    for module, (name, package) in RIVALS.items():
        if not python.exists() or subprocess.run([python, "-c", f"import {module}"], capture_output=True).returncode:
            made = "" if python.exists() else f"{sys.executable} -m venv {OTHERS} && "
            print(f"{name} left out, install it with: {made}{OTHERS}/bin/pip install {package}")
            continue
        rest, held = parts(learn)
        first = asked_of(python, module, learn.pairs(rest), {"held": [learn.texts[row] for row in held]}, repeats=0)
        deciding = tune(np.array(first["scores"]["held"]), learn.gold[held], LABELS)
        texts = {"dev": dev.texts, "speed": [one.text for one in speed]}
        whole = asked_of(python, module, learn.pairs(range(len(learn.texts))), texts, repeats=REPEATS)
        said = deciding.said(np.array(whole["scores"]["dev"]))
        rows.append((f"{name} (learned in {whole['training']:.0f} s)", said, len(speed) / whole["seconds"]))
    return rows


def asked_of(python: Path, module: str, learn: Sequence[Any], texts: dict[str, list[str]], *, repeats: int) -> Any:
    """What a rival says, see `benchmarks.rivals`."""
    asked = json.dumps({"learn": learn, "score": texts, "labels": LABELS, "repeats": repeats})
    command = [str(python), str(Path(__file__).parent / "rivals.py"), module]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, check=False, encoding="utf-8")
    if done.returncode:
        raise SystemExit(f"{module} failed:\n{done.stderr}")
    return json.loads(done.stdout)


def parts(learn: Lot) -> tuple[list[int], list[int]]:
    """Four fifths of the sentences, and the fifth that thresholds come from; whole articles, duplicates together."""
    fold_of = grouped_folds(learn.gold, learn.groups, folds=FOLDS)
    return np.flatnonzero(fold_of != 0).tolist(), np.flatnonzero(fold_of == 0).tolist()


def best(run: Callable[[], object], *, repeats: int = REPEATS) -> float:
    """The least of the seconds that a call takes, once it is warm."""
    seconds = []
    for _ in range(repeats + 1):
        began = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


if __name__ == "__main__":
    main()
