"""Lemmy: a post and its comments as one thread, boards by last comments, the newest of both."""

from __future__ import annotations

import json
from typing import Any

import pytest

from collectors.engines import lemmy
from collectors.links import parameter
from collectors.reading import Page, read
from listener.errors import ParseError
from tests.pages import AT, DATA, replaced, topic_page

COMMENTS = "https://l.example/api/v3/comment/list?post_id=55&type_=All&sort=Old&limit="


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://l.example/post/55", "post?id=55"),
        ("https://l.example/post/55/90#c", "post?id=55"),
        (
            "https://l.example/c/werkzeug@andere.example",
            "post/list?community_name=werkzeug@andere.example&type_=All&sort=NewComments&limit=50",
        ),
        ("https://l.example/", "post/list?type_=Local&sort=NewComments&limit=50"),
        ("https://l.example/?dataType=Post&listingType=All", "post/list?type_=All&sort=NewComments&limit=50"),
        ("https://l.example/api/v3/comment/list?sort=New", "comment/list?sort=New"),
    ],
)
def test_what_is_asked_for_a_page(url: str, asked: str) -> None:
    assert lemmy.data_address(url) == f"https://l.example/api/v3/{asked}"
    assert lemmy.data_address(lemmy.data_address(url)) == f"https://l.example/api/v3/{asked}"


def test_a_thread_leads_from_the_post_through_the_pages_of_comments() -> None:
    first = read(topic_page("lemmy/post_de.json"))
    assert (first.page, first.pages, first.next_url) == (1, 3, f"{COMMENTS}50&page=1")
    assert lemmy.nth_page(f"{COMMENTS}50&page=1", 2, 3) == f"{COMMENTS}49&page=2"
    assert lemmy.nth_page(f"{COMMENTS}49&page=2", 3, 1) == "https://l.example/api/v3/post?id=55"
    assert lemmy.nth_page("https://l.example/api/v3/post?id=55", 1, 2) == f"{COMMENTS}50&page=1"
    assert lemmy.nth_page("https://l.example/post/55", 1, 2) is None


def comments(count: int, url: str) -> Page:
    """The answer of a server whose thread has so many comments."""
    asked = {name: int(parameter(url, name) or 0) for name in ("limit", "page")}
    view = json.loads((DATA / "lemmy/comments_de.answer.json").read_text(encoding="utf-8"))["comments"][0]
    ids = range(1, count + 1)[(asked["page"] - 1) * asked["limit"] : asked["page"] * asked["limit"]]
    shown = [{**view, "comment": {**view["comment"], "id": number}} for number in ids]
    return Page(json.dumps({"comments": shown}).encode(), url, AT)


@pytest.mark.parametrize("count", [1, 49, 50, 51, 98, 99, 130, 700])
def test_no_page_of_comments_is_empty_and_none_is_left_out(count: int) -> None:
    url: str | None = f"{COMMENTS}50&page=1"
    found: list[str] = []
    for place in range(2, 30):
        assert url == lemmy.nth_page(f"{COMMENTS}50&page=1", 2, place) and url is not None
        topic = read(comments(count, url))
        assert topic.posts and topic.page == place
        found += [post.id for post in topic.posts]
        url = topic.next_url
        if url is None:
            break
    assert list(dict.fromkeys(found)) == [f"c{number}" for number in range(1, count + 1)]
    assert len(found) < 1.2 * count + 2


def test_a_row_leads_to_the_page_that_holds_the_last_comment() -> None:
    for count in (1, 50, 51, 99, 130, 700):
        page = replaced("lemmy/posts_en.json", '"comments": 120', f'"comments": {count}')
        last = lemmy.listing(page).threads[1].last_page_url
        assert last is not None
        url = last.replace("post_id=60", "post_id=55")
        assert read(comments(count, url)).posts[-1].id == f"c{count}"


def test_pages_of_another_size_and_an_empty_one() -> None:
    page = topic_page("lemmy/comments_de.json")
    last = read(Page(page.body, f"{COMMENTS}40&page=2", AT))
    assert (last.page, last.pages, last.next_url) == (3, 3, None)
    after = read(Page(b'{"comments": []}', f"{COMMENTS}40&page=3", AT))
    assert (after.posts, after.page, after.next_url) == ((), 4, None)


def test_posts_and_comments_of_the_same_number_are_two() -> None:
    ids = [read(topic_page(f"lemmy/{name}.json")).posts[0].id for name in ("post_de", "comments_de")]
    assert ids == ["p55", "c55"]


def test_the_newest_reach_as_far_back_as_posts_and_comments_both_do() -> None:
    page = topic_page("lemmy/newest.json")
    assert [post.id for post in read(page).posts] == ["c90", "p62", "c89"]
    more = Page(page.body, page.url.replace("limit=2", "limit=3"), AT)
    assert [post.id for post in read(more).posts] == ["c90", "p62", "c89", "p61"]


def test_where_the_newest_are() -> None:
    of_all = lemmy.latest_address("https://l.example/")
    assert of_all == ("https://l.example/api/v3/search?q=&type_=All&sort=New&limit=50&listing_type=Local")
    of_one = lemmy.latest_address("https://l.example/c/werkzeug")
    assert of_one is not None and "community_name=werkzeug" in of_one
    assert lemmy.latest_address("https://l.example/post/55") is None
    assert lemmy.latest_address("https://l.example/api/v3/post/list?sort=Hot") is None


def test_comments_of_all_threads() -> None:
    page = topic_page("lemmy/comments_de.json")
    topic = read(Page(page.body, "https://l.example/api/v3/comment/list?type_=Local&sort=New&limit=4", AT))
    assert (topic.thread_id, topic.next_url) == (
        "",
        "https://l.example/api/v3/comment/list?type_=Local&sort=New&limit=4&page=2",
    )


def test_boards_and_threads_are_told_apart() -> None:
    with pytest.raises(ParseError, match="board"):
        lemmy.topic(topic_page("lemmy/posts_en.json"))
    for name in ("lemmy/post_de.json", "lemmy/comments_de.json"):
        with pytest.raises(ParseError, match="thread"):
            lemmy.listing(topic_page(name))


def test_an_empty_community_and_another_order() -> None:
    empty = Page(b'{"posts": []}', "https://l.example/api/v3/post/list?community_name=leer&limit=50", AT)
    assert lemmy.recognise(empty) and lemmy.listing(empty).threads == ()
    page = topic_page("lemmy/posts_en.json")
    assert not lemmy.listing(Page(page.body, "https://l.example/api/v3/post/list?sort=Hot", AT)).by_last_post


def test_communities_are_boards() -> None:
    rows: list[Any] = [
        {"community": {"name": "werkzeug", "local": True}, "counts": {}},
        {"community": {"name": "akku", "local": False, "actor_id": "https://b.example/c/akku"}, "counts": {}},
        {"community": None, "counts": {}},
    ]
    body = json.dumps({"communities": rows}).encode()
    page = Page(body, "https://l.example/api/v3/community/list", AT)
    assert lemmy.recognise(page)
    assert lemmy.listing(page).boards == (
        "https://l.example/c/werkzeug",
        "https://l.example/c/akku@b.example",
    )


def test_a_comment_without_a_date_is_an_error_that_names_it() -> None:
    with pytest.raises(ParseError, match="post c56"):
        read(replaced("lemmy/comments_de.json", "2026-10-02T10:00:00Z", "soon"))


def test_its_pages_name_the_api() -> None:
    body = b"""<html><body><div id="root"></div><script>window.isoData = {"site_res":{"version":"0.19.3"}}</script>
    <footer>Lemmy</footer></body></html>"""
    page = Page(body, "https://l.example/c/werkzeug", AT)
    assert lemmy.recognise(page) and lemmy.version(page) == "0.19.3"
    with pytest.raises(ParseError, match="API"):
        read(page)


def test_answers_are_known_by_their_objects_not_by_their_address() -> None:
    body = (DATA / "lemmy/comments_de.answer.json").read_bytes()
    assert lemmy.recognise(Page(body, "", AT))
    assert not lemmy.recognise(Page(b'{"posts": [], "actor_id": 1}', "https://x.example/posts", AT))


def test_results_of_a_search_are_a_board_in_no_order() -> None:
    asked = lemmy.data_address("https://l.example/search?q=akku%20fix&type=All")
    assert asked == (
        "https://l.example/api/v3/search?q=akku+fix&type_=All&sort=New&listing_type=All&limit=50"
    )
    page = Page(topic_page("lemmy/newest.json").body, asked, AT)
    with pytest.raises(ParseError, match="search"):
        read(page)
    found = lemmy.listing(page)
    assert ([row.id for row in found.threads], found.by_last_post) == (["62", "61", "55"], False)
    assert found.next_url is None and lemmy.latest_address("https://l.example/search?q=akku") is None
