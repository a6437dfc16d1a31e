"""Marks: which days of which products must be computed again, safe beside other processes.

A row is never deleted: every touch raises `mark`, saving the series raises `done` to the mark that
was read, so a touch in between stays pending.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache

from sqlalchemy import Connection, Insert, func, select, update

from storage import tables as t
from storage.rows import Touched
from storage.statements import insert, insert_for

LONGEST_SILENCE = 400  # days after the last row that are filled with NULL
KEPT = "series_kept_before"  # setting: days before this one outlived their posts and stay as they are


def touch(connection: Connection, cells: Iterable[tuple[int, date | None]]) -> int:
    """Mark (product number, day) pairs; unknown days belong to no series."""
    rows = [{"product_id": product, "day": day, "mark": 1} for product, day in _sorted(cells)]
    if rows:
        connection.execute(_raise_marks(connection.dialect.name), rows)
    return len(rows)


@cache
def _raise_marks(dialect: str) -> Insert:
    raised = {"mark": t.touched.c.mark + 1}
    return insert_for(dialect, t.touched).on_conflict_do_update(
        index_elements=["product_id", "day"], set_=raised
    )


def _sorted(cells: Iterable[tuple[int, date | None]]) -> list[tuple[int, date]]:
    return sorted({(product, day) for product, day in cells if day is not None})


def touch_active(connection: Connection, days: Iterable[date]) -> int:
    """Mark days for every active product."""
    products = connection.execute(select(t.product.c.id).where(t.product.c.active)).scalars().all()
    wanted = list(days)
    return touch(connection, [(product, day) for product in products for day in wanted])


def touch_known_days(connection: Connection, product_id: int) -> None:
    """A new product gets its zeros for every day that any product has."""
    days = connection.execute(select(t.touched.c.day).distinct()).scalars().all()
    touch(connection, [(product_id, day) for day in days])


def touch_all(connection: Connection, since: date | None) -> int:
    """Mark everything that ever was touched, and every day with a mention."""
    known = select(t.touched.c.product_id, t.touched.c.day)
    mentioned = select(t.mention.c.product_id, t.mention.c.day).where(t.mention.c.day.is_not(None))
    cells = connection.execute(known.union(mentioned)).all()
    return touch(connection, [(row[0], row[1]) for row in cells if since is None or row[1] >= since])


def touch_open(connection: Connection, today: date) -> int:
    """Mark days before today that are not final, and those since the last row: a silent day has one too."""
    series = t.series.c
    rows = select(series.product_id, series.day).where(series.final.is_(False), series.day < today)
    cells = {(row[0], row[1]) for row in connection.execute(rows.distinct())}
    last = select(series.product_id, func.max(series.day)).join(t.product).where(t.product.c.active)
    for product_id, day in connection.execute(last.group_by(series.product_id)):
        missing = range(1, min((today - day).days, LONGEST_SILENCE) + 1)
        cells |= {(product_id, day + timedelta(days=number)) for number in missing}
    return touch(connection, cells)


def kept_before(connection: Connection) -> date | None:
    """Days before this one are never computed again."""
    value = connection.execute(select(t.setting.c.value).where(t.setting.c.name == KEPT)).scalar()
    return None if value is None else date.fromisoformat(value)


def keep_before(connection: Connection, day: date) -> None:
    """Retention removed posts before `day`: what the series say of that time stays."""
    present = kept_before(connection)
    value = max(day, present or day).isoformat()
    statement = insert(connection, t.setting).values(name=KEPT, value=value)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": value}))


def pending(connection: Connection) -> list[Touched]:
    """What must be computed again, by day and product."""
    first = kept_before(connection)
    rows = (
        select(t.product.c.name, t.touched.c.day, t.touched.c.mark)
        .join_from(t.touched, t.product)
        .where(t.touched.c.mark > t.touched.c.done)
        .order_by(t.touched.c.day, t.product.c.name)
    )
    if first is not None:
        rows = rows.where(t.touched.c.day >= first)
    return [Touched(*row) for row in connection.execute(rows)]


def settle(connection: Connection, product_id: int, day: date, mark: int) -> bool:
    """Claim the right to store what was computed as of `mark`; False if newer is stored already."""
    settled = connection.execute(
        update(t.touched)
        .where(t.touched.c.product_id == product_id, t.touched.c.day == day, t.touched.c.done < mark)
        .values(done=mark)
    )
    return settled.rowcount == 1
