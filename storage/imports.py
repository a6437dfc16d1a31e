"""Posts from a file: stored as one, under sources of their own that no configuration takes away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, func, select, update

from listener.errors import ConfigError
from storage import coverage, mentions, posts, touched
from storage import tables as t
from storage.copies import Keys
from storage.rows import Absence, ImportBatch, Imported
from storage.sources import IMPORTED

Covered = tuple[datetime, datetime]


def save(
    connection: Connection,
    kinds: Mapping[str, str],
    batches: Iterable[ImportBatch],
    *,
    now: datetime,
    covered: Covered | None,
    zone: tzinfo,
) -> Imported:
    """See `Storage.import_posts`."""
    numbers = {name: _source(connection, name, kind, now) for name, kind in kinds.items()}
    keys = {name: Keys() for name in kinds}
    new = changed = found = 0
    for batch in batches:
        saved = posts.save_batch(
            connection, batch.source, batch.posts, batch.found, {},
            now=now, days=batch.days, missed=Absence(), retold=(), later=keys[batch.source],
        )  # fmt: skip
        new, changed, found = new + saved.new, changed + saved.edited, found + saved.mentions
    for name, number in numbers.items():
        touched.touch(connection, mentions.regroup_all(connection, keys[name], number))
        _note(connection, number, now, new, changed)
        if covered is not None:
            _promise(connection, number, covered, now, zone)
    return Imported(new, changed, found, touched.kept_before(connection))


def _source(connection: Connection, name: str, kind: str, now: datetime) -> int:
    """The number of an import's source; it is never active, so that nobody asks it for posts."""
    row = connection.execute(select(t.source).where(t.source.c.name == name)).one_or_none()
    if row is None:
        values = {"name": name, "kind": kind, "fingerprint": IMPORTED, "active": False, "state": {}}
        connection.execute(t.source.insert().values(added_at=now, **values))
        return _source(connection, name, kind, now)
    if row.fingerprint != IMPORTED:
        raise ConfigError(f"the source `{name}` is or was collected; name another one: --source NAME")
    if row.kind != kind:
        raise ConfigError(
            f"`{name}` was imported as kind `{row.kind}`; say --kind {row.kind}, or another --source"
        )
    return int(row.id)


def _note(connection: Connection, number: int, now: datetime, new: int, changed: int) -> None:
    """The import as a fetch that promises nothing: `status` shows when it was."""
    connection.execute(t.fetch.insert().values(**_fetch(number, now, now, None), new=new, changed=changed))


def _promise(connection: Connection, number: int, covered: Covered, now: datetime, zone: tzinfo) -> None:
    """All of these days counts as heard; said once more, it changes nothing."""
    since, until = covered
    open_days = coverage.open_days(connection, number, covered, zone)
    if not open_days:
        return
    fetch = _fetch(number, until, max(now, until), since)
    connection.execute(t.fetch.insert().values(**fetch, new=0, changed=0))
    first = t.source.c.covered_since
    known = connection.execute(select(func.min(first)).where(t.source.c.id == number)).scalar()
    connection.execute(
        update(t.source).where(t.source.c.id == number).values(covered_since=min(known or since, since))
    )
    touched.touch_active(connection, open_days)


def _fetch(
    number: int, started_at: datetime, finished_at: datetime, since: datetime | None
) -> dict[str, Any]:
    return {
        "source_id": number,
        "started_at": started_at,
        "finished_at": finished_at,
        "succeeded": True,
        "covered_from": since,
        "requests": 0,
    }
