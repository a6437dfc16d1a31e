"""Temperatures: one figure for each language, so that 0.8 means right in eight of ten."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from listener.model import LABELS
from sentiment.rows import Row
from sentiment.scorer import Scorer, Three
from sentiment.windows import encode, windows

STEPS = [math.exp(0.02 * step) for step in range(-60, 61)]  # 0.30 to 3.3
WRITTEN = 3.0  # weight of the product's own register beside one other set


@dataclass(frozen=True, slots=True)
class Logged:
    """The logits of one development row, with how much it counts."""

    logits: Sequence[float]
    label: int
    language: str
    weight: float


def logged(scorer: Scorer, sets: Mapping[str, Sequence[Row]]) -> list[Logged]:
    """Logits of every row; each set has the same weight, the written ones WRITTEN times that."""
    found: list[Logged] = []
    for name, rows in sets.items():
        weight = (WRITTEN if name.startswith("written") else 1.0) / len(rows)
        for row in rows:
            logits = scorer.logits(encode(scorer.tokenizer, windows(row.as_target())[0]))
            found.append(Logged(logits, LABELS.index(row.label), row.lang, weight))
    return found


def temperatures(rows: Sequence[Logged]) -> dict[str, float]:
    """The best temperature of each language and, under "*", of all rows."""
    languages = {row.language for row in rows}
    found = {name: _best([row for row in rows if row.language == name]) for name in sorted(languages)}
    return {**found, "*": _best(rows)}


def _best(rows: Sequence[Logged]) -> float:
    def loss(step: float) -> float:
        return math.fsum(row.weight * _surprise(row, step) for row in rows)

    best: float = min(STEPS, key=loss)
    return round(best, 4)


def _surprise(row: Logged, temperature: float) -> float:
    scaled = [logit / temperature for logit in row.logits]
    top = max(scaled)
    return top + math.log(sum(math.exp(value - top) for value in scaled)) - scaled[row.label]


def prior(sets: Mapping[str, Sequence[Row]]) -> Three:
    """The shares of the labels in the written sets: what to say of a text that says nothing."""
    rows = [row for name, found in sets.items() if name.startswith("written") for row in found]
    negative, neutral, positive = (sum(row.label == label for row in rows) / len(rows) for label in LABELS)
    return negative, neutral, positive


def choice_figure(rows: Sequence[Logged], sets: Mapping[str, Sequence[Row]]) -> float:
    """What a checkpoint is chosen by: half the macro-F1 of the written sets, half that of the others."""
    place = 0
    own: list[float] = []
    other: list[float] = []
    for name, found in sets.items():
        here = rows[place : place + len(found)]
        place += len(found)
        (own if name.startswith("written") else other).append(macro_f1(here))
    return (sum(own) / len(own) + sum(other) / len(other)) / 2


def macro_f1(rows: Sequence[Logged]) -> float:
    """Mean F1 over the labels that occur."""
    said = [max(range(3), key=row.logits.__getitem__) for row in rows]
    scores = []
    for label in range(3):
        meant = sum(row.label == label for row in rows)
        both = sum(row.label == guess == label for row, guess in zip(rows, said, strict=True))
        if meant or said.count(label):
            scores.append(2 * both / (meant + said.count(label)))
    return sum(scores) / len(scores)
