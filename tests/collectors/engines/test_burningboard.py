"""Burning Board 1 to 3: what their pages trip over; no page of them was recorded for this project."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from collectors.engines import burningboard
from collectors.reading import Page
from listener.errors import AccessError, ParseError
from tests.pages import AT, replaced, topic_page, with_body

TOPIC3 = "burningboard/topic3_de.json"
TOPIC2 = "burningboard/topic2_de.json"
TOPIC1 = "burningboard/topic1_en.json"
BOARD3 = "burningboard/board3_en.json"
BOARD2 = "burningboard/board2_de.json"


def first_instant(page: Page) -> datetime | None:
    return burningboard.topic(page).posts[0].published_at


def test_the_footer_tells_when_and_in_which_zone_the_page_was_made() -> None:
    """A page made in winter at +1, in German: a post of July was written at +2, and today is the footer's."""
    posts = burningboard.topic(topic_page(TOPIC3)).posts
    assert posts[0].published_at == datetime(2009, 7, 4, 8, 50, tzinfo=UTC)
    assert posts[1].published_at == datetime(2009, 12, 1, 23, 40, tzinfo=UTC)


def test_an_offset_that_is_not_the_language_s_at_home_stays_an_offset() -> None:
    page = replaced(TOPIC3, "01:10 UTC+1", "05:40 UTC+5.5")
    assert first_instant(page) == datetime(2009, 7, 4, 5, 20, tzinfo=UTC)


def test_without_a_footer_the_zone_is_the_source_s() -> None:
    page = replaced(TOPIC3, 'id="date"', 'id="day"')
    berlin = Page(page.body, page.url, datetime(2009, 12, 2, tzinfo=UTC), "Europe/Berlin")
    assert first_instant(berlin) == datetime(2009, 7, 4, 8, 50, tzinfo=UTC)
    utc = Page(page.body, page.url, datetime(2009, 12, 2, tzinfo=UTC))
    assert first_instant(utc) == datetime(2009, 7, 4, 10, 50, tzinfo=UTC)


def test_addresses_of_boards_that_hide_their_scripts_are_the_scripts() -> None:
    page = topic_page(TOPIC3)
    hidden = Page(page.body, "http://werkbank.example/wbb/akkugeraete/812-akkufix/", page.at)
    body = page.body.replace(b"<head>", b'<head><base href="http://werkbank.example/wbb/" />')
    found = burningboard.topic(with_body(hidden, body))
    assert found.thread_url == "http://werkbank.example/wbb/index.php?page=Thread&threadID=812"
    assert found.posts[0].url == "http://werkbank.example/wbb/index.php?page=Thread&postID=9021#post9021"


def test_the_number_of_a_thread_stands_in_its_page_too() -> None:
    page = topic_page(TOPIC2)
    by_post = Page(page.body, "http://werkbank.example/forum/thread.php?postid=88", page.at, page.timezone)
    found = burningboard.topic(by_post)
    assert (found.thread_id, found.page, found.pages) == ("66", 2, 4)


def test_a_date_in_numbers_is_read_in_the_order_of_the_page() -> None:
    page = replaced(TOPIC1, "22-07-2002", "03-07-2002")
    assert first_instant(page) == datetime(2002, 7, 3, 21, 58, tzinfo=UTC)


def test_a_post_whose_date_is_missing_is_named() -> None:
    page = replaced(TOPIC3, "Samstag, 4. Juli 2009, 10:50", "einst")
    with pytest.raises(ParseError, match="post 9021: date not understood 'einst'"):
        burningboard.topic(page)
    page = replaced(TOPIC2, '03.11.2004 <span class="time">19:25</span>', "einst 1")
    with pytest.raises(ParseError, match="post 88: date not understood 'einst 1'"):
        burningboard.topic(page)


def test_what_people_write_about_edits_is_no_note() -> None:
    post = burningboard.topic(topic_page(TOPIC2)).posts[1]
    assert post.text.endswith("Dieser Beitrag wurde nötig.") and post.edited_at is None


@pytest.mark.parametrize(("topic", "board"), [(TOPIC3, BOARD3), (TOPIC2, BOARD2)])
def test_a_thread_is_no_board_and_a_board_no_thread(topic: str, board: str) -> None:
    with pytest.raises(ParseError, match="a board, not a thread"):
        burningboard.topic(topic_page(board))
    with pytest.raises(ParseError, match="a thread, not a board"):
        burningboard.listing(topic_page(topic))


_PAGE = '<html><body id="tpl{}"><script>var RELATIVE_WBB_DIR = "";</script><div id="main"><p class="error">{}</p></div>'
_PAGE2 = (
    '<table><tr><td class="tablea"><a href="board.php?boardid=1">x</a></td></tr></table><table><tr>'
    '<td class="tablea">{}</td></tr></table>Powered by Burning Board 2.3.6 WoltLab'
)


def test_pages_without_posts_say_why() -> None:
    url = "https://a.example/index.php?page=Thread&threadID=9"
    for frame in (_PAGE.format("Error", "{}"), _PAGE2):
        gone = Page(frame.format("Das angegebene Thema existiert nicht.").encode(), url, AT)
        closed = Page(
            frame.format("Der Zutritt zu dieser Seite ist Ihnen leider verwehrt.").encode(), url, AT
        )
        for read in (burningboard.topic, burningboard.listing):
            assert burningboard.recognise(gone)
            with pytest.raises(ParseError, match="existiert nicht"):
                read(gone)
            with pytest.raises(AccessError):
                read(closed)


def test_a_board_without_threads_is_empty() -> None:
    page = Page(
        _PAGE.format("Board", "Keine Themen").encode(), "https://a.example/index.php?page=Board&boardID=1", AT
    )
    assert burningboard.listing(page).threads == ()


def test_what_a_search_found_becomes_rows_of_its_threads() -> None:
    body = (
        '<html><body id="tplSearchResult"><script>var RELATIVE_WBB_DIR = "";</script><div class="message content">'
        '<div class="messageInner container-1"><div class="messageHeader"><div class="containerContent">'
        '<p class="light smallFont">4. Juli 2009, 10:50</p><p class="light smallFont">Von leimotto</p></div></div><h3>'
        '<a href="index.php?page=Thread&amp;postID=34&amp;highlight=b2#post34">RE: Bohrwerk</a></h3>'
        '<div class="messageBody">Text</div><div class="messageFooter"><ul class="breadCrumbs light"><li>'
        '<a href="index.php?page=Board&amp;boardID=3">Leim</a></li><li>'
        '<a href="index.php?page=Thread&amp;threadID=12&amp;highlight=b2">Bohrwerk</a></li></ul></div></div></div>'
    )
    found = burningboard.listing(
        Page(body.encode(), "https://a.example/index.php?form=Search&searchID=5", AT)
    )
    (row,) = found.threads
    assert not found.by_last_post
    assert (row.id, row.title, row.last_page_url) == (
        "12",
        "Bohrwerk",
        "https://a.example/index.php?page=Thread&postID=34",
    )
    assert row.last_post_at == datetime(2009, 7, 4, 10, 50, tzinfo=UTC)


def test_what_a_search_of_2_found_becomes_rows_of_its_threads() -> None:
    body = (
        '<table class="tableinborder"><tr><td class="tablea" colspan="2"><span class="normalfont"><b>Thema: </b><b>'
        '<a href="thread.php?threadid=66">Leim</a></b></span></td></tr><tr><td class="tablea"><a name="post88"></a>'
        '<table><tr><td><b>leimotto</b></td></tr></table></td><td class="tablea">Text</td></tr></table>'
        '<a href="board.php?boardid=3">Leim</a> Powered by Burning Board'
    )
    page = Page(body.encode(), "https://a.example/search.php?searchid=5&sid=1", AT)
    assert burningboard.recognise(page)
    found = burningboard.listing(page)
    assert not found.by_last_post
    assert [(row.id, row.last_page_url) for row in found.threads] == [
        ("66", "https://a.example/thread.php?postid=88")
    ]


def test_a_board_sorted_otherwise_says_so() -> None:
    for name, query in ((BOARD3, "sortField=topic"), (BOARD2, "sortfield=topic")):
        page = topic_page(name)
        assert burningboard.listing(page).by_last_post
        assert not burningboard.listing(Page(page.body, f"{page.url}&{query}", page.at)).by_last_post


@pytest.mark.parametrize(
    ("name", "version"), [(TOPIC3, "3.1.8"), (BOARD3, "3"), (TOPIC2, "2.3.6"), (TOPIC1, "1.0.2")]
)
def test_versions(name: str, version: str) -> None:
    assert burningboard.version(topic_page(name)) == version


def test_pages_of_others_with_scripts_of_the_same_name_are_not_claimed() -> None:
    page = Page(
        b'<a href="thread.php?threadid=1">x</a> <a href="board.php?boardid=2">y</a>', "https://a.example/", AT
    )
    assert not burningboard.recognise(page)
