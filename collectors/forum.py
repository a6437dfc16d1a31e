"""Forums (phpBB 3, XenForo 2, Discourse): a board, a thread or a whole forum, read page by page.

Each run reads the news first (threads whose row tells of posts not yet read, newest first), then goes on
towards the past until `backfill` is reached. docs/collecting.md has the rules.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from collectors.forum_pages import Pages
from collectors.forum_threads import Threads
from collectors.http import GoneError, HttpClient
from collectors.progress import Board, Failed, has_news, in_order, instant, load, seconds
from collectors.reading import Listing, ThreadRow, Topic
from listener.errors import AccessError, CollectError, ConfigError, TransientError
from listener.model import Batch, Source

log = logging.getLogger(__name__)

DAY = 86_400
FEWEST_PAGES = 5  # a listing page or two and a thread's first and last page: less would stand still
MARGIN = 120  # rows of the same minute may stand in any order
MOST_BOARDS = 500
MOST_FAILURES = 3
MOST_TRIES = 3


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
        self._now = int(http.now().timestamp())
        self._since = self._now - int(backfill.total_seconds())
        self._progress = load(state, url)
        self._progress.prune(self._since)
        self._pages = Pages(source, http, pages, self._progress.engine)
        self._threads = Threads(self._pages, self._progress, self._since)
        self._tried: set[str] = set()
        self._failures: list[CollectError] = []

    def batches(self) -> Iterator[Batch]:
        """The whole run; what failed on the way is raised at its end, when the rest has been read."""
        if self._progress.thread:
            yield from self._same_thread(self._progress.thread)
        else:
            yield from self._started()
        if self._failures:
            raise self._failures[0]

    def _started(self) -> Iterator[Batch]:
        board = self._progress.boards.get(self._url, Board())
        found = self._pages.first(self._url, board.validators)
        self._progress.engine = self._pages.engine
        if isinstance(found, Topic):
            yield from self._one_thread(found)
        else:
            yield from self._boards(found)

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
        yield from self._threads.news(row)
        yield from self._thread_s_past(row)

    def _thread_s_past(self, row: ThreadRow) -> Iterator[Batch]:
        yield from self._threads.older(row.id)
        unread = self._progress.is_unfinished(row.id)
        yield self._threads.batch((), None if unread else self._complete_since([]))

    # boards as the source

    def _boards(self, start: Listing | None) -> Iterator[Batch]:
        visited: list[str] = []
        yield from self._news(start, visited)
        yield from self._retries()
        for name in list(self._progress.pending):
            yield from self._threads.older(name)
        yield from self._past({url: self._progress.boards[url] for url in visited})
        yield self._threads.batch((), self._complete_since(visited))

    def _news(self, start: Listing | None, visited: list[str]) -> Iterator[Batch]:
        """What is new on the start page and on each board below it; fills `visited`."""
        queue = [self._url]
        for url in queue:  # grows while it is gone through
            board = self._progress.boards.setdefault(url, Board())
            listing = start if url == self._url else self._first_page(url, board)
            if listing is not None:
                board.below = _below(listing, url)
                yield from self._board_news(url, board, listing)
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
            self._remember(error)
        return None

    def _board_news(self, url: str, board: Board, listing: Listing) -> Iterator[Batch]:
        before = replace(board)
        stamps = [at for at in in_order(listing.threads) if at <= self._now]
        board.top = max([*stamps, before.top or 0]) or self._now
        board.validators = {}
        fresh = before.top is None
        floor = max(self._since, before.bottom or 0)
        done = yield from self._walk(url, board, listing, top=before.top, floor=floor, once=fresh)
        if done:
            board.bottom, board.cursor = (self._since, None) if fresh else (before.bottom, before.cursor)
        if done or board.cursor != url:
            board.validators = self._pages.validators.get(self._pages.address(url), {})

    def _past(self, boards: Mapping[str, Board]) -> Iterator[Batch]:
        """Go on towards the past where the last run stopped, always on the board that is least far."""
        for url, board in boards.items():
            if board.cursor is None and (board.bottom or 0) > self._since + DAY:
                board.cursor = url  # the window was made longer
        while self._pages.left > 0:
            waiting = [url for url, board in boards.items() if board.cursor is not None]
            if not waiting:
                return
            url = max(waiting, key=lambda name: boards[name].bottom or self._now)
            yield from self._page_of_past(url, boards[url])

    def _page_of_past(self, url: str, board: Board) -> Iterator[Batch]:
        page = board.cursor or url
        listing = self._pages.listing(page)
        if page != url and _is_past(listing, board):
            page = url  # rows moved up past the cursor: go through the listing again
            listing = self._pages.listing(page)
        done = yield from self._walk(page, board, listing, top=None, floor=self._since, once=True)
        if done:
            board.bottom, board.cursor = self._since, None

    def _walk(
        self, page: str, board: Board, listing: Listing, *, top: int | None, floor: int, once: bool
    ) -> Generator[Batch, None, bool]:
        """Read the threads with news, page by page, down to `top` (None: to the window's start).

        True if it was reached; else `board` says where to go on, as it does at each Batch on the way.
        Rows below `floor` are left to another walk; `once` stops after a page that had news.
        """
        shown: set[str] = set()
        while True:
            due = self._due(listing, floor)
            if not (yield from self._rows(page, board, due)):
                return False
            board.cursor, board.bottom = page, min(in_order(listing.threads), default=board.bottom)
            is_loop = {row.id for row in listing.threads} <= shown
            shown |= {row.id for row in listing.threads}
            if listing.next_url is None or is_loop or self._is_reached(listing, due, top):
                return True
            if (once and due) or self._pages.left <= 0:
                return False
            page = listing.next_url
            listing = self._pages.listing(page)

    def _rows(self, page: str, board: Board, due: list[ThreadRow]) -> Generator[Batch, None, bool]:
        """Read the threads of one page; False if the budget ended before the last of them."""
        for row in due:
            board.cursor = page
            if not row.sticky:
                board.bottom = seconds(row.last_post_at) or board.bottom
            if self._pages.left <= 0:
                return False
            yield from self._guarded(row, self._threads.news(row))
            if row.id not in self._tried and self._progress.is_unfinished(row.id):
                return False
        return True

    def _due(self, listing: Listing, floor: int) -> list[ThreadRow]:
        """The rows with news, newest first; sticky ones, on the first page only, have no floor."""
        rows = [row for row in listing.threads if row.id not in self._tried and self._has_news(row)]
        kept = [row for row in rows if _at(row) >= (self._since if row.sticky else floor)]
        return sorted(kept, key=_at, reverse=True)

    def _has_news(self, row: ThreadRow) -> bool:
        return has_news(self._progress.threads.get(row.id), row, self._now)

    def _is_reached(self, listing: Listing, due: list[ThreadRow], top: int | None) -> bool:
        """Whether what follows a page was read before: its oldest row is old, or no row has news."""
        stamps = in_order(listing.threads)
        limit = self._since if top is None else max(self._since, top - MARGIN)
        is_quiet = top is not None and not due and any(not row.sticky for row in listing.threads)
        return is_quiet or (bool(stamps) and min(stamps) < limit)

    def _guarded(self, row: ThreadRow, batches: Iterator[Batch]) -> Iterator[Batch]:
        """A thread that is gone is skipped; one that fails is kept for later, so that others are read."""
        try:
            yield from batches
        except GoneError:
            log.info("thread %s is gone: %s", row.id, row.url)
            self._progress.skip(row)
        except CollectError as error:
            self._tried.add(row.id)
            self._keep_failed(row)
            self._remember(error)

    def _remember(self, error: CollectError) -> None:
        self._failures.append(error)
        asked_to_wait = isinstance(error, TransientError) and error.retry_after is not None
        if asked_to_wait or len(self._failures) > MOST_FAILURES:
            raise error

    def _keep_failed(self, row: ThreadRow) -> None:
        failed = self._progress.failed
        tries = failed[row.id].tries + 1 if row.id in failed else 1
        if tries >= MOST_TRIES:
            self._progress.skip(row)
        else:
            failed[row.id] = Failed(row.url, row.last_page_url, seconds(row.last_post_at), row.replies, tries)

    def _retries(self) -> Iterator[Batch]:
        """Threads that failed in an earlier run and have sunk out of sight since."""
        for name, one in list(self._progress.failed.items()):
            if name in self._tried or self._pages.left <= 0:
                continue
            at = None if one.last_post_at is None else instant(one.last_post_at)
            row = ThreadRow(name, one.url, "", at, one.replies, last_page_url=one.last_page_url)
            yield from self._guarded(row, self._threads.news(row))

    def _complete_since(self, visited: list[str]) -> datetime | None:
        """Since when nothing is missing: no board and no thread has unread pages after it."""
        bottoms = [self._progress.boards[url].bottom for url in visited]
        oldest = [one.oldest for one in self._progress.pending.values()]
        known = [at for at in [self._since, *bottoms, *oldest] if at is not None]
        if self._progress.failed or None in bottoms or None in oldest:
            return None
        return instant(max(known))


def _below(listing: Listing, url: str) -> list[str]:
    """The boards on a page that belong to the same site."""
    host = urlsplit(url).netloc
    return [board for board in listing.boards if urlsplit(board).netloc == host][:MOST_BOARDS]


def _is_past(listing: Listing, board: Board) -> bool:
    """Whether all rows of a page are older than what was read last: something may lie between."""
    stamps = in_order(listing.threads)
    return bool(stamps) and board.bottom is not None and max(stamps) < board.bottom - MARGIN


def _at(row: ThreadRow) -> float:
    """The place of a row in time; without an instant first."""
    return float("inf") if row.last_post_at is None else row.last_post_at.timestamp()
