"""Reddit: new posts and comments of subreddits, and site-wide search, through PRAW."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from collectors.http import HttpClient
from collectors.newest import Newest, Shown
from collectors.reading import Page, Topic, json_of
from collectors.reddit_limits import NOTE, LimitError
from collectors.reddit_looks import Looks, looks_of
from collectors.reddit_things import read_answer
from listener.errors import AccessError, CollectError, ParseError, TransientError
from listener.model import Batch, Memory, NoMemory, Post, Source

__all__ = ["NOTE", "collect", "recognise", "topic"]

NAME = "reddit"
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
    client_id: str = "",
    client_secret: str = "",
    api_url: str = "",
    limit: int = 1000,
    memory: Memory = NoMemory(),  # noqa: B008, holds nothing
) -> Iterator[Batch]:
    """New posts and comments of `subreddits` and what `search` finds on all of Reddit, newest first.

    Each listing is read back to where the last reading began; a batch is one answer. A listing that fails
    leaves the others alone: their posts come first, then its error. What is left of a run is spent on
    second looks at known posts (collectors.reddit_looks). The last batch is empty and says since
    when all listings were read without a gap. `limit` is how many posts of one listing are read at most.
    """
    from collectors.reddit_api import KeyRefused, Reddit

    streams = _streams(source, subreddits, search)
    reddit = Reddit(
        source,
        contact=http.contact,
        client_id=client_id,
        client_secret=client_secret,
        api_url=api_url,
        now=http.now,
    )
    names = [stream.name for stream in streams]
    newest = Newest(state, names, now=http.now(), limit=limit, reach=REACH)
    looks = Looks(state.get("looks"), memory=memory, now=http.now())
    failures: list[CollectError] = []
    try:
        for stream in streams:
            try:
                for batch in newest.read(stream.name, partial(_page, reddit.get, stream)):
                    yield looks.beside(batch)
            except CollectError as error:
                failures.append(error)
                if isinstance(error, KeyRefused | LimitError):
                    break
        if not any(isinstance(error, KeyRefused | LimitError) for error in failures):
            for batch in looks.look(reddit, looks_of(source.every)):
                yield looks.beside(replace(batch, state=newest.state()))
    finally:
        http.asked[source.name] += reddit.requests
        reddit.close()
    if failures:
        yield looks.beside(replace(newest.last(), complete_since=None))
        raise _joined(failures)
    yield looks.beside(newest.last())


def _joined(failures: Sequence[CollectError]) -> CollectError:
    """One error for all: a person's work before what time heals, with every place named."""
    first = next((one for one in failures if not isinstance(one, TransientError)), failures[0])
    first.message = "; ".join(dict.fromkeys(one.message for one in (first, *failures)))
    return first


@dataclass(frozen=True, slots=True)
class _Stream:
    """One listing, newest first."""

    name: str
    place: str
    path: str
    params: Mapping[str, str | int]


def _streams(source: Source, subreddits: Sequence[str], search: Sequence[str]) -> list[_Stream]:
    boards = [_board(source, name) for name in _listed(subreddits)]
    if not boards and not _listed(search):
        raise AccessError("nothing to read: write `subreddits: [...]` or `search: [...]`", source=source.name)
    streams = [
        _Stream(f"{kind} r/{board}", f"r/{board}", f"r/{board}/{kind}", {"limit": PAGE})
        for board in dict.fromkeys(boards)
        for kind in ("new", "comments")
    ]
    words = dict.fromkeys(_listed(search))
    return streams + [
        _Stream(
            f"search {query}",
            f"search {query!r}",
            "search",
            {"q": query, "sort": "new", "t": "all", "type": "link", "limit": PAGE},
        )
        for query in words
    ]


def _listed(names: Sequence[str]) -> list[str]:
    """A list, though a single word was written instead of a list of one."""
    return [str(name).strip() for name in ([names] if isinstance(names, str) else names) if str(name).strip()]


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
