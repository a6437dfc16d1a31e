"""The store: tables, migrations, every SQL statement, transactions and views."""

from storage.store import Storage

__all__ = ["Storage"]
