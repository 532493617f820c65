"""Theme models: each gives scores (sentences × labels); `deciding` turns scores into themes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from claimtag.errors import OptionError, did_you_mean
from claimtag.scheme import Scheme
from claimtag.themes.base import SentenceInArticle, ThemeModel

KINDS = ("linear", "encoder", "transformer", "blend", "keywords", "zeroshot", "majority")
MIGRATED = "migrated"  # no kind to train: one that `claimtag labels migrate` made of another


@dataclass(frozen=True, slots=True)
class ModelKind:
    """How models of one kind are made, saved, loaded and explained."""

    name: str
    unfitted: Callable[..., Any]
    """A model for the labels of a scheme, given the options by name; it has `fit(sentences, Y)` beside `ThemeModel`."""
    save: Callable[[Any, Path], None]
    load: Callable[[Path], ThemeModel]
    explain: Callable[[Any, SentenceInArticle, str], Sequence[tuple[str, str, float]]]
    options: Mapping[str, Any] = field(default_factory=dict)
    """What may be set, and what each option takes (see `themes.options`)."""

    def make(self, scheme: Scheme, options: Mapping[str, Any] | None = None) -> Any:
        """An unfitted model; OptionError names an option that the kind lacks, or a value that it does not take."""
        self.check(options or {})
        return self.unfitted(scheme, **(options or {}))

    def check(self, options: Mapping[str, Any]) -> None:
        """OptionError for options that the kind does not have, or that do not take their value.

        >>> model_kind("linear").check({"letter": 6})
        Traceback (most recent call last):
        claimtag.errors.OptionError: models of kind "linear" have no option "letter" (did you mean "letters"?); \
they have C, min_df, letters, ...
        >>> model_kind("linear").check({"C": -1})
        Traceback (most recent call last):
        claimtag.errors.OptionError: option "C" of kind "linear" takes a number above 0, not -1
        """
        from claimtag.themes.options import check_option

        for name, value in options.items():
            if name not in self.options:
                known = f"; they have {', '.join(self.options)}" if self.options else "; they have none"
                raise OptionError(
                    f'models of kind "{self.name}" have no option "{name}"{did_you_mean(name, self.options)}{known}'
                )
            check_option(f'option "{name}" of kind "{self.name}"', value, self.options[name])


def model_kind(name: str) -> ModelKind:
    """The kind of model of that name, its module imported now and not before."""
    if name == "linear":
        from claimtag.themes import linear
        from claimtag.themes.options import Switch

        return ModelKind(
            name,
            lambda scheme, *, keywords=True, **options: linear.make(scheme).set_params(
                **options, **({} if keywords else {"keywords": None})
            ),
            linear.save,
            linear.load,
            linear.explain,
            {**linear.OPTIONS, "keywords": Switch},
        )
    if name == "encoder":
        from claimtag.themes import encoder

        return ModelKind(name, encoder.make, encoder.save, encoder.load, encoder.explain, encoder.OPTIONS)
    if name == "transformer":
        from claimtag.themes import transformer

        return ModelKind(
            name, transformer.make, transformer.save, transformer.load, transformer.explain, transformer.OPTIONS
        )
    if name == "blend":
        from claimtag.themes import blend

        return ModelKind(name, blend.make, blend.save, blend.load, blend.explain, blend.options())
    if name == "keywords":
        from claimtag.themes import keywords

        return ModelKind(name, keywords.make, keywords.save, keywords.load, keywords.explain)
    if name == "zeroshot":
        from claimtag.themes import unseen

        return ModelKind(name, unseen.make, unseen.save, unseen.load, unseen.explain, unseen.OPTIONS)
    if name == "majority":
        from claimtag.themes import majority

        return ModelKind(name, majority.make, majority.save, majority.load, majority.explain)
    if name == MIGRATED:
        from claimtag.themes import migrated

        return ModelKind(name, migrated.unfitted, migrated.save, migrated.load, migrated.explain)
    raise OptionError(f'no model kind "{name}"{did_you_mean(name, KINDS)}; kinds: {", ".join(KINDS)}')
