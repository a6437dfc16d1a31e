"""Listings that show the newest first, page by page: read down to what is known, with every gap named."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from listener.model import Batch, Post

EVER = datetime(1970, 1, 1, tzinfo=UTC)  # since when a listing without any post is known to be without
MOST_IDS = 200  # remembered of the newest, to see whether the next reading joins on
MOST_RESTARTS = 3
SECOND = timedelta(seconds=1)
EMPTY = 100  # a page without posts counts as so many: a listing that goes on for ever is left
MOST_GAPS = 20  # named in one notice


@dataclass(frozen=True, slots=True)
class Shown:
    """The posts of one page, newest first, and where the listing goes on (None: here it ends)."""

    posts: tuple[Post, ...]
    after: str | None = None


Page = Callable[[str | None, int], Shown]


@dataclass(frozen=True, slots=True)
class _Descent:
    """A reading on its way down: what it saw at the top, how far it has come."""

    newest: datetime | None = None
    ids: tuple[str, ...] = ()
    after: str | None = None
    oldest: datetime | None = None
    count: int = 0


@dataclass(frozen=True, slots=True)
class _Mark:
    """What is known of one listing: all between `since` and `newest` was read; `ids` are the newest."""

    newest: datetime | None = None
    ids: tuple[str, ...] = ()
    since: datetime | None = None
    descent: _Descent | None = None

    def meets(self, posts: Sequence[Post], lag: timedelta = timedelta(0)) -> bool:
        """Whether a page reaches down to what was read before, and past what may have come late.

        Only its last posts tell: a pinned post stands at the top however old it is.
        """
        tail = posts[-max(1, min(3, len(posts) // 4)) :]
        dated = [post.published_at for post in tail if post.published_at]
        tells = self.newest is not None and bool(dated)
        if any(post.id in self.ids for post in tail) and not (lag and tells):
            return True
        return tells and all(self.newest - at > lag for at in dated if self.newest)


class Newest:
    """Reads listings; knows for each name how far it was read, which is what the state is made of.

    A name is read from its newest post down to where the last reading began, each page one batch. A
    reading that was interrupted is finished first. `limit`: the most posts of one reading; `reach`: a
    listing that ends before so many posts was not cut off by the site (None: it never cuts). `lag`: so late
    a post may appear at its place below newer ones; each reading goes so far below where the last one began.
    """

    def __init__(
        self,
        state: Mapping[str, Any],
        names: Sequence[str],
        *,
        now: datetime,
        limit: int,
        reach: int | None = None,
        lag: timedelta = timedelta(0),
    ) -> None:
        self._now, self._limit, self._reach, self._lag = now, limit, reach, lag
        self._first_at = _instant(state.get("began"), now) or now
        self._known = {name: _mark(state, name, now) for name in names}
        self._gaps = list(_texts(state.get("gaps")))[:MOST_GAPS]
        self.missed: set[str] = set()  # the names of which this run missed posts

    def read(self, name: str, page: Page) -> Iterator[Batch]:
        """The pages of `name` down to the mark; `page(after, posts read so far)` asks for one."""
        dead: set[str] = set()
        if self._known[name].descent is not None:
            yield from self._descend(name, page, dead, fresh=False)
        while not (yield from self._descend(name, page, dead, fresh=True)):
            pass

    def state(self) -> dict[str, Any]:
        """What the next run has to know: when the first one began, and a mark for each listing."""
        marks = {name: _stored(mark) for name, mark in self._known.items()}
        gaps = {"gaps": list(self._gaps)} if self._gaps else {}
        return {"began": self._first_at.isoformat(), "streams": marks, **gaps}

    def last(self) -> Batch:
        """The end of a run: no posts, since when all listings are complete, and a notice of the gaps."""
        notice, self._gaps = "; ".join(self._gaps), []
        return Batch((), self.state(), complete_since=self._since(), notice=notice)

    def _since(self) -> datetime | None:
        sinces = [mark.since for mark in self._known.values()]
        if not all(sinces):  # one was never read to its end
            return None
        since = max(filter(None, sinces), default=EVER)
        return self._first_at if since == EVER else since

    def _descend(self, name: str, page: Page, dead: set[str], *, fresh: bool) -> Generator[Batch, None, bool]:
        """One way down; whether it arrived. `dead` are the anchors below which nothing was shown."""
        while True:
            mark = self._known[name]
            down = mark.descent or _Descent()
            shown = page(down.after, down.count)
            if self._is_dead(down, shown, dead):
                self._known[name] = replace(mark, descent=None)
                return False
            moved = self._moved(name, down, shown, fresh=fresh, sure=fresh and len(dead) < MOST_RESTARTS)
            self._known[name] = moved
            if shown.posts:
                yield Batch(shown.posts, self.state())
            if moved.descent is None:
                return True

    def _is_dead(self, down: _Descent, shown: Shown, dead: set[str]) -> bool:
        """Whether the anchor was deleted: then a site shows nothing below it, as at the end.

        A new reading tells: an anchor that is there again with nothing below it is the end.
        """
        if shown.posts or shown.after or not down.after or down.after in dead or len(dead) >= MOST_RESTARTS:
            return False
        dead.add(down.after)
        return True

    def _moved(self, name: str, before: _Descent, shown: Shown, *, fresh: bool, sure: bool) -> _Mark:
        """The mark after one more page: still on the way down, or arrived."""
        mark = self._known[name]
        down = self._lower(before, shown)
        joined = mark.meets(shown.posts, self._lag)
        if not joined and shown.after not in (None, before.after) and down.count < self._limit:
            return replace(mark, descent=down)
        if not joined and not fresh and shown.after is None and mark.since:
            return replace(mark, descent=None)  # resumed too late to tell what the end means
        whole = sure and shown.after is None and (self._reach is None or down.count < self._reach)
        if (joined or whole) and mark.since:
            since = mark.since
        else:
            since = (down.oldest if whole else _after(down.oldest)) or (EVER if whole else self._now)
            self._note_gap(name, mark, since, ended=shown.after is None)
        ids = dict.fromkeys((*down.ids, *(mark.ids if since == mark.since else ())))
        return _Mark(down.newest or mark.newest, tuple(ids)[:MOST_IDS], since)

    def _lower(self, down: _Descent, shown: Shown) -> _Descent:
        dated = [min(post.published_at, self._now) for post in shown.posts if post.published_at]
        past = [post.published_at for post in shown.posts if _is_past(post.published_at, self._now)]
        return _Descent(
            newest=down.newest or max(filter(None, past), default=None),
            ids=tuple(dict.fromkeys((*down.ids, *(post.id for post in shown.posts))))[:MOST_IDS],
            after=shown.after,
            oldest=dated[-1] if dated else down.oldest,
            count=down.count + (len(shown.posts) or EMPTY),
        )

    def _note_gap(self, name: str, mark: _Mark, since: datetime, *, ended: bool) -> None:
        if mark.since is None:  # the first reading has no gap
            return
        self.missed.add(name)
        if len(self._gaps) >= MOST_GAPS:
            return
        why = "more than the site shows" if ended else f"more than `limit: {self._limit}`"
        span = (
            f"between {_clock(mark.newest)} and {_clock(since)}" if mark.newest else f"before {_clock(since)}"
        )
        self._gaps.append(f"{name}: posts {span} were missed ({why})")


def _after(oldest: datetime | None) -> datetime | None:
    """Sites count in seconds, and where a reading was cut off, some of that second may be missing."""
    return oldest and oldest + SECOND


def _clock(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%MZ}"


def _is_past(at: datetime | None, now: datetime) -> bool:
    """An instant ahead of the clock is a wrong one: everything would be older than it, read or not."""
    return at is not None and at <= now


def _stored(mark: _Mark) -> dict[str, Any]:
    found: dict[str, Any] = {"newest": _iso(mark.newest), "ids": list(mark.ids), "since": _iso(mark.since)}
    down = mark.descent
    if down is not None:
        found["descent"] = {
            "newest": _iso(down.newest),
            "ids": list(down.ids),
            "after": down.after,
            "oldest": _iso(down.oldest),
            "count": down.count,
        }
    return found


def _mark(state: Mapping[str, Any], name: str, now: datetime) -> _Mark:
    """The mark as it was stored; what is damaged is as if it was never stored."""
    stored = state.get("streams")
    found = stored.get(name) if isinstance(stored, dict) else None
    if not isinstance(found, dict):
        return _Mark()
    down = found.get("descent")
    return _Mark(
        _instant(found.get("newest"), now),
        _texts(found.get("ids")),
        _instant(found.get("since"), now),
        _descent(down, now) if isinstance(down, dict) else None,
    )


def _descent(found: Mapping[str, Any], now: datetime) -> _Descent | None:
    after, count = found.get("after"), found.get("count")
    if not isinstance(after, str) or type(count) is not int or count < 0:
        return None
    newest, oldest = _instant(found.get("newest"), now), _instant(found.get("oldest"), now)
    return _Descent(newest, _texts(found.get("ids")), after, oldest, count)


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _instant(value: Any, now: datetime) -> datetime | None:
    try:
        at = datetime.fromisoformat(value).astimezone(UTC) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None
    return at if _is_past(at, now) else None
