"""Second looks at known posts of Reddit: deletions, edits and votes, a hundred posts a request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from collectors.reddit_limits import LimitError
from collectors.reddit_things import read_answer
from listener.errors import AccessError, CollectError
from listener.model import Batch, Memory, Post

HUNDRED = 100  # the most that Reddit tells of at once
PACE, MOST_LOOKS = timedelta(seconds=45), 200
SPARE = 20  # so many requests of Reddit's window are left to news, whoever reads them
PAUSES = {"mentioned": timedelta(hours=1), "all": timedelta(days=1)}  # between the beginnings of two rounds
# a post that Reddit leaves out of an answer is gone when it is left out again so much later
SURE, DOUBTFUL, CLOSED = timedelta(hours=6), timedelta(days=7), timedelta(days=30)
MOST_ASKS = 10  # of a run, about subreddits
BIG = 10  # so many posts asked for are worth a word
MOST_LACKING, MOST_CLOSED = 1000, 200
_NAME = re.compile(r"t[13]_\w{1,20}", re.ASCII)
_BOARD = re.compile(r"//[^/]+/(?:r/|(?P<own>u(?:ser)?/))(?P<name>[\w-]{2,50})/comments/", re.ASCII)


class Door(Protocol):
    """What answers (collectors.reddit_api.Reddit)."""

    @property
    def remaining(self) -> float | None:
        """How many requests Reddit grants before its window ends."""

    def get(self, path: str, params: Mapping[str, str | int], what: str) -> Any:
        """One answer."""


def looks_of(every: timedelta) -> int:
    """How many requests of a run may be second looks: one for each 45 seconds between two runs."""
    return min(max(every // PACE, 4), MOST_LOOKS)


@dataclass(slots=True)
class _Round:
    """One way through all known posts by number: where it stands (0: at the beginning), when it began."""

    after: int = 0
    began_at: datetime | None = None

    def is_due(self, now: datetime, pause: timedelta) -> bool:
        """Whether it is under way, or rested long enough."""
        return self.after > 0 or self.began_at is None or now - self.began_at >= pause


class Looks:
    """Where the rounds stand, which posts Reddit left out since when, which subreddits are closed since when.

    Posts that mention a product come round hourly, all others daily, as far as the budget reaches. What
    Reddit calls deleted or removed is erased at once. What it leaves out of its answer may have been
    purged, or its subreddit is private, or the answer is half broken: it is erased when it is left out
    again after SURE; after DOUBTFUL where answers lack most of what was asked for; of a closed
    subreddit after CLOSED, since a strike of a week is no deletion, and a ban is.
    """

    def __init__(self, state: Any, *, memory: Memory, now: datetime) -> None:
        found = state if isinstance(state, dict) else {}
        self._memory, self._now = memory, now
        self._rounds = {kind: _round(found.get(kind), now) for kind in PAUSES}
        lacking = _instants(found.get("lacking"), now)
        self._lacking = {name: at for name, at in lacking.items() if now - at <= 2 * CLOSED}
        self._closed = _instants(found.get("closed"), now)
        self._open: dict[str, bool | None] = {}
        self._left, self._asks = 0, MOST_ASKS
        self._doubt = False
        self._notices: list[str] = []

    def state(self) -> dict[str, Any]:
        """What the next run has to know."""
        rounds = {
            kind: {"after": one.after, "began": _iso(one.began_at)} for kind, one in self._rounds.items()
        }
        return {
            **rounds,
            "lacking": {name: _iso(at) for name, at in self._lacking.items()},
            "closed": {board: _iso(at) for board, at in self._closed.items()},
        }

    def beside(self, batch: Batch) -> Batch:
        """A batch whose state keeps this beside what else it holds."""
        return replace(batch, state={**batch.state, "looks": self.state()})

    def look(self, reddit: Door, budget: int) -> Iterator[Batch]:
        """Known posts as they are now, each hundred a batch; what fails is said and tried in the next run.

        `budget`: the most requests. Mentioned posts leave a quarter of it to the others.
        """
        self._left = budget
        try:
            yield from self._go_round("mentioned", reddit, budget // 4)
            yield from self._go_round("all", reddit, 0)
        except CollectError as error:
            self._notices.append(f"known posts were not all looked at again: {error.message}")
            yield Batch((), retry_after=getattr(error, "retry_after", None), notice=self._said())

    def _go_round(self, kind: str, reddit: Door, floor: int) -> Iterator[Batch]:
        on = self._rounds[kind]
        if not on.is_due(self._now, PAUSES[kind]):
            return
        while self._left > floor and (reddit.remaining is None or reddit.remaining >= SPARE):
            on.began_at = on.began_at if on.after else self._now
            known = self._memory.standing(on.after, HUNDRED, mentioned=kind == "mentioned")
            last = known[-1][0] if len(known) == HUNDRED else 0
            try:
                posts = self._asked([name for _, name in known], reddit)
            except LimitError:
                raise
            except CollectError:  # of this hundred alone, perhaps: the next run goes on behind it
                on.after, on.began_at = last, on.began_at if last else None
                raise
            on.after = last
            if posts or self._notices:
                yield Batch(posts, notice=self._said())
            if not on.after:
                return

    def _said(self) -> str:
        said, self._notices = "; ".join(dict.fromkeys(self._notices)), []
        return said

    def _asked(self, known: Sequence[str], reddit: Door) -> tuple[Post, ...]:
        names = [name for name in known if _NAME.fullmatch(name)]
        if not names:
            return ()
        self._left -= 1
        answer = read_answer(reddit.get("api/info", {"id": ",".join(names)}, "known posts"))
        wanted = set(names)
        told = {
            post.id: _erased(post.id, post.url) if post.deleted else post
            for post in answer.posts
            if post.id in wanted
        }
        for name in told:
            self._lacking.pop(name, None)
        left_out = [name for name in names if name not in told]
        for board in {_board(post.url) for post in told.values()}:
            self._open[board] = True
            self._closed.pop(board, None)
        return (*told.values(), *self._gone(left_out, len(names), reddit))

    def _gone(self, left_out: Sequence[str], asked: int, reddit: Door) -> Iterable[Post]:
        """Posts that were left out for long enough, without anything but what tells them."""
        addresses = self._memory.addresses(left_out) if left_out else {}
        boards = {name: _board(addresses.get(name, "")) for name in left_out}
        is_open = {name: self._is_open(board, reddit) if board else True for name, board in boards.items()}
        shut = [name for name in left_out if is_open[name] is False]
        missing = [name for name in left_out if is_open[name]]
        doubtful = self._doubt or len(missing) * 2 > asked
        if asked >= BIG and len(missing) * 2 > asked:  # then the answers after it are not believed either
            self._doubt = True
            self._notices.append(
                f"Reddit's answer lacked {len(missing)} of {asked} known posts and is not believed"
            )
        gone = [name for name in shut if self._since(self._closed, boards[name]) <= self._now - CLOSED]
        for name in missing:
            patience = DOUBTFUL if doubtful or not boards[name] else SURE
            if self._since(self._lacking, name) <= self._now - patience:
                gone.append(name)
        for name in gone:
            self._lacking.pop(name, None)
        return (_erased(name, addresses.get(name, "")) for name in sorted(gone))

    def _since(self, since: dict[str, datetime], name: str) -> datetime:
        """Since when this was seen so; remembered from now on, unless too much is remembered already."""
        if name not in since and len(since) < (MOST_CLOSED if since is self._closed else MOST_LACKING):
            since[name] = self._now
        return since.get(name, self._now)

    def _is_open(self, board: str, reddit: Door) -> bool | None:
        """Whether a subreddit shows itself; None if too many were asked for in this run.

        Asked only where none of its posts was shown: of a private one, all are left out.
        """
        if board not in self._open and self._asks > 0:
            self._asks -= 1
            self._left -= 1
            try:
                reddit.get(f"r/{board}/about", {}, f"r/{board}")
                self._open[board] = True
                self._closed.pop(board, None)
            except AccessError as error:
                self._open[board] = False
                waited = self._now - self._since(self._closed, board)
                so = "are erased" if waited >= CLOSED else "are kept as they are"
                self._notices.append(f"{error.message}; its known posts {so}")
        return self._open.get(board)


def _erased(name: str, url: str) -> Post:
    return Post(name, url, "", date_precision="unknown", deleted=True, erased=True)


def _board(url: str) -> str:
    """The subreddit in an address of a post, in lower case; a user's own place is one too."""
    found = _BOARD.search(url)
    return "" if not found else ("u_" if found["own"] else "") + found["name"].lower()


def _round(found: Any, now: datetime) -> _Round:
    if not isinstance(found, dict):
        return _Round()
    after = found.get("after")
    return _Round(
        after if isinstance(after, int) and not isinstance(after, bool) and 0 < after < 2**63 else 0,
        _instant(found.get("began"), now),
    )


def _instants(found: Any, now: datetime) -> dict[str, datetime]:
    pairs = found.items() if isinstance(found, dict) else ()
    read = ((name, _instant(value, now)) for name, value in pairs)
    return {str(name): at for name, at in read if at is not None}


def _instant(value: Any, now: datetime) -> datetime | None:
    """A stored instant; one in the future was written by a clock that went wrong."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if found is None or found.tzinfo is None or found > now:
        return None
    return found.astimezone(UTC)


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
