"""The posts of a page whose engine nobody knows, found as what repeats itself in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from urllib.parse import urlsplit

from collectors.engines._generic_authors import Authors, authors
from collectors.engines._generic_blocks import (
    Block,
    is_called_forum,
    openings_id,
    predecessors,
    series,
    stretched,
)
from collectors.engines._generic_bodies import Bodies, bodies
from collectors.engines._generic_dates import Calendar, Dates, dates
from collectors.engines._generic_outline import Outline, outline
from collectors.engines._generic_posts import thread_of
from collectors.reading import Page

MOST_SERIES = 24
FARTHEST_OPENING = 3000  # elements
MOST_OPENINGS = 8
MOST_LOOKS = 250_000  # elements in all series; a thread of 100 posts has some 10,000 in each


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
    def is_whole(self) -> bool:
        """Whether the blocks need nothing of what stands between them."""
        named = self.authors is not None and self.authors.coverage > 0.9
        return named and self.dates.coverage > 0.9 and self.bodies.coverage > 0.9

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


@dataclass(frozen=True)
class _Reader:
    """A page with what all readings of it share."""

    outline: Outline
    calendar: Calendar
    host: str
    title: str

    def read(self, pattern: str, named: float, blocks: Sequence[Block]) -> Induced | None:
        """What the blocks hold; None if they have no dates or no texts."""
        when = dates(self.outline, self.calendar, blocks)
        if when is None:
            return None
        who = authors(self.outline, blocks, self.host, self.title)
        taken = [
            (*when.taken[at], d[0], who.found[at][0] if who else None) for at, d in enumerate(when.found)
        ]
        names = [name for _, name in who.found] if who else [None] * len(blocks)
        what = bodies(self.outline, blocks, taken, names)
        before = tuple(predecessors(self.outline, blocks))
        return Induced(pattern, named, tuple(blocks), when, who, what, before) if what else None

    def readings(self) -> Iterator[Induced]:
        """All series of the page, with what stands between their blocks only where that is needed."""
        seen: set[tuple[Block, ...]] = set()
        looks = 0
        for one in series(self.outline)[:MOST_SERIES]:
            looks += sum(block.end - block.start for block in one.blocks)
            if looks > MOST_LOOKS:
                return
            for stretch in (False, True):
                blocks = stretched(self.outline, one.blocks) if stretch else one.blocks
                reading = None if blocks in seen else self.read(one.pattern, one.named, blocks)
                seen.add(blocks)
                if reading is not None:
                    yield reading
                    if reading.is_whole:
                        break


def induced(page: Page) -> list[Induced]:
    """All readings of a page, the likeliest first."""
    found = outline(page)
    title = thread_of(page).title.lower()
    reader = _Reader(found, Calendar(page, found), urlsplit(page.url).netloc, title)
    readings = list(reader.readings())
    likely = [one for one in readings if not refused(one)] or readings
    most = max((len(one.blocks) for one in likely), default=1)
    ranked = sorted(likely, key=lambda one: _rank(one, most), reverse=True)
    if not ranked:
        return []
    best = _by_number(ranked)
    is_thread = is_called_forum(page, found) and not refused(best)
    return [(_with_opening(reader, best) or best) if is_thread else best, *ranked[1:]]


def _with_opening(reader: _Reader, reading: Induced) -> Induced | None:
    """The reading with the post before its first block that has another kind of id, as openings may have.

    It must be made as the others are: date, author and text at the same places in it.
    """
    found, first = reader.outline, reading.blocks[0]
    known = {block.id for block in reading.blocks}
    near = found.elements[max(0, first.start - FARTHEST_OPENING) : first.start]
    candidates = ((one, next(openings_id(one), "")) for one in reversed(near) if one.end <= first.start)
    new = ((one, number) for one, number in candidates if number and number not in known and one.plain >= 10)
    for element, number in islice(new, MOST_OPENINGS):
        block = Block(number, element.number, element.number, element.end)
        whole = reader.read(reading.pattern, reading.named, (block, *reading.blocks))
        if whole is not None and _opens(whole) and not refused(whole):
            return whole
    return None


def _opens(whole: Induced) -> bool:
    """Whether the first block has all that the others have, and is the oldest."""
    if whole.authors is None or whole.authors.is_weak or whole.authors.found[0][1] is None:
        return False
    instants = [one[1][0] for one in whole.dates.found]
    known = [when for when in instants if when is not None]
    is_oldest = instants[0] is not None and instants[0] == min(known)
    return is_oldest and whole.bodies.found[0] is not None and whole.complete >= 0.9


def _rank(reading: Induced, most: int) -> float:
    """Confidence, with more blocks, fuller texts and surer dates before fewer."""
    size = reading.complete * len(reading.blocks) / most
    linked = reading.pattern.startswith("href")  # links also lead to the posts that are quoted
    return (
        reading.confidence
        + 0.4 * size
        - 0.1 * linked
        + 0.05 * reading.bodies.score
        + 0.02 * reading.dates.score
    )


def _by_number(ranked: Sequence[Induced]) -> Induced:
    """The likeliest reading; where its numbers only count the posts one of the same blocks with their ids."""
    best = ranked[0]
    ids = [int(block.id) if block.id.isdigit() else -1 for block in best.blocks]
    if -1 in ids or max(ids) - min(ids) > 1.5 * len(ids) + 2:
        return best
    for other in ranked[1:]:
        if [one.start for one in other.blocks] == [one.start for one in best.blocks]:
            numbers = [int(block.id) if block.id.isdigit() else -1 for block in other.blocks]
            if numbers != ids and all(a <= b for a, b in zip(ids, numbers, strict=True)):
                return replace(best, blocks=other.blocks)
    return best


def refused(reading: Induced) -> str:
    """Why a reading is none of a thread; "" if nothing speaks against it."""
    if reading.dates.order < 0.75:
        return "the dates of what repeats itself fall"
    if reading.rising < 0.6:
        return "the numbers of what repeats itself do not rise"
    if reading.bodies.links > (0.8 if reading.named >= 0.7 else 0.5):
        return "what repeats itself are links"
    exact = sum(how in ("second", "minute") for _, (_, how) in reading.dates.found)
    if reading.authors is not None and reading.authors.is_weak and exact < 0.5 * len(reading.blocks):
        return "what repeats itself has days and headings, but neither times nor names"
    if reading.authors is None or reading.authors.coverage < 0.5:
        return "what repeats itself has no authors"
    return ""
