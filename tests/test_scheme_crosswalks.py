"""Crosswalks: every theme is linked or said to have no link, and what is wrong with a file is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from scheme_strategies import press

from claimtag.errors import SchemeError
from claimtag.scheme import load_scheme, shipped_schemes
from claimtag.scheme.crosswalks import crosswalks, load_crosswalk

CODES = {"cap": r"[1-9]|1\d|2[013]", "iptc": r"medtop:(0[1-9]|1[0-7])000000|medtop:2000\d{4}", "eurovoc": r"\d\d|\d{4}"}

SMALL = """
scheme = "press"
version = "1.0.0"
to = "other"
title = "Other"
publisher = "Somebody"
source = "https://example.org"
note = "x"
links = [{ label = "a", code = "1", name = "One", match = "broader" }]
unlinked = [{ label = "b", note = "nothing like it" }]
"""


def shipped() -> Iterator[tuple[str, str]]:
    for name, version in shipped_schemes():
        yield from ((f"{name}@{version}", to) for to in crosswalks(load_scheme(f"{name}@{version}")))


def test_every_scheme_has_all_three() -> None:
    pairs = list(shipped())
    assert len(pairs) == 3 * len({name for name, _ in pairs}) >= 6


@pytest.mark.parametrize(("name", "to"), list(shipped()))
def test_a_shipped_crosswalk_tells_of_every_theme_and_its_codes_have_their_shape(name: str, to: str) -> None:
    scheme = load_scheme(name)
    crosswalk = load_crosswalk(to, scheme)
    assert {link.label for link in crosswalk.links} | {one.label for one in crosswalk.unlinked} == set(scheme.labels)
    assert all(re.fullmatch(CODES[to], link.code) for link in crosswalk.links)
    names: dict[str, str] = {}
    assert all(names.setdefault(link.code, link.name) == link.name for link in crosswalk.links)
    assert crosswalk.source.startswith("https://")
    assert crosswalk.note


def test_a_crosswalk_is_read_as_a_table() -> None:
    crosswalk = load_crosswalk("cap", load_scheme("security-cooperation"))
    assert [link.code for link in crosswalk.of("drugs")] == ["12", "3"]
    assert re.search(r"^migration +close +9 +Immigration +Emigration", crosswalk.report(), re.MULTILINE)
    assert crosswalk.to_dict()["links"][0]["match"] == "broader"


def test_a_crosswalk_that_does_not_ship_is_answered_with_those_that_do() -> None:
    with pytest.raises(SchemeError) as caught:
        load_crosswalk("ipct", load_scheme("climate-environment"))
    assert str(caught.value) == (
        'no crosswalk from climate-environment to "ipct" (did you mean "iptc"?); there are: cap, eurovoc, iptc; or give the '
        "path of a .toml file"
    )


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('scheme = "press"', 'scheme = "climate"', "scheme: 'climate' is not press"),
        ('"1.0.0"', '"0.9.0"', "version: of '0.9.0', the scheme is 1.0.0; carry the crosswalk over to it"),
        ('label = "a"', 'label = "c"', 'links[0].label: "c" is not a theme'),
        ('label = "b"', 'label = "a"', '"b" is neither linked nor said to have no link'),
        ('match = "broader"', 'match = "wider"', "links[0].match: input should be 'exact', 'close', 'broader', 'narrower' or 'related', got 'wider'"),
        ('code = "1"', 'kode = "1"', 'links[0].kode: unknown key (did you mean "code"?)'),
        ("links = [{", 'links = [{ label = "a", code = "1", name = "One", match = "close" }, {', "links[1]: a and 1 are linked twice"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_told(tmp_path: Path, old: str, new: str, problem: str) -> None:
    path = tmp_path / "other.toml"
    path.write_text(SMALL)
    assert load_crosswalk(path, press("1.0.0", "a", "b")).links[0].name == "One"
    path.write_text(SMALL.replace(old, new))
    with pytest.raises(SchemeError) as caught:
        load_crosswalk(path, press("1.0.0", "a", "b"))
    assert problem in str(caught.value).split("\n  ")[1:]
