"""Real stores: the same tests on SQLite and PostgreSQL, never skipped."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from storage import Storage
from tests.postgres import server

NUMBERS = count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """One server for the whole session."""
    with server() as url:
        yield url


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """Which database; with PostgreSQL the address of its server."""
    return "sqlite" if request.param == "sqlite" else request.getfixturevalue("postgres_server")


def fresh_url(backend: str, folder: Path) -> str:
    """The address of an empty database."""
    if backend == "sqlite":
        return f"sqlite:///{folder / f'store{next(NUMBERS)}.db'}"
    name = f"store{next(NUMBERS)}"
    engine = create_engine(backend, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return other_database(backend, name)


def other_database(url: str, name: str) -> str:
    """The same server, another database."""
    return make_url(url).set(database=name).render_as_string(hide_password=False)


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
