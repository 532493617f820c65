"""A bundle is whole, known, and of our making, or it is refused with what to do."""

from __future__ import annotations

import json
import os
import shutil
import stat
from pathlib import Path

import pytest

import claimtag
from claimtag.bundle import MANIFEST, bundle_folder, load_bundle, save_bundle, shipped_bundles
from claimtag.errors import BundleError, OutputError


@pytest.fixture
def saved(small_training: claimtag.Training, tmp_path: Path) -> Path:
    return small_training.tagger.save(tmp_path / "small")


def change_manifest(folder: Path, **changes: object) -> None:
    path = folder / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_a_saved_tagger_tags_like_the_one_that_was_saved(small_training: claimtag.Training, saved: Path) -> None:
    text = "La police a saisi du cannabis. Le roi a reçu l'ambassadeur."
    assert claimtag.load_tagger(saved).tag_text(text) == small_training.tagger.tag_text(text)


def test_saving_twice_gives_the_same_bytes(small_training: claimtag.Training, tmp_path: Path) -> None:
    first, second = (small_training.tagger.save(tmp_path / name) for name in ("a", "b"))
    files = [path.relative_to(first) for path in first.rglob("*") if path.is_file()]
    assert len(files) >= 5
    assert all((first / file).read_bytes() == (second / file).read_bytes() for file in files)


@pytest.mark.parametrize(("name", "most"), [("fast", 10_000_000), ("default", 15_000_000)])
def test_the_models_that_ship_are_small(name: str, most: int) -> None:
    folder = bundle_folder(name)
    assert folder.name in shipped_bundles()
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < most


def test_a_bundle_replaces_an_older_one_and_is_readable_as_the_umask_says(saved: Path) -> None:
    save_bundle(load_bundle(saved), saved)
    assert load_bundle(saved).name == "small"
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(saved.stat().st_mode) == 0o777 & ~mask


def test_a_folder_with_something_else_in_it_is_not_overwritten(saved: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("…")
    with pytest.raises(OutputError, match=r"thesis: there is something else than a bundle here; give a new or empty"):
        save_bundle(load_bundle(saved), tmp_path / "thesis")
    assert (tmp_path / "thesis" / "chapter.txt").exists()


def test_a_name_that_does_not_ship_is_refused_with_the_near_one() -> None:
    with pytest.raises(
        BundleError, match=r'no model "fats" \(did you mean "fast"\?\); shipped: default, fast; or give'
    ):
        load_bundle("fats")


def test_a_folder_without_a_manifest_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(
        BundleError, match=r"not a bundle: it has no manifest\.json; give the folder that claimtag train"
    ):
        load_bundle(tmp_path)


@pytest.mark.parametrize("name", ["scheme.json", "deciding.json", "README.md", "model/linear.skops"])
def test_an_altered_file_is_refused_by_its_name(saved: Path, name: str) -> None:
    content = (saved / name).read_bytes()
    (saved / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(BundleError, match=rf"{name} was altered or cut off: its hash is not the manifest's; get the"):
        load_bundle(saved)


@pytest.mark.parametrize("name", ["scheme.json", "model/linear.skops"])
def test_a_missing_file_is_refused_by_its_name(saved: Path, name: str) -> None:
    (saved / name).unlink()
    with pytest.raises(BundleError, match=rf"{name} is missing; get the bundle again"):
        load_bundle(saved)


@pytest.mark.parametrize("broken", [b"", b"{", b"[1]", b"\xff\xfe", b"null", b"[" * 100_000])
def test_a_damaged_manifest_is_refused(saved: Path, broken: bytes) -> None:
    (saved / MANIFEST).write_bytes(broken)
    with pytest.raises(BundleError, match=r"manifest\.json: (damaged|not made by claimtag)"):
        load_bundle(saved)


def test_a_bundle_of_a_newer_format_asks_for_a_newer_claimtag(saved: Path) -> None:
    change_manifest(saved, format_version=2)
    with pytest.raises(BundleError, match=r"in bundle format 2; this claimtag .* reads up to 1: pip install --upgrade"):
        load_bundle(saved)


def test_a_model_of_an_unknown_kind_asks_for_a_newer_claimtag(saved: Path) -> None:
    change_manifest(saved, model="telepathy")
    with pytest.raises(BundleError, match=r'a model of kind "telepathy", which this claimtag .* does not know'):
        load_bundle(saved)


@pytest.mark.parametrize("name", ["../secret", "/etc/hostname", "model/../../secret", "a\\b"])
def test_a_manifest_that_names_files_outside_is_refused(saved: Path, name: str) -> None:
    (saved.parent / "secret").write_text("x")
    manifest = json.loads((saved / MANIFEST).read_text())
    change_manifest(saved, files=manifest["files"] | {name: "0" * 64})
    with pytest.raises(BundleError, match="names a file outside the bundle"):
        load_bundle(saved)


def test_a_file_that_the_manifest_does_not_list_is_refused(saved: Path) -> None:
    manifest = json.loads((saved / MANIFEST).read_text())
    del manifest["files"]["model/linear.skops"]
    change_manifest(saved, files=manifest["files"])
    with pytest.raises(BundleError, match=r"model/linear\.skops is not listed there, so it may be anything"):
        load_bundle(saved)


@pytest.mark.parametrize("changes", [{"name": ""}, {"languages": [5]}])
def test_a_manifest_with_values_of_the_wrong_kind_is_refused(saved: Path, changes: dict[str, object]) -> None:
    change_manifest(saved, **changes)
    with pytest.raises(BundleError, match='damaged: "name" or "languages" is not what it should be'):
        load_bundle(saved)


def test_a_link_that_leads_outside_is_refused(saved: Path) -> None:
    outside = saved.parent / "scheme.json"
    shutil.move(saved / "scheme.json", outside)
    (saved / "scheme.json").symlink_to(outside)
    with pytest.raises(BundleError, match=r"scheme\.json leads outside the bundle"):
        load_bundle(saved)


def test_another_scheme_with_a_mended_hash_is_refused(saved: Path) -> None:
    import hashlib

    scheme = json.loads((saved / "scheme.json").read_text())
    scheme["version"] = "1.0.1"
    (saved / "scheme.json").write_text(json.dumps(scheme))
    manifest = json.loads((saved / MANIFEST).read_text())
    digest = hashlib.sha256((saved / "scheme.json").read_bytes()).hexdigest()
    change_manifest(saved, files=manifest["files"] | {"scheme.json": digest})
    with pytest.raises(BundleError, match=r"scheme\.json is not the scheme that the manifest names"):
        load_bundle(saved)


def test_code_in_a_bundle_is_never_run(saved: Path, tmp_path: Path) -> None:
    import hashlib
    import pickle

    class Attack:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.system, (f"touch {tmp_path}/ran",)

    model = saved / "model" / "linear.skops"
    model.write_bytes(pickle.dumps(Attack()))
    manifest = json.loads((saved / MANIFEST).read_text())
    digest = hashlib.sha256(model.read_bytes()).hexdigest()
    change_manifest(saved, files=manifest["files"] | {"model/linear.skops": digest})
    with pytest.raises(BundleError, match=r"linear\.skops: damaged, or not a skops file"):
        load_bundle(saved)
    assert not (tmp_path / "ran").exists()


def test_claims_are_saved_with_their_hash_and_found_again(small_training: claimtag.Training, saved: Path) -> None:
    assert "claims/claims.json" in json.loads((saved / MANIFEST).read_text())["files"]
    text = "Selon la police, un homme a fui. « Tout va bien », a déclaré Anna Roux."
    claims = claimtag.load_tagger(saved).tag_text(text, lang="fr").claims
    assert claims
    assert claims == small_training.tagger.tag_text(text, lang="fr").claims


def test_an_altered_claim_model_is_refused(saved: Path) -> None:
    (saved / "claims" / "claims.json").write_text("{}")
    with pytest.raises(BundleError, match=r"claims/claims\.json was altered or cut off"):
        load_bundle(saved)


def test_a_bundle_set_aside_by_a_save_that_was_killed_is_loaded_until_the_next_save(
    small_training: claimtag.Training, saved: Path
) -> None:
    aside = saved.with_name(".small-abcdefgh.older")
    saved.rename(aside)
    assert bundle_folder(saved) == aside
    assert load_bundle(saved).name == "small"
    small_training.tagger.save(saved)
    assert bundle_folder(saved) == saved
    assert os.listdir(saved.parent) == ["small"]
