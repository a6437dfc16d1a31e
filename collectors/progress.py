"""How far a forum has been read: the watermark that the forum collector stores with its posts.

All instants here are whole seconds since 1970. Of each board it is known that every thread with its
last post in [bottom, top] has been read; `cursor` is the listing page where reading goes on towards
the past. Of each thread active within the window it is known what its row said when it was read, the
last page read and when that was. `pending` are long threads whose older pages are still to come,
`failed` those that could not be read, `gone` those that were missing once and are asked for again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from collectors.reading import Listing, ThreadRow, Topic
from listener.model import Post

VERSION = 2
MOST_THREADS = 20_000
DAY = 86_400
SLACK = 90  # "5 minutes ago" wanders by a minute from fetch to fetch
UNFINISHED = -1
MOST_LESS = 3  # replies; more are missing where a row is the leftover of a moved thread
FIRST_STEP = 1_800  # seconds before a page just written on is looked at again
AT_ONCE = 1

# What is known of a thread, a list because 10,000 of them are stored with each page:
# last post at | None, replies | None, last page read ("" unknown), last post read there ("" unknown),
# when that page was read | None, after how many seconds it is worth another look | None,
# the thread's own address where that is another than the page's, how many posts the page had
Entry = list[Any]
UNKNOWN_PLACE = ("", "", None, None, "", 0)
SEEN_AT, REPLIES, PLACE, LAST_ID, LOOKED_AT, STEP, OWN, COUNT = range(8)


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
    """A thread that could not be read, to be tried again; `since` is when it failed first."""

    url: str
    last_page_url: str | None
    last_post_at: int | None
    replies: int | None
    tries: int = 1
    since: int = 0


@dataclass
class Progress:
    """The state of one forum while it is read; `snapshot` is what a Batch carries.

    `window`: how far back posts are wanted. `plain`: guests are refused the engine's JSON. `latest`: every
    post up to there has been read, so that the board's newest posts alone tell the news; `listed_at`: when
    the listings were last read; `no_latest_until`: the list of newest posts was refused; `told`: what it held
    last, thread and instant by the post's id.
    """

    url: str = ""
    engine: str = ""
    thread: str = ""
    window: int = 0
    plain: bool = False
    latest: int | None = None
    listed_at: int = 0
    no_latest_until: int = 0
    told: dict[str, list[Any]] = field(default_factory=dict)
    boards: dict[str, Board] = field(default_factory=dict)
    threads: dict[str, Entry] = field(default_factory=dict)
    pending: dict[str, Pending] = field(default_factory=dict)
    failed: dict[str, Failed] = field(default_factory=dict)
    gone: dict[str, str] = field(default_factory=dict)
    now: int = 0

    def snapshot(self) -> dict[str, Any]:
        """A copy as plain JSON; entries of threads are replaced and never changed, so they may be shared."""
        plain = {name: value for name, value in vars(self).items() if name != "now"}
        copies = {name: dict(value) for name, value in plain.items() if isinstance(value, dict)}
        for name in ("boards", "pending", "failed"):
            copies[name] = {key: dict(vars(one)) for key, one in copies[name].items()}
        return {"version": VERSION, **plain, **copies}

    def page_read(self, row: ThreadRow, topic: Topic, page_url: str, *, last: bool) -> None:
        """A page of a thread was read; only with the last one the thread counts as read up to its row."""
        seen = _signature(row) if last else (None, UNFINISHED)
        entry = [*seen, *self._place(row, topic, row.url if topic.page == 1 else page_url)]
        if is_merged(row, topic):
            self.threads.setdefault(topic.thread_id, entry)
            entry = [*seen, *UNKNOWN_PLACE]
        self.threads[row.id] = entry
        self.gone.pop(row.id, None)
        if last:
            self.failed.pop(row.id, None)

    def _place(self, row: ThreadRow, topic: Topic, url: str) -> list[Any]:
        """What is known of a thread's page; one that shows less than before is to be looked at again."""
        place, known = self._short(url), self.threads.get(row.id)
        is_less = known is not None and known[PLACE] == place and len(topic.posts) < known[COUNT]
        stamps = [at for post in topic.posts if (at := seconds(post.published_at)) is not None]
        step = AT_ONCE if is_less else self._step(max(stamps, default=seconds(row.last_post_at)))
        own = "" if row.url == url else self._short(row.url)
        last = topic.posts[-1].id if topic.posts else ""
        return [place, last, self.now, step, own, len(topic.posts)]

    def posts_told(self, name: str, url: str, posts: Sequence[Post]) -> None:
        """Posts of a thread were read without its page: its row, telling of them, will be no news."""
        stamps = [at for post in posts if (at := seconds(post.published_at)) is not None]
        entry = self.threads.get(name)
        at = max(stamps, default=None)
        if at is None or (entry is not None and entry[SEEN_AT] is not None and at <= entry[SEEN_AT]):
            return
        if entry is None:
            self.threads[name] = [at, None, self._short(url), "", self.now, self._step(at), "", 0]
        elif entry[REPLIES] != UNFINISHED:
            count = sum(one > (entry[SEEN_AT] or 0) for one in stamps)
            replies = None if entry[REPLIES] is None else entry[REPLIES] + count
            place = entry[PLACE:LOOKED_AT]
            self.threads[name] = [at, replies, *place, self.now, self._step(at), *entry[OWN:]]

    def _step(self, newest: int | None) -> int:
        """As long as the last post is old, so that looks are rarer the longer a thread is quiet."""
        return DAY if newest is None else max(FIRST_STEP, self.now - newest)

    def skip(self, row: ThreadRow) -> None:
        """Leave a thread alone until its row changes."""
        self.threads[row.id] = [*_signature(row), *UNKNOWN_PLACE]
        self.pending.pop(row.id, None)
        self.failed.pop(row.id, None)

    def is_unfinished(self, name: str) -> bool:
        """Whether a thread's last page is still to be read."""
        entry = self.threads.get(name)
        return entry is None or entry[REPLIES] == UNFINISHED

    def known_row(self, name: str, url: str = "") -> ThreadRow:
        """A thread as its row stood when it was read, where no listing shows it now."""
        entry = self.threads.get(name) or [None, None, *UNKNOWN_PLACE]
        at = None if entry[SEEN_AT] is None else instant(entry[SEEN_AT])
        replies = None if entry[REPLIES] == UNFINISHED else entry[REPLIES]
        return ThreadRow(name, url or self.full(entry[OWN] or entry[PLACE]), "", at, replies)

    def _short(self, url: str) -> str:
        """An address as it is stored: without the site's own scheme and host."""
        return url.removeprefix(_origin(self.url)) if url.startswith(f"{_origin(self.url)}/") else url

    def full(self, place: str) -> str:
        """The other way round."""
        return _origin(self.url) + place if place.startswith("/") else place

    def reachable(self) -> list[str]:
        """The source's own board and those below it, as far as they have been seen."""
        found = [self.url]
        for url in found:  # grows while it is gone through
            board = self.boards.get(url, Board())
            found += [one for one in board.below if one in self.boards and one not in found]
        return found

    def prune(self, since: int) -> None:
        """Forget threads without a post since `since`, and the stalest above a number."""
        kept = {
            name: entry
            for name, entry in self.threads.items()
            if (at := newest(entry)) is None or at >= since - DAY
        }
        if len(kept) > MOST_THREADS:
            ranked = sorted(kept, key=lambda name: newest(kept[name]) or 0, reverse=True)
            kept = {name: kept[name] for name in ranked[:MOST_THREADS]}
        self.threads = kept
        self.pending = {name: one for name, one in self.pending.items() if name in kept}
        self.failed = {
            name: one
            for name, one in self.failed.items()
            if one.last_post_at is None or one.last_post_at >= since
        }


def load(state: Mapping[str, Any], url: str) -> Progress:
    """The progress in a stored state; nothing if it is an unknown version's or another address's."""
    if state.get("version") not in (1, VERSION) or state.get("url") != url:
        return Progress(url)
    kept = {name: value for name, value in _upgraded(state).items() if name != "version"}
    for name, kind in (("boards", Board), ("pending", Pending), ("failed", Failed)):
        kept[name] = {key: kind(**one) for key, one in kept[name].items()}
    return Progress(**kept | {"threads": dict(kept["threads"]), "gone": dict(kept.get("gone", {}))})


def _upgraded(state: Mapping[str, Any]) -> Mapping[str, Any]:
    """A state of version 1 knew less of threads; "0" comes before every post of a thread's first page."""
    if state["version"] == VERSION:
        return state
    threads = {
        name: [*entry[:3], entry[3] or "0", None, None, "", 0] for name, entry in state["threads"].items()
    }
    return {**state, "threads": threads}


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _signature(row: ThreadRow) -> tuple[int | None, int | None]:
    return seconds(row.last_post_at), row.replies


def is_merged(row: ThreadRow, topic: Topic) -> bool:
    """Whether a thread's address leads to another thread by now."""
    return topic.thread_id not in ("", row.id)


def newest(entry: Entry) -> int | None:
    """When a thread's last post was written, as far as it is known."""
    if entry[SEEN_AT] is not None:
        return int(entry[SEEN_AT])
    return None if entry[STEP] is None else int(entry[LOOKED_AT] - entry[STEP])


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
    seen_at: int | None = entry[SEEN_AT]
    replies: int | None = entry[REPLIES]
    at = seconds(row.last_post_at)
    if replies == UNFINISHED:
        return True
    if at is None or seen_at is None or seen_at > now + SLACK:
        return (at, row.replies) != (seen_at, replies)
    if replies is None or row.replies is None or row.replies >= 1000:  # "1.2K" hides single replies
        return at > seen_at
    return at > seen_at + SLACK or (at >= seen_at - SLACK and row.replies > replies)


def has_less(entry: Entry | None, row: ThreadRow) -> bool:
    """Whether a row tells of deleted posts: a few replies less, and no later post than is known."""
    at = seconds(row.last_post_at)
    if entry is None or at is None or entry[SEEN_AT] is None or row.replies is None or not entry[REPLIES]:
        return False
    return bool(at <= entry[SEEN_AT] + SLACK and 0 < entry[REPLIES] - row.replies <= MOST_LESS)


def in_order(rows: Sequence[ThreadRow]) -> list[int]:
    """The instants of the rows that stand in the order of the listing (sticky ones do not)."""
    return [int(row.last_post_at.timestamp()) for row in rows if row.last_post_at and not row.sticky]


def is_in_order(listing: Listing) -> bool:
    """Whether a listing is sorted by last post; a few rows out of place change nothing."""
    stamps = in_order(listing.threads)
    risen = sum(later > earlier + SLACK for earlier, later in pairwise(stamps))
    return listing.by_last_post and risen <= max(2, len(stamps) // 4)
