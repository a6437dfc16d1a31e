"""FluxBB and PunBB: recorded pages, and what their pages trip over."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.engines import engines, fluxbb
from collectors.reading import Page
from listener.errors import AccessError, ParseError
from tests.pages import AT, exact_posts, goldens, page_of, recorded, replaced, topic_page, with_body

TOPIC15 = "fluxbb/topic15_de.json"
TOPIC12 = "fluxbb/punbb12_en.json"
TOPIC14 = "fluxbb/punbb14_en.json"
BOARD = "fluxbb/viewforum15_de.json"


def test_recorded_pages_are_read_exactly(shared: Path) -> None:
    assert exact_posts(shared, "fluxbb") == 32


def test_recorded_lists_are_read(shared: Path) -> None:
    pages = {path.name: page for path, page in recorded(shared) if path.parent.name == "fluxbb"}
    board = fluxbb.listing(pages["live1511_viewforum.html"])
    assert [(row.id, row.replies) for row in board.threads] == [("7", 44), ("1", 0), ("6", 1), ("5", 4)]
    assert (board.threads[0].last_page_url or "").endswith("viewtopic.php?id=7&p=2")
    assert len(fluxbb.listing(pages["live1511_index.html"]).boards) == 1


@pytest.mark.parametrize(
    ("page", "version"),
    [(TOPIC15, "1.4 or later"), (TOPIC12, "PunBB 1.2"), (TOPIC14, "PunBB 1.3 or later")],
)
def test_versions_by_their_marks(page: str, version: str) -> None:
    assert fluxbb.version(topic_page(page)) == version


def test_a_number_that_the_owner_shows_is_the_version() -> None:
    page = replaced(TOPIC14, ">PunBB</a>", ">PunBB</a> 1.4.4")
    assert fluxbb.version(page) == "1.4.4"


def test_the_offset_of_the_page_counts_for_all_its_posts() -> None:
    """The program adds one offset to all instants, in winter the same as in summer."""
    page = replaced(TOPIC15, "04.10.2026 10:15:00", "04.01.2026 10:15:00")
    assert fluxbb.topic(page).posts[0].published_at == datetime(2026, 1, 4, 8, 15, tzinfo=UTC)


def test_a_post_whose_date_is_missing_is_named() -> None:
    page = replaced(TOPIC12, "Yesterday 22:06:50", "")
    with pytest.raises(ParseError, match="post 62: date not understood"):
        fluxbb.topic(page)


def test_boxes_without_a_number_are_no_posts() -> None:
    preview = '<div id="postpreview" class="blockpost"><div class="postmsg"><p>Entwurf</p></div></div>'
    page = replaced(TOPIC15, '<div id="quickpost"', f'{preview}<div id="quickpost"')
    assert [post.id for post in fluxbb.topic(page).posts] == ["501", "502", "503"]


def test_rewritten_addresses_name_the_topic() -> None:
    page = topic_page(TOPIC14)
    body = page.body.replace(b"punbb/viewtopic.php?id=12", b"punbb/topic/12/bohrwerk-b2/")
    body = body.replace(b"punbb/viewtopic.php?pid=", b"punbb/post/").replace(
        b"viewforum.php?id=4", b"forum/4/"
    )
    found = fluxbb.topic(Page(body, "https://bench.example/punbb/topic/12/bohrwerk-b2/", page.at))
    assert (found.thread_id, found.posts[1].url) == (
        "12",
        "https://bench.example/punbb/topic/12/bohrwerk-b2/#p92",
    )


def test_a_thread_is_no_board_and_a_board_no_thread() -> None:
    with pytest.raises(ParseError, match="a board, not a thread"):
        fluxbb.topic(topic_page(BOARD))
    with pytest.raises(ParseError, match="a thread, not a board"):
        fluxbb.listing(topic_page(TOPIC12))


_PAGE = (
    '<html><body><div id="punviewtopic" class="pun"><div id="brdmain"><div id="msg" class="block"><h2>Info</h2>'
    '<div class="box"><div class="inbox"><p>{}</p></div></div></div></div></div></body></html>'
)


def test_pages_without_posts_say_why() -> None:
    url = "https://a.example/viewtopic.php?id=9"
    gone = Page(_PAGE.format("Falsche Anfrage.").encode(), url, AT)
    closed = Page(_PAGE.format("Sie haben keine Berechtigung, diese Seite anzusehen.").encode(), url, AT)
    for read in (fluxbb.topic, fluxbb.listing):
        with pytest.raises(ParseError, match="Falsche Anfrage"):
            read(gone)
        with pytest.raises(AccessError):
            read(closed)


def test_an_empty_board_has_no_topics() -> None:
    body = (
        '<div id="punviewforum" class="pun"><div id="vf" class="blocktable"><table><tbody><tr><td class="tcl" '
        'colspan="4">Das Forum ist leer.</td></tr></tbody></table></div></div>'
    )
    assert fluxbb.listing(Page(body.encode(), "https://a.example/viewforum.php?id=3", AT)).threads == ()


def test_what_a_search_found_becomes_rows_of_its_threads() -> None:
    body = (
        '<div id="punsearch" class="pun"><div class="blockpost rowodd"><h2><span><span class="conr">#1</span> '
        '<span><a href="viewforum.php?id=3">Holz</a></span> <span>» <a href="viewtopic.php?id=5">Zwingen</a></span> '
        '<span>» <a href="viewtopic.php?pid=62#p62">2012-07-23 00:01:00</a></span></span></h2>'
        '<div class="postmsg"><p>Die lange.</p></div></div></div>'
    )
    found = fluxbb.listing(Page(body.encode(), "https://a.example/search.php?search_id=1", AT))
    assert not found.by_last_post
    assert [(row.id, row.title, row.last_page_url, row.last_post_at) for row in found.threads] == [
        ("5", "Zwingen", "https://a.example/viewtopic.php?pid=62", datetime(2012, 7, 23, 0, 1, tzinfo=UTC))
    ]


def test_a_page_with_another_charset() -> None:
    page = topic_page(TOPIC12)
    body = page.body.replace(b"Mine is short.", "Für 5 €".encode("cp1252"))
    assert fluxbb.topic(with_body(page, body)).posts[1].text.startswith("Für 5 €")


def test_its_pages_are_its_own() -> None:
    claims = {
        gold: [engine.NAME for engine in engines() if engine.recognise(page_of(gold)[0])]
        for gold in goldens()
    }
    for gold, names in claims.items():
        assert ("fluxbb" in names) == (gold.parent.name == "fluxbb"), gold
        assert "fluxbb" not in names or set(names) <= {"fluxbb", "generic"}, gold
