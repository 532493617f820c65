"""Label schemes: a versioned codebook as data, loaded from TOML, validated, and named by the hash of its content.

A scheme lives in `labels/<name>/<version>.toml`. Those that ship are loaded by name, any other by its path.
"""

from __future__ import annotations

import copy
import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from claimtag.errors import SchemeError, did_you_mean
from claimtag.records import MODES, TYPES, SchemeRef

if TYPE_CHECKING:
    from pydantic import ValidationError

SLUG = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")  # label ids become column names, so no hyphens or accents
NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")  # scheme names become folder names
VERSION = re.compile(r"(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}")
LANGUAGE = re.compile(r"[a-z]{2,3}")
_STRICT = {"extra": "forbid"}  # pydantic refuses unknown keys in these classes


@dataclass(frozen=True, slots=True)
class Group:
    """A family of themes; it holds for a sentence when any of its themes does."""

    __pydantic_config__: ClassVar = _STRICT

    id: str
    name: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Exclude:
    """What a label is not for, and the label that it is for instead, where there is one."""

    __pydantic_config__: ClassVar = _STRICT

    rule: str
    instead: str | None = None


@dataclass(frozen=True, slots=True)
class Contrast:
    """A sentence that looks like a label's and is not, with the themes that it has instead."""

    __pydantic_config__: ClassVar = _STRICT

    text: str
    themes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Label:
    """One theme: its names by language, what it covers, examples, and the keywords that point to it."""

    __pydantic_config__: ClassVar = _STRICT

    id: str
    group: str
    name: Mapping[str, str]
    definition: str
    include: tuple[str, ...] = ()
    exclude: tuple[Exclude, ...] = ()
    decisions: tuple[str, ...] = ()
    positive: tuple[str, ...] = ()
    negative: tuple[Contrast, ...] = ()
    keywords: Mapping[str, tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a claim's type or mode, with its rule."""

    __pydantic_config__: ClassVar = _STRICT

    id: str
    name: Mapping[str, str]
    definition: str


@dataclass(frozen=True, slots=True)
class Field:
    """One span of a claim (speaker, cue, content), with its rule."""

    __pydantic_config__: ClassVar = _STRICT

    id: str
    definition: str


@dataclass(frozen=True, slots=True)
class Claims:
    """The claim layer: what a claim is, its types and modes, its spans, and the coding decisions."""

    __pydantic_config__: ClassVar = _STRICT

    definition: str
    types: tuple[Choice, ...]
    modes: tuple[Choice, ...]
    fields: tuple[Field, ...] = ()
    decisions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scheme:
    """A codebook at one version. Equal content gives an equal `sha256`, whatever the comments in the file."""

    __pydantic_config__: ClassVar = _STRICT

    name: str
    version: str
    title: Mapping[str, str]
    description: str
    language: str
    groups: tuple[Group, ...]
    themes: tuple[Label, ...]
    claims: Claims | None = None
    decisions: tuple[str, ...] = ()

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The ids of the themes, in the codebook's order."""
        return tuple(theme.id for theme in self.themes)

    @cached_property
    def sha256(self) -> str:
        """The hash of the content as canonical JSON (sorted keys, no white space, UTF-8)."""
        return hashlib.sha256(json.dumps(self.to_dict(), **_CANONICAL).encode()).hexdigest()

    @property
    def ref(self) -> SchemeRef:
        return SchemeRef(self.name, self.version, self.sha256)

    def theme(self, label: str) -> Label:
        """The theme of that id; SchemeError with the nearest name when there is none."""
        for theme in self.themes:
            if theme.id == label:
                return theme
        raise SchemeError(
            f'"{label}" is not a theme of {self.name} {self.version}{did_you_mean(label, self.labels)}; '
            f"its themes: {', '.join(self.labels)}"
        )

    def to_dict(self) -> dict[str, Any]:
        """The content as plain JSON values, empty things left out; `scheme_from_dict` is its inverse."""
        content: dict[str, Any] = _without_empty(asdict(self))
        return content


_CANONICAL: dict[str, Any] = {"sort_keys": True, "ensure_ascii": False, "separators": (",", ":")}


def load_scheme(name: str | Path) -> Scheme:
    """The scheme of that name (`name` for its newest version, `name@version`), or of the TOML file at that path.

    >>> load_scheme("security-cooperation").labels[:2]
    ('counterterrorism', 'radicalisation')
    >>> load_scheme("security-coperation")
    Traceback (most recent call last):
    claimtag.errors.SchemeError: no label scheme "security-coperation" (did you mean "security-cooperation"?); \
shipped: security-cooperation@1.0.0; for a file of your own give its path, ending in .toml
    """
    if isinstance(name, Path) or name.endswith(".toml") or "/" in name:
        return _load_file(Path(name))
    wanted, _, version = name.partition("@")
    shipped = shipped_schemes()
    versions = [at for at in shipped if at == (wanted, version) or (not version and at[0] == wanted)]
    if not versions:
        known = [f"{name}@{version}" for name, version in shipped]
        near = did_you_mean(name, known if version else {name for name, _ in shipped})
        raise SchemeError(
            f'no label scheme "{name}"{near}; shipped: {", ".join(known)}; for a file of your own give its path, ending in .toml'
        )
    return _load_file(shipped[max(versions, key=lambda at: _version_key(at[1]))])


def shipped_schemes() -> dict[tuple[str, str], Path]:
    """The schemes that ship, (name, version) → file, sorted by name and then by version."""
    files = [path for path in labels_folder().glob("*/*.toml") if VERSION.fullmatch(path.stem)]
    files.sort(key=lambda path: (path.parent.name, _version_key(path.stem)))
    return {(path.parent.name, path.stem): path for path in files}


def labels_folder() -> Path:
    """Where the label schemes lie: inside the installed package, or at the top of a checkout."""
    inside = Path(__file__).parent / "labels"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "labels"


def scheme_from_dict(content: Mapping[str, Any], *, where: str = "scheme") -> Scheme:
    """The scheme with that content, validated; SchemeError lists all problems at once, each with its path."""
    from pydantic import TypeAdapter, ValidationError

    try:
        scheme = TypeAdapter(Scheme).validate_python(content)
    except ValidationError as error:
        problems = list(_shape_problems(error, content))
        try:  # without its unknown keys it may tell the rest too
            scheme = TypeAdapter(Scheme).validate_python(_known_keys_of(content, error))
            problems += _problems(scheme)
        except ValidationError:
            pass
    else:
        problems = list(_problems(scheme))
        if not problems:
            return scheme
    lines = "".join(f"\n  {problem}" for problem in problems)
    raise SchemeError(f"{where}: {len(problems)} problem{'s' if len(problems) > 1 else ''}:{lines}")


def _load_file(path: Path) -> Scheme:
    try:
        content = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise SchemeError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SchemeError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise SchemeError(f"{path}: not valid TOML: {error}") from error
    return scheme_from_dict(content, where=str(path))


def _shape_problems(error: ValidationError, content: Mapping[str, Any]) -> Iterable[str]:
    for problem in error.errors():
        *above, key = problem["loc"]
        if problem["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
            known = _keys_of(tuple(step for step in above if isinstance(step, str)))
            yield f"{_path(problem['loc'], content)}: unknown key{did_you_mean(str(key), known)}"
        elif problem["type"] in ("missing", "missing_argument"):
            yield f"{_path(problem['loc'], content)}: missing"
        else:
            yield f"{_path(problem['loc'], content)}: {problem['msg'].lower()}, got {problem['input']!r:.60}"


def _known_keys_of(content: Mapping[str, Any], error: ValidationError) -> Any:
    """The content without the keys that the error calls unknown."""
    known = copy.deepcopy(dict(content))
    for problem in error.errors():
        if problem["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
            *above, key = problem["loc"]
            place: Any = known
            for step in above:
                place = place[step]
            place.pop(key, None)
    return known


def _keys_of(steps: tuple[str, ...]) -> tuple[str, ...]:
    classes = {
        (): Scheme,
        ("groups",): Group,
        ("themes",): Label,
        ("themes", "exclude"): Exclude,
        ("themes", "negative"): Contrast,
        ("claims",): Claims,
        ("claims", "types"): Choice,
        ("claims", "modes"): Choice,
        ("claims", "fields"): Field,
    }
    return tuple(field.name for field in fields(classes[steps])) if steps in classes else ()


def _path(steps: Iterable[int | str], content: Any) -> str:
    """`themes[2] (drugs).exclude[0].rule`: where a problem lies, with the id of a numbered thing that has one."""
    path = ""
    for step in steps:
        try:
            content = content[step]
        except (KeyError, IndexError, TypeError):
            content = None
        if isinstance(step, int):
            identity = content.get("id") if isinstance(content, dict) else None
            path += f"[{step}]" + (f" ({identity})" if isinstance(identity, str) else "")
        else:
            path += f".{step}" if path else step
    return path


def _problems(scheme: Scheme) -> Iterable[str]:
    """What the types cannot say: names, references between parts, and nothing left empty."""
    if not NAME.fullmatch(scheme.name):
        yield f"name: {scheme.name!r} must be lower-case ASCII words joined by hyphens"
    if not VERSION.fullmatch(scheme.version):
        yield f"version: {scheme.version!r} must be three numbers, such as 1.0.0"
    if not LANGUAGE.fullmatch(scheme.language):
        yield f"language: {scheme.language!r} must be an ISO 639 code, such as fr"
    yield from _text_problems("title", scheme.title)
    if not scheme.themes:
        yield "themes: a scheme needs at least one theme"
    yield from _id_problems("groups", [group.id for group in scheme.groups])
    yield from _id_problems("themes", list(scheme.labels))
    used = {theme.group for theme in scheme.themes}
    for index, group in enumerate(scheme.groups):
        where = f"groups[{index}] ({group.id})"
        yield from _text_problems(f"{where}.name", group.name)
        if group.id not in used:
            yield f"{where}: no theme is in this group"
    for index, theme in enumerate(scheme.themes):
        yield from _theme_problems(f"themes[{index}] ({theme.id})", theme, scheme)
    if scheme.claims is not None:
        yield from _claims_problems(scheme.claims)


def _theme_problems(where: str, theme: Label, scheme: Scheme) -> Iterable[str]:
    yield from _text_problems(f"{where}.name", theme.name)
    if not theme.definition.strip():
        yield f"{where}.definition: empty"
    groups = [group.id for group in scheme.groups]
    if theme.group not in groups:
        yield f'{where}.group: "{theme.group}" is not a group{did_you_mean(theme.group, groups)}'
    for part, texts in (
        ("include", theme.include),
        ("exclude", [exclude.rule for exclude in theme.exclude]),
        ("decisions", theme.decisions),
        ("positive", theme.positive),
        ("negative", [contrast.text for contrast in theme.negative]),
    ):
        for index, text in enumerate(texts):
            if not text.strip():
                yield f"{where}.{part}[{index}]: empty"
    for index, exclude in enumerate(theme.exclude):
        if exclude.instead is not None and exclude.instead not in scheme.labels:
            near = did_you_mean(exclude.instead, scheme.labels)
            yield f'{where}.exclude[{index}].instead: "{exclude.instead}" is not a theme{near}'
    for index, contrast in enumerate(theme.negative):
        for label in contrast.themes:
            if label not in scheme.labels:
                yield f'{where}.negative[{index}].themes: "{label}" is not a theme{did_you_mean(label, scheme.labels)}'
            elif label == theme.id:
                yield f"{where}.negative[{index}].themes: a negative example must not carry the theme itself"
    for lang, keywords in (theme.keywords or {}).items():
        if not LANGUAGE.fullmatch(lang):
            yield f"{where}.keywords.{lang}: {lang!r} must be an ISO 639 code, such as fr"
        for keyword in keywords:
            if not keyword.strip("* "):
                yield f"{where}.keywords.{lang}: an empty keyword"


def _claims_problems(claims: Claims) -> Iterable[str]:
    for name, choices, known in (("types", claims.types, TYPES), ("modes", claims.modes, MODES)):
        yield from _id_problems(f"claims.{name}", [choice.id for choice in choices])
        for index, choice in enumerate(choices):
            if choice.id not in known:
                yield f'claims.{name}[{index}]: "{choice.id}" is not one of {", ".join(known)}{did_you_mean(choice.id, known)}'
            if not choice.definition.strip():
                yield f"claims.{name}[{index}] ({choice.id}).definition: empty"


def _id_problems(where: str, ids: list[str]) -> Iterable[str]:
    for index, identity in enumerate(ids):
        if not SLUG.fullmatch(identity):
            yield f"{where}[{index}].id: {identity!r} must be lower-case ASCII letters and digits, words joined by underscores"
        if identity in ids[:index]:
            yield f"{where}[{index}].id: {identity!r} is used twice"


def _text_problems(where: str, texts: Mapping[str, str]) -> Iterable[str]:
    if not texts:
        yield f"{where}: needs a text in at least one language"
    for lang, text in texts.items():
        if not LANGUAGE.fullmatch(lang):
            yield f"{where}.{lang}: {lang!r} must be an ISO 639 code, such as fr"
        if not text.strip():
            yield f"{where}.{lang}: empty"


def _version_key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _without_empty(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_empty(item) for key, item in value.items() if item not in (None, (), {}, "")}
    return [_without_empty(item) for item in value] if isinstance(value, tuple | list) else value
