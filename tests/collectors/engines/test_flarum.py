"""Flarum: the API's answers, and the same inside its pages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from collectors import paging
from collectors.engines import flarum
from collectors.reading import Page, read
from listener.errors import ParseError
from tests.pages import AT, DATA, replaced, topic_page, with_body

POSTS = "filter%5Btype%5D=comment&sort=number"


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://f.example", "https://f.example/api/discussions?sort=-lastPostedAt&page%5Blimit%5D=50"),
        (
            "https://f.example/forum/t/akku?sort=newest",
            "https://f.example/forum/api/discussions?sort=-lastPostedAt&page%5Blimit%5D=50&filter%5Btag%5D=akku",
        ),
        (
            "https://f.example/?q=akkufix",
            "https://f.example/api/discussions?sort=-lastPostedAt&page%5Blimit%5D=50&filter%5Bq%5D=akkufix",
        ),
        (
            "https://f.example/d/40-bohrwerk/33",
            f"https://f.example/api/posts?filter%5Bdiscussion%5D=40&{POSTS}&page%5Blimit%5D=50&page%5Boffset%5D=0",
        ),
        (
            "https://f.example/d/40?page=3",
            f"https://f.example/api/posts?filter%5Bdiscussion%5D=40&{POSTS}&page%5Blimit%5D=20&page%5Boffset%5D=40",
        ),
        ("https://f.example/api/posts?x=1", "https://f.example/api/posts?x=1"),
    ],
)
def test_what_is_asked_for_a_page(url: str, asked: str) -> None:
    assert flarum.data_address(url) == asked
    assert flarum.data_address(asked) == asked


def test_the_newest_posts_are_those_of_the_whole_forum() -> None:
    newest = flarum.latest_address("https://f.example/forum/")
    assert newest == (
        "https://f.example/forum/api/posts?filter%5Btype%5D=comment&sort=-createdAt&page%5Blimit%5D=50"
    )
    assert flarum.latest_address("https://f.example/t/akku") is None
    assert flarum.latest_address("https://f.example/d/40") is None
    page = topic_page("flarum/posts_de.json")
    topic = read(Page(page.body, newest, AT))
    assert [post.id for post in topic.posts] == ["901", "905", "906", "909"]
    assert (topic.thread_id, topic.posts[0].thread_id) == ("", "31")


def test_any_part_of_a_discussion_is_counted_from_any_other() -> None:
    first = flarum.data_address("https://f.example/d/40")
    third = flarum.nth_page(first, 1, 3)
    assert third is not None and third.endswith("page%5Boffset%5D=100")
    assert flarum.nth_page(third, 3, 1) == first
    assert flarum.nth_page("https://f.example/d/40?page=2", 2, 5) is None
    assert paging.nth_page("https://f.example/d/40?page=2", 2, 5) == "https://f.example/d/40?page=5"


def test_the_next_part_is_asked_from_the_same_host_though_the_answer_names_another() -> None:
    next_url = read(topic_page("flarum/posts_de.json")).next_url
    assert next_url is not None and next_url.startswith("https://f.example/forum/api/posts?")


def test_a_page_that_begins_in_the_middle() -> None:
    page = topic_page("flarum/page_en.json")
    text = page.body.decode().replace('"id": "200"', '"id": "x"').replace('"id": "201"', '"id": "221"')
    text = text.replace('{"type": "posts", "id": "x"}', '{"type": "posts", "id": "200"}', 1)
    topic = read(Page(text.encode(), f"{page.url}?page=2", AT))
    assert ([post.id for post in topic.posts], topic.page, topic.next_url) == (["221"], 2, None)


def test_a_page_without_its_payload_or_with_a_broken_one() -> None:
    page = topic_page("flarum/page_en.json")
    with pytest.raises(ParseError, match="API"):
        read(with_body(page, page.body.replace(b"flarum-json-payload", b"other")))
    with pytest.raises(ParseError, match="broken"):
        read(with_body(page, page.body.replace(b'{"resources"', b'{"resources')))


def test_boards_and_threads_are_told_apart() -> None:
    with pytest.raises(ParseError, match="board"):
        read(topic_page("flarum/discussions_en.json"))
    for name in ("flarum/posts_de.json", "flarum/page_en.json"):
        with pytest.raises(ParseError, match="thread"):
            flarum.listing(topic_page(name))


def test_empty_lists_are_empty_boards_and_threads_without_posts_are_none() -> None:
    empty = b'{"links": {}, "data": []}'
    board = Page(empty, "https://f.example/api/discussions?filter%5Btag%5D=akku", AT)
    assert flarum.recognise(board) and flarum.listing(board).threads == ()
    with pytest.raises(ParseError, match="no posts"):
        read(Page(empty, "https://f.example/api/posts?filter%5Bdiscussion%5D=40", AT))
    assert not flarum.recognise(Page(empty, "https://other.example/v1/things", AT))


def test_tags_are_boards() -> None:
    tags = [
        {"type": "tags", "id": str(number), "attributes": {"slug": slug, "discussionCount": 3}}
        for number, slug in enumerate(("akku", "bohrer", "a/../b", None))
    ]
    page = Page(json.dumps({"data": tags}).encode(), "https://f.example/forum/api/tags", AT)
    assert flarum.listing(page).boards == (
        "https://f.example/forum/t/akku",
        "https://f.example/forum/t/bohrer",
    )


@pytest.mark.parametrize("lost", ["createdAt", "contentHtml"])
def test_a_post_without_its_date_or_text_is_an_error_that_names_it(lost: str) -> None:
    with pytest.raises(ParseError, match="post 901"):
        read(replaced("flarum/posts_de.json", f'"{lost}"', f'"x{lost}"'))


def test_slugs_of_old_versions_and_of_other_languages() -> None:
    answer: Any = json.loads((DATA / "flarum/discussions_en.answer.json").read_text(encoding="utf-8"))
    answer["data"][0]["attributes"]["slug"] = ""
    answer["data"][1]["attributes"]["slug"] = "40"
    page = with_body(topic_page("flarum/discussions_en.json"), json.dumps(answer).encode())
    assert [row.url for row in flarum.listing(page).threads][:2] == [
        "https://f.example/d/3",
        "https://f.example/d/40",
    ]


def test_names_of_early_versions() -> None:
    page = topic_page("flarum/discussions_en.json")
    text = page.body.decode().replace("commentCount", "commentsCount").replace("lastPostedAt", "lastTime")
    old = with_body(page, text.encode())
    assert flarum.recognise(old)
    assert flarum.listing(old) == flarum.listing(page)
    posts = topic_page("flarum/posts_de.json")
    text = posts.body.decode().replace("createdAt", "time").replace("editedAt", "editTime")
    assert read(with_body(posts, text.encode())) == read(posts)


def test_pages_of_versions_that_give_the_answer_to_a_call() -> None:
    page = topic_page("flarum/page_en.json")
    start, end = b'<script id="flarum-json-payload" type="application/json">', b"</script>"
    before, _, rest = page.body.partition(start)
    payload, _, after = rest.partition(end)
    call = b"<script>try { flarum.core.app.load(" + payload + b"); flarum.core.app.boot(); } catch (e) {}"
    old = with_body(page, before + call + end + after)
    assert read(old) == read(page)
    with pytest.raises(ParseError, match="broken"):
        read(with_body(page, before + call[:900] + end + after))
