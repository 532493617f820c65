"""What a model said on a test set, kept without the texts: scores and spans, each article with a hash of its text.

With the texts at hand the records come back, under the run's thresholds or any others.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from claimtag.claims import extract
from claimtag.errors import InputError, OptionError
from claimtag.evaluation.metrics import partners
from claimtag.experiments.files import Segmentation
from claimtag.experiments.stored import again
from claimtag.records import Article, Kind, SchemeRef, Sentence, TaggedArticle
from claimtag.tagging import Tagger
from claimtag.themes.base import Scores, context_of
from claimtag.themes.deciding import DIGITS, Deciding

FORMAT = "claimtag predictions 1"
_BATCH = 64  # articles tagged and scored at once
_SPANS = ("content", "cue", "speaker")


@dataclass(frozen=True, slots=True)
class Prediction:
    """One article as a model saw it: its sentences with their kinds, and a row of scores for each but boilerplate.

    `part` is the number of the model that made it, 0 unless the articles were dealt into folds. `claims` hold offsets
    where the record holds texts.
    """

    id: str
    text: str
    part: int
    sentences: tuple[tuple[int, int, Kind], ...]
    scores: Scores = field(repr=False)
    claims: tuple[Mapping[str, Any], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, scores as they are compared."""
        return {
            "id": self.id,
            "text": self.text,
            "part": self.part,
            "sentences": [list(sentence) for sentence in self.sentences],
            "scores": np.asarray(self.scores, dtype=float).round(DIGITS).tolist(),
            "claims": list(self.claims),
        }


def text_hash(article: Article) -> str:
    """The hash that stands for an article's text.

    >>> text_hash(Article("a", "Oui."))[:12]
    '3ef801402227'
    """
    return hashlib.sha256(article.text.encode("utf-8", "surrogatepass")).hexdigest()


def predict(
    tagger: Tagger, gold: Iterable[TaggedArticle], *, segmentation: Segmentation = "automatic", part: int = 0
) -> Iterator[Prediction]:
    """What the tagger makes of the bare articles, or of the sentences of the gold."""
    stream = iter(gold)
    while batch := list(islice(stream, _BATCH)):
        seen = list(tagger.tag(tagged.article for tagged in batch)) if segmentation == "automatic" else batch
        contexts = [context_of(tagged.sentences, tagged.article) for tagged in seen]
        rows = tagger.bundle.model.scores([context for article in contexts for context in article])
        ends = np.cumsum([len(article) for article in contexts])[:-1]
        for tagged, scores in zip(seen, np.split(rows, ends), strict=True):
            if segmentation == "gold":
                model = tagger.bundle.claims
                tagged = replace(tagged, claims=extract(tagged.article, tagged.sentences, model) if model else ())
            yield prediction_of(tagged, scores, part=part)


def prediction_of(tagged: TaggedArticle, scores: Scores, *, part: int = 0) -> Prediction:
    """A record without its texts; `tagged_articles` is the inverse, as far as the thresholds are the same."""
    return Prediction(
        id=tagged.article.id,
        text=text_hash(tagged.article),
        part=part,
        sentences=tuple((sentence.start, sentence.end, sentence.kind) for sentence in tagged.sentences),
        scores=np.asarray(scores, dtype=np.float32).round(DIGITS),
        claims=tuple(map(_without_texts, _claims(tagged))),
    )


def tagged_articles(
    predictions: Iterable[Prediction],
    gold: Iterable[TaggedArticle],
    decidings: Sequence[Deciding],
    *,
    scheme: SchemeRef,
    by: str,
) -> list[TaggedArticle]:
    """The predictions as records, their themes decided by `decidings[part]`, in the order of the gold.

    OptionError names articles that only one side has, or whose texts are others.
    """
    by_id = {prediction.id: prediction for prediction in predictions}
    records = []
    gold = list(gold)
    wanted = {tagged.article.id for tagged in gold}
    if missing := [identity for identity in wanted if identity not in by_id]:
        raise OptionError(f"the predictions lack {_named(missing)} of the gold; run the model on them")
    if missing := [identity for identity in by_id if identity not in wanted]:
        raise OptionError(f"the gold lacks {_named(missing)} of the predictions; give the gold of all of them")
    for tagged in gold:
        prediction = by_id[tagged.article.id]
        if prediction.text != text_hash(tagged.article):
            raise OptionError(
                f'article "{prediction.id}": the predictions were made on another text (hash {prediction.text[:12]}); '
                "take the gold of the run"
            )
        records.append(_record(prediction, tagged.article, decidings[prediction.part], scheme=scheme, by=by))
    return records


def _named(ids: Sequence[str]) -> str:
    return f"{len(ids)} article(s), {', '.join(map(json.dumps, sorted(ids)[:5]))}{', …' if len(ids) > 5 else ''},"


def score_matrix(gold: Iterable[TaggedArticle], predicted: Iterable[TaggedArticle], scores: Iterable[Scores]) -> Scores:
    """The scores of every gold sentence that is not boilerplate: those of the predicted one that overlaps it most.

    Where there is none, or it is boilerplate, they are 0.
    """
    rows: list[NDArray[np.float32]] = []
    for wanted, found, matrix in zip(gold, predicted, scores, strict=True):
        kept = [sentence for sentence in found.sentences if sentence.kind != "boilerplate"]
        place = {sentence.start: number for number, sentence in enumerate(kept)}
        nothing = np.zeros(matrix.shape[1], dtype=np.float32)
        for sentence, partner in zip(wanted.sentences, partners(wanted.sentences, found.sentences), strict=True):
            if sentence.kind != "boilerplate":
                row = place.get(partner.start) if partner else None
                rows.append(nothing if row is None else matrix[row])
    return np.array(rows, dtype=np.float32)


def write_predictions(path: Path, predictions: Iterable[Prediction], labels: Sequence[str]) -> None:
    """Predictions as compressed JSONL; the same ones give the same bytes."""
    lines = [{"format": FORMAT, "labels": list(labels)}, *(prediction.to_dict() for prediction in predictions)]
    content = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)
    path.write_bytes(gzip.compress(content.encode("utf-8", "surrogatepass"), mtime=0))


def read_predictions(path: Path) -> tuple[tuple[str, ...], list[Prediction]]:
    """The labels and the predictions of a file; InputError when it is not one, or damaged."""
    try:
        with gzip.open(path) as stream:
            head, *lines = map(json.loads, io.TextIOWrapper(stream, "utf-8", "surrogatepass"))
        if head.get("format") != FORMAT:
            raise ValueError(f'its format is not "{FORMAT}"')
        labels = tuple(map(str, head["labels"]))
        return labels, [_prediction(line, labels) for line in lines]
    except FileNotFoundError as error:
        raise InputError(
            f"{path}: not there: predictions stay on the machine that made them; {again(path.parent)}"
        ) from error
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path}: not predictions of an experiment, or damaged ({error}); {again(path.parent)}"
        ) from error


def _prediction(line: Mapping[str, Any], labels: Sequence[str]) -> Prediction:
    sentences = tuple((int(start), int(end), cast("Kind", kind)) for start, end, kind in line["sentences"])
    scores = np.array(line["scores"], dtype=np.float32).reshape(-1, len(labels))
    if len(scores) != sum(kind != "boilerplate" for _, _, kind in sentences):
        raise ValueError(f"article {line['id']!r} has {len(scores)} rows of scores for {len(sentences)} sentences")
    return Prediction(line["id"], line["text"], line["part"], sentences, scores, tuple(line["claims"]))


def _record(
    prediction: Prediction, article: Article, deciding: Deciding, *, scheme: SchemeRef, by: str
) -> TaggedArticle:
    decided = iter(deciding.decide(prediction.scores))
    sentences = []
    for start, end, kind in prediction.sentences:
        themes, review = ((), ()) if kind == "boilerplate" else next(decided)
        sentences.append(Sentence(start, end, article.text[start:end], kind, themes, review))
    bare = TaggedArticle(article, tuple(sentences), scheme=scheme, by=by).to_dict()
    bare["claims"] = [_with_texts(claim, article.text) for claim in prediction.claims]
    return TaggedArticle.from_dict(bare)


def _claims(tagged: TaggedArticle) -> list[dict[str, Any]]:
    claims: list[dict[str, Any]] = tagged.to_dict()["claims"]
    for claim in claims:
        source = claim.get("source")
        if source and source["name"] is not None and (at := tagged.article.text.find(source["name"])) >= 0:
            source["name"] = [at, at + len(source["name"])]  # a name that stands in the text is text
    return claims


def _without_texts(claim: dict[str, Any]) -> dict[str, Any]:
    for name in (*_SPANS, "source"):
        if claim.get(name):
            claim[name].pop("text")
    return claim


def _with_texts(claim: Mapping[str, Any], text: str) -> dict[str, Any]:
    whole = dict(claim)
    for name in (*_SPANS, "source"):
        if span := whole.get(name):
            span = dict(span)
            span["text"] = None if span["start"] is None else text[span["start"] : span["end"]]
            if isinstance(span.get("name"), list):
                span["name"] = text[slice(*span["name"])]
            whole[name] = span
    return whole
