"""WoltLab Suite and Burning Board 4: what their pages trip over; no page of them was recorded for this project."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from collectors.engines import woltlab
from collectors.engines._woltlab import thread_link
from collectors.reading import Page
from listener.errors import AccessError, ParseError
from tests.pages import AT, replaced, topic_page, with_body

TOPIC6 = "woltlab/topic6_de.json"
TOPIC5 = "woltlab/topic5_en.json"
TOPIC4 = "woltlab/topic4_de.json"
BOARD = "woltlab/board5_de.json"


def test_the_best_answer_stands_twice_and_is_read_once() -> None:
    page = topic_page(TOPIC5)
    text = page.body.decode()
    start = text.index('<li id="post502">')
    second = text[start : text.index("</ul></body>")]
    doubled = with_body(page, text.replace('<li id="post501"', second + '<li id="post501"').encode())
    assert [post.id for post in woltlab.topic(doubled).posts] == ["502", "501"]


def test_an_instant_without_attributes_is_read_from_its_words() -> None:
    page = replaced(TOPIC6, '<woltlab-core-date-time date="2026-11-24T00:30:05+00:00">', "<time>")
    found = woltlab.topic(page)
    assert found.posts[1].published_at == datetime(2026, 11, 24, 1, 30, tzinfo=UTC)


def test_a_day_of_the_week_is_the_last_one() -> None:
    old = '<woltlab-core-date-time date="2026-11-24T00:30:05+00:00">24. November 2026 um 01:30'
    page = replaced(TOPIC6, old, "<time>Montag, 12:34")
    assert woltlab.topic(page).posts[1].published_at == datetime(2026, 11, 23, 12, 34, tzinfo=UTC)


def test_a_post_without_a_number_or_an_instant_is_named() -> None:
    with pytest.raises(ParseError, match="a post without a number"):
        woltlab.topic(
            replaced(
                TOPIC5,
                '<li id="post502"><article class="wbbPost message jsMessage" data-post-id="502" data-object-id="502">',
                '<li><article class="wbbPost">',
            )
        )
    page = replaced(
        TOPIC5,
        'datetime="2018-03-23T00:03:00-05:00" class="datetime" data-timestamp="1521781380">2 minutes ago',
        ">once",
    )
    with pytest.raises(ParseError, match="post 502: date not understood 'once'"):
        woltlab.topic(page)


def test_a_note_of_another_kind_is_no_edit() -> None:
    page = replaced(TOPIC4, "Dieser Beitrag wurde bereits 1 mal editiert, zuletzt", "Verschoben")
    page = with_body(page, page.body.replace(b"wbbPostEditNote ", b""))
    assert woltlab.topic(page).posts[0].edited_at is None


def test_the_next_page_is_built_where_no_link_shows_it() -> None:
    page = replaced(
        TOPIC6,
        '<link rel="next" href="https://werkbank.example/thread/812-akkufix-3000-l%C3%A4dt-nicht/?pageNo=3">',
        "",
    )
    assert (
        woltlab.topic(page).next_url
        == "https://werkbank.example/thread/812-akkufix-3000-l%C3%A4dt-nicht/?pageNo=3"
    )
    last = with_body(page, page.body.replace(b'page="2" count="3"', b'page="3" count="3"'))
    assert (woltlab.topic(last).page, woltlab.topic(last).next_url) == (3, None)


def test_a_thread_is_no_board_and_a_board_no_thread() -> None:
    with pytest.raises(ParseError, match="a board, not a thread"):
        woltlab.topic(topic_page(BOARD))
    with pytest.raises(ParseError, match="a thread, not a board"):
        woltlab.listing(topic_page(TOPIC6))


_PAGE = (
    '<html lang="de"><body id="tpl_wcf_{0}" data-template="{0}" data-application="wcf"><div class="content">'
    '<p class="error" id="errorMessage">{1}</p></div></body></html>'
)


def test_pages_without_posts_say_why() -> None:
    url = "https://a.example/thread/9-x/"
    gone = Page(_PAGE.format("userException", "Die angegebene Seite existiert nicht.").encode(), url, AT)
    closed = Page(
        _PAGE.format("permissionDenied", "Der Zutritt zu dieser Seite ist Ihnen leider verwehrt.").encode(),
        url,
        AT,
    )
    assert woltlab.recognise(gone)
    for read in (woltlab.topic, woltlab.listing):
        with pytest.raises(ParseError, match="existiert nicht"):
            read(gone)
        with pytest.raises(AccessError):
            read(closed)


def test_a_board_without_threads_is_empty() -> None:
    body = _PAGE.format("board", "Es gibt keine Themen.").replace("wcf", "wbb")
    assert woltlab.listing(Page(body.encode(), "https://a.example/board/1-x/", AT)).threads == ()


def test_what_a_search_found_becomes_rows_of_its_threads() -> None:
    body = (
        '<html lang="de"><body id="tpl_wcf_searchResult" data-template="searchResult" data-application="wcf">'
        '<ul class="containerList messageSearchResultList"><li><div class="box48"><div class="containerHeadline"><h3>'
        '<a href="https://a.example/thread/12-bohrwerk/?postID=34&amp;highlight=b2#post34">RE: Bohrwerk</a></h3>'
        '<ul><li><small><time datetime="2026-10-01T08:15:00+02:00" class="datetime">1. Oktober</time></small></li>'
        "</ul></div></div></li></ul></body></html>"
    )
    found = woltlab.listing(Page(body.encode(), "https://a.example/search-result/5/", AT))
    assert not found.by_last_post
    (row,) = found.threads
    assert (row.id, row.url) == ("12", "https://a.example/thread/12-bohrwerk/")
    assert row.last_page_url == "https://a.example/thread/12-bohrwerk/?postID=34"
    assert row.last_post_at == datetime(2026, 10, 1, 6, 15, tzinfo=UTC)


def test_a_board_sorted_otherwise_says_so() -> None:
    page = topic_page(BOARD)
    by_title = Page(page.body, f"{page.url}?sortField=topic&sortOrder=ASC", page.at)
    assert woltlab.listing(page).by_last_post and not woltlab.listing(by_title).by_last_post


@pytest.mark.parametrize(
    ("address", "thread"),
    [
        ("https://a.example/thread/12-x/?pageNo=3", "https://a.example/thread/12-x/"),
        ("https://a.example/b/index.php?thread/12-x/&postID=5", "https://a.example/b/index.php?thread/12-x/"),
        (
            "https://a.example/index.php/Thread/12-x/?action=lastPost",
            "https://a.example/index.php/Thread/12-x/",
        ),
        ("https://a.example/thread/12/", "https://a.example/thread/12/"),
        ("https://a.example/board/12-x/", None),
    ],
)
def test_a_thread_s_address(address: str, thread: str | None) -> None:
    found = thread_link(address)
    assert (found[1] if found else None) == thread
    assert found is None or found[0] == "12"


@pytest.mark.parametrize(("name", "version"), [(TOPIC6, "6"), (TOPIC5, "3-5"), (TOPIC4, "4")])
def test_versions(name: str, version: str) -> None:
    assert woltlab.version(topic_page(name)) == version
