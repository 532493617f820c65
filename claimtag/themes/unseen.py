"""The zero-shot tagger: labels scored by their texts, as if they had no data, beside a model of those that have some.

Fitted by itself it says how well labels without data would do; with a base it scores the labels that a user added.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Self

import numpy as np
from pydantic import Field, TypeAdapter

from claimtag.errors import BundleError, OptionError, did_you_mean
from claimtag.scheme import Label, Scheme
from claimtag.themes.base import Scores, SentenceInArticle, ThemeModel, asked_of, indicator, masked
from claimtag.themes.identifying import Identity, check_identity
from claimtag.themes.likeness import WAYS, Likeness, likeness_from_dict
from claimtag.themes.options import Switch
from claimtag.themes.zeroshot import ENOUGH, FEWEST, ZeroShot, evenly, left_out, probabilities, taken, telling

FILE, BASE = "zeroshot.json", "base"
OPTIONS: Mapping[str, Any] = {
    "encoder": Annotated[str, Field(description="the name of an encoder, such as usem3")],
    **dict.fromkeys((f"with_{way}" for way in WAYS), Switch),
}
_TOLD = {"keywords": "its keywords", "words": "words of its texts", "encoder": "likeness of vectors to its texts"}


class Weight(NamedTuple):
    """What one comparison adds to the log-odds of a label."""

    feature: str
    part: str
    weight: float


class ZeroShotTagger:
    """A theme model that scores labels by their texts; those that a `base` model has learned are left to it.

    Fitted, it has no base, and scores each label by what the other labels teach: as if it had no data. With a base it
    is made by `extended_model`, for a scheme with labels that the base does not know.
    """

    def __init__(
        self,
        themes: Sequence[Label],
        *,
        encoder: str = "usem3",
        ways: Sequence[str] = WAYS,
        base: ThemeModel | None = None,
        base_kind: str = "",
    ) -> None:
        self.themes, self.encoder, self.ways = tuple(themes), encoder, tuple(ways)
        self.base, self.base_kind = base, base_kind

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the columns of `scores`, in their order."""
        return tuple(theme.id for theme in self.themes)

    @property
    def encoders(self) -> tuple[Identity, ...]:
        """The encoders that it reads with, those of its base included."""
        own = self.likeness_.encoder
        of_base = tuple(getattr(self.base, "encoders", ()))
        return of_base if own is None or own in of_base else (*of_base, own)

    def fit(self, X: Sequence[SentenceInArticle], y: Any) -> Self:
        """Learn from sentences X and their themes y: for each label from the decisions of all others."""
        _, gold = indicator(y, self.labels)
        rows = evenly(len(X))
        told = telling(self.themes, gold[rows])
        if len(told) < FEWEST:
            raise OptionError(
                f"{len(told)} labels have {ENOUGH} sentences or more and texts in the scheme (keywords, examples); "
                f"{FEWEST} are needed to learn what likeness to a label's texts means"
            )
        self.likeness_ = Likeness.learn(taken(X), ways=self.ways, encoder=self.encoder)
        numbers = self.likeness_.numbers([X[row] for row in rows], self.themes)
        known = masked(gold, asked_of(y))[rows]
        self.weights_ = np.array([left_out(numbers, known, column, told) for column in range(len(self.themes))])
        return self

    def scores(self, sentences: Sequence[SentenceInArticle]) -> Scores:
        """A matrix (sentences × labels) of probabilities; a row depends on its sentence and article alone."""
        scores = probabilities(self.likeness_.numbers(sentences, self.themes), self.weights_)
        if self.base is not None:
            column = {label: place for place, label in enumerate(self.labels)}
            scores[:, [column[label] for label in self.base.labels]] = self.base.scores(sentences)
        return scores

    def explain(self, sentence: SentenceInArticle, label: str) -> Sequence[tuple[str, str, float]]:
        """What each comparison with a label's texts adds to its log-odds, heaviest first; of a base's, what it says."""
        if label not in self.labels:
            raise OptionError(f'"{label}" is not one of the labels{did_you_mean(label, self.labels)}')
        if self.base is not None and label in self.base.labels:
            from claimtag.themes import model_kind

            return model_kind(self.base_kind).explain(self.base, sentence, label)
        column = self.labels.index(label)
        numbers = self.likeness_.numbers([sentence], self.themes)[0, column]
        values = (numbers * self.weights_[column, :-1]).tolist()
        told = [
            Weight(_TOLD[way], place, value)
            for (way, place), value in zip((name.split(", ") for name in self.likeness_.names), values, strict=True)
            if value
        ]
        return tuple(sorted(told, key=lambda weight: -abs(weight.weight)))


def extended_model(base: ThemeModel, base_kind: str, zeroshot: ZeroShot, scheme: Scheme) -> ZeroShotTagger:
    """The base model for its labels, and zero-shot scores for the others of a scheme that has all of its labels."""
    model = ZeroShotTagger(scheme.themes, ways=zeroshot.likeness.ways, base=base, base_kind=base_kind)
    model.likeness_ = zeroshot.likeness
    model.weights_ = np.tile(np.array(zeroshot.weights), (len(scheme.themes), 1))
    return model


def make(scheme: Scheme, **options: Any) -> ZeroShotTagger:
    """An unfitted tagger for the labels of a scheme.

    >>> from claimtag.scheme import load_scheme
    >>> make(load_scheme("security-cooperation"), with_encoder=False).ways
    ('keywords', 'words')
    """
    ways = tuple(way for way in WAYS if options.get(f"with_{way}", True))
    if not ways:
        raise OptionError(f"with_{', with_'.join(WAYS)}: all are off; leave one of them on")
    return ZeroShotTagger(scheme.themes, ways=ways, encoder=options.get("encoder", "usem3"))


def save(model: ZeroShotTagger, folder: Path) -> None:
    """Write the weights and the labels' texts, and the base, if there is one, in a folder of its own."""
    from claimtag.themes import model_kind

    if model.base is not None:
        (folder / BASE).mkdir()
        model_kind(model.base_kind).save(model.base, folder / BASE)
    record = {
        "base": model.base_kind if model.base is not None else "",
        "themes": [asdict(theme) for theme in model.themes],
        "weights": model.weights_.tolist(),
        "likeness": model.likeness_.to_dict(),
    }
    (folder / FILE).write_text(json.dumps(record, ensure_ascii=False) + "\n", encoding="utf-8")


def load(folder: Path) -> ZeroShotTagger:
    """The tagger saved in a folder; BundleError when a file is damaged, or its encoder is another here."""
    from claimtag.themes import model_kind

    try:
        record = json.loads((folder / FILE).read_bytes())
        themes = TypeAdapter(tuple[Label, ...]).validate_python(record["themes"])
        likeness, kind = likeness_from_dict(record["likeness"]), str(record["base"])
        weights = np.array(record["weights"], dtype=float)
        if weights.shape != (len(themes), len(likeness.names) + 1) or not np.isfinite(weights).all():
            raise ValueError(f"weights of shape {weights.shape}")
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise BundleError(f"{folder / FILE}: not a zero-shot tagger ({error}); train or get it again") from error
    if likeness.encoder is not None:
        check_identity(likeness.encoder)
    base = model_kind(kind).load(folder / BASE) if kind else None
    model = ZeroShotTagger(themes, ways=likeness.ways, base=base, base_kind=kind)
    if base is not None and not set(base.labels) <= set(model.labels):
        raise BundleError(f"{folder / FILE}: its base has labels that it lacks; train or get it again")
    model.encoder = likeness.encoder.spec if likeness.encoder else model.encoder
    model.likeness_, model.weights_ = likeness, weights
    return model


def explain(model: ZeroShotTagger, sentence: SentenceInArticle, label: str) -> Sequence[tuple[str, str, float]]:
    """`ZeroShotTagger.explain`, as every kind of model has it."""
    return model.explain(sentence, label)
