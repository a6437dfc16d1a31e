"""XenForo 1: what its pages trip over; no page of it was recorded for this project."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from collectors.engines import xenforo1
from collectors.reading import Page
from listener.errors import AccessError, ParseError
from tests.pages import AT, replaced, topic_page, with_body

TOPIC_DE = "xenforo1/topic_de.json"
TOPIC_EN = "xenforo1/topic_en.json"
FORUM = "xenforo1/forum_de.json"


def first_instant(page: Page) -> datetime | None:
    return xenforo1.topic(page).posts[0].published_at


def test_the_zone_comes_from_an_instant_that_stands_there_twice() -> None:
    """A page made in winter shows +1 and is in German: a post of July was written at +2."""
    assert first_instant(topic_page(TOPIC_DE)) == datetime(2015, 7, 4, 8, 50, tzinfo=UTC)
    other = replaced(TOPIC_DE, 'data-timestring="10:00"', 'data-timestring="12:00"')
    assert first_instant(other) == datetime(2015, 7, 4, 7, 50, tzinfo=UTC)


def test_without_it_the_zone_is_the_source_s() -> None:
    page = replaced(TOPIC_EN, "data-datestring", "data-day")
    assert first_instant(page) == datetime(2019, 12, 20, 4, 58, tzinfo=UTC)


def test_the_next_page_is_built_where_no_link_shows_it() -> None:
    assert (
        xenforo1.listing(topic_page(FORUM)).next_url == "https://werkbank.example/forums/akkugeraete.7/page-2"
    )


def test_a_spoiler_that_looks_like_a_quote_is_the_author_s() -> None:
    page = replaced(
        TOPIC_EN,
        "Any ideas?\n",
        '<div class="bbCodeBlock bbCodeQuote bbmSpoilerBlock"><div class="attribution type">Spoiler</div>'
        '<div class="quotecontent"><blockquote class="bbm_spoiler" style="display:none">Belt!</blockquote></div></div>',
    )
    post = xenforo1.topic(page).posts[0]
    assert post.text.endswith("Belt!") and not post.quotes


def test_a_post_whose_date_is_missing_is_named() -> None:
    page = replaced(TOPIC_EN, 'title="Dec 19, 2019 at 11:58 PM">Dec 19, 2019', 'title="">once')
    with pytest.raises(ParseError, match="post 501: date not understood 'once'"):
        xenforo1.topic(page)


def test_a_thread_is_no_board_and_a_board_no_thread() -> None:
    with pytest.raises(ParseError, match="a board, not a thread"):
        xenforo1.topic(topic_page(FORUM))
    with pytest.raises(ParseError, match="a thread, not a board"):
        xenforo1.listing(topic_page(TOPIC_DE))


_PAGE = '<html id="XenForo" lang="{}"><body><div id="content" class="{}"><div class="pageWidth">{}</div></div></body></html>'


def test_pages_without_posts_say_why() -> None:
    url = "https://a.example/threads/x.9/"
    gone = Page(
        _PAGE.format(
            "en", "error", '<div class="errorOverlay">The requested thread could not be found.</div>'
        ).encode(),
        url,
        AT,
    )
    closed = Page(
        _PAGE.format("en", "error_with_login", "You must be logged in to do that.").encode(),
        url,
        AT,
    )
    for read in (xenforo1.topic, xenforo1.listing):
        with pytest.raises(ParseError, match="could not be found"):
            read(gone)
        with pytest.raises(AccessError):
            read(closed)


def test_a_board_without_threads_is_empty() -> None:
    page = Page(
        _PAGE.format("en", "forum_view", "There are no threads to display.").encode(),
        "https://a.example/",
        AT,
    )
    assert xenforo1.listing(page).threads == ()


def test_what_a_search_found_becomes_rows() -> None:
    body = _PAGE.format(
        "de",
        "search_results",
        '<ol class="searchResultsList"><li id="post-31" class="searchResult post primaryContent" data-author="a">'
        '<h3 class="title"><a href="/posts/31/"><span class="prefix">Frage</span> Akkufix</a></h3><div class="meta">'
        'Beitrag von: a, <span class="DateTime" title="4. Juli 2015 um 10:50 Uhr">4. Juli 2015</span></div></li>'
        '<li id="thread-8" class="searchResult thread primaryContent"><h3 class="title">'
        '<a href="/threads/bohrwerk.8/">Bohrwerk</a></h3></li></ol>',
    )
    found = xenforo1.listing(Page(body.encode(), "https://a.example/search/5/", AT))
    assert not found.by_last_post
    assert [(row.id, row.title, row.url) for row in found.threads] == [
        ("post-31", "Akkufix", "https://a.example/posts/31/"),
        ("8", "Bohrwerk", "https://a.example/threads/bohrwerk.8/"),
    ]
    assert found.threads[0].last_post_at == datetime(2015, 7, 4, 10, 50, tzinfo=UTC)


def test_a_list_in_another_order_says_so() -> None:
    page = topic_page(FORUM)
    assert xenforo1.listing(page).by_last_post
    assert not xenforo1.listing(Page(page.body, f"{page.url}?order=title", page.at)).by_last_post
    news = with_body(page, page.body.replace(b'class="forum_view"', b'class="forum_list"'))
    assert not xenforo1.listing(news).by_last_post
