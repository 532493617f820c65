"""The transformer tagger: a pretrained encoder fine-tuned to say the labels of sentences, each read in its article."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from claimtag.errors import BundleError, OptionError, did_you_mean, require
from claimtag.themes.base import Scores, asked_of, indicator
from claimtag.themes.options import check_option
from claimtag.themes.transformer.leaving import without_each
from claimtag.themes.transformer.options import OPTIONS, UNSAVED
from claimtag.themes.transformer.pretrained import (
    find_device,
    origin,
    pad_of,
    read_encoder,
    read_tokenizer,
    windows_for,
)
from claimtag.themes.transformer.windows import Text, Window, cut_note, in_article

EXTRA = "transformers"
FILE, HEAD, ENCODER = "transformer.json", "head.safetensors", "encoder"
FORMAT = "claimtag-transformer"
FORMAT_VERSION = 1
RECIPE = 2  # how it learns: of another number are checkpoints that are not gone on with
FEWEST_TOKENS = 16


class Part(NamedTuple):
    """What one word, or another part of what was read, adds to the decision value of a label."""

    feature: str
    part: str
    weight: float


class CutWarning(UserWarning):
    """Sentences were longer than a model reads and counted to that length alone."""


class TransformerTagger:
    """A theme model: an encoder of the transformers library, fine-tuned with its Trainer.

    `encoder` is a folder or the id of a model on the hub. Of each article windows of at most `tokens` tokens are read,
    with up to `together` sentences each (`themes.transformer.windows`; with 1 every sentence has a window of its own,
    and as many times more tokens are read); before the title comes `prefix`, as the encoder was trained. The head
    begins with what logistic regressions make of the encoder as it is, and the vectors of words stay as they are
    (`themes.transformer.learning`). A step learns from `batch` windows, `accumulate` times that before the weights
    move. Of all articles the share `validation` is set aside, duplicates together: the epoch that is best there is
    kept, and training stops once `patience` epochs were no better (0: never). A label counts as many times more where
    it stands as it is rare, up to `pos_weight` times. `bf16` computes in half precision while learning, by default
    where the processor has it; scores are always computed in full precision, and a row differs by less than 1e-4
    whatever other sentences are asked for with it. With a folder as `checkpoint` a training that was broken off goes
    on where it was, and one that was finished is read from there; trainings of other data or options lie beside it
    without harm.

    A label that no training sentence has scores 0 everywhere, one that all have scores 1. `notes` say in plain words
    how training went; a sentence longer than the model reads is counted there, and warned of by `scores`. It takes
    minutes or hours to learn: `slow` tells `pipeline.train` to take calibration and thresholds from one fifth of the
    articles, held out, instead of from five folds.
    """

    slow = True

    def __init__(
        self,
        labels: Sequence[str],
        *,
        encoder: str = "intfloat/multilingual-e5-small",
        prefix: str = "query: ",
        tokens: int = 512,
        together: int = 32,
        epochs: int = 4,
        batch: int = 2,
        accumulate: int = 1,
        learning_rate: float = 1e-4,
        head_learning_rate: float = 3e-4,
        warmup: float = 0.1,
        weight_decay: float = 0.01,
        dropout: float = 0.1,
        pos_weight: float = 3.0,
        validation: float = 0.1,
        patience: int = 2,
        bf16: bool | None = None,
        seed: int = 0,
        checkpoint: str | None = None,
        device: str | None = None,
    ) -> None:
        given = locals()
        self.options: dict[str, Any] = {name: given[name] for name in OPTIONS}
        for name, kind in OPTIONS.items():
            check_option(name, self.options[name], kind)
        if tokens < FEWEST_TOKENS:
            raise OptionError(f"tokens must be at least {FEWEST_TOKENS}, so that a sentence has room, not {tokens}")
        self._labels = tuple(labels)
        self.notes: tuple[str, ...] = ()
        self._network: Any = None
        self._tokenizer: Any = None

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the columns of `scores`, in their order."""
        return self._labels

    def fit(self, X: Sequence[Text], Y: Any) -> Self:
        """Fine-tune on sentences and their themes: an indicator matrix (sentences × labels), or sets of labels.

        What a masked matrix hides was not asked, and does not count. Chance (the new weights, the order, what is
        dropped) comes from `seed` alone, and no generator of the process is touched.
        """
        for module in ("torch", "accelerate", "transformers"):
            require(module, extra=EXTRA)
        from claimtag.themes.transformer.learning import held_out, learn
        from claimtag.themes.transformer.quiet import quiet, seeded

        sentences = [in_article(text) for text in X]
        (_, gold), asked = indicator(Y, self._labels), asked_of(Y)
        if not sentences:
            raise OptionError("there is nothing to learn from: 0 sample(s), give annotated sentences")
        if len(gold) != len(sentences):
            raise OptionError(f"X holds {len(sentences)} sentences, Y {len(gold)} rows; give one row a sentence")
        with quiet(), seeded(self.options["seed"]):
            network, tokenizer = self._pretrained()
            self._check_budget(network.encoder, tokenizer)
            windows = windows_for(tokenizer, self.options).of(sentences)
            folder = self._folder(network, windows, gold, asked)
            if folder is not None and (folder / "finished").is_dir():
                done = load(folder / "finished", device=self.options["device"])
                self._network, self._tokenizer, self.notes = done._network, done._tokenizer, done.notes
                return self
            held = held_out(sentences, gold, self.options["validation"])
            begun = origin(self.options["encoder"], network.encoder)
            told = learn(
                network,
                windows,
                gold,
                held,
                asked=asked,
                pad=pad_of(tokenizer),
                options=self.options,
                folder=folder,
            )
            self.notes = (begun, *told)
            self._network, self._tokenizer = network, tokenizer
            if folder is not None:
                self._finish(folder)
        return self

    def scores(self, sentences: Sequence[Text]) -> Scores:
        """A matrix (sentences × labels) of probabilities; a row depends on its sentence and article alone.

        Warns (`CutWarning`) of sentences that are longer than the model reads.
        """
        with np.errstate(over="ignore"):
            return np.asarray(1 / (1 + np.exp(-self.decision_function(sentences))), dtype=np.float32)

    def decision_function(self, sentences: Sequence[Text]) -> Scores:
        """The logarithms of the odds, a matrix (sentences × labels)."""
        self._check_fitted()
        from claimtag.themes.transformer.quiet import quiet
        from claimtag.themes.transformer.tuning import logits

        listed = list(sentences)
        with quiet():
            windows = windows_for(self._tokenizer, self.options).of(listed)
            if said := cut_note(windows, self.options["tokens"]):
                warnings.warn(said, CutWarning, stacklevel=2)
            return logits(self._network, windows, len(listed), pad=pad_of(self._tokenizer))

    def explain(self, sentence: Text, label: str) -> tuple[Part, ...]:
        """What each word of the sentence, the title and the rest of the article add to the label's decision value.

        That is by how much the value falls when the word (or the title, or all other sentences) is left out; heaviest
        first. The weights need not sum up to anything: words count together. Each word takes as long as a reading of
        its window; of an endless sentence 100 words are tried.
        """
        self._check_fitted()
        if label not in self._labels:
            raise OptionError(f'"{label}" is not one of the labels{did_you_mean(label, self._labels)}')
        whole = in_article(sentence)
        named = list(without_each(whole))
        values = self.decision_function([whole, *(left for _, _, left in named)])[:, self._labels.index(label)]
        with np.errstate(invalid="ignore"):
            falls = np.nan_to_num(values[0] - values[1:])  # inf - inf: a label that is never said, or always
        parts = [Part(name, part, float(fall)) for (name, part, _), fall in zip(named, falls, strict=True)]
        return tuple(sorted(parts, key=lambda part: -abs(part.weight)))

    def _pretrained(self) -> tuple[Any, Any]:
        """A network on the pretrained encoder, with a new head, and the tokeniser."""
        from claimtag.themes.transformer.network import Network

        name = self.options["encoder"]
        try:
            encoder, tokenizer = read_encoder(name, local=False), read_tokenizer(name, local=False)
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            reason = str(error).strip().split("\n")[0]
            raise OptionError(
                f'the encoder "{name}" cannot be read: {reason}; give a folder with config.json, model.safetensors and '
                "tokenizer.json, or the id of a model on the hub"
            ) from error
        return Network(encoder, len(self._labels), dropout=self.options["dropout"]), tokenizer

    def _check_budget(self, encoder: Any, tokenizer: Any) -> None:
        limits = [getattr(encoder.config, "max_position_embeddings", None), tokenizer.model_max_length]
        most = min(limit for limit in limits if limit is not None and limit > 0)
        if self.options["tokens"] > most:
            raise OptionError(f"the encoder reads at most {most} tokens at once, not {self.options['tokens']}")

    def _folder(
        self, network: Any, windows: Sequence[Window], gold: NDArray[np.bool_], asked: NDArray[np.bool_] | None
    ) -> Path | None:
        """The folder of this training alone, named for all that its result depends on."""
        if self.options["checkpoint"] is None:
            return None
        # not the encoder's name: its weights count, wherever they lie
        settled = {name: value for name, value in self.options.items() if name not in {*UNSAVED, "encoder"}}
        digest = hashlib.sha256(json.dumps([RECIPE, settled, self._labels, gold.shape], sort_keys=True).encode())
        digest.update(np.packbits(gold).tobytes())
        if asked is not None:
            digest.update(np.packbits(asked).tobytes())
        for weight in network.parameters():
            digest.update(weight.detach().numpy().tobytes())
        for window in windows:
            digest.update(json.dumps([window.tokens, window.spans, window.rows]).encode())
        return Path(self.options["checkpoint"]) / digest.hexdigest()[:16]

    def _finish(self, folder: Path) -> None:
        """Keep what was learnt, and no checkpoint any more."""
        made = Path(tempfile.mkdtemp(dir=folder))
        save(self, made)
        made.rename(folder / "finished")
        for checkpoint in folder.glob("checkpoint-*"):
            shutil.rmtree(checkpoint)

    def _check_fitted(self) -> None:
        if self._network is None:
            raise OptionError("this TransformerTagger has not learnt anything yet; call fit, or load a saved tagger")


def save(model: TransformerTagger, folder: Path) -> None:
    """Write a fitted tagger into a folder: encoder and head as safetensors, tokeniser, and what was set, as JSON."""
    model._check_fitted()
    from safetensors.torch import save_file

    from claimtag.themes.transformer.quiet import quiet

    network = model._network
    with quiet():
        network.encoder.save_pretrained(folder / ENCODER)
        model._tokenizer.save_pretrained(folder / ENCODER)
    save_file({name: tensor.cpu().contiguous() for name, tensor in network.head.state_dict().items()}, folder / HEAD)
    record = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "labels": model.labels,
        "options": {name: value for name, value in model.options.items() if name not in UNSAVED},
        "notes": model.notes,
    }
    (folder / FILE).write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def load(folder: Path, *, device: str | None = None) -> TransformerTagger:
    """The tagger saved in a folder; BundleError when files are missing, damaged or do not fit each other.

    Nothing is fetched, and no code of the folder is run.
    """
    for module in ("torch", "safetensors", "transformers"):
        require(module, extra=EXTRA)
    from safetensors.torch import load_file

    from claimtag.themes.transformer.network import Network
    from claimtag.themes.transformer.quiet import quiet, seeded

    try:
        record = json.loads((folder / FILE).read_bytes())
        if record["format"] != FORMAT or record["format_version"] != FORMAT_VERSION:
            raise ValueError(f"its format is {record['format']!r} {record['format_version']!r}")
        model = TransformerTagger([str(label) for label in record["labels"]], **record["options"], device=device)
        with quiet(), seeded(0):
            network = Network(read_encoder(folder / ENCODER, local=True), len(model.labels))
            model._tokenizer = read_tokenizer(folder / ENCODER, local=True)
            network.head.load_state_dict(load_file(folder / HEAD))
        model._network = network.to(find_device(device)).eval()
        model.notes = tuple(map(str, record["notes"]))
    except Exception as error:  # transformers, tokenizers and safetensors raise many kinds on damaged files
        reason = str(error).strip().split("\n")[0]
        raise BundleError(f"{folder}: not a saved transformer tagger, or damaged ({reason}); get it again") from error
    return model
