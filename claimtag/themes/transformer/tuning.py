"""Fine-tuning with `transformers.Trainer`: what is learnt from, how, until when, and where it goes on after a stop."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate.state import AcceleratorState
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score
from transformers import EarlyStoppingCallback, PrinterCallback, ProgressCallback, Trainer, TrainingArguments

from claimtag.themes.base import Scores
from claimtag.themes.transformer.network import Network, collate
from claimtag.themes.transformer.windows import Window

QUALITY = "average_precision"
BATCH_TOKENS = 8192  # in a batch that is only scored: bounds the memory
STATE = "trainer_state.json"  # what the Trainer writes last into a checkpoint


@dataclass(frozen=True, slots=True)
class Course:
    """How fine-tuning goes; `TransformerTagger` says what each means."""

    epochs: int
    batch: int
    accumulate: int
    learning_rate: float
    head_learning_rate: float
    warmup: float
    weight_decay: float
    patience: int
    bf16: bool
    seed: int
    device: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What fine-tuning came to."""

    epochs: float
    steps: int
    best: float | None = None
    """The quality of the epoch that was kept: the mean over labels of the average precision in the validation part."""
    best_step: int | None = None


def fine_tune(
    network: Network,
    windows: Sequence[Window],
    validation: Sequence[Window],
    gold: NDArray[Any],
    *,
    pad: int,
    course: Course,
    folder: Path,
    resume: bool,
) -> Outcome:
    """Trains the network in place, and gives it the weights of the epoch that was best on `validation`, if any.

    `gold` (rows × labels) is 0 or 1, or NaN where a label was not asked. Checkpoints are written into `folder` after
    every epoch; with `resume` they hold all that is needed to go on, and training goes on from the last whole one that
    lies there. The same seed gives the same weights on the same machine, with or without a stop in between.
    """
    alone = not AcceleratorState._shared_state  # nobody else's, to be left alone
    arguments = TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=course.epochs,
        per_device_train_batch_size=course.batch,
        gradient_accumulation_steps=course.accumulate,
        warmup_steps=course.warmup,  # below 1: a share of all steps
        lr_scheduler_type="linear",
        train_sampling_strategy="group_by_length",
        seed=course.seed,
        bf16=course.bf16,
        use_cpu=course.device == "cpu",
        dataloader_pin_memory=course.device != "cpu",
        eval_strategy="epoch" if validation else "no",
        save_strategy="epoch" if validation or resume else "no",
        save_only_model=not resume,
        save_total_limit=1,  # beside the best one
        load_best_model_at_end=bool(validation),
        metric_for_best_model=QUALITY,
        greater_is_better=True,
        restore_callback_states_from_checkpoint=resume,
        remove_unused_columns=False,
        label_names=["labels"],
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,  # its own bar would write what it logs to stdout
    )
    arguments._n_gpu = min(1, arguments.n_gpu)  # copies of the network could not share the sentences of a batch
    dataset = [{"input_ids": window.tokens, "window": window} for window in windows]
    trainer = _Trainer(
        model=network,
        args=arguments,
        train_dataset=dataset,
        eval_dataset=dataset[:0],
        data_collator=lambda items: collate([item["window"] for item in items], pad=pad, gold=gold),
        optimizers=(_optimizer(network, course), None),
        callbacks=[
            *([EarlyStoppingCallback(course.patience)] if validation and course.patience else []),
            *([_Bar()] if sys.stderr.isatty() else []),
        ],
    )
    trainer.remove_callback(PrinterCallback)
    trainer.quality = lambda: _quality(network, validation, gold, pad=pad, bf16=course.bf16)
    try:
        trainer.train(resume_from_checkpoint=last_checkpoint(folder) if resume else None)
    finally:
        if alone:
            AcceleratorState._reset_state(reset_partial_state=True)
    state = trainer.state
    return Outcome(
        epochs=float(state.epoch or 0),
        steps=state.global_step,
        best=state.best_metric,
        best_step=state.best_global_step,
    )


def logits(network: Network, windows: Sequence[Window], rows: int, *, pad: int, bf16: bool = False) -> Scores:
    """The logits of every row that a window holds; windows of like length are read together."""
    return _read(network, lambda **given: network(**given)["logits"], windows, rows, pad=pad, bf16=bf16)


def features(network: Network, windows: Sequence[Window], rows: int, *, pad: int, bf16: bool = False) -> Scores:
    """The features (see `Network`) of every row that a window holds."""
    return _read(network, network.features, windows, rows, pad=pad, bf16=bf16)


def _read(
    network: Network, says: Callable[..., Any], windows: Sequence[Window], rows: int, *, pad: int, bf16: bool
) -> Scores:
    device = next(network.parameters()).device
    width = network.head.out_features if says != network.features else network.head.in_features
    values = np.zeros((rows, width), dtype=np.float32)
    network.eval()
    with torch.inference_mode(), torch.autocast(device.type, dtype=torch.bfloat16, enabled=bf16):
        for batch in _batches(windows):
            tensors = {name: tensor.to(device) for name, tensor in collate(batch, pad=pad).items()}
            values[[row for window in batch for row in window.rows]] = says(**tensors).float().cpu().numpy()
    return values


class _Trainer(Trainer):  # type: ignore[misc]  # transformers is not read by mypy
    """The Trainer, with one number of ours after every epoch: its own loop counts windows, where sentences count."""

    quality: Callable[[], float]
    control: Any

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        metrics = {f"eval_{QUALITY}": self.quality()}
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics


class _Bar(ProgressCallback):  # type: ignore[misc]  # transformers is not read by mypy
    """The Trainer's bar, on stderr, and nothing else."""

    def on_log(self, *_: Any, **__: Any) -> None:
        pass


def _quality(network: Network, windows: Sequence[Window], gold: NDArray[Any], *, pad: int, bf16: bool) -> float:
    rows = sorted(row for window in windows for row in window.rows)
    scores, truth = logits(network, windows, len(gold), pad=pad, bf16=bf16)[rows], gold[rows]
    asked = ~np.isnan(truth)
    said = np.flatnonzero(np.nansum(truth, axis=0)).tolist()
    precisions = (average_precision_score(truth[asked[:, one], one], scores[asked[:, one], one]) for one in said)
    return float(np.mean(list(precisions)))


def _optimizer(network: Network, course: Course) -> Any:
    """AdamW; the head, which begins at nothing, learns faster, and neither biases nor norms decay."""
    groups: dict[tuple[bool, bool], list[Any]] = {}
    for name, weight in network.named_parameters():
        if not weight.requires_grad:
            continue
        groups.setdefault((name.startswith("head."), weight.ndim > 1), []).append(weight)
    return torch.optim.AdamW(
        [
            {
                "params": weights,
                "lr": course.head_learning_rate if head else course.learning_rate,
                "weight_decay": course.weight_decay if decays else 0.0,
            }
            for (head, decays), weights in groups.items()
        ]
    )


def _batches(windows: Sequence[Window]) -> Iterator[list[Window]]:
    """Longest first, so that memory that does not suffice is known at once."""
    batch: list[Window] = []
    for window in sorted(windows, key=lambda window: -len(window.tokens)):
        if batch and len(batch[0].tokens) * (len(batch) + 1) > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(window)
    if batch:
        yield batch


def last_checkpoint(folder: Path) -> str | None:
    """The last checkpoint that was written to its end; what was not is removed."""
    whole: dict[int, Path] = {}
    for checkpoint in folder.glob("checkpoint-*"):
        try:
            whole[json.loads((checkpoint / STATE).read_bytes())["global_step"]] = checkpoint
        except (OSError, ValueError, KeyError, TypeError):
            shutil.rmtree(checkpoint)
    return str(whole[max(whole)]) if whole else None
