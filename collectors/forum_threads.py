"""Reading one thread of a forum: what is new in it, and its older pages from the last one backwards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from collectors.engines import GENERIC
from collectors.forum_pages import Pages
from collectors.http import GoneError
from collectors.progress import LAST_ID, OWN, PLACE, Pending, Progress, seconds
from collectors.reading import ThreadRow, Topic
from listener.errors import AccessError
from listener.model import Batch, Post, ThreadPage

SHORT = 3  # threads of so many pages are read from the first page on


class Threads:
    """The threads of one run; each page read is one Batch whose state speaks of just that page."""

    def __init__(self, pages: Pages, progress: Progress, since: int) -> None:
        self._pages, self._progress, self._since = pages, progress, since

    def batch(self, posts: Sequence[Post] = (), complete_since: datetime | None = None) -> Batch:
        """A Batch with the progress as it is now."""
        return Batch(tuple(posts), self._progress.snapshot(), complete_since=complete_since)

    def gone(self, name: str) -> Batch:
        """A thread that is not there: none of its posts is."""
        whole = ThreadPage(name, is_first=True, is_last=True)
        return Batch((), self._progress.snapshot(), thread_page=whole)

    def _page(self, topic: Topic) -> Batch:
        return replace(self.batch(topic.posts), thread_page=_part(topic))

    def news(self, row: ThreadRow) -> Iterator[Batch]:
        """The pages of a thread from the last one read on; of an unknown thread the last page first."""
        entry = self._progress.threads.get(row.id)
        is_begun = self._progress.is_unfinished(row.id) and entry is not None and not entry[OWN]
        if entry is None or not entry[LAST_ID] or is_begun:
            yield from self._unknown(row)
            return
        place = self._progress.full(entry[PLACE]) or row.url
        try:
            yield from self._known(row, place, entry[LAST_ID])
        except GoneError:
            if place == row.url:
                raise
            self._progress.threads.pop(row.id)  # posts were deleted, and with them that page
            yield from self._unknown(row)

    def first(self, row: ThreadRow, topic: Topic, at: str) -> Iterator[Batch]:
        """An unknown thread of which one page is at hand."""
        following = topic.next_url
        if topic.page > 1 or following is None:
            yield from self._arrive(row, topic, at, floor=1)
            return
        last = self._pages.nth_page(following, 2, topic.pages) if topic.pages > SHORT else None
        self._progress.page_read(row, topic, at, last=False)
        yield self._page(topic)
        if last is None:
            yield from self._forward(row, following, _ids(topic))
        else:
            yield from self._arrive(row, *self._pages.topic(last), floor=2)

    def older(self, name: str) -> Iterator[Batch]:
        """Go on with the unread pages of a thread, from the youngest towards the window's start."""
        while name in self._progress.pending and self._pages.left > 0:
            pending = self._progress.pending[name]
            url = pending.url if pending.up else self._nth(pending)
            try:
                topic, _ = self._pages.topic(url or pending.thread_url)
            except GoneError:
                del self._progress.pending[name]
                return
            self._put(name, self._after(pending, topic, found=url is not None))
            yield self._page(topic)

    def _put(self, name: str, pending: Pending) -> None:
        past = not pending.up and pending.oldest is not None and pending.oldest < self._since
        if past or pending.page < pending.floor:
            del self._progress.pending[name]
        else:
            self._progress.pending[name] = pending

    def _after(self, pending: Pending, topic: Topic, *, found: bool) -> Pending:
        """What is left to read of a thread after one more of its pages.

        `found`: the page's address was known; else it is the first, read to learn how they are addressed.
        """
        if pending.up:
            following = topic.next_url if pending.known < pending.page else None
            page = pending.page if following else pending.floor - 1
            return replace(pending, url=following or "", known=pending.known + 1, page=page)
        if not found:
            following = topic.next_url
            up = following is None or self._pages.nth_page(following, 2, pending.page) is None
            page = pending.page if following else 0
            return replace(pending, url=following or "", known=2, floor=2, page=page, up=up)
        stamps = [at for post in topic.posts if (at := seconds(post.published_at)) is not None]
        oldest = min([*stamps, *([] if pending.oldest is None else [pending.oldest])], default=None)
        return replace(pending, page=pending.page - 1, oldest=oldest)

    def _nth(self, pending: Pending) -> str | None:
        return self._pages.nth_page(pending.url, pending.known, pending.page)

    def _unknown(self, row: ThreadRow) -> Iterator[Batch]:
        last, *others = self._pages.ways_in(row)
        try:
            topic, at = self._pages.topic(last)
        except AccessError:
            if not others:
                raise
            topic, at = self._pages.topic(others[0])
        yield from self.first(row, topic, at)

    def _arrive(self, row: ThreadRow, topic: Topic, at: str, floor: int) -> Iterator[Batch]:
        """The last page of an unknown thread: its older pages wait until the news are read."""
        if topic.page > floor:
            self._progress.pending[row.id] = Pending(row.url, at, topic.page, topic.page, floor)
            self._put(row.id, self._after(self._progress.pending[row.id], topic, found=True))
        yield from self._onward(row, topic, at)

    def _known(self, row: ThreadRow, url: str, last_id: str) -> Iterator[Batch]:
        """From the page that holds the last post read; deletions may have moved it to an earlier one."""
        topic, at = self._pages.topic(url)
        while topic.page > 1 and _all_after(topic, last_id) and self._pages.left > 0:
            before = self._pages.nth_page(at, topic.page, topic.page - 1)
            if before is None:
                break
            topic, at = self._pages.topic(before)
        yield from self._onward(row, topic, at)

    def _onward(self, row: ThreadRow, topic: Topic, at: str) -> Iterator[Batch]:
        """A page at hand that joins on to what is known, and those after it."""
        self._progress.page_read(row, topic, at, last=topic.next_url is None)
        yield self._page(topic)
        if topic.next_url is not None and self._pages.left > 0:
            yield from self._forward(row, topic.next_url, _ids(topic))

    def _forward(self, row: ThreadRow, url: str | None, seen: set[str]) -> Iterator[Batch]:
        while url is not None and self._pages.left > 0:
            topic, at = self._pages.topic(url)
            is_loop = (
                bool(topic.posts) and _ids(topic) <= seen
            )  # beyond the end some boards answer with a page already read
            seen |= _ids(topic)
            url = None if is_loop else topic.next_url
            self._progress.page_read(row, topic, at, last=url is None)
            yield self._page(topic)


def _ids(topic: Topic) -> set[str]:
    return {post.id for post in topic.posts}


def _all_after(topic: Topic, last_id: str) -> bool:
    """Whether every post of the page came after a post (ids are numbers that rise)."""
    if not last_id.isdigit():
        return False
    return all(post.id.isdigit() and int(post.id) > int(last_id) for post in topic.posts)


def _part(topic: Topic) -> ThreadPage | None:
    """Which part of its thread a page shows; where the engine is not known, its ends are not sure."""
    thread = topic.posts[0].thread_id if topic.posts else ""
    if not thread:
        return None
    is_sure = topic.engine != GENERIC
    return ThreadPage(thread, is_sure and topic.page == 1, is_sure and topic.next_url is None)
