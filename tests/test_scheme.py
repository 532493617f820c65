"""Label schemes: all problems of a file in one error with their paths; equal content, equal hash."""

from __future__ import annotations

import copy
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from claimtag.errors import SchemeError
from claimtag.scheme import load_scheme, scheme_from_dict, shipped_schemes

SMALL = """
name = "press"
version = "1.0.0"
description = "Two themes."
language = "en"

[title]
en = "Press"

[[groups]]
id = "security"
name = { en = "Security" }

[[groups]]
id = "rest"
name = { en = "The rest" }

[[themes]]
id = "policing"
group = "security"
name = { en = "Policing", fr = "Police" }
definition = "Police at work."
include = ["arrests"]
exclude = [{ rule = "weather at sea", instead = "weather" }, { rule = "traffic" }]
positive = ["La police a arrêté deux hommes."]
negative = [{ text = "Il pleut.", themes = ["weather"] }]
keywords = { fr = ["police", "arrest*"] }

[[themes]]
id = "weather"
group = "rest"
name = { en = "Weather" }
definition = "Rain and sun."
"""

CLAIMS = """
[claims]
definition = "A proposition of somebody's."
types = [{ id = "assertion", name = { en = "Assertion" }, definition = "Says that it is so." }]
modes = [{ id = "direct", name = { en = "Direct" }, definition = "In quotation marks." }]
"""


@pytest.fixture
def content() -> dict[str, Any]:
    return tomllib.loads(SMALL + CLAIMS)


def problems_of(content: dict[str, Any]) -> list[str]:
    with pytest.raises(SchemeError) as caught:
        scheme_from_dict(content, where="press.toml")
    first, *problems = str(caught.value).split("\n  ")
    assert first == f"press.toml: {len(problems)} problem{'s' if len(problems) > 1 else ''}:"
    return problems


def written(folder: Path, text: str, name: str = "press.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_scheme_is_read_from_the_file_at_a_path(tmp_path: Path) -> None:
    scheme = load_scheme(written(tmp_path, SMALL))
    assert scheme.labels == ("policing", "weather")
    assert scheme.theme("policing").exclude[0].instead == "weather"
    assert scheme.theme("policing").keywords == {"fr": ("police", "arrest*")}
    assert (scheme.ref.name, scheme.ref.version, scheme.ref.sha256) == ("press", "1.0.0", scheme.sha256)
    assert scheme == load_scheme(str(tmp_path / "press.toml"))


def test_the_hash_does_not_depend_on_comments_spaces_or_the_order_of_keys(tmp_path: Path) -> None:
    shuffled = SMALL.replace('version = "1.0.0"\n', "").replace(
        'name = "press"', '# a note\nversion="1.0.0"\nname = "press"'
    )
    assert shuffled != SMALL
    assert load_scheme(written(tmp_path, shuffled)).sha256 == load_scheme(written(tmp_path, SMALL, "b.toml")).sha256


def test_the_hash_does_not_depend_on_a_byte_order_mark_or_windows_line_ends(tmp_path: Path) -> None:
    plain, windows = written(tmp_path, SMALL), tmp_path / "windows.toml"
    windows.write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
    assert load_scheme(windows).sha256 == load_scheme(plain).sha256


@pytest.mark.parametrize(
    "change", [("Police at work.", "Police."), ('"arrest*"', '"arrests"'), ('id = "rest"', 'id = "others"')]
)
def test_the_hash_depends_on_all_content(tmp_path: Path, change: tuple[str, str]) -> None:
    changed = SMALL.replace(*change).replace(
        'group = "rest"', 'group = "others"' if "others" in change[1] else 'group = "rest"'
    )
    assert load_scheme(written(tmp_path, changed)).sha256 != load_scheme(written(tmp_path, SMALL, "b.toml")).sha256


def test_the_order_of_the_themes_is_content(content: dict[str, Any]) -> None:
    turned = copy.deepcopy(content)
    turned["themes"].reverse()
    assert scheme_from_dict(turned).sha256 != scheme_from_dict(content).sha256


def test_a_scheme_comes_back_from_its_plain_values(content: dict[str, Any]) -> None:
    scheme = scheme_from_dict(content)
    again = scheme_from_dict(json.loads(json.dumps(scheme.to_dict())))
    assert (again, again.sha256) == (scheme, scheme.sha256)


def test_a_language_without_keywords_is_as_none_at_all(content: dict[str, Any]) -> None:
    none, empty = copy.deepcopy(content), copy.deepcopy(content)
    empty["themes"][1]["keywords"] = {"fr": []}
    assert scheme_from_dict(empty).sha256 == scheme_from_dict(none).sha256


def test_the_hashes_of_the_schemes_that_ship_stay_as_records_name_them() -> None:
    assert {name: load_scheme(name).sha256[:8] for name, _ in shipped_schemes()} == {
        "climate-environment": "ed4affd7",
        "security-cooperation": "b02ead8c",
    }


def test_a_theme_that_is_not_there_is_answered_with_the_nearest(content: dict[str, Any]) -> None:
    with pytest.raises(SchemeError) as caught:
        scheme_from_dict(content).theme("polcing")
    assert str(caught.value) == (
        '"polcing" is not a theme of press 1.0.0 (did you mean "policing"?); its themes: policing, weather'
    )


def test_all_problems_are_told_at_once(content: dict[str, Any]) -> None:
    content["themes"][0] |= {"definition": " ", "group": "securty"}
    content["version"] = "1.0"
    assert problems_of(content) == [
        "version: '1.0' must be three numbers, such as 1.0.0",
        "groups[0] (security): no theme is in this group",
        "themes[0] (policing).definition: empty",
        'themes[0] (policing).group: "securty" is not a group (did you mean "security"?)',
    ]


def test_unknown_keys_are_refused_with_a_suggestion_wherever_they_stand(content: dict[str, Any]) -> None:
    content["langage"] = "fr"
    content["themes"][0]["definiton"] = "Police."
    content["themes"][0]["exclude"][1]["rulez"] = "x"
    content["themes"][0]["negative"][0]["theme"] = []
    content["groups"][1]["nam"] = {}
    content["claims"]["tipes"] = []
    content["claims"]["types"][0]["idd"] = "x"
    assert sorted(problems_of(content)) == [
        'claims.tipes: unknown key (did you mean "types"?)',
        'claims.types[0] (assertion).idd: unknown key (did you mean "id"?)',
        'groups[1] (rest).nam: unknown key (did you mean "name"?)',
        'langage: unknown key (did you mean "language"?)',
        'themes[0] (policing).definiton: unknown key (did you mean "definition"?)',
        'themes[0] (policing).exclude[1].rulez: unknown key (did you mean "rule"?)',
        'themes[0] (policing).negative[0].theme: unknown key (did you mean "themes"?)',
    ]


def test_a_key_that_resembles_none_is_refused_without_a_suggestion(content: dict[str, Any]) -> None:
    content["zzz"] = 1
    assert problems_of(content) == ["zzz: unknown key"]


def test_an_unknown_key_hides_no_other_problem(content: dict[str, Any]) -> None:
    content["colour"], content["themes"][0]["definition"] = "red", " "
    problems = problems_of(content)
    assert problems[0] == "colour: unknown key"
    assert len(problems) == 2
    assert problems[1].startswith("themes[0] (policing).definition: ")


def test_missing_keys_and_wrong_types_are_told_with_their_paths(content: dict[str, Any]) -> None:
    del content["themes"][1]["definition"], content["language"]
    content["themes"][0]["include"] = "arrests"
    problems = problems_of(content)
    assert "themes[1] (weather).definition: missing" in problems
    assert "language: missing" in problems
    assert "themes[0] (policing).include: input should be a valid tuple, got 'arrests'" in problems
    assert len(problems) == 3


EDITS = [
    ({"name": "Press Text"}, "name: 'Press Text' must be lower-case ASCII words joined by hyphens"),
    ({"version": "01.0.0"}, "version: '01.0.0' must be three numbers, such as 1.0.0"),
    ({"language": "french"}, "language: 'french' must be an ISO 639 code, such as fr"),
    ({"title": {}}, "title: needs a text in at least one language"),
    ({"title": {"en": " "}}, "title.en: empty"),
    ({"title": {"EN": "Press"}}, "title.EN: 'EN' must be an ISO 639 code, such as fr"),
]


@pytest.mark.parametrize(("edit", "problem"), EDITS)
def test_the_head_of_a_scheme_is_checked(content: dict[str, Any], edit: dict[str, Any], problem: str) -> None:
    assert problems_of(content | edit) == [problem]


THEME_EDITS = [
    ({"definition": "\n"}, "definition: empty"),
    ({"name": {}}, "name: needs a text in at least one language"),
    ({"exclude": [{"rule": "x", "instead": "wether"}]}, 'exclude[0].instead: "wether" is not a theme (did you mean "weather"?)'),
    ({"exclude": [{"rule": ""}]}, "exclude[0]: empty"),
    ({"positive": ["a", " "]}, "positive[1]: empty"),
    ({"negative": [{"text": "x", "themes": ["wether"]}]}, 'negative[0].themes: "wether" is not a theme (did you mean "weather"?)'),
    ({"negative": [{"text": "x", "themes": ["policing"]}]}, "negative[0].themes: a negative example must not carry the theme itself"),
    ({"keywords": {"fr": ["police", "*"]}}, "keywords.fr: an empty keyword"),
    ({"keywords": {"French": ["police"]}}, "keywords.French: 'French' must be an ISO 639 code, such as fr"),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "problem"), THEME_EDITS)
def test_a_theme_is_checked(content: dict[str, Any], edit: dict[str, Any], problem: str) -> None:
    content["themes"][0] |= edit
    assert problems_of(content) == [f"themes[0] (policing).{problem}"]


@pytest.mark.parametrize("bad", ["Policing", "police_", "cyber-crime", "été", "9lives", "", "a__b"])
def test_a_theme_id_is_a_slug(content: dict[str, Any], bad: str) -> None:
    content["themes"][1]["id"] = bad
    content["themes"][0] |= {"exclude": [], "negative": []}
    assert problems_of(content) == [
        f"themes[1].id: {bad!r} must be lower-case ASCII letters and digits, words joined by underscores"
    ]


def test_an_id_may_not_be_used_twice(content: dict[str, Any]) -> None:
    content["themes"].append(content["themes"][1])
    content["groups"].append(content["groups"][1])
    assert problems_of(content) == ["groups[2].id: 'rest' is used twice", "themes[2].id: 'weather' is used twice"]


def test_a_group_needs_a_theme(content: dict[str, Any]) -> None:
    content["themes"][1]["group"] = "security"
    assert problems_of(content) == ["groups[1] (rest): no theme is in this group"]


def test_a_scheme_needs_a_theme(content: dict[str, Any]) -> None:
    assert problems_of(content | {"themes": [], "groups": []}) == ["themes: a scheme needs at least one theme"]


def test_the_claim_layer_knows_the_types_and_modes_of_the_records(content: dict[str, Any]) -> None:
    content["claims"]["types"][0] |= {"id": "asertion", "definition": ""}
    content["claims"]["modes"].append(content["claims"]["modes"][0])
    assert problems_of(content) == [
        'claims.types[0]: "asertion" is not one of assertion, evaluation, demand, commitment, forecast (did you mean "assertion"?)',
        "claims.types[0] (asertion).definition: empty",
        "claims.modes[1].id: 'direct' is used twice",
    ]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SchemeError, match=r"none\.toml: cannot be read: No such file or directory$"):
        load_scheme(tmp_path / "none.toml")


def test_a_folder_is_no_scheme(tmp_path: Path) -> None:
    with pytest.raises(SchemeError, match=r": cannot be read: Is a directory$"):
        load_scheme(tmp_path)


def test_a_file_that_is_not_utf8_is_told_with_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes('name = "é"'.encode("cp1252"))
    with pytest.raises(SchemeError, match=r"latin\.toml: not UTF-8 at byte 8; save it as UTF-8$"):
        load_scheme(path)


def test_a_file_that_is_no_toml_is_told_with_the_line(tmp_path: Path) -> None:
    with pytest.raises(SchemeError, match=r"press\.toml: not valid TOML: .*line 2"):
        load_scheme(written(tmp_path, 'name = "a"\nname = "b"\n'))


def test_a_name_that_does_not_ship_is_answered_with_those_that_do() -> None:
    shipped = ", ".join(f"{name}@{version}" for name, version in shipped_schemes())
    with pytest.raises(SchemeError) as caught:
        load_scheme("security-cooperation@9.0.0")
    near = str(caught.value).partition("; ")[0]
    assert near.startswith('no label scheme "security-cooperation@9.0.0" (did you mean "security-cooperation@')
    assert f"; shipped: {shipped}; for a file of your own give its path, ending in .toml" in str(caught.value)


def test_without_a_version_the_newest_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "press").mkdir()
    for version in ("1.0.0", "1.10.0", "1.9.0"):
        written(tmp_path / "press", SMALL.replace("1.0.0", version), f"{version}.toml")
    written(tmp_path / "press", "not a scheme", "draft.toml")
    monkeypatch.setattr("claimtag.scheme.loading.labels_folder", lambda: tmp_path)
    assert list(shipped_schemes()) == [("press", "1.0.0"), ("press", "1.9.0"), ("press", "1.10.0")]
    assert load_scheme("press").version == "1.10.0"
    assert load_scheme("press@1.9.0").version == "1.9.0"


def test_every_shipped_scheme_lies_where_its_name_and_version_say() -> None:
    assert shipped_schemes()
    for (name, version), path in shipped_schemes().items():
        scheme = load_scheme(path)
        assert (scheme.name, scheme.version) == (name, version)
