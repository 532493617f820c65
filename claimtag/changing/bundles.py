"""A trained bundle under another version of its scheme: what needs no training is carried over, the rest is marked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from claimtag.bundle import Bundle
from claimtag.changing.migrations import Step
from claimtag.changing.routes import Route
from claimtag.evaluation.intervals import Estimate
from claimtag.evaluation.tiers import LabelTier
from claimtag.themes.migrated import Column, MigratedTagger

KIND = "migrated"


def migrate_bundle(bundle: Bundle, route: Route) -> Bundle:
    """The bundle for the version that the route leads to, without training.

    Labels that only changed their names score as before. A merged label is said where one of those it comes from was
    said, with the highest probability of these. Of a label that was split into all its parts, or one, these have the
    score; the parts to be read again are put up for review and never said; a new label is never said. The last two need
    training: `bundle.model.not_asked` names them, and the card. Leads the way back (or a second migration) to the model
    that was trained, that is taken again.
    """
    model = bundle.model
    if isinstance(model, MigratedTagger):
        kind, base, deciding, columns = model.kind, model.model, model.deciding, dict(model.columns)
    else:
        kind, base, deciding = bundle.kind, model, bundle.deciding
        columns = {label: Column("same", (label,)) for label in bundle.scheme.labels}
    start = dict(columns)
    for step in route.steps:
        columns = columns_by(step, columns)
    columns = {label: columns[label] for label in route.after.labels}
    if deciding.task == "single-label":  # an open label would stand in the way of the likeliest
        columns = {label: Column("none") if one.how == "open" else one for label, one in columns.items()}
    tiers = {start[tier.label]: tier for tier in bundle.tiers}
    untrained = {start[label] for label in bundle.untrained}
    migrated = MigratedTagger(kind, base, deciding, columns)
    plain = all(one == Column("same", (label,)) for label, one in columns.items()) and migrated.labels == base.labels
    return replace(
        bundle,
        kind=kind if plain else KIND,
        model=base if plain else migrated,
        deciding=deciding if plain else migrated.decided(),
        scheme=route.after,
        tiers=tuple(_tier(label, one, tiers) for label, one in columns.items()),
        untrained=tuple(label for label, one in columns.items() if one in untrained and one.how == "same"),
        card=_card(bundle, route, migrated),
    )


def lossy(route: Route) -> tuple[Step, ...]:
    """The steps after which a bundle can no longer tell what it could tell before."""
    return tuple(step for step in route.steps if step.kind == "deprecate" or (step.kind == "merge" and not step.whole))


def columns_by(step: Step, columns: Mapping[str, Column]) -> dict[str, Column]:
    """Where labels' scores come from after a step."""
    before = [columns[label] for label in step.sources]
    kept = {label: column for label, column in columns.items() if label not in step.sources}
    if step.kind == "add":
        made = {str(step.label): Column("none")}
    elif step.kind == "merge":
        made = {str(step.to): _merged(before, whole=step.whole)}
    elif step.kind == "split":
        made = {part: _part(before[0], step, part) for part in step.into}
    else:
        made = dict.fromkeys(step.targets, *before)
    return kept | made


def _merged(columns: Sequence[Column], *, whole: bool) -> Column:
    known = dict.fromkeys(column for column in columns if column.how != "none")
    if whole and len(known) == 1:
        (only,) = known
        return Column("same" if len(only.sources) == 1 else "merged", only.sources)
    sources = tuple(dict.fromkeys(label for one in known if one.how != "open" for label in one.sources))
    return Column("merged", sources) if sources else Column("none")


def _part(column: Column, step: Step, part: str) -> Column:
    if step.rule == "reread":
        return Column("open", column.sources) if column.sources else column
    return column if step.rule == "all" or part == step.one else Column("none")


def _tier(label: str, column: Column, tiers: Mapping[Column, LabelTier]) -> LabelTier:
    if column in tiers and column.how != "none":
        return replace(tiers[column], label=label)
    return LabelTier(label, "C", Estimate(math.nan, math.nan, math.nan, _state(column)), support=0, articles=0)


def _state(column: Column) -> str:
    if column.how == "merged":
        return f"merged from {' and '.join(column.sources)}; claimtag evaluate measures it"
    if column.how == "open":
        return f"needs training: split from {' and '.join(column.sources)}, put up for review and never said"
    if column.how == "same":
        return f"scored as {column.sources[0]}, of which no figures are kept here; claimtag evaluate measures it"
    return "needs training: not known to the model, never said"


def _card(bundle: Bundle, route: Route, model: MigratedTagger) -> str:
    """The old card beneath what has changed."""
    lines = [
        f"# {bundle.name} {bundle.version}, migrated\n",
        f"From `{route.before.name}` {route.before.version} to {route.after.version} (sha256 `{route.after.sha256[:12]}…`), "
        "without training:\n",
        *(f"- {step}" for step in route.steps),
        "",
        *(f"- `{label}`: {_state(one)}" for label, one in model.columns.items() if one.how != "same"),
        "\nAll beneath is of the bundle as it was trained, under the labels of its own version.\n",
    ]
    return "\n".join(lines) + "\n" + bundle.card
