"""Options of models: what each may be, checked before anything is learnt."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal, TypeAlias

import numpy as np
from pydantic import Field, TypeAdapter, ValidationError

from claimtag.errors import OptionError

# the description says what an option takes, in the words of a message
Factor: TypeAlias = Annotated[float, Field(ge=0, allow_inf_nan=False, description="a number from 0 on")]
Strength: TypeAlias = Annotated[float, Field(gt=0, allow_inf_nan=False, description="a number above 0")]
Count: TypeAlias = Annotated[int, Field(ge=0, description="a whole number from 0 on")]
Size: TypeAlias = Annotated[int, Field(ge=1, description="a whole number from 1 on")]
Switch: TypeAlias = Annotated[bool, Field(description="true or false")]
Balance: TypeAlias = Annotated[
    Literal["balanced"] | dict[int, float] | None, Field(description='"balanced", weights by class, or None')
]


def check_option(name: str, value: object, kind: Any) -> None:
    """OptionError unless the option may have that value; a number of NumPy's counts like one of Python's.

    >>> check_option("C", 10, Strength)
    >>> check_option("C", -1, Strength)
    Traceback (most recent call last):
    claimtag.errors.OptionError: C takes a number above 0, not -1
    """
    try:
        _adapter(kind).validate_python(value.item() if isinstance(value, np.generic) else value, strict=True)
    except ValidationError:
        schema = _adapter(kind).json_schema()
        takes = schema.get("description", f"what is a {schema.get('type', 'value of its type')} in JSON")
        raise OptionError(f"{name} takes {takes}, not {value!r}") from None


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
