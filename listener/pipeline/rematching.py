"""rematch: a new or changed query is held against the stored posts, so that history does not start today.

How far each product is stands in the store, written with each chunk: a killed rematch goes on there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from listener.errors import ConfigError
from listener.model import Match
from listener.pipeline.hall import Hall

if TYPE_CHECKING:
    from listener.query import Matcher
    from storage.rematching import Judge, Waiting
    from storage.rows import StoredPost

log = logging.getLogger("listener.rematch")
CHUNK = 500
LOGGED_EVERY = 20  # chunks


@dataclass(frozen=True, slots=True)
class Rematched:
    """How far a rematch is: posts that are done of all, mentions that hold now, and those withdrawn."""

    products: int = 0
    posts: int = 0
    of: int = 0
    found: int = 0
    withdrawn: int = 0
    ended: bool = False
    left: timedelta | None = None


def rematch(
    hall: Hall,
    products: Sequence[str] | None = None,
    told: Callable[[Rematched], None] = lambda _: None,
    *,
    size: int = CHUNK,
) -> Rematched:
    """Match again (by default: what is new or changed), `size` posts per transaction; `told` hears it."""
    from listener.language import detect_language
    from listener.query import Matcher

    if products:
        hall.storage.begin_rematch(_known(hall, products))
    waiting = _configured(hall, products)
    if not waiting:
        return Rematched(ended=True)
    names = {one.product for one in waiting}
    wanted = [product for product in hall.config.products if product.name in names]
    matcher = Matcher(wanted, detect_language, hall.pseudonym)
    done = _pass(hall, waiting, _judge(matcher), told, size)
    log.info(
        "products=%d posts=%d of %d matched again mentions=%d withdrawn=%d ended=%s",
        done.products, done.posts, done.of, done.found, done.withdrawn, done.ended,
    )  # fmt: skip
    return done


def progress(hall: Hall) -> dict[str, float]:
    """Products that wait for a rematch, each with the share of the stored posts that is done."""
    total = hall.storage.posts_up_to()
    waiting = hall.storage.waiting_products()
    done = {after: hall.storage.posts_up_to(after) for after in {one.after for one in waiting}}
    return {one.product: done[one.after] / total if total else 0.0 for one in waiting}


def _known(hall: Hall, products: Sequence[str]) -> Sequence[str]:
    known = [product.name for product in hall.config.products]
    if unknown := [name for name in products if name not in known]:
        raise ConfigError(f"no such product: `{unknown[0]}`; known are {', '.join(known)}")
    return products


def _configured(hall: Hall, products: Sequence[str] | None) -> list[Waiting]:
    """Who waits with the very query of this configuration: another process may have put in a newer one."""
    queries = {product.name: product.query.text for product in hall.config.products}
    return [
        one
        for one in hall.storage.waiting_products()
        if queries.get(one.product) == one.text and (products is None or one.product in products)
    ]


def _judge(matcher: Matcher) -> Judge:
    def judge(posts: Sequence[StoredPost]) -> list[list[Match]]:
        return matcher.match([post.passage for post in posts])

    return judge


def _pass(
    hall: Hall, waiting: Sequence[Waiting], judge: Judge, told: Callable[[Rematched], None], size: int
) -> Rematched:
    storage, started_at = hall.storage, hall.clock()
    versions = {one.product: one.version for one in waiting}
    first = storage.posts_up_to(min(one.after for one in waiting))
    done = Rematched(len(waiting), first, max(storage.posts_up_to(), first))
    chunks = 0
    while not hall.stop.is_set():
        chunk = storage.rematch(versions, judge, size, hall.clock())
        chunks += 1
        done = replace(done, found=done.found + chunk.found, withdrawn=done.withdrawn + chunk.withdrawn)
        if chunk.after is None:
            return replace(done, posts=done.of, ended=True, left=None)
        posts = min(done.posts + chunk.posts, done.of)
        done = replace(
            done, posts=posts, left=_left(hall.clock() - started_at, posts - first, done.of - posts)
        )
        told(done)
        if chunks % LOGGED_EVERY == 0:
            log.info("posts=%d of %d mentions=%d withdrawn=%d", posts, done.of, done.found, done.withdrawn)
    return done


def _left(spent: timedelta, done: int, ahead: int) -> timedelta | None:
    """How long the rest takes if it goes on like this."""
    return spent / done * ahead if done > 0 else None
