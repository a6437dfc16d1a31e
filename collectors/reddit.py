"""Reddit: new posts and comments of subreddits, and site-wide search, through PRAW."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from collectors.http import HttpClient
from collectors.reading import Page, Topic, json_of
from collectors.reddit_things import Answer, read_answer
from listener.errors import AccessError, CollectError, ParseError, TransientError
from listener.model import Batch, Post, Source

__all__ = ["collect", "recognise", "topic"]

NAME = "reddit"
PAGE = 100  # the most that Reddit gives at once
REACH = 900  # a listing that ends before this was not cut off by Reddit's limit of about 1,000
EVER = datetime(1970, 1, 1, tzinfo=UTC)  # since when a listing without any post is known to be without
MOST_IDS = 200  # remembered of the newest, to see whether the next reading joins on
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
) -> Iterator[Batch]:
    """New posts and comments of `subreddits` and what `search` finds on all of Reddit, newest first.

    Each listing is read back to where the last reading began; a batch is one answer. A listing that fails
    leaves the others alone: their posts come first, then its error. The last batch is empty and says since
    when all listings were read without a gap. `limit` is how many posts of one listing are read at most.
    """
    from collectors.reddit_api import KeyRefused, LimitError, Reddit

    streams = _streams(source, subreddits, search)
    reddit = Reddit(
        source, contact=http.contact, client_id=client_id, client_secret=client_secret, api_url=api_url
    )
    known = {stream.name: _Mark.of(state, stream.name) for stream in streams}
    reader = _Reader(reddit.get, known, _instant(state.get("began")) or http.now(), http.now(), limit)
    failures: list[CollectError] = []
    try:
        for stream in streams:
            try:
                yield from reader.read(stream)
            except CollectError as error:
                failures.append(error)
                if isinstance(error, KeyRefused | LimitError):
                    break
    finally:
        http.asked[source.name] += reddit.requests
        reddit.close()
    if failures:
        raise _joined(failures)
    since = max((mark.since for mark in known.values() if mark.since), default=EVER)
    yield Batch((), reader.state(), complete_since=reader.first_at if since == EVER else since)


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


@dataclass(frozen=True, slots=True)
class _Descent:
    """A reading on its way down: where it began, how far it has come, what it looks for."""

    newest: datetime | None = None
    ids: tuple[str, ...] = ()
    after: str | None = None
    oldest: datetime | None = None
    count: int = 0


@dataclass(frozen=True, slots=True)
class _Mark:
    """What is known of one listing: all between `since` and `newest` was read; `ids` are the newest."""

    newest: datetime | None = None
    ids: tuple[str, ...] = ()
    since: datetime | None = None
    descent: _Descent | None = None

    @staticmethod
    def of(state: Mapping[str, Any], name: str) -> _Mark:
        """The mark as it was stored; damaged parts are as if never stored."""
        stored = state.get("streams")
        found = stored.get(name) if isinstance(stored, dict) else None
        if not isinstance(found, dict):
            return _Mark()
        down = found.get("descent")
        return _Mark(
            _instant(found.get("newest")),
            _ids(found.get("ids")),
            _instant(found.get("since")),
            _descent(down) if isinstance(down, dict) else None,
        )

    def meets(self, posts: Sequence[Post]) -> bool:
        """Whether posts reach down to what was read before."""
        if any(post.id in self.ids for post in posts):
            return True
        oldest = _oldest(posts)
        return self.newest is not None and oldest is not None and oldest < self.newest


Get = Callable[[str, Mapping[str, str | int], str], Any]


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads listings; `known` has one mark for each and is what the state is made of."""

    get: Get
    known: dict[str, _Mark]
    first_at: datetime
    began_at: datetime
    limit: int

    def read(self, stream: _Stream) -> Iterator[Batch]:
        """Finish an interrupted reading first, then read from the newest down to the mark."""
        if self.known[stream.name].descent is not None:
            yield from self._descend(stream)
        yield from self._descend(stream)

    def state(self) -> dict[str, Any]:
        """What the next run has to know: when the first one began, and a mark for each listing."""
        marks = {name: _stored(mark) for name, mark in self.known.items()}
        return {"began": self.first_at.isoformat(), "streams": marks}

    def _descend(self, stream: _Stream) -> Iterator[Batch]:
        resumed = self.known[stream.name].descent is not None
        while True:
            mark = self.known[stream.name]
            down = mark.descent or _Descent()
            answer = self._page(stream, down)
            if (
                resumed and not answer.posts
            ):  # below an anchor that was deleted Reddit shows nothing: begin anew
                self.known[stream.name] = replace(mark, descent=None)
                return
            resumed = False
            moved = self.known[stream.name] = _moved(mark, down, answer, self.limit, self.began_at)
            if answer.posts:
                yield Batch(answer.posts, self.state())
            if moved.descent is None:
                return

    def _page(self, stream: _Stream, down: _Descent) -> Answer:
        after: dict[str, str | int] = {"after": down.after, "count": down.count} if down.after else {}
        try:
            return read_answer(self.get(stream.path, {**stream.params, **after}, stream.place), adverts=False)
        except ParseError as error:
            error.message = (
                error.message if stream.place in error.message else f"{stream.place}: {error.message}"
            )
            raise


def _moved(mark: _Mark, down: _Descent, answer: Answer, limit: int, began_at: datetime) -> _Mark:
    """The mark after one more page: still on the way down, or arrived."""
    posts = answer.posts
    down = _Descent(
        newest=down.newest or _newest(posts),
        ids=down.ids or tuple(post.id for post in posts[:MOST_IDS]),
        after=answer.after,
        oldest=min(filter(None, [down.oldest, _oldest(posts)]), default=None),
        count=down.count + len(posts),
    )
    joined = mark.meets(posts)
    if not joined and answer.after and posts and down.count < limit:
        return replace(mark, descent=down)
    whole = answer.after is None and down.count < REACH
    since = mark.since if joined or (whole and mark.since) else down.oldest or (EVER if whole else began_at)
    return _Mark(down.newest or mark.newest, down.ids or mark.ids, since)


def _newest(posts: Sequence[Post]) -> datetime | None:
    return max((post.published_at for post in posts if post.published_at), default=None)


def _oldest(posts: Sequence[Post]) -> datetime | None:
    return min((post.published_at for post in posts if post.published_at), default=None)


def _stored(mark: _Mark) -> dict[str, Any]:
    found: dict[str, Any] = {"newest": _iso(mark.newest), "ids": list(mark.ids), "since": _iso(mark.since)}
    down = mark.descent
    if down is not None:
        found["descent"] = {
            "newest": _iso(down.newest),
            "ids": list(down.ids),
            "after": down.after,
            "oldest": _iso(down.oldest),
            "count": down.count,
        }
    return found


def _descent(found: Mapping[str, Any]) -> _Descent | None:
    after, count = found.get("after"), found.get("count")
    if not isinstance(after, str) or not isinstance(count, int):
        return None
    return _Descent(
        _instant(found.get("newest")), _ids(found.get("ids")), after, _instant(found.get("oldest")), count
    )


def _ids(value: Any) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _instant(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(value).astimezone(UTC) if isinstance(value, str) else None
    except ValueError:
        return None
