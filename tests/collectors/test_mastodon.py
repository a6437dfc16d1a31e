"""Mastodon: golden answers, hashtags and searches read down to the mark, manners, limits, refusals."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.http import HttpClient
from collectors.mastodon import collect, posts_of, recognise
from collectors.reading import Page, read
from listener.errors import AccessError, ConfigError, ParseError, TransientError
from listener.model import Batch, Source
from tests.networks import AT, DATA, answer, batches, goldens, told
from tests.world import Reply, Request, World

SOURCE = Source("masto", "mastodon", allow_private=True, delay=timedelta(0))
URL = "https://mastodon.example/api/v1/timelines/tag/akkufix"
FIRST = datetime(2026, 11, 20, tzinfo=UTC)
TOKEN = "hemmelig"


def page_of(name: str) -> Page:
    return Page((DATA / f"mastodon/{name}.answer.json").read_bytes(), URL, AT)


def page(found: Any) -> Page:
    return Page(json.dumps(found).encode(), URL, AT)


@pytest.mark.parametrize("gold", goldens("mastodon"), ids=lambda gold: gold.stem)
def test_golden_answers(gold: Any) -> None:
    found = page_of(gold.stem)
    assert told(posts_of(found)) == json.loads(gold.read_text(encoding="utf-8"))
    assert recognise(found) and read(found).posts == posts_of(found)


@pytest.mark.parametrize(
    ("account", "is_read"),
    [
        ({}, True),
        ({"indexable": False, "discoverable": False}, True),
        ({"noindex": True}, False),
        ({"note": "#nobot"}, False),
        ({"note": "<p>#<span>noindex</span></p>"}, False),
        ({"note": "Robots are #nobodies"}, True),
        ({"note": None}, True),
    ],
)
def test_who_does_not_want_to_be_indexed_is_left_out(account: Any, is_read: bool) -> None:
    found = answer("mastodon", "tag")[1]
    found["account"] |= account
    assert bool(posts_of(page([found]))) is is_read


def test_a_single_post_and_what_is_around_it() -> None:
    found = answer("mastodon", "tag")
    assert len(read(page(found[1])).posts) == 1
    around = read(page({"ancestors": [found[1]], "descendants": [found[0]]}))
    assert len(around.posts) == 2 and around.thread_id == "115600000000000008"


@pytest.mark.parametrize(
    "found", [{}, {"error": "x"}, {"statuses": [{"uri": 1}]}, [{"id": "1"}], "x", 7, None]
)
def test_other_answers_are_parse_errors(found: Any) -> None:
    assert not recognise(page(found))
    with pytest.raises(ParseError):
        posts_of(page(found))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("9" * 5000),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(value=json_values, number=st.integers(0, 8), inside=st.booleans(), at=st.data())
def test_any_value_anywhere_gives_posts_or_a_parse_error(
    value: Any, number: int, inside: bool, at: st.DataObject
) -> None:
    found = answer("mastodon", "tag")
    row = found[number]["account"] if inside else found[number]
    row[at.draw(st.sampled_from(sorted(row)))] = value
    try:
        posts = posts_of(page(found))
    except ParseError:
        return
    assert all(post.id and post.url for post in posts)


class Server:
    """A Mastodon server, newest first: a hashtag's posts by ids, a search's by counting."""

    def __init__(self, posts: int, *, links: bool = True) -> None:
        self.links = links
        self.posts = [self._status(number) for number in range(1, posts + 1)]
        self.headers: dict[str, str] = {}

    def _status(self, number: int, at: datetime | None = None) -> dict[str, Any]:
        row: dict[str, Any] = answer("mastodon", "tag")[2]
        when = at or FIRST + timedelta(hours=number)
        uri = f"https://holz.example/statuses/{number}"
        return {**row, "id": str(number), "uri": uri, "created_at": when.isoformat()}

    def add(self, count: int) -> None:
        start = len(self.posts) + 1
        self.posts += [self._status(number) for number in range(start, start + count)]

    def __call__(self, request: Request) -> Reply:
        asked, rows = request.query, self.posts[::-1]
        size = int(asked["limit"])
        assert size <= 40
        if request.path.startswith("/api/v2/search"):
            assert request.headers["authorization"] == f"Bearer {TOKEN}" and asked["type"] == "statuses"
            start = int(asked.get("offset", "0"))
            return self._reply({"accounts": [], "statuses": rows[start : start + size], "hashtags": []})
        shown = [row for row in rows if int(row["id"]) < int(asked.get("max_id", "999999"))][:size]
        link = f'<https://m.example{request.path}&max_id={shown[-1]["id"]}>; rel="next"' if shown else ""
        return self._reply(shown, link if self.links and len(shown) == size else "")

    def _reply(self, found: Any, link: str = "") -> Reply:
        headers = {**self.headers, **({"link": f'{link}, <https://m.example/>; rel="prev"'} if link else {})}
        return Reply(json.dumps(found).encode(), 200, headers)


@pytest.fixture
def world() -> Iterator[World]:
    with World() as found:
        yield found


def run(world: World, state: Any = None, most: int = 99, at: datetime = AT, **options: Any) -> list[Batch]:
    """See `batches`."""
    options = {"server": world.url, "hashtags": ["#Akkufix"], **options}
    return batches(collect, SOURCE, state, at, most, **options)


def ids(batches: list[Batch]) -> list[int]:
    return [int(post.id.rpartition("/")[2]) for batch in batches for post in batch.posts]


@pytest.mark.parametrize("links", [True, False])
def test_a_hashtag_is_read_to_its_end_then_only_its_news(world: World, links: bool) -> None:
    world.routes["/api/v1/timelines/tag/Akkufix"] = server = Server(90, links=links)
    first = run(world)
    assert ids(first) == list(range(90, 0, -1)) and len(world.paths) == 3
    assert first[-1].complete_since == FIRST + timedelta(hours=1)
    server.add(3)
    second = run(world, first[-1].state)
    assert ids(second)[:3] == [93, 92, 91] and len(world.paths) == 4 and not second[-1].notice


def test_posts_of_other_servers_that_come_late_are_read(world: World) -> None:
    world.routes["*"] = server = Server(20)
    first = run(world)
    late = server._status(19, FIRST + timedelta(hours=19, minutes=30))
    late["uri"] = "https://holz.example/statuses/777"
    news = [server._status(n, FIRST + timedelta(hours=20, seconds=n)) for n in range(21, 60)]
    server.posts = [*server.posts[:19], late, *server.posts[19:], *news]
    assert 777 in ids(run(world, first[-1].state))


def test_a_search_is_read_by_counting(world: World) -> None:
    world.routes["/api/v2/search"] = server = Server(90)
    first = run(world, hashtags=[], search="akkufix", token=TOKEN)
    assert set(ids(first)) == set(range(1, 91)) and not first[-1].notice
    offsets = [Request(path, {}).query.get("offset") for path in world.paths]
    assert offsets == [None, "36", "72"]
    server.add(2)
    assert ids(run(world, first[-1].state, hashtags=[], search="akkufix", token=TOKEN))[:2] == [92, 91]


def test_deletions_between_two_pages_lose_nothing(world: World) -> None:
    server = Server(57)
    asked: list[str] = []

    def deleting(request: Request) -> Reply:
        if asked:
            server.posts = [row for row in server.posts if row["id"] not in ("56", "55")]
        asked.append(request.path)
        return server(request)

    world.routes["*"] = deleting
    assert set(ids(run(world, hashtags=[], search=["akkufix"], token=TOKEN))) == set(range(1, 58))


def test_a_run_that_was_killed_goes_on_where_it_was(world: World) -> None:
    world.routes["*"] = server = Server(200)
    state: Any = {}
    seen: list[int] = []
    for step in range(9):
        server.add(2)
        batches = run(world, state, most=1, at=AT + timedelta(hours=18 + 2 * step))
        state = json.loads(json.dumps(dict(batches[-1].state)))
        seen += ids(batches)
    seen += ids(run(world, state, at=AT + timedelta(days=9)))
    assert set(seen) == set(range(1, 219))


def test_more_than_the_limit_is_named_as_a_gap(world: World) -> None:
    world.routes["*"] = server = Server(30)
    first = run(world, limit=80)
    server.add(300)
    last = run(world, first[-1].state, limit=80, at=AT + timedelta(days=14))[-1]
    assert "#Akkufix: posts between" in last.notice and "were missed" in last.notice


def test_the_limit_that_headers_state_is_kept(world: World) -> None:
    world.routes["*"] = server = Server(90)
    reset = AT + timedelta(minutes=4)
    server.headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": reset.isoformat()}
    with pytest.raises(TransientError) as caught:
        run(world)
    assert len(world.paths) == 1
    assert caught.value.retry_after and timedelta(minutes=3) < caught.value.retry_after <= timedelta(
        minutes=4
    )


@pytest.mark.parametrize("reset", ["", "x", "2020-01-01T00:00:00Z", "9" * 400])
def test_a_limit_without_a_sensible_end_stops_nothing(world: World, reset: str) -> None:
    world.routes["*"] = server = Server(50)
    server.headers = {"x-ratelimit-remaining": "1", "x-ratelimit-reset": reset}
    assert len(ids(run(world))) == 50


@pytest.mark.parametrize(
    ("reply", "error", "words"),
    [
        (
            Reply(b'{"error":"This method requires an authenticated user"}', 422),
            AccessError,
            "authenticated user.*MAST",
        ),
        (Reply(b'{"error":"The access token is invalid"}', 401), AccessError, "token is invalid"),
        (Reply(b'{"error":"This action is not allowed"}', 403), AccessError, "not allowed"),
        (Reply(b'{"error":"Record not found"}', 404), AccessError, "Record not found"),
        (Reply(b"", 503), TransientError, "503"),
        (Reply(b"", 429), TransientError, "429"),
        (Reply(b"<html>"), ParseError, "not JSON"),
        (Reply(b"{}"), ParseError, "no posts"),
    ],
)
def test_refusals(world: World, reply: Reply, error: type[Exception], words: str) -> None:
    world.routes["*"] = reply
    with pytest.raises(error, match=words):
        run(world)


@pytest.mark.parametrize(
    "state", [{"streams": 3}, {"streams": {"#Akkufix": {"descent": []}}}, {"began": "x"}]
)
def test_a_damaged_state_is_as_none(world: World, state: Any) -> None:
    world.routes["*"] = Server(60)
    assert len(ids(run(world, state))) == 60


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"hashtags": []}, "nothing to read"),
        ({"hashtags": ["a b"]}, "no hashtag"),
        ({"hashtags": ["a/../b"]}, "no hashtag"),
        ({"search": ["x"]}, "needs a token"),
        ({"server": "ftp://x"}, "no server"),
    ],
)
def test_options_that_cannot_be_meant(world: World, options: Any, words: str) -> None:
    with pytest.raises((AccessError, ConfigError), match=words):
        run(world, **options)


def test_foreign_letters_in_a_hashtag(world: World) -> None:
    world.routes["/api/v1/timelines/tag/Lade%C3%A4rger"] = Server(3)
    assert len(ids(run(world, hashtags="#Ladeärger"))) == 3


def test_private_addresses_need_permission(world: World) -> None:
    with (
        pytest.raises(AccessError, match="private"),
        HttpClient(contact="ears@example.com", now=lambda: AT) as http,
    ):
        list(collect(replace(SOURCE, allow_private=False), {}, http, server=world.url, hashtags=["a"]))


def test_a_token_is_not_sent_unencrypted(world: World) -> None:
    with (
        pytest.raises(ConfigError, match="no server; write one like https"),
        HttpClient(contact="ears@example.com", now=lambda: AT) as http,
    ):
        source = replace(SOURCE, allow_private=False)
        list(collect(source, {}, http, server=world.url, hashtags=["a"], token=TOKEN))
    assert not world.log


def test_a_hashtag_of_people_who_are_left_out_is_no_gap(world: World) -> None:
    world.routes["*"] = server = Server(2000)
    for row in server.posts[100:]:
        row["account"] |= {"noindex": True}
    first = run(world, at=AT + timedelta(days=100), limit=200)
    assert not ids(first) and len(world.paths) == 5
    again = run(world, first[-1].state, at=AT + timedelta(days=100), limit=200)
    assert not again[-1].notice and len(world.paths) == 6
    assert "holz.example" not in json.dumps(dict(again[-1].state))
