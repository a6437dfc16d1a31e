"""Feeds: RSS 0.9x, 1.0 and 2.0, Atom, JSON Feed; of a site's address, the feed that its page names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from collectors.addresses import shown
from collectors.answers import retry_after
from collectors.feed_answers import ACCEPT, answered, fresh_for
from collectors.feed_formats import is_feed, read_feed
from collectors.feed_gaps import missed
from collectors.feed_progress import after
from collectors.feed_rhythm import next_wait, stated_period
from collectors.feed_secrets import hidden, secrets_of, told_openly
from collectors.feed_state import Remembered, key, recalled, stored
from collectors.http import HttpClient
from collectors.reading import Page, Topic
from listener.errors import CollectError, ConfigError
from listener.model import Batch, Source

__all__ = ["ACCEPT", "collect", "recognise", "topic"]

NAME = "feed"
SHORTEST_SAID = 4  # signs of a secret that is left out of messages


def recognise(page: Page) -> bool:
    """Whether a page is a feed."""
    return is_feed(page)


def topic(page: Page) -> Topic:
    """The entries of a recorded feed as posts, in the feed's order; ParseError if it is no feed."""
    feed = read_feed(page)
    return Topic(feed.posts, thread_id=feed.url, thread_url=feed.url, title=feed.title, engine=NAME)


def collect(
    source: Source,
    state: Mapping[str, Any],
    http: HttpClient,
    *,
    url: str,
    slowest: timedelta = timedelta(hours=6),
    follow: bool = False,
    full_text: bool = False,
) -> Iterator[Batch]:
    """All entries of one feed as one batch; an unchanged feed (304) gives an empty one.

    `complete_since` reaches back to the first fetch since which each fetch joined on to the one before;
    where one does not, entries were missed: it starts anew and `notice` says what was missed. `retry_after`
    is the feed's own rhythm, between `every` and `slowest`. `follow`: its entries lead to threads of a
    forum, which are read; `full_text`: the articles of new entries are read.
    """
    if follow and full_text:
        raise ConfigError("`follow` reads threads and `full_text` articles: give a feed one of them")
    state = state if state.get("asked") == key(url) else {}
    known = recalled(state, url)
    if (follow and "follow" not in state) or (full_text and "articles" not in state):
        known = replace(known, etag="", modified="")  # all entries are needed once
    try:
        batch = _batch(source, known, http, url, slowest)
        if follow:
            from collectors.feed_follow import followed

            yield from followed(batch, state, http, source, url=url)
        elif full_text:
            from collectors.feed_articles import full_texts

            yield from full_texts(batch, state, http, source, url=url)
        else:
            yield batch
    except CollectError as error:
        raise _told(error, source, url) from None


def _told(error: CollectError, source: Source, url: str) -> CollectError:
    """The error without the secrets of the address."""
    secrets = secrets_of(url)
    error.message = hidden(error.message, secrets, SHORTEST_SAID)
    error.args = (error.message,)
    error.source, error.url = source.name, hidden(shown(error.url or url), secrets)
    return error


def _batch(source: Source, memory: Remembered, http: HttpClient, url: str, slowest: timedelta) -> Batch:
    """One reading of the feed, and what it says in the light of the one before."""
    answer = answered(http, source, memory, url)
    response, feed = answer.response, answer.feed
    posts = tuple({post.id: post for post in reversed(feed.posts)}.values())[::-1] if feed else ()
    known, gap = after(memory, answer, posts)
    wait = next_wait(
        known.rhythm,
        len(known.reading.marks),
        response.fetched_at,
        every=source.every,
        slowest=max(slowest, source.every),
        said=(feed.ttl, stated_period(response.body)) if feed else (),
        fresh_for=(fresh_for(response),),
    )
    wait = max(wait, retry_after(response) or wait)
    notices = (answer.notice, missed(memory, known, source.every) if gap else "")
    secrets = secrets_of(url)
    return Batch(
        tuple(told_openly(post, secrets) for post in posts),
        stored(replace(known, wait=wait), url),
        retry_after=wait if wait > source.every else None,
        complete_since=known.since if known.is_told else None,
        notice=hidden("; ".join(filter(None, notices)), secrets, SHORTEST_SAID),
    )
