"""bbPress: its own markup, the plugins' and the themes'."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collectors.engines import bbpress, engine_of
from collectors.engines._bbpress import clock
from collectors.reading import Page, read
from listener.errors import AccessError, ParseError
from tests.pages import AT, goldens, page_of, replaced, topic_page

BOARD = b'<html><body><div id="bbpress-forums">%s</div></body></html>'


def test_only_its_own_pages_are_claimed() -> None:
    for gold in goldens():
        page, _ = page_of(gold)
        assert bbpress.recognise(page) == (gold.parent.name == "bbpress"), gold


def test_a_wordpress_page_that_only_loads_its_styles_is_foreign() -> None:
    body = b'<link id="bbp-default-css" href="/wp-content/plugins/bbpress/x.css"><article><p>Neu im Laden</p>'
    assert not bbpress.recognise(Page(body, "https://werkbank.example/", AT))


def test_a_board_is_no_thread_and_the_other_way_round() -> None:
    with pytest.raises(ParseError, match="a board"):
        read(topic_page("bbpress/forum_de.json"))
    with pytest.raises(ParseError, match="a thread"):
        bbpress.listing(topic_page("bbpress/topic_de.json"))


def test_search_results_and_a_members_replies_are_no_thread() -> None:
    with pytest.raises(ParseError, match="many threads"):
        read(topic_page("bbpress/search_en.json"))
    meta = '<div class="bbp-meta"><span class="bbp-reply-post-date">'
    named = '<div class="bbp-meta"><span class="bbp-header"><a class="bbp-topic-permalink" href="/t/a/">A</a></span>'
    page = replaced("bbpress/topic_de.json", meta, named + '<span class="bbp-reply-post-date">')
    with pytest.raises(ParseError, match="many threads"):
        read(page)


def test_the_article_around_a_thread_is_no_post() -> None:
    page = replaced("bbpress/topic_de.json", 'id="post-0" class="post-0', 'id="post-310" class="post-310')
    assert read(page) == read(topic_page("bbpress/topic_de.json"))


def test_a_date_in_the_text_belongs_to_its_own_post() -> None:
    body = BOARD % b"".join(
        b'<div class="post-%d reply"><div class="bbp-reply-author"><a class="bbp-author-link">X</a></div>'
        b'<div class="bbp-reply-content"><div class="bbp-meta"><span class="bbp-reply-post-date">May %d, 2020 '
        b"at 3:00 pm</span></div><p>Text</p></div></div>" % (number, number)
        for number in (4, 7)
    )
    posts = read(Page(body, "https://a.example/topic/x/", AT)).posts
    assert [(post.id, post.published_at and post.published_at.day, post.text) for post in posts] == [
        ("4", 4, "Text"),
        ("7", 7, "Text"),
    ]


def test_an_unreadable_date_names_the_post() -> None:
    for date in ("irgendwann", "vor 3 Jahren, 2 Monaten"):
        with pytest.raises(ParseError, match="405"):
            read(replaced("bbpress/topic_de.json", "23. November 2026 um 22:40 Uhr", date))


@pytest.mark.parametrize(
    ("text", "back"),
    [
        ("2 days, 3 hours ago", timedelta(days=2, hours=3)),
        ("vor 1 Woche, 2 Tagen", timedelta(days=9)),
        ("vor 5 Minuten", timedelta(minutes=5)),
        ("1 year, 3 days ago", None),
        ("vor 2 Monaten, 1 Woche", None),
        ("vor 3 Jahren", None),
    ],
)
def test_a_time_ago_is_a_sum(text: str, back: timedelta | None) -> None:
    read_ = clock(topic_page("bbpress/topic_de.json"), ()).read(text)[0]
    assert read_ == (None if back is None else AT - back)


def test_a_forum_without_threads_is_empty_and_a_closed_one_is_a_wall() -> None:
    notice = b'<div class="bbp-template-notice"><ul><li>%s</li></ul></div>'
    none = Page(
        BOARD % (notice % b"Oh, bother! No topics were found here."), "https://a.example/forum/x/", AT
    )
    assert bbpress.listing(none).threads == ()
    closed = Page(
        BOARD % (notice % b"You do not have permission to view this forum."), "https://a.example/forum/x/", AT
    )
    with pytest.raises(AccessError, match="log-in"):
        bbpress.listing(closed)


def test_a_list_that_counts_replies_counts_no_post_off() -> None:
    page = replaced(
        "bbpress/forum_de.json", '"bbp-topic-reply-count">Beiträge', '"bbp-topic-reply-count">Antworten'
    )
    assert [row.replies for row in bbpress.listing(page).threads] == [1, 1034, 1]


def test_the_version_is_that_of_its_styles() -> None:
    assert bbpress.version(topic_page("bbpress/topic_de.json")) == "2.6.9"
    assert engine_of(topic_page("bbpress/topic20_en.json")) is bbpress


def test_rows_of_themes_are_items_of_their_lists() -> None:
    body = BOARD % (
        b'<ul class="bbp-topics bs-item-list"><li><div class="bs-item-wrap"><a class="bbp-topic-permalink" '
        b'href="/d/glue/">Glue</a></div></li><li><a class="bbp-topic-permalink" href="/d/oak/">Oak</a></li></ul>'
    )
    rows = bbpress.listing(Page(body, "https://a.example/forum/x/", AT)).threads
    assert [(row.url, row.title) for row in rows] == [
        ("https://a.example/d/glue/", "Glue"),
        ("https://a.example/d/oak/", "Oak"),
    ]
