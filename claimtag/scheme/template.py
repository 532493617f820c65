"""A first file for somebody's own scheme: complete, commented, to be edited."""

from __future__ import annotations

import re
import unicodedata

from claimtag.errors import SchemeError
from claimtag.scheme.problems import LANGUAGE, NAME


def template(name: str, *, language: str = "fr") -> str:
    """The TOML text of a new scheme of that name, 0.1.0, that loads as it stands; SchemeError for a name that is none.

    >>> template("my-press").splitlines()[3]
    'name = "my-press"'
    >>> template("My press")
    Traceback (most recent call last):
    claimtag.errors.SchemeError: 'My press' must be lower-case ASCII words joined by hyphens, such as my-press
    """
    if not NAME.fullmatch(name):
        plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
        near = "-".join(re.findall("[a-z0-9]+", plain))
        hint = f", such as {near}" if NAME.fullmatch(near) else ", such as local-news"
        raise SchemeError(f"{name!r} must be lower-case ASCII words joined by hyphens{hint}")
    if not LANGUAGE.fullmatch(language):
        raise SchemeError(f"the language {language!r} is not an ISO 639 code, such as fr")
    return _TEMPLATE.replace("<name>", name).replace("<language>", language)


_TEMPLATE = """\
# A label scheme: what a sentence may be about. Check it with: claimtag labels check <name>.toml
# Read it as a codebook with: claimtag labels show <name>.toml
# Lower-case ASCII words joined by hyphens; it becomes the name of a folder.
name = "<name>"
# Three numbers. Change the last for examples and keywords, the middle for labels, and never a version that was used:
# write a migration instead, see docs/schemes.md.
version = "0.1.0"
# What annotators must know of all themes: what the unit is, how many themes a sentence may have, what counts as one.
description = \"\"\"
The unit of annotation is one sentence of an article, read in the light of the article.
A sentence has any number of themes; none is a valid answer.
Tag a theme only if the sentence says something about it.
\"\"\"
# The language of the texts (ISO 639).
language = "<language>"
# Decisions on several themes at once, found while annotating; the newest last.
decisions = []

[title]
en = "A title"

# Families of themes. A group holds for a sentence when any of its themes does; every theme is in one.
[[groups]]
id = "first_group"
name = { en = "First group" }

# One block a theme. `id` is what stands in the data: lower-case letters, digits and underscores.
[[themes]]
id = "first_theme"
group = "first_group"
name = { en = "First theme" }
# One sentence that lets two people who never met decide alike.
definition = "The sentence is about the first thing: what it is, who does it, what it brings."
# What belongs to it, in a few words each.
include = []
# What does not, and the theme it belongs to instead, where there is one.
exclude = [{ rule = "the second thing", instead = "second_theme" }]
# Sentences that have the theme: short ones, one for each kind of case.
positive = []
# Sentences that look like it and do not have it, with the themes that they have.
negative = []

# Words and phrases that point to the theme, by language; * stands for any ending.
[themes.keywords]
<language> = []

[[themes]]
id = "second_theme"
group = "first_group"
name = { en = "Second theme" }
definition = "The sentence is about the second thing, whoever speaks of it."
include = []
exclude = []
positive = []
negative = []

[themes.keywords]
<language> = []
"""
