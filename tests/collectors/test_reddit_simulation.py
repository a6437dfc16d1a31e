"""Days of a busy subreddit through real PRAW: no loss that is not told, few requests, deletions noticed."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest

from storage.coverage import merged
from tests.simulate_reddit import START, STEP, Life, Record, delays, listen, lost

HOUR = timedelta(hours=1)


def within(at: datetime, record: Record) -> bool:
    return any(start <= at < end for start, end in merged(record.covered))


def test_a_busy_day_with_outages_and_kills() -> None:
    life = Life(random.Random(3), outages=0.06, killed=0.05, deleted=0.05)
    record = listen(life, 1)
    assert sum(life.numbers.values()) > 8000 and record.failed > 10 and record.killed > 1
    told, untold = lost(life, record)
    assert untold == []
    assert all(not within(at, record) for at in told)
    assert record.shelf.posts.keys() <= {*life.world.names, *life.purged_at}
    assert len(record.shelf.numbers) == len(record.shelf.posts)
    assert record.requests["news"] <= 1.5 * record.ideal
    assert record.requests["looks"] <= 20 * 96
    covered = sum((end - start for start, end in merged(record.covered)), timedelta())
    assert covered > 0.7 * (life.now - START)


def test_deletions_of_mentions_are_noticed_within_the_hour() -> None:
    life = Life(random.Random(5), a_day=900, outages=0, killed=0, deleted=0.3, purged=0.15, mentioned=0.5)
    record = listen(life, 0.75)
    assert lost(life, record) == ([], [])
    mentioned = {name for _, name in record.shelf.mentioned}
    hours, still = delays(record, life.deleted_at, life.now - 2 * HOUR, mentioned)
    assert len(hours) > 5 and still == 0 and max(hours) <= 1.5
    hours, still = delays(record, life.purged_at, life.now - 9 * HOUR, mentioned)
    assert hours and still == 0 and min(hours) >= 6 and max(hours) <= 8.5
    assert record.erased_at.keys() <= life.deleted_at.keys() | life.purged_at.keys()


def test_a_subreddit_too_busy_for_its_pace_says_what_it_missed() -> None:
    life = Life(random.Random(7), a_day=350_000, outages=0, killed=0)
    record = listen(life, 1 / 24)
    told, untold = lost(life, record)
    assert len(told) > 500 and untold == []
    (first, *_) = [notice for notice in record.notices if "missed" in notice]
    assert first.startswith("comments r/werkzeug: posts between 2026-03-02 00:")
    assert all(not within(at, record) for at in told)


@pytest.mark.parametrize("hours", [2, 12])
def test_after_an_outage_all_is_read_or_the_gap_is_named(hours: int) -> None:
    life = Life(random.Random(9), outages=0, killed=0)
    life.ends_at = START + timedelta(days=9)
    record = Record()
    with life.world:
        for step in range(16 + 4 * hours):
            life.step()
            if step < 8 or step >= 8 + 4 * hours:
                record.run(life)
    told, untold = lost(life, record)
    assert untold == []
    assert bool(told) == any("missed" in notice for notice in record.notices) == (hours > 8)
    assert life.now - START == (16 + 4 * hours) * STEP
