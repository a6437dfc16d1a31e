"""Feeds: RSS 0.9x, 1.0 and 2.0, Atom, JSON Feed; of a site's address, the feed that its page names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from collectors.addresses import shown
from collectors.answers import retry_after
from collectors.feed_formats import Feed, is_feed, read_feed
from collectors.feed_gaps import missed
from collectors.feed_overlap import (
    Reading,
    begins_at,
    fresh,
    joined,
    marks_of,
    may_be_empty,
    usual_number,
)
from collectors.feed_rhythm import Rhythm, arrivals, grown, next_wait, stated_period
from collectors.feed_secrets import hidden, secrets_of, to_remember, told_openly, whole
from collectors.feed_state import Memory, key, recalled, stored
from collectors.http import GoneError, HttpClient, Response
from collectors.reading import Page, Topic
from listener.errors import CollectError, ConfigError, EndedError, ParseError
from listener.model import Batch, Post, Source

__all__ = ["collect", "recognise", "topic"]

NAME = "feed"
ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
MOST_CANDIDATES = 3  # feeds of one page that are tried
SHORTEST_SAID = 4  # signs of a secret that is left out of messages
ONE_DAY = timedelta(days=1)
BELIEVED_AFTER = timedelta(days=3)  # a feed that stays empty so long is empty


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
    """The error without the secrets of the address; one of 410 says that the source has ended."""
    if isinstance(error, GoneError) and error.forever:
        error = EndedError(
            f"{error.message}: the site says that this feed is over for good; "
            "it is not asked again until its address is changed here",
            url=error.url,
        )
    secrets = secrets_of(url)
    error.message = hidden(error.message, secrets, SHORTEST_SAID)
    error.args = (error.message,)
    error.source, error.url = source.name, hidden(shown(error.url or url), secrets)
    return error


def _batch(source: Source, memory: Memory, http: HttpClient, url: str, slowest: timedelta) -> Batch:
    """One reading of the feed, and what it says in the light of the one before."""
    answer = _answered(http, source, memory, url)
    response, feed = answer.response, answer.feed
    posts = tuple({post.id: post for post in reversed(feed.posts)}.values())[::-1] if feed else ()
    after, gap = _after(memory, answer, posts)
    wait = next_wait(
        after.rhythm,
        len(after.reading.marks),
        response.fetched_at,
        every=source.every,
        slowest=max(slowest, source.every),
        said=(feed.ttl, stated_period(response.body)) if feed else (),
        fresh_for=(_fresh_for(response),),
    )
    wait = max(wait, retry_after(response) or wait)
    notices = (answer.notice, missed(memory, after, source.every) if gap else "")
    secrets = secrets_of(url)
    return Batch(
        tuple(told_openly(post, secrets) for post in posts),
        stored(replace(after, wait=wait), url),
        retry_after=wait if wait > source.every else None,
        complete_since=after.since if after.is_told else None,
        notice=hidden("; ".join(filter(None, notices)), secrets, SHORTEST_SAID),
    )


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came: `feed` is None if nothing changed; `address` is where it is now, to be remembered."""

    response: Response
    feed: Feed | None
    address: str = ""
    found: bool = False
    notice: str = ""


def _answered(http: HttpClient, source: Source, memory: Memory, url: str) -> _Answer:
    """The answer of the place where the feed was last; where that is gone, of the configured one."""
    conditions = {"If-None-Match": memory.etag, "If-Modified-Since": memory.modified}
    place = whole(memory.address, url) if memory.address else ""
    if place:
        try:
            response = http.get(place, source=source, headers=conditions, accept=ACCEPT)
            page = _page(response, source)
            if response.not_modified or recognise(page) or memory.found:
                feed = None if response.not_modified else read_feed(page)
                moved = to_remember(response.url, url) if response.moved else memory.address
                return _Answer(response, feed, moved, memory.found)
        except GoneError:
            pass  # the configured address knows where it is now
    response = http.get(url, source=source, headers={} if memory.address else conditions, accept=ACCEPT)
    page = _page(response, source)
    if not response.not_modified and not recognise(page) and (memory.found or memory.since is None):
        return _found(http, source, page, url)
    moved = to_remember(response.url, url) if response.moved else ""
    return _Answer(response, None if response.not_modified else read_feed(page), moved)


def _page(response: Response, source: Source) -> Page:
    return Page(
        response.body, shown(response.url), response.fetched_at, source.timezone, response.content_type
    )


def _found(http: HttpClient, source: Source, page: Page, url: str) -> _Answer:
    """The first feed that the page of a site names; ParseError (of the page) if there is none.

    Only where no feed was read at this address yet: the HTML of an error must not lead to another feed.
    """
    from collectors.discovery import feeds_of

    candidates = feeds_of(page)
    problem = _not_a_feed(page)
    for one in [one for one in candidates if one.comments == candidates[0].comments][:MOST_CANDIDATES]:
        try:
            response = http.get(one.url, source=source, accept=ACCEPT)
            feed = read_feed(_page(response, source))
        except (GoneError, ParseError):
            continue
        place = response.url if response.moved else one.url
        said = f"read {shown(place)}; write this address as url"
        return _Answer(response, feed, to_remember(place, url), True, said)
    raise problem


def _not_a_feed(page: Page) -> CollectError:
    try:
        read_feed(page)
    except CollectError as error:
        return error
    return ParseError("not a feed", url=page.url)


def _after(memory: Memory, answer: _Answer, posts: tuple[Post, ...]) -> tuple[Memory, bool]:
    """What is known after this fetch, and whether entries were missed before it."""
    response, before = answer.response, memory.reading
    now = Reading(marks_of(posts, response.fetched_at), response.fetched_at)
    came = memory.came or (response.fetched_at,)
    if answer.feed is None or not now.marks:
        return _unchanged(memory, answer, came), False
    now = replace(now, most=usual_number(before, now.marks))
    gap = bool(before.marks) and not joined(before, now)
    oldest = begins_at(before if gap else None, now)
    kept_since = None if gap else memory.since
    since = kept_since or _promised(oldest, posts, response.fetched_at)
    if before.marks:
        instants = [mark.at for mark in fresh(before, now)]
        came = (*came, *arrivals(instants, before.at, response.fetched_at))
    after = Memory(since=since, reading=now, came=came, busiest=memory.busiest)
    return _placed(replace(after, **_pace(memory, after, response)), answer), gap


def _unchanged(memory: Memory, answer: _Answer, came: tuple[datetime, ...]) -> Memory:
    """After a 304 or an empty answer, which nobody believes of a feed that should hold entries."""
    at, before = answer.response.fetched_at, memory.reading
    told = answer.feed is None or not before.marks or may_be_empty(before, at)
    reading, since = replace(before, at=at) if told else before, memory.since or at
    emptied = None if told else memory.emptied or at
    if emptied is not None and at - emptied > BELIEVED_AFTER:
        told, reading, since, emptied = True, Reading((), at, before.most), at, None
    kept = replace(memory, reading=reading, since=since, came=came, emptied=emptied, is_told=told)
    kept = replace(kept, **_pace(kept, kept, answer.response))
    return _placed(kept, answer) if told else kept


def _pace(memory: Memory, after: Memory, response: Response) -> dict[str, Any]:
    """What both readings tell of the rhythm."""
    marks = (*memory.reading.marks, *after.reading.marks)
    published = tuple({mark.at for mark in marks if mark.at})
    rhythm = Rhythm(published, after.came, memory.busiest)
    rhythm = grown(rhythm, len(after.reading.marks), response.fetched_at)
    return {"came": rhythm.came, "busiest": rhythm.busiest}


def _placed(memory: Memory, answer: _Answer) -> Memory:
    """With where the feed is, and the validators of what came from there; a 304 may bring newer ones."""
    headers, changed = answer.response.headers, answer.feed is not None
    return replace(
        memory,
        address=answer.address,
        found=answer.found,
        etag=headers.get("etag", "" if changed else memory.etag),
        modified=headers.get("last-modified", "" if changed else memory.modified),
    )


def _promised(oldest: datetime | None, posts: tuple[Post, ...], fetched_at: datetime) -> datetime:
    """Since when all is there, with an oldest entry of that instant; of a mere date, from the next day on."""
    if oldest is None:
        return fetched_at
    to_the_day = any(post.published_at == oldest and post.date_precision == "day" for post in posts)
    return min(oldest + ONE_DAY if to_the_day else oldest, fetched_at)


def _fresh_for(response: Response) -> timedelta | None:
    """How long the server calls its answer fresh: max-age less its age, else until Expires."""
    found = re.search(r"max-age\s*=\s*\"?(\d{1,9})", response.headers.get("cache-control", ""))
    if found:
        age = re.fullmatch(r"\s*(\d{1,9})\s*", response.headers.get("age", ""))
        return timedelta(seconds=max(0, int(found[1]) - (int(age[1]) if age else 0)))
    try:
        expires = parsedate_to_datetime(response.headers.get("expires", ""))
        return max(expires - response.date, timedelta(0))
    except (ValueError, TypeError, OverflowError):
        return None
