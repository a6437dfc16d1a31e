"""Which mentions are worth reading: different threads, strongest criticism and praise, surest judgements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from listener.digest.facts import Said
from listener.model import Place

PLACES: tuple[Place, ...] = ("text", "title", "quote")
COMPETITORS = 2  # at most so many mentions of competitors


def choose(mentions: Iterable[Said], n: int) -> tuple[Said, ...]:
    """At most n mentions, no two of one thread or with one text; the order of the input does not matter.

    Own products come before competitors and every product before one that is already there; criticism and
    praise take turns, the strongest first.
    """
    rest = list(mentions)
    chosen: list[Said] = []
    products: Counter[str] = Counter()
    while rest and len(chosen) < n:
        wanted = "positive" if len(chosen) % 2 else "negative"
        best = min(rest, key=lambda said: (_standing(said, products), said.label != wanted, _order(said)))
        chosen.append(best)
        products[best.product] += 1
        full = sum(said.competitor for said in chosen) >= COMPETITORS
        rest = [said for said in rest if not (_same(said, best) or (full and said.competitor))]
    return tuple(chosen)


def _standing(said: Said, products: Counter[str]) -> tuple[bool, int, int]:
    return said.competitor, PLACES.index(said.place), products[said.product]


def _order(said: Said) -> tuple[float, float, str, str]:
    certain = said.probability or 0.0
    strong = certain / 2 if said.label == "neutral" else abs(said.score or 0.0)
    return -strong, -certain, said.url, said.product


def _same(one: Said, other: Said) -> bool:
    same_thread = one.source == other.source and one.thread == other.thread and one.thread != ""
    return same_thread or one.url == other.url or _folded(one.text) == _folded(other.text) != ""


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
