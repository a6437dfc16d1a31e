"""MyBB 1.6 and 1.8: recorded pages, and what its pages trip over."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.engines import engines, mybb
from collectors.reading import Page
from listener.errors import AccessError, ParseError
from tests.pages import AT, exact_posts, goldens, page_of, recorded, replaced, topic_page, with_body

TOPIC_DE = "mybb/topic18_de.json"
TOPIC_EN = "mybb/topic18_en.json"
TOPIC16 = "mybb/topic16_en.json"
BOARD = "mybb/forumdisplay18_de.json"


def test_recorded_pages_are_read_exactly(shared: Path) -> None:
    assert exact_posts(shared, "mybb") == 25


def test_recorded_lists_are_read(shared: Path) -> None:
    pages = {path.name: page for path, page in recorded(shared) if path.parent.name == "mybb"}
    board = mybb.listing(pages["live1837_de_forumdisplay.html"])
    assert [(row.id, row.replies) for row in board.threads] == [("3", 24), ("2", 1), ("1", 4)]
    assert (board.threads[0].last_page_url or "").endswith("showthread.php?tid=3&page=3")
    assert len(mybb.listing(pages["live1837_de_index.html"]).boards) == 1
    with pytest.raises(
        ParseError, match=r"no post numbers; read http://127.0.0.1:18082/showthread.php\?tid=1"
    ):
        mybb.topic(pages["live1837_archive_t1.html"])


def test_the_order_of_a_date_comes_from_the_clock() -> None:
    """02-03-2026 is the third of February where the clock says 02-05-2026 on the fifth."""
    posts = mybb.topic(topic_page(TOPIC_EN)).posts
    assert posts[0].published_at == datetime(2026, 2, 4, 4, 58, tzinfo=UTC)
    page = replaced(TOPIC_EN, "02-05-2026, 03:30 AM", "05-02-2026, 03:30 AM")
    assert mybb.topic(page).posts[0].published_at == datetime(2026, 3, 3, 4, 58, tzinfo=UTC)


def test_the_order_of_a_date_comes_from_a_field_above_twelve() -> None:
    page = replaced(
        TOPIC_EN, '<span id="current_time"><strong>Current time:</strong> 02-05-2026, 03:30 AM</span>', ""
    )
    body = page.body.replace(b"02-04-2026", b"23-02-2026")
    assert mybb.topic(with_body(page, body)).posts[0].published_at == datetime(2026, 3, 2, 23, 58, tzinfo=UTC)


def test_where_nothing_tells_the_order_it_is_the_one_mybb_comes_with() -> None:
    page = replaced(
        TOPIC_EN, '<span id="current_time"><strong>Current time:</strong> 02-05-2026, 03:30 AM</span>', ""
    )
    assert mybb.topic(page).posts[0].published_at == datetime(2026, 2, 3, 23, 58, tzinfo=UTC)


def test_the_offset_of_the_clock_counts_in_winter_too() -> None:
    page = replaced(TOPIC_DE, ">04.10.2026, 10:15 <", ">04.01.2026, 10:15 <")
    assert mybb.topic(page).posts[0].published_at == datetime(2026, 1, 4, 8, 15, tzinfo=UTC)


def test_without_a_clock_an_instant_written_twice_tells_the_offset() -> None:
    page = replaced(TOPIC_DE, '<span id="current_time"><strong>Es ist:</strong> 06.10.2026, 10:00</span>', "")
    page = Page(page.body, page.url, page.at)
    assert mybb.topic(page).posts[0].published_at == datetime(2026, 10, 4, 8, 15, tzinfo=UTC)


def test_a_theme_that_renamed_header_and_name_is_read() -> None:
    page = topic_page(TOPIC16)
    body = page.body.replace(b'class="float_left smalltext"', b'class="when"').replace(
        b'"largetext"', b'"who"'
    )
    body = body.replace(b'class="tcat"', b'class="top"')
    found = mybb.topic(with_body(page, body)).posts
    assert [post.author for post in found] == ["glue_otto", None]
    assert found[0].published_at == datetime(2012, 7, 23, 2, 13, tzinfo=UTC)
    body = body.replace(b"07-22-2012", b"07-02-2012").replace(b"07-23-2012, 12:01", b"07-03-2012, 12:01")
    found = mybb.topic(with_body(page, body)).posts
    assert found[1].published_at == datetime(2012, 7, 3, 4, 1, tzinfo=UTC)


def test_the_pages_of_the_board_are_not_those_of_the_thread() -> None:
    menu = (
        '<div id="breadcrumb_multipage_popup" class="pagination pagination_breadcrumb" style="display: none;">'
        '<span class="pagination_current">1</span> <a href="forumdisplay.php?fid=2&amp;page=2">2</a></div>'
    )
    page = replaced(TOPIC_DE, '<span class="active">', f'{menu}<span class="active">')
    found = mybb.topic(page)
    assert (found.page, found.pages) == (2, 3) and "tid=77&page=3" in (found.next_url or "")


def test_a_post_whose_date_is_missing_is_named() -> None:
    page = replaced(
        TOPIC_DE, '<span title="05.10.2026">Gestern</span>, 23:30 <span class="post_edit"', "<span"
    )
    with pytest.raises(ParseError, match="post 502: date not understood"):
        mybb.topic(page)


def test_a_thread_is_no_board_and_a_board_no_thread() -> None:
    with pytest.raises(ParseError, match="a board, not a thread"):
        mybb.topic(topic_page(BOARD))
    with pytest.raises(ParseError, match="a thread, not a board"):
        mybb.listing(topic_page(TOPIC_DE))


_PAGE = (
    '<html><head><script>var my_post_key = "1";</script></head><body><div id="content"><table class="tborder">'
    '<tr><td class="trow1">{}</td></tr></table></div></body></html>'
)


def test_pages_without_posts_say_why() -> None:
    url = "https://a.example/showthread.php?tid=9"
    gone = Page(_PAGE.format("Das angegebene Thema existiert nicht.").encode(), url, AT)
    closed = Page(_PAGE.format("Du hast keine Zugriffsrechte auf diese Seite.").encode(), url, AT)
    for read in (mybb.topic, mybb.listing):
        with pytest.raises(ParseError, match="existiert nicht"):
            read(gone)
        with pytest.raises(AccessError):
            read(closed)


def test_what_a_search_found_becomes_rows_of_its_threads() -> None:
    body = (
        '<script>var my_post_key = "1";</script><table><tr class="inline_row"><td class="trow1">Thema: '
        '<a href="showthread.php?tid=5">Zwingen</a><br />Beitrag: <a href="showthread.php?tid=5&amp;pid=62#pid62">'
        'RE: Zwingen</a></td><td class="trow1">23.07.2012, 00:01</td></tr></table>'
    )
    page = Page(body.encode(), "https://a.example/search.php?action=results&sid=1", AT)
    found = mybb.listing(page)
    assert not found.by_last_post
    assert [(row.id, row.last_page_url) for row in found.threads] == [
        ("5", "https://a.example/showthread.php?tid=5&pid=62")
    ]


def test_a_board_sorted_otherwise_says_so() -> None:
    page = topic_page(BOARD)
    by_title = Page(page.body, f"{page.url}&sortby=subject&order=asc", page.at)
    assert mybb.listing(page).by_last_post and not mybb.listing(by_title).by_last_post


@pytest.mark.parametrize(
    ("link", "number"),
    [
        ("showthread.php?tid=12&pid=3#pid3", "12"),
        ("https://a.example/thread-12-page-2.html", "12"),
        ("https://a.example/Thread-Bohrwerk-B2--12?page=2", "12"),
        ("https://a.example/forum-12.html", ""),
    ],
)
def test_the_number_of_a_thread_in_its_addresses(link: str, number: str) -> None:
    from collectors.engines._mybb import thread_id

    assert thread_id(link) == number


def test_its_pages_are_its_own() -> None:
    claims = {
        gold: [engine.NAME for engine in engines() if engine.recognise(page_of(gold)[0])]
        for gold in goldens()
    }
    for gold, names in claims.items():
        assert ("mybb" in names) == (gold.parent.name == "mybb"), gold
        assert "mybb" not in names or set(names) <= {"mybb", "generic"}, gold
