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
    assert (found.kind, found.readable) == (
        "feed",
        ["1 articles, teasers only, `full_text: true` (Werkstatt)"],
    )
    assert line(found) == {
        "name": "127-0-0-1",
        "kind": "feed",
        "url": found.url,
        "full_text": True,
        "allow_private": True,
    }


def feed_of(*entries: tuple[str, datetime, str], title: str = "Werkstatt", language: str = "de") -> Reply:
    rows = "".join(
        f"<item><guid>{link}</guid><link>{link}</link><title>T</title><pubDate>{at:%a, %d %b %Y %H:%M:%S} GMT"
        f"</pubDate><description>{text}</description></item>"
        for link, at, text in entries
    )
    head = f"<title>{title}</title><link>http://blog.example/</link><language>{language}</language>"
    return Reply(f'<rss version="2.0"><channel>{head}{rows}</channel></rss>'.encode())


def articles(hours: float, text: str, count: int = 10) -> Reply:
    return feed_of(
        *((f"http://blog.example/{n}", NOW - timedelta(hours=hours * n), f"{text} {n}") for n in range(count))
    )


PAGE = """<html lang="de"><head><title>Blog</title><meta name="generator" content="WordPress 6.5">
<link rel="alternate" type="application/rss+xml" title="Kommentare" href="/comments/feed/">
<link rel="alternate" type="application/rss+xml" title="Neues" href="/feed/">
<link rel="alternate" type="application/atom+xml" href="/weg"><link rel="alternate" href="/en" hreflang="en">
<link rel="alternate stylesheet" type="text/css" href="/x.css"></head><body><p>Hallo zusammen.</p></body></html>"""


def test_a_blog_s_feeds_are_told_with_what_each_holds_and_the_best_one_s_line() -> None:
    comments = feed_of(("http://blog.example/1#comment-4", NOW, "Endlich!"))
    routes = {"/": html(PAGE), "/feed/": articles(24, "wort " * 200), "/comments/feed/": comments}
    with World(routes) as world:
        found, requests = look(world.url + "/")
    assert requests == 6  # robots.txt, tdmrep.json, the page and its three feeds
    assert (found.kind, found.engine, found.version) == ("feed", "", "WordPress 6.5")
    assert line(found)["url"].endswith("/feed/") and "full_text" not in line(found)
    first, gone, last = found.feeds
    assert (first.title, first.entries, first.lists, first.language) == ("Neues", 10, "articles", "de")
    assert (first.newest, first.per_day, first.thin) == (NOW, 1.0, False)
    assert str(first).endswith(
        "/feed/: 10 articles, the newest of 2026-03-01, 1 a day, de, full texts (Neues)"
    )
    assert yaml.safe_load(first.line)[0] == line(found)
    assert "HTTP 404" in gone.problem and "HTTP 404" in str(gone) and gone.line == ""
    assert (last.lists, last.entries) == ("comments", 1)


def test_what_a_feed_needs_stands_in_its_line() -> None:
    thin = found_at({"/feed": articles(24, "Der Bohrer …")}, "/feed")
    assert line(thin)["full_text"] is True and "every" not in line(thin)
    fast = found_at({"/feed": articles(0.03, "wort " * 200, 30)}, "/feed")
    assert line(fast)["every"] == "15m"
    topics = [(f"http://forum.example/viewtopic.php?t={n}", NOW - timedelta(days=n), "x") for n in range(4)]
    found = found_at({"/feed": feed_of(*topics)}, "/feed")
    assert line(found)["follow"] is True and "topics of a forum" in found.readable[0]


def test_a_forum_stays_a_forum_and_tells_its_feeds_too() -> None:
    forum = Forum(NOW)
    with forum.world:
        forum.thread()
        plain = forum.world.routes["/viewforum.php"]
        link = '<link rel="alternate" type="application/atom+xml" href="/feed">'

        def with_feed(request: Any) -> Reply:
            assert callable(plain)
            page = plain(request)
            assert isinstance(page, Reply)
            return Reply(page.body.replace(b"<head>", b"<head>" + link.encode()), headers=page.headers)

        topics = [(f"{forum.world.url}/viewtopic.php?t={n}", NOW - timedelta(days=n), "x") for n in range(4)]
        forum.world.routes |= {"/viewforum.php": with_feed, "/feed": feed_of(*topics)}
        found, _ = look(forum.url)
    assert (found.kind, line(found)["url"]) == ("forum", forum.url)
    assert [one.lists for one in found.feeds] == ["topics"] and "follow: true" in found.feeds[0].line


def test_no_more_than_five_feeds_are_asked_and_none_in_private_for_a_page_elsewhere() -> None:
    links = "".join(f'<link rel="alternate" type="application/rss+xml" href="/{n}">' for n in range(9))
    with World({"/": html(f"<html><head>{links}</head><body>x</body></html>")}) as world:
        found, requests = look(world.url + "/")
        assert (len(found.feeds), requests, found.line) == (5, 8, "")
        inner = f"http://localhost:{world.port}/feed"
        world.routes = {"/": html(f'<link rel="alternate" type="application/rss+xml" href="{inner}">')}
        found, _ = look(world.url + "/")
    assert "/feed" not in world.paths and found.feeds[0].problem


def test_a_list_of_feeds_is_to_be_imported() -> None:
    found = found_at({"/x.opml": b'<?xml version="1.0"?><opml version="2.0"><body/></opml>'}, "/x.opml")
    assert (found.engine, found.line) == ("opml", "") and "listener import" in found.readable[0]


@pytest.mark.parametrize(
    ("url", "kind", "options"),
    [
        ("https://www.reddit.com/r/Heimwerker/new/", "reddit", {"subreddits": ["Heimwerker"]}),
        (
            "https://old.reddit.com/r/Heimwerker+Werkzeug",
            "reddit",
            {"subreddits": ["Heimwerker", "Werkzeug"]},
        ),
        (
            "https://reddit.com/r/Heimwerker/comments/1abcd2/mein_bohrer/?x=1",
            "reddit",
            {"threads": ["1abcd2"]},
        ),
        ("https://redd.it/1abcd2", "reddit", {"threads": ["1abcd2"]}),
        ("https://www.reddit.com/search/?q=akkufix", "reddit", {"search": ["akkufix"]}),
        (
            "https://www.reddit.com/user/bohr_heidi/",
            "feed",
            {"url": "https://www.reddit.com/user/bohr_heidi/.rss"},
        ),
        (
            "https://www.reddit.com/r/Heimwerker/.rss",
            "feed",
            {"url": "https://www.reddit.com/r/Heimwerker/.rss"},
        ),
        (
            "https://www.reddit.com/r/Heimwerker/new/.rss?feed=geheim77&user=heidi",
            "feed",
            {"url": "${REDDIT_FEED}"},
        ),
        ("https://news.ycombinator.com/item?id=1", "hackernews", {"search": ["name of your product"]}),
        ("https://hn.algolia.com/?q=akkufix", "hackernews", {"search": ["akkufix"]}),
        ("https://www.youtube.com/watch?v=abcdefghijk&t=4", "youtube", {"videos": ["abcdefghijk"]}),
        ("https://youtu.be/abcdefghijk", "youtube", {"videos": ["abcdefghijk"]}),
        ("https://www.youtube.com/shorts/abcdefghijk", "youtube", {"videos": ["abcdefghijk"]}),
        (f"https://www.youtube.com/channel/UC{'a' * 22}", "youtube", {"channels": [f"UC{'a' * 22}"]}),
        (
            "https://www.youtube.com/results?search_query=akkufix+test",
            "youtube",
            {"search": ["akkufix test"]},
        ),
        ("https://bsky.app/search?q=akkufix", "bluesky", {"search": ["akkufix"]}),
        ("https://bsky.app/hashtag/akkufix", "bluesky", {"search": ["#akkufix"]}),
        (
            "https://bsky.app/profile/heidi.example",
            "feed",
            {"url": "https://bsky.app/profile/heidi.example/rss"},
        ),
        ("https://diy.stackexchange.com/questions/tagged/drill", "stackexchange", {"tagged": ["drill"]}),
        ("https://diy.stackexchange.com/", "stackexchange", {"search": ["name of your product"]}),
    ],
)
def test_services_are_known_by_their_addresses(url: str, kind: str, options: dict[str, Any]) -> None:
    found, requests = look(url)
    told = line(found)
    assert requests == 0 and told["kind"] == kind and told.items() >= options.items()
    assert "geheim77" not in repr(found)
    if "$" not in str(options):  # the collector takes what is written
        from collectors import kinds
        from collectors import options as taken

        if kind in kinds():
            assert set(told) - {"name", "kind"} <= set(taken(kind))


def test_servers_are_known_by_their_pages() -> None:
    mastodon = html('<html><body><div id="mastodon" data-props="{}"></div></body></html>')
    tag = found_at({"/tags/akkufix": mastodon}, "/tags/akkufix")
    assert (line(tag)["kind"], line(tag)["hashtags"]) == ("mastodon", ["akkufix"])
    assert line(tag)["server"].startswith("http://127.0.0.1")
    account = found_at({"/@heidi": mastodon}, "/@heidi")
    assert line(account)["url"].endswith("/@heidi.rss") and account.kind == "feed"
    lemmy = html('<html><script>window.isoData = {}</script><body class="lemmy-site">lemmy</body></html>')
    community = found_at({"/c/werkzeug@a.example": lemmy}, "/c/werkzeug@a.example")
    assert (line(community)["kind"], line(community)["communities"]) == ("lemmy", ["werkzeug@a.example"])
    channel = f"https://www.youtube.com/feeds/videos.xml?channel_id=UC{'b' * 22}"
    assert look(channel)[0].options == {"channels": [f"UC{'b' * 22}"]}


def test_a_secret_in_a_feed_s_address_is_not_told() -> None:
    found = found_at({"/feed": RSS}, "/feed?token=geheim77")
    assert "geheim77" not in repr(found) + found.line and line(found)["url"] == "${FEED_URL}"


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
