"""Bytes and JSON values made wrong by chance: the same chance makes the same wrong."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from random import Random
from typing import Any

LARGEST = 64 * 1024  # bytes of what a mutation makes: laws about time hold up to there
_TOKENS = (
    *(b"\0", b"\n", b"\r", b"\r\n", b"\t", b" ", b'"', b'""', b"'", b",", b";", b"\\", b"\\n", b"\\u0000", b"\\ud800"),
    *(b"{", b"}", b"[", b"]", b":", b"null", b"NaN", b"-Infinity", b"1e999", b"1" * 5000, b"-1", b"0", b"true"),
    *(b'"text":', b'"id":', b'"sentences":', b'"start":', b"[" * 2000, b'{"a":' * 2000, b"\xef\xbb\xbf", b"\xff\xfe"),
    *(b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"\x80", b"\xff", b"\xe2\x80\xa8", b"\xc2\x85", b"\xe2\x80\xae"),
    *(b"\xcc\x81", b"\xf0\x9f\x98\x80", b"\xc2\xa0", b"\xe2\x80\xaf", b"\xc2\xad", b"\x1b[2J", b"\x07", b"=cmd|'/C calc'!A0"),
    *(b"<p>", b"</p>", b"<script>", b"</script>", b"<!--", b"-->", b"]]>", b"&#0;", b"&amp;", b"<div " * 500, b"<table><tr><td>"),
    *(b"<meta charset=utf-7>", b"<article>", b"<time datetime='1'>", b"%00", b"../", b"a" * 1000, b"(" * 500, b"=" * 500),
    *("« ", " »", "“", "”", " – ", "- ", "Selon ", " selon ", "a déclaré", ", a-t-il dit", "M. ", "art. ", "n° ", "J.-C. "),
    *("À lire aussi : ", "Lire aussi", "Partager", "(AFP)", "©", "…", ". ", "! ", "? ", "PARIS, 3 mai (AFP) – ", " | ", " > "),
    *("d'après ", "qu'", "que ", "il ", "elle ", "le ministre ", "Anna Roux ", "l’ONU ", "http://a.be/?b=1&c ", "12 345,6 %"),
)  # fmt: skip
TOKENS = tuple(token.encode() if isinstance(token, str) else token for token in _TOKENS)
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 10**18, 10**30, -(10**400), 0.5, -0.0, 1e308, float("nan"), float("inf")),
    *(
        "",
        " ",
        "\0",
        "\ud800",
        "\u2028",
        "a" * 10_000,
        "../../x",
        "=1+1",
        "<script>",
        "\x1b[2J",
        "é",
        "e\u0301",
        "1",
        "nan",
    ),
    *([], {}, [[]], [None], {"": None}, {"text": "x"}, [{}], {"__class__": "x"}, [1, "a"]),
)


def mutated(content: bytes, chance: Random, others: Sequence[bytes] = (b"",)) -> bytes:
    """The bytes after one to eight changes: bits, pieces lost, doubled, moved, repeated, taken from others, or from a list."""
    made = bytearray(content[:LARGEST])
    for _ in range(chance.choice((1, 1, 2, 2, 3, 4, 8))):
        at = chance.randrange(len(made) + 1)
        end = min(len(made), at + chance.choice((1, 2, 10, 100, 1000)))
        what = chance.randrange(9)
        if what == 0 and at < len(made):
            made[at] ^= 1 << chance.randrange(8)
        elif what == 1:
            del made[at:end]
        elif what == 2:
            made[at:at] = made[at:end]
        elif what == 3:
            made[at:at] = chance.choice(TOKENS)
        elif what == 4:
            made[at:end] = chance.choice(TOKENS)
        elif what == 5:
            other = chance.choice(others)
            begin = chance.randrange(len(other) + 1)
            made[at:at] = other[begin : begin + chance.choice((10, 100, 1000))]
        elif what == 6:
            made[at:end] = chance.randbytes(end - at)
        elif what == 7:
            del made[at:]
        elif chance.random() < 0.2:  # the same over and over: what takes more than linear time shows
            token = bytes(made[at : min(end, at + 20)]) or chance.choice(TOKENS)
            made[at:at] = token * ((LARGEST - len(made)) // len(token))
    return bytes(made[:LARGEST])


def mutated_json(value: Any, chance: Random) -> Any:
    """A copy of a JSON value with one to three places lost, doubled, or with another value there."""
    made = copy.deepcopy(value)
    for _ in range(chance.choice((1, 1, 2, 3))):
        node = made
        while isinstance(node, dict | list) and node:
            key = chance.choice(list(node)) if isinstance(node, dict) else chance.randrange(len(node))
            if not isinstance(node[key], dict | list) or not node[key] or chance.random() < 0.15:
                _change(node, key, chance)
                break
            node = node[key]
    return made


def _change(node: Any, key: Any, chance: Random) -> None:
    what = chance.randrange(5)
    if what == 0:
        del node[key]
    elif what == 1 and isinstance(node, list):
        node.insert(key, copy.deepcopy(node[key]))
    elif what == 2 and isinstance(node[key], int | float):
        node[key] += chance.choice((-1, 1, 0.5, 100))
    else:
        node[key] = copy.deepcopy(chance.choice(VALUES))
