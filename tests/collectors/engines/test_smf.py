"""SMF 1.1 to 2.1: recorded pages, and what its pages trip over."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.engines import engine_of, engines, smf
from collectors.reading import Page
from listener.errors import AccessError, ParseError
from tests.pages import AT, exact_posts, goldens, page_of, recorded, replaced, topic_page, with_body

TOPIC21 = "smf/topic21_de.json"
TOPIC20 = "smf/topic20_en.json"
TOPIC11 = "smf/topic11_de.json"
BOARD21 = "smf/board21_de.json"
BOARD20 = "smf/board20_en.json"


def test_recorded_pages_are_read_exactly(shared: Path) -> None:
    assert exact_posts(shared, "smf") == 22


def test_recorded_lists_are_read(shared: Path) -> None:
    pages = {path.name: page for path, page in recorded(shared) if path.parent.name == "smf"}
    board = smf.listing(pages["live214_board.html"])
    assert [(row.id, row.replies) for row in board.threads] == [("4", 24), ("3", 1), ("2", 4), ("1", 0)]
    assert len(smf.listing(pages["live214_index.html"]).boards) == 1
    recent = smf.listing(pages["live214_recent.html"])
    assert [row.id for row in recent.threads] == ["4"] and recent.by_last_post
    assert smf.version(pages["live214_index.html"]) == "2.1.4"


@pytest.mark.parametrize(
    ("page", "version"), [(TOPIC21, "2.1"), (TOPIC20, "2.0"), (TOPIC11, "1.1"), (BOARD20, "2.0")]
)
def test_versions_by_their_marks(page: str, version: str) -> None:
    assert smf.version(topic_page(page)) == version


def test_the_clock_of_the_page_tells_its_zone() -> None:
    found = smf.topic(topic_page(TOPIC20)).posts[0]
    assert found.published_at == datetime(2026, 2, 28, 4, 58, 40, tzinfo=UTC)  # 09:30 here, 14:30 there
    other = replaced(TOPIC20, "March 08, 2026, 09:30:12 AM", "March 08, 2026, 03:30:12 PM")
    assert smf.topic(other).posts[0].published_at == datetime(2026, 2, 27, 22, 58, 40, tzinfo=UTC)


def test_a_source_whose_zone_agrees_with_the_clock_knows_about_winter() -> None:
    page = replaced(TOPIC21, ">04. Oktober 2026, 10:15<", ">04. Januar 2026, 10:15<")
    assert smf.topic(page).posts[0].published_at == datetime(2026, 1, 4, 9, 15, tzinfo=UTC)


def test_on_a_saved_page_today_is_the_day_of_its_clock() -> None:
    assert smf.topic(topic_page(TOPIC11)).posts[1].published_at == datetime(
        2009, 2, 17, 23, 10, 30, tzinfo=UTC
    )


def test_a_date_in_numbers_is_read_by_all_dates_of_the_page() -> None:
    page = replaced(TOPIC20, "February 27, 2026, 11:58:40 PM &#187;", "02/03/2026, 11:58:40 PM &#187;")
    with pytest.raises(ParseError, match="post 91: date not understood"):
        smf.topic(page)
    body = page.body.replace(b"March 08, 2026, 09:30:12 AM", b"03/08/2026, 09:30:12 AM")
    assert smf.topic(with_body(page, body)).posts[0].published_at == datetime(
        2026, 2, 4, 4, 58, 40, tzinfo=UTC
    )


def test_a_signature_and_a_status_are_no_part_of_the_next_post() -> None:
    page = replaced(TOPIC21, "<strong>Gestern</strong> um 23:30", "")
    with pytest.raises(ParseError, match="post 502: date not understood"):
        smf.topic(page)


def test_a_rewritten_address_still_names_the_topic() -> None:
    page = topic_page(TOPIC20)
    url = "https://bench.example/index.php/topic,12.0.html"
    found = smf.topic(Page(page.body.replace(b'rel="canonical"', b'rel="x"'), url, page.at))
    assert (found.thread_id, found.thread_url) == ("12", "https://bench.example/index.php?topic=12.0")


def test_a_thread_is_no_board_and_a_board_no_thread() -> None:
    with pytest.raises(ParseError, match="a board, not a thread"):
        smf.topic(topic_page(BOARD21))
    with pytest.raises(ParseError, match="a thread, not a board"):
        smf.listing(topic_page(TOPIC20))
    with pytest.raises(ParseError, match="a thread, not a board"):
        smf.listing(topic_page(TOPIC11))


_HEAD = (
    '<html><head><script>var smf_scripturl = "https://a.example/index.php";</script></head><body id="smf">'
)


def test_pages_without_posts_say_why() -> None:
    gone = f'{_HEAD}<div id="fatal_error"><div class="windowbg">Das Thema fehlt.</div></div></body></html>'
    closed = f'{_HEAD}<form id="frmLogin"><input type="password"></form></body></html>'
    page = Page(gone.encode(), "https://a.example/index.php?topic=9.0", AT)
    for read in (smf.topic, smf.listing):
        with pytest.raises(ParseError, match="Das Thema fehlt"):
            read(page)
        with pytest.raises(AccessError):
            read(with_body(page, closed.encode()))


def test_an_empty_board_has_no_topics() -> None:
    body = f'{_HEAD}<div id="messageindex"><div id="topic_container"></div></div></body></html>'
    assert smf.listing(Page(body.encode(), "https://a.example/index.php?board=3.0", AT)).threads == ()


def test_a_board_sorted_otherwise_says_so() -> None:
    page = topic_page(BOARD20)
    by_title = Page(page.body, f"{page.url};sort=subject", page.at)
    assert smf.listing(page).by_last_post and not smf.listing(by_title).by_last_post


def test_the_icons_of_very_old_boards_are_smileys_by_their_file() -> None:
    assert smf.topic(topic_page(TOPIC11)).posts[0].text.endswith(";)")


def test_a_page_without_scripts_is_known_by_its_posts() -> None:
    page = topic_page(TOPIC20)
    bare = with_body(page, re.sub(rb"<script.*?</script>", b"", page.body, flags=re.S))
    found = engine_of(bare)
    assert found is not None and found.NAME == "smf"


def test_the_names_of_files_are_no_words() -> None:
    page = replaced(
        TOPIC20, "It does.<br />", 'It does. <a href="?action=dlattach;attach=3">lathe.pdf</a><br />'
    )
    assert smf.topic(page).posts[1].text.startswith("It does.\nspeed 1")


def _one(post: str) -> tuple[str, str | None, datetime | None, datetime | None, str]:
    body = f"{_HEAD}{post}</body></html>"
    found = smf.topic(Page(body.encode(), "https://a.example/index.php?topic=9.0", AT)).posts[0]
    return found.id, found.author, found.published_at, found.edited_at, found.text


_WHO = '<div class="poster"><h4><a href="index.php?action=profile;u=3">Leim-Otto</a></h4></div>'
_AT = datetime(2026, 9, 1, 20, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "post",
    [
        # the header stands below the text
        f'{_WHO}<div class="inner" id="msg_7">Die lange.</div><div class="keyinfo"><h5 id="subject_7">Re: Zwinge</h5>'
        '<div class="smalltext">&#171; <strong>Reply #1 on:</strong> September 01, 2026, 08:15:00 PM &#187;</div></div>',
        # the header says when instead of what about
        f'{_WHO}<div class="keyinfo"><h5 id="subject_7"><a href="#">September 01, 2026, 08:15:00 PM</a></h5></div>'
        '<div class="inner" id="msg_7">Die lange.</div>',
        # the container has the number, not the text
        f'<div id="msg7" class="post_wrapper">{_WHO}<div class="postinfo">September 01, 2026, 08:15:00 PM</div>'
        '<div class="post"><div class="inner">Die lange.</div></div></div>',
        # the text comes with what guests may not see
        f'{_WHO}<div class="keyinfo"><div class="smalltext">on: September 01, 2026, 08:15:00 PM</div></div>'
        '<div class="inner" id="msg_7">Die lange. <i>You are not allowed to view links. <a href="#">Register</a> or '
        '<a href="#">Login</a></i></div>',
    ],
)
def test_themes_put_the_parts_of_a_post_elsewhere(post: str) -> None:
    assert _one(post) == ("7", "Leim-Otto", _AT, None, "Die lange.")


def test_an_edit_beside_the_date_is_not_the_date() -> None:
    post = (
        '<table><tr><td class="poster_info"><b><a href="index.php?action=profile;u=3">Leim-Otto</a></b></td>'
        '<td class="td_headerandpost"><div class="subject" id="subject_7">Re: Zwinge</div><div class="smalltext">'
        'September 01, 2026, 08:15:00 PM<br /><span class="edited">Last edit: September 02, 2026, 09:00:00 AM by '
        'Leim-Otto</span></div><div class="post">Die lange.</div></td></tr></table>'
    )
    assert _one(post) == ("7", "Leim-Otto", _AT, datetime(2026, 9, 2, 9, tzinfo=UTC), "Die lange.")


def test_its_pages_are_its_own() -> None:
    claims = {
        gold: [engine.NAME for engine in engines() if engine.recognise(page_of(gold)[0])]
        for gold in goldens()
    }
    for gold, names in claims.items():
        assert ("smf" in names) == (gold.parent.name == "smf"), gold
        assert "smf" not in names or set(names) <= {"smf", "generic"}, gold
