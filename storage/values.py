"""A post as the columns of its row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row

from listener.model import Post
from storage.addresses import copy_key, url_key
from storage.columns import storable

Values = dict[str, Any]
EDITABLE = (
    "thread_id", "url", "url_key", "author", "published_at", "date_precision", "day", "edited_at",
    "deleted_at", "title", "text", "quotes", "language", "flag", "content_hash", "copy_key", "erased",
    "votes", "replies", "facts",
)  # fmt: skip
TOLD = ("votes", "replies", "facts")


def values_of(
    post: Post, threads: Mapping[str, int], day: date | None, old: Row[Any] | None, now: datetime
) -> Values:
    """The columns of a post; what the site says less about than before stays as it was."""
    deleted_at = ((old.deleted_at if old else None) or now) if post.deleted else None
    if old is not None and post.deleted and not post.text.strip():
        kept = {name: getattr(old, name) for name in EDITABLE}
        kept |= {"deleted_at": deleted_at, "content_hash": post.content_hash}
        return kept | (_erased(post) if post.erased else {})
    values = _said(post, threads, day) | {"deleted_at": deleted_at}
    if old is not None:
        values |= {name: getattr(old, name) for name in ("votes", "replies") if values[name] is None}
    if old is not None and post.published_at is None:
        values |= {name: getattr(old, name) for name in ("published_at", "date_precision", "day")}
    if old is not None and post.language is None and values["text"] == old.text:
        values["language"] = old.language
    return values


def _said(post: Post, threads: Mapping[str, int], day: date | None) -> Values:
    return {
        "thread_id": threads.get(storable(post.thread_id)),
        "url": storable(post.url),
        "url_key": url_key(post.url),
        "author": None if post.author is None else storable(post.author),
        "published_at": post.published_at,
        "date_precision": post.date_precision,
        "day": day,
        "edited_at": post.edited_at,
        "title": storable(post.title),
        "text": storable(post.text),
        "quotes": [[storable(quote.text), quote.author] for quote in post.quotes],
        "language": post.language,
        "flag": post.flag,
        "content_hash": post.content_hash,
        "copy_key": copy_key(post.copy_hash),
        "erased": post.erased,
        **told(post),
    }


def told(post: Post) -> Values:
    """What a site tells beside the words, which changes without an edit."""
    return {"votes": post.votes, "replies": post.replies, "facts": _storable_facts(post)}


def _storable_facts(post: Post) -> Values:
    return {
        storable(name): storable(value) if isinstance(value, str) else value
        for name, value in post.facts.items()
    }


def _erased(post: Post) -> Values:
    """Words and author go; `copy_key` stays, so that no count changes."""
    return {
        "title": storable(post.title),
        "text": "",
        "quotes": [],
        "author": None,
        "facts": _storable_facts(post),
        "erased": True,
    }
