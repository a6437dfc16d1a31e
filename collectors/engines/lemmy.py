"""Lemmy, by its API v3. A thread is a post, its first page, and its comments, up to fifty on a page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice, takewhile
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from collectors.engines._answers import answer_of, record, records, whole
from collectors.engines._lemmy import NAME, base, comment_of, name_of, post_of, stamp, thread_of
from collectors.links import distinct, number, parameter
from collectors.reading import Listing, Page, ThreadRow, Topic, html, is_json, json_of, refusal, seen
from listener.errors import ParseError
from listener.model import Post

_Json = Mapping[str, Any]
_PER_PAGE = 50  # the most that the API gives


def recognise(page: Page) -> bool:
    """Its objects in JSON, or the page of its own program for browsers."""
    if is_json(page):
        is_near = b'"actor_id"' in page.body or "/api/v3/" in page.url
        return is_near and _known(page)
    if b"isoData" not in page.body or b"lemmy" not in page.body.lower():
        return False
    return html(page).css_first("#root, #app, .lemmy-site") is not None


def _known(page: Page) -> bool:
    answer = record(answer_of(page))
    for key, parts in _LISTS.items():
        rows = answer.get(key)
        if isinstance(rows, list) and (parts <= record(rows[0]).keys() if rows else _is_asked(page, key)):
            return True
    return {"post", "creator", "community"} <= record(answer.get("post_view")).keys()


_LISTS = {
    "posts": {"post", "creator", "community", "counts"},
    "comments": {"comment", "creator", "post", "community"},
    "communities": {"community", "counts"},
}


def _is_asked(page: Page, key: str) -> bool:
    return {"posts": "/post/list", "comments": "/comment/list", "communities": "/community/list"}[
        key
    ] in page.url


def _answer(page: Page) -> _Json:
    if not is_json(page):
        raise refusal(page, f"Lemmy's pages hold no posts to read, ask its API ({seen(page)})")
    answer = json_of(page)
    if not isinstance(answer, dict):
        raise ParseError("not an answer of Lemmy's", url=page.url)
    return answer


def topic(page: Page) -> Topic:
    """A post, or comments of a post or of all, or what is newest of both (a search for nothing)."""
    answer = _answer(page)
    if isinstance(answer.get("post_view"), dict):
        return _first(page, answer["post_view"])
    if isinstance(answer.get("comments"), list) and isinstance(answer.get("posts"), list):
        if parameter(page.url, "q"):
            raise ParseError("these are results of a search: a board, not a thread", url=page.url)
        return _newest(page, answer)
    if isinstance(answer.get("comments"), list):
        return _comments(page, records(answer["comments"]))
    if isinstance(answer.get("posts"), list):
        raise ParseError("this is a board, not a thread", url=page.url)
    raise ParseError(f"no posts in this answer ({', '.join(list(answer)[:8])})", url=page.url)


def _first(page: Page, view: _Json) -> Topic:
    thread, comments = thread_of(page, view), whole(record(view.get("counts")).get("comments"))
    pages = _pages(comments)
    next_url = _thread_page(base(page), thread.id, 2) if pages > 1 else None
    post = post_of(page, view, thread)
    return Topic((post,), thread.id, thread.url, thread.title, 1, pages, next_url, NAME)


def _comments(page: Page, rows: list[_Json]) -> Topic:
    """A page of comments: of one thread, or of all."""
    post_id, current = number(page.url, "post_id"), max(1, number(page.url, "page") or 1)
    is_full = len(rows) >= (number(page.url, "limit") or 10)
    following = f"{page.url.partition('?')[0]}?{_query(page.url, page=current + 1)}" if is_full else None
    posts = _unique([comment_of(page, row, thread_of(page, row)) for row in rows])
    if post_id is None:
        return Topic(posts, "", page.url, "", 1, 1, following, NAME)
    thread = thread_of(page, rows[0]) if rows else None
    url, title = (thread.url, thread.title) if thread else ("", "")
    place = _place(page.url)
    if place is not None and is_full:
        following = _thread_page(base(page), post_id, place + 1)
    shown = place or current + 1
    return Topic(posts, str(post_id), url, title, shown, shown + is_full, following, NAME)


def _query(url: str, **values: object) -> str:
    """A query with some of its parameters replaced."""
    kept = [pair.partition("=") for pair in urlsplit(url).query.split("&") if pair]
    return "&".join([f"{key}={value}" for key, _, value in kept if key not in values] + [urlencode(values)])


def _newest(page: Page, answer: _Json) -> Topic:
    """Posts and comments, newest first, as far back as both lists reach."""
    lists = [
        [post_of(page, row, thread_of(page, row)) for row in records(answer["posts"])],
        [comment_of(page, row, thread_of(page, row)) for row in records(answer["comments"])],
    ]
    limit = number(page.url, "limit") or 10
    ends = [min(_at(post) for post in posts) for posts in lists if posts and len(posts) >= limit]
    found = [post for posts in lists for post in posts if not ends or _at(post) >= max(ends)]
    found.sort(key=_at, reverse=True)
    return Topic(_unique(found), "", page.url, "", 1, 1, None, NAME)


def _at(post: Post) -> float:
    return post.published_at.timestamp() if post.published_at is not None else 0.0


def _unique(posts: list[Post]) -> tuple[Post, ...]:
    return tuple({post.id: post for post in posts}.values())


def _windows() -> Iterator[tuple[int, int]]:
    """The pages of comments in their order, as (limit, page) for the API.

    Each begins with comments that end the one before: the API tells no total, and what follows a full page
    would else be empty whenever a thread has just filled it. Of all sizes the one that repeats fewest counts.
    """
    limit, page = _PER_PAGE, 1
    while True:
        yield limit, page
        shared = limit * page - 1  # comments before the last one
        limit = max(range(1, _PER_PAGE + 1), key=lambda size: size - shared % size)
        page = shared // limit + 1


def _pages(comments: int) -> int:
    """How many pages a thread has; the post is the first."""
    ends = (limit * page for limit, page in _windows())
    return 1 if comments <= 0 else 2 + sum(1 for _ in takewhile(lambda end: end < min(comments, _MOST), ends))


def _place(url: str) -> int | None:
    """Which page of its thread an address of comments is, if it is one of ours."""
    asked = (number(url, "limit"), number(url, "page"))
    places = takewhile(lambda one: one[1][0] * one[1][1] < _MOST, enumerate(_windows(), 2))
    return next((place for place, window in places if window == asked), None)


_MOST, _MOST_PAGES = 50_000, 1200  # comments, and the pages that hold so many


def _thread_page(base: str, post_id: str | int, wanted: int) -> str:
    """Page `wanted` of a thread: the first is the post, comments follow."""
    if wanted <= 1:
        return f"{base}/api/v3/post?id={post_id}"
    limit, page = next(islice(_windows(), min(wanted, _MOST_PAGES) - 2, None))
    asked = {"post_id": post_id, "type_": "All", "sort": "Old", "limit": limit, "page": page}
    return f"{base}/api/v3/comment/list?{urlencode(asked)}"


def listing(page: Page) -> Listing:
    """The posts of a community or of all, by their last comments; a list of communities gives boards."""
    answer = _answer(page)
    if isinstance(answer.get("communities"), list) and not isinstance(answer.get("posts"), list):
        return Listing((), None, distinct(_board(page, row) for row in records(answer["communities"])), NAME)
    if not isinstance(answer.get("posts"), list):
        is_thread = "post_view" in answer or "comments" in answer  # results of a search hold posts too
        said = "this is a thread, not a board" if is_thread else "no list of posts in this answer"
        raise ParseError(f"{said} ({', '.join(list(answer)[:8])})", url=page.url)
    rows = [*records(answer["posts"]), *records(answer.get("comments"))]
    threads = {thread.id: thread for row in rows if (thread := _row(page, row)) is not None}
    current, limit = max(1, number(page.url, "page") or 1), number(page.url, "limit") or 10
    following = f"{page.url.partition('?')[0]}?{_query(page.url, page=current + 1)}"
    by_last = parameter(page.url, "sort") in ("NewComments", None) and "comments" not in answer
    is_full = max(len(records(answer.get(key))) for key in ("posts", "comments")) >= limit
    next_url = following if is_full else None
    return Listing(tuple(threads.values()), next_url, (), NAME, by_last_post=by_last)


def _board(page: Page, row: _Json) -> str:
    name = name_of(record(row.get("community")))
    return f"{base(page)}/c/{quote(name, safe='@')}" if name else ""


def _row(page: Page, view: _Json) -> ThreadRow | None:
    post, counts = record(view.get("post")), record(view.get("counts"))
    if whole(post.get("id")) <= 0 or post.get("deleted") is True or post.get("removed") is True:
        return None
    thread = thread_of(page, view)
    comments = whole(counts.get("comments")) if "comments" in counts else None
    pages = _pages(comments or 0)
    stamps = (stamp(page, counts.get(key))[0] for key in ("newest_comment_time", "published"))
    return ThreadRow(
        id=thread.id,
        url=thread.url,
        title=thread.title,
        last_post_at=next(filter(None, stamps), stamp(page, post.get("published"))[0]),
        replies=comments,
        sticky=post.get("featured_community") is True or post.get("featured_local") is True,
        last_page_url=_thread_page(base(page), thread.id, pages) if pages > 1 else thread.url,
    )


_POST = re.compile(r"/post/(\d{1,15})(?:/|$)")
_COMMUNITY = re.compile(r"/c/([\w.-]+(?:@[\w.:-]+)?)/?$")


def data_address(url: str) -> str:
    """What to ask the API for a page: a post, a community's posts, or those of the whole server."""
    parts = urlsplit(url)
    if "/api/v3/" in parts.path:
        return url
    base = f"{parts.scheme}://{parts.netloc}/api/v3"
    if found := _POST.match(parts.path):
        return f"{base}/post?{urlencode({'id': found[1]})}"
    by_comments = {"sort": "NewComments", "limit": _PER_PAGE}
    if found := _COMMUNITY.match(parts.path):
        asked = {"community_name": found[1], "type_": "All", **by_comments}
        return f"{base}/post/list?{urlencode(asked, safe='@')}"
    if words := parameter(url, "q"):
        search = {"q": words, "type_": "All", "sort": "New", "listing_type": "All", "limit": str(_PER_PAGE)}
        return f"{base}/search?{urlencode(search)}"
    return f"{base}/post/list?{urlencode({'type_': _kind(url), **by_comments})}"


def _kind(url: str) -> str:
    """The start page shows what its own communities hold, unless its address says otherwise."""
    return "All" if parameter(url, "listingType") == "All" else "Local"


def latest_address(url: str) -> str | None:
    """The newest posts and comments of a community or of the server, in one answer."""
    asked = data_address(url)
    if "/api/v3/post/list" not in asked or parameter(asked, "sort") != "NewComments":
        return None
    values: dict[str, object] = {"q": "", "type_": "All", "sort": "New", "limit": _PER_PAGE}
    community = parameter(asked, "community_name")
    values |= {"community_name": community, "listing_type": "All"} if community else {}
    values |= {} if community else {"listing_type": parameter(asked, "type_") or "Local"}
    return f"{asked.partition('/api/v3/')[0]}/api/v3/search?{urlencode(values, safe='@')}"


def nth_page(url: str, known: int, wanted: int) -> str | None:
    """A page of a thread, whose comments have pages of their own."""
    post_id = number(url, "post_id") or number(url, "id")
    if post_id is None or "/api/v3/" not in url:
        return None
    return _thread_page(url.partition("/api/v3/")[0], post_id, wanted)


def version(page: Page) -> str:
    """The version that the program for browsers carries."""
    said = re.search(rb'"version"\s*:\s*"(\d+\.\d+\.\d+[\w.-]*)"', page.body) if not is_json(page) else None
    return said[1].decode() if said else ""
