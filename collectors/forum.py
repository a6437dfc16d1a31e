"""Forums: a board, a thread, a list of search results or a whole forum, read page by page.

Each run reads the news first (threads whose row tells of posts not yet read, newest first), then goes on
towards the past until `backfill` is reached, and looks again at a few pages for edits and deletions.
docs/collecting.md has the rules.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from collectors.forum_boards import Boards
from collectors.forum_guard import Guard
from collectors.forum_latest import Latest
from collectors.forum_looks import due_looks
from collectors.forum_pages import Pages
from collectors.forum_threads import Threads
from collectors.http import GoneError, HttpClient
from collectors.progress import Board, instant, load
from collectors.reading import Listing, ThreadRow, Topic
from listener.errors import AccessError, CollectError, ConfigError, TransientError
from listener.model import Batch, Source

log = logging.getLogger(__name__)

FEWEST_PAGES = 5  # a listing page or two and a thread's first and last page: less would stand still
MOST_BOARDS = 500


def collect(
    source: Source,
    state: Mapping[str, Any],
    http: HttpClient,
    *,
    url: str,
    backfill: timedelta = timedelta(days=90),
    pages: int = 25,
) -> Iterator[Batch]:
    """Posts of the forum, board or thread at `url`: what is new, and the past of `backfill` bit by bit.

    `pages`: how many pages a run may read (5 or more), the first page of each board not counted.
    """
    if pages < FEWEST_PAGES or backfill < timedelta(0):
        raise ConfigError(f"`pages` must be {FEWEST_PAGES} or more and `backfill` not negative")
    return _Run(source, state, http, url=url, backfill=backfill, pages=pages).batches()


class _Run:
    """What one run has in its hands; `batches` is the run."""

    def __init__(
        self,
        source: Source,
        state: Mapping[str, Any],
        http: HttpClient,
        *,
        url: str,
        backfill: timedelta,
        pages: int,
    ) -> None:
        self._url = url
        self._progress = load(state, url)
        self._progress.now = int(http.now().timestamp())
        self._progress.window = int(backfill.total_seconds())
        self._since = self._progress.now - self._progress.window
        self._progress.prune(self._since)
        self._budget = pages
        self._pages = Pages(source, http, pages, self._progress)
        self._threads = Threads(self._pages, self._progress, self._since)
        self._guard = Guard(self._pages, self._threads, self._progress)
        self._boards = Boards(self._pages, self._guard, self._progress, self._since)
        self._latest = Latest(self._pages, self._threads, self._progress, self._since)

    def batches(self) -> Iterator[Batch]:
        """The whole run; what failed on the way is raised at its end, when the rest has been read."""
        if self._progress.thread:
            yield from self._same_thread(self._progress.thread)
        elif self._latest.is_enough() and (yield from self._latest.news()):
            yield from self._rest(self._progress.reachable())
        else:
            yield from self._started()
        if self._guard.failures:
            raise self._guard.failures[0]

    def _started(self) -> Iterator[Batch]:
        board = self._progress.boards.get(self._url, Board())
        found = self._pages.first(self._url, board.validators)
        if isinstance(found, Topic):
            yield from self._one_thread(found)
            return
        visited: list[str] = []
        yield from self._news(found, visited)
        self._latest.listed()
        yield from self._rest(visited)

    # a thread as the source

    def _one_thread(self, topic: Topic) -> Iterator[Batch]:
        address = self._pages.address(topic.thread_url or self._url)
        row = ThreadRow(topic.thread_id or self._url, address, topic.title)
        self._progress.thread = row.id
        at = self._url if topic.page > 1 else address
        yield from self._threads.first(row, topic, at)
        yield from self._thread_s_past(row)

    def _same_thread(self, name: str) -> Iterator[Batch]:
        row = ThreadRow(name, self._pages.address(self._url), "")
        try:
            yield from self._threads.news(row)
        except GoneError:
            yield self._threads.gone(name)
            raise
        yield from self._thread_s_past(row)

    def _thread_s_past(self, row: ThreadRow) -> Iterator[Batch]:
        yield from self._threads.older(row.id)
        unread = self._progress.is_unfinished(row.id)
        yield self._threads.batch((), None if unread else self._complete_since([]))

    # boards as the source

    def _news(self, start: Listing | None, visited: list[str]) -> Iterator[Batch]:
        """What is new on the start page and on each board below it; fills `visited`."""
        queue = [self._url]
        for url in queue:  # grows while it is gone through
            board = self._progress.boards.setdefault(url, Board())
            listing = start if url == self._url else self._first_page(url, board)
            if listing is not None:
                board.below = _below(listing, url)
                yield from self._boards.news(url, board, listing)
            visited.append(url)
            queue += [one for one in board.below if one not in queue][: MOST_BOARDS - len(queue)]

    def _first_page(self, url: str, board: Board) -> Listing | None:
        """A board below the start page; one that is closed to us is left out."""
        try:
            return self._pages.board(url, board.validators)
        except AccessError as error:
            log.info("board left out: %s", error)
            board.bottom, board.cursor = self._since, None
        except TransientError:
            raise
        except CollectError as error:
            self._guard.remember(error)
        return None

    def _rest(self, visited: list[str]) -> Iterator[Batch]:
        """What is not news: looks have a claim on half of the pages that are left, the past on the others."""
        yield from self._guard.retries()
        busy = {*self._guard.tried, *self._progress.failed, *self._progress.gone}
        less, news = self._boards.lessened, self._budget - self._pages.left
        first = {*less, *self._latest.lessened}
        looks = due_looks(self._progress, self._since, first=first, busy=busy, pages_of_news=news)
        kept = min(len(looks), self._pages.left // 2)
        self._pages.left -= kept
        yield from self._past(visited)
        self._pages.left += kept
        for name in looks:
            if self._pages.left > 0:
                row = less.get(name) or self._progress.known_row(name)
                yield from self._guard.news(row, is_look=True)
        yield from self._past(visited)
        yield self._threads.batch((), self._complete_since(visited))

    def _past(self, visited: list[str]) -> Iterator[Batch]:
        for name in list(self._progress.pending):
            yield from self._threads.older(name)
        yield from self._boards.past({url: self._progress.boards[url] for url in visited})

    def _complete_since(self, visited: list[str]) -> datetime | None:
        """Since when nothing is missing: no board and no thread has unread pages after it."""
        bottoms = [self._progress.boards[url].bottom for url in visited]
        oldest = [one.oldest for one in self._progress.pending.values()]
        known = [at for at in [self._since, *bottoms, *oldest] if at is not None]
        if self._progress.failed or None in bottoms or None in oldest:
            return None
        return instant(max(known))


def _below(listing: Listing, url: str) -> list[str]:
    """The boards on a page that belong to the same site; a list of search results has none."""
    host = urlsplit(url).netloc
    boards = listing.boards if listing.by_last_post else ()
    return [board for board in boards if urlsplit(board).netloc == host][:MOST_BOARDS]
