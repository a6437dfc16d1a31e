"""Silence and deafness: coverage from what fetches promise."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from listener.errors import AccessError, TransientError
from storage import Storage
from storage.coverage import bounds, covered_share, merged
from tests.storage.made import NOW, aggregate, at, brands, fetched, ready, rows_of, source

BERLIN = ZoneInfo("Europe/Berlin")
TODAY = NOW.date()


def share(store: Storage, day: date, name: str = "heimwerker", now: datetime = NOW) -> float | None:
    rows = store.coverage_days(day, day, zone=UTC, now=now, source=name)
    return rows[0].coverage if rows else None


def test_a_gap_counts_until_it_is_closed(store: Storage) -> None:
    ready(store)
    fetched(store, at(hours=6), at(hours=12))
    assert share(store, TODAY) == 0.5
    fetched(store, NOW, at(hours=1))
    assert share(store, TODAY) == round(7 / 12, 3)
    fetched(store, NOW, at(hours=7))
    assert share(store, TODAY) == 1
    assert store.listening_since() == {"heimwerker": at(hours=12)}


def test_failures_lower_the_coverage_and_touch_the_day(store: Storage) -> None:
    ready(store)
    fetched(store, at(hours=36), at(hours=60))
    aggregate(store)
    fetched(store, NOW, error=TransientError("503", source="heimwerker"))
    touched = {mark.day for mark in store.touched_days()}
    assert touched == {TODAY, TODAY - timedelta(days=1)}
    assert share(store, TODAY - timedelta(days=1)) == 0
    assert store.failures("heimwerker") == 1
    fetched(store, NOW, at(hours=1))
    assert store.failures("heimwerker") == 0


def test_only_new_coverage_touches(store: Storage) -> None:
    ready(store)
    fetched(store, NOW, at(days=5))
    aggregate(store)
    fetched(store, NOW + timedelta(hours=1), at(days=5))
    assert {mark.day for mark in store.touched_days()} == {TODAY}


def test_a_promise_back_to_1970_touches_no_century(store: Storage) -> None:
    ready(store)
    fetched(store, NOW, datetime(1970, 1, 1, tzinfo=UTC))
    assert len({mark.day for mark in store.touched_days()}) == 3 * 365 + 1


def test_the_view_names_the_last_error_of_a_day(store: Storage) -> None:
    ready(store)
    fetched(store, at(hours=3), at(hours=12))
    fetched(store, at(hours=2), error=AccessError("403", source="heimwerker", url="https://f.example"))
    fetched(store, at(hours=1), at(hours=3))
    store.save_coverage(store.coverage_days(TODAY, TODAY, zone=UTC, now=NOW, source="heimwerker"))
    store.save_coverage(store.coverage_days(TODAY, TODAY, zone=UTC, now=NOW, source="heimwerker"))
    assert rows_of(store, "coverage") == [
        {
            "source": "heimwerker",
            "day": TODAY,
            "planned": 3,
            "succeeded": 2,
            "coverage": round(11 / 12, 3),
            "last_error": "heimwerker: https://f.example: 403",
            "notice": None,
        }
    ]


def test_a_source_has_days_from_its_first_to_its_removal(store: Storage) -> None:
    ready(store)
    fetched(store, NOW, at(days=1))
    store.sync([source()], brands(), NOW)
    later = NOW + timedelta(days=1)
    rows = store.coverage_days(TODAY - timedelta(days=9), TODAY + timedelta(days=9), zone=UTC, now=later)
    days = {name: [row.day for row in rows if row.source == name] for name in ("heimwerker", "blog")}
    assert days["heimwerker"] == [TODAY + timedelta(days=number) for number in (-1, 0, 1)]
    assert days["blog"] == [TODAY], "removed today, never heard before"


def test_long_ranges_are_whole(store: Storage) -> None:
    ready(store)
    fetched(store, NOW, at(days=100))
    rows = store.coverage_days(TODAY - timedelta(days=99), TODAY, zone=UTC, now=NOW, source="heimwerker")
    assert [row.coverage for row in rows] == [1.0] * 100


def test_status_of_sources(store: Storage) -> None:
    ready(store)
    fetched(store, at(days=1), at(days=2))
    fetched(store, NOW, error=AccessError("403", source="heimwerker"))
    store.set_due("heimwerker", NOW)
    blog, forum = store.sources_status(NOW)
    assert (blog.source, blog.last_success_at, blog.coverage, blog.last_error) == ("blog", None, None, None)
    assert (forum.last_success_at, forum.due_at, forum.failures) == (at(days=1), NOW, 1)
    assert (forum.last_error, forum.last_error_kind) == ("heimwerker: 403", "AccessError")
    assert forum.coverage == 0.5


def test_a_day_with_25_hours() -> None:
    start, end = bounds(date(2026, 10, 25), BERLIN)
    assert end - start == timedelta(hours=25)
    assert covered_share([(start + timedelta(hours=12.5), end)], start, end, end) == 0.5


HOURS = st.integers(0, 72).map(lambda hour: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour))


@given(st.lists(st.tuples(HOURS, HOURS)), HOURS)
def test_coverage_is_the_share_of_hours_that_an_interval_holds(
    intervals: list[tuple[datetime, datetime]], now: datetime
) -> None:
    start = datetime(2026, 1, 2, tzinfo=UTC)
    end = start + timedelta(days=1)
    hours = [start + timedelta(hours=number) for number in range(24)]
    passed = [hour for hour in hours if hour < now]
    heard = [hour for hour in passed if any(first <= hour < last for first, last in intervals)]
    assert covered_share(intervals, start, end, now) == (round(len(heard) / len(passed), 3) if passed else 0)
    assert merged(merged(intervals)) == merged(intervals)
