"""Getting a feed: conditionally, where it moved to, or where a site's page says that it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime

from collectors.addresses import shown
from collectors.feed_formats import Feed, is_feed, read_feed
from collectors.feed_secrets import to_remember, whole
from collectors.feed_state import Remembered
from collectors.http import GoneError, HttpClient, Response
from collectors.reading import Page
from listener.errors import CollectError, EndedError, ParseError
from listener.model import Source

ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
MOST_CANDIDATES = 3  # feeds of one page that are tried


@dataclass(frozen=True, slots=True)
class Answer:
    """What came: `feed` is None if nothing changed; `address` is where it is now, to be remembered."""

    response: Response
    feed: Feed | None
    address: str = ""
    found: bool = False
    notice: str = ""


def answered(http: HttpClient, source: Source, memory: Remembered, url: str) -> Answer:
    """The answer of the place where the feed was last; where that is gone, of the configured one."""
    conditions = {"If-None-Match": memory.etag, "If-Modified-Since": memory.modified}
    place = whole(memory.address, url) if memory.address else ""
    if place:
        try:
            response = http.get(place, source=source, headers=conditions, accept=ACCEPT)
            page = _page(response, source)
            if response.not_modified or is_feed(page) or memory.found:
                feed = None if response.not_modified else read_feed(page)
                moved = to_remember(response.url, url) if response.moved else memory.address
                return Answer(response, feed, moved, memory.found)
        except GoneError:
            pass  # the configured address knows where it is now
    response = _configured(http, source, url, {} if memory.address else conditions)
    page = _page(response, source)
    if not response.not_modified and not is_feed(page) and (memory.found or memory.since is None):
        return _found(http, source, page, url)
    moved = to_remember(response.url, url) if response.moved else ""
    return Answer(response, None if response.not_modified else read_feed(page), moved)


def _configured(http: HttpClient, source: Source, url: str, conditions: dict[str, str]) -> Response:
    """The answer of the configured address; 410 there ends the source."""
    try:
        return http.get(url, source=source, headers=conditions, accept=ACCEPT)
    except GoneError as error:
        if not error.forever:
            raise
        said = (
            f"{error.message}: the site says that this feed is over for good; "
            "it is not asked again until its address is changed here"
        )
        raise EndedError(said, url=error.url) from None


def _page(response: Response, source: Source) -> Page:
    return Page(
        response.body, shown(response.url), response.fetched_at, source.timezone, response.content_type
    )


def _found(http: HttpClient, source: Source, page: Page, url: str) -> Answer:
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
        return Answer(response, feed, to_remember(place, url), True, said)
    raise problem


def _not_a_feed(page: Page) -> CollectError:
    try:
        read_feed(page)
    except CollectError as error:
        return error
    return ParseError("not a feed", url=page.url)


def fresh_for(response: Response) -> timedelta | None:
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
