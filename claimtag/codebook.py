"""A label scheme as a codebook that people read (Markdown)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from claimtag.scheme import Claims, Label, Scheme, load_scheme, shipped_schemes


def codebook(scheme: Scheme, *, lang: str = "en", level: int = 1) -> str:
    """The whole scheme as Markdown, headings from that level on; a theme's keywords are counted, not listed."""
    deeper = "#" * (level - 1)
    lines = (deeper + line if line.startswith("#") else line for line in _codebook(scheme, lang))
    return "\n".join(lines).rstrip() + "\n"


def codebooks(*, lang: str = "en") -> str:
    """Every shipped scheme's newest version: the text of `labels/README.md`."""
    newest = {name: load_scheme(f"{name}@{version}") for name, version in shipped_schemes()}
    head = [
        "# Label schemes",
        "",
        "Made from the TOML files beside this page by `make labels`; edit those, not this.",
        "",
    ]
    return "\n".join(head) + "\n" + "\n".join(codebook(scheme, lang=lang, level=2) for scheme in newest.values())


def _codebook(scheme: Scheme, lang: str) -> Iterator[str]:
    yield f"# {_name(scheme.title, lang)}\n"
    yield f"`{scheme.name}` {scheme.version}, sha256 `{scheme.sha256[:12]}…`\n"
    yield f"{scheme.description.strip()}\n"
    groups = {group.id: _name(group.name, lang) for group in scheme.groups}
    yield "| group | theme | name |\n|---|---|---|"
    for theme in scheme.themes:
        names = " / ".join([_name(theme.name, lang), *(text for key, text in theme.name.items() if key != lang)])
        yield f"| {groups[theme.group]} | `{theme.id}` | {names} |"
    yield ""
    if scheme.decisions:
        yield from _list("## Decisions on several themes", scheme.decisions)
    for theme in scheme.themes:
        yield from _theme(theme, lang)
    if scheme.claims is not None:
        yield from _claims(scheme.claims, lang)


def _theme(theme: Label, lang: str) -> Iterator[str]:
    yield f"## {_name(theme.name, lang)} (`{theme.id}`)\n"
    yield f"{theme.definition.strip()}\n"
    yield from _list("**Include**", theme.include)
    excluded = (ex.rule + (f" → `{ex.instead}`" if ex.instead else "") for ex in theme.exclude)
    yield from _list("**Exclude**", excluded)
    yield from _list("**Decisions**", theme.decisions)
    yield from _list("**Yes**", (f"*{text}*" for text in theme.positive))
    instead = ((ex.text, ", ".join(f"`{label}`" for label in ex.themes) or "no theme") for ex in theme.negative)
    yield from _list("**No**", (f"*{text}* → {themes}" for text, themes in instead))
    counts = ", ".join(f"{len(words)} {key}" for key, words in (theme.keywords or {}).items())
    if counts:
        yield f"Keywords: {counts}.\n"


def _claims(claims: Claims, lang: str) -> Iterator[str]:
    yield f"## Claims\n\n{claims.definition.strip()}\n"
    for title, choices in (("Types", claims.types), ("Modes", claims.modes)):
        yield from _list(
            f"**{title}**", (f"`{choice.id}` ({_name(choice.name, lang)}): {choice.definition}" for choice in choices)
        )
    yield from _list("**Spans**", (f"`{field.id}`: {field.definition}" for field in claims.fields))
    yield from _list("**Decisions**", claims.decisions)


def _list(title: str, items: Iterable[str]) -> Iterator[str]:
    lines = [f"- {item.strip()}" for item in items]
    if lines:
        yield f"{title}\n"
        yield from lines
        yield ""


def _name(names: Mapping[str, str], lang: str) -> str:
    return names.get(lang) or next(iter(names.values()))


if __name__ == "__main__":
    import sys

    sys.stdout.write(codebooks())
