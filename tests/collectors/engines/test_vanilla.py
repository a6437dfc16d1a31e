"""Vanilla: what its pages trip over; no page of it was recorded for this project."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from collectors.engines import vanilla
from collectors.reading import Page
from listener.errors import AccessError, ParseError
from tests.pages import AT, replaced, topic_page, with_body

TOPIC_EN = "vanilla/topic_en.json"
TOPIC_DE = "vanilla/topic_de.json"
LIST = "vanilla/discussions_en.json"


def test_the_discussion_and_a_comment_with_its_number_are_two_posts() -> None:
    page = replaced(TOPIC_EN, "Comment_501", "Comment_77")
    assert [post.id for post in vanilla.topic(page).posts] == ["Discussion_77", "77", "502"]


def test_names_in_a_text_are_not_its_author() -> None:
    assert [post.author for post in vanilla.topic(topic_page(TOPIC_EN)).posts] == [
        "glue_otto",
        "file_fred",
        "boss",
    ]


def test_a_theme_may_name_neither_the_author_nor_the_date() -> None:
    whole = vanilla.topic(topic_page(TOPIC_EN)).posts
    page = topic_page(TOPIC_EN)
    bare = page.body.replace(b' class="Username"', b"").replace(b"DateCreated", b"Date")
    assert b"Username" not in bare and b"DateCreated" not in bare
    assert vanilla.topic(with_body(page, bare)).posts == whole


def test_an_embed_without_a_name_is_still_a_quote() -> None:
    page = replaced(TOPIC_EN, '"insertUser":{"userID":5,"name":"file_fred"}', '"insertUser":7')
    assert vanilla.topic(page).posts[2].text == "Grease it."
    broken = replaced(TOPIC_EN, """data-json='{"url":""", """data-json='{"url""")
    assert vanilla.topic(broken).posts[2].text == "Grease it."


def test_an_address_without_a_name_has_pages_too() -> None:
    page = topic_page(TOPIC_DE)
    bare = with_body(page, page.body.replace(b"/akkufix-3000-laedt-nicht", b""))
    found = vanilla.topic(Page(bare.body, "https://werkbank.example/discussion/812/p2", bare.at))
    assert (found.thread_id, found.thread_url) == ("812", "https://werkbank.example/discussion/812")


def test_an_instant_without_attributes_is_read_from_its_words() -> None:
    page = replaced(
        TOPIC_DE,
        '<time title="1. Oktober 2026 um 08:15" datetime="2026-10-01T06:15:00+00:00">1. Oktober',
        "<time>1. Oktober 2026 um 08:15",
    )
    zoned = Page(page.body, page.url, page.at, "Europe/Berlin")
    assert vanilla.topic(zoned).posts[1].published_at == datetime(2026, 10, 1, 6, 15, tzinfo=UTC)


def test_a_post_whose_date_is_missing_is_named() -> None:
    page = replaced(
        TOPIC_EN,
        '<time title="October 2, 2012 11:58PM" datetime="2012-10-02T23:58:00+00:00">October 2012',
        "<time>once",
    )
    with pytest.raises(ParseError, match="post 501: date not understood 'once'"):
        vanilla.topic(page)


def test_a_thread_is_no_board_and_a_board_no_thread() -> None:
    with pytest.raises(ParseError, match="a board, not a thread"):
        vanilla.topic(topic_page(LIST))
    with pytest.raises(ParseError, match="a thread, not a board"):
        vanilla.listing(topic_page(TOPIC_EN))


_PAGE = (
    '<html><body class="Vanilla {}"><div id="Content"><div class="SplashInfo">{}</div></div></body></html>'
)


def test_pages_without_posts_say_why() -> None:
    url = "https://a.example/discussion/9/x"
    gone = Page(
        _PAGE.format("Section-Error", "The page you were looking for could not be found.").encode(), url, AT
    )
    closed = Page(_PAGE.format("Section-Error", "You don't have permission to do that.").encode(), url, AT)
    private = Page(_PAGE.format("Section-Entry", "Bitte melde dich mit deinem Konto an.").encode(), url, AT)
    for read in (vanilla.topic, vanilla.listing):
        assert vanilla.recognise(gone)
        with pytest.raises(ParseError, match="could not be found"):
            read(gone)
        with pytest.raises(AccessError):
            read(private)
        with pytest.raises((AccessError, ParseError), match=r"permission|log-in page"):
            read(closed)


def test_a_board_without_discussions_is_empty() -> None:
    page = Page(
        _PAGE.format("Section-DiscussionList", "No discussions were found.").encode(),
        "https://a.example/",
        AT,
    )
    assert vanilla.listing(page).threads == ()


def test_what_a_search_found_becomes_rows() -> None:
    body = (
        '<html><body class="Vanilla Search Section-SearchResults"><ol class="DataList DataList-Search">'
        '<li class="Item Item-Search"><h3><a href="/discussion/comment/501#Comment_501">Spindle</a></h3>'
        '<div class="Meta"><time datetime="2012-10-02T23:58:00+00:00">October</time></div></li>'
        '<li class="Item Item-Search"><h3><a href="/discussion/12/rules">Rules</a></h3></li></ol></body></html>'
    )
    found = vanilla.listing(Page(body.encode(), "https://a.example/search?Search=b2", AT))
    assert not found.by_last_post
    assert [(row.id, row.url) for row in found.threads] == [
        ("Comment_501", "https://a.example/discussion/comment/501"),
        ("12", "https://a.example/discussion/12/rules"),
    ]
    assert found.threads[0].last_post_at == datetime(2012, 10, 2, 23, 58, tzinfo=UTC)


def test_a_list_in_another_order_says_so() -> None:
    page = topic_page(LIST)
    assert vanilla.listing(page).by_last_post
    assert not vanilla.listing(Page(page.body, f"{page.url}?sort=hot", page.at)).by_last_post
