"""Days of a fast feed with outages: each entry once, or in a gap that is reported; few requests."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.feed_life import FeedLife, account, listen

HALF_HOUR = timedelta(minutes=30)


@pytest.mark.parametrize(
    ("every", "life"),
    [
        (HALF_HOUR, FeedLife(seed=1, days=4)),
        (HALF_HOUR, FeedLife(seed=2, days=5, pinned=True)),
        (timedelta(hours=3), FeedLife(seed=3, days=20)),
        (timedelta(hours=3), FeedLife(seed=2, days=10, pinned=True)),
        (HALF_HOUR, FeedLife(seed=4, days=20, least=1, most=4)),
    ],
)
def test_nothing_is_lost_in_silence(every: timedelta, life: FeedLife) -> None:
    heard = listen(life, every)
    found = account(life, heard)
    assert found.entries > 30 and found.unreported == 0, str(found)
    assert found.lost == 0 or found.gaps > 0


def test_a_server_that_never_fails_loses_nothing_at_a_fair_price() -> None:
    life = FeedLife(seed=5, days=4, outages=0, faulty=0.0)
    heard = listen(life, timedelta(minutes=15))
    found = account(life, heard)
    assert (found.lost, found.gaps, heard.failures) == (0, 0, 0)
    assert found.coverage == 1.0
    assert found.requests <= 24 * 4 * life.days


def test_a_sleepy_feed_is_asked_four_times_a_day() -> None:
    life = FeedLife(seed=6, days=20, least=1, most=1, outages=0, faulty=0.0)
    found = account(life, listen(life, HALF_HOUR))
    assert found.lost == 0
    assert found.requests <= 6 * life.days


def test_a_feed_that_is_too_fast_says_what_to_write() -> None:
    life = FeedLife(seed=7, days=3, least=200, outages=0, faulty=0.0)
    heard = listen(life, timedelta(hours=6))
    assert heard.notices and all(
        said.startswith("this feed is too fast for every: 6h: entries between 2026-06-0")
        for said in heard.notices
    )
    proposed = {said.rpartition("write every: ")[2] for said in heard.notices}
    assert proposed <= {"5m", "10m", "15m", "20m", "30m"}


def test_a_feed_that_was_down_for_a_week_is_not_called_fast() -> None:
    life = FeedLife(seed=8, days=12, outages=0, faulty=0.0, least=15, most=30)
    start = life.now + timedelta(days=3)
    life.down = [(start, start + timedelta(days=7), "500")]
    heard = listen(life, timedelta(hours=1))
    assert len(heard.notices) == 1 and "was not read between 2026-06-0" in heard.notices[0]
    found = account(life, heard)
    assert found.lost > 50 and found.unreported == 0
