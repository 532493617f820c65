"""What a model reads of a sentence: plain spaces and apostrophes, words whole. The article's text stays as it came."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from claimtag.lexicons import languages, lexicon

_ODD = {ord(char): "'" for char in "’‘‛ʼ＇"} | {ord(char): None for char in "\xad\u200b\u200c\u200d\u2060\ufeff"}


def normalise(text: str) -> str:
    """The text in NFC with plain spaces and apostrophes, and words that print had hyphenated put together again.

    >>> normalise("l’Union\\xa0: les ques- tions du Coor- dinateur, anglo- et francophones")
    "l'Union : les questions du Coordinateur, anglo- et francophones"
    """
    plain = " ".join(unicodedata.normalize("NFC", text).translate(_ODD).split())
    return _hyphenated().sub("", plain) if "- " in plain else plain


@cache
def _hyphenated() -> re.Pattern[str]:
    """The hyphen and space inside a word: small letters on both sides, and after it no word that stands alone."""
    apart = sorted({word for lang in languages() for word in lexicon(lang, "abbreviations").get("after_hyphen", ())})
    return re.compile(rf"(?<=[^\W\d_])-[ ](?!(?:{'|'.join(map(re.escape, apart))})\b)(?=[a-zß-öø-ÿœ])")
