"""Reddit: posts and comments of subreddits, site-wide search and threads, through PRAW."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

from collectors.http import HttpClient
from collectors.newest import Newest, Shown
from collectors.reading import Page, Topic, json_of
from collectors.reddit_limits import NOTE, LimitError
from collectors.reddit_looks import Looks, looks_of
from collectors.reddit_things import read_answer
from collectors.reddit_threads import Threads, thread_name
from collectors.streams import joined, listed
from listener.errors import AccessError, CollectError, ConfigError, ParseError
from listener.model import Batch, Memory, NoMemory, Post, Source

__all__ = ["NOTE", "collect", "recognise", "topic"]

NAME = "reddit"
FEWEST_REQUESTS = 2  # one look at what changed, and one thread
PAGE = 100  # the most that Reddit gives at once
REACH = 900  # a listing that ends before this was not cut off by Reddit's limit of about 1,000
_BOARD = re.compile(r"^/?(?:r/)?([A-Za-z0-9_]{2,50}(?:\+[A-Za-z0-9_]{2,50})*)/?$")


def recognise(page: Page) -> bool:
    """Whether a page is an answer of Reddit's API that holds things."""
    head = page.body[:400].lstrip()
    return head[:1] in (b"{", b"[") and bool(
        re.search(rb'"kind"\s*:\s*"(?:Listing|t[1-6]|more)"', page.body[:100_000])
    )


def topic(page: Page) -> Topic:
    """The posts and comments of a recorded answer in reading order; ParseError says what else it is."""
    try:
        answer = read_answer(json_of(page))
    except ParseError as error:
        error.url = error.url or page.url
        raise
    first = answer.posts[0] if answer.posts else Post("", "", "")
    threads = {post.thread_id for post in answer.posts}
    same = first if len(threads) == 1 else Post("", "", "")
    return Topic(answer.posts, same.thread_id, same.thread_url, same.title, engine=NAME)


def collect(
    source: Source,
    state: Mapping[str, Any],
    http: HttpClient,
    *,
    subreddits: Sequence[str] = (),
    search: Sequence[str] = (),
    threads: Sequence[str] = (),
    follow: timedelta = timedelta(days=14),
    budget: int = 30,
    client_id: str = "",
    client_secret: str = "",
    api_url: str = "",
    limit: int = 1000,
    memory: Memory = NoMemory(),  # noqa: B008, holds nothing
) -> Iterator[Batch]:
    """Posts and comments of `subreddits`, what `search` finds on all of Reddit, and whole `threads`.

    Each listing is read from the newest back to where the last reading began, `limit` posts at most; a batch
    is one answer. Then comments of `threads`, and of those in which a post younger than `follow` mentions a
    product (collectors.reddit_threads), with `budget` requests at most; then second looks at known posts
    (collectors.reddit_looks). What fails leaves the rest alone: its error comes at the end. The last batch
    is empty and says since when all was read without a gap.
    """
    from collectors.reddit_api import KeyRefused, Reddit

    if budget < FEWEST_REQUESTS or follow < timedelta(0):
        raise ConfigError(f"`budget` must be {FEWEST_REQUESTS} or more and `follow` not negative")
    streams, named = _wanted(source, subreddits, search, threads)
    reddit = Reddit(
        source,
        contact=http.contact,
        client_id=client_id,
        client_secret=client_secret,
        api_url=api_url,
        now=http.now,
    )
    now = http.now()
    newest = Newest(state, [stream.name for stream in streams], now=now, limit=limit, reach=REACH)
    comments = Threads(state.get("threads"), named=named, now=now, budget=budget)
    looks = Looks(state.get("looks"), memory=memory, now=now)

    def readings() -> Iterator[Iterator[Batch]]:
        for stream in streams:
            yield newest.read(stream.name, partial(_page, reddit.get, stream))
        followed = memory.threads(now - follow) if follow else ()
        yield comments.read(reddit.get, followed, _watched(streams, newest.missed))
        yield looks.look(reddit, looks_of(source.every))

    def kept(batch: Batch) -> Batch:
        return looks.beside(replace(batch, state={**newest.state(), "threads": comments.state()}))

    failures: list[CollectError] = []
    try:
        for reading in readings():
            try:
                for batch in reading:
                    yield kept(batch)
            except CollectError as error:
                failures.append(error)
                if isinstance(error, KeyRefused | LimitError):
                    break
    finally:
        http.asked[source.name] += reddit.requests
        reddit.close()
    failures += comments.failures
    last = newest.last()
    since = last.complete_since if streams else comments.since
    whole = not failures and (comments.since is not None or not named)
    yield kept(replace(last, complete_since=since if whole else None))
    if failures:
        raise joined(failures)


@dataclass(frozen=True, slots=True)
class _Stream:
    """One listing, newest first."""

    name: str
    place: str
    path: str
    params: Mapping[str, str | int]


def _wanted(
    source: Source, subreddits: Sequence[str], search: Sequence[str], threads: Sequence[str]
) -> tuple[list[_Stream], list[str]]:
    """The listings and the full names of the threads to be read; AccessError for names that are none."""
    boards = [_board(source, name) for name in listed(subreddits)]
    try:
        named = [thread_name(written) for written in listed(threads)]
    except ValueError as error:
        raise AccessError(str(error), source=source.name) from error
    streams = _streams(boards, listed(search))
    if not streams and not named:
        wanted = "`subreddits: [...]`, `search: [...]` or `threads: [...]`"
        raise AccessError(f"nothing to read: write {wanted}", source=source.name)
    return streams, named


def _watched(streams: Sequence[_Stream], missed: Collection[str]) -> set[str]:
    """The subreddits, in lower case, of which this run read all new comments."""
    whole = [one.place for one in streams if one.path.endswith("/comments") and one.name not in missed]
    return {board for place in whole for board in place.removeprefix("r/").lower().split("+")}


def _streams(boards: Sequence[str], search: Sequence[str]) -> list[_Stream]:
    streams = [
        _Stream(f"{kind} r/{board}", f"r/{board}", f"r/{board}/{kind}", {"limit": PAGE})
        for board in dict.fromkeys(boards)
        for kind in ("new", "comments")
    ]
    return streams + [
        _Stream(
            f"search {query}",
            f"search {query!r}",
            "search",
            {"q": query, "sort": "new", "t": "all", "type": "link", "limit": PAGE},
        )
        for query in dict.fromkeys(search)
    ]


def _board(source: Source, name: str) -> str:
    found = _BOARD.match(name)
    if not found:
        raise AccessError(f"{name[:60]!r} is not the name of a subreddit", source=source.name)
    return found[1]


Get = Callable[[str, Mapping[str, str | int], str], Any]


def _page(get: Get, stream: _Stream, after: str | None, count: int) -> Shown:
    """One page of a listing; what it is instead is told with the place."""
    below: dict[str, str | int] = {"after": after, "count": count} if after else {}
    try:
        return read_answer(get(stream.path, {**stream.params, **below}, stream.place), adverts=False)
    except ParseError as error:
        if stream.place not in error.message:
            error.message = f"{stream.place}: {error.message}"
        raise
