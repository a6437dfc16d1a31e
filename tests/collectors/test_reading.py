"""Any page becomes text, and finds its reader."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.links import clean, count, number
from collectors.reading import Page, decode, read
from listener.errors import AccessError, ParseError

AT = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
URL = "https://forum.example/x"


def page(body: bytes, content_type: str = "", url: str = URL) -> Page:
    return Page(body, url, AT, None, content_type)


META = '<meta http-equiv="Content-Type" content="text/html; charset={}">Größe „5 €“'


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("Größe".encode(), "", "Größe"),
        ("Größe".encode("cp1252"), "", "Größe"),
        ("Größe".encode("cp1252"), "text/html; charset=ISO-8859-1", "Größe"),
        ("Größe „5 €“".encode("cp1252"), "text/html; charset=latin1", "Größe „5 €“"),
        ("Größe".encode(), "text/html; charset=ISO-8859-1", "Größe"),
        ("Größe".encode("iso8859-15"), "text/html; charset=iso-8859-15", "Größe"),
        ("Größe".encode("utf-16"), "text/html; charset=utf-8", "Größe"),
        ("Größe".encode("utf-8-sig"), "", "Größe"),
        (META.format("iso-8859-1").encode(), "", META.format("iso-8859-1")),
        (META.format("windows-1252").encode("cp1252"), "", META.format("windows-1252")),
        (META.format("utf-8").encode("cp1252"), "", META.format("utf-8")),
        ("привет".encode("koi8-r"), "text/html; charset=KOI8-R", "привет"),
        ("Größe".encode(), "text/html; charset=punycode", "Größe"),
        ("Größe".encode(), 'text/html; charset="nonsense"', "Größe"),
        ("viele Umlaute: äöüß".encode() + b"\xc3", "text/html; charset=utf-8", "viele Umlaute: äöüß\ufffd"),
        (b"", "", ""),
    ],
)
def test_charsets(body: bytes, content_type: str, text: str) -> None:
    assert decode(page(body, content_type)) == text


@given(
    st.binary(max_size=300), st.sampled_from(["", "text/html; charset=utf-7", "charset=hex", "charset=big5"])
)
def test_any_bytes_become_text(body: bytes, content_type: str) -> None:
    decode(page(body, content_type)).encode("utf-8", "surrogatepass")


def test_an_unknown_page_says_what_was_seen() -> None:
    with pytest.raises(ParseError, match="Bäckerei Korn"):
        read(page("<html><head><title>Bäckerei Korn</title></head><body><p>Brot</p></body></html>".encode()))


def test_a_wall_is_an_access_error() -> None:
    with pytest.raises(AccessError, match="Cloudflare"):
        read(page(b"<html><head><title>Just a moment...</title></head><body></body></html>"))


@pytest.mark.parametrize(
    "body", [b"{", b"[1, 2", b'{"a": 1}', b"[]", b"[" * 100_000, b'{"kind": 5}', b'[{"kind": "t9"}]']
)
def test_json_that_nobody_knows(body: bytes) -> None:
    with pytest.raises(ParseError):
        read(page(body))


def test_a_broken_address_is_a_clear_error() -> None:
    with pytest.raises(ParseError, match="address"):
        read(page(b"<html></html>", url="http://["))


def test_a_feed_goes_to_the_feeds_reader() -> None:
    feed = b"""<?xml version="1.0"?><!-- c --><rss version="2.0"><channel><title>Blog</title><link>https://b.example</link>
    <item><guid>7</guid><link>https://b.example/7</link><title>Neu</title><description>Akkufix da</description>
    <pubDate>Thu, 01 Oct 2026 08:15:00 GMT</pubDate></item></channel></rss>"""
    topic = read(page(feed))
    assert [post.text for post in topic.posts] == ["Akkufix da"]


def test_reddits_answers_go_to_reddits_reader() -> None:
    thing = {"id": "abc", "name": "t3_abc", "title": "Akkufix", "selftext": "Taugt der?", "author": "eva"}
    thing |= {
        "created_utc": 1790842500.0,
        "permalink": "/r/Werkzeug/comments/abc/akkufix/",
        "subreddit": "Werkzeug",
    }
    answer = {"kind": "Listing", "data": {"children": [{"kind": "t3", "data": thing}], "after": None}}
    topic = read(
        page(json.dumps(answer).encode(), "application/json", "https://www.reddit.com/r/Werkzeug/new.json")
    )
    assert [(post.author, post.text) for post in topic.posts] == [("eva", "Taugt der?")]


def test_reading_a_page_does_not_load_the_rest_of_the_house() -> None:
    code = "import sys, collectors.reading, collectors.engines as e; e.engines(); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"httpx", "bs4", "feedparser", "praw", "pandas", "sqlalchemy"} & set(loaded)


@pytest.mark.parametrize(
    ("address", "cleaned"),
    [
        ("./viewtopic.php?t=4&sid=ab&start=20#p5", "https://forum.example/viewtopic.php?t=4&start=20"),
        ("/threads/x.5/?utm_source=a&s=1", "https://forum.example/threads/x.5/"),
        ("index.php?threads/x.5/page-2", "https://forum.example/index.php?threads/x.5/page-2"),
        ("a;PHPSESSID=abc/b", "https://forum.example/a/b"),
        ("//cdn.example", "https://cdn.example/"),
        ("javascript:alert(1)", ""),
        ("mailto:a@b.example", ""),
        ("http://[", ""),
    ],
)
def test_addresses_are_cleaned(address: str, cleaned: str) -> None:
    assert clean(address, URL) == cleaned


def test_numbers_in_pages() -> None:
    texts = ["1.158", "1,158", "24 Antworten", "0", "12K", "1.2K", "viele", "Antworten: 7"]
    assert [count(text) for text in texts] == [1158, 1158, 24, 0, None, None, None, 7]
    assert number("viewtopic.php?f=3&t=8", "t") == 8
    assert number("viewtopic.php?t=x", "t") is None
