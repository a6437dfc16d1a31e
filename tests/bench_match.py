"""Matching against one findall of words over the same made texts (see tests/bench.py)."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from listener.model import Passage, Product, Query
from listener.query import Matcher

Part = tuple[str, Callable[[], object], Callable[[], object], float]
SYLLABLES = (
    *("ka", "lu", "mi", "to", "re", "sän", "bor", "wi", "fel", "gra", "pü", "nor", "schi", "tel"),
    *("max", "dro", "vin", "ös", "ber", "lau", "kon", "fix", "rit", "ham", "zel"),
)
SHAPES = (
    "{name}",
    '"{name} 3000" OR {name}',
    "{name} NOT gutschein",
    "{name}*",
    "{name} NEAR/5 test OR {name}-x2",
    "{name}",
    "{name} OR {{{name}}}",
    "{name} NOT NEAR/2 ({other} OR zoo)",
    "{name}",
    "{name} AND (kaputt OR {name})",
)
POSTS = 2_000
GOAL = 2.0


def parts() -> list[Part]:
    """Name, floor, product and the highest ratio of their times that is good."""
    chance = random.Random(20)
    names = _names(chance)
    posts = [_post(chance, names) for _ in range(POSTS)]
    return [_part(count, names, posts) for count in (10, 1_000)]


def _part(count: int, names: list[str], posts: list[Passage]) -> Part:
    matcher = Matcher([_product(number, names) for number in range(count)])
    return (
        f"match, {count} products / \\w+ findall",
        lambda: [re.findall(r"\w+", post.text) for post in posts],
        lambda: matcher.match(posts),
        GOAL,
    )


def _product(number: int, names: list[str]) -> Product:
    shape = SHAPES[number % len(SHAPES)]
    return Product(names[number], Query(shape.format(name=names[number], other=names[number - 1])))


def _word(chance: random.Random, syllables: int) -> str:
    return "".join(chance.choices(SYLLABLES, k=syllables))


def _names(chance: random.Random) -> list[str]:
    names: dict[str, None] = {}
    while len(names) < 1_000:
        names[(_word(chance, 2) + chance.choice(["ox", "yx", "eq"]) + _word(chance, 1)).capitalize()] = None
    return list(names)


def _post(chance: random.Random, names: list[str]) -> Passage:
    words = [_word(chance, chance.randint(1, 4)) for _ in range(60)]
    if chance.random() < 0.17:
        words[chance.randrange(60)] = chance.choice(names)
    text = " ".join(words).capitalize()
    extra = chance.random()
    if extra < 0.1:
        text += " 😀"
    elif extra < 0.3:
        text = f"„{text}“ … – und"
    elif extra < 0.35:
        text += " https://shop.example/x"
    return Passage(text + ".")
