"""What `detect` says of forums, feeds, walls and pages that are neither."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml

from collectors.detection import Detection, detect
from collectors.http import HttpClient
from listener.errors import CollectError
from listener.model import Source
from tests.board import Forum
from tests.world import Reply, World, html

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SOURCE = Source("address", "forum", allow_private=True, delay=timedelta(0))
RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>Werkstatt</title><link>/</link>
<item><guid>1</guid><title>Der neue Bohrer</title><link>http://blog.example/1</link></item></channel></rss>"""


def look(url: str, source: Source = SOURCE) -> tuple[Detection, int]:
    with HttpClient(contact="ears@example.com", now=lambda: NOW) as http:
        return detect(url, http, source), http.requests


def found_at(routes: Mapping[str, Any], path: str = "/") -> Detection:
    with World(routes) as world:
        found, requests = look(world.url + path)
    assert requests <= 3
    return found


def line(found: Detection) -> dict[str, Any]:
    """The line as the configuration reads it."""
    rows = yaml.safe_load("sources:\n  " + found.line)["sources"]
    assert len(rows) == 1
    return dict(rows[0])


def test_a_phpbb_board_and_thread() -> None:
    forum = Forum(NOW)
    with forum.world:
        thread = forum.thread(posts=12)
        board, requests = look(forum.url)
        topic, _ = look(f"{forum.world.url}/viewtopic.php?t={thread.id}&sid={'a' * 32}")
        index, _ = look(forum.world.url + "/")
    assert requests == 3
    assert (board.kind, board.engine, board.version, board.language) == (
        "forum",
        "phpbb",
        "3.2 or later",
        "de",
    )
    assert "1 threads" in board.readable[0] and "10 posts on page 1 of 2" in topic.readable[0]
    assert "1 boards" in index.readable[0]
    assert "sid" not in topic.line
    assert line(board) == {"name": "127-0-0-1", "kind": "forum", "url": forum.url, "allow_private": True}


def test_a_discourse_names_its_api() -> None:
    start = '<html lang="en-US"><head><meta name="generator" content="Discourse 3.2.0.beta4 - https://x"></head></html>'
    found = found_at({"/forum/": html(start)}, "/forum/")
    assert (found.engine, found.version, found.language) == ("discourse", "3.2.0.beta4", "en")
    assert found.readable[0].endswith("/forum/latest.json")


def test_a_xenforo_tells_its_version() -> None:
    page = '<html id="XF" data-xf="2.3" data-app="public" data-template="forum_view" lang="de-DE"><body></body></html>'
    found = found_at({"/": html(page)})
    assert (found.engine, found.version, found.kind) == ("xenforo", "2.3", "forum")


def test_the_zone_is_told_by_the_page_s_clock() -> None:
    now = NOW + timedelta(hours=2)
    clock = f"<p>Aktuelle Zeit: {now:%d.%m.%Y, %H:%M}</p>"
    found = found_at({"/": html(f'<body id="phpbb" class="section-index">{clock}</body>')})
    assert (found.engine, found.timezone) == ("phpbb", "UTC+02:00")


def test_a_feed_is_a_feed() -> None:
    found = found_at({"/feed": Reply(RSS.encode(), headers={"content-type": "text/html"})}, "/feed")
    assert (found.kind, found.readable) == ("feed", ["1 entries"])
    assert line(found)["url"] == found.url


def test_a_blog_with_a_feed_gives_the_feed_s_line() -> None:
    page = """<html lang="de"><head><title>Blog</title><meta name="generator" content="WordPress 6.5">
    <link rel="alternate" type="application/rss+xml" href="/feed/"><link rel="alternate" href="/en" hreflang="en">
    <link rel="alternate stylesheet" type="text/css" href="/x.css"></head><body><p>Hallo zusammen.</p></body></html>"""
    found = found_at({"/": html(page)})
    assert (found.kind, found.engine, found.version) == ("feed", "", "WordPress 6.5")
    assert len(found.feeds) == 1 and line(found)["url"].endswith("/feed/")


def test_a_page_that_is_nothing_of_it_has_no_line() -> None:
    found = found_at({"/": html("<title>Backwaren</title><p>Nur Brot.</p>")})
    assert (found.kind, found.line) == ("", "") and "Backwaren" in found.readable[0]


def test_a_wall_and_robots_are_named() -> None:
    challenge = html("<title>Just a moment...</title>", 403, cf_mitigated="challenge")
    walled = found_at({"/": challenge})
    assert "Cloudflare" in walled.wall and walled.robots == "" and walled.line == ""
    closed = found_at({"/robots.txt": b"User-agent: *\nDisallow: /", "/": b"x"})
    assert "robots.txt" in closed.robots and closed.wall == "" and closed.line == ""
    reserved = found_at({"/": Reply(b"x", headers={"tdm-reservation": "1"})})
    assert "text and data mining" in reserved.wall


def test_the_site_s_own_pace_is_told() -> None:
    found = found_at({"/robots.txt": b"User-agent: *\nCrawl-delay: 0.1", "/": html("<p>x</p>")})
    assert "0.1 s" in found.robots


def test_a_subreddit_needs_no_request() -> None:
    found, requests = look("https://www.reddit.com/r/Heimwerker/new/")
    assert requests == 0
    assert line(found) == {"name": "reddit", "kind": "reddit", "subreddits": ["Heimwerker"]}


def test_a_site_on_the_open_internet_needs_no_permission() -> None:
    found = Detection(
        "https://www.heimwerker-forum.example/", "forum", options={"url": "https://x.example/a: b#c"}
    )
    assert line(found) == {"name": "heimwerker-forum", "kind": "forum", "url": "https://x.example/a: b#c"}
    assert line(Detection("https://on.example", "forum"))["name"] == "on"


@pytest.mark.parametrize(
    "reply", [Reply(status=404), Reply(status=500), Reply(status=403), b"\xff" * 9, b"{}", b"["]
)
def test_what_is_no_page_is_an_error_or_says_so(reply: Any) -> None:
    with World({"/": reply}) as world:
        try:
            found, _ = look(world.url + "/")
        except CollectError as error:
            assert error.url.startswith(world.url)
        else:
            assert found.line == "" and found.readable
