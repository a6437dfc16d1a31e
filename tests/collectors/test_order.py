"""The order of posts on a page puts right what midnight or a doubled hour made wrong, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.dates import instant
from collectors.order import put_right
from collectors.reading import Topic, read
from listener.model import Post, Precision
from tests.pages import goldens, name_of, page_of, recorded

AT = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)  # 00:30 on the 24th in Berlin


def topic(*instants: datetime | None, ids: list[int] | None = None, precision: Precision = "minute") -> Topic:
    numbers = ids or list(range(1, len(instants) + 1))
    return Topic(
        tuple(
            Post(str(n), f"https://f.example/{n}", "x", published_at=at, date_precision=precision)
            for n, at in zip(numbers, instants, strict=True)
        )
    )


def written(*texts: str, zone: str = "UTC", at: datetime = AT) -> Topic:
    return topic(*(instant(text, at, ZoneInfo(zone))[0] for text in texts))


def shown(found: Topic) -> list[str]:
    return [post.published_at.strftime("%d. %H:%M") if post.published_at else "-" for post in found.posts]


def test_today_and_yesterday_of_another_midnight() -> None:
    page = written("22.11.2026, 15:00", "Gestern, 08:00", "Gestern, 22:50", "Heute, 00:10")
    assert shown(page) == ["22. 15:00", "22. 08:00", "22. 22:50", "23. 00:10"]
    assert shown(put_right(page, AT)) == ["22. 15:00", "23. 08:00", "23. 22:50", "24. 00:10"]


def test_the_hour_that_comes_twice() -> None:
    at = datetime(2026, 10, 26, 12, tzinfo=UTC)
    page = written("25.10.2026, 02:50", "25.10.2026, 02:10", "25.10.2026, 02:30", "25.10.2026, 03:05",
                   zone="Europe/Berlin", at=at)  # fmt: skip
    assert shown(page) == ["25. 00:50", "25. 00:10", "25. 00:30", "25. 02:05"]
    assert shown(put_right(page, at)) == ["25. 00:50", "25. 01:10", "25. 01:30", "25. 02:05"]
    autumn = datetime(2026, 11, 2, 12, tzinfo=UTC)
    page = written("1 Nov 2026 01:50", "1 Nov 2026 01:10", zone="America/Chicago", at=autumn)
    assert shown(put_right(page, autumn)) == ["01. 06:50", "01. 07:10"]


def test_what_order_does_not_explain_stays_as_it_is() -> None:
    long_ago = written("22.11.2020, 15:00", "21.11.2020, 20:00", "23.11.2020, 10:00")
    assert put_right(long_ago, AT) is long_ago  # a merged thread, not "Gestern"
    too_far = written("22.11.2026, 15:00", "20.11.2026, 08:00")
    assert put_right(too_far, AT) is too_far
    one_of_two = written("22.11.2026, 15:00", "22.11.2026, 08:00", "01.01.2020, 08:00")
    assert put_right(one_of_two, AT) is one_of_two


def test_only_pages_in_the_order_of_their_ids_and_without_seconds() -> None:
    late, early = AT - timedelta(hours=20), AT - timedelta(hours=30)
    assert put_right(page := topic(late, early, ids=[2, 1]), AT) is page
    assert put_right(page := topic(late, early, precision="second"), AT) is page
    assert put_right(page := topic(late, early, precision="day"), AT) is page
    assert shown(put_right(topic(late, None, early), AT)) == ["23. 03:30", "-", "23. 17:30"]


@pytest.mark.parametrize(
    "gold", [gold for gold in goldens() if '"topic"' in gold.read_text("utf-8")], ids=name_of
)
def test_pages_that_are_read_well_stay_as_they_are(gold: Path) -> None:
    page, _ = page_of(gold)
    topic = read(page)
    assert put_right(topic, page.at) is topic


def test_recorded_pages_stay_as_they_are(shared: Path) -> None:
    for path, page in recorded(shared):
        if path.with_name(path.name + ".gold.json").is_file():
            topic = read(page)
            assert put_right(topic, page.at) is topic, path


@given(st.lists(st.integers(0, 10**6), max_size=8), st.booleans())
def test_rising_instants_never_change_and_others_rise_or_stay(minutes: list[int], rising: bool) -> None:
    chosen = sorted(minutes) if rising else minutes
    page = topic(*(AT - timedelta(minutes=10**6) + timedelta(minutes=one) for one in chosen))
    found = put_right(page, AT)
    instants = [post.published_at for post in found.posts if post.published_at]
    assert found is page or (not rising and instants == sorted(instants))
    assert [post.id for post in found.posts] == [post.id for post in page.posts]
