"""Retention, forgetting, secrets and counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from html import escape
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, delete, exists, func, select

from listener.errors import StorageError
from storage import mentions, touched
from storage import tables as t
from storage.addresses import url_key
from storage.rows import Pruned
from storage.statements import chunks, insert, source_number

_MENTIONED = exists().where(t.mention.c.post_id == t.post.c.id, t.mention.c.withdrawn_at.is_(None))


def _old(before: datetime) -> ColumnElement[bool]:
    return t.post.c.collected_at < before


def prune(connection: Connection, posts_before: datetime, mentions_before: datetime) -> Pruned:
    """Posts are kept so long from their collecting on; an original stays as long as its copies.

    So no count of a day that is still computed changes; older days are not computed any more.
    """
    twin = t.post.alias("twin")
    copied = exists().where(twin.c.duplicate_of == t.post.c.id)
    plain = select(t.post.c.id).where(_old(posts_before), ~_MENTIONED, ~copied)
    posts = _remove(connection, connection.execute(plain).scalars().all())

    fresh_copy = exists().where(twin.c.duplicate_of == t.post.c.id, twin.c.collected_at >= mentions_before)
    aged = select(t.post.c.id).where(_old(mentions_before), _MENTIONED, ~fresh_copy)
    numbers = connection.execute(aged).scalars().all()
    days = [day for _, day in mentions.cells_of(connection, numbers) if day is not None]
    if days:
        touched.keep_before(connection, max(days) + timedelta(days=1))
    return Pruned(posts, _remove(connection, numbers))


def _remove(connection: Connection, numbers: Sequence[int]) -> int:
    for part in chunks(numbers):
        connection.execute(delete(t.post).where(t.post.c.id.in_(part)))
    if numbers:
        used = select(t.post.c.thread_id).where(t.post.c.thread_id.is_not(None))
        connection.execute(delete(t.thread).where(t.thread.c.id.not_in(used)))
    return len(numbers)


def forget(connection: Connection, *, author: str | None, url: str | None, source: str | None) -> int:
    """Remove posts with all that hangs on them; single ones and those of an author do not come back."""
    if author is None and url is None and source is None:
        raise StorageError("store: forget whom? Give an author, an address or a source")
    rows = connection.execute(_fitting(connection, author, url, source)).all()
    numbers = [row.id for row in rows]
    cells = mentions.cells_of(connection, [*numbers, *_copies_of(connection, numbers)])
    if author is not None or url is not None:
        _bar(connection, rows)
    forget_digests(connection, {row.url for row in rows})
    _remove(connection, numbers)
    keys = {row.url_key for row in rows} - {None}, {row.copy_key for row in rows} - {None}
    touched.touch(connection, cells | mentions.regroup(connection, *keys))
    return len(rows)


def _copies_of(connection: Connection, numbers: Sequence[int]) -> list[int]:
    found: list[int] = []
    for part in chunks(numbers):
        rows = select(t.post.c.id).where(t.post.c.duplicate_of.in_(part))
        found += connection.execute(rows).scalars()
    return found


def _fitting(connection: Connection, author: str | None, url: str | None, source: str | None) -> Select[Any]:
    post = t.post.c
    rows = select(post.id, post.source_id, post.external_id, post.url, post.url_key, post.copy_key)
    if author is not None:
        rows = rows.where(post.author == author)
    if url is not None:
        rows = rows.where(post.url_key == url_key(url))
    if source is not None:
        rows = rows.where(post.source_id == source_number(connection, source))
    return rows


def external_key(external_id: str) -> int:
    """Tells a forgotten post without keeping its name."""
    digest = blake2b(external_id.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def _bar(connection: Connection, rows: Sequence[Any]) -> None:
    barred = [{"source_id": row.source_id, "external_key": external_key(row.external_id)} for row in rows]
    if barred:
        statement = insert(connection, t.forgotten)
        connection.execute(statement.on_conflict_do_nothing(), barred)


_OF_SOURCE = t.forgotten.c.source_id == bindparam("source")
_ANY_BARRED = select(exists().where(_OF_SOURCE))
_BARRED = select(t.forgotten.c.external_key).where(
    _OF_SOURCE, t.forgotten.c.external_key.in_(bindparam("keys", expanding=True))
)


def barred(connection: Connection, source_id: int, external_ids: Sequence[str]) -> set[str]:
    """Which of these posts were forgotten and are not stored again."""
    found: set[str] = set()
    if connection.execute(_ANY_BARRED, {"source": source_id}).scalar():
        keys = {external_key(name): name for name in external_ids}
        for part in chunks(list(keys)):
            rows = connection.execute(_BARRED, {"source": source_id, "keys": part})
            found |= {keys[key] for key in rows.scalars()}
    return found


def forget_digests(connection: Connection, urls: set[str]) -> None:
    """Kept digests that link to a forgotten post quote it too."""
    for name, day, words, html in connection.execute(
        select(t.digest.c.name, t.digest.c.day, t.digest.c.text, t.digest.c.html)
    ).all():
        if any(url and (url in words or url in html or escape(url) in html) for url in urls):
            connection.execute(delete(t.digest).where(t.digest.c.name == name, t.digest.c.day == day))


def secret(connection: Connection, name: str, make: Callable[[], str]) -> str:
    """A value made once."""
    key = f"secret:{name}"
    value = connection.execute(select(t.setting.c.value).where(t.setting.c.name == key)).scalar()
    if value is None:
        value = make()
        connection.execute(t.setting.insert().values(name=key, value=value))
    return value


def counts(connection: Connection) -> dict[str, int]:
    """How much there is."""
    live = t.mention.c.withdrawn_at.is_(None)
    wanted: dict[str, Select[Any]] = {
        "sources": select(func.count()).select_from(t.source).where(t.source.c.active),
        "products": select(func.count()).select_from(t.product).where(t.product.c.active),
        "threads": select(func.count()).select_from(t.thread),
        "posts": select(func.count()).select_from(t.post),
        "copies": select(func.count()).select_from(t.post).where(t.post.c.duplicate_of.is_not(None)),
        "mentions": select(func.count()).select_from(t.mention).where(live),
        "scored": select(func.count()).where(live, t.mention.c.model_id.is_not(None)),
        "corrections": select(func.count()).select_from(t.correction),
        "touched": select(func.count()).select_from(t.touched).where(t.touched.c.mark > t.touched.c.done),
    }
    return {name: connection.execute(rows).scalar_one() for name, rows in wanted.items()}
