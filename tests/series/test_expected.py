"""What is usual and what stands out, with few false alarms and none where nothing was heard."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.model import DayPoint
from listener.series import Tone, Usual, changed, pooled, unusual, usual

TUESDAY = date(2026, 11, 24)


def row(day: date, mentions: int | None, coverage: float = 1.0) -> DayPoint:
    return DayPoint(
        product="Akkufix 3000", day=day, channel="all", language="all", mentions=mentions, stories=mentions,
        threads=mentions, authors=mentions, negative=0, neutral=0, positive=0, score=None, score_low=None,
        score_high=None, share_negative=None, share_negative_low=None, share_negative_high=None,
        coverage=coverage, final=True,
    )  # fmt: skip


def history(counts: list[int], today: int | None = None) -> list[DayPoint]:
    """One row a day up to Monday, and Tuesday's where given."""
    made = [row(TUESDAY - timedelta(days=number), count) for number, count in enumerate(reversed(counts), 1)]
    return made if today is None else [row(TUESDAY, today), *made]


def test_usual_is_that_of_the_weekday() -> None:
    counts = [50 if (TUESDAY - timedelta(days=56 - n)).weekday() == 1 else 2 for n in range(56)]
    assert usual(history(counts), TUESDAY) == Usual(50, 50, 50)
    assert usual(history(counts), TUESDAY - timedelta(days=1)) == Usual(2, 2, 2)


def test_usual_needs_three_comparable_days_that_were_listened_to() -> None:
    tuesdays = [TUESDAY - timedelta(weeks=number) for number in range(1, 5)]
    rows = [row(day, 3) for day in tuesdays]
    assert usual(rows[:2], TUESDAY) is None
    assert usual(rows[:3], TUESDAY) == Usual(3, 3, 3)
    assert usual([*rows[:2], row(tuesdays[2], 3, 0.5)], TUESDAY) is None
    assert usual([*rows[:2], row(tuesdays[2], None, 0.0)], TUESDAY) is None
    assert usual([*rows[:2], replace(rows[2], channel="forum")], TUESDAY) is None


def test_older_than_eight_weeks_is_no_longer_usual() -> None:
    rows = [row(TUESDAY - timedelta(weeks=number), 90 if number > 8 else 3) for number in range(1, 30)]
    assert usual(rows, TUESDAY) == Usual(3, 3, 3)


def test_one_wild_day_does_not_move_what_is_usual() -> None:
    rows = [row(TUESDAY - timedelta(weeks=number), 400 if number == 4 else 3) for number in range(1, 9)]
    found = usual(rows, TUESDAY)
    assert found is not None and (found.expected, found.low) == (3, 3)


def test_a_week_is_compared_with_weeks() -> None:
    rows = history([2] * 70)
    assert usual(rows, TUESDAY - timedelta(days=7), TUESDAY - timedelta(days=1)) == Usual(14, 14, 14)


@given(st.lists(st.integers(0, 60), min_size=21, max_size=60), st.integers(0, 300))
def test_usual_is_ordered_and_the_judgement_agrees_with_it(counts: list[int], today: int) -> None:
    rows = history(counts, today)
    found = usual(rows, TUESDAY)
    assert found is not None and 0 <= found.low <= found.expected <= found.high
    judged = unusual(rows, TUESDAY)
    assert judged != "high" or today > found.low
    assert judged != "low" or today < found.high


def test_a_spike_and_a_lull_are_seen() -> None:
    calm = [3, 2, 4, 3, 2, 3, 4] * 8
    assert unusual(history(calm, 14), TUESDAY) == "high"
    assert unusual(history(calm, 4), TUESDAY) is None
    assert unusual(history(calm, 0), TUESDAY) is None  # of three a day, none is no news
    busy = [900, 950, 1000, 880, 930, 990, 1010] * 8
    assert unusual(history(busy, 100), TUESDAY) == "low"
    assert unusual(history(busy, 940), TUESDAY) is None
    assert unusual(history(busy, 5000), TUESDAY) == "high"


@pytest.mark.parametrize("today", [row(TUESDAY, 40, 0.5), row(TUESDAY, None, 0.0), None])
def test_nothing_is_judged_that_was_not_heard(today: DayPoint | None) -> None:
    assert unusual([*history([3] * 56), *([today] if today else [])], TUESDAY) is None


def test_nothing_is_judged_with_little_history_or_few_mentions() -> None:
    assert unusual(history([3] * 13, 40), TUESDAY) is None
    assert unusual(history([0] * 56, 4), TUESDAY) is None
    assert unusual(history([0] * 56, 9), TUESDAY) == "high"


@pytest.mark.parametrize("mean", [0.5, 4.0, 40.0])
def test_false_alarms_are_rare_on_overdispersed_days(mean: float) -> None:
    """Three simulated years of gamma-Poisson counts (variance twice the mean or more): few false alarms."""
    chance = random.Random(11)
    length = 3 * 365
    counts = [_poisson(chance, chance.gammavariate(2.0, mean / 2)) for _ in range(length)]
    start = TUESDAY - timedelta(days=length)
    rows = [row(start + timedelta(days=number), count) for number, count in enumerate(counts)]
    alarms = [unusual(rows[max(0, n - 70) : n + 1], rows[n].day) for n in range(70, length)]
    assert sum(alarm is not None for alarm in alarms) <= 12  # one in a quarter


def _poisson(chance: random.Random, mean: float) -> int:
    count, waited = 0, chance.expovariate(1.0)
    while waited < mean:
        count, waited = count + 1, waited + chance.expovariate(1.0)
    return count


def scored(day: date, negative: int, positive: int, score: float, half: float) -> DayPoint:
    return replace(
        row(day, negative + positive),
        negative=negative,
        positive=positive,
        score=score,
        score_low=max(-1.0, score - half),
        score_high=min(1.0, score + half),
    )


def test_days_are_pooled_by_their_mentions() -> None:
    week = [scored(TUESDAY, 9, 1, -0.8, 0.3), scored(TUESDAY - timedelta(days=1), 0, 10, 0.4, 0.3)]
    tone = pooled(week, TUESDAY - timedelta(days=1), TUESDAY)
    assert (tone.mentions, tone.negative, tone.positive, tone.scored) == (20, 9, 11, 20)
    assert tone.score == pytest.approx(-0.2)
    assert tone.high is not None and tone.high + 0.2 == pytest.approx(0.3 / 2**0.5)
    assert tone.coverage == 1.0


def test_nothing_heard_pools_to_none() -> None:
    tone = pooled([row(TUESDAY, None, 0.0)], TUESDAY, TUESDAY)
    assert (tone.mentions, tone.score, tone.coverage) == (None, None, 0.0)
    assert pooled([], TUESDAY, TUESDAY) == Tone(None, 0, 0, 0, None, None, None, None)


def test_a_change_of_tone_is_named_only_beyond_its_uncertainty() -> None:
    before = pooled(
        [scored(TUESDAY - timedelta(days=1), 10, 30, 0.3, 0.1)], TUESDAY - timedelta(days=1), TUESDAY
    )
    clear = pooled([scored(TUESDAY, 9, 1, -0.6, 0.3)], TUESDAY, TUESDAY)
    vague = pooled([scored(TUESDAY, 1, 0, -0.6, 1.2)], TUESDAY, TUESDAY)
    assert changed(clear, before) == pytest.approx(-0.9)
    assert changed(vague, before) is None
    assert changed(pooled([], TUESDAY, TUESDAY), before) is None
