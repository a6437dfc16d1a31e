"""NodeBB, by its JSON (`/api/` before the path of each page) or its pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from collectors.engines._answers import answer_of, record, records, text, whole
from collectors.engines._nodebb import (
    MARKUP,
    NAME,
    PER_PAGE,
    SECTIONS,
    Thread,
    base,
    id_of,
    permalink,
    shown_listing,
    shown_topic,
    stamp,
)
from collectors.links import clean, distinct
from collectors.reading import Listing, Page, ThreadRow, Topic, html, is_json, json_of
from collectors.text import html_text, split_html
from listener.errors import ParseError
from listener.model import Post


def recognise(page: Page) -> bool:
    """Its keys in JSON, its components in HTML."""
    if is_json(page):
        return (b'"tid"' in page.body or b'"cid"' in page.body) and _known(page)
    return b"component=" in page.body and html(page).css_first(_MARKS) is not None


_MARKS = (
    '[component="post"][data-pid], [component="category/topic"][data-tid], [component="topic"][data-tid], '
    '[component="categories/category"][data-cid], [component="category"][data-nextstart]'
)


def _known(page: Page) -> bool:
    answer = answer_of(page)
    if isinstance(answer, list):
        return bool(answer) and {"pid", "tid", "content"} <= record(answer[0]).keys()
    keys = record(answer).keys()
    is_posts = {"tid", "posts", "mainPid"} <= keys or {"posts", "matchCount"} <= keys
    return is_posts or {"cid", "topics"} <= keys or {"topics", "nextStart"} <= keys or _has_categories(answer)


def _has_categories(answer: Any) -> bool:
    found = records(record(answer).get("categories"))
    return bool(found) and {"cid", "slug"} <= found[0].keys()


def topic(page: Page) -> Topic:
    """The posts of a topic's page, or the newest posts of the forum (`/api/recent/posts`)."""
    if not is_json(page):
        return shown_topic(page)
    answer = json_of(page)
    if isinstance(answer, list):
        posts = [_of_answer(page, row, _thread(page, record(row.get("topic")))) for row in records(answer)]
        return Topic(tuple(posts), "", clean(page.url), "", 1, 1, None, NAME)
    if "matchCount" in record(answer):
        raise ParseError("these are results of a search: a board, not a thread", url=page.url)
    if not isinstance(record(answer).get("posts"), list):
        raise ParseError(f"no posts in this answer ({', '.join(list(record(answer))[:8])})", url=page.url)
    thread = _thread(page, answer)
    found = (row for row in records(answer["posts"]) if text(row.get("type")) in ("", "post"))
    posts = [_of_answer(page, row, thread) for row in found]
    paging = record(answer.get("pagination"))
    current, pages = max(1, whole(paging.get("currentPage"))), max(1, whole(paging.get("pageCount")))
    next_url = f"{base(page)}/api/topic/{thread.id}?page={current + 1}" if current < pages else None
    return Topic(tuple(posts), thread.id, thread.url, thread.title, current, pages, next_url, NAME)


def _thread(page: Page, row: Mapping[str, Any]) -> Thread:
    number = id_of(row.get("tid"))
    if not number:
        raise ParseError("a post without its topic's number", url=page.url)
    slug = text(row.get("slug")) or number
    title = text(row.get("titleRaw")) or html_text(text(row.get("title")))
    return Thread(number, f"{base(page)}/topic/{slug}", " ".join(title.split()))


def _of_answer(page: Page, row: Mapping[str, Any], thread: Thread) -> Post:
    number, content = id_of(row.get("pid")), row.get("content")
    if not number or not isinstance(content, str):
        raise ParseError("a post without number or text", url=page.url)
    at, precision = stamp(row.get("timestampISO") or row.get("timestamp"), page.at)
    if at is None:
        raise ParseError(f"post {number}: date not understood", url=page.url)
    user, deleted = record(row.get("user")), bool(row.get("deleted"))
    own, quotes = ("", ()) if deleted else split_html(content, MARKUP)
    return Post(
        id=number,
        url=permalink(page, number),
        text=own,
        author=text(user.get("username")) or text(row.get("handle")) or None,
        published_at=at,
        date_precision=precision,
        edited_at=stamp(row.get("editedISO") or row.get("edited"), page.at)[0],
        title=thread.title,
        thread_id=thread.id,
        thread_url=thread.url,
        quotes=quotes,
        deleted=deleted,
    )


def listing(page: Page) -> Listing:
    """The topics of a category, of the whole forum or of a search; categories are boards."""
    return _listed(page) if is_json(page) else shown_listing(page)


def _listed(page: Page) -> Listing:
    answer = record(json_of(page))
    if "matchCount" in answer:
        return _found(page, answer)
    rows = records(answer.get("topics"))
    below = [*records(answer.get("children")), *records(answer.get("categories"))]
    boards = distinct(_board(page, row) for row in below)
    if not boards and not isinstance(answer.get("topics"), list):
        raise ParseError(f"no list of topics in this answer ({', '.join(list(answer)[:8])})", url=page.url)
    threads = [_row(page, row) for row in rows if id_of(row.get("tid")) and not row.get("deleted")]
    return Listing(tuple(threads), _following(page, answer), boards, NAME)


def _found(page: Page, answer: Mapping[str, Any]) -> Listing:
    """Results of a search: each post leads to its topic."""
    rows: dict[str, ThreadRow] = {}
    for post in records(answer.get("posts")):
        topic_row = record(post.get("topic"))
        if id_of(topic_row.get("tid")) and id_of(post.get("pid")):
            thread, at = _thread(page, topic_row), stamp(post.get("timestampISO"), page.at)[0]
            place = permalink(page, id_of(post.get("pid")))
            rows.setdefault(
                thread.id, ThreadRow(thread.id, thread.url, thread.title, at, last_page_url=place)
            )
    return Listing(tuple(rows.values()), _following(page, answer), (), NAME, by_last_post=False)


def _following(page: Page, answer: Mapping[str, Any]) -> str | None:
    """The next page of a list, with what else its address asks."""
    paging = record(answer.get("pagination"))
    current, pages = whole(paging.get("currentPage")), whole(paging.get("pageCount"))
    if current >= pages:
        return None
    path = urlsplit(data_address(page.url))
    kept = [pair for pair in path.query.split("&") if pair and not pair.startswith("page=")]
    return path._replace(query="&".join([*kept, f"page={current + 1}"]), fragment="").geturl()


def _board(page: Page, row: Mapping[str, Any]) -> str:
    slug = text(row.get("slug"))
    return f"{base(page)}/category/{slug}" if slug and not row.get("link") else ""


def _row(page: Page, row: Mapping[str, Any]) -> ThreadRow:
    thread, posts = _thread(page, row), whole(row.get("postcount"))
    return ThreadRow(
        id=thread.id,
        url=thread.url,
        title=thread.title,
        last_post_at=stamp(row.get("lastposttimeISO") or row.get("lastposttime"), page.at)[0],
        replies=posts - 1 if posts else None,
        sticky=bool(row.get("pinned")),
        last_page_url=f"{thread.url}?page={-(-posts // PER_PAGE)}" if posts > PER_PAGE else thread.url,
    )


def data_address(url: str) -> str:
    """The JSON of a page: its path after `/api`; of the start page the topics with the newest posts."""
    parts = urlsplit(url)
    if re.search(r"/api(?:/|$)", parts.path):
        return url
    found = SECTIONS.search(parts.path)
    folder = parts.path[: found.start()] if found else parts.path.rstrip("/")
    path = f"{folder}/api{parts.path[found.start() :]}" if found else f"{folder}/api/recent"
    shorter = re.sub(r"(/topic/\d+/[^/]+)/\d+$", r"\1", path.rstrip("/"))  # the place of a post on its page
    return urlunsplit((parts.scheme, parts.netloc, shorter, parts.query, ""))


def latest_address(url: str) -> str | None:
    """The newest posts of the whole forum, for its start page; of a single category there is no such list."""
    asked = data_address(url)
    return asked.replace("/api/recent", "/api/recent/posts") if re.search(r"/api/recent/?$", asked) else None


def version(page: Page) -> str:
    """NodeBB does not say it to guests; its footer's link may."""
    said = re.search(rb"NodeBB(?:</a>)?\s+v?(\d+\.\d+(?:\.\d+)?)", page.body)
    return said[1].decode() if said else ""
