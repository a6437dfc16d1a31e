"""The order of posts puts right instants that "Heute" at midnight or an hour that comes twice made wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from collectors.reading import Topic
from listener.model import Post

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
NEAR = timedelta(hours=62)  # "Gestern, 00:00" and the farthest zone: two days and 14 hours
AHEAD = timedelta(hours=14)  # where the zone is not known, a post may seem to be younger than the page


def put_right(topic: Topic, at: datetime) -> Topic:
    """The topic with its posts' instants put right by their order; `at` is when the page was made.

    A post is not older than the one before it where ids rise. One that seems to be was either written in
    the hour that comes twice in autumn (then an hour later), or is told by "Heute" or "Gestern", whose
    midnight was another one (then a day later). Nothing changes unless all of the page rises afterwards.
    Instants with seconds come from attributes and stay; days without a time tell no order.
    """
    posts = topic.posts
    if all(before <= after for before, after in pairwise(_known(posts))) or not _ids_rise(posts):
        return topic
    rising = _rising(posts, at)
    return topic if rising is None else replace(topic, posts=rising)


def _known(posts: Sequence[Post]) -> list[datetime]:
    return [post.published_at for post in posts if post.published_at is not None and _is_exact(post)]


def _is_exact(post: Post) -> bool:
    return post.date_precision in ("second", "minute")


def _ids_rise(posts: Sequence[Post]) -> bool:
    ids = [
        int(post.id) if post.id.isascii() and post.id.isdigit() and len(post.id) < 20 else -1
        for post in posts
    ]
    return -1 not in ids and all(before < after for before, after in pairwise(ids))


def _rising(posts: Sequence[Post], at: datetime) -> tuple[Post, ...] | None:
    found: list[Post] = []
    floor: datetime | None = None
    for post in posts:
        if post.published_at is not None and _is_exact(post):
            fitting = (one for one in _candidates(post, at) if floor is None or one >= floor)
            floor = next(fitting, None)
            if floor is None:
                return None
            post = post if floor == post.published_at else replace(post, published_at=floor)
        found.append(post)
    return tuple(found)


def _candidates(post: Post, at: datetime) -> Iterator[datetime]:
    """When a post may have been written, its own instant first."""
    assert post.published_at is not None
    yield post.published_at
    if post.date_precision != "minute":
        return
    if _is_doubled(post.published_at):
        yield post.published_at + HOUR
    if at - NEAR <= post.published_at and post.published_at + DAY <= at + AHEAD:
        yield post.published_at + DAY


def _is_doubled(when: datetime) -> bool:
    """Whether clocks are put back then: the last Sunday of October, in America the first of November."""
    ends_october = when.month == 10 and when.day > 24
    begins_november = when.month == 11 and when.day < 8
    return when.weekday() == 6 and (ends_october or begins_november) and when.hour < 9
