"""Posts that are no longer where they stood: missing once is remembered, missing twice is deleted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection, bindparam, select, update

from storage import mentions
from storage import tables as t
from storage.columns import storable
from storage.rows import Absence, ThreadPost
from storage.statements import chunks, source_number

_POSTS = (
    select(t.post.c.external_id, t.post.c.published_at, t.post.c.missing_since, t.post.c.deleted_at)
    .join(t.thread, t.thread.c.id == t.post.c.thread_id)
    .where(t.thread.c.source_id == bindparam("source"), t.thread.c.external_id == bindparam("thread"))
)
_NAMED = (
    t.post.c.source_id == bindparam("source"),
    t.post.c.external_id.in_(bindparam("ids", expanding=True)),
)
_MISSING = update(t.post).where(*_NAMED).values(missing_since=bindparam("at"))
_GONE = update(t.post).where(*_NAMED, t.post.c.deleted_at.is_(None)).values(deleted_at=bindparam("at"))
_KEYS = select(t.post.c.id, t.post.c.url_key, t.post.c.copy_key).where(*_NAMED)


def thread_posts(connection: Connection, source: str, thread_id: str) -> list[ThreadPost]:
    """The stored posts of a thread."""
    wanted = {"source": source_number(connection, source), "thread": storable(thread_id)}
    return [ThreadPost(*row[:3], row[3] is not None) for row in connection.execute(_POSTS, wanted)]


def mark(
    connection: Connection, source_id: int, absence: Absence, now: datetime
) -> set[tuple[int, date | None]]:
    """Write what is missing, gone and back; returns the cells whose counts that changes."""
    for ids, at in ((absence.missing, now), (absence.back, None)):
        for part in chunks(list(ids)):
            connection.execute(_MISSING, {"source": source_id, "ids": part, "at": at})
    cells: set[tuple[int, date | None]] = set()
    for part in chunks(list(absence.gone)):
        connection.execute(_GONE, {"source": source_id, "ids": part, "at": now})
        cells |= _counted(connection, source_id, part)
    return cells


def _counted(connection: Connection, source_id: int, ids: Sequence[str]) -> set[tuple[int, date | None]]:
    rows = connection.execute(_KEYS, {"source": source_id, "ids": ids}).all()
    url_keys = {row.url_key for row in rows} - {None}
    copy_keys = {row.copy_key for row in rows} - {None}
    cells = mentions.cells_of(connection, [row.id for row in rows])
    return cells | mentions.regroup(connection, url_keys, copy_keys, source_id)
