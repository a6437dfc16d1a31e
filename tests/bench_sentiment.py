"""Bench: the scorer beside the bare onnxruntime session on input that is already tokenised."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np

from listener.model import Target
from sentiment import Scorer
from sentiment.scorer import INPUTS
from sentiment.windows import encode, windows

Part = tuple[str, Callable[[], object], Callable[[], object], float]
TEXTS = 60
_OPENINGS = ["Also der {} ", "Habe den {} seit Mai und er ", "We bought the {} last year and it ", "Der {} "]
_MIDDLES = ["läuft ganz ordentlich", "has been fine so far", "macht, was er soll", "ist lauter als gedacht"]
_ENDS = [
    ", mehr kann ich nicht sagen.",
    ", das war es auch schon. ",
    ", and the battery lasts. ",
    ". Grüße aus Ulm. ",
]


def parts() -> list[Part]:
    """(name, floor, product, goal): seconds of product over seconds of floor must stay below the goal."""
    scorer, made = Scorer(), targets()
    feeds = [feed(scorer, target) for target in made]
    scorer(made[:1])

    def floor() -> list[Any]:
        return [scorer.session.run(["logits"], one) for one in feeds]

    return [("sentiment: scorer / bare onnxruntime session", floor, lambda: scorer(made), 1 / 0.85)]


def targets(seed: int = 5) -> list[Target]:
    """Invented posts of one to five sentences, each with its product."""
    chance = random.Random(seed)
    return [_target(chance) for _ in range(TEXTS)]


def _target(chance: random.Random) -> Target:
    name = chance.choice(["Brummfix 3", "Velora", "Knusperkugel"])
    rest = "".join(chance.choice(_MIDDLES) + chance.choice(_ENDS) for _ in range(chance.randint(1, 5)))
    text = chance.choice(_OPENINGS).format(name) + rest
    start = text.index(name)
    return Target(text, ((start, start + len(name)),), title="Erfahrungen mit dem Sauger?", language="de")


def feed(scorer: Scorer, target: Target) -> dict[str, Any]:
    """The input of the session for the only window of this target."""
    [window] = windows(target)
    encoded = encode(scorer.tokenizer, window)
    rows = (encoded.ids, [1] * len(encoded.ids), encoded.marked, encoded.pooled)
    return {name: np.array([row], dtype=np.int64) for name, row in zip(INPUTS, rows, strict=True)}
