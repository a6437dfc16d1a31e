"""The feeds that a page names: in its head and by links, the most useful first."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.discovery import Found, feeds_of
from collectors.reading import Page

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
HOME = "https://www.blog.example/werkstatt/"


def feeds(*parts: str, url: str = HOME) -> list[Found]:
    return feeds_of(Page("".join(parts).encode(), url, NOW))


def link(href: str, kind: str = "application/rss+xml", title: str = "", rel: str = "alternate") -> str:
    return f'<link rel="{rel}" type="{kind}" title="{title}" href="{href}">'


def addresses(*parts: str) -> list[str]:
    return [found.url for found in feeds(*parts)]


def test_entries_before_comments_and_the_own_site_before_others() -> None:
    found = feeds(
        link("/comments/feed/", title="Werkstatt » Kommentar-Feed"),
        link("https://news.example/all.xml", title="Nachrichten"),
        link("feed.atom", "application/atom+xml; charset=utf-8", "Werkstatt"),
        link("https://blog.example/feed.json", "application/feed+json"),
        '<a href="/rss.xml">RSS</a>',
    )
    assert found == [
        Found("https://www.blog.example/werkstatt/feed.atom", "Werkstatt", "atom"),
        Found("https://blog.example/feed.json", "", "json"),
        Found("https://news.example/all.xml", "Nachrichten", "rss"),
        Found("https://www.blog.example/comments/feed/", "Werkstatt » Kommentar-Feed", "rss", comments=True),
        Found("https://www.blog.example/rss.xml", "RSS", "rss"),
    ]


@pytest.mark.parametrize(
    ("markup", "kind"),
    [
        (link("/f", "text/xml"), ""),
        (link("/f", "application/xml"), ""),
        (link("/f", "APPLICATION/RSS+XML"), "rss"),
        (link("/f", "application/rdf+xml"), "rss"),
        (link("/f", "application/x-atom+xml"), "atom"),
        (link("/f", rel="Alternate HOME"), "rss"),
        (link("/f", rel="feed"), "rss"),
        ('<link rel="alternate" href="/f" type=application/rss+xml>', "rss"),
        ("<LINK REL=alternate TYPE='text/rss' HREF=/f>", "rss"),
    ],
)
def test_odd_ways_to_name_a_feed(markup: str, kind: str) -> None:
    assert feeds(markup) == [Found("https://www.blog.example/f", "", kind)]


@pytest.mark.parametrize(
    "markup",
    [
        link("/wp-json/oembed?url=x", "application/json+oembed"),
        link("/wp-json/oembed?url=x", "text/xml+oembed"),
        link("/wp-json/wp/v2/pages/2", "application/json"),
        link("/en/", "text/html"),
        link("/feed.css", "text/css", rel="alternate stylesheet"),
        link("/sitemap.xml", "application/xml", rel="sitemap"),
        link("javascript:alert(1)"),
        link("data:application/rss+xml,x"),
        link("http://[half/feed"),
        link("https://blog.example:0/feed"),
        '<a href="javascript:feed()">RSS</a>',
        '<a href="/feedback">Meinung</a>',
        '<a href="/index.php">Forum</a>',
        '<a href="mailto:a@example.com">Feed</a>',
    ],
)
def test_what_is_no_feed(markup: str) -> None:
    assert feeds(markup) == []


@pytest.mark.parametrize(
    ("href", "words"),
    [
        ("/feed", ""), ("/feed/", "x"), ("rss", ""), ("/blog/rss.xml", ""), ("/index.rdf", ""), ("atom.xml", ""),
        ("/?feed=rss2", ""), ("/index.php?format=feed&type=rss", ""), ("/abo/17", "RSS-Feed"), ("/news.rss", ""),
        ("/feed.php", ""), ("/feeds/posts.xml", "RSS"),
    ],
)  # fmt: skip
def test_links_to_usual_places_are_the_second_choice(href: str, words: str) -> None:
    assert len(feeds(f'<a href="{href}">{words}</a>')) == 1


def test_session_ids_are_left_out() -> None:
    assert addresses(link("/app.php/feed?sid=d1edb1173dadb00f5067d92ea3285d47")) == [
        "https://www.blog.example/app.php/feed"
    ]
    assert addresses(link("/?s=akku&amp;feed=rss2")) == ["https://www.blog.example/?s=akku&feed=rss2"]


def test_recorded_pages_name_their_feeds(shared: Path) -> None:
    recorded = shared / "real/smf/live214_board.html"
    found = feeds_of(Page(recorded.read_bytes(), "http://forum.example/index.php", NOW))
    assert [one.kind for one in found] == ["rss", "atom"]


def test_base_duplicates_and_the_most() -> None:
    assert addresses('<base href="/neu/">', link("feed"), link("feed#top"), '<a href="feed">RSS</a>') == [
        "https://www.blog.example/neu/feed"
    ]
    assert len(addresses(*(link(f"/feed/{n}") for n in range(50)))) == 20
    assert addresses(link("feed:https://blog.example/rss"), link("feed://blog.example/atom")) == [
        "https://blog.example/rss",
        "https://blog.example/atom",
    ]


def test_a_declaration_that_is_none_is_read_over() -> None:
    link = "<link rel=alternate type=application/rss+xml href='https://blog.example/feed'>"
    assert [found.url for found in feeds(f"<![0{link}")] == ["https://blog.example/feed"]


@given(st.text(max_size=200))
def test_no_page_is_an_error(text: str) -> None:
    assert isinstance(
        feeds(f"<link rel=alternate type=application/rss+xml href='{text}'><a href='{text}'>RSS</a>{text}"),
        list,
    )
