"""A saved tagger: a folder of data files with a manifest of their hashes; reading one never runs code from it.

manifest.json   format, name, versions, scheme, training data, sha256 of every other file
scheme.json     the label scheme, whole
deciding.json   calibration, thresholds and review bands
tiers.json      how far each label may be relied on
model/          what the model kind writes
claims/         the weights of claim extraction, where the training data carried claims
README.md       the model card
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from claimtag.claims.model import ClaimModel
from claimtag.errors import BundleError, ClaimtagError, MissingExtraError, OutputError, did_you_mean
from claimtag.evaluation.tiers import LabelTier, tiers_from_dict
from claimtag.scheme import Scheme, scheme_from_dict
from claimtag.themes.base import ThemeModel
from claimtag.themes.deciding import Deciding
from claimtag.themes.encoding import Identity
from claimtag.version import __version__

FORMAT = "claimtag-bundle"
FORMAT_VERSION = 1
MANIFEST, SCHEME, DECIDING, TIERS = "manifest.json", "scheme.json", "deciding.json", "tiers.json"
MODEL, CLAIMS, CARD = "model", "claims", "README.md"
SHIPPED = Path(__file__).parent / "bundles"
PLAIN = "fast"  # the shipped bundle that works without an extra
_RECORDED = ("claimtag", "numpy", "scikit-learn", "scipy")  # packages whose versions are written down
Content = TypeVar("Content", dict[str, Any], list[Any])
_LARGEST_MANIFEST = 10_000_000  # bytes


@dataclass(frozen=True, slots=True)
class TrainingData:
    """One file (or one lot of records) that a model learned from."""

    name: str
    sha256: str
    articles: int
    sentences: int
    licences: Mapping[str, int] = field(default_factory=dict)
    annotators: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bundle:
    """A theme model and a claim model with all that is needed to use them and to know where they come from.

    `kind` names the class of the theme model (see `claimtag.themes.KINDS`); `languages` are those of the training data;
    `claims` is None where the training data carried no claims.
    """

    name: str
    kind: str
    model: ThemeModel
    deciding: Deciding
    scheme: Scheme
    tiers: tuple[LabelTier, ...] = ()
    version: str = __version__
    languages: tuple[str, ...] = ()
    training: tuple[TrainingData, ...] = ()
    claims: ClaimModel | None = None
    card: str = ""

    @property
    def by(self) -> str:
        """What stands in the `by` field of the records that this bundle makes."""
        return f"{self.name}@{self.version}"

    @property
    def encoders(self) -> tuple[Identity, ...]:
        """The encoders that the theme model reads with; the same ones must be there wherever it is used."""
        return tuple(getattr(self.model, "encoders", ()))


def save_bundle(bundle: Bundle, folder: str | Path) -> Path:
    """Writes the bundle whole or not at all; an older bundle in that folder is replaced, anything else refused."""
    from claimtag.themes import model_kind

    folder = check_place(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {error.strerror or error}; give another folder") from error
    try:
        _write_json(made / SCHEME, bundle.scheme.to_dict())
        _write_json(made / DECIDING, bundle.deciding.to_dict())
        _write_json(made / TIERS, [tier.to_dict() for tier in bundle.tiers])
        (made / CARD).write_text(bundle.card, encoding="utf-8")
        (made / MODEL).mkdir()
        model_kind(bundle.kind).save(bundle.model, made / MODEL)
        if bundle.claims is not None:
            (made / CLAIMS).mkdir()
            bundle.claims.save(made / CLAIMS)
        _write_json(made / MANIFEST, _manifest(bundle, made))
        made.chmod(0o777 & ~_umask())
        if folder.exists():  # moved aside, so that the folder is never half there
            older = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
            os.replace(folder, older)
            os.replace(made, folder)
            shutil.rmtree(older)
        else:
            os.replace(made, folder)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    return folder


def check_place(folder: str | Path) -> Path:
    """The folder, if a bundle can be saved there: a new or empty one, or one with an older bundle; else OutputError."""
    folder = Path(folder)
    if folder.exists() and not _replaceable(folder):
        raise OutputError(f"{folder}: there is something else than a bundle here; give a new or empty folder")
    return folder


def load_bundle(name: str | Path) -> Bundle:
    """The bundle of that name among those that ship, or in that folder.

    BundleError says what is wrong with it and what to do: not a bundle, a file missing or altered, made by a newer
    claimtag, a scheme or thresholds that do not fit the model.
    """
    from claimtag.themes import KINDS, model_kind

    folder = bundle_folder(name)
    manifest = _read_manifest(folder)
    for file, sha256 in manifest["files"].items():
        _check_file(folder, file, sha256)
    kind = manifest["model"]
    if kind not in KINDS:
        raise BundleError(
            f'{folder}: a model of kind "{kind}", which this claimtag {__version__} does not know; '
            f"it knows {', '.join(KINDS)}; pip install --upgrade claimtag"
        )
    try:
        bundle = Bundle(
            name=manifest["name"],
            kind=kind,
            model=model_kind(kind).load(folder / MODEL),
            deciding=Deciding.from_dict(_read_json(folder / DECIDING, dict)),
            scheme=scheme_from_dict(_read_json(folder / SCHEME, dict), where=str(folder / SCHEME)),
            tiers=tiers_from_dict(_read_json(folder / TIERS, list)),
            version=manifest["version"],
            languages=tuple(manifest["languages"]),
            training=tuple(TrainingData(**data) for data in manifest["training"]),
            claims=ClaimModel.load(folder / CLAIMS) if _has_claims(manifest) else None,
            card=(folder / CARD).read_text(encoding="utf-8"),
        )
    except MissingExtraError as error:
        raise MissingExtraError(f"{folder}: {error}{_instead(folder)}") from error
    except BundleError as error:
        if instead := _instead(folder):
            raise BundleError(f"{error}{instead}") from error
        raise
    except (ClaimtagError, KeyError, TypeError, ValueError, OSError) as error:
        raise BundleError(f"{folder}: the bundle cannot be used: {error}; train it again, or get it again") from error
    _check_fit(bundle, manifest, folder)
    return bundle


def bundle_folder(name: str | Path) -> Path:
    """Where the bundle of that name or path lies; BundleError with the shipped names where there is none."""
    shipped = shipped_bundles()
    if str(name) in shipped:
        return SHIPPED / str(name)
    if Path(name).is_dir():
        return Path(name)
    near = did_you_mean(str(name), shipped)
    raise BundleError(
        f'no model "{name}"{near}; shipped: {", ".join(shipped)}; or give the folder that claimtag train wrote'
    )


def shipped_bundles() -> tuple[str, ...]:
    """The names of the bundles inside the package."""
    return tuple(sorted(folder.name for folder in SHIPPED.iterdir() if (folder / MANIFEST).is_file()))


def _manifest(bundle: Bundle, folder: Path) -> dict[str, Any]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "name": bundle.name,
        "version": bundle.version,
        "model": bundle.kind,
        "scheme": {"name": bundle.scheme.name, "version": bundle.scheme.version, "sha256": bundle.scheme.sha256},
        "languages": list(bundle.languages),
        "training": [asdict(data) for data in bundle.training],
        "made_with": {package: _version(package) for package in _RECORDED}
        | {encoder.package: encoder.version for encoder in bundle.encoders},
        "files": {path.relative_to(folder).as_posix(): _sha256(path) for path in files},
    }


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    if not path.is_file():
        raise BundleError(f"{folder}: not a bundle: it has no {MANIFEST}; give the folder that claimtag train wrote")
    if path.stat().st_size > _LARGEST_MANIFEST:
        raise BundleError(f"{path}: larger than any manifest; not a bundle of claimtag")
    try:
        manifest = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{path}: damaged: not valid JSON; get the bundle again") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise BundleError(f"{path}: not made by claimtag train (its format is not {FORMAT!r})")
    made = manifest.get("format_version")
    if not isinstance(made, int) or isinstance(made, bool) or not 1 <= made <= FORMAT_VERSION:
        raise BundleError(
            f"{folder}: in bundle format {made}; this claimtag {__version__} reads up to {FORMAT_VERSION}: "
            "pip install --upgrade claimtag"
        )
    shape = {
        "name": str,
        "version": str,
        "model": str,
        "scheme": dict,
        "languages": list,
        "training": list,
        "files": dict,
    }
    for key, kind in shape.items():
        if not isinstance(manifest.get(key), kind):
            raise BundleError(f'{path}: damaged: "{key}" is missing or not what it should be; get the bundle again')
    there = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()} - {MANIFEST}
    for file in sorted({SCHEME, DECIDING, TIERS, CARD, *there} - set(manifest["files"])):
        raise BundleError(f"{path}: {file} is not listed there, so it may be anything; get the bundle again")
    if not manifest["name"] or not all(isinstance(lang, str) for lang in manifest["languages"]):
        raise BundleError(f'{path}: damaged: "name" or "languages" is not what it should be; get the bundle again')
    return manifest


def _check_file(folder: Path, file: str, sha256: str) -> None:
    parts = PurePosixPath(file)
    if parts.is_absolute() or ".." in parts.parts or "\\" in file or "\0" in file or file == MANIFEST:
        raise BundleError(
            f"{folder}: the manifest names a file outside the bundle, {file!r}; not made by claimtag train"
        )
    path = folder / parts
    if not path.resolve().is_relative_to(folder.resolve()):
        raise BundleError(f"{folder}: {file} leads outside the bundle; not made by claimtag train")
    if not path.is_file():
        raise BundleError(f"{folder}: {file} is missing; get the bundle again")
    if _sha256(path) != sha256:
        raise BundleError(
            f"{folder}: {file} was altered or cut off: its hash is not the manifest's; get the bundle again"
        )


def _instead(folder: Path) -> str:
    """What somebody can take who cannot use a bundle that ships."""
    return (
        f"; or take --model {PLAIN}, which needs no encoder"
        if folder.parent == SHIPPED and folder.name != PLAIN
        else ""
    )


def _has_claims(manifest: Mapping[str, Any]) -> bool:
    return any(PurePosixPath(file).parts[0] == CLAIMS for file in manifest["files"])


def _check_fit(bundle: Bundle, manifest: Mapping[str, Any], folder: Path) -> None:
    if bundle.scheme.sha256 != manifest["scheme"].get("sha256"):
        raise BundleError(f"{folder}: {SCHEME} is not the scheme that the manifest names; get the bundle again")
    tiers = tuple(tier.label for tier in bundle.tiers)
    if not bundle.model.labels == bundle.deciding.labels == tiers == bundle.scheme.labels:
        raise BundleError(f"{folder}: model, thresholds, tiers and scheme name different labels; train it again")


def _replaceable(folder: Path) -> bool:
    return folder.is_dir() and ((folder / MANIFEST).is_file() or not any(folder.iterdir()))


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _version(package: str) -> str:
    return __version__ if package == "claimtag" else metadata.version(package)


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1, sort_keys=False) + "\n", encoding="utf-8")


def _read_json(path: Path, kind: type[Content]) -> Content:
    content = json.loads(path.read_bytes())
    if not isinstance(content, kind):
        raise BundleError(f"{path}: damaged: not what it should be; get the bundle again")
    return content


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
