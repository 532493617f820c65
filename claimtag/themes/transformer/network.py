"""The network: an encoder, what it makes of a sentence and of the window around it, and one logit a label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from claimtag.themes.transformer.windows import Window

Tensors = dict[str, Any]


class Network(nn.Module):  # type: ignore[misc]  # torch is not read by mypy
    """Logits (sentences × labels) of the sentences in a batch of windows.

    A sentence is the mean of its own tokens, each of which has seen the whole window, beside the mean of all tokens of
    the window. Means, since the sentence encoders that are worth fine-tuning were trained on means; the window's since
    many themes are those of the article. While learning, features are taken less `centre` and by `scale`: sentence
    encoders' vectors all point one way, and differ by little. The loss is binary cross-entropy, mean over sentences
    and labels, less those that were not asked (NaN).
    """

    def __init__(self, encoder: Any, labels: int, *, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(2 * encoder.config.hidden_size, labels)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)
        self.register_buffer("centre", torch.zeros(2 * encoder.config.hidden_size))
        self.register_buffer("scale", torch.ones(()))
        self.register_buffer("pos_weight", torch.ones(labels), persistent=False)

    def forward(
        self, input_ids: Any, attention_mask: Any, sentence_of: Any, window_of: Any, labels: Any = None
    ) -> Tensors:
        """The logits, and with `labels` the loss; the other arguments are those of `features`."""
        features = self.features(input_ids, attention_mask, sentence_of, window_of)
        logits = self.head(self.dropout((features - self.centre) / self.scale)).float()
        if labels is None:
            return {"logits": logits}
        asked = labels.isnan().logical_not()
        losses = nn.functional.binary_cross_entropy_with_logits(
            logits, labels.nan_to_num(), weight=asked.float(), pos_weight=self.pos_weight, reduction="sum"
        )
        loss = losses / asked.sum().clamp(min=1)
        return {"loss": loss, "logits": logits}

    def features(self, input_ids: Any, attention_mask: Any, sentence_of: Any, window_of: Any) -> Any:
        """What the head reads of each sentence: its mean, and its window's.

        Of the tokens (windows × tokens) `sentence_of` numbers the sentence from 1 on, 0 is none of those asked for;
        `window_of` is the window of each sentence.
        """
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state.float()
        many = len(window_of)
        own = _means(hidden.flatten(0, 1), sentence_of.flatten(), many + 1)[1:]
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        around = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1)
        return torch.cat([own, around[window_of]], dim=1)

    def settle(self) -> None:
        """Takes `centre` and `scale` into the head: it says the same, of the features as they are."""
        with torch.no_grad():
            self.head.weight /= self.scale
            self.head.bias -= self.head.weight @ self.centre
            self.centre.zero_()
            self.scale.fill_(1)


def collate(windows: Sequence[Window], *, pad: int, gold: Any = None) -> Tensors:
    """What `Network` takes, padded to the longest window; with `gold`, labels of all rows (0, 1 or NaN)."""
    longest = max(len(window.tokens) for window in windows)
    input_ids = torch.full((len(windows), longest), pad, dtype=torch.long)
    attention_mask, sentence_of = torch.zeros_like(input_ids), torch.zeros_like(input_ids)
    window_of: list[int] = []
    for place, window in enumerate(windows):
        input_ids[place, : len(window.tokens)] = torch.tensor(window.tokens)
        attention_mask[place, : len(window.tokens)] = 1
        for begin, end in window.spans:
            window_of.append(place)
            sentence_of[place, begin:end] = len(window_of)
    batch: Tensors = {
        "input_ids": input_ids,
        "attention_mask": attention_mask,
        "sentence_of": sentence_of,
        "window_of": torch.tensor(window_of, dtype=torch.long),
    }
    if gold is not None:
        rows = [row for window in windows for row in window.rows]
        batch["labels"] = torch.as_tensor(gold[rows], dtype=torch.float32)
    return batch


def _means(vectors: Any, group_of: Any, groups: int) -> Any:
    """The mean vector of each group, 0 for one without vectors."""
    sums = vectors.new_zeros(groups, vectors.shape[1]).index_add(0, group_of, vectors)
    counts = vectors.new_zeros(groups).index_add(0, group_of, torch.ones_like(group_of, dtype=vectors.dtype))
    return sums / counts.clamp(min=1).unsqueeze(1)
