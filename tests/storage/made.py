"""Made posts, products and shortcuts for the store's tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from listener.errors import CollectError
from listener.model import Brand, DayPoint, Mention, Post, Product, Query, Source
from storage import Storage
from storage.rows import Absence, Saved, Touched

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
LONG = " ".join(f"Wort{number}" for number in range(30))


def at(days: float = 0, hours: float = 0) -> datetime:
    """An instant before NOW."""
    return NOW - timedelta(days=days, hours=hours)


def post(number: int | str, text: str = "Die Akkufix 3000 ist gut", **fields: Any) -> Post:
    """A post in a thread of its own source."""
    values: dict[str, Any] = {
        "url": f"https://forum.example/p/{number}",
        "author": f"anna{number}",
        "published_at": at(days=1),
        "title": "Welche Säge?",
        "thread_id": "t1",
        "thread_url": "https://forum.example/t/1",
        "language": "de",
    }
    return Post(id=str(number), text=text, **(values | fields))


def mention(number: int | str, product: str = "Akkufix 3000", **fields: Any) -> Mention:
    """A mention of "Akkufix 3000" in the text of `post`."""
    return Mention(str(number), product, **({"place": "text", "spans": ((4, 16),)} | fields))


def source(name: str = "heimwerker", kind: str = "forum", **fields: Any) -> Source:
    """A configured source."""
    return Source(name, kind, **fields)


def brands(query: str = '"akkufix 3000"', *more: str) -> list[Brand]:
    """Our brand with its products, and a competitor."""
    ours = [Product("Akkufix 3000", Query(query), "Akkufix"), *(Product(name, Query(name)) for name in more)]
    return [
        Brand("Akkufix", tuple(ours)),
        Brand("Bohrwerk", (Product("Bohrwerk B2", Query("bw-b2")),), competitor=True),
    ]


def ready(store: Storage, *sources: Source) -> Storage:
    """The store with two sources and two products."""
    store.sync(sources or (source(), source("blog", "feed")), brands(), NOW)
    return store


def save(
    store: Storage,
    posts: Sequence[Post],
    mentions: Sequence[Mention] | None = None,
    *,
    name: str = "heimwerker",
    now: datetime = NOW,
    state: dict[str, Any] | None = None,
    missed: Absence = Absence(),  # noqa: B008, frozen
) -> Saved:
    """One batch; without `mentions` every post mentions Akkufix 3000."""
    found = [mention(one.id) for one in posts] if mentions is None else mentions
    days = {one.id: day(one) for one in posts}
    return store.save_batch(name, posts, [], found, state or {}, now=now, days=days, missed=missed)


def day(one: Post) -> date | None:
    """Its day in UTC."""
    return None if one.published_at is None else one.published_at.date()


def fetched(
    store: Storage,
    started_at: datetime,
    covered_from: datetime | None = None,
    *,
    name: str = "heimwerker",
    error: CollectError | None = None,
    notice: str = "",
) -> None:
    """One fetch that took no time."""
    store.set_outcome(
        name,
        started_at=started_at,
        finished_at=started_at,
        error=error,
        covered_from=covered_from,
        requests=1,
        new=0,
        changed=0,
        zone=UTC,
        notice=notice,
    )


def point(cell: dict[str, Any]) -> DayPoint:
    """A row of the series from counts alone."""
    names = ("mentions", "stories", "threads", "authors", "negative", "neutral", "positive")
    score = cell["sum_score"] / cell["scored"] if cell["scored"] else None
    return DayPoint(
        cell["product"],
        cell["day"],
        cell["channel"],
        cell["language"],
        *(cell[name] for name in names),
        score,
        *[None] * 6,
        final=False,
    )


def aggregate(store: Storage, wanted: Sequence[Touched] | None = None, now: datetime = NOW) -> None:
    """What the pipeline does, without intervals."""
    marks = store.touched_days() if wanted is None else wanted
    store.save_series([point(cell) for cell in store.cells(marks)], marks, now)


def total(store: Storage, product: str = "Akkufix 3000") -> dict[str, Any]:
    """Counts over all touched days of a product, channel and language 'all', added up."""
    marks = [Touched(product, mark.day, mark.mark) for mark in _all_marks(store) if mark.product == product]
    rows = [row for row in store.cells(marks) if (row["channel"], row["language"]) == ("all", "all")]
    names = ("mentions", "stories", "threads", "authors", "negative", "neutral", "positive", "scored")
    return {name: sum(row[name] for row in rows) for name in names}


def _all_marks(store: Storage) -> list[Touched]:
    store.touch_all()
    return store.touched_days()


def rows_of(store: Storage, view: str) -> list[dict[str, Any]]:
    """A view, whole."""
    return list(store.export(view))
