"""Mentions: what matches now is stored, what does not any more is withdrawn."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, case, delete, func, select, update

from listener.model import Match
from storage import copies, products
from storage import tables as t
from storage.rows import MentionRow
from storage.statements import chunks, differs, insert_missing, product_number


@dataclass(frozen=True, slots=True)
class Matched:
    """A stored post with what matches it; `reworded`: judgements of its earlier words are void."""

    post_id: int
    day: date | None
    text: str
    matches: Sequence[Match]
    fresh: bool = False
    reworded: bool = False


@dataclass(slots=True)
class Changes:
    """What `store` found to change."""

    inserts: list[dict[str, Any]] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    withdrawn: list[int] = field(default_factory=list)
    void: list[int] = field(default_factory=list)
    cells: set[tuple[int, date | None]] = field(default_factory=set)

    @property
    def count(self) -> int:
        """Mentions found, changed or withdrawn."""
        return len(self.inserts) + len(self.updates) + len(self.withdrawn)


def store(
    connection: Connection, posts: Sequence[Matched], now: datetime, scope: set[int] | None = None
) -> Changes:
    """Make the mentions of these posts (of the products in `scope`, or all) what matches now."""
    names = sorted({match.product for post in posts for match in post.matches})
    measured = _measured(connection, names)
    old = _existing(connection, [post.post_id for post in posts if not post.fresh], scope)
    changes = Changes()
    for post in posts:
        _compare(changes, post, measured, old.get(post.post_id, {}), now)
    _write(connection, changes, now)
    return changes


def _measured(connection: Connection, names: Sequence[str]) -> dict[str, products.Measured]:
    measured = products.current(connection, names)
    for name in names:
        if name not in measured:
            product_number(connection, name)  # says which one is unknown
    return measured


_EXISTING = select(t.mention).where(t.mention.c.post_id.in_(bindparam("ids", expanding=True)))


def _existing(
    connection: Connection, post_ids: Sequence[int], scope: set[int] | None
) -> dict[int, dict[int, Row[Any]]]:
    found: dict[int, dict[int, Row[Any]]] = {}
    for part in chunks(post_ids):
        for row in connection.execute(_EXISTING, {"ids": part}):
            if scope is None or row.product_id in scope:
                found.setdefault(row.post_id, {})[row.product_id] = row
    return found


def _compare(
    changes: Changes,
    post: Matched,
    measured: Mapping[str, products.Measured],
    old: Mapping[int, Row[Any]],
    now: datetime,
) -> None:
    wanted = {measured[match.product].product_id: match for match in post.matches}
    for product_id, match in wanted.items():
        values = _values(post, match, measured[match.product].query_id)
        if product_id not in old:
            new = {"post_id": post.post_id, "product_id": product_id, "found_at": now}
            changes.inserts.append(new | values)
            changes.cells.add((product_id, post.day))
        else:
            _compare_one(changes, post, old[product_id], values)
    for product_id in old.keys() - wanted.keys():
        if old[product_id].withdrawn_at is None:
            changes.withdrawn.append(old[product_id].id)
            changes.cells.add((product_id, old[product_id].day))
    if post.reworded:
        changes.void += [row.id for row in old.values()]


def _compare_one(changes: Changes, post: Matched, row: Row[Any], values: dict[str, Any]) -> None:
    if not differs(row, values | {"withdrawn_at": None}):
        return
    changes.updates.append(values | {"number": row.id})
    changes.cells |= {(row.product_id, row.day), (row.product_id, post.day)}
    if (row.place, row.spans) != (values["place"], values["spans"]):
        changes.void.append(row.id)


def _values(post: Matched, match: Match, query_id: int) -> dict[str, Any]:
    said = " … ".join(post.text[start:end] for start, end in match.spans)
    return {
        "query_id": query_id,
        "day": post.day,
        "place": match.place,
        "spans": [[start, end] for start, end in match.spans],
        "matched_text": said or None,
        "erased": False,
    }


_UPDATED = ("query_id", "day", "place", "spans", "matched_text", "erased")
_UPDATE = (
    update(t.mention)
    .where(t.mention.c.id == bindparam("number"))
    .values({name: bindparam(name) for name in _UPDATED} | {"withdrawn_at": None})
)


def _write(connection: Connection, changes: Changes, now: datetime) -> None:
    if changes.inserts:
        statement = insert_missing(connection, t.mention, "post_id", "product_id")
        connection.execute(statement, changes.inserts)
    if changes.updates:
        connection.execute(_UPDATE, changes.updates)
    for part in chunks(changes.withdrawn):
        connection.execute(update(t.mention).where(t.mention.c.id.in_(part)).values(withdrawn_at=now))
    for part in chunks(changes.void):
        connection.execute(delete(t.sentiment).where(t.sentiment.c.mention_id.in_(part)))
        connection.execute(update(t.mention).where(t.mention.c.id.in_(part)).values(model_id=None))


_CELLS = select(t.mention.c.product_id, t.mention.c.day).where(
    t.mention.c.post_id.in_(bindparam("ids", expanding=True)), t.mention.c.withdrawn_at.is_(None)
)


def cells_of(connection: Connection, post_ids: Iterable[int]) -> set[tuple[int, date | None]]:
    """The (product, day) pairs that count these posts."""
    cells: set[tuple[int, date | None]] = set()
    for part in chunks(sorted(post_ids)):
        cells |= {(row[0], row[1]) for row in connection.execute(_CELLS, {"ids": part})}
    return cells


def regroup(
    connection: Connection, url_keys: set[int], copy_keys: set[int], source_id: int | None = None
) -> set[tuple[int, date | None]]:
    """Find the originals around these keys again; returns the cells whose counts that changes."""
    return cells_of(connection, copies.regroup(connection, url_keys, copy_keys, source_id=source_id))


def regroup_all(connection: Connection, keys: copies.Keys, source_id: int) -> set[tuple[int, date | None]]:
    """The same for any number of keys of one source."""
    return cells_of(connection, copies.regroup_all(connection, keys, source_id))


def _rows() -> Select[Any]:
    """Live mentions with everything `MentionRow` says."""
    twin = t.post.alias("twin")
    number = select(func.count()).where(twin.c.duplicate_of == t.post.c.id).scalar_subquery()
    mention, post, sentiment = t.mention.c, t.post.c, t.sentiment.c
    return (
        select(
            mention.id,
            post.id,
            t.product.c.name,
            t.source.c.name,
            t.source.c.kind,
            post.url,
            func.coalesce(t.thread.c.url, post.url),
            func.coalesce(func.nullif(post.title, ""), t.thread.c.title, ""),
            post.author,
            post.published_at,
            post.date_precision,
            mention.day,
            post.language,
            post.text,
            mention.spans,
            mention.place,
            func.coalesce(t.correction.c.label, sentiment.label),
            sentiment.p_negative,
            sentiment.p_neutral,
            sentiment.p_positive,
            t.correction.c.label.is_not(None),
            number,
        )
        .join_from(t.mention, t.product)
        .join(t.post, post.id == mention.post_id)
        .join(t.source, t.source.c.id == post.source_id)
        .outerjoin(t.thread, t.thread.c.id == post.thread_id)
        .outerjoin(
            t.sentiment, and_(sentiment.mention_id == mention.id, sentiment.model_id == mention.model_id)
        )
        .outerjoin(
            t.correction,
            and_(t.correction.c.post_id == mention.post_id, t.correction.c.product_id == mention.product_id),
        )
        .where(mention.withdrawn_at.is_(None))
    )


def of(connection: Connection, post_id: int) -> list[MentionRow]:
    """The mentions in one post, counted or not."""
    rows = _rows().where(t.mention.c.post_id == post_id).order_by(t.product.c.name)
    return [_mention_row(row) for row in connection.execute(rows)]


def between(connection: Connection, product: str, start_day: date, end_day: date) -> list[MentionRow]:
    """Counted mentions of a product, newest first."""
    mention, post = t.mention.c, t.post.c
    rows = _rows().where(
        mention.product_id == product_number(connection, product),
        mention.day.between(start_day, end_day),
        mention.place != "quote",
        post.duplicate_of.is_(None),
        post.flag.is_(None),
        post.deleted_at.is_(None),
    )
    order = (mention.day.desc(), post.published_at.desc(), mention.id.desc())
    return [_mention_row(row) for row in connection.execute(rows.order_by(*order))]


def left_out(connection: Connection, first: date, last: date) -> dict[str, int]:
    """Mentions of active products that are in no count, each with its first reason."""
    mention, post = t.mention.c, t.post.c
    why = case(
        (post.flag.is_not(None), "flags"),
        (mention.place == "quote", "quotes"),
        (post.duplicate_of.is_not(None), "copies"),
    )
    rows = (
        select(why, func.count())
        .join_from(t.product, t.mention)
        .join(t.post, post.id == mention.post_id)
        .where(t.product.c.active, mention.day.between(first, last))
        .where(mention.withdrawn_at.is_(None), post.deleted_at.is_(None))
        .group_by(why)
    )
    found = {reason: count for reason, count in connection.execute(rows)}
    return {reason: found.get(reason, 0) for reason in ("copies", "quotes", "flags")}


def _mention_row(row: Sequence[Any]) -> MentionRow:
    mention = MentionRow(*row)
    return dataclasses.replace(mention, spans=tuple((start, end) for start, end in mention.spans))
