"""Feeds that list topics: the threads they lead to, read over real HTTP; each post once, none lost."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from collectors.feed import collect
from collectors.feed_kept import packed, unpacked
from collectors.http import HttpClient
from listener.errors import AccessError, CollectError, ConfigError
from listener.model import Batch, Post, Quote, Source
from tests.board import Forum, Thread
from tests.discourse import START, Discourse
from tests.world import Reply, Request, html

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SOURCE = Source("werkstatt", "feed", allow_private=True, delay=timedelta(0))
FEED = "/feed/topics"


def entry(link: str, title: str, at: datetime, text: str, replies: int | None) -> str:
    counted = "" if replies is None else f"<slash:comments>{replies}</slash:comments>"
    return (
        f"<item><guid>{escape(link)}</guid><link>{escape(link)}</link><title>{title}</title>{counted}"
        f"<pubDate>{at:%a, %d %b %Y %H:%M:%S} +0000</pubDate><description>{text}</description></item>"
    )


class Board:
    """A forum with a feed of its topics; `extra` are entries that lead elsewhere."""

    def __init__(self, *, counts: bool = True, posts: bool = False) -> None:
        self.forum: Forum = Forum(NOW)
        self.counts, self.posts = counts, posts
        self.extra: list[str] = []
        self.hidden: set[int] = set()
        self.forum.world.routes[FEED] = self._feed
        self._topic = self.forum.world.routes["/viewtopic.php"]
        self.forum.world.routes["/viewtopic.php"] = self._shown

    @property
    def url(self) -> str:
        return self.forum.world.url + FEED

    def _shown(self, request: Request) -> Any:
        if "t" not in request.query:  # viewtopic.php?p=33 shows the page of the thread that holds the post
            name = int(request.query["p"])
            thread = next(one for one in self.forum.threads.values() if name in dict(one.posts))
            place = [post for post, _ in thread.posts].index(name) // 10 * 10
            request = Request(f"/viewtopic.php?t={thread.id}&start={place}", request.headers)
        assert callable(self._topic)
        return self._topic(request)

    def _feed(self, request: Request) -> Reply:
        there = sorted(self.forum.threads.values(), key=lambda one: one.last_at, reverse=True)
        entries = [self._entry(one) for one in there if one.id not in self.hidden]
        if self.posts:
            written = [(at, name) for one in there for name, at in one.posts]
            entries = [self._post(name, at) for at, name in sorted(written, reverse=True)[:15]]
        feed = (
            '<?xml version="1.0"?><rss version="2.0" xmlns:slash="http://purl.org/rss/1.0/modules/slash/">'
            f"<channel><title>Werkstatt</title><link>{self.forum.world.url}/</link>{''.join(entries)}"
            f"{''.join(self.extra)}</channel></rss>"
        )
        return Reply(feed.encode(), headers={"content-type": "application/rss+xml"})

    def _entry(self, thread: Thread) -> str:
        link = f"{self.forum.world.url}/viewtopic.php?t={thread.id}"
        text = self.forum.texts.get(thread.posts[0][0], "Der Akku hält den ganzen Tag.")
        replies = len(thread.posts) - 1 if self.counts else None
        return entry(link, thread.title, thread.posts[0][1], text, replies)

    def _post(self, name: int, at: datetime) -> str:
        return entry(f"{self.forum.world.url}/viewtopic.php?p={name}#p{name}", "Re: Bohrer", at, "x", None)


class Reader:
    """Reads a feed run by run and keeps what a store would keep."""

    def __init__(self, board: Board, **options: Any) -> None:
        self.board, self.options = board, {"follow": True, **options}
        self.state: Mapping[str, Any] = {}
        self.posts: dict[str, Post] = {}
        self.given: list[str] = []
        self.batches: list[Batch] = []

    def run(self, kill_after: int | None = None) -> list[str]:
        """One run, perhaps ended after some batches; returns the pages it asked for."""
        before = len(self.board.forum.world.paths)
        self.batches = []
        with HttpClient(contact="ears@example.com", now=lambda: self.board.forum.now) as http:
            for batch in collect(SOURCE, self.state, http, url=self.board.url, **self.options):
                if kill_after is not None and len(self.batches) >= kill_after:
                    break
                self.batches.append(batch)
                self.state = json.loads(json.dumps(batch.state))
                self.given += [post.id for post in batch.posts]
                self.posts |= {post.id: post for post in batch.posts}
        return self.board.forum.world.paths[before:]

    @property
    def end(self) -> Batch:
        return self.batches[-1]


def test_a_thread_of_three_pages_gives_each_post_once_over_several_runs() -> None:
    board = Board()
    with board.forum.world:
        thread = board.forum.thread(posts=25)
        reader = Reader(board)
        first = reader.run()
        assert sorted(reader.given, key=int) == [str(n) for n in range(1, 26)]
        assert len(first) == 4 and set(reader.posts) == board.forum.ids()
        assert reader.posts["25"].url.endswith("viewtopic.php?p=25#p25")
        assert {post.title for post in reader.posts.values()} == {"Bohrer 1"}

        board.forum.now += timedelta(hours=1)
        board.forum.reply(thread)
        board.forum.reply(thread)
        reader.given.clear()
        assert len(reader.run()) == 2
        assert sorted(reader.given, key=int) == ["21", "22", "23", "24", "25", "26", "27"]
        assert set(reader.posts) == board.forum.ids()


def test_edits_of_the_first_page_and_of_the_last_are_seen() -> None:
    board = Board()
    with board.forum.world:
        board.forum.thread(posts=25)
        reader = Reader(board)
        reader.run()
        board.forum.texts |= {1: "Nachtrag: er ist kaputt.", 25: "Nachtrag: repariert."}
        board.forum.now += timedelta(hours=1)
        reader.run()
    assert (reader.posts["1"].text, reader.posts["25"].text) == (
        "Nachtrag: er ist kaputt.",
        "Nachtrag: repariert.",
    )


def test_a_run_killed_between_any_two_batches_loses_nothing() -> None:
    board = Board()
    with board.forum.world:
        for posts in (25, 3, 12, 44):
            board.forum.thread(posts=posts)
        for kill_after in range(1, 12):
            reader = Reader(board)
            reader.run(kill_after)
            for _ in range(3):
                reader.run(kill_after + 1)
            reader.run()
            assert set(reader.posts) == board.forum.ids(), kill_after
            assert reader.state["follow"]["waiting"] == {}


def test_the_budget_leaves_threads_for_the_next_run_even_if_the_feed_forgets_them() -> None:
    board = Board()
    with board.forum.world:
        for _ in range(60):
            board.forum.thread()
        reader = Reader(board)
        reader.run()
        assert len(reader.posts) == 25 and reader.end.complete_since is None
        board.hidden = set(range(1, 61))
        board.forum.now += timedelta(hours=1)
        reader.run()
        reader.run()
        assert set(reader.posts) == board.forum.ids()
        board.hidden = set()
        reader.run()
        assert reader.end.complete_since is not None


def test_entries_of_single_posts_lead_to_their_threads() -> None:
    board = Board(posts=True)
    with board.forum.world:
        thread = board.forum.thread(posts=14)
        reader = Reader(board)
        reader.run()
        assert set(reader.posts) == board.forum.ids()
        board.forum.now += timedelta(hours=1)
        board.forum.reply(thread)
        reader.given.clear()
        asked = reader.run()
    assert "15" in reader.given and set(reader.posts) == board.forum.ids()
    assert len(asked) <= 4


def test_what_leads_elsewhere_or_is_an_article_is_itself_the_post() -> None:
    board = Board()
    with board.forum.world:
        base = board.forum.world.url
        board.forum.thread()
        board.forum.world.routes["/news/1"] = html("<title>Neu</title><p>Der Akkufix 3000 ist da.</p>")
        board.extra = [
            entry("https://other.example/viewtopic.php?t=5", "Fremd", NOW, "Woanders.", 2),
            entry(f"{base}/news/1", "Neu", NOW, "Der Akkufix 3000 ist da.", None),
            entry(f"{base}/news/1#comment-7", "Kommentar", NOW, "Endlich!", None),
        ]
        reader = Reader(board)
        reader.run()
        assert {"Fremd", "Neu"} <= {post.title for post in reader.posts.values()}
        assert {"Woanders.", "Der Akkufix 3000 ist da.", "Endlich!"} <= {
            p.text for p in reader.posts.values()
        }
        assert "1" in reader.posts
        assert reader.run().count("/news/1") == 0


def commented() -> Reply:
    """An article with comments that tell in microdata what they are."""
    comments = "".join(
        f'<li id="comment-{n}" itemprop="comment" itemscope itemtype="https://schema.org/Comment">'
        f'<span itemprop="author">ida{n}</span><time itemprop="dateCreated" datetime="2026-02-1{n}T10:00:00+00:00">x'
        f'</time><div itemprop="text">Kommentar {n}: meiner ist nach zwei Wochen kaputt gegangen.</div></li>'
        for n in range(1, 6)
    )
    words = "<p>Der Akkufix 3000 ist da und bohrt sehr gut in Beton.</p>"
    return html(f"<html><body><article><h1>Test</h1>{words}</article><ol>{comments}</ol></body></html>")


@pytest.mark.parametrize("threads", [0, 1])
def test_an_article_is_not_lost_to_its_comments(threads: int) -> None:
    board = Board()
    with board.forum.world:
        for _ in range(threads):
            board.forum.thread()
        board.forum.world.routes["/news/1"] = commented()
        board.extra = [
            entry(f"{board.forum.world.url}/news/1", "Test", NOW, "Der Akkufix 3000 ist da und bohrt …", None)
        ]
        reader = Reader(board)
        reader.run()
        texts = [post.text for post in reader.posts.values()]
    assert len(reader.given) == len(set(reader.given))  # comments have numbers as the forum's posts do
    assert sum(text.startswith("Der Akkufix 3000 ist da") for text in texts) == 1
    assert sum(text.startswith("Kommentar") for text in texts) == (0 if threads else 5)


def test_a_closed_thread_is_one_failure_and_the_others_go_on() -> None:
    board = Board()
    with board.forum.world:
        open_one, closed = board.forum.thread(), board.forum.thread()
        board.forum.world.routes[f"/viewtopic.php?t={closed.id}"] = html("<p>Nein</p>", 403)
        reader = Reader(board)
        for run in range(3):
            with pytest.raises(AccessError) as raised:
                reader.run()
            assert f"t={closed.id}" in raised.value.url and raised.value.source == "werkstatt"
            assert str(open_one.posts[0][0]) in reader.posts
            assert (len(reader.posts) == 2) == (run == 2)  # its entry is the post in the end
        reader.run()
        assert reader.end.complete_since is not None


def test_a_thread_that_fails_for_a_while_is_read_in_a_later_run() -> None:
    board = Board()
    with board.forum.world:
        thread = board.forum.thread(posts=2)
        board.forum.world.routes[f"/viewtopic.php?t={thread.id}"] = Reply(b"", 500)
        reader = Reader(board)
        with pytest.raises(CollectError):
            reader.run()
        assert reader.posts == {} and reader.end.complete_since is None
        del board.forum.world.routes[f"/viewtopic.php?t={thread.id}"]
        reader.run()
        assert set(reader.posts) == {"1", "2"} and reader.end.complete_since is not None


def test_a_site_that_forbids_threads_gives_its_entries_after_three_runs() -> None:
    board = Board()
    with board.forum.world:
        for _ in range(6):
            board.forum.thread()
        board.forum.world.routes["/robots.txt"] = b"User-agent: *\nDisallow: /viewtopic.php"
        reader = Reader(board)
        for run in range(3):
            with pytest.raises(AccessError, match="robots"):
                reader.run()
            assert len(reader.posts) == (6 if run == 2 else 0)
        reader.run()


def test_a_thread_that_is_gone_is_given_as_the_feed_has_it() -> None:
    board = Board()
    with board.forum.world:
        thread = board.forum.thread()
        board.forum.world.routes[f"/viewtopic.php?t={thread.id}"] = Reply(b"", 410)
        reader = Reader(board)
        reader.run()
    assert [post.title for post in reader.posts.values()] == ["Bohrer 1"]


def test_a_feed_that_tells_nothing_of_replies_says_so() -> None:
    board = Board(counts=False)
    with board.forum.world:
        thread = board.forum.thread()
        reader = Reader(board)
        reader.run()
        assert "not of new replies" in reader.batches[0].notice
        board.forum.now += timedelta(hours=1)
        board.forum.reply(thread)
        reader.run()  # few threads are looked at in each run
        assert set(reader.posts) == {"1", "2"}


def test_an_unchanged_feed_is_asked_whole_once_when_follow_is_new() -> None:
    board = Board()
    plain = board.forum.world.routes[FEED]
    assert callable(plain)

    def conditional(request: Request) -> Reply:
        if request.headers.get("if-none-match") == "a":
            return Reply(status=304)
        found = plain(request)
        assert isinstance(found, Reply)
        return Reply(found.body, headers={**found.headers, "etag": "a"})

    board.forum.world.routes[FEED] = conditional
    with board.forum.world:
        board.forum.thread(posts=25)
        reader = Reader(board, follow=False)
        reader.run()
        assert len(reader.posts) == 1
        reader.options["follow"] = True
        reader.run(kill_after=2)
        reader.run()  # 304, and the thread is read on
    assert {str(n) for n in range(1, 26)} <= set(reader.posts)


@pytest.mark.parametrize(
    "damage",
    [
        {"follow": 3},
        {"follow": {"progress": {"version": 2, "url": "x"}, "waiting": [], "names": 1, "closed": "x"}},
        {"follow": {"waiting": {"http://a": {"entries": [{"id": 3}, None], "edited": 7}}}},
        {"follow": {"seen": {"a": [1]}, "given": {"b": 4}}},
    ],
)
def test_a_damaged_state_is_as_if_it_were_missing(damage: Mapping[str, Any]) -> None:
    board = Board()
    with board.forum.world:
        board.forum.thread(posts=3)
        reader = Reader(board)
        reader.run()
        progress = reader.state["follow"]["progress"]
        damaged = {**progress, "threads": {"1": [1]}}
        follow = damage["follow"]
        reader.state = {**reader.state, **damage}
        if isinstance(follow, dict) and "progress" not in follow:
            reader.state = {**reader.state, "follow": {**follow, "progress": damaged}}
        reader.posts.clear()
        try:
            reader.run()
        except CollectError as error:
            assert error.url.startswith("http://a")
        assert set(reader.posts) == {"1", "2", "3"}


def test_follow_and_full_text_exclude_each_other() -> None:
    board = Board()
    with board.forum.world, pytest.raises(ConfigError, match="one of them"):
        Reader(board, full_text=True).run()


def test_the_state_holds_no_token() -> None:
    board = Board()
    with board.forum.world:
        board.forum.thread()
        with HttpClient(contact="ears@example.com", now=lambda: NOW) as http:
            states = [
                json.dumps(batch.state)
                for batch in collect(SOURCE, {}, http, url=f"{board.url}?token=geheim77", follow=True)
            ]
    assert len(states) > 2 and not any("geheim77" in state for state in states)


class Json(Board):
    """The same with a Discourse: its feed leads to pages, its JSON is read."""

    def __init__(self) -> None:
        super().__init__()
        discourse = Discourse(NOW)
        discourse.world.routes |= {FEED: self._feed}
        answer = discourse._any
        self.forum = discourse

        def page(request: Request) -> Reply:
            if request.path.partition("?")[0].endswith(".json"):
                return answer(request)
            return html(START)

        self.forum.world.routes["*"] = page

    def _entry(self, thread: Thread) -> str:
        link = f"{self.forum.world.url}/t/thema/{thread.id}"
        return entry(link, thread.title, thread.posts[0][1], "Der Akku.", len(thread.posts) - 1)


def test_the_topics_of_a_discourse_are_read_by_its_api() -> None:
    board = Json()
    with board.forum.world:
        long = board.forum.thread(posts=45)
        board.forum.thread(posts=2)
        reader = Reader(board)
        reader.run()
        assert set(reader.posts) == board.forum.ids()
        board.forum.now += timedelta(hours=1)
        board.forum.reply(long)
        assert len(reader.run()) <= 4
        assert set(reader.posts) == board.forum.ids()
        assert reader.end.complete_since is not None


steps = st.lists(
    st.one_of(
        st.tuples(st.just("reply"), st.integers(0, 5), st.integers(1, 12)),
        st.tuples(st.just("thread"), st.integers(0, 5), st.integers(1, 30)),
        st.tuples(st.just("edit"), st.integers(0, 5), st.integers(0, 30)),
        st.tuples(st.just("run"), st.integers(0, 9), st.just(0)),
        st.tuples(st.just("fail"), st.integers(0, 5), st.integers(0, 1)),
    ),
    max_size=12,
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@example(steps=[("fail", 0, 1)] * 3)
@given(steps=steps)
def test_whatever_happens_no_post_is_lost(steps: list[tuple[str, int, int]]) -> None:
    board = Board()
    with board.forum.world:
        board.forum.thread(posts=12)
        reader = Reader(board)
        for what, place, number in steps:
            board.forum.now += timedelta(minutes=20)
            threads = list(board.forum.threads.values())
            thread = threads[place % len(threads)]
            route = f"/viewtopic.php?t={thread.id}"
            if what == "reply":
                for _ in range(number):
                    board.forum.reply(thread)
            elif what == "thread":
                board.forum.thread(posts=number)
            elif what == "edit":
                board.forum.texts[thread.posts[number % len(thread.posts)][0]] = (
                    f"Geändert um {board.forum.now}"
                )
            elif what == "fail" and number:
                board.forum.world.routes[route] = Reply(b"", 500)
                with contextlib.suppress(CollectError):
                    reader.run()
                del board.forum.world.routes[route]
            else:
                reader.run(place)
        for _ in range(8):
            reader.run()
        assert set(reader.posts) == board.forum.ids()
        assert reader.end.complete_since is not None


def test_posts_that_wait_come_back_as_they_were() -> None:
    whole = Post(
        "1", "http://a.example/1", "Text", "heidi", NOW, "day", NOW, "Titel", "t", "http://a.example/t",
        (Quote("Zitat", None), Quote("", "ida")), "de", votes=0, replies=0, facts={"views": 0, "nsfw": False},
    )  # fmt: skip
    for post in (whole, Post("1", "", "")):
        assert unpacked(json.loads(json.dumps(packed(post)))) == post
    for damaged in (None, 3, {}, {"id": 1, "url": "", "text": ""}, {"id": "1", "url": "", "quotes": 7}):
        assert unpacked(damaged) is None
