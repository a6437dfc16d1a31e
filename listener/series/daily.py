"""The rows of `daily`: counts, sentiment and coverage of each touched day."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from listener.model import DayPoint
from listener.series.intervals import Cell, effective_size, score_interval, share_interval

ALL = "all"
CLOSES_AFTER = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class SourceDay:
    """How much of one day one source was listened to; None is unknown and counts as not listened."""

    source: str
    channel: str
    day: date
    coverage: float | None


def points(
    cells: Iterable[Cell],
    coverage: Iterable[SourceDay],
    *,
    touched: Iterable[tuple[str, date]],
    now: datetime,
    zone: str,
) -> list[DayPoint]:
    """Rows of exactly the touched (product, day) pairs, sorted by product, day, channel, language.

    A cell holds product, day, channel, language ("all" for a total) and mentions, stories, threads, authors,
    negative, neutral, positive, scored, sum_score, sum_score_squared. `coverage` must hold one entry for each
    source that was active on a touched day, also for those that were not listened to at all.
    """
    by_pair: dict[tuple[str, date], dict[tuple[str, str], Cell]] = defaultdict(dict)
    for cell in cells:
        by_pair[cell["product"], cell["day"]][cell["channel"], cell["language"]] = cell
    by_day: dict[date, list[SourceDay]] = defaultdict(list)
    for entry in coverage:
        by_day[entry.day].append(entry)
    rows: list[DayPoint] = []
    for product, day in sorted(set(touched)):
        final = closed(day, by_day[day], now=now, zone=zone)
        rows += _day_rows(product, day, by_pair[product, day], by_day[day], final)
    return rows


def _day_rows(
    product: str,
    day: date,
    cells: Mapping[tuple[str, str], Cell],
    sources: Sequence[SourceDay],
    final: bool,
) -> list[DayPoint]:
    listened = _channel_coverage(sources)
    spoken = {key for key, cell in cells.items() if cell["mentions"] or (key[1] == ALL and cell["stories"])}
    keys = {(channel, ALL) for channel in listened} | spoken
    return [
        _point(product, day, key, cells[key] if key in spoken else {}, listened.get(key[0]), final)
        for key in sorted(keys)
    ]


def _channel_coverage(sources: Sequence[SourceDay]) -> dict[str, float | None]:
    shares: dict[str, list[float | None]] = {ALL: []}
    for source in sources:
        shares.setdefault(source.channel, []).append(source.coverage)
        shares[ALL].append(source.coverage)
    return {channel: _mean_coverage(values) for channel, values in shares.items()}


def _mean_coverage(values: Sequence[float | None]) -> float | None:
    if all(value is None for value in values):
        return None
    return round(math.fsum(min(1.0, max(0.0, value or 0.0)) for value in values) / len(values), 3)


def _point(
    product: str, day: date, key: tuple[str, str], cell: Cell, coverage: float | None, final: bool
) -> DayPoint:
    def count(name: str) -> int | None:
        return int(cell.get(name) or 0) if cell or coverage else None

    score, score_low, score_high = _score(cell)
    share, share_low, share_high = _share_negative(cell)
    return DayPoint(
        product=product,
        day=day,
        channel=key[0],
        language=key[1],
        mentions=count("mentions"),
        stories=count("stories"),
        threads=count("threads"),
        authors=count("authors"),
        negative=count("negative"),
        neutral=count("neutral"),
        positive=count("positive"),
        score=score,
        score_low=score_low,
        score_high=score_high,
        share_negative=share,
        share_negative_low=share_low,
        share_negative_high=share_high,
        coverage=coverage,
        final=final,
    )


def _score(cell: Cell) -> tuple[float | None, float | None, float | None]:
    if not (scored := int(cell.get("scored") or 0)):
        return None, None, None
    mean = min(1.0, max(-1.0, float(cell["sum_score"]) / scored))
    low, high = score_interval(mean, float(cell["sum_score_squared"]), scored, effective_size(cell, scored))
    return mean, low, high


def _share_negative(cell: Cell) -> tuple[float | None, float | None, float | None]:
    negative, neutral, positive = (int(cell.get(name) or 0) for name in ("negative", "neutral", "positive"))
    if not (judged := negative + neutral + positive):
        return None, None, None
    share = negative / judged
    low, high = share_interval(share, effective_size(cell, judged))
    return share, low, high


def closed(day: date, sources: Sequence[SourceDay], *, now: datetime, zone: str) -> bool:
    """Whether a day's figures are final: every source read past its end, or 48 h later with whatever gap."""
    end = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)
    complete = bool(sources) and all((source.coverage or 0) >= 1 - 1e-6 for source in sources)
    return now >= end + CLOSES_AFTER or (complete and now >= end)
