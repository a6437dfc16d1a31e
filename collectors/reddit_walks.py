"""A way through one thread of Reddit: what its answers hide, and what of that is opened next."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from collectors.reddit_things import read_answer, things_of
from listener.model import Post

HUNDRED = 100  # the most hidden comments that Reddit opens at once
SHOWN = 500  # the most comments that it shows of a thread at once
MOST_HIDDEN = 3000  # comments of one thread that may wait to be opened


@dataclass(slots=True)
class Walk:
    """Where the reading of a thread stands.

    `replies` are its comments as counted when the walk began, `high` the newest seen, `found` how many were
    new; `children` are hidden comments, `parents` those below which the thread goes on elsewhere.
    """

    replies: int
    high: int
    found: int = 0
    children: list[str] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Thread:
    """What is known of a thread: how many comments it had when it was read (-1: never), and the newest.

    `turn` is when it was last its turn to be read, `looked_at` when Reddit last told of it. Reddit's ids
    are numbers that only grow: a comment above `high` is new.
    """

    turn: datetime
    looked_at: datetime
    replies: int = -1
    high: int = 0
    board: str = ""
    walk: Walk | None = None

    def opening(self) -> tuple[list[str], str]:
        """What to open next: hidden comments, or what is below one; neither when all is read.

        New comments come first, older ones only while some are missing.
        """
        walk = self.walk
        if walk is None:
            return [], ""
        fresh = [one for one in walk.children if number_of(one) > self.high]
        if fresh or not self._lacks(walk):
            return fresh[:HUNDRED], ""
        return walk.children[:HUNDRED], "" if walk.children else next(iter(walk.parents), "")

    def _lacks(self, walk: Walk) -> bool:
        return self.replies < 0 or walk.found < walk.replies - self.replies

    def finish(self) -> None:
        """All is read, as far as the walk knew of it."""
        if self.walk:
            self.replies, self.high, self.walk = self.walk.replies, self.walk.high, None

    def take(self, found: Any, top: Post, seen: set[str], opened: tuple[list[str], str]) -> tuple[Post, ...]:
        """The posts of one answer to `opened`; what it hides is noted, unless it showed nothing new."""
        walk = self.walk or Walk(0, self.high)
        gone = set(opened[0])
        walk.children = [one for one in walk.children if one not in gone]
        walk.parents = [one for one in walk.parents if one != opened[1]]
        posts = tuple(_placed(post, top) for post in (read_answer(found).posts if _tells(found) else ()))
        fresh = {post.id for post in posts if post.id.startswith("t1_")} - seen
        numbers = [number_of(one[3:]) for one in fresh]
        seen |= fresh
        walk.found += sum(1 for one in numbers if one > self.high)
        walk.high = max((walk.high, *numbers))
        if fresh:
            children, parents = _hidden(found)
            walk.children = list(dict.fromkeys((*walk.children, *children)))
            below = (one for one in parents if one != opened[1])
            walk.parents = list(dict.fromkeys((*walk.parents, *below)))
        self.walk = walk
        return posts


def _tells(found: Any) -> bool:
    """Whether an answer is anything but the nothing that is left of opened comments."""
    opened = found.get("json") if isinstance(found, dict) else None
    if not isinstance(opened, dict) or opened.get("errors"):
        return True
    return any(kind != "more" for kind, _ in things_of(found))


def _placed(post: Post, top: Post) -> Post:
    """A comment with its thread: those that were hidden come without its title and address."""
    if post.deleted or not post.id.startswith("t1_"):
        return post
    return replace(post, title=post.title or top.title, thread_id=top.id, thread_url=top.thread_url)


def _hidden(found: Any) -> tuple[list[str], list[str]]:
    """The ids of hidden comments of an answer, and of those below which it goes on elsewhere."""
    children: list[str] = []
    parents: list[str] = []
    for kind, data in things_of(found):
        if kind == "more":
            listed = data.get("children")
            ids = [one for one in listed if number_of(one)] if isinstance(listed, list) else []
            children += ids
            parent = str(data.get("parent_id", ""))
            if not ids and parent.startswith("t1_") and number_of(parent[3:]):
                parents.append(parent[3:])
    return children, parents


def number_of(short: Any) -> int:
    """An id of Reddit's as the number it is (base 36); 0 for what is none."""
    sane = isinstance(short, str) and len(short) <= 12 and short.isascii() and short.isalnum()
    return int(short, 36) if sane else 0


def stored(thread: Thread) -> dict[str, Any]:
    """A thread as state."""
    found: dict[str, Any] = {
        "turn": thread.turn.isoformat(),
        "looked": thread.looked_at.isoformat(),
        "replies": thread.replies,
        "high": thread.high,
        "board": thread.board,
    }
    walk = thread.walk
    if walk:
        hidden = {"children": list(walk.children), "parents": list(walk.parents)}
        found["walk"] = {"replies": walk.replies, "high": walk.high, "found": walk.found, **hidden}
    return found


def restored(found: Any, now: datetime) -> Thread | None:
    """A thread as it was stored; None for what is damaged, and for what a wrong clock wrote."""
    if not isinstance(found, dict):
        return None
    turn, looked_at = _instant(found.get("turn"), now), _instant(found.get("looked"), now)
    replies, high, board = found.get("replies"), found.get("high"), found.get("board")
    if not turn or not looked_at or type(replies) is not int or type(high) is not int:
        return None
    return Thread(turn, looked_at, replies, high, str(board or ""), _walk(found.get("walk")))


def _walk(found: Any) -> Walk | None:
    if not isinstance(found, dict):
        return None
    replies, high, seen = (found.get(name) for name in ("replies", "high", "found"))
    if type(replies) is not int or type(high) is not int or type(seen) is not int:
        return None
    return Walk(replies, high, seen, _ids(found.get("children")), _ids(found.get("parents")))


def _ids(found: Any) -> list[str]:
    return [one for one in found if number_of(one)] if isinstance(found, list) else []


def _instant(value: Any, now: datetime) -> datetime | None:
    try:
        at = datetime.fromisoformat(value).astimezone(UTC) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None
    return at if at and at <= now else None
