"""The quick first look at feeds says what feedparser says, or nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors import feed_formats
from collectors.feed_entries import Feed
from collectors.feed_quick import quick
from collectors.feed_text import read_text
from collectors.reading import Page
from listener.errors import ParseError

AT = datetime(2026, 11, 1, tzinfo=UTC)
OWN = Path(__file__).parents[1] / "data" / "feed"
RSS = '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>Werkstatt</title><link>https://blog.example/</link>{}</channel></rss>'
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de-DE"{}><title>Werkstatt</title>{}</feed>'


def readings(text: str) -> tuple[Feed | None, Feed | None]:
    """A feed as the quick look and as feedparser reads it; None where there is no such reading."""
    page = Page(text.encode("utf-8", "replace"), "https://blog.example/feed", AT)
    told = [quick(feed_formats._told_plainly(read_text(page.body)))]
    if told == [None]:
        return None, None
    return feed_formats.read_feed(page), feed_formats.read_feed(page, quickly=False)


def _own() -> list[Path]:
    return [path for path in sorted(OWN.iterdir()) if path.suffix in (".xml", ".atom", ".rss")]


@pytest.mark.parametrize("path", _own(), ids=lambda path: path.name)
def test_our_feeds(path: Path) -> None:
    mine, theirs = readings(path.read_text("utf-8", "replace"))
    assert mine == theirs


def test_recorded_feeds(shared: Path) -> None:
    seen = 0
    for path in sorted((shared / "real" / "feeds").iterdir()):
        if path.suffix in (".json", ".tsv"):
            continue
        try:
            text = read_text(path.read_bytes())
        except ParseError:
            continue
        mine, theirs = readings(text)
        assert mine == theirs, path.name
        seen += mine is not None
    assert seen >= 50, "most feeds are plain enough"


ITEMS = [
    "<item><title>A &amp; B</title><link>https://blog.example/1</link><description>x</description></item>",
    "<item><title>&lt;b&gt;fett&lt;/b&gt; &amp;uuml;</title><guid>https://blog.example/1</guid></item>",
    '<item><guid isPermaLink="false">7</guid><description><![CDATA[<p>Gut</p>]]></description></item>',
    "<item><title>Ã¼ber</title><link>https://blog.example/1?a=1&amp;amp;b=2</link></item>",
    "<item><content:encoded>&lt;p&gt;lang&lt;/p&gt;</content:encoded><description>kurz</description></item>",
    "<item><description>kurz</description><content:encoded>&lt;p&gt;lang&lt;/p&gt;</content:encoded></item>",
    "<item><title>1</title><dc:creator>Eva</dc:creator><author>eva@example.com (Eva Muster)</author></item>",
    "<item><title>1</title><dc:creator>Eva</dc:creator><dc:creator>Udo</dc:creator></item>",
    "<item><title>1</title><media:title>2</media:title><link>https://blog.example/1</link></item>",
    "<item><title>1</title><pubDate>Tue, 10 Mar 2026 08:00:00 GMT</pubDate><dc:date>2026-03-11</dc:date></item>",
    "<item><title>1</title><description>a</description><description>b</description></item>",
    "<item><title>a <b>b</b> c</title></item>",
    "<item><title>1</title><link></link><guid>https://blog.example/1</guid></item>",
    '<item><title>1</title><source url="https://paper.example/">Blatt</source></item>',
    "<item><title>a<!-- x -->b</title><link>https://blog.example/1</link></item>",
    '<item xml:lang="en"><title>1</title><description>a</description></item>',
    "<item><TITLE>1</TITLE><Link>https://blog.example/1</Link></item>",
    "<item/>",
]


@pytest.mark.parametrize("item", ITEMS)
def test_traps_of_rss(item: str) -> None:
    mine, theirs = readings(RSS.format(item))
    assert mine == theirs


@pytest.mark.parametrize("base", ["", ' xml:base="https://other.example/sub/"'])
@pytest.mark.parametrize(
    "entry",
    [
        '<link href="https://blog.example/1"/><title type="html">&lt;i&gt;A&lt;/i&gt;</title>',
        '<link href="1"/><id>tag:1</id><title>A &amp;amp; B</title>',
        '<link rel="alternate" type="application/json" href="https://blog.example/1.json"/><id>https://blog.example/1</id>',
        '<id>https://blog.example/1</id><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">a<br/>b<p class="x">c</p></div></content>',
        '<id>1</id><content type="text">1 &lt; 2 &amp;amp; 3</content><summary>kurz</summary>',
        '<id>1</id><content src="https://blog.example/1" type="text/html"/>',
        "<id>1</id><author><name>Eva</name><email>eva@example.com</email></author><author><name>Udo</name></author>",
        "<id>1</id><author><name>Eva</name></author><author><name>Udo</name></author>",
        "<id>1</id><source><title>Blatt</title><link href='https://paper.example/'/></source>",
        '<id>1</id><content type="html" xml:lang="fr">a</content>',
        '<id>1</id><link rel="replies" href="https://blog.example/1#c" thr:count="3" xmlns:thr="http://purl.org/syndication/thread/1.0"/>',
        '<id>1</id><thr:in-reply-to ref="tag:2" href="https://blog.example/2" xmlns:thr="http://purl.org/syndication/thread/1.0"/>',
        '<id>1</id><link rel="alternate" href=""/>',
        '<id>https://blog.example/1</id><link rel="alternate" href=""/>',
    ],
)
def test_traps_of_atom(entry: str, base: str) -> None:
    mine, theirs = readings(ATOM.format(base, f"<entry>{entry}</entry>"))
    assert mine == theirs


@pytest.mark.parametrize("quickly", [True, False])
def test_an_empty_link_does_not_lead_to_the_feed(quickly: bool) -> None:
    entry = '<entry><id>https://blog.example/1</id><link rel="alternate" href="" /></entry>'
    text = ATOM.format(' xml:base="https://blog.example/feed.atom"', entry)
    [post] = feed_formats.read_feed(Page(text.encode(), "https://x.example/", AT), quickly=quickly).posts
    assert post.url == "https://blog.example/1"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<rss>",
        "<html><body>x</body></html>",
        RSS.format(""),
        '<!DOCTYPE rss [<!ENTITY a "b">]><rss><channel><item><title>&a;</title></item></channel></rss>',
        "<rss><channel>" + "<a>" * 5000,
        "<rss><channel><item><title>\ud800</title></item></channel></rss>",
    ],
)
def test_the_rest_is_for_feedparser(text: str) -> None:
    assert quick(text) is None


_FRAGMENTS = st.sampled_from(
    [
        *ITEMS,
        "&amp;",
        "&#8217;",
        "ü",
        "Ã¼",
        "<![CDATA[<p>a</p>]]>",
        "<dc:date>2026-03-11</dc:date>",
        "<x>1</x>",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(_FRAGMENTS, min_size=1, max_size=4), min_size=1, max_size=3))
def test_whatever_is_put_together(entries: list[list[str]]) -> None:
    text = RSS.format("".join(f"<item><title>T</title>{''.join(parts)}</item>" for parts in entries))
    mine, theirs = readings(text)
    assert mine == theirs
