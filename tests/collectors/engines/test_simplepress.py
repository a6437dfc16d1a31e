"""Simple:Press: versions 5 and 6."""

from __future__ import annotations

import pytest

from collectors.engines import simplepress
from collectors.reading import Page, read
from listener.errors import ParseError
from tests.pages import AT, goldens, page_of, replaced, topic_page


def test_only_its_own_pages_are_claimed() -> None:
    for gold in goldens():
        page, _ = page_of(gold)
        assert simplepress.recognise(page) == (gold.parent.name == "simplepress"), gold


def test_a_board_is_no_thread_and_the_other_way_round() -> None:
    with pytest.raises(ParseError, match="a board"):
        read(topic_page("simplepress/forum_en.json"))
    with pytest.raises(ParseError, match="a thread"):
        simplepress.listing(topic_page("simplepress/topic6_de.json"))


def test_an_unreadable_date_names_the_post() -> None:
    with pytest.raises(ParseError, match="305"):
        read(replaced("simplepress/topic6_de.json", "24. November 2026<br>0:10", "bald"))


def test_private_messages_are_no_posts() -> None:
    page = replaced("simplepress/topic6_de.json", 'id="eachPost305"', 'id="spPmMessageSection305"')
    assert [post.id for post in read(page).posts] == ["301"]


def test_a_forum_without_topics_is_empty_and_a_gone_topic_is_refused() -> None:
    message = b'<div id="spMainContainer"><div id="spNoTopicsInForumMessage" class="spMessage">No topics</div></div>'
    assert simplepress.listing(Page(message, "https://akku.example/forum/new/", AT)).threads == ()
    with pytest.raises(ParseError, match="No topics"):
        read(Page(message, "https://akku.example/forum/new/gone/", AT))


def test_newer_lists_count_replies() -> None:
    page = replaced("simplepress/forum_en.json", "spTopicIndexPostCount61", "spTopicIndexReplyCount61")
    assert [row.replies for row in simplepress.listing(page).threads] == [0, 65]


def test_the_version_is_told_by_how_posts_are_numbered() -> None:
    assert simplepress.version(topic_page("simplepress/topic6_de.json")) == "6"
    assert simplepress.version(topic_page("simplepress/topic5_en.json")) == ""
