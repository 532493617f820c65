"""Text as it is compared: in lower case, without accents, with plain apostrophes and spaces; its words and stops."""

from __future__ import annotations

import re

_ACCENTS = {"a": "àâäáãå", "c": "ç", "e": "éèêë", "i": "íìîï", "n": "ñ", "o": "óòôöõ", "u": "úùûü", "y": "ýÿ"}
_PLAIN = [(accented, plain) for plain, group in _ACCENTS.items() for accented in group]
_PLAIN += [("’", "'"), ("\xa0", " "), ("\u202f", " "), ("\u2009", " "), ("\t", " ")]
_STOP = re.compile(r"[.!?…][\s»”\")\]]*\Z")
_TAGS = re.compile(r"(?:\s+#\w+)+\s*\Z")
_TAGGED = 120  # characters at the end of a text in which tags are looked for
_LETTER = re.compile(r"[^\W\d_]")


def plain_copy(text: str) -> str:
    """The text in lower case, without accents, with plain apostrophes and spaces, of the same length."""
    plain = text.lower()
    if len(plain) != len(text):  # "İ" becomes two characters
        plain = "".join(char.lower()[0] for char in text)
    if not plain.isascii() or "\t" in plain:
        for odd, simple in _PLAIN:
            plain = plain.replace(odd, simple)
    return plain


def fold(text: str) -> str:
    """The plain copy of a phrase with single spaces, for comparing.

    >>> fold(" À  lire\\xa0: ")
    'a lire :'
    """
    return " ".join(plain_copy(text).split())


def count_words(text: str) -> int:
    """The number of words of a short piece of text; of a long one, of its first 400 characters.

    >>> count_words("Manifestants à New York, 3 mai.")
    5
    """
    words = text[:400].split()
    mixed = [word for word in words if not word[0].isalpha()]
    return len(words) - sum(_LETTER.search(word) is None for word in mixed)


def is_stopped(text: str) -> bool:
    """Whether a full stop, a question or exclamation mark or an ellipsis ends the text.

    The tags at the end of a post do not count.

    >>> is_stopped("« Il est là. »"), is_stopped("Manifestants à New York"), is_stopped("Il est là. #port #digue")
    (True, False, True)
    """
    if text.find("#", -_TAGGED) >= 0:
        text = _TAGS.sub("", text[-_TAGGED:])
    return not text[-1:].isalnum() and _STOP.search(text[-8:]) is not None
