"""Daily rows: exactly the touched days, None only where nothing was listened to, honest intervals."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.model import DayPoint
from listener.series import SourceDay, closed, points

DAY = date(2026, 11, 24)
LATER = datetime(2026, 12, 24, tzinfo=UTC)


def cell(
    channel: str = "all", language: str = "all", scores: Iterable[float] = (), **changed: Any
) -> dict[str, Any]:
    judged = list(scores)
    made: dict[str, Any] = {
        "product": "Akkufix 3000",
        "day": DAY,
        "channel": channel,
        "language": language,
        "mentions": len(judged),
        "stories": len(judged),
        "threads": len(judged),
        "authors": len(judged),
        "negative": sum(score < -0.33 for score in judged),
        "neutral": sum(-0.33 <= score <= 0.33 for score in judged),
        "positive": sum(score > 0.33 for score in judged),
        "scored": len(judged),
        "sum_score": sum(judged),
        "sum_score_squared": sum(score * score for score in judged),
    }
    return made | changed


def rows(cells: list[dict[str, Any]], coverage: list[SourceDay], **changed: Any) -> list[DayPoint]:
    asked: dict[str, Any] = {"touched": [("Akkufix 3000", DAY)], "now": LATER, "zone": "Europe/Berlin"}
    return points(cells, coverage, **(asked | changed))


def heard(share: float | None = 1.0, channel: str = "forum", source: str = "heimwerker") -> SourceDay:
    return SourceDay(source, channel, DAY, share)


def test_a_silent_day_is_zero_and_a_deaf_day_is_none() -> None:
    silent = rows([], [heard()])
    assert [(row.channel, row.mentions, row.authors, row.score) for row in silent] == [
        ("all", 0, 0, None),
        ("forum", 0, 0, None),
    ]
    for share in (0.0, None):
        deaf = rows([], [heard(share)])
        assert [(row.mentions, row.stories, row.negative, row.coverage) for row in deaf] == [
            (None, None, None, share)
        ] * 2


def test_mentions_that_came_are_counted_whatever_the_coverage_says() -> None:
    """Imported posts, or a source that is configured no more."""
    made = rows([cell(scores=[0.5]), cell("reddit", scores=[0.5])], [heard(0.0)])
    assert [(row.channel, row.mentions, row.coverage) for row in made] == [
        ("all", 1, 0.0),
        ("forum", None, 0.0),
        ("reddit", 1, None),
    ]


def test_language_rows_only_where_there_are_mentions() -> None:
    cells = [cell(scores=[0.1, 0.2]), cell(language="de", scores=[0.1, 0.2]), cell(language="en")]
    made = rows(cells, [heard()])
    assert [(row.channel, row.language) for row in made] == [("all", "all"), ("all", "de"), ("forum", "all")]


def test_a_day_with_copies_only_has_stories_but_no_mentions() -> None:
    made = rows([cell(stories=1, threads=0, authors=0)], [heard(0.0)])
    assert (made[0].mentions, made[0].stories) == (0, 1)


def test_coverage_is_the_mean_over_the_sources() -> None:
    sources = [heard(1.0), heard(None, source="holz"), heard(0.25, "feed", "blog")]
    made = {row.channel: row.coverage for row in rows([], sources)}
    assert made == {"all": round(1.25 / 3, 3), "forum": 0.5, "feed": 0.25}


def test_a_product_without_any_source_still_has_its_total() -> None:
    (row,) = rows([], [])
    assert (row.channel, row.language, row.mentions, row.coverage) == ("all", "all", None, None)


def test_score_is_the_mean_and_the_share_is_that_of_the_scored() -> None:
    (row, _) = rows([cell(scores=[-0.9, -0.6, 0.3], mentions=5, stories=5)], [heard()])
    assert row.mentions == 5
    assert row.score == pytest.approx(-0.4)
    assert row.share_negative == pytest.approx(2 / 3)


def test_a_persons_label_counts_before_any_model_has_scored() -> None:
    (row, _) = rows([cell(mentions=2, stories=2, threads=2, authors=2, negative=1, positive=1)], [heard()])
    assert (row.negative, row.score, row.share_negative) == (1, None, 0.5)


def test_one_mention_keeps_a_wide_interval() -> None:
    (row, _) = rows([cell(scores=[-0.9])], [heard()])
    assert row.score_low == -1.0 and row.score_high is not None and row.score_high > 0.2
    assert row.share_negative == 1.0 and row.share_negative_low is not None and row.share_negative_low < 0.3


def test_posts_of_few_people_count_for_less_than_posts_of_many() -> None:
    many = rows([cell(scores=[-0.8, 0.4] * 10)], [heard()])[0]
    few = rows([cell(scores=[-0.8, 0.4] * 10, authors=2)], [heard()])[0]
    unknown = rows([cell(scores=[-0.8, 0.4] * 10, authors=0)], [heard()])[0]
    assert _width(few) > 1.5 * _width(many)
    assert _width(unknown) == _width(many)


def _width(row: DayPoint) -> float:
    assert row.score_low is not None and row.score_high is not None
    return row.score_high - row.score_low


def test_a_day_closes_when_all_is_read_or_after_48_hours() -> None:
    end = datetime(2026, 11, 24, 23, tzinfo=UTC)  # midnight in Berlin
    read, gap = [heard()], [heard(), heard(0.99, source="holz")]
    assert not closed(DAY, read, now=end - timedelta(seconds=1), zone="Europe/Berlin")
    assert closed(DAY, read, now=end, zone="Europe/Berlin")
    assert not closed(DAY, gap, now=end + timedelta(hours=47), zone="Europe/Berlin")
    assert closed(DAY, gap, now=end + timedelta(hours=48), zone="Europe/Berlin")
    assert not closed(DAY, [], now=end, zone="Europe/Berlin")


def test_the_48_hours_are_hours_also_when_the_clocks_change() -> None:
    end = datetime(2026, 10, 24, 22, tzinfo=UTC)  # the night before clocks go back
    assert closed(date(2026, 10, 24), [], now=end + timedelta(hours=48), zone="Europe/Berlin")
    assert not closed(date(2026, 10, 24), [], now=end + timedelta(hours=47, minutes=59), zone="Europe/Berlin")


scores = st.lists(st.floats(-1, 1, allow_nan=False), max_size=30)
shares = st.none() | st.floats(0, 1)
histories = st.dictionaries(
    st.tuples(st.sampled_from(["Akkufix 3000", "Bohrwerk B2"]), st.integers(0, 5)),
    st.tuples(scores, st.integers(0, 3)),
    max_size=12,
)


def _world(
    history: dict[tuple[str, int], tuple[list[float], int]], coverage: dict[int, float | None]
) -> tuple[list[dict[str, Any]], list[SourceDay]]:
    cells = [
        cell(channel, language, judged, product=product, day=DAY + timedelta(days=number),
             authors=min(authors, len(judged)))
        for (product, number), (judged, authors) in history.items()
        for channel in ("all", "forum")
        for language in ("all", "de")
    ]  # fmt: skip
    return cells, [SourceDay("heimwerker", "forum", DAY + timedelta(days=n), s) for n, s in coverage.items()]


@given(histories, st.dictionaries(st.integers(0, 5), shares), st.integers(0, 6))
def test_a_rebuild_from_nothing_equals_the_increments(
    history: dict[tuple[str, int], tuple[list[float], int]], coverage: dict[int, float | None], cut: int
) -> None:
    cells, listened = _world(history, coverage)
    touched = [
        (product, DAY + timedelta(days=n)) for product in ("Akkufix 3000", "Bohrwerk B2") for n in range(6)
    ]
    at_once = rows(cells, listened, touched=touched)
    kept: dict[tuple[str, date], list[DayPoint]] = {}
    for part in (touched[:cut], touched[cut:], touched[1:3]):  # some days twice
        wanted = set(part)
        some = [one for one in cells if (one["product"], one["day"]) in wanted]
        made = rows(some, [one for one in listened if one.day in {day for _, day in part}], touched=part)
        kept |= {pair: [row for row in made if (row.product, row.day) == pair] for pair in wanted}
    assert at_once == [row for pair in sorted(kept) for row in kept[pair]]


@given(histories, st.dictionaries(st.integers(0, 5), shares))
def test_intervals_hold_the_estimate_and_stay_in_bounds(
    history: dict[tuple[str, int], tuple[list[float], int]], coverage: dict[int, float | None]
) -> None:
    cells, listened = _world(history, coverage)
    said = {(one["product"], one["day"]) for one in cells if one["mentions"]}
    touched = {("Akkufix 3000", DAY + timedelta(days=n)) for n in range(6)}
    for row in rows(cells, listened, touched=touched):
        silent = (row.product, row.day) not in said
        assert (row.mentions is None) == (silent and not row.coverage)
        assert (row.score is None) == silent == (row.share_negative is None)
        if row.score is not None:
            assert row.score_low is not None and row.score_high is not None
            assert -1 <= row.score_low <= row.score <= row.score_high <= 1
            assert row.score_low < row.score_high
        if row.share_negative is not None:
            assert row.share_negative_low is not None and row.share_negative_high is not None
            assert 0 <= row.share_negative_low <= row.share_negative <= row.share_negative_high <= 1
            assert row.share_negative_low < row.share_negative_high
