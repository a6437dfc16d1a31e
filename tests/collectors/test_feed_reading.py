"""What a person would read in feeds: recorded ones against what was read by eye, and sites' ways of writing."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.feed_dates import read_instant
from collectors.feed_entries import Entry, Feed, Head, feed_of
from collectors.feed_formats import person, read_feed
from collectors.feed_kinds import listed, without_more
from collectors.feed_links import canonical, thread_of
from collectors.feed_sites import figure, settled
from collectors.feed_titles import of_a_comment, of_a_feed
from collectors.reading import Page
from listener.errors import ParseError
from listener.model import Post

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
DATA = Path(__file__).parents[1] / "data" / "feed"
ADDRESS = "https://feed.example/f"


def feed(body: bytes | str, url: str = ADDRESS) -> Feed:
    return read_feed(Page(body.encode() if isinstance(body, str) else body, url, NOW))


def recorded(shared: Path) -> Iterator[tuple[str, bytes]]:
    """Every recorded feed: the collection of feeds and the forums' own."""
    with (shared / "real/INDEX.tsv").open(encoding="utf-8") as table:
        names = [row["file"] for row in csv.DictReader(table, delimiter="\t") if row["kind"] == "feed"]
    with (shared / "real/feeds/FEEDS.tsv").open(encoding="utf-8") as table:
        names += [row["file"] for row in csv.DictReader(table, delimiter="\t")]
    for name in sorted(set(names)):
        if (shared / "real" / name).is_file():
            yield name, (shared / "real" / name).read_bytes()


def print_of(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:5]


def digest(found: Feed) -> dict[str, Any]:
    """A feed's reading without a word of it: counts, instants, languages, and prints of the rest."""
    told: dict[str, Any] = {
        "posts": len(found.posts),
        "lists": found.lists,
        "thin": found.thin,
        "feed": print_of(f"{found.title}\n{found.url}"),
        "at": [_instant(post) for post in found.posts],
        "languages": sorted({post.language or "" for post in found.posts}),
        "replies": sum(post.replies or 0 for post in found.posts),
        "views": sum(int(post.facts.get("views", 0)) for post in found.posts),
    }
    for name in ("id", "url", "author", "title", "thread_url", "text", "quoted"):
        told[name] = " ".join(print_of(getattr(post, name) or "") for post in found.posts)
    return told


def _instant(post: Post) -> str:
    at = f"{post.published_at:%Y-%m-%dT%H:%M:%S}" if post.published_at else "unknown"
    edited = f" edited {post.edited_at:%Y-%m-%dT%H:%M:%S}" if post.edited_at else ""
    return at + ("" if post.date_precision == "second" else f" {post.date_precision}") + edited


def _digest_of(body: bytes) -> dict[str, Any]:
    try:
        return digest(feed(body))
    except ParseError:
        return {"refused": True}


def test_recorded_feeds_read_as_they_were_read_by_eye(shared: Path) -> None:
    wanted = json.loads((DATA / "recorded.json").read_text())
    found = {name: _digest_of(body) for name, body in recorded(shared)}
    assert found.keys() == wanted.keys()
    for name, told in found.items():
        assert told == wanted[name], name
    assert len([name for name in found if name.startswith("feeds/")]) == 80
    assert [name for name, told in found.items() if "refused" in told] == ["smf/live214_recent_smf.xml"]


LISTS = {
    "bing_news.xml": ("articles", True),
    "blog.xml": ("articles", True),
    "blogger_comments.xml": ("comments", False),
    "discourse_latest.xml": ("topics", False),
    "forum_atom.xml": ("posts", False),
    "github_discussions.xml": ("topics", False),
    "google_alerts.xml": ("articles", True),
    "google_news.xml": ("articles", True),
    "hnrss.xml": ("articles", True),
    "lemmy.xml": ("topics", False),
    "mastodon.xml": ("posts", False),
    "phpbb_topics.xml": ("topics", False),
    "reddit.xml": ("topics", False),
    "reddit_comments.xml": ("posts", False),
    "stack_exchange.xml": ("topics", False),
    "stack_exchange_answers.xml": ("posts", False),
    "vbulletin.xml": ("topics", False),
    "wordpress_all_comments.xml": ("comments", False),
    "wordpress_comments.xml": ("comments", False),
    "wordpress_comments_atom.xml": ("comments", False),
    "wordpress_teasers.xml": ("articles", True),
    "xenforo.xml": ("topics", False),
    "youtube.xml": ("articles", False),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_feed_says_what_it_lists_and_whether_it_is_thin(name: str) -> None:
    found = feed((DATA / name).read_bytes())
    assert (found.lists, found.thin) == LISTS[name]


@pytest.mark.parametrize(
    ("link", "address", "lists"),
    [
        ("https://f.example/viewtopic.php?p=3#p3", "https://f.example/app.php/feed", "posts"),
        (
            "https://f.example/viewtopic.php?f=1&t=2&p=3#p3",
            "https://f.example/feed.php?mode=topics",
            "topics",
        ),
        ("https://f.example/viewtopic.php?p=3#p3", "https://f.example/app.php/feed/topics_active", "topics"),
        ("https://f.example/viewtopic.php?id=7&action=new", "", "topics"),
        ("https://f.example/viewtopic.php?pid=7#p7", "", "posts"),
        ("https://f.example/showthread.php?tid=7&pid=9#pid9", "", "posts"),
        ("https://f.example/thread-12.html", "", "topics"),
        ("https://f.example/index.php?topic=4.msg33#msg33", "", "posts"),
        ("https://f.example/index.php/topic,4.0.html", "", "topics"),
        ("https://f.example/t/slug/12/3", "https://f.example/posts.rss", "posts"),
        ("https://f.example/threads/slug.12/post-30", "", "posts"),
        ("https://f.example/forums/threads/slug.12/", "", "topics"),
        ("https://f.example/d/12-slug/4", "", "posts"),
        ("https://f.example/d/12-slug", "", "topics"),
        ("https://f.example/topic/12-slug/?do=findComment&comment=9", "", "posts"),
        ("https://f.example/topic/12-slug/", "", "topics"),
        ("https://f.example/topic/2/slug", "https://f.example/recent.rss", "topics"),
        ("https://f.example/forum/bohren/123-akkufix", "https://f.example/external?type=rss2", "topics"),
        ("https://f.example/t12-akkufix", "", "topics"),
        ("https://f.example/discussion/comment/99#Comment_99", "", "posts"),
        ("https://f.example/forums/topic/akkufix/#post-77", "", "posts"),
        ("https://f.example/post/6", "https://f.example/topic/2/slug", "posts"),
        ("https://blog.example/post/6", "https://blog.example/", "articles"),
        ("https://blog.example/2026/03/a/#comment-3", "", "comments"),
        ("https://blog.example/2026/03/a/", "https://blog.example/feed/", "articles"),
    ],
)
def test_links_and_addresses_tell_what_a_feed_lists(link: str, address: str, lists: str) -> None:
    assert listed([(link, "", "")], (address,)) == lists


@pytest.mark.parametrize(
    ("address", "lists"),
    [
        ("https://blog.example/comments/feed/", "comments"),
        ("https://forum.example/latest.rss", "topics"),
        ("https://forum.example/forums/-/index.rss", "topics"),
        ("https://forum.example/posts.rss", "posts"),
        ("https://blog.example/feed/", "articles"),
    ],
)
def test_an_empty_feed_is_told_by_its_address(address: str, lists: str) -> None:
    assert feed('<rss version="2.0"><channel><title>x</title></channel></rss>', address).lists == lists


@pytest.mark.parametrize(
    ("url", "thread"),
    [
        ("https://b.example/2026/03/a/comment-page-2/#comment-12", "https://b.example/2026/03/a/"),
        ("https://b.example/a.html?showComment=1#c500000", "https://b.example/a.html"),
        ("https://f.example/index.php?topic=4.msg33#msg33", "https://f.example/index.php?topic=4.0"),
        ("https://f.example/t/slug/12/4", "https://f.example/t/slug/12"),
        ("https://f.example/viewtopic.php?f=2&t=5&p=33#p33", "https://f.example/viewtopic.php?f=2&t=5"),
        ("https://f.example/viewtopic.php?p=33#p33", "https://f.example/viewtopic.php?p=33#p33"),
        ("https://f.example/threads/slug.12/post-3", "https://f.example/threads/slug.12/"),
        ("https://q.example/questions/1/slug/456#456", "https://q.example/questions/1/slug"),
    ],
)
def test_a_posts_address_tells_its_thread(url: str, thread: str) -> None:
    assert thread_of(url) == thread


@pytest.mark.parametrize(
    ("title", "author", "found"),
    [
        ("Von: Saegefix", None, ("Der Test", "Saegefix")),
        ("Comment on Drill: a test by Ann", None, ("Drill: a test", "Ann")),
        (
            "Kommentar zu Bohrer von Ax von Heidi von Berg",
            "Heidi von Berg",
            ("Bohrer von Ax", "Heidi von Berg"),
        ),
        ("Commentaires sur La perceuse par Anne", None, ("La perceuse", "Anne")),
        ("Reactie op Boor door Jan", "Jan", ("Boor", "Jan")),
        ("Das ist der Anfang...", "Ann", ("Der Test", "Ann")),
        ("Eine eigene Überschrift", "Ann", ("Eine eigene Überschrift", "Ann")),
    ],
)
def test_titles_of_comments_name_article_and_author(
    title: str, author: str | None, found: tuple[str, str]
) -> None:
    article = of_a_feed("Kommentare zu: Der Test", is_blogger=False)
    assert of_a_comment(title, author, article, "Das ist der Anfang des Textes.") == found


def test_an_article_of_a_forum_named_comments_keeps_its_title() -> None:
    found = feed(_item("<title>Comment on Bohrer by Ax</title><link>https://f.example/t/x/1/2</link>"))
    assert found.posts[0].title == "Comment on Bohrer by Ax"


def _item(*items: str, head: str = "") -> str:
    spaces = " ".join(f'xmlns:{name}="{address}"' for name, address in SPACES.items())
    inner = "".join(f"<item>{item}</item>" for item in items)
    return f'<rss version="2.0" {spaces}><channel><title>Blog</title>{head}{inner}</channel></rss>'


SPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "thr": "http://purl.org/syndication/thread/1.0",
    "a10": "http://www.w3.org/2005/Atom",
    "media": "http://search.yahoo.com/mrss/",
}


def only(item: str, **more: Any) -> Post:
    (post,) = feed(_item(item, **more)).posts
    return post


def test_a_podcasts_publisher_is_its_author_only_where_nobody_else_is() -> None:
    podcast = "<guid>1</guid><itunes:author>Funkhaus</itunes:author>"
    assert only(podcast).author == "Funkhaus"
    assert only(podcast + "<dc:creator>Ann</dc:creator>").author == "Ann"
    assert only("<guid>1</guid><dc:creator>Ann</dc:creator><dc:creator>Bob</dc:creator>").author == "Ann, Bob"
    named = "<a10:author><a10:name>Ann</a10:name><a10:email>a@b.example</a10:email></a10:author>"
    assert only("<guid>1</guid>" + named).author == "Ann"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("/u/saege_fix", "saege_fix"),
        ("u/saege_fix", "saege_fix"),
        ("@heidi", "heidi"),
        ("@heidi Heidi Berg", "heidi"),
        ("https://lemmy.example/u/heidi", "heidi"),
        ("https://social.example/@heidi", "heidi"),
        ("By Ann Ax", "Ann Ax"),
        ("Jakub (kuba)", "Jakub (kuba)"),
        ("no-reply@zeitung.example (No reply)", None),
        (", ".join(["Heidi Berg"] * 12), ", ".join(["Heidi Berg"] * 8)),
    ],
)
def test_authors_are_names(written: str, name: str | None) -> None:
    assert person(written) == name


def test_figures_that_a_feed_states() -> None:
    assert only("<guid>1</guid><slash:comments>12</slash:comments>").replies == 12
    assert only("<guid>1</guid><thr:total>3</thr:total>").replies == 3
    counted = '<a10:link rel="replies" href="/c" thr:count="0"/>'
    assert only("<guid>1</guid><link>/1</link>" + counted).replies == 0
    assert only("<guid>1</guid><slash:comments/>").replies is None
    assert only(f"<guid>1</guid><slash:comments>{'9' * 5000}</slash:comments>").replies is None
    seen = '<media:community><media:statistics views="12"/></media:community>'
    assert only("<guid>1</guid>" + seen).facts == {"views": 12}
    assert (figure("1,234"), figure("-2"), figure("viele"), figure("²"), figure("")) == (
        1234,
        -2,
        None,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://medium.example/a?source=rss-1a2b------2", "https://medium.example/a"),
        ("https://zeitung.example/a.html?wt_mc=rss.ho", "https://zeitung.example/a.html"),
        ("https://zeitung.example/a?ref=rss&id=3", "https://zeitung.example/a?id=3"),
        ("https://zeitung.example/a#xtor=RSS-1481", "https://zeitung.example/a"),
        ("https://zeitung.example/a?ref=startseite", "https://zeitung.example/a?ref=startseite"),
        ("https://f.example/showthread.php?t=7&goto=newpost", "https://f.example/showthread.php?t=7"),
        ("http://www.bing.com/news/apiclick.aspx?url=https%3a%2f%2fa.example%2fb&c=1", "https://a.example/b"),
        ("https://press.example/go/?x=1&u=https%3A%2F%2Fa.example%2Fb", "https://a.example/b"),
        ("https://a.example/go/?u=https%3A%2F%2Fa.example%2Flogin", None),
        ("https://a.example/teilen?u=https%3A%2F%2Fb.example", None),
        ("https://a.example/zwei woerter", "https://a.example/zwei%20woerter"),
    ],
)
def test_links_lead_to_the_target_without_counters(url: str, target: str | None) -> None:
    assert canonical(url) == (target or url)


def test_a_link_that_names_no_place_is_none() -> None:
    assert (
        only("<guid>1559104147038</guid>", head="<link>https://blog.example/</link>").url
        == "https://blog.example/"
    )
    assert only("<guid>1</guid><link>www.blog.example/a</link>").url == "https://www.blog.example/a"
    assert only("<guid>https://blog.example/7</guid>").url == "https://blog.example/7"


@pytest.mark.parametrize(
    ("text", "left", "teaser"),
    [
        ("Zwei Schritte... [read more]", "Zwei Schritte...", True),
        ("Kurz.\nWeiterlesen", "Kurz.", True),
        ("Kurz […]", "Kurz […]", True),
        ("Wir brauchen mehr", "Wir brauchen mehr", False),
        ("Kurz.\nMehr dazu im Blog.", "Kurz.\nMehr dazu im Blog.", False),
        ("Eine Liste\nMore tools", "Eine Liste\nMore tools", False),
    ],
)
def test_the_way_to_the_whole_text_is_no_word_of_the_author(text: str, left: str, teaser: bool) -> None:
    assert without_more(text) == (left, teaser)


def test_the_link_below_a_teaser_is_left_out() -> None:
    linked = '&lt;p&gt;Kurz.&lt;/p&gt;&lt;p&gt;&lt;a href="/a"&gt;{}&lt;/a&gt;&lt;/p&gt;'
    assert (
        only(f"<guid>1</guid><description>{linked.format('Mehr &amp;raquo;')}</description>").text == "Kurz."
    )
    kept = only(f"<guid>1</guid><description>{linked.format('Mein Laden')}</description>").text
    assert kept == "Kurz.\n\nMein Laden"


def test_entries_without_identity_keep_it_through_small_edits() -> None:
    date = "<pubDate>Wed, 04 Mar 2026 10:00:00 GMT</pubDate>"
    first = only(f"<title>Akkufix 3000 – der Test!</title>{date}")
    assert first.id == only(f"<title>Akkufix 3000: Der Test</title>{date}").id
    long = (
        "<description>"
        + "Ein Satz, der lang genug ist, um noch an seinem Ende geändert zu werden. {}</description>"
    )
    assert only(long.format("Alt.") + date).id == only(long.format("Neu!") + date).id


def test_entries_that_share_an_id_and_are_others_are_told_apart() -> None:
    same = "<description>" + "Ein gleicher Anfang, " * 5 + "und dann {}</description>"
    ids = {post.id for post in feed(_item(same.format("dies"), same.format("das"))).posts}
    assert len(ids) == 2
    shared_guid = [f"<guid>https://blog.example/</guid><title>Nummer {n}</title>" for n in range(3)]
    assert len({post.id for post in feed(_item(*shared_guid)).posts}) == 3
    twice = ["<guid>1</guid><title>Alt</title>", "<guid>1</guid><title>Neu</title>"]
    assert {post.id for post in feed(_item(*twice)).posts} == {"1"}


@pytest.mark.parametrize(
    ("raw", "at", "precision"),
    [
        ("1er janvier 2026 à 9h30", "2026-01-01T09:30:00", "minute"),
        ("mer. 4 juin 2026 10:00:00 +0200", "2026-06-04T08:00:00", "second"),
        ("12 juillet 2026", "2026-07-12T00:00:00", "day"),
        ("5 de marzo de 2026 10:00", "2026-03-05T10:00:00", "minute"),
        ("gio, 03 lug 2025 08:00:00 +0200", "2025-07-03T06:00:00", "second"),
        ("15 lipca 2026", "2026-07-15T00:00:00", "day"),
        ("Пт, 5 июн 2026 10:00:00 +0300", "2026-06-05T07:00:00", "second"),
        ("2026年3月4日 10:05", "2026-03-04T10:05:00", "minute"),
        ("20260304T100000Z", "2026-03-04T10:00:00", "second"),
        ("Wed Mar 4 10:00:00 +0000 2026", "2026-03-04T10:00:00", "second"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None, "unknown"),  # an empty field of a database
        ("0001-01-01T00:00:00", None, "unknown"),
        ("5 listopada 2026", None, "unknown"),  # October or November
    ],
)
def test_dates_of_other_languages(raw: str, at: str | None, precision: str) -> None:
    found = read_instant(raw)
    assert (found.at and found.at.isoformat()[:19], found.precision) == (at, precision)


def test_signs_that_no_store_takes_are_left_out() -> None:
    post = only("<guid>a&#0;b</guid><link>https://blog.example/&#0;1</link><title>x&#0;</title>")
    assert (post.id, post.url, post.title) == ("ab", "https://blog.example/1", "x")
    item = {"id": "a\x00b", "content_text": "x\x00\ud800y", "title": "\x00"}
    found = feed(json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [item]}))
    assert (found.posts[0].id, found.posts[0].text, found.posts[0].title) == ("ab", "xy", "")


def test_a_feed_that_asks_for_eternity_is_a_feed() -> None:
    assert feed(_item("<guid>1</guid>", head=f"<ttl>{'9' * 200}</ttl>")).ttl is None


words = st.text(max_size=40)


@given(st.builds(Entry, words, words, words, st.just(()), words, words, words, words, words, words))
def test_any_entry_becomes_a_post(entry: Entry) -> None:
    texts = ((entry.title, True), (entry.guid, False))
    for one in (entry, replace(entry, link="https://a.example/" + entry.link, texts=texts)):
        (post,) = feed_of(
            Head(entry.title, entry.link, entry.guid), [settled(one)], Page(b"", ADDRESS, NOW)
        ).posts
        assert post.id and post.url.startswith("http")
        assert not set("\x00\ud800") & set(post.id + post.url + post.text + post.title + (post.author or ""))
