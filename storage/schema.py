"""The version of a store: upgrade an older one, refuse a newer one."""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text

from listener.errors import StorageError

HEAD = "0004"  # the newest file in migrations/versions; known here so that opening needs no alembic


def version(connection: Connection) -> str | None:
    """The version a store has, None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def is_current(connection: Connection) -> bool:
    """Whether nothing needs to be done."""
    return version(connection) == HEAD


def upgrade(connection: Connection) -> None:
    """Bring an empty or older store to HEAD in the transaction of `connection`."""
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    present = version(connection)  # again: another process may have been faster
    if present == HEAD:
        return
    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    if present is not None:
        try:
            ScriptDirectory.from_config(config).get_revision(present)
        except CommandError as error:
            raise StorageError(
                f"store: its version {present} is newer than this program knows ({HEAD}); "
                "upgrade brand-listener"
            ) from error
    command.upgrade(config, "head")
