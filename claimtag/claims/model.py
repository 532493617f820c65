"""The weights of claim extraction, as saved and as used. A saved model is one JSON file: reading it runs nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import pairwise, repeat
from pathlib import Path

from claimtag.claims.candidates import Cue
from claimtag.claims.choosing import Weights
from claimtag.claims.contents import shape_part
from claimtag.claims.cues import Cues, cues_of, looked_for
from claimtag.claims.kinds import LEAST_AUTHORIAL, Clauses, TypeTable
from claimtag.claims.parts import Scores
from claimtag.claims.stretches import READ, most_of
from claimtag.claims.words import Words
from claimtag.errors import BundleError

FILE = "claims.json"
FORMAT = 1
HEAVIEST = 1e6  # no weight comes near it; sums of such stay numbers
DECISIONS = ("gate", "cue", "content", "speaker", "type", "mode", "quotation", "authorial", "authorial_type", "clause")


class ClaimModel:
    """A fitted model: one set of weights a decision, in the shapes that scoring needs."""

    def __init__(self, weights: Mapping[str, Weights], blunt: Iterable[str] = ()) -> None:
        self.blunt = frozenset(blunt)
        self._cues: dict[str | None, Cues | None] = {}
        self.weights = dict(weights)
        self.gate = Scores(self.weights["gate"])
        self.cue = Scores(self.weights["cue"])
        self.content = Scores(self.weights["content"])
        self._shapes: dict[tuple[str, str], Shapes] = {}
        self.speaker = Scores(self.weights["speaker"])
        self.type = TypeTable(self.weights["type"])
        self.authorial_type = TypeTable(self.weights["authorial_type"])
        self.mode = self.weights["mode"]
        self.quotation = self.weights["quotation"]
        self.clause = Clauses(self.weights["clause"])
        self.authorial = Author(self.weights["authorial"])

    def cues(self, lang: str | None) -> Cues | None:
        """The cues of a language as this model looks for them; None where the language has no lexicon."""
        if lang not in self._cues:
            cues = cues_of(lang)
            self._cues[lang] = cues and looked_for(cues, self.blunt, self.authorial.most)
        return self._cues[lang]

    def shapes(self, cue: Cue) -> Shapes:
        """The scores of the shapes that a content of this cue may have."""
        key = cue.kind, cue.implies
        known = self._shapes.get(key)
        if known is None:
            known = self._shapes[key] = Shapes(self.content, *key)
        return known

    def save(self, folder: str | Path) -> Path:
        """Writes the model into a folder that exists; gives the file's path."""
        path = Path(folder) / FILE
        text = json.dumps(
            {"format": FORMAT, "blunt": sorted(self.blunt), "weights": self.weights},
            ensure_ascii=False,
            sort_keys=True,
            separators=(",", ":"),
        )
        path.write_text(text, encoding="utf-8")
        return path

    @classmethod
    def load(cls, folder: str | Path) -> ClaimModel:
        """The model that `save` wrote; BundleError where the file is missing, damaged or of another format."""
        path = Path(folder) / FILE
        try:
            saved = json.loads(path.read_bytes())
        except FileNotFoundError as error:
            raise BundleError(f"{path}: is missing; get the bundle again, or train it again") from error
        except (ValueError, RecursionError) as error:
            raise BundleError(f"{path}: damaged: not valid JSON; get the bundle again") from error
        if not isinstance(saved, dict) or saved.get("format") != FORMAT or not isinstance(saved.get("weights"), dict):
            raise BundleError(f"{path}: not a claims model of format {FORMAT}; train it again with this claimtag")
        weights = saved["weights"]
        for name in DECISIONS:
            lot = weights.get(name)
            # `abs(nan) < x` is false too
            if not isinstance(lot, dict) or not all(
                isinstance(value, float | int) and abs(value) < HEAVIEST for value in lot.values()
            ):
                raise BundleError(f'{path}: damaged: the weights of "{name}" are missing or no numbers; train it again')
        blunt = saved.get("blunt")
        if not isinstance(blunt, list) or not all(isinstance(word, str) for word in blunt):
            raise BundleError(f'{path}: damaged: "blunt" is no list of words; train it again')
        try:
            return cls({name: weights[name] for name in DECISIONS}, blunt)
        except (KeyError, IndexError, ValueError) as error:
            raise BundleError(f"{path}: damaged: weights of features that are none; train it again") from error


class Shapes(dict[int, float]):
    """The score of each shape of a content, worked out when it is first asked for."""

    def __init__(self, scores: Scores, form: str, implies: str) -> None:
        super().__init__()
        self._scores, self._cue = scores, (form, implies)

    def __missing__(self, shape: int) -> float:
        value = self[shape] = self._scores[shape_part(shape, *self._cue)]
        return value


class Author:
    """How much a sentence's words speak for a judgement or forecast of the author's own."""

    def __init__(self, weights: Weights) -> None:
        self._edges = weights.get("", 0.0)
        self._first = {name[1:]: value for name, value in weights.items() if name[:1] == "^"}
        self._last = {name[1:]: value for name, value in weights.items() if name[:1] == "$"}
        self._words = _Words(weights)
        paired = ((name.partition(" "), value) for name, value in weights.items())
        self.pairs = {(one, other): value for (one, _, other), value in paired if other}
        self.shares = _shares(self.pairs)

    def score(self, words: Words) -> float:
        """The logit, or a number that it cannot exceed where this is too low for a claim.

        Words beyond the eightieth are not looked at, pairs only where the words alone leave it open.
        """
        if words.count <= READ:
            first, last = words.edges
            edges = self._edges + self._first.get(first, 0.0) + self._last.get(last, 0.0)
            most = most_of(words.shares) + edges
            if most < LEAST_AUTHORIAL:
                return most
        low = words.low[:READ]
        edges = self._edges + self._first.get(low[0], 0.0) + self._last.get(low[-1], 0.0)
        alone = edges + sum(map(self._words.__getitem__, low))
        if alone < OPEN:
            return alone
        return alone + sum(map(self.pairs.get, pairwise(low), repeat(0.0)))

    def most(self, word: str) -> float:
        """The most that a word adds, whatever words stand beside it."""
        return self._words[word] + self.shares.get(word, 0.0)


def _shares(pairs: Mapping[tuple[str, str], float]) -> dict[str, float]:
    """What each word answers for of the pairs it stands in, so that those of two words cover the pair of them.

    The word that stands in fewer pairs answers: "il" and "la" are in so many that they would say nothing.
    """
    often = Counter(word for pair in pairs for word in pair)
    left, right = dict[str, float](), dict[str, float]()
    for (one, other), value in sorted(pairs.items(), key=lambda entry: (-entry[1], entry[0])):
        missing = value - left.get(one, 0.0) - right.get(other, 0.0)
        if missing > 0:
            side, word = (left, one) if often[one] <= often[other] else (right, other)
            side[word] = side.get(word, 0.0) + missing
    return {word: left.get(word, 0.0) + right.get(word, 0.0) for word in {*left, *right}}


OPEN = -5.0  # below it no pairs of words have made a sentence of the training articles the author's own


class _Words(dict[str, float]):
    """The weight of a word with that of its beginning, remembered."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self._weights = weights

    def __missing__(self, word: str) -> float:
        if len(self) > 50_000:
            self.clear()
        get = self._weights.get
        value = self[word] = get("=" + word, 0.0) + (get(word[:5] + "*", 0.0) if len(word) > 5 else 0.0)
        return value


def author_features(low: list[str]) -> list[str]:
    """The features that `Author` scores."""
    low = low[:80]
    return [
        "",
        "^" + low[0],
        "$" + low[-1],
        *["=" + word for word in low],
        *map(" ".join, pairwise(low)),
        *[word[:5] + "*" for word in low if len(word) > 5],
    ]
