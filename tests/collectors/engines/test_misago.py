"""Misago: recorded answers of its API, addresses, hidden posts, pages with and without their JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collectors.engines import misago
from collectors.reading import Page, read
from listener.errors import ParseError
from tests.pages import AT, replaced, topic_page, with_body

FIRST = datetime(2026, 10, 1, 8, 15, tzinfo=UTC)  # the recorded forum has a post each seven hours


def answer(shared: Path, name: str, path: str) -> Page:
    body = (shared / f"real/misago/live0396_{name}.json").read_bytes()
    return Page(body, f"http://127.0.0.1:18087{path}", AT)


def test_recorded_threads(shared: Path) -> None:
    seed = json.loads((shared / "real/live/seed.json").read_text(encoding="utf-8"))["topics"][0]
    topic = read(answer(shared, "thread1_posts", "/api/threads/1/posts/?page=1"))
    assert [post.id for post in topic.posts] == ["1", "2", "3", "4", "5"]
    assert [post.published_at for post in topic.posts] == [FIRST + timedelta(hours=7 * n) for n in range(5)]
    assert [post.author for post in topic.posts] == ["heidi", "Mueller87", "admin", "heidi", "Mueller87"]
    assert topic.posts[0].text == seed["posts"][0][1]
    assert topic.posts[1].text == seed["posts"][1][1].rpartition("[/quote]\n")[2]
    assert [quote.author for post in topic.posts for quote in post.quotes] == ["heidi", "Müller_87"]
    assert topic.posts[3].text.endswith("if (preis < 150) { kaufen(); }")
    assert topic.posts[0].url == f"{topic.thread_url}post/1/"


def test_recorded_pages_of_a_long_thread(shared: Path) -> None:
    first = read(answer(shared, "thread3_posts_p1", "/api/threads/3/posts/?page=1"))
    second = read(answer(shared, "thread3_posts_p2", "/api/threads/3/posts/?page=2"))
    ids = [[int(post.id) for post in topic.posts] for topic in (first, second)]
    assert ids == [list(range(8, 26)), list(range(25, 43))]  # a page begins with the last post before it
    assert [
        post.text.startswith(f"Beitrag Nummer {int(post.id) - 7} im langen Thread.") for post in second.posts
    ] == [True] * 18
    assert (first.page, first.pages, second.page) == (1, 3, 2)
    assert first.next_url == "http://127.0.0.1:18087/api/threads/3/posts/?page=2"


def test_recorded_listing(shared: Path) -> None:
    listing = misago.listing(answer(shared, "threads", "/api/threads/"))
    assert [(row.id, row.replies, row.sticky) for row in listing.threads] == [
        ("3", 44, False),
        ("2", 1, False),
        ("1", 4, False),
    ]
    assert listing.threads[0].last_page_url == "http://127.0.0.1:18087/api/threads/3/posts/?page=3"
    with pytest.raises(ParseError, match="without posts"):
        read(answer(shared, "thread2", "/api/threads/2/"))


def test_addresses_of_pages() -> None:
    assert misago.nth_page("https://m.example/t/akku/2/", 1, 2) == "https://m.example/t/akku/2/2/"
    assert misago.nth_page("https://m.example/f/t/akku/12/3/", 3, 2) == "https://m.example/f/t/akku/12/2/"
    assert misago.nth_page("https://m.example/t/akku/12/3/", 3, 1) == "https://m.example/t/akku/12/"
    answer = "https://m.example/api/threads/12/posts/?page="
    assert misago.nth_page(f"{answer}3", 3, 2) == f"{answer}2"


def test_hidden_posts_are_left_out_unless_the_page_holds_no_others() -> None:
    page = topic_page("misago/topic_de.json")
    assert "143" not in [post.id for post in read(page).posts]
    given = json.loads(page.body)
    given["post_set"]["results"] = [row for row in given["post_set"]["results"] if row["is_hidden"]]
    (post,) = read(with_body(page, json.dumps(given).encode())).posts
    assert (post.id, post.author, post.deleted) == ("143", "Olga", True)


def test_a_post_whose_text_is_not_shown_leaves_the_others_alone() -> None:
    page = topic_page("misago/topic_de.json")
    given = json.loads(page.body)
    given["post_set"]["results"][0]["content"] = None
    assert [post.id for post in read(with_body(page, json.dumps(given).encode())).posts] == ["141", "144"]


def test_an_older_list_counts_its_pages() -> None:
    page = topic_page("misago/threads.json")
    given = json.loads(page.body) | {"page": 1, "pages": 3, "next": 2}
    listing = misago.listing(with_body(page, json.dumps(given).encode()))
    assert listing.next_url == "https://m.example/api/threads/?category=3&page=2"


@pytest.mark.parametrize(
    ("old", "new"),
    [('"id": 141,', '"id": "x",'), ('"posted_on": "2026-10-01T15:15:00Z"', '"posted_on": "nie"')],
)
def test_a_post_without_id_or_date_is_an_error(old: str, new: str) -> None:
    with pytest.raises(ParseError, match=r"without its id \(x\)|post 141: date"):
        read(replaced("misago/topic_de.json", old, new))


def test_a_thread_is_no_board_and_a_board_is_no_thread() -> None:
    for name in ("topic_de", "page_en", "bare_en"):
        with pytest.raises(ParseError, match="a thread, not a board"):
            misago.listing(topic_page(f"misago/{name}.json"))
    for name in ("threads", "bare_list_en"):
        with pytest.raises(ParseError, match="a board, not a thread"):
            misago.topic(topic_page(f"misago/{name}.json"))


def test_words_that_look_like_the_page_s_json_are_not_believed() -> None:
    forged = '<p>misago.init({"THREAD": {"id": 1, "title": "x", "starter_name": "y"}, "POSTS": {"results": []}})</p>'
    page = replaced("misago/bare_en.json", "<p>Bohrwerk B2<br>or Akkufix?</p>", forged)
    assert [post.id for post in read(page).posts] == ["219", "221"]
