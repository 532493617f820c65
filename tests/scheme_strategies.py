"""Hypothesis strategies: label schemes made at random, and migrations of them."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from claimtag.changing.migrations import Step, labels_after
from claimtag.scheme import Group, Label, Scheme

REVERSIBLE = ("rename", "move", "add", "split")
KINDS = (*REVERSIBLE, "merge", "deprecate")

_SLUGS = st.builds("{}{}".format, st.sampled_from("abcdefgh"), st.sampled_from(("", "1", "_long", "x_2y")))
_TEXTS = st.text(st.sampled_from("abcdé «»'\"#\\"), min_size=1, max_size=20).filter(str.strip)


@st.composite
def schemes(draw: st.DrawFn, *, version: str = "1.0.0", labels: Sequence[str] | None = None) -> Scheme:
    """A scheme of two to six themes in one or two groups, with any texts."""
    names = labels if labels is not None else draw(st.lists(_SLUGS, min_size=2, max_size=6, unique=True))
    groups = draw(st.sampled_from([("first",), ("first", "second")]))[: len(names)]
    themes = tuple(
        Label(
            id=name,
            group=groups[place % len(groups)],
            name={"fr": draw(_TEXTS)},
            definition=draw(_TEXTS),
            positive=tuple(draw(st.lists(_TEXTS, max_size=2))),
            keywords={"fr": (name.replace("_", " "),)},
        )
        for place, name in enumerate(names)
    )
    return Scheme(
        name="made-up",
        version=version,
        title={"fr": draw(_TEXTS)},
        description=draw(_TEXTS),
        language="fr",
        groups=tuple(Group(group, {"fr": group}) for group in groups),
        themes=themes,
    )


@st.composite
def steps(draw: st.DrawFn, labels: Sequence[str], *, kinds: Sequence[str] = KINDS, most: int = 4) -> tuple[Step, ...]:
    """Steps that can be taken on these labels one after the other; no label is lost to none."""
    taken: list[Step] = []
    there = tuple(labels)
    for _ in range(draw(st.integers(1, most))):
        kind = draw(st.sampled_from(kinds))
        new, second = (next(name for n in range(99) if (name := f"{word}{n}") not in there) for word in ("new", "part"))
        label = draw(st.sampled_from(there))
        if kind == "rename":
            step = Step("rename", label=label, to=new)
        elif kind == "move":
            step = Step("move", label=label, to="first")
        elif kind == "add":
            step = Step("add", label=new)
        elif kind == "split":
            rule = draw(st.sampled_from(["all", "one", "reread"]))
            parts = (new, second)
            step = Step("split", label=label, into=parts, rule=rule, one=parts[1] if rule == "one" else None)
        elif len(there) < 3:
            continue
        elif kind == "merge":
            some = tuple(draw(st.lists(st.sampled_from(there), min_size=2, max_size=3, unique=True)))
            step = Step("merge", labels=some, to=draw(st.sampled_from([new, some[0]])))
        else:
            step = Step("deprecate", label=label)
        taken.append(step)
        there = labels_after(there, [step])
    return tuple(taken)


def press(version: str, *labels: str) -> Scheme:
    """A plain scheme with these labels."""
    themes = tuple(Label(label, "all", {"en": label}, f"About {label}.") for label in labels)
    return Scheme("press", version, {"en": "Press"}, "", "en", (Group("all", {"en": "All"}),), themes)


def plain_schemes() -> st.SearchStrategy[Scheme]:
    """Schemes of two to five labels, quickly made."""
    return st.integers(2, 5).map(lambda number: press("1.0.0", *"abcde"[:number]))


def scheme_after(scheme: Scheme, taken: Sequence[Step], *, version: str = "1.1.0") -> Scheme:
    """A scheme with the labels that the steps leave."""
    labels = labels_after(scheme.labels, taken)
    return Scheme(
        name=scheme.name,
        version=version,
        title=scheme.title,
        description=scheme.description,
        language=scheme.language,
        groups=(Group("first", {"fr": "Premier"}),),
        themes=tuple(Label(label, "first", {"fr": label}, f"About {label}.") for label in labels),
    )
