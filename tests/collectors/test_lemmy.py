"""Lemmy: golden answers, listings read down to the mark, what a server refuses."""

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
from collectors.lemmy import collect, posts_of, recognise
from collectors.reading import Page, read
from listener.errors import AccessError, CollectError, ConfigError, ParseError, TransientError
from listener.model import Batch, Source
from tests.networks import AT, DATA, answer, batches, goldens, told
from tests.world import Reply, Request, World

SOURCE = Source("feddit", "lemmy", allow_private=True, delay=timedelta(0))
URL = "https://feddit.example/api/v3/"
FIRST = datetime(2026, 11, 20, tzinfo=UTC)


def page_of(name: str) -> Page:
    return Page((DATA / f"lemmy/{name}.answer.json").read_bytes(), URL, AT)


@pytest.mark.parametrize("gold", goldens("lemmy"), ids=lambda gold: gold.stem)
def test_golden_answers(gold: Any) -> None:
    assert told(posts_of(page_of(gold.stem))) == json.loads(gold.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["posts", "version4"])
def test_lists_that_are_no_threads_are_read_too(name: str) -> None:
    assert recognise(page_of(name))
    assert read(page_of(name)).posts == posts_of(page_of(name))


def test_threads_are_left_to_the_reader_of_forums() -> None:
    assert not recognise(page_of("comments"))
    assert [post.id for post in read(page_of("comments")).posts] == ["c301", "c300", "c299"]


@pytest.mark.parametrize("place", ["javascript:alert(1)", "https://", "https://a b/", "x" * 5000, None, 7])
def test_a_post_without_a_usable_address_is_known_by_its_place_here(place: Any) -> None:
    found = answer("lemmy", "search")
    found["posts"][0]["post"]["ap_id"] = place
    (post,) = posts_of(Page(json.dumps(found).encode(), URL, AT))
    assert post.id == post.url == post.thread_url == "https://feddit.example/post/90"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("9" * 5000),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(
    value=json_values,
    part=st.sampled_from(["post", "comment", "creator", "community", "counts"]),
    at=st.data(),
)
def test_any_value_anywhere_gives_posts_or_a_parse_error(value: Any, part: str, at: st.DataObject) -> None:
    found = answer("lemmy", "comments")
    view = found["comments"][0]
    key = at.draw(st.sampled_from([None, *view[part]]))
    if key is None:
        view[part] = value
    else:
        view[part][key] = value
    try:
        posts = posts_of(Page(json.dumps(found).encode(), URL, AT))
    except ParseError:
        return
    assert all(post.id and post.published_at for post in posts)


class Server:
    """A Lemmy server with so many posts of a community, newest first; `cursors` as since version 0.19."""

    def __init__(self, posts: int, comments: int = 0, *, cursors: bool = True) -> None:
        self.cursors = cursors
        self.posts = [self._view("posts", number) for number in range(1, posts + 1)]
        self.comments = [self._view("comments", number) for number in range(1, comments + 1)]
        self.refused: dict[str, Reply] = {}

    def _view(self, kind: str, number: int) -> dict[str, Any]:
        view: dict[str, Any] = json.loads(
            json.dumps(answer("lemmy", kind)[kind][1 if kind == "posts" else 0])
        )
        at = (FIRST + timedelta(minutes=number)).isoformat()
        row = view[kind.removesuffix("s")]
        row.update(id=number, ap_id=f"https://feddit.example/{kind}/{number}", published=at)
        return view

    def add(self, count: int) -> None:
        self.posts += [self._view("posts", len(self.posts) + 1 + step) for step in range(count)]

    def __call__(self, request: Request) -> Reply | str:
        asked = request.query
        refused = self.refused.get(asked.get("community_name", asked.get("q", "")))
        if refused is not None:
            return refused
        assert asked["sort"] == "New" and asked["limit"] == "50"
        if request.path.startswith("/api/v3/search"):
            kind = asked["type_"].lower()
            return json.dumps({"posts": [], "comments": [], kind: self._part(kind, asked)})
        kind = "posts" if request.path.startswith("/api/v3/post/list") else "comments"
        rows = self._part(kind, asked)
        cursor = f"P{rows[-1]['post']['id']:x}" if rows and kind == "posts" and self.cursors else None
        return json.dumps({kind: rows, "next_page": cursor} if self.cursors else {kind: rows})

    def _part(self, kind: str, asked: dict[str, str]) -> list[dict[str, Any]]:
        rows = getattr(self, kind)[::-1]
        if cursor := asked.get("page_cursor"):
            assert self.cursors and kind == "posts"
            return [row for row in rows if row["post"]["id"] < int(cursor[1:], 16)][:50]
        start = 50 * (int(asked.get("page", "1")) - 1)
        return list(rows[start : start + 50])


@pytest.fixture
def world() -> Iterator[World]:
    with World() as found:
        yield found


def run(world: World, state: Any = None, most: int = 99, at: datetime = AT, **options: Any) -> list[Batch]:
    """See `batches`."""
    options = {"server": world.url, "communities": ["heimwerken"], **options}
    return batches(collect, SOURCE, state, at, most, **options)


def ids(batches: list[Batch]) -> list[str]:
    return [post.id.removeprefix("https://feddit.example/") for batch in batches for post in batch.posts]


@pytest.mark.parametrize("cursors", [True, False])
def test_a_community_is_read_to_its_end_then_only_its_news(world: World, cursors: bool) -> None:
    world.routes["*"] = server = Server(120, 70, cursors=cursors)
    first = run(world)
    expected = {f"posts/{n}" for n in range(1, 121)} | {f"comments/{n}" for n in range(1, 71)}
    assert len(ids(first)) == 190 and set(ids(first)) == expected
    assert first[-1].complete_since == FIRST + timedelta(minutes=1)
    asked = len(world.paths)
    assert asked == 3 + 2
    server.add(3)
    second = run(world, first[-1].state)
    assert ids(second)[:3] == ["posts/123", "posts/122", "posts/121"]
    assert len(world.paths) == asked + 2 and not second[-1].notice


def test_a_run_that_was_killed_goes_on_where_it_was(world: World) -> None:
    world.routes["*"] = server = Server(160, 10)
    state: Any = {}
    seen: list[str] = []
    for step in range(12):
        server.add(2)
        batches = run(world, state, most=1, at=AT + timedelta(minutes=step))
        state = json.loads(json.dumps(dict(batches[-1].state)))
        seen += ids(batches)
    seen += ids(run(world, state, at=AT + timedelta(hours=1)))
    assert set(seen) >= {f"posts/{n}" for n in range(1, 185)}


def test_more_than_the_limit_is_named_as_a_gap(world: World) -> None:
    world.routes["*"] = server = Server(50, 1)
    first = run(world, limit=100)
    server.add(400)
    last = run(world, first[-1].state, limit=100)[-1]
    assert "posts of heimwerken" in last.notice and "were missed" in last.notice
    assert last.complete_since is not None and last.complete_since > FIRST + timedelta(minutes=300)


def test_search_asks_for_posts_and_comments(world: World) -> None:
    world.routes["*"] = Server(60, 2)
    found = run(world, communities=[], search="akkufix & bohrer")
    assert len(ids(found)) == 62
    queries = [Request(path, {}).query for path in world.paths]
    assert [(one["type_"], one.get("page")) for one in queries] == [
        ("Posts", None),
        ("Posts", "2"),
        ("Comments", None),
    ]
    assert {one["q"] for one in queries} == {"akkufix & bohrer"} and {
        one["listing_type"] for one in queries
    } == {"All"}


def test_an_unknown_community_leaves_the_others_alone(world: World) -> None:
    world.routes["*"] = server = Server(3, 3)
    server.refused["weg"] = Reply(b'{"error":"couldnt_find_community"}', 404)
    found: list[Batch] = []
    with (
        pytest.raises(AccessError, match=r"posts of weg: HTTP 404 .*couldnt_find_community; comments of weg"),
        HttpClient(contact="ears@example.com", now=lambda: AT) as http,
    ):
        options = {"server": world.url, "communities": ["weg", "!heimwerken@andere.example"]}
        found.extend(collect(SOURCE, {}, http, **options))
    assert world.log[-1].query["community_name"] == "heimwerken@andere.example"


def test_an_error_comes_after_the_posts_of_the_others(world: World) -> None:
    world.routes["*"] = server = Server(3, 3)
    server.refused["weg"] = Reply(b"no json", 400)
    with HttpClient(contact="ears@example.com", now=lambda: AT) as http:
        batches = collect(SOURCE, {}, http, server=world.url, communities=["weg", "heimwerken"])
        found = [next(batches), next(batches), next(batches)]
        with pytest.raises(AccessError):
            next(batches)
    assert len(ids(found)) == 6 and found[-1].complete_since is None


@pytest.mark.parametrize("status", [400, 429])
def test_a_limit_is_waited_for_and_nothing_else_asked(world: World, status: int) -> None:
    world.routes["*"] = server = Server(3)
    headers = {"retry-after": "600"} if status == 429 else {}
    server.refused["heimwerken"] = Reply(b'{"error":"rate_limit_error"}', status, headers)
    with pytest.raises(TransientError) as caught:
        run(world, communities=["heimwerken", "werkzeug"])
    assert caught.value.retry_after == timedelta(minutes=10)
    assert len(world.paths) == 1


def test_a_private_server_is_an_access_error(world: World) -> None:
    world.routes["*"] = Reply(b'{"error":"instance_is_private"}', 400)
    with pytest.raises(AccessError, match="instance_is_private"):
        run(world)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b"<html>", b'{"posts": {}}', b'{"posts": [{"post": 1}]}']
)
def test_what_is_no_answer_is_a_parse_error(world: World, body: bytes) -> None:
    world.routes["*"] = body
    with pytest.raises(ParseError):
        run(world)


@pytest.mark.parametrize(
    "state", [{"streams": 3}, {"streams": {"posts of heimwerken": {"descent": []}}}, {"began": "x"}]
)
def test_a_damaged_state_is_as_none(world: World, state: Any) -> None:
    world.routes["*"] = Server(60, 5)
    assert len(ids(run(world, state))) == 65


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"communities": []}, "nothing to read"),
        ({"communities": ["a b"]}, "no community"),
        ({"server": "ftp://x"}, "no server"),
        ({"server": ""}, "no server"),
        ({"server": "http://["}, "no server"),
    ],
)
def test_options_that_cannot_be_meant(world: World, options: Any, words: str) -> None:
    with pytest.raises((CollectError, ConfigError), match=words):
        run(world, **options)


def test_a_server_may_be_named_without_its_scheme(world: World) -> None:
    with pytest.raises(TransientError):  # https: the loopback server speaks none
        run(world, server=world.url.removeprefix("http://"))


def test_private_addresses_need_permission(world: World) -> None:
    with (
        pytest.raises(AccessError, match="private"),
        HttpClient(contact="ears@example.com", now=lambda: AT) as http,
    ):
        list(collect(replace(SOURCE, allow_private=False), {}, http, server=world.url, communities=["a"]))
