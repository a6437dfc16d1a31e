"""What collectors ask the store about their own source (listener.model.Memory)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Date, Text, TextualSelect, bindparam, select, text

from storage import tables as t
from storage.columns import Instant, storable
from storage.statements import chunks, source_number

_STANDING = """
SELECT post.id AS number, post.external_id AS external_id
FROM post
WHERE post.id > :after AND +post.source_id = :source AND post.deleted_at IS NULL
ORDER BY post.id
LIMIT :most
"""
_MENTIONED = """
SELECT DISTINCT mention.post_id AS number, post.external_id AS external_id
FROM mention
CROSS JOIN post
WHERE mention.post_id > :after AND mention.withdrawn_at IS NULL
    AND post.id = mention.post_id AND post.source_id = :source AND post.deleted_at IS NULL
ORDER BY mention.post_id
LIMIT :most
"""
# products first and CROSS JOIN: SQLite keeps that order and searches the index (product_id, day)
_THREADS = """
SELECT thread.external_id AS external_id, max(post.published_at) AS latest
FROM product
CROSS JOIN mention
CROSS JOIN post
CROSS JOIN thread
WHERE mention.product_id = product.id AND mention.day >= :first
    AND mention.withdrawn_at IS NULL AND mention.place <> 'quote'
    AND post.id = mention.post_id AND post.source_id = :source AND post.published_at >= :since
    AND thread.id = post.thread_id
GROUP BY thread.external_id
ORDER BY latest DESC, thread.external_id
"""
_ADDRESSES = select(t.post.c.external_id, t.post.c.url).where(
    t.post.c.source_id == bindparam("source"),
    t.post.c.external_id.in_(bindparam("ids", expanding=True)),
)


def standing(
    connection: Connection, source: str, after: int, limit: int, *, mentioned: bool
) -> list[tuple[int, str]]:
    """See `Storage.standing`."""
    statement = text(_MENTIONED if mentioned else _STANDING)
    wanted = {"after": after, "source": source_number(connection, source), "most": limit}
    return [(row.number, row.external_id) for row in connection.execute(statement, wanted)]


def addresses(connection: Connection, source: str, ids: Sequence[str]) -> dict[str, str]:
    """See `Storage.addresses`."""
    found: dict[str, str] = {}
    number = source_number(connection, source)
    for part in chunks([storable(one) for one in ids]):
        found |= {row[0]: row[1] for row in connection.execute(_ADDRESSES, {"source": number, "ids": part})}
    return found


def mentioned_threads(connection: Connection, source: str, since: datetime) -> list[str]:
    """See `Storage.mentioned_threads`."""
    wanted = {
        "source": source_number(connection, source),
        "since": since,
        "first": since.date() - timedelta(days=1),  # a day of any zone that may hold the instant
    }
    return [row.external_id for row in connection.execute(_threads(), wanted)]


def _threads() -> TextualSelect:
    typed = text(_THREADS).bindparams(bindparam("since", type_=Instant), bindparam("first", type_=Date))
    return typed.columns(external_id=Text)
