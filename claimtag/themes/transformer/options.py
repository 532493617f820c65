"""What may be set of a transformer tagger, beside the labels; `TransformerTagger` says what each means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

from pydantic import Field

from claimtag.themes.options import Count, Factor, Size, Strength

Name: TypeAlias = Annotated[str, Field(min_length=1, description="a folder or the id of a model on the hub")]
Prefix: TypeAlias = Annotated[str, Field(description="a string")]
Folder: TypeAlias = Annotated[str | None, Field(description="a folder, or None")]
Share: TypeAlias = Annotated[float, Field(ge=0, le=0.5, description="a number from 0 to 0.5")]
Warmup: TypeAlias = Annotated[float, Field(ge=0, lt=1, description="a share of the steps: from 0 on, below 1")]
Auto: TypeAlias = Annotated[bool | None, Field(description="true, false, or None: where it helps")]
Weight: TypeAlias = Annotated[float, Field(ge=1, allow_inf_nan=False, description="a number from 1 on")]
Device: TypeAlias = Annotated[
    str | None, Field(pattern=r"^(cpu|cuda)$", description='"cpu", "cuda", or None: cuda where there is one')
]

OPTIONS: Mapping[str, Any] = {
    "encoder": Name,
    "prefix": Prefix,
    "tokens": Size,
    "together": Size,
    "epochs": Size,
    "batch": Size,
    "accumulate": Size,
    "learning_rate": Strength,
    "head_learning_rate": Strength,
    "warmup": Warmup,
    "weight_decay": Factor,
    "dropout": Share,
    "pos_weight": Weight,
    "validation": Share,
    "patience": Count,
    "bf16": Auto,
    "seed": Count,
    "checkpoint": Folder,
    "device": Device,
}
UNSAVED = {"checkpoint", "device"}  # where a model is made is no part of it
