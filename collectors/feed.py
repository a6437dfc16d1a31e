"""Feeds: RSS 0.9x, 1.0 and 2.0, Atom, JSON Feed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from collectors.feed_entries import without_secrets
from collectors.feed_formats import Feed, is_feed, read_feed
from collectors.http import GoneError, HttpClient, Response
from collectors.reading import Page, Topic
from listener.errors import CollectError
from listener.model import Batch, Post, Source

__all__ = ["collect", "recognise", "topic"]

NAME = "feed"
ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
MOST_IDS = 1000  # remembered of one fetch, to see whether the next one joins on
LONGEST_POSTPONEMENT = timedelta(hours=6)


def recognise(page: Page) -> bool:
    """Whether a page is a feed."""
    return is_feed(page)


def topic(page: Page) -> Topic:
    """The entries of a recorded feed as posts, in the feed's order; ParseError if it is no feed."""
    feed = read_feed(page)
    return Topic(feed.posts, thread_id=feed.url, thread_url=feed.url, title=feed.title, engine=NAME)


def collect(source: Source, state: Mapping[str, Any], http: HttpClient, *, url: str) -> Iterator[Batch]:
    """All entries of one feed as one batch; an unchanged feed (304) gives an empty one.

    `complete_since` reaches back to the first fetch since which each fetch joined on to the one before
    (shared an entry with it); where none is shared, entries were missed and it starts anew.
    """
    state = state if _remembered(state, "asked") == _key(url) else {}
    try:
        yield _batch(source, state, http, url)
    except CollectError as error:
        error.source, error.url = source.name, without_secrets(error.url or url)
        raise


def _batch(source: Source, state: Mapping[str, Any], http: HttpClient, url: str) -> Batch:
    response = _fetched(http, source, _remembered(state, "url") or url, url, _conditions(state))
    if response.not_modified:
        since = _instant(_remembered(state, "from")) or response.fetched_at
        return Batch((), dict(state), _postponement(response, None), since)
    feed = _read(response, source)
    since = _complete_since(feed, state, response.fetched_at)
    posts = tuple({post.id: post for post in reversed(feed.posts)}.values())[::-1]
    return Batch(posts, _state(feed, state, response, url, since), _postponement(response, feed), since)


def _fetched(
    http: HttpClient, source: Source, address: str, asked: str, headers: Mapping[str, str]
) -> Response:
    """The answer of the address it moved to; where that is gone, of the configured one."""
    try:
        return http.get(address, source=source, headers=headers, accept=ACCEPT)
    except GoneError:
        if address == asked:
            raise
        return http.get(asked, source=source, accept=ACCEPT)


def _key(url: str) -> str:
    """Which address the state belongs to, without keeping it: it may hold a token."""
    return hashlib.sha256(url.encode("utf-8", "replace")).hexdigest()[:16]


def _remembered(state: Mapping[str, Any], key: str) -> str:
    value = state.get(key)
    return value if isinstance(value, str) else ""


def _conditions(state: Mapping[str, Any]) -> dict[str, str]:
    named = {"If-None-Match": _remembered(state, "etag"), "If-Modified-Since": _remembered(state, "modified")}
    return {name: value for name, value in named.items() if value}


def _read(response: Response, source: Source) -> Feed:
    content_type = response.headers.get("content-type", "")
    page = Page(response.body, response.url, response.fetched_at, source.timezone, content_type)
    return read_feed(page)


def _complete_since(feed: Feed, state: Mapping[str, Any], fetched_at: datetime) -> datetime:
    known, since = state.get("ids"), _instant(_remembered(state, "from"))
    if since is not None and isinstance(known, list):
        joined = not known or not feed.posts or not {post.id for post in feed.posts}.isdisjoint(known)
        if joined:
            return since
    return min(_oldest(feed.posts) or fetched_at, fetched_at)


def _oldest(posts: tuple[Post, ...]) -> datetime | None:
    """The instant at the older end of the feed; an old entry pinned to the other end does not count."""
    instants = [post.published_at for post in posts if post.published_at]
    if not instants:
        return None
    falling = sum(later <= earlier for earlier, later in pairwise(instants))
    return instants[-1] if falling * 2 >= len(instants) - 1 else instants[0]


def _state(
    feed: Feed, state: Mapping[str, Any], response: Response, asked: str, since: datetime
) -> dict[str, Any]:
    moved = response.url if response.moved else _remembered(state, "url")
    return {
        "asked": _key(asked),
        "url": moved,
        "etag": response.headers.get("etag", ""),
        "modified": response.headers.get("last-modified", ""),
        "from": since.isoformat(),
        "ids": [post.id for post in feed.posts[:MOST_IDS]] or state.get("ids", []),
    }


def _postponement(response: Response, feed: Feed | None) -> timedelta | None:
    """How long the feed asks to be left alone (ttl, Cache-Control), at most a quarter of a day."""
    found = re.search(r"max-age\s*=\s*\"?(\d{1,9})", response.headers.get("cache-control", ""))
    wishes = [timedelta(seconds=int(found[1])) if found else None, feed.ttl if feed else None]
    longest = max((wish for wish in wishes if wish), default=None)
    return min(longest, LONGEST_POSTPONEMENT) if longest else None


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return None
