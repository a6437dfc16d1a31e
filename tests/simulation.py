"""Thirty days of a forum of 10,000 threads, read every half hour; what was read is held against what happened."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from collectors.forum import collect
from collectors.http import HttpClient
from listener.model import Batch
from listener.pipeline.vanishing import absence
from storage.rows import ThreadPost
from tests.board import PER_PAGE, SOURCE, Forum, Thread
from tests.discourse import Discourse
from tests.world import QUIET

START = datetime(2026, 6, 1, tzinfo=UTC)
STEP = timedelta(minutes=30)
DAY = timedelta(days=1)
BY_HOUR = (2, 1, 1, 1, 1, 2, 4, 6, 8, 9, 9, 9, 10, 9, 9, 9, 10, 11, 12, 13, 13, 11, 8, 5)
SAID = (
    "Der Akkufix 3000 hält bei mir den ganzen Tag, auch bei Kälte.",
    "Nach drei Wochen ist am Bohrwerk B2 das Futter locker, das ist ärgerlich.",
    "Ladegerät getauscht, seitdem läuft er wieder. Danke für den Tipp!",
    "The charger of my Akkufix 3000 died after a month, and nobody answers the phone.",
    "I drilled forty holes into concrete with the Bohrwerk B2 without any trouble.",
    "Würde ich nicht wieder kaufen: zu laut, zu schwer, zu teuer.",
    "Has anybody tried the larger battery? Mine is still fine after two winters.",
    "Gestern geliefert, heute ausprobiert: läuft ruhig und liegt gut in der Hand.",
)
SHARES = {"edit": 0.08, "delete": 0.015, "thread": 0.02, "move": 0.02}  # of posts, and of new threads
Event = tuple[datetime, int, str, Thread, int]


class Ordered:
    """Keeps the threads in the order of their last posts, so that 10,000 need no sorting at each request."""

    threads: dict[int, Thread]

    def there(self, number: int) -> list[Thread]:
        """The threads of a board, sticky ones first, as they come in time."""
        shown = [one for one in reversed(self.threads.values()) if number in (one.forum, one.shadow)]
        sticky = [one for one in shown[:200] if one.sticky]
        return sticky + [one for one in shown if not one.sticky] if sticky else shown

    def newest(self) -> list[tuple[Thread, int, datetime]]:
        """The last posts of the threads written in last: enough for some answers."""
        recent = islice(reversed(self.threads.values()), 300)
        rows = [(one, *post) for one in recent for post in one.posts[-60:]]
        return sorted(rows, key=lambda row: row[1], reverse=True)

    def to_the_top(self, thread: Thread) -> None:
        """A post came in."""
        self.threads[thread.id] = self.threads.pop(thread.id)

    def sort(self) -> None:
        """A post went."""
        self.threads = dict(sorted(self.threads.items(), key=lambda item: item[1].last_at))


class BigBoard(Ordered, Forum):
    """A phpBB with many threads."""


class BigDiscourse(Ordered, Discourse):
    """A Discourse with many topics."""


@dataclass
class Life:
    """What people do on a forum; the same seed tells the same story."""

    forum: Any
    chance: random.Random
    posts_a_day: int
    shares: Mapping[str, float]
    coming: list[Event] = field(default_factory=list)
    edits: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    deleted: dict[str, datetime] = field(default_factory=dict)
    written: dict[str, datetime] = field(default_factory=dict)

    def settle(self, threads: int) -> None:
        """A forum with a past of three years: most threads are short, a few very long."""
        lengths = [min(int(self.chance.paretovariate(0.9)), 600) for _ in range(threads)]
        starts = [START - self.chance.random() * 1100 * DAY for _ in lengths]
        stamps = sorted(
            (min(start + number * self.chance.expovariate(1 / 12) * timedelta(hours=1), START), place)
            for place, (start, length) in enumerate(zip(starts, lengths, strict=True))
            for number in range(length)
        )
        made = [Thread(place + 1, f"{SAID[place % 8].split()[1]} {place}") for place in range(threads)]
        for name, (at, place) in enumerate(stamps, 1):
            made[place].posts.append((name, at))
        for sticky in self.chance.sample(made, 4):
            sticky.sticky = True
        self.forum.threads = {thread.id: thread for thread in made}
        self.forum.sort()
        self.forum._last_thread, self.forum._last_post = threads, len(stamps)

    def step(self) -> int:
        """Half an hour passes; returns how many pages of threads got new posts."""
        before, self.forum.now = self.forum.now, self.forum.now + STEP
        rate = self.posts_a_day / 48 * BY_HOUR[before.hour] * 24 / sum(BY_HOUR)
        count = int(rate) + (self.chance.random() < rate % 1)
        stamps = sorted(before + self.chance.random() * STEP for _ in range(count))
        changed = {self._post(at.replace(microsecond=0)) for at in stamps}
        while self.coming and self.coming[0][0] <= self.forum.now:
            self._happen(*heapq.heappop(self.coming))
        return len(changed)

    def _post(self, at: datetime) -> tuple[int, int]:
        """Somebody writes, mostly where others have just written; returns thread and page."""
        forum, chance = self.forum, self.chance
        if chance.random() < 0.12:
            thread = forum.thread(at=at)
            thread.title = f"{SAID[thread.id % 8].split()[1]} {thread.id}"
            self._perhaps("thread", thread, 0, at, 8)
            self._perhaps("move", thread, 0, at, 8)
        else:
            rank = min(int(chance.paretovariate(0.5)), len(forum.threads))
            thread = next(islice(reversed(forum.threads.values()), rank - 1, None))
            forum.reply(thread, at)
        forum.to_the_top(thread)
        name = thread.posts[-1][0]
        forum.texts[name] = f"{chance.choice(SAID)} ({name})"
        self.written[str(name)] = at
        self._perhaps("edit", thread, name, at, 2)
        self._perhaps("delete", thread, name, at, 6)
        return thread.id, len(thread.posts) // PER_PAGE

    def _perhaps(self, what: str, thread: Thread, name: int, at: datetime, hours: int) -> None:
        if self.chance.random() < self.shares[what]:
            later = at + timedelta(hours=self.chance.expovariate(1 / hours))
            heapq.heappush(self.coming, (later, len(self.written) + len(self.coming), what, thread, name))

    def _happen(self, at: datetime, _: int, what: str, thread: Thread, name: int) -> None:
        if thread.id not in self.forum.threads:
            return
        if what == "move":
            thread.forum, thread.shadow = 4, 3
        elif what == "edit" and any(name == post for post, _ in thread.posts):
            text = self.forum.texts[name] = f"{self.forum.texts[name]} Nachtrag: {self.chance.choice(SAID)}"
            self.edits[str(name)] = (at, text)
        elif what == "thread" or (what == "delete" and len(thread.posts) == 1):
            self.deleted |= {str(post): at for post, _ in thread.posts}
            del self.forum.threads[thread.id]
        elif what == "delete" and any(name == post for post, _ in thread.posts):
            thread.posts = [post for post in thread.posts if post[0] != name]
            self.deleted[str(name)] = at
            self.forum.sort()


@dataclass
class Kept:
    """What a store would hold: each post's last text, the address it came with, what has vanished."""

    texts: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, set[str]] = field(default_factory=dict)
    threads: dict[str, dict[str, ThreadPost]] = field(default_factory=dict)
    changed_at: dict[str, datetime] = field(default_factory=dict)
    gone_at: dict[str, datetime] = field(default_factory=dict)

    def save(self, batch: Batch, now: datetime) -> None:
        """Keep a batch as the pipeline does."""
        for post in batch.posts:
            if self.texts.get(post.id, post.text) != post.text:
                self.changed_at[post.id] = now
            self.texts[post.id] = post.text
            self.addresses.setdefault(post.id, set()).add(post.url)
            known = self.threads.setdefault(post.thread_id, {})
            known.setdefault(post.id, ThreadPost(post.id, post.published_at, None, False))
        if batch.thread_page is not None:
            self._missed(batch, now)

    def _missed(self, batch: Batch, now: datetime) -> None:
        assert batch.thread_page is not None
        stored = self.threads.get(batch.thread_page.thread_id, {})
        found = absence(batch.thread_page, batch.posts, list(stored.values()), now)
        for name in found.missing:
            stored[name] = replace(stored[name], missing_since=now)
        for name in found.back:
            stored[name] = replace(stored[name], missing_since=None, deleted=False)
        for name in found.gone:
            stored[name] = replace(stored[name], deleted=True)
            self.gone_at[name] = now


@dataclass
class Run:
    """One run: what it asked for and the least it could have asked for."""

    at: datetime
    requests: int
    changed: int

    @property
    def ideal(self) -> int:
        """One request to learn what is new and one for each page with new posts."""
        return 1 + self.changed


def listen(life: Life, kept: Kept, days: int, **options: Any) -> Iterator[Run]:
    """Live and read, half hour by half hour; a client a day, or most of the time goes into connecting."""
    forum, state = life.forum, {}
    for _ in range(days):
        with HttpClient(contact="ears@example.com", now=lambda: forum.now) as http:
            for _ in range(48):
                changed = life.step()
                before = len(forum.world.log)
                for batch in collect(SOURCE, state, http, url=forum.url, **options):
                    kept.save(batch, forum.now)
                    state = dict(batch.state)
                asked = [one.path for one in forum.world.log[before:] if one.path not in QUIET]
                yield Run(forum.now, len(asked), changed)
                del forum.world.log[:]


def missed(life: Life, kept: Kept, board: int = 3) -> set[str]:
    """Posts that stand in the board and were never read."""
    there = {post for one in life.forum.threads.values() if one.forum == board for post, _ in one.posts}
    return {name for name in life.written if int(name) in there and name not in kept.texts}


def simulated(
    kind: Callable[[datetime], Any],
    *,
    seed: int = 1,
    threads: int = 10_000,
    posts_a_day: int = 150,
    shares: Mapping[str, float] = SHARES,
) -> Life:
    """A forum with its people, before the first run."""
    life = Life(kind(START), random.Random(seed), posts_a_day, shares)
    life.settle(threads)
    return life
