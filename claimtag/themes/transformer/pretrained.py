"""What a transformer begins with: an encoder and its tokeniser, from a folder or the hub, and where it computes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from claimtag.errors import OptionError
from claimtag.themes.transformer.windows import Marks, Windows

ATTENTION_DROPOUT = ("attention_probs_dropout_prob", "attention_dropout")  # what configurations call it


def read_encoder(name: str | Path, *, local: bool) -> Any:
    """The encoder in full precision and without the pooler that some have beside it; never from a pickle.

    Its attention drops nothing while learning: the fast kernels for CPUs do not know that, and others would be taken.
    """
    from transformers import AutoConfig, AutoModel

    settings: dict[str, Any] = {"trust_remote_code": False, "local_files_only": local}
    config = AutoConfig.from_pretrained(str(name), **settings)
    if "/" in str(config._attn_implementation):  # an attention by that name is fetched from the hub, and run
        raise ValueError(f"its attention would be code from the hub, {config._attn_implementation!r:.60}")
    if config.is_encoder_decoder:
        raise ValueError(f"a {config.model_type} both reads and writes; an encoder alone is needed")
    for known in ATTENTION_DROPOUT:
        if hasattr(config, known):
            setattr(config, known, 0.0)
    settings |= {"config": config, "use_safetensors": True, "dtype": "float32", "output_loading_info": True}
    try:
        encoder, found = AutoModel.from_pretrained(str(name), add_pooling_layer=False, **settings)
    except TypeError:  # has no pooler to leave out
        encoder, found = AutoModel.from_pretrained(str(name), **settings)
    if found["missing_keys"] or found["mismatched_keys"]:
        missing = sorted(map(str, [*found["missing_keys"], *found["mismatched_keys"]]))
        raise ValueError(f"{len(missing)} weights are missing or of another shape, such as {missing[0]}")
    return encoder


def origin(name: str, encoder: Any) -> str:
    """What a network began with, in words: the encoder's name, and the hash of its weights or its revision."""
    folder = Path(name)
    if not folder.is_dir():
        return f"begun with the encoder {name} of the hub, revision {getattr(encoder.config, '_commit_hash', None)}"
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*.safetensors")):
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return f"begun with the encoder {folder.resolve().name}, weights' sha256 `{digest.hexdigest()[:12]}…`"


def read_tokenizer(name: str | Path, *, local: bool) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(str(name), trust_remote_code=False, local_files_only=local)


def windows_for(tokenizer: Any, options: Mapping[str, Any]) -> Windows:
    def tokenise(texts: list[str]) -> list[list[int]]:
        return list(tokenizer(texts, add_special_tokens=False, verbose=False)["input_ids"])

    begin = tokenizer.cls_token_id if tokenizer.cls_token_id is not None else tokenizer.bos_token_id
    between = tokenizer.sep_token_id if tokenizer.sep_token_id is not None else tokenizer.eos_token_id
    return Windows(
        tokenise,
        Marks(() if begin is None else (begin,), () if between is None else (between,)),
        tokens=options["tokens"],
        together=options["together"],
        prefix=options["prefix"],
    )


def pad_of(tokenizer: Any) -> int:
    return tokenizer.pad_token_id or 0  # masked, so that it may be any


def find_device(asked: str | None) -> str:
    import torch

    if asked is not None and asked.startswith("cuda") and not torch.cuda.is_available():
        raise OptionError(f'device "{asked}": torch sees no GPU here; say "cpu", or leave it out')
    return asked or ("cuda" if torch.cuda.is_available() else "cpu")


def bf16_helps(device: str) -> bool:
    """Whether the processor multiplies in bf16 itself; where it does not, half precision is slower."""
    import torch

    if device != "cpu":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    has = [getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported")]
    return any(asked is not None and asked() for asked in has)
