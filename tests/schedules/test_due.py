"""Due times are pure: laws over all clocks, and the days that summer time bends."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules import last_period, next_due

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
instants = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
lengths = st.timedeltas(timedelta(0), timedelta(days=30))
shares = st.floats(0, 1, exclude_max=True)


@given(instants, lengths, st.integers(0, 10**6), st.none() | lengths, shares)
def test_next_due_is_later_and_wishes_only_postpone(
    now: datetime, every: timedelta, failures: int, wish: timedelta | None, jitter: float
) -> None:
    due = next_due(now, every, failures=failures, retry_after=wish, jitter=jitter)
    assert due > now
    assert due >= now + every
    assert wish is None or due >= now + wish
    assert due <= now + max(next_due(now, every, failures=failures) - now, wish or every) * 1.1
    assert due >= next_due(now, every, failures=failures, jitter=jitter)


def test_wishes_are_spread_too() -> None:
    waits = [
        next_due(NOW, timedelta(minutes=5), retry_after=timedelta(hours=6), jitter=j) - NOW for j in (0, 0.5)
    ]
    assert waits == [timedelta(hours=6), timedelta(hours=6, minutes=18)]


def test_failures_double_the_wait_up_to_a_day() -> None:
    waits = [next_due(NOW, timedelta(hours=1), failures=count) - NOW for count in (0, 1, 2, 3, 9)]
    assert waits == [timedelta(hours=hours) for hours in (1, 2, 4, 8, 24)]
    assert next_due(NOW, timedelta(days=3), failures=5) - NOW == timedelta(days=3)


@pytest.mark.parametrize(
    ("every", "now", "first", "last"),
    [
        ("day", "2026-11-24T08:00+01:00", "2026-11-23", "2026-11-23"),
        ("day", "2026-11-24T07:29+01:00", "2026-11-22", "2026-11-22"),
        ("week", "2026-11-24T08:00+01:00", "2026-11-16", "2026-11-22"),
        ("week", "2026-11-23T07:00+01:00", "2026-11-09", "2026-11-15"),
        ("month", "2026-11-24T08:00+01:00", "2026-10-01", "2026-10-31"),
        ("month", "2027-01-01T07:00+01:00", "2026-11-01", "2026-11-30"),
        ("day", "2026-03-29T07:45+02:00", "2026-03-28", "2026-03-28"),
    ],
)
def test_the_newest_whole_period_whose_time_has_come(every: str, now: str, first: str, last: str) -> None:
    period = last_period(every, time(7, 30), datetime.fromisoformat(now), "Europe/Berlin")  # type: ignore[arg-type]
    assert (period.first, period.last) == (date.fromisoformat(first), date.fromisoformat(last))


@given(
    instants,
    st.sampled_from(["day", "week", "month"]),
    st.times(),
    st.sampled_from(["Europe/Berlin", "America/New_York", "UTC"]),
)
def test_a_period_is_over_before_it_is_due_and_the_next_is_not_due_yet(
    now: datetime, every: str, at: time, zone: str
) -> None:
    period = last_period(every, at, now, zone)  # type: ignore[arg-type]
    assert period.first <= period.last < period.due_at.date() + timedelta(days=1)
    assert period.due_at <= now
    later = last_period(every, at, period.due_at + timedelta(days=32), zone)  # type: ignore[arg-type]
    assert later.last > period.last
