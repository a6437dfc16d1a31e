"""The short way to the news: one answer with the newest posts of all threads, where an engine has it."""

from __future__ import annotations

import logging
from collections.abc import Generator, Sequence

from collectors.forum_pages import Pages
from collectors.forum_threads import Threads
from collectors.progress import DAY, Progress, seconds
from collectors.reading import Topic
from listener.errors import AccessError, ParseError
from listener.model import Batch, Post

log = logging.getLogger(__name__)

MARGIN = 120  # seconds between an answer and the clock that dated it
MOST_TOLD = 50
MOST_ANSWERS = 5  # beyond them the listings, which skip what has no news, are the shorter way


class Latest:
    """The newest posts of one run; `lessened` are threads of which one is not there any more."""

    def __init__(self, pages: Pages, threads: Threads, progress: Progress, since: int) -> None:
        self._pages, self._threads, self._progress, self._since = pages, threads, progress, since
        self.lessened: set[str] = set()

    def is_enough(self) -> bool:
        """Whether this run may do without listings.

        All of them must have been read without a gap down to the window's start. Once a day they are read
        all the same: a post that a moderator lets through late stands below newer ones.
        """
        progress = self._progress
        boards = [progress.boards.get(url) for url in progress.reachable()]
        return (
            progress.latest is not None
            and progress.now - progress.listed_at < DAY
            and progress.now >= progress.no_latest_until
            and self._pages.latest_address() is not None
            and all(one is not None and self._is_read(one.cursor, one.bottom) for one in boards)
        )

    def _is_read(self, cursor: str | None, bottom: int | None) -> bool:
        return cursor is None and bottom is not None and bottom <= self._since + DAY

    def listed(self) -> None:
        """The listings have been read: from now on the newest posts may do."""
        if self._pages.latest_address() is not None and self._pages.began_at is not None:
            self._progress.listed_at = self._progress.now
            self._progress.latest = self._pages.began_at - MARGIN

    def news(self) -> Generator[Batch, None, bool]:
        """The posts since the last run; False if they reach further back than the answers do.

        Only when no gap is left do the threads count as read: until then a kill loses nothing.
        """
        told: list[Post] = []
        url = self._pages.latest_address()
        for _ in range(MOST_ANSWERS):
            topic = self._answer(url) if url else None
            if topic is None:
                break
            told += topic.posts
            if self._reaches(topic):
                self._count_as_read(told)
                yield self._threads.batch(topic.posts)
                return True
            yield self._threads.batch(topic.posts)
            url = topic.next_url if self._pages.left > 1 else None
            self._pages.left -= 1
        return False

    def _answer(self, url: str) -> Topic | None:
        try:
            return self._pages.latest(url)
        except (AccessError, ParseError) as error:
            log.info("newest posts left out for a day: %s", error)
            self._progress.no_latest_until = self._progress.now + DAY
            return None

    def _reaches(self, topic: Topic) -> bool:
        stamps = _stamps(topic.posts)
        return bool(stamps) and min(stamps) < (self._progress.latest or 0)

    def _count_as_read(self, told: Sequence[Post]) -> None:
        by_thread: dict[str, list[Post]] = {}
        for post in {post.id: post for post in told}.values():
            by_thread.setdefault(post.thread_id, []).append(post)
        for name, posts in by_thread.items():
            if name:
                self._progress.posts_told(name, posts[0].thread_url, posts)
        self._compare(told)
        stamps = [at for at in _stamps(told) if at <= (self._pages.began_at or 0)]
        self._progress.latest = max([self._progress.latest or 0, *stamps])

    def _compare(self, told: Sequence[Post]) -> None:
        """A post that was told by the last run and should be told again has been deleted."""
        now = {post.id: (post.thread_id, seconds(post.published_at) or 0) for post in told}
        reached = min(_stamps(told))
        missing = [one for name, one in self._progress.told.items() if name not in now and one[1] > reached]
        self.lessened = {thread for thread, _ in missing}
        newest = sorted(now, key=lambda name: now[name][1], reverse=True)
        self._progress.told = {name: list(now[name]) for name in newest[:MOST_TOLD]}


def _stamps(posts: Sequence[Post]) -> list[int]:
    return [at for post in posts if (at := seconds(post.published_at)) is not None]
