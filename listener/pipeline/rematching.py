"""rematch: a new or changed query is held against the stored posts, so that history does not start today."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from listener.pipeline.hall import Hall

log = logging.getLogger("listener.rematch")
CHUNK = 500


def rematch(hall: Hall, products: Sequence[str] | None = None) -> int:
    """Match again (by default: what is new or changed); one transaction per chunk; returns mentions found."""
    from listener.language import detect_language
    from listener.query import Matcher

    names = list(hall.storage.unmatched_products() if products is None else products)
    wanted = [product for product in hall.config.products if product.name in names]
    if not wanted:
        return 0
    matcher, found, after = Matcher(wanted, detect_language, hall.pseudonym), 0, 0
    while posts := hall.storage.posts_for_rematch(after, CHUNK):
        if hall.stop.is_set():
            return found
        standing = [post for post in posts if post.deleted_at is None]
        hits = matcher.match([post.passage for post in standing])
        by_post = {post.id: matches for post, matches in zip(standing, hits, strict=True)}
        hall.storage.replace_mentions([product.name for product in wanted], by_post, hall.clock())
        found, after = found + sum(map(len, hits)), posts[-1].id
    for product in wanted:
        hall.storage.mark_matched(product.name)
    log.info("products=%d matched against the stored posts mentions=%d", len(wanted), found)
    return found
