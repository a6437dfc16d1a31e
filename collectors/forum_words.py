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
    return "; ".join(_words(progress, bottoms, since))


def _words(progress: Progress, bottoms: Sequence[int | None], since: int) -> Iterator[str]:
    known = [at for at in (*bottoms, *(one.oldest for one in progress.pending.values())) if at is not None]
    reached = max([since, *known])
    if None in bottoms:
        yield "not yet read through"
    elif reached > since + DAY or progress.pending:
        yield f"read back to {instant(reached):%Y-%m-%d} of {instant(since):%Y-%m-%d}"
    else:
        yield f"read back to {instant(reached):%Y-%m-%d}"
    open_ = sum(at is None or at > since + DAY for at in bottoms)
    if open_ and len(bottoms) > 1:
        yield f"boards to go on with: {open_} of {len(bottoms)}"
    if progress.pending:
        yield f"long threads to go on with: {len(progress.pending)}"
