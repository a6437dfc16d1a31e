"""The forum collector against a forum on loopback: what it reads, how little it asks for, what it survives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.engines.discourse import data_address
from collectors.paging import nth_page
from collectors.progress import has_news, instant, seconds
from collectors.reading import ThreadRow
from listener.errors import AccessError, CollectError, ConfigError, ParseError, TransientError
from tests.board import Forum, Reader, Thread
from tests.histories import change, histories
from tests.world import Reply, World, html

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def forum() -> Iterator[Forum]:
    forum = Forum(NOW)
    with forum.world:
        yield forum


def filled(forum: Forum, count: int, step: timedelta = timedelta(hours=5)) -> list[Thread]:
    return [forum.thread(at=NOW - (count - number) * step) for number in range(count)]


def test_the_first_run_reads_everything(forum: Forum) -> None:
    filled(forum, 6)
    long = forum.thread(posts=14, at=NOW - DAY)
    reader = Reader(forum)
    reader.run()
    assert reader.posts == forum.ids()
    assert reader.complete_since == NOW - 90 * DAY
    post = next(post for batch in reader.batches for post in batch.posts if post.thread_id == str(long.id))
    assert (post.title, post.author, post.published_at) == (long.title, "heidi", long.posts[10][1])


def test_a_run_without_news_asks_for_one_page_and_stores_nothing(forum: Forum) -> None:
    filled(forum, 60)
    reader = Reader(forum)
    reader.until_quiet()
    state = reader.state
    assert reader.run() == ["/viewforum.php?f=3"]
    assert [batch.posts for batch in reader.batches] == [()]
    assert reader.state == state and reader.complete_since == NOW - 90 * DAY


def test_a_reply_to_an_old_thread_is_found_on_its_last_page(forum: Forum) -> None:
    old = forum.thread(posts=34, at=NOW - 40 * DAY)
    filled(forum, 30)
    reader = Reader(forum)
    reader.until_quiet()
    forum.now += timedelta(hours=1)
    name = forum.reply(old)
    assert reader.run() == ["/viewforum.php?f=3", f"/viewtopic.php?t={old.id}&start=30"]
    assert str(name) in reader.posts


def test_a_reply_to_a_thread_older_than_the_window(forum: Forum) -> None:
    old = forum.thread(posts=50, at=NOW - 400 * DAY)
    reader = Reader(forum)
    reader.run()
    assert len(reader.posts) == 0
    forum.now += timedelta(hours=1)
    name = forum.reply(old)
    asked = reader.run()
    assert str(name) in reader.posts and len(asked) == 3, (
        "the last page, and one more to see the window's start"
    )


def test_a_long_thread_is_read_from_where_the_window_starts(forum: Forum) -> None:
    thread = forum.thread(posts=200, at=NOW)
    reader = Reader(forum, backfill=30 * DAY)
    asked = reader.run()
    assert forum.ids(NOW - 30 * DAY) <= reader.posts
    assert len(asked) <= 6 and asked[1] == f"/viewtopic.php?t={thread.id}&start=190"


def test_a_board_of_200_pages_is_read_in_bites(forum: Forum) -> None:
    for number in range(200 * 25 // 10):
        forum.thread(at=NOW - number * timedelta(hours=3))
    reader = Reader(forum, pages=100)
    asked = [len(reader.run()) for _ in range(9)]
    assert max(asked) <= 101 and reader.posts == forum.ids(NOW - 90 * DAY) | set(reader.posts)
    assert forum.ids(NOW - 60 * DAY) <= reader.posts
    assert reader.run() == ["/viewforum.php?f=3"]


def test_the_past_goes_on_newest_first_and_news_come_before_it(forum: Forum) -> None:
    threads = filled(forum, 100)
    reader = Reader(forum, pages=10)
    reader.run()
    newest = {str(post) for thread in threads[-10:] for post, _ in thread.posts}
    assert reader.posts == newest
    assert reader.complete_since is not None and reader.complete_since >= threads[-11].last_at
    forum.now += timedelta(hours=1)
    name = forum.reply(threads[50])
    asked = reader.run()
    assert asked[1] == f"/viewtopic.php?t={threads[50].id}" and str(name) in reader.posts
    assert reader.complete_since == threads[-20].last_at
    reader.until_quiet()
    assert reader.posts == forum.ids() and reader.complete_since == forum.now - 90 * DAY


def test_news_of_many_pages_are_read_although_the_budget_is_small(forum: Forum) -> None:
    filled(forum, 5)
    reader = Reader(forum, pages=12)
    reader.until_quiet()
    forum.now += 30 * DAY
    for number in range(90):
        forum.thread(at=forum.now - number * timedelta(hours=2))
    reader.until_quiet()
    assert reader.posts == forum.ids()


@pytest.mark.parametrize("kill_after", [0, 1, 3, 7])
def test_killed_runs_end_with_the_same_posts(forum: Forum, kill_after: int) -> None:
    filled(forum, 40)
    forum.thread(posts=45, at=NOW - DAY)
    killed, calm = Reader(forum), Reader(forum)
    calm.until_quiet()
    for _ in range(6):
        killed.run(kill_after=kill_after)
    killed.until_quiet()
    assert killed.posts == calm.posts == forum.ids()


def test_a_kill_among_news_on_the_second_page_loses_nothing(forum: Forum) -> None:
    filled(forum, 80, timedelta(hours=1))
    reader = Reader(forum, pages=200)
    reader.until_quiet()
    forum.now += DAY
    for thread in list(forum.threads.values())[:60]:
        forum.now += timedelta(minutes=5)
        forum.reply(thread)
    reader.run(kill_after=35)
    assert reader.posts != forum.ids()
    reader.until_quiet()
    assert reader.posts == forum.ids()


def test_deleted_threads_and_posts_do_no_harm(forum: Forum) -> None:
    threads = filled(forum, 5)
    long = forum.thread(posts=25, at=NOW)
    reader = Reader(forum)
    reader.until_quiet()
    forum.now += DAY
    del threads[0].posts[:], forum.threads[threads[1].id]
    name = forum.reply(long)
    del long.posts[2:9]
    reader.until_quiet()
    assert str(name) in reader.posts


def test_a_thread_that_vanishes_between_listing_and_reading(forum: Forum) -> None:
    filled(forum, 3)
    listing = forum.world.routes["/viewforum.php"]
    reader = Reader(forum)
    assert callable(listing)

    def then_delete(request: Any) -> Any:
        answer = listing(request)
        forum.threads.pop(2, None)
        return answer

    forum.world.routes["/viewforum.php"] = then_delete
    reader.run()
    assert reader.posts == {"1", "3"} and reader.complete_since is not None


def test_posts_that_moved_to_an_earlier_page_are_found(forum: Forum) -> None:
    thread = forum.thread(posts=41, at=NOW)
    reader = Reader(forum)
    reader.until_quiet()
    forum.now += DAY
    del thread.posts[5:12]
    names = {str(forum.reply(thread, forum.now - timedelta(minutes=number))) for number in range(8, 0, -1)}
    reader.run()
    assert names <= reader.posts


def test_sticky_threads_do_not_break_the_order(forum: Forum) -> None:
    for number in range(3):
        forum.thread(at=NOW - (200 + number) * DAY, sticky=True)
    announcement = forum.thread(at=NOW - 50 * DAY, sticky=True)
    filled(forum, 60)
    reader = Reader(forum, pages=10)
    reader.until_quiet()
    assert reader.posts == forum.ids(NOW - 90 * DAY)
    forum.now += timedelta(hours=1)
    name = forum.reply(announcement)
    assert reader.run()[:2] == ["/viewforum.php?f=3", f"/viewtopic.php?t={announcement.id}"]
    assert str(name) in reader.posts


def test_an_instant_in_the_future_does_not_stop_the_reading(forum: Forum) -> None:
    odd = forum.thread(at=NOW + 3000 * DAY)
    threads = filled(forum, 3)
    reader = Reader(forum)
    reader.run()
    assert reader.run() == ["/viewforum.php?f=3"]
    forum.now += DAY
    names = {str(forum.reply(threads[0])), str(forum.reply(odd))}
    reader.run()
    assert names <= reader.posts
    assert reader.run() == ["/viewforum.php?f=3"]


def test_a_whole_forum_is_read_board_by_board(forum: Forum) -> None:
    forum.forums[4] = "Garten"
    forum.forums[5] = "leer"
    filled(forum, 8)
    for number in range(8):
        forum.thread(at=NOW - number * DAY, forum=4)
    reader = Reader(forum, url=forum.world.url + "/")
    reader.until_quiet()
    assert reader.posts == forum.ids()
    assert reader.run() == ["/", *(f"/viewforum.php?f={number}" for number in (3, 4, 5))]
    assert reader.complete_since == NOW - 90 * DAY


def test_a_thread_as_the_source(forum: Forum) -> None:
    thread = forum.thread(posts=65, at=NOW)
    forum.thread()
    reader = Reader(forum, url=f"{forum.world.url}/viewtopic.php?t={thread.id}", pages=5)
    reader.run()
    reader.run()
    assert reader.posts == {str(name) for name, _ in thread.posts}
    forum.now += DAY
    name = forum.reply(thread)
    assert reader.run() == [f"/viewtopic.php?t={thread.id}&start=60"]
    assert str(name) in reader.posts and reader.complete_since == forum.now - 90 * DAY


def test_a_longer_window_reads_further_back(forum: Forum) -> None:
    filled(forum, 40, 4 * DAY)
    reader = Reader(forum, backfill=20 * DAY)
    reader.until_quiet()
    assert len(reader.posts) < 10
    reader.options["backfill"] = 100 * DAY
    reader.until_quiet()
    assert forum.ids(NOW - 100 * DAY) <= reader.posts


def test_another_address_starts_anew(forum: Forum) -> None:
    thread = forum.thread()
    forum.thread(forum=4)
    reader = Reader(forum, url=f"{forum.world.url}/viewtopic.php?t={thread.id}")
    reader.run()
    reader.url = f"{forum.world.url}/viewforum.php?f=4"
    reader.run()
    assert reader.posts == forum.ids()


def test_state_forgets_threads_that_left_the_window(forum: Forum) -> None:
    filled(forum, 20)
    reader = Reader(forum)
    reader.until_quiet()
    assert len(reader.state["threads"]) == 20
    forum.now += 100 * DAY
    forum.thread()
    reader.until_quiet()
    assert len(reader.state["threads"]) == 1


def test_a_broken_thread_is_named_and_the_others_are_read(forum: Forum) -> None:
    filled(forum, 4)
    forum.world.routes["/viewtopic.php?t=3"] = html(
        "<body id='phpbb' class='section-viewtopic'>viewtopic</body>"
    )
    reader = Reader(forum)
    for _ in range(3):
        with pytest.raises(ParseError) as caught:
            reader.run()
        assert caught.value.source == "werkstatt" and "t=3" in caught.value.url
    assert reader.posts == {"1", "2", "4"}
    assert reader.run() == ["/viewforum.php?f=3"], "after three runs it is left alone until its row changes"


def test_an_outage_of_some_hours_loses_no_thread(forum: Forum) -> None:
    filled(forum, 4)
    forum.world.routes["/viewtopic.php?t=3"] = html("busy", 500)
    reader = Reader(forum)
    for _ in range(5):
        with pytest.raises(TransientError):
            reader.run()
        forum.now += HOUR
    del forum.world.routes["/viewtopic.php?t=3"]
    reader.run()
    assert reader.posts == {"1", "2", "3", "4"}


def test_a_thread_that_fails_for_a_day_is_left_alone(forum: Forum) -> None:
    filled(forum, 4)
    forum.world.routes["/viewtopic.php?t=3"] = html("busy", 500)
    reader = Reader(forum)
    for _ in range(3):
        with pytest.raises(TransientError):
            reader.run()
        forum.now += 13 * HOUR
    asked = reader.run()
    assert "/viewtopic.php?t=3" not in asked


def test_many_broken_threads_end_the_run(forum: Forum) -> None:
    filled(forum, 20)
    forum.world.routes["/viewtopic.php"] = html("<body id='phpbb' class='section-viewtopic'>viewtopic</body>")
    reader = Reader(forum)
    with pytest.raises(ParseError):
        reader.run()
    assert len(forum.world.paths) == 5 and reader.posts == set()


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(status=500), TransientError),
        (Reply(status=429, headers={"retry-after": "60"}), TransientError),
        (Reply(status=403), AccessError),
        (Reply(status=404), AccessError),
        (html("<html><head><title>Blog</title></head><body><p>Hallo Welt</p></body></html>"), ParseError),
        (html(""), CollectError),
        (Reply(b'{"a": 1}', headers={"content-type": "application/json"}), ParseError),
    ],
)
def test_a_board_that_does_not_answer_as_one(reply: Reply, kind: type[CollectError], forum: Forum) -> None:
    filled(forum, 2)
    reader = Reader(forum)
    reader.run()
    state = reader.state
    forum.world.routes["/viewforum.php"] = reply
    with pytest.raises(kind) as caught:
        reader.run()
    assert caught.value.source == "werkstatt" and reader.state == state


def test_a_host_that_asks_to_wait_in_the_middle_keeps_what_was_read(forum: Forum) -> None:
    filled(forum, 5)
    forum.world.routes["/viewtopic.php?t=3"] = Reply(status=429, headers={"retry-after": "60"})
    reader = Reader(forum)
    with pytest.raises(TransientError) as caught:
        reader.run()
    assert caught.value.retry_after == timedelta(minutes=1) and reader.posts == {"5", "4"}
    del forum.world.routes["/viewtopic.php?t=3"]
    reader.until_quiet()
    assert reader.posts == forum.ids()


def test_pages_that_lead_in_a_circle_end(forum: Forum) -> None:
    thread = forum.thread(posts=15)
    page = forum._topic
    back = f'<li class="arrow next"><a rel="next" href="./viewtopic.php?t={thread.id}&amp;start=0">x</a></li>'

    def circle(request: Any) -> Reply:
        answer = page(request)
        body = answer.body.decode()
        return replace(
            answer, body=(body if "next" in body else body.replace("</ul>", back + "</ul>")).encode()
        )

    forum.world.routes["/viewtopic.php"] = circle
    reader = Reader(forum, url=f"{forum.world.url}/viewtopic.php?t={thread.id}")
    reader.run()
    assert reader.posts == forum.ids() and len(forum.world.paths) < 6


@pytest.mark.parametrize("options", [{"pages": 4}, {"backfill": -DAY}])
def test_wrong_options_are_a_config_error(forum: Forum, options: Mapping[str, Any]) -> None:
    with pytest.raises(ConfigError):
        Reader(forum, **options).run()


def test_a_conditional_request_spares_the_page(forum: Forum) -> None:
    filled(forum, 3)
    page = forum._listing

    def conditional(request: Any) -> Reply:
        answer = page(request)
        tag = f'"{hash(answer.body)}"'
        same = request.headers.get("if-none-match") == tag
        return Reply(status=304) if same else replace(answer, headers={**answer.headers, "etag": tag})

    forum.world.routes["/viewforum.php"] = conditional
    reader = Reader(forum)
    reader.run()
    reader.run()
    assert "if-none-match" in forum.world.log[-1].headers and reader.complete_since == NOW - 90 * DAY
    forum.now += DAY
    forum.reply(forum.threads[1])
    reader.run()
    assert reader.posts == forum.ids()


@settings(max_examples=20, deadline=None)
@given(st.integers(5, 9), histories(), st.integers(0, 70))
def test_whatever_happens_no_post_is_lost(pages: int, steps: list[tuple[str, int]], start: int) -> None:
    forum = Forum(NOW)
    for number in range(start):
        forum.thread(posts=1 + number % 3 * 6, at=NOW - number * timedelta(hours=7))
    with forum.world:
        reader = Reader(forum, pages=pages)
        for what, number in steps:
            forum.now += timedelta(hours=1)
            if what == "run":
                reader.run(kill_after=number)
            else:
                change(forum, what, number)
        forum.now += timedelta(hours=1)
        reader.until_quiet(400)
        reader.run()
        assert forum.ids(forum.now - 90 * DAY) <= reader.posts
        assert reader.complete_since == forum.now - 90 * DAY


def row(at: datetime | None, replies: int | None) -> ThreadRow:
    return ThreadRow("1", "https://x.example/1", "", at, replies)


@pytest.mark.parametrize(
    ("seen", "shown", "news"),
    [
        ((NOW, 3), (NOW, 3), False),
        ((NOW, 3), (NOW + DAY, 4), True),
        ((NOW, 3), (NOW + DAY, 3), True),
        ((NOW, 3), (NOW, 4), True),
        ((NOW, 3), (NOW - DAY, 2), False),
        ((NOW, 3), (NOW - DAY, 9), False),
        ((NOW, 3), (NOW + timedelta(seconds=50), 3), False),
        ((NOW, 2000), (NOW + timedelta(seconds=50), 2000), True),
        ((NOW, None), (NOW + timedelta(seconds=1), None), True),
        ((None, 3), (None, 4), True),
        ((None, 3), (None, 3), False),
        ((NOW + 99 * DAY, 3), (NOW + 99 * DAY, 3), False),
        ((NOW + 99 * DAY, 3), (NOW, 3), True),
    ],
)
def test_what_counts_as_news(seen: Any, shown: Any, news: bool) -> None:
    entry = [seconds(seen[0]), seen[1], "", "", None, None, "", 0]
    assert has_news(entry, row(*shown), int(NOW.timestamp())) is news
    assert has_news(None, row(*shown), int(NOW.timestamp()))
    assert instant(int(NOW.timestamp())) == NOW


@pytest.mark.parametrize(
    ("url", "known", "wanted", "found"),
    [
        ("https://x/viewtopic.php?t=4&start=30", 4, 2, "https://x/viewtopic.php?t=4&start=10"),
        ("https://x/viewtopic.php?t=4&start=30", 4, 1, "https://x/viewtopic.php?t=4&start=0"),
        ("https://x/threads/a.9/page-7#post-3", 7, 6, "https://x/threads/a.9/page-6"),
        ("https://x/t/9.json?page=3", 3, 2, "https://x/t/9.json?page=2"),
        ("https://x/viewtopic.php?p=77#p77", 4, 2, None),
        ("https://x/viewtopic.php?t=4&start=31", 4, 2, None),
        ("https://x/threads/page-7/", 3, 2, None),
    ],
)
def test_addresses_of_pages(url: str, known: int, wanted: int, found: str | None) -> None:
    assert nth_page(url, known, wanted) == found


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://d.example", "https://d.example/latest.json"),
        ("https://d.example/", "https://d.example/latest.json"),
        ("https://d.example/forum/latest", "https://d.example/forum/latest.json"),
        ("https://d.example/c/werkzeug/5", "https://d.example/c/werkzeug/5.json"),
        ("https://d.example/c/werkzeug/akku/7/l/latest", "https://d.example/c/werkzeug/akku/7.json"),
        ("https://d.example/t/ein-titel/77/12", "https://d.example/t/77.json"),
        ("https://d.example/t/77", "https://d.example/t/77.json"),
        ("https://d.example/t/77.json?page=2", "https://d.example/t/77.json?page=2"),
    ],
)
def test_the_json_twins_of_discourse_pages(url: str, found: str) -> None:
    assert data_address(url) == found


XF_ROW = """<div class="structItem structItem--thread js-threadListItem-{id}"><div class="structItem-title">
<a href="/threads/akku.{id}/">Akku {id}</a></div><div class="structItem-cell--meta"><dl><dt>Antworten:</dt>
<dd>{replies}</dd></dl></div><div class="structItem-cell--latest"><time class="structItem-latestDate"
datetime="{at}">x</time></div></div>"""
XF_POST = """<article class="message message--post" data-author="Ida" data-content="post-{id}">
<div class="message-attribution"><time datetime="{at}">x</time></div>
<div class="message-body"><div class="bbWrapper">Der Akku hält.</div></div></article>"""
XF_PAGE = '<html id="XF" data-app="public" data-template="{template}" {key}><body>{body}</body></html>'


def test_a_xenforo_board_is_read() -> None:
    stamp = NOW.isoformat()
    listing = XF_PAGE.format(template="forum_view", key="", body=XF_ROW.format(id=9, replies=0, at=stamp))
    topic = XF_PAGE.format(
        template="thread_view", key='data-content-key="thread-9"', body=XF_POST.format(id=70, at=stamp)
    )
    with World({"/forums/akku.2/": html(listing), "/threads/akku.9/": html(topic)}) as world:
        forum = Forum(NOW)
        forum.world = world
        reader = Reader(forum, url=world.url + "/forums/akku.2/")
        assert reader.run() == ["/forums/akku.2/", "/threads/akku.9/"]
        assert reader.posts == {"70"} and reader.run() == ["/forums/akku.2/"]
