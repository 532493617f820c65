"""A bundle made or changed by somebody hostile is refused with what and where; nothing in it runs, memory stays bounded."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import shutil
import sys
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import claimtag
from claimtag.bundle import load_bundle
from claimtag.errors import BundleError
from claimtag.sealing import MANIFEST

FILES = ("scheme.json", "deciding.json", "tiers.json", "README.md", "model/linear.skops", "claims/claims.json")
JSON = tuple(file for file in FILES if file.endswith(".json"))
# what a file that runs code, or asks the network, cannot do without
FORBIDDEN = {
    *("os.system", "os.exec", "os.fork", "os.posix_spawn", "os.remove", "os.rename", "subprocess.Popen", "pty.spawn"),
    *("pickle.find_class", "ctypes.dlopen", "socket.connect", "socket.getaddrinfo", "shutil.rmtree", "webbrowser.open"),
}
_watching = False
_seen: list[str] = []


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if _watching and event in FORBIDDEN:
        _seen.append(event)


sys.addaudithook(_audit)


@pytest.fixture
def watched() -> Iterator[list[str]]:
    """What was done that a bundle must never bring about."""
    global _watching
    _seen.clear()
    _watching = True
    yield _seen
    _watching = False


@pytest.fixture(scope="module")
def whole(small_training: claimtag.Training, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = small_training.tagger.save(tmp_path_factory.mktemp("whole") / "small")
    load_bundle(folder)  # what loading imports is imported now, so that later only the bundle's own doing is seen
    return folder


@pytest.fixture
def bundle(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "small"))


def seal(folder: Path, **changes: object) -> None:
    """What an attacker does after every change: makes the manifest list what is there, with its hashes."""
    manifest = json.loads((folder / MANIFEST).read_bytes())
    there = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    hashes = {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in there}
    (folder / MANIFEST).write_text(json.dumps(manifest | {"files": hashes} | changes))


def refused(folder: Path, message: str) -> str:
    """The message with which the bundle is refused, and which has to match."""
    with pytest.raises(BundleError, match=message) as caught:
        load_bundle(folder)
    assert str(folder) in str(caught.value)
    return str(caught.value)


def change_json(path: Path, change: Callable[[Any], None]) -> None:
    content = json.loads(path.read_bytes())
    change(content)
    path.write_text(json.dumps(content))


def unpacked(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(path: Path, members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> None:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


class Attack:
    """Pickled, it runs a command where it is read."""

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, ("echo this must never run >&2; exit 1",)


# damage: the hashes tell


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("damage", ["empty", "half", "a bit", "one byte more", "another", "gone"])
def test_any_damage_to_any_file_is_told_with_its_name(bundle: Path, file: str, damage: str) -> None:
    path, other = bundle / file, bundle / FILES[FILES.index(file) - 1]
    content = path.read_bytes()
    flipped = bytearray(content)
    flipped[len(flipped) // 3] ^= 0x10
    changed = {
        "empty": b"",
        "half": content[: len(content) // 2],
        "a bit": bytes(flipped),
        "one byte more": content + b" ",
        "another": other.read_bytes(),
    }
    if damage == "gone":
        path.unlink()
        refused(bundle, rf"{file} is missing; get the bundle again")
    else:
        path.write_bytes(changed[damage])
        refused(bundle, rf"{file} was altered or cut off: its hash is not the manifest's; get the bundle again")


@pytest.mark.parametrize("cut", [0, 1, 40, -1, -40])
def test_a_manifest_that_is_cut_off_is_told(bundle: Path, cut: int) -> None:
    content = (bundle / MANIFEST).read_bytes().rstrip()
    (bundle / MANIFEST).write_bytes(content[:cut])
    refused(bundle, r"manifest\.json: (damaged|not made by claimtag train)")


@pytest.mark.parametrize("name", ["run.py", "model/weights.pkl", ".hidden", "scheme.json~", "model/linear.skops.bak"])
def test_a_file_more_is_told(bundle: Path, name: str) -> None:
    (bundle / name).write_bytes(pickle.dumps(Attack()))
    refused(bundle, rf"{name} is not listed there, so it may be anything")


@pytest.mark.parametrize(
    "name", ["model/modeling_own.py", "model/pytorch_model.bin", "model/a.pkl", "a.joblib", "x.so"]
)
def test_code_and_pickles_are_refused_by_their_kind_even_where_listed(
    bundle: Path, watched: list[str], name: str
) -> None:
    (bundle / name).write_bytes(pickle.dumps(Attack()))
    seal(bundle)
    refused(bundle, rf"{name}: no kind of file that a bundle holds \(\.json, \.skops, \.safetensors, .*do not use it")
    assert watched == []


# names and links


@pytest.mark.parametrize(
    "name",
    [
        "../secret.json", "/etc/hostname", "model/../../secret.json", "..\\secret.json", "C:\\secret.json", "\\\\host\\x",
        "a\0b.json", "", ".", "model", "model/", "//etc/hostname", "manifest.json", "./manifest.json", "\ud800.json",
        "x" * 300 + ".json", "x/" * 3000 + "a.json", "CON", "nul.json", "scheme.json/x", "~/x.json", "$HOME/x.json",
    ],
)  # fmt: skip
def test_a_name_that_leads_elsewhere_or_nowhere_is_refused(bundle: Path, name: str) -> None:
    (bundle.parent / "secret.json").write_text("{}")
    digest = hashlib.sha256(b"{}").hexdigest()
    change_json(bundle / MANIFEST, lambda manifest: manifest["files"].update({name: digest}))
    refused(bundle, "outside the bundle|is missing|cannot be read|was altered")


@pytest.mark.skipif(os.name == "nt", reason="Windows makes links for administrators alone, and no pipes in folders")
@pytest.mark.parametrize("kind", ["file", "folder", "loop", "nowhere", "pipe", "device"])
def test_links_that_lead_out_and_what_is_no_file_are_refused_and_never_waited_for(bundle: Path, kind: str) -> None:
    place, outside = bundle / "model" / "extra.json", bundle.parent / "outside"
    outside.mkdir()
    (outside / "x.json").write_text("{}")
    if kind == "pipe":
        os.mkfifo(place)
    else:
        target = {"file": outside / "x.json", "folder": outside, "loop": bundle, "nowhere": outside / "no"}
        place.symlink_to(target.get(kind, Path("/dev/zero")))
    if kind == "file":
        seal(bundle)
        refused(bundle, r"model/extra\.json leads outside the bundle")
    else:
        refused(bundle, r"extra\.json: neither a file nor a folder of its own; not made by claimtag train")


# JSON whose hash was mended


@pytest.mark.parametrize("file", JSON)
@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"null", b"[]", b"{}", b'"x"', b"NaN", b"\xff\xfe", b"1" * 5000, b"[" * 100_000, b'{"a":' * 100_000],
    ids=lambda content: repr(content[:6]),
)
def test_json_that_is_not_what_it_should_be_is_refused(bundle: Path, file: str, content: bytes) -> None:
    (bundle / file).write_bytes(content)
    seal(bundle)
    refused(bundle, "get (it|the bundle) again|train it again")


def set_in(*steps: str | int, to: object) -> Callable[[Any], None]:
    def change(content: Any) -> None:
        for step in steps[:-1]:
            content = content[step]
        content[steps[-1]] = to

    return change


def lose(*steps: str) -> Callable[[Any], None]:
    def change(content: Any) -> None:
        for step in steps:
            del content[step]

    return change


@pytest.mark.parametrize(
    ("file", "change", "message"),
    [
        ("deciding.json", lose("calibrations"), "its goal or calibrations are missing; get the bundle again"),
        ("deciding.json", set_in("calibrations", to=[]), "its goal or calibrations are missing"),
        ("deciding.json", set_in("calibrations", to=[None]), "need as many calibrations, not 1"),
        ("deciding.json", lose("goal"), "its goal or calibrations are missing"),
        ("deciding.json", lose("thresholds"), "not a record of thresholds: KeyError"),
        ("deciding.json", set_in("thresholds", 0, to=float("nan")), "must lie in|must both be numbers"),
        ("deciding.json", set_in("thresholds", 0, to=10**400), "must lie in|must both be numbers"),
        ("deciding.json", set_in("calibrations", 0, to={"method": "platt", "slope": 10**400, "intercept": 0}), "Overflow"),
        ("deciding.json", set_in("calibrations", 0, to={"method": "platt", "slope": float("nan"), "intercept": 0}), "rise"),
        ("deciding.json", set_in("calibrations", 0, to={"method": "isotonic", "scores": [float("nan")], "shares": [0.5]}), "rise"),
        ("tiers.json", set_in(0, "support", to=float("inf")), "OverflowError"),
        ("tiers.json", set_in(0, "f1", to={"low": 10**400, "value": 0, "high": 1}), "OverflowError"),
        ("tiers.json", set_in(0, "tier", to="A+"), "the tier is one of A, B, C"),
        ("claims/claims.json", set_in("weights", "gate", "x", to=float("nan")), r'the weights of "gate" are missing or no'),
        ("claims/claims.json", set_in("weights", "gate", "x", to=float("inf")), r'the weights of "gate" are missing or no'),
        ("claims/claims.json", set_in("weights", "gate", "x", to=10**400), r'the weights of "gate" are missing or no'),
        ("claims/claims.json", lose("blunt"), '"blunt" is no list of words'),
        ("scheme.json", set_in("name", to="../../x"), "must be lower-case ASCII words"),
        ("scheme.json", set_in("themes", 0, "id", to="<script>"), "must be lower-case ASCII letters"),
    ],
)  # fmt: skip
def test_values_that_would_break_tagging_later_are_refused_at_once(
    bundle: Path, file: str, change: Callable[[Any], None], message: str
) -> None:
    change_json(bundle / file, change)
    seal(bundle)
    refused(bundle, message)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"training": [{"name": "x"}]}, "TrainingData"),
        ({"training": [5]}, "TypeError"),
        (
            {"training": [{"name": "x", "sha256": "0", "articles": "1", "sentences": 1}]},
            "not a record of training data",
        ),
        ({"training": [{"name": "x", "sha256": "0", "articles": 1, "sentences": 1, "licences": []}]}, "Error"),
        ({"scheme": {}}, "is not the scheme that the manifest names"),
        ({"version": 1}, '"version" is missing or not what it should be'),
        ({"files": []}, '"files" is missing or not what it should be'),
        ({"model": "../../linear"}, r'a model of kind "\.\./\.\./linear"'),
        ({"model": "keywords"}, "keywords.json: not a keyword tagger"),
    ],
)
def test_a_manifest_with_hostile_values_is_refused(bundle: Path, changes: dict[str, object], message: str) -> None:
    seal(bundle, **changes)
    refused(bundle, message)


def test_an_endless_file_is_refused_before_it_is_read(bundle: Path) -> None:
    os.truncate(bundle / "README.md", 100_000_001)  # takes no room on the disk
    refused(bundle, r"README\.md is larger than any such file of a bundle")
    os.truncate(bundle / MANIFEST, 10_000_001)
    refused(bundle, r"manifest\.json: larger than any manifest")


def peak_of(folder: Path, message: str) -> int:
    """The most memory in use while the bundle is refused, in bytes."""
    tracemalloc.start()
    try:
        refused(folder, message)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("file", ["tiers.json", "model/linear.skops"])
def test_json_of_millions_of_values_is_refused_before_it_fills_the_memory(bundle: Path, file: str) -> None:
    many = b"[" + b"[]," * 3_000_000 + b"[]]"
    if file.endswith(".json"):
        (bundle / file).write_bytes(many)
    else:
        pack(bundle / file, unpacked(bundle / file) | {"schema.json": many})
    seal(bundle)
    assert peak_of(bundle, r"values in JSON; at most 5,000,000 are read") < 100_000_000


# skops files: zip archives of a schema and arrays


@pytest.mark.parametrize(
    ("node", "named"),
    [
        ({"__class__": "system", "__module__": "posix", "__loader__": "FunctionNode"}, "posix.system"),
        ({"__class__": "system", "__module__": "os", "__loader__": "TypeNode"}, "os.system"),
        ({"__class__": "eval", "__module__": "builtins", "__loader__": "FunctionNode"}, "builtins.eval"),
        ({"__class__": "Popen", "__module__": "subprocess", "__loader__": "ObjectNode", "content": None}, "subprocess.Popen"),
        ({"__class__": "attrgetter", "__module__": "operator", "__loader__": "OperatorFuncNode", "attrs": []}, "operator."),
        ({"__class__": "partial", "__module__": "functools", "__loader__": "PartialNode"}, "functools.partial"),
        ({"__class__": "method", "__module__": "builtins", "__loader__": "MethodNode"}, "builtins.method"),
        ({"__class__": "Pipeline", "__module__": "sklearn.pipeline", "__loader__": "ObjectNode"}, "sklearn.pipeline"),
        ({"__class__": "dict", "__module__": "builtins", "__loader__": "ObjectNode", "content": None}, "builtins.dict"),
        ({"__class__": "LinearTagger", "__module__": "claimtag.themes.linear", "__loader__": "FunctionNode"}, "LinearT"),
        ({"__class__": ["system"], "__module__": {"os": 1}, "__loader__": ["FunctionNode"]}, "system"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("where", ["whole", "inside"])
def test_a_class_that_does_not_belong_is_never_made(
    bundle: Path, watched: list[str], node: dict[str, Any], named: str, where: str
) -> None:
    path = bundle / "model" / "linear.skops"
    members = unpacked(path)
    schema = json.loads(members["schema.json"])
    if where == "whole":
        schema = {**schema, **node}
    else:
        schema["content"]["content"]["params"]["content"]["columns"] = node
    pack(path, members | {"schema.json": json.dumps(schema).encode()})
    seal(bundle)
    refused(bundle, rf"linear\.skops: holds a .*{named}.* which does not belong there; do not use it")
    assert watched == []


def array(*shape: int, dtype: str = "<f4", length: int = 16) -> bytes:
    """An array in NumPy's format whose header says one thing and whose content has so many bytes."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": dtype, "fortran_order": False, "shape": shape})
    return header.getvalue() + bytes(length)


def pickled() -> bytes:
    content = io.BytesIO()
    np.save(content, np.array([Attack()], dtype=object), allow_pickle=True)
    return content.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        pickled(),
        pickle.dumps(Attack()),
        array(10**12),
        array(2**62, 2**62),
        array(-1),
        array(5),
        array(0, length=0) + b"x",
        array(4, dtype="|O"),
        array(4, dtype="|S4"),
        array(1, dtype="<f4,<f4,<f4,<f4"),
        b"\x93NUMPY\x01\x00\xff\xff{'shape': " + b"(" * 1000,
        b"\x93NUMPY\x09\x00",
        b"",
    ],
    ids=range(13),
)
def test_an_array_that_is_not_plain_numbers_as_long_as_it_says_is_refused(
    bundle: Path, watched: list[str], content: bytes
) -> None:
    path = bundle / "model" / "linear.skops"
    members = unpacked(path)
    name = next(name for name in members if name.endswith(".npy"))
    pack(path, members | {name: content})
    seal(bundle)
    assert peak_of(bundle, r"linear\.skops: damaged, or not a skops file \(") < 100_000_000
    assert watched == []


def test_a_member_that_unpacks_to_a_hundred_times_the_file_is_refused_before_it_is_unpacked(bundle: Path) -> None:
    path = bundle / "model" / "linear.skops"
    members = unpacked(path)
    name = next(name for name in members if name.endswith(".npy"))
    pack(path, members | {name: array(40_000_000, length=160_000_000)})
    assert path.stat().st_size < 1_600_000
    seal(bundle)
    assert peak_of(bundle, r"bytes would unpack to 16\d,\d{3},\d{3}\)") < 40_000_000


def test_an_array_that_is_named_a_thousand_times_is_not_read_a_thousand_times(bundle: Path) -> None:
    path = bundle / "model" / "linear.skops"
    members = unpacked(path)
    schema = json.loads(members["schema.json"])
    state = schema["content"]["content"]
    state["params"]["content"]["columns"] = {**schema["content"], "content": {}} | {
        "content": {str(n): {**state["coef"], "__id__": 10**6 + n} for n in range(1000)}
    }
    pack(path, members | {"schema.json": json.dumps(schema).encode()})
    seal(bundle)
    refused(bundle, "its arrays are not those that it names, each once")


def encrypted(content: bytes) -> bytes:
    """The archive with the flag that says its first member needs a password."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        at = archive.start_dir
    return content[: at + 8] + bytes([content[at + 8] | 1]) + content[at + 9 :]


@pytest.mark.parametrize(
    "kind", ["lzma", "bzip2", "encrypted", "twice", "no schema", "one more", "one less", "deep", "text"]
)
def test_an_archive_of_another_shape_is_refused(bundle: Path, kind: str) -> None:
    path = bundle / "model" / "linear.skops"
    members = unpacked(path)
    if kind in ("lzma", "bzip2"):
        pack(path, members, {"lzma": zipfile.ZIP_LZMA, "bzip2": zipfile.ZIP_BZIP2}[kind])
    elif kind == "encrypted":
        path.write_bytes(encrypted(path.read_bytes()))
    elif kind == "twice":
        with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("schema.json", b"{}")
    elif kind == "text":
        path.write_text("import os")
    else:
        name = next(name for name in members if name.endswith(".npy"))
        other: dict[str, dict[str, bytes]] = {
            "no schema": {name: content for name, content in members.items() if name != "schema.json"},
            "one more": members | {"more.npy": array(4)},
            "one less": {other: content for other, content in members.items() if other != name},
            "deep": members | {"schema.json": b'{"content":' * 50_000 + b"1" + b"}" * 50_000},
        }
        pack(path, other[kind])
    seal(bundle)
    refused(bundle, r"linear\.skops: damaged, or not a skops file \(.+\); train or get the model again")


@pytest.mark.parametrize("name", ["coef", "sentence_idf", "article_idf"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_no_numbers_are_refused(bundle: Path, name: str, value: float) -> None:
    path = bundle / "model" / "linear.skops"
    members = unpacked(path)
    file = json.loads(members["schema.json"])["content"]["content"][name]["file"]
    numbers = np.load(io.BytesIO(members[file]))
    numbers.flat[0] = value
    changed = io.BytesIO()
    np.save(changed, numbers)
    pack(path, members | {file: changed.getvalue()})
    seal(bundle)
    refused(bundle, f"not a saved linear tagger, or damaged .{name} holds what is no number")


def test_a_bundle_made_anew_by_hand_with_its_own_hashes_still_loads(bundle: Path) -> None:
    seal(bundle)  # so that what the tests above show is not the sealing itself
    assert load_bundle(bundle).name == "small"


# what a bundle may ask for


def test_an_encoder_that_a_bundle_names_is_never_fetched(watched: list[str]) -> None:
    pytest.importorskip("huggingface_hub")
    pytest.importorskip("model2vec")
    from claimtag.themes.identifying import Identity, check_identity

    version = metadata.version("model2vec")
    with pytest.raises(
        BundleError,
        match=r'"model2vec:nobody/nothing" is not on this machine, and nothing is fetched unasked; .* hf download',
    ):
        check_identity(Identity("model2vec:nobody/nothing", "model2vec", version, "0" * 64))
    assert watched == []


@pytest.mark.parametrize(
    "kind",
    ["os.system", "sklearn.utils.parallel.joblib", "modeling_own.Evil", "sentence_transformers.util.torch", "a", ""],
)
def test_a_sentence_transformer_may_name_modules_of_its_library_alone(tmp_path: Path, kind: str) -> None:
    from claimtag.errors import OptionError
    from claimtag.themes.encoding import _check_modules

    (tmp_path / "modules.json").write_text(json.dumps([{"idx": 0, "name": "0", "path": "", "type": kind}]))
    with pytest.raises(OptionError, match=r"modules\.json: the model would run .* which is no module of the library's"):
        _check_modules(tmp_path)


def test_no_call_anywhere_opens_a_pickle_or_trusts_code_that_comes_with_a_model() -> None:
    package = Path(claimtag.__file__).parent
    source = "\n".join(path.read_text("utf-8") for path in sorted(package.rglob("*.py")))
    for name in ("trust_remote_code=True", '"trust_remote_code": True', "pickle.load", "joblib.load", "torch.load"):
        assert name not in source
    for name in ("allow_pickle=True", "yaml.load", "marshal.load", "trusted=True", "shell=True", "os.system"):
        assert name not in source
    # a new one has to be looked at: safetensors alone, no code, no network unasked
    assert source.count("Model.from_pretrained(") + source.count("Tokenizer.from_pretrained(") == 6
    assert source.count("SentenceTransformer(") == 1
