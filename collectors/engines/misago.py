"""Misago: its pages, which carry what the API answers as JSON, and the API's answers.

The collector reads pages: the program's own robots.txt forbids /api/.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.dates import Instant, instant
from collectors.engines._answers import answer_of, whole
from collectors.engines._misago import MARKUP, NAME, shown_bodies, shown_listing, shown_topic, standing
from collectors.links import clean, folder, number
from collectors.paging import nth_page as numbered_page
from collectors.reading import Listing, Page, ThreadRow, Topic, html, is_json, json_of
from collectors.text import Words, own_words, split_html
from listener.errors import ParseError
from listener.model import Post

_Json = Mapping[str, Any]


_IN_JSON = (b'"post_set"', b'"subcategories"', b'"last_post_is_event"')


def recognise(page: Page) -> bool:
    """JSON with Misago's keys, or a page with its scripts and styles."""
    if is_json(page):
        return any(key in page.body for key in _IN_JSON) and _known(page)
    if b"misago" not in page.body:
        return False
    return html(page).css_first(_MARKS) is not None


_MARKS = '#misago-container, script[src*="misago/js/"], link[href*="misago/css/"]'


def _known(page: Page) -> bool:
    answer = answer_of(page)
    keys = answer.keys() if isinstance(answer, dict) else set()
    return {"starter_name", "last_post_is_event"} <= keys or {"results", "subcategories", "next"} <= keys


def _answer(page: Page) -> _Json:
    """The API's answer, or what the page's script was given: THREAD and POSTS, or THREADS."""
    if is_json(page):
        answer = json_of(page)
        return answer if isinstance(answer, dict) else {}
    given = _given(html(page))
    thread, posts, threads = (given.get(key) for key in ("THREAD", "POSTS", "THREADS"))
    if isinstance(thread, dict) and isinstance(posts, dict):
        return {**thread, "post_set": posts}
    return threads if isinstance(threads, dict) else {}


def _given(tree: LexborHTMLParser) -> _Json:
    for script in tree.css("script:not([src])"):
        text = script.text().lstrip()
        if text.startswith("misago.init("):
            try:
                given, _ = json.JSONDecoder().raw_decode(text, len("misago.init("))
            except (ValueError, RecursionError):
                return {}
            return given if isinstance(given, dict) else {}
    return {}


def topic(page: Page) -> Topic:
    """The posts of a page of a thread; what the board says of itself (events) is left out."""
    answer = _answer(page)
    posts = answer.get("post_set")
    if isinstance(posts, dict):
        return _topic(page, answer, posts)
    if "results" in answer:
        raise ParseError("this is a board, not a thread", url=page.url)
    if "starter_name" in answer:
        raise ParseError("a thread without posts: read the same address with posts/", url=page.url)
    if is_json(page):
        raise ParseError(f"no posts in this answer ({', '.join(list(answer)[:8])})", url=page.url)
    return shown_topic(page)


def _topic(page: Page, answer: _Json, posts: _Json) -> Topic:
    rows = posts.get("results")
    thread_id = answer.get("id")
    if not isinstance(rows, list) or not _is_id(thread_id):
        raise ParseError(f"no posts in this answer ({', '.join(list(answer)[:8])})", url=page.url)
    thread_url = _absolute(page, answer, f"/t/-/{thread_id}/")
    thread = (_line(answer.get("title")), str(thread_id), thread_url)
    kept = [row for row in rows if isinstance(row, dict) and row.get("is_event") is not True]
    bodies = {} if is_json(page) else shown_bodies(html(page))
    found = {post.id: post for post in (_post(page, row, thread, bodies) for row in kept)}
    if not found:
        raise ParseError("no posts in this thread's answer", url=page.url)
    current, pages = whole(posts.get("page")) or 1, whole(posts.get("pages")) or 1
    next_url = _page_url(page, str(thread_id), thread_url, current + 1) if posts.get("next") else None
    return Topic(
        standing(found.values()), str(thread_id), thread_url, thread[0], current, pages, next_url, NAME
    )


def _post(page: Page, row: _Json, thread: tuple[str, str, str], bodies: Mapping[str, LexborNode]) -> Post:
    number_, content = row.get("id"), row.get("content")
    if not _is_id(number_):
        raise ParseError(f"a post without its id ({str(number_)[:20]})", url=page.url)
    when, precision = _instant(page, row.get("posted_on"))
    if when is None:
        raise ParseError(f"post {number_}: date not understood", url=page.url)
    text, quotes = _words(content, bodies.get(str(number_)))
    title, thread_id, thread_url = thread
    return Post(
        id=str(number_),
        url=_absolute(page, row, f"{urlsplit(thread_url).path}post/{number_}/"),
        text=text,
        author=_line(row.get("poster_name")) or None,
        published_at=when,
        date_precision=precision,
        edited_at=_instant(page, row.get("updated_on"))[0] if whole(row.get("edits")) else None,
        title=title,
        thread_id=thread_id,
        thread_url=thread_url,
        quotes=quotes,
        deleted=not isinstance(content, str),  # hidden, or the program itself distrusts the text
    )


def _words(content: Any, shown: LexborNode | None) -> Words:
    """A text from the page's own tree, which is there already, else from the JSON."""
    if not isinstance(content, str):
        return "", ()
    return split_html(content, MARKUP) if shown is None else own_words(shown, MARKUP)


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _line(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _instant(page: Page, value: Any) -> Instant:
    return instant(value, page.at) if isinstance(value, str) else (None, "unknown")


def _absolute(page: Page, row: _Json, otherwise: str) -> str:
    """The address that an object has under `url.index`; the program writes it without the host."""
    links = row.get("url")
    link = links.get("index") if isinstance(links, dict) else links
    return clean(link if isinstance(link, str) and link else otherwise, page.url)


def _page_url(page: Page, thread_id: str, thread_url: str, wanted: int) -> str:
    """A page of a thread, of the kind that is being read."""
    if is_json(page):
        return f"{_base(page.url)}/api/threads/{thread_id}/posts/?page={wanted}"
    return f"{thread_url.rstrip('/')}/{wanted}/"


_SECTIONS = re.compile(r"/(?:api/|t/|c/|threads/|categories/|search/|$)")


def _base(url: str) -> str:
    """The address of the forum, without the slash at its end."""
    return folder(url, _SECTIONS)


def listing(page: Page) -> Listing:
    """A list of threads, which holds those of the categories below; the page of categories gives boards."""
    answer = _answer(page)
    rows = answer.get("results")
    if "post_set" in answer or "starter_name" in answer:
        raise ParseError("this is a thread, not a board", url=page.url)
    if isinstance(rows, list):
        threads = (_row(page, row) for row in rows if isinstance(row, dict))
        unique = {thread.id: thread for thread in threads if thread is not None}
        return Listing(tuple(unique.values()), _following(page, answer), (), NAME)
    if is_json(page):
        raise ParseError(f"no list of threads in this answer ({', '.join(list(answer)[:8])})", url=page.url)
    return shown_listing(page)


def _row(page: Page, row: _Json) -> ThreadRow | None:
    number_ = row.get("id")
    if not _is_id(number_):
        return None
    pages = whole(row.get("pages"))
    url = _absolute(page, row, f"/t/-/{number_}/")
    last: datetime | None = _instant(page, row.get("last_post_on"))[0]
    return ThreadRow(
        id=str(number_),
        url=url,
        title=_line(row.get("title")),
        last_post_at=last,
        replies=row["replies"] if isinstance(row.get("replies"), int) else None,
        sticky=whole(row.get("weight")) > 0,
        last_page_url=_page_url(page, str(number_), url, pages) if pages > 1 else url,
    )


def _following(page: Page, answer: _Json) -> str | None:
    """The next page of a list: from a post's id on; older versions count pages."""
    following = answer.get("next")
    if not _is_id(following):
        return None
    values: dict[str, Any] = {}
    category = number(page.url, "category")
    if category is not None:
        values["category"] = category
    values["page" if _is_id(answer.get("page")) else "start"] = following
    return f"{urlunsplit((*urlsplit(page.url)[:3], '', ''))}?{urlencode(values)}"


_PLACE = re.compile(r"(.*/t/[^/]+/\d{1,12}/)(?:\d{1,6}/)?")


def nth_page(url: str, known: int, wanted: int) -> str | None:
    """A page of a thread; the first one has no number, and a thread's own number is none of a page."""
    parts = urlsplit(url)
    place = _PLACE.fullmatch(parts.path)
    if place is None:
        return numbered_page(url, known, wanted)
    path: str = place[1] + (f"{wanted}/" if wanted > 1 else "")
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))
