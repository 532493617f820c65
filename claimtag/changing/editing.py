"""A scheme's file → the file of its next version, by a migration; comments and layout stay as they were written.

What a step leaves open is filled from what was there: a merged label has the texts of all it came from, each part of a
split one a copy, until somebody words them anew, in the migration (`themes`) or in the new file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from claimtag.changing.migrations import Migration, Step, labels_after
from claimtag.changing.routes import way
from claimtag.errors import SchemeError
from claimtag.scheme import Label, load_scheme, scheme_from_dict, version_key


def later_version(path: str | Path, version: str, migrations: Iterable[Migration]) -> str:
    """The TOML text of a later version of the scheme in that file, through the migrations that lead there."""
    scheme = load_scheme(Path(path))
    if version_key(version) <= version_key(scheme.version):
        raise SchemeError(f"{path}: is {scheme.version}; {version} is not later, and old versions are kept as files")
    text = Path(path).read_bytes().decode("utf-8-sig")
    for migration in way(scheme.version, version, migrations, scheme.name):
        text = next_version(text, migration)
    return text


def next_version(text: str, migration: Migration) -> str:
    """The TOML text of the version that the migration leads to; SchemeError where it does not fit the text's scheme."""
    import tomlkit

    document: Any = tomlkit.parse(text)
    where = f"{migration.scheme} {migration.name}"
    scheme = scheme_from_dict(document.unwrap(), where=f"{where}: the scheme before")
    if (scheme.name, scheme.version) != (migration.scheme, migration.before):
        raise SchemeError(f"{where} does not lead from {scheme.name} {scheme.version}")
    labels_after(scheme.labels, migration.steps, where=where)
    document["version"] = migration.after
    for group in migration.groups:
        document["groups"].append(_table(asdict(group)))
    for step in migration.steps:
        _take(step, document["themes"], where)
    _drop_empty_groups(document)
    made = tomlkit.dumps(document)
    scheme_from_dict(tomlkit.parse(made).unwrap(), where=f"{where}: the new version")
    return made


def _take(step: Step, themes: Any, where: str) -> None:
    """Changes the tables of the themes as one step says."""
    given = {theme.id: theme for theme in step.themes}
    at = {str(theme["id"]): place for place, theme in enumerate(themes)}
    if step.kind == "add":
        if step.label not in given:
            raise SchemeError(
                f'{where}: {step}: tell what "{step.label}" is: add a [[steps.themes]] with its definition'
            )
        themes.append(_table(_plain(given[step.label])))
    elif step.kind == "move":
        themes[at[str(step.label)]]["group"] = step.to
    elif step.kind == "rename":
        theme = themes[at[str(step.label)]]
        theme["id"] = step.to
        if step.to in given:
            for key, value in _plain(given[step.to]).items():
                theme[key] = value
    else:
        sources = [themes[at[label]] for label in step.sources]
        first = min(at[label] for label in step.sources)
        made = [_table(_plain(given[label]) if label in given else _from(sources, label)) for label in step.targets]
        for place in sorted((at[label] for label in step.sources), reverse=True):
            del themes[place]
        for offset, table in enumerate(made):
            themes.insert(first + offset, table)
    _refer(themes, step)


def _refer(themes: Any, step: Step) -> None:
    """Leads what other themes say of a label on to what it became."""
    if step.kind in ("add", "move"):
        return
    became = step.targets[:1]  # of several parts somebody must choose; the first is a beginning
    for theme in themes:
        inside = (
            theme["id"] in step.targets
        )  # what one merged label was not for, another was: that is no limit any more
        for name, named in (("exclude", _instead), ("negative", _themes)):
            items = theme.get(name, ())
            for place in reversed(range(len(items))):
                if not any(label in step.sources for label in named(items[place])):
                    continue
                if inside:
                    del items[place]
                elif name == "negative":
                    kept = [label for label in _themes(items[place]) if label not in step.sources]
                    items[place]["themes"] = [*kept, *(label for label in became if label not in kept)]
                elif became:
                    items[place]["instead"] = became[0]
                else:
                    del items[place]["instead"]


def _instead(exclude: Any) -> list[str]:
    return [str(exclude["instead"])] if "instead" in exclude else []


def _themes(contrast: Any) -> list[str]:
    return [str(label) for label in contrast.get("themes", ())]


def _from(sources: Sequence[Any], label: str) -> dict[str, Any]:
    """The plain content of a theme that has the texts of all these, each once."""
    plain: list[dict[str, Any]] = [source.unwrap() for source in sources]
    made: dict[str, Any] = {"id": label, "group": plain[0]["group"], "name": {}}
    for lang in dict.fromkeys(lang for one in plain for lang in one["name"]):
        made["name"][lang] = " / ".join(dict.fromkeys(one["name"][lang] for one in plain if lang in one["name"]))
    made["definition"] = " ".join(dict.fromkeys(one["definition"].strip() for one in plain))
    for part in ("include", "exclude", "decisions", "positive", "negative"):
        items = [item for one in plain for item in one.get(part, ())]
        made[part] = [item for place, item in enumerate(items) if item not in items[:place]]
    words: dict[str, list[str]] = {}
    for one in plain:
        for lang, keywords in one.get("keywords", {}).items():
            words[lang] = list(dict.fromkeys((*words.get(lang, ()), *keywords)))
    return {key: value for key, value in (made | {"keywords": words}).items() if value not in ([], {})}


def _plain(theme: Label) -> dict[str, Any]:
    return {key: value for key, value in asdict(theme).items() if value not in (None, (), {})}


def _table(content: Mapping[str, Any]) -> Any:
    """A TOML table of the content, longer lists with a line an item."""
    import tomlkit

    table = tomlkit.table()
    for key, value in content.items():
        if isinstance(value, list | tuple):
            item: Any = tomlkit.array()
            for one in value:
                item.append(_inline(one) if isinstance(one, Mapping) else one)
            item.multiline(len(value) > 1)
        elif isinstance(value, Mapping):
            item = _table(value) if key == "keywords" else _inline(value)
        else:
            item = value
        table.append(key, item)
    return table


def _inline(content: Mapping[str, Any]) -> Any:
    import tomlkit

    table = tomlkit.inline_table()
    for key, value in content.items():
        if value is not None:
            table.append(key, list(value) if isinstance(value, tuple) else value)
    return table


def _drop_empty_groups(document: Any) -> None:
    used = {str(theme["group"]) for theme in document["themes"]}
    groups = document["groups"]
    for place in reversed(range(len(groups))):
        if str(groups[place]["id"]) not in used:
            del groups[place]
