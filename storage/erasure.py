"""Posts erased at the source: their words and author go here too, their mentions and counts stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace

from sqlalchemy import Connection, delete, exists, select, update

from listener.model import Post
from storage import privacy
from storage import tables as t
from storage.columns import storable
from storage.statements import chunks

_BEGAN = t.post.alias("began")
IS_SILENT = exists().where(  # of a thread: its first post was erased
    _BEGAN.c.source_id == t.thread.c.source_id,
    _BEGAN.c.external_id == t.thread.c.external_id,
    _BEGAN.c.erased & _BEGAN.c.deleted_at.is_not(None),
)


def erase(connection: Connection, numbers: Sequence[int]) -> None:
    """Take the words of these posts out of all that hangs on them; the posts themselves have lost theirs.

    Their mentions wait for no model any more: there is nothing left to judge.
    """
    for part in chunks(numbers):
        connection.execute(delete(t.revision).where(t.revision.c.post_id.in_(part)))
        found = t.mention.c.post_id.in_(part)
        connection.execute(update(t.mention).where(found).values(spans=[], matched_text=None, erased=True))
        _erase_titles(connection, part)
    if numbers:
        urls = connection.execute(select(t.post.c.url).where(t.post.c.id.in_(numbers))).scalars()
        privacy.forget_digests(connection, set(urls))


def hushed(posts: Mapping[str, Post], silent: Set[str]) -> dict[str, Post]:
    """Posts without the titles of silent threads: their site may still show them."""
    return {
        key: replace(post, title="") if storable(post.thread_id) in silent and post.title else post
        for key, post in posts.items()
    }


def _erase_titles(connection: Connection, numbers: Sequence[int]) -> None:
    """The title of a thread is the words of the post that began it."""
    began = (
        select(t.thread.c.id, t.thread.c.title)
        .join(t.post, t.post.c.thread_id == t.thread.c.id)
        .where(t.post.c.id.in_(numbers), t.post.c.external_id == t.thread.c.external_id, t.post.c.title == "")
    )
    for number, title in connection.execute(began).all():
        connection.execute(update(t.thread).where(t.thread.c.id == number).values(title=""))
        same = (t.post.c.thread_id == number, t.post.c.title == title)
        connection.execute(update(t.post).where(*same).values(title=""))
