"""What happens to threads that cannot be read: skipped when gone, kept for later when they fail."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from collectors.forum_pages import Pages
from collectors.forum_threads import Threads
from collectors.http import ClosedError, GoneError
from collectors.progress import DAY, Failed, Progress, instant, seconds
from collectors.reading import ThreadRow
from listener.errors import AccessError, CollectError, TransientError
from listener.model import Batch

log = logging.getLogger(__name__)

MOST_FAILURES = 3
MOST_TRIES = 3


class Guard:
    """One run's failures; `tried` are threads that failed in it, `failures` what is raised at its end."""

    def __init__(self, pages: Pages, threads: Threads, progress: Progress) -> None:
        self.tried: set[str] = set()
        self.failures: list[CollectError] = []
        self._pages, self._threads, self._progress = pages, threads, progress

    def news(self, row: ThreadRow, *, is_look: bool = False) -> Iterator[Batch]:
        """Read a thread; one that is gone or fails does not keep the others from being read.

        `is_look`: nothing told of news in it, so that one which was closed to guests is no failure.
        """
        is_known = row.id in self._progress.threads
        try:
            yield from self._threads.news(row)
        except GoneError:
            log.info("thread %s is gone: %s", row.id, row.url)
            self.tried.add(row.id)
            yield from self._missing(row, is_known)
        except CollectError as error:
            self.tried.add(row.id)
            if is_look and _is_closed(error):
                log.info("thread %s is closed to us: %s", row.id, error)
                self._progress.skip(row)
            else:
                self._keep(row, error)
                self.remember(error)

    def _missing(self, row: ThreadRow, is_known: bool) -> Iterator[Batch]:
        """A thread of which posts are stored is asked for once more in a later run, then skipped."""
        gone = self._progress.gone
        was_gone = gone.pop(row.id, None) is not None
        self._progress.skip(row)
        if is_known:
            if not was_gone:
                gone[row.id] = row.url
            yield self._threads.gone(row.id)

    def remember(self, error: CollectError) -> None:
        """A failure to be raised at the end; too many, or a host that asks to wait, end the run at once."""
        self.failures.append(error)
        asked_to_wait = isinstance(error, TransientError) and error.retry_after is not None
        if asked_to_wait or len(self.failures) > MOST_FAILURES:
            raise error

    def _keep(self, row: ThreadRow, error: CollectError) -> None:
        """Try it again in a later run, three times; what time may heal is given a day at least."""
        failed, now = self._progress.failed, self._progress.now
        before = failed.get(row.id)
        tries, since = (before.tries + 1, before.since or now) if before else (1, now)
        may_heal = isinstance(error, TransientError) and now - since < DAY
        if tries >= MOST_TRIES and not may_heal:
            self._progress.skip(row)
            return
        last_post_at = seconds(row.last_post_at)
        failed[row.id] = Failed(row.url, row.last_page_url, last_post_at, row.replies, tries, since)

    def retries(self) -> Iterator[Batch]:
        """Threads that failed or were gone in an earlier run and have sunk out of sight since."""
        for name, one in list(self._progress.failed.items()):
            at = None if one.last_post_at is None else instant(one.last_post_at)
            row = ThreadRow(name, one.url, "", at, one.replies, last_page_url=one.last_page_url)
            yield from self._again(row)
        for name, url in list(self._progress.gone.items()):
            yield from self._again(self._progress.known_row(name, url))

    def _again(self, row: ThreadRow) -> Iterator[Batch]:
        if row.id not in self.tried and self._pages.left > 0:
            yield from self.news(row)


def _is_closed(error: CollectError) -> bool:
    """Whether one page is closed to guests while the site is not."""
    return isinstance(error, AccessError) and not isinstance(error, ClosedError)
