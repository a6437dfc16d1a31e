"""Spirit: recorded pages, traps, and the zone of a board that does not state it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.engines import spirit
from collectors.reading import Page, read
from listener.errors import AccessError, ParseError
from tests.pages import AT, exact_posts, replaced, topic_page, with_body


def test_recorded_pages(shared: Path) -> None:
    assert exact_posts(shared, "spirit") == 45


def test_recorded_listings(shared: Path) -> None:
    body = (shared / "real/spirit/live0143_de_active.html").read_bytes()
    listing = spirit.listing(Page(body, "http://127.0.0.1:18086/topic/active/", AT))
    assert [(row.id, row.replies) for row in listing.threads] == [("3", 44), ("2", 1), ("1", 4)]
    assert listing.threads[0].last_post_at == datetime(2026, 10, 16, 5, 15, tzinfo=UTC)
    assert listing.threads[0].last_page_url == f"{listing.threads[0].url}?page=3"
    assert [url.rpartition("/category/")[2] for url in listing.boards] == [
        "2/uncategorized/",
        "3/werkzeug-und-garten/",
    ]


def test_removed_comments_are_left_out_unless_the_page_holds_no_others() -> None:
    assert [post.id for post in read(topic_page("spirit/topic_de.json")).posts] == ["101", "104", "105"]
    (post,) = read(topic_page("spirit/removed_en.json")).posts
    assert (post.id, post.author, post.text, post.deleted) == ("401", "Olga", "", True)


def test_the_zone_of_a_board_is_seen_in_its_fresh_comments() -> None:
    page = topic_page("spirit/fresh_en.json")
    noon = datetime(2026, 11, 23, 11, tzinfo=UTC)
    assert read(page).posts[0].published_at == noon
    unknown = Page(page.body, page.url, page.at, at_known=False)
    assert read(unknown).posts[0].published_at == noon.replace(hour=12)


def test_a_thread_is_no_board_and_a_board_is_no_thread() -> None:
    with pytest.raises(ParseError, match="a thread, not a board"):
        spirit.listing(topic_page("spirit/topic_de.json"))
    with pytest.raises(ParseError, match="a board, not a thread"):
        spirit.topic(topic_page("spirit/active_de.json"))


@pytest.mark.parametrize(
    ("old", "new"), [('data-pk="104"', 'data-pk="x"'), ("2. Oktober 2026 08:05", "2 Okt")]
)
def test_a_comment_without_id_or_date_is_an_error(old: str, new: str) -> None:
    with pytest.raises(ParseError, match=r"without its id|post 104"):
        read(replaced("spirit/topic_de.json", old, new))


def test_missing_and_closed_topics() -> None:
    page = topic_page("spirit/empty_en.json")
    frame = page.body.partition(b'<div class="layout__article">')[0]
    gone = with_body(page, frame + b"<h1>Error 404: what you are looking for is gone... :(</h1>")
    with pytest.raises(ParseError, match="Error 404"):
        spirit.topic(gone)
    closed = frame + b"<h1>Error 403: You do not have sufficient permissions to access this page. :(</h1>"
    with pytest.raises(AccessError, match="log-in page"):
        spirit.listing(with_body(page, closed))


def test_the_topic_is_known_without_the_page_s_address() -> None:
    page = topic_page("spirit/topic_de.json")
    topic = read(Page(page.body, "https://s.example/saved.html", page.at, page.timezone))
    assert (topic.thread_id, topic.thread_url) == ("7", "https://s.example/topic/7/akku-pfeift/")


def test_search_results_stand_in_no_order() -> None:
    page = topic_page("spirit/category_de.json")
    found = spirit.listing(Page(page.body, "https://s.example/search/?q=akku", page.at))
    assert not found.by_last_post
    assert spirit.listing(page).by_last_post
