"""Which stored posts a page of their thread lacks; pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from listener.model import Post, ThreadPage
from storage.rows import Absence, ThreadPost

MOST_ODD = 3  # a page that lacks more posts than this, and more than it shows, was rather misread


def absence(
    page: ThreadPage, posts: Sequence[Post], stored: Sequence[ThreadPost], since: datetime
) -> Absence:
    """What the page of a thread says of the thread's stored posts.

    A post counts as deleted when it was missing in an earlier run (before `since`) and still is.
    """
    shown = {post.id for post in posts}
    back = tuple(one.external_id for one in stored if one.external_id in shown and one.missing_since)
    lacking = _lacking(page, posts, [one for one in stored if not one.deleted])
    first = tuple(one.external_id for one in lacking if one.missing_since is None)
    again = (one for one in lacking if one.missing_since is not None and one.missing_since < since)
    return Absence(first, tuple(one.external_id for one in again), back)


def _lacking(page: ThreadPage, posts: Sequence[Post], stored: Sequence[ThreadPost]) -> list[ThreadPost]:
    shown = {post.id for post in posts}
    whole = page.is_first and page.is_last
    if not posts:
        return list(stored) if whole else []
    span = _span(page, posts, stored)
    if span is None:
        return []
    missing = [one for one in stored if one.external_id not in shown and _within(one, span)]
    return [] if len(missing) > max(len(shown), MOST_ODD) else missing


Span = tuple[datetime | None, datetime | None]


def _span(page: ThreadPage, posts: Sequence[Post], stored: Sequence[ThreadPost]) -> Span | None:
    """Between which instants the page shows all posts (None: open); None where it is in no such order."""
    if page.is_first and page.is_last:
        return None, None
    instants = [at for post in _own(page, posts, stored) if (at := post.published_at) is not None]
    if not instants or instants != sorted(instants):
        return None
    return None if page.is_first else instants[0], None if page.is_last else instants[-1]


def _own(page: ThreadPage, posts: Sequence[Post], stored: Sequence[ThreadPost]) -> Sequence[Post]:
    """Without the thread's first post, which some boards repeat on each page."""
    known = [one for one in stored if one.published_at is not None]
    first = min(known, key=lambda one: one.published_at or datetime.max, default=None)
    if page.is_first or first is None or posts[0].id != first.external_id:
        return posts
    return posts[1:]


def _within(one: ThreadPost, span: Span) -> bool:
    """Posts of the same minute as the page's edge may stand on the page beside it."""
    at = one.published_at
    if at is None:
        return span == (None, None)
    return (span[0] is None or at > span[0]) and (span[1] is None or at < span[1])
