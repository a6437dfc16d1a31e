"""What a page holds: posts of a topic, rows of a listing; `read` takes any page, feed or API answer."""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from collectors.text import parsed
from collectors.walls import refused
from listener.errors import AccessError, ParseError
from listener.model import Post


@dataclass(frozen=True)
class Page:
    """One answer as it came: `at` is the instant of the answer, `timezone` the source's own.

    `at_known`: whether `at` is when the page was made; of a file only its owner knows it.
    """

    body: bytes
    url: str
    at: datetime
    timezone: str | None = None
    content_type: str = ""
    at_known: bool = True


@dataclass(frozen=True)
class Topic:
    """The posts of one page of a thread (or of a feed) in the page's order.

    `confidence`, 0 to 1: how sure a reader is that does not know the page's engine.
    """

    posts: tuple[Post, ...]
    thread_id: str = ""
    thread_url: str = ""
    title: str = ""
    page: int = 1
    pages: int = 1
    next_url: str | None = None
    engine: str = ""
    confidence: float = 1.0


def answer_topic(posts: tuple[Post, ...], engine: str) -> Topic:
    """The posts of an API's answer, as a thread where all belong to one."""
    first = posts[0] if posts and len({post.thread_id for post in posts}) == 1 else Post("", "", "")
    return Topic(posts, first.thread_id, first.thread_url, first.title, engine=engine)


@dataclass(frozen=True)
class ThreadRow:
    """One thread in a listing; `sticky` rows stand out of order."""

    id: str
    url: str
    title: str
    last_post_at: datetime | None = None
    replies: int | None = None
    sticky: bool = False
    last_page_url: str | None = None


@dataclass(frozen=True)
class Listing:
    """One page of a board: its threads, the next page and the boards linked from it.

    `by_last_post`: whether the rows (sticky ones apart) stand in the order of their last posts, newest
    first, as boards have them; a page of search results may have another order.
    """

    threads: tuple[ThreadRow, ...]
    next_url: str | None = None
    boards: tuple[str, ...] = ()
    engine: str = ""
    confidence: float = 1.0
    by_last_post: bool = True


def read(page: Page) -> Topic:
    """The posts of any page: forum HTML, JSON answers and feeds; AccessError at a wall, else ParseError."""
    try:
        urlsplit(page.url)
    except ValueError as error:
        raise ParseError(f"not an address ({error})", url=page.url) from error
    from collectors import feed

    if feed.recognise(page):
        return feed.topic(page)
    return _read_json(page) if is_json(page) else _read_html(page)


def _read_html(page: Page) -> Topic:
    from collectors.engines import engine_of, topic_of

    engine = engine_of(page)
    if engine is not None:
        return topic_of(engine, page)
    raise refusal(page, f"engine not known ({seen(page)})")


def _read_json(page: Page) -> Topic:
    from collectors import bluesky, hackernews, lemmy, mastodon, reddit, stackexchange, youtube
    from collectors.engines import engine_of, topic_of

    for network in (lemmy, youtube, stackexchange, hackernews, mastodon, bluesky):
        if network.recognise(page):
            found: Topic = network.topic(page)
            return found
    engine = engine_of(page)
    if engine is not None:
        return topic_of(engine, page)
    if reddit.recognise(page):
        return reddit.topic(page)
    answer = json_of(page)
    keys = ", ".join(list(answer)[:8]) if isinstance(answer, dict) else f"a list of {len(answer)}"
    raise ParseError(f"JSON that no reader knows ({keys or 'empty'})", url=page.url)


def refusal(page: Page, reason: str) -> AccessError | ParseError:
    """Why a page gave no posts: a wall if it is one, else `reason`."""
    kind = refused(page.body)
    if kind:
        return AccessError(f"the site answers with a {kind}", url=page.url)
    return ParseError(reason, url=page.url)


def seen(page: Page) -> str:
    """A few words on what a page looks like, for error messages."""
    title = html(page).css_first("title")
    words = " ".join(title.text().split())[:80] if title else ""
    return f"{len(page.body)} bytes, title {words!r}" if words else f"{len(page.body)} bytes, no title"


@lru_cache(maxsize=4)
def html(page: Page) -> LexborHTMLParser:
    """The page's tree; it is shared by all readers of the page, so nobody changes it."""
    return parsed(decode(page))


def is_json(page: Page) -> bool:
    """Whether an answer is JSON and no page, by its first sign."""
    return decode(page)[:1000].lstrip()[:1] in ("{", "[")


@lru_cache(maxsize=4)
def json_of(page: Page) -> Any:
    """The page's JSON, or ParseError."""
    try:
        return json.loads(decode(page))
    except (ValueError, RecursionError) as error:
        raise ParseError(f"not JSON ({str(error)[:80]})", url=page.url) from error


_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DECLARED = re.compile(rb"""<(?:meta|\?xml)[^>]{0,400}?(?:charset|encoding)\s*=\s*["']?\s*([\w:.-]+)""", re.I)
_READABLE = re.compile(r"utf-|cp\d|iso8859|koi8|gb|big5|shift_jis|euc_|mac-|ascii|iso2022|hz$")


@lru_cache(maxsize=4)
def decode(page: Page) -> str:
    """The page as text, by BOM, HTTP header, meta, then the bytes; "Latin-1" that is UTF-8 is UTF-8."""
    for mark, codec in _BOMS:
        if page.body.startswith(mark):
            return page.body.decode(codec, "replace")
    named = re.search(r"charset\s*=\s*[\"']?\s*([\w:.-]+)", page.content_type, re.I)
    declared = _DECLARED.search(page.body[:4096])
    names = [named[1] if named else "", declared[1].decode("ascii") if declared else ""]
    known = [found for name in names if (found := _codec(name))]
    return _decoded(page.body, known[0] if known else "utf-8")


def _codec(name: str) -> str | None:
    """The codec a page means by a name: what says Latin-1 or ASCII means windows-1252."""
    try:
        codec = codecs.lookup(name).name if name else ""
    except (LookupError, ValueError):
        return None
    if codec in ("iso8859-1", "ascii"):
        return "cp1252"
    return codec if _READABLE.match(codec) and codec != "utf-7" else None


def _decoded(body: bytes, codec: str) -> str:
    if codec in ("utf-8", "cp1252"):
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError:
            if codec == "utf-8" and _mostly_utf8(body):
                return body.decode("utf-8", "replace")
            codec = "cp1252"
    return body.decode(codec, "replace")


def _mostly_utf8(body: bytes) -> bool:
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return broken <= len(text) - len(text.encode("ascii", "ignore")) - broken
