"""Askbot: questions, answers and comments of a page; lists of questions from pages and from its API."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.engines import askbot
from collectors.reading import Page, read
from listener.errors import ParseError
from tests.pages import AT, replaced, topic_page, with_body


def recorded_page(shared: Path, name: str) -> Page:
    return Page((shared / f"real/askbot/{name}").read_bytes(), f"https://ask.example/{name}", AT, "UTC")


def test_every_post_of_the_recorded_pages(shared: Path) -> None:
    topic = read(recorded_page(shared, "askbot_question.html"))
    assert [post.id for post in topic.posts] == ["2481", "6494", "6493", "5351", "5344", "5340", "7429"]
    assert [str(post.published_at)[:16] for post in topic.posts] == [
        "2010-04-09 04:47", "2010-04-09 16:09", "2010-04-09 16:19", "2011-06-26 00:56",
        "2011-06-26 01:20", "2011-06-26 01:29", "2012-05-03 14:19",
    ]  # fmt: skip
    assert all(post.author and post.text for post in topic.posts)
    assert [len(post.text) for post in topic.posts][1:3] == [190, 110]
    assert (topic.pages, topic.next_url) == (1, None)


def test_the_recorded_page_of_a_question_with_many_answers(shared: Path) -> None:
    topic = read(recorded_page(shared, "html_24396_multipage_openstack.html"))
    assert [post.id for post in topic.posts] == [
        "24396", *["24427", "24426", "24425", "24424", "24423", "24419", "24418", "24417", "24416", "24414"],
    ]  # fmt: skip
    assert all(post.author and post.text for post in topic.posts)
    assert topic.posts[0].text.endswith("...")  # the rest is not on the page
    assert (topic.page, topic.pages) == (1, 4)
    assert topic.next_url is not None and topic.next_url.endswith("?sort=votes&page=2")


def test_the_recorded_answers_of_its_api(shared: Path) -> None:
    page = Page(
        (shared / "real/askbot/askbot_api_questions.json").read_bytes(),
        "https://ask.example/api/v1/questions/?page=1",
        AT,
    )
    listing = askbot.listing(page)
    assert [(row.id, row.replies, str(row.last_post_at)) for row in listing.threads] == [
        ("2481", 1, "2012-10-11 04:03:36+00:00")
    ]
    assert listing.next_url == "https://ask.example/api/v1/questions/?page=2"
    single = recorded_page(shared, "api_24396_openstack.json")
    assert askbot.recognise(single)
    with pytest.raises(ParseError, match="page"):
        read(single)


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://ask.example", "https://ask.example/api/v1/questions/?sort=activity-desc"),
        ("https://ask.example/en/questions/", "https://ask.example/en/api/v1/questions/?sort=activity-desc"),
        (
            "https://b.example/qa/questions/scope:all/sort:age-desc/tags:akku,lader/page:2/",
            "https://b.example/qa/api/v1/questions/?sort=activity-desc&tags=akku%2Clader",
        ),
        ("https://ask.example/api/v1/questions/?page=2", "https://ask.example/api/v1/questions/?page=2"),
        ("https://ask.example/en/question/700/why/?sort=oldest", None),
    ],
)
def test_lists_are_asked_of_the_api_and_questions_are_not(url: str, asked: str | None) -> None:
    assert askbot.data_address(url) == asked


def test_a_wiki_has_no_author_and_an_editor_is_none() -> None:
    posts = {post.id: post for post in read(topic_page("askbot/question_en.json")).posts}
    assert (posts["700"].author, posts["702"].author) == ("bohrfrau", None)


def test_a_zone_of_the_source_counts_where_a_date_has_none() -> None:
    page = replaced("askbot/question_en.json", "2026-03-28 10:00:00 -0600", "2026-03-28 10:00:00")
    found = read(Page(page.body, page.url, AT, "Europe/Berlin")).posts
    assert str(found[3].published_at) == "2026-03-28 09:00:00+00:00"


def test_a_post_without_its_date_is_an_error_that_names_it() -> None:
    with pytest.raises(ParseError, match="post 703"):
        read(replaced("askbot/question_en.json", "2026-03-26 02:00:00 -0600", "long ago"))


def test_boards_and_threads_are_told_apart() -> None:
    with pytest.raises(ParseError, match="board"):
        read(topic_page("askbot/questions_en.json"))
    with pytest.raises(ParseError, match="thread"):
        askbot.listing(topic_page("askbot/question_en.json"))


def test_other_orders_are_not_by_the_last_post() -> None:
    page = topic_page("askbot/questions_en.json")
    other = Page(page.body, "https://ask.example/en/questions/scope:all/sort:votes-desc/", AT)
    assert not askbot.listing(other).by_last_post
    assert askbot.listing(page).by_last_post


def test_the_version_at_the_foot() -> None:
    page = topic_page("askbot/questions_en.json")
    foot = b'<a href="https://askbot.com">Powered by Askbot version 0.11.1</a></body>'
    assert askbot.version(with_body(page, page.body.replace(b"</body>", foot))) == "0.11.1"
    assert askbot.version(page) == ""


def test_the_last_page_of_a_list_leads_nowhere() -> None:
    page = replaced("askbot/questions13_de.json", "right-icon next-page", "right-icon next-page js-disabled")
    assert askbot.listing(page).next_url is None


def test_an_empty_list_is_an_empty_board() -> None:
    body = b"""<html><head><script>var askbot = {};</script></head><body class="questions-page">
    <p class="questions-blank-state">Oops, looks like there is nothing here yet!</p></body></html>"""
    page = Page(body, "https://frage.example/questions/scope:all/tags:leer/", AT)
    assert askbot.recognise(page) and askbot.listing(page).threads == ()
