"""Threads of Reddit: all comments of those named, and of those that mention a product."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collectors.http import HttpClient
from collectors.reddit import collect
from collectors.reddit_threads import thread_name
from collectors.reddit_walks import Thread, Walk, number_of, restored, stored
from listener.errors import AccessError, ConfigError, ParseError, TransientError
from listener.model import Batch, NoMemory, Post, Source
from tests.reddit_world import CLIENT_ID, CLIENT_SECRET, Answer, RedditWorld, Thing, comment, submission

NOW = datetime(2026, 3, 6, 12, tzinfo=UTC)
SOURCE = Source("reddit", "reddit", allow_private=True)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


class Remembered(NoMemory):
    """Remembers threads, latest first."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def threads(self, since: datetime) -> Sequence[str]:
        assert NOW - since >= timedelta(days=13)
        return self.names


@pytest.fixture
def world() -> Iterator[RedditWorld]:
    with RedditWorld() as opened:
        yield opened


@dataclass
class Run:
    """What one run gave, and what it asked for."""

    posts: dict[str, Post]
    state: Mapping[str, Any]
    notice: str
    complete_since: datetime | None
    asked: list[str]

    @property
    def comments(self) -> set[str]:
        return {name for name in self.posts if name.startswith("t1_")}


def batches(
    world: RedditWorld, state: Any = None, now: datetime = NOW, **options: Any
) -> Generator[Batch, None, None]:
    key = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "api_url": world.url}
    with HttpClient(contact="ears@example.com", now=lambda: now) as http:
        yield from collect(SOURCE, json.loads(json.dumps(state or {})), http, **{**key, **options})


def run(world: RedditWorld, state: Any = None, now: datetime = NOW, **options: Any) -> Run:
    asked = len(world.paths)
    found = list(batches(world, state, now, **options))
    return Run(
        {post.id: post for batch in found for post in batch.posts},
        found[-1].state,
        "; ".join(filter(None, (batch.notice for batch in found))),
        found[-1].complete_since,
        world.paths[asked:],
    )


def thread(world: RedditWorld, number: int, comments: int, board: str = "garten") -> Thing:
    """A thread with so many comments, in a row; numbers of comments begin at 1000 times its own."""
    top = submission(number, ago(10_000 - number), board, num_comments=0, title=f"Akkufix {number}")
    world.posts.append(top)
    talk(world, top, comments)
    return top


def talk(world: RedditWorld, top: Thing, more: int, on: Thing | None = None) -> list[Thing]:
    """More comments, counted as Reddit does."""
    first = int(top["data"]["id"][1:]) * 1000 + top["data"]["num_comments"]
    new = [comment(first + n, ago(9000 - n / 100), on or top) for n in range(more)]
    for one in new:
        one["data"].pop("link_title")
    world.comments += new
    top["data"]["num_comments"] += more
    return new


def all_of(world: RedditWorld, top: Thing) -> set[str]:
    names = [one["data"] for one in world.comments]
    return {one["name"] for one in names if one["link_id"] == top["data"]["name"]}


@pytest.mark.parametrize(
    "written",
    [
        "https://www.reddit.com/r/garten/comments/p000001/akkufix_1/",
        "https://old.reddit.com/r/garten/comments/p000001/akkufix_1/c000002/?context=3",
        "https://www.reddit.com/comments/p000001",
        "https://www.reddit.com/user/saegefix/comments/p000001/akkufix_1/",
        "https://www.reddit.com/gallery/p000001",
        "https://redd.it/p000001",
        "t3_p000001",
        " P000001 ",
    ],
)
def test_threads_are_named_by_address_or_id(written: str) -> None:
    assert thread_name(written) == "t3_p000001"


@pytest.mark.parametrize(
    "written",
    [
        "https://www.reddit.com/r/garten/",
        "https://www.reddit.com/r/garten/s/AbCdEf",
        "../api/v1/me",
        "",
        "t1_abc",
    ],
)
def test_what_is_no_thread_is_refused(world: RedditWorld, written: str) -> None:
    with pytest.raises(AccessError):
        run(world, threads=[written])
    assert world.log == []


def test_a_named_thread_is_read_with_all_its_comments(world: RedditWorld) -> None:
    top = thread(world, 1, 3)
    talk(world, top, 2, on=world.comments[0])
    found = run(world, threads=["p000001"])
    assert found.comments == all_of(world, top) and "t3_p000001" in found.posts
    for name in found.comments:
        post = found.posts[name]
        assert (post.title, post.thread_id) == ("Akkufix 1", "t3_p000001")
        assert post.thread_url == "https://www.reddit.com/r/garten/comments/p000001/titel_1/"
        assert (post.replies, found.posts["t3_p000001"].replies) == (None, 5)
    assert found.asked == ["/api/info", "/comments/p000001"]
    assert found.complete_since == ago(9999) and found.notice == ""


def test_an_unchanged_thread_is_not_read_again(world: RedditWorld) -> None:
    top = thread(world, 1, 3)
    first = run(world, threads=["p000001"])
    again = run(world, first.state, threads=["p000001"])
    assert again.asked == ["/api/info"] and again.complete_since == ago(9999)
    new = talk(world, top, 1)
    third = run(world, again.state, threads=["p000001"])
    assert new[0]["data"]["name"] in third.posts and len(third.asked) == 2


def test_a_long_thread_is_opened_in_hundreds(world: RedditWorld) -> None:
    top = thread(world, 1, 1234)
    found = run(world, threads=["p000001"])
    assert found.comments == all_of(world, top)
    assert found.asked.count("/api/morechildren") == 8 and len(found.asked) == 10
    assert {found.posts[name].title for name in found.comments} == {"Akkufix 1"}


def test_comments_below_the_tenth_level_are_followed(world: RedditWorld) -> None:
    top = thread(world, 1, 1)
    for _ in range(34):
        talk(world, top, 1, on=world.comments[-1])
    found = run(world, threads=["p000001"])
    assert found.comments == all_of(world, top) and len(found.comments) == 35
    assert found.asked.count("/comments/p000001") <= 5 and found.complete_since


def test_news_of_a_long_thread_cost_little(world: RedditWorld) -> None:
    top = thread(world, 1, 1000)
    first = run(world, threads=["p000001"])
    new = talk(world, top, 3)
    second = run(world, first.state, threads=["p000001"])
    assert {one["data"]["name"] for one in new} <= second.comments
    assert len(second.asked) <= 3


def test_a_budget_is_kept_and_the_rest_comes_in_the_next_runs(world: RedditWorld) -> None:
    top = thread(world, 1, 2000)
    state, seen = None, set[str]()
    for turn in range(8):
        found = run(world, state, ago(-turn), threads=["p000001"], budget=6)
        state, seen = found.state, seen | found.comments
        assert len(found.asked) <= 6
        if found.complete_since:
            break
        assert "`budget`" in found.notice
    assert seen == all_of(world, top) and 2 <= turn <= 4


def test_a_killed_run_goes_on_with_what_is_hidden(world: RedditWorld) -> None:
    top = thread(world, 1, 900)
    running = batches(world, threads=["p000001"])
    killed = [next(running) for _ in range(3)]
    running.close()
    seen = {post.id for batch in killed for post in batch.posts}
    rest = run(world, killed[-1].state, threads=["p000001"])
    assert all_of(world, top) <= seen | rest.comments
    assert rest.asked.count("/comments/p000001") == 0


def test_more_hidden_comments_than_are_kept_are_named(world: RedditWorld) -> None:
    thread(world, 1, 3700)
    found = run(world, threads=["p000001"], budget=60)
    assert "hides more than 3000 comments" in found.notice and len(found.comments) == 3500


def test_threads_that_mention_a_product_are_followed(world: RedditWorld) -> None:
    top = thread(world, 1, 4)
    thread(world, 2, 4)
    found = run(world, search=["akkufix 1"], memory=Remembered("t3_p000001"))
    assert found.comments == all_of(world, top)
    assert (
        run(world, search=["akkufix 1"], memory=Remembered("t3_p000001"), follow=timedelta(0)).comments
        == set()
    )


def test_threads_without_comments_cost_no_request_of_their_own(world: RedditWorld) -> None:
    names = [thread(world, n, 0)["data"]["name"] for n in range(1, 151)]
    found = run(world, search=["nichts"], memory=Remembered(*names))
    assert found.asked == ["/search", "/api/info", "/api/info"]


def test_a_watched_subreddit_is_not_followed_unless_it_has_a_gap(world: RedditWorld) -> None:
    top = thread(world, 1, 3, "werkzeug")
    memory = Remembered("t3_p000001")
    first = run(world, subreddits=["Werkzeug", "werkzeug"], memory=memory)
    assert "/comments/p000001" not in first.asked and first.asked.count("/api/info") == 1
    talk(world, top, 4)
    second = run(world, first.state, subreddits=["werkzeug"], memory=memory)
    assert "/api/info" not in second.asked
    talk(world, top, 1500)
    third = run(world, second.state, subreddits=["werkzeug"], memory=memory, budget=60)
    assert "comments r/werkzeug: posts between" in third.notice
    assert all_of(world, top) <= first.comments | second.comments | third.comments


def test_no_thread_starves_and_none_is_lost(world: RedditWorld) -> None:
    tops = [thread(world, n, 2) for n in range(1, 13)]
    state, seen = None, set[str]()
    for turn in range(12):
        for top in tops[8:]:  # the latest are busy
            talk(world, top, 1)
        names = [top["data"]["name"] for top in reversed(tops)]
        found = run(world, state, ago(-turn), search=["nichts"], memory=Remembered(*names), budget=5)
        state, seen = found.state, seen | found.comments
        assert len(found.asked) <= 6 and ("`budget`" in found.notice or turn > 3)
    assert all(all_of(world, top) <= seen for top in tops)


def test_a_named_thread_that_is_not_there_is_an_error_and_the_others_go_on(world: RedditWorld) -> None:
    top = thread(world, 1, 2)
    seen: set[str] = set()
    with pytest.raises(AccessError, match="thread zzz: Reddit does not show it"):
        for batch in batches(world, threads=["zzz", "p000001"]):
            seen |= {post.id for post in batch.posts}
            assert batch.complete_since is None
    assert all_of(world, top) <= seen


def test_a_followed_thread_that_is_closed_is_left_quietly(world: RedditWorld) -> None:
    thread(world, 1, 2)
    world.rules["/comments/p000001"] = Answer(403, {"reason": "private", "error": 403})
    found = run(world, search=["nichts"], memory=Remembered("t3_p000001", "t3_gone"))
    again = run(world, found.state, search=["nichts"], memory=Remembered("t3_p000001", "t3_gone"))
    assert found.comments == set() and again.asked == ["/search", "/api/info"]


def test_a_thread_that_fails_leaves_the_others_alone(world: RedditWorld) -> None:
    thread(world, 1, 2)
    top = thread(world, 2, 2)
    world.rules["/comments/p000001"] = Answer(418, "tea")
    seen: set[str] = set()
    with pytest.raises(ParseError, match="thread p000001"):
        for batch in batches(world, threads=["p000001", "p000002"]):
            seen |= {post.id for post in batch.posts}
    assert all_of(world, top) <= seen


def test_a_spent_limit_keeps_what_waits(world: RedditWorld) -> None:
    top = thread(world, 1, 900)
    world.rules["/api/morechildren"] = Answer(429, "slow", {"retry-after": "300"})
    seen: set[str] = set()
    with pytest.raises(TransientError):
        for batch in batches(world, threads=["p000001"]):
            state, seen = batch.state, seen | {post.id for post in batch.posts}
    world.rules.clear()
    rest = run(world, state, ago(-6), threads=["p000001"])
    assert all_of(world, top) <= seen | rest.comments and rest.asked[1] == "/api/morechildren"


def test_hidden_comments_that_are_gone_are_no_error(world: RedditWorld) -> None:
    thread(world, 1, 700)
    world.rules["/api/morechildren"] = Answer(200, {"json": {"errors": [], "data": {"things": []}}})
    found = run(world, threads=["p000001"])
    assert len(found.comments) == 500 and found.complete_since


def test_a_refusal_in_the_answer_is_a_parse_error(world: RedditWorld) -> None:
    thread(world, 1, 700)
    world.rules["/api/morechildren"] = Answer(200, {"json": {"errors": [["BAD_ID", "no", "id"]]}})
    with pytest.raises(ParseError):
        run(world, threads=["p000001"])


def test_answers_that_hide_the_same_again_and_again_come_to_an_end(world: RedditWorld) -> None:
    top = thread(world, 1, 700)
    stub = {
        "kind": "more",
        "data": {"id": "c001999", "parent_id": top["data"]["name"], "children": ["c001999"]},
    }
    world.rules["/api/morechildren"] = Answer(200, {"json": {"errors": [], "data": {"things": [stub]}}})
    assert len(run(world, threads=["p000001"]).asked) < 10


def test_deleted_comments_come_without_words(world: RedditWorld) -> None:
    thread(world, 1, 3)
    world.delete(world.comments[1]["data"]["name"])
    found = run(world, threads=["p000001"])
    gone = found.posts[world.comments[1]["data"]["name"]]
    assert (gone.deleted, gone.erased, gone.text, gone.title, gone.author) == (True, True, "", "", None)


@pytest.mark.parametrize("options", [{"budget": 1}, {"follow": timedelta(days=-1)}])
def test_options_that_make_no_sense(world: RedditWorld, options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        run(world, search=["akkufix"], **options)


@pytest.mark.parametrize(
    "state",
    [3, [], {"t3_p000001": 3}, {"t3_p000001": {"turn": "now", "looked": "never"}},
     {"t3_p000001": {"turn": ago(5).isoformat(), "looked": ago(5).isoformat(), "replies": True, "high": None}},
     {"t3_p000001": {"turn": ago(5).isoformat(), "looked": ago(5).isoformat(), "replies": 1, "high": 5,
                     "walk": {"replies": "9", "children": [3, "_", "ä"], "parents": {}}}}],
)  # fmt: skip
def test_damaged_state_is_as_none(world: RedditWorld, state: Any) -> None:
    top = thread(world, 1, 3)
    assert run(world, {"threads": state}, threads=["p000001"]).comments == all_of(world, top)


def test_state_survives_being_stored() -> None:
    known = Thread(ago(9), ago(5), 12, 345, "garten", Walk(20, 400, 3, ["c1", "c2"], ["p"]))
    assert restored(json.loads(json.dumps(stored(known))), NOW) == known
    assert restored(stored(known), ago(60)) is None  # a clock that went wrong


@pytest.mark.parametrize("bad", ["_", "", None, 3, "1_0", "ä", "a" * 500, "-1"])
def test_ids_that_are_none_count_nothing(bad: Any) -> None:
    assert number_of(bad) == 0


def test_what_is_known_of_threads_outlives_a_run_that_never_reached_them(world: RedditWorld) -> None:
    thread(world, 1, 3)
    memory = Remembered("t3_p000001")
    first = run(world, search=["nichts"], memory=memory)
    world.rules["/search"] = Answer(429, "slow", {"retry-after": "60"})
    with pytest.raises(TransientError):
        for batch in batches(world, first.state, search=["nichts"], memory=memory):
            state = batch.state
    world.rules.clear()
    assert run(world, state, ago(-2), search=["nichts"], memory=memory).asked == ["/search", "/api/info"]


def test_comments_of_a_thread_found_in_this_run_come_in_this_run(world: RedditWorld) -> None:
    """Each batch is stored before the next is asked for, so its mentions are known."""
    top = thread(world, 1, 2)
    memory = Remembered()
    seen: set[str] = set()
    for batch in batches(world, search=["akkufix"], memory=memory):
        seen |= {post.id for post in batch.posts}
        memory.names = ("t3_p000001",)
    assert all_of(world, top) <= seen
