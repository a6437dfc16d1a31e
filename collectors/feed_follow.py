"""Feeds that list topics of a forum, or posts, as pointers: the threads are read by the forum's reader.

A thread whose entry is new or changed waits in the state until it was read to its end; what cannot be
read is stored as the feed gave it. Each page read is one Batch.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from collectors.feed_kept import mapping, packed, short
from collectors.feed_kinds import is_comment, is_topic
from collectors.feed_pointers import ElsewhereError, Pointers, host, origin
from collectors.feed_threads import (
    Waiting,
    folded,
    is_edit,
    left_out,
    place_of,
    progress_in,
    seen_in,
    texts,
    told_by,
    waiting_in,
)
from collectors.forum_guard import Guard
from collectors.forum_looks import due_looks
from collectors.forum_pages import Pages
from collectors.http import ClosedError, GoneError, HttpClient
from collectors.progress import OWN, instant
from collectors.reading import ThreadRow
from listener.errors import CollectError, ParseError
from listener.model import Batch, Post, Source

log = logging.getLogger(__name__)

PAGES = 25  # read in a run
WINDOW = timedelta(days=90)  # older posts of a long thread are not asked for
MOST_WAITING = 300  # threads
MOST_SEEN = 2000  # entries remembered
QUIET = (
    "the feed tells of new threads and not of new replies: those are found when a thread is looked at again; "
    "`kind: forum` with the board's address finds them at once"
)
MOST_CLOSED = 3  # runs in a row in which the site is closed to us: its entries are the posts then


def followed(
    batch: Batch, state: Mapping[str, Any], http: HttpClient, source: Source, *, url: str
) -> Iterator[Batch]:
    """What the threads hold that a fetch of a feed points at.

    `batch` is the whole fetch, `state` what the last run left. What failed is raised at the end.
    """
    return _Run(batch, mapping(state.get("follow")), http, source, url).batches()


class _Run:
    """One run; `batches` is the run.

    State: `progress` is the forum reader's, `names` the ids of threads by address, `seen` what each entry
    said last, `given` the threads whose entries are the posts, `waiting` the threads still to be read.
    """

    def __init__(
        self, batch: Batch, state: Mapping[str, Any], http: HttpClient, source: Source, url: str
    ) -> None:
        self._feed = batch
        moved = "" if batch.state.get("found") else str(batch.state.get("url") or "")
        self._site = origin(moved or url)
        self._progress = progress_in(state, self._site)
        self._progress.now = int(http.now().timestamp())
        self._progress.window = int(WINDOW.total_seconds())
        self._since = self._progress.now - self._progress.window
        self._progress.prune(self._since)
        self._names = texts(state.get("names"))
        self._seen = seen_in(state)
        self._given = texts(state.get("given"))
        self._waiting = waiting_in(state)
        self._closed = min(MOST_CLOSED, state["closed"]) if type(state.get("closed")) is int else 0
        self._pages = Pages(source, http, PAGES, self._progress)
        self._threads = Pointers(self._pages, self._progress, self._since, self._names)
        self._guard = Guard(self._pages, self._threads, self._progress)

    def batches(self) -> Iterator[Batch]:
        """First the entries that are posts themselves, then threads that wait, then the past and looks."""
        plain = [*self._sorted(), *self._overflow()]
        yield self._state(Batch(tuple(plain), notice=self._notice()))
        try:
            yield from self._news()
            yield from self._rest()
        except ClosedError as error:
            yield from self._shut(error)
            raise
        yield self._end()
        if self._guard.failures:
            raise self._guard.failures[0]

    def _sorted(self) -> list[Post]:
        """The entries that lead to no thread here; the others are put among the waiting if they are news."""
        plain: list[Post] = []
        for post in self._feed.posts:
            place = place_of(post)
            if place in self._given or not self._is_pointer(post, place):
                plain.append(post)
                continue
            name, told = short(post.id), told_by(post)
            before = self._seen.pop(name, None)
            self._seen[name] = told
            if before != told:
                self._wait_for(place, post, is_edit=is_edit(before, told))
        for name in list(self._seen)[: max(0, len(self._seen) - MOST_SEEN)]:
            del self._seen[name]
        return plain

    def _is_pointer(self, post: Post, place: str) -> bool:
        """Whether an entry leads to a thread of this site; a comment below an article is all there is."""
        return host(place) == host(self._site) and (is_topic(place) or not is_comment(post.url, ""))

    def _wait_for(self, place: str, post: Post, *, is_edit: bool) -> None:
        one = self._waiting.setdefault(place, Waiting(place))
        one.entries[post.id] = post
        if is_edit:  # the page that shows the thread's end may not be the one that was edited
            one.edited = post.url

    def _overflow(self) -> list[Post]:
        """More threads than a run will ever get to: the entries of the oldest are the posts."""
        posts: list[Post] = []
        for place in list(self._waiting)[: max(0, len(self._waiting) - MOST_WAITING)]:
            posts += self._give(place)
        return posts

    def _give(self, place: str) -> list[Post]:
        """A thread that is not read: its entries are the posts from now on, as in any feed.

        Of one that was read before, nothing is missing but what failed.
        """
        one = self._waiting.pop(place)
        name = self._names.get(place, place)
        self._progress.failed.pop(name, None)
        if name in self._progress.threads and name != place:
            return []
        self._progress.threads.pop(place, None)
        self._given[place] = ""
        here = {place_of(post) for post in self._feed.posts}
        for old in [one for one in self._given if one not in here][: max(0, len(self._given) - MOST_SEEN)]:
            del self._given[old]
        return list(one.entries.values())

    def _news(self) -> Iterator[Batch]:
        """Threads by their addresses before what may be articles: they tell the forum's engine."""
        for place in sorted(self._waiting, key=is_topic, reverse=True):
            if self._pages.left <= 0:
                return
            yield from self._thread(place)

    def _thread(self, place: str) -> Iterator[Batch]:
        """One thread that waits: read to its end, or given up, or left where the budget ended."""
        one, row, count = self._waiting[place], self._row(place), len(self._guard.failures)
        was_known = row.id in self._progress.threads
        read: list[str] = []
        try:
            for batch in self._guard.news(row):
                read += [folded(post.text) for post in batch.posts]
                yield self._state(batch)
        except CollectError:
            yield self._state(Batch(tuple(self._failed(place, row, count))))
            raise
        if row.id in self._guard.tried:
            yield self._state(Batch(tuple(self._failed(place, row, count))))
            return
        self._progress.failed.pop(place, None)
        self._closed = 0
        if was_known and one.edited:
            yield from self._edited(place, one)
        if not self._progress.is_unfinished(self._id(place)):
            del self._waiting[place]
        yield self._state(Batch(tuple(left_out(one, read)) if place in self._threads.unsure else ()))

    def _edited(self, place: str, one: Waiting) -> Iterator[Batch]:
        """The page of an entry that was edited, where the thread has more pages than the one just read."""
        entry = self._progress.threads.get(self._id(place))
        if entry is None or not entry[OWN] or self._pages.left <= 0:
            return
        try:
            yield self._state(self._threads.page_at(one.edited))
        except GoneError:
            log.info("gone: %s", one.edited)
        except CollectError as error:
            self._guard.remember(error)

    def _row(self, place: str) -> ThreadRow:
        name = self._id(place)
        return self._progress.known_row(name, "" if name in self._progress.threads else place)

    def _id(self, place: str) -> str:
        return self._names.get(place, place)

    def _failed(self, place: str, row: ThreadRow, count: int) -> list[Post]:
        """After a failure: a page that is no thread is a post, a thread tried often enough is given up.

        `count`: the failures before it. A site that is closed to us is no fault of the thread's.
        """
        error = self._guard.failures[-1] if len(self._guard.failures) > count else None
        if isinstance(error, ClosedError):
            self._progress.failed.pop(row.id, None)
            raise error
        is_none = isinstance(error, ParseError) and not is_topic(place)
        if is_none or isinstance(error, ElsewhereError):
            self._guard.failures.pop()
            log.info("no thread here, the entry is the post: %s", place)
            return self._give(place)
        return [] if row.id in self._progress.failed else self._give(place)

    def _shut(self, error: ClosedError) -> Iterator[Batch]:
        """The site does not let us in: after some runs the entries are the posts, until then they wait."""
        self._closed += 1
        log.info("the site is closed to us: %s", error)
        posts: list[Post] = []
        if self._closed >= MOST_CLOSED:
            for place in list(self._waiting):
                posts += self._give(place)
        yield self._state(Batch(tuple(posts)))

    def _rest(self) -> Iterator[Batch]:
        """Older pages of long threads, and a few threads looked at again for edits and replies."""
        yield from self._stated(self._guard.retries())
        yield from self._stated(self._older())
        busy = {
            *self._guard.tried,
            *self._progress.failed,
            *self._progress.gone,
            *map(self._id, self._waiting),
        }
        used = PAGES - self._pages.left
        for name in due_looks(self._progress, self._since, first=(), busy=busy, pages_of_news=used):
            if self._pages.left > 0:
                yield from self._stated(self._guard.news(self._progress.known_row(name), is_look=True))

    def _older(self) -> Iterator[Batch]:
        for name in list(self._progress.pending):
            yield from self._threads.older(name)

    def _stated(self, batches: Iterator[Batch]) -> Iterator[Batch]:
        return (self._state(batch) for batch in batches)

    def _state(self, batch: Batch) -> Batch:
        names = {place: name for place, name in self._names.items() if name in self._progress.threads}
        waiting = {
            place: {"entries": [packed(post) for post in one.entries.values()], "edited": one.edited}
            for place, one in self._waiting.items()
        }
        own = {
            "progress": self._progress.snapshot(),
            "names": names,
            "seen": {name: list(told) for name, told in self._seen.items()},
            "given": dict(self._given),
            "waiting": waiting,
            "closed": self._closed,
        }
        return replace(batch, state={**self._feed.state, "follow": own})

    def _end(self) -> Batch:
        """What the run promises; where threads wait, the next one is not put off."""
        wait = None if self._waiting else self._feed.retry_after
        end = Batch((), retry_after=wait, complete_since=self._complete_since())
        return self._state(end)

    def _notice(self) -> str:
        """What the feed's reading said, and whether the feed leaves new replies to be found by chance."""
        pointers = [post for post in self._feed.posts if self._is_pointer(post, place_of(post))]
        tells = any(
            post.edited_at or post.replies is not None or post.url != place_of(post) for post in pointers
        )
        quiet = QUIET if pointers and not tells else ""
        return "; ".join(filter(None, [self._feed.notice, quiet]))

    def _complete_since(self) -> datetime | None:
        """Since when nothing is missing, as far as the feed tells: no thread has unread pages after it."""
        oldest = [one.oldest for one in self._progress.pending.values()]
        if self._waiting or self._progress.failed or None in oldest or self._feed.complete_since is None:
            return None
        known = max([self._since, *(at for at in oldest if at is not None)])
        return max(self._feed.complete_since, instant(known))
