"""A month of a fast feed with nights, bursts and outages, fetched when the schedule says; then held to account."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from collectors.feed import collect
from collectors.http import HttpClient
from listener.errors import CollectError
from listener.model import Batch, Source
from schedules import next_due
from tests.world import Reply, Request, World

START = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)
BY_HOUR = (1, 1, 0, 0, 0, 1, 4, 8, 10, 10, 9, 9, 8, 8, 9, 9, 10, 10, 9, 8, 7, 5, 3, 2)
FAULTS = ("500", "503", "reset", "html", "cut", "empty")
ITEM = "<item><guid>e{0}</guid><link>https://blog.example/{0}</link><title>Akkufix {0}</title><pubDate>{1:%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"


@dataclass
class FeedLife:
    """What a site publishes, and when its server fails; the same seed tells the same story."""

    seed: int = 1
    days: int = 30
    window: int = 20
    least: int = 15
    most: int = 200
    pinned: bool = False
    outages: int = 12  # a month
    faulty: float = 0.05  # share of single answers that fail
    now: datetime = START
    written: list[datetime] = field(default_factory=list)
    down: list[tuple[datetime, datetime, str]] = field(default_factory=list)
    asked: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        for day in range(-2, self.days):
            self._write(START + day * DAY, self.chance.randint(self.least, self.most))
        self.written.sort()
        for _ in range(self.outages * self.days // 30):
            begins = START + self.chance.random() * self.days * DAY
            lasts = timedelta(hours=self.chance.choice((0.5, 1, 3, 8, 20)))
            self.down.append((begins, begins + lasts, self.chance.choice(FAULTS)))

    def _write(self, midnight: datetime, number: int) -> None:
        """A day's entries by the hour, and now and then ten within minutes."""
        while number > 0:
            hour = self.chance.choices(range(24), BY_HOUR)[0]
            at = midnight + timedelta(hours=hour, seconds=self.chance.randrange(3600))
            many = min(number, 10) if self.chance.random() < 0.01 else 1
            self.written += [at + timedelta(seconds=60 * each) for each in range(many)]
            number -= many

    def shown(self) -> range:
        """The numbers of the entries that the feed holds now."""
        count = sum(at <= self.now for at in self.written)
        return range(max(0, count - self.window), count)

    def answer(self, request: Request) -> Reply:
        """The feed, 304, or what a server says when it fails."""
        self.asked += 1
        fault = next((kind for begins, ends, kind in self.down if begins <= self.now < ends), "")
        if fault or self.chance.random() < self.faulty:
            return self._failing(fault or self.chance.choice(FAULTS))
        shown = self.shown()
        tag = f'"{shown.stop}"'
        if request.headers.get("if-none-match") == tag:
            return Reply(status=304)
        return Reply(self.feed(), headers={"etag": tag, "content-type": "application/rss+xml"})

    def feed(self) -> bytes:
        """The feed as it stands."""
        items = [ITEM.format(n, self.written[n]) for n in reversed(self.shown())]
        if self.pinned:
            items.insert(0, ITEM.format("pinned", datetime(2024, 1, 1)))
        return f'<rss version="2.0"><channel><title>Blog</title>{"".join(items)}</channel></rss>'.encode()

    def _failing(self, kind: str) -> Reply:
        if kind == "reset":
            raise ConnectionResetError
        if kind == "html":
            return Reply(
                b"<html><title>Wartung</title><a href=/comments/feed>RSS</a><p>Gleich wieder da.</p>"
            )
        if kind == "cut":
            return Reply(b"<?xml version='1.0'?>", headers={"content-type": "text/xml"})
        if kind == "empty":
            return Reply(b"<rss version='2.0'><channel><title>Blog</title></channel></rss>")
        return Reply(status=int(kind))


@dataclass
class Heard:
    """What listening gave: ids with how often they came as news, promises, notices and requests."""

    ids: dict[str, int] = field(default_factory=dict)
    promises: list[tuple[datetime, datetime]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    failures: int = 0
    last_at: datetime = START

    def promised(self, at: datetime) -> bool:
        """Whether the coverage claims an instant."""
        return any(start <= at <= end for start, end in self.promises)


def listen(life: FeedLife, every: timedelta) -> Heard:
    """Fetch at the times that the schedule gives, from the first day to the last."""
    source = Source("blog", "feed", every=every, allow_private=True, delay=timedelta(0))
    heard, state, failures = Heard(), dict[str, Any](), 0
    with World({"/feed": life.answer}) as world:
        while life.now < START + life.days * DAY:
            started_at, wait = life.now, None
            try:
                batch = _once(life, source, state, world.url + "/feed")
                failures, wait, state = 0, batch.retry_after, json.loads(json.dumps(batch.state))
                _take(heard, batch, started_at)
            except CollectError as error:
                failures, wait = failures + 1, getattr(error, "retry_after", None)
                heard.failures += 1
            jitter = life.chance.random()
            life.now = next_due(started_at, every, failures=failures, retry_after=wait, jitter=jitter)
    return heard


def _once(life: FeedLife, source: Source, state: Mapping[str, Any], url: str) -> Batch:
    now = life.now
    with HttpClient(
        contact="ears@example.com", now=lambda: now, sleep=lambda _: None, clock=now.timestamp
    ) as http:
        (batch,) = collect(source, state, http, url=url)
    return batch


def _take(heard: Heard, batch: Batch, started_at: datetime) -> None:
    assert len({post.id for post in batch.posts}) == len(batch.posts)
    for post in batch.posts:
        heard.ids[post.id] = heard.ids.get(post.id, 0) + 1
    heard.notices += [batch.notice] if batch.notice else []
    if batch.complete_since is not None:
        heard.promises.append((batch.complete_since, started_at))
        heard.last_at = started_at


@dataclass(frozen=True)
class Account:
    """What came of a life: entries, those lost, those lost in silence, and what it cost."""

    entries: int
    collected: int
    lost: int
    unreported: int
    gaps: int
    requests: int
    ideal: float
    coverage: float

    @property
    def ratio(self) -> float:
        """Requests for each one of the ideal: a fetch per half window."""
        return self.requests / self.ideal

    def __str__(self) -> str:
        return (
            f"{self.entries} entries, {self.collected} collected, {self.lost} in {self.gaps} reported gaps, "
            f"{self.unreported} lost in silence; {self.requests} requests, "
            f"{self.requests / self.entries:.2f} an entry, {self.ratio:.1f} x ideal; coverage {self.coverage:.3f}"
        )


def account(life: FeedLife, heard: Heard) -> Account:
    """Hold what was heard against what was written up to the last reading."""
    first = min(start for start, _ in heard.promises)
    due = [n for n, at in enumerate(life.written) if first <= at <= heard.last_at]
    lost = [n for n in due if f"e{n}" not in heard.ids]
    assert heard.ids.keys() <= {*(f"e{n}" for n in range(len(life.written))), "epinned"}
    return Account(
        len(due),
        len(due) - len(lost),
        len(lost),
        sum(heard.promised(life.written[n]) for n in lost),
        len(heard.notices),
        life.asked,
        len(due) / (life.window / 2),
        _covered(heard, first),
    )


def _covered(heard: Heard, first: datetime) -> float:
    """The share of the time from the first promise to the last reading that is promised."""
    total, reach = timedelta(), first
    for start, end in sorted(heard.promises):
        total += max(timedelta(), end - max(start, reach))
        reach = max(reach, end)
    return total / (heard.last_at - first)


def month(days: int = 30, seeds: int = 3) -> Iterator[str]:
    """One line for each of some lives, for the bench."""
    for seed in range(1, seeds + 1):
        for every in (timedelta(minutes=30), timedelta(hours=3)):
            life = FeedLife(seed=seed, days=days)
            yield f"every {every}: {account(life, listen(life, every))}"
