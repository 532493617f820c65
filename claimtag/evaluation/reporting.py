"""Evaluation results as tables to read in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from claimtag.errors import counted
from claimtag.evaluation.agreement import Agreement
from claimtag.evaluation.comparing import Comparison, Difference
from claimtag.evaluation.intervals import Estimate
from claimtag.evaluation.measuring import Evaluation
from claimtag.evaluation.tiers import MEANING, tier

if TYPE_CHECKING:
    from claimtag.evaluation.learning import LearningPoint
    from claimtag.evaluation.perturbing import Stability
    from claimtag.splits import Split

CLAIMS = {  # the figures on claims that a person asks for first, and what each is called
    "bearing_f1": "sentence carries a claim, F1",
    "claim_f1": "claim, F1 (IoU ≥ 0.5)",
    "strict_f1": "claim, F1 (IoU ≥ 0.8)",
    "type": "type right, of matched claims",
    "mode": "mode right, of matched claims",
    "cue": "cue right, of matched claims",
    "source_f1": "speaker, F1",
    "misattribution": "speaker wrong, of those given",
}

BY_MODE = {  # those of them that stand beside each other for every mode
    "bearing_f1": "sentence F1",
    "claim_recall": "recall",
    "claim_f1": "F1",
    "strict_f1": "strict F1",
    "type": "type",
    "mode": "mode",
    "cue": "cue",
    "source_f1": "speaker F1",
    "misattribution": "speaker wrong",
    "resolved_right": "source right",
    "resolved_abstained": "open",
    "resolved_wrong": "wrong",
}

NO_CLAIMS = "claims are not measured: gold carries none, or they were not looked for"
_LEGEND = "in brackets: 95 % intervals over articles, none where fewer than three articles bear on a figure"


def report(evaluation: Evaluation) -> str:
    """The metrics as a table, ending in a line break."""
    rows = [
        (
            label,
            *(evaluation.labels[label][name] for name in ("precision", "recall", "f1")),
            metric.support,
            tier(evaluation.labels[label]["f1"], metric.support),
        )
        for label, metric in evaluation.themes.per_label.items()
    ]
    figures = {name: _worded(estimate) for name, estimate in evaluation.figures.items()}
    cut = evaluation.segmentation
    lines = [
        *_aligned(("theme", "precision", "recall", "F1", "gold", "tier"), rows),
        "",
        f"{counted(evaluation.articles, 'article')}, {counted(evaluation.themes.sentences, 'sentence')} scored; {_LEGEND}",
        f"tier: {', '.join(f'{name} {meaning}' for name, meaning in MEANING.items())}",
        f"micro-F1 {figures['micro_f1']}; precision {figures['micro_precision']}, recall {figures['micro_recall']}",
        f"macro-F1 {figures['macro_f1']} over {counted(len(evaluation.themes.macro_labels), 'label')} with at least 5 gold sentences",
        f"sentence has a theme at all: F1 {figures['any_theme_f1']}",
        f"all themes of a sentence right: {figures['exact']}; decisions wrong: {figures['hamming']}",
        f"sentences cut right: F1 {figures['sentence_f1']}",
        f"boilerplate recognised: {figures['boilerplate_recall']}; body text lost: {cut.lost_share:.2%}",
    ]
    lines += _claims(evaluation.claims) if evaluation.claims else ["", NO_CLAIMS]
    lines += _by_mode(evaluation.claims_by_mode)
    return "\n".join(lines) + "\n"


def agreement_report(agreement: Agreement) -> str:
    """How far two annotators agree as a table, ending in a line break."""
    rows = [
        (one.label, one.f1, one.kappa, one.alpha, one.ac1, one.support_a, one.support_b) for one in agreement.labels
    ]
    lines = [
        f"{agreement.a} and {agreement.b}: {counted(agreement.articles, 'article')}, {counted(agreement.sentences, 'sentence')}, "
        f"{agreement.claims_a:,} and {counted(agreement.claims_b, 'claim')}; {_LEGEND}",
        "",
        *_aligned(("theme", "F1", "κ", "α", "AC1", "first", "second"), rows),
        "",
        f"micro-F1 {_worded(agreement.micro)}",
        f"macro-F1 {_worded(agreement.macro)} over {counted(len(agreement.macro_labels), 'label')} with at least 5 sentences",
        *_claims(agreement.claims),
    ]
    for what, ids in (
        ("only the first has", agreement.only_a),
        ("only the second has", agreement.only_b),
        ("texts differ", agreement.other_text),
    ):
        if ids:
            lines.append(f"left out, {what}: {', '.join(ids)}")
    return "\n".join(lines) + "\n"


def comparison_report(comparison: Comparison) -> str:
    """Two runs side by side as a table, ending in a line break."""
    overall = (
        ("micro-F1", comparison.micro),
        (f"macro-F1, {counted(len(comparison.macro_labels), 'label')}", comparison.macro),
    )
    rows = [
        _compared(name, difference)
        for name, difference in (*overall, *((label.figure, label) for label in comparison.labels))
    ]
    lines = [
        f"a: {comparison.a}",
        f"b: {comparison.b}",
        f"{counted(comparison.articles, 'article')}; in brackets: 95 % intervals over articles; p of labels after Holm",
        "",
        *_aligned(("F1", "a", "b", "a − b", "p", ""), rows),
    ]
    if (exact := comparison.exact) is not None:
        lines += [
            "",
            f"sentences all right only in a {exact.only_a}, only in b {exact.only_b}: p {_p(exact.p)} (McNemar)",
        ]
    return "\n".join(lines) + "\n"


def split_report(split: Split) -> str:
    """How evenly a split holds the labels as a table, ending in a line break."""
    quality = split.quality
    parts = list(quality.targets)
    deviations = quality.deviations
    rows: list[tuple[object, ...]] = [
        ("articles", *quality.articles.values(), ""),
        ("sentences", *quality.sentences.values(), ""),
        *(
            (label, *counts.values(), "–" if deviations[label] is None else f"{deviations[label]:.3f}")
            for label, counts in quality.labels.items()
        ),
    ]
    lines = [*_aligned(("", *parts, "deviation"), rows), ""]
    for part, labels in quality.empty.items():
        if labels:
            lines.append(f"{part} has no sentence of {', '.join(labels)}")
    if split.left_out:
        lines.append(f"{counted(len(split.left_out), 'article')} left out; the file says why")
    lines.append("deviation: how far a theme's share in the worst part is from the share that the part should have")
    return "\n".join([*lines, f"sha256 {split.sha256}"]) + "\n"


def curve_report(points: Sequence[LearningPoint]) -> str:
    """A learning curve as a table, ending in a line break."""
    names = list(dict.fromkeys(name for point in points for name in point.figures))
    rows = [
        (
            point.articles,
            f"{point.sentences:,.0f}",
            point.subsets,
            *(point.figures.get(name, "–") for name in names),
        )
        for point in points
    ]
    head = ("articles", "sentences", "subsets", *(name.replace("_f1", "-F1") for name in names))
    return "\n".join([*_aligned(head, rows), "", "in brackets: lowest and highest over subsets of one size"]) + "\n"


def stability_report(kinds: Sequence[Stability]) -> str:
    """How well labels hold when a text changes in ways that should not change them, ending in a line break."""
    rows = [(one.kind, one.articles, one.sentences, one.flipped, one.share) for one in kinds]
    lines = [*_aligned(("perturbation", "articles", "sentences changed", "other themes", "share"), rows), ""]
    lines += [
        f"{one.kind}: {counted(one.skipped, 'article')} left out, in a language that has no lexicon for it"
        for one in kinds
        if one.skipped
    ]
    known = [one for one in kinds if one.share.value == one.share.value]
    for one in sorted(known, key=lambda one: -one.share.value)[:1]:
        lines.append(f"worst: {one.kind}")
        for flip in one.worst:
            lines.append(
                f"  {', '.join(flip.labels_before) or 'nothing'} → {', '.join(flip.labels_after) or 'nothing'}"
            )
            lines += [f"    {flip.article}: {flip.text_before}", f"    → {flip.text_after}"]
    return "\n".join(lines) + "\n"


def _compared(name: str, difference: Difference) -> tuple[object, ...]:
    told = "a is better" if difference.difference.low > 0 else "b is better" if difference.difference.high < 0 else ""
    sure = told if difference.corrected < 0.05 else ""
    p = "" if difference.corrected != difference.corrected else _p(difference.corrected)
    a, b = ("–" if value != value else f"{value:.3f}" for value in (difference.a, difference.b))
    return (name, a, b, difference.difference, p, sure)


def _p(p: float) -> str:
    return "< 0.0001" if p < 0.0001 else f"{p:.4f}"


def _claims(claims: Mapping[str, Estimate]) -> Iterator[str]:
    if claims:
        yield ""
        yield from (f"{what}: {_worded(claims[name])}" for name, what in CLAIMS.items())


def _by_mode(groups: Mapping[str, Mapping[str, Estimate]]) -> Iterator[str]:
    """Tables of four figures each, so that they fit a terminal."""
    names = list(BY_MODE) if groups else []
    for first in range(0, len(names), 4):
        some = names[first : first + 4]
        yield ""
        rows = [(group, *(figures[name] for name in some)) for group, figures in groups.items()]
        yield from _aligned(("claims", *(BY_MODE[name] for name in some)), rows)


def _worded(estimate: Estimate) -> str:
    """The estimate in a line: why it is not defined, but not again and again why it has no interval."""
    return str(estimate) if estimate.value != estimate.value else _short(estimate)


def _short(estimate: Estimate) -> str:
    """The estimate in a cell: a reason takes no room there, a dash stands for what is not defined."""
    if estimate.value != estimate.value:
        return "–"
    return f"{estimate.value:.3f}" if estimate.reason else str(estimate)


def _aligned(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Rows of cells in columns, the first to the left, the others to the right; below, why cells have a dash."""
    kept = [*rows]
    table = [head, *([_cell(cell) for cell in row] for row in kept)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for first, *others in table:
        cells = [f"{cell:>{width}}" for cell, width in zip(others, widths[1:], strict=True)]
        yield "  ".join([f"{first:<{widths[0]}}", *cells]).rstrip()
    dashes: dict[str, dict[str, None]] = {}
    for name, *figures in kept:
        for cell in figures:
            if _cell(cell) == "–" and (reason := getattr(cell, "reason", None)):
                dashes.setdefault(reason, {})[str(name)] = None
    for reason, names in dashes.items():
        yield f"–  {reason}: {', '.join(names)}"


def _cell(cell: object) -> str:
    return _short(cell) if isinstance(cell, Estimate) else str(cell)
