"""Single values of records: missing, unusable, invisible, and what they are called in messages."""

from __future__ import annotations

import unicodedata

from claimtag.reading.lines import utf_16_hint


def unusable(string: str) -> str | None:
    """Why a string cannot be kept as it is: a NUL cuts text in native code, half a surrogate pair cannot be written."""
    if (at := string.find("\0")) >= 0:
        return f"has a NUL character at {at}{utf_16_hint(at)}"
    if string.isascii():
        return None
    try:
        string.encode()
    except UnicodeEncodeError as error:
        return f"has half a surrogate pair at {error.start}, which no encoding can hold"
    return None


def is_missing(value: object) -> bool:
    """Whether a field of a record holds nothing: null, not a number, or white space."""
    if isinstance(value, str):
        return not value or value.isspace()
    return value is None or value != value  # NaN, NaT


def is_visible(string: str) -> bool:
    """Whether a string shows anything: a title of zero-width characters is none."""
    return any(not (char.isspace() or unicodedata.category(char) == "Cf") for char in string)


def kind_of(value: object) -> str:
    """What a value is, in words for a message."""
    names = {
        type(None): "null",
        bool: "a boolean",
        int: "a number",
        float: "a number",
        str: "a string",
        list: "a list",
        dict: "an object",
    }
    return names.get(type(value), f"of type {type(value).__name__}")
