"""Invision Community."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.engines import engine_of, invision
from collectors.reading import Page, read
from listener.errors import AccessError, ParseError
from tests.pages import AT, exact_posts, recorded, replaced, topic_page


def test_every_post_of_the_recorded_golds_is_exact(shared: Path) -> None:
    assert exact_posts(shared, "invision") == 4


def test_the_other_recorded_pages(shared: Path) -> None:
    pages = {path.name: page for path, page in recorded(shared) if path.parent.name == "invision"}
    thread = read(pages["rec4_ru_gopiratia_lua.html"])
    assert thread.thread_id == "230" and all(post.author and post.published_at for post in thread.posts)
    assert any(quote.author == "Graf" for post in thread.posts for quote in post.quotes)
    board = invision.listing(pages["rec4_ru_gopiratia_index.html"])
    assert len(board.threads) == 25 and board.threads[0].sticky
    assert board.next_url is not None and all(row.last_post_at for row in board.threads)


def test_a_post_without_the_date_in_its_data_has_it_in_its_header() -> None:
    page = replaced("invision/topic4_de.json", "1790842500", "0")
    assert str(read(page).posts[0].published_at) == "2026-10-01 08:15:00+00:00"


def test_an_unreadable_date_names_the_post() -> None:
    page = replaced("invision/topic4_de.json", "2026-10-01T15:15:00Z", "bald")
    with pytest.raises(ParseError, match="post 902"):
        read(page)


def test_a_board_is_no_thread_and_a_thread_no_board() -> None:
    with pytest.raises(ParseError, match="board"):
        read(topic_page("invision/forum4_en.json"))
    page = topic_page("invision/topic4_de.json")
    engine = engine_of(page)
    assert engine is not None
    with pytest.raises(ParseError, match="thread"):
        engine.listing(page)


def test_the_word_of_a_closed_forum() -> None:
    body = b"""<html><body class="ipsApp ipsApp_front" data-pageapp="core"><section id="elError"><div id="elErrorMessage">
    You do not have permission to view this topic.</div></section></body></html>"""
    with pytest.raises(AccessError, match="log-in"):
        read(Page(body, "https://bank.example/topic/7-x/", AT))


def test_4_and_5_are_told_apart() -> None:
    assert invision.version(topic_page("invision/topic4_de.json")) == "4"
    assert invision.version(topic_page("invision/topic5_de.json")) == "5"


def test_boards_without_friendly_addresses() -> None:
    page = topic_page("invision/topic5_de.json")
    plain = b"index.php?app=forums&amp;module=forums&amp;controller=topic&amp;id=12"
    body = page.body.replace(b"index.php?/topic/12-bohrwerk-b2/", plain)
    url = "https://bank.example/index.php?app=forums&module=forums&controller=topic&id=12"
    topic = read(Page(body, f"{url}&page=1", AT))
    assert topic.thread_url == url and topic.posts[0].url == f"{url}&do=findComment&comment=31"
    short = page.body.replace(b"12-bohrwerk-b2/", b"12/")
    assert read(Page(short, "https://bank.example/index.php?/topic/12/", AT)).thread_url.endswith(
        "/topic/12/"
    )


def test_rows_of_boards_without_friendly_addresses() -> None:
    page = replaced(
        "invision/forum5_en.json",
        "https://bench.example/topic/77-akkufix-3000/page/47/#comments",
        "https://bench.example/index.php?app=forums&amp;module=forums&amp;controller=topic&amp;id=77&amp;page=47",
    )
    title = b"https://bench.example/topic/77-akkufix-3000/?do=getPrefComment"
    plain = b"https://bench.example/index.php?app=forums&amp;module=forums&amp;controller=topic&amp;id=77"
    rows = invision.listing(Page(page.body.replace(title, plain), page.url, AT)).threads
    assert rows[1].id == "77" and rows[1].last_page_url == f"{rows[1].url}&page=47"


def test_a_topic_with_a_list_of_others_beside_it_is_no_board() -> None:
    page = replaced("invision/topic5_de.json", "</body>", '<ul><li data-rowid="5"></li></ul></body>')
    assert len(read(page).posts) == 2
    with pytest.raises(ParseError, match="thread"):
        invision.listing(page)
