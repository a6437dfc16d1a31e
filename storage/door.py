"""Opening a database, its transactions, and its errors as StorageError."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, NoSuchModuleError

from listener.errors import StorageError
from storage import schema

WAL_TRIES, WAL_PAUSE = 50, 0.1
LOCK_WAIT = 30.0  # seconds that a writer waits for another one
WRITER_LOCK = 0x6C697374  # PostgreSQL: writers of one store queue here
_BUGS = ("IntegrityError", "DataError", "NotSupportedError", "InterfaceError")


class Door:
    """An engine and its transactions."""

    def __init__(self, url: str, lock_wait: float = LOCK_WAIT) -> None:
        self._url = _parsed(url)
        self.engine = _engine(self._url, lock_wait)
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()

    @contextmanager
    def read(self, *, stream: bool = False) -> Iterator[Connection]:
        """A transaction that only reads; with `stream`, rows come as they are asked for."""
        with self._errors(), self.engine.connect() as connection:
            yield connection.execution_options(yield_per=1000) if stream else connection

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[Connection]:
        """A transaction that writes; `durable` outlives even a power failure."""
        with self._errors(), self.engine.connect() as plain:
            connection = plain.execution_options(listener_begin="durable" if durable else "write")
            with connection.begin():
                if self.engine.dialect.name == "postgresql":
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITER_LOCK})
                yield connection

    def _open(self) -> None:
        with self.read() as connection:
            if schema.is_current(connection):
                return
        with self.write() as connection:
            schema.upgrade(connection)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            if not _curable(error):
                raise
            raise StorageError(f"store {self._shown}: {_reason(error)}") from error

    @property
    def _shown(self) -> str:
        return self._url.render_as_string(hide_password=True)


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, ValueError) as error:
        raise StorageError(
            "store: not an address; write sqlite:///listener.db or postgresql+psycopg://user@host/database"
        ) from error
    if backend == "sqlite":
        return parsed.set(drivername="sqlite")
    if backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    raise StorageError(f"store: {backend} is not supported; write sqlite:///… or postgresql+psycopg://…")


def _engine(url: URL, lock_wait: float) -> Engine:
    try:
        if url.get_backend_name() == "sqlite":
            engine = create_engine(url, connect_args={"timeout": lock_wait}, enable_from_linting=False)
            event.listen(engine, "connect", _sqlite_connect)
            event.listen(engine, "begin", _sqlite_begin)
            return engine
        options = f"-c timezone=UTC -c lock_timeout={int(lock_wait * 1000)}"
        arguments = {"connect_timeout": 10, "options": options}
        return create_engine(url, connect_args=arguments, pool_pre_ping=True, enable_from_linting=False)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise StorageError(
            "store: the driver of PostgreSQL is missing; pip install 'brand-listener[postgres]'"
        ) from error


def _sqlite_connect(raw: Any, _: Any) -> None:
    raw.isolation_level = None  # BEGIN is ours, see _sqlite_begin
    cursor = raw.cursor()
    _set_wal(cursor)
    # without secure_delete, which some builds have on, erased words stay in the file
    for pragma in ("foreign_keys=ON", "synchronous=NORMAL", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _set_wal(cursor: Any) -> None:
    """The file remembers it; SQLite does not wait for others here, so several that create a store must."""
    for attempt in range(WAL_TRIES):
        try:
            if cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or attempt == WAL_TRIES - 1:
                raise
            time.sleep(WAL_PAUSE)


def _sqlite_begin(connection: Connection) -> None:
    kind = connection.get_execution_options().get("listener_begin")
    if kind == "durable":
        connection.exec_driver_sql("PRAGMA synchronous=FULL")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if kind else "BEGIN")


def _curable(error: DBAPIError) -> bool:
    """What a user can fix or time can heal; the rest is a fault of this program."""
    if getattr(error.orig, "sqlstate", None) == "42501":  # insufficient privilege
        return True
    if "connection option" in str(error.orig):  # an unknown option in the address
        return True
    name = type(error).__name__
    return isinstance(error, DatabaseError) and name not in (*_BUGS, "ProgrammingError")


_REASONS = {
    "database is locked": "locked by another program; try again when it has finished",
    "database or disk is full": "the disk is full; nothing of this step was stored",
    "file is not a database": "this file is not a SQLite database; another path, or a backup",
    "disk image is malformed": "the file is damaged; bring it back from a backup",
    "readonly database": "the file cannot be written; change its permissions",
    "unable to open database file": "cannot be opened; does the folder exist, and may it be written?",
    "lock timeout": "locked by another program; try again when it has finished",
    "could not translate host name": "the host is unknown",
    "password authentication failed": "user or password is wrong",
    "No space left on device": "the disk is full; nothing of this step was stored",
}


def _reason(error: DBAPIError) -> str:
    said = str(error.orig)
    for sign, reason in _REASONS.items():
        if sign in said:
            return reason
    return (said.strip() or type(error).__name__).splitlines()[0]
