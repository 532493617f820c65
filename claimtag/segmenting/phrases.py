"""The phrases of the lexicons → patterns: alternatives in braces are spelt out, and a thousand phrases cost little more
than one, since they are shaped as prefix trees or looked up by their first word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from itertools import product
from typing import Any, NamedTuple

from claimtag.lexicons import languages, lexicon
from claimtag.segmenting.plain import fold

_WHOLE_WORD = re.compile(r"(?<![a-z0-9*])[a-z0-9]+(?![a-z0-9*])")  # in a phrase, where * stands for anything
_BRACES = re.compile(r"[{}]")
_GROUP = re.compile(r"( ?)\{([^{}]*)\}")
_NAME = re.compile(r"<(\w+)>")
_FIRST = re.compile(r"[^\w{]*(\w+)")


class Phrases(NamedTuple):
    """Phrases to be found anywhere: their pattern for plain text, and their words, by which most texts are passed over.

    The pattern is tried at every character, which costs ten times what the words do, and few texts hold a whole phrase.
    """

    pattern: re.Pattern[str]
    longest: Mapping[str, tuple[frozenset[str], ...]]  # the longest word of a phrase → the words of such phrases

    def vocabulary(self) -> frozenset[str]:
        return frozenset(self.longest).union(*(phrase for phrases in self.longest.values() for phrase in phrases))

    def rare_words(self, words: Set[str]) -> tuple[str, ...]:
        """The longest words of the phrases that `words` make up; "" for a phrase without Latin letters."""
        found = self.longest.keys() & words
        return tuple(word for word in found if any(phrase <= words for phrase in self.longest[word]))


def written(key: str) -> Iterator[str]:
    """The phrases of all languages as they are written, with the words that <name> stands for as a choice in braces.

    >>> sorted(written("by"))
    ['by', 'door', 'par', 'por']
    """
    for lang in languages():
        data = lexicon(lang, "boilerplate")
        for phrase in data.get(key, ()):
            if "<" in phrase:
                parts = _NAME.split(phrase)  # every second one is a name
                parts[1::2] = ["{" + "|".join(data[name]) + "}" for name in parts[1::2]]
                phrase = "".join(parts)
            yield phrase


def phrases_of(key: str) -> tuple[str, ...]:
    """The phrases of all languages, with those that braces stand for."""
    return tuple(dict.fromkeys(phrase for whole in written(key) for phrase in expand(whole)))


def expand(written: str) -> list[str]:
    """The phrases that one with alternatives in braces stands for, with single spaces and elisions closed.

    >>> expand("{imprimer|partager} {cet|l'} article{s|}")[:4]
    ['imprimer cet articles', 'imprimer cet article', "imprimer l'articles", "imprimer l'article"]
    """
    parts = [part.split("|") for part in _BRACES.split(written)]
    return [_closed("".join(choice)) for choice in product(*parts)]


def _closed(phrase: str) -> str:
    return " ".join(phrase.split()).replace("' ", "'")


def by_first_word(key: str) -> dict[str, list[str]]:
    """The phrases of a key by their first word: what follows it, with its braces."""
    found: dict[str, list[str]] = {}
    for phrase in written(key):
        for word, rest in _opened(fold(phrase)):
            found.setdefault(word, []).append(rest)
    return found


def _opened(written: str) -> Iterator[tuple[str, str]]:
    """The first words of a phrase with braces, each with the rest; marks before them no look-up sees ("(re)lire")."""
    first = _FIRST.match(written)
    if first and not written.startswith("{", first.end()):
        yield first[1], written[first.end() :]
        return
    before, _, after = written.partition("{")
    inside, _, rest = after.partition("}")
    for option in inside.split("|"):
        yield from _opened(_closed(before + option + rest))


def followed(rests: Iterable[str]) -> str:
    """A pattern for what follows a first word, the longest phrases first."""
    options = sorted(dict.fromkeys(rests), key=len, reverse=True)
    return f"(?:{'|'.join(map(_follow, options))})(?!\\w)"


def _follow(rest: str) -> str:
    pattern = ""
    at = 0
    space = " ++"
    for group in _GROUP.finditer(rest):
        pattern += _literal(rest[at : group.start()])
        options = group[2].split("|")
        choice = "(?:" + "|".join(_literal(option) for option in options if option) + ")"
        lead = space if group[1] else ""
        pattern += f"(?:{lead}{choice})?" if "" in options else lead + choice
        at = group.end()
        space = " *+" if any(option.endswith("'") for option in options) else " ++"
        if space == " *+" and rest.startswith(" ", at) and not rest.startswith(" {", at):
            pattern += space
            at += 1
    return pattern + _literal(rest[at:])


def _literal(text: str) -> str:
    letters = {" ": " ++", "*": r"[^\n]{1,80}?"}
    return "".join(letters.get(char, re.escape(char)) for char in text)


def row(phrases: Iterable[str]) -> re.Pattern[str]:
    """A pattern for rows of nothing but these phrases, figures and marks."""
    return re.compile(f"[^a-z\\n]*+(?:(?>{tree(phrases)})[^\\w\\n]*+(?:\\d++[^\\w\\n]*+)*+)++")


def anywhere(phrases: Iterable[str], following: str = "") -> Phrases:
    phrases = tuple(map(fold, phrases))
    longest: dict[str, list[frozenset[str]]] = {}
    for words in map(_WHOLE_WORD.findall, phrases):
        longest.setdefault(max(words, key=len, default=""), []).append(frozenset(words))
    return Phrases(re.compile(r"\b" + tree(phrases) + following), {word: tuple(sets) for word, sets in longest.items()})


def verb_forms(words: Iterable[str]) -> re.Pattern[str]:
    """Here accents count ("à" is no verb), and so does the case of single letters (an initial is none either)."""
    both = {form for word in words for form in (word, word.capitalize() if len(word) > 1 else word)}
    return re.compile(r"\b" + _tree(both).replace("'", "['’]"))


def tree(phrases: Iterable[str]) -> str:
    """A pattern for the longest of the phrases that ends at a word's end, as a prefix tree, for plain text.

    >>> import re
    >>> re.match(tree(["lire", "À lire aussi", "lire aussi"]), "lire  aussi : …")[0]
    'lire  aussi'
    >>> re.match(tree(["lire"]), "lirent") is None
    True
    """
    return _tree(map(fold, phrases))


def _tree(phrases: Iterable[str]) -> str:
    root: dict[str, Any] = {}
    for phrase in phrases:
        node = root
        for char in phrase:
            node = node.setdefault(char, {})
        node[""] = {}
    return _branch(root)


def _branch(node: dict[str, Any]) -> str:
    letters = {" ": " +", "*": r"[^\n]{1,80}?"}
    options = [letters.get(char, re.escape(char)) + _branch(child) for char, child in node.items() if char]
    if "" in node:
        options.append(r"(?!\w)")
    return options[0] if len(options) == 1 else f"(?:{'|'.join(options)})"
