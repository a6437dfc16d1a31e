"""Which post is the original: the same post reached twice, and texts copied from site to site.

A pure function of the stored posts (`originals`), so the order of arrival does not matter:
1. posts of different sources with one address are one post (unless a source has several posts with
   that address, which then names a thread and not a post);
2. of the posts that are left, those with the same words within 30 days of the first are its copies.
The earliest published comes first, then the source's name, then the site's id.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, Select, bindparam, exists, func, select, update

from storage import tables as t
from storage.statements import CHUNK, chunks

WINDOW = timedelta(days=30)
_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Member:
    """What decides about a post's place among its copies."""

    id: int
    source: str
    external_id: str
    published_at: datetime | None
    url_key: int | None
    copy_key: int | None
    duplicate_of: int | None

    @property
    def rank(self) -> tuple[datetime, str, str]:
        """Originals first."""
        return (self.published_at or _LAST, self.source, self.external_id)


@dataclass(slots=True)
class Keys:
    """Addresses and words around which copies have to be looked for, in 16 bytes a post."""

    urls: array[int] = field(default_factory=lambda: array("q"))
    words: array[int] = field(default_factory=lambda: array("q"))

    def add(self, urls: set[int], words: set[int]) -> None:
        """Those of further posts."""
        self.urls.extend(urls)
        self.words.extend(words)


def originals(members: Iterable[Member]) -> dict[int, int | None]:
    """For each post the number of its original, None for an original."""
    ranked = sorted(members, key=lambda member: member.rank)
    reached = _reached_twice(ranked)
    copied = _copied([member for member in ranked if member.id not in reached])
    roots: dict[int, int | None] = {member.id: copied.get(member.id) for member in ranked}
    for number, first in reached.items():
        roots[number] = copied.get(first, first)
    return roots


def _reached_twice(ranked: Sequence[Member]) -> dict[int, int]:
    groups: dict[int, list[Member]] = defaultdict(list)
    for member in ranked:
        if member.url_key is not None:
            groups[member.url_key].append(member)
    return {
        member.id: group[0].id
        for group in groups.values()
        if max(Counter(member.source for member in group).values()) == 1
        for member in group[1:]
    }


def _copied(ranked: Sequence[Member]) -> dict[int, int]:
    firsts: dict[int, Member] = {}
    copied: dict[int, int] = {}
    for member in ranked:
        if member.copy_key is None:
            continue
        first = firsts.get(member.copy_key)
        if first is not None and _near(first, member):
            copied[member.id] = first.id
        else:
            firsts[member.copy_key] = member
    return copied


def _near(first: Member, member: Member) -> bool:
    if first.published_at is None or member.published_at is None:
        return True
    return member.published_at - first.published_at <= WINDOW


def regroup(
    connection: Connection, url_keys: set[int], copy_keys: set[int], *, source_id: int | None = None
) -> list[int]:
    """Bring `duplicate_of` up to date around these keys; returns the posts whose original changed.

    With `source_id`, only posts of that source were changed, which spares most of the work.
    """
    if source_id is not None and _all_alone(connection, url_keys, copy_keys, source_id):
        return []
    return _repoint(connection, _closure(connection, url_keys, copy_keys))


def regroup_all(connection: Connection, keys: Keys, source_id: int) -> list[int]:
    """The same for any number of keys of one source: each group of copies is looked at once."""
    moved: list[int] = []
    done_urls, done_words = set[int](), set[int]()
    for start in range(0, max(len(keys.urls), len(keys.words)), CHUNK):
        urls = set(keys.urls[start : start + CHUNK]) - done_urls
        words = set(keys.words[start : start + CHUNK]) - done_words
        if _all_alone(connection, urls, words, source_id):
            continue
        members = _closure(connection, urls, words)
        done_urls.update(member.url_key for member in members if member.url_key is not None)
        done_words.update(member.copy_key for member in members if member.copy_key is not None)
        moved += _repoint(connection, members)
    return moved


_WITH_WORDS = select(
    func.count(), func.count(t.post.c.copy_key.distinct()), func.count(t.post.c.duplicate_of)
).where(t.post.c.copy_key.in_(bindparam("keys", expanding=True)))
_ELSEWHERE = select(
    exists().where(
        t.post.c.url_key.in_(bindparam("keys", expanding=True)), t.post.c.source_id != bindparam("but")
    )
)


def _all_alone(connection: Connection, url_keys: set[int], copy_keys: set[int], source_id: int) -> bool:
    """Whether no words here were said twice and no address here is known to another source."""
    for part in chunks(sorted(copy_keys)):
        posts, different, copied = connection.execute(_WITH_WORDS, {"keys": part}).one()
        if copied or posts != different:
            return False
    asked = ({"keys": part, "but": source_id} for part in chunks(sorted(url_keys)))
    return not any(connection.execute(_ELSEWHERE, keys).scalar() for keys in asked)


def _closure(connection: Connection, url_keys: set[int], copy_keys: set[int]) -> list[Member]:
    """All posts connected with these keys through addresses and words."""
    members: dict[int, Member] = {}
    urls, copies = set(url_keys), set(copy_keys)
    seen_urls: set[int] = set()
    seen_copies: set[int] = set()
    while True:
        urls |= {member.url_key for member in members.values() if member.url_key is not None}
        copies |= {member.copy_key for member in members.values() if member.copy_key is not None}
        if urls == seen_urls and copies == seen_copies:
            return list(members.values())
        more = _members(connection, _BY_URL, urls - seen_urls)
        more += _members(connection, _BY_WORDS, copies - seen_copies)
        seen_urls, seen_copies = set(urls), set(copies)
        members |= {member.id: member for member in more}


def _select(column: Column[Any]) -> Select[Any]:
    post = t.post.c
    return (
        select(
            post.id,
            t.source.c.name,
            post.external_id,
            post.published_at,
            post.url_key,
            post.copy_key,
            post.duplicate_of,
        )
        .join_from(t.post, t.source)
        .where(column.in_(bindparam("keys", expanding=True)))
    )


_BY_URL, _BY_WORDS = _select(t.post.c.url_key), _select(t.post.c.copy_key)


def _members(connection: Connection, rows: Select[Any], keys: set[int]) -> list[Member]:
    found: list[Member] = []
    for part in chunks(sorted(keys)):
        found += [Member(*row) for row in connection.execute(rows, {"keys": part})]
    return found


def _repoint(connection: Connection, members: Sequence[Member]) -> list[int]:
    wanted = originals(members)
    moved = [member.id for member in members if wanted[member.id] != member.duplicate_of]
    if moved:
        connection.execute(
            update(t.post).where(t.post.c.id == bindparam("number")).values(duplicate_of=bindparam("first")),
            [{"number": number, "first": wanted[number]} for number in sorted(moved)],
        )
    return moved
