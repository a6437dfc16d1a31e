"""One lane per host: a request at a time, a pause between two, and silence when the host asks for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from listener.errors import TransientError

LONGEST_REST = 60.0


class Lane:
    """The way to one host, shared by all threads of a run; `rules` guards the reading of its robots.txt."""

    def __init__(self, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self.rules = threading.Lock()
        self._clock, self._sleep = clock, sleep
        self._busy = threading.Lock()
        self._ended_at: float | None = None
        self._rests_until = 0.0
        self._closed = False
        self._closed_until: float | None = None

    @contextmanager
    def turn(self, delay: float) -> Iterator[None]:
        """Wait for the lane and until `delay` seconds after the end of its last request."""
        with self._busy:
            self._raise_if_closed()
            free_at = 0.0 if self._ended_at is None else self._ended_at + delay
            wait = max(free_at, self._rests_until) - self._clock()
            if wait > 0:
                self._sleep(wait)
            try:
                yield
            finally:
                self._ended_at = self._clock()

    def rest(self, seconds: float) -> None:
        """Let nobody through for so long; for more than `LONGEST_REST` seconds, not in this run."""
        if seconds > LONGEST_REST:
            self.close(timedelta(seconds=seconds))
        else:
            self._rests_until = max(self._rests_until, self._clock() + seconds)

    def close(self, wait: timedelta | None) -> None:
        """Let nobody through for the rest of the run; `wait` is what the host asked for, if it said."""
        self._closed = True
        self._closed_until = None if wait is None else self._clock() + wait.total_seconds()

    def _raise_if_closed(self) -> None:
        if not self._closed:
            return
        left = None if self._closed_until is None else max(0.0, self._closed_until - self._clock())
        after = None if left is None else timedelta(seconds=left)
        raise TransientError(
            "the host asked to be left alone; not asked again in this run", retry_after=after
        )
