"""Small pieces that several topics use: upserts, chunks, names to numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, Table, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from listener.errors import StorageError
from storage import tables as t

Item = TypeVar("Item")
CHUNK = 500  # bound values per statement; SQLite takes 32,766


def insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """The INSERT that knows ON CONFLICT; both dialects write it alike."""
    return insert_for(connection.dialect.name, table)


@cache
def insert_for(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """The same by the dialect's name, for statements that are built once."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def insert_missing(connection: Connection, table: Table, *keys: str) -> sqlite.Insert | postgresql.Insert:
    """INSERT that leaves alone what is stored under these key columns; built once."""
    return _insert_missing(connection.dialect.name, table, keys)


@cache
def _insert_missing(dialect: str, table: Table, keys: tuple[str, ...]) -> sqlite.Insert | postgresql.Insert:
    return insert_for(dialect, table).on_conflict_do_nothing(index_elements=keys)


def chunks(things: Sequence[Item], size: int = CHUNK) -> Iterator[Sequence[Item]]:
    """Consecutive parts of at most `size`."""
    for start in range(0, len(things), size):
        yield things[start : start + size]


def source_number(connection: Connection, name: str) -> int:
    """The number of a source by its name."""
    return _number(connection, t.source, name)


def product_number(connection: Connection, name: str) -> int:
    """The number of a product by its name."""
    return _number(connection, t.product, name)


def _number(connection: Connection, table: Table, name: str) -> int:
    number = connection.execute(_named(table), {"name": name}).scalar()
    if number is None:
        raise StorageError(f"store: no {table.name} named {name!r}; run with the configuration that has it")
    return int(number)


@cache
def _named(table: Table) -> Select[tuple[Any]]:
    return select(table.c.id).where(table.c.name == bindparam("name"))


def differs(row: Any, values: dict[str, Any]) -> bool:
    """Whether a stored row says something else than `values`."""
    return any(getattr(row, name) != value for name, value in values.items())
