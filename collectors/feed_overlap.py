"""Whether a reading of a feed joins on to the one before, judged on the entries that move; pure."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from listener.model import Post

KEPT = 300  # entries remembered of one reading: the newest, for those scroll out last
LONG_WORDS = 40  # signs; so many are not said twice by chance
EMPTIED = 0.75  # a feed with less of its usual entries is not cut by number
FEW = 5


@dataclass(frozen=True, slots=True)
class Mark:
    """One entry as it is remembered: hashes of its id and of its looks, and the instant it stands at."""

    id: str
    look: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a feed: its entries in the feed's order, and when; `most` is its usual number."""

    marks: tuple[Mark, ...]
    at: datetime | None
    most: int = 0


def marks_of(posts: Sequence[Post], fetched_at: datetime) -> tuple[Mark, ...]:
    """What is remembered of a feed's entries, in its order.

    An entry stands at its published instant, or at its last edit where the feed is sorted by that.
    """
    published = [_stated(post, fetched_at) for post in posts]
    touched = [post.edited_at or at for post, at in zip(posts, published, strict=True)]
    by_edits = len(_sorted_part(touched)) > len(_sorted_part(published))
    looks = [_look(post) for post in posts]
    often = Counter(looks)
    found = [
        Mark(short(post.id), look if often[look] == 1 else "", at)
        for post, look, at in zip(posts, looks, touched if by_edits else published, strict=True)
    ]
    return tuple(_newest(found))


def short(text: str) -> str:
    """A hash to compare by: 40 bits, so that a thousand entries against a thousand meet once in a million."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:10]


def _stated(post: Post, fetched_at: datetime) -> datetime | None:
    """When it was published; a date in the future was pulled back to the fetch and orders nothing."""
    return None if post.date_precision == "day" and post.published_at == fetched_at else post.published_at


def _look(post: Post) -> str:
    """How an entry is known again where a feed writes new ids at every fetch."""
    words = f"{post.title}\x1f{post.text[:300]}"
    return short(words if len(words) > LONG_WORDS else f"{words}\x1f{post.url}\x1f{post.published_at}")


def _newest(marks: list[Mark]) -> list[Mark]:
    if len(marks) <= KEPT:
        return marks
    dated = sorted((mark.at for mark in marks if mark.at), reverse=True)
    if 2 * len(dated) < len(marks):  # nobody knows at which end the news are
        return marks[: KEPT // 2] + marks[-KEPT // 2 :]
    return [mark for mark in marks if mark.at and mark.at >= dated[min(KEPT, len(dated)) - 1]][:KEPT]


def moving(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """The entries that stand in the order of time, without those pinned; () if they have no order."""
    return tuple(marks[place] for place in _sorted_part([mark.at for mark in marks]))


def _sorted_part(instants: Sequence[datetime | None]) -> list[int]:
    """Places of the longest part in the order of time; none if less than 3 in 5 stand in order."""
    dated = [(place, at.timestamp()) for place, at in enumerate(instants) if at]
    if not dated or 2 * len(dated) < len(instants):
        return []
    falling = _longest([-at for _, at in dated])
    rising = _longest([at for _, at in dated])
    found = rising if len(rising) > len(falling) + 1 else falling  # one old entry on top is no order
    return [dated[n][0] for n in found] if 5 * len(found) >= 3 * len(dated) or len(dated) <= 3 else []


def _longest(values: Sequence[float]) -> list[int]:
    """Places of a longest part that does not fall (patience sorting), in n log n."""
    ends: list[float] = []
    places: list[int] = []
    before: list[int] = []
    for place, value in enumerate(values):
        length = bisect_right(ends, value)
        before.append(places[length - 1] if length else -1)
        ends[length : length + 1], places[length : length + 1] = [value], [place]
    found, place = [], places[-1] if places else -1
    while place >= 0:
        found.append(place)
        place = before[place]
    return found[::-1]


def fresh(before: Reading, now: Reading) -> tuple[Mark, ...]:
    """The entries that the reading before did not have."""
    known = _same(before.marks, now.marks)
    return tuple(mark for mark in now.marks if mark not in known)


def joined(before: Reading, now: Reading) -> bool:
    """Whether nothing can have come and gone between two readings of a feed.

    News come in at one end and old entries leave at the other. So something scrolled out unseen only if all
    entries that were there before have left, those apart that do not move: pinned ones, and ones put on top
    again. Entries that are known again by their place in the order of time speak for a join; where none is
    left, dates may still show that the feed reaches back to the last reading.
    """
    known = _same(before.marks, now.marks)
    if not before.marks or all(mark in known for mark in now.marks):
        return True
    if not moving(now.marks):
        return _joined_by_place(before.marks, now.marks, known)
    stayed = set(known.values())
    witnesses = [old for old in _unmoved(before, now, known) if _stood_on(old, before.marks, stayed)]
    return bool(witnesses) or _reaches_back(before, now, known) or _cut_by_age(before, now)


def begins_at(before: Reading | None, now: Reading) -> datetime | None:
    """The oldest instant of the moving part: what was published since is all there; None if unknown."""
    known = _same(before.marks, now.marks) if before else {}
    instants = [mark.at for mark in moving(now.marks) if mark.at and mark not in known]
    return min(instants or [mark.at for mark in moving(now.marks) if mark.at], default=None)


def _same(before: Sequence[Mark], now: Sequence[Mark]) -> dict[Mark, Mark]:
    """Entries of now that were there before; by their looks where no id is known again."""
    by_id = {mark.id: mark for mark in before}
    known = {mark: by_id[mark.id] for mark in now if mark.id in by_id}
    looks = {mark.look: mark for mark in before if mark.look}
    for mark in now:
        alike = looks.get(mark.look) if mark not in known else None
        if alike is not None and (not known or alike.at == mark.at is not None):
            known[mark] = alike
    return known


def _unmoved(before: Reading, now: Reading, known: dict[Mark, Mark]) -> Iterator[Mark]:
    """Entries that moved down in the order of time and stand at the instant where they stood."""
    earlier = set(moving(before.marks) or before.marks)
    for mark in moving(now.marks):
        old = known.get(mark)
        if old is not None and old in earlier and old.at in (mark.at, None):
            yield old


def _stood_on(old: Mark, marks: Sequence[Mark], stayed: set[Mark]) -> bool:
    """An entry below which the feed moved on is pinned: most of the entries younger than it have left."""
    younger = [mark for mark in marks if old.at and mark.at and mark.at > old.at]
    return 2 * sum(mark not in stayed for mark in younger) <= len(younger)


def _joined_by_place(before: Sequence[Mark], now: Sequence[Mark], known: dict[Mark, Mark]) -> bool:
    """Without dates that order them, entries are younger the nearer they stand to one end of the feed."""
    stayed = set(known.values())
    if 2 * len(stayed) > len(before):
        return True
    pairs = [(now.index(mark), before.index(old)) for mark, old in known.items()]
    fresh_at = [place for place, mark in enumerate(now) if mark not in known]
    left_at = [place for place, mark in enumerate(before) if mark not in stayed]
    return any(_between(here, there, fresh_at, left_at, len(now), len(before)) for here, there in pairs)


def _between(here: int, there: int, fresh_at: list[int], left_at: list[int], now: int, before: int) -> bool:
    """Whether news stand on one side of an entry and what left stood on its other side."""
    fresh_above, left_above = sum(p < here for p in fresh_at), sum(p < there for p in left_at)
    fresh_below, left_below = len(fresh_at) - fresh_above, len(left_at) - left_above
    falling = 2 * left_above <= there and 2 * fresh_below <= now - here - 1
    rising = 2 * left_below <= before - there - 1 and 2 * fresh_above <= here
    return falling or rising


def _reaches_back(before: Reading, now: Reading, known: dict[Mark, Mark]) -> bool:
    """Most of what looks new is older than the newest that was read: a site gave its entries new ids."""
    newest = max((mark.at for mark in moving(before.marks) if mark.at), default=None)
    instants = [mark.at for mark in moving(now.marks) if mark.at and mark not in known]
    return newest is not None and 2 * sum(at < newest for at in instants) > len(instants)


def _cut_by_age(before: Reading, now: Reading) -> bool:
    """A feed that holds less than usual is not full: what left it was too old, or taken out.

    It then shows at least what is as young as the oldest entry was when it was last seen.
    """
    oldest = begins_at(None, before)
    if oldest is None or before.at is None or now.at is None or not _is_short(now.marks, before.most):
        return False
    return now.at - before.at <= before.at - oldest


def may_be_empty(before: Reading, now: datetime) -> bool:
    """Whether a feed without entries says that none came; else it is the answer of a server in trouble.

    It was not full any more, and its newest entry is now older than any that it showed: it is cut by age.
    """
    instants = [mark.at for mark in before.marks if mark.at]
    if before.at is None or not instants or not _is_short(before.marks, before.most):
        return False
    return now - max(instants) > before.at - min(instants)


def _is_short(marks: Sequence[Mark], most: int) -> bool:
    return len(marks) <= EMPTIED * most


def usual_number(before: Reading, now: Sequence[Mark]) -> int:
    """How many entries the feed holds when it is full: the most seen, slowly forgotten down to five."""
    known = before.most if before.most <= FEW else max(FEW, int(before.most * 0.95))
    return max(len(now), known)
