"""Posts from a file: stored as one, under sources of their own that no configuration takes away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from listener.errors import ConfigError
from listener.model import Post
from storage import coverage, mentions, posts, touched
from storage import tables as t
from storage.addresses import url_key
from storage.copies import Keys
from storage.privacy import external_key
from storage.rows import Absence, ImportBatch, Imported
from storage.sources import IMPORTED
from storage.statements import chunks

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
    new = changed = found = withheld = 0
    for batch in batches:
        gone = _withheld(connection, batch.posts, numbers[batch.source])
        withheld += len(gone)
        kept = [post for post in batch.posts if post.id not in gone]
        mentioned = [mention for mention in batch.found if mention.post_id not in gone]
        saved = posts.save_batch(
            connection, batch.source, kept, mentioned, {},
            now=now, days=batch.days, missed=Absence(), retold=(), later=keys[batch.source],
        )  # fmt: skip
        new, changed, found = new + saved.new, changed + saved.edited, found + saved.mentions
    for name, number in numbers.items():
        touched.touch(connection, mentions.regroup_all(connection, keys[name], number))
        _note(connection, number, now, new, changed)
        if covered is not None:
            _promise(connection, number, covered, now, zone)
    return Imported(new, changed, found, withheld, touched.kept_before(connection))


def _withheld(connection: Connection, told: Sequence[Post], number: int) -> set[str]:
    """Posts that a file may not bring back: deleted at a site that wants their words gone, or forgotten here.

    They are told by their address, or by their id where it is one for a whole site (Reddit's).
    """
    urls: dict[int, list[str]] = defaultdict(list)
    for post in told:
        if not post.deleted and (key := url_key(post.url)) is not None:
            urls[key].append(post.id)
    names = {post.id: external_key(post.id) for post in told if post.id.startswith(("t1_", "t3_"))}
    others = connection.execute(select(t.source.c.id).where(t.source.c.id != number)).scalars().all()
    gone: set[str] = set()
    forgotten: set[str] = set()
    for part in chunks(sorted(urls)):
        for key in connection.execute(_AT, {"keys": part, "others": others}).scalars():
            gone.update(urls[key])
    for some in chunks(sorted(names)):
        gone |= set(connection.execute(_NAMED, {"names": some, "others": others}).scalars())
        keys = {names[name]: name for name in some}
        forgotten |= {keys[key] for key in connection.execute(_FORGOTTEN, {"keys": list(keys)}).scalars()}
    return forgotten | (gone & {post.id for post in told if not post.deleted})


_OTHERS = t.post.c.source_id.in_(bindparam("others", expanding=True))
_IS_GONE = t.post.c.erased & t.post.c.deleted_at.is_not(None)
_AT = select(t.post.c.url_key).where(
    t.post.c.url_key.in_(bindparam("keys", expanding=True)), _OTHERS, _IS_GONE
)
_NAMED = select(t.post.c.external_id).where(
    _OTHERS, t.post.c.external_id.in_(bindparam("names", expanding=True)), _IS_GONE
)
_FORGOTTEN = select(t.forgotten.c.external_key).where(
    t.forgotten.c.external_key.in_(bindparam("keys", expanding=True))
)


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
