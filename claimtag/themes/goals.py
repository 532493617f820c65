"""What thresholds are to be good for: the best F1, a precision or recall that is asked for, or the least cost."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from claimtag.errors import OptionError, did_you_mean

Figure: TypeAlias = Literal["f1", "cost", "precision", "recall"]

FIGURES: tuple[Figure, ...] = get_args(Figure)
_GOAL = re.compile(
    r"(?P<figure>[^\W\d_]+\d?)\s*(?:(?P<sign>>=|≥|=>|=|>|<=|≤|<)\s*(?P<value>\d*[.,]?\d+)\s*(?P<percent>%)?)?"
)


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure of each label, and for precision and recall the least that it shall be.

    >>> print(Goal("precision", 0.9))
    precision ≥ 0.9
    >>> Goal("precision")
    Traceback (most recent call last):
    claimtag.errors.OptionError: precision needs the least that it shall be, such as "precision >= 0.9"
    """

    figure: Figure
    least: float | None = None

    def __post_init__(self) -> None:
        if self.figure not in FIGURES:
            raise OptionError(f'"{self.figure}" is no goal{did_you_mean(self.figure, FIGURES)}; {_SHAPES}')
        asked = self.figure in ("precision", "recall")
        if asked and self.least is None:
            raise OptionError(f'{self.figure} needs the least that it shall be, such as "{self.figure} >= 0.9"')
        if not asked and self.least is not None:
            raise OptionError(f'the goal "{self.figure}" is to be as good as can be and takes no number; {_SHAPES}')
        if self.least is not None and not 0 < self.least <= 1:
            raise OptionError(f"{self.figure} lies above 0 and up to 1, not at {self.least:g}; {_SHAPES}")

    def __str__(self) -> str:
        return self.figure if self.least is None else f"{self.figure} ≥ {self.least:g}"


@dataclass(frozen=True, slots=True)
class Costs:
    """What a label that was missed, one said wrongly, and a look at one in the review band cost, in any unit.

    By default a miss is twice as bad as a false alarm, and a false alarm as two looks.

    >>> Costs().review_from, Costs().say_from
    (0.25, 0.5)
    >>> Costs(look=0)
    Traceback (most recent call last):
    claimtag.errors.OptionError: costs must be above 0: miss 4, false alarm 2, look 0
    """

    miss: float = 4.0
    false_alarm: float = 2.0
    look: float = 1.0

    def __post_init__(self) -> None:
        if not min(self.miss, self.false_alarm, self.look) > 0:
            raise OptionError(
                f"costs must be above 0: miss {self.miss:g}, false alarm {self.false_alarm:g}, look {self.look:g}"
            )

    @property
    def review_from(self) -> float:
        """The probability from which on a look costs less than silence; 1 if it never does."""
        return min(1.0, self.look / self.miss)

    @property
    def say_from(self) -> float:
        """The probability from which on saying costs least: less than silence, and less than a look."""
        return max(self.false_alarm / (self.false_alarm + self.miss), 1 - self.look / self.false_alarm)


def parse_goal(text: str) -> Goal:
    """A goal as people write it: "f1", "cost", "precision >= 0.9", "recall ≥ 90 %".

    >>> parse_goal("Recall ≥ 90 %")
    Goal(figure='recall', least=0.9)
    >>> parse_goal("precison >= 0.9")
    Traceback (most recent call last):
    claimtag.errors.OptionError: "precison" is no goal (did you mean "precision"?); \
write "f1", "cost", "precision >= 0.9" or "recall >= 0.9"
    >>> parse_goal("precision < 0.9")
    Traceback (most recent call last):
    claimtag.errors.OptionError: a goal says the least that precision shall be: "precision >= 0.9", \
not "precision < 0.9"
    """
    match = _GOAL.fullmatch(text.strip().lower())
    if match is None:
        raise OptionError(f"{text!r} is no goal; {_SHAPES}")
    figure, sign, value, percent = match.group("figure", "sign", "value", "percent")
    if figure not in FIGURES:
        raise OptionError(f'"{figure}" is no goal{did_you_mean(figure, FIGURES)}; {_SHAPES}')
    if value is None:
        return Goal(figure)
    if sign not in (">=", "≥"):
        raise OptionError(f'a goal says the least that {figure} shall be: "{figure} >= {value}", not "{text.strip()}"')
    least = float(value.replace(",", "."))
    return Goal(figure, least / 100 if percent else least)


_SHAPES = 'write "f1", "cost", "precision >= 0.9" or "recall >= 0.9"'
