"""What is usual, and what stands out: compared only with days that were really listened to."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from listener.model import DayPoint
from listener.series.daily import ALL
from listener.series.intervals import Z

LISTENED = 0.8  # least mean coverage at which a period is compared with others
PERIODS_BACK = 8
LEAST_COMPARABLE = 3
LEAST_BACKGROUND = 14  # listened days before anything may be called unusual
LEAST_SPIKE = 5  # mentions; fewer are never called many
FALSE_ALARMS = 0.002  # per judged period and direction
CHANGE_Z = statistics.NormalDist().inv_cdf(0.995)

Unusual = Literal["high", "low"]


@dataclass(frozen=True, slots=True)
class Usual:
    """Mentions of comparable periods: their median, and their middle 80 % rounded outwards."""

    expected: float
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Tone:
    """Several days of one series taken together; the score is None when nothing was scored."""

    mentions: int | None
    negative: int
    neutral: int
    positive: int
    score: float | None
    low: float | None
    high: float | None
    coverage: float | None

    @property
    def scored(self) -> int:
        """Mentions with a judgement."""
        return self.negative + self.neutral + self.positive


def usual(history: Iterable[DayPoint], first: date, last: date | None = None) -> Usual | None:
    """What the eight earlier periods with the same weekdays lead to expect; None if fewer than 3 compare.

    `history` holds the rows of one product; only the totals (channel and language "all") are looked at.
    """
    volumes = _comparable(history, first, last or first)
    if len(volumes) < LEAST_COMPARABLE:
        return None
    low, high = _quantile(volumes, 0.1), _quantile(volumes, 0.9)
    return Usual(statistics.median(volumes), math.floor(low), math.ceil(high))


def unusual(history: Iterable[DayPoint], first: date, last: date | None = None) -> Unusual | None:
    """Whether the period's volume lies in a tail of what was to be expected; None also if that is unknown.

    The tail is that of a negative binomial around the mean of the comparable periods. Its variance holds the
    uncertainty of that mean and the overdispersion of the last weeks' days (quasi-Poisson, Poisson at least).
    """
    rows = list(history)
    last = last or first
    past = _comparable(rows, first, last)
    now = _volume(_totals(rows), first, last)
    daily = _background(rows, first)
    if now is None or len(past) < LEAST_COMPARABLE or len(daily) < LEAST_BACKGROUND:
        return None
    mean = (sum(past) + 0.5) / len(past)
    variance = max(1.0, _dispersion(daily)) * mean * (1 + 1 / len(past))
    if now >= LEAST_SPIKE and now > mean and 1 - _below(now, mean, variance) < FALSE_ALARMS:
        return "high"
    return "low" if now < mean and _below(now + 1, mean, variance) < FALSE_ALARMS else None


def pooled(rows: Iterable[DayPoint], first: date, last: date) -> Tone:
    """The totals of a period; the score is the mean over its scored mentions."""
    days = [row for day, row in sorted(_totals(rows).items()) if first <= day <= last]
    counted = [row.mentions for row in days if row.mentions is not None]
    score, half = _pooled_score([row for row in days if row.score is not None])
    length = (last - first).days + 1
    return Tone(
        mentions=sum(counted) if counted else None,
        negative=sum(row.negative or 0 for row in days),
        neutral=sum(row.neutral or 0 for row in days),
        positive=sum(row.positive or 0 for row in days),
        score=score,
        low=None if score is None else max(-1.0, score - half),
        high=None if score is None else min(1.0, score + half),
        coverage=math.fsum(row.coverage or 0 for row in days) / length if days else None,
    )


def changed(now: Tone, before: Tone) -> float | None:
    """Difference of two scores where it is one: beyond 2.6 of its own standard errors, else None."""
    if now.score is None or before.score is None:
        return None
    difference = now.score - before.score
    return difference if abs(difference) > CHANGE_Z * math.hypot(_error(now), _error(before)) else None


def _error(tone: Tone) -> float:
    return _half(tone.score, tone.low, tone.high) / Z


def _half(score: float | None, low: float | None, high: float | None) -> float:
    if score is None or low is None or high is None:
        return 0.0
    return max(score - low, high - score)  # the clipped side of an interval is too short


def _pooled_score(rows: Sequence[DayPoint]) -> tuple[float | None, float]:
    weights = [(row.negative or 0) + (row.neutral or 0) + (row.positive or 0) for row in rows]
    if not (total := sum(weights)):
        return None, 0.0
    halves = [_half(row.score, row.score_low, row.score_high) for row in rows]
    mean = math.fsum(weight * (row.score or 0) for weight, row in zip(weights, rows, strict=True)) / total
    return mean, math.hypot(*(weight * half for weight, half in zip(weights, halves, strict=True))) / total


def _totals(rows: Iterable[DayPoint]) -> dict[date, DayPoint]:
    return {row.day: row for row in rows if row.channel == ALL and row.language == ALL}


def _comparable(history: Iterable[DayPoint], first: date, last: date) -> list[int]:
    totals = _totals(history)
    step = timedelta(weeks=math.ceil(((last - first).days + 1) / 7))
    shifts = [step * number for number in range(1, PERIODS_BACK + 1)]
    volumes = (_volume(totals, first - shift, last - shift) for shift in shifts)
    return [volume for volume in volumes if volume is not None]


def _volume(totals: dict[date, DayPoint], first: date, last: date) -> int | None:
    days = [totals.get(first + timedelta(days=number)) for number in range((last - first).days + 1)]
    counts = [day.mentions for day in days if day is not None and day.mentions is not None]
    coverage = math.fsum((day.coverage or 0) if day is not None else 0 for day in days) / len(days)
    return sum(counts) if len(counts) == len(days) and coverage >= LISTENED else None


def _background(rows: Iterable[DayPoint], first: date) -> list[tuple[date, int]]:
    since = first - timedelta(weeks=PERIODS_BACK)
    return [
        (day, row.mentions)
        for day, row in sorted(_totals(rows).items())
        if since <= day < first and row.mentions is not None and (row.coverage or 0) >= LISTENED
    ]


def _dispersion(days: Sequence[tuple[date, int]]) -> float:
    """Variance over mean, taken within weekdays so that a busy Monday is no noise (Pearson's estimate)."""
    groups: dict[int, list[int]] = {}
    for day, count in days:
        groups.setdefault(day.weekday(), []).append(count)
    squares = degrees = 0.0
    for counts in groups.values():
        if mean := statistics.fmean(counts):
            squares += math.fsum((count - mean) ** 2 for count in counts) / mean
            degrees += len(counts) - 1
    return squares / degrees if degrees else 1.0


def _below(count: int, mean: float, variance: float) -> float:
    """P(X < count) of a negative binomial with this mean and variance (variance > mean)."""
    size = mean * mean / (variance - mean)
    chance = size / (size + mean)
    start = size * math.log(chance) - math.lgamma(size)
    logs = (
        start + math.lgamma(number + size) - math.lgamma(number + 1) + number * math.log1p(-chance)
        for number in range(count)
    )
    return min(1.0, math.fsum(map(math.exp, logs)))


def _quantile(values: Sequence[int], share: float) -> float:
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    under = math.floor(place)
    over = min(under + 1, len(ordered) - 1)
    return ordered[under] + (ordered[over] - ordered[under]) * (place - under)
