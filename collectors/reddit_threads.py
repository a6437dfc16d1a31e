"""Threads of Reddit with all their comments: those that are named, and those that mention a product."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from collectors.reddit_limits import LimitError
from collectors.reddit_things import read_answer
from collectors.reddit_walks import HUNDRED, MOST_HIDDEN, SHOWN, Thread, Walk, restored, stored
from listener.errors import AccessError, CollectError, ParseError, TransientError
from listener.model import Batch, Post

MOST_FOLLOWED = 1000
MOST_FAILURES = 3  # of one run: then Reddit is left alone
LEAST_SHARE = 5  # requests for one thread before others have their turn
_NAMED = re.compile(
    r"(?:(?:^|/)(?:comments|gallery)/|redd\.it/|^(?:t3_)?)([a-z0-9]{2,12})(?:[/?#].*)?$", re.ASCII | re.I
)
_NAME = re.compile(r"t3_[a-z0-9]{1,12}", re.ASCII)

Get = Callable[[str, Mapping[str, str | int], str], Any]


def thread_name(written: str) -> str:
    """The full name (`t3_abc`) of a thread: of its address, its id or the address of a comment."""
    found = _NAMED.search(written.strip())
    if not found:
        raise ValueError(f"{written[:80]!r} is no thread; write its address with /comments/, or its id")
    return f"t3_{found[1].lower()}"


class Threads:
    """One per run. Which threads have new comments costs one request a hundred, reading them the rest."""

    def __init__(self, state: Any, *, named: Sequence[str], now: datetime, budget: int) -> None:
        found = state if isinstance(state, dict) else {}
        self._now, self._left, self._share = now, budget, max(LEAST_SHARE, budget // 4)
        self._named, self._followed = list(dict.fromkeys(named)), list[str]()
        known = {name: restored(one, now) for name, one in found.items()}
        self._known = {name: thread for name, thread in known.items() if thread}
        self._told: dict[str, Post] = {}
        self._notices: list[str] = []
        self.failures: list[CollectError] = []

    def state(self) -> dict[str, Any]:
        """What the next run has to know."""
        return {name: stored(thread) for name, thread in self._known.items()}

    @property
    def since(self) -> datetime | None:
        """Since when all was read of the named threads; None while something is missing."""
        if not all(map(self._is_read, self._named)):
            return None
        dates = (self._told[name].published_at for name in self._named)
        return min(filter(None, dates), default=None)

    def read(self, get: Get, followed: Sequence[str], watched: Collection[str]) -> Iterator[Batch]:
        """New comments of the threads named and `followed` (latest first), each answer a batch.

        Of `watched` subreddits all comments are read anyway.
        """
        others = [name for name in dict.fromkeys(followed) if _NAME.fullmatch(name)]
        self._followed = [name for name in others if name not in self._named][:MOST_FOLLOWED]
        wanted = {*self._named, *self._followed}
        self._known = {name: thread for name, thread in self._known.items() if name in wanted}
        yield from self._read(get, watched)

    def _read(self, get: Get, watched: Collection[str]) -> Iterator[Batch]:
        wanted = [name for name in (*self._named, *self._followed) if not self._is_watched(name, watched)]
        yield from self._look(get, wanted)
        changed = [name for name in self._turns() if not self._is_watched(name, watched)]
        waiting = changed
        while waiting and not self._is_over():
            for name in waiting:
                yield from self._visit(name, get)
            waiting = [name for name in waiting if self._known[name].walk]
        left = [name for name in changed if not self._is_read(name)]
        unseen = [name for name in wanted if name not in self._told and self._left <= 0]
        if (left or unseen) and self._left <= 0:
            self._notices.append(f"{len(left) + len(unseen)} threads wait for the next run (see `budget`)")
        if self._notices:
            yield Batch((), notice="; ".join(dict.fromkeys(self._notices)))

    def _is_watched(self, name: str, watched: Collection[str]) -> bool:
        return name in self._known and name not in self._named and self._known[name].board in watched

    def _is_read(self, name: str) -> bool:
        thread, told = self._known.get(name), self._told.get(name)
        return bool(thread and told and not thread.walk and thread.replies == (told.replies or 0))

    def _is_over(self) -> bool:
        return self._left <= 0 or len(self.failures) >= MOST_FAILURES

    def _look(self, get: Get, wanted: Sequence[str]) -> Iterator[Batch]:
        """What Reddit tells of threads, their number of comments above all; half the budget at most.

        Named ones come first, then unknown ones, then those that were not looked at for longest.
        """
        longest = sorted(wanted, key=lambda one: (one not in self._named, self._looked_at(one)))
        for start in range(0, min(len(longest), max(1, self._left // 2) * HUNDRED), HUNDRED):
            names = longest[start : start + HUNDRED]
            self._left -= 1
            told = read_answer(get("api/info", {"id": ",".join(names)}, "threads")).posts
            standing = tuple(post for post in told if self._is_noted(post, names) and not post.deleted)
            lost = [name for name in names if name in self._named and name not in self._told]
            self.failures += [
                AccessError(f"thread {name[3:]}: Reddit does not show it (deleted, private or none)")
                for name in lost
            ]
            if standing:
                yield Batch(standing)

    def _looked_at(self, name: str) -> float:
        return self._known[name].looked_at.timestamp() if name in self._known else 0

    def _is_noted(self, post: Post, names: Sequence[str]) -> bool:
        """Whether Reddit was asked for this post; then what it tells is noted."""
        if post.id not in names:
            return False
        self._told[post.id] = post
        thread = self._known.setdefault(post.id, Thread(self._now, self._now))
        thread.looked_at, thread.board = self._now, str(post.facts.get("subreddit", "")).lower()
        if not post.replies and not thread.walk:
            thread.replies = post.replies or 0
        return True

    def _turns(self) -> list[str]:
        """Threads with news: the named ones, then by turns the one that waits longest and the latest."""
        changed = [name for name in (*self._named, *self._followed) if name in self._told]
        changed = [name for name in changed if not self._is_read(name)]
        latest = [name for name in changed if name not in self._named]
        waiting = sorted(latest, key=lambda name: self._known[name].turn)
        turns = [name for pair in zip(waiting, latest, strict=True) for name in pair]
        return list(dict.fromkeys((*(name for name in changed if name in self._named), *turns)))

    def _visit(self, name: str, get: Get) -> Iterator[Batch]:
        """A thread's share of the budget; what fails is kept, a thread that is closed to us is left."""
        if self._is_over():
            return
        thread = self._known[name]
        thread.turn = self._now
        try:
            yield from self._walk(name, thread, get)
        except LimitError:
            raise
        except (ParseError, TransientError) as error:
            thread.walk = None
            self.failures.append(error)
        except AccessError as error:
            thread.walk, thread.replies = None, self._told[name].replies or 0
            self.failures += [error] if name in self._named else []

    def _walk(self, name: str, thread: Thread, get: Get) -> Iterator[Batch]:
        seen: set[str] = set()
        least = max(self._left - self._share, 0)
        opened = thread.opening()
        if not any(opened):
            thread.finish()
        while self._left > least:
            found = self._ask(name, thread, get, opened)
            thread.walk = thread.walk or Walk(self._told[name].replies or 0, thread.high)
            posts = thread.take(found, self._told[name], seen, opened)
            self._cut(name, thread)
            opened = thread.opening()
            if not any(opened):
                thread.finish()
            yield Batch(posts)
            if not thread.walk:
                return

    def _ask(self, name: str, thread: Thread, get: Get, opened: tuple[list[str], str]) -> Any:
        self._left -= 1
        children, parent = opened
        path, place = f"comments/{name[3:]}", f"thread {name[3:]}"
        if children:
            wanted = {"link_id": name, "children": ",".join(children), "sort": "new", "api_type": "json"}
            return get("api/morechildren", wanted, place)
        below: dict[str, str | int] = {"comment": parent} if parent else {}
        return get(path, {**below, "limit": SHOWN, "sort": "new"}, place)

    def _cut(self, name: str, thread: Thread) -> None:
        if thread.walk and len(thread.walk.children) > MOST_HIDDEN:
            del thread.walk.children[MOST_HIDDEN:]
            self._notices.append(
                f"thread {name[3:]} hides more than {MOST_HIDDEN} comments; not all are read"
            )
