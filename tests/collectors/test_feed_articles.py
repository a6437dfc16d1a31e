"""Thin feeds with `full_text`: articles over real HTTP, each asked once, the feed's text where none is had."""

from __future__ import annotations

import contextlib
import json
import logging
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collectors.feed import collect
from collectors.feed_articles import read_article
from collectors.http import HttpClient
from collectors.reading import Page
from listener.errors import AccessError, ParseError
from listener.model import Batch, Post, Source
from tests.world import Reply, Request, World, html

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SOURCE = Source("blog", "feed", allow_private=True, delay=timedelta(0))
SENTENCES = (
    "Der Akkufix 3000 bohrt sauber in Beton und hält dabei sehr lange durch, auch im tiefen Winter.",
    "Beim Laden wird das Gerät warm, aber nie heiß, und nach vierzig Minuten ist der Akku wieder voll.",
    "Das Futter läuft rund, der Griff liegt gut in der Hand, nur der Koffer klemmt manchmal ein wenig.",
    "Am Ende bleibt ein Gerät, das wir gern behalten hätten und das seinen Preis nach wie vor wert ist.",
)
QUOTE = "Es ist das beste Gerät, das wir je gebaut haben."


def article(number: int = 0, extra: str = "") -> Reply:
    """A page of a magazine, with what is not the article around it."""
    words = "".join(f"<p>{sentence} ({number})</p>" for sentence in SENTENCES)
    return html(
        f"<html><head><title>Test {number}</title>{extra}</head><body><nav><a href='/'>Start</a></nav>"
        f"<article><h1>Test {number}</h1>{words}<blockquote><p>{QUOTE} {number}</p></blockquote>"
        "<table><tr><td>Gewicht</td><td>1,2 kg</td></tr></table></article>"
        "<div id='comments' class='comments'><h3>Kommentare</h3><p>Danke für den Test, weiter so!</p></div>"
        "<footer>Impressum und Datenschutz</footer></body></html>"
    )


class Blog:
    """A blog whose feed holds teasers, and a reader that keeps what a store would keep."""

    def __init__(self, count: int = 1) -> None:
        self.world = World({"/feed": self._feed})
        self.teasers = {n: f"Der Akkufix 3000 im Test, Teil {n} …" for n in range(1, count + 1)}
        for n in self.teasers:
            self.world.routes[f"/{n}"] = article(n)
        self.state: Mapping[str, Any] = {}
        self.posts: dict[str, Post] = {}
        self.told: list[tuple[str, str]] = []
        self.batches: list[Batch] = []
        self.etag = ""

    def _feed(self, request: Request) -> Reply:
        if self.etag and request.headers.get("if-none-match") == self.etag:
            return Reply(status=304)
        entries = "".join(
            f"<item><guid>g{n}</guid><link>{self.world.url}/{n}</link><title>Test {n}</title>"
            f"<pubDate>Sun, 01 Mar 2026 10:{n:02d}:00 GMT</pubDate><description>{teaser}</description></item>"
            for n, teaser in self.teasers.items()
        )
        return Reply(
            f'<rss version="2.0"><channel><title>Blog</title>{entries}</channel></rss>'.encode(),
            headers={"content-type": "application/rss+xml"} | ({"etag": self.etag} if self.etag else {}),
        )

    def run(self, kill_after: int | None = None, **options: Any) -> list[str]:
        before, self.told, self.batches = len(self.world.paths), [], []
        with HttpClient(contact="ears@example.com", now=lambda: NOW) as http:
            for batch in collect(
                SOURCE, self.state, http, url=self.world.url + "/feed", **{"full_text": True, **options}
            ):
                if kill_after is not None and len(self.batches) >= kill_after:
                    break
                self.batches.append(batch)
                self.state = json.loads(json.dumps(batch.state))
                self.told += [(post.id, post.text) for post in batch.posts]
                self.posts |= {post.id: post for post in batch.posts}
        return [path for path in self.world.paths[before:] if path != "/feed"]


def test_the_article_is_read_once_and_never_turned_back_into_its_teaser() -> None:
    blog = Blog()
    with blog.world:
        assert blog.run() == ["/1"]
        post = blog.posts["g1"]
        assert all(sentence in post.text for sentence in SENTENCES)
        assert [quote.text for quote in post.quotes] == [f"{QUOTE} 1"]
        assert not any(word in post.text for word in ("Danke", "Impressum", "Gewicht", "Start", QUOTE))
        assert (post.title, post.published_at) == ("Test 1", datetime(2026, 3, 1, 10, 1, tzinfo=UTC))
        assert len(blog.told) == 1 and blog.batches[-1].complete_since is not None
        assert (blog.run(), blog.told) == ([], [])


def test_a_changed_entry_is_read_again() -> None:
    blog = Blog()
    with blog.world:
        blog.run()
        blog.teasers[1] = "Der Akkufix 3000 im Test, Teil 1, mit Nachtrag …"
        blog.world.routes["/1"] = article(7)
        assert blog.run() == ["/1"] and "(7)" in blog.posts["g1"].text
        blog.teasers[1] = "Noch ein Nachtrag …"
        blog.world.routes["/1"] = Reply(status=500)
        for asked in (1, 1, 1, 1, 0):
            assert len(blog.run()) == asked
            assert blog.told == []  # the stored text is better than the teaser
        assert "(7)" in blog.posts["g1"].text


def test_what_fails_counts_as_the_feed_gave_it_and_is_tried_three_times_more() -> None:
    blog = Blog()
    with blog.world:
        blog.world.routes["/1"] = Reply(status=500)
        assert blog.run() == ["/1"] and blog.told == [("g1", "Der Akkufix 3000 im Test, Teil 1 …")]
        assert "1 article could not be read" in blog.batches[-1].notice
        assert blog.run() == ["/1"] and blog.told == []
        blog.world.routes["/1"] = article(1)
        assert blog.run() == ["/1"] and SENTENCES[3] in blog.posts["g1"].text
        assert blog.run() == []

        blog.teasers[2] = "Teil zwei …"
        asked = [len(blog.run()) for _ in range(6)]
    assert asked == [1, 0, 0, 0, 0, 0]  # 404: gone is gone
    assert blog.posts["g2"].text == "Teil zwei …"


def test_a_budget_a_run_the_rest_meanwhile_as_the_feed_gave_it() -> None:
    blog = Blog(45)
    blog.etag = "a"
    with blog.world:
        assert [len(blog.run()) for _ in range(4)] == [20, 20, 5, 0]  # the later ones from a 304
    assert len(blog.posts) == 45 and all(SENTENCES[0] in post.text for post in blog.posts.values())


def test_a_run_killed_between_any_two_batches_loses_nothing() -> None:
    blog = Blog(4)
    with blog.world:
        for kill_after in range(1, 7):
            blog.state, blog.posts, told = {}, {}, []
            for kill in (kill_after, 1, None, None):
                blog.run(kill)
                told += blog.told
            assert len(told) == len(set(told)) == 4 and len(blog.posts) == 4
            assert all(SENTENCES[1] in post.text for post in blog.posts.values())


@pytest.mark.parametrize(
    "page",
    [
        html("<html><body><p>Kurz.</p></body></html>"),
        html("<title>Just a moment...</title>", 403, cf_mitigated="challenge"),
        html(
            "<html><body><h1>Wir und unsere Partner</h1><p>Weiter mit Werbung oder alle akzeptieren</p></body>"
        ),
        article(1, '<script type="application/ld+json">{"isAccessibleForFree": false}</script>'),
        Reply(article(1).body, headers={"tdm-reservation": "1", "content-type": "text/html"}),
        Reply(b"%PDF-1.7", headers={"content-type": "application/pdf"}),
        Reply(b"\xff\xfe\x00\xd8" * 999, headers={"content-type": "text/html"}),
        Reply(status=302, headers={"location": "/"}),
    ],
    ids=["short", "challenge", "consent", "paid", "reserved", "pdf", "noise", "front"],
)
def test_where_no_article_is_had_the_feed_s_text_stays(page: Reply) -> None:
    blog = Blog()
    with blog.world:
        blog.world.routes |= {"/1": page, "/": article(9)}
        blog.run()
        assert blog.told == [("g1", "Der Akkufix 3000 im Test, Teil 1 …")]
        blog.run()
    assert blog.posts["g1"].text == "Der Akkufix 3000 im Test, Teil 1 …"


def test_robots_keep_us_from_the_articles_and_not_from_the_feed() -> None:
    blog = Blog(3)
    with blog.world:
        blog.world.routes["/robots.txt"] = b"User-agent: *\nAllow: /feed\nDisallow: /"
        assert blog.run() == [] and len(blog.posts) == 3


def test_one_page_for_every_article_is_none() -> None:
    blog = Blog(2)
    with blog.world:
        blog.world.routes["/2"] = blog.world.routes["/1"]
        blog.run()
    assert SENTENCES[0] in blog.posts["g1"].text and blog.posts["g2"].text.startswith("Der Akkufix 3000 im")


def test_a_host_that_is_down_is_left_alone_for_the_run() -> None:
    blog = Blog(9)
    with blog.world:
        for n in range(1, 10):
            blog.world.routes[f"/{n}"] = Reply(status=503)
        assert len(blog.run()) == 3 and len(blog.posts) == 9
        assert "3 articles could not be read" in blog.batches[-1].notice


def test_a_whole_feed_stays_as_it_is() -> None:
    blog = Blog()
    with blog.world:
        blog.teasers[1] = " ".join(SENTENCES) * 3
        assert blog.run() == ["/1"] and blog.posts["g1"].text == blog.teasers[1]
        assert blog.run() == []


def test_comments_and_shared_links_keep_their_own_words() -> None:
    blog = Blog()
    with blog.world:
        rows = (
            f"<item><guid>c</guid><link>{blog.world.url}/1#comment-5</link><description>Stimmt.</description></item>"
            f"<item><guid>l</guid><link>http://localhost/2</link><comments>{blog.world.url}/s/2</comments>"
            "<description>Schaut mal.</description></item>"
        )
        feed = f'<rss version="2.0"><channel><link>{blog.world.url}/</link>{rows}</channel></rss>'
        blog.world.routes["/feed"] = feed
        assert blog.run() == [] and {post.text for post in blog.posts.values()} == {"Stimmt.", "Schaut mal."}


def test_a_damaged_state_reads_again() -> None:
    blog = Blog()
    with blog.world:
        blog.run()
        for damage in (
            7,
            {"known": {"a": 1, "b": [1, 2]}, "waiting": {"c": {"post": {"id": 1}, "tries": "x"}}},
        ):
            blog.state = {**blog.state, "articles": damage}
            assert blog.run() == ["/1"]


def test_links_into_private_networks_are_not_followed_from_another_host() -> None:
    blog = Blog()
    with blog.world, World({"/1": article(1)}) as inner:
        blog.teasers[1] = "Innen …"
        plain = blog._feed(Request("/feed", {})).body.replace(
            f"{blog.world.url}/1".encode(), f"http://localhost:{inner.port}/1".encode()
        )
        blog.world.routes["/feed"] = plain
        blog.run()
        assert inner.log == [] and blog.posts["g1"].text == "Innen …"


HOSTILE = {
    "deep": "<div>" * 9000 + "x",
    "wide": "<p>wort</p>" * 190_000,
    "spans": "<p>" + "<span>w</span>" * 9_000,
    "one tag": "<p " + "a=1 " * 400_000 + ">x",
    "long": "<p>" + "wort " * 380_000,
    "nothing": "",
    "bytes": "\x00\x01\ud800".encode("utf-8", "surrogatepass").decode("latin-1") * 99,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_hostile_pages_end_soon_and_quietly(body: str, capfd: Any) -> None:
    page = Page(f"<html><body>{body}".encode("utf-8", "replace"), "http://blog.example/1", NOW)
    started = time.monotonic()
    with contextlib.suppress(ParseError, AccessError):
        read_article(page)
    assert time.monotonic() - started < 15
    assert capfd.readouterr() == ("", "") and logging.getLogger("trafilatura").level > logging.CRITICAL
