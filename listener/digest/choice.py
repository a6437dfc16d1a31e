"""Which mentions are worth reading: different threads, strongest criticism and praise, surest judgements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from listener.digest.facts import Said
from listener.model import Place

PLACES: tuple[Place, ...] = ("text", "title", "quote")
COMPETITORS = 2  # at most so many mentions of competitors


class _Candidate(NamedTuple):
    said: Said
    order: tuple[float, float, str, str]
    marks: frozenset[tuple[str, ...]]


def choose(mentions: Iterable[Said], n: int) -> tuple[Said, ...]:
    """At most n mentions, no two of one thread or with one text; the order of the input does not matter.

    Own products come before competitors and every product before one that is already there; criticism and
    praise take turns, the strongest first.
    """
    rest = [_Candidate(said, _order(said), _marks(said)) for said in mentions]
    chosen: list[Said] = []
    products: Counter[str] = Counter()
    while rest and len(chosen) < n:
        wanted = "positive" if len(chosen) % 2 else "negative"
        best = min(
            rest, key=lambda one: (*_standing(one.said, products), one.said.label != wanted, one.order)
        )
        chosen.append(best.said)
        products[best.said.product] += 1
        full = sum(said.competitor for said in chosen) >= COMPETITORS
        rest = [one for one in rest if not (one.marks & best.marks or (full and one.said.competitor))]
    return tuple(chosen)


def _standing(said: Said, products: Counter[str]) -> tuple[bool, int, int]:
    return said.competitor, PLACES.index(said.place), products[said.product]


def _order(said: Said) -> tuple[float, float, str, str]:
    certain = said.probability or 0.0
    strong = certain / 2 if said.label == "neutral" else abs(said.score or 0.0)
    return -strong, -certain, said.url, said.product


def _marks(said: Said) -> frozenset[tuple[str, ...]]:
    """What two mentions may not share: the thread, the address, the words."""
    marks = [("thread", said.source, said.thread)] if said.thread else []
    words = " ".join(said.text.casefold().split())
    return frozenset([*marks, ("url", said.url), *([("words", words)] if words else [])])
