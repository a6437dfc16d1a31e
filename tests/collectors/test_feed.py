"""Feeds: golden pairs, recorded feeds, dates, encodings, and the collector against a real server."""

from __future__ import annotations

import contextlib
import csv
import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.feed import collect, recognise, topic
from collectors.feed_dates import read_instant
from collectors.feed_entries import canonical
from collectors.feed_formats import person
from collectors.feed_secrets import secrets_of, to_remember, whole
from collectors.feed_text import read_text, repaired
from collectors.http import GoneError, HttpClient
from collectors.reading import Page
from collectors.zones import zone_of
from listener.errors import CollectError, EndedError, ParseError, TransientError
from listener.model import Batch, Post, Source
from tests.world import Reply, Request, World

NOW = datetime(2026, 3, 6, 12, tzinfo=UTC)
DATA = Path(__file__).parents[1] / "data" / "feed"
FIXTURES = sorted(path for path in DATA.iterdir() if path.suffix != ".json")
FIELDS = {"xmlns:dc": "http://purl.org/dc/elements/1.1/"}


def page(body: bytes | str, url: str = "https://blog.example/feed", **more: Any) -> Page:
    return Page(body.encode() if isinstance(body, str) else body, url, **{"at": NOW, **more})


def rss(*items: str, head: str = "") -> str:
    entries = "".join(f"<item>{item}</item>" for item in items)
    declared = " ".join(f'{name}="{value}"' for name, value in FIELDS.items())
    return f'<rss version="2.0" {declared}><channel><title>Blog</title>{head}{entries}</channel></rss>'


def entry(number: int, day: int | None = None, text: str = "Text") -> str:
    date = f"<pubDate>{day:02} Mar 2026 10:00:00 GMT</pubDate>" if day else ""
    return f"<guid>n{number}</guid><link>https://blog.example/{number}</link><description>{text}</description>{date}"


def only(item: str, **more: Any) -> Post:
    (post,) = topic(page(rss(item), **more)).posts
    return post


def gold(post: Post) -> dict[str, Any]:
    values = {name: v.isoformat() if isinstance(v, datetime) else v for name, v in asdict(post).items()}
    return {name: v for name, v in values.items() if v not in (None, "", (), {}) and v is not False}


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.name)
def test_golden_feeds(path: Path) -> None:
    found = topic(page(path.read_bytes(), f"https://blog.example/{path.name}"))
    wanted = json.loads(path.with_suffix(".json").read_text())
    assert [gold(post) | {"quotes": list(gold(post).get("quotes", []))} for post in found.posts] == [
        {"quotes": [], **post} for post in wanted
    ]
    assert found.engine == "feed"


# the table counts none in this one: the tool that wrote it did not read UTF-16 without a byte order mark
MISCOUNTED = {"feeds/sp_feed-utf16le.xml": 1}


def test_every_recorded_feed_gives_its_entries(shared: Path) -> None:
    with (shared / "real/feeds/FEEDS.tsv").open(encoding="utf-8") as table:
        rows = [
            row for row in csv.DictReader(table, delimiter="\t") if (shared / "real" / row["file"]).exists()
        ]
    counts = {}
    for row in rows:
        recorded = page((shared / "real" / row["file"]).read_bytes())
        posts = topic(recorded).posts
        counts[row["file"]] = len(posts)
        assert recognise(recorded), row["file"]
        assert all(post.id and (post.text or post.title or post.quotes) for post in posts), row["file"]
        assert not any("@" in (post.author or "") or "<" in (post.author or "") for post in posts), row[
            "file"
        ]
        assert not any("Ã" in post.title for post in posts), row["file"]
    assert counts == {row["file"]: MISCOUNTED.get(row["file"], int(row["items"])) for row in rows}
    assert len(rows) >= 79


def test_recorded_forum_feeds_hold_own_words_only(shared: Path) -> None:
    for post in topic(page((shared / "real/phpbb/live3310_de_feed_overall.xml").read_bytes())).posts:
        assert "Statistik:" not in post.text and post.author
    for name in ("mybb/live1837_atom.xml", "fluxbb/live1511_rss.xml"):
        authors = {post.author for post in topic(page((shared / "real" / name).read_bytes())).posts}
        assert authors and authors <= {"heidi", "Müller_87", "admin"}


@pytest.mark.parametrize(
    ("raw", "at", "precision"),
    [
        ("Wed, 04 Mar 2026 10:00:00 +0100", "2026-03-04T09:00:00", "second"),
        ("Mi, 04 März 2026 10:00:00 MEZ", "2026-03-04T09:00:00", "second"),
        ("24. Dezember 2025, 18:30 Uhr", "2025-12-24T17:30:00", "minute"),
        ("Mo, 2. Jänner 2023 09:05", "2023-01-02T08:05:00", "minute"),
        ("2020/1/10 14:33:00", "2020-01-10T13:33:00", "second"),  # not the first of November
        ("Fri, 11 Mar 2016 01:15:00 +3000", "2016-03-11T00:00:00", "day"),  # no such offset
        ("Wed, 5 Nov 2025 13:52:10  EST", "2025-11-05T18:52:10", "second"),
        ("Sat, 4 Jul 2026 12:00 CEST", "2026-07-04T10:00:00", "minute"),
        ("Sat, 4 Jul 2026 12:00 GMT+2", "2026-07-04T10:00:00", "minute"),
        ("2026-07-04T12:00:00.123Z", "2026-07-04T12:00:00", "second"),
        ("2026-07-04", "2026-07-03T22:00:00", "day"),
        ("4.7.2026 12:00", "2026-07-04T10:00:00", "minute"),
        ("Tue Nov 24 03:24:32 CET 2026", "2026-11-24T02:24:32", "second"),
        ("07/31/2026 01:00 PM", "2026-07-31T11:00:00", "minute"),
        ("31/07/2026", "2026-07-30T22:00:00", "day"),
        ("1518478934", "2018-02-12T23:42:14", "second"),
        ("Thu, 01 Jan 26 24:00:00 GMT", "2026-01-02T00:00:00", "second"),
        ("10/11/2020", None, "unknown"),
        ("2025-02-30", None, "unknown"),
        ("9999-99-99", None, "unknown"),
        ("irgendwann", None, "unknown"),
        ("", None, "unknown"),
    ],
)
def test_dates(raw: str, at: str | None, precision: str) -> None:
    berlin = zone_of("Europe/Berlin")
    assert berlin is not None
    found = read_instant(raw, berlin)
    assert (found.at and found.at.isoformat()[:19], found.precision) == (at, precision)


@given(st.text(max_size=60))
def test_any_string_is_a_date_or_unknown(raw: str) -> None:
    found = read_instant(raw)
    assert (found.at is None) == (found.precision == "unknown")


@given(st.datetimes(datetime(1980, 1, 1), datetime(2099, 1, 1)), st.integers(-14 * 60, 14 * 60))
def test_rfc_822_dates_come_back_exactly(at: datetime, offset: int) -> None:
    at = at.replace(microsecond=0)
    zone = f"{'-' if offset < 0 else '+'}{abs(offset) // 60:02}{abs(offset) % 60:02}"
    wanted = (at - timedelta(minutes=offset)).replace(tzinfo=UTC)
    assert read_instant(at.strftime("%a, %d %b %Y %H:%M:%S ") + zone).at == wanted


def test_a_date_ahead_of_the_fetch_is_the_fetch_to_the_day() -> None:
    post = only("<guid>1</guid><pubDate>Fri, 13 Mar 2026 10:00:00 GMT</pubDate>")
    assert (post.published_at, post.date_precision) == (NOW, "day")


def test_an_entry_without_identity_and_ahead_of_the_fetch_is_the_same_tomorrow() -> None:
    item = "<title>Akkufix</title><pubDate>Fri, 13 Mar 2026 10:00:00 GMT</pubDate>"
    assert only(item).id == only(item, at=NOW + timedelta(days=1)).id


def test_only_a_later_update_is_an_edit() -> None:
    dates = "<guid>1</guid><pubDate>Wed, 04 Mar 2026 10:00:00 GMT</pubDate><dc:date>{}</dc:date>"
    assert only(dates.format("2026-03-04T10:00:00Z")).edited_at is None
    assert only(dates.format("2026-03-03T10:00:00Z")).edited_at is None
    assert only(dates.format("2026-03-04T11:00:00Z")).edited_at == datetime(2026, 3, 4, 11, tzinfo=UTC)
    alone = only("<guid>1</guid><dc:date>2026-03-04T11:00:00Z</dc:date>")
    assert (alone.published_at, alone.edited_at) == (datetime(2026, 3, 4, 11, tzinfo=UTC), None)


def test_a_date_without_zone_is_read_on_the_sources_clock() -> None:
    item = "<guid>1</guid><pubDate>Wed, 04 Mar 2026 10:00:00</pubDate>"
    assert only(item).published_at == datetime(2026, 3, 4, 10, tzinfo=UTC)
    assert only(item, timezone="Europe/Berlin").published_at == datetime(2026, 3, 4, 9, tzinfo=UTC)


def test_a_date_left_out_stays_unknown() -> None:
    post = only("<guid>1</guid>")
    assert (post.published_at, post.date_precision) == (None, "unknown")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("dummy@example.com (heidi)", "heidi"),
        ("Ann Ax <ann@example.com>", "Ann Ax"),
        ("ann@example.museum", None),
        ('<a href="https://f.example/u/4">Säge &amp; Co</a>', "Säge & Co"),
        ("  ", None),
        ("Ann Ax", "Ann Ax"),
    ],
)
def test_authors_are_names(written: str, name: str | None) -> None:
    assert person(written) == name


def test_identity_is_guid_then_link_then_title_and_day() -> None:
    date = "<pubDate>Wed, 04 Mar 2026 10:00:00 GMT</pubDate>"
    assert only("<guid>g</guid><link>https://blog.example/1</link>").id == "g"
    assert only("<link>https://blog.example/1?utm_source=x</link>").id == "https://blog.example/1"
    first = only(f"<title>Ein Titel</title><description>Alt</description>{date}")
    edited = only(f"<title>Ein  Titel</title><description>Neu</description>{date.replace('10:00', '11:00')}")
    other = only(f"<title>Ein Titel</title><description>Alt</description>{date.replace('04', '05')}")
    assert first.id == edited.id != other.id


def test_one_guid_for_two_pages_is_two_posts() -> None:
    items = [f"<guid>same</guid><link>https://blog.example/{n}</link>" for n in (1, 2)]
    assert len({post.id for post in topic(page(rss(*items))).posts}) == 2


def test_links_are_absolute_and_lead_to_the_target() -> None:
    alert = "https://www.google.com/url?rct=j&url=https://shop.example/a%3Fb%3D1&ct=ga"
    assert canonical(alert) == "https://shop.example/a?b=1"
    assert (
        canonical("https://f.example/t.php?p=3&sid=" + "0a" * 16 + "#p3") == "https://f.example/t.php?p=3#p3"
    )
    assert canonical("https://f.example/t.php?s=12&x=%20y") == "https://f.example/t.php?s=12&x=+y"
    assert canonical("javascript:alert(1)") == canonical("https://[bad") == ""
    assert only("<guid>1</guid><link>/neu</link>").url == "https://blog.example/neu"


def test_the_richest_element_is_the_text() -> None:
    item = "<guid>1</guid><description>Kurz</description>"
    module = 'xmlns:c="http://purl.org/rss/1.0/modules/content/"'
    content = f"<c:encoded {module}><![CDATA[<p>Viel länger</p>]]></c:encoded>"
    assert only(item + content).text == "Viel länger"
    assert only(item + content.replace("Viel länger", "")).text == "Kurz"


@pytest.mark.parametrize(
    ("codec", "declared", "header"),
    [
        ("utf-8", "", ""),
        ("utf-8", "iso-8859-1", ""),
        ("cp1252", "iso-8859-1", ""),
        ("cp1252", "utf-8", ""),
        ("cp1252", "", "text/xml; charset=ISO-8859-1"),
        ("utf-16", "utf-16", ""),
        ("utf-16-le", "utf-16", ""),
        ("koi8-r", "koi8-r", ""),
        ("utf-8-sig", "latin1", ""),
        ("cp1252", "no-such-charset", ""),
    ],
)
def test_encodings(codec: str, declared: str, header: str) -> None:
    text = "Привет, мир, добрый день" if codec == "koi8-r" else "Größe und Öl für 5 €"
    said = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    body = (said + rss(f"<guid>1</guid><title>{text}</title>")).encode(codec)
    assert topic(page(body, content_type=header)).posts[0].title == text


def test_doubly_encoded_feeds_are_repaired_as_a_whole_or_not_at_all() -> None:
    text = "Käse für Österreich – „Größe“"
    twice = "".join(map(_as_cp1252, text.encode()))
    assert repaired(twice) == text
    assert repaired(text) == text
    mixed = twice + " und richtig: für"
    assert repaired(mixed) == mixed
    assert repaired("nur einmal Ã¼") == "nur einmal Ã¼"


def _as_cp1252(byte: int) -> str:
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


@given(st.text(alphabet="aäöüßé€–„“ ", max_size=80))
def test_honest_text_is_never_repaired(text: str) -> None:
    assert repaired(text) == text


def test_entity_bombs_are_refused() -> None:
    bomb = '<!DOCTYPE r [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]>' + rss("<title>&b;</title>")
    with pytest.raises(ParseError, match="grow"):
        topic(page(bomb))
    with pytest.raises(ParseError, match="grow"):
        topic(page(f'<!DOCTYPE r [<!ENTITY a "{"x" * 500}">]>' + rss("<title>&a;</title>")))
    harmless = '<!DOCTYPE rss [\n<!ENTITY auml "&#228;">\n]>\n' + rss(
        "<guid>1</guid><title>K&auml;se</title>"
    )
    assert topic(page(harmless)).posts[0].title == "Käse"


def test_a_local_file_named_in_the_body_is_not_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_text(rss(entry(1)))
    for body in (
        str(secret),
        f'<!DOCTYPE rss [<!ENTITY x SYSTEM "file://{secret}">]>' + rss("<title>&x;</title>"),
    ):
        with contextlib.suppress(ParseError):
            assert not any(post.id == "n1" for post in topic(page(body)).posts)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<!DOCTYPE html><html><head><title>Wartung</title></head></html>", "HTML page.*'Wartung'"),
        ("", "empty answer"),
        ("Guten Tag", "begins with 'Guten Tag'"),
        ('{"items": 3}', "not a JSON Feed"),
        ('{"items": [', "breaks off"),
        ('{"items":' * 100_000, "breaks off"),
        ("<opml version='2.0'><body/></opml>", "not a feed"),
    ],
)
def test_what_is_no_feed_is_named(body: str, said: str) -> None:
    with pytest.raises(ParseError, match=said):
        topic(page(body))


def test_broken_feeds_give_what_they_hold() -> None:
    whole = rss(entry(1, 4), entry(2, 3))
    assert [post.id for post in topic(page(whole[: whole.rindex("<description>")])).posts] == ["n1", "n2"]
    assert topic(page(rss())).posts == ()
    control = topic(page(rss("<guid>1</guid><title>a\x00b &nbsp;c</title>")))
    assert control.posts[0].title.replace("\xa0", " ").split() == ["ab", "c"]


@given(st.binary(max_size=300))
def test_no_bytes_crash_the_reader(body: bytes) -> None:
    for start in (b"", b"<rss><channel><item>", b'{"version": "https://jsonfeed.org/version/1", "items": [{'):
        try:
            topic(page(start + body))
        except ParseError:
            continue


def test_deep_nesting_is_a_clear_error_or_text() -> None:
    for body in (b'{"items":' + b"[" * 100_000, rss("<description>" + "<a>" * 20_000).encode()):
        try:
            topic(page(body))
        except CollectError as error:
            assert str(error)


def source(**more: Any) -> Source:
    return Source("blog", "feed", allow_private=True, delay=timedelta(0), **more)


@pytest.fixture
def world() -> Iterator[World]:
    with World() as opened:
        yield opened


def run(world: World, state: dict[str, Any] | None = None, path: str = "/feed", now: datetime = NOW) -> Batch:
    with HttpClient(contact="ears@example.com", now=lambda: now) as http:
        address = path if "://" in path else world.url + path
        (batch,) = collect(source(), state or {}, http, url=address)
    return replace(batch, state=json.loads(json.dumps(batch.state)))


def failure(world: World, path: str = "/feed") -> CollectError:
    with pytest.raises(CollectError) as caught:
        run(world, path=path)
    assert caught.value.source == "blog" and caught.value.url
    return caught.value


def test_an_unchanged_feed_is_asked_for_conditionally(world: World) -> None:
    def answer(request: Request) -> Reply:
        if request.headers.get("if-none-match") == '"v1"':
            assert request.headers["if-modified-since"] == "Fri, 06 Mar 2026 10:00:00 GMT"
            return Reply(status=304)
        headers = {"etag": '"v1"', "last-modified": "Fri, 06 Mar 2026 10:00:00 GMT"}
        return Reply(rss(entry(2, 5), entry(1, 4)).encode(), headers=headers)

    world.routes["/feed"] = answer
    first = run(world)
    again = run(world, dict(first.state))
    assert [post.id for post in first.posts] == ["n2", "n1"]
    assert again.posts == () and again.state["seen"] == first.state["seen"]
    assert first.complete_since == again.complete_since == datetime(2026, 3, 4, 10, tzinfo=UTC)


def test_coverage_goes_on_while_fetches_join_and_starts_anew_after_a_gap(world: World) -> None:
    world.routes["/feed"] = rss(entry(2, 2), entry(1, 1))
    first = run(world)
    world.routes["/feed"] = rss(entry(3, 3), entry(2, 2))
    joined = run(world, dict(first.state))
    world.routes["/feed"] = rss(entry(9, 6), entry(8, 5))
    gap = run(world, dict(joined.state))
    assert joined.complete_since == first.complete_since == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert gap.complete_since == datetime(2026, 3, 5, 10, tzinfo=UTC)


def test_an_old_entry_pinned_on_top_promises_nothing(world: World) -> None:
    pinned = entry(1, 1).replace("2026", "2015")
    world.routes["/feed"] = rss(pinned, entry(5, 5), entry(4, 4), entry(3, 3))
    assert run(world).complete_since == datetime(2026, 3, 3, 10, tzinfo=UTC)


def test_a_feed_without_dates_promises_from_the_fetch_on(world: World) -> None:
    world.routes["/feed"] = rss(entry(2), entry(1))
    first = run(world)
    assert [post.published_at for post in first.posts] == [None, None]
    assert first.complete_since == NOW
    world.routes["/feed"] = rss(entry(3), entry(2))
    assert run(world, dict(first.state), now=NOW + timedelta(days=1)).complete_since == NOW


def test_an_empty_feed_is_fine_and_an_emptied_one_keeps_its_memory(world: World) -> None:
    world.routes["/feed"] = rss()
    empty = run(world)
    assert empty.posts == () and empty.complete_since == NOW
    world.routes["/feed"] = rss(entry(1, 4))
    first = run(world)
    world.routes["/feed"] = rss()
    broken = run(world, dict(first.state))
    assert broken.state["seen"] == first.state["seen"] and broken.complete_since is None
    emptied = run(world, dict(broken.state), now=NOW + timedelta(days=4))  # so long is no failure
    assert emptied.state["seen"] == [] and emptied.complete_since == NOW + timedelta(days=4)


def test_one_entry_twice_is_one_post(world: World) -> None:
    world.routes["/feed"] = rss(entry(1, 4, "neu"), entry(1, 4, "alt"))
    assert [post.text for post in run(world).posts] == ["neu"]


def test_a_permanent_move_is_remembered_until_the_new_place_is_gone(world: World) -> None:
    world.routes["/feed"] = Reply(status=301, headers={"location": "/new"})
    world.routes["/new"] = rss(entry(1, 4))
    first = run(world)
    run(world, dict(first.state))
    assert world.paths == ["/feed", "/new", "/new"]
    world.routes.update({"/new": Reply(status=410), "/feed": rss(entry(1, 4))})
    assert [post.id for post in run(world, dict(first.state)).posts] == ["n1"]


def test_a_temporary_move_is_not_remembered(world: World) -> None:
    world.routes["/feed"] = Reply(status=302, headers={"location": "/new"})
    world.routes["/new"] = rss(entry(1, 4))
    run(world, dict(run(world).state))
    assert world.paths == ["/feed", "/new", "/feed", "/new"]


def test_wishes_of_the_server_postpone_within_bounds(world: World) -> None:
    world.routes["/feed"] = Reply(rss(entry(1, 4)).encode(), headers={"cache-control": "public, max-age=900"})
    assert run(world).retry_after is None  # less than `every`
    world.routes["/feed"] = rss(entry(1, 4), head="<ttl>60</ttl>")
    assert run(world).retry_after == timedelta(hours=1)
    world.routes["/feed"] = Reply(rss(entry(1, 4)).encode(), headers={"cache-control": "max-age=31536000"})
    assert run(world).retry_after == timedelta(hours=6)


def test_failures_have_their_class(world: World) -> None:
    world.routes["/feed"] = "<html><title>Umgezogen</title><p>Hier ist nichts mehr.</p></html>"
    assert "Umgezogen" in str(failure(world)) and isinstance(failure(world), ParseError)
    world.routes["/gone"] = Reply(status=410)
    ended = failure(world, "/gone")
    assert isinstance(ended, EndedError) and "410 Gone: the site says that this feed is over" in str(ended)
    assert isinstance(failure(world, "/nowhere"), GoneError)
    world.routes["/down"] = Reply(status=500)
    assert isinstance(failure(world, "/down"), TransientError)


def test_the_token_of_a_private_feed_is_neither_kept_nor_shown(world: World) -> None:
    private = "/feed?feed=s3cr3t&user=ann"
    world.routes[private] = rss("<title>Ohne Link</title>")
    found = run(world, path=private)
    again = run(world, dict(found.state), path=private)
    assert "s3cr3t" not in f"{found} {again}"
    world.routes[private] = "<html><title>x</title>"
    assert "s3cr3t" not in str(failure(world, private))
    world.routes[private] = Reply(status=503)
    assert "s3cr3t" not in str(failure(world, private)) and "/feed?feed=…" in str(failure(world, private))


def test_damaged_state_is_a_first_fetch(world: World) -> None:
    world.routes["/feed"] = rss(entry(1, 4))
    broken = {**run(world).state, "url": 7, "etag": None, "from": "when?", "ids": "n1"}
    assert [post.id for post in run(world, broken).posts] == ["n1"]


def test_text_of_a_feed_has_no_declaration_and_no_control_signs() -> None:
    assert read_text(b'\n\n <?xml version="1.0"?>\n<rss>\x0b</rss>') == "<rss></rss>"


def test_validators_of_another_address_are_not_sent(world: World) -> None:
    world.routes["*"] = Reply(rss(entry(1, 4)).encode(), headers={"etag": '"v1"'})
    first = run(world)
    run(world, dict(first.state), path="/other")
    assert "if-none-match" not in world.log[-1].headers


def test_a_state_of_the_first_version_is_taken_over(world: World) -> None:
    world.routes["/feed"] = rss(entry(2, 5), entry(1, 4))
    key = run(world).state["asked"]
    old = {
        "asked": key,
        "url": "",
        "etag": "",
        "modified": "",
        "from": "2026-03-01T00:00:00+00:00",
        "ids": ["n1"],
    }
    joined, lost = run(world, old), run(world, {**old, "ids": ["n0"]})
    assert joined.complete_since == datetime(2026, 3, 1, tzinfo=UTC) and joined.notice == ""
    assert lost.complete_since == datetime(2026, 3, 4, 10, tzinfo=UTC)
    assert "entries before 2026-03-04 10:00Z were missed" in lost.notice


def test_the_feed_of_a_site_is_found_remembered_and_found_again(world: World) -> None:
    world.routes["/"] = "<html><link rel=alternate type=application/rss+xml href=/old><title>Blog</title>"
    world.routes["/old"] = rss(entry(1, 4))
    first = run(world, path="/")
    assert first.notice == f"read {world.url}/old; write this address as url"
    again = run(world, dict(first.state), path="/")
    assert world.paths == ["/", "/old", "/old"] and again.notice == ""
    world.routes["/old"] = "<html><title>Wartung</title><link rel=alternate type=application/rss+xml href=/x>"
    with pytest.raises(ParseError, match="Wartung"):
        run(world, dict(first.state), path="/")
    world.routes["/old"] = Reply(status=410)
    world.routes["/"] = '<link rel=alternate type=text/xml href="/new">'
    world.routes["/new"] = rss(entry(2, 5), entry(1, 4))
    moved = run(world, dict(again.state), path="/")
    assert [post.id for post in moved.posts] == ["n2", "n1"] and "/new; write" in moved.notice
    assert moved.complete_since == first.complete_since


def test_a_page_without_a_feed_is_named_and_broken_candidates_are_passed_over(world: World) -> None:
    world.routes["/"] = "<html><title>Werkstatt</title><a href=/feed>RSS</a><a href=/comments/feed>RSS</a>"
    world.routes["/comments/feed"] = rss(entry(1, 4))
    assert "'Werkstatt'" in str(failure(world, "/"))
    world.routes["/"] = "<link rel=alternate type=text/xml href=/gone><a href=/feed>RSS</a>"
    world.routes["/feed"] = rss(entry(1, 4))
    assert [post.id for post in run(world, path="/").posts] == ["n1"]


def test_the_html_of_an_error_does_not_lead_to_another_feed(world: World) -> None:
    world.routes["/feed"] = rss(entry(1, 4))
    first = run(world)
    world.routes["/feed"] = "<html><title>Wartung</title><link rel=alternate type=text/xml href=/comments>"
    world.routes["/comments"] = rss(entry(9, 5))
    with pytest.raises(ParseError, match="Wartung"):
        run(world, dict(first.state))
    assert "/comments" not in world.paths


SECRET = "c4n4ry-t0ken"


def broken_ways(world: World) -> dict[str, Any]:
    """Answers to `/feed`, each of which fails or moves in its own way."""
    moved = f"{world.url}/new?token={SECRET}&key=0ther-{SECRET}"
    echo = f"<item><guid>{world.url}/?key={SECRET}</guid><link>#c1</link><title>{SECRET}</title></item>"
    return {
        "404": Reply(status=404),
        "410": Reply(status=410),
        "500": Reply(status=500),
        "401": Reply(status=401),
        "html": f"<html><title>Nichts unter /feed?token={SECRET}</title><a href='/feed2?token={SECRET}'>RSS</a>",
        "found": f"<html><link rel=alternate type=text/xml href='/new?token={SECRET}'>",
        "broken": f"<rss><channel><title>{SECRET}",
        "cut": Reply(b"<?xml version='1.0'?><rss>" + SECRET.encode(), headers={"content-encoding": "gzip"}),
        "away": Reply(status=301, headers={"location": moved}),
        "away and gone": Reply(status=301, headers={"location": f"/nowhere?token={SECRET}"}),
        "temporarily": Reply(status=302, headers={"location": moved}),
        "nowhere": Reply(status=301, headers={"location": f"ftp://{SECRET}@blog.example/?token={SECRET}"}),
        "no host": Reply(
            status=301, headers={"location": f"http://{SECRET}:{SECRET}@127.0.0.1:1/?token={SECRET}"}
        ),
        "echo": rss().replace("</channel>", f"{echo}</channel>"),
        "slow": Reply(chunks=[b"<rss>"], headers={"content-length": "1000"}),
    }


def test_a_secret_of_the_address_appears_nowhere(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    world.routes["/new"] = rss(entry(1, 4))
    login = world.url.replace("//", f"//ann:{SECRET}@")
    told = []
    for way, answer in broken_ways(world).items():
        world.routes["/feed"] = answer
        for path in (f"/feed?token={SECRET}", f"/feed?feed={SECRET}&user=ann", f"{login}/feed"):
            try:
                batch = run(world, path=path)
                told.append((way, repr(batch)))
                told.append((way, repr(run(world, dict(batch.state), path=path))))
            except CollectError as error:
                told.append((way, f"{error} {error!r} {error.url} {error.__cause__!r}"))
    assert {way for way, words in told if SECRET in words} == set()
    assert SECRET not in caplog.text
    assert len(told) > 50


def test_a_move_within_the_same_secret_is_remembered_without_it(world: World) -> None:
    world.routes["/feed"] = Reply(status=301, headers={"location": f"/new?token={SECRET}"})
    world.routes["/new"] = rss(entry(1, 4))
    first = run(world, path=f"/feed?token={SECRET}")
    assert first.state["url"] == f"{world.url}/new?token=…"
    run(world, dict(first.state), path=f"/feed?token={SECRET}")
    assert world.paths == [f"/feed?token={SECRET}", *[f"/new?token={SECRET}"] * 2]


def test_a_login_is_sent_to_the_place_the_feed_moved_to_on_the_same_host(world: World) -> None:
    def private(request: Request) -> Reply:
        return Reply(rss(entry(1, 4)).encode()) if "authorization" in request.headers else Reply(status=401)

    world.routes["/feed"], world.routes["/new"] = Reply(status=301, headers={"location": "/new"}), private
    world.routes["/far"] = Reply(status=301, headers={"location": f"{world.url}/new"})
    login = world.url.replace("//", f"//ann:{SECRET}@") + "/feed"
    assert run(world, path=login.replace("/feed", "/far")).posts
    world.log.clear()
    first = run(world, path=login)
    assert first.state["url"] == f"{world.url}/new"
    assert run(world, dict(first.state), path=login).posts and world.paths == ["/feed", "/new", "/new"]


def test_what_is_remembered_of_a_private_address() -> None:
    asked = "https://ann:pw@blog.example/feed?token=abc"
    assert to_remember("https://blog.example/new?token=abc", asked) == "https://blog.example/new?token=…"
    assert whole("https://blog.example/new?token=…", asked) == "https://ann:pw@blog.example/new?token=abc"
    assert whole("https://other.example/new", asked) == "https://other.example/new"
    assert to_remember("https://blog.example/new?token=other", asked) == ""
    assert (
        to_remember("https://blog.example/?feed=rss2", "https://blog.example/")
        == "https://blog.example/?feed=rss2"
    )
    assert whole("https://blog.example/new?token=…", "https://blog.example/feed") == ""
    assert secrets_of("https://blog.example/?feed=rss2") == frozenset()
