"""Several listings as one source: one that fails leaves the others alone and is named at the end."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from collectors.newest import Newest, Page
from listener.errors import CollectError, TransientError
from listener.model import Batch, Post

Ends = tuple[type[CollectError], ...]


def each(newest: Newest, streams: Mapping[str, Page], *, ends: Ends = (TransientError,)) -> Iterator[Batch]:
    """All pages of all streams, then the end of the run; the error of those that failed comes last.

    After an error of a kind in `ends` no other stream is asked.
    """
    failures: list[CollectError] = []
    for name, page in streams.items():
        try:
            yield from newest.read(name, page)
        except CollectError as error:
            error.message = f"{name}: {error.message}"
            failures.append(error)
            if isinstance(error, ends):
                break
    if failures:
        yield replace(newest.last(), complete_since=None)
        raise joined(failures)
    yield newest.last()


def hidden(name: str, at: datetime | None) -> Post:
    """What stands in a listing and is not read: it marks how far the listing was, and holds nothing."""
    return Post(hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:16], "", "", published_at=at)


def without_hidden(posts: Iterable[Post]) -> tuple[Post, ...]:
    """The posts that may be read, once each."""
    return tuple({post.id: post for post in posts if post.url}.values())


def readable(batches: Iterable[Batch]) -> Iterator[Batch]:
    """Batches without what is hidden."""
    for batch in batches:
        yield replace(batch, posts=without_hidden(batch.posts))


def joined(failures: Sequence[CollectError]) -> CollectError:
    """One error for all: a person's work before what time heals; with every place and the longest wait."""
    first = next((one for one in failures if not isinstance(one, TransientError)), failures[0])
    first.message = "; ".join(dict.fromkeys(one.message for one in (first, *failures)))
    first.retry_after = max((one.retry_after for one in failures if one.retry_after), default=None)
    return first


def listed(value: Iterable[str] | str) -> tuple[str, ...]:
    """What an option names, once each, without empty ones; one name needs no brackets."""
    names = [value] if isinstance(value, str) else value
    return tuple(dict.fromkeys(filter(None, (" ".join(str(name).split()) for name in names))))
