"""Coverage: what share of a day a source was listened to, from the intervals that fetches promise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select, update

from listener.errors import CollectError
from storage import tables as t
from storage import touched
from storage.columns import storable
from storage.rows import CoverageDay, SourceStatus
from storage.sources import IMPORTED
from storage.statements import insert, source_number

Interval = tuple[datetime, datetime]
ONE_DAY = timedelta(days=1)
WEEK = timedelta(days=7)
MONTH = timedelta(days=30)
REACH = timedelta(days=3 * 365)  # a promise reaches no further back: one entry dated 1970 is no century


def merged(intervals: Sequence[Interval]) -> list[Interval]:
    """The union as disjoint intervals, in order."""
    union: list[Interval] = []
    for start, end in sorted(intervals):
        if union and start <= union[-1][1]:
            union[-1] = (union[-1][0], max(union[-1][1], end))
        elif start < end:
            union.append((start, end))
    return union


def covered_share(
    intervals: Sequence[Interval], day_start: datetime, day_end: datetime, now: datetime
) -> float:
    """Share of the day (of today: of the part that has passed) that the union of intervals covers.

    In thousandths: the seconds that a run takes are no gap, and two runs side by side say the same.
    """
    end = min(day_end, now)
    if end <= day_start:
        return 0.0
    parts = [(max(day_start, start), min(end, stop)) for start, stop in intervals]
    covered = sum((stop - start for start, stop in merged(parts)), timedelta())
    return round(covered / (end - day_start), 3)


def bounds(day: date, zone: tzinfo) -> Interval:
    """When a calendar day begins and ends, in UTC: 23 or 25 hours later where the clocks change."""
    midnights = (datetime(at.year, at.month, at.day, tzinfo=zone) for at in (day, day + ONE_DAY))
    start, end = (midnight.astimezone(UTC) for midnight in midnights)
    return start, end


def _days_of(interval: Interval, zone: tzinfo) -> Iterator[date]:
    day, last = (instant.astimezone(zone).date() for instant in interval)
    while day <= last:
        yield day
        day += ONE_DAY


def _uncovered(interval: Interval, intervals: Sequence[Interval]) -> list[Interval]:
    """The parts of `interval` that the others leave open."""
    start, end = interval
    gaps: list[Interval] = []
    for covered_from, covered_to in merged(intervals):
        if covered_to <= start or covered_from >= end:
            continue
        if covered_from > start:
            gaps.append((start, covered_from))
        start = max(start, covered_to)
    return [*gaps, (start, end)] if start < end else gaps


def save_fetch(connection: Connection, source: str, row: Mapping[str, Any], zone: tzinfo) -> None:
    """Write the attempt, count failures, touch the days whose coverage it changed."""
    source_id = source_number(connection, source)
    started_at, succeeded = row["started_at"], row["succeeded"]
    since = max(row["covered_from"] or started_at, started_at - REACH)
    before = _fetches(connection, since, started_at, source_id)
    last = connection.execute(
        select(func.max(t.fetch.c.started_at)).where(t.fetch.c.source_id == source_id)
    ).scalar()
    changed = _uncovered((since, started_at), _intervals(before))
    changed.append((min(last or started_at, started_at), row["finished_at"]))
    said = {name: storable(row[name]) for name in ("error", "notice") if row[name] is not None}
    connection.execute(t.fetch.insert().values(**{**row, **said}, source_id=source_id))
    known = connection.execute(select(t.source.c.covered_since).where(t.source.c.id == source_id)).scalar()
    promised = [instant for instant in (known, row["covered_from"]) if instant is not None]
    connection.execute(
        update(t.source)
        .where(t.source.c.id == source_id)
        .values(
            failures=0 if succeeded else t.source.c.failures + 1,
            covered_since=min(promised, default=None),
        )
    )
    touched.touch_active(connection, {day for part in changed for day in _days_of(part, zone)})


def open_days(connection: Connection, source_id: int, wanted: Interval, zone: tzinfo) -> set[date]:
    """The days of an interval that are not covered whole yet."""
    intervals = _intervals(_fetches(connection, *wanted, source_id))
    return {day for part in _uncovered(wanted, intervals) for day in _days_of(part, zone)}


def kind_of(error: CollectError) -> str:
    """The name of a failure in the error tree, whatever a collector made of it."""
    return next(kind.__name__ for kind in type(error).__mro__ if kind.__module__ == CollectError.__module__)


def _fetches(
    connection: Connection, since: datetime, until: datetime, source_id: int | None = None
) -> Sequence[Row[Any]]:
    """Fetches whose promise, or whose attempt, lies between two instants."""
    fetch = t.fetch.c
    rows = select(t.fetch).where(
        fetch.started_at >= since, func.coalesce(fetch.covered_from, fetch.started_at) <= until
    )
    if source_id is not None:
        rows = rows.where(fetch.source_id == source_id)
    return connection.execute(rows.order_by(fetch.started_at, fetch.id)).all()


def _intervals(fetches: Sequence[Row[Any]]) -> list[Interval]:
    return [(row.covered_from, row.started_at) for row in fetches if row.covered_from is not None]


def _by_source(fetches: Sequence[Row[Any]]) -> dict[int, list[Row[Any]]]:
    grouped: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in fetches:
        grouped[row.source_id].append(row)
    return grouped


def _sources(source: str | None = None) -> Select[Any]:
    rows = select(t.source).order_by(t.source.c.active.desc(), t.source.c.name)
    return rows if source is None else rows.where(t.source.c.name == source)


def days(
    connection: Connection,
    since: date,
    until: date,
    *,
    zone: tzinfo,
    now: datetime,
    source: str | None = None,
) -> list[CoverageDay]:
    """Every source and day between its first day (added, or covered before that) and its removal."""
    sources = connection.execute(_sources(source)).all()
    found: list[CoverageDay] = []
    while since <= until:
        last = min(until, since + MONTH)
        grouped = _by_source(_fetches(connection, bounds(since, zone)[0], bounds(last, zone)[1]))
        for row in sources:
            begun = min(row.added_at, row.covered_since or row.added_at)
            found += _source_days(row, grouped[row.id], (since, last), begun, zone, now)
        since = last + ONE_DAY
    return found


def _source_days(
    row: Row[Any],
    fetches: Sequence[Row[Any]],
    wanted: tuple[date, date],
    begun: datetime,
    zone: tzinfo,
    now: datetime,
) -> Iterator[CoverageDay]:
    ended = min(now, row.removed_at or now)
    day = max(wanted[0], begun.astimezone(zone).date())
    last = min(wanted[1], ended.astimezone(zone).date())
    intervals = merged(_intervals(fetches))
    while day <= last:
        if row.fingerprint != IMPORTED:
            yield _day(row.name, day, fetches, intervals, zone, ended)
        elif share := covered_share(intervals, *bounds(day, zone), ended):
            yield CoverageDay(row.name, day, 0, 0, share, None)  # only what an import was said to hold
        day += ONE_DAY


def _day(
    source: str,
    day: date,
    fetches: Sequence[Row[Any]],
    intervals: Sequence[Interval],
    zone: tzinfo,
    now: datetime,
) -> CoverageDay:
    start, end = bounds(day, zone)
    tried = [row for row in fetches if start <= row.started_at < end]
    errors = [row.error for row in tried if row.error is not None]
    notices = [row.notice for row in tried if row.notice is not None]
    share = covered_share(intervals, start, end, now)
    succeeded = sum(row.succeeded for row in tried)
    said = (errors[-1] if errors else None, notices[-1] if notices else None)
    return CoverageDay(source, day, len(tried), succeeded, share, *said)


def save(connection: Connection, rows: Sequence[CoverageDay]) -> None:
    """Store computed coverage."""
    numbers = {name: number for name, number in connection.execute(select(t.source.c.name, t.source.c.id))}
    values = [asdict(row) | {"source_id": numbers[row.source]} for row in rows if row.source in numbers]
    for value in values:
        del value["source"]
    if values:
        statement = insert(connection, t.coverage_day)
        names = ("planned", "succeeded", "coverage", "last_error", "notice")
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["source_id", "day"],
                set_={name: statement.excluded[name] for name in names},
            ),
            values,
        )


def listening_since(connection: Connection) -> dict[str, datetime]:
    """The first covered instant of each source."""
    rows = select(t.source.c.name, t.source.c.covered_since)
    found = connection.execute(rows.where(t.source.c.covered_since.is_not(None)))
    return {name: first for name, first in found}


def status(connection: Connection, now: datetime) -> list[SourceStatus]:
    """Every source with its last seven days."""
    week = _by_source(_fetches(connection, now - WEEK, now))
    posts: dict[int, int] = {
        number: count
        for number, count in connection.execute(
            select(t.post.c.source_id, func.count()).group_by(t.post.c.source_id)
        )
    }
    found: list[SourceStatus] = []
    for row in connection.execute(_sources()).all():
        failed = _last(connection, row.id, succeeded=False)
        worked = _last(connection, row.id, succeeded=True)
        imported = row.fingerprint == IMPORTED
        intervals = _intervals(week[row.id])
        noticed = next((one for one in reversed(week[row.id]) if one.notice is not None), None)
        found.append(
            SourceStatus(
                source=row.name,
                kind=row.kind,
                active=row.active,
                last_success_at=worked and (worked.finished_at if imported else worked.started_at),
                due_at=row.due_at,
                failures=row.failures,
                last_error=failed and failed.error,
                last_error_kind=failed and failed.error_kind,
                coverage=_week_share(intervals, row.added_at, now)
                if (worked or failed) and not imported
                else None,
                posts=posts.get(row.id, 0),
                ended_at=row.ended_at,
                notice=noticed and noticed.notice,
                notice_at=noticed and noticed.started_at,
                imported=imported,
            )
        )
    return found


def _week_share(intervals: Sequence[Interval], added_at: datetime, now: datetime) -> float:
    """Of the last seven days, or of the time since the source was added or first covered."""
    first = min([added_at, *(start for start, _ in intervals)])
    return covered_share(intervals, max(now - WEEK, first), now, now)


def _last(connection: Connection, source_id: int, *, succeeded: bool) -> Row[Any] | None:
    fetch = t.fetch.c
    rows = select(t.fetch).where(fetch.source_id == source_id, fetch.succeeded.is_(succeeded))
    return connection.execute(rows.order_by(fetch.started_at.desc(), fetch.id.desc()).limit(1)).one_or_none()
