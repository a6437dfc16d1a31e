"""Sources: what is configured, when they are due, how far they were read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select, update

from listener.errors import ConfigError, StorageError
from listener.model import Source
from storage import tables as t
from storage.statements import differs

IMPORTED = "import"  # the fingerprint of a source that files are imported to; those of collected ones are hex


def is_current(connection: Connection, configured: Sequence[Source]) -> bool:
    """Whether exactly this is configured in the store."""
    source = t.source.c
    rows = connection.execute(select(source.name, source.kind, source.fingerprint).where(source.active))
    wanted = {(one.name, one.kind, _fingerprint(one)) for one in configured}
    return {tuple(row) for row in rows} == wanted


def sync(connection: Connection, configured: Sequence[Source], now: datetime) -> None:
    """Insert new sources, update known ones, let the others rest."""
    stored = {row.name: row for row in connection.execute(select(t.source))}
    for source in configured:
        values = {"kind": source.kind, "fingerprint": _fingerprint(source), "active": True}
        row = stored.get(source.name)
        if row is not None and row.fingerprint == IMPORTED:
            raise ConfigError(
                f"the source `{source.name}` has the name of an import in the store; call it something else"
            )
        if row is None:
            connection.execute(t.source.insert().values(name=source.name, added_at=now, state={}, **values))
        elif differs(row, values):
            _update(connection, row, values)
    gone = set(stored) - {source.name for source in configured}
    connection.execute(
        update(t.source)
        .where(t.source.c.name.in_(sorted(gone)), t.source.c.active)
        .values(active=False, removed_at=now)
    )


def _update(connection: Connection, row: Any, values: dict[str, Any]) -> None:
    """A source that points elsewhere now is read from its beginning."""
    if (row.kind, row.fingerprint) != (values["kind"], values["fingerprint"]):
        values = {**values, "state": {}, "due_at": None, "ended_at": None}
    connection.execute(update(t.source).where(t.source.c.id == row.id).values(**values, removed_at=None))


def _fingerprint(source: Source) -> str:
    said = json.dumps([source.kind, dict(source.options)], sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def due(connection: Connection, now: datetime) -> list[str]:
    """Names of active sources that are due."""
    waiting = select(t.source.c.name).where(
        t.source.c.active,
        t.source.c.ended_at.is_(None),
        or_(t.source.c.due_at.is_(None), t.source.c.due_at <= now),
    )
    order = (t.source.c.due_at.asc().nulls_first(), t.source.c.name)
    return list(connection.execute(waiting.order_by(*order)).scalars())


def set_due(connection: Connection, source: str, due_at: datetime) -> None:
    """When to fetch next."""
    changed = connection.execute(update(t.source).where(t.source.c.name == source).values(due_at=due_at))
    if changed.rowcount == 0:
        raise StorageError(f"store: no source named {source!r}")


def set_ended(connection: Connection, source: str, ended_at: datetime | None) -> None:
    """Since when the source says that it is over; None takes it back."""
    known = t.source.c.ended_at
    news = known.is_not(None) if ended_at is None else known.is_(None)
    connection.execute(update(t.source).where(t.source.c.name == source, news).values(ended_at=ended_at))


def state(connection: Connection, source: str) -> dict[str, Any]:
    """The watermark, {} at first."""
    stored = connection.execute(select(t.source.c.state).where(t.source.c.name == source)).scalar()
    return dict(stored or {})


def failures(connection: Connection, source: str) -> int:
    """Consecutive failures."""
    return connection.execute(select(t.source.c.failures).where(t.source.c.name == source)).scalar() or 0
