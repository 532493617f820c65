"""A saved tagger: a folder of data files with a manifest of their hashes; reading one never runs code from it.

manifest.json   format, name, versions, scheme, training data, sha256 of every other file
scheme.json     the label scheme, whole
deciding.json   calibration, thresholds and review bands; labels that the gold was not asked
tiers.json      how far each label may be relied on
model/          what the model kind writes
claims/         the weights of claim extraction, where the training data carried claims
zeroshot.json   how labels without data are scored by their texts, where it could be learned
README.md       the model card
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from claimtag.claims.model import ClaimModel
from claimtag.errors import BundleError, ClaimtagError, MissingExtraError, OutputError, did_you_mean
from claimtag.evaluation.tiers import LabelTier, tiers_from_dict
from claimtag.replacing import replacing, set_aside
from claimtag.scheme import Scheme, scheme_from_dict
from claimtag.sealing import FORMAT, FORMAT_VERSION, MANIFEST, read_sealed, sha256_of
from claimtag.themes.base import ThemeModel
from claimtag.themes.deciding import Deciding
from claimtag.themes.identifying import Identity
from claimtag.themes.zeroshot import ZeroShot, zeroshot_from_dict
from claimtag.version import __version__

SCHEME, DECIDING, TIERS = "scheme.json", "deciding.json", "tiers.json"
MODEL, CLAIMS, ZEROSHOT, CARD = "model", "claims", "zeroshot.json", "README.md"
SHIPPED = Path(__file__).parent / "bundles"
PLAIN = "fast"  # the shipped bundle that works without an extra
_OF_ENCODERS = {"encoder.json", ZEROSHOT}  # files that say with which encoder a model learned
_MARKS = ("config.json", "modules.json", "model.safetensors")  # one of them is in the folder of any encoder
_RECORDED = ("claimtag", "numpy", "scikit-learn", "scipy")  # packages whose versions are written down
Content = TypeVar("Content", dict[str, Any], list[Any])


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
    `claims` is None where the training data carried no claims; `zeroshot` scores labels without data by their texts,
    and `untrained` names those that are scored so.
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
    zeroshot: ZeroShot | None = None
    untrained: tuple[str, ...] = ()

    @property
    def by(self) -> str:
        """What stands in the `by` field of the records that this bundle makes."""
        return f"{self.name}@{self.version}"

    @property
    def not_asked(self) -> tuple[str, ...]:
        """The labels that it denies of no sentence: nobody was asked them in its gold, or a migration made them."""
        return tuple(dict.fromkeys((*self.deciding.not_asked, *getattr(self.model, "not_asked", ()))))

    @property
    def encoders(self) -> tuple[Identity, ...]:
        """The encoders that the theme model reads with; the same ones must be there wherever it is used."""
        return tuple(getattr(self.model, "encoders", ()))


def save_bundle(bundle: Bundle, folder: str | Path) -> Path:
    """Writes the bundle whole or not at all; an older bundle in that folder is replaced, anything else refused.

    Whenever it is killed, an older bundle or the new one is found under the name of the folder; the next save clears
    away what was left.
    """
    from claimtag.themes import model_kind

    folder = check_place(folder)
    with replacing(folder) as made:
        _write_json(made / SCHEME, bundle.scheme.to_dict())
        _write_json(made / DECIDING, _whole(bundle.deciding).to_dict())
        _write_json(made / TIERS, [tier.to_dict() for tier in bundle.tiers])
        (made / CARD).write_text(bundle.card, encoding="utf-8")
        (made / MODEL).mkdir()
        model_kind(bundle.kind).save(bundle.model, made / MODEL)
        if bundle.claims is not None:
            (made / CLAIMS).mkdir()
            bundle.claims.save(made / CLAIMS)
        if bundle.zeroshot is not None:
            _write_json(made / ZEROSHOT, bundle.zeroshot.to_dict(), indent=None)
        _write_json(made / MANIFEST, _manifest(bundle, made))
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
    claimtag, a scheme or thresholds that do not fit the model. Nothing in the folder is run, whoever made it, and
    nothing is fetched.
    """
    from claimtag.themes import KINDS, MIGRATED, model_kind

    folder = bundle_folder(name)
    manifest = read_sealed(folder, needed=(SCHEME, DECIDING, TIERS, CARD))
    _check_encoders(folder, manifest["files"])
    kind = manifest["model"]
    if kind not in (*KINDS, MIGRATED):
        raise BundleError(
            f'{folder}: a model of kind "{kind}", which this claimtag {__version__} does not know; '
            f"it knows {', '.join(KINDS)}; pip install --upgrade claimtag"
        )
    try:
        bundle = Bundle(
            name=manifest["name"],
            kind=kind,
            model=model_kind(kind).load(folder / MODEL),
            deciding=_deciding(folder),
            scheme=scheme_from_dict(_read_json(folder / SCHEME, dict), where=str(folder / SCHEME)),
            tiers=tiers_from_dict(_read_json(folder / TIERS, list)),
            version=manifest["version"],
            languages=tuple(manifest["languages"]),
            training=tuple(_training(data) for data in manifest["training"]),
            claims=ClaimModel.load(folder / CLAIMS) if _has_claims(manifest) else None,
            card=(folder / CARD).read_text(encoding="utf-8"),
            zeroshot=zeroshot_from_dict(_read_json(folder / ZEROSHOT, dict)) if ZEROSHOT in manifest["files"] else None,
            untrained=tuple(map(str, manifest.get("untrained", ()))),
        )
    except MissingExtraError as error:
        raise MissingExtraError(f"{folder}: {error}{_instead(folder)}") from error
    except BundleError as error:
        where = "" if str(folder) in str(error) else f"{folder}: "
        raise BundleError(f"{where}{error}{_instead(folder)}") from error
    except Exception as error:  # a file may hold anything: numbers of 400 digits, lists in lists in lists
        what = str(error) if isinstance(error, ClaimtagError) else f"{type(error).__name__}: {error}"
        raise BundleError(f"{folder}: the bundle cannot be used: {what}; train it again, or get it again") from error
    _check_fit(bundle, manifest, folder)
    return bundle


def _check_encoders(folder: Path, files: Iterable[str]) -> None:
    """BundleError where what a bundle says of its encoder could not be: it names packages to install, and folders to read."""
    for file in files:
        if (name := Path(file).name) not in _OF_ENCODERS:
            continue
        try:
            record = json.loads((folder / file).read_bytes())
            record = record.get("encoder") if name == ZEROSHOT else record
        except (ValueError, RecursionError, AttributeError) as error:
            raise BundleError(f"{folder / file}: damaged ({error}); get the bundle again") from error
        if not isinstance(record, dict):
            continue  # a bundle without one; what is none at all is told where it is read
        for key in ("package", "version"):
            if not re.fullmatch(r"[A-Za-z0-9][\w.+!-]{0,79}", str(record.get(key)), flags=re.ASCII):
                raise BundleError(f"{folder / file}: {record.get(key)!r:.80} is no {key}; get the bundle again")
        path = Path(str(record.get("spec")).partition(":")[2])
        if path.name and path.is_dir() and not any((path / mark).is_file() for mark in _MARKS):
            raise BundleError(
                f"{folder / file}: {path} is not the folder of an encoder (none of {', '.join(_MARKS)} is in it); "
                "it is not read because a bundle names it"
            )


def bundle_folder(name: str | Path) -> Path:
    """Where the bundle of that name or path lies; BundleError with the shipped names where there is none.

    While a folder is being replaced, and after a save that was killed just then, that is where the older bundle was
    put.
    """
    shipped = shipped_bundles()
    if str(name) in shipped:
        return SHIPPED / str(name)
    if Path(name).is_dir():
        return Path(name)
    if (aside := set_aside(Path(name))) is not None:
        return aside
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
        **({"untrained": list(bundle.untrained)} if bundle.untrained else {}),
        "training": [asdict(data) for data in bundle.training],
        "made_with": {package: _version(package) for package in _RECORDED}
        | {encoder.package: encoder.version for encoder in bundle.encoders},
        "files": {path.relative_to(folder).as_posix(): sha256_of(path) for path in files},
    }


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


def _whole(deciding: Deciding) -> Deciding:
    """The same with a calibration for every label, be it None: a bundle that lost them is not taken for whole."""
    return deciding if deciding.calibrations else replace(deciding, calibrations=(None,) * len(deciding.labels))


def _deciding(folder: Path) -> Deciding:
    record = _read_json(folder / DECIDING, dict)
    deciding = Deciding.from_dict(record)
    if "goal" not in record or len(deciding.calibrations) != len(deciding.labels):
        raise BundleError(f"{folder / DECIDING}: damaged: its goal or calibrations are missing; get the bundle again")
    return deciding


def _training(record: Mapping[str, Any]) -> TrainingData:
    data = TrainingData(**record)
    counts = (data.licences, data.annotators)
    numbers = [data.articles, data.sentences, *(n for count in counts for n in count.values())]
    if not all(type(text) is str for text in (data.name, data.sha256)) or not all(type(n) is int for n in numbers):
        raise ValueError(f"{MANIFEST}: not a record of training data: {record!r:.100}")
    return data


def _replaceable(folder: Path) -> bool:
    return folder.is_dir() and ((folder / MANIFEST).is_file() or not any(folder.iterdir()))


def _version(package: str) -> str:
    return __version__ if package == "claimtag" else metadata.version(package)


def _write_json(path: Path, content: object, *, indent: int | None = 1) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=indent, sort_keys=False) + "\n", encoding="utf-8")


def _read_json(path: Path, kind: type[Content]) -> Content:
    content = json.loads(path.read_bytes())
    if not isinstance(content, kind):
        raise BundleError(f"{path}: damaged: not what it should be; get the bundle again")
    return content
