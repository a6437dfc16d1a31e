"""Empty databases for tests: an SQLite file, or a fresh database on the session's PostgreSQL."""

from __future__ import annotations

from itertools import count
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

NUMBERS = count(1)


def fresh_url(backend: str, folder: Path) -> str:
    """The address of an empty database; `backend` is "sqlite" or the address of a PostgreSQL server."""
    name = f"store{next(NUMBERS)}"
    if backend == "sqlite":
        return f"sqlite:///{folder / name}.db"
    engine = create_engine(backend, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return other_database(backend, name)


def other_database(url: str, name: str) -> str:
    """The same server, another database."""
    return make_url(url).set(database=name).render_as_string(hide_password=False)
