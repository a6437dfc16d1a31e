"""Listings that show the newest first: joining on, gaps, deleted anchors, pinned posts, wrong clocks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.newest import Newest, Shown
from listener.model import Post

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def just_after(at: datetime) -> datetime:
    """Where a reading was cut off, others of the same second may be missing."""
    return at + timedelta(seconds=1)


def post(name: str, at: datetime | None) -> Post:
    return Post(name, "", name, published_at=at)


def numbered(first: int, last: int) -> list[Post]:
    """Posts a minute apart, the newest first; number 5000 was written now."""
    return [post(f"n{n}", ago(5000 - n)) for n in range(last, first - 1, -1)]


@dataclass
class Site:
    """A listing as a site shows it: `most` at all, `size` a page, nothing below an anchor that is gone."""

    posts: list[Post] = field(default_factory=list)
    size: int = 10
    most: int = 1000
    asked: list[str | None] = field(default_factory=list)

    def page(self, after: str | None, count: int) -> Shown:
        self.asked.append(after)
        shown = self.posts[: self.most]
        names = [one.id for one in shown]
        if after and after not in names:
            return Shown(())
        start = names.index(after) + 1 if after else 0
        part = shown[start : start + self.size]
        return Shown(tuple(part), part[-1].id if start + self.size < len(shown) else None)


@dataclass
class Run:
    """What one reading gave."""

    posts: list[str]
    state: dict[str, Any]
    complete_since: datetime | None
    notice: str


def opened(state: Mapping[str, Any] | None = None, now: datetime = NOW, **options: Any) -> Newest:
    return Newest(json.loads(json.dumps(state or {})), ["a"], now=now, **{"limit": 1000, **options})


def run(site: Site, state: Mapping[str, Any] | None = None, now: datetime = NOW, **options: Any) -> Run:
    newest = opened(state, now, **options)
    seen = [one.id for batch in newest.read("a", site.page) for one in batch.posts]
    last = newest.last()
    return Run(seen, dict(last.state), last.complete_since, last.notice)


def names(posts: list[Post]) -> set[str]:
    return {one.id for one in posts}


def test_a_run_without_news_is_one_request() -> None:
    site = Site(numbered(1, 35))
    first = run(site)
    assert names(site.posts) == set(first.posts) and len(site.asked) == 4
    again = run(site, first.state)
    assert site.asked[4:] == [None] and again.state == first.state
    assert again.complete_since == first.complete_since == ago(4999) and again.notice == ""


def test_news_are_read_down_to_the_mark_and_not_further() -> None:
    site = Site(numbered(1, 100))
    first = run(site)
    site.posts, site.asked = numbered(1, 125), []
    second = run(site, first.state)
    assert names(numbered(101, 125)) <= set(second.posts) and len(site.asked) == 3
    assert second.complete_since == first.complete_since


def test_a_gap_is_named_once_with_its_ends() -> None:
    site = Site(numbered(4000, 4100), most=50)
    first = run(site)
    site.posts = numbered(4000, 4900)
    second = run(site, first.state, reach=45)
    assert len(second.posts) == 50 and second.complete_since == just_after(ago(149))
    assert second.notice == (
        "a: posts between 2026-10-31 21:00Z and 2026-11-01 09:31Z were missed (more than the site shows)"
    )
    assert run(site, second.state, reach=45).notice == ""


def test_a_gap_of_our_own_limit_says_so() -> None:
    site = Site(numbered(1, 50))
    first = run(site)
    site.posts = numbered(1, 200)
    assert "`limit: 30`" in run(site, first.state, limit=30).notice


def test_a_gap_survives_a_run_that_was_killed_before_its_end() -> None:
    site = Site(numbered(1, 50))
    first = run(site)
    site.posts = numbered(1, 200)
    batches = list(opened(first.state, limit=30).read("a", site.page))
    assert "were missed" in run(site, batches[-1].state).notice


def test_all_remembered_posts_were_deleted() -> None:
    site = Site(numbered(1, 400))
    first = run(site)
    site.posts, site.asked = [*numbered(401, 415), *numbered(1, 150)], []
    second = run(site, first.state, reach=900)
    assert names(numbered(401, 415)) <= set(second.posts) and len(site.asked) == 2
    assert second.complete_since == first.complete_since and second.notice == ""


def test_all_were_deleted_in_a_listing_without_instants() -> None:
    site = Site([post(f"a{n}", None) for n in range(300)])
    first = run(site)
    site.posts = [post(f"b{n}", None) for n in range(30)]
    second = run(site, first.state, reach=900)
    assert len(second.posts) == 30 and second.complete_since == first.complete_since == NOW


def test_a_pinned_post_is_no_proof_of_having_read_down() -> None:
    pinned = post("pin", ago(9000))
    site = Site([pinned, *numbered(1, 100)])
    first = run(site)
    site.posts = [pinned, *numbered(1, 135)]
    second = run(site, first.state)
    assert names(numbered(101, 135)) <= set(second.posts)
    assert second.complete_since == first.complete_since == ago(4999)


def test_a_pinned_post_promises_nothing_about_its_age() -> None:
    site = Site([post("pin", ago(9000)), *numbered(4000, 4100)], most=50)
    assert run(site, reach=45).complete_since == just_after(ago(5000 - 4052))


def test_a_post_from_the_future_hides_no_news() -> None:
    future = post("2030", NOW + timedelta(days=1000))
    site = Site([future, *numbered(1, 50)])
    first = run(site)
    site.posts = [*numbered(51, 85), *numbered(1, 50)]
    assert names(numbered(51, 85)) <= set(run(site, first.state).posts)


def test_a_clock_that_was_ahead_hides_no_news() -> None:
    site = Site([post("x", NOW + timedelta(days=3)), *numbered(1, 50)])
    first = run(site, now=NOW + timedelta(days=9))
    assert first.complete_since is not None
    site.posts = [*numbered(51, 85), *numbered(21, 50)]
    second = run(site, first.state)
    assert names(numbered(51, 85)) <= set(second.posts) and second.notice == ""


def test_a_late_post_at_its_old_place_does_not_end_the_reading() -> None:
    site = Site(numbered(1, 50))
    first = run(site)
    late = post("late", ago(4960))
    site.posts = [*numbered(56, 64), late, *numbered(51, 55), *numbered(1, 50)]
    second = run(site, first.state)
    assert {"late", *names(numbered(51, 64))} <= set(second.posts)


@pytest.mark.parametrize(("lag", "is_read"), [(0, False), (40, True)])
def test_what_a_site_shows_late_is_read_within_the_lag(lag: int, is_read: bool) -> None:
    site = Site(numbered(1, 100))
    first = run(site, lag=timedelta(minutes=lag))
    site.posts = [*numbered(66, 100), post("late", ago(4934.5)), *numbered(1, 65)]
    site.asked = []
    second = run(site, first.state, lag=timedelta(minutes=lag))
    assert ("late" in second.posts) is is_read and second.notice == ""
    assert len(site.asked) == (5 if is_read else 1)


def test_a_killed_reading_goes_on_and_then_reads_the_news() -> None:
    site = Site(numbered(1, 100))
    reading = opened().read("a", site.page)
    killed = [next(reading), next(reading)]
    site.posts, site.asked = numbered(1, 105), []
    rest = run(site, killed[-1].state)
    assert {one.id for batch in killed for one in batch.posts} | set(rest.posts) == names(site.posts)
    assert len(site.asked) == 8 + 1 and rest.complete_since == just_after(ago(4999))


def test_an_anchor_deleted_between_two_runs_never_stalls() -> None:
    site = Site(numbered(1, 100))
    killed = next(opened().read("a", site.page))
    site.posts = [one for one in site.posts if one.id != killed.posts[-1].id]
    assert set(run(site, killed.state).posts) == names(site.posts)


def test_an_anchor_deleted_between_two_pages_loses_nothing() -> None:
    site = Site(numbered(1, 100))
    first = run(site)
    site.posts = numbered(1, 160)
    newest = opened(first.state, reach=900)
    seen: list[str] = []
    for batch in newest.read("a", site.page):
        seen += [one.id for one in batch.posts]
        if len(seen) == 20:
            site.posts.remove(batch.posts[-1])
    last = newest.last()
    assert names(numbered(101, 160)) <= set(seen)
    assert (last.complete_since, last.notice) == (first.complete_since, "")


def test_anchors_that_are_always_deleted_end_in_a_gap_not_in_a_loop() -> None:
    site = Site(numbered(1, 100))
    first = run(site)
    site.posts = numbered(1, 300)
    newest = opened(first.state, reach=900)
    for batch in newest.read("a", site.page):
        site.posts.remove(batch.posts[-1])
    assert "were missed" in newest.last().notice and len(site.asked) < 30


def test_an_empty_page_at_the_end_is_the_end() -> None:
    site = Site(numbered(1, 20))

    def page(after: str | None, count: int) -> Shown:
        shown = site.page(after, count)
        return Shown(shown.posts, shown.posts[-1].id) if shown.posts else shown

    newest = opened()
    assert len(list(newest.read("a", page))) == 4
    assert newest.last().complete_since == ago(4999) and len(site.asked) == 6


def test_pages_of_adverts_only_are_gone_past_but_not_for_ever() -> None:
    shown = {None: Shown((), "1"), "1": Shown((), "2"), "2": Shown(tuple(numbered(1, 5)))}
    newest = opened()
    assert len(list(newest.read("a", lambda after, count: shown[after]))) == 1
    pages = iter(range(10**6))
    endless = opened(limit=1000)
    assert list(endless.read("a", lambda after, count: Shown((), str(next(pages))))) == []
    assert next(pages) < 20


def test_a_listing_that_goes_round_is_left() -> None:
    newest = opened()
    list(newest.read("a", lambda after, count: Shown(tuple(numbered(1, 5)), "same")))
    assert newest.last().posts == ()


def test_a_resumed_reading_whose_listing_moved_on_is_no_whole_one() -> None:
    """500 of 1,000 read, killed, 700 new: the site's end now comes at 800 posts counted."""
    site = Site(numbered(1, 500), size=100)
    first = run(site, reach=900)
    site.posts = numbered(1, 2500)
    reading = opened(first.state, reach=900).read("a", site.page)
    killed = [next(reading) for _ in range(5)][-1]
    site.posts = [*[post(f"x{n}", ago(1000 - n)) for n in range(700, 0, -1)], *numbered(1, 2500)]
    rest = run(site, killed.state, reach=900)
    assert "were missed" in rest.notice and rest.complete_since != first.complete_since


def test_a_listing_not_read_to_its_end_promises_nothing() -> None:
    newest = Newest({}, ["a", "b"], now=NOW, limit=100)
    list(newest.read("a", Site(numbered(1, 5)).page))
    assert newest.last().complete_since is None


def test_a_listing_that_never_had_a_post_is_complete_since_the_first_run() -> None:
    first = run(Site())
    assert first.complete_since == NOW
    assert run(Site(), first.state, now=ago(-60)).complete_since == NOW


@pytest.mark.parametrize(
    "state",
    [
        {"began": 3, "streams": [], "gaps": 4},
        {"began": "0001-01-01T00:00:00+14:00", "streams": {"a": {"newest": "9999-12-31T23:59:59-14:00"}}},
        {"streams": {"a": {"ids": [1, None], "since": "2300-01-01T00:00:00+00:00", "descent": []}}},
        {"streams": {"a": {"descent": {"after": "n3", "count": True}}}},
        {"streams": {"a": {"descent": {"after": "n3", "count": -1}}}},
        {"streams": {"a": {"ids": ["n50"]}}},
    ],
)
def test_damaged_state_is_as_none(state: dict[str, Any]) -> None:
    found = run(Site(numbered(1, 50)), state)
    assert names(numbered(41, 50)) <= set(found.posts)
    assert found.complete_since is not None and found.notice == ""


def test_state_of_before_is_taken_over() -> None:
    """The shape the first version wrote."""
    site = Site(numbered(1, 100))
    mark = {"newest": ago(4920).isoformat(), "ids": ["n80", "n79"], "since": ago(4999).isoformat()}
    found = run(site, {"began": ago(9000).isoformat(), "streams": {"a": mark}})
    assert len(site.asked) == 3 and found.complete_since == ago(4999)


Event = tuple[int, int, int, int]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(1, 6), st.integers(0, 30), st.integers(0, 10**6)),
        min_size=1,
        max_size=8,
    )
)
def test_whatever_happens_each_post_is_read_or_named_as_missed(events: list[Event]) -> None:
    """News, deletions and kills in any order: what is promised as complete was read."""
    site = Site(most=40)
    state: dict[str, Any] = {}
    read: set[str] = set()
    number, notices, first_since = 0, "", None
    for news, alive, deleted, seed in events:
        for _ in range(news):
            number += 1
            site.posts.insert(0, post(f"n{number}", ago(5000 - number)))
        for turn in range(deleted):
            if site.posts:
                site.posts.pop((seed + 7 * turn) % len(site.posts))
        newest = opened(state, reach=36)
        for pages, batch in enumerate(newest.read("a", site.page), 1):
            read |= {one.id for one in batch.posts}
            state = json.loads(json.dumps(batch.state))
            assert pages <= 2 * (40 // 10 + 1)
            if pages == alive:
                break
        else:
            last = newest.last()
            state, notices = dict(last.state), notices + last.notice
            since = last.complete_since
            first_since = first_since or since
            lost = [at for one in site.posts if one.id not in read and (at := one.published_at)]
            assert since and first_since and max(lost, default=since) <= since
            assert notices or max(lost, default=since) <= first_since
