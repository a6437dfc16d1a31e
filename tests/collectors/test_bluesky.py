"""Bluesky: golden answers, a search read by instants down to the mark, sessions, manners, refusals."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.bluesky import collect, posts_of, recognise
from collectors.reading import Page, read
from listener.errors import AccessError, ConfigError, ParseError, TransientError
from listener.model import Batch, Source
from tests.networks import AT, DATA, answer, batches, goldens, told
from tests.world import Reply, Request, World

SOURCE = Source("bsky", "bluesky", allow_private=True, delay=timedelta(0))
URL = "https://api.bsky.app/xrpc/app.bsky.feed.searchPosts"
SEARCH, SESSION = "/xrpc/app.bsky.feed.searchPosts", "/xrpc/com.atproto.server.createSession"
FIRST = datetime(2026, 11, 20, tzinfo=UTC)
LOGIN: dict[str, Any] = {"handle": "bohrfrau.bsky.example", "app_password": "abcd-hemmelig"}


def page_of(name: str) -> Page:
    return Page((DATA / f"bluesky/{name}.answer.json").read_bytes(), URL, AT)


def page(found: Any) -> Page:
    return Page(json.dumps(found).encode(), URL, AT)


@pytest.mark.parametrize("gold", goldens("bluesky"), ids=lambda gold: gold.stem)
def test_golden_answers(gold: Any) -> None:
    found = page_of(gold.stem)
    assert told(posts_of(found)) == json.loads(gold.read_text(encoding="utf-8"))
    assert recognise(found) and read(found).posts == posts_of(found)


def test_a_thread_is_one_and_a_feed_is_none() -> None:
    assert read(page_of("thread")).thread_id == "at://did:plc:bohrfrau/app.bsky.feed.post/3kaaa"
    feed = {"feed": [{"post": post} for post in answer("bluesky", "search")["posts"]]}
    assert read(page(feed)).posts == posts_of(page_of("search"))


@pytest.mark.parametrize(
    ("created", "indexed", "expected", "precision"),
    [
        ("2026-11-23T20:00:00+01:00", "2026-11-23T19:00:01Z", "2026-11-23T19:00:00Z", "second"),
        ("2026-11-23T19:00:30Z", "2026-11-23T19:00:01Z", "2026-11-23T19:00:01Z", "second"),
        ("2026-11-23T20:00:00Z", "2026-11-23T19:00:01Z", "2026-11-23T19:00:01Z", "day"),
        ("0001-01-01T00:00:00Z", "2026-11-23T19:00:01Z", "2026-11-23T19:00:01Z", "day"),
        ("gestern", "2026-11-23T19:00:01Z", "2026-11-23T19:00:01Z", "day"),
        ("2026-11-23T19:00:00Z", None, "2026-11-23T19:00:00Z", "second"),
        ("2030-01-01T00:00:00Z", None, None, "unknown"),
        (None, None, None, "unknown"),
    ],
)
def test_when_a_post_was_written(created: Any, indexed: Any, expected: Any, precision: str) -> None:
    found = answer("bluesky", "search")["posts"][3]
    found["record"]["createdAt"], found["indexedAt"] = created, indexed
    (post,) = posts_of(page({"posts": [found]}))
    assert post.published_at == (datetime.fromisoformat(expected) if expected else None)
    assert post.date_precision == precision


@pytest.mark.parametrize("where", ["author", "post", "record", "quoted"])
def test_who_is_not_for_everybody_is_left_out(where: str) -> None:
    found = answer("bluesky", "search")["posts"][4]
    label = [{"val": "!no-unauthenticated"}]
    if where == "record":
        found["record"]["labels"] = {"values": label}
    else:
        holders = {"author": found["author"], "post": found, "quoted": found["embed"]["record"]["author"]}
        holders[where]["labels"] = label
    posts = posts_of(page({"posts": [found]}))
    assert [post.quotes for post in posts] == ([()] if where == "quoted" else [])


@pytest.mark.parametrize(
    "body", [b"{}", b'{"posts": {}}', b'{"posts": [{"uri": 1}]}', b'"at://"', b"[]", b"<html>"]
)
def test_other_answers_are_parse_errors(body: bytes) -> None:
    found = Page(body, URL, AT)
    assert not recognise(found)
    with pytest.raises(ParseError):
        posts_of(found)


@pytest.mark.parametrize(
    "index", [{"byteStart": -5, "byteEnd": 9}, {"byteStart": 1, "byteEnd": "9" * 5000}, {}, None, [1]]
)
def test_a_link_that_stands_nowhere_changes_no_text(index: Any) -> None:
    found = answer("bluesky", "search")["posts"][3]
    found["record"]["facets"] = [{**found["record"]["facets"][0], "index": index}]
    assert posts_of(page({"posts": [found]}))[0].text == found["record"]["text"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("9" * 5000) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(
    value=json_values,
    number=st.integers(0, 9),
    part=st.sampled_from([None, "record", "author"]),
    at=st.data(),
)
def test_any_value_anywhere_gives_posts_or_a_parse_error(
    value: Any, number: int, part: str | None, at: st.DataObject
) -> None:
    found = answer("bluesky", "search")
    row = found["posts"][number] if part is None else found["posts"][number][part]
    row[at.draw(st.sampled_from(sorted(row)))] = value
    try:
        posts = posts_of(page(found))
    except ParseError:
        return
    assert all(post.id and post.url.startswith("https://") for post in posts)


class Server:
    """The search of Bluesky, newest first; whoever is not signed in may not use cursors."""

    def __init__(self, posts: int, *, signed_in: bool = False) -> None:
        self.signed_in, self.sessions = signed_in, 0
        self.posts = [self._view(number) for number in range(1, posts + 1)]
        self.strange: dict[int, str] = {}

    def _view(self, number: int, at: datetime | None = None) -> dict[str, Any]:
        model = answer("bluesky", "search")["posts"][2]
        when = (at or FIRST + timedelta(minutes=number)).isoformat()
        uri = f"at://did:plc:leimtopf/app.bsky.feed.post/{number}"
        return {**model, "uri": uri, "record": {**model["record"], "createdAt": when}, "indexedAt": when}

    def add(self, count: int) -> None:
        start = len(self.posts) + 1
        self.posts += [self._view(number) for number in range(start, start + count)]

    def __call__(self, request: Request) -> Reply | str:
        asked = request.query
        if request.path.startswith(SESSION):
            told = json.loads(request.body)
            if told != {"identifier": LOGIN["handle"], "password": LOGIN["app_password"]}:
                return Reply(
                    b'{"error":"AuthenticationRequired","message":"Invalid identifier or password"}', 401
                )
            self.sessions += 1
            return json.dumps(
                {"accessJwt": f"jwt-{self.sessions}", "refreshJwt": "x", "did": "did:plc:bohrfrau"}
            )
        assert request.path.startswith(SEARCH) and asked["sort"] == "latest" and "cursor" not in asked
        if self.signed_in and request.headers.get("authorization") != f"Bearer jwt-{self.sessions}":
            return Reply(b"<html>403 Forbidden</html>", 403)
        until = datetime.fromisoformat(asked.get("until", "2099-01-01T00:00:00Z"))
        rows = [row for row in self.posts if datetime.fromisoformat(row["indexedAt"]) < until]
        rows.sort(key=lambda row: row["indexedAt"], reverse=True)
        shown = rows[: int(asked["limit"])]
        return json.dumps({"posts": shown, **({"cursor": "100"} if len(rows) > len(shown) else {})})


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for name in ("BLUESKY_HANDLE", "BLUESKY_APP_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    with World() as found:
        yield found


def run(world: World, state: Any = None, most: int = 99, at: datetime = AT, **options: Any) -> list[Batch]:
    """See `batches`."""
    options = {"server": world.url, "search": ["akkufix"], **options}
    return batches(collect, SOURCE, state, at, most, **options)


def ids(batches: list[Batch]) -> list[int]:
    return [int(post.id.rpartition("/")[2]) for batch in batches for post in batch.posts]


def test_a_search_is_read_to_its_end_then_only_its_news(world: World) -> None:
    world.routes["*"] = server = Server(250)
    first = run(world)
    assert set(ids(first)) == set(range(1, 251)) and len(world.paths) == 3
    assert first[-1].complete_since == FIRST + timedelta(minutes=1)
    server.add(3)
    second = run(world, first[-1].state)
    assert ids(second)[:3] == [253, 252, 251] and len(world.paths) == 4 and not second[-1].notice


def test_a_post_with_a_strange_clock_does_not_cut_the_search_off(world: World) -> None:
    world.routes["*"] = server = Server(250)
    server.posts[150]["record"]["createdAt"] = "2014-01-01T00:00:00Z"  # the last of the first page
    assert set(ids(run(world))) == set(range(1, 251))


def test_posts_of_one_instant_stall_nothing(world: World) -> None:
    world.routes["*"] = server = Server(5)
    server.posts += [server._view(n, FIRST + timedelta(hours=1)) for n in range(1000, 1150)]
    assert set(range(1, 6)) <= set(ids(run(world)))


def test_what_the_search_shows_late_is_read(world: World) -> None:
    world.routes["*"] = server = Server(150)
    first = run(world)
    server.posts += [
        server._view(n, FIRST + timedelta(minutes=150, seconds=n - 900)) for n in range(901, 998)
    ]
    server.posts.append(server._view(777, FIRST + timedelta(minutes=143)))
    assert 777 in ids(run(world, first[-1].state))


def test_a_run_that_was_killed_goes_on_where_it_was(world: World) -> None:
    world.routes["*"] = server = Server(450)
    state: Any = {}
    seen: list[int] = []
    for step in range(8):
        server.add(2)
        batches = run(world, state, most=1, at=AT + timedelta(minutes=step))
        state = json.loads(json.dumps(dict(batches[-1].state)))
        seen += ids(batches)
    seen += ids(run(world, state, at=AT + timedelta(hours=1)))
    assert set(seen) == set(range(1, 467))


def test_more_than_the_limit_is_named_as_a_gap(world: World) -> None:
    world.routes["*"] = server = Server(150)
    first = run(world, limit=200)
    server.add(500)
    last = run(world, first[-1].state, limit=200)[-1]
    assert "search 'akkufix': posts between" in last.notice


def test_a_session_is_asked_for_once_a_run_and_never_stored(world: World) -> None:
    world.routes["*"] = server = Server(150, signed_in=True)
    batches = run(world, **LOGIN)
    assert len(ids(batches)) >= 150 and server.sessions == 1
    assert [request.method for request in world.log] == ["POST", "GET", "GET"]
    stored = json.dumps([dict(batch.state) for batch in batches])
    assert "jwt" not in stored and "hemmelig" not in stored


def test_a_wrong_password_says_so_and_does_not_tell_it(world: World) -> None:
    world.routes["*"] = Server(3, signed_in=True)
    with pytest.raises(AccessError, match="Invalid identifier or password") as caught:
        run(world, **{**LOGIN, "app_password": "falsch"})
    assert "falsch" not in str(caught.value)


def test_the_environment_s_password_is_not_told_to_other_servers(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.routes["*"] = server = Server(3)
    monkeypatch.setenv("BLUESKY_HANDLE", LOGIN["handle"])
    monkeypatch.setenv("BLUESKY_APP_PASSWORD", LOGIN["app_password"])
    assert len(ids(run(world))) == 3 and server.sessions == 0


def test_who_is_refused_learns_how_to_sign_in(world: World) -> None:
    world.routes["*"] = Server(3, signed_in=True)
    with pytest.raises(AccessError, match=r"403.*BLUESKY_HANDLE"):
        run(world)


def test_the_limit_that_headers_state_is_kept(world: World) -> None:
    reset = int((AT + timedelta(minutes=3)).timestamp())
    body = json.dumps({**answer("bluesky", "search"), "cursor": "10"}).encode()
    world.routes["*"] = Reply(body, 200, {"ratelimit-remaining": "0", "ratelimit-reset": str(reset)})
    with pytest.raises(TransientError) as caught:
        run(world)
    assert len(world.paths) == 1 and caught.value.retry_after
    assert timedelta(minutes=2) < caught.value.retry_after <= timedelta(minutes=3)


@pytest.mark.parametrize(
    ("reply", "error", "words"),
    [
        (
            Reply(b'{"error":"InvalidRequest","message":"Error: q must have a value"}', 400),
            AccessError,
            "must have a",
        ),
        (Reply(b"", 429, {"retry-after": "60"}), TransientError, "429"),
        (Reply(b"", 502), TransientError, "502"),
        (Reply(b"<html>"), ParseError, "not JSON"),
        (Reply(b'{"posts": 3}'), ParseError, "no posts"),
    ],
)
def test_refusals(world: World, reply: Reply, error: type[Exception], words: str) -> None:
    world.routes["*"] = reply
    with pytest.raises(error, match=words):
        run(world)


def test_a_session_without_its_token(world: World) -> None:
    world.routes["*"] = b"{}"
    with pytest.raises(ParseError, match="without its token"):
        run(world, **LOGIN)


@pytest.mark.parametrize(
    "state",
    [
        {"streams": 3},
        {"streams": {"search 'akkufix'": {"descent": {"after": "x", "count": 1}}}},
        {"began": "x"},
    ],
)
def test_a_damaged_state_is_as_none(world: World, state: Any) -> None:
    world.routes["*"] = Server(60)
    assert set(ids(run(world, state))) == set(range(1, 61))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"search": []}, "nothing to read"),
        ({"handle": "a.example"}, "both"),
        ({"server": "ftp://x"}, "no server"),
    ],
)
def test_options_that_cannot_be_meant(world: World, options: Any, words: str) -> None:
    with pytest.raises((AccessError, ConfigError), match=words):
        run(world, **options)


def test_one_language_alone(world: World) -> None:
    world.routes["*"] = Server(3)
    run(world, lang="de")
    assert [Request(path, {}).query["lang"] for path in world.paths] == ["de"]


def test_posts_that_are_left_out_are_no_gap(world: World) -> None:
    world.routes["*"] = server = Server(600)
    for row in server.posts[50:]:
        row["labels"] = [{"val": "!hide"}]
    first = run(world, limit=300)
    assert not ids(first) and len(world.paths) == 3
    again = run(world, first[-1].state, limit=300)
    assert not again[-1].notice and len(world.paths) == 4
