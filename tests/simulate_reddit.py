"""A busy subreddit over days or a month: `python -m tests.simulate_reddit --days 30` prints the figures."""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from collectors.http import HttpClient
from collectors.reddit import collect
from listener.errors import CollectError
from listener.model import Batch, Source
from storage.coverage import Interval, merged
from tests.reddit_world import (
    CLIENT_ID,
    CLIENT_SECRET,
    MOST,
    TOKENS,
    Answer,
    Asked,
    RedditWorld,
    Thing,
    Window,
    comment,
    submission,
)
from tests.shelf import Shelf

START = datetime(2026, 3, 2, 0, 1, 40, tzinfo=UTC)  # PRAW spreads requests over a window; here it need not
STEP, DAY = timedelta(minutes=15), timedelta(days=1)
STEPS = DAY // STEP
COMMENTS = 4  # to one post
INFO = "/api/info"
SOURCE = Source("reddit", "reddit", every=STEP, allow_private=True)
OUTAGES = (
    Answer(200, '{"kind": "Listing", "data": {"chil', {"content-type": "application/json"}),
    Answer(403, "<html><title>Blocked</title>", {"content-type": "text/html"}),
    Answer(429, {"message": "Too Many Requests", "error": 429}, {"x-ratelimit-reset": "600"}),
)


class BusyReddit(RedditWorld):
    """Things come in the order of time and are found by name, so that a month is served quickly."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(clock)
        self.names: dict[str, Thing] = {}
        self.window = Window(1000, 600)

    def add(self, thing: Thing) -> None:
        self.names[thing["data"]["name"]] = thing
        (self.posts if thing["kind"] == "t3" else self.comments).append(thing)

    def find(self, name: str) -> Thing | None:
        return self.names.get(name)

    def purge(self, name: str) -> None:
        self.hidden.add(name)
        self.names.pop(name, None)

    def told(self, names: Any) -> list[Thing]:
        return [one for name in names if (one := self.names.get(name)) is not None]

    def newest(self, kind: str, boards: str) -> list[Thing]:
        shown: list[Thing] = []
        for thing in reversed(self.posts if kind == "new" else self.comments):
            if thing["data"]["name"] not in self.hidden:
                shown.append(thing)
                if len(shown) == MOST:
                    break
        return shown


@dataclass
class Life:
    """What people write, edit and delete, and when Reddit is out of order."""

    rng: random.Random
    a_day: int = 10_000
    deleted: float = 0.02
    purged: float = 0.001
    outages: float = 0.02  # begin in so many runs
    killed: float = 0.02
    mentioned: float = 0.01
    now: datetime = START
    ends_at: datetime = START
    numbers: Counter[str] = field(default_factory=Counter)
    deleted_at: dict[str, datetime] = field(default_factory=dict)
    purged_at: dict[str, datetime] = field(default_factory=dict)
    plans: list[tuple[datetime, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.world = BusyReddit(lambda: self.now)

    def step(self) -> None:
        """A quarter of an hour: evenings are busy, nights are not."""
        hour = self.now.hour
        share = 1.6 if 17 <= hour < 23 else 0.5 if hour < 7 else 1.0
        count = round(self.a_day / STEPS * share * self.rng.uniform(0.6, 1.4))
        for second in sorted(self.rng.randrange(STEP.seconds) for _ in range(count)):
            self._write(self.now + timedelta(seconds=second))
        self.now += STEP
        self._change()
        self._trouble()

    def _write(self, at: datetime) -> None:
        is_post = not self.world.posts or self.rng.random() < 1 / (COMMENTS + 1)
        kind = "post" if is_post else "comment"
        self.numbers[kind] += 1
        words = (
            "Mein Akkufix 3000 raucht."
            if self.rng.random() < self.mentioned
            else "Ich nehme immer die Hobelbank."
        )
        if is_post:
            thing = submission(self.numbers[kind], at, selftext=words)
        else:
            on = self.world.posts[-min(len(self.world.posts), self.rng.randrange(1, 200))]
            thing = comment(self.numbers[kind], at, on, body=words)
        self.world.add(thing)
        fate = self.rng.random()
        if fate < self.deleted + self.purged:
            age = timedelta(hours=self.rng.expovariate(1 / 30))
            self.plans.append((at + age, thing["data"]["name"], "purge" if fate < self.purged else "delete"))

    def _change(self) -> None:
        due = [plan for plan in self.plans if plan[0] <= self.now]
        self.plans = [plan for plan in self.plans if plan[0] > self.now]
        for at, name, what in due:
            getattr(self.world, what)(name)
            (self.purged_at if what == "purge" else self.deleted_at)[name] = at

    def _trouble(self) -> None:
        if self.now >= self.ends_at:
            self.world.trouble = lambda asked: None
            if self.rng.random() < self.outages:
                lasting = self.rng.choice([1, 2, 4, 8, 24])
                self.ends_at = self.now + lasting * STEP
                self.world.trouble = _out_of_order(self.rng.choice(OUTAGES), self.rng.randrange(4))


def _out_of_order(answer: Answer, spared: int) -> Callable[[Asked], Answer | None]:
    left = [spared]

    def trouble(asked: Asked) -> Answer | None:
        if asked.path == TOKENS:
            return None
        left[0] -= 1
        return answer if left[0] < 0 else None

    return trouble


@dataclass
class Record:
    """What a listener has after some days."""

    shelf: Shelf = field(default_factory=Shelf)
    covered: list[Interval] = field(default_factory=list)
    erased_at: dict[str, datetime] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    state: Mapping[str, Any] = field(default_factory=dict)
    requests: Counter[str] = field(default_factory=Counter)
    ideal: int = 0
    failed: int = 0
    killed: int = 0

    def keep(self, batch: Batch, now: datetime) -> None:
        """A batch and its state."""
        self.shelf.store(batch.posts)
        self.state = json.loads(json.dumps(batch.state))
        self.notices += [batch.notice] if batch.notice else []
        for post in batch.posts:
            if post.erased and post.deleted:
                self.erased_at.setdefault(post.id, now)

    def run(self, life: Life) -> None:
        """One run, which may fail or be killed."""
        since: datetime | None = None
        alive = life.rng.randrange(1, 6) if life.rng.random() < life.killed else 10**6
        try:
            for number, batch in enumerate(_batches(life, self)):
                if number == alive:
                    self.killed += 1
                    return
                self.keep(batch, life.now)
                since = min(filter(None, (since, batch.complete_since)), default=None)
        except CollectError:
            self.failed += 1
        if since is not None:
            self.covered.append((since, life.now))


def listen(life: Life, days: float) -> Record:
    """Live and read, quarter by quarter of an hour."""
    record = Record()
    with life.world as world:
        for _ in range(round(days * STEPS)):
            life.step()
            known = len(record.shelf.numbers)
            record.run(life)
            news = len(record.shelf.numbers) - known
            record.ideal += max(2, -(-news // 100))
            record.requests += Counter(_kind(asked) for asked in world.log)
            world.log.clear()
    return record


def _kind(asked: Asked) -> str:
    return {TOKENS: "tokens", INFO: "looks"}.get(asked.path, "news")


def _batches(life: Life, record: Record) -> Iterator[Batch]:
    key = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "api_url": life.world.url}
    with HttpClient(contact="ears@example.com", now=lambda: life.now) as http:
        yield from collect(SOURCE, record.state, http, subreddits=["werkzeug"], memory=record.shelf, **key)


def lost(life: Life, record: Record) -> tuple[list[datetime], list[datetime]]:
    """When what stands on Reddit and was never read was written: in gaps that were told, and in others.

    Reddit counts in seconds: in that of a run, more may be written after it.
    """
    standing = [one["data"] for one in life.world.names.values()]
    unread = [
        datetime.fromtimestamp(data["created_utc"], UTC)
        for data in standing
        if data["name"] not in record.shelf.posts and data["name"] not in life.world.hidden
    ]
    intervals = merged(record.covered)
    untold = [at for at in unread if any(start <= at < end for start, end in intervals)]
    return [at for at in unread if at not in set(untold)], untold


def delays(
    record: Record, gone_at: Mapping[str, datetime], until: datetime, names: set[str] | None = None
) -> tuple[list[float], int]:
    """Hours from a deletion to its erasure here, of those that were read before; and how many are open."""
    known = [
        (name, at)
        for name, at in gone_at.items()
        if name in record.shelf.posts and at < until and (names is None or name in names)
    ]
    found = [
        (record.erased_at[name] - at) / timedelta(hours=1) for name, at in known if name in record.erased_at
    ]
    return sorted(found), len(known) - len(found)


def report(life: Life, record: Record) -> Iterator[str]:
    """The figures as lines."""
    told, untold = lost(life, record)
    kept, requests = len(record.shelf.posts), record.requests
    covered = sum((end - start for start, end in merged(record.covered)), timedelta())
    yield f"written {sum(life.numbers.values())}, read {kept}, each once: {kept == len(record.shelf.numbers)}"
    yield f"runs failed {record.failed}, killed {record.killed}; covered {covered / (life.now - START):.2%}"
    yield f"not read: {len(told)} in gaps, {len(untold)} without being told"
    yield f"gaps named {sum('missed' in notice for notice in record.notices)}"
    yield f"requests {dict(requests)}; of news per 1000 posts {requests['news'] / kept * 1000:.1f}"
    yield f"news / ideal ({record.ideal}) {requests['news'] / record.ideal:.2f}"
    mentioned = {name for _, name in record.shelf.mentioned}
    until = life.now - DAY
    yield _delay("deleted, mentioned", delays(record, life.deleted_at, until, mentioned))
    yield _delay("deleted, all", delays(record, life.deleted_at, until))
    yield _delay("purged", delays(record, life.purged_at, life.now - 4 * DAY))


def _delay(what: str, found: tuple[Sequence[float], int]) -> str:
    hours, still = found
    if not hours:
        return f"{what}: none, {still} not yet"
    late = hours[int(len(hours) * 0.95)]
    return f"{what}: {len(hours)} after {median(hours):.1f} h (95 %: {late:.1f}, most: {hours[-1]:.1f}), {still} not yet"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=float, default=2)
    parser.add_argument("--a-day", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    busy = Life(random.Random(chosen.seed), chosen.a_day)
    for line in report(busy, listen(busy, chosen.days)):
        sys.stdout.write(f"{line}\n")
