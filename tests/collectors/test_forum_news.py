"""What the forum collector sees beside new posts: edits, deletions, other orders, newest posts, refused JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collectors.forum_pages import says_gone
from collectors.forum_words import progress_words
from collectors.http import GoneError
from collectors.progress import has_less, is_in_order, load, seconds
from collectors.reading import Listing, ThreadRow
from listener.errors import ParseError
from listener.model import ThreadPage
from tests.board import Forum, Reader
from tests.world import Reply, html

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
HALF = timedelta(minutes=30)
BOARD = "/viewforum.php?f=3"


@pytest.fixture
def forum() -> Iterator[Forum]:
    forum = Forum(NOW)
    with forum.world:
        yield forum


def filled(forum: Forum, count: int, step: timedelta = 5 * HOUR) -> None:
    for number in range(count):
        forum.thread(at=NOW - (count - number) * step)


def parts(reader: Reader) -> list[ThreadPage]:
    return [batch.thread_page for batch in reader.batches if batch.thread_page is not None]


# Looking again


def test_few_threads_are_all_looked_at_in_every_run(forum: Forum) -> None:
    filled(forum, 9)
    long = forum.thread(posts=25, at=NOW)
    reader = Reader(forum)
    reader.until_quiet()
    forum.now += HALF
    forum.texts[long.posts[-1][0]] = "Nachtrag: er hält doch nicht."
    asked = reader.run()
    assert len(asked) == 11 and f"/viewtopic.php?t={long.id}&start=20" in asked
    assert reader.last[str(long.posts[-1][0])].text == "Nachtrag: er hält doch nicht."


def test_looks_double_their_distance(forum: Forum) -> None:
    filled(forum, 12, 30 * DAY / 12)
    young = forum.thread(at=NOW)
    reader = Reader(forum)
    reader.until_quiet()
    looked = []
    for number in range(1, 50):
        forum.now += HALF
        if f"/viewtopic.php?t={young.id}" in reader.run():
            looked.append(number)
    assert looked == [1, 2, 4, 8, 16, 32]


def test_a_run_without_news_looks_at_two_threads_the_longest_overdue_first(forum: Forum) -> None:
    for number in range(12):
        forum.thread(at=NOW - number * timedelta(minutes=10))
    reader = Reader(forum)
    reader.until_quiet()
    forum.now += HALF
    assert reader.run() == [BOARD, "/viewtopic.php?t=1", "/viewtopic.php?t=2"]
    assert reader.run() == [BOARD, "/viewtopic.php?t=3", "/viewtopic.php?t=4"]
    forum.now += HALF
    assert reader.run() == [BOARD, "/viewtopic.php?t=5", "/viewtopic.php?t=6"]


def test_looks_leave_half_of_the_pages_to_the_past(forum: Forum) -> None:
    filled(forum, 200, HOUR)
    reader = Reader(forum, pages=6)
    reader.run()
    forum.now += 8 * DAY
    asked = reader.run()
    known = [path for path in asked if path in ("/viewtopic.php?t=200", "/viewtopic.php?t=199")]
    assert len(known) == 2 and len(asked) == 7
    assert "/viewtopic.php?t=193" in asked


def test_a_look_follows_a_thread_that_grew_meanwhile(forum: Forum) -> None:
    thread = forum.thread(posts=9, at=NOW)
    reader = Reader(forum)
    reader.until_quiet()
    forum.now += HALF
    names = {str(forum.reply(thread, NOW)) for _ in range(4)}
    forum.world.routes[BOARD] = Reply(status=404)
    assert not names <= reader.posts
    del forum.world.routes[BOARD]
    reader.run()
    assert names <= reader.posts


def test_a_state_of_the_first_version_is_upgraded(forum: Forum) -> None:
    filled(forum, 20)
    long = forum.thread(posts=25, at=NOW)
    reader = Reader(forum)
    reader.until_quiet()
    state = json.loads(json.dumps(reader.state)) | {"version": 1}
    for name in ("window", "plain", "latest", "listed_at", "no_latest_until", "gone"):
        del state[name]
    for name, entry in state["threads"].items():
        state["threads"][name] = [
            *entry[:2],
            *(["", ""] if not entry[6] else [forum.world.url + entry[2], entry[3]]),
        ]
    reader.state, reader.posts = state, set()
    forum.now += HOUR
    names = {str(forum.reply(long)), str(forum.reply(forum.threads[4]))}
    asked = reader.run()
    assert asked == [BOARD, "/viewtopic.php?t=21&start=20", "/viewtopic.php?t=4"], "nothing is read twice"
    assert names <= reader.posts and reader.state["version"] == 2


# Deletions


def test_each_page_says_which_part_of_its_thread_it_is(forum: Forum) -> None:
    long = forum.thread(posts=24, at=NOW)
    short = forum.thread(at=NOW - DAY)
    reader = Reader(forum)
    reader.run()
    assert parts(reader) == [
        ThreadPage(str(long.id), is_last=True),
        ThreadPage(str(short.id), is_first=True, is_last=True),
        ThreadPage(str(long.id)),
        ThreadPage(str(long.id), is_first=True),
    ]


def test_a_page_that_shows_less_is_looked_at_again_in_the_next_run(forum: Forum) -> None:
    filled(forum, 20, 2 * DAY)
    thread = forum.thread(posts=4, at=NOW - 2 * HOUR)
    reader = Reader(forum)
    reader.until_quiet()
    del thread.posts[1]
    page, asked = f"/viewtopic.php?t={thread.id}", []
    for _ in range(4):
        forum.now += HALF
        asked.append(page in reader.run())
    assert asked == [True, True, False, False], (
        "its row tells of a reply less; what was missing is asked for twice"
    )


def test_a_deleted_thread_is_told_twice_and_then_left_alone(forum: Forum) -> None:
    filled(forum, 5)
    reader = Reader(forum)
    reader.until_quiet()
    del forum.threads[2]
    told = []
    for _ in range(4):
        forum.now += HALF
        reader.run()
        told.append(sum(part == ThreadPage("2", True, True) and not batch.posts
                        for batch in reader.batches if (part := batch.thread_page)))  # fmt: skip
    assert told == [1, 1, 0, 0] and reader.complete_since == forum.now - 90 * DAY


def test_a_thread_that_was_missing_once_and_comes_back(forum: Forum) -> None:
    filled(forum, 5)
    reader = Reader(forum)
    reader.until_quiet()
    kept = forum.threads.pop(2)
    forum.now += HALF
    reader.run()
    forum.threads[2] = kept
    name = forum.reply(kept)
    forum.now += HALF
    reader.run()
    assert str(name) in reader.posts and reader.state["gone"] == {}


def test_a_thread_that_is_gone_with_status_200(forum: Forum) -> None:
    filled(forum, 5)
    reader = Reader(forum)
    reader.until_quiet()
    page = '<body id="phpbb" class="section-viewtopic"><div id="message"><p>{}</p></div></body>'
    forum.world.routes["/viewtopic.php?t=2"] = html(page.format("Das gewählte Thema existiert nicht."))
    forum.now += HALF
    reader.run()
    assert ThreadPage("2", True, True) in parts(reader)
    forum.now += HALF
    forum.world.routes["/viewtopic.php?t=3"] = html(page.format("Die Wartung dauert an."))
    with pytest.raises(ParseError, match="Wartung"):
        reader.run()


def test_a_thread_that_was_closed_to_guests_is_no_failure(forum: Forum) -> None:
    filled(forum, 5)
    reader = Reader(forum)
    reader.until_quiet()
    forum.world.routes["/viewtopic.php?t=2"] = Reply(status=403)
    forum.now += HALF
    assert "/viewtopic.php?t=2" in reader.run()
    forum.now += HALF
    assert "/viewtopic.php?t=2" not in reader.run()


def test_a_source_whose_thread_is_gone_says_so(forum: Forum) -> None:
    thread = forum.thread(posts=3)
    reader = Reader(forum, url=f"{forum.world.url}/viewtopic.php?t={thread.id}")
    reader.run()
    forum.threads.clear()
    for _ in range(2):
        with pytest.raises(GoneError):
            reader.run()
        assert parts(reader) == [ThreadPage(str(thread.id), True, True)]


# Addresses of all kinds


def test_what_a_search_found_is_gone_through_in_each_run(forum: Forum) -> None:
    filled(forum, 60)
    reader = Reader(forum, url=forum.world.url + "/search.php?keywords=bohrer", pages=200)
    reader.run()
    assert reader.posts == forum.ids() and reader.complete_since == NOW - 90 * DAY
    forum.now += HOUR
    last = max(forum.threads.values(), key=lambda one: one.title[::-1])
    name = forum.reply(last)
    asked = reader.run()
    assert str(name) in reader.posts
    assert [path for path in asked if "search" in path] == [
        "/search.php?keywords=bohrer",
        *(f"/search.php?keywords=bohrer&start={start}" for start in (25, 50)),
    ]


def test_a_long_search_within_a_small_budget_promises_nothing(forum: Forum) -> None:
    filled(forum, 60)
    reader = Reader(forum, url=forum.world.url + "/search.php?keywords=bohrer", pages=10)
    reader.run()
    assert reader.complete_since is None
    assert progress_words(reader.state, NOW) == "not yet read through"
    for _ in range(12):
        reader.run()
    assert reader.posts == forum.ids() and reader.complete_since == NOW - 90 * DAY


def listed(*hours: int, by_last_post: bool = True) -> Listing:
    rows = [ThreadRow(str(hour), "", "", NOW - hour * HOUR) for hour in hours]
    return Listing(tuple(rows), by_last_post=by_last_post)


def test_the_order_of_a_listing() -> None:
    assert is_in_order(listed(1, 2, 3, 4, 5, 6))
    assert not is_in_order(listed(1, 2, 3, 4, 5, 6, by_last_post=False))
    assert is_in_order(listed(9, 8, 1, 2, 3, 4)), "two announcements that do not say so"
    assert not is_in_order(listed(5, 1, 7, 3, 8, 2, 9, 4))


def test_a_thread_on_two_boards_is_read_once(forum: Forum) -> None:
    forum.forums[4] = "Garten"
    filled(forum, 11)
    forum.thread(also=(4,), at=NOW)
    forum.thread(forum=4, shadow=3, at=NOW - HOUR)
    reader = Reader(forum, url=forum.world.url + "/")
    asked = reader.run()
    assert len(asked) == 3 + len(forum.threads) and len(set(asked)) == len(asked)
    forum.now += HOUR
    forum.reply(forum.threads[12])
    assert reader.run()[1:] == [BOARD, "/viewtopic.php?t=12", "/viewforum.php?f=4", "/viewtopic.php?t=13"]


def test_a_thread_that_moves_or_is_merged_doubles_nothing(forum: Forum) -> None:
    forum.forums[4] = "Garten"
    filled(forum, 4)
    reader = Reader(forum, url=forum.world.url + "/")
    reader.until_quiet()
    one, two = forum.threads[3], forum.threads[4]
    one.forum, one.shadow = 4, 3
    two.posts = sorted(two.posts + forum.threads.pop(2).posts)
    forum.merged[2] = two.id
    forum.now += HOUR
    names = {str(forum.reply(one)), str(forum.reply(two))}
    reader.run()
    assert names <= reader.posts
    forum.now += HOUR
    asked = reader.run()
    assert len(asked) == len(set(asked)) and "/viewtopic.php?t=2" not in asked
    assert reader.complete_since == forum.now - 90 * DAY


def test_a_closed_board_below_does_not_fail_the_source(forum: Forum) -> None:
    forum.forums[4] = "intern"
    filled(forum, 3)
    forum.world.routes["/viewforum.php?f=4"] = Reply(status=403)
    reader = Reader(forum, url=forum.world.url + "/")
    reader.run()
    assert reader.posts == forum.ids() and reader.complete_since == NOW - 90 * DAY


# Small laws


@pytest.mark.parametrize(
    ("message", "gone"),
    [
        ("no posts on this MyBB page (The specified thread does not exist.)", True),
        ("no posts on this phpBB page (Das gewählte Thema existiert nicht.)", True),
        ("no posts on this vBulletin page (Kein Thema angegeben.)", True),
        ("no posts on this SMF page (The topic appears to be either missing or off limits to you.)", True),
        ("no posts on this FluxBB page (The link you followed is incorrect or outdated.)", True),
        ("no posts on this XenForo page (The requested thread could not be found.)", True),
        ("no posts on this phpBB page (Die Datenbank ist nicht erreichbar.)", False),
        ("no posts on this phpBB page (900 bytes, title 'Akku nicht gefunden')", False),
        ("post 7: its text was not found", False),
    ],
)
def test_pages_that_say_in_words_that_a_thread_is_gone(message: str, gone: bool) -> None:
    assert says_gone(ParseError(message)) is gone


@pytest.mark.parametrize(
    ("seen", "shown", "less"),
    [
        ((NOW, 9), (NOW, 8), True),
        ((NOW, 9), (NOW, 9), False),
        ((NOW, 9), (NOW - HOUR, 8), True),
        ((NOW, 9), (NOW + HOUR, 8), False),
        ((NOW, 9), (NOW - HOUR, 2), False),
        ((NOW, None), (NOW, 2), False),
        ((None, 9), (NOW, 8), False),
    ],
)
def test_a_row_with_less_replies(seen: Any, shown: Any, less: bool) -> None:
    entry = [seconds(seen[0]), seen[1], "", "", None, None, "", 0]
    assert has_less(entry, ThreadRow("1", "", "", *shown)) is less
    assert has_less(None, ThreadRow("1", "", "", *shown)) is False


def test_how_far_the_past_is_read(forum: Forum) -> None:
    forum.forums[4] = "Garten"
    filled(forum, 40, DAY)
    for number in range(40):
        forum.thread(forum=4, at=NOW - number * DAY)
    reader = Reader(forum, url=forum.world.url + "/", pages=20)
    reader.run()
    assert (
        progress_words(reader.state, NOW)
        == "read back to 2026-03-01 of 2025-12-01; boards to go on with: 2 of 3"
    )
    reader.until_quiet()
    assert progress_words(reader.state, NOW) == "read back to 2025-12-01"
    assert progress_words({}, NOW) == progress_words({"version": 1}, NOW) == ""


def test_a_long_thread_that_is_not_read_yet_is_told(forum: Forum) -> None:
    forum.thread(posts=200, at=NOW)
    reader = Reader(forum, pages=5, backfill=150 * DAY)
    reader.run()
    words = progress_words(reader.state, NOW)
    assert words == "read back to 2026-01-11 of 2025-10-02; long threads to go on with: 1"


def test_ten_thousand_threads_are_copied_in_no_time(forum: Forum) -> None:
    progress = load({}, "https://x.example/")
    progress.threads = {str(name): [1, 2, "", "", None, None, "", 0] for name in range(10_000)}
    snapshot = progress.snapshot()
    assert snapshot["threads"] is not progress.threads
    assert all(snapshot["threads"][name] is entry for name, entry in progress.threads.items())
