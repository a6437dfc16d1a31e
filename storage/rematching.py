"""Matching again: how far the present queries have been held against the stored posts, chunk by chunk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, case, func, select, update

from listener.model import Match
from storage import mentions, posts, touched
from storage import tables as t
from storage.rows import StoredPost
from storage.statements import chunks

Judge = Callable[[Sequence[StoredPost]], Sequence[Sequence[Match]]]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A product whose present query has been held against the stored posts up to number `after` only."""

    product: str
    product_id: int
    version: int
    text: str
    after: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one step did: all posts up to number `after` are done, `posts` of them in this step.

    `after` is None when there is nothing left to do.
    """

    after: int | None
    posts: int = 0
    found: int = 0
    withdrawn: int = 0


_product, _query = t.product.c, t.query.c
_newest = (
    select(func.max(_query.version))
    .where(_query.product_id == _product.id)
    .correlate(t.product)
    .scalar_subquery()
)
_WAITING = (
    select(
        _product.name,
        _product.id,
        _query.version,
        _query.text,
        case((_product.held_version == _query.version, _product.held_post), else_=0),
    )
    .join_from(t.product, t.query)
    .where(_product.active, _query.version == _newest, _product.matched_version < _query.version)
    .order_by(_product.name)
)


def waiting(connection: Connection) -> list[Waiting]:
    """Active products whose present query has not been held against all stored posts."""
    return [Waiting(*row) for row in connection.execute(_WAITING)]


def begin(connection: Connection, names: Sequence[str]) -> None:
    """Let these products wait again; those that wait already keep how far they are."""
    for part in chunks(names):
        connection.execute(
            update(t.product)
            .where(_product.name.in_(part), _product.matched_version >= _newest)
            .values(matched_version=_newest - 1, held_version=0, held_post=0)
        )


def step(connection: Connection, wanted: Mapping[str, int], judge: Judge, limit: int, now: datetime) -> Chunk:
    """Hold the queries (product -> version) that are behind the others against the next posts.

    A product that does not wait any more, or for another version, is left alone. `judge` says what
    matches in posts; a deleted post is not judged, its mentions stay as they were.
    """
    behind, until = _behind(connection, wanted)
    if not behind:
        return Chunk(None)
    stored = posts.after(connection, behind[0].after, limit)
    if until is not None:
        stored = [post for post in stored if post.id <= until]
    standing = [post for post in stored if post.deleted_at is None]
    hits = judge(standing)
    names = {one.product for one in behind}
    matched = [_matched(post, found, names) for post, found in zip(standing, hits, strict=True)]
    withdrawn = _store(connection, matched, {one.product_id for one in behind}, now, _untitled(standing))
    after = stored[-1].id if len(stored) == limit else until
    _advance(connection, behind, after)
    found = sum(len(post.matches) for post in matched)
    return Chunk(after, len(stored), found, withdrawn)


def _behind(connection: Connection, wanted: Mapping[str, int]) -> tuple[list[Waiting], int | None]:
    """The products with the lowest mark, and the next higher mark, where others join them."""
    held = [one for one in waiting(connection) if wanted.get(one.product) == one.version]
    marks = sorted({one.after for one in held})
    return [one for one in held if one.after == marks[0]], marks[1] if len(marks) > 1 else None


def _matched(post: StoredPost, found: Sequence[Match], names: set[str]) -> mentions.Matched:
    matches = [match for match in found if match.product in names]
    return mentions.Matched(post.id, post.day, post.text, matches)


def _untitled(standing: Sequence[StoredPost]) -> set[int]:
    return {post.id for post in standing if not post.title}


_ONLY_TITLED = select(t.mention.c.post_id, t.mention.c.product_id).where(
    t.mention.c.post_id.in_(bindparam("ids", expanding=True)),
    t.mention.c.place == "title",
    t.mention.c.withdrawn_at.is_(None),
)


def _store(
    connection: Connection,
    matched: Sequence[mentions.Matched],
    scope: set[int],
    now: datetime,
    untitled: set[int],
) -> int:
    """Store what matches now; a mention whose evidence, a thread's title, was erased since then stays."""
    kept: dict[int, set[int]] = {}
    for part in chunks(sorted(untitled)):
        for post_id, product_id in connection.execute(_ONLY_TITLED, {"ids": part}):
            kept.setdefault(post_id, set()).add(product_id)
    numbers = {one.product: one.product_id for one in waiting(connection)} if kept else {}
    groups = [([one for one in matched if one.post_id not in kept], scope)]
    for one in matched:
        if one.post_id in kept:
            now_found = {numbers[match.product] for match in one.matches}
            groups.append(([one], scope - (kept[one.post_id] - now_found)))
    changes = [mentions.store(connection, posts, now, products) for posts, products in groups]
    touched.touch(connection, {cell for change in changes for cell in change.cells})
    return sum(len(change.withdrawn) for change in changes)


def _advance(connection: Connection, behind: Sequence[Waiting], after: int | None) -> None:
    """Write how far they are; None is the end."""
    values = {_product.matched_version: _newest, _product.held_post: 0}
    if after is not None:
        values = {_product.held_version: _newest, _product.held_post: after}
    for part in chunks([one.product_id for one in behind]):
        connection.execute(update(t.product).where(_product.id.in_(part)).values(values))


def posts_up_to(connection: Connection, number: int | None) -> int:
    """How many posts are stored, or how many of them up to a number."""
    rows = select(func.count()).select_from(t.post)
    if number is not None:
        rows = rows.where(t.post.c.id <= number)
    return connection.execute(rows).scalar_one()
