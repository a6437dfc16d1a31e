"""How far a forum has been read, in words for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from collectors.progress import DAY, VERSION, Progress, instant, load


def progress_words(state: Mapping[str, Any], now: datetime) -> str:
    """How far the past has been read, for people; "" for a state that is not a forum's."""
    if state.get("version") != VERSION or "boards" not in state:
        return ""
    progress = load(state, state["url"])
    since = int(now.timestamp()) - progress.window
    bottoms = [progress.boards[url].bottom for url in progress.reachable() if url in progress.boards]
    known = [at for at in (*bottoms, *(one.oldest for one in progress.pending.values())) if at is not None]
    reached = max([since, *known])
    is_done = reached <= since + DAY and None not in bottoms and not progress.pending
    start = f"read back to {instant(reached):%Y-%m-%d}"
    if is_done:
        return start
    return "; ".join([f"{start} of {instant(since):%Y-%m-%d}", *_to_do(progress, bottoms, since)])


def _to_do(progress: Progress, bottoms: Sequence[int | None], since: int) -> Iterator[str]:
    open_ = sum(at is None or at > since + DAY for at in bottoms)
    if open_ and len(bottoms) > 1:
        yield f"{open_} of {len(bottoms)} boards to go on with"
    if progress.pending:
        yield f"{len(progress.pending)} long threads to go on with"
