"""The package from outside: its public names, the README's examples, the built wheel."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import claimtag

ROOT = Path(__file__).parent.parent


def test_every_public_name_is_there_and_says_what_it_is() -> None:
    for name in claimtag.__all__:
        assert getattr(claimtag, name).__doc__, name
    assert set(claimtag.__all__) <= set(dir(claimtag))


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'claimtag' has no attribute 'nothing'"):
        _ = claimtag.nothing  # type: ignore[attr-defined]


def test_the_public_names_are_those_that_type_checkers_see() -> None:
    source = (ROOT / "claimtag" / "__init__.py").read_text()
    shown = set(re.findall(r"\b(\w+) as \1\b", source))
    assert shown == set(claimtag.__all__) - {"__version__"}


def test_the_readmes_python_runs(in_root: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    assert len(blocks) >= 2
    names: dict[str, object] = {}
    for block in blocks:
        exec(block.replace("out/my-model", str(tmp_path / "my-model")), names)
    assert "Sahara" in capsys.readouterr().out
    assert names["dataset"].num_rows == 20  # type: ignore[attr-defined]
    assert isinstance(names["tagger"], claimtag.Tagger)


def test_the_readmes_links_lead_somewhere() -> None:
    for page in (ROOT / "README.md", ROOT / "examples" / "README.md", *(ROOT / "docs").glob("*.md")):
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return next(folder.glob("*.whl"))


def test_the_installed_wheel_does_the_main_job(wheel: Path, tmp_path: Path) -> None:
    """Unpacked alone in a folder, far from the checkout: schemes, lexicons, bundles and the page's parts are inside."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    (tmp_path / "a.txt").write_text("La police a saisi deux tonnes de cannabis au port d'Anvers.")
    code = (
        "import claimtag, claimtag.cli, sys; assert claimtag.__file__.startswith(sys.argv[1]), claimtag.__file__; "
        "sys.exit(claimtag.cli.main(['tag', 'a.txt', '--out', 'a.html']) or claimtag.cli.main(['labels', 'list']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "security-cooperation@1.0.0" in done.stdout
    assert (tmp_path / "a.html").stat().st_size > 1000


def test_the_wheel_carries_no_tests_and_no_gold(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert any(name.endswith("labels/security-cooperation/1.0.0.toml") for name in names)
    assert not [name for name in names if not name.startswith(("claimtag/", "claimtag-"))]
    assert sum(info.file_size for info in zipfile.ZipFile(wheel).infolist()) < 20_000_000
