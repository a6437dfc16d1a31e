"""Imports in the store itself, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, timedelta
from pathlib import Path

import pytest

from listener.errors import ConfigError
from storage import Storage
from storage.rows import ImportBatch, Imported
from tests.storage.made import NOW, at, mention, post, ready, rows_of, source
from tests.stores import fresh_url


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    """A store with two collected sources and two products."""
    backend = "sqlite" if request.param == "sqlite" else request.getfixturevalue("postgres_server")
    with Storage(fresh_url(backend, tmp_path)) as storage:
        yield ready(storage)


def batch(*numbers: int, name: str = "archive") -> ImportBatch:
    told = [post(number) for number in numbers]
    days = {one.id: at(days=1).date() for one in told}
    return ImportBatch(name, told, [mention(one.id) for one in told], days)


def save(store: Storage, *batches: ImportBatch, complete: float = 0) -> Imported:
    covered = (at(days=complete), NOW) if complete else None
    return store.import_posts({"archive": "import"}, batches, now=NOW, covered=covered, zone=UTC)


def test_all_batches_or_none(store: Storage) -> None:
    def broken() -> Iterator[ImportBatch]:
        yield batch(1, 2)
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        store.import_posts({"archive": "import"}, broken(), now=NOW, covered=(at(days=9), NOW), zone=UTC)
    assert store.counts()["posts"] == 0
    assert [one.source for one in store.sources_status(NOW)] == ["blog", "heimwerker"]
    assert save(store, batch(1, 2), batch(3)) == Imported(3, 0, 3, 0, None)
    assert save(store, batch(1, 2), batch(3)) == Imported(0, 0, 0, 0, None)


def test_a_promise_covers_its_days_once(store: Storage) -> None:
    save(store, batch(1), complete=3)
    marks = store.touched_days()
    assert {mark.day for mark in marks} == {date(2026, 3, day) for day in (7, 8, 9, 10)}
    save(store, batch(1), complete=3)
    assert store.touched_days() == marks
    days = store.coverage_days(date(2026, 3, 1), date(2026, 3, 20), zone=UTC, now=NOW + timedelta(days=9))
    shares = {row.day.day: row.coverage for row in days if row.source == "archive"}
    assert shares == {7: 0.5, 8: 1.0, 9: 1.0, 10: 0.5}


def test_the_source_of_an_import_stays(store: Storage) -> None:
    save(store, batch(1))
    ready(store, source("blog", "feed"))
    assert rows_of(store, "mentions")[0]["source"] == "archive"
    assert store.due_sources(NOW + timedelta(days=1)) == ["blog"]
    status = {one.source: one for one in store.sources_status(NOW)}["archive"]
    assert (status.imported, status.active, status.last_success_at) == (True, False, NOW)
    for name in ("blog", "heimwerker"):
        with pytest.raises(ConfigError, match="is or was collected"):
            store.import_posts({name: "feed"}, [batch(2, name=name)], now=NOW, covered=None, zone=UTC)
    with pytest.raises(ConfigError, match="name of an import"):
        ready(store, source("archive"))
