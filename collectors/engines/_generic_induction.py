"""The posts of a page whose engine nobody knows, found as what repeats itself in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from urllib.parse import urlsplit

from collectors.engines._generic_authors import Authors, authors
from collectors.engines._generic_blocks import Block, Series, predecessors, series, stretched
from collectors.engines._generic_bodies import Bodies, bodies
from collectors.engines._generic_dates import Calendar, Dates, dates
from collectors.engines._generic_outline import Outline, outline
from collectors.engines._generic_posts import thread_of
from collectors.reading import Page

MOST_SERIES = 24


@dataclass(frozen=True)
class Induced:
    """A series of blocks with what was found in them."""

    pattern: str
    named: float
    blocks: tuple[Block, ...]
    dates: Dates
    authors: Authors | None
    bodies: Bodies
    before: tuple[int | None, ...]

    @property
    def rising(self) -> float:
        """The share of neighbours whose numbers rise."""
        ids = [int(block.id) if block.id.isdigit() else 0 for block in self.blocks]
        pairs = [(ids[a], b) for a, b in zip(self.before, ids, strict=True) if a is not None]
        return sum(a < b or a == b == 0 for a, b in pairs) / len(pairs) if pairs else 1.0

    @property
    def complete(self) -> float:
        """The share of blocks with an instant and a text among those that have something of a post.

        A block without text, or with neither date nor author, is the rest of a deleted post, or an advert.
        """
        names = [name for _, name in self.authors.found] if self.authors else [None] * len(self.blocks)
        parts = list(zip(self.dates.found, self.bodies.found, names, strict=True))
        alike = [
            d[1][0] is not None for d, b, name in parts if b is not None and (d[1][0] is not None or name)
        ]
        return sum(alike) / len(alike) if sum(alike) >= 0.5 * len(parts) else 0.0

    @property
    def confidence(self) -> float:
        named = self.authors.coverage if self.authors else 0
        many = 1 - 1 / len(self.blocks)
        return self.complete * (
            0.30 * self.dates.order + 0.15 * self.rising + 0.20 * self.named + 0.25 * named + 0.10 * many
        )


def induced(page: Page) -> list[Induced]:
    """All readings of a page, the likeliest first."""
    found = outline(page)
    calendar = Calendar(page, found)
    host, title = urlsplit(page.url).netloc, thread_of(page).title.lower()
    readings = []
    seen: set[tuple[Block, ...]] = set()
    for one in series(found)[:MOST_SERIES]:
        for blocks in _extents(found, one):
            if blocks in seen:
                continue
            seen.add(blocks)
            reading = _reading(found, calendar, one, blocks, host, title)
            if reading is not None:
                readings.append(reading)
    likely = [one for one in readings if not refused(page, one)] or readings
    most = max((len(one.blocks) for one in likely), default=1)
    ranked = sorted(likely, key=lambda one: _rank(one, most), reverse=True)
    return [_by_number(ranked), *ranked[1:]] if ranked else []


def _rank(reading: Induced, most: int) -> float:
    """Confidence, with more blocks, fuller texts and surer dates before fewer."""
    size = reading.complete * len(reading.blocks) / most
    return reading.confidence + 0.5 * size + 0.05 * reading.bodies.score + 0.02 * reading.dates.score


def _by_number(ranked: Sequence[Induced]) -> Induced:
    """The likeliest reading; where its numbers only count the posts one of the same blocks with their ids."""
    best = ranked[0]
    ids = [int(block.id) if block.id.isdigit() else -1 for block in best.blocks]
    if -1 in ids or any(b - a != 1 for a, b in pairwise(ids)):
        return best
    for other in ranked[1:]:
        if [one.start for one in other.blocks] == [one.start for one in best.blocks]:
            numbers = [int(block.id) if block.id.isdigit() else -1 for block in other.blocks]
            if numbers != ids and all(a <= b for a, b in zip(ids, numbers, strict=True)):
                return replace(best, blocks=other.blocks)
    return best


def _extents(found: Outline, one: Series) -> Iterator[tuple[Block, ...]]:
    yield one.blocks
    yield stretched(found, one.blocks)


def _reading(
    found: Outline, calendar: Calendar, one: Series, blocks: Sequence[Block], host: str, title: str
) -> Induced | None:
    when = dates(found, calendar, blocks)
    if when is None:
        return None
    who = authors(found, blocks, host, title)
    taken = [(*when.taken[at], d[0], who.found[at][0] if who else None) for at, d in enumerate(when.found)]
    names = [name for _, name in who.found] if who else [None] * len(blocks)
    what = bodies(found, blocks, taken, names)
    return (
        Induced(one.pattern, one.named, tuple(blocks), when, who, what, tuple(predecessors(found, blocks)))
        if what
        else None
    )


def refused(page: Page, reading: Induced) -> str:
    """Why a reading is none of a thread; "" if nothing speaks against it."""
    if reading.dates.order < 0.75:
        return "the dates of what repeats itself fall"
    if reading.rising < 0.6:
        return "the numbers of what repeats itself do not rise"
    if reading.bodies.links > (0.8 if reading.named >= 0.7 else 0.5):
        return "what repeats itself are links"
    if reading.authors is None or reading.authors.coverage < 0.5:
        return "what repeats itself has no authors"
    return ""
