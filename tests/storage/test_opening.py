"""Opening: versions, and errors that say what to do."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import StatementError

from listener.errors import StorageError
from storage import Storage, schema
from storage.tables import metadata
from storage.views import VIEWS
from tests.storage.made import NOW, post, ready, rows_of, save
from tests.stores import other_database


def test_a_new_store_has_the_tables_and_views(store: Storage) -> None:
    with store._connection() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        for name, view in VIEWS.items():
            columns = [column["name"] for column in inspect(connection).get_columns(name)]
            assert columns == list(view.c.keys())
        assert schema.version(connection) == schema.HEAD


def test_head_is_the_newest_migration() -> None:
    versions = Path(schema.__file__).parent / "migrations" / "versions"
    assert max(path.name[:4] for path in versions.glob("0*.py")) == schema.HEAD


def test_opening_a_current_store_needs_no_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    Storage(url).close()
    code = f"import sys, storage; storage.Storage({url!r}); sys.exit('alembic' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_two_may_create_it_at_once(new_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        for storage in pool.map(Storage, [new_url] * 4):
            assert storage.counts()["posts"] == 0
            storage.close()


def test_an_older_store_is_upgraded_with_what_it_holds(new_url: str) -> None:
    with Storage(new_url) as storage:
        ready(storage)
        save(storage, [post(1), post(2)])
        with storage._door.write() as connection:
            for statement in _down_to_the_first():
                connection.execute(text(statement))
    with Storage(new_url) as storage:
        assert [row["url"] for row in rows_of(storage, "mentions")] == [post(1).url, post(2).url]
        stored = storage.thread_posts("heimwerker", post(1).thread_id)
        assert [(one.external_id, one.missing_since) for one in stored] == [("1", None), ("2", None)]
        with storage._connection() as connection:
            assert schema.version(connection) == schema.HEAD


def _down_to_the_first() -> Iterator[str]:
    """What makes a present store one of the first version again, with what it holds."""
    first = import_module("storage.migrations.versions.0001_first")
    yield from ("DROP VIEW mentions", "DROP VIEW daily", "DROP VIEW coverage")
    newer = {
        "post": ("missing_since", "erased", "votes", "replies", "facts"),
        "mention": ("erased",),
        "fetch": ("notice",),
        "coverage_day": ("notice",),
        "source": ("ended_at",),
        "product": ("held_version", "held_post"),
    }
    for table, columns in newer.items():
        yield from (f'ALTER TABLE "{table}" DROP COLUMN {column}' for column in columns)
    yield from first.VIEWS.split(";")
    yield "UPDATE alembic_version SET version_num = '0001'"


def test_a_newer_store_is_refused(new_url: str) -> None:
    with Storage(new_url) as storage, storage._door.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match="version 9999 is newer"):
        Storage(new_url)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("listener.db", "not an address; write sqlite:///listener.db"),
        ("mysql://localhost/x", "mysql is not supported"),
        ("sqlite:////nowhere/at/all.db", "cannot be opened; does the folder exist"),
        (
            "postgresql://user:geheim@127.0.0.1:1/x",
            r"store postgresql\+psycopg://user:\*\*\*@127.0.0.1:1/x: ",
        ),
        ("postgresql://user@host:port/x", "not an address"),
    ],
)
def test_bad_addresses(url: str, said: str) -> None:
    with pytest.raises(StorageError, match=said) as caught:
        Storage(url)
    assert "geheim" not in str(caught.value)
    assert caught.value.__cause__ is not None or "mysql" in url


def test_a_missing_database_is_named(postgres_server: str) -> None:
    with pytest.raises(StorageError, match='database "nothere" does not exist'):
        Storage(other_database(postgres_server, "nothere"))


def test_an_unknown_option_of_the_address_is_named(postgres_server: str) -> None:
    with pytest.raises(StorageError, match="foo"):
        Storage(f"{postgres_server}?foo=bar")


def test_a_missing_driver_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from storage import Storage; from listener.errors import StorageError\n"
        "try: Storage('postgresql://x/y')\n"
        "except StorageError as error: sys.exit(\"pip install 'brand-listener[postgres]'\" not in str(error))\n"
        "sys.exit(2)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("Lieber Leser, " * 500)
    with pytest.raises(StorageError, match=r"notes\.db: this file is not a SQLite database"):
        Storage(f"sqlite:///{path}")
    assert path.read_text() == "Lieber Leser, " * 500


def test_a_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with Storage(f"sqlite:///{path}") as storage:
        ready(storage)
        save(storage, [post(number, "wort " * 200) for number in range(50)])
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    bytes_ = bytearray(path.read_bytes())
    bytes_[4096:] = b"\x55" * (len(bytes_) - 4096)
    path.write_bytes(bytes_)
    with (
        pytest.raises(StorageError, match="the file is damaged; bring it back from a backup"),
        Storage(f"sqlite:///{path}") as storage,
    ):
        list(storage.export("mentions"))


def test_a_file_that_may_not_be_written(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with Storage(f"sqlite:///{path}") as storage:
        ready(storage)
    with (
        pytest.raises(StorageError, match="the file cannot be written; change its permissions"),
        Storage(f"sqlite:///file:{path}?mode=ro&uri=true") as storage,
    ):
        save(storage, [post(1)])


def test_a_locked_database(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with Storage(f"sqlite:///{path}", lock_wait=0.1) as storage:
        ready(storage)
        raw = sqlite3.connect(path, isolation_level=None)
        raw.execute("BEGIN IMMEDIATE")
        assert storage.known("heimwerker", ["1"]) == {}, "readers do not wait"
        with pytest.raises(StorageError, match="locked by another program"):
            save(storage, [post(1)])
        raw.execute("ROLLBACK")
        raw.close()
        assert save(storage, [post(1)]).new == 1


def test_a_locked_postgresql(store: Storage, store_url: str) -> None:
    if store_url.startswith("sqlite"):
        return
    ready(store)
    with (
        Storage(store_url, lock_wait=0.1) as second,
        store._door.write(),
        pytest.raises(StorageError, match="locked by another program"),
    ):
        save(second, [post(1)])


def test_a_full_disk_loses_nothing_stored(tmp_path: Path) -> None:
    with Storage(f"sqlite:///{tmp_path / 'a.db'}") as storage:
        ready(storage)
        save(storage, [post(1)], state={"seen": 1})
        with storage._connection() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1")
        with pytest.raises(StorageError, match="the disk is full; nothing of this step was stored"):
            save(storage, [post(2, "wort " * 100_000)], state={"seen": 2})
        assert (storage.state("heimwerker"), storage.counts()["posts"]) == ({"seen": 1}, 1)


def test_faults_of_the_program_are_no_storage_errors(store: Storage) -> None:
    ready(store)
    with pytest.raises(StatementError, match="naive instant"):
        store.set_due("blog", NOW.replace(tzinfo=None))
