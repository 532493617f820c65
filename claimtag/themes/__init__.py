"""Theme models: each gives scores (sentences × labels); `deciding` turns scores into themes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from claimtag.errors import OptionError, did_you_mean
from claimtag.scheme import Scheme
from claimtag.themes.base import SentenceInArticle, ThemeModel

KINDS = ("linear", "keywords", "majority")


@dataclass(frozen=True, slots=True)
class ModelKind:
    """How models of one kind are made, saved, loaded and explained."""

    name: str
    unfitted: Callable[..., Any]
    """A model for the labels of a scheme, given the options by name; it has `fit(sentences, Y)` beside `ThemeModel`."""
    save: Callable[[Any, Path], None]
    load: Callable[[Path], ThemeModel]
    explain: Callable[[Any, SentenceInArticle, str], Sequence[tuple[str, str, float]]]
    options: Mapping[str, tuple[type, ...]] = field(default_factory=dict)
    """What may be set, and the types that each option takes."""

    def make(self, scheme: Scheme, options: Mapping[str, Any] | None = None) -> Any:
        """An unfitted model; OptionError names an option that the kind does not have, or a value of the wrong type."""
        self.check(options or {})
        return self.unfitted(scheme, **(options or {}))

    def check(self, options: Mapping[str, Any]) -> None:
        """OptionError for options that the kind does not have.

        >>> model_kind("linear").check({"letter": 6})
        Traceback (most recent call last):
        claimtag.errors.OptionError: models of kind "linear" have no option "letter" (did you mean "letters"?); \
they have C, min_df, letters, class_weight, context, context_weight, joined, keywords
        """
        for name, value in options.items():
            if name not in self.options:
                known = f"; they have {', '.join(self.options)}" if self.options else "; they have none"
                raise OptionError(
                    f'models of kind "{self.name}" have no option "{name}"{did_you_mean(name, self.options)}{known}'
                )
            kinds = self.options[name]
            if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
                wanted = " or ".join(kind.__name__ for kind in kinds)
                raise OptionError(f'option "{name}" of kind "{self.name}" takes {wanted}, not {value!r}')


def model_kind(name: str) -> ModelKind:
    """The kind of model of that name, its module imported now and not before."""
    if name == "linear":
        from claimtag.themes import linear

        return ModelKind(
            name,
            lambda scheme, *, keywords=True, **options: linear.make(scheme).set_params(
                **options, **({} if keywords else {"keywords": None})
            ),
            linear.save,
            linear.load,
            linear.explain,
            {
                "C": (int, float),
                "min_df": (int,),
                "letters": (int,),
                "class_weight": (str,),
                "context": (bool,),
                "context_weight": (int, float),
                "joined": (int,),
                "keywords": (bool,),
            },
        )
    if name == "keywords":
        from claimtag.themes import keywords

        return ModelKind(name, keywords.make, keywords.save, keywords.load, keywords.explain)
    if name == "majority":
        from claimtag.themes import majority

        return ModelKind(name, majority.make, majority.save, majority.load, majority.explain)
    raise OptionError(f'no model kind "{name}"{did_you_mean(name, KINDS)}; kinds: {", ".join(KINDS)}')
