"""Documented APIs over loopback: what is sent, whom secrets reach, what a refusal says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collectors import json_api
from collectors.http import HttpClient
from listener.errors import AccessError, ParseError, TransientError
from listener.model import Source
from tests.world import Reply, Route, World

SOURCE = Source("api", "hackernews", allow_private=True, delay=timedelta(0))
KEY = {"X-Api-Key": "canary"}


@pytest.fixture
def world() -> Iterator[World]:
    with World({"/robots.txt": b"User-agent: *\nDisallow: /\n"}) as found:
        yield found


def ask(world: World, route: Route, **options: Any) -> Any:
    world.routes["/v1"] = route
    with HttpClient(contact="ears@example.com", now=lambda: datetime(2026, 3, 1, tzinfo=UTC)) as http:
        return json_api.get(http, SOURCE, world.url + "/v1", **options)


def test_an_answer_is_decoded_and_nothing_else_is_asked(world: World) -> None:
    found = ask(world, b'{"a": [1]}', params={"q": "süß & gut", "none": None, "flag": True}, secrets=KEY)
    assert found == {"a": [1]}
    assert [request.path for request in world.log] == ["/v1?q=s%C3%BC%C3%9F+%26+gut&flag=true"]
    assert world.log[0].headers["x-api-key"] == "canary"
    assert world.log[0].headers["accept"] == "application/json"


def test_a_body_is_posted_as_json(world: World) -> None:
    assert ask(world, lambda request: Reply(request.body), post={"name": "ä"}) == {"name": "ä"}
    assert (world.log[0].method, world.log[0].headers["content-type"]) == ("POST", "application/json")


def test_secrets_do_not_follow_a_redirect_elsewhere(world: World) -> None:
    with World({"/v1": b"[]"}) as other:
        moved = Reply(status=302, headers={"location": other.url + "/v1"})
        with pytest.raises(AccessError, match="elsewhere") as caught:
            ask(world, moved, secrets=KEY)
        assert other.log == [] and "canary" not in str(caught.value)
        assert ask(world, moved) == []


def test_secrets_follow_a_redirect_of_the_same_host(world: World) -> None:
    world.routes["/v2"] = lambda request: json.dumps(request.headers.get("x-api-key"))
    assert ask(world, Reply(status=301, headers={"location": "/v2"}), secrets=KEY) == "canary"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            '{"error": {"code": 403, "message": "comments are disabled"}}',
            "403 Forbidden: comments are disabled",
        ),
        ('{"error_id": 502, "error_message": "too many"}', "403 Forbidden: too many"),
        ('{"error": "couldnt_find"}', "403 Forbidden: couldnt_find"),
        ("[1]", "403 Forbidden"),
        ("<html>", "403 Forbidden"),
        ("", "403 Forbidden"),
    ],
)
def test_a_refusal_says_why_in_the_servers_words(world: World, body: str, words: str) -> None:
    with pytest.raises(json_api.ApiError) as caught:
        ask(world, Reply(body.encode(), 403))
    assert caught.value.message == f"HTTP {words}" and caught.value.status == 403


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a": ', b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_is_a_parse_error(world: World, body: bytes) -> None:
    with pytest.raises(ParseError, match="instead of JSON"):
        ask(world, body)


@pytest.mark.parametrize(("status", "seconds"), [(429, 77), (503, 77)])
def test_time_heals_some_refusals(world: World, status: int, seconds: int) -> None:
    with pytest.raises(TransientError) as caught:
        ask(world, Reply(b"{}", status, {"retry-after": str(seconds)}))
    assert caught.value.retry_after == timedelta(seconds=seconds)
