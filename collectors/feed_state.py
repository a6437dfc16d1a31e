"""What is remembered of a feed between fetches; a damaged or older state is taken as far as it goes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from collectors.feed_overlap import KEPT, Mark, Reading, short
from collectors.feed_rhythm import MOST_ARRIVALS, RECENT, Rhythm

LATEST = 4_102_444_800  # the year 2100


@dataclass(frozen=True, slots=True)
class Remembered:
    """One feed as the last fetch left it: `address` is where it was found or moved to, without secrets.

    `emptied`: since when the feed has held nothing, which nobody believes at once. `is_told`: what the last
    fetch brought tells what was published (not stored).
    """

    address: str = ""
    found: bool = False
    etag: str = ""
    modified: str = ""
    since: datetime | None = None
    wait: timedelta | None = None
    reading: Reading = field(default_factory=lambda: Reading((), None))
    came: tuple[datetime, ...] = ()
    busiest: Mapping[int, float] = field(default_factory=dict)
    emptied: datetime | None = None
    is_told: bool = True

    @property
    def rhythm(self) -> Rhythm:
        """How its entries came."""
        return Rhythm(tuple(m.at for m in self.reading.marks if m.at), self.came, self.busiest)


def recalled(state: Mapping[str, Any], url: str) -> Remembered:
    """The memory of an address; an empty one if the state is another's."""
    if _text(state.get("asked")) != key(url):
        return Remembered()
    marks = tuple(_marks(state))
    return Remembered(
        address=_text(state.get("url")),
        found=state.get("found") is True,
        etag=_text(state.get("etag")),
        modified=_text(state.get("modified")),
        since=_instant(state.get("from")) if len(marks) == _told(state) else None,
        wait=_length(state.get("wait")),
        reading=Reading(marks, _instant(state.get("at")), _number(state.get("most"), len(marks))),
        came=tuple(sorted(filter(None, map(_instant, _list(state.get("came")))))),
        busiest=dict(_paces(state.get("busiest"))),
        emptied=_instant(state.get("emptied")),
    )


def stored(memory: Remembered, url: str) -> dict[str, Any]:
    """The memory as JSON; of the configured address, which may hold a token, only a hash."""
    reading = memory.reading
    return {
        "asked": key(url),
        "url": memory.address,
        "found": memory.found,
        "etag": memory.etag,
        "modified": memory.modified,
        "from": _epoch(memory.since),
        "at": _epoch(reading.at),
        "wait": memory.wait and round(memory.wait.total_seconds()),
        "most": reading.most,
        "seen": [[mark.id, mark.look, _epoch(mark.at)] for mark in reading.marks],
        "came": [_epoch(at) for at in memory.came],
        "emptied": _epoch(memory.emptied),
        "busiest": [[day, round(pace, 1)] for day, pace in sorted(memory.busiest.items())],
    }


def key(url: str) -> str:
    """Which address the state belongs to, without keeping it."""
    return hashlib.sha256(url.encode("utf-8", "replace")).hexdigest()[:16]


def _told(state: Mapping[str, Any]) -> int:
    """How many entries the state speaks of, readable or not; -1 if that is damaged."""
    rows = state.get("seen", state.get("ids"))
    return min(len(rows), KEPT) if isinstance(rows, list) else -1


def _marks(state: Mapping[str, Any]) -> list[Mark]:
    if "seen" not in state:  # before there were marks, the ids themselves were kept
        return [Mark(short(name), "") for name in _list(state.get("ids"))[:KEPT] if _text(name)]
    rows = [row for row in _list(state["seen"])[:KEPT] if isinstance(row, list) and len(row) == 3]
    return [Mark(_text(row[0]), _text(row[1]), _instant(row[2])) for row in rows if _text(row[0])]


def _paces(value: object) -> list[tuple[int, float]]:
    rows = [row for row in _list(value)[: 2 * RECENT.days] if isinstance(row, list) and len(row) == 2]
    return [
        (day, float(pace))
        for day, pace in rows
        if type(day) is int and type(pace) in (int, float) and 0 <= pace <= LATEST
    ]


def _list(value: object) -> list[Any]:
    return value[: 2 * (KEPT + MOST_ARRIVALS)] if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object, least: int) -> int:
    return max(least, value) if type(value) is int and value <= 100_000 else least


def _length(value: object) -> timedelta | None:
    return timedelta(seconds=value) if type(value) is int and 0 < value < LATEST else None


def _epoch(at: datetime | None) -> float | int | None:
    """Seconds since 1970, whole ones where they are."""
    if at is None:
        return None
    seconds = round(at.timestamp(), 3)
    return int(seconds) if seconds == int(seconds) else seconds


def _instant(value: object) -> datetime | None:
    """From seconds since 1970, or from text as it was written before."""
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value)
            return found.astimezone(UTC) if found.tzinfo else None
        if type(value) in (int, float) and 0 <= value <= LATEST:  # type: ignore[operator]
            return datetime.fromtimestamp(value, UTC)  # type: ignore[arg-type]
    except (ValueError, OverflowError):
        return None
    return None
