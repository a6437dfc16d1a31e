"""A forum's JSON: the newest posts of all threads in one answer, and what happens where it is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.engines.discourse import latest_address
from collectors.forum_pages import Pages
from collectors.http import HttpClient
from collectors.progress import Progress
from tests.board import SOURCE, Forum, Reader
from tests.discourse import Discourse, answer
from tests.histories import Step, change, histories
from tests.world import Reply, Request, World, html

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
HALF = timedelta(minutes=30)


@pytest.fixture
def discourse() -> Iterator[Discourse]:
    forum = Discourse(NOW)
    with forum.world:
        yield forum


def filled(forum: Forum, count: int, step: timedelta = 5 * HOUR) -> None:
    for number in range(count):
        forum.thread(at=NOW - (count - number) * step)


# The newest posts of all threads


def test_news_of_a_discourse_are_one_answer(discourse: Discourse) -> None:
    filled(discourse, 12, 2 * DAY)
    long = discourse.thread(posts=45, at=NOW - 30 * DAY)
    reader = Reader(discourse)
    assert reader.run()[:2] == ["/", "/latest.json"] and reader.posts == discourse.ids()
    discourse.now += HALF
    fresh = discourse.thread()
    name = discourse.reply(long)
    assert reader.run() == ["/posts.json"]
    post = reader.last[str(name)]
    assert {str(name), *(str(post) for post, _ in fresh.posts)} <= reader.posts
    reader.state = reader.state | {"latest": None}
    assert reader.run() == ["/latest.json"], "what was told is no news to the listing"
    discourse.now += 40 * DAY
    discourse.thread()
    reader.options["pages"] = 50
    reader.run()
    assert (reader.last[str(name)].id, reader.last[str(name)].url) == (post.id, post.url)


def test_newest_posts_are_followed_back_to_the_last_run(discourse: Discourse) -> None:
    filled(discourse, 12, 2 * DAY)
    reader = Reader(discourse)
    reader.run()
    discourse.now += HOUR
    for number in range(120):
        discourse.reply(discourse.threads[number % 12 + 1])
    asked = reader.run()
    assert [path.partition("?")[0] for path in asked] == [
        "/posts.json"
    ] * 3 and reader.posts == discourse.ids()


@pytest.mark.parametrize("kill_after", [1, 2, 3, 7, None])
def test_a_gap_that_newest_posts_do_not_close_is_closed_by_the_listing(
    discourse: Discourse, kill_after: int | None
) -> None:
    filled(discourse, 12, 2 * DAY)
    reader = Reader(discourse)
    reader.run()
    discourse.now += DAY / 2
    for number in range(320):
        discourse.reply(discourse.threads[number % 12 + 1])
    reader.run(kill_after=kill_after)
    for _ in range(5):
        reader.run()
    assert reader.posts == discourse.ids()


def test_listings_are_read_once_a_day_all_the_same(discourse: Discourse) -> None:
    filled(discourse, 12, 2 * DAY)
    reader = Reader(discourse)
    reader.run()
    asked = []
    for _ in range(30):
        discourse.now += HOUR
        asked.append("/latest.json" in reader.run())
    assert [number for number, found in enumerate(asked, 1) if found] == [24]


@pytest.mark.parametrize(
    "reply", [Reply(status=403), html("<html>log in</html>"), answer({"latest_posts": []})]
)
def test_newest_posts_that_are_refused_are_not_asked_for_again_before_tomorrow(
    discourse: Discourse, reply: Reply
) -> None:
    filled(discourse, 12, 2 * DAY)
    reader = Reader(discourse)
    reader.run()
    discourse.world.routes["/posts.json"] = reply
    asked = []
    for _ in range(3):
        discourse.now += HALF
        name = discourse.reply(discourse.threads[3])
        asked.append(reader.run())
        assert str(name) in reader.posts
    assert [path[0] for path in asked] == ["/posts.json", "/latest.json", "/latest.json"]


def test_the_past_is_read_by_listings_before_newest_posts_may_do(discourse: Discourse) -> None:
    filled(discourse, 60, 8 * HOUR)
    reader = Reader(discourse, pages=10)
    for _ in range(20):
        discourse.reply(discourse.threads[1])
        discourse.reply(discourse.threads[7])
        reader.run()
        discourse.now += HALF
    assert discourse.ids() == reader.posts
    assert "/latest.json" not in reader.run()


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://d.example", "https://d.example/posts.json"),
        ("https://d.example/forum/latest", "https://d.example/forum/posts.json"),
        ("https://d.example/c/werkzeug/5", None),
        ("https://d.example/t/titel/5", None),
        ("https://d.example/search?q=bohrer", None),
    ],
)
def test_where_a_discourse_tells_its_newest_posts(url: str, found: str | None) -> None:
    assert latest_address(url) == found


def test_a_post_that_is_told_no_more_is_looked_for(discourse: Discourse) -> None:
    filled(discourse, 12, 2 * DAY)
    thread = discourse.thread(posts=5, at=NOW - DAY)
    reader = Reader(discourse)
    reader.run()
    discourse.now += HALF
    assert "/t/13.json" not in reader.run()
    del thread.posts[3]
    asked = []
    for _ in range(3):
        discourse.now += HALF
        asked.append("/t/13.json" in reader.run())
    assert asked == [True, True, False], "what is missing is asked for twice"


@settings(max_examples=10, deadline=None)
@given(st.integers(5, 9), histories(), st.integers(0, 40))
def test_whatever_happens_to_a_discourse_no_post_is_lost(pages: int, steps: list[Step], start: int) -> None:
    forum = Discourse(NOW)
    for number in range(start):
        forum.thread(posts=1 + number % 3 * 6, at=NOW - number * timedelta(hours=7))
    with forum.world:
        reader = Reader(forum, pages=pages)
        for what, number in steps:
            forum.now += HOUR
            if what == "run":
                reader.run(kill_after=number)
            else:
                change(forum, what, number)
        for _ in range(40):
            forum.now += timedelta(minutes=5)
            reader.run()
        assert forum.ids(forum.now - 90 * DAY) <= reader.posts
        assert reader.complete_since == forum.now - 90 * DAY


# JSON that guests may not read


def preloaded(name: str, value: Any) -> Reply:
    stores = json.dumps({name: json.dumps(value)}).replace("&", "&amp;").replace('"', "&quot;")
    return html(
        f'<html><meta name="generator" content="Discourse 3"><div id="data-preloaded" data-preloaded="{stores}"></div></html>'
    )


@pytest.mark.parametrize("reply", [Reply(status=403), Reply(status=404), html("<html>please log in</html>")])
def test_the_page_is_read_where_its_json_is_refused(discourse: Discourse, reply: Reply) -> None:
    discourse.thread()
    rows = discourse._latest(Request("/latest.json", {}))
    discourse.world.routes["/"] = preloaded("topic_list", json.loads(rows.body))
    discourse.world.routes["/latest.json"] = reply
    reader = Reader(discourse)
    asked = reader.run()
    assert asked[:2] == ["/", "/latest.json"] and reader.posts == discourse.ids()
    assert reader.state["plain"] is True
    discourse.now += HALF
    assert "/latest.json" not in reader.run(), "what was refused is not asked for again"


def test_a_json_that_is_refused_later(discourse: Discourse) -> None:
    discourse.thread()
    reader = Reader(discourse)
    reader.run()
    rows = discourse._latest(Request("/latest.json", {}))
    discourse.world.routes["/"] = preloaded("topic_list", json.loads(rows.body))
    discourse.world.routes["/latest.json"] = discourse.world.routes["/posts.json"] = Reply(status=401)
    reader.state = reader.state | {"latest": None}
    assert reader.run()[:2] == ["/latest.json", "/"] and reader.state["plain"] is True


def test_a_thread_s_page_is_read_where_only_its_json_is_refused(discourse: Discourse) -> None:
    filled(discourse, 2)
    topics = {number: json.loads(discourse._any(Request(f"/t/{number}.json", {})).body) for number in (1, 2)}
    for number, topic in topics.items():
        discourse.world.routes[f"/t/{number}.json"] = Reply(status=403)
        discourse.world.routes[f"/t/thema/{number}"] = preloaded(f"topic_{number}", topic)
    reader = Reader(discourse)
    assert reader.run() == ["/", "/latest.json", "/t/2.json", "/t/2.json", "/t/thema/2", "/t/thema/1"]
    assert reader.posts == discourse.ids() and reader.state["plain"] is True


def test_engines_that_know_their_pages_better_are_asked_first() -> None:
    pages = Pages(SOURCE, HttpClient(contact="x", now=lambda: NOW), 5, Progress(engine="misago"))
    assert pages.nth_page("https://m.example/t/akku/5/2/", 2, 3) == "https://m.example/t/akku/5/3/"
    assert pages.nth_page("https://m.example/t/akku/5/", 1, 3) == "https://m.example/t/akku/5/3/"
    assert (
        Pages(SOURCE, HttpClient(contact="x", now=lambda: NOW), 5, Progress()).nth_page("/a/5/", 1, 3) is None
    )


def test_a_page_of_moderators_notes_only_does_not_end_a_thread() -> None:
    stream = list(range(1, 50))

    def page(request: Request) -> Reply:
        number = int(request.query.get("page", "1"))
        ids = stream[(number - 1) * 20 : number * 20]
        posts = [
            {"id": one, "post_number": one, "topic_id": 5, "username": "eva", "cooked": f"<p>Post {one}</p>"}
            | {"created_at": (NOW - (60 - one) * HOUR).isoformat(), "post_type": 3 if number == 2 else 1}
            for one in ids
        ]
        answer = {"id": 5, "title": "Akku", "slug": "akku", "post_stream": {"posts": posts, "stream": stream}}
        return Reply(json.dumps(answer).encode(), headers={"content-type": "application/json"})

    with World({"/t/5.json": page}) as world:
        forum = Forum(NOW)
        forum.world = world
        reader = Reader(forum, url=world.url + "/t/5.json")
        reader.run()
        reader.run()
    assert reader.posts == {str(one) for one in [*range(1, 21), *range(41, 50)]}
