"""Real stores: the same tests on SQLite and PostgreSQL, never skipped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import Storage
from tests.stores import fresh_url


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """Which database; with PostgreSQL the address of its server."""
    return "sqlite" if request.param == "sqlite" else request.getfixturevalue("postgres_server")


@pytest.fixture(scope="session")
def store_url(backend: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """One database for the session; `store` empties it."""
    url = fresh_url(backend, tmp_path_factory.mktemp("store"))
    Storage(url).close()
    return url


@pytest.fixture
def new_url(backend: str, tmp_path: Path) -> str:
    """An empty database of one's own."""
    return fresh_url(backend, tmp_path)


@pytest.fixture
def store(store_url: str) -> Iterator[Storage]:
    """An empty store."""
    with Storage(store_url) as storage:
        empty(storage)
        yield storage


def empty(storage: Storage) -> None:
    """Delete every row."""
    from storage.tables import metadata

    with storage._door.write() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
