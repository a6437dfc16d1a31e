"""Digests, who got them, and the runs."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta
from itertools import takewhile

from sqlalchemy import Connection, and_, or_, select, update

from storage import tables as t
from storage.columns import storable
from storage.rows import Delivery, StoredDigest
from storage.statements import insert

MOST_CRASHES = 10
PERMANENT_PAUSE = timedelta(hours=6)  # a server that said "never" is asked again after this


def claim(
    connection: Connection, digest: str, day: date, recipient: str, message_id: str, now: datetime
) -> bool:
    """One atomic statement decides who may send."""
    values = {"message_id": message_id, "status": "claimed", "claimed_at": now}
    delivery = t.delivery.c
    again = and_(
        delivery.status == "failed",
        or_(delivery.permanent.is_(False), delivery.finished_at <= now - PERMANENT_PAUSE),
    )
    statement = insert(connection, t.delivery).values(digest=digest, day=day, recipient=recipient, **values)
    claimed = connection.execute(
        statement.on_conflict_do_update(
            index_elements=["digest", "day", "recipient"],
            set_=values | {"finished_at": None, "error": None, "permanent": False},
            where=again,
        ).returning(delivery.id)
    )
    return claimed.one_or_none() is not None


def finish(
    connection: Connection,
    digest: str,
    day: date,
    recipient: str,
    now: datetime,
    *,
    error: str | None = None,
    permanent: bool = False,
) -> None:
    """Sent, or with an error failed; only a claimed delivery changes."""
    delivery = t.delivery.c
    connection.execute(
        update(t.delivery)
        .where(
            delivery.digest == digest,
            delivery.day == day,
            delivery.recipient == recipient,
            delivery.status == "claimed",
        )
        .values(
            status="sent" if error is None else "failed",
            finished_at=now,
            error=None if error is None else storable(error),
            permanent=permanent,
        )
    )


def listed(connection: Connection, digest: str | None) -> list[Delivery]:
    """All deliveries, latest day first."""
    delivery = t.delivery.c
    rows = select(
        delivery.digest,
        delivery.day,
        delivery.recipient,
        delivery.message_id,
        delivery.status,
        delivery.claimed_at,
        delivery.finished_at,
        delivery.error,
        delivery.permanent,
    ).order_by(delivery.day.desc(), delivery.digest, delivery.recipient)
    if digest is not None:
        rows = rows.where(delivery.digest == digest)
    return [Delivery(*row) for row in connection.execute(rows)]


def save_digest(connection: Connection, stored: StoredDigest) -> None:
    """Keep a rendered digest."""
    values = asdict(stored)
    words = {name: storable(values[name]) for name in ("subject", "text", "html")}
    statement = insert(connection, t.digest).values(values | words)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["name", "day"], set_=words | {"saved_at": stored.saved_at}
        )
    )


def digests(connection: Connection, name: str | None) -> list[StoredDigest]:
    """Kept digests, latest day first."""
    rows = select(t.digest).order_by(t.digest.c.day.desc(), t.digest.c.name)
    if name is not None:
        rows = rows.where(t.digest.c.name == name)
    return [StoredDigest(*row) for row in connection.execute(rows)]


def start_run(connection: Connection, now: datetime, pid: int, host: str) -> int:
    """A new run's number."""
    row = t.run.insert().values(started_at=now, pid=pid, host=host).returning(t.run.c.id)
    return int(connection.execute(row).scalar_one())


def resume(connection: Connection, now: datetime) -> int:
    """Sources that the last run did not finish, if it crashed, are due now; how many.

    After MOST_CRASHES crashes in a row they wait for their time, so that no site is hammered.
    """
    run, source, fetch = t.run.c, t.source.c, t.fetch.c
    last = connection.execute(select(t.run).order_by(run.id.desc()).limit(MOST_CRASHES + 1)).all()
    crashed = list(takewhile(lambda row: row.finished_at is None, last))
    if not crashed or len(crashed) > MOST_CRASHES:
        return 0
    finished = select(fetch.source_id).where(fetch.started_at >= crashed[0].started_at)
    again = update(t.source).where(source.due_at > now, source.id.not_in(finished))
    return connection.execute(again.values(due_at=now)).rowcount


def finish_run(connection: Connection, run: int, now: datetime, code: int, text: str) -> None:
    """How a run ended."""
    connection.execute(
        update(t.run).where(t.run.c.id == run).values(finished_at=now, code=code, text=storable(text))
    )
