"""vBulletin 2 to 5."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.engines import engine_of
from collectors.reading import Page, read
from listener.errors import AccessError, ParseError
from tests.pages import AT, exact_posts, recorded, replaced, topic_page, with_body


def test_every_post_of_the_recorded_golds_is_exact(shared: Path) -> None:
    assert exact_posts(shared, "vbulletin") == 40


def test_recorded_pages_of_version_2(shared: Path) -> None:
    pages = {path.name: page for path, page in recorded(shared) if path.name.startswith("rec2_en_something")}
    thread = read(pages["rec2_en_somethingawful_showthread.html"])
    assert (len(thread.posts), thread.page, thread.pages, thread.thread_id) == (40, 5, 151, "3507451")
    assert all(post.text or post.quotes for post in thread.posts)
    board = pages["rec2_en_somethingawful_forumdisplay.html"]
    engine = engine_of(board)
    assert engine is not None
    rows = engine.listing(board).threads
    assert len(rows) == 40 and all(row.last_post_at and row.replies is not None for row in rows)


@pytest.mark.parametrize(
    "name", ["vbulletin/forumdisplay3_de", "vbulletin2/forumdisplay_en", "vbulletin5/channel_en"]
)
def test_a_board_is_no_thread(name: str) -> None:
    with pytest.raises(ParseError, match="a board"):
        read(topic_page(f"{name}.json"))


@pytest.mark.parametrize("name", ["vbulletin/thread3_de", "vbulletin2/showthread_en", "vbulletin5/topic_de"])
def test_a_thread_is_no_board(name: str) -> None:
    page = topic_page(f"{name}.json")
    engine = engine_of(page)
    assert engine is not None
    with pytest.raises(ParseError, match="a thread"):
        engine.listing(page)


@pytest.mark.parametrize(
    ("name", "old", "number"),
    [
        ("vbulletin/thread3_de", "Gestern, 22:07", "502"),
        ("vbulletin/thread4_en", "Yesterday,&nbsp;", "9002"),
        ("vbulletin2/showthread_en", "Sep 21, 2012 03:19", "4002"),
    ],
)
def test_an_unreadable_date_names_the_post(name: str, old: str, number: str) -> None:
    with pytest.raises(ParseError, match=number):
        read(replaced(f"{name}.json", old, "irgendwann "))


def test_the_word_of_a_closed_board() -> None:
    body = b"""<html id="vbulletin_html"><head><meta name="generator" content="vBulletin 4.2.2"></head><body>
    <div class="standard_error"><div class="blockrow">Sie sind nicht angemeldet oder Sie haben keine Rechte, diese Seite
    zu betreten.</div></div></body></html>"""
    with pytest.raises(AccessError, match="log-in"):
        read(Page(body, "https://treff.example/showthread.php?t=7", AT))


def test_guests_of_version_3_are_named_by_the_text_alone() -> None:
    assert [post.author for post in read(topic_page("vbulletin/thread3_de.json")).posts] == [
        "Eva_M",
        "Gast_Karl",
    ]


def test_a_search_is_in_an_order_of_its_own() -> None:
    page = topic_page("vbulletin/forumdisplay3_de.json")
    found = Page(page.body, "https://werkzeugforum.example/vb/search.php?searchid=9", AT)
    engine = engine_of(found)
    assert engine is not None and not engine.listing(found).by_last_post


def test_the_day_stands_first_where_the_page_shows_it() -> None:
    page = topic_page("vbulletin/thread4_en.json")
    body = page.body.replace(b"11-20-2026", b"20-11-2026")
    assert str(read(with_body(page, body)).posts[0].published_at) == "2026-11-20 19:45:00+00:00"
