"""A scheme's file led on to its next version: comments stay, references follow, and the result is sound."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st
from scheme_strategies import schemes, steps

from claimtag.changing import Migration, Step, diff, load_migration
from claimtag.changing.editing import later_version, next_version
from claimtag.changing.migrations import labels_after
from claimtag.changing.routes import Route
from claimtag.errors import SchemeError
from claimtag.scheme import Group, Label, Scheme, load_scheme, scheme_from_dict

PRESS = """\
# The whole scheme, by us.
name = "press"
version = "1.0.0"  # the first
description = "Three themes."
language = "en"
title = { en = "Press" }

[[groups]]
id = "security"
name = { en = "Security" }

[[groups]]
id = "rest"
name = { en = "The rest" }

# Police, not gendarmes.
[[themes]]
id = "policing"   # as readers say
group = "security"
name = { en = "Policing" }
definition = "Police at work."
exclude = [
    # until June this was allowed
    { rule = "trials", instead = "justice" },
    { rule = "rain", instead = "weather" },
]
negative = [{ text = "It rains.", themes = ["weather"] }, { text = "The judge sat.", themes = ["justice"] }]

[themes.keywords]
fr = ["police"]  # never "gendarme*"

[[themes]]
id = "justice"
group = "security"
name = { en = "Justice" }
definition = "Judges at work."
positive = ["The judge sat."]

[themes.keywords]
fr = ["juge*"]

[[themes]]
id = "weather"
group = "rest"
name = { en = "Weather" }
definition = "Rain and sun."
"""
DEFINED = Label("courts", "security", {"en": "Courts"}, "Courts alone.", keywords={"fr": ("cour*", "juge*")})


def press_after(*taken: Step, groups: tuple[Group, ...] = ()) -> tuple[str, Scheme]:
    text = next_version(PRESS, Migration("press", "1.0.0", "1.1.0", taken, groups=groups))
    return text, load_text(text)


def test_comments_survive_a_rename_and_references_follow() -> None:
    text, scheme = press_after(Step("rename", label="justice", to="courts"))
    expected = PRESS.replace('"justice"', '"courts"').replace('version = "1.0.0"', 'version = "1.1.0"')
    assert text == expected
    assert scheme.theme("policing").exclude[0].instead == "courts"


def test_a_merge_keeps_the_texts_of_all_and_drops_the_limits_between_them() -> None:
    text, scheme = press_after(Step("merge", labels=("policing", "justice"), to="order"))
    merged = scheme.theme("order")
    assert merged.definition == "Police at work. Judges at work."
    assert merged.name == {"en": "Policing / Justice"}
    assert merged.keywords == {"fr": ("police", "juge*")}
    assert [exclude.rule for exclude in merged.exclude] == ["rain"]
    assert [contrast.text for contrast in merged.negative] == ["It rains."]
    assert scheme.labels == ("order", "weather")
    assert text.startswith("# The whole scheme, by us.")


def test_a_split_takes_the_definitions_given_and_copies_the_rest() -> None:
    step = Step("split", label="justice", into=("courts", "prisons"), rule="reread", themes=(DEFINED,))
    _, scheme = press_after(step)
    assert scheme.theme("courts") == DEFINED
    assert scheme.theme("prisons").definition == "Judges at work."
    assert scheme.theme("policing").exclude[0].instead == "courts"  # of several parts the first


def test_a_deprecated_label_is_gone_with_what_pointed_to_it_and_its_group() -> None:
    _, scheme = press_after(Step("deprecate", label="weather"))
    assert scheme.labels == ("policing", "justice")
    assert [group.id for group in scheme.groups] == ["security"]
    assert scheme.theme("policing").exclude[1].instead is None
    assert scheme.theme("policing").negative[0].themes == ()


def test_a_new_label_needs_its_definition() -> None:
    with pytest.raises(SchemeError, match=r'add courts: tell what "courts" is: add a \[\[steps\.themes\]\]'):
        press_after(Step("add", label="courts"))
    _, scheme = press_after(Step("add", label="courts", themes=(DEFINED,)))
    assert scheme.labels[-1] == "courts"


def test_a_label_moves_to_a_new_group() -> None:
    step = Step("move", label="justice", to="law")
    _, scheme = press_after(step, groups=(Group("law", {"en": "Law"}),))
    assert scheme.theme("justice").group == "law"
    with pytest.raises(SchemeError, match=r'themes\[1\] \(justice\)\.group: "law" is not a group'):
        press_after(step)


def test_a_migration_of_another_version_does_not_fit() -> None:
    with pytest.raises(SchemeError, match=r"^press 0\.9\.0-1\.1\.0 does not lead from press 1\.0\.0$"):
        next_version(PRESS, Migration("press", "0.9.0", "1.1.0", ()))


def test_a_chain_of_migrations_makes_a_later_version(tmp_path: Path) -> None:
    path = tmp_path / "press.toml"
    path.write_text(PRESS)
    known = [
        Migration("press", "1.0.0", "1.1.0", (Step("rename", label="justice", to="courts"),)),
        Migration("press", "1.1.0", "2.0.0", (Step("deprecate", label="weather"),)),
    ]
    text = later_version(path, "2.0.0", known)
    assert 'version = "2.0.0"  # the first' in text
    with pytest.raises(
        SchemeError, match=r"press\.toml: is 1\.0\.0; 1\.0\.0 is not later, and old versions are kept as files$"
    ):
        later_version(path, "1.0.0", known)


@given(st.data())
def test_any_scheme_is_led_on_by_any_steps(data: st.DataObject) -> None:
    scheme = data.draw(schemes())
    drawn = data.draw(steps(scheme.labels, most=3))
    taken = tuple(
        step
        if step.kind != "add"
        else Step("add", label=step.label, themes=(Label(str(step.label), "first", {"fr": "x"}, "x"),))
        for step in drawn
    )
    text = tomlkit.dumps(scheme.to_dict())
    migration = Migration(scheme.name, "1.0.0", "1.1.0", taken)
    after = load_text(next_version(text, migration))
    assert set(after.labels) == set(labels_after(scheme.labels, taken))
    Route(scheme, after, taken)


def test_a_diff_tells_what_steps_do_not() -> None:
    before = load_text(PRESS)
    changed = (
        PRESS.replace('"1.0.0"', '"1.1.0"')
        .replace("Judges at work.", "Judges and prosecutors at work.")
        .replace('["police"]', '["police", "patrouille*"]')
        .replace('id = "weather"', 'id = "climate"')
        .replace('instead = "weather"', 'instead = "climate"')
        .replace('themes = ["weather"]', 'themes = ["climate"]')
        .replace("Three themes.", "Still three themes.")
    )
    difference = diff(before, load_text(changed))
    assert (difference.added, difference.removed) == (("climate",), ("weather",))
    assert difference.resembling == {"weather": "climate"}
    assert difference.sharpened == {"policing": ("exclude",), "justice": ("definition",)}
    assert difference.general == ("description",)
    report = difference.report()
    assert "  removed: weather (the same as climate?)\n" in report
    assert report.endswith("  no migration tells what became of the labels; write one to carry annotations over\n")


def test_a_rename_is_no_change_of_meaning() -> None:
    before = load_text(PRESS)
    step = Step("rename", label="weather", to="climate")
    text, after = press_after(step)
    difference = diff(before, after, Route(before, after, (step,)))
    assert (difference.added, difference.removed, difference.sharpened, difference.edited) == ((), (), {}, {})
    assert difference.report() == "press 1.0.0 → press 1.1.0\n  rename weather to climate\n"
    sharpened = load_text(text.replace("Rain and sun.", "Rain, sun and wind."))
    again = diff(before, sharpened, Route(before, sharpened, (step,)))
    assert again.sharpened == {"climate": ("definition",)}
    assert again.to_dict()["steps"] == ["rename weather to climate"]


def test_two_schemes_are_called_so_and_compared_by_the_labels_of_one_name_alone() -> None:
    before = load_text(PRESS)
    other = PRESS.replace('"press"', '"papers"').replace("Judges at work.", "Courts at work.")
    for old, new in (
        ('id = "weather"', 'id = "climate"'),
        ('["weather"]', '["climate"]'),
        ('= "weather"', '= "climate"'),
    ):
        other = other.replace(old, new)
    assert diff(before, load_text(other)).report().splitlines() == [
        "press 1.0.0 and papers 1.0.0 are two schemes, not two versions of one",
        "  labels of one name: policing, justice",
        "  labels in press alone: 1; in papers alone: 1",
        "  defined alike: weather and climate",
        "  sharpened: policing (exclude)",
        "  sharpened: justice (definition)",
        "  if one was made from the other, give both the same name, and they are compared as versions",
    ]


def test_of_two_schemes_the_public_ones_that_both_are_linked_to_are_named() -> None:
    one, other = load_scheme("security-cooperation"), load_scheme("climate-environment")
    difference = diff(one, other)
    report = difference.report()
    assert "  labels of one name: none\n" in report
    assert f"  labels in {one.name} alone: 18; in {other.name} alone: {len(other.labels)}\n" in report
    for public in ("cap", "eurovoc", "iptc"):
        line = f"claimtag labels crosswalk security-cooperation {public}; … climate-environment {public}\n"
        assert f"  both have a crosswalk to {public}: {line}" in report
    assert "added:" not in report
    assert difference.to_dict()["two_schemes"] is True
    assert diff(one, one).to_dict()["two_schemes"] is False


def test_equal_schemes_do_not_differ() -> None:
    scheme = load_text(PRESS)
    assert diff(scheme, scheme).report() == "press 1.0.0 → press 1.0.0\n  nothing differs\n"


def load_text(text: str) -> Scheme:
    return scheme_from_dict(tomllib.loads(text))


def test_the_example_of_the_docs_fits_what_ships() -> None:
    root = Path(__file__).parent.parent
    migration = load_migration(root / "docs/schemes/1.0.0-1.1.0.toml")
    text = later_version(root / "labels/security-cooperation/1.0.0.toml", "1.1.0", [migration])
    assert load_text(text).labels == labels_after(load_scheme("security-cooperation@1.0.0").labels, migration.steps)
    assert load_scheme("security-cooperation").version == "1.0.0"  # the example is not what ships
