"""The model card: what a bundle is, what it learned from, and how well it does, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from claimtag.bundle import Bundle, TrainingData
from claimtag.errors import counted
from claimtag.evaluation import Evaluation
from claimtag.evaluation.intervals import Estimate
from claimtag.evaluation.metrics import ThemeMetrics
from claimtag.evaluation.reporting import BY_MODE
from claimtag.evaluation.tiers import BARS
from claimtag.themes.identifying import Identity, identify

Groups = Mapping[str, Mapping[str, Estimate]]


def model_card(
    bundle: Bundle,
    *,
    out_of_fold: ThemeMetrics,
    claims: Groups | None = None,
    tested: Evaluation | None = None,
    also: Mapping[str, Evaluation] | None = None,
    notes: Sequence[str] = (),
    held_out: int = 0,
    given_sentences: bool = False,
) -> str:
    """The card of a bundle: `out_of_fold` and `claims` on its own training data, `tested` on gold it never saw.

    `also` are other gold by name, such as that of other languages, of which the themes' figures are shown.
    `notes` say how it was made; with `held_out` the figures of `out_of_fold` are of so many sentences held out; with
    `given_sentences` the test was cut into sentences already.
    """
    unseen = (
        f"Held out: {held_out:,} sentences of the training data, scored by a model that had not seen their articles; "
        "calibration and thresholds for each were learned from the others. The model itself learned from all."
        if held_out
        else _OUT_OF_FOLD
    )
    lines = [*_lines(bundle, out_of_fold, tested, notes, unseen, given_sentences)]
    if bundle.claims is not None and claims:
        lines += _claims(claims, tested)
    lines += [*_also(also or {}), *_unseen(bundle)]
    return "\n".join(lines) + "\n"


_OUT_OF_FOLD = (
    "Out of fold: each article of the training data scored by a model, a calibration and thresholds that had not seen it, "
    "in folds of whole articles with duplicates together."
)
_TASKS = {
    "single-label": "A sentence gets one label, the likeliest",  # and there is more to say
    "binary": "A sentence gets its one label or not.",
}


def _lines(
    bundle: Bundle,
    out_of_fold: ThemeMetrics,
    tested: Evaluation | None,
    notes: Sequence[str],
    unseen: str,
    given_sentences: bool,
) -> Iterator[str]:
    scheme = bundle.scheme
    yield f"# {bundle.name} {bundle.version}\n"
    yield f"Tags sentences of news articles with the themes of `{scheme.name}` {scheme.version} (sha256 `{scheme.sha256[:12]}…`)."
    yield f"Model kind: {bundle.kind}. Languages of its training data: {', '.join(bundle.languages) or 'not stated'}.\n"
    for encoder in bundle.encoders:
        yield (
            f"Encoder: `{encoder.spec}` ({encoder.package} {encoder.version}, licence {encoder.licence}, "
            f"weights' sha256 `{encoder.sha256[:12]}…`), which is not part of the bundle.\n"
        )
    for encoder in _folded(bundle.model):
        yield (
            f"The words' weights hold what `{encoder.spec}` ({encoder.package} {encoder.version}, licence {encoder.licence}, "
            f"weights' sha256 `{encoder.sha256[:12]}…`) knows of them; it was needed to learn, and is not to tag.\n"
        )
    if bundle.deciding.task != "multi-label":
        always = not any(bundle.deciding.thresholds) and bundle.deciding.task == "single-label"
        more = "" if bundle.deciding.task == "binary" else "." if always else ", where that reaches its threshold."
        yield f"Task: {bundle.deciding.task}. {_TASKS[bundle.deciding.task]}{more}\n"
    yield "## Training data\n"
    yield "| data | articles | sentences | licences | annotated by | sha256 |\n|---|---|---|---|---|---|"
    for data in bundle.training:
        yield _data_row(data)
    if bundle.kind in ("linear", "blend"):
        yield "\nOf the texts, the model holds single words and pairs of neighbouring words with their weights, no sentences.\n"
    else:
        yield "\nThe model holds numeric weights, no texts.\n"
    if notes:
        yield "## How it was made\n"
        yield from (f"- {note}" if not note.startswith("  ") else f"  - {note.strip()}" for note in notes)
        yield ""
    yield "## Figures\n"
    yield unseen
    if tested and given_sentences:
        yield f"Test: {tested.themes.sentences:,} sentences that took no part in training or tuning."
    elif tested:
        cut = tested.segmentation
        yield (
            f"Test: {counted(tested.articles, 'article')} that took no part in training or tuning, from the bare text"
            + (f"; sentences found exactly {cut.sentences.f1:.3f} (F1)" if cut.sentences.support else "")
            + (f", boilerplate recognised {cut.boilerplate_recall:.3f}" if cut.boilerplate_recall is not None else "")
            + f", body lost {cut.lost_share:.2%}."
        )
    yield ""
    yield from _figures(bundle, out_of_fold, tested.themes if tested else None)
    yield (
        "\nTier: A use, B explore, C do not rely on; by the lower end of the 95 % interval of F1 out of fold and the support "
        f"(A: {BARS['A'][0]} and {BARS['A'][1]} sentences, B: {BARS['B'][0]} and {BARS['B'][1]}). Support is the number of gold sentences. Macro-F1 averages the labels with a support of 5 or more. A label that the "
        "training data hardly has is not to be relied on; one that it lacks is never said."
    )
    if unasked := bundle.not_asked:
        listed = ", ".join(f"`{label}`" for label in unasked)
        yield f"\nNobody was asked about {listed} in the training data: neither said nor denied (`not_asked` in the records)."


def _figures(bundle: Bundle, out_of_fold: ThemeMetrics, tested: ThemeMetrics | None) -> Iterator[str]:
    columns = ["theme", "tier", "threshold", "precision", "recall", "F1", "support"]
    columns += ["test precision", "test recall", "test F1", "test support"] if tested else []
    yield f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}"
    always = bundle.deciding.task == "single-label"  # where the threshold is 0
    thresholds = [
        "never said" if value is None else "likeliest" if always and not value else f"{value:.2f}"
        for value in bundle.deciding.thresholds
    ]
    rows = [
        (f"`{one.label}`", one.label, one.tier, "not asked" if one.label in bundle.not_asked else limit)
        for one, limit in zip(bundle.tiers, thresholds, strict=True)
    ]
    for name, label, tier, limit in [*rows, ("micro", "micro", "", "")]:
        cells = [name, tier, limit]
        for metrics in (out_of_fold, tested) if tested else (out_of_fold,):
            figures = metrics.micro if label == "micro" else metrics.per_label[label]
            unasked = label in bundle.not_asked and not figures.support  # a test may ask what the gold did not
            shown = [f"{value:.3f}" for value in (figures.precision, figures.recall, figures.f1)]
            cells += ["–"] * 4 if unasked else [*shown, str(figures.support)]
        yield f"| {' | '.join(cells)} |"
    macro = f"macro-F1: {_macro(out_of_fold)} out of fold"
    yield f"\n{macro}" + (f"; {_macro(tested)} on the test." if tested else ".")


def _macro(metrics: ThemeMetrics) -> str:
    return f"{metrics.macro_f1:.3f} over {counted(len(metrics.macro_labels), 'label')}"


def _claims(out_of_fold: Groups, tested: Evaluation | None) -> Iterator[str]:
    yield "\n## Claims\n"
    yield (
        "Who says what: the content of each claim with its cue, speaker, type and mode. Out of fold on the sentences of the "
        "gold"
        + (", and on the test from the bare text" if tested and tested.claims_by_mode else "")
        + "; a claim is found where contents "
        "overlap by half (strict: by four fifths). A matched claim counts under the mode that gold gives it, a spurious "
        "one under its own. Source: the resolved name, of matched claims whose gold has one. The rules among the claims' "
        "evidence were written with articles of the training data in view, so the figures out of fold flatter them."
    )
    for title, groups in (("out of fold", out_of_fold), ("test", tested.claims_by_mode if tested else {})):
        if groups:
            yield f"\n| {title} | {' | '.join(BY_MODE.values())} |\n|{'---|' * (len(BY_MODE) + 1)}"
            for group, figures in groups.items():
                yield f"| {group} | {' | '.join(_figure(figures[name]) for name in BY_MODE)} |"


def _also(also: Mapping[str, Evaluation]) -> Iterator[str]:
    if not also:
        return
    yield "\n## Other tests\n"
    yield "Gold that took no part in training or tuning, from the bare texts; in brackets 95 % intervals over articles.\n"
    yield f"| test | articles | sentences | micro-F1 | precision | recall | macro-F1 (labels) |\n|{'---|' * 7}"
    for name, evaluation in also.items():
        figures, themes = evaluation.figures, evaluation.themes
        cells = [name, f"{evaluation.articles:,}", f"{themes.sentences:,}"]
        cells += [_with_interval(figures[figure]) for figure in ("micro_f1", "micro_precision", "micro_recall")]
        yield f"| {' | '.join(cells)} | {_with_interval(figures['macro_f1'])} ({len(themes.macro_labels)}) |"


def _unseen(bundle: Bundle) -> Iterator[str]:
    if (zeroshot := bundle.zeroshot) is not None:
        yield "\n## Labels of your own\n"
        yield (
            "Labels that a scheme has beside these, and that have no data, are scored by their texts there (`--scheme`): "
            f"leaving out each of {counted(len(zeroshot.labels), 'label')} in turn, the mean of their average precision was "
            f"{zeroshot.average_precision:.3f} and that of F1 {zeroshot.f1:.3f}, on the training articles."
        )


def _with_interval(estimate: Estimate) -> str:
    interval = "" if estimate.low != estimate.low else f" [{estimate.low:.3f}, {estimate.high:.3f}]"
    return f"{_figure(estimate)}{interval}"


def _figure(estimate: Estimate) -> str:
    return "–" if estimate.value != estimate.value else f"{estimate.value:.3f}"


def _folded(model: Any) -> Iterator[Identity]:
    """The encoders whose knowledge of words is in the model's weights (`themes.folding`), or in those of its parts."""
    for part in (model, *getattr(model, "parts", {}).values()):
        if isinstance(spec := getattr(part, "vectors", None), str):
            yield identify(spec, fetch=False)


def _data_row(data: TrainingData) -> str:
    licences = ", ".join(f"{name} ({count})" for name, count in data.licences.items())
    return f"| {data.name} | {data.articles} | {data.sentences} | {licences} | {', '.join(data.annotators)} | `{data.sha256[:12]}…` |"
