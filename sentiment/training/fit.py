"""The training loop: batches of like length, warm-up and linear decay, checkpoints as it goes."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from listener.model import LABELS
from sentiment.training.mixture import Example
from sentiment.training.network import Judge, batch
from sentiment.windows import Encoded, encode, windows

log = logging.getLogger(__name__)
BATCH = 32
BUCKET = 24  # batches sorted by length together
BODY_RATE, HEAD_RATE, WARM_UP, SMOOTHING, DECAY = 2e-4, 1e-3, 0.05, 0.05, 0.01
SAVE_EVERY = 300


@dataclass(frozen=True, slots=True)
class Sample:
    """One encoded example."""

    encoded: Encoded
    label: int


def encoded(tokenizer: Any, examples: Sequence[Example]) -> list[Sample]:
    """The first window of each example, with its label's number."""
    found = ((windows(one.target), one.label) for one in examples)
    return [Sample(encode(tokenizer, cut[0]), LABELS.index(label)) for cut, label in found if cut]


def batches(samples: Sequence[Sample], seed: int) -> list[list[Sample]]:
    """Batches of like length, shuffled within their bucket, buckets in the order given."""
    chance = random.Random(seed)
    found: list[list[Sample]] = []
    for begin in range(0, len(samples), BATCH * BUCKET):
        bucket = sorted(samples[begin : begin + BATCH * BUCKET], key=lambda one: len(one.encoded.ids))
        pieces = [bucket[at : at + BATCH] for at in range(0, len(bucket), BATCH)]
        chance.shuffle(pieces)
        found.extend(pieces)
    return found


def fit(model: Judge, work: Sequence[Sequence[Sample]], out: Path, seconds: float) -> list[Path]:
    """Train on the batches in order; `seconds` only shortens the decay where the machine is too slow."""
    optimizer = _optimizer(model)
    loss_of = nn.CrossEntropyLoss(label_smoothing=SMOOTHING)
    model.train()
    saved: list[Path] = []
    for step, done, lost in _steps(model, work, optimizer, loss_of, seconds):
        if step % 20 == 0:
            log.info("step %d of %d, %.1f %% done, loss %.3f", step, len(work), 100 * done, lost)
        if step % SAVE_EVERY == 0:
            saved.append(save(model, out / f"step-{step:05d}.pt"))
    saved.append(save(model, out / "last.pt"))
    return saved


def _steps(
    model: Judge, work: Sequence[Sequence[Sample]], optimizer: Any, loss_of: Any, seconds: float
) -> Iterator[tuple[int, float, float]]:
    begun, average = time.monotonic(), 1.1
    for step, samples in enumerate(work, start=1):
        done = max(step / len(work), (time.monotonic() - begun) / seconds)
        if done > 1:
            return
        _set_rates(optimizer, done)
        average += 0.03 * (_step(model, samples, optimizer, loss_of) - average)
        yield step, done, average


def _step(model: Judge, samples: Sequence[Sample], optimizer: Any, loss_of: Any) -> float:
    inputs = batch([one.encoded for one in samples])
    labels = torch.tensor([one.label for one in samples])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = model(*inputs)
    loss = loss_of(logits.float(), labels)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return float(loss.detach())


def _optimizer(model: Judge) -> Any:
    body = [weight for weight in model.encoder.parameters() if weight.requires_grad]
    groups = [
        {"params": body, "lr": BODY_RATE, "base": BODY_RATE},
        {"params": list(model.head.parameters()), "lr": HEAD_RATE, "base": HEAD_RATE},
    ]
    return torch.optim.AdamW(groups, weight_decay=DECAY)


def _set_rates(optimizer: Any, done: float) -> None:
    factor = min(done / WARM_UP, (1 - done) / (1 - WARM_UP))
    for group in optimizer.param_groups:
        group["lr"] = group["base"] * factor


def save(model: Judge, path: Path) -> Path:
    """The weights, replaced in one move."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(model.state_dict(), path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)
    return path
