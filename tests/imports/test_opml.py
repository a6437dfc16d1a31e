"""OPML as feed readers write it, and as nobody should."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from listener.errors import ConfigError, ParseError
from listener.imports import lines, read_opml
from listener.model import Source
from listener.pipeline import load_config
from listener.pipeline.import_report import Wish
from listener.pipeline.importing import import_opml
from tests.imports.made import CONFIG, written

OPML = """<?xml version="1.0" encoding="utf-8"?>
<opml version="2.0"><head><title>Meine Feeds</title></head><body>
<outline text="Werkstatt"><outline text="Sägen"><outline type="rss" text="Säge &amp; Säge" title="Säge &amp;amp; Säge" xmlUrl="https://saege.example/feed?a=1&amp;copy=2"/></outline></outline>
<outline text="Blog" XMLURL="feed://blog.example/rss"/>
<outline text="Blog" xmlurl="feed:https://zweiter.example/rss"/>
<outline text="blog" xmlUrl="http://www.blog.example/rss/"/>
<outline text="" xmlUrl="https://ohne-titel.example/x"/>
<outline text="Ordner ohne Adresse"/>
<outline text="Datei" xmlUrl="file:///etc/passwd"/>
<outline text="Skript" xmlUrl="javascript:alert(1)"/>
</body></opml>"""


def test_feeds_become_lines() -> None:
    found = read_opml(OPML.encode())
    assert lines(found.feeds) == [
        '  - {name: "Säge & Säge", kind: feed, url: "https://saege.example/feed?a=1&copy=2"}',
        '  - {name: "Blog", kind: feed, url: "http://blog.example/rss"}',
        '  - {name: "Blog 2", kind: feed, url: "https://zweiter.example/rss"}',
        '  - {name: "ohne-titel.example", kind: feed, url: "https://ohne-titel.example/x"}',
    ]
    assert (found.twice, found.not_web) == (1, ("file:///etc/passwd", "javascript:alert(1)"))


@pytest.mark.parametrize(
    "body",
    [
        OPML.encode("utf-16"),
        b"\xef\xbb\xbf" + OPML.encode(),
        OPML.replace("utf-8", "iso-8859-1").encode("latin-1"),
        OPML.encode("cp1252"),  # says UTF-8
        OPML.replace('encoding="utf-8"', 'encoding="nonsense"').encode(),
        OPML.replace("&amp;copy", "&copy").encode(),  # an ampersand that was not escaped
        OPML.replace("</body></opml>", "").encode(),  # cut off
        OPML.replace("Meine Feeds", "Meine \x0b Feeds \x00").encode(),
        OPML.replace("<opml version", '<opml xmlns="urn:x" version').encode(),
    ],
)
def test_broken_files_give_what_they_hold(body: bytes) -> None:
    found = read_opml(body)
    assert [feed.name for feed in found.feeds] == ["Säge & Säge", "Blog", "Blog 2", "ohne-titel.example"]
    assert found.feeds[0].url == "https://saege.example/feed?a=1&copy=2"


def test_entities_files_and_the_network_are_not_read(tmp_path: Path) -> None:
    secret = written(tmp_path, "geheim", "secret.txt")
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha" * 10}">' for n in range(10))
    body = (
        f'<!DOCTYPE opml SYSTEM "http://127.0.0.1:9/x.dtd" [{laughs}<!ENTITY f SYSTEM "file://{secret}">]>'
        '<opml><body><outline text="&l9;&f;" xmlUrl="https://a.example/&f;"/></body></opml>'
    )
    began = time.monotonic()
    (feed,) = read_opml(body.encode()).feeds
    assert time.monotonic() - began < 2
    assert "geheim" not in feed.name + feed.url
    assert len(feed.name) < 100


def test_many_and_deep() -> None:
    many = "".join(f'<outline text="Feed" xmlUrl="https://a.example/{n}"/>' for n in range(5000))
    found = read_opml(f"<opml><body>{many}</body></opml>".encode())
    assert len({feed.name for feed in found.feeds}) == 5000
    deep = '<outline text="a">' * 100_000
    read_opml(f"<opml><body>{deep}".encode())


@pytest.mark.parametrize(
    "body", [b"", b"<rss/>", b"\x00\xff\x80" * 99, b"<opml", b"<html><body>opml</body></html>", b"{}"]
)
def test_what_is_no_opml(body: bytes) -> None:
    try:
        assert read_opml(body).feeds == ()
    except ParseError as error:
        assert "no" in str(error)


def test_configured_feeds_and_names_are_left_out(tmp_path: Path) -> None:
    configured = [
        Source("Blog", "feed", {"url": "https://blog.example/rss"}),
        Source("r", "reddit", {"subreddits": ["a"]}),
    ]
    found = import_opml(Wish(written(tmp_path, OPML, "a.opml")), configured)
    assert found.configured == ("Blog (http://blog.example/rss)", "Blog (http://www.blog.example/rss/)")
    assert [feed.name for feed in found.feeds] == ["Säge & Säge", "Blog 2", "ohne-titel.example"]
    with pytest.raises(ConfigError, match="no OPML"):
        import_opml(Wish(written(tmp_path, "<rss/>", "b.opml")), ())
    with pytest.raises(ConfigError, match="cannot be read"):
        import_opml(Wish(tmp_path), ())


def test_the_lines_are_read_by_the_configuration(tmp_path: Path) -> None:
    nasty = [
        '${HOME} "x": {y}',
        "- a # b",
        "'",
        "\\ \u2028 \u200b",
        "null",
        "x" * 500,
        "@ % &amp; !",
        "{{a}}",
    ]
    outlines = "".join(
        f'<outline text="{name.replace(chr(34), "&quot;")}" xmlUrl="https://a.example/{n}?q=${{HOME}}"/>'
        for n, name in enumerate(nasty)
    )
    found = read_opml(f"<opml><body>{outlines}</body></opml>".encode())
    text = CONFIG.format(store="x").replace(
        "  - {name: blog", "\n".join(lines(found.feeds)) + "\n  - {name: blog"
    )
    config = load_config(written(tmp_path, text, "config.yaml"), {})
    assert [source.name for source in config.sources] == [*(feed.name for feed in found.feeds), "blog"]
    assert [source.options["url"] for source in config.sources][:-1] == [feed.url for feed in found.feeds]


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        ("https://user:pass@a.example/feed", True),
        ("https://a.example/feed?token=abc", True),
        ("https://a.example/feed?api_key=abc", True),
        ("https://a.example/private/3f2a9c7be01d4f6688aa77bc/rss", True),
        ("https://a.example/feed?category=4", False),
        ("https://a.example/2026/07/die-besten-akkuschrauber-2026-im-test/feed", False),
        ("https://www.youtube.com/feeds/videos.xml?channel_id=UCabcdefghij1234567890AB", False),
    ],
)
def test_addresses_that_are_keys_are_told(url: str, secret: bool) -> None:
    body = f'<opml><body><outline text="a" xmlUrl="{url}"/></body></opml>'
    assert [feed.secret for feed in read_opml(body.encode()).feeds] == [secret]
