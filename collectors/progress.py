"""How far a forum has been read: the watermark that the forum collector stores with its posts.

All instants here are whole seconds since 1970. Of each board it is known that every thread with its
last post in [bottom, top] has been read; `cursor` is the listing page where reading goes on towards
the past. Of each thread active within the window it is known what its row said when it was read and
the last page read. `pending` are long threads whose older pages are still to come, `failed` those
that could not be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from collectors.reading import ThreadRow, Topic

VERSION = 1
MOST_THREADS = 20_000
DAY = 86_400
SLACK = 90  # "5 minutes ago" wanders by a minute from fetch to fetch
UNFINISHED = -1

# [last post at | None, replies | None, last page read ("" = the thread's own address), last post read there]
Entry = list[Any]


@dataclass
class Board:
    """What is known of one board; see the module."""

    top: int | None = None
    bottom: int | None = None
    cursor: str | None = None
    validators: dict[str, str] = field(default_factory=dict)
    below: list[str] = field(default_factory=list)


@dataclass
class Pending:
    """A thread whose pages from `page` down to `floor` are unread; `url` is the address of page `known`.

    `up`: the addresses of pages cannot be computed, so `url` is read next and links lead on to `page`.
    """

    thread_url: str
    url: str
    known: int
    page: int
    floor: int = 1
    oldest: int | None = None
    up: bool = False


@dataclass
class Failed:
    """A thread that could not be read, to be tried again."""

    url: str
    last_page_url: str | None
    last_post_at: int | None
    replies: int | None
    tries: int = 1


@dataclass
class Progress:
    """The state of one forum while it is read; `snapshot` is what a Batch carries."""

    url: str = ""
    engine: str = ""
    thread: str = ""
    boards: dict[str, Board] = field(default_factory=dict)
    threads: dict[str, Entry] = field(default_factory=dict)
    pending: dict[str, Pending] = field(default_factory=dict)
    failed: dict[str, Failed] = field(default_factory=dict)

    def snapshot(self) -> dict[str, Any]:
        """A copy as plain JSON; entries of threads are replaced and never changed, so they may be shared."""
        return {
            "version": VERSION,
            "url": self.url,
            "engine": self.engine,
            "thread": self.thread,
            "boards": {url: asdict(board) for url, board in self.boards.items()},
            "threads": dict(self.threads),
            "pending": {name: asdict(one) for name, one in self.pending.items()},
            "failed": {name: asdict(one) for name, one in self.failed.items()},
        }

    def page_read(self, row: ThreadRow, topic: Topic, page_url: str, *, last: bool) -> None:
        """A page of a thread was read; only with the last one the thread counts as read up to its row."""
        place = ["", ""] if topic.page == 1 else [page_url, topic.posts[-1].id]
        self.threads[row.id] = [*(_signature(row) if last else (None, UNFINISHED)), *place]
        if last:
            self.failed.pop(row.id, None)

    def skip(self, row: ThreadRow) -> None:
        """Leave a thread alone until its row changes."""
        self.threads[row.id] = [*_signature(row), "", ""]
        self.pending.pop(row.id, None)
        self.failed.pop(row.id, None)

    def is_unfinished(self, name: str) -> bool:
        """Whether a thread's last page is still to be read."""
        entry = self.threads.get(name)
        return entry is None or entry[1] == UNFINISHED

    def prune(self, since: int) -> None:
        """Forget threads without a post since `since`, and the stalest above a number."""
        old = {
            name for name, entry in self.threads.items() if entry[0] is not None and entry[0] < since - DAY
        }
        kept = {name: entry for name, entry in self.threads.items() if name not in old}
        if len(kept) > MOST_THREADS:
            ranked = sorted(kept, key=lambda name: kept[name][0] or 0, reverse=True)
            kept = {name: kept[name] for name in ranked[:MOST_THREADS]}
        self.threads = kept
        self.pending = {name: one for name, one in self.pending.items() if name in kept}
        self.failed = {
            name: one
            for name, one in self.failed.items()
            if one.last_post_at is None or one.last_post_at >= since
        }


def load(state: Mapping[str, Any], url: str) -> Progress:
    """The progress in a stored state; nothing if it is another version's or another address's."""
    if state.get("version") != VERSION or state.get("url") != url:
        return Progress(url)
    return Progress(
        url,
        engine=state["engine"],
        thread=state["thread"],
        boards={url: Board(**board) for url, board in state["boards"].items()},
        threads=dict(state["threads"]),
        pending={name: Pending(**one) for name, one in state["pending"].items()},
        failed={name: Failed(**one) for name, one in state["failed"].items()},
    )


def _signature(row: ThreadRow) -> tuple[int | None, int | None]:
    return seconds(row.last_post_at), row.replies


def seconds(instant: datetime | None) -> int | None:
    """Whole seconds since 1970."""
    return None if instant is None else int(instant.timestamp())


def instant(at: int) -> datetime:
    """The other way round."""
    return datetime.fromtimestamp(at, UTC)


def has_news(entry: Entry | None, row: ThreadRow, now: int) -> bool:
    """Whether a row tells of posts not yet read.

    A row that looks older than what is known is the leftover of a moved thread or of deleted posts,
    never news. An instant in the future orders nothing: there only a difference counts.
    """
    if entry is None:
        return True
    seen_at: int | None = entry[0]
    replies: int | None = entry[1]
    at = seconds(row.last_post_at)
    if replies == UNFINISHED:
        return True
    if at is None or seen_at is None or seen_at > now + SLACK:
        return (at, row.replies) != (seen_at, replies)
    if replies is None or row.replies is None or row.replies >= 1000:  # "1.2K" hides single replies
        return at > seen_at
    return at > seen_at + SLACK or (at >= seen_at - SLACK and row.replies > replies)


def in_order(rows: Sequence[ThreadRow]) -> list[int]:
    """The instants of the rows that stand in the order of the listing (sticky ones do not)."""
    return [int(row.last_post_at.timestamp()) for row in rows if row.last_post_at and not row.sticky]
