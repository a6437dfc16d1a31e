"""When a feed is asked again, and whether a reading joins on to the one before; pure."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.feed_gaps import missed
from collectors.feed_overlap import Reading, begins_at, joined, marks_of, may_be_empty, moving, usual_number
from collectors.feed_rhythm import (
    Rhythm,
    arrivals,
    contradicted,
    grown,
    half_time,
    in_words,
    next_wait,
    proposal,
    stated_period,
    usual_distance,
)
from collectors.feed_state import Remembered, recalled, stored
from listener.model import Post

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HALF = timedelta(minutes=30)
BOUNDS: dict[str, Any] = {"every": HALF, "slowest": 6 * HOUR}


def post(number: int | str, hours: float | None = None, **more: Any) -> Post:
    """An entry of so many hours ago; its id and words tell its number."""
    at = None if hours is None else NOW - timedelta(hours=hours)
    words = f"Eintrag {number} über den Akkufix 3000, mit genug Wörtern für einen Vergleich"
    return Post(f"n{number}", f"https://blog.example/{number}", words, published_at=at, **more)


def reading(*posts: Post, hours: float = 0, most: int = 0) -> Reading:
    at = NOW - timedelta(hours=hours)
    return Reading(marks_of(posts, at), at, most or len(posts))


def dated(*hours: float) -> list[Post]:
    return [post(str(each), each) for each in hours]


def bare(*numbers: int | str) -> list[Post]:
    return [post(number) for number in numbers]


PIN = post("welcome", 8000)
FRESH_PIN = post("pin", 26)


@pytest.mark.parametrize(
    ("before", "now", "is_joined"),
    [
        (dated(20, 22, 24), dated(1, 5, 20), True),
        (dated(20, 22, 24), dated(1, 5, 9), False),
        (dated(24, 22, 20), dated(20, 5, 1), True),  # oldest first
        (dated(26, 24, 22, 20), dated(9, 5, 3, 1), False),
        ([PIN, *dated(20, 22, 24)], [PIN, *dated(1, 5, 9)], False),  # pinned on top
        ([PIN, *dated(20, 22, 24)], [PIN, *dated(1, 5, 20)], True),
        ([*dated(20, 22, 24), PIN], [*dated(1, 5, 9), PIN], False),  # pinned at the end
        ([*dated(20, 22, 24), PIN], [*dated(1, 20, 22), PIN], True),
        ([FRESH_PIN, *dated(27, 28)], [FRESH_PIN, *dated(1, 5)], False),  # pinned on the day of the reading
        (dated(20, 22, 24), [post("20", 0.5), *dated(1, 5)], False),  # put on top again: no witness
        (dated(20), [post("20", 1)], True),  # one entry, written anew
        (dated(20, 22, 24), dated(1, 22, 24), True),  # the newest was deleted
        (dated(20), dated(1), False),
        ([PIN], [*dated(1, 2), PIN], True),  # it was all there was
        (bare(3, 2, 1), bare(5, 4, 3), True),
        (bare(3, 2, 1), bare(6, 5, 4), False),
        (bare(1, 2, 3), bare(3, 4, 5), True),  # oldest first, without dates
        (bare("p", 4, 3, 2), bare("p", 7, 6, 5), False),
        (bare("p", 4, 3, 2), bare("p", 6, 5, 4), True),
        (bare(3, 1, 4, 2, 5), bare(2, 6, 5, 1, 4), True),  # in another order each time
        (bare(3, 2, 1), (), True),
        ((), bare(3, 2, 1), True),
    ],
)
def test_readings_join_by_what_moves(before: list[Post], now: list[Post], is_joined: bool) -> None:
    assert joined(reading(*before, hours=19), reading(*now)) is is_joined


def test_entries_with_new_ids_at_each_fetch_are_known_by_their_looks() -> None:
    before = reading(*dated(20, 22, 24), hours=19)
    renamed = [
        Post(f"x{each.id}", each.url, each.text, published_at=each.published_at) for each in dated(5, 20)
    ]
    assert joined(before, reading(*renamed))
    undated = [Post(f"x{n}", "https://blog.example/", post(n).text) for n in (4, 3)]
    assert joined(reading(*bare(3, 2, 1), hours=19), reading(*undated))


def test_a_site_that_renamed_its_entries_reaches_back() -> None:
    moved = [
        Post(f"new{n}", f"https://new.example/{n}", f"Neu {n}", published_at=NOW - n * HOUR)
        for n in (1, 21, 23)
    ]
    assert joined(reading(*dated(20, 22, 24), hours=19), reading(*moved))
    assert not joined(reading(*dated(20, 22, 24), hours=19), reading(*dated(1, 5, 9), post("welcome", 9000)))


def test_a_feed_cut_by_age_is_not_too_fast() -> None:
    before = reading(*dated(8, 20, 25), hours=7, most=10)  # it shows entries of eighteen hours
    assert joined(before, reading(*dated(1)))
    assert not joined(
        reading(*dated(40, 41), hours=39, most=10), reading(*dated(1))
    )  # so long is more than that
    assert not joined(reading(*dated(8, 20, 25), hours=7), reading(*dated(1, 2, 3)))  # a full one


def test_an_empty_answer_is_believed_of_a_feed_that_had_grown_short() -> None:
    before = reading(*dated(12), hours=10, most=4)
    assert may_be_empty(before, NOW)
    assert not may_be_empty(reading(*dated(12, 13, 14, 15), hours=10), NOW)
    assert usual_number(before, ()) == 4 and usual_number(Reading((), None, 50), before.marks) == 47


def test_the_promise_begins_at_the_moving_part() -> None:
    assert begins_at(None, reading(PIN, *dated(1, 5, 9))) == NOW - 9 * HOUR
    assert begins_at(reading(*dated(20, 22), PIN, hours=19), reading(*dated(1, 5, 9), PIN)) == NOW - 9 * HOUR
    assert begins_at(None, reading(*bare(1, 2))) is None
    shuffled = dated(5, 90, 3, 80, 1, 70, 60, 2)
    random.Random(1).shuffle(shuffled)
    assert (
        begins_at(None, reading(*dated(5, 90, 3, 80, 1, 70, 2, 60))) is None
    )  # no order: nothing is promised


def test_entries_in_the_order_of_their_edits_stand_at_their_edits() -> None:
    posts = [post(n, 100 - n * (-1) ** n, edited_at=NOW - n * HOUR) for n in range(1, 8)]
    assert [mark.at for mark in moving(marks_of(posts, NOW))] == [one.edited_at for one in posts]


def test_many_entries_are_remembered_by_the_newest() -> None:
    assert len(marks_of(dated(*range(1, 500)), NOW)) == 300
    assert len(marks_of(bare(*range(500)), NOW)) == 300


def rhythm(*hours: float, came: tuple[float, ...] = (), number: int = 20) -> Rhythm:
    ago = tuple(NOW - timedelta(hours=each) for each in hours)
    return grown(Rhythm(ago, tuple(NOW - timedelta(hours=each) for each in sorted(came)[::-1])), number, NOW)


def test_a_wait_lets_at_most_half_of_the_feed_go_at_its_busiest() -> None:
    steady = rhythm(*range(20))
    assert half_time(steady, 20, NOW) == 10 * HOUR
    burst = rhythm(*range(20, 40), *(each / 60 for each in range(11)))
    assert half_time(burst, 20, NOW) == timedelta(minutes=10)
    later = grown(Rhythm(burst.published[:3], (), burst.busiest), 20, NOW + 10 * DAY)
    assert half_time(later, 20, NOW + 10 * DAY) == timedelta(minutes=10)
    forgotten = grown(Rhythm((), (), burst.busiest), 20, NOW + 20 * DAY)
    assert forgotten.busiest == {}


@given(st.lists(st.integers(0, 20 * 86_400), min_size=2, max_size=60), st.integers(2, 60))
def test_no_stretch_as_long_as_the_half_time_holds_more_than_half(seconds: list[int], number: int) -> None:
    instants = sorted(NOW - timedelta(seconds=each) for each in seconds if each < 13 * 86_400)
    half = half_time(grown(Rhythm(tuple(instants)), number, NOW), number, NOW)
    if half is None or not instants or half == timedelta(days=14):
        return
    for at in instants:
        assert sum(at < other < at + half - timedelta(milliseconds=1) for other in instants) <= max(
            1, number // 2
        )


@given(
    st.lists(st.floats(-50, 5000), max_size=40),
    st.lists(st.floats(0, 5000), max_size=20),
    st.integers(0, 100),
    st.timedeltas(timedelta(minutes=1), 3 * DAY),
    st.timedeltas(timedelta(minutes=1), 3 * DAY),
    st.none() | st.timedeltas(timedelta(0), 400 * DAY),
)
def test_the_wait_stays_within_its_bounds(
    hours: list[float],
    came: list[float],
    number: int,
    every: timedelta,
    slowest: timedelta,
    wish: timedelta | None,
) -> None:
    found = rhythm(*hours, came=tuple(came), number=number)
    slowest = max(every, slowest)
    wait = next_wait(found, number, NOW, every=every, slowest=slowest, said=(wish,), fresh_for=(wish,))
    assert every <= wait <= slowest
    half = half_time(found, number, NOW)
    assert half is None or wait <= max(every, half)


def test_sleepy_feeds_are_asked_less_often_and_fast_ones_at_every() -> None:
    assert next_wait(rhythm(*(24 * each for each in range(20))), 20, NOW, **BOUNDS) == 6 * HOUR
    assert next_wait(rhythm(*(each / 10 for each in range(20))), 20, NOW, **BOUNDS) == HALF
    assert HALF < next_wait(rhythm(*(4 * each for each in range(20))), 20, NOW, **BOUNDS) < 4 * HOUR
    assert next_wait(rhythm(5000, number=1), 1, NOW, **BOUNDS) == 6 * HOUR  # dead, with one entry
    assert next_wait(rhythm(5, number=1), 1, NOW, **BOUNDS) == HALF  # nobody knows what it pushed out
    assert next_wait(Rhythm(), 0, NOW, **BOUNDS) == HALF


def test_a_feed_without_dates_is_known_by_what_came() -> None:
    assert next_wait(rhythm(came=(0,)), 10, NOW, **BOUNDS) == HALF
    assert next_wait(rhythm(came=(48,), number=10), 10, NOW, **BOUNDS) == 6 * HOUR
    assert (
        next_wait(rhythm(came=(48, *(each / 20 for each in range(30))), number=10), 10, NOW, **BOUNDS) == HALF
    )
    spread = arrivals([None, None, NOW - 400 * DAY], NOW - 4 * HOUR, NOW)
    assert spread == tuple(NOW - each * HOUR for each in (3, 2, 1))
    assert arrivals([NOW - HOUR], NOW - 4 * HOUR, NOW) == (NOW - HOUR,)
    assert arrivals([None], None, NOW) == ()


def test_old_dates_on_new_entries_do_not_make_a_feed_sleepy() -> None:
    lying = rhythm(*range(900, 920), came=(48, *(each / 20 for each in range(30))))
    assert next_wait(lying, 20, NOW, **BOUNDS) == HALF


@pytest.mark.parametrize(
    ("wish", "hours", "is_lie"),
    [
        (DAY, range(40), True),  # hourly, says daily
        (
            HOUR,
            [each * 24 * 30 for each in range(10)],
            False,
        ),  # dead, says hourly: no wish above its own wait
        (DAY, [each * 24 + part / 60 for each in range(10) for part in range(10)], False),  # ten each morning
        (HOUR, [each / 3 for each in range(60)], True),
        (7 * DAY, [each * 24 for each in range(30)], True),
        (DAY, [1, 2, 3], False),  # too little to say
        (timedelta(0), range(40), False),
    ],
)
def test_what_a_feed_says_is_held_against_its_rhythm(wish: timedelta, hours: Any, is_lie: bool) -> None:
    assert contradicted(wish, [NOW - timedelta(hours=each) for each in hours], NOW) is is_lie


def test_wishes_postpone_unless_they_are_lies() -> None:
    hourly = rhythm(*range(40), number=40)
    assert next_wait(hourly, 40, NOW, said=(DAY,), **BOUNDS) == next_wait(hourly, 40, NOW, **BOUNDS) == HALF
    daily = rhythm(*(each * 24 + part / 60 for each in range(4) for part in range(10)), number=40)
    assert next_wait(daily, 400, NOW, said=(DAY,), **BOUNDS) == 6 * HOUR
    assert next_wait(hourly, 40, NOW, fresh_for=(2 * HOUR,), **BOUNDS) == 2 * HOUR
    fast = rhythm(*(each / 10 for each in range(20)))
    assert next_wait(fast, 20, NOW, fresh_for=(DAY,), **BOUNDS) < HOUR  # or half of it were gone


@pytest.mark.parametrize(
    ("body", "period"),
    [
        (b"<sy:updatePeriod>hourly</sy:updatePeriod>", HOUR),
        (
            b"<sy:updatePeriod>\n\thourly\t</sy:updatePeriod><sy:updateFrequency>\n 2</sy:updateFrequency>",
            HALF,
        ),
        (b"<updatePeriod>daily</updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", DAY),
        (b"<sy:updatePeriod>sometimes</sy:updatePeriod>", None),
        (b"<rss>", None),
    ],
)
def test_the_syndication_module(body: bytes, period: timedelta | None) -> None:
    assert stated_period(body) == period


def test_lengths_in_the_words_of_the_configuration() -> None:
    lengths = (
        HALF,
        HOUR,
        timedelta(minutes=90),
        6 * HOUR,
        DAY,
        7 * DAY,
        timedelta(seconds=45),
        timedelta(minutes=7),
    )
    assert [in_words(each) for each in lengths] == ["30m", "1h", "90m", "6h", "1d", "1w", "45s", "7m"]
    assert proposal(rhythm(*(each / 5 for each in range(20))), 20, NOW, 6 * HOUR) == "90m"
    assert proposal(Rhythm(), 20, NOW, 6 * HOUR) == "3h"
    assert proposal(Rhythm(), 20, NOW, timedelta(minutes=1)) == "1m"


def test_the_usual_distance_grows_with_silence() -> None:
    busy = rhythm(*range(10))
    assert usual_distance(busy, NOW) == timedelta(minutes=54)
    assert (usual_distance(busy, NOW + 10 * DAY) or DAY) > 20 * HOUR


URL = "https://blog.example/feed"
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.just("2026-11-01T00:00:00"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)
NAMES = [
    "url",
    "found",
    "etag",
    "modified",
    "from",
    "at",
    "wait",
    "most",
    "seen",
    "came",
    "busiest",
    "ids",
    "emptied",
]


@given(st.dictionaries(st.sampled_from(NAMES), JSON))
def test_a_damaged_state_is_never_an_error(broken: dict[str, Any]) -> None:
    whole = stored(
        Remembered(etag="x", since=NOW, reading=reading(*dated(1, 2)), came=(NOW,), busiest={1: 2.5}), URL
    )
    memory = recalled({**whole, **broken}, URL)
    assert recalled(stored(memory, URL), URL) == memory
    assert next_wait(memory.rhythm, len(memory.reading.marks), NOW, **BOUNDS) >= HALF
    assert joined(memory.reading, reading(*dated(1, 2))) in (True, False)


def test_a_state_comes_back_as_it_was_and_another_address_forgets_it() -> None:
    memory = Remembered(
        "https://new.example/", True, '"1"', "x", NOW, HOUR, reading(*dated(1, 2)), (NOW,), {739000: 2.5}
    )
    assert recalled(stored(memory, URL), URL) == memory
    assert recalled(stored(memory, URL), URL + "2") == Remembered()


def test_what_an_operator_is_told_of_a_gap() -> None:
    before = Remembered(since=NOW - DAY, wait=6 * HOUR, reading=reading(*dated(7, 8), hours=6))
    after = Remembered(reading=reading(*dated(0.5, 1, 1.5)))
    assert missed(before, after, 6 * HOUR) == (
        "this feed is too fast for every: 6h: entries between 2026-11-02 06:00Z and 2026-11-02 10:30Z were missed; "
        "write every: 3h"
    )
    down = Remembered(wait=6 * HOUR, reading=reading(*dated(170), hours=168))
    assert missed(down, after, HALF) == (
        "this feed was not read between 2026-10-26 12:00Z and 2026-11-02 12:00Z (it did not answer, or nobody asked): "
        "entries between 2026-10-26 12:00Z and 2026-11-02 10:30Z were missed"
    )
    woken = missed(before, after, HALF)
    assert woken.startswith("this feed was quiet, then too fast for 6h: ") and woken.endswith(
        "write slowest: 3h"
    )
    late = Remembered(reading=reading(*dated(9, 10), hours=1))  # entries show up hours after their date
    assert "between 2026-11-02 02:00Z and 2026-11-02 10:30Z" in missed(late, after, HOUR)
    assert "entries before 2026-11-02 10:30Z were missed" in missed(Remembered(), after, HOUR)
