"""Feeds and Reddit: what listening costs in requests beside the ideal, with failing servers; no loss untold."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta

from tests import simulate_reddit
from tests.feed_life import FeedLife, account, listen

FEED_DAYS = 30
REDDIT_DAYS = 1.0
A_DAY = 10_000  # posts and comments of a busy subreddit
Figure = tuple[str, float, float | None]


def figures() -> Iterator[Figure]:
    """Name, figure and the highest that is good (None: for information)."""
    yield from _feed()
    yield from _reddit()


def _feed() -> Iterator[Figure]:
    life = FeedLife(seed=1, days=FEED_DAYS)
    found = account(life, listen(life, timedelta(hours=1)))
    if found.unreported:
        raise SystemExit(f"feed: {found.unreported} entries were lost without a word")
    yield f"feed: requests / ideal ({FEED_DAYS} days, every 1h)", found.ratio, 4.0
    yield "feed: requests per entry", found.requests / found.entries, None


def _reddit() -> Iterator[Figure]:
    life = simulate_reddit.Life(random.Random(2), A_DAY)
    record = simulate_reddit.listen(life, REDDIT_DAYS)
    if untold := simulate_reddit.lost(life, record)[1]:
        raise SystemExit(f"reddit: {len(untold)} posts were lost without a word")
    asked = record.requests["news"]
    yield "reddit: requests for news / ideal (1 day)", asked / record.ideal, 1.5
    yield "reddit: requests for news per post", asked / len(record.shelf.posts), None
