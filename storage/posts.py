"""Posts: what is known, one batch in one transaction, stored posts again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, select, update

from listener.model import Match, Mention, Post, Quote
from storage import absence, erasure, mentions, privacy, touched
from storage import tables as t
from storage.addresses import url_key
from storage.columns import storable
from storage.copies import Keys
from storage.mentions import Matched
from storage.rows import Absence, Known, Saved, StoredPost
from storage.statements import chunks, differs, insert_missing, source_number
from storage.values import EDITABLE, TOLD, Values, told, values_of

_WORDS = ("title", "text", "quotes")


def _named(*columns: ColumnElement[Any]) -> Select[Any]:
    """Posts of one source by the site's ids: never by tuples, which SQLite would scan for."""
    return select(*columns).where(
        t.post.c.source_id == bindparam("source"),
        t.post.c.external_id.in_(bindparam("ids", expanding=True)),
    )


_KNOWN = _named(
    t.post.c.external_id,
    t.post.c.content_hash,
    t.post.c.deleted_at,
    t.post.c.edited_at,
    t.post.c.erased,
    *(t.post.c[name] for name in TOLD),
)
_NUMBERS = _named(t.post.c.id, t.post.c.external_id)
_WHOLE = _named(*t.post.c)
_THREADS = select(t.thread, erasure.IS_SILENT.label("silent")).where(
    t.thread.c.source_id == bindparam("source"),
    t.thread.c.external_id.in_(bindparam("ids", expanding=True)),
)
_REPLACE = (
    update(t.post)
    .where(t.post.c.id == bindparam("number"))
    .values({name: bindparam(name) for name in EDITABLE})
)
_RETELL = (
    update(t.post)
    .where(t.post.c.source_id == bindparam("source"), t.post.c.external_id == bindparam("key"))
    .values({name: bindparam(name) for name in TOLD})
)
_WATERMARK = update(t.source).where(t.source.c.id == bindparam("number")).values(state=bindparam("state"))


def known(connection: Connection, source: str, ids: Sequence[str]) -> dict[str, Known]:
    """Which of the site's ids are stored, and how."""
    source_id = source_number(connection, source)
    found: dict[str, Known] = {}
    for part in chunks(ids):
        for row in connection.execute(_KNOWN, {"source": source_id, "ids": part}):
            found[row[0]] = Known(row[1], row[2] is not None, *row[3:])
    return found


def save_batch(
    connection: Connection,
    source: str,
    batch: Sequence[Post],
    found: Sequence[Mention],
    state: Mapping[str, Any],
    *,
    now: datetime,
    days: Mapping[str, date | None],
    missed: Absence,
    retold: Sequence[Post],
    later: Keys | None = None,
) -> Saved:
    """See `Storage.save_batch`; with `later`, copies are not looked for but their keys are put in there."""
    source_id = source_number(connection, source)
    posts = {storable(post.id): post for post in batch}
    for key in privacy.barred(connection, source_id, list(posts)):
        del posts[key]
    threads, silent = _save_threads(connection, source_id, list(posts.values()))
    posts = erasure.hushed(posts, silent)
    old = _stored(connection, _WHOLE, source_id, list(posts))
    rows = {
        key: values_of(post, threads, days.get(post.id), old.get(key), now) for key, post in posts.items()
    }
    fresh = [key for key in posts if key not in old]
    edited = [key for key in posts if key in old and differs(old[key], rows[key])]
    _insert(connection, source_id, {key: rows[key] for key in fresh}, now)
    _edit(connection, [(old[key], rows[key]) for key in edited], now)
    numbers = {key: row.id for key, row in old.items()} | _numbers(connection, source_id, fresh)
    matched = _matched(posts, found, rows, old, numbers)
    cells = mentions.cells_of(connection, [old[key].id for key in edited])
    changes = mentions.store(connection, matched, now)
    cells |= changes.cells
    said = [rows[key] for key in fresh + edited], [old[key] for key in edited]
    urls, words = _keys(*said, "url_key"), _keys(*said, "copy_key")
    if later is None:
        cells |= mentions.regroup(connection, urls, words, source_id)
    else:
        later.add(urls, words)
    cells |= absence.mark(connection, source_id, missed, now)
    erasure.erase(
        connection,
        [numbers[key] for key, post in posts.items() if post.deleted and post.erased and key in old],
    )
    _retell(connection, source_id, retold)
    count = touched.touch(connection, cells)
    connection.execute(_WATERMARK, {"number": source_id, "state": dict(state)})
    reworded = sum(old[key].content_hash != rows[key]["content_hash"] for key in edited)
    return Saved(len(fresh), reworded, changes.count, count, len(edited))


def _save_threads(
    connection: Connection, source_id: int, posts: Sequence[Post]
) -> tuple[dict[str, int], set[str]]:
    """The numbers of the posts' threads, and which of these are silent: their first post was erased."""
    back = {storable(post.id) for post in posts if not post.deleted}
    wanted: dict[str, Values] = {}
    for post in posts:
        if post.thread_id:
            said = {"url": storable(post.thread_url or post.url), "title": storable(post.title)}
            wanted.setdefault(storable(post.thread_id), said)
    old = _stored(connection, _THREADS, source_id, list(wanted))
    fresh = [key for key in wanted if key not in old]
    if fresh:
        connection.execute(
            insert_missing(connection, t.thread, "source_id", "external_id"),
            [{"source_id": source_id, "external_id": key, **wanted[key]} for key in sorted(fresh)],
        )
    silent = {key for key, row in old.items() if row.silent and key not in back}
    for key, row in old.items():
        if wanted[key]["title"] and key not in silent and differs(row, wanted[key]):
            connection.execute(update(t.thread).where(t.thread.c.id == row.id).values(wanted[key]))
    stored = old | _stored(connection, _THREADS, source_id, fresh)
    return {key: row.id for key, row in stored.items()}, silent


def _stored(
    connection: Connection, rows: Select[Any], source_id: int, keys: Sequence[str]
) -> dict[str, Row[Any]]:
    found: dict[str, Row[Any]] = {}
    for part in chunks(keys):
        stored = connection.execute(rows, {"source": source_id, "ids": part})
        found |= {row.external_id: row for row in stored}
    return found


def _numbers(connection: Connection, source_id: int, keys: Sequence[str]) -> dict[str, int]:
    stored = _stored(connection, _NUMBERS, source_id, keys)
    return {key: row.id for key, row in stored.items()}


def _retell(connection: Connection, source_id: int, posts: Sequence[Post]) -> None:
    if posts:
        rows = [{"source": source_id, "key": storable(post.id), **told(post)} for post in posts]
        connection.execute(_RETELL, rows)


def _insert(connection: Connection, source_id: int, rows: Mapping[str, Values], now: datetime) -> None:
    if rows:
        connection.execute(
            insert_missing(connection, t.post, "source_id", "external_id"),
            [
                {"source_id": source_id, "external_id": key, "collected_at": now, **values}
                for key, values in sorted(rows.items())
            ],
        )


def _edit(connection: Connection, pairs: Sequence[tuple[Row[Any], Values]], now: datetime) -> None:
    revisions = [
        {"post_id": old.id, "replaced_at": now, "content_hash": old.content_hash}
        | {name: getattr(old, name) for name in _WORDS}
        for old, values in pairs
        if _reworded(old, values) and not values["erased"]
    ]
    if revisions:
        connection.execute(t.revision.insert(), revisions)
    if pairs:
        connection.execute(_REPLACE, [values | {"number": old.id} for old, values in pairs])


def _reworded(old: Row[Any], values: Values) -> bool:
    return differs(old, {name: values[name] for name in _WORDS})


def _matched(
    posts: Mapping[str, Post],
    found: Sequence[Mention],
    rows: Mapping[str, Values],
    old: Mapping[str, Row[Any]],
    numbers: Mapping[str, int],
) -> list[Matched]:
    """Posts with their matches; a post that was emptied by its deletion keeps its mentions."""
    matches: dict[str, list[Match]] = {}
    for mention in found:
        match = Match(mention.product, mention.place, mention.spans)
        matches.setdefault(storable(mention.post_id), []).append(match)
    return [
        Matched(
            numbers[key],
            rows[key]["day"],
            rows[key]["text"],
            matches.get(key, ()),
            fresh=key not in old,
            reworded=key in old and _reworded(old[key], rows[key]),
        )
        for key, post in posts.items()
        if not (post.deleted and key in old and not post.text.strip())
    ]


def _keys(rows: Sequence[Values], old: Sequence[Row[Any]], name: str) -> set[int]:
    """Addresses or words of posts, as they are now and as they were."""
    return ({row[name] for row in rows} | {getattr(row, name) for row in old}) - {None}


def _post_select() -> Select[Any]:
    post, thread = t.post.c, t.thread.c
    return (
        select(
            post.id,
            t.source.c.name,
            t.source.c.kind,
            post.external_id,
            post.url,
            thread.external_id,
            thread.url,
            post.title,
            post.text,
            post.quotes,
            post.author,
            post.published_at,
            post.day,
            post.edited_at,
            post.deleted_at,
            post.collected_at,
            post.language,
            post.duplicate_of,
            post.flag,
        )
        .join_from(t.post, t.source)
        .outerjoin(t.thread, thread.id == post.thread_id)
    )


def _post(row: Row[Any]) -> StoredPost:
    values = list(row)
    values[5], values[6] = values[5] or "", values[6] or ""
    values[9] = tuple(Quote(text, author) for text, author in values[9])
    return StoredPost(*values)


def after(connection: Connection, after_id: int, limit: int) -> list[StoredPost]:
    """The next posts by number."""
    rows = _post_select().where(t.post.c.id > after_id).order_by(t.post.c.id).limit(limit)
    return [_post(row) for row in connection.execute(rows)]


def find(connection: Connection, url: str) -> StoredPost | None:
    """The post at an address; the earliest if several are."""
    rows = _post_select().where(t.post.c.url_key == url_key(url))
    order = (t.post.c.published_at.asc().nulls_last(), t.post.c.id)
    row = connection.execute(rows.order_by(*order).limit(1)).one_or_none()
    return None if row is None else _post(row)
