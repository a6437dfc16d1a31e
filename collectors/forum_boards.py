"""Going through the listings of boards: down to what is known, and on towards the past."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace

from collectors.forum_guard import Guard
from collectors.forum_pages import Pages
from collectors.progress import DAY, Board, Progress, has_less, has_news, in_order, is_in_order, seconds
from collectors.reading import Listing, ThreadRow
from listener.model import Batch

MARGIN = 120  # rows of the same minute may stand in any order


class Boards:
    """The boards of one run; `since` is the window's start.

    `lessened`: threads whose rows tell that posts were deleted.
    """

    def __init__(self, pages: Pages, guard: Guard, progress: Progress, since: int) -> None:
        self._pages, self._guard, self._progress = pages, guard, progress
        self._now, self._since = progress.now, since
        self.lessened: dict[str, ThreadRow] = {}

    def news(self, url: str, board: Board, listing: Listing) -> Iterator[Batch]:
        """What is new on a board whose first page is at hand."""
        before = replace(board)
        stamps = [at for at in in_order(listing.threads) if at <= self._now]
        board.top = max([*stamps, before.top or 0]) or self._now
        board.validators = {}
        if not is_in_order(listing):
            yield from self._everything(board, listing)
            return
        fresh = before.top is None
        floor = max(self._since, before.bottom or 0)
        done = yield from self._walk(url, board, listing, top=before.top, floor=floor, once=fresh)
        if done:
            board.bottom, board.cursor = (self._since, None) if fresh else (before.bottom, before.cursor)
        if done or board.cursor != url:
            board.validators = self._pages.validators.get(self._pages.address(url), {})

    def _everything(self, board: Board, listing: Listing) -> Iterator[Batch]:
        """A listing in another order: all its rows in each run, as far as the budget reaches."""
        board.bottom, board.cursor = None, None
        shown: set[str] = set()
        while True:
            for row in self._due(listing, self._since):
                if self._pages.left <= 0:
                    return
                yield from self._guard.news(row)
            is_loop = {row.id for row in listing.threads} <= shown
            shown |= {row.id for row in listing.threads}
            if listing.next_url is None or is_loop:
                board.bottom = self._since
                return
            if self._pages.left <= 0:
                return
            listing = self._pages.listing(listing.next_url)

    def past(self, boards: Mapping[str, Board]) -> Iterator[Batch]:
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
            yield from self._guard.news(row)
            if row.id not in self._guard.tried and self._progress.is_unfinished(row.id):
                return False
        return True

    def _due(self, listing: Listing, floor: int) -> list[ThreadRow]:
        """The rows with news, newest first; sticky ones, on the first page only, have no floor."""
        threads = self._progress.threads
        self.lessened |= {row.id: row for row in listing.threads if has_less(threads.get(row.id), row)}
        rows = [row for row in listing.threads if row.id not in self._guard.tried and self._has_news(row)]
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


def _is_past(listing: Listing, board: Board) -> bool:
    """Whether all rows of a page are older than what was read last: something may lie between."""
    stamps = in_order(listing.threads)
    return bool(stamps) and board.bottom is not None and max(stamps) < board.bottom - MARGIN


def _at(row: ThreadRow) -> float:
    """The place of a row in time; without an instant first."""
    return float("inf") if row.last_post_at is None else row.last_post_at.timestamp()
