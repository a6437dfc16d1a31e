"""Which threads are looked at again although no row tells of news: edits and deletions show in none."""

from __future__ import annotations

import math
from collections.abc import Collection

from collectors.progress import LOOKED_AT, PLACE, REPLIES, SLACK, STEP, UNFINISHED, Entry, Progress, newest

LOOKS = 2  # in a run without news
FEW = 10  # threads: so few are all looked at in every run


def due_looks(
    progress: Progress, since: int, *, first: Collection[str], busy: Collection[str], pages_of_news: int
) -> list[str]:
    """Threads whose last page is due: those of `first`, then the longest overdue.

    A page is due when as much time has passed since the last look as its last post was old then, so that
    looks double their distance. Where more are due than a run may look at, all are late by the same factor.
    `busy` are read elsewhere; the more `pages_of_news` a run reads, the more it looks at.
    """
    within = {name: entry for name, entry in progress.threads.items() if (newest(entry) or 0) >= since}
    known = {name: one for name, one in within.items() if _can_look(one, progress.now) and name not in busy}
    is_read = all(board.cursor is None for board in progress.boards.values())
    if is_read and len(within) <= FEW:
        return sorted(known, key=lambda name: known[name][LOOKED_AT])
    late = {name: (progress.now - one[LOOKED_AT] + SLACK) / one[STEP] for name, one in known.items()}
    late |= {name: math.inf for name in first if name in known}
    due = sorted((name for name in late if late[name] >= 1), key=lambda name: late[name], reverse=True)
    return due[: max(LOOKS, pages_of_news)]


def _can_look(entry: Entry, now: int) -> bool:
    """Whether a thread has been read to its end, in an earlier run, and its address is known."""
    return bool(entry[PLACE] and entry[STEP] and entry[REPLIES] != UNFINISHED and entry[LOOKED_AT] < now)
