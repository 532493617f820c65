"""Migrations as files, and the ways they make: what is wrong with one is told, and no way is taken by guess."""

from __future__ import annotations

from pathlib import Path

import pytest
from scheme_strategies import press as scheme

from claimtag.changing import Migration, Route, Step, find_route, known_migrations, load_migration
from claimtag.changing.migrations import labels_after
from claimtag.changing.routes import has_way, way
from claimtag.errors import SchemeError
from claimtag.records import SchemeRef

HEAD = 'scheme = "press"\nbefore = "1.0.0"\nafter = "1.1.0"\n'


def written(folder: Path, steps: str, *, name: str = "1.0.0-1.1.0.toml", head: str = HEAD) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(head + steps, encoding="utf-8")
    return path


def problems_of(folder: Path, steps: str, **more: str) -> list[str]:
    with pytest.raises(SchemeError) as caught:
        load_migration(written(folder, steps, **more))
    return str(caught.value).split("\n  ")[1:]


def migration(before: str, after: str, *steps: Step) -> Migration:
    return Migration("press", before, after, steps)


def test_a_migration_is_read_with_all_its_kinds_of_steps(tmp_path: Path) -> None:
    steps = """
[[steps]]
kind = "rename"
label = "police"
to = "policing"
[[steps]]
kind = "merge"
labels = ["a", "b"]
to = "c"
[[steps]]
kind = "split"
label = "d"
into = ["e", "f"]
rule = "one"
one = "e"
[[steps]]
kind = "add"
label = "g"
[[steps]]
kind = "deprecate"
label = "h"
[[steps]]
kind = "move"
label = "g"
to = "group"
"""
    loaded = load_migration(written(tmp_path, steps))
    assert [str(step) for step in loaded.steps] == [
        "rename police to policing",
        "merge a and b into c",
        "split d into e and f (the sentences get e)",
        "add g",
        "deprecate h",
        "move g to the group group",
    ]


STEPS = [
    ('kind = "rename"\nlabel = "a"', "steps[0] (rename).to: missing"),
    ('kind = "rename"\nlabel = "a"\nto = "a"', "steps[0] (rename).to: the same name as before"),
    ('kind = "rename"\nlabel = "a"\nto = "New name"', "steps[0] (rename).'New name' must be lower-case ASCII letters and digits, words joined by underscores"),
    ('kind = "add"\nlabel = "a"\nto = "b"', "steps[0] (add).to: a step of this kind takes label"),
    ('kind = "merge"\nlabels = ["a"]\nto = "b"', "steps[0] (merge).labels: needs at least two different labels"),
    ('kind = "split"\nlabel = "a"\ninto = ["b", "b"]\nrule = "all"', "steps[0] (split).into: needs at least two different labels"),
    ('kind = "split"\nlabel = "a"\ninto = ["b", "c"]', "steps[0] (split).rule: missing"),
    ('kind = "split"\nlabel = "a"\ninto = ["b", "c"]\nrule = "one"', 'steps[0] (split).one: the rule "one" needs to say which of b and c'),
    ('kind = "renam"\nlabel = "a"\nto = "b"', "steps[0].kind: input should be 'rename', 'merge', 'split', 'add', 'deprecate' or 'move', got 'renam'"),
    ('kind = "rename"\nlabl = "a"\nto = "b"', 'steps[0].labl: unknown key (did you mean "label"?)'),
]  # fmt: skip


@pytest.mark.parametrize(("step", "problem"), STEPS)
def test_a_step_is_checked(tmp_path: Path, step: str, problem: str) -> None:
    assert problem in problems_of(tmp_path, f"[[steps]]\n{step}\n")


def test_a_definition_of_another_label_is_refused(tmp_path: Path) -> None:
    theme = '[[steps.themes]]\nid = "colours"\ngroup = "all"\nname = { en = "x" }\ndefinition = "x"\n'
    found = problems_of(tmp_path, f'[[steps]]\nkind = "add"\nlabel = "colour"\n{theme}')
    assert found == ['steps[0] (add).themes: "colours" is not what comes out of this step (did you mean "colour"?)']


def test_a_migration_leads_to_a_later_version_so_that_there_are_no_circles(tmp_path: Path) -> None:
    found = problems_of(tmp_path, "steps = []", head=HEAD.replace("1.1.0", "0.9.0"), name="x.toml")
    assert found == [
        "after: 0.9.0 must be later than 1.0.0; the way back is found by itself, and a circle would have no end"
    ]


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    head = 'scheme = "Press"\nbefore = "1.0"\nafter = "1.1.0"\n'
    found = problems_of(tmp_path, '[[steps]]\nkind = "add"\n', head=head, name="x.toml")
    assert found == [
        "scheme: 'Press' must be lower-case ASCII words joined by hyphens",
        "before: '1.0' must be three numbers, such as 1.0.0",
        "steps[0] (add).label: missing",
    ]


def test_a_file_must_be_called_what_it_does(tmp_path: Path) -> None:
    path = written(tmp_path, "steps = []", name="1.0.0-1.2.0.toml")
    with pytest.raises(SchemeError, match=r"goes from 1\.0\.0 to 1\.1\.0, so it must be called 1\.0\.0-1\.1\.0\.toml$"):
        load_migration(path)


def test_new_labels_stand_where_the_old_ones_stood() -> None:
    split = Step("split", label="b", into=("x", "b"), rule="all")
    assert labels_after("abc", [split]) == ("a", "x", "b", "c")
    assert labels_after("abcd", [Step("merge", labels=("d", "b"), to="b")]) == ("a", "b", "c")


def test_a_label_that_is_not_there_is_told_with_the_nearest() -> None:
    with pytest.raises(SchemeError) as caught:
        labels_after(["policing", "drugs"], [Step("rename", label="polcing", to="police")], where="press 1.0.0-1.1.0")
    assert str(caught.value) == (
        'press 1.0.0-1.1.0: step 1 (rename polcing to police): "polcing" is not there (did you mean "policing"?)'
    )


def test_a_name_that_is_taken_is_refused() -> None:
    with pytest.raises(SchemeError, match=r'step 1 \(rename a to b\): "b" is there already; choose another name$'):
        labels_after("ab", [Step("rename", label="a", to="b")])


def test_names_change_places_through_a_third_one() -> None:
    turn = [Step("rename", label=old, to=new) for old, new in (("a", "tmp"), ("b", "a"), ("tmp", "b"))]
    assert labels_after("ab", turn) == ("b", "a")


def test_the_way_back_has_the_steps_back_in_turn() -> None:
    old, new = scheme("1.0.0", "a", "b"), scheme("1.1.0", "c", "d")
    steps = (Step("rename", label="a", to="c"), Step("deprecate", label="b"), Step("add", label="d"))
    back = find_route(new, old, migrations=[migration("1.0.0", "1.1.0", *steps)])
    assert [str(step) for step in back.steps] == ["deprecate d", "add b", "rename c to a"]


def test_migrations_are_chained() -> None:
    first = migration("1.0.0", "1.1.0", Step("rename", label="a", to="b"))
    second = migration("1.1.0", "2.0.0", Step("rename", label="b", to="c"))
    route = find_route(scheme("1.0.0", "a"), scheme("2.0.0", "c"), migrations=[second, first])
    assert [str(step) for step in route.steps] == ["rename a to b", "rename b to c"]


def test_a_direct_migration_is_taken_before_a_chain() -> None:
    chain = [migration("1.0.0", "1.1.0"), migration("1.1.0", "1.2.0")]
    direct = migration("1.0.0", "1.2.0", Step("add", label="x"))
    assert way("1.0.0", "1.2.0", [*chain, direct], "press") == (direct,)


def test_two_ways_of_one_length_are_refused() -> None:
    both = [
        migration(*ends) for ends in (("1.0.0", "1.1.0"), ("1.1.0", "2.0.0"), ("1.0.0", "1.2.0"), ("1.2.0", "2.0.0"))
    ]
    with pytest.raises(
        SchemeError, match=r"two ways lead from press 1\.0\.0 to 2\.0\.0, and neither is shorter: write"
    ):
        way("1.0.0", "2.0.0", both, "press")


def test_without_migrations_there_is_no_way() -> None:
    known = [migration("1.0.0", "1.1.0")]
    assert has_way("1.1.0", "1.0.0", known, "press")
    assert not has_way("1.0.0", "2.0.0", known, "press")
    with pytest.raises(SchemeError) as caught:
        way("1.0.0", "2.0.0", known, "press")
    assert str(caught.value) == (
        "no migrations lead from press 1.0.0 to 2.0.0; known: 1.0.0-1.1.0; write one, migrations/1.0.0-2.0.0.toml beside "
        "the scheme, or give its file with --by"
    )


def test_a_route_and_its_schemes_must_agree() -> None:
    with pytest.raises(SchemeError) as caught:
        Route(scheme("1.0.0", "a", "b"), scheme("1.1.0", "b", "c"), ())
    assert str(caught.value) == (
        'press 1.0.0 → 1.1.0: "a" is left by the steps, and 1.1.0 does not have it; 1.1.0 has "c", and no step makes it; '
        "make the migration and the scheme agree"
    )


def test_labels_of_another_scheme_are_refused() -> None:
    with pytest.raises(
        SchemeError, match=r"annotated under the scheme pres \(did you mean \"press\"\?\), which no migration"
    ):
        find_route(SchemeRef("pres", "1.0.0"), scheme("1.1.0", "a"), migrations=[])


def test_a_version_whose_file_is_nowhere_is_told(tmp_path: Path) -> None:
    with pytest.raises(SchemeError, match=r"annotated under press 0\.9\.0, and that version's file is neither among"):
        find_route(SchemeRef("press", "0.9.0"), scheme("1.1.0", "a"), migrations=[], near=[tmp_path])


def test_a_version_that_was_changed_after_annotating_is_told() -> None:
    after = scheme("1.1.0", "a")
    with pytest.raises(SchemeError, match=r"a scheme that changes needs a new version$"):
        find_route(SchemeRef("press", "1.1.0", "0" * 64), after, migrations=[])


def test_articles_of_the_version_asked_for_stay_as_they_are() -> None:
    after = scheme("1.1.0", "a")
    assert find_route(after.ref, after, migrations=[]).steps == ()


SCHEME = """
name = "press"
version = "1.1.0"
description = "x"
language = "en"
title = { en = "x" }
groups = [{ id = "all", name = { en = "x" } }]
themes = [{ id = "a", group = "all", name = { en = "x" }, definition = "x" }]
"""


def test_two_files_that_claim_one_way_are_refused(tmp_path: Path) -> None:
    (tmp_path / "1.1.0.toml").write_text(SCHEME)
    one = written(tmp_path / "migrations", "steps = []")
    assert [known.name for known in known_migrations(tmp_path / "1.1.0.toml", one)] == ["1.0.0-1.1.0"]
    other = written(tmp_path, '[[steps]]\nkind = "add"\nlabel = "a"\n', name="mine.toml")
    with pytest.raises(SchemeError) as caught:
        known_migrations(tmp_path / "1.1.0.toml", other)
    assert str(caught.value) == (
        f"{one} and {other} both claim the way of press from 1.0.0 to 1.1.0, and differ; keep one"
    )
