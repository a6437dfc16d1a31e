"""When a source or a digest is due: pure functions, the clock is an argument."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

LONGEST_BACKOFF = timedelta(hours=24)
JITTER = 0.1


def next_due(
    now: datetime,
    every: timedelta,
    *,
    failures: int = 0,
    retry_after: timedelta | None = None,
    jitter: float = 0.0,
) -> datetime:
    """The next time to ask a source; always after `now`.

    Doubles the interval with each consecutive failure up to 24 h, and spreads sources by `jitter`
    (in [0, 1), up to a tenth of the wait later). `retry_after`, the wish of a server or of a feed's rhythm,
    only ever postpones, and is spread too: else all feeds of a kind that wake at once stay together.
    """
    wait = every * 2 ** min(failures, 16) if failures else every
    wait = min(wait, max(every, LONGEST_BACKOFF))
    wait = max(wait, retry_after or timedelta(0))
    return now + max(wait * (1 + JITTER * jitter), timedelta(seconds=1))


@dataclass(frozen=True, slots=True)
class Period:
    """The days a digest speaks of, first and last included, and when it is sent."""

    first: date
    last: date
    due_at: datetime


def last_period(every: Literal["day", "week", "month"], at: time, now: datetime, zone: str) -> Period:
    """The newest whole period whose sending time has passed (week: Monday to Sunday).

    A sending time that summer time skips or repeats is the first instant at or after it.
    """
    tz = ZoneInfo(zone)
    today = now.astimezone(tz).date()
    start = _start(every, today)
    if _instant(start, at, tz) > now:
        start = _start(every, start - timedelta(days=1))
    last = start - timedelta(days=1)
    return Period(_start(every, last), last, _instant(start, at, tz))


def _start(every: str, day: date) -> date:
    if every == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if every == "month" else day


def _instant(day: date, at: time, tz: ZoneInfo) -> datetime:
    return datetime.combine(day, at, tz).astimezone(ZoneInfo("UTC"))
