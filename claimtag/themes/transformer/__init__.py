"""Transformers as theme models: any encoder of the transformers library, fine-tuned on sentences in their articles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from claimtag.scheme import Scheme
from claimtag.themes.transformer.options import OPTIONS
from claimtag.themes.transformer.tagger import CutWarning, Part, TransformerTagger, save
from claimtag.themes.transformer.tagger import load as _load
from claimtag.themes.transformer.windows import Text

__all__ = ["OPTIONS", "CutWarning", "Part", "TransformerTagger", "explain", "load", "make", "save"]


def make(scheme: Scheme, **options: Any) -> TransformerTagger:
    """An unfitted tagger for the labels of a scheme."""
    return TransformerTagger(scheme.labels, **options)


def load(folder: Path) -> TransformerTagger:
    """The tagger saved in a folder, on the GPU where there is one; BundleError when it cannot be used."""
    return _load(folder)


def explain(model: TransformerTagger, sentence: Text, label: str) -> tuple[Part, ...]:
    """`TransformerTagger.explain`, as every kind of model has it."""
    return model.explain(sentence, label)
