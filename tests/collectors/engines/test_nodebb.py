"""NodeBB: its JSON and its pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.engines import engine_of, nodebb
from collectors.reading import Page, read
from listener.errors import ParseError
from tests.pages import AT, DATA, exact_posts, topic_page


def test_every_post_of_the_recorded_golds_is_exact(shared: Path) -> None:
    assert exact_posts(shared, "nodebb") == 45


def test_the_recorded_json_holds_what_its_pages_hold(shared: Path) -> None:
    for name in ("live460_de_t2_p1", "live460_de_t4_p1", "live460_de_t4_p2"):
        url = f"http://127.0.0.1:18085/topic/{name[12]}"
        shown = read(Page((shared / f"real/nodebb/{name}.html").read_bytes(), url, AT))
        told = read(Page((shared / f"real/nodebb/{name}.json").read_bytes(), nodebb.data_address(url), AT))
        assert [(post.id, post.author, post.published_at) for post in shown.posts] == [
            (post.id, post.author, post.published_at) for post in told.posts
        ]
        assert [post.text for post in shown.posts] == [post.text for post in told.posts]
        assert (shown.title, shown.page, shown.pages) == (told.title, told.page, told.pages)


def test_the_recorded_lists(shared: Path) -> None:
    newest = read(
        Page(
            (shared / "real/nodebb/live460_recent_posts.json").read_bytes(),
            "http://127.0.0.1:1/api/recent/posts",
            AT,
        )
    )
    assert len(newest.posts) == 20 and all(post.thread_id and post.url for post in newest.posts)
    for name in (
        "live460_category2.json",
        "live460_de_category2.html",
        "live460_recent.json",
        "live460_de_recent.html",
    ):
        page = Page((shared / "real/nodebb" / name).read_bytes(), "http://127.0.0.1:1/category/2", AT)
        rows = nodebb.listing(page).threads
        assert len(rows) == 4 and all(row.last_post_at and row.replies is not None for row in rows), name


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://n.example", "https://n.example/api/recent"),
        ("https://n.example/forum/", "https://n.example/forum/api/recent"),
        ("https://n.example/topic/7/akkufix-3000/12", "https://n.example/api/topic/7/akkufix-3000"),
        (
            "https://n.example/topic/7/akkufix-3000?page=3",
            "https://n.example/api/topic/7/akkufix-3000?page=3",
        ),
        ("https://n.example/f/category/3/akku", "https://n.example/f/api/category/3/akku"),
        ("https://n.example/api/topic/7?page=3", "https://n.example/api/topic/7?page=3"),
    ],
)
def test_the_json_of_a_page(url: str, asked: str) -> None:
    assert nodebb.data_address(url) == asked


def test_the_newest_posts_are_those_of_the_whole_forum() -> None:
    assert nodebb.latest_address("https://n.example/f/") == "https://n.example/f/api/recent/posts"
    assert nodebb.latest_address("https://n.example/category/3/akku") is None


values = st.one_of(
    st.none(), st.integers(), st.booleans(), st.text(max_size=5), st.just([]), st.just({}), st.just([{}])
)


@given(
    key=st.sampled_from(["posts", "tid", "pagination", "title", "pid", "content", "timestampISO", "user"]),
    value=values,
)
def test_values_of_another_kind(key: str, value: Any) -> None:
    answer = json.loads((DATA / "nodebb/topic.answer.json").read_text(encoding="utf-8"))
    (answer["posts"][0] if key in answer["posts"][0] and key != "tid" else answer)[key] = value
    page = Page(json.dumps(answer).encode(), "https://n.example/api/topic/7", AT)
    try:
        assert all(post.id and post.published_at for post in read(page).posts)
    except ParseError as error:
        assert str(error)


def test_a_board_is_no_thread() -> None:
    with pytest.raises(ParseError, match="board"):
        read(topic_page("nodebb/category_en.json"))
    page = topic_page("nodebb/topic_de.json")
    engine = engine_of(page)
    assert engine is not None
    with pytest.raises(ParseError, match="thread"):
        engine.listing(page)


def test_results_of_a_search_lead_to_topics() -> None:
    rows = [
        {"pid": 42, "tid": 7, "timestampISO": "2026-10-02T12:15:00.000Z", "content": "x",
         "topic": {"tid": 7, "title": "Akku &amp; Lader", "slug": "7/akku-lader"}},
        {"pid": 41, "tid": 7, "topic": {"tid": 7, "title": "Akku", "slug": "7/akku-lader"}},
        {"pid": 9, "topic": None},
    ]  # fmt: skip
    paging = {"currentPage": 1, "pageCount": 2}
    answer = {"posts": rows, "matchCount": 3, "pagination": paging}
    page = Page(json.dumps(answer).encode(), "https://n.example/f/api/search?term=akku&in=titlesposts", AT)
    assert nodebb.recognise(page)
    found = nodebb.listing(page)
    assert [(row.id, row.title, row.last_page_url) for row in found.threads] == [
        ("7", "Akku & Lader", "https://n.example/f/post/42")
    ]
    assert not found.by_last_post
    assert found.next_url == "https://n.example/f/api/search?term=akku&in=titlesposts&page=2"
    with pytest.raises(ParseError, match="search"):
        read(page)


def test_posts_and_topics_of_other_servers_have_addresses_and_uuids_for_numbers() -> None:
    answer = json.loads((DATA / "nodebb/topic.answer.json").read_text(encoding="utf-8"))
    answer["tid"] = "0b7d6e9a-1c2d-4e3f-8a9b-0c1d2e3f4a5b"
    answer["posts"][0]["pid"] = "https://m.example/notes/1?x=2"
    post = read(Page(json.dumps(answer).encode(), "https://n.example/api/topic/x", AT)).posts[0]
    assert (post.id, post.thread_id) == ("https://m.example/notes/1?x=2", answer["tid"])
    assert post.url == "https://n.example/post/https%3A%2F%2Fm.example%2Fnotes%2F1%3Fx%3D2"


def test_the_post_count_of_older_themes() -> None:
    row = b"""<ul component="category" data-nextstart="20"><li component="category/topic" data-tid="7" class="row">
    <h2 component="topic/header"><a href="/topic/7/akku/3">Akku</a> <small><span class="timeago"
    title="2026-10-01T08:00:00.000Z"></span></small></h2>
    <div class="stats"><span class="human-readable-number" title="41">41</span></div>
    <div class="stats"><span class="human-readable-number" title="900">900</span></div>
    <div component="topic/teaser"><span class="timeago" title="2026-10-02T08:00:00.000Z"></span></div></li></ul>"""
    found = nodebb.listing(Page(row, "https://n.example/category/3/akku", AT)).threads[0]
    assert (found.replies, found.last_page_url) == (40, "https://n.example/topic/7/akku?page=3")
    assert str(found.last_post_at) == "2026-10-02 08:00:00+00:00"
