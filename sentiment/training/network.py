"""The network: a BERT encoder and a head on [mean of all tokens ; mean of the judged tokens]."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from sentiment.windows import Encoded

PAD = 1


class Judge(nn.Module):  # type: ignore[misc, unused-ignore]
    """Logits of negative, neutral, positive from the four inputs of `batch`."""

    def __init__(self, encoder: Any, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = encoder
        width = encoder.config.hidden_size
        self.head = nn.Sequential(
            nn.Dropout(dropout),
            nn.Linear(2 * width, width),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(width, 3),
        )

    def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any, pool_mask: Any) -> Any:
        states = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        return self.head(torch.cat([_mean(states, attention_mask), _mean(states, pool_mask)], dim=-1))


def _mean(states: Any, mask: Any) -> Any:
    weights = mask.unsqueeze(-1).to(states.dtype)
    return (states * weights).sum(1) / weights.sum(1).clamp(min=1.0)


def load(base: Path) -> Judge:
    """The base encoder in fp32 with a fresh head; its word embeddings stay as they are."""
    from transformers import AutoModel

    encoder = AutoModel.from_pretrained(
        base, dtype=torch.float32, add_pooling_layer=False, attn_implementation="eager"
    )
    encoder.embeddings.word_embeddings.weight.requires_grad = False
    return Judge(encoder)


def batch(encoded: Sequence[Encoded]) -> tuple[Any, Any, Any, Any]:
    """input_ids, attention_mask, token_type_ids, pool_mask, padded to the longest."""
    longest = max(len(one.ids) for one in encoded)

    def padded(lists: Sequence[list[int]], filler: int) -> Any:
        return torch.tensor([row + [filler] * (longest - len(row)) for row in lists])

    return (
        padded([one.ids for one in encoded], PAD),
        padded([[1] * len(one.ids) for one in encoded], 0),
        padded([one.marked for one in encoded], 0),
        padded([one.pooled for one in encoded], 0),
    )
