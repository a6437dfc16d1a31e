"""Days of a big forum's life: every post once, none lost, edits and deletions seen, few requests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.simulation import (
    DAY,
    START,
    STEP,
    BigBoard,
    BigDiscourse,
    Kept,
    Life,
    Run,
    listen,
    missed,
    simulated,
)

RESTLESS = {"edit": 0.2, "delete": 0.15, "thread": 0.1, "move": 0.0}


def heard(kind: Callable[[datetime], Any], days: int, **options: Any) -> tuple[Life, Kept, list[Run]]:
    life, kept = simulated(kind, **options), Kept()
    with life.forum.world:
        return life, kept, list(listen(life, kept, days, backfill=timedelta(days=3)))


@pytest.mark.parametrize(("kind", "most"), [(BigBoard, 2.0), (BigDiscourse, 1.2)])
def test_days_of_a_board_of_ten_thousand_threads(kind: Callable[[datetime], Any], most: float) -> None:
    life, kept, runs = heard(kind, 3)
    assert len(life.forum.threads) > 10_000 and len(life.written) > 400
    assert missed(life, kept) == set()
    assert max(len(addresses) for addresses in kept.addresses.values()) == 1
    assert kept.gone_at.keys() <= life.deleted.keys()
    settled = [run for run in runs if run.at > START + 3 * DAY / 2]
    assert sum(run.requests for run in settled) <= most * sum(run.ideal for run in settled)


@pytest.mark.parametrize("kind", [BigBoard, BigDiscourse])
def test_edits_and_deletions_on_a_quiet_board(kind: Callable[[datetime], Any]) -> None:
    """Where a run can look at all that is due, what changed at some age is seen before it is twice as old."""
    life, kept, _ = heard(kind, 6, threads=40, posts_a_day=8, seed=4, shares=RESTLESS)
    end = life.forum.now
    edits = {name: at for name, (at, _) in life.edits.items() if name not in life.deleted}
    late = [
        name for name, at in edits.items() if at < end - DAY and kept.texts.get(name) != life.edits[name][1]
    ]
    assert edits and late == []
    seen = {name: at for name, at in life.deleted.items() if name in kept.texts and at < end - DAY}
    assert seen and seen.keys() <= kept.gone_at.keys()
    for name, at in seen.items():
        assert kept.gone_at[name] - at <= (at - life.written.get(name, at)) * 2 + 4 * STEP


class Whole(BigBoard):
    """Two boards below a start page, between which threads are moved."""

    @property
    def url(self) -> str:
        return self.world.url + "/"


def test_threads_that_move_between_boards_are_read_once() -> None:
    life, kept = simulated(Whole, threads=300, posts_a_day=60, shares=RESTLESS | {"move": 0.4}), Kept()
    life.forum.forums = {3: "Werkstatt", 4: "Archiv"}
    with life.forum.world:
        runs = list(listen(life, kept, 3, backfill=timedelta(days=2)))
    assert sum(thread.forum == 4 for thread in life.forum.threads.values()) > 3
    assert missed(life, kept, 3) == missed(life, kept, 4) == set()
    assert kept.gone_at.keys() <= life.deleted.keys()
    assert max(len(addresses) for addresses in kept.addresses.values()) == 1
    settled = [run for run in runs if run.at > START + DAY]
    assert sum(run.requests for run in settled) <= 2 * sum(run.ideal + 2 for run in settled), (
        "two boards more"
    )
