"""What is known of a feed after a fetch, and whether entries were missed before it; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from collectors.feed_answers import Answer
from collectors.feed_overlap import (
    Reading,
    begins_at,
    fresh,
    joined,
    marks_of,
    may_be_empty,
    usual_number,
)
from collectors.feed_rhythm import Rhythm, arrivals, grown
from collectors.feed_state import Remembered
from collectors.http import Response
from listener.model import Post

ONE_DAY = timedelta(days=1)
BELIEVED_AFTER = timedelta(days=3)  # a feed that stays empty so long is empty


def after(memory: Remembered, answer: Answer, posts: Sequence[Post]) -> tuple[Remembered, bool]:
    """What is known after this fetch, and whether entries were missed before it."""
    response, before = answer.response, memory.reading
    now = Reading(marks_of(posts, response.fetched_at), response.fetched_at)
    came = memory.came or (response.fetched_at,)
    if answer.feed is None or not now.marks:
        return _unchanged(memory, answer, came), False
    now = replace(now, most=usual_number(before, now.marks))
    gap = bool(before.marks) and not joined(before, now)
    oldest = begins_at(before if gap else None, now)
    kept_since = None if gap else memory.since
    since = kept_since or _promised(oldest, posts, response.fetched_at)
    if before.marks:
        instants = [mark.at for mark in fresh(before, now)]
        came = (*came, *arrivals(instants, before.at, response.fetched_at))
    known = Remembered(since=since, reading=now, came=came, busiest=memory.busiest)
    return _placed(replace(known, **_pace(memory, known, response)), answer), gap


def _unchanged(memory: Remembered, answer: Answer, came: tuple[datetime, ...]) -> Remembered:
    """After a 304 or an empty answer, which nobody believes of a feed that should hold entries."""
    at, before = answer.response.fetched_at, memory.reading
    told = answer.feed is None or not before.marks or may_be_empty(before, at)
    reading, since = replace(before, at=at) if told else before, memory.since or at
    emptied = None if told else memory.emptied or at
    if emptied is not None and at - emptied > BELIEVED_AFTER:
        told, reading, since, emptied = True, Reading((), at, before.most), at, None
    kept = replace(memory, reading=reading, since=since, came=came, emptied=emptied, is_told=told)
    kept = replace(kept, **_pace(kept, kept, answer.response))
    return _placed(kept, answer) if told else kept


def _pace(memory: Remembered, after: Remembered, response: Response) -> dict[str, Any]:
    """What both readings tell of the rhythm."""
    marks = (*memory.reading.marks, *after.reading.marks)
    published = tuple({mark.at for mark in marks if mark.at})
    rhythm = Rhythm(published, after.came, memory.busiest)
    rhythm = grown(rhythm, len(after.reading.marks), response.fetched_at)
    return {"came": rhythm.came, "busiest": rhythm.busiest}


def _placed(memory: Remembered, answer: Answer) -> Remembered:
    """With where the feed is, and the validators of what came from there; a 304 may bring newer ones."""
    headers, changed = answer.response.headers, answer.feed is not None
    return replace(
        memory,
        address=answer.address,
        found=answer.found,
        etag=headers.get("etag", "" if changed else memory.etag),
        modified=headers.get("last-modified", "" if changed else memory.modified),
    )


def _promised(oldest: datetime | None, posts: Sequence[Post], fetched_at: datetime) -> datetime:
    """Since when all is there, with an oldest entry of that instant; of a mere date, from the next day on."""
    if oldest is None:
        return fetched_at
    to_the_day = any(post.published_at == oldest and post.date_precision == "day" for post in posts)
    return min(oldest + ONE_DAY if to_the_day else oldest, fetched_at)
