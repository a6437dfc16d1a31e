"""Asgaros Forum: versions 1 to 3, with and without readable addresses."""

from __future__ import annotations

import pytest

from collectors.engines import asgaros
from collectors.reading import Page, read
from listener.errors import ParseError
from tests.pages import AT, goldens, page_of, replaced, topic_page


def test_only_its_own_pages_are_claimed() -> None:
    for gold in goldens():
        page, _ = page_of(gold)
        assert asgaros.recognise(page) == (gold.parent.name == "asgaros"), gold


def test_a_board_is_no_thread_and_the_other_way_round() -> None:
    with pytest.raises(ParseError, match="a board"):
        read(topic_page("asgaros/forum_en.json"))
    with pytest.raises(ParseError, match="a thread"):
        asgaros.listing(topic_page("asgaros/topic3_de.json"))


def test_an_unreadable_date_names_the_post() -> None:
    with pytest.raises(ParseError, match="95"):
        read(replaced("asgaros/topic3_de.json", "#12</a> &middot; 24. November 2026, 0:10", "#12</a> bald"))


def test_the_hidden_copy_for_quoting_is_no_quote() -> None:
    name = 'id="post-quote-container-91"'
    shown = replaced("asgaros/topic3_de.json", f'{name} style="display: none;"', name)
    assert read(shown).posts[0].quotes == ()


def test_a_page_without_topics_says_so_and_one_without_the_forum_is_refused() -> None:
    empty = b'<div id="af-wrapper"><div class="notice">There are no topics yet!</div></div>'
    assert asgaros.listing(Page(empty, "https://oak.example/forum/forum/new/", AT)).threads == ()
    with pytest.raises(ParseError, match="There are no topics"):
        read(Page(empty, "https://oak.example/forum/topic/gone/", AT))
    with pytest.raises(ParseError, match="no topics"):
        asgaros.listing(Page(b'<div id="af-wrapper"></div>', "https://oak.example/forum/profile/1/", AT))


def test_a_search_is_in_an_order_of_its_own() -> None:
    page = topic_page("asgaros/forum_en.json")
    found = Page(page.body, "https://oak.example/forum/search/?keywords=chuck", AT)
    assert not asgaros.listing(found).by_last_post


def test_the_version_is_that_of_its_styles() -> None:
    assert asgaros.version(topic_page("asgaros/topic3_de.json")) == "3.1.0"
