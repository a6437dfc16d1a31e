"""vBulletin 2 to 5."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.engines import engine_of
from collectors.reading import Page, read
from listener.errors import AccessError, ParseError
from tests.pages import AT, exact_posts, recorded, replaced, topic_page, with_body


def test_every_post_of_the_recorded_golds_is_exact(shared: Path) -> None:
    assert exact_posts(shared, "vbulletin") == 40


def test_recorded_pages_of_version_2(shared: Path) -> None:
    pages = {path.name: page for path, page in recorded(shared) if path.name.startswith("rec2_en_something")}
    thread = read(pages["rec2_en_somethingawful_showthread.html"])
    assert (len(thread.posts), thread.page, thread.pages, thread.thread_id) == (40, 5, 151, "3507451")
    assert all(post.text or post.quotes for post in thread.posts)
    board = pages["rec2_en_somethingawful_forumdisplay.html"]
    engine = engine_of(board)
    assert engine is not None
    rows = engine.listing(board).threads
    assert len(rows) == 40 and all(row.last_post_at and row.replies is not None for row in rows)


@pytest.mark.parametrize(
    "name", ["vbulletin/forumdisplay3_de", "vbulletin2/forumdisplay_en", "vbulletin5/channel_en"]
)
def test_a_board_is_no_thread(name: str) -> None:
    with pytest.raises(ParseError, match="a board"):
        read(topic_page(f"{name}.json"))


@pytest.mark.parametrize("name", ["vbulletin/thread3_de", "vbulletin2/showthread_en", "vbulletin5/topic_de"])
def test_a_thread_is_no_board(name: str) -> None:
    page = topic_page(f"{name}.json")
    engine = engine_of(page)
    assert engine is not None
    with pytest.raises(ParseError, match="a thread"):
        engine.listing(page)


@pytest.mark.parametrize(
    ("name", "old", "number"),
    [
        ("vbulletin/thread3_de", "Gestern, 22:07", "502"),
        ("vbulletin/thread4_en", "Yesterday,&nbsp;", "9002"),
        ("vbulletin2/showthread_en", "Sep 21, 2012 03:19", "4002"),
    ],
)
def test_an_unreadable_date_names_the_post(name: str, old: str, number: str) -> None:
    with pytest.raises(ParseError, match=number):
        read(replaced(f"{name}.json", old, "irgendwann "))


def test_the_word_of_a_closed_board() -> None:
    body = b"""<html id="vbulletin_html"><head><meta name="generator" content="vBulletin 4.2.2"></head><body>
    <div class="standard_error"><div class="blockrow">Sie sind nicht angemeldet oder Sie haben keine Rechte, diese Seite
    zu betreten.</div></div></body></html>"""
    with pytest.raises(AccessError, match="log-in"):
        read(Page(body, "https://treff.example/showthread.php?t=7", AT))


def test_guests_of_version_3_are_named_by_the_text_alone() -> None:
    assert [post.author for post in read(topic_page("vbulletin/thread3_de.json")).posts] == [
        "Eva_M",
        "Gast_Karl",
    ]


@pytest.mark.parametrize(
    ("address", "in_order"),
    [
        ("search.php?searchid=9", False),
        ("search.php?do=getdaily", True),
        ("forumdisplay.php?f=3&sort=lastpost&order=desc", True),
        ("forumdisplay.php?f=3&sort=title", False),
        ("forumdisplay.php?f=3&order=asc", False),
    ],
)
def test_pages_in_an_order_of_their_own(address: str, in_order: bool) -> None:
    page = topic_page("vbulletin/forumdisplay3_de.json")
    found = Page(page.body, f"https://werkzeugforum.example/vb/{address}", AT)
    engine = engine_of(found)
    assert engine is not None and engine.listing(found).by_last_post is in_order


def test_the_day_stands_first_where_the_page_shows_it() -> None:
    page = topic_page("vbulletin/thread4_en.json")
    body = page.body.replace(b"11-20-2026", b"20-11-2026")
    assert str(read(with_body(page, body)).posts[0].published_at) == "2026-11-20 19:45:00+00:00"


def test_dashes_without_any_other_sign_mean_the_month_first() -> None:
    page = topic_page("vbulletin/skin3_en.json")
    body = page.body.replace(b"01-15-2026", b"01-05-2026")
    assert str(read(with_body(page, body)).posts[0].published_at) == "2026-04-06 02:47:00+00:00"


def test_another_date_of_the_page_tells_that_the_day_stands_first() -> None:
    page = topic_page("vbulletin/skin3_en.json")
    body = page.body.replace(b"01-15-2026", b"15-01-2026")
    assert str(read(with_body(page, body)).posts[0].published_at) == "2026-05-05 02:47:00+00:00"


def test_slashes_without_any_other_sign_are_not_understood() -> None:
    page = topic_page("vbulletin/skin3_en.json")
    body = page.body.replace(b"04-0", b"04/0").replace(b"-2026", b"/2026").replace(b"01-15", b"01/05")
    with pytest.raises(ParseError, match="801"):
        read(with_body(page, body))


def test_the_word_of_a_closed_board_inside_a_large_page() -> None:
    box = b'<td class="panelsurround"><div class="panel">You are not logged in or you do not have permission.</div></td>'
    frame = b"<p>" + b"Board and more boards. " * 400 + b"</p>"
    body = b'<script src="clientscript/vbulletin_global.js?v=387"></script>' + box.join(
        [b"<table><tr>", b"</tr></table>"]
    )
    with pytest.raises(AccessError, match="log-in"):
        read(Page(body + frame, "https://treff.example/showthread.php?t=7", AT))


def test_members_only_boards_of_version_2() -> None:
    body = b"""<body class="standarderror"><div class="standard"><div class="inner">Sorry, you must be a registered forums member
    to view this page.</div></div><div>Powered by: vBulletin Version 2.2.9<br>Copyright, Jelsoft Enterprises Limited.</div></body>"""
    with pytest.raises(AccessError, match="log-in"):
        read(Page(body, "https://shed.example/showthread.php?threadid=7", AT))


def test_the_last_page_of_a_long_thread_of_version_2() -> None:
    page = replaced("vbulletin2/forumdisplay_en.json", "pagenumber=3", "goto=lastpost")
    engine = engine_of(page)
    assert engine is not None
    row = engine.listing(page).threads[1]
    assert row.last_page_url == "https://shed.example/showthread.php?threadid=77&goto=lastpost"


@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("https://a.example/showthread.php?t=7&page=2", "7"),
        ("https://a.example/showthread.php?88-drill-3000/page2", "88"),
        ("https://a.example/threads/88-drill-3000/page2", "88"),
        ("https://a.example/5-drills/4711-chuck-2.html", "4711"),
        ("https://a.example/t29333-drill.html", "29333"),
        ("https://a.example/drill-chuck-4711-2.html", "4711"),
    ],
)
def test_the_thread_is_named_by_its_address(address: str, number: str) -> None:
    body = b'<div id="edit1"><a name="post1"></a> 20.11.2026, 10:00<div id="post_message_1">Bohrwerk B2</div></div>'
    assert read(Page(body, address, AT)).thread_id == number


def test_a_skin_without_names_of_classes_is_read_by_its_ids() -> None:
    body = """<article><p><a href="/members/5-eva">Eva</a> schrieb um 20.11.2026, 10:00 Uhr</p>
    <div id="post_message_1">Der Akkufix 3000 ist gut.</div></article>
    <article><p><a href="/members/6-otto">Otto</a> schrieb um 20.11.2026, 11:30 Uhr</p>
    <div id="post_message_2">Finde ich auch.</div></article>"""
    posts = read(Page(body.encode(), "https://a.example/t7-akku.html", AT)).posts
    assert [(post.author, str(post.published_at)) for post in posts] == [
        ("Eva", "2026-11-20 10:00:00+00:00"),
        ("Otto", "2026-11-20 11:30:00+00:00"),
    ]


def test_rows_of_a_board_that_are_no_table() -> None:
    body = """<div id="threadbits_forum_15"><div class="trow"><div class="tcell alt1"><img src="folder.gif"></div>
    <div class="tcell alt1" id="td_threadtitle_4711"><div>Sticky: <a href="/drills/4711-chuck-slips.html"
    id="thread_title_4711">Chuck slips</a> (<a href="/drills/4711-chuck-slips.html">1</a>
    <a href="/drills/4711-chuck-slips-7.html">Last Page</a>)</div></div>
    <div class="tcell alt2" title="Replies: 1,204, Views: 90,112"><div>20th Nov 2026 <span class="time">13:45</span><br>
    by <a href="/members/9">Otto</a></div></div></div></div>"""
    page = Page(body.encode(), "https://a.example/drills-15/", AT)
    engine = engine_of(page)
    assert engine is not None
    row = engine.listing(page).threads[0]
    assert (row.id, row.replies, row.sticky) == ("4711", 1204, True)
    assert str(row.last_post_at) == "2026-11-20 13:45:00+00:00"
    assert row.last_page_url == "https://a.example/drills/4711-chuck-slips-7.html"


def test_posts_of_several_threads_are_no_thread() -> None:
    with pytest.raises(ParseError, match="several threads"):
        read(topic_page("vbulletin5/search_de.json"))


def test_a_button_that_leads_nowhere_is_no_next_page() -> None:
    page = replaced("vbulletin5/topic_en.json", ' data-pagenum="2" data-maxpages="2"', "")
    topic = read(page)
    assert (topic.pages, topic.next_url) == (2, None)


@pytest.mark.parametrize(
    ("shown", "wanted"),
    [
        ("Vor 3 Tagen", "2026-11-21"),
        ("1 Day Ago", "2026-11-23"),
        ("Vor einer Stunde", "2026-11-24"),
        ("26. Dezember 2009", "2009-12-26"),
    ],
)
def test_days_without_a_time(shown: str, wanted: str) -> None:
    found = replaced("vbulletin/days4_en.json", "December 26th, 2009", shown)
    post = read(found).posts[0]
    assert (str(post.published_at)[:10], post.date_precision) == (wanted, "day")


def test_a_greeting_above_a_single_post_is_not_its_date() -> None:
    body = b"""<div id="page"><div>You last visited: 20.11.2026 at 10:00</div><div><div><div><div>
    <div id="post_message_1">Bohrwerk B2</div></div></div></div></div></div>"""
    with pytest.raises(ParseError, match="post 1"):
        read(Page(body, "https://a.example/showthread.php?t=7", AT))


def test_the_address_of_the_board_may_be_relative() -> None:
    page = replaced("vbulletin/days4_en.json", 'content="https://tux.example/forum"', 'content="../forum"')
    assert read(page).posts[0].url == "https://tux.example/forum/showthread.php?p=8560#post8560"


def test_what_guests_do_not_see_is_nobodys_word() -> None:
    hint = '<div class="hiddencontent">Hidden Content: Thanks to see the content</div>'
    page = replaced("vbulletin/days4_en.json", "Put Linux on", f"{hint}Put Linux on")
    assert read(page).posts[0].text == "Put Linux on the Akkufix 3000."
