"""Lemmy: new posts and comments of communities, and what a search finds, by a server's API v3."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from collectors import json_api
from collectors.engines._answers import answer_of, record, records, text
from collectors.engines._lemmy import comment_of, handle, post_of, thread_of
from collectors.http import HttpClient
from collectors.links import clean
from collectors.newest import Newest, Shown
from collectors.reading import Page, Topic, is_json
from collectors.streams import each, listed
from listener.errors import AccessError, ConfigError, ParseError, TransientError
from listener.model import Batch, Post, Source

__all__ = ["collect", "posts_of", "recognise", "topic"]

NAME = "lemmy"
PER_PAGE = 50  # the most that the API gives
SEARCH_REST = 600  # seconds: servers allow so many searches in ten minutes
_COMMUNITY = re.compile(r"^!?([\w.-]{1,255}(?:@[\w.-]{1,255}(?::\d{1,5})?)?)$", re.ASCII)
_LISTS = ("posts", "comments", "items")  # `items` in version 4
_VIEWS = {"post", "comment"}


def collect(
    source: Source,
    state: Mapping[str, Any],
    http: HttpClient,
    *,
    server: str,
    communities: Sequence[str] = (),
    search: Sequence[str] = (),
    limit: int = 1000,
) -> Iterator[Batch]:
    """New posts and comments of `communities` and what `search` finds, as `server` sees them.

    `communities`: names, those of other servers as `name@server`. `search`: words, in posts and comments
    of all communities that the server knows. `limit`: posts of one listing read at most in one reading.
    """
    asked = _asked(source, communities, search)
    base = _base(server)
    newest = Newest(state, list(asked), now=http.now(), limit=limit)
    get = partial(_answer, http, source, base)
    return each(newest, {name: partial(_page, get, place) for name, place in asked.items()})


@dataclass(frozen=True, slots=True)
class _Place:
    """One listing of the API, newest first."""

    path: str
    params: Mapping[str, str]


def _asked(source: Source, communities: Sequence[str], search: Sequence[str]) -> dict[str, _Place]:
    asked = {}
    newest_first = {"sort": "New", "limit": str(PER_PAGE)}
    for name in listed(communities):
        found = _COMMUNITY.match(name)
        if found is None:
            raise ConfigError(f"`{name[:80]}` is no community; write its name, or `name@server`")
        for kind in ("post", "comment"):
            params = {"community_name": found[1], "type_": "All", **newest_first}
            asked[f"{kind}s of {found[1]}"] = _Place(f"{kind}/list", params)
    for words in listed(search):
        for kind in ("Posts", "Comments"):
            params = {"q": words, "type_": kind, "listing_type": "All", **newest_first}
            asked[f"{kind.lower()} with {words!r}"] = _Place("search", params)
    if not asked:
        raise AccessError(
            "nothing to read: write `communities: [...]` or `search: [...]`", source=source.name
        )
    return asked


def _base(server: str) -> str:
    """The server's address, also from its name alone."""
    try:
        parts = urlsplit(server if "://" in server else f"https://{server}")
        if parts.scheme in ("http", "https") and parts.hostname:
            return f"{parts.scheme}://{parts.netloc}"
    except ValueError:
        pass
    raise ConfigError(f"`{server[:80]}` is no server; write `server: https://lemmy.example`")


def _answer(http: HttpClient, source: Source, base: str, path: str, params: Mapping[str, str]) -> Page:
    """An answer, as the readers of pages take it."""
    url = f"{base}/api/v3/{path}"
    try:
        answer = json_api.answered(http, source, url, params)
    except json_api.ApiError as error:
        if text(record(error.found).get("error")) == "rate_limit_error":  # before 1.0 with status 400
            http.rest(url, SEARCH_REST)
            raise TransientError(error.message, retry_after=timedelta(seconds=SEARCH_REST)) from error
        raise
    return Page(answer.body, answer.url, answer.fetched_at)


def _page(get: Callable[..., Page], place: _Place, after: str | None, count: int) -> Shown:
    """One page of a listing; `after` is a cursor, or a page's number where there are none."""
    where = {} if after is None else {"page" if after.isdecimal() else "page_cursor": after}
    page = get(place.path, {**place.params, **where})
    posts, rows = posts_of(page), _rows(page)
    if len(rows) < PER_PAGE:
        return Shown(posts)
    cursor = text(record(answer_of(page)).get("next_page"))
    return Shown(posts, cursor or str(int(after if after and after.isdecimal() else 1) + 1))


def posts_of(page: Page) -> tuple[Post, ...]:
    """The posts and comments of an answer in its order, or ParseError.

    A post is known by its ActivityPub address: all servers use it, so one that is read on two servers, or
    on another server than before, is the same post.
    """
    answer = record(answer_of(page))
    if not any(isinstance(answer.get(name), list) for name in _LISTS):
        raise ParseError(f"no posts in this answer ({', '.join(list(answer)[:8]) or 'empty'})", url=page.url)
    return tuple({post.id: post for post in (_post(page, view) for view in _rows(page))}.values())


def _rows(page: Page) -> list[Mapping[str, Any]]:
    answer = record(answer_of(page))
    return [view for name in _LISTS for view in records(answer.get(name)) if view.keys() & _VIEWS]


def _post(page: Page, view: Mapping[str, Any]) -> Post:
    thread, comment = thread_of(page, view), view.get("comment")
    post = post_of(page, view, thread) if comment is None else comment_of(page, view, thread)
    url = _canonical(view.get("post") if comment is None else comment) or post.url
    thread_url = _canonical(view.get("post")) or thread.url
    author = handle(record(view.get("creator"))) or None
    return replace(post, id=url, url=url, author=author, thread_id=thread_url, thread_url=thread_url)


def _canonical(row: Any) -> str:
    """The address at the server where a post was written, or ""."""
    address = text(record(row).get("ap_id"))
    return address if clean(address) and re.fullmatch(r"[!#-;=?-~]{1,2000}", address) else ""


def recognise(page: Page) -> bool:
    """A list of posts, or an answer of version 4; threads are read by the engine of forums."""
    if not is_json(page) or b'"creator"' not in page.body:
        return False
    answer = record(answer_of(page))
    rows = _rows(page)
    views = bool(rows) and {"post", "creator", "community"} <= rows[0].keys()
    return views and (isinstance(answer.get("items"), list) or not isinstance(answer.get("comments"), list))


def topic(page: Page) -> Topic:
    """The posts of a recorded answer."""
    return Topic(posts_of(page), thread_url=page.url, engine=NAME)
