"""The demo's world answers as the real sites do, and its truth is what its texts say."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import feedparser
import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from listener.demo import Expected, World

NOW = datetime(2026, 3, 31, 6, 30, tzinfo=UTC)  # two days after the clocks went forward
YESTERDAY = NOW.astimezone(ZoneInfo("Europe/Berlin")).date() - timedelta(days=1)
OURS = "Akkufix 3000"


@pytest.fixture
def world() -> Iterator[World]:
    with World(NOW) as world:
        yield world


@pytest.fixture
def web(world: World) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=world.url) as client:
        yield client


def folded(text: str) -> str:
    return " ".join(text.split())


def told(world: World, source: str) -> dict[str, Expected]:
    return {post.id: post for post in world.truth if post.source == source}


def tree(web: httpx.Client, target: str) -> LexborHTMLParser:
    return LexborHTMLParser(web.get(target).text)


def texts(tree: LexborHTMLParser | LexborNode, selector: str) -> list[str]:
    return [folded(node.text()) for node in tree.css(selector)]


def thread_of(world: World, web: httpx.Client, title: str, board: int = 3) -> str:
    rows = tree(web, f"/forum/viewforum.php?f={board}").css("a.topictitle")
    links = [row.attributes["href"] or "" for row in rows if row.text() == title]
    return links[0].removeprefix("./")


def walk(web: httpx.Client) -> Iterator[LexborHTMLParser]:
    """All pages of all threads, as a visitor would click through them."""
    for board in tree(web, "/forum/index.php").css("a.forumtitle"):
        for row in tree(web, f"/forum/{board.attributes['href']}").css("a.topictitle"):
            link: str | None = row.attributes["href"]
            while link:
                page = tree(web, f"/forum/{link}")
                yield page
                following = page.css_first('.bar-top a[rel="next"]')
                link = following.attributes["href"] if following else None


def test_same_now_and_seed_make_the_same_world(world: World) -> None:
    with World(NOW) as twin, World(NOW, seed=1) as other:
        assert twin.truth == world.truth
        assert other.truth != world.truth
        assert [post.text for post in other.truth] == [post.text for post in world.truth]
        pages = [httpx.get(f"{w.url}/forum/viewforum.php?f=3").text.replace(w.url, "") for w in (world, twin)]
        assert pages[0] == pages[1]


@pytest.mark.parametrize("hour", [0, 5, 12, 23])
def test_nothing_is_in_the_future_and_ids_rise_with_time(hour: int) -> None:
    now = datetime(2026, 10, 25, hour, 1, tzinfo=UTC)  # the day the clocks go back
    world = World(now)
    for source in ("werkbank-forum", "werkstatt-blog"):
        ids = [int(post.id.split("=")[-1]) for post in world.truth if post.source == source]
        assert ids == sorted(set(ids))
    assert all(now - timedelta(days=60) < post.published_at <= now for post in world.truth)
    assert all(post.published_at < post.edited_at <= now for post in world.truth if post.edited_at)


def test_yesterday_has_news_and_the_past_a_series(world: World) -> None:
    days = Counter(
        post.published_at.astimezone(ZoneInfo("Europe/Berlin")).date()
        for post in world.truth
        if post.places.get(OURS) in ("text", "title")
    )
    usual = [days[YESTERDAY - timedelta(days=n)] for n in range(1, 58)]
    assert days[YESTERDAY] == 10 > 3 == max(usual)
    assert sum(usual) > 50
    burst = [post for post in world.truth if post.published_at.date() == YESTERDAY and " rot" in post.text]
    assert {post.source for post in burst} == {"werkbank-forum", "werkstatt-blog", "reddit"}


def test_traps_are_laid(world: World) -> None:
    by_text = {folded(post.text): post for post in world.truth}
    assert by_text["meiner ist nach zwei Wochen kaputt"].places == {OURS: "title"}
    assert [p.places for p in world.truth if any(OURS in q for _, q in p.quotes) and OURS not in p.title] == [
        {OURS: "quote"},
        {OURS: "quote"},
    ]
    assert not any(p.places for p in world.truth if "gutschein" in (p.text + p.title).lower())
    copies = [post for post in world.truth if post.copy_of]
    originals = {(post.source, post.id): post for post in world.truth}
    assert [originals[copy.copy_of].text for copy in copies if copy.copy_of] == [copies[0].text]
    assert len(copies[0].text.split()) >= 25
    assert sum(post.deleted for post in world.truth) == 1
    assert {p.source for p in world.truth if p.edited_at} == {"werkbank-forum", "reddit"}


def test_forum_pages_hold_every_post_as_phpbb_has_it(world: World, web: httpx.Client) -> None:
    expected = told(world, "werkbank-forum")
    assert len(expected) == 86
    found = {}
    for page in walk(web):
        title = page.css_first("h2.topic-title")
        assert title and page.css_first("body#phpbb.section-viewtopic")
        assert 1 <= len(page.css("div.post")) <= 10
        for post in page.css("div.post"):
            number = (post.attributes["id"] or "").removeprefix("p")
            stamp = post.css_first("p.author time")
            assert stamp
            at = datetime.fromisoformat(stamp.attributes["datetime"] or "")
            found[number] = (texts(post, "p.author strong")[0], at, folded(title.text()))
            cited = [cite for quote in post.css("div.content > blockquote") for cite in texts(quote, "cite")]
            assert [cite.split(" hat geschrieben:")[0] for cite in cited] == [
                a for a, _ in expected[number].quotes
            ]
    assert found == {number: (p.author, p.published_at, folded(p.title)) for number, p in expected.items()}


def test_forum_speaks_german_and_knows_its_clock(world: World, web: httpx.Client) -> None:
    page = tree(web, "/forum/viewforum.php?f=3")
    assert texts(page, "#nav-footer") == ["Alle Zeiten sind UTC+02:00"]
    stamps = texts(page, "dd.lastpost time")
    assert any(stamp.startswith("vor 4") and stamp.endswith(" Minuten") for stamp in stamps)
    assert any(stamp.startswith("Gestern, 19:2") for stamp in stamps)
    assert any(stamp.startswith("Mo 9. Mär 2026, 19:0") for stamp in texts(page, ".topic-poster time"))
    assert web.get("/forum/index.php").headers["date"] == "Tue, 31 Mar 2026 06:30:00 GMT"
    world.now = NOW + timedelta(days=1)
    assert not any(stamp.startswith("vor") for stamp in texts(tree(web, "/forum/viewforum.php?f=3"), "time"))


def test_forum_has_signatures_edit_notes_smileys_and_a_guest(world: World, web: httpx.Client) -> None:
    pages = list(walk(web))
    signed = [post for page in pages for post in page.css("div.post") if post.css_first(".signature")]
    bert = [post for post in signed if texts(post, "p.author strong") == ["BalkonBert"]]
    assert texts(bert[0], ".postbody > div > .signature")[0].startswith("Akkufix 3000, Bohrwerk B2")
    notes = [note for page in pages for note in texts(page, "div.notice")]
    assert len(notes) == 1 and notes[0].startswith(
        "Zuletzt geändert von NordlichtNils am Sa 14. Mär 2026, 08:3"
    )
    assert notes[0].endswith("insgesamt 2-mal geändert.Grund: Akkukapazität korrigiert")
    assert {img.attributes["alt"] for page in pages for img in page.css("img.smilies")} == {":)", ":D", ";)"}
    assert {name for page in pages for name in texts(page, "p.author span.username")} == {"Rolf"}
    shortened = [a for page in pages for a in page.css("a.postlink") if " ... " in a.text()]
    assert len(shortened) == 1 and "akkufix-3000" in (shortened[0].attributes["href"] or "")


def test_forum_paging_is_phpbbs(world: World, web: httpx.Client) -> None:
    link = "/forum/" + thread_of(world, web, "Erfahrungen mit dem Akkufix 3000?")

    def ids(target: str) -> list[str | None]:
        return [post.attributes["id"] for post in tree(web, target).css("div.post")]

    pages = [ids(f"{link}&start={start}") for start in (0, 10, 20)]
    assert [len(page) for page in pages] == [10, 10, 3]
    assert ids(f"{link}&start=13") == pages[1]  # odd starts round down
    assert ids(f"{link}&start=9000") == pages[2]  # beyond the end stands the last page
    assert ids(f"/forum/viewtopic.php?p={(pages[1][4] or '')[1:]}") == pages[1]
    assert texts(tree(web, link), ".bar-top li.active") == ["1"]


@pytest.mark.parametrize(
    "target", ["viewtopic.php?t=1", "viewtopic.php?t=x", "viewforum.php?f=1", "app.php/feed"]
)
def test_forum_says_what_it_has_not(web: httpx.Client, target: str) -> None:
    answer = web.get(f"/forum/{target}")
    assert answer.status_code == 404 and LexborHTMLParser(answer.text).css_first("#message")


def test_session_id_leaves_the_links_once_the_cookie_comes_back(world: World, web: httpx.Client) -> None:
    first, second = web.get("/forum/index.php"), web.get("/forum/index.php")
    assert "sid=" in first.text and "set-cookie" in first.headers
    assert "sid=" not in second.text and "set-cookie" not in second.headers
    assert "sid=" in httpx.get(f"{world.url}/forum/index.php").text


def test_listing_goes_on_after_25_threads_with_the_sticky_one_first(world: World, web: httpx.Client) -> None:
    for n in range(30):
        world.start(3, f'Thema {n} <neu> & "alt"', "Text", "Neuling", NOW + timedelta(minutes=n))
    pages = [tree(web, f"/forum/viewforum.php?f=3&start={start}") for start in (0, 25)]
    titles = [texts(page, "a.topictitle") for page in pages]
    assert [len(page) for page in titles] == [25, 14]
    assert titles[0][:2] == ["Bitte zuerst lesen: so fragt ihr nach Kaufberatung", 'Thema 29 <neu> & "alt"']
    assert [len(page.css("li.row.sticky")) for page in pages] == [1, 0]


def test_feed_is_full_text_and_answers_304(world: World, web: httpx.Client) -> None:
    answer = web.get("/blog/feed")
    feed = feedparser.parse(answer.content, response_headers=dict(answer.headers))
    expected = told(world, "werkstatt-blog")
    assert not feed.bozo and len(feed.entries) == 8
    for entry in feed.entries:
        post = expected[entry.id]
        at = datetime(*entry.published_parsed[:6], tzinfo=UTC)
        text = folded(LexborHTMLParser(entry.content[0].value).text(separator=" "))
        assert (entry.title, at, entry.author, text) == (
            post.title,
            post.published_at,
            post.author,
            folded(post.text),
        )
        assert web.get(entry.link).status_code == 200
    again = web.get("/blog/feed", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    world.edit(feed.entries[0].id, "Neuer Text", NOW)
    assert web.get("/blog/feed", headers={"If-None-Match": answer.headers["etag"]}).status_code == 200


@pytest.fixture
def reddit(world: World) -> Iterator[object]:
    with warnings.catch_warnings():
        import praw

        client = praw.Reddit(
            client_id="demo-client",
            client_secret="demo-secret",
            user_agent="brand-listener test",
            reddit_url=world.url,
            oauth_url=world.url,
            check_for_updates=False,
        )
        yield client
        client.__exit__()


def test_praw_reads_submissions_comments_and_search(world: World, reddit: object) -> None:
    inside = reddit.subreddit("heimwerker+cordlesstools")  # type: ignore[attr-defined]
    found = {post.fullname: post for post in inside.new(limit=None)}
    found |= {comment.fullname: comment for comment in inside.comments(limit=None)}
    searched = list(reddit.subreddit("all").search("akkufix", sort="new", limit=None))  # type: ignore[attr-defined]
    found |= {post.fullname: post for post in searched}
    expected = told(world, "reddit")
    assert set(found) == set(expected) and len(found) == 65
    assert {post.subreddit.display_name for post in searched} >= {"wohnen", "DIYhelp"}
    for name, post in expected.items():
        thing = found[name]
        assert thing.created_utc == post.published_at.timestamp()
        assert (str(thing.author) if thing.author else None) == post.author
        title = thing.title if name.startswith("t3_") else thing.link_title
        assert title == post.title or post.deleted
        assert bool(thing.edited) == bool(post.edited_at)
    assert [thing.body for name, thing in found.items() if expected[name].deleted] == ["[deleted]"]


def test_praw_pages_through_listings(world: World, reddit: object) -> None:
    inside = reddit.subreddit("cordlesstools")  # type: ignore[attr-defined]
    whole = [comment.fullname for comment in inside.comments(limit=None)]
    assert len(whole) == len(set(whole)) == 16
    assert [c.fullname for c in inside.comments(limit=2, params={"after": whole[4]})] == whole[5:7]
    assert [c.fullname for c in inside.comments(limit=2, params={"before": whole[4]})] == whole[2:4]


def test_reddit_wants_a_token_and_counts_requests(world: World, web: httpx.Client) -> None:
    assert web.get("/r/heimwerker/new").status_code == 401
    assert web.post("/api/v1/access_token", auth=("wrong", "keys")).status_code == 401
    token = web.post("/api/v1/access_token", auth=("demo-client", "demo-secret")).json()
    assert token["token_type"] == "bearer"
    answers = [web.get("/r/heimwerker/new", headers={"Authorization": "bearer demo-token"}) for _ in range(2)]
    used = [int(answer.headers["x-ratelimit-used"]) for answer in answers]
    assert used[1] == used[0] + 1 and float(answers[0].headers["x-ratelimit-remaining"]) > 100
    assert web.get("/r/unknown/new", headers={"Authorization": "bearer demo-token"}).status_code == 404


def test_world_changes_while_one_listens(world: World, web: httpx.Client) -> None:
    link = thread_of(world, web, "Akkufix 3000: Ladegerät blinkt rot")
    before = {post.id for post in world.truth}
    new = world.reply(link.split("t=")[1].split("&")[0], "Bei mir [b]auch[/b]. :)", "Neuling", NOW, names=[])
    post = told(world, "werkbank-forum")[new]
    assert post.places == {OURS: "title"} and post.text == "Bei mir auch. :)"
    assert tree(web, f"/forum/viewtopic.php?p={new}").css_first(f"#p{new} strong.text-strong")
    world.edit(new, "Der Bohrwerk B2 nicht.", NOW + timedelta(hours=1), names=["Bohrwerk B2"])
    changed = told(world, "werkbank-forum")[new]
    assert changed.places == {OURS: "title", "Bohrwerk B2": "text"} and changed.edited_at == NOW + timedelta(
        hours=1
    )
    assert "insgesamt 1-mal geändert" in web.get(f"/forum/viewtopic.php?p={new}").text
    world.delete(new)
    assert {post.id for post in world.truth} == before
    assert web.get(f"/forum/viewtopic.php?p={new}").status_code == 404
    comment = world.reply(
        next(p.id for p in world.truth if p.id.startswith("t3_")), "Same here.", "newbie", NOW
    )
    assert told(world, "reddit")[comment].text == "Same here."
    world.delete(comment)
    assert told(world, "reddit")[comment].deleted and not told(world, "reddit")[comment].text
    with pytest.raises(KeyError):
        world.edit("no-such-post", "", NOW)


def test_fail_breaks_one_site_and_none_heals_it(world: World, web: httpx.Client) -> None:
    world.fail("/blog", 503)
    assert (web.get("/blog/feed").status_code, web.get("/forum/index.php").status_code) == (503, 200)
    world.fail("/blog", None)
    assert web.get("/blog/feed").status_code == 200
    assert [(hit.method, hit.target, hit.status) for hit in world.requests] == [
        ("GET", "/blog/feed", 503),
        ("GET", "/forum/index.php", 200),
        ("GET", "/blog/feed", 200),
    ]


def test_server_listens_on_loopback_only_keeps_connections_and_ends(world: World) -> None:
    with httpx.Client(base_url=world.url) as client:
        answers = [client.get("/robots.txt") for _ in range(3)]
        assert "connection" not in answers[0].headers
        assert client.get("/robots.txt", headers={"Connection": "close"}).headers["connection"] == "close"
        streams = {id(answer.extensions["network_stream"]) for answer in answers}
        assert len(streams) == 1 and "Disallow: /forum/search.php" in answers[0].text
        world.__exit__()
        with pytest.raises(httpx.TransportError):
            client.get("/robots.txt")


def test_a_clock_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        World(datetime(2026, 3, 31))


def test_config_has_no_faults_and_three_sources(world: World, tmp_path: Path) -> None:
    from listener.pipeline import load_config

    path = tmp_path / "Ein Ordner: mit 'Eigenheiten' #1" / "config.yaml"
    path.parent.mkdir()
    path.write_text(world.config(path.parent, mail_port=2525), "utf-8")
    config = load_config(path, {})
    assert config.store == f"sqlite:///{path.parent}/listener.db"
    assert [(source.kind, source.delay) for source in config.sources] == [
        ("forum", timedelta(0)),
        ("feed", timedelta(0)),
        ("reddit", timedelta(0)),
    ]
    assert all(source.allow_private for source in config.sources)
    assert {name for post in world.truth for name in post.places} == {p.name for p in config.products}
    assert config.mail and config.mail.port == 2525
