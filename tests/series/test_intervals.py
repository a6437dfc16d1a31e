"""The intervals against simulated truth: clustered posts, and scores as a model gives them."""

from __future__ import annotations

import random

import pytest

from listener.series.intervals import effective_size, score_interval, share_interval, student_t


@pytest.mark.parametrize(("degrees", "quantile"), [(4, 2.1318), (10, 1.8125), (30, 1.6973), (1000, 1.6464)])
def test_student_t_against_the_tables(degrees: int, quantile: float) -> None:
    assert student_t(degrees) == pytest.approx(quantile, abs=0.003)


@pytest.mark.parametrize("people", [1, 3, 10, 40])
@pytest.mark.parametrize("truth", [0.1, 0.4])
def test_nominal_90_percent_hold_for_clustered_posts(people: int, truth: float) -> None:
    """Each person has a rate of their own (beta, correlation 0.3) and writes one to three posts."""
    chance = random.Random(7)
    held_share = held_score = 0
    trials = 1500
    spread = (1 - 0.3) / 0.3
    for _ in range(trials):
        posts: list[float] = []
        for _ in range(people):
            rate = chance.betavariate(truth * spread, (1 - truth) * spread)
            posts += [-0.8 if chance.random() < rate else 0.4 for _ in range(chance.randint(1, 3))]
        size = effective_size({"authors": people, "threads": len(posts)}, len(posts))
        low, high = share_interval(posts.count(-0.8) / len(posts), size)
        held_share += low <= truth <= high
        low, high = score_interval(
            sum(posts) / len(posts), sum(score**2 for score in posts), len(posts), size
        )
        held_score += low <= 0.4 - 1.2 * truth <= high
    assert held_share / trials > 0.85
    assert held_score / trials > 0.86
