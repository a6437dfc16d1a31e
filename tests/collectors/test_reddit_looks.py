"""Second looks at Reddit: what was deleted there is erased here, and nothing else is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collectors.http import HttpClient
from collectors.reddit import collect
from collectors.reddit_looks import Looks, looks_of
from listener.model import Batch, NoMemory, Post, Source
from tests.reddit_world import (
    CLIENT_ID,
    CLIENT_SECRET,
    Answer,
    Asked,
    RedditWorld,
    Thing,
    comment,
    listing,
    submission,
)
from tests.shelf import Shelf

NOW = datetime(2026, 3, 6, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SOURCE = Source("reddit", "reddit", every=timedelta(minutes=15), allow_private=True)
INFO = "/api/info"


@pytest.fixture
def world() -> Iterator[RedditWorld]:
    with RedditWorld() as opened:
        yield opened


class Ears:
    """One source over several runs."""

    def __init__(self, world: RedditWorld, **options: Any) -> None:
        self.world, self.shelf = world, Shelf()
        self.options = {"follow": timedelta(0), **(options or {"subreddits": ["werkzeug"]})}
        self.state: Mapping[str, Any] = {}
        self.batches: list[Batch] = []

    def opened(self, now: datetime) -> Iterator[Batch]:
        key = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "api_url": self.world.url}
        state = json.loads(json.dumps(self.state))
        with HttpClient(contact="ears@example.com", now=lambda: now) as http:
            yield from collect(SOURCE, state, http, **key, memory=self.shelf, **self.options)

    def run(self, now: datetime) -> list[str]:
        """What is asked in this run, tokens aside."""
        before = len(self.world.paths)
        self.batches = []
        for batch in self.opened(now):
            self.shelf.store(batch.posts)
            self.batches.append(batch)
            self.state = batch.state
        return self.world.paths[before:]

    @property
    def notice(self) -> str:
        return "; ".join(batch.notice for batch in self.batches if batch.notice)


def old(number: int, text: str = "Akkufix", **more: Any) -> dict[str, Any]:
    return submission(number, NOW - timedelta(days=30, minutes=-number), selftext=f"{text} {number}", **more)


def heard(world: RedditWorld, count: int = 150) -> Ears:
    """A source that has read `count` posts of a month ago; only the newest 100 are seen in each run."""
    world.posts = [old(n) for n in range(1, count + 1)]
    ears = Ears(world)
    ears.run(NOW)
    return ears


def test_what_was_deleted_or_removed_is_erased_within_the_hour(world: RedditWorld) -> None:
    ears = heard(world)
    world.delete("t3_p000001")
    world.remove("t3_p000002")
    world.remove("t3_p000003", by="reddit")
    ears.run(NOW + HOUR)
    assert ears.shelf.erased == {"t3_p000001", "t3_p000002", "t3_p000003"}
    (gone,) = [post for one in ears.batches for post in one.posts if post.id == "t3_p000001"]
    assert gone == Post(gone.id, gone.url, "", date_precision="unknown", deleted=True, erased=True)


def test_comments_are_looked_at_too(world: RedditWorld) -> None:
    thread = old(1)
    world.comments = [comment(n, NOW - DAY + n * timedelta(minutes=1), thread) for n in range(1, 151)]
    ears = heard(world, 1)
    world.delete("t1_c000002")
    ears.run(NOW + DAY)
    assert ears.shelf.erased == {"t1_c000002"}


def test_edits_votes_and_gone_accounts_are_noticed(world: RedditWorld) -> None:
    ears = heard(world)
    world.edit("t3_p000001", "Akkufix ist doch gut", NOW)
    world.find("t3_p000002")["data"].update(ups=41, score=41, num_comments=7)  # type: ignore[index]
    world.leave("saegefix")
    ears.run(NOW + HOUR)
    first, second = ears.shelf.posts["t3_p000001"], ears.shelf.posts["t3_p000002"]
    assert (first.text, first.edited_at) == ("Akkufix ist doch gut", NOW)
    assert (second.votes, second.replies) == (41, 7)
    assert (first.author, first.erased, first.deleted) == (None, True, False)


def test_mentions_come_round_hourly_and_the_others_daily(world: RedditWorld) -> None:
    world.posts = [old(n, "Akkufix" if n <= 20 else "Hobel") for n in range(1, 251)]
    ears = Ears(world)
    assert ears.run(NOW).count(INFO) == 4
    assert ears.run(NOW + HOUR / 2).count(INFO) == 0
    assert ears.run(NOW + HOUR).count(INFO) == 1
    assert ears.run(NOW + DAY).count(INFO) == 4
    asked = [one.query["id"].split(",") for one in world.log if one.path == INFO]
    assert max(map(len, asked)) == 100


def test_news_come_first_and_looks_keep_to_their_budget(world: RedditWorld) -> None:
    ears = heard(world, 0)
    world.rules[INFO] = lambda asked: Answer(body=listing(there(asked)))
    ears.shelf.store(post_of(n, "Akkufix" if n % 2 else "Hobel") for n in range(6000))
    asked = ears.run(NOW + DAY)
    assert asked[:2] == ["/r/werkzeug/new", "/r/werkzeug/comments"]
    assert asked[2:] == [INFO] * 20
    stood = ears.state["looks"]
    assert (stood["mentioned"]["after"], stood["all"]["after"]) == (3000, 500)
    assert ears.run(NOW + DAY + HOUR / 4).count(INFO) == 20
    assert ears.state["looks"]["mentioned"]["after"] == 6000


def there(asked: Asked) -> list[Thing]:
    return [old(0, name=name, id=name[3:]) for name in asked.query["id"].split(",")]


def post_of(number: int, text: str, board: str = "werkzeug") -> Post:
    address = f"https://www.reddit.com/r/{board}/comments/q{number}/x/"
    return Post(f"t3_q{number}", address, f"{text} {number}", published_at=NOW - 9 * DAY)


def test_no_looks_where_few_requests_remain(world: RedditWorld) -> None:
    ears = heard(world)
    world.limit(19.0, 981, 0)
    assert INFO not in ears.run(NOW + DAY)
    world.limit(20.0, 980, 0)
    assert INFO in ears.run(NOW + DAY)


def test_a_round_goes_on_after_a_kill(world: RedditWorld) -> None:
    ears = heard(world, 0)
    ears.shelf.store(post_of(n, "Akkufix") for n in range(450))
    running = ears.opened(NOW + DAY)
    asked = []
    for batch in running:
        asked.append(len([one for one in world.log if one.path == INFO]))
        ears.state = batch.state
        if asked[-1] == 3:
            break
    running.close()  # type: ignore[attr-defined]
    ears.shelf.store(batch.posts)
    ears.run(NOW + DAY)
    looked = [one.query["id"].split(",")[0] for one in world.log if one.path == INFO]
    assert looked[:5] == ["t3_q0", "t3_q100", "t3_q200", "t3_q300", "t3_q400"]


def test_a_purged_post_is_erased_when_it_is_missing_again(world: RedditWorld) -> None:
    ears = heard(world)
    world.purge("t3_p000001")
    ears.run(NOW + HOUR)
    ears.run(NOW + 2 * HOUR)
    assert not ears.shelf.erased
    ears.run(NOW + 7 * HOUR)
    assert ears.shelf.erased == {"t3_p000001"} and not ears.state["looks"]["lacking"]
    assert "/r/werkzeug/about" not in world.paths  # others of the subreddit are there


def test_a_post_that_was_missing_by_mistake_is_forgiven(world: RedditWorld) -> None:
    ears = heard(world)
    kept = list(world.posts)
    world.purge("t3_p000001")
    ears.run(NOW + HOUR)
    world.posts = kept
    ears.run(NOW + 3 * HOUR)
    world.purge("t3_p000001")
    ears.run(NOW + 8 * HOUR)
    assert not ears.shelf.erased


@pytest.mark.parametrize("shown", [0, 40])
def test_a_half_broken_answer_is_not_believed_for_a_week(world: RedditWorld, shown: int) -> None:
    ears = heard(world)
    world.rules[INFO] = lambda asked: first(world, asked, shown)
    for hours in range(1, 48):
        ears.run(NOW + hours * HOUR)
    assert not ears.shelf.erased
    assert f"Reddit's answer lacked {100 - shown} of 100 known posts and is not believed" in ears.notice
    ears.run(NOW + 8 * DAY)
    assert len(ears.shelf.erased) == 150 - 2 * shown


def first(world: RedditWorld, asked: Asked, shown: int) -> Answer:
    things = world.told(asked.query["id"].split(","))
    return Answer(body={"kind": "Listing", "data": {"children": things[:shown], "after": None}})


@pytest.mark.parametrize("reason", ["private", "quarantined", "banned"])
def test_a_closed_subreddit_keeps_its_posts_for_a_month(world: RedditWorld, reason: str) -> None:
    world.posts = [old(n) for n in range(1, 60)] + [old(n, board="holz") for n in range(60, 80)]
    ears = Ears(world, search=["akkufix"])
    ears.run(NOW)
    world.closed["holz"] = reason
    for days in (1, 2, 8, 29):
        ears.run(NOW + days * DAY)
        assert f"r/holz is closed: {reason}; its known posts are kept as they are" in ears.notice
    assert not ears.shelf.erased
    assert world.paths.count("/r/holz/about") == 4  # once a run
    ears.run(NOW + 32 * DAY)
    assert len(ears.shelf.erased) == 20 and "its known posts are erased" in ears.notice


def test_a_subreddit_that_opens_again_begins_anew(world: RedditWorld) -> None:
    world.posts = [old(n, board="holz") for n in range(1, 20)]
    ears = Ears(world, search=["akkufix"])
    ears.run(NOW)
    for days, closed in ((1, True), (20, False), (40, True), (60, True)):
        world.closed = {"holz": "private"} if closed else {}
        ears.run(NOW + days * DAY)
    assert not ears.shelf.erased


def test_too_many_closed_subreddits_are_asked_for_in_turn(world: RedditWorld) -> None:
    ears = heard(world, 0)
    ears.shelf.store(post_of(n, "Akkufix", board=f"brett{n}") for n in range(90))
    asked = ears.run(NOW + DAY)
    assert len([path for path in asked if path.endswith("/about")]) == 10
    assert not ears.shelf.erased and len(ears.state["looks"]["lacking"]) == 10


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(403), "HTTP 403"),
        (Answer(200, '{"kind": "Lis'), "came instead of JSON"),
        (Answer(200, {"message": "Sorry"}), "an error"),
        (Answer(200, {"kind": "Listing", "data": {"children": [None, 3, {"kind": "t3", "data": []}]}}), ""),
    ],
)
def test_a_look_that_fails_is_said_and_costs_no_coverage(
    world: RedditWorld, answer: Answer, said: str
) -> None:
    ears = heard(world)
    world.delete("t3_p000001")
    world.rules[INFO] = answer
    ears.run(NOW + HOUR)
    assert ears.batches[-1].complete_since is not None and not ears.shelf.erased
    assert said in ears.notice
    world.rules.clear()
    ears.run(NOW + 2 * HOUR)
    assert ears.shelf.erased == {"t3_p000001"}


def test_a_hundred_that_always_fails_holds_up_no_other(world: RedditWorld) -> None:
    ears = heard(world)
    world.delete("t3_p000150")
    world.delete("t3_p000001")
    broken = Answer(200, '{"kind": "Lis')
    world.rules[INFO] = lambda asked: broken if "t3_p000150" in asked.query["id"] else None
    for quarter in range(4, 8):
        ears.run(NOW + quarter * HOUR / 4)
    assert ears.shelf.erased == {"t3_p000001"}
    world.rules.clear()
    ears.run(NOW + 3 * HOUR)
    assert ears.shelf.erased == {"t3_p000001", "t3_p000150"}


def test_a_spent_limit_ends_the_looks_and_postpones_the_source(world: RedditWorld) -> None:
    ears = heard(world)
    world.rules[INFO] = Answer(429, {"error": 429}, {"retry-after": "300"})
    asked = ears.run(NOW + HOUR)
    assert max(batch.retry_after or timedelta(0) for batch in ears.batches) == timedelta(seconds=300)
    assert asked.count(INFO) == 1 and ears.batches[-1].complete_since


def test_other_peoples_ids_are_not_asked_for(world: RedditWorld) -> None:
    ears = heard(world, 0)
    names = ["t3_p000001,t3_p000002", "t5_abc", "https://x.example/", "t3_", "t1_é", "", "t1_c1"]
    ears.shelf.store(Post(name, "https://x.example/", "Akkufix") for name in names)
    ears.run(NOW + DAY)
    assert {one.query["id"] for one in world.log if one.path == INFO} == {"t1_c1"}


@pytest.mark.parametrize(
    "state",
    [
        None,
        [],
        "x",
        {"mentioned": 3, "all": {"after": "7", "began": 5}, "lacking": [1], "closed": {"a": None}},
        {"all": {"after": True, "began": "2026-13-01"}, "lacking": {"t3_a": "gestern"}},
        {"all": {"after": -4, "began": "2126-01-01T00:00:00+00:00"}, "closed": {"a": "2126-01-01"}},
        {"all": {"after": 10**40, "began": "2026-01-01T00:00:00"}},
    ],
)
def test_a_damaged_state_is_as_none(state: Any) -> None:
    assert Looks(state, memory=NoMemory(), now=NOW).state() == Looks(None, memory=NoMemory(), now=NOW).state()


def test_the_state_stays_small(world: RedditWorld) -> None:
    ears = heard(world, 0)
    ears.shelf.store(post_of(n, "Akkufix") for n in range(3000))
    ears.run(NOW + DAY)
    ears.run(NOW + DAY + HOUR)
    assert len(json.dumps(ears.state["looks"])) < 60_000


@pytest.mark.parametrize(("every", "looks"), [(1, 4), (15, 20), (60, 80), (1440, 200)])
def test_a_source_looks_as_often_as_it_is_due(every: int, looks: int) -> None:
    assert looks_of(timedelta(minutes=every)) == looks


def test_a_search_that_lags_and_misses_is_read_as_far_as_it_shows() -> None:
    at = [NOW]
    with RedditWorld(lambda: at[0]) as world:
        world.search_lag = timedelta(minutes=20)
        world.unfound = {f"t3_p{n:06}" for n in range(0, 400, 50)}
        ears = Ears(world, search=["akkufix"])
        for quarter in range(20):
            for minute in range(15):
                number = quarter * 15 + minute
                world.posts.append(submission(number, NOW + number * HOUR / 60, selftext="Akkufix"))
            at[0] = NOW + (quarter + 1) * HOUR / 4
            ears.run(at[0])
        written = {one["data"]["name"]: one["data"]["created_utc"] for one in world.posts}
    due = {name for name, when in written.items() if when <= (at[0] - world.search_lag).timestamp()}
    assert set(ears.shelf.posts) == due - world.unfound
    assert not ears.shelf.erased and not ears.notice
