"""When a feed is to be asked again: its own rhythm, what it says of itself, and the bounds; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

RECENT = timedelta(days=14)  # "recent": two weeks hold two weekends, and a busy day is forgotten after them
JITTER = 1.1  # the latest that a planned fetch takes place, in waits
NEWEST = 10  # entries whose mean distance is the usual one: a day's burst weighs, one answer does not
PARTS = 8  # of a stated period
FEWEST_PARTS = 5  # parts with entries that are evidence
MOST_ARRIVALS = 200
_PERIODS = {"hourly": 1, "daily": 24, "weekly": 168, "monthly": 720, "yearly": 8760}
_PERIOD = re.compile(rb"<(?:\w+:)?updatePeriod[^<>]{0,200}>\s*(\w{4,8})\s*<", re.IGNORECASE)
_FREQUENCY = re.compile(rb"<(?:\w+:)?updateFrequency[^<>]{0,200}>\s*0*([1-9]\d{0,3})\s*<", re.IGNORECASE)
_WORDS = tuple(
    (timedelta(minutes=minutes), words)
    for minutes, words in (
        (1, "1m"), (2, "2m"), (3, "3m"), (5, "5m"), (10, "10m"), (15, "15m"), (20, "20m"), (30, "30m"),
        (45, "45m"), (60, "1h"), (90, "90m"), (120, "2h"), (180, "3h"), (240, "4h"), (360, "6h"),
        (480, "8h"), (720, "12h"), (1440, "1d"),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How entries come: instants at which they were published, instants at which they were seen to come
    (the first is that of the first reading), and of each day the shortest distance of entries in seconds,
    taken over half of what the feed holds.
    """

    published: tuple[datetime, ...] = ()
    came: tuple[datetime, ...] = ()
    busiest: Mapping[int, float] = field(default_factory=dict)


def arrivals(
    instants: Sequence[datetime | None], before: datetime | None, now: datetime
) -> tuple[datetime, ...]:
    """When new entries came: as published if that lies between the two readings, else evenly in between."""
    if before is None or before >= now:
        return ()
    step = (now - before) / (len(instants) + 1)
    found = [
        at if at is not None and before < at <= now else before + (place + 1) * step
        for place, at in enumerate(instants)
    ]
    return tuple(sorted(found))


def grown(rhythm: Rhythm, number: int, now: datetime) -> Rhythm:
    """The rhythm with the busiest stretch of each recent day taken over from its instants."""
    half = max(1, number // 2)
    busiest = {day: pace for day, pace in rhythm.busiest.items() if day >= _day(now - RECENT)}
    for instants in (sorted(rhythm.published), sorted(rhythm.came[1:])):
        for first, last in zip(instants, instants[half:], strict=False):
            day, pace = _day(last), (last - first).total_seconds() / half
            if _day(now - RECENT) <= day <= _day(now) and pace < busiest.get(day, float("inf")):
                busiest[day] = pace
    return Rhythm(rhythm.published, rhythm.came[:1] + rhythm.came[1:][-MOST_ARRIVALS:], busiest)


def _day(at: datetime) -> int:
    return at.astimezone(UTC).toordinal()


def half_time(rhythm: Rhythm, number: int, now: datetime) -> timedelta | None:
    """How long half of a feed's entries last at its busiest recent rhythm; None if nobody knows.

    In each stretch shorter than the shortest between an entry and the n-th after it, at most n entries came:
    a wait no longer than that lets at most half of the feed be replaced. The other half is the reserve.
    """
    recent = [pace for day, pace in rhythm.busiest.items() if _day(now - RECENT) <= day]
    if recent and number > 1:
        return timedelta(seconds=min(min(recent) * max(1, number // 2), 1e8))
    newest = max((*rhythm.published, *rhythm.came[1:]), default=None)
    if newest is not None and newest < now - RECENT:
        return RECENT  # nothing came since
    if not rhythm.published and rhythm.came and number > 1:  # no dates: what was seen since the first reading
        return now - rhythm.came[0] if len(rhythm.came) - 1 <= number // 2 else None
    return None


def usual_distance(rhythm: Rhythm, now: datetime) -> timedelta | None:
    """The mean distance of the newest ten entries, silence since included, so that a feed that dies slows."""
    found = []
    for instants, starts in ((rhythm.published, 0), (rhythm.came, 1)):
        newest = sorted(at for at in instants if at <= now)[-NEWEST:]
        if len(newest) > starts or (newest and not rhythm.published):
            found.append((now - newest[0]) / len(newest))
    return min(found, default=None)


def contradicted(wish: timedelta, instants: Iterable[datetime], now: datetime) -> bool:
    """Whether a stated period is a lie: entries come in more than two of eight parts of it, on average.

    Who publishes once in a period, in one go, fills one part, or two. Five filled parts are the least
    evidence; parts after the newest entry are silence and count too.
    """
    found = sorted(at for at in instants if at <= now)
    part = wish / PARTS
    if not found or part < timedelta(seconds=1):
        return False
    filled = {(at - found[0]) // part for at in found}
    all_parts = (now - found[0]) // part + 1
    return len(filled) >= FEWEST_PARTS and len(filled) * PARTS > 2 * all_parts


def stated_period(body: bytes) -> timedelta | None:
    """`sy:updatePeriod` with `sy:updateFrequency` (RSS module syndication): times a period."""
    found, often = _PERIOD.search(body[:50_000]), _FREQUENCY.search(body[:50_000])
    hours = _PERIODS.get(found[1].decode("ascii", "replace").lower()) if found else None
    return timedelta(hours=hours) / (int(often[1]) if often else 1) if hours else None


def next_wait(
    rhythm: Rhythm,
    number: int,
    now: datetime,
    *,
    every: timedelta,
    slowest: timedelta,
    said: Iterable[timedelta | None] = (),
    fresh_for: Iterable[timedelta | None] = (),
) -> timedelta:
    """How long to leave a feed alone, at least `every` and at most `slowest` (or `every`, if longer).

    - Half the usual distance of two entries: an entry waits a quarter of that on average, and the feed is
      asked about twice an entry.
    - Never so long that, at the busiest recent rhythm, more than half of its entries could be replaced,
      the jitter included. If that is not known, `every`.
    - What the feed says of itself (`said`: ttl, sy:updatePeriod) counts unless its rhythm contradicts it;
      that and how long the server calls its answer fresh (`fresh_for`) only postpone, within both bounds.
    """
    half, usual = half_time(rhythm, number, now), usual_distance(rhythm, now)
    bound = slowest if half is None else min(half / JITTER, slowest)
    own = min(usual / 2, bound) if half is not None and usual is not None else every
    seen = (*rhythm.published, *rhythm.came[1:])
    wishes = [wish for wish in said if wish and not contradicted(wish, seen, now)]
    wishes += [wish for wish in fresh_for if wish]
    return max(every, own, min(max(wishes, default=every), bound))


def proposal(rhythm: Rhythm, number: int, now: datetime, every: timedelta) -> str:
    """The length to write for a feed that was too fast for another: what half of its entries last."""
    half = half_time(rhythm, number, now)
    wanted = min(every / 2, every / 2 if half is None else half / JITTER)
    return next((words for length, words in reversed(_WORDS) if length <= wanted), _WORDS[0][1])


def in_words(length: timedelta) -> str:
    """A length as the configuration has it: `90m`, `6h`."""
    seconds = max(1, round(length.total_seconds()))
    known = {round(each.total_seconds()): words for each, words in _WORDS}
    for unit, size in (("w", 604_800), ("d", 86_400), ("h", 3600), ("m", 60)):
        if seconds % size == 0:
            return known.get(seconds, f"{seconds // size}{unit}")
    return f"{seconds}s"
