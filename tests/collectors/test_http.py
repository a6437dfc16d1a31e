"""The polite client against a real server on loopback, friendly and hostile."""

from __future__ import annotations

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors import bodies, robots
from collectors.addresses import is_public
from collectors.http import GoneError, HttpClient, Response
from listener.errors import AccessError, CollectError, TransientError
from listener.model import Source
from tests.world import Reply, Request, World, html

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SOURCE = Source("board", "forum", allow_private=True, delay=timedelta(0))
AGENT_RULE = b"User-agent: brand-listener\n"


def client(**options: Any) -> HttpClient:
    return HttpClient(contact="ears@example.com", now=lambda: NOW, **options)


def fetch(
    routes: Mapping[str, Any], path: str = "/page", source: Source = SOURCE, **options: Any
) -> Response:
    with World(routes) as world, client(**options) as http:
        return http.get(world.url + path, source=source)


def failure(routes: Mapping[str, Any], path: str = "/page", **options: Any) -> CollectError:
    with pytest.raises(CollectError) as caught:
        fetch(routes, path, **options)
    return caught.value


def test_a_page_comes_with_its_headers_and_instants() -> None:
    reply = html("<p>Grüße</p>", date="Sat, 28 Feb 2026 08:00:00 GMT", etag='"a"')
    with World({"/page": reply}) as world, client() as http:
        response = http.get(world.url + "/page", source=SOURCE, accept="text/html")
        request = world.log[-1]
    assert (response.status, response.body.decode()) == (200, "<p>Grüße</p>")
    assert (response.fetched_at, response.date) == (NOW, datetime(2026, 2, 28, 8, tzinfo=UTC))
    assert response.headers["etag"] == '"a"' and response.content_type.startswith("text/html")
    assert request.headers["user-agent"] == "brand-listener/0.1.0 (+mailto:ears@example.com)"
    assert (request.headers["accept"], request.headers["accept-encoding"]) == (
        "text/html",
        "gzip, deflate, br",
    )


def test_robots_and_tdm_are_asked_once_per_run() -> None:
    with World({"/a": b"1", "/b": b"2"}) as world, client() as http:
        for path in ("/a", "/b", "/a"):
            http.get(world.url + path, source=SOURCE)
        asked = [request.path for request in world.log]
    assert asked == ["/robots.txt", "/.well-known/tdmrep.json", "/a", "/b", "/a"]
    assert http.requests == 5


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        (b"User-agent: *\nDisallow: /\n", False),
        (b"User-agent: *\nDisallow: /\nAllow: /page$\n", True),
        (AGENT_RULE + b"Disallow:\n\nUser-agent: *\nDisallow: /\n", True),
        (b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /pa*e\r\n", False),
        (b"<!doctype html><p>User-agent: *\nDisallow: /\n", True),
        (b"\xff\xfe\x00broken\x00", True),
        (b"User-agent: *\nDisallow: /x\n" + b"#" * 500_000 + b"\nDisallow: /\n", True),
    ],
)
def test_robots_txt_decides(rules: bytes, allowed: bool) -> None:
    routes = {"/robots.txt": rules, "/page": b"text"}
    if allowed:
        assert fetch(routes).body == b"text"
    else:
        error = failure(routes)
        assert isinstance(error, AccessError) and "robots.txt" in str(error)


@pytest.mark.parametrize("status", [500, 503, 429])
def test_robots_that_cannot_be_read_closes_the_site_for_now(status: int) -> None:
    routes = {"/robots.txt": Reply(status=status), "/page": b"text"}
    with World(routes) as world, client() as http:
        for _ in range(2):
            with pytest.raises(TransientError):
                http.get(world.url + "/page", source=SOURCE)
        assert [request.path for request in world.log] == ["/robots.txt"]


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_missing_robots_txt_allows(status: int) -> None:
    assert fetch({"/robots.txt": Reply(status=status), "/page": b"text"}).body == b"text"


def test_robots_is_asked_of_the_redirect_s_goal_too() -> None:
    with World({"/robots.txt": b"User-agent: *\nDisallow: /", "/goal": b"text"}) as other:
        error = failure({"/page": Reply(status=302, headers={"location": other.url + "/goal"})})
        assert other.paths == []
    assert isinstance(error, AccessError)


def test_delay_and_crawl_delay_are_kept() -> None:
    waits: list[float] = []
    routes = {"/robots.txt": b"User-agent: *\nCrawl-delay: 7\n", "/page": b"x"}
    source = Source("board", "forum", allow_private=True, delay=timedelta(seconds=2))
    with World(routes) as world, client(sleep=waits.append) as http:
        for _ in range(2):
            http.get(world.url + "/page", source=source)
    assert [round(wait, 1) for wait in waits] == [2, 7, 7]


def test_an_answer_may_ask_for_rest() -> None:
    waits: list[float] = []
    with World({"/page": b"x"}) as world, client(sleep=waits.append) as http:
        http.get(world.url + "/page", source=SOURCE)
        http.rest(world.url + "/page", 30)
        http.get(world.url + "/page", source=SOURCE)
        assert [round(wait) for wait in waits if wait > 1] == [30]
        http.rest(world.url + "/page", 3600)
        with pytest.raises(TransientError) as caught:
            http.get(world.url + "/page", source=SOURCE)
    assert caught.value.retry_after is not None and caught.value.retry_after > timedelta(seconds=3500)


@pytest.mark.parametrize(
    ("wish", "kept"), [(b"86400", 60), (b"nonsense", 0), (b"-5", 0), (b"nan", 0), (b"inf", 0)]
)
def test_odd_crawl_delays(wish: bytes, kept: float) -> None:
    found = robots.read_robots(b"User-agent: *\nCrawl-delay: " + wish + b"\n")
    assert found.delay == timedelta(seconds=kept)


def test_one_request_at_a_time_per_host() -> None:
    inside: list[int] = []
    most: list[int] = []

    def slow(request: Request) -> bytes:
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.03)
        inside.pop()
        return b"x"

    with World({"*": slow}) as world, client() as http:
        get = [
            threading.Thread(target=http.get, args=(f"{world.url}/{n}",), kwargs={"source": SOURCE})
            for n in range(5)
        ]
        for thread in get:
            thread.start()
        for thread in get:
            thread.join()
    assert len(world.paths) == 5 and max(most) == 1


@pytest.mark.parametrize(
    ("routes", "reserved"),
    [
        ({"/page": Reply(b"x", headers={"tdm-reservation": "1"})}, True),
        ({"/page": Reply(b"x", headers={"TDM-Reservation": "0"})}, False),
        ({"/page": html('<head><meta name="tdm-reservation" content="1"></head>')}, True),
        ({"/page": html('<head><meta name="tdm-reservation" content="0"></head>')}, False),
        ({"/.well-known/tdmrep.json": b'[{"location": "/", "tdm-reservation": 1}]', "/page": b"x"}, True),
        (
            {"/.well-known/tdmrep.json": b'[{"location": "/*.pdf$", "tdm-reservation": 1}]', "/page": b"x"},
            False,
        ),
        (
            {
                "/.well-known/tdmrep.json": b'[{"location":"/pa*"},{"location":"/","tdm-reservation":1}]',
                "/page": b"x",
            },
            False,
        ),
        ({"/.well-known/tdmrep.json": b"<html>", "/page": b"x"}, False),
        ({"/.well-known/tdmrep.json": b'{"location": 3}', "/page": b"x"}, False),
        ({"/.well-known/tdmrep.json": b"[" * 50_000, "/page": b"x"}, False),
    ],
)
def test_the_tdm_reservation_is_obeyed(routes: Mapping[str, Any], reserved: bool) -> None:
    if reserved:
        error = failure(routes)
        assert isinstance(error, AccessError) and "text and data mining" in str(error)
    else:
        assert fetch(routes).status == 200


@given(st.text("ab*$/", max_size=12), st.text("ab/", max_size=12))
def test_patterns_mean_what_their_regular_expression_means(pattern: str, path: str) -> None:
    import re

    bare = pattern.removesuffix("$")
    expression = ".*".join(map(re.escape, bare.split("*"))) + ("$" if pattern.endswith("$") else "")
    expected = re.match(expression, "/" + path) is not None
    assert robots.reserved_by(((pattern, True),), "https://x.example/" + path) is expected


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, AccessError),
        (401, AccessError),
        (403, AccessError),
        (404, GoneError),
        (410, GoneError),
        (451, AccessError),
        (408, TransientError),
        (429, TransientError),
        (500, TransientError),
        (503, TransientError),
        (599, TransientError),
    ],
)
def test_each_status_has_its_error(status: int, kind: type[CollectError]) -> None:
    error = failure({"/page": html("<p>no</p>", status)})
    assert type(error) is kind
    assert error.source == "board" and error.url.endswith("/page") and str(status) in str(error)


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("Sat, 28 Feb 2026 08:05:00 GMT", timedelta(minutes=5)),
        ("Sat, 28 Feb 2026 07:00:00 GMT", timedelta(0)),
        ("9" * 400, timedelta(days=1)),
        ("soon", None),
        ("-3", None),
    ],
)
def test_retry_after_is_handed_on_and_the_host_left_alone(value: str, wait: timedelta | None) -> None:
    headers = {"retry-after": value, "date": "Sat, 28 Feb 2026 08:00:00 GMT"}
    with World({"/page": Reply(status=429, headers=headers), "/other": b"x"}) as world, client() as http:
        with pytest.raises(TransientError) as first:
            http.get(world.url + "/page", source=SOURCE)
        with pytest.raises(TransientError) as second:
            http.get(world.url + "/other", source=SOURCE)
        assert world.paths == ["/page"]
    assert first.value.retry_after == wait
    assert (second.value.retry_after is None) == (wait is None)


def test_redirects_are_followed_and_permanent_ones_told() -> None:
    routes = {
        "/page": Reply(status=301, headers={"location": "/b"}),
        "/b": Reply(status=308, headers={"location": "c?x=ü"}),
        "/c": b"there",
        "/temp": Reply(status=302, headers={"location": "/page"}),
    }
    response = fetch(routes)
    assert (response.body, response.moved) == (b"there", True) and "/c?x=" in response.url
    assert fetch(routes, "/temp").moved is False
    assert fetch(routes, "/c").moved is False


@pytest.mark.parametrize(
    "goal", ["/page", "", "ftp://x.example/", "file:///etc/passwd", "http://", "http://[::1", "//"]
)
def test_bad_redirects_are_an_access_error(goal: str) -> None:
    routes = {"/page": Reply(status=302, headers={"location": goal} if goal else {})}
    assert isinstance(failure(routes), AccessError)


@pytest.mark.parametrize(
    "url", ["", "page", "ftp://x.example/", "http://", "http://exa mple/", "http://a:99999/"]
)
def test_only_web_addresses_are_fetched(url: str) -> None:
    with client() as http, pytest.raises(AccessError):
        http.get(url, source=SOURCE)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "0.0.0.0", "10.0.0.1"],
)
def test_private_addresses_are_refused_before_connecting(host: str) -> None:
    with World({"*": b"x"}) as world, client() as http:
        with pytest.raises(CollectError) as caught:
            http.get(f"http://{host}:{world.port}/page", source=Source("board", "forum"))
        assert world.log == []
    assert isinstance(caught.value, AccessError) and "allow_private" in str(caught.value)


def test_a_pooled_connection_does_not_open_the_door_for_another_source() -> None:
    with World({"*": b"x"}) as world, client() as http:
        http.get(world.url, source=SOURCE)
        with pytest.raises(AccessError):
            http.get(world.url, source=Source("other", "forum", delay=timedelta(0)))


def test_a_name_with_one_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(2, 1, 6, "", ("203.0.114.9", 80)), (2, 1, 6, "", ("192.168.1.1", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: rows)
    with client() as http, pytest.raises(AccessError, match=r"192\.168\.1\.1"):
        http.get("http://board.example/", source=Source("board", "forum"))


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("::", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::5db8:d822", True),
        ("2002:7f00:1::", False),
        ("2001::1", False),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_connection_refused_and_unknown_names_are_transient() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with client() as http:
        for url in (f"http://127.0.0.1:{port}/", "http://nowhere.invalid/"):
            with pytest.raises(TransientError):
                http.get(url, source=SOURCE)


def drip(first: bytes) -> Iterator[bytes]:
    yield first
    for _ in range(100):
        time.sleep(0.05)
        yield b" "


def test_a_dripping_body_ends_at_the_deadline() -> None:
    started = time.monotonic()
    error = failure({"/page": Reply(chunks=drip(b"x"))}, deadline=0.4)
    assert isinstance(error, TransientError) and time.monotonic() - started < 3


def test_dripping_headers_end_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=drip_headers, args=(server,), daemon=True).start()
        started = time.monotonic()
        with client(deadline=0.4) as http, pytest.raises(TransientError):
            http.get(f"http://127.0.0.1:{server.getsockname()[1]}/", source=SOURCE)
        assert time.monotonic() - started < 3


def drip_headers(server: socket.socket) -> None:
    line, _ = server.accept()
    with line:
        try:
            for piece in drip(b"HTTP/1.1 200 OK\r\nx: "):
                line.sendall(piece)
        except OSError:
            return


@pytest.mark.parametrize(
    ("packed", "encoding"),
    [
        (gzip.compress(b"text"), "gzip"),
        (gzip.compress(b"te") + gzip.compress(b"xt"), "GZIP"),
        (gzip.compress(b"text") + b"\0" * 8, "gzip"),
        (zlib.compress(b"text"), "deflate"),
        (zlib.compress(b"text")[2:-4], "deflate"),
        (brotli.compress(b"text"), "br"),
        (b"text", "identity"),
    ],
)
def test_packed_bodies_are_unpacked(packed: bytes, encoding: str) -> None:
    assert fetch({"/page": Reply(packed, headers={"content-encoding": encoding})}).body == b"text"
    assert bodies.read([packed[i : i + 1] for i in range(len(packed))], encoding, 100) == b"text"


@pytest.mark.parametrize(("pack", "encoding"), [(gzip.compress, "gzip"), (brotli.compress, "br")])
def test_a_bomb_stops_at_the_limit(pack: Callable[[bytes], bytes], encoding: str) -> None:
    bomb = pack(b"\0" * 30_000_000)
    error = failure({"/page": Reply(bomb, headers={"content-encoding": encoding})}, max_bytes=100_000)
    assert isinstance(error, AccessError) and "larger" in str(error)


def test_large_brotli_comes_whole() -> None:
    body = bytes(range(256)) * 2000
    packed = brotli.compress(body)
    assert bodies.read([packed], "br", 1_000_000) == body


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(b"x" * 2000), AccessError),
        (Reply(b"x", headers={"content-encoding": "zstd"}), AccessError),
        (Reply(brotli.compress(b"text")[:-2], headers={"content-encoding": "br"}), TransientError),
        (Reply(b"not brotli", headers={"content-encoding": "br"}), TransientError),
        (Reply(gzip.compress(b"text")[:-6], headers={"content-encoding": "gzip"}), TransientError),
        (Reply(b"not gzip", headers={"content-encoding": "gzip"}), TransientError),
        (Reply(chunks=[b"10\r\ncut"], headers={"transfer-encoding": "chunked"}), TransientError),
        (Reply(status=304), TransientError),
    ],
)
def test_broken_answers_have_their_error(reply: Reply, kind: type[CollectError]) -> None:
    assert type(failure({"/page": reply}, max_bytes=1000)).__mro__.count(kind) == 1


def test_conditional_requests() -> None:
    def page(request: Request) -> Reply:
        fresh = request.headers.get("if-none-match") == '"v1"'
        return Reply(b"" if fresh else b"text", 304 if fresh else 200, {"etag": '"v1"'})

    with World({"/page": page}) as world, client() as http:
        first = http.get(world.url + "/page", source=SOURCE)
        headers = {"If-None-Match": first.headers["etag"], "If-Modified-Since": "ü\r\nx: y"}
        second = http.get(world.url + "/page", source=SOURCE, headers=headers)
        assert "x" not in world.log[-1].headers and "if-modified-since" not in world.log[-1].headers
    assert (first.not_modified, second.not_modified, second.body) == (False, True, b"")


def test_cookies_live_for_the_run() -> None:
    with World({"/page": Reply(b"x", headers={"set-cookie": "sid=1; path=/"})}) as world:
        for _ in range(2):
            with client() as http:
                http.get(world.url + "/page", source=SOURCE)
                http.get(world.url + "/page", source=SOURCE)
        sent = [request.headers.get("cookie") for request in world.log if request.path == "/page"]
    assert sent == [None, "sid=1", None, "sid=1"]


def test_the_environment_s_proxy_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    assert fetch({"/page": b"text"}).body == b"text"


def test_passwords_in_addresses_are_sent_and_not_shown() -> None:
    with World({"/page": Reply(status=403)}) as world, client() as http:
        url = f"http://me:secret@127.0.0.1:{world.port}/page"
        with pytest.raises(AccessError) as caught:
            http.get(url, source=SOURCE)
        assert world.log[-1].headers["authorization"].startswith("Basic ")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("status", [200, 403, 503])
def test_a_challenge_page_is_named(status: int) -> None:
    body = (
        "<html><head><title>Just a moment...</title></head><body><script>cf_chl_opt={}</script></body></html>"
    )
    error = failure({"/page": html(body, status, server="cloudflare", cf_mitigated="challenge")})
    assert isinstance(error, AccessError) and "loudflare" in str(error)
