"""`Storage`: the only door to the database; one transaction per call, instants are arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import Connection

from listener.errors import CollectError, EndedError
from listener.model import Brand, DayPoint, Label, Mention, Post, Sentiment, Source
from storage import (
    absence,
    aggregates,
    coverage,
    deliveries,
    frames,
    imports,
    memory,
    mentions,
    posts,
    privacy,
    products,
    rematching,
    scoring,
    sources,
    touched,
)
from storage.door import LOCK_WAIT, Door
from storage.rematching import Chunk, Judge, Waiting
from storage.rows import (
    Absence,
    CoverageDay,
    Delivery,
    ImportBatch,
    Imported,
    Known,
    MentionRow,
    Pruned,
    Saved,
    SourceStatus,
    StoredDigest,
    StoredPost,
    ThreadPost,
    Touched,
    Unscored,
)

if TYPE_CHECKING:
    import pandas as pd


class Storage:
    """One store by its SQLAlchemy address; creates or upgrades it on opening.

    Every method may raise StorageError: the store is locked, full, unreadable, of a newer version.
    Reads and writes are safe beside other processes; writers wait for each other, `lock_wait` seconds.
    """

    def __init__(self, url: str, *, lock_wait: float = LOCK_WAIT) -> None:
        self._door = Door(url, lock_wait)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give all connections back."""
        self._door.close()

    # What is configured

    def sync(self, configured: Sequence[Source], brands: Sequence[Brand], now: datetime) -> list[str]:
        """Store what is configured; what is gone becomes inactive. Returns `unmatched_products()`."""
        with self._door.read() as connection:  # first: readers shall not wait for a long writer
            if sources.is_current(connection, configured) and products.is_current(connection, brands):
                return [one.product for one in rematching.waiting(connection)]
        with self._door.write() as connection:
            sources.sync(connection, configured, now)
            products.sync(connection, brands, now)
            return [one.product for one in rematching.waiting(connection)]

    def unmatched_products(self) -> list[str]:
        """Products whose present query has not been held against all stored posts yet."""
        return [one.product for one in self.waiting_products()]

    def waiting_products(self) -> list[Waiting]:
        """The same, with how far they are."""
        with self._door.read() as connection:
            return rematching.waiting(connection)

    # Collecting

    def due_sources(self, now: datetime) -> list[str]:
        """Names of active sources that are due, longest waiting first."""
        with self._door.read() as connection:
            return sources.due(connection, now)

    def set_due(self, source: str, due_at: datetime) -> None:
        """When to fetch the source next."""
        with self._door.write() as connection:
            sources.set_due(connection, source, due_at)

    def state(self, source: str) -> dict[str, Any]:
        """The collector's own watermark, {} at first."""
        with self._door.read() as connection:
            return sources.state(connection, source)

    def failures(self, source: str) -> int:
        """Failed fetches since the last one that succeeded."""
        with self._door.read() as connection:
            return sources.failures(connection, source)

    def known(self, source: str, ids: Sequence[str]) -> dict[str, Known]:
        """Which of the site's ids are stored, and how."""
        with self._door.read() as connection:
            return posts.known(connection, source, ids)

    def standing(
        self, source: str, after: int, limit: int, *, mentioned: bool = False
    ) -> list[tuple[int, str]]:
        """(number, the site's id) of posts that are not deleted, by number; `mentioned`: with a mention."""
        with self._door.read() as connection:
            return memory.standing(connection, source, after, limit, mentioned=mentioned)

    def mentioned_threads(self, source: str, since: datetime) -> list[str]:
        """The site's ids of threads in which a post since then mentions a product, the latest first."""
        with self._door.read() as connection:
            return memory.mentioned_threads(connection, source, since)

    def addresses(self, source: str, ids: Sequence[str]) -> dict[str, str]:
        """The addresses of stored posts, by the site's ids."""
        with self._door.read() as connection:
            return memory.addresses(connection, source, ids)

    def thread_posts(self, source: str, thread_id: str) -> list[ThreadPost]:
        """The stored posts of a thread, by the site's id of it."""
        with self._door.read() as connection:
            return absence.thread_posts(connection, source, thread_id)

    def save_batch(
        self,
        source: str,
        new: Sequence[Post],
        changed: Sequence[Post],
        found: Sequence[Mention],
        state: Mapping[str, Any],
        *,
        now: datetime,
        days: Mapping[str, date | None],
        missed: Absence = Absence(),  # noqa: B008, frozen
        retold: Sequence[Post] = (),
    ) -> Saved:
        """Posts, mentions, copies, touched days and watermark in ONE transaction; safe to repeat.

        `found` are all mentions in these posts: a stored mention of them that is not among them is
        withdrawn. `days` gives each post id its calendar day, None where the instant is unknown.
        `missed`: stored posts that are missing from their threads, or back. `retold`: stored posts of
        which only votes, replies or facts changed.
        """
        batch = [*new, *changed]
        with self._door.write() as connection:
            return posts.save_batch(
                connection, source, batch, found, state, now=now, days=days, missed=missed, retold=retold
            )

    def set_outcome(
        self,
        source: str,
        *,
        started_at: datetime,
        finished_at: datetime,
        error: CollectError | None,
        covered_from: datetime | None,
        requests: int,
        new: int,
        changed: int,
        zone: tzinfo,
        notice: str = "",
    ) -> None:
        """Write one fetch; days (of `zone`) whose coverage changed are touched for all products.

        Covered is `[covered_from, started_at]`; None promises nothing. A source that ended (EndedError)
        is not due any more until a fetch succeeds or its configuration changes.
        """
        row = {
            "started_at": started_at,
            "finished_at": finished_at,
            "succeeded": error is None,
            "error_kind": None if error is None else coverage.kind_of(error),
            "error": None if error is None else str(error),
            "covered_from": covered_from,
            "requests": requests,
            "new": new,
            "changed": changed,
            "notice": notice or None,
        }
        with self._door.write() as connection:
            coverage.save_fetch(connection, source, row, zone)
            sources.set_ended(connection, source, finished_at if isinstance(error, EndedError) else None)

    def import_posts(
        self,
        kinds: Mapping[str, str],
        batches: Iterable[ImportBatch],
        *,
        now: datetime,
        covered: tuple[datetime, datetime] | None,
        zone: tzinfo,
    ) -> Imported:
        """All posts of a file, of the sources in `kinds` (name -> kind), in ONE transaction; safe to repeat.

        A source that is or was collected is refused. `covered`: of these sources everything between the two
        instants is in the store now. Whatever `batches` raises leaves the store as it was.
        """
        with self._door.write() as connection:
            return imports.save(connection, kinds, batches, now=now, covered=covered, zone=zone)

    # Matching again

    def posts_for_rematch(self, after_id: int, limit: int) -> list[StoredPost]:
        """The next stored posts by id; an empty list is the end."""
        with self._door.read() as connection:
            return posts.after(connection, after_id, limit)

    def begin_rematch(self, product_names: Sequence[str]) -> None:
        """Let these products wait for a rematch; those that wait already keep how far they are."""
        with self._door.write() as connection:
            rematching.begin(connection, product_names)

    def rematch(self, wanted: Mapping[str, int], judge: Judge, limit: int, now: datetime) -> Chunk:
        """Hold the queries (product -> version) against the next posts, with how far they are, in ONE step.

        Call it until `after` is None. `judge` says what matches in posts; it must not ask this store.
        """
        with self._door.write() as connection:
            return rematching.step(connection, wanted, judge, limit, now)

    def posts_up_to(self, number: int | None = None) -> int:
        """How many posts are stored, or how many of them up to a number."""
        with self._door.read() as connection:
            return rematching.posts_up_to(connection, number)

    def find_post(self, url: str) -> StoredPost | None:
        """The post at an address, however it is written; the earliest if several are."""
        with self._door.read() as connection:
            return posts.find(connection, url)

    # Scoring

    def unscored(self, model: str, limit: int) -> list[Unscored]:
        """Mentions that this model has not judged, newest first."""
        with self._door.read() as connection:
            return scoring.unscored(connection, model, limit)

    def backlog(self, model: str) -> int:
        """How many mentions this model has not judged."""
        with self._door.read() as connection:
            return scoring.backlog(connection, model)

    def save_sentiments(self, model: str, judged: Sequence[tuple[int, Sentiment]], now: datetime) -> int:
        """Store judgements; mentions that are gone by now are left out. Returns how many were stored."""
        with self._door.write() as connection:
            return scoring.save(connection, model, judged, now)

    def correct(self, mention_id: int, label: Label, now: datetime) -> None:
        """A person's label; outlives every model and query."""
        with self._door.write() as connection:
            scoring.correct(connection, mention_id, label, now)

    # Aggregating

    def touched_days(self) -> list[Touched]:
        """Days of products whose series must be computed again."""
        with self._door.read() as connection:
            return touched.pending(connection)

    def touch_all(self, since: date | None = None) -> int:
        """Compute all series again, from `since` on; retention's days stay as they are."""
        with self._door.write() as connection:
            return touched.touch_all(connection, since)

    def touch_open(self, today: date) -> int:
        """Compute earlier days again that were not final when they were saved."""
        with self._door.write() as connection:
            return touched.touch_open(connection, today)

    def cells(self, wanted: Sequence[Touched]) -> list[dict[str, Any]]:
        """Counts for exactly these days: a row per product, day, channel and language, with 'all' totals.

        Keys: product, day, channel, language, mentions, stories, threads, authors, negative, neutral,
        positive, scored, sum_score, sum_score_squared. A day without any mention has no row.
        """
        with self._door.read() as connection:
            return aggregates.cells(connection, wanted)

    def coverage_days(
        self, since: date, until: date, *, zone: tzinfo, now: datetime, source: str | None = None
    ) -> list[CoverageDay]:
        """Coverage of every source and day from `since` to `until` (both in), computed from the fetches."""
        with self._door.read() as connection:
            return coverage.days(connection, since, until, zone=zone, now=now, source=source)

    def save_coverage(self, rows: Sequence[CoverageDay]) -> None:
        """Store computed coverage for the `coverage` view."""
        with self._door.write() as connection:
            coverage.save(connection, rows)

    def listening_since(self) -> dict[str, datetime]:
        """The first covered instant of each source that was ever listened to."""
        with self._door.read() as connection:
            return coverage.listening_since(connection)

    def save_series(self, points: Sequence[DayPoint], done: Sequence[Touched], now: datetime) -> int:
        """Replace exactly the rows of these days; days that were touched again meanwhile stay touched."""
        with self._door.write() as connection:
            return aggregates.save_series(connection, points, done, now)

    # Digest

    def mentions_between(self, product: str, start_day: date, end_day: date) -> list[MentionRow]:
        """Counted mentions of a product from `start_day` to `end_day` (both in), newest first."""
        with self._door.read() as connection:
            return mentions.between(connection, product, start_day, end_day)

    def mentions_of(self, post_id: int) -> list[MentionRow]:
        """The mentions in one post, counted or not."""
        with self._door.read() as connection:
            return mentions.of(connection, post_id)

    def left_out(self, first: date, last: date) -> dict[str, int]:
        """How many mentions are in no count of these days: copies, quotes (only quoted), flags."""
        with self._door.read() as connection:
            return mentions.left_out(connection, first, last)

    def claim(self, digest: str, day: date, recipient: str, message_id: str, now: datetime) -> bool:
        """True only for the one who may send: never after a sent or in-doubt try; a failed one may repeat."""
        with self._door.write(durable=True) as connection:
            return deliveries.claim(connection, digest, day, recipient, message_id, now)

    def mark_sent(self, digest: str, day: date, recipient: str, now: datetime) -> None:
        """The server took the mail."""
        with self._door.write(durable=True) as connection:
            deliveries.finish(connection, digest, day, recipient, now)

    def mark_failed(
        self, digest: str, day: date, recipient: str, now: datetime, *, error: str, permanent: bool
    ) -> None:
        """The server surely did not take the mail."""
        with self._door.write(durable=True) as connection:
            deliveries.finish(connection, digest, day, recipient, now, error=error, permanent=permanent)

    def deliveries(self, digest: str | None = None) -> list[Delivery]:
        """All deliveries, latest day first."""
        with self._door.read() as connection:
            return deliveries.listed(connection, digest)

    def save_digest(self, name: str, day: date, subject: str, text: str, html: str, now: datetime) -> None:
        """Keep a rendered digest; a later one of the same name and day replaces it."""
        with self._door.write() as connection:
            deliveries.save_digest(connection, StoredDigest(name, day, subject, text, html, now))

    def digests(self, name: str | None = None) -> list[StoredDigest]:
        """Kept digests, latest day first."""
        with self._door.read() as connection:
            return deliveries.digests(connection, name)

    # Operation

    def start_run(self, now: datetime, pid: int, host: str) -> int:
        """Note that a run began; returns its number."""
        with self._door.write() as connection:
            return deliveries.start_run(connection, now, pid, host)

    def resume(self, now: datetime) -> int:
        """What a crashed run was asking is due again: how many sources. Call it before `start_run`."""
        with self._door.write() as connection:
            return deliveries.resume(connection, now)

    def finish_run(self, run: int, now: datetime, code: int, text: str) -> None:
        """Note how a run ended."""
        with self._door.write() as connection:
            deliveries.finish_run(connection, run, now, code, text)

    def sources_status(self, now: datetime) -> list[SourceStatus]:
        """Every source, active ones first."""
        with self._door.read() as connection:
            return coverage.status(connection, now)

    def counts(self) -> dict[str, int]:
        """Rows of sources, threads, posts, copies, mentions, products and corrections."""
        with self._door.read() as connection:
            return privacy.counts(connection)

    def prune(self, now: datetime, posts_older_than: timedelta, mentions_older_than: timedelta) -> Pruned:
        """Retention: posts without a mention, then posts with one; the series stay as they are."""
        with self._door.write() as connection:
            return privacy.prune(connection, now - posts_older_than, now - mentions_older_than)

    def forget(self, *, author: str | None = None, url: str | None = None, source: str | None = None) -> int:
        """Remove the posts that fit all that is given, with all that hangs on them; returns how many."""
        with self._door.write() as connection:
            return privacy.forget(connection, author=author, url=url, source=source)

    def secret(self, name: str, make: Callable[[], str]) -> str:
        """A value made once per store, e.g. the key of the pseudonyms."""
        with self._door.write() as connection:
            return privacy.secret(connection, name, make)

    # Analysts

    def export(self, view: str) -> Iterator[dict[str, Any]]:
        """Rows of `mentions`, `daily` or `coverage`, streamed in constant memory."""
        with self._door.read(stream=True) as connection:
            yield from frames.export(connection, view)

    def mentions(
        self, product: str | None = None, since: date | None = None, until: date | None = None
    ) -> pd.DataFrame:
        """The view `mentions` as a frame, both days in."""
        return self._frame("mentions", {"product": product}, since, until)

    def daily(
        self, product: str | None = None, since: date | None = None, until: date | None = None
    ) -> pd.DataFrame:
        """The view `daily` as a frame, both days in."""
        return self._frame("daily", {"product": product}, since, until)

    def coverage(
        self, source: str | None = None, since: date | None = None, until: date | None = None
    ) -> pd.DataFrame:
        """The view `coverage` as a frame, both days in."""
        return self._frame("coverage", {"source": source}, since, until)

    def _frame(
        self, view: str, equal: Mapping[str, str | None], since: date | None, until: date | None
    ) -> pd.DataFrame:
        with self._door.read() as connection:
            return frames.frame(connection, view, equal, since, until)

    def _connection(self) -> Connection:
        """For tests and measurements only."""
        return self._door.engine.connect()
