"""YouTube: golden answers, comments and replies, searches within the quota, what the API refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.reading import Page, read
from collectors.youtube import NOTE, collect
from collectors.youtube_api import posts_of
from listener.errors import AccessError, ConfigError, ParseError, TransientError
from listener.model import Batch, Source
from tests.networks import AT, DATA, answer, batches, goldens, told
from tests.world import Reply, Request, World

SOURCE = Source("yt", "youtube", allow_private=True, delay=timedelta(0))
ONE, TWO, CHANNEL = "Akku3000abc", "Bohrwerk-B2", "UC" + "w" * 22
FIRST = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize("gold", goldens("youtube"), ids=lambda gold: gold.stem)
def test_golden_answers(gold: Any) -> None:
    assert told(posts_of(answer("youtube", gold.stem))) == json.loads(gold.read_text(encoding="utf-8"))
    body = (DATA / f"youtube/{gold.stem}.answer.json").read_bytes()
    assert read(Page(body, "", AT)).posts == posts_of(answer("youtube", gold.stem))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("9" * 5000),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(value=json_values, at=st.data())
def test_any_value_anywhere_gives_posts_or_a_parse_error(value: Any, at: st.DataObject) -> None:
    found = answer("youtube", at.draw(st.sampled_from(["threads", "replies", "videos"])))
    part = found
    while isinstance(part, dict | list) and part:
        key = at.draw(st.sampled_from(list(part) if isinstance(part, dict) else list(range(len(part)))))
        if not isinstance(part[key], dict | list) or at.draw(st.booleans()):
            part[key] = value
            break
        part = part[key]
    try:
        posts = posts_of(found)
    except ParseError:
        return
    assert all(post.id and (post.published_at or post.date_precision == "unknown") for post in posts)


class Api:
    """The API with comments of some videos, newest first; counts the units that a day's quota is made of."""

    def __init__(self, **comments: int) -> None:
        self.comments = {name.replace("_", "-"): count for name, count in comments.items()}
        self.replies: dict[str, int] = {}  # of the comment of this id
        self.refused: dict[str, Reply] = {}
        self.found: list[str] = []
        self.calls: list[str] = []
        self.units = 0

    def __call__(self, request: Request) -> Reply | str:
        asked, method = request.query, request.path.partition("?")[0].strip("/")
        assert request.headers["x-goog-api-key"] == "canary" and "canary" not in request.path
        self.calls.append(method)
        self.units += 100 if method == "search" else 1
        for value in (method, *asked.values()):
            if value in self.refused:
                return self.refused[value]
        return json.dumps(getattr(self, f"_{method}")(asked))

    def _search(self, asked: dict[str, str]) -> Any:
        assert (asked["type"], asked["order"]) == ("video", "date") and asked["publishedAfter"].endswith("Z")
        items = [{"kind": "youtube#searchResult", "id": {"videoId": one}} for one in self.found]
        return {"kind": "youtube#searchListResponse", "items": items, "nextPageToken": "x"}

    def _videos(self, asked: dict[str, str]) -> Any:
        found = answer("youtube", "videos")
        (video,) = found["items"]
        ids = [one for one in asked["id"].split(",") if one in self.comments]
        assert len(asked["id"].split(",")) <= 50 and "maxResults" not in asked
        counts = {one: str(self.comments[one] + sum(self.replies.values())) for one in ids}
        return {
            **found,
            "items": [{**video, "id": one, "statistics": {"commentCount": counts[one]}} for one in ids],
        }

    def _commentThreads(self, asked: dict[str, str]) -> Any:
        assert (asked["order"], asked["textFormat"], asked["maxResults"]) == ("time", "plainText", "100")
        if "videoId" in asked:
            ids = [(asked["videoId"], number) for number in range(self.comments[asked["videoId"]], 0, -1)]
        else:
            ids = [
                (video, number) for video, count in self.comments.items() for number in range(count, 0, -1)
            ]
            ids.sort(key=lambda one: -one[1])
        start = int(asked.get("pageToken", "t0")[1:])
        more = {"nextPageToken": f"t{start + 100}"} if len(ids) > start + 100 else {}
        items = [self._thread(video, number) for video, number in ids[start : start + 100]]
        return {"kind": "youtube#commentThreadListResponse", "items": items, **more}

    def _thread(self, video: str, number: int) -> Any:
        item = answer("youtube", "threads")["items"][1]
        at = f"{FIRST + timedelta(minutes=number):%Y-%m-%dT%H:%M:%SZ}"
        name = f"Ug{video}{number}"
        top = {**item["snippet"]["topLevelComment"], "id": name}
        top["snippet"] = {**top["snippet"], "videoId": video, "publishedAt": at, "updatedAt": at}
        total = self.replies.get(name, 0)
        item.update(id=name, snippet={"videoId": video, "topLevelComment": top, "totalReplyCount": total})
        item["replies"] = {"comments": [self._reply(name, one, video) for one in range(1, min(total, 5) + 1)]}
        return item

    def _reply(self, name: str, number: int, video: str = "") -> Any:
        (item,) = answer("youtube", "replies")["items"]
        return {**item, "id": f"{name}.{number}", "snippet": {**item["snippet"], "videoId": video}}

    def _comments(self, asked: dict[str, str]) -> Any:
        total, start = self.replies[asked["parentId"]], int(asked.get("pageToken", "t0")[1:])
        more = {"nextPageToken": f"t{start + 100}"} if total > start + 100 else {}
        numbers = range(start + 1, min(total, start + 100) + 1)
        return {"items": [self._reply(asked["parentId"], one) for one in numbers], **more}


def refusal(status: int, reason: str, words: str = "in their words") -> Reply:
    error = {"code": status, "message": words, "errors": [{"reason": reason, "domain": "youtube"}]}
    return Reply(json.dumps({"error": error}).encode(), status)


@pytest.fixture
def world() -> Iterator[World]:
    with World() as found:
        yield found


def run(world: World, state: Any = None, most: int = 999, at: datetime = AT, **options: Any) -> list[Batch]:
    """See `batches`."""
    options = {"key": "canary", "api_url": world.url, **options}
    return batches(collect, SOURCE, state, at, most, **options)


def ids(batches: list[Batch]) -> set[str]:
    return {post.id for batch in batches for post in batch.posts}


def test_a_video_is_read_whole_and_only_asked_for_again_when_it_changed(world: World) -> None:
    world.routes["*"] = api = Api(Akku3000abc=250)
    first = run(world, videos=f"https://youtu.be/{ONE}?t=3")
    assert ids(first) == {f"Ug{ONE}{number}" for number in range(1, 251)}
    assert {post.title for batch in first for post in batch.posts} == {"Akkufix 3000 im Test"}
    assert api.calls == ["videos", *["commentThreads"] * 3] and first[-1].complete_since is not None
    second = run(world, first[-1].state, at=AT + timedelta(minutes=15), videos=[ONE])
    assert api.calls[4:] == ["videos"] and second[-1].complete_since == first[-1].complete_since
    api.comments[ONE] = 251
    third = run(world, second[-1].state, at=AT + timedelta(minutes=30), videos=[ONE])
    assert f"Ug{ONE}251" in ids(third) and api.calls[5:] == ["videos", "commentThreads"]
    run(world, third[-1].state, at=AT + timedelta(hours=25), videos=[ONE])
    assert api.calls[7:] == ["videos", "commentThreads"]


def test_more_than_five_replies_are_asked_for_once(world: World) -> None:
    world.routes["*"] = api = Api(Akku3000abc=2)
    api.replies = {f"Ug{ONE}1": 130, f"Ug{ONE}2": 4}
    first = run(world, videos=[ONE])
    assert len(ids(first)) == 2 + 134 and api.calls.count("comments") == 2
    assert {post.thread_id for batch in first for post in batch.posts} == {ONE}
    api.replies[f"Ug{ONE}2"] = 5
    run(world, first[-1].state, at=AT + timedelta(hours=1), videos=[ONE])
    assert api.calls.count("comments") == 2
    api.replies[f"Ug{ONE}1"] = 131
    third = run(world, first[-1].state, at=AT + timedelta(hours=2), videos=[ONE])
    assert f"Ug{ONE}1.131" in ids(third)


def test_killed_runs_lose_nothing(world: World) -> None:
    world.routes["*"] = api = Api(Akku3000abc=450)
    state: Any = {}
    seen: set[str] = set()
    for step in range(8):
        api.comments[ONE] += 3
        batches = run(world, state, most=1, at=AT + timedelta(minutes=15 * step), videos=[ONE])
        state = json.loads(json.dumps(dict(batches[-1].state)))
        seen |= ids(batches)
    assert seen >= {f"Ug{ONE}{number}" for number in range(1, 471)}


def test_a_channel_names_the_videos_of_its_comments(world: World) -> None:
    world.routes["*"] = api = Api(Akku3000abc=60, Bohrwerk_B2=60)
    found = run(world, channels=[f"https://www.youtube.com/channel/{CHANNEL}"])
    assert len(ids(found)) == 120 and api.calls == ["commentThreads", "videos", "commentThreads"]
    assert {(post.thread_id, post.title) for batch in found for post in batch.posts} == {
        (ONE, "Akkufix 3000 im Test"), (TWO, "Akkufix 3000 im Test"),
    }  # fmt: skip


def test_a_search_is_asked_for_four_times_a_day_and_its_videos_followed(world: World) -> None:
    world.routes["*"] = api = Api(Akku3000abc=3, Bohrwerk_B2=4)
    api.found = [ONE]
    state: Any = {}
    seen: list[set[str]] = []
    for step in range(96):
        if step == 40:
            api.found, api.comments[ONE] = [TWO], 9
        batches = run(world, state, at=AT + timedelta(minutes=15 * step), search=["akkufix"])
        state = json.loads(json.dumps(dict(batches[-1].state)))
        seen.append(ids(batches))
    assert seen[0] == {ONE, *(f"Ug{ONE}{number}" for number in range(1, 4))}
    assert f"Ug{ONE}9" in seen[40] and {TWO, f"Ug{TWO}4"} <= set.union(*seen)
    assert api.calls.count("search") == 4 and api.units < 400 + 96 + 10
    late = run(world, state, at=AT + timedelta(days=16), search=["akkufix"])
    assert {name for name in late[-1].state["found"]} == {TWO}


def test_what_a_search_found_outlives_a_failure(world: World) -> None:
    world.routes["*"] = api = Api(Akku3000abc=3)
    api.found, api.refused = [ONE], {"videos": refusal(500, "backendError")}
    first = run(world, most=1, search=["akkufix"])
    api.refused = {}
    assert f"Ug{ONE}3" in ids(run(world, first[-1].state, search=["akkufix"]))
    assert api.calls.count("search") == 1


def test_a_video_without_comments_leaves_the_others_alone(world: World) -> None:
    world.routes["*"] = api = Api(Akku3000abc=3, Bohrwerk_B2=4)
    api.refused = {ONE: refusal(403, "commentsDisabled", "The video has disabled comments.")}
    found = run(world, videos=[ONE, TWO])
    assert ids(found) == {f"Ug{TWO}{number}" for number in range(1, 5)}
    assert f"video {ONE}: HTTP 403 Forbidden: The video has disabled comments." in found[-1].notice
    assert found[-1].complete_since is not None


@pytest.mark.parametrize(
    ("at", "hours"),
    [(datetime(2026, 7, 1, 6, 0, tzinfo=UTC), 1), (datetime(2026, 12, 1, 6, 0, tzinfo=UTC), 2),
     (datetime(2026, 12, 1, 8, 0, tzinfo=UTC), 24)],
)  # fmt: skip
def test_a_spent_quota_waits_for_midnight_in_california(world: World, at: datetime, hours: int) -> None:
    world.routes["*"] = refusal(403, "quotaExceeded")
    with pytest.raises(TransientError, match="in their words") as caught:
        run(world, at=at, videos=[ONE], channels=[CHANNEL])
    assert caught.value.retry_after == timedelta(hours=hours) and len(world.paths) == 1


@pytest.mark.parametrize("reason", ["keyInvalid", "accessNotConfigured"])
def test_a_refused_key_ends_the_run(world: World, reason: str) -> None:
    world.routes["*"] = refusal(400, reason)
    with pytest.raises(AccessError, match="in their words"):
        run(world, channels=[CHANNEL, "UC" + "v" * 22])
    assert len(world.paths) == 1


def test_one_channel_that_is_refused_leaves_the_others_alone(world: World) -> None:
    world.routes["*"] = api = Api(Akku3000abc=3)
    api.refused = {CHANNEL: refusal(403, "forbidden")}
    with pytest.raises(AccessError, match=f"channel {CHANNEL}: HTTP 403"):
        run(world, channels=[CHANNEL, "UC" + "v" * 22])
    assert api.calls == ["commentThreads", "commentThreads", "videos"]


def test_a_page_that_is_too_old_is_begun_anew(world: World) -> None:
    world.routes["*"] = api = Api(Akku3000abc=250)
    state = run(world, most=1, videos=[ONE])[-1].state
    stale = [refusal(400, "invalidPageToken")]
    world.routes["*"] = lambda request: (
        stale.pop() if stale and "pageToken" in request.query else api(request)
    )
    assert len(ids(run(world, state, videos=[ONE]))) == 250 and not stale


def test_no_key(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("YOUTUBE_API_KEY", raising=False)
    with pytest.raises(AccessError, match="YOUTUBE_API_KEY"):
        run(world, key="", videos=[ONE])
    world.routes["*"] = Api(Akku3000abc=1)
    monkeypatch.setenv("YOUTUBE_API_KEY", "canary")
    assert ids(run(world, key="", videos=[ONE])) == {f"Ug{ONE}1"}
    assert "30 days" in NOTE


@pytest.mark.parametrize(
    ("options", "words"),
    [({}, "nothing to read"), ({"videos": ["abc"]}, "no video"), ({"channels": ["@name"]}, "no channel")],
)
def test_options_that_cannot_be_meant(world: World, options: Any, words: str) -> None:
    with pytest.raises((AccessError, ConfigError), match=words):
        run(world, **options)


@pytest.mark.parametrize(
    "place",
    [ONE, f"https://www.youtube.com/watch?v={ONE}&t=5", f"https://m.youtube.com/watch?app=x&v={ONE}",
     f"https://youtu.be/{ONE}", f"https://www.youtube.com/shorts/{ONE}", f"https://www.youtube.com/live/{ONE}?x"],
)  # fmt: skip
def test_addresses_of_videos(world: World, place: str) -> None:
    world.routes["*"] = Api(Akku3000abc=1)
    assert ids(run(world, videos=[place])) == {f"Ug{ONE}1"}


@pytest.mark.parametrize(
    "state", [{"found": 3, "counts": [], "streams": 1}, {"found": {ONE: "x", TWO: 10**30}}]
)
def test_a_damaged_state_is_as_none(world: World, state: Any) -> None:
    world.routes["*"] = Api(Akku3000abc=3)
    assert len(ids(run(world, state, videos=[ONE]))) == 3


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"items": {}}', b'{"items": [{"kind": "x"}]}'])
def test_what_is_no_answer_is_a_parse_error(world: World, body: bytes) -> None:
    world.routes["*"] = body
    with pytest.raises(ParseError):
        run(world, channels=[CHANNEL])
