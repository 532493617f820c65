"""Every error is a ClaimtagError and the builtin it resembles; messages help."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from claimtag import errors
from claimtag.errors import ClaimtagError, MissingExtraError, did_you_mean, require

RESEMBLES = {
    "RecordError": ValueError,
    "SchemeError": ValueError,
    "InputError": ValueError,
    "OutputError": OSError,
    "OptionError": ValueError,
    "BundleError": ValueError,
    "EngineError": RuntimeError,
    "LeakageError": ValueError,
    "MissingExtraError": ImportError,
}


@pytest.mark.parametrize(("name", "builtin"), RESEMBLES.items())
def test_an_error_is_a_claimtag_error_and_the_builtin_it_resembles(name: str, builtin: type) -> None:
    assert issubclass(getattr(errors, name), ClaimtagError)
    assert issubclass(getattr(errors, name), builtin)


def test_the_tree_at_the_top_of_the_file_names_every_error_and_no_other() -> None:
    defined = {
        name for name, thing in vars(errors).items() if isinstance(thing, type) and issubclass(thing, ClaimtagError)
    }
    drawn = {word for line in (errors.__doc__ or "").splitlines() for word in line.split() if word.endswith("Error")}
    builtins = {"ValueError", "OSError", "ImportError", "RuntimeError"}
    assert {word.strip("()") for word in drawn} - builtins == defined
    assert set(RESEMBLES) | {"ClaimtagError"} == defined


def test_a_near_name_is_suggested() -> None:
    assert did_you_mean("polcing", ["policing", "drugs"]) == ' (did you mean "policing"?)'


def test_a_far_name_is_not_suggested() -> None:
    assert did_you_mean("xyz", ["policing", "drugs"]) == ""
    assert did_you_mean("xyz", []) == ""


def test_the_suggestion_does_not_depend_on_the_order_of_the_known_names() -> None:
    assert did_you_mean("ab", ["abc", "abd"]) == did_you_mean("ab", ["abd", "abc"])


def test_a_missing_package_is_told_with_the_pip_line_of_its_extra() -> None:
    with pytest.raises(
        MissingExtraError,
        match=r'^this needs the package "not_there"; install it with: pip install "claimtag\[html\]"$',
    ):
        require("not_there", extra="html")


def test_a_missing_package_is_told_also_when_a_module_inside_it_was_asked_for() -> None:
    with pytest.raises(MissingExtraError, match=r'this needs the package "not_there.inside"'):
        require("not_there.inside", extra="html")


def test_a_package_that_itself_misses_something_says_what(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "half_there.py").write_text("import other_half_of_it\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(
        MissingExtraError,
        match=r"^the package \"half_there\" cannot be imported \(No module named 'other_half_of_it'\)",
    ):
        require("half_there", extra="html")
    assert "half_there" not in sys.modules


def test_a_package_that_refuses_to_be_imported_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "refusing.py").write_text("raise ImportError('the cleaner lives elsewhere now')\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(
        MissingExtraError, match=r'the cleaner lives elsewhere now\); install it with: pip install "claimtag\[html\]"$'
    ):
        require("refusing", extra="html")
