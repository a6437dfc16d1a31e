"""Forums: what listening to a board for 30 days costs in requests beside the ideal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from tests.simulation import DAY, START, BigBoard, BigDiscourse, Kept, Run, listen, missed, simulated

DAYS = 30
SETTLED = 3 * DAY  # until then the past is read as well
GOAL = 2.0
BACKFILL = timedelta(days=10)
Figure = tuple[str, float, float | None]


def figures() -> Iterator[Figure]:
    """Name, figure and the highest that is good (None: for information)."""
    yield from _of("phpBB", BigBoard)
    yield from _of("Discourse", BigDiscourse)


def _of(name: str, kind: Callable[[datetime], Any]) -> Iterator[Figure]:
    life, kept = simulated(kind), Kept()
    with life.forum.world:
        runs = list(listen(life, kept, DAYS, backfill=BACKFILL))
    if lost := missed(life, kept):
        raise SystemExit(f"forum {name}: {len(lost)} posts were never read")
    later = [run for run in runs if run.at > START + SETTLED]
    posts = sum(at > START + SETTLED for at in life.written.values())
    yield f"forum: requests / ideal ({name}, 30 days)", _sum(later) / sum(run.ideal for run in later), GOAL
    yield f"forum: requests per new post ({name})", _sum(later) / posts, None
    yield f"forum: ideal per new post ({name})", sum(run.ideal for run in later) / posts, None


def _sum(runs: list[Run]) -> int:
    return sum(run.requests for run in runs)
